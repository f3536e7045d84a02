/* SPDX-License-Identifier: Apache-2.0 */
/* Files around enclave signing: shared by quotary enclave and by the world that demo and up make. */
#ifndef QY_PROGRAMS_SIGNING_H
#define QY_PROGRAMS_SIGNING_H

#include <base/buffer.h>
#include <quotary/sgx.h>

typedef struct signing_request {
  const char *program_path;      /* NULL: quotary-enclave beside the running program */
  const char *provider_key_path; /* PEM public key */
  const char *signing_key_path;  /* PEM private key, RSA-3072, e = 3 */
  const char *out_path;
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  bool debug;
} signing_request;

typedef struct signing_result {
  uint8_t mrenclave[QY_MEASUREMENT_SIZE];
  uint8_t mrsigner[QY_MEASUREMENT_SIZE];
  bool signature_fits;
} signing_result;

/* The program at `path`, or the one of that name that came with this program when `path` is NULL. */
qy_status signing_read_program(qy_buffer *out, const char *path, const char *otherwise, qy_error *why) QY_MUST_CHECK;
/* The public key from PEM, X and Y little-endian, as a measured section has it. */
qy_status signing_read_provider_key(uint8_t out[64], const char *path, qy_error *why) QY_MUST_CHECK;
uint32_t signing_today(void); /* 0x20261123, as SIGSTRUCT has it */
qy_status signing_make_key(const char *path, qy_error *why) QY_MUST_CHECK;
qy_status signing_sign(signing_result *out, const signing_request *request, qy_error *why) QY_MUST_CHECK;
/* Measures an image and says whether its SIGSTRUCT signs that. */
qy_status signing_measure(signing_result *out, qy_view image, qy_error *why) QY_MUST_CHECK;

#endif
