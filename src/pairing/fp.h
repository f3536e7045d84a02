/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars: integers modulo the group order p of FP256BN, in Montgomery form. Nothing here branches on a value, save
 * what says so. */
#ifndef QY_PAIRING_FP_H
#define QY_PAIRING_FP_H

#include <pairing/mont.h>
#include <quotary/status.h>

#define QY_FP_SIZE 32

typedef struct qy_fp {
  uint64_t limb[4];
} qy_fp;

/* The group order in big-endian, as it enters the hashes. */
extern const uint8_t qy_fp_order[QY_FP_SIZE];

void qy_fp_add(qy_fp *r, const qy_fp *a, const qy_fp *b);
void qy_fp_sub(qy_fp *r, const qy_fp *a, const qy_fp *b);
void qy_fp_neg(qy_fp *r, const qy_fp *a);
void qy_fp_mul(qy_fp *r, const qy_fp *a, const qy_fp *b);
/* 0 of 0. */
void qy_fp_inverse(qy_fp *r, const qy_fp *a);
/* Mask: all ones when equal, or zero. */
uint64_t qy_fp_equal(const qy_fp *a, const qy_fp *b);
uint64_t qy_fp_is_zero(const qy_fp *a);
void qy_fp_set_u64(qy_fp *r, uint64_t value);

/* Big-endian bytes; returns whether they are below p, which is a public decision: a secret that is in range stays
 * secret. r is 0 otherwise. */
bool qy_fp_decode(qy_fp *r, const uint8_t bytes[QY_FP_SIZE]);
void qy_fp_encode(uint8_t bytes[QY_FP_SIZE], const qy_fp *a);
/* A big-endian number of up to 64 bytes, reduced: digests, and random bytes (64 of them are as good as uniform). */
void qy_fp_reduce(qy_fp *r, const uint8_t *bytes, size_t size);
/* Uniform but never 0 (the one in 2^256 case becomes 1), from 64 random bytes. */
qy_status qy_fp_random(qy_fp *r, const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* `count` of them, the same as one after the other, by fewer draws. */
qy_status qy_fp_random_many(qy_fp *r, size_t count, const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* The plain value, least limb first. */
void qy_fp_limbs(uint64_t limbs[4], const qy_fp *a);

/* Wipes it: scalars are mostly secrets. */
void qy_fp_clear(qy_fp *a);
#define QY_SCOPED_FP(name) __attribute__((cleanup(qy_fp_clear))) qy_fp name = {{0, 0, 0, 0}}

#endif
