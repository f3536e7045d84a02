/* SPDX-License-Identifier: Apache-2.0 */
/* The calling side of a channel: one frame out, one answer back. */
#ifndef QY_ENCLAVE_CALLER_H
#define QY_ENCLAVE_CALLER_H

#include <enclave/answer.h>
#include <enclave/channel.h>

typedef struct qy_channel_call {
  uint16_t kind;
  qy_view payload;
  int send_descriptor;    /* -1 for none */
  const char *origin;     /* static text: whose checks come back */
  size_t max_answer_size; /* of the payload that comes back */
} qy_channel_call;

/* Appends the answer's payload to `out` (may be NULL when none is expected: then one is QY_ERR_MALFORMED), its checks to
 * `trace` (may be NULL). `*descriptor` (may be NULL) is -1 or one that came with the answer. A failure on the other
 * side comes back as its status and message; so does QY_ERR_IO when the other side is gone. After QY_ERR_IO,
 * QY_ERR_TIMEOUT, QY_ERR_LIMIT, QY_ERR_TRUNCATED or QY_ERR_MALFORMED of the channel's own the channel is of no use:
 * `*broken` (may be NULL) says so. */
qy_status qy_channel_ask(const qy_channel *channel, const qy_channel_call *call, qy_buffer *out, int *descriptor,
                         qy_trace *trace, bool *broken, qy_error *why) QY_MUST_CHECK;

#endif
