/* SPDX-License-Identifier: Apache-2.0 */
#include <collateral/document.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/p256.h>

void qy_document_expect(qy_document *document, qy_qvl_status fault)
{
  if (document->in.status == QY_OK) {
    document->fault = fault;
  }
}

void qy_document_require(qy_document *document, bool holds, qy_qvl_status fault, const char *problem)
{
  if (!holds) {
    qy_document_expect(document, fault);
    qy_json_reject(&document->in, problem);
  }
}

void qy_document_require_members(qy_document *document, uint64_t seen, uint64_t needed, const qy_json_name *names,
                                 qy_qvl_status fault)
{
  if ((seen & needed) != needed) {
    qy_document_expect(document, fault);
    qy_json_need_members(&document->in, seen, needed, names);
  }
}

static void read_outer(qy_document *document, qy_signed_json *out, void (*read_body)(qy_document *document, void *into),
                       void *into)
{
  const qy_json_name names[] = {document->kind->body, QY_JSON_NAME("signature")};
  qy_json_walk walk;
  size_t index = 0;
  qy_json_reader *in = &document->in;
  qy_json_begin_object(in, &walk);
  while (qy_json_next_member(in, &walk, &index, names, 2)) {
    if (index == 0) {
      const size_t began = qy_json_here(in);
      const size_t spaces = in->spaces;
      read_body(document, into);
      out->body = qy_view_slice(in->text, began, in->at - began);
      out->is_compact = in->spaces == spaces;
      qy_document_expect_readable(document);
    } else {
      qy_document_expect_valid(document);
      qy_json_read_hex(in, out->signature, sizeof(out->signature));
    }
    qy_document_expect_readable(document);
  }
  qy_json_read_end(in);
  qy_document_require_members(document, walk.seen, 1, names, document->kind->unreadable);
  qy_document_require_members(document, walk.seen, 2, names, document->kind->not_signed);
}

qy_status qy_document_read(qy_signed_json *out, qy_view text, const qy_document_kind *kind,
                           void (*read_body)(qy_document *document, void *into), void *into, qy_qvl_status *qvl,
                           qy_error *why)
{
  qy_document document = {.kind = kind, .fault = kind->unreadable};
  *out = (qy_signed_json){0};
  if (text.size > QY_MAX_COLLATERAL_SIZE) {
    text.size = 0;
    document.in = qy_json_reader_over(text);
    qy_json_reject(&document.in, "the text is too long");
  } else {
    document.in = qy_json_reader_over(text);
    read_outer(&document, out, read_body, into);
  }
  const qy_status status = qy_json_read_status(&document.in, kind->what, why);
  if (status != QY_OK && qvl != NULL) {
    /* Intel's library parses the whole text before it looks at any of it. */
    *qvl = qy_json_is_well_formed(text) ? document.fault : kind->unreadable;
  }
  return status;
}

/* ---- Levels ---- */

qy_advisories qy_document_read_advisories(qy_document *document, const qy_advisory_pool *pool)
{
  qy_json_walk walk;
  qy_advisories out = {.first = (uint32_t)*pool->count};
  qy_document_expect_valid(document);
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    const qy_view name = qy_json_read_text(&document->in);
    if (name.size == 0 || name.size >= QY_ADVISORY_SIZE || *pool->count == pool->capacity) {
      qy_json_reject(&document->in, "an advisory of up to 31 characters is needed, and not too many");
      break;
    }
    pool->names[(*pool->count)++] = name;
    out.count++;
  }
  return out;
}

static uint32_t read_isv_svn(qy_document *document, uint32_t most)
{
  static const qy_json_name names[] = {QY_JSON_NAME("isvsvn")};
  uint64_t isv_svn = 0;
  qy_json_walk walk;
  size_t index = 0;
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, 1)) {
    isv_svn = qy_json_read_unsigned(&document->in, most);
  }
  qy_document_require(document, (walk.seen & 1) != 0, document->kind->invalid, "\"isvsvn\" is missing");
  return (uint32_t)isv_svn;
}

