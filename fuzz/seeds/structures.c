/* SPDX-License-Identifier: Apache-2.0 */
/* Structures of SGX, images, and what passes between an enclave and its processor. */
#include "seeds.h"

#include <string.h>

#include <crypto/p256.h>
#include <enclave/answer.h>
#include <enclave/instruction.h>
#include <image/td_image.h>
#include <platform/wire.h>
#include <sgx/endorsements.h>
#include <sgx/sealed_blob.h>
#include <sgx/sigstruct.h>

#define ENCODED(target, type, size, encode, ...) \
  do {                                           \
    const type value = {__VA_ARGS__};            \
    uint8_t bytes[size];                         \
    encode(bytes, &value);                       \
    seed(target, QY_VIEW_OF(bytes));             \
    seed("describe", QY_VIEW_OF(bytes));         \
  } while (0)

static void plain(void)
{
  ENCODED("sgx_report", qy_report, QY_REPORT_SIZE, qy_report_encode, .body.isv_svn = 1);
  ENCODED("sgx_report", qy_report_body, QY_REPORT_BODY_SIZE, qy_report_body_encode, .isv_svn = 1);
  ENCODED("sgx_target_info", qy_target_info, QY_TARGET_INFO_SIZE, qy_target_info_encode, .config_svn = 1);
  ENCODED("sgx_key_request", qy_key_request, QY_KEY_REQUEST_SIZE, qy_key_request_encode, .key_name = QY_KEY_SEAL);
  ENCODED("sgx_quote", qy_quote_body, QY_QUOTE_BODY_SIZE, qy_quote_body_encode, .version = 2);
  ENCODED("sgx_platform_info", qy_platform_info, QY_PLATFORM_INFO_TLV_SIZE, qy_platform_info_encode_tlv, .group_id = 7);
  ENCODED("sgx_platform_info", qy_platform_info, QY_PLATFORM_INFO_SIZE, qy_platform_info_encode, .group_id = 7);
}

static void key_ids(void)
{
  qy_att_key_list list = {.count = 2};
  uint8_t bytes[QY_ATT_KEY_LIST_SIZE(2)];
  const uint8_t spid[QY_SPID_SIZE] = {2};
  qy_att_key_id_epid(&list.ids[0], spid, true);
  qy_att_key_id_ecdsa(&list.ids[1], false);
  qy_att_key_list_encode(bytes, &list);
  seed("sgx_att_key_id", QY_VIEW_OF(bytes));
  qy_att_key_id_encode(bytes, &list.ids[0]);
  seed("sgx_att_key_id", qy_view_over(bytes, QY_ATT_KEY_ID_SIZE));
}

static void endorsed(void)
{
  static const uint8_t entries[2 * QY_SIGRL_ENTRY_SIZE] = {1};
  static const uint8_t public_key[QY_GROUP_PUBLIC_KEY_SIZE] = {0, 0, 0, 7};
  uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE];
  const qy_secret key = {.size = 32, .bytes = {[31] = 1}};
  QY_SCOPED_BUFFER(list, 4096);
  must(qy_sigrl_make(&list, 7, 2, QY_VIEW_OF(entries), &key, NULL));
  must(qy_group_certificate_make(certificate, public_key, &key, NULL));
  seed("sgx_sigrl", qy_buffer_view(&list));
  seed("describe", qy_buffer_view(&list));
  seed("sgx_group_certificate", QY_VIEW_OF(certificate));
  seed("describe", QY_VIEW_OF(certificate));
}

static void sealed(void)
{
  const qy_sealed_blob blob = {.key_request = {.key_name = QY_KEY_SEAL, .key_policy = QY_KEY_POLICY_MRENCLAVE},
                               .ciphertext = qy_view_text("ciphertext"),
                               .clear_text = qy_view_text("clear")};
  QY_SCOPED_BUFFER(bytes, 4096);
  must(qy_sealed_blob_encode(&bytes, &blob, NULL));
  seed("sgx_sealed_blob", qy_buffer_view(&bytes));
  seed("describe", qy_buffer_view(&bytes));
}

