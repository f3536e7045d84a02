/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: owning locals for libcrypto's objects and the one way to report its failures. */
#ifndef QY_CRYPTO_OPENSSL_H
#define QY_CRYPTO_OPENSSL_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <base/buffer.h>
#include <quotary/status.h>

#define QY_CRYPTO_SCOPED(type, free_it)             \
  static inline void qy_scope_##type(type **object) \
  {                                                 \
    free_it(*object);                               \
    *object = NULL;                                 \
  }
QY_CRYPTO_SCOPED(ASN1_INTEGER, ASN1_INTEGER_free)
QY_CRYPTO_SCOPED(ASN1_OBJECT, ASN1_OBJECT_free)
QY_CRYPTO_SCOPED(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
QY_CRYPTO_SCOPED(ASN1_TIME, ASN1_TIME_free)
QY_CRYPTO_SCOPED(BN_CTX, BN_CTX_free)
QY_CRYPTO_SCOPED(BIGNUM, BN_clear_free)
QY_CRYPTO_SCOPED(BIO, BIO_free_all)
QY_CRYPTO_SCOPED(EC_GROUP, EC_GROUP_free)
QY_CRYPTO_SCOPED(EC_POINT, EC_POINT_clear_free)
QY_CRYPTO_SCOPED(ECDSA_SIG, ECDSA_SIG_free)
QY_CRYPTO_SCOPED(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
QY_CRYPTO_SCOPED(EVP_MAC, EVP_MAC_free)
QY_CRYPTO_SCOPED(EVP_MAC_CTX, EVP_MAC_CTX_free)
QY_CRYPTO_SCOPED(EVP_MD_CTX, EVP_MD_CTX_free)
QY_CRYPTO_SCOPED(EVP_PKEY, EVP_PKEY_free)
QY_CRYPTO_SCOPED(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
QY_CRYPTO_SCOPED(OSSL_PARAM, OSSL_PARAM_free)
QY_CRYPTO_SCOPED(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
QY_CRYPTO_SCOPED(X509, X509_free)
QY_CRYPTO_SCOPED(X509_CRL, X509_CRL_free)
QY_CRYPTO_SCOPED(X509_EXTENSION, X509_EXTENSION_free)
QY_CRYPTO_SCOPED(X509_REVOKED, X509_REVOKED_free)
#define QY_SCOPED_OPENSSL(type, name) __attribute__((cleanup(qy_scope_##type))) type *name

/* "what: libcrypto's reason". Empties libcrypto's error queue, which TLS on the same thread would otherwise trip
 * over. */
static inline qy_status qy_crypto_fail(qy_error *why, qy_status status, const char *what)
{
  const unsigned long code = ERR_peek_last_error();
  const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
  ERR_clear_error();
  return qy_fail(why, status, "%s: %s", what, reason == NULL ? qy_status_text(status) : reason);
}

/* PEM texts. A password is never asked for: an encrypted key does not parse. */
static inline int qy_pem_no_password(char *buffer, int size, int writing, void *context)
{
  (void)buffer;
  (void)size;
  (void)writing;
  (void)context;
  return -1;
}

/* A read-only memory BIO; NULL when the input is too long for one. */
static inline BIO *qy_bio_over(qy_view text)
{
  return text.bytes == NULL || text.size > (1u << 20) ? NULL : BIO_new_mem_buf(text.bytes, (int)text.size);
}

/* Appends what was written to a memory BIO. */
static inline void qy_bio_append(qy_buffer *out, BIO *from)
{
  char *bytes = NULL;
  const long size = BIO_get_mem_data(from, &bytes);
  if (size > 0) {
    qy_buffer_append(out, bytes, (size_t)size);
  }
}

#endif
