/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/answer.h>

#include <string.h>

#include <base/cursor.h>

#define HEAD_SIZE (2 + 1 + 255 + 2 + 4)
#define RECORD_MAX_SIZE (1 + 255 + 1 + 1 + 159 + 1 + 159)

static void write_text(qy_writer *out, const char *text, size_t most)
{
  const size_t size = strnlen(text, most);
  qy_write_u8(out, (uint8_t)size);
  qy_write_bytes(out, text, size);
}

static void append_record(qy_buffer *out, const qy_check_record *record)
{
  uint8_t bytes[RECORD_MAX_SIZE];
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  write_text(&writer, qy_check_name(record->id), 255);
  qy_write_u8(&writer, (uint8_t)record->outcome);
  write_text(&writer, record->expected.chars, sizeof(record->expected.chars) - 1);
  write_text(&writer, record->actual.chars, sizeof(record->actual.chars) - 1);
  qy_buffer_append(out, bytes, writer.offset);
}

void qy_answer_encode(qy_buffer *out, qy_status status, const qy_error *why, const qy_trace *trace, qy_view payload)
{
  uint8_t head[HEAD_SIZE];
  const size_t count = trace == NULL ? 0 : trace->count;
  qy_writer writer = qy_writer_over(head, sizeof(head));
  qy_write_u16le(&writer, (uint16_t)status);
  write_text(&writer, status == QY_OK || why == NULL ? "" : why->message, 255);
  qy_write_u16le(&writer, (uint16_t)count);
  qy_write_u32le(&writer, trace == NULL ? 0 : (uint32_t)trace->dropped);
  qy_buffer_append(out, head, writer.offset);
  for (size_t i = 0; i < count; i++) {
    append_record(out, &trace->records[i]);
  }
  qy_buffer_append(out, payload.bytes, payload.size);
}

/* A counted text without NUL, shorter than `room`. */
static void read_text(qy_reader *in, char *out, size_t room, const char *field)
{
  const size_t at = in->offset;
  const uint8_t size = qy_read_u8(in, field);
  const qy_view text = qy_read_view(in, size, field);
  if (text.size >= room || (text.size > 0 && memchr(text.bytes, '\0', text.size) != NULL)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    out[0] = '\0';
    return;
  }
  if (text.size > 0) {
    memcpy(out, text.bytes, text.size);
  }
  out[text.size] = '\0';
}

static void read_record(qy_reader *in, qy_check_record *record, const char *origin)
{
  char name[64];
  const size_t at = in->offset;
  read_text(in, name, sizeof(name), "name of a check");
  record->id = qy_check_by_name(name);
  if (record->id == QY_CHECK_NONE) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "name of a check", at);
  }
  const uint8_t outcome = qy_read_u8(in, "outcome");
  if (outcome > QY_OUTCOME_UNCONSTRAINED) {
    qy_read_reject(in, QY_ERR_MALFORMED, "outcome", in->offset - 1);
  }
  record->outcome = (qy_outcome)outcome;
  read_text(in, record->expected.chars, sizeof(record->expected.chars), "what was expected");
  read_text(in, record->actual.chars, sizeof(record->actual.chars), "what was found");
  record->origin = origin;
}

static void add_record(qy_trace *trace, const qy_check_record *record)
{
  const qy_check_facts facts = {.expected = record->expected, .actual = record->actual, .origin = record->origin};
  qy_check_note(trace, record->id, record->outcome, &facts);
}

/* Reads all checks; those of the second pass go to `trace`, when all is known to be well formed. */
static void read_trace(qy_reader *in, qy_trace *trace, const char *origin)
{
  const size_t at = in->offset;
  const uint16_t count = qy_read_u16le(in, "count of checks");
  const uint32_t dropped = qy_read_u32le(in, "dropped checks");
  if (count > QY_TRACE_CAPACITY) {
    qy_read_reject(in, QY_ERR_LIMIT, "count of checks", at);
  }
  for (uint16_t i = 0; i < count && in->status == QY_OK; i++) {
    qy_check_record record = {0};
    read_record(in, &record, origin);
    if (trace != NULL && in->status == QY_OK) {
      add_record(trace, &record);
    }
  }
  if (trace != NULL && in->status == QY_OK) {
    trace->dropped += dropped;
  }
}

static qy_status decode(qy_answer *out, qy_trace *trace, qy_view bytes, const char *origin, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  const uint16_t status = qy_read_u16le(&in, "status");
  if (status >= QY_STATUS_COUNT) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "status", 0);
  }
  *out = (qy_answer){.status = (qy_status)status};
  read_text(&in, out->message, sizeof(out->message), "message");
  read_trace(&in, trace, origin);
  out->payload = qy_read_rest(&in);
  return qy_read_finish(&in, "answer", why);
}

qy_status qy_answer_decode(qy_answer *out, qy_trace *trace, qy_view bytes, const char *origin, qy_error *why)
{
  const qy_status status = decode(out, NULL, bytes, origin, why);
  if (status != QY_OK) {
    *out = (qy_answer){.status = QY_ERR_INTERNAL};
    return status;
  }
  return trace == NULL ? QY_OK : decode(out, trace, bytes, origin, why);
}

qy_status qy_answer_settle(const qy_answer *answer, qy_error *why)
{
  return answer->status == QY_OK ? QY_OK : qy_fail(why, answer->status, "%s", answer->message);
}
