/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/answer.h>

#include <stdlib.h>
#include <string.h>

#include <enclave/instruction.h>

#include "vectors.h"

static qy_trace *some_trace(void)
{
  qy_trace *trace = calloc(1, sizeof(*trace));
  (void)!qy_check(trace, QY_CHECK_REPORT_MAC, true, .expected = qy_textf("a"), .actual = qy_textf("a"), .origin = "x");
  (void)!qy_check(trace, QY_CHECK_SEALED_BLOB_TAG, false, .expected = qy_textf("%s", ""), .actual = qy_textf("bc"));
  trace->dropped = 3;
  return trace;
}

static void round_trip(void **state)
{
  qy_trace *trace = some_trace();
  qy_trace *back = calloc(1, sizeof(*back));
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_BUFFER(again, 4096);
  qy_answer answer;
  const qy_error why = {QY_ERR_REFUSED, "because"};
  (void)state;
  qy_answer_encode(&bytes, QY_ERR_REFUSED, &why, trace, qy_view_text("payload"));
  assert_ok(qy_answer_decode(&answer, back, qy_buffer_view(&bytes), "them", &assert_why));
  assert_int_equal(answer.status, QY_ERR_REFUSED);
  assert_string_equal(answer.message, "because");
  assert_true(qy_view_equal(answer.payload, qy_view_text("payload")));
  assert_int_equal(back->count, 2);
  assert_int_equal(back->dropped, 3);
  assert_string_equal(back->records[0].origin, "them");
  assert_string_equal(back->records[1].actual.chars, "bc");
  qy_answer_encode(&again, answer.status, &why, back, answer.payload);
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&bytes)));
  free(trace);
  free(back);
}

static void every_truncation_refused(void **state)
{
  qy_trace *trace = some_trace();
  qy_trace *back = calloc(1, sizeof(*back));
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_answer answer;
  (void)state;
  qy_answer_encode(&bytes, QY_OK, NULL, trace, (qy_view){NULL, 0});
  for (size_t size = 0; size < bytes.size; size++) {
    assert_int_equal(qy_answer_decode(&answer, back, qy_view_over(bytes.bytes, size), "them", NULL), QY_ERR_TRUNCATED);
    assert_int_equal(back->count, 0);
    assert_int_not_equal(answer.status, QY_OK);
  }
  assert_ok(qy_answer_decode(&answer, back, qy_buffer_view(&bytes), "them", &assert_why));
  free(trace);
  free(back);
}

static void wrong_bytes_refused(void **state)
{
  qy_trace *trace = some_trace();
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_answer answer;
  (void)state;
  qy_answer_encode(&bytes, QY_OK, NULL, trace, (qy_view){NULL, 0});
  static const struct {
    size_t at;
    uint8_t value;
    qy_status status;
  } cases[] = {{1, 1, QY_ERR_MALFORMED},      /* no such status */
               {4, 1, QY_ERR_LIMIT},          /* 258 checks */
               {10, 'R', QY_ERR_UNSUPPORTED}, /* "Report-mac" */
               {20, 4, QY_ERR_MALFORMED},     /* no such outcome */
               {22, 0, QY_ERR_MALFORMED}};    /* NUL in a text */
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const uint8_t kept = bytes.bytes[cases[i].at];
    bytes.bytes[cases[i].at] = cases[i].value;
    const qy_status status = qy_answer_decode(&answer, NULL, qy_buffer_view(&bytes), "them", NULL);
    assert_int_equal(status, cases[i].status);
    bytes.bytes[cases[i].at] = kept;
  }
  free(trace);
}

static void a_full_trace_keeps_a_failure_that_is_told(void **state)
{
  qy_trace *trace = some_trace();
  qy_trace *full = calloc(1, sizeof(*full));
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_answer answer;
  (void)state;
  while (full->count < QY_TRACE_CAPACITY) {
    (void)!qy_check(full, QY_CHECK_REPORT_MAC, true, .expected = qy_textf("a"), .actual = qy_textf("a"));
  }
  qy_answer_encode(&bytes, QY_OK, NULL, trace, (qy_view){NULL, 0});
  assert_ok(qy_answer_decode(&answer, full, qy_buffer_view(&bytes), "them", &assert_why));
  assert_int_equal(qy_trace_failed(full)->id, QY_CHECK_SEALED_BLOB_TAG);
  free(trace);
  free(full);
}

