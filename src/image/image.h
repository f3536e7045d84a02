/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave image file: what is measured, how, and who signed it.
 *
 * Layout (little-endian): 0 magic "QYENCLV1"; 8 u64 enclave size (a power of two that holds the pages); 16 u32 SSA frame
 * pages; 20 u32 MISCSELECT; 24 u64 ATTRIBUTES.flags; 32 u64 ATTRIBUTES.xfrm; 40 u32 program size; 44 u32 section count;
 * 48 SIGSTRUCT (1808); then per section: 32-byte name (NUL padded), u32 size; then the program, then the sections'
 * bytes, nothing after them. The program is a static ELF file, padded with zeros to whole pages: so the file's program
 * bytes, those that are measured and those that run are the same, to the last one. Names are 1 to 32 of a-z, 0-9 and
 * '-', none of them twice.
 *
 * Measured, from offset 0 on: one TCS page of zeros; the program's pages (REG R-X); each section as REG R-- pages that
 * hold the section's 32-byte name, its u32 size, its bytes, and zeros to the end of the page. So program, names, sizes
 * and contents all enter MRENCLAVE; enclave size and SSA frame pages do by ECREATE; attributes and MISCSELECT are bound by
 * SIGSTRUCT. */
#ifndef QY_IMAGE_IMAGE_H
#define QY_IMAGE_IMAGE_H

#include <base/buffer.h>
#include <crypto/rsa.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#define QY_IMAGE_HEADER_SIZE (48 + QY_SIGSTRUCT_SIZE)
#define QY_IMAGE_MAX_SECTIONS 8
#define QY_IMAGE_MAX_SIZE (64u << 20)

typedef struct qy_image_section {
  char name[33];
  qy_view bytes;
} qy_image_section;

typedef struct qy_image { /* borrows from the bytes it was decoded from */
  uint64_t enclave_size;
  uint32_t ssa_frame_pages;
  uint32_t misc_select;
  qy_attributes attributes;
  qy_view program;
  qy_view sigstruct;
  size_t section_count;
  qy_image_section sections[QY_IMAGE_MAX_SECTIONS];
} qy_image;

/* Exactly one image. Does not judge the SIGSTRUCT's bytes, which may be of any kind: the processor does. */
qy_status qy_image_decode(qy_image *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Appends the image's bytes. */
qy_status qy_image_encode(qy_buffer *out, const qy_image *image, qy_error *why) QY_MUST_CHECK;
/* MRENCLAVE of the image by the SGX algorithm. */
qy_status qy_image_measure(uint8_t mrenclave[32], const qy_image *image, qy_error *why) QY_MUST_CHECK;
/* Measured pages: 1 + program + sections. */
uint32_t qy_image_page_count(const qy_image *image);

typedef struct qy_image_request {
  qy_view program; /* any length: zeros are added to the next whole page */
  size_t section_count;
  qy_image_section sections[QY_IMAGE_MAX_SECTIONS];
  uint64_t attribute_flags; /* MODE64BIT is added; INIT belongs to the CPU */
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint32_t date_bcd; /* 0x20261123 */
} qy_image_request;

/* Lays out, measures and signs (RSA-3072, exponent 3). The SIGSTRUCT admits exactly these attributes. Appends to `out`,
 * which stays as it was on failure. */
qy_status qy_image_build(qy_buffer *out, const qy_image_request *request, const qy_rsa_private *signer,
                         qy_error *why) QY_MUST_CHECK;

#endif
