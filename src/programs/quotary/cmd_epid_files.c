/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the verbs of `quotary epid` read and write. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <crypto/p256.h>

void epid_harden(void)
{
  const mode_t mask = umask(077);
  qy_process_harden();
  (void)umask(mask);
}

int epid_answer(const char *name, qy_status status, const qy_error *why, const qy_trace *trace)
{
  if (status == QY_OK) {
    return CLI_DONE;
  }
  const int code = cli_fail(name, status, why);
  const qy_check_record *failed = trace == NULL ? NULL : qy_trace_failed(trace);
  if (status == QY_ERR_REFUSED && failed != NULL) {
    fprintf(stderr, "  check  %s: %s\n  mend   %s\n", qy_check_name(failed->id), qy_check_title(failed->id),
            failed->remedy != NULL ? failed->remedy : qy_check_remedy(failed->id));
  }
  return code;
}

/* Standard input has been read to its end by then: a second "-" would silently be empty. */
static qy_status check_input_once(const char *path, qy_error *why)
{
  static bool was_read;
  if (strcmp(path, "-") != 0) {
    return QY_OK;
  }
  if (was_read) {
    return qy_fail(why, QY_ERR_ARGUMENT, "\"-\", standard input, can be read only once");
  }
  was_read = true;
  return QY_OK;
}

qy_status epid_read(qy_buffer *out, const char *path, qy_error *why)
{
  QY_TRY(check_input_once(path, why));
  return qy_file_read(out, path, why);
}

qy_status epid_map(qy_file_map *out, const char *path, qy_error *why)
{
  QY_TRY(check_input_once(path, why));
  return qy_file_map_open(out, path, QY_MAX_FILE_SIZE, why);
}

qy_status epid_read_secret(qy_buffer *out, const char *path, qy_error *why)
{
  if (strcmp(path, "-") != 0) {
    QY_TRY(qy_file_check_private(path, why));
  }
  return epid_read(out, path, why);
}

static qy_status fail_exists(const char *path, qy_error *why)
{
  return qy_fail(why, QY_ERR_EXISTS, "%s is there already and is not overwritten: name another file, or remove it",
                 path);
}

qy_status epid_check_absent(const char *path, qy_error *why)
{
  return qy_file_exists(path) ? fail_exists(path, why) : QY_OK;
}

qy_status epid_create(const char *path, qy_view bytes, bool secret, qy_error *why)
{
  const qy_status status = qy_file_create(path, bytes, secret, why);
  return status == QY_ERR_EXISTS ? fail_exists(path, why) : status;
}

qy_status epid_create_in(const char *folder, const char *name, qy_view bytes, bool secret, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  return epid_create(path, bytes, secret, why);
}

/* ---- Groups ---- */

const qy_epid_ca *epid_group_ca(const epid_group *group)
{
  return group->has_ca ? &group->ca : NULL;
}

qy_status epid_hint_at_ca(qy_status status, qy_view file, const qy_epid_ca *ca, qy_error *why)
{
  qy_epid_file parts;
  qy_epid_file_inspect(&parts, file);
  const bool is_signed = parts.kind != QY_EPID_FILE_UNKNOWN;
  if (status != QY_ERR_REFUSED || is_signed == (ca != NULL)) {
    return status;
  }
  return is_signed ? qy_fail(why, status, "it is a signed file: --ca must name the certificate of its CA")
                   : qy_fail(why, status, "it is a plain file, and --ca asks for signed ones");
}

