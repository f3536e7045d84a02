/* SPDX-License-Identifier: Apache-2.0 */
/* TCB levels, what is required, and the JSON both are kept in. */
#include "reports_support.h"

#include <string.h>

#include <registry/tcb.h>

static void levels_go_by_components(void **state)
{
  (void)state;
  qy_tcb_levels levels;
  uint8_t svn[QY_CPU_SVN_SIZE];
  qy_tcb_levels_default(&levels);
  assert_ok(qy_tcb_levels_check(&levels, &assert_why));
  assert_int_equal(levels.count, 5);
  for (unsigned i = 0; i < 5; i++) {
    assert_int_equal(qy_tcb_level_of(&levels, levels.cpu_svns[i]), i + 1);
  }
  memset(svn, 0, sizeof svn);
  assert_int_equal(qy_tcb_level_of(&levels, svn), 0);
  memset(svn, 0xff, sizeof svn);
  assert_int_equal(qy_tcb_level_of(&levels, svn), 5);
  /* One old component is enough, however new the others are: it is not a number. */
  memset(svn, 0xff, sizeof svn);
  svn[6] = 0;
  assert_int_equal(qy_tcb_level_of(&levels, svn), 2);
  memcpy(svn, levels.cpu_svns[4], sizeof svn);
  svn[1] = 0;
  assert_int_equal(qy_tcb_level_of(&levels, svn), 0);
}

static void levels_round_trip(void **state)
{
  (void)state;
  qy_tcb_levels levels;
  qy_tcb_levels again;
  qy_tcb_levels_default(&levels);
  QY_SCOPED_BUFFER(text, 65536);
  assert_ok(qy_tcb_levels_encode(&text, &levels, &assert_why));
  assert_ok(qy_tcb_levels_decode(&again, qy_buffer_view(&text), &assert_why));
  assert_memory_equal(&levels, &again, sizeof levels);
}

static void bad_levels_are_refused(void **state)
{
  (void)state;
#define A "00000000000000000000000000000001"
#define B "00000000000000000000000000000002"
  static const char *const BAD[] = {
      "[]",
      "{}",
      "[{\"level\":1}]",
      "[{\"level\":2,\"cpu_svn\":\"" A "\"}]",
      "[{\"level\":1,\"cpu_svn\":\"01\"}]",
      "[{\"level\":1,\"cpu_svn\":\"" B "\"},{\"level\":2,\"cpu_svn\":\"" A "\"}]", /* does not ascend */
      "[{\"level\":1,\"cpu_svn\":\"" A "\"},{\"level\":2,\"cpu_svn\":\"" A "\"}]", /* stands still */
      "[{\"level\":1,\"cpu_svn\":\"" A "\",\"new\":1}]",
      "[1]",
      "",
  };
  for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
    qy_tcb_levels levels;
    memset(&levels, 0xff, sizeof levels);
    assert_int_equal(qy_tcb_levels_decode(&levels, qy_view_text(BAD[i]), NULL), QY_ERR_MALFORMED);
    assert_true(qy_view_is_zero(qy_view_over(&levels, sizeof levels)));
  }
}

static void policy_make(qy_tcb_policy *policy, const qy_tcb_levels *levels)
{
  qy_tcb_policy_default(policy, levels);
  policy->qe_svn = 3;
  strcpy(policy->advisory_url, "https://advisories.example/");
  policy->out_of_date.count = 1;
  strcpy(policy->out_of_date.ids[0], "INTEL-SA-00001");
  policy->states[4] = QY_TCB_NEEDS_BOTH;
  policy->advisories[4].count = 2;
  strcpy(policy->advisories[4].ids[0], "INTEL-SA-00002");
  strcpy(policy->advisories[4].ids[1], "INTEL-SA-00003");
}

static void policy_round_trips(void **state)
{
  (void)state;
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_tcb_policy again;
  qy_tcb_levels_default(&levels);
  policy_make(&policy, &levels);
  QY_SCOPED_BUFFER(text, 65536);
  assert_ok(qy_tcb_policy_encode(&text, &policy, &levels, &assert_why));
  assert_ok(qy_tcb_policy_decode(&again, qy_buffer_view(&text), &levels, &assert_why));
  assert_memory_equal(&policy, &again, sizeof policy);
  for (size_t size = 0; size < text.size - 1; size++) { /* the last byte is a line feed */
    if (qy_tcb_policy_decode(&again, qy_view_over(text.bytes, size), &levels, NULL) == QY_OK) {
      assert_int_equal(size, text.size - 1);
    }
  }
}

