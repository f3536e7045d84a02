/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated machine's DCAP quotes under what its endorser serves: the same appraisal as that of real ones. */
#include "platform_appraisal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <endorser/endorser.h>
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

static void quotes_of_every_version_are_trusted(void **state)
{
  const world *all = *state;
  for (uint16_t version = 3; version <= 5; version++) {
    qy_report report;
    QY_SCOPED_BUFFER(bytes, LIMIT);
    quote(&bytes, &report, all, version);
    qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
    world_need_trust(verdict);
    assert_true(verdict->simulated);
    assert_int_equal(verdict->header.version, version);
    assert_int_equal(verdict->body_type, QY_DCAP_BODY_ENCLAVE);
    assert_memory_equal(verdict->report.report_data, report.body.report_data, QY_REPORT_DATA_SIZE);
    assert_memory_equal(verdict->report.mr_enclave, report.body.mr_enclave, QY_MEASUREMENT_SIZE);
    assert_memory_equal(verdict->platform.ppid, all->ppid, sizeof(all->ppid));
    assert_int_equal(verdict->header.qe_svn, version == 3 ? 1 : 0);
    assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_UP_TO_DATE);
    free(verdict);
    world_check_as_real(all, QY_TEE_SGX, qy_buffer_view(&bytes));
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
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
  world_need_trust(verdict);
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
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_string_equal(verdict->standing.advisories[0], "QUOTARY-SIM-0018");
  free(verdict);

  must(qy_endorser_expire(all->endorser, QY_DCAP_LAPSED_IDENTITY, true, &why), &why);
  verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
  assert_int_equal(verdict->qvl.identity, QY_QVL_SGX_ENCLAVE_IDENTITY_EXPIRED);
  free(verdict);
  must(qy_endorser_expire(all->endorser, QY_DCAP_LAPSED_IDENTITY, false, &why), &why);

  must(qy_endorser_revoke_pck(all->endorser, all->ppid, &why), &why);
  verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
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
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
  before = verdict->platform;
  free(verdict);
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(machine, sizeof(machine), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_raise(machine, NULL, 5, &why), &why);
  world_start_service(all);
  quote(&bytes, &report, all, 5);
  verdict = world_appraise(all, QY_TEE_SGX, qy_buffer_view(&bytes));
  world_need_trust(verdict);
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
