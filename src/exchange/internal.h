/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what both sides of the conversation share. */
#ifndef QY_EXCHANGE_INTERNAL_H
#define QY_EXCHANGE_INTERNAL_H

#include <base/secret.h>
#include <crypto/p256.h>
#include <quotary/exchange.h>

/* One line of a state table. A pair that has none ends the conversation. */
typedef qy_status qy_exchange_step(void *side, void *arguments, qy_trace *trace, qy_error *why);
typedef struct qy_exchange_row {
  unsigned state;
  unsigned event;
  qy_exchange_step *step;
  unsigned next;
} qy_exchange_row;

/* NULL when the pair is not in the table. */
const qy_exchange_row *qy_exchange_row_of(const qy_exchange_row *rows, size_t count, unsigned state, unsigned event);

/* QY_ERR_REFUSED: "subject: title (name)". */
qy_status qy_exchange_refuse(qy_error *why, const char *subject, qy_check_id id);

/* A point from the wire. A QY_OK says that `*valid` is the answer. */
qy_status qy_exchange_point(qy_p256_public *out, bool *valid, const uint8_t wire[QY_GROUP_ELEMENT_SIZE], qy_error *why);

/* The X of the shared point, 32 bytes little-endian, as the key derivations take it. Check shared-secret. */
qy_status qy_exchange_agree(qy_secret *shared_x, const qy_secret *private_key, const qy_p256_public *peer,
                            qy_trace *trace, qy_error *why);

/* SHA-256(msg0 || msg1 || first 168 bytes of msg2 || msg3): what msg4 is bound to. The revocation list is not in it,
 * because the enclave never sees it. msg3 comes as its first 336 bytes and the quote. */
qy_status qy_exchange_transcript(uint8_t out[32], qy_view hello, qy_view msg2_head, qy_view msg3_head, qy_view quote,
                                 qy_error *why);

/* msg4 under SK. `content` was checked by the caller. */
qy_status qy_msg4_seal(uint8_t *out, size_t capacity, size_t *size, const qy_msg4_content *content,
                       const uint8_t sk[QY_SESSION_KEY_SIZE], const uint8_t transcript[32], const qy_random *random,
                       qy_error *why);
/* `*authentic` is the answer, and the secret is in the vault only if it is true. */
qy_status qy_msg4_open(bool *authentic, qy_vault *secret, const qy_msg4 *msg4, const uint8_t sk[QY_SESSION_KEY_SIZE],
                       const uint8_t transcript[32], qy_view secret_name, qy_error *why);

#endif
