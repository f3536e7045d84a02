/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: strict, and with no default that allows. */
#include <appraisal/parts.h>
#include <appraisal/policy_parts.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/p256.h>
#include <quotary/collateral.h>

#define DEFAULT_MAX_AGE_S 86400
#define DEFAULT_CLOCK_SKEW_S 300
#define MAX_AGE_LIMIT_S (100ll * 366 * 86400)
#define MAX_SKEW_LIMIT_S 86400

static const char what[] = "policy";

qy_status qy_policy_wrong(qy_error *why, const char *member, const char *problem)
{
  return qy_fail(why, QY_ERR_MALFORMED, "policy: member \"%s\": %s", member, problem);
}

/* A list of at least one element. */
qy_status qy_policy_read_list(const json_t **out, const json_t *object, const char *member, size_t most, qy_error *why)
{
  QY_TRY(qy_json_array(out, object, member, most, what, why));
  return json_array_size(*out) == 0 ? qy_policy_wrong(why, member, "an empty list; leave it out if it is not meant")
                                    : QY_OK;
}

qy_status qy_policy_read_hex(uint8_t *out, size_t size, const json_t *value, const char *member, qy_error *why)
{
  const char *text = json_string_value(value);
  if (text == NULL) {
    return qy_policy_wrong(why, member, "hex text is needed");
  }
  return qy_hex_decode(out, size, qy_view_text(text), member, why) == QY_OK
             ? QY_OK
             : qy_fail(why, QY_ERR_MALFORMED, "policy: member \"%s\": %zu bytes in hex are needed", member, size);
}

static qy_status read_measurements(uint8_t (*out)[QY_MEASUREMENT_SIZE], size_t *count, size_t most,
                                   const json_t *object, const char *member, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, object, member, most, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    QY_TRY(qy_policy_read_hex(out[i], QY_MEASUREMENT_SIZE, json_array_get(list, i), member, why));
    for (size_t j = 0; j < i; j++) {
      if (memcmp(out[i], out[j], QY_MEASUREMENT_SIZE) == 0) {
        return qy_policy_wrong(why, member, "a measurement stands there twice");
      }
    }
  }
  *count = json_array_size(list);
  return QY_OK;
}

/* A number in hex, with or without 0x. */
static qy_status read_bits(uint64_t *out, unsigned digits, const json_t *object, const char *member, qy_error *why)
{
  const char *text = NULL;
  QY_TRY(qy_json_text(&text, object, member, what, why));
  const char *hex = text[0] == '0' && text[1] == 'x' ? text + 2 : text;
  const size_t length = strlen(hex);
  if (length == 0 || length > digits || strspn(hex, "0123456789abcdefABCDEF") != length) {
    return qy_fail(why, QY_ERR_MALFORMED, "policy: member \"%s\": 1 to %u hex digits are needed", member, digits);
  }
  *out = strtoull(hex, NULL, 16);
  return QY_OK;
}

/* A value and the mask of the bits that it decides; both or neither. */
qy_status qy_policy_read_masked(uint64_t *value, uint64_t *mask, unsigned digits, const json_t *object,
                                const char *value_name, const char *mask_name, qy_error *why)
{
  if (!qy_json_has(object, value_name) && !qy_json_has(object, mask_name)) {
    return QY_OK;
  }
  QY_TRY(read_bits(value, digits, object, value_name, why));
  QY_TRY(read_bits(mask, digits, object, mask_name, why));
  return (*value & ~*mask) != 0 ? qy_policy_wrong(why, value_name, "a bit is set that the mask leaves out") : QY_OK;
}

static qy_status read_optional_boolean(bool *out, const json_t *object, const char *member, qy_error *why)
{
  return qy_json_has(object, member) ? qy_json_boolean(out, object, member, what, why) : QY_OK;
}

