/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/group.h>
#include <registry/layout.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <base/encoding.h>
#include <base/file.h>

qy_status qy_registry_path(char *out, size_t size, const char *folder, const char *part, const char *name,
                           qy_error *why)
{
  const int wanted = snprintf(out, size, "%s/%s/%s", folder, part, name);
  if (wanted < 0 || (size_t)wanted >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: the path is too long", folder);
  }
  return QY_OK;
}

qy_status qy_group_path(char *out, size_t size, const char *folder, uint32_t gid, const char *name, qy_error *why)
{
  const int wanted = snprintf(out, size, "%s/" QY_DIR_PUBLIC "/" QY_DIR_GROUPS "/%08x%s%s", folder, gid,
                              name == NULL ? "" : "/", name == NULL ? "" : name);
  if (wanted < 0 || (size_t)wanted >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: the path is too long", folder);
  }
  return QY_OK;
}

static int compare_gids(const void *a, const void *b)
{
  const uint32_t left = *(const uint32_t *)a;
  const uint32_t right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static void close_folder(DIR **folder)
{
  if (*folder != NULL) {
    (void)closedir(*folder);
  }
}

qy_status qy_groups_list(uint32_t *gids, size_t capacity, size_t *count, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_DIR_GROUPS, why));
  *count = 0;
  __attribute__((cleanup(close_folder))) DIR *groups = opendir(path);
  if (groups == NULL) {
    return qy_fail(why, errno == ENOENT ? QY_ERR_NOT_FOUND : QY_ERR_IO, "cannot open %s: %m", path);
  }
  for (const struct dirent *entry = readdir(groups); entry != NULL; entry = readdir(groups)) {
    uint8_t bytes[4];
    if (qy_hex_decode(bytes, sizeof bytes, qy_view_text(entry->d_name), "group", NULL) != QY_OK) {
      continue;
    }
    const uint32_t gid = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    QY_TRY(qy_group_path(path, sizeof path, folder, gid, QY_FILE_GROUP_KEY, why));
    if (!qy_file_exists(path)) { /* half made */
      continue;
    }
    if (*count == capacity) {
      return qy_fail(why, QY_ERR_LIMIT, "%s: more than %zu groups", folder, capacity);
    }
    gids[(*count)++] = gid;
  }
  if (*count > 1) {
    qsort(gids, *count, sizeof gids[0], compare_gids);
  }
  return QY_OK;
}

qy_file_mark qy_file_mark_of(const char *path)
{
  struct stat found;
  if (stat(path, &found) != 0) {
    return (qy_file_mark){0};
  }
  return (qy_file_mark){
      .device = (uint64_t)found.st_dev,
      .inode = (uint64_t)found.st_ino,
      .size = (int64_t)found.st_size,
      .changed_ns = (int64_t)found.st_ctim.tv_sec * 1000000000 + found.st_ctim.tv_nsec,
  };
}

bool qy_file_mark_equal(const qy_file_mark *a, const qy_file_mark *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size && a->changed_ns == b->changed_ns;
}
