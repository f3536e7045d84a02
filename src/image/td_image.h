/* SPDX-License-Identifier: Apache-2.0 */
/* The image file of a trust domain: what is measured, what it may do, and how it is configured. Nobody signs it: what
 * vouches for a trust domain is its quote.
 *
 * Layout (little-endian): 0 magic "QYTDIMG1"; 8 u64 TDATTRIBUTES; 16 u64 XFAM; 24 u32 program size; 28 u32 section count; 32
 * u32 configuration size; then per section: 32-byte name (NUL padded), u32 size; then the program, the sections' bytes, the
 * configuration, nothing after it. Program, names and sections are as in the image of an enclave (image/image.h).
 *
 * MRTD: the pages of program and sections, added and extended in that order from guest physical address 0 on, by the
 * algorithm of the TDX module. MRCONFIGID: SHA-384 of the configuration, zeros if there is none. A real trust domain has
 * firmware, several regions of memory and a hand-off block between them; the pages of a simulated one are all there is. */
#ifndef QY_IMAGE_TD_IMAGE_H
#define QY_IMAGE_TD_IMAGE_H

#include <image/image.h>
#include <quotary/dcap_quote.h>

#define QY_TD_CONFIGURATION_MAX_SIZE 65536u
/* What a built image asks for: x87, SSE, AVX and AVX-512. */
#define QY_TD_IMAGE_XFAM 0xe7ull

typedef struct qy_td_image { /* borrows from the bytes it was decoded from */
  uint64_t attributes;
  uint64_t xfam;
  qy_view program;
  size_t section_count;
  qy_image_section sections[QY_IMAGE_MAX_SECTIONS];
  qy_view configuration;
} qy_td_image;

/* Whether the bytes begin as such a file does. */
bool qy_is_td_image(qy_view bytes);
/* Exactly one image. Does not judge attributes and XFAM: the TDX module does. */
qy_status qy_td_image_decode(qy_td_image *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_td_image_encode(qy_buffer *out, const qy_td_image *image, qy_error *why) QY_MUST_CHECK;
qy_status qy_td_image_measure(uint8_t mr_td[QY_TD_HASH_SIZE], const qy_td_image *image, qy_error *why) QY_MUST_CHECK;
qy_status qy_td_image_config_id(uint8_t mr_config_id[QY_TD_HASH_SIZE], const qy_td_image *image,
                                qy_error *why) QY_MUST_CHECK;
/* Measured pages. */
uint32_t qy_td_image_page_count(const qy_td_image *image);

typedef struct qy_td_image_request {
  qy_view program; /* any length: zeros are added to the next whole page */
  size_t section_count;
  qy_image_section sections[QY_IMAGE_MAX_SECTIONS];
  qy_view configuration; /* may be empty */
  uint64_t attributes;   /* SEPT_VE_DISABLE is added */
} qy_td_image_request;
/* Appends to `out`, which stays as it was on failure. */
qy_status qy_td_image_build(qy_buffer *out, const qy_td_image_request *request, qy_error *why) QY_MUST_CHECK;

#endif
