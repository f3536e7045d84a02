/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a service of our own, each wrong in one way, each refused by the check that is there for it. */
#include "appraisal_maker.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/hash.h>
#include <crypto/x509.h>

typedef struct scene {
  maker *maker;
  maker_report report;
  qy_policy policy;
  qy_verdict verdict;
} scene;

static int open_scene(void **state)
{
  scene *new = calloc(1, sizeof(*new));
  new->maker = maker_new(MAKER_NOW_S);
  *state = new;
  return 0;
}

static int close_scene(void **state)
{
  scene *old = *state;
  maker_free(old->maker);
  free(old);
  return 0;
}

static int reset_scene(void **state)
{
  scene *it = *state;
  maker_report_init(&it->report, it->maker);
  maker_policy(&it->policy, it->maker);
  return 0;
}

static const qy_verdict *appraise(scene *it)
{
  assert_ok(maker_appraise(&it->verdict, it->maker, &it->report, &it->policy));
  return &it->verdict;
}

static void a_sound_report_is_trusted_and_marked_simulated(void **state)
{
  scene *it = *state;
  expect_trusted(appraise(it));
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
    it->report.extra = status == QY_AVR_GROUP_REVOKED ? "\"revocationReason\":1," : needy ? "\"advisoryIDs\":[\"INTEL-SA-00334\"]," : NULL;
    it->report.with_platform_info = (needy && status != QY_AVR_SW_HARDENING_NEEDED) || status == QY_AVR_GROUP_REVOKED;
    it->policy.statuses = 1u << QY_AVR_OK;
    it->policy.waived_count = 1;
    (void)snprintf(it->policy.waived[0], QY_AVR_ADVISORY_SIZE, "INTEL-SA-00334");
    if (status == QY_AVR_OK) {
      expect_trusted(appraise(it));
      continue;
    }
    expect_refused(appraise(it), QY_CHECK_AVR_STATUS);
    it->policy.statuses |= 1u << status;
    expect_trusted(appraise(it));
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
  expect_trusted(appraise(it));
  it->report.extra = NULL;
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
  it->report.extra = "\"advisoryIDs\":[],";
  it->policy.advisories_unnamed = true; /* is for API versions that cannot name them */
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
  it->report.version = "3";
  expect_trusted(appraise(it));
  it->policy.advisories_unnamed = false;
  expect_refused(appraise(it), QY_CHECK_AVR_ADVISORIES_NAMED);
}

/* ---- E02, E03: signature and chain ---- */

typedef struct parts {
  qy_buffer body;
  qy_buffer signature;
  qy_buffer chain;
  uint8_t quote[QY_QUOTE_BODY_SIZE];
  qy_avr_evidence evidence;
} parts;

static void make_parts(parts *out, const scene *it)
{
  qy_buffer_init(&out->body, 1u << 20);
  qy_buffer_init(&out->signature, 8192);
  qy_buffer_init(&out->chain, 1u << 20);
  maker_body(&out->body, it->maker, &it->report);
  maker_sign(&out->signature, it->maker->leaf_key, qy_buffer_view(&out->body));
  qy_quote_body_encode(out->quote, &it->report.quote);
  out->evidence = (qy_avr_evidence){.body = qy_buffer_view(&out->body),
                                    .signature = qy_buffer_view(&out->signature),
                                    .chain = qy_buffer_view(&it->maker->chain_pem),
                                    .quote = QY_VIEW_OF(out->quote),
                                    .nonce = qy_view_text(MAKER_NONCE),
                                    .spid = it->maker->spid};
}

static void drop_parts(parts *old)
{
  qy_buffer_clear(&old->body);
  qy_buffer_clear(&old->signature);
  qy_buffer_clear(&old->chain);
}
#define SCOPED_PARTS(name) __attribute__((cleanup(drop_parts))) parts name

