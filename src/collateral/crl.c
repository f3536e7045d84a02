/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists: what is revoked stays where it stands and is looked through. */
#include <collateral/parts.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/pem.h>

/* Extensions of an entry say why and when; a critical one, of which there is one (the issuer of an entry that is not
 * the list's own), changes what the entry means. */
static void read_entry_extensions(qy_reader *in, qy_sgx_crl *out)
{
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "entry extensions");
  while (qy_der_peek(in) != 0) {
    out->has_unknown_critical |= qy_der_read_extension(in).is_critical;
  }
  qy_der_leave(in, outer, "entry extensions");
}

static qy_view read_entry(qy_reader *in, qy_sgx_crl *out)
{
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "entry");
  const qy_view serial = qy_der_magnitude(in, "serial number");
  (void)qy_der_time(in, "revocation date");
  if (qy_der_peek(in) != 0) {
    read_entry_extensions(in, out);
  }
  qy_der_leave(in, outer, "entry");
  return serial;
}

static void read_entries(qy_reader *in, qy_sgx_crl *out)
{
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "revoked certificates");
  const size_t began = in->offset;
  while (qy_der_peek(in) != 0) {
    (void)read_entry(in, out);
    out->revoked_count++;
  }
  if (in->status == QY_OK) {
    out->revoked = qy_view_slice(in->all, began, in->offset - began);
  }
  qy_der_leave(in, outer, "revoked certificates");
}

/* cRLNumber: an INTEGER of up to 20 bytes (RFC 5280, 5.2.3). */
static qy_status read_number(qy_sgx_crl *out, qy_view value, qy_error *why)
{
  qy_reader in = qy_reader_over(value);
  const qy_view magnitude = qy_der_magnitude(&in, "cRLNumber");
  if (magnitude.size > 20) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "cRLNumber", 0);
  }
  out->number = magnitude.size > 8 ? UINT64_MAX : 0;
  for (size_t i = 0; magnitude.size <= 8 && i < magnitude.size; i++) {
    out->number = out->number << 8 | magnitude.bytes[i];
  }
  return qy_read_finish(&in, "CRL", why);
}

static qy_status read_extensions(qy_reader *in, qy_sgx_crl *out, qy_error *why)
{
  const size_t tagged = qy_der_enter(in, QY_DER_CONTEXT(0), "extensions");
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "extensions");
  while (qy_der_peek(in) != 0) {
    const qy_der_extension extension = qy_der_read_extension(in);
    const uint8_t standard = qy_der_standard_extension(extension.id);
    if (standard == 20) {
      qy_der_once(in, &out->extensions, QY_SGX_CRL_HAS_NUMBER, "extension that stands there twice");
      QY_TRY(read_number(out, extension.value, why));
    } else if (standard == 35) {
      qy_der_once(in, &out->extensions, QY_SGX_CRL_HAS_AUTHORITY_KEY, "extension that stands there twice");
    } else {
      out->has_unknown_critical |= extension.is_critical;
    }
  }
  qy_der_leave(in, outer, "extensions");
  qy_der_leave(in, tagged, "extensions");
  return QY_OK;
}

static qy_status read_signed_part(qy_sgx_crl *out, qy_error *why)
{
  static const uint8_t version_2[] = {QY_DER_INTEGER, 1, 1};
  qy_reader in = qy_reader_over(out->signed_part);
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "signed part");
  qy_der_expect(&in, QY_VIEW_OF(version_2), "version");
  qy_der_expect_ecdsa_sha256(&in, "signature algorithm");
  out->issuer = qy_der_name(&in, "issuer");
  out->this_update_s = qy_der_time(&in, "thisUpdate");
  out->next_update_s = qy_der_time(&in, "nextUpdate");
  if (qy_der_peek(&in) == QY_DER_SEQUENCE) {
    read_entries(&in, out);
  }
  if (qy_der_peek(&in) != 0) {
    QY_TRY(read_extensions(&in, out, why));
  }
  qy_der_leave(&in, outer, "signed part");
  return qy_read_finish(&in, "CRL", why);
}

