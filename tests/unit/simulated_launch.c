/* SPDX-License-Identifier: Apache-2.0 */
/* Which images the processor starts, and that it starts what it measured. */
#include "simulated_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sgx/sigstruct.h>

static void refused(qy_cpu *cpu, qy_view image, qy_check_id check)
{
  qy_trace trace = {0};
  assert_int_equal(fixture_try_launch(cpu, image, &trace), QY_ERR_REFUSED);
  assert_non_null(qy_trace_failed(&trace));
  assert_string_equal(qy_check_name(qy_trace_failed(&trace)->id), qy_check_name(check));
}

/* Signs `image` anew after the test changed it. */
static void resign(qy_buffer *out, const qy_image *changed, const qy_sigstruct *wanted, const qy_rsa_private *signer)
{
  uint8_t bytes[QY_SIGSTRUCT_SIZE];
  qy_image image = *changed;
  qy_sigstruct sigstruct = *wanted;
  assert_ok(qy_image_measure(sigstruct.enclave_hash, &image, &assert_why));
  assert_ok(qy_sigstruct_sign(&sigstruct, signer, &assert_why));
  qy_sigstruct_encode(bytes, &sigstruct);
  image.sigstruct = QY_VIEW_OF(bytes);
  assert_ok(qy_image_encode(out, &image, &assert_why));
}

static void opened(qy_image *image, qy_sigstruct *sigstruct, const fixture *all)
{
  assert_ok(qy_image_decode(image, qy_buffer_view(&all->image), &assert_why));
  assert_ok(qy_sigstruct_decode(sigstruct, image->sigstruct, &assert_why));
}

static void a_patched_image_is_refused(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(copy, QY_IMAGE_MAX_SIZE);
  qy_buffer_append(&copy, all->image.bytes, all->image.size);
  qy_cpu cpu = fixture_start(all->machine);
  const size_t program_at = QY_IMAGE_HEADER_SIZE + 36;
  const size_t places[] = {program_at + 70000, copy.size - 4096 * 20, copy.size - 1, QY_IMAGE_HEADER_SIZE, 16};
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    copy.bytes[places[i]] ^= places[i] == 16 ? 2 : 1; /* no SSA frame would break the layout */
    refused(&cpu, qy_buffer_view(&copy), QY_CHECK_SIGSTRUCT_MEASUREMENT);
    memcpy(copy.bytes, all->image.bytes, copy.size);
  }
  QY_SCOPED_BUFFER(wider, QY_IMAGE_MAX_SIZE);
  qy_image image;
  assert_ok(qy_image_decode(&image, qy_buffer_view(&all->image), &assert_why));
  image.enclave_size *= 2;
  assert_ok(qy_image_encode(&wider, &image, &assert_why));
  refused(&cpu, qy_buffer_view(&wider), QY_CHECK_SIGSTRUCT_MEASUREMENT);
  const size_t signed_places[] = {48 + 20, 48 + 128 + 5, 48 + 516 + 5, 48 + 960, 48 + 1026};
  for (size_t i = 0; i < sizeof(signed_places) / sizeof(signed_places[0]); i++) {
    copy.bytes[signed_places[i]] ^= 1;
    refused(&cpu, qy_buffer_view(&copy), QY_CHECK_SIGSTRUCT_SIGNATURE);
    memcpy(copy.bytes, all->image.bytes, copy.size);
  }
  copy.bytes[48 + 1040] ^= 1;
  refused(&cpu, qy_buffer_view(&copy), QY_CHECK_SIGSTRUCT_QUOTIENTS);
  qy_cpu_stop(&cpu);
}

