/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/sealed_blob.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/symmetric.h>
#include <sgx/codec.h>

#define RESERVED_SIZE 12

static const uint8_t zero_iv[QY_GCM_IV_SIZE] = {0};

qy_status qy_sealed_blob_decode(qy_sealed_blob *out, qy_view bytes, qy_error *why)
{
  qy_sealed_blob blob = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  qy_read_key_request(&in, &blob.key_request);
  const size_t sizes_at = in.offset;
  const uint32_t ciphertext_size = qy_read_u32le(&in, "plain_text_offset");
  qy_read_zeros(&in, RESERVED_SIZE, "reserved after plain_text_offset");
  const uint32_t payload_size = qy_read_u32le(&in, "payload_size");
  qy_read_zeros(&in, RESERVED_SIZE, "reserved after payload_size");
  if (in.status == QY_OK && ciphertext_size > payload_size) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "plain_text_offset (beyond payload_size)", sizes_at);
  }
  if (in.status == QY_OK && payload_size > QY_MAX_FILE_SIZE) {
    qy_read_reject(&in, QY_ERR_LIMIT, "payload_size", sizes_at + 4 + RESERVED_SIZE);
  }
  qy_read_bytes(&in, blob.tag, sizeof(blob.tag), "tag");
  blob.ciphertext = qy_read_view(&in, ciphertext_size, "ciphertext");
  blob.clear_text = qy_read_view(&in, payload_size - ciphertext_size, "clear text");
  QY_TRY(qy_read_finish(&in, "sealed blob", why));
  *out = blob;
  return QY_OK;
}

qy_status qy_sealed_blob_encode(qy_buffer *out, const qy_sealed_blob *blob, qy_error *why)
{
  uint8_t header[QY_SEALED_BLOB_HEADER_SIZE];
  if (blob->ciphertext.size > QY_MAX_FILE_SIZE || blob->clear_text.size > QY_MAX_FILE_SIZE - blob->ciphertext.size) {
    return qy_fail(why, QY_ERR_LIMIT, "sealed blob: the payload is beyond the limit");
  }
  qy_writer writer = qy_writer_over(header, sizeof(header));
  qy_write_key_request(&writer, &blob->key_request);
  qy_write_u32le(&writer, (uint32_t)blob->ciphertext.size);
  qy_write_zeros(&writer, RESERVED_SIZE);
  qy_write_u32le(&writer, (uint32_t)(blob->ciphertext.size + blob->clear_text.size));
  qy_write_zeros(&writer, RESERVED_SIZE);
  qy_write_bytes(&writer, blob->tag, sizeof(blob->tag));
  QY_TRY(qy_write_finish(&writer, NULL, "sealed blob", why));
  qy_buffer_append(out, header, sizeof(header));
  qy_buffer_append(out, blob->ciphertext.bytes, blob->ciphertext.size);
  qy_buffer_append(out, blob->clear_text.bytes, blob->clear_text.size);
  return qy_buffer_finish(out, "sealed blob", why);
}

qy_status qy_sealed_blob_seal(qy_buffer *out, const qy_key_request *request, const qy_secret *seal_key, qy_view plain,
                              qy_view clear_text, qy_error *why)
{
  qy_sealed_blob blob = {.key_request = *request, .clear_text = clear_text};
  if (plain.size > QY_MAX_FILE_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "sealed blob: the payload is beyond the limit");
  }
  QY_SCOPED_BUFFER(ciphertext, QY_MAX_FILE_SIZE);
  uint8_t *const bytes = qy_buffer_extend(&ciphertext, plain.size);
  QY_TRY(qy_buffer_finish(&ciphertext, "sealed blob", why));
  QY_TRY(qy_gcm_seal(bytes, blob.tag, qy_secret_view(seal_key), QY_VIEW_OF(zero_iv), clear_text, plain, why));
  blob.ciphertext = qy_buffer_view(&ciphertext);
  return qy_sealed_blob_encode(out, &blob, why);
}

qy_status qy_sealed_blob_open(qy_buffer *plain, qy_trace *trace, const qy_sealed_blob *blob, const qy_secret *seal_key,
                              qy_error *why)
{
  const size_t before = plain->size;
  uint8_t *const bytes = qy_buffer_extend(plain, blob->ciphertext.size);
  QY_TRY(qy_buffer_finish(plain, "sealed blob", why));
  const qy_status status = qy_gcm_open(bytes, qy_secret_view(seal_key), QY_VIEW_OF(zero_iv), blob->clear_text,
                                       blob->ciphertext, blob->tag, NULL);
  if (status != QY_OK) {
    plain->size = before; /* what was decrypted is zeros by now */
  }
  if (status != QY_OK && status != QY_ERR_CRYPTO) {
    return qy_fail(why, status, "sealed blob: it could not be opened");
  }
  if (!qy_check(trace, QY_CHECK_SEALED_BLOB_TAG, status == QY_OK,
                .expected = qy_textf("the tag of this blob under its seal key"),
                .actual = qy_text_hex(QY_VIEW_OF(blob->tag)), .origin = "seal key of this processor and signer")) {
    return qy_fail(why, QY_ERR_REFUSED, "sealed blob: it was changed, or sealed elsewhere");
  }
  return QY_OK;
}
