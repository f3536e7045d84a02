/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what verdicts of every kind say in the same words. Each gives a new reference. */
#ifndef QY_APPRAISAL_VERDICT_JSON_H
#define QY_APPRAISAL_VERDICT_JSON_H

#include <json/json.h>
#include <quotary/check.h>
#include <quotary/sgx.h>

json_t *qy_verdict_json_checks(const qy_trace *trace);
json_t *qy_verdict_json_enclave(const qy_report_body *body);

#endif
