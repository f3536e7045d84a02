/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side. On msg3 the order is: length, g_a, MAC, and only then what the quote says (Intel's description
 * of the exchange end to end). */
#include <exchange/internal.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>

typedef enum side_event { EVENT_MSG1, EVENT_SIGRL, EVENT_MSG3, EVENT_VERDICT } side_event;

static const char *const event_names[] = {"msg1 came", "msg2 is asked for", "msg3 came", "msg4 is asked for"};

const char *qy_provider_state_name(qy_provider_state state)
{
  static const char *const names[QY_PROVIDER_STATE_COUNT] = {"ended", "awaits-msg1", "awaits-sigrl", "awaits-msg3",
                                                             "awaits-verdict"};
  return (unsigned)state < QY_PROVIDER_STATE_COUNT ? names[state] : "unknown";
}

void qy_provider_side_clear(qy_provider_side *side)
{
  qy_wipe(side, sizeof(*side));
}

void qy_provider_side_begin(qy_provider_side *side, qy_evidence_kind kind)
{
  *side = (qy_provider_side){.state = QY_PROVIDER_AWAITS_MSG1, .kind = kind};
}

/* ---- msg1 ---- */

struct msg1_call {
  uint32_t *group_id;
  qy_view hello;
};

static qy_status decode_hello(qy_msg0 *msg0, qy_msg1 *msg1, qy_view hello, qy_error *why)
{
  if (hello.size != QY_HELLO_SIZE) {
    return qy_fail(why, hello.size < QY_HELLO_SIZE ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED,
                   "msg0 and msg1: %zu bytes, %d expected", hello.size, QY_HELLO_SIZE);
  }
  QY_TRY(qy_msg0_decode(msg0, qy_view_slice(hello, 0, QY_MSG0_SIZE), why));
  return qy_msg1_decode(msg1, qy_view_slice(hello, QY_MSG0_SIZE, QY_MSG1_SIZE), why);
}

