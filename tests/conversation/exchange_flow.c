/* SPDX-License-Identifier: Apache-2.0 */
/* Whole conversations between the two sides. */
#include "../unit/exchange_parties.h"

#include <string.h>

#include <base/limits.h>

static void secret_arrives(void **state)
{
  (void)state;
  parties *p = parties_new(1);
  QY_SCOPED_SECRET(sk);
  QY_SCOPED_SECRET(mk);
  talk_to_msg4_said(p, "correct horse");
  assert_int_equal(p->side.state, QY_PROVIDER_ENDED);
  assert_true(is_wiped(&p->side, sizeof(p->side)));
  assert_ok(hear_msg4(p));
  assert_int_equal(p->verdict.verdict, QY_TRUSTED);
  assert_true(p->verdict.simulated);
  assert_true(p->verdict.has_secret);
  assert_false(p->verdict.has_platform_info);
  assert_int_equal(p->secret.size, 13);
  assert_memory_equal(p->secret.bytes, "correct horse", 13);
  assert_null(qy_trace_failed(&p->trace));
  assert_null(qy_trace_failed(&p->enclave_trace));
  assert_ok(qy_enclave_side_keys(&p->enclave, &sk, &mk, NULL));
  assert_int_equal(sk.size, 16);
  assert_int_equal(mk.size, 16);
  parties_free(p);
}

static void every_decision_is_recorded(void **state)
{
  (void)state;
  static const qy_check_id enclave_checks[] = {
      QY_CHECK_PROVIDER_KEY, QY_CHECK_EXCHANGE_STATE, QY_CHECK_EXCHANGE_STATE, QY_CHECK_MSG2_FORM,
      QY_CHECK_GB_POINT,     QY_CHECK_GB_REFLECTED,   QY_CHECK_SHARED_SECRET,  QY_CHECK_PROVIDER_SIGNATURE,
      QY_CHECK_KDF,          QY_CHECK_MSG2_MAC,       QY_CHECK_EXCHANGE_STATE, QY_CHECK_QE_REPORT_MAC,
      QY_CHECK_QE_IDENTITY,  QY_CHECK_QE_REPORT_DATA, QY_CHECK_EXCHANGE_STATE, QY_CHECK_MSG4_FORM,
      QY_CHECK_MSG4_TAG};
  static const qy_check_id provider_checks[] = {
      QY_CHECK_EXCHANGE_STATE, QY_CHECK_MSG1_FORM,    QY_CHECK_EXTENDED_GROUP,  QY_CHECK_GA_POINT,
      QY_CHECK_EXCHANGE_STATE, QY_CHECK_SIGRL_GROUP,  QY_CHECK_SHARED_SECRET,   QY_CHECK_EXCHANGE_STATE,
      QY_CHECK_MSG3_FORM,      QY_CHECK_QUOTE_PROOFS, QY_CHECK_MSG3_GA,         QY_CHECK_MSG3_MAC,
      QY_CHECK_QUOTE_VERSION,  QY_CHECK_QUOTE_GROUP,  QY_CHECK_QUOTE_SIGN_TYPE, QY_CHECK_QUOTE_BASENAME,
      QY_CHECK_QUOTE_XEID,     QY_CHECK_REPORT_DATA,  QY_CHECK_PS_SEC_PROP,     QY_CHECK_EXCHANGE_STATE};
  parties *p = parties_new(1);
  QY_SCOPED_BUFFER(sigrl, 4096);
  make_sigrl(&sigrl, p->machine.group_id, 3);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, qy_buffer_view(&sigrl)));
  assert_ok(hear_msg2(p));
  assert_ok(say_msg3(p));
  assert_ok(hear_msg3(p));
  assert_int_equal(p->evidence.epid.proof_count, 3);
  assert_ok(say_msg4(p, QY_TRUSTED, "s"));
  assert_ok(hear_msg4(p));
  assert_int_equal(p->enclave_trace.count, sizeof(enclave_checks) / sizeof(enclave_checks[0]));
  for (size_t i = 0; i < p->enclave_trace.count; i++) {
    assert_string_equal(qy_check_name(p->enclave_trace.records[i].id), qy_check_name(enclave_checks[i]));
    assert_int_equal(p->enclave_trace.records[i].outcome, QY_OUTCOME_HELD);
  }
  assert_int_equal(p->trace.count, sizeof(provider_checks) / sizeof(provider_checks[0]));
  for (size_t i = 0; i < p->trace.count; i++) {
    assert_string_equal(qy_check_name(p->trace.records[i].id), qy_check_name(provider_checks[i]));
  }
  parties_free(p);
}

