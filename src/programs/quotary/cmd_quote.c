/* SPDX-License-Identifier: Apache-2.0 */
/* A quote over chosen data, from the machine that this runs on or from a simulated one. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>

#include "cli.h"
#include "platform_choice.h"
#include "quoting.h"
#include "verbs.h"

static qy_status take(qy_buffer *quote, const platform_choice *choice, const uint8_t *report_data, qy_error *why)
{
  if (choice->device == NULL) {
    return quoting_simulated(quote, choice->socket, report_data, why);
  }
  return choice->device->quote(quote, choice->device->folder, report_data, qy_device_calls_system(), why);
}

static int ask(platform_choice *choice, const uint8_t *report_data, const char *path, bool json)
{
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why = {0};
  qy_status status = platform_choice_settle(choice, &why);
  status = status != QY_OK ? status : take(&quote, choice, report_data, &why);
  status = status != QY_OK ? status : qy_file_create(path, qy_buffer_view(&quote), false, &why);
  if (status != QY_OK) {
    return cli_fail("quotary quote", status, &why);
  }
  const bool simulated = choice->device == NULL;
  if (json) {
    return cli_print_json(json_pack("{s:s, s:b, s:I, s:s}", "platform", simulated ? "simulated" : choice->device->name,
                                    "simulated", simulated, "size", (json_int_t)quote.size, "file", path),
                          CLI_DONE);
  }
  printf("%s%s gave a quote of %zu bytes: %s\nlook at it: quotary show %s\n",
         simulated ? "the simulated machine behind " : "", simulated ? choice->socket : choice->device->title,
         quote.size, path, path);
  return CLI_DONE;
}

int cmd_quote(int argc, char **argv)
{
  bool json = false;
  const char *platform = NULL;
  const char *hex = NULL;
  const char *path = NULL;
  const cli_option options[] = {
      {"platform", PLATFORM_CHOICE_PLACEHOLDER, PLATFORM_CHOICE_HELP, &platform, NULL, NULL},
      {"report-data", "HEX", "what the quote is over: up to 64 bytes, zeros behind", &hex, NULL, NULL},
      {"out", "FILE", "the quote, binary; must not be there yet", &path, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {
      "quotary quote",
      "--report-data HEX --out FILE [--platform NAME] [--json]",
      "Asks the machine that this runs on for a quote about this program: inside an SGX enclave\n"
      "under Gramine, or inside a TDX virtual machine. A verifier should choose the report data.\n"
      "Without such a machine the quote is a simulated one's, about an enclave that reports whatever\n"
      "it is told: of a running `quotary up`, or of the one that --platform names.",
      options,
      0,
      0};
  uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE] = {0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (hex == NULL || path == NULL) {
    return cli_usage_error(&usage, "--report-data and --out are needed");
  }
  if (!cli_report_data(report_data, hex)) {
    return cli_usage_error(&usage, "--report-data: 2 to 128 hex digits, two a byte, are needed");
  }
  qy_error why = {0};
  platform_choice choice;
  if (platform_choice_read(&choice, platform, &why) != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  return ask(&choice, report_data, path, json);
}
