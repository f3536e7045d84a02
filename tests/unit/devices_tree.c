/* SPDX-License-Identifier: Apache-2.0 */
#include "devices_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int refuse(int error)
{
  errno = error;
  return -1;
}

/* The name of a file in the tree, or NULL. */
static const char *name_in(const tree *t, const char *path)
{
  const char *folder = t->makes_folders ? t->folder : TREE_ROOT;
  const size_t length = strlen(folder);
  if (length == 0 || strncmp(path, folder, length) != 0 || path[length] != '/') {
    return NULL;
  }
  return path + length + 1;
}

static const tree_file *file_of(const tree *t, const char *name)
{
  for (size_t i = 0; i < 8 && t->files[i].name != NULL; i++) {
    if (strcmp(t->files[i].name, name) == 0) {
      return &t->files[i];
    }
  }
  return NULL;
}

static void fill_output(tree *t, int fd)
{
  if (t->output_empty) {
    return;
  }
  if (t->make != NULL) {
    QY_SCOPED_BUFFER(out, sizeof(t->open_files[fd].text));
    t->make(t->make_context, &out, t->report_data);
    memcpy(t->open_files[fd].text, out.bytes, out.size);
    t->open_files[fd].size = out.size;
    return;
  }
  if (t->output_size > 0) {
    memset(t->open_files[fd].text, 'q', t->output_size);
    t->open_files[fd].size = t->output_size;
    return;
  }
  memcpy(t->open_files[fd].text, "quote over ", 11);
  memcpy(t->open_files[fd].text + 11, t->report_data, sizeof(t->report_data));
  t->open_files[fd].size = 11 + sizeof(t->report_data);
}

static int open_reading(tree *t, int fd, const char *name)
{
  const tree_file *file = file_of(t, name);
  if (t->output != NULL && strcmp(name, t->output) == 0) {
    if (t->output_open_error != 0) {
      return refuse(t->output_open_error);
    }
    t->open_files[fd].read_error = t->output_read_error;
    fill_output(t, fd);
  } else if (t->makes_folders && strcmp(name, "generation") == 0) {
    t->generation_reads++;
    t->writes += t->other_writes_from != 0 && t->generation_reads >= t->other_writes_from;
    t->open_files[fd].size = (size_t)snprintf(t->open_files[fd].text, 16, "%u\n", t->writes);
  } else if (file == NULL || file->text == NULL) {
    return refuse(ENOENT);
  } else if (file->open_error != 0) {
    return refuse(file->open_error);
  } else {
    t->open_files[fd].read_error = file->read_error;
    t->open_files[fd].size = strlen(file->text);
    memcpy(t->open_files[fd].text, file->text, t->open_files[fd].size);
  }
  return fd;
}

static int tree_open(void *context, const char *path, int flags)
{
  tree *t = context;
  const char *name = name_in(t, path);
  int fd = 0;
  t->truncations += (flags & (O_TRUNC | O_APPEND)) != 0;
  while (fd < 4 && t->open_files[fd].used) {
    fd++;
  }
  if (fd == 4) {
    return refuse(EMFILE);
  }
  memset(&t->open_files[fd], 0, sizeof(t->open_files[fd]));
  if (strcmp(path, TREE_ROOT) == 0 && (flags & O_DIRECTORY) != 0) {
    t->open_files[fd].used = true;
    return fd;
  }
  if (name == NULL) {
    return refuse(ENOENT);
  }
  const bool writing = (flags & O_ACCMODE) == O_WRONLY;
  if (writing && (t->input == NULL || strcmp(name, t->input) != 0)) {
    return refuse(EACCES);
  }
  if (!writing && open_reading(t, fd, name) < 0) {
    return -1;
  }
  t->open_files[fd].writing = writing;
  t->open_files[fd].used = true;
  return fd;
}

static bool interrupted(tree *t)
{
  if (t->interruptions == 0) {
    return false;
  }
  t->interruptions--;
  errno = EINTR;
  return true;
}

static ssize_t tree_read(void *context, int fd, void *bytes, size_t size)
{
  tree *t = context;
  if (interrupted(t)) {
    return -1;
  }
  if (t->open_files[fd].read_error != 0) {
    return refuse(t->open_files[fd].read_error);
  }
  /* pseudo-files give what they like at a time */
  const size_t left = t->open_files[fd].size - t->open_files[fd].at;
  const size_t most = size < 1000 ? size : 1000;
  const size_t given = left < most ? left : most;
  memcpy(bytes, t->open_files[fd].text + t->open_files[fd].at, given);
  t->open_files[fd].at += given;
  return (ssize_t)given;
}

static ssize_t tree_write(void *context, int fd, const void *bytes, size_t size)
{
  tree *t = context;
  if (interrupted(t)) {
    return -1;
  }
  if (!t->open_files[fd].writing) {
    return refuse(EBADF);
  }
  /* each write is a whole new value: padded or cut */
  memset(t->report_data, 0, sizeof(t->report_data));
  memcpy(t->report_data, bytes, size < sizeof(t->report_data) ? size : sizeof(t->report_data));
  t->last_write_size = size;
  t->writes++;
  return (ssize_t)(t->written_at_most != 0 && t->written_at_most < size ? t->written_at_most : size);
}

static int tree_close(void *context, int fd)
{
  tree *t = context;
  if (!t->open_files[fd].used) {
    return refuse(EBADF);
  }
  t->open_files[fd].used = false;
  return 0;
}

static int tree_mkdir(void *context, const char *path)
{
  tree *t = context;
  if (t->mkdir_error != 0) {
    return refuse(t->mkdir_error);
  }
  if (!t->makes_folders || strlen(path) >= sizeof(t->folder)) {
    return refuse(EPERM);
  }
  strcpy(t->folder, path);
  t->folders_made++;
  t->writes = 0;
  return 0;
}

static int tree_rmdir(void *context, const char *path)
{
  tree *t = context;
  if (strcmp(path, t->folder) != 0) {
    return refuse(ENOENT);
  }
  t->folder[0] = '\0';
  t->folders_removed++;
  return 0;
}

qy_device_calls tree_calls(tree *t)
{
  return (qy_device_calls){.open = tree_open,
                           .read = tree_read,
                           .write = tree_write,
                           .close = tree_close,
                           .mkdir = tree_mkdir,
                           .rmdir = tree_rmdir,
                           .context = t};
}

unsigned tree_open_count(const tree *t)
{
  unsigned count = 0;
  for (size_t i = 0; i < 4; i++) {
    count += t->open_files[i].used;
  }
  return count;
}
