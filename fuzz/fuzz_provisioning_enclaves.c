/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile calls into the three architectural enclaves, on a processor of zeros; and the EPID blob's parts. Bytes 0 and
 * 1 choose the operation; byte 2 whether the payload's report gets a MAC that holds. */
#include <stdlib.h>
#include <string.h>

#include <architectural/calls.h>
#include <architectural/handlers.h>
#include <sgx/keys.h>
#include <sgx/sealed_blob.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static qy_fuses fuses;
static const uint8_t cpu_svn[QY_CPU_SVN_SIZE] = {1};
static qy_secs secs;
static uint8_t section[QY_XEGB_SIZE];

static void burn(void)
{
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    fuses.base_keys[i].size = 16;
  }
  fuses.cpu_svn_count = 1;
  memcpy(fuses.cpu_svns[0], cpu_svn, sizeof(cpu_svn));
  secs.attributes.flags = QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_PROVISION_KEY;
  qy_xegb xegb = {.quote_wrap_key = {.size = 256, .exponent = 65537}};
  memset(xegb.quote_wrap_key.modulus, 0xff, 256);
  if (qy_xegb_encode(section, &xegb, NULL) != QY_OK) {
    abort();
  }
}

qy_status qy_enclave_report(qy_report *out, const qy_target_info *target, const uint8_t report_data[64], qy_error *why)
{
  return qy_sgx_report_make(out, &fuses, cpu_svn, &secs, target, report_data, why);
}

qy_status qy_enclave_key(qy_secret *out, const qy_key_request *request, qy_error *why)
{
  return qy_sgx_key_derive(out, &fuses, cpu_svn, &secs, request, why);
}

qy_status qy_enclave_report_key(qy_secret *out, const uint8_t key_id[32], qy_error *why)
{
  qy_key_request request = {.key_name = QY_KEY_REPORT};
  memcpy(request.key_id, key_id, sizeof(request.key_id));
  return qy_enclave_key(out, &request, why);
}

qy_status qy_enclave_self(qy_report_body *out, qy_error *why)
{
  const qy_target_info nobody = {0};
  const uint8_t nothing[64] = {0};
  qy_report report;
  const qy_status status = qy_enclave_report(&report, &nobody, nothing, why);
  *out = report.body;
  return status;
}

qy_status qy_enclave_seal(qy_buffer *out, uint16_t key_policy, qy_view aad, qy_view plain, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  const qy_key_request request = {.key_name = QY_KEY_SEAL, .key_policy = key_policy};
  QY_TRY(qy_enclave_key(&key, &request, why));
  return qy_sealed_blob_seal(out, &request, &key, plain, aad, why);
}

qy_status qy_enclave_unseal(qy_buffer *plain, qy_buffer *aad, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_sealed_blob sealed;
  QY_TRY(qy_sealed_blob_decode(&sealed, blob, why));
  QY_TRY(qy_enclave_key(&key, &sealed.key_request, why));
  QY_TRY(qy_sealed_blob_open(plain, trace, &sealed, &key, why));
  qy_buffer_append(aad, sealed.clear_text.bytes, sealed.clear_text.size);
  return qy_buffer_finish(aad, "clear text", why);
}

qy_view qy_enclave_section(const char *name)
{
  (void)name;
  return QY_VIEW_OF(section);
}

/* Puts the report at the payload's beginning under this processor's own hand, so that what lies behind the MAC is
 * reached. */
static void vouch(uint8_t *payload, size_t size)
{
  qy_report report;
  qy_target_info target = {0};
  qy_secs reporter = secs;
  if (size < QY_REPORT_SIZE || qy_report_decode(&report, (qy_view){payload, QY_REPORT_SIZE}, NULL) != QY_OK) {
    return;
  }
  qy_target_info_of(&target, &secs);
  reporter.attributes = report.body.attributes;
  if (qy_sgx_report_make(&report, &fuses, cpu_svn, &reporter, &target, report.body.report_data, NULL) == QY_OK) {
    qy_report_encode(payload, &report);
  }
}

static void blob_parts(qy_view in)
{
  qy_epid_blob_facts facts;
  qy_epid_member_key key;
  qy_platform_level level;
  qy_view blob;
  uint8_t clear[QY_EPID_BLOB_CLEAR_SIZE];
  if (qy_epid_blob_file_decode(&blob, &level, in, NULL) == QY_OK &&
      (blob.bytes < in.bytes || blob.bytes + blob.size > in.bytes + in.size)) {
    abort();
  }
  (void)!qy_epid_blob_inspect(&facts, in, NULL);
  (void)!qy_epid_blob_secret_decode(&key, in, NULL);
  qy_epid_member_key_clear(&key);
  if (qy_epid_blob_facts_decode(&facts, in, NULL) == QY_OK &&
      (qy_epid_blob_facts_encode(clear, &facts, NULL) != QY_OK || !qy_view_equal(QY_VIEW_OF(clear), in))) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static qy_pve pve;
  if (size < 3 || size > 1u << 16) {
    return 0;
  }
  if (section[1] == 0) {
    burn();
  }
  QY_SCOPED_BUFFER(payload, 1u << 16);
  QY_SCOPED_BUFFER(out, 1u << 20);
  qy_error why;
  qy_enclave_call *const handlers[] = {qy_pce_handle, qy_pve_handle, qy_qe_handle};
  const size_t which = data[0] % 3;
  const uint16_t operation = (uint16_t)((which + 1) << 8 | data[1]);
  qy_buffer_append(&payload, data + 3, size - 3);
  if (data[2] == 1) {
    vouch(payload.bytes, payload.size);
  }
  pve.joiner.state = (qy_joiner_state)(data[2] % (QY_JOINER_ENDED + 1));
  pve.joiner.sk.size = 16;
  const qy_status status = handlers[which](&pve, operation, qy_buffer_view(&payload), &out, NULL, &why);
  if (status != QY_OK && out.size != 0) {
    abort();
  }
  blob_parts(qy_buffer_view(&payload));
  qy_pve_clear(&pve);
  return 0;
}