/* Replaces the first `from` in the policy's text. */
static void assert_policy_refused(const char *from, const char *to)
{
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_tcb_levels_default(&levels);
  policy_make(&policy, &levels);
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(changed, 65536);
  assert_ok(qy_tcb_policy_encode(&text, &policy, &levels, &assert_why));
  const char *all = qy_buffer_text(&text);
  const char *at = strstr(all, from);
  assert_non_null(at);
  qy_buffer_append(&changed, all, (size_t)(at - all));
  qy_buffer_append_text(&changed, to);
  qy_buffer_append_text(&changed, at + strlen(from));
  const qy_status status = qy_tcb_policy_decode(&policy, qy_buffer_view(&changed), &levels, NULL);
  if (status != QY_ERR_MALFORMED) {
    fail_msg("\"%s\" for \"%s\" gives %s", to, from, qy_status_name(status));
  }
  assert_true(qy_view_is_zero(qy_view_over(&policy, sizeof policy)));
}

static void bad_policies_are_refused(void **state)
{
  (void)state;
  assert_policy_refused("\"qe_svn\"", "\"qe_svnn\"");
  assert_policy_refused("\"qe_svn\": 3", "\"qe_svn\": 65536");
  assert_policy_refused("\"qe_svn\": 3", "\"qe_svn\": \"3\"");
  assert_policy_refused("\"cpu_svn_level\": 4", "\"cpu_svn_level\": 6");
  assert_policy_refused("\"cpu_svn_level\": 4", "\"cpu_svn_level\": 0");
  assert_policy_refused("\"OK\"", "\"FINE\"");
  assert_policy_refused("\"OK\"", "\"UNKNOWN\"");
  assert_policy_refused("\"level\": 2", "\"level\": 3");
  assert_policy_refused("INTEL-SA-00002", "no small letters");
  assert_policy_refused("https://", "https:// ");
}

static void policy_is_only_raised(void **state)
{
  (void)state;
  char folder[QY_PATH_SIZE];
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_tcb_policy again;
  endorser_make(folder);
  assert_ok(qy_tcb_levels_load(&levels, folder, &assert_why));
  assert_ok(qy_tcb_policy_load(&policy, folder, &levels, &assert_why));
  assert_int_equal(policy.cpu_svn_level, 4);
  policy.cpu_svn_level = 5;
  policy.qe_svn = 2;
  assert_ok(qy_tcb_policy_store(folder, &policy, &assert_why));
  assert_ok(qy_tcb_policy_load(&again, folder, &levels, &assert_why));
  assert_memory_equal(&policy, &again, sizeof policy);
  policy.cpu_svn_level = 4;
  assert_int_equal(qy_tcb_policy_store(folder, &policy, NULL), QY_ERR_DENIED);
  policy.cpu_svn_level = 5;
  policy.qe_svn = 1;
  assert_int_equal(qy_tcb_policy_store(folder, &policy, NULL), QY_ERR_DENIED);
  policy.qe_svn = 2;
  policy.cpu_svn_level = 6; /* a level that there is not */
  assert_int_equal(qy_tcb_policy_store(folder, &policy, NULL), QY_ERR_MALFORMED);
  scratch_remove(folder);
  endorser_master_remove();
}

static void group_tcb_round_trips(void **state)
{
  (void)state;
  const qy_group_tcb tcb = {.cpu_svn_level = 3, .pve_svn = 65535, .pce_svn = 0};
  qy_group_tcb again;
  QY_SCOPED_BUFFER(text, 4096);
  assert_ok(qy_group_tcb_encode(&text, &tcb, &assert_why));
  assert_ok(qy_group_tcb_decode(&again, qy_buffer_view(&text), &assert_why));
  assert_memory_equal(&tcb, &again, sizeof tcb);
  assert_int_equal(qy_group_tcb_decode(&again, qy_view_text("{\"cpu_svn_level\":3,\"pve_svn\":1}"), NULL),
                   QY_ERR_MALFORMED);
  assert_int_equal(
      qy_group_tcb_decode(&again, qy_view_text("{\"cpu_svn_level\":17,\"pve_svn\":1,\"pce_svn\":1}"), NULL),
      QY_ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_go_by_components),  cmocka_unit_test(levels_round_trip),
      cmocka_unit_test(bad_levels_are_refused),   cmocka_unit_test(policy_round_trips),
      cmocka_unit_test(bad_policies_are_refused), cmocka_unit_test(policy_is_only_raised),
      cmocka_unit_test(group_tcb_round_trips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
