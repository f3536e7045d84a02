/* SPDX-License-Identifier: Apache-2.0 */
/* Every published report: genuine ones are authentic at their own time, and each forged one is refused for its own
 * reason. */
#include "vectors.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <quotary/appraisal.h>

#define COLLECTED_S 1795428000 /* 2026-11-23T10:00:00Z: three days after the leaf's end */
#define SIZE_LIMIT (1u << 20)
#define GENUINE 42

typedef struct genuine {
  char name[256];
  char status[QY_AVR_STATUS_SIZE];
  qy_buffer body;
  qy_buffer signature;
  qy_avr report;
} genuine;

static qy_buffer chain;

static int read_chain(void **state)
{
  (void)state;
  qy_buffer_init(&chain, SIZE_LIMIT);
  if (vectors_folder() != NULL) {
    vectors_read(&chain, "ias/certs/ias-chain.pem");
  }
  return 0;
}

static int drop_chain(void **state)
{
  (void)state;
  qy_buffer_clear(&chain);
  return 0;
}

/* "avr-v4-ok-2020...": the status between the version and the date. */
static void status_of_name(char *out, const char *name)
{
  const char *begin = strchr(strchr(name, '-') + 1, '-') + 1;
  const size_t length = (size_t)(strchr(begin, '-') - begin);
  for (size_t i = 0; i < length; i++) {
    out[i] = (char)toupper((unsigned char)begin[i]);
  }
  out[length] = '\0';
}

static void read_genuine(genuine *out, const char *file)
{
  char path[512];
  (void)snprintf(out->name, sizeof(out->name), "%s", file);
  qy_buffer_init(&out->body, SIZE_LIMIT);
  qy_buffer_init(&out->signature, SIZE_LIMIT);
  (void)snprintf(path, sizeof(path), "ias/%s", file);
  vectors_read(&out->body, path);
  (void)snprintf(path + strlen(path) - 5, 5, ".sig");
  vectors_read(&out->signature, path);
  status_of_name(out->status, file);
  assert_ok(qy_avr_decode(&out->report, qy_buffer_view(&out->body), NULL));
  assert_true(out->report.has_time);
}

static size_t for_each_genuine(void (*visit)(const genuine *report))
{
  DIR *folder = opendir(vectors_path("ias"));
  assert_non_null(folder);
  size_t count = 0;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    const size_t length = strlen(entry->d_name);
    if (strncmp(entry->d_name, "avr-", 4) != 0 || strcmp(entry->d_name + length - 5, ".json") != 0) {
      continue;
    }
    genuine *report = calloc(1, sizeof(*report));
    assert_non_null(report);
    read_genuine(report, entry->d_name);
    visit(report);
    qy_buffer_clear(&report->body);
    qy_buffer_clear(&report->signature);
    free(report);
    count++;
  }
  closedir(folder);
  return count;
}

static size_t count_named(const char *prefix)
{
  DIR *folder = opendir(vectors_path("ias"));
  assert_non_null(folder);
  size_t count = 0;
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && strstr(entry->d_name, ".json") != NULL;
  }
  closedir(folder);
  return count;
}

static qy_avr_evidence evidence_of(const genuine *report)
{
  return (qy_avr_evidence){.body = qy_buffer_view(&report->body),
                           .signature = qy_buffer_view(&report->signature),
                           .chain = qy_buffer_view(&chain)};
}

static qy_verdict *new_verdict(void)
{
  qy_verdict *verdict = malloc(sizeof(*verdict));
  assert_non_null(verdict);
  return verdict;
}

static void expect_first_failure(const qy_verdict *verdict, qy_check_id id, const char *name)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  if (failed == NULL || failed->id != id || verdict->trust != QY_REFUSED) {
    fail_msg("%s: %s by %s, not by %s", name, qy_trust_name(verdict->trust),
             failed == NULL ? "nothing" : qy_check_name(failed->id), qy_check_name(id));
  }
}

static bool failed(const qy_verdict *verdict, qy_check_id id)
{
  const qy_check_record *record = qy_trace_find(&verdict->trace, id);
  return record != NULL && record->outcome == QY_OUTCOME_FAILED;
}

