/* SPDX-License-Identifier: Apache-2.0 */
/* MRTD, RTMRs and the MAC of TD reports. The expected measurements were made by another program, from the published
 * algorithm alone. */
#include "sgx_support.h"

#include <sgx/trust_domain.h>

#define BASE 0x800000ull

/* A page of zeros, a page of bytes that are 7 times their place, both measured; then one that is only added. */
static void known_mrtd(void **state)
{
  (void)state;
  static uint8_t pages[2][QY_PAGE_SIZE];
  uint8_t mr_td[QY_TD_HASH_SIZE];
  QY_SCOPED_BUFFER(expected, QY_TD_HASH_SIZE);
  QY_SCOPED_TD_MEASUREMENT(measurement);
  for (size_t i = 0; i < QY_PAGE_SIZE; i++) {
    pages[1][i] = (uint8_t)(7 * i);
  }
  hex_bytes(&expected,
            "b45926f2ea5888f93080ab9d52227088617656e4128a31dfbb705d195086669a4dc36c77e69feb7a17c0ce670ce41fee");
  qy_td_measurement_begin(&measurement);
  for (size_t i = 0; i < 2; i++) {
    assert_ok(qy_td_measurement_add_measured_page(&measurement, BASE + i * QY_PAGE_SIZE, pages[i], &assert_why));
  }
  assert_ok(qy_td_measurement_add_page(&measurement, BASE + 0x3000, &assert_why));
  assert_ok(qy_td_measurement_finish(mr_td, &measurement, &assert_why));
  assert_memory_equal(mr_td, expected.bytes, QY_TD_HASH_SIZE);
}

static void measure(uint8_t mr_td[QY_TD_HASH_SIZE], uint64_t gpa, uint8_t first, unsigned chunks)
{
  uint8_t chunk[QY_EXTEND_SIZE] = {first};
  QY_SCOPED_TD_MEASUREMENT(measurement);
  qy_td_measurement_begin(&measurement);
  assert_ok(qy_td_measurement_add_page(&measurement, gpa, &assert_why));
  for (unsigned i = 0; i < chunks; i++) {
    assert_ok(qy_td_measurement_extend(&measurement, gpa + i * QY_EXTEND_SIZE, chunk, &assert_why));
  }
  assert_ok(qy_td_measurement_finish(mr_td, &measurement, &assert_why));
}

static void everything_measured_counts(void **state)
{
  (void)state;
  uint8_t results[5][QY_TD_HASH_SIZE];
  measure(results[0], 0, 0, 1);
  measure(results[1], QY_PAGE_SIZE, 0, 1);
  measure(results[2], 0, 1, 1);
  measure(results[3], 0, 0, 2);
  measure(results[4], 0, 0, 0);
  for (size_t i = 0; i < 5; i++) {
    for (size_t j = 0; j < i; j++) {
      assert_memory_not_equal(results[i], results[j], QY_TD_HASH_SIZE);
    }
  }
}

