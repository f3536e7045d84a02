/* SPDX-License-Identifier: Apache-2.0 */
/* Which enclave the quote speaks of, and whether the policy means it. */
#include <appraisal/parts.h>

#include <quotary/dcap_quote.h>
#include <sgx/intel_keys.h>

/* Intel SDM volume 3D, "ATTRIBUTES Structure": flags that may differ between sound enclaves. Those with a check of
 * their own are INIT, DEBUG, MODE64BIT, PROVISION_KEY and EINITTOKEN_KEY; CET, KSS and AEX_NOTIFY are harmless; every
 * other is reserved. */
#define ATTRIBUTE_CET 0x40ull
#define KEY_FLAGS (QY_ATTRIBUTE_PROVISION_KEY | QY_ATTRIBUTE_EINITTOKEN_KEY)
#define OWN_FLAGS (QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_DEBUG | QY_ATTRIBUTE_MODE64BIT | KEY_FLAGS)
#define HARMLESS_FLAGS (ATTRIBUTE_CET | QY_ATTRIBUTE_KSS | QY_ATTRIBUTE_AEX_NOTIFY)
/* XCR0 and XSS features that an enclave can have: x87, SSE, AVX, MPX, AVX-512, PKRU, CET, AMX, APX (Intel SDM volume
 * 1, "XSAVE-supported features"). */
#define KNOWN_XFRM 0xe1affull
#define KNOWN_MISC 0x3u /* EXINFO, CPINFO */

static void check_attributes(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  const uint64_t flags = body->attributes.flags;
  qy_examine(examination, QY_CHECK_ENCLAVE_INIT, (flags & QY_ATTRIBUTE_INIT) != 0, .expected = qy_textf("INIT set"),
             .actual = qy_textf("flags 0x%016llx", (unsigned long long)flags), .origin = "Intel SDM");
  qy_examine(examination, QY_CHECK_ENCLAVE_DEBUG, (flags & QY_ATTRIBUTE_DEBUG) == 0 || policy->allow_debug,
             .expected = qy_textf(policy->allow_debug ? "DEBUG clear or set" : "DEBUG clear"),
             .actual = qy_textf((flags & QY_ATTRIBUTE_DEBUG) != 0 ? "DEBUG set" : "DEBUG clear"),
             .origin = qy_policy_origin(policy));
  qy_examine(examination, QY_CHECK_ENCLAVE_MODE64, (flags & QY_ATTRIBUTE_MODE64BIT) != 0,
             .expected = qy_textf("MODE64BIT set"), .actual = qy_textf("flags 0x%016llx", (unsigned long long)flags),
             .origin = "built-in rule");
  const uint64_t allowed_keys = policy->attributes.flags & policy->attribute_mask.flags & KEY_FLAGS;
  qy_examine(examination, QY_CHECK_ENCLAVE_KEYS, (flags & KEY_FLAGS & ~allowed_keys) == 0,
             .expected = qy_textf(allowed_keys == 0 ? "PROVISION_KEY and EINITTOKEN_KEY clear"
                                                    : "only the key access that the policy names"),
             .actual = qy_textf("PROVISION_KEY %s, EINITTOKEN_KEY %s",
                                (flags & QY_ATTRIBUTE_PROVISION_KEY) != 0 ? "set" : "clear",
                                (flags & QY_ATTRIBUTE_EINITTOKEN_KEY) != 0 ? "set" : "clear"),
             .origin = qy_policy_origin(policy));
  const uint64_t mask = policy->attribute_mask.flags | ~(OWN_FLAGS | HARMLESS_FLAGS);
  const uint64_t wanted = policy->attributes.flags & policy->attribute_mask.flags;
  qy_examine(examination, QY_CHECK_ENCLAVE_FLAGS, (flags & mask) == wanted,
             .expected =
                 qy_textf("0x%016llx under mask 0x%016llx", (unsigned long long)wanted, (unsigned long long)mask),
             .actual = qy_textf("0x%016llx", (unsigned long long)flags), .origin = qy_policy_origin(policy));
}

static void check_features(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  const uint64_t xfrm = body->attributes.xfrm;
  const uint64_t mask = policy->attribute_mask.xfrm | ~(KNOWN_XFRM & ~QY_XFRM_LEGACY);
  const uint64_t wanted = (policy->attributes.xfrm & policy->attribute_mask.xfrm) | QY_XFRM_LEGACY;
  qy_examine(examination, QY_CHECK_ENCLAVE_XFRM, (xfrm & mask) == wanted,
             .expected =
                 qy_textf("0x%016llx under mask 0x%016llx", (unsigned long long)wanted, (unsigned long long)mask),
             .actual = qy_bits_text(xfrm, wanted, mask, qy_xfam_name),
             /* the same features */ .origin = qy_policy_origin(policy));
  const uint32_t misc_mask = policy->misc_mask | ~KNOWN_MISC;
  const uint32_t misc = policy->misc_select & policy->misc_mask;
  qy_examine(examination, QY_CHECK_ENCLAVE_MISC_SELECT, (body->misc_select & misc_mask) == misc,
             .expected = qy_textf("0x%08x under mask 0x%08x", misc, misc_mask),
             .actual = qy_textf("0x%08x", body->misc_select), .origin = qy_policy_origin(policy));
}

