/* SPDX-License-Identifier: Apache-2.0 */
/* Trust domains through a real processor process: what their reports say, and who takes them. */
#include "simulated_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <base/cursor.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <enclave/instruction.h>
#include <enclave/runtime.h>

static const qy_td_image_request plain = {.section_count = 1,
                                          .sections = {{"extra", {(const uint8_t *)"one", 3}}},
                                          .configuration = {(const uint8_t *)"c=1", 3}};

typedef struct scene {
  qy_cpu cpu;
  qy_launched_td domain;
  qy_launched inside; /* the same, to be called */
  qy_launched enclave;
} scene;

static scene begin(void **state)
{
  const fixture *all = *state;
  scene it = {.cpu = fixture_start(all->machine)};
  it.domain = fixture_launch_td(&it.cpu, all, plain);
  it.inside = fixture_as_launched(&it.domain);
  it.enclave = fixture_launch(&it.cpu, qy_buffer_view(&all->image));
  return it;
}

static void finish(scene *it)
{
  fixture_end(&it->inside);
  fixture_end(&it->enclave);
  qy_cpu_stop(&it->cpu);
}

static qy_status report_of(uint8_t bytes[QY_TD_REPORT_SIZE], const qy_launched *inside, uint8_t version)
{
  uint8_t in[1 + QY_REPORT_DATA_SIZE];
  QY_SCOPED_BUFFER(out, QY_TD_REPORT_SIZE);
  memset(in, 0x5a, sizeof(in));
  in[0] = version;
  const qy_status status = fixture_call(inside, PROBE_TD_REPORT, QY_VIEW_OF(in), &out, NULL);
  memset(bytes, 0, QY_TD_REPORT_SIZE);
  if (status == QY_OK) {
    assert_int_equal(out.size, QY_TD_REPORT_SIZE);
    memcpy(bytes, out.bytes, out.size);
  }
  return status;
}

static bool verifies(const qy_launched *enclave, const uint8_t bytes[QY_TD_REPORT_SIZE])
{
  QY_SCOPED_BUFFER(out, 1);
  assert_ok(fixture_call(enclave, PROBE_TD_VERIFY, qy_view_over(bytes, QY_TD_REPORT_MAC_STRUCT_SIZE), &out, NULL));
  assert_int_equal(out.size, 1);
  return out.bytes[0] == 1;
}

static void a_report_says_what_was_measured(void **state)
{
  const fixture *all = *state;
  scene it = begin(state);
  uint8_t mr_td[QY_TD_HASH_SIZE], config_id[QY_TD_HASH_SIZE], bytes[QY_TD_REPORT_SIZE];
  qy_td_image image;
  QY_SCOPED_BUFFER(file, QY_IMAGE_MAX_SIZE);
  qy_td_image_request request = plain;
  request.program = qy_buffer_view(&all->program);
  assert_ok(qy_td_image_build(&file, &request, &assert_why));
  assert_ok(qy_td_image_decode(&image, qy_buffer_view(&file), &assert_why));
  assert_ok(qy_td_image_measure(mr_td, &image, &assert_why));
  const qy_view configuration = qy_view_text("c=1");
  assert_ok(qy_hash_parts(config_id, QY_SHA384, &configuration, 1, &assert_why));
  assert_int_equal(it.domain.page_count, qy_td_image_page_count(&image));
  assert_memory_equal(it.domain.mr_td, mr_td, sizeof(mr_td));
  for (uint8_t version = 0; version <= 1; version++) {
    qy_td_report report;
    assert_ok(report_of(bytes, &it.inside, version));
    assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(bytes), &assert_why));
    assert_ok(qy_td_report_check_form(&report, &assert_why));
    assert_ok(qy_td_report_check_bound(&report, NULL, &assert_why));
    assert_true(verifies(&it.enclave, bytes));
    assert_int_equal(report.version, version);
    assert_true(report.valid == (version == 0 ? 0x1ff : 0x301ff));
    assert_memory_equal(report.mr_td, mr_td, sizeof(mr_td));
    assert_memory_equal(report.mr_config_id, config_id, sizeof(config_id));
    assert_memory_equal(report.cpu_svn, all->config.levels.cpu_svns[1], sizeof(report.cpu_svn));
    assert_int_equal(report.report_data[0], 0x5a);
    assert_int_equal(report.report_data[63], 0x5a);
    const uint8_t svn[QY_TEE_TCB_SVN_SIZE] = {3, 1, 2};
    assert_memory_equal(report.tee_tcb_svn, svn, sizeof(svn));
    assert_true(version == 0 ? qy_view_is_zero(QY_VIEW_OF(report.tee_tcb_svn2))
                             : qy_view_equal(QY_VIEW_OF(report.tee_tcb_svn2), QY_VIEW_OF(svn)));
    assert_false(qy_view_is_zero(QY_VIEW_OF(report.mr_seam)));
    assert_true(qy_view_is_zero(QY_VIEW_OF(report.mr_signer_seam)));
    assert_true(qy_view_is_zero(QY_VIEW_OF(report.seam_attributes)));
    assert_true(qy_view_is_zero(qy_view_over(report.rtmr[0], sizeof(report.rtmr))));
    assert_true(report.td_attributes == QY_TD_SEPT_VE_DISABLE && report.xfam == QY_TD_IMAGE_XFAM);
  }
  assert_int_equal(report_of(bytes, &it.inside, 2), QY_ERR_UNSUPPORTED);
  finish(&it);
}

