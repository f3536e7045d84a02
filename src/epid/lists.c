/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists: plain forms, written and grown. Source: Intel EPID SDK 8.0.0, epid/types.h. */
#include <epid/verifier.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#define SIGRL_HEAD ((size_t)QY_EPID_GID_SIZE + 8)

/* A list on its way out: its head is written into a small buffer, its entries copied, one more perhaps appended. */
typedef struct list_writer {
  uint8_t head[QY_EPID_GID_SIZE + QY_EPID_G1_SIZE + 8];
  size_t head_size;
  qy_view entries;
  qy_view added;
} list_writer;

static qy_status write_list(uint8_t *out, size_t out_size, size_t *size, const list_writer *list, const char *what,
                            qy_error *why)
{
  qy_writer to = out == NULL ? qy_writer_counting() : qy_writer_over(out, out_size);
  qy_write_bytes(&to, list->head, list->head_size);
  qy_write_view(&to, list->entries);
  qy_write_view(&to, list->added);
  *size = list->head_size + list->entries.size + list->added.size;
  if (out == NULL || out_size < *size) {
    return qy_fail(why, QY_ERR_SPACE, "%s: it needs %zu bytes", what, *size);
  }
  return qy_write_finish(&to, NULL, what, why);
}

static void put_head(list_writer *list, const qy_epid_gid *gid, const uint8_t *b, uint32_t version, uint32_t count)
{
  qy_writer to = qy_writer_over(list->head, sizeof(list->head));
  if (gid != NULL) {
    qy_write_bytes(&to, gid->bytes, sizeof(gid->bytes));
  }
  if (b != NULL) {
    qy_write_bytes(&to, b, QY_EPID_G1_SIZE);
  }
  qy_write_u32be(&to, version);
  qy_write_u32be(&to, count);
  list->head_size = to.offset;
}

qy_status qy_epid_privrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_privrl *list, qy_error *why)
{
  list_writer to = {.entries = list->entries};
  *size = 0;
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_PRIVRL_ENTRY_SIZE, "PrivRL", why));
  put_head(&to, &list->gid, NULL, list->version, list->count);
  return write_list(out, out_size, size, &to, "PrivRL", why);
}

qy_status qy_epid_sigrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_sigrl *list, qy_error *why)
{
  list_writer to = {.entries = list->entries};
  *size = 0;
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_SIGRL_ENTRY_SIZE, "SigRL", why));
  put_head(&to, &list->gid, NULL, list->version, list->count);
  return write_list(out, out_size, size, &to, "SigRL", why);
}

qy_status qy_epid_grouprl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_grouprl *list,
                                 qy_error *why)
{
  list_writer to = {.entries = list->entries};
  *size = 0;
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_GROUPRL_ENTRY_SIZE, "GroupRL", why));
  put_head(&to, NULL, NULL, list->version, list->count);
  return write_list(out, out_size, size, &to, "GroupRL", why);
}

qy_status qy_epid_verifierrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_verifierrl *list,
                                    qy_error *why)
{
  list_writer to = {.entries = list->entries};
  *size = 0;
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_VERIFIERRL_ENTRY_SIZE, "VerifierRL", why));
  put_head(&to, &list->gid, list->b, list->version, list->count);
  return write_list(out, out_size, size, &to, "VerifierRL", why);
}

qy_status qy_epid_verifierrl_decode(qy_epid_verifierrl *out, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  qy_epid_verifierrl list = {0};
  *out = list;
  qy_read_bytes(&in, list.gid.bytes, sizeof(list.gid.bytes), "gid");
  qy_read_bytes(&in, list.b, sizeof(list.b), "B");
  list.version = qy_read_u32be(&in, "version");
  list.count = qy_read_u32be(&in, "count");
  if (list.count > QY_EPID_MAX_LIST) {
    return qy_fail(why, QY_ERR_LIMIT, "VerifierRL: %u entries are beyond the limit", list.count);
  }
  list.entries = qy_read_view(&in, (size_t)QY_EPID_VERIFIERRL_ENTRY_SIZE * list.count, "entries");
  QY_TRY(qy_read_finish(&in, "VerifierRL", why));
  QY_TRY(qy_epid_gid_check(&list.gid, why));
  *out = list;
  return QY_OK;
}

/* ---- Revocation: the next version of a list ---- */

static bool listed(qy_view entries, qy_view entry)
{
  for (size_t at = 0; at + entry.size <= entries.size; at += entry.size) {
    if (memcmp(entries.bytes + at, entry.bytes, entry.size) == 0) {
      return true;
    }
  }
  return false;
}

/* The list can take one more entry, and this one is not there. */
static qy_status check_growth(qy_view entries, uint32_t version, uint32_t count, uint32_t limit, qy_view added,
                              const char *what, qy_error *why)
{
  QY_TRY(qy_epid_list_shape(entries, count, added.size, what, why));
  if (version == UINT32_MAX || count >= limit) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: version %u with %u entries cannot grow", what, version, count);
  }
  if (listed(entries, added)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s: the entry is there already", what);
  }
  return QY_OK;
}

qy_status qy_epid_privrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_privrl *old,
                                const uint8_t f[QY_EPID_SCALAR_SIZE], qy_error *why)
{
  list_writer to = {.entries = old->entries, .added = qy_view_over(f, QY_EPID_SCALAR_SIZE)};
  qy_fp scalar;
  *size = 0;
  if (!qy_fp_decode(&scalar, f) || qy_fp_is_zero(&scalar)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "PrivRL: f is not in [1, p-1]");
  }
  QY_TRY(check_growth(old->entries, old->version, old->count, QY_EPID_MAX_LIST, to.added, "PrivRL", why));
  put_head(&to, &old->gid, NULL, old->version + 1, old->count + 1);
  return write_list(out, out_size, size, &to, "PrivRL", why);
}

