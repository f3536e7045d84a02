/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated machine's DCAP quotes under what its endorser serves: the same appraisal as that of real ones. */
#include "platform_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <endorser/endorser.h>
#include <net/http_client.h>
#include <platform/service.h>
#include <quotary/dcap.h>
#include <simulated/machine.h>

#define LIMIT (1u << 20)

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

/* ---- Collateral ---- */

typedef struct collateral {
  qy_buffer tcb_info, tcb_chain, identity, identity_chain, pck_crl, root_crl, root;
} collateral;

static void get(qy_buffer *body, qy_buffer *chain, const world *all, const char *path, const char *header)
{
  qy_error why = {0};
  char url[512];
  const qy_http_client_config config = {.allow_plain = true, .system_roots = true};
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  (void)snprintf(url, sizeof(url), "%s%s", all->url, path);
  const qy_http_call call = {.url = url};
  must(qy_http_client_new(&client, &config, &why), &why);
  must(qy_http_exchange(&answer, client, &call, &why), &why);
  must(qy_http_answer_need_success(&answer, path, &why), &why);
  qy_buffer_init(body, LIMIT);
  qy_buffer_append(body, answer.body.bytes, answer.body.size);
  if (chain != NULL) {
    qy_buffer_init(chain, LIMIT);
    qy_http_decode_append(chain, qy_view_text(qy_http_answer_header(&answer, header)));
  }
}

/* As whoever appraises a quote of this machine would ask for it. */
static void fetch(collateral *out, const world *all)
{
  char path[256];
  qy_error why = {0};
  get(&out->tcb_info, &out->tcb_chain, all, "sgx/certification/v4/tcb?fmspc=5153494d0002&update=early",
      "TCB-Info-Issuer-Chain");
  get(&out->identity, &out->identity_chain, all, "sgx/certification/v4/qe/identity?update=early",
      "SGX-Enclave-Identity-Issuer-Chain");
  get(&out->pck_crl, NULL, all, "sgx/certification/v4/pckcrl?ca=platform&encoding=der", NULL);
  get(&out->root_crl, NULL, all, "IntelSGXRootCA.der", NULL);
  qy_buffer_init(&out->root, LIMIT);
  (void)snprintf(path, sizeof(path), "%s/public/dcap/root-ca.pem", all->endorser);
  must(qy_file_read(&out->root, path, &why), &why);
}

static void drop(collateral *from)
{
  qy_buffer *const all[] = {&from->tcb_info, &from->tcb_chain, &from->identity, &from->identity_chain,
                            &from->pck_crl,  &from->root_crl,  &from->root};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    qy_buffer_clear(all[i]);
  }
}

static void appraise(qy_dcap_verdict *out, const world *all, qy_view quote)
{
  qy_error why = {0};
  collateral served;
  qy_policy policy;
  qy_dcap_collateral *set = NULL;
  fetch(&served, all);
  const qy_dcap_files files = {.tcb_info = qy_buffer_view(&served.tcb_info),
                               .identity = qy_buffer_view(&served.identity),
                               .tcb_chain = qy_buffer_view(&served.tcb_chain),
                               .identity_chain = qy_buffer_view(&served.identity_chain),
                               .root_crl = qy_buffer_view(&served.root_crl),
                               .pck_crl = qy_buffer_view(&served.pck_crl),
                               .root = qy_buffer_view(&served.root)};
  const qy_dcap_evidence evidence = {.quote = quote};
  qy_policy_built_in(&policy);
  must(qy_dcap_collateral_new(&set, &files, &why), &why);
  must(qy_dcap_appraise(out, &evidence, set, &policy, qy_clock_now_s() + 1, &why), &why);
  qy_dcap_collateral_free(&set);
  drop(&served);
}

/* ---- Quotes ---- */

