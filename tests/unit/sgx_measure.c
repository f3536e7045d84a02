/* SPDX-License-Identifier: Apache-2.0 */
#include "sgx_support.h"

#include <sgx/measure.h>

/* Enclave of 64 KiB, SSA frames of a page; a zeroed data page measured at 0, a TCS at 4096 only added. */
static void known_measurement(void **state)
{
  (void)state;
  static const uint8_t page[QY_PAGE_SIZE] = {0};
  uint8_t mr_enclave[32];
  QY_SCOPED_BUFFER(expected, 32);
  QY_SCOPED_MEASUREMENT(measurement);
  hex_bytes(&expected, "5e8e6fb8b7e532e9ff562baf9edd55a9af366ae7269746619b95e7653d8e8bce");
  assert_ok(qy_measurement_begin(&measurement, 1, 0x10000, &assert_why));
  assert_ok(qy_measurement_add_measured_page(&measurement, 0, QY_SECINFO_REG | QY_SECINFO_R | QY_SECINFO_W, page,
                                             &assert_why));
  assert_ok(qy_measurement_add_page(&measurement, 0x1000, QY_SECINFO_TCS, &assert_why));
  assert_ok(qy_measurement_finish(mr_enclave, &measurement, &assert_why));
  assert_memory_equal(mr_enclave, expected.bytes, 32);
}

typedef struct layout {
  uint32_t ssa_frame_size;
  uint64_t size;
  uint64_t offset;
  uint64_t flags;
  uint8_t first;
  bool measured;
} layout;

static void measure(uint8_t mr_enclave[32], const layout *of)
{
  uint8_t page[QY_PAGE_SIZE] = {0};
  QY_SCOPED_MEASUREMENT(measurement);
  page[0] = of->first;
  assert_ok(qy_measurement_begin(&measurement, of->ssa_frame_size, of->size, &assert_why));
  if (of->measured) {
    assert_ok(qy_measurement_add_measured_page(&measurement, of->offset, of->flags, page, &assert_why));
  } else {
    assert_ok(qy_measurement_add_page(&measurement, of->offset, of->flags, &assert_why));
  }
  assert_ok(qy_measurement_finish(mr_enclave, &measurement, &assert_why));
}

static void everything_measured_counts(void **state)
{
  (void)state;
  const layout layouts[] = {{1, 0x10000, 0, 0x203, 0, true}, {2, 0x10000, 0, 0x203, 0, true},
                            {1, 0x20000, 0, 0x203, 0, true}, {1, 0x10000, 0x1000, 0x203, 0, true},
                            {1, 0x10000, 0, 0x205, 0, true}, {1, 0x10000, 0, 0x203, 1, true},
                            {1, 0x10000, 0, 0x203, 0, false}};
  const size_t count = sizeof(layouts) / sizeof(layouts[0]);
  uint8_t results[sizeof(layouts) / sizeof(layouts[0])][32];
  for (size_t i = 0; i < count; i++) {
    measure(results[i], &layouts[i]);
    for (size_t j = 0; j < i; j++) {
      assert_memory_not_equal(results[i], results[j], 32);
    }
  }
}

static void misuse_is_refused(void **state)
{
  (void)state;
  static const uint8_t chunk[QY_EXTEND_SIZE] = {0};
  uint8_t mr_enclave[32];
  QY_SCOPED_MEASUREMENT(measurement);
  assert_int_equal(qy_measurement_add_page(&measurement, 0, 0x203, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_measurement_extend(&measurement, 0, chunk, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_measurement_finish(mr_enclave, &measurement, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_measurement_begin(&measurement, 0, 0x10000, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_begin(&measurement, 1, 0x1000, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_begin(&measurement, 1, 0x3000, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_begin(&measurement, 1, 0, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_measurement_begin(&measurement, 1, 0x2000, &assert_why));
  assert_int_equal(qy_measurement_add_page(&measurement, 0x2000, 0x203, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_add_page(&measurement, 0x100, 0x203, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_extend(&measurement, 0x1f80, chunk, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_measurement_extend(&measurement, 0x2000, chunk, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_measurement_extend(&measurement, 0x1f00, chunk, &assert_why));
  assert_ok(qy_measurement_finish(mr_enclave, &measurement, &assert_why));
  assert_int_equal(qy_measurement_finish(mr_enclave, &measurement, NULL), QY_ERR_SEQUENCE);
  assert_true(qy_view_is_zero(QY_VIEW_OF(mr_enclave)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_measurement),
      cmocka_unit_test(everything_measured_counts),
      cmocka_unit_test(misuse_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
