/* SPDX-License-Identifier: Apache-2.0 */
/* A file's bytes without a copy: for long lists. The file is mapped read-only, and its pages come in as they are
 * read. What happens when it changes while it is mapped:
 *
 *   replaced (another file is renamed over it)  nothing: the mapping stays with the old file
 *   written over in place                       a page shows the old bytes or the new; qy_file_map_check() tells
 *   cut short in place                          reading beyond the new end ends the process (SIGBUS): no answer comes
 *                                               of bytes that are not there
 *
 * So whoever took a decision from a mapping asks qy_file_map_check() before it counts. qy_file_write() replaces. */
#ifndef QY_BASE_FILE_MAP_H
#define QY_BASE_FILE_MAP_H

#include <sys/stat.h>

#include <base/buffer.h>
#include <quotary/status.h>

typedef struct qy_file_map {
  qy_view view;      /* the whole file; empty for an empty one */
  int fd;            /* of what is mapped, else -1 */
  struct stat found; /* what the file was when it was mapped */
  qy_buffer copy;    /* holds what is no regular file: standard input, a pipe */
} qy_file_map;

/* "-" is standard input. QY_ERR_LIMIT when there is more than `limit`, before anything is mapped or read on;
 * QY_ERR_NOT_FOUND, QY_ERR_DENIED, QY_ERR_IO, QY_ERR_MEMORY. On failure the map is empty, and may be closed. */
qy_status qy_file_map_open(qy_file_map *map, const char *path, size_t limit, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_IO when the file that was mapped has been written to or cut short since. */
qy_status qy_file_map_check(const qy_file_map *map, const char *path, qy_error *why) QY_MUST_CHECK;
/* Safe on one that is closed, or all zeros but for an fd of -1. */
void qy_file_map_close(qy_file_map *map);
#define QY_SCOPED_FILE_MAP(name) __attribute__((cleanup(qy_file_map_close))) qy_file_map name = {.fd = -1}

#endif
