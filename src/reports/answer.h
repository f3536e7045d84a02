/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: from a client's request to the signed answer, without sockets. */
#ifndef QY_REPORTS_ANSWER_H
#define QY_REPORTS_ANSWER_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <reports/cache.h>
#include <reports/judge.h>
#include <reports/keys.h>

typedef struct qy_reports_context {
  const qy_reports_keys *keys;
  qy_reports_cache *cache;
  qy_pse_status pse_status;
} qy_reports_context;

typedef struct qy_reports_answer {
  qy_buffer body;         /* the report: these bytes are signed */
  qy_buffer signature;    /* base64 */
  qy_buffer advisory_ids; /* of version 3, which has no member for them; or empty */
  char advisory_url[QY_TCB_URL_SIZE];
  qy_reports_status status;
} qy_reports_answer;

void qy_reports_answer_init(qy_reports_answer *answer);
void qy_reports_answer_clear(qy_reports_answer *answer);
#define QY_SCOPED_REPORTS_ANSWER(name)                                      \
  __attribute__((cleanup(qy_reports_answer_clear))) qy_reports_answer name; \
  qy_reports_answer_init(&name)

/* QY_OK: there is a report, whatever it says. The request's fault: QY_ERR_MALFORMED, QY_ERR_TRUNCATED,
 * QY_ERR_UNSUPPORTED, QY_ERR_LIMIT, QY_ERR_NOT_FOUND (no such group) or QY_ERR_REFUSED (reports-spid,
 * reports-sign-type, reports-extended-group). Everything else is this service's fault, as a handler that answers 500 or 503 says. */
qy_status qy_reports_answer_make(qy_reports_answer *out, const qy_reports_context *context, unsigned api_version,
                                 const qy_subscription *caller, qy_view request, int64_t now_us, qy_trace *trace,
                                 qy_error *why) QY_MUST_CHECK;

/* The group's SigRL for clients: base64 of the list in SGX form, nothing when no signature is revoked.
 * QY_ERR_NOT_FOUND when there is no such group; QY_ERR_BUSY while the two forms on disk differ (reports-list-forms). */
qy_status qy_reports_sigrl_make(qy_buffer *out, const qy_reports_context *context, uint32_t gid, qy_trace *trace,
                                qy_error *why) QY_MUST_CHECK;

#endif
