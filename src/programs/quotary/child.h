/* SPDX-License-Identifier: Apache-2.0 */
/* The services that demo and up start: this same program, each verb a process of its own. */
#ifndef QY_PROGRAMS_CHILD_H
#define QY_PROGRAMS_CHILD_H

#include <sys/types.h>

#include <quotary/status.h>

typedef struct cli_child {
  char name[32];
  pid_t pid;         /* 0: not running */
  char address[256]; /* what it said when it was ready */
} cli_child;

/* Starts `quotary ARGUMENTS... --ready-fd N --with-parent` with standard error into `log_path`, and waits until it says its address.
 * It keeps `kept_fd` (-1: none) open for as long as it runs.
 * QY_ERR_IO when it ended instead: the message holds its last log line. QY_ERR_TIMEOUT after `patience_ms`. */
qy_status child_start(cli_child *out, const char *name, const char *const *arguments, const char *log_path, int kept_fd,
                      int patience_ms, qy_error *why) QY_MUST_CHECK;
/* SIGTERM, then SIGKILL for one that does not listen; waits. Fine on one that is not running. */
void child_stop(cli_child *child);
/* True when it has ended by itself. */
bool child_ended(cli_child *child);

#endif
