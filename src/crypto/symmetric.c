/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/symmetric.h>

#include <string.h>

#include <openssl/core_names.h>

#include <crypto/openssl.h>

/* libcrypto counts in int. */
#define MAX_TEXT_SIZE ((size_t)1 << 30)

static qy_status check_key(qy_view key, qy_error *why)
{
  if (key.size != QY_AES_KEY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "AES-128 key: %zu bytes, 16 expected", key.size);
  }
  return QY_OK;
}

/* `name` of a MAC whose own setting is called `setting` and is `value`. */
static bool mac(uint8_t *out, size_t out_size, const char *name, const char *setting, char *value, qy_view key,
                const qy_view *parts, size_t count)
{
  static const uint8_t empty[1];
  const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(setting, value, 0), OSSL_PARAM_construct_end()};
  QY_SCOPED_OPENSSL(EVP_MAC, algorithm) = EVP_MAC_fetch(NULL, name, NULL);
  QY_SCOPED_OPENSSL(EVP_MAC_CTX, context) = algorithm == NULL ? NULL : EVP_MAC_CTX_new(algorithm);
  size_t size = 0;
  /* Without a key libcrypto would take an earlier one. */
  bool good = context != NULL && EVP_MAC_init(context, key.size == 0 ? empty : key.bytes, key.size, settings) == 1;
  for (size_t i = 0; good && i < count; i++) {
    good = parts[i].size == 0 || EVP_MAC_update(context, parts[i].bytes, parts[i].size) == 1;
  }
  return good && EVP_MAC_final(context, out, &size, out_size) == 1 && size == out_size;
}

qy_status qy_cmac(uint8_t out[QY_CMAC_SIZE], qy_view key, const qy_view *parts, size_t count, qy_error *why)
{
  char cipher[] = "AES-128-CBC";
  qy_status status = check_key(key, why);
  if (status == QY_OK && !mac(out, QY_CMAC_SIZE, "CMAC", OSSL_MAC_PARAM_CIPHER, cipher, key, parts, count)) {
    status = qy_crypto_fail(why, QY_ERR_CRYPTO, "AES-CMAC");
  }
  if (status != QY_OK) {
    memset(out, 0, QY_CMAC_SIZE);
  }
  return status;
}

qy_status qy_hmac_sha256(uint8_t out[QY_HMAC_SIZE], qy_view key, const qy_view *parts, size_t count, qy_error *why)
{
  char digest[] = "SHA256";
  if (mac(out, QY_HMAC_SIZE, "HMAC", OSSL_MAC_PARAM_DIGEST, digest, key, parts, count)) {
    return QY_OK;
  }
  memset(out, 0, QY_HMAC_SIZE);
  return qy_crypto_fail(why, QY_ERR_CRYPTO, "HMAC-SHA256");
}

static qy_status check_gcm(qy_view key, qy_view iv, qy_view aad, qy_view text, qy_error *why)
{
  QY_TRY(check_key(key, why));
  if (iv.size != QY_GCM_IV_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "AES-GCM IV: %zu bytes, 12 expected", iv.size);
  }
  if (aad.size > MAX_TEXT_SIZE || text.size > MAX_TEXT_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "AES-GCM: %zu bytes with %zu of associated data", text.size, aad.size);
  }
  return QY_OK;
}

/* Both directions up to the tag. */
static bool gcm_run(EVP_CIPHER_CTX *context, uint8_t *out, qy_view key, qy_view iv, qy_view aad, qy_view in, bool seal)
{
  int done = 0;
  return context != NULL &&
         EVP_CipherInit_ex(context, EVP_aes_128_gcm(), NULL, key.bytes, iv.bytes, seal ? 1 : 0) == 1 &&
         (aad.size == 0 || EVP_CipherUpdate(context, NULL, &done, aad.bytes, (int)aad.size) == 1) &&
         (in.size == 0 ||
          (EVP_CipherUpdate(context, out, &done, in.bytes, (int)in.size) == 1 && (size_t)done == in.size));
}

qy_status qy_gcm_seal(uint8_t *ciphertext, uint8_t tag[QY_GCM_TAG_SIZE], qy_view key, qy_view iv, qy_view aad,
                      qy_view plain, qy_error *why)
{
  QY_TRY(check_gcm(key, iv, aad, plain, why));
  uint8_t rest[16];
  int done = 0;
  QY_SCOPED_OPENSSL(EVP_CIPHER_CTX, context) = EVP_CIPHER_CTX_new();
  if (!gcm_run(context, ciphertext, key, iv, aad, plain, true) || EVP_CipherFinal_ex(context, rest, &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, QY_GCM_TAG_SIZE, tag) != 1) {
    qy_wipe(ciphertext, plain.size); /* it may hold plain text */
    memset(tag, 0, QY_GCM_TAG_SIZE);
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "AES-GCM sealing");
  }
  return QY_OK;
}

qy_status qy_gcm_open(uint8_t *plain, qy_view key, qy_view iv, qy_view aad, qy_view ciphertext,
                      const uint8_t tag[QY_GCM_TAG_SIZE], qy_error *why)
{
  uint8_t given[QY_GCM_TAG_SIZE];
  uint8_t rest[16];
  int done = 0;
  memcpy(given, tag, sizeof(given)); /* the interface of libcrypto is not const, and `tag` may lie in `plain` */
  qy_status status = check_gcm(key, iv, aad, ciphertext, why);
  if (status == QY_OK) {
    QY_SCOPED_OPENSSL(EVP_CIPHER_CTX, context) = EVP_CIPHER_CTX_new();
    if (!gcm_run(context, plain, key, iv, aad, ciphertext, false) ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(given), given) != 1 ||
        EVP_CipherFinal_ex(context, rest, &done) != 1) {
      ERR_clear_error();
      status = qy_fail(why, QY_ERR_CRYPTO, "AES-GCM: the tag does not fit");
    }
  }
  if (status != QY_OK) {
    qy_wipe(plain, ciphertext.size);
  }
  return status;
}
