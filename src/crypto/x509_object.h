/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only. */
#ifndef QY_CRYPTO_X509_OBJECT_H
#define QY_CRYPTO_X509_OBJECT_H

#include <crypto/openssl.h>
#include <crypto/x509.h>

/* Borrowed from the certificate. */
const X509 *qy_certificate_object(const qy_certificate *certificate);

#endif
