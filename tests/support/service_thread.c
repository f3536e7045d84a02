/* SPDX-License-Identifier: Apache-2.0 */
#include "service_thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define ENDED 1 /* for a port: no service is given that one */

void service_thread_ready(void *self, uint16_t port)
{
  ((service_thread *)self)->port = port;
}

static void *run(void *context)
{
  service_thread *self = context;
  self->outcome = self->run(self, &self->why);
  if (self->port == 0) {
    self->port = ENDED;
  }
  return NULL;
}

void service_thread_start(service_thread *self, service_main *main, const char *folder)
{
  *self = (service_thread){.run = main, .folder = folder, .stop_fd = eventfd(0, EFD_CLOEXEC)};
  assert_true(self->stop_fd >= 0);
  assert_int_equal(pthread_create(&self->thread, NULL, run, self), 0);
  while (self->port == 0) {
    (void)usleep(1000);
  }
  if (self->port == ENDED) {
    (void)pthread_join(self->thread, NULL);
    fail_msg("the service does not start: %s", self->why.message);
  }
}

void service_thread_stop(service_thread *self)
{
  const uint64_t one = 1;
  assert_int_equal(write(self->stop_fd, &one, sizeof(one)), sizeof(one));
  assert_int_equal(pthread_join(self->thread, NULL), 0);
  (void)close(self->stop_fd);
  if (self->outcome != QY_OK) {
    fail_msg("the service ended badly: %s", self->why.message);
  }
}
