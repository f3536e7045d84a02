/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the sgx room share: the debts of every decoder, and reading the vectors of simulated keys. */
#ifndef QY_TEST_SGX_SUPPORT_H
#define QY_TEST_SGX_SUPPORT_H

#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <quotary/check.h>
#include <quotary/sgx.h>

/* Decodes `bytes` and encodes what came out. */
typedef qy_status (*recode_function)(qy_buffer *again, qy_view bytes, qy_error *why);

/* On memory of exactly that size, so that a read beyond it is seen. */
static inline qy_status recode_exact(recode_function recode, qy_buffer *again, const uint8_t *bytes, size_t size)
{
  qy_error why = {0};
  uint8_t *copy = malloc(size > 0 ? size : 1);
  assert_non_null(copy);
  if (size > 0) {
    memcpy(copy, bytes, size);
  }
  qy_buffer_clear(again);
  const qy_status status = recode(again, qy_view_over(copy, size), &why);
  free(copy);
  if (status != QY_OK) {
    assert_int_equal(why.status, status);
    assert_true(strlen(why.message) > 10);
  }
  return status;
}

/* Every truncation is refused as one, one byte more is refused, and the round trip is exact. */
static inline void check_decoder(recode_function recode, qy_view good)
{
  QY_SCOPED_BUFFER(again, 1u << 24);
  assert_int_equal(recode_exact(recode, &again, good.bytes, good.size), QY_OK);
  assert_int_equal(again.size, good.size);
  assert_memory_equal(again.bytes, good.bytes, good.size);
  for (size_t size = 0; size < good.size; size++) {
    assert_int_equal(recode_exact(recode, &again, good.bytes, size), QY_ERR_TRUNCATED);
  }
  uint8_t *longer = malloc(good.size + 1);
  assert_non_null(longer);
  memcpy(longer, good.bytes, good.size);
  longer[good.size] = 0;
  assert_int_equal(recode_exact(recode, &again, longer, good.size + 1), QY_ERR_MALFORMED);
  free(longer);
}

static inline void fill_random(uint8_t *out, size_t size, uint64_t seed)
{
  test_random state = {seed};
  const qy_random random = test_random_source(&state);
  assert_int_equal(random.fill(random.context, out, size, NULL), QY_OK);
}

/* The check that refused; QY_CHECK_NONE if none did. */
static inline qy_check_id refused_by(const qy_trace *trace)
{
  const qy_check_record *record = qy_trace_failed(trace);
  return record == NULL ? QY_CHECK_NONE : record->id;
}

/* A hex member of exactly `size` bytes. */
static inline void member_bytes(uint8_t *out, size_t size, const json_t *object, const char *member)
{
  QY_SCOPED_BUFFER(bytes, 1u << 20);
  vectors_hex(&bytes, object, member);
  assert_int_equal(bytes.size, size);
  memcpy(out, bytes.bytes, size);
}

static inline uint16_t member_u16(const json_t *object, const char *member)
{
  return (uint16_t)json_integer_value(json_object_get(object, member));
}

static inline uint64_t little_endian(const uint8_t *bytes, size_t size)
{
  uint64_t value = 0;
  for (size_t i = size; i > 0; i--) {
    value = (value << 8) | bytes[i - 1];
  }
  return value;
}

static inline void read_secs(qy_secs *out, const json_t *object)
{
  uint8_t attributes[16];
  uint8_t misc_select[4];
  memset(out, 0, sizeof(*out));
  member_bytes(attributes, sizeof(attributes), object, "attributes");
  out->attributes = (qy_attributes){little_endian(attributes, 8), little_endian(attributes + 8, 8)};
  member_bytes(misc_select, sizeof(misc_select), object, "misc_select");
  out->misc_select = (uint32_t)little_endian(misc_select, 4);
  member_bytes(out->mr_enclave, sizeof(out->mr_enclave), object, "mr_enclave");
  member_bytes(out->config_id, sizeof(out->config_id), object, "config_id");
  out->config_svn = member_u16(object, "config_svn");
  if (json_object_get(object, "mr_signer") == NULL) {
    return; /* a target is described without it */
  }
  member_bytes(out->mr_signer, sizeof(out->mr_signer), object, "mr_signer");
  out->isv_prod_id = member_u16(object, "isv_prod_id");
  out->isv_svn = member_u16(object, "isv_svn");
  member_bytes(out->isv_family_id, sizeof(out->isv_family_id), object, "isv_family_id");
  member_bytes(out->isv_ext_prod_id, sizeof(out->isv_ext_prod_id), object, "isv_ext_prod_id");
}

#endif
