/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave's side where the platform hands out quotes ready made, and no quoting enclave vouches for them. */
#include "../unit/exchange_parties.h"

#include <string.h>

#include <crypto/symmetric.h>

static void talk_to_own_quote(parties *p)
{
  talk_to_msg2_said(p);
  assert_ok(hear_msg2_alone(p));
}

static qy_status hear_quote(parties *p, const qy_buffer *quote)
{
  return qy_enclave_side_msg3_own(&p->enclave, p->msg3, qy_buffer_view(quote), &p->enclave_trace, &p->why);
}

/* The session's report data, from the provider's keys. */
static void provider_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const parties *p)
{
  assert_ok(qy_session_report_data(out, p->hello + QY_MSG0_SIZE, p->msg2, &p->side.keys, NULL));
}

static void quotes_of_every_form_are_taken(void **state)
{
  (void)state;
  static const struct {
    uint16_t version;
    qy_dcap_body_type body_type;
  } forms[] = {{3, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_ENCLAVE}, {5, QY_DCAP_BODY_ENCLAVE},
               {4, QY_DCAP_BODY_TD_1_0},   {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},
               {5, QY_DCAP_BODY_TD_1_5_EX}};
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    parties *p = parties_new(71);
    QY_SCOPED_BUFFER(quote, 4096);
    uint8_t expected[QY_REPORT_DATA_SIZE];
    uint8_t mac[QY_MAC_SIZE];
    talk_to_own_quote(p);
    provider_report_data(expected, p);
    assert_memory_equal(p->answer.report_data, expected, sizeof(expected));
    assert_true(is_wiped(p->answer.nonce, sizeof(p->answer.nonce)));
    make_own_quote(&quote, p, forms[i].version, forms[i].body_type);
    assert_ok(hear_quote(p, &quote));
    /* what the provider gets has the MAC that msg3 has */
    const qy_view maced[] = {qy_view_over(p->msg3 + QY_MAC_SIZE, QY_MSG3_HEAD_SIZE - QY_MAC_SIZE),
                             qy_buffer_view(&quote)};
    assert_ok(qy_cmac(mac, QY_VIEW_OF(p->side.keys.smk), maced, 2, NULL));
    assert_memory_equal(p->msg3, mac, sizeof(mac));
    assert_memory_equal(p->msg3 + QY_MAC_SIZE, p->hello + QY_MSG0_SIZE, QY_GROUP_ELEMENT_SIZE);
    assert_int_equal(p->enclave.state, QY_ENCLAVE_AWAITS_MSG4);
    assert_true(is_wiped(p->enclave.keys.smk, sizeof(p->enclave.keys.smk)));
    parties_free(p);
  }
}

/* Each bit of the report data alone; then all of it of another session. */
static void a_quote_of_another_session_is_refused(void **state)
{
  (void)state;
  for (size_t bit = 0; bit <= (size_t)8 * QY_REPORT_DATA_SIZE; bit++) {
    parties *p = parties_new(72);
    QY_SCOPED_BUFFER(quote, 4096);
    talk_to_own_quote(p);
    if (bit < (size_t)8 * QY_REPORT_DATA_SIZE) {
      p->answer.report_data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    } else {
      parties *other = parties_new(73);
      talk_to_own_quote(other);
      p->answer = other->answer;
      parties_free(other);
    }
    make_own_quote(&quote, p, bit % 2 == 0 ? 3 : 4, bit % 2 == 0 ? QY_DCAP_BODY_ENCLAVE : QY_DCAP_BODY_TD_1_0);
    memset(p->msg3, 0xa5, QY_MSG3_HEAD_SIZE);
    assert_refused_by(hear_quote(p, &quote), &p->enclave_trace, QY_CHECK_OWN_QUOTE);
    assert_true(is_wiped(p->msg3, QY_MSG3_HEAD_SIZE));
    assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
    parties_free(p);
  }
}

/* The right data elsewhere in the quote is not the right data: the other kind of body, the QE report. */
static void only_the_quoted_body_counts(void **state)
{
  (void)state;
  parties *p = parties_new(74);
  QY_SCOPED_BUFFER(quote, 4096);
  qy_dcap_quote decoded;
  uint8_t expected[QY_REPORT_DATA_SIZE];
  talk_to_own_quote(p);
  provider_report_data(expected, p);
  memset(p->answer.report_data, 0, QY_REPORT_DATA_SIZE);
  make_own_quote(&quote, p, 3, QY_DCAP_BODY_ENCLAVE);
  assert_ok(qy_dcap_quote_decode(&decoded, qy_buffer_view(&quote), NULL));
  memcpy(quote.bytes + (decoded.qe_report_bytes.bytes - quote.bytes) + 320, expected, sizeof(expected));
  assert_ok(qy_dcap_quote_decode(&decoded, qy_buffer_view(&quote), NULL));
  assert_memory_equal(decoded.qe_report.report_data, expected, sizeof(expected));
  assert_refused_by(hear_quote(p, &quote), &p->enclave_trace, QY_CHECK_OWN_QUOTE);
  parties_free(p);
}

/* Every truncation, an EPID quote, nothing at all. */
static void what_is_no_dcap_quote_is_refused(void **state)
{
  (void)state;
  parties *p = parties_new(75);
  QY_SCOPED_BUFFER(quote, 4096);
  QY_SCOPED_BUFFER(epid, 4096);
  talk_to_own_quote(p);
  make_own_quote(&quote, p, 4, QY_DCAP_BODY_TD_1_0);
  make_quote(&epid, p, 0);
  const qy_enclave_side side = p->enclave;
  const size_t size = quote.size;
  for (size_t cut = 0; cut < size; cut++) {
    p->enclave = side;
    forget(&p->enclave_trace);
    quote.size = cut;
    assert_refused_by(hear_quote(p, &quote), &p->enclave_trace, QY_CHECK_OWN_QUOTE);
  }
  p->enclave = side;
  assert_refused_by(hear_quote(p, &epid), &p->enclave_trace, QY_CHECK_OWN_QUOTE);
  const qy_check_record *record = qy_trace_find(&p->enclave_trace, QY_CHECK_OWN_QUOTE);
  assert_non_null(record);
  assert_true(strlen(record->actual.chars) > 0);
  parties_free(p);
}

/* One who was told of a quoting enclave does not go without its word, and the other way round. */
static void the_two_ways_do_not_cross(void **state)
{
  (void)state;
  parties *p = parties_new(76);
  QY_SCOPED_BUFFER(quote, 4096);
  talk_to_msg2_heard(p);
  make_own_quote(&quote, p, 3, QY_DCAP_BODY_ENCLAVE);
  assert_int_equal(hear_quote(p, &quote), QY_ERR_SEQUENCE);
  assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_EXCHANGE_STATE);
  parties_free(p);
  p = parties_new(77);
  talk_to_own_quote(p);
  assert_int_equal(say_msg3(p), QY_ERR_SEQUENCE);
  assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_EXCHANGE_STATE);
  parties_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_of_every_form_are_taken), cmocka_unit_test(a_quote_of_another_session_is_refused),
      cmocka_unit_test(only_the_quoted_body_counts),    cmocka_unit_test(what_is_no_dcap_quote_is_refused),
      cmocka_unit_test(the_two_ways_do_not_cross),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
