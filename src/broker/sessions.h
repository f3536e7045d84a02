/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: conversations between msg2 and msg3. A session is taken out once: whoever takes it has it alone,
 * and nobody finds it again. For any number of threads. */
#ifndef QY_BROKER_SESSIONS_H
#define QY_BROKER_SESSIONS_H

#include <base/limits.h>
#include <quotary/check.h>
#include <quotary/exchange.h>

#define QY_SESSION_ID_SIZE 33 /* 128 random bits in hex, and a NUL */

/* SECRET (the side holds keys): cleared by qy_session_clear(). */
typedef struct qy_session {
  char id[QY_SESSION_ID_SIZE];
  char peer[64]; /* address without port */
  char secret_name[QY_MAX_SECRET_NAME + 1];
  int64_t until_ms; /* on the steady clock */
  qy_evidence_kind kind;
  uint32_t group_id; /* EPID */
  qy_provider_side side;
} qy_session;
void qy_session_clear(qy_session *session);
#define QY_SCOPED_SESSION(name) __attribute__((cleanup(qy_session_clear))) qy_session name = {0}

typedef struct qy_sessions qy_sessions;

qy_status qy_sessions_new(qy_sessions **out, unsigned most, unsigned most_per_peer, qy_error *why) QY_MUST_CHECK;
void qy_sessions_free(qy_sessions **sessions);
/* Draws the id and copies the session in. Sessions whose time is over make room first; QY_ERR_BUSY when there is none,
 * or when this peer has its share. */
qy_status qy_sessions_add(qy_sessions *sessions, qy_session *session, const qy_random *random, int64_t now_ms,
                          qy_error *why) QY_MUST_CHECK;
/* Moves the session out. Check broker-session: false when there is none of this id, it was taken before, or its time is
 * over. trace may be NULL. */
bool qy_sessions_take(qy_session *out, qy_sessions *sessions, const char *id, int64_t now_ms, qy_trace *trace);
unsigned qy_sessions_count(qy_sessions *sessions);

#endif
