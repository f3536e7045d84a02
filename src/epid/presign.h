/* SPDX-License-Identifier: Apache-2.0 */
/* A signature in two halves: all that does not depend on the message, which is nearly all of the work, and the answer to
 * the message, which is two hashes and four products of scalars. */
#ifndef QY_EPID_PRESIGN_H
#define QY_EPID_PRESIGN_H

#include <epid/member.h>

/* A basename's point B and the member's pseudonym K under it. */
typedef struct qy_epid_base {
  qy_g1_affine b;
  bool has_k;
  qy_g1_affine k;
} qy_epid_base;

/* The first half. SECRET: whoever sees it, or two answers made with it, has the key. */
typedef struct qy_epid_presignature {
  uint8_t b[QY_G1_SIZE];
  uint8_t k[QY_G1_SIZE];
  uint8_t t[QY_G1_SIZE];
  uint8_t commitment[QY_FP_SIZE]; /* the hash of group, B, K, T, R1 and R2 */
  qy_fp a;                        /* T = A h2^a */
  qy_fp ax;                       /* a x */
  qy_fp rx;                       /* the nonces */
  qy_fp rf;
  qy_fp ra;
  qy_fp rb;
} qy_epid_presignature;

void qy_epid_presignature_clear(qy_epid_presignature *presignature);
#define QY_SCOPED_PRESIGNATURE(name) \
  __attribute__((cleanup(qy_epid_presignature_clear))) qy_epid_presignature name = {.a = {{0}}}

/* The base of a basename: of one that is registered as it was registered, with its K; of another hashed, or refused by
 * epid-basename-registered. */
qy_status qy_epid_base_of(qy_epid_base *out, const qy_epid_member *member, qy_view basename, qy_trace *trace,
                          qy_error *why) QY_MUST_CHECK;
/* Computes K. */
void qy_epid_base_complete(qy_epid_base *base, const qy_epid_member *member);

/* base NULL: a random one. Constant time in all that is secret. Leaves nothing on the stack; on failure *out is zero. */
qy_status qy_epid_presign(qy_epid_presignature *out, const qy_epid_member *member, const qy_epid_base *base,
                          const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* The second half: a whole signature, proofs and all, into a buffer of the right size. */
qy_status qy_epid_sign_with(uint8_t *out, uint32_t *own_entries, const qy_epid_member *member,
                            const qy_epid_presignature *presignature, qy_view message, const qy_epid_sigrl *sigrl,
                            const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* What is checked before: the list, and the buffer's size. Sets the buffer to zeros. */
qy_status qy_epid_sign_check(uint8_t *signature, size_t signature_size, uint32_t *own_entries,
                             const qy_epid_member *member, const qy_epid_sigrl *sigrl, qy_trace *trace,
                             qy_error *why) QY_MUST_CHECK;

#endif
