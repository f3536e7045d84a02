/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave's side. The order of the checks is that of Intel's library (sgx_tkey_exchange), because it decides which
 * failure a peer sees; what is stricter here is said where it stands. The trace goes to the untrusted host, so no
 * record holds an expected MAC. */
#include <exchange/internal.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <quotary/dcap_quote.h>

typedef enum side_event {
  EVENT_MSG1,
  EVENT_MSG2,
  EVENT_MSG2_ALONE,
  EVENT_QUOTE,
  EVENT_OWN_QUOTE,
  EVENT_MSG4
} side_event;

static const char *const event_names[] = {"msg1 is asked for",
                                          "msg2 came",
                                          "msg2 came, and no quoting enclave is named",
                                          "a quote came",
                                          "a quote came that no quoting enclave vouches for",
                                          "msg4 came"};

_Static_assert(sizeof(((qy_enclave_side *)NULL)->secret_name) == QY_MAX_SECRET_NAME,
               "the public limit is the limit of base/limits.h");

const char *qy_enclave_state_name(qy_enclave_state state)
{
  static const char *const names[QY_ENCLAVE_STATE_COUNT] = {
      "ended", "begins", "awaits-msg2", "awaits-quote", "awaits-own-quote", "awaits-msg4", "accepted"};
  return (unsigned)state < QY_ENCLAVE_STATE_COUNT ? names[state] : "unknown";
}

void qy_enclave_side_clear(qy_enclave_side *side)
{
  qy_wipe(side, sizeof(*side));
}

qy_status qy_enclave_side_begin(qy_enclave_side *side, const uint8_t provider_key[QY_GROUP_ELEMENT_SIZE],
                                qy_view secret_name, const qy_kdf *kdf, qy_trace *trace, qy_error *why)
{
  qy_p256_public key;
  bool is_point = false;
  *side = (qy_enclave_side){0};
  if (secret_name.size == 0 || secret_name.size > sizeof(side->secret_name)) {
    return qy_fail(why, QY_ERR_LIMIT, "secret name: %zu bytes, 1 to %zu", secret_name.size, sizeof(side->secret_name));
  }
  QY_TRY(qy_exchange_point(&key, &is_point, provider_key, why));
  if (!qy_check(trace, QY_CHECK_PROVIDER_KEY, is_point, .expected = qy_textf("a point of P-256"),
                .actual = qy_text_hex(qy_view_over(provider_key, 32)), .origin = "the enclave's measured image")) {
    return qy_exchange_refuse(why, "provider key", QY_CHECK_PROVIDER_KEY);
  }
  memcpy(side->provider_key, provider_key, sizeof(side->provider_key));
  memcpy(side->secret_name, secret_name.bytes, secret_name.size);
  side->secret_name_size = secret_name.size;
  side->kdf = kdf == NULL ? (qy_kdf){0} : *kdf;
  side->state = QY_ENCLAVE_BEGINS;
  return QY_OK;
}

/* ---- msg1 ---- */

struct msg1_call {
  uint8_t *out;
  uint32_t group_id;
  const qy_random *random;
};

static qy_status make_msg1(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_enclave_side *side = context;
  const struct msg1_call *call = arguments;
  qy_p256_public public_key;
  qy_msg1 msg1 = {.group_id = call->group_id};
  QY_SCOPED_SECRET(a);
  (void)trace;
  QY_TRY(qy_p256_generate(&a, &public_key, call->random, why));
  memcpy(side->a, a.bytes, sizeof(side->a));
  qy_p256_flip(msg1.g_a, public_key.bytes);
  qy_msg1_encode(side->msg1, &msg1);
  memcpy(call->out, side->msg1, QY_MSG1_SIZE);
  return QY_OK;
}

/* ---- msg2 ---- */

struct msg2_call {
  qy_msg2_answer *out;
  qy_view bytes;
  const qy_target_info *qe;
  const qy_random *random;
};

