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
  qy_buffer parts[PARTS];
  bool given[PARTS];
} evidence;

static void evidence_begin(evidence *held)
{
  memset(held, 0, sizeof(*held));
  qy_buffer_init(&held->quote, QY_MAX_FILE_SIZE);
  qy_buffer_init(&held->root, QY_MAX_COLLATERAL_SIZE);
  for (size_t i = 0; i < PARTS; i++) {
    qy_buffer_init(&held->parts[i], QY_MAX_COLLATERAL_SIZE);
  }
}

static void evidence_end(evidence *held)
{
  qy_buffer_clear(&held->quote);
  qy_buffer_clear(&held->root);
  for (size_t i = 0; i < PARTS; i++) {
    qy_buffer_clear(&held->parts[i]);
  }
}

/* As it stands, or what its hex or base64 text stands for if that is a quote. */
static qy_status read_quote(qy_buffer *out, const char *path, qy_error *why)
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
  return strcmp(path, "-") != 0 && read_quote(&bytes, path, NULL) == QY_OK &&
         qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL) == QY_OK;
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

static qy_status read_evidence(evidence *out, const verify_dcap_options *options, qy_error *why)
{
  qy_quote epid;
  QY_TRY(read_quote(&out->quote, options->quote, why));
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
  return options->collateral == NULL ? QY_OK : read_collateral(out, options->collateral, why);
}

/* An empty file is not a missing one. */
static qy_view given_view(const qy_buffer *file, bool given)
{
  const qy_view view = qy_buffer_view(file);
  return !given ? (qy_view){NULL, 0} : view.bytes == NULL ? qy_view_text("") : view;
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
  if (options->collateral == NULL) {
    fprintf(stderr, "%s: a DCAP quote is appraised under its collateral: --collateral DIR\n", name);
    return;
  }
  for (size_t i = 0; i < PARTS; i++) {
    if (!held->given[i] && (i != PCK_CHAIN || !quote_carries_chain(held))) {
      fprintf(stderr, "%s: %s has no %s: %s\n", name, options->collateral, parts[i].file, parts[i].what);
    }
  }
}

/* ---- For people ---- */

static void print_label(const char *label)
{
  printf("%s%-10s%s ", cli_style_on(CLI_DIM), label, cli_style_off());
}

static void print_advisories(size_t count, const char (*names)[QY_ADVISORY_SIZE])
{
  for (size_t i = 0; i < count; i++) {
    printf("%s%s", i == 0 ? "" : ", ", names[i]);
  }
}

static void print_status(const qy_dcap_verdict *verdict)
{
  const qy_dcap_standing *standing = &verdict->standing;
  char when[21];
  print_label("status");
  if (!verdict->has_standing) {
    printf("not known: see the checks below\n");
    return;
  }
  qy_time_format(when, standing->date_s);
  printf("%s%s%s  (platform %s, quoting enclave %s", cli_style_on(CLI_BOLD), qy_tcb_status_name(verdict->tcb_status),
         cli_style_off(), qy_tcb_status_name(standing->platform), qy_tcb_status_name(standing->quoting_enclave));
  if (standing->module != QY_TCB_STATUS_UNKNOWN) {
    printf(", TDX module %s", qy_tcb_status_name(standing->module));
  }
  printf("; TCB of %.10s)\n", when);
  if (standing->advisory_count > 0) {
    print_label("advisories");
    print_advisories(standing->advisory_count, standing->advisories);
    putchar('\n');
  }
}

static void print_authentic(const qy_dcap_verdict *verdict)
{
  char when[21];
  print_label("authentic");
  qy_time_format(when, verdict->at_s);
  printf("%s, as of %s", verdict->authentic ? "yes" : "no", when);
  if (verdict->authentic && verdict->expires_s != 0) {
    qy_time_format(when, verdict->expires_s);
    printf("; the collateral lasts until %s", when);
  }
  putchar('\n');
}

static void print_root(const qy_dcap_verdict *verdict, const char *path)
{
  const qy_check_record *named = qy_trace_find(&verdict->trace, QY_CHECK_TRUSTED_ROOT);
  print_label("root");
  if (named != NULL && named->outcome == QY_OUTCOME_FAILED) {
    printf("%s holds none, and no other is trusted in its place\n", path);
  } else if (verdict->simulated) {
    printf("%s%s is NOT INTEL'S ROOT: no genuine hardware is vouched for%s\n", cli_style_on(CLI_YELLOW), path,
           cli_style_off());
  } else {
    printf("Intel SGX Root CA%s%s\n", path == NULL ? ", built in" : ", as in ", path == NULL ? "" : path);
  }
}

static void print_hex(const char *label, qy_view bytes)
{
  char text[2 * QY_TD_HASH_SIZE + 1];
  qy_hex_encode(text, bytes);
  print_label(label);
  printf("%s\n", text);
}

static void print_subject(const qy_dcap_verdict *verdict)
{
  if (!verdict->has_quote) {
    return;
  }
  const bool is_enclave = verdict->body_type == QY_DCAP_BODY_ENCLAVE;
  const bool debug = is_enclave ? (verdict->report.attributes.flags & QY_ATTRIBUTE_DEBUG) != 0
                                : (verdict->td.td_attributes & QY_TD_DEBUG) != 0;
  print_label("evidence");
  printf("quote of version %u, %s%s\n", verdict->header.version, is_enclave ? "an SGX enclave" : "a TDX trust domain",
         debug ? ", DEBUG: its host can read all of it" : "");
  if (is_enclave) {
    print_hex("MRENCLAVE", QY_VIEW_OF(verdict->report.mr_enclave));
    print_hex("MRSIGNER", QY_VIEW_OF(verdict->report.mr_signer));
  } else {
    print_hex("MRTD", QY_VIEW_OF(verdict->td.mr_td));
  }
  if (verdict->has_platform) {
    char fmspc[2 * QY_FMSPC_SIZE + 1];
    qy_hex_encode(fmspc, QY_VIEW_OF(verdict->platform.fmspc));
    print_label("platform");
    printf("FMSPC %s, certified by the %s CA", fmspc, verdict->platform.has_platform ? "platform" : "processor");
    printf(verdict->has_collateral_numbers ? "; TCB evaluation %u\n" : "\n", verdict->evaluation_number);
  }
}