static const qy_verdict *appraise_parts(scene *it, const parts *with)
{
  assert_ok(qy_avr_appraise(&it->verdict, &with->evidence, &it->policy, MAKER_NOW_S, NULL));
  return &it->verdict;
}

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
  expect_trusted(appraise_parts(it, &with));

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
  expect_trusted(appraise_parts(it, &with));
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
    maker_certificate(&leaf_pem, "Leaf", false, rows[i].leaf_from, rows[i].leaf_until, by->leaf_key, &ca_pem, by->ca_key);
    assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), NULL));
    qy_certificate_fingerprint(it->policy.simulated_roots[0].fingerprint, ca);
    use_chain(&with, &leaf_pem, &ca_pem);
    const qy_verdict *verdict = appraise_parts(it, &with);
    if (rows[i].id == QY_CHECK_NONE) {
      expect_trusted(verdict);
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
  assert_ok(maker_appraise_body(&it->verdict, it->maker, &it->report, qy_view_over(text, size), &it->policy, MAKER_NOW_S));
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
  static const char *const extras[] = {"\"platformInfoBlob\":null,",
                                       "\"platformInfoBlob\":1,",
                                       "\"revocationReason\":\"1\",",
                                       "\"advisoryIDs\":\"INTEL-SA-00334\",",
                                       "\"advisoryIDs\":[1],",
                                       "\"advisoryIDs\":[\"\"],",
                                       "\"pseManifestHash\":\"00\",",
                                       "\"pseManifestStatus\":7,",
                                       "\"advisoryURL\":{},",
                                       "\"tcbEvaluationDataNumber\":\"16\","};
  for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
    it->report.extra = extras[i];
    expect_refused(appraise(it), QY_CHECK_AVR_MEMBERS);
  }
  it->report.extra = "\"somethingNew\":[{}],"; /* what is not known is passed over */
  expect_trusted(appraise(it));
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
  expect_trusted(appraise_parts(it, &with));
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
      expect_trusted(appraise(it));
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
  expect_trusted(appraise_parts(it, &with));
  with.evidence.quote = (qy_view){0};
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_QUOTE);
}

static void versions(void **state)
{
  scene *it = *state;
  static const struct {
    const char *text;
    qy_check_id id;
  } rows[] = {{NULL, QY_CHECK_NONE},          {"3", QY_CHECK_NONE},        {"4", QY_CHECK_NONE},
              {"5", QY_CHECK_NONE},           {"1", QY_CHECK_AVR_VERSION}, {"2", QY_CHECK_AVR_VERSION},
              {"6", QY_CHECK_AVR_VERSION},    {"0", QY_CHECK_AVR_VERSION}, {"-4", QY_CHECK_AVR_VERSION},
              {"\"4\"", QY_CHECK_AVR_MEMBERS}, {"4.0", QY_CHECK_AVR_MEMBERS}, {"null", QY_CHECK_AVR_MEMBERS},
              {"4294967300", QY_CHECK_AVR_MEMBERS}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    it->report.version = rows[i].text;
    if (rows[i].id == QY_CHECK_NONE) {
      expect_trusted(appraise(it));
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
  expect_trusted(appraise(it));
  assert_true(it->verdict.has_platform_info);
  it->report.with_platform_info = false;
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO);
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],\"platformInfoBlob\":\"1502006504\",";
  expect_refused(appraise(it), QY_CHECK_AVR_PLATFORM_INFO);
  it->report.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  it->report.with_platform_info = true;
  it->policy.simulated_roots[0].platform_info_key[5] ^= 1; /* no longer a point: whatever it is, nothing verifies */
  assert_int_not_equal(maker_appraise(&it->verdict, it->maker, &it->report, &it->policy) == QY_OK && it->verdict.trust == QY_TRUSTED, true);
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
  (void)snprintf(blob, sizeof(blob), "\"advisoryIDs\":[\"INTEL-SA-00334\"],%.*s,", (int)(strchr(begin, ',') - begin), begin);
  it->report.with_platform_info = false;
  it->report.extra = blob;
  expect_trusted(appraise(it));
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
  static const char *const wrong[] = {NULL, "\"revocationReason\":7,", "\"revocationReason\":11,", "\"revocationReason\":-1,"};
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
  expect_trusted(appraise(it));
  it->policy.pse_manifest = QY_PSE_REQUIRED;
  SCOPED_PARTS(with);
  make_parts(&with, it);
  expect_undecided(appraise_parts(it, &with), QY_CHECK_AVR_PSE_MANIFEST);
  with.evidence.pse_manifest = QY_VIEW_OF(manifest);
  expect_trusted(appraise_parts(it, &with));
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
  expect_trusted(appraise(it));
  it->report.quote.sign_type = QY_UNLINKABLE;
  it->report.with_pseudonym = false;
  expect_refused(appraise(it), QY_CHECK_AVR_QUOTE_TYPE);
  it->policy.quote_type = QY_QUOTE_TYPE_UNLINKABLE;
  memset(it->report.quote.basename + 16, 0x77, 16);
  expect_trusted(appraise(it));
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
  expect_trusted(appraise_parts(it, &with));
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
  assert_non_null(strstr(text, "\xe2\x9c\x97 the security version is not below the policy's (enclave-svn)\n    expected: 5 or more (policy)\n    found:    4\n"));
  assert_non_null(strstr(text, "\xe2\x9c\x93 signature over the report's raw bytes (avr-signature)\n"));
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

#define TEST(name) cmocka_unit_test_setup(name, reset_scene)

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
                                     TEST(members_of_the_wrong_kind),
                                     TEST(the_nonce_must_be_the_one_that_was_sent),
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
  return cmocka_run_group_tests_name("appraisal: reports", tests, open_scene, close_scene);
}
