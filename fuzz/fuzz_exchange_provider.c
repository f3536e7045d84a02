/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side driven by arbitrary events with arbitrary bytes: each is a byte for the event and the size class,
 * then the message. msg3 gets a right g_a and MAC when its bit is set, so that the quote behind them is reached. The last
 * byte also says what kind of evidence the session is about. */
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
  uint8_t good_hello[QY_HELLO_SIZE];
  uint8_t *buffer; /* as large as any answer can be */
  size_t capacity;
} play;

static void begin(play *p, uint8_t *buffer, size_t capacity, qy_evidence_kind kind)
{
  qy_p256_public public_key;
  *p = (play){.counter = 1, .buffer = buffer, .capacity = capacity};
  p->random = (qy_random){.fill = counted, .context = &p->counter};
  must_be(qy_p256_generate(&p->provider_key, &public_key, &p->random, NULL) == QY_OK);
  p->provider = (qy_provider){.private_key = &p->provider_key, .quote_type = QY_LINKABLE, .kdf_id = QY_KDF_ID_INTEL};
  qy_p256_flip(p->good_hello + QY_MSG0_SIZE, public_key.bytes); /* some point */
  qy_provider_side_begin(&p->side, kind);
}

static qy_status do_msg1(play *p, bool good, qy_view in)
{
  uint32_t group_id = 0;
  return qy_provider_side_msg1(&p->side, &group_id, good ? QY_VIEW_OF(p->good_hello) : in, NULL, NULL);
}

static qy_status do_msg2(play *p, bool none, qy_view in)
{
  size_t size = 0;
  const qy_status status = qy_provider_side_msg2(&p->side, p->buffer, p->capacity, &size, &p->provider,
                                                 none ? (qy_view){NULL, 0} : in, &p->random, NULL, NULL);
  must_be(status == QY_OK ? size >= QY_MSG2_HEAD_SIZE : size == 0);
  return status;
}

static qy_status do_msg3(play *p, bool authentic, qy_view in)
{
  qy_msg3_evidence evidence;
  memcpy(p->buffer, in.bytes, in.size);
  if (authentic && in.size >= QY_MSG3_HEAD_SIZE) {
    const qy_view maced = qy_view_over(p->buffer + QY_MAC_SIZE, in.size - QY_MAC_SIZE);
    memcpy(p->buffer + QY_MAC_SIZE, p->side.hello + QY_MSG0_SIZE, QY_GROUP_ELEMENT_SIZE);
    must_be(qy_cmac(p->buffer, QY_VIEW_OF(p->side.keys.smk), &maced, 1, NULL) == QY_OK);
  }
  const qy_status status =
      qy_provider_side_msg3(&p->side, &evidence, &p->provider, qy_view_over(p->buffer, in.size), NULL, NULL);
  if (status == QY_OK) {
    const uint8_t *found = evidence.kind == QY_EVIDENCE_EPID  ? evidence.epid.body.report.report_data
                           : evidence.kind == QY_EVIDENCE_SGX ? evidence.ecdsa.report.report_data
                                                              : evidence.ecdsa.td.report_data;
    must_be(memcmp(found, evidence.report_data, QY_REPORT_DATA_SIZE) == 0);
    must_be(evidence.bytes.size == in.size - QY_MSG3_HEAD_SIZE);
  }
  return status;
}

static qy_status do_msg4(play *p, bool trusted, qy_view in)
{
  const qy_msg4_content content = {.verdict = trusted ? QY_TRUSTED : QY_REFUSED,
                                   .secret = trusted ? in : (qy_view){NULL, 0},
                                   .secret_name = qy_view_text("name")};
  size_t size = 0;
  const qy_status status =
      qy_provider_side_msg4(&p->side, p->buffer, p->capacity, &size, &content, &p->random, NULL, NULL);
  must_be(status != QY_OK || size == qy_msg4_size(&content));
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const size_t capacity = QY_MSG4_MAX_SIZE + size;
  uint8_t *buffer = malloc(capacity);
  play p;
  must_be(buffer != NULL);
  begin(&p, buffer, capacity,
        size == 0 ? QY_EVIDENCE_EPID : (qy_evidence_kind)(data[size - 1] % QY_EVIDENCE_KIND_COUNT));
  for (unsigned events = 0; size > 0 && events < 8; events++) {
    const uint8_t event = *data++;
    const bool helped = (event & 1) != 0;
    size--;
    const size_t wanted = (size_t)(event >> 3) * 64;
    const qy_view in = qy_view_over(data, wanted < size ? wanted : size);
    const qy_status status = (event >> 1 & 3) == 0   ? do_msg1(&p, helped, in)
                             : (event >> 1 & 3) == 1 ? do_msg2(&p, helped, in)
                             : (event >> 1 & 3) == 2 ? do_msg3(&p, helped, in)
                                                     : do_msg4(&p, helped, in);
    must_be(status == QY_OK || qy_view_is_zero(qy_view_over(&p.side, sizeof(p.side))));
    data += in.size;
    size -= in.size;
  }
  free(buffer);
  return 0;
}
