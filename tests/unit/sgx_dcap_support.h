/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes written byte by byte, and a second reading of them by bare offsets: neither knows the codec. */
#ifndef QY_TEST_SGX_DCAP_SUPPORT_H
#define QY_TEST_SGX_DCAP_SUPPORT_H

#include "sgx_support.h"

#include <quotary/dcap_quote.h>

/* What the quote is to hold; `seed` fills what has no structure. */
typedef struct dcap_shape {
  uint16_t version;
  uint16_t body_type;
  uint16_t qe_auth_size;
  uint16_t certification_type;
  uint32_t certification_size;
  uint64_t seed;
} dcap_shape;

/* Every version with every body that it can have. */
static const dcap_shape dcap_shapes[] = {
    {3, 1, 32, 5, 70, 1}, {4, 1, 32, 5, 70, 2},  {4, 2, 0, 3, 404, 3},  {5, 1, 32, 4, 1, 4},
    {5, 2, 1, 5, 70, 5},  {5, 3, 32, 2, 276, 6}, {5, 4, 300, 1, 36, 7},
};
#define DCAP_SHAPE_COUNT (sizeof(dcap_shapes) / sizeof(dcap_shapes[0]))

/* Where its length fields are; outer ones 0 in version 3. */
typedef struct dcap_places {
  size_t auth_size; /* u32 */
  size_t outer_type, outer_size;
  size_t qe_report;
  size_t qe_auth_size; /* u16 */
  size_t certification_type, certification_size;
  size_t end;
} dcap_places;

static inline void put_number(uint8_t *at, uint64_t value, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    at[i] = (uint8_t)(value >> (8 * i));
  }
}

static inline size_t dcap_body_end(uint16_t version, uint16_t body_type)
{
  static const size_t sizes[] = {0, 384, 584, 648, 885};
  return 48 + (version == 5 ? 6 : 0) + sizes[body_type];
}

static inline dcap_places dcap_places_of(const dcap_shape *shape)
{
  dcap_places at = {.auth_size = dcap_body_end(shape->version, shape->body_type)};
  at.qe_report = at.auth_size + 4 + 128;
  if (shape->version > 3) {
    at.outer_type = at.qe_report;
    at.outer_size = at.outer_type + 2;
    at.qe_report += 6;
  }
  at.qe_auth_size = at.qe_report + 384 + 64;
  at.certification_type = at.qe_auth_size + 2 + shape->qe_auth_size;
  at.certification_size = at.certification_type + 2;
  at.end = at.certification_size + 4 + shape->certification_size;
  return at;
}

static inline dcap_places dcap_write(qy_buffer *out, const dcap_shape *shape)
{
  static const uint8_t vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
  const dcap_places at = dcap_places_of(shape);
  uint8_t *b = qy_buffer_extend(out, at.end);
  assert_non_null(b);
  fill_random(b, at.end, shape->seed);
  put_number(b, shape->version, 2);
  put_number(b + 2, 2, 2);
  put_number(b + 4, shape->body_type == 1 ? 0 : 0x81, 4);
  memcpy(b + 12, vendor, sizeof(vendor));
  if (shape->version == 5) {
    put_number(b + 48, shape->body_type, 2);
    put_number(b + 50, at.auth_size - 54, 4);
  }
  put_number(b + at.auth_size, at.end - at.auth_size - 4, 4);
  if (shape->version > 3) {
    put_number(b + at.outer_type, 6, 2);
    put_number(b + at.outer_size, at.end - at.outer_size - 4, 4);
  }
  put_number(b + at.qe_auth_size, shape->qe_auth_size, 2);
  put_number(b + at.certification_type, shape->certification_type, 2);
  put_number(b + at.certification_size, shape->certification_size, 4);
  return at;
}

/* ---- The second reading: would Intel's library take this for a quote? ---- */

static inline bool second_header(const uint8_t *b)
{
  const uint64_t version = little_endian(b, 2);
  const uint64_t tee = little_endian(b + 4, 4);
  return version >= 3 && version <= 5 && little_endian(b + 2, 2) == 2 && (tee == 0 || (tee == 0x81 && version != 3)) &&
         little_endian(b + 12, 8) == 0xa94c9cf733729a93u && little_endian(b + 20, 8) == 0x07067f95b30d0a94u;
}

/* 0: there is none. */
static inline size_t second_body_end(const uint8_t *b)
{
  const uint64_t version = little_endian(b, 2);
  const bool sgx = little_endian(b + 4, 4) == 0;
  const uint64_t type = version == 5 ? little_endian(b + 48, 2) : sgx ? 1 : 2;
  if (type < 1 || type > 4 || (type == 1) != sgx) {
    return 0;
  }
  const size_t end = dcap_body_end((uint16_t)version, (uint16_t)type);
  return version == 5 && little_endian(b + 50, 4) != end - 54 ? 0 : end;
}

/* The QE report and what certifies it, in `n` bytes. `exact`: to its end. */
static inline bool second_qe_part(const uint8_t *b, uint64_t n, bool exact)
{
  if (n < 384 + 64 + 2 + 2 + 4) {
    return false;
  }
  const uint64_t qe_auth = little_endian(b + 448, 2);
  if (n < 384 + 64 + 2 + qe_auth + 2 + 4) {
    return false;
  }
  const uint64_t type = little_endian(b + 450 + qe_auth, 2);
  const uint64_t size = little_endian(b + 452 + qe_auth, 4);
  const uint64_t left = n - 456 - qe_auth;
  return type >= 1 && type <= 5 && (exact ? size == left : size <= left);
}

static inline bool second_reading(const uint8_t *b, size_t n)
{
  if (n < 1020 || !second_header(b)) {
    return false;
  }
  const size_t end = second_body_end(b);
  if (end == 0 || n < end + 4) {
    return false;
  }
  const uint64_t auth = little_endian(b + end, 4);
  if (auth > n - end - 4 || auth < 128) {
    return false;
  }
  b += end + 4 + 128;
  if (end == 432 && little_endian(b - end - 132, 2) == 3) {
    return second_qe_part(b, auth - 128, false);
  }
  if (auth < 134 || little_endian(b, 2) != 6) {
    return false;
  }
  const uint64_t outer = little_endian(b + 2, 4);
  return outer <= auth - 134 && second_qe_part(b + 6, outer, true);
}

#endif
