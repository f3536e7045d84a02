/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed the report: chain, pinned root, certificates' times, signature over the raw body. */
#include <appraisal/parts.h>

#include <base/encoding.h>
#include <crypto/rsa.h>

#define MAX_CHAIN_TEXT 65536u
#define MAX_SIGNATURE_TEXT 2048u
#define MIN_LEAF_KEY_SIZE 256u /* bytes of the modulus */

/* "Intel SGX Attestation Report Signing CA", RSA-3072, serial D107765D32A3B094, published by Intel with the EPID
 * attestation service. */
const uint8_t qy_intel_report_ca_fingerprint[QY_FINGERPRINT_SIZE] = {
    0x7b, 0x42, 0xe4, 0x1e, 0xc4, 0x3b, 0x91, 0xdb, 0x83, 0x4a, 0x06, 0x5d, 0xe4, 0xf9, 0x8a, 0x13,
    0xc4, 0x4d, 0x69, 0x55, 0x70, 0xe8, 0x39, 0xcf, 0xa8, 0x92, 0x1e, 0x58, 0x4e, 0x40, 0x73, 0x5d};

static const char certificates_origin[] = "certificate chain of the report";

static int hex_digit(uint8_t c)
{
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const uint8_t lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

qy_status qy_avr_chain_text(qy_buffer *pem, qy_view header, qy_error *why)
{
  if (header.size > MAX_CHAIN_TEXT) {
    return qy_fail(why, QY_ERR_LIMIT, "certificate chain: %zu bytes, at most %u are read", header.size, MAX_CHAIN_TEXT);
  }
  for (size_t i = 0; i < header.size; i++) {
    uint8_t byte = header.bytes[i];
    if (byte == '%') {
      const int high = i + 2 < header.size ? hex_digit(header.bytes[i + 1]) : -1;
      const int low = i + 2 < header.size ? hex_digit(header.bytes[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return qy_fail(why, QY_ERR_MALFORMED, "certificate chain: byte %zu begins no percent-encoded byte", i);
      }
      byte = (uint8_t)(high << 4 | low);
      i += 2;
    }
    qy_buffer_append(pem, &byte, 1);
  }
  return qy_buffer_finish(pem, "certificate chain", why);
}

qy_status qy_avr_signature_bytes(qy_buffer *out, qy_view signature, qy_error *why)
{
  if (signature.size > MAX_SIGNATURE_TEXT) {
    return qy_fail(why, QY_ERR_LIMIT, "report signature: %zu bytes, at most %u are read", signature.size,
                   MAX_SIGNATURE_TEXT);
  }
  qy_view text = signature;
  while (text.size > 0 && (text.bytes[text.size - 1] == '\n' || text.bytes[text.size - 1] == '\r')) {
    text.size--;
  }
  QY_SCOPED_BUFFER(decoded, MAX_SIGNATURE_TEXT);
  qy_base64_decode_append(&decoded, text);
  if (decoded.status == QY_OK) {
    qy_buffer_append(out, decoded.bytes, decoded.size);
  } else if (signature.size >= MIN_LEAF_KEY_SIZE && signature.size <= QY_RSA_MAX_SIZE && signature.size % 64 == 0) {
    qy_buffer_append(out, signature.bytes, signature.size);
  } else {
    return qy_fail(why, QY_ERR_MALFORMED, "report signature: neither base64 nor %u to %u raw bytes", MIN_LEAF_KEY_SIZE,
                   QY_RSA_MAX_SIZE);
  }
  return qy_buffer_finish(out, "report signature", why);
}

/* Certificates of the chain: leaf, and its CA from the chain or as given. Borrowed from `chain` and `given`. */
typedef struct signer_pair {
  const qy_certificate *leaf;
  const qy_certificate *ca;
} signer_pair;

/* DER begins with the tag of a SEQUENCE, which is no beginning of PEM. */
static bool is_der(qy_view text)
{
  return text.size > 0 && text.bytes[0] == 0x30;
}

static qy_status read_certificates(qy_chain *chain, qy_view text, qy_error *why)
{
  if (is_der(text)) {
    QY_TRY(qy_certificate_from_der(&chain->certificates[0], text, why));
    chain->count = 1;
    return QY_OK;
  }
  QY_SCOPED_BUFFER(pem, MAX_CHAIN_TEXT);
  QY_TRY(qy_avr_chain_text(&pem, text, why));
  return qy_chain_from_pem(chain, qy_buffer_view(&pem), why);
}

static qy_status read_chain(qy_appraisal *appraisal, qy_chain *chain, qy_certificate **given, qy_error *why)
{
  const qy_view ca = appraisal->evidence->ca;
  qy_status status = read_certificates(chain, appraisal->evidence->chain, why);
  if (status == QY_OK && chain->count == 1 && qy_given(ca)) {
    status = is_der(ca) ? qy_certificate_from_der(given, ca, why) : qy_certificate_from_pem(given, ca, why);
  }
  if (status != QY_OK) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_CHAIN_SHAPE, qy_textf("certificates in PEM, or URL-encoded PEM"),
                           qy_textf("%s", why == NULL ? qy_status_text(status) : why->message), NULL);
  }
  return status;
}

