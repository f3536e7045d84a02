/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/secrets.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/file.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <net/stream.h>

#define MAX_SEGMENT 64u

static bool segment_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool well_formed(const char *name)
{
  const size_t length = strlen(name);
  size_t segment = 0;
  for (size_t i = 0; i < length; i++) {
    if (name[i] == '/' ? segment == 0 : !segment_character(name[i])) {
      return false;
    }
    segment = name[i] == '/' ? 0 : segment + 1;
    if (segment > MAX_SEGMENT) {
      return false;
    }
  }
  return segment > 0 && length <= QY_MAX_SECRET_NAME;
}

qy_status qy_broker_name_check(const char *name, qy_trace *trace, qy_error *why)
{
  if (qy_check(trace, QY_CHECK_BROKER_SECRET_NAME, well_formed(name),
               .expected = qy_textf("segments of a-z 0-9 _ - joined by /"),
               .actual = qy_textf("%zu characters", strlen(name)), .origin = "request")) {
    return QY_OK;
  }
  return qy_fail(
      why, QY_ERR_MALFORMED,
      "name of a secret: segments of a-z 0-9 _ - (1 to %u) joined by \"/\" are needed, %u characters at most",
      MAX_SEGMENT, QY_MAX_SECRET_NAME);
}

/* The folder of a secret, whose name is checked here before it becomes a path. */
static qy_status folder_of(char out[QY_BROKER_PATH], const char *folder, const char *name, qy_error *why)
{
  char secrets[QY_BROKER_PATH];
  QY_TRY(qy_broker_name_check(name, NULL, why));
  QY_TRY(qy_path_join(secrets, sizeof(secrets), folder, QY_BROKER_FOLDER_SECRETS, why));
  return qy_path_join(out, QY_BROKER_PATH, secrets, name, why);
}

qy_status qy_broker_policy_load(qy_policy *out, const char *folder, const char *name, qy_trace *trace, qy_error *why)
{
  char place[QY_BROKER_PATH];
  QY_SCOPED_BUFFER(json, QY_BROKER_MAX_POLICY);
  QY_TRY(folder_of(place, folder, name, why));
  if (!qy_broker_file_exists(place, QY_BROKER_FILE_POLICY)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "there is no secret \"%s\"", name);
  }
  QY_TRY(qy_broker_file_read(&json, place, QY_BROKER_FILE_POLICY, false, why));
  const qy_status status = qy_policy_decode(out, qy_buffer_view(&json), trace, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "policy of %s", name);
  }
  return qy_broker_version_accept(folder, name, out, qy_buffer_view(&json), trace, why);
}

static qy_status fail_errno(qy_error *why, const char *action, const char *path)
{
  return qy_fail(why, errno == ENOENT ? QY_ERR_NOT_FOUND : QY_ERR_IO, "%s %s: %s", action, path, strerror(errno));
}

static qy_status read_all(qy_vault *out, int fd, const char *path, qy_error *why)
{
  for (size_t done = 0; done < out->size;) {
    const ssize_t got = read(fd, out->bytes + done, out->size - done);
    if (got == 0) {
      return qy_fail(why, QY_ERR_IO, "%s shrank while it was read", path);
    }
    if (got < 0 && errno != EINTR) {
      return fail_errno(why, "cannot read", path);
    }
    done += got > 0 ? (size_t)got : 0;
  }
  return QY_OK;
}

/* Straight into locked memory: no copy of the secret is left on the heap. */
qy_status qy_broker_secret_load(qy_vault *out, const char *folder, const char *name, qy_error *why)
{
  char place[QY_BROKER_PATH];
  char path[QY_BROKER_PATH];
  struct stat info;
  QY_SCOPED_FD(fd);
  QY_TRY(folder_of(place, folder, name, why));
  QY_TRY(qy_path_join(path, sizeof(path), place, QY_BROKER_FILE_SECRET, why));
  QY_TRY(qy_file_check_private(path, why));
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &info) != 0) {
    return fail_errno(why, "cannot open", path);
  }
  if (info.st_size < 1 || info.st_size > (off_t)QY_MAX_SECRET_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: a secret has 1 to %u bytes", path, QY_MAX_SECRET_SIZE);
  }
  QY_TRY(qy_vault_new(out, (size_t)info.st_size, why));
  const qy_status status = read_all(out, fd, path, why);
  if (status != QY_OK) {
    qy_vault_free(out);
  }
  return status;
}

static qy_status remove_file(const char *folder, const char *name, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  return unlink(path) == 0 || errno == ENOENT ? QY_OK : fail_errno(why, "cannot remove", path);
}

