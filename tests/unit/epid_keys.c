/* SPDX-License-Identifier: Apache-2.0 */
/* Member keys in their other forms: compressed, as a key facility delivers them, and the pairings that Intel's tools
 * keep beside them. */
#include "epid_support.h"

static void read_compressed(qy_epid_compressed_key *key, const char *path)
{
  uint8_t bytes[QY_EPID_COMPRESSED_KEY_SIZE];
  uint8_t again[QY_EPID_COMPRESSED_KEY_SIZE];
  read_exactly(bytes, sizeof(bytes), path);
  assert_ok(qy_epid_compressed_key_decode(key, QY_VIEW_OF(bytes), NULL));
  qy_epid_compressed_key_encode(again, key);
  assert_memory_equal(again, bytes, sizeof(bytes));
}

/* Intel's compressed keys: one whose long form is known byte for byte, one that makes a member. */
static void compressed_keys_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  static qy_trace trace;
  qy_epid_group_key group;
  qy_epid_compressed_key compressed;
  qy_epid_member_key ours;
  uint8_t bytes[QY_EPID_MEMBER_KEY_SIZE];
  uint8_t theirs[QY_EPID_MEMBER_KEY_SIZE];
  trace = (qy_trace){0};
  read_group(&group, NULL, "sdk-testdata/grp_x");
  read_compressed(&compressed, "sdk-testdata/grp_x/cmember9/cmpprivkey.dat");
  read_exactly(theirs, sizeof(theirs), "sdk-testdata/grp_x/cmember9/mprivkey.dat");
  assert_ok(qy_epid_member_key_decompress(&ours, &group, &compressed, &trace, NULL));
  assert_null(qy_trace_failed(&trace));
  qy_epid_member_key_encode(bytes, &ours);
  assert_memory_equal(bytes, theirs, sizeof(theirs));
  read_group(&group, NULL, "sdk-testdata/grp_y");
  read_compressed(&compressed, "sdk-testdata/grp_y/cmember9/cmpprivkey.dat");
  assert_ok(qy_epid_member_key_decompress(&ours, &group, &compressed, NULL, NULL));
  assert_ok(qy_epid_member_key_check(&ours, &group, NULL, NULL));
}

/* Those that we issue; of some A and of others 1/A is the point that a root gives. */
static void our_compressed_keys(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  for (int i = 0; i < 8; i++) {
    qy_epid_compressed_key compressed;
    qy_epid_member_key whole;
    qy_epid_member_key ours;
    assert_ok(qy_epid_compressed_key_issue(&compressed, &whole, &w.group, &w.issuing, &w.random, NULL));
    assert_memory_equal(compressed.a_x, whole.a, sizeof(compressed.a_x));
    assert_ok(qy_epid_member_key_decompress(&ours, &w.group, &compressed, NULL, NULL));
    assert_memory_equal(&ours, &whole, sizeof(whole));
    assert_ok(qy_epid_compressed_key_issue(&compressed, NULL, &w.group, &w.issuing, &w.random, NULL));
    assert_ok(qy_epid_member_key_decompress(&ours, &w.group, &compressed, NULL, NULL));
    assert_int_not_equal(memcmp(&ours, &whole, sizeof(whole)), 0);
  }
}

