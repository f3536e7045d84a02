/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-2 over libcrypto. */
#ifndef QY_CRYPTO_HASH_H
#define QY_CRYPTO_HASH_H

#include <quotary/status.h>

#define QY_SHA256_SIZE 32
#define QY_HASH_MAX_SIZE 64

typedef enum qy_hash_name { QY_SHA256 = 0, QY_SHA384, QY_SHA512, QY_SHA512_256 } qy_hash_name;

size_t qy_hash_size(qy_hash_name name);

/* An incremental hash. Latches errors; begin and finish must pair, clear is safe on a zeroed one. */
typedef struct qy_hash {
  void *context;
  qy_hash_name name;
  qy_status status;
} qy_hash;

void qy_hash_begin(qy_hash *hash, qy_hash_name name);
void qy_hash_update(qy_hash *hash, qy_view data);
/* Begins a hash where another stands, which stays there: for many that begin alike. */
void qy_hash_begin_from(qy_hash *hash, const qy_hash *prefix);
/* Writes qy_hash_size() bytes and clears the hash; all zeros on failure. */
qy_status qy_hash_finish(qy_hash *hash, uint8_t *out, qy_error *why) QY_MUST_CHECK;
void qy_hash_clear(qy_hash *hash);
#define QY_SCOPED_HASH(variable) __attribute__((cleanup(qy_hash_clear))) qy_hash variable = {0}

/* The hash of the parts in order. */
qy_status qy_hash_parts(uint8_t *out, qy_hash_name name, const qy_view *parts, size_t count,
                        qy_error *why) QY_MUST_CHECK;
qy_status qy_sha256(uint8_t out[QY_SHA256_SIZE], qy_view data, qy_error *why) QY_MUST_CHECK;
/* SHA-1, only because EPID key files carry it as a check sum. */
qy_status qy_sha1_checksum(uint8_t out[20], qy_view data, qy_error *why) QY_MUST_CHECK;

#endif
