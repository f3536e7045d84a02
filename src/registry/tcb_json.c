/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/tcb.h>

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <base/limits.h>
#include <json/json.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <registry/tcb_members.h>

#define MAX_FILE 65536u

/* ---- Levels ---- */

static qy_status decode_levels(qy_tcb_levels *out, const json_t *list, qy_error *why)
{
  if (!json_is_array(list) || json_array_size(list) > QY_TCB_MAX_LEVELS) {
    return qy_fail(why, QY_ERR_MALFORMED, "TCB levels: an array of at most %d is needed", QY_TCB_MAX_LEVELS);
  }
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    int64_t level = 0;
    QY_TRY(qy_json_only(entry, "TCB levels", why, "level", "cpu_svn"));
    QY_TRY(qy_json_integer(&level, entry, "level", 1, QY_TCB_MAX_LEVELS, "TCB levels", why));
    if ((size_t)level != i + 1) {
      return qy_fail(why, QY_ERR_MALFORMED, "TCB levels: level %zu is missing", i + 1);
    }
    QY_TRY(qy_json_hex(out->cpu_svns[i], QY_CPU_SVN_SIZE, entry, "cpu_svn", "TCB levels", why));
    out->count++;
  }
  return qy_tcb_levels_check(out, why);
}

qy_status qy_tcb_levels_decode(qy_tcb_levels *out, qy_view json, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_JSON(list);
  QY_TRY(qy_json_parse(&list, json, why));
  const qy_status status = decode_levels(out, list, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
  }
  return status;
}

qy_status qy_tcb_levels_encode(qy_buffer *out, const qy_tcb_levels *levels, qy_error *why)
{
  QY_SCOPED_JSON(list);
  list = json_array();
  for (size_t i = 0; i < levels->count; i++) {
    json_t *cpu_svn = qy_json_new_hex(QY_VIEW_OF(levels->cpu_svns[i]));
    if (json_array_append_new(list, json_pack("{s:i, s:o}", "level", (int)i + 1, "cpu_svn", cpu_svn)) != 0) {
      return qy_fail(why, QY_ERR_MEMORY, "TCB levels: out of memory");
    }
  }
  return qy_json_print(out, list, true, why);
}

/* ---- Policy ---- */

bool qy_tcb_advisory_fits(const char *text)
{
  const size_t length = strlen(text);
  return length > 0 && length < QY_TCB_ADVISORY_SIZE && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

qy_status qy_tcb_advisories_decode(qy_tcb_advisories *out, const json_t *object, const char *member, const char *what,
                                   qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, member, QY_TCB_MAX_ADVISORIES, what, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    if (text == NULL || !qy_tcb_advisory_fits(text)) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: member \"%s\": advisories are up to %d of A-Z 0-9 -", what, member,
                     QY_TCB_ADVISORY_SIZE - 1);
    }
    (void)snprintf(out->ids[out->count++], QY_TCB_ADVISORY_SIZE, "%s", text);
  }
  return QY_OK;
}

static qy_status decode_svn(uint16_t *out, const json_t *object, const char *member, qy_error *why)
{
  int64_t value = 0;
  const qy_status status = qy_json_integer(&value, object, member, 0, UINT16_MAX, "TCB", why);
  *out = (uint16_t)value;
  return status;
}

static qy_status decode_required(qy_tcb_policy *out, const json_t *policy, const qy_tcb_levels *levels, qy_error *why)
{
  const json_t *required = NULL;
  int64_t level = 0;
  QY_TRY(qy_json_object(&required, policy, "required", "TCB policy", why));
  QY_TRY(qy_json_only(required, "TCB policy", why, "cpu_svn_level", "qe_svn", "pce_svn", "pve_svn"));
  QY_TRY(qy_json_integer(&level, required, "cpu_svn_level", 1, (int64_t)levels->count, "TCB policy", why));
  out->cpu_svn_level = (unsigned)level;
  QY_TRY(decode_svn(&out->qe_svn, required, "qe_svn", why));
  QY_TRY(decode_svn(&out->pce_svn, required, "pce_svn", why));
  return decode_svn(&out->pve_svn, required, "pve_svn", why);
}

