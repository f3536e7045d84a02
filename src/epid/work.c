/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/work.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <base/secret.h>

/* What the threads share; all but task and work under the lock. */
typedef struct crew {
  const qy_epid_task *task;
  const qy_epid_work *work;
  pthread_mutex_t lock;
  uint32_t taken;   /* entries below are done or being done */
  uint32_t done;    /* how many are done */
  uint32_t decided; /* the first entry known to decide: nothing behind it matters */
  qy_status status; /* what that entry's piece failed with, if it did */
  qy_error why;
} crew;

typedef struct piece {
  uint32_t first;
  uint32_t end;
} piece;

static void settle(crew *c, uint32_t at, qy_status status, const qy_error *why)
{
  if (at < c->decided) {
    c->decided = at;
    c->status = status;
    c->why = *why;
  }
}

/* The next piece, prepared; false when none is left. */
static bool take(piece *out, void *own, crew *c)
{
  const qy_epid_task *task = c->task;
  qy_error why = {0};
  qy_status status = QY_OK;
  (void)pthread_mutex_lock(&c->lock);
  const uint32_t left = c->decided > c->taken ? task->count - c->taken : 0;
  *out = (piece){c->taken, c->taken + (left < task->piece ? left : task->piece)};
  c->taken = out->end;
  if (left > 0 && task->prepare != NULL) {
    status = task->prepare(own, task->shared, out->first, out->end, &why);
  }
  if (status != QY_OK) {
    settle(c, out->first, status, &why);
  }
  (void)pthread_mutex_unlock(&c->lock);
  return left > 0 && status == QY_OK;
}

static void do_piece(const piece *p, void *own, crew *c)
{
  qy_error why = {0};
  uint32_t reached = p->first;
  const qy_status status = c->task->run(&reached, own, c->task->shared, p->first, p->end, &why);
  (void)pthread_mutex_lock(&c->lock);
  c->done += p->end - p->first;
  if (status != QY_OK || reached < p->end) {
    settle(c, status == QY_OK ? reached : p->first, status, &why);
  }
  (void)pthread_mutex_unlock(&c->lock);
}

/* Asks the caller, who may stop it all. */
static bool goes_on(crew *c)
{
  if (c->work == NULL || c->work->goes_on == NULL) {
    return true;
  }
  (void)pthread_mutex_lock(&c->lock);
  const uint32_t done = c->done;
  (void)pthread_mutex_unlock(&c->lock);
  if (c->work->goes_on(c->work->context, c->task->list, done, c->task->count)) {
    return true;
  }
  (void)pthread_mutex_lock(&c->lock);
  c->decided = 0;
  c->status = qy_fail(&c->why, QY_ERR_INTERRUPTED, "%s: stopped by the caller after %u of %u entries", c->task->list,
                      done, c->task->count);
  (void)pthread_mutex_unlock(&c->lock);
  return false;
}

/* A thread's place: the crew, and memory of its own. */
typedef struct seat {
  crew *crew;
  void *own;
  pthread_t thread;
} seat;

static void *help(void *context)
{
  const seat *s = context;
  piece p;
  while (take(&p, s->own, s->crew)) {
    do_piece(&p, s->own, s->crew);
  }
  qy_wipe_stack_64k(); /* the next thread may get this stack; the calling thread's is its caller's affair */
  return NULL;
}

/* The caller's own thread, which also asks; returns the last answer. */
static bool lead(const seat *s)
{
  piece p;
  bool going = true;
  while (going && take(&p, s->own, s->crew)) {
    do_piece(&p, s->own, s->crew);
    going = goes_on(s->crew);
  }
  return going;
}

/* Starts threads for these seats, as many as the system gives; they take no signals, which are for the caller's. */
static unsigned start(seat *seats, unsigned count)
{
  sigset_t all;
  sigset_t before;
  unsigned started = 0;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  while (started < count && pthread_create(&seats[started].thread, NULL, help, &seats[started]) == 0) {
    started++;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static unsigned threads_for(const qy_epid_task *task, const qy_epid_work *work)
{
  const uint32_t pieces = task->count / task->piece + (task->count % task->piece != 0);
  const unsigned wanted = work == NULL || work->threads == 0 ? 1 : work->threads;
  const unsigned allowed = wanted < QY_EPID_MAX_THREADS ? wanted : QY_EPID_MAX_THREADS;
  return pieces == 0 ? 1 : pieces < allowed ? pieces : allowed;
}

static void run_crew(crew *c, uint8_t *own, unsigned threads)
{
  seat seats[QY_EPID_MAX_THREADS];
  for (unsigned i = 0; i < threads; i++) {
    seats[i] = (seat){.crew = c, .own = own + c->task->own_size * i};
  }
  (void)pthread_mutex_init(&c->lock, NULL);
  if (goes_on(c)) {
    const unsigned started = start(seats + 1, threads - 1);
    const bool going = lead(&seats[0]);
    for (unsigned i = 0; i < started; i++) {
      (void)pthread_join(seats[1 + i].thread, NULL);
    }
    (void)(going && goes_on(c)); /* the caller learns how far it came */
  }
  (void)pthread_mutex_destroy(&c->lock);
}

qy_status qy_epid_work_through(uint32_t *reached, const qy_epid_task *task, const qy_epid_work *work, qy_error *why)
{
  crew c = {.task = task, .work = work, .decided = task->count, .status = QY_OK};
  const unsigned threads = threads_for(task, work);
  *reached = 0;
  uint8_t *own = calloc(threads, task->own_size + 1);
  if (own == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "%s: no memory for %u threads", task->list, threads);
  }
  run_crew(&c, own, threads);
  qy_wipe(own, (task->own_size + 1) * threads);
  free(own);
  if (c.status != QY_OK) {
    return qy_fail(why, c.status, "%s", c.why.message);
  }
  *reached = c.decided;
  return QY_OK;
}
