/* SPDX-License-Identifier: Apache-2.0 */
/* What the joiner takes: msg2, msg4, and errors. */
#include <provisioning/joiner.h>

#include <string.h>

#include <base/limits.h>
#include <provisioning/answer.h>
#include <provisioning/joiner_state.h>
#include <sgx/endorsements.h>

/* Once the MAC holds, the statuses in the header are the server's own word. */
static qy_status check_agreement(const qy_provisioning_response *response, qy_trace *trace, qy_error *why)
{
  const bool agreed = response->gstatus == QY_GSTATUS_OK && response->pstatus == QY_PSTATUS_OK;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_ANSWER, agreed, .expected = qy_textf("ok, ok"),
                .actual = qy_textf("%s, %s", qy_gstatus_name(response->gstatus), qy_pstatus_name(response->pstatus)),
                .origin = "provisioning server")) {
    return qy_answer_fail(response, why);
  }
  return QY_OK;
}

/* The group's certificate, its signature and its points. */
static qy_status take_group(qy_joiner *joiner, qy_view bytes, qy_trace *trace, qy_error *why)
{
  qy_group_certificate certificate;
  QY_TRY(qy_group_certificate_decode(&certificate, bytes, why));
  QY_TRY(qy_group_certificate_verify(trace, &certificate, &joiner->epid_signing_key, why));
  QY_TRY(qy_sgx_group_key_decode(&joiner->group, certificate.public_key, why));
  QY_TRY(qy_epid_group_key_check(&joiner->group, trace, why));
  joiner->gid = certificate.group_id;
  return QY_OK;
}

static qy_status open_msg2(qy_joiner *joiner, const qy_provisioning_response *response, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_BUFFER(aad, QY_PROVISIONING_RESPONSE_HEADER_SIZE + 8);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  qy_prov_msg2 msg;
  qy_prov_msg2_inner inner;
  QY_TRY(qy_prov_msg2_decode(&msg, response->body, why));
  qy_buffer_append(&aad, response->header.bytes, response->header.size);
  QY_TRY(qy_prov_msg2_append_list_aad(&aad, msg.sigrl, why));
  QY_TRY(qy_provisioning_ek2(&ek2, &joiner->sk, joiner->xid, msg.nonce.bytes, why));
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_MSG2, &msg.sealed, &ek2, qy_buffer_view(&aad), why));
  QY_TRY(check_agreement(response, trace, why));
  QY_TRY(qy_prov_msg2_inner_decode(&inner, qy_buffer_view(&plain), why));

  const bool same = memcmp(inner.ps_id.bytes, joiner->ps_id, QY_PS_ID_SIZE) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PS_ID, same, .expected = qy_text_hex(QY_VIEW_OF(joiner->ps_id)),
                .actual = qy_text_hex(inner.ps_id), .origin = "server's key")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg2: it is of another server");
  }
  if (msg.sigrl.size > 0 && !inner.has_previous) {
    return qy_fail(why, QY_ERR_MALFORMED, "provisioning msg2: a SigRL without a previous group");
  }
  QY_TRY(take_group(joiner, inner.group_certificate, trace, why));
  joiner->wants_previous = inner.has_previous;
  joiner->previous = inner.previous;
  joiner->previous_gid = inner.previous_gid;
  joiner->previous_sigrl = msg.sigrl;
  joiner->equivalent = inner.equivalent;
  memcpy(joiner->nonce, msg.nonce.bytes, sizeof(joiner->nonce));
  memcpy(joiner->challenge, inner.challenge.bytes, sizeof(joiner->challenge));
  return QY_OK;
}

