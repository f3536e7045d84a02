/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's part of an attestation: from messages to a verdict, and to a secret. */
#include <broker/conduct.h>

#include <stdlib.h>
#include <string.h>

#include <base/file.h>
#include <base/log.h>
#include <broker/offers.h>
#include <crypto/random.h>

/* A fault of ours or of those we ask is no refusal, whatever its own cause is called. */
static qy_status not_decided(qy_status status, qy_error *why)
{
  if (status != QY_OK) {
    (void)qy_fail_in(why, status, "%s", qy_status_name(status));
    why->status = QY_ERR_BUSY;
  }
  return status == QY_OK ? QY_OK : QY_ERR_BUSY;
}

/* What the other side sent is wrong: that is a refusal. The message of `why` names the check. */
static qy_status heard(qy_status status, qy_error *why)
{
  switch (status) {
  case QY_OK:
    return QY_OK;
  case QY_ERR_REFUSED:
  case QY_ERR_TRUNCATED:
  case QY_ERR_MALFORMED:
  case QY_ERR_UNSUPPORTED:
  case QY_ERR_LIMIT:
    return QY_ERR_REFUSED;
  default:
    return not_decided(status, why);
  }
}

/* ---- msg0 alone ---- */

qy_status qy_broker_answer_msg0(qy_buffer *out, qy_broker *broker, const char *secret_name, qy_view bytes,
                                qy_error *why)
{
  qy_msg0 msg0;
  qy_att_key_list list;
  unsigned kinds = 0;
  QY_TRY(heard(qy_msg0_decode(&msg0, bytes, why), why));
  if (!qy_check(NULL, QY_CHECK_EXTENDED_GROUP, msg0.extended_group_id == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", msg0.extended_group_id), .origin = "Intel's attestation service")) {
    return qy_fail(why, QY_ERR_REFUSED, "msg0: extended group %u (%s)", msg0.extended_group_id,
                   qy_check_name(QY_CHECK_EXTENDED_GROUP));
  }
  QY_TRY(not_decided(qy_broker_offer(&kinds, broker, secret_name, why), why));
  qy_evidence_offer(&list, kinds, broker->settings.spid, broker->settings.quote_type);
  uint8_t *place = qy_buffer_extend(out, QY_ATT_KEY_LIST_SIZE(list.count));
  if (place == NULL) {
    return not_decided(qy_fail(why, QY_ERR_MEMORY, "key list: no memory"), why);
  }
  qy_att_key_list_encode(place, &list);
  return QY_OK;
}

/* ---- msg1 ---- */

static qy_status say_msg2(qy_buffer *out, qy_session *session, const qy_broker *broker, qy_view sigrl, qy_error *why)
{
  size_t size = 0;
  QY_TRY(qy_provider_msg2_size(&size, sigrl, why));
  uint8_t *bytes = qy_buffer_extend(out, size);
  if (bytes == NULL) {
    return qy_fail(why, QY_ERR_LIMIT, "msg2: %zu bytes are too many to send", size);
  }
  return qy_provider_side_msg2(&session->side, bytes, size, &size, &broker->provider, sigrl, qy_random_system(), NULL,
                               why);
}

/* Of an EPID group; ECDSA evidence has its lists among the collateral. */
static qy_status find_list(qy_buffer *out, const qy_session *session, qy_broker *broker, qy_error *why)
{
  return session->kind == QY_EVIDENCE_EPID
             ? qy_report_client_sigrl(out, broker->reports, session->group_id, qy_clock_steady_ms(), why)
             : QY_OK;
}

qy_status qy_broker_answer_hello(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view hello, qy_error *why)
{
  QY_SCOPED_BUFFER(sigrl, QY_MAX_SIGRL_SIZE);
  qy_provider_side_begin(&session->side, session->kind);
  QY_TRY(heard(qy_provider_side_msg1(&session->side, &session->group_id, hello, NULL, why), why));
  qy_status status = find_list(&sigrl, session, broker, why);
  if (status == QY_ERR_NOT_FOUND) {
    return QY_ERR_REFUSED; /* msg1 names a group that nobody is in */
  }
  if (status == QY_OK) {
    status = say_msg2(out, session, broker, qy_buffer_view(&sigrl), why);
  }
  return not_decided(status, why);
}

/* ---- msg3: verdict ---- */

static void conduct_clear(qy_conduct *this)
{
  free(this->exchange);
  free(this->epid);
  free(this->ecdsa);
}

void qy_conduct_policy_for_nobody(qy_policy *out, const uint8_t root[QY_FINGERPRINT_SIZE])
{
  qy_policy_built_in(out);
  out->built_in = false;
  out->statuses = UINT32_MAX;
  out->tcb_statuses = UINT32_MAX;
  if (root != NULL) {
    memcpy(out->simulated_roots[0].fingerprint, root, QY_FINGERPRINT_SIZE);
    out->simulated_root_count = 1;
  }
}

/* The verdict's checks as they were made: first those of the exchange, then those of the appraisal. */
void qy_conduct_put_exchange_first(qy_trace *trace, const qy_conduct *conduct)
{
  const qy_trace *earlier = conduct->exchange;
  const size_t count =
      earlier->count + trace->count <= QY_TRACE_CAPACITY ? earlier->count : QY_TRACE_CAPACITY - trace->count;
  memmove(trace->records + count, trace->records, trace->count * sizeof(trace->records[0]));
  memcpy(trace->records, earlier->records, count * sizeof(trace->records[0]));
  trace->count += count;
  trace->dropped += earlier->count - count;
}

void qy_conduct_log(const qy_conduct *conduct, const qy_trace *trace)
{
  const qy_session *session = conduct->session;
  const qy_check_record *failed = qy_trace_failed(trace);
  qy_log(conduct->trust == QY_TRUSTED ? QY_LOG_INFO : QY_LOG_WARNING, "broker",
         "session %s of %s: \"%s\": %s, %s%s%s%s%s", session->id, session->peer, session->secret_name,
         qy_trust_name(conduct->trust), qy_evidence_kind_name(session->kind), conduct->simulated ? ", simulated" : "",
         conduct->is_known ? "" : ", there is no such secret", failed == NULL ? "" : ", by ",
         failed == NULL ? "" : qy_check_name(failed->id));
  if (failed != NULL) {
    qy_log(QY_LOG_INFO, "broker", "session %s: expected %s, found %s", session->id, failed->expected.chars,
           failed->actual.chars);
  }
}

static qy_status find_policy(qy_conduct *this, qy_error *why)
{
  const qy_status status =
      qy_broker_policy_load(&this->policy, this->broker->settings.folder, this->session->secret_name, NULL, why);
  this->is_known = status == QY_OK;
  if (status == QY_OK) {
    this->policy.demands_quote = this->policy.demands_nonce = this->policy.demands_spid = true;
    this->policy.demands_report_data = true;
  }
  return status == QY_ERR_NOT_FOUND ? QY_OK : status;
}

static qy_status reach_verdict(qy_conduct *this, qy_error *why)
{
  QY_TRY(find_policy(this, why));
  return this->evidence.kind == QY_EVIDENCE_EPID ? qy_conduct_appraise_epid(this, why)
                                                 : qy_conduct_appraise_ecdsa(this, why);
}

/* ---- msg4 ---- */

static qy_status seal(qy_buffer *out, qy_conduct *this, qy_view secret, qy_error *why)
{
  uint8_t info[QY_PLATFORM_INFO_SIZE];
  const qy_verdict *epid = this->epid;
  const qy_check_record *signature =
      epid == NULL ? NULL : qy_trace_find(&epid->trace, QY_CHECK_PLATFORM_INFO_SIGNATURE);
  const bool has_info = signature != NULL && epid->has_platform_info && signature->outcome != QY_OUTCOME_FAILED;
  if (has_info) {
    qy_platform_info_encode(info, &epid->platform_info);
  }
  const qy_msg4_content content = {.verdict = this->trust,
                                   .simulated = this->simulated,
                                   .platform_info = has_info ? info : NULL,
                                   .secret = secret,
                                   .secret_name = qy_view_text(this->session->secret_name)};
  size_t size = qy_msg4_size(&content);
  uint8_t *bytes = qy_buffer_extend(out, size);
  if (bytes == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "msg4: no memory");
  }
  return qy_provider_side_msg4(&this->session->side, bytes, size, &size, &content, qy_random_system(), NULL, why);
}

