/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange_parties.h"

#include <stdlib.h>
#include <string.h>

#include <base/cursor.h>
#include <crypto/p256.h>
#include <crypto/symmetric.h>

static qy_status scripted_fill(void *context, uint8_t *out, size_t size, qy_error *why)
{
  scripted_random *state = context;
  const size_t scripted = size < state->size ? size : state->size;
  const qy_random rest = test_random_source(&state->rest);
  if (scripted > 0) {
    memcpy(out, state->bytes, scripted);
    state->bytes += scripted;
    state->size -= scripted;
  }
  return rest.fill(rest.context, out + scripted, size - scripted, why);
}

qy_random scripted_random_source(scripted_random *state)
{
  return (qy_random){.fill = scripted_fill, .context = state};
}

parties *parties_new(uint64_t seed)
{
  parties *p = calloc(1, sizeof(*p));
  qy_p256_public public_key;
  assert_non_null(p);
  p->enclave_bytes.rest.state = seed;
  p->provider_bytes.rest.state = ~seed;
  p->enclave_random = scripted_random_source(&p->enclave_bytes);
  p->provider_random = scripted_random_source(&p->provider_bytes);
  p->machine.group_id = 0x0b;
  memset(p->machine.qe.mr_enclave, 0x51, sizeof(p->machine.qe.mr_enclave));
  p->machine.qe.attributes = (qy_attributes){QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY};
  qy_secret_set(&p->machine.report_key, "report key: fake", 16);
  assert_ok(qy_p256_generate(&p->provider_key, &public_key, &p->provider_random, &p->why));
  qy_p256_flip(p->provider_public, public_key.bytes);
  p->provider = (qy_provider){.private_key = &p->provider_key, .quote_type = QY_LINKABLE, .kdf_id = QY_KDF_ID_INTEL};
  memcpy(p->provider.spid, "0123456789abcdef", QY_SPID_SIZE);
  assert_ok(qy_enclave_side_begin(&p->enclave, p->provider_public, qy_view_text(SECRET_NAME), NULL, &p->enclave_trace,
                                  &p->why));
  qy_provider_side_begin(&p->side, QY_EVIDENCE_EPID);
  return p;
}

void parties_free(parties *p)
{
  qy_enclave_side_clear(&p->enclave);
  qy_provider_side_clear(&p->side);
  qy_vault_free(&p->secret);
  free(p);
}

qy_status say_msg1(parties *p)
{
  memset(p->hello, 0, QY_MSG0_SIZE);
  return qy_enclave_side_msg1(&p->enclave, p->hello + QY_MSG0_SIZE, p->machine.group_id, &p->enclave_random,
                              &p->enclave_trace, &p->why);
}

qy_status hear_msg1(parties *p)
{
  uint32_t group_id = 0;
  return qy_provider_side_msg1(&p->side, &group_id, QY_VIEW_OF(p->hello), &p->trace, &p->why);
}

qy_status say_msg2(parties *p, qy_view sigrl)
{
  return qy_provider_side_msg2(&p->side, p->msg2, sizeof(p->msg2), &p->msg2_size, &p->provider, sigrl,
                               &p->provider_random, &p->trace, &p->why);
}

qy_status hear_msg2(parties *p)
{
  return qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(p->msg2, QY_MSG2_HEAD_SIZE), &p->machine.qe,
                              &p->enclave_random, &p->enclave_trace, &p->why);
}

qy_status hear_msg2_alone(parties *p)
{
  return qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(p->msg2, QY_MSG2_HEAD_SIZE), NULL,
                              &p->enclave_random, &p->enclave_trace, &p->why);
}

