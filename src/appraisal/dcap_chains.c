/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and revocation lists: who signed whom, up to the root that is trusted. */
#include <appraisal/dcap_parts.h>

#include <string.h>

static const char chain_origin[] = "PCK certificate profile";

/* ---- The root ---- */

qy_status qy_dcap_examine_root(qy_dcap_root *out, qy_examination *examination, qy_view file, qy_error *why)
{
  out->given = file.bytes != NULL;
  memcpy(out->key, qy_intel_sgx_root_key, sizeof(out->key));
  if (!out->given) {
    out->readable = true;
    out->self_issued = true;
    return QY_OK;
  }
  qy_error cause = {0};
  const qy_status status = qy_sgx_chain_from_pem(&out->list, file, NULL, &cause);
  if (status == QY_ERR_MEMORY) {
    return qy_fail(why, status, "%s", cause.message);
  }
  const qy_sgx_certificate *root = &out->list.certificates[0];
  out->readable = status == QY_OK && out->list.count == 1;
  out->self_issued = out->readable && qy_sgx_same_name(&root->subject, &root->issuer);
  const bool held = qy_examine(
      examination, QY_CHECK_TRUSTED_ROOT, out->self_issued, .expected = qy_textf("one certificate, issued by itself"),
      .actual = status != QY_OK     ? qy_textf("%s", cause.message)
                : !out->readable    ? qy_textf("%zu certificates", out->list.count)
                : !out->self_issued ? qy_textf("issued by %s", qy_view_as_text(root->issuer.common_name).chars)
                                    : qy_view_as_text(root->subject.common_name),
      .origin = "root that was named");
  out->self_issued = held;
  if (out->readable) {
    memcpy(out->key, root->public_key, sizeof(out->key));
  }
  return QY_OK;
}

/* ---- Revocation lists ---- */

qy_status qy_dcap_examine_crl(qy_dcap_crl *out, qy_examination *examination, qy_view file, const char *origin,
                              qy_error *why)
{
  out->given = file.bytes != NULL;
  if (!out->given) {
    qy_examine_missing(examination, QY_CHECK_CRL_FORM, "a revocation list", origin);
    return QY_OK;
  }
  qy_error cause = {0};
  const qy_status status = qy_sgx_crl_decode(&out->list, file, &cause);
  if (status == QY_ERR_MEMORY) {
    return qy_fail(why, status, "%s", cause.message);
  }
  out->readable = qy_examine(examination, QY_CHECK_CRL_FORM, status == QY_OK,
                             .expected = qy_textf("a CRL of version 2 in DER, PEM or hex"),
                             .actual = qy_examined_text(status, &cause), .origin = origin) &&
                  status == QY_OK;
  return QY_OK;
}

static qy_status examine_crl_of(qy_dcap_crl_findings *out, qy_examination *examination, qy_dcap_collateral *set,
                                const qy_dcap_crl *crl, const qy_sgx_certificate *issuer, const char *origin,
                                qy_error *why)
{
  *out = (qy_dcap_crl_findings){0};
  if (!crl->readable || issuer == NULL) {
    return QY_OK;
  }
  const qy_sgx_crl *list = &crl->list;
  bool valid = false;
  out->is_issuer = qy_examine(examination, QY_CHECK_CRL_ISSUER, qy_sgx_same_name(&list->issuer, &issuer->subject),
                              .expected = qy_view_as_text(issuer->subject.common_name),
                              .actual = qy_view_as_text(list->issuer.common_name), .origin = origin);
  out->has_extensions =
      qy_examine(examination, QY_CHECK_CRL_EXTENSIONS, list->extensions == QY_SGX_CRL_HAS_ALL,
                 .expected = qy_textf("cRLNumber and authorityKeyIdentifier"),
                 .actual = qy_textf(list->extensions == QY_SGX_CRL_HAS_ALL ? "both" : "not both"), .origin = origin);
  (void)qy_examine(examination, QY_CHECK_CRL_SCOPE, !list->has_unknown_critical,
                   .expected = qy_textf("no critical extension"),
                   .actual = qy_textf(list->has_unknown_critical ? "one that narrows what the list says" : "none"),
                   .origin = origin);
  const qy_status status =
      qy_known_verify(&set->known, &valid, issuer->public_key, list->signed_part, list->signature, why);
  if (status != QY_OK && status != QY_ERR_MALFORMED) {
    return status;
  }
  out->is_signed = qy_examine(examination, QY_CHECK_CRL_SIGNATURE, valid,
                              .expected = qy_textf("signed by %s", qy_view_as_text(issuer->subject.common_name).chars),
                              .actual = qy_textf(valid ? "so" : "not by that key, or changed since"), .origin = origin);
  return QY_OK;
}

