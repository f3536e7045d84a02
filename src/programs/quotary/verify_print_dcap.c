/* SPDX-License-Identifier: Apache-2.0 */
/* A DCAP verdict for people: the verdict, what was appraised, each check that matters, what would mend the platform. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <quotary/dcap_explain.h>

#include "cli.h"
#include "verify.h"

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
         cli_style_off(), qy_tcb_status_name(standing->platform),
         standing->quoting_enclave == QY_TCB_STATUS_UNKNOWN ? "NOT LOOKED AT, without its identity"
                                                            : qy_tcb_status_name(standing->quoting_enclave));
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

/* What the quote was asked for. Nothing tells a fresh quote from an old one if nobody compares it. */
static void print_report_data(const qy_dcap_verdict *verdict)
{
  const qy_check_record *asked = qy_trace_find(&verdict->trace, QY_CHECK_DCAP_REPORT_DATA);
  const bool is_enclave = verdict->body_type == QY_DCAP_BODY_ENCLAVE;
  char text[2 * QY_REPORT_DATA_SIZE + 1];
  qy_hex_encode(text,
                qy_view_over(is_enclave ? verdict->report.report_data : verdict->td.report_data, QY_REPORT_DATA_SIZE));
  print_label("data");
  printf("%s\n", text);
  if (asked == NULL || asked->outcome == QY_OUTCOME_UNCONSTRAINED) {
    print_label("");
    printf("%snot compared: the quote may be an old one. --report-data HEX says what was asked for%s\n",
           cli_style_on(CLI_YELLOW), cli_style_off());
  }
}

/* What a trust domain measured while it started. */
static void print_event_log(const qy_dcap_verdict *verdict)
{
  if (!verdict->has_event_log) {
    return;
  }
  unsigned differ = 0;
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    differ |= qy_view_equal(QY_VIEW_OF(verdict->replayed[i]), QY_VIEW_OF(verdict->td.rtmr[i])) ? 0 : 1u << i;
  }
  print_label("event log");
  printf("%zu events, which %s\n", verdict->event_count,
         differ == 0 ? "make up the registers of the quote" : "DO NOT make up the registers of the quote");
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
  print_report_data(verdict);
  print_event_log(verdict);
  if (verdict->has_platform) {
    char fmspc[2 * QY_FMSPC_SIZE + 1];
    qy_hex_encode(fmspc, QY_VIEW_OF(verdict->platform.fmspc));
    print_label("platform");
    printf("FMSPC %s, certified by the %s CA", fmspc, verdict->platform.has_platform ? "platform" : "processor");
    printf(verdict->has_collateral_numbers ? "; TCB evaluation %u\n" : "\n", verdict->evaluation_number);
  }
}

/* "TCB component 3 is 11, 14 needed since 2024-03-13: BIOS, Early Microcode Update" */
void verify_print_gap(const qy_dcap_gap *gap)
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
    verify_print_gap(&mending->gaps[i]);
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

static bool is_mended(const qy_dcap_mending *mending, const char *advisory)
{
  for (size_t i = 0; i < mending->advisory_count; i++) {
    if (strcmp(mending->advisories[i], advisory) == 0) {
      return true;
    }
  }
  return false;
}

/* What no update changes, a policy has to take: the members that do, to be copied. */
static void print_policy(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending)
{
  const qy_dcap_standing *standing = &verdict->standing;
  size_t staying = 0;
  for (size_t i = 0; verdict->has_standing && i < standing->advisory_count; i++) {
    staying += is_mended(mending, standing->advisories[i]) ? 0 : 1;
  }
  if (mending->best == QY_TCB_STATUS_REVOKED || mending->best == QY_TCB_STATUS_UNKNOWN ||
      (mending->best == QY_TCB_STATUS_UP_TO_DATE && staying == 0)) {
    return;
  }
  printf("%sa policy that takes %s%s, after weighing its advisories, says\n  \"tcb_statuses\": [\"UpToDate\"",
         cli_style_on(CLI_BOLD), qy_tcb_status_name(mending->best), cli_style_off());
  printf(mending->best == QY_TCB_STATUS_UP_TO_DATE ? "]" : ", \"%s\"]", qy_tcb_status_name(mending->best));
  for (size_t i = 0, printed = 0; staying > 0 && i < standing->advisory_count; i++) {
    if (!is_mended(mending, standing->advisories[i])) {
      printf("%s\"%s\"", printed++ == 0 ? ", \"advisories_waived\": [" : ", ", standing->advisories[i]);
    }
  }
  printf(staying > 0 ? "]\n" : "\n");
}

static bool policy_refuses(const qy_dcap_verdict *verdict)
{
  static const qy_check_id ids[] = {
      QY_CHECK_DCAP_STATUS,         QY_CHECK_DCAP_CURRENT_STATUS, QY_CHECK_DCAP_ADVISORIES_WAIVED,
      QY_CHECK_DCAP_PLATFORM_LEVEL, QY_CHECK_DCAP_QE_LEVEL,       QY_CHECK_DCAP_MODULE_LEVEL};
  for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
    const qy_check_record *record = qy_trace_find(&verdict->trace, ids[i]);
    if (record != NULL && record->outcome == QY_OUTCOME_FAILED) {
      return true;
    }
  }
  return false;
}

/* What an operator can do, if it is the platform's standing that is refused. */
static void print_advice(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending)
{
  if (!mending->known || !policy_refuses(verdict)) {
    return;
  }
  const char *best = qy_tcb_status_name(mending->best);
  if (mending->gap_count > 0 || mending->relaunch) {
    printf("%sto reach %s%s\n", cli_style_on(CLI_BOLD), best, cli_style_off());
    print_mending(mending);
  } else {
    printf("%s%s is the best that this collateral has for such platforms%s: no update changes it\n",
           cli_style_on(CLI_BOLD), best, cli_style_off());
  }
  print_policy(verdict, mending);
}

static void print_count(const qy_dcap_verdict *verdict, bool all)
{
  size_t by_outcome[QY_OUTCOME_UNCONSTRAINED + 1] = {0};
  for (size_t i = 0; i < verdict->trace.count; i++) {
    by_outcome[verdict->trace.records[i].outcome]++;
  }
  printf("%s%zu checks: %zu held", cli_style_on(CLI_DIM), verdict->trace.count, by_outcome[QY_OUTCOME_HELD]);
  static const struct {
    qy_outcome outcome;
    const char *words;
  } rows[] = {{QY_OUTCOME_FAILED, "failed"},
              {QY_OUTCOME_UNDECIDED, "could not be made"},
              {QY_OUTCOME_UNCONSTRAINED, "not asked for by the policy"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (by_outcome[rows[i].outcome] > 0) {
      printf(", %zu %s", by_outcome[rows[i].outcome], rows[i].words);
    }
  }
  printf("%s%s\n", all ? "" : "; --explain shows them all", cli_style_off());
}

void verify_print_dcap(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                       const verify_dcap_options *options)
{
  verify_print_trust(verdict->trust,
                     options->own_policy ? "" : "  (built-in policy: UpToDate, no debug, any enclave or trust domain)");
  print_status(verdict);
  print_authentic(verdict);
  print_root(verdict, options->root);
  print_subject(verdict);
  cli_print_checks(&verdict->trace, 0, options->explain);
  print_advice(verdict, mending);
  print_count(verdict, options->explain);
}
