/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivations of provisioning (Intel SGX PSW). Keys are 16 bytes unless said otherwise; on failure `out` is
 * empty. */
#ifndef QY_PROVISIONING_KEYS_H
#define QY_PROVISIONING_KEYS_H

#include <base/secret.h>
#include <provisioning/structures.h>
#include <provisioning/transport.h>
#include <sgx/keys.h>

#define QY_NONCE2_SIZE 16 /* N2 */
#define QY_SESSION_NONCE_SIZE 8

/* CMAC(SK, xid) and CMAC(SK, xid || nonce). */
qy_status qy_provisioning_ek1(qy_secret *out, const qy_secret *sk, const uint8_t xid[QY_XID_SIZE],
                              qy_error *why) QY_MUST_CHECK;
qy_status qy_provisioning_ek2(qy_secret *out, const qy_secret *sk, const uint8_t xid[QY_XID_SIZE],
                              const uint8_t nonce[QY_SESSION_NONCE_SIZE], qy_error *why) QY_MUST_CHECK;
/* SHA-256(n || e): names the server that a message is meant for. */
qy_status qy_provisioning_ps_id(uint8_t out[QY_PS_ID_SIZE], const qy_rsa_public *pek, qy_error *why) QY_MUST_CHECK;
/* Wraps join proof and credential. `provision_key` is the provisioning enclave's PROVISION key at the equivalent PSVN;
 * the endorser, who knows the processor's root, derives the same. */
qy_status qy_provisioning_pwk2(qy_secret *out, const qy_secret *provision_key, const uint8_t n2[QY_NONCE2_SIZE],
                               qy_error *why) QY_MUST_CHECK;
/* `provision_key` is the PROVISION key for a zero CPUSVN and ISVSVN. */
qy_status qy_provisioning_ppid(uint8_t out[QY_PPID_SIZE], const qy_secret *provision_key, qy_error *why) QY_MUST_CHECK;
/* The P-256 private key (32 bytes) by which the certifying enclave signs for a PSVN; `provision_key` is its PROVISION
 * key at that PSVN. */
qy_status qy_pce_signing_key(qy_secret *out, const qy_secret *provision_key, qy_error *why) QY_MUST_CHECK;

/* What the enclaves ask EGETKEY for: PROVISION, and PROVISION_SEAL for the escrow. */
void qy_provision_key_request(qy_key_request *out, const qy_psvn *psvn);
void qy_escrow_key_request(qy_key_request *out, const qy_psvn *psvn);

/* What the endorser knows of the architectural enclaves whose PROVISION keys it derives. They run without DEBUG, with
 * PROVISION_KEY, and with MISCSELECT 0. */
typedef struct qy_architectural_identity {
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  uint16_t isv_prod_id;
} qy_architectural_identity;

/* The PROVISION key that such an enclave gets on the processor whose PROVISION base key is `root` (16 bytes). */
qy_status qy_provision_key_of_root(qy_secret *out, const qy_secret *root, const qy_architectural_identity *identity,
                                   const qy_psvn *psvn, qy_error *why) QY_MUST_CHECK;
/* The processor's PPID. It presumes that an all-zero CPUSVN is taken as it stands (fuses.zero_cpu_svn is zero). */
qy_status qy_ppid_of_root(uint8_t out[QY_PPID_SIZE], const qy_secret *root, const qy_architectural_identity *identity,
                          qy_error *why) QY_MUST_CHECK;
/* The public key that verifies what the processor's certifying enclave signs for `level`. */
qy_status qy_pce_public_key_of_root(qy_p256_public *out, const qy_secret *root,
                                    const qy_architectural_identity *identity, const qy_platform_level *level,
                                    qy_error *why) QY_MUST_CHECK;

/* Report data by which an enclave asks the certifying one to encrypt the PPID to `key` (RSA-3072):
 * SHA-256(01 || n || e), then 32 zeros. */
qy_status qy_pce_info_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const qy_rsa_public *key,
                                  qy_error *why) QY_MUST_CHECK;

#endif
