/* SPDX-License-Identifier: Apache-2.0 */
/* One prepared set of collateral, appraised under by several threads at once: what each finds is what one finds alone.
 * `tools/build tsan test_appraisal_dcap_threads` builds it for a race detector. */
#include "dcap_world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 6
#define ROUNDS 12
#define EVIDENCE 3

typedef struct share {
  qy_dcap_collateral *set;
  const qy_policy *policy;
  qy_buffer quotes[EVIDENCE]; /* sound, with a byte behind it that nobody signs, with a signature that does not hold */
  qy_trust expected[EVIDENCE];
  int64_t now_s;
  pthread_barrier_t begin;
} share;

typedef struct worker {
  share *of;
  unsigned first; /* which evidence it begins with */
  unsigned wrong;
} worker;

static void *work(void *context)
{
  worker *self = context;
  qy_dcap_verdict *verdict = malloc(sizeof(*verdict));
  (void)pthread_barrier_wait(&self->of->begin);
  for (unsigned i = 0; verdict != NULL && i < ROUNDS; i++) {
    const unsigned which = (self->first + i) % EVIDENCE;
    const qy_dcap_evidence evidence = {.quote = qy_buffer_view(&self->of->quotes[which])};
    const qy_status status =
        qy_dcap_appraise(verdict, &evidence, self->of->set, self->of->policy, self->of->now_s, NULL);
    self->wrong += status != QY_OK || verdict->trust != self->of->expected[which];
  }
  self->wrong += verdict == NULL;
  free(verdict);
  return NULL;
}

static void make_quotes(dcap_world *world, share *all)
{
  qy_dcap_quote decoded;
  world_make(world);
  assert_ok(qy_dcap_quote_decode(&decoded, qy_buffer_view(&world->quote), NULL));
  for (unsigned i = 0; i < EVIDENCE; i++) {
    qy_buffer_init(&all->quotes[i], 1u << 16);
    qy_buffer_append(&all->quotes[i], world->quote.bytes, world->quote.size);
    all->expected[i] = i == 2 ? QY_REFUSED : QY_TRUSTED;
  }
  qy_buffer_append(&all->quotes[1], "x", 1);
  all->quotes[2].bytes[decoded.signature.bytes - world->quote.bytes + 40] ^= 1;
}

static void threads_share_a_set(void **state)
{
  dcap_world *world = *state;
  share all = {0};
  pthread_t threads[THREADS];
  worker workers[THREADS];
  qy_dcap_collateral *set = NULL;
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world->policy.demands_report_data = false;
  make_quotes(world, &all);
  assert_ok(qy_dcap_collateral_new(&set, &world->files, NULL)); /* nothing was appraised under it before */
  all.set = set;
  all.policy = &world->policy;
  all.now_s = world->now_s;
  assert_int_equal(pthread_barrier_init(&all.begin, NULL, THREADS), 0);
  for (unsigned i = 0; i < THREADS; i++) {
    workers[i] = (worker){.of = &all, .first = i};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (unsigned i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(workers[i].wrong, 0);
  }
  (void)pthread_barrier_destroy(&all.begin);
  qy_dcap_collateral_free(&set);
  for (unsigned i = 0; i < EVIDENCE; i++) {
    qy_buffer_clear(&all.quotes[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_a_set)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