static void compressed_keys_that_are_refused(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  qy_epid_compressed_key good;
  qy_epid_compressed_key key;
  qy_epid_member_key out;
  const qy_epid_member_key zeros = {0};
#define DECOMPRESS(check)                                                                                 \
  w.trace = (qy_trace){0};                                                                                \
  memset(&out, 1, sizeof(out));                                                                           \
  expect_refusal(qy_epid_member_key_decompress(&out, &w.group, &key, &w.trace, NULL), &w.trace, (check)); \
  assert_memory_equal(&out, &zeros, sizeof(zeros));                                                       \
  key = good
  assert_ok(qy_epid_compressed_key_issue(&good, NULL, &w.group, &w.issuing, &w.random, NULL));
  key = good;
  key.seed[0] ^= 1;
  DECOMPRESS(QY_CHECK_CREDENTIAL_EQUATION);
  memcpy(key.a_x, w.group.h1, sizeof(key.a_x)); /* a point, and not A */
  DECOMPRESS(QY_CHECK_CREDENTIAL_EQUATION);
  memset(key.a_x, 0xff, sizeof(key.a_x));
  DECOMPRESS(QY_CHECK_EPID_POINT);
  memset(key.a_x, 0, sizeof(key.a_x)); /* 3 is no square */
  DECOMPRESS(QY_CHECK_EPID_POINT);
  key.gid.bytes[15] ^= 1;
  DECOMPRESS(QY_CHECK_CREDENTIAL_GROUP);
  uint8_t bytes[QY_EPID_COMPRESSED_KEY_SIZE + 1] = {0};
  for (size_t size = 0; size < QY_EPID_COMPRESSED_KEY_SIZE; size++) {
    assert_int_equal(qy_epid_compressed_key_decode(&key, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_epid_compressed_key_decode(&key, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  bytes[0] = 0x10;
  assert_int_equal(qy_epid_compressed_key_decode(&key, qy_view_over(bytes, sizeof(bytes) - 1), NULL),
                   QY_ERR_UNSUPPORTED);
}

/* ---- Key facility ---- */

static void key_outputs(void **state)
{
  (void)state;
  static const size_t sizes[] = {QY_EPID_MEMBER_KEY_SIZE, QY_EPID_COMPRESSED_KEY_SIZE};
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  for (size_t i = 0; i < sizeof(key); i++) {
    key[i] = (uint8_t)i;
  }
  for (size_t i = 0; i < 2; i++) {
    uint8_t file[QY_EPID_MEMBER_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD + 1];
    size_t size = 0;
    qy_epid_key_output read;
    const qy_epid_key_output written = {0x0102, {3, 4, 5, 6, 7, 8, 9, 10}, 0x0b0c0d0e, {key, sizes[i]}};
    assert_int_equal(qy_epid_key_output_encode(NULL, 0, &size, &written, NULL), QY_ERR_SPACE);
    assert_int_equal(size, sizes[i] + QY_EPID_KEY_OUTPUT_OVERHEAD);
    assert_int_equal(qy_epid_key_output_encode(file, size - 1, &size, &written, NULL), QY_ERR_SPACE);
    assert_ok(qy_epid_key_output_encode(file, sizeof(file), &size, &written, NULL));
    for (uint8_t at = 0; at < 14; at++) {
      assert_int_equal(file[at], at + 1);
    }
    assert_ok(qy_epid_key_output_decode(&read, qy_view_over(file, size), NULL));
    assert_int_equal(read.product_id, written.product_id);
    assert_int_equal(read.svn, written.svn);
    assert_memory_equal(read.key_id, written.key_id, sizeof(read.key_id));
    assert_true(qy_view_equal(read.key, written.key));
    for (size_t cut = 0; cut < size; cut++) {
      assert_int_not_equal(qy_epid_key_output_decode(&read, qy_view_over(file, cut), NULL), QY_OK);
    }
    file[size] = 0;
    assert_int_not_equal(qy_epid_key_output_decode(&read, qy_view_over(file, size + 1), NULL), QY_OK);
    for (size_t at = 0; at < size; at++) {
      file[at] ^= 0x10;
      assert_int_equal(qy_epid_key_output_decode(&read, qy_view_over(file, size), NULL), QY_ERR_MALFORMED);
      file[at] ^= 0x10;
    }
  }
  size_t size = 0;
  const qy_epid_key_output odd = {.key = {key, 100}};
  assert_int_equal(qy_epid_key_output_encode(NULL, 0, &size, &odd, NULL), QY_ERR_ARGUMENT);
}

/* ---- Precomputed pairings ---- */

static void verifier_precomputed(const char *folder, const char *blob)
{
  __attribute__((cleanup(qy_epid_verifier_free))) qy_epid_verifier *verifier = NULL;
  static qy_trace trace;
  qy_epid_group_key group;
  uint8_t ours[QY_EPID_VERIFIER_PRECOMPUTED_SIZE];
  uint8_t theirs[QY_EPID_VERIFIER_PRECOMPUTED_SIZE + 1] = {0};
  read_group(&group, NULL, folder);
  read_exactly(theirs, sizeof(ours), blob);
  assert_ok(qy_epid_verifier_new(&verifier, &group, NULL, NULL));
  qy_epid_verifier_precomputed_write(ours, verifier);
  assert_memory_equal(ours, theirs, sizeof(ours));
  assert_ok(qy_epid_verifier_precomputed_check(verifier, QY_VIEW_OF(ours), NULL, NULL));
  ours[15] ^= 1;
  trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_precomputed_check(verifier, QY_VIEW_OF(ours), &trace, NULL), &trace,
                 QY_CHECK_EPID_PRECOMPUTED_GROUP);
  ours[15] ^= 1;
  for (size_t at = QY_EPID_GID_SIZE + 9; at < sizeof(ours); at += 96) {
    ours[at] ^= 1;
    trace = (qy_trace){0};
    expect_refusal(qy_epid_verifier_precomputed_check(verifier, QY_VIEW_OF(ours), &trace, NULL), &trace,
                   QY_CHECK_EPID_PRECOMPUTED);
    ours[at] ^= 1;
  }
  for (size_t size = 0; size < sizeof(ours); size += 97) {
    assert_int_equal(qy_epid_verifier_precomputed_check(verifier, qy_view_over(theirs, size), NULL, NULL),
                     QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_epid_verifier_precomputed_check(verifier, QY_VIEW_OF(theirs), NULL, NULL), QY_ERR_MALFORMED);
}

static void verifier_precomputed_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  verifier_precomputed("sdk-testdata/grp_x", "sdk-testdata/grp_x/precomp.dat");
  verifier_precomputed("own-issuer/g256", "own-issuer/g256/vprecomp.dat");
}

static void member_precomputed_of_the_sdk(void **state)
{
  (void)state;
  static const char *const folders[][2] = {
      {"sdk-testdata/grp_x", "member0"}, {"sdk-testdata/ikgf/groupa", "member0"}, {"own-issuer/g256", "member0"}};
  vectors_need();
  for (size_t i = 0; i < 3; i++) {
    __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = NULL;
    static qy_trace trace;
    qy_epid_group_key group;
    qy_epid_member_key key;
    uint8_t ours[QY_EPID_MEMBER_PRECOMPUTED_SIZE];
    uint8_t theirs[QY_EPID_MEMBER_PRECOMPUTED_SIZE];
    char path[200];
    read_group(&group, NULL, folders[i][0]);
    (void)snprintf(path, sizeof(path), "%s/%s/mprivkey.dat", folders[i][0], folders[i][1]);
    read_member_key(&key, path);
    (void)snprintf(path, sizeof(path), "%s/%s/mprecomp.dat", folders[i][0], folders[i][1]);
    read_exactly(theirs, sizeof(theirs), path);
    assert_ok(qy_epid_member_new(&member, &group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
    qy_epid_member_precomputed_write(ours, member);
    assert_memory_equal(ours, theirs, sizeof(ours));
    assert_ok(qy_epid_member_precomputed_check(member, QY_VIEW_OF(theirs), NULL, NULL));
    for (size_t at = 383; at < sizeof(ours); at += 384) {
      ours[at] ^= 0x80;
      trace = (qy_trace){0};
      expect_refusal(qy_epid_member_precomputed_check(member, QY_VIEW_OF(ours), &trace, NULL), &trace,
                     QY_CHECK_EPID_PRECOMPUTED);
      ours[at] ^= 0x80;
    }
    assert_int_equal(qy_epid_member_precomputed_check(member, qy_view_over(ours, sizeof(ours) - 1), NULL, NULL),
                     QY_ERR_TRUNCATED);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compressed_keys_of_the_sdk),       cmocka_unit_test(our_compressed_keys),
      cmocka_unit_test(compressed_keys_that_are_refused), cmocka_unit_test(key_outputs),
      cmocka_unit_test(verifier_precomputed_of_the_sdk),  cmocka_unit_test(member_precomputed_of_the_sdk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
