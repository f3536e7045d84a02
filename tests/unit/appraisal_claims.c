/* SPDX-License-Identifier: Apache-2.0 */
/* What a well-signed report says, each wrong in one way; and how a verdict is told. */
#include "appraisal_scene.h"

#include <string.h>

#include <base/encoding.h>
#include <crypto/hash.h>

/* ---- E05 to E08 ---- */

static void the_nonce_must_be_the_one_that_was_sent(void **state)
{
  scene *it = *state;
  it->report.nonce = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_NONCE);
  it->report.nonce = "\"0123456789abcdef0123456789abcdee\"";
  expect_refused(appraise(it), QY_CHECK_AVR_NONCE);
  it->report.nonce = "\"0123456789ABCDEF0123456789ABCDEF\"";
  expect_refused(appraise(it), QY_CHECK_AVR_NONCE);
  (void)reset_scene(state);
  SCOPED_PARTS(with);
  make_parts(&with, it);
  with.evidence.nonce = qy_view_text("");
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_NONCE);
  with.evidence.nonce = (qy_view){0};
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_NONCE);
  it->policy.demands_nonce = false;
  expect_report_trusted(appraise_parts(it, &with));
  assert_int_equal(qy_trace_find(&it->verdict.trace, QY_CHECK_AVR_NONCE)->outcome, QY_OUTCOME_UNCONSTRAINED);
}

static void timestamps(void **state)
{
  scene *it = *state;
  static const struct {
    const char *text;
    qy_check_id id;
  } rows[] = {{"\"2026-11-22T09:00:00.000000\"", QY_CHECK_AVR_AGE}, /* 25 hours ago */
              {"\"2026-11-22T09:59:59.999999\"", QY_CHECK_AVR_AGE},
              {"\"2026-11-22T10:00:00.000000\"", QY_CHECK_NONE},
              {"\"2026-11-23T11:00:00.000000\"", QY_CHECK_AVR_NOT_FUTURE},
              {"\"2026-11-23T10:05:01.000000\"", QY_CHECK_AVR_NOT_FUTURE},
              {"\"2026-11-23T10:05:00.000000\"", QY_CHECK_NONE},
              {"\"2026-11-23T09:59:58.123456Z\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23T09:59:58.123456+00:00\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23T09:59:58\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23T09:59:58.123\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23 09:59:58.123456\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-13-23T09:59:58.123456\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-02-29T09:59:58.123456\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23T09:59:60.000000\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"2026-11-23T24:00:00.000000\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"+026-11-23T09:59:58.123456\"", QY_CHECK_AVR_TIMESTAMP},
              {"\"\"", QY_CHECK_AVR_TIMESTAMP},
              {"1795428000", QY_CHECK_AVR_MEMBERS}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    it->report.timestamp = rows[i].text;
    if (rows[i].id == QY_CHECK_NONE) {
      expect_report_trusted(appraise(it));
    } else {
      expect_refused(appraise(it), rows[i].id);
    }
  }
}

static void the_quote_must_be_the_one_that_was_sent(void **state)
{
  scene *it = *state;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  for (size_t at = 0; at < QY_QUOTE_BODY_SIZE; at += 7) {
    with.quote[at] ^= 0x80;
    expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_QUOTE);
    with.quote[at] ^= 0x80;
  }
  with.evidence.quote.size--;
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_QUOTE);
  with.evidence.quote = qy_view_text("");
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_QUOTE);
  uint8_t whole[QY_QUOTE_SIZE] = {0};
  memcpy(whole, with.quote, sizeof(with.quote));
  with.evidence.quote = QY_VIEW_OF(whole);
  expect_report_trusted(appraise_parts(it, &with));
  with.evidence.quote = (qy_view){0};
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_QUOTE);
}

static void versions(void **state)
{
  scene *it = *state;
  static const struct {
    const char *text;
    qy_check_id id;
  } rows[] = {{NULL, QY_CHECK_NONE},
              {"3", QY_CHECK_NONE},
              {"4", QY_CHECK_NONE},
              {"5", QY_CHECK_NONE},
              {"1", QY_CHECK_AVR_VERSION},
              {"2", QY_CHECK_AVR_VERSION},
              {"6", QY_CHECK_AVR_VERSION},
              {"0", QY_CHECK_AVR_VERSION},
              {"-4", QY_CHECK_AVR_VERSION},
              {"\"4\"", QY_CHECK_AVR_MEMBERS},
              {"4.0", QY_CHECK_AVR_MEMBERS},
              {"null", QY_CHECK_AVR_MEMBERS},
              {"4294967300", QY_CHECK_AVR_MEMBERS}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    it->report.version = rows[i].text;
    if (rows[i].id == QY_CHECK_NONE) {
      expect_report_trusted(appraise(it));
    } else {
      expect_refused(appraise(it), rows[i].id);
    }
  }
}

