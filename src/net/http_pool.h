/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the threads that run handlers. Jobs go in from the loop's thread and come back to it; the
 * pool wakes the loop through an eventfd. */
#ifndef QY_NET_HTTP_POOL_H
#define QY_NET_HTTP_POOL_H

#include <pthread.h>

#include <net/http_head.h>
#include <net/http_server.h>

struct qy_http_connection;

typedef struct qy_http_job {
  struct qy_http_job *next;
  struct qy_http_connection *connection; /* for the loop's thread only; NULL once the client is gone */
  const qy_http_route *route;
  qy_http_head head;
  qy_buffer body;
  char peer[64];
  qy_http_request request;
  qy_http_response response;
} qy_http_job;

/* Takes `head` and `body` over, leaving both empty. NULL when memory is refused. */
qy_http_job *qy_http_job_new(const qy_http_route *route, qy_http_head *head, qy_buffer *body, const char *peer);
void qy_http_job_free(qy_http_job *job);

typedef struct qy_http_pool {
  pthread_mutex_t mutex;
  pthread_cond_t work;
  qy_http_job *first; /* waiting, in order */
  qy_http_job *last;
  qy_http_job *done;
  bool closing;
  int wake_fd;
  void *context;
  pthread_t *threads;
  size_t thread_count;
} qy_http_pool;

qy_status qy_http_pool_start(qy_http_pool *pool, size_t threads, void *context, int wake_fd,
                             qy_error *why) QY_MUST_CHECK;
void qy_http_pool_push(qy_http_pool *pool, qy_http_job *job);
/* All that are done, as a list; the caller frees them. */
qy_http_job *qy_http_pool_collect(qy_http_pool *pool);
/* Lets the threads finish what waits, joins them, frees what nobody collected. */
void qy_http_pool_stop(qy_http_pool *pool);
/* Starts a thread that no signal is delivered to: those are for the program's own threads. */
bool qy_thread_start(pthread_t *out, void *(*run)(void *context), void *context);

#endif