/* Recorded first, released then: a crash between the two leaves a record of a secret that never left, not the other
 * way round. */
static qy_status release(qy_buffer *out, qy_conduct *this, qy_error *why)
{
  QY_SCOPED_VAULT(secret);
  QY_TRY(qy_broker_secret_load(&secret, this->broker->settings.folder, this->session->secret_name, why));
  QY_TRY(qy_ledger_release(this->broker->ledger, this->session->id, this->session->secret_name, &this->release,
                           qy_clock_now_s(), why));
  return seal(out, this, qy_view_over(secret.bytes, secret.size), why);
}

qy_status qy_broker_answer_msg3(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view msg3, qy_error *why)
{
  __attribute__((cleanup(conduct_clear))) qy_conduct this = {.broker = broker, .session = session};
  this.exchange = calloc(1, sizeof(*this.exchange));
  if (this.exchange == NULL) {
    return not_decided(qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a trace"), why);
  }
  QY_TRY(
      heard(qy_provider_side_msg3(&session->side, &this.evidence, &broker->provider, msg3, this.exchange, why), why));
  const qy_status status = reach_verdict(&this, why);
  if (this.list_changed) {
    return status;
  }
  QY_TRY(not_decided(status, why));
  return not_decided(
      this.trust == QY_TRUSTED && this.is_known ? release(out, &this, why) : seal(out, &this, (qy_view){0}, why), why);
}