/* Of a module or an enclave there are three statuses. */
static qy_tcb_status svn_status(qy_view spelling)
{
  const qy_tcb_status status = qy_tcb_status_by_name(spelling);
  return status == QY_TCB_STATUS_UP_TO_DATE || status == QY_TCB_STATUS_OUT_OF_DATE || status == QY_TCB_STATUS_REVOKED
             ? status
             : QY_TCB_STATUS_UNKNOWN;
}

void qy_document_read_svn_level(qy_document *document, qy_svn_level *out, const qy_svn_level_rules *rules,
                                const qy_advisory_pool *pool)
{
  enum { TCB, DATE, STATUS, ADVISORIES, COUNT };
  static const qy_json_name names[COUNT] = {QY_JSON_NAME("tcb"), QY_JSON_NAME("tcbDate"), QY_JSON_NAME("tcbStatus"),
                                            QY_JSON_NAME("advisoryIDs")};
  qy_json_walk walk;
  size_t index = 0;
  qy_json_reader *in = &document->in;
  *out = (qy_svn_level){0};
  qy_json_begin_object(in, &walk);
  while (qy_json_next_member(in, &walk, &index, names, COUNT)) {
    qy_document_expect_valid(document);
    switch (index) {
    case TCB:
      out->isv_svn = read_isv_svn(document, rules->svn_max);
      break;
    case DATE:
      out->date_s = qy_json_read_time(in);
      break;
    case STATUS:
      out->status = svn_status(qy_json_read_text(in));
      qy_document_require(document, rules->tolerant || out->status != QY_TCB_STATUS_UNKNOWN, document->kind->invalid,
                          "a status that is not known");
      break;
    default:
      out->advisories = qy_document_read_advisories(document, pool);
      break;
    }
  }
  qy_document_require_members(document, walk.seen, 1u << TCB | 1u << DATE | 1u << STATUS, names,
                              document->kind->invalid);
}

static int compare_svn_levels(const qy_svn_level *a, const qy_svn_level *b)
{
  if (a->isv_svn != b->isv_svn) {
    return a->isv_svn > b->isv_svn ? -1 : 1;
  }
  return a->date_s == b->date_s ? 0 : a->date_s > b->date_s ? -1 : 1;
}

void qy_document_sort_svn_levels(qy_document *document, qy_svn_level *levels, size_t count)
{
  for (size_t i = 1; i < count; i++) {
    const qy_svn_level moved = levels[i];
    size_t at = i;
    while (at > 0 && compare_svn_levels(&moved, &levels[at - 1]) < 0) {
      levels[at] = levels[at - 1];
      at--;
    }
    levels[at] = moved;
    qy_document_require(document, at == 0 || compare_svn_levels(&levels[at - 1], &levels[at]) != 0,
                        document->kind->invalid, "two levels that are the same");
  }
}

/* ---- Signature ---- */

/* Hashes the body in the pieces that lie between white space outside of texts. */
static void hash_compacted(qy_hash *hash, qy_view body)
{
  bool in_text = false;
  size_t began = 0;
  for (size_t at = 0; at < body.size; at++) {
    const uint8_t c = body.bytes[at];
    if (c == '"') {
      in_text = !in_text;
    } else if (in_text && c == '\\') {
      at++; /* the body is well formed: something follows */
    } else if (!in_text && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      qy_hash_update(hash, qy_view_slice(body, began, at - began));
      began = at + 1;
    }
  }
  qy_hash_update(hash, qy_view_slice(body, began, body.size - began));
}

qy_status qy_signed_json_verify(bool *valid, const qy_signed_json *json, const uint8_t public_key[64], qy_error *why)
{
  qy_p256_public key;
  uint8_t digest[QY_SHA256_SIZE];
  *valid = false;
  memcpy(key.bytes, public_key, sizeof(key.bytes));
  if (json->is_compact) {
    QY_TRY(qy_sha256(digest, json->body, why));
  } else {
    QY_SCOPED_HASH(hash);
    qy_hash_begin(&hash, QY_SHA256);
    hash_compacted(&hash, json->body);
    QY_TRY(qy_hash_finish(&hash, digest, why));
  }
  const qy_status status = qy_p256_verify_digest(valid, &key, digest, json->signature, why);
  return status == QY_ERR_MALFORMED ? QY_OK : status; /* a key that is no point signed nothing */
}
