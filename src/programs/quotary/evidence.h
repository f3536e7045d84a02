/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers what quotary verify appraises: a report with its signature and chain from files, or, for a quote, from a
 * report service. */
#ifndef QY_PROGRAMS_EVIDENCE_H
#define QY_PROGRAMS_EVIDENCE_H

#include <base/buffer.h>
#include <quotary/quote.h>
#include <quotary/status.h>

typedef struct evidence {
  qy_buffer body;
  qy_buffer signature;
  qy_buffer chain;
  qy_buffer ca;
  qy_buffer quote;
  bool has_nonce;
  char nonce[64];
  bool has_spid;
  uint8_t spid[QY_SPID_SIZE];
} evidence;

typedef struct evidence_files { /* any may be NULL but `report`, which may be a quote */
  const char *report;
  const char *signature;
  const char *chain;
  const char *ca;
  const char *quote;
  const char *nonce;
  const char *spid;
} evidence_files;

typedef struct evidence_service { /* url NULL: none */
  const char *url;
  const char *ca_file;
  const char *api_key_file;
} evidence_service;

void evidence_init(evidence *held);
void evidence_clear(evidence *held);
/* A quote goes to the service under a fresh nonce; what comes back is held as the report. */
qy_status evidence_load(evidence *out, const evidence_files *files, const evidence_service *service,
                        qy_error *why) QY_MUST_CHECK;

#endif
