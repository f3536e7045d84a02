/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation report service: Intel's IAS API, versions 3 and 4, over HTTPS. State lies in the endorser's folder
 * (registry/layout.h): reports/ is its own, public/ it only reads, believing what the pinned EPID CA and ISK signed. */
#ifndef QY_REPORTS_REPORTS_H
#define QY_REPORTS_REPORTS_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/sgx.h>

#define QY_SUBSCRIPTION_KEY_SIZE 33 /* 32 hex digits and a NUL */

typedef struct qy_reports_config {
  const char *folder;
  const char *host;       /* NULL takes 127.0.0.1 */
  uint16_t port;          /* 0 takes any */
  unsigned thread_count;  /* 0 takes 2 */
  const char *pse_status; /* pseManifestStatus of every manifest, as none is simulated; NULL takes "UNKNOWN" */
  void (*ready)(void *context, uint16_t port); /* called once it listens; may be NULL */
  void *context;
} qy_reports_config;

/* Serves until `stop_fd` is readable. */
qy_status qy_reports_run(const qy_reports_config *config, int stop_fd, qy_error *why) QY_MUST_CHECK;

typedef struct qy_subscription_keys { /* SECRET: clear */
  char primary[QY_SUBSCRIPTION_KEY_SIZE];
  char secondary[QY_SUBSCRIPTION_KEY_SIZE];
} qy_subscription_keys;
void qy_subscription_keys_clear(qy_subscription_keys *keys);

/* Registers a service provider and tells its keys, this once: only their hashes are kept. `name` is for people, at
 * most 64 characters. QY_ERR_EXISTS when the SPID is taken. A running service takes it up at its next request. */
qy_status qy_reports_subscribe(qy_subscription_keys *keys, const char *folder, const uint8_t spid[QY_SPID_SIZE],
                               bool linkable, const char *name, qy_error *why) QY_MUST_CHECK;
/* Replaces one of the two keys, so that a provider can change keys without a gap. The other text becomes empty. */
qy_status qy_reports_renew_key(qy_subscription_keys *keys, const char *folder, const uint8_t spid[QY_SPID_SIZE],
                               bool primary, qy_error *why) QY_MUST_CHECK;
qy_status qy_reports_unsubscribe(const char *folder, const uint8_t spid[QY_SPID_SIZE], qy_error *why) QY_MUST_CHECK;

/* Opens and verifies a quote's EPID signature and appends a SigRL request for it, as Intel frames one, to hand to
 * qy_endorser_revoke_signature(). QY_ERR_REFUSED when the signature does not hold. trace may be NULL. */
qy_status qy_reports_signature_request(qy_buffer *request, const char *folder, qy_view quote, qy_trace *trace,
                                       qy_error *why) QY_MUST_CHECK;

#endif
