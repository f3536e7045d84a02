/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <crypto/random.h>
#include <crypto/symmetric.h>

/* RFC 4493, section 4. */
static void cmac_known_answers(void **state)
{
  (void)state;
  static const struct {
    size_t size;
    const char *mac;
  } cases[] = {{0, "bb1d6929e95937287fa37d129b756746"},
               {16, "070a16b46b4d4144f79bdd9dd04a287c"},
               {40, "dfa66747de9ae63030ca32611497c827"},
               {64, "51f0bebf7e3b9d92fc49741779363cfe"}};
  QY_SCOPED_BUFFER(key, 16);
  QY_SCOPED_BUFFER(text, 64);
  hex_bytes(&key, "2b7e151628aed2a6abf7158809cf4f3c");
  hex_bytes(&text, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                   "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    for (size_t cut = 0; cut <= cases[i].size; cut += 7) {
      uint8_t mac[QY_CMAC_SIZE];
      QY_SCOPED_BUFFER(expected, 16);
      hex_bytes(&expected, cases[i].mac);
      const qy_view parts[2] = {{text.bytes, cut}, {text.bytes + cut, cases[i].size - cut}};
      assert_ok(qy_cmac(mac, qy_buffer_view(&key), parts, 2, &assert_why));
      assert_memory_equal(mac, expected.bytes, 16);
    }
  }
}

static void cmac_wants_16_bytes_of_key(void **state)
{
  (void)state;
  uint8_t mac[QY_CMAC_SIZE] = {1};
  const uint8_t key[32] = {0};
  qy_error why = {0};
  for (size_t size = 0; size <= 32; size++) {
    const qy_status status = qy_cmac(mac, (qy_view){key, size}, NULL, 0, &why);
    assert_int_equal(status, size == 16 ? QY_OK : QY_ERR_ARGUMENT);
  }
  assert_true(qy_view_is_zero(QY_VIEW_OF(mac)));
}

