/* SPDX-License-Identifier: Apache-2.0 */
/* quotary collateral show: what is kept. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <json/json.h>

#include "cmd_collateral.h"

static const char *const name = "quotary collateral show";

/* ---- Rows as JSON ---- */

typedef struct listing {
  json_t *rows;
  int64_t now_s;
} listing;

static const char *state_of(const qy_collateral_row *row, int64_t now_s)
{
  return row->until_s < now_s ? "past" : row->issued_s > now_s ? "not yet" : "current";
}

static qy_status add_row(void *context, const qy_collateral_row *row, qy_error *why)
{
  const listing *to = context;
  const bool is_intels = qy_view_equal(row->root, QY_VIEW_OF(qy_intel_sgx_root_key));
  json_t *object =
      json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:I}", "kind", row->kind, "tee", row->tee,
                "ca", row->ca, "fmspc", qy_json_new_hex(row->fmspc), "root",
                is_intels ? json_string("intel") : qy_json_new_hex(row->root), "number", (json_int_t)row->number,
                "from", qy_json_new_time(row->issued_s), "until", qy_json_new_time(row->until_s), "state",
                state_of(row, to->now_s), "first_seen", qy_json_new_time(row->first_seen_s), "source",
                qy_json_new_text(row->source), "sha256", qy_json_new_hex(row->sha256), "size", (json_int_t)row->size);
  return json_array_append_new(to->rows, object) == 0 ? QY_OK : qy_fail(why, QY_ERR_MEMORY, "no memory");
}

/* ---- For people ---- */

static const char *text_of(const json_t *row, const char *member)
{
  const char *text = json_string_value(json_object_get(row, member));
  return text == NULL ? "" : text;
}

static bool is_kind(const json_t *row, const char *kind)
{
  return strcmp(text_of(row, "kind"), kind) == 0;
}

static bool same(const json_t *a, const json_t *b, const char *member)
{
  return strcmp(text_of(a, member), text_of(b, member)) == 0;
}

/* Rows of one subject stand together, the newest first. */
static bool same_subject(const json_t *a, const json_t *b)
{
  return same(a, b, "kind") && same(a, b, "root") && same(a, b, "tee") && same(a, b, "fmspc") && same(a, b, "ca");
}

static void print_subject(const json_t *row)
{
  printf("%s", cli_style_on(CLI_BOLD));
  if (is_kind(row, "tcb-info")) {
    printf("TCB info, %s, FMSPC %s", text_of(row, "tee"), text_of(row, "fmspc"));
  } else if (is_kind(row, "identity")) {
    printf("quoting enclave's identity, %s", text_of(row, "tee"));
  } else if (is_kind(row, "pck-crl")) {
    printf("revoked PCK certificates, %s CA", text_of(row, "ca"));
  } else if (is_kind(row, "root-crl")) {
    printf("revoked CAs");
  } else {
    printf("my platforms: %s, FMSPC %s, %s CA", text_of(row, "tee"), text_of(row, "fmspc"), text_of(row, "ca"));
  }
  printf("%s", cli_style_off());
  if (!is_kind(row, "pck-chain") && strcmp(text_of(row, "root"), "intel") != 0) {
    printf("  %sNOT INTEL'S: root key %.16s...%s", cli_style_on(CLI_YELLOW), text_of(row, "root"), cli_style_off());
  }
  putchar('\n');
}

