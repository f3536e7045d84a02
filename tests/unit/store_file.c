/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a store: its mode, its form, what damage and full disks do. */
#include "store_support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <base/file.h>

#define TEST(name) cmocka_unit_test_setup(name, reset_scene)

static void run_sql(store_scene *scene, const char *sql)
{
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open_v2(scene->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static qy_status open_again(store_scene *scene)
{
  qy_collateral_store_close(&scene->store);
  scene->why = (qy_error){0};
  return qy_collateral_store_open(&scene->store, scene->path, &scene->why);
}

static void expect_message(const store_scene *scene, const char *part)
{
  if (strstr(scene->why.message, part) == NULL) {
    fail_msg("\"%s\" does not say \"%s\"", scene->why.message, part);
  }
}

static void the_file_is_the_owners(void **state)
{
  store_scene *scene = *state;
  struct stat info;
  assert_int_equal(stat(scene->path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
}

static void it_lasts(void **state)
{
  store_scene *scene = *state;
  (void)scene_keep(scene);
  const size_t rows = scene_rows(scene);
  assert_int_equal(open_again(scene), QY_OK);
  assert_int_equal(scene_rows(scene), rows);
}

static void other_files_are_no_store(void **state)
{
  store_scene *scene = *state;
  qy_collateral_store_close(&scene->store);
  assert_ok(qy_file_write(scene->path, qy_view_text("this is a text of somebody's, and no database at all"), true,
                          &assert_why));
  assert_int_equal(open_again(scene), QY_ERR_MALFORMED);
  expect_message(scene, "no collateral store");
  assert_int_equal(unlink(scene->path), 0);
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (a)", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
  assert_int_equal(open_again(scene), QY_ERR_MALFORMED);
  expect_message(scene, "another program");
}

static void a_later_form_is_left_alone(void **state)
{
  store_scene *scene = *state;
  run_sql(scene, "PRAGMA user_version = 2");
  assert_int_equal(open_again(scene), QY_ERR_UNSUPPORTED);
  expect_message(scene, "later version");
}

static void nothing_can_be_removed_or_changed(void **state)
{
  store_scene *scene = *state;
  sqlite3 *db = NULL;
  (void)scene_keep(scene);
  assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "DELETE FROM document", NULL, NULL, NULL), SQLITE_CONSTRAINT);
  assert_int_equal(sqlite3_exec(db, "UPDATE document SET until_s = 0", NULL, NULL, NULL), SQLITE_CONSTRAINT);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Somebody who may write to the file swaps a document. */
static void an_altered_document_is_noticed(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  const qy_collateral_ask ask = {.platform = scene->platform, .root = scene->world->files.root, .at_s = WORLD_NOW_S};
  (void)scene_keep(scene);
  run_sql(scene,
          "DROP TRIGGER document_fixed; UPDATE document SET bytes = CAST(replace(CAST(bytes AS TEXT), 'UpToDate',"
          " 'upToDate') AS BLOB) WHERE kind = 'tcb-info'");
  assert_int_equal(qy_collateral_store_get(&got, &found, scene->store, &ask, &scene->why), QY_ERR_REFUSED);
  expect_message(scene, qy_check_name(QY_CHECK_KEPT_DIGEST));
  assert_int_equal(got.parts[QY_PART_TCB_INFO].size, 0);
}

/* Pages overwritten behind SQLite's back: an error, never a crash, never a document that is not what was kept. */
static void a_damaged_file_is_noticed(void **state)
{
  store_scene *scene = *state;
  struct stat info;
  size_t noticed = 0;
  (void)scene_keep(scene);
  qy_collateral_store_close(&scene->store);
  QY_SCOPED_BUFFER(whole, 1u << 22);
  assert_ok(qy_file_read(&whole, scene->path, &assert_why));
  assert_int_equal(stat(scene->path, &info), 0);
  for (off_t page = 0; page + 4096 <= info.st_size; page += 4096) {
    QY_SCOPED_COLLATERAL_SET(got);
    qy_collateral_found found;
    const qy_collateral_ask ask = {.platform = scene->platform, .root = scene->world->files.root, .at_s = WORLD_NOW_S};
    char noise[600];
    memset(noise, 0x5a, sizeof(noise));
    qy_collateral_store_close(&scene->store);
    assert_ok(qy_file_write(scene->path, qy_buffer_view(&whole), true, &assert_why));
    const int fd = open(scene->path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, noise, sizeof(noise), page), sizeof(noise));
    assert_int_equal(close(fd), 0);
    qy_status status = open_again(scene);
    if (status == QY_OK) {
      status = qy_collateral_store_get(&got, &found, scene->store, &ask, &scene->why);
    }
    noticed += status != QY_OK ? 1 : 0;
    if (status == QY_OK && found.complete) {
      scene->world->files = qy_collateral_set_files(&got);
      (void)world_appraise_made(scene->world);
      expect_trusted(scene->world);
      scene->world->files.root = qy_buffer_view(&scene->world->pem[ROOT]);
    }
  }
  assert_true(noticed >= 2);
}

/* A limit on file sizes does what a full disk does: writes fail half way. */
static void a_full_disk_loses_nothing(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_kept kept;
  struct rlimit before;
  struct stat info;
  (void)scene_keep(scene);
  const size_t rows = scene_rows(scene);
  assert_int_equal(stat(scene->path, &info), 0);
  scene->world->tcb_info.evaluation_number++;
  scene->world->identity.evaluation_number++;
  scene->world->root_list.until_s++;
  scene->world->pck_list.until_s++;
  world_make(scene->world);
  scene_set(&set, scene);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit tight = {(rlim_t)info.st_size, before.rlim_max};
  void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const qy_status status = scene_put(&kept, scene, &set);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)signal(SIGXFSZ, old);
  assert_int_equal(status, QY_ERR_IO);
  expect_message(scene, scene->path);
  assert_int_equal(kept.added, 0);
  assert_int_equal(open_again(scene), QY_OK);
  assert_int_equal(scene_rows(scene), rows);
  assert_int_equal(scene_put(&kept, scene, &set), QY_OK);
  assert_true(kept.added > 0);
}

static void two_have_it_open(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_STORE(second);
  assert_ok(qy_collateral_store_open(&second, scene->path, &assert_why));
  (void)scene_keep(scene);
  qy_collateral_store *first = scene->store;
  scene->store = second;
  assert_true(scene_rows(scene) > 0);
  scene->world->tcb_info.evaluation_number++;
  assert_true(scene_keep(scene).added > 0);
  scene->store = first;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_file_is_the_owners),
      TEST(it_lasts),
      TEST(other_files_are_no_store),
      TEST(a_later_form_is_left_alone),
      TEST(nothing_can_be_removed_or_changed),
      TEST(an_altered_document_is_noticed),
      TEST(a_damaged_file_is_noticed),
      TEST(a_full_disk_loses_nothing),
      TEST(two_have_it_open),
  };
  return cmocka_run_group_tests(tests, open_scene, close_scene);
}
