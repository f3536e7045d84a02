/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of a quote, for every answer of EPID verification and every age of the platform. */
#include <vectors.h>

#include <string.h>

#include <reports/judge.h>

typedef struct fixture {
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_group_tcb group;
  qy_quote_body quote;
  qy_judge_input input;
  qy_trace trace;
} fixture;

/* An up-to-date platform with a good signature: level 4 of 5 is asked for, SVNs 3, 2 and 4. */
static void fixture_init(fixture *f)
{
  memset(f, 0, sizeof *f);
  qy_tcb_levels_default(&f->levels);
  qy_tcb_policy_default(&f->policy, &f->levels);
  f->policy.qe_svn = 3;
  f->policy.pce_svn = 2;
  f->policy.pve_svn = 4;
  f->policy.out_of_date.count = 1;
  strcpy(f->policy.out_of_date.ids[0], "QY-SA-1");
  for (unsigned i = 0; i < 5; i++) {
    f->policy.advisories[i].count = 1;
    snprintf(f->policy.advisories[i].ids[0], sizeof f->policy.advisories[i].ids[0], "QY-SA-1%u", i);
  }
  f->group = (qy_group_tcb){.cpu_svn_level = 4, .pve_svn = 4, .pce_svn = 2};
  f->quote = (qy_quote_body){.version = 2, .group_id = 0x0b3f, .qe_svn = 3, .pce_svn = 2};
  memcpy(f->quote.report.cpu_svn, f->levels.cpu_svns[3], QY_CPU_SVN_SIZE);
  f->input = (qy_judge_input){.api_version = 4,
                              .quote = &f->quote,
                              .epid = QY_EPID_VALID,
                              .group = &f->group,
                              .levels = &f->levels,
                              .policy = &f->policy};
}

static qy_judgement judge(fixture *f)
{
  qy_judgement judgement;
  f->trace.count = 0;
  assert_ok(qy_reports_judge(&judgement, &f->input, &f->trace, &assert_why));
  return judgement;
}

static void current_platform_is_ok(void **state)
{
  (void)state;
  fixture f;
  fixture_init(&f);
  const qy_judgement judgement = judge(&f);
  assert_string_equal(qy_reports_status_name(judgement.status), "OK");
  assert_false(judgement.has_platform_info);
  assert_false(judgement.has_revocation_reason);
  assert_false(judgement.has_pse_status);
  assert_null(judgement.advisories);
  assert_null(qy_trace_failed(&f.trace));
  assert_int_equal(f.trace.count, 5);
}

static void signature_answers(void **state)
{
  (void)state;
  static const struct {
    qy_epid_result result;
    const char *status;
    bool has_platform_info;
  } ROWS[] = {
      {QY_EPID_INVALID, "SIGNATURE_INVALID", false},
      {QY_EPID_BAD_SIGNATURE, "SIGNATURE_INVALID", false},
      {QY_EPID_REVOKED_GROUP, "GROUP_REVOKED", true},
      {QY_EPID_REVOKED_KEY, "KEY_REVOKED", false},
      {QY_EPID_REVOKED_SIGNATURE, "SIGNATURE_REVOKED", false},
      {QY_EPID_SIGRL_MISMATCH, "SIGRL_VERSION_MISMATCH", false},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    fixture f;
    fixture_init(&f);
    f.input.epid = ROWS[i].result;
    f.input.revocation_reason = 9;
    f.input.has_manifest = true;
    f.input.pse_status = QY_PSE_OUT_OF_DATE;
    memset(f.quote.report.cpu_svn, 0, QY_CPU_SVN_SIZE); /* age does not matter then */
    const qy_judgement judgement = judge(&f);
    assert_string_equal(qy_reports_status_name(judgement.status), ROWS[i].status);
    assert_int_equal(judgement.has_platform_info, ROWS[i].has_platform_info);
    assert_false(judgement.has_pse_status);
    assert_null(judgement.advisories);
    assert_int_equal(judgement.has_revocation_reason, judgement.status == QY_REPORTS_GROUP_REVOKED);
    if (judgement.status == QY_REPORTS_GROUP_REVOKED) {
      assert_int_equal(judgement.revocation_reason, 9);
      assert_int_equal(judgement.platform_info.epid_group_flags, QY_GROUP_REVOKED);
      assert_int_equal(judgement.platform_info.tcb_flags, 0);
      assert_int_equal(judgement.platform_info.group_id, 0x0b3f);
    }
  }
}

