/* SPDX-License-Identifier: Apache-2.0 */
/* The member's side of joining, up to the request. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/member.h>

#include <string.h>

#include <base/secret.h>
#include <pairing/declassify.h>
#include <pairing/g1_products.h>

static QY_OWN_FRAME qy_status draw(uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(scalar);
  QY_TRY(qy_fp_random(&scalar, random, why));
  qy_fp_encode(f, &scalar);
  return QY_OK;
}

qy_status qy_epid_secret_draw(uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random, qy_error *why)
{
  memset(f, 0, QY_EPID_SCALAR_SIZE);
  const qy_status status = draw(f, random, why);
  qy_wipe_stack_8k();
  return status;
}

/* What must not outlive the making of a request. */
typedef struct joining {
  qy_fp scalars[2]; /* f, and the nonce of its proof */
  qy_fp s;
  qy_g1 powers[2]; /* F and R: those of h1 */
  qy_g1_affine affine[2];
} joining;

static void joining_clear(joining *j)
{
  qy_wipe(j, sizeof(*j));
}

static QY_OWN_FRAME qy_status make_request(qy_epid_join_request *out, const qy_epid_group_key *group, qy_epid_hash hash,
                                           const uint8_t nonce[QY_EPID_NONCE_SIZE],
                                           const uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random, qy_error *why)
{
  __attribute__((cleanup(joining_clear))) joining j = {.s = {{0}}};
  qy_epid_points points;
  qy_hash_name name = QY_SHA256;
  qy_epid_join_request request;
  uint8_t r[QY_G1_SIZE];
  qy_fp c;
  if (!qy_fp_decode(&j.scalars[0], f) || qy_declassify(qy_fp_is_zero(&j.scalars[0])) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "join request: f is not in [1, p-1]");
  }
  /* nothing is computed with w: whether its order is p is asked when the credential is accepted */
  QY_TRY(qy_epid_points_decode(&points, group, NULL, why));
  QY_TRY(qy_epid_hash_resolve(&name, hash, &group->gid, why));
  QY_TRY(qy_fp_random(&j.scalars[1], random, why));
  qy_g1_products_shared(j.powers, &points.h1, j.scalars, 1, 2);
  qy_g1_to_affine_many(j.affine, j.powers, 2);
  qy_g1_affine_encode(request.f_commitment, &j.affine[0]);
  qy_g1_affine_encode(r, &j.affine[1]);
  QY_TRY(qy_epid_join_challenge(&c, name, group, request.f_commitment, r, nonce, why));
  qy_fp_mul(&j.s, &c, &j.scalars[0]);
  qy_fp_add(&j.s, &j.s, &j.scalars[1]);
  qy_fp_encode(request.c, &c);
  qy_fp_encode(request.s, &j.s);
  QY_DECLASSIFY_BYTES(&request, sizeof(request));
  *out = request;
  return QY_OK;
}

qy_status qy_epid_join_request_make(qy_epid_join_request *out, const qy_epid_group_key *group, qy_epid_hash hash,
                                    const uint8_t nonce[QY_EPID_NONCE_SIZE], const uint8_t f[QY_EPID_SCALAR_SIZE],
                                    const qy_random *random, qy_error *why)
{
  *out = (qy_epid_join_request){{0}};
  const qy_status status = make_request(out, group, hash, nonce, f, random, why);
  qy_wipe_stack_64k();
  return status;
}