static bool check_shape(qy_appraisal *appraisal, signer_pair *out, const qy_chain *chain, const qy_certificate *given)
{
  const size_t count = chain->count;
  const bool leaf_first = count > 0 && !qy_certificate_is_ca(chain->certificates[0]);
  if (count == 1 && leaf_first && given == NULL) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_CHAIN_SHAPE, qy_textf("the signing certificate and its CA"),
                           qy_textf("the signing certificate alone"),
                           "send the CA certificate too, or give the one on file");
    return false;
  }
  const qy_certificate *ca = count == 2 ? chain->certificates[1] : count == 1 ? given : NULL;
  const bool ca_second = ca != NULL && qy_certificate_is_ca(ca);
  const char *second = ca == NULL ? "none" : ca_second ? "a CA" : "no CA";
  if (!qy_appraisal_check(appraisal, QY_CHECK_AVR_CHAIN_SHAPE, leaf_first && ca_second,
                          .expected = qy_textf("2 certificates: first no CA, second a CA"),
                          .actual = qy_textf("%zu: first %s, second %s", count, leaf_first ? "no CA" : "a CA", second),
                          .origin = certificates_origin)) {
    return false;
  }
  *out = (signer_pair){.leaf = chain->certificates[0], .ca = ca};
  return ca != NULL;
}

static bool check_root(qy_appraisal *appraisal, const qy_certificate *ca)
{
  uint8_t fingerprint[QY_FINGERPRINT_SIZE];
  qy_certificate_fingerprint(fingerprint, ca);
  const qy_policy *policy = appraisal->policy;
  bool pinned =
      policy->intel_root && qy_view_equal(QY_VIEW_OF(fingerprint), QY_VIEW_OF(qy_intel_report_ca_fingerprint));
  for (size_t i = 0; !pinned && i < policy->simulated_root_count; i++) {
    if (qy_view_equal(QY_VIEW_OF(fingerprint), QY_VIEW_OF(policy->simulated_roots[i].fingerprint))) {
      appraisal->simulated_root = &policy->simulated_roots[i];
      appraisal->verdict->simulated = true;
      pinned = true;
    }
  }
  const qy_text expected =
      policy->simulated_root_count == 0
          ? qy_textf("Intel's report signing CA %s", qy_text_hex(QY_VIEW_OF(qy_intel_report_ca_fingerprint)).chars)
          : qy_textf("%s%zu simulated root%s that the policy names",
                     policy->intel_root ? "Intel's report signing CA, or one of " : "one of ",
                     policy->simulated_root_count, policy->simulated_root_count == 1 ? "" : "s");
  return qy_appraisal_check(appraisal, QY_CHECK_AVR_ROOT, pinned, .expected = expected,
                            .actual = qy_textf("%s%s", appraisal->simulated_root != NULL ? "simulated root " : "",
                                               qy_text_hex(QY_VIEW_OF(fingerprint)).chars),
                            .origin = "policy");
}

/* Both ends of the validity are inclusive (RFC 5280, 4.1.2.5). */
static bool check_times(qy_appraisal *appraisal, const signer_pair *signers)
{
  const qy_text now = qy_time_text(appraisal->now_s);
  const struct {
    const qy_certificate *certificate;
    qy_check_id early;
    qy_check_id late;
  } rows[] = {{signers->ca, QY_CHECK_AVR_CA_NOT_YET_VALID, QY_CHECK_AVR_CA_EXPIRED},
              {signers->leaf, QY_CHECK_AVR_LEAF_NOT_YET_VALID, QY_CHECK_AVR_LEAF_EXPIRED}};
  bool held = true;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    const int64_t from = qy_certificate_not_before_s(rows[i].certificate);
    const int64_t until = qy_certificate_not_after_s(rows[i].certificate);
    held &= qy_appraisal_check(appraisal, rows[i].early, appraisal->now_s >= from,
                               .expected = qy_textf("from %s on", qy_time_text(from).chars), .actual = now,
                               .origin = certificates_origin);
    held &= qy_appraisal_check(appraisal, rows[i].late, appraisal->now_s <= until,
                               .expected = qy_textf("until %s", qy_time_text(until).chars), .actual = now,
                               .origin = certificates_origin);
  }
  return held;
}

