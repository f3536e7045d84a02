/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/check.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  const char *title;
  const char *remedy;
} checks[QY_CHECK_COUNT] = {
    {"none", "no check", ""},
#define QY_CHECK_ROW(id, name, title, remedy) {name, title, remedy},
#include <quotary/checks.def>
#undef QY_CHECK_ROW
};

static bool known(qy_check_id id)
{
  return (unsigned)id < QY_CHECK_COUNT;
}

const char *qy_check_name(qy_check_id id)
{
  return known(id) ? checks[id].name : "unknown";
}

const char *qy_check_title(qy_check_id id)
{
  return known(id) ? checks[id].title : "unknown check";
}

const char *qy_check_remedy(qy_check_id id)
{
  return known(id) ? checks[id].remedy : "";
}

qy_check_id qy_check_by_name(const char *name)
{
  for (unsigned i = 1; name != NULL && i < QY_CHECK_COUNT; i++) {
    if (strcmp(checks[i].name, name) == 0) {
      return (qy_check_id)i;
    }
  }
  return QY_CHECK_NONE;
}

const char *qy_outcome_name(qy_outcome outcome)
{
  switch (outcome) {
  case QY_OUTCOME_HELD:
    return "held";
  case QY_OUTCOME_FAILED:
    return "failed";
  case QY_OUTCOME_UNCONSTRAINED:
    return "unconstrained";
  case QY_OUTCOME_UNDECIDED:
  default:
    return "undecided";
  }
}

const char *qy_trust_name(qy_trust trust)
{
  return trust == QY_TRUSTED ? "trusted" : trust == QY_REFUSED ? "refused" : "undecided";
}

qy_text qy_textf(const char *format, ...)
{
  qy_text text;
  va_list arguments;
  if (strchr(format, '%') == NULL && strlen(format) < sizeof(text.chars)) { /* most are: no need to format */
    memcpy(text.chars, format, strlen(format) + 1);
    return text;
  }
  va_start(arguments, format);
  const int needed = vsnprintf(text.chars, sizeof(text.chars), format, arguments);
  va_end(arguments);
  if (needed < 0) {
    text.chars[0] = '\0';
  } else if ((size_t)needed >= sizeof(text.chars)) {
    memcpy(text.chars + sizeof(text.chars) - 4, "...", 4);
  }
  return text;
}

qy_text qy_text_hex(qy_view bytes)
{
  static const char digits[] = "0123456789abcdef";
  qy_text text;
  const size_t room = (sizeof(text.chars) - 4) / 2;
  const size_t shown = bytes.size < room ? bytes.size : room;
  for (size_t i = 0; i < shown; i++) {
    text.chars[2 * i] = digits[bytes.bytes[i] >> 4];
    text.chars[2 * i + 1] = digits[bytes.bytes[i] & 15];
  }
  memcpy(text.chars + 2 * shown, shown < bytes.size ? "..." : "", shown < bytes.size ? 4 : 1);
  return text;
}

static void record(qy_trace *trace, qy_check_id id, qy_outcome outcome, const qy_check_facts *facts)
{
  if (trace == NULL) {
    return;
  }
  size_t slot = trace->count;
  if (slot >= QY_TRACE_CAPACITY) {
    trace->dropped++;
    if (outcome != QY_OUTCOME_FAILED || qy_trace_failed(trace) != NULL) {
      return;
    }
    slot = QY_TRACE_CAPACITY - 1; /* the first failure matters more than the last success */
  } else {
    trace->count++;
  }
  trace->records[slot] = (qy_check_record){.id = id,
                                           .outcome = outcome,
                                           .expected = facts->expected,
                                           .actual = facts->actual,
                                           .origin = facts->origin,
                                           .remedy = facts->remedy};
}

#ifdef QUOTARY_MUTATION
/* Only in the build that shows that each check matters: it lets one named check pass whatever it found. */
static bool mutated(qy_check_id id)
{
  const char *name = getenv("QUOTARY_MUTATE_CHECK");
  return name != NULL && strcmp(name, qy_check_name(id)) == 0;
}
#endif

bool qy_check_facts_record(qy_trace *trace, qy_check_id id, bool held, const qy_check_facts *facts)
{
#ifdef QUOTARY_MUTATION
  held = held || mutated(id);
#endif
  record(trace, id, held ? QY_OUTCOME_HELD : QY_OUTCOME_FAILED, facts);
  return held;
}

void qy_check_note(qy_trace *trace, qy_check_id id, qy_outcome outcome, const qy_check_facts *facts)
{
  record(trace, id, outcome, facts);
}

void qy_trace_append(qy_trace *trace, const qy_check_record *records, size_t count)
{
  const size_t room = QY_TRACE_CAPACITY - trace->count;
  if (count <= room) {
    memcpy(trace->records + trace->count, records, count * sizeof(records[0]));
    trace->count += count;
    return;
  }
  for (size_t i = 0; i < count; i++) { /* one by one: a failure finds room */
    const qy_check_facts facts = {.expected = records[i].expected,
                                  .actual = records[i].actual,
                                  .origin = records[i].origin,
                                  .remedy = records[i].remedy};
    record(trace, records[i].id, records[i].outcome, &facts);
  }
}

const qy_check_record *qy_trace_failed(const qy_trace *trace)
{
  for (size_t i = 0; trace != NULL && i < trace->count; i++) {
    if (trace->records[i].outcome == QY_OUTCOME_FAILED) {
      return &trace->records[i];
    }
  }
  return NULL;
}

const qy_check_record *qy_trace_find(const qy_trace *trace, qy_check_id id)
{
  for (size_t i = trace == NULL ? 0 : trace->count; i > 0; i--) {
    if (trace->records[i - 1].id == id) {
      return &trace->records[i - 1];
    }
  }
  return NULL;
}
