/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `quotary epid` share: options of a group, files in and out, and how a refusal is told. */
#ifndef QY_PROGRAMS_CMD_EPID_H
#define QY_PROGRAMS_CMD_EPID_H

#include <base/buffer.h>
#include <base/file_map.h>
#include <base/secret.h>
#include <quotary/epid.h>

#include "cli.h"

/* The names that Intel's samples give these files. */
#define EPID_FILE_GROUP_SIGNED "pubkey.bin"
#define EPID_FILE_GROUP_PLAIN "pubkey.dat"
#define EPID_FILE_ISSUING_KEY "iprivkey.dat"
#define EPID_FILE_CA "cacert.bin"
#define EPID_FILE_CA_KEY "issuingca-priv.dat"

/* ---- Options that name a group ---- */

typedef struct epid_group_options {
  const char *group;
  const char *ca;
  const char *hash;
} epid_group_options;

#define EPID_GROUP_OPTION(o)                                                           \
  {                                                                                    \
    "group", "FILE", "the group's public key, signed or plain", &(o).group, NULL, NULL \
  }
#define EPID_CA_OPTION(o)                                                                             \
  {                                                                                                   \
    "ca", "FILE", "the CA's certificate: the group's files must be signed by it", &(o).ca, NULL, NULL \
  }
#define EPID_HASH_OPTION(o)                                                                                          \
  {                                                                                                                  \
    "hash", "NAME", "sha256, sha384, sha512 or sha512-256; what the group id names otherwise", &(o).hash, NULL, NULL \
  }

typedef struct epid_group {
  qy_epid_group_key key;
  bool has_ca; /* its files are signed, and this CA answers for them; else they are plain */
  qy_epid_ca ca;
} epid_group;

/* False after saying what is wrong with the command line; `*code` is then the exit code. */
bool epid_hash_parse(qy_epid_hash *out, const char *text, const cli_usage *usage, int *code);
const char *epid_hash_name(qy_epid_hash hash, const qy_epid_gid *gid); /* BY_GID: the one that the id names */

/* 32 hex digits, or the 8 by which SGX names a group; QY_ERR_ARGUMENT. */
qy_status epid_gid_parse(qy_epid_gid *out, const char *text, qy_error *why) QY_MUST_CHECK;

/* Of a file refused by epid-file-signature: says so plainly when it is of the other kind, signed or plain, than --ca
 * asks for. Returns `status`. */
