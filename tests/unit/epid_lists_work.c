/* SPDX-License-Identifier: Apache-2.0 */
/* Lists worked through in pieces: whatever the number of threads, the outcome is that of one going from front to back. */
#include "vectors.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <epid/work.h>

#define COUNT 1000

/* A list whose entries say by a letter what happens at them. */
typedef struct list {
  char entries[COUNT];
  int runs[COUNT];       /* how often each was worked on */
  uint32_t prepared;     /* entries, which must come in order */
  uint32_t fail_prepare; /* the entry whose preparation fails */
  bool out_of_order;
  bool own_was_shared;
} list;

typedef struct own_memory {
  uint32_t first;
  uint32_t end;
  bool busy;
} own_memory;

static qy_status prepare(void *own, const void *shared, uint32_t first, uint32_t end, qy_error *why)
{
  list *l = *(list *const *)shared;
  own_memory *mine = own;
  l->out_of_order |= first != l->prepared;
  l->own_was_shared |= mine->busy;
  l->prepared = end;
  *mine = (own_memory){first, end, true};
  return l->fail_prepare >= first && l->fail_prepare < end ? qy_fail(why, QY_ERR_CRYPTO, "no draws at %u", first)
                                                           : QY_OK;
}

static qy_status run(uint32_t *reached, void *own, const void *shared, uint32_t first, uint32_t end, qy_error *why)
{
  list *l = *(list *const *)shared;
  own_memory *mine = own;
  if (mine->first != first || mine->end != end) {
    l->own_was_shared = true;
  }
  for (uint32_t i = first; i < end; i++) {
    *reached = i;
    l->runs[i]++;
    if (l->entries[i] == '!') {
      return qy_fail(why, QY_ERR_MALFORMED, "entry %u is bad", i);
    }
    if (l->entries[i] == '.') {
      break;
    }
    *reached = i + 1;
  }
  mine->busy = false;
  return QY_OK;
}

static list plain_list(void)
{
  list l = {.fail_prepare = COUNT};
  memset(l.entries, '-', sizeof(l.entries));
  return l;
}

static qy_status go(uint32_t *reached, list *l, uint32_t piece, const qy_epid_work *work, qy_error *why)
{
  const qy_epid_task task = {.list = "a list",
                             .count = COUNT,
                             .piece = piece,
                             .run = run,
                             .prepare = prepare,
                             .shared = &l,
                             .own_size = sizeof(own_memory)};
  return qy_epid_work_through(reached, &task, work, why);
}

static void each_entry_is_worked_on_once(void **state)
{
  (void)state;
  const uint32_t pieces[] = {1, 7, 64, COUNT - 1, COUNT, COUNT + 1, UINT32_MAX};
  for (unsigned threads = 0; threads < 6; threads++) {
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
      const qy_epid_work work = {.threads = threads};
      list l = plain_list();
      uint32_t reached = 0;
      assert_ok(go(&reached, &l, pieces[p], &work, &assert_why));
      assert_int_equal(reached, COUNT);
      assert_int_equal(l.prepared, COUNT);
      assert_false(l.out_of_order);
      assert_false(l.own_was_shared);
      for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(l.runs[i], 1);
      }
    }
  }
}

static void an_empty_list_is_done(void **state)
{
  (void)state;
  const qy_epid_task task = {.list = "a list", .count = 0, .piece = 10, .run = run};
  uint32_t reached = 9;
  assert_ok(qy_epid_work_through(&reached, &task, NULL, &assert_why));
  assert_int_equal(reached, 0);
}

/* The first entry that decides counts, also when a later one is found before it. */
static void the_first_decision_counts(void **state)
{
  (void)state;
  for (unsigned threads = 1; threads < 5; threads++) {
    for (uint32_t at = 0; at < COUNT; at += 111) {
      const qy_epid_work work = {.threads = threads};
      list l = plain_list();
      qy_error why = {0};
      uint32_t reached = 0;
      l.entries[at] = '.';
      l.entries[COUNT - 1] = '.';
      assert_ok(go(&reached, &l, 10, &work, &assert_why));
      assert_int_equal(reached, at);
      l.entries[at] = '!';
      assert_int_equal(go(&reached, &l, 10, &work, &why), QY_ERR_MALFORMED);
      assert_int_equal(why.status, QY_ERR_MALFORMED);
      char expected[64];
      (void)snprintf(expected, sizeof(expected), "entry %u is bad", at);
      assert_string_equal(why.message, expected);
      assert_int_equal(reached, 0);
    }
  }
}

static void a_failed_preparation_ends_it(void **state)
{
  (void)state;
  for (unsigned threads = 1; threads < 4; threads++) {
    const qy_epid_work work = {.threads = threads};
    list l = plain_list();
    qy_error why = {0};
    uint32_t reached = 0;
    l.fail_prepare = 500;
    assert_int_equal(go(&reached, &l, 50, &work, &why), QY_ERR_CRYPTO);
    assert_string_equal(why.message, "no draws at 500");
    assert_int_equal(l.runs[499], 1);
    assert_int_equal(l.runs[500], 0);
    l = plain_list();
    l.fail_prepare = 500;
    l.entries[499] = '.'; /* a thread alone would have stopped before */
    l.prepared = 0;
    assert_ok(go(&reached, &l, 50, &work, &assert_why));
    assert_int_equal(reached, 499);
  }
}

