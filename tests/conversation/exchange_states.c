/* SPDX-License-Identifier: Apache-2.0 */
/* Every state against every event, and every message of a conversation played again at every moment (P06, P08). */
#include "../unit/exchange_parties.h"

#include <string.h>

/* ---- The enclave's side ---- */

static void enclave_in(parties *p, qy_enclave_state state)
{
  if (state == QY_ENCLAVE_ENDED) {
    qy_enclave_side_clear(&p->enclave);
    return;
  }
  if (state == QY_ENCLAVE_BEGINS) {
    return;
  }
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  if (state == QY_ENCLAVE_AWAITS_MSG2) {
    return;
  }
  assert_ok(state == QY_ENCLAVE_AWAITS_OWN_QUOTE ? hear_msg2_alone(p) : hear_msg2(p));
  if (state == QY_ENCLAVE_AWAITS_QUOTE || state == QY_ENCLAVE_AWAITS_OWN_QUOTE) {
    return;
  }
  assert_ok(say_msg3(p));
  assert_ok(hear_msg3(p));
  assert_ok(say_msg4(p, QY_TRUSTED, "s"));
  if (state == QY_ENCLAVE_AWAITS_MSG4) {
    return;
  }
  assert_ok(hear_msg4(p));
}

/* A good msg2, quote and msg4 for whatever conversation is on, where there is one to be had. */
static qy_status enclave_event(parties *p, size_t event)
{
  QY_SCOPED_BUFFER(quote, 4096);
  qy_report qe_report;
  switch (event) {
  case 0:
    return say_msg1(p);
  case 1:
    return hear_msg2(p);
  case 2:
    make_quote(&quote, p, 0);
    make_qe_report(&qe_report, p, qy_buffer_view(&quote));
    return qy_enclave_side_msg3(&p->enclave, p->msg3, qy_buffer_view(&quote), &qe_report, &p->machine.report_key,
                                &p->enclave_trace, &p->why);
  case 3:
    return hear_msg2_alone(p);
  case 4:
    make_own_quote(&quote, p, 3, QY_DCAP_BODY_ENCLAVE);
    return qy_enclave_side_msg3_own(&p->enclave, p->msg3, qy_buffer_view(&quote), &p->enclave_trace, &p->why);
  default:
    return hear_msg4(p);
  }
}

static void enclave_walk(void **state)
{
  (void)state;
  /* state, event, next; no other pair goes on */
  static const unsigned rows[][3] = {
      {QY_ENCLAVE_BEGINS, 0, QY_ENCLAVE_AWAITS_MSG2},           {QY_ENCLAVE_AWAITS_MSG2, 1, QY_ENCLAVE_AWAITS_QUOTE},
      {QY_ENCLAVE_AWAITS_MSG2, 3, QY_ENCLAVE_AWAITS_OWN_QUOTE}, {QY_ENCLAVE_AWAITS_QUOTE, 2, QY_ENCLAVE_AWAITS_MSG4},
      {QY_ENCLAVE_AWAITS_OWN_QUOTE, 4, QY_ENCLAVE_AWAITS_MSG4}, {QY_ENCLAVE_AWAITS_MSG4, 5, QY_ENCLAVE_ACCEPTED},
  };
  for (unsigned at = 0; at < QY_ENCLAVE_STATE_COUNT; at++) {
    for (unsigned event = 0; event < 6; event++) {
      unsigned next = QY_ENCLAVE_ENDED;
      for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        next = rows[i][0] == at && rows[i][1] == event ? rows[i][2] : next;
      }
      parties *p = parties_new(21);
      enclave_in(p, (qy_enclave_state)at);
      assert_int_equal(p->enclave.state, at);
      const qy_status status = enclave_event(p, event);
      if (next != QY_ENCLAVE_ENDED) {
        assert_int_equal(status, QY_OK);
        assert_int_equal(p->enclave.state, next);
      } else {
        assert_int_equal(status, QY_ERR_SEQUENCE);
        assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_EXCHANGE_STATE);
        assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
        assert_true(event != 5 || p->secret.bytes == NULL);
      }
      parties_free(p);
    }
  }
}

/* ---- The provider's side ---- */

static void provider_in(parties *p, qy_provider_state state)
{
  if (state == QY_PROVIDER_ENDED) {
    qy_provider_side_clear(&p->side);
    return;
  }
  assert_ok(say_msg1(p));
  if (state == QY_PROVIDER_AWAITS_MSG1) {
    return;
  }
  assert_ok(hear_msg1(p));
  if (state == QY_PROVIDER_AWAITS_SIGRL) {
    return;
  }
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  assert_ok(hear_msg2(p));
  assert_ok(say_msg3(p));
  if (state == QY_PROVIDER_AWAITS_MSG3) {
    return;
  }
  assert_ok(hear_msg3(p));
}

static qy_status provider_event(parties *p, size_t event)
{
  switch (event) {
  case 0:
    return hear_msg1(p);
  case 1:
    return say_msg2(p, (qy_view){NULL, 0});
  case 2:
    return hear_msg3(p);
  default:
    return say_msg4(p, QY_TRUSTED, "s");
  }
}

static void provider_walk(void **state)
{
  (void)state;
  static const size_t awaited[QY_PROVIDER_STATE_COUNT] = {99, 0, 1, 2, 3};
  for (unsigned at = 0; at < QY_PROVIDER_STATE_COUNT; at++) {
    for (size_t event = 0; event < 4; event++) {
      parties *p = parties_new(22);
      provider_in(p, (qy_provider_state)at);
      assert_int_equal(p->side.state, at);
      const qy_status status = provider_event(p, event);
      if (event == awaited[at]) {
        assert_int_equal(status, QY_OK);
        assert_int_equal(p->side.state, at == QY_PROVIDER_AWAITS_VERDICT ? QY_PROVIDER_ENDED : at + 1);
      } else {
        assert_int_equal(status, QY_ERR_SEQUENCE);
        assert_int_equal(failed_check(&p->trace), QY_CHECK_EXCHANGE_STATE);
        assert_true(is_wiped(&p->side, sizeof(p->side)));
      }
      parties_free(p);
    }
  }
}

