/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the record of releases. A line is on the disk before the secret it speaks of leaves. */
#ifndef QY_BROKER_LEDGER_H
#define QY_BROKER_LEDGER_H

#include <broker/layout.h>
#include <quotary/appraisal.h>
#include <quotary/exchange.h>

typedef struct qy_ledger qy_ledger;

/* Checks what is there; a last line that a crash left unfinished speaks of no release, and is taken off. */
qy_status qy_ledger_open(qy_ledger **out, const char *folder, qy_error *why) QY_MUST_CHECK;
void qy_ledger_close(qy_ledger **ledger);

/* To whom a secret goes. All borrowed; what the evidence does not have is NULL or empty. */
typedef struct qy_release {
  qy_evidence_kind kind;
  const uint8_t *mr_enclave; /* 32, as is the next */
  const uint8_t *mr_signer;
  const uint8_t *mr_td;  /* 48 */
  const uint8_t *fmspc;  /* 6, of an ECDSA quote's platform */
  const uint8_t *pck_id; /* 32: SHA-256 of the PCK certificate, by which platforms are told apart */
  qy_view pseudonym;     /* of an EPID quote's platform */
  const char *report_id; /* of the report service */
  const char *status;
  uint64_t policy_version;
  bool simulated;
} qy_release;
/* One line, written and synced. For any number of threads. */
qy_status qy_ledger_release(qy_ledger *ledger, const char *session_id, const char *secret_name,
                            const qy_release *release, int64_t now_s, qy_error *why) QY_MUST_CHECK;

#endif
