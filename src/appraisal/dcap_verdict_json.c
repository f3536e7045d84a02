/* SPDX-License-Identifier: Apache-2.0 */
/* A DCAP verdict as JSON. Members and their order are stable: others read them. */
#include <quotary/dcap_explain.h>

#include <appraisal/text.h>
#include <appraisal/verdict_json.h>

static json_t *bits(uint64_t value)
{
  return json_sprintf("%016llx", (unsigned long long)value);
}

static json_t *time_or_null(bool known, int64_t time_s)
{
  return known ? qy_json_new_time(time_s) : json_null();
}

static json_t *status_or_null(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_UNKNOWN ? json_null() : json_string(qy_tcb_status_name(status));
}

static json_t *view_or_null(qy_view text)
{
  return text.size == 0 ? json_null() : qy_json_new_text(qy_textf("%.*s", (int)text.size, text.bytes).chars);
}

static json_t *advisories(size_t count, const char (*names)[QY_ADVISORY_SIZE])
{
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(array, qy_json_new_text(names[i]));
  }
  return array;
}

static bool is_debug(const qy_dcap_verdict *verdict)
{
  return verdict->body_type == QY_DCAP_BODY_ENCLAVE ? (verdict->report.attributes.flags & QY_ATTRIBUTE_DEBUG) != 0
                                                    : (verdict->td.td_attributes & QY_TD_DEBUG) != 0;
}

static json_t *qvl(const qy_dcap_qvl *statuses)
{
  json_t *object = json_object();
  json_object_set_new(object, "pck", json_string(qy_qvl_status_name(statuses->pck_chain)));
  json_object_set_new(object, "tcbinfo", json_string(qy_qvl_status_name(statuses->tcb_info)));
  json_object_set_new(object, "qeid", json_string(qy_qvl_status_name(statuses->identity)));
  json_object_set_new(object, "quote", json_string(qy_qvl_status_name(statuses->quote)));
  return object;
}

static json_t *standing(const qy_dcap_standing *from)
{
  json_t *object = json_object();
  json_object_set_new(object, "status", status_or_null(from->status));
  json_object_set_new(object, "platform", status_or_null(from->platform));
  json_object_set_new(object, "quoting_enclave", status_or_null(from->quoting_enclave));
  json_object_set_new(object, "tdx_module", status_or_null(from->module));
  json_object_set_new(object, "tcb_date", qy_json_new_time(from->date_s));
  json_object_set_new(object, "advisory_ids", advisories(from->advisory_count, from->advisories));
  return object;
}

static json_t *gap(const qy_dcap_gap *from)
{
  json_t *object = json_object();
  json_object_set_new(object, "part", json_string(qy_dcap_part_name(from->part)));
  json_object_set_new(object, "component", from->component == 0 ? json_null() : json_integer(from->component));
  json_object_set_new(object, "found", json_integer(from->found));
  json_object_set_new(object, "needed", json_integer(from->needed));
  json_object_set_new(object, "since", qy_json_new_time(from->since_s));
  json_object_set_new(object, "category", view_or_null(from->category));
  json_object_set_new(object, "type", view_or_null(from->description));
  return object;
}

static json_t *mend(const qy_dcap_mending *from)
{
  json_t *object = json_object();
  json_t *gaps = json_array();
  for (size_t i = 0; i < from->gap_count; i++) {
    json_array_append_new(gaps, gap(&from->gaps[i]));
  }
  json_object_set_new(object, "tcb_status", status_or_null(from->best));
  json_object_set_new(object, "relaunch", json_boolean(from->relaunch));
  json_object_set_new(object, "gaps", gaps);
  json_object_set_new(object, "advisory_ids", advisories(from->advisory_count, from->advisories));
  return object;
}

static json_t *quote(const qy_dcap_verdict *verdict)
{
  json_t *object = json_object();
  json_object_set_new(object, "version", json_integer(verdict->header.version));
  json_object_set_new(object, "body", json_string(qy_dcap_body_name(verdict->body_type)));
  json_object_set_new(object, "qe_id", qy_json_new_hex(qy_view_over(verdict->header.user_data, QY_DCAP_QE_ID_SIZE)));
  json_object_set_new(object, "qe_isv_svn", json_integer(verdict->qe_report.isv_svn));
  return object;
}

static json_t *event_log(const qy_dcap_verdict *verdict)
{
  json_t *object = json_object();
  json_t *registers = json_array();
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    json_array_append_new(registers, qy_json_new_hex(QY_VIEW_OF(verdict->replayed[i])));
  }
  json_object_set_new(object, "events", json_integer((json_int_t)verdict->event_count));
  json_object_set_new(object, "rtmr", registers);
  return object;
}

