/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>
#include <sgx/dcap_codec.h>

#include <string.h>

#include <crypto/hash.h>

#define BODY_DESCRIPTOR_SIZE 6 /* version 5: type u16, size u32 */
#define CERTIFICATION_HEADER_SIZE 6
#define QE_AUTH_MAX_SIZE UINT16_MAX

const uint8_t qy_dcap_intel_vendor_id[QY_DCAP_VENDOR_ID_SIZE] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                                 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

size_t qy_dcap_signed_size(uint16_t version, qy_dcap_body_type body_type)
{
  return QY_DCAP_HEADER_SIZE + (version >= 5 ? BODY_DESCRIPTOR_SIZE : 0) + qy_dcap_body_size(body_type);
}

/* What the QE report and its certification take; in versions 4 and 5 the content of the outer certification data. */
static size_t qe_part_size(size_t qe_auth_size, size_t certification_size)
{
  return QY_REPORT_BODY_SIZE + QY_DCAP_SIGNATURE_SIZE + sizeof(uint16_t) + qe_auth_size + CERTIFICATION_HEADER_SIZE +
         certification_size;
}

static size_t auth_size(uint16_t version, size_t qe_auth_size, size_t certification_size)
{
  return QY_DCAP_SIGNATURE_SIZE + QY_DCAP_KEY_SIZE + (version >= 4 ? CERTIFICATION_HEADER_SIZE : 0) +
         qe_part_size(qe_auth_size, certification_size);
}

size_t qy_dcap_quote_size(uint16_t version, qy_dcap_body_type body_type, size_t qe_auth_size, size_t certification_size)
{
  return qy_dcap_signed_size(version, body_type) + sizeof(uint32_t) +
         auth_size(version, qe_auth_size, certification_size);
}

/* ---- What both directions ask of a quote ---- */

static const char version_field[] = "version (of a DCAP quote: 3, 4 or 5)";

typedef struct wrong_field {
  const char *name; /* NULL: none is */
  size_t at;
} wrong_field;

static bool version_known(uint16_t version)
{
  return version >= 3 && version <= 5;
}

/* In the order in which Intel's library looks at them. */
static wrong_field judge_header(const qy_dcap_header *header)
{
  if (!version_known(header->version)) {
    return (wrong_field){version_field, 0};
  }
  if (header->key_type != QY_DCAP_KEY_TYPE_ECDSA_P256) {
    return (wrong_field){"attestation key type (ECDSA over P-256: 2)", 2};
  }
  if (header->tee != QY_TEE_SGX && (header->tee != QY_TEE_TDX || header->version == 3)) {
    return (wrong_field){"TEE type (SGX: 0; from version 4 on TDX: 0x81)", 4};
  }
  if (memcmp(header->vendor_id, qy_dcap_intel_vendor_id, QY_DCAP_VENDOR_ID_SIZE) != 0) {
    return (wrong_field){"QE vendor id (Intel's)", 12};
  }
  return (wrong_field){NULL, 0};
}

static bool body_fits(const qy_dcap_header *header, uint32_t body_type)
{
  if (header->tee == QY_TEE_SGX) {
    return body_type == QY_DCAP_BODY_ENCLAVE;
  }
  return body_type == QY_DCAP_BODY_TD_1_0 ||
         (header->version == 5 && (body_type == QY_DCAP_BODY_TD_1_5 || body_type == QY_DCAP_BODY_TD_1_5_EX));
}

static bool certification_fits(uint16_t type)
{
  return type >= QY_CERTIFICATION_PPID_CLEAR && type <= QY_CERTIFICATION_PCK_CHAIN;
}

/* ---- Decoding ---- */

static void read_header(qy_reader *in, qy_dcap_header *out)
{
  out->version = qy_read_u16le(in, "version");
  if (!version_known(out->version)) { /* before the rest is missed in what is no such quote at all */
    qy_read_reject(in, QY_ERR_UNSUPPORTED, version_field, 0);
  }
  out->key_type = qy_read_u16le(in, "attestation key type");
  out->tee = qy_read_u32le(in, "TEE type");
  out->qe_svn = qy_read_u16le(in, "qe_svn");
  out->pce_svn = qy_read_u16le(in, "pce_svn");
  qy_read_bytes(in, out->vendor_id, sizeof(out->vendor_id), "QE vendor id");
  qy_read_bytes(in, out->user_data, sizeof(out->user_data), "user data");
  const wrong_field wrong = judge_header(out);
  if (wrong.name != NULL) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, wrong.name, wrong.at);
  }
}

