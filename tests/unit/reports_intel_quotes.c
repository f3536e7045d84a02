/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes that Intel's own quoting enclave made, judged by the report service: it is given the RSA key that they are
 * sealed to, and the group and lists of Intel's EPID SDK, each in the file form that the SDK ships. */
#include "reports_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <json/json.h>
#include <reports/answer.h>
#include <reports/request.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  json_t *vectors;
  qy_reports_keys keys;
  qy_reports_cache *cache;
  qy_reports_context context;
  qy_subscription caller;
  qy_trace *trace;
  qy_reports_answer answer;
} fixture;

static fixture f;

static const json_t *group_member(const char *name)
{
  return json_object_get(json_object_get(f.vectors, "group"), name);
}

static void write_hex(const char *name, const char *hex)
{
  QY_SCOPED_BUFFER(bytes, 65536);
  hex_bytes(&bytes, hex);
  write_below(f.folder, name, qy_buffer_view(&bytes));
}

static const json_t *vector_named(const char *name)
{
  const json_t *list = json_object_get(f.vectors, "vectors");
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *one = json_array_get(list, i);
    if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0) {
      return one;
    }
  }
  fail_msg("no vector %s", name);
  return NULL;
}

/* The key that unwraps, and everything that the service must believe, in place of what init made. */
static void install_group(void)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(der, 4096);
  QY_SCOPED_BUFFER(pem, 65536);
  vectors_hex(&der, f.vectors, "quote_wrap_rsa_private_pkcs1_der");
  assert_ok(qy_rsa_private_from_der(&key, qy_buffer_view(&der), &assert_why));
  assert_ok(qy_rsa_private_to_pem(&pem, key, &assert_why));
  write_below(f.folder, "reports/qsdk.pem", qy_buffer_view(&pem));
  write_hex("reports/epid-ca.bin", json_string_value(group_member("cacert")));
  assert_ok(qy_path_join(path, sizeof path, f.folder, "public/groups/00000000", &assert_why));
  assert_ok(qy_folder_make(path, &assert_why));
  write_hex("public/groups/00000000/pubkey.bin", json_string_value(group_member("pubkey_file")));
  write_below(f.folder, "public/groups/00000000/tcb.json",
              qy_view_text("{\"cpu_svn_level\":1,\"pve_svn\":1,\"pce_svn\":1}"));
}

/* The CPUSVN of Intel's simulated platform is the one level there is. */
static void install_levels(void)
{
  QY_SCOPED_BUFFER(levels, 4096);
  static const char POLICY[] =
      "{\"required\":{\"cpu_svn_level\":1,\"qe_svn\":239,\"pce_svn\":1,\"pve_svn\":1},\"advisory_url\":\"\","
      "\"out_of_date_advisories\":[],\"levels\":[{\"level\":1,\"state\":\"OK\",\"advisories\":[]}]}";
  const char *quote = json_string_value(json_object_get(vector_named("epid-no-sigrl"), "quote"));
  qy_buffer_appendf(&levels, "[{\"level\":1,\"cpu_svn\":\"%.32s\"}]", quote + 2 * 48);
  write_below(f.folder, "public/tcb-levels.json", qy_buffer_view(&levels));
  write_below(f.folder, "public/tcb.json", qy_view_text(POLICY));
}

static void start(void)
{
  qy_reports_cache_free(&f.cache);
  qy_reports_keys_clear(&f.keys);
  assert_ok(qy_reports_keys_load(&f.keys, f.folder, &assert_why));
  assert_ok(qy_reports_cache_new(&f.cache, f.folder, &f.keys.epid_ca, &assert_why));
  f.context = (qy_reports_context){.keys = &f.keys, .cache = f.cache};
}

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  qy_reports_keys_init(&f.keys);
  qy_reports_answer_init(&f.answer);
  vectors_need();
  f.vectors = vectors_json("ra/epid-quotes.json");
  f.trace = calloc(1, sizeof *f.trace);
  endorser_make(f.folder);
  install_group();
  install_levels();
  start();
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  json_decref(f.vectors);
  free(f.trace);
  qy_reports_answer_clear(&f.answer);
  qy_reports_cache_free(&f.cache);
  qy_reports_keys_clear(&f.keys);
  scratch_remove(f.folder);
  return 0;
}

/* The SPID is the quote's own, and linkable as it is. */
static const char *judge(const char *name)
{
  qy_report_request request;
  qy_report_request_init(&request);
  QY_SCOPED_BUFFER(body, 1u << 20);
  vectors_hex(&request.quote, vector_named(name), "quote");
  memcpy(f.caller.spid, request.quote.bytes + 16, sizeof f.caller.spid);
  f.caller.linkable = request.quote.bytes[2] == 1;
  assert_ok(qy_report_request_encode(&body, &request, &assert_why));
  qy_report_request_clear(&request);
  memset(f.trace, 0, sizeof *f.trace);
  qy_error why = {0};
  const qy_status status = qy_reports_answer_make(&f.answer, &f.context, 4, &f.caller, qy_buffer_view(&body),
                                                  (int64_t)NOW_S * 1000000, f.trace, &why);
  if (status != QY_OK) {
    fail_msg("%s: %s", name, why.message);
  }
  return qy_reports_status_name(f.answer.status);
}

static void without_lists_they_are_ok(void **state)
{
  (void)state;
  assert_string_equal(judge("epid-no-sigrl"), "OK");
  QY_SCOPED_JSON(report);
  QY_SCOPED_BUFFER(pseudonym, 128);
  QY_SCOPED_BUFFER(plain, 65536);
  assert_ok(qy_json_parse(&report, qy_buffer_view(&f.answer.body), &assert_why));
  assert_ok(qy_json_base64(&pseudonym, report, "epidPseudonym", "report", &assert_why));
  vectors_hex(&plain, vector_named("epid-no-sigrl"), "epid_signature_plain");
  assert_memory_equal(pseudonym.bytes, plain.bytes, 128);
  /* Its key leaked, says a list that this service does not have here. */
  assert_string_equal(judge("epid-privrevoked"), "OK");
}

static void with_a_sigrl_proofs_count(void **state)
{
  (void)state;
  assert_string_equal(judge("epid-sigrl-3"), "SIGRL_VERSION_MISMATCH"); /* there is no list here */
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SIGRL_ABSENT);
  write_hex("public/groups/00000000/sigrl.bin", json_string_value(group_member("sdk_sigrl_file")));
  assert_string_equal(judge("epid-sigrl-3"), "OK");
  assert_string_equal(judge("epid-no-sigrl"), "SIGRL_VERSION_MISMATCH");
}

static void with_a_privrl_leaked_keys_count(void **state)
{
  (void)state;
  write_hex("public/groups/00000000/privrl.bin", json_string_value(group_member("sdk_privrl_file")));
  assert_string_equal(judge("epid-privrevoked"), "KEY_REVOKED");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_KEY_REVOKED);
  assert_string_equal(judge("epid-no-sigrl"), "OK");
}

/* Another endorser's key opens none of them. */
static void another_key_opens_none(void **state)
{
  (void)state;
  char other[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(pem, 65536);
  endorser_make(other);
  read_below(&pem, other, "reports/qsdk.pem");
  scratch_remove(other);
  write_below(f.folder, "reports/qsdk.pem", qy_buffer_view(&pem));
  start();
  assert_string_equal(judge("epid-no-sigrl"), "SIGNATURE_INVALID");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_QUOTE_WRAP_KEY);
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
      TEST(without_lists_they_are_ok),
      TEST(with_a_sigrl_proofs_count),
      TEST(with_a_privrl_leaked_keys_count),
      TEST(another_key_opens_none),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
