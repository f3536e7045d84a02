/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/runtime.h>

#include <stdlib.h>

#include <enclave/answer.h>
#include <enclave/channel.h>
#include <enclave/sandbox.h>

typedef struct call_room { /* one call at a time; everything is wiped after each */
  qy_buffer in;
  qy_buffer out;
  qy_buffer answer;
  qy_trace trace;
} call_room;

static void call_room_clear(call_room *room)
{
  qy_buffer_clear(&room->in);
  qy_buffer_clear(&room->out);
  qy_buffer_clear(&room->answer);
  room->trace = (qy_trace){0};
}

/* One call and its answer. */
static bool serve_one(const qy_channel *host, call_room *room, qy_enclave_call *call, void *context)
{
  qy_frame frame;
  qy_error why = {0};
  if (qy_channel_receive(host, &frame, &room->in, &why) != QY_OK || frame.closed) {
    return false;
  }
  qy_status status = call(context, frame.kind, qy_buffer_view(&room->in), &room->out, &room->trace, &why);
  if (status == QY_OK) {
    status = qy_buffer_finish(&room->out, "answer of the enclave", &why);
  }
  const qy_view payload = status == QY_OK ? qy_buffer_view(&room->out) : (qy_view){NULL, 0};
  qy_answer_encode(&room->answer, status, &why, &room->trace, payload);
  return qy_buffer_finish(&room->answer, "answer of the enclave", &why) == QY_OK &&
         qy_channel_send(host, frame.kind, qy_buffer_view(&room->answer), -1, &why) == QY_OK;
}

int qy_enclave_run(qy_enclave_call *call, void *context)
{
  const qy_channel host = {.socket = QY_ENCLAVE_FD_HOST, .timeout_ms = -1, .patience_ms = -1};
  qy_error why = {0};
  if (qy_sandbox_enter(&why) != QY_OK) {
    return 3;
  }
  call_room *room = calloc(1, sizeof(*room));
  if (room == NULL) {
    return 3;
  }
  qy_buffer_init(&room->in, QY_ENCLAVE_CALL_MAX_SIZE);
  qy_buffer_init(&room->out, QY_ENCLAVE_CALL_MAX_SIZE);
  qy_buffer_init(&room->answer, QY_ENCLAVE_CALL_MAX_SIZE + QY_ANSWER_MAX_OVERHEAD);
  while (serve_one(&host, room, call, context)) {
    call_room_clear(room);
  }
  call_room_clear(room);
  free(room);
  return 0;
}