static qy_status decode_state(qy_tcb_policy *out, const json_t *entry, size_t level, qy_error *why)
{
  const char *state = NULL;
  int64_t number = 0;
  QY_TRY(qy_json_only(entry, "TCB policy", why, "level", "state", "advisories"));
  QY_TRY(qy_json_integer(&number, entry, "level", 1, QY_TCB_MAX_LEVELS, "TCB policy", why));
  QY_TRY(qy_json_text(&state, entry, "state", "TCB policy", why));
  out->states[level - 1] = qy_tcb_state_by_name(state);
  if ((size_t)number != level || out->states[level - 1] == QY_TCB_UNKNOWN) {
    return qy_fail(why, QY_ERR_MALFORMED, "TCB policy: levels must be told in order, each with a state; see level %zu",
                   level);
  }
  return qy_tcb_advisories_decode(&out->advisories[level - 1], entry, "advisories", "TCB policy", why);
}

static bool url_fits(const char *text)
{
  const size_t length = strlen(text);
  for (size_t i = 0; i < length; i++) {
    if (text[i] <= ' ' || text[i] > '~') {
      return false;
    }
  }
  return length < QY_TCB_URL_SIZE;
}

static qy_status decode_policy(qy_tcb_policy *out, const json_t *policy, const qy_tcb_levels *levels, qy_error *why)
{
  const char *url = NULL;
  const json_t *states = NULL;
  QY_TRY(qy_json_only(policy, "TCB policy", why, "required", "advisory_url", "out_of_date_advisories", "levels"));
  QY_TRY(decode_required(out, policy, levels, why));
  QY_TRY(qy_json_text(&url, policy, "advisory_url", "TCB policy", why));
  if (!url_fits(url)) {
    return qy_fail(why, QY_ERR_MALFORMED, "TCB policy: member \"advisory_url\": printable ASCII, up to %d, is needed",
                   QY_TCB_URL_SIZE - 1);
  }
  (void)snprintf(out->advisory_url, sizeof out->advisory_url, "%s", url);
  QY_TRY(qy_tcb_advisories_decode(&out->out_of_date, policy, "out_of_date_advisories", "TCB policy", why));
  QY_TRY(qy_json_array(&states, policy, "levels", QY_TCB_MAX_LEVELS, "TCB policy", why));
  if (json_array_size(states) != levels->count) {
    return qy_fail(why, QY_ERR_MALFORMED, "TCB policy: %zu levels of %zu are told", json_array_size(states),
                   levels->count);
  }
  for (size_t level = 1; level <= levels->count; level++) {
    QY_TRY(decode_state(out, json_array_get(states, level - 1), level, why));
  }
  return QY_OK;
}

qy_status qy_tcb_policy_decode(qy_tcb_policy *out, qy_view json, const qy_tcb_levels *levels, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_JSON(policy);
  QY_TRY(qy_json_parse(&policy, json, why));
  const qy_status status = decode_policy(out, policy, levels, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
  }
  return status;
}

json_t *qy_tcb_advisories_encode(const qy_tcb_advisories *advisories)
{
  json_t *list = json_array();
  for (size_t i = 0; i < advisories->count; i++) {
    (void)json_array_append_new(list, json_string(advisories->ids[i]));
  }
  return list;
}

qy_status qy_tcb_policy_encode(qy_buffer *out, const qy_tcb_policy *policy, const qy_tcb_levels *levels, qy_error *why)
{
  json_t *states = json_array();
  for (size_t i = 0; i < levels->count; i++) {
    (void)json_array_append_new(states, json_pack("{s:i, s:s, s:o}", "level", (int)i + 1, "state",
                                                  qy_tcb_state_name(policy->states[i]), "advisories",
                                                  qy_tcb_advisories_encode(&policy->advisories[i])));
  }
  QY_SCOPED_JSON(object);
  object = json_pack("{s:{s:i, s:i, s:i, s:i}, s:s, s:o, s:o}", "required", "cpu_svn_level", (int)policy->cpu_svn_level,
                     "qe_svn", (int)policy->qe_svn, "pce_svn", (int)policy->pce_svn, "pve_svn", (int)policy->pve_svn,
                     "advisory_url", policy->advisory_url, "out_of_date_advisories",
                     qy_tcb_advisories_encode(&policy->out_of_date), "levels", states);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "TCB policy: out of memory");
  }
  return qy_json_print(out, object, true, why);
}