/* ---- Chains ---- */

static bool name_holds(const qy_sgx_name *name, const char *what)
{
  return memmem(name->common_name.bytes, name->common_name.size, what, strlen(what)) != NULL;
}

/* Intel's library tells root, CA and leaf by their names, in whatever order they stand. */
static void find_certificates(qy_dcap_chain *chain, const char *leaf_name)
{
  for (size_t i = 0; i < chain->list.count; i++) {
    const qy_sgx_certificate *certificate = &chain->list.certificates[i];
    const bool self_issued = qy_sgx_same_name(&certificate->subject, &certificate->issuer);
    if (chain->root == NULL && self_issued && name_holds(&certificate->subject, "SGX Root CA")) {
      chain->root = certificate;
    } else if (chain->leaf == NULL && name_holds(&certificate->subject, leaf_name)) {
      chain->leaf = certificate;
    } else if (chain->ca == NULL && !self_issued && name_holds(&certificate->subject, "CA")) {
      chain->ca = certificate;
    }
  }
}

/* How chains of one kind are made up. */
typedef struct chain_kind {
  size_t count;
  const char *leaf_name;
  qy_check_id form;
  qy_check_id root;
  qy_check_id trusted;
  qy_check_id purposes;
} chain_kind;

static const chain_kind pck_kind = {.count = 3,
                                    .leaf_name = "SGX PCK Certificate",
                                    .form = QY_CHECK_PCK_CHAIN_FORM,
                                    .root = QY_CHECK_PCK_CHAIN_ROOT,
                                    .trusted = QY_CHECK_PCK_CHAIN_TRUSTED,
                                    .purposes = QY_CHECK_PCK_CHAIN_PURPOSES};
static const chain_kind signing_kind = {.count = 2,
                                        .leaf_name = "SGX TCB Signing",
                                        .form = QY_CHECK_SIGNING_CHAIN_FORM,
                                        .root = QY_CHECK_SIGNING_CHAIN_ROOT,
                                        .trusted = QY_CHECK_SIGNING_CHAIN_TRUSTED,
                                        .purposes = QY_CHECK_SIGNING_CHAIN_PURPOSES};

static bool is_whole(const qy_dcap_chain *chain, const chain_kind *kind)
{
  return chain->root != NULL && chain->leaf != NULL && (kind->count == 2 || chain->ca != NULL);
}

