/* SPDX-License-Identifier: Apache-2.0 */
/* EREPORT and EGETKEY through a real processor process and real enclave processes. */
#include "simulated_fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <base/cursor.h>
#include <crypto/random.h>
#include <enclave/instruction.h>
#include <sgx/keys.h>

static qy_report_body self_of(const qy_launched *enclave)
{
  QY_SCOPED_BUFFER(out, 4096);
  qy_report_body body = {0};
  assert_ok(fixture_call(enclave, PROBE_SELF, (qy_view){NULL, 0}, &out, NULL));
  assert_ok(qy_report_body_decode(&body, qy_buffer_view(&out), &assert_why));
  return body;
}

static void report_for(qy_buffer *out, const qy_launched *from, const qy_report_body *to)
{
  uint8_t in[QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE];
  qy_target_info target;
  qy_target_info_of_reporter(&target, to);
  qy_target_info_encode(in, &target);
  memset(in + QY_TARGET_INFO_SIZE, 0x5a, QY_REPORT_DATA_SIZE);
  assert_ok(fixture_call(from, PROBE_REPORT, QY_VIEW_OF(in), out, NULL));
  assert_int_equal(out->size, QY_REPORT_SIZE);
}

static void an_enclave_is_what_was_measured(void **state)
{
  fixture *all = *state;
  qy_image image;
  uint8_t measured[32];
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_ok(qy_image_decode(&image, qy_buffer_view(&all->image), &assert_why));
  assert_ok(qy_image_measure(measured, &image, &assert_why));
  const qy_report_body self = self_of(&enclave);
  assert_memory_equal(self.mr_enclave, measured, 32);
  assert_memory_equal(self.cpu_svn, all->config.levels.cpu_svns[1], 16);
  assert_int_equal(self.isv_prod_id, 1);
  assert_int_equal(self.isv_svn, 2);
  assert_int_equal(self.attributes.flags, QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT);
  assert_memory_equal(&self, &enclave.identity, sizeof(self));
  assert_int_equal(enclave.page_count, qy_image_page_count(&image));
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void reports_verify_at_their_target_only(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(second_image, QY_IMAGE_MAX_SIZE);
  fixture_image(&second_image, all,
                (probe_kind){.signer = all->other, .isv_prod_id = 1, .isv_svn = 2, .section = "two"});
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched one = fixture_launch(&cpu, qy_buffer_view(&all->image));
  qy_launched two = fixture_launch(&cpu, qy_buffer_view(&second_image));
  const qy_report_body one_self = self_of(&one);
  const qy_report_body two_self = self_of(&two);
  assert_memory_not_equal(one_self.mr_enclave, two_self.mr_enclave, 32);
  QY_SCOPED_BUFFER(report, 4096);
  report_for(&report, &one, &two_self);
  qy_trace trace = {0};
  assert_ok(fixture_call(&two, PROBE_VERIFY, qy_buffer_view(&report), NULL, &trace));
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_REPORT_MAC)->outcome, QY_OUTCOME_HELD);
  assert_string_equal(qy_trace_find(&trace, QY_CHECK_REPORT_MAC)->origin, "the probe");
  /* Made for two, not for one. */
  trace = (qy_trace){0};
  assert_int_equal(fixture_call(&one, PROBE_VERIFY, qy_buffer_view(&report), NULL, &trace), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_REPORT_MAC);
  /* Any bit of the body, of the key id or of the MAC. */
  for (size_t at = 0; at < report.size; at += 7) {
    report.bytes[at] ^= 0x10;
    assert_int_equal(fixture_call(&two, PROBE_VERIFY, qy_buffer_view(&report), NULL, NULL), QY_ERR_REFUSED);
    report.bytes[at] ^= 0x10;
  }
  assert_ok(fixture_call(&two, PROBE_VERIFY, qy_buffer_view(&report), NULL, NULL));
  fixture_end(&one);
  fixture_end(&two);
  qy_cpu_stop(&cpu);
}

