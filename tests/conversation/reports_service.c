/* SPDX-License-Identifier: Apache-2.0 */
/* The report service over TLS on loopback, as its clients meet it. */
#include "reports_support.h"
#include "service_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <net/http_client.h>
#include <reports/request.h>
#include <sgx/endorsements.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  uint32_t gid;
  test_member member;
  qy_subscription_keys keys;
  service_thread service;
} fixture;

static fixture f;

static qy_status run(service_thread *self, qy_error *why)
{
  const qy_reports_config config = {.folder = self->folder, .ready = service_thread_ready, .context = self};
  return qy_reports_run(&config, self->stop_fd, why);
}

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  endorser_make(f.folder);
  f.gid = first_group(f.folder);
  member_make(&f.member, f.folder, f.gid);
  assert_ok(qy_reports_subscribe(&f.keys, f.folder, TEST_SPID, false, "a test", &assert_why));
  service_thread_start(&f.service, run, f.folder);
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  service_thread_stop(&f.service);
  member_free(&f.member);
  scratch_remove(f.folder);
  return 0;
}

static qy_http_client *client_make(void)
{
  qy_http_client *client = NULL;
  QY_SCOPED_BUFFER(ca, 65536);
  read_below(&ca, f.folder, "public/tls-ca.pem");
  const qy_http_client_config config = {.ca_pem = qy_buffer_view(&ca), .max_response_size = 1u << 20};
  assert_ok(qy_http_client_new(&client, &config, &assert_why));
  return client;
}

static void call(qy_http_answer *answer, qy_http_client *client, const char *path, const char *key, qy_view body,
                 bool post)
{
  char url[256];
  const qy_http_field fields[] = {{"Ocp-Apim-Subscription-Key", key}};
  (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/attestation/%s", f.service.port, path);
  const qy_http_call wanted = {.method = post ? "POST" : "GET",
                               .url = url,
                               .content_type = post ? "application/json" : NULL,
                               .body = body,
                               .fields = fields,
                               .field_count = key == NULL ? 0 : 1};
  qy_error why = {0};
  if (qy_http_exchange(answer, client, &wanted, &why) != QY_OK) {
    fail_msg("%s: %s", path, why.message);
  }
  assert_non_null(qy_http_answer_header(answer, "Request-ID"));
  assert_int_equal(strlen(qy_http_answer_header(answer, "Request-ID")), 32);
}

static void request_body(qy_buffer *body, const quote_recipe *recipe, const char *nonce)
{
  qy_report_request request;
  qy_report_request_init(&request);
  quote_make(&request.quote, f.folder, &f.member, recipe);
  request.has_nonce = nonce != NULL;
  (void)snprintf(request.nonce, sizeof request.nonce, "%s", nonce == NULL ? "" : nonce);
  assert_ok(qy_report_request_encode(body, &request, &assert_why));
  qy_report_request_clear(&request);
}

/* What a relying party does: decode the header, end the chain at the pinned CA, verify the raw body. */
static void verify_report(const qy_http_answer *answer)
{
  bool valid = false;
  qy_rsa_public key;
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_CHAIN(pinned);
  QY_SCOPED_BUFFER(pem, 65536);
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_BUFFER(signature, 512);
  const char *header = qy_http_answer_header(answer, "X-IASReport-Signing-Certificate");
  assert_non_null(header);
  assert_null(strchr(header, '+'));
  assert_null(strchr(header, ' '));
  qy_http_decode_append(&pem, qy_view_text(header));
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&pem), &assert_why));
  assert_int_equal(chain.count, 2);
  read_below(&ca, f.folder, "public/report-ca.pem");
  assert_ok(qy_chain_from_pem(&pinned, qy_buffer_view(&ca), &assert_why));
  assert_ok(qy_certificate_signed_by(&valid, chain.certificates[0], pinned.certificates[0], &assert_why));
  assert_true(valid);
  assert_ok(qy_certificate_rsa_key(&key, chain.certificates[0], &assert_why));
  qy_base64_decode_append(&signature, qy_view_text(qy_http_answer_header(answer, "X-IASReport-Signature")));
  const qy_view body = qy_buffer_view(&answer->body);
  assert_ok(qy_rsa_verify(&valid, &key, &body, 1, qy_buffer_view(&signature), &assert_why));
  assert_true(valid);
  QY_SCOPED_BUFFER(changed, 65536);
  qy_buffer_append(&changed, body.bytes, body.size);
  changed.bytes[changed.size / 2] ^= 1;
  const qy_view other = qy_buffer_view(&changed);
  assert_ok(qy_rsa_verify(&valid, &key, &other, 1, qy_buffer_view(&signature), &assert_why));
  assert_false(valid);
}