/* ---- Groups ---- */

static qy_status decode_group(qy_group_tcb *out, const json_t *object, qy_error *why)
{
  int64_t level = 0;
  QY_TRY(qy_json_only(object, "TCB of a group", why, "cpu_svn_level", "pve_svn", "pce_svn"));
  QY_TRY(qy_json_integer(&level, object, "cpu_svn_level", 1, QY_TCB_MAX_LEVELS, "TCB of a group", why));
  out->cpu_svn_level = (unsigned)level;
  QY_TRY(decode_svn(&out->pve_svn, object, "pve_svn", why));
  return decode_svn(&out->pce_svn, object, "pce_svn", why);
}

qy_status qy_group_tcb_decode(qy_group_tcb *out, qy_view json, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, json, why));
  const qy_status status = decode_group(out, object, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
  }
  return status;
}

qy_status qy_group_tcb_encode(qy_buffer *out, const qy_group_tcb *tcb, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = json_pack("{s:i, s:i, s:i}", "cpu_svn_level", (int)tcb->cpu_svn_level, "pve_svn", (int)tcb->pve_svn,
                     "pce_svn", (int)tcb->pce_svn);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "TCB of a group: out of memory");
  }
  return qy_json_print(out, object, true, why);
}

/* ---- Files ---- */

qy_status qy_tcb_levels_load(qy_tcb_levels *out, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  memset(out, 0, sizeof *out);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_TCB_LEVELS, why));
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_file_read(&text, path, why));
  return qy_tcb_levels_decode(out, qy_buffer_view(&text), why);
}

qy_status qy_tcb_levels_store(const char *folder, const qy_tcb_levels *levels, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_tcb_levels_check(levels, why));
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_TCB_LEVELS, why));
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_tcb_levels_encode(&text, levels, why));
  return qy_file_write(path, qy_buffer_view(&text), false, why);
}

qy_status qy_tcb_policy_load(qy_tcb_policy *out, const char *folder, const qy_tcb_levels *levels, qy_error *why)
{
  char path[QY_PATH_SIZE];
  memset(out, 0, sizeof *out);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_TCB_POLICY, why));
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_file_read(&text, path, why));
  return qy_tcb_policy_decode(out, qy_buffer_view(&text), levels, why);
}

static bool asks_for_less(const qy_tcb_policy *policy, const qy_tcb_policy *old)
{
  return policy->cpu_svn_level < old->cpu_svn_level || policy->qe_svn < old->qe_svn || policy->pce_svn < old->pce_svn ||
         policy->pve_svn < old->pve_svn;
}

qy_status qy_tcb_policy_store(const char *folder, const qy_tcb_policy *policy, qy_error *why)
{
  qy_tcb_levels levels;
  qy_tcb_policy old;
  char path[QY_PATH_SIZE];
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_TCB_POLICY, why));
  if (qy_file_exists(path)) {
    QY_TRY(qy_tcb_policy_load(&old, folder, &levels, why));
    if (asks_for_less(policy, &old)) {
      return qy_fail(why, QY_ERR_DENIED, "TCB policy: what is required can be raised, not lowered");
    }
  }
  QY_SCOPED_BUFFER(text, MAX_FILE);
  QY_TRY(qy_tcb_policy_encode(&text, policy, &levels, why));
  QY_TRY(qy_tcb_policy_decode(&old, qy_buffer_view(&text), &levels, why)); /* as every reader will */
  return qy_file_write(path, qy_buffer_view(&text), false, why);
}
