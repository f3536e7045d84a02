/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid join: both sides of a join, by files. The issuer never learns the member's secret f. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <crypto/random.h>

typedef struct join_options {
  epid_group_options group;
  const char *issuing_key;
  const char *nonce;
  const char *secret;
  const char *privrl;
  const char *out;
} join_options;

#define OUT_OPTION(o, what)                     \
  {                                             \
    "out", "FILE", (what), &(o).out, NULL, NULL \
  }

/* A file of exactly `size` bytes. */
static qy_status read_exactly(uint8_t *out, size_t size, const char *path, const char *what, bool secret, qy_error *why)
{
  QY_SCOPED_BUFFER(file, 4096);
  QY_TRY(secret ? epid_read_secret(&file, path, why) : epid_read(&file, path, why));
  if (file.size != size) {
    return qy_fail(why, file.size < size ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED, "%s: %zu bytes are no %s: it has %zu",
                   path, file.size, what, size);
  }
  memcpy(out, file.bytes, size);
  return QY_OK;
}

/* ---- 1. The issuer's nonce ---- */

static int nonce(int argc, char **argv)
{
  join_options o = {0};
  const cli_option options[] = {OUT_OPTION(o, "where the nonce goes (32 bytes)"), {0}};
  const cli_usage usage = {"quotary epid join nonce",
                           "--out NONCE",
                           "The issuer draws a nonce for one join and sends it to whoever wants to become a member.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  qy_error why = {0};
  uint8_t drawn[QY_EPID_NONCE_SIZE];
  qy_status status = qy_random_fill(qy_random_system(), drawn, sizeof(drawn), &why);
  status = status != QY_OK ? status : epid_create(o.out, QY_VIEW_OF(drawn), false, &why);
  if (status == QY_OK) {
    printf("public  %s  for one join\nnext    the member: quotary epid join request --nonce %s ...\n", o.out, o.out);
  }
  return epid_answer(usage.name, status, &why, NULL);
}

/* ---- 2. The member's request ---- */

/* The secret in the file, or a fresh one that is then put there. */
static qy_status open_secret(uint8_t f[QY_EPID_SCALAR_SIZE], bool *drawn, const char *path, qy_error *why)
{
  *drawn = !qy_file_exists(path);
  if (!*drawn) {
    return read_exactly(f, QY_EPID_SCALAR_SIZE, path, "secret f", true, why);
  }
  QY_TRY(qy_epid_secret_draw(f, qy_random_system(), why));
  return epid_create(path, qy_view_over(f, QY_EPID_SCALAR_SIZE), true, why);
}

static qy_status make_request(bool *drawn, const join_options *o, qy_epid_hash hash, qy_trace *trace, qy_error *why)
{
  epid_group group = {0};
  qy_epid_join_request request;
  uint8_t issuer_nonce[QY_EPID_NONCE_SIZE];
  uint8_t blob[QY_EPID_JOIN_REQUEST_SIZE];
  QY_SCOPED_SECRET(f);
  f.size = QY_EPID_SCALAR_SIZE;
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(read_exactly(issuer_nonce, sizeof(issuer_nonce), o->nonce, "nonce", false, why));
  QY_TRY(open_secret(f.bytes, drawn, o->secret, why));
  QY_TRY(qy_epid_join_request_make(&request, &group.key, hash, issuer_nonce, f.bytes, qy_random_system(), why));
  qy_epid_join_request_encode(blob, &request);
  return epid_create(o->out, QY_VIEW_OF(blob), false, why);
}

static int request(int argc, char **argv)
{
  join_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"nonce", "FILE", "the issuer's nonce", &o.nonce, NULL, NULL},
                                {"secret", "FILE",
                                 "the member's secret f: drawn and kept there (0600) unless it is "
                                 "there already",
                                 &o.secret, NULL, NULL},
                                EPID_HASH_OPTION(o.group),
                                OUT_OPTION(o, "where the request goes"),
                                {0}};
  const cli_usage usage = {"quotary epid join request",
                           "--group FILE [--ca FILE] --nonce NONCE --secret FILE --out REQUEST",
                           "The member draws its secret f and makes the request: a commitment to f, and a proof.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  bool drawn = false;
  if (!cli_parse(&code, &none, &usage, argc, argv) || !epid_hash_parse(&hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.nonce == NULL || o.secret == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --nonce, --secret and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = make_request(&drawn, &o, hash, &trace, &why);
  if (status == QY_OK) {
    printf("secret  %s  %s: stays with the member\n"
           "public  %s\n"
           "next    the issuer: quotary epid join certify --nonce %s ... %s\n",
           o.secret, drawn ? "drawn" : "was there", o.out, o.nonce, o.out);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

/* ---- 3. The issuer's answer ---- */

/* What the issuer decides by. */
typedef struct certification {
  epid_group group;
  qy_epid_issuing_key key;
  qy_epid_hash hash;
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  epid_list privrl;
} certification;

static void certification_clear(certification *c)
{
  qy_epid_issuing_key_clear(&c->key);
  epid_list_clear(&c->privrl);
}

static qy_status certification_load(certification *c, const join_options *o, qy_trace *trace, qy_error *why)
{
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&c->group, &o->group, trace, why));
  QY_TRY(epid_issuing_key_load(&c->key, o->issuing_key, &c->group.key, why));
  QY_TRY(read_exactly(c->nonce, sizeof(c->nonce), o->nonce, "nonce", false, why));
  return epid_list_read(&c->privrl, &c->group.key, epid_group_ca(&c->group), trace, why);
}

/* A member of the usual kind, or one that is split between a host and a TPM: its request is longer. */
static qy_status decide(qy_epid_credential *out, const certification *c, qy_view request, qy_trace *trace,
                        qy_error *why)
{
  const qy_epid_privrl *privrl = c->privrl.read ? &c->privrl.privrl : NULL;
  qy_epid_join_request asked;
  qy_epid_split_join_request split;
  if (request.size == QY_EPID_SPLIT_JOIN_REQUEST_SIZE) {
    QY_TRY(qy_epid_split_join_request_decode(&split, request, why));
    return qy_epid_split_certify(out, &c->group.key, &c->key, c->hash, &split, c->nonce, privrl, qy_random_system(),
                                 trace, why);
  }
  QY_TRY(qy_epid_join_request_decode(&asked, request, why));
  return qy_epid_certify(out, &c->group.key, &c->key, c->hash, &asked, c->nonce, privrl, qy_random_system(), trace,
                         why);
}

static qy_status make_credential(const join_options *o, qy_epid_hash hash, const char *request_path, qy_trace *trace,
                                 qy_error *why)
{
  __attribute__((cleanup(qy_epid_credential_clear))) qy_epid_credential credential = {0};
  __attribute__((cleanup(certification_clear)))
  certification c = {.hash = hash, .privrl = epid_list_none(EPID_PRIVRL, o->privrl)};
  uint8_t blob[QY_EPID_CREDENTIAL_SIZE];
  QY_SCOPED_BUFFER(request, 4096);
  QY_TRY(certification_load(&c, o, trace, why));
  QY_TRY(epid_read(&request, request_path, why));
  qy_status status = decide(&credential, &c, qy_buffer_view(&request), trace, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "%s", request_path);
  }
  QY_TRY(epid_list_settled(&c.privrl, why));
  qy_epid_credential_encode(blob, &credential);
  status = epid_create(o->out, QY_VIEW_OF(blob), true, why);
  qy_wipe(blob, sizeof(blob));
  return status;
}

static int certify(int argc, char **argv)
{
  join_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      {"issuing-key", "FILE", "the group's issuing key", &o.issuing_key, NULL, NULL},
      {"nonce", "FILE", "the nonce that was sent", &o.nonce, NULL, NULL},
      {"privrl", "FILE", "leaked keys: a request for one of them is refused", &o.privrl, NULL, NULL},
      EPID_HASH_OPTION(o.group),
      OUT_OPTION(o, "where the credential goes (0600), for the member alone"),
      {0}};
  const cli_usage usage = {"quotary epid join certify",
                           "--group FILE [--ca FILE] --issuing-key FILE --nonce NONCE [--privrl FILE]\n"
                           "       --out CREDENTIAL REQUEST",
                           "The issuer checks the request against its nonce and answers with a membership credential.\n"
                           "A nonce is for one join: remove it when it was answered.",
                           options,
                           1,
                           1};
  cli_list files;
  int code = CLI_DONE;
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  if (!cli_parse(&code, &files, &usage, argc, argv) || !epid_hash_parse(&hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.issuing_key == NULL || o.nonce == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --issuing-key, --nonce and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = make_credential(&o, hash, files.items[0], &trace, &why);
  if (status == QY_OK) {
    printf("certified; the nonce was for this join alone: remove %s\n"
           "secret  %s  for the member alone\n"
           "next    the member: quotary epid join accept ... %s\n",
           o.nonce, o.out, o.out);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

/* ---- 4. The member's key ---- */

static qy_status make_key(const join_options *o, const char *credential_path, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_epid_credential_clear))) qy_epid_credential credential = {0};
  EPID_SCOPED_MEMBER_KEY(key);
  epid_group group = {0};
  uint8_t blob[QY_EPID_MEMBER_KEY_SIZE];
  QY_SCOPED_BUFFER(file, 4096);
  QY_SCOPED_SECRET(f);
  f.size = QY_EPID_SCALAR_SIZE;
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(read_exactly(f.bytes, f.size, o->secret, "secret f", true, why));
  QY_TRY(epid_read(&file, credential_path, why));
  qy_status status = qy_epid_credential_decode(&credential, qy_buffer_view(&file), why);
  if (status == QY_OK) {
    status = qy_epid_credential_accept(&key, &group.key, &credential, f.bytes, trace, why);
  }
  if (status != QY_OK) {
    return qy_fail_in(why, status, "%s", credential_path);
  }
  qy_epid_member_key_encode(blob, &key);
  status = epid_create(o->out, QY_VIEW_OF(blob), true, why);
  qy_wipe(blob, sizeof(blob));
  return status;
}

static int accept_credential(int argc, char **argv)
{
  join_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"secret", "FILE", "the secret f of the request", &o.secret, NULL, NULL},
                                OUT_OPTION(o, "where the member key goes (0600)"),
                                {0}};
  const cli_usage usage = {"quotary epid join accept",
                           "--group FILE [--ca FILE] --secret FILE --out KEY CREDENTIAL",
                           "The member checks that the group issued the credential for its secret, and keeps its key.",
                           options,
                           1,
                           1};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  if (o.group.group == NULL || o.secret == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --secret and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = make_key(&o, files.items[0], &trace, &why);
  if (status == QY_OK) {
    printf("joined; the member key holds all that is needed to sign\n"
           "secret  %s\n"
           "next    quotary epid sign --key %s ...; %s and %s are not needed any more: remove them\n",
           o.out, o.out, o.secret, files.items[0]);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

int epid_join_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"nonce", "1. issuer: a fresh nonce", nonce},
                                   {"request", "2. member: draw a secret, answer the nonce", request},
                                   {"certify", "3. issuer: check the request, answer with a credential", certify},
                                   {"accept", "4. member: check the credential, keep the key", accept_credential},
                                   {0}};
  return cli_dispatch("quotary epid join", verbs, argc, argv);
}
