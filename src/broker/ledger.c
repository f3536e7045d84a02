/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/ledger.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/log.h>
#include <broker/broker.h>
#include <crypto/hash.h>
#include <json/json.h>
#include <net/stream.h>
#include <quotary/collateral.h>

#define MAX_LINE 4096u

struct qy_ledger {
  pthread_mutex_t lock;
  int fd;
  uint8_t previous[QY_SHA256_SIZE]; /* hash of the last line, without its line feed; zero before the first */
};

/* ---- Reading ---- */

static bool line_follows(const uint8_t previous[QY_SHA256_SIZE], qy_view line)
{
  uint8_t named[QY_SHA256_SIZE];
  QY_SCOPED_JSON(object);
  return qy_json_parse(&object, line, NULL) == QY_OK &&
         qy_json_hex(named, sizeof(named), object, "previous", QY_BROKER_FILE_RELEASES, NULL) == QY_OK &&
         memcmp(named, previous, sizeof(named)) == 0;
}

static void close_file(FILE **file)
{
  if (*file != NULL) {
    (void)fclose(*file);
  }
}

/* Follows the hashes through all whole lines. `*whole` is where they end; `*size` where the file does. */
static qy_status follow(uint8_t previous[QY_SHA256_SIZE], size_t *count, off_t *whole, off_t *size, const char *path,
                        qy_trace *trace, qy_error *why)
{
  char line[MAX_LINE + 2];
  __attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
  memset(previous, 0, QY_SHA256_SIZE);
  *count = 0;
  *whole = 0;
  if (file == NULL) {
    return qy_fail(why, QY_ERR_IO, "cannot open %s: %s", path, strerror(errno));
  }
  while (fgets(line, sizeof(line), file) != NULL) {
    const size_t length = strlen(line); /* of text; a NUL within is no record */
    const bool ended = length > 0 && line[length - 1] == '\n';
    if (!ended && feof(file)) {
      break; /* unfinished */
    }
    const qy_view text = qy_view_over(line, ended ? length - 1 : length);
    const bool follows = ended && line_follows(previous, text);
    if (!qy_check(trace, QY_CHECK_BROKER_LEDGER, follows,
                  .expected = qy_textf("each line names the hash of the one before"),
                  .actual = qy_textf("line %zu %s", *count + 1, follows ? "does" : "does not, or is no record"),
                  .origin = QY_BROKER_FILE_RELEASES)) {
      return qy_fail(why, QY_ERR_REFUSED, "%s: line %zu does not follow the line before it", QY_BROKER_FILE_RELEASES,
                     *count + 1);
    }
    QY_TRY(qy_sha256(previous, text, why));
    *whole += (off_t)length;
    (*count)++;
  }
  if (ferror(file) || fseeko(file, 0, SEEK_END) != 0) {
    return qy_fail(why, QY_ERR_IO, "cannot read %s", path);
  }
  *size = ftello(file);
  return QY_OK;
}

qy_status qy_broker_releases_check(size_t *count, const char *folder, qy_trace *trace, qy_error *why)
{
  char path[QY_BROKER_PATH];
  uint8_t previous[QY_SHA256_SIZE];
  off_t whole = 0;
  off_t size = 0;
  *count = 0;
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FILE_RELEASES, why));
  return qy_file_exists(path) ? follow(previous, count, &whole, &size, path, trace, why) : QY_OK;
}

/* ---- Writing ---- */

static qy_status continue_file(qy_ledger *ledger, const char *path, qy_error *why)
{
  size_t count = 0;
  off_t whole = 0;
  off_t size = 0;
  QY_TRY(qy_file_check_private(path, why));
  QY_TRY(follow(ledger->previous, &count, &whole, &size, path, NULL, why));
  if (whole < size) {
    qy_log(QY_LOG_WARNING, "broker", "%s: an unfinished line of %lld bytes is taken off: its secret never left",
           QY_BROKER_FILE_RELEASES, (long long)(size - whole));
    if (ftruncate(ledger->fd, whole) != 0) {
      return qy_fail(why, QY_ERR_IO, "%s: %s", QY_BROKER_FILE_RELEASES, strerror(errno));
    }
  }
  return QY_OK;
}

qy_status qy_ledger_open(qy_ledger **out, const char *folder, qy_error *why)
{
  char path[QY_BROKER_PATH];
  *out = NULL;
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FILE_RELEASES, why));
  qy_ledger *new = calloc(1, sizeof(*new));
  if (new == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for the record of releases");
  }
  (void)pthread_mutex_init(&new->lock, NULL);
  new->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  const qy_status status = new->fd < 0 ? qy_fail(why, QY_ERR_IO, "cannot open %s: %s", path, strerror(errno))
                                       : continue_file(new, path, why);
  *out = new;
  if (status != QY_OK) {
    qy_ledger_close(out);
  }
  return status;
}

