/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy makes of DCAP evidence, and how it is written. */
#include "dcap_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int enclave(void **state)
{
  world_reset(*state, QY_DCAP_BODY_ENCLAVE);
  return 0;
}

static int trust_domain(void **state)
{
  world_reset(*state, QY_DCAP_BODY_TD_1_5);
  return 0;
}
#define TEST_SGX(name) cmocka_unit_test_setup(name, enclave)
#define TEST_TDX(name) cmocka_unit_test_setup(name, trust_domain)

static void waive(dcap_world *world, const char *advisory)
{
  (void)snprintf(world->policy.waived[world->policy.waived_count++], QY_AVR_ADVISORY_SIZE, "%s", advisory);
}

static void accept_status(dcap_world *world, qy_tcb_status status)
{
  world->policy.tcb_statuses |= 1u << status;
}

/* ---- Statuses ---- */

static void a_status_is_accepted_by_name(void **state)
{
  dcap_world *world = *state;
  memset(world->components, 4, sizeof(world->components));
  (void)world_appraise(world);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_SW_HARDENING_NEEDED);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_TCB_SW_HARDENING_NEEDED);
  assert_true(world->verdict.authentic);
  expect_first(world, QY_CHECK_DCAP_STATUS);
  accept_status(world, QY_TCB_STATUS_SW_HARDENING_NEEDED);
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_ADVISORIES_WAIVED);
  waive(world, "INTEL-SA-00615");
  (void)world_appraise(world);
  expect_trusted(world);
  world->policy.tcb_statuses = 1u << QY_TCB_STATUS_OUT_OF_DATE; /* which is worse, and another one */
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_STATUS);
}

/* D10: what is revoked is refused, whatever else holds. */
static void the_revoked_are_never_accepted(void **state)
{
  dcap_world *world = *state;
  world->policy.tcb_statuses = ((1u << QY_TCB_STATUS_COUNT) - 1) & ~(1u << QY_TCB_STATUS_REVOKED);
  world->policy.tcb_grace_s = 100000 * (int64_t)WORLD_DAY_S;
  memset(world->components, 2, sizeof(world->components));
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_STATUS);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_REVOKED);
  (void)enclave(state);
  world->policy.tcb_statuses = ((1u << QY_TCB_STATUS_COUNT) - 1) & ~(1u << QY_TCB_STATUS_REVOKED);
  world->qe_report.isv_svn = 6;
  world->identity.from[0] = "OutOfDate";
  world->identity.to[0] = "Revoked";
  waive(world, "INTEL-SA-00828");
  waive(world, "INTEL-SA-00837");
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_STATUS);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_REVOKED);
}

/* The level above became the one to have on 2025-05-01, 45 days ago. */
#define RECOVERY_S 1746057600

static void a_recovery_has_a_grace(void **state)
{
  dcap_world *world = *state;
  const int64_t passed_s = WORLD_NOW_S - RECOVERY_S;
  for (unsigned part = 0; part < 3; part++) {
    world_reset(world, part == 2 ? QY_DCAP_BODY_TD_1_0 : QY_DCAP_BODY_ENCLAVE);
    if (part == 0) {
      memset(world->components, 3, sizeof(world->components));
    } else if (part == 1) {
      world->qe_report.isv_svn = 6;
    } else {
      world->td.tee_tcb_svn[0] = 3;
    }
    (void)world_appraise(world);
    assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
    expect_first(world, QY_CHECK_DCAP_STATUS);
    assert_true(has_failed(world, QY_CHECK_DCAP_ADVISORIES_WAIVED));
    world->policy.tcb_grace_s = passed_s;
    (void)world_appraise(world);
    expect_trusted(world); /* with the advisories that the recovery is about */
    assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_OUT_OF_DATE);
    world->policy.tcb_grace_s = passed_s - 1;
    (void)world_appraise(world);
    expect_first(world, QY_CHECK_DCAP_STATUS);
  }
}