static qy_status check_leaf(qy_appraisal *appraisal, bool *held, qy_rsa_public *key, const signer_pair *signers,
                            qy_error *why)
{
  bool valid = false;
  char subject[128];
  qy_certificate_subject(subject, sizeof(subject), signers->leaf);
  QY_TRY(qy_certificate_signed_by(&valid, signers->leaf, signers->ca, why));
  *held = qy_appraisal_check(
      appraisal, QY_CHECK_AVR_LEAF_SIGNATURE, valid, .expected = qy_textf("signed by the CA's key, in its name"),
      .actual = qy_textf("%s: %s", subject, valid ? "so" : "not so"), .origin = certificates_origin);
  if (!*held) {
    return QY_OK;
  }
  const qy_status status = qy_certificate_rsa_key(key, signers->leaf, why);
  if (status != QY_OK && status != QY_ERR_UNSUPPORTED) {
    return status;
  }
  *held = qy_appraisal_check(appraisal, QY_CHECK_AVR_LEAF_KEY, status == QY_OK && key->size >= MIN_LEAF_KEY_SIZE,
                             .expected = qy_textf("RSA, %u bits or more", 8 * MIN_LEAF_KEY_SIZE),
                             .actual = status == QY_OK ? qy_textf("RSA, %zu bits", 8 * key->size)
                                                       : qy_textf("another kind of key"),
                             .origin = certificates_origin) &&
          status == QY_OK;
  return QY_OK;
}

static qy_status check_signature(qy_appraisal *appraisal, bool *held, const qy_rsa_public *key, qy_error *why)
{
  *held = false;
  const qy_avr_evidence *evidence = appraisal->evidence;
  const qy_text expected = qy_textf("RSA PKCS#1 v1.5 with SHA-256 over %zu bytes", evidence->body.size);
  if (!qy_given(evidence->signature)) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_SIGNATURE, expected, qy_textf("no signature was given"),
                           "give the value of the header X-IASReport-Signature with the body");
    return QY_OK;
  }
  QY_SCOPED_BUFFER(signature, MAX_SIGNATURE_TEXT);
  const qy_status status = qy_avr_signature_bytes(&signature, evidence->signature, why);
  if (status != QY_OK) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_SIGNATURE, expected, qy_textf("neither base64 nor raw bytes"), NULL);
    return status;
  }
  bool valid = false;
  QY_TRY(qy_rsa_verify(&valid, key, &evidence->body, 1, qy_buffer_view(&signature), why));
  *held = qy_appraisal_check(
      appraisal, QY_CHECK_AVR_SIGNATURE, valid, .expected = expected,
      .actual = qy_textf("%zu bytes of signature that %s", signature.size, valid ? "fits" : "does not fit"),
      .origin = "key of the signing certificate");
  return QY_OK;
}

qy_status qy_avr_check_origin(qy_appraisal *appraisal, bool *readable, bool *authentic, qy_error *why)
{
  *readable = false;
  *authentic = false;
  if (!qy_given(appraisal->evidence->chain)) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_CHAIN_SHAPE, qy_textf("the signing certificate and its CA"),
                           qy_textf("no chain was given"),
                           "give the value of the header X-IASReport-Signing-Certificate, or its PEM");
    return QY_OK;
  }
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_CERTIFICATE(given);
  signer_pair signers = {0};
  QY_TRY(read_chain(appraisal, &chain, &given, why));
  if (!check_shape(appraisal, &signers, &chain, given) || !check_root(appraisal, signers.ca)) {
    return QY_OK;
  }
  bool held = false;
  qy_rsa_public key = {0};
  QY_TRY(check_leaf(appraisal, &held, &key, &signers, why));
  if (!held) {
    return QY_OK;
  }
  const bool timely = check_times(appraisal, &signers);
  QY_TRY(check_signature(appraisal, readable, &key, why));
  *authentic = *readable && timely;
  return QY_OK;
}