static qy_status check_g_b(qy_p256_public *out, const qy_enclave_side *side, const qy_msg2 *msg2, qy_trace *trace,
                           qy_error *why)
{
  bool is_point = false;
  QY_TRY(qy_exchange_point(out, &is_point, msg2->g_b, why));
  if (!qy_check(trace, QY_CHECK_GB_POINT, is_point, .expected = qy_textf("a point of P-256"),
                .actual = qy_text_hex(qy_view_over(msg2->g_b, 32)), .origin = "Intel SGX SDK, key exchange")) {
    return qy_exchange_refuse(why, "msg2", QY_CHECK_GB_POINT);
  }
  /* Intel does not ask this: with g_b = g_a a peer who knows nothing could answer with the enclave's own words. */
  const bool fresh = memcmp(msg2->g_b, side->msg1, QY_GROUP_ELEMENT_SIZE) != 0;
  if (!qy_check(trace, QY_CHECK_GB_REFLECTED, fresh, .expected = qy_textf("another key than g_a"),
                .actual = qy_text_hex(qy_view_over(msg2->g_b, 32)), .origin = "this side's own rule")) {
    return qy_exchange_refuse(why, "msg2", QY_CHECK_GB_REFLECTED);
  }
  return QY_OK;
}

static qy_status check_signature(const qy_enclave_side *side, const qy_msg2 *msg2, qy_trace *trace, qy_error *why)
{
  const qy_view parts[] = {QY_VIEW_OF(msg2->g_b), qy_view_over(side->msg1, QY_GROUP_ELEMENT_SIZE)};
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  qy_p256_public key;
  bool valid = false;
  qy_p256_flip(key.bytes, side->provider_key);
  qy_p256_flip(signature, msg2->signature);
  QY_TRY(qy_p256_verify(&valid, &key, parts, 2, signature, why));
  if (!qy_check(trace, QY_CHECK_PROVIDER_SIGNATURE, valid,
                .expected = qy_textf("a signature by the provider key whose x ends in %02x%02x%02x%02x", key.bytes[28],
                                     key.bytes[29], key.bytes[30], key.bytes[31]),
                .actual = qy_text_hex(QY_VIEW_OF(msg2->signature)), .origin = "the enclave's measured image")) {
    return qy_exchange_refuse(why, "msg2", QY_CHECK_PROVIDER_SIGNATURE);
  }
  return QY_OK;
}

/* A callback is asked for every id; without one only id 1 is known (Intel SGX SDK, sgx_ra_init_ex). */
static qy_status derive_keys(qy_enclave_side *side, uint16_t kdf_id, const qy_secret *shared_x, qy_trace *trace,
                             qy_error *why)
{
  qy_error reason = {0};
  const bool own = side->kdf.derive != NULL;
  const qy_status asked =
      own ? side->kdf.derive(side->kdf.context, &side->keys, kdf_id, shared_x->bytes, &reason) : QY_OK;
  const bool known = own ? asked != QY_ERR_UNSUPPORTED : kdf_id == QY_KDF_ID_INTEL;
  if (!qy_check(trace, QY_CHECK_KDF, known,
                .expected =
                    own ? qy_textf("an id that the enclave's own derivation knows") : qy_textf("%u", QY_KDF_ID_INTEL),
                .actual = qy_textf("%u", kdf_id), .origin = "the enclave")) {
    return qy_exchange_refuse(why, "msg2", QY_CHECK_KDF);
  }
  if (asked != QY_OK) {
    return qy_fail(why, asked, "msg2: key derivation %u: %s", kdf_id, reason.message);
  }
  return own ? QY_OK : qy_session_keys_derive(&side->keys, shared_x->bytes, why);
}

