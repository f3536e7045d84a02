/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave's side driven by arbitrary events with arbitrary bytes. Each event is a byte; an odd one takes the
 * genuine message, if there is one, and XORs the next bytes of the input into it, an even one takes them as the message. The
 * peer is a real provider, so that the machine can be led into every state. Whatever is altered must be refused, and
 * every refusal must leave nothing behind. */
#include <base/secret.h>
#include <crypto/p256.h>
#include <crypto/symmetric.h>
#include <quotary/exchange.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be(bool held)
{
  if (!held) {
    abort();
  }
}

static qy_status counted(void *context, uint8_t *out, size_t size, qy_error *why)
{
  uint8_t *next = context;
  (void)why;
  for (size_t i = 0; i < size; i++) {
    out[i] = (*next)++;
  }
  return QY_OK;
}

typedef struct play {
  uint8_t counter;
  qy_random random;
  qy_secret provider_key;
  qy_provider provider;
  qy_provider_side side;
  qy_enclave_side enclave;
  qy_target_info qe;
  qy_secret report_key;
  qy_msg2_answer answer;
  uint8_t hello[QY_HELLO_SIZE];
  uint8_t msg2[QY_MSG2_HEAD_SIZE];
  size_t msg2_size;
  uint8_t quote[QY_QUOTE_SIZE];
  uint8_t msg3[QY_MSG3_HEAD_SIZE + QY_QUOTE_SIZE];
  uint8_t msg4[64];
  size_t msg4_size;
} play;

static void begin(play *p)
{
  qy_p256_public public_key;
  uint8_t measured[64];
  *p = (play){.counter = 1};
  p->random = (qy_random){.fill = counted, .context = &p->counter};
  must_be(qy_p256_generate(&p->provider_key, &public_key, &p->random, NULL) == QY_OK);
  qy_p256_flip(measured, public_key.bytes);
  p->provider = (qy_provider){.private_key = &p->provider_key, .quote_type = QY_LINKABLE, .kdf_id = QY_KDF_ID_INTEL};
  p->report_key.size = 16;
  must_be(qy_enclave_side_begin(&p->enclave, measured, qy_view_text("name"), NULL, NULL, NULL) == QY_OK);
  qy_provider_side_begin(&p->side, QY_EVIDENCE_EPID);
}

/* The input's next bytes: a length byte, then as many, XORed into `genuine` or on their own. */
static size_t take(uint8_t *out, size_t capacity, bool from_genuine, qy_view genuine, const uint8_t **data,
                   size_t *left)
{
  size_t count = *left == 0 ? 0 : (*data)[0];
  size_t used = 0;
  if (*left > 0) {
    (*data)++;
    (*left)--;
  }
  count = count < *left ? count : *left;
  count = count < capacity ? count : capacity;
  if (from_genuine && genuine.size <= capacity) {
    memcpy(out, genuine.bytes, genuine.size);
    used = genuine.size;
  }
  for (size_t i = 0; i < count; i++) {
    out[i] = (uint8_t)((i < used ? out[i] : 0) ^ (*data)[i]);
  }
  used = used > count ? used : count;
  *data += count;
  *left -= count;
  return used;
}

static void after_msg1(play *p)
{
  uint32_t group_id = 0;
  must_be(qy_provider_side_msg1(&p->side, &group_id, QY_VIEW_OF(p->hello), NULL, NULL) == QY_OK);
  must_be(qy_provider_side_msg2(&p->side, p->msg2, sizeof(p->msg2), &p->msg2_size, &p->provider, (qy_view){NULL, 0},
                                &p->random, NULL, NULL) == QY_OK);
}

static void after_msg2(play *p)
{
  qy_quote_body body = {.version = 2, .sign_type = QY_LINKABLE};
  static uint8_t sealed[QY_QUOTE_SIGNATURE_SIZE];
  size_t written = 0;
  sealed[300] = 0x68;
  sealed[301] = 0x01;
  memcpy(body.report.report_data, p->answer.report_data, QY_REPORT_DATA_SIZE);
  must_be(qy_quote_encode(p->quote, sizeof(p->quote), &written, &body, QY_VIEW_OF(sealed), NULL) == QY_OK);
}

