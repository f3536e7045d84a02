/* SPDX-License-Identifier: Apache-2.0 */
#include <base/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
  if (*fd > 2) {
    (void)close(*fd);
  }
}
#define SCOPED_FD __attribute__((cleanup(close_fd))) int

qy_status qy_file_fail(qy_error *why, const char *doing, const char *path)
{
  const int cause = errno;
  const qy_status status = cause == ENOENT                     ? QY_ERR_NOT_FOUND
                           : cause == EEXIST                   ? QY_ERR_EXISTS
                           : cause == EACCES || cause == EPERM ? QY_ERR_DENIED
                           : cause == ENOMEM                   ? QY_ERR_MEMORY
                                                               : QY_ERR_IO;
  char text[96];
  return qy_fail(why, status, "%s %s: %s", doing, path, strerror_r(cause, text, sizeof(text)));
}

qy_status qy_file_read(qy_buffer *out, const char *path, qy_error *why)
{
  SCOPED_FD fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return qy_file_fail(why, "cannot open", path);
  }
  for (;;) {
    uint8_t block[16384];
    const ssize_t got = read(fd, block, sizeof(block));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return qy_file_fail(why, "cannot read", path);
    }
    if (got == 0) {
      return QY_OK;
    }
    qy_buffer_append(out, block, (size_t)got);
    explicit_bzero(block, (size_t)got);
    QY_TRY(qy_buffer_finish(out, path, why));
  }
}

static qy_status write_all(int fd, qy_view bytes, const char *path, qy_error *why)
{
  size_t done = 0;
  while (done < bytes.size) {
    const ssize_t put = write(fd, bytes.bytes + done, bytes.size - done);
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return qy_file_fail(why, "cannot write", path);
    }
    done += (size_t)put;
  }
  return fsync(fd) == 0 ? QY_OK : qy_file_fail(why, "cannot sync", path);
}

static qy_status sync_folder_of(const char *path, qy_error *why)
{
  char folder[QY_PATH_SIZE];
  const char *slash = strrchr(path, '/');
  const int length = slash == NULL ? 1 : (int)(slash - path) + 1;
  (void)snprintf(folder, sizeof(folder), "%.*s", length, slash == NULL ? "." : path);
  SCOPED_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) != 0) {
    return qy_file_fail(why, "cannot sync", folder);
  }
  return QY_OK;
}

/* Where there are no hard links (FAT; Gramine): not whole after a crash, but never over what is there. */
static qy_status write_in_place(const char *path, qy_view bytes, bool secret, qy_error *why)
{
  SCOPED_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  if (fd < 0) {
    return qy_file_fail(why, "cannot create", path);
  }
  const qy_status status = write_all(fd, bytes, path, why);
  if (status != QY_OK) {
    (void)unlink(path);
  }
  return status;
}

/* Gives the file its name, unless that is taken. */
static qy_status name_file(const char *temporary, const char *path, qy_view bytes, bool secret, qy_error *why)
{
  if (link(temporary, path) == 0) {
    return QY_OK;
  }
  const bool no_links = errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP;
  return no_links ? write_in_place(path, bytes, secret, why) : qy_file_fail(why, "cannot create", path);
}

static qy_status write_new(const char *path, qy_view bytes, bool secret, bool replace, qy_error *why)
{
  char temporary[QY_PATH_SIZE];
  static unsigned counter; /* two threads may write the same name; the pid alone would clash */
  const int length = snprintf(temporary, sizeof(temporary), "%s.%d.%u.new", path, (int)getpid(),
                              __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED));
  if (length < 0 || (size_t)length >= sizeof(temporary)) {
    return qy_fail(why, QY_ERR_LIMIT, "path too long: %s", path);
  }
  qy_status status;
  {
    SCOPED_FD fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
    if (fd < 0) {
      return qy_file_fail(why, "cannot create", temporary);
    }
    status = write_all(fd, bytes, temporary, why);
  }
  if (status == QY_OK && replace && rename(temporary, path) != 0) {
    status = qy_file_fail(why, "cannot replace", path);
  } else if (status == QY_OK && !replace) {
    status = name_file(temporary, path, bytes, secret, why);
  }
  if (status != QY_OK || !replace) {
    (void)unlink(temporary);
  }
  return status == QY_OK ? sync_folder_of(path, why) : status;
}

qy_status qy_file_write(const char *path, qy_view bytes, bool secret, qy_error *why)
{
  return write_new(path, bytes, secret, true, why);
}

qy_status qy_file_create(const char *path, qy_view bytes, bool secret, qy_error *why)
{
  return write_new(path, bytes, secret, false, why);
}

bool qy_file_exists(const char *path)
{
  return access(path, F_OK) == 0;
}

qy_status qy_file_check_private(const char *path, qy_error *why)
{
  struct stat info;
  if (stat(path, &info) != 0) {
    return qy_file_fail(why, "cannot look at", path);
  }
  if ((info.st_mode & 077) != 0) {
    return qy_fail(why, QY_ERR_DENIED, "%s may be read by others (mode %03o); make it 0600", path,
                   (unsigned)(info.st_mode & 0777));
  }
  return QY_OK;
}

qy_status qy_folder_make(const char *path, qy_error *why)
{
  char part[QY_PATH_SIZE];
  const size_t length = strlen(path);
  if (length == 0 || length >= sizeof(part)) {
    return qy_fail(why, QY_ERR_LIMIT, "path of %zu characters", length);
  }
  memcpy(part, path, length + 1);
  for (size_t i = 1; i <= length; i++) {
    if (part[i] != '/' && part[i] != '\0') {
      continue;
    }
    const char kept = part[i];
    part[i] = '\0';
    if (mkdir(part, 0700) != 0 && errno != EEXIST) {
      return qy_file_fail(why, "cannot make folder", part);
    }
    part[i] = kept;
  }
  struct stat info;
  if (stat(path, &info) != 0) {
    return qy_file_fail(why, "cannot look at", path);
  }
  return S_ISDIR(info.st_mode) ? QY_OK : qy_fail(why, QY_ERR_EXISTS, "%s is not a folder", path);
}

qy_status qy_path_join(char *out, size_t size, const char *folder, const char *name, qy_error *why)
{
  const int length = snprintf(out, size, "%s/%s", folder, name);
  if (length < 0 || (size_t)length >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "path too long: %s/%s", folder, name);
  }
  return QY_OK;
}

qy_status qy_file_lock(int *fd, const char *path, qy_error *why)
{
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (*fd < 0) {
    return qy_file_fail(why, "cannot open", path);
  }
  if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK;
    (void)close(*fd);
    *fd = -1;
    return held ? qy_fail(why, QY_ERR_BUSY, "%s is held by another process", path)
                : qy_file_fail(why, "cannot lock", path);
  }
  return QY_OK;
}

int64_t qy_clock_now_s(void)
{
  return (int64_t)time(NULL);
}

int64_t qy_clock_steady_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
