/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/file.h>
#include <base/file_map.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
  (void)state;
  (void)snprintf(folder, sizeof(folder), "/tmp/quotary-map-XXXXXX");
  const bool made = mkdtemp(folder) != NULL;
  (void)snprintf(path, sizeof(path), "%s/list", folder);
  return made ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  (void)unlink(path);
  return rmdir(folder);
}

static void put(const char *contents)
{
  assert_ok(qy_file_write(path, qy_view_text(contents), false, &assert_why));
}

/* Writes into the file that is there, as an editor might, some time after it was opened. */
static void overwrite(const char *contents)
{
  const struct timespec later[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  assert_int_equal(write(fd, contents, strlen(contents)), strlen(contents));
  assert_int_equal(futimens(fd, later), 0); /* clocks of file systems are coarse */
  (void)close(fd);
}

static void check_view(const qy_file_map *map, const char *contents)
{
  assert_true(qy_view_equal(map->view, qy_view_text(contents)));
}

static void maps_a_file(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  put("entries");
  assert_ok(qy_file_map_open(&map, path, 7, &assert_why));
  assert_true(map.fd >= 0);
  assert_int_equal(map.copy.size, 0);
  check_view(&map, "entries");
  assert_ok(qy_file_map_check(&map, path, &assert_why));
  qy_file_map_close(&map);
  assert_int_equal(map.fd, -1);
  assert_int_equal(map.view.size, 0);
  qy_file_map_close(&map);
}

static void maps_an_empty_file(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  put("");
  assert_ok(qy_file_map_open(&map, path, 10, &assert_why));
  assert_int_equal(map.view.size, 0);
  assert_ok(qy_file_map_check(&map, path, &assert_why));
}

static void refuses(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  qy_error why = {0};
  put("entries");
  assert_int_equal(qy_file_map_open(&map, path, 6, &why), QY_ERR_LIMIT);
  assert_non_null(strstr(why.message, "7 bytes are beyond the limit of 6"));
  assert_int_equal(map.fd, -1);
  assert_int_equal(map.view.size, 0);
  assert_int_equal(qy_file_map_open(&map, "/nonexistent/list", 6, &why), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_file_map_open(&map, folder, 1000, &why), QY_ERR_IO); /* a folder can be opened, not read */
}

/* A file with a hole costs neither memory nor time until it is read. */
static void a_huge_file_is_refused_or_costs_nothing(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  qy_error why = {0};
  struct rusage before;
  struct rusage after;
  put("x");
  assert_int_equal(truncate(path, (off_t)1 << 36), 0);
  assert_int_equal(qy_file_map_open(&map, path, (size_t)1 << 35, &why), QY_ERR_LIMIT);
#ifndef QUOTARY_SANITIZED
  (void)getrusage(RUSAGE_SELF, &before);
  assert_ok(qy_file_map_open(&map, path, (size_t)1 << 36, &assert_why));
  (void)getrusage(RUSAGE_SELF, &after);
  assert_int_equal(map.view.size, (size_t)1 << 36);
  assert_true(after.ru_maxrss - before.ru_maxrss < 1024);
#else
  (void)before;
  (void)after;
#endif
}

static void a_replaced_file_stays_as_it_was(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  put("version 1");
  assert_ok(qy_file_map_open(&map, path, 100, &assert_why));
  put("version 2, longer");
  check_view(&map, "version 1");
  assert_ok(qy_file_map_check(&map, path, &assert_why));
}

static void a_file_written_over_is_found_out(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  qy_error why = {0};
  put("version 1");
  assert_ok(qy_file_map_open(&map, path, 100, &assert_why));
  overwrite("version 2");
  assert_int_equal(qy_file_map_check(&map, path, &why), QY_ERR_IO);
  assert_non_null(strstr(why.message, "was written to while it was in use"));
}

static void a_file_cut_short_is_found_out(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  qy_error why = {0};
  put("version 1");
  assert_ok(qy_file_map_open(&map, path, 100, &assert_why));
  assert_int_equal(truncate(path, 3), 0);
  assert_int_equal(qy_file_map_check(&map, path, &why), QY_ERR_IO);
}

/* Bytes that are no longer there are never read as something else: the process ends. */
static void reading_what_was_cut_off_ends_the_process(void **state)
{
  (void)state;
  int ended = 0;
  put("version 1");
  const pid_t child = fork();
  if (child == 0) {
    qy_file_map map;
    (void)signal(SIGBUS, SIG_DFL); /* a sanitizer would take it */
    if (qy_file_map_open(&map, path, 100, NULL) == QY_OK && truncate(path, 0) == 0) {
      _exit(map.view.bytes[0] == 'v' ? 2 : 3);
    }
    _exit(1);
  }
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_true(WIFSIGNALED(ended));
  assert_int_equal(WTERMSIG(ended), SIGBUS);
}

/* What cannot be mapped is read: a list may come through a pipe. */
static void reads_a_pipe(void **state)
{
  (void)state;
  QY_SCOPED_FILE_MAP(map);
  qy_error why = {0};
  char pipe_path[64];
  for (size_t limit = 7; limit >= 6; limit--) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "entries", 7), 7);
    (void)close(ends[1]);
    (void)snprintf(pipe_path, sizeof(pipe_path), "/dev/fd/%d", ends[0]);
    const qy_status status = qy_file_map_open(&map, pipe_path, limit, &why);
    assert_int_equal(status, limit == 7 ? QY_OK : QY_ERR_LIMIT);
    check_view(&map, limit == 7 ? "entries" : "");
    assert_int_equal(map.fd, -1);
    assert_ok(qy_file_map_check(&map, pipe_path, &assert_why));
    qy_file_map_close(&map);
    (void)close(ends[0]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(maps_a_file),
                                     cmocka_unit_test(maps_an_empty_file),
                                     cmocka_unit_test(refuses),
                                     cmocka_unit_test(a_huge_file_is_refused_or_costs_nothing),
                                     cmocka_unit_test(a_replaced_file_stays_as_it_was),
                                     cmocka_unit_test(a_file_written_over_is_found_out),
                                     cmocka_unit_test(a_file_cut_short_is_found_out),
                                     cmocka_unit_test(reading_what_was_cut_off_ends_the_process),
                                     cmocka_unit_test(reads_a_pipe)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
