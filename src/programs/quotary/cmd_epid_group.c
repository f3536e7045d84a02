/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid group: makes groups, and the CA that signs what their issuer publishes. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <crypto/p256.h>
#include <crypto/random.h>

/* ---- CA ---- */

static qy_status make_ca(qy_secret *key, qy_epid_ca *ca, const char *folder, qy_error *why)
{
  uint8_t certificate[QY_EPID_CA_SIZE];
  qy_p256_public public_key;
  QY_TRY(qy_p256_generate(key, &public_key, qy_random_system(), why));
  QY_TRY(qy_epid_ca_make(certificate, ca, qy_secret_view(key), why));
  QY_TRY(epid_create_in(folder, EPID_FILE_CA_KEY, qy_secret_view(key), true, why));
  return epid_create_in(folder, EPID_FILE_CA, QY_VIEW_OF(certificate), false, why);
}

static void print_file(const char *folder, const char *file, const char *what)
{
  printf("%s/%-18s  %s\n", folder, file, what);
}

static void print_ca(const char *folder)
{
  print_file(folder, EPID_FILE_CA_KEY, "SECRET: signs group keys and revocation lists");
  print_file(folder, EPID_FILE_CA, "the CA's certificate: whoever checks those signatures needs it, from you");
}

static int ca(int argc, char **argv)
{
  const char *out = NULL;
  const cli_option options[] = {{"out", "DIR", "where the two files go", &out, NULL, NULL}, {0}};
  const cli_usage usage = {"quotary epid group ca",
                           "--out DIR",
                           "Makes an issuing CA (P-256): its private key and its certificate, signed by itself.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  qy_error why = {0};
  qy_epid_ca made;
  QY_SCOPED_SECRET(key);
  epid_harden();
  qy_status status = qy_folder_make(out, &why);
  status = status != QY_OK ? status : make_ca(&key, &made, out, &why);
  if (status == QY_OK) {
    print_ca(out);
  }
  return epid_answer(usage.name, status, &why, NULL);
}

/* ---- Groups ---- */

typedef struct create_options {
  const char *out;
  const char *gid;
  const char *hash;
  const char *ca;
  const char *ca_key;
} create_options;

/* A drawn id, or the one named; either names the hash in the low nibble of its byte 1. */
static bool choose_gid(qy_epid_gid *out, const create_options *o, const cli_usage *usage, int *code)
{
  qy_epid_hash asked = QY_EPID_HASH_BY_GID;
  qy_epid_hash named = QY_EPID_HASH_BY_GID;
  qy_error why = {0};
  if (!epid_hash_parse(&asked, o->hash, usage, code)) {
    return false;
  }
  if (o->gid == NULL || strcmp(o->gid, "auto") == 0) {
    const qy_status status = qy_random_fill(qy_random_system(), out->bytes, sizeof(out->bytes), &why);
    out->bytes[0] = 0;
    out->bytes[1] = asked == QY_EPID_HASH_BY_GID ? 0 : (uint8_t)(asked - QY_EPID_SHA256);
    *code = status == QY_OK ? CLI_DONE : cli_fail(usage->name, status, &why);
    return status == QY_OK;
  }
  if (epid_gid_parse(out, o->gid, &why) != QY_OK || qy_epid_hash_of_gid(&named, out, &why) != QY_OK) {
    *code = cli_usage_error(usage, "--gid: %s", why.message);
    return false;
  }
  if (asked != QY_EPID_HASH_BY_GID && asked != named) {
    *code = cli_usage_error(usage, "--gid names %s in the low digit of its second byte, --hash another",
                            epid_hash_name(named, out));
    return false;
  }
  return true;
}

/* The CA that is named, or a new one beside the group. */
static qy_status open_ca(qy_secret *key, qy_epid_ca *ca, const create_options *o, qy_trace *trace, qy_error *why)
{
  if (o->ca == NULL) {
    return make_ca(key, ca, o->out, why);
  }
  QY_TRY(epid_ca_load(ca, o->ca, trace, why));
  return epid_ca_key_load(key, o->ca_key, ca, why);
}

static qy_status write_group(const char *folder, const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                             const qy_secret *ca_key, qy_error *why)
{
  uint8_t plain[QY_EPID_GROUP_KEY_SIZE];
  uint8_t signed_key[QY_EPID_GROUP_KEY_SIZE + QY_EPID_FILE_OVERHEAD];
  uint8_t issuing[QY_EPID_ISSUING_KEY_SIZE];
  qy_epid_group_key_encode(plain, group);
  QY_TRY(qy_epid_file_sign(signed_key, sizeof(signed_key), QY_EPID_FILE_GROUP_KEY, QY_VIEW_OF(plain),
                           qy_secret_view(ca_key), why));
  qy_epid_issuing_key_encode(issuing, key);
  qy_status status = epid_create_in(folder, EPID_FILE_ISSUING_KEY, QY_VIEW_OF(issuing), true, why);
  qy_wipe(issuing, sizeof(issuing));
  QY_TRY(status);
  QY_TRY(epid_create_in(folder, EPID_FILE_GROUP_PLAIN, QY_VIEW_OF(plain), false, why));
  return epid_create_in(folder, EPID_FILE_GROUP_SIGNED, QY_VIEW_OF(signed_key), false, why);
}

/* Before anything is made: nothing is in the way. */
static qy_status check_room(const char *folder, bool makes_ca, qy_error *why)
{
  static const char *const names[] = {EPID_FILE_ISSUING_KEY, EPID_FILE_GROUP_PLAIN, EPID_FILE_GROUP_SIGNED};
  char path[QY_PATH_SIZE];
  QY_TRY(qy_path_join(path, sizeof(path), folder, EPID_FILE_CA_KEY, why));
  if (makes_ca && qy_file_exists(path)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s has a CA already: let it sign (--ca, --ca-key), or name another folder",
                   folder);
  }
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    QY_TRY(qy_path_join(path, sizeof(path), folder, names[i], why));
    QY_TRY(epid_check_absent(path, why));
  }
  return QY_OK;
}

