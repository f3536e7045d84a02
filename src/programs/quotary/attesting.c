/* SPDX-License-Identifier: Apache-2.0 */
#include "attesting.h"

#include <base/file.h>
#include <image/image.h>

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
