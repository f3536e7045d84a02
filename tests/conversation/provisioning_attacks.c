/* SPDX-License-Identifier: Apache-2.0 */
/* A platform that is not what it says, a server that is not what it says: messages that are sealed as they should be
 * and lie inside. Each is stopped by its own check. */
#include "provisioning_world.h"

#include <string.h>

#include <provisioning/answer.h>
#include <provisioning/endpoint.h>

static world w;
static qy_trace trace;

static int setup(void **state)
{
  (void)state;
  world_make(&w);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  world_clear(&w);
  return 0;
}

static void assert_refused_by(qy_status status, qy_check_id id)
{
  const qy_check_record *failed = qy_trace_failed(&trace);
  if (status != QY_ERR_REFUSED || failed == NULL || failed->id != id) {
    fail_msg("expected %s, found %s by %s", qy_check_name(id), qy_status_name(status),
             failed == NULL ? "none" : qy_check_name(failed->id));
  }
}

/* ---- A lying platform ---- */

/* How to make a msg3 by hand, and what to do wrong. */
typedef struct recipe {
  const world_machine *machine;        /* whose keys are used */
  const qy_platform_level *pwk2_level; /* at which PWK2 is derived; NULL: as msg2 says */
  const qy_platform_level *pce_level;
  void (*alter_report)(qy_report_body *report);
  bool unbound; /* the report vouches for something else */
  bool flip_signature;
  bool wrong_wrapped_pwk2;
  const uint8_t *challenge; /* that the proof is made and sealed for; NULL: as msg2 says */
  bool challenge_in_seal;   /* seals for the right challenge all the same */
  void (*alter_proof)(qy_join_proof *proof);
} recipe;

static void seal(qy_sealing *out, const qy_secret *key, qy_view aad, qy_view plain)
{
  assert_ok(qy_sealing_seal(out, key, aad, plain, &w.random, NULL));
}

static void make_join_proof(qy_buffer *out, const recipe *r, const qy_provisioner *server)
{
  qy_join_proof proof;
  uint8_t f[32], encoded[QY_JOIN_PROOF_SIZE];
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  world_pve_keys(&provision, &escrow, r->machine, &server->equivalent);
  assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
  assert_ok(qy_epid_join_request_make(&proof.request, &w.endorser.group, QY_EPID_HASH_BY_GID,
                                      r->challenge != NULL ? r->challenge : server->challenge, f, &w.random, NULL));
  assert_ok(qy_escrow_seal(&proof.escrow, &escrow, f, &w.random, NULL));
  if (r->alter_proof != NULL) {
    r->alter_proof(&proof);
  }
  qy_join_proof_encode(encoded, &proof);
  qy_tlv_append(out, QY_TLV_EPID_JOIN_PROOF, QY_VIEW_OF(encoded));
}

static void forge_msg3(qy_buffer *out, const recipe *r, const qy_provisioner *server)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  QY_SCOPED_SECRET(pwk2);
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(proof_sealing);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(proof, 4096);
  QY_SCOPED_BUFFER(wrapped, 64);
  QY_SCOPED_BUFFER(plain, 4096);
  uint8_t n2[16], aad[QY_PROOF_AAD_SIZE], wrapped_pwk2[384], body[384], signature[64], header[15];
  uint8_t report_data[64];
  qy_report_body report;
  assert_ok(w.random.fill(w.random.context, n2, sizeof(n2), NULL));
  world_pve_keys(&provision, &escrow, r->machine, r->pwk2_level != NULL ? r->pwk2_level : &server->equivalent);
  assert_ok(qy_provisioning_pwk2(&pwk2, &provision, n2, NULL));
  make_join_proof(&proof, r, server);
  qy_prov_proof_aad(aad, server->gid, &server->equivalent,
                    r->challenge != NULL && !r->challenge_in_seal ? r->challenge : server->challenge);
  seal(&proof_sealing, &pwk2, QY_VIEW_OF(aad), qy_buffer_view(&proof));
  qy_tlv_append(&wrapped, QY_TLV_PWK2, qy_secret_view(&pwk2));
  if (r->wrong_wrapped_pwk2) {
    wrapped.bytes[4] ^= 1;
  }
  assert_ok(qy_rsa_oaep_encrypt(wrapped_pwk2, &w.endorser.pek_public, qy_buffer_view(&wrapped), NULL));
  qy_prov_msg3_inner inner = {
      .proof = qy_sealing_view(&proof_sealing), .n2 = QY_VIEW_OF(n2), .wrapped_pwk2 = QY_VIEW_OF(wrapped_pwk2)};
  assert_ok(qy_prov_msg3_report_data(report_data, &inner, NULL));
  report_data[r->unbound ? 40 : 0] ^= r->unbound ? 1 : 0; /* the zero half counts as well */
  world_report(&report, r->machine, report_data);
  if (r->alter_report != NULL) {
    r->alter_report(&report);
  }
  qy_report_body_encode(body, &report);
  world_certify(signature, r->machine, r->pce_level != NULL ? r->pce_level : &server->equivalent, body);
  signature[63] ^= r->flip_signature ? 1 : 0;
  inner.report_body = QY_VIEW_OF(body);
  inner.pce_signature = QY_VIEW_OF(signature);
  qy_prov_msg3_inner_append(&plain, &inner);
  qy_provisioning_request_header(header, QY_PROTOCOL_EPID, server->xid, QY_PROVISIONING_MSG3, QY_MSG3_BODY_SIZE);
  assert_ok(qy_provisioning_ek2(&ek2, &server->sk, server->xid, server->nonce, NULL));
  seal(&sealing, &ek2, QY_VIEW_OF(header), qy_buffer_view(&plain));
  const qy_prov_msg3 msg = {.nonce = QY_VIEW_OF(server->nonce), .sealed = qy_sealing_view(&sealing)};
  qy_buffer_append(out, header, sizeof(header));
  qy_prov_msg3_append(out, &msg);
}

