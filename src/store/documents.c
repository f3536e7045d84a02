/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the store: put in, looked through, read. */
#include <store/parts.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/hash.h>

static qy_status find_row(int64_t *id, const qy_collateral_store *store, const qy_store_document *document,
                          qy_view digest, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  QY_TRY(qy_store_prepare(&statement, store,
                          "SELECT id FROM document WHERE kind = :kind AND tee = :tee AND sha256 = :sha256 AND"
                          " root = :root AND tee_tcb_svn = :svn AND ifnull(chain, 0) = :chain",
                          why));
  qy_store_bind_text(statement, ":kind", document->kind);
  qy_store_bind_text(statement, ":tee", document->tee);
  qy_store_bind_blob(statement, ":sha256", digest);
  qy_store_bind_blob(statement, ":root", document->root);
  qy_store_bind_blob(statement, ":svn", document->tee_tcb_svn);
  qy_store_bind_number(statement, ":chain", document->chain_id);
  QY_TRY(qy_store_step(&row, statement, store, "looking for a document", why));
  *id = row ? sqlite3_column_int64(statement, 0) : 0;
  return QY_OK;
}

static qy_status insert_row(int64_t *id, const qy_collateral_store *store, const qy_store_document *document,
                            qy_view digest, const char *source, int64_t now_s, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  QY_TRY(qy_store_prepare(
      &statement, store,
      "INSERT INTO document (kind, tee, ca, fmspc, root, tee_tcb_svn, number, issued_s, until_s, chain, sha256, bytes,"
      " first_seen_s, source) VALUES (:kind, :tee, :ca, :fmspc, :root, :svn, :number, :issued, :until,"
      " nullif(:chain, 0), :sha256, :bytes, :now, substr(:source, 1, :longest))",
      why));
  qy_store_bind_text(statement, ":kind", document->kind);
  qy_store_bind_text(statement, ":tee", document->tee);
  qy_store_bind_text(statement, ":ca", document->ca);
  qy_store_bind_blob(statement, ":fmspc", document->fmspc);
  qy_store_bind_blob(statement, ":root", document->root);
  qy_store_bind_blob(statement, ":svn", document->tee_tcb_svn);
  qy_store_bind_number(statement, ":number", document->number);
  qy_store_bind_number(statement, ":issued", document->issued_s);
  qy_store_bind_number(statement, ":until", document->until_s);
  qy_store_bind_number(statement, ":chain", document->chain_id);
  qy_store_bind_blob(statement, ":sha256", digest);
  qy_store_bind_blob(statement, ":bytes", document->bytes);
  qy_store_bind_number(statement, ":now", now_s);
  qy_store_bind_text(statement, ":source", source);
  qy_store_bind_number(statement, ":longest", QY_STORE_MAX_SOURCE);
  QY_TRY(qy_store_step(&row, statement, store, "keeping a document", why));
  *id = sqlite3_last_insert_rowid(store->db);
  return QY_OK;
}

qy_status qy_store_insert(int64_t *id, qy_collateral_kept *count, const qy_collateral_store *store,
                          const qy_store_document *document, const char *source, int64_t now_s, qy_error *why)
{
  uint8_t digest[QY_SHA256_SIZE];
  if (document->bytes.size > QY_MAX_COLLATERAL_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: %zu bytes, at most %u are kept", document->kind, document->bytes.size,
                   QY_MAX_COLLATERAL_SIZE);
  }
  QY_TRY(qy_sha256(digest, document->bytes, why));
  QY_TRY(find_row(id, store, document, QY_VIEW_OF(digest), why));
  if (*id != 0) {
    count->known++;
    return QY_OK;
  }
  QY_TRY(insert_row(id, store, document, QY_VIEW_OF(digest), source, now_s, why));
  count->added++;
  return QY_OK;
}

static const char select_rows[] =
    "SELECT id, kind, tee, ca, fmspc, root, tee_tcb_svn, number, issued_s, until_s, ifnull(chain, 0), first_seen_s,"
    " source, sha256, length(bytes) FROM document"
    " ORDER BY kind DESC, root, tee, fmspc, ca, number DESC, issued_s DESC, id DESC";

static qy_collateral_row row_of(sqlite3_stmt *statement)
{
  return (qy_collateral_row){.id = sqlite3_column_int64(statement, 0),
                             .kind = qy_store_column_text(statement, 1),
                             .tee = qy_store_column_text(statement, 2),
                             .ca = qy_store_column_text(statement, 3),
                             .fmspc = qy_store_column_blob(statement, 4),
                             .root = qy_store_column_blob(statement, 5),
                             .tee_tcb_svn = qy_store_column_blob(statement, 6),
                             .number = sqlite3_column_int64(statement, 7),
                             .issued_s = sqlite3_column_int64(statement, 8),
                             .until_s = sqlite3_column_int64(statement, 9),
                             .chain_id = sqlite3_column_int64(statement, 10),
                             .first_seen_s = sqlite3_column_int64(statement, 11),
                             .source = qy_store_column_text(statement, 12),
                             .sha256 = qy_store_column_blob(statement, 13),
                             .size = (size_t)sqlite3_column_int64(statement, 14)};
}

qy_status qy_collateral_store_each(qy_collateral_store *store,
                                   qy_status (*see)(void *context, const qy_collateral_row *row, qy_error *why),
                                   void *context, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool found = true;
  QY_TRY(qy_store_prepare(&statement, store, select_rows, why));
  while (found) {
    QY_TRY(qy_store_step(&found, statement, store, "reading", why));
    if (found) {
      const qy_collateral_row row = row_of(statement);
      QY_TRY(see(context, &row, why));
    }
  }
  return QY_OK;
}

qy_status qy_collateral_store_read(qy_buffer *out, qy_collateral_store *store, int64_t id, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  uint8_t digest[QY_SHA256_SIZE];
  bool row = false;
  QY_TRY(qy_store_prepare(&statement, store, "SELECT bytes, sha256 FROM document WHERE id = :id", why));
  qy_store_bind_number(statement, ":id", id);
  QY_TRY(qy_store_step(&row, statement, store, "reading a document", why));
  if (!row) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: no document %lld", store->path, (long long)id);
  }
  const qy_view bytes = qy_store_column_blob(statement, 0);
  QY_TRY(qy_sha256(digest, bytes, why));
  if (!qy_check(NULL, QY_CHECK_KEPT_DIGEST, qy_view_equal(QY_VIEW_OF(digest), qy_store_column_blob(statement, 1)),
                .expected = qy_text_hex(qy_store_column_blob(statement, 1)), .actual = qy_text_hex(QY_VIEW_OF(digest)),
                .origin = "the store")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: document %lld is damaged (check %s): %s", store->path, (long long)id,
                   qy_check_name(QY_CHECK_KEPT_DIGEST), qy_check_remedy(QY_CHECK_KEPT_DIGEST));
  }
  qy_buffer_append(out, bytes.bytes, bytes.size);
  return qy_buffer_finish(out, "document", why);
}
