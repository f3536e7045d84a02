/* SPDX-License-Identifier: Apache-2.0 */
/* What a set owes before it is kept: the checks that every appraisal makes of its collateral, but for those of times;
 * and of the PCK CRL, which an appraisal sees with a PCK chain, that a CA of the trusted root signed it. */
#include <store/parts.h>

#include <stdlib.h>
#include <string.h>

#define CHAIN_OF(part) ((part) + (QY_PART_TCB_CHAIN - QY_PART_TCB_INFO)) /* of the first three parts */

void qy_store_examined_clear(qy_store_examined *examined)
{
  qy_sgx_crl_clear(&examined->pck_crl);
  qy_sgx_crl_clear(&examined->root_crl);
}

qy_status qy_collateral_root_key(uint8_t out[64], qy_view pem, qy_error *why)
{
  QY_SCOPED_SGX_CHAIN(chain);
  memcpy(out, qy_intel_sgx_root_key, 64);
  if (pem.size == 0) {
    return QY_OK;
  }
  const qy_status status = qy_sgx_chain_from_pem(&chain, pem, NULL, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "root");
  }
  memcpy(out, chain.certificates[0].public_key, 64);
  return QY_OK;
}

static bool has(const qy_collateral_set *set, qy_collateral_part part)
{
  return set->parts[part].size > 0;
}

/* What failed, as a status and a sentence. */
static qy_status refuse(const qy_trace *trace, qy_error *why)
{
  const qy_check_record *failed = qy_trace_failed(trace);
  if (failed == NULL) {
    return QY_OK;
  }
  return qy_fail(why, QY_ERR_REFUSED, "refused by check %s%s%s: expected %.80s, found %.80s", qy_check_name(failed->id),
                 failed->origin == NULL ? "" : " of the ", failed->origin == NULL ? "" : failed->origin,
                 failed->expected.chars, failed->actual.chars);
}

/* What fails stands in the trace, by which refuse() goes. */
static bool weigh(qy_trace *trace, qy_check_id id, bool held, qy_text expected, qy_text actual, qy_collateral_part part)
{
  return qy_check(trace, id, held, .expected = expected, .actual = actual, .origin = qy_collateral_part_name(part));
}

/* ---- Chains ---- */

/* Valid as long as all of its certificates are. */
static void note_chain(qy_store_document *out, const qy_sgx_chain *chain, qy_view pem)
{
  *out = (qy_store_document){.kind = "chain", .tee = "", .ca = "", .issued_s = INT64_MIN, .until_s = INT64_MAX};
  for (size_t i = 0; i < chain->count; i++) {
    const qy_sgx_certificate *certificate = &chain->certificates[i];
    out->issued_s = certificate->not_before_s > out->issued_s ? certificate->not_before_s : out->issued_s;
    out->until_s = certificate->not_after_s < out->until_s ? certificate->not_after_s : out->until_s;
  }
  out->bytes = pem;
}

static qy_status examine_chains(qy_store_examined *out, const qy_collateral_set *set, qy_error *why)
{
  for (size_t part = QY_PART_TCB_CHAIN; part < QY_PART_COUNT; part++) {
    if (has(set, part)) {
      QY_SCOPED_SGX_CHAIN(chain);
      const qy_view pem = qy_buffer_view(&set->parts[part]);
      const qy_status status = qy_sgx_chain_from_pem(&chain, pem, NULL, why);
      if (status != QY_OK) {
        return qy_fail_in(why, status, "%s", qy_collateral_part_name(part));
      }
      note_chain(&out->documents[part], &chain, pem);
      out->documents[part].root = QY_VIEW_OF(out->root_key);
    }
  }
  return QY_OK;
}

/* The root CRL is vouched for by the root itself, which stands in every chain. */
static bool is_vouched(const qy_collateral_set *set, qy_collateral_part part)
{
  if (part == QY_PART_ROOT_CRL) {
    return has(set, QY_PART_TCB_CHAIN) || has(set, QY_PART_IDENTITY_CHAIN) || has(set, QY_PART_PCK_CRL_CHAIN);
  }
  return has(set, CHAIN_OF(part));
}

static void examine_vouched(qy_trace *trace, const qy_collateral_set *set)
{
  for (size_t part = 0; part < QY_PART_DOCUMENTS; part++) {
    if (has(set, part)) {
      const bool vouched = is_vouched(set, part);
      (void)weigh(trace, QY_CHECK_KEPT_VOUCHED, vouched, qy_textf("its issuer chain"),
                  qy_textf(vouched ? "so" : "none"), part);
    }
  }
}

/* ---- Revocation lists ---- */

static const qy_sgx_certificate *find(const qy_sgx_chain *chain, bool root)
{
  for (size_t i = 0; i < chain->count; i++) {
    const qy_sgx_certificate *certificate = &chain->certificates[i];
    const bool self_issued = qy_sgx_same_name(&certificate->subject, &certificate->issuer);
    if (root ? self_issued : !self_issued && certificate->is_ca) {
      return certificate;
    }
  }
  return NULL;
}

