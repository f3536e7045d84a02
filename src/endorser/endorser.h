/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Intel ("endorser"): makes the roots of trust, signs the architectural enclaves, enrols machines,
 * issues EPID credentials to them and revokes what has gone bad. State lies in one folder (registry/layout.h).
 *
 * Every function that changes the folder takes its lock for as long as it runs (QY_ERR_BUSY when another holds it for
 * more than five seconds), writes each file whole, and leaves an order behind in which a crash between two files is
 * mended by the next change. `why` may be NULL. */
#ifndef QY_ENDORSER_ENDORSER_H
#define QY_ENDORSER_ENDORSER_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/epid.h>
#include <registry/dcap.h>
#include <registry/tcb.h>

/* ---- Making one ---- */

typedef struct qy_endorser_setup {
  int64_t now_s;        /* from when certificates are valid */
  unsigned valid_days;  /* for how long; 0 takes 3650 */
  const char *dns_name; /* a further name of the report service in its TLS certificate; may be NULL */
} qy_endorser_setup;

/* Makes keys, public files and a first group in `folder`. QY_ERR_EXISTS when an endorser is there already. After a
 * crash in the middle the file issuer/unfinished stands there, and init begins afresh. What takes the time is RSA key
 * generation, in two threads. */
qy_status qy_endorser_init(const char *folder, const qy_endorser_setup *setup, qy_error *why) QY_MUST_CHECK;

typedef struct qy_endorser_programs {
  const char *provisioning; /* path of the static program of each enclave */
  const char *certification;
  const char *quoting;
  const char *ecdsa_quoting; /* may be NULL: machines then have EPID alone */
  const char *td_quoting;    /* may be NULL, and is when the one above is: there are then no quotes of trust domains */
  uint16_t pve_svn;          /* ISVSVN of each; 0 takes 1 */
  uint16_t pce_svn;
  uint16_t qe_svn;
  uint16_t ecdsa_qe_svn;
  uint16_t td_qe_svn;
  uint32_t date_bcd; /* 0x20261123; 0 takes that of the day */
} qy_endorser_programs;

/* Builds and signs public/images/quotary-{pve,pce,qe,qe3,tdqe}.image, with XEGB as their measured section "endorser", and tells their
 * measurements in fingerprints.json. */
qy_status qy_endorser_sign_images(const char *folder, const qy_endorser_programs *programs,
                                  qy_error *why) QY_MUST_CHECK;

/* A new group for holders of `tcb`, whose cpu_svn_level must be one there is. */
qy_status qy_endorser_add_group(uint32_t *gid, const char *folder, const qy_group_tcb *tcb,
                                qy_error *why) QY_MUST_CHECK;

/* ---- Machines ---- */

/* Enrols a machine from its factory record, JSON {"ppid": 32 hex digits, "provision_base_key": 32 hex digits}, and perhaps
 * "kind", a name of registry/dcap.h; other members are refused. QY_ERR_EXISTS when the PPID is enrolled with another key;
 * the same again is fine. */
qy_status qy_endorser_enroll(const char *folder, qy_view record, qy_error *why) QY_MUST_CHECK;
/* From now on the machine is not provisioned. QY_ERR_NOT_FOUND when it was never enrolled. */
qy_status qy_endorser_revoke_platform(const char *folder, const uint8_t ppid[16], qy_error *why) QY_MUST_CHECK;

/* ---- Members made in bulk, for a quoting enclave that is not ours ---- */

/* Writes into `out_folder`, in Intel's EPID file forms: mprivkey.dat (144, SECRET), pubkey.bin (340), cacert.bin (324),
 * and privrl.bin, sigrl.bin, grouprl.bin (signed; empty ones of version 0 where there is no list yet). */
qy_status qy_endorser_issue_member(const char *folder, uint32_t gid, const char *out_folder,
                                   qy_error *why) QY_MUST_CHECK;

/* ---- Revocation. Lists only grow, and so do their versions. `trace` may be NULL. ---- */