/* A refusal is as authentic as an acceptance, and ends the enclave's side. */
static void refusals_are_authentic_and_bare(void **state)
{
  (void)state;
  static const qy_trust verdicts[] = {QY_REFUSED, QY_UNDECIDED};
  for (size_t i = 0; i < 2; i++) {
    parties *p = parties_new(4);
    uint8_t info[QY_PLATFORM_INFO_SIZE];
    memset(info, 0x37, sizeof(info));
    talk_to_msg3_said(p);
    assert_ok(hear_msg3(p));
    const qy_msg4_content content = {
        .verdict = verdicts[i], .platform_info = info, .secret_name = qy_view_text(SECRET_NAME)};
    assert_int_equal(qy_msg4_size(&content), 20 + 101 + 16);
    assert_ok(qy_provider_side_msg4(&p->side, p->msg4, sizeof(p->msg4), &p->msg4_size, &content, &p->provider_random,
                                    &p->trace, NULL));
    assert_int_equal(p->msg4_size, 20 + 101 + 16);
    assert_ok(hear_msg4(p));
    assert_int_equal(p->verdict.verdict, verdicts[i]);
    assert_false(p->verdict.has_secret);
    assert_false(p->verdict.simulated);
    assert_true(p->verdict.has_platform_info);
    assert_memory_equal(p->verdict.platform_info, info, sizeof(info));
    assert_null(p->secret.bytes);
    assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
    assert_int_equal(qy_enclave_side_keys(&p->enclave, NULL, NULL, NULL), QY_ERR_SEQUENCE);
    parties_free(p);
  }
}

static void trust_without_a_secret(void **state)
{
  (void)state;
  parties *p = parties_new(5);
  talk_to_msg4_said(p, NULL);
  assert_ok(hear_msg4(p));
  assert_int_equal(p->verdict.verdict, QY_TRUSTED);
  assert_false(p->verdict.has_secret);
  assert_int_equal(p->enclave.state, QY_ENCLAVE_ACCEPTED);
  parties_free(p);
}

static void a_secret_needs_trust(void **state)
{
  (void)state;
  parties *p = parties_new(6);
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  assert_int_equal(say_msg4(p, QY_REFUSED, "never"), QY_ERR_ARGUMENT);
  assert_int_equal(p->msg4_size, 0);
  assert_true(is_wiped(&p->side, sizeof(p->side)));
  parties_free(p);
}

static void the_largest_secret(void **state)
{
  (void)state;
  parties *p = parties_new(7);
  static char secret[QY_MAX_SECRET_SIZE + 2];
  memset(secret, 'x', QY_MAX_SECRET_SIZE);
  talk_to_msg4_said(p, secret);
  assert_int_equal(p->msg4_size, QY_MAX_SECRET_SIZE + 36);
  assert_ok(hear_msg4(p));
  assert_int_equal(p->secret.size, QY_MAX_SECRET_SIZE);
  parties_free(p);
  p = parties_new(7);
  secret[QY_MAX_SECRET_SIZE] = 'x';
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  assert_int_equal(say_msg4(p, QY_TRUSTED, secret), QY_ERR_LIMIT);
  parties_free(p);
}

static void unlinkable_quotes(void **state)
{
  (void)state;
  parties *p = parties_new(8);
  p->provider.quote_type = QY_UNLINKABLE;
  talk_to_msg4_said(p, "s");
  assert_int_equal(p->evidence.epid.body.sign_type, QY_UNLINKABLE);
  assert_ok(hear_msg4(p));
  parties_free(p);
}

/* A list without entries is not sent: Intel's client would refuse it. */
static void empty_list_is_left_out(void **state)
{
  (void)state;
  parties *p = parties_new(9);
  QY_SCOPED_BUFFER(sigrl, 4096);
  size_t size = 0;
  make_sigrl(&sigrl, p->machine.group_id, 0);
  assert_ok(qy_provider_msg2_size(&size, qy_buffer_view(&sigrl), NULL));
  assert_int_equal(size, QY_MSG2_HEAD_SIZE);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, qy_buffer_view(&sigrl)));
  assert_int_equal(p->msg2_size, QY_MSG2_HEAD_SIZE);
  parties_free(p);
}

