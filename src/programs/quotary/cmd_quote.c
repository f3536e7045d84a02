/* SPDX-License-Identifier: Apache-2.0 */
/* A quote from the machine that this runs on, when that is a real one. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <devices/device.h>

#include "cli.h"
#include "verbs.h"

/* The named device, or with "auto" the first that can be asked; NULL after saying why there is none. */
static const qy_device *choose(const char *name, const cli_usage *usage, int *code)
{
  if (strcmp(name, "auto") != 0) {
    const qy_device *device = qy_device_find(name);
    if (device == NULL) {
      *code = cli_usage_error(usage, "--platform: \"%s\" is none of auto, gramine, tsm", name);
    }
    return device;
  }
  for (size_t i = 0; i < QY_DEVICE_COUNT; i++) {
    if (qy_devices[i]->look(qy_devices[i]->folder, qy_device_calls_system(), NULL) == QY_OK) {
      return qy_devices[i];
    }
  }
  qy_error why = {0};
  (void)qy_fail(&why, QY_ERR_NOT_FOUND,
                "this is no machine that makes quotes: neither an SGX enclave under Gramine nor a TDX virtual machine; "
                "quotary doctor says what is missing, quotary demo simulates one");
  *code = cli_fail(usage->name, QY_ERR_NOT_FOUND, &why);
  return NULL;
}

static int ask(const qy_device *device, const uint8_t *report_data, const char *path, bool json)
{
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why = {0};
  qy_status status = device->quote(&quote, device->folder, report_data, qy_device_calls_system(), &why);
  if (status == QY_OK) {
    status = qy_file_create(path, qy_buffer_view(&quote), false, &why);
  }
  if (status != QY_OK) {
    return cli_fail("quotary quote", status, &why);
  }
  if (json) {
    return cli_print_json(
        json_pack("{s:s, s:I, s:s}", "platform", device->name, "size", (json_int_t)quote.size, "file", path), CLI_DONE);
  }
  printf("%s gave a quote of %zu bytes: %s\nlook at it: quotary show %s\n", device->title, quote.size, path, path);
  return CLI_DONE;
}

int cmd_quote(int argc, char **argv)
{
  bool json = false;
  const char *platform = NULL;
  const char *hex = NULL;
  const char *path = NULL;
  const cli_option options[] = {
      {"platform", "NAME", "auto, gramine or tsm; auto takes the one that is there", &platform, NULL, NULL},
      {"report-data", "HEX", "what the quote is over: up to 64 bytes, zeros behind", &hex, NULL, NULL},
      {"out", "FILE", "the quote, binary; must not be there yet", &path, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {"quotary quote",
                           "--report-data HEX --out FILE [--platform NAME] [--json]",
                           "Asks the machine that this runs on for a quote about this program: inside an SGX enclave\n"
                           "under Gramine, or inside a TDX virtual machine. A verifier should choose the report data.",
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
  const qy_device *device = choose(platform == NULL ? "auto" : platform, &usage, &code);
  return device == NULL ? code : ask(device, report_data, path, json);
}
