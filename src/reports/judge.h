/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of a quote, given what EPID verification found, and the TCB that is asked for. Pure. */
#ifndef QY_REPORTS_JUDGE_H
#define QY_REPORTS_JUDGE_H

#include <quotary/check.h>
#include <quotary/epid.h>
#include <quotary/quote.h>
#include <registry/tcb.h>

/* isvEnclaveQuoteStatus */
#define QY_REPORTS_STATUSES(X) \
  X(OK)                        \
  X(SIGNATURE_INVALID)         \
  X(GROUP_REVOKED)             \
  X(SIGNATURE_REVOKED)         \
  X(KEY_REVOKED)               \
  X(SIGRL_VERSION_MISMATCH)    \
  X(GROUP_OUT_OF_DATE)         \
  X(CONFIGURATION_NEEDED)      \
  X(SW_HARDENING_NEEDED)       \
  X(CONFIGURATION_AND_SW_HARDENING_NEEDED)

typedef enum qy_reports_status {
  QY_REPORTS_UNDECIDED = 0,
#define QY_REPORTS_STATUS_ENUM(name) QY_REPORTS_##name,
  QY_REPORTS_STATUSES(QY_REPORTS_STATUS_ENUM)
#undef QY_REPORTS_STATUS_ENUM
} qy_reports_status;
const char *qy_reports_status_name(qy_reports_status status); /* never NULL */

/* pseManifestStatus: platform services are not simulated, so it is what the operator says. */
#define QY_PSE_STATUSES(X) X(UNKNOWN) X(OK) X(INVALID) X(OUT_OF_DATE) X(REVOKED) X(RL_VERSION_MISMATCH)
typedef enum qy_pse_status {
#define QY_PSE_STATUS_ENUM(name) QY_PSE_##name,
  QY_PSE_STATUSES(QY_PSE_STATUS_ENUM)
#undef QY_PSE_STATUS_ENUM
      QY_PSE_STATUS_COUNT
} qy_pse_status;
const char *qy_pse_status_name(qy_pse_status status);
bool qy_pse_status_by_name(qy_pse_status *out, const char *name);

typedef struct qy_judge_input {
  unsigned api_version; /* 3 or 4 */
  const qy_quote_body *quote;
  qy_epid_result epid;        /* QY_EPID_INVALID also when the sealed signature does not open */
  unsigned revocation_reason; /* of the quote's group, if revoked */
  const qy_group_tcb *group;  /* the TCB that the group stands for */
  const qy_tcb_levels *levels;
  const qy_tcb_policy *policy;
  bool has_manifest;
  qy_pse_status pse_status; /* of the manifest, if any */
} qy_judge_input;

typedef struct qy_judgement {
  qy_reports_status status;
  bool has_revocation_reason;
  unsigned revocation_reason;
  bool has_platform_info;
  qy_platform_info platform_info;      /* not signed yet */
  const qy_tcb_advisories *advisories; /* borrowed from the policy; NULL when the status has none */
  bool has_pse_status;
  qy_pse_status pse_status;
} qy_judgement;

/* QY_ERR_INTERNAL when EPID verification reached no answer: nothing may be said then. Version 3 has no words for
 * software hardening: both states become CONFIGURATION_NEEDED there, so that a client of version 3 never hears
 * better than the truth. trace may be NULL. On failure *out is zero. */
qy_status qy_reports_judge(qy_judgement *out, const qy_judge_input *input, qy_trace *trace,
                           qy_error *why) QY_MUST_CHECK;

#endif
