/* SPDX-License-Identifier: Apache-2.0 */
/* The quoting enclave: turns a report of this processor into a quote (Intel SGX PSW, QE). It signs and encrypts by the
 * keys that were measured into it, whatever the blob's clear part says of others. */
#include <architectural/handlers.h>

#include <string.h>

#include <architectural/calls.h>
#include <architectural/common.h>
#include <architectural/opened_key.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <sgx/endorsements.h>
#include <sgx/quote_seal.h>

#define QUOTE_VERSION 2

/* ---- verify_blob ---- */

/* Whether the blob was sealed under other security versions than now. */
static qy_status is_stale(bool *out, qy_view blob, qy_error *why)
{
  qy_sealed_blob sealed;
  qy_report_body self;
  QY_TRY(qy_sealed_blob_decode(&sealed, blob, why));
  QY_TRY(qy_enclave_self(&self, why));
  *out = !qy_view_equal(QY_VIEW_OF(sealed.key_request.cpu_svn), QY_VIEW_OF(self.cpu_svn)) ||
         sealed.key_request.isv_svn != self.isv_svn;
  return QY_OK;
}

/* In: blob. Out: 1 if it was sealed anew else 0, the blob. */
static qy_status verify_blob(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_OPENED_KEY(key);
  qy_epid_member *member = NULL;
  bool stale = false;
  QY_TRY(qy_ae_open_key(&key, in, trace, why));
  /* Tried out, not only opened: a key that cannot sign is better found now. */
  QY_TRY(qy_epid_member_new(&member, &key.facts.group, &key.key, QY_EPID_HASH_BY_GID, trace, why));
  qy_epid_member_free(&member);
  QY_TRY(is_stale(&stale, in, why));
  const uint8_t flag = stale ? 1 : 0;
  qy_buffer_append(out, &flag, 1);
  if (stale) {
    QY_TRY(qy_enclave_seal(out, QY_KEY_POLICY_MRSIGNER, qy_buffer_view(&key.clear), qy_buffer_view(&key.secret), why));
  } else {
    qy_buffer_append(out, in.bytes, in.size);
  }
  return qy_buffer_finish(out, "QE verify_blob", why);
}

/* ---- get_quote ---- */

typedef struct quote_call {
  qy_report report;
  uint16_t quote_type;
  uint16_t pce_svn;
  uint8_t spid[QY_SPID_SIZE];
  bool has_nonce;
  uint8_t nonce[QY_QUOTE_NONCE_SIZE];
  qy_view blob;
  qy_view sigrl;
} quote_call;

/* report 432, type 2, SPID 16, PCE ISVSVN 2, 1 when a nonce follows else 0, nonce 16, blob 2836, SigRL. */
static qy_status read_call(quote_call *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  qy_ae_read_report(&out->report, &reader);
  out->quote_type = qy_read_u16le(&reader, "quote type");
  qy_read_bytes(&reader, out->spid, sizeof(out->spid), "SPID");
  out->pce_svn = qy_read_u16le(&reader, "PCE ISVSVN");
  const size_t flag_at = reader.offset;
  const uint8_t flag = qy_read_u8(&reader, "nonce flag");
  qy_read_bytes(&reader, out->nonce, sizeof(out->nonce), "nonce");
  out->blob = qy_read_view(&reader, QY_EPID_BLOB_SIZE, "EPID blob");
  out->sigrl = qy_read_rest(&reader);
  out->has_nonce = flag == 1;
  if (flag > 1) {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "nonce flag", flag_at);
  }
  QY_TRY(qy_read_finish(&reader, "QE get_quote", why));
  if (out->quote_type > QY_LINKABLE) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "QE get_quote: quote type %u", out->quote_type);
  }
  return QY_OK;
}

/* The list is of the key's group and the endorser signed it. Intel's QE reads the list once and so learns of a bad
 * signature last; here it is checked before any work is done for the list. */
static qy_status read_sigrl(qy_epid_sigrl *out, qy_view bytes, const qy_ae_opened_key *key, const qy_xegb *endorser,
                            qy_trace *trace, qy_error *why)
{
  qy_sigrl list;
  QY_TRY(qy_sigrl_decode_nonempty(&list, bytes, why));
  if (!qy_check(trace, QY_CHECK_QUOTING_SIGRL_GROUP, list.group_id == key->facts.gid,
                .expected = qy_textf("%08x", key->facts.gid), .actual = qy_textf("%08x", list.group_id),
                .origin = "EPID blob")) {
    return qy_fail(why, QY_ERR_REFUSED, "QE: the SigRL is of group %08x, the key of %08x", list.group_id,
                   key->facts.gid);
  }
  QY_TRY(qy_sigrl_verify(trace, &list, &endorser->epid_signing_key, why));
  *out = (qy_epid_sigrl){
      .gid = key->facts.group.gid, .version = list.version, .count = list.count, .entries = list.entries};
  return QY_OK;
}

