/* SPDX-License-Identifier: Apache-2.0 */
/* EPID files that do not say what they are, as `show` tells them apart: Intel's and our own issuer's. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <describe/describe.h>
#include <quotary/epid.h>

#define LIMIT 65536

static const struct sample {
  const char *path;
  const char *content;
  size_t secret; /* where something secret begins; 0: nowhere */
} samples[] = {
    {"epid/own-issuer/g256/pubkey.dat", "group key", 0},
    {"epid/own-issuer/g256/iprivkey.dat", "issuing key", 16},
    {"epid/own-issuer/g256/member0/mprivkey.dat", "member key", 112},
    {"epid/sdk-testdata/grp_x/cmember9/cmpprivkey.dat", "compressed member key", 48},
    {"epid/own-issuer/g256/join/credential.dat", "membership credential", 16},
    {"epid/own-issuer/g256/join/joinreq.dat", "join request", 0},
    {"epid/sdk-testdata/grp_x/member3/splitjoinreq_grpx_member3_sha256_01.dat", "join request of a split member", 0},
    {"epid/own-issuer/g256/privrl.raw", "PrivRL", 0},
    {"epid/own-issuer/g256/sigrl.raw", "SigRL", 0},
    {"epid/own-issuer/g256/sigrl_empty.raw", "PrivRL or SigRL", 0},
    {"epid/own-issuer/g256/grprl_ok.raw", "GroupRL", 0},
    {"epid/own-issuer/g256/verifierrl_bsnV.dat", "VerifierRL", 0},
    {"epid/own-issuer/g256/vprecomp.dat", "precomputed pairings of a verifier", 0},
    {"epid/own-issuer/g256/member0/mprecomp.dat", "precomputed pairings of a member", 1152},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* What the bytes are said to be, on memory of exactly their size; NULL for nothing of EPID. The caller's json_decref. */
static json_t *describe(qy_view bytes)
{
  json_t *tree = NULL;
  uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
  assert_non_null(copy);
  memcpy(copy, bytes.bytes, bytes.size);
  const qy_status status = qy_describe(&tree, qy_view_over(copy, bytes.size), "epid-blob", NULL);
  assert_int_equal(status == QY_OK, tree != NULL);
  free(copy);
  return tree;
}

static const char *content_of(const json_t *tree)
{
  return json_string_value(json_object_get(tree, "content"));
}

static void each_is_told(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < SAMPLES; i++) {
    QY_SCOPED_BUFFER(file, LIMIT);
    json_t *found = NULL;
    vectors_read(&file, samples[i].path);
    assert_int_equal(qy_describe(&found, qy_buffer_view(&file), NULL, NULL), QY_OK);
    assert_string_equal(content_of(found), samples[i].content);
    assert_string_equal(json_string_value(json_object_get(found, "kind")), "epid-blob");
    json_decref(found);
  }
}

static void no_secret_is_shown(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < SAMPLES; i++) {
    QY_SCOPED_BUFFER(file, LIMIT);
    char secret[65];
    vectors_read(&file, samples[i].path);
    json_t *tree = describe(qy_buffer_view(&file));
    assert_non_null(tree);
    assert_int_equal(json_object_get(tree, "secret") != NULL, samples[i].secret > 0);
    if (samples[i].secret > 0) {
      char *text = json_dumps(tree, JSON_COMPACT);
      qy_hex_encode(secret, qy_view_slice(qy_buffer_view(&file), samples[i].secret, 32));
      assert_null(strstr(text, secret));
      secret[32] = '\0'; /* nor the half of it */
      assert_null(strstr(text, secret));
      free(text);
    }
    json_decref(tree);
  }
}

/* Cut or lengthened it may be something else, by its length; it is never the same. */
static void of_another_length_it_is_not_the_same(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < SAMPLES; i++) {
    QY_SCOPED_BUFFER(file, LIMIT);
    vectors_read(&file, samples[i].path);
    const size_t whole = file.size;
    qy_buffer_append(&file, "", 1);
    for (size_t size = 0; size <= whole + 1; size++) {
      json_t *tree = size == whole ? NULL : describe(qy_view_over(file.bytes, size));
      assert_false(tree != NULL && strcmp(content_of(tree), samples[i].content) == 0);
      json_decref(tree);
    }
  }
}

/* A point that is none, a number that is too large, another schema, pairings that are none. */
static void damaged_it_is_not_told(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < SAMPLES; i++) {
    QY_SCOPED_BUFFER(file, LIMIT);
    vectors_read(&file, samples[i].path);
    if (strstr(samples[i].content, "RL") != NULL) {
      continue; /* entries are the verifier's affair */
    }
    for (size_t at = 0; at < file.size; at += 16) {
      file.bytes[at] ^= 0x10;
      json_decref(describe(qy_buffer_view(&file)));
      file.bytes[at] ^= 0x10;
    }
    memset(file.bytes, 0xff, file.size);
    assert_null(describe(qy_buffer_view(&file)));
    memset(file.bytes, ' ', file.size);
    assert_null(describe(qy_buffer_view(&file)));
  }
}

static void expect_content(qy_view bytes, const char *kind, const char *content)
{
  json_t *tree = NULL;
  assert_int_equal(qy_describe(&tree, bytes, NULL, NULL), QY_OK);
  assert_string_equal(json_string_value(json_object_get(tree, "kind")), kind);
  assert_string_equal(content_of(tree), content);
  json_decref(tree);
}

/* There are none of Intel's: made from a key of theirs. */
static void requests_and_deliveries(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(file, LIMIT);
  qy_epid_member_key key;
  uint8_t request[2 * QY_EPID_PRIVRL_REQUEST_SIZE];
  uint8_t delivered[QY_EPID_MEMBER_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD];
  uint8_t groups[64];
  size_t size = 0;
  vectors_read(&file, "epid/own-issuer/g256/member0/mprivkey.dat");
  assert_int_equal(qy_epid_member_key_decode(&key, qy_buffer_view(&file), NULL), QY_OK);
  qy_epid_privrl_request_encode(request, &key);
  qy_epid_privrl_request_encode(request + QY_EPID_PRIVRL_REQUEST_SIZE, &key);
  expect_content(QY_VIEW_OF(request), "epid-file", "PrivRL request");
  const qy_epid_key_output output = {.product_id = 3, .svn = 1, .key = qy_buffer_view(&file)};
  assert_int_equal(qy_epid_key_output_encode(delivered, sizeof(delivered), &size, &output, NULL), QY_OK);
  expect_content(QY_VIEW_OF(delivered), "epid-blob", "key of a key facility");
  delivered[100] ^= 1; /* its check sum is another now */
  assert_null(describe(QY_VIEW_OF(delivered)));
  uint8_t entry[QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE] = {0};
  const qy_epid_grouprl_request asked = {.count = 1, .entries = QY_VIEW_OF(entry)};
  assert_int_equal(qy_epid_grouprl_request_encode(groups, sizeof(groups), &size, &asked, NULL), QY_OK);
  expect_content(qy_view_over(groups, size), "epid-file", "GroupRL request");
  qy_epid_member_key_clear(&key);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_told), cmocka_unit_test(no_secret_is_shown),
                                     cmocka_unit_test(of_another_length_it_is_not_the_same),
                                     cmocka_unit_test(damaged_it_is_not_told),
                                     cmocka_unit_test(requests_and_deliveries)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
