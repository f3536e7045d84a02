/* SPDX-License-Identifier: Apache-2.0 */
#include <net/tls.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <base/limits.h>
#include <crypto/x509.h>

static qy_status fail(qy_error *why, qy_status status, const char *what)
{
  const char *reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return qy_fail(why, status, "TLS server: %s: %s", what, reason == NULL ? qy_status_text(status) : reason);
}

static int no_password(char *buffer, int size, int writing, void *context)
{
  (void)buffer;
  (void)size;
  (void)writing;
  (void)context;
  return -1;
}

static qy_status use_key(SSL_CTX *context, qy_view pem, qy_error *why)
{
  BIO *text = pem.size == 0 || pem.size > 65536 ? NULL : BIO_new_mem_buf(pem.bytes, (int)pem.size);
  EVP_PKEY *key = text == NULL ? NULL : PEM_read_bio_PrivateKey(text, NULL, no_password, NULL);
  const bool good = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
  EVP_PKEY_free(key);
  BIO_free(text);
  if (!good) {
    ERR_clear_error(); /* says nothing of what the text held */
    return qy_fail(why, QY_ERR_MALFORMED, "TLS server: no unencrypted PEM private key, or not the certificate's");
  }
  return QY_OK;
}

static qy_status use_certificates(SSL_CTX *context, qy_view pem, qy_error *why)
{
  QY_SCOPED_CHAIN(chain);
  QY_TRY(qy_chain_from_pem(&chain, pem, why));
  for (size_t i = 0; i < chain.count; i++) {
    const qy_view der = qy_certificate_der(chain.certificates[i]);
    const unsigned char *at = der.bytes;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.size);
    const bool good = certificate != NULL && (i == 0 ? SSL_CTX_use_certificate(context, certificate)
                                                     : SSL_CTX_add1_chain_cert(context, certificate)) == 1;
    X509_free(certificate);
    if (!good) {
      return fail(why, QY_ERR_MALFORMED, "certificate");
    }
  }
  return QY_OK;
}

static qy_status set_up(SSL_CTX *context, qy_view certificates_pem, qy_view private_key_pem, qy_error *why)
{
  if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 || SSL_CTX_set_num_tickets(context, 0) != 1) {
    return fail(why, QY_ERR_CRYPTO, "TLS 1.3");
  }
  /* No resumption: there is then no ticket key that would have to be kept secret and changed. */
  (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  QY_TRY(use_certificates(context, certificates_pem, why));
  QY_TRY(use_key(context, private_key_pem, why));
  return SSL_CTX_check_private_key(context) == 1 ? QY_OK : fail(why, QY_ERR_MALFORMED, "key and certificate");
}

qy_status qy_tls_server_context(SSL_CTX **out, qy_view certificates_pem, qy_view private_key_pem, qy_error *why)
{
  *out = SSL_CTX_new(TLS_server_method());
  if (*out == NULL) {
    return fail(why, QY_ERR_MEMORY, "context");
  }
  const qy_status status = set_up(*out, certificates_pem, private_key_pem, why);
  if (status != QY_OK) {
    SSL_CTX_free(*out);
    *out = NULL;
  }
  return status;
}
