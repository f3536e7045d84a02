/* SPDX-License-Identifier: Apache-2.0 */
/* A whole machine against a whole endorser, each in processes of its own, below one temporary folder. */
#ifndef QY_TEST_PLATFORM_WORLD_H
#define QY_TEST_PLATFORM_WORLD_H

#include "vectors.h"

#include <sys/types.h>

#include <crypto/rsa.h>
#include <platform/platform.h>

typedef struct service_process {
  pid_t process;
  int stop; /* closing it stops the service */
} service_process;

typedef struct world {
  char folder[64];
  char endorser[96];
  char images[128];
  char state[96]; /* the machine's */
  char socket[96];
  char blob[128];
  char url[64];
  service_process endorsing; /* process 0 when it is not running */
  service_process serving;
  qy_rsa_private *signer;
  qy_buffer probe; /* image of the probe enclave */
  uint8_t ppid[16];
} world;

int world_setup(void **state);     /* one microcode update is left */
int world_setup_old(void **state); /* four are left: the oldest level there is */
int world_teardown(void **state);

void world_start_endorser(world *all);
void world_stop_endorser(world *all);
void world_start_service(world *all);
/* Gives the service's exit code. */
int world_stop_service(world *all);
void world_kill_service(world *all);

qy_platform *world_open(const world *all);
qy_enclave_handle world_probe(const world *all, qy_platform *platform);
/* The probe as a trust domain. */
qy_enclave_handle world_td_probe(const world *all, qy_platform *platform, uint64_t attributes);
/* Its TDREPORT in version 0 or 1, over bytes 0x77. */
void world_td_report(uint8_t report[QY_TD_REPORT_SIZE], qy_enclave_handle *probe, uint8_t version);
/* A report of the probe for whoever quotes. */
void world_report(qy_report *out, qy_enclave_handle *probe, const qy_target_info *target);
/* All processes below `process`, itself not counted; `list` has room for `most`. */
size_t world_descendants(pid_t process, pid_t *list, size_t most);
bool world_gone(pid_t process);

#endif