/* RFC 4231, test cases 1, 2 and 6 (a key longer than a block), and a key and a text of nothing. */
static void hmac_known_answers(void **state)
{
  (void)state;
  uint8_t long_key[131];
  uint8_t first_key[20];
  memset(long_key, 0xaa, sizeof(long_key));
  memset(first_key, 0x0b, sizeof(first_key));
  const struct {
    qy_view key;
    const char *text;
    const char *mac;
  } cases[] = {{QY_VIEW_OF(first_key), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
               {qy_view_text("Jefe"), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
               {QY_VIEW_OF(long_key), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
               {{NULL, 0}, "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    uint8_t mac[QY_HMAC_SIZE];
    QY_SCOPED_BUFFER(expected, QY_HMAC_SIZE);
    const qy_view text = qy_view_text(cases[i].text);
    const qy_view parts[] = {qy_view_slice(text, 0, text.size / 2),
                             qy_view_slice(text, text.size / 2, text.size - text.size / 2)};
    hex_bytes(&expected, cases[i].mac);
    assert_ok(qy_hmac_sha256(mac, cases[i].key, parts, 2, &assert_why));
    assert_memory_equal(mac, expected.bytes, QY_HMAC_SIZE);
  }
}

typedef struct gcm_case {
  const char *key, *iv, *aad, *plain, *ciphertext, *tag;
} gcm_case;

/* From the GCM specification (McGrew and Viega), test cases 1, 2 and 4. */
static const gcm_case gcm_cases[] = {
    {"00000000000000000000000000000000", "000000000000000000000000", "", "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {"00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
    {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
     "3d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"}};

static void gcm_known_answers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(gcm_cases) / sizeof(gcm_cases[0]); i++) {
    uint8_t out[64];
    uint8_t tag[16];
    QY_SCOPED_BUFFER(key, 64);
    QY_SCOPED_BUFFER(iv, 64);
    QY_SCOPED_BUFFER(aad, 64);
    QY_SCOPED_BUFFER(plain, 64);
    QY_SCOPED_BUFFER(ciphertext, 64);
    QY_SCOPED_BUFFER(expected, 64);
    hex_bytes(&key, gcm_cases[i].key);
    hex_bytes(&iv, gcm_cases[i].iv);
    hex_bytes(&aad, gcm_cases[i].aad);
    hex_bytes(&plain, gcm_cases[i].plain);
    hex_bytes(&ciphertext, gcm_cases[i].ciphertext);
    hex_bytes(&expected, gcm_cases[i].tag);
    assert_ok(qy_gcm_seal(out, tag, qy_buffer_view(&key), qy_buffer_view(&iv), qy_buffer_view(&aad),
                          qy_buffer_view(&plain), &assert_why));
    assert_memory_equal(tag, expected.bytes, 16);
    if (plain.size > 0) {
      assert_memory_equal(out, ciphertext.bytes, ciphertext.size);
    }
    /* In place. */
    assert_ok(qy_gcm_open(out, qy_buffer_view(&key), qy_buffer_view(&iv), qy_buffer_view(&aad),
                          (qy_view){out, plain.size}, tag, &assert_why));
    if (plain.size > 0) {
      assert_memory_equal(out, plain.bytes, plain.size);
    }
  }
}

static void gcm_refuses_every_flipped_bit(void **state)
{
  (void)state;
  const uint8_t key[16] = {1}, iv[12] = {2}, aad[5] = {3};
  const uint8_t plain[9] = {4, 5, 6, 7, 8, 9, 10, 11, 12};
  uint8_t sealed[9 + 16 + 5];
  qy_error why = {0};
  memcpy(sealed + 25, aad, 5);
  assert_ok(qy_gcm_seal(sealed, sealed + 9, QY_VIEW_OF(key), QY_VIEW_OF(iv), QY_VIEW_OF(aad), QY_VIEW_OF(plain),
                        &assert_why));
  for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
    uint8_t out[9];
    memset(out, 0x77, sizeof(out));
    sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(qy_gcm_open(out, QY_VIEW_OF(key), QY_VIEW_OF(iv), (qy_view){sealed + 25, 5}, (qy_view){sealed, 9},
                                 sealed + 9, &why),
                     QY_ERR_CRYPTO);
    assert_true(qy_view_is_zero(QY_VIEW_OF(out)));
    sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

static void gcm_wants_its_sizes(void **state)
{
  (void)state;
  const uint8_t bytes[32] = {0};
  uint8_t out[4] = {0}, tag[16];
  qy_error why = {0};
  const qy_view none = {NULL, 0};
  assert_int_equal(qy_gcm_seal(out, tag, (qy_view){bytes, 32}, (qy_view){bytes, 12}, none, none, &why),
                   QY_ERR_ARGUMENT);
  assert_int_equal(qy_gcm_seal(out, tag, (qy_view){bytes, 16}, (qy_view){bytes, 16}, none, none, &why),
                   QY_ERR_ARGUMENT);
  memset(out, 5, sizeof(out));
  assert_int_equal(qy_gcm_open(out, (qy_view){bytes, 16}, (qy_view){bytes, 11}, none, QY_VIEW_OF(out), bytes, &why),
                   QY_ERR_ARGUMENT);
  assert_true(qy_view_is_zero(QY_VIEW_OF(out)));
}

static qy_status broken(void *context, uint8_t *out, size_t size, qy_error *why)
{
  (void)context;
  memset(out, 9, size);
  return qy_fail(why, QY_ERR_IO, "unplugged");
}

static void random_source(void **state)
{
  (void)state;
  uint8_t a[64], b[64];
  qy_error why = {0};
  assert_ok(qy_random_fill(qy_random_system(), a, sizeof(a), &assert_why));
  assert_ok(qy_random_fill(qy_random_system(), b, sizeof(b), &assert_why));
  assert_memory_not_equal(a, b, sizeof(a));
  assert_ok(qy_random_fill(qy_random_system(), NULL, 0, &assert_why));
  const qy_random bad = {.fill = broken};
  assert_int_equal(qy_random_fill(&bad, a, sizeof(a), &why), QY_ERR_IO);
  assert_string_equal(why.message, "randomness: 64 bytes: unplugged");
  assert_true(qy_view_is_zero(QY_VIEW_OF(a)));
  assert_int_equal(qy_random_fill(NULL, a, sizeof(a), &why), QY_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cmac_known_answers),
      cmocka_unit_test(cmac_wants_16_bytes_of_key),
      cmocka_unit_test(hmac_known_answers),
      cmocka_unit_test(gcm_known_answers),
      cmocka_unit_test(gcm_refuses_every_flipped_bit),
      cmocka_unit_test(gcm_wants_its_sizes),
      cmocka_unit_test(random_source),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
