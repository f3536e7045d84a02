/* SPDX-License-Identifier: Apache-2.0 */
/* quotary collateral import: a folder, an export, another tool's JSON. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <store/bundle.h>

#include "cmd_collateral.h"

static const char *const name = "quotary collateral import";

/* ---- Folders, as quotary verify reads them ---- */

static qy_status read_file(qy_buffer *out, const char *folder, const char *file, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_path_join(path, sizeof(path), folder, file, why));
  return qy_file_exists(path) ? qy_file_read(out, path, why) : QY_OK;
}

static qy_status read_folder(qy_collateral_set *out, const char *folder, qy_error *why)
{
  static const char *const files[QY_PART_COUNT] = {[QY_PART_TCB_INFO] = "tcb_info.json",
                                                   [QY_PART_IDENTITY] = "qe_identity.json",
                                                   [QY_PART_PCK_CRL] = "pck_crl.der",
                                                   [QY_PART_ROOT_CRL] = "root_crl.der",
                                                   [QY_PART_TCB_CHAIN] = "tcb_chain.pem",
                                                   [QY_PART_IDENTITY_CHAIN] = "qe_chain.pem",
                                                   [QY_PART_PCK_CRL_CHAIN] = "pck_crl_chain.pem"};
  size_t found = 0;
  for (size_t part = 0; part < QY_PART_COUNT; part++) {
    QY_TRY(read_file(&out->parts[part], folder, files[part], why));
    found += out->parts[part].size > 0 ? 1 : 0;
  }
  if (found == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND,
                   "%s: none of tcb_info.json, qe_identity.json, pck_crl.der, root_crl.der is "
                   "there",
                   folder);
  }
  if (out->parts[QY_PART_PCK_CRL_CHAIN].size == 0) { /* the PCK chain has the same CA and root */
    QY_TRY(read_file(&out->parts[QY_PART_PCK_CRL_CHAIN], folder, "pck_chain.pem", why));
  }
  return QY_OK;
}

/* ---- What was taken in ---- */

static int print_kept(const char *path, const qy_collateral_kept *kept)
{
  printf("%s: verified and kept: %zu new, %zu known already\n", path, kept->added, kept->known);
  return CLI_DONE;
}

static qy_status put_set(qy_collateral_kept *kept, qy_collateral_store *store, qy_collateral_set *set, qy_view root,
                         const char *source, qy_error *why)
{
  qy_buffer_append(&set->root, root.bytes, root.size);
  QY_TRY(qy_buffer_finish(&set->root, "root", why));
  return qy_collateral_store_put(kept, store, set, NULL, source, qy_clock_now_s(), NULL, why);
}

static void print_export(const char *path, const qy_collateral_imported *imported, bool signer_named)
{
  char hex[2 * QY_EXPORT_FINGERPRINT_SIZE + 1];
  qy_hex_encode(hex, QY_VIEW_OF(imported->fingerprint));
  (void)print_kept(path, &imported->kept);
  printf("made %s by %s\n", collateral_day_of(imported->made_s).text, hex);
  if (!signer_named) {
    printf("%sNobody vouches for who made it%s: each document is genuine, but newer ones may have been left out.\n"
           "Ask whoever made the file for the fingerprint, and name it with --signer.\n",
           cli_style_on(CLI_YELLOW), cli_style_off());
  }
  if (imported->platforms_left > 0) {
    printf("%zu remembered platform%s left out: taken only from a signer who is named\n", imported->platforms_left,
           imported->platforms_left == 1 ? "" : "s");
  }
  if (imported->of_other_roots > 0) {
    printf("%zu document%s of another root left out: name it with --root, in another run\n", imported->of_other_roots,
           imported->of_other_roots == 1 ? "" : "s");
  }
}

