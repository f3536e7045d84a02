/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/control.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union control_space {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int))];
} control_space;

qy_status qy_packet_send(int socket, qy_view packet, int descriptor, qy_error *why)
{
  control_space space = {0};
  struct iovec part = {(void *)(uintptr_t)packet.bytes, packet.size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = space.bytes;
    message.msg_controllen = sizeof(space.bytes);
    struct cmsghdr *control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(control), &descriptor, sizeof(descriptor));
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)packet.size ? QY_OK
                                      : qy_fail(why, QY_ERR_IO, "control socket: cannot send: %s", strerror(errno));
}

/* At most one descriptor is kept: room is only for one, or with padding two. */
static int take_descriptor(struct msghdr *message)
{
  int kept = -1;
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  if (control == NULL || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
    return kept;
  }
  for (size_t at = 0; at + sizeof(int) <= control->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
    int descriptor = -1;
    memcpy(&descriptor, CMSG_DATA(control) + at, sizeof(descriptor));
    if (kept < 0) {
      kept = descriptor;
    } else {
      (void)close(descriptor);
    }
  }
  return kept;
}

qy_status qy_packet_receive(int socket, uint8_t *bytes, size_t size, size_t *got, int *descriptor, qy_error *why)
{
  control_space space = {0};
  struct iovec part = {bytes, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof(space.bytes)};
  ssize_t result;
  *got = 0;
  *descriptor = -1;
  do {
    result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  if (result < 0 && errno != ECONNRESET) {
    return qy_fail(why, QY_ERR_IO, "control socket: cannot receive: %s", strerror(errno));
  }
  *got = result < 0 ? 0 : (size_t)result;
  *descriptor = result < 0 ? -1 : take_descriptor(&message);
  return QY_OK;
}
