/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: who may ask for reports. A subscription is one SPID, linkable or not, and two keys of which
 * only the SHA-256 is kept: they are 128 random bits, so that no salt or stretching is needed. */
#ifndef QY_REPORTS_SUBSCRIPTIONS_H
#define QY_REPORTS_SUBSCRIPTIONS_H

#include <base/buffer.h>
#include <quotary/sgx.h>
#include <reports/reports.h>

#define QY_MAX_SUBSCRIPTIONS 4096
#define QY_SUBSCRIPTION_NAME_SIZE 65
#define QY_MAX_SUBSCRIPTIONS_FILE (4u << 20)

typedef struct qy_subscription {
  uint8_t spid[QY_SPID_SIZE];
  bool linkable;
  char name[QY_SUBSCRIPTION_NAME_SIZE];
  uint8_t primary_hash[32];
  uint8_t secondary_hash[32];
} qy_subscription;

typedef struct qy_subscriptions { /* zero-initialise */
  size_t count;
  qy_subscription *entries;
} qy_subscriptions;

void qy_subscriptions_clear(qy_subscriptions *subscriptions);
#define QY_SCOPED_SUBSCRIPTIONS(variable) \
  __attribute__((cleanup(qy_subscriptions_clear))) qy_subscriptions variable = {0}

/* {"subscriptions":[{"spid":hex,"name":text,"linkable":bool,"primary_sha256":hex,"secondary_sha256":hex},...]}; an SPID
 * that stands twice is QY_ERR_MALFORMED. On failure *out is empty. */
qy_status qy_subscriptions_decode(qy_subscriptions *out, qy_view json, qy_error *why) QY_MUST_CHECK;
qy_status qy_subscriptions_encode(qy_buffer *out, const qy_subscriptions *subscriptions, qy_error *why) QY_MUST_CHECK;
/* None when the file is not there. */
qy_status qy_subscriptions_load(qy_subscriptions *out, const char *folder, qy_error *why) QY_MUST_CHECK;
/* The subscription of a key as the header carries it; NULL when there is none. Constant time in the keys. */
const qy_subscription *qy_subscriptions_find_key(const qy_subscriptions *subscriptions, const char *key);

#endif
