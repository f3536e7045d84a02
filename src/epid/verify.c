/* SPDX-License-Identifier: Apache-2.0 */
/* The answer about one signature. Source: Intel EPID SDK 8.0.0, epid/verifier; order of checks as there. */
#include <epid/verifier.h>

#include <string.h>

#include <epid/constants.h>
#include <epid/split.h>
#include <pairing/g1_products.h>

static const struct {
  const char *name;
  const char *text;
} results[QY_EPID_RESULT_COUNT] = {
#define QY_EPID_RESULT_ROW(name, spelling, text) {spelling, text},
    QY_EPID_RESULTS(QY_EPID_RESULT_ROW)
#undef QY_EPID_RESULT_ROW
};

const char *qy_epid_result_name(qy_epid_result result)
{
  return (unsigned)result < QY_EPID_RESULT_COUNT ? results[result].name : "unknown";
}

const char *qy_epid_result_text(qy_epid_result result)
{
  return (unsigned)result < QY_EPID_RESULT_COUNT ? results[result].text : "unknown result";
}

/* A signature taken apart; `result` stays undecided until a check fails. */
typedef struct verification {
  const qy_epid_verifier *verifier;
  qy_epid_signature signature;
  qy_view message;
  qy_trace *trace;
  qy_g1_affine b;
  qy_g1_affine k;
  qy_g1_affine t;
  qy_fp c;
  qy_fp used; /* the challenge that was answered: c, or what a split member's TPM made of it */
  qy_fp sx;
  qy_fp sf;
  qy_fp sa;
  qy_fp sb;
  qy_epid_result result;
} verification;

static bool same_point(const qy_g1_affine *a, const qy_g1_affine *b)
{
  return (qy_fq_equal(&a->x, &b->x) & qy_fq_equal(&a->y, &b->y)) != 0;
}

static bool check_infinity(verification *v, qy_check_id id, const qy_g1_affine *point, const char *name)
{
  const bool held = !qy_g1_affine_is_infinity(point);
  return qy_check(v->trace, id, held, .expected = qy_textf("%s not at infinity", name),
                  .actual = qy_textf(held ? "it is not" : "it is"), .origin = "signature");
}

/* The first field that is no point of the curve, or NULL. */
static const char *decode_points(verification *v)
{
  const qy_epid_basic_signature *s = &v->signature.basic;
  return !qy_g1_decode(&v->b, s->b)   ? "B (byte 0)"
         : !qy_g1_decode(&v->k, s->k) ? "K (byte 64)"
         : !qy_g1_decode(&v->t, s->t) ? "T (byte 128)"
                                      : NULL;
}

static bool check_points(verification *v)
{
  const char *bad = decode_points(v);
  return qy_check(v->trace, QY_CHECK_EPID_POINT, bad == NULL, .expected = qy_textf("B, K and T on the curve"),
                  .actual = bad == NULL ? qy_textf("they are") : qy_textf("%s is not", bad), .origin = "signature") &&
         check_infinity(v, QY_CHECK_EPID_B_INFINITY, &v->b, "B") &&
         check_infinity(v, QY_CHECK_EPID_K_INFINITY, &v->k, "K") &&
         check_infinity(v, QY_CHECK_EPID_T_INFINITY, &v->t, "T");
}

/* The first field that is no scalar, or NULL. */
static const char *decode_scalars(verification *v)
{
  const qy_epid_basic_signature *s = &v->signature.basic;
  return !qy_fp_decode(&v->c, s->c)     ? "c (byte 192)"
         : !qy_fp_decode(&v->sx, s->sx) ? "sx (byte 224)"
         : !qy_fp_decode(&v->sf, s->sf) ? "sf (byte 256)"
         : !qy_fp_decode(&v->sa, s->sa) ? "sa (byte 288)"
         : !qy_fp_decode(&v->sb, s->sb) ? "sb (byte 320)"
                                        : NULL;
}

static bool check_scalars(verification *v)
{
  const char *bad = decode_scalars(v);
  return qy_check(v->trace, QY_CHECK_EPID_SCALAR_RANGE, bad == NULL,
                  .expected = qy_textf("c, sx, sf, sa and sb below p"),
                  .actual = bad == NULL ? qy_textf("they are") : qy_textf("%s is not", bad), .origin = "signature");
}

static bool check_basename(verification *v)
{
  static const qy_check_facts any = {.origin = "no basename is asked for"};
  if (!v->verifier->has_basename) {
    qy_check_note(v->trace, QY_CHECK_EPID_BASENAME, QY_OUTCOME_UNCONSTRAINED, &any);
    return true;
  }
  const bool held = same_point(&v->b, &v->verifier->base);
  return qy_check(v->trace, QY_CHECK_EPID_BASENAME, held, .expected = qy_textf("B of the verifier's basename"),
                  .actual = qy_textf(held ? "it is" : "it is not"), .origin = "basename of the verifier");
}

