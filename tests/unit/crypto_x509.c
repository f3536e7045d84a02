/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <base/encoding.h>
#include <crypto/x509.h>

/* 2026-01-01 and 2027-01-01 */
#define BEGINS_S 1767225600
#define ENDS_S 1798761600

static void check_fingerprint(const qy_certificate *certificate, const char *hex)
{
  uint8_t fingerprint[32];
  char text[65];
  qy_certificate_fingerprint(fingerprint, certificate);
  qy_hex_encode(text, QY_VIEW_OF(fingerprint));
  assert_string_equal(text, hex);
}

static bool signed_by(const qy_certificate *certificate, const qy_certificate *issuer)
{
  bool valid = false;
  assert_ok(qy_certificate_signed_by(&valid, certificate, issuer, &assert_why));
  return valid;
}

/* The chain of Intel's attestation service. */
static void ias_chain(void **state)
{
  (void)state;
  vectors_need();
  char text[256], when[21];
  qy_rsa_public key;
  qy_p256_public point;
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_CERTIFICATE(from_der);
  QY_SCOPED_BUFFER(pem, 1 << 16);
  QY_SCOPED_BUFFER(der, 1 << 16);
  vectors_read(&pem, "ias/certs/ias-chain.pem");
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&pem), &assert_why));
  assert_int_equal(chain.count, 2);
  const qy_certificate *leaf = chain.certificates[0], *ca = chain.certificates[1];
  check_fingerprint(leaf, "dcf3e51e0bac2aab3918e7c92c8bbd146e6e3acf7554e3782039855b7ce43ff6");
  check_fingerprint(ca, "7b42e41ec43b91db834a065de4f98a13c44d695570e839cfa8921e584e40735d");
  qy_certificate_subject(text, sizeof(text), leaf);
  assert_string_equal(text, "CN=Intel SGX Attestation Report Signing,O=Intel Corporation,L=Santa Clara,ST=CA,C=US");
  qy_certificate_issuer(text, sizeof(text), leaf);
  assert_string_equal(text, "CN=Intel SGX Attestation Report Signing CA,O=Intel Corporation,L=Santa Clara,ST=CA,C=US");
  qy_certificate_issuer(text, 8, leaf);
  assert_string_equal(text, "CN=Inte");
  qy_certificate_serial(text, sizeof(text), leaf);
  assert_string_equal(text, "D107765D32A3B096");
  qy_time_format(when, qy_certificate_not_before_s(leaf));
  assert_string_equal(when, "2016-11-22T09:36:58Z");
  qy_time_format(when, qy_certificate_not_after_s(leaf));
  assert_string_equal(when, "2026-11-20T09:36:58Z");
  qy_time_format(when, qy_certificate_not_after_s(ca));
  assert_string_equal(when, "2049-12-31T23:59:59Z");
  assert_false(qy_certificate_is_ca(leaf));
  assert_true(qy_certificate_is_ca(ca));
  assert_true(signed_by(leaf, ca));
  assert_true(signed_by(ca, ca));
  assert_false(signed_by(ca, leaf));
  assert_false(signed_by(leaf, leaf));
  assert_true(qy_certificate_same_key(ca, ca));
  assert_false(qy_certificate_same_key(ca, leaf));
  assert_ok(qy_certificate_rsa_key(&key, leaf, &assert_why));
  assert_int_equal(key.size, 256);
  assert_ok(qy_certificate_rsa_key(&key, ca, &assert_why));
  assert_int_equal(key.size, 384);
  assert_int_equal(qy_certificate_p256_key(&point, ca, NULL), QY_ERR_UNSUPPORTED);
  vectors_read(&der, "ias/certs/ias-report-signing-ca.der");
  assert_true(qy_view_equal(qy_certificate_der(ca), qy_buffer_view(&der)));
  assert_ok(qy_certificate_from_der(&from_der, qy_buffer_view(&der), &assert_why));
  assert_true(qy_certificate_same_key(ca, from_der));
}

static void ias_negatives(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_CERTIFICATE(tampered);
  QY_SCOPED_BUFFER(ca_pem, 1 << 16);
  QY_SCOPED_BUFFER(pem, 1 << 16);
  vectors_read(&ca_pem, "ias/certs/ias-report-signing-ca.pem");
  vectors_read(&pem, "ias/certs/NEG-ias-report-signing-tampered.pem");
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), &assert_why));
  const qy_status status = qy_certificate_from_pem(&tampered, qy_buffer_view(&pem), NULL);
  assert_true(status == QY_OK || status == QY_ERR_MALFORMED);
  if (status == QY_OK) {
    assert_false(signed_by(tampered, ca));
  }
}

