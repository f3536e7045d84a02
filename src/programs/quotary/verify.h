/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of evidence that quotary verify takes share. */
#ifndef QY_PROGRAMS_VERIFY_H
#define QY_PROGRAMS_VERIFY_H

#include <base/buffer.h>
#include <quotary/appraisal.h>
#include <quotary/dcap_explain.h>

typedef struct verify_dcap_options {
  const char *quote;
  const char *collateral;     /* folder; NULL: none */
  const char *store;          /* file; NULL: the default one, if it is there and no folder is given */
  const char *root;           /* PEM; NULL: Intel's */
  const uint8_t *report_data; /* 64 bytes that the quote was asked for; NULL: not compared */
  const char *event_log;      /* file; NULL: none */
  bool own_policy;            /* a policy was given: not the built-in one */
  bool json;
  bool explain;
} verify_dcap_options;

/* Appends the file as it stands, or what its hex or base64 text stands for if that is a DCAP quote. */
qy_status verify_read_quote(qy_buffer *out, const char *path, qy_error *why) QY_MUST_CHECK;
/* The file holds a DCAP quote, binary, hex or base64. False also when it cannot be read. */
bool verify_is_dcap(const char *path);
/* Appraises and prints; returns the exit code. */
int verify_dcap(const verify_dcap_options *options, const qy_policy *policy, int64_t now_s);

/* The verdict for people, with what would mend the platform. */
void verify_print_dcap(const qy_dcap_verdict *verdict, const qy_dcap_mending *mending,
                       const verify_dcap_options *options);

/* "  TCB component 3 is 11, 14 needed since 2024-03-13: BIOS, Early Microcode Update" */
void verify_print_gap(const qy_dcap_gap *gap);

int verify_exit_code(qy_trust trust);
/* The verdict's line: "verdict    refused (...)" */
void verify_print_trust(qy_trust trust, const char *remark);

#endif
