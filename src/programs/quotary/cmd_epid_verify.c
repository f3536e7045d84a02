/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid verify: valid, or which list revoked it, or what is wrong. */
#include "cmd_epid.h"

#include <stdio.h>
#include <stdlib.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>

#define TOLD_MS 100 /* a list that takes less is not worth a figure */

static const char *const name = "quotary epid verify";

typedef struct verify_options {
  epid_group_options group;
  const char *message;
  const char *basename;
  const char *lists[EPID_LISTS];
  const char *threads;
  bool json;
  bool explain;
} verify_options;

typedef struct verification {
  epid_group group;
  bool has_group;
  qy_epid_verifier *verifier;
  epid_list lists[EPID_LISTS];
  qy_buffer message;
  qy_buffer basename;
  qy_file_map signature;
  qy_epid_hash hash;
  qy_epid_result result;
  epid_progress progress;
  int64_t took_ms;
  qy_trace trace;
} verification;

static void verification_free(verification **v)
{
  if (*v != NULL) {
    qy_epid_verifier_free(&(*v)->verifier);
    for (size_t i = 0; i < EPID_LISTS; i++) {
      epid_list_clear(&(*v)->lists[i]);
    }
    qy_buffer_clear(&(*v)->message);
    qy_buffer_clear(&(*v)->basename);
    qy_file_map_close(&(*v)->signature);
    free(*v);
  }
}

static verification *verification_new(const verify_options *o)
{
  verification *v = calloc(1, sizeof(*v));
  if (v != NULL) {
    for (size_t i = 0; i < EPID_LISTS; i++) {
      v->lists[i] = epid_list_none((epid_list_kind)i, o->lists[i]);
    }
    qy_buffer_init(&v->message, QY_MAX_FILE_SIZE);
    qy_buffer_init(&v->basename, QY_MAX_FILE_SIZE);
    v->signature.fd = -1;
  }
  return v;
}

/* ---- The answer ---- */

static qy_status open_verifier(verification *v, const verify_options *o, qy_error *why)
{
  QY_TRY(epid_group_load(&v->group, &o->group, &v->trace, why));
  v->has_group = true;
  const qy_status status = qy_epid_verifier_new(&v->verifier, &v->group.key, &v->trace, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "%s", o->group.group);
  }
  qy_epid_verifier_set_work(v->verifier, &v->progress.work);
  QY_TRY(qy_epid_verifier_set_hash(v->verifier, v->hash, why));
  if (o->basename == NULL) {
    return QY_OK;
  }
  QY_TRY(epid_read(&v->basename, o->basename, why));
  const qy_view basename = qy_buffer_view(&v->basename);
  return qy_epid_verifier_set_basename(v->verifier, &basename, why);
}

static qy_status run(verification *v, const verify_options *o, const char *path, qy_error *why)
{
  QY_TRY(open_verifier(v, o, why));
  for (size_t i = 0; i < EPID_LISTS; i++) {
    QY_TRY(epid_list_read(&v->lists[i], &v->group.key, epid_group_ca(&v->group), &v->trace, why));
    QY_TRY(epid_list_use(&v->lists[i], v->verifier, &v->trace, why));
  }
  QY_TRY(epid_read(&v->message, o->message, why));
  QY_TRY(epid_map(&v->signature, path, why));
  QY_TRY(qy_epid_verify(&v->result, v->verifier, v->signature.view, qy_buffer_view(&v->message), &v->trace, why));
  for (size_t i = 0; i < EPID_LISTS; i++) {
    QY_TRY(epid_list_settled(&v->lists[i], why));
  }
  return qy_file_map_check(&v->signature, path, why);
}

/* The list that a result names, or EPID_LISTS. */
static epid_list_kind list_of(qy_epid_result result)
{
  switch (result) {
  case QY_EPID_REVOKED_KEY:
    return EPID_PRIVRL;
  case QY_EPID_REVOKED_SIGNATURE:
  case QY_EPID_SIGRL_MISMATCH:
    return EPID_SIGRL;
  case QY_EPID_REVOKED_GROUP:
    return EPID_GROUPRL;
  case QY_EPID_REVOKED_VERIFIER:
    return EPID_VERIFIERRL;
  default:
    return EPID_LISTS;
  }
}