qy_status qy_epid_sigrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_sigrl *old, qy_view signature,
                               const qy_epid_privrl *privrl, qy_error *why)
{
  list_writer to = {.entries = old->entries};
  qy_epid_signature parts;
  qy_g1_affine b;
  qy_g1_affine k;
  uint32_t signer = 0;
  *size = 0;
  QY_TRY(qy_epid_signature_decode(&parts, signature, why));
  to.added = qy_epid_signature_pseudonym(signature);
  if (!qy_g1_decode(&b, parts.basic.b) || !qy_g1_decode(&k, parts.basic.k) || qy_g1_affine_is_infinity(&b) ||
      qy_g1_affine_is_infinity(&k)) {
    return qy_fail(why, QY_ERR_MALFORMED, "SigRL: the signature's B and K are no points to revoke");
  }
  QY_TRY(check_growth(old->entries, old->version, old->count, QY_MAX_SIGRL_ENTRIES, to.added, "SigRL", why));
  if (privrl != NULL) {
    QY_TRY(qy_epid_privrl_check(privrl, NULL, why));
    QY_TRY(qy_epid_privrl_search(&signer, privrl, &b, &k, NULL, why));
    if (signer < privrl->count) {
      return qy_fail(why, QY_ERR_EXISTS, "SigRL: the signer's key is in the PrivRL already");
    }
  }
  put_head(&to, &old->gid, NULL, old->version + 1, old->count + 1);
  return write_list(out, out_size, size, &to, "SigRL", why);
}

/* A key of the PrivRL made the entry. */
static qy_status made_by(bool *out, const qy_epid_privrl *privrl, const uint8_t *entry, uint32_t index, qy_error *why)
{
  qy_g1_affine b;
  qy_g1_affine k;
  uint32_t signer = 0;
  if (!qy_g1_decode(&b, entry) || !qy_g1_decode(&k, entry + QY_G1_SIZE)) {
    return qy_fail(why, QY_ERR_MALFORMED, "SigRL: entry %u holds no points", index);
  }
  QY_TRY(qy_epid_privrl_search(&signer, privrl, &b, &k, NULL, why));
  *out = signer < privrl->count;
  return QY_OK;
}

qy_status qy_epid_sigrl_prune(uint8_t *out, size_t out_size, size_t *size, uint32_t *dropped, const qy_epid_sigrl *old,
                              const qy_epid_privrl *privrl, qy_error *why)
{
  list_writer to = {.head_size = 0};
  *dropped = 0;
  *size = SIGRL_HEAD + old->entries.size;
  QY_TRY(qy_epid_list_shape(old->entries, old->count, QY_EPID_SIGRL_ENTRY_SIZE, "SigRL", why));
  QY_TRY(qy_epid_privrl_check(privrl, NULL, why));
  if (!qy_epid_gid_equal(&old->gid, &privrl->gid)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "SigRL: the PrivRL is of another group");
  }
  if (out == NULL || out_size < *size) {
    return qy_fail(why, QY_ERR_SPACE, "SigRL: it needs up to %zu bytes", *size);
  }
  qy_writer kept = qy_writer_over(out + SIGRL_HEAD, old->entries.size);
  for (uint32_t i = 0; i < old->count; i++) {
    const uint8_t *entry = old->entries.bytes + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i;
    bool revoked = false;
    QY_TRY(made_by(&revoked, privrl, entry, i, why));
    if (!revoked) {
      qy_write_bytes(&kept, entry, QY_EPID_SIGRL_ENTRY_SIZE);
    }
    *dropped += revoked;
  }
  if (*dropped == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "SigRL: no key of the PrivRL made an entry");
  }
  if (old->version == UINT32_MAX) {
    return qy_fail(why, QY_ERR_LIMIT, "SigRL: version %u cannot grow", old->version);
  }
  put_head(&to, &old->gid, NULL, old->version + 1, old->count - *dropped);
  memcpy(out, to.head, SIGRL_HEAD);
  *size = SIGRL_HEAD + kept.offset;
  return QY_OK;
}

qy_status qy_epid_grouprl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_grouprl *old,
                                 const qy_epid_gid *gid, qy_error *why)
{
  list_writer to = {.entries = old->entries, .added = QY_VIEW_OF(gid->bytes)};
  *size = 0;
  QY_TRY(check_growth(old->entries, old->version, old->count, QY_EPID_MAX_LIST, to.added, "GroupRL", why));
  put_head(&to, NULL, NULL, old->version + 1, old->count + 1);
  return write_list(out, out_size, size, &to, "GroupRL", why);
}

qy_status qy_epid_verifierrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_verifierrl *old,
                                    qy_view signature, qy_error *why)
{
  list_writer to = {.entries = old->entries};
  qy_epid_signature parts;
  *size = 0;
  QY_TRY(qy_epid_signature_decode(&parts, signature, why));
  if (old->count > 0 && memcmp(old->b, parts.basic.b, sizeof(old->b)) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "VerifierRL: the signature was made under another basename");
  }
  to.added = QY_VIEW_OF(parts.basic.k);
  QY_TRY(check_growth(old->entries, old->version, old->count, QY_EPID_MAX_LIST, to.added, "VerifierRL", why));
  put_head(&to, &old->gid, parts.basic.b, old->version + 1, old->count + 1);
  return write_list(out, out_size, size, &to, "VerifierRL", why);
}
