/* SPDX-License-Identifier: Apache-2.0 */
/* The ECDSA quoting enclave (Intel DCAP, QE3): an attestation key that never leaves it but sealed, certified by the PCE. */
#include <architectural/handlers.h>

#include <architectural/attestation_key.h>
#include <architectural/ecdsa_calls.h>

typedef struct quote_call {
  uint16_t version;
  qy_report report;
  bool has_nonce;
  qy_view nonce;
  qy_ae_attestation_key key;
} quote_call;

/* version 2, report 432, whether a nonce is meant 1, nonce 16, attestation key. */
static qy_status read_call(quote_call *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  out->version = qy_read_u16le(&reader, "version");
  qy_ae_read_report(&out->report, &reader);
  out->has_nonce = qy_read_u8(&reader, "nonce flag") != 0;
  out->nonce = qy_read_view(&reader, QY_QUOTE_NONCE_SIZE, "nonce");
  qy_ae_read_attestation_key(&out->key, &reader);
  return qy_read_finish(&reader, "ECDSA QE quote", why);
}

/* The QE's own word to the caller that this quote answers this nonce. */
static qy_status append_witness(qy_buffer *out, const quote_call *call, qy_view quote, qy_error *why)
{
  qy_target_info target;
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  qy_target_info_of_reporter(&target, &call->report.body);
  QY_TRY(qy_quote_qe_report_data(report_data, call->nonce.bytes, quote, why));
  return qy_ae_append_report(out, &target, report_data, why);
}

/* Out: the QE's report 432 if there was a nonce, then the quote. */
static qy_status quote(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_ECDSA_MAX_QUOTE);
  quote_call call = {0};
  QY_TRY(read_call(&call, in, why));
  QY_TRY(qy_ae_verify_report(&call.report, trace, why));
  const qy_dcap_subject subject = {
      .version = call.version, .body_type = QY_DCAP_BODY_ENCLAVE, .report = &call.report.body};
  QY_TRY(qy_ae_quote(&bytes, &subject, &call.key, trace, why));
  if (call.has_nonce) {
    QY_TRY(append_witness(out, &call, qy_buffer_view(&bytes), why));
  }
  qy_buffer_append(out, bytes.bytes, bytes.size);
  return qy_buffer_finish(out, "quote", why);
}

qy_status qy_ecdsa_qe_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                             qy_error *why)
{
  const size_t begin = out->size;
  (void)context;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, begin, qy_ae_answer_target_info(in, out, why));
  case QY_ECDSA_MAKE_KEY:
    return qy_ae_settle(out, begin, qy_ae_make_attestation_key(in, out, trace, why));
  case QY_ECDSA_QUOTE:
    return qy_ae_settle(out, begin, quote(in, out, trace, why));
  default:
    return qy_ae_unknown("ECDSA QE", operation, why);
  }
}
