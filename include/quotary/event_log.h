/* SPDX-License-Identifier: Apache-2.0 */
/* The log of what a trust domain measured into its registers while it started: the crypto-agile form of the TCG PC Client
 * Platform Firmware Profile, as ACPI's CCEL table points at it (UEFI 2.10, 38.4: confidential computing event log). Nobody
 * signs a log. It is worth what a quote makes it worth: if its digests, extended in order, give the quote's registers, it
 * tells what went into them. Pure: no file, socket, clock or global. */
#ifndef QUOTARY_EVENT_LOG_H
#define QUOTARY_EVENT_LOG_H

#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_EVENT_DIGEST_SIZE 48 /* SHA-384 */
#define QY_EVENT_REGISTERS 4    /* RTMR0 to RTMR3 */
#define QY_EVENT_MAX_ALGORITHMS 8

typedef struct qy_event_algorithm {
  uint16_t id; /* TPM_ALG_ID: SHA-384 is 0x000c */
  uint16_t digest_size;
} qy_event_algorithm;

/* A log that was read whole. Views borrow its bytes. */
typedef struct qy_event_log {
  qy_view events; /* behind the log's own header, without the padding of its memory */
  size_t count;
  size_t algorithm_count;
  qy_event_algorithm algorithms[QY_EVENT_MAX_ALGORITHMS];
} qy_event_log;

typedef struct qy_event {
  uint32_t index; /* measurement register: 0 MRTD, 1 to 4 RTMR0 to RTMR3 */
  uint32_t type;
  const uint8_t *digest; /* SHA-384; borrowed */
  qy_view data;          /* what was measured, or only a note on it: the digest says which */
} qy_event;

/* Reads all of it. QY_ERR_TRUNCATED and QY_ERR_MALFORMED name field and place: a header that is none, an event without
 * exactly one digest of each of the header's algorithms, SHA-384 not among those, a register that no trust domain has, an
 * event for MRTD, which no event extends. Behind the last event there may be bytes that are all zero or all 0xff: the
 * table's memory is longer than the log. */
QY_API qy_status qy_event_log_decode(qy_event_log *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;

/* The event at `*offset` of `log->events`, which moves on; begin with 0. False at the end. */
QY_API bool qy_event_log_next(qy_event *out, const qy_event_log *log, size_t *offset);

/* False for what only informs (EV_NO_ACTION). */
QY_API bool qy_event_is_measured(const qy_event *event);

/* From zeros, each event in turn: register = SHA-384(register || digest). */
QY_API qy_status qy_event_log_replay(uint8_t registers[QY_EVENT_REGISTERS][QY_EVENT_DIGEST_SIZE],
                                     const qy_event_log *log, qy_error *why) QY_MUST_CHECK;

QY_API const char *qy_event_type_name(uint32_t type); /* "EV_SEPARATOR"; NULL for one without a name here */

#ifdef __cplusplus
}
#endif
#endif
