/* SPDX-License-Identifier: Apache-2.0 */
/* The messages as bytes: every truncation, one byte more, round trips, the size rules. */
#include "exchange_parties.h"

#include <stdlib.h>
#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

static void numbered(uint8_t *out, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(i * 7 + 1);
  }
}

static void put_u32(uint8_t *at, uint32_t value)
{
  qy_writer writer = qy_writer_over(at, 4);
  qy_write_u32le(&writer, value);
}

static void msg0_is_four_bytes(void **state)
{
  (void)state;
  uint8_t bytes[5] = {0x04, 0x03, 0x02, 0x01, 0};
  uint8_t again[QY_MSG0_SIZE];
  qy_msg0 msg0;
  for (size_t size = 0; size < QY_MSG0_SIZE; size++) {
    assert_int_equal(qy_msg0_decode(&msg0, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_msg0_decode(&msg0, qy_view_over(bytes, 5), NULL), QY_ERR_MALFORMED);
  assert_true(is_wiped(&msg0, sizeof(msg0)));
  assert_ok(qy_msg0_decode(&msg0, qy_view_over(bytes, 4), NULL));
  assert_int_equal(msg0.extended_group_id, 0x01020304);
  qy_msg0_encode(again, &msg0);
  assert_memory_equal(again, bytes, sizeof(again));
}

static void msg1_is_sixty_eight_bytes(void **state)
{
  (void)state;
  uint8_t bytes[QY_MSG1_SIZE + 1];
  uint8_t again[QY_MSG1_SIZE];
  qy_msg1 msg1;
  numbered(bytes, sizeof(bytes));
  put_u32(bytes + 64, 0x0a0b0c0d);
  for (size_t size = 0; size < QY_MSG1_SIZE; size++) {
    assert_int_equal(qy_msg1_decode(&msg1, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
    assert_true(is_wiped(&msg1, sizeof(msg1)));
  }
  assert_int_equal(qy_msg1_decode(&msg1, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_msg1_decode(&msg1, qy_view_over(bytes, QY_MSG1_SIZE), NULL));
  assert_memory_equal(msg1.g_a, bytes, 64);
  assert_int_equal(msg1.group_id, 0x0a0b0c0d);
  qy_msg1_encode(again, &msg1);
  assert_memory_equal(again, bytes, sizeof(again));
}

static void error_names_field_and_offset(void **state)
{
  (void)state;
  uint8_t bytes[QY_MSG1_SIZE] = {0};
  qy_msg1 msg1;
  qy_error why = {0};
  assert_int_equal(qy_msg1_decode(&msg1, qy_view_over(bytes, 66), &why), QY_ERR_TRUNCATED);
  assert_non_null(strstr(why.message, "msg1"));
  assert_non_null(strstr(why.message, "gid"));
  assert_non_null(strstr(why.message, "64"));
}

static void msg2_round_trip(void **state)
{
  (void)state;
  uint8_t bytes[QY_MSG2_HEAD_SIZE + 208 + 1];
  uint8_t again[sizeof(bytes)];
  uint8_t head[QY_MSG2_HEAD_SIZE];
  size_t size = 0;
  qy_msg2 msg2;
  numbered(bytes, sizeof(bytes));
  put_u32(bytes + 164, 208);
  const size_t whole = QY_MSG2_HEAD_SIZE + 208;
  for (size_t cut = 0; cut < whole; cut++) {
    assert_int_equal(qy_msg2_decode(&msg2, qy_view_over(bytes, cut), NULL), QY_ERR_TRUNCATED);
    assert_true(is_wiped(&msg2, sizeof(msg2)));
  }
  assert_int_equal(qy_msg2_decode(&msg2, qy_view_over(bytes, whole + 1), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_msg2_decode(&msg2, qy_view_over(bytes, whole), NULL));
  assert_memory_equal(msg2.g_b, bytes, 64);
  assert_memory_equal(msg2.spid, bytes + 64, 16);
  assert_int_equal(msg2.quote_type, bytes[80] | bytes[81] << 8);
  assert_int_equal(msg2.kdf_id, bytes[82] | bytes[83] << 8);
  assert_memory_equal(msg2.signature, bytes + 84, 64);
  assert_memory_equal(msg2.mac, bytes + 148, 16);
  assert_int_equal(msg2.sigrl.size, 208);
  assert_ptr_equal(msg2.sigrl.bytes, bytes + 168);
  assert_ok(qy_msg2_encode(again, sizeof(again), &size, &msg2, NULL));
  assert_int_equal(size, whole);
  assert_memory_equal(again, bytes, whole);
  assert_int_equal(qy_msg2_encode(again, whole - 1, &size, &msg2, NULL), QY_ERR_SPACE);
  qy_msg2_head_encode(head, &msg2);
  assert_memory_equal(head, bytes, sizeof(head));
  msg2.sigrl_size--;
  assert_int_equal(qy_msg2_encode(again, sizeof(again), &size, &msg2, NULL), QY_ERR_ARGUMENT);
}

static void msg2_head_keeps_the_size_field(void **state)
{
  (void)state;
  uint8_t bytes[QY_MSG2_HEAD_SIZE + 1];
  uint8_t again[QY_MSG2_HEAD_SIZE];
  qy_msg2 msg2;
  numbered(bytes, sizeof(bytes));
  for (size_t size = 0; size < QY_MSG2_HEAD_SIZE; size++) {
    assert_int_equal(qy_msg2_head_decode(&msg2, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_msg2_head_decode(&msg2, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_msg2_head_decode(&msg2, qy_view_over(bytes, QY_MSG2_HEAD_SIZE), NULL));
  qy_msg2_head_encode(again, &msg2);
  assert_memory_equal(again, bytes, sizeof(again));
}

static void msg2_list_sizes(void **state)
{
  (void)state;
  static const struct {
    uint32_t size;
    qy_status status;
  } rows[] = {
      {0, QY_OK},
      {1, QY_ERR_MALFORMED},
      {79, QY_ERR_MALFORMED},
      {80, QY_ERR_MALFORMED}, /* an empty list is never sent */
      {144, QY_ERR_MALFORMED},
      {207, QY_ERR_MALFORMED},
      {208, QY_OK},
      {209, QY_ERR_MALFORMED},
      {336, QY_OK},
      {80 + 128 * (QY_MAX_SIGRL_ENTRIES + 1), QY_ERR_LIMIT},
      {0xffffffff, QY_ERR_MALFORMED},
      {0xffffffd0, QY_ERR_LIMIT}, /* fits the rule, but not this memory */
  };
  uint8_t bytes[QY_MSG2_HEAD_SIZE + 336] = {0};
  qy_msg2 msg2;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    put_u32(bytes + 164, rows[i].size);
    const size_t size = QY_MSG2_HEAD_SIZE + (rows[i].size < 400 ? rows[i].size : 0);
    assert_int_equal(qy_msg2_decode(&msg2, qy_view_over(bytes, size), NULL), rows[i].status);
  }
}

static void msg3_follows_the_quotes_length(void **state)
{
  (void)state;
  const size_t whole = QY_MSG3_HEAD_SIZE + QY_QUOTE_SIZE + QY_QUOTE_PROOF_SIZE;
  uint8_t *bytes = malloc(whole + 1);
  uint8_t *again = malloc(whole + 1);
  size_t size = 0;
  qy_msg3 msg3;
  assert_non_null(bytes);
  assert_non_null(again);
  numbered(bytes, whole + 1);
  put_u32(bytes + 336 + 432, 680 + 160);
  for (size_t cut = 0; cut < whole; cut++) {
    assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, cut), NULL), QY_ERR_TRUNCATED);
    assert_true(is_wiped(&msg3, sizeof(msg3)));
  }
  assert_int_equal(qy_msg3_decode(&msg3, qy_view_over(bytes, whole + 1), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_msg3_decode(&msg3, qy_view_over(bytes, whole), NULL));
  assert_memory_equal(msg3.mac, bytes, 16);
  assert_memory_equal(msg3.g_a, bytes + 16, 64);
  assert_memory_equal(msg3.ps_sec_prop, bytes + 80, 256);
  assert_ptr_equal(msg3.quote.bytes, bytes + 336);
  assert_int_equal(msg3.quote.size, whole - 336);
  assert_ok(qy_msg3_encode(again, whole, &size, &msg3, NULL));
  assert_memory_equal(again, bytes, whole);
  assert_int_equal(qy_msg3_encode(again, whole - 1, &size, &msg3, NULL), QY_ERR_SPACE);
  msg3.quote.size = 435;
  assert_int_equal(qy_msg3_encode(again, whole, &size, &msg3, NULL), QY_ERR_ARGUMENT);
  free(again);
  free(bytes);
}

static void msg3_signature_lengths(void **state)
{
  (void)state;
  static const struct {
    uint32_t signature_size;
    qy_status status;
  } rows[] = {
      {0, QY_ERR_MALFORMED},          {679, QY_ERR_MALFORMED},
      {681, QY_ERR_MALFORMED},        {680, QY_OK},
      {840, QY_ERR_TRUNCATED},        {680 + 160 * (QY_MAX_SIGRL_ENTRIES + 1), QY_ERR_LIMIT},
      {0xffffffff, QY_ERR_MALFORMED},
  };
  uint8_t bytes[QY_MSG3_HEAD_SIZE + QY_QUOTE_SIZE] = {0};
  qy_msg3 msg3;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    put_u32(bytes + 336 + 432, rows[i].signature_size);
    assert_int_equal(qy_msg3_decode(&msg3, QY_VIEW_OF(bytes), NULL), rows[i].status);
  }
}

/* P17: a quote of 1 to 431 bytes is no quote. */
static void p17_short_quotes(void **state)
{
  (void)state;
  for (size_t quote = 1; quote < 436; quote++) {
    parties *p = parties_new(17);
    talk_to_msg3_said(p);
    p->msg3_size = QY_MSG3_HEAD_SIZE + quote;
    mac_msg3(p);
    assert_int_equal(hear_msg3(p), QY_ERR_TRUNCATED);
    assert_int_equal(failed_check(&p->trace), QY_CHECK_MSG3_FORM);
    parties_free(p);
  }
}

static void split_gives_each_his_part(void **state)
{
  (void)state;
  parties *p = parties_new(3);
  QY_SCOPED_BUFFER(sigrl, 4096);
  qy_msg2_parts parts;
  make_sigrl(&sigrl, p->machine.group_id, 2);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, qy_buffer_view(&sigrl)));
  assert_ok(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), NULL));
  assert_int_equal(parts.head.size, QY_MSG2_HEAD_SIZE);
  assert_true(qy_view_equal(parts.sigrl, qy_buffer_view(&sigrl)));
  assert_int_equal(parts.sign_type, QY_LINKABLE);
  assert_int_equal(parts.quote_size, 1116 + 2 * 160);
  assert_memory_equal(parts.spid, p->provider.spid, 16);
  p->msg2[80] = 7; /* as Intel's client: anything but 0 is linkable */
  assert_ok(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), NULL));
  assert_int_equal(parts.sign_type, QY_LINKABLE);
  p->msg2[80] = 0;
  assert_ok(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), NULL));
  assert_int_equal(parts.sign_type, QY_UNLINKABLE);
  p->msg2[169] = 3; /* another version of the list */
  assert_int_not_equal(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), NULL), QY_OK);
  assert_true(is_wiped(&parts, sizeof(parts)));
  parties_free(p);
}

