/* SPDX-License-Identifier: Apache-2.0 */
/* An export is taken in: whose it is first, then each document as if it had been fetched. */
#include <store/bundle.h>
#include <store/bundle_form.h>
#include <store/parts.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <json/json.h>

static const char *const what = "export";

bool qy_collateral_is_export(qy_view text)
{
  const char *format = NULL;
  QY_SCOPED_JSON(whole);
  return qy_json_parse(&whole, text, NULL) == QY_OK && qy_json_text(&format, whole, "format", what, NULL) == QY_OK &&
         strcmp(format, QY_EXPORT_FORMAT) == 0;
}

/* ---- Whose it is ---- */

static qy_status check_form(const json_t *whole, qy_error *why)
{
  const char *format = NULL;
  int64_t version = 0;
  QY_TRY(qy_json_text(&format, whole, "format", what, why));
  QY_TRY(qy_json_integer(&version, whole, "version", 1, INT32_MAX, what, why));
  if (strcmp(format, QY_EXPORT_FORMAT) != 0 || version != QY_EXPORT_VERSION) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "export: \"%.40s\" of version %lld; known is %s of version %d", format,
                   (long long)version, QY_EXPORT_FORMAT, QY_EXPORT_VERSION);
  }
  return qy_json_only(whole, what, why, "format", "version", "signer", "signature", "body");
}

static qy_status check_signature(const qy_p256_public *key, qy_view body, const json_t *whole, qy_trace *trace,
                                 qy_error *why)
{
  bool valid = false;
  QY_SCOPED_BUFFER(signature, QY_P256_SIGNATURE_SIZE);
  QY_TRY(qy_json_base64(&signature, whole, "signature", what, why));
  if (signature.size == QY_P256_SIGNATURE_SIZE) {
    const qy_view parts[] = {qy_view_over(QY_EXPORT_CONTEXT, sizeof(QY_EXPORT_CONTEXT)), body};
    QY_TRY(qy_p256_verify(&valid, key, parts, 2, signature.bytes, why));
  }
  if (!qy_check(trace, QY_CHECK_EXPORT_SIGNATURE, valid, .expected = qy_textf("signed by the key that it names"),
                .actual = qy_textf(valid ? "so" : "not so"), .origin = what)) {
    return qy_fail(why, QY_ERR_REFUSED, "refused by check %s: the file was altered, or is not whole",
                   qy_check_name(QY_CHECK_EXPORT_SIGNATURE));
  }
  return QY_OK;
}

static qy_status check_signer(const uint8_t found[QY_EXPORT_FINGERPRINT_SIZE], const uint8_t *wanted, qy_trace *trace,
                              qy_error *why)
{
  if (wanted == NULL) {
    return QY_OK;
  }
  const qy_text expected = qy_text_hex(qy_view_over(wanted, QY_EXPORT_FINGERPRINT_SIZE));
  const qy_text actual = qy_text_hex(qy_view_over(found, QY_EXPORT_FINGERPRINT_SIZE));
  const bool same =
      qy_view_equal(qy_view_over(found, QY_EXPORT_FINGERPRINT_SIZE), qy_view_over(wanted, QY_EXPORT_FINGERPRINT_SIZE));
  if (!qy_check(trace, QY_CHECK_EXPORT_SIGNER, same, .expected = expected, .actual = actual, .origin = what)) {
    return qy_fail(why, QY_ERR_REFUSED, "refused by check %s: the key %s... signed it, not %.16s...",
                   qy_check_name(QY_CHECK_EXPORT_SIGNER), qy_text_hex(qy_view_over(found, 8)).chars, expected.chars);
  }
  return QY_OK;
}

/* The body, once it is known whose it is. */
static qy_status open_body(json_t **out, qy_collateral_imported *imported, qy_view text, const uint8_t *fingerprint,
                           qy_trace *trace, qy_error *why)
{
  QY_SCOPED_JSON(whole);
  QY_SCOPED_BUFFER(body, QY_EXPORT_MAX_BODY);
  const char *pem = NULL;
  qy_p256_public key;
  QY_TRY(qy_json_parse(&whole, text, why));
  QY_TRY(check_form(whole, why));
  QY_TRY(qy_json_text(&pem, whole, "signer", what, why));
  QY_TRY(qy_p256_public_from_pem(&key, qy_view_text(pem), why));
  QY_TRY(qy_export_fingerprint(imported->fingerprint, &key, why));
  QY_TRY(qy_json_base64(&body, whole, "body", what, why));
  QY_TRY(check_signature(&key, qy_buffer_view(&body), whole, trace, why));
  QY_TRY(check_signer(imported->fingerprint, fingerprint, trace, why));
  QY_TRY(qy_json_parse(out, qy_buffer_view(&body), why));
  return qy_json_time(&imported->made_s, *out, "made", what, why);
}

/* ---- What is in it ---- */

typedef struct intake {
  qy_collateral_imported *imported;
  qy_collateral_store *store;
  const json_t *documents;
  qy_view root;
  uint8_t root_key[64];
  const uint8_t *fingerprint;
  const char *file;
  int64_t now_s;
  qy_trace *trace;
} intake;

static qy_status read_kind(qy_collateral_part *out, bool *is_platform, const json_t *row, qy_error *why)
{
  static const char *const kinds[] = {"tcb-info", "identity", "pck-crl", "root-crl", "pck-chain"};
  size_t kind = 0;
  QY_TRY(qy_json_choice(&kind, row, "kind", kinds, 5, what, why));
  *is_platform = kind == 4;
  *out = (qy_collateral_part)(kind == 4 ? 0 : kind);
  return QY_OK;
}

