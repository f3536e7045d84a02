/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy says of DCAP evidence alone. */
#include <appraisal/policy_parts.h>

#include <string.h>

#include <quotary/collateral.h>
#include <quotary/dcap_quote.h>

#define MAX_GRACE_S (10ll * 366 * 86400)

static const char what[] = "policy";

const char *qy_td_hash_name(qy_td_hash hash)
{
  static const char *const names[QY_TD_HASH_COUNT] = {"rtmr0",        "rtmr1",      "rtmr2",         "rtmr3",
                                                      "mrconfigid",   "mrowner",    "mrownerconfig", "mrseam",
                                                      "mrsignerseam", "mrservicetd"};
  return (unsigned)hash < QY_TD_HASH_COUNT ? names[hash] : "unknown";
}

static qy_status read_mr_tds(qy_td_rules *out, const json_t *td, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, td, "mrtd", QY_POLICY_MAX_TRUST_DOMAINS, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    QY_TRY(qy_policy_read_hex(out->mr_tds[i], QY_POLICY_TD_HASH_SIZE, json_array_get(list, i), "mrtd", why));
    for (size_t j = 0; j < i; j++) {
      if (memcmp(out->mr_tds[i], out->mr_tds[j], QY_POLICY_TD_HASH_SIZE) == 0) {
        return qy_policy_wrong(why, "mrtd", "a measurement stands there twice");
      }
    }
  }
  out->mr_td_count = json_array_size(list);
  return QY_OK;
}

static qy_status read_events(qy_td_event_rules *out, const json_t *events, size_t rtmr, qy_error *why)
{
  const char *name = qy_td_hash_name((qy_td_hash)rtmr);
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, events, name, QY_POLICY_MAX_EVENTS - out->count, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    QY_TRY(qy_policy_read_hex(out->digests[out->count], QY_POLICY_TD_HASH_SIZE, json_array_get(list, i), name, why));
    out->rtmrs[out->count++] = (uint8_t)rtmr;
  }
  out->named[rtmr] = true;
  return QY_OK;
}

static qy_status read_event_rules(qy_td_event_rules *out, const json_t *td, qy_error *why)
{
  static const char *const choices[] = {"any", "required"};
  const json_t *events = NULL;
  size_t choice = 0;
  if (qy_json_has(td, "event_log")) {
    QY_TRY(qy_json_choice(&choice, td, "event_log", choices, 2, what, why));
  }
  out->required = choice == 1;
  if (!qy_json_has(td, "events")) {
    return QY_OK;
  }
  QY_TRY(qy_json_object(&events, td, "events", what, why));
  QY_TRY(qy_json_only(events, "policy: member \"events\"", why, "rtmr0", "rtmr1", "rtmr2", "rtmr3"));
  for (size_t rtmr = 0; rtmr < QY_POLICY_RTMRS; rtmr++) {
    if (qy_json_has(events, qy_td_hash_name((qy_td_hash)rtmr))) {
      QY_TRY(read_events(out, events, rtmr, why));
    }
  }
  return out->count == 0 ? qy_policy_wrong(why, "events", "no register is named; leave it out if it is not meant")
                         : QY_OK;
}

qy_status qy_policy_read_td(qy_td_rules *out, const json_t *object, qy_error *why)
{
  static const char where[] = "policy: member \"td\"";
  const json_t *td = NULL;
  QY_TRY(qy_json_object(&td, object, "td", what, why));
  QY_TRY(qy_json_only(td, where, why, "mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mrconfigid", "mrowner",
                      "mrownerconfig", "mrseam", "mrsignerseam", "mrservicetd", "event_log", "events"));
  QY_TRY(read_mr_tds(out, td, why));
  for (int hash = 0; hash < QY_TD_HASH_COUNT; hash++) {
    const char *name = qy_td_hash_name((qy_td_hash)hash);
    out->named[hash] = qy_json_has(td, name);
    if (out->named[hash]) {
      QY_TRY(qy_json_hex(out->hashes[hash], QY_POLICY_TD_HASH_SIZE, td, name, where, why));
    }
  }
  return read_event_rules(&out->events, td, why);
}

qy_status qy_policy_read_tcb_statuses(qy_policy *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, object, "tcb_statuses", QY_TCB_STATUS_COUNT, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const qy_tcb_status status = qy_tcb_status_by_name(qy_view_text(json_string_value(json_array_get(list, i))));
    if (status == QY_TCB_STATUS_UNKNOWN) {
      return qy_fail(why, QY_ERR_MALFORMED, "policy: member \"tcb_statuses\": element %zu is no status of TCB info", i);
    }
    if (status == QY_TCB_STATUS_REVOKED) {
      return qy_policy_wrong(why, "tcb_statuses", "no policy can accept Revoked");
    }
    if ((out->tcb_statuses & 1u << status) != 0) {
      return qy_policy_wrong(why, "tcb_statuses", "a status stands there twice");
    }
    out->tcb_statuses |= 1u << status;
  }
  return QY_OK;
}