/* A server that sent its msg2 to the enrolled machine; and the joiner that waits for it. */
static void until_msg2(qy_joiner *joiner, qy_provisioner *server, qy_buffer *msg2, const qy_platform_level *claimed)
{
  QY_SCOPED_BUFFER(msg1, 4096);
  uint8_t ppid[QY_PEK_RSA_SIZE];
  world_encrypted_ppid(ppid, &w, &w.machine);
  assert_ok(qy_joiner_begin(joiner, QY_VIEW_OF(w.endorser.signed_pek), &w.endorser.xegb, &w.random, NULL, NULL));
  assert_ok(qy_joiner_make_msg1(joiner, &msg1, QY_VIEW_OF(ppid), claimed, &w.random, NULL));
  assert_ok(qy_provisioner_open_msg1(server, qy_buffer_view(&msg1), w.endorser.pek, NULL, NULL));
  assert_ok(qy_provisioner_admit(server, &w.machine.enrolled, NULL, NULL));
  assert_ok(qy_provisioner_make_msg2(server, msg2, QY_VIEW_OF(w.endorser.certificate), &w.machine.level,
                                     &w.endorser.pek_public, &w.random, NULL));
}

static qy_status try_msg3(const recipe *r, const qy_platform_level *claimed, qy_provisioner *server)
{
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_BUFFER(msg2, 4096);
  QY_SCOPED_BUFFER(msg3, 4096);
  QY_SCOPED_BUFFER(msg4, 4096);
  qy_provisioning_record record;
  memset(server, 0, sizeof(*server));
  memset(&trace, 0, sizeof(trace));
  until_msg2(&joiner, server, &msg2, claimed);
  forge_msg3(&msg3, r, server);
  const qy_status status = qy_provisioner_open_msg3(server, qy_buffer_view(&msg3), w.endorser.pek, &w.machine.enrolled,
                                                    &w.policy, &trace, NULL);
  if (status != QY_OK) {
    return status;
  }
  const qy_status made = qy_provisioner_make_msg4(server, &msg4, &record, &w.endorser.group, &w.endorser.issuing_key,
                                                  NULL, &w.random, &trace, NULL);
  assert_int_equal(msg4.size, made == QY_OK ? 19 + 630 : 0);
  return made;
}

static void debug_report(qy_report_body *report)
{
  report->attributes.flags |= QY_ATTRIBUTE_DEBUG;
}

static void other_enclave(qy_report_body *report)
{
  report->mr_enclave[31] ^= 1;
}

static void other_signer(qy_report_body *report)
{
  report->mr_signer[0] ^= 1;
}

static void other_product(qy_report_body *report)
{
  report->isv_prod_id++;
}

static void old_enclave(qy_report_body *report)
{
  report->isv_svn = 2;
}

static void other_cpu_svn(qy_report_body *report)
{
  report->cpu_svn[0] ^= 1;
}

static void f_zero(qy_join_proof *proof)
{
  memset(proof->request.f_commitment, 0, sizeof(proof->request.f_commitment));
}

static void f_off_curve(qy_join_proof *proof)
{
  proof->request.f_commitment[63] ^= 1;
}

static void proof_of_another_f(qy_join_proof *proof)
{
  proof->request.s[31] ^= 1;
}

static void scalar_too_large(qy_join_proof *proof)
{
  memset(proof->request.c, 0xff, sizeof(proof->request.c));
}

static void escrow_of_another_version(qy_join_proof *proof)
{
  proof->escrow.version = 1;
}

