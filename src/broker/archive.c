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
#include <json/json.h>
#include <net/http_client.h>

#define MAX_TEXT (1u << 20)

struct qy_archive {
  char folder[QY_BROKER_PATH];
  pthread_mutex_t lock;
  unsigned most;
};

static const char *const files[] = {"report.json", "report.sig", "chain.pem", "request.json", "verdict.json"};

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

static void remove_one(const char *folder, const char *name)
{
  char place[QY_BROKER_PATH];
  char path[QY_BROKER_PATH];
  if (qy_path_join(place, sizeof(place), folder, name, NULL) != QY_OK) {
    return;
  }
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    if (qy_path_join(path, sizeof(path), place, files[i], NULL) == QY_OK) {
      (void)unlink(path);
    }
  }
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

static qy_status write_request(const char *place, const char *secret_name, const qy_avr_evidence *asked, qy_error *why)
{
  QY_SCOPED_BUFFER(text, MAX_TEXT);
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "secret", qy_json_new_text(secret_name));
  json_object_set_new(object, "spid", qy_json_new_hex(qy_view_over(asked->spid, QY_SPID_SIZE)));
  json_object_set_new(object, "nonce", qy_json_new_text((const char *)asked->nonce.bytes));
  json_object_set_new(object, "quote_body", qy_json_new_base64(qy_view_slice(asked->quote, 0, QY_QUOTE_BODY_SIZE)));
  QY_TRY(qy_json_print(&text, object, true, why));
  return qy_broker_file_write(place, "request.json", qy_buffer_view(&text), false, why);
}

static qy_status write_verdict(const char *place, const qy_verdict *verdict, qy_error *why)
{
  char *text = NULL;
  QY_TRY(qy_verdict_to_json(&text, verdict, why));
  const qy_status status = qy_broker_file_write(place, "verdict.json", qy_view_text(text), false, why);
  qy_appraisal_text_free(&text);
  return status;
}

static qy_status write_all(const char *place, const char *secret_name, const qy_signed_report *report,
                           const qy_avr_evidence *asked, const qy_verdict *verdict, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, MAX_TEXT);
  qy_http_decode_append(&pem, qy_buffer_view(&report->chain));
  QY_TRY(qy_folder_make(place, why));
  QY_TRY(qy_broker_file_write(place, "report.json", qy_buffer_view(&report->body), false, why));
  QY_TRY(qy_broker_file_write(place, "report.sig", qy_buffer_view(&report->signature), false, why));
  QY_TRY(qy_broker_file_write(place, "chain.pem", qy_buffer_view(&pem), false, why));
  QY_TRY(write_request(place, secret_name, asked, why));
  return write_verdict(place, verdict, why);
}

qy_status qy_archive_keep(qy_archive *archive, const char *session_id, const char *secret_name,
                          const qy_signed_report *report, const qy_avr_evidence *asked, const qy_verdict *verdict,
                          qy_error *why)
{
  char name[80];
  char place[QY_BROKER_PATH];
  stamp(name, verdict->at_s, session_id);
  QY_TRY(qy_path_join(place, sizeof(place), archive->folder, name, why));
  const qy_status status = write_all(place, secret_name, report, asked, verdict, why);
  (void)pthread_mutex_lock(&archive->lock);
  make_room(archive);
  (void)pthread_mutex_unlock(&archive->lock);
  return status;
}
