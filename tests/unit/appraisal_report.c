/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a service of our own, each wrong in one way: statuses, signatures, chains, bodies. */
#include "appraisal_scene.h"

#include <string.h>

#include <crypto/x509.h>

static void a_sound_report_is_trusted_and_marked_simulated(void **state)
{
  scene *it = *state;
  expect_report_trusted(appraise(it));
  assert_true(it->verdict.authentic);
  assert_true(it->verdict.simulated);
  assert_string_equal(it->verdict.status, "OK");
  assert_int_equal(it->verdict.policy_version, 3);
  assert_int_equal(it->verdict.trace.dropped, 0);
}

/* ---- E01: statuses and advisories ---- */

static void each_status_is_accepted_only_by_name(void **state)
{
  scene *it = *state;
  for (int status = QY_AVR_UNKNOWN + 1; status < QY_AVR_STATUS_COUNT; status++) {
    char text[64];
    (void)snprintf(text, sizeof(text), "\"%s\"", qy_avr_status_name((qy_avr_status)status));
    it->report.status = text;
    const bool needy = status >= QY_AVR_GROUP_OUT_OF_DATE;
    it->report.extra = status == QY_AVR_GROUP_REVOKED ? "\"revocationReason\":1,"
                       : needy                        ? "\"advisoryIDs\":[\"INTEL-SA-00334\"],"
                                                      : NULL;
    it->report.with_platform_info = (needy && status != QY_AVR_SW_HARDENING_NEEDED) || status == QY_AVR_GROUP_REVOKED;
    it->policy.statuses = 1u << QY_AVR_OK;
    it->policy.waived_count = 1;
    (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
    if (status == QY_AVR_OK) {
      expect_report_trusted(appraise(it));
      continue;
    }
    expect_refused(appraise(it), QY_CHECK_AVR_STATUS);
    it->policy.statuses |= 1u << status;
    expect_report_trusted(appraise(it));
  }
  it->report.extra = NULL;
  it->report.with_platform_info = false;
  it->report.status = "\"FINE\"";
  it->policy.statuses = UINT32_MAX;
  expect_refused(appraise(it), QY_CHECK_AVR_STATUS_KNOWN);
  it->report.status = "\"ok\"";
  expect_refused(appraise(it), QY_CHECK_AVR_STATUS_KNOWN);
}

static void advisories_are_waived_one_by_one(void **state)
{
  scene *it = *state;
  it->report.status = "\"SW_HARDENING_NEEDED\"";
  it->policy.statuses |= 1u << QY_AVR_SW_HARDENING_NEEDED;
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\",\"INTEL-SA-00615\"],";
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_WAIVED);
  it->policy.waived_count = 1;
  (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_WAIVED);
  assert_non_null(strstr(qy_trace_failed(&it->verdict.trace)->actual.chars, "INTEL-SA-00615"));
  it->policy.waived_count = 2;
  (void)snprintf(it->policy.waived[1], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00615");
  expect_report_trusted(appraise(it));
  it->report.extra = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
  it->report.extra = "\"advisoryIDs\":[],";
  it->policy.advisories_unnamed = true; /* is for API versions that cannot name them */
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
  it->report.version = "3";
  expect_report_trusted(appraise(it));
  it->policy.advisories_unnamed = false;
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
}

/* ---- E02, E03: signature and chain ---- */

static void signatures_that_do_not_fit(void **state)
{
  scene *it = *state;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  for (size_t at = 0; at < with.body.size; at++) {
    with.body.bytes[at] ^= 0x20;
    expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_SIGNATURE);
    with.body.bytes[at] ^= 0x20;
  }
  expect_report_trusted(appraise_parts(it, &with));

  QY_SCOPED_BUFFER(other, 4096);
  maker_sign(&other, it->maker->other_key, with.evidence.body);
  with.evidence.signature = qy_buffer_view(&other);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_SIGNATURE);
  with.evidence.signature = qy_view_text("");
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_SIGNATURE);
  uint8_t zeros[256] = {0};
  with.evidence.signature = QY_VIEW_OF(zeros);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_SIGNATURE);
  with.evidence.signature = qy_view_text("not base64!");
  assert_int_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, MAKER_NOW_S, NULL), QY_ERR_MALFORMED);
  expect_undecided(&it->verdict, QY_CHECK_AVR_SIGNATURE);
  with.evidence.signature = (qy_view){0};
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_SIGNATURE);
}

static void use_chain(parts *with, const qy_buffer *first, const qy_buffer *second)
{
  qy_buffer_clear(&with->chain);
  qy_buffer_init(&with->chain, 1u << 20);
  qy_buffer_append(&with->chain, first->bytes, first->size);
  if (second != NULL) {
    qy_buffer_append(&with->chain, second->bytes, second->size);
  }
  with->evidence.chain = qy_buffer_view(&with->chain);
}