static void lies_in_msg3(void **state)
{
  (void)state;
  static world_machine other;
  static const uint8_t old_challenge[32] = {1, 2, 3};
  qy_platform_level older = w.machine.level;
  qy_platform_level older_pce = w.machine.level;
  QY_SCOPED_PROVISIONER(server);
  world_burn(&other, 0x60);
  memcpy(older.cpu_svn, w.machine.fuses.cpu_svns[0], QY_CPU_SVN_SIZE);
  older_pce.pce_svn--;
  const struct {
    recipe r;
    qy_check_id id;
  } cases[] = {
      {{.machine = &other}, QY_CHECK_PROVISIONING_PWK2},
      {{.machine = &w.machine, .pwk2_level = &older}, QY_CHECK_PROVISIONING_PWK2},
      {{.machine = &w.machine, .wrong_wrapped_pwk2 = true}, QY_CHECK_PROVISIONING_PWK2},
      {{.machine = &w.machine, .unbound = true}, QY_CHECK_PROVISIONING_REPORT_DATA},
      {{.machine = &w.machine, .flip_signature = true}, QY_CHECK_PCE_SIGNATURE},
      {{.machine = &w.machine, .pce_level = &older_pce}, QY_CHECK_PCE_SIGNATURE},
      {{.machine = &w.machine, .alter_report = debug_report}, QY_CHECK_PVE_IDENTITY},
      {{.machine = &w.machine, .alter_report = other_enclave}, QY_CHECK_PVE_IDENTITY},
      {{.machine = &w.machine, .alter_report = other_signer}, QY_CHECK_PVE_IDENTITY},
      {{.machine = &w.machine, .alter_report = other_product}, QY_CHECK_PVE_IDENTITY},
      {{.machine = &w.machine, .alter_report = old_enclave}, QY_CHECK_PVE_IDENTITY},
      {{.machine = &w.machine, .alter_report = other_cpu_svn}, QY_CHECK_PROVISIONING_LEVEL},
      {{.machine = &w.machine, .challenge = old_challenge}, QY_CHECK_PROVISIONING_MAC_JOIN},
      {{.machine = &w.machine, .challenge = old_challenge, .challenge_in_seal = true}, QY_CHECK_JOIN_PROOF},
      {{.machine = &w.machine, .alter_proof = proof_of_another_f}, QY_CHECK_JOIN_PROOF},
      {{.machine = &w.machine, .alter_proof = f_zero}, QY_CHECK_JOIN_F_INFINITY},
      {{.machine = &w.machine, .alter_proof = f_off_curve}, QY_CHECK_EPID_POINT},
      {{.machine = &w.machine, .alter_proof = scalar_too_large}, QY_CHECK_EPID_SCALAR_RANGE},
      {{.machine = &w.machine, .alter_proof = escrow_of_another_version}, QY_CHECK_ESCROW_VERSION},
  };
  const recipe honest = {.machine = &w.machine};
  assert_ok(try_msg3(&honest, &w.machine.level, &server));
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_refused_by(try_msg3(&cases[i].r, &w.machine.level, &server), cases[i].id);
    assert_int_equal(server.state, QY_PROVISIONER_ENDED);
  }
}

static void a_level_that_is_not_so(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(server);
  const recipe honest = {.machine = &w.machine};
  qy_platform_level claimed = w.machine.level;
  claimed.pve_svn++;
  assert_refused_by(try_msg3(&honest, &claimed, &server), QY_CHECK_PROVISIONING_LEVEL);
  claimed = w.machine.level;
  memcpy(claimed.cpu_svn, w.machine.fuses.cpu_svns[2], QY_CPU_SVN_SIZE);
  assert_refused_by(try_msg3(&honest, &claimed, &server), QY_CHECK_PROVISIONING_LEVEL);
}

static void no_policy_is_no_permission(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(server);
  const recipe honest = {.machine = &w.machine};
  w.policy.mr_enclave_count = 0;
  const qy_status status = try_msg3(&honest, &w.machine.level, &server);
  w.policy.mr_enclave_count = 1;
  assert_int_equal(status, QY_ERR_ARGUMENT);
}

static void a_leaked_f_does_not_join_again(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(server);
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_BUFFER(msg2, 4096);
  QY_SCOPED_BUFFER(msg3, 4096);
  QY_SCOPED_BUFFER(msg4, 4096);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_provisioning_record record;
  qy_report_body report;
  uint8_t report_data[64], body[384], signature[64];
  memset(&trace, 0, sizeof(trace));
  until_msg2(&joiner, &server, &msg2, &w.machine.level);
  assert_ok(qy_joiner_open(&joiner, qy_buffer_view(&msg2), NULL, NULL));
  world_pve_keys(&provision, &escrow, &w.machine, &joiner.equivalent);
  assert_ok(qy_joiner_join(&joiner, report_data, &provision, &escrow, &w.random, NULL));
  world_report(&report, &w.machine, report_data);
  qy_report_body_encode(body, &report);
  world_certify(signature, &w.machine, &joiner.equivalent, body);
  const qy_epid_privrl leaked = {
      .gid = w.endorser.group.gid, .version = 1, .count = 1, .entries = qy_secret_view(&joiner.f)};
  assert_ok(qy_joiner_make_msg3(&joiner, &msg3, QY_VIEW_OF(body), signature, &w.random, NULL));
  assert_ok(qy_provisioner_open_msg3(&server, qy_buffer_view(&msg3), w.endorser.pek, &w.machine.enrolled, &w.policy,
                                     &trace, NULL));
  const qy_status status = qy_provisioner_make_msg4(&server, &msg4, &record, &w.endorser.group, &w.endorser.issuing_key,
                                                    &leaked, &w.random, &trace, NULL);
  assert_refused_by(status, QY_CHECK_JOIN_F_REVOKED);
  assert_true(qy_view_is_zero(qy_view_over(&record, sizeof(record))));
}