/* Reads the chain and finds its certificates. `*goes_on` when there is one to go on with. */
static qy_status read_chain(qy_dcap_chain *out, qy_examination *examination, qy_view pem, const chain_kind *kind,
                            const char *origin, bool *goes_on, qy_error *why)
{
  qy_error cause = {0};
  const qy_text expected = qy_textf("%zu certificates: the root, %sand \"%s\"", kind->count,
                                    kind->count == 3 ? "a CA " : "", kind->leaf_name);
  *goes_on = false;
  out->given = pem.bytes != NULL;
  if (!out->given) {
    qy_examine_missing(examination, kind->form, "a chain of certificates in PEM", origin);
    return QY_OK;
  }
  const qy_status status = qy_sgx_chain_from_pem(&out->list, pem, &out->fault, &cause);
  if (status == QY_ERR_MEMORY) {
    return qy_fail(why, status, "%s", cause.message);
  }
  out->readable = status == QY_OK;
  find_certificates(out, kind->leaf_name);
  const bool all_found = is_whole(out, kind);
  out->whole = qy_examine(examination, kind->form, all_found && out->list.count == kind->count, .expected = expected,
                          .actual = !out->readable                   ? qy_textf("%s", cause.message)
                                    : out->list.count != kind->count ? qy_textf("%zu certificates", out->list.count)
                                    : all_found                      ? qy_textf("so")
                                                : qy_textf("one of them is missing, and another stands there twice"),
                          .origin = origin);
  *goes_on = out->whole && all_found;
  return QY_OK;
}

/* Names match and the issuer's key signed. */
static qy_status examine_issued(bool *held, qy_examination *examination, qy_dcap_collateral *set, qy_check_id id,
                                const qy_sgx_certificate *certificate, const qy_sgx_certificate *issuer,
                                const char *origin, qy_error *why)
{
  bool valid = false;
  const bool named = qy_sgx_same_name(&certificate->issuer, &issuer->subject);
  const qy_status status =
      qy_known_verify(&set->known, &valid, issuer->public_key, certificate->signed_part, certificate->signature, why);
  if (status != QY_OK && status != QY_ERR_MALFORMED) {
    return status;
  }
  *held =
      qy_examine(examination, id, named && valid,
                 .expected = qy_textf("issued and signed by %s", qy_view_as_text(issuer->subject.common_name).chars),
                 .actual = !named ? qy_textf("issued by %s, or by a name spelt in another way",
                                             qy_view_as_text(certificate->issuer.common_name).chars)
                                  : qy_textf(valid ? "so" : "signed by another key"),
                 .origin = origin);
  return QY_OK;
}

/* The named root itself; without one, any certificate of Intel's key. */
static bool is_trusted(const qy_dcap_root *root, const qy_sgx_certificate *certificate)
{
  if (!qy_view_equal(QY_VIEW_OF(root->key), QY_VIEW_OF(certificate->public_key))) {
    return false;
  }
  return !root->given ||
         (root->readable && qy_view_equal(root->list.certificates[0].signature_bits, certificate->signature_bits));
}

static bool may_issue(const qy_sgx_certificate *certificate)
{
  return certificate->is_ca && certificate->signs_certificates && !certificate->has_unknown_critical;
}

static void examine_root_of(qy_dcap_chain *out, qy_examination *examination, const qy_dcap_collateral *set,
                            const chain_kind *kind, const char *origin)
{
  const bool purposes = may_issue(out->root) && (out->ca == NULL || may_issue(out->ca)) && !out->leaf->is_ca &&
                        out->leaf->signs_data && !out->leaf->has_unknown_critical;
  out->trusted =
      qy_examine(examination, kind->trusted, is_trusted(&set->root, out->root),
                 .expected = qy_textf("%s %s", set->root.given ? "the root that was named, key" : "Intel's root key",
                                      qy_text_hex(qy_view_over(set->root.key, 32)).chars),
                 .actual = qy_textf("%s, key %s", qy_view_as_text(out->root->subject.common_name).chars,
                                    qy_text_hex(qy_view_over(out->root->public_key, 32)).chars),
                 .origin = origin);
  (void)qy_examine(
      examination, kind->purposes, purposes,
      .expected = qy_textf("CAs that may sign certificates, a leaf that may sign data and is no CA"),
      .actual = qy_textf(purposes ? "so" : "a certificate that may not, or has a critical extension nobody knows"),
      .origin = "RFC 5280");
}

