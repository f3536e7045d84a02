/* SPDX-License-Identifier: Apache-2.0 */
/* The endorser's side of EPID provisioning: one qy_provisioner for each transaction. What lasts (machines, groups, the
 * record of issued credentials) is the caller's:
 *
 *   open_msg1    provisioner->ppid and ->level; the caller looks the machine up and decides on group and level
 *   admit        the machine, or NULL when the register has none
 *   make_msg2    ... or make_backup when a credential for that level is on record: it answers with msg4
 *   open_msg3    opens and checks everything that is in msg3
 *   check_previous  only when msg2 asked for a proof by the previous key
 *   make_msg4    issues the credential; the caller stores the record before it sends the answer
 *
 * A failure ends the transaction: answer with qy_provisioner_refuse(). A second msg3 is refused by
 * provisioning-replay. Pure; randomness is an argument (RSA-OAEP draws its seed from the system). */
#ifndef QY_PROVISIONING_PROVISIONER_H
#define QY_PROVISIONING_PROVISIONER_H

#include <base/buffer.h>
#include <provisioning/messages.h>

typedef enum qy_provisioner_state {
  QY_PROVISIONER_AWAITS_MSG1 = 0,
  QY_PROVISIONER_AWAITS_ADMISSION,
  QY_PROVISIONER_AWAITS_GROUP,
  QY_PROVISIONER_AWAITS_MSG3,
  QY_PROVISIONER_AWAITS_PREVIOUS,
  QY_PROVISIONER_AWAITS_ISSUE,
  QY_PROVISIONER_DONE,
  QY_PROVISIONER_ENDED
} qy_provisioner_state;

/* Zero-initialise; clear wipes. The members up to `equivalent` are for reading. No pointers: it may be copied. */
typedef struct qy_provisioner {
  qy_provisioner_state state;
  uint8_t xid[QY_XID_SIZE];
  uint8_t ppid[QY_PPID_SIZE];
  qy_platform_level level;      /* as msg1 says; nothing vouches for it before msg3 */
  qy_platform_level equivalent; /* for which the credential is issued */
  qy_secret sk;
  uint8_t nonce[QY_SESSION_NONCE_SIZE];
  uint8_t challenge[QY_EPID_NONCE_SIZE];
  uint8_t n2[QY_NONCE2_SIZE];
  qy_secret pwk2;
  uint8_t group_certificate[QY_GROUP_CERTIFICATE_SIZE];
  uint32_t gid;
  bool demands_previous;
  uint32_t previous_gid; /* of the key to prove by, when that is demanded */
  qy_join_proof proof;
} qy_provisioner;

void qy_provisioner_clear(qy_provisioner *provisioner);
#define QY_SCOPED_PROVISIONER(name) __attribute__((cleanup(qy_provisioner_clear))) qy_provisioner name = {0}

/* What the endorser's register says of a machine. */
typedef struct qy_enrolled_machine {
  uint8_t ppid[QY_PPID_SIZE];
  const qy_secret *root; /* its PROVISION base key, 16 bytes */
  qy_architectural_identity architectural;
} qy_enrolled_machine;

/* The provisioning enclaves that are known. No MRENCLAVE at all is QY_ERR_ARGUMENT, never "any". */
typedef struct qy_pve_policy {
  const uint8_t (*mr_enclaves)[QY_MEASUREMENT_SIZE];
  size_t mr_enclave_count;
  uint16_t min_isv_svn;
} qy_pve_policy;

