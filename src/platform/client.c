/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated machine from outside: each request is a conversation of its own with the platform service, so that
 * none can be left over from another. */
#include <platform/platform.h>

#include <stdlib.h>
#include <string.h>

#include <base/cursor.h>
#include <base/file.h>
#include <enclave/caller.h>
#include <net/stream.h>
#include <platform/wire.h>
#include <simulated/cpu.h>

#define SEND_MS 30000
#define PATIENCE_MS 150000       /* a provisioning may be under way */
#define PATIENCE_PER_ENTRY_MS 50 /* for each entry of a revocation list, which costs the signer a proof */
#define MAX_DESCRIPTION (1u << 20)

typedef struct simulated {
  qy_platform platform; /* first: this is what callers hold */
  char socket_path[QY_PATH_SIZE];
} simulated;

static const simulated *simulated_of(const qy_platform *platform)
{
  return (const simulated *)(const void *)platform;
}

typedef struct request {
  uint16_t kind;
  qy_view payload;
  int descriptor;
  size_t max_answer_size;
  int patience_ms;
} request;

static qy_status ask(const qy_platform *platform, const request *asked, qy_buffer *out, int *descriptor,
                     qy_trace *trace, qy_error *why)
{
  QY_SCOPED_FD(socket);
  QY_TRY(qy_unix_connect(&socket, simulated_of(platform)->socket_path, why));
  const qy_channel channel = {.socket = socket,
                              .timeout_ms = SEND_MS,
                              .patience_ms = asked->patience_ms,
                              .takes_descriptor = descriptor != NULL};
  const qy_channel_call call = {.kind = asked->kind,
                                .payload = asked->payload,
                                .send_descriptor = asked->descriptor,
                                .origin = "the platform service",
                                .max_answer_size = asked->max_answer_size};
  return qy_channel_ask(&channel, &call, out, descriptor, trace, NULL, why);
}

/* The same; who refuses there names the check, and so does the failure here. */
static qy_status ask_and_name_check(const qy_platform *platform, const request *asked, qy_buffer *out, qy_error *why)
{
  qy_trace *trace = calloc(1, sizeof(*trace)); /* large: not on the stack */
  if (trace == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "platform service: out of memory");
  }
  qy_status status = ask(platform, asked, out, NULL, trace, why);
  const qy_check_record *failed = qy_trace_failed(trace);
  if (status == QY_ERR_REFUSED && failed != NULL) {
    status = qy_fail_in(why, status, "check %s", qy_check_name(failed->id));
  }
  free(trace);
  return status;
}

static qy_status init_quote(qy_platform *platform, qy_target_info *target, uint32_t *gid, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, QY_TARGET_INFO_SIZE + 4);
  const request asked = {
      .kind = QY_PLATFORM_INIT_QUOTE, .descriptor = -1, .max_answer_size = answer.limit, .patience_ms = PATIENCE_MS};
  *target = (qy_target_info){0};
  *gid = 0;
  QY_TRY(ask_and_name_check(platform, &asked, &answer, why));
  qy_reader in = qy_reader_over(qy_buffer_view(&answer));
  const qy_view bytes = qy_read_view(&in, QY_TARGET_INFO_SIZE, "target info");
  const uint32_t number = qy_read_u32le(&in, "group id");
  QY_TRY(qy_read_finish(&in, "platform service: answer", why));
  QY_TRY(qy_target_info_decode(target, bytes, why));
  *gid = number;
  return QY_OK;
}

static int patience_for(qy_view sigrl)
{
  const size_t entries = sigrl.size / 128;
  return entries > QY_MAX_SIGRL_ENTRIES ? PATIENCE_MS : PATIENCE_MS + (int)entries * PATIENCE_PER_ENTRY_MS;
}