/* `reason` is RFC 5280's CRLReason. QY_ERR_EXISTS when it is revoked already. */
qy_status qy_endorser_revoke_group(const char *folder, uint32_t gid, unsigned reason, qy_error *why) QY_MUST_CHECK;
/* From a leaked member key, 144 bytes, or Intel's PrivRL request (02 00 00 03, then the key). Checks that the group
 * issued it (credential-equation). Drops the key's entries from the SigRL and revokes the machine it was issued to, if
 * that is known. */
qy_status qy_endorser_revoke_key(const char *folder, qy_view key_file, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* From a SigRL request as Intel frames it: 02 00 00 0b, group id 16, signature, message length (4, big-endian), message.
 * The signature must hold (endorser-signature), and its key must not be on the PrivRL (QY_ERR_EXISTS): that list
 * costs signers nothing. The report service makes such a request of a quote (reports/reports.h). */
qy_status qy_endorser_revoke_signature(const char *folder, qy_view request, qy_trace *trace,
                                       qy_error *why) QY_MUST_CHECK;
/* Finishes what a crash left half done; each change does so first. */
qy_status qy_endorser_mend(const char *folder, qy_error *why) QY_MUST_CHECK;

/* ---- DCAP: the world turns. Each signs everything anew and publishes it. ---- */

/* What a TCB recovery asks for; zero leaves what is. */
typedef struct qy_dcap_recovery {
  unsigned cpu_level;
  uint16_t pce_svn;
  uint16_t qe_svn;
  uint16_t td_qe_svn;
  uint16_t qve_svn;
  uint16_t tdx_module_svn;
  unsigned standard_after_days; /* so long only update=early gives it */
  qy_tcb_status status;         /* of platforms that have it all */
  qy_tcb_advisories advisories;
} qy_dcap_recovery;

/* Begins the next TCB evaluation. QY_ERR_DENIED for what would lower a demand, QY_ERR_ARGUMENT when nothing changes. */
qy_status qy_endorser_tcb_recovery(uint32_t *number, const char *folder, const qy_dcap_recovery *recovery,
                                   qy_error *why) QY_MUST_CHECK;
/* Puts every PCK certificate of the machine on its CA's list, for every TCB that it may have had. It is still given
 * certificates; they are revoked. QY_ERR_EXISTS when they all are already. */
qy_status qy_endorser_revoke_pck(const char *folder, const uint8_t ppid[16], qy_error *why) QY_MUST_CHECK;
typedef enum qy_dcap_authority_name {
  QY_DCAP_NAME_PROCESSOR_CA = 0,
  QY_DCAP_NAME_PLATFORM_CA,
  QY_DCAP_NAME_TCB_SIGNING
} qy_dcap_authority_name;
/* Puts its certificate on the root's list. */
qy_status qy_endorser_revoke_authority(const char *folder, qy_dcap_authority_name name, qy_error *why) QY_MUST_CHECK;
/* `lapses`, bits of qy_dcap_lapse, are served with dates that are past; or no longer. */
qy_status qy_endorser_expire(const char *folder, uint32_t lapses, bool lapsed, qy_error *why) QY_MUST_CHECK;

/* ---- The provisioning service ---- */

typedef struct qy_endorser_config {
  const char *folder;
  const char *host;                            /* loopback address to listen on; NULL takes 127.0.0.1 */
  uint16_t port;                               /* 0 takes any */
  const char *provision_url;                   /* what endpoint selection answers; NULL: this service itself */
  unsigned transaction_s;                      /* how long a transaction may rest; 0 takes 60 */
  unsigned transaction_limit;                  /* how many at once; 0 takes 256 */
  void (*ready)(void *context, uint16_t port); /* called once it listens; may be NULL */
  void *context;
} qy_endorser_config;

/* Serves until `stop_fd` is readable: provisioning, and DCAP collateral by Intel's PCS API (endorser/pcs.h). Plain HTTP:
 * what passes protects itself. */
qy_status qy_endorser_run(const qy_endorser_config *config, int stop_fd, qy_error *why) QY_MUST_CHECK;

#endif
