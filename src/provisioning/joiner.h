/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave's side of EPID provisioning, as a conversation (Intel SGX PSW, provisioning enclave):
 *
 *   begin     the server's signed key in; the certifying enclave then encrypts the PPID to joiner->pek
 *   make_msg1
 *   open      the answer: msg2 (a new key; the state is then AWAITS_JOIN) or at once msg4 (the key that this platform
 *             had; AWAITS_FINISH)
 *   prove     only when msg2 asks for a proof by the previous key (AWAITS_PROOF): that the platform is not revoked
 *   join      keys at joiner->equivalent in, report data out; the enclave makes the report, the certifying one signs it
 *   make_msg3
 *   open      msg4
 *   finish    keys again, member key out
 *
 * Whatever fails ends the conversation; whatever is called out of turn is QY_ERR_SEQUENCE and ends it too. Pure: the
 * keys that EGETKEY gives are arguments, and so is randomness (RSA-OAEP draws its seed from the system). */
#ifndef QY_PROVISIONING_JOINER_H
#define QY_PROVISIONING_JOINER_H

#include <base/buffer.h>
#include <provisioning/messages.h>

typedef enum qy_joiner_state {
  QY_JOINER_IDLE = 0,
  QY_JOINER_AWAITS_PPID,
  QY_JOINER_AWAITS_MSG2,
  QY_JOINER_AWAITS_PROOF,
  QY_JOINER_AWAITS_JOIN,
  QY_JOINER_AWAITS_REPORT,
  QY_JOINER_AWAITS_MSG4,
  QY_JOINER_AWAITS_FINISH,
  QY_JOINER_DONE,
  QY_JOINER_ENDED
} qy_joiner_state;

/* Zero-initialise; clear wipes and frees. The members up to `previous_gid` are for reading. */
typedef struct qy_joiner {
  qy_joiner_state state;
  bool retrieved;   /* the server gave back the key that this platform had */
  uint16_t gstatus; /* of the last answer */
  uint16_t pstatus;
  uint8_t xid[QY_XID_SIZE];
  qy_rsa_public pek;
  qy_platform_level level;      /* as msg1 said */
  qy_platform_level equivalent; /* the level that the key is for: at most `level` */
  qy_epid_group_key group;
  uint32_t gid;
  bool wants_previous; /* msg2 asks for a proof by the key for this level in this group */
  qy_platform_level previous;
  uint32_t previous_gid;
  qy_view previous_sigrl; /* borrowed from msg2 until prove() */
  qy_buffer signature;    /* an EPID_SIG field; from join() on sealed */
  uint8_t signature_iv[12];
  uint8_t signature_tag[16];
  qy_p256_public epid_signing_key;
  uint8_t ps_id[QY_PS_ID_SIZE];
  qy_secret sk;
  uint8_t nonce[QY_SESSION_NONCE_SIZE];
  uint8_t challenge[QY_EPID_NONCE_SIZE];
  uint8_t n2[QY_NONCE2_SIZE];
  qy_secret f;
  uint8_t proof_iv[12];
  uint8_t proof[QY_SEALED_PROOF_SIZE];
  uint8_t proof_tag[16];
  uint8_t wrapped_pwk2[QY_PEK_RSA_SIZE];
  uint8_t issued_iv[12];
  uint8_t issued[QY_SEALED_ISSUED_SIZE];
  uint8_t issued_tag[16];
} qy_joiner;

void qy_joiner_clear(qy_joiner *joiner);
#define QY_SCOPED_JOINER(name) __attribute__((cleanup(qy_joiner_clear))) qy_joiner name = {0}
const char *qy_joiner_state_name(qy_joiner_state state);

/* Any state; what was before is wiped. Check pek-signature. Draws SK and xid. */
qy_status qy_joiner_begin(qy_joiner *joiner, qy_view signed_pek, const qy_xegb *xegb, const qy_random *random,
                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Appends msg1. `encrypted_ppid` is 384 bytes from the certifying enclave. */
qy_status qy_joiner_make_msg1(qy_joiner *joiner, qy_buffer *out, qy_view encrypted_ppid, const qy_platform_level *level,
                              const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* Takes msg2 or msg4. Checks provisioning-xid, provisioning-mac-msg2 or -msg4, provisioning-answer,
 * provisioning-ps-id, group-certificate-signature, the group key's points, and in msg4 provisioning-n2,
 * provisioning-group and provisioning-level against msg2. An error for which the server vouches with the MAC is
 * QY_ERR_PEER (joiner->pstatus says which); one without a MAC is QY_ERR_BUSY or QY_ERR_PEER and proves nothing.
 * `response` must stay for prove(), if that is called. */
qy_status qy_joiner_open(qy_joiner *joiner, qy_view response, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The key that the platform had before, with the level it was issued for. */
typedef struct qy_joiner_previous {
  qy_psvn psvn;
  const qy_epid_group_key *group;
  const qy_epid_member_key *key;
} qy_joiner_previous;
/* Whether it is the key that msg2 asks for: of that group and level. */
bool qy_joiner_asks_for(const qy_joiner *joiner, const qy_joiner_previous *previous);
/* Signs the challenge by the previous key, with a proof for each entry of the list that came with msg2. Checks
 * provisioning-previous-key (it is the one that is asked for), quoting-sigrl-group, sigrl-signature and
 * quoting-member-revoked. */
qy_status qy_joiner_prove(qy_joiner *joiner, const qy_joiner_previous *previous, const qy_random *random,
                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Draws f and N2 and makes the join proof. The keys are those of EGETKEY for qy_provision_key_request() and
 * qy_escrow_key_request() at qy_platform_level_pve(&joiner->equivalent). */
qy_status qy_joiner_join(qy_joiner *joiner, uint8_t report_data[QY_REPORT_DATA_SIZE], const qy_secret *provision_key,
                         const qy_secret *escrow_key, const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* Appends msg3. `report_body` is 384 bytes; its signature is the certifying enclave's at
 * qy_platform_level_pce(&joiner->equivalent). */
qy_status qy_joiner_make_msg3(qy_joiner *joiner, qy_buffer *out, qy_view report_body,
                              const uint8_t pce_signature[QY_P256_SIGNATURE_SIZE], const qy_random *random,
                              qy_error *why) QY_MUST_CHECK;
/* The member key (zero on failure), proved to be of joiner->group. Checks provisioning-mac-credential, escrow-version,
 * escrow-tag, provisioning-escrow (a new key's f came back unchanged) and what qy_epid_credential_accept() checks.
 * Keys as for join. The state is then DONE. */
qy_status qy_joiner_finish(qy_epid_member_key *out, qy_joiner *joiner, const qy_secret *provision_key,
                           const qy_secret *escrow_key, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
