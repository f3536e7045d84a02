/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_choice.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SIMULATED "simulated:"

static qy_status read_folder(platform_choice *out, const char *folder, qy_error *why)
{
  struct stat info;
  const char *name = "/" PLATFORM_CHOICE_SOCKET;
  if (folder[0] == '\0') {
    return qy_fail(why, QY_ERR_ARGUMENT, "--platform: " SIMULATED " needs a folder behind it");
  }
  if (stat(folder, &info) == 0 && S_ISSOCK(info.st_mode)) {
    name = "";
  }
  const int length = snprintf(out->socket, sizeof(out->socket), "%s%s", folder, name);
  return length > 0 && (size_t)length < sizeof(out->socket)
             ? QY_OK
             : qy_fail(why, QY_ERR_ARGUMENT, "--platform: the path is too long");
}

qy_status platform_choice_read(platform_choice *out, const char *text, qy_error *why)
{
  *out = (platform_choice){0};
  if (text == NULL || strcmp(text, "auto") == 0) {
    out->automatic = true;
    return QY_OK;
  }
  if (strncmp(text, SIMULATED, strlen(SIMULATED)) == 0) {
    return read_folder(out, text + strlen(SIMULATED), why);
  }
  out->device = qy_device_find(text);
  return out->device != NULL ? QY_OK
                             : qy_fail(why, QY_ERR_ARGUMENT,
                                       "--platform: \"%.60s\" is none of auto, gramine, tsm, simulated:DIR", text);
}

static const qy_device *first_device(void)
{
  for (size_t i = 0; i < QY_DEVICE_COUNT; i++) {
    if (qy_devices[i]->look(qy_devices[i]->folder, qy_device_calls_system(), NULL) == QY_OK) {
      return qy_devices[i];
    }
  }
  return NULL;
}

qy_status platform_choice_settle(platform_choice *choice, qy_error *why)
{
  world_notice notice;
  if (!choice->automatic) {
    return QY_OK;
  }
  choice->device = first_device();
  if (choice->device == NULL) {
    const qy_status status = world_find(&notice, why);
    if (status == QY_ERR_NOT_FOUND) {
      return qy_fail(
          why, status,
          "nothing here makes quotes: this is neither an SGX enclave under Gramine nor a TDX virtual machine, "
          "and no quotary up of this user simulates one; quotary doctor says what is missing");
    }
    QY_TRY(status);
    memcpy(choice->socket, notice.socket, sizeof(choice->socket));
  }
  choice->automatic = false;
  return QY_OK;
}