static void reports_outlive_a_reset_of_the_same_machine_only(void **state)
{
  fixture *all = *state;
  char elsewhere[128];
  (void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", all->folder);
  assert_ok(qy_machine_init(NULL, elsewhere, &all->config, qy_random_system(), &assert_why));
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  const qy_report_body self = self_of(&enclave);
  QY_SCOPED_BUFFER(report, 4096);
  report_for(&report, &enclave, &self);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);

  cpu = fixture_start(all->machine);
  enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_ok(fixture_call(&enclave, PROBE_VERIFY, qy_buffer_view(&report), NULL, NULL));
  QY_SCOPED_BUFFER(later, 4096);
  report_for(&later, &enclave, &self);
  assert_memory_not_equal(later.bytes + QY_REPORT_BODY_SIZE, report.bytes + QY_REPORT_BODY_SIZE, QY_KEY_ID_SIZE);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);

  cpu = fixture_start(elsewhere);
  enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_int_equal(fixture_call(&enclave, PROBE_VERIFY, qy_buffer_view(&report), NULL, NULL), QY_ERR_REFUSED);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void key_of(qy_buffer *out, const qy_launched *enclave, const qy_key_request *request, qy_status expected)
{
  uint8_t bytes[QY_KEY_REQUEST_SIZE];
  qy_key_request_encode(bytes, request);
  assert_int_equal(fixture_call(enclave, PROBE_KEY, QY_VIEW_OF(bytes), out, NULL), expected);
}

static void keys_follow_the_rules(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(now, 64);
  QY_SCOPED_BUFFER(before, 64);
  QY_SCOPED_BUFFER(none, 64);
  qy_key_request request = {.key_name = QY_KEY_SEAL, .key_policy = QY_KEY_POLICY_MRENCLAVE, .isv_svn = 2};
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[1], 16);
  key_of(&now, &enclave, &request, QY_OK);
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[0], 16); /* an older level's keys remain */
  key_of(&before, &enclave, &request, QY_OK);
  assert_int_equal(now.size, 16);
  assert_memory_not_equal(now.bytes, before.bytes, 16);
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[2], 16); /* a newer one's do not exist yet */
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  memset(request.cpu_svn, 0, 16);
  request.isv_svn = 3;
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  request = (qy_key_request){.key_name = QY_KEY_PROVISION};
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  request.key_name = QY_KEY_EINITTOKEN;
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  request.key_name = 9;
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  request = (qy_key_request){.key_name = QY_KEY_SEAL, .reserved2 = {1}};
  key_of(&none, &enclave, &request, QY_ERR_REFUSED);
  assert_int_equal(none.size, 0);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void a_microcode_update_brings_new_keys_and_keeps_old_ones(void **state)
{
  fixture *all = *state;
  char machine[128];
  (void)snprintf(machine, sizeof(machine), "%s/updated", all->folder);
  assert_ok(qy_machine_init(NULL, machine, &all->config, qy_random_system(), &assert_why));
  qy_key_request request = {.key_name = QY_KEY_SEAL, .key_policy = QY_KEY_POLICY_MRSIGNER};
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[1], 16);
  QY_SCOPED_BUFFER(old_key, 64);
  QY_SCOPED_BUFFER(same_key, 64);
  QY_SCOPED_BUFFER(new_key, 64);
  qy_cpu cpu = fixture_start(machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  key_of(&old_key, &enclave, &request, QY_OK);
  qy_cpu_stop(&cpu);
  fixture_end(&enclave);
  assert_ok(qy_machine_raise(machine, NULL, 3, &assert_why));
  assert_int_equal(qy_machine_raise(machine, NULL, 2, NULL), QY_ERR_ARGUMENT);
  cpu = fixture_start(machine);
  qy_cpu_state now;
  assert_ok(qy_cpu_describe(&cpu, &now, &assert_why));
  assert_int_equal(now.level, 3);
  assert_memory_equal(now.cpu_svn, all->config.levels.cpu_svns[2], 16);
  enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  key_of(&same_key, &enclave, &request, QY_OK);
  assert_memory_equal(old_key.bytes, same_key.bytes, 16);
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[2], 16);
  key_of(&new_key, &enclave, &request, QY_OK);
  assert_memory_not_equal(old_key.bytes, new_key.bytes, 16);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void broken_instructions_are_answered_and_harm_nobody(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  static const uint8_t packets[][600] = {{0}, {1}, {2}, {3}, {255}};
  static const size_t sizes[] = {1, 2, 512, 513, 514, 576, 577, 578, 600};
  for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
    for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
      QY_SCOPED_BUFFER(out, 2048);
      qy_view value;
      assert_ok(fixture_call(&enclave, PROBE_INSTRUCTION, qy_view_over(packets[i], sizes[j]), &out, NULL));
      const bool whole = (packets[i][0] == 1 && sizes[j] == 577) || (packets[i][0] == 2 && sizes[j] == 513);
      const qy_status status = qy_outcome_decode(&value, qy_buffer_view(&out), NULL);
      if (whole) {
        assert_true(status == QY_OK || status == QY_ERR_DENIED);
      } else {
        assert_int_not_equal(status, QY_OK);
      }
    }
  }
  assert_int_equal(self_of(&enclave).isv_svn, 2);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void a_flood_ends_the_flooder_only(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched calm = fixture_launch(&cpu, qy_buffer_view(&all->image));
  qy_launched flooder = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_int_equal(fixture_call(&flooder, PROBE_FLOOD, (qy_view){NULL, 0}, NULL, NULL), QY_ERR_IO);
  assert_true(fixture_gone(flooder.process));
  assert_int_equal(self_of(&calm).isv_svn, 2);
  fixture_end(&calm);
  fixture_end(&flooder);
  qy_cpu_stop(&cpu);
}

