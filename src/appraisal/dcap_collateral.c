/* SPDX-License-Identifier: Apache-2.0 */
/* A set of collateral: read, verified and kept. */
#include <appraisal/dcap_parts.h>

#include <stdlib.h>
#include <string.h>

/* Copies every file, one behind the other. */
static qy_status copy_files(qy_dcap_collateral *set, const qy_dcap_files *files, qy_error *why)
{
  const qy_view from[] = {files->tcb_info, files->identity, files->tcb_chain, files->identity_chain,
                          files->root_crl, files->pck_crl,  files->root};
  qy_view *const to[] = {&set->files.tcb_info, &set->files.identity, &set->files.tcb_chain, &set->files.identity_chain,
                         &set->files.root_crl, &set->files.pck_crl,  &set->files.root};
  size_t size = 1;
  for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
    size += from[i].size;
  }
  set->bytes = malloc(size);
  if (set->bytes == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for %zu bytes", size);
  }
  size_t at = 0;
  for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
    if (from[i].bytes != NULL) {
      *to[i] = qy_view_over(set->bytes + at, from[i].size);
      memcpy(set->bytes + at, from[i].bytes, from[i].size);
      at += from[i].size;
    }
  }
  return QY_OK;
}

/* The checks that documents of both kinds have. */
typedef struct document_checks {
  qy_check_id form;
  qy_check_id signature;
  qy_check_id bytes;
  const char *origin;
} document_checks;

static const document_checks tcb_info_checks = {QY_CHECK_TCB_INFO_FORM, QY_CHECK_TCB_INFO_SIGNATURE,
                                                QY_CHECK_TCB_INFO_BYTES, "TCB info"};
static const document_checks identity_checks = {QY_CHECK_IDENTITY_FORM, QY_CHECK_IDENTITY_SIGNATURE,
                                                QY_CHECK_IDENTITY_BYTES, "enclave identity"};

static void examine_form(qy_dcap_document *out, qy_examination *examination, const document_checks *checks,
                         qy_status status, const qy_error *cause)
{
  out->readable = qy_examine(examination, checks->form, status == QY_OK,
                             .expected = qy_textf("a signed document of a known version, each member once"),
                             .actual = qy_examined_text(status, cause), .origin = checks->origin) &&
                  status == QY_OK;
}

static qy_status examine_signature(qy_dcap_document *out, qy_examination *examination, const document_checks *checks,
                                   const qy_signed_json *json, const qy_sgx_certificate *signer, qy_error *why)
{
  bool valid = false;
  if (signer == NULL) {
    return QY_OK; /* the chain's own check has said so */
  }
  QY_TRY(qy_signed_json_verify(&valid, json, signer->public_key, why));
  out->is_signed =
      qy_examine(examination, checks->signature, valid,
                 .expected = qy_textf("signed by %s", qy_view_as_text(signer->subject.common_name).chars),
                 .actual = qy_textf(valid ? "so" : "not by that key, or changed since"), .origin = checks->origin);
  (void)qy_examine(examination, checks->bytes, json->is_compact,
                   .expected = qy_textf("no white space outside of texts, as it was signed"),
                   .actual =
                       qy_textf(json->is_compact ? "none" : "white space: the bytes are not those that were signed"),
                   .origin = checks->origin);
  return QY_OK;
}

static qy_status examine_tcb_info(qy_dcap_collateral *set, qy_examination *examination, qy_error *why)
{
  qy_dcap_document *document = &set->tcb_info_document;
  document->given = set->files.tcb_info.bytes != NULL;
  if (!document->given) {
    qy_examine_missing(examination, QY_CHECK_TCB_INFO_FORM, "the platform's TCB info", tcb_info_checks.origin);
    return QY_OK;
  }
  set->tcb_info = malloc(sizeof(*set->tcb_info));
  if (set->tcb_info == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for TCB info");
  }
  qy_error cause = {0};
  const qy_status status = qy_tcb_info_decode(set->tcb_info, set->files.tcb_info, &document->fault, &cause);
  examine_form(document, examination, &tcb_info_checks, status, &cause);
  if (!document->readable) {
    return QY_OK;
  }
  const bool wide = set->tcb_info->has_wide_svn;
  (void)qy_examine(examination, QY_CHECK_TCB_INFO_SVNS, !wide, .expected = qy_textf("0 to 255"),
                   .actual = qy_textf(wide ? "a larger one" : "so"), .origin = tcb_info_checks.origin);
  return examine_signature(document, examination, &tcb_info_checks, &set->tcb_info->json, set->tcb_chain.leaf, why);
}

