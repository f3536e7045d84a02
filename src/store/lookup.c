/* SPDX-License-Identifier: Apache-2.0 */
/* What was current at a time. */
#include <store/parts.h>

/* What all lookups bind: documents with their chains, of one root; `:number` 0 is any. The last second of a validity
 * belongs to it. */
#define OF_KIND                                                                                         \
  " FROM document d LEFT JOIN document c ON c.id = d.chain WHERE d.kind = :kind AND d.root = :root AND" \
  " d.tee = :tee AND d.fmspc = :fmspc AND d.ca = :ca AND (:number = 0 OR d.number = :number)"
#define FROM_S "max(d.issued_s, ifnull(c.issued_s, d.issued_s))"
#define UNTIL_S "min(d.until_s, ifnull(c.until_s, d.until_s))"

typedef struct wanted {
  const char *kind;
  const char *tee;
  const char *ca;
  qy_view fmspc;
  qy_view root;
  int64_t number;
  int64_t at_s;
} wanted;

static void bind(sqlite3_stmt *statement, const wanted *w)
{
  qy_store_bind_text(statement, ":kind", w->kind);
  qy_store_bind_text(statement, ":tee", w->tee);
  qy_store_bind_text(statement, ":ca", w->ca);
  qy_store_bind_blob(statement, ":fmspc", w->fmspc);
  qy_store_bind_blob(statement, ":root", w->root);
  qy_store_bind_number(statement, ":number", w->number);
  qy_store_bind_number(statement, ":at", w->at_s);
}

/* The highest evaluation of which TCB info and identity are both current; 0 when there is none. */
static qy_status common_number(int64_t *out, const qy_collateral_store *store, const wanted *w, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  QY_TRY(qy_store_prepare(
      &statement, store,
      "SELECT max(d.number)" OF_KIND " AND " FROM_S " <= :at AND " UNTIL_S " >= :at AND d.number IN"
      " (SELECT i.number FROM document i LEFT JOIN document j ON j.id = i.chain WHERE i.kind = 'identity' AND"
      " i.root = :root AND i.tee = :tee AND max(i.issued_s, ifnull(j.issued_s, i.issued_s)) <= :at AND"
      " min(i.until_s, ifnull(j.until_s, i.until_s)) >= :at)",
      why));
  bind(statement, w);
  QY_TRY(qy_store_step(&row, statement, store, "looking for collateral", why));
  *out = row ? sqlite3_column_int64(statement, 0) : 0;
  return QY_OK;
}

/* No document is current: which one comes nearest. */
static qy_status nearest(qy_collateral_state *out, const qy_collateral_store *store, const wanted *w, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  QY_TRY(qy_store_prepare(&statement, store,
                          "SELECT d.number, " FROM_S ", " UNTIL_S OF_KIND " ORDER BY (" FROM_S " > :at), "
                          "CASE WHEN " FROM_S " > :at THEN " FROM_S " ELSE -" UNTIL_S " END LIMIT 1",
                          why));
  bind(statement, w);
  QY_TRY(qy_store_step(&row, statement, store, "looking for collateral", why));
  *out = (qy_collateral_state){.lack = QY_LACK_UNKNOWN};
  if (row) {
    out->number = (uint32_t)sqlite3_column_int64(statement, 0);
    out->from_s = sqlite3_column_int64(statement, 1);
    out->until_s = sqlite3_column_int64(statement, 2);
    out->lack = out->from_s > w->at_s ? QY_LACK_LATER : QY_LACK_EXPIRED;
  }
  return QY_OK;
}

static qy_status find(int64_t *id, int64_t *chain_id, qy_collateral_state *state, const qy_collateral_store *store,
                      const wanted *w, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  *id = 0;
  *chain_id = 0;
  QY_TRY(qy_store_prepare(&statement, store,
                          "SELECT d.id, ifnull(d.chain, 0), d.number, " FROM_S ", " UNTIL_S OF_KIND " AND " FROM_S
                          " <= :at AND " UNTIL_S " >= :at ORDER BY d.number DESC, d.issued_s DESC, c.until_s DESC,"
                          " d.id DESC LIMIT 1",
                          why));
  bind(statement, w);
  QY_TRY(qy_store_step(&row, statement, store, "looking for collateral", why));
  if (!row) {
    return nearest(state, store, w, why);
  }
  *id = sqlite3_column_int64(statement, 0);
  *chain_id = sqlite3_column_int64(statement, 1);
  *state = (qy_collateral_state){.number = (uint32_t)sqlite3_column_int64(statement, 2),
                                 .from_s = sqlite3_column_int64(statement, 3),
                                 .until_s = sqlite3_column_int64(statement, 4)};
  return QY_OK;
}

