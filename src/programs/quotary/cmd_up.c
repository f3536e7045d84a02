/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"
#include "service.h"
#include "verbs.h"
#include "world.h"

static const char *const name = "quotary up";

static void print(const cli_world *world, bool json)
{
  if (json) {
    (void)cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "state", world->root,
                                   "endorser", world->endorser.address, "collateral", world->endorser.address,
                                   "collateral_root", world->dcap_root, "reports", world->reports.address, "platform",
                                   world->socket, "broker", world->broker.address, "broker_ca", world->broker_ca,
                                   "enclave", world->image, "trust_domain", world->domain, "secret", WORLD_SECRET_NAME,
                                   "simulated", true),
                         CLI_DONE);
  } else {
    printf(
        "%squotary up%s · simulated SGX machine, simulated Intel (\"endorser\"), everything else as in production\n\n",
        cli_style_on(CLI_BOLD), cli_style_off());
    printf("  endorser   %s   provisioning; DCAP collateral (PCS API v4)\n", world->endorser.address);
    printf("  reports    %s  EPID report service (IAS API v3, v4)\n", world->reports.address);
    printf("  platform   %s\n", world->socket);
    printf("  broker     %s  keeps the secret %s\n", world->broker.address, WORLD_SECRET_NAME);
    printf("  state      %s%s, logs in logs/\n\n", world->root, world->temporary ? " (goes when this ends)" : "");
    printf("from another terminal:\n\n  quotary attest --broker %s --secret %s\n", world->broker.address,
           WORLD_SECRET_NAME);
    printf("\nwith an EPID quote, which the broker likes best; add --evidence sgx for an ECDSA quote (DCAP),\n"
           "or --evidence tdx for that of a trust domain.\n\n");
    printf("Ctrl-C stops everything.\n");
  }
  fflush(stdout);
}

/* Until a signal, or until a service ends by itself. */
static int wait_for_end(cli_world *world, int stop_fd)
{
  for (;;) {
    struct pollfd waiting = {.fd = stop_fd, .events = POLLIN};
    if (poll(&waiting, 1, 500) > 0) {
      return CLI_DONE;
    }
    const char *casualty = world_casualty(world);
    if (casualty != NULL) {
      fprintf(stderr, "%s: %s has ended by itself; its log: %s/logs/%s.log\n", name, casualty, world->root, casualty);
      return CLI_UNDECIDED;
    }
  }
}

int cmd_up(int argc, char **argv)
{
  const char *state = NULL;
  bool json = false;
  const cli_option options[] = {
      {"state", "DIR", "keep the world here; a temporary folder otherwise", &state, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "[--state DIR] [--json]",
      "Runs endorser, report service, simulated machine and broker until interrupted, and says how to\n"
      "attest against them.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  cli_world world;
  cli_service service;
  qy_error why = {0};
  qy_status status = service_begin(&service, NULL, "", false, &why);
  if (status == QY_OK) {
    status = world_open(&world, state, &why);
  }
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  status = world_start(&world, &why);
  if (status == QY_OK) {
    status = world_announce(&world, &why);
  }
  if (status == QY_OK) {
    print(&world, json);
    code = wait_for_end(&world, service.stop_fd);
  } else {
    code = cli_fail(name, status, &why);
    world.temporary = false; /* its logs may be of use */
  }
  world_unannounce(&world);
  world_close(&world);
  if (!json && code == CLI_DONE) {
    printf("\nstopped\n");
  }
  return code;
}
