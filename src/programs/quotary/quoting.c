/* SPDX-License-Identifier: Apache-2.0 */
#include "quoting.h"

#include <base/file.h>
#include <image/td_image.h>
#include <platform/platform.h>

#include "../enclaves/reporter.h"
#include "cli.h"
#include "signing.h"

#define ENCLAVE_VERSION 3
#define DOMAIN_VERSION 5

static void close_platform(qy_platform **platform)
{
  if (*platform != NULL) {
    (*platform)->functions->close(*platform);
  }
}

static qy_status read_program(qy_buffer *out, qy_error *why)
{
  char folder[QY_PATH_SIZE];
  char path[QY_PATH_SIZE];
  if (!cli_enclave_folder(folder, sizeof(folder))) {
    return qy_fail(why, QY_ERR_IO, "cannot find the folder of the enclave programs");
  }
  QY_TRY(qy_path_join(path, sizeof(path), folder, "quotary-reporter", why));
  return qy_file_read(out, path, why);
}

static qy_status make_image(qy_buffer *out, bool trust_domain, qy_error *why)
{
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_RSA(key);
  QY_TRY(read_program(&program, why));
  if (trust_domain) {
    const qy_td_image_request request = {.program = qy_buffer_view(&program)};
    return qy_td_image_build(out, &request, why);
  }
  QY_TRY(qy_rsa_generate(&key, 3072, 3, why));
  const qy_image_request request = {.program = qy_buffer_view(&program), .date_bcd = signing_today()};
  return qy_image_build(out, &request, key, why);
}

static qy_status quote_enclave(qy_buffer *quote, qy_enclave_handle *enclave, const quoting_request *asked,
                               qy_error *why)
{
  qy_platform *platform = enclave->platform;
  uint8_t encoded[QY_TARGET_INFO_SIZE];
  qy_target_info target;
  qy_report report;
  QY_SCOPED_BUFFER(in, REPORTER_IN_SIZE);
  QY_SCOPED_BUFFER(bytes, QY_REPORT_SIZE);
  QY_TRY(platform->functions->init_dcap(platform, &target, why));
  qy_target_info_encode(encoded, &target);
  qy_buffer_append(&in, encoded, sizeof(encoded));
  qy_buffer_append(&in, asked->report_data, sizeof(asked->report_data));
  QY_TRY(qy_enclave_handle_call(enclave, REPORTER_OPERATION_REPORT, qy_buffer_view(&in), &bytes, NULL, why));
  QY_TRY(qy_report_decode(&report, qy_buffer_view(&bytes), why));
  const qy_dcap_request request = {.version = asked->version == 0 ? ENCLAVE_VERSION : asked->version,
                                   .report = &report};
  return platform->functions->quote_dcap(platform, quote, NULL, &request, why);
}

static qy_status quote_domain(qy_buffer *quote, qy_enclave_handle *domain, const quoting_request *asked, qy_error *why)
{
  qy_platform *platform = domain->platform;
  const uint16_t version = asked->version == 0 ? DOMAIN_VERSION : asked->version;
  const uint8_t report_version = version == 4 ? 0 : 1;
  QY_SCOPED_BUFFER(in, REPORTER_TD_IN_SIZE);
  QY_SCOPED_BUFFER(report, QY_TD_REPORT_SIZE);
  qy_buffer_append(&in, &report_version, 1);
  qy_buffer_append(&in, asked->report_data, sizeof(asked->report_data));
  QY_TRY(qy_enclave_handle_call(domain, REPORTER_OPERATION_TD_REPORT, qy_buffer_view(&in), &report, NULL, why));
  if (report.size != QY_TD_REPORT_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "TD report: %zu bytes", report.size);
  }
  return platform->functions->quote_td(platform, quote, report.bytes, why);
}

static qy_status launch_and_quote(qy_buffer *quote, qy_platform *platform, const quoting_request *request,
                                  qy_error *why)
{
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  qy_enclave_handle handle;
  QY_TRY(make_image(&image, request->trust_domain, why));
  const qy_view bytes = qy_buffer_view(&image);
  QY_TRY(request->trust_domain ? platform->functions->launch_td(platform, &handle, bytes, NULL, why)
                               : platform->functions->launch(platform, &handle, bytes, NULL, why));
  const qy_status status =
      request->trust_domain ? quote_domain(quote, &handle, request, why) : quote_enclave(quote, &handle, request, why);
  qy_enclave_handle_close(&handle);
  return status;
}

qy_status quoting_simulated(qy_buffer *quote, const char *socket_path, const quoting_request *request, qy_error *why)
{
  __attribute__((cleanup(close_platform))) qy_platform *platform = NULL;
  const unsigned oldest = request->trust_domain ? 4 : 3;
  if (request->version != 0 && (request->version < oldest || request->version > 5)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "a %s has no quotes of version %u: %u to 5",
                   request->trust_domain ? "trust domain" : "simulated enclave", request->version, oldest);
  }
  QY_TRY(qy_platform_open_simulated(&platform, socket_path, why));
  return launch_and_quote(quote, platform, request, why);
}
