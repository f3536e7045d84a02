/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint selection: a platform asks which server provisions it and gets the URL and the server's signed encryption
 * key (Intel SGX PSW, provisioning enclave). Messages are whole: header and body. */
#ifndef QY_PROVISIONING_ENDPOINT_H
#define QY_PROVISIONING_ENDPOINT_H

#include <base/buffer.h>
#include <provisioning/structures.h>
#include <provisioning/transport.h>

#define QY_ENDPOINT_MAX_URL 512 /* characters */

/* Appends the request, 21 bytes. `selector` is the PPID's first byte. */
qy_status qy_endpoint_request_make(qy_buffer *out, const uint8_t xid[QY_XID_SIZE], uint8_t selector,
                                   qy_error *why) QY_MUST_CHECK;
qy_status qy_endpoint_request_open(uint8_t xid[QY_XID_SIZE], uint8_t *selector, qy_view message,
                                   qy_error *why) QY_MUST_CHECK;

typedef struct qy_endpoint {
  uint16_t ttl_s;
  char url[QY_ENDPOINT_MAX_URL + 1];
  qy_signed_pek pek;
} qy_endpoint;

/* Appends the answer to the request that carried `xid`. `pek` is the key of endpoint->pek; the URL must be printable
 * ASCII. */
qy_status qy_endpoint_response_make(qy_buffer *out, const uint8_t xid[QY_XID_SIZE], const qy_endpoint *endpoint,
                                    const qy_rsa_private *pek, qy_error *why) QY_MUST_CHECK;
/* Checks provisioning-xid, pek-signature and endpoint-signature (QY_ERR_REFUSED). An answer that is an error is
 * QY_ERR_BUSY or QY_ERR_PEER; nothing vouches for it. */
qy_status qy_endpoint_response_open(qy_endpoint *out, qy_view message, const uint8_t xid[QY_XID_SIZE],
                                    const qy_p256_public *pek_signing_key, qy_trace *trace,
                                    qy_error *why) QY_MUST_CHECK;

#endif
