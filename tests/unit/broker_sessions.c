/* SPDX-License-Identifier: Apache-2.0 */
/* The table of sessions, without a broker around it. */
#include "vectors.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <broker/sessions.h>

static qy_random repeatable(test_random *state)
{
  *state = (test_random){.state = 1};
  return test_random_source(state);
}

static qy_session session_of(const char *peer, int64_t until_ms)
{
  qy_session session = {.until_ms = until_ms};
  (void)snprintf(session.peer, sizeof(session.peer), "%s", peer);
  memset(session.side.keys.smk, 0xaa, sizeof(session.side.keys.smk));
  return session;
}

static bool take(qy_session *out, qy_sessions *table, const char *id, int64_t now_ms)
{
  static qy_trace trace;
  trace = (qy_trace){0};
  const bool taken = qy_sessions_take(out, table, id, now_ms, &trace);
  assert_int_equal(trace.count, 1);
  assert_int_equal(trace.records[0].id, QY_CHECK_BROKER_SESSION);
  assert_int_equal(trace.records[0].outcome, taken ? QY_OUTCOME_HELD : QY_OUTCOME_FAILED);
  return taken;
}

static void taken_once_and_wiped(void **state)
{
  (void)state;
  test_random source;
  const qy_random random = repeatable(&source);
  qy_sessions *table = NULL;
  assert_ok(qy_sessions_new(&table, 4, 4, NULL));
  qy_session session = session_of("a", 100);
  assert_ok(qy_sessions_add(table, &session, &random, 0, NULL));
  assert_int_equal(strlen(session.id), 32);
  QY_SCOPED_SESSION(out);
  assert_false(take(&out, table, "", 0));
  assert_false(take(&out, table, "00000000000000000000000000000000", 0));
  assert_true(take(&out, table, session.id, 99));
  assert_int_equal(out.side.keys.smk[0], 0xaa);
  assert_false(take(&out, table, session.id, 99));
  assert_int_equal(qy_sessions_count(table), 0);
  qy_session_clear(&out);
  assert_true(qy_view_is_zero(qy_view_over(&out, sizeof(out))));
  qy_sessions_free(&table);
  assert_null(table);
}

static void time_and_room(void **state)
{
  (void)state;
  test_random source;
  const qy_random random = repeatable(&source);
  qy_sessions *table = NULL;
  QY_SCOPED_SESSION(out);
  assert_ok(qy_sessions_new(&table, 3, 2, NULL));
  qy_session first = session_of("a", 100);
  qy_session second = session_of("a", 200);
  qy_session third = session_of("a", 200);
  qy_session fourth = session_of("b", 200);
  qy_session fifth = session_of("c", 200);
  assert_ok(qy_sessions_add(table, &first, &random, 0, NULL));
  assert_ok(qy_sessions_add(table, &second, &random, 0, NULL));
  assert_int_equal(qy_sessions_add(table, &third, &random, 0, NULL), QY_ERR_BUSY); /* the peer's share */
  assert_ok(qy_sessions_add(table, &fourth, &random, 0, NULL));
  assert_int_equal(qy_sessions_add(table, &fifth, &random, 99, NULL), QY_ERR_BUSY); /* full */
  assert_false(take(&out, table, first.id, 100));                                   /* over */
  assert_ok(qy_sessions_add(table, &fifth, &random, 100, NULL));
  assert_int_equal(qy_sessions_count(table), 3);
  qy_sessions_free(&table);
}

#define THREADS 64
static qy_sessions *shared;
static char wanted[QY_SESSION_ID_SIZE];
static atomic_int taken;
static pthread_barrier_t ready;

static void *grab(void *context)
{
  (void)context;
  QY_SCOPED_SESSION(out);
  (void)pthread_barrier_wait(&ready);
  if (qy_sessions_take(&out, shared, wanted, 0, NULL)) {
    atomic_fetch_add(&taken, 1);
  }
  return NULL;
}

/* P09 */
static void one_of_many_threads_takes_it(void **state)
{
  (void)state;
  test_random source;
  const qy_random random = repeatable(&source);
  assert_ok(qy_sessions_new(&shared, 8, 8, NULL));
  for (int round = 0; round < 20; round++) {
    pthread_t threads[THREADS];
    qy_session session = session_of("a", 100);
    assert_ok(qy_sessions_add(shared, &session, &random, 0, NULL));
    memcpy(wanted, session.id, sizeof(wanted));
    atomic_store(&taken, 0);
    assert_int_equal(pthread_barrier_init(&ready, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
      assert_int_equal(pthread_create(&threads[i], NULL, grab, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
      assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    (void)pthread_barrier_destroy(&ready);
    assert_int_equal(atomic_load(&taken), 1);
  }
  qy_sessions_free(&shared);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(taken_once_and_wiped), cmocka_unit_test(time_and_room),
                                     cmocka_unit_test(one_of_many_threads_takes_it)};
  return cmocka_run_group_tests_name("broker: sessions", tests, NULL, NULL);
}