/* Without an answer about the signature: a refusal is of one of the files that came with it. */
static qy_trust trust_of(const verification *v, qy_status status)
{
  if (status != QY_OK) {
    return status == QY_ERR_REFUSED ? QY_REFUSED : QY_UNDECIDED;
  }
  return v->result == QY_EPID_VALID ? QY_TRUSTED : v->result == QY_EPID_UNDECIDED ? QY_UNDECIDED : QY_REFUSED;
}

static int exit_code_of(qy_trust trust)
{
  return trust == QY_TRUSTED ? CLI_DONE : trust == QY_REFUSED ? CLI_REFUSED : CLI_UNDECIDED;
}

/* K, which names the signer under the basename that it was verified with; an empty view otherwise. */
static qy_view pseudonym_of(const verification *v, const verify_options *o)
{
  const qy_view whole = qy_epid_signature_pseudonym(v->signature.view);
  return v->result == QY_EPID_VALID && o->basename != NULL ? qy_view_slice(whole, QY_EPID_G1_SIZE, QY_EPID_G1_SIZE)
                                                           : (qy_view){NULL, 0};
}

/* ---- Telling it ---- */

/* "Not revoked" is more than is known when a list is missing. */
static const char *text_of(const verification *v)
{
  size_t used = 0;
  for (size_t i = 0; i < EPID_LISTS; i++) {
    used += v->lists[i].used ? 1 : 0;
  }
  return v->result != QY_EPID_VALID || used == EPID_LISTS ? qy_epid_result_text(v->result)
         : used == 0 ? "a member of the group signed the message; no list was looked at"
                     : "a member of the group signed the message, and the lists named do not revoke it";
}

static json_t *hex_json(qy_view bytes)
{
  char text[2 * QY_EPID_G1_SIZE + 1];
  if (bytes.size == 0 || bytes.size > QY_EPID_G1_SIZE) {
    return json_null();
  }
  qy_hex_encode(text, bytes);
  return json_string(text);
}

static json_t *lists_json(const verification *v)
{
  json_t *lists = json_object();
  for (size_t i = 0; i < EPID_LISTS; i++) {
    const epid_list *one = &v->lists[i];
    json_object_set_new(lists, epid_list_option(one->kind),
                        one->used ? json_pack("{s:I, s:I, s:I}", "version", (json_int_t)one->version, "entries",
                                              (json_int_t)one->count, "took_ms", (json_int_t)v->progress.took_ms[i])
                                  : json_null());
  }
  return lists;
}

static int print_json(const verification *v, const verify_options *o, qy_trust trust, const char *error)
{
  const epid_list_kind list = list_of(v->result);
  json_t *tree = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:I, s:o*, s:o}", "verdict",
                           qy_trust_name(trust), "result", qy_epid_result_name(v->result), "text", text_of(v), "list",
                           list == EPID_LISTS ? json_null() : json_string(epid_list_name(list)), "group_id",
                           v->has_group ? hex_json(QY_VIEW_OF(v->group.key.gid.bytes)) : json_null(), "hash",
                           v->has_group ? json_string(epid_hash_name(v->hash, &v->group.key.gid)) : json_null(),
                           "signed_files", v->group.has_ca, "basename", o->basename != NULL, "pseudonym",
                           hex_json(pseudonym_of(v, o)), "lists", lists_json(v), "took_ms", (json_int_t)v->took_ms,
                           "error", error == NULL ? NULL : json_string(error), "checks", cli_checks_json(&v->trace));
  return cli_print_json(tree, exit_code_of(trust));
}

static void print_lists(const verification *v)
{
  for (size_t i = 0; i < EPID_LISTS; i++) {
    const epid_list *one = &v->lists[i];
    printf("%-10s  ", epid_list_name(one->kind));
    if (!one->used) {
      printf("%s%s%s\n", cli_style_on(CLI_DIM), one->path != NULL ? "not taken" : "not named, not looked at",
             cli_style_off());
      continue;
    }
    epid_list_tell(one->kind, one->version, one->count);
    if (v->progress.took_ms[i] >= TOLD_MS) {
      printf(", worked through in %.1f s", (double)v->progress.took_ms[i] / 1000);
    }
    printf("\n");
  }
}

