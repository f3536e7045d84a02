/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral that is kept: one SQLite file with every version of every document that was ever seen, so that a verdict
 * can be repeated later. Nothing enters that its root does not vouch for, nothing is ever removed, and what comes out is
 * verified again by whoever appraises with it: the file is no root of trust.
 *
 * One store belongs to one thread at a time; several processes may have the same file open. */
#ifndef QY_STORE_STORE_H
#define QY_STORE_STORE_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/collateral.h>
#include <quotary/dcap.h>

/* ---- Sets ---- */

/* What one kind of platform needs: whose quotes it makes, and who issues its PCK certificates. */
typedef struct qy_collateral_platform {
  bool is_tdx;
  bool by_platform_ca; /* else by the processor CA */
  uint8_t fmspc[QY_FMSPC_SIZE];
} qy_collateral_platform;

typedef enum qy_collateral_part {
  QY_PART_TCB_INFO = 0,
  QY_PART_IDENTITY,
  QY_PART_PCK_CRL,
  QY_PART_ROOT_CRL,
  QY_PART_TCB_CHAIN, /* PEM: who signed the TCB info, and the root */
  QY_PART_IDENTITY_CHAIN,
  QY_PART_PCK_CRL_CHAIN, /* PEM: the CA and the root; a PCK certificate before them is let pass */
  QY_PART_COUNT
} qy_collateral_part;
#define QY_PART_DOCUMENTS 4 /* those with dates and a signature of their own stand first */

/* "TCB info", "enclave identity", "PCK CRL", "root CRL", "signing chain of the TCB info", ... */
const char *qy_collateral_part_name(qy_collateral_part part);

/* The parts of a set, and the root they are to be trusted by. An empty part is not there. */
typedef struct qy_collateral_set {
  qy_buffer parts[QY_PART_COUNT];
  qy_buffer root; /* PEM; empty: Intel's key */
} qy_collateral_set;

void qy_collateral_set_init(qy_collateral_set *set);
void qy_collateral_set_clear(qy_collateral_set *set);
#define QY_SCOPED_COLLATERAL_SET(name)                                      \
  __attribute__((cleanup(qy_collateral_set_clear))) qy_collateral_set name; \
  qy_collateral_set_init(&name)
/* Borrowed from the set, for qy_dcap_collateral_new(). */
qy_dcap_files qy_collateral_set_files(const qy_collateral_set *set);
/* What a quote, or a PCK chain (PEM), says of its platform. QY_ERR_NOT_FOUND: no PCK certificate is there. A chain is
 * taken for that of an SGX platform; `extension` may be NULL. Nothing is verified. */
qy_status qy_collateral_platform_of(qy_collateral_platform *out, qy_view quote, qy_error *why) QY_MUST_CHECK;
qy_status qy_collateral_platform_of_chain(qy_collateral_platform *out, qy_pck_extension *extension, qy_view pem,
                                          qy_error *why) QY_MUST_CHECK;

/* X || Y of the root that `pem` names; of Intel's when it is empty. */
qy_status qy_collateral_root_key(uint8_t out[64], qy_view pem, qy_error *why) QY_MUST_CHECK;

/* ---- The store ---- */

typedef struct qy_collateral_store qy_collateral_store;

/* Makes file (mode 0600) and folders that are missing. QY_ERR_MALFORMED: the file is damaged, or no store;
 * QY_ERR_UNSUPPORTED: a later version wrote it; QY_ERR_BUSY: another process writes for longer than 10 s. */
qy_status qy_collateral_store_open(qy_collateral_store **out, const char *path, qy_error *why) QY_MUST_CHECK;
void qy_collateral_store_close(qy_collateral_store **store); /* *store may be NULL; becomes NULL */
#define QY_SCOPED_COLLATERAL_STORE(name) \
  __attribute__((cleanup(qy_collateral_store_close))) qy_collateral_store *name = NULL

/* ---- Putting in ---- */

typedef struct qy_collateral_kept {
  size_t added; /* documents and chains that were not there yet */
  size_t known;
} qy_collateral_kept;

