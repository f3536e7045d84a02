/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged quotes: the decoder and the second reading must say the same of each. */
#include "sgx_dcap_support.h"

#include <stdio.h>

#define MUTATIONS 100000

static uint64_t draw(test_random *random, uint64_t below)
{
  uint8_t bytes[8];
  const qy_random source = test_random_source(random);
  assert_int_equal(source.fill(source.context, bytes, sizeof(bytes), NULL), QY_OK);
  return little_endian(bytes, sizeof(bytes)) % below;
}

/* Structure lies in few of the bytes: most changes go there. */
static size_t place(test_random *random, const dcap_places *at, size_t size)
{
  const size_t starts[] = {0,
                           2,
                           4,
                           12,
                           48,
                           50,
                           at->auth_size,
                           at->outer_type,
                           at->outer_size,
                           at->qe_auth_size,
                           at->certification_type,
                           at->certification_size};
  if (draw(random, 8) == 0) {
    return draw(random, size);
  }
  return (starts[draw(random, sizeof(starts) / sizeof(starts[0]))] + draw(random, 4)) % size;
}

/* One to three changes, then perhaps cut or lengthened; into `out`, which has room for `size` + 64. */
static size_t mutate(uint8_t *out, const uint8_t *bytes, size_t size, const dcap_places *at, test_random *random)
{
  static const uint8_t telling[] = {0, 1, 2, 3, 4, 5, 6, 7, 0x7f, 0x80, 0x81, 0xff};
  memcpy(out, bytes, size);
  for (uint64_t changes = 1 + draw(random, 3); changes > 0; changes--) {
    uint8_t *byte = &out[place(random, at, size)];
    switch (draw(random, 4)) {
    case 0:
      *byte = telling[draw(random, sizeof(telling))];
      break;
    case 1:
      *byte += 1;
      break;
    case 2:
      *byte -= 1;
      break;
    default:
      *byte ^= (uint8_t)(1u << draw(random, 8));
    }
  }
  switch (draw(random, 8)) {
  case 0:
    return draw(random, size + 1);
  case 1:
    return size - draw(random, 3);
  case 2:
    fill_random(out + size, 64, draw(random, 1000));
    return size + 1 + draw(random, 64);
  default:
    return size;
  }
}

/* On memory of exactly that size. Returns whether it was taken for a quote. */
static bool agreed(const uint8_t *bytes, size_t size)
{
  qy_dcap_quote quote;
  qy_error why = {0};
  uint8_t *copy = malloc(size + (size == 0));
  assert_non_null(copy);
  memcpy(copy, bytes, size);
  const bool accepted = qy_dcap_quote_decode(&quote, qy_view_over(copy, size), &why) == QY_OK;
  if (accepted != second_reading(copy, size)) {
    fail_msg("of %zu bytes the decoder says: %s", size, accepted ? "a quote" : why.message);
  }
  if (accepted) {
    uint8_t *again = malloc(size);
    size_t written = 0;
    assert_ok(qy_dcap_quote_encode(again, size, &written, &quote, NULL));
    assert_int_equal(written, size);
    assert_memory_equal(again, copy, size);
    free(again);
  }
  free(copy);
  return accepted;
}

static void mutations(void **state)
{
  (void)state;
  test_random random = {31};
  unsigned accepted = 0;
  for (unsigned i = 0; i < MUTATIONS; i++) {
    static uint8_t out[8192];
    QY_SCOPED_BUFFER(bytes, 8192);
    dcap_shape shape = dcap_shapes[i % DCAP_SHAPE_COUNT];
    shape.seed = i;
    shape.certification_size = (uint32_t)draw(&random, 500);
    shape.certification_type = (uint16_t)(1 + draw(&random, 5));
    const dcap_places at = dcap_write(&bytes, &shape);
    accepted += agreed(out, mutate(out, bytes.bytes, bytes.size, &at, &random));
  }
  assert_in_range(accepted, MUTATIONS / 20, MUTATIONS / 2); /* both answers were asked for */
}

/* Every byte of real quotes' structure, with every value. */
static void every_value_of_real_structure(void **state)
{
  (void)state;
  vectors_need();
  static const struct {
    const char *name;
    dcap_shape shape;
  } rows[] = {{"sgx3-automata-plat", {3, 1, 32, 5, 3682, 0}},
              {"tdx4-dcapqvl", {4, 2, 32, 5, 3678, 0}},
              {"tdx5-oe-relaunch", {5, 3, 32, 5, 3678, 0}}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    char path[256];
    const dcap_places at = dcap_places_of(&rows[i].shape);
    const size_t ranges[][2] = {{0, 56},
                                {at.auth_size, at.auth_size + 4},
                                {at.outer_type, at.outer_type + 6},
                                {at.qe_auth_size, at.qe_auth_size + 2},
                                {at.certification_type, at.certification_type + 6}};
    (void)snprintf(path, sizeof(path), "dcap/real/%s/quote.bin", rows[i].name);
    vectors_read(&bytes, path);
    assert_true(agreed(bytes.bytes, bytes.size));
    for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++) {
      for (size_t place_at = ranges[r][0]; place_at < ranges[r][1]; place_at++) {
        const uint8_t good = bytes.bytes[place_at];
        for (unsigned value = 0; value < 256; value++) {
          bytes.bytes[place_at] = (uint8_t)value;
          (void)agreed(bytes.bytes, bytes.size);
        }
        bytes.bytes[place_at] = good;
      }
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mutations),
      cmocka_unit_test(every_value_of_real_structure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
