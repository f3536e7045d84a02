/* SPDX-License-Identifier: Apache-2.0 */
/* quotary collateral export: one signed file for machines without a network. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <store/bundle.h>

#include "cmd_collateral.h"

static const char *const name = "quotary collateral export";

typedef struct signing_key {
  qy_secret secret;
  qy_p256_public public_key;
  char path[QY_PATH_SIZE];
  char public_path[QY_PATH_SIZE];
} signing_key;

static void signing_key_clear(signing_key *key)
{
  qy_secret_clear(&key->secret);
}

/* Beside the store, so that each store signs with a key of its own. */
static qy_status default_key_path(char out[QY_PATH_SIZE], const char *store, qy_error *why)
{
  char path[QY_PATH_SIZE];
  if (store == NULL) {
    QY_TRY(collateral_default_path(path, why));
    store = path;
  }
  const char *slash = strrchr(store, '/');
  const int length = slash == NULL ? 0 : (int)(slash - store) + 1;
  const int written = snprintf(out, QY_PATH_SIZE, "%.*sexport-key.pem", length, store);
  return written > 0 && written < QY_PATH_SIZE ? QY_OK : qy_fail(why, QY_ERR_LIMIT, "the path of the key is too long");
}

static qy_status make_key(signing_key *key, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, 4096);
  QY_SCOPED_BUFFER(public_pem, 4096);
  QY_TRY(qy_p256_generate(&key->secret, &key->public_key, qy_random_system(), why));
  QY_TRY(qy_p256_private_to_pem(&pem, &key->secret, why));
  QY_TRY(qy_p256_public_to_pem(&public_pem, &key->public_key, why));
  QY_TRY(qy_file_create(key->path, qy_buffer_view(&pem), true, why));
  return qy_file_write(key->public_path, qy_buffer_view(&public_pem), false, why);
}

/* `given` NULL: the store's own key, which is made at first use. */
static qy_status load_key(signing_key *key, const char *given, const char *store, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, 16384);
  if (given == NULL) {
    QY_TRY(default_key_path(key->path, store, why));
    (void)snprintf(key->public_path, sizeof(key->public_path), "%.*s-public.pem", (int)strlen(key->path) - 4,
                   key->path);
    if (!qy_file_exists(key->path)) {
      return make_key(key, why);
    }
    given = key->path;
  }
  QY_TRY(qy_file_check_private(given, why));
  QY_TRY(qy_file_read(&pem, given, why));
  const qy_status status = qy_p256_private_from_pem(&key->secret, &key->public_key, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", given);
}

static qy_status export_all(const char *out, const char *store_path, const char *given_key, bool all, qy_error *why)
{
  __attribute__((cleanup(signing_key_clear))) signing_key key = {0};
  QY_SCOPED_COLLATERAL_STORE(store);
  QY_SCOPED_BUFFER(text, QY_MAX_JSON_SIZE);
  uint8_t fingerprint[QY_EXPORT_FINGERPRINT_SIZE];
  char hex[2 * QY_EXPORT_FINGERPRINT_SIZE + 1];
  size_t count = 0;
  QY_TRY(collateral_open_existing(&store, store_path, why));
  QY_TRY(load_key(&key, given_key, store_path, why));
  QY_TRY(qy_collateral_export(&text, &count, store, &key.secret, &key.public_key, all, qy_clock_now_s(), why));
  QY_TRY(qy_file_write(out, qy_buffer_view(&text), false, why));
  QY_TRY(qy_export_fingerprint(fingerprint, &key.public_key, why));
  qy_hex_encode(hex, QY_VIEW_OF(fingerprint));
  printf("%s: %zu document%s, %zu bytes\n", out, count, count == 1 ? "" : "s", text.size);
  printf("signed by  %s\n", hex);
  printf("Tell this to the other machine by another way than the file, once; there:\n"
         "  quotary collateral import %s --signer %s\n",
         out, hex);
  return QY_OK;
}

int collateral_export(int argc, char **argv)
{
  const char *out = NULL;
  const char *store = NULL;
  const char *key = NULL;
  bool all = false;
  const cli_option options[] = {
      {"out", "FILE", "the file to write", &out, NULL, NULL},
      {"all", NULL, "every version, also those that are past: for verdicts of the past over there", NULL, &all, NULL},
      {"key", "PEM", "sign with this P-256 key; otherwise with export-key.pem beside the store, made at first use",
       &key, NULL, NULL},
      COLLATERAL_STORE_OPTION(store),
      {0}};
  const cli_usage usage = {name,
                           "--out FILE [--all] [--key PEM] [--store FILE]",
                           "Writes what is current, and the platforms that are remembered, as one signed file for\n"
                           "machines without a network. Nothing in it is secret.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  qy_error why = {0};
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (out == NULL) {
    return cli_usage_error(&usage, "--out FILE is needed");
  }
  const qy_status status = export_all(out, store, key, all, &why);
  return status == QY_OK ? CLI_DONE : cli_fail(name, status, &why);
}
