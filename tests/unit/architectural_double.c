/* SPDX-License-Identifier: Apache-2.0 */
#include "architectural_double.h"

#include <string.h>

#include <crypto/random.h>
#include <sgx/sealed_blob.h>
#include <sgx/trust_domain.h>

static const double_enclave *running;

qy_status double_call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  running = context;
  const qy_status status = running->handler(running->context, operation, in, out, trace, why);
  running = NULL;
  return status;
}

qy_ae double_ae(double_enclave *enclave)
{
  return (qy_ae){.call = double_call, .context = enclave};
}

qy_status qy_enclave_report(qy_report *out, const qy_target_info *target, const uint8_t report_data[64], qy_error *why)
{
  return qy_sgx_report_make(out, &running->machine->fuses, running->machine->cpu_svn, running->secs, target,
                            report_data, why);
}

qy_status qy_enclave_key(qy_secret *out, const qy_key_request *request, qy_error *why)
{
  const qy_status status =
      qy_sgx_key_derive(out, &running->machine->fuses, running->machine->cpu_svn, running->secs, request, why);
  return status == QY_ERR_DENIED ? qy_fail_in(why, QY_ERR_REFUSED, "processor") : status;
}

qy_status qy_enclave_report_key(qy_secret *out, const uint8_t key_id[32], qy_error *why)
{
  qy_key_request request = {.key_name = QY_KEY_REPORT};
  memcpy(request.key_id, key_id, sizeof(request.key_id));
  return qy_enclave_key(out, &request, why);
}

qy_status qy_enclave_verify_td_report(bool *fits, const uint8_t mac_struct[256], qy_error *why)
{
  return qy_td_report_mac_fits(fits, mac_struct, &running->machine->fuses.td_report_key, running->machine->cpu_svn,
                               why);
}

qy_status qy_enclave_self(qy_report_body *out, qy_error *why)
{
  static const uint8_t nothing[64];
  const qy_target_info nobody = {0};
  qy_report report;
  const qy_status status = qy_enclave_report(&report, &nobody, nothing, why);
  *out = report.body;
  return status;
}

qy_status qy_enclave_seal(qy_buffer *out, uint16_t key_policy, qy_view aad, qy_view plain, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_report_body self;
  qy_key_request request;
  QY_TRY(qy_enclave_self(&self, why));
  QY_TRY(qy_key_request_for_sealing(&request, &self, qy_random_system(), why));
  request.key_policy = key_policy;
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
  return strcmp(name, QY_AE_SECTION_ENDORSER) == 0 ? running->endorser : (qy_view){0};
}
