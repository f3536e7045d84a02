/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/transactions.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct slot {
  bool used;
  int64_t until_ms;
  qy_provisioner provisioner;
} slot;

struct qy_transactions {
  pthread_mutex_t mutex;
  int64_t lifetime_ms;
  size_t limit;
  slot slots[];
};

static void unlock(pthread_mutex_t **mutex)
{
  (void)pthread_mutex_unlock(*mutex);
}
#define LOCK(transactions)                                                           \
  __attribute__((cleanup(unlock))) pthread_mutex_t *locked = &(transactions)->mutex; \
  (void)pthread_mutex_lock(locked)

qy_status qy_transactions_new(qy_transactions **out, size_t limit, int64_t lifetime_ms, qy_error *why)
{
  *out = NULL;
  if (limit == 0 || limit > 65536) {
    return qy_fail(why, QY_ERR_ARGUMENT, "transactions: a limit of %zu", limit);
  }
  qy_transactions *made = calloc(1, sizeof *made + limit * sizeof made->slots[0]);
  if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0) {
    free(made);
    return qy_fail(why, QY_ERR_MEMORY, "transactions: out of memory");
  }
  made->limit = limit;
  made->lifetime_ms = lifetime_ms;
  *out = made;
  return QY_OK;
}

static void slot_clear(slot *one)
{
  qy_provisioner_clear(&one->provisioner);
  one->used = false;
}

void qy_transactions_free(qy_transactions **transactions)
{
  if (*transactions == NULL) {
    return;
  }
  for (size_t i = 0; i < (*transactions)->limit; i++) {
    slot_clear(&(*transactions)->slots[i]);
  }
  (void)pthread_mutex_destroy(&(*transactions)->mutex);
  free(*transactions);
  *transactions = NULL;
}

/* Forgets what is too old on the way. */
static slot *find(qy_transactions *transactions, const uint8_t *xid, int64_t now_ms)
{
  slot *found = NULL;
  for (size_t i = 0; i < transactions->limit; i++) {
    slot *one = &transactions->slots[i];
    if (one->used && one->until_ms <= now_ms) {
      slot_clear(one);
    }
    if (one->used && memcmp(one->provisioner.xid, xid, QY_XID_SIZE) == 0) {
      found = one;
    }
  }
  return found;
}

bool qy_transactions_has(qy_transactions *transactions, const uint8_t xid[QY_XID_SIZE], int64_t now_ms)
{
  LOCK(transactions);
  return find(transactions, xid, now_ms) != NULL;
}

qy_status qy_transactions_put(qy_transactions *transactions, const qy_provisioner *provisioner, int64_t now_ms,
                              qy_error *why)
{
  LOCK(transactions);
  if (find(transactions, provisioner->xid, now_ms) != NULL) {
    return qy_fail(why, QY_ERR_EXISTS, "transactions: the id is in use");
  }
  for (size_t i = 0; i < transactions->limit; i++) {
    slot *one = &transactions->slots[i];
    if (!one->used) {
      *one = (slot){.used = true, .until_ms = now_ms + transactions->lifetime_ms, .provisioner = *provisioner};
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_BUSY, "transactions: %zu are open", transactions->limit);
}

bool qy_transactions_take(qy_provisioner *out, qy_transactions *transactions, const uint8_t xid[QY_XID_SIZE],
                          int64_t now_ms)
{
  LOCK(transactions);
  slot *found = find(transactions, xid, now_ms);
  if (found == NULL) {
    return false;
  }
  *out = found->provisioner;
  slot_clear(found);
  return true;
}
