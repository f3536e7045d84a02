/* SPDX-License-Identifier: Apache-2.0 */
#include "janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEEP 'k'
#define TRIES 500
#define PAUSE_US 20000

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* Services that just lost their parent may still write there: tried until it is gone. */
static void remove_folder(const char *folder)
{
  for (int i = 0; i < TRIES && access(folder, F_OK) == 0; i++) {
    if (nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
      (void)usleep(PAUSE_US);
    }
  }
}

/* In the child. Of a session of its own, so that Ctrl-C, and a signal to the whole group, do not reach it; and with no
 * descriptor but the pipe, so that nobody waits for it. */
static void wait_and_remove(int end, const char *folder)
{
  char word = 0;
  ssize_t got = 0;
  (void)setsid();
  (void)prctl(PR_SET_NAME, "quotary-janitor", 0, 0, 0);
  if (dup2(end, STDIN_FILENO) != STDIN_FILENO || close_range(1, ~0u, 0) != 0) {
    _exit(1);
  }
  do {
    got = read(STDIN_FILENO, &word, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 0 || word != KEEP) {
    remove_folder(folder);
  }
  _exit(0);
}

qy_status janitor_start(cli_janitor *out, const char *folder, qy_error *why)
{
  int ends[2];
  *out = (cli_janitor){.pipe = -1};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return qy_fail(why, QY_ERR_IO, "cannot make a pipe");
  }
  out->pid = fork();
  if (out->pid == 0) {
    wait_and_remove(ends[0], folder);
  }
  (void)close(ends[0]);
  if (out->pid < 0) {
    (void)close(ends[1]);
    *out = (cli_janitor){.pipe = -1};
    return qy_fail(why, QY_ERR_IO, "cannot start a process");
  }
  out->pipe = ends[1];
  return QY_OK;
}

void janitor_dismiss(cli_janitor *janitor, bool keep)
{
  if (janitor->pid <= 0) {
    return;
  }
  const char word = KEEP;
  if (keep && write(janitor->pipe, &word, 1) < 0) {
    fprintf(stderr, "quotary: the temporary folder could not be kept\n");
  }
  (void)close(janitor->pipe);
  while (waitpid(janitor->pid, NULL, 0) < 0 && errno == EINTR) {
  }
  *janitor = (cli_janitor){.pipe = -1};
}
