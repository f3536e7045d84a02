/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials and member keys: whether a group issued them, and their compressed form. Source: Intel EPID SDK 8.0.0,
 * epid/member. */
#include <epid/member.h>

#include <stdlib.h>
#include <string.h>

#include <base/secret.h>
#include <pairing/declassify.h>
#include <pairing/g1_products.h>

void qy_epid_credential_parts_clear(qy_epid_credential_parts *parts)
{
  qy_wipe(parts, sizeof(*parts));
}

static qy_status check_group(const qy_epid_gid *group, const qy_epid_gid *gid, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_CREDENTIAL_GROUP, qy_epid_gid_equal(group, gid),
                .expected = qy_text_hex(QY_VIEW_OF(group->bytes)), .actual = qy_text_hex(QY_VIEW_OF(gid->bytes)),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: it is of another group");
  }
  return QY_OK;
}

static qy_status check_point(bool is_point, const char *origin, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_EPID_POINT, is_point, .expected = qy_textf("A on the curve, not at infinity"),
                .actual = qy_textf(is_point ? "it is" : "it is not"), .origin = origin)) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: A (byte 16) is no point of the curve, or at infinity");
  }
  return QY_OK;
}

static qy_status check_scalars(bool in_range, const char *origin, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_EPID_SCALAR_RANGE, in_range, .expected = qy_textf("x and f in [1, p-1]"),
                .actual = qy_textf(in_range ? "they are" : "they are not"), .origin = origin)) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: x or f is not in [1, p-1]");
  }
  return QY_OK;
}

static bool not_zero(const qy_fp *x, const qy_fp *f)
{
  return qy_declassify(qy_fp_is_zero(x) | qy_fp_is_zero(f)) == 0;
}

qy_status qy_epid_credential_open(qy_epid_credential_parts *out, const qy_epid_group_key *group, const qy_epid_gid *gid,
                                  const uint8_t *a, const uint8_t *x, const uint8_t *f, qy_trace *trace, qy_error *why)
{
  QY_TRY(check_group(&group->gid, gid, trace, why));
  QY_TRY(check_point(qy_g1_decode(&out->a, a) && qy_declassify(qy_g1_affine_is_infinity(&out->a)) == 0, "credential",
                     trace, why));
  return check_scalars(qy_fp_decode(&out->x, x) && qy_fp_decode(&out->f, f) && not_zero(&out->x, &out->f), "credential",
                       trace, why);
}

static qy_status check_equation(bool held, qy_trace *trace, qy_error *why)
{
  if (!qy_check(trace, QY_CHECK_CREDENTIAL_EQUATION, held, .expected = qy_textf("A^(x + gamma) = g1 h1^f"),
                .actual = qy_textf(held ? "it holds" : "it does not hold"), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "member key: the group did not issue this credential for this secret");
  }
  return QY_OK;
}

/* What pairing(A, w g2^x) = pairing(g1 h1^f, g2) is computed with. Secret. */
typedef struct equation {
  qy_g1_affine bases[2]; /* A, h1 */
  qy_fp scalars[2];      /* x, f */
  qy_g1 powers[2];       /* A^x, g1 h1^f */
  qy_g1 a;
  qy_fq12 left;
  qy_fq12 right;
} equation;

static void equation_clear(equation *e)
{
  qy_wipe(e, sizeof(*e));
}

static void equation_init(equation *e, const qy_epid_credential_parts *parts, const qy_epid_points *points)
{
  e->bases[0] = parts->a;
  e->bases[1] = points->h1;
  e->scalars[0] = parts->x;
  e->scalars[1] = parts->f;
  qy_g1_products(e->powers, e->bases, e->scalars, 1, 2);
  qy_g1_add_affine(&e->powers[1], &e->powers[1], &qy_g1_generator);
  qy_g1_from_affine(&e->a, &parts->a);
}

qy_status qy_epid_credential_prove(const qy_epid_credential_parts *parts, const qy_epid_points *points,
                                   const qy_epid_lines *lines, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(equation_clear))) equation e = {.scalars = {{{0}}}};
  equation_init(&e, parts, points);
  /* as pairing(A^x / (g1 h1^f), g2) pairing(A, w) = 1 */
  qy_g1_neg(&e.powers[1], &e.powers[1]);
  qy_g1_add(&e.powers[0], &e.powers[0], &e.powers[1]);
  qy_epid_pair(&e.left, lines, &e.powers[0], &e.a);
  qy_fq12_set_one(&e.right);
  const bool held = qy_declassify(qy_fq12_equal(&e.left, &e.right)) != 0;
  return check_equation(held, trace, why);
}

static void free_lines(qy_epid_lines **lines)
{
  free(*lines);
}
#define SCOPED_LINES(name) __attribute__((cleanup(free_lines))) qy_epid_lines *name = NULL

static qy_status new_lines(qy_epid_lines **out, const qy_epid_points *points, qy_error *why)
{
  *out = malloc(sizeof(**out));
  if (*out == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "member key: no memory");
  }
  qy_epid_lines_init(*out, points);
  return QY_OK;
}

