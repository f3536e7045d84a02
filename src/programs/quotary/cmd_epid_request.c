/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid request: the files by which an issuer is asked to revoke; quotary epid revoke takes them. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/limits.h>

typedef struct request_options {
  epid_group_options group;
  const char *message;
  const char *reason;
  const char *out;
} request_options;

#define OUT_OPTION(o)                                             \
  {                                                               \
    "out", "FILE", "where the request goes", &(o).out, NULL, NULL \
  }

static int told(const char *name, const char *out, const char *advice, qy_status status, const qy_error *why,
                const qy_trace *trace)
{
  if (status == QY_OK) {
    printf("request  %s  %s\n", out, advice);
  }
  return epid_answer(name, status, why, trace);
}

/* ---- Keys ---- */

static qy_status request_keys(const request_options *o, const cli_list *files, qy_trace *trace, qy_error *why)
{
  epid_group group = {0};
  QY_SCOPED_BUFFER(request, QY_MAX_FILE_SIZE);
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  for (size_t i = 0; i < files->count; i++) {
    EPID_SCOPED_MEMBER_KEY(key);
    QY_TRY(epid_member_key_load(&key, files->items[i], &group.key, trace, why));
    uint8_t *entry = qy_buffer_extend(&request, QY_EPID_PRIVRL_REQUEST_SIZE);
    QY_TRY(qy_buffer_finish(&request, "request", why));
    qy_epid_privrl_request_encode(entry, &key);
  }
  return epid_create(o->out, qy_buffer_view(&request), true, why);
}

static int key(int argc, char **argv)
{
  request_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group), EPID_CA_OPTION(o.group), OUT_OPTION(o), {0}};
  const cli_usage usage = {
      "quotary epid request key",
      "--group FILE [--ca FILE] --out FILE KEY...",
      "Asks to revoke leaked member keys (PrivRL request). The request holds the keys: keep it so\n"
      "until they are published.",
      options,
      1,
      CLI_LIST_MAX};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  if (o.group.group == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = request_keys(&o, &files, &trace, &why);
  return told(usage.name, o.out, "secret: it holds the keys", status, &why, &trace);
}

/* ---- Signatures ---- */

static qy_status request_signature(const request_options *o, qy_epid_hash hash, const char *path, qy_trace *trace,
                                   qy_error *why)
{
  __attribute__((cleanup(qy_epid_verifier_free))) qy_epid_verifier *verifier = NULL;
  epid_group group = {0};
  qy_epid_result result = QY_EPID_UNDECIDED;
  size_t size = 0;
  QY_SCOPED_BUFFER(message, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(signature, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(request, QY_MAX_FILE_SIZE);
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(epid_read(&message, o->message, why));
  QY_TRY(epid_read(&signature, path, why));
  QY_TRY(qy_epid_verifier_new(&verifier, &group.key, trace, why));
  QY_TRY(qy_epid_verifier_set_hash(verifier, hash, why));
  QY_TRY(qy_epid_verify(&result, verifier, qy_buffer_view(&signature), qy_buffer_view(&message), trace, why));
  if (result != QY_EPID_VALID) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: no issuer revokes for it: %s", path, qy_epid_result_text(result));
  }
  const qy_epid_sigrl_request asked = {
      .gid = group.key.gid, .signature = qy_buffer_view(&signature), .message = qy_buffer_view(&message)};
  uint8_t *out = qy_buffer_extend(&request, signature.size + message.size + 24);
  QY_TRY(qy_buffer_finish(&request, "request", why));
  QY_TRY(qy_epid_sigrl_request_encode(out, request.size, &size, &asked, why));
  return epid_create(o->out, qy_view_over(out, size), false, why);
}

static int signature(int argc, char **argv)
{
  request_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"message", "FILE", "what was signed, or -", &o.message, NULL, NULL},
                                EPID_HASH_OPTION(o.group),
                                OUT_OPTION(o),
                                {0}};
  const cli_usage usage = {"quotary epid request signature",
                           "--group FILE [--ca FILE] --message FILE --out FILE SIGNATURE",
                           "Asks to revoke whoever made a signature (SigRL request). The signature must be valid.",
                           options,
                           1,
                           1};
  cli_list files;
  int code = CLI_DONE;
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !epid_hash_parse(&hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.message == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --message and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  const qy_status status = request_signature(&o, hash, files.items[0], &trace, &why);
  return told(usage.name, o.out, "for quotary epid revoke signature", status, &why, &trace);
}

/* ---- Groups ---- */

static qy_status request_groups(const request_options *o, uint8_t reason, const cli_list *words, qy_error *why)
{
  qy_epid_gid gid;
  size_t size = 0;
  QY_SCOPED_BUFFER(entries, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(request, QY_MAX_FILE_SIZE);
  QY_TRY(epid_check_absent(o->out, why));
  for (size_t i = 0; i < words->count; i++) {
    QY_TRY(epid_gid_parse(&gid, words->items[i], why));
    qy_buffer_append(&entries, gid.bytes, sizeof(gid.bytes));
    qy_buffer_append(&entries, &reason, 1);
  }
  QY_TRY(qy_buffer_finish(&entries, "request", why));
  const qy_epid_grouprl_request asked = {.count = (uint32_t)words->count, .entries = qy_buffer_view(&entries)};
  uint8_t *out = qy_buffer_extend(&request, entries.size + 8);
  QY_TRY(qy_buffer_finish(&request, "request", why));
  QY_TRY(qy_epid_grouprl_request_encode(out, request.size, &size, &asked, why));
  return epid_create(o->out, qy_view_over(out, size), false, why);
}

static int group(int argc, char **argv)
{
  request_options o = {0};
  const cli_option options[] = {
      {"reason", "N", "0 to 255, for the issuer to read; 0 otherwise", &o.reason, NULL, NULL}, OUT_OPTION(o), {0}};
  const cli_usage usage = {"quotary epid request group",
                           "[--reason N] --out FILE GID...",
                           "Asks to revoke whole groups (GroupRL request). GID is 32 hex digits, 8 for a group of SGX.",
                           options,
                           1,
                           CLI_LIST_MAX};
  cli_list words;
  int code = CLI_DONE;
  uint64_t reason = 0;
  if (!cli_parse(&code, &words, &usage, argc, argv)) {
    return code;
  }
  if (o.out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  if (o.reason != NULL && !cli_number(&reason, o.reason, 0, UINT8_MAX, "--reason")) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  const qy_status status = request_groups(&o, (uint8_t)reason, &words, &why);
  return told(usage.name, o.out, "for quotary epid revoke group", status, &why, NULL);
}

int epid_request_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"key", "revoke these leaked member keys", key},
                                   {"signature", "revoke whoever made this signature", signature},
                                   {"group", "revoke these groups", group},
                                   {0}};
  return cli_dispatch("quotary epid request", verbs, argc, argv);
}
