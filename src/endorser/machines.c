/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <json/json.h>

#define PART QY_ISSUER_PART(QY_DIR_PLATFORMS)
#define MAX_RECORD 4096u
static const char WHAT[] = "factory record";

void qy_machine_record_clear(qy_machine_record *record)
{
  qy_secret_clear(&record->root);
  *record = (qy_machine_record){0};
}

static void record_name(char out[64], const uint8_t *ppid)
{
  char text[2 * QY_PPID_SIZE + 1];
  qy_hex_encode(text, qy_view_over(ppid, QY_PPID_SIZE));
  (void)snprintf(out, 64, "%s.json", text);
}

static qy_status decode_keys(qy_machine_record *out, const json_t *object, qy_error *why)
{
  uint8_t root[16];
  QY_TRY(qy_json_hex(out->ppid, sizeof out->ppid, object, "ppid", WHAT, why));
  const char *kind = QY_DCAP_DEFAULT_KIND;
  if (qy_json_has(object, "kind")) {
    QY_TRY(qy_json_text(&kind, object, "kind", WHAT, why));
  }
  out->kind = qy_dcap_kind_by_name(kind);
  if (out->kind == NULL) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: there is no kind of machine \"%.40s\"", WHAT, kind);
  }
  const qy_status status = qy_json_hex(root, sizeof root, object, "provision_base_key", WHAT, why);
  qy_secret_set(&out->root, root, status == QY_OK ? sizeof root : 0);
  qy_wipe(root, sizeof root);
  return status;
}

static qy_status decode_stored(qy_machine_record *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(qy_json_only(object, WHAT, why, "ppid", "provision_base_key", "kind", "revoked"));
  QY_TRY(decode_keys(out, object, why));
  return qy_json_boolean(&out->revoked, object, "revoked", WHAT, why);
}

qy_status qy_machine_record_load(qy_machine_record *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                                 qy_error *why)
{
  char name[64];
  QY_SCOPED_BUFFER(text, MAX_RECORD);
  record_name(name, ppid);
  QY_TRY(qy_issuer_read(&text, folder, PART, name, why));
  qy_status status = decode_stored(out, qy_buffer_view(&text), why);
  if (status == QY_OK && memcmp(out->ppid, ppid, QY_PPID_SIZE) != 0) {
    status = qy_fail(why, QY_ERR_MALFORMED, "%s: the record of another machine", name);
  }
  if (status != QY_OK) {
    qy_machine_record_clear(out);
  }
  return status;
}

qy_status qy_machine_record_store(const char *folder, const qy_machine_record *record, qy_error *why)
{
  char name[64];
  QY_SCOPED_JSON(object);
  QY_SCOPED_BUFFER(text, MAX_RECORD);
  record_name(name, record->ppid);
  object = json_pack("{s:o, s:o, s:s, s:b}", "ppid", qy_json_new_hex(QY_VIEW_OF(record->ppid)), "provision_base_key",
                     qy_json_new_hex(qy_secret_view(&record->root)), "kind", record->kind->name, "revoked",
                     (int)record->revoked);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "%s: out of memory", WHAT);
  }
  QY_TRY(qy_json_print(&text, object, true, why));
  return qy_issuer_write(folder, PART, name, qy_buffer_view(&text), why);
}

static qy_status decode_factory(qy_machine_record *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(qy_json_only(object, WHAT, why, "ppid", "provision_base_key", "kind"));
  return decode_keys(out, object, why);
}

/* The PPID follows from the root key: a record in which it does not would enrol a machine that nobody is. */
static qy_status check_ppid(const char *folder, const qy_machine_record *record, qy_error *why)
{
  qy_signed_enclaves enclaves;
  uint8_t ppid[QY_PPID_SIZE];
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  QY_TRY(qy_ppid_of_root(ppid, &record->root, &enclaves.identity, why));
  if (!qy_check(NULL, QY_CHECK_ENDORSER_FACTORY_PPID, memcmp(ppid, record->ppid, sizeof ppid) == 0,
                .expected = qy_text_hex(QY_VIEW_OF(ppid)), .actual = qy_text_hex(QY_VIEW_OF(record->ppid)),
                .origin = "PROVISION base key of the record")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: the PPID is not that of the key", WHAT);
  }
  return QY_OK;
}

qy_status qy_endorser_enroll(const char *folder, qy_view record, qy_error *why)
{
  QY_SCOPED_MACHINE_RECORD(fresh);
  QY_SCOPED_MACHINE_RECORD(known);
  QY_TRY(decode_factory(&fresh, record, why));
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(check_ppid(folder, &fresh, why));
  const qy_status status = qy_machine_record_load(&known, folder, fresh.ppid, why);
  if (status == QY_ERR_NOT_FOUND) {
    return qy_machine_record_store(folder, &fresh, why);
  }
  QY_TRY(status);
  if (!qy_equal_ct(known.root.bytes, fresh.root.bytes, 16)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s: the PPID is enrolled with another key", WHAT);
  }
  return QY_OK; /* revoked or not, it stays so */
}

qy_status qy_endorser_revoke_platform(const char *folder, const uint8_t ppid[16], qy_error *why)
{
  QY_SCOPED_MACHINE_RECORD(known);
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_machine_record_load(&known, folder, ppid, why));
  known.revoked = true;
  return qy_machine_record_store(folder, &known, why);
}
