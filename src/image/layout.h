/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the rules that reader and builder share. */
#ifndef QY_IMAGE_LAYOUT_H
#define QY_IMAGE_LAYOUT_H

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

/* Program, sections and sizes as the layout demands them. */
qy_status qy_image_check(const qy_image *image, qy_error *why) QY_MUST_CHECK;

#endif
