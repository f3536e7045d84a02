/* SPDX-License-Identifier: Apache-2.0 */
/* What a trust domain measured while it started, and the registers that this makes. */
#include <describe/parts.h>

#include <string.h>

#include <crypto/hash.h>
#include <quotary/event_log.h>

#define MAX_TEXT 120

/* Characters that can be shown as they are; NUL at the end belongs to many. */
static bool is_text(qy_view data, size_t *length)
{
  *length = data.size > 0 && data.bytes[data.size - 1] == 0 ? data.size - 1 : data.size;
  for (size_t i = 0; i < *length; i++) {
    if (data.bytes[i] < 0x20 || data.bytes[i] > 0x7e) {
      return false;
    }
  }
  return *length > 0 && *length <= MAX_TEXT;
}

/* Whether the digest is that of the data: if not, the data is only a note, for which nothing vouches. */
static qy_status is_digested(bool *out, const qy_event *event, qy_error *why)
{
  uint8_t digest[QY_EVENT_DIGEST_SIZE];
  QY_TRY(qy_hash_parts(digest, QY_SHA384, &event->data, 1, why));
  *out = memcmp(digest, event->digest, sizeof(digest)) == 0;
  return QY_OK;
}

static qy_status describe_event(json_t *events, const qy_event *event, qy_error *why)
{
  static const char *const registers[QY_EVENT_REGISTERS + 1] = {"MRTD", "RTMR0", "RTMR1", "RTMR2", "RTMR3"};
  const char *type = qy_event_type_name(event->type);
  bool digested = false;
  size_t length = 0;
  QY_TRY(is_digested(&digested, event, why));
  json_t *to = json_object();
  json_object_set_new(to, "register",
                      qy_event_is_measured(event) ? json_string(registers[event->index]) : json_string("none"));
  json_object_set_new(to, "type", type != NULL ? json_string(type) : json_sprintf("0x%08x", event->type));
  qy_describe_hex(to, "digest", event->digest, QY_EVENT_DIGEST_SIZE);
  if (is_text(event->data, &length)) {
    json_object_set_new(to, "text", json_stringn((const char *)event->data.bytes, length));
  } else {
    qy_describe_view(to, "data", event->data);
  }
  json_object_set_new(to, "digest_is_of_data", json_boolean(digested));
  json_array_append_new(events, to);
  return QY_OK;
}

qy_status qy_describe_event_log(json_t *to, qy_view bytes, qy_error *why)
{
  static const char *const names[QY_EVENT_REGISTERS] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
  uint8_t registers[QY_EVENT_REGISTERS][QY_EVENT_DIGEST_SIZE];
  qy_event_log log;
  qy_event event;
  size_t offset = 0;
  QY_TRY(qy_event_log_decode(&log, bytes, why));
  QY_TRY(qy_event_log_replay(registers, &log, why));
  json_object_set_new(to, "events", json_integer((json_int_t)log.count));
  for (size_t i = 0; i < QY_EVENT_REGISTERS; i++) {
    qy_describe_hex(to, names[i], registers[i], sizeof(registers[i]));
  }
  json_t *events = json_array();
  json_object_set_new(to, "log", events);
  while (qy_event_log_next(&event, &log, &offset)) {
    QY_TRY(describe_event(events, &event, why));
  }
  return QY_OK;
}
