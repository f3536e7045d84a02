/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/measure.h>

#include <inttypes.h>
#include <string.h>

#include <base/cursor.h>

#define BLOCK_SIZE 64

static void update(qy_measurement *measurement, const uint8_t block[BLOCK_SIZE])
{
  qy_hash_update(&measurement->hash, qy_view_over(block, BLOCK_SIZE));
}

static qy_status check_offset(const qy_measurement *measurement, uint64_t offset, uint64_t granule, const char *step,
                              qy_error *why)
{
  if (measurement->size == 0) {
    return qy_fail(why, QY_ERR_SEQUENCE, "measurement: %s before it was begun", step);
  }
  if (offset % granule != 0 || offset >= measurement->size) {
    return qy_fail(why, QY_ERR_ARGUMENT, "measurement: %s: offset 0x%" PRIx64 " is not aligned or outside the enclave",
                   step, offset);
  }
  return QY_OK;
}

qy_status qy_measurement_begin(qy_measurement *measurement, uint32_t ssa_frame_size, uint64_t size, qy_error *why)
{
  uint8_t block[BLOCK_SIZE] = {0};
  memset(measurement, 0, sizeof(*measurement));
  if (ssa_frame_size == 0 || size < 2 * (uint64_t)QY_PAGE_SIZE || (size & (size - 1)) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT,
                   "measurement: the enclave's size must be a power of two of at least two pages"
                   " and its SSA frames at least a page");
  }
  qy_hash_begin(&measurement->hash, QY_SHA256);
  measurement->size = size;
  qy_writer out = qy_writer_over(block, sizeof(block));
  qy_write_bytes(&out, "ECREATE", 8);
  qy_write_u32le(&out, ssa_frame_size);
  qy_write_u64le(&out, size);
  update(measurement, block);
  return qy_write_finish(&out, NULL, "ECREATE", why);
}

qy_status qy_measurement_add_page(qy_measurement *measurement, uint64_t offset, uint64_t secinfo_flags, qy_error *why)
{
  uint8_t block[BLOCK_SIZE] = {0};
  QY_TRY(check_offset(measurement, offset, QY_PAGE_SIZE, "EADD", why));
  qy_writer out = qy_writer_over(block, sizeof(block));
  qy_write_bytes(&out, "EADD\0\0\0", 8);
  qy_write_u64le(&out, offset);
  qy_write_u64le(&out, secinfo_flags);
  update(measurement, block);
  return qy_write_finish(&out, NULL, "EADD", why);
}

qy_status qy_measurement_extend(qy_measurement *measurement, uint64_t offset, const uint8_t chunk[QY_EXTEND_SIZE],
                                qy_error *why)
{
  uint8_t block[BLOCK_SIZE] = {0};
  QY_TRY(check_offset(measurement, offset, QY_EXTEND_SIZE, "EEXTEND", why));
  qy_writer out = qy_writer_over(block, sizeof(block));
  qy_write_bytes(&out, "EEXTEND", 8);
  qy_write_u64le(&out, offset);
  update(measurement, block);
  qy_hash_update(&measurement->hash, qy_view_over(chunk, QY_EXTEND_SIZE));
  return qy_write_finish(&out, NULL, "EEXTEND", why);
}

qy_status qy_measurement_add_measured_page(qy_measurement *measurement, uint64_t offset, uint64_t secinfo_flags,
                                           const uint8_t page[QY_PAGE_SIZE], qy_error *why)
{
  QY_TRY(qy_measurement_add_page(measurement, offset, secinfo_flags, why));
  for (uint32_t at = 0; at < QY_PAGE_SIZE; at += QY_EXTEND_SIZE) {
    QY_TRY(qy_measurement_extend(measurement, offset + at, page + at, why));
  }
  return QY_OK;
}

qy_status qy_measurement_finish(uint8_t mr_enclave[QY_MEASUREMENT_SIZE], qy_measurement *measurement, qy_error *why)
{
  memset(mr_enclave, 0, QY_MEASUREMENT_SIZE);
  if (measurement->size == 0) {
    return qy_fail(why, QY_ERR_SEQUENCE, "measurement: finished before it was begun");
  }
  measurement->size = 0;
  return qy_hash_finish(&measurement->hash, mr_enclave, why);
}

void qy_measurement_clear(qy_measurement *measurement)
{
  qy_hash_clear(&measurement->hash);
  measurement->size = 0;
}
