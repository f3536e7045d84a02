/* SPDX-License-Identifier: Apache-2.0 */
/* The endorser's public keys as platforms get them: the signed PEK and the extended group blob. */
#include <provisioning/structures.h>

#include <string.h>

#include <base/cursor.h>
#include <crypto/hash.h>

#define PEK_SIGNED_SIZE 388 /* n, e */
#define XEGB_FORMAT 1
#define XEGB_DATA_SIZE 392 /* from xeid to the modulus */
#define XEGB_SIGNED_SIZE 396
#define WRAP_KEY_SIZE 256

qy_status qy_signed_pek_decode(qy_signed_pek *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_signed_pek read = {.key.size = QY_PEK_RSA_SIZE};
  memset(out, 0, sizeof(*out));
  qy_read_bytes(&in, read.key.modulus, QY_PEK_RSA_SIZE, "n");
  read.key.exponent = qy_read_u32be(&in, "e");
  qy_read_bytes(&in, read.key_sum, sizeof(read.key_sum), "key sum");
  qy_read_bytes(&in, read.signature, sizeof(read.signature), "signature");
  qy_read_bytes(&in, read.signature_sum, sizeof(read.signature_sum), "signature sum");
  QY_TRY(qy_read_finish(&in, "PEK", why));
  *out = read;
  return QY_OK;
}

static void pek_key_encode(uint8_t out[PEK_SIGNED_SIZE], const qy_rsa_public *key)
{
  qy_writer writer = qy_writer_over(out, PEK_SIGNED_SIZE);
  qy_write_bytes(&writer, key->modulus, QY_PEK_RSA_SIZE);
  qy_write_u32be(&writer, key->exponent);
}

void qy_signed_pek_encode(uint8_t out[QY_SIGNED_PEK_SIZE], const qy_signed_pek *pek)
{
  qy_writer writer = qy_writer_over(out + PEK_SIGNED_SIZE, QY_SIGNED_PEK_SIZE - PEK_SIGNED_SIZE);
  pek_key_encode(out, &pek->key);
  qy_write_bytes(&writer, pek->key_sum, sizeof(pek->key_sum));
  qy_write_bytes(&writer, pek->signature, sizeof(pek->signature));
  qy_write_bytes(&writer, pek->signature_sum, sizeof(pek->signature_sum));
}

qy_status qy_signed_pek_make(qy_signed_pek *out, const qy_rsa_public *key, const qy_secret *pek_signing_key,
                             qy_error *why)
{
  uint8_t encoded[PEK_SIGNED_SIZE];
  const qy_view signed_part = QY_VIEW_OF(encoded);
  memset(out, 0, sizeof(*out));
  if (key->size != QY_PEK_RSA_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "PEK: an RSA key of %zu bytes, not of %d", key->size, QY_PEK_RSA_SIZE);
  }
  qy_signed_pek made = {.key = *key};
  pek_key_encode(encoded, key);
  QY_TRY(qy_sha1_checksum(made.key_sum, signed_part, why));
  QY_TRY(qy_p256_sign(made.signature, pek_signing_key, &signed_part, 1, why));
  QY_TRY(qy_sha1_checksum(made.signature_sum, QY_VIEW_OF(made.signature), why));
  *out = made;
  return QY_OK;
}

qy_status qy_signed_pek_verify(qy_trace *trace, const qy_signed_pek *pek, const qy_p256_public *pek_signing_key,
                               qy_error *why)
{
  uint8_t encoded[PEK_SIGNED_SIZE];
  const qy_view signed_part = QY_VIEW_OF(encoded);
  bool valid = false;
  pek_key_encode(encoded, &pek->key);
  QY_TRY(qy_p256_verify(&valid, pek_signing_key, &signed_part, 1, pek->signature, why));
  if (!qy_check(trace, QY_CHECK_PEK_SIGNATURE, valid, .expected = qy_text_hex(QY_VIEW_OF(pek_signing_key->bytes)),
                .actual = qy_textf(valid ? "signed by it" : "not signed by it"), .origin = "endorser's keys")) {
    return qy_fail(why, QY_ERR_REFUSED, "PEK: the endorser's key did not sign it");
  }
  return QY_OK;
}