static void assert_status(const qy_http_answer *answer, const char *wanted)
{
  QY_SCOPED_JSON(report);
  assert_int_equal(answer->status, 200);
  assert_ok(qy_json_parse(&report, qy_buffer_view(&answer->body), &assert_why));
  assert_string_equal(json_string_value(json_object_get(report, "isvEnclaveQuoteStatus")), wanted);
}

static void reports_verify(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  QY_SCOPED_BUFFER(body, 65536);
  request_body(&body, &recipe, "a nonce");
  static const char *const PATHS[] = {"v4/report", "v3/report"};
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    call(&answer, client, PATHS[i], f.keys.primary, qy_buffer_view(&body), true);
    assert_status(&answer, "OK");
    assert_string_equal(qy_http_answer_header(&answer, "Content-Type"), "application/json");
    assert_null(qy_http_answer_header(&answer, "Advisory-IDs"));
    verify_report(&answer);
  }
}

static void both_keys_open_and_no_other(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  QY_SCOPED_BUFFER(body, 65536);
  request_body(&body, &recipe, NULL);
  const struct {
    const char *key;
    unsigned status;
  } ROWS[] = {
      {f.keys.primary, 200}, {f.keys.secondary, 200}, {NULL, 401}, {"", 401}, {"00000000000000000000000000000000", 401},
      {"not a key", 401}};
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    call(&answer, client, "v4/report", ROWS[i].key, qy_buffer_view(&body), true);
    assert_int_equal(answer.status, ROWS[i].status);
    if (ROWS[i].status == 401) {
      assert_int_equal(answer.body.size, 0);
      assert_null(qy_http_answer_header(&answer, "X-IASReport-Signature"));
    }
    char path[64];
    QY_SCOPED_HTTP_ANSWER(list);
    (void)snprintf(path, sizeof path, "v4/sigrl/%08x", f.gid);
    call(&list, client, path, ROWS[i].key, (qy_view){0}, false);
    assert_int_equal(list.status, ROWS[i].status);
  }
  /* A new key is taken up while the service runs; the one that it replaces is worth nothing any more. */
  qy_subscription_keys renewed;
  assert_ok(qy_reports_renew_key(&renewed, f.folder, TEST_SPID, true, &assert_why));
  QY_SCOPED_HTTP_ANSWER(old);
  QY_SCOPED_HTTP_ANSWER(fresh);
  call(&old, client, "v4/report", f.keys.primary, qy_buffer_view(&body), true);
  assert_int_equal(old.status, 401);
  call(&fresh, client, "v4/report", renewed.primary, qy_buffer_view(&body), true);
  assert_int_equal(fresh.status, 200);
  assert_string_equal(renewed.secondary, "");
}

