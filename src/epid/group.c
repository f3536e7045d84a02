/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/group.h>

#include <string.h>

#include <epid/constants.h>
#include <pairing/hash_to_g1.h>

bool qy_epid_gid_equal(const qy_epid_gid *a, const qy_epid_gid *b)
{
  return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

qy_epid_gid qy_epid_gid_of_sgx(uint32_t gid)
{
  qy_epid_gid out = {{0}};
  for (int i = 0; i < 4; i++) {
    out.bytes[QY_EPID_GID_SIZE - 1 - i] = (uint8_t)(gid >> (8 * i));
  }
  return out;
}

qy_status qy_epid_gid_check(const qy_epid_gid *gid, qy_error *why)
{
  if (gid->bytes[0] >> 4 != 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "group id: schema %d is not 0", gid->bytes[0] >> 4);
  }
  return QY_OK;
}

qy_status qy_epid_hash_of_gid(qy_epid_hash *out, const qy_epid_gid *gid, qy_error *why)
{
  const int algorithm = gid->bytes[1] & 15;
  *out = QY_EPID_HASH_BY_GID;
  QY_TRY(qy_epid_gid_check(gid, why));
  if (algorithm > 3) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "group id: hash algorithm %d is not spoken here", algorithm);
  }
  *out = (qy_epid_hash)(QY_EPID_SHA256 + algorithm);
  return QY_OK;
}

qy_status qy_epid_hash_resolve(qy_hash_name *out, qy_epid_hash hash, const qy_epid_gid *gid, qy_error *why)
{
  if (hash == QY_EPID_HASH_BY_GID) {
    QY_TRY(qy_epid_hash_of_gid(&hash, gid, why));
  }
  switch (hash) {
  case QY_EPID_SHA256:
    *out = QY_SHA256;
    return QY_OK;
  case QY_EPID_SHA384:
    *out = QY_SHA384;
    return QY_OK;
  case QY_EPID_SHA512:
    *out = QY_SHA512;
    return QY_OK;
  case QY_EPID_SHA512_256:
    *out = QY_SHA512_256;
    return QY_OK;
  case QY_EPID_HASH_BY_GID:
  default:
    return qy_fail(why, QY_ERR_ARGUMENT, "EPID hash: there is no algorithm %d", (int)hash);
  }
}

/* The first field that is no point to compute with, or NULL. */
static const char *decode_points(qy_epid_points *out, const qy_epid_group_key *key)
{
  return !qy_g1_decode(&out->h1, key->h1) || qy_g1_affine_is_infinity(&out->h1)   ? "h1 (byte 16)"
         : !qy_g1_decode(&out->h2, key->h2) || qy_g1_affine_is_infinity(&out->h2) ? "h2 (byte 80)"
         : !qy_g2_decode(&out->w, key->w) || qy_g2_affine_is_infinity(&out->w)    ? "w (byte 144)"
                                                                                  : NULL;
}

qy_status qy_epid_points_decode(qy_epid_points *out, const qy_epid_group_key *key, qy_trace *trace, qy_error *why)
{
  *out = (qy_epid_points){.key = *key};
  QY_TRY(qy_epid_gid_check(&key->gid, why));
  const char *bad = decode_points(out, key);
  if (!qy_check(trace, QY_CHECK_EPID_POINT, bad == NULL,
                .expected = qy_textf("h1, h2 and w on the curve, none at infinity"),
                .actual = bad == NULL ? qy_textf("they are") : qy_textf("%s is not", bad), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "group key: %s is no point of its curve, or at infinity", bad);
  }
  return QY_OK;
}

qy_status qy_epid_points_open(qy_epid_points *out, const qy_epid_group_key *key, qy_trace *trace, qy_error *why)
{
  QY_TRY(qy_epid_points_decode(out, key, trace, why));
  const bool in_subgroup = qy_g2_in_subgroup(&out->w);
  if (!qy_check(trace, QY_CHECK_EPID_W_SUBGROUP, in_subgroup, .expected = qy_textf("w of order p"),
                .actual = qy_textf(in_subgroup ? "it is" : "it is not"), .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "group key: w (byte 144) is not in the subgroup of order p");
  }
  return QY_OK;
}

qy_status qy_epid_group_key_check(const qy_epid_group_key *key, qy_trace *trace, qy_error *why)
{
  qy_epid_points points;
  return qy_epid_points_open(&points, key, trace, why);
}

void qy_epid_lines_init(qy_epid_lines *lines, const qy_epid_points *points)
{
  lines->g2 = qy_epid_g2_lines();
  qy_pairing_lines_init(&lines->w, &points->w);
}

void qy_epid_pair(qy_fq12 *r, const qy_epid_lines *lines, const qy_g1 *x, const qy_g1 *y)
{
  const qy_pairing_lines *const both[2] = {lines->g2, &lines->w};
  const qy_g1 points[2] = {*x, *y};
  qy_pairing_product(r, points, both, 2);
}

