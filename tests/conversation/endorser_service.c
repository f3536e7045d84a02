/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning service over HTTP: machines join side by side, and come back for their keys. */
#include "endorser_machine.h"
#include "service_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <base/limits.h>
#include <net/http_client.h>
#include <provisioning/endpoint.h>
#include <provisioning/transport.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  service_thread service;
} fixture;

static fixture f;

static qy_status run(service_thread *self, qy_error *why)
{
  const qy_endorser_config config = {.folder = self->folder, .ready = service_thread_ready, .context = self};
  return qy_endorser_run(&config, self->stop_fd, why);
}

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  endorser_make(f.folder);
  service_thread_start(&f.service, run, f.folder);
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  service_thread_stop(&f.service);
  scratch_remove(f.folder);
  return 0;
}

static qy_http_client *client_make(void)
{
  qy_http_client *client = NULL;
  const qy_http_client_config config = {.system_roots = true, .allow_plain = true};
  assert_ok(qy_http_client_new(&client, &config, &assert_why));
  return client;
}

static unsigned post_text(qy_http_answer *answer, qy_http_client *client, const char *path, qy_view text)
{
  char url[128];
  qy_error why = {0};
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", f.service.port, path);
  const qy_http_call call = {.method = "POST", .url = url, .content_type = "text/plain", .body = text};
  if (qy_http_exchange(answer, client, &call, &why) != QY_OK) {
    fail_msg("%s: %s", path, why.message);
  }
  assert_non_null(qy_http_answer_header(answer, "Request-ID"));
  return answer->status;
}

static void post(qy_buffer *response, qy_http_client *client, const char *path, const qy_buffer *request)
{
  QY_SCOPED_BUFFER(text, 2u * QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_HTTP_ANSWER(answer);
  assert_ok(qy_provisioning_request_to_text(&text, qy_buffer_view(request), &assert_why));
  assert_int_equal(post_text(&answer, client, path, qy_buffer_view(&text)), 200);
  assert_ok(qy_provisioning_response_from_text(response, qy_buffer_view(&answer.body), &assert_why));
}

/* One conversation; false when the service asks to come again. */
static bool try_join(test_machine *machine, qy_http_client *client)
{
  QY_SCOPED_BUFFER(msg1, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(msg3, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(second, QY_MAX_PROVISIONING_SIZE);
  machine_msg1(machine, &msg1);
  post(&first, client, "/provision", &msg1);
  qy_status status = machine_open(machine, qy_buffer_view(&first));
  if (status == QY_OK && !machine->joiner.retrieved) {
    machine_msg3(machine, &msg3);
    post(&second, client, "/provision", &msg3);
    status = machine_open(machine, qy_buffer_view(&second));
  }
  if (status == QY_ERR_BUSY) {
    return false;
  }
  assert_int_equal(status, QY_OK);
  machine_finish(machine);
  return true;
}

static void machines_join_and_come_back(void **state)
{
  (void)state;
  test_machine machine;
  qy_endpoint endpoint;
  char path[64];
  const uint8_t xid[QY_XID_SIZE] = {7};
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_BUFFER(request, 4096);
  QY_SCOPED_BUFFER(response, 65536);
  client = client_make();
  machine_make(&machine, f.folder, 0x10);
  machine_enroll(&machine, f.folder);
  assert_ok(qy_endpoint_request_make(&request, xid, machine.w.machine.enrolled.ppid[0], &assert_why));
  post(&response, client, "/", &request);
  assert_ok(qy_endpoint_response_open(&endpoint, qy_buffer_view(&response), xid,
                                      &machine.w.endorser.xegb.pek_signing_key, NULL, &assert_why));
  (void)snprintf(path, sizeof path, "http://127.0.0.1:%u/provision", f.service.port);
  assert_string_equal(endpoint.url, path);
  assert_true(try_join(&machine, client));
  assert_false(machine.joiner.retrieved);
  const qy_epid_member_key key = machine.key;
  assert_true(try_join(&machine, client));
  assert_true(machine.joiner.retrieved);
  assert_memory_equal(&key, &machine.key, sizeof key);
  machine_clear(&machine);
}

static void nonsense_is_answered(void **state)
{
  (void)state;
  static const char *const TEXTS[] = {"", "x", "0002", "zz0000000000000000000000000000",
                                      "00020102030405060708000000034cAAAA"};
  QY_SCOPED_HTTP_CLIENT(client);
  client = client_make();
  for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
    qy_provisioning_response response;
    QY_SCOPED_HTTP_ANSWER(answer);
    QY_SCOPED_BUFFER(message, 4096);
    assert_int_equal(post_text(&answer, client, "/provision", qy_view_text(TEXTS[i])), 200);
    assert_ok(qy_provisioning_response_from_text(&message, qy_buffer_view(&answer.body), &assert_why));
    assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&message), &assert_why));
    assert_int_not_equal(response.gstatus, QY_GSTATUS_OK);
  }
}

/* ---- Side by side ---- */

#define MACHINES 4
#define ROUNDS 3

typedef struct joining {
  pthread_t thread;
  test_machine machine;
} joining;

static void *join_often(void *context)
{
  joining *self = context;
  qy_http_client *client = client_make();
  for (unsigned i = 0; i < ROUNDS; i++) {
    while (!try_join(&self->machine, client)) {
      usleep(1000);
    }
  }
  qy_http_client_free(&client);
  return NULL;
}

/* Some are machines of their own; two play one machine at once, which must come to one key. */
static void many_at_once(void **state)
{
  (void)state;
  static joining joinings[MACHINES];
  for (uint8_t i = 0; i < MACHINES; i++) {
    const uint8_t seed = i == 3 ? 0x40 : (uint8_t)(0x20 + 0x10 * i);
    machine_make(&joinings[i].machine, f.folder, seed);
    joinings[i].machine.w.randomness.state = 100 + i;
    machine_enroll(&joinings[i].machine, f.folder);
  }
  for (size_t i = 0; i < MACHINES; i++) {
    assert_int_equal(pthread_create(&joinings[i].thread, NULL, join_often, &joinings[i]), 0);
  }
  for (size_t i = 0; i < MACHINES; i++) {
    assert_int_equal(pthread_join(joinings[i].thread, NULL), 0);
  }
  assert_memory_equal(&joinings[2].machine.key, &joinings[3].machine.key, sizeof joinings[2].machine.key);
  assert_memory_not_equal(&joinings[0].machine.key, &joinings[1].machine.key, sizeof joinings[0].machine.key);
  assert_int_equal(joinings[0].machine.joiner.gid, joinings[1].machine.joiner.gid); /* one group for the level */
  for (size_t i = 0; i < MACHINES; i++) {
    machine_clear(&joinings[i].machine);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

static int finish(void **state)
{
  (void)state;
  endorser_master_remove();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(machines_join_and_come_back), TEST(nonsense_is_answered), TEST(many_at_once)};
  return cmocka_run_group_tests(tests, NULL, finish);
}
