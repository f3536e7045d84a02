/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions about ECDSA quotes, of enclaves and of trust domains: what the provider takes, and what it does not. */
#include "../unit/exchange_parties.h"

#include <string.h>

typedef struct form {
  qy_evidence_kind kind;
  uint16_t version;
  qy_dcap_body_type body_type;
} form;

static const form forms[] = {{QY_EVIDENCE_SGX, 3, QY_DCAP_BODY_ENCLAVE},  {QY_EVIDENCE_SGX, 4, QY_DCAP_BODY_ENCLAVE},
                             {QY_EVIDENCE_SGX, 5, QY_DCAP_BODY_ENCLAVE},  {QY_EVIDENCE_TDX, 4, QY_DCAP_BODY_TD_1_0},
                             {QY_EVIDENCE_TDX, 5, QY_DCAP_BODY_TD_1_0},   {QY_EVIDENCE_TDX, 5, QY_DCAP_BODY_TD_1_5},
                             {QY_EVIDENCE_TDX, 5, QY_DCAP_BODY_TD_1_5_EX}};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static parties *parties_about(uint64_t seed, qy_evidence_kind kind)
{
  parties *p = parties_new(seed);
  p->machine.group_id = kind == QY_EVIDENCE_EPID ? p->machine.group_id : 0;
  qy_provider_side_begin(&p->side, kind);
  return p;
}

/* A quoting enclave vouches for it, as on a machine whose enclaves it quotes. */
static void quote_with_witness(parties *p, const form *made)
{
  QY_SCOPED_BUFFER(quote, 8192);
  qy_report qe_report;
  assert_ok(hear_msg2(p));
  make_own_quote(&quote, p, made->version, made->body_type);
  make_qe_report(&qe_report, p, qy_buffer_view(&quote));
  assert_ok(qy_enclave_side_msg3(&p->enclave, p->msg3, qy_buffer_view(&quote), &qe_report, &p->machine.report_key,
                                 &p->enclave_trace, &p->why));
  memcpy(p->msg3 + QY_MSG3_HEAD_SIZE, quote.bytes, quote.size);
  p->msg3_size = QY_MSG3_HEAD_SIZE + quote.size;
}

static parties *parties_at_msg3(uint64_t seed, const form *made)
{
  parties *p = parties_about(seed, made->kind);
  talk_to_msg2_said(p);
  quote_with_witness(p, made);
  return p;
}

static void the_secret_arrives(void **state)
{
  (void)state;
  for (size_t i = 0; i < FORMS; i++) {
    parties *p = parties_at_msg3(101 + i, &forms[i]);
    assert_ok(hear_msg3(p));
    assert_int_equal(p->evidence.kind, forms[i].kind);
    assert_int_equal(p->evidence.ecdsa.header.version, forms[i].version);
    assert_int_equal(p->evidence.ecdsa.body_type, forms[i].body_type);
    assert_ptr_equal(p->evidence.bytes.bytes, p->msg3 + QY_MSG3_HEAD_SIZE);
    assert_int_equal(p->evidence.bytes.size, p->msg3_size - QY_MSG3_HEAD_SIZE);
    assert_memory_equal(p->evidence.report_data, p->answer.report_data, QY_REPORT_DATA_SIZE);
    assert_true(is_wiped(&p->evidence.epid, sizeof(p->evidence.epid)));
    assert_ok(say_msg4(p, QY_TRUSTED, "the secret"));
    assert_ok(hear_msg4(p));
    assert_true(p->verdict.has_secret);
    assert_memory_equal(p->secret.bytes, "the secret", 10);
    parties_free(p);
  }
}

/* An EPID quote in a session about ECDSA quotes, and every other mixture. */
static void another_kind_is_refused(void **state)
{
  (void)state;
  for (int kind = 0; kind < QY_EVIDENCE_KIND_COUNT; kind++) {
    for (size_t i = 0; i < FORMS; i++) {
      const form made = {(qy_evidence_kind)kind, forms[i].version, forms[i].body_type};
      if (forms[i].kind == made.kind) {
        continue;
      }
      parties *p = parties_at_msg3(120, &made);
      assert_refused_by(hear_msg3(p), &p->trace,
                        made.kind == QY_EVIDENCE_EPID ? QY_CHECK_QUOTE_VERSION : QY_CHECK_QUOTE_TEE);
      assert_true(is_wiped(&p->side, sizeof(p->side)));
      assert_true(is_wiped(&p->evidence, sizeof(p->evidence)));
      parties_free(p);
    }
  }
  for (int kind = QY_EVIDENCE_SGX; kind <= QY_EVIDENCE_TDX; kind++) {
    parties *p = parties_about(121, (qy_evidence_kind)kind);
    talk_to_msg3_said(p); /* an EPID quote of group 0 */
    assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_QUOTE_VERSION);
    parties_free(p);
  }
}

