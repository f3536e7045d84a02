/* SPDX-License-Identifier: Apache-2.0 */
/* Fields, headers, text forms, structures and messages: form only. */
#include "vectors.h"

#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <provisioning/messages.h>
#include <provisioning/provisioner.h>
#include <provisioning/transport.h>

static void pattern(uint8_t *out, size_t size, uint8_t seed)
{
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(seed + 7 * i);
  }
}

/* ---- TLV ---- */

static void tlv_headers(void **state)
{
  (void)state;
  static const struct {
    qy_tlv_type type;
    size_t size;
    const char *header;
  } cases[] = {{QY_TLV_CIPHER_TEXT, 385, "00010181"},
               {QY_TLV_PWK2, 16, "19010010"},
               {QY_TLV_EPID_MEMBERSHIP_CREDENTIAL, 160, "0c0100a0"},
               {QY_TLV_EPID_SIG, 360, "8b0100000168"},
               {QY_TLV_PLATFORM_INFO_BLOB, 101, "15020065"},
               {QY_TLV_PEK, 492, "170201ec"},
               {QY_TLV_SE_REPORT, 448, "9a01000001c0"},
               {QY_TLV_EPID_SIG_RL, 208, "8601000000d0"},
               {QY_TLV_BLOCK_CIPHER_TEXT, 65535, "0101ffff"},
               {QY_TLV_BLOCK_CIPHER_TEXT, 65536, "810100010000"}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    QY_SCOPED_BUFFER(out, 1u << 20);
    QY_SCOPED_BUFFER(expected, 16);
    hex_bytes(&expected, cases[i].header);
    qy_tlv_append_header(&out, cases[i].type, cases[i].size);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.bytes, expected.bytes, out.size);
    assert_int_equal(qy_tlv_size(cases[i].type, cases[i].size), expected.size + cases[i].size);
    uint8_t *payload = qy_buffer_extend(&out, cases[i].size);
    assert_non_null(payload);
    memset(payload, 0x5a, cases[i].size);
    qy_reader in = qy_reader_over(qy_buffer_view(&out));
    assert_true(qy_tlv_is_next(&in, cases[i].type));
    const qy_view read = qy_tlv_expect_size(&in, cases[i].type, cases[i].size);
    assert_ok(qy_read_finish(&in, "field", NULL));
    assert_int_equal(read.size, cases[i].size);
    for (size_t cut = 0; cut < out.size; cut += cut < 400 ? 1 : 977) {
      qy_reader shorter = qy_reader_over((qy_view){out.bytes, cut});
      (void)qy_tlv_expect(&shorter, cases[i].type);
      assert_int_equal(shorter.status, QY_ERR_TRUNCATED);
    }
  }
}

static void tlv_refuses(void **state)
{
  (void)state;
  static const struct {
    const char *hex;
    qy_status status;
  } cases[] = {{"1b010000", QY_ERR_UNSUPPORTED}, /* type 27 */
               {"7f010000", QY_ERR_UNSUPPORTED},
               {"04020000", QY_ERR_UNSUPPORTED}, /* NONCE of version 2 */
               {"04000000", QY_ERR_UNSUPPORTED},
               {"17010000", QY_ERR_UNSUPPORTED},   /* PEK of version 1 */
               {"840100000000", QY_ERR_MALFORMED}, /* NONCE in the long form */
               {"1a010000", QY_ERR_MALFORMED},     /* SE_REPORT in the short form */
               {"0b010000", QY_ERR_MALFORMED},
               {"03010000", QY_ERR_MALFORMED},     /* MAC where a NONCE is expected */
               {"8401ffffffff", QY_ERR_TRUNCATED}, /* long enough for the long form, and not there */
               {"", QY_ERR_TRUNCATED}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 16);
    hex_bytes(&bytes, cases[i].hex);
    qy_reader in = qy_reader_over(qy_buffer_view(&bytes));
    assert_int_equal(qy_tlv_expect(&in, QY_TLV_NONCE).size, 0);
    assert_int_equal(in.status, cases[i].status);
  }
  assert_string_equal(qy_tlv_type_name(QY_TLV_SE_REPORT), "se-report");
  assert_string_equal(qy_tlv_type_name(27), "unknown");
}