/* A report of that service, as appraisal will use the pieces. */
static void ias_report(void **state)
{
  (void)state;
  vectors_need();
  static const char name[] = "ias/avr-v4-sw_hardening_needed-20210912-518422fa-6fdd";
  char path[128];
  bool valid = false;
  qy_rsa_public key;
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_BUFFER(pem, 1 << 16);
  QY_SCOPED_BUFFER(body, 1 << 16);
  QY_SCOPED_BUFFER(text, 1 << 16);
  QY_SCOPED_BUFFER(signature, 512);
  vectors_read(&pem, "ias/certs/ias-chain.pem");
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&pem), &assert_why));
  assert_ok(qy_certificate_rsa_key(&key, chain.certificates[0], &assert_why));
  (void)snprintf(path, sizeof(path), "%s.json", name);
  vectors_read(&body, path);
  (void)snprintf(path, sizeof(path), "%s.sig", name);
  vectors_read(&text, path);
  while (text.size > 0 && text.bytes[text.size - 1] <= ' ') {
    text.size--;
  }
  qy_base64_decode_append(&signature, qy_buffer_view(&text));
  assert_ok(qy_buffer_finish(&signature, "signature", &assert_why));
  const qy_view whole = qy_buffer_view(&body);
  assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, qy_buffer_view(&signature), &assert_why));
  assert_true(valid);
  body.bytes[10] ^= 1;
  assert_ok(qy_rsa_verify(&valid, &key, &whole, 1, qy_buffer_view(&signature), &assert_why));
  assert_false(valid);
}

typedef struct maker {
  qy_secret ca_key;
  qy_p256_public ca_public;
  qy_secret key;
  qy_p256_public public_key;
} maker;

static void make_keys(maker *out)
{
  test_random seed = {.state = 3};
  const qy_random random = test_random_source(&seed);
  memset(out, 0, sizeof(*out));
  assert_ok(qy_p256_generate(&out->ca_key, &out->ca_public, &random, &assert_why));
  assert_ok(qy_p256_generate(&out->key, &out->public_key, &random, &assert_why));
}

static const qy_certificate_request ca_request = {.common_name = "Test CA",
                                                  .organization = "Quotary, \"Tests\"",
                                                  .not_before_s = BEGINS_S,
                                                  .not_after_s = ENDS_S,
                                                  .is_ca = true};
static const qy_certificate_request leaf_request = {.common_name = "Test leaf",
                                                    .not_before_s = BEGINS_S,
                                                    .not_after_s = ENDS_S,
                                                    .for_tls_server = true,
                                                    .dns_name = "quotary.test"};

static void made_p256(void **state)
{
  (void)state;
  maker keys;
  char text[128];
  qy_p256_public key;
  qy_rsa_public number;
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_CERTIFICATE(leaf);
  QY_SCOPED_BUFFER(ca_pem, 1 << 14);
  QY_SCOPED_BUFFER(pem, 1 << 14);
  make_keys(&keys);
  assert_ok(qy_certificate_make_p256(&ca_pem, &ca_request, &keys.ca_public, NULL, &keys.ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), &assert_why));
  assert_ok(qy_certificate_make_p256(&pem, &leaf_request, &keys.public_key, ca, &keys.ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&leaf, qy_buffer_view(&pem), &assert_why));
  assert_true(signed_by(ca, ca));
  assert_true(signed_by(leaf, ca));
  assert_false(signed_by(ca, leaf));
  assert_true(qy_certificate_is_ca(ca));
  assert_false(qy_certificate_is_ca(leaf));
  assert_int_equal(qy_certificate_not_before_s(leaf), BEGINS_S);
  assert_int_equal(qy_certificate_not_after_s(leaf), ENDS_S);
  qy_certificate_subject(text, sizeof(text), ca);
  assert_string_equal(text, "CN=Test CA,O=Quotary\\, \\\"Tests\\\"");
  qy_certificate_issuer(text, sizeof(text), leaf);
  assert_string_equal(text, "CN=Test CA,O=Quotary\\, \\\"Tests\\\"");
  qy_certificate_serial(text, sizeof(text), leaf);
  assert_int_equal(strlen(text), 16);
  assert_ok(qy_certificate_p256_key(&key, leaf, &assert_why));
  assert_memory_equal(key.bytes, keys.public_key.bytes, 64);
  assert_int_equal(qy_certificate_rsa_key(&number, leaf, NULL), QY_ERR_UNSUPPORTED);
  /* Another CA of the same name is another CA. */
  QY_SCOPED_CERTIFICATE(other);
  QY_SCOPED_BUFFER(other_pem, 1 << 14);
  assert_ok(qy_certificate_make_p256(&other_pem, &ca_request, &keys.public_key, NULL, &keys.key, &assert_why));
  assert_ok(qy_certificate_from_pem(&other, qy_buffer_view(&other_pem), &assert_why));
  assert_false(signed_by(leaf, other));
}