static qy_status take(qy_collateral_set *out, qy_collateral_state *state, qy_collateral_store *store,
                      qy_collateral_part part, qy_collateral_part chain, const wanted *w, qy_error *why)
{
  int64_t id = 0, chain_id = 0;
  QY_TRY(find(&id, &chain_id, state, store, w, why));
  if (id != 0) {
    QY_TRY(qy_collateral_store_read(&out->parts[part], store, id, why));
  }
  if (chain_id != 0 && chain < QY_PART_COUNT) {
    QY_TRY(qy_collateral_store_read(&out->parts[chain], store, chain_id, why));
  }
  return QY_OK;
}

static qy_status take_all(qy_collateral_set *out, qy_collateral_found *found, qy_collateral_store *store,
                          const qy_collateral_ask *ask, qy_view root, qy_error *why)
{
  qy_collateral_state *states = found->documents;
  wanted w = {.kind = "tcb-info",
              .tee = qy_store_tee(ask->platform.is_tdx),
              .ca = "",
              .fmspc = QY_VIEW_OF(ask->platform.fmspc),
              .root = root,
              .number = ask->evaluation_number,
              .at_s = ask->at_s};
  int64_t number = 0;
  QY_TRY(common_number(&number, store, &w, why));
  w.number = number != 0 ? number : w.number;
  QY_TRY(take(out, &states[QY_PART_TCB_INFO], store, QY_PART_TCB_INFO, QY_PART_TCB_CHAIN, &w, why));
  w.kind = "identity";
  w.fmspc = (qy_view){NULL, 0};
  QY_TRY(take(out, &states[QY_PART_IDENTITY], store, QY_PART_IDENTITY, QY_PART_IDENTITY_CHAIN, &w, why));
  w = (wanted){
      .kind = "pck-crl", .tee = "", .ca = qy_store_ca(ask->platform.by_platform_ca), .root = root, .at_s = ask->at_s};
  QY_TRY(take(out, &states[QY_PART_PCK_CRL], store, QY_PART_PCK_CRL, QY_PART_PCK_CRL_CHAIN, &w, why));
  w.kind = "root-crl";
  w.ca = "";
  return take(out, &states[QY_PART_ROOT_CRL], store, QY_PART_ROOT_CRL, QY_PART_COUNT, &w, why);
}

/* One moment for all that is read. */
static qy_status take_in_one(qy_collateral_set *out, qy_collateral_found *found, qy_collateral_store *store,
                             const qy_collateral_ask *ask, qy_error *why)
{
  uint8_t root[64];
  QY_TRY(qy_collateral_root_key(root, ask->root, why));
  QY_TRY(qy_store_run(store, "BEGIN", "reading", why));
  const qy_status status = take_all(out, found, store, ask, QY_VIEW_OF(root), why);
  (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

qy_status qy_collateral_store_get(qy_collateral_set *out, qy_collateral_found *found, qy_collateral_store *store,
                                  const qy_collateral_ask *ask, qy_error *why)
{
  qy_collateral_found unseen = {0};
  qy_collateral_found *states = found != NULL ? found : &unseen;
  *states = (qy_collateral_found){.complete = true};
  qy_collateral_set_clear(out);
  qy_collateral_set_init(out);
  qy_buffer_append(&out->root, ask->root.bytes, ask->root.size);
  QY_TRY(qy_buffer_finish(&out->root, "root", why));
  const qy_status status = take_in_one(out, states, store, ask, why);
  if (status != QY_OK) {
    qy_collateral_set_clear(out);
    qy_collateral_set_init(out);
    return status;
  }
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    states->complete = states->complete && states->documents[i].lack == QY_LACK_NONE;
  }
  return QY_OK;
}
