/* SPDX-License-Identifier: Apache-2.0 */
#include <architectural/common.h>

#include <string.h>

#include <architectural/calls.h>
#include <provisioning/keys.h>

qy_status qy_ae_endorser(qy_xegb *out, qy_error *why)
{
  const qy_view section = qy_enclave_section(QY_AE_SECTION_ENDORSER);
  if (section.size == 0) {
    *out = (qy_xegb){0};
    return qy_fail(why, QY_ERR_NOT_FOUND, "architectural enclave: its image has no section \"%s\"",
                   QY_AE_SECTION_ENDORSER);
  }
  return qy_xegb_decode(out, section, why);
}

qy_status qy_ae_answer_target_info(qy_view in, qy_buffer *out, qy_error *why)
{
  qy_report_body self;
  qy_target_info target = {0};
  uint8_t encoded[QY_TARGET_INFO_SIZE];
  if (in.size != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "target info: the call takes nothing, there are %zu bytes", in.size);
  }
  QY_TRY(qy_enclave_self(&self, why));
  memcpy(target.mr_enclave, self.mr_enclave, sizeof(target.mr_enclave));
  target.attributes = self.attributes;
  target.misc_select = self.misc_select;
  target.config_svn = self.config_svn;
  memcpy(target.config_id, self.config_id, sizeof(target.config_id));
  qy_target_info_encode(encoded, &target);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return qy_buffer_finish(out, "target info", why);
}

qy_status qy_ae_verify_report(const qy_report *report, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  QY_TRY(qy_enclave_report_key(&key, report->key_id, why));
  return qy_report_verify_mac(trace, report, &key, why);
}

qy_status qy_ae_keys(qy_secret *provision, qy_secret *escrow, const qy_psvn *psvn, qy_error *why)
{
  qy_key_request request;
  if (provision != NULL) {
    qy_provision_key_request(&request, psvn);
    QY_TRY(qy_enclave_key(provision, &request, why));
  }
  if (escrow != NULL) {
    qy_escrow_key_request(&request, psvn);
    QY_TRY(qy_enclave_key(escrow, &request, why));
  }
  return QY_OK;
}

void qy_ae_read_report(qy_report *out, qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view bytes = qy_read_view(in, QY_REPORT_SIZE, "report");
  *out = (qy_report){0};
  if (in->status == QY_OK && qy_report_decode(out, bytes, NULL) != QY_OK) {
    qy_read_reject(in, QY_ERR_MALFORMED, "report", at);
  }
}

void qy_ae_read_target(qy_target_info *out, qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view bytes = qy_read_view(in, QY_TARGET_INFO_SIZE, "target info");
  *out = (qy_target_info){0};
  if (in->status == QY_OK &&
      (qy_target_info_decode(out, bytes, NULL) != QY_OK || qy_target_info_check_reserved(out, NULL) != QY_OK)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "target info", at);
  }
}

qy_status qy_ae_unknown(const char *enclave, uint16_t operation, qy_error *why)
{
  return qy_fail(why, QY_ERR_UNSUPPORTED, "%s: no operation %#06x", enclave, operation);
}

qy_status qy_ae_settle(qy_buffer *out, size_t begin, qy_status status)
{
  if (status != QY_OK && out->bytes != NULL && out->size > begin) {
    qy_wipe(out->bytes + begin, out->size - begin);
    out->size = begin;
  }
  return status;
}
