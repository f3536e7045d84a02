/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the steps of an appraisal share. */
#ifndef QY_APPRAISAL_PARTS_H
#define QY_APPRAISAL_PARTS_H

#include <appraisal/examination.h>
#include <base/buffer.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <quotary/appraisal.h>

/* One appraisal of a report under way. */
typedef struct qy_appraisal {
  qy_verdict *verdict;
  const qy_avr_evidence *evidence;
  const qy_policy *policy;
  int64_t now_s;
  qy_examination examination;
  const qy_simulated_root *simulated_root; /* where the chain ends, if simulated */
} qy_appraisal;

/* qy_examine() into the verdict's trace. */
#define qy_appraisal_check(appraisal, id, held, ...) qy_examine(&(appraisal)->examination, (id), (held), __VA_ARGS__)
/* The check cannot be made: the verdict can no longer be trust. */
void qy_appraisal_undecided(qy_appraisal *appraisal, qy_check_id id, qy_text expected, qy_text actual,
                            const char *remedy);
/* The policy does not ask. */
void qy_appraisal_unconstrained(qy_appraisal *appraisal, qy_check_id id, qy_text actual);
static inline bool qy_given(qy_view view)
{
  return view.bytes != NULL;
}

/* Chain, times of its certificates, signature over the body. `*authentic` when all of that held; `*readable` when the
 * body was signed by the key of a chain that ends at a trusted root, whatever the certificates' times. */
qy_status qy_avr_check_origin(qy_appraisal *appraisal, bool *readable, bool *authentic, qy_error *why) QY_MUST_CHECK;
/* The chain as the header carries it, or plain PEM: percent-decoded once if it holds a '%'; a '+' stays. */
qy_status qy_avr_chain_text(qy_buffer *pem, qy_view header, qy_error *why) QY_MUST_CHECK;
/* base64 (line ends behind it are passed over), else the raw bytes. */
qy_status qy_avr_signature_bytes(qy_buffer *out, qy_view signature, qy_error *why) QY_MUST_CHECK;

/* The body's members; the object was read strictly. */
qy_status qy_avr_from_json(qy_avr *out, const json_t *object, qy_error *why) QY_MUST_CHECK;
/* What the report says of time, nonce, quote and platform. Needs verdict->report. */
qy_status qy_avr_check_claims(qy_appraisal *appraisal, qy_error *why) QY_MUST_CHECK;
/* B of every pseudonym under a basename: its hash to a point of G1, x || y. */
qy_status qy_avr_basename_point(uint8_t out[64], const uint8_t basename[QY_QUOTE_BASENAME_SIZE],
                                qy_error *why) QY_MUST_CHECK;
/* What the platform's status means under the policy. */
qy_status qy_avr_check_status(qy_appraisal *appraisal, qy_error *why) QY_MUST_CHECK;
/* Which enclave it is, and whether the policy means it. */
void qy_enclave_check(qy_examination *examination, const qy_policy *policy, const qy_report_body *body);

#endif
