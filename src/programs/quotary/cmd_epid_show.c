/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid show: what EPID files hold. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <base/limits.h>
#include <describe/describe.h>

static const char *const name = "quotary epid show";

/* Of EPID only: what looks like something else is not asked about. */
static qy_status describe(json_t **out, qy_view bytes, qy_error *why)
{
  static const char *const kinds[] = {"epid-file", "epid-blob", "epid-signature"};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (qy_describe(out, bytes, kinds[i], NULL) == QY_OK) {
      return QY_OK;
    }
  }
  if (bytes.size == 32) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "32 bytes: a nonce, a secret f or a CA's key; nothing tells them apart");
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "%zu bytes that are no EPID file: no length and content of one fits",
                 bytes.size);
}

static void warn_if_open(const char *path, const json_t *tree)
{
  qy_error why = {0};
  if (json_object_get(tree, "secret") != NULL && strcmp(path, "-") != 0 &&
      qy_file_check_private(path, &why) == QY_ERR_DENIED) {
    fprintf(stderr, "%s: note: %s\n", name, why.message);
  }
}

static int show_one(json_t **out, const char *path, const void *context)
{
  (void)context;
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, QY_MAX_FILE_SIZE);
  qy_status status = epid_read(&bytes, path, &why);
  if (status == QY_OK) {
    status = describe(out, qy_buffer_view(&bytes), &why);
    if (status != QY_OK) {
      (void)qy_fail_in(&why, status, "%s", path);
    }
  }
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  warn_if_open(path, *out);
  return CLI_DONE;
}

int epid_show_verb(int argc, char **argv)
{
  bool json = false;
  const cli_option options[] = {{"json", NULL, "print JSON", NULL, &json, NULL}, {0}};
  const cli_usage usage = {
      name,
      "[--json] FILE...",
      "Says what EPID files hold: keys, lists, signatures, requests, precomputed pairings; signed or\n"
      "plain. Secrets are not printed. Nothing is verified: see quotary epid verify.",
      options,
      1,
      CLI_LIST_MAX};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  epid_harden();
  return cli_show_files(&files, json, show_one, NULL);
}
