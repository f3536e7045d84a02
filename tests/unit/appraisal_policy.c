/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what is not said plainly is an error that names the member. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <quotary/appraisal.h>

#define M "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
#define S "5151515151515151515151515151515151515151515151515151515151515151"
#define HEAD "{\"policy\":1,\"version\":7,"
#define ROOTS "\"roots\":[\"intel\"],"
#define ENCLAVE "\"enclave\":{\"mrenclave\":[\"" M "\"]},"
#define STATUSES "\"statuses\":[\"OK\"]"
#define SOUND HEAD ROOTS ENCLAVE STATUSES

static const char least[] = SOUND "}";
static const char full[] = HEAD
    "\"roots\":[\"intel\",{\"simulated\":\"" S "\",\"platform_info_key\":"
    "\"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ece"
    "cbb6406837bf51f5\"},"
    "{\"simulated\":\"" M "\"}],"
    "\"enclave\":{\"mrenclave\":[\"" M "\",\"" S "\"],\"mrsigner\":\"" S "\",\"isv_prod_id\":1,\"isv_svn_min\":65535},"
    "\"denied_mrenclaves\":[\"" S "\"],\"debug\":true,\"published_signers\":true,"
    "\"attributes\":{\"flags\":\"0x80\",\"flags_mask\":\"80\",\"xfrm\":\"7\",\"xfrm_mask\":\"00000000000000ff\"},"
    "\"misc_select\":{\"value\":\"1\",\"mask\":\"ffffffff\"},"
    "\"statuses\":[\"OK\",\"GROUP_OUT_OF_DATE\"],\"advisories_waived\":[\"INTEL-SA-00334\"],\"advisories_unnamed\":"
    "true,"
    "\"quote_type\":\"linkable\",\"pse_manifest\":\"required\",\"max_age_s\":3600,\"clock_skew_s\":0,\"demands\":["
    "\"spid\"]}";

static void the_least_policy_has_strict_defaults(void **state)
{
  (void)state;
  qy_policy policy;
  assert_ok(qy_policy_decode(&policy, qy_view_text(least), NULL, NULL));
  assert_int_equal(policy.version, 7);
  assert_true(policy.intel_root);
  assert_false(policy.built_in);
  assert_int_equal(policy.simulated_root_count, 0);
  assert_int_equal(policy.mr_enclave_count, 1);
  assert_int_equal(policy.mr_enclaves[0][31], 0xe1);
  assert_false(policy.has_signer);
  assert_false(policy.allow_debug);
  assert_false(policy.allow_published_signers);
  assert_int_equal(policy.statuses, 1u << QY_AVR_OK);
  assert_int_equal(policy.max_age_s, 86400);
  assert_int_equal(policy.clock_skew_s, 300);
  assert_int_equal(policy.quote_type, QY_QUOTE_TYPE_ANY);
  assert_int_equal(policy.pse_manifest, QY_PSE_ABSENT);
  assert_true(policy.demands_quote && policy.demands_nonce && policy.demands_spid);
}

static void every_member_is_read(void **state)
{
  (void)state;
  qy_policy policy;
  assert_ok(qy_policy_decode(&policy, qy_view_text(full), NULL, NULL));
  assert_int_equal(policy.simulated_root_count, 2);
  assert_true(policy.simulated_roots[0].has_platform_info_key);
  assert_int_equal(policy.simulated_roots[0].platform_info_key[0], 0x6b);
  assert_false(policy.simulated_roots[1].has_platform_info_key);
  assert_int_equal(policy.mr_enclave_count, 2);
  assert_true(policy.has_signer);
  assert_int_equal(policy.isv_prod_id, 1);
  assert_int_equal(policy.isv_svn_min, 65535);
  assert_int_equal(policy.denied_count, 1);
  assert_true(policy.allow_debug);
  assert_true(policy.allow_published_signers);
  assert_int_equal(policy.attributes.flags, 0x80);
  assert_int_equal(policy.attribute_mask.flags, 0x80);
  assert_int_equal(policy.attributes.xfrm, 7);
  assert_int_equal(policy.attribute_mask.xfrm, 0xff);
  assert_int_equal(policy.misc_select, 1);
  assert_int_equal(policy.misc_mask, 0xffffffff);
  assert_int_equal(policy.statuses, 1u << QY_AVR_OK | 1u << QY_AVR_GROUP_OUT_OF_DATE);
  assert_string_equal(policy.waived[0], "INTEL-SA-00334");
  assert_true(policy.advisories_unnamed);
  assert_int_equal(policy.quote_type, QY_QUOTE_TYPE_LINKABLE);
  assert_int_equal(policy.pse_manifest, QY_PSE_REQUIRED);
  assert_int_equal(policy.max_age_s, 3600);
  assert_int_equal(policy.clock_skew_s, 0);
  assert_false(policy.demands_quote || policy.demands_nonce);
  assert_true(policy.demands_spid);
}

