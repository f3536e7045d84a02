/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QY_EPID_VERIFIER_H
#define QY_EPID_VERIFIER_H

#include <epid/group.h>

struct qy_epid_verifier {
  qy_epid_points points;
  qy_hash_name hash;
  qy_epid_lines lines;
  qy_g1_table h1;
  qy_g1_table h2;
  bool has_basename;
  bool has_privrl;
  bool has_sigrl;
  bool has_grouprl;
  bool has_verifierrl;
  qy_g1_affine base; /* the basename's point */
  qy_epid_work work;
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  qy_epid_verifierrl verifierrl;
};

/* `*index` becomes that of the first entry of a PrivRL whose f makes B^f = K; list->count if none does. Entries that are
 * no scalars match nothing. work may be NULL. QY_ERR_INTERRUPTED. */
qy_status qy_epid_privrl_search(uint32_t *index, const qy_epid_privrl *list, const qy_g1_affine *b,
                                const qy_g1_affine *k, const qy_epid_work *work, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_ARGUMENT unless `entries` has count * entry_size bytes. */
qy_status qy_epid_list_shape(qy_view entries, uint32_t count, size_t entry_size, const char *what,
                             qy_error *why) QY_MUST_CHECK;
/* Shape, limit, and each entry: epid-scalar-range for f, epid-point for B and K, which must not be at infinity either. */
qy_status qy_epid_privrl_check(const qy_epid_privrl *list, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_epid_sigrl_check(const qy_epid_sigrl *list, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_epid_verifierrl_check(const qy_epid_verifierrl *list, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
