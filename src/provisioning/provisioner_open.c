/* SPDX-License-Identifier: Apache-2.0 */
/* What the provisioner takes: msg1 and msg3. */
#include <provisioning/provisioner.h>

#include <string.h>

#include <base/limits.h>
#include <provisioning/answer.h>

/* ---- msg1 ---- */

/* Opens a CIPHER_TEXT under the PEK into a secret of at most 64 bytes. */
static qy_status unwrap(qy_secret *out, const qy_rsa_private *pek, qy_view ciphertext, const char *what, qy_error *why)
{
  uint8_t plain[QY_RSA_MAX_SIZE];
  size_t size = sizeof(plain);
  qy_secret_clear(out);
  const qy_status status = qy_rsa_oaep_decrypt(plain, &size, pek, ciphertext, why);
  if (status == QY_OK) {
    qy_secret_set(out, plain, size); /* stays empty when it is longer than any secret */
  }
  qy_wipe(plain, sizeof(plain));
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", what);
}

static qy_status open_session(qy_secret *sk, const qy_rsa_private *pek, qy_view ciphertext, qy_trace *trace,
                              qy_error *why)
{
  QY_SCOPED_SECRET(plain);
  qy_rsa_public public_key;
  uint8_t expected[QY_PS_ID_SIZE];
  QY_TRY(unwrap(&plain, pek, ciphertext, "provisioning msg1: session", why));
  qy_reader in = qy_reader_over(qy_secret_view(&plain));
  const qy_view key = qy_tlv_expect_size(&in, QY_TLV_BLOCK_CIPHER_INFO, 16);
  const qy_view ps_id = qy_tlv_expect_size(&in, QY_TLV_PS_ID, QY_PS_ID_SIZE);
  QY_TRY(qy_read_finish(&in, "provisioning msg1, session", why));
  qy_rsa_public_of(&public_key, pek);
  QY_TRY(qy_provisioning_ps_id(expected, &public_key, why));
  const bool same = memcmp(ps_id.bytes, expected, sizeof(expected)) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PS_ID, same, .expected = qy_text_hex(QY_VIEW_OF(expected)),
                .actual = qy_text_hex(ps_id), .origin = "server's key")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg1: it is meant for another server");
  }
  qy_secret_set(sk, key.bytes, key.size);
  return QY_OK;
}

static qy_status read_msg1_inner(qy_provisioner *provisioner, qy_view plain, const qy_rsa_private *pek, qy_error *why)
{
  QY_SCOPED_SECRET(ppid);
  qy_prov_msg1_inner inner;
  QY_TRY(qy_prov_msg1_inner_decode(&inner, plain, why));
  if (inner.flags.size > 0 && !qy_view_is_zero(inner.flags)) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "provisioning msg1: it asks for a performance rekey");
  }
  QY_TRY(unwrap(&ppid, pek, inner.encrypted_ppid, "provisioning msg1: PPID", why));
  if (ppid.size != QY_PPID_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "provisioning msg1: the PPID has %zu bytes", ppid.size);
  }
  memcpy(provisioner->ppid, ppid.bytes, sizeof(provisioner->ppid));
  provisioner->level = inner.level;
  return QY_OK;
}

static qy_status open_msg1(qy_provisioner *provisioner, qy_view message, const qy_rsa_private *pek, qy_trace *trace,
                           qy_error *why)
{
  QY_SCOPED_SECRET(sk);
  QY_SCOPED_SECRET(ek1);
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  qy_provisioning_request request;
  qy_prov_msg1 msg;
  if (provisioner->state != QY_PROVISIONER_AWAITS_MSG1) {
    return qy_fail(why, QY_ERR_SEQUENCE, "provisioning msg1: this transaction had one");
  }
  QY_TRY(qy_provisioning_request_decode(&request, message, why));
  if (request.protocol != QY_PROTOCOL_EPID) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "provisioning msg1: protocol %u", request.protocol);
  }
  if (request.type != QY_PROVISIONING_MSG1) {
    return qy_fail(why, QY_ERR_SEQUENCE, "provisioning msg1: a message of type %u", request.type);
  }
  QY_TRY(qy_prov_msg1_decode(&msg, request.body, why));
  QY_TRY(open_session(&sk, pek, msg.session, trace, why));
  QY_TRY(qy_provisioning_ek1(&ek1, &sk, request.xid, why));
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_MSG1, &msg.sealed, &ek1, request.header, why));
  memcpy(provisioner->xid, request.xid, sizeof(provisioner->xid));
  provisioner->sk = sk;
  return read_msg1_inner(provisioner, qy_buffer_view(&plain), pek, why);
}

