/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/x509.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <base/secret.h>
#include <crypto/p256_key.h>
#include <crypto/pem.h>
#include <crypto/rsa_key.h>
#include <crypto/x509_object.h>

#define CERTIFICATE_MAX_SIZE (1u << 16) /* bytes of DER; a certificate with a large quote in it fits */

struct qy_certificate {
  X509 *object;
  uint8_t *der;
  size_t der_size;
};

const X509 *qy_certificate_object(const qy_certificate *certificate)
{
  return certificate->object;
}

void qy_certificate_free(qy_certificate **certificate)
{
  if (*certificate != NULL) {
    X509_free((*certificate)->object);
    free((*certificate)->der);
    free(*certificate);
    *certificate = NULL;
  }
}

/* Takes the object over unless it returns NULL. The bytes are kept as they came: what is signed is never written anew. */
static qy_certificate *certificate_over(X509 *object, qy_view der)
{
  qy_certificate *made = calloc(1, sizeof(*made));
  uint8_t *bytes = malloc(der.size);
  if (made == NULL || bytes == NULL) {
    free(made);
    free(bytes);
    return NULL;
  }
  memcpy(bytes, der.bytes, der.size);
  *made = (qy_certificate){.object = object, .der = bytes, .der_size = der.size};
  return made;
}

qy_status qy_certificate_from_der(qy_certificate **out, qy_view der, qy_error *why)
{
  *out = NULL;
  if (der.size == 0 || der.size > CERTIFICATE_MAX_SIZE) {
    return qy_fail(why, der.size == 0 ? QY_ERR_MALFORMED : QY_ERR_LIMIT, "certificate: %zu bytes of DER, at most %u",
                   der.size, CERTIFICATE_MAX_SIZE);
  }
  const unsigned char *at = der.bytes;
  QY_SCOPED_OPENSSL(X509, object) = d2i_X509(NULL, &at, (long)der.size);
  if (object == NULL) {
    return qy_crypto_fail(why, QY_ERR_MALFORMED, "certificate");
  }
  if (at != der.bytes + der.size) {
    return qy_fail(why, QY_ERR_MALFORMED, "certificate: %zu bytes left over after byte %zu",
                   der.size - (size_t)(at - der.bytes), (size_t)(at - der.bytes));
  }
  *out = certificate_over(object, der);
  if (*out == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "certificate");
  }
  object = NULL;
  return QY_OK;
}

qy_view qy_certificate_der(const qy_certificate *certificate)
{
  return qy_view_over(certificate->der, certificate->der_size);
}

/* ---- PEM ---- */

void qy_chain_clear(qy_chain *chain)
{
  for (size_t i = 0; i < chain->count; i++) {
    qy_certificate_free(&chain->certificates[i]);
  }
  chain->count = 0;
}

/* Leaves those that stand before a bad one. */
static qy_status read_chain(qy_chain *out, qy_view pem, qy_error *why)
{
  _Static_assert(sizeof(out->certificates) / sizeof(out->certificates[0]) == QY_MAX_CHAIN_CERTIFICATES, "one limit");
  for (size_t at = qy_pem_skip_space(pem, 0); at < pem.size; at = qy_pem_skip_space(pem, at)) {
    if (out->count == QY_MAX_CHAIN_CERTIFICATES) {
      return qy_fail(why, QY_ERR_LIMIT, "certificates: more than %u", QY_MAX_CHAIN_CERTIFICATES);
    }
    QY_SCOPED_BUFFER(der, CERTIFICATE_MAX_SIZE);
    QY_TRY(qy_pem_next(&der, pem, &at, "CERTIFICATE", why));
    QY_TRY(qy_certificate_from_der(&out->certificates[out->count], qy_buffer_view(&der), why));
    out->count++;
  }
  return out->count > 0 ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "certificates: there is none");
}

qy_status qy_chain_from_pem(qy_chain *out, qy_view pem, qy_error *why)
{
  *out = (qy_chain){0};
  const qy_status status = read_chain(out, pem, why);
  if (status != QY_OK) {
    qy_chain_clear(out);
  }
  return status;
}

qy_status qy_certificate_from_pem(qy_certificate **out, qy_view pem, qy_error *why)
{
  *out = NULL;
  qy_chain chain;
  QY_TRY(qy_chain_from_pem(&chain, pem, why));
  const size_t count = chain.count;
  if (count != 1) {
    qy_chain_clear(&chain);
    return qy_fail(why, QY_ERR_MALFORMED, "certificate: %zu where one is expected", count);
  }
  *out = chain.certificates[0];
  return QY_OK;
}

/* ---- What it says ---- */

