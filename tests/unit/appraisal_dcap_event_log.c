/* SPDX-License-Identifier: Apache-2.0 */
/* I11: the event log of a trust domain under its quote, and what a policy can ask of it. */
#include "dcap_world.h"

#include "event_log_support.h"

#include <string.h>

static const char *const texts[][2] = {
    {"SecureBoot", "PK"}, {"grub", "vmlinuz"}, {"cmdline", "initrd"}, {"app", "key"}};

static int trust_domain(void **state)
{
  dcap_world *world = *state;
  world_reset(world, QY_DCAP_BODY_TD_1_5);
  memset(world->td.rtmr, 0, sizeof(world->td.rtmr));
  for (size_t i = 0; i < 4; i++) {
    extend(world->td.rtmr[i], texts[i][0]);
    extend(world->td.rtmr[i], texts[i][1]);
  }
  return 0;
}
#define TEST_TDX(name) cmocka_unit_test_setup(name, trust_domain)

/* The log of that start, events of the registers in turn. */
static void put_whole(qy_buffer *out)
{
  put_log_header(out, sha384_alone, 1);
  for (uint32_t turn = 0; turn < 2; turn++) {
    for (uint32_t i = 0; i < 4; i++) {
      put_event(out, i + 1, EV_EFI_ACTION, texts[i][turn]);
    }
  }
}

static const qy_dcap_verdict *appraise_with(dcap_world *world, const qy_buffer *log)
{
  world_make(world);
  world->evidence.event_log = qy_buffer_view(log);
  return world_appraise_made(world);
}

static void a_log_makes_up_the_registers(void **state)
{
  dcap_world *world = *state;
  QY_SCOPED_BUFFER(log, 1 << 16);
  put_whole(&log);
  const qy_dcap_verdict *verdict = appraise_with(world, &log);
  expect_trusted(world);
  assert_true(verdict->has_event_log);
  assert_int_equal(verdict->event_count, 8);
  assert_memory_equal(verdict->replayed, world->td.rtmr, sizeof(world->td.rtmr));
}

/* Only register `which` is said to differ. */
static void expect_register(const dcap_world *world, size_t which)
{
  expect_only(world, QY_CHECK_EVENT_LOG_REPLAY);
  size_t seen = 0;
  for (size_t i = 0; i < world->verdict.trace.count; i++) {
    const qy_check_record *record = &world->verdict.trace.records[i];
    if (record->id == QY_CHECK_EVENT_LOG_REPLAY) {
      assert_int_equal(record->outcome, seen == which ? QY_OUTCOME_FAILED : QY_OUTCOME_HELD);
      seen++;
    }
  }
  assert_int_equal(seen, 4);
}

static void another_log_does_not(void **state)
{
  dcap_world *world = *state;
  static const char *const changes[] = {"changed", "swapped", "appended", "left out", "of another register"};
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    QY_SCOPED_BUFFER(log, 1 << 16);
    put_log_header(&log, sha384_alone, 1);
    for (uint32_t j = 0; j < 4; j++) {
      const bool here = j == 2;
      const uint32_t target = here && i == 4 ? 2 : j + 1;
      put_event(&log, target, EV_EFI_ACTION, here && i == 0 ? "cmdline " : texts[j][here && i == 1 ? 1 : 0]);
      if (!here || i != 3) {
        put_event(&log, target, EV_EFI_ACTION, texts[j][here && i == 1 ? 0 : 1]);
      }
    }
    if (i == 2) {
      put_event(&log, 3, EV_SEPARATOR, "more");
    }
    (void)appraise_with(world, &log);
    if (i < 4) {
      expect_register(world, 2);
    } else {
      expect_only(world, QY_CHECK_EVENT_LOG_REPLAY);
    }
    assert_true(world->verdict.authentic); /* the quote is what it was */
  }
}