static qy_status take_msg1(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_provider_side *side = context;
  const struct msg1_call *call = arguments;
  qy_msg0 msg0 = {0};
  qy_msg1 msg1 = {0};
  qy_p256_public g_a;
  bool is_point = false;
  const qy_status form = decode_hello(&msg0, &msg1, call->hello, why);
  if (!qy_check(trace, QY_CHECK_MSG1_FORM, form == QY_OK, .expected = qy_textf("%d bytes", QY_HELLO_SIZE),
                .actual = qy_textf("%zu bytes", call->hello.size), .origin = "Intel SGX SDK, message layout") ||
      form != QY_OK) {
    return form;
  }
  if (!qy_check(trace, QY_CHECK_EXTENDED_GROUP, msg0.extended_group_id == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", msg0.extended_group_id), .origin = "Intel's attestation service")) {
    return qy_exchange_refuse(why, "msg0", QY_CHECK_EXTENDED_GROUP);
  }
  /* Intel's SDK sets it so for whatever key was chosen from a list; it is under no MAC, and nothing relies on it. */
  if (side->kind != QY_EVIDENCE_EPID &&
      !qy_check(trace, QY_CHECK_MSG1_GROUP, msg1.group_id == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%08x", msg1.group_id), .origin = "Intel SGX SDK, sgx_ra_get_msg1_ex")) {
    return qy_exchange_refuse(why, "msg1", QY_CHECK_MSG1_GROUP);
  }
  QY_TRY(qy_exchange_point(&g_a, &is_point, msg1.g_a, why));
  if (!qy_check(trace, QY_CHECK_GA_POINT, is_point, .expected = qy_textf("a point of P-256"),
                .actual = qy_text_hex(qy_view_over(msg1.g_a, 32)), .origin = "FIPS 186-4, public key validation")) {
    return qy_exchange_refuse(why, "msg1", QY_CHECK_GA_POINT);
  }
  memcpy(side->hello, call->hello.bytes, QY_HELLO_SIZE);
  *call->group_id = msg1.group_id;
  return QY_OK;
}

static const uint8_t *g_a_of(const qy_provider_side *side)
{
  return side->hello + QY_MSG0_SIZE;
}

static qy_status group_of(uint32_t *out, const qy_provider_side *side, qy_error *why)
{
  qy_msg1 msg1;
  QY_TRY(qy_msg1_decode(&msg1, qy_view_over(side->hello + QY_MSG0_SIZE, QY_MSG1_SIZE), why));
  *out = msg1.group_id;
  return QY_OK;
}

/* ---- msg2 ---- */

struct msg2_call {
  uint8_t *out;
  size_t capacity;
  size_t *size;
  const qy_provider *provider;
  qy_view sigrl;
  const qy_random *random;
};

/* What is sent for this list: nothing for one without entries, which Intel's client would refuse. */
static qy_status sigrl_to_send(qy_view *out, qy_sigrl *decoded, qy_view sigrl, qy_error *why)
{
  *out = (qy_view){NULL, 0};
  *decoded = (qy_sigrl){0};
  if (sigrl.size == 0) {
    return QY_OK;
  }
  QY_TRY(qy_sigrl_decode(decoded, sigrl, why));
  if (decoded->count != 0) {
    *out = sigrl;
  }
  return QY_OK;
}

qy_status qy_provider_msg2_size(size_t *size, qy_view sigrl, qy_error *why)
{
  qy_view sent;
  qy_sigrl decoded;
  *size = 0;
  QY_TRY(sigrl_to_send(&sent, &decoded, sigrl, why));
  *size = QY_MSG2_HEAD_SIZE + sent.size;
  return QY_OK;
}

static qy_status take_sigrl(qy_provider_side *side, qy_view *sent, qy_view sigrl, qy_trace *trace, qy_error *why)
{
  qy_sigrl decoded;
  uint32_t group_id = 0;
  if (side->kind != QY_EVIDENCE_EPID && sigrl.size != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg2: a revocation list in a session about ECDSA quotes");
  }
  QY_TRY(group_of(&group_id, side, why));
  QY_TRY(sigrl_to_send(sent, &decoded, sigrl, why));
  if (sigrl.size != 0 &&
      !qy_check(trace, QY_CHECK_SIGRL_GROUP, decoded.group_id == group_id, .expected = qy_textf("%08x", group_id),
                .actual = qy_textf("%08x", decoded.group_id), .origin = "msg1")) {
    return qy_exchange_refuse(why, "revocation list", QY_CHECK_SIGRL_GROUP);
  }
  side->proof_count = decoded.count;
  return QY_OK;
}

static qy_status derive_keys(qy_provider_side *side, const qy_provider *provider, const qy_secret *b, qy_trace *trace,
                             qy_error *why)
{
  qy_p256_public g_a;
  QY_SCOPED_SECRET(shared_x);
  qy_p256_flip(g_a.bytes, g_a_of(side));
  QY_TRY(qy_exchange_agree(&shared_x, b, &g_a, trace, why));
  if (provider->kdf != NULL) {
    return provider->kdf->derive(provider->kdf->context, &side->keys, provider->kdf_id, shared_x.bytes, why);
  }
  return qy_session_keys_derive(&side->keys, shared_x.bytes, why);
}

/* Signature over g_b and g_a, then the MAC over all but the list. */
static qy_status authenticate_msg2(qy_msg2 *msg2, const qy_provider_side *side, const qy_provider *provider,
                                   qy_error *why)
{
  const qy_view keys[] = {QY_VIEW_OF(msg2->g_b), qy_view_over(g_a_of(side), QY_GROUP_ELEMENT_SIZE)};
  uint8_t head[QY_MSG2_HEAD_SIZE];
  const qy_view maced = qy_view_over(head, QY_MSG2_MACED_SIZE);
  QY_TRY(qy_p256_sign(msg2->signature, provider->private_key, keys, 2, why));
  qy_p256_flip(msg2->signature, msg2->signature);
  qy_msg2_head_encode(head, msg2);
  return qy_cmac(msg2->mac, QY_VIEW_OF(side->keys.smk), &maced, 1, why);
}

static qy_status make_msg2(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_provider_side *side = context;
  const struct msg2_call *call = arguments;
  const qy_provider *provider = call->provider;
  qy_p256_public g_b;
  qy_msg2 msg2 = {.quote_type = (uint16_t)provider->quote_type, .kdf_id = provider->kdf_id};
  QY_SCOPED_SECRET(b);
  if (provider->kdf == NULL && provider->kdf_id != QY_KDF_ID_INTEL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provider: key derivation %u is not known here", provider->kdf_id);
  }
  QY_TRY(take_sigrl(side, &msg2.sigrl, call->sigrl, trace, why));
  QY_TRY(qy_p256_generate(&b, &g_b, call->random, why));
  QY_TRY(derive_keys(side, provider, &b, trace, why));
  qy_p256_flip(msg2.g_b, g_b.bytes);
  memcpy(msg2.spid, provider->spid, sizeof(msg2.spid));
  msg2.sigrl_size = (uint32_t)msg2.sigrl.size;
  QY_TRY(authenticate_msg2(&msg2, side, provider, why));
  QY_TRY(qy_msg2_encode(call->out, call->capacity, call->size, &msg2, why));
  qy_msg2_head_encode(side->msg2, &msg2);
  return QY_OK;
}

/* ---- msg3 ---- */

struct msg3_call {
  qy_msg3_evidence *out;
  const qy_provider *provider;
  qy_view bytes;
};

static uint16_t version_of(qy_view quote)
{
  qy_reader in = qy_reader_over(quote);
  return qy_read_u16le(&in, "version");
}

static bool is_ecdsa(qy_view quote)
{
  const uint16_t version = version_of(quote);
  return version >= 3 && version <= 5;
}

/* The length again, now against the list that went out: one proof an entry. */
static qy_status check_msg3_form(qy_msg3 *out, const qy_provider_side *side, qy_view bytes, qy_trace *trace,
                                 qy_error *why)
{
  const qy_status form = qy_msg3_decode(out, bytes, why);
  if (!qy_check(trace, QY_CHECK_MSG3_FORM, form == QY_OK,
                .expected = qy_textf("%d bytes, then a quote of the length it says", QY_MSG3_HEAD_SIZE),
                .actual = qy_textf("%zu bytes", bytes.size), .origin = "Intel SGX SDK, message layout") ||
      form != QY_OK) {
    return form;
  }
  if (side->kind != QY_EVIDENCE_EPID || is_ecdsa(out->quote)) {
    return QY_OK; /* what has no proofs at all is told later that it is of another version */
  }
  const size_t expected = qy_quote_size(side->proof_count);
  if (!qy_check(trace, QY_CHECK_QUOTE_PROOFS, out->quote.size == expected,
                .expected = qy_textf("%zu bytes of quote for %u entries", expected, side->proof_count),
                .actual = qy_textf("%zu bytes", out->quote.size), .origin = "the list sent with msg2")) {
    return qy_exchange_refuse(why, "msg3", QY_CHECK_QUOTE_PROOFS);
  }
  return QY_OK;
}

static qy_status check_msg3_mac(const qy_provider_side *side, const qy_msg3 *msg3, qy_view bytes, qy_trace *trace,
                                qy_error *why)
{
  uint8_t mac[QY_CMAC_SIZE];
  if (!qy_check(trace, QY_CHECK_MSG3_GA, qy_equal_ct(msg3->g_a, g_a_of(side), sizeof(msg3->g_a)),
                .expected = qy_text_hex(qy_view_over(g_a_of(side), 32)),
                .actual = qy_text_hex(qy_view_over(msg3->g_a, 32)), .origin = "msg1")) {
    return qy_exchange_refuse(why, "msg3", QY_CHECK_MSG3_GA);
  }
  const qy_view maced = qy_view_slice(bytes, QY_MAC_SIZE, bytes.size - QY_MAC_SIZE);
  QY_TRY(qy_cmac(mac, QY_VIEW_OF(side->keys.smk), &maced, 1, why));
  const bool equal = qy_equal_ct(mac, msg3->mac, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  if (!qy_check(trace, QY_CHECK_MSG3_MAC, equal, .expected = qy_textf("AES-CMAC under SMK of all that follows"),
                .actual = qy_text_hex(QY_VIEW_OF(msg3->mac)), .origin = "Intel SGX SDK, key exchange")) {
    return qy_exchange_refuse(why, "msg3", QY_CHECK_MSG3_MAC);
  }
  return QY_OK;
}

/* Before the whole quote is decoded, so that another version is refused as such. */
static qy_status check_quote_version(const qy_provider_side *side, qy_view quote, qy_trace *trace, qy_error *why)
{
  const bool wants_epid = side->kind == QY_EVIDENCE_EPID;
  const uint16_t version = version_of(quote);
  if (!qy_check(trace, QY_CHECK_QUOTE_VERSION, wants_epid ? version == 2 : is_ecdsa(quote),
                .expected = qy_textf(wants_epid ? "2" : "3, 4 or 5"), .actual = qy_textf("%u", version),
                .origin = "the kind of evidence that this session is about")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_VERSION);
  }
  return QY_OK;
}

static qy_status check_sign_type(qy_view quote, qy_error *why)
{
  qy_reader in = qy_reader_over(quote);
  qy_read_skip(&in, 2, "version");
  const uint16_t sign_type = qy_read_u16le(&in, "sign_type");
  return sign_type <= QY_LINKABLE ? QY_OK
                                  : qy_fail(why, QY_ERR_UNSUPPORTED, "quote: sign_type at byte 2 is %u", sign_type);
}

static qy_status check_quote_header(const qy_provider_side *side, const qy_quote_body *body, const qy_msg2 *asked,
                                    qy_trace *trace, qy_error *why)
{
  const unsigned sign_type = asked->quote_type == 0 ? QY_UNLINKABLE : QY_LINKABLE;
  uint32_t group_id = 0;
  QY_TRY(group_of(&group_id, side, why));
  if (!qy_check(trace, QY_CHECK_QUOTE_GROUP, body->group_id == group_id, .expected = qy_textf("%08x", group_id),
                .actual = qy_textf("%08x", body->group_id), .origin = "msg1")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_GROUP);
  }
  if (!qy_check(trace, QY_CHECK_QUOTE_SIGN_TYPE, body->sign_type == sign_type, .expected = qy_textf("%u", sign_type),
                .actual = qy_textf("%u", body->sign_type), .origin = "msg2")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_SIGN_TYPE);
  }
  if (!qy_check(trace, QY_CHECK_QUOTE_BASENAME, qy_quote_basename_fits(body, asked->spid),
                .expected = qy_text_hex(QY_VIEW_OF(asked->spid)), .actual = qy_text_hex(QY_VIEW_OF(body->basename)),
                .origin = "msg2")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_BASENAME);
  }
  if (!qy_check(trace, QY_CHECK_QUOTE_XEID, body->xeid == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", body->xeid), .origin = "msg0")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_XEID);
  }
  return QY_OK;
}

