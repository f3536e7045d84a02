/* SPDX-License-Identifier: Apache-2.0 */
/* Joining, and the member made ready. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/member.h>

#include <stdlib.h>
#include <string.h>

#include <base/secret.h>
#include <pairing/declassify.h>

qy_status qy_epid_secret_draw(uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(scalar);
  memset(f, 0, QY_EPID_SCALAR_SIZE);
  QY_TRY(qy_fp_random(&scalar, random, why));
  qy_fp_encode(f, &scalar);
  return QY_OK;
}

qy_status qy_epid_join_request_make(qy_epid_join_request *out, const qy_epid_group_key *group, qy_epid_hash hash,
                                    const uint8_t nonce[QY_EPID_NONCE_SIZE], const uint8_t f[QY_EPID_SCALAR_SIZE],
                                    const qy_random *random, qy_error *why)
{
  QY_SCOPED_FP(secret);
  QY_SCOPED_FP(r);
  qy_epid_points points;
  qy_hash_name name = QY_SHA256;
  qy_epid_join_request request;
  uint8_t commitment[QY_G1_SIZE];
  qy_g1 h1;
  qy_g1 power;
  qy_fp c;
  qy_fp s;
  *out = (qy_epid_join_request){{0}};
  if (!qy_fp_decode(&secret, f) || qy_declassify(qy_fp_is_zero(&secret)) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "join request: f is not in [1, p-1]");
  }
  QY_TRY(qy_epid_points_open(&points, group, NULL, why));
  QY_TRY(qy_epid_hash_resolve(&name, hash, &group->gid, why));
  QY_TRY(qy_fp_random(&r, random, why));
  qy_g1_from_affine(&h1, &points.h1);
  qy_g1_power(&power, &h1, &secret, 1);
  qy_g1_encode(request.f_commitment, &power);
  qy_g1_power(&power, &h1, &r, 1);
  qy_g1_encode(commitment, &power);
  QY_TRY(qy_epid_join_challenge(&c, name, group, request.f_commitment, commitment, nonce, why));
  qy_fp_mul(&s, &c, &secret);
  qy_fp_add(&s, &s, &r);
  qy_fp_encode(request.c, &c);
  qy_fp_encode(request.s, &s);
  QY_DECLASSIFY_BYTES(&request, sizeof(request));
  *out = request;
  return QY_OK;
}

void qy_epid_credential_parts_clear(qy_epid_credential_parts *parts)
{
  qy_wipe(parts, sizeof(*parts));
}

qy_status qy_epid_credential_open(qy_epid_credential_parts *out, const qy_epid_group_key *group, const qy_epid_gid *gid,
                                  const uint8_t *a, const uint8_t *x, const uint8_t *f, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_CREDENTIAL_GROUP, qy_epid_gid_equal(&group->gid, gid),
                .expected = qy_text_hex(QY_VIEW_OF(group->gid.bytes)), .actual = qy_text_hex(QY_VIEW_OF(gid->bytes)),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: it is of another group");
  }
  const bool is_point = qy_g1_decode(&out->a, a) && qy_declassify(qy_g1_affine_is_infinity(&out->a)) == 0;
  if (!qy_check(trace, QY_CHECK_EPID_POINT, is_point, .expected = qy_textf("A on the curve, not at infinity"),
                .actual = qy_textf(is_point ? "it is" : "it is not"), .origin = "credential")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: A is no point of the curve, or at infinity");
  }
  const bool in_range = qy_fp_decode(&out->x, x) && qy_fp_decode(&out->f, f) &&
                        qy_declassify(qy_fp_is_zero(&out->f) | qy_fp_is_zero(&out->x)) == 0;
  if (!qy_check(trace, QY_CHECK_EPID_SCALAR_RANGE, in_range, .expected = qy_textf("x and f in [1, p-1]"),
                .actual = qy_textf(in_range ? "they are" : "they are not"), .origin = "credential")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: x or f is not in [1, p-1]");
  }
  return QY_OK;
}

qy_status qy_epid_credential_prove(const qy_epid_credential_parts *parts, const qy_epid_points *points,
                                   const qy_epid_lines *lines, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_G1(a);
  QY_SCOPED_G1(left);
  QY_SCOPED_G1(right);
  qy_fq12 product;
  qy_fq12 one;
  qy_g1 h1;
  qy_g1_from_affine(&a, &parts->a);
  qy_g1_from_affine(&h1, &points->h1);
  qy_g1_power(&left, &a, &parts->x, 1);
  qy_g1_power(&right, &h1, &parts->f, 1);
  qy_g1_add_affine(&right, &right, &qy_g1_generator);
  qy_g1_neg(&right, &right);
  qy_g1_add(&left, &left, &right);
  /* pairing(A, w g2^x) = pairing(g1 h1^f, g2), as pairing(A^x / (g1 h1^f), g2) pairing(A, w) = 1 */
  qy_epid_pair(&product, lines, &left, &a);
  qy_fq12_set_one(&one);
  const bool held = qy_declassify(qy_fq12_equal(&product, &one)) != 0;
  if (!qy_check(trace, QY_CHECK_CREDENTIAL_EQUATION, held, .expected = qy_textf("A^(x + gamma) = g1 h1^f"),
                .actual = qy_textf(held ? "it holds" : "it does not hold"), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: the group did not issue this credential for this secret");
  }
  return QY_OK;
}

