/* SPDX-License-Identifier: Apache-2.0 */
/* What the provisioner sends. What it takes is in provisioner_open.c. */
#include <provisioning/provisioner.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <provisioning/answer.h>

void qy_provisioner_clear(qy_provisioner *provisioner)
{
  qy_wipe(provisioner, sizeof(*provisioner));
}

/* ---- Turns ---- */

static qy_status expect(const qy_provisioner *provisioner, qy_provisioner_state state, qy_error *why)
{
  return provisioner->state == state
             ? QY_OK
             : qy_fail(why, QY_ERR_SEQUENCE, "provisioning: this call does not belong into state %d of the transaction",
                       (int)provisioner->state);
}

/* Goes on to `next`, or ends. */
static qy_status settle(qy_provisioner *provisioner, qy_status status, qy_provisioner_state next)
{
  provisioner->state = status == QY_OK ? next : QY_PROVISIONER_ENDED;
  return status;
}

static qy_status admit(const qy_provisioner *provisioner, const qy_enrolled_machine *machine, qy_trace *trace,
                       qy_error *why)
{
  QY_TRY(expect(provisioner, QY_PROVISIONER_AWAITS_ADMISSION, why));
  const bool known = machine != NULL && qy_equal_ct(machine->ppid, provisioner->ppid, QY_PPID_SIZE);
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PLATFORM_KNOWN, known, .expected = qy_textf("an enrolled platform"),
                .actual = qy_textf(known ? "enrolled" : "never enrolled"), .origin = "endorser's register")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning: the platform was never enrolled");
  }
  return QY_OK;
}

qy_status qy_provisioner_admit(qy_provisioner *provisioner, const qy_enrolled_machine *machine, qy_trace *trace,
                               qy_error *why)
{
  return settle(provisioner, admit(provisioner, machine, trace, why), QY_PROVISIONER_AWAITS_GROUP);
}

/* Header, then body, into `out`. */
static qy_status send(qy_buffer *out, const uint8_t *header, const qy_buffer *body, const char *what, qy_error *why)
{
  QY_TRY(qy_buffer_finish(body, what, why));
  qy_buffer_append(out, header, QY_PROVISIONING_RESPONSE_HEADER_SIZE);
  qy_buffer_append(out, body->bytes, body->size);
  return qy_buffer_finish(out, what, why);
}

/* ---- msg2 ---- */

/* What a demand adds to msg2's inner part; gives the bytes. */
static size_t demand_inner(qy_prov_msg2_inner *inner, const qy_previous_demand *demand)
{
  if (demand == NULL) {
    return 0;
  }
  inner->has_previous = true;
  inner->previous = demand->level;
  inner->previous_gid = demand->gid;
  return qy_tlv_size(QY_TLV_PLATFORM_INFO, QY_PLATFORM_LEVEL_SIZE) + qy_tlv_size(QY_TLV_EPID_GID, 4);
}

static qy_status make_msg2(qy_provisioner *provisioner, qy_buffer *out, qy_view group_certificate,
                           const qy_platform_level *equivalent, const qy_previous_demand *demand,
                           const qy_rsa_public *pek, const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(aad, QY_PROVISIONING_RESPONSE_HEADER_SIZE + 8);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(body, QY_MAX_PROVISIONING_SIZE);
  uint8_t ps_id[QY_PS_ID_SIZE];
  uint8_t header[QY_PROVISIONING_RESPONSE_HEADER_SIZE];
  qy_group_certificate certificate;
  QY_TRY(expect(provisioner, QY_PROVISIONER_AWAITS_GROUP, why));
  QY_TRY(qy_group_certificate_decode(&certificate, group_certificate, why));
  memcpy(provisioner->group_certificate, group_certificate.bytes, sizeof(provisioner->group_certificate));
  provisioner->gid = certificate.group_id;
  provisioner->equivalent = *equivalent;
  QY_TRY(qy_random_fill(random, provisioner->nonce, sizeof(provisioner->nonce), why));
  QY_TRY(qy_random_fill(random, provisioner->challenge, sizeof(provisioner->challenge), why));
  QY_TRY(qy_provisioning_ps_id(ps_id, pek, why));
  provisioner->demands_previous = demand != NULL;
  provisioner->previous_gid = demand == NULL ? 0 : demand->gid;
  qy_prov_msg2_inner inner = {.group_certificate = group_certificate,
                              .ps_id = QY_VIEW_OF(ps_id),
                              .challenge = QY_VIEW_OF(provisioner->challenge),
                              .equivalent = *equivalent};
  const size_t body_size = QY_MSG2_BODY_SIZE + demand_inner(&inner, demand);
  const qy_view none = {0};
  const qy_view sigrl = demand == NULL ? none : demand->sigrl;
  const size_t list_size = sigrl.size == 0 ? 0 : qy_tlv_size(QY_TLV_EPID_SIG_RL, sigrl.size);
  qy_prov_msg2_inner_append(&plain, &inner);
  QY_TRY(qy_buffer_finish(&plain, "provisioning msg2", why));
  qy_provisioning_response_header(header, QY_PROTOCOL_EPID, provisioner->xid, QY_PROVISIONING_MSG2, QY_GSTATUS_OK,
                                  QY_PSTATUS_OK, (uint32_t)(body_size + list_size));
  qy_buffer_append(&aad, header, sizeof(header));
  QY_TRY(qy_prov_msg2_append_list_aad(&aad, sigrl, why));
  QY_TRY(qy_provisioning_ek2(&ek2, &provisioner->sk, provisioner->xid, provisioner->nonce, why));
  QY_TRY(qy_sealing_seal(&sealing, &ek2, qy_buffer_view(&aad), qy_buffer_view(&plain), random, why));
  const qy_prov_msg2 msg = {
      .nonce = QY_VIEW_OF(provisioner->nonce), .sealed = qy_sealing_view(&sealing), .sigrl = sigrl};
  qy_prov_msg2_append(&body, &msg);
  return send(out, header, &body, "provisioning msg2", why);
}

