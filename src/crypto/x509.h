/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: chains to a pinned key at a given time, and the few certificates that the simulation makes. */
#ifndef QY_CRYPTO_X509_H
#define QY_CRYPTO_X509_H

#include <base/buffer.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <quotary/status.h>

typedef struct qy_certificate qy_certificate;

/* Exactly one PEM certificate or DER. */
qy_status qy_certificate_from_pem(qy_certificate **out, qy_view pem, qy_error *why) QY_MUST_CHECK;
qy_status qy_certificate_from_der(qy_certificate **out, qy_view der, qy_error *why) QY_MUST_CHECK;
void qy_certificate_free(qy_certificate **certificate);
#define QY_SCOPED_CERTIFICATE(name) __attribute__((cleanup(qy_certificate_free))) qy_certificate *name = NULL

/* The certificates of a PEM text in order; nothing but white space may stand between them. At most
 * QY_MAX_CHAIN_CERTIFICATES (base/limits.h). Zero-initialise; clear frees. */
typedef struct qy_chain {
  size_t count;
  qy_certificate *certificates[8];
} qy_chain;
qy_status qy_chain_from_pem(qy_chain *out, qy_view pem, qy_error *why) QY_MUST_CHECK;
void qy_chain_clear(qy_chain *chain);
#define QY_SCOPED_CHAIN(name) __attribute__((cleanup(qy_chain_clear))) qy_chain name = {0}

qy_view qy_certificate_der(const qy_certificate *certificate); /* borrowed */
void qy_certificate_fingerprint(uint8_t sha256[32], const qy_certificate *certificate);
void qy_certificate_subject(char *out, size_t size, const qy_certificate *certificate); /* RFC 2253, one line */
void qy_certificate_issuer(char *out, size_t size, const qy_certificate *certificate);
void qy_certificate_serial(char *out, size_t size, const qy_certificate *certificate); /* upper-case hex */
int64_t qy_certificate_not_before_s(const qy_certificate *certificate);
int64_t qy_certificate_not_after_s(const qy_certificate *certificate);
bool qy_certificate_is_ca(const qy_certificate *certificate); /* basicConstraints CA true */
/* Same SubjectPublicKeyInfo bytes. */
bool qy_certificate_same_key(const qy_certificate *a, const qy_certificate *b);
/* QY_ERR_UNSUPPORTED when the key is of another kind. */
qy_status qy_certificate_rsa_key(qy_rsa_public *out, const qy_certificate *certificate, qy_error *why) QY_MUST_CHECK;
qy_status qy_certificate_p256_key(qy_p256_public *out, const qy_certificate *certificate, qy_error *why) QY_MUST_CHECK;
/* `*valid`: issuer's key signed it, and the names match. Says nothing of times or extensions. */
qy_status qy_certificate_signed_by(bool *valid, const qy_certificate *certificate, const qy_certificate *issuer,
                                   qy_error *why) QY_MUST_CHECK;

/* What the simulation's certificates say. Times in seconds since 1970. Names are written in the order CN, O, L, ST, C where
 * there is a locality, as Intel writes them; else O, CN. */
typedef struct qy_certificate_request {
  const char *common_name;
  const char *organization;
  const char *locality; /* these three may be NULL */
  const char *state;
  const char *country;
  int64_t not_before_s;
  int64_t not_after_s;
  bool is_ca;
  bool for_tls_server; /* adds serverAuth and subjectAltName localhost, 127.0.0.1, ::1 and `dns_name` if any */
  const char *dns_name;
  const char *crl_url;   /* cRLDistributionPoints; may be NULL */
  qy_view serial;        /* 1 to 20 bytes, big-endian, the first from 0x01 to 0x7f; empty: 64 random bits */
  qy_view sgx_extension; /* DER: value of the extension 1.2.840.113741.1.13.1; empty for none */
} qy_certificate_request;

/* Self-signed when `issuer` is NULL (then issuer_key is the subject's own). PEM into `out`. */
qy_status qy_certificate_make_rsa(qy_buffer *out, const qy_certificate_request *request,
                                  const qy_rsa_public *subject_key, const qy_certificate *issuer,
                                  const qy_rsa_private *issuer_key, qy_error *why) QY_MUST_CHECK;
qy_status qy_certificate_make_p256(qy_buffer *out, const qy_certificate_request *request,
                                   const qy_p256_public *subject_key, const qy_certificate *issuer,
                                   const qy_secret *issuer_key, qy_error *why) QY_MUST_CHECK;

typedef struct qy_revoked_certificate {
  uint8_t serial[20];
  size_t serial_size; /* as in a qy_certificate_request */
  int64_t revoked_s;
} qy_revoked_certificate;

typedef struct qy_crl_request {
  int64_t this_update_s;
  int64_t next_update_s;
  uint32_t number; /* cRLNumber */
  const qy_revoked_certificate *revoked;
  size_t revoked_count;
} qy_crl_request;

/* A revocation list of version 2 with cRLNumber and authorityKeyIdentifier. DER into `out`. */
qy_status qy_crl_make_p256(qy_buffer *out, const qy_crl_request *request, const qy_certificate *issuer,
                           const qy_secret *issuer_key, qy_error *why) QY_MUST_CHECK;

#endif