/* What a caller sees, and when he has seen enough. */
typedef struct caller {
  pthread_t self;
  uint32_t asked;
  uint32_t last;
  uint32_t stop_at; /* the question that is answered with no */
  bool wrong;
} caller;

static bool ask(void *context, const char *name, uint32_t done, uint32_t count)
{
  caller *c = context;
  c->wrong |= strcmp(name, "a list") != 0 || count != COUNT || done < c->last || done > count;
  c->wrong |= (c->asked == 0 && done != 0) || pthread_equal(c->self, pthread_self()) == 0;
  c->last = done;
  return ++c->asked != c->stop_at;
}

static void the_caller_is_told(void **state)
{
  (void)state;
  for (unsigned threads = 1; threads < 4; threads++) {
    caller c = {.self = pthread_self()};
    const qy_epid_work work = {.threads = threads, .goes_on = ask, .context = &c};
    list l = plain_list();
    uint32_t reached = 0;
    assert_ok(go(&reached, &l, 10, &work, &assert_why));
    assert_false(c.wrong);
    assert_true(c.asked >= 2);
    assert_int_equal(c.last, COUNT);
  }
}

static void the_caller_may_stop_it(void **state)
{
  (void)state;
  for (unsigned threads = 1; threads < 4; threads++) {
    for (uint32_t stop_at = 1; stop_at < (threads == 1 ? 4 : 3); stop_at++) { /* the others may be done by the third */
      caller c = {.self = pthread_self(), .stop_at = stop_at};
      const qy_epid_work work = {.threads = threads, .goes_on = ask, .context = &c};
      list l = plain_list();
      qy_error why = {0};
      uint32_t reached = 9;
      assert_int_equal(go(&reached, &l, 1, &work, &why), QY_ERR_INTERRUPTED);
      assert_int_equal(reached, 0);
      assert_non_null(strstr(why.message, "a list: stopped by the caller after"));
      if (threads == 1) {
        assert_int_equal(l.prepared, stop_at - 1);
      }
    }
  }
}

static volatile sig_atomic_t caught_elsewhere;
static pthread_t main_thread;

static void on_signal(int number)
{
  (void)number;
  if (pthread_equal(pthread_self(), main_thread) == 0) {
    caught_elsewhere = 1;
  }
}

static bool raise_one(void *context, const char *name, uint32_t done, uint32_t count)
{
  (void)context;
  (void)name;
  (void)done;
  (void)count;
  (void)kill(getpid(), SIGUSR1);
  return true;
}

static void signals_stay_with_the_caller(void **state)
{
  (void)state;
  const qy_epid_work work = {.threads = 3, .goes_on = raise_one};
  list l = plain_list();
  uint32_t reached = 0;
  main_thread = pthread_self();
  (void)signal(SIGUSR1, on_signal);
  assert_ok(go(&reached, &l, 1, &work, &assert_why));
  assert_int_equal(caught_elsewhere, 0);
}

#ifndef QUOTARY_SANITIZED /* which keep variables elsewhere */
#define MARK 0x5ec2e75ec2e75ec2u
#define MARKS 32

typedef struct marked {
  pthread_t self;
  uintptr_t places[COUNT]; /* where marks were left on the stacks of other threads */
} marked;

__attribute__((noinline)) static void leave_marks(uintptr_t *place)
{
  volatile uint64_t marks[MARKS];
  for (size_t i = 0; i < MARKS; i++) {
    marks[i] = MARK;
  }
  *place = (uintptr_t)marks;
}

static qy_status leave_traces(uint32_t *reached, void *own, const void *shared, uint32_t first, uint32_t end,
                              qy_error *why)
{
  marked *m = *(marked *const *)shared;
  (void)own;
  (void)why;
  if (pthread_equal(m->self, pthread_self()) == 0) {
    leave_marks(&m->places[first]);
  }
  (void)usleep(100); /* so that the others get their turn */
  *reached = end;
  return QY_OK;
}

/* Threads end, but their stacks are kept for the next ones. */
static void threads_leave_nothing_on_their_stacks(void **state)
{
  (void)state;
  marked m = {.self = pthread_self()};
  marked *shared = &m;
  const qy_epid_task task = {.list = "a list", .count = COUNT, .piece = 1, .run = leave_traces, .shared = &shared};
  const qy_epid_work work = {.threads = 4};
  uint32_t reached = 0;
  size_t looked_at = 0;
  assert_ok(qy_epid_work_through(&reached, &task, &work, &assert_why));
  for (size_t i = 0; i < COUNT; i++) {
    uint64_t found[MARKS] = {0};
    struct iovec here = {found, sizeof(found)};
    struct iovec there = {(void *)m.places[i], sizeof(found)};
    if (m.places[i] != 0 && process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)sizeof(found)) {
      looked_at++;
      for (size_t j = 0; j < MARKS; j++) {
        assert_true(found[j] != MARK);
      }
    }
  }
  assert_true(looked_at > 0);
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_entry_is_worked_on_once),
      cmocka_unit_test(an_empty_list_is_done),
      cmocka_unit_test(the_first_decision_counts),
      cmocka_unit_test(a_failed_preparation_ends_it),
      cmocka_unit_test(the_caller_is_told),
      cmocka_unit_test(the_caller_may_stop_it),
      cmocka_unit_test(signals_stay_with_the_caller),
#ifndef QUOTARY_SANITIZED
      cmocka_unit_test(threads_leave_nothing_on_their_stacks),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
