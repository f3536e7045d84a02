/* SPDX-License-Identifier: Apache-2.0 */
/* What the issuer of EPID groups signs with P-256: revocation lists, group certificates, platform info blobs. Each
 * verify makes one check and gives QY_ERR_REFUSED when it fails. */
#ifndef QY_SGX_ENDORSEMENTS_H
#define QY_SGX_ENDORSEMENTS_H

#include <base/buffer.h>
#include <crypto/p256.h>
#include <quotary/check.h>
#include <quotary/quote.h>

/* Check sigrl-signature. */
qy_status qy_sigrl_verify(qy_trace *trace, const qy_sigrl *sigrl, const qy_p256_public *key,
                          qy_error *why) QY_MUST_CHECK;
/* Appends a signed list. `entries` is a multiple of 128 bytes, at most QY_MAX_SIGRL_ENTRIES of them. */
qy_status qy_sigrl_make(qy_buffer *out, uint32_t group_id, uint32_t version, qy_view entries,
                        const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;

/* Check group-certificate-signature. */
qy_status qy_group_certificate_verify(qy_trace *trace, const qy_group_certificate *certificate,
                                      const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;
/* `public_key` is gid, h1, h2, w. */
qy_status qy_group_certificate_make(uint8_t out[QY_GROUP_CERTIFICATE_SIZE],
                                    const uint8_t public_key[QY_GROUP_PUBLIC_KEY_SIZE], const qy_secret *private_key,
                                    qy_error *why) QY_MUST_CHECK;

/* Check platform-info-signature. */
qy_status qy_platform_info_verify(qy_trace *trace, const qy_platform_info *info, const qy_p256_public *key,
                                  qy_error *why) QY_MUST_CHECK;
/* Fills `signature` from the rest. */
qy_status qy_platform_info_sign(qy_platform_info *info, const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;

#endif
