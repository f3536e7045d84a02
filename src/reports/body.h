/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the body of a report. */
#ifndef QY_REPORTS_BODY_H
#define QY_REPORTS_BODY_H

#include <base/buffer.h>
#include <crypto/rsa.h>
#include <reports/judge.h>

typedef struct qy_reports_body {
  unsigned api_version;
  uint8_t id[16];                /* big-endian */
  int64_t time_us;               /* since 1970 */
  const qy_judgement *judgement; /* its platform info signed */
  qy_view quote_body;            /* the first 432 bytes of the quote */
  const char *nonce;             /* NULL when none was sent */
  const uint8_t *manifest_hash;  /* 32 bytes; NULL when none was sent */
  qy_view pseudonym;             /* B || K of a linkable quote; empty otherwise */
  const char *advisory_url;
} qy_reports_body;

/* Appends the JSON body on one line. These bytes are what is signed and sent. */
qy_status qy_reports_body_encode(qy_buffer *out, const qy_reports_body *facts, qy_error *why) QY_MUST_CHECK;
/* "INTEL-SA-00334,INTEL-SA-00615" */
void qy_advisories_append(qy_buffer *out, const qy_tcb_advisories *advisories);

#endif
