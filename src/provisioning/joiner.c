/* SPDX-License-Identifier: Apache-2.0 */
/* What the joiner sends. What it takes is in joiner_open.c. */
#include <provisioning/joiner.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <provisioning/answer.h>
#include <provisioning/joiner_state.h>

static const char *const state_names[] = {"idle",        "awaits-ppid",   "awaits-msg2", "awaits-proof",
                                          "awaits-join", "awaits-report", "awaits-msg4", "awaits-finish",
                                          "done",        "ended"};

const char *qy_joiner_state_name(qy_joiner_state state)
{
  return (unsigned)state <= QY_JOINER_ENDED ? state_names[state] : "unknown";
}

void qy_joiner_clear(qy_joiner *joiner)
{
  qy_buffer_clear(&joiner->signature);
  qy_wipe(joiner, sizeof(*joiner));
}

/* Every pair of state and event that there is. open() has two, for it may be msg2 or msg4 that comes. */
static const struct {
  qy_joiner_state state;
  qy_joiner_event event;
  qy_joiner_state next;
} table[] = {
    {QY_JOINER_AWAITS_PPID, QY_JOINER_SENDS_MSG1, QY_JOINER_AWAITS_MSG2},
    {QY_JOINER_AWAITS_MSG2, QY_JOINER_TAKES_MSG2, QY_JOINER_AWAITS_JOIN},
    {QY_JOINER_AWAITS_MSG2, QY_JOINER_TAKES_DEMAND, QY_JOINER_AWAITS_PROOF},
    {QY_JOINER_AWAITS_PROOF, QY_JOINER_PROVES, QY_JOINER_AWAITS_JOIN},
    {QY_JOINER_AWAITS_MSG2, QY_JOINER_TAKES_MSG4, QY_JOINER_AWAITS_FINISH},
    {QY_JOINER_AWAITS_JOIN, QY_JOINER_JOINS, QY_JOINER_AWAITS_REPORT},
    {QY_JOINER_AWAITS_REPORT, QY_JOINER_SENDS_MSG3, QY_JOINER_AWAITS_MSG4},
    {QY_JOINER_AWAITS_MSG4, QY_JOINER_TAKES_MSG4, QY_JOINER_AWAITS_FINISH},
    {QY_JOINER_AWAITS_FINISH, QY_JOINER_FINISHES, QY_JOINER_DONE},
};

qy_status qy_joiner_allow(const qy_joiner *joiner, qy_joiner_event event, qy_joiner_state *next, qy_error *why)
{
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    if (table[i].state == joiner->state && table[i].event == event) {
      *next = table[i].next;
      return QY_OK;
    }
  }
  *next = QY_JOINER_ENDED;
  return qy_fail(why, QY_ERR_SEQUENCE, "provisioning: this call does not belong into the state %s",
                 qy_joiner_state_name(joiner->state));
}

qy_status qy_joiner_settle(qy_joiner *joiner, qy_status status, qy_joiner_state next)
{
  if (status == QY_OK) {
    joiner->state = next;
    return QY_OK;
  }
  const uint16_t gstatus = joiner->gstatus, pstatus = joiner->pstatus;
  qy_joiner_clear(joiner);
  joiner->state = QY_JOINER_ENDED;
  joiner->gstatus = gstatus;
  joiner->pstatus = pstatus;
  return status;
}

static qy_status begin(qy_joiner *joiner, qy_view signed_pek, const qy_xegb *xegb, const qy_random *random,
                       qy_trace *trace, qy_error *why)
{
  qy_signed_pek pek;
  QY_TRY(qy_signed_pek_decode(&pek, signed_pek, why));
  QY_TRY(qy_signed_pek_verify(trace, &pek, &xegb->pek_signing_key, why));
  joiner->pek = pek.key;
  joiner->epid_signing_key = xegb->epid_signing_key;
  QY_TRY(qy_provisioning_ps_id(joiner->ps_id, &pek.key, why));
  QY_TRY(qy_random_fill(random, joiner->xid, sizeof(joiner->xid), why));
  QY_TRY(qy_random_fill(random, joiner->sk.bytes, 16, why));
  joiner->sk.size = 16;
  return QY_OK;
}

qy_status qy_joiner_begin(qy_joiner *joiner, qy_view signed_pek, const qy_xegb *xegb, const qy_random *random,
                          qy_trace *trace, qy_error *why)
{
  qy_joiner_clear(joiner);
  return qy_joiner_settle(joiner, begin(joiner, signed_pek, xegb, random, trace, why), QY_JOINER_AWAITS_PPID);
}

/* Header, then body, into `out`. */
static qy_status send(qy_buffer *out, const uint8_t *header, const qy_buffer *body, const char *what, qy_error *why)
{
  QY_TRY(qy_buffer_finish(body, what, why));
  qy_buffer_append(out, header, QY_PROVISIONING_REQUEST_HEADER_SIZE);
  qy_buffer_append(out, body->bytes, body->size);
  return qy_buffer_finish(out, what, why);
}