static bool examine_revoked(qy_examination *examination, qy_check_id id, const qy_dcap_crl *crl,
                            const qy_sgx_certificate *certificate, const char *origin)
{
  if (!crl->readable) {
    return false; /* the list's own check has said so */
  }
  const bool listed = qy_sgx_crl_revokes(&crl->list, certificate->serial);
  return !qy_examine(examination, id, !listed,
                     .expected =
                         qy_textf("none of the %zu serial numbers that the CA revoked", crl->list.revoked_count),
                     .actual = qy_textf("serial number %s", qy_text_hex(certificate->serial).chars), .origin = origin);
}

qy_status qy_dcap_examine_signing_chain(qy_dcap_chain *out, qy_examination *examination, qy_dcap_collateral *set,
                                        qy_view pem, const char *origin, qy_error *why)
{
  bool goes_on = false;
  QY_TRY(read_chain(out, examination, pem, &signing_kind, origin, &goes_on, why));
  if (!goes_on) {
    return QY_OK;
  }
  QY_TRY(examine_issued(&out->root_signed, examination, set, QY_CHECK_SIGNING_CHAIN_ROOT, out->root, out->root, origin,
                        why));
  QY_TRY(examine_issued(&out->leaf_signed, examination, set, QY_CHECK_SIGNING_CHAIN_LEAF, out->leaf, out->root, origin,
                        why));
  QY_TRY(examine_crl_of(&out->root_crl, examination, set, &set->root_crl, out->root, "root CRL", why));
  out->leaf_revoked = examine_revoked(examination, QY_CHECK_SIGNER_REVOKED, &set->root_crl, out->leaf, "root CRL");
  examine_root_of(out, examination, set, &signing_kind, origin);
  return QY_OK;
}

/* The root of the PCK chain is as a rule that of the signing chain, with which the root CRL was seen already. */
static bool seen_with(const qy_dcap_chain *chain, const qy_sgx_certificate *root)
{
  return chain->whole && qy_view_equal(QY_VIEW_OF(chain->root->public_key), QY_VIEW_OF(root->public_key)) &&
         qy_sgx_same_name(&chain->root->subject, &root->subject);
}

qy_status qy_dcap_examine_pck_chain(qy_dcap_chain *out, qy_examination *examination, qy_dcap_collateral *set,
                                    qy_view pem, qy_error *why)
{
  bool goes_on = false;
  QY_TRY(read_chain(out, examination, pem, &pck_kind, "PCK chain", &goes_on, why));
  if (!goes_on) {
    return QY_OK;
  }
  QY_TRY(examine_issued(&out->root_signed, examination, set, QY_CHECK_PCK_CHAIN_ROOT, out->root, out->root,
                        chain_origin, why));
  QY_TRY(
      examine_issued(&out->ca_signed, examination, set, QY_CHECK_PCK_CHAIN_CA, out->ca, out->root, chain_origin, why));
  QY_TRY(examine_issued(&out->leaf_signed, examination, set, QY_CHECK_PCK_CHAIN_LEAF, out->leaf, out->ca, chain_origin,
                        why));
  examine_root_of(out, examination, set, &pck_kind, "PCK chain");
  if (seen_with(&set->tcb_chain, out->root)) {
    out->root_crl = set->tcb_chain.root_crl;
  } else {
    QY_TRY(examine_crl_of(&out->root_crl, examination, set, &set->root_crl, out->root, "root CRL", why));
  }
  QY_TRY(examine_crl_of(&out->pck_crl, examination, set, &set->pck_crl, out->ca, "PCK CRL", why));
  out->ca_revoked = examine_revoked(examination, QY_CHECK_PCK_CA_REVOKED, &set->root_crl, out->ca, "root CRL");
  out->leaf_revoked = examine_revoked(examination, QY_CHECK_PCK_REVOKED, &set->pck_crl, out->leaf, "PCK CRL");
  return QY_OK;
}

void qy_dcap_chain_clear(qy_dcap_chain *chain)
{
  qy_sgx_chain_clear(&chain->list);
  *chain = (qy_dcap_chain){0};
}
