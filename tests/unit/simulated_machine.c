/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/machine.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/file.h>

#include "vectors.h"

#define LEVELS                                                       \
  "[{\"level\":1,\"cpu_svn\":\"0101ffff000000000000000000000000\"}," \
  "{\"level\":2,\"cpu_svn\":\"0202ffff000000000000000000000000\"},"  \
  "{\"level\":3,\"cpu_svn\":\"0303ffff000000000000000000000000\"}]"

static int setup(void **state)
{
  char *folder = strdup("/tmp/quotary-test-XXXXXX");
  assert_non_null(mkdtemp(folder));
  *state = folder;
  return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

static int teardown(void **state)
{
  (void)nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  free(*state);
  return 0;
}

static const char *in(const char *folder, const char *name)
{
  static char path[4200];
  (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

static qy_machine_config some_config(void)
{
  qy_machine_config config = {.level = 2, .signer_count = 2};
  assert_ok(qy_cpu_levels_decode(&config.levels, qy_view_text(LEVELS), &assert_why));
  memset(config.architectural_signers[0], 0xa1, 32);
  memset(config.architectural_signers[1], 0xb2, 32);
  return config;
}

static void levels_are_read(void **state)
{
  qy_cpu_levels levels;
  (void)state;
  assert_ok(qy_cpu_levels_decode(&levels, qy_view_text(LEVELS), &assert_why));
  assert_int_equal(levels.count, 3);
  assert_int_equal(levels.cpu_svns[2][1], 3);
}

static void wrong_levels_are_refused(void **state)
{
  static const struct {
    const char *json;
    qy_status status;
  } cases[] = {
      {"[]", QY_ERR_LIMIT},
      {"{}", QY_ERR_MALFORMED},
      {"[{\"level\":2,\"cpu_svn\":\"0101ffff000000000000000000000000\"}]", QY_ERR_MALFORMED},
      {"[{\"level\":1,\"cpu_svn\":\"00000000000000000000000000000000\"}]", QY_ERR_MALFORMED},
      {"[{\"level\":1,\"cpu_svn\":\"0101ffff0000000000000000000000\"}]", QY_ERR_MALFORMED},
      {"[{\"level\":1,\"cpu_svn\":\"0101ffff000000000000000000000000\",\"more\":1}]", QY_ERR_MALFORMED},
      {"[{\"level\":1,\"cpu_svn\":\"0101ffff000000000000000000000000\"},"
       "{\"level\":2,\"cpu_svn\":\"0101ffff000000000000000000000000\"}]",
       QY_ERR_MALFORMED},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    qy_cpu_levels levels;
    assert_int_equal(qy_cpu_levels_decode(&levels, qy_view_text(cases[i].json), NULL), cases[i].status);
    assert_int_equal(levels.count, 0);
  }
}

static void a_machine_is_burnt_once(void **state)
{
  const qy_machine_config config = some_config();
  qy_machine_config loaded;
  test_random random = {7};
  const qy_random source = test_random_source(&random);
  QY_SCOPED_FACTORY_RECORD(record);
  QY_SCOPED_FUSES(fuses);
  struct stat info;
  const char *folder = *state;
  assert_ok(qy_machine_init(&record, folder, &config, &source, &assert_why));
  assert_int_equal(record.provision_base_key.size, 16);
  assert_false(qy_view_is_zero(QY_VIEW_OF(record.ppid)));
  assert_int_equal(stat(in(folder, "fuses"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_ok(qy_machine_load(&fuses, &loaded, folder, &source, &assert_why));
  assert_memory_equal(&loaded, &config, sizeof(config));
  assert_int_equal(fuses.cpu_svn_count, 3);
  assert_memory_equal(fuses.base_keys[QY_KEY_PROVISION].bytes, record.provision_base_key.bytes, 16);
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    assert_int_equal(fuses.base_keys[i].size, 16);
    for (size_t j = 0; j < i; j++) {
      assert_memory_not_equal(fuses.base_keys[i].bytes, fuses.base_keys[j].bytes, 16);
    }
  }
  QY_SCOPED_FUSES(again);
  assert_ok(qy_machine_load(&again, &loaded, folder, &source, &assert_why));
  assert_memory_equal(again.base_keys, fuses.base_keys, sizeof(fuses.base_keys));
  assert_memory_equal(again.owner_epoch, fuses.owner_epoch, sizeof(fuses.owner_epoch));
  assert_memory_not_equal(again.report_key_id, fuses.report_key_id, sizeof(fuses.report_key_id));
  assert_int_equal(qy_machine_init(NULL, folder, &config, &source, NULL), QY_ERR_EXISTS);
}

static void damaged_files_are_refused(void **state)
{
  const qy_machine_config config = some_config();
  const char *folder = *state;
  test_random random = {7};
  const qy_random source = test_random_source(&random);
  QY_SCOPED_FUSES(fuses);
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_machine_config loaded;
  assert_ok(qy_machine_init(NULL, folder, &config, &source, &assert_why));
  assert_ok(qy_file_read(&bytes, in(folder, "fuses"), &assert_why));
  for (size_t size = 0; size < bytes.size; size++) {
    assert_ok(qy_file_write(in(folder, "fuses"), qy_view_over(bytes.bytes, size), true, &assert_why));
    assert_int_equal(qy_machine_load(&fuses, &loaded, folder, &source, NULL), QY_ERR_TRUNCATED);
    assert_int_equal(fuses.base_keys[0].size, 0);
    size += size > 8 ? 8 : 0; /* each write is synced to disk */
  }
  bytes.bytes[0] ^= 1;
  assert_ok(qy_file_write(in(folder, "fuses"), qy_buffer_view(&bytes), true, &assert_why));
  assert_int_equal(qy_machine_load(&fuses, &loaded, folder, &source, NULL), QY_ERR_MALFORMED);
  bytes.bytes[0] ^= 1;
  assert_ok(qy_file_write(in(folder, "fuses"), qy_buffer_view(&bytes), false, &assert_why));
  assert_int_equal(qy_machine_load(&fuses, &loaded, folder, &source, NULL), QY_ERR_DENIED);
  qy_buffer_append(&bytes, "x", 1);
  assert_ok(qy_file_write(in(folder, "fuses"), qy_buffer_view(&bytes), true, &assert_why));
  assert_int_not_equal(qy_machine_load(&fuses, &loaded, folder, &source, NULL), QY_OK);
  assert_ok(qy_file_write(in(folder, "machine.json"), qy_view_text("{\"level\":1}"), true, &assert_why));
  assert_int_equal(qy_machine_config_load(&loaded, folder, NULL), QY_ERR_MALFORMED);
}

static void levels_only_rise(void **state)
{
  qy_machine_config config = some_config();
  const char *folder = *state;
  test_random random = {7};
  const qy_random source = test_random_source(&random);
  qy_machine_config loaded;
  assert_ok(qy_machine_init(NULL, folder, &config, &source, &assert_why));
  assert_int_equal(qy_machine_raise(folder, NULL, 1, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_machine_raise(folder, NULL, 4, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_machine_raise(folder, NULL, 3, &assert_why));
  qy_cpu_levels longer = config.levels;
  longer.count = 4;
  memset(longer.cpu_svns[3], 9, 16);
  assert_ok(qy_machine_raise(folder, &longer, 4, &assert_why));
  assert_ok(qy_machine_config_load(&loaded, folder, &assert_why));
  assert_int_equal(loaded.level, 4);
  assert_int_equal(loaded.levels.count, 4);
  longer.cpu_svns[0][0] ^= 1; /* history does not change */
  assert_int_equal(qy_machine_raise(folder, &longer, 4, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_machine_raise(folder, &config.levels, 4, NULL), QY_ERR_ARGUMENT);
}

static void a_machine_without_maker_is_refused(void **state)
{
  qy_machine_config config = some_config();
  test_random random = {7};
  const qy_random source = test_random_source(&random);
  config.signer_count = 0;
  assert_int_equal(qy_machine_init(NULL, *state, &config, &source, NULL), QY_ERR_ARGUMENT);
  config = some_config();
  config.level = 0;
  assert_int_equal(qy_machine_init(NULL, *state, &config, &source, NULL), QY_ERR_ARGUMENT);
  assert_false(qy_file_exists(in(*state, "fuses")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_read),
      cmocka_unit_test(wrong_levels_are_refused),
      cmocka_unit_test_setup_teardown(a_machine_is_burnt_once, setup, teardown),
      cmocka_unit_test_setup_teardown(damaged_files_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(levels_only_rise, setup, teardown),
      cmocka_unit_test_setup_teardown(a_machine_without_maker_is_refused, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
