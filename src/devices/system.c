/* SPDX-License-Identifier: Apache-2.0 */
/* The system's own calls. */
#include <devices/device.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int system_open(void *context, const char *path, int flags)
{
  (void)context;
  return open(path, flags);
}

static ssize_t system_read(void *context, int fd, void *bytes, size_t size)
{
  (void)context;
  return read(fd, bytes, size);
}

static ssize_t system_write(void *context, int fd, const void *bytes, size_t size)
{
  (void)context;
  return write(fd, bytes, size);
}

static int system_close(void *context, int fd)
{
  (void)context;
  return close(fd);
}

static int system_mkdir(void *context, const char *path)
{
  (void)context;
  return mkdir(path, 0700);
}

static int system_rmdir(void *context, const char *path)
{
  (void)context;
  return rmdir(path);
}

const qy_device_calls *qy_device_calls_system(void)
{
  static const qy_device_calls calls = {.open = system_open,
                                        .read = system_read,
                                        .write = system_write,
                                        .close = system_close,
                                        .mkdir = system_mkdir,
                                        .rmdir = system_rmdir};
  return &calls;
}
