/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: one msg3 on its way to a verdict. */
#ifndef QY_BROKER_CONDUCT_H
#define QY_BROKER_CONDUCT_H

#include <broker/service.h>
#include <quotary/dcap.h>

typedef struct qy_conduct {
  qy_broker *broker;
  qy_session *session;
  qy_msg3_evidence evidence; /* borrows msg3 */
  qy_trace *exchange;        /* the checks that bound the evidence to this session */
  qy_policy policy;          /* of the secret that is asked for */
  bool is_known;             /* there is such a secret */
  bool list_changed;         /* EPID: the client is to begin again under the new revocation list */

  /* What the appraisal found. Verdicts are large, and on the heap. */
  qy_verdict *epid;
  qy_dcap_verdict *ecdsa;
  qy_trust trust;
  bool simulated;
  uint8_t pck_id[QY_FINGERPRINT_SIZE];
  qy_release release; /* borrows from the above */
} qy_conduct;

/* A policy that no enclave and no trust domain fits, under a root with this fingerprint (NULL: Intel's): whoever asks for
 * a secret that is not there is treated, and answered, as one who may not have it. */
void qy_conduct_policy_for_nobody(qy_policy *out, const uint8_t root[QY_FINGERPRINT_SIZE]);
/* Puts the exchange's checks before the appraisal's: the trace is then of all that was checked, in order. */
void qy_conduct_put_exchange_first(qy_trace *trace, const qy_conduct *conduct);
void qy_conduct_log(const qy_conduct *conduct, const qy_trace *trace);

/* QY_OK: a verdict, trusted or refused, was reached, put into the archive, and stands in `trust`. Any other status: it
 * could not be decided. */
qy_status qy_conduct_appraise_ecdsa(qy_conduct *conduct, qy_error *why) QY_MUST_CHECK;
/* The same; or QY_ERR_SEQUENCE, with `list_changed`. */
qy_status qy_conduct_appraise_epid(qy_conduct *conduct, qy_error *why) QY_MUST_CHECK;

#endif
