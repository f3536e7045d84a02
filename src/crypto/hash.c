/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/hash.h>

#include <string.h>

#include <crypto/openssl.h>

/* Fetched once and kept: EVP_sha256() and the like are looked up anew at each use, which takes longer than hashing a
 * block. */
static struct {
  CRYPTO_ONCE once;
  EVP_MD *by_name[QY_SHA512_256 + 1];
} algorithms = {.once = CRYPTO_ONCE_STATIC_INIT};

static void fetch_algorithms(void)
{
  static const char *const names[] = {
      [QY_SHA256] = "SHA2-256", [QY_SHA384] = "SHA2-384", [QY_SHA512] = "SHA2-512", [QY_SHA512_256] = "SHA2-512/256"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    algorithms.by_name[i] = EVP_MD_fetch(NULL, names[i], NULL);
  }
}

/* NULL when libcrypto has none of that name. */
static const EVP_MD *algorithm_of(qy_hash_name name)
{
  return CRYPTO_THREAD_run_once(&algorithms.once, fetch_algorithms) == 1 ? algorithms.by_name[name] : NULL;
}

size_t qy_hash_size(qy_hash_name name)
{
  switch (name) {
  case QY_SHA384:
    return 48;
  case QY_SHA512:
    return 64;
  case QY_SHA256:
  case QY_SHA512_256:
    return 32;
  default:
    return 0;
  }
}

void qy_hash_begin(qy_hash *hash, qy_hash_name name)
{
  *hash = (qy_hash){.context = NULL, .name = name, .status = QY_OK};
  if ((unsigned)name > QY_SHA512_256) {
    hash->status = QY_ERR_ARGUMENT;
    return;
  }
  const EVP_MD *algorithm = algorithm_of(name);
  hash->context = EVP_MD_CTX_new();
  if (hash->context == NULL) {
    hash->status = QY_ERR_MEMORY;
  } else if (algorithm == NULL || EVP_DigestInit_ex2(hash->context, algorithm, NULL) != 1) {
    hash->status = QY_ERR_CRYPTO;
  }
}

void qy_hash_begin_from(qy_hash *hash, const qy_hash *prefix)
{
  *hash = (qy_hash){.context = NULL, .name = prefix->name, .status = prefix->status};
  if (hash->status != QY_OK) {
    return;
  }
  if (prefix->context == NULL) {
    hash->status = QY_ERR_SEQUENCE;
    return;
  }
  hash->context = EVP_MD_CTX_new();
  if (hash->context == NULL) {
    hash->status = QY_ERR_MEMORY;
  } else if (EVP_MD_CTX_copy_ex(hash->context, prefix->context) != 1) {
    hash->status = QY_ERR_CRYPTO;
  }
}

void qy_hash_update(qy_hash *hash, qy_view data)
{
  if (hash->status != QY_OK || data.size == 0) {
    return;
  }
  if (hash->context == NULL) {
    hash->status = QY_ERR_SEQUENCE; /* never begun, or finished already */
  } else if (EVP_DigestUpdate(hash->context, data.bytes, data.size) != 1) {
    hash->status = QY_ERR_CRYPTO;
  }
}

qy_status qy_hash_finish(qy_hash *hash, uint8_t *out, qy_error *why)
{
  const size_t size = qy_hash_size(hash->name);
  qy_status status = hash->status;
  if (status == QY_OK && hash->context == NULL) {
    status = QY_ERR_SEQUENCE;
  }
  if (status == QY_OK && EVP_DigestFinal_ex(hash->context, out, NULL) != 1) {
    status = QY_ERR_CRYPTO;
  }
  qy_hash_clear(hash);
  if (status != QY_OK) {
    memset(out, 0, size);
    return qy_crypto_fail(why, status, "hash");
  }
  return QY_OK;
}

void qy_hash_clear(qy_hash *hash)
{
  EVP_MD_CTX_free(hash->context);
  *hash = (qy_hash){.context = NULL, .name = hash->name, .status = QY_OK};
}

qy_status qy_hash_parts(uint8_t *out, qy_hash_name name, const qy_view *parts, size_t count, qy_error *why)
{
  QY_SCOPED_HASH(hash);
  qy_hash_begin(&hash, name);
  for (size_t i = 0; i < count; i++) {
    qy_hash_update(&hash, parts[i]);
  }
  return qy_hash_finish(&hash, out, why);
}

qy_status qy_sha256(uint8_t out[QY_SHA256_SIZE], qy_view data, qy_error *why)
{
  return qy_hash_parts(out, QY_SHA256, &data, 1, why);
}

qy_status qy_sha1_checksum(uint8_t out[20], qy_view data, qy_error *why)
{
  if (EVP_Digest(data.size == 0 ? "" : (const void *)data.bytes, data.size, out, NULL, EVP_sha1(), NULL) != 1) {
    memset(out, 0, 20);
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "SHA-1");
  }
  return QY_OK;
}