/* Not one bit of what the MAC covers, nor the MAC itself, can be another: each seventh is tried. */
static void altered_reports_do_not_verify(void **state)
{
  scene it = begin(state);
  uint8_t bytes[QY_TD_REPORT_SIZE];
  assert_ok(report_of(bytes, &it.inside, 1));
  for (size_t bit = 0; bit < 8 * QY_TD_REPORT_MAC_STRUCT_SIZE; bit += 7) {
    bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_false(verifies(&it.enclave, bytes));
    bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
  }
  assert_true(verifies(&it.enclave, bytes));
  finish(&it);
}

/* Unlike an enclave's, whose key is of the fuses. */
static void reports_end_with_a_reset(void **state)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  scene it = begin(state);
  assert_ok(report_of(bytes, &it.inside, 1));
  finish(&it);
  it = begin(state);
  assert_false(verifies(&it.enclave, bytes));
  finish(&it);
}

static void registers_are_extended(void **state)
{
  scene it = begin(state);
  uint8_t in[1 + QY_TD_HASH_SIZE], bytes[QY_TD_REPORT_SIZE];
  uint8_t expected[QY_TD_RTMR_COUNT][QY_TD_HASH_SIZE] = {{0}};
  qy_td_report report;
  for (uint8_t i = 0; i < 6; i++) {
    memset(in, 0x11 * i, sizeof(in));
    in[0] = i % QY_TD_RTMR_COUNT;
    assert_ok(fixture_call(&it.inside, PROBE_TD_EXTEND, QY_VIEW_OF(in), NULL, NULL));
    const qy_view parts[] = {qy_view_over(expected[in[0]], QY_TD_HASH_SIZE), qy_view_over(in + 1, QY_TD_HASH_SIZE)};
    assert_ok(qy_hash_parts(bytes, QY_SHA384, parts, 2, &assert_why));
    memcpy(expected[in[0]], bytes, QY_TD_HASH_SIZE);
  }
  in[0] = QY_TD_RTMR_COUNT;
  assert_int_equal(fixture_call(&it.inside, PROBE_TD_EXTEND, QY_VIEW_OF(in), NULL, NULL), QY_ERR_ARGUMENT);
  assert_ok(report_of(bytes, &it.inside, 0));
  assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(bytes), &assert_why));
  assert_memory_equal(report.rtmr, expected, sizeof(expected));
  assert_true(verifies(&it.enclave, bytes));
  /* Another trust domain from the same image has its own. */
  const qy_launched_td second = fixture_launch_td(&it.cpu, *state, plain);
  qy_launched other = fixture_as_launched(&second);
  assert_ok(report_of(bytes, &other, 0));
  assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(bytes), &assert_why));
  assert_true(qy_view_is_zero(qy_view_over(report.rtmr[0], sizeof(report.rtmr))));
  fixture_end(&other);
  finish(&it);
}

