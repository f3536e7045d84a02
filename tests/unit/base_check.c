/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <quotary/check.h>

/* Ids by number: which checks there are is other rooms' business. */
static const qy_check_id some_id = (qy_check_id)0;

static bool make(qy_trace *trace, bool held)
{
  return qy_check(trace, some_id, held, .expected = qy_textf("e"), .actual = qy_textf("a"), .origin = "test");
}

static void table(void **state)
{
  (void)state;
  for (unsigned i = 0; i < QY_CHECK_COUNT; i++) {
    const char *name = qy_check_name((qy_check_id)i);
    assert_true(name[0] != '\0' && qy_check_title((qy_check_id)i)[0] != '\0');
    assert_int_equal(name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")], '\0');
    assert_true(i == 0 || qy_check_remedy((qy_check_id)i)[0] != '\0');
    assert_int_equal(qy_check_by_name(name), i); /* names are unique */
  }
  assert_string_equal(qy_check_name(QY_CHECK_COUNT), "unknown");
  assert_string_equal(qy_check_name((qy_check_id)-1), "unknown");
  assert_int_equal(qy_check_by_name("no such check"), QY_CHECK_NONE);
  assert_int_equal(qy_check_by_name(NULL), QY_CHECK_NONE);
}

static void records(void **state)
{
  (void)state;
  qy_trace *trace = calloc(1, sizeof(*trace));
  assert_non_null(trace);
  assert_true(make(NULL, true));
  assert_false(make(NULL, false));
  assert_null(qy_trace_failed(trace));
  assert_null(qy_trace_failed(NULL));
  assert_null(qy_trace_find(trace, some_id));
  assert_null(qy_trace_find(NULL, some_id));
  assert_true(make(trace, true));
  assert_false(make(trace, false));
  qy_check_note(trace, some_id, QY_OUTCOME_UNDECIDED, &(const qy_check_facts){.origin = "note"});
  assert_int_equal(trace->count, 3);
  assert_int_equal(trace->records[0].outcome, QY_OUTCOME_HELD);
  assert_string_equal(trace->records[0].expected.chars, "e");
  assert_string_equal(trace->records[0].actual.chars, "a");
  assert_string_equal(trace->records[0].origin, "test");
  assert_ptr_equal(qy_trace_failed(trace), &trace->records[1]);
  assert_ptr_equal(qy_trace_find(trace, some_id), &trace->records[2]);
  free(trace);
}

static void overflow_keeps_the_failure(void **state)
{
  (void)state;
  qy_trace *trace = calloc(1, sizeof(*trace));
  assert_non_null(trace);
  for (size_t i = 0; i < QY_TRACE_CAPACITY; i++) {
    assert_true(make(trace, true));
  }
  assert_true(make(trace, true));
  assert_int_equal(trace->count, QY_TRACE_CAPACITY);
  assert_int_equal(trace->dropped, 1);
  assert_null(qy_trace_failed(trace));
  assert_false(qy_check(trace, some_id, false, .origin = "first failure"));
  assert_non_null(qy_trace_failed(trace));
  assert_false(qy_check(trace, some_id, false, .origin = "second failure"));
  assert_true(make(trace, true));
  assert_int_equal(trace->count, QY_TRACE_CAPACITY);
  assert_int_equal(trace->dropped, 4);
  assert_string_equal(qy_trace_failed(trace)->origin, "first failure");
  free(trace);
}

static void texts(void **state)
{
  (void)state;
  char long_text[300];
  uint8_t bytes[200];
  memset(long_text, 'x', sizeof(long_text));
  long_text[299] = '\0';
  memset(bytes, 0xab, sizeof(bytes));
  qy_text text = qy_textf("%s", long_text);
  assert_int_equal(strlen(text.chars), sizeof(text.chars) - 1);
  assert_string_equal(text.chars + sizeof(text.chars) - 4, "...");
  long_text[sizeof(text.chars) - 1] = '\0';
  text = qy_textf("%s", long_text);
  assert_string_equal(text.chars, long_text);
  text = qy_text_hex((qy_view){bytes, 32});
  assert_int_equal(strlen(text.chars), 64);
  text = qy_text_hex((qy_view){NULL, 0});
  assert_string_equal(text.chars, "");
  for (size_t size = 70; size <= sizeof(bytes); size++) {
    text = qy_text_hex((qy_view){bytes, size});
    const size_t length = strlen(text.chars);
    assert_true(length < sizeof(text.chars));
    assert_true(length == 2 * size || strcmp(text.chars + length - 3, "...") == 0);
  }
}

static void words(void **state)
{
  (void)state;
  assert_string_equal(qy_outcome_name(QY_OUTCOME_UNDECIDED), "undecided");
  assert_string_equal(qy_outcome_name(QY_OUTCOME_HELD), "held");
  assert_string_equal(qy_outcome_name(QY_OUTCOME_FAILED), "failed");
  assert_string_equal(qy_outcome_name(QY_OUTCOME_UNCONSTRAINED), "unconstrained");
  assert_string_equal(qy_outcome_name((qy_outcome)99), "undecided");
  const qy_trust zero = (qy_trust)0;
  assert_string_equal(qy_trust_name(zero), "undecided"); /* zero is never trust */
  assert_string_equal(qy_trust_name(QY_TRUSTED), "trusted");
  assert_string_equal(qy_trust_name(QY_REFUSED), "refused");
  assert_string_equal(qy_trust_name((qy_trust)7), "undecided");
}

static void statuses(void **state)
{
  (void)state;
  for (unsigned i = 0; i < QY_STATUS_COUNT; i++) {
    assert_true(qy_status_name((qy_status)i)[0] != '\0' && qy_status_text((qy_status)i)[0] != '\0');
  }
  assert_string_equal(qy_status_name(QY_ERR_NOT_FOUND), "not-found");
  assert_string_equal(qy_status_name((qy_status)99), "unknown");
  qy_error why = {0};
  assert_int_equal(qy_fail(NULL, QY_ERR_IO, "x"), QY_ERR_IO);
  assert_int_equal(qy_fail_in(NULL, QY_ERR_IO, "x"), QY_ERR_IO);
  assert_int_equal(qy_fail(&why, QY_ERR_IO, "disk %d", 3), QY_ERR_IO);
  assert_int_equal(qy_fail_in(&why, QY_ERR_BUSY, "store"), QY_ERR_BUSY);
  assert_int_equal(why.status, QY_ERR_BUSY);
  assert_string_equal(why.message, "store: disk 3");
  for (int i = 0; i < 100; i++) { /* never beyond its room */
    (void)qy_fail_in(&why, QY_ERR_IO, "a prefix that is fairly long");
    assert_true(strlen(why.message) < sizeof(why.message));
  }
}

static void views(void **state)
{
  (void)state;
  const uint8_t bytes[] = {0, 1, 2};
  const qy_view view = QY_VIEW_OF(bytes);
  assert_int_equal(qy_view_slice(view, 1, 2).bytes[0], 1);
  assert_int_equal(qy_view_slice(view, 3, 0).size, 0);
  assert_int_equal(qy_view_slice(view, 4, 0).size, 0);
  assert_int_equal(qy_view_slice(view, 2, 2).size, 0);
  assert_int_equal(qy_view_slice(view, 1, SIZE_MAX).size, 0);
  assert_true(qy_view_equal((qy_view){NULL, 0}, (qy_view){bytes, 0}));
  assert_false(qy_view_equal(view, (qy_view){bytes, 2}));
  assert_true(qy_view_is_zero((qy_view){bytes, 1}));
  assert_false(qy_view_is_zero(view));
  assert_true(qy_view_is_zero((qy_view){NULL, 0}));
  assert_int_equal(qy_view_text(NULL).size, 0);
  assert_int_equal(qy_view_text("abc").size, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table), cmocka_unit_test(records), cmocka_unit_test(overflow_keeps_the_failure),
      cmocka_unit_test(texts), cmocka_unit_test(words),   cmocka_unit_test(statuses),
      cmocka_unit_test(views)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
