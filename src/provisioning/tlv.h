/* SPDX-License-Identifier: Apache-2.0 */
/* Type-length-value fields of provisioning messages (Intel SGX PSW, provisioning): type, version, size, payload. Bit 7
 * of the type byte says that the size takes 4 bytes instead of 2, both big-endian. Only one of the two forms is right
 * for a field, so that decoding and encoding again gives the same bytes. */
#ifndef QY_PROVISIONING_TLV_H
#define QY_PROVISIONING_TLV_H

#include <base/buffer.h>
#include <base/cursor.h>
#include <quotary/status.h>

typedef enum qy_tlv_type {
  QY_TLV_CIPHER_TEXT = 0,                 /* key id 1, ciphertext */
  QY_TLV_BLOCK_CIPHER_TEXT = 1,           /* IV 12, ciphertext */
  QY_TLV_BLOCK_CIPHER_INFO = 2,           /* SK 16 */
  QY_TLV_MAC = 3,                         /* 16 */
  QY_TLV_NONCE = 4,                       /* 8, 16 or 32 */
  QY_TLV_EPID_GID = 5,                    /* 4, big-endian */
  QY_TLV_EPID_SIG_RL = 6,                 /* always long */
  QY_TLV_EPID_GROUP_CERT = 7,             /* 328 */
  QY_TLV_DEVICE_ID = 8,                   /* 38 */
  QY_TLV_PS_ID = 9,                       /* 32 */
  QY_TLV_EPID_JOIN_PROOF = 10,            /* 192 */
  QY_TLV_EPID_SIG = 11,                   /* 360 + 160 n, always long */
  QY_TLV_EPID_MEMBERSHIP_CREDENTIAL = 12, /* 160 */
  QY_TLV_EPID_PSVN = 13,                  /* 18 */
  QY_TLV_QUOTE = 14,
  QY_TLV_X509_CERTIFICATE = 15,
  QY_TLV_X509_CSR = 16,
  QY_TLV_ES_SELECTOR = 17,    /* 2 */
  QY_TLV_ES_INFORMATION = 18, /* TTL 2, URL */
  QY_TLV_FLAGS = 19,          /* 16 */
  QY_TLV_QUOTE_SIGNATURE = 20,
  QY_TLV_PLATFORM_INFO_BLOB = 21, /* 101, version 2 */
  QY_TLV_SIGNATURE = 22,          /* key id 1, signature 384 */
  QY_TLV_PEK = 23,                /* 492, version 2 */
  QY_TLV_PLATFORM_INFO = 24,      /* 26 */
  QY_TLV_PWK2 = 25,               /* 16 */
  QY_TLV_SE_REPORT = 26           /* 448, always long */
} qy_tlv_type;
#define QY_TLV_TYPE_COUNT 27

/* "cipher-text", ...; "unknown". */
const char *qy_tlv_type_name(unsigned type);
/* The version that fields of the type carry: 1, or 2. */
uint8_t qy_tlv_version(qy_tlv_type type);
/* Whether a payload of `size` bytes takes the 6-byte header. */
bool qy_tlv_is_long(qy_tlv_type type, size_t size);
/* Bytes of header and payload. */
size_t qy_tlv_size(qy_tlv_type type, size_t payload_size);

typedef struct qy_tlv {
  qy_tlv_type type;
  qy_view payload; /* borrowed */
} qy_tlv;

/* The next field, of any type. Latches UNSUPPORTED for an unknown type or version, MALFORMED for the wrong form of
 * header, TRUNCATED. *out is zero after a failure. */
void qy_tlv_read(qy_tlv *out, qy_reader *in);
/* The next field's payload; it must be of this type (else MALFORMED). An empty view after a failure. */
qy_view qy_tlv_expect(qy_reader *in, qy_tlv_type type);
/* The same, of exactly `size` bytes. */
qy_view qy_tlv_expect_size(qy_reader *in, qy_tlv_type type, size_t size);
/* The same, copied. */
void qy_tlv_expect_bytes(qy_reader *in, qy_tlv_type type, uint8_t *out, size_t size);
/* Whether the next field, if any, is of this type; reads nothing. */
bool qy_tlv_is_next(const qy_reader *in, qy_tlv_type type);

/* Appends header and payload. */
void qy_tlv_append(qy_buffer *out, qy_tlv_type type, qy_view payload);
/* Appends a header for `payload_size` bytes that the caller appends next. */
void qy_tlv_append_header(qy_buffer *out, qy_tlv_type type, size_t payload_size);

#endif
