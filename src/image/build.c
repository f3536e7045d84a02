/* SPDX-License-Identifier: Apache-2.0 */
#include <image/image.h>

#include <string.h>

#include <image/layout.h>
#include <sgx/sigstruct.h>

static qy_status measure_page(void *measurement, uint64_t offset, bool is_program, const uint8_t page[QY_PAGE_SIZE],
                              qy_error *why)
{
  const uint64_t rights = QY_SECINFO_REG | QY_SECINFO_R | (is_program ? QY_SECINFO_X : 0);
  return qy_measurement_add_measured_page(measurement, offset, rights, page, why);
}

qy_status qy_image_measure(uint8_t mrenclave[32], const qy_image *image, qy_error *why)
{
  static const uint8_t tcs[QY_PAGE_SIZE];
  QY_SCOPED_MEASUREMENT(measurement);
  memset(mrenclave, 0, QY_MEASUREMENT_SIZE);
  QY_TRY(qy_image_check(image, why));
  QY_TRY(qy_measurement_begin(&measurement, image->ssa_frame_pages, image->enclave_size, why));
  QY_TRY(qy_measurement_add_measured_page(&measurement, 0, QY_SECINFO_TCS, tcs, why));
  QY_TRY(qy_contents_visit(image->program, image->sections, image->section_count, QY_PAGE_SIZE, measure_page,
                           &measurement, why));
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
  if ((request->attribute_flags & QY_ATTRIBUTE_INIT) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "enclave image: INIT is set by the processor");
  }
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE + QY_PAGE_SIZE);
  QY_TRY(qy_contents_pad(&program, request->program, request->section_count, why));
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
