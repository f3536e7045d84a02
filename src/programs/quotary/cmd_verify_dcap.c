/* SPDX-License-Identifier: Apache-2.0 */
/* quotary verify of DCAP quotes: under a folder of collateral, with what would mend the platform. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <describe/text.h>
#include <quotary/dcap_explain.h>
#include <quotary/quote.h>

#include "cli.h"
#include "cmd_collateral.h"
#include "verify.h"

static const char *const name = "quotary verify";

/* ---- Reading ---- */

typedef enum part { TCB_INFO, QE_IDENTITY, TCB_CHAIN, QE_CHAIN, PCK_CHAIN, PCK_CRL, ROOT_CRL, PARTS } part;

static const struct {
  const char *file;
  const char *what;
} parts[PARTS] = {[TCB_INFO] = {"tcb_info.json", "the platform's TCB info"},
                  [QE_IDENTITY] = {"qe_identity.json", "the quoting enclave's identity"},
                  [TCB_CHAIN] = {"tcb_chain.pem", "the certificates of who signed the TCB info"},
                  [QE_CHAIN] = {"qe_chain.pem", "the certificates of who signed the identity"},
                  [PCK_CHAIN] = {"pck_chain.pem", "the platform's certificate; the quote carries none either"},
                  [PCK_CRL] = {"pck_crl.der", "the list of PCK certificates that are revoked"},
                  [ROOT_CRL] = {"root_crl.der", "the list of CAs that are revoked"}};

typedef struct evidence {
  qy_buffer quote;
  qy_buffer root;
  bool root_given;
  qy_buffer event_log;
  bool event_log_given;
  qy_buffer parts[PARTS];
  bool given[PARTS];
  bool from_store;
} evidence;

static void evidence_begin(evidence *held)
{
  memset(held, 0, sizeof(*held));
  qy_buffer_init(&held->quote, QY_MAX_FILE_SIZE);
  qy_buffer_init(&held->root, QY_MAX_COLLATERAL_SIZE);
  qy_buffer_init(&held->event_log, QY_MAX_EVENT_LOG_SIZE);
  for (size_t i = 0; i < PARTS; i++) {
    qy_buffer_init(&held->parts[i], QY_MAX_COLLATERAL_SIZE);
  }
}

static void evidence_end(evidence *held)
{
  qy_buffer_clear(&held->quote);
  qy_buffer_clear(&held->root);
  qy_buffer_clear(&held->event_log);
  for (size_t i = 0; i < PARTS; i++) {
    qy_buffer_clear(&held->parts[i]);
  }
}

qy_status verify_read_quote(qy_buffer *out, const char *path, qy_error *why)
{
  QY_SCOPED_BUFFER(decoded, QY_MAX_FILE_SIZE);
  qy_dcap_quote quote;
  const char *encoding = NULL;
  QY_TRY(qy_file_read(out, path, why));
  if (qy_dcap_quote_decode(&quote, qy_buffer_view(out), NULL) != QY_OK &&
      qy_text_see_through(&decoded, &encoding, qy_buffer_view(out)) &&
      qy_dcap_quote_decode(&quote, qy_buffer_view(&decoded), NULL) == QY_OK) {
    out->size = 0;
    qy_buffer_append(out, decoded.bytes, decoded.size);
  }
  return qy_buffer_finish(out, path, why);
}

bool verify_is_dcap(const char *path)
{
  QY_SCOPED_BUFFER(bytes, QY_MAX_FILE_SIZE);
  qy_dcap_quote quote;
  return strcmp(path, "-") != 0 && verify_read_quote(&bytes, path, NULL) == QY_OK &&
         qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL) == QY_OK;
}

/* An empty file is not a missing one. */
static qy_view given_view(const qy_buffer *file, bool given)
{
  const qy_view view = qy_buffer_view(file);
  return !given ? (qy_view){NULL, 0} : view.bytes == NULL ? qy_view_text("") : view;
}

