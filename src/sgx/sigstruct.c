/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

#define SOFTWARE_VERSION_RESERVED 84
#define EXPONENT 3u

static const uint8_t header1[12] = {0x06, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 0x01, 0};
static const uint8_t header2[16] = {0x01, 0x01, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 0x01, 0, 0, 0};

static void read_constant(qy_reader *in, const uint8_t *constant, size_t size, const char *field)
{
  const size_t at = in->offset;
  if (!qy_view_equal(qy_read_view(in, size, field), qy_view_over(constant, size))) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  }
}

static void read_signed_header(qy_reader *in, qy_sigstruct *out)
{
  read_constant(in, header1, sizeof(header1), "header");
  out->type = qy_read_u32le(in, "type");
  out->vendor = qy_read_u32le(in, "vendor");
  out->date = qy_read_u32le(in, "date");
  read_constant(in, header2, sizeof(header2), "second header");
  out->software_version = qy_read_u32le(in, "software version");
  qy_read_zeros(in, SOFTWARE_VERSION_RESERVED, "reserved after software version");
  if (in->status == QY_OK && (out->type & ~QY_SIGSTRUCT_TYPE_DEBUG) != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, "type", sizeof(header1));
  }
}

static void read_signed_body(qy_reader *in, qy_sigstruct *out)
{
  out->misc_select = qy_read_u32le(in, "misc_select");
  out->misc_mask = qy_read_u32le(in, "misc_mask");
  qy_read_bytes(in, out->cet, sizeof(out->cet), "cet attributes");
  qy_read_bytes(in, out->isv_family_id, sizeof(out->isv_family_id), "isv_family_id");
  out->attributes = qy_read_attributes(in, "attributes");
  out->attribute_mask = qy_read_attributes(in, "attribute_mask");
  qy_read_bytes(in, out->enclave_hash, sizeof(out->enclave_hash), "enclave_hash");
  qy_read_zeros(in, 16, "reserved after enclave_hash");
  qy_read_bytes(in, out->isv_ext_prod_id, sizeof(out->isv_ext_prod_id), "isv_ext_prod_id");
  out->isv_prod_id = qy_read_u16le(in, "isv_prod_id");
  out->isv_svn = qy_read_u16le(in, "isv_svn");
}

qy_status qy_sigstruct_decode(qy_sigstruct *out, qy_view bytes, qy_error *why)
{
  qy_sigstruct sigstruct = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_signed_header(&in, &sigstruct);
  qy_read_bytes(&in, sigstruct.modulus, sizeof(sigstruct.modulus), "modulus");
  const size_t exponent_at = in.offset;
  sigstruct.exponent = qy_read_u32le(&in, "exponent");
  if (in.status == QY_OK && sigstruct.exponent != EXPONENT) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "exponent", exponent_at);
  }
  qy_read_bytes(&in, sigstruct.signature, sizeof(sigstruct.signature), "signature");
  read_signed_body(&in, &sigstruct);
  qy_read_zeros(&in, 12, "reserved after isv_svn");
  qy_read_bytes(&in, sigstruct.q1, sizeof(sigstruct.q1), "q1");
  qy_read_bytes(&in, sigstruct.q2, sizeof(sigstruct.q2), "q2");
  QY_TRY(qy_read_finish(&in, "SIGSTRUCT", why));
  *out = sigstruct;
  return QY_OK;
}

static void write_signed_body(qy_writer *out, const qy_sigstruct *sigstruct)
{
  qy_write_u32le(out, sigstruct->misc_select);
  qy_write_u32le(out, sigstruct->misc_mask);
  qy_write_bytes(out, sigstruct->cet, sizeof(sigstruct->cet));
  qy_write_bytes(out, sigstruct->isv_family_id, sizeof(sigstruct->isv_family_id));
  qy_write_attributes(out, sigstruct->attributes);
  qy_write_attributes(out, sigstruct->attribute_mask);
  qy_write_bytes(out, sigstruct->enclave_hash, sizeof(sigstruct->enclave_hash));
  qy_write_zeros(out, 16);
  qy_write_bytes(out, sigstruct->isv_ext_prod_id, sizeof(sigstruct->isv_ext_prod_id));
  qy_write_u16le(out, sigstruct->isv_prod_id);
  qy_write_u16le(out, sigstruct->isv_svn);
}

void qy_sigstruct_encode(uint8_t out[QY_SIGSTRUCT_SIZE], const qy_sigstruct *sigstruct)
{
  qy_writer writer = qy_writer_over(out, QY_SIGSTRUCT_SIZE);
  qy_write_bytes(&writer, header1, sizeof(header1));
  qy_write_u32le(&writer, sigstruct->type);
  qy_write_u32le(&writer, sigstruct->vendor);
  qy_write_u32le(&writer, sigstruct->date);
  qy_write_bytes(&writer, header2, sizeof(header2));
  qy_write_u32le(&writer, sigstruct->software_version);
  qy_write_zeros(&writer, SOFTWARE_VERSION_RESERVED);
  qy_write_bytes(&writer, sigstruct->modulus, sizeof(sigstruct->modulus));
  qy_write_u32le(&writer, sigstruct->exponent);
  qy_write_bytes(&writer, sigstruct->signature, sizeof(sigstruct->signature));
  write_signed_body(&writer, sigstruct);
  qy_write_zeros(&writer, 12);
  qy_write_bytes(&writer, sigstruct->q1, sizeof(sigstruct->q1));
  qy_write_bytes(&writer, sigstruct->q2, sizeof(sigstruct->q2));
  qy_write_done(&writer);
}