static qy_status check_epid_quote(const qy_provider_side *side, qy_msg3_evidence *out, const qy_msg2 *asked,
                                  qy_trace *trace, qy_error *why)
{
  QY_TRY(check_sign_type(out->bytes, why));
  QY_TRY(qy_quote_decode(&out->epid, out->bytes, why));
  return check_quote_header(side, &out->epid.body, asked, trace, why);
}

static qy_status check_ecdsa_quote(const qy_provider_side *side, qy_msg3_evidence *out, qy_trace *trace, qy_error *why)
{
  const uint32_t tee = side->kind == QY_EVIDENCE_TDX ? QY_TEE_TDX : QY_TEE_SGX;
  QY_TRY(qy_dcap_quote_decode(&out->ecdsa, out->bytes, why));
  if (!qy_check(trace, QY_CHECK_QUOTE_TEE, out->ecdsa.header.tee == tee,
                .expected = qy_textf("%s", tee == QY_TEE_TDX ? "tdx" : "sgx"),
                .actual = qy_textf("%s", out->ecdsa.header.tee == QY_TEE_TDX ? "tdx" : "sgx"),
                .origin = "the kind of evidence that this session is about")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_QUOTE_TEE);
  }
  return QY_OK;
}

static const uint8_t *report_data_of(const qy_msg3_evidence *evidence)
{
  if (evidence->kind == QY_EVIDENCE_EPID) {
    return evidence->epid.body.report.report_data;
  }
  const qy_dcap_quote *quote = &evidence->ecdsa;
  return quote->body_type == QY_DCAP_BODY_ENCLAVE ? quote->report.report_data : quote->td.report_data;
}

