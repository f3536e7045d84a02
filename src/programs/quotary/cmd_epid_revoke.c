/* SPDX-License-Identifier: Apache-2.0 */
/* quotary epid revoke: writes the list that follows, one version up. */
#include "cmd_epid_revoke.h"

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <base/limits.h>

void revoke_issuer_clear(revoke_issuer *issuer)
{
  qy_epid_verifier_free(&issuer->verifier);
  qy_secret_clear(&issuer->ca_key);
}

bool revoke_ca_fits(const revoke_options *o, const cli_usage *usage, int *code)
{
  if ((o->group.ca == NULL) == (o->ca_key == NULL)) {
    return true;
  }
  *code = cli_usage_error(usage, "--ca and --ca-key go together: with both the lists are signed, with neither plain");
  return false;
}

static qy_status open_verifier(revoke_issuer *out, const revoke_options *o, qy_trace *trace, qy_error *why)
{
  QY_TRY(epid_group_load(&out->group, &o->group, trace, why));
  QY_TRY(qy_epid_verifier_new(&out->verifier, &out->group.key, trace, why));
  return qy_epid_verifier_set_hash(out->verifier, o->hash, why);
}

qy_status revoke_issuer_open(revoke_issuer *out, const revoke_options *o, qy_trace *trace, qy_error *why)
{
  if (o->group.group != NULL) {
    QY_TRY(open_verifier(out, o, trace, why));
  } else if (o->group.ca != NULL) {
    QY_TRY(epid_ca_load(&out->group.ca, o->group.ca, trace, why));
    out->group.has_ca = true;
  }
  out->signs = o->ca_key != NULL;
  return out->signs ? epid_ca_key_load(&out->ca_key, o->ca_key, &out->group.ca, why) : QY_OK;
}

qy_status revoke_list_open(epid_list *list, const revoke_issuer *issuer, qy_trace *trace, qy_error *why)
{
  QY_TRY(epid_list_read(list, &issuer->group.key, epid_group_ca(&issuer->group), trace, why));
  return issuer->verifier == NULL ? QY_OK : epid_list_use(list, issuer->verifier, trace, why);
}

qy_status revoke_check_signature(const revoke_issuer *issuer, qy_view signature, qy_view message, qy_trace *trace,
                                 qy_error *why)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  QY_TRY(qy_epid_verify(&result, issuer->verifier, signature, message, trace, why));
  return result == QY_EPID_VALID
             ? QY_OK
             : qy_fail(why, QY_ERR_REFUSED, "nothing is revoked for a signature that is not valid: %s",
                       qy_epid_result_text(result));
}

/* ---- The next list ---- */

static bool replaces(const char *path, const epid_list *old)
{
  return old->path != NULL && strcmp(old->path, path) == 0;
}

qy_status revoke_check_out(const char *path, const epid_list *old, qy_error *why)
{
  /* not "remove it": it may be a list, and then what it revokes would be forgotten */
  return replaces(path, old) || !qy_file_exists(path)
             ? QY_OK
             : qy_fail(why, QY_ERR_EXISTS,
                       "%s is there already: name it as the list that stands too (--%s), or name another "
                       "file",
                       path, epid_list_option(old->kind));
}

static qy_status write_file(const char *path, const epid_list *old, qy_view bytes, qy_error *why)
{
  return replaces(path, old) ? qy_file_write(path, bytes, false, why) : epid_create(path, bytes, false, why);
}

static qy_status sign_and_write(const char *path, const epid_list *old, qy_view plain, const qy_secret *ca_key,
                                qy_error *why)
{
  static const qy_epid_file_kind kinds[EPID_LISTS] = {
      [EPID_PRIVRL] = QY_EPID_FILE_PRIVRL, [EPID_SIGRL] = QY_EPID_FILE_SIGRL, [EPID_GROUPRL] = QY_EPID_FILE_GROUPRL};
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  uint8_t *bytes = qy_buffer_extend(&file, plain.size + QY_EPID_FILE_OVERHEAD);
  QY_TRY(qy_buffer_finish(&file, path, why));
  QY_TRY(qy_epid_file_sign(bytes, file.size, kinds[old->kind], plain, qy_secret_view(ca_key), why));
  return write_file(path, old, qy_buffer_view(&file), why);
}

static void tell(const char *path, const epid_list *old, uint32_t count, bool is_signed)
{
  printf("%s  %s  ", epid_list_name(old->kind), path);
  epid_list_tell(old->kind, old->version + 1, count);
  printf(", %s; before: ", is_signed ? "signed" : "plain");
  if (old->read) {
    epid_list_tell(old->kind, old->version, old->count);
    printf("\n");
  } else {
    printf("none\n");
  }
}

qy_status revoke_list_write(const char *path, const epid_list *old, qy_view plain, uint32_t count,
                            const revoke_issuer *issuer, qy_error *why)
{
  const bool is_signed = issuer->signs && old->kind != EPID_VERIFIERRL; /* that one is the verifier's own */
  QY_TRY(epid_list_settled(old, why));
  QY_TRY(is_signed ? sign_and_write(path, old, plain, &issuer->ca_key, why) : write_file(path, old, plain, why));
  tell(path, old, count, is_signed);
  return QY_OK;
}

int epid_revoke_verb(int argc, char **argv)
{
  static const cli_verb verbs[] = {
      {"key", "a leaked member key goes into the PrivRL", revoke_key},
      {"signature", "whoever made a signature, by the SigRL", revoke_signature},
      {"group", "whole groups go into the GroupRL", revoke_group},
      {"pseudonym", "a verifier refuses a signer under its basename, by its VerifierRL", revoke_pseudonym},
      {0}};
  return cli_dispatch("quotary epid revoke", verbs, argc, argv);
}
