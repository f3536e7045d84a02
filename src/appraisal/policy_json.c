/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as JSON again, every member spelt out. */
#include <appraisal/parts.h>
#include <appraisal/policy_parts.h>

#include <appraisal/text.h>

static json_t *bits(uint64_t value, int digits)
{
  return json_sprintf("%0*llx", digits, (unsigned long long)value);
}

static json_t *measurements(const uint8_t list[][QY_MEASUREMENT_SIZE], size_t count)
{
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(array, qy_json_new_hex(qy_view_over(list[i], QY_MEASUREMENT_SIZE)));
  }
  return array;
}

static json_t *roots(const qy_policy *policy)
{
  json_t *array = json_array();
  if (policy->intel_root) {
    json_array_append_new(array, json_string("intel"));
  }
  for (size_t i = 0; i < policy->simulated_root_count; i++) {
    const qy_simulated_root *root = &policy->simulated_roots[i];
    json_t *object = json_object();
    json_object_set_new(object, "simulated", qy_json_new_hex(QY_VIEW_OF(root->fingerprint)));
    if (root->has_platform_info_key) {
      json_object_set_new(object, "platform_info_key", qy_json_new_hex(QY_VIEW_OF(root->platform_info_key)));
    }
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *enclave(const qy_policy *policy)
{
  json_t *object = json_object();
  if (policy->mr_enclave_count > 0) {
    json_object_set_new(object, "mrenclave", measurements(policy->mr_enclaves, policy->mr_enclave_count));
  }
  if (policy->has_signer) {
    json_object_set_new(object, "mrsigner", qy_json_new_hex(QY_VIEW_OF(policy->mr_signer)));
    json_object_set_new(object, "isv_prod_id", json_integer(policy->isv_prod_id));
    json_object_set_new(object, "isv_svn_min", json_integer(policy->isv_svn_min));
  }
  if (policy->has_config_id) {
    json_object_set_new(object, "config_id", qy_json_new_hex(QY_VIEW_OF(policy->config_id)));
    json_object_set_new(object, "config_svn_min", json_integer(policy->config_svn_min));
  }
  return object;
}

static json_t *statuses(const qy_policy *policy)
{
  json_t *array = json_array();
  for (int status = QY_AVR_UNKNOWN + 1; status < QY_AVR_STATUS_COUNT; status++) {
    if ((policy->statuses & 1u << status) != 0) {
      json_array_append_new(array, json_string(qy_avr_status_name((qy_avr_status)status)));
    }
  }
  return array;
}

static json_t *waived(const qy_policy *policy)
{
  json_t *array = json_array();
  for (size_t i = 0; i < policy->waived_count; i++) {
    json_array_append_new(array, json_string(policy->waived[i]));
  }
  return array;
}

static json_t *demands(const qy_policy *policy)
{
  json_t *array = json_array();
  const struct {
    const char *name;
    bool demanded;
  } rows[] = {{"quote", policy->demands_quote},
              {"nonce", policy->demands_nonce},
              {"spid", policy->demands_spid},
              {"report_data", policy->demands_report_data}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].demanded) {
      json_array_append_new(array, json_string(rows[i].name));
    }
  }
  return array;
}

static void set_enclave_rules(json_t *object, const qy_policy *policy)
{
  if (policy->denied_count > 0) {
    json_object_set_new(object, "denied_mrenclaves", measurements(policy->denied_mr_enclaves, policy->denied_count));
  }
  json_object_set_new(object, "debug", json_boolean(policy->allow_debug));
  json_object_set_new(object, "published_signers", json_boolean(policy->allow_published_signers));
  json_object_set_new(object, "attributes",
                      json_pack("{s:o, s:o, s:o, s:o}", "flags", bits(policy->attributes.flags, 16), "flags_mask",
                                bits(policy->attribute_mask.flags, 16), "xfrm", bits(policy->attributes.xfrm, 16),
                                "xfrm_mask", bits(policy->attribute_mask.xfrm, 16)));
  json_object_set_new(
      object, "misc_select",
      json_pack("{s:o, s:o}", "value", bits(policy->misc_select, 8), "mask", bits(policy->misc_mask, 8)));
}

static void set_report_rules(json_t *object, const qy_policy *policy)
{
  static const char *const types[] = {"any", "linkable", "unlinkable"};
  static const char *const manifests[] = {"absent", "required", "any"};
  if (policy->statuses != 0) {
    json_object_set_new(object, "statuses", statuses(policy));
  }
  if (policy->waived_count > 0) {
    json_object_set_new(object, "advisories_waived", waived(policy));
  }
  json_object_set_new(object, "advisories_unnamed", json_boolean(policy->advisories_unnamed));
  json_object_set_new(object, "quote_type", json_string(types[policy->quote_type]));
  json_object_set_new(object, "pse_manifest", json_string(manifests[policy->pse_manifest]));
  json_object_set_new(object, "max_age_s", json_integer(policy->max_age_s));
  json_object_set_new(object, "clock_skew_s", json_integer(policy->clock_skew_s));
  json_object_set_new(object, "demands", demands(policy));
}

qy_status qy_policy_to_json(char **json, const qy_policy *policy, qy_error *why)
{
  *json = NULL;
  if (policy->built_in) {
    return qy_fail(why, QY_ERR_ARGUMENT, "policy: the built-in policy names no enclave and is not to be kept");
  }
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "policy", json_integer(1));
  json_object_set_new(object, "version", json_integer((json_int_t)policy->version));
  json_object_set_new(object, "roots", roots(policy));
  if (policy->mr_enclave_count > 0 || policy->has_signer) {
    json_object_set_new(object, "enclave", enclave(policy));
  }
  set_enclave_rules(object, policy);
  set_report_rules(object, policy);
  qy_policy_write_dcap(object, policy);
  return qy_text_of_json(json, object, why);
}