/* One part within its grace does not excuse another. */
static void a_grace_is_of_each_part(void **state)
{
  dcap_world *world = *state;
  memset(world->components, 4, sizeof(world->components)); /* needs hardening */
  world->qe_report.isv_svn = 6;                            /* out of date */
  world->policy.tcb_grace_s = 1000 * (int64_t)WORLD_DAY_S;
  (void)world_appraise(world);
  expect_first(world, QY_CHECK_DCAP_STATUS);
  accept_status(world, QY_TCB_STATUS_SW_HARDENING_NEEDED);
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_ADVISORIES_WAIVED);
  waive(world, "INTEL-SA-00615");
  (void)world_appraise(world);
  expect_trusted(world);
  (void)enclave(state);
  world->policy.tcb_grace_s = 1000 * (int64_t)WORLD_DAY_S;
  memset(world->components, 3, sizeof(world->components));
  world->tcb_info.from[0] = world->tcb_info.from[1] = "2025-05-01T00:00:00Z"; /* both levels above: long ago */
  world->tcb_info.to[0] = world->tcb_info.to[1] = "2020-05-01T00:00:00Z";
  (void)world_appraise(world);
  expect_first(world, QY_CHECK_DCAP_STATUS);
}

/* ---- The TDX module that runs now ---- */

static void a_relaunch_is_advised(void **state)
{
  dcap_world *world = *state;
  world->td.tee_tcb_svn[0] = 3;
  (void)world_appraise(world);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_TD_RELAUNCH_ADVISED);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_TCB_TD_RELAUNCH_ADVISED);
  assert_int_equal(world->verdict.standing.status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_int_equal(world->verdict.current.status, QY_TCB_STATUS_UP_TO_DATE);
  expect_first(world, QY_CHECK_DCAP_STATUS);
  accept_status(world, QY_TCB_STATUS_TD_RELAUNCH_ADVISED);
  waive(world, "INTEL-SA-01099");
  (void)world_appraise(world);
  expect_trusted(world);
}

/* Launched under a good module and running under an old one: Intel's library says OK. */
static void what_runs_now_counts_too(void **state)
{
  dcap_world *world = *state;
  world->td.tee_tcb_svn2[0] = 3;
  waive(world, "INTEL-SA-01099");
  (void)world_appraise(world);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_OK);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_UP_TO_DATE);
  expect_only(world, QY_CHECK_DCAP_CURRENT_STATUS);
  world->policy.tcb_grace_s = WORLD_NOW_S - RECOVERY_S;
  (void)world_appraise(world);
  expect_trusted(world);
  world->policy.waived_count = 0;
  world->policy.tcb_grace_s = 0;
  accept_status(world, QY_TCB_STATUS_OUT_OF_DATE);
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_ADVISORIES_WAIVED);
}

/* ---- What was asked for ---- */

static void collateral_is_recent_enough(void **state)
{
  dcap_world *world = *state;
  static const struct {
    unsigned tcb_info;
    unsigned identity;
    unsigned least;
    bool held;
  } rows[] = {{17, 18, 17, true}, {17, 18, 18, false}, {18, 17, 18, false}, {18, 18, 18, true}, {1, 1, 0, true}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    (void)enclave(state);
    world->tcb_info.evaluation_number = rows[i].tcb_info;
    world->identity.evaluation_number = rows[i].identity;
    world->policy.tcb_evaluation_min = rows[i].least;
    (void)world_appraise(world);
    if (rows[i].held) {
      expect_trusted(world);
    } else {
      expect_only(world, QY_CHECK_DCAP_EVALUATION_NUMBER);
    }
  }
}

static void report_data_is_what_was_asked_for(void **state)
{
  dcap_world *world = *state;
  uint8_t other[QY_REPORT_DATA_SIZE];
  memset(other, 0xda, sizeof(other));
  other[63] ^= 1;
  world->report_data = QY_VIEW_OF(other);
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_REPORT_DATA);
  world->report_data = qy_view_over(other, 63); /* a shorter one is another */
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_DCAP_REPORT_DATA);
  world->report_data = (qy_view){NULL, 0};
  (void)world_appraise(world);
  assert_int_equal(world->verdict.trust, QY_UNDECIDED);
  world->policy.demands_report_data = false;
  (void)world_appraise(world);
  expect_trusted(world);
  assert_int_equal(qy_trace_find(&world->verdict.trace, QY_CHECK_DCAP_REPORT_DATA)->outcome, QY_OUTCOME_UNCONSTRAINED);
}

