/* SPDX-License-Identifier: Apache-2.0 */
/* Calls into a real enclave: sizes, statuses, checks that travel, hostile frames. */
#include "simulated_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <base/cursor.h>
#include <enclave/runtime.h>

typedef struct conversation {
  qy_cpu cpu;
  qy_launched enclave;
} conversation;

static conversation begin(void **state)
{
  fixture *all = *state;
  conversation all_of_it;
  all_of_it.cpu = fixture_start(all->machine);
  all_of_it.enclave = fixture_launch(&all_of_it.cpu, qy_buffer_view(&all->image));
  return all_of_it;
}

static void finish(conversation *all_of_it)
{
  fixture_end(&all_of_it->enclave);
  qy_cpu_stop(&all_of_it->cpu);
}

static void what_goes_in_comes_out(void **state)
{
  conversation with = begin(state);
  static const size_t sizes[] = {0, 1, 4095, 65536, 1u << 20, QY_ENCLAVE_CALL_MAX_SIZE};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    QY_SCOPED_BUFFER(in, 64u << 20);
    QY_SCOPED_BUFFER(out, 64u << 20);
    uint8_t *bytes = qy_buffer_extend(&in, sizes[i]);
    for (size_t at = 0; at < sizes[i]; at++) {
      bytes[at] = (uint8_t)(at * 31);
    }
    assert_ok(fixture_call(&with.enclave, PROBE_ECHO, qy_buffer_view(&in), &out, NULL));
    assert_true(qy_view_equal(qy_buffer_view(&in), qy_buffer_view(&out)));
  }
  finish(&with);
}

static void too_much_ends_the_conversation(void **state)
{
  conversation with = begin(state);
  QY_SCOPED_BUFFER(in, 64u << 20);
  (void)memset(qy_buffer_extend(&in, QY_ENCLAVE_CALL_MAX_SIZE + 1), 0, QY_ENCLAVE_CALL_MAX_SIZE + 1);
  assert_int_not_equal(fixture_call(&with.enclave, PROBE_ECHO, qy_buffer_view(&in), NULL, NULL), QY_OK);
  assert_true(fixture_gone(with.enclave.process));
  finish(&with);
}

static void an_answer_that_is_too_large_is_a_status(void **state)
{
  conversation with = begin(state);
  uint8_t size[4];
  qy_writer writer = qy_writer_over(size, sizeof(size));
  qy_write_u32le(&writer, QY_ENCLAVE_CALL_MAX_SIZE + 1);
  assert_int_equal(fixture_call(&with.enclave, PROBE_BIG, QY_VIEW_OF(size), NULL, NULL), QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(fixture_call(&with.enclave, PROBE_ECHO, qy_view_text("still here"), &out, NULL));
  finish(&with);
}

static void failures_and_checks_come_back(void **state)
{
  conversation with = begin(state);
  qy_trace trace = {0};
  assert_int_equal(fixture_call(&with.enclave, 4242, (qy_view){NULL, 0}, NULL, NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(fixture_call(&with.enclave, PROBE_CHECKS, qy_view_text("what\nfor"), NULL, &trace), QY_ERR_REFUSED);
  assert_int_equal(trace.count, 4);
  assert_int_equal(trace.records[0].id, QY_CHECK_REPORT_MAC);
  assert_int_equal(trace.records[0].outcome, QY_OUTCOME_HELD);
  assert_int_equal(trace.records[1].id, QY_CHECK_SEALED_BLOB_TAG);
  assert_int_equal(trace.records[1].outcome, QY_OUTCOME_FAILED);
  assert_string_equal(trace.records[1].expected.chars, "what\nfor");
  assert_string_equal(trace.records[1].actual.chars, "other");
  assert_int_equal(trace.records[2].outcome, QY_OUTCOME_UNDECIDED);
  assert_int_equal(trace.records[3].outcome, QY_OUTCOME_UNCONSTRAINED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_SEALED_BLOB_TAG);
  finish(&with);
}

static void sections_are_found_by_name(void **state)
{
  conversation with = begin(state);
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(fixture_call(&with.enclave, PROBE_SECTION, qy_view_text("extra"), &out, NULL));
  assert_string_equal(qy_buffer_text(&out), "one");
  assert_int_equal(fixture_call(&with.enclave, PROBE_SECTION, qy_view_text("other"), NULL, NULL), QY_ERR_NOT_FOUND);
  finish(&with);
}

/* Bytes that are no frame, or half of one: the enclave ends, and harms nobody. */
static void hostile_frames_end_the_enclave_only(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  static const uint8_t frames[][12] = {{4, 0, 0, 0, 1, 0, 1, 0, 'a', 'b', 'c', 'd'}, /* reserved byte set */
                                       {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0},
                                       {4, 0, 0, 0, 1, 0, 0, 0, 'a', 'b'}};
  static const size_t sizes[] = {12, 8, 10};
  for (size_t i = 0; i < 3; i++) {
    qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
    assert_int_equal(send(enclave.channel, frames[i], sizes[i], MSG_NOSIGNAL), sizes[i]);
    assert_int_equal(shutdown(enclave.channel, SHUT_WR), 0);
    assert_true(fixture_gone(enclave.process));
    fixture_end(&enclave);
  }
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(fixture_call(&enclave, PROBE_ECHO, qy_view_text("x"), &out, NULL));
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_goes_in_comes_out),
      cmocka_unit_test(too_much_ends_the_conversation),
      cmocka_unit_test(an_answer_that_is_too_large_is_a_status),
      cmocka_unit_test(failures_and_checks_come_back),
      cmocka_unit_test(sections_are_found_by_name),
      cmocka_unit_test(hostile_frames_end_the_enclave_only),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
