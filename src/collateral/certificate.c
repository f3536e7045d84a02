/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, read where they stand. */
#include <collateral/parts.h>

#include <string.h>

/* SubjectPublicKeyInfo's algorithm: id-ecPublicKey, prime256v1. */
static const uint8_t p256_key[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                   0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
/* 1.2.840.113741.1.13.1 */
static const uint8_t id_sgx_extension[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
#define SEEN_SGX_EXTENSION 0x100u
#define MAX_UNKNOWN_EXTENSIONS 16u

/* "Intel SGX Root CA", until 2049 (and until 2033 in the older certificate of the same key). */
const uint8_t qy_intel_sgx_root_key[64] = {0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6, 0xb0,
                                           0x2c, 0xda, 0x10, 0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85, 0x61,
                                           0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5, 0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88, 0xe4,
                                           0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac, 0xc9, 0x88, 0xe5, 0x05,
                                           0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94};

static void read_key(qy_reader *in, uint8_t out[64])
{
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "subject's key");
  qy_der_expect(in, QY_VIEW_OF(p256_key), "subject's key algorithm");
  const size_t at = in->offset;
  const qy_view point = qy_der_bits(in, "subject's key");
  if (point.size != 65 || point.bytes[0] != 0x04) {
    qy_read_reject(in, QY_ERR_MALFORMED, "subject's key", at);
  } else {
    memcpy(out, point.bytes + 1, 64);
  }
  qy_der_leave(in, outer, "subject's key");
}

/* SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
static qy_status read_constraints(qy_sgx_certificate *out, qy_view value, qy_error *why)
{
  qy_reader in = qy_reader_over(value);
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "basicConstraints");
  if (qy_der_peek(&in) == QY_DER_BOOLEAN) {
    out->is_ca = qy_der_boolean(&in, "cA");
  }
  if (qy_der_peek(&in) == QY_DER_INTEGER) {
    (void)qy_der_number(&in, QY_DER_INTEGER, UINT8_MAX, "pathLenConstraint");
  }
  qy_der_leave(&in, outer, "basicConstraints");
  return qy_read_finish(&in, "certificate", why);
}

/* BIT STRING, named bits from the top: 0 digitalSignature, 5 keyCertSign, 6 cRLSign. */
static qy_status read_key_usage(qy_sgx_certificate *out, qy_view value, qy_error *why)
{
  qy_reader in = qy_reader_over(value);
  const qy_view bits = qy_der_content(&in, QY_DER_BIT_STRING, "keyUsage");
  if (bits.size < 2 || bits.size > 3 || bits.bytes[0] > 7) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "keyUsage", 0);
  } else {
    out->signs_data = (bits.bytes[1] & 0x80) != 0;
    out->signs_certificates = (bits.bytes[1] & 0x04) != 0;
    out->signs_lists = (bits.bytes[1] & 0x02) != 0;
  }
  return qy_read_finish(&in, "certificate", why);
}

/* Bit of an extension that is known here, or 0. */
static uint32_t known_bit(const qy_der_extension *extension)
{
  switch (qy_der_standard_extension(extension->id)) {
  case 35:
    return QY_SGX_HAS_AUTHORITY_KEY;
  case 31:
    return QY_SGX_HAS_CRL_POINTS;
  case 14:
    return QY_SGX_HAS_SUBJECT_KEY;
  case 15:
    return QY_SGX_HAS_KEY_USAGE;
  case 19:
    return QY_SGX_HAS_CONSTRAINTS;
  default:
    return qy_view_equal(extension->id, QY_VIEW_OF(id_sgx_extension)) ? SEEN_SGX_EXTENSION : 0;
  }
}

static qy_status take_extension(qy_sgx_certificate *out, const qy_der_extension *extension, uint32_t bit, qy_error *why)
{
  switch (bit) {
  case 0:
    out->has_unknown_critical |= extension->is_critical;
    return QY_OK;
  case QY_SGX_HAS_KEY_USAGE:
    return read_key_usage(out, extension->value, why);
  case QY_SGX_HAS_CONSTRAINTS:
    return read_constraints(out, extension->value, why);
  case QY_SGX_HAS_CRL_POINTS:
    out->crl_points = extension->value;
    return QY_OK;
  case SEEN_SGX_EXTENSION:
    out->sgx_extension = extension->value;
    return QY_OK;
  default:
    return QY_OK;
  }
}

