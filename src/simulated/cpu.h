/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor: a process of its own that alone reads the fuses. It measures and starts enclaves and, as
 * its own TDX module, trust domains, and executes their instructions. Whoever holds the other end of its control socket may launch enclaves, as an
 * operating system may, and learns nothing else. When that end is closed the processor stops and all its enclaves
 * with it. */
#ifndef QY_SIMULATED_CPU_H
#define QY_SIMULATED_CPU_H

#include <sys/types.h>

#include <quotary/check.h>
#include <quotary/dcap_quote.h>
#include <quotary/status.h>
#include <simulated/machine.h>

#define QY_CPU_MAX_ENCLAVES 64

/* The processor's process: does not return before `control` (a SOCK_SEQPACKET socket) is closed at the other end.
 * Gives the process's exit code. Closes every other descriptor than `control` and standard error. */
int qy_cpu_run(const char *machine_folder, int control);

/* The operating system's handle of a processor. One thread at a time. */
typedef struct qy_cpu {
  int control;
  pid_t process;
} qy_cpu;

/* Forks the processor. Call it before the process has other threads. Returns when the processor has read its fuses. */
qy_status qy_cpu_start(qy_cpu *out, const char *machine_folder, qy_error *why) QY_MUST_CHECK;
/* Ends the processor and its enclaves, and waits for it. Fine on a zeroed or stopped one. */
void qy_cpu_stop(qy_cpu *cpu);

typedef struct qy_launched {
  int channel; /* to the enclave: its calls; closing it ends the enclave */
  pid_t process;
  uint32_t page_count;     /* measured */
  qy_report_body identity; /* as its reports will state it; report_data is zero */
} qy_launched;

/* Seals an image into anonymous memory that nobody can change any more. `*fd` is to be closed. */
qy_status qy_image_seal(int *fd, qy_view image, qy_error *why) QY_MUST_CHECK;
/* Measures, checks and starts the enclave whose image is in `image_fd`, which must be sealed anonymous memory (checks
 * enclave-… and sigstruct-…; QY_ERR_REFUSED when one fails). */
qy_status qy_cpu_launch(qy_cpu *cpu, qy_launched *out, int image_fd, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

typedef struct qy_launched_td {
  int channel; /* to the trust domain: its calls; closing it ends it */
  pid_t process;
  uint32_t page_count; /* measured */
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint8_t mr_config_id[QY_TD_HASH_SIZE];
  uint64_t attributes;
  uint64_t xfam;
} qy_launched_td;
/* The same for a trust domain (checks enclave-image-sealed, enclave-program-static, trust-domain-attributes).
 * QY_ERR_UNSUPPORTED when the machine has no TDX module. */
qy_status qy_cpu_launch_td(qy_cpu *cpu, qy_launched_td *out, int image_fd, qy_trace *trace,
                           qy_error *why) QY_MUST_CHECK;

typedef struct qy_cpu_state {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t level;
  uint16_t level_count;
  uint16_t enclave_count; /* running, trust domains too */
  qy_tdx_module_level tdx_module;
} qy_cpu_state;
qy_status qy_cpu_describe(qy_cpu *cpu, qy_cpu_state *out, qy_error *why) QY_MUST_CHECK;

#endif
