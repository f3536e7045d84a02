/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"

qy_status service_begin(cli_service *out, const char *ready_fd, const char *scheme, bool with_parent, qy_error *why)
{
  sigset_t signals;
  uint64_t descriptor = 0;
  *out = (cli_service){.stop_fd = -1, .ready_fd = -1, .scheme = scheme};
  if (ready_fd != NULL) {
    if (!cli_number(&descriptor, ready_fd, 3, 1023, "--ready-fd")) {
      return qy_fail(why, QY_ERR_ARGUMENT, "--ready-fd names no descriptor");
    }
    out->ready_fd = (int)descriptor;
  }
  (void)sigemptyset(&signals);
  (void)sigaddset(&signals, SIGTERM);
  (void)sigaddset(&signals, SIGINT);
  if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) {
    return qy_fail(why, QY_ERR_INTERNAL, "cannot block signals");
  }
  out->stop_fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (out->stop_fd < 0) {
    return qy_fail(why, QY_ERR_IO, "cannot wait for signals");
  }
  if (with_parent) { /* started as /proc/self/exe, which ps would show as "exe" */
    (void)prctl(PR_SET_NAME, "quotary", 0, 0, 0);
    const pid_t parent = getppid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (parent == 1 || getppid() != parent) {
      return qy_fail(why, QY_ERR_SEQUENCE, "the parent is gone already");
    }
  }
  return QY_OK;
}

static void say(cli_service *service, const char *line)
{
  if (service->ready_fd < 0) {
    printf("%s", line);
    fflush(stdout);
    return;
  }
  if (write(service->ready_fd, line, strlen(line)) < 0) {
    fprintf(stderr, "cannot say that the service is ready\n");
  }
  (void)close(service->ready_fd);
  service->ready_fd = -1;
}

void service_ready_port(void *context, uint16_t port)
{
  cli_service *service = context;
  char line[64];
  (void)snprintf(line, sizeof(line), "%s://127.0.0.1:%u\n", service->scheme, (unsigned)port);
  say(service, line);
}

void service_ready_path(void *context, const char *path)
{
  cli_service *service = context;
  char line[512];
  (void)snprintf(line, sizeof(line), "%s\n", path);
  say(service, line);
}
