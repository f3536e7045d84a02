/* SPDX-License-Identifier: Apache-2.0 */
/* quotary collateral fetch: all that one or more platforms need, from one service. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/limits.h>

#include "cmd_collateral.h"

static const char *const name = "quotary collateral fetch";

typedef struct fetch_options {
  const char *url;
  const char *ca;
  const char *root;
  const char *store;
  const char *update;
  const char *evaluation;
  const char *fmspc;
  const char *ca_type;
  const char *tee;
  cli_list quotes;
} fetch_options;

/* ---- Progress ---- */

static void show_progress(void *context, const char *what)
{
  (void)context;
  if (isatty(STDERR_FILENO) == 1) {
    fprintf(stderr, "\r\033[K%s ...", what);
  }
}

static void end_progress(void)
{
  if (isatty(STDERR_FILENO) == 1) {
    fprintf(stderr, "\r\033[K");
  }
}

/* ---- What was fetched ---- */

static void print_state(const qy_collateral_state *state, qy_collateral_part part)
{
  printf("  %-17s", qy_collateral_part_name(part));
  if (part == QY_PART_TCB_INFO || part == QY_PART_IDENTITY) {
    printf(" evaluation %u,", state->number);
  }
  printf(" %s to %s", collateral_day_of(state->from_s).text, collateral_day_of(state->until_s).text);
  if (state->lack == QY_LACK_EXPIRED) {
    printf("  %sPAST%s: the service gave nothing newer; kept for verdicts of that time", cli_style_on(CLI_YELLOW),
           cli_style_off());
  } else if (state->lack == QY_LACK_LATER) {
    printf("  %sNOT YET%s: is this machine's clock right?", cli_style_on(CLI_YELLOW), cli_style_off());
  }
  putchar('\n');
}

static int print_fetched(const qy_collateral_platform *platform, const qy_collateral_fetched *fetched)
{
  bool current = true;
  printf("%s%s%s\n", cli_style_on(CLI_BOLD), collateral_platform_name(platform).text, cli_style_off());
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    print_state(&fetched->documents[i], (qy_collateral_part)i);
    current = current && fetched->documents[i].lack == QY_LACK_NONE;
  }
  printf("  verified and kept: %zu new, %zu known already\n", fetched->kept.added, fetched->kept.known);
  return current ? CLI_DONE : CLI_UNDECIDED;
}

