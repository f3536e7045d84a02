/* SPDX-License-Identifier: Apache-2.0 */
/* What has begun and what has ended at the time of the appraisal. Intel's library looks at ends alone, and at both of a
 * revocation list. The last second of a validity belongs to it. */
#include <appraisal/dcap_parts.h>

/* The moment to which the appraisal is held, and the earliest end of all that it looks at. */
typedef struct moment {
  qy_examination *examination;
  int64_t now_s;
  qy_text now;
  int64_t *expires_s;
} moment;

static bool has_ended(const moment *at, qy_check_id id, int64_t until_s, const char *what, const char *origin)
{
  *at->expires_s = until_s < *at->expires_s ? until_s : *at->expires_s;
  return !qy_examine(at->examination, id, at->now_s <= until_s,
                     .expected = qy_textf("until %s%s", qy_time_text(until_s).chars, what), .actual = at->now,
                     .origin = origin);
}

static void has_begun(const moment *at, qy_check_id id, int64_t from_s, const char *what, const char *origin)
{
  (void)qy_examine(at->examination, id, at->now_s >= from_s,
                   .expected = qy_textf("from %s on%s", qy_time_text(from_s).chars, what), .actual = at->now,
                   .origin = origin);
}

/* The certificate that ends first and the one that begins last decide. */
static bool look_at_chain(const moment *at, const qy_dcap_chain *chain, qy_check_id expired, qy_check_id early,
                          const char *origin)
{
  if (!chain->whole) {
    return false;
  }
  const qy_sgx_certificate *first_end = chain->list.certificates;
  const qy_sgx_certificate *last_begin = chain->list.certificates;
  for (size_t i = 1; i < chain->list.count; i++) {
    const qy_sgx_certificate *certificate = &chain->list.certificates[i];
    first_end = certificate->not_after_s < first_end->not_after_s ? certificate : first_end;
    last_begin = certificate->not_before_s > last_begin->not_before_s ? certificate : last_begin;
  }
  const qy_text end_name = qy_textf(": %s", qy_view_as_text(first_end->subject.common_name).chars);
  const qy_text begin_name = qy_textf(": %s", qy_view_as_text(last_begin->subject.common_name).chars);
  has_begun(at, early, last_begin->not_before_s, begin_name.chars, origin);
  return has_ended(at, expired, first_end->not_after_s, end_name.chars, origin);
}

static bool is_current(const moment *at, const qy_dcap_crl *crl, const char *origin)
{
  if (!crl->readable) {
    return false;
  }
  const int64_t from_s = crl->list.this_update_s;
  const int64_t until_s = crl->list.next_update_s;
  *at->expires_s = until_s < *at->expires_s ? until_s : *at->expires_s;
  return qy_examine(at->examination, QY_CHECK_CRL_CURRENT, at->now_s >= from_s && at->now_s <= until_s,
                    .expected = qy_textf("from %s to %s", qy_time_text(from_s).chars, qy_time_text(until_s).chars),
                    .actual = at->now, .origin = origin);
}

void qy_dcap_examine_times(qy_dcap_appraisal *appraisal, qy_dcap_times *out)
{
  const qy_dcap_collateral *set = appraisal->set;
  int64_t expires_s = INT64_MAX;
  const moment at = {.examination = &appraisal->examination,
                     .now_s = appraisal->now_s,
                     .now = qy_time_text(appraisal->now_s),
                     .expires_s = &expires_s};
  *out = (qy_dcap_times){0};
  out->pck_chain_expired = look_at_chain(&at, appraisal->pck_chain, QY_CHECK_PCK_CHAIN_EXPIRED,
                                         QY_CHECK_PCK_CHAIN_NOT_YET_VALID, "PCK chain");
  out->tcb_chain_expired = look_at_chain(&at, &set->tcb_chain, QY_CHECK_SIGNING_CHAIN_EXPIRED,
                                         QY_CHECK_SIGNING_CHAIN_NOT_YET_VALID, "signing chain of the TCB info");
  out->identity_chain_expired =
      set->same_chain ? out->tcb_chain_expired
                      : look_at_chain(&at, &set->identity_chain, QY_CHECK_SIGNING_CHAIN_EXPIRED,
                                      QY_CHECK_SIGNING_CHAIN_NOT_YET_VALID, "signing chain of the enclave identity");
  out->root_crl_current = is_current(&at, &set->root_crl, "root CRL");
  out->pck_crl_current = is_current(&at, &set->pck_crl, "PCK CRL");
  if (set->tcb_info_document.readable) {
    has_begun(&at, QY_CHECK_TCB_INFO_ISSUED, set->tcb_info->issued_s, "", "TCB info");
    out->tcb_info_expired = has_ended(&at, QY_CHECK_TCB_INFO_EXPIRED, set->tcb_info->next_update_s, "", "TCB info");
  }
  if (set->identity_document.readable) {
    has_begun(&at, QY_CHECK_IDENTITY_ISSUED, set->identity->issued_s, "", "enclave identity");
    out->identity_expired =
        has_ended(&at, QY_CHECK_IDENTITY_EXPIRED, set->identity->next_update_s, "", "enclave identity");
  }
  appraisal->verdict->expires_s = expires_s == INT64_MAX ? 0 : expires_s;
}