/* Another program under a good signature of its own has another MRENCLAVE, and it is that program which runs. */
static void what_runs_is_what_was_measured(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(patched, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(out, 4096);
  qy_buffer_append(&patched, all->program.bytes, all->program.size);
  uint8_t *text = memmem(patched.bytes, patched.size, "probe: refused as asked", 23);
  assert_non_null(text);
  memcpy(text, "probe: altered as asked", 23);
  const qy_image_request request = {
      .program = qy_buffer_view(&patched), .isv_prod_id = 1, .isv_svn = 2, .date_bcd = 0x20261123};
  assert_ok(qy_image_build(&image, &request, all->other, &assert_why));
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched honest = fixture_launch(&cpu, qy_buffer_view(&all->image));
  qy_launched other = fixture_launch(&cpu, qy_buffer_view(&image));
  assert_memory_not_equal(honest.identity.mr_enclave, other.identity.mr_enclave, 32);
  assert_memory_equal(honest.identity.mr_signer, other.identity.mr_signer, 32);
  const qy_channel channel = {.socket = other.channel, .timeout_ms = 20000, .patience_ms = 20000};
  const qy_channel_call call = {.kind = PROBE_CHECKS, .send_descriptor = -1, .origin = "it", .max_answer_size = 64};
  qy_error why = {0};
  assert_int_equal(qy_channel_ask(&channel, &call, &out, NULL, NULL, NULL, &why), QY_ERR_REFUSED);
  assert_string_equal(why.message, "probe: altered as asked");
  fixture_end(&honest);
  fixture_end(&other);
  qy_cpu_stop(&cpu);
}

static void an_unsealed_image_is_refused(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave;
  static const int seals[] = {0, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL};
  for (size_t i = 0; i < 3; i++) {
    qy_trace trace = {0};
    const int fd = memfd_create("open", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    assert_int_equal(write(fd, all->image.bytes, all->image.size), all->image.size);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals[i]), 0);
    assert_int_equal(qy_cpu_launch(&cpu, &enclave, fd, &trace, NULL), QY_ERR_REFUSED);
    assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_ENCLAVE_IMAGE_SEALED);
    (void)close(fd);
  }
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  assert_int_equal(qy_cpu_launch(&cpu, &enclave, file, NULL, NULL), QY_ERR_REFUSED);
  (void)close(file);
  assert_int_equal(qy_cpu_launch(&cpu, &enclave, -1, NULL, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(enclave.channel, -1);
  qy_cpu_stop(&cpu);
}

static void attributes_are_bounded(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_image image;
  qy_sigstruct sigstruct;
  const qy_attributes wrong[] = {{QY_ATTRIBUTE_MODE64BIT | QY_ATTRIBUTE_INIT, 3},
                                 {QY_ATTRIBUTE_MODE64BIT | QY_ATTRIBUTE_EINITTOKEN_KEY, 3},
                                 {QY_ATTRIBUTE_MODE64BIT | 0x8, 3},
                                 {0, 3},
                                 {QY_ATTRIBUTE_MODE64BIT, 7},
                                 {QY_ATTRIBUTE_MODE64BIT, 0}};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
    opened(&image, &sigstruct, all);
    image.attributes = wrong[i];
    sigstruct.attributes = wrong[i];
    resign(&bytes, &image, &sigstruct, all->maker);
    refused(&cpu, qy_buffer_view(&bytes), QY_CHECK_ENCLAVE_ATTRIBUTES);
  }
  /* The header's attributes are not measured: the signature binds them. */
  QY_SCOPED_BUFFER(copy, QY_IMAGE_MAX_SIZE);
  qy_buffer_append(&copy, all->image.bytes, all->image.size);
  copy.bytes[24] |= QY_ATTRIBUTE_DEBUG;
  refused(&cpu, qy_buffer_view(&copy), QY_CHECK_SIGSTRUCT_ATTRIBUTES);
  copy.bytes[24] = QY_ATTRIBUTE_MODE64BIT;
  copy.bytes[20] |= 1;
  refused(&cpu, qy_buffer_view(&copy), QY_CHECK_SIGSTRUCT_MISC_SELECT);
  qy_cpu_stop(&cpu);
}

