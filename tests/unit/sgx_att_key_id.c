/* SPDX-License-Identifier: Apache-2.0 */
#include "sgx_support.h"

#include <sgx/intel_keys.h>

static qy_status recode(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_att_key_id id;
  QY_TRY(qy_att_key_id_decode(&id, bytes, why));
  qy_att_key_id_encode(qy_buffer_extend(again, QY_ATT_KEY_ID_SIZE), &id);
  return QY_OK;
}

static qy_status recode_list(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_att_key_list list;
  QY_TRY(qy_att_key_list_decode(&list, bytes, why));
  qy_att_key_list_encode(qy_buffer_extend(again, QY_ATT_KEY_LIST_SIZE(list.count)), &list);
  return QY_OK;
}

static void an_id(qy_att_key_id *id)
{
  static const uint8_t spid[16] = "sixteen bytes it";
  qy_att_key_id_epid(id, spid, true);
}

/* An EPID id, then ECDSA ones. */
static void a_list(qy_att_key_list *list, size_t count)
{
  *list = (qy_att_key_list){.count = count};
  an_id(&list->ids[0]);
  for (size_t i = 1; i < count; i++) {
    qy_att_key_id_ecdsa(&list->ids[i], i % 2 == 0);
  }
}

static void decoders_pay_their_debts(void **state)
{
  (void)state;
  uint8_t bytes[QY_ATT_KEY_LIST_SIZE(QY_ATT_KEY_LIST_MAX)];
  qy_att_key_list list;
  for (size_t count = 1; count <= QY_ATT_KEY_LIST_MAX; count++) {
    a_list(&list, count);
    qy_att_key_list_encode(bytes, &list);
    check_decoder(recode_list, qy_view_over(bytes, QY_ATT_KEY_LIST_SIZE(count)));
    qy_att_key_id_encode(bytes, &list.ids[count - 1]);
    check_decoder(recode, qy_view_over(bytes, QY_ATT_KEY_ID_SIZE));
  }
}

/* The list that Intel's sample provider sends: offsets 8 and on within it are those of the id. */
static void fields_lie_where_they_should(void **state)
{
  (void)state;
  uint8_t bytes[QY_ATT_KEY_LIST_SIZE(3)];
  qy_att_key_list list;
  a_list(&list, 1);
  qy_att_key_list_encode(bytes, &list);
  assert_memory_equal(bytes, "\x00\x00\x00\x00\x01\x00\x00\x00", 8);
  const uint8_t *at = bytes + 8;
  assert_memory_equal(at, "\x00\x00\x00\x00\x20\x00\xec\x15\xb1\x07", 10);
  assert_memory_equal(at + 6, qy_intel_epid_qe_signer, 32);
  assert_int_equal(little_endian(at + 54, 4), 1);
  assert_int_equal(little_endian(at + 154, 4), QY_ATT_KEY_ALGORITHM_EPID);
  assert_memory_equal(at + 158, list.ids[0].spid, 16);
  assert_int_equal(little_endian(at + 174, 2), 1);
  assert_true(qy_view_is_zero(qy_view_over(at + 176, 80)));
  a_list(&list, 3);
  qy_att_key_list_encode(bytes, &list);
  assert_memory_equal(bytes, "\x00\x00\x00\x00\x03\x00\x00\x00", 8);
  assert_memory_equal(at + 256, "\x00\x00\x00\x00\x20\x00\x8c\x4f\x57\x75", 10);
  assert_int_equal(little_endian(at + 256 + 54, 4), QY_ATT_KEY_PRODUCT_QE);
  assert_int_equal(little_endian(at + 256 + 154, 4), QY_ATT_KEY_ALGORITHM_ECDSA_P256);
  assert_true(qy_view_is_zero(qy_view_over(at + 256 + 158, 98)));
  assert_memory_equal(at + 512, "\x00\x00\x00\x00\x20\x00\xdc\x9e\x2a\x7c", 10);
  assert_int_equal(little_endian(at + 512 + 54, 4), QY_ATT_KEY_PRODUCT_TD_QE);
}

static void limits_and_reserved_bytes(void **state)
{
  (void)state;
  uint8_t bytes[QY_ATT_KEY_ID_SIZE];
  QY_SCOPED_BUFFER(again, 4096);
  qy_att_key_id id;
  an_id(&id);
  qy_att_key_id_encode(bytes, &id);
  for (unsigned size = 0; size < 64; size++) {
    bytes[4] = (uint8_t)size; /* below 32 a used byte stands where none may, for the sample's has no zero at its end */
    assert_int_equal(recode_exact(recode, &again, bytes, sizeof(bytes)),
                     size >= 32 && size <= 48 ? QY_OK : QY_ERR_MALFORMED);
  }
  bytes[4] = 32;
  bytes[5] = 1;
  assert_int_equal(recode_exact(recode, &again, bytes, sizeof(bytes)), QY_ERR_MALFORMED);
  bytes[5] = 0;
  for (size_t at = 0; at < sizeof(bytes); at++) {
    const bool fixed = (at >= 38 && at < 54) || at >= 176;
    if (at == 4 || at == 5) {
      continue;
    }
    bytes[at] ^= 0x10;
    assert_int_equal(recode_exact(recode, &again, bytes, sizeof(bytes)), fixed ? QY_ERR_MALFORMED : QY_OK);
    bytes[at] ^= 0x10;
  }
}

static void other_lists_are_not_spoken(void **state)
{
  (void)state;
  uint8_t bytes[QY_ATT_KEY_LIST_SIZE(1)];
  QY_SCOPED_BUFFER(again, 4096);
  qy_att_key_list list;
  a_list(&list, 1);
  qy_att_key_list_encode(bytes, &list);
  for (size_t at = 0; at < 4; at++) {
    bytes[at] ^= 2;
    assert_int_equal(recode_exact(recode_list, &again, bytes, sizeof(bytes)), QY_ERR_UNSUPPORTED);
    bytes[at] ^= 2;
  }
  for (size_t at = 4; at < 8; at++) {
    bytes[at] ^= 0x10;
    assert_int_equal(recode_exact(recode_list, &again, bytes, sizeof(bytes)), QY_ERR_LIMIT);
    bytes[at] ^= 0x10;
  }
  bytes[4] = 0;
  assert_int_equal(recode_exact(recode_list, &again, bytes, 8), QY_ERR_LIMIT);
  bytes[4] = 2;
  assert_int_equal(recode_exact(recode_list, &again, bytes, sizeof(bytes)), QY_ERR_TRUNCATED);
}

static void published_signers_are_known(void **state)
{
  (void)state;
  uint8_t signer[32];
  for (size_t i = 0; i < QY_PUBLISHED_SIGNER_COUNT; i++) {
    assert_true(qy_signer_is_published(qy_published_signers[i]));
    memcpy(signer, qy_published_signers[i], sizeof(signer));
    signer[31] ^= 1;
    assert_false(qy_signer_is_published(signer));
  }
  assert_false(qy_signer_is_published(qy_intel_epid_qe_signer));
  assert_false(qy_signer_is_published(qy_intel_ecdsa_qe_signer));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoders_pay_their_debts),    cmocka_unit_test(fields_lie_where_they_should),
      cmocka_unit_test(limits_and_reserved_bytes),   cmocka_unit_test(other_lists_are_not_spoken),
      cmocka_unit_test(published_signers_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