/* What was issued, for giving it back. SECRET: A and x are not for all to see. */
#define QY_PROVISIONING_RECORD_SIZE 530 /* PPID 16, level 26, group certificate 328, credential 160 */
typedef struct qy_provisioning_record {
  uint8_t ppid[QY_PPID_SIZE];
  qy_platform_level level;
  uint8_t group_certificate[QY_GROUP_CERTIFICATE_SIZE];
  qy_issued issued;
} qy_provisioning_record;
void qy_provisioning_record_encode(uint8_t out[QY_PROVISIONING_RECORD_SIZE], const qy_provisioning_record *record);
qy_status qy_provisioning_record_decode(qy_provisioning_record *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
void qy_provisioning_record_clear(qy_provisioning_record *record);

/* `pek` is the private key of the signed PEK. Checks provisioning-ps-id and provisioning-mac-msg1. A message that the
 * PEK does not open is QY_ERR_CRYPTO; a demand for a performance rekey is QY_ERR_UNSUPPORTED. */
qy_status qy_provisioner_open_msg1(qy_provisioner *provisioner, qy_view request, const qy_rsa_private *pek,
                                   qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Check provisioning-platform-known: there is a machine and its PPID is this one. */
qy_status qy_provisioner_admit(qy_provisioner *provisioner, const qy_enrolled_machine *machine, qy_trace *trace,
                               qy_error *why) QY_MUST_CHECK;
/* Appends msg2 for a group (its certificate, 328 bytes) and the level that the credential shall be for, which the
 * machine must be able to derive keys for: at most provisioner->level. */
qy_status qy_provisioner_make_msg2(qy_provisioner *provisioner, qy_buffer *out, qy_view group_certificate,
                                   const qy_platform_level *equivalent, const qy_rsa_public *pek,
                                   const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* The key by which the platform is to prove that it is not revoked: level and group of an earlier credential, and that
 * group's SigRL (signed; empty when it has no entries). */
typedef struct qy_previous_demand {
  qy_platform_level level;
  uint32_t gid;
  qy_view sigrl;
} qy_previous_demand;
/* make_msg2 with such a demand. */
qy_status qy_provisioner_make_msg2_demanding(qy_provisioner *provisioner, qy_buffer *out, qy_view group_certificate,
                                             const qy_platform_level *equivalent, const qy_previous_demand *demand,
                                             const qy_rsa_public *pek, const qy_random *random,
                                             qy_error *why) QY_MUST_CHECK;
/* Appends msg4 that gives a recorded credential back; the record must be of this PPID (else QY_ERR_ARGUMENT). */
qy_status qy_provisioner_make_backup(qy_provisioner *provisioner, qy_buffer *out, const qy_provisioning_record *record,
                                     const qy_enrolled_machine *machine, const qy_random *random,
                                     qy_error *why) QY_MUST_CHECK;
/* Checks provisioning-replay, provisioning-xid, provisioning-nonce, provisioning-mac-msg3, provisioning-pwk2,
 * provisioning-report-data, pce-signature, pve-identity, provisioning-level, provisioning-mac-join, escrow-version;
 * the join proof itself is checked when it is answered. */
qy_status qy_provisioner_open_msg3(qy_provisioner *provisioner, qy_view request, const qy_rsa_private *pek,
                                   const qy_enrolled_machine *machine, const qy_pve_policy *policy, qy_trace *trace,
                                   qy_error *why) QY_MUST_CHECK;
/* After open_msg3 of the same request, when a proof by the previous key was asked for. `verifier` is of that group,
 * with its lists. Checks provisioning-mac-previous and provisioning-previous-proof. QY_ERR_BUSY when the proof was made
 * against another version of the SigRL: the list changed since msg2, and the platform is to come again. */
qy_status qy_provisioner_check_previous(qy_provisioner *provisioner, qy_view request, const qy_epid_verifier *verifier,
                                        qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Checks the join proof (qy_epid_certify) and issues. `group` must be the certificate's (else QY_ERR_ARGUMENT).
 * `privrl` may be NULL. Appends msg4; `record` (wiped by the caller) is what to keep. */
qy_status qy_provisioner_make_msg4(qy_provisioner *provisioner, qy_buffer *out, qy_provisioning_record *record,
                                   const qy_epid_group_key *group, const qy_epid_issuing_key *issuing_key,
                                   const qy_epid_privrl *privrl, const qy_random *random, qy_trace *trace,
                                   qy_error *why) QY_MUST_CHECK;

/* Which statuses tell a client of a failure: what the platform did wrong becomes a protocol error with its pstatus,
 * damage an integrity failure, syntax and version what they are; the rest an internal error. */
void qy_provisioning_failure(qy_gstatus *gstatus, qy_pstatus *pstatus, qy_status status, const qy_trace *trace);
/* Appends the answer to `request` that carries an error, and ends the transaction. A protocol error carries a MAC under
 * EK2; where no key was agreed yet it becomes an integrity failure. A request too short to name its transaction is
 * answered with a zero xid. */
qy_status qy_provisioner_refuse(qy_provisioner *provisioner, qy_buffer *out, qy_view request, qy_gstatus gstatus,
                                qy_pstatus pstatus, const qy_random *random, qy_error *why) QY_MUST_CHECK;

#endif