static bool is_of_root(const intake *in, const json_t *row)
{
  uint8_t root[64];
  return qy_json_hex(root, sizeof(root), row, "root", what, NULL) == QY_OK &&
         qy_view_equal(QY_VIEW_OF(root), QY_VIEW_OF(in->root_key));
}

static qy_collateral_part chain_part(qy_collateral_part part)
{
  if (part == QY_PART_TCB_INFO) {
    return QY_PART_TCB_CHAIN;
  }
  if (part == QY_PART_IDENTITY) {
    return QY_PART_IDENTITY_CHAIN;
  }
  return QY_PART_PCK_CRL_CHAIN; /* of the root CRL only the root in it counts */
}

static qy_status source_of(char *out, size_t size, const intake *in, const json_t *row, qy_error *why)
{
  const char *source = NULL;
  const char *seen = NULL;
  QY_TRY(qy_json_text(&source, row, "source", what, why));
  QY_TRY(qy_json_text(&seen, row, "first_seen", what, why));
  (void)snprintf(out, size, "%s (there since %.10s from %s)", in->file, seen, source);
  return QY_OK;
}

static qy_status take_document(intake *in, const json_t *row, qy_collateral_part part, const char *source,
                               qy_error *why)
{
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_kept kept;
  if (!is_of_root(in, row)) {
    in->imported->of_other_roots++;
    return QY_OK;
  }
  qy_buffer_append(&set.root, in->root.bytes, in->root.size);
  QY_TRY(qy_json_base64(&set.parts[part], row, "bytes", what, why));
  if (qy_json_has(row, "chain")) {
    QY_TRY(qy_json_base64(&set.parts[chain_part(part)], row, "chain", what, why));
  }
  QY_TRY(qy_collateral_store_put(&kept, in->store, &set, NULL, source, in->now_s, in->trace, why));
  in->imported->kept.added += kept.added;
  in->imported->kept.known += kept.known;
  return QY_OK;
}

/* No root vouches for what somebody remembered: it is taken from a signer who was named. */
static qy_status take_platform(intake *in, const json_t *row, const char *source, qy_error *why)
{
  qy_collateral_platform platform;
  const char *tee = NULL;
  int64_t id = 0;
  QY_SCOPED_BUFFER(pem, QY_MAX_COLLATERAL_SIZE);
  QY_SCOPED_BUFFER(svn, QY_TEE_TCB_SVN_SIZE);
  QY_SCOPED_SGX_CHAIN(chain);
  if (in->fingerprint == NULL) {
    in->imported->platforms_left++;
    return QY_OK;
  }
  QY_TRY(qy_json_text(&tee, row, "tee", what, why));
  QY_TRY(qy_json_hex_buffer(&svn, row, "tee_tcb_svn", what, why));
  QY_TRY(qy_json_base64(&pem, row, "bytes", what, why));
  QY_TRY(qy_collateral_platform_of_chain(&platform, NULL, qy_buffer_view(&pem), why));
  QY_TRY(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, why));
  const bool is_tdx = strcmp(tee, "tdx") == 0;
  const qy_store_document document = {.kind = "pck-chain",
                                      .tee = qy_store_tee(is_tdx),
                                      .ca = qy_store_ca(platform.by_platform_ca),
                                      .fmspc = QY_VIEW_OF(platform.fmspc),
                                      .tee_tcb_svn = is_tdx ? qy_buffer_view(&svn) : (qy_view){NULL, 0},
                                      .issued_s = chain.certificates[0].not_before_s,
                                      .until_s = chain.certificates[0].not_after_s,
                                      .bytes = qy_buffer_view(&pem)};
  return qy_store_insert(&id, &in->imported->kept, in->store, &document, source, in->now_s, why);
}

static qy_status take_row(intake *in, const json_t *row, qy_error *why)
{
  qy_collateral_part part = QY_PART_TCB_INFO;
  bool is_platform = false;
  char source[QY_STORE_MAX_SOURCE + 1];
  QY_TRY(read_kind(&part, &is_platform, row, why));
  QY_TRY(source_of(source, sizeof(source), in, row, why));
  return is_platform ? take_platform(in, row, source, why) : take_document(in, row, part, source, why);
}

static qy_status take_rows(intake *in, qy_error *why)
{
  for (size_t i = 0; i < json_array_size(in->documents); i++) {
    const qy_status status = take_row(in, json_array_get(in->documents, i), why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "export: document %zu", i + 1);
    }
  }
  return QY_OK;
}

qy_status qy_collateral_import(qy_collateral_imported *out, qy_collateral_store *store, qy_view text,
                               const uint8_t *fingerprint, qy_view root, const char *source, int64_t now_s,
                               qy_trace *trace, qy_error *why)
{
  QY_SCOPED_JSON(body);
  intake in = {.imported = out,
               .store = store,
               .root = root,
               .fingerprint = fingerprint,
               .file = source,
               .now_s = now_s,
               .trace = trace};
  *out = (qy_collateral_imported){0};
  QY_TRY(qy_collateral_root_key(in.root_key, root, why));
  QY_TRY(open_body(&body, out, text, fingerprint, trace, why));
  QY_TRY(qy_json_array(&in.documents, body, "documents", QY_EXPORT_MAX_DOCUMENTS, what, why));
  QY_TRY(qy_store_run(store, "BEGIN IMMEDIATE", "importing", why));
  qy_status status = take_rows(&in, why);
  if (status == QY_OK) {
    status = qy_store_run(store, "COMMIT", "importing", why);
  }
  if (status != QY_OK) {
    out->kept = (qy_collateral_kept){0};
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  }
  return status;
}
