/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed data as Intel's SDK lays it out (sgx_sealed_data_t): the key request, sizes, GCM tag, ciphertext, and the
 * authenticated text in clear. The IV is zero, which is safe only because each key_id is used once. */
#ifndef QY_SGX_SEALED_BLOB_H
#define QY_SGX_SEALED_BLOB_H

#include <base/buffer.h>
#include <base/secret.h>
#include <quotary/check.h>
#include <quotary/sgx.h>

#define QY_SEALED_BLOB_HEADER_SIZE 560

typedef struct qy_sealed_blob {
  qy_key_request key_request;
  uint8_t tag[16];
  qy_view ciphertext; /* borrowed */
  qy_view clear_text; /* borrowed; authenticated, not encrypted */
} qy_sealed_blob;

/* Exactly 560 + payload bytes, reserved bytes of the blob zero. The key request's own are kept. */
qy_status qy_sealed_blob_decode(qy_sealed_blob *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Appends the blob's bytes. */
qy_status qy_sealed_blob_encode(qy_buffer *out, const qy_sealed_blob *blob, qy_error *why) QY_MUST_CHECK;
/* Appends a blob. `seal_key` is what EGETKEY gave for `request`, whose key_id must be fresh. */
qy_status qy_sealed_blob_seal(qy_buffer *out, const qy_key_request *request, const qy_secret *seal_key, qy_view plain,
                              qy_view clear_text, qy_error *why) QY_MUST_CHECK;
/* Appends the plain bytes to `plain`, which the caller wipes by qy_buffer_clear. Check sealed-blob-tag. */
qy_status qy_sealed_blob_open(qy_buffer *plain, qy_trace *trace, const qy_sealed_blob *blob, const qy_secret *seal_key,
                              qy_error *why) QY_MUST_CHECK;

#endif
