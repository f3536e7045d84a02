/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the provisioning service without its socket. */
#ifndef QY_ENDORSER_PROVISION_H
#define QY_ENDORSER_PROVISION_H

#include <endorser/issuer.h>
#include <endorser/transactions.h>
#include <provisioning/endpoint.h>

typedef struct qy_provision_context {
  const char *folder;
  qy_rsa_private *pek;
  qy_rsa_public pek_public;
  qy_endpoint endpoint; /* what endpoint selection answers */
  qy_transactions *transactions;
} qy_provision_context;

/* Answers one message (header and body) with one. There is always an answer but for QY_ERR_MEMORY and the like: what
 * goes wrong becomes the answer's statuses, and the cause stands in `trace` and in `cause` (neither NULL). */
qy_status qy_provision_answer(qy_buffer *out, qy_provision_context *context, qy_view request, int64_t now_ms,
                              qy_trace *trace, qy_error *cause) QY_MUST_CHECK;

#endif
