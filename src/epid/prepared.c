/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures made in advance: a stack of presignatures in memory of their own. */
#include <epid/presign.h>

#include <stdlib.h>

#include <base/secret.h>

/* In the vault, so that a child process, which finds the vault zero, has none. */
typedef struct stock {
  size_t count;
  qy_epid_presignature presignatures[];
} stock;

struct qy_epid_prepared {
  const qy_epid_member *member;
  bool named;
  qy_epid_base base;
  size_t capacity;
  qy_vault vault;
};

static stock *stock_of(const qy_epid_prepared *prepared)
{
  return (stock *)(void *)prepared->vault.bytes;
}

qy_status qy_epid_prepared_new(qy_epid_prepared **out, const qy_epid_member *member, const qy_view *basename,
                               size_t capacity, qy_trace *trace, qy_error *why)
{
  *out = NULL;
  if (capacity == 0 || capacity > QY_EPID_MAX_PREPARED) {
    return qy_fail(why, QY_ERR_LIMIT, "prepared signatures: room for %zu is not between 1 and %u", capacity,
                   QY_EPID_MAX_PREPARED);
  }
  __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = calloc(1, sizeof(*prepared));
  if (prepared == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "prepared signatures: no memory");
  }
  prepared->member = member;
  prepared->capacity = capacity;
  if (basename != NULL) {
    prepared->named = true;
    QY_TRY(qy_epid_base_of(&prepared->base, member, *basename, trace, why));
    qy_epid_base_complete(&prepared->base, member);
  }
  QY_TRY(qy_vault_new(&prepared->vault, sizeof(stock) + capacity * sizeof(qy_epid_presignature), why));
  QY_TRY(qy_vault_withhold_from_children(&prepared->vault, why));
  *out = prepared;
  prepared = NULL;
  return QY_OK;
}

void qy_epid_prepared_free(qy_epid_prepared **prepared)
{
  if (prepared != NULL && *prepared != NULL) {
    qy_vault_free(&(*prepared)->vault);
    free(*prepared);
    *prepared = NULL;
  }
}

qy_status qy_epid_prepared_fill(qy_epid_prepared *prepared, size_t count, const qy_random *random, qy_error *why)
{
  stock *all = stock_of(prepared);
  if (count > prepared->capacity - all->count) {
    return qy_fail(why, QY_ERR_SPACE, "prepared signatures: no room for %zu beside %zu of %zu", count, all->count,
                   prepared->capacity);
  }
  for (size_t i = 0; i < count; i++) {
    QY_TRY(qy_epid_presign(&all->presignatures[all->count], prepared->member, prepared->named ? &prepared->base : NULL,
                           random, why));
    all->count++;
  }
  return QY_OK;
}

size_t qy_epid_prepared_count(const qy_epid_prepared *prepared)
{
  return stock_of(prepared)->count;
}

/* Takes one out, and leaves nothing of it behind. */
static void take(qy_epid_presignature *out, stock *all)
{
  qy_epid_presignature *last = &all->presignatures[--all->count];
  *out = *last;
  qy_epid_presignature_clear(last);
}

qy_status qy_epid_sign_prepared(uint8_t *signature, size_t signature_size, uint32_t *own_entries,
                                qy_epid_prepared *prepared, qy_view message, const qy_epid_sigrl *sigrl,
                                const qy_random *random, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_PRESIGNATURE(presignature);
  QY_TRY(qy_epid_sign_check(signature, signature_size, own_entries, prepared->member, sigrl, trace, why));
  if (stock_of(prepared)->count == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "prepared signatures: none is left");
  }
  take(&presignature, stock_of(prepared));
  return qy_epid_sign_with(signature, own_entries, prepared->member, &presignature, message, sigrl, random, why);
}
