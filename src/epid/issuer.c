/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer, which Intel's SDK leaves out: groups, credentials, whole keys. Source: Brickell and Li, EPID from
 * bilinear pairing; formats as in Intel EPID SDK 8.0.0. */
#include <epid/verifier.h>

#include <string.h>

#include <base/secret.h>
#include <crypto/random.h>
#include <pairing/declassify.h>
#include <pairing/hash_to_g1.h>

/* A point of which nobody knows the discrete logarithm. */
static qy_status random_point(uint8_t out[QY_G1_SIZE], const qy_random *random, qy_error *why)
{
  uint8_t seed[32];
  qy_g1_affine point;
  QY_TRY(qy_random_fill(random, seed, sizeof(seed), why));
  QY_DECLASSIFY_BYTES(seed, sizeof(seed));
  QY_TRY(qy_hash_to_g1(&point, NULL, QY_SHA256, QY_VIEW_OF(seed), why));
  qy_g1_affine_encode(out, &point);
  return QY_OK;
}

/* w = g2^gamma */
static void encode_w(uint8_t out[QY_G2_SIZE], const qy_fp *gamma)
{
  qy_g2 g2;
  qy_g2 w;
  qy_g2_affine affine;
  qy_g2_from_affine(&g2, &qy_g2_generator);
  qy_g2_power(&w, &g2, gamma);
  qy_g2_to_affine(&affine, &w);
  qy_g2_affine_encode(out, &affine);
  QY_DECLASSIFY_BYTES(out, QY_G2_SIZE);
}

static qy_status create(qy_epid_group_key *group, qy_epid_issuing_key *key, const qy_epid_gid *gid,
                        const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  QY_TRY(random_point(group->h1, random, why));
  QY_TRY(random_point(group->h2, random, why));
  QY_TRY(qy_fp_random(&gamma, random, why));
  encode_w(group->w, &gamma);
  group->gid = *gid;
  key->gid = *gid;
  qy_fp_encode(key->gamma, &gamma);
  return QY_OK;
}

qy_status qy_epid_group_create(qy_epid_group_key *group, qy_epid_issuing_key *key, const qy_epid_gid *gid,
                               const qy_random *random, qy_error *why)
{
  qy_epid_hash hash;
  *group = (qy_epid_group_key){0};
  *key = (qy_epid_issuing_key){0};
  QY_TRY(qy_epid_hash_of_gid(&hash, gid, why));
  const qy_status status = create(group, key, gid, random, why);
  if (status != QY_OK) {
    *group = (qy_epid_group_key){0};
    qy_epid_issuing_key_clear(key);
  }
  return status;
}

/* gamma, checked against the group key. */
static qy_status open_key(qy_fp *gamma, const qy_epid_issuing_key *key, const qy_epid_group_key *group, qy_error *why)
{
  uint8_t w[QY_G2_SIZE];
  if (!qy_epid_gid_equal(&key->gid, &group->gid)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "issuing key: it is of another group");
  }
  if (!qy_fp_decode(gamma, key->gamma)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "issuing key: gamma is not below p");
  }
  encode_w(w, gamma);
  if (memcmp(w, group->w, sizeof(w)) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "issuing key: w of the group key is not g2^gamma");
  }
  return QY_OK;
}

qy_status qy_epid_issuing_key_check(const qy_epid_issuing_key *key, const qy_epid_group_key *group, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  return open_key(&gamma, key, group, why);
}

/* x at random, A = (g1 F)^(1 / (x + gamma)) */
static qy_status issue(uint8_t a[QY_G1_SIZE], uint8_t x[QY_FP_SIZE], const qy_g1 *f_commitment, const qy_fp *gamma,
                       const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(scalar);
  QY_SCOPED_FP(inverse);
  QY_SCOPED_G1(base);
  QY_SCOPED_G1(power);
  QY_TRY(qy_fp_random(&scalar, random, why));
  qy_fp_add(&inverse, &scalar, gamma);
  qy_g1_add_affine(&base, f_commitment, &qy_g1_generator);
  /* x = -gamma or F = 1/g1 would give A at infinity; either comes up with a chance of one in 2^256 */
  if (qy_declassify(qy_fp_is_zero(&inverse) | qy_g1_is_infinity(&base)) != 0) {
    return qy_fail(why, QY_ERR_CRYPTO, "credential: there is none for these numbers");
  }
  qy_fp_inverse(&inverse, &inverse);
  qy_g1_power(&power, &base, &inverse, 1);
  qy_g1_encode(a, &power);
  qy_fp_encode(x, &scalar);
  return QY_OK;
}

