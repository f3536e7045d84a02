/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing wire bytes. Both cursors latch their first error: after it, reads give zeros and writes do
 * nothing, and finish() reports it. Endianness is in the name. No reader allocates. */
#ifndef QY_BASE_CURSOR_H
#define QY_BASE_CURSOR_H

#include <quotary/status.h>

typedef struct qy_reader {
  qy_view all;
  size_t offset;
  qy_status status;  /* QY_OK until the first failure */
  const char *field; /* the field that failed */
  size_t failed_at;  /* offset where that field begins */
} qy_reader;

qy_reader qy_reader_over(qy_view input);
uint8_t qy_read_u8(qy_reader *in, const char *field);
uint16_t qy_read_u16le(qy_reader *in, const char *field);
uint16_t qy_read_u16be(qy_reader *in, const char *field);
uint32_t qy_read_u32le(qy_reader *in, const char *field);
uint32_t qy_read_u32be(qy_reader *in, const char *field);
uint64_t qy_read_u64le(qy_reader *in, const char *field);
/* Copies `size` bytes; zeros after a failure. */
void qy_read_bytes(qy_reader *in, uint8_t *out, size_t size, const char *field);
/* Borrows `size` bytes; an empty view after a failure. */
qy_view qy_read_view(qy_reader *in, size_t size, const char *field);
/* Borrows all that is left. */
qy_view qy_read_rest(qy_reader *in);
size_t qy_read_left(const qy_reader *in);
/* Reads `size` bytes that must be zero (reserved fields). */
void qy_read_zeros(qy_reader *in, size_t size, const char *field);
/* Reads `size` bytes that may hold anything and are not kept. */
void qy_read_skip(qy_reader *in, size_t size, const char *field);
/* Latches a failure of the caller's own for a field that began at `at`. */
void qy_read_reject(qy_reader *in, qy_status status, const char *field, size_t at);
/* Fails if a read failed or bytes are left over; `what` begins the message. */
qy_status qy_read_finish(const qy_reader *in, const char *what, qy_error *why) QY_MUST_CHECK;
/* The same, but bytes may be left over. */
qy_status qy_read_so_far(const qy_reader *in, const char *what, qy_error *why) QY_MUST_CHECK;

typedef struct qy_writer {
  uint8_t *bytes; /* NULL counts only */
  size_t capacity;
  size_t offset; /* bytes written, or that would have been */
  qy_status status;
} qy_writer;

qy_writer qy_writer_over(void *bytes, size_t capacity);
qy_writer qy_writer_counting(void);
void qy_write_u8(qy_writer *out, uint8_t value);
void qy_write_u16le(qy_writer *out, uint16_t value);
void qy_write_u16be(qy_writer *out, uint16_t value);
void qy_write_u32le(qy_writer *out, uint32_t value);
void qy_write_u32be(qy_writer *out, uint32_t value);
void qy_write_u64le(qy_writer *out, uint64_t value);
void qy_write_bytes(qy_writer *out, const void *bytes, size_t size);
void qy_write_view(qy_writer *out, qy_view view);
void qy_write_zeros(qy_writer *out, size_t size);
/* QY_ERR_SPACE if anything did not fit. `*size` (may be NULL) is what was, or would have been, written. */
qy_status qy_write_finish(const qy_writer *out, size_t *size, const char *what, qy_error *why) QY_MUST_CHECK;

#endif