static void the_enclave_is_the_one_that_is_meant(void **state)
{
  dcap_world *world = *state;
  world->report.mr_enclave[0] ^= 1;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_ENCLAVE_MEASUREMENT);
  (void)enclave(state);
  world->report.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_ENCLAVE_DEBUG);
  assert_true(world->verdict.authentic);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_OK); /* Intel's library does not look */
  (void)enclave(state);
  world->policy.mr_enclave_count = 0; /* a policy for trust domains alone */
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_ENCLAVE_MEASUREMENT);
}

/* I07: what an enclave is told at its launch is not measured. */
static void the_configuration_is_the_one_that_is_meant(void **state)
{
  dcap_world *world = *state;
  memset(world->report.config_id, 0xcf, sizeof(world->report.config_id));
  world->report.config_svn = 3;
  (void)world_appraise(world);
  expect_trusted(world); /* nobody asked */
  world->policy.has_config_id = true;
  memcpy(world->policy.config_id, world->report.config_id, sizeof(world->policy.config_id));
  world->policy.config_svn_min = 3;
  (void)world_appraise(world);
  expect_trusted(world);
  world->report.config_svn = 2;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_ENCLAVE_CONFIG_SVN);
  world->report.config_svn = 0x8000; /* no sign */
  (void)world_appraise(world);
  expect_trusted(world);
  for (size_t at = 0; at < QY_CONFIG_ID_SIZE; at += 9) {
    world->report.config_id[at] ^= 1;
    (void)world_appraise(world);
    expect_only(world, QY_CHECK_ENCLAVE_CONFIG);
    world->report.config_id[at] ^= 1;
  }
  memset(world->report.config_id, 0, sizeof(world->report.config_id)); /* launched without one */
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_ENCLAVE_CONFIG);
}

/* ---- Trust domains (I02, I08 to I10) ---- */

static void each_td_attribute_bit(void **state)
{
  dcap_world *world = *state;
  for (unsigned bit = 0; bit < 64; bit++) {
    (void)trust_domain(state);
    world->td.td_attributes ^= 1ull << bit;
    (void)world_appraise(world);
    const bool harmless = bit == 27 || bit == 30 || bit == 31 || bit == 63; /* LASS, PKS, key locker, PERFMON */
    if (harmless) {
      expect_trusted(world);
    } else {
      expect_only(world, bit < 8 ? QY_CHECK_TD_DEBUG : QY_CHECK_TD_ATTRIBUTES);
    }
    assert_int_equal(world->verdict.qvl.quote, QY_QVL_OK);
  }
}

static void a_policy_decides_td_attributes(void **state)
{
  dcap_world *world = *state;
  world->td.td_attributes = QY_TD_MIGRATABLE | QY_TD_PKS;
  world->policy.td.attribute_mask = QY_TD_SEPT_VE_DISABLE | QY_TD_MIGRATABLE | QY_TD_PKS;
  world->policy.td.attributes = QY_TD_MIGRATABLE | QY_TD_PKS;
  (void)world_appraise(world);
  expect_trusted(world);
  world->td.td_attributes = QY_TD_MIGRATABLE;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_ATTRIBUTES);
  (void)trust_domain(state);
  world->policy.allow_debug = true;
  world->td.td_attributes |= QY_TD_DEBUG;
  (void)world_appraise(world);
  expect_trusted(world);
  world->td.td_attributes |= 2;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_DEBUG);
}

