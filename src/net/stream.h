/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over local stream sockets: a little-endian 32-bit size, then that many bytes. For the platform service
 * (a Unix socket) and for a simulated enclave's talk with its processor (a socket pair). Blocking, with a deadline
 * over the whole call; interrupted calls go on; a closed peer is a status, never SIGPIPE. */
#ifndef QY_NET_STREAM_H
#define QY_NET_STREAM_H

#include <sys/types.h>

#include <base/buffer.h>
#include <quotary/status.h>

#define QY_NO_TIMEOUT (-1) /* milliseconds */

/* A file descriptor that is closed at the end of its scope; -1 is none. */
void qy_fd_close(int *fd);
#define QY_SCOPED_FD(name) __attribute__((cleanup(qy_fd_close))) int name = -1

/* QY_ERR_TIMEOUT; QY_ERR_PEER when the other side is gone; QY_ERR_LIMIT beyond 2^32 - 1 bytes. */
qy_status qy_frame_send(int fd, qy_view payload, int timeout_ms, qy_error *why) QY_MUST_CHECK;
/* Appends one payload to `out`. QY_ERR_NOT_FOUND when the stream ended between two frames, QY_ERR_TRUNCATED when it
 * ended inside one, QY_ERR_LIMIT when the frame is larger than `max_size` (nothing of it is read; the stream is of no
 * use after that, nor after a time-out). Memory grows with what arrives, not with what the size promises. */
qy_status qy_frame_receive(qy_buffer *out, int fd, size_t max_size, int timeout_ms, qy_error *why) QY_MUST_CHECK;

/* A listening socket at `path`, mode 0600. A socket that a dead process left there is replaced; a live one gives
 * QY_ERR_BUSY, anything else QY_ERR_EXISTS. Whoever is done unlinks the path. */
qy_status qy_unix_listen(int *fd, const char *path, qy_error *why) QY_MUST_CHECK;
qy_status qy_unix_accept(int *fd, int listener, int timeout_ms, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_NOT_FOUND when nobody listens there. */
qy_status qy_unix_connect(int *fd, const char *path, qy_error *why) QY_MUST_CHECK;
/* Two connected ends, both close-on-exec. */
qy_status qy_unix_pair(int ends[2], qy_error *why) QY_MUST_CHECK;

/* Who was at the other end when it connected, as the kernel says. */
typedef struct qy_unix_peer {
  pid_t pid;
  uid_t uid;
  gid_t gid;
} qy_unix_peer;
qy_status qy_unix_peer_of(qy_unix_peer *out, int fd, qy_error *why) QY_MUST_CHECK;

#endif