static void no_answer_is_no_report(void **state)
{
  (void)state;
  fixture f;
  fixture_init(&f);
  qy_judgement judgement;
  memset(&judgement, 0xff, sizeof judgement);
  f.input.epid = QY_EPID_UNDECIDED;
  assert_int_equal(qy_reports_judge(&judgement, &f.input, NULL, NULL), QY_ERR_INTERNAL);
  assert_int_equal(judgement.status, QY_REPORTS_UNDECIDED);
  f.input.epid = QY_EPID_REVOKED_VERIFIER;
  assert_int_equal(qy_reports_judge(&judgement, &f.input, NULL, NULL), QY_ERR_INTERNAL);
  f.input.epid = QY_EPID_VALID;
  f.policy.cpu_svn_level = 6;
  assert_int_equal(qy_reports_judge(&judgement, &f.input, NULL, NULL), QY_ERR_ARGUMENT);
  f.policy.cpu_svn_level = 0;
  assert_int_equal(qy_reports_judge(&judgement, &f.input, NULL, NULL), QY_ERR_ARGUMENT);
}

static void assert_out_of_date(fixture *f, uint16_t flags, qy_check_id failed)
{
  const qy_judgement judgement = judge(f);
  assert_string_equal(qy_reports_status_name(judgement.status), "GROUP_OUT_OF_DATE");
  assert_true(judgement.has_platform_info);
  assert_int_equal(judgement.platform_info.epid_group_flags, QY_GROUP_OUT_OF_DATE);
  assert_int_equal(judgement.platform_info.tcb_flags, flags);
  assert_memory_equal(judgement.platform_info.latest_cpu_svn, f->levels.cpu_svns[f->policy.cpu_svn_level - 1], 16);
  assert_int_equal(judgement.platform_info.latest_qe_svn, f->policy.qe_svn);
  assert_ptr_equal(judgement.advisories, &f->policy.out_of_date);
  assert_non_null(qy_trace_failed(&f->trace));
  assert_int_equal(qy_trace_failed(&f->trace)->id, failed);
}

static void old_platforms_are_out_of_date(void **state)
{
  (void)state;
  fixture f;
  fixture_init(&f);
  f.policy.cpu_svn_level = 5;
  f.group.cpu_svn_level = 5;
  assert_out_of_date(&f, QY_TCB_CPU_SVN_OUT_OF_DATE, QY_CHECK_REPORTS_CPU_SVN);
  fixture_init(&f);
  f.quote.qe_svn = 2;
  assert_out_of_date(&f, QY_TCB_QE_SVN_OUT_OF_DATE, QY_CHECK_REPORTS_QE_SVN);
  fixture_init(&f);
  f.quote.pce_svn = 1;
  assert_out_of_date(&f, QY_TCB_PCE_SVN_OUT_OF_DATE, QY_CHECK_REPORTS_PCE_SVN);
  fixture_init(&f);
  f.quote.qe_svn = 0;
  f.quote.pce_svn = 0;
  memset(f.quote.report.cpu_svn, 0, QY_CPU_SVN_SIZE);
  assert_out_of_date(&f, 7, QY_CHECK_REPORTS_CPU_SVN);
}

/* The platform was updated and still signs with its old key: no TCB flag, so that it knows to provision again. */
static void old_group_is_out_of_date(void **state)
{
  (void)state;
  fixture f;
  fixture_init(&f);
  f.group.cpu_svn_level = 3;
  assert_out_of_date(&f, 0, QY_CHECK_REPORTS_GROUP_TCB);
  fixture_init(&f);
  f.group.pve_svn = 3;
  assert_out_of_date(&f, 0, QY_CHECK_REPORTS_GROUP_TCB);
  fixture_init(&f);
  f.group.pce_svn = 1;
  assert_out_of_date(&f, 0, QY_CHECK_REPORTS_GROUP_TCB);
}

