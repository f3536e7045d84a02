/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides joined by somebody who alters, swaps and forges what they say. Each attack must be stopped by the check
 * that is there for it. The P numbers are those of docs/protocol.md, "Attacks". */
#include "../unit/exchange_parties.h"

#include <stdlib.h>
#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>
#include <crypto/symmetric.h>

/* Big-endian: the prime of P-256, its order, and the y of its point with x = 0 (SEC 2). */
static const char prime_hex[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char y_of_zero_hex[] = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";

static void number(uint8_t little[32], const char *hex)
{
  QY_SCOPED_BUFFER(bytes, 32);
  hex_bytes(&bytes, hex);
  qy_reverse(little, bytes.bytes, 32);
}

/* ---- P01, P02: the provider's signature ---- */

typedef enum forgery {
  BY_ANOTHER_KEY,
  KEYS_SWAPPED,
  G_B_ALONE,
  R_ZERO,
  S_ZERO,
  R_IS_ORDER,
  S_IS_ORDER,
  ALL_ONES,
  FORGERIES
} forgery;

static void sign_msg2(parties *p, const qy_secret *key, const qy_view *parts, size_t count)
{
  uint8_t signature[64];
  assert_ok(qy_p256_sign(signature, key, parts, count, NULL));
  qy_p256_flip(p->msg2 + 84, signature);
}

static void forge(parties *p, forgery how)
{
  const qy_view g_b = qy_view_over(p->msg2, 64);
  const qy_view g_a = qy_view_over(p->hello + 4, 64);
  const qy_view right[] = {g_b, g_a};
  const qy_view swapped[] = {g_a, g_b};
  qy_secret other;
  qy_p256_public public_key;
  switch (how) {
  case BY_ANOTHER_KEY:
    assert_ok(qy_p256_generate(&other, &public_key, &p->provider_random, NULL));
    sign_msg2(p, &other, right, 2);
    break;
  case KEYS_SWAPPED:
    sign_msg2(p, &p->provider_key, swapped, 2);
    break;
  case G_B_ALONE:
    sign_msg2(p, &p->provider_key, right, 1);
    break;
  case R_ZERO:
    memset(p->msg2 + 84, 0, 32);
    break;
  case S_ZERO:
    memset(p->msg2 + 116, 0, 32);
    break;
  case R_IS_ORDER:
    number(p->msg2 + 84, order_hex);
    break;
  case S_IS_ORDER:
    number(p->msg2 + 116, order_hex);
    break;
  default:
    memset(p->msg2 + 84, 0xff, 64);
    break;
  }
  mac_msg2(p);
}

static void p01_forged_signatures(void **state)
{
  (void)state;
  for (unsigned how = 0; how < FORGERIES; how++) {
    parties *p = parties_new(45);
    talk_to_msg2_said(p);
    forge(p, (forgery)how);
    assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_PROVIDER_SIGNATURE);
    assert_null(qy_trace_find(&p->enclave_trace, QY_CHECK_KDF)); /* nothing is derived before it */
    parties_free(p);
  }
}

/* s and n - s are the same signature: Intel has no rule for the low one, and signers need not know one. */
static void high_s_is_accepted(void **state)
{
  (void)state;
  parties *p = parties_new(46);
  uint8_t order[32];
  unsigned borrow = 0;
  talk_to_msg2_said(p);
  number(order, order_hex);
  for (size_t i = 0; i < 32; i++) {
    const unsigned difference = (unsigned)order[i] - p->msg2[116 + i] - borrow;
    p->msg2[116 + i] = (uint8_t)difference;
    borrow = difference >> 8 & 1;
  }
  mac_msg2(p);
  assert_ok(hear_msg2(p));
  parties_free(p);
}

/* P02: the enclave's key is the measured one; another provider's good msg2 is worth nothing. */
static void p02_another_provider(void **state)
{
  (void)state;
  parties *p = parties_new(47);
  parties *other = parties_new(48);
  p->provider_key = other->provider_key;
  talk_to_msg2_said(p);
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_PROVIDER_SIGNATURE);
  parties_free(other);
  parties_free(p);
}

