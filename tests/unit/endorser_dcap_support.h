/* SPDX-License-Identifier: Apache-2.0 */
/* An endorser's DCAP side looked at from outside: by room collateral, and by libcrypto, which knows nothing of it. */
#ifndef QY_TEST_ENDORSER_DCAP_SUPPORT_H
#define QY_TEST_ENDORSER_DCAP_SUPPORT_H

#include "endorser_machine.h"

#include <quotary/collateral.h>

/* Fail the test unless the text decodes and the key in the PEM certificate signed it, libcrypto agreeing. */
void check_tcb_info(qy_tcb_info *out, qy_view text, qy_view signer_pem);
void check_identity(qy_enclave_identity *out, qy_view text, qy_view signer_pem);
void check_signed_json(qy_view text, const char *member, qy_view signer_pem);

/* What libcrypto says of a chain at a time, both lists considered: an X509_V_ error, X509_V_OK (0) when it holds.
 * `leaf` and `intermediate` are PEM (the latter may be empty), lists DER (one may be empty). */
int libcrypto_verdict(qy_view leaf, qy_view intermediate, qy_view root, qy_view pck_crl, qy_view root_crl,
                      int64_t now_s);

#endif