static void quote_bodies_of_another_kind(void **state)
{
  scene *it = *state;
  it->report.quote.version = 3;
  expect_refused(appraise(it), QY_CHECK_AVR_QUOTE_BODY);
  assert_false(it->verdict.has_quote);
  (void)reset_scene(state);
  it->report.quote.xeid = 1;
  expect_refused(appraise(it), QY_CHECK_AVR_XEID);
}

static void platform_info(void **state)
{
  scene *it = *state;
  it->report.with_platform_info = true; /* where none is due */
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO);
  it->report.status = "\"GROUP_OUT_OF_DATE\"";
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  it->policy.statuses |= 1u << QY_AVR_GROUP_OUT_OF_DATE;
  it->policy.waived_count = 1;
  (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
  expect_report_trusted(appraise(it));
  assert_true(it->verdict.has_platform_info);
  it->report.with_platform_info = false;
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO);
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],\"platformInfoBlob\":\"1502006504\",";
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO);
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  it->report.with_platform_info = true;
  it->policy.simulated_roots[0].platform_info_key[5] ^= 1; /* no longer a point: whatever it is, nothing verifies */
  assert_int_not_equal(maker_appraise(&it->verdict, it->maker, &it->report, &it->policy) == QY_OK &&
                           it->verdict.trust == QY_TRUSTED,
                       true);
  it->policy.simulated_roots[0].has_platform_info_key = false;
  expect_undecided(appraise(it), QY_CHECK_PLATFORM_INFO_SIGNATURE);
}

static void platform_info_signed_by_another_key(void **state)
{
  scene *it = *state;
  it->report.with_platform_info = true;
  it->report.status = "\"GROUP_OUT_OF_DATE\"";
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  it->policy.statuses |= 1u << QY_AVR_GROUP_OUT_OF_DATE;
  it->policy.waived_count = 1;
  (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
  test_random source = {.state = 4};
  const qy_random random = test_random_source(&source);
  QY_SCOPED_SECRET(other);
  qy_p256_public other_public;
  assert_ok(qy_p256_generate(&other, &other_public, &random, NULL));
  memcpy(it->policy.simulated_roots[0].platform_info_key, other_public.bytes, 64);
  expect_refused(appraise(it), QY_CHECK_PLATFORM_INFO_SIGNATURE);
}

static void platform_info_of_another_group(void **state)
{
  scene *it = *state;
  QY_SCOPED_BUFFER(body, 1u << 20);
  it->report.with_platform_info = true;
  it->report.status = "\"GROUP_OUT_OF_DATE\"";
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  it->policy.statuses |= 1u << QY_AVR_GROUP_OUT_OF_DATE;
  it->policy.waived_count = 1;
  (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
  it->report.quote.group_id = 0xb3a; /* the blob says so */
  maker_body(&body, it->maker, &it->report);
  const char *begin = strstr(qy_buffer_text(&body), "\"platformInfoBlob\"");
  char blob[512];
  (void)snprintf(blob, sizeof(blob), "\"advisoryIDs\":[\"INTEL-SA-00334\"],%.*s,", (int)(strchr(begin, ',') - begin),
                 begin);
  it->report.with_platform_info = false;
  it->report.extra = blob;
  expect_report_trusted(appraise(it));
  it->report.quote.group_id = 0xb39;
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO_GROUP);
}

static void revocation_reasons(void **state)
{
  scene *it = *state;
  it->report.extra = "\"revocationReason\":1,";
  expect_refused(appraise(it), QY_CHECK_AVR_REVOCATION_REASON);
  it->report.status = "\"GROUP_REVOKED\"";
  it->report.with_platform_info = true;
  it->policy.statuses = UINT32_MAX; /* no decoded policy can: here it lets the later check show */
  static const char *const wrong[] = {NULL, "\"revocationReason\":7,", "\"revocationReason\":11,",
                                      "\"revocationReason\":-1,"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    it->report.extra = wrong[i];
    expect_refused(appraise(it), QY_CHECK_AVR_REVOCATION_REASON);
  }
}

/* P16 */
static void pse_manifests(void **state)
{
  scene *it = *state;
  uint8_t manifest[256] = {1, 2, 3};
  uint8_t hash[32];
  char hex[65];
  char extra[256];
  assert_ok(qy_sha256(hash, QY_VIEW_OF(manifest), NULL));
  qy_hex_encode(hex, QY_VIEW_OF(hash));
  (void)snprintf(extra, sizeof(extra), "\"pseManifestStatus\":\"OK\",\"pseManifestHash\":\"%s\",", hex);
  it->report.extra = extra;
  expect_refused(appraise(it), QY_CHECK_AVR_PSE_MANIFEST);
  it->policy.pse_manifest = QY_PSE_ANY;
  expect_report_trusted(appraise(it));
  it->policy.pse_manifest = QY_PSE_REQUIRED;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_PSE_MANIFEST);
  with.evidence.pse_manifest = QY_VIEW_OF(manifest);
  expect_report_trusted(appraise_parts(it, &with));
  manifest[255] = 1;
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_PSE_MANIFEST);
  it->report.extra = "\"pseManifestStatus\":\"INVALID\",";
  expect_refused(appraise(it), QY_CHECK_AVR_PSE_MANIFEST);
  it->report.extra = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_PSE_MANIFEST);
}