/* ---- P03, P12: reflection and mixing ---- */

/* Even signed by the provider, and with a good MAC: both sides were led to draw the same scalar. */
static void p03_reflection(void **state)
{
  (void)state;
  static const uint8_t scalar[32] = {[31] = 5};
  parties *p = parties_new(49);
  p->enclave_bytes.bytes = p->provider_bytes.bytes = scalar;
  p->enclave_bytes.size = p->provider_bytes.size = sizeof(scalar);
  talk_to_msg2_said(p);
  assert_memory_equal(p->msg2, p->hello + 4, 64);
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_GB_REFLECTED);
  parties_free(p);
}

/* Two sessions of one enclave image with one provider: nothing of one fits the other. */
static void p03_sessions_do_not_mix(void **state)
{
  (void)state;
  parties *p = parties_new(50);
  parties *other = parties_new(51);
  memcpy(other->provider_public, p->provider_public, 64);
  other->provider_key = p->provider_key;
  assert_ok(qy_enclave_side_begin(&other->enclave, p->provider_public, qy_view_text(SECRET_NAME), NULL, NULL, NULL));
  talk_to_msg2_said(p);
  talk_to_msg2_said(other);
  const qy_enclave_side enclave = p->enclave;
  memcpy(p->msg3, p->msg2, QY_MSG2_HEAD_SIZE); /* kept aside */
  memcpy(p->msg2, other->msg2, QY_MSG2_HEAD_SIZE);
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_PROVIDER_SIGNATURE);
  memcpy(p->msg2, p->msg3, QY_MSG2_HEAD_SIZE);
  p->enclave = enclave;
  assert_ok(hear_msg2(p));
  assert_ok(hear_msg2(other));
  assert_ok(say_msg3(p));
  assert_ok(say_msg3(other));
  const qy_provider_side side = p->side;
  assert_int_equal(qy_provider_side_msg3(&p->side, &p->evidence, &p->provider,
                                         qy_view_over(other->msg3, other->msg3_size), &p->trace, NULL),
                   QY_ERR_REFUSED);
  assert_int_equal(failed_check(&p->trace), QY_CHECK_MSG3_GA);
  p->side = side;
  assert_ok(hear_msg3(p));
  assert_ok(hear_msg3(other));
  assert_ok(say_msg4(p, QY_TRUSTED, "p"));
  assert_ok(say_msg4(other, QY_TRUSTED, "o"));
  assert_int_equal(qy_enclave_side_msg4(&p->enclave, &p->verdict, &p->secret,
                                        qy_view_over(other->msg4, other->msg4_size), &p->enclave_trace, NULL),
                   QY_ERR_REFUSED);
  assert_int_equal(failed_check(&p->enclave_trace), QY_CHECK_MSG4_TAG);
  parties_free(other);
  parties_free(p);
}

/* P12: who sits between and puts in a g_b of his own would need the provider's signature over it. */
static void p12_substituted_g_b(void **state)
{
  (void)state;
  parties *p = parties_new(52);
  qy_secret own;
  qy_p256_public public_key;
  talk_to_msg2_said(p);
  assert_ok(qy_p256_generate(&own, &public_key, &p->provider_random, NULL));
  qy_p256_flip(p->msg2, public_key.bytes);
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_PROVIDER_SIGNATURE);
  parties_free(p);
}

/* ---- P05: points that are none ---- */

typedef enum bad_point { INFINITY_POINT, OFF_CURVE, X_IS_P, Y_IS_P, ON_TWIST, ALL_FF, BAD_POINTS } bad_point;