void qy_ledger_close(qy_ledger **ledger)
{
  if (*ledger == NULL) {
    return;
  }
  qy_fd_close(&(*ledger)->fd);
  (void)pthread_mutex_destroy(&(*ledger)->lock);
  free(*ledger);
  *ledger = NULL;
}

static void set_hex(json_t *object, const char *member, const uint8_t *bytes, size_t size)
{
  if (bytes != NULL) {
    json_object_set_new(object, member, qy_json_new_hex(qy_view_over(bytes, size)));
  }
}

static json_t *record(const qy_ledger *ledger, const char *session_id, const char *secret_name,
                      const qy_release *release, int64_t now_s)
{
  json_t *object = json_object();
  json_object_set_new(object, "time", qy_json_new_time(now_s));
  json_object_set_new(object, "secret", qy_json_new_text(secret_name));
  json_object_set_new(object, "session", json_string(session_id));
  json_object_set_new(object, "evidence", json_string(qy_evidence_kind_name(release->kind)));
  set_hex(object, "mrenclave", release->mr_enclave, QY_MEASUREMENT_SIZE);
  set_hex(object, "mrsigner", release->mr_signer, QY_MEASUREMENT_SIZE);
  set_hex(object, "mrtd", release->mr_td, QY_TD_HASH_SIZE);
  if (release->kind == QY_EVIDENCE_EPID) {
    json_object_set_new(object, "pseudonym",
                        release->pseudonym.size > 0 ? qy_json_new_base64(release->pseudonym) : json_null());
    json_object_set_new(object, "report_id", qy_json_new_text(release->report_id));
  }
  set_hex(object, "fmspc", release->fmspc, QY_FMSPC_SIZE);
  set_hex(object, "pck_sha256", release->pck_id, QY_SHA256_SIZE);
  json_object_set_new(object, "status", qy_json_new_text(release->status));
  json_object_set_new(object, "policy_version", json_integer((json_int_t)release->policy_version));
  json_object_set_new(object, "simulated", json_boolean(release->simulated));
  json_object_set_new(object, "previous", qy_json_new_hex(QY_VIEW_OF(ledger->previous)));
  return object;
}

/* A line that was not written whole is taken off again: what stands in the file was released. */
static qy_status append(const qy_ledger *ledger, qy_view line, qy_error *why)
{
  struct stat before;
  if (fstat(ledger->fd, &before) != 0) {
    return qy_fail(why, QY_ERR_IO, "%s: %s", QY_BROKER_FILE_RELEASES, strerror(errno));
  }
  ssize_t put = -1;
  do {
    put = write(ledger->fd, line.bytes, line.size);
  } while (put < 0 && errno == EINTR);
  if (put == (ssize_t)line.size && fdatasync(ledger->fd) == 0) {
    return QY_OK;
  }
  const int cause = put >= 0 && put < (ssize_t)line.size ? ENOSPC : errno;
  const bool undone = ftruncate(ledger->fd, before.st_size) == 0;
  return qy_fail(why, QY_ERR_IO, "%s: %s%s", QY_BROKER_FILE_RELEASES, strerror(cause),
                 undone ? "" : "; and the file could not be mended");
}

qy_status qy_ledger_release(qy_ledger *ledger, const char *session_id, const char *secret_name,
                            const qy_release *release, int64_t now_s, qy_error *why)
{
  QY_SCOPED_BUFFER(line, MAX_LINE);
  QY_SCOPED_JSON(object);
  uint8_t hash[QY_SHA256_SIZE];
  (void)pthread_mutex_lock(&ledger->lock);
  object = record(ledger, session_id, secret_name, release, now_s);
  qy_status status = qy_json_print(&line, object, false, why);
  if (status == QY_OK) {
    status = qy_sha256(hash, qy_buffer_view(&line), why);
  }
  if (status == QY_OK) {
    qy_buffer_append_text(&line, "\n");
    status = qy_buffer_finish(&line, "record of a release", why);
  }
  if (status == QY_OK) {
    status = append(ledger, qy_buffer_view(&line), why);
  }
  if (status == QY_OK) {
    memcpy(ledger->previous, hash, sizeof(hash));
  }
  (void)pthread_mutex_unlock(&ledger->lock);
  return status;
}