static void list_of_another_group(void **state)
{
  (void)state;
  parties *p = parties_new(10);
  QY_SCOPED_BUFFER(sigrl, 4096);
  make_sigrl(&sigrl, p->machine.group_id + 1, 1);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_refused_by(say_msg2(p, qy_buffer_view(&sigrl)), &p->trace, QY_CHECK_SIGRL_GROUP);
  assert_true(is_wiped(p->msg2, sizeof(p->msg2)));
  parties_free(p);
}

static void damaged_list(void **state)
{
  (void)state;
  parties *p = parties_new(11);
  QY_SCOPED_BUFFER(sigrl, 4096);
  size_t size = 0;
  make_sigrl(&sigrl, p->machine.group_id, 1);
  sigrl.size--;
  assert_int_not_equal(qy_provider_msg2_size(&size, qy_buffer_view(&sigrl), NULL), QY_OK);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_int_not_equal(say_msg2(p, qy_buffer_view(&sigrl)), QY_OK);
  assert_int_equal(p->side.state, QY_PROVIDER_ENDED);
  parties_free(p);
}

/* P16: an enclave with platform services is taken only by a provider who says so. */
static void p16_platform_services(void **state)
{
  (void)state;
  for (int allowed = 0; allowed < 2; allowed++) {
    parties *p = parties_new(12);
    p->provider.allow_ps_sec_prop = allowed == 1;
    talk_to_msg3_said(p);
    p->msg3[80 + 255] = 1;
    mac_msg3(p);
    if (allowed == 0) {
      assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_PS_SEC_PROP);
      assert_true(is_wiped(&p->evidence, sizeof(p->evidence)));
    } else {
      assert_ok(hear_msg3(p));
      assert_int_equal(p->evidence.ps_sec_prop.size, QY_PS_SEC_PROP_SIZE);
      assert_int_equal(p->evidence.ps_sec_prop.bytes[255], 1);
    }
    parties_free(p);
  }
}

