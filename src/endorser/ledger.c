/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <json/json.h>

#define PART QY_ISSUER_PART(QY_DIR_LEDGER)
#define MAX_ENTRY 16384u
static const char WHAT[] = "ledger";

void qy_ledger_entry_clear(qy_ledger_entry *entry)
{
  qy_wipe(entry, sizeof *entry);
}

uint32_t qy_ledger_entry_gid(const qy_ledger_entry *entry)
{
  qy_group_certificate certificate;
  const qy_view bytes = QY_VIEW_OF(entry->record.group_certificate);
  return qy_group_certificate_decode(&certificate, bytes, NULL) == QY_OK ? certificate.group_id : 0;
}

static qy_status decode(qy_ledger_entry *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  QY_SCOPED_BUFFER(record, QY_PROVISIONING_RECORD_SIZE);
  qy_group_certificate certificate;
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(qy_json_only(object, WHAT, why, "record", "f_commitment", "issued", "revoked"));
  QY_TRY(qy_json_hex_buffer(&record, object, "record", WHAT, why));
  QY_TRY(qy_provisioning_record_decode(&out->record, qy_buffer_view(&record), why));
  QY_TRY(qy_group_certificate_decode(&certificate, QY_VIEW_OF(out->record.group_certificate), why));
  QY_TRY(qy_json_hex(out->f_commitment, sizeof out->f_commitment, object, "f_commitment", WHAT, why));
  QY_TRY(qy_json_time(&out->issued_s, object, "issued", WHAT, why));
  return qy_json_boolean(&out->revoked, object, "revoked", WHAT, why);
}

qy_status qy_ledger_decode(qy_ledger_entry *out, qy_view json, qy_error *why)
{
  memset(out, 0, sizeof *out);
  const qy_status status = decode(out, json, why);
  if (status != QY_OK) {
    qy_ledger_entry_clear(out);
  }
  return status;
}

qy_status qy_ledger_encode(qy_buffer *out, const qy_ledger_entry *entry, qy_error *why)
{
  uint8_t record[QY_PROVISIONING_RECORD_SIZE];
  QY_SCOPED_JSON(object);
  qy_provisioning_record_encode(record, &entry->record);
  object = json_pack("{s:o, s:o, s:o, s:b}", "record", qy_json_new_hex(QY_VIEW_OF(record)), "f_commitment",
                     qy_json_new_hex(QY_VIEW_OF(entry->f_commitment)), "issued", qy_json_new_time(entry->issued_s),
                     "revoked", (int)entry->revoked);
  qy_wipe(record, sizeof record);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "ledger: out of memory");
  }
  return qy_json_print(out, object, true, why);
}

/* <ppid>-<level>.json: one entry for a machine and a level, whatever group it was. */
static void entry_name(char out[128], const uint8_t *ppid, const qy_platform_level *level)
{
  uint8_t bytes[QY_PLATFORM_LEVEL_SIZE];
  char ppid_text[2 * QY_PPID_SIZE + 1];
  char level_text[2 * QY_PLATFORM_LEVEL_SIZE + 1];
  qy_platform_level_encode(bytes, level);
  qy_hex_encode(ppid_text, qy_view_over(ppid, QY_PPID_SIZE));
  qy_hex_encode(level_text, QY_VIEW_OF(bytes));
  (void)snprintf(out, 128, "%s-%s.json", ppid_text, level_text);
}