static void out_of_date_tells_configuration_too(void **state)
{
  (void)state;
  fixture f;
  fixture_init(&f);
  f.policy.states[2] = QY_TCB_NEEDS_BOTH;
  memcpy(f.quote.report.cpu_svn, f.levels.cpu_svns[2], QY_CPU_SVN_SIZE);
  assert_out_of_date(&f, QY_TCB_CPU_SVN_OUT_OF_DATE | QY_TCB_CONFIGURATION_NEEDED, QY_CHECK_REPORTS_CPU_SVN);
}

static void levels_have_states(void **state)
{
  (void)state;
  static const struct {
    qy_tcb_state state;
    unsigned api_version;
    const char *status;
    bool has_platform_info;
  } ROWS[] = {
      {QY_TCB_NEEDS_CONFIGURATION, 4, "CONFIGURATION_NEEDED", true},
      {QY_TCB_NEEDS_SW_HARDENING, 4, "SW_HARDENING_NEEDED", false},
      {QY_TCB_NEEDS_BOTH, 4, "CONFIGURATION_AND_SW_HARDENING_NEEDED", true},
      {QY_TCB_NEEDS_CONFIGURATION, 3, "CONFIGURATION_NEEDED", true},
      {QY_TCB_NEEDS_SW_HARDENING, 3, "CONFIGURATION_NEEDED", true}, /* version 3 has no better word that is true */
      {QY_TCB_NEEDS_BOTH, 3, "CONFIGURATION_NEEDED", true},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    fixture f;
    fixture_init(&f);
    f.policy.states[3] = ROWS[i].state;
    f.input.api_version = ROWS[i].api_version;
    const qy_judgement judgement = judge(&f);
    assert_string_equal(qy_reports_status_name(judgement.status), ROWS[i].status);
    assert_int_equal(judgement.has_platform_info, ROWS[i].has_platform_info);
    assert_ptr_equal(judgement.advisories, &f.policy.advisories[3]);
    assert_int_equal(judgement.platform_info.epid_group_flags, 0);
    assert_int_equal(qy_trace_failed(&f.trace)->id, QY_CHECK_REPORTS_PLATFORM_STATE);
    if (judgement.has_platform_info) {
      assert_int_equal(judgement.platform_info.tcb_flags, QY_TCB_CONFIGURATION_NEEDED);
    }
  }
}

static void manifests(void **state)
{
  (void)state;
  static const struct {
    qy_pse_status pse;
    uint16_t flags;
  } ROWS[] = {
      {QY_PSE_UNKNOWN, 0},     {QY_PSE_OK, 0},      {QY_PSE_INVALID, 0},
      {QY_PSE_OUT_OF_DATE, 1}, {QY_PSE_REVOKED, 2}, {QY_PSE_RL_VERSION_MISMATCH, 8},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    fixture f;
    fixture_init(&f);
    f.input.has_manifest = true;
    f.input.pse_status = ROWS[i].pse;
    const qy_judgement judgement = judge(&f);
    assert_true(judgement.has_pse_status);
    assert_int_equal(judgement.pse_status, ROWS[i].pse);
    assert_int_equal(judgement.has_platform_info, ROWS[i].flags != 0);
    assert_int_equal(judgement.platform_info.pse_flags, ROWS[i].flags);
    qy_pse_status again;
    assert_true(qy_pse_status_by_name(&again, qy_pse_status_name(ROWS[i].pse)));
    assert_int_equal(again, ROWS[i].pse);
  }
  qy_pse_status none;
  assert_false(qy_pse_status_by_name(&none, "ok"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(current_platform_is_ok),   cmocka_unit_test(signature_answers),
      cmocka_unit_test(no_answer_is_no_report),   cmocka_unit_test(old_platforms_are_out_of_date),
      cmocka_unit_test(old_group_is_out_of_date), cmocka_unit_test(out_of_date_tells_configuration_too),
      cmocka_unit_test(levels_have_states),       cmocka_unit_test(manifests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
