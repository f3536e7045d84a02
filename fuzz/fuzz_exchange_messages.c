/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as each of the messages, and as each payload of the sample enclave's calls: what decodes must encode to the
 * same bytes. */
#include <exchange/calls.h>
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

static void short_messages(qy_view in)
{
  uint8_t out[QY_MSG2_HEAD_SIZE];
  qy_msg0 msg0;
  qy_msg1 msg1;
  qy_msg2 msg2;
  if (qy_msg0_decode(&msg0, in, NULL) == QY_OK) {
    qy_msg0_encode(out, &msg0);
    must_be(memcmp(out, in.bytes, QY_MSG0_SIZE) == 0);
  }
  if (qy_msg1_decode(&msg1, in, NULL) == QY_OK) {
    qy_msg1_encode(out, &msg1);
    must_be(memcmp(out, in.bytes, QY_MSG1_SIZE) == 0);
  }
  if (qy_msg2_head_decode(&msg2, in, NULL) == QY_OK) {
    qy_msg2_head_encode(out, &msg2);
    must_be(memcmp(out, in.bytes, QY_MSG2_HEAD_SIZE) == 0);
  }
}

static void long_messages(qy_view in)
{
  uint8_t *out = malloc(in.size + 1);
  size_t size = 0;
  qy_msg2 msg2;
  qy_msg2_parts parts;
  qy_msg3 msg3;
  qy_msg4 msg4;
  must_be(out != NULL);
  if (qy_msg2_decode(&msg2, in, NULL) == QY_OK) {
    must_be(qy_msg2_encode(out, in.size, &size, &msg2, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  if (qy_msg2_split(&parts, in, NULL) == QY_OK) {
    must_be(parts.head.size + parts.sigrl.size == in.size && parts.quote_size >= QY_QUOTE_SIZE);
  }
  if (qy_msg3_decode(&msg3, in, NULL) == QY_OK) {
    must_be(qy_msg3_encode(out, in.size, &size, &msg3, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  if (qy_msg4_decode(&msg4, in, NULL) == QY_OK) {
    must_be(qy_msg4_encode(out, in.size, &size, &msg4, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  free(out);
}

static void calls(qy_view in)
{
  uint8_t out[QY_SAMPLE_MSG2_SIZE];
  uint32_t group_id = 0;
  qy_sample_msg2 msg2;
  qy_sample_report report;
  qy_sample_quote quote;
  qy_sample_outcome outcome;
  qy_sample_unsealed unsealed;
  if (qy_sample_msg1_decode(&group_id, in, NULL) == QY_OK) {
    qy_sample_msg1_encode(out, group_id);
    must_be(memcmp(out, in.bytes, QY_SAMPLE_MSG1_SIZE) == 0);
  }
  if (qy_sample_msg2_decode(&msg2, in, NULL) == QY_OK) {
    qy_sample_msg2_encode(out, &msg2);
    must_be(memcmp(out, in.bytes, QY_SAMPLE_MSG2_SIZE) == 0);
  }
  if (qy_sample_report_decode(&report, in, NULL) == QY_OK) {
    qy_sample_report_encode(out, &report);
    must_be(memcmp(out, in.bytes, QY_SAMPLE_REPORT_SIZE) == 0);
  }
  if (qy_sample_outcome_decode(&outcome, in, NULL) == QY_OK) {
    qy_sample_outcome_encode(out, &outcome);
    must_be(memcmp(out, in.bytes, QY_SAMPLE_OUTCOME_SIZE) == 0);
  }
  must_be(qy_sample_quote_decode(&quote, in, NULL) != QY_OK || quote.quote.size + QY_REPORT_SIZE == in.size);
  must_be(qy_sample_unsealed_decode(&unsealed, in, NULL) != QY_OK || unsealed.name.size + 36 == in.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view in = qy_view_over(data, size);
  short_messages(in);
  long_messages(in);
  calls(in);
  return 0;
}
