/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what auditors get. One folder an appraisal below reports/, named by time and session: report.json,
 * report.sig and chain.pem as they came, request.json (what was asked, so that the appraisal can be repeated with every
 * expectation), verdict.json. The oldest make room. */
#ifndef QY_BROKER_ARCHIVE_H
#define QY_BROKER_ARCHIVE_H

#include <broker/report_client.h>
#include <quotary/appraisal.h>

typedef struct qy_archive qy_archive;

qy_status qy_archive_open(qy_archive **out, const char *folder, unsigned most, qy_error *why) QY_MUST_CHECK;
void qy_archive_close(qy_archive **archive);
/* For any number of threads. */
qy_status qy_archive_keep(qy_archive *archive, const char *session_id, const char *secret_name,
                          const qy_signed_report *report, const qy_avr_evidence *asked, const qy_verdict *verdict,
                          qy_error *why) QY_MUST_CHECK;

#endif
