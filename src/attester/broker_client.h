/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the requests of a session with a broker (docs/protocol.md). */
#ifndef QY_ATTESTER_BROKER_CLIENT_H
#define QY_ATTESTER_BROKER_CLIENT_H

#include <base/buffer.h>
#include <quotary/exchange.h>

typedef struct qy_broker_client qy_broker_client;

/* QY_ERR_ARGUMENT for a URL that is not https://. */
qy_status qy_broker_client_new(qy_broker_client **out, const char *url, qy_view ca_pem, qy_error *why) QY_MUST_CHECK;
void qy_broker_client_free(qy_broker_client **client);
#define QY_SCOPED_BROKER_CLIENT(name) __attribute__((cleanup(qy_broker_client_free))) qy_broker_client *name = NULL

/* Which attestation keys the broker takes for this secret: msg0 alone in. QY_ERR_NOT_FOUND: a broker that does not tell. */
qy_status qy_broker_client_keys(qy_broker_client *client, qy_att_key_list *out, const char *secret_name,
                                qy_error *why) QY_MUST_CHECK;
/* Opens a session about this kind of evidence: msg0 and msg1 in, msg2 appended. A broker that refuses is QY_ERR_DENIED, QY_ERR_NOT_FOUND,
 * QY_ERR_BUSY or QY_ERR_PEER, with what it said. */
qy_status qy_broker_client_begin(qy_broker_client *client, qy_buffer *msg2, const char *secret_name,
                                 qy_evidence_kind kind, qy_view hello, qy_error *why) QY_MUST_CHECK;
/* msg3 in, msg4 appended. QY_ERR_SEQUENCE (409): the revocation list changed meanwhile, begin again. */
qy_status qy_broker_client_finish(qy_broker_client *client, qy_buffer *msg4, qy_view msg3, qy_error *why) QY_MUST_CHECK;

#endif