/* While both change, there is no policy: nobody gets the new secret under the old policy, or the other way round. */
static qy_status write_both(const char *place, qy_view policy, qy_view secret, qy_error *why)
{
  if (policy.bytes != NULL && secret.bytes != NULL) {
    QY_TRY(remove_file(place, QY_BROKER_FILE_POLICY, why));
  }
  if (secret.bytes != NULL) {
    QY_TRY(qy_broker_file_write(place, QY_BROKER_FILE_SECRET, secret, true, why));
  }
  return policy.bytes != NULL ? qy_broker_file_write(place, QY_BROKER_FILE_POLICY, policy, false, why) : QY_OK;
}

qy_status qy_broker_secret_put(const char *folder, const char *name, qy_view policy, qy_view secret, qy_error *why)
{
  char place[QY_BROKER_PATH];
  QY_TRY(folder_of(place, folder, name, why));
  if ((policy.bytes == NULL && secret.bytes == NULL) ||
      (secret.bytes != NULL && (secret.size < 1 || secret.size > QY_MAX_SECRET_SIZE))) {
    return qy_fail(why, QY_ERR_ARGUMENT, "%s: a policy, or a secret of 1 to %u bytes, is needed", name,
                   QY_MAX_SECRET_SIZE);
  }
  if ((policy.bytes == NULL && !qy_broker_file_exists(place, QY_BROKER_FILE_POLICY)) ||
      (secret.bytes == NULL && !qy_broker_file_exists(place, QY_BROKER_FILE_SECRET))) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "there is no secret \"%s\" yet: give a policy and a secret", name);
  }
  if (policy.bytes != NULL) {
    qy_policy decoded;
    QY_TRY(qy_policy_decode(&decoded, policy, NULL, why));
    QY_TRY(qy_broker_version_accept(folder, name, &decoded, policy, NULL, why));
  }
  QY_TRY(qy_folder_make(place, why));
  return write_both(place, policy, secret, why);
}

qy_status qy_broker_secret_digest(uint8_t out[32], const char *folder, const char *name, qy_error *why)
{
  QY_SCOPED_VAULT(secret);
  QY_TRY(qy_broker_secret_load(&secret, folder, name, why));
  return qy_sha256(out, qy_view_over(secret.bytes, secret.size), why);
}

qy_status qy_broker_secret_remove(const char *folder, const char *name, qy_error *why)
{
  char place[QY_BROKER_PATH];
  QY_TRY(folder_of(place, folder, name, why));
  if (!qy_broker_file_exists(place, QY_BROKER_FILE_POLICY) && !qy_broker_file_exists(place, QY_BROKER_FILE_SECRET)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "there is no secret \"%s\"", name);
  }
  QY_TRY(remove_file(place, QY_BROKER_FILE_POLICY, why));
  QY_TRY(remove_file(place, QY_BROKER_FILE_SECRET, why));
  char *end = place + strlen(place); /* folders that are empty now, but not "secrets" itself */
  for (size_t left = strlen(name) + 1; left > 0 && rmdir(place) == 0;) {
    char *slash = strrchr(place, '/');
    left -= (size_t)(end - slash) < left ? (size_t)(end - slash) : left;
    *slash = '\0';
    end = slash;
  }
  return QY_OK;
}

typedef struct walk {
  const char *folder;
  qy_broker_visit *visit;
  void *context;
} walk;

static qy_status visit_here(const walk *how, const char *name, qy_error *why)
{
  char place[QY_BROKER_PATH];
  qy_policy policy;
  QY_TRY(folder_of(place, how->folder, name, why));
  if (!qy_broker_file_exists(place, QY_BROKER_FILE_POLICY)) {
    return QY_OK;
  }
  QY_TRY(qy_broker_policy_load(&policy, how->folder, name, NULL, why));
  return how->visit(how->context, name, &policy, why);
}

static void close_folder(DIR **folder)
{
  if (*folder != NULL) {
    (void)closedir(*folder);
  }
}

/* Bounded by the length of names: what is no name is not entered. */
static qy_status walk_folder(const walk *how, const char *path, const char *name, qy_error *why)
{
  __attribute__((cleanup(close_folder))) DIR *folder = opendir(path);
  if (folder == NULL) {
    return errno == ENOTDIR ? QY_OK : fail_errno(why, "cannot open", path);
  }
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char inner[QY_MAX_SECRET_NAME + 2 + sizeof(entry->d_name)];
    char inner_path[QY_BROKER_PATH];
    (void)snprintf(inner, sizeof(inner), "%s%s%s", name, name[0] == '\0' ? "" : "/", entry->d_name);
    if (!well_formed(inner)) {
      continue;
    }
    QY_TRY(visit_here(how, inner, why));
    QY_TRY(qy_path_join(inner_path, sizeof(inner_path), path, entry->d_name, why));
    QY_TRY(walk_folder(how, inner_path, inner, why));
  }
  return QY_OK;
}

qy_status qy_broker_secrets_visit(const char *folder, qy_broker_visit *visit, void *context, qy_error *why)
{
  char path[QY_BROKER_PATH];
  const walk how = {.folder = folder, .visit = visit, .context = context};
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FOLDER_SECRETS, why));
  return walk_folder(&how, path, "", why);
}