static void the_largest_answer_fits_its_overhead(void **state)
{
  qy_trace *trace = calloc(1, sizeof(*trace));
  qy_error why = {QY_ERR_REFUSED, ""};
  QY_SCOPED_BUFFER(bytes, 1u << 20);
  (void)state;
  memset(why.message, 'm', sizeof(why.message) - 1);
  while (trace->count < QY_TRACE_CAPACITY) {
    qy_check_facts facts = {.origin = "x"};
    memset(facts.expected.chars, 'e', sizeof(facts.expected.chars) - 1);
    memset(facts.actual.chars, 'a', sizeof(facts.actual.chars) - 1);
    qy_check_note(trace, QY_CHECK_GROUP_CERTIFICATE_SIGNATURE, QY_OUTCOME_HELD, &facts);
  }
  qy_answer_encode(&bytes, QY_ERR_REFUSED, &why, trace, (qy_view){NULL, 0});
  assert_true(bytes.size <= QY_ANSWER_MAX_OVERHEAD);
  free(trace);
}

static void instructions_round_trip(void **state)
{
  uint8_t packet[QY_INSTRUCTION_MAX_SIZE + 1] = {0};
  uint8_t again[QY_INSTRUCTION_MAX_SIZE];
  qy_instruction instruction;
  (void)state;
  static const struct {
    uint8_t code;
    size_t size;
  } kinds[] = {{QY_INSTRUCTION_EREPORT, 577},
               {QY_INSTRUCTION_EGETKEY, 513},
               {QY_INSTRUCTION_EVERIFYREPORT2, 257},
               {QY_INSTRUCTION_TDG_MR_REPORT, 66},
               {QY_INSTRUCTION_TDG_MR_RTMR_EXTEND, 50}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    for (size_t at = 0; at < sizeof(packet); at++) {
      packet[at] = (uint8_t)(at + 3);
    }
    packet[0] = kinds[i].code;
    for (size_t size = 0; size <= QY_INSTRUCTION_MAX_SIZE; size++) {
      const qy_status status = qy_instruction_decode(&instruction, qy_view_over(packet, size), NULL);
      assert_int_equal(status, size == kinds[i].size  ? QY_OK
                               : size < kinds[i].size ? QY_ERR_TRUNCATED
                                                      : QY_ERR_MALFORMED);
    }
    assert_ok(qy_instruction_decode(&instruction, qy_view_over(packet, kinds[i].size), &assert_why));
    assert_int_equal(qy_instruction_encode(again, &instruction), kinds[i].size);
    assert_memory_equal(again, packet, kinds[i].size);
  }
  packet[0] = 6;
  assert_int_equal(qy_instruction_decode(&instruction, qy_view_over(packet, 513), NULL), QY_ERR_UNSUPPORTED);
}

static void outcomes_round_trip(void **state)
{
  uint8_t packet[QY_OUTCOME_MAX_SIZE];
  qy_view value;
  qy_error why = {QY_ERR_DENIED, "not you"};
  (void)state;
  size_t size = qy_outcome_encode(packet, QY_OK, NULL, qy_view_text("sixteen bytes..."));
  assert_ok(qy_outcome_decode(&value, qy_view_over(packet, size), &assert_why));
  assert_true(qy_view_equal(value, qy_view_text("sixteen bytes...")));
  size = qy_outcome_encode(packet, QY_ERR_DENIED, &why, qy_view_text("never sent"));
  for (size_t part = 0; part < size; part++) {
    assert_int_equal(qy_outcome_decode(&value, qy_view_over(packet, part), NULL), QY_ERR_TRUNCATED);
  }
  qy_error told = {0};
  assert_int_equal(qy_outcome_decode(&value, qy_view_over(packet, size), &told), QY_ERR_DENIED);
  assert_string_equal(told.message, "not you");
  assert_int_equal(value.size, 0);
  packet[size] = 1; /* a failure with a value */
  assert_int_equal(qy_outcome_decode(&value, qy_view_over(packet, size + 1), NULL), QY_ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trip),
      cmocka_unit_test(every_truncation_refused),
      cmocka_unit_test(wrong_bytes_refused),
      cmocka_unit_test(a_full_trace_keeps_a_failure_that_is_told),
      cmocka_unit_test(the_largest_answer_fits_its_overhead),
      cmocka_unit_test(instructions_round_trip),
      cmocka_unit_test(outcomes_round_trip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