static void a_group_is_refused(void **state)
{
  (void)state;
  parties *p = parties_about(122, QY_EVIDENCE_SGX);
  for (size_t bit = 0; bit < 32; bit++) {
    p->machine.group_id = 1u << bit;
    p->enclave.state = QY_ENCLAVE_BEGINS;
    qy_provider_side_begin(&p->side, QY_EVIDENCE_SGX);
    forget(&p->trace);
    assert_ok(say_msg1(p));
    assert_refused_by(hear_msg1(p), &p->trace, QY_CHECK_MSG1_GROUP);
  }
  parties_free(p);
}

static void a_revocation_list_is_not_sent(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(list, 4096);
  parties *p = parties_about(123, QY_EVIDENCE_TDX);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  make_sigrl(&list, 0, 1);
  assert_int_equal(say_msg2(p, qy_buffer_view(&list)), QY_ERR_ARGUMENT);
  assert_true(is_wiped(&p->side, sizeof(p->side)));
  parties_free(p);
}

static void every_bit_of_msg3(void **state)
{
  (void)state;
  parties *p = parties_at_msg3(124, &forms[1]);
  const qy_provider_side before = p->side;
  size_t by_form = 0;
  for (size_t bit = 0; bit < p->msg3_size * 8; bit++) {
    p->side = before;
    forget(&p->trace);
    p->msg3[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_not_equal(hear_msg3(p), QY_OK);
    const qy_check_id check = failed_check(&p->trace);
    const size_t byte = bit / 8;
    if (byte >= 16 && byte < 80) {
      assert_int_equal(check, QY_CHECK_MSG3_GA);
    } else {
      by_form += check == QY_CHECK_MSG3_FORM;
      assert_true(check == QY_CHECK_MSG3_FORM || check == QY_CHECK_MSG3_MAC);
    }
    assert_true(is_wiped(&p->side, sizeof(p->side)));
    p->msg3[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  assert_in_range(by_form, 32, 32 + 16 + 32); /* size of the authentication data; some of version and TEE type */
  p->side = before;
  assert_ok(hear_msg3(p));
  parties_free(p);
}

/* The quote ends where msg3 does: neither earlier nor later. */
static void every_length_but_one_is_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < FORMS; i++) {
    parties *p = parties_at_msg3(125, &forms[i]);
    const qy_provider_side before = p->side;
    const size_t whole = p->msg3_size;
    p->msg3[whole] = 0;
    for (size_t size = 0; size <= whole + 1; size++) {
      p->side = before;
      p->msg3_size = size;
      forget(&p->trace);
      const qy_status status = hear_msg3(p);
      assert_int_equal(status, size < whole ? QY_ERR_TRUNCATED : size > whole ? QY_ERR_MALFORMED : QY_OK);
      assert_int_equal(failed_check(&p->trace), status == QY_OK ? QY_CHECK_NONE : QY_CHECK_MSG3_FORM);
    }
    parties_free(p);
  }
}

static void lengths_at_their_limits(void **state)
{
  (void)state;
  static uint8_t bytes[QY_MSG3_HEAD_SIZE + QY_MAX_ECDSA_QUOTE_SIZE + 1];
  qy_msg3 msg3;
  uint8_t *quote = bytes + QY_MSG3_HEAD_SIZE;
  const size_t most = sizeof(bytes) - 1;
  const uint32_t auth = QY_MAX_ECDSA_QUOTE_SIZE - 436;
  quote[0] = 3;
  memcpy(quote + 432, &auth, 4);
  assert_ok(qy_msg3_decode(&msg3, qy_view_over(bytes, most), NULL));
  assert_int_equal(msg3.quote.size, QY_MAX_ECDSA_QUOTE_SIZE);
  const uint32_t longer = auth + 1;
  memcpy(quote + 432, &longer, 4);
  assert_int_equal(qy_msg3_decode(&msg3, QY_VIEW_OF(bytes), NULL), QY_ERR_LIMIT);
  memset(quote + 432, 0xff, 4);
  assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, most), NULL), QY_ERR_TRUNCATED);
  memset(quote + 432, 0, 4); /* a quote of nothing but its header and body is none */
  assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, QY_MSG3_HEAD_SIZE + 436), NULL), QY_ERR_TRUNCATED);
  quote[0] = 5; /* whose body says its own size */
  assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, QY_MSG3_HEAD_SIZE + 58), NULL), QY_ERR_TRUNCATED);
  memset(quote + 50, 0xff, 4);
  assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, most), NULL), QY_ERR_TRUNCATED);
}

