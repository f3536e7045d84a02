/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/file.h>

static char folder[64];

static const char *in_folder(const char *name)
{
  static char path[4][QY_PATH_SIZE];
  static unsigned next;
  char *out = path[next++ % 4];
  assert_ok(qy_path_join(out, QY_PATH_SIZE, folder, name, &assert_why));
  return out;
}

static int make_folder(void **state)
{
  (void)state;
  (void)snprintf(folder, sizeof(folder), "/tmp/quotary-file-XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
  (void)state;
  char command[128];
  (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
  return system(command);
}

static unsigned mode_of(const char *path)
{
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  return info.st_mode & 0777;
}

static void check_contents(const char *path, const char *text)
{
  QY_SCOPED_BUFFER(got, 100);
  assert_ok(qy_file_read(&got, path, &assert_why));
  assert_string_equal(qy_buffer_text(&got), text);
}

static void writes_are_whole(void **state)
{
  (void)state;
  qy_error why = {0};
  (void)umask(022);
  const char *path = in_folder("a");
  assert_false(qy_file_exists(path));
  assert_ok(qy_file_write(path, qy_view_text("one"), false, &assert_why));
  assert_true(qy_file_exists(path));
  check_contents(path, "one");
  assert_int_equal(mode_of(path), 0644);
  assert_int_equal(qy_file_check_private(path, &why), QY_ERR_DENIED);
  assert_non_null(strstr(why.message, "mode 644"));
  /* A secret that replaces it is not readable by others at any time: the file is a new one. */
  assert_ok(qy_file_write(path, qy_view_text("two"), true, &assert_why));
  check_contents(path, "two");
  assert_int_equal(mode_of(path), 0600);
  assert_ok(qy_file_check_private(path, &assert_why));
  assert_ok(qy_file_write(path, (qy_view){NULL, 0}, true, &assert_why));
  check_contents(path, "");
  assert_int_equal(qy_file_write(in_folder("none/a"), qy_view_text("x"), false, &why), QY_ERR_NOT_FOUND);
  /* No temporary file is left. */
  size_t files = 0;
  DIR *all = opendir(folder);
  assert_non_null(all);
  while (readdir(all) != NULL) {
    files++;
  }
  (void)closedir(all);
  assert_int_equal(files, 3); /* ".", ".." and ours */
}

static void create_does_not_replace(void **state)
{
  (void)state;
  const char *path = in_folder("new");
  assert_ok(qy_file_create(path, qy_view_text("one"), true, &assert_why));
  assert_int_equal(qy_file_create(path, qy_view_text("two"), true, NULL), QY_ERR_EXISTS);
  check_contents(path, "one");
  assert_int_equal(mode_of(path), 0600);
}

/* A file system without hard links. */
static int link_error;

int link(const char *from, const char *to)
{
  errno = link_error;
  return link_error != 0 ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void create_needs_no_links(void **state)
{
  (void)state;
  static const int errors[] = {EPERM, ENOSYS, EOPNOTSUPP};
  for (size_t i = 0; i < 3; i++) {
    char name[16];
    (void)snprintf(name, sizeof(name), "linkless-%zu", i);
    link_error = errors[i];
    assert_ok(qy_file_create(in_folder(name), qy_view_text("one"), true, &assert_why));
    assert_int_equal(qy_file_create(in_folder(name), qy_view_text("two"), true, NULL), QY_ERR_EXISTS);
    link_error = 0;
    check_contents(in_folder(name), "one");
    assert_int_equal(mode_of(in_folder(name)), 0600);
  }
  link_error = EIO;
  assert_int_equal(qy_file_create(in_folder("linkless-9"), qy_view_text("one"), true, NULL), QY_ERR_IO);
  link_error = 0;
  assert_false(qy_file_exists(in_folder("linkless-9")));
}

static void reads_are_bounded(void **state)
{
  (void)state;
  const char *path = in_folder("size");
  QY_SCOPED_BUFFER(fits, 5);
  QY_SCOPED_BUFFER(small, 4);
  assert_ok(qy_file_write(path, qy_view_text("12345"), false, &assert_why));
  assert_ok(qy_file_read(&fits, path, &assert_why));
  assert_int_equal(qy_file_read(&small, path, NULL), QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(endless, 1 << 20);
  assert_int_equal(qy_file_read(&endless, "/dev/zero", NULL), QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(none, 4);
  assert_int_equal(qy_file_read(&none, in_folder("absent"), NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_file_read(&none, folder, NULL), QY_ERR_IO);
}

static void folders(void **state)
{
  (void)state;
  qy_error why = {0};
  const char *deep = in_folder("x/y/z");
  assert_ok(qy_folder_make(deep, &assert_why));
  assert_ok(qy_folder_make(deep, &assert_why));
  assert_int_equal(mode_of(deep), 0700);
  const char *file = in_folder("x/file");
  assert_ok(qy_file_write(file, qy_view_text("x"), false, &assert_why));
  assert_int_equal(qy_folder_make(file, &why), QY_ERR_EXISTS);
  assert_int_equal(qy_folder_make("", &why), QY_ERR_LIMIT);
  char small[8];
  assert_ok(qy_path_join(small, sizeof(small), "abc", "def", &assert_why));
  assert_string_equal(small, "abc/def");
  assert_int_equal(qy_path_join(small, sizeof(small), "abc", "defg", &why), QY_ERR_LIMIT);
}

static void locks(void **state)
{
  (void)state;
  int first = -1, second = -1;
  const char *path = in_folder("lock");
  assert_ok(qy_file_lock(&first, path, &assert_why));
  assert_int_equal(qy_file_lock(&second, path, NULL), QY_ERR_BUSY);
  assert_int_equal(second, -1);
  const pid_t child = fork();
  if (child == 0) {
    int fd = -1;
    _exit(qy_file_lock(&fd, path, NULL) == QY_ERR_BUSY ? 0 : 1);
  }
  int status = 1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  (void)close(first);
  assert_ok(qy_file_lock(&second, path, &assert_why));
  (void)close(second);
}

static void clocks(void **state)
{
  (void)state;
  const int64_t before_ms = qy_clock_steady_ms();
  (void)usleep(5000);
  assert_true(qy_clock_steady_ms() >= before_ms + 5);
  assert_true(qy_clock_now_s() > 1700000000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(writes_are_whole),
                                     cmocka_unit_test(create_does_not_replace),
                                     cmocka_unit_test(create_needs_no_links),
                                     cmocka_unit_test(reads_are_bounded),
                                     cmocka_unit_test(folders),
                                     cmocka_unit_test(locks),
                                     cmocka_unit_test(clocks)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