static void free_lines(qy_epid_lines **lines)
{
  free(*lines);
}

qy_status qy_epid_credential_accept(qy_epid_member_key *out, const qy_epid_group_key *group,
                                    const qy_epid_credential *credential, const uint8_t f[QY_EPID_SCALAR_SIZE],
                                    qy_trace *trace, qy_error *why)
{
  QY_SCOPED_CREDENTIAL_PARTS(parts);
  qy_epid_points points;
  *out = (qy_epid_member_key){0};
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_credential_open(&parts, group, &credential->gid, credential->a, credential->x, f, trace, why));
  __attribute__((cleanup(free_lines))) qy_epid_lines *lines = malloc(sizeof(*lines));
  if (lines == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "credential: no memory");
  }
  qy_epid_lines_init(lines, &points);
  QY_TRY(qy_epid_credential_prove(&parts, &points, lines, trace, why));
  out->gid = credential->gid;
  memcpy(out->a, credential->a, sizeof(out->a));
  memcpy(out->x, credential->x, sizeof(out->x));
  memcpy(out->f, f, sizeof(out->f));
  return QY_OK;
}

qy_status qy_epid_member_new(qy_epid_member **out, const qy_epid_group_key *group, const qy_epid_member_key *key,
                             qy_epid_hash hash, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_CREDENTIAL_PARTS(parts);
  qy_epid_points points;
  qy_hash_name name = QY_SHA256;
  *out = NULL;
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&name, hash, &group->gid, why));
  QY_TRY(qy_epid_credential_open(&parts, group, &key->gid, key->a, key->x, key->f, trace, why));
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = calloc(1, sizeof(*member));
  if (member == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "EPID member: no memory");
  }
  member->points = points;
  member->hash = name;
  qy_epid_lines_init(&member->lines, &points);
  QY_TRY(qy_epid_credential_prove(&parts, &points, &member->lines, trace, why));
  qy_g1_table_init(&member->h1, &points.h1);
  qy_g1_table_init(&member->h2, &points.h2);
  member->a = parts.a;
  member->x = parts.x;
  member->f = parts.f;
  *out = member;
  member = NULL;
  return QY_OK;
}

void qy_epid_member_set_work(qy_epid_member *member, const qy_epid_work *work)
{
  member->work = work == NULL ? (qy_epid_work){0} : *work;
}

void qy_epid_member_free(qy_epid_member **member)
{
  if (member != NULL && *member != NULL) {
    qy_wipe(*member, sizeof(**member));
    free(*member);
    *member = NULL;
  }
}
