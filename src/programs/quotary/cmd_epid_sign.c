/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid sign: signs as a member of a group. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/random.h>

static const char *const name = "quotary epid sign";

typedef struct sign_options {
  epid_group_options group;
  const char *key;
  const char *message;
  const char *basename;
  const char *sigrl;
  const char *threads;
  const char *out;
} sign_options;

/* What was signed, for telling. */
typedef struct outcome {
  size_t size;
  uint32_t proofs;
  uint32_t own_entries;
  epid_progress progress;
  uint8_t pseudonym[2 * QY_EPID_G1_SIZE];
} outcome;

typedef struct inputs {
  qy_buffer message;
  qy_buffer basename;
} inputs;

static void inputs_clear(inputs *in)
{
  qy_buffer_clear(&in->message);
  qy_buffer_clear(&in->basename);
}

static qy_status inputs_load(inputs *in, const sign_options *o, qy_error *why)
{
  qy_buffer_init(&in->message, QY_MAX_FILE_SIZE);
  qy_buffer_init(&in->basename, QY_MAX_FILE_SIZE);
  QY_TRY(epid_read(&in->message, o->message, why));
  return o->basename == NULL ? QY_OK : epid_read(&in->basename, o->basename, why);
}

static qy_status sign(outcome *told, const inputs *in, const qy_epid_member *member, const qy_epid_sigrl *sigrl,
                      const sign_options *o, qy_trace *trace, qy_error *why)
{
  const qy_view basename = qy_buffer_view(&in->basename);
  QY_SCOPED_BUFFER(signature, QY_MAX_FILE_SIZE);
  told->proofs = sigrl == NULL ? 0 : sigrl->count;
  told->size = qy_epid_signature_size(told->proofs);
  uint8_t *bytes = qy_buffer_extend(&signature, told->size);
  QY_TRY(qy_buffer_finish(&signature, "signature", why));
  QY_TRY(qy_epid_sign(bytes, told->size, &told->own_entries, member, qy_buffer_view(&in->message),
                      o->basename == NULL ? NULL : &basename, sigrl, qy_random_system(), trace, why));
  const qy_view pseudonym = qy_epid_signature_pseudonym(qy_buffer_view(&signature));
  memcpy(told->pseudonym, pseudonym.bytes, sizeof(told->pseudonym));
  return epid_create(o->out, qy_buffer_view(&signature), false, why);
}

static qy_status run(outcome *told, const sign_options *o, qy_epid_hash hash, qy_trace *trace, qy_error *why)
{
  EPID_SCOPED_MEMBER_KEY(key);
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = NULL;
  __attribute__((cleanup(inputs_clear))) inputs in = {0};
  epid_group group = {0};
  EPID_SCOPED_LIST(sigrl, EPID_SIGRL, o->sigrl);
  QY_TRY(epid_check_absent(o->out, why));
  QY_TRY(epid_group_load(&group, &o->group, trace, why));
  QY_TRY(inputs_load(&in, o, why));
  QY_TRY(epid_list_read(&sigrl, &group.key, epid_group_ca(&group), trace, why));
  QY_TRY(epid_member_key_load(&key, o->key, &group.key, trace, why));
  QY_TRY(qy_epid_member_new(&member, &group.key, &key, hash, trace, why));
  qy_epid_member_set_work(member, &told->progress.work);
  QY_TRY(sign(told, &in, member, o->sigrl == NULL ? NULL : &sigrl.sigrl, o, trace, why));
  return epid_list_settled(&sigrl, why);
}

static int tell(const outcome *told, const sign_options *o)
{
  printf("signed     %s  %zu bytes\n", o->out, told->size);
  if (o->basename == NULL) {
    printf("base       random: it links with no other signature\n");
  } else {
    char text[2 * 16 + 1];
    qy_hex_encode(text, qy_view_over(told->pseudonym + QY_EPID_G1_SIZE, 16));
    printf("pseudonym  %s...  the same in all that this member signs under this basename\n", text);
  }
  if (o->sigrl != NULL) {
    printf("proofs     %u, one for each entry of the SigRL, in %.3f s\n", told->proofs,
           (double)told->progress.took_ms[EPID_SIGRL] / 1000);
  }
  if (told->own_entries == 0) {
    return CLI_DONE;
  }
  fflush(stdout);
  fprintf(stderr,
          "%s: this member is revoked: it made %u of the %u signatures in %s\n"
          "  mend   join again with a new key; verifiers that hold the list refuse this signature\n",
          name, told->own_entries, told->proofs, o->sigrl);
  return CLI_REFUSED;
}

int epid_sign_verb(int argc, char **argv)
{
  sign_options o = {0};
  const cli_option options[] = {
      EPID_GROUP_OPTION(o.group),
      EPID_CA_OPTION(o.group),
      {"key", "FILE", "the member's private key", &o.key, NULL, NULL},
      {"message", "FILE", "what to sign, or -", &o.message, NULL, NULL},
      {"basename", "FILE", "signatures under it link; random, and none do, otherwise", &o.basename, NULL, NULL},
      {"sigrl", "FILE", "the verifier's signature revocation list: proves to have made none", &o.sigrl, NULL, NULL},
      EPID_HASH_OPTION(o.group),
      EPID_THREADS_OPTION(o.threads),
      {"out", "FILE", "where the signature goes", &o.out, NULL, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "--group FILE [--ca FILE] --key FILE --message FILE\n"
      "       [--basename FILE] [--sigrl FILE] --out SIGNATURE",
      "Signs a message as a member of a group; the signature does not say which member.\n"
      "Exit code 1 when the SigRL revokes this very member: the signature is written, and verifiers refuse it.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  if (!cli_parse(&code, &none, &usage, argc, argv) || !epid_hash_parse(&hash, o.group.hash, &usage, &code)) {
    return code;
  }
  if (o.group.group == NULL || o.key == NULL || o.message == NULL || o.out == NULL) {
    return cli_usage_error(&usage, "--group, --key, --message and --out are needed");
  }
  qy_error why = {0};
  qy_trace trace = {0};
  outcome told = {0};
  if (!epid_progress_init(&told.progress, o.threads)) {
    return CLI_USAGE;
  }
  epid_harden();
  const qy_status status = run(&told, &o, hash, &trace, &why);
  epid_progress_clear(&told.progress);
  return status == QY_OK ? tell(&told, &o) : epid_answer(name, status, &why, &trace);
}
