/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <pthread.h>
#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>

static const char n_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char p_hex[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
static const char g_hex[] = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

static void take(uint8_t *out, size_t size, const char *hex)
{
  QY_SCOPED_BUFFER(bytes, 128);
  hex_bytes(&bytes, hex);
  assert_int_equal(bytes.size, size);
  memcpy(out, bytes.bytes, size);
}

static void take_secret(qy_secret *out, const char *hex)
{
  uint8_t bytes[32];
  take(bytes, 32, hex);
  qy_secret_set(out, bytes, 32);
}

/* RFC 6979, A.2.5: key pair and the signatures with SHA-256. */
static const char rfc_private[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const char rfc_public[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char rfc_sample[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                 "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
static const char rfc_test[] = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                               "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";

static bool verifies(const qy_p256_public *key, const char *text, const uint8_t signature[64])
{
  bool valid = true;
  const qy_view message = qy_view_text(text);
  assert_ok(qy_p256_verify(&valid, key, &message, 1, signature, &assert_why));
  return valid;
}

static void known_signatures(void **state)
{
  (void)state;
  qy_p256_public key, derived;
  uint8_t signature[64];
  QY_SCOPED_SECRET(private_key);
  take(key.bytes, 64, rfc_public);
  take_secret(&private_key, rfc_private);
  assert_ok(qy_p256_public_of(&derived, &private_key, &assert_why));
  assert_memory_equal(derived.bytes, key.bytes, 64);
  take(signature, 64, rfc_sample);
  assert_true(verifies(&key, "sample", signature));
  assert_false(verifies(&key, "test", signature));
  take(signature, 64, rfc_test); /* its s begins with a zero bit run */
  assert_true(verifies(&key, "test", signature));
  for (size_t bit = 0; bit < 512; bit += 11) {
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_false(verifies(&key, "test", signature));
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

static void *verify_many(void *context)
{
  bool *good = context;
  uint8_t signature[64];
  qy_p256_public key;
  const qy_view message = qy_view_text("sample");
  take(key.bytes, 64, rfc_public);
  take(signature, 64, rfc_sample);
  *good = true;
  for (int i = 0; i < 50; i++) {
    bool valid = false;
    *good = qy_p256_verify(&valid, &key, &message, 1, signature, NULL) == QY_OK && valid && *good;
  }
  return NULL;
}

/* The first test to run: what is made once for the process is then made by four threads at once. */
static void threads(void **state)
{
  (void)state;
  pthread_t all[4];
  bool good[4];
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(pthread_create(&all[i], NULL, verify_many, &good[i]), 0);
  }
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(all[i], NULL), 0);
    assert_true(good[i]);
  }
}

/* n - s verifies as well: no low-s rule. Without a big-number library: subtract by hand. */
static void either_s_is_good(void **state)
{
  (void)state;
  qy_p256_public key;
  uint8_t signature[64], n[32];
  take(key.bytes, 64, rfc_public);
  take(signature, 64, rfc_sample);
  take(n, 32, n_hex);
  int borrow = 0;
  for (size_t i = 32; i > 0; i--) {
    const int difference = n[i - 1] - signature[32 + i - 1] - borrow;
    borrow = difference < 0;
    signature[32 + i - 1] = (uint8_t)difference;
  }
  assert_true(verifies(&key, "sample", signature));
}

static void range_of_r_and_s(void **state)
{
  (void)state;
  qy_p256_public key;
  uint8_t good[64], n[32];
  take(key.bytes, 64, rfc_public);
  take(good, 64, rfc_sample);
  take(n, 32, n_hex);
  for (size_t half = 0; half < 2; half++) {
    uint8_t bad[64];
    memcpy(bad, good, 64);
    memset(bad + 32 * half, 0, 32);
    assert_false(verifies(&key, "sample", bad)); /* 0 */
    memcpy(bad + 32 * half, n, 32);
    assert_false(verifies(&key, "sample", bad)); /* n */
    bad[32 * half + 31]++;
    assert_false(verifies(&key, "sample", bad)); /* n + 1 */
    memset(bad + 32 * half, 0xff, 32);
    assert_false(verifies(&key, "sample", bad));
    memset(bad + 32 * half, 0, 32);
    bad[32 * half + 31] = 1;
    assert_false(verifies(&key, "sample", bad)); /* in range, but not it */
  }
  const uint8_t zeros[64] = {0};
  assert_false(verifies(&key, "sample", zeros));
}

/* A digest of zero makes u1 vanish; the signature (r, s) = (x(Q), x(Q)) then verifies by construction. The verifier
 * must not choke on it. */
static void digest_zero(void **state)
{
  (void)state;
  qy_p256_public key;
  uint8_t signature[64];
  const uint8_t digest[32] = {0};
  bool valid = false;
  take(key.bytes, 64, rfc_public);
  memcpy(signature, key.bytes, 32);
  memcpy(signature + 32, key.bytes, 32);
  assert_ok(qy_p256_verify_digest(&valid, &key, digest, signature, &assert_why));
  assert_true(valid);
  signature[63] ^= 1;
  assert_ok(qy_p256_verify_digest(&valid, &key, digest, signature, &assert_why));
  assert_false(valid);
}

static void points(void **state)
{
  (void)state;
  qy_p256_public key;
  qy_error why = {0};
  take(key.bytes, 64, g_hex);
  assert_ok(qy_p256_check_point(&key, &assert_why));
  key.bytes[63] ^= 1;
  assert_int_equal(qy_p256_check_point(&key, &why), QY_ERR_MALFORMED); /* off the curve */
  memset(&key, 0, sizeof(key));
  assert_int_equal(qy_p256_check_point(&key, &why), QY_ERR_MALFORMED); /* what some write for infinity */
  take(key.bytes, 64, g_hex);
  take(key.bytes, 32, p_hex);
  assert_int_equal(qy_p256_check_point(&key, &why), QY_ERR_MALFORMED); /* x = p */
  memset(key.bytes, 0xff, 64);
  assert_int_equal(qy_p256_check_point(&key, &why), QY_ERR_MALFORMED);
}

/* x = 5 is on the curve, so x = p + 5 (which fits into 32 bytes) would be if it were reduced first. */
static void coordinates_are_not_reduced(void **state)
{
  (void)state;
  qy_p256_public key;
  qy_error why = {0};
  take(key.bytes, 64,
       "0000000000000000000000000000000000000000000000000000000000000005"
       "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
  assert_ok(qy_p256_check_point(&key, &assert_why));
  take(key.bytes, 32, "ffffffff00000001000000000000000000000001000000000000000000000004");
  assert_int_equal(qy_p256_check_point(&key, &why), QY_ERR_MALFORMED);
}

static void bad_point_gives_no_answer(void **state)
{
  (void)state;
  qy_p256_public key = {0};
  uint8_t signature[64];
  bool valid = true;
  qy_error why = {0};
  take(signature, 64, rfc_sample);
  assert_int_equal(qy_p256_verify(&valid, &key, NULL, 0, signature, &why), QY_ERR_MALFORMED);
  assert_false(valid);
  QY_SCOPED_SECRET(private_key);
  QY_SCOPED_SECRET(shared);
  take_secret(&private_key, rfc_private);
  assert_int_equal(qy_p256_agree(&shared, &private_key, &key, &why), QY_ERR_MALFORMED);
  assert_int_equal(shared.size, 0);
}

static void private_range(void **state)
{
  (void)state;
  qy_p256_public key;
  qy_error why = {0};
  QY_SCOPED_SECRET(scalar);
  take_secret(&scalar, "0000000000000000000000000000000000000000000000000000000000000000");
  assert_int_equal(qy_p256_public_of(&key, &scalar, &why), QY_ERR_MALFORMED);
  take_secret(&scalar, n_hex);
  assert_int_equal(qy_p256_public_of(&key, &scalar, &why), QY_ERR_MALFORMED);
  assert_true(qy_view_is_zero(QY_VIEW_OF(key.bytes)));
  scalar.bytes[31]--; /* n - 1: minus G */
  assert_ok(qy_p256_public_of(&key, &scalar, &assert_why));
  uint8_t g[64];
  take(g, 64, g_hex);
  assert_memory_equal(key.bytes, g, 32);
  assert_memory_not_equal(key.bytes + 32, g + 32, 32);
  take_secret(&scalar, "0000000000000000000000000000000000000000000000000000000000000001");
  assert_ok(qy_p256_public_of(&key, &scalar, &assert_why));
  assert_memory_equal(key.bytes, g, 64);
  scalar.size = 31;
  assert_int_equal(qy_p256_public_of(&key, &scalar, &why), QY_ERR_MALFORMED);
}

/* NIST CAVP, ECC CDH, P-256, count 0. */
static void known_agreement(void **state)
{
  (void)state;
  qy_p256_public peer;
  uint8_t expected[32];
  QY_SCOPED_SECRET(private_key);
  QY_SCOPED_SECRET(shared);
  take(peer.bytes, 64,
       "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
       "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac");
  take_secret(&private_key, "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534");
  take(expected, 32, "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b");
  assert_ok(qy_p256_agree(&shared, &private_key, &peer, &assert_why));
  assert_int_equal(shared.size, 32);
  assert_memory_equal(shared.bytes, expected, 32);
}

static void own_keys(void **state)
{
  (void)state;
  test_random seed = {.state = 7};
  const qy_random random = test_random_source(&seed);
  for (int i = 0; i < 16; i++) {
    qy_p256_public a_public, b_public;
    uint8_t signature[64];
    bool valid = false;
    QY_SCOPED_SECRET(a);
    QY_SCOPED_SECRET(b);
    QY_SCOPED_SECRET(ab);
    QY_SCOPED_SECRET(ba);
    assert_ok(qy_p256_generate(&a, &a_public, &random, &assert_why));
    assert_ok(qy_p256_generate(&b, &b_public, &random, &assert_why));
    assert_ok(qy_p256_agree(&ab, &a, &b_public, &assert_why));
    assert_ok(qy_p256_agree(&ba, &b, &a_public, &assert_why));
    assert_memory_equal(ab.bytes, ba.bytes, 32);
    const qy_view parts[2] = {qy_view_text("two "), qy_view_text("parts")};
    const qy_view whole = qy_view_text("two parts");
    assert_ok(qy_p256_sign(signature, &a, parts, 2, &assert_why));
    assert_ok(qy_p256_verify(&valid, &a_public, &whole, 1, signature, &assert_why));
    assert_true(valid);
    assert_ok(qy_p256_verify(&valid, &b_public, &whole, 1, signature, &assert_why));
    assert_false(valid);
  }
}

typedef struct script {
  unsigned calls;
  unsigned bad;
} script;

static qy_status scripted(void *context, uint8_t *out, size_t size, qy_error *why)
{
  script *played = context;
  (void)why;
  const uint8_t byte = played->calls == 0 ? 0 : 0xff; /* zero, then beyond n, then a good one */
  memset(out, played->calls < played->bad ? byte : 0x42, size);
  played->calls++;
  return QY_OK;
}

static void rejection(void **state)
{
  (void)state;
  qy_p256_public key;
  qy_error why = {0};
  QY_SCOPED_SECRET(scalar);
  script two = {.bad = 2};
  qy_random random = {.fill = scripted, .context = &two};
  assert_ok(qy_p256_generate(&scalar, &key, &random, &assert_why));
  assert_int_equal(two.calls, 3);
  assert_int_equal(scalar.bytes[0], 0x42);
  script all = {.bad = 1000};
  random.context = &all;
  assert_int_equal(qy_p256_generate(&scalar, &key, &random, &why), QY_ERR_CRYPTO);
  assert_int_equal(scalar.size, 0);
}

static void flips(void **state)
{
  (void)state;
  uint8_t bytes[64], flipped[64];
  for (size_t i = 0; i < 64; i++) {
    bytes[i] = (uint8_t)i;
  }
  qy_p256_flip(flipped, bytes);
  assert_int_equal(flipped[0], 31);
  assert_int_equal(flipped[31], 0);
  assert_int_equal(flipped[32], 63);
  qy_p256_flip(flipped, flipped);
  assert_memory_equal(flipped, bytes, 64);
  uint8_t odd[5] = {1, 2, 3, 4, 5}, out[5];
  qy_reverse(out, odd, 5);
  assert_memory_equal(out, "\5\4\3\2\1", 5);
  qy_reverse(odd, odd, 5);
  assert_memory_equal(odd, out, 5);
}

static void pem_round_trips(void **state)
{
  (void)state;
  qy_p256_public key, again;
  QY_SCOPED_SECRET(scalar);
  QY_SCOPED_SECRET(back);
  QY_SCOPED_BUFFER(private_pem, 4096);
  QY_SCOPED_BUFFER(public_pem, 4096);
  take_secret(&scalar, rfc_private);
  take(key.bytes, 64, rfc_public);
  assert_ok(qy_p256_private_to_pem(&private_pem, &scalar, &assert_why));
  assert_non_null(strstr(qy_buffer_text(&private_pem), "-----BEGIN PRIVATE KEY-----"));
  assert_ok(qy_p256_private_from_pem(&back, &again, qy_buffer_view(&private_pem), &assert_why));
  assert_memory_equal(back.bytes, scalar.bytes, 32);
  assert_memory_equal(again.bytes, key.bytes, 64);
  assert_ok(qy_p256_public_to_pem(&public_pem, &key, &assert_why));
  memset(&again, 0, sizeof(again));
  assert_ok(qy_p256_public_from_pem(&again, qy_buffer_view(&public_pem), &assert_why));
  assert_memory_equal(again.bytes, key.bytes, 64);
  QY_SCOPED_BUFFER(small, 20);
  assert_int_equal(qy_p256_public_to_pem(&small, &key, NULL), QY_ERR_LIMIT);
}

/* The key of RFC 6979 in the old form (RFC 5915), without its public half. */
static const char sec1_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
                               "MDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
                               "AwEH\n"
                               "-----END EC PRIVATE KEY-----\n";

static void pem_of_other_makers(void **state)
{
  (void)state;
  qy_p256_public key, expected;
  qy_error why = {0};
  QY_SCOPED_SECRET(scalar);
  take(expected.bytes, 64, rfc_public);
  assert_ok(qy_p256_private_from_pem(&scalar, &key, qy_view_text(sec1_pem), &assert_why));
  assert_memory_equal(key.bytes, expected.bytes, 64);
  const char *const bad[] = {"", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                             "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(qy_p256_private_from_pem(&scalar, &key, qy_view_text(bad[i]), &why), QY_ERR_MALFORMED);
    assert_int_equal(scalar.size, 0);
    assert_int_equal(qy_p256_public_from_pem(&key, qy_view_text(bad[i]), &why), QY_ERR_MALFORMED);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads),
      cmocka_unit_test(known_signatures),
      cmocka_unit_test(either_s_is_good),
      cmocka_unit_test(range_of_r_and_s),
      cmocka_unit_test(digest_zero),
      cmocka_unit_test(points),
      cmocka_unit_test(coordinates_are_not_reduced),
      cmocka_unit_test(bad_point_gives_no_answer),
      cmocka_unit_test(private_range),
      cmocka_unit_test(known_agreement),
      cmocka_unit_test(own_keys),
      cmocka_unit_test(rejection),
      cmocka_unit_test(flips),
      cmocka_unit_test(pem_round_trips),
      cmocka_unit_test(pem_of_other_makers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