static void put_bad_point(uint8_t wire[64], bad_point which)
{
  switch (which) {
  case INFINITY_POINT:
    memset(wire, 0, 64);
    break;
  case OFF_CURVE:
    wire[32] ^= 1;
    break;
  case X_IS_P: /* congruent to the good point with x = 0 */
    number(wire, prime_hex);
    number(wire + 32, y_of_zero_hex);
    break;
  case Y_IS_P:
    number(wire + 32, prime_hex);
    break;
  case ON_TWIST: /* x = 1 belongs to no point of the curve */
    memset(wire, 0, 64);
    wire[0] = wire[32] = 1;
    break;
  default:
    memset(wire, 0xff, 64);
    break;
  }
}

static void p05_bad_points(void **state)
{
  (void)state;
  for (unsigned which = 0; which < BAD_POINTS; which++) {
    parties *p = parties_new(53);
    assert_ok(say_msg1(p));
    put_bad_point(p->hello + 4, (bad_point)which);
    assert_refused_by(hear_msg1(p), &p->trace, QY_CHECK_GA_POINT);
    parties_free(p);

    p = parties_new(53);
    talk_to_msg2_said(p);
    put_bad_point(p->msg2, (bad_point)which);
    mac_msg2(p);
    assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_GB_POINT);
    parties_free(p);

    p = parties_new(53);
    put_bad_point(p->provider_public, (bad_point)which);
    assert_refused_by(qy_enclave_side_begin(&p->enclave, p->provider_public, qy_view_text(SECRET_NAME), NULL,
                                            &p->enclave_trace, NULL),
                      &p->enclave_trace, QY_CHECK_PROVIDER_KEY);
    assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
    parties_free(p);
  }
}

/* P06: with the scalar 1 the point with x = 0 makes a shared secret of zeros. */
static void p06_zero_shared_secret(void **state)
{
  (void)state;
  static const uint8_t one[32] = {[31] = 1};
  parties *p = parties_new(54);
  p->enclave_bytes.bytes = one;
  p->enclave_bytes.size = sizeof(one);
  talk_to_msg2_said(p);
  memset(p->msg2, 0, 32);
  number(p->msg2 + 32, y_of_zero_hex);
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_SHARED_SECRET);
  parties_free(p);

  p = parties_new(54);
  p->provider_bytes.bytes = one;
  p->provider_bytes.size = sizeof(one);
  assert_ok(say_msg1(p));
  memset(p->hello + 4, 0, 32);
  number(p->hello + 36, y_of_zero_hex);
  assert_ok(hear_msg1(p));
  assert_refused_by(say_msg2(p, (qy_view){NULL, 0}), &p->trace, QY_CHECK_SHARED_SECRET);
  parties_free(p);
}

/* ---- P07: the MACs ---- */

static void p07_mac_by_another_key(void **state)
{
  (void)state;
  parties *p = parties_new(55);
  talk_to_msg2_said(p);
  const qy_view msg2 = qy_view_over(p->msg2, QY_MSG2_MACED_SIZE);
  const uint8_t *wrong = p->side.keys.sk;
  assert_ok(qy_cmac(p->msg2 + 148, qy_view_over(wrong, 16), &msg2, 1, NULL));
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_MSG2_MAC);
  parties_free(p);

  p = parties_new(55);
  talk_to_msg3_said(p);
  const qy_view msg3 = qy_view_over(p->msg3 + 16, p->msg3_size - 16);
  assert_ok(qy_cmac(p->msg3, qy_view_over(p->side.keys.sk, 16), &msg3, 1, NULL));
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_MSG3_MAC);
  parties_free(p);

  p = parties_new(55);
  talk_to_msg3_said(p);
  memset(p->msg3, 0, 16);
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_MSG3_MAC);
  parties_free(p);
}

/* The trace of the enclave goes to its untrusted host: no right MAC may stand in it. */
static void traces_hold_no_right_mac(void **state)
{
  (void)state;
  parties *p = parties_new(56);
  talk_to_msg2_said(p);
  const qy_text right = qy_text_hex(qy_view_over(p->msg2 + 148, 16));
  memset(p->msg2 + 148, 0, 16);
  assert_int_equal(hear_msg2(p), QY_ERR_REFUSED);
  for (size_t i = 0; i < p->enclave_trace.count; i++) {
    assert_null(strstr(p->enclave_trace.records[i].expected.chars, right.chars));
    assert_null(strstr(p->enclave_trace.records[i].actual.chars, right.chars));
  }
  parties_free(p);
}