qy_status epid_hint_at_ca(qy_status status, qy_view file, const qy_epid_ca *ca, qy_error *why);
qy_status epid_ca_load(qy_epid_ca *out, const char *path, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Reads the public key and, when named, the CA's certificate, and checks their signatures. The points of the key are
 * checked by whatever it is used for. */
qy_status epid_group_load(epid_group *out, const epid_group_options *options, qy_trace *trace,
                          qy_error *why) QY_MUST_CHECK;
/* The CA of the group, or NULL: what the library's readers of lists take. */
const qy_epid_ca *epid_group_ca(const epid_group *group);

/* ---- Files ---- */

/* Bytes of any file, or of standard input ("-", only once). */
qy_status epid_read(qy_buffer *out, const char *path, qy_error *why) QY_MUST_CHECK;
/* The same for what must stay private: QY_ERR_DENIED when others may read the file. */
qy_status epid_read_secret(qy_buffer *out, const char *path, qy_error *why) QY_MUST_CHECK;
/* The same without a copy, for lists and long signatures. */
qy_status epid_map(qy_file_map *out, const char *path, qy_error *why) QY_MUST_CHECK;
/* Says early, before long work, that `path` is there already. */
qy_status epid_check_absent(const char *path, qy_error *why) QY_MUST_CHECK;
/* Mode 0600 when `secret`. Nothing is overwritten: QY_ERR_EXISTS. */
qy_status epid_create(const char *path, qy_view bytes, bool secret, qy_error *why) QY_MUST_CHECK;
qy_status epid_create_in(const char *folder, const char *name, qy_view bytes, bool secret, qy_error *why) QY_MUST_CHECK;

/* An issuing CA's private key: 32 bytes as in Intel's samples, or PEM. It must belong to `ca`. */
qy_status epid_ca_key_load(qy_secret *out, const char *path, const qy_epid_ca *ca, qy_error *why) QY_MUST_CHECK;
qy_status epid_issuing_key_load(qy_epid_issuing_key *out, const char *path, const qy_epid_group_key *group,
                                qy_error *why) QY_MUST_CHECK;
/* A member key of that group: plain, compressed, or as a key facility delivers either. */
qy_status epid_member_key_load(qy_epid_member_key *out, const char *path, const qy_epid_group_key *group,
                               qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status epid_member_key_open(qy_epid_member_key *out, qy_view bytes, const qy_epid_group_key *group, qy_trace *trace,
                               qy_error *why) QY_MUST_CHECK;

#define EPID_SCOPED_ISSUING_KEY(name) __attribute__((cleanup(qy_epid_issuing_key_clear))) qy_epid_issuing_key name = {0}
#define EPID_SCOPED_MEMBER_KEY(name) __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key name = {0}

/* ---- Revocation lists ---- */

typedef enum epid_list_kind { EPID_PRIVRL, EPID_SIGRL, EPID_GROUPRL, EPID_VERIFIERRL, EPID_LISTS } epid_list_kind;

/* A list in its mapped file, or, before it is read, the one that every list begins as: version 0, no entries. */
typedef struct epid_list {
  epid_list_kind kind;
  const char *path; /* NULL: none is named */
  qy_file_map file;
  union {
    qy_epid_privrl privrl;
    qy_epid_sigrl sigrl;
    qy_epid_grouprl grouprl;
    qy_epid_verifierrl verifierrl;
  };
  bool read; /* it was decoded */
  bool used; /* a verifier took it */
  uint32_t version;
  uint32_t count;
} epid_list;

#define EPID_SCOPED_LIST(name, list_kind, list_path) \
  __attribute__((cleanup(epid_list_clear))) epid_list name = epid_list_none((list_kind), (list_path))
epid_list epid_list_none(epid_list_kind kind, const char *path);
void epid_list_clear(epid_list *list);
const char *epid_list_name(epid_list_kind kind);                            /* "PrivRL" */
const char *epid_list_option(epid_list_kind kind);                          /* "privrl" */
void epid_list_tell(epid_list_kind kind, uint32_t version, uint32_t count); /* prints "version 2, 3 keys" */

/* Reads the file at list->path: signed by `ca`, or plain when that is NULL (a VerifierRL always is). Without a path it
 * becomes the empty list of the group. */
qy_status epid_list_read(epid_list *list, const qy_epid_group_key *group, const qy_epid_ca *ca, qy_trace *trace,
                         qy_error *why) QY_MUST_CHECK;
/* Hands a list that was read to the verifier, which checks group and entries. Without a path nothing is done. */
qy_status epid_list_use(epid_list *list, qy_epid_verifier *verifier, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The file was not written to while it was in use. */
qy_status epid_list_settled(const epid_list *list, qy_error *why) QY_MUST_CHECK;

/* ---- Long lists ---- */

typedef struct epid_progress {
  qy_epid_work work; /* for the library; points back here */
  bool on_terminal;
  int64_t began_ms; /* of the list at hand */
  int64_t drawn_ms;
  int64_t took_ms[EPID_LISTS]; /* PrivRL and SigRL alone */
} epid_progress;

#define EPID_THREADS_OPTION(variable)                                                                            \
  {                                                                                                              \
    "threads", "N", "work through long lists with this many; one a processor otherwise", &(variable), NULL, NULL \
  }
/* Must stay where it is while the work goes on. False after saying what is wrong with the number. */
bool epid_progress_init(epid_progress *p, const char *threads_text);
/* Wipes the line that tells how far the work is, if one was drawn. */
void epid_progress_clear(epid_progress *p);

/* ---- Telling ---- */

/* For commands that touch secrets: no core dump, no ptrace; the umask stays, for most of what is written is public. */
void epid_harden(void);
/* CLI_DONE, or says why not, the check that refused with it; returns the exit code. */
int epid_answer(const char *name, qy_status status, const qy_error *why, const qy_trace *trace);

/* ---- The verbs, argv[0] each ---- */

int epid_group_verb(int argc, char **argv);
int epid_join_verb(int argc, char **argv);
int epid_member_verb(int argc, char **argv);
int epid_sign_verb(int argc, char **argv);
int epid_verify_verb(int argc, char **argv);
int epid_revoke_verb(int argc, char **argv);
int epid_request_verb(int argc, char **argv);
int epid_link_verb(int argc, char **argv);
int epid_precompute_verb(int argc, char **argv);
int epid_show_verb(int argc, char **argv);

#endif