static void made_rsa(void **state)
{
  (void)state;
  qy_rsa_public ca_public, public_key, key;
  QY_SCOPED_RSA(ca_key);
  QY_SCOPED_RSA(leaf_key);
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_BUFFER(ca_pem, 1 << 14);
  QY_SCOPED_BUFFER(pem, 1 << 14);
  assert_ok(qy_rsa_generate(&ca_key, 3072, 65537, &assert_why));
  assert_ok(qy_rsa_generate(&leaf_key, 2048, 65537, &assert_why));
  qy_rsa_public_of(&ca_public, ca_key);
  qy_rsa_public_of(&public_key, leaf_key);
  assert_ok(qy_certificate_make_rsa(&ca_pem, &ca_request, &ca_public, NULL, ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), &assert_why));
  assert_ok(qy_certificate_make_rsa(&pem, &leaf_request, &public_key, ca, ca_key, &assert_why));
  qy_buffer_append(&pem, ca_pem.bytes, ca_pem.size);
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&pem), &assert_why));
  assert_int_equal(chain.count, 2);
  assert_true(signed_by(chain.certificates[0], chain.certificates[1]));
  assert_true(qy_certificate_same_key(ca, chain.certificates[1]));
  assert_ok(qy_certificate_rsa_key(&key, chain.certificates[0], &assert_why));
  assert_memory_equal(&key, &public_key, sizeof(key));
}