/* ---- P10, P15: downgrades ---- */

static void p10_other_derivations(void **state)
{
  (void)state;
  static const uint16_t ids[] = {0, 2, 0x0100, 0xffff};
  for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
    parties *p = parties_new(57);
    talk_to_msg2_said(p);
    p->msg2[82] = (uint8_t)ids[i];
    p->msg2[83] = (uint8_t)(ids[i] >> 8);
    mac_msg2(p);
    assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_KDF);
    parties_free(p);
  }
}

static void p15_extended_groups(void **state)
{
  (void)state;
  static const uint8_t groups[][4] = {{1, 0, 0, 0}, {0, 0, 0, 0x80}, {0xff, 0xff, 0xff, 0xff}};
  for (size_t i = 0; i < 3; i++) {
    parties *p = parties_new(58);
    assert_ok(say_msg1(p));
    memcpy(p->hello, groups[i], 4);
    assert_refused_by(hear_msg1(p), &p->trace, QY_CHECK_EXTENDED_GROUP);
    parties_free(p);
  }
}

/* ---- P11 and the header: quotes that are MACed well and say something else ---- */

typedef struct quote_change {
  size_t at; /* in the quote */
  uint8_t bits;
  qy_check_id check;
} quote_change;

static void p11_quotes_of_something_else(void **state)
{
  (void)state;
  static const quote_change changes[] = {
      {0, 1, QY_CHECK_QUOTE_VERSION},      {0, 3, QY_CHECK_QUOTE_VERSION}, /* version 3, version 1 */
      {1, 1, QY_CHECK_QUOTE_VERSION},      {2, 1, QY_CHECK_QUOTE_SIGN_TYPE},       {4, 1, QY_CHECK_QUOTE_GROUP},
      {7, 0x80, QY_CHECK_QUOTE_GROUP},     {12, 1, QY_CHECK_QUOTE_XEID},           {15, 0x80, QY_CHECK_QUOTE_XEID},
      {16, 1, QY_CHECK_QUOTE_BASENAME},    {31, 1, QY_CHECK_QUOTE_BASENAME},       {32, 1, QY_CHECK_QUOTE_BASENAME},
      {47, 1, QY_CHECK_QUOTE_BASENAME}, /* linkable: zeros after the SPID */
      {48 + 320, 1, QY_CHECK_REPORT_DATA}, {48 + 351, 0x80, QY_CHECK_REPORT_DATA}, {48 + 352, 1, QY_CHECK_REPORT_DATA},
      {48 + 383, 1, QY_CHECK_REPORT_DATA}, /* the half that must be zero */
  };
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    parties *p = parties_new(59);
    talk_to_msg3_said(p);
    p->msg3[QY_MSG3_HEAD_SIZE + changes[i].at] ^= changes[i].bits;
    mac_msg3(p);
    assert_refused_by(hear_msg3(p), &p->trace, changes[i].check);
    assert_true(is_wiped(&p->evidence, sizeof(p->evidence)));
    parties_free(p);
  }
}

static void p11_empty_report_data(void **state)
{
  (void)state;
  parties *p = parties_new(60);
  talk_to_msg3_said(p);
  memset(p->msg3 + QY_MSG3_HEAD_SIZE + 48 + 320, 0, 64);
  mac_msg3(p);
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_REPORT_DATA);
  parties_free(p);
}

static void an_unknown_sign_type(void **state)
{
  (void)state;
  parties *p = parties_new(61);
  talk_to_msg3_said(p);
  p->msg3[QY_MSG3_HEAD_SIZE + 2] = 2;
  mac_msg3(p);
  assert_int_equal(hear_msg3(p), QY_ERR_UNSUPPORTED);
  parties_free(p);
}

