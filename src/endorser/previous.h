/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the proof by the previous key. Nobody can tell which machine made a signature that is revoked;
 * so a machine that has a key and wants one for another level first proves, by the key that it was given last, that it
 * is not revoked in that key's group. */
#ifndef QY_ENDORSER_PREVIOUS_H
#define QY_ENDORSER_PREVIOUS_H

#include <endorser/issuer.h>

/* What to ask of a machine: `*found` when it was ever given a key. `demand` borrows the SigRL from `group`, which the
 * caller initialised and clears. Under the lock. Check endorser-previous-group. */
qy_status qy_previous_find(bool *found, qy_previous_demand *demand, qy_group *group, const qy_issuer *issuer,
                           const uint8_t ppid[QY_PPID_SIZE], qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* A verifier of the group with its lists as they are now, and check endorser-previous-group again. `group` as above;
 * it must outlive the verifier, which the caller frees. Takes the lock only for as long as it reads: a proof against a
 * long list takes its time. */
qy_status qy_previous_verifier(qy_epid_verifier **verifier, qy_group *group, const char *folder, uint32_t gid,
                               qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