static void policies_travel_both_ways(void **state)
{
  (void)state;
  const char *const texts[] = {least, full};
  for (size_t i = 0; i < 2; i++) {
    qy_policy policy;
    qy_policy again;
    char *json = NULL;
    assert_ok(qy_policy_decode(&policy, qy_view_text(texts[i]), NULL, NULL));
    assert_ok(qy_policy_to_json(&json, &policy, NULL));
    assert_ok(qy_policy_decode(&again, qy_view_text(json), NULL, NULL));
    assert_memory_equal(&policy, &again, sizeof(policy));
    qy_appraisal_text_free(&json);
  }
  qy_policy built_in;
  char *json = NULL;
  qy_policy_built_in(&built_in);
  assert_int_equal(qy_policy_to_json(&json, &built_in, NULL), QY_ERR_ARGUMENT);
  assert_null(json);
}

typedef struct wrong {
  const char *text;
  qy_check_id id;
  const char *names; /* what the message must say */
} wrong;

static void expect_wrong(const wrong *row)
{
  qy_policy policy;
  memset(&policy, 0xff, sizeof(policy));
  qy_error why = {0};
  qy_trace *trace = calloc(1, sizeof(*trace));
  const qy_status status = qy_policy_decode(&policy, qy_view_text(row->text), trace, &why);
  const qy_check_record *failed = qy_trace_failed(trace);
  if (status != QY_ERR_MALFORMED || failed == NULL || failed->id != row->id ||
      strstr(why.message, row->names) == NULL) {
    fail_msg("%s: %s by %s: %s", row->text, qy_status_name(status),
             failed == NULL ? "nothing" : qy_check_name(failed->id), why.message);
  }
  assert_true(qy_view_is_zero(qy_view_over(&policy, sizeof(policy))));
  free(trace);
}