/* Files that are not there are no failure: the verdict says what it lacks. */
static qy_status read_collateral(evidence *out, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  if (!qy_file_exists(folder)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: no such folder", folder);
  }
  for (size_t i = 0; i < PARTS; i++) {
    QY_TRY(qy_path_join(path, sizeof(path), folder, parts[i].file, why));
    out->given[i] = qy_file_exists(path);
    if (out->given[i]) {
      QY_TRY(qy_file_read(&out->parts[i], path, why));
    }
  }
  return QY_OK;
}

/* Whose platform it is, the quote says; without that there is nothing to look for. */
static qy_status take_kept(evidence *out, qy_collateral_store *store, const char *quote, int64_t now_s, qy_error *why)
{
  static const part parts_of[QY_PART_COUNT] = {
      [QY_PART_TCB_INFO] = TCB_INFO,  [QY_PART_IDENTITY] = QE_IDENTITY, [QY_PART_PCK_CRL] = PCK_CRL,
      [QY_PART_ROOT_CRL] = ROOT_CRL,  [QY_PART_TCB_CHAIN] = TCB_CHAIN,  [QY_PART_IDENTITY_CHAIN] = QE_CHAIN,
      [QY_PART_PCK_CRL_CHAIN] = PARTS};
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_found found;
  qy_collateral_ask ask = {.at_s = now_s, .root = given_view(&out->root, out->root_given)};
  if (qy_collateral_platform_of(&ask.platform, qy_buffer_view(&out->quote), why) != QY_OK) {
    fprintf(stderr, "%s: no collateral can be looked up: %s\n", name, why->message);
    return QY_OK; /* the verdict says what is wrong with the quote */
  }
  QY_TRY(qy_collateral_store_get(&set, &found, store, &ask, why));
  collateral_tell_missing(name, &found, &ask, quote);
  for (size_t i = 0; i < QY_PART_COUNT; i++) {
    if (parts_of[i] != PARTS && set.parts[i].size > 0) {
      qy_buffer_append(&out->parts[parts_of[i]], set.parts[i].bytes, set.parts[i].size);
      QY_TRY(qy_buffer_finish(&out->parts[parts_of[i]], parts[parts_of[i]].what, why));
      out->given[parts_of[i]] = true;
    }
  }
  return QY_OK;
}

static qy_status read_store(evidence *out, const verify_dcap_options *options, int64_t now_s, qy_error *why)
{
  QY_SCOPED_COLLATERAL_STORE(store);
  const qy_status status = collateral_open_existing(&store, options->store, why);
  if (status == QY_ERR_NOT_FOUND && options->store == NULL) {
    return QY_OK; /* none is named, and there is none: tell_missing() says so */
  }
  out->from_store = true;
  return status == QY_OK ? take_kept(out, store, options->quote, now_s, why) : status;
}

static qy_status read_evidence(evidence *out, const verify_dcap_options *options, int64_t now_s, qy_error *why)
{
  qy_quote epid;
  QY_TRY(verify_read_quote(&out->quote, options->quote, why));
  if (qy_quote_decode(&epid, qy_buffer_view(&out->quote), NULL) == QY_OK) {
    return qy_fail(
        why, QY_ERR_UNSUPPORTED,
        "%s is an EPID quote: collateral is for DCAP quotes, this one needs a report service (--service URL)",
        options->quote);
  }
  if (options->root != NULL) {
    QY_TRY(qy_file_read(&out->root, options->root, why));
    out->root_given = true;
  }
  if (options->event_log != NULL) {
    QY_TRY(qy_file_read(&out->event_log, options->event_log, why));
    out->event_log_given = true;
  }
  return options->collateral == NULL ? read_store(out, options, now_s, why)
                                     : read_collateral(out, options->collateral, why);
}

static qy_view view_of(const evidence *held, part which)
{
  return given_view(&held->parts[which], held->given[which]);
}

