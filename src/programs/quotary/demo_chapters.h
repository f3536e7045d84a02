/* SPDX-License-Identifier: Apache-2.0 */
/* What the demonstration does and tells: making the machine ready, one attestation by EPID, one by DCAP, one of a trust
 * domain, what they answer. */
#ifndef QY_PROGRAMS_DEMO_CHAPTERS_H
#define QY_PROGRAMS_DEMO_CHAPTERS_H

#include <attester/attest.h>

#include "story.h"
#include "world.h"

/* Starts the world, and gets the machine its attestation key. */
qy_status demo_machine(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;
/* By an EPID quote: enclave, messages, report, secret. */
qy_status demo_attestation(story *tale, cli_world *world, qy_error *why) QY_MUST_CHECK;
/* By an ECDSA quote, told by what differs. */
qy_status demo_dcap(story *tale, const cli_world *world, qy_error *why) QY_MUST_CHECK;
/* By a trust domain's ECDSA quote, told by what differs again. */
qy_status demo_tdx(story *tale, const cli_world *world, qy_error *why) QY_MUST_CHECK;
/* The last message of an attestation by DCAP; QY_ERR_REFUSED when the secret did not arrive, or is another than the broker's. */
qy_status demo_secret(story *tale, const cli_world *world, const qy_attest_result *result, qy_error *why) QY_MUST_CHECK;
void demo_answers(story *tale);

#endif
