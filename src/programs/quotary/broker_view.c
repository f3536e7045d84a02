/* SPDX-License-Identifier: Apache-2.0 */
#include "broker_view.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json/json.h>
#include <net/http_client.h>
#include <registry/layout.h>

static int dated(const struct dirent *entry)
{
  return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* The latest with this file in it: each kind of evidence has one that the other has not. By when the file was written, for
 * names tell seconds only. */
static qy_status latest(char *out, size_t size, const char *folder, const char *file, qy_error *why)
{
  char place[WORLD_PATH_SIZE + 256];
  char path[WORLD_PATH_SIZE + 320];
  struct dirent **entries = NULL;
  struct stat info;
  struct timespec written = {0};
  const int count = scandir(folder, &entries, dated, alphasort);
  qy_status status = qy_fail(why, QY_ERR_NOT_FOUND, "%s: the broker kept no such appraisal", folder);
  for (int i = 0; i < count; i++) {
    if (qy_path_join(place, sizeof(place), folder, entries[i]->d_name, NULL) == QY_OK &&
        qy_path_join(path, sizeof(path), place, file, NULL) == QY_OK && stat(path, &info) == 0 &&
        is_later(&info.st_mtim, &written) && strlen(place) < size) {
      memcpy(out, place, strlen(place) + 1);
      written = info.st_mtim;
      status = QY_OK;
    }
    free(entries[i]);
  }
  free(entries);
  return status;
}

static qy_status load(json_t **out, size_t *size, const char *folder, const char *name, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  QY_TRY(qy_file_read(&text, path, why));
  *size = text.size;
  return qy_json_parse(out, qy_buffer_view(&text), why);
}

static const char *member(const json_t *object, const char *name)
{
  const char *text = json_string_value(json_object_get(object, name));
  return text == NULL ? "none" : text;
}

qy_status broker_view_load(broker_view *out, const char *broker_folder, qy_evidence_kind kind, qy_error *why)
{
  const bool is_epid = kind == QY_EVIDENCE_EPID;
  char reports[WORLD_PATH_SIZE + 128];
  char folder[WORLD_PATH_SIZE + 256];
  size_t ignored = 0;
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_path_join(reports, sizeof(reports), broker_folder, "reports", why));
  QY_TRY(latest(folder, sizeof(folder), reports, is_epid ? "report.json" : "quote.bin", why));
  QY_TRY(load(&out->verdict, &ignored, folder, "verdict.json", why));
  out->checks = json_object_get(out->verdict, "checks");
  out->status = member(out->verdict, "tcb_status");
  if (!is_epid) {
    return QY_OK;
  }
  QY_TRY(load(&out->report, &out->body_size, folder, "report.json", why));
  out->status = member(out->report, "isvEnclaveQuoteStatus");
  out->id = member(out->report, "id");
  (void)snprintf(out->pseudonym, sizeof(out->pseudonym), "%.12s…", member(out->report, "epidPseudonym"));
  return QY_OK;
}

void broker_view_clear(broker_view *view)
{
  json_decref(view->report);
  json_decref(view->verdict);
  *view = (broker_view){0};
}

unsigned broker_view_without_key(const cli_world *world)
{
  char path[WORLD_PATH_SIZE + 128];
  char url[512];
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  if (qy_path_join(path, sizeof(path), world->endorser_folder, QY_DIR_PUBLIC "/" QY_FILE_TLS_CA, NULL) != QY_OK ||
      qy_file_read(&ca, path, NULL) != QY_OK) {
    return 0;
  }
  const qy_http_client_config config = {.ca_pem = qy_buffer_view(&ca)};
  (void)snprintf(url, sizeof(url), "%s/attestation/v4/sigrl/00000000", world->reports.address);
  const qy_http_call call = {.url = url};
  if (qy_http_client_new(&client, &config, NULL) != QY_OK || qy_http_exchange(&answer, client, &call, NULL) != QY_OK) {
    return 0;
  }
  return answer.status;
}
