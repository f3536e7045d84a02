/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict for people. */
#include <appraisal/text.h>

#include <quotary/appraisal.h>

typedef struct mark {
  const char *sign;
  const char *colour;
} mark;

static mark mark_of(qy_outcome outcome)
{
  switch (outcome) {
  case QY_OUTCOME_HELD:
    return (mark){"\xe2\x9c\x93", "\033[32m"}; /* check mark */
  case QY_OUTCOME_FAILED:
    return (mark){"\xe2\x9c\x97", "\033[31m"}; /* ballot X */
  case QY_OUTCOME_UNCONSTRAINED:
    return (mark){"\xc2\xb7", "\033[2m"}; /* middle dot */
  case QY_OUTCOME_UNDECIDED:
  default:
    return (mark){"?", "\033[33m"};
  }
}

static void append_marked(qy_buffer *out, mark with, bool colour, const char *text)
{
  qy_buffer_appendf(out, "%s%s %s%s", colour ? with.colour : "", with.sign, text, colour ? "\033[0m" : "");
}

static void append_check(qy_buffer *out, const qy_check_record *record, bool colour)
{
  append_marked(out, mark_of(record->outcome), colour, qy_check_title(record->id));
  qy_buffer_appendf(out, " (%s)", qy_check_name(record->id));
  if (record->outcome == QY_OUTCOME_UNCONSTRAINED) {
    qy_buffer_appendf(out, ": not asked for; it is %s", record->actual.chars);
  }
  qy_buffer_append_text(out, "\n");
  if (record->outcome != QY_OUTCOME_FAILED && record->outcome != QY_OUTCOME_UNDECIDED) {
    return;
  }
  qy_buffer_appendf(out, "    expected: %s%s%s%s\n", record->expected.chars, record->origin == NULL ? "" : " (",
                    record->origin == NULL ? "" : record->origin, record->origin == NULL ? "" : ")");
  qy_buffer_appendf(out, "    found:    %s\n", record->actual.chars);
  qy_buffer_appendf(out, "    remedy:   %s\n", record->remedy == NULL ? qy_check_remedy(record->id) : record->remedy);
}

static void append_verdict(qy_buffer *out, const qy_verdict *verdict, bool colour)
{
  const qy_outcome outcome = verdict->trust == QY_TRUSTED   ? QY_OUTCOME_HELD
                             : verdict->trust == QY_REFUSED ? QY_OUTCOME_FAILED
                                                            : QY_OUTCOME_UNDECIDED;
  append_marked(out, mark_of(outcome), colour, qy_trust_name(verdict->trust));
  if (verdict->has_report) {
    qy_buffer_appendf(out, ": status %s, report of %s", verdict->status, verdict->report.timestamp);
  }
  qy_buffer_appendf(out, "; the evidence is %sauthentic%s\n", verdict->authentic ? "" : "not known to be ",
                    verdict->simulated ? ", and SIMULATED: no hardware stands behind it" : "");
}

qy_status qy_verdict_explain(char **text, const qy_verdict *verdict, bool colour, qy_error *why)
{
  *text = NULL;
  QY_SCOPED_BUFFER(lines, QY_APPRAISAL_MAX_TEXT);
  for (size_t i = 0; i < verdict->trace.count; i++) {
    append_check(&lines, &verdict->trace.records[i], colour);
  }
  if (verdict->trace.dropped > 0) {
    qy_buffer_appendf(&lines, "and %zu more that found no room\n", verdict->trace.dropped);
  }
  append_verdict(&lines, verdict, colour);
  return qy_text_of_buffer(text, &lines, why);
}
