/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers begin with: one sound input of each form, made by our own encoders. Without them a decoder that asks
 * for an exact size, or a reader of JSON, turns away nearly everything that chance comes up with. */
#ifndef QY_FUZZ_SEEDS_H
#define QY_FUZZ_SEEDS_H

#include <base/buffer.h>
#include <quotary/status.h>

/* Writes one input of fuzz_<target>; ends the program when it cannot. */
void seed(const char *target, qy_view bytes);
void seed_text(const char *target, const char *text);
/* The same, with one byte before it by which the target chooses. */
void seed_choice(const char *target, uint8_t choice, qy_view bytes);
/* Ends the program unless QY_OK. */
void must(qy_status status);
/* Bytes that are no secret, the same in each run. */
qy_random seed_random(void);

void seed_texts(void);
void seed_structures(void);
void seed_collateral(void);
void seed_dcap(void);
void seed_epid(void);
void seed_messages(void);
void seed_provisioning(void);

#endif
