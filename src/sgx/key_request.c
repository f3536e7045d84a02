/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

#include <crypto/random.h>
#include <sgx/keys.h>

void qy_read_key_request(qy_reader *in, qy_key_request *out)
{
  out->key_name = qy_read_u16le(in, "key_name");
  out->key_policy = qy_read_u16le(in, "key_policy");
  out->isv_svn = qy_read_u16le(in, "isv_svn");
  qy_read_bytes(in, out->reserved1, sizeof(out->reserved1), "reserved after isv_svn");
  qy_read_bytes(in, out->cpu_svn, sizeof(out->cpu_svn), "cpu_svn");
  out->attribute_mask = qy_read_attributes(in, "attribute_mask");
  qy_read_bytes(in, out->key_id, sizeof(out->key_id), "key_id");
  out->misc_mask = qy_read_u32le(in, "misc_mask");
  out->config_svn = qy_read_u16le(in, "config_svn");
  qy_read_bytes(in, out->reserved2, sizeof(out->reserved2), "reserved after config_svn");
}

void qy_write_key_request(qy_writer *out, const qy_key_request *request)
{
  qy_write_u16le(out, request->key_name);
  qy_write_u16le(out, request->key_policy);
  qy_write_u16le(out, request->isv_svn);
  qy_write_bytes(out, request->reserved1, sizeof(request->reserved1));
  qy_write_bytes(out, request->cpu_svn, sizeof(request->cpu_svn));
  qy_write_attributes(out, request->attribute_mask);
  qy_write_bytes(out, request->key_id, sizeof(request->key_id));
  qy_write_u32le(out, request->misc_mask);
  qy_write_u16le(out, request->config_svn);
  qy_write_bytes(out, request->reserved2, sizeof(request->reserved2));
}

qy_status qy_key_request_decode(qy_key_request *out, qy_view bytes, qy_error *why)
{
  qy_key_request request = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  qy_read_key_request(&in, &request);
  QY_TRY(qy_read_finish(&in, "key request", why));
  *out = request;
  return QY_OK;
}

void qy_key_request_encode(uint8_t out[QY_KEY_REQUEST_SIZE], const qy_key_request *request)
{
  qy_writer writer = qy_writer_over(out, QY_KEY_REQUEST_SIZE);
  qy_write_key_request(&writer, request);
  qy_write_done(&writer);
}

qy_status qy_key_request_check_reserved(const qy_key_request *request, qy_error *why)
{
  if (!qy_view_is_zero(QY_VIEW_OF(request->reserved1)) || !qy_view_is_zero(QY_VIEW_OF(request->reserved2))) {
    return qy_fail(why, QY_ERR_MALFORMED, "key request: reserved bytes are not zero");
  }
  return QY_OK;
}

const char *qy_key_name_text(uint16_t key_name)
{
  switch (key_name) {
  case QY_KEY_EINITTOKEN:
    return "einittoken";
  case QY_KEY_PROVISION:
    return "provision";
  case QY_KEY_PROVISION_SEAL:
    return "provision-seal";
  case QY_KEY_REPORT:
    return "report";
  case QY_KEY_SEAL:
    return "seal";
  default:
    return "unknown";
  }
}

void qy_key_request_for_report(qy_key_request *out, const qy_report *report)
{
  memset(out, 0, sizeof(*out));
  out->key_name = QY_KEY_REPORT;
  memcpy(out->key_id, report->key_id, sizeof(out->key_id));
}

/* The masks of Intel's sgx_seal_data (Intel SGX SDK, TSEAL_DEFAULT_FLAGSMASK and _MISCMASK). */
#define SEAL_FLAGS_MASK 0xFF0000000000000Bull
#define SEAL_MISC_MASK 0xF0000000u

qy_status qy_key_request_for_sealing(qy_key_request *out, const qy_report_body *self, const qy_random *random,
                                     qy_error *why)
{
  const bool kss = (self->attributes.flags & QY_ATTRIBUTE_KSS) != 0;
  qy_key_request request = {.key_name = QY_KEY_SEAL, .key_policy = QY_KEY_POLICY_MRSIGNER};
  memset(out, 0, sizeof(*out));
  if (kss) {
    request.key_policy |= QY_KEY_POLICY_CONFIGID | QY_KEY_POLICY_ISVFAMILYID | QY_KEY_POLICY_ISVEXTPRODID;
  }
  request.isv_svn = self->isv_svn;
  request.config_svn = self->config_svn;
  memcpy(request.cpu_svn, self->cpu_svn, sizeof(request.cpu_svn));
  request.attribute_mask = (qy_attributes){.flags = SEAL_FLAGS_MASK, .xfrm = 0};
  request.misc_mask = SEAL_MISC_MASK;
  QY_TRY(qy_random_fill(random, request.key_id, sizeof(request.key_id), why));
  *out = request;
  return QY_OK;
}
