/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the client of the report service (Intel's attestation service API, version 4). For any number
 * of threads. */
#ifndef QY_BROKER_REPORT_CLIENT_H
#define QY_BROKER_REPORT_CLIENT_H

#include <base/buffer.h>
#include <broker/settings.h>

typedef struct qy_report_client qy_report_client;

/* `settings` is borrowed. */
qy_status qy_report_client_new(qy_report_client **out, const qy_broker_settings *settings, qy_error *why) QY_MUST_CHECK;
void qy_report_client_free(qy_report_client **client);

/* Appends the group's signature revocation list, or nothing when it has none; from the cache while it is young enough.
 * QY_ERR_NOT_FOUND: no such group. QY_ERR_DENIED: the service knows none of the keys. QY_ERR_BUSY, after the configured
 * tries. QY_ERR_PEER: another answer. QY_ERR_IO, QY_ERR_TIMEOUT, QY_ERR_CRYPTO: the service was not reached. */
qy_status qy_report_client_sigrl(qy_buffer *out, qy_report_client *client, uint32_t group_id, int64_t now_ms,
                                 qy_error *why) QY_MUST_CHECK;
/* The list turned out to be of yesterday: fetch it next time. */
void qy_report_client_forget_sigrl(qy_report_client *client, uint32_t group_id);

typedef struct qy_signed_report {
  qy_buffer body;      /* raw */
  qy_buffer signature; /* as in its header */
  qy_buffer chain;     /* as in its header */
} qy_signed_report;
void qy_signed_report_init(qy_signed_report *report);
void qy_signed_report_clear(qy_signed_report *report);
#define QY_SCOPED_SIGNED_REPORT(name)                                     \
  __attribute__((cleanup(qy_signed_report_clear))) qy_signed_report name; \
  qy_signed_report_init(&name)

/* Nothing of it is verified here. `manifest` may be empty. Errors as above; QY_ERR_PEER also when the service would not
 * judge the quote (400). */
qy_status qy_report_client_report(qy_signed_report *out, qy_report_client *client, qy_view quote, qy_view manifest,
                                  const char *nonce, qy_error *why) QY_MUST_CHECK;

#endif
