/* SPDX-License-Identifier: Apache-2.0 */
#include <describe/parts.h>

#include <stdio.h>
#include <stdlib.h>

#include <base/encoding.h>
#include <sgx/intel_keys.h>
#include <sgx/sealed_blob.h>
#include <sgx/sigstruct.h>

void qy_describe_hex(json_t *to, const char *name, const uint8_t *bytes, size_t size)
{
  char *text = malloc(2 * size + 1);
  if (text != NULL) {
    qy_hex_encode(text, qy_view_over(bytes, size));
    json_object_set_new(to, name, json_string(text));
    free(text);
  }
}

void qy_describe_view(json_t *to, const char *name, qy_view bytes)
{
  if (bytes.size <= 64) {
    qy_describe_hex(to, name, bytes.bytes, bytes.size);
    return;
  }
  char head[33];
  qy_hex_encode(head, qy_view_slice(bytes, 0, 16));
  json_object_set_new(to, name, json_sprintf("%s... (%zu bytes)", head, bytes.size));
}

void qy_describe_hex_unless_zero(json_t *to, const char *name, const uint8_t *bytes, size_t size)
{
  if (!qy_view_is_zero(qy_view_over(bytes, size))) {
    qy_describe_hex(to, name, bytes, size);
  }
}

void qy_describe_attributes(json_t *to, const qy_attributes *attributes)
{
  static const struct {
    uint64_t bit;
    const char *name;
  } flags[] = {{QY_ATTRIBUTE_INIT, "INIT"},
               {QY_ATTRIBUTE_DEBUG, "DEBUG"},
               {QY_ATTRIBUTE_MODE64BIT, "MODE64BIT"},
               {QY_ATTRIBUTE_PROVISION_KEY, "PROVISION_KEY"},
               {QY_ATTRIBUTE_EINITTOKEN_KEY, "EINITTOKEN_KEY"},
               {QY_ATTRIBUTE_KSS, "KSS"},
               {QY_ATTRIBUTE_AEX_NOTIFY, "AEX_NOTIFY"}};
  json_t *names = json_array();
  uint64_t left = attributes->flags;
  for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
    if ((attributes->flags & flags[i].bit) != 0) {
      json_array_append_new(names, json_string(flags[i].name));
      left &= ~flags[i].bit;
    }
  }
  if (left != 0) {
    json_array_append_new(names, json_sprintf("0x%llx (reserved)", (unsigned long long)left));
  }
  json_object_set_new(to, "attributes", names);
  json_object_set_new(to, "xfrm", json_sprintf("0x%llx", (unsigned long long)attributes->xfrm));
}

