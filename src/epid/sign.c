/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and proofs of not being revoked. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/member.h>
#include <epid/verifier.h>

#include <string.h>

#include <base/secret.h>
#include <crypto/random.h>
#include <epid/proofs.h>
#include <pairing/declassify.h>
#include <pairing/hash_to_g1.h>

/* What a signature is made of and may not outlive it. */
typedef struct blinding {
  qy_fp a;
  qy_fp rx;
  qy_fp rf;
  qy_fp ra;
  qy_fp rb;
} blinding;

static void blinding_clear(blinding *b)
{
  qy_wipe(b, sizeof(*b));
}

static qy_status blinding_draw(blinding *b, const qy_random *random, qy_error *why)
{
  QY_TRY(qy_fp_random(&b->a, random, why));
  QY_TRY(qy_fp_random(&b->rx, random, why));
  QY_TRY(qy_fp_random(&b->rf, random, why));
  QY_TRY(qy_fp_random(&b->ra, random, why));
  return qy_fp_random(&b->rb, random, why);
}

static qy_status choose_base(qy_g1_affine *base, const qy_epid_member *member, const qy_view *basename,
                             const qy_random *random, qy_error *why)
{
  uint8_t seed[32];
  if (basename != NULL) {
    return qy_hash_to_g1(base, NULL, member->hash, *basename, why);
  }
  /* a random base is the hash of a random name; the base is sent, so its seed is no secret */
  QY_TRY(qy_random_fill(random, seed, sizeof(seed), why));
  QY_DECLASSIFY_BYTES(seed, sizeof(seed));
  return qy_hash_to_g1(base, NULL, member->hash, QY_VIEW_OF(seed), why);
}

/* R2 = pairing(A, g2)^-rx e12^rf e22^(rb - a rx) e2w^ra, which by bilinearity is
 * pairing(T^-rx h1^rf h2^rb, g2) pairing(h2^ra, w). */
static void commit(qy_epid_commitment *out, const qy_epid_member *member, const qy_g1 *base, const qy_g1 *t,
                   const blinding *r)
{
  QY_SCOPED_FP(minus_rx);
  QY_SCOPED_G1(x);
  QY_SCOPED_G1(y);
  QY_SCOPED_G1(r1);
  qy_fq12 r2;
  qy_fp_neg(&minus_rx, &r->rx);
  qy_g1_power(&x, t, &minus_rx, 1);
  qy_g1_table_power(&x, &member->h1, &r->rf);
  qy_g1_table_power(&x, &member->h2, &r->rb);
  qy_g1_set_infinity(&y);
  qy_g1_table_power(&y, &member->h2, &r->ra);
  qy_epid_pair(&r2, &member->lines, &x, &y);
  qy_g1_power(&r1, base, &r->rf, 1);
  qy_g1_encode(out->r1, &r1);
  qy_fq12_encode(out->r2, &r2);
}

/* out = r + c secret */
static void respond(uint8_t out[QY_FP_SIZE], const qy_fp *r, const qy_fp *c, const qy_fp *secret)
{
  QY_SCOPED_FP(s);
  qy_fp_mul(&s, c, secret);
  qy_fp_add(&s, &s, r);
  qy_fp_encode(out, &s);
}

