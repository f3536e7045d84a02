/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides joined by a line that flips one bit, any bit, or cuts a message short. */
#include "../unit/exchange_parties.h"

#include <string.h>

static void every_bit_of_msg1(void **state)
{
  (void)state;
  size_t off_curve = 0, unsigned_keys = 0, other_group = 0, extended = 0;
  for (size_t bit = 0; bit < QY_HELLO_SIZE * 8; bit++) {
    parties *p = parties_new(41);
    assert_ok(say_msg1(p));
    p->hello[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    if (hear_msg1(p) != QY_OK) {
      off_curve += failed_check(&p->trace) == QY_CHECK_GA_POINT;
      extended += failed_check(&p->trace) == QY_CHECK_EXTENDED_GROUP;
    } else {
      assert_ok(say_msg2(p, (qy_view){NULL, 0}));
      if (hear_msg2(p) != QY_OK) {
        unsigned_keys += failed_check(&p->enclave_trace) == QY_CHECK_PROVIDER_SIGNATURE;
      } else {
        /* The group id enters neither signature nor MAC of msg2; the quote tells. */
        assert_ok(say_msg3(p));
        assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_QUOTE_GROUP);
        other_group++;
      }
    }
    parties_free(p);
  }
  assert_int_equal(extended, 32);
  assert_int_equal(other_group, 32);
  assert_int_equal(off_curve + unsigned_keys, 512);
}

static void every_bit_of_msg2(void **state)
{
  (void)state;
  parties *p = parties_new(42);
  talk_to_msg2_said(p);
  const qy_enclave_side before = p->enclave;
  size_t by_the_host = 0;
  for (size_t bit = 0; bit < QY_MSG2_HEAD_SIZE * 8; bit++) {
    qy_msg2_parts parts;
    p->enclave = before;
    forget(&p->enclave_trace);
    p->msg2[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    if (bit / 8 >= 164) { /* sig_rl_size: outside the MAC, but then the length is wrong */
      assert_int_not_equal(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), NULL), QY_OK);
      by_the_host++;
    } else {
      const size_t byte = bit / 8;
      assert_int_equal(hear_msg2(p), QY_ERR_REFUSED);
      assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
      const qy_check_id check = failed_check(&p->enclave_trace);
      if (byte < 64) {
        assert_true(check == QY_CHECK_GB_POINT || check == QY_CHECK_PROVIDER_SIGNATURE);
      } else if (byte == 82 || byte == 83) {
        assert_int_equal(check, QY_CHECK_KDF);
      } else if (byte >= 84 && byte < 148) {
        assert_int_equal(check, QY_CHECK_PROVIDER_SIGNATURE);
      } else { /* P04: SPID and quote type are under the MAC */
        assert_int_equal(check, QY_CHECK_MSG2_MAC);
      }
    }
    p->msg2[bit / 8] ^= (uint8_t)(1u << (bit % 8));
  }
  assert_int_equal(by_the_host, 32);
  p->enclave = before;
  assert_ok(hear_msg2(p));
  parties_free(p);
}

static void every_bit_of_msg3(void **state)
{
  (void)state;
  parties *p = parties_new(43);
  talk_to_msg3_said(p);
  const qy_provider_side before = p->side;
  assert_int_equal(p->msg3_size, 1452);
  for (size_t bit = 0; bit < p->msg3_size * 8; bit++) {
    const size_t byte = bit / 8;
    p->side = before;
    forget(&p->trace);
    p->msg3[byte] ^= (uint8_t)(1u << (bit % 8));
    const qy_status status = hear_msg3(p);
    const qy_check_id check = failed_check(&p->trace);
    assert_true(is_wiped(&p->side, sizeof(p->side)));
    if (byte >= 768 && byte < 772) { /* the quote's signature length */
      assert_int_not_equal(status, QY_OK);
      assert_int_equal(check, QY_CHECK_MSG3_FORM);
    } else {
      assert_int_equal(status, QY_ERR_REFUSED);
      assert_int_equal(check, byte >= 16 && byte < 80 ? QY_CHECK_MSG3_GA : QY_CHECK_MSG3_MAC);
    }
    p->msg3[byte] ^= (uint8_t)(1u << (bit % 8));
  }
  p->side = before;
  assert_ok(hear_msg3(p));
  parties_free(p);
}

static void every_length_of_msg2(void **state)
{
  (void)state;
  parties *p = parties_new(42);
  talk_to_msg2_said(p);
  const qy_enclave_side before = p->enclave;
  for (size_t size = 0; size <= QY_MSG2_HEAD_SIZE + 1; size++) {
    p->enclave = before;
    forget(&p->enclave_trace);
    const qy_status status = qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(p->msg2, size), &p->machine.qe,
                                                  &p->enclave_random, &p->enclave_trace, NULL);
    if (size == QY_MSG2_HEAD_SIZE) {
      assert_int_equal(status, QY_OK);
      continue;
    }
    assert_int_equal(status, size < QY_MSG2_HEAD_SIZE ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED);
    assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_MSG2_FORM);
    assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
  }
  parties_free(p);
}

/* P13: nothing of msg4 can be changed, the verdict and the flags least of all. */
static void every_bit_of_msg4(void **state)
{
  (void)state;
  static const char *const secrets[] = {"a secret of some length", NULL};
  for (size_t i = 0; i < 2; i++) {
    parties *p = parties_new(44);
    talk_to_msg3_said(p);
    assert_ok(hear_msg3(p));
    assert_ok(say_msg4(p, secrets[i] == NULL ? QY_REFUSED : QY_TRUSTED, secrets[i]));
    const qy_enclave_side before = p->enclave;
    for (size_t bit = 0; bit < p->msg4_size * 8; bit++) {
      p->enclave = before;
      forget(&p->enclave_trace);
      p->msg4[bit / 8] ^= (uint8_t)(1u << (bit % 8));
      assert_int_not_equal(hear_msg4(p), QY_OK);
      const qy_check_id check = failed_check(&p->enclave_trace);
      assert_true(check == QY_CHECK_MSG4_TAG || check == QY_CHECK_MSG4_FORM);
      assert_int_equal(p->verdict.verdict, QY_UNDECIDED);
      assert_null(p->secret.bytes);
      assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
      p->msg4[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    p->enclave = before;
    assert_ok(hear_msg4(p));
    parties_free(p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_bit_of_msg1), cmocka_unit_test(every_bit_of_msg2), cmocka_unit_test(every_length_of_msg2),
      cmocka_unit_test(every_bit_of_msg3), cmocka_unit_test(every_bit_of_msg4),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