static void debug_needs_a_signature(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_image image;
  qy_sigstruct sigstruct;
  QY_SCOPED_BUFFER(open_mask, QY_IMAGE_MAX_SIZE);
  opened(&image, &sigstruct, all);
  image.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  sigstruct.attribute_mask.flags &= ~QY_ATTRIBUTE_DEBUG; /* as EINIT itself would let by */
  resign(&open_mask, &image, &sigstruct, all->other);
  refused(&cpu, qy_buffer_view(&open_mask), QY_CHECK_ENCLAVE_DEBUG_SIGNED);
  QY_SCOPED_BUFFER(debug, QY_IMAGE_MAX_SIZE);
  fixture_image(&debug, all, (probe_kind){.signer = all->other, .flags = QY_ATTRIBUTE_DEBUG});
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&debug));
  assert_true((enclave.identity.attributes.flags & QY_ATTRIBUTE_DEBUG) != 0);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void provision_key_is_for_architectural_signers(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  QY_SCOPED_BUFFER(greedy, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(architectural, QY_IMAGE_MAX_SIZE);
  fixture_image(&greedy, all, (probe_kind){.signer = all->other, .flags = QY_ATTRIBUTE_PROVISION_KEY});
  refused(&cpu, qy_buffer_view(&greedy), QY_CHECK_ENCLAVE_PROVISION_SIGNER);
  fixture_image(&architectural, all, (probe_kind){.signer = all->maker, .flags = QY_ATTRIBUTE_PROVISION_KEY});
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&architectural));
  uint8_t request[QY_KEY_REQUEST_SIZE];
  QY_SCOPED_BUFFER(key, 64);
  qy_key_request_encode(request, &(qy_key_request){.key_name = QY_KEY_PROVISION});
  assert_ok(fixture_call(&enclave, PROBE_KEY, QY_VIEW_OF(request), &key, NULL));
  assert_int_equal(key.size, 16);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void program_refused(qy_cpu *cpu, const fixture *all, qy_view program)
{
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  const qy_image_request request = {.program = program, .date_bcd = 0x20261123};
  assert_ok(qy_image_build(&image, &request, all->other, &assert_why));
  refused(cpu, qy_buffer_view(&image), QY_CHECK_ENCLAVE_PROGRAM_STATIC);
}

static void only_static_programs_run(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  program_refused(&cpu, all, qy_view_text("#!/bin/sh\nexit 0\n"));
  program_refused(&cpu, all,
                  qy_view_text("\x7f"
                               "ELF"));
  QY_SCOPED_BUFFER(copy, QY_IMAGE_MAX_SIZE);
  qy_buffer_append(&copy, all->program.bytes, all->program.size);
  static const struct {
    size_t at;
    uint8_t value;
  } changes[] = {{4, 1}, {5, 2}, {16, 1}, {18, 0xb6}, {32 + 4, 1}, {54, 57}, {56, 0}, {56, 65}};
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    const uint8_t kept = copy.bytes[changes[i].at];
    copy.bytes[changes[i].at] = changes[i].value;
    program_refused(&cpu, all, qy_buffer_view(&copy));
    copy.bytes[changes[i].at] = kept;
  }
#ifndef QUOTARY_SANITIZED
  copy.bytes[64 + 56] = 3; /* the second program header asks for an interpreter */
  program_refused(&cpu, all, qy_buffer_view(&copy));
#endif
  qy_cpu_stop(&cpu);
}

static void the_processor_has_room_for_so_many(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclaves[QY_CPU_MAX_ENCLAVES];
  for (size_t i = 0; i < QY_CPU_MAX_ENCLAVES; i++) {
    enclaves[i] = fixture_launch(&cpu, qy_buffer_view(&all->image));
  }
  assert_int_equal(fixture_try_launch(&cpu, qy_buffer_view(&all->image), NULL), QY_ERR_BUSY);
  for (size_t i = 0; i < QY_CPU_MAX_ENCLAVES; i++) {
    fixture_end(&enclaves[i]);
  }
  qy_cpu_stop(&cpu);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_patched_image_is_refused),   cmocka_unit_test(what_runs_is_what_was_measured),
      cmocka_unit_test(an_unsealed_image_is_refused), cmocka_unit_test(attributes_are_bounded),
      cmocka_unit_test(debug_needs_a_signature),      cmocka_unit_test(provision_key_is_for_architectural_signers),
      cmocka_unit_test(only_static_programs_run),     cmocka_unit_test(the_processor_has_room_for_so_many),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
