/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: a response as bytes. */
#ifndef QY_NET_HTTP_RESPONSE_H
#define QY_NET_HTTP_RESPONSE_H

#include <net/http_server.h>

#define QY_HTTP_MAX_RESPONSE ((size_t)64 << 20)

void qy_http_response_init(qy_http_response *response);
void qy_http_response_clear(qy_http_response *response);
/* Turns what no client may see (no status, a failed buffer) into a plain 500. */
void qy_http_response_settle(qy_http_response *response);
/* Appends status line and headers, up to the empty line. */
void qy_http_response_write_head(qy_buffer *out, const qy_http_response *response, bool keep_alive);

#endif
