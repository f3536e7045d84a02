/* SPDX-License-Identifier: Apache-2.0 */
/* quotary collateral diff: what a new TCB info means for platforms that are known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <json/json.h>
#include <quotary/dcap_explain.h>

#include "cmd_collateral.h"
#include "verify.h"

static const char *const name = "quotary collateral diff";

typedef struct diff_options {
  const char *old_file;
  const char *new_file;
  const char *evaluation;
  const char *root;
  const char *store;
  cli_list quotes;
  bool json;
} diff_options;

/* A platform, and the two documents it is seen under. */
typedef struct subject {
  const char *from; /* where it is known from */
  qy_collateral_platform platform;
  qy_pck_extension pck;
  uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE];
} subject;

typedef struct comparison {
  const diff_options *options;
  qy_collateral_store *store; /* NULL: there is none */
  qy_view root;
  int64_t now_s;
  uint32_t evaluation;
  qy_tcb_info *before;
  qy_tcb_info *after;
  json_t *rows;
  size_t seen;
  size_t worse;
  size_t changed;
  size_t skipped;
} comparison;

/* ---- Documents ---- */

static qy_status decode(qy_tcb_info *out, const qy_buffer *text, const char *what, qy_error *why)
{
  const qy_status status = qy_tcb_info_decode(out, qy_buffer_view(text), NULL, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", what);
}

/* Out of the store: of an evaluation, or the newest. */
static qy_status take_kept(qy_buffer *out, const comparison *c, const subject *of, uint32_t evaluation,
                           const char *which, qy_error *why)
{
  QY_SCOPED_COLLATERAL_SET(set);
  const qy_collateral_ask ask = {
      .platform = of->platform, .root = c->root, .at_s = c->now_s, .evaluation_number = evaluation};
  if (c->store == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "there is no store: name both TCB infos, --old FILE and --new FILE");
  }
  QY_TRY(qy_collateral_store_get(&set, NULL, c->store, &ask, why));
  if (set.parts[QY_PART_TCB_INFO].size == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: the store has no TCB info%s that is current: name one with --%s FILE",
                   collateral_platform_name(&of->platform).text, evaluation == 0 ? "" : " of that evaluation", which);
  }
  qy_buffer_append(out, set.parts[QY_PART_TCB_INFO].bytes, set.parts[QY_PART_TCB_INFO].size);
  return qy_buffer_finish(out, "TCB info", why);
}

typedef struct lowest {
  const subject *of;
  uint8_t root_key[64];
  int64_t now_s;
  uint32_t number; /* 0: none */
} lowest;

static qy_status note_lowest(void *context, const qy_collateral_row *row, qy_error *why)
{
  lowest *to = context;
  (void)why;
  if (strcmp(row->kind, "tcb-info") == 0 && qy_view_equal(row->root, QY_VIEW_OF(to->root_key)) &&
      strcmp(row->tee, to->of->platform.is_tdx ? "tdx" : "sgx") == 0 &&
      qy_view_equal(row->fmspc, QY_VIEW_OF(to->of->platform.fmspc)) && row->issued_s <= to->now_s &&
      row->until_s >= to->now_s && (to->number == 0 || (uint32_t)row->number < to->number)) {
    to->number = (uint32_t)row->number;
  }
  return QY_OK;
}

/* The older of the evaluations that are current: what holds until the newer one is asked for. */
static qy_status take_older(qy_buffer *out, const comparison *c, const subject *of, qy_error *why)
{
  lowest found = {.of = of, .now_s = c->now_s};
  QY_TRY(qy_collateral_root_key(found.root_key, c->root, why));
  if (c->store != NULL) {
    QY_TRY(qy_collateral_store_each(c->store, note_lowest, &found, why));
  }
  return take_kept(out, c, of, found.number, "old", why);
}

static qy_status take_documents(qy_buffer *old_text, qy_buffer *new_text, comparison *c, const subject *of,
                                qy_error *why)
{
  const diff_options *o = c->options;
  QY_TRY(o->old_file != NULL ? qy_file_read(old_text, o->old_file, why) : take_older(old_text, c, of, why));
  QY_TRY(o->new_file != NULL ? qy_file_read(new_text, o->new_file, why)
                             : take_kept(new_text, c, of, c->evaluation, "new", why));
  QY_TRY(decode(c->before, old_text, o->old_file != NULL ? o->old_file : "the store", why));
  return decode(c->after, new_text, o->new_file != NULL ? o->new_file : "the store", why);
}

