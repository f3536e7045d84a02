/* SPDX-License-Identifier: Apache-2.0 */
/* What `show` and `verify` make of files that were cut short, lengthened or damaged: a sentence, never the kind that the
 * file was, never trust. Real files, so that nothing of ours decides what is sound. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <describe/describe.h>
#include <quotary/appraisal.h>

#define LIMIT (1u << 20)
#define REPORT "ias/avr-v4-group_out_of_date-20231221-f9f2b48d-9cdd"

/* On memory of exactly that size, so that a read beyond it is seen. */
static qy_status describe_exactly(const uint8_t *bytes, size_t size, const char *as, const char *not_kind)
{
  json_t *tree = NULL;
  qy_error why = {0};
  uint8_t *copy = malloc(size > 0 ? size : 1);
  assert_non_null(copy);
  if (size > 0) {
    memcpy(copy, bytes, size);
  }
  const qy_status status = qy_describe(&tree, qy_view_over(copy, size), as, &why);
  free(copy);
  if (status == QY_OK) {
    const char *kind = json_string_value(json_object_get(tree, "kind"));
    assert_non_null(kind);
    if (not_kind != NULL && strcmp(kind, not_kind) == 0) {
      fail_msg("%zu bytes are still a %s", size, kind);
    }
    json_decref(tree);
  } else {
    assert_null(tree);
    assert_true(strlen(why.message) > 10);
  }
  return status;
}

static void cut_and_lengthen(const qy_buffer *whole, const char *kind)
{
  uint8_t *longer = malloc(whole->size + 1);
  assert_non_null(longer);
  memcpy(longer, whole->bytes, whole->size);
  longer[whole->size] = 0;
  assert_int_equal(describe_exactly(whole->bytes, whole->size, kind, NULL), QY_OK);
  for (size_t size = 0; size < whole->size; size++) {
    (void)describe_exactly(whole->bytes, size, NULL, kind);
    assert_int_not_equal(describe_exactly(whole->bytes, size, kind, NULL), QY_OK);
  }
  (void)describe_exactly(longer, whole->size + 1, NULL, kind);
  assert_int_not_equal(describe_exactly(longer, whole->size + 1, kind, NULL), QY_OK);
  free(longer);
}

static void damage(qy_buffer *whole)
{
  for (size_t at = 0; at < whole->size; at++) {
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    for (size_t i = 0; i < sizeof(masks); i++) {
      whole->bytes[at] ^= masks[i];
      (void)describe_exactly(whole->bytes, whole->size, NULL, NULL);
      whole->bytes[at] ^= masks[i];
    }
  }
}

static void a_file(const char *path, const char *kind)
{
  QY_SCOPED_BUFFER(whole, LIMIT);
  vectors_read(&whole, path);
  cut_and_lengthen(&whole, kind);
  damage(&whole);
}

static void files(void **state)
{
  (void)state;
  vectors_need();
  a_file("misc/epid-quote/epid-quote-linkable-gid00000aee-8381637a-63c6.bin", "epid-quote");
  a_file("misc/sigstruct/intel-LE-20230913-p32-svn6-e8d05894.sigstruct", "sigstruct");
  a_file("epid/sdk-example/groupa/sigrl.bin", "epid-file");
  a_file("ias/certs/ias-report-signing.der", "certificates");
}

/* An empty file has no bytes to point at. */
static void nothing(void **state)
{
  (void)state;
  json_t *tree = NULL;
  qy_error why = {0};
  const char *const *kinds = qy_describe_kinds();
  assert_int_equal(qy_describe(&tree, (qy_view){NULL, 0}, NULL, &why), QY_ERR_UNSUPPORTED);
  assert_non_null(strstr(why.message, "0 bytes"));
  for (; *kinds != NULL; kinds++) {
    assert_int_not_equal(qy_describe(&tree, (qy_view){NULL, 0}, *kinds, NULL), QY_OK);
    assert_null(tree);
  }
}

/* Cut after its last brace it is whole; a line feed behind it is nothing. */
static void a_report(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(body, LIMIT);
  vectors_read(&body, REPORT ".json");
  assert_int_equal(describe_exactly(body.bytes, body.size, "attestation-report", NULL), QY_OK);
  for (size_t size = 0; size < body.size && body.bytes[size] != '\0'; size++) {
    (void)describe_exactly(body.bytes, size, NULL, "attestation-report");
  }
  damage(&body);
}

