/* SPDX-License-Identifier: Apache-2.0 */
#include <appraisal/examination.h>

#include <string.h>

#include <base/encoding.h>

bool qy_examine_facts(qy_examination *examination, qy_check_id id, bool held, const qy_check_facts *facts)
{
  const bool holds = qy_check_facts_record(examination->trace, id, held, facts);
  examination->refused |= !holds;
  return holds;
}

void qy_examine_undecided(qy_examination *examination, qy_check_id id, const qy_check_facts *facts)
{
  qy_check_note(examination->trace, id, QY_OUTCOME_UNDECIDED, facts);
  examination->undecided = true;
}

void qy_examine_missing(qy_examination *examination, qy_check_id id, const char *what, const char *origin)
{
  const qy_check_facts facts = {
      .expected = qy_textf("%s", what), .actual = qy_textf("nothing was given"), .origin = origin};
  qy_examine_undecided(examination, id, &facts);
}

void qy_examine_unconstrained(qy_examination *examination, qy_check_id id, bool built_in, qy_text actual)
{
  const qy_check_facts facts = {.expected = qy_textf("anything: nothing was asked for"),
                                .actual = actual,
                                .origin = built_in ? "built-in policy" : "policy"};
  qy_check_note(examination->trace, id, QY_OUTCOME_UNCONSTRAINED, &facts);
}

const char *qy_policy_origin(const qy_policy *policy)
{
  return policy->built_in ? "built-in policy" : "policy";
}

qy_text qy_bits_text(uint64_t found, uint64_t wanted, uint64_t mask, const char *(*name_of)(unsigned bit))
{
  const uint64_t wrong = (found ^ wanted) & mask;
  qy_text text = qy_textf("0x%016llx", (unsigned long long)found);
  for (unsigned bit = 0; bit < 64; bit++) {
    if ((wrong >> bit & 1) == 0) {
      continue;
    }
    const char *name = name_of(bit);
    const qy_text nameless = qy_textf("bit %u", bit);
    const bool is_first = (wrong & ((1ull << bit) - 1)) == 0;
    text = qy_textf("%s%s %s %s", text.chars, is_first ? ":" : ",", name == NULL ? nameless.chars : name,
                    (found >> bit & 1) != 0 ? "set" : "clear");
  }
  return text;
}

qy_text qy_examined_text(qy_status status, const qy_error *cause)
{
  return status == QY_OK ? qy_textf("so") : qy_textf("%s", cause->message);
}

qy_text qy_time_text(int64_t time_s)
{
  qy_text text;
  char chars[21];
  qy_time_format(chars, time_s);
  memcpy(text.chars, chars, sizeof(chars));
  return text;
}

qy_text qy_view_as_text(qy_view text)
{
  return qy_textf("%.*s", (int)(text.size < 100 ? text.size : 100), (const char *)text.bytes);
}
