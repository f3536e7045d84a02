/* SPDX-License-Identifier: Apache-2.0 */
/* What the endorser says of DCAP platforms: which kinds of processors there are, what each TCB evaluation asks for, what
 * is revoked, and what is served as if nobody had renewed it. File public/dcap/world.json; all that is signed follows from
 * it and from the TCB levels (registry/tcb.h). */
#ifndef QY_REGISTRY_DCAP_H
#define QY_REGISTRY_DCAP_H

#include <base/buffer.h>
#include <quotary/collateral.h>
#include <registry/tcb.h>

/* ---- Certification authorities ---- */

typedef enum qy_dcap_ca { QY_DCAP_ROOT = 0, QY_DCAP_PROCESSOR, QY_DCAP_PLATFORM } qy_dcap_ca;
#define QY_DCAP_CA_COUNT 3
const char *qy_dcap_ca_name(qy_dcap_ca ca); /* "root", "processor", "platform" */

/* ---- Kinds of processors ---- */

typedef struct qy_dcap_kind {
  const char *name;     /* "client", "server" */
  const char *platform; /* as the list of FMSPCs has it: "client", "E5" */
  uint8_t fmspc[QY_FMSPC_SIZE];
  qy_dcap_ca ca;
  qy_sgx_type sgx_type;
  bool has_tdx;
} qy_dcap_kind;

#define QY_DCAP_KIND_COUNT 2
extern const qy_dcap_kind qy_dcap_kinds[QY_DCAP_KIND_COUNT];
/* What a machine is of which the factory said nothing. */
#define QY_DCAP_DEFAULT_KIND "server"
/* NULL when there is none such. */
const qy_dcap_kind *qy_dcap_kind_by_name(const char *name);
const qy_dcap_kind *qy_dcap_kind_by_fmspc(const uint8_t fmspc[QY_FMSPC_SIZE]);

/* ISVPRODIDs of the quoting enclaves and of the verifying one. The signer is that of all architectural enclaves, whose
 * EPID ones have 1. */
#define QY_DCAP_QE_PRODUCT 3
#define QY_DCAP_TD_QE_PRODUCT 4
#define QY_DCAP_QVE_PRODUCT 5
/* The version of the simulated TDX module: TEE_TCB_SVN[1]. */
#define QY_DCAP_TDX_MODULE_VERSION 1

/* ---- Evaluations ---- */

/* What is asked for since a TCB recovery event. */
typedef struct qy_dcap_evaluation {
  uint32_t number;    /* tcbEvaluationDataNumber */
  int64_t event_s;    /* when the event was disclosed */
  int64_t tcb_date_s; /* when the TCB that it asks for was released */
  int64_t standard_s; /* from when on update=standard gives it; update=early does from the first day */
  unsigned cpu_level; /* of a TCB that is up to date */
  uint16_t pce_svn;   /* the same, and so are the others */
  uint16_t qe_svn;
  uint16_t td_qe_svn;
  uint16_t qve_svn;
  uint16_t tdx_module_svn;
  qy_tcb_status status;         /* of platforms with that TCB: UpToDate, or what else they need */
  qy_tcb_advisories advisories; /* that apply to older TCBs, and to all while the status is not UpToDate */
} qy_dcap_evaluation;

#define QY_DCAP_MAX_EVALUATIONS 32

#define QY_DCAP_SERIAL_SIZE 20
typedef struct qy_dcap_revoked {
  qy_dcap_ca ca; /* whose list it is on */
  uint8_t serial[QY_DCAP_SERIAL_SIZE];
  int64_t revoked_s;
} qy_dcap_revoked;

#define QY_DCAP_MAX_REVOKED 512

/* What an operator can let lapse: it is served with dates that are past. */
typedef enum qy_dcap_lapse {
  QY_DCAP_LAPSED_TCB_INFO = 1u << 0,
  QY_DCAP_LAPSED_IDENTITY = 1u << 1,
  QY_DCAP_LAPSED_PCK_CRL = 1u << 2,
  QY_DCAP_LAPSED_ROOT_CRL = 1u << 3,
  QY_DCAP_LAPSED_PCK = 1u << 4,
  QY_DCAP_LAPSED_TCB_SIGNING = 1u << 5
} qy_dcap_lapse;
#define QY_DCAP_LAPSED_ALL 0x3fu
/* "tcb-info", "identity", "pck-crl", "root-crl", "pck", "tcb-signing"; 0 for another name, NULL for no single bit. */
uint32_t qy_dcap_lapse_by_name(const char *name);
const char *qy_dcap_lapse_name(uint32_t lapse);

