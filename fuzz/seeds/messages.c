/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes and the messages that carry them, and whole conversations as the exchange's targets write them down. */
#include "seeds.h"

#include <string.h>

#include <exchange/calls.h>
#include <quotary/exchange.h>

static void both(const char *target, qy_view bytes)
{
  seed(target, bytes);
  seed("describe", bytes);
}

static void a_quote(uint8_t out[QY_QUOTE_SIZE])
{
  static const uint8_t sealed[QY_QUOTE_SIGNATURE_SIZE] = {[300] = 0x68, [301] = 0x01};
  const qy_quote_body body = {.version = 2, .sign_type = QY_LINKABLE};
  size_t size = 0;
  must(qy_quote_encode(out, QY_QUOTE_SIZE, &size, &body, QY_VIEW_OF(sealed), NULL));
}

static void first_messages(void)
{
  uint8_t hello[QY_HELLO_SIZE], msg2_bytes[QY_MSG2_HEAD_SIZE + 208];
  static const uint8_t list[208] = {0, 2, 0, 14, [15] = 1};
  const qy_msg1 msg1 = {.g_a = {1}, .group_id = 7};
  const qy_msg2 msg2 = {.g_b = {1}, .kdf_id = 1, .sigrl_size = sizeof(list), .sigrl = QY_VIEW_OF(list)};
  size_t size = 0;
  memset(hello, 0, QY_MSG0_SIZE);
  qy_msg1_encode(hello + QY_MSG0_SIZE, &msg1);
  must(qy_msg2_encode(msg2_bytes, sizeof(msg2_bytes), &size, &msg2, NULL));
  both("exchange_messages", qy_view_over(hello, QY_MSG0_SIZE));
  both("exchange_messages", qy_view_over(hello + QY_MSG0_SIZE, QY_MSG1_SIZE));
  both("exchange_messages", QY_VIEW_OF(hello));
  both("exchange_messages", qy_view_over(msg2_bytes, size));
  qy_msg2 head = msg2;
  head.sigrl = (qy_view){NULL, 0};
  head.sigrl_size = 0;
  qy_msg2_head_encode(msg2_bytes, &head);
  both("exchange_messages", qy_view_over(msg2_bytes, QY_MSG2_HEAD_SIZE));
}

static void last_messages(void)
{
  uint8_t quote[QY_QUOTE_SIZE], msg3_bytes[QY_MSG3_HEAD_SIZE + QY_QUOTE_SIZE];
  uint8_t msg4_bytes[QY_MSG4_HEADER_SIZE + QY_PLATFORM_INFO_SIZE + 8 + QY_MSG4_TAG_SIZE] = {1, 1, 3, 0, 8};
  size_t size = 0;
  a_quote(quote);
  const qy_msg3 msg3 = {.g_a = {1}, .quote = QY_VIEW_OF(quote)};
  must(qy_msg3_encode(msg3_bytes, sizeof(msg3_bytes), &size, &msg3, NULL));
  both("sgx_quote", QY_VIEW_OF(quote));
  both("exchange_messages", qy_view_over(msg3_bytes, size));
  both("exchange_messages", QY_VIEW_OF(msg4_bytes));
}

static void calls(void)
{
  static const uint8_t zeros[QY_SAMPLE_MSG2_SIZE];
  static const size_t sizes[] = {QY_SAMPLE_MSG2_SIZE, QY_SAMPLE_REPORT_SIZE, QY_SAMPLE_OUTCOME_SIZE,
                                 QY_REPORT_SIZE + 40, 40};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    seed("exchange_messages", qy_view_over(zeros, sizes[i]));
  }
}

/* Events in order, each with the genuine message: fuzz_exchange_enclave.c, fuzz_exchange_provider.c. */
static void conversations(void)
{
  static const uint8_t enclave[] = {0, 3, 0, 5, 0, 7, 0};
  QY_SCOPED_BUFFER(provider, 8192);
  uint8_t quote[QY_QUOTE_SIZE];
  a_quote(quote);
  seed("exchange_enclave", QY_VIEW_OF(enclave));
  const uint8_t hello_and_msg2[] = {1, 3}, msg3_event = 5 | 23 << 3, msg4_event = 7 | 1 << 3;
  qy_buffer_append(&provider, hello_and_msg2, sizeof(hello_and_msg2));
  qy_buffer_append(&provider, &msg3_event, 1);
  memset(qy_buffer_extend(&provider, QY_MSG3_HEAD_SIZE), 0, QY_MSG3_HEAD_SIZE);
  qy_buffer_append(&provider, quote, sizeof(quote));
  qy_buffer_append(&provider, &msg4_event, 1);
  qy_buffer_append_text(&provider, "secret");
  must(provider.status);
  seed("exchange_provider", qy_buffer_view(&provider));
}

void seed_messages(void)
{
  first_messages();
  last_messages();
  calls();
  conversations();
}