static qy_status sign_basic(qy_epid_basic_signature *out, const qy_epid_member *member, qy_view message,
                            const qy_view *basename, const qy_random *random, qy_error *why)
{
  __attribute__((cleanup(blinding_clear))) blinding r = {{{0}}};
  qy_epid_commitment commitment = {.b = out->b, .k = out->k, .t = out->t};
  QY_SCOPED_FP(b);
  qy_g1_affine base_affine;
  qy_g1 base;
  qy_g1 k;
  qy_g1 t;
  qy_fp c;
  QY_TRY(choose_base(&base_affine, member, basename, random, why));
  QY_TRY(blinding_draw(&r, random, why));
  qy_g1_from_affine(&base, &base_affine);
  qy_g1_power(&k, &base, &member->f, 1);
  qy_g1_from_affine(&t, &member->a);
  qy_g1_table_power(&t, &member->h2, &r.a);
  qy_g1_affine_encode(out->b, &base_affine);
  qy_g1_encode(out->k, &k);
  qy_g1_encode(out->t, &t);
  commit(&commitment, member, &base, &t, &r);
  QY_TRY(qy_epid_basic_challenge(&c, member->hash, &member->points.key, &commitment, message, why));
  qy_fp_mul(&b, &r.a, &member->x);
  qy_fp_encode(out->c, &c);
  respond(out->sx, &r.rx, &c, &member->x);
  respond(out->sf, &r.rf, &c, &member->f);
  respond(out->sa, &r.ra, &c, &r.a);
  respond(out->sb, &r.rb, &c, &b);
  QY_DECLASSIFY_BYTES(out, sizeof(*out));
  return QY_OK;
}

static qy_status check_sigrl(const qy_epid_sigrl *list, const qy_epid_member *member, qy_trace *trace, qy_error *why)
{
  const qy_epid_gid *gid = &member->points.key.gid;
  if (!qy_check(trace, QY_CHECK_EPID_LIST_GROUP, qy_epid_gid_equal(gid, &list->gid),
                .expected = qy_text_hex(QY_VIEW_OF(gid->bytes)), .actual = qy_text_hex(QY_VIEW_OF(list->gid.bytes)),
                .origin = "group key")) {
    return qy_fail(why, QY_ERR_REFUSED, "SigRL: it is of another group");
  }
  return qy_epid_sigrl_check(list, trace, why);
}

static qy_status sign(uint8_t *out, uint32_t *own_entries, const qy_epid_member *member, qy_view message,
                      const qy_view *basename, const qy_epid_sigrl *sigrl, const qy_random *random, qy_error *why)
{
  qy_epid_signature signature = {0};
  qy_writer head = qy_writer_over(out, QY_EPID_SIGNATURE_SIZE);
  QY_TRY(sign_basic(&signature.basic, member, message, basename, random, why));
  signature.sigrl_version = sigrl == NULL ? 0 : sigrl->version;
  signature.proof_count = sigrl == NULL ? 0 : sigrl->count;
  qy_epid_signature_write_head(&head, &signature);
  QY_TRY(qy_write_finish(&head, NULL, "signature", why));
  if (sigrl == NULL) {
    return QY_OK;
  }
  const qy_epid_proof_subject subject = {.form = &qy_epid_proof_plain,
                                         .hash = member->hash,
                                         .b = signature.basic.b,
                                         .k = signature.basic.k,
                                         .message = message};
  return qy_epid_proofs_make(out + QY_EPID_SIGNATURE_SIZE, own_entries, &subject, &member->f, sigrl->entries.bytes,
                             sigrl->count, random, &member->work, why);
}

qy_status qy_epid_sign(uint8_t *signature, size_t signature_size, uint32_t *own_entries, const qy_epid_member *member,
                       qy_view message, const qy_view *basename, const qy_epid_sigrl *sigrl, const qy_random *random,
                       qy_trace *trace, qy_error *why)
{
  const size_t size = qy_epid_signature_size(sigrl == NULL ? 0 : sigrl->count);
  *own_entries = 0;
  memset(signature, 0, signature_size);
  if (sigrl != NULL) {
    QY_TRY(check_sigrl(sigrl, member, trace, why));
  }
  if (signature_size != size) {
    return qy_fail(why, QY_ERR_SPACE, "signature: the buffer has %zu bytes, not %zu", signature_size, size);
  }
  const qy_status status = sign(signature, own_entries, member, message, basename, sigrl, random, why);
  if (status != QY_OK) {
    memset(signature, 0, signature_size);
    *own_entries = 0;
  }
  return status;
}
