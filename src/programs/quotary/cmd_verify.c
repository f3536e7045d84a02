/* SPDX-License-Identifier: Apache-2.0 */
/* Appraises evidence at a given time under a policy: an attestation report, an EPID quote through a report service, a
 * DCAP quote under its collateral. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <quotary/appraisal.h>

#include "cli.h"
#include "evidence.h"
#include "verbs.h"
#include "verify.h"

typedef struct verify_options {
  const char *signature;
  const char *chain;
  const char *ca;
  const char *at;
  const char *policy;
  const char *quote;
  const char *nonce;
  const char *spid;
  const char *service;
  const char *service_ca;
  const char *api_key;
  const char *collateral;
  const char *store;
  const char *root;
  const char *report_data;
  const char *event_log;
  bool json;
  bool explain;
} verify_options;

static const char *const name = "quotary verify";

static qy_status load_policy(qy_policy *out, const char *path, qy_error *why)
{
  if (path == NULL) {
    qy_policy_built_in(out);
    return QY_OK;
  }
  QY_SCOPED_BUFFER(text, QY_MAX_JSON_SIZE);
  QY_TRY(qy_file_read(&text, path, why));
  const qy_status status = qy_policy_decode(out, qy_buffer_view(&text), NULL, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

int verify_exit_code(qy_trust trust)
{
  return trust == QY_TRUSTED ? CLI_DONE : trust == QY_REFUSED ? CLI_REFUSED : CLI_UNDECIDED;
}

void verify_print_trust(qy_trust trust, const char *remark)
{
  const cli_style style = trust == QY_TRUSTED ? CLI_GREEN : trust == QY_REFUSED ? CLI_RED : CLI_YELLOW;
  printf("verdict    %s%s%s%s\n", cli_style_on(style), qy_trust_name(trust), cli_style_off(), remark);
}

static int print_json(const qy_verdict *verdict)
{
  char *text = NULL;
  qy_error why = {0};
  const qy_status status = qy_verdict_to_json(&text, verdict, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  fputs(text, stdout);
  qy_appraisal_text_free(&text);
  return verify_exit_code(verdict->trust);
}

static int print_for_people(const qy_verdict *verdict, const verify_options *options)
{
  char when[21];
  char measurement[2 * QY_MEASUREMENT_SIZE + 1];
  qy_time_format(when, verdict->at_s);
  printf("authentic  %s, as of %s%s\n", verdict->authentic ? "yes" : "no", when,
         verdict->simulated ? "  (a simulated root)" : "");
  if (verdict->has_report) {
    printf("report     %s, status %s\n", verdict->report.timestamp, verdict->status);
  }
  if (verdict->has_quote) {
    qy_hex_encode(measurement, QY_VIEW_OF(verdict->quote.report.mr_enclave));
    printf("MRENCLAVE  %s%s\n", measurement,
           (verdict->quote.report.attributes.flags & QY_ATTRIBUTE_DEBUG) != 0 ? "  (debug)" : "");
  }
  verify_print_trust(verdict->trust,
                     options->policy == NULL ? "  (built-in policy: status OK, no debug, identity unconstrained)" : "");
  cli_print_checks(&verdict->trace, 2, options->explain);
  if (!options->explain) {
    printf("%s%zu checks were made; --explain shows all%s\n", cli_style_on(CLI_DIM), verdict->trace.count,
           cli_style_off());
  }
  return verify_exit_code(verdict->trust);
}

/* Views point into the loaded evidence, which outlives the appraisal. */
static qy_status appraise(qy_verdict *verdict, const evidence *held, const qy_policy *policy, int64_t now_s,
                          qy_error *why)
{
  const qy_avr_evidence input = {.body = qy_buffer_view(&held->body),
                                 .signature = qy_buffer_view(&held->signature),
                                 .chain = qy_buffer_view(&held->chain),
                                 .ca = qy_buffer_view(&held->ca),
                                 .quote = qy_buffer_view(&held->quote),
                                 .nonce = held->has_nonce ? qy_view_text(held->nonce) : (qy_view){NULL, 0},
                                 .spid = held->has_spid ? held->spid : NULL};
  return qy_avr_appraise(verdict, &input, policy, now_s, why);
}

