/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/service_state.h>

#include <string.h>

#include <base/log.h>

static qy_status read_file(qy_key_store *store, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_EPID_BLOB_FILE_SIZE);
  qy_view blob;
  qy_platform_level level;
  QY_TRY(qy_file_read(&bytes, store->path, why));
  QY_TRY(qy_epid_blob_file_decode(&blob, &level, qy_buffer_view(&bytes), why));
  memcpy(store->file, bytes.bytes, sizeof(store->file));
  return QY_OK;
}

qy_status qy_key_store_open(qy_key_store *out, const char *state_folder, qy_error *why)
{
  *out = (qy_key_store){0};
  (void)pthread_mutex_init(&out->lock, NULL);
  QY_TRY(qy_path_join(out->path, sizeof(out->path), state_folder, QY_PLATFORM_FILE_BLOB, why));
  if (!qy_file_exists(out->path)) {
    return QY_OK;
  }
  qy_error cause = {0};
  out->present = read_file(out, &cause) == QY_OK;
  if (!out->present) {
    /* The endorser gives back the key of a machine that lost it. */
    qy_log(QY_LOG_WARNING, "platform", "the sealed attestation key cannot be used: %s", cause.message);
  }
  return QY_OK;
}

void qy_key_store_close(qy_key_store *store)
{
  if (store->path[0] != '\0') {
    (void)pthread_mutex_destroy(&store->lock);
  }
}

qy_status qy_key_store_put(qy_key_store *store, const uint8_t file[QY_EPID_BLOB_FILE_SIZE], qy_error *why)
{
  (void)pthread_mutex_lock(&store->lock);
  const qy_status status = qy_file_write(store->path, qy_view_over(file, QY_EPID_BLOB_FILE_SIZE), true, why);
  if (status == QY_OK) {
    memcpy(store->file, file, QY_EPID_BLOB_FILE_SIZE);
    store->present = true;
  }
  (void)pthread_mutex_unlock(&store->lock);
  return status;
}

bool qy_key_store_get(qy_key_store *store, uint8_t file[QY_EPID_BLOB_FILE_SIZE])
{
  (void)pthread_mutex_lock(&store->lock);
  const bool present = store->present;
  if (present) {
    memcpy(file, store->file, QY_EPID_BLOB_FILE_SIZE);
  }
  (void)pthread_mutex_unlock(&store->lock);
  return present;
}
