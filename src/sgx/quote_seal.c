/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/quote_seal.h>

#include <inttypes.h>
#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>

#define PROOF_COUNT_AT 356 /* in the plain signature: after 352 bytes and the list's version */

/* The count that the plain signature states (big-endian, as all inside EPID structures). */
static uint32_t inner_proof_count(qy_view plain)
{
  qy_reader in = qy_reader_over(qy_view_slice(plain, PROOF_COUNT_AT, 4));
  return qy_read_u32be(&in, "n2");
}

static qy_status check_seal_sizes(size_t sealed_size, qy_view plain, const qy_rsa_public *key, qy_error *why)
{
  if (key->size != QY_QUOTE_WRAPPED_KEY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "quote: the wrapping key is RSA-%zu, it must be RSA-2048", key->size * 8);
  }
  const uint32_t count = plain.size < QY_QUOTE_PLAIN_SIZE ? 0 : inner_proof_count(plain);
  if (count > QY_MAX_SIGRL_ENTRIES) {
    return qy_fail(why, QY_ERR_LIMIT, "quote: %" PRIu32 " proofs are beyond the limit", count);
  }
  if (plain.size != qy_quote_plain_size(count)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "quote: no EPID signature of %" PRIu32 " proofs has %zu bytes", count,
                   plain.size);
  }
  if (sealed_size != qy_quote_sealed_size(count)) {
    return qy_fail(why, QY_ERR_SPACE, "quote: the sealed signature takes %zu bytes, there are %zu",
                   qy_quote_sealed_size(count), sealed_size);
  }
  return QY_OK;
}

qy_status qy_quote_seal_signature(uint8_t *sealed, size_t sealed_size, qy_view plain, const qy_rsa_public *key,
                                  const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(secret);
  uint8_t wrapped[QY_QUOTE_WRAPPED_KEY_SIZE];
  uint8_t key_hash[QY_QUOTE_KEY_HASH_SIZE];
  uint8_t iv[QY_QUOTE_IV_SIZE];
  QY_TRY(check_seal_sizes(sealed_size, plain, key, why));
  QY_TRY(qy_random_fill(random, secret.bytes, QY_AES_KEY_SIZE, why));
  secret.size = QY_AES_KEY_SIZE;
  QY_TRY(qy_random_fill(random, iv, sizeof(iv), why));
  QY_TRY(qy_sha256(key_hash, qy_secret_view(&secret), why));
  QY_TRY(qy_rsa_oaep_encrypt(wrapped, key, qy_secret_view(&secret), why));
  qy_writer out = qy_writer_over(sealed, sealed_size);
  qy_write_bytes(&out, wrapped, sizeof(wrapped));
  qy_write_bytes(&out, key_hash, sizeof(key_hash));
  qy_write_bytes(&out, iv, sizeof(iv));
  qy_write_u32le(&out, (uint32_t)plain.size);
  uint8_t *const ciphertext = sealed + out.offset;
  uint8_t *const tag = ciphertext + plain.size;
  QY_TRY(qy_gcm_seal(ciphertext, tag, qy_secret_view(&secret), QY_VIEW_OF(iv), (qy_view){NULL, 0}, plain, why));
  return qy_write_finish(&out, NULL, "sealed signature", why);
}

/* The AES key into `secret`, by checks quote-wrap-key and quote-key-hash. */
static qy_status unwrap_key(qy_secret *secret, qy_trace *trace, const qy_quote *quote, const qy_rsa_private *key,
                            qy_error *why)
{
  uint8_t hash[QY_QUOTE_KEY_HASH_SIZE];
  uint8_t plain[QY_RSA_MAX_SIZE];
  size_t size = sizeof(plain);
  const qy_status status = qy_rsa_oaep_decrypt(plain, &size, key, quote->wrapped_key, NULL);
  const bool unwrapped = status == QY_OK && size == QY_AES_KEY_SIZE;
  qy_secret_clear(secret);
  if (unwrapped) {
    qy_secret_set(secret, plain, QY_AES_KEY_SIZE);
  }
  qy_wipe(plain, sizeof(plain));
  if (status != QY_OK && status != QY_ERR_CRYPTO) {
    return qy_fail(why, status, "quote: the wrapped key could not be opened");
  }
  if (!qy_check(trace, QY_CHECK_QUOTE_WRAP_KEY, unwrapped,
                .expected = qy_textf("a 16-byte key under this service's RSA key"),
                .actual = qy_textf(unwrapped ? "that" : "something else"), .origin = "RSA key of the report service")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: the wrapped key is not for this report service");
  }
  QY_TRY(qy_sha256(hash, qy_secret_view(secret), why));
  const bool same = quote->key_hash.size == sizeof(hash) && qy_equal_ct(hash, quote->key_hash.bytes, sizeof(hash));
  if (!qy_check(trace, QY_CHECK_QUOTE_KEY_HASH, same, .expected = qy_text_hex(quote->key_hash),
                .actual = qy_text_hex(QY_VIEW_OF(hash)), .origin = "quote")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: the wrapped key does not have the hash beside it");
  }
  return QY_OK;
}

static qy_status open_sealed(qy_buffer *plain, qy_trace *trace, const qy_quote *quote, const qy_secret *secret,
                             qy_error *why)
{
  uint8_t *const bytes = qy_buffer_extend(plain, quote->ciphertext.size);
  QY_TRY(qy_buffer_finish(plain, "quote signature", why));
  const qy_status status = qy_gcm_open(bytes, qy_secret_view(secret), quote->iv, (qy_view){NULL, 0}, quote->ciphertext,
                                       quote->tag.bytes, NULL);
  if (status != QY_OK && status != QY_ERR_CRYPTO) {
    return qy_fail(why, status, "quote: the sealed signature could not be opened");
  }
  if (!qy_check(trace, QY_CHECK_QUOTE_SIGNATURE_TAG, status == QY_OK,
                .expected = qy_textf("the tag of this ciphertext under the wrapped key"),
                .actual = qy_text_hex(quote->tag), .origin = "quote")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: the sealed signature was changed");
  }
  const uint32_t count = inner_proof_count(qy_view_over(bytes, quote->ciphertext.size));
  if (!qy_check(trace, QY_CHECK_QUOTE_PROOF_COUNT, count == quote->proof_count,
                .expected = qy_textf("%" PRIu32 " by its length", quote->proof_count),
                .actual = qy_textf("%" PRIu32 " inside", count), .origin = "quote")) {
    return qy_fail(why, QY_ERR_REFUSED,
                   "quote: the sealed signature states %" PRIu32 " proofs and has room for %" PRIu32, count,
                   quote->proof_count);
  }
  return QY_OK;
}

qy_status qy_quote_open_signature(qy_buffer *plain, qy_trace *trace, const qy_quote *quote, const qy_rsa_private *key,
                                  qy_error *why)
{
  QY_SCOPED_SECRET(secret);
  if (plain->size != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "quote: the buffer for the signature is not empty");
  }
  QY_TRY(unwrap_key(&secret, trace, quote, key, why));
  const qy_status status = open_sealed(plain, trace, quote, &secret, why);
  if (status != QY_OK) {
    qy_wipe(plain->bytes, plain->size);
    plain->size = 0;
  }
  return status;
}
