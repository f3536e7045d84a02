/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: DER (X.690) by the cursor. Lengths are definite and as short as can be, and what is entered is
 * left only at its end. Positions in messages are those of the whole input. libcrypto's decoders take longer for one
 * certificate than a verification takes (97 against 67 us here), ours 3 us; they also take BER. */
#ifndef QY_COLLATERAL_DER_H
#define QY_COLLATERAL_DER_H

#include <base/cursor.h>

#define QY_DER_BOOLEAN 0x01
#define QY_DER_INTEGER 0x02
#define QY_DER_BIT_STRING 0x03
#define QY_DER_OCTET_STRING 0x04
#define QY_DER_OID 0x06
#define QY_DER_ENUMERATED 0x0a
#define QY_DER_UTF8_STRING 0x0c
#define QY_DER_PRINTABLE_STRING 0x13
#define QY_DER_IA5_STRING 0x16
#define QY_DER_UTC_TIME 0x17
#define QY_DER_GENERALIZED_TIME 0x18
#define QY_DER_SEQUENCE 0x30
#define QY_DER_SET 0x31
#define QY_DER_CONTEXT(number) (0xa0 + (number)) /* constructed */

/* The tag at hand; 0 at the end of what was entered. */
uint8_t qy_der_peek(const qy_reader *in);
/* The content of one element that has the tag. */
qy_view qy_der_content(qy_reader *in, uint8_t tag, const char *field);
/* The same with its header; and of whatever tag. */
qy_view qy_der_whole(qy_reader *in, uint8_t tag, const char *field);
qy_view qy_der_any(qy_reader *in, const char *field);
/* Reads go on inside the element; what it gives is handed back to leave, which is reached with nothing left over. */
size_t qy_der_enter(qy_reader *in, uint8_t tag, const char *field);
void qy_der_leave(qy_reader *in, size_t outer, const char *field);

/* Magnitude of an INTEGER that is not negative, without leading zeros: empty for 0. */
qy_view qy_der_magnitude(qy_reader *in, const char *field);
/* An INTEGER or ENUMERATED from 0 to `most`. */
uint64_t qy_der_number(qy_reader *in, uint8_t tag, uint64_t most, const char *field);
/* TRUE is 0xff. */
bool qy_der_boolean(qy_reader *in, const char *field);
/* A BIT STRING of whole bytes. */
qy_view qy_der_bits(qy_reader *in, const char *field);
/* UTCTime or GeneralizedTime as RFC 5280 has them, in seconds since 1970. */
int64_t qy_der_time(qy_reader *in, const char *field);
/* The next element is there, and equals these bytes with their header. */
void qy_der_expect(qy_reader *in, qy_view bytes, const char *field);

#endif