static void one_processor_a_machine(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_cpu second;
  assert_int_equal(qy_cpu_start(&second, all->machine, NULL), QY_ERR_BUSY);
  assert_int_equal(second.process, -1);
  qy_cpu_stop(&cpu);
  cpu = fixture_start(all->machine);
  qy_cpu_stop(&cpu);
  qy_cpu_stop(&cpu);
}

static void an_enclave_that_ends_frees_its_place(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_cpu_state now = {0};
  for (int i = 0; i < 8; i++) {
    qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
    assert_ok(qy_cpu_describe(&cpu, &now, &assert_why));
    assert_int_equal(now.enclave_count, 1);
    fixture_end(&enclave);
    assert_true(fixture_gone(enclave.process));
    for (int tries = 0; tries < 200 && now.enclave_count > 0; tries++) {
      assert_ok(qy_cpu_describe(&cpu, &now, &assert_why));
    }
    assert_int_equal(now.enclave_count, 0);
  }
  assert_int_equal(fixture_children(cpu.process), 0);
  qy_cpu_stop(&cpu);
}

static void enclaves_end_with_their_processor(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched one = fixture_launch(&cpu, qy_buffer_view(&all->image));
  qy_launched two = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_int_equal(fixture_children(cpu.process), 2);
  qy_cpu_stop(&cpu);
  assert_true(fixture_gone(one.process));
  assert_true(fixture_gone(two.process));
  assert_int_not_equal(fixture_call(&one, PROBE_ECHO, qy_view_text("x"), NULL, NULL), QY_OK);
  fixture_end(&one);
  fixture_end(&two);
  /* Also when it has no time to say goodbye. */
  cpu = fixture_start(all->machine);
  one = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_int_equal(kill(cpu.process, SIGKILL), 0);
  assert_true(fixture_gone(one.process));
  fixture_end(&one);
  qy_cpu_stop(&cpu);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_enclave_is_what_was_measured),
      cmocka_unit_test(reports_verify_at_their_target_only),
      cmocka_unit_test(reports_outlive_a_reset_of_the_same_machine_only),
      cmocka_unit_test(keys_follow_the_rules),
      cmocka_unit_test(a_microcode_update_brings_new_keys_and_keeps_old_ones),
      cmocka_unit_test(broken_instructions_are_answered_and_harm_nobody),
      cmocka_unit_test(a_flood_ends_the_flooder_only),
      cmocka_unit_test(one_processor_a_machine),
      cmocka_unit_test(an_enclave_that_ends_frees_its_place),
      cmocka_unit_test(enclaves_end_with_their_processor),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
