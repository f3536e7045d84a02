/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as JSON. Members and their order are stable: others read them. */
#include <appraisal/parts.h>

#include <appraisal/text.h>
#include <appraisal/verdict_json.h>

static json_t *check(const qy_check_record *record)
{
  json_t *object = json_object();
  json_object_set_new(object, "id", json_string(qy_check_name(record->id)));
  json_object_set_new(object, "title", json_string(qy_check_title(record->id)));
  json_object_set_new(object, "outcome", json_string(qy_outcome_name(record->outcome)));
  json_object_set_new(object, "expected", qy_json_new_text(record->expected.chars));
  json_object_set_new(object, "actual", qy_json_new_text(record->actual.chars));
  json_object_set_new(object, "origin", qy_json_new_text(record->origin == NULL ? "" : record->origin));
  json_object_set_new(object, "remedy",
                      qy_json_new_text(record->remedy == NULL ? qy_check_remedy(record->id) : record->remedy));
  return object;
}

json_t *qy_verdict_json_checks(const qy_trace *trace)
{
  json_t *array = json_array();
  for (size_t i = 0; i < trace->count; i++) {
    json_array_append_new(array, check(&trace->records[i]));
  }
  return array;
}

static json_t *flag_bits(uint64_t value)
{
  return json_sprintf("%016llx", (unsigned long long)value);
}

json_t *qy_verdict_json_enclave(const qy_report_body *body)
{
  json_t *object = json_object();
  json_object_set_new(object, "mrenclave", qy_json_new_hex(QY_VIEW_OF(body->mr_enclave)));
  json_object_set_new(object, "mrsigner", qy_json_new_hex(QY_VIEW_OF(body->mr_signer)));
  json_object_set_new(object, "isv_prod_id", json_integer(body->isv_prod_id));
  json_object_set_new(object, "isv_svn", json_integer(body->isv_svn));
  json_object_set_new(object, "debug", json_boolean((body->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0));
  json_object_set_new(object, "flags", flag_bits(body->attributes.flags));
  json_object_set_new(object, "xfrm", flag_bits(body->attributes.xfrm));
  json_object_set_new(object, "misc_select", json_sprintf("%08x", body->misc_select));
  json_object_set_new(object, "cpu_svn", qy_json_new_hex(QY_VIEW_OF(body->cpu_svn)));
  json_object_set_new(object, "config_id", qy_json_new_hex(QY_VIEW_OF(body->config_id)));
  json_object_set_new(object, "config_svn", json_integer(body->config_svn));
  json_object_set_new(object, "isv_family_id", qy_json_new_hex(QY_VIEW_OF(body->isv_family_id)));
  json_object_set_new(object, "isv_ext_prod_id", qy_json_new_hex(QY_VIEW_OF(body->isv_ext_prod_id)));
  json_object_set_new(object, "report_data", qy_json_new_hex(QY_VIEW_OF(body->report_data)));
  return object;
}

static json_t *quote(const qy_quote_body *body)
{
  json_t *object = json_object();
  json_object_set_new(object, "version", json_integer(body->version));
  json_object_set_new(object, "type", json_string(body->sign_type == QY_LINKABLE ? "linkable" : "unlinkable"));
  json_object_set_new(object, "epid_group", json_sprintf("%08x", body->group_id));
  json_object_set_new(object, "qe_svn", json_integer(body->qe_svn));
  json_object_set_new(object, "pce_svn", json_integer(body->pce_svn));
  json_object_set_new(object, "xeid", json_integer(body->xeid));
  json_object_set_new(object, "basename", qy_json_new_hex(QY_VIEW_OF(body->basename)));
  return object;
}

static json_t *platform_info(const qy_platform_info *info)
{
  json_t *object = json_object();
  json_object_set_new(object, "epid_group_flags", json_integer(info->epid_group_flags));
  json_object_set_new(object, "tcb_flags", json_integer(info->tcb_flags));
  json_object_set_new(object, "pse_flags", json_integer(info->pse_flags));
  json_object_set_new(object, "latest_cpu_svn", qy_json_new_hex(QY_VIEW_OF(info->latest_cpu_svn)));
  json_object_set_new(object, "latest_qe_svn", json_integer(info->latest_qe_svn));
  return object;
}

static void set_report(json_t *object, const qy_verdict *verdict)
{
  const qy_avr *report = &verdict->report;
  json_t *advisories = json_array();
  for (size_t i = 0; i < report->advisory_count; i++) {
    json_array_append_new(advisories, qy_json_new_text(report->advisories[i]));
  }
  json_object_set_new(object, "advisories", advisories);
  json_object_set_new(object, "timestamp", verdict->has_report ? qy_json_new_text(report->timestamp) : json_null());
  json_object_set_new(object, "report_id", verdict->has_report ? qy_json_new_text(report->id) : json_null());
  json_object_set_new(object, "version",
                      !verdict->has_report ? json_null() : json_integer(report->names_version ? report->version : 2));
  json_object_set_new(object, "nonce", report->has_nonce ? qy_json_new_text(report->nonce) : json_null());
  json_object_set_new(object, "pseudonym",
                      report->has_pseudonym ? qy_json_new_base64(QY_VIEW_OF(report->pseudonym)) : json_null());
}

qy_status qy_verdict_to_json(char **json, const qy_verdict *verdict, qy_error *why)
{
  *json = NULL;
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "kind", json_string("epid-report"));
  json_object_set_new(object, "authentic", json_boolean(verdict->authentic));
  json_object_set_new(object, "verdict", json_string(qy_trust_name(verdict->trust)));
  json_object_set_new(object, "status", verdict->has_report ? qy_json_new_text(verdict->status) : json_null());
  json_object_set_new(object, "simulated", json_boolean(verdict->simulated));
  json_object_set_new(object, "appraised_at", qy_json_new_time(verdict->at_s));
  json_object_set_new(object, "policy_version", json_integer((json_int_t)verdict->policy_version));
  json_object_set_new(object, "checks", qy_verdict_json_checks(&verdict->trace));
  set_report(object, verdict);
  json_object_set_new(object, "quote", verdict->has_quote ? quote(&verdict->quote) : json_null());
  json_object_set_new(object, "enclave",
                      verdict->has_quote ? qy_verdict_json_enclave(&verdict->quote.report) : json_null());
  json_object_set_new(object, "platform_info",
                      verdict->has_platform_info ? platform_info(&verdict->platform_info) : json_null());
  return qy_text_of_json(json, object, why);
}
