/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what auditors get. One folder an appraisal below reports/, named by time and session, with the
 * evidence as it came, what was asked, and the verdict. The oldest make room. */
#ifndef QY_BROKER_ARCHIVE_H
#define QY_BROKER_ARCHIVE_H

#include <base/buffer.h>
#include <broker/layout.h>

typedef struct qy_archive qy_archive;

qy_status qy_archive_open(qy_archive **out, const char *folder, unsigned most, qy_error *why) QY_MUST_CHECK;
void qy_archive_close(qy_archive **archive);

typedef struct qy_archive_file {
  const char *name;
  qy_view bytes;
} qy_archive_file;
/* `at_s`: the time of the verdict. For any number of threads. */
qy_status qy_archive_keep(qy_archive *archive, const char *session_id, int64_t at_s, const qy_archive_file *files,
                          size_t count, qy_error *why) QY_MUST_CHECK;

#endif
