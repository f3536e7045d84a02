/* SPDX-License-Identifier: Apache-2.0 */
#include <image/image.h>

#include <string.h>

#include <base/cursor.h>
#include <image/layout.h>
#include <sgx/sigstruct.h>

/* Adds pages that hold `head` and then `body`, as one run of bytes. */
static qy_status measure_pages(qy_measurement *measurement, uint64_t *offset, uint64_t secinfo, qy_view head,
                               qy_view body, qy_error *why)
{
  const size_t total = head.size + body.size;
  for (size_t at = 0; at < total; at += QY_PAGE_SIZE) {
    uint8_t page[QY_PAGE_SIZE] = {0};
    const size_t from_head = at < head.size ? head.size - at : 0; /* a head is shorter than a page */
    if (from_head > 0) {
      memcpy(page, head.bytes + at, from_head);
    }
    const size_t body_at = at + from_head - head.size;
    const size_t room = QY_PAGE_SIZE - from_head;
    const size_t left = body.size - body_at;
    if (left > 0) {
      memcpy(page + from_head, body.bytes + body_at, left < room ? left : room);
    }
    QY_TRY(qy_measurement_add_measured_page(measurement, *offset, secinfo, page, why));
    *offset += QY_PAGE_SIZE;
  }
  return QY_OK;
}

static qy_status measure_section(qy_measurement *measurement, uint64_t *offset, const qy_image_section *section,
                                 qy_error *why)
{
  uint8_t head[QY_SECTION_HEADER_SIZE] = {0};
  qy_writer writer = qy_writer_over(head, sizeof(head));
  const size_t name_size = strnlen(section->name, QY_SECTION_NAME_SIZE);
  qy_write_bytes(&writer, section->name, name_size);
  qy_write_zeros(&writer, QY_SECTION_NAME_SIZE - name_size);
  qy_write_u32le(&writer, (uint32_t)section->bytes.size);
  QY_TRY(qy_write_finish(&writer, NULL, "section header", why));
  return measure_pages(measurement, offset, QY_SECINFO_REG | QY_SECINFO_R, QY_VIEW_OF(head), section->bytes, why);
}

qy_status qy_image_measure(uint8_t mrenclave[32], const qy_image *image, qy_error *why)
{
  static const uint8_t tcs[QY_PAGE_SIZE];
  QY_SCOPED_MEASUREMENT(measurement);
  uint64_t offset = 0;
  memset(mrenclave, 0, QY_MEASUREMENT_SIZE);
  QY_TRY(qy_image_check(image, why));
  QY_TRY(qy_measurement_begin(&measurement, image->ssa_frame_pages, image->enclave_size, why));
  QY_TRY(measure_pages(&measurement, &offset, QY_SECINFO_TCS, (qy_view){NULL, 0}, QY_VIEW_OF(tcs), why));
  QY_TRY(measure_pages(&measurement, &offset, QY_SECINFO_REG | QY_SECINFO_R | QY_SECINFO_X, (qy_view){NULL, 0},
                       image->program, why));
  for (size_t i = 0; i < image->section_count; i++) {
    QY_TRY(measure_section(&measurement, &offset, &image->sections[i], why));
  }
  return qy_measurement_finish(mrenclave, &measurement, why);
}

static uint64_t enclave_size_for(const qy_image *image)
{
  uint64_t size = 2 * (uint64_t)QY_PAGE_SIZE;
  while (size / QY_PAGE_SIZE < qy_image_page_count(image)) {
    size *= 2;
  }
  return size;
}

static qy_status sign(uint8_t out[QY_SIGSTRUCT_SIZE], const qy_image *image, const qy_image_request *request,
                      const qy_rsa_private *signer, qy_error *why)
{
  qy_sigstruct sigstruct = {.date = request->date_bcd,
                            .misc_select = image->misc_select,
                            .misc_mask = UINT32_MAX,
                            .attributes = image->attributes,
                            .attribute_mask = {UINT64_MAX, UINT64_MAX},
                            .isv_prod_id = request->isv_prod_id,
                            .isv_svn = request->isv_svn};
  QY_TRY(qy_image_measure(sigstruct.enclave_hash, image, why));
  QY_TRY(qy_sigstruct_sign(&sigstruct, signer, why));
  qy_sigstruct_encode(out, &sigstruct);
  return QY_OK;
}

qy_status qy_image_build(qy_buffer *out, const qy_image_request *request, const qy_rsa_private *signer, qy_error *why)
{
  if (request->program.size == 0 || request->program.size > QY_IMAGE_MAX_SIZE ||
      request->section_count > QY_IMAGE_MAX_SECTIONS) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: program of %zu bytes with %zu sections", request->program.size,
                   request->section_count);
  }
  if ((request->attribute_flags & QY_ATTRIBUTE_INIT) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "enclave image: INIT is set by the processor");
  }
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE + QY_PAGE_SIZE);
  qy_buffer_append(&program, request->program.bytes, request->program.size);
  uint8_t *padding = qy_buffer_extend(&program, qy_pages_of(program.size) * QY_PAGE_SIZE - program.size);
  QY_TRY(qy_buffer_finish(&program, "enclave program", why));
  memset(padding, 0, program.size - request->program.size);
  qy_image image = {.ssa_frame_pages = 1,
                    .attributes = {request->attribute_flags | QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY},
                    .program = qy_buffer_view(&program),
                    .section_count = request->section_count};
  for (size_t i = 0; i < request->section_count; i++) {
    image.sections[i] = request->sections[i];
  }
  image.enclave_size = enclave_size_for(&image);
  uint8_t sigstruct[QY_SIGSTRUCT_SIZE];
  QY_TRY(sign(sigstruct, &image, request, signer, why));
  image.sigstruct = QY_VIEW_OF(sigstruct);
  QY_SCOPED_BUFFER(encoded, QY_IMAGE_MAX_SIZE);
  QY_TRY(qy_image_encode(&encoded, &image, why));
  qy_buffer_append(out, encoded.bytes, encoded.size);
  return qy_buffer_finish(out, "enclave image", why);
}