/* ---- E09, E10: type, basename, pseudonym ---- */

static void quote_types(void **state)
{
  scene *it = *state;
  it->policy.quote_type = QY_QUOTE_TYPE_UNLINKABLE;
  expect_refused(appraise(it), QY_CHECK_AVR_QUOTE_TYPE);
  it->policy.quote_type = QY_QUOTE_TYPE_LINKABLE;
  expect_report_trusted(appraise(it));
  it->report.quote.sign_type = QY_UNLINKABLE;
  it->report.with_pseudonym = false;
  expect_refused(appraise(it), QY_CHECK_AVR_QUOTE_TYPE);
  it->policy.quote_type = QY_QUOTE_TYPE_UNLINKABLE;
  memset(it->report.quote.basename + 16, 0x77, 16);
  expect_report_trusted(appraise(it));
  it->report.with_pseudonym = true;
  expect_refused(appraise(it), QY_CHECK_AVR_PSEUDONYM);
}

static void basenames(void **state)
{
  scene *it = *state;
  it->report.quote.basename[31] = 1;
  expect_refused(appraise(it), QY_CHECK_AVR_BASENAME);
  it->report.quote.basename[31] = 0;
  it->report.quote.basename[0] ^= 1;
  expect_refused(appraise(it), QY_CHECK_AVR_BASENAME);
  (void)reset_scene(state);
  SCOPED_PARTS(with);
  make_parts(&with, it);
  with.evidence.spid = NULL;
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_BASENAME);
  it->policy.demands_spid = false;
  expect_report_trusted(appraise_parts(it, &with));
}

static void pseudonyms_are_recomputed(void **state)
{
  scene *it = *state;
  it->report.with_pseudonym = false;
  expect_refused(appraise(it), QY_CHECK_AVR_PSEUDONYM);
  uint8_t pseudonym[QY_AVR_PSEUDONYM_SIZE] = {0};
  QY_SCOPED_BUFFER(extra, 1024);
  for (int i = 0; i < 2; i++) { /* a base of the platform's choosing: infinity, then (1, 2) */
    qy_buffer_clear(&extra);
    qy_buffer_init(&extra, 1024);
    pseudonym[31] = pseudonym[95] = (uint8_t)i;
    pseudonym[63] = pseudonym[127] = (uint8_t)(2 * i);
    qy_buffer_append_text(&extra, "\"epidPseudonym\":\"");
    qy_base64_append(&extra, QY_VIEW_OF(pseudonym));
    qy_buffer_append_text(&extra, "\",");
    it->report.extra = qy_buffer_text(&extra);
    expect_refused(appraise(it), QY_CHECK_AVR_PSEUDONYM);
  }
  it->report.extra = "\"epidPseudonym\":\"AAAA\",";
  expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
}

/* ---- Telling ---- */

