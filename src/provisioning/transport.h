/* SPDX-License-Identifier: Apache-2.0 */
/* How provisioning messages travel: headers, answers' statuses, and the text form that goes over HTTP POST as
 * text/plain (Intel SGX PSW, AESM network encoding). A message here is header and body in one piece; the header also
 * is what the message's MAC covers as additional data. */
#ifndef QY_PROVISIONING_TRANSPORT_H
#define QY_PROVISIONING_TRANSPORT_H

#include <base/buffer.h>
#include <quotary/status.h>

#define QY_XID_SIZE 8
#define QY_PROVISIONING_VERSION 2
#define QY_PROVISIONING_REQUEST_HEADER_SIZE 15
#define QY_PROVISIONING_RESPONSE_HEADER_SIZE 19

typedef enum qy_provisioning_protocol {
  QY_PROTOCOL_EPID = 0,
  QY_PROTOCOL_ENDPOINT_SELECTION = 2
} qy_provisioning_protocol;

/* Message types; endpoint selection has 0 and 1 of its own. */
typedef enum qy_provisioning_type {
  QY_PROVISIONING_MSG1 = 0,
  QY_PROVISIONING_MSG2 = 1,
  QY_PROVISIONING_MSG3 = 2,
  QY_PROVISIONING_MSG4 = 3
} qy_provisioning_type;
#define QY_ENDPOINT_REQUEST 0
#define QY_ENDPOINT_RESPONSE 1

typedef enum qy_gstatus {
  QY_GSTATUS_OK = 0,
  QY_GSTATUS_SERVER_BUSY,
  QY_GSTATUS_INTEGRITY_CHECK_FAIL,
  QY_GSTATUS_INCORRECT_SYNTAX,
  QY_GSTATUS_INCOMPATIBLE_VERSION,
  QY_GSTATUS_TRANSACTION_STATE_LOST,
  QY_GSTATUS_PROTOCOL_ERROR,
  QY_GSTATUS_INTERNAL_ERROR
} qy_gstatus;
#define QY_GSTATUS_COUNT 8

/* Says more when gstatus is PROTOCOL_ERROR. */
typedef enum qy_pstatus {
  QY_PSTATUS_OK = 0,
  QY_PSTATUS_PLATFORM_REVOKED,
  QY_PSTATUS_INTEGRITY_FAILED,
  QY_PSTATUS_PERFORMANCE_REKEY_NOT_SUPPORTED,
  QY_PSTATUS_PROVISIONING_ERROR,
  QY_PSTATUS_INVALID_REQUEST,
  QY_PSTATUS_KEY_NOT_FOUND, /* the platform was never enrolled */
  QY_PSTATUS_INVALID_REPORT,
  QY_PSTATUS_KEY_REVOKED,
  QY_PSTATUS_TCB_OUT_OF_DATE
} qy_pstatus;
#define QY_PSTATUS_COUNT 10

/* "server-busy", "platform-revoked", ...; "unknown" beyond the tables. */
const char *qy_gstatus_name(unsigned gstatus);
const char *qy_pstatus_name(unsigned pstatus);

typedef struct qy_provisioning_request {
  uint8_t protocol;
  uint8_t xid[QY_XID_SIZE];
  uint8_t type;
  qy_view header; /* the 15 bytes */
  qy_view body;
} qy_provisioning_request;

typedef struct qy_provisioning_response {
  uint8_t protocol;
  uint8_t xid[QY_XID_SIZE];
  uint8_t type;
  uint16_t gstatus;
  uint16_t pstatus;
  qy_view header; /* the 19 bytes */
  qy_view body;
} qy_provisioning_response;

/* Takes a message apart. The header's size must be that of the body, at most QY_MAX_PROVISIONING_SIZE (QY_ERR_LIMIT);
 * another version is QY_ERR_UNSUPPORTED, a status beyond the tables QY_ERR_MALFORMED. Borrows. */
qy_status qy_provisioning_request_decode(qy_provisioning_request *out, qy_view message, qy_error *why) QY_MUST_CHECK;
qy_status qy_provisioning_response_decode(qy_provisioning_response *out, qy_view message, qy_error *why) QY_MUST_CHECK;
/* Header bytes for a body of `body_size` bytes. */
void qy_provisioning_request_header(uint8_t out[QY_PROVISIONING_REQUEST_HEADER_SIZE], qy_provisioning_protocol protocol,
                                    const uint8_t xid[QY_XID_SIZE], uint8_t type, uint32_t body_size);
void qy_provisioning_response_header(uint8_t out[QY_PROVISIONING_RESPONSE_HEADER_SIZE],
                                     qy_provisioning_protocol protocol, const uint8_t xid[QY_XID_SIZE], uint8_t type,
                                     qy_gstatus gstatus, qy_pstatus pstatus, uint32_t body_size);

/* Between a message and its text: the header in upper-case hex (either case is read), then the body in base64. The
 * texts are whole messages of header and body; both append to `out`, whose limit bounds them. */
qy_status qy_provisioning_request_to_text(qy_buffer *text, qy_view message, qy_error *why) QY_MUST_CHECK;
qy_status qy_provisioning_request_from_text(qy_buffer *message, qy_view text, qy_error *why) QY_MUST_CHECK;
qy_status qy_provisioning_response_to_text(qy_buffer *text, qy_view message, qy_error *why) QY_MUST_CHECK;
qy_status qy_provisioning_response_from_text(qy_buffer *message, qy_view text, qy_error *why) QY_MUST_CHECK;

#endif