/* A join request taken apart and held against the group: whoever made it knows f with F = h1^f. */
static qy_status check_request(qy_g1_affine *f_commitment, const qy_epid_points *points, qy_hash_name hash,
                               const qy_epid_join_request *request, const uint8_t *nonce, qy_trace *trace,
                               qy_error *why)
{
  qy_fp scalars[2]; /* s, -c */
  qy_fp c;
  qy_fp expected;
  qy_g1 r;
  uint8_t commitment[QY_G1_SIZE];
  const bool is_point = qy_g1_decode(f_commitment, request->f_commitment);
  if (!qy_check(trace, QY_CHECK_EPID_POINT, is_point, .expected = qy_textf("F on the curve"),
                .actual = qy_textf(is_point ? "it is" : "it is not"), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: F is no point of the curve");
  }
  const bool finite = !qy_g1_affine_is_infinity(f_commitment);
  if (!qy_check(trace, QY_CHECK_JOIN_F_INFINITY, finite, .expected = qy_textf("F not at infinity"),
                .actual = qy_textf(finite ? "it is not" : "it is"), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: F is at infinity");
  }
  const bool in_range = qy_fp_decode(&c, request->c) && qy_fp_decode(&scalars[0], request->s);
  if (!qy_check(trace, QY_CHECK_EPID_SCALAR_RANGE, in_range, .expected = qy_textf("c and s below p"),
                .actual = qy_textf(in_range ? "they are" : "they are not"), .origin = "join request")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: c or s is not below p");
  }
  qy_fp_neg(&scalars[1], &c);
  const qy_g1_affine bases[2] = {points->h1, *f_commitment};
  qy_g1_power_public(&r, bases, scalars, 2);
  qy_g1_encode(commitment, &r);
  QY_TRY(qy_epid_join_challenge(&expected, hash, &points->key, request->f_commitment, commitment, nonce, why));
  const bool held = qy_fp_equal(&c, &expected) != 0;
  if (!qy_check(trace, QY_CHECK_JOIN_PROOF, held, .expected = qy_textf("the challenge c of the request"),
                .actual = qy_textf(held ? "the same is recomputed" : "another is recomputed"),
                .origin = "group key and nonce")) {
    return qy_fail(why, QY_ERR_REFUSED, "join request: its proof does not hold for this group and nonce");
  }
  return QY_OK;
}

static qy_status check_not_revoked(const qy_epid_privrl *list, const qy_epid_points *points,
                                   const qy_g1_affine *f_commitment, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_EPID_LIST_GROUP, qy_epid_gid_equal(&points->key.gid, &list->gid),
                .expected = qy_text_hex(QY_VIEW_OF(points->key.gid.bytes)),
                .actual = qy_text_hex(QY_VIEW_OF(list->gid.bytes)), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "PrivRL: it is of another group");
  }
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_PRIVRL_ENTRY_SIZE, "PrivRL", why));
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

qy_status qy_epid_certify(qy_epid_credential *out, const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                          qy_epid_hash hash, const qy_epid_join_request *request,
                          const uint8_t nonce[QY_EPID_NONCE_SIZE], const qy_epid_privrl *privrl,
                          const qy_random *random, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  qy_epid_points points;
  qy_hash_name name = QY_SHA256;
  qy_g1_affine affine;
  qy_g1 f_commitment;
  *out = (qy_epid_credential){0};
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&name, hash, &group->gid, why));
  QY_TRY(open_key(&gamma, key, group, why));
  QY_TRY(check_request(&affine, &points, name, request, nonce, trace, why));
  if (privrl != NULL) {
    QY_TRY(check_not_revoked(privrl, &points, &affine, trace, why));
  }
  qy_g1_from_affine(&f_commitment, &affine);
  QY_TRY(issue(out->a, out->x, &f_commitment, &gamma, random, why));
  out->gid = group->gid;
  return QY_OK;
}

qy_status qy_epid_member_key_issue(qy_epid_member_key *out, const qy_epid_group_key *group,
                                   const qy_epid_issuing_key *key, const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  QY_SCOPED_FP(f);
  QY_SCOPED_G1(commitment);
  qy_epid_points points;
  qy_g1 h1;
  *out = (qy_epid_member_key){0};
  QY_TRY(qy_epid_points_open(&points, group, NULL, why));
  QY_TRY(open_key(&gamma, key, group, why));
  QY_TRY(qy_fp_random(&f, random, why));
  qy_g1_from_affine(&h1, &points.h1);
  qy_g1_power(&commitment, &h1, &f, 1);
  QY_TRY(issue(out->a, out->x, &commitment, &gamma, random, why));
  qy_fp_encode(out->f, &f);
  out->gid = group->gid;
  return QY_OK;
}
