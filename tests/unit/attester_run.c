/* SPDX-License-Identifier: Apache-2.0 */
/* The host's whole run, and the sample enclave that it runs. */
#include "attester_world.h"

#include <string.h>

#include <base/limits.h>
#include <crypto/hash.h>

static qy_status attest(world *w)
{
  return qy_attest(&w->result, &w->config, NULL, &w->why);
}

static void assert_sha256(const uint8_t found[32], const char *secret)
{
  uint8_t expected[32];
  assert_ok(qy_sha256(expected, qy_view_text(secret), NULL));
  assert_memory_equal(found, expected, sizeof(expected));
}

static void assert_hmac(world *w, const char *message, const char *hex)
{
  uint8_t mac[QY_SAMPLE_HMAC_SIZE];
  QY_SCOPED_BUFFER(expected, 32);
  hex_bytes(&expected, hex);
  assert_ok(qy_sample_call_hmac(&w->result.enclave, mac, qy_view_text(message), NULL));
  assert_memory_equal(mac, expected.bytes, 32);
}

/* ---- A run that goes well ---- */

static void secret_comes_play(world *w)
{
  assert_ok(attest(w));
  const qy_attest_result *result = &w->result;
  assert_int_equal(result->outcome.answer.verdict, QY_TRUSTED);
  assert_true(result->outcome.answer.simulated);
  assert_true(result->outcome.answer.has_secret);
  assert_false(result->outcome.answer.has_platform_info);
  assert_int_equal(result->outcome.secret_size, 4);
  assert_sha256(result->outcome.secret_sha256, "Jefe");
  assert_string_equal(w->broker.asked_for, "team/db");
  assert_int_equal(result->sessions, 1);
  assert_int_equal(result->group_id, 0x0b);
  static const size_t sizes[QY_ATTEST_MESSAGE_COUNT] = {72, 168, 1116, 1452, 20 + 4 + 16};
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    assert_int_equal(result->messages[i].size, sizes[i]);
  }
  assert_null(qy_trace_failed(&result->trace));
  assert_non_null(qy_trace_find(&result->trace, QY_CHECK_MSG4_TAG));
  /* RFC 4231, case 2, whose key the broker released. */
  assert_hmac(w, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void secret_comes(void **state)
{
  (void)state;
  in_a_world(secret_comes_play);
}

/* RFC 4231, case 6: a key longer than a block. */
static void long_secret_play(world *w)
{
  char key[132] = {0};
  memset(key, 0xaa, 131);
  w->broker.secret = key;
  assert_ok(attest(w));
  assert_hmac(w, "Test Using Larger Than Block-Size Key - Hash Key First",
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void long_secret(void **state)
{
  (void)state;
  in_a_world(long_secret_play);
}

static void sealed_secret_play(world *w)
{
  QY_SCOPED_BUFFER(blob, 4096);
  QY_SCOPED_BUFFER(name, 128);
  uint8_t sha256[32];
  assert_ok(attest(w));
  assert_ok(qy_sample_call_seal(&w->result.enclave, &blob, NULL));
  assert_ok(qy_sample_call_begin(&w->result.enclave, qy_view_text("other"), NULL, NULL)); /* forgets it */
  assert_int_equal(qy_sample_call_hmac(&w->result.enclave, sha256, qy_view_text("x"), NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_sample_call_seal(&w->result.enclave, &name, NULL), QY_ERR_SEQUENCE);
  assert_ok(qy_sample_call_unseal(&w->result.enclave, sha256, &name, qy_buffer_view(&blob), NULL, NULL));
  assert_sha256(sha256, "Jefe");
  assert_string_equal(qy_buffer_text(&name), "team/db");
  assert_hmac(w, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  blob.size--;
  assert_int_equal(qy_sample_call_unseal(&w->result.enclave, sha256, &name, qy_buffer_view(&blob), NULL, NULL),
                   QY_ERR_MALFORMED);
}

static void sealed_secret(void **state)
{
  (void)state;
  in_a_world(sealed_secret_play);
}

static void under_a_list_play(world *w)
{
  w->broker.list_entries = 3;
  assert_ok(attest(w));
  assert_int_equal(w->result.messages[QY_ATTEST_MSG2].size, 168 + 80 + 3 * 128);
  assert_int_equal(w->result.messages[QY_ATTEST_MSG3].size, 1452 + 3 * 160);
  assert_int_equal(w->result.outcome.answer.verdict, QY_TRUSTED);
}

static void under_a_list(void **state)
{
  (void)state;
  in_a_world(under_a_list_play);
}

static void refusal_is_an_answer_play(world *w)
{
  w->broker.secret = NULL;
  assert_ok(attest(w));
  assert_int_equal(w->result.outcome.answer.verdict, QY_REFUSED);
  assert_false(w->result.outcome.answer.has_secret);
  assert_true(w->result.outcome.answer.has_platform_info);
  assert_int_equal(w->result.outcome.answer.platform_info[2], 3);
}

static void refusal_is_an_answer(void **state)
{
  (void)state;
  in_a_world(refusal_is_an_answer_play);
}

/* ---- The evidence ---- */

/* The platform of this world makes EPID quotes alone. */
static void evidence_is_chosen_play(world *w)
{
  const qy_evidence_kind epid = QY_EVIDENCE_EPID, sgx = QY_EVIDENCE_SGX, tdx = QY_EVIDENCE_TDX;
  static const unsigned takes_epid[] = {1, 3, 5, 7};
  for (size_t i = 0; i < sizeof(takes_epid) / sizeof(takes_epid[0]); i++) {
    w->broker.offered = takes_epid[i];
    assert_ok(attest(w));
    assert_int_equal(w->result.evidence, QY_EVIDENCE_EPID);
    assert_string_equal(w->broker.asked_about, "");
    qy_attest_result_clear(&w->result);
    qy_attest_result_init(&w->result);
  }
  static const unsigned takes_none_of_it[] = {2, 4, 6};
  const unsigned begun = w->broker.begun;
  for (size_t i = 0; i < sizeof(takes_none_of_it) / sizeof(takes_none_of_it[0]); i++) {
    w->broker.offered = takes_none_of_it[i];
    assert_int_equal(attest(w), QY_ERR_UNSUPPORTED);
    assert_non_null(strstr(w->why.message, "team/db"));
  }
  w->broker.offered = 1;
  w->broker.offers_nonsense = true;
  assert_int_equal(attest(w), QY_ERR_UNSUPPORTED);
  w->config.evidence = &sgx; /* what it cannot make is not tried */
  assert_int_equal(attest(w), QY_ERR_UNSUPPORTED);
  w->config.evidence = &tdx;
  assert_int_equal(attest(w), QY_ERR_UNSUPPORTED);
  assert_int_equal(w->broker.begun, begun);
  assert_false(w->result.has_enclave);
  w->config.evidence = &epid; /* who says it himself does not ask */
  assert_ok(attest(w));
}

static void evidence_is_chosen(void **state)
{
  (void)state;
  in_a_world(evidence_is_chosen_play);
}

/* ---- The observer ---- */

typedef struct diary {
  char text[4096];
  unsigned checks;
} diary;

static void note(diary *d, const char *what)
{
  const size_t at = strlen(d->text);
  (void)snprintf(d->text + at, sizeof(d->text) - at, "%s;", what);
}

static void note_launched(void *context, const qy_enclave_handle *enclave)
{
  assert_int_equal(enclave->page_count, 3);
  note(context, "launched");
}

static void note_quoting(void *context, const qy_target_info *qe, uint32_t group_id)
{
  assert_int_equal(qe->mr_enclave[0], 0x51);
  assert_int_equal(group_id, 0x0b);
  note(context, "quoting");
}

static void note_message(void *context, qy_attest_message message, qy_view bytes)
{
  assert_true(bytes.size > 0);
  note(context, qy_attest_message_name(message));
}

static void note_checked(void *context, const qy_check_record *record)
{
  diary *d = context;
  d->checks++;
  if (record->id == QY_CHECK_PROVIDER_SIGNATURE || record->id == QY_CHECK_MSG4_TAG) {
    note(d, qy_check_name(record->id));
  }
}

static void note_retrying(void *context, const char *reason)
{
  assert_non_null(strstr(reason, "begin again"));
  note(context, "retrying");
}

static qy_attest_observer observer_of(diary *d)
{
  return (qy_attest_observer){.context = d,
                              .launched = note_launched,
                              .quoting = note_quoting,
                              .message = note_message,
                              .checked = note_checked,
                              .retrying = note_retrying};
}

#define ONE_SESSION "msg0 and msg1;msg2;provider-signature;quote;msg3;"

static void story_is_told_in_order_play(world *w)
{
  diary d = {0};
  const qy_attest_observer observer = observer_of(&d);
  assert_ok(qy_attest(&w->result, &w->config, &observer, NULL));
  assert_string_equal(d.text, "launched;quoting;" ONE_SESSION "msg4;msg4-tag;");
  assert_int_equal(d.checks, w->result.trace.count);
  assert_string_equal(qy_attest_message_name((qy_attest_message)9), "unknown");
}

static void story_is_told_in_order(void **state)
{
  (void)state;
  in_a_world(story_is_told_in_order_play);
}

static void a_changed_list_begins_anew_play(world *w)
{
  diary d = {0};
  const qy_attest_observer observer = observer_of(&d);
  w->broker.wrong.conflicts = 1;
  assert_ok(qy_attest(&w->result, &w->config, &observer, NULL));
  assert_string_equal(d.text, "launched;quoting;" ONE_SESSION "retrying;" ONE_SESSION "msg4;msg4-tag;");
  assert_int_equal(w->result.sessions, 2);
  assert_int_equal(w->broker.begun, 2);
  assert_int_equal(w->result.outcome.answer.verdict, QY_TRUSTED);
}

static void a_changed_list_begins_anew(void **state)
{
  (void)state;
  in_a_world(a_changed_list_begins_anew_play);
}

static void but_only_once_play(world *w)
{
  w->broker.wrong.conflicts = 9;
  assert_int_equal(attest(w), QY_ERR_SEQUENCE);
  assert_int_equal(w->result.sessions, 2);
  assert_non_null(strstr(w->why.message, "begin again"));
}

static void but_only_once(void **state)
{
  (void)state;
  in_a_world(but_only_once_play);
}

/* ---- A broker that will not, or is not what it says ---- */

static void broker_refuses_play(world *w)
{
  static const struct {
    unsigned http;
    qy_status status;
  } rows[] = {{403, QY_ERR_DENIED}, {404, QY_ERR_NOT_FOUND}, {503, QY_ERR_BUSY}, {500, QY_ERR_PEER}};
  for (size_t i = 0; i < 4; i++) {
    w->broker.wrong.begin_status = rows[i].http;
    qy_attest_result_clear(&w->result);
    qy_attest_result_init(&w->result);
    assert_int_equal(attest(w), rows[i].status);
    assert_non_null(strstr(w->why.message, "because the broker says so"));
    assert_int_equal(w->result.sessions, 1);
    assert_int_equal(w->result.outcome.answer.verdict, QY_UNDECIDED);
  }
}

static void broker_refuses(void **state)
{
  (void)state;
  in_a_world(broker_refuses_play);
}

static void another_provider_play(world *w)
{
  w->broker.wrong.foreign_signature = true;
  assert_int_equal(attest(w), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&w->result.trace)->id, QY_CHECK_PROVIDER_SIGNATURE);
  assert_int_equal(w->result.messages[QY_ATTEST_QUOTE].size, 0);
}

static void another_provider(void **state)
{
  (void)state;
  in_a_world(another_provider_play);
}

static void damaged_msg4_play(world *w)
{
  w->broker.secret = NULL;
  w->broker.wrong.damaged_msg4 = true; /* refused becomes trusted */
  assert_int_equal(attest(w), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&w->result.trace)->id, QY_CHECK_MSG4_TAG);
  assert_int_equal(w->result.outcome.answer.verdict, QY_UNDECIDED);
}

static void damaged_msg4(void **state)
{
  (void)state;
  in_a_world(damaged_msg4_play);
}

/* The machine's group changed between init_quote and the quote: the broker says by which check it refuses. */
static void broker_finds_fault_play(world *w)
{
  w->wrong.other_group = true;
  assert_int_equal(attest(w), QY_ERR_DENIED);
  assert_non_null(strstr(w->why.message, "quote-group"));
  qy_attest_result_clear(&w->result);
  qy_attest_result_init(&w->result);
  w->wrong = (mischief){0};
  w->broker.wrong.location = "/ra/v1/sessions/abc/def"; /* no such route */
  assert_int_equal(attest(w), QY_ERR_NOT_FOUND);
}

static void broker_finds_fault(void **state)
{
  (void)state;
  in_a_world(broker_finds_fault_play);
}

static void locations_play(world *w)
{
  static const struct {
    const char *location;
    qy_status status;
  } rows[] = {{"%s/ra/v1/sessions/abc", QY_OK},
              {"", QY_ERR_MALFORMED},
              {"//elsewhere.example/x", QY_ERR_MALFORMED},
              {"https://elsewhere.example/x", QY_ERR_MALFORMED},
              {"%s.elsewhere.example/x", QY_ERR_MALFORMED},
              {"%s@elsewhere.example/x", QY_ERR_MALFORMED},
              {"sessions/abc", QY_ERR_MALFORMED}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    w->broker.wrong.location = rows[i].location;
    qy_attest_result_clear(&w->result);
    qy_attest_result_init(&w->result);
    assert_int_equal(attest(w), rows[i].status);
  }
}

static void locations(void **state)
{
  (void)state;
  in_a_world(locations_play);
}

static void msg2_of_another_type_play(world *w)
{
  w->broker.wrong.content_type = "text/html";
  assert_int_equal(attest(w), QY_ERR_MALFORMED);
}

static void msg2_of_another_type(void **state)
{
  (void)state;
  in_a_world(msg2_of_another_type_play);
}

static void connection_play(world *w)
{
  certificates other;
  certificates_make(&other, true, 3600);
  w->config.broker_ca_pem = qy_buffer_view(&other.ca);
  assert_int_equal(attest(w), QY_ERR_CRYPTO);
  assert_int_equal(w->broker.begun, 0);
  certificates_clear(&other);
  static const char *const bad[] = {"http://127.0.0.1:1", "https://", "https:///", "broker", "https://h/?x"};
  for (size_t i = 0; i < 5; i++) {
    qy_attest_result_clear(&w->result);
    qy_attest_result_init(&w->result);
    w->config.broker_url = bad[i];
    assert_int_equal(attest(w), QY_ERR_ARGUMENT);
  }
}

static void connection(void **state)
{
  (void)state;
  in_a_world(connection_play);
}

static void slash_behind_play(world *w)
{
  char url[256];
  (void)snprintf(url, sizeof(url), "%s//", qy_http_server_url(w->broker.server));
  w->config.broker_url = url;
  w->config.secret_name = "a b&c=d/%\xc3\xa9";
  assert_ok(attest(w));
  assert_string_equal(w->broker.asked_for, w->config.secret_name);
}

static void slash_behind(void **state)
{
  (void)state;
  in_a_world(slash_behind_play);
}

/* ---- A platform that cannot ---- */

static void platform_fails_play(world *w)
{
  w->wrong.launch = QY_ERR_REFUSED;
  assert_int_equal(attest(w), QY_ERR_REFUSED);
  assert_non_null(strstr(w->why.message, "launching the enclave"));
  w->wrong = (mischief){.init_quote = QY_ERR_BUSY};
  assert_int_equal(attest(w), QY_ERR_BUSY);
  assert_non_null(strstr(w->why.message, "making ready to quote"));
  assert_int_equal(w->broker.begun, 0);
  qy_attest_result_clear(&w->result);
  qy_attest_result_init(&w->result);
  w->wrong = (mischief){.quote = QY_ERR_DENIED};
  assert_int_equal(attest(w), QY_ERR_DENIED);
  assert_non_null(strstr(w->why.message, "quoting"));
  assert_int_equal(w->result.sessions, 1);
  qy_attest_result_clear(&w->result);
  qy_attest_result_init(&w->result);
  w->wrong = (mischief){.short_quote = true};
  assert_int_equal(attest(w), QY_ERR_MALFORMED);
}

static void platform_fails(void **state)
{
  (void)state;
  in_a_world(platform_fails_play);
}

static void image_without_provider_key_play(world *w)
{
  w->wrong.no_provider_key = true;
  assert_int_equal(attest(w), QY_ERR_NOT_FOUND);
  assert_non_null(strstr(w->why.message, "provider-key"));
}

static void image_without_provider_key(void **state)
{
  (void)state;
  in_a_world(image_without_provider_key_play);
}

static void names_of_secrets_play(world *w)
{
  char name[QY_MAX_SECRET_NAME + 2] = {0};
  memset(name, 'n', QY_MAX_SECRET_NAME + 1);
  w->config.secret_name = name;
  assert_int_equal(attest(w), QY_ERR_ARGUMENT);
  w->config.secret_name = "";
  assert_int_equal(attest(w), QY_ERR_ARGUMENT);
}

static void names_of_secrets(void **state)
{
  (void)state;
  in_a_world(names_of_secrets_play);
}

/* ---- The enclave against its host ---- */

static void hostile_calls_play(world *w)
{
  static uint8_t bytes[QY_SAMPLE_MAX_BLOB_SIZE + 1];
  static const struct {
    uint16_t operation;
    size_t size;
    qy_status status;
  } rows[] = {{0, 0, QY_ERR_UNSUPPORTED},
              {9, 0, QY_ERR_UNSUPPORTED},
              {0xffff, 5, QY_ERR_UNSUPPORTED},
              {QY_SAMPLE_BEGIN, 0, QY_ERR_LIMIT},
              {QY_SAMPLE_BEGIN, QY_MAX_SECRET_NAME + 1, QY_ERR_LIMIT},
              {QY_SAMPLE_MSG1, 3, QY_ERR_TRUNCATED},
              {QY_SAMPLE_MSG1, 5, QY_ERR_MALFORMED},
              {QY_SAMPLE_MSG1, 4, QY_ERR_SEQUENCE},
              {QY_SAMPLE_MSG2, QY_SAMPLE_MSG2_SIZE - 1, QY_ERR_TRUNCATED},
              {QY_SAMPLE_MSG2, QY_SAMPLE_MSG2_SIZE + 1, QY_ERR_MALFORMED},
              {QY_SAMPLE_MSG2, QY_SAMPLE_MSG2_SIZE, QY_ERR_SEQUENCE},
              {QY_SAMPLE_MSG3, QY_REPORT_SIZE - 1, QY_ERR_TRUNCATED},
              {QY_SAMPLE_MSG3, QY_REPORT_SIZE, QY_ERR_SEQUENCE},
              {QY_SAMPLE_MSG4, 36, QY_ERR_SEQUENCE},
              {QY_SAMPLE_HMAC, 1, QY_ERR_SEQUENCE},
              {QY_SAMPLE_SEAL, 0, QY_ERR_SEQUENCE},
              {QY_SAMPLE_SEAL, 1, QY_ERR_MALFORMED},
              {QY_SAMPLE_UNSEAL, 1, QY_ERR_MALFORMED},
              {QY_SAMPLE_UNSEAL, QY_SAMPLE_MAX_BLOB_SIZE + 1, QY_ERR_LIMIT}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(out, 1u << 20);
    assert_int_equal(call_enclave(rows[i].operation, qy_view_over(bytes, rows[i].size), &out, &w->why), rows[i].status);
    assert_int_equal(out.size, 0);
  }
  QY_SCOPED_BUFFER(out, 1u << 20);
  assert_ok(attest(w));
  assert_int_equal(call_enclave(QY_SAMPLE_HMAC, qy_view_over(bytes, QY_SAMPLE_MAX_CHALLENGE_SIZE + 1), &out, &w->why),
                   QY_ERR_LIMIT);
  /* A blob that holds no secret, as this enclave's fake sealing would make it. */
  assert_int_equal(call_enclave(QY_SAMPLE_UNSEAL, qy_view_over("\1\0n", 3), &out, &w->why), QY_ERR_MALFORMED);
}

static void hostile_calls(void **state)
{
  (void)state;
  in_a_world(hostile_calls_play);
}

static void outcomes_as_bytes(void **state)
{
  (void)state;
  uint8_t bytes[QY_SAMPLE_OUTCOME_SIZE + 1] = {1, 7, 4};
  uint8_t again[QY_SAMPLE_OUTCOME_SIZE];
  qy_sample_outcome outcome;
  for (size_t size = 0; size < QY_SAMPLE_OUTCOME_SIZE; size++) {
    assert_int_equal(qy_sample_outcome_decode(&outcome, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_sample_outcome_decode(&outcome, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  const qy_view whole = qy_view_over(bytes, QY_SAMPLE_OUTCOME_SIZE);
  assert_ok(qy_sample_outcome_decode(&outcome, whole, NULL));
  assert_true(outcome.answer.has_secret && outcome.answer.has_platform_info && outcome.answer.simulated);
  qy_sample_outcome_encode(again, &outcome);
  assert_memory_equal(again, bytes, sizeof(again));
  bytes[0] = 3;
  assert_int_equal(qy_sample_outcome_decode(&outcome, whole, NULL), QY_ERR_MALFORMED);
  bytes[0] = 0;
  bytes[1] = 8;
  assert_int_equal(qy_sample_outcome_decode(&outcome, whole, NULL), QY_ERR_MALFORMED);
  assert_true(is_wiped(&outcome, sizeof(outcome)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secret_comes),
      cmocka_unit_test(long_secret),
      cmocka_unit_test(sealed_secret),
      cmocka_unit_test(under_a_list),
      cmocka_unit_test(evidence_is_chosen),
      cmocka_unit_test(refusal_is_an_answer),
      cmocka_unit_test(story_is_told_in_order),
      cmocka_unit_test(a_changed_list_begins_anew),
      cmocka_unit_test(but_only_once),
      cmocka_unit_test(broker_refuses),
      cmocka_unit_test(another_provider),
      cmocka_unit_test(damaged_msg4),
      cmocka_unit_test(broker_finds_fault),
      cmocka_unit_test(locations),
      cmocka_unit_test(msg2_of_another_type),
      cmocka_unit_test(connection),
      cmocka_unit_test(slash_behind),
      cmocka_unit_test(platform_fails),
      cmocka_unit_test(image_without_provider_key),
      cmocka_unit_test(names_of_secrets),
      cmocka_unit_test(hostile_calls),
      cmocka_unit_test(outcomes_as_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
