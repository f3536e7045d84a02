/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs that serve have in common: when to stop, and saying that they are ready. */
#ifndef QY_PROGRAMS_SERVICE_H
#define QY_PROGRAMS_SERVICE_H

#include <stdint.h>

#include <quotary/status.h>

typedef struct cli_service {
  int stop_fd;        /* readable once SIGTERM or SIGINT came */
  int ready_fd;       /* where to say so, or -1 */
  const char *scheme; /* of the URL that is said: "http", "https" */
} cli_service;

/* Blocks the two signals and opens stop_fd; call it before any thread. `ready_fd` is the text of --ready-fd, or NULL: then
 * the address is printed. `with_parent`: stop when the parent ends. */
qy_status service_begin(cli_service *out, const char *ready_fd, const char *scheme, bool with_parent,
                        qy_error *why) QY_MUST_CHECK;
/* For the services' ready callbacks: "scheme://127.0.0.1:port\n" to ready_fd or standard output. */
void service_ready_port(void *service, uint16_t port);
/* The same for a Unix socket: its path. */
void service_ready_path(void *service, const char *path);

#endif
