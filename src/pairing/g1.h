/* SPDX-License-Identifier: Apache-2.0 */
/* G1: the curve y^2 = x^3 + 3 over Fq, whose p points are all of the group. Points are kept projective (X : Y : Z),
 * infinity being (0 : 1 : 0); addition is complete (Renes, Costello, Batina 2016, algorithms 7 to 9 for a = 0), so no
 * case is special and nothing branches on a value. Functions named _public are faster, and show their arguments. */
#ifndef QY_PAIRING_G1_H
#define QY_PAIRING_G1_H

#include <pairing/fp.h>
#include <pairing/fq.h>

#define QY_G1_SIZE 64

typedef struct qy_g1 {
  qy_fq x;
  qy_fq y;
  qy_fq z;
} qy_g1;

typedef struct qy_g1_affine { /* infinity is (0, 0), which is not on the curve */
  qy_fq x;
  qy_fq y;
} qy_g1_affine;

extern const qy_g1_affine qy_g1_generator; /* (1, 2) */

void qy_g1_set_infinity(qy_g1 *r);
void qy_g1_from_affine(qy_g1 *r, const qy_g1_affine *a);
void qy_g1_to_affine(qy_g1_affine *r, const qy_g1 *a);
/* The same for up to QY_G1_MAX_BATCH points at the price of one. */
#define QY_G1_MAX_BATCH 64
void qy_g1_to_affine_many(qy_g1_affine *r, const qy_g1 *points, size_t count);
void qy_g1_add(qy_g1 *r, const qy_g1 *a, const qy_g1 *b);
/* b must not be at infinity. */
void qy_g1_add_affine(qy_g1 *r, const qy_g1 *a, const qy_g1_affine *b);
void qy_g1_double(qy_g1 *r, const qy_g1 *a);
void qy_g1_neg(qy_g1 *r, const qy_g1 *a);
/* Masks. */
uint64_t qy_g1_is_infinity(const qy_g1 *a);
uint64_t qy_g1_equal(const qy_g1 *a, const qy_g1 *b);
uint64_t qy_g1_affine_is_infinity(const qy_g1_affine *a);
void qy_g1_select(qy_g1 *r, const qy_g1 *a, uint64_t mask);

/* 64 bytes x y; all zeros is infinity. Returns whether both are below q and the point is on the curve or at infinity:
 * a public decision. r is infinity otherwise. */
bool qy_g1_decode(qy_g1_affine *r, const uint8_t bytes[QY_G1_SIZE]);
/* One of the two points over x, 32 bytes; returns whether x is below q and there is one: a public decision. */
bool qy_g1_decode_x(qy_g1_affine *r, const uint8_t bytes[QY_FQ_SIZE]);
void qy_g1_affine_encode(uint8_t bytes[QY_G1_SIZE], const qy_g1_affine *a);
void qy_g1_encode(uint8_t bytes[QY_G1_SIZE], const qy_g1 *a);

/* r = the product of points[i]^scalars[i], for secret points and scalars: endomorphism, and tables scanned whole. At
 * most QY_G1_MAX_TERMS points. */
#define QY_G1_MAX_TERMS 4
void qy_g1_power(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count);
void qy_g1_clear(qy_g1 *a);
#define QY_SCOPED_G1(name) __attribute__((cleanup(qy_g1_clear))) qy_g1 name = {0}

/* The same for public points and scalars: endomorphism and signed digits. */
void qy_g1_power_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count);

/* Powers of a fixed base, 42 KiB: what they are is the affair of the path that makes and uses them. */
#define QY_G1_TABLE_WINDOWS 64
#define QY_G1_TABLE_ENTRIES 8
#define QY_G1_TABLE_ODD_WINDOWS 21
#define QY_G1_TABLE_ODDS 32
typedef union qy_g1_table {
  struct {
    qy_g1_affine odd[QY_G1_TABLE_ODD_WINDOWS][QY_G1_TABLE_ODDS]; /* base^((2 j + 1) 64^i) */
    qy_g1_affine top;                                            /* base^(2^126) */
  };
  /* over lanes: base^((j + 1) 16^i) for i below 32, then their images by the endomorphism; as lanes have them */
  qy_g1_affine entries[QY_G1_TABLE_WINDOWS][QY_G1_TABLE_ENTRIES];
} qy_g1_table;

/* The base is public and not at infinity. */
void qy_g1_table_init(qy_g1_table *table, const qy_g1_affine *base);
/* r = r * base^scalar for a secret scalar. r must be set. */
void qy_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);
void qy_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);

#endif