/* Quote, and the quoting enclave's report exactly when a nonce asked for it. */
static qy_status ask_for_quote(qy_platform *platform, qy_buffer *out, qy_report *qe_report, const request *asked,
                               qy_error *why)
{
  QY_SCOPED_BUFFER(answer, asked->max_answer_size);
  qy_view bytes;
  qy_report report;
  bool has_report = false;
  QY_TRY(ask_and_name_check(platform, asked, &answer, why));
  QY_TRY(qy_wire_quote_answer_decode(&has_report, &report, &bytes, qy_buffer_view(&answer), why));
  if (has_report != (qe_report != NULL)) {
    return qy_fail(why, QY_ERR_MALFORMED, "platform service: a quote %s report", has_report ? "with a" : "without a");
  }
  qy_buffer_append(out, bytes.bytes, bytes.size);
  QY_TRY(qy_buffer_finish(out, "quote", why));
  if (qe_report != NULL) {
    *qe_report = report;
  }
  return QY_OK;
}

static qy_status need_both(const uint8_t *nonce, const qy_report *qe_report, qy_error *why)
{
  return (nonce != NULL) == (qe_report != NULL)
             ? QY_OK
             : qy_fail(why, QY_ERR_ARGUMENT, "quote: a nonce and a report of the quoting enclave belong together");
}

static qy_status quote(qy_platform *platform, qy_buffer *out, qy_report *qe_report, const qy_quote_request *asked,
                       qy_error *why)
{
  QY_SCOPED_BUFFER(payload, QY_PLATFORM_MAX_REQUEST);
  QY_TRY(need_both(asked->nonce, qe_report, why));
  QY_TRY(qy_wire_quote_encode(&payload, asked, why));
  const request to_send = {.kind = QY_PLATFORM_QUOTE,
                           .payload = qy_buffer_view(&payload),
                           .descriptor = -1,
                           .max_answer_size = QY_PLATFORM_MAX_ANSWER,
                           .patience_ms = patience_for(asked->sigrl)};
  return ask_for_quote(platform, out, qe_report, &to_send, why);
}

static qy_status init_dcap(qy_platform *platform, qy_target_info *target, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, QY_TARGET_INFO_SIZE);
  const request asked = {
      .kind = QY_PLATFORM_INIT_DCAP, .descriptor = -1, .max_answer_size = answer.limit, .patience_ms = PATIENCE_MS};
  *target = (qy_target_info){0};
  QY_TRY(ask_and_name_check(platform, &asked, &answer, why));
  return qy_target_info_decode(target, qy_buffer_view(&answer), why);
}

static qy_status quote_dcap(qy_platform *platform, qy_buffer *out, qy_report *qe_report, const qy_dcap_request *asked,
                            qy_error *why)
{
  QY_SCOPED_BUFFER(payload, QY_PLATFORM_DCAP_REQUEST_SIZE);
  QY_TRY(need_both(asked->nonce, qe_report, why));
  QY_TRY(qy_wire_dcap_encode(&payload, asked, why));
  const request to_send = {.kind = QY_PLATFORM_QUOTE_DCAP,
                           .payload = qy_buffer_view(&payload),
                           .descriptor = -1,
                           .max_answer_size = 1 + QY_REPORT_SIZE + QY_PLATFORM_MAX_DCAP_QUOTE,
                           .patience_ms = PATIENCE_MS};
  return ask_for_quote(platform, out, qe_report, &to_send, why);
}

static qy_status read_launched(qy_enclave_handle *out, qy_view payload, qy_error *why)
{
  qy_report_body identity;
  qy_reader in = qy_reader_over(payload);
  out->page_count = qy_read_u32le(&in, "pages");
  const qy_view body = qy_read_view(&in, QY_REPORT_BODY_SIZE, "identity");
  QY_TRY(qy_read_finish(&in, "platform service: answer", why));
  QY_TRY(qy_report_body_decode(&identity, body, why));
  memcpy(out->mrenclave, identity.mr_enclave, sizeof(out->mrenclave));
  memcpy(out->mrsigner, identity.mr_signer, sizeof(out->mrsigner));
  out->attributes = identity.attributes;
  out->isv_prod_id = identity.isv_prod_id;
  out->isv_svn = identity.isv_svn;
  return QY_OK;
}

