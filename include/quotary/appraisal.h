/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal: evidence, a policy and a time become a verdict. Pure: no file, socket, clock or global; an object that
 * is not being changed may be used by several threads.
 *
 * The evidence here is an attestation verification report (AVR) of Intel's EPID attestation service, API version 2 to
 * 5: a JSON body, an RSA signature over the body's raw bytes, and the chain of the key that signed. The body is parsed
 * only after its signature holds. Sources: Intel "Attestation Service for SGX: API Documentation" (EPID, revisions
 * for API versions 3 to 5), and reports that the service signed. */
#ifndef QUOTARY_APPRAISAL_H
#define QUOTARY_APPRAISAL_H

#include <quotary/check.h>
#include <quotary/quote.h>
#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The report's body ---- */

#define QY_AVR_MAX_ADVISORIES 64
#define QY_AVR_ADVISORY_SIZE 32   /* characters, with the NUL */
#define QY_AVR_MAX_NONCE 32       /* characters */
#define QY_AVR_PSEUDONYM_SIZE 128 /* B || K */
#define QY_AVR_STATUS_SIZE 48

/* name, spelling on the wire, whether a policy may accept it, whether it owes a platform info blob and (API 4 and
 * later) advisories */
#define QY_AVR_STATUSES(X)                                                 \
  X(OK, "OK", true, false, false)                                          \
  X(SIGNATURE_INVALID, "SIGNATURE_INVALID", false, false, false)           \
  X(GROUP_REVOKED, "GROUP_REVOKED", false, true, false)                    \
  X(SIGNATURE_REVOKED, "SIGNATURE_REVOKED", false, false, false)           \
  X(KEY_REVOKED, "KEY_REVOKED", false, false, false)                       \
  X(SIGRL_VERSION_MISMATCH, "SIGRL_VERSION_MISMATCH", false, false, false) \
  X(GROUP_OUT_OF_DATE, "GROUP_OUT_OF_DATE", true, true, true)              \
  X(CONFIGURATION_NEEDED, "CONFIGURATION_NEEDED", true, true, true)        \
  X(SW_HARDENING_NEEDED, "SW_HARDENING_NEEDED", true, false, true)         \
  X(CONFIGURATION_AND_SW_HARDENING_NEEDED, "CONFIGURATION_AND_SW_HARDENING_NEEDED", true, true, true)

typedef enum qy_avr_status {
  QY_AVR_UNKNOWN = 0, /* a status that is not in the table */
#define QY_AVR_STATUS_ENUM(name, spelling, acceptable, has_platform_info, has_advisories) QY_AVR_##name,
  QY_AVR_STATUSES(QY_AVR_STATUS_ENUM)
#undef QY_AVR_STATUS_ENUM
      QY_AVR_STATUS_COUNT
} qy_avr_status;

QY_API const char *qy_avr_status_name(qy_avr_status status);  /* "UNKNOWN" for 0; never NULL */
QY_API qy_avr_status qy_avr_status_by_name(const char *name); /* QY_AVR_UNKNOWN if there is none such */

/* What a report's body says. Texts are always terminated and never hold control characters. */
typedef struct qy_avr {
  char id[64];
  char timestamp[40]; /* as it stands; UTC */
  bool has_time;      /* the timestamp is YYYY-MM-DDThh:mm:ss.ffffff and exists */
  int64_t time_s;     /* seconds since 1970, fraction dropped */
  bool names_version; /* false in API version 2, which has no such member */
  int64_t version;
  qy_avr_status status;
  char status_text[QY_AVR_STATUS_SIZE];
  uint8_t quote_body[QY_QUOTE_BODY_SIZE];
  bool has_nonce;
  char nonce[QY_AVR_MAX_NONCE + 1];
  bool has_pseudonym;
  uint8_t pseudonym[QY_AVR_PSEUDONYM_SIZE];
  bool has_platform_info;
  char platform_info[2 * QY_PLATFORM_INFO_TLV_SIZE + 1]; /* hex as it stands; "" when of another length */
  bool has_revocation_reason;
  int64_t revocation_reason; /* RFC 5280 CRLReason */
  bool has_pse_status;
  char pse_status[32];
  bool has_pse_hash;
  uint8_t pse_hash[32]; /* SHA-256 of the manifest */
  bool has_advisories;
  size_t advisory_count;
  char advisories[QY_AVR_MAX_ADVISORIES][QY_AVR_ADVISORY_SIZE];
  char advisory_url[128];
  bool has_tcb_evaluation;
  int64_t tcb_evaluation; /* API version 5 */
} qy_avr;

/* Reads a body without verifying anything: for showing one. Strict JSON: one object, no duplicate members, UTF-8
 * without byte order mark, bounded depth and size. Members that are not in the table above are passed over; a known
 * one of the wrong type or form is QY_ERR_MALFORMED, as is a missing id, timestamp, isvEnclaveQuoteStatus or
 * isvEnclaveQuoteBody; more advisories than fit are QY_ERR_LIMIT. On failure *out is zero. */