static void keys_wait_for_the_verdict(void **state)
{
  (void)state;
  parties *p = parties_new(13);
  QY_SCOPED_SECRET(sk);
  talk_to_msg2_heard(p);
  assert_int_equal(qy_enclave_side_keys(&p->enclave, &sk, NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(sk.size, 0);
  assert_ok(say_msg3(p));
  assert_int_equal(qy_enclave_side_keys(&p->enclave, &sk, NULL, NULL), QY_ERR_SEQUENCE);
  assert_ok(hear_msg3(p));
  assert_ok(say_msg4(p, QY_TRUSTED, "s"));
  assert_int_equal(qy_enclave_side_keys(&p->enclave, &sk, NULL, NULL), QY_ERR_SEQUENCE);
  assert_ok(hear_msg4(p));
  assert_ok(qy_enclave_side_keys(&p->enclave, &sk, NULL, NULL));
  assert_int_equal(sk.size, 16);
  parties_free(p);
}

/* What is no longer needed is gone: the scalar after msg2, SMK and VK after msg3. */
static void spent_keys_are_wiped(void **state)
{
  (void)state;
  parties *p = parties_new(14);
  talk_to_msg2_heard(p);
  assert_true(is_wiped(p->enclave.a, sizeof(p->enclave.a)));
  assert_ok(say_msg3(p));
  assert_true(is_wiped(p->enclave.keys.smk, 16) && is_wiped(p->enclave.keys.vk, 16));
  assert_ok(hear_msg3(p));
  assert_true(is_wiped(p->side.keys.smk, 16) && is_wiped(p->side.keys.vk, 16));
  parties_free(p);
}

/* The provider's side is plain bytes: another replica can go on with it. */
static void provider_moves_house(void **state)
{
  (void)state;
  parties *p = parties_new(15);
  talk_to_msg3_said(p);
  uint8_t ticket[sizeof(p->side)];
  memcpy(ticket, &p->side, sizeof(ticket));
  qy_provider_side_clear(&p->side);
  memcpy(&p->side, ticket, sizeof(ticket));
  assert_ok(hear_msg3(p));
  assert_ok(say_msg4(p, QY_TRUSTED, "moved"));
  assert_ok(hear_msg4(p));
  parties_free(p);
}

static void secret_names_have_bounds(void **state)
{
  (void)state;
  char longest[QY_MAX_SECRET_NAME + 1];
  memset(longest, 'n', sizeof(longest));
  parties *p = parties_new(16);
  assert_int_equal(qy_enclave_side_begin(&p->enclave, p->provider_public, (qy_view){NULL, 0}, NULL, NULL, NULL),
                   QY_ERR_LIMIT);
  assert_int_equal(
      qy_enclave_side_begin(&p->enclave, p->provider_public, qy_view_over(longest, sizeof(longest)), NULL, NULL, NULL),
      QY_ERR_LIMIT);
  assert_ok(qy_enclave_side_begin(&p->enclave, p->provider_public, qy_view_over(longest, QY_MAX_SECRET_NAME), NULL,
                                  NULL, NULL));
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  const qy_msg4_content nameless = {.verdict = QY_REFUSED};
  assert_int_equal(qy_provider_side_msg4(&p->side, p->msg4, sizeof(p->msg4), &p->msg4_size, &nameless,
                                         &p->provider_random, NULL, NULL),
                   QY_ERR_ARGUMENT);
  parties_free(p);
}

static void short_buffers(void **state)
{
  (void)state;
  parties *p = parties_new(17);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_int_equal(qy_provider_side_msg2(&p->side, p->msg2, QY_MSG2_HEAD_SIZE - 1, &p->msg2_size, &p->provider,
                                         (qy_view){NULL, 0}, &p->provider_random, NULL, NULL),
                   QY_ERR_SPACE);
  assert_true(is_wiped(p->msg2, QY_MSG2_HEAD_SIZE - 1));
  parties_free(p);
  p = parties_new(17);
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  const qy_msg4_content content = {.verdict = QY_REFUSED, .secret_name = qy_view_text(SECRET_NAME)};
  assert_int_equal(qy_provider_side_msg4(&p->side, p->msg4, qy_msg4_size(&content) - 1, &p->msg4_size, &content,
                                         &p->provider_random, NULL, NULL),
                   QY_ERR_SPACE);
  parties_free(p);
}

static qy_status no_randomness(void *context, uint8_t *out, size_t size, qy_error *why)
{
  (void)context;
  (void)out;
  return qy_fail(why, QY_ERR_CRYPTO, "no randomness for %zu bytes", size);
}

static void randomness_fails(void **state)
{
  (void)state;
  const qy_random none = {.fill = no_randomness};
  parties *p = parties_new(18);
  p->enclave_random = none;
  assert_int_equal(say_msg1(p), QY_ERR_CRYPTO);
  assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
  parties_free(p);
  p = parties_new(18);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  p->provider_random = none;
  assert_int_equal(say_msg2(p, (qy_view){NULL, 0}), QY_ERR_CRYPTO);
  parties_free(p);
  p = parties_new(18);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  p->enclave_random = none;
  assert_int_equal(hear_msg2(p), QY_ERR_CRYPTO);
  assert_true(is_wiped(&p->answer, sizeof(p->answer)));
  parties_free(p);
  p = parties_new(18);
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  p->provider_random = none;
  assert_int_equal(say_msg4(p, QY_TRUSTED, "s"), QY_ERR_CRYPTO);
  assert_true(is_wiped(p->msg4, sizeof(p->msg4)));
  parties_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secret_arrives),
      cmocka_unit_test(every_decision_is_recorded),
      cmocka_unit_test(refusals_are_authentic_and_bare),
      cmocka_unit_test(trust_without_a_secret),
      cmocka_unit_test(a_secret_needs_trust),
      cmocka_unit_test(the_largest_secret),
      cmocka_unit_test(unlinkable_quotes),
      cmocka_unit_test(empty_list_is_left_out),
      cmocka_unit_test(list_of_another_group),
      cmocka_unit_test(damaged_list),
      cmocka_unit_test(p16_platform_services),
      cmocka_unit_test(keys_wait_for_the_verdict),
      cmocka_unit_test(spent_keys_are_wiped),
      cmocka_unit_test(provider_moves_house),
      cmocka_unit_test(secret_names_have_bounds),
      cmocka_unit_test(short_buffers),
      cmocka_unit_test(randomness_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