static void quote(qy_buffer *out, qy_report *report, const world *all, uint16_t version)
{
  qy_error why = {0};
  qy_target_info target;
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_probe(all, platform);
  qy_buffer_clear(out);
  qy_buffer_init(out, LIMIT);
  must(platform->functions->init_dcap(platform, &target, &why), &why);
  world_report(report, &probe, &target);
  const qy_dcap_request request = {.version = version, .report = report};
  must(platform->functions->quote_dcap(platform, out, NULL, &request, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

static qy_dcap_verdict *verdict_on(const world *all, qy_view bytes)
{
  qy_dcap_verdict *verdict = malloc(sizeof(*verdict));
  assert_non_null(verdict);
  appraise(verdict, all, bytes);
  return verdict;
}

static void need_trust(const qy_dcap_verdict *verdict)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  if (verdict->trust != QY_TRUSTED) {
    fail_msg("%s: %s, expected %s, found %s", qy_trust_name(verdict->trust),
             failed == NULL ? "no check" : qy_check_name(failed->id), failed == NULL ? "" : failed->expected.chars,
             failed == NULL ? "" : failed->actual.chars);
  }
  assert_int_equal(verdict->qvl.pck_chain, QY_QVL_OK);
  assert_int_equal(verdict->qvl.tcb_info, QY_QVL_OK);
  assert_int_equal(verdict->qvl.identity, QY_QVL_OK);
  assert_int_equal(verdict->qvl.quote, QY_QVL_OK);
}

static void quotes_of_every_version_are_trusted(void **state)
{
  const world *all = *state;
  for (uint16_t version = 3; version <= 5; version++) {
    qy_report report;
    QY_SCOPED_BUFFER(bytes, LIMIT);
    quote(&bytes, &report, all, version);
    qy_dcap_verdict *verdict = verdict_on(all, qy_buffer_view(&bytes));
    need_trust(verdict);
    assert_true(verdict->simulated);
    assert_int_equal(verdict->header.version, version);
    assert_int_equal(verdict->body_type, QY_DCAP_BODY_ENCLAVE);
    assert_memory_equal(verdict->report.report_data, report.body.report_data, QY_REPORT_DATA_SIZE);
    assert_memory_equal(verdict->report.mr_enclave, report.body.mr_enclave, QY_MEASUREMENT_SIZE);
    assert_memory_equal(verdict->platform.ppid, all->ppid, sizeof(all->ppid));
    assert_int_equal(verdict->header.qe_svn, version == 3 ? 1 : 0);
    assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_UP_TO_DATE);
    free(verdict);
  }
}

/* The attestation key stays over a restart, and so does what a cache knows the machine by. */
static void the_key_stays(void **state)
{
  world *all = *state;
  qy_report report;
  qy_dcap_quote first, second;
  QY_SCOPED_BUFFER(one, LIMIT);
  QY_SCOPED_BUFFER(other, LIMIT);
  quote(&one, &report, all, 4);
  assert_int_equal(world_stop_service(all), 0);
  world_stop_endorser(all);
  world_start_service(all); /* without an endorser: nothing is asked of it */
  quote(&other, &report, all, 4);
  assert_int_equal(world_stop_service(all), 0); /* it was started before the endorser, which would keep it running */
  world_start_endorser(all);
  world_start_service(all);
  assert_ok(qy_dcap_quote_decode(&first, qy_buffer_view(&one), &assert_why));
  assert_ok(qy_dcap_quote_decode(&second, qy_buffer_view(&other), &assert_why));
  assert_true(qy_view_equal(first.attestation_key, second.attestation_key));
  assert_false(qy_view_is_zero(qy_view_over(first.header.user_data, QY_DCAP_QE_ID_SIZE)));
  assert_memory_equal(first.header.user_data, second.header.user_data, sizeof(first.header.user_data));
}

static void what_is_damaged_is_made_anew(void **state)
{
  world *all = *state;
  char path[256];
  qy_report report;
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, LIMIT);
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(path, sizeof(path), "%s/%s", all->state, QY_PLATFORM_FILE_ECDSA);
  must(qy_file_write(path, qy_view_text("no key"), true, &why), &why);
  world_start_service(all);
  quote(&bytes, &report, all, 3);
  qy_dcap_verdict *verdict = verdict_on(all, qy_buffer_view(&bytes));
  need_trust(verdict);
  free(verdict);
}

