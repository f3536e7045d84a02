/* SPDX-License-Identifier: Apache-2.0 */
/* What the demonstration does and tells: making the machine ready, one attestation by EPID, one by DCAP, what they answer. */
#ifndef QY_PROGRAMS_DEMO_CHAPTERS_H
#define QY_PROGRAMS_DEMO_CHAPTERS_H

#include "story.h"
#include "world.h"

/* Starts the world, and gets the machine its attestation key. */
qy_status demo_machine(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;
/* By an EPID quote: enclave, messages, report, secret. */
qy_status demo_attestation(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;
/* By an ECDSA quote, told by what differs. */
qy_status demo_dcap(story *tale, const cli_world *world, qy_error *why) QY_MUST_CHECK;
void demo_answers(story *tale);

#endif