/* The points that R1 and R2 are made of: R1 = B^sf K^-c, and R2 = pairing(T, g2^-sx w^-c) e12^sf e22^sb e2w^sa eg12^c,
 * which by bilinearity is pairing(X, g2) pairing(Y, w) with X = T^-sx h1^sf h2^sb g1^c and Y = T^-c h2^sa: no power in
 * GT, and only two pairings. */
typedef struct parts {
  qy_g1 r1;
  qy_g1 x;
  qy_g1 y;
} parts;

/* `points` are those of the signer: a split member's h1 is another, and has no table. */
static void compute_parts(parts *out, const verification *v, const qy_epid_points *points)
{
  const qy_epid_verifier *verifier = v->verifier;
  const bool split = v->signature.split;
  qy_fp minus_c;
  qy_fp minus_sx;
  qy_fp_neg(&minus_c, &v->used);
  qy_fp_neg(&minus_sx, &v->sx);
  const qy_g1_affine bases[] = {v->t, v->t, v->b, v->k, points->h1};
  const qy_fp scalars[] = {minus_sx, minus_c, v->sf, minus_c, v->sf};
  qy_g1 r[5];
  qy_g1_products_public(r, bases, scalars, 1, split ? 5 : 4);
  const qy_g1_fixed_power fixed[] = {{0, qy_epid_g1_powers(), &v->used},
                                     {0, &verifier->h2, &v->sb},
                                     {1, &verifier->h2, &v->sa},
                                     {0, &verifier->h1, &v->sf}};
  qy_g1_fixed_products_public(r, fixed, split ? 3 : 4);
  if (split) {
    qy_g1_add(&r[0], &r[0], &r[4]);
  }
  out->x = r[0];
  out->y = r[1];
  qy_g1_add(&out->r1, &r[2], &r[3]);
}

/* The challenge that was answered, and the points of the group as the signer sees them. */
static qy_status see_as_signer(verification *v, qy_epid_points *points, qy_error *why)
{
  const qy_epid_signature *s = &v->signature;
  *points = v->verifier->points;
  v->used = v->c;
  if (!s->split) {
    return QY_OK;
  }
  QY_TRY(qy_epid_split_points(points, NULL, &v->verifier->points, v->verifier->hash, why));
  return qy_epid_split_challenge(&v->used, s->nonce, s->basic.c, v->verifier->hash, why);
}

static qy_status recompute(qy_fp *c, verification *v, qy_error *why)
{
  const qy_epid_basic_signature *s = &v->signature.basic;
  qy_epid_commitment commitment = {.b = s->b, .k = s->k, .t = s->t};
  uint8_t hashed[QY_FP_SIZE];
  qy_epid_points points;
  parts p;
  qy_fq12 r2;
  QY_TRY(see_as_signer(v, &points, why));
  compute_parts(&p, v, &points);
  qy_epid_pair(&r2, &v->verifier->lines, &p.x, &p.y);
  qy_g1_encode(commitment.r1, &p.r1);
  qy_fq12_encode(commitment.r2, &r2);
  QY_TRY(qy_epid_basic_commitment(hashed, v->verifier->hash, &points.key, &commitment, why));
  return qy_epid_basic_challenge(c, v->verifier->hash, hashed, v->message, why);
}

static qy_status verify_basic(verification *v, qy_error *why)
{
  qy_fp c;
  if (!check_points(v) || !check_basename(v) || !check_scalars(v)) {
    v->result = QY_EPID_INVALID;
    return QY_OK;
  }
  QY_TRY(recompute(&c, v, why));
  const bool held = qy_fp_equal(&c, &v->c) != 0;
  if (!qy_check(v->trace, QY_CHECK_EPID_SIGNATURE, held, .expected = qy_textf("the challenge c of the signature"),
                .actual = qy_textf(held ? "the same is recomputed" : "another is recomputed"),
                .origin = "group key and message")) {
    v->result = QY_EPID_INVALID;
  }
  return QY_OK;
}

static void verify_group(verification *v)
{
  const qy_epid_grouprl *list = &v->verifier->grouprl;
  const uint8_t *gid = v->verifier->points.key.gid.bytes;
  uint32_t i = 0;
  if (!v->verifier->has_grouprl) {
    return;
  }
  while (i < list->count &&
         memcmp(list->entries.bytes + (size_t)QY_EPID_GROUPRL_ENTRY_SIZE * i, gid, QY_EPID_GID_SIZE) != 0) {
    i++;
  }
  if (!qy_check(v->trace, QY_CHECK_EPID_GROUP_REVOKED, i == list->count,
                .expected = qy_textf("not among the %u groups of version %u", list->count, list->version),
                .actual = i == list->count ? qy_textf("it is not") : qy_textf("it is entry %u", i),
                .origin = "GroupRL")) {
    v->result = QY_EPID_REVOKED_GROUP;
  }
}

