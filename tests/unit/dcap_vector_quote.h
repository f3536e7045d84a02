/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of every quote, whether a real machine made it or a simulated one. */
#ifndef QY_TEST_DCAP_VECTOR_QUOTE_H
#define QY_TEST_DCAP_VECTOR_QUOTE_H

#include "vectors.h"

#include <quotary/dcap_quote.h>

/* It is decoded unless `status`, what Intel's library says of it ("STATUS_OK"), is that of a form that it cannot read;
 * then it encodes to the same bytes, and its signatures hold up to where Intel's library stops. `pck_chain` is PEM, the
 * leaf first. Returns whether it was decoded. */
bool dcap_vector_check_quote(qy_view bytes, const char *status, qy_view pck_chain);

#endif
