/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates and revocation lists of the simulation. */
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

/* The extension in which Intel tells what a platform is. */
static bool add_sgx_extension(X509 *certificate, qy_view value)
{
  QY_SCOPED_OPENSSL(ASN1_OBJECT, id) = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
  QY_SCOPED_OPENSSL(ASN1_OCTET_STRING, octets) = ASN1_OCTET_STRING_new();
  if (id == NULL || octets == NULL || ASN1_OCTET_STRING_set(octets, value.bytes, (int)value.size) != 1) {
    return false;
  }
  QY_SCOPED_OPENSSL(X509_EXTENSION, extension) = X509_EXTENSION_create_by_OBJ(NULL, id, 0, octets);
  return extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
}

static bool add_crl_url(X509 *certificate, const X509 *issuer, const char *url)
{
  char value[256];
  const int wanted = snprintf(value, sizeof(value), "URI:%s", url);
  return wanted > 0 && (size_t)wanted < sizeof(value) &&
         add_extension(certificate, issuer, NID_crl_distribution_points, value);
}

/* RFC 5280, 4.2.1: a CA says so in two critical extensions. */
static bool add_extensions(X509 *certificate, const X509 *issuer, const qy_certificate_request *request)
{
  char names[320];
  (void)snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1%s%s",
                 request->dns_name == NULL ? "" : ",DNS:", request->dns_name == NULL ? "" : request->dns_name);
  return (request->crl_url == NULL || add_crl_url(certificate, issuer, request->crl_url)) &&
         (request->sgx_extension.size == 0 || add_sgx_extension(certificate, request->sgx_extension)) &&
         add_extension(certificate, issuer, NID_basic_constraints,
                       request->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage,
                       request->is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         (!request->for_tls_server || (add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
                                       add_extension(certificate, issuer, NID_subject_alt_name, names)));
}

static bool put_number(ASN1_INTEGER *out, qy_view bytes)
{
  QY_SCOPED_OPENSSL(BIGNUM, number) = BN_bin2bn(bytes.bytes, (int)bytes.size, NULL);
  return number != NULL && BN_to_ASN1_INTEGER(number, out) != NULL;
}

static bool set_serial(X509 *certificate, qy_view serial, qy_error *why)
{
  uint8_t bytes[8];
  if (serial.size > 0) {
    return put_number(X509_get_serialNumber(certificate), serial);
  }
  if (qy_random_fill(qy_random_system(), bytes, sizeof(bytes), why) != QY_OK) {
    return false;
  }
  bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always eight bytes long */
  return put_number(X509_get_serialNumber(certificate), QY_VIEW_OF(bytes));
}

static bool set_name(X509_NAME *name, const qy_certificate_request *request)
{
  if (request->locality == NULL) {
    return add_name(name, "O", request->organization) && add_name(name, "CN", request->common_name);
  }
  return add_name(name, "CN", request->common_name) && add_name(name, "O", request->organization) &&
         add_name(name, "L", request->locality) && add_name(name, "ST", request->state) &&
         add_name(name, "C", request->country);
}

static bool fill_in(X509 *certificate, const qy_certificate_request *request, EVP_PKEY *subject_key, const X509 *issuer,
                    qy_error *why)
{
  X509_NAME *name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate, request->serial, why) &&
         set_name(name, request) &&
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

/* Written as they stand, and positive. */
static bool serial_is_plain(qy_view serial)
{
  return serial.size <= 20 && serial.bytes[0] > 0 && serial.bytes[0] < 0x80;
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
  if (request->serial.size > 0 && !serial_is_plain(request->serial)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "certificate: a serial of %zu bytes", request->serial.size);
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

/* ---- Revocation lists ---- */

static bool add_revoked(X509_CRL *list, const qy_revoked_certificate *entry)
{
  QY_SCOPED_OPENSSL(X509_REVOKED, revoked) = X509_REVOKED_new();
  QY_SCOPED_OPENSSL(ASN1_INTEGER, serial) = ASN1_INTEGER_new();
  QY_SCOPED_OPENSSL(ASN1_TIME, when) = ASN1_TIME_set(NULL, (time_t)entry->revoked_s);
  if (revoked == NULL || serial == NULL || when == NULL ||
      !put_number(serial, qy_view_over(entry->serial, entry->serial_size)) ||
      X509_REVOKED_set_serialNumber(revoked, serial) != 1 || X509_REVOKED_set_revocationDate(revoked, when) != 1 ||
      X509_CRL_add0_revoked(list, revoked) != 1) {
    return false;
  }
  revoked = NULL; /* the list's now */
  return true;
}

static bool add_list_extensions(X509_CRL *list, const X509 *issuer, uint32_t number)
{
  X509V3_CTX context;
  X509V3_set_ctx(&context, (X509 *)issuer, NULL, NULL, list, 0);
  QY_SCOPED_OPENSSL(ASN1_INTEGER, value) = ASN1_INTEGER_new();
  QY_SCOPED_OPENSSL(X509_EXTENSION, authority) =
      X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
  return value != NULL && authority != NULL && ASN1_INTEGER_set_uint64(value, number) == 1 &&
         X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, 0) == 1 && X509_CRL_add_ext(list, authority, -1) == 1;
}

static bool set_times(X509_CRL *list, const qy_crl_request *request)
{
  QY_SCOPED_OPENSSL(ASN1_TIME, from) = ASN1_TIME_set(NULL, (time_t)request->this_update_s);
  QY_SCOPED_OPENSSL(ASN1_TIME, until) = ASN1_TIME_set(NULL, (time_t)request->next_update_s);
  return from != NULL && until != NULL && X509_CRL_set1_lastUpdate(list, from) == 1 &&
         X509_CRL_set1_nextUpdate(list, until) == 1;
}

static bool fill_in_list(X509_CRL *list, const qy_crl_request *request, const X509 *issuer)
{
  for (size_t i = 0; i < request->revoked_count; i++) {
    if (!add_revoked(list, &request->revoked[i])) {
      return false;
    }
  }
  return X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
         X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1 && set_times(list, request) &&
         add_list_extensions(list, issuer, request->number) && X509_CRL_sort(list) == 1;
}

qy_status qy_crl_make_p256(qy_buffer *out, const qy_crl_request *request, const qy_certificate *issuer,
                           const qy_secret *issuer_key, qy_error *why)
{
  qy_p256_public issuer_public;
  unsigned char *der = NULL;
  for (size_t i = 0; i < request->revoked_count; i++) {
    const qy_view serial = qy_view_over(request->revoked[i].serial, request->revoked[i].serial_size);
    if (serial.size == 0 || !serial_is_plain(serial)) {
      return qy_fail(why, QY_ERR_ARGUMENT, "revocation list: entry %zu has a serial of %zu bytes", i, serial.size);
    }
  }
  QY_TRY(qy_p256_public_of(&issuer_public, issuer_key, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, signer) = qy_p256_key_new(issuer_key, &issuer_public);
  QY_SCOPED_OPENSSL(X509_CRL, list) = X509_CRL_new();
  if (signer == NULL || list == NULL || !fill_in_list(list, request, qy_certificate_object(issuer)) ||
      X509_CRL_sign(list, signer, EVP_sha256()) == 0) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "making a revocation list");
  }
  const int size = i2d_X509_CRL(list, &der);
  if (size <= 0) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "making a revocation list");
  }
  qy_buffer_append(out, der, (size_t)size);
  OPENSSL_free(der);
  return qy_buffer_finish(out, "revocation list", why);
}