static void chains_of_the_wrong_shape(void **state)
{
  scene *it = *state;
  const maker *by = it->maker;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  use_chain(&with, &by->ca_pem, &by->leaf_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  use_chain(&with, &by->leaf_pem, &by->leaf_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  use_chain(&with, &by->ca_pem, NULL);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  use_chain(&with, &by->chain_pem, &by->ca_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  use_chain(&with, &by->leaf_pem, NULL);
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  with.evidence.ca = qy_buffer_view(&by->ca_pem);
  expect_report_trusted(appraise_parts(it, &with));
  with.evidence.chain = (qy_view){0};
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);
  with.evidence.chain = qy_view_text("-----BEGIN CERTIFICATE-----");
  assert_int_not_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, MAKER_NOW_S, NULL), QY_OK);
  expect_undecided(&it->verdict, QY_CHECK_AVR_CHAIN_SHAPE);
  with.evidence.chain = qy_view_text("%2");
  assert_int_equal(qy_avr_appraise(&it->verdict, &with.evidence, &it->policy, MAKER_NOW_S, NULL), QY_ERR_MALFORMED);
  expect_undecided(&it->verdict, QY_CHECK_AVR_CHAIN_SHAPE);
}

/* Same names, other keys: only the pinned fingerprint tells them apart. */
static void rogue_chains(void **state)
{
  scene *it = *state;
  const maker *by = it->maker;
  QY_SCOPED_BUFFER(rogue_ca, 65536);
  QY_SCOPED_BUFFER(rogue_leaf, 65536);
  const int64_t from = MAKER_NOW_S - 86400;
  const int64_t until = MAKER_NOW_S + 86400;
  maker_certificate(&rogue_ca, "Report CA", true, from, until, by->other_key, NULL, by->other_key);
  maker_certificate(&rogue_leaf, "Report", false, from, until, by->leaf_key, &rogue_ca, by->other_key);
  SCOPED_PARTS(with);
  make_parts(&with, it);
  use_chain(&with, &rogue_leaf, &rogue_ca);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_ROOT);
  assert_false(it->verdict.simulated);
  use_chain(&with, &rogue_leaf, &by->ca_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_LEAF_SIGNATURE);
  use_chain(&with, &by->leaf_pem, &rogue_ca);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_ROOT);

  QY_SCOPED_BUFFER(issued_by_leaf, 65536); /* the leaf is no CA, whatever its key can sign */
  maker_certificate(&issued_by_leaf, "Report", false, from, until, by->other_key, &by->leaf_pem, by->leaf_key);
  use_chain(&with, &issued_by_leaf, &by->leaf_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_CHAIN_SHAPE);

  use_chain(&with, &by->chain_pem, NULL); /* a genuine chain of a root that the policy does not name */
  it->policy.simulated_root_count = 0;
  it->policy.intel_root = true;
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_ROOT);
  qy_policy_built_in(&it->policy);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_ROOT);
}

static void certificates_out_of_their_time(void **state)
{
  scene *it = *state;
  const maker *by = it->maker;
  const int64_t before = MAKER_NOW_S - 1000;
  const int64_t after = MAKER_NOW_S + 1000;
  const struct {
    int64_t ca_from, ca_until, leaf_from, leaf_until;
    qy_check_id id;
  } rows[] = {{before, after, before, MAKER_NOW_S - 1, QY_CHECK_AVR_LEAF_EXPIRED},
              {before, after, MAKER_NOW_S + 1, after, QY_CHECK_AVR_LEAF_NOT_YET_VALID},
              {before, MAKER_NOW_S - 1, before, after, QY_CHECK_AVR_CA_EXPIRED},
              {MAKER_NOW_S + 1, after, before, after, QY_CHECK_AVR_CA_NOT_YET_VALID},
              {MAKER_NOW_S, after, MAKER_NOW_S, after, QY_CHECK_NONE},
              {before, MAKER_NOW_S, before, MAKER_NOW_S, QY_CHECK_NONE}};
  SCOPED_PARTS(with);
  make_parts(&with, it);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(ca_pem, 65536);
    QY_SCOPED_BUFFER(leaf_pem, 65536);
    QY_SCOPED_CERTIFICATE(ca);
    maker_certificate(&ca_pem, "CA", true, rows[i].ca_from, rows[i].ca_until, by->ca_key, NULL, by->ca_key);
    maker_certificate(&leaf_pem, "Leaf", false, rows[i].leaf_from, rows[i].leaf_until, by->leaf_key, &ca_pem,
                      by->ca_key);
    assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), NULL));
    qy_certificate_fingerprint(it->policy.simulated_roots[0].fingerprint, ca);
    use_chain(&with, &leaf_pem, &ca_pem);
    const qy_verdict *verdict = appraise_parts(it, &with);
    if (rows[i].id == QY_CHECK_NONE) {
      expect_report_trusted(verdict);
    } else {
      expect_refused(verdict, rows[i].id);
    }
    assert_int_equal(verdict->authentic, rows[i].id == QY_CHECK_NONE);
  }
}

