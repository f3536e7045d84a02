/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the joiner's turns. */
#ifndef QY_PROVISIONING_JOINER_STATE_H
#define QY_PROVISIONING_JOINER_STATE_H

#include <provisioning/joiner.h>

typedef enum qy_joiner_event {
  QY_JOINER_SENDS_MSG1,
  QY_JOINER_TAKES_MSG2,
  QY_JOINER_TAKES_DEMAND, /* a msg2 that asks for a proof */
  QY_JOINER_PROVES,
  QY_JOINER_JOINS,
  QY_JOINER_SENDS_MSG3,
  QY_JOINER_TAKES_MSG4,
  QY_JOINER_FINISHES
} qy_joiner_event;

/* QY_ERR_SEQUENCE when the event does not belong into the state. `next` is for settle(). */
qy_status qy_joiner_allow(const qy_joiner *joiner, qy_joiner_event event, qy_joiner_state *next,
                          qy_error *why) QY_MUST_CHECK;
/* Goes on to `next`; after a failure wipes all and ends. Returns `status`. */
qy_status qy_joiner_settle(qy_joiner *joiner, qy_status status, qy_joiner_state next) QY_MUST_CHECK;

#endif