qy_status qy_provisioner_open_msg1(qy_provisioner *provisioner, qy_view request, const qy_rsa_private *pek,
                                   qy_trace *trace, qy_error *why)
{
  const qy_status status = open_msg1(provisioner, request, pek, trace, why);
  provisioner->state = status == QY_OK ? QY_PROVISIONER_AWAITS_ADMISSION : QY_PROVISIONER_ENDED;
  return status;
}

/* ---- msg3 ---- */

/* Everything that msg3's checks look at. */
typedef struct msg3_case {
  qy_provisioner *provisioner;
  const qy_rsa_private *pek;
  const qy_enrolled_machine *machine;
  const qy_pve_policy *policy;
  qy_prov_msg3_inner inner;
  qy_report_body report;
} msg3_case;

/* The PWK2 that was sent is the one that the enrolled processor derives. */
static qy_status check_pwk2(const msg3_case *msg, qy_trace *trace, qy_error *why)
{
  qy_provisioner *provisioner = msg->provisioner;
  QY_SCOPED_SECRET(provision_key);
  QY_SCOPED_SECRET(expected);
  QY_SCOPED_SECRET(plain);
  const qy_psvn psvn = qy_platform_level_pve(&provisioner->equivalent);
  QY_TRY(qy_provision_key_of_root(&provision_key, msg->machine->root, &msg->machine->architectural, &psvn, why));
  QY_TRY(qy_provisioning_pwk2(&expected, &provision_key, msg->inner.n2.bytes, why));
  QY_TRY(unwrap(&plain, msg->pek, msg->inner.wrapped_pwk2, "provisioning msg3: PWK2", why));
  qy_reader in = qy_reader_over(qy_secret_view(&plain));
  const qy_view sent = qy_tlv_expect_size(&in, QY_TLV_PWK2, 16);
  QY_TRY(qy_read_finish(&in, "provisioning msg3, PWK2", why));
  const bool same = qy_equal_ct(sent.bytes, expected.bytes, 16);
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PWK2, same, .expected = qy_textf("the enrolled processor's key"),
                .actual = qy_textf(same ? "the same" : "another key"), .origin = "endorser's register")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: the enrolled processor derives another PWK2");
  }
  provisioner->pwk2 = expected;
  memcpy(provisioner->n2, msg->inner.n2.bytes, sizeof(provisioner->n2));
  return QY_OK;
}

static qy_status check_report_data(const msg3_case *msg, qy_trace *trace, qy_error *why)
{
  uint8_t expected[QY_REPORT_DATA_SIZE];
  QY_TRY(qy_prov_msg3_report_data(expected, &msg->inner, why));
  const bool bound = memcmp(msg->report.report_data, expected, sizeof(expected)) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_REPORT_DATA, bound, .expected = qy_text_hex(QY_VIEW_OF(expected)),
                .actual = qy_text_hex(QY_VIEW_OF(msg->report.report_data)), .origin = "msg3")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: the report vouches for another join proof");
  }
  return QY_OK;
}

static qy_status check_pce_signature(const msg3_case *msg, qy_trace *trace, qy_error *why)
{
  qy_p256_public key;
  bool valid = false;
  QY_TRY(qy_pce_public_key_of_root(&key, msg->machine->root, &msg->machine->architectural,
                                   &msg->provisioner->equivalent, why));
  QY_TRY(qy_p256_verify(&valid, &key, &msg->inner.report_body, 1, msg->inner.pce_signature.bytes, why));
  if (!qy_check(trace, QY_CHECK_PCE_SIGNATURE, valid, .expected = qy_textf("signed by the enrolled processor's PCE"),
                .actual = qy_textf(valid ? "signed" : "not signed"), .origin = "endorser's register")) {
    return qy_fail(why, QY_ERR_REFUSED,
                   "provisioning msg3: the processor's certifying enclave did not sign the report");
  }
  return QY_OK;
}

static bool pve_is_known(const msg3_case *msg)
{
  const qy_report_body *report = &msg->report;
  bool known = false;
  for (size_t i = 0; i < msg->policy->mr_enclave_count; i++) {
    known |= memcmp(report->mr_enclave, msg->policy->mr_enclaves[i], QY_MEASUREMENT_SIZE) == 0;
  }
  return known && qy_view_equal(QY_VIEW_OF(report->mr_signer), QY_VIEW_OF(msg->machine->architectural.mr_signer)) &&
         report->isv_prod_id == msg->machine->architectural.isv_prod_id &&
         report->isv_svn >= msg->policy->min_isv_svn && (report->attributes.flags & QY_ATTRIBUTE_DEBUG) == 0 &&
         (report->attributes.flags & QY_ATTRIBUTE_INIT) != 0;
}