static void who_was_never_enrolled(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(msg1, 4096);
  static world_machine other;
  uint8_t ppid[QY_PEK_RSA_SIZE];
  world_burn(&other, 0x60);
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_JOINER(joiner);
    QY_SCOPED_PROVISIONER(server);
    world_encrypted_ppid(ppid, &w, &other);
    msg1.size = 0;
    memset(&trace, 0, sizeof(trace));
    assert_ok(qy_joiner_begin(&joiner, QY_VIEW_OF(w.endorser.signed_pek), &w.endorser.xegb, &w.random, NULL, NULL));
    assert_ok(qy_joiner_make_msg1(&joiner, &msg1, QY_VIEW_OF(ppid), &other.level, &w.random, NULL));
    assert_ok(qy_provisioner_open_msg1(&server, qy_buffer_view(&msg1), w.endorser.pek, &trace, NULL));
    assert_refused_by(qy_provisioner_admit(&server, i == 0 ? NULL : &w.machine.enrolled, &trace, NULL),
                      QY_CHECK_PROVISIONING_PLATFORM_KNOWN);
  }
}

static void msg1_for_another_server(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(server);
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_BUFFER(msg1, 4096);
  uint8_t ppid[QY_PEK_RSA_SIZE];
  memset(&trace, 0, sizeof(trace));
  world_encrypted_ppid(ppid, &w, &w.machine);
  assert_ok(qy_joiner_begin(&joiner, QY_VIEW_OF(w.endorser.signed_pek), &w.endorser.xegb, &w.random, NULL, NULL));
  joiner.ps_id[0] ^= 1; /* somebody re-encrypted the session for this server */
  assert_ok(qy_joiner_make_msg1(&joiner, &msg1, QY_VIEW_OF(ppid), &w.machine.level, &w.random, NULL));
  assert_refused_by(qy_provisioner_open_msg1(&server, qy_buffer_view(&msg1), w.endorser.pek, &trace, NULL),
                    QY_CHECK_PROVISIONING_PS_ID);
}

/* ---- A lying server ---- */

static void a_key_that_the_endorser_did_not_sign(void **state)
{
  (void)state;
  uint8_t pek[QY_SIGNED_PEK_SIZE];
  QY_SCOPED_JOINER(joiner);
  for (size_t i = 0; i < sizeof(pek); i++) {
    const bool check_sum = (i >= 388 && i < 408) || i >= 472; /* SHA-1, which nobody checks */
    memcpy(pek, w.endorser.signed_pek, sizeof(pek));
    pek[i] ^= 0x80;
    memset(&trace, 0, sizeof(trace));
    const qy_status status = qy_joiner_begin(&joiner, QY_VIEW_OF(pek), &w.endorser.xegb, &w.random, &trace, NULL);
    if (check_sum) {
      assert_int_equal(status, QY_OK);
    } else {
      assert_refused_by(status, QY_CHECK_PEK_SIGNATURE);
    }
  }
  for (size_t cut = 0; cut < sizeof(pek); cut++) {
    assert_int_equal(
        qy_joiner_begin(&joiner, (qy_view){w.endorser.signed_pek, cut}, &w.endorser.xegb, &w.random, NULL, NULL),
        QY_ERR_TRUNCATED);
  }
}

/* A msg2 by whoever knows the session (the server), with other contents. */
static void forge_msg2(qy_buffer *out, const qy_provisioner *server, const qy_prov_msg2_inner *inner, qy_view sigrl,
                       bool bind_list)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(plain, 4096);
  QY_SCOPED_BUFFER(aad, 64);
  uint8_t header[19];
  qy_prov_msg2_inner_append(&plain, inner);
  const size_t size = 12 + qy_tlv_size(QY_TLV_BLOCK_CIPHER_TEXT, 12 + plain.size) + 20 +
                      (sigrl.size > 0 ? qy_tlv_size(QY_TLV_EPID_SIG_RL, sigrl.size) : 0);
  qy_provisioning_response_header(header, QY_PROTOCOL_EPID, server->xid, QY_PROVISIONING_MSG2, QY_GSTATUS_OK,
                                  QY_PSTATUS_OK, (uint32_t)size);
  qy_buffer_append(&aad, header, sizeof(header));
  if (bind_list) {
    qy_buffer_append(&aad, sigrl.bytes + 8, 4);
    qy_buffer_append(&aad, sigrl.bytes + 4, 4);
  }
  assert_ok(qy_provisioning_ek2(&ek2, &server->sk, server->xid, server->nonce, NULL));
  seal(&sealing, &ek2, qy_buffer_view(&aad), qy_buffer_view(&plain));
  const qy_prov_msg2 msg = {.nonce = QY_VIEW_OF(server->nonce), .sealed = qy_sealing_view(&sealing), .sigrl = sigrl};
  qy_buffer_append(out, header, sizeof(header));
  qy_prov_msg2_append(out, &msg);
}

static qy_status try_msg2(const qy_joiner *joiner, const qy_provisioner *server, const qy_prov_msg2_inner *inner,
                          qy_view sigrl, bool bind_list)
{
  QY_SCOPED_JOINER(copy);
  QY_SCOPED_BUFFER(forged, 4096);
  copy = *joiner;
  memset(&trace, 0, sizeof(trace));
  forge_msg2(&forged, server, inner, sigrl, bind_list);
  return qy_joiner_open(&copy, qy_buffer_view(&forged), &trace, NULL);
}