static void print_row(const json_t *row, int64_t now_s)
{
  int64_t until_s = 0;
  const char *state = text_of(row, "state");
  const bool numbered = is_kind(row, "tcb-info") || is_kind(row, "identity");
  if (numbered) {
    printf("  evaluation %-3lld", (long long)json_integer_value(json_object_get(row, "number")));
  } else {
    printf("  %-14s", is_kind(row, "pck-chain") ? "certificate" : "list");
  }
  printf("  %.10s to %.10s  ", text_of(row, "from"), text_of(row, "until"));
  if (strcmp(state, "current") == 0 &&
      qy_time_parse(&until_s, qy_view_text(text_of(row, "until")), "", NULL) == QY_OK) {
    const long long days = (long long)(until_s - now_s) / 86400;
    printf("%s%lld day%s left%s", cli_style_on(days < 3 ? CLI_YELLOW : CLI_GREEN), days, days == 1 ? "" : "s",
           cli_style_off());
  } else {
    printf("%s%s%s", cli_style_on(CLI_DIM), state, cli_style_off());
  }
  printf("  %sseen %.10s, %s%s\n", cli_style_on(CLI_DIM), text_of(row, "first_seen"), text_of(row, "source"),
         cli_style_off());
}

/* Of each subject the current ones, or else the newest. */
static size_t print_subject_rows(const json_t *rows, size_t from, size_t to, bool all, int64_t now_s)
{
  size_t hidden = 0;
  print_subject(json_array_get(rows, from));
  for (size_t i = from; i < to; i++) {
    const json_t *row = json_array_get(rows, i);
    const bool first_of_its_number =
        i == from || json_integer_value(json_object_get(row, "number")) !=
                         json_integer_value(json_object_get(json_array_get(rows, i - 1), "number"));
    if (all || i == from || is_kind(row, "pck-chain") ||
        (first_of_its_number && strcmp(text_of(row, "state"), "past") != 0)) {
      print_row(row, now_s);
    } else {
      hidden++;
    }
  }
  return hidden;
}

static void print_rows(const json_t *rows, bool all, int64_t now_s)
{
  size_t hidden = 0;
  for (size_t from = 0; from < json_array_size(rows);) {
    size_t to = from + 1;
    while (to < json_array_size(rows) && same_subject(json_array_get(rows, from), json_array_get(rows, to))) {
      to++;
    }
    if (!is_kind(json_array_get(rows, from), "chain")) {
      hidden += print_subject_rows(rows, from, to, all, now_s);
    }
    from = to;
  }
  if (json_array_size(rows) == 0) {
    printf("nothing is kept yet: quotary collateral fetch --quote FILE\n");
  } else if (hidden > 0) {
    printf("%s%zu earlier versions are kept as well; --all shows them%s\n", cli_style_on(CLI_DIM), hidden,
           cli_style_off());
  }
}

static int show(const char *path, bool all, bool json, int64_t now_s)
{
  qy_error why = {0};
  QY_SCOPED_COLLATERAL_STORE(store);
  listing list = {.rows = json_array(), .now_s = now_s};
  qy_status status = collateral_open_existing(&store, path, &why);
  if (status == QY_OK) {
    status = qy_collateral_store_each(store, add_row, &list, &why);
  }
  if (status != QY_OK) {
    json_decref(list.rows);
    return cli_fail(name, status, &why);
  }
  if (json) {
    return cli_print_json(json_pack("{s:o}", "documents", list.rows), CLI_DONE);
  }
  print_rows(list.rows, all, now_s);
  json_decref(list.rows);
  return CLI_DONE;
}

int collateral_show(int argc, char **argv)
{
  const char *store = NULL;
  const char *at = NULL;
  bool json = false;
  bool all = false;
  const cli_option options[] = {
      COLLATERAL_STORE_OPTION(store),
      {"at", "TIME", "say what is current at this time (RFC 3339); now otherwise", &at, NULL, NULL},
      {"all", NULL, "also versions that are past, or have a newer one", NULL, &all, NULL},
      {"json", NULL, "print JSON: every version, and the certificate chains", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {name,
                           "[--at TIME] [--all] [--json] [--store FILE]",
                           "Says what collateral is kept, how long it lasts, when it was first seen and where.",
                           options,
                           0,
                           0};
  cli_list none;
  qy_error why = {0};
  int code = CLI_DONE;
  int64_t now_s = qy_clock_now_s();
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (at != NULL && qy_time_parse(&now_s, qy_view_text(at), "--at", &why) != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  return show(store, all, json, now_s);
}