qy_status qy_policy_read_optional_integer(int64_t *out, const json_t *object, const char *member, int64_t least,
                                          int64_t most, qy_error *why)
{
  return qy_json_has(object, member) ? qy_json_integer(out, object, member, least, most, what, why) : QY_OK;
}

static qy_status read_names(qy_policy *out, const json_t *object, qy_error *why)
{
  int64_t number = 0;
  QY_TRY(qy_json_only(object, what, why, "policy", "version", "roots", "enclave", "denied_mrenclaves", "debug",
                      "published_signers", "attributes", "misc_select", "statuses", "tcb_statuses",
                      "tcb_evaluation_min", "tcb_grace_s", "td", "td_attributes", "xfam", "advisories_waived",
                      "advisories_unnamed", "quote_type", "pse_manifest", "max_age_s", "clock_skew_s", "demands"));
  QY_TRY(qy_json_integer(&number, object, "policy", 1, 1, what, why));
  QY_TRY(qy_json_integer(&number, object, "version", 0, INT64_MAX, what, why));
  out->version = (uint64_t)number;
  return QY_OK;
}

static qy_status read_simulated_root(qy_policy *out, const json_t *root, qy_error *why)
{
  qy_simulated_root *next = &out->simulated_roots[out->simulated_root_count];
  QY_TRY(qy_json_only(root, "policy: member \"roots\"", why, "simulated", "platform_info_key"));
  QY_TRY(qy_json_hex(next->fingerprint, sizeof(next->fingerprint), root, "simulated", "policy: member \"roots\"", why));
  if (memcmp(next->fingerprint, qy_intel_report_ca_fingerprint, sizeof(next->fingerprint)) == 0) {
    return qy_policy_wrong(why, "roots", "Intel's own root is named as a simulated one");
  }
  for (size_t i = 0; i < out->simulated_root_count; i++) {
    if (memcmp(next->fingerprint, out->simulated_roots[i].fingerprint, sizeof(next->fingerprint)) == 0) {
      return qy_policy_wrong(why, "roots", "a root stands there twice");
    }
  }
  if (qy_json_has(root, "platform_info_key")) {
    qy_p256_public key = {0};
    QY_TRY(qy_json_hex(key.bytes, sizeof(key.bytes), root, "platform_info_key", "policy: member \"roots\"", why));
    QY_TRY(qy_p256_check_point(&key, why));
    memcpy(next->platform_info_key, key.bytes, sizeof(next->platform_info_key));
    next->has_platform_info_key = true;
  }
  out->simulated_root_count++;
  return QY_OK;
}

static qy_status read_roots(qy_policy *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, object, "roots", QY_POLICY_MAX_ROOTS, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *root = json_array_get(list, i);
    const char *name = json_string_value(root);
    if (name == NULL) {
      QY_TRY(read_simulated_root(out, root, why));
    } else if (strcmp(name, "intel") != 0 || out->intel_root) {
      return qy_policy_wrong(why, "roots", "\"intel\" once, or {\"simulated\": fingerprint} is needed");
    } else {
      out->intel_root = true;
    }
  }
  return QY_OK;
}

static qy_status read_signer(qy_policy *out, const json_t *enclave, qy_error *why)
{
  static const char where[] = "policy: member \"enclave\"";
  int64_t number = 0;
  QY_TRY(qy_json_hex(out->mr_signer, sizeof(out->mr_signer), enclave, "mrsigner", where, why));
  QY_TRY(qy_json_integer(&number, enclave, "isv_prod_id", 0, UINT16_MAX, where, why));
  out->isv_prod_id = (uint16_t)number;
  QY_TRY(qy_json_integer(&number, enclave, "isv_svn_min", 0, UINT16_MAX, where, why));
  out->isv_svn_min = (uint16_t)number;
  out->has_signer = true;
  return QY_OK;
}

