/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid link: whether one member made two signatures. */
#include "cmd_epid.h"

#include <stdio.h>

#include <base/limits.h>

static const char *const name = "quotary epid link";

static qy_status load(qy_buffer *out, const char *path, qy_error *why)
{
  QY_TRY(epid_read(out, path, why));
  return qy_epid_signature_pseudonym(qy_buffer_view(out)).size > 0
             ? QY_OK
             : qy_fail(why, QY_ERR_TRUNCATED, "%s: %zu bytes are no EPID signature", path, out->size);
}

static int tell(qy_view a, qy_view b, bool json)
{
  const bool linked = qy_epid_signatures_linked(a, b);
  const qy_view base_a = qy_view_slice(qy_epid_signature_pseudonym(a), 0, QY_EPID_G1_SIZE);
  const qy_view base_b = qy_view_slice(qy_epid_signature_pseudonym(b), 0, QY_EPID_G1_SIZE);
  const bool same_base = qy_view_equal(base_a, base_b);
  const int code = linked ? CLI_DONE : CLI_REFUSED;
  if (json) {
    return cli_print_json(json_pack("{s:b, s:b}", "linked", linked, "same_base", same_base), code);
  }
  printf("%s\n", linked      ? "linked: the same base and the same pseudonym; one member made both"
                 : same_base ? "not linked: the same basename, another pseudonym; two members made them"
                             : "not linked: the bases differ (another basename, or random), which tells nothing");
  printf("%snothing was verified: quotary epid verify both under the basename first%s\n", cli_style_on(CLI_DIM),
         cli_style_off());
  return code;
}

int epid_link_verb(int argc, char **argv)
{
  bool json = false;
  const cli_option options[] = {{"json", NULL, "print JSON", NULL, &json, NULL}, {0}};
  const cli_usage usage = {name,
                           "[--json] SIGNATURE SIGNATURE",
                           "Compares the pseudonyms of two signatures. Exit code 0 when linked, 1 when not.\n"
                           "It tells something only of signatures that were verified under one basename.",
                           options,
                           2,
                           2};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  qy_error why = {0};
  QY_SCOPED_BUFFER(a, QY_MAX_FILE_SIZE);
  QY_SCOPED_BUFFER(b, QY_MAX_FILE_SIZE);
  qy_status status = load(&a, files.items[0], &why);
  status = status != QY_OK ? status : load(&b, files.items[1], &why);
  return status == QY_OK ? tell(qy_buffer_view(&a), qy_buffer_view(&b), json) : cli_fail(name, status, &why);
}
