/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_pool.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net/http_response.h>

qy_http_job *qy_http_job_new(const qy_http_route *route, qy_http_head *head, qy_buffer *body, const char *peer)
{
  qy_http_job *job = calloc(1, sizeof(*job));
  if (job == NULL) {
    return NULL;
  }
  job->route = route;
  job->head = *head;
  job->body = *body;
  *head = (qy_http_head){0};
  qy_buffer_init(body, 0);
  (void)snprintf(job->peer, sizeof(job->peer), "%s", peer);
  job->request = (qy_http_request){.method = route->method,
                                   .path = job->head.path,
                                   .query = job->head.query,
                                   .peer = job->peer,
                                   .body = qy_buffer_view(&job->body),
                                   .head = &job->head,
                                   .route = route->path};
  qy_http_response_init(&job->response);
  return job;
}

void qy_http_job_free(qy_http_job *job)
{
  qy_http_head_clear(&job->head);
  qy_buffer_clear(&job->body);
  qy_http_response_clear(&job->response);
  free(job);
}

bool qy_thread_start(pthread_t *out, void *(*run)(void *context), void *context)
{
  sigset_t all, before;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = pthread_create(out, NULL, run, context) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

/* The next job, or NULL when the pool closes and nothing waits. */
static qy_http_job *take(qy_http_pool *pool)
{
  (void)pthread_mutex_lock(&pool->mutex);
  while (pool->first == NULL && !pool->closing) {
    (void)pthread_cond_wait(&pool->work, &pool->mutex);
  }
  qy_http_job *job = pool->first;
  if (job != NULL) {
    pool->first = job->next;
    pool->last = job->next == NULL ? NULL : pool->last;
    job->next = NULL;
  }
  (void)pthread_mutex_unlock(&pool->mutex);
  return job;
}

static void *run(void *context)
{
  qy_http_pool *pool = context;
  for (qy_http_job *job = take(pool); job != NULL; job = take(pool)) {
    const uint64_t one = 1;
    job->route->handler(pool->context, &job->request, &job->response);
    (void)pthread_mutex_lock(&pool->mutex);
    job->next = pool->done;
    pool->done = job;
    (void)pthread_mutex_unlock(&pool->mutex);
    (void)!write(pool->wake_fd, &one, sizeof(one)); /* fails only when the counter is full: it is awake then */
  }
  return NULL;
}

qy_status qy_http_pool_start(qy_http_pool *pool, size_t threads, void *context, int wake_fd, qy_error *why)
{
  *pool = (qy_http_pool){.context = context, .wake_fd = wake_fd};
  (void)pthread_mutex_init(&pool->mutex, NULL);
  (void)pthread_cond_init(&pool->work, NULL);
  pool->threads = calloc(threads, sizeof(*pool->threads));
  while (pool->threads != NULL && pool->thread_count < threads &&
         qy_thread_start(&pool->threads[pool->thread_count], run, pool)) {
    pool->thread_count++;
  }
  if (pool->thread_count < threads) {
    qy_http_pool_stop(pool);
    return qy_fail(why, QY_ERR_MEMORY, "cannot start %zu handler threads", threads);
  }
  return QY_OK;
}

void qy_http_pool_push(qy_http_pool *pool, qy_http_job *job)
{
  (void)pthread_mutex_lock(&pool->mutex);
  if (pool->last == NULL) {
    pool->first = job;
  } else {
    pool->last->next = job;
  }
  pool->last = job;
  (void)pthread_cond_signal(&pool->work);
  (void)pthread_mutex_unlock(&pool->mutex);
}

qy_http_job *qy_http_pool_collect(qy_http_pool *pool)
{
  (void)pthread_mutex_lock(&pool->mutex);
  qy_http_job *done = pool->done;
  pool->done = NULL;
  (void)pthread_mutex_unlock(&pool->mutex);
  return done;
}

void qy_http_pool_stop(qy_http_pool *pool)
{
  (void)pthread_mutex_lock(&pool->mutex);
  pool->closing = true;
  (void)pthread_cond_broadcast(&pool->work);
  (void)pthread_mutex_unlock(&pool->mutex);
  for (size_t i = 0; i < pool->thread_count; i++) {
    (void)pthread_join(pool->threads[i], NULL);
  }
  free(pool->threads);
  for (qy_http_job *job = pool->done; job != NULL;) {
    qy_http_job *next = job->next;
    qy_http_job_free(job);
    job = next;
  }
  (void)pthread_cond_destroy(&pool->work);
  (void)pthread_mutex_destroy(&pool->mutex);
  *pool = (qy_http_pool){.wake_fd = -1};
}