static void each_xfam_bit(void **state)
{
  dcap_world *world = *state;
  for (unsigned bit = 0; bit < 64; bit++) {
    (void)trust_domain(state);
    world->td.xfam ^= 1ull << bit;
    (void)world_appraise(world);
    if (bit >= 2 && (0x6dbe7ull >> bit & 1) != 0) {
      expect_trusted(world);
    } else {
      expect_only(world, QY_CHECK_TD_XFAM);
    }
  }
  (void)trust_domain(state);
  world->policy.td.xfam_mask = 0x4;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_XFAM);
}

static void a_service_td_is_named(void **state)
{
  dcap_world *world = *state;
  world->td.mr_service_td[7] = 1;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_SERVICE);
  world->policy.td.named[QY_TD_HASH_MR_SERVICE_TD] = true;
  world->policy.td.hashes[QY_TD_HASH_MR_SERVICE_TD][7] = 1;
  (void)world_appraise(world);
  expect_trusted(world);
  world->td.mr_service_td[7] = 0;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_SERVICE);
}

static void the_trust_domain_is_the_one_that_is_meant(void **state)
{
  dcap_world *world = *state;
  static const uint8_t values[] = {0x90, 0x91, 0x92, 0x93, 0xc0, 0xc1, 0xc2, 0x5e, 0};
  world->td.mr_td[47] ^= 1;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_MEASUREMENT);
  (void)trust_domain(state);
  world->policy.td.mr_td_count = 0; /* a policy for enclaves alone */
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TD_MEASUREMENT);
  for (size_t i = 0; i < sizeof(values); i++) {
    (void)trust_domain(state);
    memset(world->td.mr_seam, 0x5e, sizeof(world->td.mr_seam));
    world->policy.td.named[i] = true;
    memset(world->policy.td.hashes[i], values[i], QY_POLICY_TD_HASH_SIZE);
    (void)world_appraise(world);
    expect_trusted(world);
    world->policy.td.hashes[i][47] ^= 1;
    (void)world_appraise(world);
    expect_only(world, QY_CHECK_TD_HASHES);
  }
}

/* I08: of two quotes of one trust domain all is the same but what the nonce may change; measurements lie where the
 * specification puts them, counted here from the beginning of the quote. */
static void claims_do_not_move_with_the_nonce(void **state)
{
  dcap_world *world = *state;
  static const struct {
    size_t at;
    size_t size;
    uint8_t value;
  } fields[] = {{16, 48, 0xa1},  {64, 48, 0},     {136, 48, 0xa3}, {184, 48, 0xa4}, {232, 48, 0xa5},
                {280, 48, 0xa6}, {328, 48, 0xa7}, {376, 48, 0xa8}, {424, 48, 0xa9}, {472, 48, 0xaa}};
  qy_td_body first;
  memset(world->td.mr_seam, 0xa1, 48);
  memset(world->td.mr_td, 0xa3, 48);
  memset(world->td.mr_config_id, 0xa4, 48);
  memset(world->td.mr_owner, 0xa5, 48);
  memset(world->td.mr_owner_config, 0xa6, 48);
  for (size_t i = 0; i < 4; i++) {
    memset(world->td.rtmr[i], 0xa7 + (int)i, 48);
  }
  for (unsigned nonce = 0; nonce < 256; nonce += 51) {
    memset(world->td.report_data, (int)nonce, sizeof(world->td.report_data));
    world_make(world);
    qy_dcap_quote quote;
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&world->quote), NULL));
    const uint8_t *body = world->quote.bytes + 48 + 6;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
      for (size_t j = 0; j < fields[i].size; j++) {
        assert_int_equal(body[fields[i].at + j], fields[i].value);
      }
    }
    assert_int_equal(quote.td.mr_td[0], 0xa3);
    assert_int_equal(quote.td.report_data[63], nonce);
    memset(quote.td.report_data, 0, sizeof(quote.td.report_data));
    if (nonce == 0) {
      first = quote.td;
    }
    assert_memory_equal(&first, &quote.td, sizeof(first));
  }
}

/* ---- How it is written (I12) ---- */

