/* SPDX-License-Identifier: Apache-2.0 */
/* Every message body and structure of provisioning: what decodes encodes to the same bytes. The first byte chooses. */
#include <stdlib.h>
#include <string.h>

#include <provisioning/messages.h>
#include <provisioning/provisioner.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const qy_buffer *out, qy_view in)
{
  if (out->status != QY_OK || !qy_view_equal(qy_buffer_view(out), in)) {
    abort();
  }
}

#define MESSAGE(type, decode, append)          \
  do {                                         \
    type message;                              \
    if (decode(&message, in, NULL) == QY_OK) { \
      append(&out, &message);                  \
      same(&out, in);                          \
    }                                          \
  } while (0)

#define STRUCTURE(type, size, decode, encode)       \
  do {                                              \
    type structure;                                 \
    uint8_t bytes[size];                            \
    if (decode(&structure, in, NULL) == QY_OK) {    \
      encode(bytes, &structure);                    \
      qy_buffer_append(&out, bytes, sizeof(bytes)); \
      same(&out, in);                               \
    }                                               \
  } while (0)

static void encode_xegb(uint8_t out[QY_XEGB_SIZE], const qy_xegb *xegb)
{
  if (qy_xegb_encode(out, xegb, NULL) != QY_OK) {
    abort();
  }
}

static void encode_group_key(uint8_t out[QY_GROUP_PUBLIC_KEY_SIZE], const qy_epid_group_key *key)
{
  if (qy_sgx_group_key_encode(out, key, NULL) != QY_OK) {
    abort();
  }
}

static void fields(qy_buffer *out, qy_view in)
{
  qy_reader reader = qy_reader_over(in);
  while (qy_read_left(&reader) > 0) {
    qy_tlv field;
    qy_tlv_read(&field, &reader);
    if (reader.status != QY_OK) {
      return;
    }
    qy_tlv_append(out, field.type, field.payload);
  }
  same(out, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || size > 1u << 18) {
    return 0;
  }
  const qy_view in = {data + 1, size - 1};
  QY_SCOPED_BUFFER(out, 1u << 20);
  switch (data[0]) {
  case 0:
    MESSAGE(qy_prov_msg1, qy_prov_msg1_decode, qy_prov_msg1_append);
    break;
  case 1:
    MESSAGE(qy_prov_msg1_inner, qy_prov_msg1_inner_decode, qy_prov_msg1_inner_append);
    break;
  case 2:
    MESSAGE(qy_prov_msg2, qy_prov_msg2_decode, qy_prov_msg2_append);
    break;
  case 3:
    MESSAGE(qy_prov_msg2_inner, qy_prov_msg2_inner_decode, qy_prov_msg2_inner_append);
    break;
  case 4:
    MESSAGE(qy_prov_msg3, qy_prov_msg3_decode, qy_prov_msg3_append);
    break;
  case 5:
    MESSAGE(qy_prov_msg3_inner, qy_prov_msg3_inner_decode, qy_prov_msg3_inner_append);
    break;
  case 6:
    MESSAGE(qy_prov_msg4, qy_prov_msg4_decode, qy_prov_msg4_append);
    break;
  case 7:
    MESSAGE(qy_prov_msg4_inner, qy_prov_msg4_inner_decode, qy_prov_msg4_inner_append);
    break;
  case 8:
    STRUCTURE(qy_provisioning_record, QY_PROVISIONING_RECORD_SIZE, qy_provisioning_record_decode,
              qy_provisioning_record_encode);
    break;
  case 9:
    STRUCTURE(qy_signed_pek, QY_SIGNED_PEK_SIZE, qy_signed_pek_decode, qy_signed_pek_encode);
    break;
  case 10:
    STRUCTURE(qy_xegb, QY_XEGB_SIZE, qy_xegb_decode, encode_xegb);
    break;
  case 11:
    STRUCTURE(qy_join_proof, QY_JOIN_PROOF_SIZE, qy_join_proof_decode, qy_join_proof_encode);
    break;
  case 12:
    STRUCTURE(qy_epid_group_key, QY_GROUP_PUBLIC_KEY_SIZE, qy_sgx_group_key_decode, encode_group_key);
    break;
  case 13:
    STRUCTURE(qy_issued, QY_ISSUED_SIZE, qy_issued_decode, qy_issued_encode);
    break;
  case 14:
    STRUCTURE(qy_platform_level, QY_PLATFORM_LEVEL_SIZE, qy_platform_level_decode, qy_platform_level_encode);
    break;
  case 15:
    STRUCTURE(qy_psvn, QY_PSVN_SIZE, qy_psvn_decode, qy_psvn_encode);
    break;
  default:
    fields(&out, in);
  }
  return 0;
}
