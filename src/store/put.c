/* SPDX-License-Identifier: Apache-2.0 */
/* A set is kept whole or not at all. */
#include <store/parts.h>

#include <stdlib.h>
#include <string.h>

static const qy_collateral_part chain_of[QY_PART_DOCUMENTS] = {[QY_PART_TCB_INFO] = QY_PART_TCB_CHAIN,
                                                               [QY_PART_IDENTITY] = QY_PART_IDENTITY_CHAIN,
                                                               [QY_PART_PCK_CRL] = QY_PART_PCK_CRL_CHAIN,
                                                               [QY_PART_ROOT_CRL] = QY_PART_COUNT};

static qy_status insert_all(qy_collateral_kept *out, const qy_collateral_store *store, qy_store_examined *examined,
                            const char *source, int64_t now_s, qy_error *why)
{
  int64_t ids[QY_PART_COUNT + 1] = {0};
  for (size_t part = QY_PART_TCB_CHAIN; part < QY_PART_COUNT; part++) {
    if (examined->documents[part].kind != NULL) {
      QY_TRY(qy_store_insert(&ids[part], out, store, &examined->documents[part], source, now_s, why));
    }
  }
  for (size_t part = 0; part < QY_PART_DOCUMENTS; part++) {
    if (examined->documents[part].kind != NULL) {
      examined->documents[part].chain_id = ids[chain_of[part]];
      QY_TRY(qy_store_insert(&ids[part], out, store, &examined->documents[part], source, now_s, why));
    }
  }
  return QY_OK;
}

static qy_status insert_in_one(qy_collateral_kept *out, const qy_collateral_store *store, qy_store_examined *examined,
                               const char *source, int64_t now_s, qy_error *why)
{
  if (sqlite3_get_autocommit(store->db) == 0) {
    return insert_all(out, store, examined, source, now_s, why); /* part of an import, which ends it */
  }
  QY_TRY(qy_store_run(store, "BEGIN IMMEDIATE", "keeping collateral", why));
  qy_status status = insert_all(out, store, examined, source, now_s, why);
  if (status == QY_OK) {
    status = qy_store_run(store, "COMMIT", "keeping collateral", why);
  }
  if (status != QY_OK) {
    *out = (qy_collateral_kept){0};
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  }
  return status;
}

static void copy_part(qy_collateral_set *to, const qy_collateral_set *from, qy_collateral_part part)
{
  qy_buffer_append(&to->parts[part], from->parts[part].bytes, from->parts[part].size);
}

/* Documents whose signer was revoked are refused, but the list that says so is good, and newer than any that is kept:
 * without it what the same signer signed before would go on being used. */
static qy_status keep_lists(qy_collateral_kept *out, const qy_collateral_store *store, const qy_collateral_set *set,
                            const qy_collateral_platform *asked, const char *source, int64_t now_s, qy_error *why)
{
  QY_SCOPED_COLLATERAL_SET(lists);
  QY_SCOPED_EXAMINED(examined);
  qy_buffer_append(&lists.root, set->root.bytes, set->root.size);
  copy_part(&lists, set, QY_PART_ROOT_CRL);
  copy_part(&lists, set, QY_PART_PCK_CRL);
  copy_part(&lists, set, QY_PART_PCK_CRL_CHAIN);
  QY_TRY(qy_store_examine(&examined, &lists, asked, NULL, why));
  return insert_in_one(out, store, &examined, source, now_s, why);
}

static qy_status put_traced(qy_collateral_kept *out, qy_store_examined *examined, const qy_collateral_store *store,
                            const qy_collateral_set *set, const qy_collateral_platform *asked, const char *source,
                            int64_t now_s, qy_trace *trace, qy_error *why)
{
  const qy_status status = qy_store_examine(examined, set, asked, trace, why);
  if (status == QY_OK) {
    return insert_in_one(out, store, examined, source, now_s, why);
  }
  const qy_check_record *failed = status == QY_ERR_REFUSED ? qy_trace_failed(trace) : NULL;
  if (failed != NULL && failed->id == QY_CHECK_SIGNER_REVOKED &&
      keep_lists(out, store, set, asked, source, now_s, NULL) == QY_OK) {
    return qy_fail_in(why, status, "the revocation lists were kept, the rest was");
  }
  return status;
}

qy_status qy_store_put(qy_collateral_kept *out, qy_store_examined *examined, const qy_collateral_store *store,
                       const qy_collateral_set *set, const qy_collateral_platform *asked, const char *source,
                       int64_t now_s, qy_trace *trace, qy_error *why)
{
  *out = (qy_collateral_kept){0};
  qy_trace *own = trace != NULL ? NULL : malloc(sizeof(*own));
  if (trace == NULL && own == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for a trace");
  }
  const qy_status status =
      put_traced(out, examined, store, set, asked, source, now_s, trace != NULL ? trace : own, why);
  free(own);
  return status;
}

qy_status qy_collateral_store_put(qy_collateral_kept *out, qy_collateral_store *store, const qy_collateral_set *set,
                                  const qy_collateral_platform *asked, const char *source, int64_t now_s,
                                  qy_trace *trace, qy_error *why)
{
  QY_SCOPED_EXAMINED(examined);
  return qy_store_put(out, &examined, store, set, asked, source, now_s, trace, why);
}

qy_status qy_collateral_store_remember(qy_collateral_store *store, qy_view quote_bytes, const char *source,
                                       int64_t now_s, qy_error *why)
{
  qy_dcap_quote quote;
  qy_collateral_platform platform;
  qy_collateral_kept count = {0};
  int64_t id = 0;
  QY_TRY(qy_collateral_platform_of(&platform, quote_bytes, why));
  QY_TRY(qy_dcap_quote_decode(&quote, quote_bytes, why));
  qy_store_document document = {.kind = "pck-chain",
                                .tee = qy_store_tee(platform.is_tdx),
                                .ca = qy_store_ca(platform.by_platform_ca),
                                .fmspc = QY_VIEW_OF(platform.fmspc),
                                .bytes = qy_certification_pem(&quote.certification)};
  if (platform.is_tdx) {
    document.tee_tcb_svn = QY_VIEW_OF(quote.td.tee_tcb_svn);
  }
  QY_SCOPED_SGX_CHAIN(chain);
  QY_TRY(qy_sgx_chain_from_pem(&chain, document.bytes, NULL, why));
  document.issued_s = chain.certificates[0].not_before_s;
  document.until_s = chain.certificates[0].not_after_s;
  return qy_store_insert(&id, &count, store, &document, source, now_s, why);
}