QY_API qy_status qy_avr_decode(qy_avr *out, qy_view body, qy_error *why) QY_MUST_CHECK;

/* ---- The policy ---- */

#define QY_POLICY_MAX_MEASUREMENTS 64
#define QY_POLICY_MAX_DENIED 256
#define QY_POLICY_MAX_WAIVED 128
#define QY_POLICY_MAX_ROOTS 8
#define QY_FINGERPRINT_SIZE 32 /* SHA-256 of a certificate's DER */

typedef enum qy_quote_type_rule {
  QY_QUOTE_TYPE_ANY = 0,
  QY_QUOTE_TYPE_LINKABLE,
  QY_QUOTE_TYPE_UNLINKABLE
} qy_quote_type_rule;
typedef enum qy_pse_rule { QY_PSE_ABSENT = 0, QY_PSE_REQUIRED, QY_PSE_ANY } qy_pse_rule;

typedef struct qy_simulated_root {
  uint8_t fingerprint[QY_FINGERPRINT_SIZE];
  bool has_platform_info_key;
  uint8_t platform_info_key[64]; /* P-256, X || Y big-endian */
} qy_simulated_root;

#define QY_POLICY_MAX_TRUST_DOMAINS 16
#define QY_POLICY_TD_HASH_SIZE 48

/* What a policy can ask of a trust domain beside its MRTD. */
typedef enum qy_td_hash {
  QY_TD_HASH_RTMR0 = 0,
  QY_TD_HASH_RTMR1,
  QY_TD_HASH_RTMR2,
  QY_TD_HASH_RTMR3,
  QY_TD_HASH_MR_CONFIG_ID,
  QY_TD_HASH_MR_OWNER,
  QY_TD_HASH_MR_OWNER_CONFIG,
  QY_TD_HASH_MR_SEAM,        /* of the TDX module, beside its signer, which is checked in any case */
  QY_TD_HASH_MR_SIGNER_SEAM, /* zero for Intel's modules */
  QY_TD_HASH_MR_SERVICE_TD,  /* not named: zero */
  QY_TD_HASH_COUNT
} qy_td_hash;

QY_API const char *qy_td_hash_name(qy_td_hash hash); /* "rtmr0", "mrconfigid" ...: as in a policy; never NULL */

#define QY_POLICY_RTMRS 4
#define QY_POLICY_MAX_EVENTS 128

/* What may have been measured into the registers while the trust domain started, by its event log. */
typedef struct qy_td_event_rules {
  bool required;               /* a log has to be given */
  bool named[QY_POLICY_RTMRS]; /* every event of that register is one of these; the log is required then */
  size_t count;
  uint8_t rtmrs[QY_POLICY_MAX_EVENTS]; /* 0 to 3 */
  uint8_t digests[QY_POLICY_MAX_EVENTS][QY_POLICY_TD_HASH_SIZE];
} qy_td_event_rules;

/* Which trust domain is meant. */
typedef struct qy_td_rules {
  size_t mr_td_count; /* any of these; 0: no trust domain is */
  uint8_t mr_tds[QY_POLICY_MAX_TRUST_DOMAINS][QY_POLICY_TD_HASH_SIZE];
  bool named[QY_TD_HASH_COUNT];
  uint8_t hashes[QY_TD_HASH_COUNT][QY_POLICY_TD_HASH_SIZE];
  uint64_t attributes; /* in the bits of attribute_mask */
  uint64_t attribute_mask;
  uint64_t xfam; /* in the bits of xfam_mask */
  uint64_t xfam_mask;
  qy_td_event_rules events;
} qy_td_rules;

/* A decoded policy: a value, to be copied freely. docs/appraisal.md describes the JSON. */
typedef struct qy_policy {
  bool built_in;    /* identity may then be unconstrained; never so in a decoded policy */
  uint64_t version; /* grows with each change; for whoever guards against old ones */
  bool intel_root;
  size_t simulated_root_count;
  qy_simulated_root simulated_roots[QY_POLICY_MAX_ROOTS];

  size_t mr_enclave_count; /* any of these; 0: not constrained by measurement */
  uint8_t mr_enclaves[QY_POLICY_MAX_MEASUREMENTS][QY_MEASUREMENT_SIZE];
  bool has_signer; /* then the next three hold too */
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  uint16_t isv_prod_id;
  uint16_t isv_svn_min;
  bool has_config_id; /* of enclaves that are configured at launch (KSS) */
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint16_t config_svn_min;
  size_t denied_count;
  uint8_t denied_mr_enclaves[QY_POLICY_MAX_DENIED][QY_MEASUREMENT_SIZE];
  bool allow_debug;
  bool allow_published_signers; /* of sample code, whose private keys anyone has */
  qy_attributes attributes;     /* in the bits of attribute_mask */
  qy_attributes attribute_mask;
  uint32_t misc_select; /* in the bits of misc_mask */
  uint32_t misc_mask;

  uint32_t statuses;           /* bit 1 << qy_avr_status */
  uint32_t tcb_statuses;       /* of DCAP evidence: bit 1 << qy_tcb_status */
  uint32_t tcb_evaluation_min; /* least tcbEvaluationDataNumber of its collateral */
  int64_t tcb_grace_s;         /* for how long after a TCB recovery what it outdated passes for up to date */
  qy_td_rules td;
  bool advisories_unnamed; /* take reports of API versions 2 and 3, which cannot name advisories */
  size_t waived_count;
  char waived[QY_POLICY_MAX_WAIVED][QY_AVR_ADVISORY_SIZE];
  qy_quote_type_rule quote_type;
  qy_pse_rule pse_manifest;
  int64_t max_age_s;    /* of the report */
  int64_t clock_skew_s; /* by how much a report may seem to come from the future */
  bool demands_quote;   /* an expectation that is demanded and not given leaves the verdict undecided */
  bool demands_nonce;
  bool demands_spid;
  bool demands_report_data; /* of DCAP evidence */
} qy_policy;

