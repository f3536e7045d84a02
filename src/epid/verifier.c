/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier and what it holds signatures against. */
#include <epid/verifier.h>

#include <stdlib.h>

#include <pairing/hash_to_g1.h>

qy_status qy_epid_verifier_new(qy_epid_verifier **out, const qy_epid_group_key *group, qy_trace *trace, qy_error *why)
{
  qy_epid_points points;
  qy_hash_name hash = QY_SHA256;
  *out = NULL;
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&hash, QY_EPID_HASH_BY_GID, &group->gid, why));
  qy_epid_verifier *verifier = calloc(1, sizeof(*verifier));
  if (verifier == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "EPID verifier: no memory");
  }
  verifier->points = points;
  verifier->hash = hash;
  qy_epid_lines_init(&verifier->lines, &points);
  qy_g1_table_init(&verifier->h1, &points.h1);
  qy_g1_table_init(&verifier->h2, &points.h2);
  *out = verifier;
  return QY_OK;
}

void qy_epid_verifier_free(qy_epid_verifier **verifier)
{
  if (verifier != NULL) {
    free(*verifier);
    *verifier = NULL;
  }
}

void qy_epid_verifier_set_work(qy_epid_verifier *verifier, const qy_epid_work *work)
{
  verifier->work = work == NULL ? (qy_epid_work){0} : *work;
}

qy_status qy_epid_verifier_set_hash(qy_epid_verifier *verifier, qy_epid_hash hash, qy_error *why)
{
  if (verifier->has_basename) {
    return qy_fail(why, QY_ERR_SEQUENCE, "EPID verifier: the hash must be set before the basename");
  }
  return qy_epid_hash_resolve(&verifier->hash, hash, &verifier->points.key.gid, why);
}

qy_status qy_epid_verifier_set_basename(qy_epid_verifier *verifier, const qy_view *basename, qy_error *why)
{
  qy_g1_affine base = {qy_fq_zero, qy_fq_zero};
  if (basename != NULL) {
    QY_TRY(qy_hash_to_g1(&base, NULL, verifier->hash, *basename, why));
  }
  verifier->base = base;
  verifier->has_basename = basename != NULL;
  verifier->has_verifierrl = false;
  return QY_OK;
}

/* The list is of this group and not older than the one in use. */
static qy_status check_list(const qy_epid_gid *group, const qy_epid_gid *gid, bool in_use, uint32_t version_in_use,
                            uint32_t version, const char *what, qy_trace *trace, qy_error *why)
{
  if (gid != NULL && !qy_check(trace, QY_CHECK_EPID_LIST_GROUP, qy_epid_gid_equal(group, gid),
                               .expected = qy_text_hex(QY_VIEW_OF(group->bytes)),
                               .actual = qy_text_hex(QY_VIEW_OF(gid->bytes)), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: it is of another group", what);
  }
  if (!qy_check(trace, QY_CHECK_EPID_LIST_VERSION, !in_use || version >= version_in_use,
                .expected = in_use ? qy_textf("%s version %u or later", what, version_in_use) : qy_textf("any version"),
                .actual = qy_textf("version %u", version), .origin = "list in use")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: version %u is older than %u", what, version, version_in_use);
  }
  return QY_OK;
}

qy_status qy_epid_verifier_set_privrl(qy_epid_verifier *verifier, const qy_epid_privrl *list, qy_trace *trace,
                                      qy_error *why)
{
  QY_TRY(check_list(&verifier->points.key.gid, &list->gid, verifier->has_privrl, verifier->privrl.version,
                    list->version, "PrivRL", trace, why));
  QY_TRY(qy_epid_privrl_check(list, trace, why));
  verifier->privrl = *list;
  verifier->has_privrl = true;
  return QY_OK;
}

qy_status qy_epid_verifier_set_sigrl(qy_epid_verifier *verifier, const qy_epid_sigrl *list, qy_trace *trace,
                                     qy_error *why)
{
  QY_TRY(check_list(&verifier->points.key.gid, &list->gid, verifier->has_sigrl, verifier->sigrl.version, list->version,
                    "SigRL", trace, why));
  QY_TRY(qy_epid_sigrl_check(list, trace, why));
  verifier->sigrl = *list;
  verifier->has_sigrl = true;
  return QY_OK;
}

qy_status qy_epid_verifier_set_grouprl(qy_epid_verifier *verifier, const qy_epid_grouprl *list, qy_trace *trace,
                                       qy_error *why)
{
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_GROUPRL_ENTRY_SIZE, "GroupRL", why));
  QY_TRY(
      check_list(NULL, NULL, verifier->has_grouprl, verifier->grouprl.version, list->version, "GroupRL", trace, why));
  verifier->grouprl = *list;
  verifier->has_grouprl = true;
  return QY_OK;
}

qy_status qy_epid_verifier_set_verifierrl(qy_epid_verifier *verifier, const qy_epid_verifierrl *list, qy_trace *trace,
                                          qy_error *why)
{
  qy_g1_affine b;
  if (!verifier->has_basename) {
    return qy_fail(why, QY_ERR_SEQUENCE, "VerifierRL: it needs a basename, and none is set");
  }
  QY_TRY(check_list(&verifier->points.key.gid, &list->gid, verifier->has_verifierrl, verifier->verifierrl.version,
                    list->version, "VerifierRL", trace, why));
  const bool same =
      qy_g1_decode(&b, list->b) && (qy_fq_equal(&b.x, &verifier->base.x) & qy_fq_equal(&b.y, &verifier->base.y)) != 0;
  if (!qy_check(trace, QY_CHECK_EPID_LIST_BASENAME, same, .expected = qy_textf("B of the verifier's basename"),
                .actual = qy_textf(same ? "it is" : "it is not"), .origin = "basename of the verifier")) {
    return qy_fail(why, QY_ERR_REFUSED, "VerifierRL: B (byte 16) is not that of the verifier's basename");
  }
  QY_TRY(qy_epid_verifierrl_check(list, trace, why));
  verifier->verifierrl = *list;
  verifier->has_verifierrl = true;
  return QY_OK;
}