static void wrong_requests_are_refused(void **state)
{
  const world *all = *state;
  qy_error why = {0};
  qy_target_info target;
  qy_report report;
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_probe(all, platform);
  QY_SCOPED_BUFFER(bytes, LIMIT);
  must(platform->functions->init_dcap(platform, &target, &why), &why);
  world_report(&report, &probe, &target);
  qy_dcap_request request = {.version = 2, .report = &report};
  assert_int_equal(platform->functions->quote_dcap(platform, &bytes, NULL, &request, &why), QY_ERR_ARGUMENT);
  request.version = 4;
  report.body.report_data[0] ^= 1; /* a report that no processor made */
  assert_int_equal(platform->functions->quote_dcap(platform, &bytes, NULL, &request, &why), QY_ERR_REFUSED);
  assert_non_null(strstr(why.message, "report-mac"));
  uint32_t gid = 0;
  must(platform->functions->init_quote(platform, &target, &gid, &why), &why);
  world_report(&report, &probe, &target); /* one for the EPID quoting enclave */
  assert_int_equal(platform->functions->quote_dcap(platform, &bytes, NULL, &request, &why), QY_ERR_REFUSED);
  assert_int_equal(bytes.size, 0);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

/* ---- The endorser turns the world ---- */

static void recoveries_and_revocations_are_seen(void **state)
{
  world *all = *state;
  qy_error why = {0};
  uint32_t number = 0;
  qy_report report;
  QY_SCOPED_BUFFER(bytes, LIMIT);
  quote(&bytes, &report, all, 4);
  const qy_dcap_recovery recovery = {.qe_svn = 2, .advisories = {.count = 1, .ids = {"QUOTARY-SIM-0018"}}};
  must(qy_endorser_tcb_recovery(&number, all->endorser, &recovery, &why), &why);
  qy_dcap_verdict *verdict = verdict_on(all, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_string_equal(verdict->standing.advisories[0], "QUOTARY-SIM-0018");
  free(verdict);

  must(qy_endorser_expire(all->endorser, QY_DCAP_LAPSED_IDENTITY, true, &why), &why);
  verdict = verdict_on(all, qy_buffer_view(&bytes));
  assert_int_equal(verdict->qvl.identity, QY_QVL_SGX_ENCLAVE_IDENTITY_EXPIRED);
  free(verdict);
  must(qy_endorser_expire(all->endorser, QY_DCAP_LAPSED_IDENTITY, false, &why), &why);

  must(qy_endorser_revoke_pck(all->endorser, all->ppid, &why), &why);
  verdict = verdict_on(all, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->qvl.pck_chain, QY_QVL_SGX_PCK_REVOKED);
  free(verdict);
}

/* ---- Microcode ---- */

/* A machine of the oldest level is out of date; updated, it has a key certified for what it is then. */
static void an_update_mends_it(void **state)
{
  world *all = *state;
  char machine[160];
  qy_report report;
  qy_error why = {0};
  qy_pck_extension before;
  QY_SCOPED_BUFFER(bytes, LIMIT);
  quote(&bytes, &report, all, 5);
  qy_dcap_verdict *verdict = verdict_on(all, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
  before = verdict->platform;
  free(verdict);
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(machine, sizeof(machine), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_raise(machine, NULL, 5, &why), &why);
  world_start_service(all);
  quote(&bytes, &report, all, 5);
  verdict = verdict_on(all, qy_buffer_view(&bytes));
  need_trust(verdict);
  assert_memory_not_equal(verdict->platform.cpu_svn, before.cpu_svn, QY_CPU_SVN_SIZE);
  assert_memory_equal(verdict->platform.ppid, before.ppid, sizeof(before.ppid));
  free(verdict);
}

int main(void)
{
  const struct CMUnitTest current[] = {
      cmocka_unit_test(quotes_of_every_version_are_trusted), cmocka_unit_test(the_key_stays),
      cmocka_unit_test(what_is_damaged_is_made_anew),        cmocka_unit_test(wrong_requests_are_refused),
      cmocka_unit_test(recoveries_and_revocations_are_seen),
  };
  const struct CMUnitTest old[] = {cmocka_unit_test(an_update_mends_it)};
  const int failed = cmocka_run_group_tests(current, world_setup, world_teardown);
  return failed + cmocka_run_group_tests(old, world_setup_old, world_teardown);
}
