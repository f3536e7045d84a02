/* SPDX-License-Identifier: Apache-2.0 */
/* A broker that runs, a report service of our own behind it, and an enclave with its host before it. */
#ifndef QY_TEST_BROKER_WORLD_H
#define QY_TEST_BROKER_WORLD_H

#include "../unit/appraisal_maker.h"

#include <pthread.h>
#include <stdatomic.h>

#include <base/file.h>
#include <broker/broker.h>
#include <net/http_client.h>
#include <net/http_server.h>
#include <quotary/exchange.h>

#define WORLD_SECRET_NAME "demo/db-password"
#define WORLD_SECRET "correct horse battery staple"
#define WORLD_PRIMARY_KEY "00112233445566778899aabbccddeeff"
#define WORLD_SECONDARY_KEY "ffeeddccbbaa99887766554433221100"
#define WORLD_GROUP 0xb39u

/* The report service; what a test sets is read by its handlers under the lock. */
typedef struct world_service {
  maker *maker;
  qy_http_server *server;
  pthread_mutex_t lock;
  unsigned http_status;  /* not 0: answer this */
  unsigned busy_times;   /* answer 503 so many times first */
  const char *known_key; /* NULL: either */
  const char *status;    /* quoted; NULL: OK */
  const char *extra;
  bool with_platform_info;
  bool wrong_nonce;
  bool other_signer;
  bool without_chain;
  uint32_t sigrl_count; /* entries of the group's list */
  uint32_t sigrl_version;
  unsigned reports; /* asked for */
  unsigned lists;
} world_service;

typedef struct world {
  char folder[256];
  world_service service;
  qy_buffer service_ca;
  qy_secret provider_key;
  qy_p256_public provider_public;
  qy_buffer broker_ca;
  char url[128];
  pthread_t thread;
  int stop[2];
  bool runs;
  qy_status ended; /* what qy_broker_run() returned */
  qy_error why;
  atomic_int port;
  uint8_t mr_enclave; /* of the enclaves to come, repeated */
} world;

/* A folder with an initialised broker and one secret under a policy that means 0xe1...; a report service that runs. */
world *world_new(void);
void world_free(world *world);
/* limits: JSON object text for broker.json. Before world_start(). */
void world_set_limits(world *world, const char *limits);
void world_start(world *world);
/* The status with which it ended. */
qy_status world_stop(world *world);
/* Tries to run and expects that it will not. */
qy_status world_start_fails(world *world, qy_error *why);

/* JSON of a policy: this version, this MRENCLAVE byte repeated, these statuses. */
void world_policy(char out[4096], const world *world, unsigned version, uint8_t mr_enclave, const char *statuses);
void world_put(world *world, const char *name, unsigned version, uint8_t mr_enclave, const char *secret);

/* ---- An enclave and its host ---- */

typedef struct visitor {
  world *world;
  qy_http_client *client;
  qy_enclave_side enclave;
  test_random random_state;
  qy_random random;
  qy_trace trace;
  uint8_t hello[QY_HELLO_SIZE];
  char location[128];
  qy_buffer msg2;
  qy_buffer msg3;
  qy_http_answer answer; /* the last */
  qy_msg4_answer verdict;
  qy_vault secret;
  qy_error why;
} visitor;

visitor *visitor_new(world *world, uint64_t seed, const char *secret_name);
void visitor_free(visitor *visitor);
/* POSTs; the HTTP status, with the answer in visitor->answer. */
unsigned visitor_post(visitor *visitor, const char *path, qy_view body);
unsigned visitor_open(visitor *visitor, const char *secret_name); /* msg0, msg1; on 201 keeps msg2 and location */
void visitor_quote(visitor *visitor);                             /* msg2 to msg3 */
unsigned visitor_close(visitor *visitor);                         /* msg3; on 200 the enclave hears msg4 */
/* All of it; the last HTTP status. */
unsigned visitor_attest(visitor *visitor, const char *secret_name);
/* One visitor, all of it, with what is expected of the verdict. */
void expect_released(world *world, uint64_t seed, const char *name, const char *secret);
void expect_denied(world *world, uint64_t seed, const char *name);

#endif
