/* SPDX-License-Identifier: Apache-2.0 */
/* Builds a trust domain's image for the simulated machine, prints its measurements. */
#include <stdio.h>

#include <base/encoding.h>

#include "cli.h"
#include "domain.h"
#include "verbs.h"

static const char *const about =
    "A trust domain's image is a static program with the sections that belong to it (the provider's\n"
    "public key), all in MRTD, and a configuration, whose hash is MRCONFIGID. Nobody signs it.";

static int print(const domain_facts *facts, const char *path, bool json)
{
  char mrtd[2 * QY_TD_HASH_SIZE + 1], config_id[2 * QY_TD_HASH_SIZE + 1];
  qy_hex_encode(mrtd, QY_VIEW_OF(facts->mr_td));
  qy_hex_encode(config_id, QY_VIEW_OF(facts->mr_config_id));
  if (json) {
    return cli_print_json(json_pack("{s:s, s:s, s:s, s:b}", "image", path, "mrtd", mrtd, "mrconfigid", config_id,
                                    "debug", (facts->attributes & QY_TD_DEBUG) != 0),
                          CLI_DONE);
  }
  printf("image       %s%s\nMRTD        %s\nMRCONFIGID  %s\n", path,
         (facts->attributes & QY_TD_DEBUG) != 0 ? "  (debug)" : "", mrtd, config_id);
  return CLI_DONE;
}

static int build(int argc, char **argv)
{
  domain_request request = {0};
  bool json = false;
  const cli_option options[] = {
      {"program", "FILE", "its static program; the sample, quotary-td, otherwise", &request.program_path, NULL, NULL},
      {"provider-key", "FILE", "the provider's public key (PEM): becomes part of what is measured",
       &request.provider_key_path, NULL, NULL},
      {"config", "FILE", "a configuration, at most 64 KiB; none otherwise", &request.configuration_path, NULL, NULL},
      {"out", "FILE", "where the image goes", &request.out_path, NULL, NULL},
      {"debug", NULL, "a debug trust domain: readable by its host, refused by default policies", NULL, &request.debug,
       NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {"quotary td build",
                           "--provider-key FILE --out FILE [--program FILE] [--config FILE] [--json]",
                           about,
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (request.provider_key_path == NULL || request.out_path == NULL) {
    return cli_usage_error(&usage, "--provider-key and --out are needed");
  }
  qy_error why = {0};
  domain_facts facts;
  const qy_status status = domain_build(&facts, &request, &why);
  return status == QY_OK ? print(&facts, request.out_path, json) : cli_fail(usage.name, status, &why);
}

static int measure(int argc, char **argv)
{
  bool json = false;
  const cli_option options[] = {{"json", NULL, "print JSON", NULL, &json, NULL}, {0}};
  const cli_usage usage = {
      "quotary td measure", "[--json] IMAGE", "Measures a trust domain's image anew.", options, 1, 1};
  cli_list files;
  int code = CLI_DONE;
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  if (!cli_parse(&code, &files, &usage, argc, argv) || !cli_read(&bytes, usage.name, files.items[0], &code)) {
    return code;
  }
  qy_error why = {0};
  domain_facts facts;
  const qy_status status = domain_measure(&facts, qy_buffer_view(&bytes), &why);
  return status == QY_OK ? print(&facts, files.items[0], json) : cli_fail(usage.name, status, &why);
}

int cmd_td(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"build", "lay out and measure an image", build},
                                   {"measure", "print an image's MRTD and MRCONFIGID", measure},
                                   {0}};
  return cli_dispatch("quotary td", verbs, argc, argv);
}
