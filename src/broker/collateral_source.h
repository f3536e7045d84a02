/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: collateral for ECDSA evidence, prepared. It is asked of the service that is configured, kept in the
 * broker's store with every version that was ever seen, and held in memory as long as it is current. For any number of
 * threads. */
#ifndef QY_BROKER_COLLATERAL_SOURCE_H
#define QY_BROKER_COLLATERAL_SOURCE_H

#include <broker/settings.h>
#include <quotary/dcap.h>
#include <store/store.h>

typedef struct qy_collateral_source qy_collateral_source;

/* `settings` is borrowed. Without a service and without a store in the folder it has nothing for anybody. */
qy_status qy_collateral_source_new(qy_collateral_source **out, const qy_broker_settings *settings,
                                   qy_error *why) QY_MUST_CHECK;
void qy_collateral_source_free(qy_collateral_source **source);

/* A set that others may use too: nothing of it changes. Let go of it when the appraisal is over. */
typedef struct qy_held_collateral qy_held_collateral;
qy_dcap_collateral *qy_held_collateral_prepared(const qy_held_collateral *held);
const qy_collateral_set *qy_held_collateral_set(const qy_held_collateral *held);
void qy_held_collateral_release(qy_held_collateral **held); /* *held may be NULL; becomes NULL */
#define QY_SCOPED_HELD_COLLATERAL(name) \
  __attribute__((cleanup(qy_held_collateral_release))) qy_held_collateral *name = NULL

/* An empty set: it holds the root to trust, and nothing is trusted under it. */
qy_held_collateral *qy_collateral_source_nothing(qy_collateral_source *source);
/* Whether a current set for the platform that the quote names is in memory; then `*out` is it. */
bool qy_collateral_source_known(qy_held_collateral **out, qy_collateral_source *source, qy_view quote, int64_t now_s);
/* For the platform that the quote names, as of `now_s` (seconds since 1970). What was asked for long enough ago is asked
 * for again; where the service fails, what is there serves as long as its own dates allow. A quote that names no platform
 * gets the empty set. Any status but QY_OK: there is none to be had now. */
qy_status qy_collateral_source_get(qy_held_collateral **out, qy_collateral_source *source, qy_view quote, int64_t now_s,
                                   qy_error *why) QY_MUST_CHECK;

#endif
