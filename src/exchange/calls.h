/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that the sample enclave and the sample trust domain answer: operation numbers and payloads, for both of their ends. Numbers are
 * little-endian. A payload of another size is refused (QY_ERR_TRUNCATED, QY_ERR_MALFORMED).
 *
 *   operation  in                                          out
 *   BEGIN      name of the secret, 1 to 128 bytes          -
 *   MSG1       u32 EPID group                              msg1 (68)
 *   MSG2       first 168 bytes of msg2, target info (512)  report (432), nonce (16)
 *   MSG3       report of the quoting enclave (432), quote  first 336 bytes of msg3
 *   MSG4       msg4                                        what it said (139, below)
 *   HMAC       challenge, at most 4096 bytes               HMAC-SHA256 of it under the secret (32)
 *   SEAL       -                                           sealed blob: the secret; its name in clear
 *   UNSEAL     sealed blob                                 size of the secret (4), its SHA-256 (32), its name
 *   MSG2_TD    u8 version of the report, 168 bytes of msg2 TD report (1024)
 *   MSG3_TD    quote                                       first 336 bytes of msg3
 *
 * A trust domain has the last two in the place of MSG2 and MSG3, and neither SEAL nor UNSEAL.
 *
 * The secret itself never leaves. Its SHA-256 does, so that a demonstration can show that it arrived; a secret that can
 * be guessed is given away by that, so an enclave for use should offer neither that nor HMAC. */
#ifndef QY_EXCHANGE_CALLS_H
#define QY_EXCHANGE_CALLS_H

#include <quotary/exchange.h>

typedef enum qy_sample_operation {
  QY_SAMPLE_BEGIN = 1,
  QY_SAMPLE_MSG1 = 2,
  QY_SAMPLE_MSG2 = 3,
  QY_SAMPLE_MSG3 = 4,
  QY_SAMPLE_MSG4 = 5,
  QY_SAMPLE_HMAC = 6,
  QY_SAMPLE_SEAL = 7,
  QY_SAMPLE_UNSEAL = 8,
  QY_SAMPLE_MSG2_TD = 9,
  QY_SAMPLE_MSG3_TD = 10
} qy_sample_operation;

/* The measured section that holds the provider's public key: 64 bytes, X and Y, little-endian. */
#define QY_SAMPLE_SECTION_PROVIDER_KEY "provider-key"

#define QY_SAMPLE_MSG1_SIZE 4
#define QY_SAMPLE_MSG2_SIZE (QY_MSG2_HEAD_SIZE + QY_TARGET_INFO_SIZE)
#define QY_SAMPLE_MSG2_TD_SIZE (1 + QY_MSG2_HEAD_SIZE)
#define QY_SAMPLE_REPORT_SIZE (QY_REPORT_SIZE + QY_QUOTE_NONCE_SIZE)
#define QY_SAMPLE_OUTCOME_SIZE 139
#define QY_SAMPLE_MAX_CHALLENGE_SIZE 4096
#define QY_SAMPLE_HMAC_SIZE 32
#define QY_SAMPLE_MAX_BLOB_SIZE (560u + 65536u + 128u)

typedef struct qy_sample_msg2 {
  qy_view head; /* borrowed */
  qy_target_info qe;
} qy_sample_msg2;

typedef struct qy_sample_msg2_td {
  uint8_t version; /* of the TD report: 0 for TDX 1.0, 1 for 1.5 */
  qy_view head;    /* borrowed */
} qy_sample_msg2_td;

typedef struct qy_sample_report {
  qy_report report;
  uint8_t nonce[QY_QUOTE_NONCE_SIZE];
} qy_sample_report;

typedef struct qy_sample_quote {
  qy_report qe_report;
  qy_view quote; /* borrowed */
} qy_sample_quote;

/* u8 verdict; u8 flags: 1 platform info, 2 secret, 4 simulated; u32 size of the secret; platform info (101, else zero);
 * SHA-256 of the secret (32, else zero). */
typedef struct qy_sample_outcome {
  qy_msg4_answer answer;
  uint32_t secret_size;
  uint8_t secret_sha256[32];
} qy_sample_outcome;

typedef struct qy_sample_unsealed {
  uint32_t secret_size;
  uint8_t secret_sha256[32];
  qy_view name; /* borrowed */
} qy_sample_unsealed;

void qy_sample_msg1_encode(uint8_t out[QY_SAMPLE_MSG1_SIZE], uint32_t group_id);
qy_status qy_sample_msg1_decode(uint32_t *group_id, qy_view in, qy_error *why) QY_MUST_CHECK;
void qy_sample_msg2_encode(uint8_t out[QY_SAMPLE_MSG2_SIZE], const qy_sample_msg2 *msg2);
qy_status qy_sample_msg2_decode(qy_sample_msg2 *out, qy_view in, qy_error *why) QY_MUST_CHECK;
void qy_sample_msg2_td_encode(uint8_t out[QY_SAMPLE_MSG2_TD_SIZE], const qy_sample_msg2_td *msg2);
qy_status qy_sample_msg2_td_decode(qy_sample_msg2_td *out, qy_view in, qy_error *why) QY_MUST_CHECK;
void qy_sample_report_encode(uint8_t out[QY_SAMPLE_REPORT_SIZE], const qy_sample_report *report);
qy_status qy_sample_report_decode(qy_sample_report *out, qy_view in, qy_error *why) QY_MUST_CHECK;
/* The quote's own bytes follow the report; what they are is not looked at. */
qy_status qy_sample_quote_decode(qy_sample_quote *out, qy_view in, qy_error *why) QY_MUST_CHECK;
void qy_sample_outcome_encode(uint8_t out[QY_SAMPLE_OUTCOME_SIZE], const qy_sample_outcome *outcome);
qy_status qy_sample_outcome_decode(qy_sample_outcome *out, qy_view in, qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_unsealed_decode(qy_sample_unsealed *out, qy_view in, qy_error *why) QY_MUST_CHECK;

#endif
