/* SPDX-License-Identifier: Apache-2.0 */
#include <image/image.h>

#include <string.h>

#include <base/cursor.h>
#include <image/layout.h>

uint32_t qy_image_page_count(const qy_image *image)
{
  return 1 + qy_contents_page_count(image->program, image->sections, image->section_count);
}

qy_status qy_image_check(const qy_image *image, qy_error *why)
{
  QY_TRY(qy_contents_check(image->program, image->sections, image->section_count, why));
  const uint64_t size = image->enclave_size;
  if (size < 2 * QY_PAGE_SIZE || (size & (size - 1)) != 0 || size / QY_PAGE_SIZE < qy_image_page_count(image)) {
    return qy_fail(why, QY_ERR_MALFORMED, "enclave image: enclave size %llu at byte 8 does not hold %u pages",
                   (unsigned long long)size, qy_image_page_count(image));
  }
  if (image->ssa_frame_pages == 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "enclave image: no SSA frame at byte 16");
  }
  return QY_OK;
}

static void read_header(qy_reader *in, qy_image *image, uint32_t *program_size, uint32_t *section_count)
{
  if (!qy_view_equal(qy_read_view(in, 8, "magic"), qy_view_text(QY_IMAGE_MAGIC))) {
    qy_read_reject(in, QY_ERR_MALFORMED, "magic", 0);
  }
  image->enclave_size = qy_read_u64le(in, "enclave size");
  image->ssa_frame_pages = qy_read_u32le(in, "SSA frame pages");
  image->misc_select = qy_read_u32le(in, "MISCSELECT");
  image->attributes.flags = qy_read_u64le(in, "attribute flags");
  image->attributes.xfrm = qy_read_u64le(in, "XFRM");
  *program_size = qy_read_u32le(in, "program size");
  *section_count = qy_read_u32le(in, "section count");
  if (*section_count > QY_IMAGE_MAX_SECTIONS) {
    qy_read_reject(in, QY_ERR_LIMIT, "section count", 44);
  }
  image->sigstruct = qy_read_view(in, QY_SIGSTRUCT_SIZE, "SIGSTRUCT");
  image->section_count = in->status == QY_OK ? *section_count : 0;
}

static qy_status decode(qy_image *out, qy_view bytes, qy_error *why)
{
  uint32_t program_size = 0;
  uint32_t section_count = 0;
  if (bytes.size > QY_IMAGE_MAX_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: %zu bytes, at most %u", bytes.size, QY_IMAGE_MAX_SIZE);
  }
  qy_reader in = qy_reader_over(bytes);
  read_header(&in, out, &program_size, &section_count);
  out->program = qy_read_contents(&in, out->sections, out->section_count, program_size);
  QY_TRY(qy_read_finish(&in, "enclave image", why));
  return qy_image_check(out, why);
}

qy_status qy_image_decode(qy_image *out, qy_view bytes, qy_error *why)
{
  *out = (qy_image){0};
  const qy_status status = decode(out, bytes, why);
  if (status != QY_OK) {
    *out = (qy_image){0};
  }
  return status;
}

qy_status qy_image_encode(qy_buffer *out, const qy_image *image, qy_error *why)
{
  QY_TRY(qy_image_check(image, why));
  if (image->sigstruct.size != QY_SIGSTRUCT_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "enclave image: SIGSTRUCT of %zu bytes", image->sigstruct.size);
  }
  uint8_t header[48];
  qy_writer writer = qy_writer_over(header, sizeof(header));
  qy_write_bytes(&writer, QY_IMAGE_MAGIC, 8);
  qy_write_u64le(&writer, image->enclave_size);
  qy_write_u32le(&writer, image->ssa_frame_pages);
  qy_write_u32le(&writer, image->misc_select);
  qy_write_u64le(&writer, image->attributes.flags);
  qy_write_u64le(&writer, image->attributes.xfrm);
  qy_write_u32le(&writer, (uint32_t)image->program.size);
  qy_write_u32le(&writer, (uint32_t)image->section_count);
  QY_TRY(qy_write_finish(&writer, NULL, "enclave image header", why));
  qy_buffer_append(out, header, sizeof(header));
  qy_buffer_append(out, image->sigstruct.bytes, image->sigstruct.size);
  qy_contents_append(out, image->program, image->sections, image->section_count);
  return qy_buffer_finish(out, "enclave image", why);
}
