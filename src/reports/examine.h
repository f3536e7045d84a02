/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: opening a quote's sealed signature and verifying it. Pure. */
#ifndef QY_REPORTS_EXAMINE_H
#define QY_REPORTS_EXAMINE_H

#include <base/buffer.h>
#include <crypto/rsa.h>
#include <quotary/check.h>
#include <quotary/epid.h>
#include <quotary/quote.h>

typedef struct qy_examination {
  qy_epid_result result; /* QY_EPID_INVALID also when the sealed signature does not open */
  bool has_pseudonym;    /* whatever the result, when there is a signature to take it from */
  uint8_t pseudonym[QY_EPID_PSEUDONYM_SIZE];
} qy_examination;

/* `verifier` has the group's lists; its basename is set here. `has_sigrl` says whether one of them is a SigRL: where
 * there is none, a quote that refers to one was made with a list of another time (reports-sigrl-absent). `signature`
 * (may be NULL) gets the opened EPID signature. trace may be NULL. */
qy_status qy_reports_examine(qy_examination *out, qy_buffer *signature, const qy_quote *quote,
                             const qy_rsa_private *key, qy_epid_verifier *verifier, bool has_sigrl, qy_trace *trace,
                             qy_error *why) QY_MUST_CHECK;

#endif
