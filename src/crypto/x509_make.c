/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of the simulation. */
#include <crypto/x509.h>

#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <crypto/p256_key.h>
#include <crypto/random.h>
#include <crypto/rsa_key.h>
#include <crypto/x509_object.h>

static bool add_name(X509_NAME *name, const char *kind, const char *text)
{
  return text == NULL ||
         X509_NAME_add_entry_by_txt(name, kind, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool add_extension(X509 *certificate, const X509 *issuer, int kind, const char *value)
{
  X509V3_CTX context;
  X509V3_set_ctx(&context, (X509 *)issuer, certificate, NULL, NULL, 0);
  QY_SCOPED_OPENSSL(X509_EXTENSION, extension) = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  return extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
}

/* RFC 5280, 4.2.1: a CA says so in two critical extensions. */
static bool add_extensions(X509 *certificate, const X509 *issuer, const qy_certificate_request *request)
{
  char names[320];
  (void)snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1%s%s",
                 request->dns_name == NULL ? "" : ",DNS:", request->dns_name == NULL ? "" : request->dns_name);
  return add_extension(certificate, issuer, NID_basic_constraints,
                       request->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage,
                       request->is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         (!request->for_tls_server || (add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
                                       add_extension(certificate, issuer, NID_subject_alt_name, names)));
}

static bool set_serial(X509 *certificate, qy_error *why)
{
  uint8_t bytes[8];
  if (qy_random_fill(qy_random_system(), bytes, sizeof(bytes), why) != QY_OK) {
    return false;
  }
  bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always eight bytes long */
  QY_SCOPED_OPENSSL(BIGNUM, number) = BN_bin2bn(bytes, sizeof(bytes), NULL);
  return number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
}

static bool fill_in(X509 *certificate, const qy_certificate_request *request, EVP_PKEY *subject_key, const X509 *issuer,
                    qy_error *why)
{
  X509_NAME *name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate, why) &&
         add_name(name, "O", request->organization) && add_name(name, "CN", request->common_name) &&
         X509_set_issuer_name(certificate, issuer == NULL ? name : X509_get_subject_name(issuer)) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)request->not_before_s) != NULL &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)request->not_after_s) != NULL &&
         X509_set_pubkey(certificate, subject_key) == 1 &&
         add_extensions(certificate, issuer == NULL ? certificate : issuer, request);
}

static bool dns_name_is_plain(const char *name)
{
  return strlen(name) <= 253 &&
         name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] == '\0';
}

static qy_status make(qy_buffer *out, const qy_certificate_request *request, EVP_PKEY *subject_key,
                      const qy_certificate *issuer, EVP_PKEY *issuer_key, qy_error *why)
{
  if (request->common_name == NULL || request->not_after_s < request->not_before_s) {
    return qy_fail(why, QY_ERR_ARGUMENT, "certificate: no common name, or it ends before it begins");
  }
  /* The name becomes part of an extension's text, where a comma would begin another name. */
  if (request->dns_name != NULL && !dns_name_is_plain(request->dns_name)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "certificate: \"%.60s\" is no DNS name", request->dns_name);
  }
  QY_SCOPED_OPENSSL(X509, certificate) = X509_new();
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_mem());
  if (subject_key == NULL || issuer_key == NULL || certificate == NULL || memory == NULL ||
      !fill_in(certificate, request, subject_key, issuer == NULL ? NULL : qy_certificate_object(issuer), why) ||
      X509_sign(certificate, issuer_key, EVP_sha256()) == 0 || PEM_write_bio_X509(memory, certificate) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "making a certificate");
  }
  qy_bio_append(out, memory);
  return qy_buffer_finish(out, "certificate", why);
}

qy_status qy_certificate_make_rsa(qy_buffer *out, const qy_certificate_request *request,
                                  const qy_rsa_public *subject_key, const qy_certificate *issuer,
                                  const qy_rsa_private *issuer_key, qy_error *why)
{
  QY_SCOPED_OPENSSL(EVP_PKEY, subject) = qy_rsa_key_new(subject_key);
  return make(out, request, subject, issuer, qy_rsa_key_of(issuer_key), why);
}

qy_status qy_certificate_make_p256(qy_buffer *out, const qy_certificate_request *request,
                                   const qy_p256_public *subject_key, const qy_certificate *issuer,
                                   const qy_secret *issuer_key, qy_error *why)
{
  qy_p256_public issuer_public;
  QY_TRY(qy_p256_public_of(&issuer_public, issuer_key, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, subject) = qy_p256_key_new(NULL, subject_key);
  QY_SCOPED_OPENSSL(EVP_PKEY, signer) = qy_p256_key_new(issuer_key, &issuer_public);
  return make(out, request, subject, issuer, signer, why);
}
