/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid member: whole member keys, made by the issuer as a key facility does. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <crypto/random.h>

/* A key in any of its forms, in a buffer that wipes itself. */
#define KEY_FILE_MAX (QY_EPID_MEMBER_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD)

typedef struct member_options {
  epid_group_options group;
  const char *issuing_key;
  const char *count;
  const char *out;
  bool compressed;
  bool facility;
  const char *product;
  const char *key_id;
  const char *svn;
} member_options;

/* Numbers that the options name. */
typedef struct wanted {
  uint64_t count;
  uint64_t product;
  uint64_t svn;
  uint64_t key_id; /* of the first; the next count up */
} wanted;

/* ---- Issue ---- */

static bool parse_numbers(wanted *out, const member_options *o, const cli_usage *usage, int *code)
{
  uint8_t id[8] = {0};
  qy_error why = {0};
  *out = (wanted){.count = 1};
  *code = CLI_USAGE;
  if (o->key_id != NULL && qy_hex_decode(id, sizeof(id), qy_view_text(o->key_id), "--key-id", &why) != QY_OK) {
    *code = cli_usage_error(usage, "%s (16 hex digits)", why.message);
    return false;
  }
  for (size_t i = 0; i < sizeof(id); i++) {
    out->key_id = out->key_id << 8 | id[i];
  }
  return (o->count == NULL || cli_number(&out->count, o->count, 1, 1000000, "--count")) &&
         (o->product == NULL || cli_number(&out->product, o->product, 0, UINT16_MAX, "--product")) &&
         (o->svn == NULL || cli_number(&out->svn, o->svn, 0, UINT32_MAX, "--svn"));
}

/* The key alone, whole or compressed. */
static qy_status issue_key(qy_buffer *out, const epid_group *group, const qy_epid_issuing_key *issuing, bool compressed,
                           qy_error *why)
{
  EPID_SCOPED_MEMBER_KEY(whole);
  __attribute__((cleanup(qy_epid_compressed_key_clear))) qy_epid_compressed_key small = {0};
  uint8_t *bytes = qy_buffer_extend(out, compressed ? QY_EPID_COMPRESSED_KEY_SIZE : QY_EPID_MEMBER_KEY_SIZE);
  QY_TRY(qy_buffer_finish(out, "member key", why));
  if (compressed) {
    QY_TRY(qy_epid_compressed_key_issue(&small, NULL, &group->key, issuing, qy_random_system(), why));
    qy_epid_compressed_key_encode(bytes, &small);
    return QY_OK;
  }
  QY_TRY(qy_epid_member_key_issue(&whole, &group->key, issuing, qy_random_system(), why));
  qy_epid_member_key_encode(bytes, &whole);
  return QY_OK;
}

static qy_status wrap_for_facility(qy_buffer *out, qy_view key, const wanted *numbers, uint64_t index, qy_error *why)
{
  qy_epid_key_output output = {.product_id = (uint16_t)numbers->product, .svn = (uint32_t)numbers->svn, .key = key};
  const uint64_t id = numbers->key_id + index;
  size_t size = 0;
  for (size_t i = 0; i < sizeof(output.key_id); i++) {
    output.key_id[i] = (uint8_t)(id >> (56 - 8 * i));
  }
  uint8_t *bytes = qy_buffer_extend(out, key.size + QY_EPID_KEY_OUTPUT_OVERHEAD);
  QY_TRY(qy_buffer_finish(out, "member key", why));
  return qy_epid_key_output_encode(bytes, out->size, &size, &output, why);
}

static qy_status issue_one(const char *path, const epid_group *group, const qy_epid_issuing_key *issuing,
                           const member_options *o, const wanted *numbers, uint64_t index, qy_error *why)
{
  QY_SCOPED_BUFFER(key, KEY_FILE_MAX);
  QY_SCOPED_BUFFER(file, KEY_FILE_MAX);
  QY_TRY(issue_key(&key, group, issuing, o->compressed, why));
  if (!o->facility) {
    return epid_create(path, qy_buffer_view(&key), true, why);
  }
  QY_TRY(wrap_for_facility(&file, qy_buffer_view(&key), numbers, index, why));
  return epid_create(path, qy_buffer_view(&file), true, why);
}

static qy_status issue_into_folder(const epid_group *group, const qy_epid_issuing_key *issuing, const member_options *o,
                                   const wanted *numbers, qy_error *why)
{
  QY_TRY(qy_folder_make(o->out, why));
  for (uint64_t i = 0; i < numbers->count; i++) {
    char path[QY_PATH_SIZE];
    char file[40];
    (void)snprintf(file, sizeof(file), "mprivkey-%06llu.dat", (unsigned long long)i + 1);
    QY_TRY(qy_path_join(path, sizeof(path), o->out, file, why));
    QY_TRY(issue_one(path, group, issuing, o, numbers, i, why));
  }
  return QY_OK;
}

