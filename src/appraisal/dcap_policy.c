/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy makes of a platform's standing. */
#include <appraisal/dcap_parts.h>

static void examine_status(qy_dcap_appraisal *appraisal)
{
  const qy_dcap_verdict *verdict = appraisal->verdict;
  const uint32_t accepted = appraisal->policy->tcb_statuses;
  qy_text expected = qy_textf("one that the policy lists:");
  for (int status = QY_TCB_STATUS_UNKNOWN + 1; status < QY_TCB_STATUS_COUNT; status++) {
    if ((accepted & 1u << status) != 0) {
      expected = qy_textf("%s %s", expected.chars, qy_tcb_status_name((qy_tcb_status)status));
    }
  }
  (void)qy_examine(&appraisal->examination, QY_CHECK_DCAP_STATUS, (accepted & 1u << verdict->tcb_status) != 0,
                   .expected = expected, .actual = qy_textf("%s", qy_tcb_status_name(verdict->tcb_status)),
                   .origin = "policy");
}

void qy_dcap_examine_policy(qy_dcap_appraisal *appraisal)
{
  if (appraisal->verdict->has_standing) {
    examine_status(appraisal);
  }
}
