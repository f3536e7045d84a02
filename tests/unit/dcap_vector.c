/* SPDX-License-Identifier: Apache-2.0 */
#include "dcap_vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcap_vector_quote.h"

#define SIZE_LIMIT (1u << 20)

const char *const dcap_vector_files[DCAP_VECTOR_FILES] = {"quote.bin",     "tcb_info.json", "qe_identity.json",
                                                          "tcb_chain.pem", "qe_chain.pem",  "pck_chain.pem",
                                                          "root_crl.der",  "pck_crl.der",   "root_ca.pem"};

void dcap_vector_open(dcap_vector *out, const char *name, const json_t *object)
{
  out->name = name;
  out->expected = json_object_get(object, "intel_qvl");
  out->time_s = json_integer_value(json_object_get(object, "time"));
  assert_non_null(out->expected);
  for (size_t i = 0; i < DCAP_VECTOR_FILES; i++) {
    qy_buffer_init(&out->files[i], SIZE_LIMIT);
  }
}

void dcap_vector_close(dcap_vector *out)
{
  for (size_t i = 0; i < DCAP_VECTOR_FILES; i++) {
    qy_buffer_clear(&out->files[i]);
  }
}

unsigned dcap_vector_differences;
void (*dcap_vector_observer)(const dcap_vector *from, const qy_dcap_verdict *verdict);

static void expect_text(const dcap_vector *from, const char *what, const char *expected, const char *found)
{
  if (strcmp(expected, found) != 0) {
    print_error("%s: %s: %s, Intel says %s\n", from->name, what, found, expected);
    dcap_vector_differences++;
  }
}

static void expect_number(const dcap_vector *from, const char *what, const json_t *info, const char *member,
                          int64_t found)
{
  const int64_t expected = json_integer_value(json_object_get(info, member));
  if (expected != found) {
    print_error("%s: %s: %lld, Intel says %lld\n", from->name, what, (long long)found, (long long)expected);
    dcap_vector_differences++;
  }
}

static void join(char *out, size_t size, const qy_dcap_standing *standing)
{
  out[0] = '\0';
  for (size_t i = 0; i < standing->advisory_count; i++) {
    const size_t used = strlen(out);
    (void)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ",", standing->advisories[i]);
  }
}

/* The structure that Intel's library fills once it has looked at the levels. */
static void expect_standing(const dcap_vector *from, const qy_dcap_verdict *verdict)
{
  const json_t *info = json_object_get(from->expected, "ci");
  char text[QY_DCAP_MAX_ADVISORIES * QY_ADVISORY_SIZE];
  if (verdict->has_standing != (info != NULL)) {
    print_error("%s: a standing is %s\n", from->name, verdict->has_standing ? "known here" : "not known here");
    dcap_vector_differences++;
  }
  if (info == NULL || !verdict->has_standing) {
    return;
  }
  expect_number(from, "launch date", info, "launchDate", verdict->standing.date_s);
  expect_number(from, "current date", info, "currentDate", verdict->current.date_s);
  expect_number(from, "evaluation number", info, "evalNum", verdict->evaluation_number);
  expect_text(from, "launch", json_string_value(json_object_get(info, "launch")),
              qy_tcb_status_name(verdict->tcb_status));
  expect_text(from, "current", json_string_value(json_object_get(info, "current")),
              qy_tcb_status_name(verdict->current.status));
  join(text, sizeof(text), &verdict->standing);
  expect_text(from, "launch advisories", json_string_value(json_object_get(info, "launchAdv")), text);
  join(text, sizeof(text), &verdict->current);
  expect_text(from, "current advisories", json_string_value(json_object_get(info, "currentAdv")), text);
}

static void expect_statuses(const dcap_vector *from, const qy_dcap_verdict *verdict)
{
  const struct {
    const char *member;
    qy_qvl_status found;
  } rows[] = {{"pck", verdict->qvl.pck_chain},
              {"tcbinfo", verdict->qvl.tcb_info},
              {"qeid", verdict->qvl.identity},
              {"quote", verdict->qvl.quote}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    expect_text(from, rows[i].member, json_string_value(json_object_get(from->expected, rows[i].member)),
                qy_qvl_status_name(rows[i].found));
  }
}

/* Intel accepts: all three calls and the quote are OK. */
static bool is_accepted(const json_t *expected)
{
  static const char *const calls[] = {"pck", "tcbinfo", "qeid", "quote"};
  for (size_t i = 0; i < 4; i++) {
    if (strcmp(json_string_value(json_object_get(expected, calls[i])), "STATUS_OK") != 0) {
      return false;
    }
  }
  return true;
}

