/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid revoke signature and pseudonym: by something that the member signed. */
#include "cmd_epid_revoke.h"

#include <stdio.h>
#include <string.h>

#include <base/limits.h>

/* The signature and its message, from two files or from one request. */
typedef struct evidence {
  qy_file_map file;
  qy_buffer message_file;
  qy_view signature;
  qy_view message;
} evidence;

static void evidence_close(evidence *held)
{
  qy_file_map_close(&held->file);
  qy_buffer_clear(&held->message_file);
}
#define SCOPED_EVIDENCE(name) __attribute__((cleanup(evidence_close))) evidence name = {.file = {.fd = -1}}

static qy_status open_request(evidence *out, const char *path, const qy_epid_gid *group, qy_error *why)
{
  qy_epid_sigrl_request request;
  qy_error here = {0};
  const qy_status status = qy_epid_sigrl_request_decode(&request, out->file.view, &here);
  if (status != QY_OK) {
    return qy_fail(why, status, "%s: a signature needs --message, and this is no request: %s", path, here.message);
  }
  if (memcmp(&request.gid, group, sizeof(*group)) != 0) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: it is about another group", path);
  }
  out->signature = request.signature;
  out->message = request.message;
  return QY_OK;
}

static qy_status evidence_open(evidence *out, const char *path, const char *message, const qy_epid_gid *group,
                               qy_error *why)
{
  qy_buffer_init(&out->message_file, QY_MAX_FILE_SIZE);
  QY_TRY(epid_map(&out->file, path, why));
  if (message == NULL) {
    return open_request(out, path, group, why);
  }
  QY_TRY(epid_read(&out->message_file, message, why));
  out->signature = out->file.view;
  out->message = qy_buffer_view(&out->message_file);
  return QY_OK;
}

/* ---- Whoever made a signature ---- */

static qy_status add_signature(const epid_list *sigrl, const epid_list *privrl, qy_view signature,
                               const revoke_options *o, const revoke_issuer *issuer, qy_error *why)
{
  size_t size = 0;
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  uint8_t *out = qy_buffer_extend(&plain, sigrl->sigrl.entries.size + 24 + QY_EPID_SIGRL_ENTRY_SIZE);
  QY_TRY(qy_buffer_finish(&plain, "SigRL", why));
  QY_TRY(qy_epid_sigrl_revoke(out, plain.size, &size, &sigrl->sigrl, signature,
                              o->privrl == NULL ? NULL : &privrl->privrl, why));
  return revoke_list_write(o->out, sigrl, qy_view_over(out, size), sigrl->count + 1, issuer, why);
}

static qy_status run_signature(const revoke_options *o, const char *path, qy_trace *trace, qy_error *why)
{
  SCOPED_REVOKE_ISSUER(issuer);
  SCOPED_EVIDENCE(held);
  EPID_SCOPED_LIST(sigrl, EPID_SIGRL, o->list);
  EPID_SCOPED_LIST(privrl, EPID_PRIVRL, o->privrl);
  QY_TRY(revoke_check_out(o->out, &sigrl, why));
  QY_TRY(revoke_issuer_open(&issuer, o, trace, why));
  QY_TRY(evidence_open(&held, path, o->message, &issuer.group.key.gid, why));
  QY_TRY(revoke_check_signature(&issuer, held.signature, held.message, trace, why)); /* before any list is set */
  QY_TRY(revoke_list_open(&sigrl, &issuer, trace, why));
  QY_TRY(revoke_list_open(&privrl, &issuer, trace, why));
  return add_signature(&sigrl, &privrl, held.signature, o, &issuer, why);
}

