/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/archive.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>

struct qy_archive {
  char folder[QY_BROKER_PATH];
  pthread_mutex_t lock;
  unsigned most;
};

qy_status qy_archive_open(qy_archive **out, const char *folder, unsigned most, qy_error *why)
{
  qy_archive *new = calloc(1, sizeof(*new));
  *out = new;
  if (new == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for the archive");
  }
  (void)pthread_mutex_init(&new->lock, NULL);
  new->most = most;
  qy_status status = qy_path_join(new->folder, sizeof(new->folder), folder, QY_BROKER_FOLDER_REPORTS, why);
  if (status == QY_OK) {
    status = qy_folder_make(new->folder, why);
  }
  if (status != QY_OK) {
    qy_archive_close(out);
  }
  return status;
}

void qy_archive_close(qy_archive **archive)
{
  if (*archive != NULL) {
    (void)pthread_mutex_destroy(&(*archive)->lock);
    free(*archive);
    *archive = NULL;
  }
}

/* "20261123T100000Z-<session>": sorts by time. */
static void stamp(char out[80], int64_t time_s, const char *session_id)
{
  char text[21];
  size_t size = 0;
  qy_time_format(text, time_s);
  for (const char *at = text; *at != '\0'; at++) {
    if (*at != '-' && *at != ':') {
      out[size++] = *at;
    }
  }
  (void)snprintf(out + size, 80 - size, "-%s", session_id);
}

static int one_of_ours(const struct dirent *entry)
{
  return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

static int a_file(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static void remove_one(const char *folder, const char *name)
{
  char place[QY_BROKER_PATH];
  char path[QY_BROKER_PATH];
  struct dirent **entries = NULL;
  if (qy_path_join(place, sizeof(place), folder, name, NULL) != QY_OK) {
    return;
  }
  const int count = scandir(place, &entries, a_file, NULL);
  for (int i = 0; i < count; i++) {
    if (qy_path_join(path, sizeof(path), place, entries[i]->d_name, NULL) == QY_OK) {
      (void)unlink(path);
    }
    free(entries[i]);
  }
  free(entries);
  (void)rmdir(place);
}

static void make_room(const qy_archive *archive)
{
  struct dirent **entries = NULL;
  const int count = scandir(archive->folder, &entries, one_of_ours, alphasort);
  for (int i = 0; i < count; i++) {
    if (i + (int)archive->most < count) {
      remove_one(archive->folder, entries[i]->d_name);
    }
    free(entries[i]);
  }
  free(entries);
}

static qy_status write_all(const char *place, const qy_archive_file *files, size_t count, qy_error *why)
{
  QY_TRY(qy_folder_make(place, why));
  for (size_t i = 0; i < count; i++) {
    QY_TRY(qy_broker_file_write(place, files[i].name, files[i].bytes, false, why));
  }
  return QY_OK;
}

qy_status qy_archive_keep(qy_archive *archive, const char *session_id, int64_t at_s, const qy_archive_file *files,
                          size_t count, qy_error *why)
{
  char name[80];
  char place[QY_BROKER_PATH];
  stamp(name, at_s, session_id);
  QY_TRY(qy_path_join(place, sizeof(place), archive->folder, name, why));
  const qy_status status = write_all(place, files, count, why);
  (void)pthread_mutex_lock(&archive->lock);
  make_room(archive);
  (void)pthread_mutex_unlock(&archive->lock);
  return status;
}