/* What Intel's library accepts and we do not, each by a check of our own: docs/differences.md. */
static const struct {
  const char *name;
  qy_check_id id;
} stricter[] = {{"tdx4-oe", QY_CHECK_TD_ATTRIBUTES},                 /* SEPT_VE_DISABLE is clear */
                {"sgx3-qvlsample-certtype1", QY_CHECK_ENCLAVE_INIT}, /* a report that no processor made */
                {"tdx4-dcapqvl--t-tcbissue-1", QY_CHECK_TCB_INFO_ISSUED},
                {"tcb-future", QY_CHECK_TCB_INFO_ISSUED},
                {"conv3-UTD-UTD", QY_CHECK_DCAP_ADVISORIES_WAIVED}, /* up to date, with an advisory */
                {"conv4-UTD-modUpToDate", QY_CHECK_DCAP_ADVISORIES_WAIVED},
                {"rel3-UTD-UTD-UTD", QY_CHECK_DCAP_ADVISORIES_WAIVED},
                {"rel3-UTD-UTD-OOD", QY_CHECK_DCAP_CURRENT_STATUS},
                {"rel3-UTD-UTD-Rv", QY_CHECK_DCAP_CURRENT_STATUS}};
#define STRICTER (sizeof(stricter) / sizeof(stricter[0]))

static void expect_trust(const dcap_vector *from, const qy_dcap_verdict *verdict)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  qy_check_id expected = QY_CHECK_NONE;
  assert_int_equal(verdict->trust == QY_REFUSED, failed != NULL);
  assert_true(verdict->trust != QY_UNDECIDED);
  for (size_t i = 0; i < STRICTER; i++) {
    expected = strcmp(stricter[i].name, from->name) == 0 ? stricter[i].id : expected;
  }
  if (!is_accepted(from->expected)) {
    if (verdict->trust == QY_TRUSTED) {
      fail_msg("%s is trusted", from->name);
    }
  } else if (failed == NULL ? expected != QY_CHECK_NONE : failed->id != expected) {
    fail_msg("%s is refused by %s", from->name, failed == NULL ? "nothing" : qy_check_name(failed->id));
  }
}

/* Whatever is refused says what was expected, what was found, by whom, and what would mend it. */
static void expect_reasons(const dcap_vector *from, const qy_dcap_verdict *verdict)
{
  for (size_t i = 0; i < verdict->trace.count; i++) {
    const qy_check_record *record = &verdict->trace.records[i];
    const char *remedy = record->remedy == NULL ? qy_check_remedy(record->id) : record->remedy;
    if (record->outcome == QY_OUTCOME_FAILED && (record->expected.chars[0] == '\0' || record->actual.chars[0] == '\0' ||
                                                 record->origin == NULL || remedy[0] == '\0')) {
      fail_msg("%s: %s does not say why", from->name, qy_check_name(record->id));
    }
  }
}

static void appraise(qy_dcap_verdict *out, const dcap_vector *from)
{
  const qy_dcap_files files = {.tcb_info = qy_buffer_view(&from->files[DCAP_VECTOR_TCB_INFO]),
                               .identity = qy_buffer_view(&from->files[DCAP_VECTOR_IDENTITY]),
                               .tcb_chain = qy_buffer_view(&from->files[DCAP_VECTOR_TCB_CHAIN]),
                               .identity_chain = qy_buffer_view(&from->files[DCAP_VECTOR_IDENTITY_CHAIN]),
                               .root_crl = qy_buffer_view(&from->files[DCAP_VECTOR_ROOT_CRL]),
                               .pck_crl = qy_buffer_view(&from->files[DCAP_VECTOR_PCK_CRL]),
                               .root = qy_buffer_view(&from->files[DCAP_VECTOR_ROOT])};
  qy_dcap_evidence evidence = {.quote = qy_buffer_view(&from->files[DCAP_VECTOR_QUOTE])};
  if (evidence.quote.bytes == NULL) {
    evidence.quote.bytes = (const uint8_t *)""; /* empty is not missing */
  }
  evidence.pck_chain = qy_buffer_view(&from->files[DCAP_VECTOR_PCK_CHAIN]);
  qy_dcap_collateral *collateral = NULL;
  qy_policy policy;
  qy_policy_built_in(&policy);
  assert_ok(qy_dcap_collateral_new(&collateral, &files, NULL));
  assert_ok(qy_dcap_appraise(out, &evidence, collateral, &policy, from->time_s, NULL));
  qy_dcap_collateral_free(&collateral);
}

void dcap_vector_check(const dcap_vector *from)
{
  qy_dcap_verdict *verdict = malloc(sizeof(*verdict));
  assert_non_null(verdict);
  const char *status = json_string_value(json_object_get(from->expected, "quote"));
  const qy_view quote = qy_buffer_view(&from->files[DCAP_VECTOR_QUOTE]);
  (void)dcap_vector_check_quote(quote, status, qy_buffer_view(&from->files[DCAP_VECTOR_PCK_CHAIN]));
  appraise(verdict, from);
  expect_statuses(from, verdict);
  expect_standing(from, verdict);
  assert_int_equal(verdict->trace.dropped, 0);
  expect_trust(from, verdict);
  expect_reasons(from, verdict);
  if (dcap_vector_observer != NULL) {
    dcap_vector_observer(from, verdict);
  }
  free(verdict);
}