static qy_status make_group(const qy_epid_gid *gid, const create_options *o, qy_trace *trace, qy_error *why)
{
  EPID_SCOPED_ISSUING_KEY(key);
  QY_SCOPED_SECRET(ca_key);
  qy_epid_group_key group;
  qy_epid_ca ca;
  QY_TRY(qy_folder_make(o->out, why));
  QY_TRY(check_room(o->out, o->ca == NULL, why));
  QY_TRY(open_ca(&ca_key, &ca, o, trace, why));
  QY_TRY(qy_epid_group_create(&group, &key, gid, qy_random_system(), why));
  return write_group(o->out, &group, &key, &ca_key, why);
}

static void print_group(const qy_epid_gid *gid, const create_options *o)
{
  char text[2 * QY_EPID_GID_SIZE + 1];
  qy_hex_encode(text, QY_VIEW_OF(gid->bytes));
  printf("group %s, %s\n", text, epid_hash_name(QY_EPID_HASH_BY_GID, gid));
  print_file(o->out, EPID_FILE_ISSUING_KEY, "SECRET: makes members");
  if (o->ca == NULL) {
    print_ca(o->out);
  }
  print_file(o->out, EPID_FILE_GROUP_SIGNED, "the group's public key, signed by the CA: for members and verifiers");
  print_file(o->out, EPID_FILE_GROUP_PLAIN, "the same, not signed");
}

static int create(int argc, char **argv)
{
  create_options o = {0};
  const cli_option options[] = {
      {"out", "DIR", "where the files go", &o.out, NULL, NULL},
      {"gid", "HEX", "the group's id, 32 hex digits (8 for a group of SGX), or auto: drawn", &o.gid, NULL, NULL},
      {"hash", "NAME", "sha256, sha384, sha512 or sha512-256: goes into the id; sha256 otherwise", &o.hash, NULL, NULL},
      {"ca", "FILE", "the certificate of the CA that signs; a new CA otherwise", &o.ca, NULL, NULL},
      {"ca-key", "FILE", "that CA's private key", &o.ca_key, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary epid group create",
                           "--out DIR [--gid HEX|auto] [--hash NAME] [--ca FILE --ca-key FILE]",
                           "Makes a group: an issuing key, and the public key that members and verifiers need.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  qy_epid_gid gid = {{0}};
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.out == NULL || (o.ca == NULL) != (o.ca_key == NULL)) {
    return cli_usage_error(&usage, o.out == NULL ? "--out is needed" : "--ca and --ca-key go together");
  }
  if (!choose_gid(&gid, &o, &usage, &code)) {
    return code;
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = make_group(&gid, &o, &trace, &why);
  if (status == QY_OK) {
    print_group(&gid, &o);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

int epid_group_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"create", "a new group: issuing key, and public key plain and signed", create},
                                   {"ca", "a CA that signs the files of several groups", ca},
                                   {0}};
  return cli_dispatch("quotary epid group", verbs, argc, argv);
}
