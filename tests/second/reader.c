/* SPDX-License-Identifier: Apache-2.0 */
/* What our decoders make of inputs, for the second reading to compare (agree.py).
 *
 * In: one letter for the kind, a size (u32, little-endian), the bytes. Out: a size, then "+" and the fields, a line each,
 * or "-" and why it is refused. Numbers are decimal, fields hex, what is borrowed is "offset+size" ("-" when empty). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <base/buffer.h>
#include <base/encoding.h>
#include <quotary/collateral.h>
#include <quotary/dcap_quote.h>

#define ANSWER_LIMIT (4u << 20)
#define INPUT_LIMIT (4u << 20)
#define MEMORY_LIMIT (256u << 20) /* libcrypto's mapping is most of it */

static void put_number(qy_buffer *out, const char *name, uint64_t value)
{
  qy_buffer_appendf(out, "\n%s %llu", name, (unsigned long long)value);
}

static void put_hex(qy_buffer *out, const char *name, const void *bytes, size_t size)
{
  qy_buffer_appendf(out, "\n%s ", name);
  qy_hex_append(out, qy_view_over(bytes, size));
}
#define PUT_HEX(out, name, field) put_hex((out), (name), (field), sizeof(field))

static void put_span(qy_buffer *out, const char *name, qy_view part, qy_view whole)
{
  if (part.size == 0) {
    qy_buffer_appendf(out, "\n%s -", name);
  } else {
    qy_buffer_appendf(out, "\n%s %zu+%zu", name, (size_t)(part.bytes - whole.bytes), part.size);
  }
}

static void put_characters(qy_buffer *out, qy_view text)
{
  qy_buffer_append(out, text.bytes, text.size);
}

/* ---- Quotes ---- */

