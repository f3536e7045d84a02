/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's configfs-tsm, as it behaves and as it fails. */
#include "devices_tree.h"
#include "vectors.h"

#include <errno.h>
#include <string.h>

static tree world;

static tree *tdx_guest(void)
{
  memset(&world, 0, sizeof(world));
  world.makes_folders = true;
  world.files[0] = (tree_file){.name = "provider", .text = "tdx_guest\n"};
  world.input = "inblob";
  world.output = "outblob";
  return &world;
}

static const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE] = {9, 8, 7, [63] = 1};

static qy_status ask(tree *t, qy_buffer *quote, qy_error *why)
{
  const qy_device_calls calls = tree_calls(t);
  const qy_status status = qy_device_tsm.quote(quote, TREE_ROOT, report_data, &calls, why);
  assert_int_equal(tree_open_count(t), 0);
  assert_int_equal(t->folders_made, t->folders_removed);
  return status;
}

static void gives_a_quote_over_the_report_data(void **state)
{
  (void)state;
  tree *t = tdx_guest();
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  t->interruptions = 5;
  assert_int_equal(ask(t, &quote, NULL), QY_OK);
  assert_int_equal(quote.size, 11 + 64);
  assert_memory_equal(quote.bytes + 11, report_data, 64);
  assert_int_equal(t->writes, 1);
  assert_int_equal(t->last_write_size, 64);
  assert_int_equal(t->truncations, 0);
  assert_int_equal(t->folders_made, 1);
}

static void takes_a_folder_of_its_own_each_time(void **state)
{
  (void)state;
  tree *t = tdx_guest();
  const qy_device_calls calls = tree_calls(t);
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  assert_int_equal(qy_device_tsm.quote(&quote, TREE_ROOT, report_data, &calls, NULL), QY_OK);
  assert_int_equal(qy_device_tsm.quote(&quote, TREE_ROOT, report_data, &calls, NULL), QY_OK);
  assert_int_equal(t->folders_made, 2);
  assert_int_equal(t->folders_removed, 2);
}

static void a_quote_may_be_long(void **state)
{
  (void)state;
  tree *t = tdx_guest();
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  t->output_size = QY_DEVICE_MAX_QUOTE_SIZE;
  assert_int_equal(ask(t, &quote, NULL), QY_OK);
  assert_int_equal(quote.size, QY_DEVICE_MAX_QUOTE_SIZE);
}

static void says_what_is_missing(void **state)
{
  (void)state;
  static const struct {
    const char *provider;
    int mkdir_error;
    int read_error;
    bool empty;
    size_t size;
    size_t written_at_most;
    unsigned other_writes_from;
    qy_status status;
    const char *words;
  } rows[] = {
      {"tdx_guest\n", EACCES, 0, false, 0, 0, 0, QY_ERR_DENIED, "making a folder"},
      {"tdx_guest\n", EEXIST, 0, false, 0, 0, 0, QY_ERR_IO, "making a folder"},
      {NULL, 0, 0, false, 0, 0, 0, QY_ERR_NOT_FOUND, "provider"},
      {"sev_guest\n", 0, 0, false, 0, 0, 0, QY_ERR_UNSUPPORTED, "sev_guest"},
      {"tdx_guest\n", 0, 0, true, 0, 0, 0, QY_ERR_PEER, "quote generation service"},
      {"tdx_guest\n", 0, EFBIG, false, 0, 0, 0, QY_ERR_LIMIT, "outblob"},
      {"tdx_guest\n", 0, 0, false, QY_DEVICE_MAX_QUOTE_SIZE + 1, 0, 0, QY_ERR_LIMIT, "outblob"},
      {"tdx_guest\n", 0, EAGAIN, false, 0, 0, 0, QY_ERR_BUSY, "try again"},
      {"tdx_guest\n", 0, ENOTTY, false, 0, 0, 0, QY_ERR_UNSUPPORTED, "tdx_guest"},
      {"tdx_guest\n", 0, EIO, false, 0, 0, 0, QY_ERR_IO, "outblob"},
      {"tdx_guest\n", 0, 0, false, 0, 32, 0, QY_ERR_IO, "inblob"},
      {"tdx_guest\n", 0, 0, false, 0, 0, 2, QY_ERR_BUSY, "after reading the quote"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    tree *t = tdx_guest();
    QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
    qy_error why = {0};
    t->files[0].text = rows[i].provider;
    t->mkdir_error = rows[i].mkdir_error;
    t->output_read_error = rows[i].read_error;
    t->output_empty = rows[i].empty;
    t->output_size = rows[i].size;
    t->written_at_most = rows[i].written_at_most;
    t->other_writes_from = rows[i].other_writes_from;
    assert_int_equal(ask(t, &quote, &why), rows[i].status);
    assert_non_null(strstr(why.message, rows[i].words));
    assert_int_equal(quote.size, 0);
  }
}

static void another_writer_is_noticed_before_the_quote_is_read(void **state)
{
  (void)state;
  tree *t = tdx_guest();
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why = {0};
  t->other_writes_from = 1;
  assert_int_equal(ask(t, &quote, &why), QY_ERR_BUSY);
  assert_non_null(strstr(why.message, "after one write"));
}

static void a_machine_without_the_folder_is_told(void **state)
{
  (void)state;
  tree *t = tdx_guest();
  const qy_device_calls calls = tree_calls(t);
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why = {0};
  assert_int_equal(qy_device_tsm.quote(&quote, "/elsewhere", report_data, &calls, &why), QY_ERR_NOT_FOUND);
  assert_non_null(strstr(why.message, "/elsewhere"));
  assert_int_equal(qy_device_tsm.look(TREE_ROOT, &calls, NULL), QY_OK);
  assert_int_equal(t->folders_made, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_a_quote_over_the_report_data),
      cmocka_unit_test(takes_a_folder_of_its_own_each_time),
      cmocka_unit_test(a_quote_may_be_long),
      cmocka_unit_test(says_what_is_missing),
      cmocka_unit_test(another_writer_is_noticed_before_the_quote_is_read),
      cmocka_unit_test(a_machine_without_the_folder_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
