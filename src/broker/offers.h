/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: which kinds of evidence are asked for. */
#ifndef QY_BROKER_OFFERS_H
#define QY_BROKER_OFFERS_H

#include <broker/service.h>

/* Bits 1 << qy_evidence_kind of what a policy can be met with; never 0. */
unsigned qy_broker_kinds_of(const qy_policy *policy);
/* Remembers that there is such a policy. For any number of threads. */
void qy_broker_offers_note(qy_broker *broker, const qy_policy *policy);
/* What is offered for a secret of this name: for one that is there, what its policy takes. For one that is not, what some
 * policy here takes, the same each time: who asks cannot tell the two apart. */
qy_status qy_broker_offer(unsigned *kinds, qy_broker *broker, const char *secret_name, qy_error *why) QY_MUST_CHECK;

#endif
