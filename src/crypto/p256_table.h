/* SPDX-License-Identifier: Apache-2.0 */
/* Verification by a key that is met often: multiples of its point, made once, leave out more than half of the work of
 * each verification. Public data only. */
#ifndef QY_CRYPTO_P256_TABLE_H
#define QY_CRYPTO_P256_TABLE_H

#include <crypto/p256.h>

/* Unchanging once made: several threads may verify by it at once. */
typedef struct qy_p256_table qy_p256_table;

#define QY_P256_TABLE_SIZE ((22u << 10) + 8) /* bytes that one holds, at most */

/* Takes as long as four verifications without it. The first of a process also makes the base point's, which is kept.
 * QY_ERR_MALFORMED when the key is no point of the curve. */
qy_status qy_p256_table_new(qy_p256_table **out, const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;
void qy_p256_table_free(qy_p256_table **table); /* *table may be NULL; becomes NULL */
/* Whether the key signed: what qy_p256_verify_digest says. */
bool qy_p256_table_verify(const qy_p256_table *table, const uint8_t digest[32],
                          const uint8_t signature[QY_P256_SIGNATURE_SIZE]) QY_MUST_CHECK;

#endif