static void each_kind_has_its_own_instructions(void **state)
{
  scene it = begin(state);
  uint8_t in[1 + QY_REPORT_DATA_SIZE] = {1}, mac_struct[QY_TD_REPORT_MAC_STRUCT_SIZE] = {0x81};
  uint8_t request[QY_KEY_REQUEST_SIZE] = {4};
  assert_int_equal(fixture_call(&it.enclave, PROBE_TD_REPORT, QY_VIEW_OF(in), NULL, NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(fixture_call(&it.enclave, PROBE_TD_EXTEND, qy_view_over(in, 49), NULL, NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(fixture_call(&it.inside, PROBE_KEY, QY_VIEW_OF(request), NULL, NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(fixture_call(&it.inside, PROBE_SELF, (qy_view){NULL, 0}, NULL, NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(fixture_call(&it.inside, PROBE_TD_VERIFY, QY_VIEW_OF(mac_struct), NULL, NULL), QY_ERR_UNSUPPORTED);
  finish(&it);
}

static void sections_and_configuration_are_found(void **state)
{
  scene it = begin(state);
  QY_SCOPED_BUFFER(section, 64);
  QY_SCOPED_BUFFER(configuration, 64);
  assert_ok(fixture_call(&it.inside, PROBE_SECTION, qy_view_text("extra"), &section, NULL));
  assert_string_equal(qy_buffer_text(&section), "one");
  assert_ok(fixture_call(&it.inside, PROBE_TD_CONFIGURATION, (qy_view){NULL, 0}, &configuration, NULL));
  assert_string_equal(qy_buffer_text(&configuration), "c=1");
  finish(&it);
}

/* It is confined as an enclave is. */
static void the_sandbox_is_the_same(void **state)
{
  scene it = begin(state);
  QY_SCOPED_BUFFER(descriptors, 256);
  static const uint8_t three[] = {QY_ENCLAVE_FD_CPU, QY_ENCLAVE_FD_HOST, QY_ENCLAVE_FD_IMAGE};
  assert_ok(fixture_call(&it.inside, PROBE_DESCRIPTORS, (qy_view){NULL, 0}, &descriptors, NULL));
  assert_true(descriptors.size >= 3);
#ifndef QUOTARY_SANITIZED
  assert_true(qy_view_equal(qy_buffer_view(&descriptors), QY_VIEW_OF(three)));
  static const uint8_t ways[] = {TRY_KILL, TRY_FORK, TRY_EXEC, TRY_PTRACE, TRY_MAP_CODE};
  for (size_t i = 0; i < sizeof(ways); i++) {
    const qy_launched_td fresh = fixture_launch_td(&it.cpu, *state, plain);
    qy_launched one = fixture_as_launched(&fresh);
    assert_int_not_equal(fixture_call(&one, PROBE_TRY, qy_view_over(&ways[i], 1), NULL, NULL), QY_OK);
    assert_true(fixture_gone(one.process));
    fixture_end(&one);
  }
#else
  (void)three;
#endif
  finish(&it);
}

static void a_domain_ends_with_its_channel(void **state)
{
  scene it = begin(state);
  const pid_t process = it.domain.process;
  assert_true(fixture_alive(process));
  fixture_end(&it.inside);
  assert_true(fixture_gone(process));
  finish(&it);
}

static void wrong_attributes_are_refused(void **state)
{
  static const uint64_t good[] = {0, QY_TD_DEBUG};
  static const uint64_t bad[] = {2, QY_TD_MIGRATABLE, QY_TD_PKS, QY_TD_PERFMON};
  const fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_td_image_request request = plain;
  for (size_t i = 0; i < 2; i++) {
    request.attributes = good[i];
    const qy_launched_td domain = fixture_launch_td(&cpu, all, request);
    assert_true(domain.attributes == (good[i] | QY_TD_SEPT_VE_DISABLE));
    qy_launched one = fixture_as_launched(&domain);
    fixture_end(&one);
  }
  for (size_t i = 0; i < 4; i++) {
    qy_launched_td domain;
    qy_trace trace = {0};
    request.attributes = bad[i];
    assert_int_equal(fixture_try_launch_td(&cpu, &domain, all, request, &trace), QY_ERR_REFUSED);
    assert_int_equal(domain.channel, -1);
    assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_TRUST_DOMAIN_ATTRIBUTES);
  }
  qy_cpu_stop(&cpu);
}

/* An image of one kind is none of the other. */
static void kinds_of_images_are_told_apart(void **state)
{
  const fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  int fd = -1;
  qy_launched_td domain;
  assert_ok(qy_image_seal(&fd, qy_buffer_view(&all->image), &assert_why));
  assert_int_equal(qy_cpu_launch_td(&cpu, &domain, fd, NULL, NULL), QY_ERR_MALFORMED);
  (void)close(fd);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  qy_td_image_request request = plain;
  request.program = qy_buffer_view(&all->program);
  assert_ok(qy_td_image_build(&image, &request, &assert_why));
  assert_int_equal(fixture_try_launch(&cpu, qy_buffer_view(&image), NULL), QY_ERR_MALFORMED);
  request.program = qy_view_text("#!/bin/sh");
  qy_buffer_clear(&image);
  qy_buffer_init(&image, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_td_image_build(&image, &request, &assert_why));
  qy_trace trace = {0};
  assert_ok(qy_image_seal(&fd, qy_buffer_view(&image), &assert_why));
  assert_int_equal(qy_cpu_launch_td(&cpu, &domain, fd, &trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_ENCLAVE_PROGRAM_STATIC);
  (void)close(fd);
  qy_cpu_stop(&cpu);
}

static void a_machine_without_the_module_has_none(void **state)
{
  const fixture *all = *state;
  char elsewhere[128];
  qy_cpu_state known;
  qy_launched_td domain;
  qy_machine_config config = all->config;
  config.tdx_module = (qy_tdx_module_level){0};
  (void)snprintf(elsewhere, sizeof(elsewhere), "%s/without", all->folder);
  assert_ok(qy_machine_init(NULL, elsewhere, &config, qy_random_system(), &assert_why));
  assert_int_equal(qy_machine_update_tdx_module(elsewhere, 4, NULL), QY_ERR_UNSUPPORTED);
  qy_cpu cpu = fixture_start(elsewhere);
  assert_ok(qy_cpu_describe(&cpu, &known, &assert_why));
  assert_int_equal(known.tdx_module.version, 0);
  assert_int_equal(fixture_try_launch_td(&cpu, &domain, all, plain, NULL), QY_ERR_UNSUPPORTED);
  qy_cpu_stop(&cpu);
}

static void a_module_update_shows_in_reports(void **state)
{
  const fixture *all = *state;
  uint8_t bytes[QY_TD_REPORT_SIZE];
  qy_td_report before, after;
  qy_cpu_state known;
  scene it = begin(state);
  assert_ok(report_of(bytes, &it.inside, 1));
  assert_ok(qy_td_report_decode(&before, QY_VIEW_OF(bytes), &assert_why));
  finish(&it);
  assert_int_equal(qy_machine_update_tdx_module(all->machine, 2, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_machine_update_tdx_module(all->machine, 4, &assert_why));
  it = begin(state);
  assert_ok(qy_cpu_describe(&it.cpu, &known, &assert_why));
  assert_int_equal(known.tdx_module.svn, 4);
  assert_ok(report_of(bytes, &it.inside, 1));
  assert_ok(qy_td_report_decode(&after, QY_VIEW_OF(bytes), &assert_why));
  finish(&it);
  assert_int_equal(after.tee_tcb_svn[0], 4);
  assert_memory_not_equal(after.mr_seam, before.mr_seam, sizeof(after.mr_seam));
  assert_memory_equal(after.mr_td, before.mr_td, sizeof(after.mr_td));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_report_says_what_was_measured),
      cmocka_unit_test(altered_reports_do_not_verify),
      cmocka_unit_test(reports_end_with_a_reset),
      cmocka_unit_test(registers_are_extended),
      cmocka_unit_test(each_kind_has_its_own_instructions),
      cmocka_unit_test(sections_and_configuration_are_found),
      cmocka_unit_test(the_sandbox_is_the_same),
      cmocka_unit_test(a_domain_ends_with_its_channel),
      cmocka_unit_test(wrong_attributes_are_refused),
      cmocka_unit_test(kinds_of_images_are_told_apart),
      cmocka_unit_test(a_machine_without_the_module_has_none),
      cmocka_unit_test(a_module_update_shows_in_reports),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
