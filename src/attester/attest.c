/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/attest.h>

#include <string.h>

#include <attester/session.h>
#include <base/limits.h>
#include <image/td_image.h>

#define ECDSA_QUOTE_VERSION 3 /* what every verifier of enclaves reads */
#define TD_REPORT_VERSION 0   /* TDX 1.0, quoted in version 4: the same of trust domains */

/* One run. */
typedef struct run {
  qy_attest_result *result;
  const qy_attest_config *config;
  const qy_attest_observer *observer;
  qy_broker_client *broker;
  qy_report qe_report; /* on the quote, for the enclave */
} run;

const char *qy_attest_message_name(qy_attest_message message)
{
  static const char *const names[QY_ATTEST_MESSAGE_COUNT] = {"msg0 and msg1", "msg2", "quote", "msg3", "msg4"};
  return (unsigned)message < QY_ATTEST_MESSAGE_COUNT ? names[message] : "unknown";
}

void qy_attest_result_init(qy_attest_result *result)
{
  *result = (qy_attest_result){0};
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_init(&result->messages[i], qy_session_limits[i]);
  }
}

void qy_attest_result_clear(qy_attest_result *result)
{
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_clear(&result->messages[i]);
  }
  if (result->has_enclave) {
    qy_enclave_handle_close(&result->enclave);
  }
  *result = (qy_attest_result){0};
}

/* ---- Before the session ---- */

static qy_status launch(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_platform *platform = self->config->platform;
  const bool domain = result->evidence == QY_EVIDENCE_TDX;
  const qy_status status = (domain ? platform->functions->launch_td : platform->functions->launch)(
      platform, &result->enclave, self->config->image, &result->machine_trace, why);
  for (size_t i = 0; self->observer->checked != NULL && i < result->machine_trace.count; i++) {
    self->observer->checked(self->observer->context, &result->machine_trace.records[i]);
  }
  if (status != QY_OK) {
    return qy_fail_in(why, status, "launching the %s", domain ? "trust domain" : "enclave");
  }
  result->has_enclave = true;
  if (self->observer->launched != NULL) {
    self->observer->launched(self->observer->context, &result->enclave);
  }
  return QY_OK;
}

/* What the platform can make of the image. */
static bool can_make(const qy_attest_config *config, qy_evidence_kind kind)
{
  const qy_platform_functions *functions = config->platform->functions;
  if (qy_is_td_image(config->image)) {
    return kind == QY_EVIDENCE_TDX && functions->launch_td != NULL;
  }
  return (kind == QY_EVIDENCE_EPID && functions->init_quote != NULL) ||
         (kind == QY_EVIDENCE_SGX && functions->init_dcap != NULL);
}

static const char *what_image(const qy_attest_config *config)
{
  return qy_is_td_image(config->image) ? "trust domain" : "enclave";
}

static qy_status choose_from(qy_evidence_kind *out, const run *self, const qy_att_key_list *offered, qy_error *why)
{
  for (size_t i = 0; i < offered->count; i++) {
    if (qy_evidence_kind_of_key(out, &offered->ids[i]) && can_make(self->config, *out)) {
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "the broker takes no evidence for %s that this platform can make of this %s",
                 self->config->secret_name, what_image(self->config));
}

/* As the caller says, or what the broker likes best. One that does not tell is one of before it could: EPID. */
static qy_status choose_evidence(run *self, qy_error *why)
{
  qy_att_key_list offered;
  qy_evidence_kind *kind = &self->result->evidence;
  if (self->config->evidence != NULL) {
    *kind = *self->config->evidence;
    if (!can_make(self->config, *kind)) {
      return qy_fail(why, QY_ERR_UNSUPPORTED, "this platform makes no evidence \"%s\" of this %s",
                     qy_evidence_kind_name(*kind), what_image(self->config));
    }
  } else {
    qy_error reason = {0};
    const qy_status told = qy_broker_client_keys(self->broker, &offered, self->config->secret_name, &reason);
    if (told == QY_ERR_NOT_FOUND && can_make(self->config, QY_EVIDENCE_EPID)) {
      *kind = QY_EVIDENCE_EPID;
    } else if (told == QY_ERR_NOT_FOUND) {
      return qy_fail(why, QY_ERR_UNSUPPORTED, "the broker takes EPID alone, and this platform makes none of this %s",
                     what_image(self->config));
    } else if (told != QY_OK) {
      return qy_fail(why, told, "%s", reason.message);
    } else {
      QY_TRY(choose_from(kind, self, &offered, why));
    }
  }
  if (self->observer->chosen != NULL) {
    self->observer->chosen(self->observer->context, *kind);
  }
  return QY_OK;
}

static qy_status prepare_quoting(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_platform *platform = self->config->platform;
  if (result->evidence == QY_EVIDENCE_TDX) {
    return QY_OK; /* a trust domain's report is for nobody in particular */
  }
  const qy_status status = result->evidence == QY_EVIDENCE_EPID
                               ? platform->functions->init_quote(platform, &result->qe, &result->group_id, why)
                               : platform->functions->init_dcap(platform, &result->qe, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "making ready to quote");
  }
  if (self->observer->quoting != NULL) {
    self->observer->quoting(self->observer->context, &result->qe, result->group_id);
  }
  return QY_OK;
}

/* ---- The session ---- */

