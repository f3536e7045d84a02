/* SPDX-License-Identifier: Apache-2.0 */
#include <base/file_map.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <base/file.h>

static qy_status map_whole(qy_file_map *map, const char *path, qy_error *why)
{
  const size_t size = (size_t)map->found.st_size;
  if (size == 0) { /* which mmap refuses */
    return QY_OK;
  }
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, map->fd, 0);
  if (bytes == MAP_FAILED) {
    return qy_file_fail(why, "cannot map", path);
  }
  /* lists are read from front to back: what lies ahead may be fetched */
  (void)madvise(bytes, size, MADV_SEQUENTIAL);
  map->view = qy_view_over(bytes, size);
  return QY_OK;
}

static qy_status map_file(qy_file_map *map, const char *path, size_t limit, qy_error *why)
{
  map->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* should a pipe have taken its place, do not wait */
  if (map->fd < 0 || fstat(map->fd, &map->found) != 0) {
    return qy_file_fail(why, "cannot open", path);
  }
  if (!S_ISREG(map->found.st_mode)) {
    return qy_fail(why, QY_ERR_IO, "%s changed while it was opened", path);
  }
  if ((uintmax_t)map->found.st_size > limit) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: %jd bytes are beyond the limit of %zu", path, (intmax_t)map->found.st_size,
                   limit);
  }
  return map_whole(map, path, why);
}

static qy_status read_stream(qy_file_map *map, const char *path, qy_error *why)
{
  QY_TRY(qy_file_read(&map->copy, path, why));
  map->view = qy_buffer_view(&map->copy);
  return QY_OK;
}

static bool is_regular(const char *path)
{
  struct stat info;
  return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

qy_status qy_file_map_open(qy_file_map *map, const char *path, size_t limit, qy_error *why)
{
  *map = (qy_file_map){.fd = -1};
  qy_buffer_init(&map->copy, limit);
  const qy_status status = is_regular(path) ? map_file(map, path, limit, why) : read_stream(map, path, why);
  if (status != QY_OK) {
    qy_file_map_close(map);
  }
  return status;
}

qy_status qy_file_map_check(const qy_file_map *map, const char *path, qy_error *why)
{
  struct stat now;
  if (map->fd < 0) {
    return QY_OK;
  }
  if (fstat(map->fd, &now) != 0) {
    return qy_file_fail(why, "cannot look at", path);
  }
  if (now.st_size != map->found.st_size || now.st_mtim.tv_sec != map->found.st_mtim.tv_sec ||
      now.st_mtim.tv_nsec != map->found.st_mtim.tv_nsec) {
    return qy_fail(why, QY_ERR_IO, "%s was written to while it was in use", path);
  }
  return QY_OK;
}

void qy_file_map_close(qy_file_map *map)
{
  if (map->fd >= 0) {
    if (map->view.size > 0) {
      (void)munmap((void *)(uintptr_t)map->view.bytes, map->view.size);
    }
    (void)close(map->fd);
  }
  qy_buffer_clear(&map->copy);
  *map = (qy_file_map){.fd = -1};
}