/* Version 5 names its body; before, a TEE had one each. */
static void read_body_type(qy_reader *in, qy_dcap_quote *out)
{
  out->body_type = out->header.tee == QY_TEE_SGX ? QY_DCAP_BODY_ENCLAVE : QY_DCAP_BODY_TD_1_0;
  if (out->header.version < 5) {
    return;
  }
  const size_t at = in->offset;
  const uint16_t type = qy_read_u16le(in, "body type");
  const uint32_t size = qy_read_u32le(in, "body size");
  if (qy_dcap_body_size(type) == 0) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "body type", at);
  } else if (size != qy_dcap_body_size(type)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "body size (not that of the body type)", at + sizeof(type));
  } else if (!body_fits(&out->header, type)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "body type (not one of the TEE type)", at);
  } else {
    out->body_type = (qy_dcap_body_type)type;
  }
}

static void read_signed_part(qy_reader *in, qy_dcap_quote *out)
{
  read_header(in, &out->header);
  if (in->all.size < QY_DCAP_QUOTE_MIN_SIZE) { /* Intel's asks this first; a wrong version is more worth saying */
    qy_read_reject(in, QY_ERR_TRUNCATED, "the shortest quote (1020 bytes)", 0);
  }
  read_body_type(in, out);
  if (out->body_type == QY_DCAP_BODY_ENCLAVE) {
    qy_read_report_body(in, &out->report);
  } else {
    qy_read_td_body(in, &out->td, out->body_type);
  }
  out->signed_part = qy_view_slice(in->all, 0, in->offset);
}

/* The next `size` bytes as an input of their own, with the offsets of the whole. */
static qy_reader read_part(qy_reader *in, size_t size, const char *field)
{
  qy_reader part = *in;
  (void)qy_read_view(in, size, field);
  part.all.size = in->offset;
  part.status = in->status;
  return part;
}

/* A failure inside a part fails the whole. */
static void hand_up(qy_reader *in, const qy_reader *part)
{
  if (in->status == QY_OK && part->status != QY_OK) {
    qy_read_reject(in, part->status, part->field, part->failed_at);
    in->all.size = part->all.size;
  }
}

/* The QE report and what certifies it. */
static void read_qe_part(qy_reader *in, qy_dcap_quote *out)
{
  qy_reader peek = *in;
  out->qe_report_bytes = qy_read_view(&peek, QY_REPORT_BODY_SIZE, "QE report");
  qy_read_report_body(in, &out->qe_report);
  out->qe_report_signature = qy_read_view(in, QY_DCAP_SIGNATURE_SIZE, "QE report signature");
  const uint16_t qe_auth_size = qy_read_u16le(in, "QE authentication data size");
  out->qe_auth_data = qy_read_view(in, qe_auth_size, "QE authentication data");
  const size_t at = in->offset;
  out->certification.type = qy_read_u16le(in, "certification data type");
  const uint32_t size = qy_read_u32le(in, "certification data size");
  out->certification.data = qy_read_view(in, size, "certification data");
  if (!certification_fits(out->certification.type)) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "certification data type (1 to 5)", at);
  }
}

/* Versions 4 and 5 wrap the QE part into certification data of its own, which it must fill. */
static void read_wrapped_qe_part(qy_reader *in, qy_dcap_quote *out)
{
  const size_t at = in->offset;
  const uint16_t type = qy_read_u16le(in, "outer certification data type");
  if (in->status == QY_OK && type != QY_CERTIFICATION_QE_REPORT) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "outer certification data type (QE report: 6)", at);
  }
  const uint32_t size = qy_read_u32le(in, "outer certification data size");
  qy_reader part = read_part(in, size, "outer certification data");
  read_qe_part(&part, out);
  if (qy_read_left(&part) > 0) {
    qy_read_reject(&part, QY_ERR_MALFORMED, "end of the certification data (the outer size says more)", part.offset);
  }
  hand_up(in, &part);
}

static void read_auth(qy_reader *in, qy_dcap_quote *out)
{
  out->signature = qy_read_view(in, QY_DCAP_SIGNATURE_SIZE, "signature");
  out->attestation_key = qy_read_view(in, QY_DCAP_KEY_SIZE, "attestation key");
  if (out->header.version == 3) {
    read_qe_part(in, out);
  } else {
    read_wrapped_qe_part(in, out);
  }
  out->unclaimed = qy_read_rest(in);
}

static qy_status finish(const qy_reader *in, const qy_reader *auth, qy_error *why)
{
  QY_TRY(qy_read_so_far(in, "DCAP quote", why));
  if (auth->status == QY_ERR_TRUNCATED) { /* the input goes on, the part does not */
    return qy_fail(why, QY_ERR_MALFORMED, "DCAP quote: %s at byte %zu reaches beyond byte %zu, where its part ends",
                   auth->field, auth->failed_at, auth->all.size);
  }
  return qy_read_so_far(auth, "DCAP quote", why);
}

