/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the rules that readers and builders of both kinds of images share. */
#ifndef QY_IMAGE_LAYOUT_H
#define QY_IMAGE_LAYOUT_H

#include <base/cursor.h>
#include <base/limits.h>
#include <image/image.h>
#include <sgx/measure.h>

#define QY_IMAGE_MAGIC "QYENCLV1"
#define QY_SECTION_NAME_SIZE 32u
#define QY_SECTION_HEADER_SIZE (QY_SECTION_NAME_SIZE + 4u)

static inline size_t qy_pages_of(size_t size)
{
  return size / QY_PAGE_SIZE + (size % QY_PAGE_SIZE != 0 ? 1 : 0);
}

/* ---- Contents: a program in whole pages, and sections ---- */

/* Sizes, names, and that all of it is within the limits. */
qy_status qy_contents_check(qy_view program, const qy_image_section *sections, size_t count,
                            qy_error *why) QY_MUST_CHECK;
uint32_t qy_contents_page_count(qy_view program, const qy_image_section *sections, size_t count);
/* In a file: the sections' headers, the program, the sections' bytes. Gives the program. */
qy_view qy_read_contents(qy_reader *in, qy_image_section *sections, size_t count, uint32_t program_size);
void qy_contents_append(qy_buffer *out, qy_view program, const qy_image_section *sections, size_t count);
/* The program of a request, with zeros to the end of its last page; its limits are checked. */
qy_status qy_contents_pad(qy_buffer *out, qy_view program, size_t section_count, qy_error *why) QY_MUST_CHECK;
/* Each page in order from `offset` on: those of the program, then of each section its header, its bytes and zeros. */
typedef qy_status qy_page_visit(void *context, uint64_t offset, bool is_program, const uint8_t page[QY_PAGE_SIZE],
                                qy_error *why);
qy_status qy_contents_visit(qy_view program, const qy_image_section *sections, size_t count, uint64_t offset,
                            qy_page_visit *visit, void *context, qy_error *why) QY_MUST_CHECK;

/* ---- Images of enclaves ---- */

/* Program, sections and sizes as the layout demands them. */
qy_status qy_image_check(const qy_image *image, qy_error *why) QY_MUST_CHECK;

#endif
