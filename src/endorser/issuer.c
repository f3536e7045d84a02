/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <net/stream.h>

#define LOCK_WAIT_MS 5000

qy_status qy_issuer_write(const char *folder, const char *part, const char *name, qy_view bytes, qy_error *why)
{
  char path[QY_PATH_SIZE];
  const bool secret = strncmp(part, QY_DIR_PUBLIC, strlen(QY_DIR_PUBLIC)) != 0;
  QY_TRY(qy_registry_path(path, sizeof path, folder, part, name, why));
  return qy_file_write(path, bytes, secret, why);
}

qy_status qy_issuer_read(qy_buffer *out, const char *folder, const char *part, const char *name, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, part, name, why));
  if (strncmp(part, QY_DIR_PUBLIC, strlen(QY_DIR_PUBLIC)) != 0 && qy_file_exists(path)) {
    QY_TRY(qy_file_check_private(path, why));
  }
  return qy_file_read(out, path, why);
}

static qy_status take_lock(int *lock, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  const int64_t until_ms = qy_clock_steady_ms() + LOCK_WAIT_MS;
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_ISSUER, QY_FILE_ISSUER_LOCK, why));
  for (;;) {
    const qy_status status = qy_file_lock(lock, path, why);
    if (status != QY_ERR_BUSY || qy_clock_steady_ms() > until_ms) {
      return status;
    }
    (void)nanosleep(&pause, NULL);
  }
}

static qy_status load_p256(qy_secret *private_key, qy_p256_public *public_key, const char *folder, const char *name,
                           qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_ISSUER, name, why));
  const qy_status status = qy_p256_private_from_pem(private_key, public_key, qy_buffer_view(&pem), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", name);
}

static qy_status open_issuer(qy_issuer *out, const char *folder, qy_error *why)
{
  qy_p256_public ca_public;
  const int wanted = snprintf(out->folder, sizeof out->folder, "%s", folder);
  if (wanted < 0 || (size_t)wanted >= sizeof out->folder) {
    return qy_fail(why, QY_ERR_LIMIT, "the folder's path is too long");
  }
  QY_TRY(take_lock(&out->lock, folder, why));
  QY_TRY(load_p256(&out->epid_ca_key, &ca_public, folder, QY_FILE_EPID_CA_KEY, why));
  memcpy(out->ca.public_key, ca_public.bytes, sizeof out->ca.public_key);
  return load_p256(&out->isk, &out->isk_public, folder, QY_FILE_ISK, why);
}

qy_status qy_issuer_open(qy_issuer *out, const char *folder, qy_error *why)
{
  const qy_status status = open_issuer(out, folder, why);
  if (status != QY_OK) {
    qy_issuer_close(out);
  }
  return status;
}

void qy_issuer_close(qy_issuer *issuer)
{
  qy_secret_clear(&issuer->epid_ca_key);
  qy_secret_clear(&issuer->isk);
  qy_fd_close(&issuer->lock);
}
