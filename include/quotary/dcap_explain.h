/* SPDX-License-Identifier: Apache-2.0 */
/* What a DCAP verdict means for whoever runs the platform: what would mend its status, and the verdict as JSON. Pure; no
 * decision is made here. */
#ifndef QUOTARY_DCAP_EXPLAIN_H
#define QUOTARY_DCAP_EXPLAIN_H

#include <quotary/dcap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What would mend a status ---- */

typedef enum qy_dcap_part {
  QY_DCAP_SGX_COMPONENT = 0,
  QY_DCAP_TDX_COMPONENT,
  QY_DCAP_PCE,
  QY_DCAP_QUOTING_ENCLAVE,
  QY_DCAP_TDX_MODULE,
  QY_DCAP_PART_COUNT
} qy_dcap_part;

/* "sgx-component", "tdx-component", "pce", "quoting-enclave", "tdx-module"; never NULL. */
QY_API const char *qy_dcap_part_name(qy_dcap_part part);

/* A security version that is too low. */
typedef struct qy_dcap_gap {
  qy_dcap_part part;
  unsigned component; /* 1 to 16 of the two that are components, else 0 */
  uint32_t found;
  uint32_t needed;
  int64_t since_s;     /* tcbDate of the level that needs it */
  qy_view category;    /* "BIOS"; of components, where the TCB info says so; else empty. Borrowed from the collateral */
  qy_view description; /* "Early Microcode Update"; the same */
} qy_dcap_gap;

#define QY_DCAP_MAX_GAPS (2 * QY_TCB_COMPONENT_COUNT + 3)

typedef struct qy_dcap_mending {
  bool known;         /* platform and collateral belong together: the rest holds */
  bool relaunch;      /* the trust domain was launched under an old TDX module, and a good one runs now */
  qy_tcb_status best; /* what the status would be with all gaps closed: the best that the collateral has */
  size_t gap_count;   /* 0: nothing that the platform's operator could bring up to date would change the status */
  qy_dcap_gap gaps[QY_DCAP_MAX_GAPS];
  size_t advisory_count; /* those that apply now, and no longer with all gaps closed */
  char advisories[QY_DCAP_MAX_ADVISORIES][QY_ADVISORY_SIZE];
} qy_dcap_mending;

/* Compares the platform with the best levels that its collateral has; of several equally good ones that which needs the
 * least. `collateral` is the set under which `verdict` was reached. About 4 KiB. */
QY_API void qy_dcap_mending_of(qy_dcap_mending *out, const qy_dcap_verdict *verdict,
                               const qy_dcap_collateral *collateral);

/* ---- What a TCB info means for a platform ---- */

typedef struct qy_dcap_outlook {
  bool of_platform;     /* the document is of the platform's FMSPC and PCE: the rest holds */
  qy_tcb_status status; /* by the platform's level, and its TDX module's; QY_TCB_STATUS_UNKNOWN: below every level */
  int64_t date_s;       /* the older tcbDate of the two; 0 for none */
  size_t advisory_count;
  char advisories[QY_DCAP_MAX_ADVISORIES][QY_ADVISORY_SIZE]; /* each once */
  qy_dcap_mending mending; /* never of the quoting enclave, of which TCB info says nothing */
} qy_dcap_outlook;

/* The standing by TCB info alone, of a platform whose PCK certificate is known; `tee_tcb_svn` is NULL for SGX. About
 * 6 KiB. */
QY_API void qy_dcap_outlook_of(qy_dcap_outlook *out, const qy_tcb_info *info, const qy_pck_extension *platform,
                               const uint8_t *tee_tcb_svn);

/* ---- JSON ---- */

/* One JSON object, members in a fixed order (docs/appraisal.md), ending in a newline; `*json` is freed with
 * qy_appraisal_text_free(). `mending` may be NULL. */
QY_API qy_status qy_dcap_verdict_to_json(char **json, const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                                         qy_error *why) QY_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