/* With its SIGSTRUCT. */
static void images(void)
{
  QY_SCOPED_RSA(signer);
  QY_SCOPED_BUFFER(bytes, 1u << 20);
  qy_image image;
  const qy_image_request request = {.program = qy_view_text("a program"),
                                    .section_count = 1,
                                    .sections = {{.name = "provider-key", .bytes = qy_view_text("a key")}},
                                    .isv_svn = 1,
                                    .date_bcd = 0x20261123};
  must(qy_rsa_generate(&signer, 3072, 3, NULL));
  must(qy_image_build(&bytes, &request, signer, NULL));
  must(qy_image_decode(&image, qy_buffer_view(&bytes), NULL));
  seed("image", qy_buffer_view(&bytes));
  seed("describe", qy_buffer_view(&bytes));
  seed("sgx_sigstruct", image.sigstruct);
  seed("describe", image.sigstruct);
}

static void td_images(void)
{
  QY_SCOPED_BUFFER(bytes, 1u << 16);
  const qy_td_image_request request = {.program = qy_view_text("a program"),
                                       .section_count = 1,
                                       .sections = {{.name = "provider-key", .bytes = qy_view_text("a key")}},
                                       .configuration = qy_view_text("a configuration")};
  must(qy_td_image_build(&bytes, &request, NULL));
  seed("td_image", qy_buffer_view(&bytes));
}

static void instructions(void)
{
  uint8_t bytes[QY_INSTRUCTION_MAX_SIZE];
  uint8_t outcome[QY_OUTCOME_MAX_SIZE];
  const qy_instruction report = {.code = QY_INSTRUCTION_EREPORT};
  const qy_instruction key = {.code = QY_INSTRUCTION_EGETKEY};
  const qy_error why = {.status = QY_ERR_REFUSED, .message = "a sentence"};
  for (uint8_t code = QY_INSTRUCTION_EVERIFYREPORT2; code <= QY_INSTRUCTION_TDG_MR_RTMR_EXTEND; code++) {
    const qy_instruction other = {.code = code};
    seed("simulated_instruction", qy_view_over(bytes, qy_instruction_encode(bytes, &other)));
  }
  seed("simulated_instruction", qy_view_over(bytes, qy_instruction_encode(bytes, &report)));
  seed("simulated_instruction", qy_view_over(bytes, qy_instruction_encode(bytes, &key)));
  seed("simulated_instruction",
       qy_view_over(outcome, qy_outcome_encode(outcome, QY_OK, NULL, qy_view_text("0123456789abcdef"))));
  seed("simulated_instruction",
       qy_view_over(outcome, qy_outcome_encode(outcome, QY_ERR_REFUSED, &why, (qy_view){NULL, 0})));
}

static void answers(void)
{
  QY_SCOPED_BUFFER(bytes, 1u << 16);
  static qy_trace trace;
  const qy_error why = {.status = QY_ERR_REFUSED, .message = "a sentence"};
  (void)qy_check(&trace, QY_CHECK_REPORT_MAC, true, .expected = qy_textf("this"), .actual = qy_textf("this"));
  (void)qy_check(&trace, QY_CHECK_SEALED_BLOB_TAG, false, .expected = qy_textf("this"), .actual = qy_textf("that"));
  qy_answer_encode(&bytes, QY_ERR_REFUSED, &why, &trace, (qy_view){NULL, 0});
  seed("simulated_answer", qy_buffer_view(&bytes));
}

static void wire(void)
{
  static const uint8_t list[QY_SIGRL_MIN_SIZE + QY_SIGRL_ENTRY_SIZE] = {0, 2, 0, 14};
  QY_SCOPED_BUFFER(request_bytes, 4096);
  QY_SCOPED_BUFFER(answer_bytes, 4096);
  const qy_report report = {.body.isv_svn = 1};
  const uint8_t spid[QY_SPID_SIZE] = {1}, nonce[16] = {2};
  const qy_quote_request request = {
      .report = &report, .quote_type = 1, .spid = spid, .nonce = nonce, .sigrl = QY_VIEW_OF(list)};
  must(qy_wire_quote_encode(&request_bytes, &request, NULL));
  must(qy_wire_quote_answer_encode(&answer_bytes, &report, qy_view_text("a quote"), NULL));
  seed("simulated_wire", qy_buffer_view(&request_bytes));
  seed("simulated_wire", qy_buffer_view(&answer_bytes));
}

void seed_structures(void)
{
  plain();
  key_ids();
  endorsed();
  sealed();
  images();
  td_images();
  instructions();
  answers();
  wire();
}