static qy_status load_named(qy_ledger_entry *out, const char *folder, const char *name, qy_error *why)
{
  QY_SCOPED_BUFFER(text, MAX_ENTRY);
  QY_TRY(qy_issuer_read(&text, folder, PART, name, why));
  const qy_status status = qy_ledger_decode(out, qy_buffer_view(&text), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", name);
}

qy_status qy_ledger_load(qy_ledger_entry *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                         const qy_platform_level *level, qy_error *why)
{
  char name[128];
  memset(out, 0, sizeof *out);
  entry_name(name, ppid, level);
  QY_TRY(load_named(out, folder, name, why));
  if (memcmp(out->record.ppid, ppid, QY_PPID_SIZE) != 0 || !qy_platform_level_equal(&out->record.level, level)) {
    qy_ledger_entry_clear(out);
    return qy_fail(why, QY_ERR_MALFORMED, "%s: the entry of another machine or level", name);
  }
  return QY_OK;
}

qy_status qy_ledger_store(const char *folder, const qy_ledger_entry *entry, qy_error *why)
{
  char name[128];
  QY_SCOPED_BUFFER(text, MAX_ENTRY);
  entry_name(name, entry->record.ppid, &entry->record.level);
  QY_TRY(qy_ledger_encode(&text, entry, why));
  return qy_issuer_write(folder, PART, name, qy_buffer_view(&text), why);
}

/* ---- Going through all of them ---- */

typedef qy_status visit(void *context, const char *folder, qy_ledger_entry *entry, qy_error *why);

static void close_folder(DIR **folder)
{
  if (*folder != NULL) {
    (void)closedir(*folder);
  }
}

static qy_status visit_all(const char *folder, const char *prefix, visit *visitor, void *context, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_ISSUER, QY_DIR_LEDGER, why));
  __attribute__((cleanup(close_folder))) DIR *ledger = opendir(path);
  if (ledger == NULL) {
    return qy_fail(why, QY_ERR_IO, "cannot open %s: %m", path);
  }
  for (const struct dirent *found = readdir(ledger); found != NULL; found = readdir(ledger)) {
    const size_t length = strlen(found->d_name);
    if (found->d_name[0] == '.' || length < 5 || strcmp(found->d_name + length - 5, ".json") != 0 ||
        strncmp(found->d_name, prefix, strlen(prefix)) != 0) {
      continue;
    }
    QY_SCOPED_LEDGER_ENTRY(entry);
    QY_TRY(load_named(&entry, folder, found->d_name, why));
    QY_TRY(visitor(context, folder, &entry, why));
  }
  return QY_OK;
}

typedef struct mark {
  uint32_t gid;
  qy_view commitments;
} mark;

static bool is_among(qy_view commitments, const uint8_t *commitment)
{
  for (size_t at = 0; at + QY_EPID_G1_SIZE <= commitments.size; at += QY_EPID_G1_SIZE) {
    if (memcmp(commitments.bytes + at, commitment, QY_EPID_G1_SIZE) == 0) {
      return true;
    }
  }
  return false;
}

static qy_status mark_entry(void *context, const char *folder, qy_ledger_entry *entry, qy_error *why)
{
  const mark *marking = context;
  if (entry->revoked || qy_ledger_entry_gid(entry) != marking->gid ||
      !is_among(marking->commitments, entry->f_commitment)) {
    return QY_OK;
  }
  entry->revoked = true;
  return qy_ledger_store(folder, entry, why);
}

qy_status qy_ledger_mark_revoked(const char *folder, uint32_t gid, qy_view commitments, qy_error *why)
{
  mark marking = {.gid = gid, .commitments = commitments};
  return visit_all(folder, "", mark_entry, &marking, why);
}

static qy_status note_revoked(void *context, const char *folder, qy_ledger_entry *entry, qy_error *why)
{
  (void)folder;
  (void)why;
  *(bool *)context |= entry->revoked;
  return QY_OK;
}

static qy_status visit_machine(const char *folder, const uint8_t *ppid, visit *visitor, void *context, qy_error *why)
{
  char prefix[2 * QY_PPID_SIZE + 1];
  qy_hex_encode(prefix, qy_view_over(ppid, QY_PPID_SIZE));
  return visit_all(folder, prefix, visitor, context, why);
}

qy_status qy_ledger_any_revoked(bool *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE], qy_error *why)
{
  *out = false;
  return visit_machine(folder, ppid, note_revoked, out, why);
}

/* Within a second the level tells: levels ascend, and so do their components. */
static bool is_later(const qy_ledger_entry *a, const qy_ledger_entry *b)
{
  if (a->issued_s != b->issued_s) {
    return a->issued_s > b->issued_s;
  }
  const int cpu = memcmp(a->record.level.cpu_svn, b->record.level.cpu_svn, QY_CPU_SVN_SIZE);
  if (cpu != 0) {
    return cpu > 0;
  }
  return a->record.level.pve_svn != b->record.level.pve_svn ? a->record.level.pve_svn > b->record.level.pve_svn
                                                            : a->record.level.pce_svn > b->record.level.pce_svn;
}

typedef struct search {
  bool found;
  qy_ledger_entry *latest;
} search;

static qy_status keep_later(void *context, const char *folder, qy_ledger_entry *entry, qy_error *why)
{
  search *searching = context;
  (void)folder;
  (void)why;
  if (!searching->found || is_later(entry, searching->latest)) {
    *searching->latest = *entry;
    searching->found = true;
  }
  return QY_OK;
}

qy_status qy_ledger_latest(bool *found, qy_ledger_entry *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                           qy_error *why)
{
  search searching = {.latest = out};
  memset(out, 0, sizeof *out);
  QY_TRY(visit_machine(folder, ppid, keep_later, &searching, why));
  *found = searching.found;
  return QY_OK;
}
