/* SPDX-License-Identifier: Apache-2.0 */
#include <image/td_image.h>

#include <string.h>

#include <image/layout.h>
#include <sgx/trust_domain.h>

#define MAGIC "QYTDIMG1"
#define HEADER_SIZE 36

bool qy_is_td_image(qy_view bytes)
{
  return qy_view_equal(qy_view_slice(bytes, 0, 8), qy_view_text(MAGIC));
}

uint32_t qy_td_image_page_count(const qy_td_image *image)
{
  return qy_contents_page_count(image->program, image->sections, image->section_count);
}

static qy_status check(const qy_td_image *image, qy_error *why)
{
  if (image->configuration.size > QY_TD_CONFIGURATION_MAX_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "trust domain image: configuration of %zu bytes, at most %u",
                   image->configuration.size, QY_TD_CONFIGURATION_MAX_SIZE);
  }
  return qy_contents_check(image->program, image->sections, image->section_count, why);
}

static qy_status decode(qy_td_image *out, qy_view bytes, qy_error *why)
{
  if (bytes.size > QY_IMAGE_MAX_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "trust domain image: %zu bytes, at most %u", bytes.size, QY_IMAGE_MAX_SIZE);
  }
  qy_reader in = qy_reader_over(bytes);
  if (!qy_view_equal(qy_read_view(&in, 8, "magic"), qy_view_text(MAGIC))) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "magic", 0);
  }
  out->attributes = qy_read_u64le(&in, "attributes");
  out->xfam = qy_read_u64le(&in, "XFAM");
  const uint32_t program_size = qy_read_u32le(&in, "program size");
  const uint32_t section_count = qy_read_u32le(&in, "section count");
  const uint32_t configuration_size = qy_read_u32le(&in, "configuration size");
  if (section_count > QY_IMAGE_MAX_SECTIONS) {
    qy_read_reject(&in, QY_ERR_LIMIT, "section count", 28);
  }
  out->section_count = in.status == QY_OK ? section_count : 0;
  out->program = qy_read_contents(&in, out->sections, out->section_count, program_size);
  out->configuration = qy_read_view(&in, configuration_size, "configuration");
  QY_TRY(qy_read_finish(&in, "trust domain image", why));
  return check(out, why);
}

qy_status qy_td_image_decode(qy_td_image *out, qy_view bytes, qy_error *why)
{
  *out = (qy_td_image){0};
  const qy_status status = decode(out, bytes, why);
  if (status != QY_OK) {
    *out = (qy_td_image){0};
  }
  return status;
}

qy_status qy_td_image_encode(qy_buffer *out, const qy_td_image *image, qy_error *why)
{
  uint8_t header[HEADER_SIZE];
  QY_TRY(check(image, why));
  qy_writer writer = qy_writer_over(header, sizeof(header));
  qy_write_bytes(&writer, MAGIC, 8);
  qy_write_u64le(&writer, image->attributes);
  qy_write_u64le(&writer, image->xfam);
  qy_write_u32le(&writer, (uint32_t)image->program.size);
  qy_write_u32le(&writer, (uint32_t)image->section_count);
  qy_write_u32le(&writer, (uint32_t)image->configuration.size);
  QY_TRY(qy_write_finish(&writer, NULL, "trust domain image header", why));
  qy_buffer_append(out, header, sizeof(header));
  qy_contents_append(out, image->program, image->sections, image->section_count);
  qy_buffer_append(out, image->configuration.bytes, image->configuration.size);
  return qy_buffer_finish(out, "trust domain image", why);
}

static qy_status measure_page(void *measurement, uint64_t gpa, bool is_program, const uint8_t page[QY_PAGE_SIZE],
                              qy_error *why)
{
  (void)is_program; /* rights are the guest's own matter */
  return qy_td_measurement_add_measured_page(measurement, gpa, page, why);
}

qy_status qy_td_image_measure(uint8_t mr_td[QY_TD_HASH_SIZE], const qy_td_image *image, qy_error *why)
{
  QY_SCOPED_TD_MEASUREMENT(measurement);
  memset(mr_td, 0, QY_TD_HASH_SIZE);
  QY_TRY(check(image, why));
  qy_td_measurement_begin(&measurement);
  QY_TRY(qy_contents_visit(image->program, image->sections, image->section_count, 0, measure_page, &measurement, why));
  return qy_td_measurement_finish(mr_td, &measurement, why);
}

qy_status qy_td_image_config_id(uint8_t mr_config_id[QY_TD_HASH_SIZE], const qy_td_image *image, qy_error *why)
{
  memset(mr_config_id, 0, QY_TD_HASH_SIZE);
  return image->configuration.size == 0 ? QY_OK : qy_hash_parts(mr_config_id, QY_SHA384, &image->configuration, 1, why);
}

qy_status qy_td_image_build(qy_buffer *out, const qy_td_image_request *request, qy_error *why)
{
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE + QY_PAGE_SIZE);
  QY_SCOPED_BUFFER(encoded, QY_IMAGE_MAX_SIZE);
  QY_TRY(qy_contents_pad(&program, request->program, request->section_count, why));
  qy_td_image image = {.attributes = request->attributes | QY_TD_SEPT_VE_DISABLE,
                       .xfam = QY_TD_IMAGE_XFAM,
                       .program = qy_buffer_view(&program),
                       .section_count = request->section_count,
                       .configuration = request->configuration};
  for (size_t i = 0; i < request->section_count; i++) {
    image.sections[i] = request->sections[i];
  }
  QY_TRY(qy_td_image_encode(&encoded, &image, why));
  qy_buffer_append(out, encoded.bytes, encoded.size);
  return qy_buffer_finish(out, "trust domain image", why);
}
