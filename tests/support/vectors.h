/* SPDX-License-Identifier: Apache-2.0 */
/* Real data for tests: read from $QUOTARY_VECTORS, else from ../shared/vectors beside the checkout. Where there is
 * none, a test that needs it says that it was skipped; with CI set it fails instead. */
#ifndef QY_TEST_VECTORS_H
#define QY_TEST_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include <base/buffer.h>
#include <quotary/status.h>

/* The folder, or NULL. */
const char *vectors_folder(void);
/* Skips the running test, plainly, if there are no vectors (fails it when CI is set). */
void vectors_need(void);
/* "ias" etc. joined with the folder; a static buffer. */
const char *vectors_path(const char *relative);
/* Whole file; fails the test if it is not there. */
void vectors_read(qy_buffer *out, const char *relative);
/* Parsed JSON, or for .jsonl an array of its lines; caller's json_decref. */
json_t *vectors_json(const char *relative);
/* Hex text of a member into `out`; fails the test if absent or no hex. */
void vectors_hex(qy_buffer *out, const json_t *object, const char *member);
/* Hex text to bytes; fails the test on bad hex. */
void hex_bytes(qy_buffer *out, const char *hex);

/* Deterministic bytes for tests: SHA-256 in counter mode over a seed is not needed, a splitmix64 stream is. */
typedef struct test_random {
  uint64_t state;
} test_random;
qy_random test_random_source(test_random *state);

/* QY_OK or a test failure that prints the message. */
#define assert_ok(expression)                                         \
  do {                                                                \
    qy_error assert_why = {0};                                        \
    (void)assert_why;                                                 \
    const qy_status assert_status = (expression);                     \
    if (assert_status != QY_OK) {                                     \
      fail_msg("%s: %s", #expression, qy_status_name(assert_status)); \
    }                                                                 \
  } while (0)

#endif