/* What an enclave was told at its launch, which its measurement does not cover. */
static qy_status read_configuration(qy_policy *out, const json_t *enclave, qy_error *why)
{
  static const char where[] = "policy: member \"enclave\"";
  int64_t least = 0;
  out->has_config_id = qy_json_has(enclave, "config_id");
  if (out->has_config_id) {
    QY_TRY(qy_json_hex(out->config_id, sizeof(out->config_id), enclave, "config_id", where, why));
  }
  QY_TRY(qy_policy_read_optional_integer(&least, enclave, "config_svn_min", 0, UINT16_MAX, why));
  out->config_svn_min = (uint16_t)least;
  return !out->has_config_id && qy_json_has(enclave, "config_svn_min")
             ? qy_policy_wrong(why, "config_svn_min", "a version says nothing without \"config_id\"")
             : QY_OK;
}

/* By measurement, by signer with product and least security version, or by both, which must then both hold. */
static qy_status read_enclave(qy_policy *out, const json_t *object, qy_error *why)
{
  const json_t *enclave = NULL;
  QY_TRY(qy_json_object(&enclave, object, "enclave", what, why));
  QY_TRY(qy_json_only(enclave, "policy: member \"enclave\"", why, "mrenclave", "mrsigner", "isv_prod_id", "isv_svn_min",
                      "config_id", "config_svn_min"));
  if (qy_json_has(enclave, "mrenclave")) {
    QY_TRY(read_measurements(out->mr_enclaves, &out->mr_enclave_count, QY_POLICY_MAX_MEASUREMENTS, enclave, "mrenclave",
                             why));
  }
  if (qy_json_has(enclave, "mrsigner") || qy_json_has(enclave, "isv_prod_id") || qy_json_has(enclave, "isv_svn_min")) {
    QY_TRY(read_signer(out, enclave, why));
  }
  QY_TRY(read_configuration(out, enclave, why));
  return out->mr_enclave_count == 0 && !out->has_signer
             ? qy_policy_wrong(why, "enclave", "\"mrenclave\" or \"mrsigner\" is needed")
             : QY_OK;
}

/* An enclave, a trust domain, or one of each: evidence of a kind that the policy does not name is refused. */
static qy_status read_identity(qy_policy *out, const json_t *object, qy_error *why)
{
  const bool has_td = qy_json_has(object, "td");
  if (qy_json_has(object, "enclave") || !has_td) {
    QY_TRY(read_enclave(out, object, why));
  }
  return has_td ? qy_policy_read_td(&out->td, object, why) : QY_OK;
}

static qy_status read_enclave_rules(qy_policy *out, const json_t *object, qy_error *why)
{
  if (qy_json_has(object, "denied_mrenclaves")) {
    QY_TRY(read_measurements(out->denied_mr_enclaves, &out->denied_count, QY_POLICY_MAX_DENIED, object,
                             "denied_mrenclaves", why));
  }
  QY_TRY(read_optional_boolean(&out->allow_debug, object, "debug", why));
  QY_TRY(read_optional_boolean(&out->allow_published_signers, object, "published_signers", why));
  if (out->allow_published_signers && out->mr_enclave_count == 0) {
    return qy_policy_wrong(why, "published_signers",
                           "a signer whose key is public says nothing: name measurements in \"enclave\"");
  }
  if (qy_json_has(object, "attributes")) {
    const json_t *attributes = NULL;
    QY_TRY(qy_json_object(&attributes, object, "attributes", what, why));
    QY_TRY(qy_json_only(attributes, "policy: member \"attributes\"", why, "flags", "flags_mask", "xfrm", "xfrm_mask"));
    QY_TRY(qy_policy_read_masked(&out->attributes.flags, &out->attribute_mask.flags, 16, attributes, "flags",
                                 "flags_mask", why));
    QY_TRY(qy_policy_read_masked(&out->attributes.xfrm, &out->attribute_mask.xfrm, 16, attributes, "xfrm", "xfrm_mask",
                                 why));
  }
  if (qy_json_has(object, "misc_select")) {
    const json_t *misc = NULL;
    uint64_t value = 0;
    uint64_t mask = 0;
    QY_TRY(qy_json_object(&misc, object, "misc_select", what, why));
    QY_TRY(qy_json_only(misc, "policy: member \"misc_select\"", why, "value", "mask"));
    QY_TRY(qy_policy_read_masked(&value, &mask, 8, misc, "value", "mask", why));
    out->misc_select = (uint32_t)value;
    out->misc_mask = (uint32_t)mask;
  }
  return QY_OK;
}

