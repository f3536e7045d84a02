/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds an attester, made up: the processor below the real sample enclave, a platform that quotes, and a broker
 * on real HTTPS that speaks by the provider's side. */
#ifndef QY_TEST_ATTESTER_WORLD_H
#define QY_TEST_ATTESTER_WORLD_H

#include "exchange_parties.h"
#include "net_server.h"

#include <attester/attest.h>

/* How the world misbehaves. */
typedef struct mischief {
  qy_status launch, init_quote, quote; /* the platform's */
  bool short_quote;
  bool other_group; /* the quote is of another group than init_quote said */
  bool no_provider_key;
  bool foreign_signature;    /* the broker signs msg2 by another key */
  bool damaged_msg4;
  unsigned begin_status;     /* the broker answers the first request by this problem */
  unsigned conflicts;     /* to msg3, before it settles down */
  const char *location;      /* in place of the session's path; "" is none, "%s" the broker's own address */
  const char *content_type;  /* of msg2 */
} mischief;

typedef struct world {
  qy_platform platform; /* first: the platform's functions find the world by it */
  mischief wrong;
  parties *p;
  certificates made;
  qy_http_server *server;
  const char *secret; /* NULL: refused */
  uint32_t list_entries;
  char asked_for[256]; /* the secret's name as the broker heard it */
  unsigned begun;
  qy_attest_config config;
  qy_attest_result result;
  qy_error why;
} world;

/* Starts the enclave's program, runs `test` while it serves, and takes everything down. */
void in_a_world(void (*test)(world *w));
/* One call into the running enclave, as a hostile host would make it. */
qy_status call_enclave(uint16_t operation, qy_view in, qy_buffer *out, qy_error *why);

#endif