static qy_status decode_der(qy_sgx_crl *out, qy_view der, qy_error *why)
{
  qy_der_signed parts = {0};
  QY_TRY(qy_der_signed_decode(&parts, der, "CRL", why));
  out->der = der;
  out->signed_part = parts.signed_part;
  memcpy(out->signature, parts.signature, sizeof(out->signature));
  return read_signed_part(out, why);
}

/* Whoever handles a list as a text leaves the NUL of its end behind it. */
static qy_view without_nul(qy_view der)
{
  qy_reader in = qy_reader_over(der);
  const qy_view whole = qy_der_whole(&in, QY_DER_SEQUENCE, "CRL");
  const qy_view rest = qy_read_rest(&in);
  return rest.size == 1 && rest.bytes[0] == 0 ? whole : der;
}

static qy_status decode_hex(qy_buffer *der, qy_view text, qy_error *why)
{
  while (text.size > 0 && qy_pem_skip_space(text, text.size - 1) == text.size) {
    text.size--;
  }
  qy_hex_decode_append(der, text);
  if (der->status == QY_ERR_MALFORMED) {
    return qy_fail(why, QY_ERR_MALFORMED, "CRL: begins as hex and is none: an even number of digits in %zu bytes",
                   text.size);
  }
  return qy_buffer_finish(der, "CRL", why);
}

static qy_status decode_pem(qy_buffer *der, qy_view text, qy_error *why)
{
  size_t at = qy_pem_skip_space(text, 0);
  QY_TRY(qy_pem_next(der, text, &at, "X509 CRL", why));
  at = qy_pem_skip_space(text, at);
  return at == text.size ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "CRL: something behind it at byte %zu", at);
}

static qy_status decode_any(qy_sgx_crl *out, qy_view bytes, qy_error *why)
{
  if (bytes.size > QY_MAX_COLLATERAL_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "CRL: %zu bytes, at most %u", bytes.size, QY_MAX_COLLATERAL_SIZE);
  }
  if (bytes.size == 0 || bytes.bytes[0] == QY_DER_SEQUENCE) { /* '0': hex of DER begins with the '3' of 30 */
    return decode_der(out, without_nul(bytes), why);
  }
  QY_SCOPED_BUFFER(der, bytes.size);
  QY_TRY(bytes.bytes[0] == '3' ? decode_hex(&der, bytes, why) : decode_pem(&der, bytes, why));
  const qy_view decoded = qy_buffer_view(&der);
  out->storage = der.bytes;
  qy_buffer_init(&der, 0); /* the list's now */
  return decode_der(out, decoded, why);
}

qy_status qy_sgx_crl_decode(qy_sgx_crl *out, qy_view bytes, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  const qy_status status = decode_any(out, bytes, why);
  if (status != QY_OK) {
    qy_sgx_crl_clear(out);
  }
  return status;
}

void qy_sgx_crl_clear(qy_sgx_crl *crl)
{
  free(crl->storage);
  memset(crl, 0, sizeof(*crl));
}

bool qy_sgx_crl_revokes(const qy_sgx_crl *crl, qy_view serial)
{
  qy_sgx_crl ignored = {0};
  qy_reader in = qy_reader_over(crl->revoked);
  while (qy_der_peek(&in) != 0) {
    if (qy_view_equal(read_entry(&in, &ignored), serial)) {
      return true;
    }
  }
  return false;
}

bool qy_sgx_crl_next_serial(const qy_sgx_crl *crl, size_t *offset, qy_view *serial)
{
  qy_sgx_crl ignored = {0};
  qy_reader in = qy_reader_over(qy_view_slice(crl->revoked, *offset, crl->revoked.size - *offset));
  if (qy_der_peek(&in) == 0) {
    return false;
  }
  *serial = read_entry(&in, &ignored);
  *offset += in.offset;
  return true;
}

qy_status qy_sgx_crl_signed_by(bool *valid, const qy_sgx_crl *crl, const qy_sgx_certificate *issuer, qy_error *why)
{
  return qy_der_signed_by(valid, crl->signed_part, crl->signature, issuer->public_key, why);
}
