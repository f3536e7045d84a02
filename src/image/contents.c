/* SPDX-License-Identifier: Apache-2.0 */
/* What images of enclaves and of trust domains have in common: a program and named sections, in whole pages. */
#include <image/layout.h>

#include <string.h>

#include <base/cursor.h>

static bool name_is_fine(const char name[33])
{
  const size_t size = strnlen(name, 33);
  return size >= 1 && size <= QY_SECTION_NAME_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool name_is_repeated(const qy_image_section *sections, size_t index)
{
  for (size_t i = 0; i < index; i++) {
    if (strcmp(sections[i].name, sections[index].name) == 0) {
      return true;
    }
  }
  return false;
}

uint32_t qy_contents_page_count(qy_view program, const qy_image_section *sections, size_t count)
{
  size_t pages = qy_pages_of(program.size);
  for (size_t i = 0; i < count; i++) {
    pages += qy_pages_of(QY_SECTION_HEADER_SIZE + sections[i].bytes.size);
  }
  return (uint32_t)pages;
}

qy_status qy_contents_check(qy_view program, const qy_image_section *sections, size_t count, qy_error *why)
{
  if (program.size == 0 || program.size % QY_PAGE_SIZE != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "image: program of %zu bytes is not whole pages", program.size);
  }
  if (count > QY_IMAGE_MAX_SECTIONS) {
    return qy_fail(why, QY_ERR_LIMIT, "image: %zu sections, at most %d", count, QY_IMAGE_MAX_SECTIONS);
  }
  size_t total = program.size;
  for (size_t i = 0; i < count; i++) {
    if (!name_is_fine(sections[i].name) || name_is_repeated(sections, i)) {
      return qy_fail(why, QY_ERR_MALFORMED, "image: name of section %zu is not allowed or stands twice", i);
    }
    if (sections[i].bytes.size > QY_IMAGE_MAX_SIZE) {
      return qy_fail(why, QY_ERR_LIMIT, "image: section %zu of %zu bytes", i, sections[i].bytes.size);
    }
    total += sections[i].bytes.size;
  }
  if (total > QY_IMAGE_MAX_SIZE || qy_contents_page_count(program, sections, count) >= QY_MAX_ENCLAVE_PAGES) {
    return qy_fail(why, QY_ERR_LIMIT, "image: %zu bytes of program and sections", total);
  }
  return QY_OK;
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

qy_view qy_read_contents(qy_reader *in, qy_image_section *sections, size_t count, uint32_t program_size)
{
  uint32_t sizes[QY_IMAGE_MAX_SECTIONS] = {0};
  for (size_t i = 0; i < count; i++) {
    sizes[i] = read_section_header(in, &sections[i]);
  }
  const qy_view program = qy_read_view(in, program_size, "program");
  for (size_t i = 0; i < count; i++) {
    sections[i].bytes = qy_read_view(in, sizes[i], "section");
  }
  return program;
}

static void write_section_header(uint8_t out[QY_SECTION_HEADER_SIZE], const qy_image_section *section)
{
  qy_writer writer = qy_writer_over(out, QY_SECTION_HEADER_SIZE);
  const size_t name_size = strnlen(section->name, QY_SECTION_NAME_SIZE);
  qy_write_bytes(&writer, section->name, name_size);
  qy_write_zeros(&writer, QY_SECTION_NAME_SIZE - name_size);
  qy_write_u32le(&writer, (uint32_t)section->bytes.size);
}

void qy_contents_append(qy_buffer *out, qy_view program, const qy_image_section *sections, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    uint8_t header[QY_SECTION_HEADER_SIZE];
    write_section_header(header, &sections[i]);
    qy_buffer_append(out, header, sizeof(header));
  }
  qy_buffer_append(out, program.bytes, program.size);
  for (size_t i = 0; i < count; i++) {
    qy_buffer_append(out, sections[i].bytes.bytes, sections[i].bytes.size);
  }
}

qy_status qy_contents_pad(qy_buffer *out, qy_view program, size_t section_count, qy_error *why)
{
  if (program.size == 0 || program.size > QY_IMAGE_MAX_SIZE || section_count > QY_IMAGE_MAX_SECTIONS) {
    return qy_fail(why, QY_ERR_LIMIT, "image: program of %zu bytes with %zu sections", program.size, section_count);
  }
  qy_buffer_append(out, program.bytes, program.size);
  uint8_t *padding = qy_buffer_extend(out, qy_pages_of(program.size) * QY_PAGE_SIZE - program.size);
  QY_TRY(qy_buffer_finish(out, "program", why));
  memset(padding, 0, out->size - program.size);
  return QY_OK;
}

/* ---- Pages ---- */

typedef struct walk {
  uint64_t offset;
  qy_page_visit *visit;
  void *context;
} walk;

/* Pages that hold `head` and then `body`, as one run of bytes. */
static qy_status visit_pages(walk *self, bool is_program, qy_view head, qy_view body, qy_error *why)
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
    QY_TRY(self->visit(self->context, self->offset, is_program, page, why));
    self->offset += QY_PAGE_SIZE;
  }
  return QY_OK;
}

qy_status qy_contents_visit(qy_view program, const qy_image_section *sections, size_t count, uint64_t offset,
                            qy_page_visit *visit, void *context, qy_error *why)
{
  walk self = {.offset = offset, .visit = visit, .context = context};
  QY_TRY(visit_pages(&self, true, (qy_view){NULL, 0}, program, why));
  for (size_t i = 0; i < count; i++) {
    uint8_t header[QY_SECTION_HEADER_SIZE];
    write_section_header(header, &sections[i]);
    QY_TRY(visit_pages(&self, false, QY_VIEW_OF(header), sections[i].bytes, why));
  }
  return QY_OK;
}
