/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that several kinds share. Each adds members to `to`. */
#ifndef QY_DESCRIBE_PARTS_H
#define QY_DESCRIBE_PARTS_H

#include <jansson.h>

#include <quotary/epid.h>
#include <quotary/quote.h>
#include <quotary/sgx.h>

void qy_describe_hex(json_t *to, const char *name, const uint8_t *bytes, size_t size);
/* A field that is zero in most evidence: left out then, so that what is there stands out. */
void qy_describe_hex_unless_zero(json_t *to, const char *name, const uint8_t *bytes, size_t size);
void qy_describe_view(json_t *to, const char *name, qy_view bytes); /* hex; long ones shortened with their size */
/* An array of the names of the bits that are set; those without a name together, so that none is lost. */
void qy_describe_bits(json_t *to, const char *member, uint64_t bits, const char *(*name_of)(unsigned bit));
void qy_describe_attributes(json_t *to, const qy_attributes *attributes);
void qy_describe_report_body(json_t *to, const qy_report_body *body);
void qy_describe_sigstruct_members(json_t *to, const qy_sigstruct *sigstruct);
void qy_describe_quote_body(json_t *to, const qy_quote_body *body);
/* A whole quote, sealed signature included; QY_ERR_* when it is none. */
qy_status qy_describe_quote(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_sigrl(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_platform_info(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;

/* One kind: its name, a reader that adds members or fails, and whether its first bytes already tell that it is one. */
typedef struct qy_describe_kind {
  const char *name;
  qy_status (*read)(json_t *to, qy_view bytes, qy_error *why);
  bool begins_tellingly;
} qy_describe_kind;

qy_status qy_describe_report(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_quote_body_alone(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_target_info(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_key_request(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_sigstruct(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_image(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_td_image(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_group_certificate(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_sealed_blob(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_epid_signature(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* EPID: what a header tells (signed files, requests), and what length and contents tell (keys, lists, requests to join). */
qy_status qy_describe_epid_file(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_epid_blob(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
void qy_describe_epid_group(json_t *to, const qy_epid_gid *gid); /* its id and hash */
qy_status qy_describe_dcap_quote(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_td_report(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_event_log(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Collateral of DCAP evidence. */
qy_status qy_describe_tcb_info(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_enclave_identity(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_crl(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* "sgx": what a PCK certificate says of its platform; nothing of any other certificate. */
void qy_describe_pck_extension(json_t *to, qy_view certificate_der);
qy_status qy_describe_certificates(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_attestation_report(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg0(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_key_list(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg1(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg0_msg1(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg2(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg3(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_describe_msg4(json_t *to, qy_view bytes, qy_error *why) QY_MUST_CHECK;

#endif