static void visit_at_its_time(const genuine *report)
{
  qy_policy policy;
  qy_policy_built_in(&policy);
  qy_verdict *verdict = new_verdict();
  const qy_avr_evidence evidence = evidence_of(report);
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report->report.time_s, NULL));
  assert_true(verdict->authentic);
  assert_false(verdict->simulated);
  assert_true(verdict->has_report);
  assert_true(verdict->has_quote);
  assert_string_equal(verdict->status, report->status);
  const qy_report_body *body = &verdict->quote.report;
  const bool ok = strcmp(report->status, "OK") == 0;
  const bool debug = (body->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0;
  assert_int_equal(failed(verdict, QY_CHECK_AVR_STATUS), !ok);
  assert_int_equal(failed(verdict, QY_CHECK_ENCLAVE_DEBUG), debug);
  assert_int_equal(failed(verdict, QY_CHECK_PLATFORM_INFO_SIGNATURE), false);
  const qy_text signer = qy_text_hex(QY_VIEW_OF(body->mr_signer));
  const bool sample = strncmp(signer.chars, "83d719e7", 8) == 0 || strncmp(signer.chars, "bd71c638", 8) == 0;
  assert_int_equal(failed(verdict, QY_CHECK_ENCLAVE_SIGNER_PUBLISHED), sample);
  assert_int_equal(verdict->trust, ok && !debug && !sample ? QY_TRUSTED : QY_REFUSED);
  assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_ENCLAVE_MEASUREMENT)->outcome, QY_OUTCOME_UNCONSTRAINED);
  assert_int_equal(verdict->trace.dropped, 0);
  free(verdict);
}

static void genuine_reports_are_authentic_at_their_time(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_genuine(visit_at_its_time), GENUINE);
}

/* A policy that means this very enclave and takes what the platform lacks: everything else must then hold. */
static void visit_with_own_policy(const genuine *report)
{
  qy_policy policy;
  qy_policy_built_in(&policy);
  policy.built_in = false;
  policy.mr_enclave_count = 1;
  qy_quote_body quote;
  assert_ok(qy_quote_body_decode(&quote, QY_VIEW_OF(report->report.quote_body), NULL));
  memcpy(policy.mr_enclaves[0], quote.report.mr_enclave, QY_MEASUREMENT_SIZE);
  policy.allow_debug = true;
  policy.allow_published_signers = true;
  policy.advisories_unnamed = true;
  policy.statuses |= 1u << QY_AVR_GROUP_OUT_OF_DATE | 1u << QY_AVR_CONFIGURATION_NEEDED |
                     1u << QY_AVR_SW_HARDENING_NEEDED | 1u << QY_AVR_CONFIGURATION_AND_SW_HARDENING_NEEDED;
  policy.waived_count = report->report.advisory_count;
  memcpy(policy.waived, report->report.advisories, sizeof(report->report.advisories));
  qy_verdict *verdict = new_verdict();
  qy_avr_evidence evidence = evidence_of(report);
  evidence.spid = quote.basename;
  evidence.quote = QY_VIEW_OF(report->report.quote_body);
  if (report->report.has_nonce) {
    evidence.nonce = qy_view_text(report->report.nonce);
  }
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report->report.time_s, NULL));
  if (report->report.status == QY_AVR_SIGNATURE_INVALID) {
    expect_first_failure(verdict, QY_CHECK_AVR_STATUS, report->name);
  } else if (verdict->trust != QY_TRUSTED) {
    const qy_check_record *record = qy_trace_failed(&verdict->trace);
    fail_msg("%s: %s: %s", report->name, record == NULL ? "?" : qy_check_name(record->id),
             record == NULL ? "?" : record->actual.chars);
  }
  if (report->report.has_platform_info) {
    assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_PLATFORM_INFO_SIGNATURE)->outcome, QY_OUTCOME_HELD);
    assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_PLATFORM_INFO_GROUP)->outcome, QY_OUTCOME_HELD);
  }
  assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_PSEUDONYM)->outcome, QY_OUTCOME_HELD);
  free(verdict);
}

static void genuine_reports_satisfy_a_policy_made_for_them(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_genuine(visit_with_own_policy), GENUINE);
}

static void visit_today(const genuine *report)
{
  qy_policy policy;
  qy_policy_built_in(&policy);
  qy_verdict *verdict = new_verdict();
  const qy_avr_evidence evidence = evidence_of(report);
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, COLLECTED_S, NULL));
  expect_first_failure(verdict, QY_CHECK_AVR_LEAF_EXPIRED, report->name);
  assert_false(verdict->authentic);
  assert_true(verdict->has_report);
  assert_string_equal(verdict->status, report->status);
  assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_SIGNATURE)->outcome, QY_OUTCOME_HELD);
  assert_true(failed(verdict, QY_CHECK_AVR_AGE));
  free(verdict);
}

static void today_the_signing_certificate_has_expired(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_genuine(visit_today), GENUINE);
}

