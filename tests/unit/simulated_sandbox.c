/* SPDX-License-Identifier: Apache-2.0 */
/* What an enclave's process cannot do, and what nobody can do to it. */
#include "simulated_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/cursor.h>
#include <base/file.h>

static void has_three_descriptors(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(out, 4096);
  assert_ok(fixture_call(&enclave, PROBE_DESCRIPTORS, (qy_view){NULL, 0}, &out, NULL));
#ifdef QUOTARY_SANITIZED
  static const uint8_t expected[] = {2, 3, 4, 5};
#else
  static const uint8_t expected[] = {3, 4, 5};
#endif
  assert_int_equal(out.size, sizeof(expected));
  assert_memory_equal(out.bytes, expected, sizeof(expected));
  /* And as the kernel sees it, where it lets us look. */
  char path[64];
  (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)enclave.process);
  DIR *folder = opendir(path);
  size_t count = 0;
  for (struct dirent *entry = folder == NULL ? NULL : readdir(folder); entry != NULL; entry = readdir(folder)) {
    count += entry->d_name[0] != '.';
  }
  if (folder != NULL) {
    (void)closedir(folder);
    assert_int_equal(count, sizeof(expected));
  }
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

/* Gives errno of what the enclave tried, 0 when it went well, -1 when it was ended for it. */
static int attempt(qy_cpu *cpu, const fixture *all, uint8_t what)
{
  qy_launched enclave = fixture_launch(cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(out, 4096);
  int result = -1;
  if (fixture_call(&enclave, PROBE_TRY, qy_view_over(&what, 1), &out, NULL) == QY_OK) {
    result = out.bytes[0];
  } else {
    assert_true(fixture_gone(enclave.process));
  }
  fixture_end(&enclave);
  return result;
}

static void cannot_reach_out(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  assert_int_equal(attempt(&cpu, all, TRY_NOTHING), 0);
  static const uint8_t deadly[] = {TRY_KILL, TRY_FORK, TRY_EXEC, TRY_PTRACE, TRY_PRCTL};
  for (size_t i = 0; i < sizeof(deadly); i++) {
    assert_int_equal(attempt(&cpu, all, deadly[i]), -1);
  }
#ifndef QUOTARY_SANITIZED
  assert_int_equal(attempt(&cpu, all, TRY_OPEN), ENOENT);
  assert_int_equal(attempt(&cpu, all, TRY_SOCKET), EPERM);
  static const uint8_t also_deadly[] = {TRY_MAP_CODE, TRY_MAKE_CODE, TRY_MEMFD, TRY_DUP, TRY_THREAD};
  for (size_t i = 0; i < sizeof(also_deadly); i++) {
    assert_int_equal(attempt(&cpu, all, also_deadly[i]), -1);
  }
#else
  assert_int_equal(attempt(&cpu, all, TRY_SOCKET), -1);
#endif
  assert_int_not_equal(attempt(&cpu, all, TRY_WRITE_IMAGE), 0); /* sealed */
  qy_cpu_state now;
  assert_ok(qy_cpu_describe(&cpu, &now, &assert_why));
  qy_cpu_stop(&cpu);
}

static void one_enclave_s_end_is_not_another_s(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched stays = fixture_launch(&cpu, qy_buffer_view(&all->image));
  assert_int_equal(attempt(&cpu, all, TRY_KILL), -1);
  QY_SCOPED_BUFFER(out, 4096);
  assert_ok(fixture_call(&stays, PROBE_SELF, (qy_view){NULL, 0}, &out, NULL));
  fixture_end(&stays);
  qy_cpu_stop(&cpu);
}

static void starts_with_an_empty_environment(void **state)
{
  fixture *all = *state;
  (void)setenv("OPENSSL_CONF", "/tmp/evil.cnf", 1);
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(fixture_call(&enclave, PROBE_ENVIRONMENT, (qy_view){NULL, 0}, &out, NULL));
  assert_int_equal(out.bytes[0], 0);
  (void)unsetenv("OPENSSL_CONF");
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

/* The kernel says of each process: no new privileges, a filter, no dumps, a session of its own. */
static void is_confined_as_the_kernel_sees_it(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(limits, 65536);
  QY_SCOPED_BUFFER(out, 64);
  char path[64];
  assert_ok(fixture_call(&enclave, PROBE_ECHO, qy_view_text("x"), &out, NULL)); /* so it is in its loop */
  (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)enclave.process);
  assert_ok(qy_file_read(&text, path, &assert_why));
  assert_non_null(strstr(qy_buffer_text(&text), "NoNewPrivs:\t1"));
  assert_non_null(strstr(qy_buffer_text(&text), "Seccomp:\t2"));
  (void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)enclave.process);
  assert_ok(qy_file_read(&limits, path, &assert_why));
  assert_non_null(strstr(qy_buffer_text(&limits), "Max core file size        0                    0"));
  assert_int_equal(getsid(enclave.process), enclave.process);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

/* A descriptor that the host sends along never arrives inside. */
static void takes_no_descriptor_from_outside(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  const qy_channel channel = {.socket = enclave.channel, .timeout_ms = 20000, .patience_ms = 20000};
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const qy_channel_call call = {
      .kind = PROBE_DESCRIPTORS, .send_descriptor = file, .origin = "it", .max_answer_size = 64};
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(qy_channel_ask(&channel, &call, &out, NULL, NULL, NULL, &assert_why));
  assert_int_equal(out.bytes[out.size - 1], 5);
  assert_int_equal(out.bytes[out.size - 3], 3);
  (void)close(file);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void fuses_are_the_processor_s_alone(void **state)
{
  fixture *all = *state;
  char path[128];
  struct stat info;
  QY_SCOPED_BUFFER(fuses, 4096);
  (void)snprintf(path, sizeof(path), "%s/fuses", all->machine);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_ok(qy_file_read(&fuses, path, &assert_why));
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(out, 64);
  assert_ok(fixture_call(&enclave, PROBE_ECHO, qy_view_text("x"), &out, NULL));
  /* No base key lies anywhere in the enclave's memory. */
  char maps_path[64];
  (void)snprintf(maps_path, sizeof(maps_path), "/proc/%d/maps", (int)enclave.process);
  (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)enclave.process);
  FILE *maps = fopen(maps_path, "r");
  const int memory = open(path, O_RDONLY | O_CLOEXEC);
  size_t seen = 0;
  unsigned long long from = 0;
  unsigned long long to = 0;
  char line[512];
  while (memory >= 0 && maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
    if (sscanf(line, "%llx-%llx", &from, &to) != 2 || to - from > (64u << 20)) {
      continue;
    }
    uint8_t *bytes = malloc((size_t)(to - from));
    const ssize_t got = pread(memory, bytes, (size_t)(to - from), (off_t)from);
    for (size_t key = 0; got > 0 && key < 6; key++) {
      assert_null(memmem(bytes, (size_t)got, fuses.bytes + 8 + 16 * key, 16));
    }
    seen += got > 0 ? (size_t)got : 0;
    free(bytes);
  }
  if (maps != NULL) {
    (void)fclose(maps);
  }
  if (memory >= 0) {
    assert_true(seen > 1000000);
    (void)close(memory);
  }
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void a_processor_with_loose_fuses_does_not_start(void **state)
{
  fixture *all = *state;
  char path[128];
  qy_cpu cpu;
  (void)snprintf(path, sizeof(path), "%s/fuses", all->machine);
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(qy_cpu_start(&cpu, all->machine, NULL), QY_ERR_DENIED);
  assert_int_equal(chmod(path, 0600), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_three_descriptors),
      cmocka_unit_test(cannot_reach_out),
      cmocka_unit_test(one_enclave_s_end_is_not_another_s),
      cmocka_unit_test(starts_with_an_empty_environment),
      cmocka_unit_test(is_confined_as_the_kernel_sees_it),
      cmocka_unit_test(takes_no_descriptor_from_outside),
      cmocka_unit_test(fuses_are_the_processor_s_alone),
      cmocka_unit_test(a_processor_with_loose_fuses_does_not_start),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
