/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QY_EPID_MEMBER_H
#define QY_EPID_MEMBER_H

#include <epid/group.h>

/* A basename that the member may sign under. */
typedef struct qy_epid_basename {
  uint8_t sha256[QY_SHA256_SIZE];
  qy_g1_affine b;
  qy_g1_affine k;
} qy_epid_basename;

struct qy_epid_member {
  qy_epid_points points;
  qy_hash_name hash;
  qy_epid_work work;
  qy_epid_lines lines;
  qy_g1_table h1;
  qy_g1_table h2;
  /* secret */
  qy_g1_affine a;
  qy_g1_table a_powers;
  qy_fp x;
  qy_fp f;
  /* what it may sign under */
  bool only_registered;
  uint32_t basename_count;
  qy_epid_basename *basenames;
};

/* A member key's parts, checked one by one: credential-group, epid-point, epid-scalar-range. Secret. */
typedef struct qy_epid_credential_parts {
  qy_g1_affine a;
  qy_fp x;
  qy_fp f;
} qy_epid_credential_parts;

void qy_epid_credential_parts_clear(qy_epid_credential_parts *parts);
#define QY_SCOPED_CREDENTIAL_PARTS(name) \
  __attribute__((cleanup(qy_epid_credential_parts_clear))) qy_epid_credential_parts name = {0}
qy_status qy_epid_credential_open(qy_epid_credential_parts *out, const qy_epid_group_key *group, const qy_epid_gid *gid,
                                  const uint8_t *a, const uint8_t *x, const uint8_t *f, qy_trace *trace,
                                  qy_error *why) QY_MUST_CHECK;
/* x and f of a compressed key. Constant time. */
qy_status qy_epid_seed_expand(qy_fp *x, qy_fp *f, const uint8_t seed[32], qy_error *why) QY_MUST_CHECK;
/* credential-equation: A^(x + gamma) = g1 h1^f. */
qy_status qy_epid_credential_prove(const qy_epid_credential_parts *parts, const qy_epid_points *points,
                                   const qy_epid_lines *lines, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
