/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer, which Intel's SDK leaves out: groups, credentials, whole keys. Source: Brickell and Li, EPID from
 * bilinear pairing; formats as in Intel EPID SDK 8.0.0. */
#include <epid/issuer.h>
#include <epid/member.h>

#include <string.h>

#include <base/secret.h>
#include <crypto/random.h>
#include <pairing/declassify.h>
#include <pairing/g1_products.h>
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

static QY_OWN_FRAME qy_status create(qy_epid_group_key *group, qy_epid_issuing_key *key, const qy_epid_gid *gid,
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
  qy_wipe_stack_64k();
  if (status != QY_OK) {
    *group = (qy_epid_group_key){0};
    qy_epid_issuing_key_clear(key);
  }
  return status;
}

qy_status qy_epid_issuing_key_open(qy_fp *gamma, const qy_epid_issuing_key *key, const qy_epid_group_key *group,
                                   qy_error *why)
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

static QY_OWN_FRAME qy_status check_key(const qy_epid_issuing_key *key, const qy_epid_group_key *group, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  return qy_epid_issuing_key_open(&gamma, key, group, why);
}

qy_status qy_epid_issuing_key_check(const qy_epid_issuing_key *key, const qy_epid_group_key *group, qy_error *why)
{
  const qy_status status = check_key(key, group, why);
  qy_wipe_stack_64k();
  return status;
}

qy_status qy_epid_compute_a(uint8_t a[QY_G1_SIZE], const qy_fp *x, const qy_g1 *f_commitment, const qy_fp *gamma,
                            qy_error *why)
{
  QY_SCOPED_FP(inverse);
  QY_SCOPED_G1(base);
  QY_SCOPED_G1(power);
  qy_fp_add(&inverse, x, gamma);
  qy_g1_add_affine(&base, f_commitment, &qy_g1_generator);
  /* x = -gamma or F = 1/g1 would give A at infinity; either comes up with a chance of one in 2^256 */
  if (qy_declassify(qy_fp_is_zero(&inverse) | qy_g1_is_infinity(&base)) != 0) {
    return qy_fail(why, QY_ERR_CRYPTO, "credential: there is none for these numbers");
  }
  qy_fp_inverse(&inverse, &inverse);
  qy_g1_power(&power, &base, &inverse, 1);
  qy_g1_encode(a, &power);
  return QY_OK;
}

/* ---- Whole keys ---- */

static qy_status make_key(qy_epid_member_key *out, const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                          const qy_fp *x, const qy_fp *f, qy_error *why)
{
  QY_SCOPED_FP(gamma);
  QY_SCOPED_G1(commitment);
  qy_epid_points points;
  QY_TRY(qy_epid_points_open(&points, group, NULL, why));
  QY_TRY(qy_epid_issuing_key_open(&gamma, key, group, why));
  qy_g1_products(&commitment, &points.h1, f, 1, 1);
  QY_TRY(qy_epid_compute_a(out->a, x, &commitment, &gamma, why));
  qy_fp_encode(out->x, x);
  qy_fp_encode(out->f, f);
  out->gid = group->gid;
  return QY_OK;
}

static QY_OWN_FRAME qy_status issue(qy_epid_member_key *out, const qy_epid_group_key *group,
                                    const qy_epid_issuing_key *key, const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(x);
  QY_SCOPED_FP(f);
  QY_TRY(qy_fp_random(&f, random, why));
  QY_TRY(qy_fp_random(&x, random, why));
  return make_key(out, group, key, &x, &f, why);
}

qy_status qy_epid_member_key_issue(qy_epid_member_key *out, const qy_epid_group_key *group,
                                   const qy_epid_issuing_key *key, const qy_random *random, qy_error *why)
{
  *out = (qy_epid_member_key){0};
  const qy_status status = issue(out, group, key, random, why);
  qy_wipe_stack_64k();
  return status;
}

static QY_OWN_FRAME qy_status issue_compressed(qy_epid_compressed_key *out, qy_epid_member_key *whole,
                                               const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                                               const qy_random *random, qy_error *why)
{
  __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key made = {0};
  QY_SCOPED_FP(x);
  QY_SCOPED_FP(f);
  QY_TRY(qy_random_fill(random, out->seed, sizeof(out->seed), why));
  QY_TRY(qy_epid_seed_expand(&x, &f, out->seed, why));
  QY_TRY(make_key(&made, group, key, &x, &f, why));
  memcpy(out->a_x, made.a, sizeof(out->a_x));
  out->gid = made.gid;
  if (whole != NULL) {
    *whole = made;
  }
  return QY_OK;
}

qy_status qy_epid_compressed_key_issue(qy_epid_compressed_key *out, qy_epid_member_key *whole,
                                       const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                                       const qy_random *random, qy_error *why)
{
  *out = (qy_epid_compressed_key){0};
  if (whole != NULL) {
    *whole = (qy_epid_member_key){0};
  }
  const qy_status status = issue_compressed(out, whole, group, key, random, why);
  if (status != QY_OK) {
    qy_epid_compressed_key_clear(out);
  }
  qy_wipe_stack_64k();
  return status;
}
