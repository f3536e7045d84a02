/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of provisioning, inner and outer, its structures, and whole messages as text. */
#include "seeds.h"

#include <string.h>

#include <provisioning/endpoint.h>
#include <provisioning/messages.h>
#include <provisioning/provisioner.h>
#include <provisioning/transport.h>

static const uint8_t zeros[1024];
#define ZEROS(size) qy_view_over(zeros, size)

static const qy_sealed sealed = {{zeros, 12}, {zeros, 56}, {zeros, 16}};

#define BODY(choice, type, append, ...)                                   \
  do {                                                                    \
    const type value = {__VA_ARGS__};                                     \
    QY_SCOPED_BUFFER(bytes, 65536);                                       \
    append(&bytes, &value);                                               \
    must(bytes.status);                                                   \
    seed_choice("provisioning_messages", choice, qy_buffer_view(&bytes)); \
  } while (0)

static void bodies(void)
{
  const qy_sealed proof = {sealed.iv, ZEROS(QY_SEALED_PROOF_SIZE), sealed.tag};
  const qy_sealed issued = {sealed.iv, ZEROS(QY_SEALED_ISSUED_SIZE), sealed.tag};
  BODY(0, qy_prov_msg1, qy_prov_msg1_append, .session = ZEROS(384), .sealed = sealed);
  BODY(1, qy_prov_msg1_inner, qy_prov_msg1_inner_append, .encrypted_ppid = ZEROS(384), .flags = ZEROS(16));
  BODY(2, qy_prov_msg2, qy_prov_msg2_append, .nonce = ZEROS(8), .sealed = sealed);
  BODY(3, qy_prov_msg2_inner, qy_prov_msg2_inner_append, .group_certificate = ZEROS(328), .ps_id = ZEROS(32),
       .challenge = ZEROS(32), .has_previous = true);
  BODY(4, qy_prov_msg3, qy_prov_msg3_append, .nonce = ZEROS(8), .sealed = sealed, .signature = sealed);
  BODY(5, qy_prov_msg3_inner, qy_prov_msg3_inner_append, .proof = proof, .n2 = ZEROS(16), .wrapped_pwk2 = ZEROS(384),
       .report_body = ZEROS(384), .pce_signature = ZEROS(64));
  BODY(6, qy_prov_msg4, qy_prov_msg4_append, .nonce = ZEROS(8), .sealed = sealed);
  BODY(7, qy_prov_msg4_inner, qy_prov_msg4_inner_append, .n2 = ZEROS(16), .issued = issued,
       .group_certificate = ZEROS(328));
}

static void structures(void)
{
  static const size_t sizes[] = {
      QY_PROVISIONING_RECORD_SIZE, QY_SIGNED_PEK_SIZE, QY_XEGB_SIZE,           QY_JOIN_PROOF_SIZE,
      QY_GROUP_PUBLIC_KEY_SIZE,    QY_ISSUED_SIZE,     QY_PLATFORM_LEVEL_SIZE, QY_PSVN_SIZE};
  static const uint8_t choices[] = {8, 9, 10, 11, 12, 13, 14, 15};
  QY_SCOPED_BUFFER(fields, 4096);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    seed_choice("provisioning_messages", choices[i], ZEROS(sizes[i]));
  }
  qy_tlv_append(&fields, QY_TLV_NONCE, ZEROS(8));
  qy_tlv_append(&fields, QY_TLV_CIPHER_TEXT, ZEROS(300));
  must(fields.status);
  seed_choice("provisioning_messages", 16, qy_buffer_view(&fields));
}

static void texts(void)
{
  const uint8_t xid[QY_XID_SIZE] = {1};
  QY_SCOPED_BUFFER(request, 4096);
  QY_SCOPED_BUFFER(request_text, 8192);
  QY_SCOPED_BUFFER(response, 4096);
  QY_SCOPED_BUFFER(response_text, 8192);
  uint8_t header[QY_PROVISIONING_RESPONSE_HEADER_SIZE];
  must(qy_endpoint_request_make(&request, xid, 7, NULL));
  must(qy_provisioning_request_to_text(&request_text, qy_buffer_view(&request), NULL));
  qy_provisioning_response_header(header, QY_PROTOCOL_ENDPOINT_SELECTION, xid, 1, QY_GSTATUS_OK, QY_PSTATUS_OK, 12);
  qy_buffer_append(&response, header, sizeof(header));
  qy_buffer_append(&response, zeros, 12);
  must(qy_provisioning_response_to_text(&response_text, qy_buffer_view(&response), NULL));
  seed("provisioning_transport", qy_buffer_view(&request));
  seed("provisioning_transport", qy_buffer_view(&request_text));
  seed("provisioning_transport", qy_buffer_view(&response));
  seed("provisioning_transport", qy_buffer_view(&response_text));
}

/* Each operation with a payload that begins with a report, vouched for. */
static void calls(void)
{
  QY_SCOPED_BUFFER(call, 8192);
  for (uint8_t enclave = 0; enclave < 3; enclave++) {
    for (uint8_t operation = 1; operation <= 7; operation++) {
      const uint8_t head[] = {enclave, operation, 1};
      qy_buffer_clear(&call);
      qy_buffer_append(&call, head, sizeof(head));
      qy_buffer_append(&call, zeros, 432);
      qy_buffer_append(&call, zeros, 492);
      must(call.status);
      seed("provisioning_enclaves", qy_buffer_view(&call));
    }
  }
}

void seed_provisioning(void)
{
  bodies();
  structures();
  texts();
  calls();
}