static void note_unknown(qy_reader *in, qy_view unknown[MAX_UNKNOWN_EXTENSIONS], size_t *count, qy_view id)
{
  for (size_t i = 0; i < *count; i++) {
    if (qy_view_equal(unknown[i], id)) {
      qy_read_reject(in, QY_ERR_MALFORMED, "extension that stands there twice", in->offset);
    }
  }
  if (*count == MAX_UNKNOWN_EXTENSIONS) {
    qy_read_reject(in, QY_ERR_LIMIT, "extensions", in->offset);
  } else {
    unknown[(*count)++] = id;
  }
}

static qy_status read_extensions(qy_reader *in, qy_sgx_certificate *out, qy_error *why)
{
  uint32_t seen = 0;
  qy_view unknown[MAX_UNKNOWN_EXTENSIONS];
  size_t unknown_count = 0;
  const size_t tagged = qy_der_enter(in, QY_DER_CONTEXT(3), "extensions");
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "extensions");
  while (qy_der_peek(in) != 0) {
    const qy_der_extension extension = qy_der_read_extension(in);
    const uint32_t bit = known_bit(&extension);
    if (bit == 0) {
      note_unknown(in, unknown, &unknown_count, extension.id);
    } else {
      qy_der_once(in, &seen, bit, "extension that stands there twice");
    }
    QY_TRY(take_extension(out, &extension, bit, why));
  }
  qy_der_leave(in, outer, "extensions");
  qy_der_leave(in, tagged, "extensions");
  out->extensions = seen & QY_SGX_HAS_ALL;
  return QY_OK;
}

static qy_status read_signed_part(qy_sgx_certificate *out, qy_error *why)
{
  static const uint8_t version_3[] = {QY_DER_CONTEXT(0), 3, QY_DER_INTEGER, 1, 2};
  qy_reader in = qy_reader_over(out->signed_part);
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "signed part");
  qy_der_expect(&in, QY_VIEW_OF(version_3), "version");
  out->serial = qy_der_magnitude(&in, "serial number");
  qy_der_expect_ecdsa_sha256(&in, "signature algorithm");
  out->issuer = qy_der_name(&in, "issuer");
  const size_t validity = qy_der_enter(&in, QY_DER_SEQUENCE, "validity");
  out->not_before_s = qy_der_time(&in, "notBefore");
  out->not_after_s = qy_der_time(&in, "notAfter");
  qy_der_leave(&in, validity, "validity");
  out->subject = qy_der_name(&in, "subject");
  read_key(&in, out->public_key);
  if (qy_der_peek(&in) != 0) {
    QY_TRY(read_extensions(&in, out, why));
  }
  qy_der_leave(&in, outer, "signed part");
  return qy_read_finish(&in, "certificate", why);
}

/* CRLDistributionPoints (RFC 5280, 4.2.1.13): SEQUENCE OF SEQUENCE { [0] { [0] fullName { [6] URI }}}. */
qy_view qy_sgx_certificate_crl_url(const qy_sgx_certificate *certificate)
{
  qy_reader in = qy_reader_over(certificate->crl_points);
  (void)qy_der_enter(&in, QY_DER_SEQUENCE, "distribution points");
  (void)qy_der_enter(&in, QY_DER_SEQUENCE, "distribution point");
  (void)qy_der_enter(&in, QY_DER_CONTEXT(0), "distribution point");
  (void)qy_der_enter(&in, QY_DER_CONTEXT(0), "full name");
  const qy_view url = qy_der_content(&in, 0x86, "URI");
  for (size_t i = 0; i < url.size; i++) {
    if (url.bytes[i] <= 0x20 || url.bytes[i] >= 0x7f) {
      return (qy_view){NULL, 0};
    }
  }
  return in.status == QY_OK ? url : (qy_view){NULL, 0};
}

qy_status qy_sgx_certificate_decode(qy_sgx_certificate *out, qy_view der, qy_error *why)
{
  qy_der_signed parts = {0};
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_der_signed_decode(&parts, der, "certificate", why));
  out->der = der;
  out->signed_part = parts.signed_part;
  out->signature_bits = parts.signature_bits;
  memcpy(out->signature, parts.signature, sizeof(out->signature));
  return read_signed_part(out, why);
}

qy_status qy_sgx_certificate_signed_by(bool *valid, const qy_sgx_certificate *certificate,
                                       const qy_sgx_certificate *issuer, qy_error *why)
{
  return qy_der_signed_by(valid, certificate->signed_part, certificate->signature, issuer->public_key, why);
}
