/* SPDX-License-Identifier: Apache-2.0 */
/* The broker: releases secrets to enclaves whose attestation holds. HTTPS, TLS 1.3; docs/broker.md describes the
 * protocol and the state folder, which belongs to one running broker at a time. */
#ifndef QY_BROKER_BROKER_H
#define QY_BROKER_BROKER_H

#include <base/secret.h>
#include <crypto/p256.h>
#include <quotary/appraisal.h>
#include <quotary/quote.h>

/* Of an init. What is NULL, 0 or empty takes the default. */
typedef struct qy_broker_options {
  uint8_t spid[QY_SPID_SIZE]; /* as registered with the report service */
  qy_sign_type quote_type;
  const char *report_url;        /* for EPID evidence: "https://host[:port][/base]", without /attestation */
  qy_view report_ca_pem;         /* trusted for that URL's TLS; empty: the system's roots */
  const char *report_keys[2];    /* SECRET: the primary subscription key, needed with a URL, and the secondary */
  const char *collateral_url;    /* for ECDSA evidence: a PCS or PCCS; one of the two URLs is needed */
  qy_view collateral_ca_pem;     /* trusted for that URL's TLS; empty: the system's roots */
  qy_view collateral_root_pem;   /* the root that vouches for collateral and platforms; empty: Intel's */
  const char *collateral_update; /* "early", "standard"; NULL: as the service does by itself */
  unsigned collateral_max_age_s; /* seconds before it is asked for again; 3600 */
  const qy_secret *provider_key; /* NULL draws one */
  const char *address;           /* to listen on, numeric; "127.0.0.1" */
  uint16_t port;                 /* 0: any */
  const char *dns_name;          /* also named by the TLS certificate */
} qy_broker_options;

/* Makes the state folder: provider key pair, TLS key with a certificate under a CA of its own (whose key is not kept),
 * configuration. Private files have mode 0600. QY_ERR_EXISTS when there is a broker in it. */
qy_status qy_broker_init(const char *folder, const qy_broker_options *options, qy_error *why) QY_MUST_CHECK;

/* The provider's public key, which is measured into the enclaves that are to trust this broker (big-endian here; the
 * exchange wants it flipped). */
qy_status qy_broker_provider_key(qy_p256_public *out, const char *folder, qy_error *why) QY_MUST_CHECK;
/* For clients: where the CA of the broker's certificate lies (PEM), and the URL of the broker that runs now. */
#define QY_BROKER_CA_FILE "ca.pem"
#define QY_BROKER_URL_FILE "url"

/* Names are segments of a-z 0-9 _ - (1 to 64 each) joined by "/", at most 128 characters. Check broker-secret-name
 * (QY_ERR_MALFORMED). */
qy_status qy_broker_name_check(const char *name, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Stores a secret (1 to 65536 bytes) under a policy, or one of the two anew (the other with bytes NULL); a running
 * broker takes it up at once. The policy is decoded first, and must not go back (check broker-policy-version). */
qy_status qy_broker_secret_put(const char *folder, const char *name, qy_view policy, qy_view secret,
                               qy_error *why) QY_MUST_CHECK;
/* QY_ERR_NOT_FOUND if there is none. The highest policy version seen is remembered. */
qy_status qy_broker_secret_remove(const char *folder, const char *name, qy_error *why) QY_MUST_CHECK;
/* SHA-256 of a secret, for its operator to hold against what an enclave says it received. */
qy_status qy_broker_secret_digest(uint8_t out[32], const char *folder, const char *name, qy_error *why) QY_MUST_CHECK;
/* Calls `visit` for every secret, in no order; stops at the first failure, which it returns. */
typedef qy_status qy_broker_visit(void *context, const char *name, const qy_policy *policy, qy_error *why);
qy_status qy_broker_secrets_visit(const char *folder, qy_broker_visit *visit, void *context,
                                  qy_error *why) QY_MUST_CHECK;

/* Every release is one line of JSON that holds the hash of the line before it. Check broker-ledger (QY_ERR_REFUSED)
 * when a line was changed, taken out or put in. `*count` is the number of releases. */
qy_status qy_broker_releases_check(size_t *count, const char *folder, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

typedef struct qy_broker_config {
  const char *folder;
  const char *address;                         /* NULL: as the folder says */
  int port;                                    /* -1: as the folder says */
  void (*ready)(void *context, uint16_t port); /* called once it listens; may be NULL */
  void *context;
} qy_broker_config;

/* Serves until `stop_fd` is readable. Refuses to start when a policy does not decode or a private file is not private
 * (QY_ERR_DENIED). Hardens the process against core dumps and tracing, as it holds keys. */
qy_status qy_broker_run(const qy_broker_config *config, int stop_fd, qy_error *why) QY_MUST_CHECK;

#endif
