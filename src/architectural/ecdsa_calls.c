/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs; layouts stand beside the handler. */
#include <architectural/ecdsa_calls.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#define MAX_CALL (1u << 20)

static void append_report(qy_buffer *out, const qy_report *report)
{
  uint8_t encoded[QY_REPORT_SIZE];
  qy_report_encode(encoded, report);
  qy_buffer_append(out, encoded, sizeof(encoded));
}

static void append_number(qy_buffer *out, uint32_t value, size_t size)
{
  uint8_t bytes[4];
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u32le(&writer, value);
  qy_buffer_append(out, bytes, size);
}

static void read_report(qy_report *out, qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view bytes = qy_read_view(in, QY_REPORT_SIZE, "report");
  if (in->status == QY_OK && qy_report_decode(out, bytes, NULL) != QY_OK) {
    qy_read_reject(in, QY_ERR_MALFORMED, "report", at);
  }
}

static qy_status read_key(qy_ecdsa_key *out, qy_view answer, qy_error *why)
{
  qy_reader reader = qy_reader_over(answer);
  read_report(&out->certify, &reader);
  read_report(&out->encrypt, &reader);
  qy_read_bytes(&reader, out->pek.modulus, QY_PEK_RSA_SIZE, "n");
  out->pek.exponent = qy_read_u32be(&reader, "e");
  out->pek.size = QY_PEK_RSA_SIZE;
  const qy_view blob = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "ECDSA QE make_key, answer", why));
  if (blob.size > sizeof(out->blob)) {
    return qy_fail(why, QY_ERR_LIMIT, "ECDSA QE make_key, answer: a sealed key of %zu bytes", blob.size);
  }
  memcpy(out->blob, blob.bytes, blob.size);
  out->blob_size = blob.size;
  return QY_OK;
}

qy_status qy_ecdsa_make_key(const qy_ae *qe, qy_ecdsa_key *out, qy_view signed_pek, const qy_target_info *pce,
                            qy_trace *trace, qy_error *why)
{
  uint8_t target[QY_TARGET_INFO_SIZE];
  QY_SCOPED_BUFFER(in, QY_TARGET_INFO_SIZE + QY_SIGNED_PEK_SIZE);
  QY_SCOPED_BUFFER(answer, 2 * QY_REPORT_SIZE + QY_PEK_RSA_SIZE + 4 + QY_ECDSA_BLOB_MAX_SIZE);
  memset(out, 0, sizeof(*out));
  qy_target_info_encode(target, pce);
  qy_buffer_append(&in, target, sizeof(target));
  qy_buffer_append(&in, signed_pek.bytes, signed_pek.size);
  QY_TRY(qy_buffer_finish(&in, "ECDSA QE make_key", why));
  QY_TRY(qe->call(qe->context, QY_ECDSA_MAKE_KEY, qy_buffer_view(&in), &answer, trace, why));
  const qy_status status = read_key(out, qy_buffer_view(&answer), why);
  if (status != QY_OK) {
    memset(out, 0, sizeof(*out));
  }
  return status;
}

static void append_key(qy_buffer *in, const qy_ecdsa_voucher *voucher, qy_view blob)
{
  qy_buffer_append(in, voucher->qe_report, sizeof(voucher->qe_report));
  qy_buffer_append(in, voucher->qe_report_signature, sizeof(voucher->qe_report_signature));
  append_number(in, voucher->pce_svn, 2);
  append_number(in, (uint32_t)blob.size, 4);
  qy_buffer_append(in, blob.bytes, blob.size);
  append_number(in, voucher->certification.type, 2);
  qy_buffer_append(in, voucher->certification.data.bytes, voucher->certification.data.size);
}

static qy_status append_quote_call(qy_buffer *in, const qy_ecdsa_request *request, const qy_ecdsa_voucher *voucher,
                                   qy_view blob, qy_error *why)
{
  static const uint8_t no_nonce[QY_QUOTE_NONCE_SIZE];
  append_number(in, request->version, 2);
  append_report(in, request->report);
  append_number(in, request->nonce == NULL ? 0 : 1, 1);
  qy_buffer_append(in, request->nonce == NULL ? no_nonce : request->nonce, QY_QUOTE_NONCE_SIZE);
  append_key(in, voucher, blob);
  return qy_buffer_finish(in, "ECDSA QE quote", why);
}

qy_status qy_ecdsa_quote(const qy_ae *qe, qy_buffer *quote, qy_report *qe_report, const qy_ecdsa_request *request,
                         const qy_ecdsa_voucher *voucher, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, MAX_CALL);
  QY_SCOPED_BUFFER(answer, MAX_CALL);
  qy_report report = {0};
  if ((qe_report == NULL) != (request->nonce == NULL)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "ECDSA QE quote: nonce and QE report go together");
  }
  QY_TRY(append_quote_call(&in, request, voucher, blob, why));
  QY_TRY(qe->call(qe->context, QY_ECDSA_QUOTE, qy_buffer_view(&in), &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  if (qe_report != NULL) {
    read_report(&report, &reader);
  }
  const qy_view bytes = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "ECDSA QE quote, answer", why));
  qy_buffer_append(quote, bytes.bytes, bytes.size);
  QY_TRY(qy_buffer_finish(quote, "quote", why));
  if (qe_report != NULL) {
    *qe_report = report;
  }
  return QY_OK;
}

qy_status qy_ecdsa_quote_td(const qy_ae *qe, qy_buffer *quote, const uint8_t td_report[QY_TD_REPORT_SIZE],
                            const qy_ecdsa_voucher *voucher, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, MAX_CALL);
  qy_buffer_append(&in, td_report, QY_TD_REPORT_SIZE);
  append_key(&in, voucher, blob);
  QY_TRY(qy_buffer_finish(&in, "TD QE quote", why));
  return qe->call(qe->context, QY_ECDSA_QUOTE_TD, qy_buffer_view(&in), quote, trace, why);
}
