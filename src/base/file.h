/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded reads, writes that are whole or absent, state directories. */
#ifndef QY_BASE_FILE_H
#define QY_BASE_FILE_H

#include <base/buffer.h>
#include <quotary/status.h>

/* Appends the file to `out`, whose limit bounds it. "-" is standard input. */
qy_status qy_file_read(qy_buffer *out, const char *path, qy_error *why) QY_MUST_CHECK;
/* Writes a temporary file beside `path`, syncs it and renames it over `path`, then syncs the folder: after a crash
 * there is the old file or the new one. Mode 0600 when `secret`, else 0644. */
qy_status qy_file_write(const char *path, qy_view bytes, bool secret, qy_error *why) QY_MUST_CHECK;
/* The same, but QY_ERR_EXISTS if `path` is there. Where a file system has no hard links, a crash may leave a part. */
qy_status qy_file_create(const char *path, qy_view bytes, bool secret, qy_error *why) QY_MUST_CHECK;
bool qy_file_exists(const char *path);
/* Refuses (QY_ERR_DENIED) a file that group or others may read. */
qy_status qy_file_check_private(const char *path, qy_error *why) QY_MUST_CHECK;
/* Makes the folder and its parents, mode 0700; fine if it is there. */
qy_status qy_folder_make(const char *path, qy_error *why) QY_MUST_CHECK;
/* "folder/name" into `out`; QY_ERR_LIMIT when longer than `size`. */
qy_status qy_path_join(char *out, size_t size, const char *folder, const char *name, qy_error *why) QY_MUST_CHECK;
#define QY_PATH_SIZE 4096
/* Takes an exclusive lock that ends with the process; QY_ERR_BUSY if another holds it. `*fd` is to be closed. */
qy_status qy_file_lock(int *fd, const char *path, qy_error *why) QY_MUST_CHECK;

/* "doing path: the reason" as errno has it, and the status that it stands for. */
qy_status qy_file_fail(qy_error *why, const char *doing, const char *path);

/* The wall clock, seconds since 1970; and a clock that never steps, in milliseconds. Services and programs only. */
int64_t qy_clock_now_s(void);
int64_t qy_clock_steady_ms(void);

#endif
