/* SPDX-License-Identifier: Apache-2.0 */
#include "endorser_dcap_support.h"

#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <base/encoding.h>

static X509 *read_certificate(qy_view pem)
{
  BIO *text = BIO_new_mem_buf(pem.bytes, (int)pem.size);
  X509 *out = PEM_read_bio_X509(text, NULL, NULL, NULL);
  BIO_free(text);
  assert_non_null(out);
  return out;
}

/* r || s as libcrypto wants it. */
static size_t signature_der(uint8_t out[80], const uint8_t signature[64])
{
  uint8_t *at = out;
  ECDSA_SIG *parts = ECDSA_SIG_new();
  assert_int_equal(ECDSA_SIG_set0(parts, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL)), 1);
  const int size = i2d_ECDSA_SIG(parts, &at);
  ECDSA_SIG_free(parts);
  assert_true(size > 0);
  return (size_t)size;
}

static void check_signature(qy_view body, const uint8_t signature[64], qy_view signer_pem)
{
  uint8_t der[80];
  const size_t size = signature_der(der, signature);
  X509 *signer = read_certificate(signer_pem);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, X509_get0_pubkey(signer)), 1);
  assert_int_equal(EVP_DigestVerify(context, der, size, body.bytes, body.size), 1);
  EVP_MD_CTX_free(context);
  X509_free(signer);
}

/* The bytes of the member, found as text: what is signed is what is served. */
void check_signed_json(qy_view text, const char *member, qy_view signer_pem)
{
  char begin[64];
  static const char between[] = ",\"signature\":\"";
  uint8_t signature[64];
  (void)snprintf(begin, sizeof begin, "{\"%s\":", member);
  const size_t head = strlen(begin), tail = strlen(between) + 128 + 2;
  assert_true(text.size > head + tail);
  assert_memory_equal(text.bytes, begin, head);
  const qy_view body = qy_view_slice(text, head, text.size - head - tail);
  assert_memory_equal(body.bytes + body.size, between, strlen(between));
  assert_ok(
      qy_hex_decode(signature, sizeof signature, qy_view_slice(text, text.size - 130, 128), "signature", &assert_why));
  assert_memory_equal(text.bytes + text.size - 2, "\"}", 2);
  check_signature(body, signature, signer_pem);
}

static void check_by_collateral(const qy_signed_json *json, qy_view signer_pem)
{
  bool valid = false;
  QY_SCOPED_SGX_CHAIN(chain);
  assert_ok(qy_sgx_chain_from_pem(&chain, signer_pem, NULL, &assert_why));
  assert_true(json->is_compact);
  assert_ok(qy_signed_json_verify(&valid, json, chain.certificates[0].public_key, &assert_why));
  assert_true(valid);
}

void check_tcb_info(qy_tcb_info *out, qy_view text, qy_view signer_pem)
{
  assert_ok(qy_tcb_info_decode(out, text, NULL, &assert_why));
  check_by_collateral(&out->json, signer_pem);
  check_signed_json(text, "tcbInfo", signer_pem);
}

void check_identity(qy_enclave_identity *out, qy_view text, qy_view signer_pem)
{
  assert_ok(qy_enclave_identity_decode(out, text, NULL, &assert_why));
  check_by_collateral(&out->json, signer_pem);
  check_signed_json(text, "enclaveIdentity", signer_pem);
}

static void add_list(X509_STORE *store, qy_view der)
{
  const unsigned char *at = der.bytes;
  if (der.size == 0) {
    return;
  }
  X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)der.size);
  assert_non_null(list);
  assert_int_equal(X509_STORE_add_crl(store, list), 1);
  X509_CRL_free(list);
}

int libcrypto_verdict(qy_view leaf, qy_view intermediate, qy_view root, qy_view pck_crl, qy_view root_crl,
                      int64_t now_s)
{
  X509_STORE *store = X509_STORE_new();
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  STACK_OF(X509) *between = sk_X509_new_null();
  X509 *subject = read_certificate(leaf), *anchor = read_certificate(root);
  if (intermediate.size > 0) {
    sk_X509_push(between, read_certificate(intermediate));
  }
  X509_STORE_add_cert(store, anchor);
  add_list(store, pck_crl);
  add_list(store, root_crl);
  assert_int_equal(X509_STORE_CTX_init(context, store, subject, between), 1);
  X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, now_s);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_X509_STRICT);
  (void)X509_verify_cert(context);
  const int verdict = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  sk_X509_pop_free(between, X509_free);
  X509_free(subject);
  X509_free(anchor);
  return verdict;
}
