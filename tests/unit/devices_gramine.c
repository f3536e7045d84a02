/* SPDX-License-Identifier: Apache-2.0 */
/* Gramine's pseudo-files, as they behave and as they fail. */
#include "devices_tree.h"
#include "vectors.h"

#include <errno.h>
#include <string.h>

static tree world;

static tree *gramine(void)
{
  memset(&world, 0, sizeof(world));
  world.files[0] = (tree_file){.name = "attestation_type", .text = "dcap"};
  world.input = "user_report_data";
  world.output = "quote";
  return &world;
}

static const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE] = {1, 2, 3, [63] = 64};

static qy_status ask(tree *t, qy_buffer *quote, qy_error *why)
{
  const qy_device_calls calls = tree_calls(t);
  const qy_status status = qy_device_gramine.quote(quote, TREE_ROOT, report_data, &calls, why);
  assert_int_equal(tree_open_count(t), 0);
  return status;
}

static void gives_a_quote_over_the_report_data(void **state)
{
  (void)state;
  tree *t = gramine();
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  qy_error why;
  t->interruptions = 3;
  qy_buffer_append(&quote, "before", 6);
  assert_int_equal(ask(t, &quote, &why), QY_OK);
  assert_int_equal(quote.size, 6 + 11 + 64);
  assert_memory_equal(quote.bytes + 6 + 11, report_data, 64);
  assert_int_equal(t->writes, 1); /* 64 bytes in one piece, for a second write would begin anew */
  assert_int_equal(t->last_write_size, 64);
  assert_int_equal(t->truncations, 0);
}

static void asks_again_for_each_quote(void **state)
{
  (void)state;
  tree *t = gramine();
  QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
  assert_int_equal(ask(t, &quote, NULL), QY_OK);
  assert_int_equal(ask(t, &quote, NULL), QY_OK);
  assert_int_equal(t->writes, 2);
}

static void says_what_is_missing(void **state)
{
  (void)state;
  static const struct {
    const char *type;
    int type_error;
    int quote_error;
    bool empty;
    size_t size;
    size_t written_at_most;
    qy_status status;
    const char *words;
  } rows[] = {
      {NULL, 0, 0, false, 0, 0, QY_ERR_NOT_FOUND, "attestation_type"},
      {"dcap", EACCES, 0, false, 0, 0, QY_ERR_DENIED, "attestation_type"},
      {"none", 0, 0, false, 0, 0, QY_ERR_UNSUPPORTED, "sgx.remote_attestation"},
      {"epid, and then a text that no file of this name holds", 0, 0, false, 0, 0, QY_ERR_LIMIT, "attestation_type"},
      {"dcap", 0, EACCES, false, 0, 0, QY_ERR_PEER, "AESM"},
      {"dcap", 0, ENOENT, false, 0, 0, QY_ERR_NOT_FOUND, "quote"},
      {"dcap", 0, EIO, false, 0, 0, QY_ERR_IO, "quote"},
      {"dcap", 0, 0, true, 0, 0, QY_ERR_PEER, "empty"},
      {"dcap", 0, 0, false, QY_DEVICE_MAX_QUOTE_SIZE + 1, 0, QY_ERR_LIMIT, "quote"},
      {"dcap", 0, 0, false, 0, 32, QY_ERR_IO, "user_report_data"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    tree *t = gramine();
    QY_SCOPED_BUFFER(quote, QY_DEVICE_MAX_QUOTE_SIZE);
    qy_error why = {0};
    t->files[0].text = rows[i].type;
    t->files[0].open_error = rows[i].type_error;
    t->output_open_error = rows[i].quote_error;
    t->output_empty = rows[i].empty;
    t->output_size = rows[i].size;
    t->written_at_most = rows[i].written_at_most;
    assert_int_equal(ask(t, &quote, &why), rows[i].status);
    assert_non_null(strstr(why.message, rows[i].words));
    assert_int_equal(quote.size, 0);
  }
}

static void looks_without_changing_anything(void **state)
{
  (void)state;
  tree *t = gramine();
  const qy_device_calls calls = tree_calls(t);
  assert_int_equal(qy_device_gramine.look(TREE_ROOT, &calls, NULL), QY_OK);
  assert_int_equal(t->writes, 0);
  t->files[0].text = "none";
  assert_int_equal(qy_device_gramine.look(TREE_ROOT, &calls, NULL), QY_ERR_UNSUPPORTED);
}

static void is_found_by_its_name(void **state)
{
  (void)state;
  assert_ptr_equal(qy_device_find("gramine"), &qy_device_gramine);
  assert_ptr_equal(qy_device_find("tsm"), &qy_device_tsm);
  assert_null(qy_device_find("sev"));
  for (size_t i = 0; i < QY_DEVICE_COUNT; i++) {
    assert_ptr_equal(qy_device_find(qy_devices[i]->name), qy_devices[i]);
  }
}

/* On this machine the device is there or not; either way the answer is one that look() promises. */
static void looks_at_this_machine(void **state)
{
  (void)state;
  qy_error why = {0};
  const qy_status status = qy_device_gramine.look(qy_device_gramine.folder, qy_device_calls_system(), &why);
  if (status != QY_OK) {
    assert_non_null(strstr(why.message, qy_device_gramine.folder));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_a_quote_over_the_report_data),
      cmocka_unit_test(asks_again_for_each_quote),
      cmocka_unit_test(says_what_is_missing),
      cmocka_unit_test(looks_without_changing_anything),
      cmocka_unit_test(is_found_by_its_name),
      cmocka_unit_test(looks_at_this_machine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
