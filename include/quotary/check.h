/* SPDX-License-Identifier: Apache-2.0 */
/* Security decisions. Each is one qy_check() with an id from base/checks.def, and each leaves a record that says
 * what was expected, what was found, where the expectation came from and what would mend it. */
#ifndef QUOTARY_CHECK_H
#define QUOTARY_CHECK_H

#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qy_check_id {
  QY_CHECK_NONE = 0,
#define QY_CHECK_ROW(id, name, title, remedy) QY_CHECK_##id,
#include <quotary/checks.def>
#undef QY_CHECK_ROW
  QY_CHECK_COUNT
} qy_check_id;

/* "msg2-mac", "MAC of msg2", "what would mend it"; never NULL. */
QY_API const char *qy_check_name(qy_check_id id);
QY_API const char *qy_check_title(qy_check_id id);
QY_API const char *qy_check_remedy(qy_check_id id);
/* QY_CHECK_NONE for an unknown name. */
QY_API qy_check_id qy_check_by_name(const char *name);

typedef enum qy_outcome {
  QY_OUTCOME_UNDECIDED = 0, /* could not be made: evidence or endorsement is missing */
  QY_OUTCOME_HELD,
  QY_OUTCOME_FAILED,
  QY_OUTCOME_UNCONSTRAINED /* the policy says nothing of it, and may */
} qy_outcome;

QY_API const char *qy_outcome_name(qy_outcome outcome); /* "held", "failed", "undecided", "unconstrained" */

/* Short text by value, always terminated; longer input ends in "...". */
typedef struct qy_text {
  char chars[160];
} qy_text;

QY_API qy_text qy_textf(const char *format, ...) QY_PRINTF(1, 2);
QY_API qy_text qy_text_hex(qy_view bytes);

typedef struct qy_check_record {
  qy_check_id id;
  qy_outcome outcome;
  qy_text expected;
  qy_text actual;
  const char *origin; /* static text: "policy", "facts of the quote", ... ; may be NULL */
  const char *remedy; /* static text; NULL takes the table's */
} qy_check_record;

#define QY_TRACE_CAPACITY 128

/* The checks in the order they were made. Zero-initialise; about 44 KiB, so not on a deep stack. */
typedef struct qy_trace {
  size_t count;
  size_t dropped; /* held checks that found no room; a failed one always finds room */
  qy_check_record records[QY_TRACE_CAPACITY];
} qy_trace;

typedef struct qy_check_facts {
  qy_text expected;
  qy_text actual;
  const char *origin;
  const char *remedy;
} qy_check_facts;

/* Records the decision in `trace` (may be NULL) and returns whether the check holds. Callers act on what it
 * returns, never on `held`: that is how a mutation build can show that each check matters. */
QY_API bool qy_check_facts_record(qy_trace *trace, qy_check_id id, bool held,
                                  const qy_check_facts *facts) QY_MUST_CHECK;
#define qy_check(trace, id, held, ...) \
  qy_check_facts_record((trace), (id), (held), &(const qy_check_facts){__VA_ARGS__})

/* Records a check that could not be made or is not asked for. */
QY_API void qy_check_note(qy_trace *trace, qy_check_id id, qy_outcome outcome, const qy_check_facts *facts);

/* Records made elsewhere, behind those that are there. */
QY_API void qy_trace_append(qy_trace *trace, const qy_check_record *records, size_t count);

/* First failed record, else NULL; the last record with `id`, else NULL. */
QY_API const qy_check_record *qy_trace_failed(const qy_trace *trace);
QY_API const qy_check_record *qy_trace_find(const qy_trace *trace, qy_check_id id);

typedef enum qy_trust {
  QY_UNDECIDED = 0, /* zero is never trust */
  QY_TRUSTED,
  QY_REFUSED
} qy_trust;

QY_API const char *qy_trust_name(qy_trust trust); /* "undecided", "trusted", "refused" */

#ifdef __cplusplus
}
#endif
#endif