#define T48 "7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d"
#define U48 "7e7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d"
#define HEAD "{\"policy\":1,\"version\":1,\"roots\":[\"intel\"],"
#define ENCLAVE "\"enclave\":{\"mrenclave\":[\"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\"]}"
#define TD "\"td\":{\"mrtd\":[\"" T48 "\"]}"
#define TCB "\"tcb_statuses\":[\"UpToDate\"]"

static void policies_are_read(void **state)
{
  (void)state;
  qy_policy policy;
  static const char least[] = HEAD TD "," TCB "}";
  static const char most[] = HEAD ENCLAVE
      ",\"td\":{\"mrtd\":[\"" T48 "\",\"" U48 "\"],\"rtmr0\":\"" T48 "\",\"rtmr3\":\"" U48 "\",\"mrconfigid\":\"" T48
      "\",\"mrowner\":\"" T48 "\",\"mrownerconfig\":\"" T48 "\",\"mrservicetd\":\"" U48 "\",\"mrseam\":\"" T48
      "\",\"mrsignerseam\":\"" U48 "\",\"event_log\":\"required\",\"events\":{\"rtmr1\":[\"" T48 "\",\"" U48
      "\"],\"rtmr2\":[\"" T48
      "\"]}},\"statuses\":[\"OK\"],\"tcb_statuses\":[\"UpToDate\",\"TDRelaunchAdvised\"],\"tcb_evaluation_min\":17,"
      "\"tcb_grace_s\":604800,\"td_attributes\":{\"value\":\"40000000\",\"mask\":\"60000000\"},"
      "\"xfam\":{\"value\":\"4\",\"mask\":\"0xfc\"},\"demands\":[\"report_data\"]}";
  assert_ok(qy_policy_decode(&policy, qy_view_text(least), NULL, NULL));
  assert_int_equal(policy.mr_enclave_count, 0);
  assert_int_equal(policy.statuses, 0);
  assert_int_equal(policy.tcb_statuses, 1u << QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(policy.tcb_evaluation_min, 0);
  assert_int_equal(policy.tcb_grace_s, 0);
  assert_true(policy.demands_report_data);
  assert_ok(qy_policy_decode(&policy, qy_view_text(most), NULL, NULL));
  assert_int_equal(policy.td.mr_td_count, 2);
  assert_int_equal(policy.td.mr_tds[1][0], 0x7e);
  assert_true(policy.td.named[QY_TD_HASH_RTMR0] && policy.td.named[QY_TD_HASH_RTMR3]);
  assert_false(policy.td.named[QY_TD_HASH_RTMR1] || policy.td.named[QY_TD_HASH_RTMR2]);
  assert_int_equal(policy.td.hashes[QY_TD_HASH_MR_SERVICE_TD][0], 0x7e);
  assert_int_equal(policy.td.hashes[QY_TD_HASH_MR_SEAM][0], 0x7d);
  assert_int_equal(policy.td.hashes[QY_TD_HASH_MR_SIGNER_SEAM][0], 0x7e);
  assert_true(policy.td.events.required && policy.td.events.named[1] && policy.td.events.named[2]);
  assert_false(policy.td.events.named[0] || policy.td.events.named[3]);
  assert_int_equal(policy.td.events.count, 3);
  assert_int_equal(policy.td.events.rtmrs[2], 2);
  assert_int_equal(policy.td.events.digests[1][0], 0x7e);
  assert_int_equal(policy.tcb_statuses, 1u << QY_TCB_STATUS_UP_TO_DATE | 1u << QY_TCB_STATUS_TD_RELAUNCH_ADVISED);
  assert_int_equal(policy.tcb_evaluation_min, 17);
  assert_int_equal(policy.tcb_grace_s, 604800);
  assert_int_equal(policy.td.attributes, QY_TD_PKS);
  assert_int_equal(policy.td.attribute_mask, QY_TD_PKS | QY_TD_MIGRATABLE);
  assert_int_equal(policy.td.xfam_mask, 0xfc);
  assert_true(policy.demands_report_data && !policy.demands_nonce);
  const char *const texts[] = {least, most};
  for (size_t i = 0; i < 2; i++) {
    qy_policy again;
    char *json = NULL;
    assert_ok(qy_policy_decode(&policy, qy_view_text(texts[i]), NULL, NULL));
    assert_ok(qy_policy_to_json(&json, &policy, NULL));
    assert_ok(qy_policy_decode(&again, qy_view_text(json), NULL, NULL));
    assert_memory_equal(&policy, &again, sizeof(policy));
    qy_appraisal_text_free(&json);
  }
}

#define WRONG(text, id, says)                 \
  {                                           \
    HEAD text "}", QY_CHECK_POLICY_##id, says \
  }
#define MRTD "\"mrtd\":[\"" T48 "\"]"
#define CONFIGURED "\"enclave\":{\"mrenclave\":[\"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\"],"

/* Each mistake: the check that says so, and the words that tell where. */
static void what_is_not_plain_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    qy_check_id id;
    const char *says;
  } rows[] = {
      WRONG(TCB, IDENTITY, "\"enclave\""),
      WRONG(TD, STATUSES, "\"statuses\""),
      WRONG("\"td\":{\"mrtd\":[]}," TCB, IDENTITY, "\"mrtd\": an empty list"),
      WRONG("\"td\":{}," TCB, IDENTITY, "\"mrtd\""),
      WRONG("\"td\":{\"rtmr0\":\"" T48 "\"}," TCB, IDENTITY, "\"mrtd\""),
      WRONG("\"td\":{\"mrtd\":[\"" T48 "\",\"" T48 "\"]}," TCB, IDENTITY, "twice"),
      WRONG("\"td\":{\"mrtd\":[\"7d\"]}," TCB, IDENTITY, "\"mrtd\": 48 bytes in hex"),
      WRONG("\"td\":{" MRTD ",\"rtmr4\":\"" T48 "\"}," TCB, IDENTITY, "rtmr4"),
      WRONG("\"td\":{" MRTD ",\"rtmr1\":\"7d\"}," TCB, IDENTITY, "\"rtmr1\""),
      WRONG("\"td\":{" MRTD ",\"mrseam\":7}," TCB, IDENTITY, "\"mrseam\""),
      WRONG("\"td\":{" MRTD ",\"event_log\":true}," TCB, IDENTITY, "\"event_log\""),
      WRONG("\"td\":{" MRTD ",\"event_log\":\"demanded\"}," TCB, IDENTITY, "\"event_log\""),
      WRONG("\"td\":{" MRTD ",\"events\":{}}," TCB, IDENTITY, "\"events\": no register"),
      WRONG("\"td\":{" MRTD ",\"events\":{\"rtmr4\":[\"" T48 "\"]}}," TCB, IDENTITY, "rtmr4"),
      WRONG("\"td\":{" MRTD ",\"events\":{\"rtmr1\":[]}}," TCB, IDENTITY, "\"rtmr1\": an empty list"),
      WRONG("\"td\":{" MRTD ",\"events\":{\"rtmr1\":[\"7d\"]}}," TCB, IDENTITY, "\"rtmr1\": 48 bytes"),
      WRONG("\"enclave\":{}," TD "," TCB, IDENTITY, "\"mrenclave\" or \"mrsigner\""),
      WRONG(CONFIGURED "\"config_id\":\"cf\"}," TCB, IDENTITY, "\"config_id\""),
      WRONG(CONFIGURED "\"config_svn_min\":2}," TCB, IDENTITY, "without \"config_id\""),
      WRONG(CONFIGURED "\"isvsnv\":2}," TCB, IDENTITY, "isvsnv"),
      WRONG(TD ",\"tcb_statuses\":[]", STATUSES, "\"tcb_statuses\": an empty list"),
      WRONG(TD ",\"tcb_statuses\":[\"Revoked\"]", STATUSES, "no policy can accept Revoked"),
      WRONG(TD ",\"tcb_statuses\":[\"uptodate\"]", STATUSES, "element 0 is no status"),
      WRONG(TD ",\"tcb_statuses\":[7]", STATUSES, "element 0 is no status"),
      WRONG(TD ",\"tcb_statuses\":[\"UpToDate\",\"UpToDate\"]", STATUSES, "twice"),
      WRONG(TD "," TCB ",\"statuses\":[]", STATUSES, "\"statuses\": an empty list"),
      WRONG(TD "," TCB ",\"advisories_waived\":[\"intel-sa-1\"]", MEMBER, "INTEL-SA-00334"),
      WRONG(TD "," TCB ",\"tcb_evaluation_min\":-1", MEMBER, "\"tcb_evaluation_min\""),
      WRONG(TD "," TCB ",\"tcb_evaluation_min\":4294967296", MEMBER, "\"tcb_evaluation_min\""),
      WRONG(TD "," TCB ",\"tcb_grace_s\":\"1d\"", MEMBER, "\"tcb_grace_s\""),
      WRONG(TD "," TCB ",\"tcb_grace_s\":-1", MEMBER, "\"tcb_grace_s\""),
      WRONG(TD "," TCB ",\"td_attributes\":{\"value\":\"1\",\"mask\":\"1\"}", MEMBER, "say \"debug\""),
      WRONG(TD "," TCB ",\"td_attributes\":{\"value\":\"300\",\"mask\":\"100\"}", MEMBER, "the mask leaves out"),
      WRONG(TD "," TCB ",\"xfam\":{\"value\":\"4\"}", MEMBER, "\"mask\""),
      WRONG(TD "," TCB ",\"xfam\":{\"value\":\"4\",\"mask\":\"4\",\"more\":1}", MEMBER, "more"),
      WRONG(TD "," TCB ",\"debug\":\"yes\"", MEMBER, "\"debug\""),
      WRONG(TD "," TCB ",\"demands\":[\"reportdata\"]", MEMBER, "\"report_data\""),
      WRONG(TD "," TCB ",\"tcb_grace\":1", MEMBER, "tcb_grace")};
  qy_trace *trace = malloc(sizeof(*trace));
  assert_non_null(trace);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    qy_policy policy;
    qy_error why = {0};
    trace->count = 0;
    trace->dropped = 0;
    assert_int_equal(qy_policy_decode(&policy, qy_view_text(rows[i].text), trace, &why), QY_ERR_MALFORMED);
    const qy_check_record *record = qy_trace_failed(trace);
    if (record == NULL || record->id != rows[i].id) {
      fail_msg("%s: %s", rows[i].text, record == NULL ? "nothing" : qy_check_name(record->id));
    }
    if (strstr(why.message, rows[i].says) == NULL) {
      fail_msg("%s: \"%s\" does not say %s", rows[i].text, why.message, rows[i].says);
    }
    assert_int_equal(policy.td.mr_td_count, 0);
  }
  free(trace);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST_SGX(a_status_is_accepted_by_name),
                                     TEST_SGX(the_revoked_are_never_accepted),
                                     TEST_SGX(a_recovery_has_a_grace),
                                     TEST_SGX(a_grace_is_of_each_part),
                                     TEST_TDX(a_relaunch_is_advised),
                                     TEST_TDX(what_runs_now_counts_too),
                                     TEST_SGX(collateral_is_recent_enough),
                                     TEST_SGX(report_data_is_what_was_asked_for),
                                     TEST_SGX(the_enclave_is_the_one_that_is_meant),
                                     TEST_SGX(the_configuration_is_the_one_that_is_meant),
                                     TEST_TDX(each_td_attribute_bit),
                                     TEST_TDX(claims_do_not_move_with_the_nonce),
                                     TEST_TDX(a_policy_decides_td_attributes),
                                     TEST_TDX(each_xfam_bit),
                                     TEST_TDX(a_service_td_is_named),
                                     TEST_TDX(the_trust_domain_is_the_one_that_is_meant),
                                     TEST_SGX(policies_are_read),
                                     TEST_SGX(what_is_not_plain_is_refused)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
