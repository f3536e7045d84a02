/* SPDX-License-Identifier: Apache-2.0 */
/* Request bodies, subscriptions as they are stored, and the body of a report. */
#include "reports_support.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <json/json.h>
#include <reports/body.h>
#include <reports/request.h>
#include <reports/subscriptions.h>

/* ---- Requests ---- */

static qy_status decode(qy_report_request *request, const char *text)
{
  return qy_report_request_decode(request, qy_view_text(text), NULL);
}

static void requests_decode(void **state)
{
  (void)state;
  __attribute__((cleanup(qy_report_request_clear))) qy_report_request request;
  qy_report_request_init(&request);
  assert_int_equal(decode(&request, "{\"isvEnclaveQuote\":\"AgAB\"}"), QY_OK);
  assert_int_equal(request.quote.size, 3);
  assert_false(request.has_nonce || request.has_manifest);
  assert_int_equal(decode(&request, " {\"nonce\":\"n\",\"isvEnclaveQuote\":\"AgAB\",\"pseManifest\":null}\n"), QY_OK);
  assert_true(request.has_nonce);
  assert_string_equal(request.nonce, "n");
  assert_false(request.has_manifest);
  /* 32 characters, each of four bytes */
  QY_SCOPED_BUFFER(text, 4096);
  qy_buffer_append_text(&text, "{\"isvEnclaveQuote\":\"AgAB\",\"nonce\":\"");
  for (unsigned i = 0; i < 32; i++) {
    qy_buffer_append_text(&text, "\xf0\x9f\x94\x91");
  }
  qy_buffer_append_text(&text, "\"}");
  assert_int_equal(decode(&request, qy_buffer_text(&text)), QY_OK);
  assert_int_equal(strlen(request.nonce), 128);
}

static void bad_requests_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    qy_status status;
  } ROWS[] = {
      {"", QY_ERR_MALFORMED},
      {"null", QY_ERR_MALFORMED},
      {"[]", QY_ERR_MALFORMED},
      {"{}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":1}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":null}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"0200\",\"more\":1}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"AgAB\"} x", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"Ag AB\"}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"AgAB\",\"isvEnclaveQuote\":\"AgAB\"}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"AgAB\",\"nonce\":5}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"AgAB\",\"nonce\":\"a\\u0000b\"}", QY_ERR_MALFORMED},
      {"{\"isvEnclaveQuote\":\"AgAB\",\"nonce\":\"012345678901234567890123456789012\"}", QY_ERR_LIMIT},
      {"{\"isvEnclaveQuote\":\"AgAB\",\"pseManifest\":\"AgAB\"}", QY_ERR_MALFORMED},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    __attribute__((cleanup(qy_report_request_clear))) qy_report_request request;
    qy_report_request_init(&request);
    const qy_status status = decode(&request, ROWS[i].text);
    if (status != ROWS[i].status) {
      fail_msg("%s gives %s", ROWS[i].text, qy_status_name(status));
    }
    assert_int_equal(request.quote.size, 0);
  }
}

static void requests_round_trip(void **state)
{
  (void)state;
  __attribute__((cleanup(qy_report_request_clear))) qy_report_request request;
  __attribute__((cleanup(qy_report_request_clear))) qy_report_request again;
  qy_report_request_init(&request);
  qy_report_request_init(&again);
  QY_SCOPED_BUFFER(text, 65536);
  qy_buffer_append(&request.quote, "not a quote", 11);
  request.has_nonce = true;
  strcpy(request.nonce, "a \"nonce\" \\");
  request.has_manifest = true;
  memset(request.manifest, 0xa5, sizeof request.manifest);
  assert_ok(qy_report_request_encode(&text, &request, &assert_why));
  assert_ok(qy_report_request_decode(&again, qy_buffer_view(&text), &assert_why));
  assert_true(qy_view_equal(qy_buffer_view(&again.quote), qy_buffer_view(&request.quote)));
  assert_string_equal(again.nonce, request.nonce);
  assert_memory_equal(again.manifest, request.manifest, sizeof request.manifest);
  for (size_t size = 0; size < text.size; size++) {
    assert_int_equal(qy_report_request_decode(&again, qy_view_over(text.bytes, size), NULL), QY_ERR_MALFORMED);
  }
}

/* ---- Subscriptions ---- */

static char folder[QY_PATH_SIZE];

static int make_folder(void **state)
{
  char path[QY_PATH_SIZE];
  (void)state;
  scratch_make(folder);
  assert_ok(qy_path_join(path, sizeof path, folder, "reports", &assert_why));
  assert_ok(qy_folder_make(path, &assert_why));
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  scratch_remove(folder);
  return 0;
}