static void weak_and_other_leaf_keys(void **state)
{
  scene *it = *state;
  const maker *by = it->maker;
  QY_SCOPED_CERTIFICATE(ca);
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&by->ca_pem), NULL));
  QY_SCOPED_RSA(weak);
  assert_ok(qy_rsa_generate(&weak, 1024, 65537, NULL));
  QY_SCOPED_BUFFER(leaf_pem, 65536);
  maker_certificate(&leaf_pem, "Leaf", false, MAKER_NOW_S - 10, MAKER_NOW_S + 10, weak, &by->ca_pem, by->ca_key);
  SCOPED_PARTS(with);
  make_parts(&with, it);
  use_chain(&with, &leaf_pem, &by->ca_pem);
  expect_refused(appraise_parts(it, &with), QY_CHECK_AVR_LEAF_KEY);
}

/* ---- E04: JSON that can be read in two ways ---- */

static void expect_body(scene *it, const char *text, size_t size, qy_check_id id)
{
  assert_ok(
      maker_appraise_body(&it->verdict, it->maker, &it->report, qy_view_over(text, size), &it->policy, MAKER_NOW_S));
  expect_refused(&it->verdict, id);
  assert_false(it->verdict.has_report);
}

static void signed_bodies_that_are_no_strict_json(void **state)
{
  scene *it = *state;
  static const char *const bodies[] = {"",
                                       "{",
                                       "null",
                                       "\"OK\"",
                                       "{\"id\":\"1\",\"id\":\"2\"}",
                                       "{\"a\":1e400}",
                                       "{\"id\":\"1\"} {}",
                                       "{\"id\":\"1\"}x",
                                       "\xef\xbb\xbf{\"id\":\"1\"}",
                                       "{\"id\":\"\xff\"}",
                                       "{\"id\":\"\\u0000\"}",
                                       "{'id':'1'}",
                                       "{\"id\":\"1\",}",
                                       "{\"id\":\"\\ud800\"}"};
  for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
    expect_body(it, bodies[i], strlen(bodies[i]), QY_CHECK_AVR_JSON);
  }
  expect_body(it, "{\"id\":\"1\"}\0", 11, QY_CHECK_AVR_JSON);
  QY_SCOPED_BUFFER(deep, 1u << 20);
  for (int i = 0; i < 100000; i++) {
    qy_buffer_append_text(&deep, "[");
  }
  expect_body(it, (const char *)deep.bytes, deep.size, QY_CHECK_AVR_JSON);
  it->report.extra = "\"isvEnclaveQuoteStatus\":\"OK\",";
  expect_refused(appraise(it), QY_CHECK_AVR_JSON);
}

static void members_of_the_wrong_kind(void **state)
{
  scene *it = *state;
  expect_body(it, "[]", 2, QY_CHECK_AVR_MEMBERS);
  expect_body(it, "{}", 2, QY_CHECK_AVR_MEMBERS);
  static const char *const extras[] = {"\"platformInfoBlob\":null,",  "\"platformInfoBlob\":1,",
                                       "\"revocationReason\":\"1\",", "\"advisoryIDs\":\"INTEL-SA-00334\",",
                                       "\"advisoryIDs\":[1],",        "\"advisoryIDs\":[\"\"],",
                                       "\"pseManifestHash\":\"00\",", "\"pseManifestStatus\":7,",
                                       "\"advisoryURL\":{},",         "\"tcbEvaluationDataNumber\":\"16\","};
  for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
    it->report.extra = extras[i];
    expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
  }
  it->report.extra = "\"somethingNew\":[{}],"; /* what is not known is passed over */
  expect_report_trusted(appraise(it));
  (void)reset_scene(state);
  it->report.timestamp = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
  (void)reset_scene(state);
  it->report.status = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
  it->report.status = "\"OK\\u001b[31m\"";
  expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
  (void)reset_scene(state);
  it->report.nonce = "\"0123456789abcdef0123456789abcdef0\"";
  expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_sound_report_is_trusted_and_marked_simulated),
                                     TEST(each_status_is_accepted_only_by_name),
                                     TEST(advisories_are_waived_one_by_one),
                                     TEST(signatures_that_do_not_fit),
                                     TEST(chains_of_the_wrong_shape),
                                     TEST(rogue_chains),
                                     TEST(certificates_out_of_their_time),
                                     TEST(weak_and_other_leaf_keys),
                                     TEST(signed_bodies_that_are_no_strict_json),
                                     TEST(members_of_the_wrong_kind)};
  return cmocka_run_group_tests_name("appraisal: reports", tests, open_scene, close_scene);
}