static void put_enclave(qy_buffer *out, const char *prefix, const qy_report_body *body)
{
#define NUMBER(field)                                \
  qy_buffer_appendf(out, "\n%s" #field " ", prefix); \
  qy_buffer_appendf(out, "%llu", (unsigned long long)body->field)
#define BYTES(field)                                 \
  qy_buffer_appendf(out, "\n%s" #field " ", prefix); \
  qy_hex_append(out, QY_VIEW_OF(body->field))
  BYTES(cpu_svn);
  NUMBER(misc_select);
  BYTES(reserved1);
  BYTES(isv_ext_prod_id);
  qy_buffer_appendf(out, "\n%sflags %llu\n%sxfrm %llu", prefix, (unsigned long long)body->attributes.flags, prefix,
                    (unsigned long long)body->attributes.xfrm);
  BYTES(mr_enclave);
  BYTES(reserved2);
  BYTES(mr_signer);
  BYTES(reserved3);
  BYTES(config_id);
  NUMBER(isv_prod_id);
  NUMBER(isv_svn);
  NUMBER(config_svn);
  BYTES(reserved4);
  BYTES(isv_family_id);
  BYTES(report_data);
}

static void put_domain(qy_buffer *out, const char *prefix, const qy_td_body *body)
{
  BYTES(tee_tcb_svn);
  BYTES(mr_seam);
  BYTES(mr_signer_seam);
  BYTES(seam_attributes);
  NUMBER(td_attributes);
  NUMBER(xfam);
  BYTES(mr_td);
  BYTES(mr_config_id);
  BYTES(mr_owner);
  BYTES(mr_owner_config);
  for (unsigned i = 0; i < QY_TD_RTMR_COUNT; i++) {
    qy_buffer_appendf(out, "\n%srtmr%u ", prefix, i);
    qy_hex_append(out, QY_VIEW_OF(body->rtmr[i]));
  }
  BYTES(report_data);
  BYTES(tee_tcb_svn2);
  BYTES(mr_service_td);
  NUMBER(vmid);
  BYTES(td_id);
  BYTES(device_info);
  BYTES(initial_service_td_hash);
  NUMBER(initial_service_td_attributes);
  BYTES(initial_cpu_svn);
  BYTES(initial_tee_tcb_svn);
  BYTES(initial_fmspc);
  BYTES(service_td_hash);
  NUMBER(service_td_attributes);
}

static void put_certification(qy_buffer *out, const qy_certification *certification, qy_view whole)
{
  qy_ppid_certification named;
  put_number(out, "certification_type", certification->type);
  put_span(out, "certification", certification->data, whole);
  if (certification->type >= QY_CERTIFICATION_PCK_LEAF) {
    put_span(out, "pem", qy_certification_pem(certification), whole);
  } else if (qy_ppid_certification_decode(&named, certification, NULL) != QY_OK) {
    qy_buffer_append_text(out, "\nppid refused");
  } else {
    put_span(out, "ppid", named.ppid, whole);
    PUT_HEX(out, "ppid_cpu_svn", named.cpu_svn);
    put_number(out, "ppid_pce_svn", named.pce_svn);
    put_number(out, "ppid_pce_id", named.pce_id);
  }
}

static qy_status put_quote(qy_buffer *out, qy_view bytes, qy_error *why)
{
  qy_dcap_quote quote;
  QY_TRY(qy_dcap_quote_decode(&quote, bytes, why));
  put_number(out, "version", quote.header.version);
  put_number(out, "key_type", quote.header.key_type);
  put_number(out, "tee", quote.header.tee);
  put_number(out, "qe_svn", quote.header.qe_svn);
  put_number(out, "pce_svn", quote.header.pce_svn);
  PUT_HEX(out, "vendor_id", quote.header.vendor_id);
  PUT_HEX(out, "user_data", quote.header.user_data);
  put_number(out, "body_type", quote.body_type);
  if (quote.body_type == QY_DCAP_BODY_ENCLAVE) {
    put_enclave(out, "report.", &quote.report);
  } else {
    put_domain(out, "td.", &quote.td);
  }
  put_span(out, "signed_part", quote.signed_part, bytes);
  put_span(out, "signature", quote.signature, bytes);
  put_span(out, "attestation_key", quote.attestation_key, bytes);
  put_enclave(out, "qe.", &quote.qe_report);
  put_span(out, "qe_report_bytes", quote.qe_report_bytes, bytes);
  put_span(out, "qe_report_signature", quote.qe_report_signature, bytes);
  put_span(out, "qe_auth_data", quote.qe_auth_data, bytes);
  put_certification(out, &quote.certification, bytes);
  put_span(out, "unclaimed", quote.unclaimed, bytes);
  put_span(out, "trailing", quote.trailing, bytes);
  return QY_OK;
}

static qy_status put_td_body(qy_buffer *out, qy_view bytes, qy_error *why)
{
  qy_td_body body;
  qy_dcap_body_type form = QY_DCAP_BODY_TD_1_0;
  while (form < QY_DCAP_BODY_TD_1_5_EX && qy_dcap_body_size(form) != bytes.size) {
    form++;
  }
  QY_TRY(qy_td_body_decode(&body, form, bytes, why));
  put_number(out, "body_type", form);
  put_domain(out, "", &body);
  return QY_OK;
}

static qy_status put_td_report(qy_buffer *out, qy_view bytes, qy_error *why)
{
  qy_td_report report;
  const qy_td_report *body = &report;
  const char *prefix = "";
  QY_TRY(qy_td_report_decode(&report, bytes, why));
  NUMBER(type);
  NUMBER(subtype);
  NUMBER(version);
  BYTES(reserved1);
  BYTES(cpu_svn);
  BYTES(tcb_info_hash);
  BYTES(td_info_hash);
  BYTES(report_data);
  BYTES(reserved2);
  BYTES(mac);
  NUMBER(valid);
  BYTES(tee_tcb_svn);
  BYTES(mr_seam);
  BYTES(mr_signer_seam);
  BYTES(seam_attributes);
  BYTES(tee_tcb_svn2);
  BYTES(reserved3);
  BYTES(reserved4);
  NUMBER(td_attributes);
  NUMBER(xfam);
  BYTES(mr_td);
  BYTES(mr_config_id);
  BYTES(mr_owner);
  BYTES(mr_owner_config);
  for (unsigned i = 0; i < QY_TD_RTMR_COUNT; i++) {
    qy_buffer_appendf(out, "\nrtmr%u ", i);
    qy_hex_append(out, QY_VIEW_OF(body->rtmr[i]));
  }
  BYTES(mr_service_td);
  BYTES(td_id);
  BYTES(reserved5);
  NUMBER(vmid);
  BYTES(reserved6);
  NUMBER(td_info_valid);
  qy_trace trace = {0};
  put_number(out, "form", qy_td_report_check_form(&report, NULL) == QY_OK);
  put_number(out, "bound", qy_td_report_check_bound(&report, &trace, NULL) == QY_OK);
  return QY_OK;
}

/* ---- Certificates and lists ---- */

static qy_status put_extension(qy_buffer *out, qy_view bytes, qy_error *why)
{
  qy_pck_extension extension;
  QY_TRY(qy_pck_extension_decode(&extension, bytes, why));
  PUT_HEX(out, "ppid", extension.ppid);
  PUT_HEX(out, "components", extension.components);
  put_number(out, "pce_svn", extension.pce_svn);
  PUT_HEX(out, "cpu_svn", extension.cpu_svn);
  PUT_HEX(out, "pce_id", extension.pce_id);
  PUT_HEX(out, "fmspc", extension.fmspc);
  put_number(out, "sgx_type", extension.sgx_type);
  put_number(out, "platform", extension.has_platform);
  if (extension.has_platform) {
    PUT_HEX(out, "instance", extension.platform_instance_id);
    qy_buffer_appendf(out, "\noption1 %s\noption2 %s\noption3 %s", qy_configured_name(extension.dynamic_platform),
                      qy_configured_name(extension.cached_keys), qy_configured_name(extension.smt_enabled));
  }
  return QY_OK;
}

static qy_status put_crl(qy_buffer *out, qy_view bytes, qy_error *why)
{
  QY_SCOPED_SGX_CRL(crl);
  size_t offset = 0;
  qy_view serial;
  QY_TRY(qy_sgx_crl_decode(&crl, bytes, why));
  put_span(out, "signed", crl.signed_part, crl.der);
  PUT_HEX(out, "signature", crl.signature);
  put_hex(out, "issuer", crl.issuer.der.bytes, crl.issuer.der.size);
  put_hex(out, "name", crl.issuer.common_name.bytes, crl.issuer.common_name.size);
  qy_buffer_appendf(out, "\nthis_update %lld\nnext_update %lld", (long long)crl.this_update_s,
                    (long long)crl.next_update_s);
  put_number(out, "number", crl.number);
  put_number(out, "extensions", crl.extensions);
  put_number(out, "unknown_critical", crl.has_unknown_critical);
  put_number(out, "revoked", crl.revoked_count);
  while (qy_sgx_crl_next_serial(&crl, &offset, &serial)) {
    put_hex(out, "serial", serial.bytes, serial.size);
  }
  return QY_OK;
}

/* ---- Documents ---- */

static void put_signed(qy_buffer *out, const qy_signed_json *json, qy_view whole)
{
  put_span(out, "body", json->body, whole);
  put_number(out, "compact", json->is_compact);
  PUT_HEX(out, "signature", json->signature);
}

static void put_advisories(qy_buffer *out, const qy_view *names, qy_advisories some)
{
  qy_buffer_append_text(out, " ");
  for (uint32_t i = 0; i < some.count; i++) {
    qy_buffer_append_text(out, i == 0 ? "" : ",");
    put_characters(out, names[some.first + i]);
  }
}

static void put_svn_level(qy_buffer *out, const char *name, const qy_svn_level *level, const qy_view *names)
{
  qy_buffer_appendf(out, "\n%s %u %s %lld", name, level->isv_svn, qy_tcb_status_name(level->status),
                    (long long)level->date_s);
  put_advisories(out, names, level->advisories);
}

static void put_module(qy_buffer *out, const qy_tdx_module *module)
{
  qy_hex_append(out, QY_VIEW_OF(module->mr_signer));
  qy_buffer_append_text(out, " ");
  qy_hex_append(out, QY_VIEW_OF(module->attributes));
  qy_buffer_append_text(out, " ");
  qy_hex_append(out, QY_VIEW_OF(module->attributes_mask));
}

static void put_modules(qy_buffer *out, const qy_tcb_info *info)
{
  qy_buffer_append_text(out, "\nmodule ");
  put_module(out, &info->module);
  for (size_t i = 0; i < info->module_count; i++) {
    const qy_tdx_module_identity *one = &info->modules[i];
    qy_buffer_append_text(out, "\nidentity ");
    put_characters(out, one->id);
    if (one->has_version) {
      qy_buffer_appendf(out, " %u ", one->version);
    } else {
      qy_buffer_append_text(out, " None ");
    }
    put_module(out, &one->module);
    for (uint32_t j = 0; j < one->level_count; j++) {
      put_svn_level(out, "module_level", &info->module_levels[one->first_level + j], info->advisories);
    }
  }
}

static void put_kinds(qy_buffer *out, const char *name, const qy_tcb_component_kind *kinds)
{
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    qy_buffer_appendf(out, "\n%s ", name);
    put_characters(out, kinds[i].category);
    qy_buffer_append_text(out, "|");
    put_characters(out, kinds[i].type);
  }
}

static void put_levels(qy_buffer *out, const qy_tcb_info *info)
{
  for (size_t i = 0; i < info->level_count; i++) {
    const qy_tcb_level *level = &info->levels[i];
    qy_buffer_append_text(out, "\nlevel ");
    qy_hex_append(out, QY_VIEW_OF(level->sgx));
    qy_buffer_append_text(out, " ");
    qy_hex_append(out, QY_VIEW_OF(level->tdx));
    qy_buffer_appendf(out, " %u %s %lld", level->pce_svn, qy_tcb_status_name(level->status), (long long)level->date_s);
    put_advisories(out, info->advisories, level->advisories);
  }
}

static qy_status put_tcb_info(qy_buffer *out, qy_view bytes, qy_error *why)
{
  static qy_tcb_info info;
  QY_TRY(qy_tcb_info_decode(&info, bytes, NULL, why));
  put_signed(out, &info.json, bytes);
  put_number(out, "version", info.version);
  put_number(out, "tdx", info.is_tdx);
  qy_buffer_appendf(out, "\nissued %lld\nnext_update %lld", (long long)info.issued_s, (long long)info.next_update_s);
  PUT_HEX(out, "fmspc", info.fmspc);
  PUT_HEX(out, "pce_id", info.pce_id);
  put_number(out, "evaluation", info.evaluation_number);
  put_number(out, "wide", info.has_wide_svn);
  if (info.is_tdx) {
    put_modules(out, &info);
  }
  put_levels(out, &info);
  put_kinds(out, "sgx_kind", info.sgx_kinds);
  put_kinds(out, "tdx_kind", info.tdx_kinds);
  return QY_OK;
}

static qy_status put_identity(qy_buffer *out, qy_view bytes, qy_error *why)
{
  qy_enclave_identity identity;
  QY_TRY(qy_enclave_identity_decode(&identity, bytes, NULL, why));
  put_signed(out, &identity.json, bytes);
  qy_buffer_appendf(out, "\nid %s\nissued %lld\nnext_update %lld", qy_identity_id_name(identity.id),
                    (long long)identity.issued_s, (long long)identity.next_update_s);
  put_number(out, "evaluation", identity.evaluation_number);
  put_number(out, "miscselect", identity.misc_select);
  put_number(out, "miscselectMask", identity.misc_select_mask);
  qy_buffer_appendf(out, "\nattributes %llu %llu\nattributesMask %llu %llu",
                    (unsigned long long)identity.attributes.flags, (unsigned long long)identity.attributes.xfrm,
                    (unsigned long long)identity.attributes_mask.flags,
                    (unsigned long long)identity.attributes_mask.xfrm);
  PUT_HEX(out, "mrsigner", identity.mr_signer);
  put_number(out, "isvprodid", identity.isv_prod_id);
  for (size_t i = 0; i < identity.level_count; i++) {
    put_svn_level(out, "level", &identity.levels[i], identity.advisories);
  }
  return QY_OK;
}

/* ---- The conversation ---- */

typedef qy_status (*reading)(qy_buffer *out, qy_view bytes, qy_error *why);

static reading reading_of(int kind)
{
  static const struct {
    char kind;
    reading put;
  } rows[] = {{'Q', put_quote}, {'B', put_td_body},  {'R', put_td_report}, {'E', put_extension},
              {'L', put_crl},   {'T', put_tcb_info}, {'I', put_identity}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].kind == kind) {
      return rows[i].put;
    }
  }
  return NULL;
}

