/* SPDX-License-Identifier: Apache-2.0 */
/* A service of the product's in a thread of the test's, on any free port. */
#ifndef QY_TEST_SERVICE_THREAD_H
#define QY_TEST_SERVICE_THREAD_H

#include <stdatomic.h>

#include <pthread.h>

#include <quotary/status.h>

typedef struct service_thread service_thread;
/* Serves `self->folder` until `self->stop_fd` is readable, and has service_thread_ready called, on `self`, once it listens. */
typedef qy_status service_main(service_thread *self, qy_error *why);

struct service_thread {
  service_main *run;
  const char *folder;
  int stop_fd;
  _Atomic uint16_t port;
  pthread_t thread;
  qy_status outcome;
  qy_error why;
};

void service_thread_ready(void *self, uint16_t port);
/* Returns when it listens; fails the test if it ends before. */
void service_thread_start(service_thread *self, service_main *run, const char *folder);
/* Fails the test unless the service ends well. */
void service_thread_stop(service_thread *self);

#endif
