/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/channel.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <base/cursor.h>
#include <base/file.h>

typedef union control_space {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int))];
} control_space;

static int64_t deadline_after(int timeout_ms)
{
  return timeout_ms < 0 ? -1 : qy_clock_steady_ms() + timeout_ms;
}

static qy_status fail_io(qy_error *why, const char *what)
{
  return qy_fail(why, QY_ERR_IO, "local channel: %s: %s", what, strerror(errno));
}

static qy_status wait_until(int socket, short events, int64_t deadline_ms, qy_error *why)
{
  for (;;) {
    int64_t left = -1;
    if (deadline_ms >= 0) {
      left = deadline_ms - qy_clock_steady_ms();
      left = left < 0 ? 0 : left;
    }
    struct pollfd waiting = {.fd = socket, .events = events};
    const int ready = poll(&waiting, 1, (int)left);
    if (ready > 0) {
      return QY_OK;
    }
    if (ready == 0) {
      return qy_fail(why, QY_ERR_TIMEOUT, "local channel: the other side does not answer");
    }
    if (errno != EINTR) {
      return fail_io(why, "cannot wait");
    }
  }
}

static void attach(struct msghdr *message, control_space *space, int descriptor)
{
  *space = (control_space){0};
  message->msg_control = space->bytes;
  message->msg_controllen = sizeof(space->bytes);
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(control), &descriptor, sizeof(descriptor));
}

/* Moves the vector on by what was sent. */
static void advance(struct iovec parts[2], size_t sent)
{
  for (size_t i = 0; i < 2; i++) {
    const size_t part = sent < parts[i].iov_len ? sent : parts[i].iov_len;
    parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
    parts[i].iov_len -= part;
    sent -= part;
  }
}

qy_status qy_channel_send(const qy_channel *channel, uint16_t kind, qy_view payload, int descriptor, qy_error *why)
{
  uint8_t header[QY_FRAME_HEADER_SIZE];
  static uint8_t nothing[1];
  if (payload.size > UINT32_MAX) {
    return qy_fail(why, QY_ERR_LIMIT, "local channel: frame of %zu bytes", payload.size);
  }
  qy_writer writer = qy_writer_over(header, sizeof(header));
  qy_write_u32le(&writer, (uint32_t)payload.size);
  qy_write_u16le(&writer, kind);
  qy_write_u16le(&writer, 0);
  QY_TRY(qy_write_finish(&writer, NULL, "frame header", why));
  struct iovec parts[2] = {{header, sizeof(header)},
                           {payload.size == 0 ? nothing : (void *)(uintptr_t)payload.bytes, payload.size}};
  control_space space;
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  if (descriptor >= 0) {
    attach(&message, &space, descriptor);
  }
  const int64_t deadline = deadline_after(channel->timeout_ms);
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    const ssize_t sent = sendmsg(channel->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      message.msg_control = NULL; /* it went with the first byte */
      message.msg_controllen = 0;
      advance(parts, (size_t)sent);
    } else if (errno == EAGAIN) {
      QY_TRY(wait_until(channel->socket, POLLOUT, deadline, why));
    } else if (errno != EINTR) {
      return fail_io(why, "cannot send");
    }
  }
  return QY_OK;
}

/* The first descriptor that came; any other is closed. */
static int take_descriptor(struct msghdr *message)
{
  int first = -1;
  for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL; control = CMSG_NXTHDR(message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int descriptor = -1;
      memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      if (first < 0) {
        first = descriptor;
      } else {
        (void)close(descriptor);
      }
    }
  }
  return first;
}

/* Reads up to `size` bytes. Gives 0 at the end of the stream. `descriptor` (may be NULL) takes one that came along. */
static qy_status read_some(const qy_channel *channel, uint8_t *bytes, size_t size, size_t *got, int *descriptor,
                           int64_t deadline_ms, qy_error *why)
{
  for (;;) {
    control_space space;
    struct iovec part = {bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor != NULL && *descriptor < 0) {
      message.msg_control = space.bytes;
      message.msg_controllen = sizeof(space.bytes);
    }
    const ssize_t result = recvmsg(channel->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (result >= 0) {
      if (descriptor != NULL && message.msg_controllen > 0) {
        *descriptor = take_descriptor(&message);
      }
      *got = (size_t)result;
      return QY_OK;
    }
    if (errno == EAGAIN) {
      QY_TRY(wait_until(channel->socket, POLLIN, deadline_ms, why));
    } else if (errno == ECONNRESET) {
      *got = 0;
      return QY_OK;
    } else if (errno != EINTR) {
      return fail_io(why, "cannot receive");
    }
  }
}

static qy_status read_all(const qy_channel *channel, uint8_t *bytes, size_t size, int64_t deadline_ms, qy_error *why)
{
  for (size_t at = 0; at < size;) {
    size_t got = 0;
    QY_TRY(read_some(channel, bytes + at, size - at, &got, NULL, deadline_ms, why));
    if (got == 0) {
      return qy_fail(why, QY_ERR_TRUNCATED, "local channel: closed inside a frame, %zu bytes before its end",
                     size - at);
    }
    at += got;
  }
  return QY_OK;
}

static qy_status receive(const qy_channel *channel, qy_frame *out, qy_buffer *payload, qy_error *why)
{
  uint8_t header[QY_FRAME_HEADER_SIZE];
  size_t got = 0;
  QY_TRY(read_some(channel, header, sizeof(header), &got, channel->takes_descriptor ? &out->descriptor : NULL,
                   deadline_after(channel->patience_ms), why));
  if (got == 0) {
    out->closed = true;
    return QY_OK;
  }
  const int64_t deadline = deadline_after(channel->timeout_ms);
  QY_TRY(read_all(channel, header + got, sizeof(header) - got, deadline, why));
  qy_reader in = qy_reader_over(QY_VIEW_OF(header));
  const uint32_t size = qy_read_u32le(&in, "size");
  out->kind = qy_read_u16le(&in, "kind");
  qy_read_zeros(&in, 2, "reserved");
  QY_TRY(qy_read_finish(&in, "frame header", why));
  uint8_t *where = qy_buffer_extend(payload, size);
  QY_TRY(qy_buffer_finish(payload, "frame", why));
  return read_all(channel, where, size, deadline, why);
}

qy_status qy_channel_receive(const qy_channel *channel, qy_frame *out, qy_buffer *payload, qy_error *why)
{
  *out = (qy_frame){.descriptor = -1};
  const qy_status status = receive(channel, out, payload, why);
  if ((status != QY_OK || out->closed) && out->descriptor >= 0) {
    (void)close(out->descriptor);
    out->descriptor = -1;
  }
  return status;
}
