/* SPDX-License-Identifier: Apache-2.0 */
#include <base/log.h>

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>

static qy_log_level least_level = QY_LOG_INFO;

void qy_log_set_level(qy_log_level least)
{
  __atomic_store_n(&least_level, least, __ATOMIC_RELAXED);
}

void qy_log_escape(char *out, size_t size, const char *text)
{
  size_t used = 0;
  for (; *text != '\0' && used + 5 < size; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7f) {
      used += (size_t)snprintf(out + used, size - used, "\\x%02x", c);
    } else {
      out[used++] = (char)c;
    }
  }
  out[used] = '\0';
}

void qy_log(qy_log_level level, const char *component, const char *format, ...)
{
  static const char *const names[] = {"debug", "info", "warning", "error"};
  if (level < __atomic_load_n(&least_level, __ATOMIC_RELAXED)) {
    return;
  }
  char raw[1024];
  char message[1400];
  char line[1600];
  char when[21];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(raw, sizeof(raw), format, arguments);
  va_end(arguments);
  qy_log_escape(message, sizeof(message), raw);
  qy_time_format(when, qy_clock_now_s());
  const int length = snprintf(line, sizeof(line), "%s %s %s: %s\n", when, names[level], component, message);
  /* One write a line, so that lines of several processes do not mix. */
  if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0) {
    return;
  }
}