static QY_OWN_FRAME qy_status check_key(const qy_epid_gid *gid, const uint8_t *a, const uint8_t *x, const uint8_t *f,
                                        const qy_epid_group_key *group, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_CREDENTIAL_PARTS(parts);
  SCOPED_LINES(lines);
  qy_epid_points points;
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(qy_epid_credential_open(&parts, group, gid, a, x, f, trace, why));
  QY_TRY(new_lines(&lines, &points, why));
  return qy_epid_credential_prove(&parts, &points, lines, trace, why);
}

qy_status qy_epid_member_key_check(const qy_epid_member_key *key, const qy_epid_group_key *group, qy_trace *trace,
                                   qy_error *why)
{
  const qy_status status = check_key(&key->gid, key->a, key->x, key->f, group, trace, why);
  qy_wipe_stack_64k();
  return status;
}

qy_status qy_epid_credential_accept(qy_epid_member_key *out, const qy_epid_group_key *group,
                                    const qy_epid_credential *credential, const uint8_t f[QY_EPID_SCALAR_SIZE],
                                    qy_trace *trace, qy_error *why)
{
  *out = (qy_epid_member_key){0};
  const qy_status status = check_key(&credential->gid, credential->a, credential->x, f, group, trace, why);
  qy_wipe_stack_64k();
  QY_TRY(status);
  out->gid = credential->gid;
  memcpy(out->a, credential->a, sizeof(out->a));
  memcpy(out->x, credential->x, sizeof(out->x));
  memcpy(out->f, f, sizeof(out->f));
  return QY_OK;
}

/* ---- Compressed keys ---- */

static void wipe_digests(uint8_t (*digests)[2 * QY_SHA256_SIZE])
{
  qy_wipe(*digests, sizeof(*digests));
}

/* SHA-256(seed || number || "ECC-SafeID") and the same with the next number, as one integer modulo p. */
static qy_status expand(qy_fp *out, const uint8_t seed[32], uint8_t number, qy_error *why)
{
  __attribute__((cleanup(wipe_digests))) uint8_t digests[2 * QY_SHA256_SIZE] = {0};
  for (uint8_t i = 0; i < 2; i++) {
    const uint8_t counter = (uint8_t)(number + i);
    const qy_view parts[3] = {qy_view_over(seed, 32), qy_view_over(&counter, 1), qy_view_text("ECC-SafeID")};
    QY_TRY(qy_hash_parts(digests + (size_t)QY_SHA256_SIZE * i, QY_SHA256, parts, 3, why));
  }
  qy_fp_reduce(out, digests, sizeof(digests));
  return QY_OK;
}

qy_status qy_epid_seed_expand(qy_fp *x, qy_fp *f, const uint8_t seed[32], qy_error *why)
{
  QY_TRY(expand(x, seed, 6, why));
  return expand(f, seed, 8, why);
}

/* Of A and 1/A, which have one x, takes the one that the group issued: with 1/A the left side of the equation is the
 * inverse of the right one. */
static qy_status choose_root(qy_epid_credential_parts *parts, const qy_epid_points *points, const qy_epid_lines *lines,
                             qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(equation_clear))) equation e = {.scalars = {{{0}}}};
  const qy_pairing_lines *const g2[1] = {lines->g2};
  equation_init(&e, parts, points);
  qy_epid_pair(&e.left, lines, &e.powers[0], &e.a);
  qy_pairing_product(&e.right, &e.powers[1], g2, 1);
  const uint64_t same = qy_fq12_equal(&e.left, &e.right);
  qy_fq12_conjugate(&e.right, &e.right); /* in GT the inverse */
  const uint64_t inverse = qy_fq12_equal(&e.left, &e.right);
  qy_fq_negate_if(&parts->a.y, inverse);
  return check_equation(qy_declassify(same | inverse) != 0, trace, why);
}

static QY_OWN_FRAME qy_status decompress(qy_epid_member_key *out, const qy_epid_group_key *group,
                                         const qy_epid_compressed_key *key, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_CREDENTIAL_PARTS(parts);
  SCOPED_LINES(lines);
  qy_epid_points points;
  QY_TRY(qy_epid_points_open(&points, group, trace, why));
  QY_TRY(check_group(&group->gid, &key->gid, trace, why));
  QY_TRY(check_point(qy_g1_decode_x(&parts.a, key->a_x), "compressed key", trace, why));
  QY_TRY(qy_epid_seed_expand(&parts.x, &parts.f, key->seed, why));
  QY_TRY(check_scalars(not_zero(&parts.x, &parts.f), "compressed key", trace, why));
  QY_TRY(new_lines(&lines, &points, why));
  QY_TRY(choose_root(&parts, &points, lines, trace, why));
  out->gid = group->gid;
  qy_g1_affine_encode(out->a, &parts.a);
  qy_fp_encode(out->x, &parts.x);
  qy_fp_encode(out->f, &parts.f);
  return QY_OK;
}

qy_status qy_epid_member_key_decompress(qy_epid_member_key *out, const qy_epid_group_key *group,
                                        const qy_epid_compressed_key *key, qy_trace *trace, qy_error *why)
{
  *out = (qy_epid_member_key){0};
  const qy_status status = decompress(out, group, key, trace, why);
  qy_wipe_stack_64k();
  return status;
}
