/* SPDX-License-Identifier: Apache-2.0 */
#include <image/td_image.h>

#include <string.h>

#include <crypto/hash.h>

#include "vectors.h"

#define PROGRAM_SIZE 5000u
#define HEADER_SIZE 36u

static qy_buffer file;
static uint8_t program[PROGRAM_SIZE];

static void build(qy_buffer *out, qy_view configuration)
{
  qy_td_image_request request = {
      .program = QY_VIEW_OF(program),
      .section_count = 2,
      .sections = {{"provider-key", qy_view_text("the key of the provider")}, {"long", qy_view_over(program, 4070)}},
      .configuration = configuration};
  qy_buffer_init(out, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_td_image_build(out, &request, &assert_why));
}

static int setup(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(program); i++) {
    program[i] = (uint8_t)(i * 7 + 1);
  }
  build(&file, qy_view_text("verbose=1"));
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  qy_buffer_clear(&file);
  return 0;
}

static void measurements_of(uint8_t mr_td[QY_TD_HASH_SIZE], uint8_t mr_config_id[QY_TD_HASH_SIZE], qy_view bytes)
{
  qy_td_image image;
  assert_ok(qy_td_image_decode(&image, bytes, &assert_why));
  assert_ok(qy_td_image_measure(mr_td, &image, &assert_why));
  assert_ok(qy_td_image_config_id(mr_config_id, &image, &assert_why));
}

static void holds_what_was_asked(void **state)
{
  (void)state;
  qy_td_image image;
  assert_true(qy_is_td_image(qy_buffer_view(&file)));
  assert_false(qy_is_td_image(qy_view_text("QYENCLV1")));
  assert_false(qy_is_td_image(qy_view_text("QYTD")));
  assert_ok(qy_td_image_decode(&image, qy_buffer_view(&file), &assert_why));
  assert_int_equal(image.program.size, 8192);
  assert_memory_equal(image.program.bytes, program, sizeof(program));
  assert_true(qy_view_is_zero(qy_view_slice(image.program, PROGRAM_SIZE, 8192 - PROGRAM_SIZE)));
  assert_int_equal(image.section_count, 2);
  assert_true(qy_view_equal(image.sections[0].bytes, qy_view_text("the key of the provider")));
  assert_true(qy_view_equal(image.configuration, qy_view_text("verbose=1")));
  assert_int_equal(qy_td_image_page_count(&image), 5); /* two of program, one, and 36 + 4070 bytes that take two */
  assert_true(image.attributes == QY_TD_SEPT_VE_DISABLE);
  assert_true((image.xfam & QY_XFAM_FIXED_1) == QY_XFAM_FIXED_1 && (image.xfam & ~QY_XFAM_ALLOWED) == 0);
}

static void pays_its_debts(void **state)
{
  (void)state;
  qy_td_image image;
  QY_SCOPED_BUFFER(again, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_td_image_decode(&image, qy_buffer_view(&file), &assert_why));
  assert_ok(qy_td_image_encode(&again, &image, &assert_why));
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&file)));
  for (size_t size = 0; size < file.size; size++) {
    assert_int_equal(qy_td_image_decode(&image, qy_view_over(file.bytes, size), NULL), QY_ERR_TRUNCATED);
    assert_int_equal(image.section_count, 0);
  }
  qy_buffer_append(&again, "x", 1);
  assert_int_equal(qy_td_image_decode(&image, qy_buffer_view(&again), NULL), QY_ERR_MALFORMED);
}

/* MRTD over the pages at their places, step by step. */
static void mrtd_is_that_of_its_pages(void **state)
{
  (void)state;
  static uint8_t pages[5][4096];
  uint8_t mr_td[QY_TD_HASH_SIZE], mr_config_id[QY_TD_HASH_SIZE], expected[QY_TD_HASH_SIZE];
  QY_SCOPED_HASH(hash);
  memcpy(pages[0], program, PROGRAM_SIZE);
  memcpy(pages[2], "provider-key", 12);
  pages[2][32] = 23;
  memcpy(pages[2] + 36, "the key of the provider", 23);
  memcpy(pages[3], "long", 4);
  pages[3][32] = 4070 & 0xff;
  pages[3][33] = 4070 >> 8;
  memcpy(pages[3] + 36, program, 4070); /* on into the last page */
  qy_hash_begin(&hash, QY_SHA384);
  for (size_t at = 0; at < sizeof(pages); at += 256) {
    uint8_t step[128] = "MEM.PAGE.ADD";
    step[16] = (uint8_t)at;
    step[17] = (uint8_t)(at >> 8);
    if (at % 4096 == 0) {
      qy_hash_update(&hash, QY_VIEW_OF(step));
    }
    memcpy(step, "MR.EXTEND\0\0\0", 12);
    qy_hash_update(&hash, QY_VIEW_OF(step));
    qy_hash_update(&hash, qy_view_over(&pages[0][0] + at, 256));
  }
  assert_ok(qy_hash_finish(&hash, expected, &assert_why));
  measurements_of(mr_td, mr_config_id, qy_buffer_view(&file));
  assert_memory_equal(mr_td, expected, sizeof(expected));
}

