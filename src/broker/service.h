/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: a running broker. Shared by all handler threads; what changes has locks of its own. */
#ifndef QY_BROKER_SERVICE_H
#define QY_BROKER_SERVICE_H

#include <stdatomic.h>

#include <broker/archive.h>
#include <broker/collateral_source.h>
#include <broker/ledger.h>
#include <broker/report_client.h>
#include <broker/secrets.h>
#include <broker/sessions.h>
#include <broker/settings.h>
#include <net/http_server.h>
#include <quotary/exchange.h>

typedef struct qy_broker {
  qy_broker_settings settings;
  qy_provider provider; /* borrows the settings' key */
  qy_sessions *sessions;
  qy_report_client *reports;
  qy_collateral_source *collateral;
  atomic_uint offers; /* offers.h */
  qy_ledger *ledger;
  qy_archive *archive;
} qy_broker;

/* msg0 alone, to the list of attestation keys that are taken for this secret, appended to `out`. What it lists says nothing
 * of whether there is such a secret. QY_ERR_REFUSED, QY_ERR_BUSY: as below. */
qy_status qy_broker_answer_msg0(qy_buffer *out, qy_broker *broker, const char *secret_name, qy_view bytes,
                                qy_error *why) QY_MUST_CHECK;

/* msg0 and msg1 of a session about session->kind to msg2, appended to `out`; the session is filled in but not yet among the others. QY_ERR_REFUSED: the
 * message is wrong, or of a group that does not exist. QY_ERR_BUSY, with the cause in the message: it could not be
 * done. `why` is needed here and below. */
qy_status qy_broker_answer_hello(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view hello,
                                 qy_error *why) QY_MUST_CHECK;

/* msg3 of a session that was taken out, to msg4. QY_OK: the verdict was reached, trusted or refused, and is in msg4.
 * QY_ERR_REFUSED: msg3 is not of this session. QY_ERR_SEQUENCE: the revocation list changed, begin again. QY_ERR_BUSY, with
 * the cause in the message: it could not be decided. */
qy_status qy_broker_answer_msg3(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view msg3,
                                qy_error *why) QY_MUST_CHECK;

extern const qy_http_route qy_broker_routes[];
extern const size_t qy_broker_route_count;

#endif
