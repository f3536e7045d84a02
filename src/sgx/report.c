/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

/* The fixed-size writers below fill exactly the array of their type, so nothing can fail at the end. */
void qy_write_done(const qy_writer *out)
{
  const qy_status status = qy_write_finish(out, NULL, "structure", NULL);
  (void)status;
}

qy_attributes qy_read_attributes(qy_reader *in, const char *field)
{
  qy_attributes attributes;
  attributes.flags = qy_read_u64le(in, field);
  attributes.xfrm = qy_read_u64le(in, field);
  return attributes;
}

void qy_write_attributes(qy_writer *out, qy_attributes attributes)
{
  qy_write_u64le(out, attributes.flags);
  qy_write_u64le(out, attributes.xfrm);
}

void qy_read_report_body(qy_reader *in, qy_report_body *out)
{
  qy_read_bytes(in, out->cpu_svn, sizeof(out->cpu_svn), "cpu_svn");
  out->misc_select = qy_read_u32le(in, "misc_select");
  qy_read_bytes(in, out->reserved1, sizeof(out->reserved1), "reserved after misc_select");
  qy_read_bytes(in, out->isv_ext_prod_id, sizeof(out->isv_ext_prod_id), "isv_ext_prod_id");
  out->attributes = qy_read_attributes(in, "attributes");
  qy_read_bytes(in, out->mr_enclave, sizeof(out->mr_enclave), "mr_enclave");
  qy_read_bytes(in, out->reserved2, sizeof(out->reserved2), "reserved after mr_enclave");
  qy_read_bytes(in, out->mr_signer, sizeof(out->mr_signer), "mr_signer");
  qy_read_bytes(in, out->reserved3, sizeof(out->reserved3), "reserved after mr_signer");
  qy_read_bytes(in, out->config_id, sizeof(out->config_id), "config_id");
  out->isv_prod_id = qy_read_u16le(in, "isv_prod_id");
  out->isv_svn = qy_read_u16le(in, "isv_svn");
  out->config_svn = qy_read_u16le(in, "config_svn");
  qy_read_bytes(in, out->reserved4, sizeof(out->reserved4), "reserved after config_svn");
  qy_read_bytes(in, out->isv_family_id, sizeof(out->isv_family_id), "isv_family_id");
  qy_read_bytes(in, out->report_data, sizeof(out->report_data), "report_data");
}

void qy_write_report_body(qy_writer *out, const qy_report_body *body)
{
  qy_write_bytes(out, body->cpu_svn, sizeof(body->cpu_svn));
  qy_write_u32le(out, body->misc_select);
  qy_write_bytes(out, body->reserved1, sizeof(body->reserved1));
  qy_write_bytes(out, body->isv_ext_prod_id, sizeof(body->isv_ext_prod_id));
  qy_write_attributes(out, body->attributes);
  qy_write_bytes(out, body->mr_enclave, sizeof(body->mr_enclave));
  qy_write_bytes(out, body->reserved2, sizeof(body->reserved2));
  qy_write_bytes(out, body->mr_signer, sizeof(body->mr_signer));
  qy_write_bytes(out, body->reserved3, sizeof(body->reserved3));
  qy_write_bytes(out, body->config_id, sizeof(body->config_id));
  qy_write_u16le(out, body->isv_prod_id);
  qy_write_u16le(out, body->isv_svn);
  qy_write_u16le(out, body->config_svn);
  qy_write_bytes(out, body->reserved4, sizeof(body->reserved4));
  qy_write_bytes(out, body->isv_family_id, sizeof(body->isv_family_id));
  qy_write_bytes(out, body->report_data, sizeof(body->report_data));
}

qy_status qy_report_body_decode(qy_report_body *out, qy_view bytes, qy_error *why)
{
  qy_report_body body = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  qy_read_report_body(&in, &body);
  QY_TRY(qy_read_finish(&in, "report body", why));
  *out = body;
  return QY_OK;
}

void qy_report_body_encode(uint8_t out[QY_REPORT_BODY_SIZE], const qy_report_body *body)
{
  qy_writer writer = qy_writer_over(out, QY_REPORT_BODY_SIZE);
  qy_write_report_body(&writer, body);
  qy_write_done(&writer);
}

qy_status qy_report_body_check_reserved(const qy_report_body *body, qy_error *why)
{
  if (!qy_view_is_zero(QY_VIEW_OF(body->reserved1)) || !qy_view_is_zero(QY_VIEW_OF(body->reserved2)) ||
      !qy_view_is_zero(QY_VIEW_OF(body->reserved3)) || !qy_view_is_zero(QY_VIEW_OF(body->reserved4))) {
    return qy_fail(why, QY_ERR_MALFORMED, "report body: reserved bytes are not zero");
  }
  return QY_OK;
}

qy_status qy_report_decode(qy_report *out, qy_view bytes, qy_error *why)
{
  qy_report report = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  qy_read_report_body(&in, &report.body);
  qy_read_bytes(&in, report.key_id, sizeof(report.key_id), "key_id");
  qy_read_bytes(&in, report.mac, sizeof(report.mac), "mac");
  QY_TRY(qy_read_finish(&in, "report", why));
  *out = report;
  return QY_OK;
}

void qy_report_encode(uint8_t out[QY_REPORT_SIZE], const qy_report *report)
{
  qy_writer writer = qy_writer_over(out, QY_REPORT_SIZE);
  qy_write_report_body(&writer, &report->body);
  qy_write_bytes(&writer, report->key_id, sizeof(report->key_id));
  qy_write_bytes(&writer, report->mac, sizeof(report->mac));
  qy_write_done(&writer);
}