qy_status epid_ca_load(qy_epid_ca *out, const char *path, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  QY_TRY(epid_read(&file, path, why));
  const qy_status status = qy_epid_ca_decode(out, qy_buffer_view(&file), NULL, trace, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

qy_status epid_group_load(epid_group *out, const epid_group_options *options, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  if (options->ca != NULL) {
    QY_TRY(epid_ca_load(&out->ca, options->ca, trace, why));
    out->has_ca = true;
  }
  QY_TRY(epid_read(&file, options->group, why));
  const qy_epid_ca *ca = epid_group_ca(out);
  const qy_view bytes = qy_buffer_view(&file);
  const qy_status status = epid_hint_at_ca(qy_epid_group_key_read(&out->key, bytes, ca, trace, why), bytes, ca, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", options->group);
}

qy_status epid_gid_parse(qy_epid_gid *out, const char *text, qy_error *why)
{
  uint8_t sgx[4];
  const size_t digits = strlen(text);
  if (digits == 2 * sizeof(sgx) && qy_hex_decode(sgx, sizeof(sgx), qy_view_text(text), text, NULL) == QY_OK) {
    *out = qy_epid_gid_of_sgx((uint32_t)sgx[0] << 24 | (uint32_t)sgx[1] << 16 | (uint32_t)sgx[2] << 8 | sgx[3]);
    return QY_OK;
  }
  if (digits == 2 * sizeof(out->bytes) &&
      qy_hex_decode(out->bytes, sizeof(out->bytes), qy_view_text(text), text, NULL) == QY_OK) {
    return QY_OK;
  }
  return qy_fail(why, QY_ERR_ARGUMENT, "\"%s\" is no group id: 32 hex digits, or 8 for a group of SGX", text);
}

/* "SHA-512/256", "sha512_256" and "sha512-256" are one. */
static bool hash_named(const char *text, const char *name)
{
  for (; *text != '\0'; text++) {
    const char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
    if (c == '-' || c == '_' || c == '/') {
      continue;
    }
    if (c != *name++) {
      return false;
    }
  }
  return *name == '\0';
}

bool epid_hash_parse(qy_epid_hash *out, const char *text, const cli_usage *usage, int *code)
{
  static const char *const names[] = {[QY_EPID_SHA256] = "sha256",
                                      [QY_EPID_SHA384] = "sha384",
                                      [QY_EPID_SHA512] = "sha512",
                                      [QY_EPID_SHA512_256] = "sha512256"};
  *out = QY_EPID_HASH_BY_GID;
  for (int i = QY_EPID_SHA256; text != NULL && i <= QY_EPID_SHA512_256; i++) {
    if (hash_named(text, names[i])) {
      *out = (qy_epid_hash)i;
    }
  }
  if (text != NULL && *out == QY_EPID_HASH_BY_GID) {
    *code = cli_usage_error(usage, "--hash %s: sha256, sha384, sha512 or sha512-256?", text);
    return false;
  }
  return true;
}

const char *epid_hash_name(qy_epid_hash hash, const qy_epid_gid *gid)
{
  if (hash == QY_EPID_HASH_BY_GID && qy_epid_hash_of_gid(&hash, gid, NULL) != QY_OK) {
    return "unknown";
  }
  switch (hash) {
  case QY_EPID_SHA256:
    return "SHA-256";
  case QY_EPID_SHA384:
    return "SHA-384";
  case QY_EPID_SHA512:
    return "SHA-512";
  case QY_EPID_SHA512_256:
    return "SHA-512/256";
  case QY_EPID_HASH_BY_GID:
  default:
    return "unknown";
  }
}

/* ---- Private keys ---- */

qy_status epid_ca_key_load(qy_secret *out, const char *path, const qy_epid_ca *ca, qy_error *why)
{
  static const char begin[] = "-----BEGIN";
  QY_SCOPED_BUFFER(file, 16384);
  qy_p256_public public_key;
  QY_TRY(epid_read_secret(&file, path, why));
  qy_status status = QY_OK;
  if (file.size > sizeof(begin) - 1 && memcmp(file.bytes, begin, sizeof(begin) - 1) == 0) {
    status = qy_p256_private_from_pem(out, &public_key, qy_buffer_view(&file), why);
  } else if (file.size != QY_P256_SCALAR_SIZE) {
    status = qy_fail(why, QY_ERR_MALFORMED, "%zu bytes are no CA key: 32 bytes, or PEM", file.size);
  } else {
    qy_secret_set(out, file.bytes, file.size);
    status = qy_p256_public_of(&public_key, out, why);
  }
  if (status == QY_OK && !qy_view_equal(QY_VIEW_OF(public_key.bytes), QY_VIEW_OF(ca->public_key))) {
    status = qy_fail(why, QY_ERR_ARGUMENT, "it is not the key of the CA that is named");
  }
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

qy_status epid_issuing_key_load(qy_epid_issuing_key *out, const char *path, const qy_epid_group_key *group,
                                qy_error *why)
{
  QY_SCOPED_BUFFER(file, 4096);
  QY_TRY(epid_read_secret(&file, path, why));
  qy_status status = qy_epid_issuing_key_decode(out, qy_buffer_view(&file), why);
  if (status == QY_OK) {
    status = qy_epid_issuing_key_check(out, group, why);
  }
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

qy_status epid_member_key_open(qy_epid_member_key *out, qy_view bytes, const qy_epid_group_key *group, qy_trace *trace,
                               qy_error *why)
{
  __attribute__((cleanup(qy_epid_compressed_key_clear))) qy_epid_compressed_key compressed = {0};
  qy_epid_key_output delivered;
  if (bytes.size == QY_EPID_MEMBER_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD ||
      bytes.size == QY_EPID_COMPRESSED_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD) {
    QY_TRY(qy_epid_key_output_decode(&delivered, bytes, why));
    bytes = delivered.key;
  }
  if (bytes.size != QY_EPID_COMPRESSED_KEY_SIZE) {
    QY_TRY(qy_epid_member_key_decode(out, bytes, why));
    return qy_epid_member_key_check(out, group, trace, why);
  }
  QY_TRY(qy_epid_compressed_key_decode(&compressed, bytes, why));
  return qy_epid_member_key_decompress(out, group, &compressed, trace, why);
}

qy_status epid_member_key_load(qy_epid_member_key *out, const char *path, const qy_epid_group_key *group,
                               qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(file, 4096);
  QY_TRY(epid_read_secret(&file, path, why));
  const qy_status status = epid_member_key_open(out, qy_buffer_view(&file), group, trace, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}
