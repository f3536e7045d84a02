/* SPDX-License-Identifier: Apache-2.0 */
/* PEM text (RFC 7468), strictly: blocks of one label, and nothing but white space between and behind them. */
#ifndef QY_CRYPTO_PEM_H
#define QY_CRYPTO_PEM_H

#include <base/buffer.h>
#include <quotary/status.h>

/* Where something other than white space stands, from `at` on; the text's size when nothing does. */
size_t qy_pem_skip_space(qy_view text, size_t at);
/* Appends to `der` what the block says that begins at `*at`, and moves `*at` behind it. `label` is what its first line
 * names: "CERTIFICATE". White space inside the base64 is dropped; anything else that is no base64 is refused. */
qy_status qy_pem_next(qy_buffer *der, qy_view text, size_t *at, const char *label, qy_error *why) QY_MUST_CHECK;

#endif
