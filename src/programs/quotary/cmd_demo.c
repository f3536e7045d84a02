/* SPDX-License-Identifier: Apache-2.0 */
/* The whole flow on this machine, told as it happens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attesting.h"
#include "cli.h"
#include "demo_chapters.h"
#include "service.h"
#include "story.h"
#include "verbs.h"
#include "world.h"

static const char *const name = "quotary demo";

static int tell(story *tale, cli_world *world)
{
  qy_error why = {0};
  qy_status status = demo_machine(tale, world, &why);
  if (status == QY_OK) {
    status = demo_attestation(tale, world, &why);
  }
  if (status == QY_OK) {
    status = demo_dcap(tale, world, &why);
  }
  if (status == QY_OK) {
    status = demo_tdx(tale, world, &why);
  }
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  demo_answers(tale);
  return CLI_DONE;
}

int cmd_demo(int argc, char **argv)
{
  const char *state = NULL;
  bool json = false;
  const cli_option options[] = {
      {"state", "DIR", "keep the world here, for looking at it; a temporary folder otherwise", &state, NULL, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "[--json] [--state DIR]",
      "Makes a simulated SGX machine, its endorser and a broker, carries a secret into an enclave over\n"
      "the complete message flow, by an EPID quote and by an ECDSA quote (DCAP), tells what happens, and stops "
      "everything.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  cli_world world;
  story tale;
  qy_error why = {0};
  const qy_status status = world_open(&world, state, &why);
  if (status != QY_OK) {
    return cli_fail(name, status, &why);
  }
  story_begin(&tale, json,
              "quotary demo · simulated SGX machine, simulated Intel (\"endorser\"), everything else as in production");
  code = tell(&tale, &world);
  const int64_t elapsed_ms = qy_clock_steady_ms() - tale.began_ms;
  if (code != CLI_DONE && world.temporary) {
    world.temporary = false;
    fprintf(stderr, "%s: what was made, with its logs, is kept in %s\n", name, world.root);
  }
  world_close(&world);
  if (!json && code == CLI_DONE) {
    printf("\n%sdone in %.2f s%s · simulated evidence: a policy must name the simulated root to accept it\n",
           cli_style_on(CLI_BOLD), (double)elapsed_ms / 1000.0, cli_style_off());
    printf("next: quotary up · quotary attest --broker URL --secret NAME · quotary show FILE · quotary doctor\n");
  }
  return story_end(&tale, code);
}
