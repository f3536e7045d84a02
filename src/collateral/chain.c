/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/collateral.h>

#include <stdlib.h>

#include <base/limits.h>
#include <crypto/pem.h>

static qy_status set(qy_qvl_status *qvl, qy_qvl_status value, qy_status status)
{
  if (qvl != NULL) {
    *qvl = value;
  }
  return status;
}

/* Where each certificate ends among the bytes of all. */
typedef struct chain_ends {
  size_t count;
  size_t at[QY_SGX_CHAIN_CAPACITY];
} chain_ends;

static qy_status decode_text(qy_buffer *der, chain_ends *ends, qy_view pem, qy_error *why)
{
  for (size_t at = qy_pem_skip_space(pem, 0); at < pem.size; at = qy_pem_skip_space(pem, at)) {
    if (ends->count == QY_SGX_CHAIN_CAPACITY) {
      return qy_fail(why, QY_ERR_LIMIT, "certificates: more than %d", QY_SGX_CHAIN_CAPACITY);
    }
    QY_TRY(qy_pem_next(der, pem, &at, "CERTIFICATE", why));
    ends->at[ends->count++] = der->size;
  }
  return ends->count > 0 ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "certificates: there is none");
}

/* Intel's library tells by its place what a certificate was meant to be. */
static qy_qvl_status extensions_status(size_t index, size_t count)
{
  if (index == 0) {
    return QY_QVL_SGX_ROOT_CA_INVALID_EXTENSIONS;
  }
  if (index == 1) {
    return count == 2 ? QY_QVL_SGX_TCB_SIGNING_CERT_INVALID_EXTENSIONS : QY_QVL_SGX_INTERMEDIATE_CA_INVALID_EXTENSIONS;
  }
  return QY_QVL_SGX_PCK_INVALID_EXTENSIONS;
}

static qy_status decode_certificates(qy_sgx_chain *out, const chain_ends *ends, qy_qvl_status *qvl, qy_error *why)
{
  size_t began = 0;
  for (size_t i = 0; i < ends->count; i++) {
    qy_sgx_certificate *certificate = &out->certificates[i];
    const qy_status status =
        qy_sgx_certificate_decode(certificate, qy_view_over(out->der + began, ends->at[i] - began), why);
    if (status != QY_OK) {
      return set(qvl, QY_QVL_UNSUPPORTED_CERT_FORMAT, qy_fail_in(why, status, "number %zu", i + 1));
    }
    if (certificate->extensions != QY_SGX_HAS_ALL) {
      return set(qvl, extensions_status(i, ends->count),
                 qy_fail(why, QY_ERR_MALFORMED, "number %zu: certificate: a required extension is missing", i + 1));
    }
    began = ends->at[i];
  }
  out->count = ends->count;
  return QY_OK;
}

qy_status qy_sgx_chain_from_pem(qy_sgx_chain *out, qy_view pem, qy_qvl_status *qvl, qy_error *why)
{
  chain_ends ends = {0};
  QY_SCOPED_BUFFER(der, pem.size);
  out->count = 0;
  out->der = NULL;
  if (pem.size > QY_MAX_COLLATERAL_SIZE) {
    return set(qvl, QY_QVL_UNSUPPORTED_CERT_FORMAT,
               qy_fail(why, QY_ERR_LIMIT, "certificates: %zu bytes, at most %u", pem.size, QY_MAX_COLLATERAL_SIZE));
  }
  if (pem.size > 0 && pem.bytes[pem.size - 1] == 0) {
    pem.size--; /* as C libraries and quotes hand it over */
  }
  qy_buffer_reserve(&der, pem.size / 4 * 3); /* at most, and little less */
  const qy_status status = decode_text(&der, &ends, pem, why);
  if (status != QY_OK) {
    return set(qvl, QY_QVL_UNSUPPORTED_CERT_FORMAT, status);
  }
  out->der = der.bytes;
  qy_buffer_init(&der, 0); /* the chain's now */
  const qy_status decoded = decode_certificates(out, &ends, qvl, why);
  if (decoded != QY_OK) {
    qy_sgx_chain_clear(out);
  }
  return decoded;
}

void qy_sgx_chain_clear(qy_sgx_chain *chain)
{
  free(chain->der);
  chain->der = NULL;
  chain->count = 0;
}
