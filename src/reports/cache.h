/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the service knows from files, read again when they change. What cannot be read any more,
 * or got older, does not replace what is known (reports-list-version): a report never says better than it once did
 * because a file was put back or taken away. For any number of threads. */
#ifndef QY_REPORTS_CACHE_H
#define QY_REPORTS_CACHE_H

#include <base/buffer.h>
#include <quotary/epid.h>
#include <registry/group.h>
#include <reports/subscriptions.h>

typedef struct qy_reports_cache qy_reports_cache;

qy_status qy_reports_cache_new(qy_reports_cache **out, const char *folder, const qy_epid_ca *ca,
                               qy_error *why) QY_MUST_CHECK;
void qy_reports_cache_free(qy_reports_cache **cache);

/* The subscription of a key, copied. Check reports-subscription-key (QY_ERR_DENIED). */
qy_status qy_reports_cache_subscription(qy_subscription *out, qy_reports_cache *cache, const char *key, qy_trace *trace,
                                        qy_error *why) QY_MUST_CHECK;
/* Levels and policy, copied. */
qy_status qy_reports_cache_policy(qy_tcb_levels *levels, qy_tcb_policy *policy, qy_reports_cache *cache,
                                  qy_error *why) QY_MUST_CHECK;

/* A group with a verifier of its own for as long as it is held. */
typedef struct qy_held_group {
  const qy_group *group;
  qy_epid_verifier *verifier; /* has PrivRL, SigRL and GroupRL */
  bool has_sigrl;             /* with entries */
  unsigned revocation_reason;
  struct qy_cached_group *entry;
} qy_held_group;

/* QY_ERR_NOT_FOUND when there is no such group. Give it back with qy_reports_cache_release(). */
qy_status qy_reports_cache_hold(qy_held_group *out, qy_reports_cache *cache, uint32_t gid, qy_error *why) QY_MUST_CHECK;
void qy_reports_cache_release(qy_reports_cache *cache, qy_held_group *held);

#endif
