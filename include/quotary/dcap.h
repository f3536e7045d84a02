/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of DCAP evidence: a quote of an SGX enclave or a TDX trust domain, the collateral of its platform, a policy
 * and a time become a verdict. Pure: no file, socket, clock or global.
 *
 * The rules are those of Intel's quote verification library (QVL), whose four statuses are worked out as well: a verdict
 * says what Intel's library would have said, and what of it we do not take. Where we are stricter on purpose, a check of
 * its own says so; docs/differences.md lists them. */
#ifndef QUOTARY_DCAP_H
#define QUOTARY_DCAP_H

#include <quotary/appraisal.h>
#include <quotary/check.h>
#include <quotary/collateral.h>
#include <quotary/dcap_quote.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Collateral ---- */

/* A view with bytes NULL is not given. */
typedef struct qy_dcap_files {
  qy_view tcb_info;       /* JSON */
  qy_view identity;       /* JSON: of the quoting enclave */
  qy_view tcb_chain;      /* PEM: who signed the TCB info, and the root */
  qy_view identity_chain; /* PEM: who signed the identity, and the root */
  qy_view root_crl;       /* DER, PEM or hex */
  qy_view pck_crl;        /* the same, of the CA that issued the PCK certificate */
  qy_view root;           /* PEM: the one root certificate to trust; not given: Intel's key */
} qy_dcap_files;

/* A set that was read and whose signatures were verified once. It serves any number of appraisals, of any time, and of
 * several threads at once; each looks at the times anew. */
typedef struct qy_dcap_collateral qy_dcap_collateral;

/* Copies what it keeps. What is missing or wrong in the files is no failure here but what every appraisal under the set
 * will say; only memory can be refused. */
QY_API qy_status qy_dcap_collateral_new(qy_dcap_collateral **out, const qy_dcap_files *files,
                                        qy_error *why) QY_MUST_CHECK;
QY_API void qy_dcap_collateral_free(qy_dcap_collateral **collateral); /* *collateral may be NULL; becomes NULL */
/* The checks that were made when the set was read, behind those in `trace`: of its root, lists, signing chains and
 * documents; none of any time. */
QY_API void qy_dcap_collateral_checks(qy_trace *trace, const qy_dcap_collateral *collateral);
/* NULL when there is none, or none that can be read. Borrowed. */
QY_API const qy_tcb_info *qy_dcap_collateral_tcb_info(const qy_dcap_collateral *collateral);
QY_API const qy_enclave_identity *qy_dcap_collateral_identity(const qy_dcap_collateral *collateral);

/* ---- Appraisal ---- */

/* All borrowed for the call. */
typedef struct qy_dcap_evidence {
  qy_view quote;
  qy_view pck_chain;   /* PEM, PCK certificate first; not given: the one in the quote */
  qy_view report_data; /* that was asked for: 64 bytes; not given: not compared, unless the policy demands it */
  qy_view
      event_log; /* of a trust domain, as ACPI's CCEL table holds it; not given: not replayed, unless it demands it */
} qy_dcap_evidence;

/* What Intel's library answers, called four times with the same collateral, whatever the others answered. */
typedef struct qy_dcap_qvl {
  qy_qvl_status pck_chain;
  qy_qvl_status tcb_info;
  qy_qvl_status identity;
  qy_qvl_status quote;
} qy_dcap_qvl;

#define QY_DCAP_MAX_ADVISORIES 64

/* How a platform stands: by TCB info, quoting enclave and TDX module together. */
typedef struct qy_dcap_standing {
  qy_tcb_status status;
  qy_tcb_status platform;
  qy_tcb_status quoting_enclave;
  qy_tcb_status module; /* QY_TCB_STATUS_UNKNOWN where none is looked at */
  int64_t date_s;       /* the oldest tcbDate of the levels that were found */
  size_t advisory_count;
  char advisories[QY_DCAP_MAX_ADVISORIES][QY_ADVISORY_SIZE]; /* in the order of their bytes, each once */
} qy_dcap_standing;

typedef struct qy_dcap_verdict {
  qy_trust trust;
  bool authentic; /* signatures, chains and their times hold, and the platform's standing is known */
  bool refuted;   /* a check of that failed: no policy and no further collateral would change it */
  bool simulated; /* the root is not Intel's */
  int64_t at_s;
  uint64_t policy_version;
  qy_dcap_qvl qvl;

  bool has_quote; /* the next five hold */
  qy_dcap_header header;
  qy_dcap_body_type body_type;
  qy_report_body report; /* SGX */
  qy_td_body td;         /* TDX */
  qy_report_body qe_report;

  bool has_platform; /* a PCK certificate was read: the next holds */
  qy_pck_extension platform;

  bool has_collateral_numbers; /* TCB info and identity were read: the next holds */
  uint32_t evaluation_number;  /* the smaller of their tcbEvaluationDataNumbers */
  int64_t expires_s;           /* the last moment at which all that was given is still current; 0: unknown */

  bool has_standing;         /* the next three hold */
  qy_tcb_status tcb_status;  /* what counts; of a trust domain that should be launched anew TDRelaunchAdvised... */
  qy_dcap_standing standing; /* at the launch of a trust domain */
  qy_dcap_standing current;  /* by the TDX module that runs now; the same as standing where a quote has only one */

  bool has_event_log; /* one was given and could be read: the next two hold */
  size_t event_count;
  uint8_t replayed[QY_TD_RTMR_COUNT][QY_TD_HASH_SIZE]; /* what its events make of the registers */
  qy_trace trace;
} qy_dcap_verdict;

/* Appraises a quote at `now_s` (seconds since 1970; for a verdict of the past the moment in question). QY_OK: an answer
 * was reached and stands in out->trust. Refused means that a check failed: qy_trace_failed() is the first. Undecided
 * means that something is missing. Any status but QY_OK leaves out->trust undecided. The set may be used by several
 * threads at once: it remembers signatures that held. `out` is about 50 KiB: not on a deep stack. */
QY_API qy_status qy_dcap_appraise(qy_dcap_verdict *out, const qy_dcap_evidence *evidence,
                                  qy_dcap_collateral *collateral, const qy_policy *policy, int64_t now_s,
                                  qy_error *why) QY_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