static void print_group(const verification *v, const verify_options *o)
{
  char text[2 * QY_EPID_GID_SIZE + 1];
  qy_hex_encode(text, QY_VIEW_OF(v->group.key.gid.bytes));
  printf("group       %s, %s, %s\n", text, epid_hash_name(v->hash, &v->group.key.gid),
         v->group.has_ca ? "files signed by the CA" : "plain files: nobody vouches for them but you");
  const qy_view pseudonym = pseudonym_of(v, o);
  if (pseudonym.size > 0) {
    char begin[2 * 16 + 1];
    qy_hex_encode(begin, qy_view_slice(pseudonym, 0, 16));
    printf("pseudonym   %s...\n", begin);
  }
}

static int print_for_people(const verification *v, const verify_options *o, qy_trust trust, const char *error)
{
  const cli_style style = trust == QY_TRUSTED ? CLI_GREEN : trust == QY_REFUSED ? CLI_RED : CLI_YELLOW;
  printf("verdict     %s%s%s: %s\n", cli_style_on(style),
         error != NULL ? qy_trust_name(trust) : qy_epid_result_name(v->result), cli_style_off(),
         error != NULL ? "the signature was not looked at" : text_of(v));
  if (v->has_group) {
    print_group(v, o);
    print_lists(v);
  }
  cli_print_checks(&v->trace, 2, o->explain);
  if (error == NULL) {
    printf("%s%zu checks in %.3f s%s%s\n", cli_style_on(CLI_DIM), v->trace.count, (double)v->took_ms / 1000,
           o->explain ? "" : "; --explain shows all", cli_style_off());
  } else {
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", name, error);
  }
  return exit_code_of(trust);
}

static int verify(const verify_options *o, qy_epid_hash hash, const char *path)
{
  qy_error why = {0};
  const int64_t began_ms = qy_clock_steady_ms();
  __attribute__((cleanup(verification_free))) verification *v = verification_new(o);
  if (v == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  v->hash = hash;
  if (!epid_progress_init(&v->progress, o->threads)) {
    return CLI_USAGE;
  }
  const qy_status status = run(v, o, path, &why);
  v->result = status == QY_OK ? v->result : QY_EPID_UNDECIDED; /* a list may have changed under the answer */
  v->took_ms = qy_clock_steady_ms() - began_ms;
  epid_progress_clear(&v->progress);
  if (status == QY_ERR_ARGUMENT) {
    return cli_fail(name, status, &why);
  }
  const qy_trust trust = trust_of(v, status);
  const char *error = status == QY_OK ? NULL : why.message;
  return o->json ? print_json(v, o, trust, error) : print_for_people(v, o, trust, error);
}

int epid_verify_verb(int argc, char **argv)
{
  verify_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      {"message", "FILE", "what was signed, or -", &o.message, NULL, NULL},
      {"basename", "FILE", "the basename that it must be signed under; any base otherwise", &o.basename, NULL, NULL},
      {"privrl", "FILE", "leaked private keys", &o.lists[EPID_PRIVRL], NULL, NULL},
      {"sigrl", "FILE", "signatures of members to be refused", &o.lists[EPID_SIGRL], NULL, NULL},
      {"grouprl", "FILE", "revoked groups", &o.lists[EPID_GROUPRL], NULL, NULL},
      {"verifierrl", "FILE", "pseudonyms that you refuse under the basename; never signed", &o.lists[EPID_VERIFIERRL],
       NULL, NULL},
      EPID_HASH_OPTION(o.group),
      EPID_THREADS_OPTION(o.threads),
      {"explain", NULL, "print every check, also those that held", NULL, &o.explain, NULL},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "--group FILE [--ca FILE] --message FILE [--basename FILE]\n"
      "       [--privrl FILE] [--sigrl FILE] [--grouprl FILE] [--verifierrl FILE] SIGNATURE",
      "Says whether a member of the group signed the message, and which list revokes it if one does.\n"
      "With --ca the group key and the lists must be signed files; without it they must be plain ones.\n"
      "Exit codes: 0 valid, 1 invalid or revoked, 2 usage, 3 could not decide.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !epid_hash_parse(&hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.message == NULL) {
    return cli_usage_error(&usage, "--group and --message are needed");
  }
  if (o.lists[EPID_VERIFIERRL] != NULL && o.basename == NULL) {
    return cli_usage_error(&usage, "--verifierrl is for one basename: --basename is needed with it");
  }
  return verify(&o, hash, files.items[0]);
}
