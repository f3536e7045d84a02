/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/examine.h>

#include <string.h>

#include <base/limits.h>
#include <sgx/quote_seal.h>

#define MAX_SIGNATURE (360u + 160u * QY_MAX_SIGRL_ENTRIES)

static qy_status verify(qy_examination *out, qy_view plain, const qy_quote *quote, qy_epid_verifier *verifier,
                        bool has_sigrl, qy_trace *trace, qy_error *why)
{
  qy_epid_signature signature;
  QY_TRY(qy_epid_signature_decode(&signature, plain, why));
  memcpy(out->pseudonym, qy_epid_signature_pseudonym(plain).bytes, sizeof out->pseudonym);
  out->has_pseudonym = true;
  const qy_view basename = QY_VIEW_OF(quote->body.basename);
  QY_TRY(qy_epid_verifier_set_basename(verifier, &basename, why));
  QY_TRY(qy_epid_verify(&out->result, verifier, plain, quote->signed_part, trace, why));
  const bool refers = signature.sigrl_version != 0 || signature.proof_count != 0;
  if (out->result == QY_EPID_VALID && !has_sigrl &&
      !qy_check(trace, QY_CHECK_REPORTS_SIGRL_ABSENT, !refers, .expected = qy_textf("version 0, no proof"),
                .actual = qy_textf("version %u, %u proofs", signature.sigrl_version, signature.proof_count),
                .origin = "revocation lists of the group")) {
    out->result = QY_EPID_SIGRL_MISMATCH;
  }
  return QY_OK;
}

qy_status qy_reports_examine(qy_examination *out, qy_buffer *signature, const qy_quote *quote,
                             const qy_rsa_private *key, qy_epid_verifier *verifier, bool has_sigrl, qy_trace *trace,
                             qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_BUFFER(plain, MAX_SIGNATURE);
  qy_status status = qy_quote_open_signature(&plain, trace, quote, key, why);
  if (status == QY_ERR_REFUSED) {
    out->result = QY_EPID_INVALID;
    return QY_OK;
  }
  QY_TRY(status);
  status = verify(out, qy_buffer_view(&plain), quote, verifier, has_sigrl, trace, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
    return status;
  }
  if (signature != NULL) {
    qy_buffer_append(signature, plain.bytes, plain.size);
    QY_TRY(qy_buffer_finish(signature, "EPID signature", why));
  }
  return QY_OK;
}
