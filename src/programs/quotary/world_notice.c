/* SPDX-License-Identifier: Apache-2.0 */
/* How attest, in another terminal, finds what goes with a broker's URL. One file a running `up`, named after the URL,
 * in a folder that only this user may write. */
#include "world.h"

#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json/json.h>

static qy_status folder_of(char *out, size_t size, qy_error *why)
{
  const struct passwd *user = getpwuid(getuid());
  if (user == NULL || user->pw_dir == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "this user has no home folder");
  }
  return qy_path_join(out, size, user->pw_dir, ".local/state/quotary/up", why);
}

/* "https://127.0.0.1:4433" is kept as "https___127.0.0.1_4433.json". */
static qy_status path_of(char *out, size_t size, const char *url, qy_error *why)
{
  char folder[WORLD_PATH_SIZE];
  char name[160];
  size_t used = 0;
  QY_TRY(folder_of(folder, sizeof(folder), why));
  for (; used < sizeof(name) - 8 && url[used] != '\0'; used++) {
    const char c = url[used];
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    name[used] = plain ? c : '_';
  }
  (void)snprintf(name + used, sizeof(name) - used, ".json");
  return qy_path_join(out, size, folder, name, why);
}

/* What another user could have put there would choose the CA that the host trusts: only one's own file counts. */
static qy_status need_own(const char *path, qy_error *why)
{
  struct stat info;
  if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s is not there", path);
  }
  if (info.st_uid != getuid() || (info.st_mode & 022) != 0) {
    return qy_fail(why, QY_ERR_DENIED, "%s does not belong to this user alone", path);
  }
  return QY_OK;
}

static qy_status copy_text(char *out, size_t size, const json_t *notice, const char *member, qy_error *why)
{
  const char *text = json_string_value(json_object_get(notice, member));
  if (text == NULL || strlen(text) >= size) {
    return qy_fail(why, QY_ERR_MALFORMED, "notice: member \"%s\"", member);
  }
  (void)snprintf(out, size, "%s", text);
  return QY_OK;
}

static qy_status read_notice(world_notice *out, const char *path, qy_error *why)
{
  QY_SCOPED_BUFFER(text, 16384);
  json_t *notice = NULL;
  memset(out, 0, sizeof(*out));
  QY_TRY(need_own(path, why));
  QY_TRY(qy_file_read(&text, path, why));
  QY_TRY(qy_json_parse(&notice, qy_buffer_view(&text), why));
  qy_status status = copy_text(out->broker_ca, sizeof(out->broker_ca), notice, "broker_ca", why);
  status = status != QY_OK ? status : copy_text(out->image, sizeof(out->image), notice, "enclave", why);
  if (json_object_get(notice, "trust_domain") != NULL) { /* not in notices of before there were any */
    status = status != QY_OK ? status : copy_text(out->domain, sizeof(out->domain), notice, "trust_domain", why);
  }
  status = status != QY_OK ? status : copy_text(out->socket, sizeof(out->socket), notice, "platform", why);
  json_decref(notice);
  return status;
}

static bool is_stale(const char *path)
{
  world_notice notice;
  return read_notice(&notice, path, NULL) == QY_OK && access(notice.socket, F_OK) != 0;
}

/* Takes away the notices of those that were killed: their platform's socket is gone. */
static void sweep(const char *folder)
{
  char path[WORLD_PATH_SIZE * 2];
  DIR *open_folder = opendir(folder);
  for (struct dirent *entry = NULL; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
    if (entry->d_name[0] != '.' && qy_path_join(path, sizeof(path), folder, entry->d_name, NULL) == QY_OK &&
        is_stale(path)) {
      (void)unlink(path);
    }
  }
  if (open_folder != NULL) {
    (void)closedir(open_folder);
  }
}

/* Adds the notice behind `path` to those that are up: `*count` of them, the first in `out`. */
static qy_status count_notice(world_notice *out, size_t *count, const char *path, qy_error *why)
{
  world_notice notice;
  if (read_notice(&notice, path, NULL) != QY_OK || access(notice.socket, F_OK) != 0) {
    return QY_OK; /* not ours, or of one that was killed */
  }
  if ((*count)++ == 0) {
    *out = notice;
    return QY_OK;
  }
  return qy_fail(why, QY_ERR_ARGUMENT, "several quotary up of this user run; say which: --platform simulated:%s, or %s",
                 out->socket, notice.socket);
}

qy_status world_find(world_notice *out, qy_error *why)
{
  char folder[WORLD_PATH_SIZE];
  char path[WORLD_PATH_SIZE * 2];
  size_t count = 0;
  memset(out, 0, sizeof(*out));
  QY_TRY(folder_of(folder, sizeof(folder), why));
  DIR *open_folder = opendir(folder);
  qy_status status = QY_OK;
  for (struct dirent *entry = NULL; status == QY_OK && open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
    if (entry->d_name[0] != '.' && qy_path_join(path, sizeof(path), folder, entry->d_name, NULL) == QY_OK) {
      status = count_notice(out, &count, path, why);
    }
  }
  if (open_folder != NULL) {
    (void)closedir(open_folder);
  }
  QY_TRY(status);
  return count == 1 ? QY_OK : qy_fail(why, QY_ERR_NOT_FOUND, "no quotary up of this user runs");
}

qy_status world_announce(const cli_world *world, qy_error *why)
{
  char folder[WORLD_PATH_SIZE];
  char path[WORLD_PATH_SIZE * 2];
  QY_SCOPED_BUFFER(text, 16384);
  QY_TRY(folder_of(folder, sizeof(folder), why));
  QY_TRY(qy_folder_make(folder, why));
  sweep(folder);
  QY_TRY(path_of(path, sizeof(path), world->broker.address, why));
  json_t *notice = json_pack("{s:s, s:s, s:s, s:s}", "broker_ca", world->broker_ca, "enclave", world->image,
                             "trust_domain", world->domain, "platform", world->socket);
  char *dumped = notice == NULL ? NULL : json_dumps(notice, JSON_INDENT(2));
  json_decref(notice);
  if (dumped == NULL) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: the path is no UTF-8", world->root);
  }
  qy_buffer_append_text(&text, dumped);
  free(dumped);
  return qy_file_write(path, qy_buffer_view(&text), true, why);
}

void world_unannounce(const cli_world *world)
{
  char path[WORLD_PATH_SIZE * 2];
  if (world->broker.address[0] != '\0' && path_of(path, sizeof(path), world->broker.address, NULL) == QY_OK) {
    (void)unlink(path);
  }
}

qy_status world_look_up(world_notice *out, const char *broker_url, qy_error *why)
{
  char path[WORLD_PATH_SIZE * 2];
  memset(out, 0, sizeof(*out));
  QY_TRY(path_of(path, sizeof(path), broker_url, why));
  return read_notice(out, path, why);
}
