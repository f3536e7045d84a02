/* SPDX-License-Identifier: Apache-2.0 */
/* EGETKEY and EREPORT of a simulated processor: the key dependencies of the SDM, encoded as Intel's simulator does
 * (Intel SGX SDK, simulation mode), so that its keys and reports come out byte for byte under its fuses. Only the
 * process that plays the processor holds a qy_fuses. */
#ifndef QY_SGX_KEYS_H
#define QY_SGX_KEYS_H

#include <base/secret.h>
#include <quotary/check.h>
#include <quotary/sgx.h>

#define QY_SGX_KEY_SIZE 16
#define QY_OWNER_EPOCH_SIZE 16
#define QY_FUSES_MAX_CPU_SVNS 16

typedef struct qy_fuses {
  qy_secret base_keys[QY_KEY_NAME_COUNT]; /* by qy_key_name, 16 bytes each */
  uint8_t owner_epoch[QY_OWNER_EPOCH_SIZE];
  uint8_t report_key_id[QY_KEY_ID_SIZE];                    /* what EREPORT puts into reports until the next reset */
  qy_secret td_report_key;                                  /* 32 bytes: MACs of TD reports until the next reset */
  uint8_t cpu_svns[QY_FUSES_MAX_CPU_SVNS][QY_CPU_SVN_SIZE]; /* every level there is, oldest first */
  size_t cpu_svn_count;
  uint8_t zero_cpu_svn[QY_CPU_SVN_SIZE]; /* the level that an all-zero CPUSVN in a request means; zero: the oldest */
} qy_fuses;

/* Wipes. */
void qy_fuses_clear(qy_fuses *fuses);
#define QY_SCOPED_FUSES(name) __attribute__((cleanup(qy_fuses_clear))) qy_fuses name = {0}

/* What EGETKEY answers. */
typedef enum qy_key_outcome {
  QY_KEY_FAULT = 0, /* general protection: reserved bits, or KSS fields without KSS */
  QY_KEY_GRANTED,
  QY_KEY_INVALID_ATTRIBUTE,
  QY_KEY_INVALID_CPUSVN,
  QY_KEY_INVALID_ISVSVN,
  QY_KEY_INVALID_KEYNAME
} qy_key_outcome;

/* "granted", "invalid-attribute", "fault", ... */
const char *qy_key_outcome_name(qy_key_outcome outcome);

/* Whether the enclave may have the key. A CPUSVN is beyond the current one if it stands after it in `fuses` or does
 * not stand there. An all-zero one is allowed where the level it means is. */
qy_key_outcome qy_sgx_key_judge(const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                                const qy_secs *secs, const qy_key_request *request);
/* The 16-byte key. QY_ERR_DENIED, naming the outcome, when it is not granted; `out` is then empty. */
qy_status qy_sgx_key_derive(qy_secret *out, const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                            const qy_secs *secs, const qy_key_request *request, qy_error *why) QY_MUST_CHECK;
/* EREPORT: the report of the enclave `secs` for `target`. Reserved bytes of the target must be zero
 * (QY_ERR_MALFORMED: the processor would fault). */
qy_status qy_sgx_report_make(qy_report *out, const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                             const qy_secs *secs, const qy_target_info *target,
                             const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why) QY_MUST_CHECK;

/* For the report's target, which got `report_key` by EGETKEY(REPORT) with the report's key_id: check report-mac.
 * QY_ERR_REFUSED when it fails. */
qy_status qy_report_verify_mac(qy_trace *trace, const qy_report *report, const qy_secret *report_key,
                               qy_error *why) QY_MUST_CHECK;
/* The request for the key that verifies `report`. */
void qy_key_request_for_report(qy_key_request *out, const qy_report *report);
/* The request that Intel's sealing makes: MRSIGNER policy (with CONFIGID, ISVFAMILYID and ISVEXTPRODID under KSS), the
 * current levels, the default masks and a fresh key_id (Intel SGX SDK, sgx_seal_data). */
qy_status qy_key_request_for_sealing(qy_key_request *out, const qy_report_body *self, const qy_random *random,
                                     qy_error *why) QY_MUST_CHECK;

#endif
