/* SPDX-License-Identifier: Apache-2.0 */
/* A broker on real HTTPS that speaks by the provider's side, appraises nothing, and errs on demand. */
#ifndef QY_TEST_ATTESTER_BROKER_H
#define QY_TEST_ATTESTER_BROKER_H

#include "net_server.h"

#include <quotary/exchange.h>

typedef struct broker_mischief {
  bool foreign_signature; /* signs msg2 by another key */
  bool damaged_msg4;
  unsigned begin_status;    /* answers the first request by this problem */
  unsigned conflicts;       /* answers to msg3, before it settles down */
  const char *location;     /* in place of the session's path; "" is none, "%s" the broker's own address */
  const char *content_type; /* of msg2 */
} broker_mischief;

typedef struct toy_broker {
  qy_provider provider; /* borrows its key */
  broker_mischief wrong;
  const char *secret; /* NULL: refused */
  qy_evidence_kind kind;
  unsigned offered;     /* bits 1 << kind of the key list; 0: it has none to tell (404) */
  bool offers_nonsense; /* a list whose keys nobody knows */
  char asked_about[16]; /* the kind of the session as the broker heard it; "" is none */
  bool (*judge)(void *context, const qy_msg3_evidence *evidence); /* trusted? NULL: by the secret alone */
  void *judge_context;
  uint32_t list_entries;
  char asked_for[256]; /* the secret's name as the broker heard it */
  unsigned begun;
  certificates made;
  qy_http_server *server;
  qy_provider_side side;
  qy_msg3_evidence evidence; /* its body is good after the request too */
  qy_error why;
} toy_broker;

void toy_broker_start(toy_broker *broker, const qy_provider *provider);
void toy_broker_stop(toy_broker *broker);

#endif
