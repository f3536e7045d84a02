/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: the half that answers the message, and the proofs. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/presign.h>
#include <epid/proofs.h>
#include <epid/verifier.h>

#include <string.h>

#include <base/secret.h>
#include <pairing/declassify.h>

/* out = r + c secret */
static void respond(uint8_t out[QY_FP_SIZE], const qy_fp *r, const qy_fp *c, const qy_fp *secret)
{
  QY_SCOPED_FP(s);
  qy_fp_mul(&s, c, secret);
  qy_fp_add(&s, &s, r);
  qy_fp_encode(out, &s);
}

static qy_status answer(qy_epid_basic_signature *out, const qy_epid_member *member, const qy_epid_presignature *p,
                        qy_view message, qy_error *why)
{
  qy_fp c;
  QY_TRY(qy_epid_basic_challenge(&c, member->hash, p->commitment, message, why));
  memcpy(out->b, p->b, sizeof(out->b));
  memcpy(out->k, p->k, sizeof(out->k));
  memcpy(out->t, p->t, sizeof(out->t));
  qy_fp_encode(out->c, &c);
  respond(out->sx, &p->rx, &c, &member->x);
  respond(out->sf, &p->rf, &c, &member->f);
  respond(out->sa, &p->ra, &c, &p->a);
  respond(out->sb, &p->rb, &c, &p->ax);
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

qy_status qy_epid_sign_check(uint8_t *signature, size_t signature_size, uint32_t *own_entries,
                             const qy_epid_member *member, const qy_epid_sigrl *sigrl, qy_trace *trace, qy_error *why)
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
  return QY_OK;
}

static qy_status prove(uint8_t *proofs, uint32_t *own_entries, const qy_epid_member *member,
                       const qy_epid_basic_signature *basic, qy_view message, const qy_epid_sigrl *sigrl,
                       const qy_random *random, qy_error *why)
{
  const qy_epid_proof_subject subject = {
      .form = &qy_epid_proof_plain, .hash = member->hash, .b = basic->b, .k = basic->k, .message = message};
  return qy_epid_proofs_make(proofs, own_entries, &subject, &member->f, sigrl->entries.bytes, sigrl->count, random,
                             &member->work, why);
}

static QY_OWN_FRAME qy_status sign_with(uint8_t *out, uint32_t *own_entries, const qy_epid_member *member,
                                        const qy_epid_presignature *presignature, qy_view message,
                                        const qy_epid_sigrl *sigrl, const qy_random *random, qy_error *why)
{
  qy_epid_signature signature = {.sigrl_version = sigrl == NULL ? 0 : sigrl->version,
                                 .proof_count = sigrl == NULL ? 0 : sigrl->count};
  qy_writer head = qy_writer_over(out, QY_EPID_SIGNATURE_SIZE);
  QY_TRY(answer(&signature.basic, member, presignature, message, why));
  qy_epid_signature_write_head(&head, &signature);
  return sigrl == NULL
             ? QY_OK
             : prove(out + QY_EPID_SIGNATURE_SIZE, own_entries, member, &signature.basic, message, sigrl, random, why);
}

qy_status qy_epid_sign_with(uint8_t *out, uint32_t *own_entries, const qy_epid_member *member,
                            const qy_epid_presignature *presignature, qy_view message, const qy_epid_sigrl *sigrl,
                            const qy_random *random, qy_error *why)
{
  const qy_status status = sign_with(out, own_entries, member, presignature, message, sigrl, random, why);
  if (status != QY_OK) {
    memset(out, 0, qy_epid_signature_size(sigrl == NULL ? 0 : sigrl->count));
    *own_entries = 0;
  }
  if (sigrl == NULL) {
    qy_wipe_stack_8k(); /* two hashes and four products were all */
  } else {
    qy_wipe_stack_64k();
  }
  return status;
}

qy_status qy_epid_sign(uint8_t *signature, size_t signature_size, uint32_t *own_entries, const qy_epid_member *member,
                       qy_view message, const qy_view *basename, const qy_epid_sigrl *sigrl, const qy_random *random,
                       qy_trace *trace, qy_error *why)
{
  QY_SCOPED_PRESIGNATURE(presignature);
  qy_epid_base base;
  QY_TRY(qy_epid_sign_check(signature, signature_size, own_entries, member, sigrl, trace, why));
  if (basename != NULL) {
    QY_TRY(qy_epid_base_of(&base, member, *basename, trace, why));
  }
  QY_TRY(qy_epid_presign(&presignature, member, basename == NULL ? NULL : &base, random, why));
  return qy_epid_sign_with(signature, own_entries, member, &presignature, message, sigrl, random, why);
}