/* About 25 KiB. */
typedef struct qy_dcap_world {
  int64_t issued_s; /* from when on all that is signed says what stands here */
  uint32_t issue;   /* counts how often the world was issued; the number of its revocation lists */
  uint32_t lapsed;  /* of qy_dcap_lapse */
  size_t evaluation_count;
  qy_dcap_evaluation evaluations[QY_DCAP_MAX_EVALUATIONS]; /* oldest first; those before the first are retired */
  size_t revoked_count;
  qy_dcap_revoked revoked[QY_DCAP_MAX_REVOKED];
} qy_dcap_world;

/* Two evaluations: one that everybody has, and one that so far only update=early gives. Machines of the newest level are
 * up to date by both. */
void qy_dcap_world_default(qy_dcap_world *out, const qy_tcb_levels *levels, int64_t now_s);
/* Strict, as for the TCB policy. On failure *out is zero. */
qy_status qy_dcap_world_decode(qy_dcap_world *out, qy_view json, const qy_tcb_levels *levels,
                               qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_world_encode(qy_buffer *out, const qy_dcap_world *world, qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_world_load(qy_dcap_world *out, const char *folder, const qy_tcb_levels *levels,
                             qy_error *why) QY_MUST_CHECK;
qy_status qy_dcap_world_store(const char *folder, const qy_dcap_world *world, qy_error *why) QY_MUST_CHECK;

/* Index of what is meant: QY_ERR_NOT_FOUND for a number that there is not yet, QY_ERR_DENIED for one that was retired. */
qy_status qy_dcap_evaluation_by_number(size_t *out, const qy_dcap_world *world, uint64_t number,
                                       qy_error *why) QY_MUST_CHECK;
size_t qy_dcap_evaluation_early(const qy_dcap_world *world);
size_t qy_dcap_evaluation_standard(const qy_dcap_world *world, int64_t now_s);

/* ---- What follows from an evaluation ---- */

/* A level of TCB info. */
typedef struct qy_dcap_level {
  uint8_t sgx[QY_TCB_COMPONENT_COUNT]; /* in the simulation the bytes of the CPUSVN */
  uint8_t tdx[QY_TCB_COMPONENT_COUNT];
  uint16_t pce_svn;
  qy_tcb_status status;
  int64_t date_s;
  qy_tcb_advisories advisories;
} qy_dcap_level;

#define QY_DCAP_MAX_LEVELS (2 * QY_TCB_MAX_LEVELS)
/* Newest first; gives their number. `out` holds QY_DCAP_MAX_LEVELS. */
size_t qy_dcap_levels(qy_dcap_level *out, const qy_dcap_world *world, const qy_tcb_levels *levels, size_t evaluation);

/* A level of an enclave or a TDX module. */
typedef struct qy_dcap_part_level {
  uint16_t isv_svn;
  qy_tcb_status status;
  int64_t date_s;
  qy_tcb_advisories advisories;
} qy_dcap_part_level;

typedef enum qy_dcap_part { QY_DCAP_QE = 0, QY_DCAP_TD_QE, QY_DCAP_QVE, QY_DCAP_TDX_MODULE } qy_dcap_part;
/* The same, one for each version that was ever asked for; `out` holds QY_DCAP_MAX_EVALUATIONS. */
size_t qy_dcap_part_levels(qy_dcap_part_level *out, const qy_dcap_world *world, qy_dcap_part part, size_t evaluation);
uint16_t qy_dcap_required_svn(const qy_dcap_evaluation *evaluation, qy_dcap_part part);

/* TEE_TCB_SVN of a machine with this CPUSVN and TDX module. */
void qy_dcap_tee_tcb_svn(uint8_t out[QY_TEE_TCB_SVN_SIZE], const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                         uint16_t tdx_module_svn);

#endif