/* 64 hex digits, or a file with a public key. */
static qy_status read_signer(uint8_t out[QY_EXPORT_FINGERPRINT_SIZE], const char *text, qy_error *why)
{
  qy_p256_public key;
  QY_SCOPED_BUFFER(pem, 16384);
  if (qy_hex_decode(out, QY_EXPORT_FINGERPRINT_SIZE, qy_view_text(text), "--signer", why) == QY_OK) {
    return QY_OK;
  }
  if (!qy_file_exists(text)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--signer: 64 hex digits, or a file with a public key (PEM)");
  }
  QY_TRY(qy_file_read(&pem, text, why));
  const qy_status status = qy_p256_public_from_pem(&key, qy_buffer_view(&pem), why);
  return status == QY_OK ? qy_export_fingerprint(out, &key, why) : qy_fail_in(why, status, "%s", text);
}

static qy_status import_text(qy_collateral_store *store, const char *path, const char *signer, qy_view root,
                             qy_error *why)
{
  uint8_t fingerprint[QY_EXPORT_FINGERPRINT_SIZE];
  qy_collateral_imported imported;
  qy_collateral_kept kept;
  QY_SCOPED_BUFFER(text, QY_MAX_JSON_SIZE);
  QY_SCOPED_COLLATERAL_SET(set);
  QY_TRY(qy_file_read(&text, path, why));
  if (qy_collateral_is_export(qy_buffer_view(&text))) {
    if (signer != NULL) {
      QY_TRY(read_signer(fingerprint, signer, why));
    }
    QY_TRY(qy_collateral_import(&imported, store, qy_buffer_view(&text), signer == NULL ? NULL : fingerprint, root,
                                path, qy_clock_now_s(), NULL, why));
    print_export(path, &imported, signer != NULL);
    return QY_OK;
  }
  if (signer != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "%s: no export: it has no signer", path);
  }
  QY_TRY(qy_collateral_set_from_json(&set, qy_buffer_view(&text), why));
  QY_TRY(put_set(&kept, store, &set, root, path, why));
  (void)print_kept(path, &kept);
  return QY_OK;
}

static qy_status import_path(qy_collateral_store *store, const char *path, const char *signer, qy_view root,
                             qy_error *why)
{
  struct stat info;
  qy_collateral_kept kept;
  QY_SCOPED_COLLATERAL_SET(set);
  if (stat(path, &info) != 0) {
    return qy_file_fail(why, "reading", path);
  }
  if (!S_ISDIR(info.st_mode)) {
    return import_text(store, path, signer, root, why);
  }
  if (signer != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "%s: a folder has no signer", path);
  }
  QY_TRY(read_folder(&set, path, why));
  QY_TRY(put_set(&kept, store, &set, root, path, why));
  (void)print_kept(path, &kept);
  return QY_OK;
}

int collateral_import(int argc, char **argv)
{
  const char *store_path = NULL;
  const char *signer = NULL;
  const char *root_path = NULL;
  const cli_option options[] = {
      {"signer", "KEY", "of an export: who must have signed it: fingerprint (64 hex digits) or public key (PEM file)",
       &signer, NULL, NULL},
      COLLATERAL_ROOT_OPTION(root_path),
      COLLATERAL_STORE_OPTION(store_path),
      {0}};
  const cli_usage usage = {
      name,
      "DIR|FILE [--signer KEY] [--root PEM] [--store FILE]",
      "Takes in a folder as `quotary verify --collateral` reads it, a file that `quotary collateral export` wrote, or\n"
      "another tool's collateral JSON (members tcb_info, qe_identity, pck_crl, root_ca_crl, ..._issuer_chain).\n"
      "Everything is verified before it is kept: all of it, or nothing.",
      options,
      1,
      1};
  cli_list files;
  int code = CLI_DONE;
  qy_error why = {0};
  QY_SCOPED_COLLATERAL_STORE(store);
  QY_SCOPED_BUFFER(root, QY_MAX_COLLATERAL_SIZE);
  if (!cli_parse(&code, &files, &usage, argc, argv) ||
      (root_path != NULL && !cli_read(&root, name, root_path, &code))) {
    return code;
  }
  qy_status status = collateral_open(&store, store_path, &why);
  if (status == QY_OK) {
    status = import_path(store, files.items[0], signer, qy_buffer_view(&root), &why);
  }
  return status == QY_OK ? CLI_DONE : cli_fail(name, status, &why);
}