/* ---- One platform ---- */

static const char *status_text(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_UNKNOWN ? "below every level" : qy_tcb_status_name(status);
}

static void print_advisories(const qy_dcap_outlook *outlook, const char *label)
{
  printf("  %-7s %s%s%s", label, cli_style_on(CLI_BOLD), status_text(outlook->status), cli_style_off());
  for (size_t i = 0; i < outlook->advisory_count; i++) {
    printf("%s%s", i == 0 ? "  " : ", ", outlook->advisories[i]);
  }
  putchar('\n');
}

static void print_mending(const qy_dcap_mending *mending, qy_tcb_status status)
{
  if (status == QY_TCB_STATUS_UP_TO_DATE) {
    return;
  }
  if (mending->gap_count == 0) {
    printf("  no update changes it: %s is the best that this TCB info has for it\n", qy_tcb_status_name(mending->best));
    return;
  }
  printf("  to reach %s\n", qy_tcb_status_name(mending->best));
  for (size_t i = 0; i < mending->gap_count; i++) {
    printf("  ");
    verify_print_gap(&mending->gaps[i]);
  }
}

static bool same_advisories(const qy_dcap_outlook *a, const qy_dcap_outlook *b)
{
  bool same = a->advisory_count == b->advisory_count;
  for (size_t i = 0; same && i < a->advisory_count; i++) {
    bool found = false;
    for (size_t j = 0; !found && j < b->advisory_count; j++) {
      found = strcmp(a->advisories[i], b->advisories[j]) == 0;
    }
    same = found;
  }
  return same;
}

static json_t *outlook_json(const qy_dcap_outlook *outlook, uint32_t evaluation)
{
  json_t *advisories = json_array();
  for (size_t i = 0; i < outlook->advisory_count; i++) {
    json_array_append_new(advisories, json_string(outlook->advisories[i]));
  }
  return json_pack("{s:i, s:s, s:o}", "evaluation", (int)evaluation, "tcb_status", qy_tcb_status_name(outlook->status),
                   "advisory_ids", advisories);
}

static json_t *gaps_json(const qy_dcap_mending *mending)
{
  json_t *gaps = json_array();
  for (size_t i = 0; i < mending->gap_count; i++) {
    const qy_dcap_gap *gap = &mending->gaps[i];
    json_array_append_new(gaps, json_pack("{s:s, s:i, s:i, s:i, s:o}", "part", qy_dcap_part_name(gap->part),
                                          "component", (int)gap->component, "found", (int)gap->found, "needed",
                                          (int)gap->needed, "since", qy_json_new_time(gap->since_s)));
  }
  return gaps;
}

static void add_json(comparison *c, const subject *of, const qy_dcap_outlook *before, const qy_dcap_outlook *after,
                     bool changed)
{
  json_array_append_new(
      c->rows, json_pack("{s:o, s:s, s:o, s:b, s:o, s:o, s:s, s:o}", "from", qy_json_new_text(of->from), "tee",
                         of->platform.is_tdx ? "tdx" : "sgx", "fmspc", qy_json_new_hex(QY_VIEW_OF(of->platform.fmspc)),
                         "changed", changed, "before", outlook_json(before, c->before->evaluation_number), "after",
                         outlook_json(after, c->after->evaluation_number), "best",
                         qy_tcb_status_name(after->mending.best), "to_mend", gaps_json(&after->mending)));
}

/* Unknown is the worst; the table of statuses goes from good to bad. */
static unsigned rank(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_UNKNOWN ? QY_TCB_STATUS_COUNT : (unsigned)status;
}

