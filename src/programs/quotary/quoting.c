/* SPDX-License-Identifier: Apache-2.0 */
#include "quoting.h"

#include <base/file.h>
#include <image/image.h>
#include <platform/platform.h>

#include "../enclaves/reporter.h"
#include "cli.h"
#include "signing.h"

#define QUOTE_VERSION 3

static void close_platform(qy_platform **platform)
{
  if (*platform != NULL) {
    (*platform)->functions->close(*platform);
  }
}

static qy_status make_image(qy_buffer *out, qy_error *why)
{
  char folder[QY_PATH_SIZE];
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_RSA(key);
  if (!cli_program_folder(folder, sizeof(folder))) {
    return qy_fail(why, QY_ERR_IO, "cannot find the folder of this program");
  }
  QY_TRY(qy_path_join(path, sizeof(path), folder, "quotary-reporter", why));
  QY_TRY(qy_file_read(&program, path, why));
  QY_TRY(qy_rsa_generate(&key, 3072, 3, why));
  const qy_image_request request = {.program = qy_buffer_view(&program), .date_bcd = signing_today()};
  return qy_image_build(out, &request, key, why);
}

static qy_status make_report(qy_report *out, qy_enclave_handle *enclave, const qy_target_info *target,
                             const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  uint8_t encoded[QY_TARGET_INFO_SIZE];
  QY_SCOPED_BUFFER(in, REPORTER_IN_SIZE);
  QY_SCOPED_BUFFER(bytes, QY_REPORT_SIZE);
  qy_target_info_encode(encoded, target);
  qy_buffer_append(&in, encoded, sizeof(encoded));
  qy_buffer_append(&in, report_data, QY_REPORT_DATA_SIZE);
  QY_TRY(qy_enclave_handle_call(enclave, REPORTER_OPERATION_REPORT, qy_buffer_view(&in), &bytes, NULL, why));
  return qy_report_decode(out, qy_buffer_view(&bytes), why);
}

static qy_status quote_by(qy_buffer *quote, qy_platform *platform, qy_enclave_handle *enclave,
                          const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  qy_target_info target;
  qy_report report;
  QY_TRY(platform->functions->init_dcap(platform, &target, why));
  QY_TRY(make_report(&report, enclave, &target, report_data, why));
  const qy_dcap_request request = {.version = QUOTE_VERSION, .report = &report};
  return platform->functions->quote_dcap(platform, quote, NULL, &request, why);
}

qy_status quoting_simulated(qy_buffer *quote, const char *socket_path, const uint8_t report_data[QY_REPORT_DATA_SIZE],
                            qy_error *why)
{
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  __attribute__((cleanup(close_platform))) qy_platform *platform = NULL;
  qy_enclave_handle enclave;
  QY_TRY(qy_platform_open_simulated(&platform, socket_path, why));
  QY_TRY(make_image(&image, why));
  QY_TRY(platform->functions->launch(platform, &enclave, qy_buffer_view(&image), NULL, why));
  const qy_status status = quote_by(quote, platform, &enclave, report_data, why);
  qy_enclave_handle_close(&enclave);
  return status;
}
