/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <dirent.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <crypto/hash.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>

static void oaep_round_trip(void **state)
{
  (void)state;
  qy_rsa_public key;
  uint8_t ciphertext[256], again[256], plain[256];
  size_t size = sizeof(plain);
  qy_error why = {0};
  QY_SCOPED_RSA(private_key);
  assert_ok(qy_rsa_generate(&private_key, 2048, 65537, &assert_why));
  qy_rsa_public_of(&key, private_key);
  assert_int_equal(key.size, 256);
  assert_int_equal(key.exponent, 65537);
  const uint8_t message[190] = {1, 2, 3};
  for (size_t length = 0; length <= 190; length += 19) { /* 190 = 256 - 2 - 2 * 32 is the longest */
    size = sizeof(plain);
    assert_ok(qy_rsa_oaep_encrypt(ciphertext, &key, (qy_view){message, length}, &assert_why));
    assert_ok(qy_rsa_oaep_decrypt(plain, &size, private_key, QY_VIEW_OF(ciphertext), &assert_why));
    assert_int_equal(size, length);
    assert_memory_equal(plain, message, length);
  }
  assert_ok(qy_rsa_oaep_encrypt(again, &key, QY_VIEW_OF(message), &assert_why));
  assert_memory_not_equal(again, ciphertext, 256);
  const uint8_t longer[191] = {0};
  assert_int_equal(qy_rsa_oaep_encrypt(again, &key, QY_VIEW_OF(longer), &why), QY_ERR_CRYPTO);
  /* Every cause looks the same. */
  char first[sizeof(why.message)];
  ciphertext[100] ^= 1;
  size = sizeof(plain);
  assert_int_equal(qy_rsa_oaep_decrypt(plain, &size, private_key, QY_VIEW_OF(ciphertext), &why), QY_ERR_CRYPTO);
  assert_int_equal(size, 0);
  memcpy(first, why.message, sizeof(first));
  ciphertext[100] ^= 1;
  size = 189;
  assert_int_equal(qy_rsa_oaep_decrypt(plain, &size, private_key, QY_VIEW_OF(ciphertext), &why), QY_ERR_CRYPTO);
  assert_string_equal(first, why.message);
  memset(ciphertext, 0xff, sizeof(ciphertext));
  size = sizeof(plain);
  assert_int_equal(qy_rsa_oaep_decrypt(plain, &size, private_key, QY_VIEW_OF(ciphertext), &why), QY_ERR_CRYPTO);
  assert_string_equal(first, why.message);
  assert_int_equal(qy_rsa_oaep_decrypt(plain, &size, private_key, (qy_view){ciphertext, 255}, &why), QY_ERR_CRYPTO);
  assert_string_equal(first, why.message);
}

static void signatures(void **state)
{
  (void)state;
  qy_rsa_public key;
  uint8_t signature[384];
  bool valid = false;
  QY_SCOPED_RSA(private_key);
  assert_ok(qy_rsa_generate(&private_key, 3072, 3, &assert_why));
  qy_rsa_public_of(&key, private_key);
  assert_int_equal(key.size, 384);
  assert_int_equal(key.exponent, 3);
  const qy_view parts[2] = {qy_view_text("SIG"), qy_view_text("STRUCT")};
  const qy_view whole = qy_view_text("SIGSTRUCT");
  assert_ok(qy_rsa_sign(signature, private_key, parts, 2, &assert_why));
  assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, QY_VIEW_OF(signature), &assert_why));
  assert_true(valid);
  assert_ok(qy_rsa_verify(&valid, &key, parts, 1, QY_VIEW_OF(signature), &assert_why));
  assert_false(valid);
  assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, (qy_view){signature, 383}, &assert_why));
  assert_false(valid);
  assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, (qy_view){NULL, 0}, &assert_why));
  assert_false(valid);
  for (size_t bit = 0; bit < 8 * sizeof(signature); bit += 97) {
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, QY_VIEW_OF(signature), &assert_why));
    assert_false(valid);
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  qy_rsa_public bad = key;
  bad.modulus[383] ^= 1; /* even */
  assert_int_equal(qy_rsa_verify(&valid, &bad, &whole, 1, QY_VIEW_OF(signature), NULL), QY_ERR_CRYPTO);
  bad = key;
  bad.exponent = 1;
  assert_int_equal(qy_rsa_verify(&valid, &bad, &whole, 1, QY_VIEW_OF(signature), NULL), QY_ERR_CRYPTO);
  assert_false(valid);
}

