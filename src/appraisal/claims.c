/* SPDX-License-Identifier: Apache-2.0 */
/* What a signed report says of its time, of the request it answers, and of the quote it speaks of. */
#include <appraisal/parts.h>

#include <string.h>

#include <base/encoding.h>

static void check_version(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const bool known = !report->names_version || (report->version >= 3 && report->version <= 5);
  qy_appraisal_check(appraisal, QY_CHECK_AVR_VERSION, known, .expected = qy_textf("3, 4, 5, or none (API version 2)"),
                     .actual = report->names_version ? qy_textf("%lld", (long long)report->version) : qy_textf("none"),
                     .origin = "Intel attestation service API");
}

static void check_time(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const qy_policy *policy = appraisal->policy;
  const qy_text actual = qy_textf("%s", report->timestamp);
  if (!qy_appraisal_check(appraisal, QY_CHECK_AVR_TIMESTAMP, report->has_time,
                          .expected = qy_textf("YYYY-MM-DDThh:mm:ss.ffffff, in UTC"), .actual = actual,
                          .origin = "Intel attestation service API")) {
    return;
  }
  char now[21];
  qy_time_format(now, appraisal->now_s);
  qy_appraisal_check(appraisal, QY_CHECK_AVR_NOT_FUTURE, report->time_s - appraisal->now_s <= policy->clock_skew_s,
                     .expected = qy_textf("at most %lld s after %s", (long long)policy->clock_skew_s, now),
                     .actual = actual, .origin = "policy");
  qy_appraisal_check(appraisal, QY_CHECK_AVR_AGE, appraisal->now_s - report->time_s <= policy->max_age_s,
                     .expected = qy_textf("at most %lld s before %s", (long long)policy->max_age_s, now),
                     .actual = actual, .origin = "policy");
}

/* What to do without an expectation: undecided if the policy demands it, else said to be unconstrained. */
static void without_expectation(qy_appraisal *appraisal, qy_check_id id, bool demanded, const char *what,
                                qy_text actual)
{
  if (demanded) {
    qy_appraisal_undecided(
        appraisal, id, qy_textf("%s, which the policy demands and nobody gave", what), actual,
        "give what was sent with the request; a policy for archived reports can leave it out of \"demands\"");
  } else {
    qy_appraisal_unconstrained(appraisal, id, actual);
  }
}

static void check_nonce(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const qy_view expected = appraisal->evidence->nonce;
  const qy_text actual = report->has_nonce ? qy_textf("%s", report->nonce) : qy_textf("none");
  if (!qy_given(expected)) {
    without_expectation(appraisal, QY_CHECK_AVR_NONCE, appraisal->policy->demands_nonce, "the nonce that was sent",
                        actual);
    return;
  }
  const bool equal = report->has_nonce && expected.size > 0 && qy_view_equal(expected, qy_view_text(report->nonce));
  qy_appraisal_check(appraisal, QY_CHECK_AVR_NONCE, equal,
                     .expected =
                         qy_textf("%.*s", (int)(expected.size < 64 ? expected.size : 64), (const char *)expected.bytes),
                     .actual = actual, .origin = "request");
}

static void check_quote_echo(qy_appraisal *appraisal)
{
  const qy_view echoed = QY_VIEW_OF(appraisal->verdict->report.quote_body);
  const qy_view sent = appraisal->evidence->quote;
  if (!qy_given(sent)) {
    without_expectation(appraisal, QY_CHECK_AVR_QUOTE, appraisal->policy->demands_quote, "the quote that was sent",
                        qy_text_hex(echoed));
    return;
  }
  const bool equal =
      sent.size >= QY_QUOTE_BODY_SIZE && qy_view_equal(qy_view_slice(sent, 0, QY_QUOTE_BODY_SIZE), echoed);
  size_t differs = 0;
  while (differs < sent.size && differs < echoed.size && sent.bytes[differs] == echoed.bytes[differs]) {
    differs++;
  }
  qy_appraisal_check(appraisal, QY_CHECK_AVR_QUOTE, equal,
                     .expected = qy_textf("the first %d bytes of the quote that was sent", QY_QUOTE_BODY_SIZE),
                     .actual = equal ? qy_textf("equal") : qy_textf("different from byte %zu on", differs),
                     .origin = "request");
}

