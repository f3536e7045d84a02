/* SPDX-License-Identifier: Apache-2.0 */
/* EPID's hashes: a number modulo p of a text, and a point of G1 of a basename. */
#ifndef QY_PAIRING_HASH_TO_G1_H
#define QY_PAIRING_HASH_TO_G1_H

#include <crypto/hash.h>
#include <pairing/g1.h>

#define QY_HASH_TO_G1_MAX_TRIES 50

/* The digest of the parts as a big-endian number, mod p. */
qy_status qy_hash_to_fp(qy_fp *r, qy_hash_name hash, const qy_view *parts, size_t count, qy_error *why) QY_MUST_CHECK;
/* The first i for which x = digest(u32be(i) || text) mod q is on the curve; *tries (may be NULL) becomes that i. Of
 * the two roots it takes the one whose Montgomery form (y 2^256 mod q) is even: that is how Intel's SDK does it, and
 * signatures depend on it. QY_ERR_LIMIT after QY_HASH_TO_G1_MAX_TRIES counters, as there. The text is public. */
qy_status qy_hash_to_g1(qy_g1_affine *r, uint32_t *tries, qy_hash_name hash, qy_view text, qy_error *why) QY_MUST_CHECK;

#endif
