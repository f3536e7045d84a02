/* SPDX-License-Identifier: Apache-2.0 */
#include "signing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <base/file.h>
#include <base/limits.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <image/image.h>
#include <sgx/sigstruct.h>

#include "cli.h"

qy_status signing_make_key(const char *path, qy_error *why)
{
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(pem, 16384);
  QY_TRY(qy_rsa_generate(&key, 3072, 3, why));
  QY_TRY(qy_rsa_private_to_pem(&pem, key, why));
  return qy_file_create(path, qy_buffer_view(&pem), true, why);
}

uint32_t signing_today(void)
{
  const time_t now = (time_t)qy_clock_now_s();
  struct tm parts = {0};
  uint32_t bcd = 0;
  if (gmtime_r(&now, &parts) == NULL) {
    return 0x20260101;
  }
  const unsigned digits =
      (unsigned)(parts.tm_year + 1900) * 10000 + (unsigned)(parts.tm_mon + 1) * 100 + (unsigned)parts.tm_mday;
  for (unsigned shift = 0, rest = digits; shift < 32; shift += 4, rest /= 10) {
    bcd |= (rest % 10) << shift;
  }
  return bcd;
}

qy_status signing_read_program(qy_buffer *out, const char *path, const char *otherwise, qy_error *why)
{
  char folder[QY_PATH_SIZE];
  char beside[QY_PATH_SIZE];
  if (path != NULL) {
    return qy_file_read(out, path, why);
  }
  if (!cli_enclave_folder(folder, sizeof(folder))) {
    return qy_fail(why, QY_ERR_IO, "cannot find the folder of the enclave programs");
  }
  QY_TRY(qy_path_join(beside, sizeof(beside), folder, otherwise, why));
  return qy_file_read(out, beside, why);
}

qy_status signing_read_provider_key(uint8_t out[QY_P256_PUBLIC_SIZE], const char *path, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, 16384);
  qy_p256_public provider;
  QY_TRY(qy_file_read(&pem, path, why));
  const qy_status status = qy_p256_public_from_pem(&provider, qy_buffer_view(&pem), why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "%s", path);
  }
  qy_p256_flip(out, provider.bytes); /* SGX's little-endian form, as the enclave compares it */
  return QY_OK;
}

qy_status signing_sign(signing_result *out, const signing_request *request, qy_error *why)
{
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(pem, 16384);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  uint8_t section[QY_P256_PUBLIC_SIZE];
  QY_TRY(signing_read_program(&program, request->program_path, "quotary-enclave", why));
  QY_TRY(qy_file_check_private(request->signing_key_path, why));
  QY_TRY(qy_file_read(&pem, request->signing_key_path, why));
  QY_TRY(qy_rsa_private_from_pem(&key, qy_buffer_view(&pem), why));
  QY_TRY(signing_read_provider_key(section, request->provider_key_path, why));
  qy_image_request wanted = {.program = qy_buffer_view(&program),
                             .section_count = 1,
                             .attribute_flags = request->debug ? QY_ATTRIBUTE_DEBUG : 0,
                             .isv_prod_id = request->isv_prod_id,
                             .isv_svn = request->isv_svn,
                             .date_bcd = signing_today()};
  (void)snprintf(wanted.sections[0].name, sizeof(wanted.sections[0].name), "provider-key");
  wanted.sections[0].bytes = QY_VIEW_OF(section);
  const qy_status status = qy_image_build(&image, &wanted, key, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "signing");
  }
  QY_TRY(qy_file_write(request->out_path, qy_buffer_view(&image), false, why));
  return signing_measure(out, qy_buffer_view(&image), why);
}

qy_status signing_measure(signing_result *out, qy_view image, qy_error *why)
{
  qy_image decoded;
  qy_sigstruct sigstruct;
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_image_decode(&decoded, image, why));
  QY_TRY(qy_image_measure(out->mrenclave, &decoded, why));
  QY_TRY(qy_sigstruct_decode(&sigstruct, decoded.sigstruct, why));
  QY_TRY(qy_sigstruct_mr_signer(out->mrsigner, &sigstruct, why));
  const qy_status verified = qy_sigstruct_verify(NULL, &sigstruct, why);
  if (verified != QY_OK && verified != QY_ERR_REFUSED) {
    return verified;
  }
  out->signature_fits =
      verified == QY_OK && qy_view_equal(QY_VIEW_OF(out->mrenclave), QY_VIEW_OF(sigstruct.enclave_hash));
  return QY_OK;
}