static void visit_flipped(const genuine *report)
{
  qy_policy policy;
  qy_policy_built_in(&policy);
  qy_verdict *verdict = new_verdict();
  const qy_avr_evidence evidence = evidence_of(report);
  for (size_t at = 0; at < report->body.size; at += 97) {
    report->body.bytes[at] ^= 0x01;
    assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report->report.time_s, NULL));
    expect_first_failure(verdict, QY_CHECK_AVR_SIGNATURE, report->name);
    assert_false(verdict->has_report);
    report->body.bytes[at] ^= 0x01;
  }
  free(verdict);
}

static void a_changed_body_is_refused_unread(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_genuine(visit_flipped), GENUINE);
}

/* ---- Forged and damaged ones ---- */

static void appraise_files(qy_verdict *verdict, const char *body_name, const char *signature_name,
                           const char *const *chain_names, int64_t at_s)
{
  QY_SCOPED_BUFFER(body, SIZE_LIMIT);
  QY_SCOPED_BUFFER(signature, SIZE_LIMIT);
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  vectors_read(&body, body_name);
  if (signature_name != NULL) {
    vectors_read(&signature, signature_name);
  }
  for (; *chain_names != NULL; chain_names++) {
    vectors_read(&pem, *chain_names);
  }
  qy_policy policy;
  qy_policy_built_in(&policy);
  const qy_avr_evidence evidence = {.body = qy_buffer_view(&body),
                                    .signature = signature_name == NULL ? (qy_view){0} : qy_buffer_view(&signature),
                                    .chain = qy_buffer_view(&pem)};
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, at_s, NULL));
}

static const char real_leaf[] = "ias/certs/ias-report-signing.pem";
static const char real_ca[] = "ias/certs/ias-report-signing-ca.pem";
static const char other_leaf[] = "ias/certs/NEG-test-report-signing-not-intel.pem";

static void reports_of_a_service_that_is_not_intels(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[][2] = {{"ias/NEG-notintel-avr-v4-ok-20231221-0ce7ad22-e395.json",
                                          "ias/NEG-notintel-avr-v4-ok-20231221-0ce7ad22-e395.sig"},
                                         {"ias/NEG-notintel-avr-v4-ok-20241218-d3996bcb-bed3.json",
                                          "ias/NEG-notintel-avr-v4-ok-20241218-d3996bcb-bed3.sig"}};
  qy_verdict *verdict = new_verdict();
  for (size_t i = 0; i < 2; i++) {
    appraise_files(verdict, names[i][0], names[i][1], (const char *const[]){other_leaf, real_ca, NULL}, 1734500000);
    expect_first_failure(verdict, QY_CHECK_AVR_LEAF_SIGNATURE, names[i][0]);
    appraise_files(verdict, names[i][0], names[i][1], (const char *const[]){real_leaf, real_ca, NULL}, 1734500000);
    expect_first_failure(verdict, QY_CHECK_AVR_SIGNATURE, names[i][0]);
    appraise_files(verdict, names[i][0], names[i][1], (const char *const[]){other_leaf, other_leaf, NULL}, 1734500000);
    expect_first_failure(verdict, QY_CHECK_AVR_CHAIN_SHAPE, names[i][0]);
    appraise_files(verdict, names[i][0], names[i][1], (const char *const[]){other_leaf, NULL}, 1734500000);
    assert_int_equal(verdict->trust, QY_UNDECIDED);
    assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_CHAIN_SHAPE)->outcome, QY_OUTCOME_UNDECIDED);
  }
  free(verdict);
}

static void a_changed_status_breaks_the_signature(void **state)
{
  (void)state;
  vectors_need();
  qy_verdict *verdict = new_verdict();
  appraise_files(verdict, "ias/NEG-unverified-avr-v3-ok-20190617-52496086-0f40.json",
                 "ias/NEG-unverified-avr-v3-ok-20190617-52496086-0f40.sig",
                 (const char *const[]){real_leaf, real_ca, NULL}, 1560775564);
  expect_first_failure(verdict, QY_CHECK_AVR_SIGNATURE, "forged status");
  free(verdict);
}

static void a_tampered_leaf_is_not_the_cas(void **state)
{
  (void)state;
  vectors_need();
  qy_verdict *verdict = new_verdict();
  appraise_files(verdict, "ias/avr-v4-ok-20211123-9b757552-0417.json", "ias/avr-v4-ok-20211123-9b757552-0417.sig",
                 (const char *const[]){"ias/certs/NEG-ias-report-signing-tampered.pem", real_ca, NULL}, 1637671778);
  expect_first_failure(verdict, QY_CHECK_AVR_LEAF_SIGNATURE, "tampered leaf");
  free(verdict);
}

