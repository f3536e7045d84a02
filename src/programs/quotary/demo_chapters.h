/* SPDX-License-Identifier: Apache-2.0 */
/* What the demonstration does and tells, in two halves: making the machine ready, then one attestation. */
#ifndef QY_PROGRAMS_DEMO_CHAPTERS_H
#define QY_PROGRAMS_DEMO_CHAPTERS_H

#include "story.h"
#include "world.h"

/* Starts the world, and gets the machine its attestation key. */
qy_status demo_machine(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;
/* Enclave, messages, report, secret. */
qy_status demo_attestation(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;

#endif
