/* SPDX-License-Identifier: Apache-2.0 */
/* The TD quoting enclave (Intel DCAP, TDQE): quotes trust domains whose reports this processor made. Its attestation key is
 * its own, certified as that of the ECDSA quoting enclave is. */
#include <architectural/handlers.h>

#include <architectural/attestation_key.h>
#include <architectural/ecdsa_calls.h>

/* Both parts that the MAC does not cover are bound by hashes that it does. */
static qy_status verify(const qy_td_report *report, qy_view bytes, qy_trace *trace, qy_error *why)
{
  bool fits = false;
  QY_TRY(qy_enclave_verify_td_report(&fits, bytes.bytes, why));
  if (!qy_check(trace, QY_CHECK_TD_REPORT_MAC, fits, .expected = qy_textf("a MAC that this processor made"),
                .actual = fits ? qy_textf("one") : qy_text_hex(QY_VIEW_OF(report->mac)),
                .origin = "EVERIFYREPORT2 of this processor")) {
    return qy_fail(why, QY_ERR_REFUSED, "TD report: the MAC is not that of this processor");
  }
  QY_TRY(qy_td_report_check_bound(report, trace, why));
  return qy_td_report_check_form(report, why);
}

/* In: TD report 1024, attestation key. Out: the quote. */
static qy_status quote(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  qy_ae_attestation_key key = {0};
  qy_td_report report;
  qy_dcap_subject subject;
  qy_td_body body;
  qy_reader reader = qy_reader_over(in);
  const qy_view bytes = qy_read_view(&reader, QY_TD_REPORT_SIZE, "TD report");
  qy_ae_read_attestation_key(&key, &reader);
  QY_TRY(qy_read_finish(&reader, "TD QE quote", why));
  QY_TRY(qy_td_report_decode(&report, bytes, why));
  QY_TRY(verify(&report, bytes, trace, why));
  QY_TRY(qy_dcap_subject_of_td_report(&subject, &body, &report, why));
  return qy_ae_quote(out, &subject, &key, trace, why);
}

qy_status qy_td_qe_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  const size_t begin = out->size;
  (void)context;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, begin, qy_ae_answer_target_info(in, out, why));
  case QY_ECDSA_MAKE_KEY:
    return qy_ae_settle(out, begin, qy_ae_make_attestation_key(in, out, trace, why));
  case QY_ECDSA_QUOTE_TD:
    return qy_ae_settle(out, begin, quote(in, out, trace, why));
  default:
    return qy_ae_unknown("TD QE", operation, why);
  }
}
