/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <base/limits.h>
#include <describe/describe.h>

#include "cli.h"
#include "verbs.h"

static void print_kinds(void)
{
  for (const char *const *kind = qy_describe_kinds(); *kind != NULL; kind++) {
    printf("%s\n", *kind);
  }
}

static int show_one(json_t **out, const char *path, const void *as)
{
  QY_SCOPED_BUFFER(bytes, QY_MAX_FILE_SIZE);
  qy_error why = {0};
  int code = CLI_DONE;
  if (!cli_read(&bytes, "quotary show", path, &code)) {
    return code;
  }
  const qy_status status = qy_describe(out, qy_buffer_view(&bytes), as, &why);
  if (status != QY_OK) {
    (void)qy_fail_in(&why, status, "%s", path);
    return cli_fail("quotary show", status, &why);
  }
  return CLI_DONE;
}

int cmd_show(int argc, char **argv)
{
  bool json = false;
  bool kinds = false;
  const char *as = NULL;
  const cli_option options[] = {
      {"as", "KIND", "read the file as this kind; found by content otherwise", &as, NULL, NULL},
      {"kinds", NULL, "list the kinds", NULL, &kinds, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {
      "quotary show",
      "[--json] [--as KIND] FILE...",
      "Decodes evidence: quotes, reports, attestation reports, messages, revocation lists, SIGSTRUCTs,\n"
      "enclave images, certificates, DCAP collateral; binary, hex or base64. Verifies nothing: see quotary verify.",
      options,
      0,
      CLI_LIST_MAX};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  if (kinds) {
    print_kinds();
    return CLI_DONE;
  }
  if (files.count == 0) {
    return cli_usage_error(&usage, "which file?");
  }
  return cli_show_files(&files, json, show_one, as);
}