/* A byte of names, sizes, program or sections enters MRTD or breaks the file; one of the configuration enters MRCONFIGID
 * alone; attributes and XFAM enter neither: a report names them. */
static void every_byte_counts_where_it_should(void **state)
{
  (void)state;
  uint8_t honest[QY_TD_HASH_SIZE], config_id[QY_TD_HASH_SIZE], other[QY_TD_HASH_SIZE], other_id[QY_TD_HASH_SIZE];
  qy_td_image image;
  measurements_of(honest, config_id, qy_buffer_view(&file));
  const size_t configuration_at = file.size - 9;
  size_t measured = 0;
  for (size_t at = HEADER_SIZE; at < file.size; at += at < HEADER_SIZE + 80 || at > configuration_at - 5 ? 1 : 37) {
    file.bytes[at] ^= 1;
    if (qy_td_image_decode(&image, qy_buffer_view(&file), NULL) == QY_OK) {
      measurements_of(other, other_id, qy_buffer_view(&file));
      assert_int_equal(memcmp(other, honest, sizeof(honest)) == 0, at >= configuration_at);
      assert_int_equal(memcmp(other_id, config_id, sizeof(config_id)) == 0, at < configuration_at);
      measured++;
    }
    file.bytes[at] ^= 1;
  }
  assert_true(measured > 300);
  for (size_t at = 8; at < 24; at++) {
    file.bytes[at] ^= 0xff;
    measurements_of(other, other_id, qy_buffer_view(&file));
    file.bytes[at] ^= 0xff;
    assert_memory_equal(other, honest, sizeof(honest));
    assert_memory_equal(other_id, config_id, sizeof(config_id));
  }
}

static void no_configuration_is_zeros(void **state)
{
  (void)state;
  qy_buffer bare;
  uint8_t mr_td[QY_TD_HASH_SIZE], with[QY_TD_HASH_SIZE], id[QY_TD_HASH_SIZE];
  build(&bare, (qy_view){NULL, 0});
  measurements_of(with, id, qy_buffer_view(&file));
  assert_false(qy_view_is_zero(QY_VIEW_OF(id)));
  measurements_of(mr_td, id, qy_buffer_view(&bare));
  assert_true(qy_view_is_zero(QY_VIEW_OF(id)));
  assert_memory_equal(mr_td, with, sizeof(with));
  qy_buffer_clear(&bare);
}

static void refuses_what_the_layout_forbids(void **state)
{
  (void)state;
  static uint8_t page[4096] = {0x7f};
  static uint8_t much[QY_TD_CONFIGURATION_MAX_SIZE + 1];
  uint8_t mr_td[QY_TD_HASH_SIZE];
  const qy_td_image good = {
      .program = QY_VIEW_OF(page), .section_count = 2, .sections = {{"a", qy_view_text("bc")}, {"d", {NULL, 0}}}};
  assert_ok(qy_td_image_measure(mr_td, &good, &assert_why));
  qy_td_image bad = good;
  bad.program.size = 4095;
  assert_int_equal(qy_td_image_measure(mr_td, &bad, NULL), QY_ERR_MALFORMED);
  bad.program.size = 0;
  assert_int_equal(qy_td_image_measure(mr_td, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  strcpy(bad.sections[1].name, "a");
  assert_int_equal(qy_td_image_measure(mr_td, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.configuration = QY_VIEW_OF(much);
  assert_int_equal(qy_td_image_measure(mr_td, &bad, NULL), QY_ERR_LIMIT);
  assert_true(qy_view_is_zero(QY_VIEW_OF(mr_td)));
  bad.configuration.size--;
  assert_ok(qy_td_image_measure(mr_td, &bad, &assert_why));
  bad.section_count = QY_IMAGE_MAX_SECTIONS + 1;
  assert_int_equal(qy_td_image_measure(mr_td, &bad, NULL), QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(out, QY_IMAGE_MAX_SIZE);
  const qy_td_image_request nothing = {.program = {NULL, 0}};
  assert_int_equal(qy_td_image_build(&out, &nothing, NULL), QY_ERR_LIMIT);
  assert_int_equal(out.size, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holds_what_was_asked),      cmocka_unit_test(pays_its_debts),
      cmocka_unit_test(mrtd_is_that_of_its_pages), cmocka_unit_test(every_byte_counts_where_it_should),
      cmocka_unit_test(no_configuration_is_zeros), cmocka_unit_test(refuses_what_the_layout_forbids),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