static void msg4_as_bytes(void **state)
{
  (void)state;
  uint8_t info[QY_PLATFORM_INFO_SIZE];
  uint8_t secret[33];
  uint8_t bytes[20 + 101 + 33 + 16 + 1] = {0};
  uint8_t again[sizeof(bytes)];
  size_t size = 0;
  numbered(info, sizeof(info));
  numbered(secret, sizeof(secret));
  qy_msg4 msg4 = {
      .verdict = QY_TRUSTED, .simulated = true, .platform_info = QY_VIEW_OF(info), .ciphertext = QY_VIEW_OF(secret)};
  numbered(msg4.iv, sizeof(msg4.iv));
  numbered(msg4.tag, sizeof(msg4.tag));
  assert_ok(qy_msg4_encode(bytes, sizeof(bytes), &size, &msg4, NULL));
  assert_int_equal(size, sizeof(bytes) - 1);
  static const uint8_t head[] = {1, 1, 7, 0, 33, 0, 0, 0};
  assert_memory_equal(bytes, head, sizeof(head));
  qy_msg4 decoded;
  for (size_t cut = 0; cut < size; cut++) {
    assert_int_equal(qy_msg4_decode(&decoded, qy_view_over(bytes, cut), NULL), QY_ERR_TRUNCATED);
    assert_true(is_wiped(&decoded, sizeof(decoded)));
  }
  assert_int_equal(qy_msg4_decode(&decoded, qy_view_over(bytes, size + 1), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_msg4_decode(&decoded, qy_view_over(bytes, size), NULL));
  assert_int_equal(decoded.verdict, QY_TRUSTED);
  assert_true(decoded.simulated);
  assert_true(qy_view_equal(decoded.platform_info, QY_VIEW_OF(info)));
  assert_true(qy_view_equal(decoded.ciphertext, QY_VIEW_OF(secret)));
  assert_int_equal(decoded.header.size, QY_MSG4_HEADER_SIZE);
  assert_ok(qy_msg4_encode(again, sizeof(again), &size, &decoded, NULL));
  assert_memory_equal(again, bytes, size);
  assert_int_equal(qy_msg4_encode(again, size - 1, &size, &decoded, NULL), QY_ERR_SPACE);
}

static void msg4_headers(void **state)
{
  (void)state;
  static const struct {
    uint8_t head[8];
    qy_status status;
  } rows[] = {
      {{1, 2, 0, 0, 0, 0, 0, 0}, QY_OK},              /* a refusal */
      {{1, 0, 4, 0, 0, 0, 0, 0}, QY_OK},              /* undecided, simulated */
      {{1, 1, 2, 0, 16, 0, 0, 0}, QY_OK},             /* trusted, with a secret */
      {{0, 2, 0, 0, 0, 0, 0, 0}, QY_ERR_UNSUPPORTED}, /* version */
      {{2, 2, 0, 0, 0, 0, 0, 0}, QY_ERR_UNSUPPORTED},
      {{1, 3, 0, 0, 0, 0, 0, 0}, QY_ERR_MALFORMED}, /* no such verdict */
      {{1, 2, 8, 0, 0, 0, 0, 0}, QY_ERR_UNSUPPORTED},
      {{1, 2, 0, 1, 0, 0, 0, 0}, QY_ERR_UNSUPPORTED},
      {{1, 2, 2, 0, 16, 0, 0, 0}, QY_ERR_MALFORMED}, /* refused, with a secret */
      {{1, 1, 2, 0, 0, 0, 0, 0}, QY_ERR_MALFORMED},  /* flagged, and none there */
      {{1, 1, 0, 0, 16, 0, 0, 0}, QY_ERR_MALFORMED}, /* there, and not flagged */
      {{1, 1, 2, 0, 1, 0, 1, 0}, QY_ERR_LIMIT},
  };
  qy_msg4 msg4;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    uint8_t bytes[20 + 16 + 16] = {0};
    memcpy(bytes, rows[i].head, 8);
    const size_t size = 20u + rows[i].head[4] + 16u;
    assert_int_equal(qy_msg4_decode(&msg4, qy_view_over(bytes, size), NULL), rows[i].status);
  }
  uint8_t out[64];
  size_t size = 0;
  msg4 = (qy_msg4){.verdict = QY_REFUSED, .ciphertext = qy_view_text("secret")};
  assert_int_equal(qy_msg4_encode(out, sizeof(out), &size, &msg4, NULL), QY_ERR_ARGUMENT);
  msg4 = (qy_msg4){.verdict = (qy_trust)3};
  assert_int_equal(qy_msg4_encode(out, sizeof(out), &size, &msg4, NULL), QY_ERR_ARGUMENT);
  msg4 = (qy_msg4){.verdict = QY_REFUSED, .platform_info = qy_view_text("short")};
  assert_int_equal(qy_msg4_encode(out, sizeof(out), &size, &msg4, NULL), QY_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(msg0_is_four_bytes),
      cmocka_unit_test(msg1_is_sixty_eight_bytes),
      cmocka_unit_test(error_names_field_and_offset),
      cmocka_unit_test(msg2_round_trip),
      cmocka_unit_test(msg2_head_keeps_the_size_field),
      cmocka_unit_test(msg2_list_sizes),
      cmocka_unit_test(msg3_follows_the_quotes_length),
      cmocka_unit_test(msg3_signature_lengths),
      cmocka_unit_test(p17_short_quotes),
      cmocka_unit_test(split_gives_each_his_part),
      cmocka_unit_test(msg4_as_bytes),
      cmocka_unit_test(msg4_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