static qy_status examine_identity(qy_dcap_collateral *set, qy_examination *examination, qy_error *why)
{
  qy_dcap_document *document = &set->identity_document;
  document->given = set->files.identity.bytes != NULL;
  if (!document->given) {
    qy_examine_missing(examination, QY_CHECK_IDENTITY_FORM, "the quoting enclave's identity", identity_checks.origin);
    return QY_OK;
  }
  set->identity = malloc(sizeof(*set->identity));
  if (set->identity == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for an enclave identity");
  }
  qy_error cause = {0};
  const qy_status status = qy_enclave_identity_decode(set->identity, set->files.identity, &document->fault, &cause);
  examine_form(document, examination, &identity_checks, status, &cause);
  if (!document->readable) {
    return QY_OK;
  }
  return examine_signature(document, examination, &identity_checks, &set->identity->json,
                           qy_dcap_identity_chain(set)->leaf, why);
}

static qy_status examine_chains(qy_dcap_collateral *set, qy_examination *examination, qy_error *why)
{
  const qy_dcap_files *files = &set->files;
  QY_TRY(qy_dcap_examine_signing_chain(&set->tcb_chain, examination, set, files->tcb_chain,
                                       "signing chain of the TCB info", why));
  set->same_chain = files->tcb_chain.bytes != NULL && files->identity_chain.bytes != NULL &&
                    qy_view_equal(files->tcb_chain, files->identity_chain);
  return set->same_chain ? QY_OK
                         : qy_dcap_examine_signing_chain(&set->identity_chain, examination, set, files->identity_chain,
                                                         "signing chain of the enclave identity", why);
}

static qy_status examine(qy_dcap_collateral *set, qy_examination *examination, qy_error *why)
{
  const qy_dcap_files *files = &set->files;
  QY_TRY(qy_dcap_examine_root(&set->root, examination, files->root, why));
  QY_TRY(qy_dcap_examine_crl(&set->root_crl, examination, files->root_crl, "root CRL", why));
  QY_TRY(qy_dcap_examine_crl(&set->pck_crl, examination, files->pck_crl, "PCK CRL", why));
  QY_TRY(examine_chains(set, examination, why));
  QY_TRY(examine_tcb_info(set, examination, why));
  return examine_identity(set, examination, why);
}

static qy_status keep_records(qy_dcap_collateral *set, const qy_trace *trace, qy_error *why)
{
  const size_t size = trace->count * sizeof(trace->records[0]);
  set->records = malloc(size == 0 ? 1 : size);
  if (set->records == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for %zu checks", trace->count);
  }
  memcpy(set->records, trace->records, size);
  set->record_count = trace->count;
  set->dropped_records = trace->dropped;
  return QY_OK;
}

static qy_status read_set(qy_dcap_collateral *set, const qy_dcap_files *files, qy_error *why)
{
  qy_trace *trace = malloc(sizeof(*trace));
  if (trace == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for a trace");
  }
  trace->count = 0;
  trace->dropped = 0;
  qy_examination examination = {.trace = trace};
  qy_status status = copy_files(set, files, why);
  if (status == QY_OK) {
    status = examine(set, &examination, why);
  }
  if (status == QY_OK) {
    status = keep_records(set, trace, why);
  }
  set->refused = examination.refused;
  set->undecided = examination.undecided;
  free(trace);
  return status;
}

qy_status qy_dcap_collateral_new(qy_dcap_collateral **out, const qy_dcap_files *files, qy_error *why)
{
  *out = NULL;
  qy_dcap_collateral *set = calloc(1, sizeof(*set));
  if (set == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral: no memory for a set");
  }
  qy_known_signatures_init(&set->known);
  qy_known_platforms_init(&set->platforms);
  qy_known_keys_init(&set->keys);
  const qy_status status = read_set(set, files, why);
  if (status != QY_OK) {
    qy_dcap_collateral_free(&set);
    return status;
  }
  *out = set;
  return QY_OK;
}

void qy_dcap_collateral_free(qy_dcap_collateral **collateral)
{
  qy_dcap_collateral *set = *collateral;
  if (set == NULL) {
    return;
  }
  qy_sgx_chain_clear(&set->root.list);
  qy_sgx_crl_clear(&set->root_crl.list);
  qy_sgx_crl_clear(&set->pck_crl.list);
  qy_dcap_chain_clear(&set->tcb_chain);
  qy_dcap_chain_clear(&set->identity_chain);
  qy_known_platforms_clear(&set->platforms);
  qy_known_keys_clear(&set->keys);
  qy_known_signatures_clear(&set->known);
  free(set->tcb_info);
  free(set->identity);
  free(set->records);
  free(set->bytes);
  free(set);
  *collateral = NULL;
}

void qy_dcap_collateral_checks(qy_trace *trace, const qy_dcap_collateral *collateral)
{
  qy_trace_append(trace, collateral->records, collateral->record_count);
}

const qy_tcb_info *qy_dcap_collateral_tcb_info(const qy_dcap_collateral *collateral)
{
  return collateral->tcb_info_document.readable ? collateral->tcb_info : NULL;
}

const qy_enclave_identity *qy_dcap_collateral_identity(const qy_dcap_collateral *collateral)
{
  return collateral->identity_document.readable ? collateral->identity : NULL;
}