void qy_describe_report_body(json_t *to, const qy_report_body *body)
{
  qy_describe_hex(to, "mrenclave", body->mr_enclave, sizeof(body->mr_enclave));
  qy_describe_hex(to, "mrsigner", body->mr_signer, sizeof(body->mr_signer));
  if (qy_signer_is_published(body->mr_signer)) {
    json_object_set_new(to, "mrsigner_note", json_string("a sample key whose private half is published"));
  }
  json_object_set_new(to, "isv_prod_id", json_integer(body->isv_prod_id));
  json_object_set_new(to, "isv_svn", json_integer(body->isv_svn));
  json_object_set_new(to, "debug", json_boolean((body->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0));
  qy_describe_attributes(to, &body->attributes);
  json_object_set_new(to, "misc_select", json_sprintf("0x%x", body->misc_select));
  qy_describe_hex(to, "cpu_svn", body->cpu_svn, sizeof(body->cpu_svn));
  qy_describe_hex_unless_zero(to, "isv_ext_prod_id", body->isv_ext_prod_id, sizeof(body->isv_ext_prod_id));
  qy_describe_hex_unless_zero(to, "isv_family_id", body->isv_family_id, sizeof(body->isv_family_id));
  qy_describe_hex_unless_zero(to, "config_id", body->config_id, sizeof(body->config_id));
  if (body->config_svn != 0) {
    json_object_set_new(to, "config_svn", json_integer(body->config_svn));
  }
  qy_describe_hex(to, "report_data", body->report_data, sizeof(body->report_data));
}

void qy_describe_quote_body(json_t *to, const qy_quote_body *body)
{
  json_object_set_new(to, "version", json_integer(body->version));
  json_object_set_new(to, "signature_type", json_string(body->sign_type == QY_LINKABLE ? "linkable" : "unlinkable"));
  json_object_set_new(to, "group_id", json_sprintf("%08x", body->group_id));
  json_object_set_new(to, "qe_svn", json_integer(body->qe_svn));
  json_object_set_new(to, "pce_svn", json_integer(body->pce_svn));
  json_object_set_new(to, "extended_group_id", json_integer(body->xeid));
  qy_describe_hex(to, "basename", body->basename, sizeof(body->basename));
  json_t *report = json_object();
  qy_describe_report_body(report, &body->report);
  json_object_set_new(to, "report_body", report);
}

qy_status qy_describe_quote(json_t *to, qy_view bytes, qy_error *why)
{
  qy_quote quote;
  QY_TRY(qy_quote_decode(&quote, bytes, why));
  qy_describe_quote_body(to, &quote.body);
  json_t *sealed = json_pack("{s:s, s:I, s:I}", "readable_by", "the report service alone", "size",
                             (json_int_t)quote.signature.size, "non_revocation_proofs", (json_int_t)quote.proof_count);
  qy_describe_view(sealed, "wrapped_key", quote.wrapped_key);
  qy_describe_view(sealed, "key_hash", quote.key_hash);
  qy_describe_view(sealed, "iv", quote.iv);
  qy_describe_view(sealed, "ciphertext", quote.ciphertext);
  qy_describe_view(sealed, "tag", quote.tag);
  json_object_set_new(to, "sealed_epid_signature", sealed);
  return QY_OK;
}

qy_status qy_describe_quote_body_alone(json_t *to, qy_view bytes, qy_error *why)
{
  qy_quote_body body;
  QY_TRY(qy_quote_body_decode(&body, bytes, why));
  qy_describe_quote_body(to, &body);
  return QY_OK;
}

qy_status qy_describe_report(json_t *to, qy_view bytes, qy_error *why)
{
  qy_report report;
  QY_TRY(qy_report_decode(&report, bytes, why));
  QY_TRY(qy_report_body_check_reserved(&report.body, why));
  qy_describe_report_body(to, &report.body);
  qy_describe_hex(to, "key_id", report.key_id, sizeof(report.key_id));
  qy_describe_hex(to, "mac", report.mac, sizeof(report.mac));
  return QY_OK;
}

qy_status qy_describe_target_info(json_t *to, qy_view bytes, qy_error *why)
{
  qy_target_info target;
  QY_TRY(qy_target_info_decode(&target, bytes, why));
  QY_TRY(qy_target_info_check_reserved(&target, why));
  qy_describe_hex(to, "mrenclave", target.mr_enclave, sizeof(target.mr_enclave));
  qy_describe_attributes(to, &target.attributes);
  json_object_set_new(to, "misc_select", json_sprintf("0x%x", target.misc_select));
  json_object_set_new(to, "config_svn", json_integer(target.config_svn));
  qy_describe_hex_unless_zero(to, "config_id", target.config_id, sizeof(target.config_id));
  return QY_OK;
}

static void describe_key_request(json_t *to, const qy_key_request *request)
{
  json_object_set_new(to, "key_name", json_string(qy_key_name_text(request->key_name)));
  json_object_set_new(to, "key_policy", json_sprintf("0x%x", request->key_policy));
  json_object_set_new(to, "isv_svn", json_integer(request->isv_svn));
  qy_describe_hex(to, "cpu_svn", request->cpu_svn, sizeof(request->cpu_svn));
  json_object_set_new(to, "attribute_mask_flags",
                      json_sprintf("0x%llx", (unsigned long long)request->attribute_mask.flags));
  json_object_set_new(to, "attribute_mask_xfrm",
                      json_sprintf("0x%llx", (unsigned long long)request->attribute_mask.xfrm));
  json_object_set_new(to, "misc_mask", json_sprintf("0x%x", request->misc_mask));
  json_object_set_new(to, "config_svn", json_integer(request->config_svn));
  qy_describe_hex(to, "key_id", request->key_id, sizeof(request->key_id));
}

qy_status qy_describe_key_request(json_t *to, qy_view bytes, qy_error *why)
{
  qy_key_request request;
  QY_TRY(qy_key_request_decode(&request, bytes, why));
  QY_TRY(qy_key_request_check_reserved(&request, why));
  if (request.key_name >= QY_KEY_NAME_COUNT) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "key request: key name %u", request.key_name);
  }
  describe_key_request(to, &request);
  return QY_OK;
}

