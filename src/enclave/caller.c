/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/caller.h>

#include <unistd.h>

static qy_status exchange(const qy_channel *channel, const qy_channel_call *call, qy_buffer *bytes, qy_frame *frame,
                          qy_answer *answer, qy_trace *trace, qy_error *why)
{
  QY_TRY(qy_channel_send(channel, call->kind, call->payload, call->send_descriptor, why));
  QY_TRY(qy_channel_receive(channel, frame, bytes, why));
  if (frame->closed) {
    return qy_fail(why, QY_ERR_IO, "%s: gone without an answer", call->origin);
  }
  if (frame->kind != call->kind) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: answered call %u instead of %u", call->origin, frame->kind, call->kind);
  }
  return qy_answer_decode(answer, trace, qy_buffer_view(bytes), call->origin, why);
}

static qy_status deliver(qy_buffer *out, const qy_answer *answer, const char *origin, qy_error *why)
{
  QY_TRY(qy_answer_settle(answer, why));
  if (out == NULL) {
    return answer->payload.size == 0
               ? QY_OK
               : qy_fail(why, QY_ERR_MALFORMED, "%s: %zu bytes where none belong", origin, answer->payload.size);
  }
  qy_buffer_append(out, answer->payload.bytes, answer->payload.size);
  return qy_buffer_finish(out, origin, why);
}

qy_status qy_channel_ask(const qy_channel *channel, const qy_channel_call *call, qy_buffer *out, int *descriptor,
                         qy_trace *trace, bool *broken, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, call->max_answer_size + QY_ANSWER_MAX_OVERHEAD);
  qy_frame frame = {.descriptor = -1};
  qy_answer answer;
  qy_status status = exchange(channel, call, &bytes, &frame, &answer, trace, why);
  if (broken != NULL) {
    *broken = status != QY_OK;
  }
  if (status == QY_OK) {
    status = deliver(out, &answer, call->origin, why);
  }
  if (descriptor != NULL) {
    *descriptor = -1;
  }
  if (status == QY_OK && descriptor != NULL) {
    *descriptor = frame.descriptor;
  } else if (frame.descriptor >= 0) {
    (void)close(frame.descriptor);
  }
  return status;
}