int revoke_signature(int argc, char **argv)
{
  revoke_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      REVOKE_CA_KEY_OPTION(o),
      {"message", "FILE", "what was signed; not for a SigRL request, which brings it", &o.message, NULL, NULL},
      {"privrl", "FILE", "the group's PrivRL: a key that is in it needs no entry here", &o.privrl, NULL, NULL},
      {"no-privrl", NULL, "the group has no PrivRL yet", NULL, &o.no_privrl, NULL},
      {"sigrl", "FILE", "the SigRL as it stands; this begins one otherwise", &o.list, NULL, NULL},
      EPID_HASH_OPTION(o.group),
      REVOKE_OUT_OPTION(o),
      {0}};
  const cli_usage usage = {
      "quotary epid revoke signature",
      "--group FILE [--ca FILE --ca-key FILE] --privrl FILE|--no-privrl [--sigrl FILE] --out FILE\n"
      "       SIGNATURE --message FILE | REQUEST",
      "Revokes whoever made a signature, though nobody knows who: from then on each member must prove with every\n"
      "signature that it did not make this one. The signature must be valid. Each entry costs each signer and\n"
      "verifier a proof, so the PrivRL is tried first.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !revoke_ca_fits(&o, &usage, &code) ||
      !epid_hash_parse(&o.hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group and --out are needed");
  }
  if ((o.privrl == NULL) != o.no_privrl) {
    return cli_usage_error(&usage, "the PrivRL is tried first: name it with --privrl, or say --no-privrl");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  return epid_answer(usage.name, run_signature(&o, files.items[0], &trace, &why), &why, &trace);
}

/* ---- A pseudonym ---- */

static qy_status add_pseudonym(const epid_list *list, qy_view signature, const revoke_options *o,
                               const revoke_issuer *issuer, qy_error *why)
{
  size_t size = 0;
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  uint8_t *out = qy_buffer_extend(&plain, list->verifierrl.entries.size + 88 + QY_EPID_VERIFIERRL_ENTRY_SIZE);
  QY_TRY(qy_buffer_finish(&plain, "VerifierRL", why));
  QY_TRY(qy_epid_verifierrl_revoke(out, plain.size, &size, &list->verifierrl, signature, why));
  return revoke_list_write(o->out, list, qy_view_over(out, size), list->count + 1, issuer, why);
}

static qy_status run_pseudonym(const revoke_options *o, const char *path, qy_trace *trace, qy_error *why)
{
  SCOPED_REVOKE_ISSUER(issuer);
  SCOPED_EVIDENCE(held);
  QY_SCOPED_BUFFER(basename, QY_MAX_FILE_SIZE);
  EPID_SCOPED_LIST(list, EPID_VERIFIERRL, o->list);
  QY_TRY(revoke_check_out(o->out, &list, why));
  QY_TRY(revoke_issuer_open(&issuer, o, trace, why));
  QY_TRY(epid_read(&basename, o->basename, why));
  const qy_view name = qy_buffer_view(&basename);
  QY_TRY(qy_epid_verifier_set_basename(issuer.verifier, &name, why));
  QY_TRY(evidence_open(&held, path, o->message, &issuer.group.key.gid, why));
  QY_TRY(revoke_check_signature(&issuer, held.signature, held.message, trace, why));
  QY_TRY(revoke_list_open(&list, &issuer, trace, why));
  return add_pseudonym(&list, held.signature, o, &issuer, why);
}

int revoke_pseudonym(int argc, char **argv)
{
  revoke_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      {"message", "FILE", "what was signed, or -", &o.message, NULL, NULL},
      {"basename", "FILE", "the basename of this verifier", &o.basename, NULL, NULL},
      {"verifierrl", "FILE", "the VerifierRL as it stands; this begins one otherwise", &o.list, NULL, NULL},
      EPID_HASH_OPTION(o.group),
      REVOKE_OUT_OPTION(o),
      {0}};
  const cli_usage usage = {
      "quotary epid revoke pseudonym",
      "--group FILE [--ca FILE] --message FILE --basename FILE [--verifierrl FILE] --out FILE\n"
      "       SIGNATURE",
      "A verifier's own list: refuses the maker of a signature under its basename, from now on and\n"
      "at this verifier alone. The signature must be valid. The list is never signed.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !epid_hash_parse(&o.hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.message == NULL || o.basename == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --message, --basename and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  return epid_answer(usage.name, run_pseudonym(&o, files.items[0], &trace, &why), &why, &trace);
}