/* In a conversation that had a msg2 and a msg3, msg4 must go on with them. */
static qy_status check_continuity(const qy_joiner *joiner, const qy_prov_msg4_inner *inner, uint32_t gid,
                                  qy_trace *trace, qy_error *why)
{
  const bool same_n2 = memcmp(inner->n2.bytes, joiner->n2, QY_NONCE2_SIZE) == 0;
  const bool same_level = qy_platform_level_equal(&inner->equivalent, &joiner->equivalent);
  if (!qy_check(trace, QY_CHECK_PROVISIONING_N2, same_n2, .expected = qy_text_hex(QY_VIEW_OF(joiner->n2)),
                .actual = qy_text_hex(inner->n2), .origin = "msg3")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg4: it answers another msg3");
  }
  if (!qy_check(trace, QY_CHECK_PROVISIONING_LEVEL, same_level,
                .expected = qy_text_hex(QY_VIEW_OF(joiner->equivalent.cpu_svn)),
                .actual = qy_text_hex(QY_VIEW_OF(inner->equivalent.cpu_svn)), .origin = "msg2")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg4: it is for another level than msg2");
  }
  if (!qy_check(trace, QY_CHECK_PROVISIONING_GROUP, gid == joiner->gid, .expected = qy_textf("%08x", gid),
                .actual = qy_textf("%08x", joiner->gid), .origin = "msg2")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg4: it is of another group than msg2");
  }
  return QY_OK;
}

static qy_status open_msg4(qy_joiner *joiner, const qy_provisioning_response *response, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_BUFFER(aad, QY_PROVISIONING_RESPONSE_HEADER_SIZE + QY_SESSION_NONCE_SIZE);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  qy_prov_msg4 msg;
  qy_prov_msg4_inner inner;
  QY_TRY(qy_prov_msg4_decode(&msg, response->body, why));
  qy_buffer_append(&aad, response->header.bytes, response->header.size);
  qy_buffer_append(&aad, msg.nonce.bytes, msg.nonce.size);
  QY_TRY(qy_buffer_finish(&aad, "provisioning msg4", why));
  QY_TRY(qy_provisioning_ek2(&ek2, &joiner->sk, joiner->xid, msg.nonce.bytes, why));
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_MSG4, &msg.sealed, &ek2, qy_buffer_view(&aad), why));
  QY_TRY(check_agreement(response, trace, why));
  QY_TRY(qy_prov_msg4_inner_decode(&inner, qy_buffer_view(&plain), why));

  const uint32_t joined = joiner->gid;
  joiner->retrieved = joiner->state == QY_JOINER_AWAITS_MSG2;
  QY_TRY(take_group(joiner, inner.group_certificate, trace, why));
  if (!joiner->retrieved) {
    QY_TRY(check_continuity(joiner, &inner, joined, trace, why));
  }
  joiner->equivalent = inner.equivalent;
  memcpy(joiner->n2, inner.n2.bytes, sizeof(joiner->n2));
  memcpy(joiner->issued_iv, inner.issued.iv.bytes, sizeof(joiner->issued_iv));
  memcpy(joiner->issued, inner.issued.ciphertext.bytes, sizeof(joiner->issued));
  memcpy(joiner->issued_tag, inner.issued.tag.bytes, sizeof(joiner->issued_tag));
  return QY_OK;
}

static qy_status open_answer(qy_joiner *joiner, qy_view message, qy_joiner_state *next, qy_trace *trace, qy_error *why)
{
  qy_provisioning_response response;
  *next = QY_JOINER_ENDED;
  if (joiner->state != QY_JOINER_AWAITS_MSG2 && joiner->state != QY_JOINER_AWAITS_MSG4) {
    return qy_joiner_allow(joiner, QY_JOINER_TAKES_MSG4, next, why);
  }
  QY_TRY(qy_provisioning_response_decode(&response, message, why));
  QY_TRY(qy_answer_check_header(&response, QY_PROTOCOL_EPID, joiner->xid, trace, why));
  joiner->gstatus = response.gstatus;
  joiner->pstatus = response.pstatus;
  if (response.gstatus != QY_GSTATUS_OK && response.gstatus != QY_GSTATUS_PROTOCOL_ERROR) {
    return qy_answer_fail(&response, why); /* these come without a MAC */
  }
  if (response.type == QY_PROVISIONING_MSG2) {
    QY_TRY(qy_joiner_allow(joiner, QY_JOINER_TAKES_MSG2, next, why));
    QY_TRY(open_msg2(joiner, &response, trace, why));
    return joiner->wants_previous ? qy_joiner_allow(joiner, QY_JOINER_TAKES_DEMAND, next, why) : QY_OK;
  }
  if (response.type == QY_PROVISIONING_MSG4) {
    QY_TRY(qy_joiner_allow(joiner, QY_JOINER_TAKES_MSG4, next, why));
    return open_msg4(joiner, &response, trace, why);
  }
  return qy_fail(why, QY_ERR_SEQUENCE, "provisioning answer: a message of type %u is no answer", response.type);
}

