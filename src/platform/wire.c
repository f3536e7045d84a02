/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/wire.h>

#include <base/cursor.h>

#define QUOTE_HEAD_SIZE (QY_REPORT_SIZE + 2 + QY_SPID_SIZE + 1 + 16)

static bool read_flag(qy_reader *in, const char *field)
{
  const uint8_t value = qy_read_u8(in, field);
  if (value > 1) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, in->offset - 1);
  }
  return value == 1;
}

qy_status qy_wire_quote_decode(qy_quoted *out, qy_view payload, qy_error *why)
{
  *out = (qy_quoted){0};
  qy_reader in = qy_reader_over(payload);
  const qy_view report = qy_read_view(&in, QY_REPORT_SIZE, "report");
  out->request.quote_type = qy_read_u16le(&in, "quote type");
  qy_read_bytes(&in, out->spid, sizeof(out->spid), "SPID");
  const bool has_nonce = read_flag(&in, "nonce flag");
  qy_read_bytes(&in, out->nonce, sizeof(out->nonce), "nonce");
  out->request.sigrl = qy_read_rest(&in);
  QY_TRY(qy_read_finish(&in, "request for a quote", why));
  QY_TRY(qy_report_decode(&out->report, report, why));
  out->request.report = &out->report;
  out->request.spid = out->spid;
  out->request.nonce = has_nonce ? out->nonce : NULL;
  return QY_OK;
}

qy_status qy_wire_quote_encode(qy_buffer *out, const qy_quote_request *request, qy_error *why)
{
  static const uint8_t no_nonce[16];
  uint8_t head[QUOTE_HEAD_SIZE];
  uint8_t report[QY_REPORT_SIZE];
  qy_report_encode(report, request->report);
  qy_writer writer = qy_writer_over(head, sizeof(head));
  qy_write_bytes(&writer, report, sizeof(report));
  qy_write_u16le(&writer, request->quote_type);
  qy_write_bytes(&writer, request->spid, QY_SPID_SIZE);
  qy_write_u8(&writer, request->nonce != NULL);
  qy_write_bytes(&writer, request->nonce != NULL ? request->nonce : no_nonce, sizeof(no_nonce));
  QY_TRY(qy_write_finish(&writer, NULL, "request for a quote", why));
  qy_buffer_append(out, head, sizeof(head));
  qy_buffer_append(out, request->sigrl.bytes, request->sigrl.size);
  return qy_buffer_finish(out, "request for a quote", why);
}

qy_status qy_wire_quote_answer_encode(qy_buffer *out, const qy_report *qe_report, qy_view quote, qy_error *why)
{
  uint8_t head[1 + QY_REPORT_SIZE] = {qe_report != NULL};
  if (qe_report != NULL) {
    qy_report_encode(head + 1, qe_report);
  }
  qy_buffer_append(out, head, sizeof(head));
  qy_buffer_append(out, quote.bytes, quote.size);
  return qy_buffer_finish(out, "quote", why);
}

qy_status qy_wire_quote_answer_decode(bool *has_report, qy_report *qe_report, qy_view *quote, qy_view payload,
                                      qy_error *why)
{
  qy_reader in = qy_reader_over(payload);
  *qe_report = (qy_report){0};
  *has_report = read_flag(&in, "report flag");
  const qy_view report = qy_read_view(&in, QY_REPORT_SIZE, "report");
  *quote = qy_read_rest(&in);
  QY_TRY(qy_read_finish(&in, "answer with a quote", why));
  return *has_report ? qy_report_decode(qe_report, report, why) : QY_OK;
}

qy_status qy_wire_dcap_decode(qy_dcap_asked *out, qy_view payload, qy_error *why)
{
  qy_reader in = qy_reader_over(payload);
  *out = (qy_dcap_asked){.request.version = qy_read_u16le(&in, "version")};
  const qy_view report = qy_read_view(&in, QY_REPORT_SIZE, "report");
  const bool has_nonce = read_flag(&in, "nonce flag");
  qy_read_bytes(&in, out->nonce, sizeof(out->nonce), "nonce");
  QY_TRY(qy_read_finish(&in, "request for a DCAP quote", why));
  QY_TRY(qy_report_decode(&out->report, report, why));
  out->request.report = &out->report;
  out->request.nonce = has_nonce ? out->nonce : NULL;
  return QY_OK;
}

qy_status qy_wire_dcap_encode(qy_buffer *out, const qy_dcap_request *request, qy_error *why)
{
  static const uint8_t no_nonce[16];
  uint8_t report[QY_REPORT_SIZE];
  uint8_t bytes[QY_PLATFORM_DCAP_REQUEST_SIZE];
  qy_report_encode(report, request->report);
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u16le(&writer, request->version);
  qy_write_bytes(&writer, report, sizeof(report));
  qy_write_u8(&writer, request->nonce != NULL);
  qy_write_bytes(&writer, request->nonce != NULL ? request->nonce : no_nonce, sizeof(no_nonce));
  QY_TRY(qy_write_finish(&writer, NULL, "request for a DCAP quote", why));
  qy_buffer_append(out, bytes, sizeof(bytes));
  return qy_buffer_finish(out, "request for a DCAP quote", why);
}
