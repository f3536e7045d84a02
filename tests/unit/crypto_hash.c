/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <crypto/hash.h>

static void check(qy_hash_name name, const char *text, const char *hex)
{
  uint8_t digest[QY_HASH_MAX_SIZE];
  QY_SCOPED_BUFFER(expected, QY_HASH_MAX_SIZE);
  hex_bytes(&expected, hex);
  const qy_view whole = qy_view_text(text);
  assert_ok(qy_hash_parts(digest, name, &whole, 1, &assert_why));
  assert_int_equal(expected.size, qy_hash_size(name));
  assert_memory_equal(digest, expected.bytes, expected.size);
}

/* FIPS 180-4 examples. */
static void known_answers(void **state)
{
  (void)state;
  check(QY_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check(QY_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check(QY_SHA384, "abc",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  check(QY_SHA512, "abc",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  check(QY_SHA512_256, "abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
  uint8_t digest[20];
  uint8_t expected[20] = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
                          0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
  assert_ok(qy_sha1_checksum(digest, qy_view_text("abc"), &assert_why));
  assert_memory_equal(digest, expected, sizeof(expected));
  assert_ok(qy_sha1_checksum(digest, (qy_view){NULL, 0}, &assert_why));
  assert_int_equal(digest[0], 0xda);
}

static void parts_are_the_whole(void **state)
{
  (void)state;
  const uint8_t text[] = "where the parts are cut does not matter";
  uint8_t whole[32];
  assert_ok(qy_sha256(whole, QY_VIEW_OF(text), &assert_why));
  for (size_t cut = 0; cut <= sizeof(text); cut++) {
    uint8_t digest[32];
    const qy_view parts[3] = {{text, cut}, {NULL, 0}, {text + cut, sizeof(text) - cut}};
    assert_ok(qy_hash_parts(digest, QY_SHA256, parts, 3, &assert_why));
    assert_memory_equal(digest, whole, 32);
  }
}

static void hashes_go_on_from_another(void **state)
{
  (void)state;
  for (qy_hash_name name = QY_SHA256; name <= QY_SHA512_256; name++) {
    QY_SCOPED_HASH(prefix);
    qy_hash_begin(&prefix, name);
    qy_hash_update(&prefix, qy_view_text("they begin alike, "));
    for (int i = 0; i < 2; i++) { /* the first leaves no trace */
      const qy_view parts[] = {qy_view_text("they begin alike, "), qy_view_text(i == 0 ? "and end so" : "and differ")};
      uint8_t whole[QY_HASH_MAX_SIZE];
      uint8_t digest[QY_HASH_MAX_SIZE];
      QY_SCOPED_HASH(hash);
      qy_hash_begin_from(&hash, &prefix);
      qy_hash_update(&hash, parts[1]);
      assert_ok(qy_hash_finish(&hash, digest, &assert_why));
      assert_ok(qy_hash_parts(whole, name, parts, 2, &assert_why));
      assert_memory_equal(digest, whole, qy_hash_size(name));
    }
  }
}

static void misuse_is_told(void **state)
{
  (void)state;
  uint8_t digest[QY_HASH_MAX_SIZE];
  qy_error why = {0};
  QY_SCOPED_HASH(hash);
  memset(digest, 1, sizeof(digest));
  assert_int_equal(qy_hash_finish(&hash, digest, &why), QY_ERR_SEQUENCE); /* never begun */
  assert_true(qy_view_is_zero(qy_view_over(digest, 32)));
  qy_hash_begin(&hash, (qy_hash_name)9);
  assert_int_equal(qy_hash_finish(&hash, digest, &why), QY_ERR_ARGUMENT);
  assert_int_equal(qy_hash_size((qy_hash_name)9), 0);
  qy_hash_begin(&hash, QY_SHA256);
  assert_ok(qy_hash_finish(&hash, digest, &assert_why));
  qy_hash_update(&hash, qy_view_text("x"));
  assert_int_equal(qy_hash_finish(&hash, digest, &why), QY_ERR_SEQUENCE); /* finished already */
  qy_hash failed = {0};
  QY_SCOPED_HASH(next);
  qy_hash_begin_from(&next, &failed);
  assert_int_equal(qy_hash_finish(&next, digest, &why), QY_ERR_SEQUENCE);
  qy_hash_begin(&failed, (qy_hash_name)9);
  qy_hash_begin_from(&next, &failed);
  assert_int_equal(qy_hash_finish(&next, digest, &why), QY_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers), cmocka_unit_test(parts_are_the_whole),
                                     cmocka_unit_test(hashes_go_on_from_another), cmocka_unit_test(misuse_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
