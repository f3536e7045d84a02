/* SPDX-License-Identifier: Apache-2.0 */
#include <architectural/attestation_key.h>

#include <string.h>

#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <provisioning/keys.h>

/* ---- Making one ---- */

/* The PEK is taken only from whom this enclave was measured with: a PPID is not to be told to anybody else. */
static qy_status read_pek(qy_signed_pek *out, qy_view bytes, qy_trace *trace, qy_error *why)
{
  qy_xegb endorser;
  QY_TRY(qy_ae_endorser(&endorser, why));
  QY_TRY(qy_signed_pek_decode(out, bytes, why));
  return qy_signed_pek_verify(trace, out, &endorser.pek_signing_key, why);
}

qy_status qy_ae_append_report(qy_buffer *out, const qy_target_info *target,
                              const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  qy_report report;
  uint8_t encoded[QY_REPORT_SIZE];
  QY_TRY(qy_enclave_report(&report, target, report_data, why));
  qy_report_encode(encoded, &report);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

static void append_rsa_key(qy_buffer *out, const qy_rsa_public *key)
{
  uint8_t exponent[4];
  qy_writer writer = qy_writer_over(exponent, sizeof(exponent));
  qy_write_u32be(&writer, key->exponent);
  qy_buffer_append(out, key->modulus, QY_PEK_RSA_SIZE);
  qy_buffer_append(out, exponent, sizeof(exponent));
}

qy_status qy_ae_make_attestation_key(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(private_key);
  qy_p256_public public_key;
  qy_target_info pce;
  qy_signed_pek pek;
  uint8_t binding[QY_REPORT_DATA_SIZE], asking[QY_REPORT_DATA_SIZE];
  qy_reader reader = qy_reader_over(in);
  qy_ae_read_target(&pce, &reader);
  const qy_view signed_pek = qy_read_view(&reader, QY_SIGNED_PEK_SIZE, "signed PEK");
  QY_TRY(qy_read_finish(&reader, "ECDSA QE make_key", why));
  QY_TRY(read_pek(&pek, signed_pek, trace, why));
  QY_TRY(qy_p256_generate(&private_key, &public_key, qy_random_system(), why));
  QY_TRY(qy_dcap_qe_report_data(binding, public_key.bytes, QY_VIEW_OF(qy_dcap_qe_auth_data), why));
  QY_TRY(qy_ae_append_report(out, &pce, binding, why));
  QY_TRY(qy_pce_info_report_data(asking, &pek.key, why));
  QY_TRY(qy_ae_append_report(out, &pce, asking, why));
  append_rsa_key(out, &pek.key);
  QY_TRY(qy_enclave_seal(out, QY_KEY_POLICY_MRSIGNER, QY_VIEW_OF(public_key.bytes), qy_secret_view(&private_key), why));
  return qy_buffer_finish(out, "ECDSA QE make_key", why);
}

/* ---- Using one ---- */

void qy_ae_read_attestation_key(qy_ae_attestation_key *out, qy_reader *in)
{
  out->qe_report = qy_read_view(in, QY_REPORT_BODY_SIZE, "QE report");
  out->qe_report_signature = qy_read_view(in, QY_P256_SIGNATURE_SIZE, "QE report's signature");
  out->pce_svn = qy_read_u16le(in, "PCE ISVSVN");
  const uint32_t blob_size = qy_read_u32le(in, "size of the sealed key");
  out->blob = qy_read_view(in, blob_size, "sealed key");
  out->certification.type = qy_read_u16le(in, "type of the certification data");
  out->certification.data = qy_read_rest(in);
}

static qy_status open_key(qy_secret *private_key, uint8_t public_key[QY_DCAP_KEY_SIZE], qy_view blob, qy_trace *trace,
                          qy_error *why)
{
  QY_SCOPED_BUFFER(secret, QY_P256_SCALAR_SIZE);
  QY_SCOPED_BUFFER(clear, QY_DCAP_KEY_SIZE);
  QY_TRY(qy_enclave_unseal(&secret, &clear, blob, trace, why));
  if (secret.size != QY_P256_SCALAR_SIZE || clear.size != QY_DCAP_KEY_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "ECDSA QE: what was sealed is no attestation key");
  }
  qy_secret_set(private_key, secret.bytes, secret.size);
  memcpy(public_key, clear.bytes, clear.size);
  return QY_OK;
}

/* Names the machine to those who cache its certificates: the same for every key and version, and of use to nobody else. */
static qy_status qe_id(uint8_t out[QY_DCAP_QE_ID_SIZE], qy_error *why)
{
  static const uint8_t label[] = {'Q', 'E', '_', 'I', 'D', '_', 'D', 'E', 'R'};
  const qy_view parts[] = {QY_VIEW_OF(label)};
  QY_SCOPED_SECRET(key);
  const qy_key_request request = {.key_name = QY_KEY_SEAL,
                                  .key_policy = QY_KEY_POLICY_MRSIGNER,
                                  .attribute_mask.flags = QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_DEBUG,
                                  .misc_mask = 0xffffffffu};
  QY_TRY(qy_enclave_key(&key, &request, why));
  return qy_cmac(out, qy_secret_view(&key), parts, 1, why);
}

static qy_status sign(qy_buffer *out, const qy_dcap_subject *subject, const qy_dcap_voucher *voucher,
                      qy_secret *private_key, qy_error *why)
{
  const qy_dcap_signer signer = {.sign = qy_dcap_sign_p256, .context = private_key};
  size_t size = 0;
  const size_t needed = qy_dcap_quote_size(subject->version, subject->body_type, voucher->qe_auth_data.size,
                                           voucher->certification.data.size);
  if (needed > QY_ECDSA_MAX_QUOTE) {
    return qy_fail(why, QY_ERR_LIMIT, "ECDSA QE: a quote of %zu bytes", needed);
  }
  uint8_t *bytes = qy_buffer_extend(out, needed);
  QY_TRY(qy_buffer_finish(out, "quote", why));
  return qy_dcap_quote_make(bytes, needed, &size, subject, voucher, &signer, why);
}

qy_status qy_ae_quote(qy_buffer *out, const qy_dcap_subject *subject, const qy_ae_attestation_key *key, qy_trace *trace,
                      qy_error *why)
{
  QY_SCOPED_SECRET(private_key);
  qy_dcap_voucher voucher = {.qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data)};
  QY_TRY(open_key(&private_key, voucher.attestation_key, key->blob, trace, why));
  QY_TRY(qy_report_body_decode(&voucher.qe_report, key->qe_report, why));
  memcpy(voucher.qe_report_signature, key->qe_report_signature.bytes, sizeof(voucher.qe_report_signature));
  voucher.certification = key->certification;
  voucher.pce_svn = key->pce_svn;
  QY_TRY(qe_id(voucher.qe_id, why));
  return sign(out, subject, &voucher, &private_key, why);
}