/* 400, and not a word why. */
static void bad_requests_get_no_reason(void **state)
{
  (void)state;
  const quote_recipe linkable = {.linkable = true};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  QY_SCOPED_BUFFER(wrong_type, 65536);
  QY_SCOPED_BUFFER(long_nonce, 65536);
  const quote_recipe good = {0};
  request_body(&wrong_type, &linkable, NULL);
  request_body(&long_nonce, &good, "0123456789abcdef0123456789abcdef");
  const char *const at = strstr(qy_buffer_text(&long_nonce), "\"0123");
  QY_SCOPED_BUFFER(longer, 65536);
  qy_buffer_append(&longer, long_nonce.bytes, (size_t)(at - (const char *)long_nonce.bytes) + 1);
  qy_buffer_append_text(&longer, "x");
  qy_buffer_append_text(&longer, at + 1);
  const qy_view ROWS[] = {
      (qy_view){0},
      qy_view_text("{}"),
      qy_view_text("[]"),
      qy_view_text("{\"isvEnclaveQuote\":\"\"}"),
      qy_view_text("{\"isvEnclaveQuote\":\"AgAB\"}"),
      qy_view_text("{\"isvEnclaveQuote\":\"not base64!\"}"),
      qy_view_text("{\"isvEnclaveQuote\":\"AgAB\",\"isvEnclaveQuote\":\"AgAB\"}"),
      qy_buffer_view(&wrong_type),
      qy_buffer_view(&longer),
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    call(&answer, client, "v4/report", f.keys.primary, ROWS[i], true);
    assert_int_equal(answer.status, 400);
    assert_int_equal(answer.body.size, 0);
    assert_null(qy_http_answer_header(&answer, "X-IASReport-Signature"));
  }
}

static void sigrls_are_served(void **state)
{
  (void)state;
  char path[64];
  qy_sigrl sigrl;
  qy_p256_public isk;
  test_member bad;
  const quote_recipe linkable = {.linkable = true};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  (void)snprintf(path, sizeof path, "v3/sigrl/%08x", f.gid);
  QY_SCOPED_HTTP_ANSWER(answer);
  call(&answer, client, path, f.keys.primary, (qy_view){0}, false);
  assert_int_equal(answer.status, 200);
  assert_int_equal(answer.body.size, 0); /* nobody revoked: an empty body, never an empty list */
  QY_SCOPED_BUFFER(quote, 65536);
  QY_SCOPED_BUFFER(request, 65536);
  member_make(&bad, f.folder, f.gid);
  quote_make(&quote, f.folder, &bad, &linkable);
  assert_ok(qy_reports_signature_request(&request, f.folder, qy_buffer_view(&quote), NULL, &assert_why));
  assert_ok(qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), NULL, &assert_why));
  QY_SCOPED_BUFFER(list, 65536);
  QY_SCOPED_BUFFER(pem, 65536);
  QY_SCOPED_HTTP_ANSWER(again);
  call(&again, client, path, f.keys.primary, (qy_view){0}, false);
  assert_int_equal(again.status, 200);
  qy_base64_decode_append(&list, qy_buffer_view(&again.body));
  assert_ok(qy_sigrl_decode_nonempty(&sigrl, qy_buffer_view(&list), &assert_why));
  read_below(&pem, f.folder, "public/isk.pem");
  assert_ok(qy_p256_public_from_pem(&isk, qy_buffer_view(&pem), &assert_why));
  assert_ok(qy_sigrl_verify(NULL, &sigrl, &isk, &assert_why));
  assert_int_equal(sigrl.group_id, f.gid);
  assert_int_equal(sigrl.count, 1);
  static const char *const NOBODY[] = {"v4/sigrl/ffffffff", "v4/sigrl/xyz", "v4/sigrl/0000000000"};
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_HTTP_ANSWER(none);
    call(&none, client, NOBODY[i], f.keys.primary, (qy_view){0}, false);
    assert_int_equal(none.status, 404);
  }
  member_free(&bad);
}

static void advise(void)
{
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  assert_ok(qy_tcb_levels_load(&levels, f.folder, &assert_why));
  assert_ok(qy_tcb_policy_load(&policy, f.folder, &levels, &assert_why));
  policy.qe_svn = 2;
  policy.out_of_date.count = 2;
  strcpy(policy.out_of_date.ids[0], "INTEL-SA-00334");
  strcpy(policy.out_of_date.ids[1], "INTEL-SA-00615");
  strcpy(policy.advisory_url, "https://advisories.example/");
  assert_ok(qy_tcb_policy_store(f.folder, &policy, &assert_why));
}

