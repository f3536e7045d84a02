/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/log.h>
#include <base/secret.h>

static void secrets(void **state)
{
  (void)state;
  uint8_t bytes[QY_SECRET_CAPACITY + 1];
  memset(bytes, 7, sizeof(bytes));
  qy_secret secret;
  memset(&secret, 1, sizeof(secret));
  qy_secret_set(&secret, bytes, 16);
  assert_int_equal(secret.size, 16);
  assert_memory_equal(secret.bytes, bytes, 16);
  assert_true(qy_view_is_zero((qy_view){secret.bytes + 16, QY_SECRET_CAPACITY - 16}));
  assert_ptr_equal(qy_secret_view(&secret).bytes, secret.bytes);
  qy_secret_set(&secret, bytes, QY_SECRET_CAPACITY);
  assert_int_equal(secret.size, QY_SECRET_CAPACITY);
  qy_secret_set(&secret, bytes, QY_SECRET_CAPACITY + 1);
  assert_int_equal(secret.size, 0);
  assert_true(qy_view_is_zero(QY_VIEW_OF(secret.bytes)));
  qy_secret_set(&secret, bytes, 5);
  qy_secret_clear(&secret);
  assert_int_equal(secret.size, 0);
  assert_true(qy_view_is_zero(QY_VIEW_OF(secret.bytes)));
  qy_wipe(NULL, 5);
  qy_wipe(bytes, 0);
  assert_int_equal(bytes[0], 7);
}

static void comparison(void **state)
{
  (void)state;
  uint8_t a[32] = {0}, b[32] = {0};
  assert_true(qy_equal_ct(a, b, 32));
  assert_true(qy_equal_ct(a, b, 0));
  for (size_t bit = 0; bit < 256; bit++) {
    b[bit / 8] = (uint8_t)(1u << bit % 8);
    assert_false(qy_equal_ct(a, b, 32));
    b[bit / 8] = 0;
  }
}

static void vaults(void **state)
{
  (void)state;
  QY_SCOPED_VAULT(vault);
  QY_SCOPED_VAULT(empty);
  qy_vault huge;
  assert_ok(qy_vault_new(&vault, 5000, &assert_why));
  assert_int_equal(vault.size, 5000);
  assert_true(qy_view_is_zero((qy_view){vault.bytes, 5000}));
  memset(vault.bytes, 1, 5000);
  assert_ok(qy_vault_new(&empty, 0, &assert_why));
  assert_non_null(empty.bytes);
  assert_int_equal(qy_vault_new(&huge, SIZE_MAX, NULL), QY_ERR_LIMIT);
  assert_null(huge.bytes);
  qy_vault_free(&vault);
  assert_null(vault.bytes);
  qy_vault_free(&vault);
}

static void vaults_that_children_find_empty(void **state)
{
  (void)state;
  QY_SCOPED_VAULT(vault);
  int status = -1;
  assert_ok(qy_vault_new(&vault, 5000, &assert_why));
  assert_ok(qy_vault_withhold_from_children(&vault, &assert_why));
  memset(vault.bytes, 1, vault.size);
  const pid_t child = fork();
  if (child == 0) {
    _exit(qy_view_is_zero(qy_view_over(vault.bytes, vault.size)) ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(vault.bytes[4999], 1);
}

/* Leaves a pattern deep in the stack. */
static __attribute__((noinline)) uint8_t leave_pattern(size_t depth)
{
  volatile uint8_t frame[1024];
  for (size_t i = 0; i < sizeof(frame); i++) {
    frame[i] = 0xa7;
  }
  return depth == 0 ? frame[0] : leave_pattern(depth - 1) & frame[1];
}

static void *leave_it(void *unused)
{
  (void)leave_pattern(30);
  return unused;
}

static void *leave_and_wipe(void *unused)
{
  (void)leave_pattern(30);
  qy_wipe_stack_64k();
  return unused;
}

/* Whether the pattern is left on the stack of a thread that ran it. */
static bool pattern_is_left(void *(*run)(void *))
{
  enum { SIZE = 256 * 1024 };
  pthread_attr_t attributes;
  pthread_t thread;
  uint8_t *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(stack != MAP_FAILED);
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstack(&attributes, stack, SIZE), 0);
  assert_int_equal(pthread_create(&thread, &attributes, run, NULL), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  (void)pthread_attr_destroy(&attributes);
  const bool left = memmem(stack, SIZE, "\xa7\xa7\xa7\xa7", 4) != NULL;
  (void)munmap(stack, SIZE);
  return left;
}

static void stacks_are_wiped(void **state)
{
  (void)state;
  assert_true(pattern_is_left(leave_it));
  assert_false(pattern_is_left(leave_and_wipe));
}

static void hardening(void **state)
{
  (void)state;
  const pid_t child = fork();
  if (child == 0) {
    struct rlimit limit;
    qy_process_harden();
    const bool good = prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
                      limit.rlim_max == 0 && umask(0) == 077;
    _exit(good ? 0 : 1);
  }
  int status = 1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void log_lines(void **state)
{
  (void)state;
  char out[64];
  int ends[2];
  char got[4096] = "";
  qy_log_escape(out, sizeof(out), "a\nb\x1b[31m\x7f\xc3\xa9");
  assert_string_equal(out, "a\\x0ab\\x1b[31m\\x7f\xc3\xa9");
  for (size_t size = 1; size < 12; size++) {
    char small[12];
    memset(small, 'z', sizeof(small));
    qy_log_escape(small, size, "\n\n\n\n");
    assert_true(strlen(small) < size);
  }
  assert_int_equal(pipe(ends), 0);
  const int kept = dup(STDERR_FILENO);
  assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
  qy_log(QY_LOG_DEBUG, "test", "not shown");
  qy_log(QY_LOG_WARNING, "test", "one\ntwo %d", 3);
  qy_log_set_level(QY_LOG_ERROR);
  qy_log(QY_LOG_WARNING, "test", "not shown");
  qy_log_set_level(QY_LOG_INFO);
  assert_true(dup2(kept, STDERR_FILENO) >= 0);
  (void)close(kept);
  (void)close(ends[1]);
  assert_true(read(ends[0], got, sizeof(got) - 1) > 0);
  (void)close(ends[0]);
  assert_string_equal(got + 20, " warning test: one\\x0atwo 3\n"); /* behind the time */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secrets),          cmocka_unit_test(comparison),
      cmocka_unit_test(vaults),           cmocka_unit_test(vaults_that_children_find_empty),
      cmocka_unit_test(stacks_are_wiped), cmocka_unit_test(hardening),
      cmocka_unit_test(log_lines)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
