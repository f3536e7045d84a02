/* SPDX-License-Identifier: Apache-2.0 */
/* Hex, base64 (RFC 4648, strict: canonical padding, no white space) and RFC 3339 times. Not constant time: for
 * public data. */
#ifndef QY_BASE_ENCODING_H
#define QY_BASE_ENCODING_H

#include <base/buffer.h>
#include <quotary/status.h>

/* `out` holds 2 * bytes.size + 1 characters. */
void qy_hex_encode(char *out, qy_view bytes);
void qy_hex_append(qy_buffer *out, qy_view bytes);
/* Exactly `size` bytes, either case. */
qy_status qy_hex_decode(uint8_t *out, size_t size, qy_view text, const char *what, qy_error *why) QY_MUST_CHECK;
void qy_hex_decode_append(qy_buffer *out, qy_view text); /* latches MALFORMED in `out` */

void qy_base64_append(qy_buffer *out, qy_view bytes);
void qy_base64_decode_append(qy_buffer *out, qy_view text); /* latches MALFORMED in `out` */

/* Seconds since 1970 in UTC. "2026-11-23T10:00:00Z"; `out` holds 21 characters. Years 1970 to 9999. */
void qy_time_format(char out[21], int64_t time_s);
/* RFC 3339 with "Z" or an offset, or a date alone (its midnight); fractions are dropped. */
qy_status qy_time_parse(int64_t *out, qy_view text, const char *what, qy_error *why) QY_MUST_CHECK;
/* Days since 1970-01-01 of a civil date, and the check that the date exists. */
bool qy_time_from_civil(int64_t *out, int year, int month, int day, int hour, int minute, int second);

#endif