static int verify_report(const char *path, const verify_options *options, const qy_policy *policy, int64_t now_s)
{
  __attribute__((cleanup(evidence_clear))) evidence held;
  evidence_init(&held);
  qy_error why = {0};
  const evidence_files files = {.report = path,
                                .signature = options->signature,
                                .chain = options->chain,
                                .ca = options->ca,
                                .quote = options->quote,
                                .nonce = options->nonce,
                                .spid = options->spid};
  const evidence_service service = {
      .url = options->service, .ca_file = options->service_ca, .api_key_file = options->api_key};
  qy_status status = evidence_load(&held, &files, &service, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  qy_verdict *verdict = calloc(1, sizeof(*verdict));
  if (verdict == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  status = appraise(verdict, &held, policy, now_s, &why);
  int code = options->json ? print_json(verdict) : print_for_people(verdict, options);
  if (status != QY_OK) {
    code = cli_fail(name, status, &why);
  }
  free(verdict);
  return code;
}

static int verify(const char *path, const verify_options *options, bool is_dcap)
{
  qy_error why = {0};
  qy_policy policy;
  int64_t now_s = qy_clock_now_s();
  if (options->at != NULL && qy_time_parse(&now_s, qy_view_text(options->at), "--at", &why) != QY_OK) {
    fprintf(stderr, "%s: %s\n", name, why.message);
    return CLI_USAGE;
  }
  const qy_status status = load_policy(&policy, options->policy, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  uint8_t report_data[CLI_REPORT_DATA_SIZE];
  if (options->report_data != NULL && !cli_report_data(report_data, options->report_data)) {
    fprintf(stderr, "%s: --report-data: 2 to 128 hex digits, two a byte, are needed\n", name);
    return CLI_USAGE;
  }
  const verify_dcap_options dcap = {.quote = path,
                                    .collateral = options->collateral,
                                    .store = options->store,
                                    .root = options->root,
                                    .report_data = options->report_data == NULL ? NULL : report_data,
                                    .event_log = options->event_log,
                                    .own_policy = options->policy != NULL,
                                    .json = options->json,
                                    .explain = options->explain};
  return is_dcap ? verify_dcap(&dcap, &policy, now_s) : verify_report(path, options, &policy, now_s);
}

/* NULL, or an option that means nothing for evidence of the kind. */
static const char *foreign_option(const verify_options *o, bool is_dcap)
{
  const struct {
    const char *value;
    const char *option;
    bool for_dcap;
  } rows[] = {{o->collateral, "--collateral", true},
              {o->root, "--root", true},
              {o->report_data, "--report-data", true},
              {o->event_log, "--event-log", true},
              {o->signature, "--signature", false},
              {o->chain, "--chain", false},
              {o->ca, "--ca", false},
              {o->quote, "--quote", false},
              {o->nonce, "--nonce", false},
              {o->spid, "--spid", false},
              {o->service, "--service", false},
              {o->service_ca, "--service-ca", false},
              {o->api_key, "--api-key", false}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].value != NULL && rows[i].for_dcap != is_dcap) {
      return rows[i].option;
    }
  }
  return NULL;
}

int cmd_verify(int argc, char **argv)
{
  verify_options o = {0};
  const cli_option options[] = {
      {"collateral", "DIR", "for a DCAP quote: TCB info, identity, chains and revocation lists", &o.collateral, NULL,
       NULL},
      {"store", "FILE", "the same out of a store that `quotary collateral` keeps; the default one, if it is there",
       &o.store, NULL, NULL},
      {"root", "PEM", "for a DCAP quote: the root to trust instead of Intel's", &o.root, NULL, NULL},
      {"report-data", "HEX", "for a DCAP quote: what it was asked for, up to 64 bytes, zeros behind", &o.report_data,
       NULL, NULL},
      {"event-log", "FILE", "for a TDX quote: the log of what the trust domain measured, as in its CCEL table",
       &o.event_log, NULL, NULL},
      {"signature", "FILE", "the report's signature (X-IASReport-Signature)", &o.signature, NULL, NULL},
      {"chain", "FILE", "the signing certificates, leaf first; PEM, or URL-encoded as in the header", &o.chain, NULL,
       NULL},
      {"ca", "FILE", "the report CA's certificate, when the chain has the leaf alone", &o.ca, NULL, NULL},
      {"at", "TIME", "appraise as of this time (RFC 3339); now otherwise", &o.at, NULL, NULL},
      {"policy", "FILE", "policy (JSON); the built-in one otherwise: status OK or UpToDate, no debug", &o.policy, NULL,
       NULL},
      {"quote", "FILE", "the quote that was sent: the report must echo it", &o.quote, NULL, NULL},
      {"nonce", "TEXT", "the nonce that was sent", &o.nonce, NULL, NULL},
      {"spid", "HEX", "the provider's SPID, 32 hex digits: the basename must be its", &o.spid, NULL, NULL},
      {"service", "URL", "for a quote: the report service to ask", &o.service, NULL, NULL},
      {"service-ca", "FILE", "the CA of that service's TLS certificate (PEM)", &o.service_ca, NULL, NULL},
      {"api-key", "FILE", "the subscription key for that service", &o.api_key, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      {"explain", NULL, "print every check, also those that held", NULL, &o.explain, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "QUOTE [--collateral DIR|--store FILE] [--root PEM] [--report-data HEX] [--at TIME]\n"
      "               [--event-log FILE] [--policy FILE] [--explain] [--json]\n"
      "       quotary verify REPORT --signature FILE --chain FILE [--at TIME] [--policy FILE] [--json]\n"
      "       quotary verify QUOTE --service URL --service-ca FILE --api-key FILE [--policy FILE] [--json]",
      "Says whether evidence is authentic, whether the policy trusts it, and which check says so: a DCAP quote\n"
      "(SGX, TDX) under its collateral, an attestation report, or an EPID quote through a report service.\n"
      "Exit codes: 0 trusted, 1 refused, 2 usage, 3 could not decide.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  const bool is_dcap = o.collateral != NULL || o.store != NULL || verify_is_dcap(files.items[0]);
  if (o.collateral != NULL && o.store != NULL) {
    return cli_usage_error(&usage, "--collateral or --store, not both");
  }
  const char *foreign = foreign_option(&o, is_dcap);
  if (foreign != NULL) {
    return cli_usage_error(&usage, "%s is not for %s", foreign,
                           is_dcap ? "DCAP quotes" : "attestation reports and EPID quotes");
  }
  return verify(files.items[0], &o, is_dcap);
}
