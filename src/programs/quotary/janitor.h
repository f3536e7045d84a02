/* SPDX-License-Identifier: Apache-2.0 */
/* A process that removes a temporary folder as soon as whoever made it has ended: also when that was killed. */
#ifndef QY_PROGRAMS_JANITOR_H
#define QY_PROGRAMS_JANITOR_H

#include <sys/types.h>

#include <quotary/status.h>

typedef struct cli_janitor {
  pid_t pid; /* 0: none */
  int pipe;  /* its other end notices when we are gone */
} cli_janitor;

/* Call it before the process has threads or secrets. */
qy_status janitor_start(cli_janitor *out, const char *folder, qy_error *why) QY_MUST_CHECK;
/* Waits until the folder is removed; or, with `keep`, leaves it. Fine on none. */
void janitor_dismiss(cli_janitor *janitor, bool keep);

#endif