/* SK and PS_ID under the server's key: only it can read the rest, and only it is meant to. */
static qy_status seal_session(uint8_t out[QY_PEK_RSA_SIZE], const qy_joiner *joiner, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, QY_SESSION_PLAIN_SIZE);
  qy_tlv_append(&plain, QY_TLV_BLOCK_CIPHER_INFO, qy_secret_view(&joiner->sk));
  qy_tlv_append(&plain, QY_TLV_PS_ID, QY_VIEW_OF(joiner->ps_id));
  QY_TRY(qy_buffer_finish(&plain, "session of msg1", why));
  return qy_rsa_oaep_encrypt(out, &joiner->pek, qy_buffer_view(&plain), why);
}

static qy_status make_msg1(qy_joiner *joiner, qy_buffer *out, qy_view encrypted_ppid, const qy_platform_level *level,
                           const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(ek1);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(inner, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(body, QY_MAX_PROVISIONING_SIZE);
  uint8_t session[QY_PEK_RSA_SIZE];
  uint8_t header[QY_PROVISIONING_REQUEST_HEADER_SIZE];
  if (encrypted_ppid.size != QY_PEK_RSA_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning msg1: an encrypted PPID of %zu bytes", encrypted_ppid.size);
  }
  joiner->level = *level;
  const qy_prov_msg1_inner plain = {.encrypted_ppid = encrypted_ppid, .level = *level};
  qy_prov_msg1_inner_append(&inner, &plain);
  QY_TRY(qy_buffer_finish(&inner, "provisioning msg1", why));
  qy_provisioning_request_header(header, QY_PROTOCOL_EPID, joiner->xid, QY_PROVISIONING_MSG1, QY_MSG1_BODY_SIZE);
  QY_TRY(seal_session(session, joiner, why));
  QY_TRY(qy_provisioning_ek1(&ek1, &joiner->sk, joiner->xid, why));
  QY_TRY(qy_sealing_seal(&sealing, &ek1, QY_VIEW_OF(header), qy_buffer_view(&inner), random, why));
  const qy_prov_msg1 msg = {.session = QY_VIEW_OF(session), .sealed = qy_sealing_view(&sealing)};
  qy_prov_msg1_append(&body, &msg);
  return send(out, header, &body, "provisioning msg1", why);
}

qy_status qy_joiner_make_msg1(qy_joiner *joiner, qy_buffer *out, qy_view encrypted_ppid, const qy_platform_level *level,
                              const qy_random *random, qy_error *why)
{
  qy_joiner_state next;
  qy_status status = qy_joiner_allow(joiner, QY_JOINER_SENDS_MSG1, &next, why);
  if (status == QY_OK) {
    status = make_msg1(joiner, out, encrypted_ppid, level, random, why);
  }
  return qy_joiner_settle(joiner, status, next);
}

/* The join request for the server's challenge, and f in escrow, as an EPID_JOIN_PROOF field. */
static qy_status make_proof(qy_buffer *out, qy_joiner *joiner, const qy_secret *escrow_key, const qy_random *random,
                            qy_error *why)
{
  qy_join_proof proof;
  uint8_t encoded[QY_JOIN_PROOF_SIZE];
  QY_TRY(qy_epid_secret_draw(joiner->f.bytes, random, why));
  joiner->f.size = QY_EPID_SCALAR_SIZE;
  QY_TRY(qy_epid_join_request_make(&proof.request, &joiner->group, QY_EPID_HASH_BY_GID, joiner->challenge,
                                   joiner->f.bytes, random, why));
  QY_TRY(qy_escrow_seal(&proof.escrow, escrow_key, joiner->f.bytes, random, why));
  qy_join_proof_encode(encoded, &proof);
  qy_tlv_append(out, QY_TLV_EPID_JOIN_PROOF, QY_VIEW_OF(encoded));
  return qy_buffer_finish(out, "join proof", why);
}

static qy_status wrap_pwk2(uint8_t out[QY_PEK_RSA_SIZE], const qy_secret *pwk2, const qy_rsa_public *pek, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, 64);
  qy_tlv_append(&plain, QY_TLV_PWK2, qy_secret_view(pwk2));
  QY_TRY(qy_buffer_finish(&plain, "PWK2", why));
  return qy_rsa_oaep_encrypt(out, pek, qy_buffer_view(&plain), why);
}

/* msg3's inner part, as far as the joiner's own bytes go. */
static qy_prov_msg3_inner inner_of(const qy_joiner *joiner)
{
  return (qy_prov_msg3_inner){
      .proof = {QY_VIEW_OF(joiner->proof_iv), QY_VIEW_OF(joiner->proof), QY_VIEW_OF(joiner->proof_tag)},
      .n2 = QY_VIEW_OF(joiner->n2),
      .wrapped_pwk2 = QY_VIEW_OF(joiner->wrapped_pwk2)};
}

/* The proof by the previous key, if there is one, goes under PWK2 too. */
static qy_status seal_signature(qy_joiner *joiner, const qy_secret *pwk2, const qy_random *random, qy_error *why)
{
  if (joiner->signature.size == 0) {
    return QY_OK;
  }
  QY_TRY(qy_random_fill(random, joiner->signature_iv, sizeof(joiner->signature_iv), why));
  return qy_gcm_seal(joiner->signature.bytes, joiner->signature_tag, qy_secret_view(pwk2),
                     QY_VIEW_OF(joiner->signature_iv), (qy_view){0}, qy_buffer_view(&joiner->signature), why);
}