/* ---- Transport ---- */

static void tlv_of_no_bytes(void **state)
{
  uint8_t untouched = 0x5a;
  QY_SCOPED_BUFFER(field, 16);
  (void)state;
  qy_tlv_append(&field, QY_TLV_NONCE, (qy_view){0});
  qy_reader in = qy_reader_over(qy_buffer_view(&field));
  qy_tlv_expect_bytes(&in, QY_TLV_NONCE, &untouched, 0);
  assert_int_equal(in.status, QY_OK);
  assert_int_equal(untouched, 0x5a);
}

static void request_headers_and_text(void **state)
{
  (void)state;
  const uint8_t xid[8] = {1, 2, 3, 4, 5, 6, 7, 0xab};
  uint8_t message[15 + 3] = {[15] = 0xff, 0xfe, 0xfd};
  qy_provisioning_request_header(message, QY_PROTOCOL_EPID, xid, QY_PROVISIONING_MSG3, 3);
  qy_provisioning_request request;
  assert_ok(qy_provisioning_request_decode(&request, QY_VIEW_OF(message), NULL));
  assert_int_equal(request.protocol, 0);
  assert_int_equal(request.type, QY_PROVISIONING_MSG3);
  assert_memory_equal(request.xid, xid, 8);
  assert_int_equal(request.header.size, 15);
  assert_int_equal(request.body.size, 3);

  QY_SCOPED_BUFFER(text, 256);
  assert_ok(qy_provisioning_request_to_text(&text, QY_VIEW_OF(message), NULL));
  assert_string_equal(qy_buffer_text(&text), "0002010203040506"
                                             "07AB0200000003"
                                             "//79");
  QY_SCOPED_BUFFER(back, 256);
  assert_ok(qy_provisioning_request_from_text(&back, qy_buffer_view(&text), NULL));
  assert_int_equal(back.size, sizeof(message));
  assert_memory_equal(back.bytes, message, sizeof(message));
  for (size_t cut = 0; cut < text.size; cut++) {
    QY_SCOPED_BUFFER(none, 256);
    assert_int_not_equal(qy_provisioning_request_from_text(&none, (qy_view){text.bytes, cut}, NULL), QY_OK);
  }
  for (size_t cut = 0; cut < sizeof(message); cut++) {
    assert_int_equal(qy_provisioning_request_decode(&request, (qy_view){message, cut}, NULL), QY_ERR_TRUNCATED);
    assert_null(request.header.bytes);
  }
  message[1] = 1;
  assert_int_equal(qy_provisioning_request_decode(&request, QY_VIEW_OF(message), NULL), QY_ERR_UNSUPPORTED);
  message[1] = 2;
  message[14] = 2;
  assert_int_equal(qy_provisioning_request_decode(&request, QY_VIEW_OF(message), NULL), QY_ERR_MALFORMED);
  message[11] = 0x7f;
  assert_int_equal(qy_provisioning_request_decode(&request, QY_VIEW_OF(message), NULL), QY_ERR_LIMIT);
}

