/* SPDX-License-Identifier: Apache-2.0 */
/* Members split between a host and a TPM that keeps f. Theirs is the same group with another base in the place of h1,
 * for a TPM computes only with points that it hashed itself; and the TPM answers not the challenge c that is sent, but
 * one that it makes of c and a nonce of its own. Source: Intel EPID SDK 8.0.0, epid/member/split. */
#ifndef QY_EPID_SPLIT_H
#define QY_EPID_SPLIT_H

#include <epid/group.h>
#include <epid/proofs.h>

/* The group as its split members see it: h1 is h1s, the hash to the curve of h1's 64 bytes, also where the group key
 * is hashed. `*counter` (may be NULL) is the hash's. */
qy_status qy_epid_split_points(qy_epid_points *out, uint32_t *counter, const qy_epid_points *points, qy_hash_name hash,
                               qy_error *why) QY_MUST_CHECK;
/* What the TPM answers: Hp(nonce || c), c padded on the left to the length of a digest. */
qy_status qy_epid_split_challenge(qy_fp *used, const uint8_t nonce[32], const uint8_t c[QY_FP_SIZE], qy_hash_name hash,
                                  qy_error *why) QY_MUST_CHECK;
/* Proofs of 192 bytes, each with its nonce behind. */
extern const qy_epid_proof_form qy_epid_proof_split;

#endif
