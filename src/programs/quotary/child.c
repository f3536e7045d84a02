/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/buffer.h>
#include <base/file.h>

#define MAX_ARGUMENTS 24

/* In the child: only async-signal-safe calls until exec. */
static void become(char *const *arguments, int log_fd)
{
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  (void)dup2(log_fd, STDERR_FILENO);
  (void)dup2(log_fd, STDOUT_FILENO);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) {
    (void)dup2(nothing, STDIN_FILENO);
  }
  (void)setpgid(0, 0); /* Ctrl-C reaches the parent, which stops the children in order */
  (void)execv("/proc/self/exe", arguments);
  _exit(127);
}

/* The last line of a log, for saying why a service did not come up. */
static void last_line(char *out, size_t size, const char *path)
{
  QY_SCOPED_BUFFER(text, 1u << 20);
  out[0] = '\0';
  if (qy_file_read(&text, path, NULL) != QY_OK || text.size == 0) {
    return;
  }
  size_t end = text.size;
  while (end > 0 && text.bytes[end - 1] == '\n') {
    end--;
  }
  size_t start = end;
  while (start > 0 && text.bytes[start - 1] != '\n') {
    start--;
  }
  (void)snprintf(out, size, "%.*s", (int)(end - start), (const char *)text.bytes + start);
}

static qy_status await_address(cli_child *out, int ready, int patience_ms, const char *log_path, qy_error *why)
{
  const int64_t until = qy_clock_steady_ms() + patience_ms;
  size_t used = 0;
  for (;;) {
    const int64_t left = until - qy_clock_steady_ms();
    struct pollfd waiting = {.fd = ready, .events = POLLIN};
    const int got = left <= 0 ? 0 : poll(&waiting, 1, (int)left);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return qy_fail(why, QY_ERR_TIMEOUT, "%s did not come up within %d ms; its log: %s", out->name, patience_ms,
                     log_path);
    }
    const ssize_t size = read(ready, out->address + used, sizeof(out->address) - 1 - used);
    if (size <= 0) {
      char line[160];
      last_line(line, sizeof(line), log_path);
      return qy_fail(why, QY_ERR_IO, "%s did not start: %s", out->name, line);
    }
    used += (size_t)size;
    out->address[used] = '\0';
    char *end = strchr(out->address, '\n');
    if (end != NULL) {
      *end = '\0';
      return QY_OK;
    }
  }
}

qy_status child_start(cli_child *out, const char *name, const char *const *arguments, const char *log_path, int kept_fd,
                      int patience_ms, qy_error *why)
{
  char ready_text[16];
  char *full[MAX_ARGUMENTS + 5] = {(char *)"quotary"};
  size_t count = 1;
  int ready[2];
  memset(out, 0, sizeof(*out));
  (void)snprintf(out->name, sizeof(out->name), "%s", name);
  for (; arguments[count - 1] != NULL; count++) {
    if (count >= MAX_ARGUMENTS) {
      return qy_fail(why, QY_ERR_INTERNAL, "%s: too many arguments", name);
    }
    full[count] = (char *)arguments[count - 1];
  }
  if (pipe2(ready, O_CLOEXEC) != 0) {
    return qy_fail(why, QY_ERR_IO, "%s: cannot make a pipe", name);
  }
  const int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0) {
    (void)close(ready[0]);
    (void)close(ready[1]);
    return qy_fail(why, QY_ERR_IO, "cannot open %s", log_path);
  }
  (void)snprintf(ready_text, sizeof(ready_text), "%d", ready[1]);
  full[count++] = (char *)"--ready-fd";
  full[count++] = ready_text;
  full[count] = (char *)"--with-parent";
  out->pid = fork();
  if (out->pid == 0) {
    (void)fcntl(ready[1], F_SETFD, 0); /* the descriptors that the service inherits */
    if (kept_fd >= 0) {
      (void)fcntl(kept_fd, F_SETFD, 0);
    }
    become(full, log_fd);
  }
  (void)close(ready[1]);
  (void)close(log_fd);
  const qy_status status = out->pid < 0 ? qy_fail(why, QY_ERR_IO, "%s: cannot start a process", name)
                                        : await_address(out, ready[0], patience_ms, log_path, why);
  (void)close(ready[0]);
  if (status != QY_OK) {
    child_stop(out);
  }
  return status;
}

bool child_ended(cli_child *child)
{
  if (child->pid <= 0) {
    return true;
  }
  if (waitpid(child->pid, NULL, WNOHANG) == child->pid) {
    child->pid = 0;
    return true;
  }
  return false;
}

void child_stop(cli_child *child)
{
  if (child->pid <= 0) {
    child->pid = 0;
    return;
  }
  (void)kill(child->pid, SIGTERM);
  for (int waited_ms = 0; waited_ms < 5000; waited_ms += 5) {
    if (child_ended(child)) {
      return;
    }
    (void)usleep(5000);
  }
  (void)kill(child->pid, SIGKILL);
  (void)waitpid(child->pid, NULL, 0);
  child->pid = 0;
}