static json_t *trust_domain(const qy_td_body *body)
{
  json_t *object = json_object();
  json_t *rtmrs = json_array();
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    json_array_append_new(rtmrs, qy_json_new_hex(QY_VIEW_OF(body->rtmr[i])));
  }
  json_object_set_new(object, "mrtd", qy_json_new_hex(QY_VIEW_OF(body->mr_td)));
  json_object_set_new(object, "rtmr", rtmrs);
  json_object_set_new(object, "mrconfigid", qy_json_new_hex(QY_VIEW_OF(body->mr_config_id)));
  json_object_set_new(object, "mrowner", qy_json_new_hex(QY_VIEW_OF(body->mr_owner)));
  json_object_set_new(object, "mrownerconfig", qy_json_new_hex(QY_VIEW_OF(body->mr_owner_config)));
  json_object_set_new(object, "mrservicetd", qy_json_new_hex(QY_VIEW_OF(body->mr_service_td)));
  json_object_set_new(object, "mrseam", qy_json_new_hex(QY_VIEW_OF(body->mr_seam)));
  json_object_set_new(object, "mrsignerseam", qy_json_new_hex(QY_VIEW_OF(body->mr_signer_seam)));
  json_object_set_new(object, "td_attributes", bits(body->td_attributes));
  json_object_set_new(object, "xfam", bits(body->xfam));
  json_object_set_new(object, "tee_tcb_svn", qy_json_new_hex(QY_VIEW_OF(body->tee_tcb_svn)));
  json_object_set_new(object, "tee_tcb_svn2", qy_json_new_hex(QY_VIEW_OF(body->tee_tcb_svn2)));
  json_object_set_new(object, "report_data", qy_json_new_hex(QY_VIEW_OF(body->report_data)));
  return object;
}

static json_t *platform(const qy_dcap_verdict *verdict)
{
  const qy_pck_extension *from = &verdict->platform;
  json_t *object = json_object();
  json_t *components = json_array();
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    json_array_append_new(components, json_integer(from->components[i]));
  }
  json_object_set_new(object, "ca", json_string(from->has_platform ? "platform" : "processor"));
  json_object_set_new(object, "fmspc", qy_json_new_hex(QY_VIEW_OF(from->fmspc)));
  json_object_set_new(object, "pce_id", qy_json_new_hex(QY_VIEW_OF(from->pce_id)));
  json_object_set_new(object, "ppid", qy_json_new_hex(QY_VIEW_OF(from->ppid)));
  json_object_set_new(object, "sgx_type", json_string(qy_sgx_type_name(from->sgx_type)));
  json_object_set_new(object, "components", components);
  json_object_set_new(object, "pce_svn", json_integer(from->pce_svn));
  json_object_set_new(object, "cpu_svn", qy_json_new_hex(QY_VIEW_OF(from->cpu_svn)));
  json_object_set_new(object, "dynamic", json_string(qy_configured_name(from->dynamic_platform)));
  json_object_set_new(object, "cached_keys", json_string(qy_configured_name(from->cached_keys)));
  json_object_set_new(object, "smt", json_string(qy_configured_name(from->smt_enabled)));
  return object;
}

static void set_subject(json_t *object, const qy_dcap_verdict *verdict)
{
  const bool known = verdict->has_quote;
  const bool is_enclave = known && verdict->body_type == QY_DCAP_BODY_ENCLAVE;
  json_object_set_new(object, "quote", known ? quote(verdict) : json_null());
  json_object_set_new(object, "enclave", is_enclave ? qy_verdict_json_enclave(&verdict->report) : json_null());
  json_object_set_new(object, "td", known && !is_enclave ? trust_domain(&verdict->td) : json_null());
  json_object_set_new(object, "platform", verdict->has_platform ? platform(verdict) : json_null());
  json_object_set_new(object, "event_log", verdict->has_event_log ? event_log(verdict) : json_null());
}

static void set_status(json_t *object, const qy_dcap_verdict *verdict)
{
  const bool known = verdict->has_standing;
  const qy_dcap_standing *launch = &verdict->standing;
  json_object_set_new(object, "tcb_status", known ? status_or_null(verdict->tcb_status) : json_null());
  json_object_set_new(object, "advisory_ids",
                      known ? advisories(launch->advisory_count, launch->advisories) : json_array());
}

qy_status qy_dcap_verdict_to_json(char **json, const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                                  qy_error *why)
{
  *json = NULL;
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "kind", json_string("dcap-quote"));
  json_object_set_new(object, "authentic", json_boolean(verdict->authentic));
  json_object_set_new(object, "verdict", json_string(qy_trust_name(verdict->trust)));
  set_status(object, verdict);
  json_object_set_new(object, "tee",
                      !verdict->has_quote ? json_null()
                                          : json_string(verdict->header.tee == QY_TEE_TDX ? "tdx" : "sgx"));
  json_object_set_new(object, "debug", verdict->has_quote ? json_boolean(is_debug(verdict)) : json_null());
  json_object_set_new(object, "simulated", json_boolean(verdict->simulated));
  json_object_set_new(object, "appraised_at", qy_json_new_time(verdict->at_s));
  json_object_set_new(object, "expires_at", time_or_null(verdict->expires_s != 0, verdict->expires_s));
  json_object_set_new(object, "policy_version", json_integer((json_int_t)verdict->policy_version));
  json_object_set_new(object, "evaluation_number",
                      verdict->has_collateral_numbers ? json_integer(verdict->evaluation_number) : json_null());
  json_object_set_new(object, "qvl", qvl(&verdict->qvl));
  json_object_set_new(object, "checks", qy_verdict_json_checks(&verdict->trace));
  json_object_set_new(object, "mend", mending != NULL && mending->known ? mend(mending) : json_null());
  json_object_set_new(object, "launch", verdict->has_standing ? standing(&verdict->standing) : json_null());
  json_object_set_new(object, "current", verdict->has_standing ? standing(&verdict->current) : json_null());
  set_subject(object, verdict);
  return qy_text_of_json(json, object, why);
}
