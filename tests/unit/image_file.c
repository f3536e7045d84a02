/* SPDX-License-Identifier: Apache-2.0 */
#include <image/image.h>

#include <string.h>

#include <sgx/sigstruct.h>

#include "vectors.h"

#define PROGRAM_SIZE 5000u

typedef struct fixture {
  qy_rsa_private *signer;
  qy_buffer bytes;
} fixture;

static void build(qy_buffer *out, const qy_rsa_private *signer, uint64_t flags)
{
  uint8_t program[PROGRAM_SIZE];
  for (size_t i = 0; i < sizeof(program); i++) {
    program[i] = (uint8_t)(i * 7 + 1);
  }
  qy_image_request request = {.program = QY_VIEW_OF(program),
                              .section_count = 3,
                              .sections = {{"provider-key", qy_view_text("the key of the provider")},
                                           {"empty", {NULL, 0}},
                                           {"long", qy_view_over(program, 4070)}},
                              .attribute_flags = flags,
                              .isv_prod_id = 7,
                              .isv_svn = 3,
                              .date_bcd = 0x20261123};
  assert_ok(qy_image_build(out, &request, signer, &assert_why));
}

static int setup(void **state)
{
  static fixture all;
  qy_buffer_init(&all.bytes, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_rsa_generate(&all.signer, 3072, 3, &assert_why));
  build(&all.bytes, all.signer, 0);
  *state = &all;
  return 0;
}

static int teardown(void **state)
{
  fixture *all = *state;
  qy_rsa_private_free(&all->signer);
  qy_buffer_clear(&all->bytes);
  return 0;
}

static void measurement_of(uint8_t out[32], qy_view bytes)
{
  qy_image image;
  assert_ok(qy_image_decode(&image, bytes, &assert_why));
  assert_ok(qy_image_measure(out, &image, &assert_why));
}

static void holds_what_was_asked(void **state)
{
  fixture *all = *state;
  qy_image image;
  assert_ok(qy_image_decode(&image, qy_buffer_view(&all->bytes), &assert_why));
  assert_int_equal(image.program.size, 8192);
  assert_int_equal(image.program.bytes[PROGRAM_SIZE - 1], (uint8_t)((PROGRAM_SIZE - 1) * 7 + 1));
  assert_true(qy_view_is_zero(qy_view_slice(image.program, PROGRAM_SIZE, 8192 - PROGRAM_SIZE)));
  assert_int_equal(image.section_count, 3);
  assert_string_equal(image.sections[0].name, "provider-key");
  assert_true(qy_view_equal(image.sections[0].bytes, qy_view_text("the key of the provider")));
  assert_int_equal(image.sections[1].bytes.size, 0);
  /* TCS, two of program, one, one, and 36 + 4070 bytes that take two. */
  assert_int_equal(qy_image_page_count(&image), 7);
  assert_int_equal(image.enclave_size, 8 * 4096);
  assert_int_equal(image.attributes.flags, QY_ATTRIBUTE_MODE64BIT);
  assert_int_equal(image.attributes.xfrm, QY_XFRM_LEGACY);
}

static void is_signed_for_its_measurement(void **state)
{
  fixture *all = *state;
  qy_image image;
  qy_sigstruct sigstruct;
  qy_trace trace = {0};
  assert_ok(qy_image_decode(&image, qy_buffer_view(&all->bytes), &assert_why));
  assert_ok(qy_sigstruct_decode(&sigstruct, image.sigstruct, &assert_why));
  qy_secs secs = {.size = image.enclave_size, .ssa_frame_size = 1, .attributes = image.attributes};
  assert_ok(qy_image_measure(secs.mr_enclave, &image, &assert_why));
  assert_ok(qy_sigstruct_initialise(&trace, &secs, &sigstruct, &assert_why));
  assert_int_equal(secs.isv_prod_id, 7);
  assert_int_equal(secs.isv_svn, 3);
  /* One attribute more than signed: refused. */
  qy_secs debug = {.size = image.enclave_size, .ssa_frame_size = 1, .attributes = image.attributes};
  debug.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  memcpy(debug.mr_enclave, secs.mr_enclave, sizeof(debug.mr_enclave));
  assert_int_equal(qy_sigstruct_initialise(&trace, &debug, &sigstruct, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_SIGSTRUCT_ATTRIBUTES);
}

static void round_trip(void **state)
{
  fixture *all = *state;
  qy_image image;
  QY_SCOPED_BUFFER(again, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_image_decode(&image, qy_buffer_view(&all->bytes), &assert_why));
  assert_ok(qy_image_encode(&again, &image, &assert_why));
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&all->bytes)));
}

static void every_truncation_and_one_more_refused(void **state)
{
  fixture *all = *state;
  qy_image image;
  for (size_t size = 0; size < all->bytes.size; size++) {
    const qy_status status = qy_image_decode(&image, qy_view_over(all->bytes.bytes, size), NULL);
    assert_int_equal(status, QY_ERR_TRUNCATED);
    assert_int_equal(image.section_count, 0);
  }
  QY_SCOPED_BUFFER(longer, QY_IMAGE_MAX_SIZE);
  qy_buffer_append(&longer, all->bytes.bytes, all->bytes.size);
  qy_buffer_append(&longer, "x", 1);
  assert_int_equal(qy_image_decode(&image, qy_buffer_view(&longer), NULL), QY_ERR_MALFORMED);
}

