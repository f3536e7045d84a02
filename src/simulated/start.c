/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/program.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <enclave/runtime.h>

#define FD_PROGRAM 6
#define FD_FAULT 7 /* tells the processor why the program could not be started; closed when it is */
#define FD_COUNT 8
#define FD_CLEAR_OF_ALL 64

/* Puts the descriptors into their places and closes every other one. */
static bool arrange_descriptors(const int sources[FD_COUNT])
{
  int moved[FD_COUNT];
  for (int i = QY_ENCLAVE_FD_CPU; i < FD_COUNT; i++) {
    moved[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, FD_CLEAR_OF_ALL);
    if (moved[i] < 0) {
      return false;
    }
  }
  for (int i = QY_ENCLAVE_FD_CPU; i < FD_COUNT; i++) {
    const int flags = i > QY_ENCLAVE_FD_IMAGE ? O_CLOEXEC : 0;
    if (dup3(moved[i], i, flags) != i) {
      return false;
    }
  }
#ifdef QUOTARY_SANITIZED /* a sanitizer reports on standard error */
  return close_range(0, 1, 0) == 0 && close_range(FD_COUNT, ~0u, 0) == 0;
#else
  return close_range(0, 2, 0) == 0 && close_range(FD_COUNT, ~0u, 0) == 0;
#endif
}

static bool detach(pid_t parent)
{
  sigset_t none;
  (void)sigemptyset(&none);
  /* A parent that ended before prctl() is seen by getppid(). */
  return sigprocmask(SIG_SETMASK, &none, NULL) == 0 && setsid() >= 0 &&
         prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

/* The environment is empty, but for the build whose tests switch off one check at a time: its switch is handed on. */
static char *mutation(void)
{
#ifdef QUOTARY_MUTATION
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    if (strncmp(*entry, "QUOTARY_MUTATE_CHECK=", 21) == 0) {
      return *entry;
    }
  }
#endif
  return NULL;
}

/* In the child; does not return. */
static void become(const int sources[FD_COUNT], pid_t parent)
{
  static char *const arguments[] = {(char *)(uintptr_t) "enclave", NULL};
  char *const environment[] = {mutation(), NULL};
  qy_error why = {0};
  if (!detach(parent) || !arrange_descriptors(sources)) {
    _exit(127); /* the pipe's end closes without a word */
  }
  if (qy_confine_self(FD_PROGRAM, &why) == QY_OK) {
    (void)syscall(SYS_execveat, FD_PROGRAM, "", arguments, environment, AT_EMPTY_PATH);
    (void)qy_fail(&why, QY_ERR_IO, "cannot execute the program: %s", strerror(errno));
  }
  if (write(FD_FAULT, why.message, strlen(why.message)) < 0) {
    _exit(126);
  }
  _exit(127);
}

/* The pipe closes at once when the program runs; before that it may bring a reason why it does not. */
static qy_status await_start(pid_t process, int pipe_end, qy_error *why)
{
  char reason[200] = {0};
  const ssize_t got = read(pipe_end, reason, sizeof(reason) - 1);
  if (got == 0 && waitpid(process, NULL, WNOHANG) == 0) {
    return QY_OK;
  }
  if (got != 0) {
    (void)kill(process, SIGKILL);
    (void)waitpid(process, NULL, 0);
  }
  return qy_fail(why, QY_ERR_IO, "enclave: did not start%s%s", reason[0] == '\0' ? "" : ": ", reason);
}

qy_status qy_program_start(pid_t *process, int program, int cpu, int host, int image, qy_error *why)
{
  int ends[2];
  *process = -1;
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return qy_fail(why, QY_ERR_IO, "enclave: no pipe: %s", strerror(errno));
  }
  const int sources[FD_COUNT] = {-1, -1, -1, cpu, host, image, program, ends[1]};
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    become(sources, parent);
  }
  (void)close(ends[1]);
  const qy_status status = child < 0 ? qy_fail(why, QY_ERR_IO, "enclave: no process: %s", strerror(errno))
                                     : await_start(child, ends[0], why);
  (void)close(ends[0]);
  *process = status == QY_OK ? child : -1;
  return status;
}
