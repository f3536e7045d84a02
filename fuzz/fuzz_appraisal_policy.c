/* SPDX-License-Identifier: Apache-2.0 */
/* A policy that decodes names roots, an enclave and statuses, and is the same after a journey through its JSON. */
#include <stdlib.h>
#include <string.h>

#include <quotary/appraisal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_policy policy;
  qy_error why;
  if (qy_policy_decode(&policy, qy_view_over(data, size), NULL, &why) != QY_OK) {
    return 0;
  }
  if ((!policy.intel_root && policy.simulated_root_count == 0) ||
      (policy.mr_enclave_count == 0 && !policy.has_signer) || policy.statuses == 0 || policy.built_in) {
    abort();
  }
  char *json = NULL;
  qy_policy again;
  if (qy_policy_to_json(&json, &policy, &why) != QY_OK ||
      qy_policy_decode(&again, qy_view_text(json), NULL, &why) != QY_OK ||
      memcmp(&policy, &again, sizeof(policy)) != 0) {
    abort();
  }
  qy_appraisal_text_free(&json);
  return 0;
}
