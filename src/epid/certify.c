/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's side of joining: a request held against the group, and the credential. */
#include <epid/issuer.h>
#include <epid/member.h>
#include <epid/split.h>
#include <epid/verifier.h>

#include <string.h>

#include <base/secret.h>
#include <pairing/g1_products.h>

/* A join request and what it is held against. */
typedef struct joining {
  const qy_epid_points *points; /* of a split member: its own */
  qy_hash_name hash;
  const qy_epid_join_request *request;
  const uint8_t *nonce;     /* the issuer's */
  const uint8_t *tpm_nonce; /* of a split member, else NULL */
} joining;

/* Whoever made it knows f with F = h1^f: R = h1^s F^-c gives the challenge again. */
static qy_status check_proof(const joining *join, const qy_g1_affine *f_commitment, const qy_fp *c, const qy_fp *s,
                             qy_trace *trace, qy_error *why)
{
  const qy_epid_join_request *request = join->request;
  const qy_g1_affine bases[2] = {join->points->h1, *f_commitment};
  qy_fp scalars[2] = {*s, *c};
  qy_fp expected;
  qy_g1 r;
  uint8_t commitment[QY_G1_SIZE];
  if (join->tpm_nonce != NULL) {
    QY_TRY(qy_epid_split_challenge(&scalars[1], join->tpm_nonce, request->c, join->hash, why));
  }
  qy_fp_neg(&scalars[1], &scalars[1]);
  qy_g1_products_public(&r, bases, scalars, 2, 1);
  qy_g1_encode(commitment, &r);
  QY_TRY(qy_epid_join_challenge(&expected, join->hash, &join->points->key, request->f_commitment, commitment,
                                join->nonce, why));
  const bool held = qy_fp_equal(c, &expected) != 0;
  if (!qy_check(trace, QY_CHECK_JOIN_PROOF, held, .expected = qy_textf("the challenge c of the request"),
                .actual = qy_textf(held ? "the same is recomputed" : "another is recomputed"),
                .origin = "group key and nonce")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: its proof does not hold for this group and nonce");
  }
  return QY_OK;
}

static qy_status check_request(qy_g1_affine *f_commitment, const joining *join, qy_trace *trace, qy_error *why)
{
  const qy_epid_join_request *request = join->request;
  qy_fp c;
  qy_fp s;
  const bool is_point = qy_g1_decode(f_commitment, request->f_commitment);
  if (!qy_check(trace, QY_CHECK_EPID_POINT, is_point, .expected = qy_textf("F on the curve"),
                .actual = qy_textf(is_point ? "it is" : "it is not"), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: F (byte 0) is no point of the curve");
  }
  const bool finite = !qy_g1_affine_is_infinity(f_commitment);
  if (!qy_check(trace, QY_CHECK_JOIN_F_INFINITY, finite, .expected = qy_textf("F not at infinity"),
                .actual = qy_textf(finite ? "it is not" : "it is"), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: F is at infinity");
  }
  const char *bad = !qy_fp_decode(&c, request->c)   ? "c (byte 64)"
                    : !qy_fp_decode(&s, request->s) ? "s (byte 96)"
                                                    : NULL;
  if (!qy_check(trace, QY_CHECK_EPID_SCALAR_RANGE, bad == NULL, .expected = qy_textf("c and s below p"),
                .actual = bad == NULL ? qy_textf("they are") : qy_textf("%s is not", bad), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: %s is not below p", bad);
  }
  return check_proof(join, f_commitment, &c, &s, trace, why);
}

static qy_status check_not_revoked(const qy_epid_privrl *list, const qy_epid_points *points,
                                   const qy_g1_affine *f_commitment, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_EPID_LIST_GROUP, qy_epid_gid_equal(&points->key.gid, &list->gid),
                .expected = qy_text_hex(QY_VIEW_OF(points->key.gid.bytes)),
                .actual = qy_text_hex(QY_VIEW_OF(list->gid.bytes)), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "PrivRL: it is of another group");
  }
  QY_TRY(qy_epid_privrl_check(list, trace, why));
  uint32_t i = 0;
  QY_TRY(qy_epid_privrl_search(&i, list, &points->h1, f_commitment, NULL, why));
  if (!qy_check(trace, QY_CHECK_JOIN_F_REVOKED, i == list->count,
                .expected = qy_textf("not among the %u keys of version %u", list->count, list->version),
                .actual = i == list->count ? qy_textf("it is not") : qy_textf("it is entry %u", i),
                .origin = "PrivRL")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: its secret is revoked");
  }
  return QY_OK;
}

static qy_status certify(qy_epid_credential *out, const joining *join, const qy_fp *gamma, const qy_epid_privrl *privrl,
                         const qy_random *random, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_FP(x);
  qy_g1_affine affine;
  qy_g1 f_commitment;
  QY_TRY(check_request(&affine, join, trace, why));
  if (privrl != NULL) {
    QY_TRY(check_not_revoked(privrl, join->points, &affine, trace, why));
  }
  qy_g1_from_affine(&f_commitment, &affine);
  QY_TRY(qy_fp_random(&x, random, why));
  QY_TRY(qy_epid_compute_a(out->a, &x, &f_commitment, gamma, why));
  qy_fp_encode(out->x, &x);
  out->gid = join->points->key.gid;
  return QY_OK;
}

static QY_OWN_FRAME qy_status certify_plain(qy_epid_credential *out, const qy_epid_group_key *group,
                                            const qy_epid_issuing_key *key, qy_epid_hash hash,
                                            const qy_epid_join_request *request, const uint8_t *nonce,
                                            const qy_epid_privrl *privrl, const qy_random *random, qy_trace *trace,
                                            qy_error *why)
{
  QY_SCOPED_FP(gamma);
  qy_epid_points points;
  joining join = {.points = &points, .request = request, .nonce = nonce};
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&join.hash, hash, &group->gid, why));
  QY_TRY(qy_epid_issuing_key_open(&gamma, key, group, why));
  return certify(out, &join, &gamma, privrl, random, trace, why);
}

