/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral of DCAP evidence: TCB info, enclave identities, revocation lists, what PCK certificates say. */
#include <describe/parts.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <quotary/collateral.h>

#define SERIALS_SHOWN 32

static void describe_text(json_t *to, const char *name, qy_view text)
{
  json_t *value = json_stringn((const char *)text.bytes, text.size); /* NULL when it is no UTF-8 */
  json_object_set_new(to, name, value != NULL ? value : json_string("?"));
}

static void describe_time(json_t *to, const char *name, int64_t time_s)
{
  char when[21];
  qy_time_format(when, time_s);
  json_object_set_new(to, name, json_string(when));
}

static json_t *bytes_as_numbers(const uint8_t *bytes, size_t count)
{
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(array, json_integer(bytes[i]));
  }
  return array;
}

static json_t *advisories_of(const qy_view *names, qy_advisories advisories)
{
  json_t *array = json_array();
  for (size_t i = 0; i < advisories.count; i++) {
    const qy_view name = names[advisories.first + i];
    json_array_append_new(array, json_stringn((const char *)name.bytes, name.size));
  }
  return array;
}

static void describe_signed(json_t *to, const qy_signed_json *json)
{
  json_object_set_new(to, "signed_bytes", json_integer((json_int_t)json->body.size));
  if (!json->is_compact) {
    json_object_set_new(to, "reformatted", json_true()); /* its signature is over other bytes */
  }
  qy_describe_hex(to, "signature", json->signature, sizeof(json->signature));
}

/* JSON that has the member is the document, however broken; other JSON is something else. */
static qy_status expect_member(qy_view text, const char *member, const char *what, qy_error *why)
{
  const bool has = text.size > 0 && memmem(text.bytes, text.size, member, strlen(member)) != NULL;
  return has ? QY_OK : qy_fail(why, QY_ERR_UNSUPPORTED, "%s: no JSON with a member %s", what, member);
}

/* ---- Levels ---- */

static void describe_level(json_t *to, qy_tcb_status status, int64_t date_s, const qy_view *names,
                           qy_advisories advisories)
{
  json_object_set_new(to, "status", json_string(qy_tcb_status_name(status)));
  describe_time(to, "date", date_s);
  if (advisories.count > 0) {
    json_object_set_new(to, "advisory_ids", advisories_of(names, advisories));
  }
}

static json_t *platform_levels(const qy_tcb_info *info)
{
  json_t *array = json_array();
  for (size_t i = 0; i < info->level_count; i++) {
    const qy_tcb_level *level = &info->levels[i];
    json_t *one = json_object();
    describe_level(one, level->status, level->date_s, info->advisories, level->advisories);
    json_object_set_new(one, "sgx_components", bytes_as_numbers(level->sgx, QY_TCB_COMPONENT_COUNT));
    if (info->is_tdx) {
      json_object_set_new(one, "tdx_components", bytes_as_numbers(level->tdx, QY_TCB_COMPONENT_COUNT));
    }
    json_object_set_new(one, "pce_svn", json_integer(level->pce_svn));
    json_array_append_new(array, one);
  }
  return array;
}

static json_t *svn_levels(const qy_svn_level *levels, size_t count, const qy_view *names)
{
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *one = json_object();
    json_object_set_new(one, "isv_svn", json_integer(levels[i].isv_svn));
    describe_level(one, levels[i].status, levels[i].date_s, names, levels[i].advisories);
    json_array_append_new(array, one);
  }
  return array;
}

/* ---- TCB info ---- */

/* By component: "BIOS, Early Microcode Update". */
static void describe_kinds(json_t *to, const char *name, const qy_tcb_component_kind *kinds)
{
  json_t *object = json_object();
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    const qy_tcb_component_kind *kind = &kinds[i];
    const qy_text number = qy_textf("%zu", i + 1);
    if (kind->category.size > 0) {
      const qy_text text =
          qy_textf("%.*s%s%.*s", (int)kind->category.size, (const char *)kind->category.bytes,
                   kind->type.size > 0 ? ", " : "", (int)kind->type.size, (const char *)kind->type.bytes);
      describe_text(object, number.chars, qy_view_text(text.chars));
    }
  }
  if (json_object_size(object) > 0) {
    json_object_set_new(to, name, object);
  } else {
    json_decref(object);
  }
}