static bool answer(reading put, qy_view bytes)
{
  QY_SCOPED_BUFFER(out, ANSWER_LIMIT);
  qy_error why = {0};
  qy_buffer_append_text(&out, "+");
  if (put(&out, bytes, &why) != QY_OK) {
    out.size = 0;
    qy_buffer_appendf(&out, "-%s", why.message);
  }
  const uint32_t size = (uint32_t)out.size;
  return out.status == QY_OK && fwrite(&size, 1, sizeof(size), stdout) == sizeof(size) &&
         fwrite(out.bytes, 1, out.size, stdout) == out.size && fflush(stdout) == 0;
}

/* On memory of exactly its size, so that a sanitizer sees a read beyond it. */
static bool serve_one(int kind)
{
  const reading put = reading_of(kind);
  uint32_t size = 0;
  if (put == NULL || fread(&size, 1, sizeof(size), stdin) != sizeof(size) || size > INPUT_LIMIT) {
    return false;
  }
  uint8_t *bytes = malloc(size + (size == 0));
  const bool served = bytes != NULL && fread(bytes, 1, size, stdin) == size && answer(put, qy_view_over(bytes, size));
  free(bytes);
  return served;
}

/* Whoever asks for what a length claims is told no, and agree.py that memory was refused. */
static bool live_within_bounds(void)
{
#ifdef QUOTARY_SANITIZED /* whose shadow memory has no bounds */
  return true;
#else
  const struct rlimit most = {MEMORY_LIMIT, MEMORY_LIMIT};
  return setrlimit(RLIMIT_AS, &most) == 0;
#endif
}

int main(void)
{
  if (!live_within_bounds()) {
    (void)fprintf(stderr, "second_reader: no limit could be set\n");
    return 1;
  }
  for (int kind = getchar(); kind != EOF; kind = getchar()) {
    if (!serve_one(kind)) {
      (void)fprintf(stderr, "second_reader: a broken conversation\n");
      return 1;
    }
  }
  return 0;
}
