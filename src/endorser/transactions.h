/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: provisioning conversations between msg1 and msg3. Bounded in number and in time; each is taken
 * out once. For any number of threads. */
#ifndef QY_ENDORSER_TRANSACTIONS_H
#define QY_ENDORSER_TRANSACTIONS_H

#include <provisioning/provisioner.h>

typedef struct qy_transactions qy_transactions;

qy_status qy_transactions_new(qy_transactions **out, size_t limit, int64_t lifetime_ms, qy_error *why) QY_MUST_CHECK;
void qy_transactions_free(qy_transactions **transactions);

/* Whether one with this id is open. */
bool qy_transactions_has(qy_transactions *transactions, const uint8_t xid[QY_XID_SIZE], int64_t now_ms);
/* Keeps a copy until it is taken or too old. QY_ERR_BUSY when there are too many, QY_ERR_EXISTS when the id is taken. */
qy_status qy_transactions_put(qy_transactions *transactions, const qy_provisioner *provisioner, int64_t now_ms,
                              qy_error *why) QY_MUST_CHECK;
/* Takes it out: nobody gets it again. False when there is none, or not any more. */
bool qy_transactions_take(qy_provisioner *out, qy_transactions *transactions, const uint8_t xid[QY_XID_SIZE],
                          int64_t now_ms);

#endif
