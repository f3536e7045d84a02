/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds an attester, made up: the processor below the real sample enclave, a platform that quotes, and a
 * broker. */
#ifndef QY_TEST_ATTESTER_WORLD_H
#define QY_TEST_ATTESTER_WORLD_H

#include "attester_broker.h"
#include "exchange_parties.h"

#include <attester/attest.h>

/* How the platform misbehaves. */
typedef struct mischief {
  qy_status launch, init_quote, quote;
  bool short_quote;
  bool other_group; /* the quote is of another group than init_quote said */
  bool no_provider_key;
} mischief;

typedef struct world {
  qy_platform platform; /* first: the platform's functions find the world by it */
  mischief wrong;
  parties *p;
  toy_broker broker;
  qy_attest_config config;
  qy_attest_result result;
  qy_error why;
} world;

/* Starts the enclave's program, runs `test` while it serves, and takes everything down. */
void in_a_world(void (*test)(world *w));
/* One call into the running enclave, as a hostile host would make it. */
qy_status call_enclave(uint16_t operation, qy_view in, qy_buffer *out, qy_error *why);

#endif
