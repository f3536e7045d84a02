/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/verifier.h>
#include <epid/work.h>

#include <pairing/g1_products.h>

/* Enough entries to pay for the table of B that each search makes; some milliseconds with vectors, some tens without. */
#define PIECE 4096

typedef struct key_search {
  const uint8_t *entries;
  const qy_g1_affine *b;
  const qy_g1_affine *k;
} key_search;

static qy_status search(uint32_t *reached, void *own, const void *shared, uint32_t first, uint32_t end, qy_error *why)
{
  const key_search *s = shared;
  (void)own;
  (void)why;
  *reached =
      first + (uint32_t)qy_g1_search(s->b, s->k, s->entries + (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * first, end - first);
  return QY_OK;
}

qy_status qy_epid_privrl_search(uint32_t *index, const qy_epid_privrl *list, const qy_g1_affine *b,
                                const qy_g1_affine *k, const qy_epid_work *work, qy_error *why)
{
  const key_search shared = {list->entries.bytes, b, k};
  const qy_epid_task task = {.list = "PrivRL", .count = list->count, .piece = PIECE, .run = search, .shared = &shared};
  return qy_epid_work_through(index, &task, work, why);
}
