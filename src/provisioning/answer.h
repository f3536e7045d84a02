/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what every answer of the server goes through. */
#ifndef QY_PROVISIONING_ANSWER_H
#define QY_PROVISIONING_ANSWER_H

#include <provisioning/messages.h>
#include <provisioning/transport.h>

/* The protocol (QY_ERR_UNSUPPORTED), and check provisioning-xid. */
qy_status qy_answer_check_header(const qy_provisioning_response *response, qy_provisioning_protocol protocol,
                                 const uint8_t xid[QY_XID_SIZE], qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_BUSY for a busy server, QY_ERR_SEQUENCE for a good answer of the wrong type, else QY_ERR_PEER. */
qy_status qy_answer_fail(const qy_provisioning_response *response, qy_error *why) QY_MUST_CHECK;

/* Opens a sealed part into `plain` (appended); the tag is the check `id`. */
qy_status qy_sealed_open(qy_buffer *plain, qy_trace *trace, qy_check_id id, const qy_sealed *sealed,
                         const qy_secret *key, qy_view aad, qy_error *why) QY_MUST_CHECK;

/* Storage of a part that is being sealed, and the views onto it. */
typedef struct qy_sealing {
  uint8_t iv[12];
  uint8_t tag[16];
  qy_buffer ciphertext;
} qy_sealing;
void qy_sealing_clear(qy_sealing *sealing);
#define QY_SCOPED_SEALING(name) __attribute__((cleanup(qy_sealing_clear))) qy_sealing name = {0}
qy_sealed qy_sealing_view(const qy_sealing *sealing);
/* Draws the IV. */
qy_status qy_sealing_seal(qy_sealing *out, const qy_secret *key, qy_view aad, qy_view plain, const qy_random *random,
                          qy_error *why) QY_MUST_CHECK;

#endif