static bool acceptable(qy_avr_status status)
{
  switch (status) {
#define QY_AVR_STATUS_CASE(name, spelling, may_be_accepted, has_platform_info, has_advisories) \
  case QY_AVR_##name:                                                                          \
    return may_be_accepted;
    QY_AVR_STATUSES(QY_AVR_STATUS_CASE)
#undef QY_AVR_STATUS_CASE
  case QY_AVR_UNKNOWN:
  case QY_AVR_STATUS_COUNT:
  default:
    return false;
  }
}

static qy_status read_report_statuses(qy_policy *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, object, "statuses", QY_AVR_STATUS_COUNT, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const qy_avr_status status = qy_avr_status_by_name(json_string_value(json_array_get(list, i)));
    if (status == QY_AVR_UNKNOWN) {
      return qy_fail(why, QY_ERR_MALFORMED,
                     "policy: member \"statuses\": element %zu is no status of the report service", i);
    }
    if (!acceptable(status)) {
      return qy_fail(why, QY_ERR_MALFORMED, "policy: member \"statuses\": no policy can accept %s",
                     qy_avr_status_name(status));
    }
    if ((out->statuses & 1u << status) != 0) {
      return qy_policy_wrong(why, "statuses", "a status stands there twice");
    }
    out->statuses |= 1u << status;
  }
  return QY_OK;
}

/* Of the report service, of DCAP evidence, or of both. */
static qy_status read_statuses(qy_policy *out, const json_t *object, qy_error *why)
{
  const bool has_tcb = qy_json_has(object, "tcb_statuses");
  if (qy_json_has(object, "statuses") || !has_tcb) {
    QY_TRY(read_report_statuses(out, object, why));
  }
  return has_tcb ? qy_policy_read_tcb_statuses(out, object, why) : QY_OK;
}

static qy_status read_waived(qy_policy *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_policy_read_list(&list, object, "advisories_waived", QY_POLICY_MAX_WAIVED, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    const size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || length >= QY_AVR_ADVISORY_SIZE ||
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != length) {
      return qy_policy_wrong(why, "advisories_waived", "names as INTEL-SA-00334 are needed");
    }
    for (size_t j = 0; j < i; j++) {
      if (strcmp(out->waived[j], text) == 0) {
        return qy_policy_wrong(why, "advisories_waived", "an advisory stands there twice");
      }
    }
    memcpy(out->waived[i], text, length + 1);
  }
  out->waived_count = json_array_size(list);
  return QY_OK;
}

static qy_status read_demands(qy_policy *out, const json_t *object, qy_error *why)
{
  const struct {
    const char *name;
    bool *demanded;
  } rows[] = {{"quote", &out->demands_quote},
              {"nonce", &out->demands_nonce},
              {"spid", &out->demands_spid},
              {"report_data", &out->demands_report_data}};
  const size_t count = sizeof(rows) / sizeof(rows[0]);
  const bool named = qy_json_has(object, "demands");
  for (size_t i = 0; i < count; i++) {
    *rows[i].demanded = !named; /* all of them, unless the policy says otherwise */
  }
  if (!named) {
    return QY_OK;
  }
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "demands", count, what, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    size_t row = 0;
    while (row < count && (text == NULL || strcmp(text, rows[row].name) != 0)) {
      row++;
    }
    if (row == count || *rows[row].demanded) {
      return qy_policy_wrong(why, "demands", "\"quote\", \"nonce\", \"spid\" and \"report_data\" are known, each once");
    }
    *rows[row].demanded = true;
  }
  return QY_OK;
}

