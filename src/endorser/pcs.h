/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what Intel's Provisioning Certification Service answers (PCS API, version 4; and of version 3 what
 * differs: TCB info is of version 2, and its chain has another header). Below /sgx/certification/v4/:
 *   pckcert, pckcerts, pckcerts/config, pckcrl, tcb, qe/identity, qve/identity, tcbevaluationdatanumbers, fmspcs
 * below /tdx/certification/v4/: tcb, qe/identity, tcbevaluationdatanumbers; and /IntelSGXRootCA.der, which a caching
 * service answers as rootcacrl, in hex. */
#ifndef QY_ENDORSER_PCS_H
#define QY_ENDORSER_PCS_H

#include <crypto/rsa.h>
#include <net/http_server.h>

typedef struct qy_pcs {
  const char *folder;
  const qy_rsa_private *ppid_key; /* opens encrypted PPIDs */
} qy_pcs;

/* For every path of the API, and 404 for any other. Its status codes: 400 for parameters that are missing or wrong, 404
 * for what there is not, 410 for evaluations that were retired. */
void qy_pcs_serve(const qy_pcs *pcs, const qy_http_request *request, qy_http_response *response);

#endif
