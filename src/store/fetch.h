/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral from a Provisioning Certification Service (PCS API, version 4), or a caching service (PCCS) before it. */
#ifndef QY_STORE_FETCH_H
#define QY_STORE_FETCH_H

#include <store/store.h>

#define QY_PCS_INTEL_URL "https://api.trustedservices.intel.com"

typedef struct qy_pcs_source {
  const char *url;    /* the service, with or without "/sgx/certification/v4"; http:// only of this very machine */
  qy_view ca_pem;     /* the only roots for TLS; empty: the system's */
  qy_view root;       /* PEM: the root that vouches for collateral; bytes NULL: Intel's key */
  const char *update; /* "early", "standard"; NULL: as the service does by itself */
  uint32_t evaluation_number; /* 0, or the tcbEvaluationDataNumber to ask for; not with `update` */
  unsigned timeout_ms;        /* of one request; 0: 30 000 */
  unsigned first_pause_ms;    /* before a second attempt; doubles with each. 0: 1 000 */
  void (*progress)(void *context, const char *what); /* may be NULL: "TCB info", "waiting 2 s: ..." */
  void *context;
} qy_pcs_source;

typedef struct qy_collateral_fetched {
  qy_collateral_kept kept;
  qy_collateral_state documents[QY_PART_DOCUMENTS]; /* what was served; QY_LACK_EXPIRED when it is past at `now_s` */
} qy_collateral_fetched;

/* Fetches all that the platform needs, verifies it, and keeps all of it; or keeps nothing and says what went wrong:
 * QY_ERR_IO, _TIMEOUT, _CRYPTO (TLS), _LIMIT (too large), _MALFORMED, _NOT_FOUND, _DENIED, _BUSY, _PEER (other answers,
 * redirects), _REFUSED (a check failed: `trace` and message say which). What was kept before stays in any case. Waits
 * at most about two minutes for a service that is busy. */
qy_status qy_collateral_fetch(qy_collateral_fetched *out, qy_collateral_store *store, const qy_pcs_source *source,
                              const qy_collateral_platform *platform, int64_t now_s, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;

#endif