/* p || g1 || g2 || h1 || h2 || w, with which every hash over a whole group begins. */
#define GROUP_PARTS 6
typedef struct group_prefix {
  uint8_t g1[QY_G1_SIZE];
  uint8_t g2[QY_G2_SIZE];
} group_prefix;

static void put_group(qy_view parts[GROUP_PARTS], group_prefix *prefix, const qy_epid_group_key *key)
{
  qy_g1_affine_encode(prefix->g1, &qy_g1_generator);
  qy_g2_affine_encode(prefix->g2, &qy_g2_generator);
  parts[0] = QY_VIEW_OF(qy_fp_order);
  parts[1] = QY_VIEW_OF(prefix->g1);
  parts[2] = QY_VIEW_OF(prefix->g2);
  parts[3] = QY_VIEW_OF(key->h1);
  parts[4] = QY_VIEW_OF(key->h2);
  parts[5] = QY_VIEW_OF(key->w);
}

qy_status qy_epid_basic_commitment(uint8_t out[QY_FP_SIZE], qy_hash_name hash, const qy_epid_group_key *key,
                                   const qy_epid_commitment *commitment, qy_error *why)
{
  group_prefix prefix;
  qy_view parts[GROUP_PARTS + 5];
  qy_fp reduced;
  put_group(parts, &prefix, key);
  parts[GROUP_PARTS] = qy_view_over(commitment->b, QY_G1_SIZE);
  parts[GROUP_PARTS + 1] = qy_view_over(commitment->k, QY_G1_SIZE);
  parts[GROUP_PARTS + 2] = qy_view_over(commitment->t, QY_G1_SIZE);
  parts[GROUP_PARTS + 3] = QY_VIEW_OF(commitment->r1);
  parts[GROUP_PARTS + 4] = QY_VIEW_OF(commitment->r2);
  QY_TRY(qy_hash_to_fp(&reduced, hash, parts, GROUP_PARTS + 5, why));
  qy_fp_encode(out, &reduced);
  return QY_OK;
}

qy_status qy_epid_basic_challenge(qy_fp *c, qy_hash_name hash, const uint8_t commitment[QY_FP_SIZE], qy_view message,
                                  qy_error *why)
{
  const qy_view parts[2] = {qy_view_over(commitment, QY_FP_SIZE), message};
  return qy_hash_to_fp(c, hash, parts, 2, why);
}

void qy_epid_proof_challenge_begin(qy_hash *prefix, qy_hash_name hash, const uint8_t *b, const uint8_t *k)
{
  uint8_t g1[QY_G1_SIZE];
  qy_g1_affine_encode(g1, &qy_g1_generator);
  qy_hash_begin(prefix, hash);
  qy_hash_update(prefix, QY_VIEW_OF(qy_fp_order));
  qy_hash_update(prefix, QY_VIEW_OF(g1));
  qy_hash_update(prefix, qy_view_over(b, QY_G1_SIZE));
  qy_hash_update(prefix, qy_view_over(k, QY_G1_SIZE));
}

qy_status qy_epid_proof_challenge(qy_fp *c, const qy_hash *prefix, const uint8_t *entry, const uint8_t *t,
                                  const uint8_t *r1, const uint8_t *r2, qy_view message, qy_error *why)
{
  QY_SCOPED_HASH(hash);
  uint8_t digest[QY_HASH_MAX_SIZE];
  qy_hash_begin_from(&hash, prefix);
  qy_hash_update(&hash, qy_view_over(entry, QY_EPID_SIGRL_ENTRY_SIZE));
  qy_hash_update(&hash, qy_view_over(t, QY_G1_SIZE));
  qy_hash_update(&hash, qy_view_over(r1, QY_G1_SIZE));
  qy_hash_update(&hash, qy_view_over(r2, QY_G1_SIZE));
  qy_hash_update(&hash, message);
  QY_TRY(qy_hash_finish(&hash, digest, why));
  qy_fp_reduce(c, digest, qy_hash_size(prefix->name));
  return QY_OK;
}

qy_status qy_epid_join_challenge(qy_fp *c, qy_hash_name hash, const qy_epid_group_key *key, const uint8_t *f,
                                 const uint8_t *r, const uint8_t *nonce, qy_error *why)
{
  group_prefix prefix;
  qy_view parts[GROUP_PARTS + 3];
  put_group(parts, &prefix, key);
  parts[GROUP_PARTS] = qy_view_over(f, QY_G1_SIZE);
  parts[GROUP_PARTS + 1] = qy_view_over(r, QY_G1_SIZE);
  parts[GROUP_PARTS + 2] = qy_view_over(nonce, QY_EPID_NONCE_SIZE);
  return qy_hash_to_fp(c, hash, parts, GROUP_PARTS + 3, why);
}
