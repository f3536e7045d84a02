/* SPDX-License-Identifier: Apache-2.0 */
/* The attester that runs inside, against a whole broker: the kernel behind its device files is a simulated machine, whose
 * quotes the broker appraises under what the machine's endorser serves. */
#include "../unit/devices_tree.h"
#include "../unit/enclave_probe.h"
#include "platform_world.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <attester/own.h>
#include <base/encoding.h>
#include <base/file.h>
#include <broker/broker.h>
#include <crypto/p256.h>
#include <crypto/x509.h>

#define NAME "team/db"
#define SECRET "correct horse battery staple"
#define STRANGERS "team/other"

typedef struct stage {
  world *machine;
  qy_platform *platform;
  qy_enclave_handle enclave, domain; /* report over what the device was given */
  char folder[128];                  /* the broker's */
  char url[64];
  qy_buffer ca;
  pthread_t thread;
  int stop[2];
  sem_t listens;
  qy_status ended;
  tree tree;
  qy_device_calls calls;
  qy_attest_own_config config;
  qy_attest_own_result result;
  qy_error why;
} stage;

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

/* ---- The kernel ---- */

static void quote_enclave(void *context, qy_buffer *out, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE])
{
  stage *s = context;
  qy_error why = {0};
  uint8_t in[QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE];
  qy_target_info target;
  qy_report report;
  QY_SCOPED_BUFFER(bytes, QY_REPORT_SIZE);
  must(s->platform->functions->init_dcap(s->platform, &target, &why), &why);
  qy_target_info_encode(in, &target);
  memcpy(in + QY_TARGET_INFO_SIZE, report_data, QY_REPORT_DATA_SIZE);
  must(qy_enclave_handle_call(&s->enclave, PROBE_REPORT, QY_VIEW_OF(in), &bytes, NULL, &why), &why);
  must(qy_report_decode(&report, qy_buffer_view(&bytes), &why), &why);
  const qy_dcap_request request = {.version = 3, .report = &report};
  must(s->platform->functions->quote_dcap(s->platform, out, NULL, &request, &why), &why);
}

static void quote_domain(void *context, qy_buffer *out, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE])
{
  stage *s = context;
  qy_error why = {0};
  uint8_t in[1 + QY_REPORT_DATA_SIZE] = {1};
  QY_SCOPED_BUFFER(report, QY_TD_REPORT_SIZE);
  memcpy(in + 1, report_data, QY_REPORT_DATA_SIZE);
  must(qy_enclave_handle_call(&s->domain, PROBE_TD_REPORT, QY_VIEW_OF(in), &report, NULL, &why), &why);
  assert_int_equal(report.size, QY_TD_REPORT_SIZE);
  must(s->platform->functions->quote_td(s->platform, out, report.bytes, &why), &why);
}

static void be_gramine(stage *s)
{
  s->tree = (tree){.files = {{.name = "attestation_type", .text = "dcap"}},
                   .input = "user_report_data",
                   .output = "quote",
                   .make = quote_enclave,
                   .make_context = s};
  s->config.device = &qy_device_gramine;
}

static void be_tdx(stage *s)
{
  s->tree = (tree){.makes_folders = true,
                   .files = {{.name = "provider", .text = "tdx_guest\n"}},
                   .input = "inblob",
                   .output = "outblob",
                   .make = quote_domain,
                   .make_context = s};
  s->config.device = &qy_device_tsm;
}

/* ---- The broker ---- */

static void hear_port(void *context, uint16_t port)
{
  stage *s = context;
  (void)snprintf(s->url, sizeof(s->url), "https://127.0.0.1:%u", port);
  (void)sem_post(&s->listens);
}

static void *run_broker(void *context)
{
  stage *s = context;
  const qy_broker_config config = {.folder = s->folder, .port = -1, .ready = hear_port, .context = s};
  s->ended = qy_broker_run(&config, s->stop[0], &s->why);
  (void)sem_post(&s->listens);
  return NULL;
}

static void append_list(qy_buffer *out, const char *name, const char *member, const uint8_t *hash, size_t size)
{
  qy_buffer_appendf(out, ", \"%s\": {\"%s\": [\"", name, member);
  qy_hex_append(out, qy_view_over(hash, size));
  qy_buffer_append_text(out, "\"]}");
}

/* Names the endorser's root, one enclave and one trust domain. */
static void put_secret(stage *s, const char *name, qy_view root_pem, const uint8_t *mr_enclave, const uint8_t *mr_td)
{
  uint8_t fingerprint[QY_FINGERPRINT_SIZE];
  QY_SCOPED_BUFFER(policy, 4096);
  QY_SCOPED_CERTIFICATE(root);
  must(qy_certificate_from_pem(&root, root_pem, &s->why), &s->why);
  qy_certificate_fingerprint(fingerprint, root);
  qy_buffer_append_text(&policy, "{\"policy\": 1, \"version\": 1, \"roots\": [{\"simulated\": \"");
  qy_hex_append(&policy, QY_VIEW_OF(fingerprint));
  qy_buffer_append_text(&policy, "\"}], \"tcb_statuses\": [\"UpToDate\"]");
  append_list(&policy, "enclave", "mrenclave", mr_enclave, QY_MEASUREMENT_SIZE);
  append_list(&policy, "td", "mrtd", mr_td, QY_TD_HASH_SIZE);
  qy_buffer_append_text(&policy, "}");
  must(qy_broker_secret_put(s->folder, name, qy_buffer_view(&policy), qy_view_text(SECRET), &s->why), &s->why);
}

