/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/layout.h>

#include <base/file.h>

qy_status qy_broker_file_read(qy_buffer *out, const char *folder, const char *name, bool secret, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  if (secret) {
    QY_TRY(qy_file_check_private(path, why));
  }
  return qy_file_read(out, path, why);
}

qy_status qy_broker_file_write(const char *folder, const char *name, qy_view bytes, bool secret, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  return qy_file_write(path, bytes, secret, why);
}

bool qy_broker_file_exists(const char *folder, const char *name)
{
  char path[QY_BROKER_PATH];
  return qy_path_join(path, sizeof(path), folder, name, NULL) == QY_OK && qy_file_exists(path);
}
