/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/sigstruct.h>

#include <inttypes.h>
#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>

/* The signer vouches for bytes 0..127 and 900..1027 (SDM, SIGSTRUCT). */
#define HEADER_SIZE 128
#define BODY_AT 900
#define BODY_SIZE 128
#define EXPONENT 3u

qy_status qy_sigstruct_mr_signer(uint8_t out[QY_MEASUREMENT_SIZE], const qy_sigstruct *sigstruct, qy_error *why)
{
  return qy_sha256(out, QY_VIEW_OF(sigstruct->modulus), why);
}

/* RSA needs the top bit and an odd modulus; anything else is no RSA-3072 key and has no valid signature. */
static bool modulus_is_rsa3072(const qy_sigstruct *sigstruct)
{
  return (sigstruct->modulus[QY_SIGSTRUCT_KEY_SIZE - 1] & 0x80) != 0 && (sigstruct->modulus[0] & 1) != 0;
}

static qy_status signature_valid(bool *valid, const qy_sigstruct *sigstruct, qy_error *why)
{
  uint8_t encoded[QY_SIGSTRUCT_SIZE];
  uint8_t signature[QY_SIGSTRUCT_KEY_SIZE];
  qy_rsa_public key = {.size = QY_SIGSTRUCT_KEY_SIZE, .exponent = sigstruct->exponent};
  *valid = false;
  if (!modulus_is_rsa3072(sigstruct) || sigstruct->exponent != EXPONENT) {
    return QY_OK;
  }
  qy_sigstruct_encode(encoded, sigstruct);
  qy_reverse(key.modulus, sigstruct->modulus, QY_SIGSTRUCT_KEY_SIZE);
  qy_reverse(signature, sigstruct->signature, QY_SIGSTRUCT_KEY_SIZE);
  const qy_view parts[] = {qy_view_over(encoded, HEADER_SIZE), qy_view_over(encoded + BODY_AT, BODY_SIZE)};
  return qy_rsa_verify(valid, &key, parts, 2, QY_VIEW_OF(signature), why);
}

static qy_status quotients(uint8_t q1[QY_SIGSTRUCT_KEY_SIZE], uint8_t q2[QY_SIGSTRUCT_KEY_SIZE],
                           const qy_sigstruct *sigstruct, qy_error *why)
{
  uint8_t modulus[QY_SIGSTRUCT_KEY_SIZE];
  uint8_t signature[QY_SIGSTRUCT_KEY_SIZE];
  qy_reverse(modulus, sigstruct->modulus, sizeof(modulus));
  qy_reverse(signature, sigstruct->signature, sizeof(signature));
  QY_TRY(qy_rsa_sigstruct_quotients(q1, q2, signature, modulus, sizeof(modulus), why));
  qy_reverse(q1, q1, QY_SIGSTRUCT_KEY_SIZE);
  qy_reverse(q2, q2, QY_SIGSTRUCT_KEY_SIZE);
  return QY_OK;
}

qy_status qy_sigstruct_verify(qy_trace *trace, const qy_sigstruct *sigstruct, qy_error *why)
{
  uint8_t q1[QY_SIGSTRUCT_KEY_SIZE];
  uint8_t q2[QY_SIGSTRUCT_KEY_SIZE];
  bool valid = false;
  QY_TRY(signature_valid(&valid, sigstruct, why));
  if (!qy_check(trace, QY_CHECK_SIGSTRUCT_SIGNATURE, valid,
                .expected = qy_textf("a signature by the RSA-3072 key inside"),
                .actual = qy_textf(valid ? "valid" : "not valid"), .origin = "SIGSTRUCT")) {
    return qy_fail(why, QY_ERR_REFUSED, "SIGSTRUCT: the signature is not valid");
  }
  QY_TRY(quotients(q1, q2, sigstruct, why));
  const bool right = memcmp(q1, sigstruct->q1, sizeof(q1)) == 0 && memcmp(q2, sigstruct->q2, sizeof(q2)) == 0;
  if (!qy_check(trace, QY_CHECK_SIGSTRUCT_QUOTIENTS, right,
                .expected = qy_textf("the quotients of this signature and modulus"),
                .actual = qy_textf(right ? "the same" : "others"), .origin = "SIGSTRUCT")) {
    return qy_fail(why, QY_ERR_REFUSED, "SIGSTRUCT: q1 or q2 does not fit signature and modulus");
  }
  return QY_OK;
}