static bool named(const qy_sgx_certificate *certificate, const char *what)
{
  return memmem(certificate->subject.common_name.bytes, certificate->subject.common_name.size, what, strlen(what)) !=
         NULL;
}

/* Names match, and the key signed. */
static qy_status signed_by_root(bool *valid, const qy_sgx_certificate *ca, const qy_sgx_certificate *root,
                                const uint8_t root_key[64], qy_error *why)
{
  *valid = false;
  if (ca == NULL || root == NULL || !qy_sgx_same_name(&ca->issuer, &root->subject) || !ca->signs_lists ||
      !qy_view_equal(QY_VIEW_OF(root->public_key), qy_view_over(root_key, 64))) {
    return QY_OK;
  }
  return qy_sgx_certificate_signed_by(valid, ca, root, why);
}

static qy_status list_signed_by(bool *valid, const qy_sgx_crl *list, const qy_sgx_certificate *issuer, qy_error *why)
{
  *valid = false;
  return qy_sgx_same_name(&list->issuer, &issuer->subject) && list->extensions == QY_SGX_CRL_HAS_ALL &&
                 !list->has_unknown_critical
             ? qy_sgx_crl_signed_by(valid, list, issuer, why)
             : QY_OK;
}

static void note_list(qy_store_document *out, const qy_sgx_crl *list, const char *kind, const char *ca)
{
  out->kind = kind;
  out->tee = "";
  out->ca = ca;
  out->number = list->number > INT64_MAX ? INT64_MAX : (int64_t)list->number;
  out->issued_s = list->this_update_s;
  out->until_s = list->next_update_s;
  out->bytes = list->der;
}

static qy_status examine_pck_list(qy_store_examined *out, qy_trace *trace, const qy_collateral_set *set,
                                  const qy_collateral_platform *asked, qy_error *why)
{
  QY_SCOPED_SGX_CHAIN(chain);
  bool valid = false;
  QY_TRY(qy_sgx_crl_decode(&out->pck_crl, qy_buffer_view(&set->parts[QY_PART_PCK_CRL]), why));
  QY_TRY(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&set->parts[QY_PART_PCK_CRL_CHAIN]), NULL, why));
  const qy_sgx_certificate *ca = find(&chain, false);
  QY_TRY(signed_by_root(&valid, ca, find(&chain, true), out->root_key, why));
  const bool chained = weigh(trace, QY_CHECK_KEPT_CRL_CHAIN, valid,
                             qy_textf("a CA that the root with key %s... signed, for lists",
                                      qy_text_hex(qy_view_over(out->root_key, 8)).chars),
                             qy_textf(valid ? "so" : "not so"), QY_PART_PCK_CRL);
  if (!chained || ca == NULL) {
    return QY_OK;
  }
  QY_TRY(list_signed_by(&valid, &out->pck_crl, ca, why));
  (void)weigh(trace, QY_CHECK_KEPT_CRL_SIGNATURE, valid, qy_textf("a whole list, signed by its CA"),
              qy_textf(valid ? "so" : "another's, a part, or altered"), QY_PART_PCK_CRL);
  const bool by_platform = named(ca, "Platform");
  const bool as_asked = asked == NULL || asked->by_platform_ca == by_platform;
  (void)weigh(trace, QY_CHECK_KEPT_ASKED, as_asked,
              qy_textf("that of the %s CA", qy_store_ca(asked == NULL ? by_platform : asked->by_platform_ca)),
              qy_textf("that of the %s CA", qy_store_ca(by_platform)), QY_PART_PCK_CRL);
  note_list(&out->documents[QY_PART_PCK_CRL], &out->pck_crl, "pck-crl", qy_store_ca(by_platform));
  return QY_OK;
}

/* Its signature has been looked at with a signing chain, if there is one; here it is with any chain. */
static qy_status examine_root_list(qy_store_examined *out, qy_trace *trace, const qy_collateral_set *set, qy_error *why)
{
  QY_SCOPED_SGX_CHAIN(chain);
  bool valid = false;
  size_t part = QY_PART_TCB_CHAIN;
  while (part + 1 < QY_PART_COUNT && !has(set, part)) {
    part++;
  }
  QY_TRY(qy_sgx_crl_decode(&out->root_crl, qy_buffer_view(&set->parts[QY_PART_ROOT_CRL]), why));
  QY_TRY(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&set->parts[part]), NULL, why));
  const qy_sgx_certificate *root = find(&chain, true);
  if (root != NULL && qy_view_equal(QY_VIEW_OF(root->public_key), QY_VIEW_OF(out->root_key))) {
    QY_TRY(list_signed_by(&valid, &out->root_crl, root, why));
  }
  (void)weigh(trace, QY_CHECK_KEPT_CRL_SIGNATURE, valid, qy_textf("a whole list, signed by the root that is trusted"),
              qy_textf(valid ? "so" : "another's, a part, or altered"), QY_PART_ROOT_CRL);
  note_list(&out->documents[QY_PART_ROOT_CRL], &out->root_crl, "root-crl", "");
  return QY_OK;
}

