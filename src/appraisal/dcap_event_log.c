/* SPDX-License-Identifier: Apache-2.0 */
/* The event log of a trust domain: nobody signs it, the quote's registers vouch for it. */
#include <appraisal/dcap_parts.h>

#include <quotary/event_log.h>

_Static_assert(QY_EVENT_DIGEST_SIZE == QY_TD_HASH_SIZE && QY_EVENT_REGISTERS == QY_TD_RTMR_COUNT, "the same registers");
_Static_assert(QY_POLICY_RTMRS == QY_TD_RTMR_COUNT, "a policy can name each");

static bool is_demanded(const qy_td_event_rules *rules)
{
  return rules->required || rules->count > 0;
}

/* Each register by itself, so that the trace says which. */
static void examine_registers(qy_dcap_appraisal *appraisal)
{
  const qy_dcap_verdict *verdict = appraisal->verdict;
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    const qy_view replayed = QY_VIEW_OF(verdict->replayed[i]);
    const qy_view quoted = QY_VIEW_OF(verdict->td.rtmr[i]);
    (void)qy_examine(&appraisal->examination, QY_CHECK_EVENT_LOG_REPLAY, qy_view_equal(replayed, quoted),
                     .expected = qy_textf("RTMR%zu %s", i, qy_text_hex(quoted).chars),
                     .actual = qy_textf("%s", qy_text_hex(replayed).chars), .origin = "quote");
  }
}

static bool is_named(const qy_td_event_rules *rules, const qy_event *event)
{
  if (!qy_event_is_measured(event) || !rules->named[event->index - 1]) {
    return true;
  }
  for (size_t i = 0; i < rules->count; i++) {
    if (rules->rtmrs[i] == event->index - 1 &&
        qy_view_equal(QY_VIEW_OF(rules->digests[i]), qy_view_over(event->digest, QY_EVENT_DIGEST_SIZE))) {
      return true;
    }
  }
  return false;
}

/* The first that the policy does not name is told. */
static void examine_events(qy_dcap_appraisal *appraisal, const qy_event_log *log)
{
  const qy_td_event_rules *rules = &appraisal->policy->td.events;
  qy_event event;
  qy_text actual = qy_textf("so");
  size_t strangers = 0;
  size_t offset = 0;
  for (size_t number = 1; qy_event_log_next(&event, log, &offset); number++) {
    if (is_named(rules, &event)) {
      continue;
    }
    if (strangers++ == 0) {
      const char *type = qy_event_type_name(event.type);
      actual = qy_textf("event %zu, RTMR%u, %s, %s", number, event.index - 1, type == NULL ? "of no known type" : type,
                        qy_text_hex(qy_view_over(event.digest, QY_EVENT_DIGEST_SIZE)).chars);
    }
  }
  (void)qy_examine(&appraisal->examination, QY_CHECK_EVENT_LOG_EVENTS, strangers == 0,
                   .expected = qy_textf("none but the %zu digests that the policy names", rules->count),
                   .actual = actual, .origin = qy_policy_origin(appraisal->policy));
}

qy_status qy_dcap_examine_event_log(qy_dcap_appraisal *appraisal, qy_view bytes, qy_error *why)
{
  qy_dcap_verdict *verdict = appraisal->verdict;
  const qy_td_event_rules *rules = &appraisal->policy->td.events;
  const bool is_td = verdict->has_quote && verdict->header.tee == QY_TEE_TDX;
  if (bytes.bytes == NULL) {
    if (is_td && is_demanded(rules)) {
      qy_examine_missing(&appraisal->examination, QY_CHECK_EVENT_LOG_FORM, "the event log, which the policy demands",
                         "policy");
    }
    return QY_OK;
  }
  qy_event_log log;
  qy_error cause = {0};
  const qy_status status = qy_event_log_decode(&log, bytes, &cause);
  verdict->has_event_log =
      qy_examine(&appraisal->examination, QY_CHECK_EVENT_LOG_FORM, is_td && status == QY_OK,
                 .expected = qy_textf("the event log of a trust domain"),
                 .actual = verdict->has_quote && !is_td ? qy_textf("a log with a quote of an SGX enclave")
                                                        : qy_examined_text(status, &cause),
                 .origin = "evidence") &&
      is_td && status == QY_OK;
  if (!verdict->has_event_log) {
    return QY_OK;
  }
  verdict->event_count = log.count;
  QY_TRY(qy_event_log_replay(verdict->replayed, &log, why));
  examine_registers(appraisal);
  if (rules->count > 0) {
    examine_events(appraisal, &log);
  }
  return QY_OK;
}