static qy_status check_identity(const msg3_case *msg, qy_trace *trace, qy_error *why)
{
  const qy_report_body *report = &msg->report;
  const qy_platform_level *level = &msg->provisioner->level;
  if (!qy_check(trace, QY_CHECK_PVE_IDENTITY, pve_is_known(msg),
                .expected = qy_textf("one of %zu measurements, ISVSVN %u or later, no debug",
                                     msg->policy->mr_enclave_count, msg->policy->min_isv_svn),
                .actual =
                    qy_textf("%.64s, ISVSVN %u, attributes %llx", qy_text_hex(QY_VIEW_OF(report->mr_enclave)).chars,
                             report->isv_svn, (unsigned long long)report->attributes.flags),
                .origin = "endorser's policy")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: the report is of no provisioning enclave that is known");
  }
  const bool same = memcmp(report->cpu_svn, level->cpu_svn, QY_CPU_SVN_SIZE) == 0 && report->isv_svn == level->pve_svn;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_LEVEL, same,
                .expected = qy_textf("%s, %u", qy_text_hex(QY_VIEW_OF(level->cpu_svn)).chars, level->pve_svn),
                .actual = qy_textf("%s, %u", qy_text_hex(QY_VIEW_OF(report->cpu_svn)).chars, report->isv_svn),
                .origin = "msg1")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: the report is of another level than msg1 said");
  }
  return QY_OK;
}

static qy_status open_proof(const msg3_case *msg, qy_trace *trace, qy_error *why)
{
  qy_provisioner *provisioner = msg->provisioner;
  QY_SCOPED_BUFFER(plain, QY_SEALED_PROOF_SIZE);
  uint8_t aad[QY_PROOF_AAD_SIZE];
  qy_prov_proof_aad(aad, provisioner->gid, &provisioner->equivalent, provisioner->challenge);
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_JOIN, &msg->inner.proof, &provisioner->pwk2,
                        QY_VIEW_OF(aad), why));
  qy_reader in = qy_reader_over(qy_buffer_view(&plain));
  const qy_view payload = qy_tlv_expect_size(&in, QY_TLV_EPID_JOIN_PROOF, QY_JOIN_PROOF_SIZE);
  QY_TRY(qy_read_finish(&in, "provisioning msg3, join proof", why));
  QY_TRY(qy_join_proof_decode(&provisioner->proof, payload, why));
  const uint32_t version = provisioner->proof.escrow.version;
  if (!qy_check(trace, QY_CHECK_ESCROW_VERSION, version == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", version), .origin = "msg3")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: an escrow of version %u", version);
  }
  return QY_OK;
}

/* The transaction's turn, its id and its nonce. */
static qy_status check_turn(const qy_provisioner *provisioner, const qy_provisioning_request *request, qy_trace *trace,
                            qy_error *why)
{
  if (request->protocol != QY_PROTOCOL_EPID) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "provisioning msg3: protocol %u", request->protocol);
  }
  if (request->type != QY_PROVISIONING_MSG3 || provisioner->state < QY_PROVISIONER_AWAITS_MSG3) {
    return qy_fail(why, QY_ERR_SEQUENCE, "provisioning msg3: a message of type %u in state %d", request->type,
                   (int)provisioner->state);
  }
  const bool fresh = provisioner->state == QY_PROVISIONER_AWAITS_MSG3;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_REPLAY, fresh, .expected = qy_textf("a transaction that awaits its msg3"),
                .actual = qy_textf(fresh ? "awaits it" : "had it, or has ended"), .origin = "transaction")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: the transaction is used up");
  }
  const bool same = memcmp(request->xid, provisioner->xid, QY_XID_SIZE) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_XID, same, .expected = qy_text_hex(QY_VIEW_OF(provisioner->xid)),
                .actual = qy_text_hex(QY_VIEW_OF(request->xid)), .origin = "msg1")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: it belongs to another transaction");
  }
  return QY_OK;
}

static qy_status open_outer(qy_buffer *plain, const qy_provisioner *provisioner, const qy_provisioning_request *request,
                            qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(ek2);
  qy_prov_msg3 msg;
  QY_TRY(qy_prov_msg3_decode(&msg, request->body, why));
  if ((msg.signature.iv.size > 0) != provisioner->demands_previous) {
    return qy_fail(why, QY_ERR_MALFORMED, "provisioning msg3: a proof by the previous key was%s asked for",
                   provisioner->demands_previous ? "" : " not");
  }
  const bool echoed = memcmp(msg.nonce.bytes, provisioner->nonce, QY_SESSION_NONCE_SIZE) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_NONCE, echoed, .expected = qy_text_hex(QY_VIEW_OF(provisioner->nonce)),
                .actual = qy_text_hex(msg.nonce), .origin = "msg2")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: it answers another msg2");
  }
  QY_TRY(qy_provisioning_ek2(&ek2, &provisioner->sk, provisioner->xid, provisioner->nonce, why));
  return qy_sealed_open(plain, trace, QY_CHECK_PROVISIONING_MAC_MSG3, &msg.sealed, &ek2, request->header, why);
}

