/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the steps of a DCAP appraisal share. */
#ifndef QY_APPRAISAL_DCAP_PARTS_H
#define QY_APPRAISAL_DCAP_PARTS_H

#include <pthread.h>

#include <appraisal/examination.h>
#include <base/buffer.h>
#include <crypto/p256_table.h>
#include <quotary/dcap.h>

/* ---- Signatures that were verified ---- */

#define QY_KNOWN_SIGNATURES 64

/* What was verified: key, digest, signature. */
typedef struct qy_known_signature {
  uint8_t bytes[64 + 32 + 64];
} qy_known_signature;

/* Those that held: what is known is not verified again. */
typedef struct qy_known_signatures {
  pthread_mutex_t lock;
  size_t next;
  size_t count;
  qy_known_signature held[QY_KNOWN_SIGNATURES];
} qy_known_signatures;

void qy_known_signatures_init(qy_known_signatures *known);
void qy_known_signatures_clear(qy_known_signatures *known);
/* `*valid`: the P-256 key signed the message. QY_ERR_MALFORMED when the key is no point of the curve. */
qy_status qy_known_verify(qy_known_signatures *known, bool *valid, const uint8_t public_key[64], qy_view message,
                          const uint8_t signature[64], qy_error *why) QY_MUST_CHECK;

/* ---- Attestation keys ---- */

#define QY_KNOWN_KEYS 4
#define QY_KEY_OFTEN 4 /* signatures: those behind the third are verified by a table */

typedef struct qy_known_key {
  qy_p256_public key;
  unsigned seen;        /* signatures that held, up to QY_KEY_OFTEN; 0: nothing is here */
  unsigned holders;     /* who verify by the table now */
  uint64_t used;        /* the larger, the later */
  qy_p256_table *table; /* NULL: not met often enough */
} qy_known_key;

typedef struct qy_known_keys {
  pthread_mutex_t lock;
  uint64_t uses;
  qy_known_key keys[QY_KNOWN_KEYS];
} qy_known_keys;

void qy_known_keys_init(qy_known_keys *known); /* all is zero before */
void qy_known_keys_clear(qy_known_keys *known);
/* As qy_known_verify, for messages that are never the same: what is remembered is the key. */
qy_status qy_known_key_verify(qy_known_keys *known, bool *valid, const uint8_t public_key[64], qy_view message,
                              const uint8_t signature[64], qy_error *why) QY_MUST_CHECK;

/* ---- Certificates and lists ---- */

/* The root that is trusted: a certificate that was named, or Intel's key. */
typedef struct qy_dcap_root {
  bool given;
  bool readable;
  bool self_issued;
  qy_sgx_chain list;
  uint8_t key[64];
} qy_dcap_root;

typedef struct qy_dcap_crl {
  bool given;
  bool readable;
  qy_sgx_crl list;
} qy_dcap_crl;

/* A list seen with the certificate that should have signed it. */
typedef struct qy_dcap_crl_findings {
  bool is_issuer;
  bool has_extensions;
  bool is_signed;
} qy_dcap_crl_findings;

/* A chain, and what was found out about it; all but the times, which each appraisal looks at. */
typedef struct qy_dcap_chain {
  bool given;
  bool readable;
  bool whole;          /* it has the certificates it should have, and no others */
  qy_qvl_status fault; /* of one that cannot be read */
  qy_sgx_chain list;
  const qy_sgx_certificate *root; /* by their names; NULL when there is none such */
  const qy_sgx_certificate *ca;   /* PCK chain */
  const qy_sgx_certificate *leaf;
  bool root_signed;
  bool ca_signed;
  bool leaf_signed;
  bool trusted;
  qy_dcap_crl_findings root_crl;
  qy_dcap_crl_findings pck_crl; /* PCK chain */
  bool ca_revoked;              /* PCK chain */
  bool leaf_revoked;
} qy_dcap_chain;

void qy_dcap_chain_clear(qy_dcap_chain *chain);

/* ---- Platforms ---- */

#define QY_PLATFORM_RECORDS 24 /* of a chain that is kept */

/* A PCK chain that was looked at, with the checks that were made of it. */
typedef struct qy_dcap_platform {
  unsigned holders; /* under the lock */
  qy_dcap_chain chain;
  qy_buffer pem;
  size_t record_count;
  qy_check_record *records;
} qy_dcap_platform;

#define QY_KNOWN_PLATFORMS 6

/* Those whose checks all held, by the bytes of their chain: they are neither decoded nor verified again. */
typedef struct qy_known_platforms {
  pthread_mutex_t lock;
  size_t next;
  qy_dcap_platform *slots[QY_KNOWN_PLATFORMS];
} qy_known_platforms;

