/* SPDX-License-Identifier: Apache-2.0 */
/* EPID from the command line: a verb a file, cmd_epid_<verb>.c. */
#include "cmd_epid.h"

#include "verbs.h"

int cmd_epid(int argc, char **argv)
{
  static const cli_verb verbs[] = {
      {"group", "make a group, or a CA that signs for groups", epid_group_verb},
      {"join", "become a member: nonce, request, certify, accept", epid_join_verb},
      {"member", "issue whole member keys, as a key facility does", epid_member_verb},
      {"sign", "sign a message as a member", epid_sign_verb},
      {"verify", "valid, revoked by which list, or what is wrong", epid_verify_verb},
      {"link", "did one member make both signatures?", epid_link_verb},
      {"revoke", "a key, a signature's maker, a group, a pseudonym: the next list", epid_revoke_verb},
      {"request", "ask an issuer to revoke: its request files", epid_request_verb},
      {"precompute", "blobs that spare members and verifiers their pairings", epid_precompute_verb},
      {"show", "what an EPID file holds; secrets are not printed", epid_show_verb},
      {0}};
  return cli_dispatch("quotary epid", verbs, argc, argv);
}
