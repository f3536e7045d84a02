/* SPDX-License-Identifier: Apache-2.0 */
/* What the endorser keeps of a credential that it issued. */
#include <provisioning/provisioner.h>

#include <string.h>

void qy_provisioning_record_encode(uint8_t out[QY_PROVISIONING_RECORD_SIZE], const qy_provisioning_record *record)
{
  uint8_t *at = out;
  memcpy(at, record->ppid, QY_PPID_SIZE);
  at += QY_PPID_SIZE;
  qy_platform_level_encode(at, &record->level);
  at += QY_PLATFORM_LEVEL_SIZE;
  memcpy(at, record->group_certificate, QY_GROUP_CERTIFICATE_SIZE);
  qy_issued_encode(at + QY_GROUP_CERTIFICATE_SIZE, &record->issued);
}

static qy_status record_decode(qy_provisioning_record *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_read_bytes(&in, out->ppid, sizeof(out->ppid), "PPID");
  const qy_view level = qy_read_view(&in, QY_PLATFORM_LEVEL_SIZE, "level");
  qy_read_bytes(&in, out->group_certificate, sizeof(out->group_certificate), "group certificate");
  const qy_view issued = qy_read_view(&in, QY_ISSUED_SIZE, "credential");
  QY_TRY(qy_read_finish(&in, "provisioning record", why));
  QY_TRY(qy_platform_level_decode(&out->level, level, why));
  return qy_issued_decode(&out->issued, issued, why);
}

qy_status qy_provisioning_record_decode(qy_provisioning_record *out, qy_view bytes, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  const qy_status status = record_decode(out, bytes, why);
  if (status != QY_OK) {
    qy_provisioning_record_clear(out);
  }
  return status;
}

void qy_provisioning_record_clear(qy_provisioning_record *record)
{
  qy_wipe(record, sizeof(*record));
}