static void response_headers_and_text(void **state)
{
  (void)state;
  const uint8_t xid[8] = {9};
  uint8_t message[19 + 1] = {[19] = 0x41};
  qy_provisioning_response_header(message, QY_PROTOCOL_ENDPOINT_SELECTION, xid, QY_ENDPOINT_RESPONSE,
                                  QY_GSTATUS_PROTOCOL_ERROR, QY_PSTATUS_TCB_OUT_OF_DATE, 1);
  qy_provisioning_response response;
  assert_ok(qy_provisioning_response_decode(&response, QY_VIEW_OF(message), NULL));
  assert_int_equal(response.gstatus, 6);
  assert_int_equal(response.pstatus, 9);
  QY_SCOPED_BUFFER(text, 256);
  QY_SCOPED_BUFFER(back, 256);
  assert_ok(qy_provisioning_response_to_text(&text, QY_VIEW_OF(message), NULL));
  assert_string_equal(qy_buffer_text(&text), "02020900000000000000"
                                             "01"
                                             "0006"
                                             "0009"
                                             "00000001"
                                             "QQ==");
  text.bytes[4] = '0';
  assert_ok(qy_provisioning_response_from_text(&back, qy_buffer_view(&text), NULL));
  for (size_t cut = 0; cut < sizeof(message); cut++) {
    assert_int_equal(qy_provisioning_response_decode(&response, (qy_view){message, cut}, NULL), QY_ERR_TRUNCATED);
  }
  message[12] = 8;
  assert_int_equal(qy_provisioning_response_decode(&response, QY_VIEW_OF(message), NULL), QY_ERR_MALFORMED);
  message[12] = 6;
  message[14] = 10;
  assert_int_equal(qy_provisioning_response_decode(&response, QY_VIEW_OF(message), NULL), QY_ERR_MALFORMED);
  assert_string_equal(qy_gstatus_name(6), "protocol-error");
  assert_string_equal(qy_gstatus_name(8), "unknown");
  assert_string_equal(qy_pstatus_name(6), "key-not-found");
  assert_string_equal(qy_pstatus_name(10), "unknown");
}

/* ---- Structures ---- */

#define ROUND_TRIP(type, size, decode, encode)                                              \
  do {                                                                                      \
    uint8_t bytes[(size) + 1], back[size];                                                  \
    type value;                                                                             \
    pattern(bytes, sizeof(bytes), 3);                                                       \
    assert_ok(decode(&value, (qy_view){bytes, size}, NULL));                                \
    encode(back, &value);                                                                   \
    assert_memory_equal(back, bytes, size);                                                 \
    assert_int_equal(decode(&value, (qy_view){bytes, (size) + 1}, NULL), QY_ERR_MALFORMED); \
    for (size_t cut = 0; cut < (size); cut++) {                                             \
      assert_int_equal(decode(&value, (qy_view){bytes, cut}, NULL), QY_ERR_TRUNCATED);      \
      assert_true(qy_view_is_zero(qy_view_over(&value, sizeof(value))));                    \
    }                                                                                       \
  } while (0)

static void structures_round_trip(void **state)
{
  (void)state;
  ROUND_TRIP(qy_platform_level, QY_PLATFORM_LEVEL_SIZE, qy_platform_level_decode, qy_platform_level_encode);
  ROUND_TRIP(qy_psvn, QY_PSVN_SIZE, qy_psvn_decode, qy_psvn_encode);
  ROUND_TRIP(qy_signed_pek, QY_SIGNED_PEK_SIZE, qy_signed_pek_decode, qy_signed_pek_encode);
  ROUND_TRIP(qy_join_proof, QY_JOIN_PROOF_SIZE, qy_join_proof_decode, qy_join_proof_encode);
  ROUND_TRIP(qy_issued, QY_ISSUED_SIZE, qy_issued_decode, qy_issued_encode);
  ROUND_TRIP(qy_provisioning_record, QY_PROVISIONING_RECORD_SIZE, qy_provisioning_record_decode,
             qy_provisioning_record_encode);
}

static void platform_level_layout(void **state)
{
  (void)state;
  qy_platform_level level = {.pve_svn = 0x0102, .pce_svn = 0x0304, .pce_id = 0x0506, .fmsp = {7, 8, 9, 10}};
  uint8_t bytes[26], device[38];
  const uint8_t ppid[16] = {0xaa};
  memset(level.cpu_svn, 0xcc, 16);
  qy_platform_level_encode(bytes, &level);
  const uint8_t tail[] = {2, 1, 4, 3, 6, 5, 7, 8, 9, 10};
  assert_memory_equal(bytes + 16, tail, sizeof(tail));
  qy_device_id_encode(device, ppid, &level);
  assert_memory_equal(device, ppid, 16);
  assert_memory_equal(device + 16, bytes, 18);
  assert_memory_equal(device + 34, bytes + 22, 4);
  qy_device_id_encode(device, NULL, &level);
  assert_true(qy_view_is_zero((qy_view){device, 16}));
  assert_int_equal(qy_platform_level_pve(&level).isv_svn, 0x0102);
  assert_int_equal(qy_platform_level_pce(&level).isv_svn, 0x0304);
}

