/* SPDX-License-Identifier: Apache-2.0 */
#include <base/cursor.h>
#include <quotary/dcap_quote.h>

#include <string.h>

const char *qy_certification_name(uint32_t type)
{
  static const char *const names[] = {"unknown",  "ppid-clear", "ppid-rsa-2048", "ppid-rsa-3072",
                                      "pck-leaf", "pck-chain",  "qe-report",     "platform-manifest"};
  return names[type < sizeof(names) / sizeof(names[0]) ? type : 0];
}

/* 0 for a type that holds no PPID. */
static size_t ppid_size(uint16_t type)
{
  switch (type) {
  case QY_CERTIFICATION_PPID_CLEAR:
    return QY_PPID_SIZE;
  case QY_CERTIFICATION_PPID_RSA_2048:
    return QY_PPID_RSA_2048_SIZE;
  case QY_CERTIFICATION_PPID_RSA_3072:
    return QY_PPID_RSA_3072_SIZE;
  default:
    return 0;
  }
}

qy_status qy_ppid_certification_decode(qy_ppid_certification *out, const qy_certification *certification, qy_error *why)
{
  qy_ppid_certification decoded = {0};
  memset(out, 0, sizeof(*out));
  if (ppid_size(certification->type) == 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "certification data: type %u holds no PPID", certification->type);
  }
  qy_reader in = qy_reader_over(certification->data);
  decoded.ppid = qy_read_view(&in, ppid_size(certification->type), "ppid");
  qy_read_bytes(&in, decoded.cpu_svn, sizeof(decoded.cpu_svn), "cpu_svn");
  decoded.pce_svn = qy_read_u16le(&in, "pce_svn");
  decoded.pce_id = qy_read_u16le(&in, "pce_id");
  QY_TRY(qy_read_finish(&in, "certification data", why));
  *out = decoded;
  return QY_OK;
}

qy_status qy_ppid_certification_encode(uint8_t *out, size_t capacity, size_t *size, uint16_t type,
                                       const qy_ppid_certification *from, qy_error *why)
{
  if (ppid_size(type) == 0 || from->ppid.size != ppid_size(type)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "certification data: type %u with a PPID of %zu bytes", type, from->ppid.size);
  }
  qy_writer writer = qy_writer_over(out, capacity);
  qy_write_view(&writer, from->ppid);
  qy_write_bytes(&writer, from->cpu_svn, sizeof(from->cpu_svn));
  qy_write_u16le(&writer, from->pce_svn);
  qy_write_u16le(&writer, from->pce_id);
  return qy_write_finish(&writer, size, "certification data", why);
}

qy_view qy_certification_pem(const qy_certification *certification)
{
  const qy_view data = certification->data;
  if (certification->type != QY_CERTIFICATION_PCK_LEAF && certification->type != QY_CERTIFICATION_PCK_CHAIN) {
    return (qy_view){NULL, 0};
  }
  const bool ends_in_nul = data.size > 0 && data.bytes[data.size - 1] == '\0';
  return qy_view_slice(data, 0, data.size - (ends_in_nul ? 1 : 0));
}