static void lies_in_msg2(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_PROVISIONER(server);
  QY_SCOPED_BUFFER(msg2, 4096);
  uint8_t ps_id[32], certificate[QY_GROUP_CERTIFICATE_SIZE], list[208] = {0, 2, 0, 14, 0, 0, 0x0b, 0x3f, 0, 0, 0, 1};
  const qy_view none = {0};
  until_msg2(&joiner, &server, &msg2, &w.machine.level);
  memcpy(ps_id, joiner.ps_id, sizeof(ps_id));
  memcpy(certificate, w.endorser.certificate, sizeof(certificate));
  qy_prov_msg2_inner inner = {.group_certificate = QY_VIEW_OF(certificate),
                              .ps_id = QY_VIEW_OF(ps_id),
                              .challenge = QY_VIEW_OF(server.challenge),
                              .equivalent = w.machine.level};
  assert_ok(try_msg2(&joiner, &server, &inner, none, false));
  ps_id[31] ^= 1;
  assert_refused_by(try_msg2(&joiner, &server, &inner, none, false), QY_CHECK_PROVISIONING_PS_ID);
  ps_id[31] ^= 1;
  for (size_t i = 4; i < 264; i += 13) { /* group id, h1, h2, w */
    certificate[i] ^= 1;
    assert_refused_by(try_msg2(&joiner, &server, &inner, none, false), QY_CHECK_GROUP_CERTIFICATE_SIGNATURE);
    certificate[i] ^= 1;
  }
  assert_int_equal(try_msg2(&joiner, &server, &inner, QY_VIEW_OF(list), true), QY_ERR_MALFORMED);
  assert_refused_by(try_msg2(&joiner, &server, &inner, QY_VIEW_OF(list), false), QY_CHECK_PROVISIONING_MAC_MSG2);
}

/* What msg4 says, and how it is to be wrong. */
typedef struct msg4_case {
  qy_check_id id;
  bool other_n2, other_level, other_group, bad_credential_mac, other_escrow, identity, other_x;
} msg4_case;

static void forge_msg4(qy_buffer *out, const qy_joiner *joiner, const qy_issued *issued, const msg4_case *c,
                       const uint8_t *certificate, uint32_t gid)
{
  QY_SCOPED_SECRET(ek2);
  QY_SCOPED_SECRET(pwk2);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  QY_SCOPED_SEALING(credential);
  QY_SCOPED_SEALING(sealing);
  QY_SCOPED_BUFFER(field, 256);
  QY_SCOPED_BUFFER(plain, 4096);
  uint8_t encoded[QY_ISSUED_SIZE], aad[QY_ISSUED_AAD_SIZE], outer[19 + 8], n2[16];
  static const uint8_t nonce[8] = {8, 8};
  qy_platform_level level = joiner->equivalent;
  memcpy(n2, joiner->n2, sizeof(n2));
  n2[0] ^= c->other_n2 ? 1 : 0;
  level.pve_svn = (uint16_t)(level.pve_svn - (c->other_level ? 1 : 0));
  qy_issued_encode(encoded, issued);
  qy_tlv_append(&field, QY_TLV_EPID_MEMBERSHIP_CREDENTIAL, QY_VIEW_OF(encoded));
  world_pve_keys(&provision, &escrow, &w.machine, &level);
  assert_ok(qy_provisioning_pwk2(&pwk2, &provision, n2, NULL));
  qy_prov_issued_aad(aad, gid, &level);
  seal(&credential, &pwk2, QY_VIEW_OF(aad), qy_buffer_view(&field));
  credential.tag[0] ^= c->bad_credential_mac ? 1 : 0;
  const qy_prov_msg4_inner inner = {.n2 = QY_VIEW_OF(n2),
                                    .issued = qy_sealing_view(&credential),
                                    .group_certificate = {certificate, QY_GROUP_CERTIFICATE_SIZE},
                                    .equivalent = level};
  qy_prov_msg4_inner_append(&plain, &inner);
  qy_provisioning_response_header(outer, QY_PROTOCOL_EPID, joiner->xid, QY_PROVISIONING_MSG4, QY_GSTATUS_OK,
                                  QY_PSTATUS_OK, QY_MSG4_BODY_SIZE);
  memcpy(outer + 19, nonce, sizeof(nonce));
  assert_ok(qy_provisioning_ek2(&ek2, &joiner->sk, joiner->xid, nonce, NULL));
  seal(&sealing, &ek2, QY_VIEW_OF(outer), qy_buffer_view(&plain));
  const qy_prov_msg4 msg = {.nonce = QY_VIEW_OF(nonce), .sealed = qy_sealing_view(&sealing)};
  qy_buffer_append(out, outer, 19);
  qy_prov_msg4_append(out, &msg);
}

