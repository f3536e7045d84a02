/* SPDX-License-Identifier: Apache-2.0 */
/* One attestation from files and a socket: shared by quotary attest and quotary demo. */
#ifndef QY_PROGRAMS_ATTESTING_H
#define QY_PROGRAMS_ATTESTING_H

#include <jansson.h>

#include <attester/attest.h>

typedef struct attesting_files {
  const char *broker_url;
  const char *broker_ca; /* PEM file */
  const char *image;     /* enclave image file */
  const char *socket;    /* of the platform service */
  const char *secret_name;
  const qy_evidence_kind *evidence; /* NULL: what the broker likes best */
} attesting_files;

/* As qy_attest(); `result` is initialised by the caller. */
qy_status attesting_run(qy_attest_result *result, const attesting_files *files, const qy_attest_observer *observer,
                        qy_error *why) QY_MUST_CHECK;

/* ---- Telling, of every attestation ---- */

int attesting_exit_code(qy_trust verdict);
/* "verdict    trusted  (simulated evidence)". */
void attesting_print_verdict(qy_trust verdict, bool simulated);
/* {"msg2": 168, ...} */
json_t *attesting_sizes_json(const qy_buffer messages[QY_ATTEST_MESSAGE_COUNT]);
/* Writes each message that there was into a file of the folder. */
qy_status attesting_keep(const qy_buffer messages[QY_ATTEST_MESSAGE_COUNT], const char *folder,
                         qy_error *why) QY_MUST_CHECK;

#endif
