/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the record of releases. A line is on the disk before the secret it speaks of leaves. */
#ifndef QY_BROKER_LEDGER_H
#define QY_BROKER_LEDGER_H

#include <broker/layout.h>
#include <quotary/appraisal.h>

typedef struct qy_ledger qy_ledger;

/* Checks what is there; a last line that a crash left unfinished speaks of no release, and is taken off. */
qy_status qy_ledger_open(qy_ledger **out, const char *folder, qy_error *why) QY_MUST_CHECK;
void qy_ledger_close(qy_ledger **ledger);
/* One line, written and synced. For any number of threads. */
qy_status qy_ledger_release(qy_ledger *ledger, const char *session_id, const char *secret_name,
                            const qy_verdict *verdict, int64_t now_s, qy_error *why) QY_MUST_CHECK;

#endif