static qy_status open_msg3(msg3_case *msg, qy_view message, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  qy_provisioning_request request;
  if (msg->policy->mr_enclave_count == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning msg3: no provisioning enclave is known");
  }
  QY_TRY(qy_provisioning_request_decode(&request, message, why));
  QY_TRY(check_turn(msg->provisioner, &request, trace, why));
  QY_TRY(open_outer(&plain, msg->provisioner, &request, trace, why));
  QY_TRY(qy_prov_msg3_inner_decode(&msg->inner, qy_buffer_view(&plain), why));
  QY_TRY(qy_report_body_decode(&msg->report, msg->inner.report_body, why));
  QY_TRY(check_pwk2(msg, trace, why));
  QY_TRY(check_report_data(msg, trace, why));
  QY_TRY(check_pce_signature(msg, trace, why));
  QY_TRY(check_identity(msg, trace, why));
  return open_proof(msg, trace, why);
}

qy_status qy_provisioner_open_msg3(qy_provisioner *provisioner, qy_view request, const qy_rsa_private *pek,
                                   const qy_enrolled_machine *machine, const qy_pve_policy *policy, qy_trace *trace,
                                   qy_error *why)
{
  msg3_case msg = {.provisioner = provisioner, .pek = pek, .machine = machine, .policy = policy};
  const qy_status status = open_msg3(&msg, request, trace, why);
  const qy_provisioner_state next =
      provisioner->demands_previous ? QY_PROVISIONER_AWAITS_PREVIOUS : QY_PROVISIONER_AWAITS_ISSUE;
  provisioner->state = status == QY_OK ? next : QY_PROVISIONER_ENDED;
  return status;
}

/* ---- Proof by the previous key ---- */

static qy_status check_previous(const qy_provisioner *provisioner, qy_view message, const qy_epid_verifier *verifier,
                                qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, QY_MAX_PROVISIONING_SIZE);
  qy_provisioning_request request;
  qy_prov_msg3 msg;
  qy_epid_result result = QY_EPID_UNDECIDED;
  if (provisioner->state != QY_PROVISIONER_AWAITS_PREVIOUS) {
    return qy_fail(why, QY_ERR_SEQUENCE, "provisioning: no proof by a previous key is awaited");
  }
  QY_TRY(qy_provisioning_request_decode(&request, message, why));
  QY_TRY(qy_prov_msg3_decode(&msg, request.body, why));
  if (msg.signature.iv.size == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning: this is not the msg3 that was opened");
  }
  QY_TRY(qy_sealed_open(&plain, trace, QY_CHECK_PROVISIONING_MAC_PREVIOUS, &msg.signature, &provisioner->pwk2,
                        (qy_view){0}, why));
  qy_reader in = qy_reader_over(qy_buffer_view(&plain));
  const qy_view signature = qy_tlv_expect(&in, QY_TLV_EPID_SIG);
  QY_TRY(qy_read_finish(&in, "proof by the previous key", why));
  QY_TRY(qy_epid_verify(&result, verifier, signature, QY_VIEW_OF(provisioner->challenge), NULL, why));
  if (result == QY_EPID_SIGRL_MISMATCH) { /* says nothing of the platform */
    return qy_fail(why, QY_ERR_BUSY, "provisioning msg3: the SigRL of the previous group changed since msg2");
  }
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PREVIOUS_PROOF, result == QY_EPID_VALID, .expected = qy_textf("valid"),
                .actual = qy_textf("%s", qy_epid_result_name(result)), .origin = "previous group and its lists")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg3: proof by the previous key: %s",
                   qy_epid_result_text(result));
  }
  return QY_OK;
}

qy_status qy_provisioner_check_previous(qy_provisioner *provisioner, qy_view request, const qy_epid_verifier *verifier,
                                        qy_trace *trace, qy_error *why)
{
  const qy_status status = check_previous(provisioner, request, verifier, trace, why);
  provisioner->state = status == QY_OK ? QY_PROVISIONER_AWAITS_ISSUE : QY_PROVISIONER_ENDED;
  return status;
}
