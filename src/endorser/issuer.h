/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the issuing side of the folder, opened for change. */
#ifndef QY_ENDORSER_ISSUER_H
#define QY_ENDORSER_ISSUER_H

#include <base/buffer.h>
#include <base/file.h>
#include <base/secret.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <endorser/endorser.h>
#include <provisioning/provisioner.h>
#include <registry/group.h>
#include <registry/layout.h>

/* ---- Files ---- */

#define QY_ISSUER_MAX_PEM 65536u

/* "folder/part/name", written whole; files of public/ are for all to read, the others private. */
qy_status qy_issuer_write(const char *folder, const char *part, const char *name, qy_view bytes,
                          qy_error *why) QY_MUST_CHECK;
/* Private files must be private. */
qy_status qy_issuer_read(qy_buffer *out, const char *folder, const char *part, const char *name,
                         qy_error *why) QY_MUST_CHECK;
/* "issuer/<subfolder>/<name>" as a part and name. */
#define QY_ISSUER_PART(subfolder) QY_DIR_ISSUER "/" subfolder

/* ---- Keys, under the lock ---- */

typedef struct qy_issuer {
  int lock;
  char folder[QY_PATH_SIZE];
  qy_secret epid_ca_key;
  qy_epid_ca ca;
  qy_secret isk;
  qy_p256_public isk_public;
} qy_issuer;

/* Takes the folder's lock, waiting up to five seconds (then QY_ERR_BUSY), and reads the keys. */
qy_status qy_issuer_open(qy_issuer *out, const char *folder, qy_error *why) QY_MUST_CHECK;
void qy_issuer_close(qy_issuer *issuer);
#define QY_SCOPED_ISSUER(name) __attribute__((cleanup(qy_issuer_close))) qy_issuer name = {.lock = -1}

/* ---- Groups and lists ---- */

/* Makes a group; it is there once its public key is. */
qy_status qy_issuer_group_create(uint32_t *gid, const qy_issuer *issuer, const qy_group_tcb *tcb,
                                 qy_error *why) QY_MUST_CHECK;
/* The issuing key of a group; the caller clears it. */
qy_status qy_issuer_issuing_key(qy_epid_issuing_key *out, const char *folder, uint32_t gid,
                                qy_error *why) QY_MUST_CHECK;
/* A group that stands for just this TCB and is not revoked: one that there is, or one made now. */
qy_status qy_issuer_group_for(uint32_t *gid, const qy_issuer *issuer, const qy_group_tcb *tcb,
                              qy_error *why) QY_MUST_CHECK;
/* Whether the GroupRL has it. */
qy_status qy_issuer_group_revoked(bool *out, const qy_issuer *issuer, uint32_t gid, qy_error *why) QY_MUST_CHECK;
/* public/groups/<gid>/<name> */
qy_status qy_issuer_write_group_file(const qy_issuer *issuer, uint32_t gid, const char *name, qy_view bytes,
                                     qy_error *why) QY_MUST_CHECK;
/* Each signs a plain list and puts it in its place; a SigRL in both its forms. */
qy_status qy_issuer_publish_privrl(const qy_issuer *issuer, uint32_t gid, qy_view plain, qy_error *why) QY_MUST_CHECK;
qy_status qy_issuer_publish_sigrl(const qy_issuer *issuer, uint32_t gid, qy_view plain, qy_error *why) QY_MUST_CHECK;
/* The SGX form alone, or none for a list without entries. */
qy_status qy_issuer_publish_sigrl_sgx(const qy_issuer *issuer, uint32_t gid, const qy_epid_sigrl *list,
                                      qy_error *why) QY_MUST_CHECK;
qy_status qy_issuer_publish_grouprl(const qy_issuer *issuer, qy_view plain, qy_error *why) QY_MUST_CHECK;
/* Whether the two forms of the group's SigRL say the same; they differ only after a crash between the two. */
bool qy_issuer_sigrl_forms_agree(const qy_group *group);
/* Drops SigRL entries of revoked keys, makes both forms of the SigRL agree, and marks the machines whose key is
 * revoked. Writes only what differs. */
