/* SPDX-License-Identifier: Apache-2.0 */
#include "sgx_support.h"

#include <base/limits.h>
#include <sgx/sealed_blob.h>

static qy_status recode(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_sealed_blob blob;
  QY_TRY(qy_sealed_blob_decode(&blob, bytes, why));
  return qy_sealed_blob_encode(again, &blob, why);
}

static const uint8_t secret_text[] = "what only this enclave may read";
static const uint8_t public_text[] = "group 0b3f";

static void a_blob(qy_buffer *out, qy_secret *key, size_t plain_size, size_t clear_size)
{
  qy_key_request request;
  uint8_t bytes[QY_KEY_REQUEST_SIZE];
  fill_random(bytes, sizeof(bytes), 9);
  assert_ok(qy_key_request_decode(&request, QY_VIEW_OF(bytes), &assert_why));
  fill_random(bytes, 16, 10);
  qy_secret_set(key, bytes, 16);
  assert_ok(qy_sealed_blob_seal(out, &request, key, qy_view_over(secret_text, plain_size),
                                qy_view_over(public_text, clear_size), &assert_why));
}

static void decoder_pays_its_debts(void **state)
{
  (void)state;
  static const size_t sizes[][2] = {{31, 10}, {31, 0}, {0, 10}, {0, 0}, {1, 1}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 4096);
    QY_SCOPED_SECRET(key);
    a_blob(&bytes, &key, sizes[i][0], sizes[i][1]);
    assert_int_equal(bytes.size, QY_SEALED_BLOB_HEADER_SIZE + sizes[i][0] + sizes[i][1]);
    check_decoder(recode, qy_buffer_view(&bytes));
  }
}

static void sizes_are_held_to_each_other(void **state)
{
  (void)state;
  static const struct {
    uint32_t ciphertext_size;
    uint32_t payload_size;
    qy_status status;
  } rows[] = {{31, 41, QY_OK},
              {0, 41, QY_OK},
              {41, 41, QY_OK},
              {42, 41, QY_ERR_MALFORMED},
              {UINT32_MAX, 41, QY_ERR_MALFORMED},
              {31, 30, QY_ERR_MALFORMED},
              {31, 40, QY_ERR_MALFORMED}, /* a byte is left over */
              {31, 42, QY_ERR_TRUNCATED},
              {31, QY_MAX_FILE_SIZE, QY_ERR_TRUNCATED},
              {31, QY_MAX_FILE_SIZE + 1, QY_ERR_LIMIT},
              {UINT32_MAX, UINT32_MAX, QY_ERR_LIMIT}};
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_BUFFER(again, 4096);
  QY_SCOPED_SECRET(key);
  a_blob(&bytes, &key, 31, 10);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    for (size_t at = 0; at < 4; at++) {
      bytes.bytes[512 + at] = (uint8_t)(rows[i].ciphertext_size >> (8 * at));
      bytes.bytes[528 + at] = (uint8_t)(rows[i].payload_size >> (8 * at));
    }
    assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), rows[i].status);
  }
  a_blob(&again, &key, 31, 10);
  for (size_t at = 516; at < 544; at++) {
    if (at < 528 || at >= 532) {
      QY_SCOPED_BUFFER(out, 4096);
      again.bytes[at] = 1;
      assert_int_equal(recode_exact(recode, &out, again.bytes, again.size), QY_ERR_MALFORMED);
      again.bytes[at] = 0;
    }
  }
}

static void what_is_sealed_opens(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_BUFFER(plain, 4096);
  QY_SCOPED_SECRET(key);
  qy_sealed_blob blob;
  qy_trace trace = {0};
  a_blob(&bytes, &key, 31, 10);
  assert_ok(qy_sealed_blob_decode(&blob, qy_buffer_view(&bytes), &assert_why));
  assert_int_equal(blob.clear_text.size, 10);
  assert_memory_equal(blob.clear_text.bytes, public_text, 10);
  assert_memory_not_equal(blob.ciphertext.bytes, secret_text, 31);
  assert_ok(qy_sealed_blob_open(&plain, &trace, &blob, &key, &assert_why));
  assert_int_equal(plain.size, 31);
  assert_memory_equal(plain.bytes, secret_text, 31);
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_SEALED_BLOB_TAG)->outcome, QY_OUTCOME_HELD);
}

/* Ciphertext, clear text, tag, the border between the two texts, and the key. */
static void changes_are_refused(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_SECRET(key);
  a_blob(&bytes, &key, 31, 10);
  static const size_t changes[] = {544, 559, 560, 590, 591, 600, 512};
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    QY_SCOPED_BUFFER(plain, 4096);
    qy_sealed_blob blob;
    qy_trace trace = {0};
    qy_buffer_append_text(&plain, "before");
    bytes.bytes[changes[i]] ^= 1;
    assert_ok(qy_sealed_blob_decode(&blob, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(qy_sealed_blob_open(&plain, &trace, &blob, &key, NULL), QY_ERR_REFUSED);
    assert_int_equal(refused_by(&trace), QY_CHECK_SEALED_BLOB_TAG);
    assert_string_equal(qy_buffer_text(&plain), "before");
    bytes.bytes[changes[i]] ^= 1;
  }
  QY_SCOPED_BUFFER(plain, 4096);
  qy_sealed_blob blob;
  key.bytes[0] ^= 1;
  assert_ok(qy_sealed_blob_decode(&blob, qy_buffer_view(&bytes), &assert_why));
  assert_int_equal(qy_sealed_blob_open(&plain, NULL, &blob, &key, NULL), QY_ERR_REFUSED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoder_pays_its_debts),
      cmocka_unit_test(sizes_are_held_to_each_other),
      cmocka_unit_test(what_is_sealed_opens),
      cmocka_unit_test(changes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