static void tell(comparison *c, const subject *of, const qy_dcap_outlook *before, const qy_dcap_outlook *after)
{
  const bool changed = before->status != after->status || !same_advisories(before, after);
  const bool worse = rank(after->status) > rank(before->status);
  c->seen++;
  c->changed += changed ? 1 : 0;
  c->worse += worse ? 1 : 0;
  if (c->options->json) {
    add_json(c, of, before, after, changed);
    return;
  }
  printf("%s%s%s  (%s)  %s%s%s\n", cli_style_on(CLI_BOLD), of->from, cli_style_off(),
         collateral_platform_name(&of->platform).text,
         cli_style_on(worse     ? CLI_RED
                      : changed ? CLI_YELLOW
                                : CLI_GREEN),
         worse     ? "WORSE"
         : changed ? "changes"
                   : "same",
         cli_style_off());
  char label[32];
  (void)snprintf(label, sizeof(label), "eval %u", c->before->evaluation_number);
  print_advisories(before, label);
  (void)snprintf(label, sizeof(label), "eval %u", c->after->evaluation_number);
  print_advisories(after, label);
  if (changed) {
    print_mending(&after->mending, after->status);
  }
}

static qy_status compare(comparison *c, const subject *of, qy_error *why)
{
  QY_SCOPED_BUFFER(old_text, QY_MAX_COLLATERAL_SIZE);
  QY_SCOPED_BUFFER(new_text, QY_MAX_COLLATERAL_SIZE);
  qy_dcap_outlook before, after;
  const uint8_t *svn = of->platform.is_tdx ? of->tee_tcb_svn : NULL;
  QY_TRY(take_documents(&old_text, &new_text, c, of, why));
  qy_dcap_outlook_of(&before, c->before, &of->pck, svn);
  qy_dcap_outlook_of(&after, c->after, &of->pck, svn);
  if (!before.of_platform || !after.of_platform) {
    c->skipped++;
    fprintf(stderr, "%s: %s: %s: the TCB info is of another kind of platform%s: left out\n", name, of->from,
            collateral_platform_name(&of->platform).text,
            c->after->is_tdx && svn == NULL ? " (of a TDX platform a quote is needed, not its PCK chain)" : "");
    return QY_OK;
  }
  tell(c, of, &before, &after);
  return QY_OK;
}

/* ---- All platforms ---- */

static qy_status compare_quotes(comparison *c, qy_error *why)
{
  for (size_t i = 0; i < c->options->quotes.count; i++) {
    subject of = {.from = c->options->quotes.items[i]};
    QY_SCOPED_BUFFER(quote, QY_MAX_FILE_SIZE);
    QY_TRY(collateral_read_platform(&of.platform, &quote, &of.pck, of.tee_tcb_svn, of.from, why));
    QY_TRY(compare(c, &of, why));
  }
  return QY_OK;
}

#define MAX_REMEMBERED 4096u

typedef struct remembered {
  int64_t id;
  bool is_tdx;
  uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE];
  char from[120];
} remembered;

typedef struct remembered_list {
  size_t count;
  remembered *items;
} remembered_list;

static qy_status note_remembered(void *context, const qy_collateral_row *row, qy_error *why)
{
  remembered_list *to = context;
  if (strcmp(row->kind, "pck-chain") != 0) {
    return QY_OK;
  }
  if (to->count == MAX_REMEMBERED) {
    return qy_fail(why, QY_ERR_LIMIT, "more than %u platforms are remembered: name some with --quote", MAX_REMEMBERED);
  }
  remembered *item = &to->items[to->count++];
  item->id = row->id;
  item->is_tdx = strcmp(row->tee, "tdx") == 0;
  memset(item->tee_tcb_svn, 0, sizeof(item->tee_tcb_svn));
  if (row->tee_tcb_svn.size == sizeof(item->tee_tcb_svn)) {
    memcpy(item->tee_tcb_svn, row->tee_tcb_svn.bytes, sizeof(item->tee_tcb_svn));
  }
  (void)snprintf(item->from, sizeof(item->from), "%.100s", row->source);
  return QY_OK;
}

static qy_status compare_one(comparison *c, const remembered *item, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_MAX_COLLATERAL_SIZE);
  subject of = {.from = item->from};
  QY_TRY(qy_collateral_store_read(&pem, c->store, item->id, why));
  QY_TRY(qy_collateral_platform_of_chain(&of.platform, &of.pck, qy_buffer_view(&pem), why));
  of.platform.is_tdx = item->is_tdx;
  memcpy(of.tee_tcb_svn, item->tee_tcb_svn, sizeof(of.tee_tcb_svn));
  return compare(c, &of, why);
}

