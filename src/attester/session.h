/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: one conversation between a broker and an enclave, wherever the enclave runs; begun anew once when
 * the broker asks for that. */
#ifndef QY_ATTESTER_SESSION_H
#define QY_ATTESTER_SESSION_H

#include <attester/attest.h>
#include <attester/broker_client.h>

/* The enclave's part of it. Each function adds its checks to the trace. */
typedef struct qy_session_enclave {
  void *context;
  qy_status (*hello)(void *context, uint8_t out[QY_HELLO_SIZE], qy_trace *trace, qy_error *why);
  /* Appends the quote to `quote`. */
  qy_status (*quote)(void *context, qy_buffer *quote, qy_view msg2, qy_trace *trace, qy_error *why);
  qy_status (*msg3)(void *context, uint8_t head[QY_MSG3_HEAD_SIZE], qy_view quote, qy_trace *trace, qy_error *why);
  qy_status (*msg4)(void *context, qy_view msg4, qy_trace *trace, qy_error *why);
} qy_session_enclave;

typedef struct qy_session {
  qy_broker_client *broker;
  const char *secret_name;
  qy_evidence_kind kind;              /* of the quote to come */
  const qy_attest_observer *observer; /* may be NULL */
  qy_trace *trace;                    /* of the last session, as are the messages */
  qy_buffer *messages;                /* QY_ATTEST_MESSAGE_COUNT, by qy_attest_message */
  unsigned count;                     /* of sessions */
  size_t told;                        /* checks that the observer knows of */
} qy_session;

/* The largest each message may be, bytes. */
extern const size_t qy_session_limits[QY_ATTEST_MESSAGE_COUNT];

/* As qy_attest() says. */
qy_status qy_session_run(qy_session *self, const qy_session_enclave *enclave, qy_error *why) QY_MUST_CHECK;

#endif
