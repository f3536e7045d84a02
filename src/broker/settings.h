/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the configuration and the keys of a running broker. */
#ifndef QY_BROKER_SETTINGS_H
#define QY_BROKER_SETTINGS_H

#include <base/buffer.h>
#include <base/secret.h>
#include <broker/layout.h>
#include <quotary/quote.h>

typedef struct qy_broker_limits {
  unsigned sessions;             /* open at once */
  unsigned sessions_per_peer;    /* of one address */
  unsigned session_s;            /* from msg1 to msg3 */
  unsigned sigrl_max_age_s;      /* in the cache */
  unsigned report_tries;         /* when the report service is busy */
  unsigned report_timeout_ms;    /* of one try */
  unsigned reports_kept;         /* for auditors */
  unsigned collateral_max_age_s; /* before it is asked for again */
  unsigned threads;
} qy_broker_limits;

/* SECRET, all of it: heap, cleared by qy_broker_settings_clear(). */
typedef struct qy_broker_settings {
  char folder[QY_BROKER_PATH];
  uint8_t spid[QY_SPID_SIZE];
  qy_sign_type quote_type;
  char address[64];
  uint16_t port;
  char report_url[512]; /* "": none, and so no EPID evidence */
  bool system_roots;
  char collateral_url[512];   /* "": none, and so no ECDSA evidence but under what is in the store */
  char collateral_update[16]; /* "early", "standard", or "": as the service does by itself */
  qy_broker_limits limits;
  qy_secret provider_key;
  qy_secret report_keys[2]; /* text; the second may be empty */
  qy_buffer report_ca;
  qy_buffer collateral_ca;   /* empty: the system's roots */
  qy_buffer collateral_root; /* empty: Intel's key vouches for collateral */
  qy_buffer tls_chain;
  qy_buffer tls_key;
} qy_broker_settings;

extern const qy_broker_limits qy_broker_default_limits;

qy_status qy_broker_settings_load(qy_broker_settings *out, const char *folder, qy_error *why) QY_MUST_CHECK;
void qy_broker_settings_clear(qy_broker_settings *settings);

#endif
