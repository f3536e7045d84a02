/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated machine, from the command line. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/secret.h>
#include <platform/platform.h>
#include <platform/service.h>
#include <registry/dcap.h>
#include <simulated/machine.h>

#include "cli.h"
#include "factory.h"
#include "platform_choice.h"
#include "service.h"
#include "verbs.h"

static int init(int argc, char **argv)
{
  const char *state = NULL, *endorser = NULL, *level_text = NULL, *record = NULL, *kind = NULL;
  const cli_option options[] = {
      {"state", "DIR", "the machine's folder", &state, NULL, NULL},
      {"endorser", "DIR", "the endorser's folder: its public part says which processors there are", &endorser, NULL,
       NULL},
      {"level", "N", "the machine's microcode level; the newest otherwise", &level_text, NULL, NULL},
      {"kind", "KIND", "server (with TDX) or client; server otherwise", &kind, NULL, NULL},
      {"record", "FILE", "where the factory record goes (mode 0600): for quotary endorser enroll", &record, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary platform init",
                           "--state DIR --endorser DIR --record FILE [--level N] [--kind KIND]",
                           "Burns a new simulated SGX machine: random fuses that only its processor process will read.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t level = 0;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (state == NULL || endorser == NULL || record == NULL) {
    return cli_usage_error(&usage, "--state, --endorser and --record are needed");
  }
  if (level_text != NULL && !cli_number(&level, level_text, 1, 1000, "--level")) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  const qy_status status =
      factory_burn(state, endorser, (unsigned)level, kind == NULL ? QY_DCAP_DEFAULT_KIND : kind, record, &why);
  if (status == QY_OK) {
    printf("a new machine; its factory record, for the endorser alone (quotary endorser enroll): %s\n", record);
  }
  return status == QY_OK ? CLI_DONE : cli_fail(usage.name, status, &why);
}

static qy_status update_machine(const char *state, uint64_t level, uint64_t module, qy_error *why)
{
  char machine[QY_PATH_SIZE];
  QY_TRY(qy_path_join(machine, sizeof(machine), state, QY_PLATFORM_FOLDER_MACHINE, why));
  if (level != 0) {
    QY_TRY(qy_machine_raise(machine, NULL, level, why));
  }
  return module == 0 ? QY_OK : qy_machine_update_tdx_module(machine, (uint8_t)module, why);
}

static int update(int argc, char **argv)
{
  const char *state = NULL, *level_text = NULL, *module_text = NULL;
  const cli_option options[] = {
      {"state", "DIR", "the machine's folder", &state, NULL, NULL},
      {"level", "N", "the new microcode level", &level_text, NULL, NULL},
      {"tdx-module-svn", "N", "the SVN of the new TDX module, 1 to 255", &module_text, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary platform update",
                           "--state DIR [--level N] [--tdx-module-svn N]",
                           "An update of microcode or TDX module: takes effect when the machine is started again.\n"
                           "Neither goes back.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t level = 0, module = 0;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (state == NULL || (level_text == NULL && module_text == NULL)) {
    return cli_usage_error(&usage, "--state is needed, and --level or --tdx-module-svn");
  }
  if ((level_text != NULL && !cli_number(&level, level_text, 1, 1000, "--level")) ||
      (module_text != NULL && !cli_number(&module, module_text, 1, UINT8_MAX, "--tdx-module-svn"))) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  const qy_status status = update_machine(state, level, module, &why);
  return status == QY_OK ? CLI_DONE : cli_fail(usage.name, status, &why);
}

static int serve(int argc, char **argv)
{
  const char *state = NULL, *socket_path = NULL, *images = NULL, *url = NULL, *ready = NULL;
  bool with_parent = false;
  const cli_option options[] = {
      {"state", "DIR", "the machine's folder", &state, NULL, NULL},
      {"socket", "PATH", "the Unix socket to serve on (mode 0600); DIR/platform.sock otherwise", &socket_path, NULL,
       NULL},
      {"images", "DIR", "the signed architectural enclaves (the endorser's public/images)", &images, NULL, NULL},
      {"provisioning", "URL", "the endorser's provisioning service", &url, NULL, NULL},
      {"ready-fd", "N", "say the socket on this descriptor", &ready, NULL, NULL},
      {"with-parent", NULL, "stop when the parent process ends", NULL, &with_parent, NULL},
      {0}};
  const cli_usage usage = {"quotary platform serve",
                           "--state DIR --images DIR --provisioning URL [--socket PATH]",
                           "The platform service: starts the processor and the architectural enclaves, provisions the\n"
                           "machine's EPID key when it has none, launches enclaves and quotes for them.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (state == NULL || images == NULL || url == NULL) {
    return cli_usage_error(&usage, "--state, --images and --provisioning are needed");
  }
  qy_error why = {0};
  char usual[QY_PATH_SIZE];
  if (socket_path == NULL && qy_path_join(usual, sizeof(usual), state, PLATFORM_CHOICE_SOCKET, &why) != QY_OK) {
    return cli_fail(usage.name, QY_ERR_LIMIT, &why);
  }
  socket_path = socket_path == NULL ? usual : socket_path;
  cli_service service;
  qy_process_harden();
  qy_status status = service_begin(&service, ready, "unix", with_parent, &why);
  if (status == QY_OK) {
    const qy_platform_service_config config = {.state_folder = state,
                                               .socket_path = socket_path,
                                               .images_folder = images,
                                               .provisioning_url = url,
                                               .ready = service_ready_path,
                                               .context = &service};
    status = qy_platform_service_run(&config, service.stop_fd, &why);
  }
  return status == QY_OK ? CLI_DONE : cli_fail(usage.name, status, &why);
}

static int describe(int argc, char **argv)
{
  const char *socket_path = NULL;
  bool json = false;
  const cli_option options[] = {{"socket", "PATH", "the platform service's socket", &socket_path, NULL, NULL},
                                {"json", NULL, "print JSON", NULL, &json, NULL},
                                {0}};
  const cli_usage usage = {
      "quotary platform describe", "--socket PATH [--json]", "What a running machine is and can do.", options, 0, 0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (socket_path == NULL) {
    return cli_usage_error(&usage, "--socket is needed");
  }
  qy_error why = {0};
  qy_platform *platform = NULL;
  QY_SCOPED_BUFFER(text, 1u << 20);
  qy_status status = qy_platform_open_simulated(&platform, socket_path, &why);
  if (status == QY_OK) {
    status = platform->functions->describe(platform, &text, &why);
    platform->functions->close(platform);
  }
  if (status != QY_OK) {
    return cli_fail(usage.name, status, &why);
  }
  json_t *described = json_loads(qy_buffer_text(&text), JSON_REJECT_DUPLICATES, NULL);
  if (json) {
    return cli_print_json(described, CLI_DONE);
  }
  cli_print_tree(described, 0);
  json_decref(described);
  return CLI_DONE;
}

int cmd_platform(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"init", "burn a new machine", init},
                                   {"serve", "run it: processor, architectural enclaves, platform service", serve},
                                   {"update", "raise its microcode level, or update its TDX module", update},
                                   {"describe", "what a running machine is", describe},
                                   {0}};
  return cli_dispatch("quotary platform", verbs, argc, argv);
}
