/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `quotary endorser` share, and those of them that have a file of their own. */
#ifndef QY_PROGRAMS_CMD_ENDORSER_H
#define QY_PROGRAMS_CMD_ENDORSER_H

#include <quotary/status.h>

#include "cli.h"

#define ENDORSER_STATE_OPTION(variable)                              \
  {                                                                  \
    "state", "DIR", "the endorser's folder", &(variable), NULL, NULL \
  }
/* As cli_parse(); every verb here needs --state. */
bool endorser_parse(int *code, cli_list *positional, const cli_usage *usage, const char *const *state, int argc,
                    char **argv);
int endorser_answer(const char *name, qy_status status, const qy_error *why);

int endorser_tcb_recovery(int argc, char **argv);
int endorser_revoke_pck(int argc, char **argv);
int endorser_expire(int argc, char **argv);

#endif
