/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only. */
#ifndef QY_NET_TLS_H
#define QY_NET_TLS_H

#include <openssl/ssl.h>

#include <quotary/status.h>

/* TLS 1.3 and nothing else, with this certificate chain and key. The caller frees it with SSL_CTX_free(). */
qy_status qy_tls_server_context(SSL_CTX **out, qy_view certificates_pem, qy_view private_key_pem,
                                qy_error *why) QY_MUST_CHECK;

#endif