qy_status qy_issuer_mend_group(const qy_issuer *issuer, uint32_t gid, qy_error *why) QY_MUST_CHECK;
qy_status qy_issuer_mend(const qy_issuer *issuer, qy_error *why) QY_MUST_CHECK;

/* ---- Machines ---- */

typedef struct qy_machine_record {
  uint8_t ppid[QY_PPID_SIZE];
  qy_secret root;
  const qy_dcap_kind *kind;
  bool revoked;
} qy_machine_record;
void qy_machine_record_clear(qy_machine_record *record);
#define QY_SCOPED_MACHINE_RECORD(name) __attribute__((cleanup(qy_machine_record_clear))) qy_machine_record name = {0}
/* QY_ERR_NOT_FOUND when the machine was never enrolled. */
qy_status qy_machine_record_load(qy_machine_record *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                                 qy_error *why) QY_MUST_CHECK;
qy_status qy_machine_record_store(const char *folder, const qy_machine_record *record, qy_error *why) QY_MUST_CHECK;

/* The architectural enclaves that were signed. */
#define QY_MAX_PVE_MEASUREMENTS 64
typedef struct qy_signed_enclaves {
  qy_architectural_identity identity;
  size_t pve_count;
  uint8_t pve_measurements[QY_MAX_PVE_MEASUREMENTS][QY_MEASUREMENT_SIZE]; /* every provisioning enclave ever signed */
  uint16_t pve_svn;                                                       /* the newest of each */
  uint16_t pce_svn;
  uint16_t qe_svn;
} qy_signed_enclaves;
qy_status qy_signed_enclaves_load(qy_signed_enclaves *out, const char *folder, qy_error *why) QY_MUST_CHECK;
qy_status qy_signed_enclaves_store(const char *folder, const qy_signed_enclaves *enclaves, qy_error *why) QY_MUST_CHECK;

/* ---- The ledger: what was issued ---- */

typedef struct qy_ledger_entry { /* SECRET: clear */
  qy_provisioning_record record;
  uint8_t f_commitment[QY_EPID_G1_SIZE]; /* h1^f: by it a leaked f is traced to its machine */
  int64_t issued_s;
  bool revoked; /* its key is on the PrivRL */
} qy_ledger_entry;
void qy_ledger_entry_clear(qy_ledger_entry *entry);
#define QY_SCOPED_LEDGER_ENTRY(name) __attribute__((cleanup(qy_ledger_entry_clear))) qy_ledger_entry name = {0}
uint32_t qy_ledger_entry_gid(const qy_ledger_entry *entry);
qy_status qy_ledger_decode(qy_ledger_entry *out, qy_view json, qy_error *why) QY_MUST_CHECK;
qy_status qy_ledger_encode(qy_buffer *out, const qy_ledger_entry *entry, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_NOT_FOUND when nothing was issued to the machine for the level. */
qy_status qy_ledger_load(qy_ledger_entry *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                         const qy_platform_level *level, qy_error *why) QY_MUST_CHECK;
qy_status qy_ledger_store(const char *folder, const qy_ledger_entry *entry, qy_error *why) QY_MUST_CHECK;
/* What the machine was given last, at any level, and whether it was given anything. */
qy_status qy_ledger_latest(bool *found, qy_ledger_entry *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                           qy_error *why) QY_MUST_CHECK;
/* Marks the entries of a group whose commitment is one of `count` (64 bytes each). */
qy_status qy_ledger_mark_revoked(const char *folder, uint32_t gid, qy_view commitments, qy_error *why) QY_MUST_CHECK;
/* Whether the machine ever had a key that is revoked now, at any level. */
qy_status qy_ledger_any_revoked(bool *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE],
                                qy_error *why) QY_MUST_CHECK;

/* public/fingerprints.json, anew from what lies in the folder. */
qy_status qy_fingerprints_write(const char *folder, qy_error *why) QY_MUST_CHECK;

#endif