static void until_msg4(qy_joiner *joiner, qy_issued *issued)
{
  QY_SCOPED_PROVISIONER(server);
  QY_SCOPED_BUFFER(msg2, 4096);
  QY_SCOPED_BUFFER(msg3, 4096);
  QY_SCOPED_BUFFER(msg4, 4096);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_provisioning_record record;
  qy_report_body report;
  uint8_t report_data[64], body[384], signature[64];
  until_msg2(joiner, &server, &msg2, &w.machine.level);
  assert_ok(qy_joiner_open(joiner, qy_buffer_view(&msg2), NULL, NULL));
  world_pve_keys(&provision, &escrow, &w.machine, &joiner->equivalent);
  assert_ok(qy_joiner_join(joiner, report_data, &provision, &escrow, &w.random, NULL));
  world_report(&report, &w.machine, report_data);
  qy_report_body_encode(body, &report);
  world_certify(signature, &w.machine, &joiner->equivalent, body);
  assert_ok(qy_joiner_make_msg3(joiner, &msg3, QY_VIEW_OF(body), signature, &w.random, NULL));
  assert_ok(qy_provisioner_open_msg3(&server, qy_buffer_view(&msg3), w.endorser.pek, &w.machine.enrolled, &w.policy,
                                     NULL, NULL));
  assert_ok(qy_provisioner_make_msg4(&server, &msg4, &record, &w.endorser.group, &w.endorser.issuing_key, NULL,
                                     &w.random, NULL, NULL));
  *issued = record.issued;
}

static qy_status try_msg4(const qy_joiner *joiner, const qy_issued *genuine, const msg4_case *c)
{
  QY_SCOPED_JOINER(copy);
  QY_SCOPED_BUFFER(forged, 4096);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_epid_group_key group = w.endorser.group;
  qy_epid_issuing_key key;
  uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE];
  uint8_t f[32];
  qy_epid_member_key member;
  qy_issued issued = *genuine;
  copy = *joiner;
  memset(&trace, 0, sizeof(trace));
  memcpy(certificate, w.endorser.certificate, sizeof(certificate));
  if (c->other_group) {
    world_group(&group, &key, certificate, &w, WORLD_GID + 1);
  }
  world_pve_keys(&provision, &escrow, &w.machine, &joiner->equivalent);
  if (c->other_escrow) {
    assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
    assert_ok(qy_escrow_seal(&issued.escrow, &escrow, f, &w.random, NULL));
  }
  if (c->identity) {
    memset(issued.a, 0, sizeof(issued.a));
  }
  issued.x[31] ^= c->other_x ? 1 : 0;
  forge_msg4(&forged, joiner, &issued, c, certificate, qy_sgx_gid_of(&group.gid));
  QY_TRY(qy_joiner_open(&copy, qy_buffer_view(&forged), &trace, NULL));
  const qy_status status = qy_joiner_finish(&member, &copy, &provision, &escrow, &trace, NULL);
  assert_true(status == QY_OK || qy_view_is_zero(qy_view_over(&member, sizeof(member))));
  assert_int_equal(copy.state, status == QY_OK ? QY_JOINER_DONE : QY_JOINER_ENDED);
  return status;
}

static void lies_in_msg4(void **state)
{
  (void)state;
  static const msg4_case cases[] = {
      {.id = QY_CHECK_PROVISIONING_N2, .other_n2 = true},
      {.id = QY_CHECK_PROVISIONING_LEVEL, .other_level = true},
      {.id = QY_CHECK_PROVISIONING_GROUP, .other_group = true},
      {.id = QY_CHECK_PROVISIONING_MAC_CREDENTIAL, .bad_credential_mac = true},
      {.id = QY_CHECK_PROVISIONING_ESCROW, .other_escrow = true},
      {.id = QY_CHECK_CREDENTIAL_EQUATION, .other_x = true},
  };
  QY_SCOPED_JOINER(joiner);
  qy_issued issued;
  const msg4_case honest = {0};
  until_msg4(&joiner, &issued);
  assert_ok(try_msg4(&joiner, &issued, &honest));
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_refused_by(try_msg4(&joiner, &issued, &cases[i]), cases[i].id);
  }
  /* A = identity: either the point or the equation stops it. */
  const msg4_case identity = {.identity = true};
  assert_int_equal(try_msg4(&joiner, &issued, &identity), QY_ERR_REFUSED);
  qy_issued bad_version = issued;
  bad_version.escrow.version = 1;
  assert_refused_by(try_msg4(&joiner, &bad_version, &honest), QY_CHECK_ESCROW_VERSION);
  qy_issued bad_tag = issued;
  bad_tag.escrow.tag[15] ^= 1;
  assert_refused_by(try_msg4(&joiner, &bad_tag, &honest), QY_CHECK_ESCROW_TAG);
}

/* ---- Errors ---- */

