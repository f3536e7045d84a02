/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs. Layouts of calls and answers stand beside the handlers. What comes back from an enclave is not trusted for
 * being well formed: the host may have been lied to about which enclave it talks to. */
#include <architectural/calls.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

/* An answer of at most `limit` bytes. */
static qy_status call(const qy_ae *enclave, uint16_t operation, const qy_buffer *in, qy_buffer *out, qy_trace *trace,
                      qy_error *why)
{
  QY_TRY(qy_buffer_finish(in, "call into an enclave", why));
  return enclave->call(enclave->context, operation, qy_buffer_view(in), out, trace, why);
}

static void append_report(qy_buffer *out, const qy_report *report)
{
  uint8_t encoded[QY_REPORT_SIZE];
  qy_report_encode(encoded, report);
  qy_buffer_append(out, encoded, sizeof(encoded));
}

static void append_target(qy_buffer *out, const qy_target_info *target)
{
  uint8_t encoded[QY_TARGET_INFO_SIZE];
  qy_target_info_encode(encoded, target);
  qy_buffer_append(out, encoded, sizeof(encoded));
}

static void append_u16le(qy_buffer *out, uint16_t value)
{
  uint8_t bytes[2];
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u16le(&writer, value);
  qy_buffer_append(out, bytes, sizeof(bytes));
}

static void append_rsa_key(qy_buffer *out, const qy_rsa_public *key)
{
  uint8_t exponent[4];
  qy_writer writer = qy_writer_over(exponent, sizeof(exponent));
  qy_write_u32be(&writer, key->exponent);
  qy_buffer_append(out, key->modulus, QY_PEK_RSA_SIZE);
  qy_buffer_append(out, exponent, sizeof(exponent));
}

qy_status qy_ae_target_info(const qy_ae *enclave, qy_target_info *out, qy_error *why)
{
  QY_SCOPED_BUFFER(in, 0);
  QY_SCOPED_BUFFER(answer, QY_TARGET_INFO_SIZE);
  *out = (qy_target_info){0};
  QY_TRY(call(enclave, QY_AE_TARGET_INFO, &in, &answer, NULL, why));
  return qy_target_info_decode(out, qy_buffer_view(&answer), why);
}

/* ---- PCE ---- */