static qy_status issue_all(const member_options *o, const wanted *numbers, qy_trace *trace, qy_error *why)
{
  EPID_SCOPED_ISSUING_KEY(issuing);
  epid_group group = {0};
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(epid_issuing_key_load(&issuing, o->issuing_key, &group.key, why));
  return o->count == NULL ? issue_one(o->out, &group, &issuing, o, numbers, 0, why)
                          : issue_into_folder(&group, &issuing, o, numbers, why);
}

static int issue(int argc, char **argv)
{
  member_options o = {0};
  wanted numbers;
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      {"issuing-key", "FILE", "the group's issuing key", &o.issuing_key, NULL, NULL},
      {"out", "PATH", "where the key goes (0600): a file, with --count a folder", &o.out, NULL, NULL},
      {"count", "N", "that many keys, mprivkey-000001.dat and on", &o.count, NULL, NULL},
      {"compressed", NULL, "80 bytes, that the member expands, for 144", NULL, &o.compressed, NULL},
      {"facility", NULL, "as Intel's key facility delivers: product, key id, svn, key, check sum", NULL, &o.facility,
       NULL},
      {"product", "N", "with --facility: product id; 0 otherwise", &o.product, NULL, NULL},
      {"key-id", "HEX", "with --facility: 16 hex digits, of the first key; the next count up", &o.key_id, NULL, NULL},
      {"svn", "N", "with --facility: security version; 0 otherwise", &o.svn, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary epid member issue",
                           "--group FILE [--ca FILE] --issuing-key FILE --out PATH [--count N] [--compressed]\n"
                           "       [--facility [--product N] [--key-id HEX] [--svn N]]",
                           "Makes whole member keys, for devices that get theirs in the factory. Unlike after a join,\n"
                           "the issuer has known the secret f of each.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.group.group == NULL || o.issuing_key == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --issuing-key and --out are needed");
  }
  if (!o.facility && (o.product != NULL || o.key_id != NULL || o.svn != NULL)) {
    return cli_usage_error(&usage, "--product, --key-id and --svn go with --facility");
  }
  if (!parse_numbers(&numbers, &o, &usage, &code)) {
    return code;
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = issue_all(&o, &numbers, &trace, &why);
  if (status == QY_OK && o.count == NULL) {
    printf("secret  %s  for one member alone\n", o.out);
  } else if (status == QY_OK) {
    printf("secret  %s/mprivkey-000001.dat to mprivkey-%06llu.dat, each for one member alone\n", o.out,
           (unsigned long long)numbers.count);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

/* ---- Expand ---- */

static qy_status expand_key(const member_options *o, const char *path, qy_trace *trace, qy_error *why)
{
  EPID_SCOPED_MEMBER_KEY(key);
  epid_group group = {0};
  QY_SCOPED_BUFFER(file, KEY_FILE_MAX);
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(epid_member_key_load(&key, path, &group.key, trace, why));
  uint8_t *bytes = qy_buffer_extend(&file, QY_EPID_MEMBER_KEY_SIZE);
  QY_TRY(qy_buffer_finish(&file, "member key", why));
  qy_epid_member_key_encode(bytes, &key);
  return epid_create(o->out, qy_buffer_view(&file), true, why);
}

static int expand(int argc, char **argv)
{
  member_options o = {0};
  const cli_option options[] = {EPID_GROUP_OPTION(o.group),
                                EPID_CA_OPTION(o.group),
                                {"out", "FILE", "where the plain key goes (0600)", &o.out, NULL, NULL},
                                {0}};
  const cli_usage usage = {
      "quotary epid member expand",
      "--group FILE [--ca FILE] --out FILE KEY",
      "Checks that the group issued a member key, and writes its plain form of 144 bytes, whichever\n"
      "it comes in. The other verbs take every form as it is.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  if (!cli_parse(&code, &files, &usage, argc, argv)) {
    return code;
  }
  if (o.group.group == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  epid_harden();
  const qy_status status = expand_key(&o, files.items[0], &trace, &why);
  if (status == QY_OK) {
    printf("secret  %s  the group issued it\n", o.out);
  }
  return epid_answer(usage.name, status, &why, &trace);
}

int epid_member_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"issue", "make whole member keys, one or many", issue},
                                   {"expand", "check a member key, write its plain form", expand},
                                   {0}};
  return cli_dispatch("quotary epid member", verbs, argc, argv);
}