static void after_msg3(play *p)
{
  qy_msg3_evidence evidence;
  const qy_msg4_content content = {
      .verdict = QY_TRUSTED, .secret = qy_view_text("secret"), .secret_name = qy_view_text("name")};
  memcpy(p->msg3 + QY_MSG3_HEAD_SIZE, p->quote, sizeof(p->quote));
  if (qy_provider_side_msg3(&p->side, &evidence, &p->provider, QY_VIEW_OF(p->msg3), NULL, NULL) == QY_OK) {
    must_be(qy_provider_side_msg4(&p->side, p->msg4, sizeof(p->msg4), &p->msg4_size, &content, &p->random, NULL,
                                  NULL) == QY_OK);
  }
}

static qy_status do_msg2(play *p, bool genuine, const uint8_t **data, size_t *left)
{
  uint8_t bytes[512];
  const size_t size = take(bytes, sizeof(bytes), genuine, qy_view_over(p->msg2, p->msg2_size), data, left);
  const qy_status status =
      qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(bytes, size), &p->qe, &p->random, NULL, NULL);
  if (status == QY_OK) {
    must_be(size == p->msg2_size && memcmp(bytes, p->msg2, QY_MSG2_HEAD_SIZE - 4) == 0);
    memcpy(p->side.msg2, bytes, QY_MSG2_HEAD_SIZE); /* sig_rl_size is free of the MAC: let both see the same */
    after_msg2(p);
  }
  return status;
}

static qy_status do_quote(play *p, bool genuine, const uint8_t **data, size_t *left)
{
  uint8_t bytes[QY_QUOTE_SIZE + 64];
  uint8_t body[QY_REPORT_BODY_SIZE];
  const qy_view part = QY_VIEW_OF(body);
  qy_report report = {0};
  const size_t size = take(bytes, sizeof(bytes), genuine, QY_VIEW_OF(p->quote), data, left);
  must_be(qy_quote_qe_report_data(report.body.report_data, p->answer.nonce, QY_VIEW_OF(p->quote), NULL) == QY_OK);
  qy_report_body_encode(body, &report.body);
  must_be(qy_cmac(report.mac, qy_secret_view(&p->report_key), &part, 1, NULL) == QY_OK);
  const qy_status status =
      qy_enclave_side_msg3(&p->enclave, p->msg3, qy_view_over(bytes, size), &report, &p->report_key, NULL, NULL);
  if (status == QY_OK) {
    must_be(size == sizeof(p->quote) && memcmp(bytes, p->quote, size) == 0);
    after_msg3(p);
  }
  return status;
}

static qy_status do_msg4(play *p, bool genuine, const uint8_t **data, size_t *left)
{
  uint8_t bytes[512];
  QY_SCOPED_VAULT(secret);
  qy_msg4_answer answer;
  const size_t size = take(bytes, sizeof(bytes), genuine, qy_view_over(p->msg4, p->msg4_size), data, left);
  const qy_status status = qy_enclave_side_msg4(&p->enclave, &answer, &secret, qy_view_over(bytes, size), NULL, NULL);
  if (status == QY_OK) {
    must_be(size == p->msg4_size && memcmp(bytes, p->msg4, size) == 0 && answer.verdict == QY_TRUSTED);
    must_be(secret.size == 6 && memcmp(secret.bytes, "secret", 6) == 0);
  } else {
    must_be(answer.verdict == QY_UNDECIDED && secret.bytes == NULL);
  }
  return status;
}

static qy_status do_msg1(play *p)
{
  const qy_status status = qy_enclave_side_msg1(&p->enclave, p->hello + QY_MSG0_SIZE, 0, &p->random, NULL, NULL);
  if (status == QY_OK) {
    after_msg1(p);
  }
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  play *p = malloc(sizeof(*p));
  must_be(p != NULL);
  begin(p);
  for (unsigned events = 0; size > 0 && events < 8; events++) {
    const uint8_t event = *data++;
    const bool genuine = (event & 1) != 0;
    size--;
    const qy_status status = (event >> 1 & 3) == 0   ? do_msg1(p)
                             : (event >> 1 & 3) == 1 ? do_msg2(p, genuine, &data, &size)
                             : (event >> 1 & 3) == 2 ? do_quote(p, genuine, &data, &size)
                                                     : do_msg4(p, genuine, &data, &size);
    must_be(status == QY_OK || qy_view_is_zero(qy_view_over(&p->enclave, sizeof(p->enclave))));
  }
  free(p);
  return 0;
}