static void version_3_has_headers_for_advisories(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  QY_SCOPED_BUFFER(body, 65536);
  request_body(&body, &recipe, NULL);
  advise();
  QY_SCOPED_HTTP_ANSWER(third);
  QY_SCOPED_HTTP_ANSWER(fourth);
  call(&third, client, "v3/report", f.keys.primary, qy_buffer_view(&body), true);
  assert_status(&third, "GROUP_OUT_OF_DATE");
  assert_string_equal(qy_http_answer_header(&third, "Advisory-IDs"), "INTEL-SA-00334,INTEL-SA-00615");
  assert_string_equal(qy_http_answer_header(&third, "Advisory-URL"), "https://advisories.example/");
  call(&fourth, client, "v4/report", f.keys.primary, qy_buffer_view(&body), true);
  assert_status(&fourth, "GROUP_OUT_OF_DATE");
  assert_null(qy_http_answer_header(&fourth, "Advisory-IDs"));
}

/* ---- Many at once, while lists change ---- */

#define CLIENTS 6
#define CALLS 12

typedef struct caller {
  pthread_t thread;
  qy_view body;
  unsigned ok;
  unsigned revoked;
  unsigned other;
} caller;

static void *call_often(void *context)
{
  caller *self = context;
  qy_http_client *client = client_make();
  for (unsigned i = 0; i < CALLS; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    call(&answer, client, i % 2 == 0 ? "v4/report" : "v3/report", f.keys.primary, self->body, true);
    const char *text = qy_buffer_text(&answer.body);
    if (answer.status == 200 && strstr(text, "\"OK\"") != NULL) {
      self->ok++;
    } else if (answer.status == 200 && strstr(text, "\"KEY_REVOKED\"") != NULL) {
      self->revoked++;
    } else {
      self->other++;
    }
  }
  qy_http_client_free(&client);
  return NULL;
}

static void many_at_once(void **state)
{
  (void)state;
  caller callers[CLIENTS] = {0};
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  test_member bad;
  const quote_recipe recipe = {0};
  qy_buffer bodies[2];
  member_make(&bad, f.folder, f.gid);
  for (size_t i = 0; i < 2; i++) {
    qy_buffer_init(&bodies[i], 65536);
  }
  request_body(&bodies[0], &recipe, NULL);
  const test_member good = f.member;
  f.member = bad;
  request_body(&bodies[1], &recipe, NULL);
  f.member = good;
  for (size_t i = 0; i < CLIENTS; i++) {
    callers[i].body = qy_buffer_view(&bodies[i % 2]);
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
  }
  member_key_bytes(key, &bad);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  for (size_t i = 0; i < CLIENTS; i++) {
    assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
    assert_int_equal(callers[i].other, 0);
    assert_int_equal(callers[i].ok + callers[i].revoked, CALLS);
    if (i % 2 == 0) {
      assert_int_equal(callers[i].revoked, 0);
    }
  }
  /* From now on always. */
  caller last = {.body = qy_buffer_view(&bodies[1])};
  (void)call_often(&last);
  assert_int_equal(last.revoked, CALLS);
  qy_buffer_clear(&bodies[0]);
  qy_buffer_clear(&bodies[1]);
  member_free(&bad);
}

/* Keys that others may read, and folders that are none, keep the service from starting. */
static void unsafe_state_is_refused(void **state)
{
  (void)state;
  char path[QY_PATH_SIZE];
  const qy_reports_config config = {.folder = f.folder};
  const qy_reports_config nowhere = {.folder = "/nonexistent"};
  const qy_reports_config unknown = {.folder = f.folder, .pse_status = "FINE"};
  assert_int_equal(qy_reports_run(&nowhere, f.service.stop_fd, NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_reports_run(&unknown, f.service.stop_fd, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_path_join(path, sizeof path, f.folder, "reports/qsdk.pem", &assert_why));
  QY_SCOPED_BUFFER(key, 65536);
  read_below(&key, f.folder, "reports/qsdk.pem");
  assert_ok(qy_file_write(path, qy_buffer_view(&key), false, &assert_why)); /* 0644 */
  assert_int_equal(qy_reports_run(&config, f.service.stop_fd, NULL), QY_ERR_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

static int finish(void **state)
{
  (void)state;
  endorser_master_remove();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(reports_verify),          TEST(both_keys_open_and_no_other),          TEST(bad_requests_get_no_reason),
      TEST(sigrls_are_served),       TEST(version_3_has_headers_for_advisories), TEST(many_at_once),
      TEST(unsafe_state_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
