/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

qy_status qy_target_info_decode(qy_target_info *out, qy_view bytes, qy_error *why)
{
  qy_target_info target = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  qy_read_bytes(&in, target.mr_enclave, sizeof(target.mr_enclave), "mr_enclave");
  target.attributes = qy_read_attributes(&in, "attributes");
  qy_read_bytes(&in, target.reserved1, sizeof(target.reserved1), "reserved after attributes");
  target.config_svn = qy_read_u16le(&in, "config_svn");
  target.misc_select = qy_read_u32le(&in, "misc_select");
  qy_read_bytes(&in, target.reserved2, sizeof(target.reserved2), "reserved after misc_select");
  qy_read_bytes(&in, target.config_id, sizeof(target.config_id), "config_id");
  qy_read_bytes(&in, target.reserved3, sizeof(target.reserved3), "reserved after config_id");
  QY_TRY(qy_read_finish(&in, "target info", why));
  *out = target;
  return QY_OK;
}

void qy_target_info_encode(uint8_t out[QY_TARGET_INFO_SIZE], const qy_target_info *target)
{
  qy_writer writer = qy_writer_over(out, QY_TARGET_INFO_SIZE);
  qy_write_bytes(&writer, target->mr_enclave, sizeof(target->mr_enclave));
  qy_write_attributes(&writer, target->attributes);
  qy_write_bytes(&writer, target->reserved1, sizeof(target->reserved1));
  qy_write_u16le(&writer, target->config_svn);
  qy_write_u32le(&writer, target->misc_select);
  qy_write_bytes(&writer, target->reserved2, sizeof(target->reserved2));
  qy_write_bytes(&writer, target->config_id, sizeof(target->config_id));
  qy_write_bytes(&writer, target->reserved3, sizeof(target->reserved3));
  qy_write_done(&writer);
}

qy_status qy_target_info_check_reserved(const qy_target_info *target, qy_error *why)
{
  if (!qy_view_is_zero(QY_VIEW_OF(target->reserved1)) || !qy_view_is_zero(QY_VIEW_OF(target->reserved2)) ||
      !qy_view_is_zero(QY_VIEW_OF(target->reserved3))) {
    return qy_fail(why, QY_ERR_MALFORMED, "target info: reserved bytes are not zero");
  }
  return QY_OK;
}

void qy_target_info_of(qy_target_info *out, const qy_secs *secs)
{
  memset(out, 0, sizeof(*out));
  memcpy(out->mr_enclave, secs->mr_enclave, sizeof(out->mr_enclave));
  out->attributes = secs->attributes;
  out->misc_select = secs->misc_select;
  memcpy(out->config_id, secs->config_id, sizeof(out->config_id));
  out->config_svn = secs->config_svn;
}

void qy_target_info_of_reporter(qy_target_info *out, const qy_report_body *body)
{
  memset(out, 0, sizeof(*out));
  memcpy(out->mr_enclave, body->mr_enclave, sizeof(out->mr_enclave));
  out->attributes = body->attributes;
  out->misc_select = body->misc_select;
}
