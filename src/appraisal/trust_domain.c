/* SPDX-License-Identifier: Apache-2.0 */
/* Which trust domain the quote speaks of, and whether the policy means it. */
#include <appraisal/dcap_parts.h>

#include <string.h>

_Static_assert(QY_POLICY_TD_HASH_SIZE == QY_TD_HASH_SIZE, "one size of hashes");

/* Attributes that may differ between sound trust domains (Intel TDX module ABI, "ATTRIBUTES"). Debugging and profiling
 * have a check of their own; SEPT_VE_DISABLE is asked for; MIGRATABLE gives the memory to whoever the service TD trusts;
 * every other bit is reserved. */
#define ATTRIBUTE_LASS (1ull << 27)
#define HARMLESS_ATTRIBUTES (ATTRIBUTE_LASS | QY_TD_PKS | QY_TD_KEY_LOCKER | QY_TD_PERFMON)

static qy_text bits_text(uint64_t value)
{
  return qy_textf("0x%016llx", (unsigned long long)value);
}

static void check_attributes(qy_examination *examination, const qy_policy *policy, const qy_td_body *td)
{
  const qy_td_rules *rules = &policy->td;
  const uint64_t allowed = policy->allow_debug ? QY_TD_DEBUG : 0;
  qy_examine(examination, QY_CHECK_TD_DEBUG, (td->td_attributes & QY_TD_UNTRUSTED_BITS & ~allowed) == 0,
             .expected = qy_textf(policy->allow_debug ? "no bit from 1 to 7" : "no bit from 0 to 7"),
             .actual = qy_bits_text(td->td_attributes, 0, QY_TD_UNTRUSTED_BITS & ~allowed, qy_td_attribute_name),
             .origin = qy_policy_origin(policy));
  const uint64_t mask = (rules->attribute_mask | ~HARMLESS_ATTRIBUTES) & ~QY_TD_UNTRUSTED_BITS;
  const uint64_t wanted = rules->attributes | (QY_TD_SEPT_VE_DISABLE & ~rules->attribute_mask);
  qy_examine(examination, QY_CHECK_TD_ATTRIBUTES, (td->td_attributes & mask) == wanted,
             .expected = qy_textf("%s under mask %s", bits_text(wanted).chars, bits_text(mask).chars),
             .actual = qy_bits_text(td->td_attributes, wanted, mask, qy_td_attribute_name),
             .origin = qy_policy_origin(policy));
  const uint64_t xfam_mask = rules->xfam_mask | ~QY_XFAM_ALLOWED | QY_XFAM_FIXED_1;
  const uint64_t xfam = rules->xfam | QY_XFAM_FIXED_1;
  qy_examine(examination, QY_CHECK_TD_XFAM, (td->xfam & xfam_mask) == xfam,
             .expected = qy_textf("%s under mask %s", bits_text(xfam).chars, bits_text(xfam_mask).chars),
             .actual = qy_bits_text(td->xfam, xfam, xfam_mask, qy_xfam_name), .origin = qy_policy_origin(policy));
}

static const uint8_t *hash_of(const qy_td_body *td, qy_td_hash hash)
{
  switch (hash) {
  case QY_TD_HASH_MR_CONFIG_ID:
    return td->mr_config_id;
  case QY_TD_HASH_MR_OWNER:
    return td->mr_owner;
  case QY_TD_HASH_MR_OWNER_CONFIG:
    return td->mr_owner_config;
  case QY_TD_HASH_MR_SEAM:
    return td->mr_seam;
  case QY_TD_HASH_MR_SIGNER_SEAM:
    return td->mr_signer_seam;
  case QY_TD_HASH_MR_SERVICE_TD:
    return td->mr_service_td;
  default:
    return td->rtmr[hash];
  }
}

static void check_measurement(qy_examination *examination, const qy_policy *policy, const qy_td_body *td)
{
  const qy_td_rules *rules = &policy->td;
  const qy_text actual = qy_text_hex(QY_VIEW_OF(td->mr_td));
  if (policy->built_in) {
    qy_examine_unconstrained(examination, QY_CHECK_TD_MEASUREMENT, true, actual);
    return;
  }
  bool listed = false;
  for (size_t i = 0; i < rules->mr_td_count; i++) {
    listed |= memcmp(rules->mr_tds[i], td->mr_td, sizeof(td->mr_td)) == 0;
  }
  qy_examine(examination, QY_CHECK_TD_MEASUREMENT, listed,
             .expected = rules->mr_td_count == 1 ? qy_text_hex(QY_VIEW_OF(rules->mr_tds[0]))
                                                 : qy_textf("one of %zu that the policy names", rules->mr_td_count),
             .actual = actual, .origin = qy_policy_origin(policy));
}

/* What the policy names, each by itself. */
static void check_hashes(qy_examination *examination, const qy_policy *policy, const qy_td_body *td)
{
  static const uint8_t zeros[QY_TD_HASH_SIZE];
  const qy_td_rules *rules = &policy->td;
  for (int hash = 0; hash < QY_TD_HASH_COUNT; hash++) {
    const bool is_service = hash == QY_TD_HASH_MR_SERVICE_TD;
    if (!rules->named[hash] && !is_service) {
      continue;
    }
    const uint8_t *expected = rules->named[hash] ? rules->hashes[hash] : zeros;
    const uint8_t *found = hash_of(td, (qy_td_hash)hash);
    qy_examine(
        examination, is_service ? QY_CHECK_TD_SERVICE : QY_CHECK_TD_HASHES,
        memcmp(expected, found, QY_TD_HASH_SIZE) == 0, .expected = qy_text_hex(qy_view_over(expected, QY_TD_HASH_SIZE)),
        .actual = qy_text_hex(qy_view_over(found, QY_TD_HASH_SIZE)), .origin = qy_td_hash_name((qy_td_hash)hash));
  }
}

void qy_td_check(qy_examination *examination, const qy_policy *policy, const qy_td_body *td)
{
  check_attributes(examination, policy, td);
  check_measurement(examination, policy, td);
  check_hashes(examination, policy, td);
}
