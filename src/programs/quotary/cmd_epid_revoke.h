/* SPDX-License-Identifier: Apache-2.0 */
/* What the four kinds of `quotary epid revoke` share. */
#ifndef QY_PROGRAMS_CMD_EPID_REVOKE_H
#define QY_PROGRAMS_CMD_EPID_REVOKE_H

#include "cmd_epid.h"

/* Each kind uses some of them. */
typedef struct revoke_options {
  epid_group_options group;
  qy_epid_hash hash; /* what group.hash says */
  const char *ca_key;
  const char *list; /* the list as it stands; NULL: this begins it */
  const char *out;  /* where the next one goes */
  const char *privrl;
  bool no_privrl;
  const char *sigrl;
  const char *sigrl_out;
  const char *message;
  const char *basename;
} revoke_options;

#define REVOKE_CA_KEY_OPTION(o)                                                                 \
  {                                                                                             \
    "ca-key", "FILE", "the CA's private key, which signs the new list", &(o).ca_key, NULL, NULL \
  }
#define REVOKE_OUT_OPTION(o)                                                                                         \
  {                                                                                                                  \
    "out", "FILE", "where the new list goes: a new file, or the old list's, which it then replaces", &(o).out, NULL, \
        NULL                                                                                                         \
  }

/* Whoever keeps the lists. */
typedef struct revoke_issuer {
  epid_group group;
  qy_epid_verifier *verifier; /* of the group, when one is named */
  bool signs;                 /* lists are signed files */
  qy_secret ca_key;
} revoke_issuer;

void revoke_issuer_clear(revoke_issuer *issuer);
#define SCOPED_REVOKE_ISSUER(name) __attribute__((cleanup(revoke_issuer_clear))) revoke_issuer name = {0}

/* Both of --ca and --ca-key, and lists are signed, or neither, and they are plain. False after saying so. */
bool revoke_ca_fits(const revoke_options *o, const cli_usage *usage, int *code);
/* Loads the group, when one is named, the CA and its key. */
qy_status revoke_issuer_open(revoke_issuer *out, const revoke_options *o, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Reads a list of the issuer's, and has the verifier look at its group and entries. */
qy_status revoke_list_open(epid_list *list, const revoke_issuer *issuer, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* `path` is free, or where `old` is. */
qy_status revoke_check_out(const char *path, const epid_list *old, qy_error *why) QY_MUST_CHECK;
/* Writes the list of `count` entries that follows `old`, signed if the issuer signs, and says so. */
qy_status revoke_list_write(const char *path, const epid_list *old, qy_view plain, uint32_t count,
                            const revoke_issuer *issuer, qy_error *why) QY_MUST_CHECK;

/* A signature and what it signs, which must be valid, or nothing is revoked for it (QY_ERR_REFUSED). */
qy_status revoke_check_signature(const revoke_issuer *issuer, qy_view signature, qy_view message, qy_trace *trace,
                                 qy_error *why) QY_MUST_CHECK;

int revoke_key(int argc, char **argv);
int revoke_signature(int argc, char **argv);
int revoke_group(int argc, char **argv);
int revoke_pseudonym(int argc, char **argv);

#endif