static qy_status read_bits(uint64_t *value, uint64_t *mask, const json_t *object, const char *member, qy_error *why)
{
  const json_t *bits = NULL;
  if (!qy_json_has(object, member)) {
    return QY_OK;
  }
  QY_TRY(qy_json_object(&bits, object, member, what, why));
  QY_TRY(qy_json_only(bits, "policy: member \"td_attributes\" or \"xfam\"", why, "value", "mask"));
  return qy_policy_read_masked(value, mask, 16, bits, "value", "mask", why);
}

qy_status qy_policy_read_dcap_rules(qy_policy *out, const json_t *object, qy_error *why)
{
  int64_t least = 0;
  QY_TRY(qy_policy_read_optional_integer(&least, object, "tcb_evaluation_min", 0, UINT32_MAX, why));
  out->tcb_evaluation_min = (uint32_t)least;
  QY_TRY(qy_policy_read_optional_integer(&out->tcb_grace_s, object, "tcb_grace_s", 0, MAX_GRACE_S, why));
  QY_TRY(read_bits(&out->td.attributes, &out->td.attribute_mask, object, "td_attributes", why));
  if ((out->td.attributes & QY_TD_UNTRUSTED_BITS) != 0) {
    return qy_policy_wrong(why, "td_attributes", "bits 0 to 7 are for debugging: say \"debug\"");
  }
  return read_bits(&out->td.xfam, &out->td.xfam_mask, object, "xfam", why);
}

/* ---- Written ---- */

static json_t *events_json(const qy_td_event_rules *rules)
{
  json_t *object = json_object();
  for (size_t rtmr = 0; rtmr < QY_POLICY_RTMRS; rtmr++) {
    if (!rules->named[rtmr]) {
      continue;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < rules->count; i++) {
      if (rules->rtmrs[i] == rtmr) {
        json_array_append_new(list, qy_json_new_hex(QY_VIEW_OF(rules->digests[i])));
      }
    }
    json_object_set_new(object, qy_td_hash_name((qy_td_hash)rtmr), list);
  }
  return object;
}

static json_t *td_json(const qy_td_rules *rules)
{
  json_t *object = json_object();
  json_t *list = json_array();
  for (size_t i = 0; i < rules->mr_td_count; i++) {
    json_array_append_new(list, qy_json_new_hex(QY_VIEW_OF(rules->mr_tds[i])));
  }
  json_object_set_new(object, "mrtd", list);
  for (int hash = 0; hash < QY_TD_HASH_COUNT; hash++) {
    if (rules->named[hash]) {
      json_object_set_new(object, qy_td_hash_name((qy_td_hash)hash), qy_json_new_hex(QY_VIEW_OF(rules->hashes[hash])));
    }
  }
  json_object_set_new(object, "event_log", json_string(rules->events.required ? "required" : "any"));
  if (rules->events.count > 0) {
    json_object_set_new(object, "events", events_json(&rules->events));
  }
  return object;
}

static json_t *masked_json(uint64_t value, uint64_t mask)
{
  return json_pack("{s:o, s:o}", "value", json_sprintf("%016llx", (unsigned long long)value), "mask",
                   json_sprintf("%016llx", (unsigned long long)mask));
}

void qy_policy_write_dcap(json_t *object, const qy_policy *policy)
{
  json_t *statuses = json_array();
  for (int status = QY_TCB_STATUS_UNKNOWN + 1; status < QY_TCB_STATUS_COUNT; status++) {
    if ((policy->tcb_statuses & 1u << status) != 0) {
      json_array_append_new(statuses, json_string(qy_tcb_status_name((qy_tcb_status)status)));
    }
  }
  if (json_array_size(statuses) > 0) {
    json_object_set(object, "tcb_statuses", statuses);
  }
  json_decref(statuses);
  json_object_set_new(object, "tcb_evaluation_min", json_integer(policy->tcb_evaluation_min));
  json_object_set_new(object, "tcb_grace_s", json_integer(policy->tcb_grace_s));
  if (policy->td.mr_td_count > 0) {
    json_object_set_new(object, "td", td_json(&policy->td));
  }
  json_object_set_new(object, "td_attributes", masked_json(policy->td.attributes, policy->td.attribute_mask));
  json_object_set_new(object, "xfam", masked_json(policy->td.xfam, policy->td.xfam_mask));
}
