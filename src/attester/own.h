/* SPDX-License-Identifier: Apache-2.0 */
/* The attester on a real machine: this very process is inside the enclave or the trust domain, so the enclave's side of
 * the conversation runs in it, and a device of the machine quotes it (devices/device.h).
 *
 * What holds here differs from an enclave's image: nobody measures an argument. `provider_key` decides whom the program
 * talks to, so it must come from what is measured: under Gramine a trusted file (the manifest, and with it the file's
 * hash, is in MRENCLAVE), in a trust domain a file of the measured image. A key from elsewhere, or `secret_name` from a
 * command line, is chosen by whoever starts the program: he can have it take a secret of his own, and not one that
 * another provider keeps for it. The provider's address and its CA need no trust: they are the road, not the end. */
#ifndef QY_ATTESTER_OWN_H
#define QY_ATTESTER_OWN_H

#include <attester/attest.h>
#include <base/secret.h>
#include <devices/device.h>

typedef struct qy_attest_own_config {
  const char *broker_url;
  qy_view broker_ca_pem;                       /* the only trusted roots for the connection */
  const char *secret_name;                     /* 1 to 128 bytes */
  uint8_t provider_key[QY_GROUP_ELEMENT_SIZE]; /* X and Y, little-endian */
  const qy_device *device;
  const char *folder;           /* of the device: NULL is the system's */
  const qy_device_calls *calls; /* NULL: the system's */
} qy_attest_own_config;

/* Init before, clear after, whatever came of it: clear wipes the secret. */
typedef struct qy_attest_own_result {
  qy_msg4_answer answer;                       /* authentic */
  qy_vault secret;                             /* locked memory; empty when answer.has_secret is not set */
  unsigned sessions;                           /* with the broker: 1, or 2 after a retry */
  qy_trace trace;                              /* checks made here, of the last session */
  qy_buffer messages[QY_ATTEST_MESSAGE_COUNT]; /* of the last session, by qy_attest_message */
} qy_attest_own_result;

void qy_attest_own_result_init(qy_attest_own_result *result);
void qy_attest_own_result_clear(qy_attest_own_result *result);

/* QY_OK when the broker's authentic verdict arrived, be it trust or not: look at result->answer.verdict. Else as
 * qy_attest(), and what the device says where it gives no quote. A device that is busy is asked three times. Session keys
 * live in locked memory and are wiped before this returns. `observer` may be NULL. */
qy_status qy_attest_own(qy_attest_own_result *result, const qy_attest_own_config *config,
                        const qy_attest_observer *observer, qy_error *why) QY_MUST_CHECK;

#endif
