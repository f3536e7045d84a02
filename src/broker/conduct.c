/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's part of an attestation: from messages to a verdict, and to a secret. */
#include <broker/service.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/log.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <net/http_client.h>

#define NONCE_SIZE 16

/* A fault of ours or of the report service is no refusal, whatever its own cause is called. */
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

qy_status qy_broker_answer_hello(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view hello, qy_error *why)
{
  QY_SCOPED_BUFFER(sigrl, QY_MAX_SIGRL_SIZE);
  qy_provider_side_begin(&session->side, QY_EVIDENCE_EPID);
  QY_TRY(heard(qy_provider_side_msg1(&session->side, &session->group_id, hello, NULL, why), why));
  qy_status status = qy_report_client_sigrl(&sigrl, broker->reports, session->group_id, qy_clock_steady_ms(), why);
  if (status == QY_ERR_NOT_FOUND) {
    return QY_ERR_REFUSED; /* msg1 names a group that nobody is in */
  }
  if (status == QY_OK) {
    status = say_msg2(out, session, broker, qy_buffer_view(&sigrl), why);
  }
  return not_decided(status, why);
}

/* ---- msg3: verdict ---- */

/* What is made of one msg3. The verdict is large, and on the heap. */
typedef struct conduct {
  qy_broker *broker;
  qy_session *session;
  qy_msg3_evidence evidence; /* borrows msg3 */
  char nonce[2 * NONCE_SIZE + 1];
  qy_signed_report report;
  qy_policy policy;
  bool is_known;      /* there is such a secret */
  qy_trace *exchange; /* the checks that bound the evidence to this session */
  qy_verdict *verdict;
} conduct;

static void conduct_clear(conduct *this)
{
  qy_signed_report_clear(&this->report);
  free(this->exchange);
  free(this->verdict);
}

/* A policy that no enclave fits, under whatever root the report has: whoever asks for a secret that is not there is
 * treated, and answered, as one who may not have it. */
static void policy_for_nobody(qy_policy *out, qy_view chain_header)
{
  QY_SCOPED_BUFFER(pem, 65536);
  QY_SCOPED_CHAIN(chain);
  qy_policy_built_in(out);
  out->built_in = false;
  out->statuses = UINT32_MAX;
  qy_http_decode_append(&pem, chain_header);
  if (qy_chain_from_pem(&chain, qy_buffer_view(&pem), NULL) == QY_OK && chain.count > 0) {
    qy_certificate_fingerprint(out->simulated_roots[0].fingerprint, chain.certificates[chain.count - 1]);
    out->simulated_root_count = 1;
  }
}

static qy_status find_policy(conduct *this, qy_error *why)
{
  const qy_status status =
      qy_broker_policy_load(&this->policy, this->broker->settings.folder, this->session->secret_name, NULL, why);
  this->is_known = status == QY_OK;
  if (status == QY_OK) {
    this->policy.demands_quote = this->policy.demands_nonce = this->policy.demands_spid = true;
  }
  return status == QY_ERR_NOT_FOUND ? QY_OK : status;
}

static qy_status ask_for_report(conduct *this, qy_error *why)
{
  uint8_t nonce[NONCE_SIZE];
  QY_TRY(qy_random_fill(qy_random_system(), nonce, sizeof(nonce), why));
  qy_hex_encode(this->nonce, QY_VIEW_OF(nonce));
  return qy_report_client_report(&this->report, this->broker->reports, this->evidence.bytes, this->evidence.ps_sec_prop,
                                 this->nonce, why);
}

static qy_avr_evidence evidence_of(const conduct *this)
{
  return (qy_avr_evidence){
      .body = qy_buffer_view(&this->report.body),
      .signature = this->report.signature.size > 0 ? qy_buffer_view(&this->report.signature) : (qy_view){0},
      .chain = this->report.chain.size > 0 ? qy_buffer_view(&this->report.chain) : (qy_view){0},
      .quote = this->evidence.bytes,
      .nonce = qy_view_text(this->nonce),
      .pse_manifest = this->evidence.ps_sec_prop.size > 0 ? this->evidence.ps_sec_prop : (qy_view){0},
      .spid = this->broker->settings.spid};
}

static void log_verdict(const conduct *this)
{
  const qy_verdict *verdict = this->verdict;
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  qy_log(verdict->trust == QY_TRUSTED ? QY_LOG_INFO : QY_LOG_WARNING, "broker", "session %s of %s: \"%s\": %s%s%s%s%s",
         this->session->id, this->session->peer, this->session->secret_name, qy_trust_name(verdict->trust),
         verdict->simulated ? ", simulated" : "", this->is_known ? "" : ", there is no such secret",
         failed == NULL ? "" : ", by ", failed == NULL ? "" : qy_check_name(failed->id));
  if (failed != NULL) {
    qy_log(QY_LOG_INFO, "broker", "session %s: expected %s, found %s", this->session->id, failed->expected.chars,
           failed->actual.chars);
  }
}

