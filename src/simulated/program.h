/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: from an image's program bytes to a process. */
#ifndef QY_SIMULATED_PROGRAM_H
#define QY_SIMULATED_PROGRAM_H

#include <sys/types.h>

#include <quotary/check.h>
#include <quotary/status.h>

/* Whether the kernel will load these bytes and nothing else: a native ELF file without interpreter (check
 * enclave-program-static; QY_ERR_REFUSED). */
qy_status qy_program_check(qy_trace *trace, qy_view program, qy_error *why) QY_MUST_CHECK;
/* Anonymous memory that holds exactly `bytes`, which nobody can change any more. `*fd` is close-on-exec. */
qy_status qy_memory_seal(int *fd, const char *name, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Nothing can change what `fd` holds: it is anonymous memory with all seals on. */
bool qy_memory_is_sealed(int fd);

/* Starts `program` (sealed memory) confined, with descriptors 3, 4 and 5 and no other, and waits until it runs. */
qy_status qy_program_start(pid_t *process, int program, int cpu, int host, int image, qy_error *why) QY_MUST_CHECK;

/* In the new process: no new rights, resource limits, and the system call filter. Lets one execveat() of `program_fd` by. */
qy_status qy_confine_self(int program_fd, qy_error *why) QY_MUST_CHECK;

#endif