/* Somebody who holds the keys and brings a quote of something else, or one that is right in its first half only. */
static void quotes_of_something_else(void **state)
{
  (void)state;
  for (size_t i = 0; i < FORMS; i++) {
    for (size_t byte = 0; byte <= QY_REPORT_DATA_SIZE; byte += 31) {
      parties *p = parties_about(126, forms[i].kind);
      talk_to_msg2_said(p);
      quote_with_witness(p, &forms[i]);
      QY_SCOPED_BUFFER(quote, 8192);
      p->answer.report_data[byte == QY_REPORT_DATA_SIZE ? byte - 1 : byte] ^= 0x80;
      make_own_quote(&quote, p, forms[i].version, forms[i].body_type);
      memcpy(p->msg3 + QY_MSG3_HEAD_SIZE, quote.bytes, quote.size);
      mac_msg3(p);
      assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_REPORT_DATA);
      parties_free(p);
    }
  }
}

/* No appraisal of ECDSA quotes looks at them. */
static void platform_services_are_refused(void **state)
{
  (void)state;
  parties *p = parties_at_msg3(127, &forms[0]);
  p->provider.allow_ps_sec_prop = true;
  p->msg3[80 + 12] = 1;
  mac_msg3(p);
  assert_refused_by(hear_msg3(p), &p->trace, QY_CHECK_PS_SEC_PROP);
  parties_free(p);
}

static void kinds_and_their_keys(void **state)
{
  (void)state;
  const uint8_t spid[QY_SPID_SIZE] = {7};
  qy_att_key_list list;
  qy_evidence_kind kind = QY_EVIDENCE_EPID;
  for (unsigned kinds = 0; kinds < 1u << QY_EVIDENCE_KIND_COUNT; kinds++) {
    size_t at = 0;
    qy_evidence_offer(&list, kinds, spid, QY_LINKABLE);
    for (int one = 0; one < QY_EVIDENCE_KIND_COUNT; one++) {
      if ((kinds & 1u << one) != 0) {
        assert_true(qy_evidence_kind_of_key(&kind, &list.ids[at]));
        assert_int_equal(kind, one);
        assert_int_equal(qy_view_is_zero(QY_VIEW_OF(list.ids[at].spid)), one != QY_EVIDENCE_EPID);
        at++;
      }
    }
    assert_int_equal(list.count, at);
  }
  for (int one = 0; one < QY_EVIDENCE_KIND_COUNT; one++) {
    assert_true(qy_evidence_kind_find(&kind, qy_evidence_kind_name((qy_evidence_kind)one)));
    assert_int_equal(kind, one);
  }
  assert_false(qy_evidence_kind_find(&kind, "SGX"));
  assert_false(qy_evidence_kind_find(&kind, ""));
  assert_string_equal(qy_evidence_kind_name((qy_evidence_kind)9), "unknown");
  qy_att_key_id id = list.ids[0];
  id.algorithm_id = 1;
  assert_false(qy_evidence_kind_of_key(&kind, &id));
  id.algorithm_id = QY_ATT_KEY_ALGORITHM_EPID;
  id.prod_id = QY_ATT_KEY_PRODUCT_TD_QE;
  assert_false(qy_evidence_kind_of_key(&kind, &id));
  id = list.ids[1];
  id.version = 1;
  assert_false(qy_evidence_kind_of_key(&kind, &id));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_secret_arrives),
      cmocka_unit_test(another_kind_is_refused),
      cmocka_unit_test(a_group_is_refused),
      cmocka_unit_test(a_revocation_list_is_not_sent),
      cmocka_unit_test(every_bit_of_msg3),
      cmocka_unit_test(every_length_but_one_is_refused),
      cmocka_unit_test(lengths_at_their_limits),
      cmocka_unit_test(quotes_of_something_else),
      cmocka_unit_test(platform_services_are_refused),
      cmocka_unit_test(kinds_and_their_keys),
  };
  return cmocka_run_group_tests_name("exchange: ECDSA", tests, NULL, NULL);
}