static void refusals_carry_a_mac(void **state)
{
  (void)state;
  static const qy_check_id ids[] = {QY_CHECK_PROVISIONING_MAC_MSG2, QY_CHECK_PROVISIONING_MAC_MSG4};
  for (size_t which = 0; which < 2; which++) {
    QY_SCOPED_JOINER(joiner);
    QY_SCOPED_PROVISIONER(server);
    QY_SCOPED_BUFFER(msg2, 4096);
    QY_SCOPED_BUFFER(error, 4096);
    qy_issued issued;
    uint8_t request[15];
    memset(&trace, 0, sizeof(trace));
    if (which == 0) {
      until_msg2(&joiner, &server, &msg2, &w.machine.level);
    } else {
      until_msg4(&joiner, &issued);
      memcpy(server.xid, joiner.xid, sizeof(server.xid));
      server.sk = joiner.sk;
    }
    qy_provisioning_request_header(request, QY_PROTOCOL_EPID, joiner.xid, which == 0 ? 0 : 2, 0);
    assert_ok(qy_provisioner_refuse(&server, &error, QY_VIEW_OF(request), QY_GSTATUS_PROTOCOL_ERROR,
                                    QY_PSTATUS_PLATFORM_REVOKED, &w.random, NULL));
    assert_int_equal(server.state, QY_PROVISIONER_ENDED);
    assert_int_equal(error.size, 19 + 48);
    for (size_t i = 0; i < error.size; i++) {
      QY_SCOPED_JOINER(copy);
      copy = joiner;
      error.bytes[i] ^= 1;
      const qy_status status = qy_joiner_open(&copy, qy_buffer_view(&error), NULL, NULL);
      assert_int_not_equal(status, QY_OK);
      /* Only the general status is looked at without a MAC: then it proves nothing, and says so. */
      assert_true(status != QY_ERR_PEER || i == 12);
      error.bytes[i] ^= 1;
    }
    QY_SCOPED_JOINER(other);
    other = joiner;
    other.sk.bytes[0] ^= 1;
    assert_refused_by(qy_joiner_open(&other, qy_buffer_view(&error), &trace, NULL), ids[which]);
    memset(&trace, 0, sizeof(trace));
    assert_int_equal(qy_joiner_open(&joiner, qy_buffer_view(&error), &trace, NULL), QY_ERR_PEER);
    assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_PROVISIONING_ANSWER);
    assert_int_equal(joiner.gstatus, QY_GSTATUS_PROTOCOL_ERROR);
    assert_int_equal(joiner.pstatus, QY_PSTATUS_PLATFORM_REVOKED);
  }
}

static void refusals_without_a_key(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_PROVISIONER(server);
  QY_SCOPED_PROVISIONER(fresh);
  QY_SCOPED_BUFFER(msg2, 4096);
  QY_SCOPED_BUFFER(error, 4096);
  uint8_t request[15];
  qy_provisioning_response response;
  until_msg2(&joiner, &server, &msg2, &w.machine.level);
  qy_provisioning_request_header(request, QY_PROTOCOL_EPID, joiner.xid, 0, 0);
  assert_ok(qy_provisioner_refuse(&fresh, &error, QY_VIEW_OF(request), QY_GSTATUS_PROTOCOL_ERROR,
                                  QY_PSTATUS_PLATFORM_REVOKED, &w.random, NULL));
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&error), NULL));
  assert_int_equal(response.gstatus, QY_GSTATUS_INTEGRITY_CHECK_FAIL);
  assert_int_equal(response.pstatus, QY_PSTATUS_OK);
  assert_int_equal(response.body.size, 0);
  error.size = 0;
  assert_ok(qy_provisioner_refuse(&fresh, &error, QY_VIEW_OF(request), QY_GSTATUS_SERVER_BUSY, QY_PSTATUS_OK, &w.random,
                                  NULL));
  assert_int_equal(qy_joiner_open(&joiner, qy_buffer_view(&error), NULL, NULL), QY_ERR_BUSY);
  error.size = 0;
  assert_ok(qy_provisioner_refuse(&fresh, &error, (qy_view){request, 5}, QY_GSTATUS_INCORRECT_SYNTAX, QY_PSTATUS_OK,
                                  &w.random, NULL));
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&error), NULL));
  assert_true(qy_view_is_zero(QY_VIEW_OF(response.xid)));
}