void qy_describe_sigstruct_members(json_t *to, const qy_sigstruct *sigstruct)
{
  uint8_t signer[QY_MEASUREMENT_SIZE];
  qy_describe_hex(to, "mrenclave", sigstruct->enclave_hash, sizeof(sigstruct->enclave_hash));
  if (qy_sigstruct_mr_signer(signer, sigstruct, NULL) == QY_OK) {
    qy_describe_hex(to, "mrsigner", signer, sizeof(signer));
  }
  json_object_set_new(to, "vendor", json_string(sigstruct->vendor == QY_SIGSTRUCT_VENDOR_INTEL ? "Intel" : "other"));
  json_object_set_new(
      to, "date",
      json_sprintf("%04x-%02x-%02x", sigstruct->date >> 16, sigstruct->date >> 8 & 0xff, sigstruct->date & 0xff));
  json_object_set_new(to, "isv_prod_id", json_integer(sigstruct->isv_prod_id));
  json_object_set_new(to, "isv_svn", json_integer(sigstruct->isv_svn));
  json_object_set_new(to, "debug", json_boolean((sigstruct->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0));
  qy_describe_attributes(to, &sigstruct->attributes);
  json_object_set_new(to, "attribute_mask",
                      json_sprintf("0x%016llx 0x%016llx", (unsigned long long)sigstruct->attribute_mask.flags,
                                   (unsigned long long)sigstruct->attribute_mask.xfrm));
  json_object_set_new(to, "misc_select", json_sprintf("0x%x", sigstruct->misc_select));
  json_object_set_new(to, "misc_mask", json_sprintf("0x%x", sigstruct->misc_mask));
  qy_describe_hex_unless_zero(to, "isv_family_id", sigstruct->isv_family_id, sizeof(sigstruct->isv_family_id));
  qy_describe_hex_unless_zero(to, "isv_ext_prod_id", sigstruct->isv_ext_prod_id, sizeof(sigstruct->isv_ext_prod_id));
}

qy_status qy_describe_sigstruct(json_t *to, qy_view bytes, qy_error *why)
{
  qy_sigstruct sigstruct;
  QY_TRY(qy_sigstruct_decode(&sigstruct, bytes, why));
  qy_describe_sigstruct_members(to, &sigstruct);
  return QY_OK;
}

qy_status qy_describe_sigrl(json_t *to, qy_view bytes, qy_error *why)
{
  qy_sigrl sigrl;
  QY_TRY(qy_sigrl_decode(&sigrl, bytes, why));
  json_object_set_new(to, "group_id", json_sprintf("%08x", sigrl.group_id));
  json_object_set_new(to, "version", json_integer(sigrl.version));
  json_object_set_new(to, "entries", json_integer(sigrl.count));
  qy_describe_view(to, "signature", sigrl.signature);
  return QY_OK;
}

qy_status qy_describe_group_certificate(json_t *to, qy_view bytes, qy_error *why)
{
  qy_group_certificate certificate;
  QY_TRY(qy_group_certificate_decode(&certificate, bytes, why));
  json_object_set_new(to, "group_id", json_sprintf("%08x", certificate.group_id));
  qy_describe_view(to, "public_key", certificate.public_key);
  qy_describe_view(to, "signature", certificate.signature);
  return QY_OK;
}

qy_status qy_describe_platform_info(json_t *to, qy_view bytes, qy_error *why)
{
  qy_platform_info info;
  if (bytes.size != QY_PLATFORM_INFO_SIZE && bytes.size != QY_PLATFORM_INFO_TLV_SIZE) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "platform info: %zu bytes", bytes.size);
  }
  QY_TRY(qy_platform_info_decode(&info, bytes, why));
  json_object_set_new(to, "group_id", json_sprintf("%08x", info.group_id));
  json_t *says = json_array();
  static const struct {
    unsigned mask;
    const char *text;
    bool group;
  } meanings[] = {{QY_GROUP_REVOKED, "EPID group revoked", true},
                  {QY_GROUP_REKEY_AVAILABLE, "performance rekey available", true},
                  {QY_GROUP_OUT_OF_DATE, "EPID group out of date", true},
                  {QY_TCB_CPU_SVN_OUT_OF_DATE, "CPUSVN out of date: microcode or BIOS update", false},
                  {QY_TCB_QE_SVN_OUT_OF_DATE, "quoting enclave out of date: platform software update", false},
                  {QY_TCB_PCE_SVN_OUT_OF_DATE, "PCE out of date: platform software update", false},
                  {QY_TCB_CONFIGURATION_NEEDED, "platform configuration needed: BIOS settings", false}};
  for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
    if (((meanings[i].group ? info.epid_group_flags : info.tcb_flags) & meanings[i].mask) != 0) {
      json_array_append_new(says, json_string(meanings[i].text));
    }
  }
  json_object_set_new(to, "says", says);
  json_object_set_new(to, "pse_flags", json_sprintf("0x%x", info.pse_flags));
  qy_describe_hex(to, "latest_cpu_svn", info.latest_cpu_svn, sizeof(info.latest_cpu_svn));
  json_object_set_new(to, "latest_qe_svn", json_integer(info.latest_qe_svn));
  json_object_set_new(to, "extended_group_id", json_integer(info.xeid));
  qy_describe_hex(to, "signature", info.signature, sizeof(info.signature));
  return QY_OK;
}

qy_status qy_describe_sealed_blob(json_t *to, qy_view bytes, qy_error *why)
{
  qy_sealed_blob blob;
  QY_TRY(qy_sealed_blob_decode(&blob, bytes, why));
  QY_TRY(qy_key_request_check_reserved(&blob.key_request, why));
  json_t *request = json_object();
  describe_key_request(request, &blob.key_request);
  json_object_set_new(to, "key_request", request);
  json_object_set_new(to, "sealed_size", json_integer((json_int_t)blob.ciphertext.size));
  qy_describe_view(to, "clear_text", blob.clear_text);
  qy_describe_hex(to, "tag", blob.tag, sizeof(blob.tag));
  return QY_OK;
}