/* What a program extends later, RTMR3 above all, is in no log of the firmware's. */
static void a_register_that_went_on_is_noticed(void **state)
{
  dcap_world *world = *state;
  QY_SCOPED_BUFFER(log, 1 << 16);
  put_whole(&log);
  extend(world->td.rtmr[3], "anybody");
  (void)appraise_with(world, &log);
  expect_register(world, 3);
}

static void only_a_log_is_read(void **state)
{
  dcap_world *world = *state;
  QY_SCOPED_BUFFER(log, 1 << 16);
  put_whole(&log);
  log.bytes[32] ^= 1;
  (void)appraise_with(world, &log);
  expect_only(world, QY_CHECK_EVENT_LOG_FORM);
  assert_false(world->verdict.has_event_log);
  log.bytes[32] ^= 1;
  log.size -= 5;
  (void)appraise_with(world, &log);
  expect_only(world, QY_CHECK_EVENT_LOG_FORM);
  world_make(world);
  world->evidence.event_log = qy_view_text(""); /* empty is not missing */
  (void)world_appraise_made(world);
  expect_only(world, QY_CHECK_EVENT_LOG_FORM);
  log.size += 5;
  world_reset(world, QY_DCAP_BODY_ENCLAVE); /* an enclave has no such registers */
  (void)appraise_with(world, &log);
  expect_only(world, QY_CHECK_EVENT_LOG_FORM);
}

static void a_policy_demands_it(void **state)
{
  dcap_world *world = *state;
  QY_SCOPED_BUFFER(log, 1 << 16);
  put_whole(&log);
  (void)world_appraise(world);
  expect_trusted(world); /* nobody asked */
  for (unsigned by_events = 0; by_events < 2; by_events++) {
    world->policy.td.events = (qy_td_event_rules){.required = by_events == 0};
    world->policy.td.events.named[3] = by_events == 1;
    world->policy.td.events.count = by_events;
    (void)world_appraise(world);
    assert_int_equal(world->verdict.trust, QY_UNDECIDED);
    assert_int_equal(qy_trace_find(&world->verdict.trace, QY_CHECK_EVENT_LOG_FORM)->outcome, QY_OUTCOME_UNDECIDED);
  }
  world->policy.td.events = (qy_td_event_rules){.required = true};
  (void)appraise_with(world, &log);
  expect_trusted(world);
}

static void name_event(dcap_world *world, uint8_t rtmr, const char *text)
{
  qy_td_event_rules *rules = &world->policy.td.events;
  const qy_view data = qy_view_text(text);
  rules->named[rtmr] = true;
  rules->rtmrs[rules->count] = rtmr;
  assert_ok(qy_hash_parts(rules->digests[rules->count++], QY_SHA384, &data, 1, NULL));
}

static void a_policy_names_events(void **state)
{
  dcap_world *world = *state;
  QY_SCOPED_BUFFER(log, 1 << 16);
  put_whole(&log);
  name_event(world, 1, "grub");
  (void)appraise_with(world, &log);
  expect_only(world, QY_CHECK_EVENT_LOG_EVENTS);
  assert_non_null(strstr(qy_trace_failed(&world->verdict.trace)->actual.chars, "event 6, RTMR1, EV_EFI_ACTION"));
  name_event(world, 2, "vmlinuz"); /* of the other register */
  (void)appraise_with(world, &log);
  expect_only(world, QY_CHECK_EVENT_LOG_EVENTS);
  (void)trust_domain(state);
  name_event(world, 1, "vmlinuz");
  name_event(world, 1, "grub");
  name_event(world, 1, "older grub"); /* may happen, need not */
  (void)appraise_with(world, &log);
  expect_trusted(world);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST_TDX(a_log_makes_up_the_registers),
                                     TEST_TDX(another_log_does_not),
                                     TEST_TDX(a_register_that_went_on_is_noticed),
                                     TEST_TDX(only_a_log_is_read),
                                     TEST_TDX(a_policy_demands_it),
                                     TEST_TDX(a_policy_names_events)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