qy_status say_msg3(parties *p)
{
  QY_SCOPED_BUFFER(quote, 1u << 20);
  qy_msg2_parts parts;
  qy_report qe_report;
  assert_ok(qy_msg2_split(&parts, qy_view_over(p->msg2, p->msg2_size), &p->why));
  make_quote(&quote, p, parts.sigrl.size == 0 ? 0 : (uint32_t)(parts.sigrl.size - 80) / 128);
  assert_int_equal(quote.size, parts.quote_size);
  make_qe_report(&qe_report, p, qy_buffer_view(&quote));
  const qy_status status = qy_enclave_side_msg3(&p->enclave, p->msg3, qy_buffer_view(&quote), &qe_report,
                                                &p->machine.report_key, &p->enclave_trace, &p->why);
  memcpy(p->msg3 + QY_MSG3_HEAD_SIZE, quote.bytes, quote.size);
  p->msg3_size = QY_MSG3_HEAD_SIZE + quote.size;
  return status;
}

qy_status hear_msg3(parties *p)
{
  return qy_provider_side_msg3(&p->side, &p->evidence, &p->provider, qy_view_over(p->msg3, p->msg3_size), &p->trace,
                               &p->why);
}

qy_status say_msg4(parties *p, qy_trust verdict, const char *secret)
{
  const qy_msg4_content content = {
      .verdict = verdict, .simulated = true, .secret = qy_view_text(secret), .secret_name = qy_view_text(SECRET_NAME)};
  return qy_provider_side_msg4(&p->side, p->msg4, sizeof(p->msg4), &p->msg4_size, &content, &p->provider_random,
                               &p->trace, &p->why);
}

qy_status hear_msg4(parties *p)
{
  qy_vault_free(&p->secret);
  return qy_enclave_side_msg4(&p->enclave, &p->verdict, &p->secret, qy_view_over(p->msg4, p->msg4_size),
                              &p->enclave_trace, &p->why);
}

void talk_to_msg2_heard(parties *p)
{
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  assert_ok(hear_msg2(p));
}

void talk_to_msg3_said(parties *p)
{
  talk_to_msg2_heard(p);
  assert_ok(say_msg3(p));
}

void talk_to_msg4_said(parties *p, const char *secret)
{
  talk_to_msg3_said(p);
  assert_ok(hear_msg3(p));
  assert_ok(say_msg4(p, QY_TRUSTED, secret));
}

void make_sigrl(qy_buffer *out, uint32_t group_id, uint32_t count)
{
  const size_t size = 80 + 128 * (size_t)count;
  uint8_t *bytes = qy_buffer_extend(out, size);
  assert_non_null(bytes);
  memset(bytes, 0x5a, size);
  qy_writer writer = qy_writer_over(bytes, size);
  qy_write_u16be(&writer, 2);
  qy_write_u16be(&writer, 14);
  qy_write_u32be(&writer, group_id);
  qy_write_u32be(&writer, 7);
  qy_write_u32be(&writer, count);
}

void make_quote(qy_buffer *out, const parties *p, uint32_t proof_count)
{
  qy_msg2 msg2;
  qy_quote_body body = {.version = 2, .group_id = p->machine.group_id, .qe_svn = 1, .pce_svn = 1};
  QY_SCOPED_BUFFER(sealed, 1u << 20);
  const size_t sealed_size = qy_quote_sealed_size(proof_count);
  const size_t size = qy_quote_size(proof_count);
  size_t written = 0;
  assert_ok(qy_msg2_head_decode(&msg2, qy_view_over(p->msg2, QY_MSG2_HEAD_SIZE), NULL));
  body.sign_type = msg2.quote_type == 0 ? QY_UNLINKABLE : QY_LINKABLE;
  assert_ok(qy_quote_basename(body.basename, msg2.spid, body.sign_type, &p->provider_random, NULL));
  body.report.attributes = (qy_attributes){QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY};
  memcpy(body.report.report_data, p->answer.report_data, QY_REPORT_DATA_SIZE);
  uint8_t *filler = qy_buffer_extend(&sealed, sealed_size);
  assert_non_null(filler);
  memset(filler, 0xee, sealed_size);
  qy_writer payload_size = qy_writer_over(filler + 300, 4);
  qy_write_u32le(&payload_size, (uint32_t)qy_quote_plain_size(proof_count));
  uint8_t *bytes = qy_buffer_extend(out, size);
  assert_non_null(bytes);
  assert_ok(qy_quote_encode(bytes, size, &written, &body, qy_buffer_view(&sealed), NULL));
  assert_int_equal(written, size);
}

