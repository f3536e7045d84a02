/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave image file: what is measured, how, and who signed it.
 *
 * Layout (little-endian): 0 magic "QYENCLV1"; 8 u64 enclave size; 16 u32 SSA frame pages; 20 u32 MISCSELECT;
 * 24 u64 ATTRIBUTES.flags; 32 u64 ATTRIBUTES.xfrm; 40 u32 program size (bytes of the static ELF file);
 * 44 u32 section count; 48 SIGSTRUCT (1808); then per section: 32-byte name (NUL padded), u32 size; then the program, then the
 * sections' bytes, nothing after them.
 *
 * Measured: one TCS page; the program's pages (REG R-X, zero padded); each section, preceded by nothing but page
 * alignment, as REG R-- pages whose first page begins with the section's 32-byte name and its u32 size. So program,
 * names, sizes and contents all enter MRENCLAVE. */
#ifndef QY_IMAGE_IMAGE_H
#define QY_IMAGE_IMAGE_H

#include <base/buffer.h>
#include <crypto/rsa.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

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

qy_status qy_image_decode(qy_image *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* MRENCLAVE of the image by the SGX algorithm. */
qy_status qy_image_measure(uint8_t mrenclave[32], const qy_image *image, qy_error *why) QY_MUST_CHECK;

typedef struct qy_image_request {
  qy_view program;
  size_t section_count;
  qy_image_section sections[QY_IMAGE_MAX_SECTIONS];
  uint64_t attribute_flags; /* MODE64BIT is added; INIT belongs to the CPU */
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint32_t date_bcd; /* 0x20261123 */
} qy_image_request;

/* Lays out, measures and signs (RSA-3072, exponent 3). */
qy_status qy_image_build(qy_buffer *out, const qy_image_request *request, const qy_rsa_private *signer, qy_error *why) QY_MUST_CHECK;

#endif