qy_status qy_provisioner_make_msg2(qy_provisioner *provisioner, qy_buffer *out, qy_view group_certificate,
                                   const qy_platform_level *equivalent, const qy_rsa_public *pek,
                                   const qy_random *random, qy_error *why)
{
  return settle(provisioner, make_msg2(provisioner, out, group_certificate, equivalent, NULL, pek, random, why),
                QY_PROVISIONER_AWAITS_MSG3);
}

qy_status qy_provisioner_make_msg2_demanding(qy_provisioner *provisioner, qy_buffer *out, qy_view group_certificate,
                                             const qy_platform_level *equivalent, const qy_previous_demand *demand,
                                             const qy_rsa_public *pek, const qy_random *random, qy_error *why)
{
  return settle(provisioner, make_msg2(provisioner, out, group_certificate, equivalent, demand, pek, random, why),
                QY_PROVISIONER_AWAITS_MSG3);
}

/* ---- msg4 ---- */

/* The credential for PWK2, as an EPID_MEMBERSHIP_CREDENTIAL field. */
static qy_status seal_issued(qy_sealing *out, const qy_secret *pwk2, const qy_issued *issued, uint32_t gid,
                             const qy_platform_level *level, const qy_random *random, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, QY_SEALED_ISSUED_SIZE);
  uint8_t encoded[QY_ISSUED_SIZE];
  uint8_t aad[QY_ISSUED_AAD_SIZE];
  qy_issued_encode(encoded, issued);
  qy_tlv_append(&plain, QY_TLV_EPID_MEMBERSHIP_CREDENTIAL, QY_VIEW_OF(encoded));
  qy_wipe(encoded, sizeof(encoded));
  QY_TRY(qy_buffer_finish(&plain, "membership credential", why));
  qy_prov_issued_aad(aad, gid, level);
  return qy_sealing_seal(out, pwk2, QY_VIEW_OF(aad), qy_buffer_view(&plain), random, why);
}

/* msg4 with a nonce of its own, from what is on record. */
static qy_status append_msg4(qy_provisioner *provisioner, qy_buffer *out, const qy_provisioning_record *record,
                             const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(issued);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(body, QY_MAX_PROVISIONING_SIZE);
  uint8_t aad[QY_PROVISIONING_RESPONSE_HEADER_SIZE + QY_SESSION_NONCE_SIZE];
  uint8_t nonce[QY_SESSION_NONCE_SIZE];
  QY_TRY(qy_random_fill(random, nonce, sizeof(nonce), why));
  QY_TRY(seal_issued(&issued, &provisioner->pwk2, &record->issued, provisioner->gid, &record->level, random, why));
  const qy_prov_msg4_inner inner = {.n2 = QY_VIEW_OF(provisioner->n2),
                                    .issued = qy_sealing_view(&issued),
                                    .group_certificate = QY_VIEW_OF(record->group_certificate),
                                    .equivalent = record->level};
  qy_prov_msg4_inner_append(&plain, &inner);
  QY_TRY(qy_buffer_finish(&plain, "provisioning msg4", why));
  qy_provisioning_response_header(aad, QY_PROTOCOL_EPID, provisioner->xid, QY_PROVISIONING_MSG4, QY_GSTATUS_OK,
                                  QY_PSTATUS_OK, QY_MSG4_BODY_SIZE);
  memcpy(aad + QY_PROVISIONING_RESPONSE_HEADER_SIZE, nonce, sizeof(nonce));
  QY_TRY(qy_provisioning_ek2(&ek2, &provisioner->sk, provisioner->xid, nonce, why));
  QY_TRY(qy_sealing_seal(&sealing, &ek2, QY_VIEW_OF(aad), qy_buffer_view(&plain), random, why));
  const qy_prov_msg4 msg = {.nonce = QY_VIEW_OF(nonce), .sealed = qy_sealing_view(&sealing)};
  qy_prov_msg4_append(&body, &msg);
  return send(out, aad, &body, "provisioning msg4", why);
}

