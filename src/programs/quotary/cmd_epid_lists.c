/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists in files, whatever their kind. */
#include "cmd_epid.h"

#include <stdio.h>

#include <base/limits.h>

static const struct {
  const char *name;
  const char *option;
  const char *entry;
} words[EPID_LISTS] = {[EPID_PRIVRL] = {"PrivRL", "privrl", "key"},
                       [EPID_SIGRL] = {"SigRL", "sigrl", "signature"},
                       [EPID_GROUPRL] = {"GroupRL", "grouprl", "group"},
                       [EPID_VERIFIERRL] = {"VerifierRL", "verifierrl", "pseudonym"}};

const char *epid_list_name(epid_list_kind kind)
{
  return words[kind].name;
}

const char *epid_list_option(epid_list_kind kind)
{
  return words[kind].option;
}

void epid_list_tell(epid_list_kind kind, uint32_t version, uint32_t count)
{
  printf("version %u, %u %s%s", version, count, words[kind].entry, count == 1 ? "" : "s");
}

epid_list epid_list_none(epid_list_kind kind, const char *path)
{
  return (epid_list){.kind = kind, .path = path, .file = {.fd = -1}};
}

void epid_list_clear(epid_list *list)
{
  qy_file_map_close(&list->file);
}

static void begin(epid_list *list, const qy_epid_group_key *group)
{
  switch (list->kind) {
  case EPID_PRIVRL:
    list->privrl = (qy_epid_privrl){.gid = group->gid};
    break;
  case EPID_SIGRL:
    list->sigrl = (qy_epid_sigrl){.gid = group->gid};
    break;
  case EPID_VERIFIERRL:
    list->verifierrl = (qy_epid_verifierrl){.gid = group->gid};
    break;
  case EPID_GROUPRL:
  case EPID_LISTS:
  default:
    list->grouprl = (qy_epid_grouprl){0};
    break;
  }
}

#define TAKE(list, member)                    \
  do {                                        \
    (list)->version = (list)->member.version; \
    (list)->count = (list)->member.count;     \
  } while (0)

static qy_status decode(epid_list *list, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  const qy_view file = list->file.view;
  switch (list->kind) {
  case EPID_PRIVRL:
    QY_TRY(qy_epid_privrl_read(&list->privrl, file, ca, trace, why));
    TAKE(list, privrl);
    return QY_OK;
  case EPID_SIGRL:
    QY_TRY(qy_epid_sigrl_read(&list->sigrl, file, ca, trace, why));
    TAKE(list, sigrl);
    return QY_OK;
  case EPID_GROUPRL:
    QY_TRY(qy_epid_grouprl_read(&list->grouprl, file, ca, trace, why));
    TAKE(list, grouprl);
    return QY_OK;
  case EPID_VERIFIERRL:
    QY_TRY(qy_epid_verifierrl_decode(&list->verifierrl, file, why));
    TAKE(list, verifierrl);
    return QY_OK;
  case EPID_LISTS:
  default:
    return qy_fail(why, QY_ERR_INTERNAL, "no kind of list");
  }
}

qy_status epid_list_read(epid_list *list, const qy_epid_group_key *group, const qy_epid_ca *ca, qy_trace *trace,
                         qy_error *why)
{
  begin(list, group);
  if (list->path == NULL) {
    return QY_OK;
  }
  QY_TRY(epid_map(&list->file, list->path, why));
  const qy_status status = epid_hint_at_ca(decode(list, ca, trace, why), list->file.view, ca, why);
  list->read = status == QY_OK;
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", list->path);
}

static qy_status use(const epid_list *list, qy_epid_verifier *verifier, qy_trace *trace, qy_error *why)
{
  switch (list->kind) {
  case EPID_PRIVRL:
    return qy_epid_verifier_set_privrl(verifier, &list->privrl, trace, why);
  case EPID_SIGRL:
    return qy_epid_verifier_set_sigrl(verifier, &list->sigrl, trace, why);
  case EPID_GROUPRL:
    return qy_epid_verifier_set_grouprl(verifier, &list->grouprl, trace, why);
  case EPID_VERIFIERRL:
    return qy_epid_verifier_set_verifierrl(verifier, &list->verifierrl, trace, why);
  case EPID_LISTS:
  default:
    return qy_fail(why, QY_ERR_INTERNAL, "no kind of list");
  }
}

qy_status epid_list_use(epid_list *list, qy_epid_verifier *verifier, qy_trace *trace, qy_error *why)
{
  const qy_status status = list->path == NULL ? QY_OK : use(list, verifier, trace, why);
  list->used = list->path != NULL && status == QY_OK;
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", list->path);
}

qy_status epid_list_settled(const epid_list *list, qy_error *why)
{
  return list->path == NULL ? QY_OK : qy_file_map_check(&list->file, list->path, why);
}
