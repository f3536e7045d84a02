/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes and TD reports. */
#include <describe/parts.h>

#include <quotary/dcap_quote.h>
#include <sgx/dcap_make.h>

void qy_describe_bits(json_t *to, const char *member, uint64_t bits, const char *(*name_of)(unsigned bit))
{
  json_t *names = json_array();
  uint64_t nameless = 0;
  for (unsigned bit = 0; bit < 64; bit++) {
    const uint64_t one = 1ull << bit;
    if ((bits & one) != 0 && name_of(bit) != NULL) {
      json_array_append_new(names, json_string(name_of(bit)));
    } else {
      nameless |= bits & one;
    }
  }
  if (nameless != 0) {
    json_array_append_new(names, json_sprintf("0x%llx (reserved)", (unsigned long long)nameless));
  }
  json_object_set_new(to, member, names);
}

static void describe_module(json_t *to, const qy_td_body *td, qy_dcap_body_type form)
{
  qy_describe_hex(to, "tee_tcb_svn", td->tee_tcb_svn, sizeof(td->tee_tcb_svn));
  json_object_set_new(to, "tdx_module_version", json_integer(td->tee_tcb_svn[1]));
  json_object_set_new(to, "tdx_module_svn", json_integer(td->tee_tcb_svn[0]));
  json_object_set_new(to, "seam_loader_svn", json_integer(td->tee_tcb_svn[2]));
  if (form >= QY_DCAP_BODY_TD_1_5) {
    qy_describe_hex(to, "tee_tcb_svn2", td->tee_tcb_svn2, sizeof(td->tee_tcb_svn2));
  }
  qy_describe_hex(to, "mrseam", td->mr_seam, sizeof(td->mr_seam));
  qy_describe_hex(to, "mrsignerseam", td->mr_signer_seam, sizeof(td->mr_signer_seam));
  qy_describe_hex(to, "seam_attributes", td->seam_attributes, sizeof(td->seam_attributes));
}

static void describe_measurements(json_t *to, const qy_td_body *td)
{
  static const char *const rtmrs[QY_TD_RTMR_COUNT] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
  qy_describe_hex(to, "mrtd", td->mr_td, sizeof(td->mr_td));
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    qy_describe_hex(to, rtmrs[i], td->rtmr[i], sizeof(td->rtmr[i]));
  }
  qy_describe_hex_unless_zero(to, "mrconfigid", td->mr_config_id, sizeof(td->mr_config_id));
  qy_describe_hex_unless_zero(to, "mrowner", td->mr_owner, sizeof(td->mr_owner));
  qy_describe_hex_unless_zero(to, "mrownerconfig", td->mr_owner_config, sizeof(td->mr_owner_config));
  qy_describe_hex_unless_zero(to, "mrservicetd", td->mr_service_td, sizeof(td->mr_service_td));
}

static void describe_extension(json_t *to, const qy_td_body *td)
{
  json_object_set_new(to, "vmid", json_integer(td->vmid));
  qy_describe_hex(to, "td_id", td->td_id, sizeof(td->td_id));
  qy_describe_hex(to, "device_info", td->device_info, sizeof(td->device_info));
  qy_describe_hex(to, "service_td_hash", td->service_td_hash, sizeof(td->service_td_hash));
  json_object_set_new(to, "service_td_attributes",
                      json_sprintf("0x%llx", (unsigned long long)td->service_td_attributes));
  qy_describe_hex(to, "initial_service_td_hash", td->initial_service_td_hash, sizeof(td->initial_service_td_hash));
  json_object_set_new(to, "initial_service_td_attributes",
                      json_sprintf("0x%llx", (unsigned long long)td->initial_service_td_attributes));
  qy_describe_hex(to, "initial_cpu_svn", td->initial_cpu_svn, sizeof(td->initial_cpu_svn));
  qy_describe_hex(to, "initial_tee_tcb_svn", td->initial_tee_tcb_svn, sizeof(td->initial_tee_tcb_svn));
  qy_describe_hex(to, "initial_fmspc", td->initial_fmspc, sizeof(td->initial_fmspc));
}

static json_t *describe_td(const qy_td_body *td, qy_dcap_body_type form)
{
  json_t *to = json_object();
  json_object_set_new(to, "form", json_string(qy_dcap_body_name(form)));
  describe_measurements(to, td);
  json_object_set_new(to, "debug", json_boolean((td->td_attributes & QY_TD_DEBUG) != 0));
  qy_describe_bits(to, "td_attributes", td->td_attributes, qy_td_attribute_name);
  qy_describe_bits(to, "xfam", td->xfam, qy_xfam_name);
  describe_module(to, td, form);
  if (form >= QY_DCAP_BODY_TD_1_5_EX) {
    describe_extension(to, td);
  }
  qy_describe_hex(to, "report_data", td->report_data, sizeof(td->report_data));
  return to;
}