static qy_status make_hello(void *context, uint8_t out[QY_HELLO_SIZE], qy_trace *trace, qy_error *why)
{
  const run *self = context;
  qy_attest_result *result = self->result;
  memset(out, 0, QY_MSG0_SIZE); /* extended group 0, the only one in use */
  QY_TRY(qy_sample_call_begin(&result->enclave, qy_view_text(self->config->secret_name), trace, why));
  return qy_sample_call_msg1(&result->enclave, out + QY_MSG0_SIZE, result->group_id, trace, why);
}

static qy_status quote_by_epid(run *self, qy_buffer *quote, const qy_msg2_parts *parts, const qy_sample_report *report,
                               qy_error *why)
{
  qy_platform *platform = self->config->platform;
  const qy_quote_request request = {.report = &report->report,
                                    .quote_type = (uint16_t)parts->sign_type,
                                    .spid = parts->spid,
                                    .nonce = report->nonce,
                                    .sigrl = parts->sigrl};
  QY_TRY(platform->functions->quote(platform, quote, &self->qe_report, &request, why));
  return quote->size == parts->quote_size
             ? QY_OK
             : qy_fail(why, QY_ERR_MALFORMED, "%zu bytes of quote, %zu expected for this revocation list", quote->size,
                       parts->quote_size);
}

static qy_status quote_by_ecdsa(run *self, qy_buffer *quote, const qy_sample_report *report, qy_error *why)
{
  qy_platform *platform = self->config->platform;
  const qy_dcap_request request = {.version = ECDSA_QUOTE_VERSION, .report = &report->report, .nonce = report->nonce};
  return platform->functions->quote_dcap(platform, quote, &self->qe_report, &request, why);
}

static qy_status quote_domain(run *self, qy_buffer *quote, const qy_msg2_parts *parts, qy_trace *trace, qy_error *why)
{
  qy_platform *platform = self->config->platform;
  uint8_t report[QY_TD_REPORT_SIZE];
  QY_TRY(qy_sample_call_msg2_td(&self->result->enclave, report, TD_REPORT_VERSION, parts->head, trace, why));
  const qy_status status = platform->functions->quote_td(platform, quote, report, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "quoting");
}

static qy_status quote_enclave(run *self, qy_buffer *quote, const qy_msg2_parts *parts, qy_trace *trace, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_sample_report report;
  QY_TRY(qy_sample_call_msg2(&result->enclave, &report, parts->head, &result->qe, trace, why));
  const qy_status status = result->evidence == QY_EVIDENCE_EPID ? quote_by_epid(self, quote, parts, &report, why)
                                                                : quote_by_ecdsa(self, quote, &report, why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "quoting");
}

/* A report for the quoting enclave, and its quote. */
static qy_status make_quote(void *context, qy_buffer *quote, qy_view msg2, qy_trace *trace, qy_error *why)
{
  run *self = context;
  qy_msg2_parts parts;
  QY_TRY(qy_msg2_split(&parts, msg2, why));
  return self->result->evidence == QY_EVIDENCE_TDX ? quote_domain(self, quote, &parts, trace, why)
                                                   : quote_enclave(self, quote, &parts, trace, why);
}

static qy_status make_msg3(void *context, uint8_t head[QY_MSG3_HEAD_SIZE], qy_view quote, qy_trace *trace,
                           qy_error *why)
{
  const run *self = context;
  if (self->result->evidence == QY_EVIDENCE_TDX) {
    return qy_sample_call_msg3_td(&self->result->enclave, head, quote, trace, why);
  }
  return qy_sample_call_msg3(&self->result->enclave, head, quote, &self->qe_report, trace, why);
}

static qy_status take_msg4(void *context, qy_view msg4, qy_trace *trace, qy_error *why)
{
  const run *self = context;
  return qy_sample_call_msg4(&self->result->enclave, &self->result->outcome, msg4, trace, why);
}

static qy_status run_session(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_session session = {.broker = self->broker,
                        .secret_name = self->config->secret_name,
                        .kind = result->evidence,
                        .observer = self->observer,
                        .trace = &result->trace,
                        .messages = result->messages};
  const qy_session_enclave enclave = {
      .context = self, .hello = make_hello, .quote = make_quote, .msg3 = make_msg3, .msg4 = take_msg4};
  const qy_status status = qy_session_run(&session, &enclave, why);
  result->sessions = session.count;
  return status;
}

qy_status qy_attest(qy_attest_result *result, const qy_attest_config *config, const qy_attest_observer *observer,
                    qy_error *why)
{
  static const qy_attest_observer nobody = {0};
  QY_SCOPED_BROKER_CLIENT(broker);
  run self = {.result = result, .config = config, .observer = observer == NULL ? &nobody : observer};
  const size_t name_size = qy_view_text(config->secret_name).size;
  if (name_size == 0 || name_size > QY_MAX_SECRET_NAME) {
    return qy_fail(why, QY_ERR_ARGUMENT, "name of the secret: %zu bytes, 1 to %u", name_size, QY_MAX_SECRET_NAME);
  }
  QY_TRY(qy_broker_client_new(&broker, config->broker_url, config->broker_ca_pem, why));
  self.broker = broker;
  QY_TRY(choose_evidence(&self, why));
  QY_TRY(launch(&self, why));
  QY_TRY(prepare_quoting(&self, why));
  return run_session(&self, why);
}
