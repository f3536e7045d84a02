/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's statuses of chains and documents, each the first in the order in which its library looks. */
#include <appraisal/dcap_parts.h>

static qy_qvl_status of_crl(const qy_dcap_crl_findings *findings)
{
  return !findings->is_issuer        ? QY_QVL_SGX_CRL_UNKNOWN_ISSUER
         : !findings->has_extensions ? QY_QVL_SGX_CRL_INVALID_EXTENSIONS
         : !findings->is_signed      ? QY_QVL_SGX_CRL_INVALID_SIGNATURE
                                     : QY_QVL_OK;
}

/* Of a chain that is there, as far as it can be read. */
static qy_qvl_status of_form(const qy_dcap_chain *chain, qy_qvl_status missing_ca, qy_qvl_status missing_leaf)
{
  return chain->root == NULL                            ? QY_QVL_SGX_ROOT_CA_MISSING
         : chain->ca == NULL && missing_ca != QY_QVL_OK ? missing_ca
         : chain->leaf == NULL                          ? missing_leaf
                                                        : QY_QVL_OK;
}

static qy_qvl_status of_pck_chain(const qy_dcap_collateral *set, const qy_dcap_chain *chain)
{
  if (!chain->given || !set->root_crl.given || !set->pck_crl.given) {
    return QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  if (!chain->readable) {
    return chain->fault;
  }
  if (!chain->whole && chain->list.count != 3) {
    return QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  if (!set->root_crl.readable || !set->pck_crl.readable) {
    return QY_QVL_SGX_CRL_UNSUPPORTED_FORMAT;
  }
  if (!set->root.readable) {
    return QY_QVL_TRUSTED_ROOT_CA_UNSUPPORTED_FORMAT;
  }
  const qy_qvl_status form = of_form(chain, QY_QVL_SGX_INTERMEDIATE_CA_MISSING, QY_QVL_SGX_PCK_MISSING);
  if (form != QY_QVL_OK) {
    return form;
  }
  if (!chain->root_signed) {
    return QY_QVL_SGX_ROOT_CA_INVALID_ISSUER;
  }
  if (!chain->ca_signed) {
    return QY_QVL_SGX_INTERMEDIATE_CA_INVALID_ISSUER;
  }
  if (!chain->leaf_signed) {
    return QY_QVL_SGX_PCK_INVALID_ISSUER;
  }
  if (!set->root.self_issued) {
    return QY_QVL_TRUSTED_ROOT_CA_INVALID;
  }
  if (!chain->trusted) {
    return QY_QVL_SGX_PCK_CERT_CHAIN_UNTRUSTED;
  }
  const qy_qvl_status root_crl = of_crl(&chain->root_crl);
  return root_crl != QY_QVL_OK ? root_crl : of_crl(&chain->pck_crl);
}

qy_qvl_status qy_dcap_qvl_pck_chain(const qy_dcap_appraisal *appraisal, const qy_dcap_times *times)
{
  const qy_dcap_chain *chain = appraisal->pck_chain;
  const qy_qvl_status status = of_pck_chain(appraisal->set, chain);
  return status != QY_QVL_OK                                   ? status
         : chain->ca_revoked                                   ? QY_QVL_SGX_INTERMEDIATE_CA_REVOKED
         : chain->leaf_revoked                                 ? QY_QVL_SGX_PCK_REVOKED
         : times->pck_chain_expired                            ? QY_QVL_SGX_PCK_CERT_CHAIN_EXPIRED
         : !times->root_crl_current || !times->pck_crl_current ? QY_QVL_SGX_CRL_EXPIRED
                                                               : QY_QVL_OK;
}

static qy_qvl_status of_signing_chain(const qy_dcap_collateral *set, const qy_dcap_chain *chain)
{
  if (!chain->readable) {
    return chain->given ? chain->fault : QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  if (!chain->whole && chain->list.count != 2) {
    return QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  if (!set->root_crl.readable) {
    return QY_QVL_SGX_CRL_UNSUPPORTED_FORMAT;
  }
  if (!set->root.readable) {
    return QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  const qy_qvl_status form = of_form(chain, QY_QVL_OK, QY_QVL_SGX_TCB_SIGNING_CERT_MISSING);
  if (form != QY_QVL_OK) {
    return form;
  }
  if (!chain->root_signed) {
    return QY_QVL_SGX_ROOT_CA_INVALID_ISSUER;
  }
  if (!chain->leaf_signed) {
    return QY_QVL_SGX_TCB_SIGNING_CERT_INVALID_ISSUER;
  }
  const qy_qvl_status root_crl = of_crl(&chain->root_crl);
  if (root_crl != QY_QVL_OK) {
    return root_crl;
  }
  if (chain->leaf_revoked) {
    return QY_QVL_SGX_TCB_SIGNING_CERT_REVOKED;
  }
  if (!set->root.self_issued) {
    return QY_QVL_TRUSTED_ROOT_CA_INVALID;
  }
  return chain->trusted ? QY_QVL_OK : QY_QVL_SGX_TCB_SIGNING_CERT_CHAIN_UNTRUSTED;
}

/* A document, and how its times turned out. */
typedef struct document_facts {
  const qy_dcap_document *document;
  const qy_dcap_chain *chain;
  bool chain_expired;
  bool expired;
  qy_qvl_status not_signed_status;
  qy_qvl_status expired_status;
} document_facts;

static qy_qvl_status of_document(const qy_dcap_collateral *set, const document_facts *facts, bool crl_current)
{
  const qy_dcap_document *document = facts->document;
  if (!document->given || !facts->chain->given || !set->root_crl.given) {
    return QY_QVL_UNSUPPORTED_CERT_FORMAT;
  }
  if (!document->readable) {
    return document->fault;
  }
  const qy_qvl_status status = of_signing_chain(set, facts->chain);
  return status != QY_QVL_OK    ? status
         : !document->is_signed ? facts->not_signed_status
         : facts->chain_expired ? QY_QVL_SGX_SIGNING_CERT_CHAIN_EXPIRED
         : !crl_current         ? QY_QVL_SGX_CRL_EXPIRED
         : facts->expired       ? facts->expired_status
                                : QY_QVL_OK;
}

qy_qvl_status qy_dcap_qvl_tcb_info(const qy_dcap_collateral *set, const qy_dcap_times *times)
{
  const document_facts facts = {.document = &set->tcb_info_document,
                                .chain = &set->tcb_chain,
                                .chain_expired = times->tcb_chain_expired,
                                .expired = times->tcb_info_expired,
                                .not_signed_status = QY_QVL_TCB_INFO_INVALID_SIGNATURE,
                                .expired_status = QY_QVL_SGX_TCB_INFO_EXPIRED};
  return of_document(set, &facts, times->root_crl_current);
}

qy_qvl_status qy_dcap_qvl_identity(const qy_dcap_collateral *set, const qy_dcap_times *times)
{
  const document_facts facts = {.document = &set->identity_document,
                                .chain = qy_dcap_identity_chain(set),
                                .chain_expired = times->identity_chain_expired,
                                .expired = times->identity_expired,
                                .not_signed_status = QY_QVL_SGX_ENCLAVE_IDENTITY_INVALID_SIGNATURE,
                                .expired_status = QY_QVL_SGX_ENCLAVE_IDENTITY_EXPIRED};
  return of_document(set, &facts, times->root_crl_current);
}
