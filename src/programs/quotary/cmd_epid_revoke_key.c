/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid revoke key: leaked member keys go into the PrivRL, and what they signed leaves the SigRL. */
#include "cmd_epid_revoke.h"

#include <stdio.h>

#include <base/limits.h>

/* The f of each key, one after the other. */
static qy_status collect(qy_buffer *fs, qy_view file, const qy_epid_group_key *group, qy_trace *trace, qy_error *why)
{
  EPID_SCOPED_MEMBER_KEY(key);
  qy_epid_privrl_request request;
  if (qy_epid_privrl_request_decode(&request, file, NULL) != QY_OK) {
    QY_TRY(epid_member_key_open(&key, file, group, trace, why));
    qy_buffer_append(fs, key.f, sizeof(key.f));
    return qy_buffer_finish(fs, "keys", why);
  }
  for (uint32_t i = 0; i < request.count; i++) {
    QY_TRY(qy_epid_privrl_request_key(&key, &request, i, why));
    const qy_status status = qy_epid_member_key_check(&key, group, trace, why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "key %u", i);
    }
    qy_buffer_append(fs, key.f, sizeof(key.f));
  }
  return qy_buffer_finish(fs, "keys", why);
}

static qy_status load_keys(qy_buffer *fs, const cli_list *files, const qy_epid_group_key *group, qy_trace *trace,
                           qy_error *why)
{
  for (size_t i = 0; i < files->count; i++) {
    QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
    QY_TRY(epid_read(&file, files->items[i], why));
    const qy_status status = collect(fs, qy_buffer_view(&file), group, trace, why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "%s", files->items[i]);
    }
  }
  return QY_OK;
}

/* Appends each f that is not there yet. The library is asked whether it would add it; all go into one new version. */
static qy_status add_keys(qy_buffer *entries, const qy_epid_privrl *old, qy_view fs, qy_error *why)
{
  const size_t before = old->entries.size;
  qy_buffer_append(entries, old->entries.bytes, before);
  QY_TRY(qy_buffer_finish(entries, "PrivRL", why));
  for (size_t at = 0; at < fs.size; at += QY_EPID_SCALAR_SIZE) {
    const qy_epid_privrl so_far = {.gid = old->gid,
                                   .version = old->version,
                                   .count = (uint32_t)(entries->size / QY_EPID_PRIVRL_ENTRY_SIZE),
                                   .entries = qy_buffer_view(entries)};
    size_t size = 0;
    qy_error here = {0};
    const qy_status status = qy_epid_privrl_revoke(NULL, 0, &size, &so_far, fs.bytes + at, &here);
    if (status != QY_ERR_SPACE && status != QY_ERR_EXISTS) {
      return qy_fail(why, status, "%s", here.message);
    }
    if (status == QY_ERR_SPACE) {
      qy_buffer_append(entries, fs.bytes + at, QY_EPID_SCALAR_SIZE);
      QY_TRY(qy_buffer_finish(entries, "PrivRL", why));
    }
  }
  return entries->size > before ? QY_OK : qy_fail(why, QY_ERR_EXISTS, "PrivRL: it is there already");
}

static qy_status encode(qy_buffer *plain, const qy_epid_privrl *list, qy_error *why)
{
  size_t size = 0;
  uint8_t *out = qy_buffer_extend(plain, list->entries.size + 24);
  QY_TRY(qy_buffer_finish(plain, "PrivRL", why));
  return qy_epid_privrl_encode(out, plain->size, &size, list, why);
}

static qy_status prune_sigrl(const epid_list *old, const qy_epid_privrl *privrl, const revoke_options *o,
                             const revoke_issuer *issuer, qy_error *why)
{
  size_t size = 0;
  uint32_t dropped = 0;
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  uint8_t *out = qy_buffer_extend(&plain, old->sigrl.entries.size + 24);
  QY_TRY(qy_buffer_finish(&plain, "SigRL", why));
  const qy_status status = qy_epid_sigrl_prune(out, plain.size, &size, &dropped, &old->sigrl, privrl, why);
  if (status == QY_ERR_NOT_FOUND) {
    printf("SigRL   %s stays as it is: none of its entries is of a key in the PrivRL\n", o->sigrl);
    return QY_OK;
  }
  QY_TRY(status);
  return revoke_list_write(o->sigrl_out, old, qy_view_over(out, size), old->count - dropped, issuer, why);
}

static qy_status run(const revoke_options *o, const cli_list *files, qy_trace *trace, qy_error *why)
{
  SCOPED_REVOKE_ISSUER(issuer);
  EPID_SCOPED_LIST(privrl, EPID_PRIVRL, o->list);
  EPID_SCOPED_LIST(sigrl, EPID_SIGRL, o->sigrl);
  QY_SCOPED_BUFFER(fs, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(entries, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  QY_TRY(revoke_check_out(o->out, &privrl, why));
  QY_TRY(o->sigrl == NULL ? QY_OK : revoke_check_out(o->sigrl_out, &sigrl, why));
  QY_TRY(revoke_issuer_open(&issuer, o, trace, why));
  QY_TRY(revoke_list_open(&privrl, &issuer, trace, why));
  QY_TRY(revoke_list_open(&sigrl, &issuer, trace, why));
  QY_TRY(load_keys(&fs, files, &issuer.group.key, trace, why));
  QY_TRY(add_keys(&entries, &privrl.privrl, qy_buffer_view(&fs), why));
  const qy_epid_privrl next = {.gid = privrl.privrl.gid,
                               .version = privrl.version + 1,
                               .count = (uint32_t)(entries.size / QY_EPID_PRIVRL_ENTRY_SIZE),
                               .entries = qy_buffer_view(&entries)};
  QY_TRY(encode(&plain, &next, why));
  QY_TRY(revoke_list_write(o->out, &privrl, qy_buffer_view(&plain), next.count, &issuer, why));
  return o->sigrl == NULL ? QY_OK : prune_sigrl(&sigrl, &next, o, &issuer, why);
}

int revoke_key(int argc, char **argv)
{
  revoke_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      REVOKE_CA_KEY_OPTION(o),
      {"privrl", "FILE", "the PrivRL as it stands; this begins one otherwise", &o.list, NULL, NULL},
      REVOKE_OUT_OPTION(o),
      {"sigrl", "FILE", "the SigRL as it stands: entries of revoked keys leave it", &o.sigrl, NULL, NULL},
      {"sigrl-out", "FILE", "where the shorter SigRL goes", &o.sigrl_out, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary epid revoke key",
                           "--group FILE [--ca FILE --ca-key FILE] [--privrl FILE] --out FILE\n"
                           "       [--sigrl FILE --sigrl-out FILE] KEY...",
                           "Revokes leaked member keys of the group. KEY is a member key, or a PrivRL request file.\n"
                           "Published, the secret f of a revoked key is everybody's.",
                           options,
                           1,
                           CLI_LIST_MAX};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !revoke_ca_fits(&o, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.out == NULL || (o.sigrl == NULL) != (o.sigrl_out == NULL)) {
    return cli_usage_error(&usage, o.group.group == NULL || o.out == NULL ? "--group and --out are needed"
                                                                          : "--sigrl and --sigrl-out go together");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  return epid_answer(usage.name, run(&o, &files, &trace, &why), &why, &trace);
}
