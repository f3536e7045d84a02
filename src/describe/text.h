/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QY_DESCRIBE_TEXT_H
#define QY_DESCRIBE_TEXT_H

#include <base/buffer.h>

/* Hex or base64 text, white space and all, into bytes; `*encoding` says which ("hex", "base64"). False when it is
 * neither. */
bool qy_text_see_through(qy_buffer *out, const char **encoding, qy_view text);

#endif
