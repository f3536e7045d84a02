/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what several of the enclaves do. */
#ifndef QY_ARCHITECTURAL_COMMON_H
#define QY_ARCHITECTURAL_COMMON_H

#include <base/cursor.h>
#include <enclave/runtime.h>
#include <provisioning/structures.h>

/* The endorser's keys, from the measured section. QY_ERR_NOT_FOUND when the image has none. */
qy_status qy_ae_endorser(qy_xegb *out, qy_error *why) QY_MUST_CHECK;
/* Answers QY_AE_TARGET_INFO. */
qy_status qy_ae_answer_target_info(qy_view in, qy_buffer *out, qy_error *why) QY_MUST_CHECK;
/* Check report-mac: the report was made on this processor, for this enclave. */
qy_status qy_ae_verify_report(const qy_report *report, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* PROVISION and PROVISION_SEAL keys at a PSVN; either may be NULL. */
qy_status qy_ae_keys(qy_secret *provision, qy_secret *escrow, const qy_psvn *psvn, qy_error *why) QY_MUST_CHECK;
/* Latches what the decoder of a nested structure says. */
void qy_ae_read_report(qy_report *out, qy_reader *in);
void qy_ae_read_target(qy_target_info *out, qy_reader *in);
/* The failure of an operation number that the enclave does not know. */
qy_status qy_ae_unknown(const char *enclave, uint16_t operation, qy_error *why) QY_MUST_CHECK;
/* `status` of a handler; what it had written is taken back unless it is QY_OK. */
qy_status qy_ae_settle(qy_buffer *out, size_t begin, qy_status status) QY_MUST_CHECK;

#endif