static qy_status join(qy_joiner *joiner, uint8_t report_data[QY_REPORT_DATA_SIZE], const qy_secret *provision_key,
                      const qy_secret *escrow_key, const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(pwk2);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(proof, QY_SEALED_PROOF_SIZE);
  uint8_t aad[QY_PROOF_AAD_SIZE];
  QY_TRY(make_proof(&proof, joiner, escrow_key, random, why));
  QY_TRY(qy_random_fill(random, joiner->n2, sizeof(joiner->n2), why));
  QY_TRY(qy_provisioning_pwk2(&pwk2, provision_key, joiner->n2, why));
  qy_prov_proof_aad(aad, joiner->gid, &joiner->equivalent, joiner->challenge);
  QY_TRY(qy_sealing_seal(&sealing, &pwk2, QY_VIEW_OF(aad), qy_buffer_view(&proof), random, why));
  memcpy(joiner->proof_iv, sealing.iv, sizeof(joiner->proof_iv));
  memcpy(joiner->proof, sealing.ciphertext.bytes, sizeof(joiner->proof));
  memcpy(joiner->proof_tag, sealing.tag, sizeof(joiner->proof_tag));
  QY_TRY(seal_signature(joiner, &pwk2, random, why));
  QY_TRY(wrap_pwk2(joiner->wrapped_pwk2, &pwk2, &joiner->pek, why));
  const qy_prov_msg3_inner inner = inner_of(joiner);
  return qy_prov_msg3_report_data(report_data, &inner, why);
}

qy_status qy_joiner_join(qy_joiner *joiner, uint8_t report_data[QY_REPORT_DATA_SIZE], const qy_secret *provision_key,
                         const qy_secret *escrow_key, const qy_random *random, qy_error *why)
{
  qy_joiner_state next;
  memset(report_data, 0, QY_REPORT_DATA_SIZE);
  qy_status status = qy_joiner_allow(joiner, QY_JOINER_JOINS, &next, why);
  if (status == QY_OK) {
    status = join(joiner, report_data, provision_key, escrow_key, random, why);
  }
  return qy_joiner_settle(joiner, status, next);
}

static qy_status make_msg3(qy_joiner *joiner, qy_buffer *out, qy_view report_body,
                           const uint8_t pce_signature[QY_P256_SIGNATURE_SIZE], const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(body, QY_MAX_PROVISIONING_SIZE);
  uint8_t header[QY_PROVISIONING_REQUEST_HEADER_SIZE];
  if (report_body.size != QY_REPORT_BODY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning msg3: a report body of %zu bytes", report_body.size);
  }
  qy_prov_msg3_inner inner = inner_of(joiner);
  inner.report_body = report_body;
  inner.pce_signature = qy_view_over(pce_signature, QY_P256_SIGNATURE_SIZE);
  qy_prov_msg3_inner_append(&plain, &inner);
  QY_TRY(qy_buffer_finish(&plain, "provisioning msg3", why));
  const size_t extra = joiner->signature.size == 0
                           ? 0
                           : qy_tlv_size(QY_TLV_BLOCK_CIPHER_TEXT, 12 + joiner->signature.size) +
                                 qy_tlv_size(QY_TLV_MAC, sizeof(joiner->signature_tag));
  qy_provisioning_request_header(header, QY_PROTOCOL_EPID, joiner->xid, QY_PROVISIONING_MSG3,
                                 (uint32_t)(QY_MSG3_BODY_SIZE + extra));
  QY_TRY(qy_provisioning_ek2(&ek2, &joiner->sk, joiner->xid, joiner->nonce, why));
  QY_TRY(qy_sealing_seal(&sealing, &ek2, QY_VIEW_OF(header), qy_buffer_view(&plain), random, why));
  qy_prov_msg3 msg = {.nonce = QY_VIEW_OF(joiner->nonce), .sealed = qy_sealing_view(&sealing)};
  if (extra > 0) {
    msg.signature = (qy_sealed){QY_VIEW_OF(joiner->signature_iv), qy_buffer_view(&joiner->signature),
                                QY_VIEW_OF(joiner->signature_tag)};
  }
  qy_prov_msg3_append(&body, &msg);
  return send(out, header, &body, "provisioning msg3", why);
}

qy_status qy_joiner_make_msg3(qy_joiner *joiner, qy_buffer *out, qy_view report_body,
                              const uint8_t pce_signature[QY_P256_SIGNATURE_SIZE], const qy_random *random,
                              qy_error *why)
{
  qy_joiner_state next;
  qy_status status = qy_joiner_allow(joiner, QY_JOINER_SENDS_MSG3, &next, why);
  if (status == QY_OK) {
    status = make_msg3(joiner, out, report_body, pce_signature, random, why);
  }
  return qy_joiner_settle(joiner, status, next);
}