static qy_status make_backup(qy_provisioner *provisioner, qy_buffer *out, const qy_provisioning_record *record,
                             const qy_enrolled_machine *machine, const qy_random *random, qy_error *why)
{
  QY_SCOPED_SECRET(provision_key);
  qy_group_certificate certificate;
  const qy_psvn psvn = qy_platform_level_pve(&record->level);
  QY_TRY(expect(provisioner, QY_PROVISIONER_AWAITS_GROUP, why));
  if (!qy_equal_ct(record->ppid, provisioner->ppid, QY_PPID_SIZE) ||
      !qy_equal_ct(machine->ppid, provisioner->ppid, QY_PPID_SIZE)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning: the record is of another platform");
  }
  QY_TRY(qy_group_certificate_decode(&certificate, QY_VIEW_OF(record->group_certificate), why));
  provisioner->gid = certificate.group_id;
  provisioner->equivalent = record->level;
  QY_TRY(qy_random_fill(random, provisioner->n2, sizeof(provisioner->n2), why));
  QY_TRY(qy_provision_key_of_root(&provision_key, machine->root, &machine->architectural, &psvn, why));
  QY_TRY(qy_provisioning_pwk2(&provisioner->pwk2, &provision_key, provisioner->n2, why));
  return append_msg4(provisioner, out, record, random, why);
}

qy_status qy_provisioner_make_backup(qy_provisioner *provisioner, qy_buffer *out, const qy_provisioning_record *record,
                                     const qy_enrolled_machine *machine, const qy_random *random, qy_error *why)
{
  return settle(provisioner, make_backup(provisioner, out, record, machine, random, why), QY_PROVISIONER_DONE);
}

static qy_status make_msg4(qy_provisioner *provisioner, qy_buffer *out, qy_provisioning_record *record,
                           const qy_epid_group_key *group, const qy_epid_issuing_key *issuing_key,
                           const qy_epid_privrl *privrl, const qy_random *random, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_epid_credential_clear))) qy_epid_credential credential = {0};
  uint8_t encoded[QY_GROUP_PUBLIC_KEY_SIZE];
  qy_group_certificate certificate;
  QY_TRY(expect(provisioner, QY_PROVISIONER_AWAITS_ISSUE, why));
  QY_TRY(qy_group_certificate_decode(&certificate, QY_VIEW_OF(provisioner->group_certificate), why));
  QY_TRY(qy_sgx_group_key_encode(encoded, group, why));
  if (!qy_view_equal(certificate.public_key, QY_VIEW_OF(encoded))) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning: the group is not that of the certificate in msg2");
  }
  QY_TRY(qy_epid_certify(&credential, group, issuing_key, QY_EPID_HASH_BY_GID, &provisioner->proof.request,
                         provisioner->challenge, privrl, random, trace, why));
  memcpy(record->ppid, provisioner->ppid, sizeof(record->ppid));
  record->level = provisioner->equivalent;
  memcpy(record->group_certificate, provisioner->group_certificate, sizeof(record->group_certificate));
  memcpy(record->issued.x, credential.x, sizeof(record->issued.x));
  memcpy(record->issued.a, credential.a, sizeof(record->issued.a));
  record->issued.escrow = provisioner->proof.escrow;
  return append_msg4(provisioner, out, record, random, why);
}

qy_status qy_provisioner_make_msg4(qy_provisioner *provisioner, qy_buffer *out, qy_provisioning_record *record,
                                   const qy_epid_group_key *group, const qy_epid_issuing_key *issuing_key,
                                   const qy_epid_privrl *privrl, const qy_random *random, qy_trace *trace,
                                   qy_error *why)
{
  qy_provisioning_record_clear(record);
  const qy_status status =
      settle(provisioner, make_msg4(provisioner, out, record, group, issuing_key, privrl, random, trace, why),
             QY_PROVISIONER_DONE);
  if (status != QY_OK) {
    qy_provisioning_record_clear(record);
  }
  return status;
}
