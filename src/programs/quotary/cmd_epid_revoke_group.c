/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid revoke group: whole groups go into the GroupRL. */
#include "cmd_epid_revoke.h"

#include <string.h>

#include <base/limits.h>

/* Appends the ids that the words name: an id in hex, a group's public key, a GroupRL request. */
static qy_status add_word(qy_buffer *gids, const char *word, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  qy_epid_gid gid;
  qy_epid_group_key key;
  qy_epid_grouprl_request request;
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  if (epid_gid_parse(&gid, word, NULL) == QY_OK) {
    qy_buffer_append(gids, gid.bytes, sizeof(gid.bytes));
    return qy_buffer_finish(gids, "groups", why);
  }
  QY_TRY(epid_read(&file, word, why));
  if (qy_epid_grouprl_request_decode(&request, qy_buffer_view(&file), NULL) != QY_OK) {
    QY_TRY(qy_epid_group_key_read(&key, qy_buffer_view(&file), ca, trace, why));
    qy_buffer_append(gids, key.gid.bytes, sizeof(key.gid.bytes));
    return qy_buffer_finish(gids, "groups", why);
  }
  for (uint32_t i = 0; i < request.count; i++) {
    uint8_t reason = 0;
    QY_TRY(qy_epid_grouprl_request_group(&gid, &reason, &request, i, why));
    qy_buffer_append(gids, gid.bytes, sizeof(gid.bytes));
  }
  return qy_buffer_finish(gids, "groups", why);
}

static qy_status collect(qy_buffer *gids, const cli_list *words, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  for (size_t i = 0; i < words->count; i++) {
    const qy_status status = add_word(gids, words->items[i], ca, trace, why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "%s", words->items[i]);
    }
  }
  return QY_OK;
}

/* Appends each id that is not there yet. */
static qy_status add_groups(qy_buffer *entries, const qy_epid_grouprl *old, qy_view gids, qy_error *why)
{
  const size_t before = old->entries.size;
  qy_buffer_append(entries, old->entries.bytes, before);
  QY_TRY(qy_buffer_finish(entries, "GroupRL", why));
  for (size_t at = 0; at < gids.size; at += QY_EPID_GID_SIZE) {
    const qy_epid_grouprl so_far = {.version = old->version,
                                    .count = (uint32_t)(entries->size / QY_EPID_GROUPRL_ENTRY_SIZE),
                                    .entries = qy_buffer_view(entries)};
    qy_epid_gid gid;
    size_t size = 0;
    qy_error here = {0};
    memcpy(gid.bytes, gids.bytes + at, sizeof(gid.bytes));
    const qy_status status = qy_epid_grouprl_revoke(NULL, 0, &size, &so_far, &gid, &here);
    if (status != QY_ERR_SPACE && status != QY_ERR_EXISTS) {
      return qy_fail(why, status, "%s", here.message);
    }
    if (status == QY_ERR_SPACE) {
      qy_buffer_append(entries, gid.bytes, sizeof(gid.bytes));
      QY_TRY(qy_buffer_finish(entries, "GroupRL", why));
    }
  }
  return entries->size > before ? QY_OK : qy_fail(why, QY_ERR_EXISTS, "GroupRL: it is there already");
}

static qy_status run(const revoke_options *o, const cli_list *words, qy_trace *trace, qy_error *why)
{
  SCOPED_REVOKE_ISSUER(issuer);
  EPID_SCOPED_LIST(grouprl, EPID_GROUPRL, o->list);
  QY_SCOPED_BUFFER(gids, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(entries, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  size_t size = 0;
  QY_TRY(revoke_check_out(o->out, &grouprl, why));
  QY_TRY(revoke_issuer_open(&issuer, o, trace, why));
  QY_TRY(revoke_list_open(&grouprl, &issuer, trace, why));
  QY_TRY(collect(&gids, words, epid_group_ca(&issuer.group), trace, why));
  QY_TRY(add_groups(&entries, &grouprl.grouprl, qy_buffer_view(&gids), why));
  const qy_epid_grouprl next = {.version = grouprl.version + 1,
                                .count = (uint32_t)(entries.size / QY_EPID_GROUPRL_ENTRY_SIZE),
                                .entries = qy_buffer_view(&entries)};
  uint8_t *out = qy_buffer_extend(&plain, entries.size + 8);
  QY_TRY(qy_buffer_finish(&plain, "GroupRL", why));
  QY_TRY(qy_epid_grouprl_encode(out, plain.size, &size, &next, why));
  return revoke_list_write(o->out, &grouprl, qy_view_over(out, size), next.count, &issuer, why);
}

int revoke_group(int argc, char **argv)
{
  revoke_options o = {0};
  const cli_option options[] = {
      EPID_CA_OPTION(o.group),
      REVOKE_CA_KEY_OPTION(o),
      {"grouprl", "FILE", "the GroupRL as it stands; this begins one otherwise", &o.list, NULL, NULL},
      REVOKE_OUT_OPTION(o),
      {0}};
  const cli_usage usage = {
      "quotary epid revoke group",
      "[--ca FILE --ca-key FILE] [--grouprl FILE] --out FILE GROUP...",
      "Revokes whole groups. GROUP is an id (32 hex digits, 8 for a group of SGX), a group's public\n"
      "key file, or a GroupRL request file.",
      options,
      1,
      CLI_LIST_MAX};
  cli_list words;
  int code = CLI_DONE;
  if (!cli_parse(&code, &words, &usage, argc, argv) || !revoke_ca_fits(&o, &usage, &code)) {
    return code;
  }
  if (o.out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  return epid_answer(usage.name, run(&o, &words, &trace, &why), &why, &trace);
}
