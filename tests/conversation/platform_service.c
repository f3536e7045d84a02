/* SPDX-License-Identifier: Apache-2.0 */
/* The platform service between its clients, the machine and the endorser. */
#include "platform_world.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <base/file.h>
#include <enclave/channel.h>
#include <json/json.h>
#include <net/stream.h>
#include <platform/service.h>
#include <platform/wire.h>
#include <quotary/quote.h>
#include <sgx/keys.h>
#include <simulated/machine.h>

#include "../unit/enclave_probe.h"

static const uint8_t spid[16] = {0x11, 0x22};
static const uint8_t nonce[16] = {0x33, 0x44};

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

static uint32_t make_ready(qy_platform *platform, qy_target_info *target)
{
  qy_error why = {0};
  uint32_t gid = 0;
  must(platform->functions->init_quote(platform, target, &gid, &why), &why);
  return gid;
}

static void read_blob(qy_buffer *out, const world *all)
{
  qy_error why = {0};
  qy_buffer_clear(out);
  must(qy_file_read(out, all->blob, &why), &why);
  assert_int_equal(out->size, 2862);
}

static void describes_itself(void **state)
{
  world *all = *state;
  qy_error why = {0};
  qy_platform *platform = world_open(all);
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_JSON(object);
  const char *kind = NULL;
  must(platform->functions->describe(platform, &text, &why), &why);
  must(qy_json_parse(&object, qy_buffer_view(&text), &why), &why);
  must(qy_json_text(&kind, object, "kind", "description", &why), &why);
  assert_string_equal(kind, "simulated-sgx");
  assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "processor"), "enclaves")), 5);
  platform->functions->close(platform);
}

static void launches_and_calls(void **state)
{
  world *all = *state;
  qy_error why = {0};
  qy_platform *platform = world_open(all);
  qy_trace trace = {0};
  qy_enclave_handle probe;
  QY_SCOPED_BUFFER(out, 1u << 20);
  must(platform->functions->launch(platform, &probe, qy_buffer_view(&all->probe), &trace, &why), &why);
  assert_int_equal(probe.isv_prod_id, 5);
  assert_int_equal(probe.isv_svn, 4);
  assert_true(probe.attributes.flags == (QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT));
  assert_true(probe.page_count > 2); /* a sanitizer's programs are dynamic, and small */
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_SIGSTRUCT_MEASUREMENT)->outcome, QY_OUTCOME_HELD);
  must(qy_enclave_handle_call(&probe, PROBE_ECHO, qy_view_text("hello"), &out, NULL, &why), &why);
  assert_string_equal(qy_buffer_text(&out), "hello");
  assert_int_equal(qy_enclave_handle_call(&probe, PROBE_CHECKS, qy_view_text("x"), NULL, &trace, &why), QY_ERR_REFUSED);
  assert_string_equal(why.message, "probe: refused as asked");
  assert_string_equal(qy_trace_find(&trace, QY_CHECK_SEALED_BLOB_TAG)->origin, "the enclave");
  /* The service's end is not the enclave's business with its host, but the enclave's end is told. */
  const uint8_t deadly = TRY_KILL;
  assert_int_equal(qy_enclave_handle_call(&probe, PROBE_TRY, qy_view_over(&deadly, 1), &out, NULL, NULL), QY_ERR_IO);
  assert_int_equal(qy_enclave_handle_call(&probe, PROBE_ECHO, qy_view_text("x"), &out, NULL, NULL), QY_ERR_SEQUENCE);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

static void refuses_a_patched_image(void **state)
{
  world *all = *state;
  qy_platform *platform = world_open(all);
  qy_trace trace = {0};
  qy_enclave_handle probe;
  QY_SCOPED_BUFFER(patched, 64u << 20);
  qy_buffer_append(&patched, all->probe.bytes, all->probe.size);
  patched.bytes[patched.size / 2] ^= 1;
  assert_int_equal(platform->functions->launch(platform, &probe, qy_buffer_view(&patched), &trace, NULL),
                   QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_SIGSTRUCT_MEASUREMENT);
  assert_int_equal(probe.fd, -1);
  platform->functions->close(platform);
}

