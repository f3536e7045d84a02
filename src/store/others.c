/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral as other tools keep it: JSON of the members of Intel's sgx_ql_qve_collateral_t. */
#include <store/bundle.h>

#include <string.h>

#include <base/encoding.h>
#include <json/json.h>

static const char *const what = "collateral";

static qy_status append_text(qy_buffer *out, const json_t *whole, const char *member, qy_error *why)
{
  const char *text = NULL;
  if (!qy_json_has(whole, member)) {
    return QY_OK;
  }
  QY_TRY(qy_json_text(&text, whole, member, what, why));
  qy_buffer_append_text(out, text);
  return qy_buffer_finish(out, member, why);
}

/* A signed document as it was served: as it stands, or put together from body and signature, the body's bytes as they
 * were signed. */
static qy_status append_document(qy_buffer *out, const json_t *whole, const char *member, const char *signature_member,
                                 const char *body_name, qy_error *why)
{
  const char *body = NULL;
  const char *signature = NULL;
  if (!qy_json_has(whole, signature_member)) {
    return append_text(out, whole, member, why);
  }
  QY_TRY(qy_json_text(&body, whole, member, what, why));
  QY_TRY(qy_json_text(&signature, whole, signature_member, what, why));
  qy_buffer_appendf(out, "{\"%s\":%s,\"signature\":\"%s\"}", body_name, body, signature);
  return qy_buffer_finish(out, member, why);
}

qy_status qy_collateral_set_from_json(qy_collateral_set *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(whole);
  QY_TRY(qy_json_parse(&whole, text, why));
  if (!qy_json_has(whole, "tcb_info") && !qy_json_has(whole, "qe_identity")) {
    return qy_fail(why, QY_ERR_UNSUPPORTED,
                   "neither an export nor collateral JSON: members tcb_info, qe_identity, "
                   "pck_crl, root_ca_crl and their issuer chains are looked for");
  }
  QY_TRY(append_document(&out->parts[QY_PART_TCB_INFO], whole, "tcb_info", "tcb_info_signature", "tcbInfo", why));
  QY_TRY(append_document(&out->parts[QY_PART_IDENTITY], whole, "qe_identity", "qe_identity_signature",
                         "enclaveIdentity", why));
  QY_TRY(append_text(&out->parts[QY_PART_TCB_CHAIN], whole, "tcb_info_issuer_chain", why));
  QY_TRY(append_text(&out->parts[QY_PART_IDENTITY_CHAIN], whole, "qe_identity_issuer_chain", why));
  QY_TRY(append_text(&out->parts[QY_PART_PCK_CRL_CHAIN], whole, "pck_crl_issuer_chain", why));
  QY_TRY(append_text(&out->parts[QY_PART_PCK_CRL], whole, "pck_crl", why));
  return append_text(&out->parts[QY_PART_ROOT_CRL], whole, "root_ca_crl", why);
}
