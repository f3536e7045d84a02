/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes of trust domains on a simulated machine under what its endorser serves: the same appraisal as that of real ones. */
#include "platform_appraisal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/file.h>
#include <crypto/hash.h>
#include <endorser/endorser.h>
#include <platform/service.h>
#include <registry/layout.h>
#include <simulated/machine.h>

#include "../unit/enclave_probe.h"

#define LIMIT (1u << 20)

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

/* A quote of a fresh trust domain with these attributes besides SEPT_VE_DISABLE, which first extends RTMR 2 by `digest` if
 * there is one. */
static void quote(qy_buffer *out, const world *all, uint8_t report_version, uint64_t attributes, const uint8_t *digest)
{
  qy_error why = {0};
  uint8_t report[QY_TD_REPORT_SIZE];
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_td_probe(all, platform, attributes);
  assert_true(probe.is_trust_domain);
  if (digest != NULL) {
    uint8_t in[1 + QY_TD_HASH_SIZE] = {2};
    memcpy(in + 1, digest, QY_TD_HASH_SIZE);
    must(qy_enclave_handle_call(&probe, PROBE_TD_EXTEND, QY_VIEW_OF(in), NULL, NULL, &why), &why);
  }
  world_td_report(report, &probe, report_version);
  qy_buffer_clear(out);
  qy_buffer_init(out, LIMIT);
  must(platform->functions->quote_td(platform, out, report, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

static void quotes_of_both_versions_are_trusted(void **state)
{
  const world *all = *state;
  uint8_t config_id[QY_TD_HASH_SIZE];
  const qy_view configuration = qy_view_text("none");
  assert_ok(qy_hash_parts(config_id, QY_SHA384, &configuration, 1, &assert_why));
  for (uint8_t version = 0; version <= 1; version++) {
    QY_SCOPED_BUFFER(bytes, LIMIT);
    quote(&bytes, all, version, 0, NULL);
    qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_TDX, qy_buffer_view(&bytes));
    world_need_trust(verdict);
    assert_true(verdict->simulated);
    assert_int_equal(verdict->header.version, version == 0 ? 4 : 5);
    assert_int_equal(verdict->header.tee, QY_TEE_TDX);
    assert_int_equal(verdict->body_type, version == 0 ? QY_DCAP_BODY_TD_1_0 : QY_DCAP_BODY_TD_1_5);
    assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_UP_TO_DATE);
    assert_int_equal(verdict->td.report_data[0], 0x77);
    assert_memory_equal(verdict->td.mr_config_id, config_id, sizeof(config_id));
    assert_false(qy_view_is_zero(QY_VIEW_OF(verdict->td.mr_td)));
    assert_memory_equal(verdict->platform.ppid, all->ppid, sizeof(all->ppid));
    free(verdict);
    world_check_as_real(all, QY_TEE_TDX, qy_buffer_view(&bytes));
  }
}

static void what_a_domain_extends_shows(void **state)
{
  const world *all = *state;
  uint8_t digest[QY_TD_HASH_SIZE], expected[QY_TD_HASH_SIZE];
  static const uint8_t zeros[QY_TD_HASH_SIZE];
  qy_dcap_quote decoded;
  QY_SCOPED_BUFFER(bytes, LIMIT);
  memset(digest, 0xd1, sizeof(digest));
  quote(&bytes, all, 1, 0, digest);
  assert_ok(qy_dcap_quote_decode(&decoded, qy_buffer_view(&bytes), &assert_why));
  const qy_view parts[] = {QY_VIEW_OF(zeros), QY_VIEW_OF(digest)};
  assert_ok(qy_hash_parts(expected, QY_SHA384, parts, 2, &assert_why));
  assert_memory_equal(decoded.td.rtmr[2], expected, sizeof(expected));
  assert_memory_equal(decoded.td.rtmr[0], zeros, sizeof(zeros));
  assert_memory_equal(decoded.td.rtmr[3], zeros, sizeof(zeros));
}

static void debug_domains_are_not_trusted(void **state)
{
  const world *all = *state;
  QY_SCOPED_BUFFER(bytes, LIMIT);
  quote(&bytes, all, 1, QY_TD_DEBUG, NULL);
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_TDX, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->qvl.quote, QY_QVL_OK); /* Intel's library does not look at it */
  free(verdict);
}