static qy_status check_quote(const qy_provider_side *side, qy_msg3_evidence *out, const qy_msg3 *msg3, qy_trace *trace,
                             qy_error *why)
{
  qy_msg2 asked;
  out->kind = side->kind;
  out->bytes = msg3->quote;
  QY_TRY(qy_msg2_head_decode(&asked, QY_VIEW_OF(side->msg2), why));
  QY_TRY(check_quote_version(side, out->bytes, trace, why));
  QY_TRY(side->kind == QY_EVIDENCE_EPID ? check_epid_quote(side, out, &asked, trace, why)
                                        : check_ecdsa_quote(side, out, trace, why));
  QY_TRY(qy_session_report_data(out->report_data, g_a_of(side), asked.g_b, &side->keys, why));
  const uint8_t *found = report_data_of(out);
  if (!qy_check(trace, QY_CHECK_REPORT_DATA, qy_equal_ct(found, out->report_data, QY_REPORT_DATA_SIZE),
                .expected = qy_text_hex(QY_VIEW_OF(out->report_data)),
                .actual = qy_text_hex(qy_view_over(found, QY_REPORT_DATA_SIZE)),
                .origin = "SHA-256 of g_a, g_b and VK, then zeros")) {
    return qy_exchange_refuse(why, "quote", QY_CHECK_REPORT_DATA);
  }
  return QY_OK;
}