/* The verdict's checks as they were made: first those of the exchange, then those of the appraisal. */
static void put_first(qy_trace *trace, const qy_trace *earlier)
{
  const size_t count =
      earlier->count + trace->count <= QY_TRACE_CAPACITY ? earlier->count : QY_TRACE_CAPACITY - trace->count;
  memmove(trace->records + count, trace->records, trace->count * sizeof(trace->records[0]));
  memcpy(trace->records, earlier->records, count * sizeof(trace->records[0]));
  trace->count += count;
  trace->dropped += earlier->count - count;
}

static qy_status appraise(conduct *this, qy_error *why)
{
  if (!this->is_known) {
    policy_for_nobody(&this->policy, qy_buffer_view(&this->report.chain));
  }
  this->verdict = malloc(sizeof(*this->verdict));
  if (this->verdict == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a verdict");
  }
  qy_error ignored = {0};
  const qy_avr_evidence asked = evidence_of(this);
  const qy_status status = qy_avr_appraise(this->verdict, &asked, &this->policy, qy_clock_now_s(), why);
  put_first(&this->verdict->trace, this->exchange);
  log_verdict(this);
  if (qy_archive_keep(this->broker->archive, this->session->id, this->session->secret_name, &this->report, &asked,
                      this->verdict, &ignored) != QY_OK) {
    qy_log(QY_LOG_ERROR, "broker", "session %s: the report was not kept: %s", this->session->id, ignored.message);
  }
  QY_TRY(status);
  return this->verdict->trust == QY_UNDECIDED ? qy_fail(why, QY_ERR_BUSY, "the appraisal reached no verdict") : QY_OK;
}

/* The client's list is not the service's any more. Nothing is wrong with the platform: it signs anew under the new
 * list. Only a report that is authentic can say so. */
static qy_status check_list_is_current(const conduct *this, qy_error *why)
{
  if (!this->verdict->authentic || !this->verdict->has_report ||
      this->verdict->report.status != QY_AVR_SIGRL_VERSION_MISMATCH) {
    return QY_OK;
  }
  qy_report_client_forget_sigrl(this->broker->reports, this->session->group_id);
  return qy_fail(why, QY_ERR_SEQUENCE, "the revocation list changed meanwhile: begin a new session");
}

/* ---- msg4 ---- */

static qy_status seal(qy_buffer *out, conduct *this, qy_view secret, qy_error *why)
{
  uint8_t info[QY_PLATFORM_INFO_SIZE];
  const qy_verdict *verdict = this->verdict;
  const qy_check_record *signature = qy_trace_find(&verdict->trace, QY_CHECK_PLATFORM_INFO_SIGNATURE);
  const bool has_info = verdict->has_platform_info && signature != NULL && signature->outcome != QY_OUTCOME_FAILED;
  if (has_info) {
    qy_platform_info_encode(info, &verdict->platform_info);
  }
  const qy_msg4_content content = {.verdict = verdict->trust,
                                   .simulated = verdict->simulated,
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
static qy_status release(qy_buffer *out, conduct *this, qy_error *why)
{
  QY_SCOPED_VAULT(secret);
  QY_TRY(qy_broker_secret_load(&secret, this->broker->settings.folder, this->session->secret_name, why));
  QY_TRY(qy_ledger_release(this->broker->ledger, this->session->id, this->session->secret_name, this->verdict,
                           qy_clock_now_s(), why));
  return seal(out, this, qy_view_over(secret.bytes, secret.size), why);
}

static qy_status reach_verdict(conduct *this, qy_error *why)
{
  QY_TRY(find_policy(this, why));
  QY_TRY(ask_for_report(this, why));
  return appraise(this, why);
}

qy_status qy_broker_answer_msg3(qy_buffer *out, qy_session *session, qy_broker *broker, qy_view msg3, qy_error *why)
{
  __attribute__((cleanup(conduct_clear))) conduct this = {.broker = broker, .session = session};
  qy_signed_report_init(&this.report);
  this.exchange = calloc(1, sizeof(*this.exchange));
  if (this.exchange == NULL) {
    return not_decided(qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a trace"), why);
  }
  QY_TRY(
      heard(qy_provider_side_msg3(&session->side, &this.evidence, &broker->provider, msg3, this.exchange, why), why));
  const qy_status status = reach_verdict(&this, why);
  if (this.verdict != NULL) {
    QY_TRY(check_list_is_current(&this, why));
  }
  QY_TRY(not_decided(status, why));
  return not_decided(this.verdict->trust == QY_TRUSTED && this.is_known ? release(out, &this, why)
                                                                        : seal(out, &this, (qy_view){0}, why),
                     why);
}