static void failures_become_statuses(void **state)
{
  (void)state;
  static const struct {
    qy_status status;
    qy_check_id id;
    qy_gstatus gstatus;
    qy_pstatus pstatus;
  } cases[] = {
      {QY_ERR_REFUSED, QY_CHECK_PROVISIONING_PLATFORM_KNOWN, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_KEY_NOT_FOUND},
      {QY_ERR_REFUSED, QY_CHECK_PVE_IDENTITY, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_INVALID_REPORT},
      {QY_ERR_REFUSED, QY_CHECK_JOIN_PROOF, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_PROVISIONING_ERROR},
      {QY_ERR_REFUSED, QY_CHECK_JOIN_F_REVOKED, QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_KEY_REVOKED},
      {QY_ERR_REFUSED, QY_CHECK_PROVISIONING_MAC_MSG1, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
      {QY_ERR_REFUSED, QY_CHECK_PROVISIONING_REPLAY, QY_GSTATUS_TRANSACTION_STATE_LOST, QY_PSTATUS_OK},
      {QY_ERR_MALFORMED, QY_CHECK_NONE, QY_GSTATUS_INCORRECT_SYNTAX, QY_PSTATUS_OK},
      {QY_ERR_UNSUPPORTED, QY_CHECK_NONE, QY_GSTATUS_INCOMPATIBLE_VERSION, QY_PSTATUS_OK},
      {QY_ERR_CRYPTO, QY_CHECK_NONE, QY_GSTATUS_INTEGRITY_CHECK_FAIL, QY_PSTATUS_OK},
      {QY_ERR_NOT_FOUND, QY_CHECK_NONE, QY_GSTATUS_TRANSACTION_STATE_LOST, QY_PSTATUS_OK},
      {QY_ERR_BUSY, QY_CHECK_NONE, QY_GSTATUS_SERVER_BUSY, QY_PSTATUS_OK},
      {QY_ERR_MEMORY, QY_CHECK_NONE, QY_GSTATUS_INTERNAL_ERROR, QY_PSTATUS_OK},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    qy_gstatus gstatus = QY_GSTATUS_OK;
    qy_pstatus pstatus = QY_PSTATUS_OK;
    memset(&trace, 0, sizeof(trace));
    if (cases[i].id != QY_CHECK_NONE) {
      assert_false(qy_check(&trace, cases[i].id, false));
    }
    qy_provisioning_failure(&gstatus, &pstatus, cases[i].status, &trace);
    assert_int_equal(gstatus, cases[i].gstatus);
    assert_int_equal(pstatus, cases[i].pstatus);
  }
}

/* ---- Endpoint selection ---- */

static void endpoint_selection(void **state)
{
  (void)state;
  static const uint8_t xid[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  QY_SCOPED_BUFFER(request, 64);
  QY_SCOPED_BUFFER(response, 4096);
  qy_endpoint endpoint = {.ttl_s = 3600, .url = "http://127.0.0.1:8080/sgx/provisioning"};
  qy_endpoint read;
  uint8_t got_xid[8], selector = 0;
  assert_ok(qy_endpoint_request_make(&request, xid, 0xab, NULL));
  assert_int_equal(request.size, 15 + 6);
  assert_ok(qy_endpoint_request_open(got_xid, &selector, qy_buffer_view(&request), NULL));
  assert_memory_equal(got_xid, xid, 8);
  assert_int_equal(selector, 0xab);
  for (size_t cut = 0; cut < request.size; cut++) {
    assert_int_equal(qy_endpoint_request_open(got_xid, &selector, (qy_view){request.bytes, cut}, NULL),
                     QY_ERR_TRUNCATED);
  }
  assert_ok(qy_signed_pek_decode(&endpoint.pek, QY_VIEW_OF(w.endorser.signed_pek), NULL));
  assert_ok(qy_endpoint_response_make(&response, xid, &endpoint, w.endorser.pek, NULL));
  assert_ok(
      qy_endpoint_response_open(&read, qy_buffer_view(&response), xid, &w.endorser.xegb.pek_signing_key, NULL, NULL));
  assert_string_equal(read.url, endpoint.url);
  assert_int_equal(read.ttl_s, 3600);
  const size_t pek_at = response.size - QY_SIGNED_PEK_SIZE;
  for (size_t i = 0; i < response.size; i++) {
    const bool check_sum = i >= pek_at && ((i - pek_at >= 388 && i - pek_at < 408) || i - pek_at >= 472);
    response.bytes[i] ^= 1;
    const qy_status status =
        qy_endpoint_response_open(&read, qy_buffer_view(&response), xid, &w.endorser.xegb.pek_signing_key, NULL, NULL);
    assert_true((status == QY_OK) == check_sum);
    response.bytes[i] ^= 1;
    assert_int_not_equal(qy_endpoint_response_open(&read, (qy_view){response.bytes, i}, xid,
                                                   &w.endorser.xegb.pek_signing_key, NULL, NULL),
                         QY_OK);
  }
  /* The server's signature, not only its PEK's. */
  memset(&trace, 0, sizeof(trace));
  response.bytes[19 + 4 + 2] ^= 1;
  assert_refused_by(
      qy_endpoint_response_open(&read, qy_buffer_view(&response), xid, &w.endorser.xegb.pek_signing_key, &trace, NULL),
      QY_CHECK_ENDPOINT_SIGNATURE);
  endpoint.url[3] = ' ';
  assert_int_equal(qy_endpoint_response_make(&response, xid, &endpoint, w.endorser.pek, NULL), QY_ERR_ARGUMENT);
}

static void xegb_signature(void **state)
{
  (void)state;
  qy_xegb xegb = w.endorser.xegb;
  memset(&trace, 0, sizeof(trace));
  assert_ok(qy_xegb_verify(&trace, &xegb, &w.endorser.epid_signing_public, NULL));
  xegb.xeid = 1;
  assert_refused_by(qy_xegb_verify(&trace, &xegb, &w.endorser.epid_signing_public, NULL), QY_CHECK_XEGB_SIGNATURE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lies_in_msg3),
      cmocka_unit_test(a_level_that_is_not_so),
      cmocka_unit_test(no_policy_is_no_permission),
      cmocka_unit_test(a_leaked_f_does_not_join_again),
      cmocka_unit_test(who_was_never_enrolled),
      cmocka_unit_test(msg1_for_another_server),
      cmocka_unit_test(a_key_that_the_endorser_did_not_sign),
      cmocka_unit_test(lies_in_msg2),
      cmocka_unit_test(lies_in_msg4),
      cmocka_unit_test(refusals_carry_a_mac),
      cmocka_unit_test(refusals_without_a_key),
      cmocka_unit_test(failures_become_statuses),
      cmocka_unit_test(endpoint_selection),
      cmocka_unit_test(xegb_signature),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
