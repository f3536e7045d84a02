/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid precompute: the pairings that Intel's members and verifiers keep in a file. */
#include "cmd_epid.h"

#include <stdio.h>

#include <base/secret.h>

typedef struct precompute_options {
  epid_group_options group;
  const char *key;
  const char *out;
  const char *check;
} precompute_options;

/* ---- Verifiers ---- */

static qy_status check_file(const precompute_options *o, const qy_epid_verifier *verifier, const qy_epid_member *member,
                            qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(file, 4096);
  QY_TRY(member == NULL ? epid_read(&file, o->check, why) : epid_read_secret(&file, o->check, why));
  const qy_status status = member == NULL
                               ? qy_epid_verifier_precomputed_check(verifier, qy_buffer_view(&file), trace, why)
                               : qy_epid_member_precomputed_check(member, qy_buffer_view(&file), trace, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", o->check);
}

static qy_status for_verifier(const precompute_options *o, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_epid_verifier_free))) qy_epid_verifier *verifier = NULL;
  epid_group group = {0};
  uint8_t blob[QY_EPID_VERIFIER_PRECOMPUTED_SIZE];
  QY_TRY(o->out == NULL ? QY_OK : epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(qy_epid_verifier_new(&verifier, &group.key, trace, why));
  if (o->check != NULL) {
    return check_file(o, verifier, NULL, trace, why);
  }
  qy_epid_verifier_precomputed_write(blob, verifier);
  return epid_create(o->out, QY_VIEW_OF(blob), false, why);
}

static qy_status for_member(const precompute_options *o, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = NULL;
  EPID_SCOPED_MEMBER_KEY(key);
  epid_group group = {0};
  uint8_t blob[QY_EPID_MEMBER_PRECOMPUTED_SIZE];
  QY_TRY(o->out == NULL ? QY_OK : epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(epid_member_key_load(&key, o->key, &group.key, trace, why));
  QY_TRY(qy_epid_member_new(&member, &group.key, &key, QY_EPID_HASH_BY_GID, trace, why));
  if (o->check != NULL) {
    return check_file(o, NULL, member, trace, why);
  }
  qy_epid_member_precomputed_write(blob, member);
  const qy_status status = epid_create(o->out, QY_VIEW_OF(blob), true, why);
  qy_wipe(blob, sizeof(blob));
  return status;
}

static int run(const cli_usage *usage, const precompute_options *o, bool member)
{
  if (o->group.group == NULL || (member && o->key == NULL)) {
    return cli_usage_error(usage, member ? "--group and --key are needed" : "--group is needed");
  }
  if ((o->out == NULL) == (o->check == NULL)) {
    return cli_usage_error(usage, "--out to write a blob, or --check to compare one?");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = member ? for_member(o, &trace, &why) : for_verifier(o, &trace, &why);
  if (status == QY_OK && o->check != NULL) {
    printf("%s  holds what is computed here\n", o->check);
  } else if (status == QY_OK) {
    printf("%s  %s\n", member ? "secret" : "public", o->out);
  }
  return epid_answer(usage->name, status, &why, &trace);
}

static int verifier_blob(int argc, char **argv)
{
  precompute_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"out", "FILE", "where the blob goes", &o.out, NULL, NULL},
                                {"check", "FILE", "compare this blob instead", &o.check, NULL, NULL},
                                {0}};
  const cli_usage usage = {
      "quotary epid precompute verifier",
      "--group FILE [--ca FILE] --out FILE | --check FILE",
      "Writes the 1552 bytes that spare Intel's verifier four pairings when it starts. Quotary's own\n"
      "verifier needs none.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  return cli_parse(&code, &none, &usage, argc, argv) ? run(&usage, &o, false) : code;
}

static int member_blob(int argc, char **argv)
{
  precompute_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"key", "FILE", "the member's private key", &o.key, NULL, NULL},
                                {"out", "FILE", "where the blob goes (0600: it tells who signs)", &o.out, NULL, NULL},
                                {"check", "FILE", "compare this blob instead", &o.check, NULL, NULL},
                                {0}};
  const cli_usage usage = {
      "quotary epid precompute member",
      "--group FILE [--ca FILE] --key FILE --out FILE | --check FILE",
      "Writes the 1536 bytes that spare Intel's member four pairings when it starts. Quotary's own\n"
      "member needs none.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  return cli_parse(&code, &none, &usage, argc, argv) ? run(&usage, &o, true) : code;
}

int epid_precompute_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"verifier", "the pairings of a group, for Intel's verifier", verifier_blob},
                                   {"member", "the pairings of a member, for Intel's member", member_blob},
                                   {0}};
  return cli_dispatch("quotary epid precompute", verbs, argc, argv);
}