static bool read_quote(qy_appraisal *appraisal)
{
  qy_verdict *verdict = appraisal->verdict;
  qy_error cause = {0};
  const qy_status status = qy_quote_body_decode(&verdict->quote, QY_VIEW_OF(verdict->report.quote_body), &cause);
  verdict->has_quote = qy_appraisal_check(appraisal, QY_CHECK_AVR_QUOTE_BODY, status == QY_OK,
                                          .expected = qy_textf("a quote body of version 1 or 2"),
                                          .actual = status == QY_OK ? qy_textf("version %u", verdict->quote.version)
                                                                    : qy_textf("%s", cause.message),
                                          .origin = "Intel SGX SDK") &&
                       status == QY_OK;
  return verdict->has_quote;
}

static const char *type_name(uint16_t sign_type)
{
  return sign_type == QY_LINKABLE ? "linkable" : "unlinkable";
}

static void check_provider(qy_appraisal *appraisal)
{
  const qy_quote_body *quote = &appraisal->verdict->quote;
  const qy_quote_type_rule rule = appraisal->policy->quote_type;
  qy_appraisal_check(appraisal, QY_CHECK_AVR_XEID, quote->xeid == 0, .expected = qy_textf("0"),
                     .actual = qy_textf("%u", quote->xeid), .origin = "Intel attestation service API");
  if (rule == QY_QUOTE_TYPE_ANY) {
    qy_appraisal_unconstrained(appraisal, QY_CHECK_AVR_QUOTE_TYPE, qy_textf("%s", type_name(quote->sign_type)));
  } else {
    const uint16_t wanted = rule == QY_QUOTE_TYPE_LINKABLE ? QY_LINKABLE : QY_UNLINKABLE;
    qy_appraisal_check(appraisal, QY_CHECK_AVR_QUOTE_TYPE, quote->sign_type == wanted,
                       .expected = qy_textf("%s", type_name(wanted)),
                       .actual = qy_textf("%s", type_name(quote->sign_type)), .origin = "policy");
  }
  const qy_text basename = qy_text_hex(QY_VIEW_OF(quote->basename));
  const uint8_t *spid = appraisal->evidence->spid;
  if (spid == NULL) {
    without_expectation(appraisal, QY_CHECK_AVR_BASENAME, appraisal->policy->demands_spid, "the provider's SPID",
                        basename);
  } else {
    qy_appraisal_check(appraisal, QY_CHECK_AVR_BASENAME, qy_quote_basename_fits(quote, spid),
                       .expected = qy_textf("SPID %s%s", qy_text_hex(qy_view_over(spid, QY_SPID_SIZE)).chars,
                                            quote->sign_type == QY_LINKABLE ? ", then zeros" : ""),
                       .actual = basename, .origin = "request");
  }
}

/* A pseudonym is (B, B^f); its B is recomputed, never believed: with a B of the platform's choosing, the pair would say
 * nothing of who signed. */
static qy_status check_pseudonym(qy_appraisal *appraisal, qy_error *why)
{
  const qy_avr *report = &appraisal->verdict->report;
  const qy_quote_body *quote = &appraisal->verdict->quote;
  if (quote->sign_type != QY_LINKABLE || !report->has_pseudonym) {
    qy_appraisal_check(appraisal, QY_CHECK_AVR_PSEUDONYM, (quote->sign_type == QY_LINKABLE) == report->has_pseudonym,
                       .expected = qy_textf("%s", quote->sign_type == QY_LINKABLE ? "a pseudonym under the basename"
                                                                                  : "none: the quote is unlinkable"),
                       .actual = qy_textf("%s", report->has_pseudonym ? "a pseudonym" : "none"), .origin = "EPID 2.0");
    return QY_OK;
  }
  uint8_t b[64];
  QY_TRY(qy_avr_basename_point(b, quote->basename, why));
  const qy_view k = qy_view_over(report->pseudonym + sizeof(b), sizeof(b));
  const bool holds = memcmp(report->pseudonym, b, sizeof(b)) == 0 && !qy_view_is_zero(k);
  qy_appraisal_check(appraisal, QY_CHECK_AVR_PSEUDONYM, holds,
                     .expected = qy_textf("B %s", qy_text_hex(QY_VIEW_OF(b)).chars),
                     .actual = qy_textf("B %s", qy_text_hex(qy_view_over(report->pseudonym, sizeof(b))).chars),
                     .origin = "EPID 2.0, hash of the basename");
  return QY_OK;
}

qy_status qy_avr_check_claims(qy_appraisal *appraisal, qy_error *why)
{
  check_version(appraisal);
  check_time(appraisal);
  check_nonce(appraisal);
  check_quote_echo(appraisal);
  if (!read_quote(appraisal)) {
    return QY_OK;
  }
  check_provider(appraisal);
  return check_pseudonym(appraisal, why);
}