qy_status qy_joiner_open(qy_joiner *joiner, qy_view response, qy_trace *trace, qy_error *why)
{
  qy_joiner_state next;
  const qy_status status = open_answer(joiner, response, &next, trace, why);
  return qy_joiner_settle(joiner, status, next);
}

/* ---- finish ---- */

static qy_status open_issued(qy_issued *out, const qy_joiner *joiner, const qy_secret *provision_key, qy_trace *trace,
                             qy_error *why)
{
  QY_SCOPED_SECRET(pwk2);
  QY_SCOPED_BUFFER(plain, QY_SEALED_ISSUED_SIZE);
  uint8_t aad[QY_ISSUED_AAD_SIZE];
  const qy_sealed sealed = {QY_VIEW_OF(joiner->issued_iv), QY_VIEW_OF(joiner->issued), QY_VIEW_OF(joiner->issued_tag)};
  QY_TRY(qy_provisioning_pwk2(&pwk2, provision_key, joiner->n2, why));
  qy_prov_issued_aad(aad, joiner->gid, &joiner->equivalent);
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_CREDENTIAL, &sealed, &pwk2, QY_VIEW_OF(aad), why));
  qy_reader in = qy_reader_over(qy_buffer_view(&plain));
  const qy_view payload = qy_tlv_expect_size(&in, QY_TLV_EPID_MEMBERSHIP_CREDENTIAL, QY_ISSUED_SIZE);
  QY_TRY(qy_read_finish(&in, "membership credential", why));
  return qy_issued_decode(out, payload, why);
}

static qy_status finish(qy_epid_member_key *out, qy_joiner *joiner, const qy_secret *provision_key,
                        const qy_secret *escrow_key, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_issued_clear))) qy_issued issued = {0};
  __attribute__((cleanup(qy_epid_credential_clear))) qy_epid_credential credential = {.gid = joiner->group.gid};
  QY_SCOPED_SECRET(f);
  QY_TRY(open_issued(&issued, joiner, provision_key, trace, why));
  f.size = QY_EPID_SCALAR_SIZE;
  QY_TRY(qy_escrow_open(f.bytes, trace, &issued.escrow, escrow_key, why));
  /* A key that is given back has no secret of this conversation to compare with: the group's equation is the judge. */
  const bool same = qy_equal_ct(f.bytes, joiner->f.bytes, QY_EPID_SCALAR_SIZE);
  if (!joiner->retrieved &&
      !qy_check(trace, QY_CHECK_PROVISIONING_ESCROW, same, .expected = qy_textf("the secret that was drawn"),
                .actual = qy_textf(same ? "the same" : "another"), .origin = "join")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg4: the escrow holds another secret than was joined with");
  }
  memcpy(credential.a, issued.a, sizeof(credential.a));
  memcpy(credential.x, issued.x, sizeof(credential.x));
  return qy_epid_credential_accept(out, &joiner->group, &credential, f.bytes, trace, why);
}

qy_status qy_joiner_finish(qy_epid_member_key *out, qy_joiner *joiner, const qy_secret *provision_key,
                           const qy_secret *escrow_key, qy_trace *trace, qy_error *why)
{
  qy_joiner_state next;
  memset(out, 0, sizeof(*out));
  qy_status status = qy_joiner_allow(joiner, QY_JOINER_FINISHES, &next, why);
  if (status == QY_OK) {
    status = finish(out, joiner, provision_key, escrow_key, trace, why);
  }
  status = qy_joiner_settle(joiner, status, next);
  if (status == QY_OK) {
    qy_secret_clear(&joiner->sk);
    qy_secret_clear(&joiner->f);
  }
  return status;
}