qy_status qy_dcap_quote_decode(qy_dcap_quote *out, qy_view bytes, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_signed_part(&in, out);
  const uint32_t size = qy_read_u32le(&in, "authentication data size");
  qy_reader auth = read_part(&in, size, "authentication data");
  read_auth(&auth, out);
  out->trailing = qy_read_rest(&in);
  out->all = bytes;
  const qy_status status = finish(&in, &auth, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof(*out));
  }
  return status;
}

/* ---- Encoding ---- */

static qy_status check_encodable(const qy_dcap_quote *quote, qy_error *why)
{
  const wrong_field wrong = judge_header(&quote->header);
  if (wrong.name != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: %s", wrong.name);
  }
  if (!body_fits(&quote->header, quote->body_type)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: body type %u in version %u, TEE type 0x%x", quote->body_type,
                   quote->header.version, quote->header.tee);
  }
  if (quote->signature.size != QY_DCAP_SIGNATURE_SIZE || quote->attestation_key.size != QY_DCAP_KEY_SIZE ||
      quote->qe_report_signature.size != QY_DCAP_SIGNATURE_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: signatures and attestation key are 64 bytes each");
  }
  if (!certification_fits(quote->certification.type)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: certification data of type %u", quote->certification.type);
  }
  if (quote->qe_auth_data.size > QE_AUTH_MAX_SIZE || quote->certification.data.size > UINT32_MAX / 2 ||
      quote->unclaimed.size > UINT32_MAX / 4) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: a part is longer than its size field can say");
  }
  return QY_OK;
}

static void write_signed_part(qy_writer *out, const qy_dcap_quote *quote)
{
  qy_write_u16le(out, quote->header.version);
  qy_write_u16le(out, quote->header.key_type);
  qy_write_u32le(out, quote->header.tee);
  qy_write_u16le(out, quote->header.qe_svn);
  qy_write_u16le(out, quote->header.pce_svn);
  qy_write_bytes(out, quote->header.vendor_id, sizeof(quote->header.vendor_id));
  qy_write_bytes(out, quote->header.user_data, sizeof(quote->header.user_data));
  if (quote->header.version == 5) {
    qy_write_u16le(out, (uint16_t)quote->body_type);
    qy_write_u32le(out, (uint32_t)qy_dcap_body_size(quote->body_type));
  }
  if (quote->body_type == QY_DCAP_BODY_ENCLAVE) {
    qy_write_report_body(out, &quote->report);
  } else {
    qy_write_td_body(out, &quote->td, quote->body_type);
  }
}

static void write_auth(qy_writer *out, const qy_dcap_quote *quote)
{
  const size_t qe_auth_size = quote->qe_auth_data.size;
  const size_t certification_size = quote->certification.data.size;
  qy_write_u32le(
      out, (uint32_t)(auth_size(quote->header.version, qe_auth_size, certification_size) + quote->unclaimed.size));
  qy_write_view(out, quote->signature);
  qy_write_view(out, quote->attestation_key);
  if (quote->header.version >= 4) {
    qy_write_u16le(out, QY_CERTIFICATION_QE_REPORT);
    qy_write_u32le(out, (uint32_t)qe_part_size(qe_auth_size, certification_size));
  }
  qy_write_report_body(out, &quote->qe_report);
  qy_write_view(out, quote->qe_report_signature);
  qy_write_u16le(out, (uint16_t)qe_auth_size);
  qy_write_view(out, quote->qe_auth_data);
  qy_write_u16le(out, quote->certification.type);
  qy_write_u32le(out, (uint32_t)certification_size);
  qy_write_view(out, quote->certification.data);
  qy_write_view(out, quote->unclaimed);
}

qy_status qy_dcap_quote_encode(uint8_t *out, size_t capacity, size_t *size, const qy_dcap_quote *quote, qy_error *why)
{
  QY_TRY(check_encodable(quote, why));
  qy_writer writer = qy_writer_over(out, capacity);
  write_signed_part(&writer, quote);
  write_auth(&writer, quote);
  qy_write_view(&writer, quote->trailing);
  return qy_write_finish(&writer, size, "DCAP quote", why);
}

qy_status qy_dcap_qe_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t key[QY_DCAP_KEY_SIZE],
                                 qy_view qe_auth_data, qy_error *why)
{
  const qy_view parts[] = {qy_view_over(key, QY_DCAP_KEY_SIZE), qe_auth_data};
  memset(out, 0, QY_REPORT_DATA_SIZE);
  return qy_hash_parts(out, QY_SHA256, parts, 2, why);
}
