/* SPDX-License-Identifier: Apache-2.0 */
/* A bad quote's way into a SigRL: only this service can open it, only the issuer can sign the list. */
#include <reports/reports.h>

#include <base/limits.h>
#include <reports/cache.h>
#include <reports/examine.h>
#include <reports/keys.h>

/* EPID file header of a SigRL request (Intel EPID SDK, revoke signature tool). */
static const uint8_t HEADER[4] = {0x02, 0x00, 0x00, 0x0b};

static qy_status append_request(qy_buffer *request, uint32_t gid, qy_view signature, qy_view message, qy_error *why)
{
  const qy_epid_gid group = qy_epid_gid_of_sgx(gid);
  const uint8_t size[4] = {(uint8_t)(message.size >> 24), (uint8_t)(message.size >> 16), (uint8_t)(message.size >> 8),
                           (uint8_t)message.size};
  qy_buffer_append(request, HEADER, sizeof HEADER);
  qy_buffer_append(request, group.bytes, sizeof group.bytes);
  qy_buffer_append(request, signature.bytes, signature.size);
  qy_buffer_append(request, size, sizeof size);
  qy_buffer_append(request, message.bytes, message.size);
  return qy_buffer_finish(request, "SigRL request", why);
}

static qy_status open_quote(qy_buffer *signature, const qy_quote *quote, const qy_reports_keys *keys,
                            const char *folder, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_GROUP(group);
  qy_examination examination;
  QY_TRY(qy_group_load(&group, folder, quote->body.group_id, &keys->epid_ca, trace, why));
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_epid_verifier_new(&verifier, &group.key, trace, why));
  /* Without lists: a signature of a revoked member may be handed in, too. */
  const qy_status status =
      qy_reports_examine(&examination, signature, quote, keys->quote_key, verifier, true, trace, why);
  qy_epid_verifier_free(&verifier);
  QY_TRY(status);
  if (examination.result != QY_EPID_VALID) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: its EPID signature is %s", qy_epid_result_name(examination.result));
  }
  return QY_OK;
}

qy_status qy_reports_signature_request(qy_buffer *request, const char *folder, qy_view quote, qy_trace *trace,
                                       qy_error *why)
{
  qy_quote decoded;
  QY_TRY(qy_quote_decode(&decoded, quote, why));
  QY_SCOPED_REPORTS_KEYS(keys);
  QY_TRY(qy_reports_keys_load(&keys, folder, why));
  QY_SCOPED_BUFFER(signature, QY_MAX_QUOTE_SIZE);
  QY_TRY(open_quote(&signature, &decoded, &keys, folder, trace, why));
  return append_request(request, decoded.body.group_id, qy_buffer_view(&signature), decoded.signed_part, why);
}