static void a_verdict_is_told_to_machines(void **state)
{
  scene *it = *state;
  it->report.quote.report.isv_svn = 4;
  expect_refused(appraise(it), QY_CHECK_ENCLAVE_SVN);
  char *text = NULL;
  assert_ok(qy_verdict_to_json(&text, &it->verdict, NULL));
  json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(json);
  assert_string_equal(json_string_value(json_object_get(json, "verdict")), "refused");
  assert_true(json_is_true(json_object_get(json, "authentic")));
  assert_true(json_is_true(json_object_get(json, "simulated")));
  assert_string_equal(json_string_value(json_object_get(json, "status")), "OK");
  assert_string_equal(json_string_value(json_object_get(json, "timestamp")), MAKER_TIMESTAMP);
  assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "enclave"), "isv_svn")), 4);
  const json_t *checks = json_object_get(json, "checks");
  assert_int_equal(json_array_size(checks), it->verdict.trace.count);
  bool found = false;
  for (size_t i = 0; i < json_array_size(checks); i++) {
    const json_t *check = json_array_get(checks, i);
    if (strcmp(json_string_value(json_object_get(check, "id")), "enclave-svn") == 0) {
      found = true;
      assert_string_equal(json_string_value(json_object_get(check, "outcome")), "failed");
      assert_string_equal(json_string_value(json_object_get(check, "expected")), "5 or more");
      assert_string_equal(json_string_value(json_object_get(check, "actual")), "4");
      assert_true(strlen(json_string_value(json_object_get(check, "remedy"))) > 0);
    }
  }
  assert_true(found);
  json_decref(json);
  qy_appraisal_text_free(&text);
  assert_null(text);
}

static void a_verdict_is_told_to_people(void **state)
{
  scene *it = *state;
  it->policy.quote_type = QY_QUOTE_TYPE_ANY;
  it->report.quote.report.isv_svn = 4;
  (void)appraise(it);
  char *text = NULL;
  assert_ok(qy_verdict_explain(&text, &it->verdict, false, NULL));
  assert_null(strchr(text, '\033'));
  assert_non_null(strstr(text, "\xe2\x9c\x97 the security version is not below the policy's (enclave-svn)\n    "
                               "expected: 5 or more (policy)\n    found:    4\n"));
  assert_non_null(strstr(text, "\xe2\x9c\x93 the report service signed the report's raw bytes (avr-signature)\n"));
  assert_non_null(strstr(text, "\xc2\xb7 the quote is of the type that the policy asks for"));
  assert_non_null(strstr(text, "SIMULATED"));
  qy_appraisal_text_free(&text);
  assert_ok(qy_verdict_explain(&text, &it->verdict, true, NULL));
  assert_non_null(strstr(text, "\033[31m"));
  qy_appraisal_text_free(&text);
  qy_verdict *empty = calloc(1, sizeof(*empty)); /* nothing was appraised: still tellable, and undecided */
  assert_ok(qy_verdict_explain(&text, empty, false, NULL));
  assert_int_equal(strncmp(text, "? undecided", 11), 0);
  qy_appraisal_text_free(&text);
  assert_ok(qy_verdict_to_json(&text, empty, NULL));
  qy_appraisal_text_free(&text);
  free(empty);
}

static void times_out_of_range_are_the_callers_fault(void **state)
{
  scene *it = *state;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  assert_int_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, INT64_MIN, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, INT64_MAX, NULL), QY_ERR_ARGUMENT);
  with.evidence.body = (qy_view){0};
  assert_int_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, MAKER_NOW_S, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(it->verdict.trust, QY_UNDECIDED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(the_nonce_must_be_the_one_that_was_sent),
                                     TEST(timestamps),
                                     TEST(the_quote_must_be_the_one_that_was_sent),
                                     TEST(versions),
                                     TEST(quote_bodies_of_another_kind),
                                     TEST(platform_info),
                                     TEST(platform_info_signed_by_another_key),
                                     TEST(platform_info_of_another_group),
                                     TEST(revocation_reasons),
                                     TEST(pse_manifests),
                                     TEST(quote_types),
                                     TEST(basenames),
                                     TEST(pseudonyms_are_recomputed),
                                     TEST(a_verdict_is_told_to_machines),
                                     TEST(a_verdict_is_told_to_people),
                                     TEST(times_out_of_range_are_the_callers_fault)};
  return cmocka_run_group_tests_name("appraisal: claims", tests, open_scene, close_scene);
}
