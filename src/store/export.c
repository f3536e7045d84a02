/* SPDX-License-Identifier: Apache-2.0 */
/* One signed JSON object with what is kept. What the signature adds to those inside: they say that each document is
 * genuine, this one says who chose the documents, and when, so that a carrier cannot leave out the newest list. */
#include <store/bundle.h>
#include <store/bundle_form.h>
#include <store/parts.h>

#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <json/json.h>

/* SubjectPublicKeyInfo of a P-256 key, up to its X. */
static const uint8_t key_prefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                     0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

qy_status qy_export_fingerprint(uint8_t out[QY_EXPORT_FINGERPRINT_SIZE], const qy_p256_public *key, qy_error *why)
{
  const qy_view parts[] = {QY_VIEW_OF(key_prefix), QY_VIEW_OF(key->bytes)};
  return qy_hash_parts(out, QY_SHA256, parts, 2, why);
}

/* ---- What is in it ---- */

typedef struct choice {
  json_t *documents;
  qy_collateral_store *store;
  bool all;
  int64_t now_s;
} choice;

static qy_status read_row(json_t **out, qy_collateral_store *store, int64_t id, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_MAX_COLLATERAL_SIZE);
  *out = NULL;
  if (id != 0) {
    QY_TRY(qy_collateral_store_read(&bytes, store, id, why));
    *out = qy_json_new_base64(qy_buffer_view(&bytes));
  }
  return QY_OK;
}

/* A root CRL has no chain of its own: any that ends at its root has that root in it. */
static qy_status chain_of(int64_t *id, const qy_collateral_store *store, const qy_collateral_row *row, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool found = false;
  *id = row->chain_id;
  if (strcmp(row->kind, "root-crl") != 0) {
    return QY_OK;
  }
  QY_TRY(qy_store_prepare(&statement, store,
                          "SELECT id FROM document WHERE kind = 'chain' AND root = :root ORDER BY until_s DESC LIMIT 1",
                          why));
  qy_store_bind_blob(statement, ":root", row->root);
  QY_TRY(qy_store_step(&found, statement, store, "looking for a chain", why));
  *id = found ? sqlite3_column_int64(statement, 0) : 0;
  return QY_OK;
}

static qy_status add_row(void *context, const qy_collateral_row *row, qy_error *why)
{
  choice *to = context;
  json_t *bytes = NULL;
  json_t *chain = NULL;
  if (strcmp(row->kind, "chain") == 0 || (!to->all && row->until_s < to->now_s)) {
    return QY_OK;
  }
  int64_t chain_id = 0;
  QY_TRY(chain_of(&chain_id, to->store, row, why));
  QY_TRY(read_row(&bytes, to->store, row->id, why));
  const qy_status status = read_row(&chain, to->store, chain_id, why);
  if (status != QY_OK) {
    json_decref(bytes);
    return status;
  }
  json_t *object =
      json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o*}", "kind", row->kind, "tee", row->tee, "ca",
                row->ca, "fmspc", qy_json_new_hex(row->fmspc), "tee_tcb_svn", qy_json_new_hex(row->tee_tcb_svn), "root",
                qy_json_new_hex(row->root), "first_seen", qy_json_new_time(row->first_seen_s), "source",
                qy_json_new_text(row->source), "bytes", bytes, "chain", chain);
  return json_array_append_new(to->documents, object) == 0 ? QY_OK : qy_fail(why, QY_ERR_MEMORY, "export: no memory");
}

static qy_status make_body(qy_buffer *out, size_t *count, qy_collateral_store *store, bool all, int64_t now_s,
                           qy_error *why)
{
  QY_SCOPED_JSON(body);
  json_t *documents = json_array();
  choice chosen = {.documents = documents, .store = store, .all = all, .now_s = now_s};
  body = json_pack("{s:o, s:o}", "made", qy_json_new_time(now_s), "documents", documents);
  if (body == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "export: no memory");
  }
  QY_TRY(qy_collateral_store_each(store, add_row, &chosen, why));
  *count = json_array_size(documents);
  if (*count == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "the store has nothing%s to export",
                   all ? "" : " that lasts beyond now: fetch first, or export --all versions");
  }
  return qy_json_print(out, body, false, why);
}

/* ---- All of it ---- */

qy_status qy_collateral_export(qy_buffer *out, size_t *count, qy_collateral_store *store, const qy_secret *private_key,
                               const qy_p256_public *public_key, bool all, int64_t now_s, qy_error *why)
{
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  QY_SCOPED_BUFFER(body, QY_EXPORT_MAX_BODY);
  QY_SCOPED_BUFFER(pem, 4096);
  QY_SCOPED_JSON(whole);
  const qy_status status = make_body(&body, count, store, all, now_s, why);
  if (status == QY_ERR_LIMIT) {
    return qy_fail(why, status, "export: more than %u bytes: export without --all, or from a store of fewer platforms",
                   QY_EXPORT_MAX_BODY);
  }
  QY_TRY(status);
  const qy_view parts[] = {qy_view_over(QY_EXPORT_CONTEXT, sizeof(QY_EXPORT_CONTEXT)), qy_buffer_view(&body)};
  QY_TRY(qy_p256_sign(signature, private_key, parts, 2, why));
  QY_TRY(qy_p256_public_to_pem(&pem, public_key, why));
  whole = json_pack("{s:s, s:i, s:s, s:o, s:o}", "format", QY_EXPORT_FORMAT, "version", QY_EXPORT_VERSION, "signer",
                    qy_buffer_text(&pem), "signature", qy_json_new_base64(QY_VIEW_OF(signature)), "body",
                    qy_json_new_base64(qy_buffer_view(&body)));
  return whole == NULL ? qy_fail(why, QY_ERR_MEMORY, "export: no memory") : qy_json_print(out, whole, true, why);
}
