/* SPDX-License-Identifier: Apache-2.0 */
#include "attesting.h"

#include <stdio.h>

#include <base/file.h>
#include <image/image.h>

#include "cli.h"

static void close_platform(qy_platform **platform)
{
  if (*platform != NULL) {
    (*platform)->functions->close(*platform);
  }
}

qy_status attesting_run(qy_attest_result *result, const attesting_files *files, const qy_attest_observer *observer,
                        qy_error *why)
{
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  __attribute__((cleanup(close_platform))) qy_platform *platform = NULL;
  QY_TRY(qy_file_read(&ca, files->broker_ca, why));
  QY_TRY(qy_file_read(&image, files->image, why));
  QY_TRY(qy_platform_open_simulated(&platform, files->socket, why));
  const qy_attest_config config = {.broker_url = files->broker_url,
                                   .broker_ca_pem = qy_buffer_view(&ca),
                                   .secret_name = files->secret_name,
                                   .image = qy_buffer_view(&image),
                                   .platform = platform,
                                   .evidence = files->evidence};
  const qy_status status = qy_attest(result, &config, observer, why);
  /* The enclave's handle borrows the platform: it ends here, with its secret. */
  if (result->has_enclave) {
    qy_enclave_handle_close(&result->enclave);
    result->has_enclave = false;
  }
  return status;
}

/* ---- Telling ---- */

int attesting_exit_code(qy_trust verdict)
{
  return verdict == QY_TRUSTED ? CLI_DONE : verdict == QY_REFUSED ? CLI_REFUSED : CLI_UNDECIDED;
}

void attesting_print_verdict(qy_trust verdict, bool simulated)
{
  const cli_style style = verdict == QY_TRUSTED ? CLI_GREEN : verdict == QY_REFUSED ? CLI_RED : CLI_YELLOW;
  printf("verdict    %s%s%s%s\n", cli_style_on(style), qy_trust_name(verdict), cli_style_off(),
         simulated ? "  (simulated evidence)" : "");
}

json_t *attesting_sizes_json(const qy_buffer messages[QY_ATTEST_MESSAGE_COUNT])
{
  json_t *sizes = json_object();
  for (int i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    json_object_set_new(sizes, qy_attest_message_name((qy_attest_message)i),
                        json_integer((json_int_t)messages[i].size));
  }
  return sizes;
}

qy_status attesting_keep(const qy_buffer messages[QY_ATTEST_MESSAGE_COUNT], const char *folder, qy_error *why)
{
  static const char *const files[QY_ATTEST_MESSAGE_COUNT] = {"msg0-msg1.bin", "msg2.bin", "quote.bin", "msg3.bin",
                                                             "msg4.bin"};
  QY_TRY(qy_folder_make(folder, why));
  for (int i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    char path[QY_PATH_SIZE];
    if (messages[i].size == 0) {
      continue;
    }
    QY_TRY(qy_path_join(path, sizeof(path), folder, files[i], why));
    QY_TRY(qy_file_write(path, qy_buffer_view(&messages[i]), false, why));
  }
  return QY_OK;
}
