/* SPDX-License-Identifier: Apache-2.0 */
/* What the issuer's files share. */
#ifndef QY_EPID_ISSUER_H
#define QY_EPID_ISSUER_H

#include <epid/group.h>

/* gamma, checked against the group key: QY_ERR_ARGUMENT. */
qy_status qy_epid_issuing_key_open(qy_fp *gamma, const qy_epid_issuing_key *key, const qy_epid_group_key *group,
                                   qy_error *why) QY_MUST_CHECK;
/* A = (g1 F)^(1 / (x + gamma)). Constant time. */
qy_status qy_epid_compute_a(uint8_t a[QY_G1_SIZE], const qy_fp *x, const qy_g1 *f_commitment, const qy_fp *gamma,
                            qy_error *why) QY_MUST_CHECK;

#endif
