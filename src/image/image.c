/* SPDX-License-Identifier: Apache-2.0 */
#include <image/image.h>

#include <string.h>

#include <base/cursor.h>
#include <image/layout.h>

static bool name_is_fine(const char name[33])
{
  const size_t size = strnlen(name, 33);
  return size >= 1 && size <= QY_SECTION_NAME_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool name_is_repeated(const qy_image *image, size_t index)
{
  for (size_t i = 0; i < index; i++) {
    if (strcmp(image->sections[i].name, image->sections[index].name) == 0) {
      return true;
    }
  }
  return false;
}

uint32_t qy_image_page_count(const qy_image *image)
{
  size_t pages = 1 + qy_pages_of(image->program.size);
  for (size_t i = 0; i < image->section_count; i++) {
    pages += qy_pages_of(QY_SECTION_HEADER_SIZE + image->sections[i].bytes.size);
  }
  return (uint32_t)pages;
}

qy_status qy_image_check(const qy_image *image, qy_error *why)
{
  if (image->program.size == 0 || image->program.size % QY_PAGE_SIZE != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "enclave image: program of %zu bytes is not whole pages",
                   image->program.size);
  }
  if (image->section_count > QY_IMAGE_MAX_SECTIONS) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: %zu sections, at most %d", image->section_count,
                   QY_IMAGE_MAX_SECTIONS);
  }
  size_t total = image->program.size;
  for (size_t i = 0; i < image->section_count; i++) {
    if (!name_is_fine(image->sections[i].name) || name_is_repeated(image, i)) {
      return qy_fail(why, QY_ERR_MALFORMED, "enclave image: name of section %zu is not allowed or stands twice", i);
    }
    if (image->sections[i].bytes.size > QY_IMAGE_MAX_SIZE) {
      return qy_fail(why, QY_ERR_LIMIT, "enclave image: section %zu of %zu bytes", i, image->sections[i].bytes.size);
    }
    total += image->sections[i].bytes.size;
  }
  if (total > QY_IMAGE_MAX_SIZE || qy_image_page_count(image) > QY_MAX_ENCLAVE_PAGES) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: %zu bytes of program and sections", total);
  }
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

static uint32_t read_section_header(qy_reader *in, qy_image_section *section)
{
  const size_t at = in->offset;
  uint8_t name[QY_SECTION_NAME_SIZE];
  qy_read_bytes(in, name, sizeof(name), "section name");
  memcpy(section->name, name, sizeof(name));
  section->name[QY_SECTION_NAME_SIZE] = '\0';
  const size_t used = strlen(section->name);
  if (!qy_view_is_zero(qy_view_over(name + used, sizeof(name) - used))) {
    qy_read_reject(in, QY_ERR_MALFORMED, "section name", at);
  }
  return qy_read_u32le(in, "section size");
}

static qy_status decode(qy_image *out, qy_view bytes, qy_error *why)
{
  uint32_t program_size = 0;
  uint32_t section_count = 0;
  uint32_t sizes[QY_IMAGE_MAX_SECTIONS] = {0};
  if (bytes.size > QY_IMAGE_MAX_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: %zu bytes, at most %u", bytes.size, QY_IMAGE_MAX_SIZE);
  }
  qy_reader in = qy_reader_over(bytes);
  read_header(&in, out, &program_size, &section_count);
  for (size_t i = 0; i < out->section_count; i++) {
    sizes[i] = read_section_header(&in, &out->sections[i]);
  }
  out->program = qy_read_view(&in, program_size, "program");
  for (size_t i = 0; i < out->section_count; i++) {
    out->sections[i].bytes = qy_read_view(&in, sizes[i], "section");
  }
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

static void append_u32(qy_buffer *out, uint32_t value)
{
  uint8_t bytes[4];
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u32le(&writer, value);
  qy_buffer_append(out, bytes, sizeof(bytes));
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
  for (size_t i = 0; i < image->section_count; i++) {
    char name[QY_SECTION_NAME_SIZE] = {0};
    memcpy(name, image->sections[i].name, strnlen(image->sections[i].name, sizeof(name)));
    qy_buffer_append(out, name, sizeof(name));
    append_u32(out, (uint32_t)image->sections[i].bytes.size);
  }
  qy_buffer_append(out, image->program.bytes, image->program.size);
  for (size_t i = 0; i < image->section_count; i++) {
    qy_buffer_append(out, image->sections[i].bytes.bytes, image->sections[i].bytes.size);
  }
  return qy_buffer_finish(out, "enclave image", why);
}