static void make_broker(stage *s)
{
  static const uint8_t nobody[QY_TD_HASH_SIZE] = {1};
  char path[256];
  qy_p256_public provider;
  QY_SCOPED_BUFFER(root, 65536);
  (void)snprintf(s->folder, sizeof(s->folder), "%s/broker", s->machine->folder);
  (void)snprintf(path, sizeof(path), "%s/public/dcap/root-ca.pem", s->machine->endorser);
  must(qy_file_read(&root, path, &s->why), &s->why);
  const qy_broker_options options = {
      .collateral_url = s->machine->url, .collateral_root_pem = qy_buffer_view(&root), .collateral_update = "early"};
  must(qy_broker_init(s->folder, &options, &s->why), &s->why);
  put_secret(s, NAME, qy_buffer_view(&root), s->enclave.mrenclave, s->domain.mr_td);
  put_secret(s, STRANGERS, qy_buffer_view(&root), nobody, nobody);
  must(qy_broker_provider_key(&provider, s->folder, &s->why), &s->why);
  qy_p256_flip(s->config.provider_key, provider.bytes);
  qy_buffer_init(&s->ca, 65536);
  (void)snprintf(path, sizeof(path), "%s/" QY_BROKER_CA_FILE, s->folder);
  must(qy_file_read(&s->ca, path, &s->why), &s->why);
  assert_int_equal(pipe(s->stop), 0);
  assert_int_equal(sem_init(&s->listens, 0, 0), 0);
  assert_int_equal(pthread_create(&s->thread, NULL, run_broker, s), 0);
  assert_int_equal(sem_wait(&s->listens), 0);
  if (s->url[0] == '\0') {
    fail_msg("the broker does not start: %s", s->why.message);
  }
}

static int setup(void **state)
{
  stage *s = calloc(1, sizeof(*s));
  void *machine = NULL;
  assert_non_null(s);
  assert_int_equal(world_setup(&machine), 0);
  s->machine = machine;
  s->platform = world_open(s->machine);
  s->enclave = world_probe(s->machine, s->platform);
  s->domain = world_td_probe(s->machine, s->platform, 0);
  make_broker(s);
  *state = s;
  return 0;
}

static int teardown(void **state)
{
  stage *s = *state;
  void *machine = s->machine;
  assert_int_equal(close(s->stop[1]), 0);
  assert_int_equal(pthread_join(s->thread, NULL), 0);
  assert_int_equal(s->ended, QY_OK);
  (void)close(s->stop[0]);
  (void)sem_destroy(&s->listens);
  qy_buffer_clear(&s->ca);
  qy_enclave_handle_close(&s->enclave);
  qy_enclave_handle_close(&s->domain);
  s->platform->functions->close(s->platform);
  (void)world_teardown(&machine);
  free(s);
  return 0;
}

static qy_status attest(stage *s, const char *name)
{
  s->calls = tree_calls(&s->tree);
  s->config.broker_url = s->url;
  s->config.broker_ca_pem = qy_buffer_view(&s->ca);
  s->config.secret_name = name;
  s->config.folder = TREE_ROOT;
  s->config.calls = &s->calls;
  qy_attest_own_result_init(&s->result);
  return qy_attest_own(&s->result, &s->config, NULL, &s->why);
}

/* ---- The tests ---- */

static void (*const devices[])(stage *s) = {be_gramine, be_tdx};

static void the_secret_comes_out_of_a_real_broker(void **state)
{
  stage *s = *state;
  for (size_t i = 0; i < 2; i++) {
    devices[i](s);
    must(attest(s, NAME), &s->why);
    assert_int_equal(s->result.answer.verdict, QY_TRUSTED);
    assert_true(s->result.answer.simulated);
    assert_int_equal(s->result.secret.size, strlen(SECRET));
    assert_memory_equal(s->result.secret.bytes, SECRET, strlen(SECRET));
    assert_null(qy_trace_failed(&s->result.trace));
    qy_attest_own_result_clear(&s->result);
  }
  size_t releases = 0;
  must(qy_broker_releases_check(&releases, s->folder, NULL, &s->why), &s->why);
  assert_int_equal(releases, 2);
}

static void a_policy_that_means_another_refuses(void **state)
{
  stage *s = *state;
  for (size_t i = 0; i < 2; i++) {
    devices[i](s);
    must(attest(s, STRANGERS), &s->why);
    assert_int_equal(s->result.answer.verdict, QY_REFUSED);
    assert_false(s->result.answer.has_secret);
    assert_null(s->result.secret.bytes);
    qy_attest_own_result_clear(&s->result);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_secret_comes_out_of_a_real_broker),
      cmocka_unit_test(a_policy_that_means_another_refuses),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
