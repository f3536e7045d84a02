/* SPDX-License-Identifier: Apache-2.0 */
#include <net/stream.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <base/file.h>

#define PREFIX_SIZE 4
#define STEP_SIZE ((size_t)65536) /* how far memory runs ahead of what has arrived */
#define BACKLOG 64

void qy_fd_close(int *fd)
{
  if (*fd >= 0) {
    (void)close(*fd);
    *fd = -1;
  }
}

static qy_status fail_errno(qy_error *why, qy_status status, const char *doing)
{
  char text[96];
  return qy_fail(why, status, "%s: %s", doing, strerror_r(errno, text, sizeof(text)));
}

/* ---- Waiting ---- */

static int64_t deadline_of(int timeout_ms)
{
  return timeout_ms < 0 ? -1 : qy_clock_steady_ms() + timeout_ms;
}

static qy_status wait_for(int fd, short events, int64_t deadline_ms, const char *doing, qy_error *why)
{
  for (;;) {
    int left_ms = -1;
    if (deadline_ms >= 0) {
      const int64_t left = deadline_ms - qy_clock_steady_ms();
      left_ms = left <= 0 ? 0 : left > 1 << 30 ? 1 << 30 : (int)left;
    }
    struct pollfd one = {.fd = fd, .events = events};
    const int ready = poll(&one, 1, left_ms);
    if (ready > 0) {
      return QY_OK; /* also on a hang-up: the call itself then tells what is the matter */
    }
    if (ready == 0) {
      return qy_fail(why, QY_ERR_TIMEOUT, "%s: it took too long", doing);
    }
    if (errno != EINTR) {
      return fail_errno(why, QY_ERR_IO, doing);
    }
  }
}

