/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor: a process of its own that alone reads the fuses. It measures and starts enclaves and
 * answers their EREPORT and EGETKEY. Whoever holds the other end of its control socket may launch enclaves, as an
 * operating system may, and learns nothing else. When that end is closed the processor stops and all its enclaves
 * with it. */
#ifndef QY_SIMULATED_CPU_H
#define QY_SIMULATED_CPU_H

#include <sys/types.h>

#include <quotary/check.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

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

typedef struct qy_cpu_state {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t level;
  uint16_t level_count;
  uint16_t enclave_count; /* running */
} qy_cpu_state;
qy_status qy_cpu_describe(qy_cpu *cpu, qy_cpu_state *out, qy_error *why) QY_MUST_CHECK;

#endif