static void group_keys(void **state)
{
  (void)state;
  uint8_t bytes[QY_GROUP_PUBLIC_KEY_SIZE + 1], back[QY_GROUP_PUBLIC_KEY_SIZE];
  qy_epid_group_key key;
  pattern(bytes, sizeof(bytes), 1);
  assert_ok(qy_sgx_group_key_decode(&key, (qy_view){bytes, sizeof(back)}, NULL));
  assert_int_equal(qy_sgx_gid_of(&key.gid), 0x01080f16);
  assert_ok(qy_sgx_group_key_encode(back, &key, NULL));
  assert_memory_equal(back, bytes, sizeof(back));
  assert_int_equal(qy_sgx_group_key_decode(&key, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  for (size_t cut = 0; cut < sizeof(back); cut++) {
    assert_int_equal(qy_sgx_group_key_decode(&key, (qy_view){bytes, cut}, NULL), QY_ERR_TRUNCATED);
  }
  key.gid.bytes[3] = 1;
  assert_int_equal(qy_sgx_group_key_encode(back, &key, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_sgx_gid_of(&key.gid), 0);
}

static void xegb_layout(void **state)
{
  (void)state;
  uint8_t bytes[QY_XEGB_SIZE + 1], back[QY_XEGB_SIZE];
  qy_xegb xegb;
  pattern(bytes, sizeof(bytes), 5);
  memcpy(bytes, "\x00\x01\x01\x88\x2a\x00\x00\x00", 8);
  assert_ok(qy_xegb_decode(&xegb, (qy_view){bytes, QY_XEGB_SIZE}, NULL));
  assert_int_equal(xegb.xeid, 42);
  assert_int_equal(xegb.epid_signing_key.bytes[0], bytes[8 + 31]); /* little-endian on the wire */
  assert_int_equal(xegb.pek_signing_key.bytes[63], bytes[72 + 32]);
  assert_int_equal(xegb.quote_wrap_key.size, 256);
  assert_int_equal(xegb.quote_wrap_key.modulus[0], bytes[140 + 255]);
  assert_ok(qy_xegb_encode(back, &xegb, NULL));
  assert_memory_equal(back, bytes, sizeof(back));
  for (size_t cut = 0; cut < QY_XEGB_SIZE; cut++) {
    assert_int_equal(qy_xegb_decode(&xegb, (qy_view){bytes, cut}, NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_xegb_decode(&xegb, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  bytes[1] = 2;
  assert_int_equal(qy_xegb_decode(&xegb, (qy_view){bytes, QY_XEGB_SIZE}, NULL), QY_ERR_UNSUPPORTED);
  bytes[1] = 1;
  bytes[3] = 0x89;
  assert_int_equal(qy_xegb_decode(&xegb, (qy_view){bytes, QY_XEGB_SIZE}, NULL), QY_ERR_MALFORMED);
  assert_int_equal(qy_xegb_encode(back, &xegb, NULL), QY_ERR_ARGUMENT); /* zero: no key of 2048 bits */
}

/* ---- Messages ---- */

static uint8_t filler[1u << 17];

#define FILL(size) ((qy_view){filler + (size) % 97, (size)})

#define MESSAGE_CASE(type, decode, append, expected_size, ...) \
  do {                                                         \
    const type given = {__VA_ARGS__};                          \
    type read;                                                 \
    QY_SCOPED_BUFFER(bytes, 1u << 20);                         \
    QY_SCOPED_BUFFER(again, 1u << 20);                         \
    append(&bytes, &given);                                    \
    assert_int_equal(bytes.size, expected_size);               \
    assert_ok(decode(&read, qy_buffer_view(&bytes), NULL));    \
    append(&again, &read);                                     \
    assert_int_equal(again.size, bytes.size);                  \
    assert_memory_equal(again.bytes, bytes.bytes, bytes.size); \
    refused_when_cut(&bytes, (decode_any *)decode);            \
  } while (0)

typedef qy_status decode_any(void *out, qy_view body, qy_error *why);

static void refused_when_cut(qy_buffer *bytes, decode_any *decode)
{
  union {
    qy_prov_msg1 msg1;
    qy_prov_msg1_inner msg1_inner;
    qy_prov_msg2 msg2;
    qy_prov_msg2_inner msg2_inner;
    qy_prov_msg3 msg3;
    qy_prov_msg3_inner msg3_inner;
    qy_prov_msg4_inner msg4_inner;
  } out;
  const size_t size = bytes->size;
  for (size_t cut = 0; cut < size; cut++) {
    const qy_status status = decode(&out, (qy_view){bytes->bytes, cut}, NULL);
    assert_true(status == QY_ERR_TRUNCATED || status == QY_OK);
    if (status == QY_OK) { /* an optional last field is missing whole */
      assert_true(cut + 20 <= size);
    }
  }
  qy_buffer_append(bytes, "\x04", 1);
  assert_int_not_equal(decode(&out, qy_buffer_view(bytes), NULL), QY_OK);
  bytes->size = size;
}

static void message_sizes_and_round_trips(void **state)
{
  (void)state;
  pattern(filler, sizeof(filler), 11);
  const qy_platform_level level = {.cpu_svn = {1, 2}, .pve_svn = 3, .pce_svn = 4};
  const qy_sealed msg1_sealed = {FILL(12), FILL(419), FILL(16)};
  MESSAGE_CASE(qy_prov_msg1, qy_prov_msg1_decode, qy_prov_msg1_append, 844, .session = FILL(384),
               .sealed = msg1_sealed);
  MESSAGE_CASE(qy_prov_msg1_inner, qy_prov_msg1_inner_decode, qy_prov_msg1_inner_append, 419,
               .encrypted_ppid = FILL(384), .level = level);
  MESSAGE_CASE(qy_prov_msg1_inner, qy_prov_msg1_inner_decode, qy_prov_msg1_inner_append, 439,
               .encrypted_ppid = FILL(384), .level = level, .flags = FILL(16));
  const qy_sealed msg2_sealed = {FILL(12), FILL(434), FILL(16)};
  MESSAGE_CASE(qy_prov_msg2, qy_prov_msg2_decode, qy_prov_msg2_append, 482, .nonce = FILL(8), .sealed = msg2_sealed);
  MESSAGE_CASE(qy_prov_msg2, qy_prov_msg2_decode, qy_prov_msg2_append, 482 + 6 + 208, .nonce = FILL(8),
               .sealed = msg2_sealed, .sigrl = FILL(208));
  MESSAGE_CASE(qy_prov_msg2_inner, qy_prov_msg2_inner_decode, qy_prov_msg2_inner_append, 434,
               .group_certificate = FILL(328), .ps_id = FILL(32), .challenge = FILL(32), .equivalent = level);
  MESSAGE_CASE(qy_prov_msg2_inner, qy_prov_msg2_inner_decode, qy_prov_msg2_inner_append, 472,
               .group_certificate = FILL(328), .ps_id = FILL(32), .challenge = FILL(32), .has_previous = true,
               .previous_gid = 0x0b3f, .previous = level, .equivalent = level);
  const qy_sealed msg3_sealed = {FILL(12), FILL(1095), FILL(16)};
  MESSAGE_CASE(qy_prov_msg3, qy_prov_msg3_decode, qy_prov_msg3_append, 1143, .nonce = FILL(8), .sealed = msg3_sealed);
  const qy_sealed signature = {FILL(12), FILL(366), FILL(16)};
  MESSAGE_CASE(qy_prov_msg3, qy_prov_msg3_decode, qy_prov_msg3_append, 1143 + 4 + 12 + 366 + 20, .nonce = FILL(8),
               .sealed = msg3_sealed, .signature = signature);
  const qy_sealed proof = {FILL(12), FILL(196), FILL(16)};
  MESSAGE_CASE(qy_prov_msg3_inner, qy_prov_msg3_inner_decode, qy_prov_msg3_inner_append, 1095, .proof = proof,
               .n2 = FILL(16), .wrapped_pwk2 = FILL(384), .report_body = FILL(384), .pce_signature = FILL(64));
  const qy_sealed msg4_sealed = {FILL(12), FILL(582), FILL(16)};
  MESSAGE_CASE(qy_prov_msg4, qy_prov_msg4_decode, qy_prov_msg4_append, 630, .nonce = FILL(8), .sealed = msg4_sealed);
  const qy_sealed issued = {FILL(12), FILL(164), FILL(16)};
  MESSAGE_CASE(qy_prov_msg4_inner, qy_prov_msg4_inner_decode, qy_prov_msg4_inner_append, 582, .n2 = FILL(16),
               .issued = issued, .group_certificate = FILL(328), .equivalent = level);
}

static void messages_refuse_wrong_parts(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 1u << 20);
  qy_prov_msg2 msg2;
  qy_prov_msg3_inner inner;
  const qy_sealed sealed = {FILL(12), FILL(10), FILL(16)};
  /* A SigRL without entries is never sent. */
  const qy_prov_msg2 empty_list = {.nonce = FILL(8), .sealed = sealed, .sigrl = FILL(80)};
  qy_prov_msg2_append(&bytes, &empty_list);
  assert_int_equal(qy_prov_msg2_decode(&msg2, qy_buffer_view(&bytes), NULL), QY_ERR_MALFORMED);
  /* A nonce of another size. */
  bytes.size = 0;
  const qy_prov_msg2 long_nonce = {.nonce = FILL(16), .sealed = sealed};
  qy_prov_msg2_append(&bytes, &long_nonce);
  assert_int_equal(qy_prov_msg2_decode(&msg2, qy_buffer_view(&bytes), NULL), QY_ERR_MALFORMED);
  /* An IV that is cut short. */
  bytes.size = 0;
  qy_tlv_append(&bytes, QY_TLV_NONCE, FILL(8));
  qy_tlv_append(&bytes, QY_TLV_BLOCK_CIPHER_TEXT, FILL(11));
  qy_tlv_append(&bytes, QY_TLV_MAC, FILL(16));
  assert_int_equal(qy_prov_msg2_decode(&msg2, qy_buffer_view(&bytes), NULL), QY_ERR_MALFORMED);
  /* A join proof of another size. */
  bytes.size = 0;
  const qy_prov_msg3_inner short_proof = {
      .proof = sealed, .n2 = FILL(16), .wrapped_pwk2 = FILL(384), .report_body = FILL(384), .pce_signature = FILL(64)};
  qy_prov_msg3_inner_append(&bytes, &short_proof);
  assert_int_equal(qy_prov_msg3_inner_decode(&inner, qy_buffer_view(&bytes), NULL), QY_ERR_MALFORMED);
  /* A cipher text under another key. */
  bytes.size = 0;
  qy_tlv_append_header(&bytes, QY_TLV_CIPHER_TEXT, 385);
  qy_buffer_append(&bytes, "\x00", 1);
  qy_buffer_append(&bytes, filler, 384);
  qy_prov_msg1 msg1;
  assert_int_equal(qy_prov_msg1_decode(&msg1, qy_buffer_view(&bytes), NULL), QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tlv_headers),
      cmocka_unit_test(tlv_refuses),
      cmocka_unit_test(tlv_of_no_bytes),
      cmocka_unit_test(request_headers_and_text),
      cmocka_unit_test(response_headers_and_text),
      cmocka_unit_test(structures_round_trip),
      cmocka_unit_test(platform_level_layout),
      cmocka_unit_test(group_keys),
      cmocka_unit_test(xegb_layout),
      cmocka_unit_test(message_sizes_and_round_trips),
      cmocka_unit_test(messages_refuse_wrong_parts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
