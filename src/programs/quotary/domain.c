/* SPDX-License-Identifier: Apache-2.0 */
#include "domain.h"

#include <string.h>

#include <base/file.h>
#include <exchange/calls.h>

#include "signing.h"

qy_status domain_measure(domain_facts *out, qy_view image, qy_error *why)
{
  qy_td_image decoded;
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_td_image_decode(&decoded, image, why));
  QY_TRY(qy_td_image_measure(out->mr_td, &decoded, why));
  QY_TRY(qy_td_image_config_id(out->mr_config_id, &decoded, why));
  out->attributes = decoded.attributes;
  return QY_OK;
}

qy_status domain_build(domain_facts *out, const domain_request *request, qy_error *why)
{
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(configuration, QY_TD_CONFIGURATION_MAX_SIZE);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  uint8_t provider[QY_GROUP_ELEMENT_SIZE];
  QY_TRY(signing_read_program(&program, request->program_path, "quotary-td", why));
  QY_TRY(signing_read_provider_key(provider, request->provider_key_path, why));
  if (request->configuration_path != NULL) {
    QY_TRY(qy_file_read(&configuration, request->configuration_path, why));
  }
  const qy_td_image_request wanted = {.program = qy_buffer_view(&program),
                                      .section_count = 1,
                                      .sections = {{QY_SAMPLE_SECTION_PROVIDER_KEY, QY_VIEW_OF(provider)}},
                                      .configuration = qy_buffer_view(&configuration),
                                      .attributes = request->debug ? QY_TD_DEBUG : 0};
  QY_TRY(qy_td_image_build(&image, &wanted, why));
  QY_TRY(qy_file_write(request->out_path, qy_buffer_view(&image), false, why));
  return domain_measure(out, qy_buffer_view(&image), why);
}
