/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that make a world, each done only if its outcome is not there yet. */
#ifndef QY_PROGRAMS_WORLD_PARTS_H
#define QY_PROGRAMS_WORLD_PARTS_H

#include "world.h"

qy_status world_make_signing_key(const cli_world *world, qy_error *why) QY_MUST_CHECK;
/* Endorser with its signed architectural enclaves. */
qy_status world_make_endorser(const cli_world *world, qy_error *why) QY_MUST_CHECK;
/* A machine, enrolled. */
qy_status world_make_machine(const cli_world *world, qy_error *why) QY_MUST_CHECK;
/* Needs the report service's address. Broker, subscription, the enclave that trusts this broker, a secret and its
 * policy; fills in the world's SPID and measurements. */
qy_status world_make_broker(cli_world *world, qy_error *why) QY_MUST_CHECK;

/* Ports are chosen once, so that a world that is started again is where it was. 0: not chosen yet. */
typedef struct world_ports {
  unsigned endorser;
  unsigned reports;
  unsigned broker;
} world_ports;
qy_status world_ports_load(world_ports *out, const cli_world *world, qy_error *why) QY_MUST_CHECK;
qy_status world_ports_store(const cli_world *world, qy_error *why) QY_MUST_CHECK;

#endif
