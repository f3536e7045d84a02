/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of evidence that quotary verify takes share. */
#ifndef QY_PROGRAMS_VERIFY_H
#define QY_PROGRAMS_VERIFY_H

#include <quotary/appraisal.h>
#include <quotary/dcap_explain.h>

typedef struct verify_dcap_options {
  const char *quote;
  const char *collateral;     /* folder; NULL: none */
  const char *root;           /* PEM; NULL: Intel's */
  const uint8_t *report_data; /* 64 bytes that the quote was asked for; NULL: not compared */
  const char *event_log;      /* file; NULL: none */
  bool own_policy;            /* a policy was given: not the built-in one */
  bool json;
  bool explain;
} verify_dcap_options;

/* The file holds a DCAP quote, binary, hex or base64. False also when it cannot be read. */
bool verify_is_dcap(const char *path);
/* Appraises and prints; returns the exit code. */
int verify_dcap(const verify_dcap_options *options, const qy_policy *policy, int64_t now_s);

/* The verdict for people, with what would mend the platform. */
void verify_print_dcap(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                       const verify_dcap_options *options);

int verify_exit_code(qy_trust trust);
/* The verdict's line: "verdict    refused (...)" */
void verify_print_trust(qy_trust trust, const char *remark);

#endif