/* Any byte behind the SIGSTRUCT is name, size, program or content: each either enters MRENCLAVE or breaks the file. */
static void every_loaded_byte_is_measured(void **state)
{
  fixture *all = *state;
  uint8_t honest[32];
  measurement_of(honest, qy_buffer_view(&all->bytes));
  QY_SCOPED_BUFFER(copy, QY_IMAGE_MAX_SIZE);
  qy_buffer_append(&copy, all->bytes.bytes, all->bytes.size);
  size_t measured = 0;
  for (size_t at = QY_IMAGE_HEADER_SIZE; at < copy.size; at += at < QY_IMAGE_HEADER_SIZE + 120 ? 1 : 37) {
    copy.bytes[at] ^= 1;
    qy_image image;
    uint8_t other[32];
    if (qy_image_decode(&image, qy_buffer_view(&copy), NULL) == QY_OK) {
      assert_ok(qy_image_measure(other, &image, &assert_why));
      assert_memory_not_equal(other, honest, 32);
      measured++;
    }
    copy.bytes[at] ^= 1;
  }
  assert_true(measured > 300);
  /* Enclave size and SSA frame pages enter by ECREATE. */
  copy.bytes[16] ^= 2;
  uint8_t other[32];
  measurement_of(other, qy_buffer_view(&copy));
  assert_memory_not_equal(other, honest, 32);
  copy.bytes[16] ^= 2;
  copy.bytes[9] = 0;
  copy.bytes[10] = 1; /* 65536 instead of 32768 */
  measurement_of(other, qy_buffer_view(&copy));
  assert_memory_not_equal(other, honest, 32);
}

static void bytes_cannot_move_between_sections(void **state)
{
  uint8_t one[32];
  uint8_t two[32];
  static const uint8_t program[4096] = {0x7f};
  qy_image image = {.enclave_size = 65536,
                    .ssa_frame_pages = 1,
                    .program = QY_VIEW_OF(program),
                    .section_count = 2,
                    .sections = {{"a", qy_view_text("bc")}, {"d", qy_view_text("e")}}};
  (void)state;
  assert_ok(qy_image_measure(one, &image, &assert_why));
  image.sections[0].bytes = qy_view_text("b");
  image.sections[1].bytes = qy_view_text("ce");
  assert_ok(qy_image_measure(two, &image, &assert_why));
  assert_memory_not_equal(one, two, 32);
  image.sections[0] = (qy_image_section){"d", qy_view_text("e")};
  image.sections[1] = (qy_image_section){"a", qy_view_text("bc")};
  assert_ok(qy_image_measure(two, &image, &assert_why));
  assert_memory_not_equal(one, two, 32);
  image.sections[0] = (qy_image_section){"a", qy_view_text("bc\0")};
  image.sections[0].bytes.size = 3; /* a zero more */
  image.sections[1] = (qy_image_section){"d", qy_view_text("e")};
  assert_ok(qy_image_measure(two, &image, &assert_why));
  assert_memory_not_equal(one, two, 32);
}

static void refuses_what_the_layout_forbids(void **state)
{
  static const uint8_t program[4096] = {0x7f};
  const qy_image good = {.enclave_size = 65536,
                         .ssa_frame_pages = 1,
                         .program = QY_VIEW_OF(program),
                         .section_count = 2,
                         .sections = {{"a", qy_view_text("bc")}, {"d", qy_view_text("e")}}};
  uint8_t mrenclave[32];
  (void)state;
  assert_ok(qy_image_measure(mrenclave, &good, &assert_why));
  qy_image bad = good;
  bad.program.size = 4095;
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.program.size = 0;
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.enclave_size = 65537;
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.enclave_size = 8192; /* four pages do not fit */
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.ssa_frame_pages = 0;
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  strcpy(bad.sections[1].name, "a");
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  strcpy(bad.sections[1].name, "");
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  strcpy(bad.sections[1].name, "UPPER");
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_MALFORMED);
  bad = good;
  bad.section_count = QY_IMAGE_MAX_SECTIONS + 1;
  assert_int_equal(qy_image_measure(mrenclave, &bad, NULL), QY_ERR_LIMIT);
}

static void refuses_to_build_with_init(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(out, QY_IMAGE_MAX_SIZE);
  const qy_image_request request = {.program = qy_view_text("x"), .attribute_flags = QY_ATTRIBUTE_INIT};
  assert_int_equal(qy_image_build(&out, &request, all->signer, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holds_what_was_asked),
      cmocka_unit_test(is_signed_for_its_measurement),
      cmocka_unit_test(round_trip),
      cmocka_unit_test(every_truncation_and_one_more_refused),
      cmocka_unit_test(every_loaded_byte_is_measured),
      cmocka_unit_test(bytes_cannot_move_between_sections),
      cmocka_unit_test(refuses_what_the_layout_forbids),
      cmocka_unit_test(refuses_to_build_with_init),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
