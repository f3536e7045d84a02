/* SPDX-License-Identifier: Apache-2.0 */
/* The untrusted host's whole run: it launches the enclave, carries the messages between enclave, quoting enclave and
 * broker, and reports what came of it. It holds no key and can forge nothing; at worst it brings no result. */
#ifndef QY_ATTESTER_ATTEST_H
#define QY_ATTESTER_ATTEST_H

#include <attester/sample.h>
#include <base/buffer.h>
#include <platform/platform.h>

typedef struct qy_attest_config {
  const char *broker_url;           /* "https://broker.example:4433", with or without a slash behind */
  qy_view broker_ca_pem;            /* the only trusted roots for the connection */
  const char *secret_name;          /* 1 to 128 bytes */
  qy_view image;                    /* the image file of an enclave or a trust domain */
  qy_platform *platform;            /* borrowed */
  const qy_evidence_kind *evidence; /* epid or sgx of an enclave, tdx; NULL: what the broker likes best of what goes */
} qy_attest_config;

/* Whatever goes over a wire or between enclaves, in the order in which it does. */
typedef enum qy_attest_message {
  QY_ATTEST_HELLO = 0, /* msg0 and msg1 */
  QY_ATTEST_MSG2,
  QY_ATTEST_QUOTE,
  QY_ATTEST_MSG3,
  QY_ATTEST_MSG4
} qy_attest_message;
#define QY_ATTEST_MESSAGE_COUNT 5

const char *qy_attest_message_name(qy_attest_message message); /* "msg0 and msg1", "msg2", "quote", "msg3", "msg4" */

/* Told as it happens; each function may be NULL. What they are given is borrowed for the call. */
typedef struct qy_attest_observer {
  void *context;
  void (*launched)(void *context, const qy_enclave_handle *enclave);
  void (*chosen)(void *context, qy_evidence_kind kind);
  /* who will quote, and of which EPID group (else 0) */
  void (*quoting)(void *context, const qy_target_info *qe, uint32_t group_id);
  void (*message)(void *context, qy_attest_message message, qy_view bytes);
  void (*checked)(void *context, const qy_check_record *record); /* each check made on this machine: CPU, enclave */
  void (*retrying)(void *context, const char *reason);           /* a new session begins */
} qy_attest_observer;

/* About 70 KiB: not on a deep stack. Init before, clear after, whatever came of it. */
typedef struct qy_attest_result {
  qy_sample_outcome outcome; /* verdict, platform info, size and SHA-256 of the secret: as the enclave says */
  qy_enclave_handle enclave; /* runs on, with its secret, until the result is cleared */
  bool has_enclave;
  qy_evidence_kind evidence;
  qy_target_info qe;
  uint32_t group_id;                           /* EPID; else 0 */
  unsigned sessions;                           /* with the broker: 1, or 2 after a retry */
  qy_trace machine_trace;                      /* checks of the launch */
  qy_trace trace;                              /* checks made by the enclave, of the last session */
  qy_buffer messages[QY_ATTEST_MESSAGE_COUNT]; /* of the last session, by qy_attest_message */
} qy_attest_result;

void qy_attest_result_init(qy_attest_result *result);
void qy_attest_result_clear(qy_attest_result *result);

/* QY_OK when the broker's authentic verdict arrived, be it trust or not: look at result->outcome.answer.verdict. Else
 * why there is none: QY_ERR_REFUSED when the enclave refused a message (result->trace says by which check);
 * QY_ERR_DENIED, QY_ERR_NOT_FOUND, QY_ERR_BUSY, QY_ERR_PEER as the broker answered; QY_ERR_IO, QY_ERR_TIMEOUT,
 * QY_ERR_CRYPTO of the connection; whatever the platform says. QY_ERR_BUSY from the broker is "could not decide now".
 * QY_ERR_UNSUPPORTED: the broker takes nothing that this platform can make of the image.
 * When it answers msg3 by 409 (the revocation list changed meanwhile), one new session is begun at once. `observer` may
 * be NULL. */
qy_status qy_attest(qy_attest_result *result, const qy_attest_config *config, const qy_attest_observer *observer,
                    qy_error *why) QY_MUST_CHECK;

#endif
