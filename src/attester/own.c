/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/own.h>

#include <string.h>
#include <time.h>

#include <attester/session.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <quotary/dcap_quote.h>

#define DEVICE_TRIES 3
#define DEVICE_PAUSE_MS 200

/* One run. */
typedef struct own {
  const qy_attest_own_config *config;
  qy_attest_own_result *result;
  qy_enclave_side *side; /* in locked memory */
} own;

void qy_attest_own_result_init(qy_attest_own_result *result)
{
  *result = (qy_attest_own_result){0};
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_init(&result->messages[i], qy_session_limits[i]);
  }
}

void qy_attest_own_result_clear(qy_attest_own_result *result)
{
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_clear(&result->messages[i]);
  }
  qy_vault_free(&result->secret);
  *result = (qy_attest_own_result){0};
}

static qy_status make_hello(void *context, uint8_t out[QY_HELLO_SIZE], qy_trace *trace, qy_error *why)
{
  const own *self = context;
  const qy_view name = qy_view_text(self->config->secret_name);
  memset(out, 0, QY_MSG0_SIZE); /* extended group 0; the EPID group of msg1 is 0 too: there is none */
  QY_TRY(qy_enclave_side_begin(self->side, self->config->provider_key, name, NULL, trace, why));
  return qy_enclave_side_msg1(self->side, out + QY_MSG0_SIZE, 0, qy_random_system(), trace, why);
}

static qy_status ask_device(const own *self, qy_buffer *quote, const uint8_t report_data[QY_REPORT_DATA_SIZE],
                            qy_error *why)
{
  const qy_device *device = self->config->device;
  const char *folder = self->config->folder == NULL ? device->folder : self->config->folder;
  const qy_device_calls *calls = self->config->calls == NULL ? qy_device_calls_system() : self->config->calls;
  const struct timespec pause = {.tv_nsec = DEVICE_PAUSE_MS * 1000000L};
  qy_status status = QY_ERR_BUSY;
  for (int tries = 0; status == QY_ERR_BUSY && tries < DEVICE_TRIES; tries++) {
    if (tries > 0) {
      (void)nanosleep(&pause, NULL);
    }
    status = device->quote(quote, folder, report_data, calls, why);
  }
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "quoting");
}

/* A platform may hand out its whole buffer. What lies behind a quote is signed by nobody, and a provider takes none of it. */
static qy_view without_trailing(qy_view bytes)
{
  qy_dcap_quote quote;
  const bool decoded = qy_dcap_quote_decode(&quote, bytes, NULL) == QY_OK;
  return decoded ? qy_view_slice(bytes, 0, bytes.size - quote.trailing.size) : bytes;
}

static qy_status take_quote(void *context, qy_buffer *quote, qy_view msg2, qy_trace *trace, qy_error *why)
{
  const own *self = context;
  qy_msg2 decoded;
  qy_msg2_answer answer;
  QY_TRY(qy_msg2_decode(&decoded, msg2, why));
  if (decoded.sigrl.size != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "msg2: a revocation list, which only EPID quotes are made under");
  }
  QY_TRY(qy_enclave_side_msg2(self->side, &answer, qy_view_slice(msg2, 0, QY_MSG2_HEAD_SIZE), NULL, qy_random_system(),
                              trace, why));
  QY_SCOPED_BUFFER(given, QY_DEVICE_MAX_QUOTE_SIZE);
  QY_TRY(ask_device(self, &given, answer.report_data, why));
  const qy_view kept = without_trailing(qy_buffer_view(&given));
  qy_buffer_append(quote, kept.bytes, kept.size);
  return QY_OK;
}

static qy_status make_msg3(void *context, uint8_t head[QY_MSG3_HEAD_SIZE], qy_view quote, qy_trace *trace,
                           qy_error *why)
{
  const own *self = context;
  return qy_enclave_side_msg3_own(self->side, head, quote, trace, why);
}

static qy_status take_msg4(void *context, qy_view msg4, qy_trace *trace, qy_error *why)
{
  const own *self = context;
  return qy_enclave_side_msg4(self->side, &self->result->answer, &self->result->secret, msg4, trace, why);
}

qy_status qy_attest_own(qy_attest_own_result *result, const qy_attest_own_config *config,
                        const qy_attest_observer *observer, qy_error *why)
{
  QY_SCOPED_BROKER_CLIENT(broker);
  QY_SCOPED_VAULT(side);
  const size_t name_size = qy_view_text(config->secret_name).size;
  if (name_size == 0 || name_size > QY_MAX_SECRET_NAME) {
    return qy_fail(why, QY_ERR_ARGUMENT, "name of the secret: %zu bytes, 1 to %u", name_size, QY_MAX_SECRET_NAME);
  }
  QY_TRY(qy_broker_client_new(&broker, config->broker_url, config->broker_ca_pem, why));
  QY_TRY(qy_vault_new(&side, sizeof(qy_enclave_side), why));
  own self = {.config = config, .result = result, .side = (qy_enclave_side *)(void *)side.bytes};
  qy_session session = {.broker = broker,
                        .secret_name = config->secret_name,
                        .observer = observer,
                        .trace = &result->trace,
                        .messages = result->messages};
  const qy_session_enclave enclave = {
      .context = &self, .hello = make_hello, .quote = take_quote, .msg3 = make_msg3, .msg4 = take_msg4};
  if (!qy_evidence_kind_find(&session.kind, config->device->tee)) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "%s quotes no kind of TEE that is known here", config->device->name);
  }
  const qy_status status = qy_session_run(&session, &enclave, why);
  result->sessions = session.count;
  return status;
}
