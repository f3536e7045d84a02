/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: reading the members of a policy. */
#ifndef QY_APPRAISAL_POLICY_PARTS_H
#define QY_APPRAISAL_POLICY_PARTS_H

#include <json/json.h>
#include <quotary/appraisal.h>

/* QY_ERR_MALFORMED that names the member. */
qy_status qy_policy_wrong(qy_error *why, const char *member, const char *problem);
/* A list of at least one element. */
qy_status qy_policy_read_list(const json_t **out, const json_t *object, const char *member, size_t most,
                              qy_error *why) QY_MUST_CHECK;
qy_status qy_policy_read_hex(uint8_t *out, size_t size, const json_t *value, const char *member,
                             qy_error *why) QY_MUST_CHECK;
/* A value and the mask of the bits that it decides; both or neither. */
qy_status qy_policy_read_masked(uint64_t *value, uint64_t *mask, unsigned digits, const json_t *object,
                                const char *value_name, const char *mask_name, qy_error *why) QY_MUST_CHECK;
qy_status qy_policy_read_optional_integer(int64_t *out, const json_t *object, const char *member, int64_t least,
                                          int64_t most, qy_error *why) QY_MUST_CHECK;

/* What a policy says of DCAP evidence alone: "td", which is there; "tcb_statuses", which is there; the rest. */
qy_status qy_policy_read_td(qy_td_rules *out, const json_t *object, qy_error *why) QY_MUST_CHECK;
qy_status qy_policy_read_tcb_statuses(qy_policy *out, const json_t *object, qy_error *why) QY_MUST_CHECK;
qy_status qy_policy_read_dcap_rules(qy_policy *out, const json_t *object, qy_error *why) QY_MUST_CHECK;
/* The same as members again. */
void qy_policy_write_dcap(json_t *object, const qy_policy *policy);

#endif
