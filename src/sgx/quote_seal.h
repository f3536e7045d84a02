/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed signature of an EPID quote: AES-128-GCM under a fresh key that only the report service can unwrap
 * (Intel SGX SDK, quoting enclave). */
#ifndef QY_SGX_QUOTE_SEAL_H
#define QY_SGX_QUOTE_SEAL_H

#include <base/buffer.h>
#include <crypto/rsa.h>
#include <quotary/check.h>
#include <quotary/quote.h>

/* `plain` is the EPID signature, 360 + 160 n bytes with n at its byte 356 (big-endian); `sealed` holds
 * qy_quote_sealed_size(n) bytes (`sealed_size` says so). `key` is RSA-2048. Key and IV come from `random`; OAEP's own
 * seed from the system. */
qy_status qy_quote_seal_signature(uint8_t *sealed, size_t sealed_size, qy_view plain, const qy_rsa_public *key,
                                  const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* The EPID signature into `plain` (empty on failure). Checks quote-wrap-key, quote-key-hash, quote-signature-tag and
 * quote-proof-count; QY_ERR_REFUSED when one fails. */
qy_status qy_quote_open_signature(qy_buffer *plain, qy_trace *trace, const qy_quote *quote, const qy_rsa_private *key,
                                  qy_error *why) QY_MUST_CHECK;

#endif
