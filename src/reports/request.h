/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what a client sends to be told about. */
#ifndef QY_REPORTS_REQUEST_H
#define QY_REPORTS_REQUEST_H

#include <base/buffer.h>
#include <base/limits.h>
#include <quotary/status.h>

#define QY_REPORTS_MAX_NONCE 32 /* characters */
#define QY_REPORTS_MANIFEST_SIZE 256
/* The quote in base64, and room for the rest. */
#define QY_REPORTS_MAX_REQUEST_SIZE (4u * ((QY_MAX_QUOTE_SIZE + 2u) / 3u) + 4096u)

typedef struct qy_report_request {
  qy_buffer quote;
  bool has_nonce;
  char nonce[4 * QY_REPORTS_MAX_NONCE + 1]; /* UTF-8 */
  bool has_manifest;
  uint8_t manifest[QY_REPORTS_MANIFEST_SIZE];
} qy_report_request;

void qy_report_request_init(qy_report_request *request);
void qy_report_request_clear(qy_report_request *request);

/* {"isvEnclaveQuote": base64, "pseManifest": base64 of 256 bytes, "nonce": up to 32 characters}: the last two may be
 * absent or null. Other members are refused. On failure *out is empty. */
qy_status qy_report_request_decode(qy_report_request *out, qy_view body, qy_error *why) QY_MUST_CHECK;
/* The request as JSON on one line, for clients and tests. */
qy_status qy_report_request_encode(qy_buffer *out, const qy_report_request *request, qy_error *why) QY_MUST_CHECK;

#endif
