/* SPDX-License-Identifier: Apache-2.0 */
/* The files in which Intel's verifier and member keep pairings that never change. Ours compute without them, and know
 * what must be in them. Source: Intel EPID SDK 8.0.0, epid/types.h. */
#include <epid/member.h>
#include <epid/verifier.h>

#include <string.h>

#include <base/cursor.h>
#include <base/secret.h>
#include <pairing/declassify.h>

#define PAIRINGS 4

typedef struct pairings {
  uint8_t bytes[PAIRINGS][QY_FQ12_SIZE];
} pairings;

static void pairings_clear(pairings *p)
{
  qy_wipe(p, sizeof(*p));
}

static void put(uint8_t out[QY_FQ12_SIZE], const qy_g1_affine *point, const qy_pairing_lines *lines)
{
  const qy_pairing_lines *const one[1] = {lines};
  qy_g1 projective;
  qy_fq12 value;
  qy_g1_from_affine(&projective, point);
  qy_pairing_product(&value, &projective, one, 1);
  qy_fq12_encode(out, &value);
}

/* e12, e22, e2w, and the last one of another point with g2 */
static void compute(pairings *out, const qy_epid_points *points, const qy_epid_lines *lines, const qy_g1_affine *last)
{
  put(out->bytes[0], &points->h1, lines->g2);
  put(out->bytes[1], &points->h2, lines->g2);
  put(out->bytes[2], &points->h2, &lines->w);
  put(out->bytes[3], last, lines->g2);
}

static bool is_same(const uint8_t *computed, const uint8_t *theirs)
{
  return qy_declassify(qy_equal_ct(computed, theirs, QY_FQ12_SIZE)) != 0;
}

/* The pairings that a file has must be those that were computed. */
static qy_status check(const pairings *computed, const uint8_t *theirs, size_t at, const char *const names[PAIRINGS],
                       qy_trace *trace, qy_error *why)
{
  size_t i = 0;
  while (i < PAIRINGS && is_same(computed->bytes[i], theirs + QY_FQ12_SIZE * i)) {
    i++;
  }
  if (!qy_check(trace, QY_CHECK_EPID_PRECOMPUTED, i == PAIRINGS, .expected = qy_textf("the pairings computed here"),
                .actual = i == PAIRINGS ? qy_textf("the same")
                                        : qy_textf("another %s (byte %zu)", names[i], at + QY_FQ12_SIZE * i),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "precomputed values: %s (byte %zu) is not what is computed here", names[i],
                   at + QY_FQ12_SIZE * i);
  }
  return QY_OK;
}

/* ---- Verifier: gid, e12, e22, e2w, e(g1, g2) ---- */

void qy_epid_verifier_precomputed_write(uint8_t out[QY_EPID_VERIFIER_PRECOMPUTED_SIZE],
                                        const qy_epid_verifier *verifier)
{
  pairings values = {{{0}}};
  compute(&values, &verifier->points, &verifier->lines, &qy_g1_generator);
  memcpy(out, verifier->points.key.gid.bytes, QY_EPID_GID_SIZE);
  memcpy(out + QY_EPID_GID_SIZE, values.bytes, sizeof(values.bytes));
}

qy_status qy_epid_verifier_precomputed_check(const qy_epid_verifier *verifier, qy_view blob, qy_trace *trace,
                                             qy_error *why)
{
  static const char *const names[PAIRINGS] = {"e12", "e22", "e2w", "e(g1, g2)"};
  const qy_epid_gid *group = &verifier->points.key.gid;
  qy_epid_gid gid = {{0}};
  pairings values = {{{0}}};
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, gid.bytes, sizeof(gid.bytes), "gid");
  const qy_view theirs = qy_read_view(&in, sizeof(values.bytes), "pairings");
  QY_TRY(qy_read_finish(&in, "precomputed values", why));
  if (!qy_check(trace, QY_CHECK_EPID_PRECOMPUTED_GROUP, qy_epid_gid_equal(group, &gid),
                .expected = qy_text_hex(QY_VIEW_OF(group->bytes)), .actual = qy_text_hex(QY_VIEW_OF(gid.bytes)),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "precomputed values: they are of another group");
  }
  compute(&values, &verifier->points, &verifier->lines, &qy_g1_generator);
  return check(&values, theirs.bytes, QY_EPID_GID_SIZE, names, trace, why);
}

/* ---- Member: e12, e22, e2w, e(A, g2) ---- */

static QY_OWN_FRAME void write_member(uint8_t out[QY_EPID_MEMBER_PRECOMPUTED_SIZE], const qy_epid_member *member)
{
  __attribute__((cleanup(pairings_clear))) pairings values = {{{0}}};
  compute(&values, &member->points, &member->lines, &member->a);
  memcpy(out, values.bytes, sizeof(values.bytes));
}

void qy_epid_member_precomputed_write(uint8_t out[QY_EPID_MEMBER_PRECOMPUTED_SIZE], const qy_epid_member *member)
{
  write_member(out, member);
  qy_wipe_stack_64k();
}

static QY_OWN_FRAME qy_status check_member(const qy_epid_member *member, const uint8_t *theirs, qy_trace *trace,
                                           qy_error *why)
{
  static const char *const names[PAIRINGS] = {"e12", "e22", "e2w", "e(A, g2)"};
  __attribute__((cleanup(pairings_clear))) pairings values = {{{0}}};
  compute(&values, &member->points, &member->lines, &member->a);
  return check(&values, theirs, 0, names, trace, why);
}

qy_status qy_epid_member_precomputed_check(const qy_epid_member *member, qy_view blob, qy_trace *trace, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  const qy_view theirs = qy_read_view(&in, QY_EPID_MEMBER_PRECOMPUTED_SIZE, "pairings");
  QY_TRY(qy_read_finish(&in, "precomputed values", why));
  const qy_status status = check_member(member, theirs.bytes, trace, why);
  qy_wipe_stack_64k();
  return status;
}
