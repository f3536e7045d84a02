/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back from a call: a status, the sentence that belongs to it, the checks that were made, a payload.
 * Bytes (little-endian): u16 status, u8 size of the message, message; u16 count of checks, u32 dropped checks; per check
 * u8 size of its name, name, u8 outcome, u8 size and text of what was expected, u8 size and text of what was found; the
 * rest is the payload. Checks travel by name. */
#ifndef QY_ENCLAVE_ANSWER_H
#define QY_ENCLAVE_ANSWER_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/status.h>

/* The most that an answer takes besides its payload. */
#define QY_ANSWER_MAX_OVERHEAD 65536u

typedef struct qy_answer {
  qy_status status;
  char message[256];
  qy_view payload; /* borrowed */
} qy_answer;

/* `why` may be NULL when `status` is QY_OK; `trace` may be NULL. */
void qy_answer_encode(qy_buffer *out, qy_status status, const qy_error *why, const qy_trace *trace, qy_view payload);
/* Adds the checks to `trace` (may be NULL; untouched on failure) with `origin` (static text): they are hearsay, so who
 * told them matters more than where the teller had them from. */
qy_status qy_answer_decode(qy_answer *out, qy_trace *trace, qy_view bytes, const char *origin,
                           qy_error *why) QY_MUST_CHECK;
/* The answer's status as the caller's own. */
qy_status qy_answer_settle(const qy_answer *answer, qy_error *why) QY_MUST_CHECK;

#endif