static void requests_without_sense(void **state)
{
  (void)state;
  maker keys;
  QY_SCOPED_BUFFER(out, 1 << 14);
  make_keys(&keys);
  qy_certificate_request request = leaf_request;
  request.dns_name = "a.test,IP:10.0.0.1";
  assert_int_equal(qy_certificate_make_p256(&out, &request, &keys.public_key, NULL, &keys.key, NULL), QY_ERR_ARGUMENT);
  request = leaf_request;
  request.common_name = NULL;
  assert_int_equal(qy_certificate_make_p256(&out, &request, &keys.public_key, NULL, &keys.key, NULL), QY_ERR_ARGUMENT);
  request = leaf_request;
  request.not_after_s = request.not_before_s - 1;
  assert_int_equal(qy_certificate_make_p256(&out, &request, &keys.public_key, NULL, &keys.key, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
}

static void serials_and_lists_without_sense(void **state)
{
  (void)state;
  static const uint8_t zero[4] = {0, 1, 2, 3}, negative[4] = {0x80}, one[1] = {1};
  uint8_t wide[21] = {1};
  maker keys;
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_BUFFER(pem, 1 << 14);
  QY_SCOPED_BUFFER(out, 1 << 14);
  make_keys(&keys);
  assert_ok(qy_certificate_make_p256(&pem, &ca_request, &keys.ca_public, NULL, &keys.ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&pem), &assert_why));
  const qy_view bad[] = {QY_VIEW_OF(zero), QY_VIEW_OF(negative), QY_VIEW_OF(wide)};
  for (size_t i = 0; i < 3; i++) {
    qy_certificate_request request = leaf_request;
    qy_revoked_certificate entry = {.serial_size = bad[i].size};
    const qy_crl_request list = {.next_update_s = 1, .revoked = &entry, .revoked_count = 1};
    request.serial = bad[i];
    memcpy(entry.serial, bad[i].bytes, bad[i].size > 20 ? 20 : bad[i].size);
    assert_int_equal(qy_certificate_make_p256(&out, &request, &keys.public_key, ca, &keys.ca_key, NULL),
                     QY_ERR_ARGUMENT);
    assert_int_equal(qy_crl_make_p256(&out, &list, ca, &keys.ca_key, NULL), QY_ERR_ARGUMENT);
  }
  const qy_revoked_certificate nobody = {.serial_size = 0};
  const qy_crl_request list = {.next_update_s = 1, .revoked = &nobody, .revoked_count = 1};
  assert_int_equal(qy_crl_make_p256(&out, &list, ca, &keys.ca_key, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
  qy_certificate_request request = leaf_request;
  char text[64];
  QY_SCOPED_CERTIFICATE(leaf);
  request.serial = QY_VIEW_OF(one);
  assert_ok(qy_certificate_make_p256(&out, &request, &keys.public_key, ca, &keys.ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&leaf, qy_buffer_view(&out), &assert_why));
  qy_certificate_serial(text, sizeof(text), leaf);
  assert_string_equal(text, "01");
}

static void chain_texts(void **state)
{
  (void)state;
  maker keys;
  qy_error why = {0};
  QY_SCOPED_BUFFER(one, 1 << 14);
  make_keys(&keys);
  assert_ok(qy_certificate_make_p256(&one, &ca_request, &keys.ca_public, NULL, &keys.ca_key, &assert_why));
  const char *pem = qy_buffer_text(&one);
  static const struct {
    const char *before, *between, *after;
    int copies;
    qy_status status;
  } cases[] = {
      {"", "", "", 1, QY_OK},
      {" \r\n\t", "\n\n ", "\n \t", 2, QY_OK},
      {"", "", "", 8, QY_OK},
      {"", "", "", 9, QY_ERR_LIMIT},
      {"", "", "", 0, QY_ERR_MALFORMED},
      {" \n", "", "", 0, QY_ERR_MALFORMED},
      {"subject: x\n", "", "", 1, QY_ERR_MALFORMED},
      {"", "", "x", 1, QY_ERR_MALFORMED},
      {"", "# second\n", "", 2, QY_ERR_MALFORMED},
      {"", "", "-----BEGIN CERTIFICATE-----", 1, QY_ERR_MALFORMED},
      {"", "", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 1, QY_ERR_MALFORMED},
      {"", "", "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n", 1, QY_ERR_MALFORMED},
      {"", "", "-----BEGIN CERTIFICATE-----\nA!AA\n-----END CERTIFICATE-----\n", 1, QY_ERR_MALFORMED},
      {"", "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 1, QY_ERR_MALFORMED},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    QY_SCOPED_BUFFER(text, 1 << 16);
    QY_SCOPED_CHAIN(chain);
    QY_SCOPED_CERTIFICATE(single);
    qy_buffer_append_text(&text, cases[i].before);
    for (int copy = 0; copy < cases[i].copies; copy++) {
      qy_buffer_append_text(&text, copy == 0 ? "" : cases[i].between);
      qy_buffer_append_text(&text, pem);
    }
    qy_buffer_append_text(&text, cases[i].after);
    assert_int_equal(qy_chain_from_pem(&chain, qy_buffer_view(&text), &why), cases[i].status);
    assert_int_equal(chain.count, cases[i].status == QY_OK ? cases[i].copies : 0);
    const qy_status status = qy_certificate_from_pem(&single, qy_buffer_view(&text), &why);
    assert_true((status == QY_OK) == (cases[i].status == QY_OK && cases[i].copies == 1));
  }
}

static void der_is_exact(void **state)
{
  (void)state;
  maker keys;
  QY_SCOPED_BUFFER(pem, 1 << 14);
  QY_SCOPED_BUFFER(der, 1 << 14);
  QY_SCOPED_CERTIFICATE(certificate);
  make_keys(&keys);
  assert_ok(qy_certificate_make_p256(&pem, &ca_request, &keys.ca_public, NULL, &keys.ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&certificate, qy_buffer_view(&pem), &assert_why));
  const qy_view whole = qy_certificate_der(certificate);
  for (size_t size = 0; size < whole.size; size++) {
    qy_certificate *out = NULL;
    assert_int_equal(qy_certificate_from_der(&out, (qy_view){whole.bytes, size}, NULL), QY_ERR_MALFORMED);
    assert_null(out);
  }
  qy_buffer_append(&der, whole.bytes, whole.size);
  qy_buffer_append(&der, "", 1);
  qy_certificate *out = NULL;
  assert_int_equal(qy_certificate_from_der(&out, qy_buffer_view(&der), NULL), QY_ERR_MALFORMED);
  assert_null(out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ias_chain),
      cmocka_unit_test(ias_negatives),
      cmocka_unit_test(ias_report),
      cmocka_unit_test(made_p256),
      cmocka_unit_test(made_rsa),
      cmocka_unit_test(requests_without_sense),
      cmocka_unit_test(serials_and_lists_without_sense),
      cmocka_unit_test(chain_texts),
      cmocka_unit_test(der_is_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
