/* SPDX-License-Identifier: Apache-2.0 */
/* A quote with all that it is appraised under and what Intel's library says of it, and what is asked of every one,
 * whether it is real, derived from a real one, or made here. */
#ifndef QY_TEST_DCAP_VECTOR_H
#define QY_TEST_DCAP_VECTOR_H

#include "vectors.h"

#include <quotary/dcap.h>

typedef enum dcap_vector_file {
  DCAP_VECTOR_QUOTE,
  DCAP_VECTOR_TCB_INFO,
  DCAP_VECTOR_IDENTITY,
  DCAP_VECTOR_TCB_CHAIN,
  DCAP_VECTOR_IDENTITY_CHAIN,
  DCAP_VECTOR_PCK_CHAIN,
  DCAP_VECTOR_ROOT_CRL,
  DCAP_VECTOR_PCK_CRL,
  DCAP_VECTOR_ROOT,
  DCAP_VECTOR_FILES
} dcap_vector_file;

extern const char *const dcap_vector_files[DCAP_VECTOR_FILES]; /* "quote.bin" */

typedef struct dcap_vector {
  const char *name;
  const json_t *expected; /* "intel_qvl": pck, tcbinfo, qeid, quote; ci where the levels were looked at */
  int64_t time_s;
  qy_buffer files[DCAP_VECTOR_FILES];
} dcap_vector;

/* `object` has "intel_qvl" and "time", and outlives the vector, whose files are empty. */
void dcap_vector_open(dcap_vector *out, const char *name, const json_t *object);
void dcap_vector_close(dcap_vector *out);

/* What dcap_vector_check_quote() asks of the quote; then appraises under the built-in policy: the four statuses, standing, dates and advisories are Intel's, each difference
 * printed and counted; nothing is trusted that Intel's library refuses, and nothing refused without a check of ours. */
void dcap_vector_check(const dcap_vector *from);
extern unsigned dcap_vector_differences;
/* Looks at each verdict as well; NULL, as it is at first: nobody does. */
extern void (*dcap_vector_observer)(const dcap_vector *from, const qy_dcap_verdict *verdict);

#endif