qy_status qy_sigstruct_sign(qy_sigstruct *sigstruct, const qy_rsa_private *key, qy_error *why)
{
  qy_rsa_public public_key = {0};
  uint8_t encoded[QY_SIGSTRUCT_SIZE];
  uint8_t signature[QY_SIGSTRUCT_KEY_SIZE];
  qy_rsa_public_of(&public_key, key);
  if (public_key.size != QY_SIGSTRUCT_KEY_SIZE || public_key.exponent != EXPONENT) {
    return qy_fail(why, QY_ERR_ARGUMENT,
                   "SIGSTRUCT: the signing key is RSA-%zu with exponent %" PRIu32
                   ", it must be RSA-3072 with exponent 3",
                   public_key.size * 8, public_key.exponent);
  }
  qy_reverse(sigstruct->modulus, public_key.modulus, QY_SIGSTRUCT_KEY_SIZE);
  sigstruct->exponent = EXPONENT;
  qy_sigstruct_encode(encoded, sigstruct);
  const qy_view parts[] = {qy_view_over(encoded, HEADER_SIZE), qy_view_over(encoded + BODY_AT, BODY_SIZE)};
  QY_TRY(qy_rsa_sign(signature, key, parts, 2, why));
  qy_reverse(sigstruct->signature, signature, QY_SIGSTRUCT_KEY_SIZE);
  return quotients(sigstruct->q1, sigstruct->q2, sigstruct, why);
}

static qy_text attributes_text(qy_attributes attributes)
{
  return qy_textf("flags %016" PRIx64 " xfrm %016" PRIx64, attributes.flags, attributes.xfrm);
}

qy_status qy_sigstruct_admits(qy_trace *trace, const qy_sigstruct *sigstruct, const qy_secs *secs, qy_error *why)
{
  const qy_attributes mask = sigstruct->attribute_mask;
  const qy_attributes wanted = {sigstruct->attributes.flags & mask.flags, sigstruct->attributes.xfrm & mask.xfrm};
  const qy_attributes found = {secs->attributes.flags & mask.flags, secs->attributes.xfrm & mask.xfrm};
  if (!qy_check(trace, QY_CHECK_SIGSTRUCT_ATTRIBUTES, wanted.flags == found.flags && wanted.xfrm == found.xfrm,
                .expected = attributes_text(wanted), .actual = attributes_text(found),
                .origin = "SIGSTRUCT, under its mask")) {
    return qy_fail(why, QY_ERR_REFUSED, "EINIT: the enclave's attributes are not those that were signed");
  }
  const uint32_t misc_wanted = sigstruct->misc_select & sigstruct->misc_mask;
  const uint32_t misc_found = secs->misc_select & sigstruct->misc_mask;
  if (!qy_check(trace, QY_CHECK_SIGSTRUCT_MISC_SELECT, misc_wanted == misc_found,
                .expected = qy_textf("%08" PRIx32, misc_wanted), .actual = qy_textf("%08" PRIx32, misc_found),
                .origin = "SIGSTRUCT, under its mask")) {
    return qy_fail(why, QY_ERR_REFUSED, "EINIT: the enclave's MISCSELECT is not what was signed");
  }
  const bool same = memcmp(sigstruct->enclave_hash, secs->mr_enclave, QY_MEASUREMENT_SIZE) == 0;
  if (!qy_check(trace, QY_CHECK_SIGSTRUCT_MEASUREMENT, same,
                .expected = qy_text_hex(QY_VIEW_OF(sigstruct->enclave_hash)),
                .actual = qy_text_hex(QY_VIEW_OF(secs->mr_enclave)), .origin = "SIGSTRUCT")) {
    return qy_fail(why, QY_ERR_REFUSED, "EINIT: the enclave's measurement is not what was signed");
  }
  return QY_OK;
}

qy_status qy_sigstruct_initialise(qy_trace *trace, qy_secs *secs, const qy_sigstruct *sigstruct, qy_error *why)
{
  qy_secs ready = *secs;
  if ((secs->attributes.flags & QY_ATTRIBUTE_INIT) != 0) {
    return qy_fail(why, QY_ERR_SEQUENCE, "EINIT: the enclave is initialised already");
  }
  QY_TRY(qy_sigstruct_verify(trace, sigstruct, why));
  QY_TRY(qy_sigstruct_admits(trace, sigstruct, &ready, why));
  QY_TRY(qy_sigstruct_mr_signer(ready.mr_signer, sigstruct, why));
  ready.isv_prod_id = sigstruct->isv_prod_id;
  ready.isv_svn = sigstruct->isv_svn;
  if ((ready.attributes.flags & QY_ATTRIBUTE_KSS) != 0) {
    memcpy(ready.isv_family_id, sigstruct->isv_family_id, sizeof(ready.isv_family_id));
    memcpy(ready.isv_ext_prod_id, sigstruct->isv_ext_prod_id, sizeof(ready.isv_ext_prod_id));
  }
  ready.attributes.flags |= QY_ATTRIBUTE_INIT;
  *secs = ready;
  return QY_OK;
}