static void without_a_signature_nothing_is_decided(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[] = {
      "ias/NEG-unverified-avr-v2-ok-20170216-c99f2195-0fb1.json",
      "ias/NEG-unverified-avr-v3-group_out_of_date-20190619-f7b46b1f-d1ce.json",
      "ias/NEG-unverified-avr-v3-group_out_of_date-20200211-330aa910-b94e.json",
      "ias/NEG-unverified-avr-v4-configuration_and_sw_hardening_needed-20190619-f7b46b1f-25d3.json",
      "ias/NEG-unverified-avr-v4-configuration_and_sw_hardening_needed-20190619-f7b46b1f-ed9a.json"};
  qy_verdict *verdict = new_verdict();
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    appraise_files(verdict, names[i], NULL, (const char *const[]){real_leaf, real_ca, NULL}, 1560000000);
    assert_int_equal(verdict->trust, QY_UNDECIDED);
    assert_null(qy_trace_failed(&verdict->trace));
    assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_SIGNATURE)->outcome, QY_OUTCOME_UNDECIDED);
    assert_false(verdict->has_report);
  }
  free(verdict);
}

static void bodies_that_are_only_for_reading(void **state)
{
  (void)state;
  vectors_need();
  static const struct {
    const char *name;
    const char *problem; /* NULL: it reads */
  } rows[] = {{"ias/NEG-notintel-avr-v4-ok-20231221-0ce7ad22-e395.json", "platformInfoBlob"},
              {"ias/NEG-notintel-avr-v4-ok-20241218-d3996bcb-bed3.json", "platformInfoBlob"},
              {"ias/NEG-unverified-avr-v2-ok-20170216-c99f2195-0fb1.json", "\"id\""},
              {"ias/NEG-unverified-avr-v3-group_out_of_date-20190619-f7b46b1f-d1ce.json", NULL},
              {"ias/NEG-unverified-avr-v3-group_out_of_date-20200211-330aa910-b94e.json", "isvEnclaveQuoteBody"},
              {"ias/NEG-unverified-avr-v3-ok-20190617-52496086-0f40.json", NULL},
              {"ias/NEG-unverified-avr-v4-configuration_and_sw_hardening_needed-20190619-f7b46b1f-25d3.json", NULL},
              {"ias/NEG-unverified-avr-v4-configuration_and_sw_hardening_needed-20190619-f7b46b1f-ed9a.json", NULL}};
  qy_avr *report = malloc(sizeof(*report));
  assert_non_null(report);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(body, SIZE_LIMIT);
    qy_error why = {0};
    vectors_read(&body, rows[i].name);
    const qy_status status = qy_avr_decode(report, qy_buffer_view(&body), &why);
    if (rows[i].problem == NULL ? status != QY_OK
                                : status != QY_ERR_MALFORMED || strstr(why.message, rows[i].problem) == NULL) {
      fail_msg("%s: %s: %s", rows[i].name, qy_status_name(status), why.message);
    }
  }
  free(report);
  assert_int_equal(count_named("NEG-"), sizeof(rows) / sizeof(rows[0])); /* none is passed over */
}

/* ---- Containers: how projects keep body, signature and chain together ---- */

static void appraise_with_chain(qy_verdict *verdict, const char *body_name, qy_view chain_text, qy_status expected)
{
  char path[512];
  genuine *report = calloc(1, sizeof(*report));
  assert_non_null(report);
  (void)snprintf(path, sizeof(path), "%s", body_name);
  read_genuine(report, path);
  qy_policy policy;
  qy_policy_built_in(&policy);
  qy_avr_evidence evidence = evidence_of(report);
  evidence.chain = chain_text;
  assert_int_equal(qy_avr_appraise(verdict, &evidence, &policy, report->report.time_s, NULL), expected);
  qy_buffer_clear(&report->body);
  qy_buffer_clear(&report->signature);
  free(report);
}

static void a_url_encoded_chain_is_decoded_once(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(header, SIZE_LIMIT);
  vectors_read(&header, "ias/containers/oasis-core-avr_certificates_urlencoded.pem");
  qy_verdict *verdict = new_verdict();
  appraise_with_chain(verdict, "avr-v4-ok-20211123-9b757552-0417.json", qy_buffer_view(&header), QY_OK);
  assert_true(verdict->authentic);
  assert_int_equal(verdict->trust, QY_TRUSTED);

  QY_SCOPED_BUFFER(twice, SIZE_LIMIT);
  for (size_t i = 0; i < header.size; i++) {
    header.bytes[i] == '%' ? qy_buffer_append_text(&twice, "%25") : qy_buffer_append(&twice, header.bytes + i, 1);
  }
  appraise_with_chain(verdict, "avr-v4-ok-20211123-9b757552-0417.json", qy_buffer_view(&twice), QY_ERR_MALFORMED);
  assert_int_equal(verdict->trust, QY_UNDECIDED);
  assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_CHAIN_SHAPE)->outcome, QY_OUTCOME_UNDECIDED);

  free(verdict);
}