/* A state that no table knows ends too, whoever wrote it there. */
static void unknown_states(void **state)
{
  (void)state;
  parties *p = parties_new(23);
  p->enclave.state = (qy_enclave_state)77;
  assert_int_equal(say_msg1(p), QY_ERR_SEQUENCE);
  p->side.state = (qy_provider_state)77;
  assert_int_equal(hear_msg1(p), QY_ERR_SEQUENCE);
  assert_string_equal(qy_enclave_state_name((qy_enclave_state)77), "unknown");
  assert_string_equal(qy_provider_state_name((qy_provider_state)77), "unknown");
  parties_free(p);
}

/* ---- P08: replay. A second conversation is brought to moment `at`; then message `which` of a finished one arrives
 * where such a message goes. Moments: before msg1, after msg1, after msg2, after msg3, after msg4. ---- */

static void advance(parties *p, size_t at)
{
  if (at >= 1) {
    assert_ok(say_msg1(p));
    assert_ok(hear_msg1(p));
  }
  if (at >= 2) {
    assert_ok(say_msg2(p, (qy_view){NULL, 0}));
    assert_ok(hear_msg2(p));
  }
  if (at >= 3) {
    assert_ok(say_msg3(p));
    assert_ok(hear_msg3(p));
  }
  if (at >= 4) {
    assert_ok(say_msg4(p, QY_TRUSTED, "s"));
    assert_ok(hear_msg4(p));
  }
}

static qy_status replay_into(parties *p, const parties *old, size_t which)
{
  uint32_t group_id = 0;
  switch (which) {
  case 0: /* msg0 and msg1 */
    return qy_provider_side_msg1(&p->side, &group_id, QY_VIEW_OF(old->hello), &p->trace, &p->why);
  case 1:
    return qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(old->msg2, QY_MSG2_HEAD_SIZE), &p->machine.qe,
                                &p->enclave_random, &p->enclave_trace, &p->why);
  case 2:
    return qy_provider_side_msg3(&p->side, &p->evidence, &p->provider, qy_view_over(old->msg3, old->msg3_size),
                                 &p->trace, &p->why);
  default:
    return qy_enclave_side_msg4(&p->enclave, &p->verdict, &p->secret, qy_view_over(old->msg4, old->msg4_size),
                                &p->enclave_trace, &p->why);
  }
}

/* msg1 alone can be replayed to begin a session, and gets nowhere: see replayed_msg1_leads_nowhere. */
static void replay_matrix(void **state)
{
  (void)state;
  parties *old = parties_new(31);
  advance(old, 4);
  for (size_t at = 0; at <= 4; at++) {
    for (size_t which = 0; which < 4; which++) {
      parties *p = parties_new(32);
      assert_ok(qy_enclave_side_begin(&p->enclave, old->provider_public, qy_view_text(SECRET_NAME), NULL, NULL, NULL));
      p->provider_key = old->provider_key; /* the same provider, so that only freshness can tell */
      advance(p, at);
      qy_vault_free(&p->secret);
      p->verdict = (qy_msg4_answer){0};
      const qy_status status = replay_into(p, old, which);
      if (at == 0 && which == 0) {
        assert_int_equal(status, QY_OK);
      } else {
        assert_true(status == QY_ERR_SEQUENCE || status == QY_ERR_REFUSED);
        assert_int_equal(p->verdict.verdict, QY_UNDECIDED);
        assert_null(p->secret.bytes);
      }
      parties_free(p);
    }
  }
  parties_free(old);
}

static void replayed_msg1_leads_nowhere(void **state)
{
  (void)state;
  parties *old = parties_new(31);
  parties *p = parties_new(32);
  advance(old, 4);
  p->provider_key = old->provider_key;
  assert_ok(replay_into(p, old, 0));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  assert_refused_by(replay_into(p, old, 2), &p->trace, QY_CHECK_MSG3_MAC); /* g_b is fresh */
  parties_free(p);
  parties_free(old);
}

/* P06: after a failed msg2 the right one comes too late. Intel's library would take it. */
static void p06_no_second_try(void **state)
{
  (void)state;
  parties *p = parties_new(33);
  uint8_t good[QY_MSG2_HEAD_SIZE];
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  memcpy(good, p->msg2, sizeof(good));
  p->msg2[150] ^= 1;
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_MSG2_MAC);
  assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
  memcpy(p->msg2, good, sizeof(good));
  assert_int_equal(hear_msg2(p), QY_ERR_SEQUENCE);
  assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_EXCHANGE_STATE);
  parties_free(p);
}

/* P14: one answer a session, so no second IV is ever needed. */
static void p14_no_second_secret(void **state)
{
  (void)state;
  parties *p = parties_new(34);
  talk_to_msg4_said(p, "first");
  assert_int_equal(say_msg4(p, QY_TRUSTED, "second"), QY_ERR_SEQUENCE);
  assert_int_equal(failed_check(&p->trace), QY_CHECK_EXCHANGE_STATE);
  parties_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(enclave_walk),
      cmocka_unit_test(provider_walk),
      cmocka_unit_test(unknown_states),
      cmocka_unit_test(replay_matrix),
      cmocka_unit_test(replayed_msg1_leads_nowhere),
      cmocka_unit_test(p06_no_second_try),
      cmocka_unit_test(p14_no_second_secret),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