static qy_status read_report_rules(qy_policy *out, const json_t *object, qy_error *why)
{
  static const char *const types[] = {"any", "linkable", "unlinkable"};
  static const char *const manifests[] = {"absent", "required", "any"};
  size_t choice = 0;
  if (qy_json_has(object, "quote_type")) {
    QY_TRY(qy_json_choice(&choice, object, "quote_type", types, 3, what, why));
    out->quote_type = (qy_quote_type_rule)choice;
  }
  if (qy_json_has(object, "pse_manifest")) {
    QY_TRY(qy_json_choice(&choice, object, "pse_manifest", manifests, 3, what, why));
    out->pse_manifest = (qy_pse_rule)choice;
  }
  if (qy_json_has(object, "advisories_waived")) {
    QY_TRY(read_waived(out, object, why));
  }
  QY_TRY(read_optional_boolean(&out->advisories_unnamed, object, "advisories_unnamed", why));
  QY_TRY(qy_policy_read_optional_integer(&out->max_age_s, object, "max_age_s", 1, MAX_AGE_LIMIT_S, why));
  QY_TRY(qy_policy_read_optional_integer(&out->clock_skew_s, object, "clock_skew_s", 0, MAX_SKEW_LIMIT_S, why));
  return read_demands(out, object, why);
}

/* The sections in the order in which they are read, and the check that each makes. */
static const struct section {
  qy_status (*read)(qy_policy *out, const json_t *object, qy_error *why);
  qy_check_id id;
} sections[] = {{read_names, QY_CHECK_POLICY_MEMBER},
                {read_roots, QY_CHECK_POLICY_ROOTS},
                {read_identity, QY_CHECK_POLICY_IDENTITY},
                {read_statuses, QY_CHECK_POLICY_STATUSES},
                {read_enclave_rules, QY_CHECK_POLICY_MEMBER},
                {read_report_rules, QY_CHECK_POLICY_MEMBER},
                {qy_policy_read_dcap_rules, QY_CHECK_POLICY_MEMBER}};

static qy_status judge(qy_trace *trace, qy_check_id id, qy_status status, const qy_error *cause, qy_error *why)
{
  const bool held = qy_check(trace, id, status == QY_OK, .expected = qy_textf("%s", qy_check_title(id)),
                             .actual = qy_textf("%s", status == QY_OK ? "so" : cause->message), .origin = what);
  return held && status == QY_OK
             ? QY_OK
             : qy_fail(why, status == QY_ERR_MEMORY ? status : QY_ERR_MALFORMED, "%s", cause->message);
}

qy_status qy_policy_decode(qy_policy *out, qy_view json, qy_trace *trace, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  qy_error cause = {0};
  QY_SCOPED_JSON(object);
  QY_TRY(judge(trace, QY_CHECK_POLICY_JSON, qy_json_parse(&object, json, &cause), &cause, why));
  out->max_age_s = DEFAULT_MAX_AGE_S;
  out->clock_skew_s = DEFAULT_CLOCK_SKEW_S;
  for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
    const qy_status status = judge(trace, sections[i].id, sections[i].read(out, object, &cause), &cause, why);
    if (status != QY_OK) {
      memset(out, 0, sizeof(*out));
      return status;
    }
  }
  return QY_OK;
}

void qy_policy_built_in(qy_policy *out)
{
  *out = (qy_policy){.built_in = true,
                     .intel_root = true,
                     .statuses = 1u << QY_AVR_OK,
                     .tcb_statuses = 1u << QY_TCB_STATUS_UP_TO_DATE,
                     .max_age_s = DEFAULT_MAX_AGE_S,
                     .clock_skew_s = DEFAULT_CLOCK_SKEW_S};
}