static void measurement_needs_order_and_alignment(void **state)
{
  (void)state;
  static const uint8_t page[QY_PAGE_SIZE];
  uint8_t mr_td[QY_TD_HASH_SIZE] = {1};
  QY_SCOPED_TD_MEASUREMENT(measurement);
  assert_int_equal(qy_td_measurement_add_page(&measurement, 0, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_td_measurement_extend(&measurement, 0, page, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_td_measurement_finish(mr_td, &measurement, NULL), QY_ERR_SEQUENCE);
  assert_true(qy_view_is_zero(QY_VIEW_OF(mr_td)));
  qy_td_measurement_begin(&measurement);
  assert_int_equal(qy_td_measurement_add_page(&measurement, 0x800, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_td_measurement_extend(&measurement, 0x80, page, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_td_measurement_add_measured_page(&measurement, 0x100, page, NULL), QY_ERR_ARGUMENT);
}

/* Two extensions of a register that was zero. */
static void known_rtmr(void **state)
{
  (void)state;
  uint8_t rtmr[QY_TD_HASH_SIZE] = {0};
  uint8_t digest[QY_TD_HASH_SIZE];
  QY_SCOPED_BUFFER(expected, QY_TD_HASH_SIZE);
  hex_bytes(&expected,
            "11422093d9248558e623cdd803580126f1912db17c838f511a296eb2e7dba8382ad56767569170322357e1a8fef06eae");
  for (int i = 1; i <= 2; i++) {
    memset(digest, i, sizeof(digest));
    assert_ok(qy_rtmr_extend(rtmr, digest, &assert_why));
  }
  assert_memory_equal(rtmr, expected.bytes, QY_TD_HASH_SIZE);
}

/* ---- MAC ---- */

static const uint8_t cpu_svn[QY_CPU_SVN_SIZE] = {3, 3, 0xff};

static void make_report(uint8_t bytes[QY_TD_REPORT_SIZE], const qy_secret *key)
{
  qy_td_report report = {.version = 1, .valid = QY_TD_REPORT_VALID, .td_attributes = QY_TD_SEPT_VE_DISABLE, .xfam = 3};
  fill_random(report.mr_td, sizeof(report.mr_td), 31);
  fill_random(report.report_data, sizeof(report.report_data), 32);
  assert_ok(qy_td_report_seal(&report, key, cpu_svn, &assert_why));
  qy_td_report_encode(bytes, &report);
  assert_int_equal(report.type, QY_TD_REPORT_TYPE);
  assert_memory_equal(report.cpu_svn, cpu_svn, sizeof(cpu_svn));
  assert_ok(qy_td_report_check_form(&report, &assert_why));
  assert_ok(qy_td_report_check_bound(&report, NULL, &assert_why));
}

static bool fits(const uint8_t *bytes, const qy_secret *key, const uint8_t *svn)
{
  bool is = true;
  assert_ok(qy_td_report_mac_fits(&is, bytes, key, svn, &assert_why));
  return is;
}

static void make_key(qy_secret *key, uint64_t seed)
{
  uint8_t bytes[QY_TD_REPORT_KEY_SIZE];
  fill_random(bytes, sizeof(bytes), seed);
  qy_secret_set(key, bytes, sizeof(bytes));
}

/* Every bit of what the processor verifies, one at a time. */
static void every_bit_of_the_maced_part_counts(void **state)
{
  (void)state;
  uint8_t bytes[QY_TD_REPORT_SIZE];
  QY_SCOPED_SECRET(key);
  make_key(&key, 33);
  make_report(bytes, &key);
  assert_true(fits(bytes, &key, cpu_svn));
  for (size_t bit = 0; bit < 8 * QY_TD_REPORT_MAC_STRUCT_SIZE; bit++) {
    bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_false(fits(bytes, &key, cpu_svn));
    bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
  }
  assert_true(fits(bytes, &key, cpu_svn));
}

static void other_processors_and_levels_do_not_fit(void **state)
{
  (void)state;
  static const uint8_t newer[QY_CPU_SVN_SIZE] = {4, 4, 0xff};
  uint8_t bytes[QY_TD_REPORT_SIZE];
  bool is = true;
  QY_SCOPED_SECRET(key);
  QY_SCOPED_SECRET(other);
  make_key(&key, 33);
  make_key(&other, 34);
  make_report(bytes, &key);
  assert_false(fits(bytes, &other, cpu_svn));
  assert_false(fits(bytes, &key, newer));
  qy_secret_set(&other, key.bytes, key.size - 1);
  assert_int_equal(qy_td_report_mac_fits(&is, bytes, &other, cpu_svn, NULL), QY_ERR_ARGUMENT);
  assert_false(is);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_mrtd),
      cmocka_unit_test(everything_measured_counts),
      cmocka_unit_test(measurement_needs_order_and_alignment),
      cmocka_unit_test(known_rtmr),
      cmocka_unit_test(every_bit_of_the_maced_part_counts),
      cmocka_unit_test(other_processors_and_levels_do_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
