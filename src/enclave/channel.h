/* SPDX-License-Identifier: Apache-2.0 */
/* Frames over a local stream socket: calls into an enclave, and requests to the platform service. On the wire: u32
 * payload size, u16 kind, u16 zero (little-endian), then the payload. A descriptor may travel with the first byte.
 * Each side copies a frame in whole before it looks at it. */
#ifndef QY_ENCLAVE_CHANNEL_H
#define QY_ENCLAVE_CHANNEL_H

#include <base/buffer.h>
#include <quotary/status.h>

#define QY_FRAME_HEADER_SIZE 8

typedef struct qy_channel {
  int socket;
  int timeout_ms;        /* for a whole frame once its first byte is there, and for sending one; -1 waits for ever */
  int patience_ms;       /* for the first byte of a frame; -1 waits for ever */
  bool takes_descriptor; /* otherwise one that is sent is dropped by the kernel */
} qy_channel;

typedef struct qy_frame {
  bool closed; /* the other side ended the conversation between two frames; the rest is then empty */
  uint16_t kind;
  int descriptor; /* -1 when none came; the receiver's to close */
} qy_frame;

/* `descriptor` is -1 or one to send along. QY_ERR_IO when the other side is gone; never a signal. */
qy_status qy_channel_send(const qy_channel *channel, uint16_t kind, qy_view payload, int descriptor,
                          qy_error *why) QY_MUST_CHECK;
/* Appends the payload to `payload`, whose limit bounds it (QY_ERR_LIMIT: the stream is then useless). */
qy_status qy_channel_receive(const qy_channel *channel, qy_frame *out, qy_buffer *payload, qy_error *why) QY_MUST_CHECK;

#endif
