/* SPDX-License-Identifier: Apache-2.0 */
/* One process that takes one path after the other, as timings do, in each order: what is kept between calls must not
 * pass from a path to another. A path that this CPU cannot take is left out, and said so. */
#include "epid_support.h"

#include <pairing/path.h>

static void signatures_hold_after_each_change(void **state)
{
  (void)state;
  static const char *const names[] = {"portable", "adx", "ifma", "portable", "ifma", "adx", "portable"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (!qy_path_choose(names[i], NULL)) {
      print_message("left out: the path %s is not for this CPU\n", names[i]);
      continue;
    }
    SCOPED_WORLD(w, 0);
    uint8_t signature[QY_EPID_SIGNATURE_SIZE];
    uint32_t own = 0;
    assert_ok(
        qy_epid_sign(signature, sizeof(signature), &own, w.member, text("message"), NULL, NULL, &w.random, NULL, NULL));
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
    signature[QY_EPID_SIGNATURE_SIZE - 20] ^= 1;
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(signatures_hold_after_each_change)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
