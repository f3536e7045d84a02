/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated counterpart of Intel's SGX certification authorities: a root, one CA for single processors and one for
 * platforms of several, and whoever signs TCB info. */
#include <endorser/dcap.h>

#include <string.h>

#include <crypto/hash.h>
#include <crypto/random.h>

#define YEAR_S ((int64_t)365 * 86400)
#define DAY_S ((int64_t)86400)

typedef struct authority_facts {
  const char *common_name;
  const char *key_file;
  const char *certificate_file;
  int64_t valid_s;
} authority_facts;

static const authority_facts CAS[QY_DCAP_CA_COUNT] = {
    [QY_DCAP_ROOT] = {"Simulated SGX Root CA", QY_FILE_DCAP_ROOT_KEY, QY_FILE_DCAP_ROOT, 30 * YEAR_S},
    [QY_DCAP_PROCESSOR] = {"Simulated SGX PCK Processor CA", QY_FILE_DCAP_PROCESSOR_KEY, QY_FILE_DCAP_PROCESSOR_CA,
                           15 * YEAR_S},
    [QY_DCAP_PLATFORM] = {"Simulated SGX PCK Platform CA", QY_FILE_DCAP_PLATFORM_KEY, QY_FILE_DCAP_PLATFORM_CA,
                          15 * YEAR_S},
};
static const authority_facts SIGNING = {"Simulated SGX TCB Signing", QY_FILE_DCAP_SIGNING_KEY, QY_FILE_DCAP_SIGNING,
                                        7 * YEAR_S};

static void authority_clear(qy_dcap_authority *authority)
{
  qy_secret_clear(&authority->key);
  qy_certificate_free(&authority->certificate);
}

void qy_dcap_authorities_clear(qy_dcap_authorities *authorities)
{
  for (size_t i = 0; i < QY_DCAP_CA_COUNT; i++) {
    authority_clear(&authorities->cas[i]);
  }
  authority_clear(&authorities->signing);
}

qy_status qy_dcap_serial(uint8_t out[QY_DCAP_SERIAL_SIZE], const qy_p256_public *key, qy_error *why)
{
  uint8_t hash[QY_SHA256_SIZE];
  QY_TRY(qy_sha256(hash, QY_VIEW_OF(key->bytes), why));
  memcpy(out, hash, QY_DCAP_SERIAL_SIZE);
  out[0] = (uint8_t)((out[0] & 0x7f) | 0x40); /* positive, and always as long */
  return QY_OK;
}

qy_certificate_request qy_dcap_request(const char *common_name, qy_dcap_ca crl_of,
                                       const uint8_t serial[QY_DCAP_SERIAL_SIZE])
{
  /* Nobody resolves these (RFC 2606, "invalid"): lists are asked for at the endorser that one knows. */
  static const char *const URLS[] = {
      [QY_DCAP_ROOT] = "https://certificates.quotary.invalid/IntelSGXRootCA.der",
      [QY_DCAP_PROCESSOR] = "https://api.quotary.invalid/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
      [QY_DCAP_PLATFORM] = "https://api.quotary.invalid/sgx/certification/v4/pckcrl?ca=platform&encoding=der"};
  return (qy_certificate_request){.common_name = common_name,
                                  .organization = "Quotary simulation",
                                  .locality = "Nowhere",
                                  .state = "CA",
                                  .country = "US",
                                  .crl_url = URLS[crl_of],
                                  .serial = qy_view_over(serial, QY_DCAP_SERIAL_SIZE)};
}

/* ---- Files ---- */

static qy_status load_key(qy_dcap_authority *out, const char *folder, const authority_facts *facts, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_ISSUER, facts->key_file, why));
  const qy_status status = qy_p256_private_from_pem(&out->key, &out->public_key, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", facts->key_file);
}

static qy_status load_certificate(qy_dcap_authority *out, const char *folder, const authority_facts *facts,
                                  qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_DCAP, facts->certificate_file, why));
  const qy_status status = qy_certificate_from_pem(&out->certificate, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", facts->certificate_file);
}

qy_status qy_dcap_authorities_load(qy_dcap_authorities *out, const char *folder, qy_error *why)
{
  for (size_t i = 0; i < QY_DCAP_CA_COUNT; i++) {
    QY_TRY(load_key(&out->cas[i], folder, &CAS[i], why));
    QY_TRY(load_certificate(&out->cas[i], folder, &CAS[i], why));
  }
  QY_TRY(load_key(&out->signing, folder, &SIGNING, why));
  return load_certificate(&out->signing, folder, &SIGNING, why);
}

static qy_status make_key(qy_dcap_authority *out, const char *folder, const authority_facts *facts, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_p256_generate(&out->key, &out->public_key, qy_random_system(), why));
  QY_TRY(qy_p256_private_to_pem(&pem, &out->key, why));
  return qy_issuer_write(folder, QY_DIR_ISSUER, facts->key_file, qy_buffer_view(&pem), why);
}

/* Signed by `by`, which may be `out` itself, over the time given. */
static qy_status make_certificate(qy_dcap_authority *out, const char *folder, const authority_facts *facts, bool is_ca,
                                  const qy_dcap_authority *by, int64_t not_before_s, int64_t not_after_s, qy_error *why)
{
  uint8_t serial[QY_DCAP_SERIAL_SIZE];
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_dcap_serial(serial, &out->public_key, why));
  qy_certificate_request request = qy_dcap_request(facts->common_name, QY_DCAP_ROOT, serial);
  request.is_ca = is_ca;
  request.not_before_s = not_before_s;
  request.not_after_s = not_after_s;
  const qy_certificate *issuer = by == out ? NULL : by->certificate;
  QY_TRY(qy_certificate_make_p256(&pem, &request, &out->public_key, issuer, &by->key, why));
  qy_certificate_free(&out->certificate);
  QY_TRY(qy_certificate_from_pem(&out->certificate, qy_buffer_view(&pem), why));
  return qy_issuer_write(folder, QY_DIR_DCAP, facts->certificate_file, qy_buffer_view(&pem), why);
}

qy_status qy_dcap_authorities_make(const char *folder, int64_t now_s, qy_error *why)
{
  QY_SCOPED_AUTHORITIES(made);
  qy_dcap_authority *root = &made.cas[QY_DCAP_ROOT];
  for (size_t i = 0; i < QY_DCAP_CA_COUNT; i++) {
    QY_TRY(make_key(&made.cas[i], folder, &CAS[i], why));
    QY_TRY(make_certificate(&made.cas[i], folder, &CAS[i], true, root, now_s - DAY_S, now_s + CAS[i].valid_s, why));
  }
  QY_TRY(make_key(&made.signing, folder, &SIGNING, why));
  return make_certificate(&made.signing, folder, &SIGNING, false, root, now_s - DAY_S, now_s + SIGNING.valid_s, why);
}

qy_status qy_dcap_signing_renew(const char *folder, qy_dcap_authorities *authorities, bool lapsed, int64_t now_s,
                                qy_error *why)
{
  qy_dcap_authority *signing = &authorities->signing;
  if ((qy_certificate_not_after_s(signing->certificate) < now_s) == lapsed) {
    return QY_OK;
  }
  const int64_t until_s = lapsed ? now_s - DAY_S : now_s + SIGNING.valid_s;
  return make_certificate(signing, folder, &SIGNING, false, &authorities->cas[QY_DCAP_ROOT],
                          until_s - SIGNING.valid_s - DAY_S, until_s, why);
}
