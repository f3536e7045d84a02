/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates and revocation lists have in common. */
#include <collateral/parts.h>

#include <string.h>

#include <crypto/p256.h>

static const uint8_t ecdsa_with_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t id_common_name[] = {0x55, 0x04, 0x03};

void qy_der_expect_ecdsa_sha256(qy_reader *in, const char *field)
{
  qy_der_expect(in, QY_VIEW_OF(ecdsa_with_sha256), field);
}

static void read_half(qy_reader *in, uint8_t out[32], const char *field)
{
  const size_t at = in->offset;
  const qy_view magnitude = qy_der_magnitude(in, field);
  if (magnitude.size > 32) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  } else if (magnitude.size > 0) {
    memcpy(out + 32 - magnitude.size, magnitude.bytes, magnitude.size);
  }
}

/* SEQUENCE of r and s. */
static void read_signature(uint8_t out[64], qy_view bits)
{
  qy_reader in = qy_reader_over(bits);
  memset(out, 0, 64);
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "signature");
  read_half(&in, out, "r");
  read_half(&in, out + 32, "s");
  qy_der_leave(&in, outer, "signature");
  if (qy_read_finish(&in, "signature", NULL) != QY_OK) {
    memset(out, 0, 64);
  }
}

qy_status qy_der_signed_decode(qy_der_signed *out, qy_view der, const char *what, qy_error *why)
{
  qy_reader in = qy_reader_over(der);
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, what);
  out->signed_part = qy_der_whole(&in, QY_DER_SEQUENCE, "signed part");
  qy_der_expect_ecdsa_sha256(&in, "signature algorithm");
  out->signature_bits = qy_der_bits(&in, "signature");
  qy_der_leave(&in, outer, what);
  QY_TRY(qy_read_finish(&in, what, why));
  read_signature(out->signature, out->signature_bits);
  return QY_OK;
}

qy_status qy_der_signed_by(bool *valid, qy_view signed_part, const uint8_t signature[64], const uint8_t public_key[64],
                           qy_error *why)
{
  qy_p256_public key;
  *valid = false;
  memcpy(key.bytes, public_key, sizeof(key.bytes));
  const qy_status status = qy_p256_verify(valid, &key, &signed_part, 1, signature, why);
  return status == QY_ERR_MALFORMED ? QY_OK : status;
}

static void read_attribute(qy_reader *in, qy_sgx_name *out, const char *field)
{
  const size_t set = qy_der_enter(in, QY_DER_SET, field);
  const size_t attribute = qy_der_enter(in, QY_DER_SEQUENCE, field);
  const size_t at = in->offset;
  const qy_view id = qy_der_content(in, QY_DER_OID, field);
  const uint8_t tag = qy_der_peek(in);
  if (tag != QY_DER_UTF8_STRING && tag != QY_DER_PRINTABLE_STRING && tag != QY_DER_IA5_STRING) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, in->offset);
  }
  const qy_view text = qy_der_content(in, tag, field);
  if (qy_view_equal(id, QY_VIEW_OF(id_common_name))) {
    if (out->common_name.bytes != NULL || text.size == 0) {
      qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    }
    out->common_name = text;
  }
  qy_der_leave(in, attribute, field);
  qy_der_leave(in, set, field);
}

qy_sgx_name qy_der_name(qy_reader *in, const char *field)
{
  const size_t at = in->offset;
  qy_sgx_name out = {0};
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, field);
  while (qy_der_peek(in) != 0) {
    read_attribute(in, &out, field);
  }
  qy_der_leave(in, outer, field);
  if (out.common_name.bytes == NULL) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  }
  out.der = in->status == QY_OK ? qy_view_slice(in->all, at, in->offset - at) : (qy_view){NULL, 0};
  return out;
}

bool qy_sgx_same_name(const qy_sgx_name *a, const qy_sgx_name *b)
{
  return qy_view_equal(a->der, b->der);
}

qy_der_extension qy_der_read_extension(qy_reader *in)
{
  qy_der_extension out = {0};
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "extension");
  out.id = qy_der_content(in, QY_DER_OID, "extension id");
  if (qy_der_peek(in) == QY_DER_BOOLEAN) {
    const size_t at = in->offset;
    out.is_critical = qy_der_boolean(in, "extension criticality");
    if (!out.is_critical) { /* the default: DER leaves it out */
      qy_read_reject(in, QY_ERR_MALFORMED, "extension criticality", at);
    }
  }
  out.value = qy_der_content(in, QY_DER_OCTET_STRING, "extension value");
  qy_der_leave(in, outer, "extension");
  return out;
}

uint8_t qy_der_standard_extension(qy_view id)
{
  return id.size == 3 && id.bytes[0] == 0x55 && id.bytes[1] == 0x1d ? id.bytes[2] : 0;
}

void qy_der_once(qy_reader *in, uint32_t *seen, uint32_t bit, const char *field)
{
  if ((*seen & bit) != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, in->offset);
  }
  *seen |= bit;
}