/* Reads a policy. Anything that is missing, unknown, doubled, empty or out of range is QY_ERR_MALFORMED with a message
 * that names the member, and a failed policy-... check in `trace` (may be NULL). On failure *out is zero. */
QY_API qy_status qy_policy_decode(qy_policy *out, qy_view json, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* For looking at evidence when no policy was given: Intel's root, status OK, no debug, every default of a policy
 * file, but identity, nonce, SPID and quote unconstrained (the trace says so). */
QY_API void qy_policy_built_in(qy_policy *out);
/* The policy as JSON that decodes to the same, all members spelt out; `*json` is freed with qy_appraisal_text_free().
 * QY_ERR_ARGUMENT for the built-in one, which is no policy to keep. */
QY_API qy_status qy_policy_to_json(char **json, const qy_policy *policy, qy_error *why) QY_MUST_CHECK;

/* SHA-256 fingerprint of "Intel SGX Attestation Report Signing CA" (serial D107765D32A3B094, until 2049). */
QY_API extern const uint8_t qy_intel_report_ca_fingerprint[QY_FINGERPRINT_SIZE];

/* ---- Appraisal ---- */

/* All borrowed for the call. A view with bytes NULL is not given. */
typedef struct qy_avr_evidence {
  qy_view body;      /* the raw bytes that were signed */
  qy_view signature; /* base64 as in the header X-IASReport-Signature, or raw */
  qy_view
      chain;  /* PEM, leaf first, or the same URL-encoded as in X-IASReport-Signing-Certificate; or the leaf in DER */
  qy_view ca; /* the CA certificate, PEM or DER, where the chain has the leaf alone; trusted only by its fingerprint */
  qy_view quote;        /* that was sent: whole, or its first 432 bytes */
  qy_view nonce;        /* that was sent, as text */
  qy_view pse_manifest; /* that was sent: 256 bytes */
  const uint8_t *spid;  /* 16 bytes, or NULL */
} qy_avr_evidence;

typedef struct qy_verdict {
  qy_trust trust;
  bool authentic;                  /* chain, times of the certificates and signature hold at the given time */
  bool simulated;                  /* the chain ends at a root that the policy names as simulated */
  bool has_report;                 /* the body was reached and read: `status` and `report` hold */
  char status[QY_AVR_STATUS_SIZE]; /* "" when there is no report */
  qy_avr report;
  bool has_quote; /* `quote` holds */
  qy_quote_body quote;
  bool has_platform_info;
  qy_platform_info platform_info; /* verified, unless its check says otherwise */
  uint64_t policy_version;
  int64_t at_s; /* the time that the appraisal was made for */
  qy_trace trace;
} qy_verdict;

/* Appraises a report at `now_s` (seconds since 1970; for an archived report the past moment in question).
 * QY_OK: an answer was reached and stands in out->trust. Refused means that a check failed: qy_trace_failed() is the
 * first. Undecided means that evidence or an expectation is missing. Evidence that cannot be decoded gives an error
 * status with out->trust undecided, and the trace says where. `out` is about 65 KiB: not on a deep stack. */
QY_API qy_status qy_avr_appraise(qy_verdict *out, const qy_avr_evidence *evidence, const qy_policy *policy,
                                 int64_t now_s, qy_error *why) QY_MUST_CHECK;

/* One JSON object, members in a fixed order, ending in a newline: kind, verdict, authentic, simulated, status, ...,
 * checks. */
QY_API qy_status qy_verdict_to_json(char **json, const qy_verdict *verdict, qy_error *why) QY_MUST_CHECK;
/* Lines for people: one a check, marked with a tick, a cross, a question mark or a dot, what failed with expected, actual and remedy;
 * the verdict last. `colour` adds ANSI colours. */
QY_API qy_status qy_verdict_explain(char **text, const qy_verdict *verdict, bool colour, qy_error *why) QY_MUST_CHECK;
QY_API void qy_appraisal_text_free(char **text); /* *text may be NULL; becomes NULL */

#ifdef __cplusplus
}
#endif
#endif