/* Platform services are a matter of EPID: no ECDSA appraisal would look at them. */
static qy_status check_ps_sec_prop(qy_msg3_evidence *out, const struct msg3_call *call, const qy_msg3 *msg3,
                                   qy_trace *trace, qy_error *why)
{
  const bool plain = qy_view_is_zero(QY_VIEW_OF(msg3->ps_sec_prop));
  const bool any = call->provider->allow_ps_sec_prop && out->kind == QY_EVIDENCE_EPID;
  if (!qy_check(trace, QY_CHECK_PS_SEC_PROP, plain || any, .expected = qy_textf(any ? "any" : "zero"),
                .actual = qy_textf(plain ? "zero" : "set"), .origin = "the provider's setting")) {
    return qy_exchange_refuse(why, "msg3", QY_CHECK_PS_SEC_PROP);
  }
  if (!plain) {
    out->ps_sec_prop = qy_view_slice(call->bytes, QY_MSG3_HEAD_SIZE - QY_PS_SEC_PROP_SIZE, QY_PS_SEC_PROP_SIZE);
  }
  return QY_OK;
}

static qy_status take_msg3(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_provider_side *side = context;
  const struct msg3_call *call = arguments;
  qy_msg3 msg3 = {0};
  QY_TRY(check_msg3_form(&msg3, side, call->bytes, trace, why));
  QY_TRY(check_msg3_mac(side, &msg3, call->bytes, trace, why));
  QY_TRY(check_quote(side, call->out, &msg3, trace, why));
  QY_TRY(check_ps_sec_prop(call->out, call, &msg3, trace, why));
  QY_TRY(qy_exchange_transcript(side->transcript, QY_VIEW_OF(side->hello), QY_VIEW_OF(side->msg2),
                                qy_view_slice(call->bytes, 0, QY_MSG3_HEAD_SIZE), msg3.quote, why));
  qy_wipe(side->keys.smk, sizeof(side->keys.smk));
  qy_wipe(side->keys.vk, sizeof(side->keys.vk));
  return QY_OK;
}

/* ---- msg4 ---- */

struct msg4_call {
  uint8_t *out;
  size_t capacity;
  size_t *size;
  const qy_msg4_content *content;
  const qy_random *random;
};