qy_status qy_pce_get_info(const qy_ae *pce, qy_pce_info *out, const qy_report *report, const qy_rsa_public *key,
                          qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_REPORT_SIZE + QY_PEK_RSA_SIZE + 4);
  QY_SCOPED_BUFFER(answer, QY_PEK_RSA_SIZE + 5);
  qy_pce_info read = {0};
  *out = read;
  if (key->size != QY_PEK_RSA_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "PCE get_info: an RSA key of %zu bytes", key->size);
  }
  append_report(&in, report);
  append_rsa_key(&in, key);
  QY_TRY(call(pce, QY_PCE_GET_INFO, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  qy_read_bytes(&reader, read.encrypted_ppid, sizeof(read.encrypted_ppid), "encrypted PPID");
  read.pce_svn = qy_read_u16le(&reader, "PCE ISVSVN");
  read.pce_id = qy_read_u16le(&reader, "PCE id");
  read.signature_scheme = qy_read_u8(&reader, "signature scheme");
  QY_TRY(qy_read_finish(&reader, "PCE get_info, answer", why));
  *out = read;
  return QY_OK;
}

qy_status qy_pce_certify(const qy_ae *pce, uint8_t signature[QY_P256_SIGNATURE_SIZE], const qy_report *report,
                         const qy_psvn *psvn, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_REPORT_SIZE + QY_PSVN_SIZE);
  QY_SCOPED_BUFFER(answer, QY_P256_SIGNATURE_SIZE);
  uint8_t level[QY_PSVN_SIZE];
  memset(signature, 0, QY_P256_SIGNATURE_SIZE);
  append_report(&in, report);
  qy_psvn_encode(level, psvn);
  qy_buffer_append(&in, level, sizeof(level));
  QY_TRY(call(pce, QY_PCE_CERTIFY, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  qy_read_bytes(&reader, signature, QY_P256_SIGNATURE_SIZE, "signature");
  return qy_read_finish(&reader, "PCE certify, answer", why);
}

/* ---- PvE ---- */

qy_status qy_pve_selector(const qy_ae *pve, uint8_t *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, 0);
  QY_SCOPED_BUFFER(answer, 1);
  *out = 0;
  QY_TRY(call(pve, QY_PVE_SELECTOR, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  *out = qy_read_u8(&reader, "selector");
  return qy_read_finish(&reader, "PvE selector, answer", why);
}

static void read_report(qy_report *out, qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view bytes = qy_read_view(in, QY_REPORT_SIZE, "report");
  if (in->status == QY_OK && qy_report_decode(out, bytes, NULL) != QY_OK) {
    qy_read_reject(in, QY_ERR_MALFORMED, "report", at);
  }
}

qy_status qy_pve_begin(const qy_ae *pve, qy_rsa_public *pek, qy_report *report, qy_view signed_pek,
                       const qy_target_info *pce, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_SIGNED_PEK_SIZE + QY_TARGET_INFO_SIZE);
  QY_SCOPED_BUFFER(answer, QY_REPORT_SIZE + QY_PEK_RSA_SIZE + 4);
  qy_rsa_public key = {.size = QY_PEK_RSA_SIZE};
  qy_report made = {0};
  *pek = (qy_rsa_public){0};
  *report = made;
  qy_buffer_append(&in, signed_pek.bytes, signed_pek.size);
  append_target(&in, pce);
  QY_TRY(call(pve, QY_PVE_BEGIN, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  read_report(&made, &reader);
  qy_read_bytes(&reader, key.modulus, QY_PEK_RSA_SIZE, "n");
  key.exponent = qy_read_u32be(&reader, "e");
  QY_TRY(qy_read_finish(&reader, "PvE begin, answer", why));
  *pek = key;
  *report = made;
  return QY_OK;
}

static qy_status first_message(const qy_ae *pve, uint16_t operation, qy_buffer *message, const qy_pce_info *info,
                               qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_PEK_RSA_SIZE + 4);
  qy_buffer_append(&in, info->encrypted_ppid, sizeof(info->encrypted_ppid));
  append_u16le(&in, info->pce_svn);
  append_u16le(&in, info->pce_id);
  return call(pve, operation, &in, message, trace, why);
}

qy_status qy_pve_msg1(const qy_ae *pve, qy_buffer *message, const qy_pce_info *info, qy_trace *trace, qy_error *why)
{
  return first_message(pve, QY_PVE_MSG1, message, info, trace, why);
}

qy_status qy_pve_recall(const qy_ae *pve, qy_buffer *message, const qy_pce_info *info, qy_trace *trace, qy_error *why)
{
  return first_message(pve, QY_PVE_RECALL, message, info, trace, why);
}

qy_status qy_pve_msg2(const qy_ae *pve, qy_pve_answer *out, qy_view response, const qy_target_info *pce,
                      qy_view old_blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_TARGET_INFO_SIZE + 1 + QY_EPID_BLOB_SIZE + QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, 1 + QY_EPID_BLOB_FILE_SIZE);
  qy_pve_answer read = {0};
  *out = read;
  const uint8_t has_blob = old_blob.size > 0 ? 1 : 0;
  append_target(&in, pce);
  qy_buffer_append(&in, &has_blob, 1);
  qy_buffer_append(&in, old_blob.bytes, old_blob.size);
  qy_buffer_append(&in, response.bytes, response.size);
  QY_TRY(call(pve, QY_PVE_MSG2, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  const uint8_t retrieved = qy_read_u8(&reader, "kind");
  if (retrieved == 1) {
    read.retrieved = true;
    qy_read_bytes(&reader, read.file, sizeof(read.file), "EPID blob file");
  } else if (retrieved == 0) {
    read_report(&read.report, &reader);
    qy_read_bytes(&reader, read.psvn.cpu_svn, sizeof(read.psvn.cpu_svn), "CPUSVN");
    read.psvn.isv_svn = qy_read_u16le(&reader, "ISVSVN");
  } else {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "kind", 0);
  }
  QY_TRY(qy_read_finish(&reader, "PvE msg2, answer", why));
  *out = read;
  return QY_OK;
}

qy_status qy_pve_msg3(const qy_ae *pve, qy_buffer *message, const uint8_t signature[QY_P256_SIGNATURE_SIZE],
                      qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_P256_SIGNATURE_SIZE);
  qy_buffer_append(&in, signature, QY_P256_SIGNATURE_SIZE);
  return call(pve, QY_PVE_MSG3, &in, message, trace, why);
}

qy_status qy_pve_msg4(const qy_ae *pve, uint8_t file[QY_EPID_BLOB_FILE_SIZE], qy_view response, qy_trace *trace,
                      qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_EPID_BLOB_FILE_SIZE);
  memset(file, 0, QY_EPID_BLOB_FILE_SIZE);
  qy_buffer_append(&in, response.bytes, response.size);
  QY_TRY(call(pve, QY_PVE_MSG4, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  qy_read_bytes(&reader, file, QY_EPID_BLOB_FILE_SIZE, "EPID blob file");
  return qy_read_finish(&reader, "PvE msg4, answer", why);
}

/* ---- QE ---- */

qy_status qy_qe_verify_blob(const qy_ae *qe, qy_qe_blob_answer *out, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_EPID_BLOB_SIZE);
  QY_SCOPED_BUFFER(answer, 1 + QY_EPID_BLOB_SIZE);
  qy_qe_blob_answer read = {0};
  qy_buffer_append(&in, blob.bytes, blob.size); /* may lie in *out */
  *out = read;
  QY_TRY(call(qe, QY_QE_VERIFY_BLOB, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  read.resealed = qy_read_u8(&reader, "flag") == 1;
  qy_read_bytes(&reader, read.blob, sizeof(read.blob), "EPID blob");
  QY_TRY(qy_read_finish(&reader, "QE verify_blob, answer", why));
  QY_TRY(qy_epid_blob_inspect(&read.facts, QY_VIEW_OF(read.blob), why));
  *out = read;
  return QY_OK;
}

static qy_status append_quote_call(qy_buffer *in, const qy_qe_request *request, qy_error *why)
{
  static const uint8_t no_nonce[QY_QUOTE_NONCE_SIZE];
  const uint8_t flag = request->nonce == NULL ? 0 : 1;
  if (request->blob.size != QY_EPID_BLOB_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "QE get_quote: an EPID blob of %zu bytes", request->blob.size);
  }
  append_report(in, request->report);
  append_u16le(in, request->quote_type);
  qy_buffer_append(in, request->spid, QY_SPID_SIZE);
  append_u16le(in, request->pce_svn);
  qy_buffer_append(in, &flag, 1);
  qy_buffer_append(in, request->nonce == NULL ? no_nonce : request->nonce, QY_QUOTE_NONCE_SIZE);
  qy_buffer_append(in, request->blob.bytes, request->blob.size);
  qy_buffer_append(in, request->sigrl.bytes, request->sigrl.size);
  return QY_OK;
}

qy_status qy_qe_get_quote(const qy_ae *qe, qy_buffer *quote, qy_report *qe_report, const qy_qe_request *request,
                          qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, 8192 + QY_MAX_SIGRL_SIZE);
  QY_SCOPED_BUFFER(answer, 1 + QY_REPORT_SIZE + QY_MAX_QUOTE_SIZE);
  qy_report report = {0};
  if ((qe_report == NULL) != (request->nonce == NULL)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "QE get_quote: nonce and QE report go together");
  }
  QY_TRY(append_quote_call(&in, request, why));
  QY_TRY(call(qe, QY_QE_GET_QUOTE, &in, &answer, trace, why));
  qy_reader reader = qy_reader_over(qy_buffer_view(&answer));
  const bool has_report = qy_read_u8(&reader, "flag") == 1;
  if (has_report) {
    read_report(&report, &reader);
  }
  if (has_report != (request->nonce != NULL)) {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "flag", 0);
  }
  const qy_view rest = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "QE get_quote, answer", why));
  qy_buffer_append(quote, rest.bytes, rest.size);
  QY_TRY(qy_buffer_finish(quote, "quote", why));
  if (qe_report != NULL) {
    *qe_report = report;
  }
  return QY_OK;
}