/* Between the wire's little-endian numbers and ours. */
static void wrap_key_read(qy_rsa_public *out, qy_reader *in)
{
  uint8_t modulus[WRAP_KEY_SIZE];
  out->size = WRAP_KEY_SIZE;
  out->exponent = qy_read_u32le(in, "quote key exponent");
  qy_read_bytes(in, modulus, sizeof(modulus), "quote key modulus");
  qy_reverse(out->modulus, modulus, sizeof(modulus));
}

static void p256_read(qy_p256_public *out, qy_reader *in, const char *field)
{
  qy_read_bytes(in, out->bytes, sizeof(out->bytes), field);
  qy_p256_flip(out->bytes, out->bytes);
}

static void p256_write(qy_writer *out, const qy_p256_public *key)
{
  uint8_t flipped[QY_P256_PUBLIC_SIZE];
  qy_p256_flip(flipped, key->bytes);
  qy_write_bytes(out, flipped, sizeof(flipped));
}

qy_status qy_xegb_decode(qy_xegb *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_xegb read = {0};
  *out = read;
  const uint16_t format = qy_read_u16be(&in, "format");
  const uint16_t data_size = qy_read_u16be(&in, "data length");
  if (in.status == QY_OK && format != XEGB_FORMAT) {
    qy_read_reject(&in, QY_ERR_UNSUPPORTED, "format", 0);
  } else if (in.status == QY_OK && data_size != XEGB_DATA_SIZE) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "data length", 2);
  }
  read.xeid = qy_read_u32le(&in, "xeid");
  p256_read(&read.epid_signing_key, &in, "EPID signing key");
  p256_read(&read.pek_signing_key, &in, "PEK signing key");
  wrap_key_read(&read.quote_wrap_key, &in);
  qy_read_bytes(&in, read.signature, sizeof(read.signature), "signature");
  QY_TRY(qy_read_finish(&in, "extended group blob", why));
  *out = read;
  return QY_OK;
}

qy_status qy_xegb_encode(uint8_t out[QY_XEGB_SIZE], const qy_xegb *xegb, qy_error *why)
{
  uint8_t modulus[WRAP_KEY_SIZE];
  memset(out, 0, QY_XEGB_SIZE);
  if (xegb->quote_wrap_key.size != WRAP_KEY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "extended group blob: a quote key of %zu bytes, not of %d",
                   xegb->quote_wrap_key.size, WRAP_KEY_SIZE);
  }
  qy_reverse(modulus, xegb->quote_wrap_key.modulus, sizeof(modulus));
  qy_writer writer = qy_writer_over(out, QY_XEGB_SIZE);
  qy_write_u16be(&writer, XEGB_FORMAT);
  qy_write_u16be(&writer, XEGB_DATA_SIZE);
  qy_write_u32le(&writer, xegb->xeid);
  p256_write(&writer, &xegb->epid_signing_key);
  p256_write(&writer, &xegb->pek_signing_key);
  qy_write_u32le(&writer, xegb->quote_wrap_key.exponent);
  qy_write_bytes(&writer, modulus, sizeof(modulus));
  qy_write_bytes(&writer, xegb->signature, sizeof(xegb->signature));
  return qy_write_finish(&writer, NULL, "extended group blob", why);
}

qy_status qy_xegb_sign(qy_xegb *xegb, const qy_secret *private_key, qy_error *why)
{
  uint8_t encoded[QY_XEGB_SIZE];
  const qy_view signed_part = {encoded, XEGB_SIGNED_SIZE};
  QY_TRY(qy_xegb_encode(encoded, xegb, why));
  return qy_p256_sign(xegb->signature, private_key, &signed_part, 1, why);
}

qy_status qy_xegb_verify(qy_trace *trace, const qy_xegb *xegb, const qy_p256_public *key, qy_error *why)
{
  uint8_t encoded[QY_XEGB_SIZE];
  const qy_view signed_part = {encoded, XEGB_SIGNED_SIZE};
  bool valid = false;
  QY_TRY(qy_xegb_encode(encoded, xegb, why));
  QY_TRY(qy_p256_verify(&valid, key, &signed_part, 1, xegb->signature, why));
  if (!qy_check(trace, QY_CHECK_XEGB_SIGNATURE, valid, .expected = qy_text_hex(QY_VIEW_OF(key->bytes)),
                .actual = qy_textf(valid ? "signed by it" : "not signed by it"), .origin = "caller")) {
    return qy_fail(why, QY_ERR_REFUSED, "extended group blob: the key did not sign it");
  }
  return QY_OK;
}
