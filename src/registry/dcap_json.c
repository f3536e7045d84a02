/* SPDX-License-Identifier: Apache-2.0 */
/* public/dcap/world.json. */
#include <registry/dcap.h>

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <json/json.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <registry/tcb_members.h>

#define MAX_FILE (256u << 10)
#define LAPSE_COUNT 6
static const char WHAT[] = "DCAP world";

/* ---- Reading ---- */

typedef struct svn_member {
  const char *name;
  size_t offset;
} svn_member;

static const svn_member SVNS[] = {{"pce_svn", offsetof(qy_dcap_evaluation, pce_svn)},
                                  {"qe_svn", offsetof(qy_dcap_evaluation, qe_svn)},
                                  {"td_qe_svn", offsetof(qy_dcap_evaluation, td_qe_svn)},
                                  {"qve_svn", offsetof(qy_dcap_evaluation, qve_svn)},
                                  {"tdx_module_svn", offsetof(qy_dcap_evaluation, tdx_module_svn)}};
#define SVN_COUNT (sizeof SVNS / sizeof SVNS[0])

static qy_status decode_svns(qy_dcap_evaluation *out, const json_t *entry, qy_error *why)
{
  for (size_t i = 0; i < SVN_COUNT; i++) {
    int64_t value = 0;
    QY_TRY(qy_json_integer(&value, entry, SVNS[i].name, 1, UINT8_MAX, WHAT, why));
    const uint16_t svn = (uint16_t)value;
    memcpy((uint8_t *)out + SVNS[i].offset, &svn, sizeof svn);
  }
  return QY_OK;
}

/* What evaluations say of platforms that have what they ask for. */
static bool is_current_status(qy_tcb_status status)
{
  return status >= QY_TCB_STATUS_UP_TO_DATE && status <= QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED;
}

static qy_status decode_evaluation(qy_dcap_evaluation *out, const json_t *entry, const qy_tcb_levels *levels,
                                   qy_error *why)
{
  const char *status = NULL;
  int64_t number = 0, level = 0;
  QY_TRY(qy_json_only(entry, WHAT, why, "number", "event", "tcb_date", "standard_from", "cpu_level", "pce_svn",
                      "qe_svn", "td_qe_svn", "qve_svn", "tdx_module_svn", "status", "advisories"));
  QY_TRY(qy_json_integer(&number, entry, "number", 1, UINT32_MAX, WHAT, why));
  QY_TRY(qy_json_integer(&level, entry, "cpu_level", 1, (int64_t)levels->count, WHAT, why));
  QY_TRY(qy_json_time(&out->event_s, entry, "event", WHAT, why));
  QY_TRY(qy_json_time(&out->tcb_date_s, entry, "tcb_date", WHAT, why));
  QY_TRY(qy_json_time(&out->standard_s, entry, "standard_from", WHAT, why));
  QY_TRY(decode_svns(out, entry, why));
  QY_TRY(qy_json_text(&status, entry, "status", WHAT, why));
  out->number = (uint32_t)number;
  out->cpu_level = (unsigned)level;
  out->status = qy_tcb_status_by_name(qy_view_text(status));
  if (!is_current_status(out->status)) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: \"%.40s\" is nothing to say of a TCB that is asked for", WHAT, status);
  }
  return qy_tcb_advisories_decode(&out->advisories, entry, "advisories", WHAT, why);
}

static bool asks_for_less(const qy_dcap_evaluation *newer, const qy_dcap_evaluation *older)
{
  return newer->cpu_level < older->cpu_level || newer->pce_svn < older->pce_svn || newer->qe_svn < older->qe_svn ||
         newer->td_qe_svn < older->td_qe_svn || newer->qve_svn < older->qve_svn ||
         newer->tdx_module_svn < older->tdx_module_svn;
}

static qy_status decode_evaluations(qy_dcap_world *out, const json_t *object, const qy_tcb_levels *levels,
                                    qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "evaluations", QY_DCAP_MAX_EVALUATIONS, WHAT, why));
  out->evaluation_count = json_array_size(list);
  if (out->evaluation_count == 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: there is no evaluation", WHAT);
  }
  for (size_t i = 0; i < out->evaluation_count; i++) {
    qy_dcap_evaluation *one = &out->evaluations[i];
    QY_TRY(decode_evaluation(one, json_array_get(list, i), levels, why));
    if (i > 0 && (one->number <= one[-1].number || asks_for_less(one, &one[-1]))) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: evaluation %u asks for less than the one before, or is older", WHAT,
                     one->number);
    }
  }
  return QY_OK;
}