void qy_known_platforms_init(qy_known_platforms *known);
void qy_known_platforms_clear(qy_known_platforms *known);
/* The platform of a chain, known or looked at now; checks go to the examination. To be let go of. */
qy_status qy_dcap_platform_take(qy_dcap_platform **out, qy_examination *examination, qy_dcap_collateral *set,
                                qy_view pem, qy_error *why) QY_MUST_CHECK;
void qy_dcap_platform_let_go(qy_known_platforms *known, qy_dcap_platform **platform); /* *platform may be NULL */

/* ---- Documents, and all of a set ---- */

/* A signed document. */
typedef struct qy_dcap_document {
  bool given;
  bool readable;
  qy_qvl_status fault;
  bool is_signed;
} qy_dcap_document;

struct qy_dcap_collateral {
  uint8_t *bytes; /* copies of the files */
  qy_dcap_files files;
  qy_dcap_root root;
  qy_dcap_crl root_crl;
  qy_dcap_crl pck_crl;
  qy_dcap_chain tcb_chain;
  qy_dcap_chain identity_chain; /* empty when `same_chain` */
  bool same_chain;              /* both documents came with the same chain */
  qy_dcap_document tcb_info_document;
  qy_dcap_document identity_document;
  qy_tcb_info *tcb_info;
  qy_enclave_identity *identity;
  qy_known_signatures known;
  qy_known_platforms platforms;
  qy_known_keys keys;
  /* What was found out when the set was read. */
  bool refused;
  bool undecided;
  size_t record_count;
  size_t dropped_records;
  qy_check_record *records;
};

static inline const qy_dcap_chain *qy_dcap_identity_chain(const qy_dcap_collateral *set)
{
  return set->same_chain ? &set->tcb_chain : &set->identity_chain;
}

/* Reads and examines; `set` has root and lists by then, and the signing chains for the PCK chain. */
qy_status qy_dcap_examine_root(qy_dcap_root *out, qy_examination *examination, qy_view file,
                               qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_examine_crl(qy_dcap_crl *out, qy_examination *examination, qy_view file, const char *origin,
                              qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_examine_signing_chain(qy_dcap_chain *out, qy_examination *examination, qy_dcap_collateral *set,
                                        qy_view pem, const char *origin, qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_examine_pck_chain(qy_dcap_chain *out, qy_examination *examination, qy_dcap_collateral *set,
                                    qy_view pem, qy_error *why) QY_MUST_CHECK;

/* ---- One appraisal ---- */

/* The levels that a platform is at; NULL where none is looked at. */
typedef struct qy_dcap_levels {
  const qy_tcb_level *platform;
  const qy_svn_level *quoting_enclave;
  const qy_tdx_module_identity *module_identity;
  const qy_svn_level *module;
} qy_dcap_levels;

typedef struct qy_dcap_appraisal {
  qy_dcap_verdict *verdict;
  qy_examination examination;
  qy_dcap_collateral *set;
  const qy_policy *policy;
  int64_t now_s;
  qy_dcap_quote quote;
  qy_dcap_platform *platform;
  const qy_dcap_chain *pck_chain; /* the platform's */
  qy_dcap_levels launch;
  qy_dcap_levels current; /* of a trust domain whose quote tells the TDX module that runs now */
} qy_dcap_appraisal;

/* What has ended, and what is yet to begin. Intel's library answers these three last, in this order. */
typedef struct qy_dcap_times {
  bool pck_chain_expired;
  bool tcb_chain_expired;
  bool identity_chain_expired;
  bool root_crl_current;
  bool pck_crl_current;
  bool tcb_info_expired;
  bool identity_expired;
} qy_dcap_times;

void qy_dcap_examine_times(qy_dcap_appraisal *appraisal, qy_dcap_times *out);
/* The quote under the PCK certificate, TCB info and identity: Intel's fourth status. */
qy_status qy_dcap_examine_quote(qy_dcap_appraisal *appraisal, qy_error *why) QY_MUST_CHECK;
/* Levels, and what they make together. */
qy_qvl_status qy_dcap_examine_standing(qy_dcap_appraisal *appraisal);

/* What the policy makes of it. */
void qy_dcap_examine_policy(qy_dcap_appraisal *appraisal, qy_view report_data);
/* Whether the events that were logged make up the registers, and the policy means them. */
qy_status qy_dcap_examine_event_log(qy_dcap_appraisal *appraisal, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Which trust domain it is, and whether the policy means it. */
void qy_td_check(qy_examination *examination, const qy_policy *policy, const qy_td_body *td);

/* Intel's first three statuses of what was found out. */
qy_qvl_status qy_dcap_qvl_pck_chain(const qy_dcap_appraisal *appraisal, const qy_dcap_times *times);
qy_qvl_status qy_dcap_qvl_tcb_info(const qy_dcap_collateral *set, const qy_dcap_times *times);
qy_qvl_status qy_dcap_qvl_identity(const qy_dcap_collateral *set, const qy_dcap_times *times);

#endif
