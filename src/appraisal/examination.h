/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: checks being made, of whatever evidence. */
#ifndef QY_APPRAISAL_EXAMINATION_H
#define QY_APPRAISAL_EXAMINATION_H

#include <quotary/appraisal.h>
#include <quotary/check.h>

/* A check that does not hold refuses, whether or not the caller looks at the answer; later steps that build on it are
 * the caller's to leave out. */
typedef struct qy_examination {
  qy_trace *trace; /* may be NULL */
  bool refused;
  bool undecided;
} qy_examination;

bool qy_examine_facts(qy_examination *examination, qy_check_id id, bool held, const qy_check_facts *facts);
#define qy_examine(examination, id, held, ...) \
  qy_examine_facts((examination), (id), (held), &(const qy_check_facts){__VA_ARGS__})
/* The check cannot be made: the verdict can no longer be trust. */
void qy_examine_undecided(qy_examination *examination, qy_check_id id, const qy_check_facts *facts);
/* Something was not given. */
void qy_examine_missing(qy_examination *examination, qy_check_id id, const char *what, const char *origin);
/* The policy does not ask; `built_in` says which policy. */
void qy_examine_unconstrained(qy_examination *examination, qy_check_id id, bool built_in, qy_text actual);

/* Where an expectation comes from: "policy" or "built-in policy". */
const char *qy_policy_origin(const qy_policy *policy);
/* Bits in hex, and in words those that are not what is wanted under the mask: "0x...: PKS set, bit 9 clear". */
qy_text qy_bits_text(uint64_t found, uint64_t wanted, uint64_t mask, const char *(*name_of)(unsigned bit));

/* "so", or what was wrong. */
qy_text qy_examined_text(qy_status status, const qy_error *cause);
qy_text qy_time_text(int64_t time_s);
/* Characters of somebody else's. */
qy_text qy_view_as_text(qy_view text);

#endif
