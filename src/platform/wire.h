/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what passes over the service's socket, in frames of enclave/channel.h; answers are those of
 * enclave/answer.h. Numbers are little-endian.
 *
 * INIT_QUOTE: nothing; answered by target info (512), u32 group id.
 * QUOTE: report (432), u16 type, SPID (16), u8 whether a nonce is meant, nonce (16), SigRL (the rest); answered by u8
 *   whether a report follows, report of the quoting enclave (432), quote (the rest).
 * LAUNCH_TD: as LAUNCH; answered by u32 pages, MRTD (48), u64 attributes, and the descriptor of the trust domain's channel.
 * QUOTE_TD: TD report (1024); answered by the quote.
 * LAUNCH: nothing, and the descriptor of sealed memory with the image; answered by u32 pages, identity (384), and the
 *   descriptor of the enclave's channel.
 * DESCRIBE: nothing; answered by JSON text.
 * INIT_DCAP: nothing; answered by target info (512).
 * QUOTE_DCAP: u16 version, report (432), u8 whether a nonce is meant, nonce (16); answered as QUOTE is. */
#ifndef QY_PLATFORM_WIRE_H
#define QY_PLATFORM_WIRE_H

#include <base/buffer.h>
#include <base/limits.h>
#include <platform/platform.h>

#define QY_PLATFORM_INIT_QUOTE 1
#define QY_PLATFORM_QUOTE 2
#define QY_PLATFORM_LAUNCH 3
#define QY_PLATFORM_DESCRIBE 4
#define QY_PLATFORM_INIT_DCAP 5
#define QY_PLATFORM_QUOTE_DCAP 6
#define QY_PLATFORM_LAUNCH_TD 7
#define QY_PLATFORM_QUOTE_TD 8

#define QY_PLATFORM_MAX_REQUEST (QY_MAX_SIGRL_SIZE + 1024u)
#define QY_PLATFORM_DCAP_REQUEST_SIZE (2u + QY_REPORT_SIZE + 1u + 16u)
#define QY_PLATFORM_MAX_DCAP_QUOTE 65536u
#define QY_PLATFORM_MAX_ANSWER (QY_MAX_QUOTE_SIZE + 1024u)

typedef struct qy_quoted { /* a request's own storage */
  qy_report report;
  uint8_t spid[QY_SPID_SIZE];
  uint8_t nonce[16];
  qy_quote_request request; /* points into this struct; the SigRL is borrowed */
} qy_quoted;
qy_status qy_wire_quote_decode(qy_quoted *out, qy_view payload, qy_error *why) QY_MUST_CHECK;
qy_status qy_wire_quote_encode(qy_buffer *out, const qy_quote_request *request, qy_error *why) QY_MUST_CHECK;

typedef struct qy_dcap_asked { /* a request's own storage */
  qy_report report;
  uint8_t nonce[16];
  qy_dcap_request request; /* points into this struct */
} qy_dcap_asked;
qy_status qy_wire_dcap_decode(qy_dcap_asked *out, qy_view payload, qy_error *why) QY_MUST_CHECK;
qy_status qy_wire_dcap_encode(qy_buffer *out, const qy_dcap_request *request, qy_error *why) QY_MUST_CHECK;

/* `qe_report` is NULL for none. */
qy_status qy_wire_quote_answer_encode(qy_buffer *out, const qy_report *qe_report, qy_view quote,
                                      qy_error *why) QY_MUST_CHECK;
qy_status qy_wire_quote_answer_decode(bool *has_report, qy_report *qe_report, qy_view *quote, qy_view payload,
                                      qy_error *why) QY_MUST_CHECK;

#endif