static bool listed(const uint8_t list[][QY_MEASUREMENT_SIZE], size_t count,
                   const uint8_t measurement[QY_MEASUREMENT_SIZE])
{
  for (size_t i = 0; i < count; i++) {
    if (qy_view_equal(qy_view_over(list[i], QY_MEASUREMENT_SIZE), qy_view_over(measurement, QY_MEASUREMENT_SIZE))) {
      return true;
    }
  }
  return false;
}

static void check_known_bad(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  const qy_text measurement = qy_text_hex(QY_VIEW_OF(body->mr_enclave));
  qy_examine(examination, QY_CHECK_ENCLAVE_DENIED,
             !listed(policy->denied_mr_enclaves, policy->denied_count, body->mr_enclave),
             .expected = qy_textf("none of %zu denied", policy->denied_count), .actual = measurement,
             .origin = qy_policy_origin(policy));
  const bool zero = qy_view_is_zero(QY_VIEW_OF(body->mr_signer));
  const bool published = qy_signer_is_published(body->mr_signer);
  qy_examine(
      examination, QY_CHECK_ENCLAVE_SIGNER_PUBLISHED, !zero && (!published || policy->allow_published_signers),
      .expected = qy_textf(policy->allow_published_signers ? "any signer" : "a signer whose private key is its own"),
      .actual = zero        ? qy_textf("no signer: MRSIGNER is zero")
                : published ? qy_textf("the signer of sample code, %s", qy_text_hex(QY_VIEW_OF(body->mr_signer)).chars)
                            : qy_text_hex(QY_VIEW_OF(body->mr_signer)),
      .origin = "built-in list");
}

static void check_signer(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  qy_examine(examination, QY_CHECK_ENCLAVE_SIGNER,
             qy_view_equal(QY_VIEW_OF(body->mr_signer), QY_VIEW_OF(policy->mr_signer)),
             .expected = qy_text_hex(QY_VIEW_OF(policy->mr_signer)), .actual = qy_text_hex(QY_VIEW_OF(body->mr_signer)),
             .origin = qy_policy_origin(policy));
  qy_examine(examination, QY_CHECK_ENCLAVE_PRODUCT, body->isv_prod_id == policy->isv_prod_id,
             .expected = qy_textf("%u", policy->isv_prod_id), .actual = qy_textf("%u", body->isv_prod_id),
             .origin = qy_policy_origin(policy));
  qy_examine(examination, QY_CHECK_ENCLAVE_SVN, body->isv_svn >= policy->isv_svn_min,
             .expected = qy_textf("%u or more", policy->isv_svn_min), .actual = qy_textf("%u", body->isv_svn),
             .origin = qy_policy_origin(policy));
}

/* The enclave is the same with any of them: what it was told at its launch is not measured. */
static void check_configuration(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  qy_examine(examination, QY_CHECK_ENCLAVE_CONFIG,
             qy_view_equal(QY_VIEW_OF(body->config_id), QY_VIEW_OF(policy->config_id)),
             .expected = qy_text_hex(QY_VIEW_OF(policy->config_id)), .actual = qy_text_hex(QY_VIEW_OF(body->config_id)),
             .origin = qy_policy_origin(policy));
  qy_examine(examination, QY_CHECK_ENCLAVE_CONFIG_SVN, body->config_svn >= policy->config_svn_min,
             .expected = qy_textf("%u or more", policy->config_svn_min), .actual = qy_textf("%u", body->config_svn),
             .origin = qy_policy_origin(policy));
}

static void check_identity(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  const qy_text measurement = qy_text_hex(QY_VIEW_OF(body->mr_enclave));
  if (policy->built_in) {
    qy_examine_unconstrained(examination, QY_CHECK_ENCLAVE_MEASUREMENT, policy->built_in, measurement);
    qy_examine_unconstrained(examination, QY_CHECK_ENCLAVE_SIGNER, policy->built_in,
                             qy_text_hex(QY_VIEW_OF(body->mr_signer)));
    return;
  }
  if (policy->mr_enclave_count > 0 || !policy->has_signer) { /* a policy without identity fits no enclave */
    qy_examine(examination, QY_CHECK_ENCLAVE_MEASUREMENT,
               listed(policy->mr_enclaves, policy->mr_enclave_count, body->mr_enclave),
               .expected = policy->mr_enclave_count == 1
                               ? qy_text_hex(QY_VIEW_OF(policy->mr_enclaves[0]))
                               : qy_textf("one of %zu that the policy names", policy->mr_enclave_count),
               .actual = measurement, .origin = qy_policy_origin(policy));
  }
  if (policy->has_signer) {
    check_signer(examination, policy, body);
  }
  if (policy->has_config_id) {
    check_configuration(examination, policy, body);
  }
}

void qy_enclave_check(qy_examination *examination, const qy_policy *policy, const qy_report_body *body)
{
  const bool reserved_zero = qy_report_body_check_reserved(body, NULL) == QY_OK;
  qy_examine(examination, QY_CHECK_ENCLAVE_RESERVED, reserved_zero, .expected = qy_textf("zeros"),
             .actual = qy_textf(reserved_zero ? "zeros" : "a byte that is not zero"), .origin = "Intel SDM");
  check_attributes(examination, policy, body);
  check_features(examination, policy, body);
  check_known_bad(examination, policy, body);
  check_identity(examination, policy, body);
}