void make_own_quote(qy_buffer *out, const parties *p, uint16_t version, qy_dcap_body_type body_type)
{
  static const uint8_t filler[QY_REPORT_BODY_SIZE] = {0};
  qy_dcap_quote quote = {.header = {.version = version,
                                    .key_type = QY_DCAP_KEY_TYPE_ECDSA_P256,
                                    .tee = body_type == QY_DCAP_BODY_ENCLAVE ? QY_TEE_SGX : QY_TEE_TDX},
                         .body_type = body_type,
                         .signature = qy_view_over(filler, QY_DCAP_SIGNATURE_SIZE),
                         .attestation_key = qy_view_over(filler, QY_DCAP_KEY_SIZE),
                         .qe_report_bytes = qy_view_over(filler, QY_REPORT_BODY_SIZE),
                         .qe_report_signature = qy_view_over(filler, QY_DCAP_SIGNATURE_SIZE),
                         .certification = {QY_CERTIFICATION_PCK_CHAIN, qy_view_text("no chain")}};
  const size_t size = qy_dcap_quote_size(version, body_type, 0, 8);
  uint8_t *bytes = qy_buffer_extend(out, size);
  size_t written = 0;
  assert_non_null(bytes);
  memcpy(quote.header.vendor_id, qy_dcap_intel_vendor_id, QY_DCAP_VENDOR_ID_SIZE);
  memcpy(quote.report.report_data, p->answer.report_data, QY_REPORT_DATA_SIZE);
  memcpy(quote.td.report_data, p->answer.report_data, QY_REPORT_DATA_SIZE);
  assert_ok(qy_dcap_quote_encode(bytes, size, &written, &quote, NULL));
  assert_int_equal(written, size);
}

void sign_report(qy_report *report, const qy_secret *key)
{
  uint8_t body[QY_REPORT_BODY_SIZE];
  const qy_view part = QY_VIEW_OF(body);
  qy_report_body_encode(body, &report->body);
  assert_ok(qy_cmac(report->mac, qy_secret_view(key), &part, 1, NULL));
}

void make_qe_report(qy_report *out, const parties *p, qy_view quote)
{
  *out = (qy_report){0};
  memcpy(out->body.mr_enclave, p->machine.qe.mr_enclave, sizeof(out->body.mr_enclave));
  out->body.attributes = p->machine.qe.attributes;
  assert_ok(qy_quote_qe_report_data(out->body.report_data, p->answer.nonce, quote, NULL));
  sign_report(out, &p->machine.report_key);
}

void mac_msg3(parties *p)
{
  const qy_view part = qy_view_over(p->msg3 + QY_MAC_SIZE, p->msg3_size - QY_MAC_SIZE);
  assert_ok(qy_cmac(p->msg3, qy_view_over(p->side.keys.smk, QY_SESSION_KEY_SIZE), &part, 1, NULL));
}

void forget(qy_trace *trace)
{
  trace->count = 0;
  trace->dropped = 0;
}

void talk_to_msg2_said(parties *p)
{
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
}

void mac_msg2(parties *p)
{
  const qy_view part = qy_view_over(p->msg2, QY_MSG2_MACED_SIZE);
  assert_ok(qy_cmac(p->msg2 + 148, qy_view_over(p->side.keys.smk, QY_SESSION_KEY_SIZE), &part, 1, NULL));
}

qy_check_id failed_check(const qy_trace *trace)
{
  for (size_t i = trace->count; i > 0; i--) {
    if (trace->records[i - 1].outcome == QY_OUTCOME_FAILED) {
      return trace->records[i - 1].id;
    }
  }
  return QY_CHECK_NONE;
}

bool is_wiped(const void *object, size_t size)
{
  return qy_view_is_zero(qy_view_over(object, size));
}
