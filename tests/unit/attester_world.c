/* SPDX-License-Identifier: Apache-2.0 */
#include "attester_world.h"

#include <string.h>

#include <crypto/p256.h>
#include <crypto/symmetric.h>
#include <enclave/runtime.h>

/* The sample enclave's main(), renamed when it is compiled into a test. */
int sample_enclave_main(void);

/* What the enclave's runtime and the platform's client have as a process and a socket. */
static struct {
  world *w;
  void (*test)(world *w);
  qy_enclave_call *call;
  void *context;
} stage;

/* ---- The runtime inside the enclave ---- */

int qy_enclave_run(qy_enclave_call *call, void *context)
{
  stage.call = call;
  stage.context = context;
  stage.test(stage.w);
  return 0;
}

qy_view qy_enclave_section(const char *name)
{
  if (strcmp(name, QY_SAMPLE_SECTION_PROVIDER_KEY) != 0 || stage.w->wrong.no_provider_key) {
    return (qy_view){NULL, 0};
  }
  return QY_VIEW_OF(stage.w->p->provider_public);
}

qy_status qy_enclave_report(qy_report *out, const qy_target_info *target, const uint8_t report_data[64], qy_error *why)
{
  (void)why;
  *out = (qy_report){0};
  assert_memory_equal(target->mr_enclave, stage.w->p->machine.qe.mr_enclave, 32);
  memcpy(out->body.report_data, report_data, QY_REPORT_DATA_SIZE);
  return QY_OK;
}

qy_status qy_enclave_report_key(qy_secret *out, const uint8_t key_id[32], qy_error *why)
{
  (void)key_id;
  (void)why;
  *out = stage.w->p->machine.report_key;
  return QY_OK;
}

/* Sealing is the runtime's matter; here it only has to come back. */
qy_status qy_enclave_seal(qy_buffer *out, uint16_t key_policy, qy_view aad, qy_view plain, qy_error *why)
{
  const uint8_t sizes[2] = {(uint8_t)aad.size, (uint8_t)plain.size};
  assert_int_equal(key_policy, QY_KEY_POLICY_MRENCLAVE);
  qy_buffer_append(out, sizes, 2);
  qy_buffer_append(out, aad.bytes, aad.size);
  for (size_t i = 0; i < plain.size; i++) {
    const uint8_t hidden = plain.bytes[i] ^ 0xa5;
    qy_buffer_append(out, &hidden, 1);
  }
  return qy_buffer_finish(out, "seal", why);
}

qy_status qy_enclave_unseal(qy_buffer *plain, qy_buffer *aad, qy_view blob, qy_trace *trace, qy_error *why)
{
  (void)trace;
  if (blob.size < 2 || blob.size != 2u + blob.bytes[0] + blob.bytes[1]) {
    return qy_fail(why, QY_ERR_MALFORMED, "not sealed here");
  }
  qy_buffer_append(aad, blob.bytes + 2, blob.bytes[0]);
  for (size_t i = 2u + blob.bytes[0]; i < blob.size; i++) {
    const uint8_t shown = blob.bytes[i] ^ 0xa5;
    qy_buffer_append(plain, &shown, 1);
  }
  return QY_OK;
}

/* ---- The platform ---- */

qy_status call_enclave(uint16_t operation, qy_view in, qy_buffer *out, qy_error *why)
{
  qy_trace trace = {0};
  return stage.call(stage.context, operation, in, out, &trace, why);
}

qy_status qy_enclave_handle_call(qy_enclave_handle *enclave, uint16_t operation, qy_view in, qy_buffer *out,
                                 qy_trace *trace, qy_error *why)
{
  assert_int_equal(enclave->fd, 77);
  return stage.call(stage.context, operation, in, out, trace, why);
}

void qy_enclave_handle_close(qy_enclave_handle *enclave)
{
  assert_int_equal(enclave->fd, 77);
  enclave->fd = -1;
}

static qy_status platform_launch(qy_platform *platform, qy_enclave_handle *out, qy_view image, qy_trace *trace,
                                 qy_error *why)
{
  const world *w = (const world *)platform;
  (void)trace;
  assert_true(qy_view_equal(image, qy_view_text("image")));
  if (w->wrong.launch != QY_OK) {
    return qy_fail(why, w->wrong.launch, "the CPU says no");
  }
  *out = (qy_enclave_handle){.platform = platform, .fd = 77, .page_count = 3};
  return QY_OK;
}

static qy_status platform_init_quote(qy_platform *platform, qy_target_info *target, uint32_t *group_id, qy_error *why)
{
  const world *w = (const world *)platform;
  if (w->wrong.init_quote != QY_OK) {
    return qy_fail(why, w->wrong.init_quote, "no attestation key");
  }
  *target = w->p->machine.qe;
  *group_id = w->p->machine.group_id;
  return QY_OK;
}

static qy_status platform_quote(qy_platform *platform, qy_buffer *quote, qy_report *qe_report,
                                const qy_quote_request *request, qy_error *why)
{
  world *w = (world *)platform;
  qy_msg2 asked = {.quote_type = request->quote_type};
  if (w->wrong.quote != QY_OK) {
    return qy_fail(why, w->wrong.quote, "not now");
  }
  w->p->machine.group_id += w->wrong.other_group ? 1 : 0;
  memcpy(asked.spid, request->spid, sizeof(asked.spid));
  qy_msg2_head_encode(w->p->msg2, &asked); /* whence make_quote takes SPID and type */
  memcpy(w->p->answer.report_data, request->report->body.report_data, QY_REPORT_DATA_SIZE);
  memcpy(w->p->answer.nonce, request->nonce, QY_QUOTE_NONCE_SIZE);
  make_quote(quote, w->p, request->sigrl.size == 0 ? 0 : (uint32_t)(request->sigrl.size - 80) / 128);
  make_qe_report(qe_report, w->p, qy_buffer_view(quote));
  quote->size -= w->wrong.short_quote ? 1 : 0;
  return QY_OK;
}

static const qy_platform_functions functions = {
    .init_quote = platform_init_quote, .quote = platform_quote, .launch = platform_launch};

void in_a_world(void (*test)(world *w))
{
  world *w = calloc(1, sizeof(*w));
  assert_non_null(w);
  w->platform.functions = &functions;
  w->p = parties_new(71);
  toy_broker_start(&w->broker, &w->p->provider);
  w->config = (qy_attest_config){.broker_url = qy_http_server_url(w->broker.server),
                                 .broker_ca_pem = qy_buffer_view(&w->broker.made.ca),
                                 .secret_name = "team/db",
                                 .image = qy_view_text("image"),
                                 .platform = &w->platform};
  qy_attest_result_init(&w->result);
  stage.w = w;
  stage.test = test;
  assert_int_equal(sample_enclave_main(), 0);
  qy_attest_result_clear(&w->result);
  toy_broker_stop(&w->broker);
  parties_free(w->p);
  free(w);
}
