/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a simulated machine, in a folder: `fuses` (0600; only the CPU process opens it once the machine is
 * made), `machine.json` (which microcode levels there are, at which one the machine stands, whose enclaves may have
 * the provisioning key, and which TDX module is loaded) and `lock` (one processor at a time). */
#ifndef QY_SIMULATED_MACHINE_H
#define QY_SIMULATED_MACHINE_H

#include <base/secret.h>
#include <quotary/sgx.h>
#include <quotary/status.h>
#include <sgx/keys.h>

#define QY_MACHINE_MAX_SIGNERS 8

/* The microcode levels of this kind of processor, oldest first, numbered from 1 without gaps. Whoever vouches for
 * the processors publishes the list. */
typedef struct qy_cpu_levels {
  size_t count; /* at most QY_FUSES_MAX_CPU_SVNS */
  uint8_t cpu_svns[QY_FUSES_MAX_CPU_SVNS][QY_CPU_SVN_SIZE];
} qy_cpu_levels;

/* [{"level":1,"cpu_svn":"0101ffff000000000000000000000000"},...]. A CPUSVN must not be all zero or stand twice. */
qy_status qy_cpu_levels_decode(qy_cpu_levels *out, qy_view json, qy_error *why) QY_MUST_CHECK;

/* The TDX module, which the simulated processor plays too. */
typedef struct qy_tdx_module_level {
  uint8_t version; /* of the module; 0: the machine has none */
  uint8_t svn;     /* 1 to 255; 0 with version 0 */
} qy_tdx_module_level;

typedef struct qy_machine_config {
  qy_cpu_levels levels;
  size_t level; /* 1 to levels.count: where the machine stands */
  size_t signer_count;
  uint8_t architectural_signers[QY_MACHINE_MAX_SIGNERS][QY_MEASUREMENT_SIZE]; /* MRSIGNERs */
  qy_tdx_module_level tdx_module;
} qy_machine_config;

/* What leaves the factory, for the endorser only. */
typedef struct qy_factory_record {
  qy_secret provision_base_key; /* 16 bytes: all PROVISION keys of the machine follow from it */
  uint8_t ppid[16]; /* as the provisioning enclaves of the first architectural signer (product id 1) compute it */
} qy_factory_record;

void qy_factory_record_clear(qy_factory_record *record);
#define QY_SCOPED_FACTORY_RECORD(name) __attribute__((cleanup(qy_factory_record_clear))) qy_factory_record name = {0}

/* Burns a new machine into `folder` (made if absent; QY_ERR_EXISTS when a machine is there). `record` may be NULL. */
qy_status qy_machine_init(qy_factory_record *record, const char *folder, const qy_machine_config *config,
                          const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* What is public of the machine. */
qy_status qy_machine_config_load(qy_machine_config *out, const char *folder, qy_error *why) QY_MUST_CHECK;
/* A microcode update: takes effect when the CPU is started again. `levels` (may be NULL) replaces the list, of which
 * the old one must be the beginning. QY_ERR_ARGUMENT for a level below the present one: fuses do not go back. */
qy_status qy_machine_raise(const char *folder, const qy_cpu_levels *levels, size_t level, qy_error *why) QY_MUST_CHECK;

/* An update of the TDX module: takes effect when the CPU is started again. QY_ERR_UNSUPPORTED for a machine that has none,
 * QY_ERR_ARGUMENT for an SVN below the present one. */
qy_status qy_machine_update_tdx_module(const char *folder, uint8_t svn, qy_error *why) QY_MUST_CHECK;

/* For the CPU process alone: the fuses, and a report key id that is fresh at each reset. QY_ERR_DENIED when others may
 * read the fuses. */
qy_status qy_machine_load(qy_fuses *fuses, qy_machine_config *config, const char *folder, const qy_random *random,
                          qy_error *why) QY_MUST_CHECK;
/* The machine has one processor: QY_ERR_BUSY while another process holds this lock. It ends with `*fd`. */
qy_status qy_machine_lock(int *fd, const char *folder, qy_error *why) QY_MUST_CHECK;

#endif