static bool would_block(void)
{
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* ---- Frames ---- */

static qy_status send_all(int fd, qy_view bytes, int64_t deadline_ms, qy_error *why)
{
  static const char doing[] = "sending a frame";
  for (size_t done = 0; done < bytes.size;) {
    const ssize_t put = send(fd, bytes.bytes + done, bytes.size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0) {
      done += (size_t)put;
    } else if (would_block()) {
      QY_TRY(wait_for(fd, POLLOUT, deadline_ms, doing, why));
    } else if (errno != EINTR) {
      return fail_errno(why, errno == EPIPE || errno == ECONNRESET ? QY_ERR_PEER : QY_ERR_IO, doing);
    }
  }
  return QY_OK;
}

qy_status qy_frame_send(int fd, qy_view payload, int timeout_ms, qy_error *why)
{
  const int64_t deadline_ms = deadline_of(timeout_ms);
  if (payload.size > UINT32_MAX) {
    return qy_fail(why, QY_ERR_LIMIT, "sending a frame: %zu bytes do not fit into one", payload.size);
  }
  const uint8_t prefix[PREFIX_SIZE] = {(uint8_t)payload.size, (uint8_t)(payload.size >> 8),
                                       (uint8_t)(payload.size >> 16), (uint8_t)(payload.size >> 24)};
  QY_TRY(send_all(fd, QY_VIEW_OF(prefix), deadline_ms, why));
  return send_all(fd, payload, deadline_ms, why);
}

/* `*got` says how much came before a failure; QY_ERR_PEER is the end of the stream. */
static qy_status receive_all(uint8_t *out, size_t size, size_t *got, int fd, int64_t deadline_ms, qy_error *why)
{
  static const char doing[] = "receiving a frame";
  *got = 0;
  while (*got < size) {
    const ssize_t part = recv(fd, out + *got, size - *got, MSG_DONTWAIT);
    if (part > 0) {
      *got += (size_t)part;
    } else if (part == 0 || errno == ECONNRESET) {
      return qy_fail(why, QY_ERR_PEER, "%s: the other side has closed", doing);
    } else if (would_block()) {
      QY_TRY(wait_for(fd, POLLIN, deadline_ms, doing, why));
    } else if (errno != EINTR) {
      return fail_errno(why, QY_ERR_IO, doing);
    }
  }
  return QY_OK;
}

static qy_status receive_size(size_t *size, int fd, size_t max_size, int64_t deadline_ms, qy_error *why)
{
  uint8_t prefix[PREFIX_SIZE] = {0};
  size_t got = 0;
  const qy_status status = receive_all(prefix, sizeof(prefix), &got, fd, deadline_ms, why);
  if (status == QY_ERR_PEER) {
    return qy_fail(why, got == 0 ? QY_ERR_NOT_FOUND : QY_ERR_TRUNCATED,
                   "receiving a frame: the other side has closed%s", got == 0 ? "" : " inside a size");
  }
  QY_TRY(status);
  *size = (size_t)prefix[0] | (size_t)prefix[1] << 8 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 24;
  if (*size > max_size) {
    return qy_fail(why, QY_ERR_LIMIT, "receiving a frame: %zu bytes, at most %zu", *size, max_size);
  }
  return QY_OK;
}

qy_status qy_frame_receive(qy_buffer *out, int fd, size_t max_size, int timeout_ms, qy_error *why)
{
  const int64_t deadline_ms = deadline_of(timeout_ms);
  size_t size = 0;
  QY_TRY(receive_size(&size, fd, max_size, deadline_ms, why));
  for (size_t done = 0; done < size;) {
    const size_t part = size - done < STEP_SIZE ? size - done : STEP_SIZE;
    uint8_t *where = qy_buffer_extend(out, part);
    size_t got = 0;
    QY_TRY(qy_buffer_finish(out, "receiving a frame", why));
    const qy_status status = receive_all(where, part, &got, fd, deadline_ms, why);
    if (status != QY_OK) {
      out->size -= part - got;
    }
    if (status == QY_ERR_PEER) {
      return qy_fail(why, QY_ERR_TRUNCATED, "receiving a frame: the stream ended at byte %zu of %zu", done + got, size);
    }
    QY_TRY(status);
    done += part;
  }
  return QY_OK;
}

/* ---- Sockets ---- */

static qy_status new_socket(int *fd, struct sockaddr_un *address, const char *path, qy_error *why)
{
  *fd = -1;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (path[0] == '\0' || strlen(path) >= sizeof(address->sun_path)) {
    return qy_fail(why, QY_ERR_LIMIT, "socket path of %zu characters, from 1 to %zu", strlen(path),
                   sizeof(address->sun_path) - 1);
  }
  memcpy(address->sun_path, path, strlen(path));
  *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return *fd >= 0 ? QY_OK : fail_errno(why, QY_ERR_IO, "making a socket");
}

/* Removes a socket that nobody listens at any more. */
static qy_status clear_the_way(const char *path, qy_error *why)
{
  struct stat info;
  if (lstat(path, &info) != 0) {
    return errno == ENOENT ? QY_OK : fail_errno(why, QY_ERR_IO, path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s is there, and no socket", path);
  }
  QY_SCOPED_FD(fd);
  const qy_status status = qy_unix_connect(&fd, path, why);
  if (status == QY_OK) {
    return qy_fail(why, QY_ERR_BUSY, "%s: another process listens there", path);
  }
  if (status != QY_ERR_NOT_FOUND) {
    return status;
  }
  return unlink(path) == 0 || errno == ENOENT ? QY_OK : fail_errno(why, QY_ERR_IO, path);
}

qy_status qy_unix_listen(int *fd, const char *path, qy_error *why)
{
  struct sockaddr_un address;
  *fd = -1;
  QY_TRY(clear_the_way(path, why));
  QY_TRY(new_socket(fd, &address, path, why));
  /* Nobody can connect before listen(), so the mode is in place in time. */
  if (bind(*fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || chmod(path, 0600) != 0 ||
      listen(*fd, BACKLOG) != 0) {
    const qy_status status = fail_errno(why, errno == EADDRINUSE ? QY_ERR_BUSY : QY_ERR_IO, path);
    qy_fd_close(fd);
    return status;
  }
  return QY_OK;
}

qy_status qy_unix_accept(int *fd, int listener, int timeout_ms, qy_error *why)
{
  const int64_t deadline_ms = deadline_of(timeout_ms);
  *fd = -1;
  for (;;) {
    QY_TRY(wait_for(listener, POLLIN, deadline_ms, "waiting for a connection", why));
    *fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (*fd >= 0) {
      return QY_OK;
    }
    if (!would_block() && errno != EINTR && errno != ECONNABORTED) {
      return fail_errno(why, QY_ERR_IO, "accepting a connection");
    }
  }
}

qy_status qy_unix_connect(int *fd, const char *path, qy_error *why)
{
  struct sockaddr_un address;
  QY_TRY(new_socket(fd, &address, path, why));
  while (connect(*fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
    if (errno == EINTR) {
      continue;
    }
    const qy_status status = errno == ENOENT || errno == ECONNREFUSED ? QY_ERR_NOT_FOUND
                             : errno == EACCES                        ? QY_ERR_DENIED
                                                                      : QY_ERR_IO;
    (void)fail_errno(why, status, path);
    qy_fd_close(fd);
    return status;
  }
  return QY_OK;
}

qy_status qy_unix_pair(int ends[2], qy_error *why)
{
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    ends[0] = -1;
    ends[1] = -1;
    return fail_errno(why, QY_ERR_IO, "making a pair of sockets");
  }
  return QY_OK;
}

qy_status qy_unix_peer_of(qy_unix_peer *out, int fd, qy_error *why)
{
  struct ucred credentials;
  socklen_t size = sizeof(credentials);
  *out = (qy_unix_peer){.pid = -1, .uid = (uid_t)-1, .gid = (gid_t)-1};
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || size != sizeof(credentials)) {
    return fail_errno(why, QY_ERR_IO, "asking who is at the other end");
  }
  *out = (qy_unix_peer){.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
  return QY_OK;
}
