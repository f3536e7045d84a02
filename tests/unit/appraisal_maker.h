/* SPDX-License-Identifier: Apache-2.0 */
/* A report service for tests: its own CA, leaf and platform info key, and reports of any shape, well signed. */
#ifndef QY_TEST_APPRAISAL_MAKER_H
#define QY_TEST_APPRAISAL_MAKER_H

#include "vectors.h"

#include <base/secret.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <quotary/appraisal.h>

#define MAKER_NOW_S 1795428000 /* 2026-11-23T10:00:00Z */
#define MAKER_TIMESTAMP "2026-11-23T09:59:58.123456"
#define MAKER_NONCE "0123456789abcdef0123456789abcdef"

typedef struct maker {
  qy_rsa_private *ca_key;
  qy_rsa_private *leaf_key;
  qy_rsa_private *other_key; /* of nobody */
  qy_buffer ca_pem;
  qy_buffer leaf_pem;
  qy_buffer chain_pem;
  uint8_t fingerprint[QY_FINGERPRINT_SIZE];
  qy_secret info_key;
  qy_p256_public info_public;
  uint8_t spid[QY_SPID_SIZE];
} maker;

/* What a report is to say; a member that is NULL is left out. Texts are put into the JSON as they stand. */
typedef struct maker_report {
  const char *timestamp; /* quoted JSON */
  const char *version;   /* JSON */
  const char *status;
  const char *nonce;
  const char *extra; /* more members, each with a comma behind it */
  bool with_platform_info;
  bool with_pseudonym;
  qy_quote_body quote;
} maker_report;

/* Certificates from a year before to a year (the CA: ten) after `now_s`. */
maker *maker_new(int64_t now_s);
void maker_free(maker *maker);
/* A certificate over `key`; signed by `issuer_pem`'s key, or by itself when NULL. */
void maker_certificate(qy_buffer *out, const char *name, bool is_ca, int64_t from_s, int64_t until_s,
                       const qy_rsa_private *key, const qy_buffer *issuer_pem, const qy_rsa_private *issuer_key);

/* A sound report: OK, version 4, linkable, an enclave that fits maker_policy(). */
void maker_report_init(maker_report *report, const maker *maker);
void maker_body(qy_buffer *out, const maker *maker, const maker_report *report);
void maker_sign(qy_buffer *out, const qy_rsa_private *key, qy_view body);
/* Names this service as a simulated root, and the sound report's enclave by its signer. */
void maker_policy(qy_policy *policy, const maker *maker);

/* Makes, signs and appraises a report with every expectation given; returns the status. */
qy_status maker_appraise(qy_verdict *verdict, const maker *maker, const maker_report *report, const qy_policy *policy);
qy_status maker_appraise_body(qy_verdict *verdict, const maker *maker, const maker_report *report, qy_view body,
                              const qy_policy *policy, int64_t now_s);
/* Refused, and by this check first. */
void expect_refused(const qy_verdict *verdict, qy_check_id id);
void expect_report_trusted(const qy_verdict *verdict);
void expect_undecided(const qy_verdict *verdict, qy_check_id id);

#endif