/* ---- The revocation list, which no MAC covers ---- */

static void stripped_list(void **state)
{
  (void)state;
  parties *p = parties_new(62);
  QY_SCOPED_BUFFER(sigrl, 4096);
  make_sigrl(&sigrl, p->machine.group_id, 2);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, qy_buffer_view(&sigrl)));
  memset(p->msg2 + 164, 0, 4);
  p->msg2_size = QY_MSG2_HEAD_SIZE;
  assert_ok(hear_msg2(p)); /* the enclave cannot tell */
  assert_ok(say_msg3(p));
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_QUOTE_PROOFS);
  parties_free(p);
}

static void shortened_list(void **state)
{
  (void)state;
  parties *p = parties_new(63);
  QY_SCOPED_BUFFER(sigrl, 4096);
  QY_SCOPED_BUFFER(shorter, 4096);
  make_sigrl(&sigrl, p->machine.group_id, 2);
  make_sigrl(&shorter, p->machine.group_id, 1);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, qy_buffer_view(&sigrl)));
  p->msg2[164] = (uint8_t)shorter.size;
  p->msg2[165] = (uint8_t)(shorter.size >> 8);
  memcpy(p->msg2 + QY_MSG2_HEAD_SIZE, shorter.bytes, shorter.size);
  p->msg2_size = QY_MSG2_HEAD_SIZE + shorter.size;
  assert_ok(hear_msg2(p));
  assert_ok(say_msg3(p));
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_QUOTE_PROOFS);
  parties_free(p);
}

/* A host that shows the enclave another sig_rl_size than was sent is found out by msg4, which binds all 168 bytes. */
static void a_lie_about_the_list_shows_in_msg4(void **state)
{
  (void)state;
  parties *p = parties_new(64);
  talk_to_msg2_said(p);
  p->msg2[164] ^= 0xd0;
  assert_ok(hear_msg2(p));
  p->msg2[164] ^= 0xd0;
  assert_ok(say_msg3(p));
  assert_ok(hear_msg3(p));
  assert_ok(say_msg4(p, QY_TRUSTED, "s"));
  assert_refused_by(hear_msg4(p), &p->enclave_trace, QY_CHECK_MSG4_TAG);
  parties_free(p);
}

/* ---- The quoting enclave's report ---- */

typedef enum qe_lie {
  QE_MAC,
  QE_OTHER_KEY,
  QE_MEASUREMENT,
  QE_ATTRIBUTES,
  QE_NONCE,
  QE_UPPER_HALF,
  QE_QUOTE,
  QE_LIES
} qe_lie;

static void tell_qe_lie(parties *p, qy_report *report, qy_buffer *quote, qe_lie lie)
{
  const qy_secret other = {.size = 16, .bytes = "another report k"};
  switch (lie) {
  case QE_MAC:
    report->mac[15] ^= 1;
    return;
  case QE_OTHER_KEY:
    sign_report(report, &other);
    return;
  case QE_MEASUREMENT:
    report->body.mr_enclave[31] ^= 1;
    break;
  case QE_ATTRIBUTES:
    report->body.attributes.flags |= QY_ATTRIBUTE_DEBUG;
    break;
  case QE_NONCE:
    report->body.report_data[0] ^= 1;
    break;
  case QE_UPPER_HALF:
    report->body.report_data[63] = 1;
    break;
  default:
    quote->bytes[500] ^= 1;
    return;
  }
  sign_report(report, &p->machine.report_key);
}