static bool quote_carries_chain(const evidence *held)
{
  qy_dcap_quote quote;
  return qy_dcap_quote_decode(&quote, qy_buffer_view(&held->quote), NULL) == QY_OK &&
         quote.certification.type == QY_CERTIFICATION_PCK_CHAIN;
}

/* On standard error: also whoever reads JSON wants to know why there is no verdict. */
static void tell_missing(const evidence *held, const verify_dcap_options *options)
{
  if (held->from_store) {
    return; /* it has been said what the store lacks */
  }
  if (options->collateral == NULL) {
    fprintf(stderr,
            "%s: a DCAP quote is appraised under its collateral: --collateral DIR, or a store:\n"
            "%s: quotary collateral fetch --quote %s\n",
            name, name, options->quote);
    return;
  }
  for (size_t i = 0; i < PARTS; i++) {
    if (!held->given[i] && (i != PCK_CHAIN || !quote_carries_chain(held))) {
      fprintf(stderr, "%s: %s has no %s: %s\n", name, options->collateral, parts[i].file, parts[i].what);
    }
  }
}

/* ---- The verdict ---- */

static int print_json(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending)
{
  char *text = NULL;
  qy_error why = {0};
  const qy_status status = qy_dcap_verdict_to_json(&text, verdict, mending, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  fputs(text, stdout);
  qy_appraisal_text_free(&text);
  return verify_exit_code(verdict->trust);
}

static int print(const qy_dcap_verdict *verdict, const qy_dcap_collateral *set, const verify_dcap_options *options)
{
  qy_dcap_mending mending;
  qy_dcap_mending_of(&mending, verdict, set);
  if (options->json) {
    return print_json(verdict, &mending);
  }
  verify_print_dcap(verdict, &mending, options);
  return verify_exit_code(verdict->trust);
}

static qy_status appraise(qy_dcap_verdict *verdict, qy_dcap_collateral **set, const evidence *held,
                          const verify_dcap_options *options, const qy_policy *policy, int64_t now_s, qy_error *why)
{
  const qy_dcap_files files = {.tcb_info = view_of(held, TCB_INFO),
                               .identity = view_of(held, QE_IDENTITY),
                               .tcb_chain = view_of(held, TCB_CHAIN),
                               .identity_chain = view_of(held, QE_CHAIN),
                               .root_crl = view_of(held, ROOT_CRL),
                               .pck_crl = view_of(held, PCK_CRL),
                               .root = given_view(&held->root, held->root_given)};
  const qy_dcap_evidence input = {
      .quote = given_view(&held->quote, true),
      .pck_chain = view_of(held, PCK_CHAIN),
      .report_data = qy_view_over(options->report_data, options->report_data == NULL ? 0 : QY_REPORT_DATA_SIZE),
      .event_log = given_view(&held->event_log, held->event_log_given)};
  QY_TRY(qy_dcap_collateral_new(set, &files, why));
  return qy_dcap_appraise(verdict, &input, *set, policy, now_s, why);
}

static int verify_held(const evidence *held, const verify_dcap_options *options, const qy_policy *policy, int64_t now_s)
{
  qy_error why = {0};
  qy_dcap_collateral *set = NULL;
  qy_dcap_verdict *verdict = calloc(1, sizeof(*verdict));
  if (verdict == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  const qy_status status = appraise(verdict, &set, held, options, policy, now_s, &why);
  const int code = status == QY_OK ? print(verdict, set, options) : cli_fail(name, status, &why);
  qy_dcap_collateral_free(&set);
  free(verdict);
  return code;
}

int verify_dcap(const verify_dcap_options *options, const qy_policy *policy, int64_t now_s)
{
  __attribute__((cleanup(evidence_end))) evidence held;
  qy_error why = {0};
  evidence_begin(&held);
  const qy_status status = read_evidence(&held, options, now_s, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  tell_missing(&held, options);
  return verify_held(&held, options, policy, now_s);
}
