/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that say no. */
#include <provisioning/provisioner.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <provisioning/answer.h>

/* What a failed check tells the client; the status decides where no row fits. */
static const struct {
  qy_check_id id;
  qy_gstatus gstatus;
  qy_pstatus pstatus;
} failures[] = {
    {QY_CHECK_PROVISIONING_PLATFORM_KNOWN, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_KEY_NOT_FOUND},
    {QY_CHECK_PVE_IDENTITY, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_INVALID_REPORT},
    {QY_CHECK_PCE_SIGNATURE, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_INVALID_REPORT},
    {QY_CHECK_PROVISIONING_REPORT_DATA, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_INVALID_REPORT},
    {QY_CHECK_PROVISIONING_LEVEL, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_INVALID_REPORT},
    {QY_CHECK_JOIN_F_REVOKED, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_KEY_REVOKED},
    {QY_CHECK_PROVISIONING_PREVIOUS_PROOF, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_KEY_REVOKED},
    {QY_CHECK_PROVISIONING_MAC_PREVIOUS, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_PS_ID, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_MAC_MSG1, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_MAC_MSG3, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_NONCE, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_XID, QY_GSTATUS_TRANSACTION_STATE_LOST, QY_PSTATUS_OK},
    {QY_CHECK_PROVISIONING_REPLAY, QY_GSTATUS_TRANSACTION_STATE_LOST, QY_PSTATUS_OK},
};

static qy_gstatus gstatus_of(qy_status status)
{
  switch (status) {
  case QY_ERR_TRUNCATED:
  case QY_ERR_MALFORMED:
  case QY_ERR_LIMIT:
    return QY_GSTATUS_INCORRECT_SYNTAX;
  case QY_ERR_UNSUPPORTED:
    return QY_GSTATUS_INCOMPATIBLE_VERSION;
  case QY_ERR_CRYPTO:
    return QY_GSTATUS_INTEGRITY_CHECK_FAIL;
  case QY_ERR_SEQUENCE:
  case QY_ERR_NOT_FOUND:
    return QY_GSTATUS_TRANSACTION_STATE_LOST;
  case QY_ERR_BUSY:
    return QY_GSTATUS_SERVER_BUSY;
  case QY_ERR_REFUSED:
    return QY_GSTATUS_PROTOCOL_ERROR;
  default:
    return QY_GSTATUS_INTERNAL_ERROR;
  }
}

void qy_provisioning_failure(qy_gstatus *gstatus, qy_pstatus *pstatus, qy_status status, const qy_trace *trace)
{
  const qy_check_record *failed = trace == NULL || status != QY_ERR_REFUSED ? NULL : qy_trace_failed(trace);
  *gstatus = gstatus_of(status);
  *pstatus = *gstatus == QY_GSTATUS_PROTOCOL_ERROR ? QY_PSTATUS_PROVISIONING_ERROR : QY_PSTATUS_OK;
  for (size_t i = 0; failed != NULL && i < sizeof(failures) / sizeof(failures[0]); i++) {
    if (failures[i].id == failed->id) {
      *gstatus = failures[i].gstatus;
      *pstatus = failures[i].pstatus;
    }
  }
}

/* A body that holds nothing but the MAC of the header. */
static qy_status append_proof(qy_buffer *body, const qy_provisioner *provisioner, uint8_t type, qy_view header,
                              const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(aad, QY_PROVISIONING_RESPONSE_HEADER_SIZE + QY_SESSION_NONCE_SIZE);
  uint8_t nonce[QY_SESSION_NONCE_SIZE];
  QY_TRY(qy_random_fill(random, nonce, sizeof(nonce), why));
  qy_buffer_append(&aad, header.bytes, header.size);
  if (type == QY_PROVISIONING_MSG4) {
    qy_buffer_append(&aad, nonce, sizeof(nonce)); /* as in any msg4 */
  }
  QY_TRY(qy_buffer_finish(&aad, "provisioning answer", why));
  QY_TRY(qy_provisioning_ek2(&ek2, &provisioner->sk, provisioner->xid, nonce, why));
  QY_TRY(qy_sealing_seal(&sealing, &ek2, qy_buffer_view(&aad), (qy_view){0}, random, why));
  const qy_prov_msg4 msg = {.nonce = QY_VIEW_OF(nonce), .sealed = qy_sealing_view(&sealing)};
  qy_prov_msg4_append(body, &msg);
  return QY_OK;
}

/* Nonce 12, IV without ciphertext 16, MAC 20. */
#define PROOF_BODY_SIZE 48

qy_status qy_provisioner_refuse(qy_provisioner *provisioner, qy_buffer *out, qy_view request, qy_gstatus gstatus,
                                qy_pstatus pstatus, const qy_random *random, qy_error *why)
{
  QY_SCOPED_BUFFER(body, QY_MAX_PROVISIONING_SIZE);
  uint8_t header[QY_PROVISIONING_RESPONSE_HEADER_SIZE];
  uint8_t xid[QY_XID_SIZE];
  qy_reader in = qy_reader_over(request);
  qy_read_skip(&in, 2, "protocol and version");
  qy_read_bytes(&in, xid, sizeof(xid), "transaction id");
  const uint8_t asked = qy_read_u8(&in, "type");
  const uint8_t type = asked == QY_PROVISIONING_MSG3 ? QY_PROVISIONING_MSG4 : QY_PROVISIONING_MSG2;
  /* Only to the transaction that the key was agreed in. */
  const bool can_prove = provisioner->sk.size > 0 && memcmp(xid, provisioner->xid, sizeof(xid)) == 0;
  provisioner->state = QY_PROVISIONER_ENDED;
  if (gstatus == QY_GSTATUS_PROTOCOL_ERROR && !can_prove) {
    gstatus = QY_GSTATUS_INTEGRITY_CHECK_FAIL;
    pstatus = QY_PSTATUS_OK;
  }
  const bool prove = gstatus == QY_GSTATUS_PROTOCOL_ERROR;
  qy_provisioning_response_header(header, QY_PROTOCOL_EPID, xid, type, gstatus, pstatus, prove ? PROOF_BODY_SIZE : 0);
  if (prove) {
    QY_TRY(append_proof(&body, provisioner, type, QY_VIEW_OF(header), random, why));
  }
  QY_TRY(qy_buffer_finish(&body, "provisioning answer", why));
  qy_buffer_append(out, header, sizeof(header));
  qy_buffer_append(out, body.bytes, body.size);
  return qy_buffer_finish(out, "provisioning answer", why);
}
