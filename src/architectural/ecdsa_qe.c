/* SPDX-License-Identifier: Apache-2.0 */
/* The ECDSA quoting enclave (Intel DCAP, QE3): an attestation key that never leaves it but sealed, certified by the PCE. */
#include <architectural/handlers.h>

#include <string.h>

#include <architectural/common.h>
#include <architectural/ecdsa_calls.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <provisioning/keys.h>

#define MAX_QUOTE (1u << 20)

/* ---- make_key ---- */

/* The PEK is taken only from whom this enclave was measured with: a PPID is not to be told to anybody else. */
static qy_status read_pek(qy_signed_pek *out, qy_view bytes, qy_trace *trace, qy_error *why)
{
  qy_xegb endorser;
  QY_TRY(qy_ae_endorser(&endorser, why));
  QY_TRY(qy_signed_pek_decode(out, bytes, why));
  return qy_signed_pek_verify(trace, out, &endorser.pek_signing_key, why);
}

static qy_status append_report(qy_buffer *out, const qy_target_info *target,
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

/* In: target info of the PCE 512, signed PEK 492. Out: report for certify 432, report for get_info 432, n 384, e 4
 * (big-endian), the key sealed to the signer, its public half in clear. */
static qy_status make_key(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
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
  QY_TRY(append_report(out, &pce, binding, why));
  QY_TRY(qy_pce_info_report_data(asking, &pek.key, why));
  QY_TRY(append_report(out, &pce, asking, why));
  append_rsa_key(out, &pek.key);
  QY_TRY(qy_enclave_seal(out, QY_KEY_POLICY_MRSIGNER, QY_VIEW_OF(public_key.bytes), qy_secret_view(&private_key), why));
  return qy_buffer_finish(out, "ECDSA QE make_key", why);
}

/* ---- quote ---- */

typedef struct quote_call {
  uint16_t version;
  qy_report report;
  bool has_nonce;
  qy_view nonce;
  qy_view qe_report;
  qy_view qe_report_signature;
  uint16_t pce_svn;
  qy_view blob;
  qy_certification certification;
} quote_call;

/* version 2, report 432, whether a nonce is meant 1, nonce 16, QE report body 384, its signature 64, PCE ISVSVN 2, size of
 * the blob 4, blob, type of the certification data 2, certification data. */
static qy_status read_call(quote_call *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  out->version = qy_read_u16le(&reader, "version");
  qy_ae_read_report(&out->report, &reader);
  out->has_nonce = qy_read_u8(&reader, "nonce flag") != 0;
  out->nonce = qy_read_view(&reader, QY_QUOTE_NONCE_SIZE, "nonce");
  out->qe_report = qy_read_view(&reader, QY_REPORT_BODY_SIZE, "QE report");
  out->qe_report_signature = qy_read_view(&reader, QY_P256_SIGNATURE_SIZE, "QE report's signature");
  out->pce_svn = qy_read_u16le(&reader, "PCE ISVSVN");
  const uint32_t blob_size = qy_read_u32le(&reader, "size of the sealed key");
  out->blob = qy_read_view(&reader, blob_size, "sealed key");
  out->certification.type = qy_read_u16le(&reader, "type of the certification data");
  out->certification.data = qy_read_rest(&reader);
  return qy_read_finish(&reader, "ECDSA QE quote", why);
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

static qy_status make_quote(qy_buffer *out, const quote_call *call, const qy_dcap_voucher *voucher,
                            qy_secret *private_key, qy_error *why)
{
  const qy_dcap_subject subject = {
      .version = call->version, .body_type = QY_DCAP_BODY_ENCLAVE, .report = &call->report.body};
  const qy_dcap_signer signer = {.sign = qy_dcap_sign_p256, .context = private_key};
  size_t size = 0;
  const size_t needed = qy_dcap_quote_size(call->version, subject.body_type, voucher->qe_auth_data.size,
                                           voucher->certification.data.size);
  if (needed > MAX_QUOTE) {
    return qy_fail(why, QY_ERR_LIMIT, "ECDSA QE: a quote of %zu bytes", needed);
  }
  uint8_t *bytes = qy_buffer_extend(out, needed);
  QY_TRY(qy_buffer_finish(out, "quote", why));
  return qy_dcap_quote_make(bytes, needed, &size, &subject, voucher, &signer, why);
}

/* The QE's own word to the caller that this quote answers this nonce. */
static qy_status append_witness(qy_buffer *out, const quote_call *call, qy_view quote, qy_error *why)
{
  qy_target_info target;
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  qy_target_info_of_reporter(&target, &call->report.body);
  QY_TRY(qy_quote_qe_report_data(report_data, call->nonce.bytes, quote, why));
  return append_report(out, &target, report_data, why);
}

/* Out: the QE's report 432 if there was a nonce, then the quote. */
static qy_status quote(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(private_key);
  QY_SCOPED_BUFFER(bytes, MAX_QUOTE);
  quote_call call = {0};
  qy_dcap_voucher voucher = {.qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data)};
  QY_TRY(read_call(&call, in, why));
  QY_TRY(qy_ae_verify_report(&call.report, trace, why));
  QY_TRY(open_key(&private_key, voucher.attestation_key, call.blob, trace, why));
  QY_TRY(qy_report_body_decode(&voucher.qe_report, call.qe_report, why));
  memcpy(voucher.qe_report_signature, call.qe_report_signature.bytes, sizeof(voucher.qe_report_signature));
  voucher.certification = call.certification;
  voucher.pce_svn = call.pce_svn;
  QY_TRY(qe_id(voucher.qe_id, why));
  QY_TRY(make_quote(&bytes, &call, &voucher, &private_key, why));
  if (call.has_nonce) {
    QY_TRY(append_witness(out, &call, qy_buffer_view(&bytes), why));
  }
  qy_buffer_append(out, bytes.bytes, bytes.size);
  return qy_buffer_finish(out, "quote", why);
}

qy_status qy_ecdsa_qe_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                             qy_error *why)
{
  const size_t begin = out->size;
  (void)context;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, begin, qy_ae_answer_target_info(in, out, why));
  case QY_ECDSA_MAKE_KEY:
    return qy_ae_settle(out, begin, make_key(in, out, trace, why));
  case QY_ECDSA_QUOTE:
    return qy_ae_settle(out, begin, quote(in, out, trace, why));
  default:
    return qy_ae_unknown("ECDSA QE", operation, why);
  }
}