static qy_status decode_revoked(qy_dcap_world *out, const json_t *object, qy_error *why)
{
  static const char *const CAS[] = {"root", "processor", "platform"};
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "revoked", QY_DCAP_MAX_REVOKED, WHAT, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    qy_dcap_revoked *one = &out->revoked[i];
    size_t ca = 0;
    QY_TRY(qy_json_only(entry, WHAT, why, "ca", "serial", "since"));
    QY_TRY(qy_json_choice(&ca, entry, "ca", CAS, QY_DCAP_CA_COUNT, WHAT, why));
    QY_TRY(qy_json_hex(one->serial, sizeof one->serial, entry, "serial", WHAT, why));
    QY_TRY(qy_json_time(&one->revoked_s, entry, "since", WHAT, why));
    one->ca = (qy_dcap_ca)ca;
    out->revoked_count++;
  }
  return QY_OK;
}

static qy_status decode_lapsed(qy_dcap_world *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "lapsed", LAPSE_COUNT, WHAT, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *name = json_string_value(json_array_get(list, i));
    const uint32_t lapse = name == NULL ? 0 : qy_dcap_lapse_by_name(name);
    if (lapse == 0) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: member \"lapsed\": no such thing", WHAT);
    }
    out->lapsed |= lapse;
  }
  return QY_OK;
}

static qy_status decode(qy_dcap_world *out, const json_t *object, const qy_tcb_levels *levels, qy_error *why)
{
  int64_t number = 0;
  QY_TRY(qy_json_only(object, WHAT, why, "issued", "issue", "lapsed", "evaluations", "revoked"));
  QY_TRY(qy_json_integer(&number, object, "issue", 1, UINT32_MAX, WHAT, why));
  QY_TRY(qy_json_time(&out->issued_s, object, "issued", WHAT, why));
  out->issue = (uint32_t)number;
  QY_TRY(decode_lapsed(out, object, why));
  QY_TRY(decode_evaluations(out, object, levels, why));
  return decode_revoked(out, object, why);
}

qy_status qy_dcap_world_decode(qy_dcap_world *out, qy_view json, const qy_tcb_levels *levels, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, json, why));
  const qy_status status = decode(out, object, levels, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
  }
  return status;
}

/* ---- Writing ---- */

static json_t *encode_evaluation(const qy_dcap_evaluation *from)
{
  return json_pack("{s:I, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:o}", "number", (json_int_t)from->number,
                   "event", qy_json_new_time(from->event_s), "tcb_date", qy_json_new_time(from->tcb_date_s),
                   "standard_from", qy_json_new_time(from->standard_s), "cpu_level", (int)from->cpu_level, "pce_svn",
                   (int)from->pce_svn, "qe_svn", (int)from->qe_svn, "td_qe_svn", (int)from->td_qe_svn, "qve_svn",
                   (int)from->qve_svn, "tdx_module_svn", (int)from->tdx_module_svn, "status",
                   qy_tcb_status_name(from->status), "advisories", qy_tcb_advisories_encode(&from->advisories));
}

qy_status qy_dcap_world_encode(qy_buffer *out, const qy_dcap_world *world, qy_error *why)
{
  json_t *evaluations = json_array();
  json_t *revoked = json_array();
  json_t *lapsed = json_array();
  for (size_t i = 0; i < world->evaluation_count; i++) {
    (void)json_array_append_new(evaluations, encode_evaluation(&world->evaluations[i]));
  }
  for (size_t i = 0; i < world->revoked_count; i++) {
    const qy_dcap_revoked *one = &world->revoked[i];
    (void)json_array_append_new(revoked, json_pack("{s:s, s:o, s:o}", "ca", qy_dcap_ca_name(one->ca), "serial",
                                                   qy_json_new_hex(QY_VIEW_OF(one->serial)), "since",
                                                   qy_json_new_time(one->revoked_s)));
  }
  for (uint32_t lapse = 1; lapse <= QY_DCAP_LAPSED_ALL; lapse <<= 1) {
    if ((world->lapsed & lapse) != 0) {
      (void)json_array_append_new(lapsed, json_string(qy_dcap_lapse_name(lapse)));
    }
  }
  QY_SCOPED_JSON(object);
  object = json_pack("{s:o, s:I, s:o, s:o, s:o}", "issued", qy_json_new_time(world->issued_s), "issue",
                     (json_int_t)world->issue, "lapsed", lapsed, "evaluations", evaluations, "revoked", revoked);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "%s: out of memory", WHAT);
  }
  return qy_json_print(out, object, true, why);
}

/* ---- The file ---- */

qy_status qy_dcap_world_load(qy_dcap_world *out, const char *folder, const qy_tcb_levels *levels, qy_error *why)
{
  char path[QY_PATH_SIZE];
  memset(out, 0, sizeof *out);
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_DCAP, QY_FILE_DCAP_WORLD, why));
  QY_TRY(qy_file_read(&text, path, why));
  return qy_dcap_world_decode(out, qy_buffer_view(&text), levels, why);
}

qy_status qy_dcap_world_store(const char *folder, const qy_dcap_world *world, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_DCAP, QY_FILE_DCAP_WORLD, why));
  QY_TRY(qy_dcap_world_encode(&text, world, why));
  return qy_file_write(path, qy_buffer_view(&text), false, why);
}