qy_status qy_epid_certify(qy_epid_credential *out, const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                          qy_epid_hash hash, const qy_epid_join_request *request,
                          const uint8_t nonce[QY_EPID_NONCE_SIZE], const qy_epid_privrl *privrl,
                          const qy_random *random, qy_trace *trace, qy_error *why)
{
  *out = (qy_epid_credential){0};
  const qy_status status = certify_plain(out, group, key, hash, request, nonce, privrl, random, trace, why);
  qy_wipe_stack_64k();
  return status;
}

/* The base that the TPM was told to use is h1s. */
static qy_status check_split_base(const qy_epid_split_join_request *request, const qy_epid_points *split,
                                  uint32_t counter, qy_trace *trace, qy_error *why)
{
  const uint8_t *y = split->key.h1 + QY_FQ_SIZE;
  const bool same = request->counter == counter && memcmp(request->y, y, sizeof(request->y)) == 0;
  if (!qy_check(trace, QY_CHECK_JOIN_SPLIT_BASE, same, .expected = qy_textf("counter %u and the y of h1s", counter),
                .actual = same ? qy_textf("they are") : qy_textf("counter %u, or another y", request->counter),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "split join request: counter (byte 160) or y (byte 164) is not that of h1s");
  }
  return QY_OK;
}

static QY_OWN_FRAME qy_status certify_split(qy_epid_credential *out, const qy_epid_group_key *group,
                                            const qy_epid_issuing_key *key, qy_epid_hash hash,
                                            const qy_epid_split_join_request *request, const uint8_t *nonce,
                                            const qy_epid_privrl *privrl, const qy_random *random, qy_trace *trace,
                                            qy_error *why)
{
  QY_SCOPED_FP(gamma);
  qy_epid_points points;
  qy_epid_points split;
  uint32_t counter = 0;
  joining join = {.points = &split, .request = &request->join, .nonce = nonce, .tpm_nonce = request->nonce};
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&join.hash, hash, &group->gid, why));
  QY_TRY(qy_epid_issuing_key_open(&gamma, key, group, why));
  QY_TRY(qy_epid_split_points(&split, &counter, &points, join.hash, why));
  QY_TRY(check_split_base(request, &split, counter, trace, why));
  return certify(out, &join, &gamma, privrl, random, trace, why);
}

qy_status qy_epid_split_certify(qy_epid_credential *out, const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                                qy_epid_hash hash, const qy_epid_split_join_request *request,
                                const uint8_t nonce[QY_EPID_NONCE_SIZE], const qy_epid_privrl *privrl,
                                const qy_random *random, qy_trace *trace, qy_error *why)
{
  *out = (qy_epid_credential){0};
  const qy_status status = certify_split(out, group, key, hash, request, nonce, privrl, random, trace, why);
  qy_wipe_stack_64k();
  return status;
}