static qy_status check_msg2_mac(const qy_enclave_side *side, const qy_msg2 *msg2, qy_view bytes, qy_trace *trace,
                                qy_error *why)
{
  const qy_view maced = qy_view_slice(bytes, 0, QY_MSG2_MACED_SIZE);
  uint8_t mac[QY_CMAC_SIZE];
  QY_TRY(qy_cmac(mac, QY_VIEW_OF(side->keys.smk), &maced, 1, why));
  const bool equal = qy_equal_ct(mac, msg2->mac, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  if (!qy_check(trace, QY_CHECK_MSG2_MAC, equal, .expected = qy_textf("AES-CMAC under SMK of the first 148 bytes"),
                .actual = qy_text_hex(QY_VIEW_OF(msg2->mac)), .origin = "Intel SGX SDK, key exchange")) {
    return qy_exchange_refuse(why, "msg2", QY_CHECK_MSG2_MAC);
  }
  return QY_OK;
}

static qy_status check_msg2(qy_enclave_side *side, const qy_msg2 *msg2, qy_view bytes, qy_trace *trace, qy_error *why)
{
  qy_p256_public g_b;
  QY_SCOPED_SECRET(a);
  QY_SCOPED_SECRET(shared_x);
  QY_TRY(check_g_b(&g_b, side, msg2, trace, why));
  qy_secret_set(&a, side->a, sizeof(side->a));
  QY_TRY(qy_exchange_agree(&shared_x, &a, &g_b, trace, why));
  QY_TRY(check_signature(side, msg2, trace, why));
  QY_TRY(derive_keys(side, msg2->kdf_id, &shared_x, trace, why));
  return check_msg2_mac(side, msg2, bytes, trace, why);
}

static qy_status take_msg2_alone(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_enclave_side *side = context;
  const struct msg2_call *call = arguments;
  qy_msg2 msg2;
  const qy_status form = qy_msg2_head_decode(&msg2, call->bytes, why);
  if (!qy_check(trace, QY_CHECK_MSG2_FORM, form == QY_OK, .expected = qy_textf("%d bytes", QY_MSG2_HEAD_SIZE),
                .actual = qy_textf("%zu bytes", call->bytes.size), .origin = "Intel SGX SDK, message layout") ||
      form != QY_OK) {
    return form;
  }
  QY_TRY(check_msg2(side, &msg2, call->bytes, trace, why));
  qy_wipe(side->a, sizeof(side->a));
  memcpy(side->msg2, call->bytes.bytes, QY_MSG2_HEAD_SIZE);
  return qy_session_report_data(call->out->report_data, side->msg1, msg2.g_b, &side->keys, why);
}

static qy_status take_msg2(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  qy_enclave_side *side = context;
  const struct msg2_call *call = arguments;
  QY_TRY(take_msg2_alone(side, arguments, trace, why));
  QY_TRY(qy_random_fill(call->random, side->nonce, sizeof(side->nonce), why));
  memcpy(side->qe_mr_enclave, call->qe->mr_enclave, sizeof(side->qe_mr_enclave));
  side->qe_attributes = call->qe->attributes;
  memcpy(call->out->nonce, side->nonce, sizeof(side->nonce));
  return QY_OK;
}

/* ---- msg3 ---- */

struct msg3_call {
  uint8_t *out;
  qy_view quote;
  const qy_report *qe_report;
  const qy_secret *report_key;
};

/* Not qy_report_verify_mac: this decision has an id of its own. */
static qy_status check_qe_report_mac(const struct msg3_call *call, qy_trace *trace, qy_error *why)
{
  uint8_t body[QY_REPORT_BODY_SIZE];
  uint8_t mac[QY_CMAC_SIZE];
  const qy_view part = QY_VIEW_OF(body);
  qy_report_body_encode(body, &call->qe_report->body);
  QY_TRY(qy_cmac(mac, qy_secret_view(call->report_key), &part, 1, why));
  const bool equal = qy_equal_ct(mac, call->qe_report->mac, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  if (!qy_check(trace, QY_CHECK_QE_REPORT_MAC, equal, .expected = qy_textf("a MAC under this enclave's report key"),
                .actual = qy_text_hex(QY_VIEW_OF(call->qe_report->mac)), .origin = "the processor")) {
    return qy_exchange_refuse(why, "report of the quoting enclave", QY_CHECK_QE_REPORT_MAC);
  }
  return QY_OK;
}

static qy_status check_qe_report(const qy_enclave_side *side, const struct msg3_call *call, qy_trace *trace,
                                 qy_error *why)
{
  const qy_report_body *body = &call->qe_report->body;
  uint8_t expected[QY_REPORT_DATA_SIZE];
  QY_TRY(check_qe_report_mac(call, trace, why));
  const bool same = memcmp(body->mr_enclave, side->qe_mr_enclave, sizeof(side->qe_mr_enclave)) == 0 &&
                    body->attributes.flags == side->qe_attributes.flags &&
                    body->attributes.xfrm == side->qe_attributes.xfrm;
  if (!qy_check(trace, QY_CHECK_QE_IDENTITY, same, .expected = qy_text_hex(QY_VIEW_OF(side->qe_mr_enclave)),
                .actual = qy_text_hex(QY_VIEW_OF(body->mr_enclave)),
                .origin = "the platform, when the report was made")) {
    return qy_exchange_refuse(why, "report of the quoting enclave", QY_CHECK_QE_IDENTITY);
  }
  /* All 64 bytes: Intel's library leaves the upper half unread. */
  QY_TRY(qy_quote_qe_report_data(expected, side->nonce, call->quote, why));
  if (!qy_check(trace, QY_CHECK_QE_REPORT_DATA, qy_equal_ct(expected, body->report_data, sizeof(expected)),
                .expected = qy_text_hex(QY_VIEW_OF(expected)), .actual = qy_text_hex(QY_VIEW_OF(body->report_data)),
                .origin = "the enclave's nonce and the quote")) {
    return qy_exchange_refuse(why, "report of the quoting enclave", QY_CHECK_QE_REPORT_DATA);
  }
  return QY_OK;
}

/* What is not such a quote carries no session's data either: one decision. */
static qy_status check_own_quote(const qy_enclave_side *side, const struct msg3_call *call, qy_trace *trace,
                                 qy_error *why)
{
  qy_dcap_quote quote;
  qy_error form = {0};
  uint8_t expected[QY_REPORT_DATA_SIZE];
  QY_TRY(qy_session_report_data(expected, side->msg1, side->msg2, &side->keys, why));
  const bool decoded = qy_dcap_quote_decode(&quote, call->quote, &form) == QY_OK;
  const uint8_t *found = quote.body_type == QY_DCAP_BODY_ENCLAVE ? quote.report.report_data : quote.td.report_data;
  const bool same = decoded && qy_equal_ct(expected, found, sizeof(expected));
  if (!qy_check(trace, QY_CHECK_OWN_QUOTE, same, .expected = qy_text_hex(QY_VIEW_OF(expected)),
                .actual =
                    decoded ? qy_text_hex(qy_view_over(found, QY_REPORT_DATA_SIZE)) : qy_textf("%s", form.message),
                .origin = "the keys of this session")) {
    return qy_exchange_refuse(why, "quote of the platform", QY_CHECK_OWN_QUOTE);
  }
  return QY_OK;
}

static qy_status make_msg3(qy_enclave_side *side, const struct msg3_call *call, qy_error *why)
{
  uint8_t hello[QY_HELLO_SIZE] = {0}; /* msg0 is zero: the provider takes no other extended group */
  qy_msg3 msg3 = {.quote = call->quote};
  memcpy(msg3.g_a, side->msg1, sizeof(msg3.g_a));
  const qy_view maced[] = {QY_VIEW_OF(msg3.g_a), QY_VIEW_OF(msg3.ps_sec_prop), call->quote};
  QY_TRY(qy_cmac(msg3.mac, QY_VIEW_OF(side->keys.smk), maced, 3, why));
  qy_msg3_head_encode(call->out, &msg3);
  memcpy(hello + QY_MSG0_SIZE, side->msg1, QY_MSG1_SIZE);
  QY_TRY(qy_exchange_transcript(side->transcript, QY_VIEW_OF(hello), QY_VIEW_OF(side->msg2),
                                qy_view_over(call->out, QY_MSG3_HEAD_SIZE), call->quote, why));
  qy_wipe(side->keys.smk, sizeof(side->keys.smk));
  qy_wipe(side->keys.vk, sizeof(side->keys.vk));
  return QY_OK;
}

static qy_status check_quote_size(const struct msg3_call *call, qy_error *why)
{
  if (call->quote.size > QY_MAX_QUOTE_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "quote: %zu bytes, at most %u", call->quote.size, QY_MAX_QUOTE_SIZE);
  }
  return QY_OK;
}

static qy_status take_quote(void *side, void *arguments, qy_trace *trace, qy_error *why)
{
  QY_TRY(check_quote_size(arguments, why));
  QY_TRY(check_qe_report(side, arguments, trace, why));
  return make_msg3(side, arguments, why);
}

static qy_status take_own_quote(void *side, void *arguments, qy_trace *trace, qy_error *why)
{
  QY_TRY(check_quote_size(arguments, why));
  QY_TRY(check_own_quote(side, arguments, trace, why));
  return make_msg3(side, arguments, why);
}

/* ---- msg4 ---- */

struct msg4_call {
  qy_msg4_answer *out;
  qy_vault *secret;
  qy_view bytes;
};

static qy_status take_msg4(void *context, void *arguments, qy_trace *trace, qy_error *why)
{
  const qy_enclave_side *side = context;
  const struct msg4_call *call = arguments;
  qy_msg4 msg4;
  bool authentic = false;
  const qy_status form = qy_msg4_decode(&msg4, call->bytes, why);
  if (!qy_check(trace, QY_CHECK_MSG4_FORM, form == QY_OK,
                .expected = qy_textf("header, %d bytes of platform info or none, secret, tag", QY_PLATFORM_INFO_SIZE),
                .actual = qy_textf("%zu bytes", call->bytes.size), .origin = "docs/protocol.md, msg4") ||
      form != QY_OK) {
    return form;
  }
  QY_TRY(qy_msg4_open(&authentic, call->secret, &msg4, side->keys.sk, side->transcript,
                      qy_view_over(side->secret_name, side->secret_name_size), why));
  if (!qy_check(trace, QY_CHECK_MSG4_TAG, authentic,
                .expected = qy_textf("AES-GCM tag under SK for this session and \"%.*s\"", (int)side->secret_name_size,
                                     side->secret_name),
                .actual = qy_text_hex(QY_VIEW_OF(msg4.tag)), .origin = "docs/protocol.md, msg4")) {
    return qy_exchange_refuse(why, "msg4", QY_CHECK_MSG4_TAG);
  }
  *call->out = (qy_msg4_answer){.verdict = msg4.verdict,
                                .simulated = msg4.simulated,
                                .has_platform_info = msg4.platform_info.size != 0,
                                .has_secret = msg4.ciphertext.size != 0};
  if (call->out->has_platform_info) {
    memcpy(call->out->platform_info, msg4.platform_info.bytes, QY_PLATFORM_INFO_SIZE);
  }
  return QY_OK;
}

/* ---- The table ---- */

static const qy_exchange_row table[] = {
    {QY_ENCLAVE_BEGINS, EVENT_MSG1, make_msg1, QY_ENCLAVE_AWAITS_MSG2},
    {QY_ENCLAVE_AWAITS_MSG2, EVENT_MSG2, take_msg2, QY_ENCLAVE_AWAITS_QUOTE},
    {QY_ENCLAVE_AWAITS_MSG2, EVENT_MSG2_ALONE, take_msg2_alone, QY_ENCLAVE_AWAITS_OWN_QUOTE},
    {QY_ENCLAVE_AWAITS_QUOTE, EVENT_QUOTE, take_quote, QY_ENCLAVE_AWAITS_MSG4},
    {QY_ENCLAVE_AWAITS_OWN_QUOTE, EVENT_OWN_QUOTE, take_own_quote, QY_ENCLAVE_AWAITS_MSG4},
    {QY_ENCLAVE_AWAITS_MSG4, EVENT_MSG4, take_msg4, QY_ENCLAVE_ACCEPTED},
};

static qy_status run(qy_enclave_side *side, side_event event, void *arguments, qy_trace *trace, qy_error *why)
{
  const qy_exchange_row *row = qy_exchange_row_of(table, sizeof(table) / sizeof(table[0]), side->state, event);
  qy_status status = QY_ERR_SEQUENCE;
  if (qy_check(trace, QY_CHECK_EXCHANGE_STATE, row != NULL, .expected = qy_textf("%s", event_names[event]),
               .actual = qy_textf("%s", qy_enclave_state_name(side->state)), .origin = "docs/protocol.md, states") &&
      row != NULL) {
    status = row->step(side, arguments, trace, why);
  } else {
    (void)qy_fail(why, status, "enclave's side: %s, but its state is \"%s\"", event_names[event],
                  qy_enclave_state_name(side->state));
  }
  if (status != QY_OK) {
    qy_enclave_side_clear(side);
    return status;
  }
  side->state = (qy_enclave_state)row->next;
  return QY_OK;
}

qy_status qy_enclave_side_msg1(qy_enclave_side *side, uint8_t out[QY_MSG1_SIZE], uint32_t group_id,
                               const qy_random *random, qy_trace *trace, qy_error *why)
{
  struct msg1_call call = {out, group_id, random};
  memset(out, 0, QY_MSG1_SIZE);
  return run(side, EVENT_MSG1, &call, trace, why);
}

qy_status qy_enclave_side_msg2(qy_enclave_side *side, qy_msg2_answer *out, qy_view msg2, const qy_target_info *qe,
                               const qy_random *random, qy_trace *trace, qy_error *why)
{
  struct msg2_call call = {out, msg2, qe, random};
  *out = (qy_msg2_answer){0};
  const qy_status status = run(side, qe == NULL ? EVENT_MSG2_ALONE : EVENT_MSG2, &call, trace, why);
  if (status != QY_OK) {
    *out = (qy_msg2_answer){0};
  }
  return status;
}

static qy_status run_msg3(qy_enclave_side *side, side_event event, struct msg3_call *call, qy_trace *trace,
                          qy_error *why)
{
  memset(call->out, 0, QY_MSG3_HEAD_SIZE);
  const qy_status status = run(side, event, call, trace, why);
  if (status != QY_OK) {
    memset(call->out, 0, QY_MSG3_HEAD_SIZE);
  }
  return status;
}

qy_status qy_enclave_side_msg3(qy_enclave_side *side, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                               const qy_report *qe_report, const qy_secret *report_key, qy_trace *trace, qy_error *why)
{
  struct msg3_call call = {out, quote, qe_report, report_key};
  return run_msg3(side, EVENT_QUOTE, &call, trace, why);
}

qy_status qy_enclave_side_msg3_own(qy_enclave_side *side, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                                   qy_trace *trace, qy_error *why)
{
  struct msg3_call call = {.out = out, .quote = quote};
  return run_msg3(side, EVENT_OWN_QUOTE, &call, trace, why);
}

qy_status qy_enclave_side_msg4(qy_enclave_side *side, qy_msg4_answer *out, qy_vault *secret, qy_view msg4,
                               qy_trace *trace, qy_error *why)
{
  struct msg4_call call = {out, secret, msg4};
  *out = (qy_msg4_answer){0};
  const qy_status status = run(side, EVENT_MSG4, &call, trace, why);
  if (status == QY_OK && out->verdict != QY_TRUSTED) {
    qy_enclave_side_clear(side);
  }
  return status;
}

qy_status qy_enclave_side_keys(const qy_enclave_side *side, qy_secret *sk, qy_secret *mk, qy_error *why)
{
  if (sk != NULL) {
    qy_secret_clear(sk);
  }
  if (mk != NULL) {
    qy_secret_clear(mk);
  }
  if (side->state != QY_ENCLAVE_ACCEPTED) {
    return qy_fail(why, QY_ERR_SEQUENCE, "session keys: the provider has not accepted yet (state \"%s\")",
                   qy_enclave_state_name(side->state));
  }
  if (sk != NULL) {
    qy_secret_set(sk, side->keys.sk, sizeof(side->keys.sk));
  }
  if (mk != NULL) {
    qy_secret_set(mk, side->keys.mk, sizeof(side->keys.mk));
  }
  return QY_OK;
}