/* Keeps all parts of a set, or none: QY_ERR_REFUSED when a check fails (`trace` may be NULL; the message names the
 * check), or a document comes without the chain that would vouch for it. Parts may be missing. `asked` may be NULL;
 * otherwise documents of another platform are refused. Where only a
 * revoked signer is wrong, the revocation lists are kept all the same. `source` says where it came from, in up to 500 characters. */
qy_status qy_collateral_store_put(qy_collateral_kept *out, qy_collateral_store *store, const qy_collateral_set *set,
                                  const qy_collateral_platform *asked, const char *source, int64_t now_s,
                                  qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- Taking out ---- */

typedef struct qy_collateral_ask {
  qy_collateral_platform platform;
  qy_view root;               /* PEM; bytes NULL: what Intel's key vouches for */
  int64_t at_s;               /* seconds since 1970; the past finds what was current then */
  uint32_t evaluation_number; /* 0: the highest there is */
} qy_collateral_ask;

/* Why a document is not in a set. */
typedef enum qy_collateral_lack {
  QY_LACK_NONE = 0, /* it is there */
  QY_LACK_UNKNOWN,  /* none was ever kept */
  QY_LACK_EXPIRED,  /* none lasts until that time; the latest ended at `until_s` */
  QY_LACK_LATER     /* none had begun by then; the earliest begins at `from_s` */
} qy_collateral_lack;

typedef struct qy_collateral_state {
  qy_collateral_lack lack;
  int64_t from_s; /* of the document that was found, or nearly */
  int64_t until_s;
  uint32_t number; /* tcbEvaluationDataNumber, of TCB info and identity */
} qy_collateral_state;

typedef struct qy_collateral_found {
  qy_collateral_state documents[QY_PART_DOCUMENTS];
  bool complete;
} qy_collateral_found;

/* The newest documents whose own dates, and those of their chains, allow the time: TCB info and identity of the highest
 * evaluation number of which both are there. What no date allows is left out: `out` may lack parts, and `found` (may be
 * NULL) says why. `out` is initialised; what it holds is cleared first. */
qy_status qy_collateral_store_get(qy_collateral_set *out, qy_collateral_found *found, qy_collateral_store *store,
                                  const qy_collateral_ask *ask, qy_error *why) QY_MUST_CHECK;

/* ---- Looking at all of it ---- */

typedef struct qy_collateral_row {
  int64_t id;
  const char *kind;    /* "tcb-info", "identity", "pck-crl", "root-crl", "chain", "pck-chain" */
  const char *tee;     /* "sgx", "tdx"; "" where it is for both */
  const char *ca;      /* "processor", "platform", "" */
  qy_view fmspc;       /* 6 bytes, or none */
  qy_view root;        /* X || Y of the root's key; none for a PCK chain */
  qy_view tee_tcb_svn; /* of a trust domain's platform; else empty */
  int64_t number;      /* tcbEvaluationDataNumber, or cRLNumber */
  int64_t issued_s;
  int64_t until_s;
  int64_t chain_id; /* row of its chain, or 0 */
  int64_t first_seen_s;
  const char *source;
  qy_view sha256;
  size_t size;
} qy_collateral_row;

/* Calls `see` for each row, by kind and platform, newest first; stops at the first failure, which it returns. */
qy_status qy_collateral_store_each(qy_collateral_store *store,
                                   qy_status (*see)(void *context, const qy_collateral_row *row, qy_error *why),
                                   void *context, qy_error *why) QY_MUST_CHECK;
/* Appends the bytes of a row, which still have the digest under which they were kept. */
qy_status qy_collateral_store_read(qy_buffer *out, qy_collateral_store *store, int64_t id, qy_error *why) QY_MUST_CHECK;

/* Remembers the PCK chain of a quote's platform, for which collateral is wanted, and of a trust domain TEE_TCB_SVN.
 * Nothing is verified. */
qy_status qy_collateral_store_remember(qy_collateral_store *store, qy_view quote, const char *source, int64_t now_s,
                                       qy_error *why) QY_MUST_CHECK;

#endif
