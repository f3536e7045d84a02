/* SPDX-License-Identifier: Apache-2.0 */
/* A quote over chosen data, from the machine that this runs on or from a simulated one. */
#include <stdio.h>
#include <string.h>

#include <base/file.h>

#include "cli.h"
#include "platform_choice.h"
#include "quoting.h"
#include "verbs.h"

static const char *const name = "quotary quote";

typedef struct quote_options {
  const char *platform;
  const char *evidence;
  const char *version;
  const char *report_data;
  const char *path;
  bool json;
} quote_options;

/* A machine has its own kind of quote, in one version. */
static qy_status take_from_device(qy_buffer *quote, const qy_device *device, const quote_options *o,
                                  const quoting_request *request, qy_error *why)
{
  if (o->evidence != NULL && strcmp(o->evidence, device->tee) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--evidence %s: --platform %s gives %s quotes", o->evidence, device->name,
                   device->tee);
  }
  if (o->version != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--quote-version is for simulated machines: a real one has its own");
  }
  return device->quote(quote, device->folder, request->report_data, qy_device_calls_system(), why);
}

static int tell(const platform_choice *choice, const quote_options *o, const quoting_request *request, size_t size)
{
  const bool simulated = choice->device == NULL;
  if (o->json) {
    return cli_print_json(json_pack("{s:s, s:s, s:b, s:I, s:s}", "platform",
                                    simulated ? "simulated" : choice->device->name, "evidence",
                                    !simulated              ? choice->device->tee
                                    : request->trust_domain ? "tdx"
                                                            : "sgx",
                                    "simulated", simulated, "size", (json_int_t)size, "file", o->path),
                          CLI_DONE);
  }
  printf("%s%s gave a quote of %zu bytes: %s\nlook at it: quotary show %s\n",
         simulated ? "the simulated machine behind " : "", simulated ? choice->socket : choice->device->title, size,
         o->path, o->path);
  return CLI_DONE;
}

static int ask(platform_choice *choice, const quote_options *o, const quoting_request *request)
{
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why = {0};
  qy_status status = platform_choice_settle(choice, &why);
  if (status == QY_OK) {
    status = choice->device == NULL ? quoting_simulated(&quote, choice->socket, request, &why)
                                    : take_from_device(&quote, choice->device, o, request, &why);
  }
  status = status != QY_OK ? status : qy_file_create(o->path, qy_buffer_view(&quote), false, &why);
  return status == QY_OK ? tell(choice, o, request, quote.size) : cli_fail(name, status, &why);
}

/* 0 when all of them are in order. */
static int read_options(quoting_request *request, const quote_options *o, const cli_usage *usage)
{
  uint64_t version = 0;
  if (o->report_data == NULL || o->path == NULL) {
    return cli_usage_error(usage, "--report-data and --out are needed");
  }
  if (!cli_report_data(request->report_data, o->report_data)) {
    return cli_usage_error(usage, "--report-data: 2 to 128 hex digits, two a byte, are needed");
  }
  request->trust_domain = o->evidence != NULL && strcmp(o->evidence, "tdx") == 0;
  if (o->evidence != NULL && !request->trust_domain && strcmp(o->evidence, "sgx") != 0) {
    return cli_usage_error(usage, "--evidence %s: sgx or tdx?", o->evidence);
  }
  if (o->version != NULL && !cli_number(&version, o->version, 3, 5, "--quote-version")) {
    return CLI_USAGE;
  }
  request->version = (uint16_t)version;
  return 0;
}

int cmd_quote(int argc, char **argv)
{
  quote_options o = {0};
  const cli_option options[] = {
      {"report-data", "HEX", "what the quote is over: up to 64 bytes, zeros behind", &o.report_data, NULL, NULL},
      {"out", "FILE", "the quote, binary; must not be there yet", &o.path, NULL, NULL},
      {"platform", PLATFORM_CHOICE_PLACEHOLDER, PLATFORM_CHOICE_HELP, &o.platform, NULL, NULL},
      {"evidence", "KIND", "of a simulated machine: sgx, of an enclave, or tdx, of a trust domain; sgx otherwise",
       &o.evidence, NULL, NULL},
      {"quote-version", "N", "of a simulated machine: 3, 4 or 5 (sgx; 3 otherwise), 4 or 5 (tdx; 5 otherwise)",
       &o.version, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "--report-data HEX --out FILE [--platform NAME] [--evidence KIND] [--json]",
      "Asks the machine that this runs on for a quote about this program: inside an SGX enclave\n"
      "under Gramine, or inside a TDX virtual machine. A verifier should choose the report data.\n"
      "Without such a machine the quote is a simulated one's, about an enclave or a trust domain that\n"
      "reports whatever it is told: of a running `quotary up`, or of the one that --platform names.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  qy_error why = {0};
  platform_choice choice;
  quoting_request request = {0};
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  code = read_options(&request, &o, &usage);
  if (code != 0) {
    return code;
  }
  if (platform_choice_read(&choice, o.platform, &why) != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  return ask(&choice, &o, &request);
}