static void describe_module(json_t *to, const qy_tdx_module *module)
{
  qy_describe_hex(to, "mrsigner", module->mr_signer, sizeof(module->mr_signer));
  qy_describe_hex(to, "attributes", module->attributes, sizeof(module->attributes));
  qy_describe_hex(to, "attributes_mask", module->attributes_mask, sizeof(module->attributes_mask));
}

static void describe_modules(json_t *to, const qy_tcb_info *info)
{
  json_t *module = json_object();
  json_t *identities = json_array();
  describe_module(module, &info->module);
  json_object_set_new(to, "tdx_module", module);
  for (size_t i = 0; i < info->module_count; i++) {
    const qy_tdx_module_identity *identity = &info->modules[i];
    json_t *one = json_object();
    describe_text(one, "id", identity->id);
    describe_module(one, &identity->module);
    json_object_set_new(
        one, "levels",
        svn_levels(info->module_levels + identity->first_level, identity->level_count, info->advisories));
    json_array_append_new(identities, one);
  }
  json_object_set_new(to, "tdx_module_identities", identities);
}

static void describe_tcb_info(json_t *to, const qy_tcb_info *info)
{
  json_object_set_new(to, "tee", json_string(info->is_tdx ? "tdx" : "sgx"));
  json_object_set_new(to, "version", json_integer(info->version));
  describe_time(to, "issue_date", info->issued_s);
  describe_time(to, "next_update", info->next_update_s);
  qy_describe_hex(to, "fmspc", info->fmspc, sizeof(info->fmspc));
  qy_describe_hex(to, "pce_id", info->pce_id, sizeof(info->pce_id));
  json_object_set_new(to, "evaluation_number", json_integer(info->evaluation_number));
  describe_signed(to, &info->json);
  describe_kinds(to, "sgx_component_kinds", info->sgx_kinds);
  if (info->is_tdx) {
    describe_kinds(to, "tdx_component_kinds", info->tdx_kinds);
    describe_modules(to, info);
  }
  json_object_set_new(to, "levels", platform_levels(info));
}

qy_status qy_describe_tcb_info(json_t *to, qy_view bytes, qy_error *why)
{
  QY_TRY(expect_member(bytes, "\"tcbInfo\"", "TCB info", why));
  qy_tcb_info *info = malloc(sizeof(*info)); /* about 30 KiB */
  if (info == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "show: no memory for TCB info");
  }
  const qy_status status = qy_tcb_info_decode(info, bytes, NULL, why);
  if (status == QY_OK) {
    describe_tcb_info(to, info);
  }
  free(info);
  return status;
}

/* ---- Enclave identity ---- */

static void describe_identity(json_t *to, const qy_enclave_identity *identity)
{
  json_t *attributes = json_object();
  json_t *mask = json_object();
  qy_describe_attributes(attributes, &identity->attributes);
  json_object_set_new(mask, "flags", json_sprintf("0x%016llx", (unsigned long long)identity->attributes_mask.flags));
  json_object_set_new(mask, "xfrm", json_sprintf("0x%016llx", (unsigned long long)identity->attributes_mask.xfrm));
  json_object_set_new(to, "id", json_string(qy_identity_id_name(identity->id)));
  json_object_set_new(to, "version", json_integer(identity->version));
  describe_time(to, "issue_date", identity->issued_s);
  describe_time(to, "next_update", identity->next_update_s);
  json_object_set_new(to, "evaluation_number", json_integer(identity->evaluation_number));
  json_object_set_new(to, "misc_select", json_sprintf("%08x", identity->misc_select));
  json_object_set_new(to, "misc_select_mask", json_sprintf("%08x", identity->misc_select_mask));
  qy_describe_hex(to, "mrsigner", identity->mr_signer, sizeof(identity->mr_signer));
  json_object_set_new(to, "isv_prod_id", json_integer(identity->isv_prod_id));
  describe_signed(to, &identity->json);
  json_object_set_new(to, "attributes", attributes);
  json_object_set_new(to, "attributes_mask", mask);
  json_object_set_new(to, "levels", svn_levels(identity->levels, identity->level_count, identity->advisories));
}

