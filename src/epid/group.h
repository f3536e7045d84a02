/* SPDX-License-Identifier: Apache-2.0 */
/* A group key decoded and checked, and the tables that make repeated use cheap. */
#ifndef QY_EPID_GROUP_H
#define QY_EPID_GROUP_H

#include <base/cursor.h>
#include <crypto/hash.h>
#include <pairing/pairing.h>
#include <quotary/epid.h>

/* The points of a group key. */
typedef struct qy_epid_points {
  qy_epid_group_key key;
  qy_g1_affine h1;
  qy_g1_affine h2;
  qy_g2_affine w;
} qy_epid_points;

/* Decodes and checks: epid-point. w may still be outside of the subgroup of order p: for what does not compute with w. */
qy_status qy_epid_points_decode(qy_epid_points *out, const qy_epid_group_key *key, qy_trace *trace,
                                qy_error *why) QY_MUST_CHECK;
/* Decodes and checks: epid-point, epid-w-subgroup. */
qy_status qy_epid_points_open(qy_epid_points *out, const qy_epid_group_key *key, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;

/* The hash that serves all of a group; QY_ERR_UNSUPPORTED. */
qy_status qy_epid_hash_resolve(qy_hash_name *out, qy_epid_hash hash, const qy_epid_gid *gid,
                               qy_error *why) QY_MUST_CHECK;
bool qy_epid_gid_equal(const qy_epid_gid *a, const qy_epid_gid *b);
/* QY_ERR_UNSUPPORTED unless the schema is 0. */
qy_status qy_epid_gid_check(const qy_epid_gid *gid, qy_error *why) QY_MUST_CHECK;

/* The 360 bytes before the proofs; 392 of a split signature. */
void qy_epid_signature_write_head(qy_writer *to, const qy_epid_signature *signature);

/* The two fixed arguments of every pairing in EPID. */
typedef struct qy_epid_lines {
  const qy_pairing_lines *g2; /* shared by all groups */
  qy_pairing_lines w;
} qy_epid_lines;

void qy_epid_lines_init(qy_epid_lines *lines, const qy_epid_points *points);
/* r = pairing(x, g2) pairing(y, w) */
void qy_epid_pair(qy_fq12 *r, const qy_epid_lines *lines, const qy_g1 *x, const qy_g1 *y);

/* ---- Challenges: what is hashed, in one place for both sides ---- */

/* Points as they are encoded. */
typedef struct qy_epid_commitment {
  const uint8_t *b;
  const uint8_t *k;
  const uint8_t *t;
  uint8_t r1[QY_G1_SIZE];
  uint8_t r2[QY_FQ12_SIZE];
} qy_epid_commitment;

/* out = Hp(p || g1 || g2 || h1 || h2 || w || B || K || T || R1 || R2), in which the message is not. */
qy_status qy_epid_basic_commitment(uint8_t out[QY_FP_SIZE], qy_hash_name hash, const qy_epid_group_key *key,
                                   const qy_epid_commitment *commitment, qy_error *why) QY_MUST_CHECK;
/* c = Hp(that || message) */
qy_status qy_epid_basic_challenge(qy_fp *c, qy_hash_name hash, const uint8_t commitment[QY_FP_SIZE], qy_view message,
                                  qy_error *why) QY_MUST_CHECK;
/* c = Hp(p || g1 || B || K || B' || K' || T || R1 || R2 || message). What all proofs of a signature begin with, up to K,
 * is hashed once; entry is B' || K'. */
void qy_epid_proof_challenge_begin(qy_hash *prefix, qy_hash_name hash, const uint8_t *b, const uint8_t *k);
qy_status qy_epid_proof_challenge(qy_fp *c, const qy_hash *prefix, const uint8_t *entry, const uint8_t *t,
                                  const uint8_t *r1, const uint8_t *r2, qy_view message, qy_error *why) QY_MUST_CHECK;
/* c = Hp(p || g1 || g2 || h1 || h2 || w || F || R || nonce) */
qy_status qy_epid_join_challenge(qy_fp *c, qy_hash_name hash, const qy_epid_group_key *key, const uint8_t *f,
                                 const uint8_t *r, const uint8_t *nonce, qy_error *why) QY_MUST_CHECK;

#endif