static void describe_header(json_t *to, const qy_dcap_header *header)
{
  json_object_set_new(to, "version", json_integer(header->version));
  json_object_set_new(to, "tee", json_string(header->tee == QY_TEE_SGX ? "sgx" : "tdx"));
  json_object_set_new(to, "attestation_key_type", json_string("ECDSA P-256"));
  if (header->version == 3 || header->qe_svn != 0 || header->pce_svn != 0) { /* reserved in later versions */
    json_object_set_new(to, "qe_svn", json_integer(header->qe_svn));
    json_object_set_new(to, "pce_svn", json_integer(header->pce_svn));
  }
  qy_describe_hex(to, "qe_vendor_id", header->vendor_id, sizeof(header->vendor_id));
  qy_describe_hex(to, "qe_id", header->user_data, QY_DCAP_QE_ID_SIZE);
  qy_describe_hex_unless_zero(to, "user_data_behind", header->user_data + QY_DCAP_QE_ID_SIZE,
                              QY_DCAP_USER_DATA_SIZE - QY_DCAP_QE_ID_SIZE);
}

static qy_status describe_ppid(json_t *to, const qy_certification *certification, qy_error *why)
{
  qy_ppid_certification by_ppid;
  QY_TRY(qy_ppid_certification_decode(&by_ppid, certification, why));
  qy_describe_view(to, "ppid", by_ppid.ppid);
  qy_describe_hex(to, "cpu_svn", by_ppid.cpu_svn, sizeof(by_ppid.cpu_svn));
  json_object_set_new(to, "pce_svn", json_integer(by_ppid.pce_svn));
  json_object_set_new(to, "pce_id", json_integer(by_ppid.pce_id));
  return QY_OK;
}

/* Where the content cannot be read, it says why: a quote may carry anything here. */
static json_t *describe_certification(const qy_certification *certification)
{
  json_t *to = json_object();
  qy_error why = {0};
  const bool is_pem =
      certification->type == QY_CERTIFICATION_PCK_LEAF || certification->type == QY_CERTIFICATION_PCK_CHAIN;
  json_object_set_new(to, "type", json_integer(certification->type));
  json_object_set_new(to, "content", json_string(qy_certification_name(certification->type)));
  const qy_status status = is_pem ? qy_describe_certificates(to, qy_certification_pem(certification), &why)
                                  : describe_ppid(to, certification, &why);
  if (status != QY_OK) {
    json_object_del(to, "certificates");
    json_object_set_new(to, "unreadable", json_string(why.message));
    qy_describe_view(to, "data", certification->data);
  }
  return to;
}

static json_t *describe_quoting_enclave(const qy_dcap_quote *quote)
{
  json_t *to = json_object();
  json_t *report = json_object();
  qy_describe_report_body(report, &quote->qe_report);
  json_object_set_new(to, "report_body", report);
  qy_describe_view(to, "report_signature", quote->qe_report_signature);
  if (quote->qe_auth_data.size > 0) {
    qy_describe_view(to, "auth_data", quote->qe_auth_data);
  }
  json_object_set_new(to, "certification", describe_certification(&quote->certification));
  return to;
}

qy_status qy_describe_dcap_quote(json_t *to, qy_view bytes, qy_error *why)
{
  qy_dcap_quote quote;
  QY_TRY(qy_dcap_quote_decode(&quote, bytes, why));
  describe_header(to, &quote.header);
  if (quote.body_type == QY_DCAP_BODY_ENCLAVE) {
    json_t *report = json_object();
    qy_describe_report_body(report, &quote.report);
    json_object_set_new(to, "report_body", report);
  } else {
    json_object_set_new(to, "td", describe_td(&quote.td, quote.body_type));
  }
  qy_describe_view(to, "signature", quote.signature);
  qy_describe_view(to, "attestation_key", quote.attestation_key);
  json_object_set_new(to, "quoting_enclave", describe_quoting_enclave(&quote));
  const size_t behind = quote.unclaimed.size + quote.trailing.size;
  if (behind > 0) {
    json_object_set_new(to, "unsigned_bytes_behind", json_integer((json_int_t)behind));
  }
  return QY_OK;
}

qy_status qy_describe_td_report(json_t *to, qy_view bytes, qy_error *why)
{
  qy_td_report report;
  qy_td_body td;
  qy_dcap_subject subject;
  QY_TRY(qy_td_report_decode(&report, bytes, why));
  QY_TRY(qy_dcap_subject_of_td_report(&subject, &td, &report, why));
  json_object_set_new(to, "version", json_integer(report.version));
  json_object_set_new(to, "subtype", json_integer(report.subtype));
  json_object_set_new(to, "quoted_in_version", json_integer(subject.version));
  json_object_set_new(to, "td", describe_td(&td, subject.body_type));
  qy_describe_hex(to, "cpu_svn", report.cpu_svn, sizeof(report.cpu_svn));
  qy_describe_hex(to, "tee_tcb_info_hash", report.tcb_info_hash, sizeof(report.tcb_info_hash));
  qy_describe_hex(to, "tee_info_hash", report.td_info_hash, sizeof(report.td_info_hash));
  qy_describe_hex(to, "mac", report.mac, sizeof(report.mac));
  return QY_OK;
}