/* The EPID signature over the quote body, proofs and all, in clear. */
static qy_status sign(qy_buffer *out, const qy_ae_opened_key *key, const uint8_t body[QY_QUOTE_BODY_SIZE],
                      const qy_epid_sigrl *sigrl, qy_trace *trace, qy_error *why)
{
  qy_epid_member *member = NULL;
  const qy_view basename = {body + 16, QY_QUOTE_BASENAME_SIZE};
  uint32_t own = 0;
  const size_t size = qy_epid_signature_size(sigrl == NULL ? 0 : sigrl->count);
  uint8_t *signature = qy_buffer_extend(out, size);
  QY_TRY(qy_buffer_finish(out, "EPID signature", why));
  QY_TRY(qy_epid_member_new(&member, &key->facts.group, &key->key, QY_EPID_HASH_BY_GID, trace, why));
  const qy_status status = qy_epid_sign(signature, size, &own, member, qy_view_over(body, QY_QUOTE_BODY_SIZE),
                                        &basename, sigrl, qy_random_system(), trace, why);
  qy_epid_member_free(&member);
  QY_TRY(status);
  if (sigrl != NULL && !qy_check(trace, QY_CHECK_QUOTING_MEMBER_REVOKED, own == 0,
                                 .expected = qy_textf("none of %u entries", sigrl->count),
                                 .actual = qy_textf("%u entries", own), .origin = "SigRL")) {
    return qy_fail(why, QY_ERR_REFUSED, "QE: the SigRL revokes this platform");
  }
  return QY_OK;
}

/* Body, signature under the report service's key: the quote. */
static qy_status make_quote(qy_buffer *quote, const quote_call *call, const qy_ae_opened_key *key,
                            const qy_xegb *endorser, const qy_epid_sigrl *sigrl, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, QY_MAX_QUOTE_SIZE);
  QY_SCOPED_BUFFER(sealed, QY_MAX_QUOTE_SIZE);
  qy_report_body self;
  uint8_t encoded[QY_QUOTE_BODY_SIZE];
  size_t size = 0;
  qy_quote_body body = {.version = QUOTE_VERSION,
                        .sign_type = call->quote_type,
                        .group_id = key->facts.gid,
                        .pce_svn = call->pce_svn,
                        .xeid = endorser->xeid,
                        .report = call->report.body};
  QY_TRY(qy_enclave_self(&self, why));
  body.qe_svn = self.isv_svn;
  QY_TRY(qy_quote_basename(body.basename, call->spid, (qy_sign_type)call->quote_type, qy_random_system(), why));
  qy_quote_body_encode(encoded, &body);
  QY_TRY(sign(&plain, key, encoded, sigrl, trace, why));

  const uint32_t proof_count = sigrl == NULL ? 0 : sigrl->count;
  uint8_t *signature = qy_buffer_extend(&sealed, qy_quote_sealed_size(proof_count));
  QY_TRY(qy_buffer_finish(&sealed, "quote signature", why));
  QY_TRY(qy_quote_seal_signature(signature, sealed.size, qy_buffer_view(&plain), &endorser->quote_wrap_key,
                                 qy_random_system(), why));
  uint8_t *bytes = qy_buffer_extend(quote, qy_quote_size(proof_count));
  QY_TRY(qy_buffer_finish(quote, "quote", why));
  return qy_quote_encode(bytes, quote->size, &size, &body, qy_buffer_view(&sealed), why);
}

/* The QE's own word to the caller that this quote answers this nonce. */
static qy_status append_qe_report(qy_buffer *out, const quote_call *call, qy_view quote, qy_error *why)
{
  qy_target_info target;
  qy_report report;
  uint8_t report_data[QY_REPORT_DATA_SIZE], encoded[QY_REPORT_SIZE];
  qy_target_info_of_reporter(&target, &call->report.body);
  QY_TRY(qy_quote_qe_report_data(report_data, call->nonce, quote, why));
  QY_TRY(qy_enclave_report(&report, &target, report_data, why));
  qy_report_encode(encoded, &report);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

/* Out: 1 when a report follows else 0, report 432, quote. */
static qy_status get_quote(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_OPENED_KEY(key);
  QY_SCOPED_BUFFER(quote, QY_MAX_QUOTE_SIZE);
  quote_call call = {0};
  qy_xegb endorser;
  qy_epid_sigrl sigrl;
  QY_TRY(read_call(&call, in, why));
  QY_TRY(qy_ae_endorser(&endorser, why));
  QY_TRY(qy_ae_verify_report(&call.report, trace, why));
  QY_TRY(qy_ae_open_key(&key, call.blob, trace, why));
  if (call.sigrl.size > 0) {
    QY_TRY(read_sigrl(&sigrl, call.sigrl, &key, &endorser, trace, why));
  }
  QY_TRY(make_quote(&quote, &call, &key, &endorser, call.sigrl.size > 0 ? &sigrl : NULL, trace, why));
  const uint8_t flag = call.has_nonce ? 1 : 0;
  qy_buffer_append(out, &flag, 1);
  if (call.has_nonce) {
    QY_TRY(append_qe_report(out, &call, qy_buffer_view(&quote), why));
  }
  qy_buffer_append(out, quote.bytes, quote.size);
  return qy_buffer_finish(out, "quote", why);
}

qy_status qy_qe_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  const size_t begin = out->size;
  (void)context;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, begin, qy_ae_answer_target_info(in, out, why));
  case QY_QE_VERIFY_BLOB:
    return qy_ae_settle(out, begin, verify_blob(in, out, trace, why));
  case QY_QE_GET_QUOTE:
    return qy_ae_settle(out, begin, get_quote(in, out, trace, why));
  default:
    return qy_ae_unknown("QE", operation, why);
  }
}