static void provisions_once_and_quotes(void **state)
{
  world *all = *state;
  qy_error why = {0};
  qy_platform *platform = world_open(all);
  qy_target_info target;
  qy_report report;
  qy_report qe_report;
  qy_quote quote;
  struct stat info;
  uint8_t expected[64];
  QY_SCOPED_BUFFER(first, 4096);
  QY_SCOPED_BUFFER(second, 4096);
  QY_SCOPED_BUFFER(bytes, QY_MAX_QUOTE_SIZE);
  QY_SCOPED_BUFFER(encoded, 1024);
  const uint32_t gid = make_ready(platform, &target);
  read_blob(&first, all);
  assert_int_equal(stat(all->blob, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(make_ready(platform, &target), gid);
  read_blob(&second, all);
  assert_true(qy_view_equal(qy_buffer_view(&first), qy_buffer_view(&second)));

  qy_enclave_handle probe = world_probe(all, platform);
  world_report(&report, &probe, &target);
  qy_quote_request request = {.report = &report, .quote_type = QY_LINKABLE, .spid = spid, .nonce = nonce};
  must(platform->functions->quote(platform, &bytes, &qe_report, &request, &why), &why);
  must(qy_quote_decode(&quote, qy_buffer_view(&bytes), &why), &why);
  assert_int_equal(quote.body.group_id, gid);
  assert_true(qy_quote_basename_fits(&quote.body, spid));
  assert_memory_equal(&quote.body.report, &report.body, sizeof(report.body));
  assert_memory_equal(quote.body.report.mr_enclave, probe.mrenclave, 32);
  /* The QE's report names this quote and this nonce, and the probe can check it. */
  must(qy_quote_qe_report_data(expected, nonce, qy_buffer_view(&bytes), &why), &why);
  assert_memory_equal(qe_report.body.report_data, expected, 64);
  uint8_t *where = qy_buffer_extend(&encoded, QY_REPORT_SIZE);
  qy_report_encode(where, &qe_report);
  must(qy_enclave_handle_call(&probe, PROBE_VERIFY, qy_buffer_view(&encoded), NULL, NULL, &why), &why);

  QY_SCOPED_BUFFER(plain, QY_MAX_QUOTE_SIZE);
  request.nonce = NULL;
  request.quote_type = QY_UNLINKABLE;
  must(platform->functions->quote(platform, &plain, NULL, &request, &why), &why);
  must(qy_quote_decode(&quote, qy_buffer_view(&plain), &why), &why);
  assert_int_equal(platform->functions->quote(platform, &plain, &qe_report, &request, NULL), QY_ERR_ARGUMENT);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

/* Reports that were altered, or made for another enclave than the quoting one. */
static void quotes_no_false_report(void **state)
{
  world *all = *state;
  qy_platform *platform = world_open(all);
  qy_target_info target;
  qy_report report;
  QY_SCOPED_BUFFER(bytes, QY_MAX_QUOTE_SIZE);
  (void)make_ready(platform, &target);
  qy_enclave_handle probe = world_probe(all, platform);
  const qy_quote_request request = {.report = &report, .spid = spid};
  world_report(&report, &probe, &target);
  report.mac[0] ^= 1;
  assert_int_equal(platform->functions->quote(platform, &bytes, NULL, &request, NULL), QY_ERR_REFUSED);
  report.mac[0] ^= 1;
  report.body.isv_svn++;
  assert_int_equal(platform->functions->quote(platform, &bytes, NULL, &request, NULL), QY_ERR_REFUSED);
  report.body.isv_svn--;
  report.key_id[31] ^= 1;
  assert_int_equal(platform->functions->quote(platform, &bytes, NULL, &request, NULL), QY_ERR_REFUSED);
  target.mr_enclave[0] ^= 1;
  world_report(&report, &probe, &target);
  assert_int_equal(platform->functions->quote(platform, &bytes, NULL, &request, NULL), QY_ERR_REFUSED);
  assert_int_equal(bytes.size, 0);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

static void keeps_its_key_over_a_restart(void **state)
{
  world *all = *state;
  qy_platform *platform = world_open(all);
  qy_target_info target;
  QY_SCOPED_BUFFER(before, 4096);
  QY_SCOPED_BUFFER(after, 4096);
  const uint32_t gid = make_ready(platform, &target);
  read_blob(&before, all);
  platform->functions->close(platform);
  assert_int_equal(world_stop_service(all), 0);
  assert_false(qy_file_exists(all->socket));
  world_stop_endorser(all); /* so it cannot ask again */
  world_start_service(all);
  platform = world_open(all);
  assert_int_equal(make_ready(platform, &target), gid);
  read_blob(&after, all);
  assert_true(qy_view_equal(qy_buffer_view(&before), qy_buffer_view(&after)));
  platform->functions->close(platform);
  assert_int_equal(world_stop_service(all), 0);
  world_start_endorser(all);
  world_start_service(all);
}

/* A key that does not open here, or is no key, is fetched again; without the endorser that fails, and harms nothing. */
static void fetches_a_damaged_key_again(void **state)
{
  world *all = *state;
  qy_error why = {0};
  qy_target_info target;
  qy_platform *platform = world_open(all);
  QY_SCOPED_BUFFER(good, 4096);
  const uint32_t gid = make_ready(platform, &target);
  platform->functions->close(platform);
  read_blob(&good, all);
  const size_t sizes[] = {2862, 100, 0};
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_BUFFER(mended, 4096);
    assert_int_equal(world_stop_service(all), 0);
    good.bytes[600] ^= 1;
    must(qy_file_write(all->blob, qy_view_over(good.bytes, sizes[i]), true, &why), &why);
    good.bytes[600] ^= 1;
    world_start_service(all);
    platform = world_open(all);
    assert_int_equal(make_ready(platform, &target), gid);
    platform->functions->close(platform);
    read_blob(&mended, all);
  }
  uint32_t none = 0;
  assert_int_equal(world_stop_service(all), 0);
  assert_int_equal(unlink(all->blob), 0);
  world_stop_endorser(all);
  world_start_service(all);
  platform = world_open(all);
  assert_int_equal(platform->functions->init_quote(platform, &target, &none, NULL), QY_ERR_IO);
  assert_int_equal(none, 0);
  assert_false(qy_file_exists(all->blob));
  qy_enclave_handle probe = world_probe(all, platform); /* all else goes on */
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
  assert_int_equal(world_stop_service(all), 0);
  world_start_endorser(all);
  world_start_service(all);
}

static void asks_for_a_new_key_after_a_microcode_update(void **state)
{
  world *all = *state;
  qy_error why = {0};
  qy_target_info target;
  char machine[128];
  qy_machine_config config;
  QY_SCOPED_BUFFER(before, 4096);
  QY_SCOPED_BUFFER(after, 4096);
  qy_platform *platform = world_open(all);
  (void)make_ready(platform, &target);
  platform->functions->close(platform);
  read_blob(&before, all);
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(machine, sizeof(machine), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_config_load(&config, machine, &why), &why);
  must(qy_machine_raise(machine, NULL, config.levels.count, &why), &why);
  /* While the endorser is away the old key serves on. */
  world_stop_endorser(all);
  world_start_service(all);
  platform = world_open(all);
  (void)make_ready(platform, &target);
  platform->functions->close(platform);
  assert_int_equal(world_stop_service(all), 0);
  world_start_endorser(all);
  world_start_service(all);
  platform = world_open(all);
  (void)make_ready(platform, &target);
  platform->functions->close(platform);
  read_blob(&after, all);
  assert_memory_equal(after.bytes + 2836, config.levels.cpu_svns[config.levels.count - 1], 16);
  assert_memory_not_equal(after.bytes + 2836, before.bytes + 2836, 16);
}

static void nothing_is_left_behind(void **state)
{
  world *all = *state;
  pid_t below[32];
  qy_platform *platform = world_open(all);
  qy_enclave_handle probe = world_probe(all, platform);
  size_t count = world_descendants(all->serving.process, below, 32);
  assert_int_equal(count, 7); /* processor, five architectural enclaves, the probe */
  assert_int_equal(world_stop_service(all), 0);
  for (size_t i = 0; i < count; i++) {
    assert_true(world_gone(below[i]));
  }
  qy_enclave_handle_close(&probe);
  world_start_service(all);
  probe = world_probe(all, platform);
  count = world_descendants(all->serving.process, below, 32);
  assert_int_equal(count, 7);
  world_kill_service(all);
  for (size_t i = 0; i < count; i++) {
    assert_true(world_gone(below[i]));
  }
  qy_enclave_handle_close(&probe);
  world_start_service(all); /* over the dead one's socket */
  platform->functions->close(platform);
}

static void *make_ready_thread(void *context)
{
  qy_platform *platform = context;
  qy_target_info target;
  uint32_t gid = 0;
  (void)!platform->functions->init_quote(platform, &target, &gid, NULL);
  return NULL;
}

/* Killed at any moment of a provisioning, it finds its state whole afterwards. */
static void survives_being_killed_while_provisioning(void **state)
{
  world *all = *state;
  for (int round = 0; round < 8; round++) {
    const struct timespec pause = {.tv_nsec = round * 12000000L};
    pthread_t thread;
    qy_target_info target;
    assert_int_equal(world_stop_service(all), 0);
    (void)unlink(all->blob);
    world_start_service(all);
    qy_platform *platform = world_open(all);
    assert_int_equal(pthread_create(&thread, NULL, make_ready_thread, platform), 0);
    (void)nanosleep(&pause, NULL);
    world_kill_service(all);
    assert_int_equal(pthread_join(thread, NULL), 0);
    QY_SCOPED_BUFFER(blob, 4096);
    if (qy_file_exists(all->blob)) {
      read_blob(&blob, all);
    }
    world_start_service(all);
    assert_true(make_ready(platform, &target) != 0);
    read_blob(&blob, all);
    platform->functions->close(platform);
  }
}

static void starts_enclaves_that_ended_again(void **state)
{
  world *all = *state;
  pid_t below[32];
  qy_target_info target;
  qy_report report;
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, QY_MAX_QUOTE_SIZE);
  qy_platform *platform = world_open(all);
  (void)make_ready(platform, &target);
  qy_enclave_handle probe = world_probe(all, platform);
  qy_enclave_handle_close(&probe);
  const size_t count = world_descendants(all->serving.process, below, 32);
  for (size_t i = 0; i < count; i++) {
    if (getsid(below[i]) == below[i]) { /* an enclave: each has its own session */
      (void)kill(below[i], SIGKILL);
      assert_true(world_gone(below[i]));
    }
  }
  (void)make_ready(platform, &target);
  probe = world_probe(all, platform);
  world_report(&report, &probe, &target);
  const qy_quote_request request = {.report = &report, .spid = spid};
  must(platform->functions->quote(platform, &bytes, NULL, &request, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
}

static void ends_when_its_processor_ends(void **state)
{
  world *all = *state;
  pid_t below[32];
  const size_t count = world_descendants(all->serving.process, below, 32);
  for (size_t i = 0; i < count; i++) {
    if (getsid(below[i]) != below[i]) {
      (void)kill(below[i], SIGKILL);
    }
  }
  assert_true(world_gone(all->serving.process));
  assert_int_equal(world_stop_service(all), 1);
  world_start_service(all);
}

typedef struct worker {
  pthread_t thread;
  const world *all;
  qy_target_info target;
  size_t quotes;
} worker;

static void *quote_often(void *context)
{
  worker *self = context;
  qy_platform *platform = NULL;
  if (qy_platform_open_simulated(&platform, self->all->socket, NULL) != QY_OK) {
    return NULL;
  }
  for (int round = 0; round < 5; round++) {
    qy_enclave_handle probe;
    qy_report report;
    uint8_t in[QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE] = {0};
    QY_SCOPED_BUFFER(bytes, QY_MAX_QUOTE_SIZE);
    QY_SCOPED_BUFFER(reported, QY_REPORT_SIZE);
    qy_target_info_encode(in, &self->target);
    const qy_quote_request request = {.report = &report, .spid = spid};
    if (platform->functions->launch(platform, &probe, qy_buffer_view(&self->all->probe), NULL, NULL) == QY_OK &&
        qy_enclave_handle_call(&probe, PROBE_REPORT, QY_VIEW_OF(in), &reported, NULL, NULL) == QY_OK &&
        qy_report_decode(&report, qy_buffer_view(&reported), NULL) == QY_OK &&
        platform->functions->quote(platform, &bytes, NULL, &request, NULL) == QY_OK) {
      self->quotes++;
    }
    qy_enclave_handle_close(&probe);
  }
  platform->functions->close(platform);
  return NULL;
}

/* Several clients work while others hold connections and say nothing, or nonsense. */
static void serves_many_and_is_held_up_by_none(void **state)
{
  world *all = *state;
  worker workers[6] = {0};
  int silent[20];
  static const uint8_t nonsense[] = {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 9};
  static const uint8_t unknown[] = {0, 0, 0, 0, 99, 0, 0, 0};
  qy_platform *platform = world_open(all);
  qy_target_info target;
  (void)make_ready(platform, &target);
  for (size_t i = 0; i < 20; i++) {
    silent[i] = -1;
    assert_ok(qy_unix_connect(&silent[i], all->socket, &assert_why));
    const size_t half = i % 4 == 1 ? 3 : i % 4 == 2 ? sizeof(nonsense) : 0;
    assert_int_equal(send(silent[i], nonsense, half, MSG_NOSIGNAL), half);
    if (i % 4 == 3) {
      assert_int_equal(send(silent[i], unknown, sizeof(unknown), MSG_NOSIGNAL), sizeof(unknown));
    }
  }
  for (size_t i = 0; i < 6; i++) {
    workers[i] = (worker){.all = all, .target = target};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, quote_often, &workers[i]), 0);
  }
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    assert_int_equal(workers[i].quotes, 5);
  }
  for (size_t i = 0; i < 20; i++) {
    (void)close(silent[i]);
  }
  platform->functions->close(platform);
}

static void the_socket_is_its_owner_s(void **state)
{
  world *all = *state;
  struct stat info;
  qy_platform *platform = NULL;
  assert_int_equal(stat(all->socket, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(qy_platform_open_simulated(&platform, "/nowhere/at/all", NULL), QY_ERR_NOT_FOUND);
  assert_null(platform);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(describes_itself),
      cmocka_unit_test(the_socket_is_its_owner_s),
      cmocka_unit_test(launches_and_calls),
      cmocka_unit_test(refuses_a_patched_image),
      cmocka_unit_test(provisions_once_and_quotes),
      cmocka_unit_test(quotes_no_false_report),
      cmocka_unit_test(keeps_its_key_over_a_restart),
      cmocka_unit_test(fetches_a_damaged_key_again),
      cmocka_unit_test(nothing_is_left_behind),
      cmocka_unit_test(survives_being_killed_while_provisioning),
      cmocka_unit_test(starts_enclaves_that_ended_again),
      cmocka_unit_test(ends_when_its_processor_ends),
      cmocka_unit_test(serves_many_and_is_held_up_by_none),
      cmocka_unit_test(asks_for_a_new_key_after_a_microcode_update),
  };
  return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