/* "TCB component 3 is 11, 14 needed since 2024-03-13: BIOS, Early Microcode Update" */
static void print_gap(const qy_dcap_gap *gap)
{
  static const struct {
    const char *what;
    const char *means;
  } words[QY_DCAP_PART_COUNT] = {
      [QY_DCAP_SGX_COMPONENT] = {"TCB component", "BIOS update or setting"},
      [QY_DCAP_TDX_COMPONENT] = {"TDX TCB component", "BIOS or TDX module update"},
      [QY_DCAP_PCE] = {"PCE's ISVSVN", "update of the platform's SGX software (PCE)"},
      [QY_DCAP_QUOTING_ENCLAVE] = {"quoting enclave's ISVSVN", "update of the platform's DCAP software"},
      [QY_DCAP_TDX_MODULE] = {"TDX module's SVN", "update of the TDX module"}};
  char since[21];
  qy_time_format(since, gap->since_s);
  printf("  %s ", words[gap->part].what);
  if (gap->component != 0) {
    printf("%u ", gap->component);
  }
  printf("is %u, %u needed since %.10s: ", gap->found, gap->needed, since);
  if (gap->category.size == 0) {
    printf("%s\n", words[gap->part].means);
    return;
  }
  printf("%.*s", (int)gap->category.size, (const char *)gap->category.bytes);
  printf(gap->description.size == 0 ? " update\n" : ", %.*s\n", (int)gap->description.size,
         (const char *)gap->description.bytes);
}

/* A PCK certificate is made for the platform's components and its PCE. */
static bool needs_certificate(const qy_dcap_mending *mending)
{
  for (size_t i = 0; i < mending->gap_count; i++) {
    if (mending->gaps[i].part == QY_DCAP_SGX_COMPONENT || mending->gaps[i].part == QY_DCAP_PCE) {
      return true;
    }
  }
  return false;
}

static void print_mending(const qy_dcap_mending *mending)
{
  if (mending->relaunch) {
    printf("  launch the trust domain anew: it began under an older TDX module than the one that runs now\n");
  }
  for (size_t i = 0; i < mending->gap_count; i++) {
    print_gap(&mending->gaps[i]);
  }
  if (mending->advisory_count > 0) {
    printf("  until then ");
    print_advisories(mending->advisory_count, mending->advisories);
    printf(mending->advisory_count == 1 ? " applies\n" : " apply\n");
  }
  if (needs_certificate(mending)) {
    printf("  then have the platform fetch its new PCK certificate, and make the quote again\n");
  }
}

/* What an operator can do, unless all is well. */
static void print_advice(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending)
{
  const bool well = verdict->has_standing && verdict->tcb_status == QY_TCB_STATUS_UP_TO_DATE;
  if (!mending->known || well) {
    return;
  }
  const char *best = qy_tcb_status_name(mending->best);
  if (mending->gap_count > 0 || mending->relaunch) {
    printf("%sto reach %s%s\n", cli_style_on(CLI_BOLD), best, cli_style_off());
    print_mending(mending);
  } else {
    printf("%s%s is the best that this collateral has for such platforms%s: no update changes it; accept it in a\n"
           "policy after weighing its advisories, or use another platform\n",
           cli_style_on(CLI_BOLD), best, cli_style_off());
  }
}

static void print_for_people(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                             const verify_dcap_options *options)
{
  size_t held = 0;
  for (size_t i = 0; i < verdict->trace.count; i++) {
    held += verdict->trace.records[i].outcome == QY_OUTCOME_HELD ? 1 : 0;
  }
  verify_print_trust(verdict->trust,
                     options->own_policy ? "" : "  (built-in policy: UpToDate, no debug, any enclave or trust domain)");
  print_status(verdict);
  print_authentic(verdict);
  print_root(verdict, options->root);
  print_subject(verdict);
  cli_print_checks(&verdict->trace, 0, options->explain);
  print_advice(verdict, mending);
  printf("%s%zu of %zu checks held%s%s\n", cli_style_on(CLI_DIM), held, verdict->trace.count,
         options->explain ? "" : "; --explain shows them all", cli_style_off());
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
  print_for_people(verdict, &mending, options);
  return verify_exit_code(verdict->trust);
}

static qy_status appraise(qy_dcap_verdict *verdict, qy_dcap_collateral **set, const evidence *held,
                          const qy_policy *policy, int64_t now_s, qy_error *why)
{
  const qy_dcap_files files = {.tcb_info = view_of(held, TCB_INFO),
                               .identity = view_of(held, QE_IDENTITY),
                               .tcb_chain = view_of(held, TCB_CHAIN),
                               .identity_chain = view_of(held, QE_CHAIN),
                               .root_crl = view_of(held, ROOT_CRL),
                               .pck_crl = view_of(held, PCK_CRL),
                               .root = given_view(&held->root, held->root_given)};
  const qy_dcap_evidence input = {.quote = given_view(&held->quote, true), .pck_chain = view_of(held, PCK_CHAIN)};
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
  const qy_status status = appraise(verdict, &set, held, policy, now_s, &why);
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
  const qy_status status = read_evidence(&held, options, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  tell_missing(&held, options);
  return verify_held(&held, options, policy, now_s);
}