static int fetch_one(qy_collateral_store *store, const qy_pcs_source *source, const qy_collateral_platform *platform)
{
  qy_error why = {0};
  qy_collateral_fetched fetched;
  qy_trace *trace = malloc(sizeof(*trace));
  if (trace == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  trace->count = 0;
  const qy_status status = qy_collateral_fetch(&fetched, store, source, platform, qy_clock_now_s(), trace, &why);
  const qy_check_record *failed = qy_trace_failed(trace);
  const char *remedy = failed == NULL ? NULL : qy_check_remedy(failed->id);
  free(trace);
  end_progress();
  if (status == QY_OK) {
    return print_fetched(platform, &fetched);
  }
  const int code = cli_fail(name, status, &why);
  if (remedy != NULL) {
    fprintf(stderr, "%s: to mend it: %s\n", name, remedy);
  }
  if (status != QY_ERR_ARGUMENT) {
    fprintf(stderr, "%s: %s: %s; what the store had before is still there\n", name,
            collateral_platform_name(platform).text,
            fetched.kept.added == 0 ? "nothing of this was kept" : "only the revocation lists were kept");
  }
  return code;
}

/* ---- For whom ---- */

static int fetch_for_quote(qy_collateral_store *store, const qy_pcs_source *source, const char *path)
{
  qy_error why = {0};
  qy_collateral_platform platform;
  QY_SCOPED_BUFFER(quote, QY_MAX_FILE_SIZE);
  qy_status status = collateral_read_platform(&platform, &quote, NULL, NULL, path, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  const int code = fetch_one(store, source, &platform);
  if (code == CLI_DONE && quote.size > 0) {
    status = qy_collateral_store_remember(store, qy_buffer_view(&quote), path, qy_clock_now_s(), &why);
  }
  return status == QY_OK ? code : cli_fail(name, status, &why);
}

static bool read_named(qy_collateral_platform *out, const cli_usage *usage, const fetch_options *o, int *code)
{
  qy_error why = {0};
  if (o->fmspc == NULL || o->ca_type == NULL || o->tee == NULL) {
    *code = cli_usage_error(usage, "say for which platform: --quote FILE, or --fmspc, --ca-type and --tee together");
    return false;
  }
  out->by_platform_ca = strcmp(o->ca_type, "platform") == 0;
  out->is_tdx = strcmp(o->tee, "tdx") == 0;
  if (!out->by_platform_ca && strcmp(o->ca_type, "processor") != 0) {
    *code = cli_usage_error(usage, "--ca-type: processor or platform, not \"%s\"", o->ca_type);
    return false;
  }
  if (!out->is_tdx && strcmp(o->tee, "sgx") != 0) {
    *code = cli_usage_error(usage, "--tee: sgx or tdx, not \"%s\"", o->tee);
    return false;
  }
  if (qy_hex_decode(out->fmspc, sizeof(out->fmspc), qy_view_text(o->fmspc), "--fmspc", &why) != QY_OK) {
    *code = cli_usage_error(usage, "--fmspc: 12 hex digits, not \"%s\"", o->fmspc);
    return false;
  }
  return true;
}

static int fetch_all(qy_collateral_store *store, const qy_pcs_source *source, const fetch_options *o,
                     const qy_collateral_platform *named)
{
  int code = named != NULL ? fetch_one(store, source, named) : CLI_DONE;
  for (size_t i = 0; i < o->quotes.count; i++) {
    const int its_code = fetch_for_quote(store, source, o->quotes.items[i]);
    code = its_code != CLI_DONE ? its_code : code;
  }
  return code;
}

static int fetch(const fetch_options *o, const qy_collateral_platform *named, uint32_t evaluation)
{
  qy_error why = {0};
  int code = CLI_DONE;
  QY_SCOPED_COLLATERAL_STORE(store);
  QY_SCOPED_BUFFER(ca, QY_MAX_COLLATERAL_SIZE);
  QY_SCOPED_BUFFER(root, QY_MAX_COLLATERAL_SIZE);
  if ((o->ca != NULL && !cli_read(&ca, name, o->ca, &code)) ||
      (o->root != NULL && !cli_read(&root, name, o->root, &code))) {
    return code;
  }
  const qy_status status = collateral_open(&store, o->store, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  const qy_pcs_source source = {.url = o->url == NULL ? QY_PCS_INTEL_URL : o->url,
                                .ca_pem = qy_buffer_view(&ca),
                                .root = qy_buffer_view(&root),
                                .update = o->update,
                                .evaluation_number = evaluation,
                                .progress = show_progress};
  return fetch_all(store, &source, o, named);
}

int collateral_fetch(int argc, char **argv)
{
  fetch_options o = {0};
  const cli_option options[] = {
      {"quote", "FILE", "fetch for the platform of this quote, or PCK chain (PEM); may be repeated", NULL, NULL,
       &o.quotes},
      {"fmspc", "HEX", "without a quote: the platform's FMSPC, 12 hex digits,", &o.fmspc, NULL, NULL},
      {"ca-type", "CA", "   who issues its PCK certificates: processor or platform,", &o.ca_type, NULL, NULL},
      {"tee", "TEE", "   and what quotes it makes: sgx or tdx", &o.tee, NULL, NULL},
      {"url", "URL", "the service, of API version 4; Intel's otherwise: " QY_PCS_INTEL_URL, &o.url, NULL, NULL},
      {"ca", "FILE", "the CA of the service's TLS certificate (PEM), instead of the system's CAs", &o.ca, NULL, NULL},
      {"update", "WHEN", "early: the newest TCB evaluation at once; standard: when Intel's grace for it has passed",
       &o.update, NULL, NULL},
      {"evaluation", "N", "this tcbEvaluationDataNumber (of Intel's service; caching ones do not know it)",
       &o.evaluation, NULL, NULL},
      COLLATERAL_ROOT_OPTION(o.root),
      COLLATERAL_STORE_OPTION(o.store),
      {0}};
  const cli_usage usage = {
      name,
      "--quote FILE... [--url URL] [--ca FILE] [--update early|standard] [--store FILE]\n"
      "       quotary collateral fetch --fmspc HEX --ca-type processor|platform --tee sgx|tdx [--url URL] ...",
      "Fetches TCB info, enclave identity and revocation lists, verifies them, and keeps them beside all that was\n"
      "kept before. When anything fails, nothing of that fetch is kept and nothing else is lost.\n"
      "Exit codes: 0 current collateral is there, 1 what was served was refused, 2 usage, 3 could not fetch.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t evaluation = 0;
  qy_collateral_platform named;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.evaluation != NULL && !cli_number(&evaluation, o.evaluation, 1, UINT32_MAX, "--evaluation")) {
    return CLI_USAGE;
  }
  const bool by_name = o.fmspc != NULL || o.ca_type != NULL || o.tee != NULL || o.quotes.count == 0;
  if (by_name && !read_named(&named, &usage, &o, &code)) {
    return code;
  }
  return fetch(&o, by_name ? &named : NULL, (uint32_t)evaluation);
}
