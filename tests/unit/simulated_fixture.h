/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in temporary folders, signed probe enclaves, calls into them. */
#ifndef QY_TEST_SIMULATED_FIXTURE_H
#define QY_TEST_SIMULATED_FIXTURE_H

#include "vectors.h"

#include <enclave/caller.h>
#include <image/td_image.h>
#include <simulated/cpu.h>
#include <simulated/machine.h>

#include "enclave_probe.h"

#define FIXTURE_LEVELS 3

typedef struct fixture {
  char folder[64]; /* temporary */
  char machine[96];
  qy_rsa_private *maker; /* architectural signer */
  qy_rsa_private *other; /* any signer */
  uint8_t maker_signer[32];
  qy_machine_config config;
  qy_buffer program;
  qy_buffer image; /* of the probe: by `other`, product 1, SVN 2 */
} fixture;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* The probe, signed anew. */
typedef struct probe_kind {
  const qy_rsa_private *signer;
  uint64_t flags;
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  const char *section; /* content of section "extra" */
} probe_kind;
void fixture_image(qy_buffer *out, const fixture *all, probe_kind kind);

/* A processor for `machine` (a folder); fails the test otherwise. */
qy_cpu fixture_start(const char *machine);
qy_launched fixture_launch(qy_cpu *cpu, qy_view image);
/* The probe as a trust domain; `request` without its program. */
qy_status fixture_try_launch_td(qy_cpu *cpu, qy_launched_td *out, const fixture *all, qy_td_image_request request,
                                qy_trace *trace);
qy_launched_td fixture_launch_td(qy_cpu *cpu, const fixture *all, qy_td_image_request request);
/* For fixture_call(). */
qy_launched fixture_as_launched(const qy_launched_td *domain);
qy_status fixture_try_launch(qy_cpu *cpu, qy_view image, qy_trace *trace);
void fixture_end(qy_launched *enclave);
qy_status fixture_call(const qy_launched *enclave, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace);
/* The number of processes whose parent is `parent`. */
size_t fixture_children(pid_t parent);
bool fixture_alive(pid_t process);
/* Waits up to two seconds for the process to end. */
bool fixture_gone(pid_t process);

#endif