static qy_status make_msg4(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  const qy_provider_side *side = context;
  const struct msg4_call *call = arguments;
  const size_t name_size = call->content->secret_name.size;
  (void)trace;
  if (name_size == 0 || name_size > QY_MAX_SECRET_NAME) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg4: a secret name of %zu bytes", name_size);
  }
  return qy_msg4_seal(call->out, call->capacity, call->size, call->content, side->keys.sk, side->transcript,
                      call->random, why);
}

/* ---- The table ---- */

static const qy_exchange_row table[] = {
    {QY_PROVIDER_AWAITS_MSG1, EVENT_MSG1, take_msg1, QY_PROVIDER_AWAITS_SIGRL},
    {QY_PROVIDER_AWAITS_SIGRL, EVENT_SIGRL, make_msg2, QY_PROVIDER_AWAITS_MSG3},
    {QY_PROVIDER_AWAITS_MSG3, EVENT_MSG3, take_msg3, QY_PROVIDER_AWAITS_VERDICT},
    {QY_PROVIDER_AWAITS_VERDICT, EVENT_VERDICT, make_msg4, QY_PROVIDER_ENDED},
};

static qy_status run(qy_provider_side *side, side_event event, void *arguments, qy_trace *trace, qy_error *why)
{
  const qy_exchange_row *row = qy_exchange_row_of(table, sizeof(table) / sizeof(table[0]), side->state, event);
  qy_status status = QY_ERR_SEQUENCE;
  if (qy_check(trace, QY_CHECK_EXCHANGE_STATE, row != NULL, .expected = qy_textf("%s", event_names[event]),
               .actual = qy_textf("%s", qy_provider_state_name(side->state)), .origin = "docs/protocol.md, states") &&
      row != NULL) {
    status = row->step(side, arguments, trace, why);
  } else {
    (void)qy_fail(why, status, "provider's side: %s, but its state is \"%s\"", event_names[event],
                  qy_provider_state_name(side->state));
  }
  if (status != QY_OK || row->next == QY_PROVIDER_ENDED) {
    qy_provider_side_clear(side);
    return status;
  }
  side->state = (qy_provider_state)row->next;
  return QY_OK;
}

qy_status qy_provider_side_msg1(qy_provider_side *side, uint32_t *group_id, qy_view hello, qy_trace *trace,
                                qy_error *why)
{
  struct msg1_call call = {group_id, hello};
  *group_id = 0;
  return run(side, EVENT_MSG1, &call, trace, why);
}

qy_status qy_provider_side_msg2(qy_provider_side *side, uint8_t *out, size_t capacity, size_t *size,
                                const qy_provider *provider, qy_view sigrl, const qy_random *random, qy_trace *trace,
                                qy_error *why)
{
  struct msg2_call call = {out, capacity, size, provider, sigrl, random};
  *size = 0;
  const qy_status status = run(side, EVENT_SIGRL, &call, trace, why);
  if (status != QY_OK && capacity > 0) {
    memset(out, 0, capacity);
  }
  return status;
}

qy_status qy_provider_side_msg3(qy_provider_side *side, qy_msg3_evidence *out, const qy_provider *provider,
                                qy_view msg3, qy_trace *trace, qy_error *why)
{
  struct msg3_call call = {out, provider, msg3};
  *out = (qy_msg3_evidence){0};
  const qy_status status = run(side, EVENT_MSG3, &call, trace, why);
  if (status != QY_OK) {
    *out = (qy_msg3_evidence){0};
  }
  return status;
}

qy_status qy_provider_side_msg4(qy_provider_side *side, uint8_t *out, size_t capacity, size_t *size,
                                const qy_msg4_content *content, const qy_random *random, qy_trace *trace, qy_error *why)
{
  struct msg4_call call = {out, capacity, size, content, random};
  *size = 0;
  const qy_status status = run(side, EVENT_VERDICT, &call, trace, why);
  if (status != QY_OK && capacity > 0) {
    memset(out, 0, capacity);
  }
  return status;
}
