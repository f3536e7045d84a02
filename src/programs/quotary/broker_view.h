/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker kept of its latest appraisals, as its auditor finds it (docs/broker.md). */
#ifndef QY_PROGRAMS_BROKER_VIEW_H
#define QY_PROGRAMS_BROKER_VIEW_H

#include <jansson.h>

#include <quotary/exchange.h>

#include "world.h"

/* Of a DCAP quote there is a verdict alone, with its checks and `status`. */
typedef struct broker_view {
  json_t *report;
  json_t *verdict;
  const json_t *checks; /* borrowed from the verdict */
  size_t body_size;     /* of the report, bytes */
  const char *status;   /* borrowed, as are the next */
  const char *id;
  char pseudonym[24];
} broker_view;

qy_status broker_view_load(broker_view *out, const char *broker_folder, qy_evidence_kind kind,
                           qy_error *why) QY_MUST_CHECK;
void broker_view_clear(broker_view *view);

/* Asks the world's report service for a revocation list without an API key: the HTTP status, 0 when it was not reached. */
unsigned broker_view_without_key(const cli_world *world);

#endif