static qy_status read_launched_td(qy_enclave_handle *out, qy_view payload, qy_error *why)
{
  qy_reader in = qy_reader_over(payload);
  out->is_trust_domain = true;
  out->page_count = qy_read_u32le(&in, "pages");
  qy_read_bytes(&in, out->mr_td, sizeof(out->mr_td), "MRTD");
  out->td_attributes = qy_read_u64le(&in, "attributes");
  return qy_read_finish(&in, "platform service: answer", why);
}

typedef qy_status read_answer(qy_enclave_handle *out, qy_view payload, qy_error *why);

static qy_status launch_by(qy_platform *platform, uint16_t kind, read_answer *read, qy_enclave_handle *out,
                           qy_view image, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_FD(sealed);
  QY_SCOPED_FD(channel);
  QY_SCOPED_BUFFER(answer, 4 + QY_REPORT_BODY_SIZE);
  qy_enclave_handle handle = {.platform = platform, .fd = -1};
  *out = handle;
  QY_TRY(qy_image_seal(&sealed, image, why));
  const request asked = {
      .kind = kind, .descriptor = sealed, .max_answer_size = answer.limit, .patience_ms = PATIENCE_MS};
  QY_TRY(ask(platform, &asked, &answer, &channel, trace, why));
  QY_TRY(read(&handle, qy_buffer_view(&answer), why));
  if (channel < 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "platform service: a launch without a channel");
  }
  handle.fd = channel;
  channel = -1; /* the handle's now */
  *out = handle;
  return QY_OK;
}

static qy_status launch(qy_platform *platform, qy_enclave_handle *out, qy_view image, qy_trace *trace, qy_error *why)
{
  return launch_by(platform, QY_PLATFORM_LAUNCH, read_launched, out, image, trace, why);
}

static qy_status launch_td(qy_platform *platform, qy_enclave_handle *out, qy_view image, qy_trace *trace, qy_error *why)
{
  return launch_by(platform, QY_PLATFORM_LAUNCH_TD, read_launched_td, out, image, trace, why);
}

static qy_status quote_td(qy_platform *platform, qy_buffer *out, const uint8_t td_report[QY_TD_REPORT_SIZE],
                          qy_error *why)
{
  const request to_send = {.kind = QY_PLATFORM_QUOTE_TD,
                           .payload = qy_view_over(td_report, QY_TD_REPORT_SIZE),
                           .descriptor = -1,
                           .max_answer_size = QY_PLATFORM_MAX_DCAP_QUOTE,
                           .patience_ms = PATIENCE_MS};
  return ask_and_name_check(platform, &to_send, out, why);
}

static qy_status describe(qy_platform *platform, qy_buffer *json, qy_error *why)
{
  const request asked = {
      .kind = QY_PLATFORM_DESCRIBE, .descriptor = -1, .max_answer_size = MAX_DESCRIPTION, .patience_ms = PATIENCE_MS};
  return ask(platform, &asked, json, NULL, NULL, why);
}

static void drop(qy_platform *platform)
{
  free(platform);
}

static const qy_platform_functions functions = {.init_quote = init_quote,
                                                .quote = quote,
                                                .init_dcap = init_dcap,
                                                .quote_dcap = quote_dcap,
                                                .launch = launch,
                                                .launch_td = launch_td,
                                                .quote_td = quote_td,
                                                .describe = describe,
                                                .close = drop};

qy_status qy_platform_open_simulated(qy_platform **out, const char *socket_path, qy_error *why)
{
  QY_SCOPED_FD(probe);
  *out = NULL;
  const size_t length = strlen(socket_path);
  if (length >= QY_PATH_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "platform service: path of %zu characters", length);
  }
  QY_TRY(qy_unix_connect(&probe, socket_path, why)); /* so that a missing service is told at once */
  simulated *made = calloc(1, sizeof(*made));
  if (made == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "platform service: no memory");
  }
  made->platform.functions = &functions;
  memcpy(made->socket_path, socket_path, length + 1);
  *out = &made->platform;
  return QY_OK;
}
