/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the broker keeps, by name. Policies are read anew each time they are used. */
#ifndef QY_BROKER_SECRETS_H
#define QY_BROKER_SECRETS_H

#include <base/secret.h>
#include <broker/broker.h>
#include <broker/layout.h>

/* The policy of a secret, not older than any that was ever seen for this name. QY_ERR_NOT_FOUND; QY_ERR_MALFORMED;
 * QY_ERR_REFUSED by broker-policy-version. */
qy_status qy_broker_policy_load(qy_policy *out, const char *folder, const char *name, qy_trace *trace,
                                qy_error *why) QY_MUST_CHECK;
/* Into locked memory. QY_ERR_DENIED when others may read the file. */
qy_status qy_broker_secret_load(qy_vault *out, const char *folder, const char *name, qy_error *why) QY_MUST_CHECK;
/* Remembers the version, or refuses to go back: a lower one, or the same with other contents. */
qy_status qy_broker_version_accept(const char *folder, const char *name, const qy_policy *policy, qy_view json,
                                   qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