/* ---- Documents ---- */

static qy_text subject_text(bool is_tdx, const uint8_t fmspc[QY_FMSPC_SIZE])
{
  return qy_textf("%s, FMSPC %s", qy_store_tee(is_tdx), qy_text_hex(qy_view_over(fmspc, QY_FMSPC_SIZE)).chars);
}

static void note_tcb_info(qy_store_examined *out, qy_trace *trace, const qy_tcb_info *info, qy_view bytes,
                          const qy_collateral_platform *asked)
{
  const bool as_asked = asked == NULL || (asked->is_tdx == info->is_tdx &&
                                          qy_view_equal(QY_VIEW_OF(asked->fmspc), QY_VIEW_OF(info->fmspc)));
  const qy_text found = subject_text(info->is_tdx, info->fmspc);
  (void)weigh(trace, QY_CHECK_KEPT_ASKED, as_asked, asked == NULL ? found : subject_text(asked->is_tdx, asked->fmspc),
              found, QY_PART_TCB_INFO);
  memcpy(out->fmspc, info->fmspc, sizeof(out->fmspc));
  out->documents[QY_PART_TCB_INFO] = (qy_store_document){.kind = "tcb-info",
                                                         .tee = qy_store_tee(info->is_tdx),
                                                         .ca = "",
                                                         .fmspc = QY_VIEW_OF(out->fmspc),
                                                         .number = info->evaluation_number,
                                                         .issued_s = info->issued_s,
                                                         .until_s = info->next_update_s,
                                                         .bytes = bytes};
}

static void note_identity(qy_store_examined *out, qy_trace *trace, const qy_enclave_identity *identity, qy_view bytes,
                          const qy_collateral_platform *asked)
{
  const bool is_tdx = identity->id == QY_IDENTITY_TD_QE;
  const bool of_quoting = identity->id != QY_IDENTITY_QVE;
  const bool as_asked = of_quoting && (asked == NULL || asked->is_tdx == is_tdx);
  (void)weigh(trace, QY_CHECK_KEPT_ASKED, as_asked,
              qy_textf("%s", asked == NULL   ? "QE or TD_QE"
                             : asked->is_tdx ? "TD_QE"
                                             : "QE"),
              qy_textf("%s", qy_identity_id_name(identity->id)), QY_PART_IDENTITY);
  out->documents[QY_PART_IDENTITY] = (qy_store_document){.kind = "identity",
                                                         .tee = qy_store_tee(is_tdx),
                                                         .ca = "",
                                                         .number = identity->evaluation_number,
                                                         .issued_s = identity->issued_s,
                                                         .until_s = identity->next_update_s,
                                                         .bytes = bytes};
}

static qy_status examine_signed(qy_store_examined *out, qy_trace *trace, const qy_collateral_set *set,
                                const qy_collateral_platform *asked, qy_error *why)
{
  const qy_dcap_files files = qy_collateral_set_files(set);
  qy_dcap_collateral *read = NULL;
  QY_TRY(qy_dcap_collateral_new(&read, &files, why));
  qy_dcap_collateral_checks(trace, read);
  const qy_tcb_info *info = qy_dcap_collateral_tcb_info(read);
  const qy_enclave_identity *identity = qy_dcap_collateral_identity(read);
  if (info != NULL) {
    note_tcb_info(out, trace, info, files.tcb_info, asked);
  }
  if (identity != NULL) {
    note_identity(out, trace, identity, files.identity, asked);
  }
  qy_dcap_collateral_free(&read);
  return QY_OK;
}

/* ---- All of it ---- */

static qy_status examine(qy_store_examined *out, const qy_collateral_set *set, const qy_collateral_platform *asked,
                         qy_trace *trace, qy_error *why)
{
  QY_TRY(qy_collateral_root_key(out->root_key, qy_buffer_view(&set->root), why));
  QY_TRY(examine_signed(out, trace, set, asked, why));
  examine_vouched(trace, set);
  QY_TRY(refuse(trace, why));
  QY_TRY(examine_chains(out, set, why));
  if (has(set, QY_PART_PCK_CRL)) {
    QY_TRY(examine_pck_list(out, trace, set, asked, why));
  }
  if (has(set, QY_PART_ROOT_CRL)) {
    QY_TRY(examine_root_list(out, trace, set, why));
  }
  for (size_t part = 0; part < QY_PART_DOCUMENTS; part++) {
    out->documents[part].root = QY_VIEW_OF(out->root_key);
  }
  return refuse(trace, why);
}

qy_status qy_store_examine(qy_store_examined *out, const qy_collateral_set *set, const qy_collateral_platform *asked,
                           qy_trace *trace, qy_error *why)
{
  qy_trace *own = trace != NULL ? NULL : malloc(sizeof(*own));
  qy_trace *used = trace != NULL ? trace : own;
  if (used == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for a trace");
  }
  used->count = 0;
  used->dropped = 0;
  const qy_status status = examine(out, set, asked, used, why);
  free(own);
  return status;
}