qy_status qy_describe_enclave_identity(json_t *to, qy_view bytes, qy_error *why)
{
  QY_TRY(expect_member(bytes, "\"enclaveIdentity\"", "enclave identity", why));
  qy_enclave_identity *identity = malloc(sizeof(*identity)); /* about 6 KiB */
  if (identity == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "show: no memory for an enclave identity");
  }
  const qy_status status = qy_enclave_identity_decode(identity, bytes, NULL, why);
  if (status == QY_OK) {
    describe_identity(to, identity);
  }
  free(identity);
  return status;
}

/* ---- Revocation lists ---- */

/* Serial numbers as people look them up: the first of a long list. */
static void describe_serials(json_t *to, const qy_sgx_crl *list)
{
  json_t *array = json_array();
  qy_view serial;
  size_t offset = 0;
  while (json_array_size(array) < SERIALS_SHOWN && qy_sgx_crl_next_serial(list, &offset, &serial)) {
    char text[2 * 64 + 1];
    qy_hex_encode(text, serial.size <= 64 ? serial : qy_view_slice(serial, 0, 64));
    json_array_append_new(array, json_string(text));
  }
  json_object_set_new(to, "revoked_serials", array);
  if (list->revoked_count > SERIALS_SHOWN) {
    json_object_set_new(to, "revoked_serials_not_shown", json_integer((json_int_t)list->revoked_count - SERIALS_SHOWN));
  }
}

qy_status qy_describe_crl(json_t *to, qy_view bytes, qy_error *why)
{
  QY_SCOPED_SGX_CRL(list);
  QY_TRY(qy_sgx_crl_decode(&list, bytes, why));
  describe_text(to, "issuer", list.issuer.common_name);
  describe_time(to, "this_update", list.this_update_s);
  describe_time(to, "next_update", list.next_update_s);
  if ((list.extensions & QY_SGX_CRL_HAS_NUMBER) != 0) {
    json_object_set_new(to, "number", json_integer((json_int_t)(list.number & INT64_MAX)));
  }
  if (list.has_unknown_critical) {
    json_object_set_new(to, "partial", json_true()); /* a critical extension: a delta, a part, an indirect list */
  }
  json_object_set_new(to, "revoked", json_integer((json_int_t)list.revoked_count));
  describe_serials(to, &list);
  return QY_OK;
}

/* ---- PCK certificates ---- */

static void describe_platform(json_t *to, const qy_pck_extension *platform)
{
  qy_describe_hex(to, "ppid", platform->ppid, sizeof(platform->ppid));
  qy_describe_hex(to, "fmspc", platform->fmspc, sizeof(platform->fmspc));
  qy_describe_hex(to, "pce_id", platform->pce_id, sizeof(platform->pce_id));
  json_object_set_new(to, "sgx_type", json_string(qy_sgx_type_name(platform->sgx_type)));
  json_object_set_new(to, "tcb_components", bytes_as_numbers(platform->components, QY_TCB_COMPONENT_COUNT));
  json_object_set_new(to, "pce_svn", json_integer(platform->pce_svn));
  qy_describe_hex(to, "cpu_svn", platform->cpu_svn, sizeof(platform->cpu_svn));
  if (platform->has_platform) {
    qy_describe_hex(to, "platform_instance_id", platform->platform_instance_id, sizeof(platform->platform_instance_id));
    json_object_set_new(to, "dynamic_platform", json_string(qy_configured_name(platform->dynamic_platform)));
    json_object_set_new(to, "cached_keys", json_string(qy_configured_name(platform->cached_keys)));
    json_object_set_new(to, "smt_enabled", json_string(qy_configured_name(platform->smt_enabled)));
  }
}

void qy_describe_pck_extension(json_t *to, qy_view certificate_der)
{
  qy_sgx_certificate certificate;
  qy_pck_extension platform;
  qy_error why = {0};
  if (qy_sgx_certificate_decode(&certificate, certificate_der, NULL) != QY_OK || certificate.sgx_extension.size == 0) {
    return;
  }
  json_t *extension = json_object();
  if (qy_pck_extension_decode(&platform, certificate.sgx_extension, &why) == QY_OK) {
    describe_platform(extension, &platform);
  } else {
    json_object_set_new(extension, "unreadable", json_string(why.message));
  }
  json_object_set_new(to, "sgx", extension);
}
