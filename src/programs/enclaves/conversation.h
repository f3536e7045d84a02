/* SPDX-License-Identifier: Apache-2.0 */
/* What the two sample programs have in common, the one that is an enclave and the one that is a trust domain: one conversation
 * with a provider at a time, one secret at a time. The calls are described in exchange/calls.h; whoever makes them is not
 * trusted. */
#ifndef QY_PROGRAMS_CONVERSATION_H
#define QY_PROGRAMS_CONVERSATION_H

#include <base/limits.h>
#include <base/secret.h>
#include <enclave/runtime.h>
#include <quotary/exchange.h>

typedef struct conversation {
  qy_enclave_side side;
  qy_vault secret;
  size_t name_size;
  char name[QY_MAX_SECRET_NAME];
} conversation;

void conversation_clear(conversation *self);
void conversation_forget_secret(conversation *self);
/* QY_ERR_SEQUENCE while there is none. */
qy_status conversation_need_secret(const conversation *self, qy_error *why) QY_MUST_CHECK;
/* BEGIN, MSG1, MSG4 and HMAC; QY_ERR_UNSUPPORTED for another operation. */
qy_status conversation_answer(conversation *self, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;

/* The whole program: calls are answered by `answer`, whose context is the conversation. Gives the process's exit code. */
int conversation_run(qy_enclave_call *answer);

#endif