/* The leaf in DER and the signature raw, each in hex; the CA is on file. */
static void a_report_inside_json(void **state)
{
  (void)state;
  vectors_need();
  json_t *container = vectors_json("ias/containers/phala-blockchain-ias_attestation.json");
  QY_SCOPED_BUFFER(signature, SIZE_LIMIT);
  QY_SCOPED_BUFFER(leaf, SIZE_LIMIT);
  QY_SCOPED_BUFFER(ca, SIZE_LIMIT);
  vectors_hex(&signature, container, "signature");
  vectors_hex(&leaf, container, "rawSigningCert");
  vectors_read(&ca, "ias/certs/ias-report-signing-ca.der");
  const qy_view body = qy_view_text(json_string_value(json_object_get(container, "raReport")));
  qy_avr report;
  assert_ok(qy_avr_decode(&report, body, NULL));
  qy_policy policy;
  qy_policy_built_in(&policy);
  const qy_avr_evidence evidence = {
      .body = body, .signature = qy_buffer_view(&signature), .chain = qy_buffer_view(&leaf), .ca = qy_buffer_view(&ca)};
  qy_verdict *verdict = new_verdict();
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report.time_s, NULL));
  assert_true(verdict->authentic);
  assert_string_equal(verdict->status, "SW_HARDENING_NEEDED");
  expect_first_failure(verdict, QY_CHECK_AVR_STATUS, "container");
  free(verdict);
  json_decref(container);
}

static void raw_signature_and_lone_leaf(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(body, SIZE_LIMIT);
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  QY_SCOPED_BUFFER(raw, SIZE_LIMIT);
  QY_SCOPED_BUFFER(leaf, SIZE_LIMIT);
  QY_SCOPED_BUFFER(ca, SIZE_LIMIT);
  vectors_read(&body, "ias/avr-v4-ok-20211123-9b757552-0417.json");
  vectors_read(&text, "ias/avr-v4-ok-20211123-9b757552-0417.sig");
  vectors_read(&leaf, real_leaf);
  vectors_read(&ca, real_ca);
  qy_base64_decode_append(&raw, qy_buffer_view(&text));
  assert_int_equal(raw.size, 256);
  qy_buffer_append_text(&text, "\r\n");
  qy_policy policy;
  qy_policy_built_in(&policy);
  qy_avr_evidence evidence = {.body = qy_buffer_view(&body),
                              .signature = qy_buffer_view(&raw),
                              .chain = qy_buffer_view(&leaf),
                              .ca = qy_buffer_view(&ca)};
  qy_verdict *verdict = new_verdict();
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, 1637671778, NULL));
  assert_int_equal(verdict->trust, QY_TRUSTED);
  evidence.signature = qy_buffer_view(&text);
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, 1637671778, NULL));
  assert_int_equal(verdict->trust, QY_TRUSTED);
  QY_SCOPED_BUFFER(leaf_der, SIZE_LIMIT);
  vectors_read(&leaf_der, "ias/certs/ias-report-signing.der");
  evidence.chain = qy_buffer_view(&leaf_der);
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, 1637671778, NULL));
  assert_int_equal(verdict->trust, QY_TRUSTED);
  evidence.ca = qy_buffer_view(&leaf); /* a leaf in the CA's place */
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, 1637671778, NULL));
  expect_first_failure(verdict, QY_CHECK_AVR_CHAIN_SHAPE, "leaf as CA");
  free(verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(genuine_reports_are_authentic_at_their_time),
      cmocka_unit_test(genuine_reports_satisfy_a_policy_made_for_them),
      cmocka_unit_test(today_the_signing_certificate_has_expired),
      cmocka_unit_test(a_changed_body_is_refused_unread),
      cmocka_unit_test(reports_of_a_service_that_is_not_intels),
      cmocka_unit_test(a_changed_status_breaks_the_signature),
      cmocka_unit_test(a_tampered_leaf_is_not_the_cas),
      cmocka_unit_test(without_a_signature_nothing_is_decided),
      cmocka_unit_test(bodies_that_are_only_for_reading),
      cmocka_unit_test(a_url_encoded_chain_is_decoded_once),
      cmocka_unit_test(a_report_inside_json),
      cmocka_unit_test(raw_signature_and_lone_leaf),
  };
  return cmocka_run_group_tests_name("appraisal: published reports", tests, read_chain, drop_chain);
}
