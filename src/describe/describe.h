/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of any kind as a JSON tree that people can read. What kind it is is found by content: a structure that
 * decodes whole. Hex and base64 text, and PEM, are seen through. Nothing is verified here. */
#ifndef QY_DESCRIBE_DESCRIBE_H
#define QY_DESCRIBE_DESCRIBE_H

#include <jansson.h>

#include <quotary/status.h>

/* `*out` is an object with members "kind", "size", "encoding" (when the text was hex or base64) and the kind's own; the
 * caller's json_decref. `as` names the kind to read (NULL: find out); an unknown name is QY_ERR_ARGUMENT.
 * QY_ERR_UNSUPPORTED when nothing fits: the message says what came closest. */
qy_status qy_describe(json_t **out, qy_view bytes, const char *as, qy_error *why) QY_MUST_CHECK;

/* The kinds that `as` may name, in the order they are tried; ends with NULL. */
const char *const *qy_describe_kinds(void);

#endif