static qy_status compare_remembered(comparison *c, qy_error *why)
{
  remembered_list list = {.items = calloc(MAX_REMEMBERED, sizeof(remembered))};
  if (list.items == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "no memory");
  }
  qy_status status = c->store == NULL ? QY_OK : qy_collateral_store_each(c->store, note_remembered, &list, why);
  for (size_t i = 0; status == QY_OK && i < list.count; i++) {
    status = compare_one(c, &list.items[i], why);
  }
  if (status == QY_OK && list.count == 0) {
    status = qy_fail(why, QY_ERR_NOT_FOUND, "no platform is remembered: name quotes or PCK chains with --quote FILE");
  }
  free(list.items);
  return status;
}

static int end(comparison *c)
{
  const int code = c->worse > 0 ? CLI_REFUSED : CLI_DONE;
  if (c->options->json) {
    json_t *rows = c->rows;
    c->rows = NULL;
    return cli_print_json(json_pack("{s:o}", "platforms", rows), code);
  }
  printf("%zu of %zu platforms change their status or advisories, %zu for the worse\n", c->changed, c->seen, c->worse);
  return code;
}

static int diff(comparison *c, const char *store_path)
{
  qy_error why = {0};
  QY_SCOPED_COLLATERAL_STORE(store);
  qy_status status = collateral_open_existing(&store, store_path, &why);
  if (status == QY_ERR_NOT_FOUND && store_path == NULL) {
    status = QY_OK;
  }
  c->store = store;
  if (status == QY_OK) {
    status = c->options->quotes.count > 0 ? compare_quotes(c, &why) : compare_remembered(c, &why);
  }
  return status == QY_OK ? end(c) : cli_fail(name, status, &why);
}

static int diff_with_room(const diff_options *o, qy_view root, uint32_t evaluation)
{
  comparison c = {
      .options = o, .root = root, .now_s = qy_clock_now_s(), .evaluation = evaluation, .rows = json_array()};
  c.before = malloc(sizeof(*c.before));
  c.after = malloc(sizeof(*c.after));
  const int code = c.before == NULL || c.after == NULL ? cli_fail(name, QY_ERR_MEMORY, NULL) : diff(&c, o->store);
  free(c.before);
  free(c.after);
  json_decref(c.rows);
  return code;
}

int collateral_diff(int argc, char **argv)
{
  diff_options o = {0};
  const cli_option options[] = {
      {"new", "FILE", "the new TCB info, as it was served; otherwise the store's newest", &o.new_file, NULL, NULL},
      {"old", "FILE", "the old one; otherwise the store's of the oldest evaluation that is current", &o.old_file, NULL,
       NULL},
      {"evaluation", "N", "new is the store's TCB info of this tcbEvaluationDataNumber", &o.evaluation, NULL, NULL},
      {"quote", "FILE",
       "a platform's quote, or PCK chain (PEM); may be repeated; otherwise those that the store remembers", NULL, NULL,
       &o.quotes},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      COLLATERAL_ROOT_OPTION(o.root),
      COLLATERAL_STORE_OPTION(o.store),
      {0}};
  const cli_usage usage = {
      name,
      "[--new FILE|--evaluation N] [--old FILE] [--quote FILE]... [--json] [--store FILE]",
      "Says which platforms change their status with a new TCB info: before, after, advisories, and what would mend\n"
      "it. By TCB info alone: quoting enclaves have an identity of their own. A file that is named is not verified.\n"
      "Exit codes: 0 none gets worse, 1 one does, 2 usage, 3 could not compare.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t evaluation = 0;
  QY_SCOPED_BUFFER(root, QY_MAX_COLLATERAL_SIZE);
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.evaluation != NULL && !cli_number(&evaluation, o.evaluation, 1, UINT32_MAX, "--evaluation")) {
    return CLI_USAGE;
  }
  if (o.evaluation != NULL && o.new_file != NULL) {
    return cli_usage_error(&usage, "--new or --evaluation, not both");
  }
  if (o.root != NULL && !cli_read(&root, name, o.root, &code)) {
    return code;
  }
  return diff_with_room(&o, qy_buffer_view(&root), (uint32_t)evaluation);
}
