/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of collateral, and the platforms they are for. */
#include <store/parts.h>

#include <string.h>

#include <base/limits.h>

const char *qy_store_tee(bool is_tdx)
{
  return is_tdx ? "tdx" : "sgx";
}

const char *qy_store_ca(bool by_platform_ca)
{
  return by_platform_ca ? "platform" : "processor";
}

const char *qy_collateral_part_name(qy_collateral_part part)
{
  static const char *const names[QY_PART_COUNT] = {[QY_PART_TCB_INFO] = "TCB info",
                                                   [QY_PART_IDENTITY] = "enclave identity",
                                                   [QY_PART_PCK_CRL] = "PCK CRL",
                                                   [QY_PART_ROOT_CRL] = "root CRL",
                                                   [QY_PART_TCB_CHAIN] = "signing chain of the TCB info",
                                                   [QY_PART_IDENTITY_CHAIN] = "signing chain of the enclave identity",
                                                   [QY_PART_PCK_CRL_CHAIN] = "issuer chain of the PCK CRL"};
  return part < QY_PART_COUNT ? names[part] : "unknown";
}

void qy_collateral_set_init(qy_collateral_set *set)
{
  for (size_t i = 0; i < QY_PART_COUNT; i++) {
    qy_buffer_init(&set->parts[i], QY_MAX_COLLATERAL_SIZE);
  }
  qy_buffer_init(&set->root, QY_MAX_COLLATERAL_SIZE);
}

void qy_collateral_set_clear(qy_collateral_set *set)
{
  for (size_t i = 0; i < QY_PART_COUNT; i++) {
    qy_buffer_clear(&set->parts[i]);
  }
  qy_buffer_clear(&set->root);
}

static qy_view given(const qy_buffer *part)
{
  return part->size == 0 ? (qy_view){NULL, 0} : qy_buffer_view(part);
}

qy_dcap_files qy_collateral_set_files(const qy_collateral_set *set)
{
  return (qy_dcap_files){.tcb_info = given(&set->parts[QY_PART_TCB_INFO]),
                         .identity = given(&set->parts[QY_PART_IDENTITY]),
                         .tcb_chain = given(&set->parts[QY_PART_TCB_CHAIN]),
                         .identity_chain = given(&set->parts[QY_PART_IDENTITY_CHAIN]),
                         .root_crl = given(&set->parts[QY_PART_ROOT_CRL]),
                         .pck_crl = given(&set->parts[QY_PART_PCK_CRL]),
                         .root = given(&set->root)};
}

qy_status qy_collateral_platform_of_chain(qy_collateral_platform *out, qy_pck_extension *extension, qy_view pem,
                                          qy_error *why)
{
  QY_SCOPED_SGX_CHAIN(chain);
  QY_TRY(qy_sgx_chain_from_pem(&chain, pem, NULL, why));
  for (size_t i = 0; i < chain.count; i++) {
    if (chain.certificates[i].sgx_extension.size > 0) {
      const qy_view issuer = chain.certificates[i].issuer.common_name;
      qy_pck_extension read;
      QY_TRY(qy_pck_extension_decode(&read, chain.certificates[i].sgx_extension, why));
      out->is_tdx = false;
      out->by_platform_ca = memmem(issuer.bytes, issuer.size, "Platform", strlen("Platform")) != NULL;
      memcpy(out->fmspc, read.fmspc, sizeof(out->fmspc));
      if (extension != NULL) {
        *extension = read;
      }
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_NOT_FOUND, "there is no PCK certificate in the chain");
}

qy_status qy_collateral_platform_of(qy_collateral_platform *out, qy_view quote_bytes, qy_error *why)
{
  qy_dcap_quote quote;
  QY_TRY(qy_dcap_quote_decode(&quote, quote_bytes, why));
  if (quote.certification.type != QY_CERTIFICATION_PCK_CHAIN) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "the quote carries no PCK chain, which would say what platform made it");
  }
  QY_TRY(qy_collateral_platform_of_chain(out, NULL, qy_certification_pem(&quote.certification), why));
  out->is_tdx = quote.header.tee == QY_TEE_TDX;
  return QY_OK;
}
