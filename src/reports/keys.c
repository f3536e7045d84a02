/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/keys.h>

#include <string.h>

#include <base/file.h>
#include <net/http_client.h>
#include <registry/group.h>
#include <registry/layout.h>

#define MAX_PEM 65536u

void qy_reports_keys_init(qy_reports_keys *keys)
{
  memset(keys, 0, sizeof *keys);
  qy_buffer_init(&keys->chain_header, 4 * MAX_PEM);
}

void qy_reports_keys_clear(qy_reports_keys *keys)
{
  qy_rsa_private_free(&keys->quote_key);
  qy_rsa_private_free(&keys->report_key);
  qy_secret_clear(&keys->platform_info_key);
  qy_buffer_clear(&keys->chain_header);
  qy_reports_keys_init(keys);
}

qy_status qy_reports_file_read(qy_buffer *out, const char *folder, const char *name, bool secret, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_REPORTS, name, why));
  if (secret) {
    QY_TRY(qy_file_check_private(path, why));
  }
  return qy_file_read(out, path, why);
}

static qy_status load_rsa(qy_rsa_private **out, const char *folder, const char *name, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, MAX_PEM);
  QY_TRY(qy_reports_file_read(&pem, folder, name, true, why));
  const qy_status status = qy_rsa_private_from_pem(out, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", name);
}

static qy_status load_platform_info_key(qy_reports_keys *out, const char *folder, qy_error *why)
{
  qy_p256_public public_key;
  QY_SCOPED_BUFFER(pem, MAX_PEM);
  QY_TRY(qy_reports_file_read(&pem, folder, QY_FILE_PIB_KEY, true, why));
  const qy_status status = qy_p256_private_from_pem(&out->platform_info_key, &public_key, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, QY_FILE_PIB_KEY);
}

static qy_status load_chain(qy_reports_keys *out, const char *folder, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, MAX_PEM);
  QY_TRY(qy_reports_file_read(&pem, folder, QY_FILE_REPORT_CHAIN, false, why));
  qy_http_encode_append(&out->chain_header, qy_buffer_view(&pem));
  (void)qy_buffer_text(&out->chain_header); /* a NUL behind it: it is a header's value */
  return qy_buffer_finish(&out->chain_header, QY_FILE_REPORT_CHAIN, why);
}

/* The pinned copies, not those in the public folder. */
static qy_status load_trusted(qy_reports_keys *out, const char *folder, qy_error *why)
{
  QY_SCOPED_BUFFER(certificate, 4096);
  QY_TRY(qy_reports_file_read(&certificate, folder, QY_FILE_TRUSTED_CA, false, why));
  QY_TRY(qy_epid_ca_decode(&out->epid_ca, qy_buffer_view(&certificate), NULL, NULL, why));
  QY_SCOPED_BUFFER(pem, MAX_PEM);
  QY_TRY(qy_reports_file_read(&pem, folder, QY_FILE_TRUSTED_ISK, false, why));
  return qy_p256_public_from_pem(&out->isk, qy_buffer_view(&pem), why);
}

static qy_status load(qy_reports_keys *out, const char *folder, qy_error *why)
{
  QY_TRY(load_rsa(&out->quote_key, folder, QY_FILE_QSDK, why));
  QY_TRY(load_rsa(&out->report_key, folder, QY_FILE_REPORT_KEY, why));
  QY_TRY(load_platform_info_key(out, folder, why));
  QY_TRY(load_chain(out, folder, why));
  return load_trusted(out, folder, why);
}

qy_status qy_reports_keys_load(qy_reports_keys *out, const char *folder, qy_error *why)
{
  qy_reports_keys_clear(out);
  const qy_status status = load(out, folder, why);
  if (status != QY_OK) {
    qy_reports_keys_clear(out);
  }
  return status;
}