static void messages(void **state)
{
  (void)state;
  vectors_need();
  static const struct {
    const char *member;
    const char *kind;
  } rows[] = {{"msg2", "msg2"}, {"msg3", "msg3"}, {"sigrl", "sigrl"}, {"report", "report"}, {"quote", "epid-quote"}};
  json_t *file = vectors_json("ra/epid-quotes.json");
  size_t index = 0;
  unsigned with_list = 0;
  json_t *one = NULL;
  json_array_foreach(json_object_get(file, "vectors"), index, one)
  {
    if (strcmp(json_string_value(json_object_get(one, "name")), "epid-sigrl-3") != 0) {
      continue;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
      QY_SCOPED_BUFFER(whole, LIMIT);
      vectors_hex(&whole, one, rows[i].member);
      cut_and_lengthen(&whole, rows[i].kind);
      damage(&whole);
    }
    with_list++;
  }
  assert_int_equal(with_list, 1);
  json_decref(file);
}

/* The same in hex, where half a byte may be missing too. */
static void hex_text(void **state)
{
  (void)state;
  vectors_need();
  json_t *file = vectors_json("ra/intel-published.json");
  const char *text = json_string_value(json_object_get(json_array_get(json_object_get(file, "vectors"), 0), "msg3"));
  assert_non_null(text);
  const size_t size = strlen(text);
  assert_int_equal(describe_exactly((const uint8_t *)text, size, "msg3", NULL), QY_OK);
  for (size_t cut = 0; cut < size; cut++) {
    (void)describe_exactly((const uint8_t *)text, cut, NULL, "msg3");
  }
  json_decref(file);
}

/* ---- verify ---- */

typedef struct parts {
  qy_buffer body, signature, chain;
  qy_avr report;
  qy_policy policy;
  qy_verdict verdict;
} parts;

static parts *load(void)
{
  parts *p = calloc(1, sizeof(*p));
  assert_non_null(p);
  qy_buffer_init(&p->body, LIMIT);
  qy_buffer_init(&p->signature, LIMIT);
  qy_buffer_init(&p->chain, LIMIT);
  vectors_read(&p->body, REPORT ".json");
  vectors_read(&p->signature, REPORT ".sig");
  vectors_read(&p->chain, "ias/certs/ias-chain.pem");
  assert_ok(qy_avr_decode(&p->report, qy_buffer_view(&p->body), NULL));
  qy_policy_built_in(&p->policy);
  return p;
}

static void drop(parts *p)
{
  qy_buffer_clear(&p->body);
  qy_buffer_clear(&p->signature);
  qy_buffer_clear(&p->chain);
  free(p);
}

static bool authentic(parts *p, qy_view body, qy_view signature, qy_view chain)
{
  const qy_avr_evidence evidence = {.body = body, .signature = signature, .chain = chain};
  const qy_status status = qy_avr_appraise(&p->verdict, &evidence, &p->policy, p->report.time_s, NULL);
  assert_int_not_equal(p->verdict.trust, QY_TRUSTED); /* the platform is out of date */
  assert_true(status == QY_OK || p->verdict.trust == QY_UNDECIDED);
  assert_true(p->verdict.authentic || p->verdict.trust == QY_UNDECIDED || qy_trace_failed(&p->verdict.trace) != NULL);
  return p->verdict.authentic;
}

static void evidence_that_was_cut(void **state)
{
  (void)state;
  vectors_need();
  parts *p = load();
  const qy_view body = qy_buffer_view(&p->body);
  const qy_view signature = qy_buffer_view(&p->signature);
  const qy_view chain = qy_buffer_view(&p->chain);
  assert_true(authentic(p, body, signature, chain));
  for (size_t size = 0; size < body.size; size++) {
    assert_false(authentic(p, qy_view_over(body.bytes, size), signature, chain));
  }
  for (size_t size = 0; size < signature.size; size++) {
    assert_false(authentic(p, body, qy_view_over(signature.bytes, size), chain));
  }
  size_t whole_leaf = 0; /* from here on the chain is the leaf alone: its CA is missing, which decides nothing */
  for (size_t size = 0; size + 64 < chain.size; size += 7) {
    assert_false(authentic(p, body, signature, qy_view_over(chain.bytes, size)));
    whole_leaf += p->verdict.trust == QY_UNDECIDED;
  }
  assert_true(whole_leaf > 0);
  drop(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing),  cmocka_unit_test(files),    cmocka_unit_test(a_report),
      cmocka_unit_test(messages), cmocka_unit_test(hex_text), cmocka_unit_test(evidence_that_was_cut),
  };
  return cmocka_run_group_tests_name("describe: damaged evidence", tests, NULL, NULL);
}