static qy_status verify_key(verification *v, qy_error *why)
{
  const qy_epid_privrl *list = &v->verifier->privrl;
  uint32_t i = 0;
  if (!v->verifier->has_privrl) {
    return QY_OK;
  }
  QY_TRY(qy_epid_privrl_search(&i, list, &v->b, &v->k, &v->verifier->work, why));
  if (!qy_check(v->trace, QY_CHECK_EPID_KEY_REVOKED, i == list->count,
                .expected = qy_textf("not among the %u keys of version %u", list->count, list->version),
                .actual = i == list->count ? qy_textf("it is not") : qy_textf("it is entry %u", i),
                .origin = "PrivRL")) {
    v->result = QY_EPID_REVOKED_KEY;
  }
  return QY_OK;
}

static qy_status verify_proofs(verification *v, qy_error *why)
{
  const qy_epid_sigrl *list = &v->verifier->sigrl;
  const qy_epid_signature *s = &v->signature;
  uint32_t holding = 0;
  if (!v->verifier->has_sigrl) {
    return QY_OK;
  }
  if (!qy_check(v->trace, QY_CHECK_EPID_SIGRL_VERSION, s->sigrl_version == list->version,
                .expected = qy_textf("%u", list->version), .actual = qy_textf("%u", s->sigrl_version),
                .origin = "SigRL")) {
    v->result = QY_EPID_SIGRL_MISMATCH;
    return QY_OK;
  }
  if (!qy_check(v->trace, QY_CHECK_EPID_SIGRL_COUNT, s->proof_count == list->count,
                .expected = qy_textf("%u proofs", list->count), .actual = qy_textf("%u proofs", s->proof_count),
                .origin = "SigRL")) {
    v->result = QY_EPID_BAD_SIGNATURE;
    return QY_OK;
  }
  /* a build that lets the count pass must not read beyond either */
  const uint32_t count = s->proof_count < list->count ? s->proof_count : list->count;
  const qy_epid_proof_subject subject = {.form = s->split ? &qy_epid_proof_split : &qy_epid_proof_plain,
                                         .hash = v->verifier->hash,
                                         .b = s->basic.b,
                                         .k = s->basic.k,
                                         .message = v->message};
  QY_TRY(
      qy_epid_proofs_verify(&holding, &subject, s->proofs.bytes, list->entries.bytes, count, &v->verifier->work, why));
  if (!qy_check(v->trace, QY_CHECK_EPID_SIGNATURE_REVOKED, holding == count,
                .expected = qy_textf("a proof for each of %u entries", count),
                .actual =
                    holding == count ? qy_textf("all hold") : qy_textf("the one for entry %u does not hold", holding),
                .origin = "SigRL")) {
    v->result = QY_EPID_REVOKED_SIGNATURE;
  }
  return QY_OK;
}

static void verify_pseudonym(verification *v)
{
  const qy_epid_verifierrl *list = &v->verifier->verifierrl;
  uint32_t i = 0;
  if (!v->verifier->has_verifierrl) {
    return;
  }
  while (i < list->count && memcmp(list->entries.bytes + (size_t)QY_EPID_VERIFIERRL_ENTRY_SIZE * i,
                                   v->signature.basic.k, QY_G1_SIZE) != 0) {
    i++;
  }
  if (!qy_check(v->trace, QY_CHECK_EPID_VERIFIER_REVOKED, i == list->count,
                .expected = qy_textf("not among the %u pseudonyms of version %u", list->count, list->version),
                .actual = i == list->count ? qy_textf("it is not") : qy_textf("it is entry %u", i),
                .origin = "VerifierRL")) {
    v->result = QY_EPID_REVOKED_VERIFIER;
  }
}

static qy_status run(verification *v, qy_error *why)
{
  QY_TRY(verify_basic(v, why));
  if (v->result == QY_EPID_UNDECIDED) {
    verify_group(v);
  }
  if (v->result == QY_EPID_UNDECIDED) {
    QY_TRY(verify_key(v, why));
  }
  if (v->result == QY_EPID_UNDECIDED) {
    QY_TRY(verify_proofs(v, why));
  }
  if (v->result == QY_EPID_UNDECIDED) {
    verify_pseudonym(v);
  }
  if (v->result == QY_EPID_UNDECIDED) {
    v->result = QY_EPID_VALID;
  }
  return QY_OK;
}

qy_status qy_epid_verify(qy_epid_result *result, const qy_epid_verifier *verifier, qy_view signature, qy_view message,
                         qy_trace *trace, qy_error *why)
{
  verification v = {.verifier = verifier, .message = message, .trace = trace, .result = QY_EPID_UNDECIDED};
  qy_error form = {QY_STATUS_OK, ""};
  *result = QY_EPID_UNDECIDED;
  const bool whole = qy_epid_signature_decode(&v.signature, signature, &form) == QY_OK;
  if (!qy_check(trace, QY_CHECK_EPID_SIGNATURE_FORM, whole,
                .expected = qy_textf("360 bytes and 160 for each proof, or 392 and 192"),
                .actual = whole ? qy_textf("%zu bytes", signature.size) : qy_textf("%s", form.message),
                .origin = "signature")) {
    *result = QY_EPID_BAD_SIGNATURE;
    return QY_OK;
  }
  QY_TRY(run(&v, why));
  *result = v.result;
  return QY_OK;
}