static void reports_of_other_enclaves(void **state)
{
  (void)state;
  static const qy_check_id checks[QE_LIES] = {QY_CHECK_QE_REPORT_MAC, QY_CHECK_QE_REPORT_MAC,  QY_CHECK_QE_IDENTITY,
                                              QY_CHECK_QE_IDENTITY,   QY_CHECK_QE_REPORT_DATA, QY_CHECK_QE_REPORT_DATA,
                                              QY_CHECK_QE_REPORT_DATA};
  for (unsigned lie = 0; lie < QE_LIES; lie++) {
    parties *p = parties_new(65);
    QY_SCOPED_BUFFER(quote, 4096);
    qy_report report;
    talk_to_msg2_heard(p);
    make_quote(&quote, p, 0);
    make_qe_report(&report, p, qy_buffer_view(&quote));
    tell_qe_lie(p, &report, &quote, (qe_lie)lie);
    assert_refused_by(qy_enclave_side_msg3(&p->enclave, p->msg3, qy_buffer_view(&quote), &report,
                                           &p->machine.report_key, &p->enclave_trace, NULL),
                      &p->enclave_trace, checks[lie]);
    assert_true(is_wiped(p->msg3, QY_MSG3_HEAD_SIZE));
    assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
    parties_free(p);
  }
}

/* ---- P13: msg4 ---- */

static void p13_stripped_secret(void **state)
{
  (void)state;
  parties *p = parties_new(66);
  talk_to_msg4_said(p, "stripped");
  p->msg4[2] &= (uint8_t)~2u; /* no secret */
  p->msg4[4] = 0;
  memmove(p->msg4 + 20, p->msg4 + 28, 16);
  p->msg4_size -= 8;
  assert_refused_by(hear_msg4(p), &p->enclave_trace, QY_CHECK_MSG4_TAG);
  parties_free(p);
}

static void secret_of_another_name(void **state)
{
  (void)state;
  static const char *const names[] = {"database-passwore", "database-passwor", "database-password2"};
  for (size_t i = 0; i < 3; i++) {
    parties *p = parties_new(67);
    talk_to_msg3_said(p);
    assert_ok(hear_msg3(p));
    const qy_msg4_content content = {
        .verdict = QY_TRUSTED, .secret = qy_view_text("s"), .secret_name = qy_view_text(names[i])};
    assert_ok(qy_provider_side_msg4(&p->side, p->msg4, sizeof(p->msg4), &p->msg4_size, &content, &p->provider_random,
                                    NULL, NULL));
    assert_refused_by(hear_msg4(p), &p->enclave_trace, QY_CHECK_MSG4_TAG);
    parties_free(p);
  }
}

/* P14: two sessions never share an IV, and the IV is not a constant. */
static void p14_fresh_ivs(void **state)
{
  (void)state;
  parties *p = parties_new(68);
  parties *other = parties_new(69);
  talk_to_msg4_said(p, "s");
  talk_to_msg4_said(other, "s");
  assert_memory_not_equal(p->msg4 + 8, other->msg4 + 8, 12);
  assert_false(is_wiped(p->msg4 + 8, 12));
  parties_free(other);
  parties_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(p01_forged_signatures),
      cmocka_unit_test(high_s_is_accepted),
      cmocka_unit_test(p02_another_provider),
      cmocka_unit_test(p03_reflection),
      cmocka_unit_test(p03_sessions_do_not_mix),
      cmocka_unit_test(p12_substituted_g_b),
      cmocka_unit_test(p05_bad_points),
      cmocka_unit_test(p06_zero_shared_secret),
      cmocka_unit_test(p07_mac_by_another_key),
      cmocka_unit_test(traces_hold_no_right_mac),
      cmocka_unit_test(p10_other_derivations),
      cmocka_unit_test(p15_extended_groups),
      cmocka_unit_test(p11_quotes_of_something_else),
      cmocka_unit_test(p11_empty_report_data),
      cmocka_unit_test(an_unknown_sign_type),
      cmocka_unit_test(stripped_list),
      cmocka_unit_test(shortened_list),
      cmocka_unit_test(a_lie_about_the_list_shows_in_msg4),
      cmocka_unit_test(reports_of_other_enclaves),
      cmocka_unit_test(p13_stripped_secret),
      cmocka_unit_test(secret_of_another_name),
      cmocka_unit_test(p14_fresh_ivs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