/* The right key over a block that is not the one there may be: verifiers that parse what they find let such through,
 * and with exponent 3 some can be made without the key. */
typedef enum block { SOUND, SHORT_PADDING, GARBAGE_BEHIND, NO_NULL, OLD_HASH, ZERO_IN_PADDING, TYPE_2, BLOCKS } block;

static void make_block(uint8_t out[384], block which, const uint8_t digest[32])
{
  static const uint8_t sha256_head[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  static const uint8_t without_null[] = {0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                         0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20};
  static const uint8_t sha1_head[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                      0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
  const uint8_t *head = which == NO_NULL ? without_null : which == OLD_HASH ? sha1_head : sha256_head;
  const size_t head_size = which == NO_NULL    ? sizeof(without_null)
                           : which == OLD_HASH ? sizeof(sha1_head)
                                               : sizeof(sha256_head);
  const size_t digest_size = which == OLD_HASH ? 20 : 32;
  const size_t behind = which == SHORT_PADDING || which == GARBAGE_BEHIND ? 300 : 0;
  const size_t at = 384 - behind - head_size - digest_size;
  memset(out, 0xff, 384);
  out[0] = 0;
  out[1] = which == TYPE_2 ? 2 : 1;
  out[at - 1] = 0;
  if (which == ZERO_IN_PADDING) {
    out[100] = 0;
  }
  memcpy(out + at, head, head_size);
  memcpy(out + at + head_size, digest, digest_size);
  memset(out + 384 - behind, which == GARBAGE_BEHIND ? 0x5a : 0, behind);
}

static void sign_block(uint8_t signature[384], const qy_rsa_private *key, const uint8_t out[384])
{
  QY_SCOPED_BUFFER(text, 1 << 14);
  size_t size = 384;
  assert_ok(qy_rsa_private_to_pem(&text, key, &assert_why));
  BIO *bio = BIO_new_mem_buf(text.bytes, (int)text.size);
  EVP_PKEY *opened = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(opened, NULL);
  assert_int_equal(EVP_PKEY_decrypt_init(context), 1); /* the bare power */
  assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
  assert_int_equal(EVP_PKEY_decrypt(context, signature, &size, out, 384), 1);
  assert_int_equal(size, 384);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(opened);
  (void)BIO_free(bio);
}

static void blocks_of_another_form(void **state)
{
  (void)state;
  qy_rsa_public key;
  QY_SCOPED_RSA(private_key);
  const qy_view message = qy_view_text("message");
  uint8_t sha256[32], sha1[32];
  assert_ok(qy_rsa_generate(&private_key, 3072, 3, &assert_why));
  qy_rsa_public_of(&key, private_key);
  assert_ok(qy_sha256(sha256, message, NULL));
  assert_int_equal(EVP_Digest(message.bytes, message.size, sha1, NULL, EVP_sha1(), NULL), 1);
  for (unsigned which = SOUND; which < BLOCKS; which++) {
    uint8_t out[384], signature[384];
    bool valid = false;
    make_block(out, (block)which, which == OLD_HASH ? sha1 : sha256);
    sign_block(signature, private_key, out);
    assert_ok(qy_rsa_verify(&valid, &key, &message, 1, QY_VIEW_OF(signature), NULL));
    assert_int_equal(valid, which == SOUND);
  }
}

static void generate_wants_sense(void **state)
{
  (void)state;
  QY_SCOPED_RSA(key);
  assert_int_equal(qy_rsa_generate(&key, 512, 3, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_rsa_generate(&key, 8192, 3, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_rsa_generate(&key, 2049, 3, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_rsa_generate(&key, 2048, 4, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_rsa_generate(&key, 2048, 1, NULL), QY_ERR_ARGUMENT);
  assert_null(key);
}

static void pem(void **state)
{
  (void)state;
  qy_rsa_public key, other;
  qy_error why = {0};
  QY_SCOPED_RSA(private_key);
  QY_SCOPED_RSA(back);
  QY_SCOPED_BUFFER(text, 1 << 14);
  QY_SCOPED_BUFFER(public_text, 1 << 14);
  assert_ok(qy_rsa_generate(&private_key, 2048, 65537, &assert_why));
  qy_rsa_public_of(&key, private_key);
  assert_ok(qy_rsa_private_to_pem(&text, private_key, &assert_why));
  assert_non_null(strstr(qy_buffer_text(&text), "-----BEGIN PRIVATE KEY-----"));
  assert_ok(qy_rsa_private_from_pem(&back, qy_buffer_view(&text), &assert_why));
  qy_rsa_public_of(&other, back);
  assert_memory_equal(&other, &key, sizeof(key));
  assert_ok(qy_rsa_public_to_pem(&public_text, &key, &assert_why));
  memset(&other, 0, sizeof(other));
  assert_ok(qy_rsa_public_from_pem(&other, qy_buffer_view(&public_text), &assert_why));
  assert_memory_equal(&other, &key, sizeof(key));
  /* The other kind of key is told apart from no key. */
  qy_p256_public point;
  QY_SCOPED_SECRET(scalar);
  assert_int_equal(qy_p256_private_from_pem(&scalar, &point, qy_buffer_view(&text), &why), QY_ERR_UNSUPPORTED);
  assert_int_equal(qy_p256_public_from_pem(&point, qy_buffer_view(&public_text), &why), QY_ERR_UNSUPPORTED);
  qy_rsa_private_free(&back);
  assert_int_equal(qy_rsa_private_from_pem(&back, qy_buffer_view(&public_text), &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_rsa_private_from_pem(&back, qy_view_text(""), &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_rsa_private_from_der(&back, qy_view_text("x"), &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_rsa_public_from_pem(&other, qy_buffer_view(&text), &why), QY_ERR_MALFORMED);
  assert_null(back);
}

/* Quotes of Intel's quoting enclave: the wrapped AES key of each stands at byte 436. */
static void real_quotes_open(void **state)
{
  (void)state;
  vectors_need();
  json_t *whole = vectors_json("ra/epid-quotes.json");
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(der, 8192);
  vectors_hex(&der, whole, "quote_wrap_rsa_private_pkcs1_der");
  assert_ok(qy_rsa_private_from_der(&key, qy_buffer_view(&der), &assert_why));
  assert_int_equal(qy_rsa_private_from_der(&(qy_rsa_private *){NULL}, (qy_view){der.bytes, der.size - 1}, NULL),
                   QY_ERR_MALFORMED);
  size_t index = 0, opened = 0;
  json_t *one = NULL;
  json_array_foreach(json_object_get(whole, "vectors"), index, one)
  {
    if (json_object_get(one, "unwrapped_aes_key") != NULL) {
      uint8_t plain[16];
      size_t size = sizeof(plain);
      QY_SCOPED_BUFFER(quote, 1 << 16);
      QY_SCOPED_BUFFER(expected, 64);
      vectors_hex(&quote, one, "quote");
      vectors_hex(&expected, one, "unwrapped_aes_key");
      assert_ok(qy_rsa_oaep_decrypt(plain, &size, key, (qy_view){quote.bytes + 436, 256}, &assert_why));
      assert_true(qy_view_equal((qy_view){plain, size}, qy_buffer_view(&expected)));
      opened++;
    }
  }
  assert_int_equal(opened, 3);
  qy_buffer_append(&der, "x", 1);
  assert_int_equal(qy_rsa_private_from_der(&(qy_rsa_private *){NULL}, qy_buffer_view(&der), NULL), QY_ERR_MALFORMED);
  json_decref(whole);
}

/* q1 and q2 of published SIGSTRUCTs, and the signatures themselves. */
static void check_sigstruct(const char *path)
{
  uint8_t modulus[384], signature[384], q1[384], q2[384], expected[384];
  qy_rsa_public key = {.size = 384, .exponent = 3};
  bool valid = false;
  QY_SCOPED_BUFFER(bytes, 4096);
  vectors_read(&bytes, path);
  assert_int_equal(bytes.size, 1808);
  qy_reverse(modulus, bytes.bytes + 128, 384);
  qy_reverse(signature, bytes.bytes + 516, 384);
  assert_ok(qy_rsa_sigstruct_quotients(q1, q2, signature, modulus, 384, &assert_why));
  qy_reverse(expected, bytes.bytes + 1040, 384);
  assert_memory_equal(q1, expected, 384);
  qy_reverse(expected, bytes.bytes + 1424, 384);
  assert_memory_equal(q2, expected, 384);
  memcpy(key.modulus, modulus, 384);
  const qy_view parts[2] = {{bytes.bytes, 128}, {bytes.bytes + 900, 128}};
  assert_ok(qy_rsa_verify(&valid, &key, parts, 2, QY_VIEW_OF(signature), &assert_why));
  assert_true(valid);
}

static void sigstruct_quotients(void **state)
{
  (void)state;
  vectors_need();
  char folder[4096];
  (void)snprintf(folder, sizeof(folder), "%s", vectors_path("misc/sigstruct"));
  DIR *all = opendir(folder);
  size_t seen = 0;
  assert_non_null(all);
  for (const struct dirent *one = readdir(all); one != NULL; one = readdir(all)) {
    if (strstr(one->d_name, ".sigstruct") != NULL) {
      char path[512];
      (void)snprintf(path, sizeof(path), "misc/sigstruct/%s", one->d_name);
      check_sigstruct(path);
      seen++;
    }
  }
  (void)closedir(all);
  assert_int_equal(seen, 22);
}

static void quotients_of_small_numbers(void **state)
{
  (void)state;
  uint8_t q1[1], q2[1];
  const uint8_t s = 200, m = 251; /* 40000 = 159 * 251 + 91; 91 * 200 = 18200 = 72 * 251 + 128 */
  assert_ok(qy_rsa_sigstruct_quotients(q1, q2, &s, &m, 1, &assert_why));
  assert_int_equal(q1[0], 159);
  assert_int_equal(q2[0], 72);
  assert_int_equal(qy_rsa_sigstruct_quotients(q1, q2, &m, &m, 1, NULL), QY_ERR_MALFORMED);
  assert_int_equal(qy_rsa_sigstruct_quotients(q1, q2, &s, &m, 0, NULL), QY_ERR_ARGUMENT);
}

static void reduction(void **state)
{
  (void)state;
  uint8_t out[2];
  const uint8_t wide[4] = {0x12, 0x34, 0x56, 0x78}, modulus[2] = {0x03, 0xe9}; /* 305419896, 1001 */
  assert_ok(qy_number_reduce(out, QY_VIEW_OF(wide), QY_VIEW_OF(modulus), 1, 1, &assert_why));
  assert_int_equal(out[0] << 8 | out[1], 305419896 % 1000 + 1);
  assert_ok(qy_number_reduce(out, QY_VIEW_OF(wide), QY_VIEW_OF(modulus), 0, 0, &assert_why));
  assert_int_equal(out[0] << 8 | out[1], 305419896 % 1001);
  const uint8_t zero[64] = {0};
  assert_ok(qy_number_reduce(out, QY_VIEW_OF(zero), QY_VIEW_OF(modulus), 1, 1, &assert_why));
  assert_int_equal(out[0] << 8 | out[1], 1);
  const uint8_t one[1] = {1};
  assert_int_equal(qy_number_reduce(out, QY_VIEW_OF(wide), QY_VIEW_OF(one), 1, 0, NULL), QY_ERR_CRYPTO);
  assert_int_equal(qy_number_reduce(out, QY_VIEW_OF(wide), QY_VIEW_OF(one), 2, 0, NULL), QY_ERR_CRYPTO);
  const uint8_t long_one[65] = {0};
  assert_int_equal(qy_number_reduce(out, QY_VIEW_OF(long_one), QY_VIEW_OF(modulus), 0, 0, NULL), QY_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(oaep_round_trip),
      cmocka_unit_test(signatures),
      cmocka_unit_test(blocks_of_another_form),
      cmocka_unit_test(generate_wants_sense),
      cmocka_unit_test(pem),
      cmocka_unit_test(real_quotes_open),
      cmocka_unit_test(sigstruct_quotients),
      cmocka_unit_test(quotients_of_small_numbers),
      cmocka_unit_test(reduction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
