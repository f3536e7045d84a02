/* SPDX-License-Identifier: Apache-2.0 */
/* quotary: one binary, a verb per file. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "verbs.h"

static const cli_verb verbs[] = {
#define VERB(name, summary) {#name, summary, cmd_##name},
    VERBS(VERB)
#undef VERB
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_overview(FILE *to)
{
  fprintf(to, "quotary: remote attestation for Intel SGX and TDX, from the fuses to the secret\n\n"
              "usage: quotary VERB [options]        quotary VERB --help says more\n\n");
  for (size_t i = 0; i < VERB_COUNT; i++) {
    fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
  }
  fprintf(to, "\nexit codes: 0 trusted or done, 1 refused, 2 usage, 3 could not decide\n"
              "first time here: quotary demo\n");
}

int main(int argc, char **argv)
{
  (void)signal(SIGPIPE, SIG_IGN);
  if (argc < 2) {
    print_overview(stderr);
    return CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    print_overview(stdout);
    return CLI_DONE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("quotary %s\n", QUOTARY_VERSION);
    return CLI_DONE;
  }
  for (size_t i = 0; i < VERB_COUNT; i++) {
    if (strcmp(argv[1], verbs[i].name) == 0) {
      return verbs[i].run(argc - 1, argv + 1);
    }
  }
  fprintf(stderr, "quotary: there is no verb \"%s\"\n\n", argv[1]);
  print_overview(stderr);
  return CLI_USAGE;
}
