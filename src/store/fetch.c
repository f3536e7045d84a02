/* SPDX-License-Identifier: Apache-2.0 */
/* All that a platform needs, from one service: verified as a whole, then kept as a whole. */
#include <store/pcs.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>

/* ---- Answers ---- */

static qy_status take_chain(qy_buffer *out, const qy_http_answer *answer, const char *header, const char *what,
                            qy_error *why)
{
  const char *value = qy_http_answer_header(answer, header);
  if (value == NULL) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: the answer has no header %s: is this a service of API version 4?", what,
                   header);
  }
  qy_http_decode_append(out, qy_view_text(value));
  return out->status == QY_OK ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "%s: header %s: badly encoded", what, header);
}

static qy_status take_body(qy_buffer *out, const qy_http_answer *answer, const char *what, qy_error *why)
{
  if (answer->body.size == 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: the answer is empty", what);
  }
  qy_buffer_append(out, answer->body.bytes, answer->body.size);
  return qy_buffer_finish(out, what, why);
}

/* One document with its chain, whose header is one of two names. */
static qy_status fetch_part(qy_collateral_set *out, const qy_pcs *pcs, qy_collateral_part part,
                            qy_collateral_part chain, const char *path, const char *header, qy_error *why)
{
  const char *what = qy_collateral_part_name(part);
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_TRY(qy_pcs_get(&answer, pcs, path, what, why));
  QY_TRY(take_body(&out->parts[part], &answer, what, why));
  return take_chain(&out->parts[chain], &answer, header, what, why);
}

/* "&update=early" and the like; "" where the service is to choose. */
static qy_status choose_evaluation(char *out, size_t size, const qy_pcs_source *source, char first, qy_error *why)
{
  out[0] = '\0';
  if (source->update != NULL && source->evaluation_number != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "an update (early, standard) or an evaluation number, not both");
  }
  if (source->update != NULL && strcmp(source->update, "early") != 0 && strcmp(source->update, "standard") != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "update: early or standard, not \"%s\"", source->update);
  }
  if (source->update != NULL) {
    (void)snprintf(out, size, "%cupdate=%s", first, source->update);
  } else if (source->evaluation_number != 0) {
    (void)snprintf(out, size, "%ctcbEvaluationDataNumber=%u", first, source->evaluation_number);
  }
  return QY_OK;
}

static qy_status fetch_signed(qy_collateral_set *out, const qy_pcs *pcs, const qy_collateral_platform *platform,
                              qy_error *why)
{
  char path[200], evaluation[60], fmspc[2 * QY_FMSPC_SIZE + 1];
  const char *tee = platform->is_tdx ? "tdx" : "sgx";
  qy_hex_encode(fmspc, QY_VIEW_OF(platform->fmspc));
  QY_TRY(choose_evaluation(evaluation, sizeof(evaluation), pcs->source, '&', why));
  (void)snprintf(path, sizeof(path), "/%s/certification/v4/tcb?fmspc=%s%s", tee, fmspc, evaluation);
  QY_TRY(fetch_part(out, pcs, QY_PART_TCB_INFO, QY_PART_TCB_CHAIN, path, "TCB-Info-Issuer-Chain", why));
  QY_TRY(choose_evaluation(evaluation, sizeof(evaluation), pcs->source, '?', why));
  (void)snprintf(path, sizeof(path), "/%s/certification/v4/qe/identity%s", tee, evaluation);
  return fetch_part(out, pcs, QY_PART_IDENTITY, QY_PART_IDENTITY_CHAIN, path, "SGX-Enclave-Identity-Issuer-Chain", why);
}

/* What services answer to a call that they do not have; 0 is no answer at all. */
static bool is_unknown_call(unsigned status)
{
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 410;
}

/* A caching service has it under a name of its own; Intel's names a place in its root certificate. That place is
 * taken from a chain that nobody has verified yet: all that a liar gains is one request for a list that must be signed. */
static qy_status fetch_root_crl(qy_collateral_set *out, const qy_pcs *pcs, qy_error *why)
{
  const char *what = qy_collateral_part_name(QY_PART_ROOT_CRL);
  qy_error unknown = {0};
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_status status = qy_pcs_get(&answer, pcs, "/sgx/certification/v4/rootcacrl", what, &unknown);
  if (status == QY_OK) {
    return take_body(&out->parts[QY_PART_ROOT_CRL], &answer, what, why);
  }
  if (!is_unknown_call(answer.status)) {
    return qy_fail(why, status, "%s", unknown.message);
  }
  QY_SCOPED_SGX_CHAIN(chain);
  char url[512];
  QY_TRY(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&out->parts[QY_PART_TCB_CHAIN]), NULL, why));
  const qy_view place = qy_sgx_certificate_crl_url(&chain.certificates[chain.count - 1]);
  if (place.size < 8 || place.size >= sizeof(url) || memcmp(place.bytes, "https://", 8) != 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: the service has none, and its root certificate names no https:// place",
                   what);
  }
  memcpy(url, place.bytes, place.size);
  url[place.size] = '\0';
  QY_TRY(qy_pcs_get_url(&answer, pcs, url, what, why));
  return take_body(&out->parts[QY_PART_ROOT_CRL], &answer, what, why);
}

static qy_status fetch_all(qy_collateral_set *out, const qy_pcs *pcs, const qy_collateral_platform *platform,
                           qy_error *why)
{
  char path[120];
  QY_TRY(fetch_signed(out, pcs, platform, why));
  (void)snprintf(path, sizeof(path), "/sgx/certification/v4/pckcrl?ca=%s&encoding=der",
                 platform->by_platform_ca ? "platform" : "processor");
  QY_TRY(fetch_part(out, pcs, QY_PART_PCK_CRL, QY_PART_PCK_CRL_CHAIN, path, "SGX-PCK-CRL-Issuer-Chain", why));
  return fetch_root_crl(out, pcs, why);
}

/* ---- All of it ---- */

static void note_states(qy_collateral_fetched *out, const qy_store_examined *examined, int64_t now_s)
{
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    const qy_store_document *document = &examined->documents[i];
    out->documents[i] = (qy_collateral_state){.lack = document->until_s < now_s    ? QY_LACK_EXPIRED
                                                      : document->issued_s > now_s ? QY_LACK_LATER
                                                                                   : QY_LACK_NONE,
                                              .from_s = document->issued_s,
                                              .until_s = document->until_s,
                                              .number = (uint32_t)document->number};
  }
}

qy_status qy_collateral_fetch(qy_collateral_fetched *out, qy_collateral_store *store, const qy_pcs_source *source,
                              const qy_collateral_platform *platform, int64_t now_s, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_PCS(pcs);
  QY_SCOPED_COLLATERAL_SET(set);
  QY_SCOPED_EXAMINED(examined);
  *out = (qy_collateral_fetched){0};
  qy_buffer_append(&set.root, source->root.bytes, source->root.size);
  QY_TRY(qy_buffer_finish(&set.root, "root", why));
  QY_TRY(qy_pcs_open(&pcs, source, why));
  QY_TRY(fetch_all(&set, &pcs, platform, why));
  QY_TRY(qy_store_put(&out->kept, &examined, store, &set, platform, source->url, now_s, trace, why));
  note_states(out, &examined, now_s);
  return QY_OK;
}