/* Bits all over what the MAC covers, and of the parts that hashes in it cover. */
static void altered_reports_are_refused(void **state)
{
  const world *all = *state;
  qy_error why = {0};
  uint8_t report[QY_TD_REPORT_SIZE];
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_td_probe(all, platform, 0);
  QY_SCOPED_BUFFER(bytes, LIMIT);
  world_td_report(report, &probe, 1);
  for (size_t bit = 8; bit < 8 * QY_TD_REPORT_SIZE; bit += 43) {
    report[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    const qy_status status = platform->functions->quote_td(platform, &bytes, report, &why);
    report[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_int_equal(bytes.size, 0);
    if (bit / 8 < 495 || bit / 8 >= 512) {
      assert_int_equal(status, QY_ERR_REFUSED);
      assert_non_null(strstr(why.message, bit / 8 < 256   ? "td-report-mac"
                                          : bit / 8 < 495 ? "td-report-tcb-info"
                                                          : "td-report-td-info"));
    } else {
      assert_int_equal(status, QY_ERR_MALFORMED);
    }
  }
  must(platform->functions->quote_td(platform, &bytes, report, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

/* The report's key ends with the processor; the quoting enclave's does not. */
static void reports_end_with_a_restart_and_keys_do_not(void **state)
{
  world *all = *state;
  qy_error why = {0};
  uint8_t report[QY_TD_REPORT_SIZE];
  qy_dcap_quote before, after;
  QY_SCOPED_BUFFER(first, LIMIT);
  QY_SCOPED_BUFFER(second, LIMIT);
  quote(&first, all, 0, 0, NULL);
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_td_probe(all, platform, 0);
  world_td_report(report, &probe, 0);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
  assert_int_equal(world_stop_service(all), 0);
  world_start_service(all);
  platform = world_open(all);
  assert_int_equal(platform->functions->quote_td(platform, &second, report, &why), QY_ERR_REFUSED);
  assert_non_null(strstr(why.message, "td-report-mac"));
  platform->functions->close(platform);
  quote(&second, all, 0, 0, NULL);
  assert_ok(qy_dcap_quote_decode(&before, qy_buffer_view(&first), &assert_why));
  assert_ok(qy_dcap_quote_decode(&after, qy_buffer_view(&second), &assert_why));
  assert_true(qy_view_equal(before.attestation_key, after.attestation_key));
}

/* The two quoting enclaves have keys of their own. */
static void keys_are_apart(void **state)
{
  const world *all = *state;
  qy_error why = {0};
  qy_target_info target;
  qy_report report;
  qy_dcap_quote one, other;
  QY_SCOPED_BUFFER(td_bytes, LIMIT);
  QY_SCOPED_BUFFER(bytes, LIMIT);
  quote(&td_bytes, all, 0, 0, NULL);
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_probe(all, platform);
  must(platform->functions->init_dcap(platform, &target, &why), &why);
  world_report(&report, &probe, &target);
  const qy_dcap_request request = {.version = 4, .report = &report};
  must(platform->functions->quote_dcap(platform, &bytes, NULL, &request, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
  assert_ok(qy_dcap_quote_decode(&one, qy_buffer_view(&td_bytes), &assert_why));
  assert_ok(qy_dcap_quote_decode(&other, qy_buffer_view(&bytes), &assert_why));
  assert_false(qy_view_equal(one.attestation_key, other.attestation_key));
  assert_int_equal(one.qe_report.isv_prod_id, QY_DCAP_TD_QE_PRODUCT);
  assert_int_equal(other.qe_report.isv_prod_id, QY_DCAP_QE_PRODUCT);
}

/* The endorser asks for a newer module; updated, the machine has it. */
static void a_module_recovery_is_seen_and_mended(void **state)
{
  world *all = *state;
  char machine[160];
  qy_error why = {0};
  uint32_t number = 0;
  QY_SCOPED_BUFFER(bytes, LIMIT);
  const qy_dcap_recovery recovery = {.tdx_module_svn = 2, .advisories = {.count = 1, .ids = {"QUOTARY-SIM-0018"}}};
  must(qy_endorser_tcb_recovery(&number, all->endorser, &recovery, &why), &why);
  for (uint8_t version = 0; version <= 1; version++) {
    quote(&bytes, all, version, 0, NULL);
    qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_TDX, qy_buffer_view(&bytes));
    assert_int_equal(verdict->trust, QY_REFUSED);
    assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
    assert_int_equal(verdict->qvl.quote, QY_QVL_TCB_OUT_OF_DATE);
    assert_string_equal(verdict->standing.advisories[0], "QUOTARY-SIM-0018");
    free(verdict);
  }
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(machine, sizeof(machine), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_update_tdx_module(machine, 2, &why), &why);
  world_start_service(all);
  quote(&bytes, all, 1, 0, NULL);
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_TDX, qy_buffer_view(&bytes));
  world_need_trust(verdict);
  assert_int_equal(verdict->td.tee_tcb_svn[0], 2);
  free(verdict);
}

static void revocations_are_seen(void **state)
{
  const world *all = *state;
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, LIMIT);
  quote(&bytes, all, 1, 0, NULL);
  must(qy_endorser_revoke_pck(all->endorser, all->ppid, &why), &why);
  qy_dcap_verdict *verdict = world_appraise(all, QY_TEE_TDX, qy_buffer_view(&bytes));
  assert_int_equal(verdict->trust, QY_REFUSED);
  assert_int_equal(verdict->qvl.pck_chain, QY_QVL_SGX_PCK_REVOKED);
  free(verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_of_both_versions_are_trusted),
      cmocka_unit_test(what_a_domain_extends_shows),
      cmocka_unit_test(debug_domains_are_not_trusted),
      cmocka_unit_test(altered_reports_are_refused),
      cmocka_unit_test(reports_end_with_a_restart_and_keys_do_not),
      cmocka_unit_test(keys_are_apart),
      cmocka_unit_test(a_module_recovery_is_seen_and_mended),
      cmocka_unit_test(revocations_are_seen),
  };
  return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
