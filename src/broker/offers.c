/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/offers.h>

#include <crypto/hash.h>

#define SETS (1u << QY_EVIDENCE_KIND_COUNT) /* of kinds: one a bit mask */

unsigned qy_broker_kinds_of(const qy_policy *policy)
{
  const bool enclaves = policy->mr_enclave_count > 0 || policy->has_signer;
  unsigned kinds = 0;
  if (policy->statuses != 0 && enclaves) {
    kinds |= 1u << QY_EVIDENCE_EPID;
  }
  if (policy->tcb_statuses != 0 && enclaves) {
    kinds |= 1u << QY_EVIDENCE_SGX;
  }
  if (policy->tcb_statuses != 0 && policy->td.mr_td_count > 0) {
    kinds |= 1u << QY_EVIDENCE_TDX;
  }
  return kinds == 0 ? 1u << QY_EVIDENCE_EPID : kinds;
}

void qy_broker_offers_note(qy_broker *broker, const qy_policy *policy)
{
  (void)atomic_fetch_or(&broker->offers, 1u << qy_broker_kinds_of(policy));
}

/* One of the sets in use, by a hash that nobody else can compute, so that names that are not there are spread as those
 * that are. */
static qy_status kinds_for_nobody(unsigned *kinds, const qy_broker *broker, const char *secret_name, qy_error *why)
{
  const qy_view parts[] = {qy_view_text("quotary offer"), qy_secret_view(&broker->settings.provider_key),
                           qy_view_text(secret_name)};
  const unsigned noted = atomic_load(&broker->offers);
  uint8_t hash[QY_SHA256_SIZE];
  unsigned in_use[SETS];
  unsigned count = 0;
  QY_TRY(qy_hash_parts(hash, QY_SHA256, parts, 3, why));
  for (unsigned set = 1; set < SETS; set++) {
    if ((noted & 1u << set) != 0) {
      in_use[count++] = set;
    }
  }
  *kinds = count == 0 ? 1u << QY_EVIDENCE_EPID : in_use[hash[0] % count];
  return QY_OK;
}

qy_status qy_broker_offer(unsigned *kinds, qy_broker *broker, const char *secret_name, qy_error *why)
{
  qy_policy policy;
  const qy_status status = qy_broker_policy_load(&policy, broker->settings.folder, secret_name, NULL, why);
  if (status == QY_ERR_NOT_FOUND) {
    return kinds_for_nobody(kinds, broker, secret_name, why);
  }
  QY_TRY(status);
  qy_broker_offers_note(broker, &policy);
  *kinds = qy_broker_kinds_of(&policy);
  return QY_OK;
}
