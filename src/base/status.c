/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/status.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef qy_fail /* the analyser's view of it */
#undef qy_fail_in

static const struct {
  const char *name;
  const char *text;
} statuses[QY_STATUS_COUNT] = {
#define QY_STATUS_ROW(name, spelling, text) {spelling, text},
    QY_STATUSES(QY_STATUS_ROW)
#undef QY_STATUS_ROW
};

const char *qy_status_name(qy_status status)
{
  return status < QY_STATUS_COUNT ? statuses[status].name : "unknown";
}

const char *qy_status_text(qy_status status)
{
  return status < QY_STATUS_COUNT ? statuses[status].text : "unknown status";
}

qy_status qy_fail(qy_error *why, qy_status status, const char *format, ...)
{
  if (why != NULL) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why->message, sizeof(why->message), format, arguments);
    va_end(arguments);
    why->status = status;
  }
  return status;
}

qy_status qy_fail_in(qy_error *why, qy_status status, const char *format, ...)
{
  if (why != NULL) {
    char prefix[128];
    char rest[sizeof(why->message)];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(prefix, sizeof(prefix), format, arguments);
    va_end(arguments);
    (void)snprintf(rest, sizeof(rest), "%s", why->message);
    (void)snprintf(why->message, sizeof(why->message), "%s: %.*s", prefix,
                   (int)(sizeof(why->message) - sizeof(prefix) - 3), rest);
    why->status = status;
  }
  return status;
}

qy_view qy_view_text(const char *text)
{
  return qy_view_over(text, text == NULL ? 0 : strlen(text));
}

bool qy_view_equal(qy_view a, qy_view b)
{
  return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

qy_view qy_view_slice(qy_view view, size_t offset, size_t size)
{
  if (offset > view.size || size > view.size - offset) {
    return (qy_view){NULL, 0};
  }
  return (qy_view){size == 0 ? NULL : view.bytes + offset, size};
}

bool qy_view_is_zero(qy_view view)
{
  uint8_t any = 0;
  for (size_t i = 0; i < view.size; i++) {
    any |= view.bytes[i];
  }
  return any == 0;
}