/* I01, I12 */
static void wrong_policies_name_the_member(void **state)
{
  (void)state;
  static const wrong rows[] = {
      {"", QY_CHECK_POLICY_JSON, ""},
      {"{", QY_CHECK_POLICY_JSON, ""},
      {"{\"policy\":1,\"policy\":1}", QY_CHECK_POLICY_JSON, "policy"},
      {least + 1, QY_CHECK_POLICY_JSON, ""},
      {SOUND "} x", QY_CHECK_POLICY_JSON, ""},
      {SOUND "," STATUSES "}", QY_CHECK_POLICY_JSON, "statuses"},
      {"[]", QY_CHECK_POLICY_MEMBER, ""},
      {"{}", QY_CHECK_POLICY_MEMBER, "policy"},
      {"{\"policy\":2,\"version\":7," ROOTS ENCLAVE STATUSES "}", QY_CHECK_POLICY_MEMBER, "\"policy\""},
      {"{\"policy\":1," ROOTS ENCLAVE STATUSES "}", QY_CHECK_POLICY_MEMBER, "\"version\""},
      {"{\"policy\":1,\"version\":-1," ROOTS ENCLAVE STATUSES "}", QY_CHECK_POLICY_MEMBER, "\"version\""},
      {SOUND ",\"isvsnv\":1}", QY_CHECK_POLICY_MEMBER, "isvsnv"},
      {HEAD ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "\"roots\""},
      {HEAD "\"roots\":[]," ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "\"roots\""},
      {HEAD "\"roots\":[\"Intel\"]," ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "\"roots\""},
      {HEAD "\"roots\":[\"intel\",\"intel\"]," ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "\"roots\""},
      {HEAD "\"roots\":[{\"simulated\":\"00\"}]," ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "\"simulated\""},
      {HEAD "\"roots\":[{\"simulated\":\"" M "\",\"trust\":1}]," ENCLAVE STATUSES "}", QY_CHECK_POLICY_ROOTS, "trust"},
      {HEAD "\"roots\":[{\"simulated\":\"" M "\"},{\"simulated\":\"" M "\"}]," ENCLAVE STATUSES "}",
       QY_CHECK_POLICY_ROOTS, "twice"},
      {HEAD "\"roots\":[{\"simulated\":\"7b42e41ec43b91db834a065de4f98a13c44d695570e839cfa8921e584e40735d\"}]," ENCLAVE
           STATUSES "}",
       QY_CHECK_POLICY_ROOTS, "Intel"},
      {HEAD "\"roots\":[{\"simulated\":\"" M "\",\"platform_info_key\":\"" M S "\"}]," ENCLAVE STATUSES "}",
       QY_CHECK_POLICY_ROOTS, ""},
      {HEAD ROOTS STATUSES "}", QY_CHECK_POLICY_IDENTITY, "\"enclave\""},
      {HEAD ROOTS "\"enclave\":{}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "\"enclave\""},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[]}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "\"mrenclave\""},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[\"e1\"]}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "\"mrenclave\""},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[\"" M "\",\"" M "\"]}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "twice"},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[7]}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "\"mrenclave\""},
      {HEAD ROOTS "\"enclave\":{\"mrsigner\":\"" S "\"}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "isv_prod_id"},
      {HEAD ROOTS "\"enclave\":{\"mrsigner\":\"" S "\",\"isv_prod_id\":1}," STATUSES "}", QY_CHECK_POLICY_IDENTITY,
       "isv_svn_min"},
      {HEAD ROOTS "\"enclave\":{\"mrsigner\":\"" S "\",\"isv_prod_id\":1,\"isv_svn_min\":65536}," STATUSES "}",
       QY_CHECK_POLICY_IDENTITY, "isv_svn_min"},
      {HEAD ROOTS "\"enclave\":{\"mrsigner\":\"" S "\",\"isv_prod_id\":-1,\"isv_svn_min\":1}," STATUSES "}",
       QY_CHECK_POLICY_IDENTITY, "isv_prod_id"},
      {HEAD ROOTS "\"enclave\":{\"isv_svn_min\":1}," STATUSES "}", QY_CHECK_POLICY_IDENTITY, "mrsigner"},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[\"" M "\"],\"isv_svn_min\":1}," STATUSES "}", QY_CHECK_POLICY_IDENTITY,
       "mrsigner"},
      {HEAD ROOTS "\"enclave\":{\"mrenclave\":[\"" M "\"],\"isvsvn\":1}," STATUSES "}", QY_CHECK_POLICY_IDENTITY,
       "isvsvn"},
      {HEAD ROOTS ENCLAVE "\"debug\":false}", QY_CHECK_POLICY_STATUSES, "\"statuses\""},
      {HEAD ROOTS ENCLAVE "\"statuses\":[]}", QY_CHECK_POLICY_STATUSES, "\"statuses\""},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"ok\"]}", QY_CHECK_POLICY_STATUSES, "\"statuses\""},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"UNKNOWN\"]}", QY_CHECK_POLICY_STATUSES, "\"statuses\""},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"OK\",\"OK\"]}", QY_CHECK_POLICY_STATUSES, "twice"},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"OK\",\"SIGNATURE_INVALID\"]}", QY_CHECK_POLICY_STATUSES,
       "SIGNATURE_INVALID"},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"GROUP_REVOKED\"]}", QY_CHECK_POLICY_STATUSES, "GROUP_REVOKED"},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"SIGNATURE_REVOKED\"]}", QY_CHECK_POLICY_STATUSES, "SIGNATURE_REVOKED"},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"KEY_REVOKED\"]}", QY_CHECK_POLICY_STATUSES, "KEY_REVOKED"},
      {HEAD ROOTS ENCLAVE "\"statuses\":[\"SIGRL_VERSION_MISMATCH\"]}", QY_CHECK_POLICY_STATUSES,
       "SIGRL_VERSION_MISMATCH"},
      {SOUND ",\"debug\":\"false\"}", QY_CHECK_POLICY_MEMBER, "\"debug\""},
      {SOUND ",\"debug\":null}", QY_CHECK_POLICY_MEMBER, "\"debug\""},
      {HEAD ROOTS "\"enclave\":{\"mrsigner\":\"" S "\",\"isv_prod_id\":1,\"isv_svn_min\":1}," STATUSES
                  ",\"published_signers\":true}",
       QY_CHECK_POLICY_MEMBER, "\"published_signers\""},
      {SOUND ",\"attributes\":{\"flags\":\"7\"}}", QY_CHECK_POLICY_MEMBER, "flags_mask"},
      {SOUND ",\"attributes\":{\"xfrm_mask\":\"7\"}}", QY_CHECK_POLICY_MEMBER, "\"xfrm\""},
      {SOUND ",\"attributes\":{\"flags\":\"2\",\"flags_mask\":\"4\"}}", QY_CHECK_POLICY_MEMBER, "\"flags\""},
      {SOUND ",\"attributes\":{\"flags\":\"-1\",\"flags_mask\":\"4\"}}", QY_CHECK_POLICY_MEMBER, "\"flags\""},
      {SOUND ",\"attributes\":{\"flags\":\"\",\"flags_mask\":\"4\"}}", QY_CHECK_POLICY_MEMBER, "\"flags\""},
      {SOUND ",\"attributes\":{\"flags\":\"00000000000000004\",\"flags_mask\":\"4\"}}", QY_CHECK_POLICY_MEMBER,
       "\"flags\""},
      {SOUND ",\"attributes\":{\"flgs\":\"4\"}}", QY_CHECK_POLICY_MEMBER, "flgs"},
      {SOUND ",\"misc_select\":{\"value\":\"1\"}}", QY_CHECK_POLICY_MEMBER, "\"mask\""},
      {SOUND ",\"misc_select\":{\"value\":\"1\",\"mask\":\"1ffffffff\"}}", QY_CHECK_POLICY_MEMBER, "\"mask\""},
      {SOUND ",\"denied_mrenclaves\":\"" M "\"}", QY_CHECK_POLICY_MEMBER, "\"denied_mrenclaves\""},
      {SOUND ",\"advisories_waived\":[\"intel-sa-00334\"]}", QY_CHECK_POLICY_MEMBER, "\"advisories_waived\""},
      {SOUND ",\"advisories_waived\":[\"*\"]}", QY_CHECK_POLICY_MEMBER, "\"advisories_waived\""},
      {SOUND ",\"advisories_waived\":[\"INTEL-SA-1\",\"INTEL-SA-1\"]}", QY_CHECK_POLICY_MEMBER, "twice"},
      {SOUND ",\"advisories_unnamed\":1}", QY_CHECK_POLICY_MEMBER, "\"advisories_unnamed\""},
      {SOUND ",\"quote_type\":\"both\"}", QY_CHECK_POLICY_MEMBER, "\"quote_type\""},
      {SOUND ",\"pse_manifest\":true}", QY_CHECK_POLICY_MEMBER, "\"pse_manifest\""},
      {SOUND ",\"max_age_s\":0}", QY_CHECK_POLICY_MEMBER, "\"max_age_s\""},
      {SOUND ",\"max_age_s\":1e9}", QY_CHECK_POLICY_MEMBER, "\"max_age_s\""},
      {SOUND ",\"clock_skew_s\":86401}", QY_CHECK_POLICY_MEMBER, "\"clock_skew_s\""},
      {SOUND ",\"demands\":[\"everything\"]}", QY_CHECK_POLICY_MEMBER, "\"demands\""},
      {SOUND ",\"demands\":[\"quote\",\"quote\"]}", QY_CHECK_POLICY_MEMBER, "\"demands\""}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    expect_wrong(&rows[i]);
  }
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  qy_policy policy;
  for (size_t size = 0; size < strlen(full); size++) {
    assert_int_equal(qy_policy_decode(&policy, qy_view_over(full, size), NULL, NULL), QY_ERR_MALFORMED);
  }
}

static void demands_may_be_given_up_by_name(void **state)
{
  (void)state;
  qy_policy policy;
  assert_ok(qy_policy_decode(&policy, qy_view_text(SOUND ",\"demands\":[]}"), NULL, NULL));
  assert_false(policy.demands_quote || policy.demands_nonce || policy.demands_spid);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_least_policy_has_strict_defaults),
                                     cmocka_unit_test(every_member_is_read),
                                     cmocka_unit_test(policies_travel_both_ways),
                                     cmocka_unit_test(wrong_policies_name_the_member),
                                     cmocka_unit_test(every_truncation_is_refused),
                                     cmocka_unit_test(demands_may_be_given_up_by_name)};
  return cmocka_run_group_tests_name("appraisal: policies", tests, NULL, NULL);
}
