/* SPDX-License-Identifier: Apache-2.0 */
/* Published constants of Intel's (Intel SGX SDK: quoting enclave, PSW key constants). */
#ifndef QY_SGX_INTEL_KEYS_H
#define QY_SGX_INTEL_KEYS_H

#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <quotary/sgx.h>

/* To which every production EPID quote seals its signature. */
extern const qy_rsa_public qy_intel_quote_wrap_key;
/* Signs signature revocation lists and EPID group certificates. */
extern const qy_p256_public qy_intel_epid_signing_key;
/* Signs platform info blobs. */
extern const qy_p256_public qy_intel_platform_info_key;
/* MRSIGNER of Intel's EPID quoting enclave, of its ECDSA quoting enclave, and of that for trust domains. */
extern const uint8_t qy_intel_epid_qe_signer[QY_MEASUREMENT_SIZE];
extern const uint8_t qy_intel_ecdsa_qe_signer[QY_MEASUREMENT_SIZE];
extern const uint8_t qy_intel_td_qe_signer[QY_MEASUREMENT_SIZE];

/* MRSIGNERs whose private key is published with sample code, so that anyone can sign as them. */
#define QY_PUBLISHED_SIGNER_COUNT 2
extern const uint8_t qy_published_signers[QY_PUBLISHED_SIGNER_COUNT][QY_MEASUREMENT_SIZE];
bool qy_signer_is_published(const uint8_t mr_signer[QY_MEASUREMENT_SIZE]);

#endif