static void keys_are_told_once(void **state)
{
  (void)state;
  static const uint8_t OTHER[QY_SPID_SIZE] = {1};
  qy_subscription_keys keys;
  qy_subscription_keys others;
  QY_SCOPED_BUFFER(text, 65536);
  assert_ok(qy_reports_subscribe(&keys, folder, TEST_SPID, true, "one", &assert_why));
  assert_int_equal(qy_reports_subscribe(&others, folder, TEST_SPID, true, "one", NULL), QY_ERR_EXISTS);
  assert_string_equal(others.primary, "");
  assert_ok(qy_reports_subscribe(&others, folder, OTHER, false, "two", &assert_why));
  assert_string_not_equal(keys.primary, keys.secondary);
  read_below(&text, folder, "reports/subscriptions.json");
  assert_null(strstr(qy_buffer_text(&text), keys.primary)); /* hashed */
  assert_null(strstr(qy_buffer_text(&text), keys.secondary));
  QY_SCOPED_SUBSCRIPTIONS(subscriptions);
  assert_ok(qy_subscriptions_load(&subscriptions, folder, &assert_why));
  assert_int_equal(subscriptions.count, 2);
  const qy_subscription *found = qy_subscriptions_find_key(&subscriptions, keys.secondary);
  assert_non_null(found);
  assert_memory_equal(found->spid, TEST_SPID, QY_SPID_SIZE);
  assert_true(found->linkable);
  found = qy_subscriptions_find_key(&subscriptions, others.primary);
  assert_non_null(found);
  assert_memory_equal(found->spid, OTHER, QY_SPID_SIZE);
  keys.primary[0] = keys.primary[0] == '0' ? '1' : '0';
  assert_null(qy_subscriptions_find_key(&subscriptions, keys.primary));
  assert_null(qy_subscriptions_find_key(&subscriptions, ""));
  qy_subscription_keys_clear(&keys);
  qy_subscription_keys_clear(&others);
}

static void keys_change(void **state)
{
  (void)state;
  qy_subscription_keys keys;
  qy_subscription_keys renewed;
  assert_ok(qy_reports_subscribe(&keys, folder, TEST_SPID, false, "", &assert_why));
  assert_ok(qy_reports_renew_key(&renewed, folder, TEST_SPID, false, &assert_why));
  QY_SCOPED_SUBSCRIPTIONS(subscriptions);
  assert_ok(qy_subscriptions_load(&subscriptions, folder, &assert_why));
  assert_non_null(qy_subscriptions_find_key(&subscriptions, keys.primary));
  assert_null(qy_subscriptions_find_key(&subscriptions, keys.secondary));
  assert_non_null(qy_subscriptions_find_key(&subscriptions, renewed.secondary));
  assert_ok(qy_reports_unsubscribe(folder, TEST_SPID, &assert_why));
  assert_int_equal(qy_reports_unsubscribe(folder, TEST_SPID, NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_reports_renew_key(&renewed, folder, TEST_SPID, true, NULL), QY_ERR_NOT_FOUND);
}

static void bad_subscriptions_are_refused(void **state)
{
  (void)state;
#define H "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE                                                                                                \
  "{\"spid\":\"00000000000000000000000000000001\",\"name\":\"\",\"linkable\":true,\"primary_sha256\":\"" H \
  "\",\"secondary_sha256\":\"" H "\"}"
  static const char *const BAD[] = {
      "",
      "{}",
      "[]",
      "{\"subscriptions\":{}}",
      "{\"subscriptions\":[1]}",
      "{\"subscriptions\":[{}]}",
      "{\"subscriptions\":[" ONE "," ONE "]}",
      "{\"subscriptions\":[],\"more\":1}",
  };
  for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
    QY_SCOPED_SUBSCRIPTIONS(subscriptions);
    assert_int_equal(qy_subscriptions_decode(&subscriptions, qy_view_text(BAD[i]), NULL), QY_ERR_MALFORMED);
    assert_int_equal(subscriptions.count, 0);
  }
  QY_SCOPED_SUBSCRIPTIONS(good);
  assert_ok(qy_subscriptions_decode(&good, qy_view_text("{\"subscriptions\":[" ONE "]}"), &assert_why));
  assert_int_equal(good.count, 1);
  qy_subscriptions_clear(&good);
  /* A file that others may read is not trusted with keys. */
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, "reports/subscriptions.json", &assert_why));
  assert_ok(qy_file_write(path, qy_view_text("{\"subscriptions\":[]}"), false, &assert_why));
  assert_int_equal(qy_subscriptions_load(&good, folder, NULL), QY_ERR_DENIED);
}

/* ---- Report bodies ---- */

static void ids_are_decimal(void **state)
{
  (void)state;
  static const struct {
    uint8_t id[16];
    const char *text;
  } ROWS[] = {{{0}, "0"},
              {{[15] = 10}, "10"},
              {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
               "340282366920938463463374607431768211455"}};
  static const uint8_t QUOTE_BODY[432] = {2};
  for (size_t i = 0; i < 3; i++) {
    const qy_judgement judgement = {.status = QY_REPORTS_OK};
    qy_reports_body facts = {
        .api_version = 3, .time_us = 1000001, .judgement = &judgement, .quote_body = QY_VIEW_OF(QUOTE_BODY)};
    QY_SCOPED_BUFFER(text, 65536);
    QY_SCOPED_JSON(report);
    memcpy(facts.id, ROWS[i].id, sizeof facts.id);
    assert_ok(qy_reports_body_encode(&text, &facts, &assert_why));
    assert_ok(qy_json_parse(&report, qy_buffer_view(&text), &assert_why));
    assert_string_equal(json_string_value(json_object_get(report, "id")), ROWS[i].text);
    assert_string_equal(json_string_value(json_object_get(report, "timestamp")), "1970-01-01T00:00:01.000001");
    assert_int_equal(json_object_size(report), 5);
  }
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_decode),
      cmocka_unit_test(bad_requests_are_refused),
      cmocka_unit_test(requests_round_trip),
      IN_FOLDER(keys_are_told_once),
      IN_FOLDER(keys_change),
      IN_FOLDER(bad_subscriptions_are_refused),
      cmocka_unit_test(ids_are_decimal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
