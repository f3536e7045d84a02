/* SPDX-License-Identifier: Apache-2.0 */
#include <devices/parts.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

const qy_device *const qy_devices[QY_DEVICE_COUNT] = {&qy_device_gramine, &qy_device_tsm};

const qy_device *qy_device_find(const char *name)
{
  for (size_t i = 0; i < QY_DEVICE_COUNT; i++) {
    if (strcmp(qy_devices[i]->name, name) == 0) {
      return qy_devices[i];
    }
  }
  return NULL;
}

static int open_in(int *fd, const qy_device_place *place, const char *name, int flags)
{
  char path[512];
  const int length = snprintf(path, sizeof(path), "%s/%s", place->folder, name);
  if (length < 0 || (size_t)length >= sizeof(path)) {
    return ENAMETOOLONG;
  }
  do {
    *fd = place->calls->open(place->calls->context, path, flags | O_CLOEXEC);
  } while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? errno : 0;
}

static int read_to_end(qy_buffer *out, const qy_device_calls *calls, int fd)
{
  for (;;) {
    uint8_t piece[4096];
    const ssize_t size = calls->read(calls->context, fd, piece, sizeof(piece));
    if (size == 0) {
      return 0;
    }
    if (size > 0) {
      qy_buffer_append(out, piece, (size_t)size);
    } else if (errno != EINTR) {
      return errno;
    }
    if (out->status != QY_OK) {
      return out->status == QY_ERR_MEMORY ? ENOMEM : EFBIG;
    }
  }
}

int qy_device_read(qy_buffer *out, const qy_device_place *place, const char *name)
{
  int fd = -1;
  int error = open_in(&fd, place, name, O_RDONLY);
  if (error == 0) {
    error = read_to_end(out, place->calls, fd);
    (void)place->calls->close(place->calls->context, fd);
  }
  return error;
}

int qy_device_write(const qy_device_place *place, const char *name, qy_view bytes)
{
  int fd = -1;
  int error = open_in(&fd, place, name, O_WRONLY);
  if (error != 0) {
    return error;
  }
  ssize_t written = 0;
  do {
    written = place->calls->write(place->calls->context, fd, bytes.bytes, bytes.size);
  } while (written < 0 && errno == EINTR);
  if (written < 0) {
    error = errno;
  } else if ((size_t)written != bytes.size) {
    error = EIO;
  }
  /* configfs gives a binary attribute to its device when the file is closed */
  if (place->calls->close(place->calls->context, fd) != 0 && error == 0) {
    error = errno;
  }
  return error;
}

int qy_device_read_text(char *out, size_t size, const qy_device_place *place, const char *name)
{
  QY_SCOPED_BUFFER(text, size - 1);
  const int error = qy_device_read(&text, place, name);
  out[0] = '\0';
  if (error != 0) {
    return error;
  }
  size_t length = text.size;
  while (length > 0 && (text.bytes[length - 1] == '\n' || text.bytes[length - 1] == ' ')) {
    length--;
  }
  if (length > 0) {
    memcpy(out, text.bytes, length);
  }
  out[length] = '\0';
  return 0;
}

static qy_status status_of(int error)
{
  switch (error) {
  case ENOENT:
  case ENOTDIR:
    return QY_ERR_NOT_FOUND;
  case EACCES:
  case EPERM:
    return QY_ERR_DENIED;
  case ENOMEM:
    return QY_ERR_MEMORY;
  case EFBIG:
  case ENAMETOOLONG:
    return QY_ERR_LIMIT;
  case EAGAIN:
  case EBUSY:
    return QY_ERR_BUSY;
  case ETIMEDOUT:
    return QY_ERR_TIMEOUT;
  default:
    return QY_ERR_IO;
  }
}

qy_status qy_device_fail(qy_error *why, int error, const char *doing, const qy_device_place *place, const char *name)
{
  char reason[96];
  return qy_fail(why, status_of(error), "%s %s%s%s: %s", doing, place->folder, name == NULL ? "" : "/",
                 name == NULL ? "" : name, strerror_r(error, reason, sizeof(reason)));
}