void qy_certificate_fingerprint(uint8_t sha256[32], const qy_certificate *certificate)
{
  if (EVP_Digest(certificate->der, certificate->der_size, sha256, NULL, EVP_sha256(), NULL) != 1) {
    ERR_clear_error();
    memset(sha256, 0, 32);
  }
}

static void name_text(char *out, size_t size, const X509_NAME *name)
{
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_mem());
  char *bytes = NULL;
  out[0] = '\0';
  if (memory != NULL && X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253) >= 0) {
    const long length = BIO_get_mem_data(memory, &bytes);
    (void)snprintf(out, size, "%.*s", length > 4096 ? 4096 : (int)length, bytes == NULL ? "" : bytes);
  }
  ERR_clear_error();
}

void qy_certificate_subject(char *out, size_t size, const qy_certificate *certificate)
{
  name_text(out, size, X509_get_subject_name(certificate->object));
}

void qy_certificate_issuer(char *out, size_t size, const qy_certificate *certificate)
{
  name_text(out, size, X509_get_issuer_name(certificate->object));
}

void qy_certificate_serial(char *out, size_t size, const qy_certificate *certificate)
{
  QY_SCOPED_OPENSSL(BIGNUM, number) = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate->object), NULL);
  char *hex = number == NULL ? NULL : BN_bn2hex(number);
  (void)snprintf(out, size, "%s", hex == NULL ? "" : hex);
  OPENSSL_free(hex);
  ERR_clear_error();
}

/* A time that cannot be read fails whatever is asked of it: it lies beyond every other. */
static int64_t time_of(const ASN1_TIME *time, int64_t unreadable)
{
  struct tm parts;
  int64_t seconds = 0;
  if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1 ||
      !qy_time_from_civil(&seconds, parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                          parts.tm_sec)) {
    ERR_clear_error();
    return unreadable;
  }
  return seconds;
}

int64_t qy_certificate_not_before_s(const qy_certificate *certificate)
{
  return time_of(X509_get0_notBefore(certificate->object), INT64_MAX);
}

int64_t qy_certificate_not_after_s(const qy_certificate *certificate)
{
  return time_of(X509_get0_notAfter(certificate->object), INT64_MIN);
}

bool qy_certificate_is_ca(const qy_certificate *certificate)
{
  BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(certificate->object, NID_basic_constraints, NULL, NULL);
  const bool is_ca = constraints != NULL && constraints->ca != 0;
  BASIC_CONSTRAINTS_free(constraints);
  ERR_clear_error();
  return is_ca;
}

bool qy_certificate_same_key(const qy_certificate *a, const qy_certificate *b)
{
  uint8_t *a_der = NULL, *b_der = NULL;
  const int a_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(a->object), &a_der);
  const int b_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(b->object), &b_der);
  const bool same = a_size > 0 && b_size > 0 &&
                    qy_view_equal(qy_view_over(a_der, (size_t)a_size), qy_view_over(b_der, (size_t)b_size));
  OPENSSL_free(a_der);
  OPENSSL_free(b_der);
  ERR_clear_error();
  return same;
}

static qy_status key_of(EVP_PKEY **out, const qy_certificate *certificate, qy_error *why)
{
  *out = X509_get0_pubkey(certificate->object);
  if (*out == NULL) {
    ERR_clear_error();
    return qy_fail(why, QY_ERR_UNSUPPORTED, "certificate: its key is of an unknown kind or malformed");
  }
  return QY_OK;
}

qy_status qy_certificate_rsa_key(qy_rsa_public *out, const qy_certificate *certificate, qy_error *why)
{
  EVP_PKEY *key = NULL;
  *out = (qy_rsa_public){0};
  QY_TRY(key_of(&key, certificate, why));
  return qy_rsa_key_public(out, key, why);
}

qy_status qy_certificate_p256_key(qy_p256_public *out, const qy_certificate *certificate, qy_error *why)
{
  EVP_PKEY *key = NULL;
  *out = (qy_p256_public){0};
  QY_TRY(key_of(&key, certificate, why));
  return qy_p256_key_public(out, key, why);
}

qy_status qy_certificate_signed_by(bool *valid, const qy_certificate *certificate, const qy_certificate *issuer,
                                   qy_error *why)
{
  EVP_PKEY *key = NULL;
  *valid = false;
  QY_TRY(key_of(&key, issuer, why));
  *valid = X509_NAME_cmp(X509_get_issuer_name(certificate->object), X509_get_subject_name(issuer->object)) == 0 &&
           X509_verify(certificate->object, key) == 1; /* a malformed signature is a no as well */
  ERR_clear_error();
  return QY_OK;
}
