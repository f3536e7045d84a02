/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and checking SIGSTRUCTs, and EINIT's rule (SDM, EINIT). */
#ifndef QY_SGX_SIGSTRUCT_H
#define QY_SGX_SIGSTRUCT_H

#include <crypto/rsa.h>
#include <quotary/check.h>
#include <quotary/sgx.h>

/* SHA-256 of the modulus as it is stored. */
qy_status qy_sigstruct_mr_signer(uint8_t out[QY_MEASUREMENT_SIZE], const qy_sigstruct *sigstruct,
                                 qy_error *why) QY_MUST_CHECK;
/* Checks sigstruct-signature and sigstruct-quotients; QY_ERR_REFUSED when one fails. */
qy_status qy_sigstruct_verify(qy_trace *trace, const qy_sigstruct *sigstruct, qy_error *why) QY_MUST_CHECK;
/* Fills modulus, exponent, signature, q1 and q2 from the rest. `key` is RSA-3072 with exponent 3 (else
 * QY_ERR_ARGUMENT). */
qy_status qy_sigstruct_sign(qy_sigstruct *sigstruct, const qy_rsa_private *key, qy_error *why) QY_MUST_CHECK;
/* Whether the enclave is the one that was signed: checks sigstruct-attributes, sigstruct-misc-select (both under the
 * masks) and sigstruct-measurement, of an enclave as EINIT finds it, INIT clear. Does not check the signature.
 * QY_ERR_REFUSED when one fails. */
qy_status qy_sigstruct_admits(qy_trace *trace, const qy_sigstruct *sigstruct, const qy_secs *secs,
                              qy_error *why) QY_MUST_CHECK;
/* EINIT whole: verify, admit, then MRSIGNER, product id, SVN, the KSS ids (when the enclave has KSS) and INIT into
 * `secs`, which is untouched on failure. QY_ERR_SEQUENCE when INIT is set already. */
qy_status qy_sigstruct_initialise(qy_trace *trace, qy_secs *secs, const qy_sigstruct *sigstruct,
                                  qy_error *why) QY_MUST_CHECK;

#endif
