/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-CMAC (RFC 4493), HMAC-SHA256 (RFC 2104) and AES-128-GCM (12-byte IV, 16-byte tag) over libcrypto. */
#ifndef QY_CRYPTO_SYMMETRIC_H
#define QY_CRYPTO_SYMMETRIC_H

#include <base/secret.h>
#include <quotary/status.h>

#define QY_AES_KEY_SIZE 16
#define QY_CMAC_SIZE 16
#define QY_HMAC_SIZE 32
#define QY_GCM_IV_SIZE 12
#define QY_GCM_TAG_SIZE 16

/* `key` is 16 bytes. The MAC of the parts in order. */
qy_status qy_cmac(uint8_t out[QY_CMAC_SIZE], qy_view key, const qy_view *parts, size_t count,
                  qy_error *why) QY_MUST_CHECK;

/* A key of any length. The MAC of the parts in order. */
qy_status qy_hmac_sha256(uint8_t out[QY_HMAC_SIZE], qy_view key, const qy_view *parts, size_t count,
                         qy_error *why) QY_MUST_CHECK;

/* `ciphertext` has plain.size bytes and may be plain.bytes. */
qy_status qy_gcm_seal(uint8_t *ciphertext, uint8_t tag[QY_GCM_TAG_SIZE], qy_view key, qy_view iv, qy_view aad,
                      qy_view plain, qy_error *why) QY_MUST_CHECK;
/* `plain` has ciphertext.size bytes, all zero on failure. QY_ERR_CRYPTO when the tag does not fit: the caller turns
 * that into its own check. */
qy_status qy_gcm_open(uint8_t *plain, qy_view key, qy_view iv, qy_view aad, qy_view ciphertext,
                      const uint8_t tag[QY_GCM_TAG_SIZE], qy_error *why) QY_MUST_CHECK;

#endif
