/* SPDX-License-Identifier: Apache-2.0 */
/* The state folder: names, secrets and policies, versions, the record of releases. */
#include "vectors.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/file.h>
#include <broker/broker.h>
#include <broker/ledger.h>
#include <broker/secrets.h>

#define M "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
#define POLICY(version, extra)                                                                   \
  "{\"policy\":1,\"version\":" version ",\"roots\":[\"intel\"],\"enclave\":{\"mrenclave\":[\"" M \
  "\"]},\"statuses\":[\"OK\"]" extra "}"

static int make_folder(void **state)
{
  char *folder = strdup("/tmp/quotary-broker-state-XXXXXX");
  assert_non_null(folder);
  assert_non_null(mkdtemp(folder));
  *state = folder;
  return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

static int drop_folder(void **state)
{
  (void)nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  free(*state);
  return 0;
}

static void names(void **state)
{
  (void)state;
  static const char *const good[] = {"a",
                                     "demo/db-password",
                                     "0",
                                     "_",
                                     "-",
                                     "a/b/c/d",
                                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  static const char *const bad[] = {"",
                                    "/",
                                    "a/",
                                    "/a",
                                    "a//b",
                                    ".",
                                    "..",
                                    "a/..",
                                    "../a",
                                    "A",
                                    "a b",
                                    "a.b",
                                    "a\\b",
                                    "a\n",
                                    "\xc3\xa9",
                                    "a%2fb",
                                    "a:b",
                                    "~",
                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    assert_ok(qy_broker_name_check(good[i], NULL, NULL));
  }
  qy_trace *trace = calloc(1, sizeof(*trace));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    trace->count = 0;
    assert_int_equal(qy_broker_name_check(bad[i], trace, NULL), QY_ERR_MALFORMED);
    assert_int_equal(qy_trace_failed(trace)->id, QY_CHECK_BROKER_SECRET_NAME);
  }
  free(trace);
  char longest[131];
  memset(longest, 'a', sizeof(longest));
  longest[50] = longest[100] = '/';
  longest[128] = '\0';
  assert_ok(qy_broker_name_check(longest, NULL, NULL));
  longest[128] = 'a';
  longest[129] = '\0';
  assert_int_equal(qy_broker_name_check(longest, NULL, NULL), QY_ERR_MALFORMED);
}

static qy_status count_visit(void *context, const char *name, const qy_policy *policy, qy_error *why)
{
  (void)why;
  size_t *count = context;
  assert_true(strcmp(name, "a") == 0 || strcmp(name, "a/secret") == 0 || strcmp(name, "a/secret/b") == 0);
  assert_int_equal(policy->version, 1);
  (*count)++;
  return QY_OK;
}

static size_t count_secrets(const char *folder)
{
  size_t count = 0;
  assert_ok(qy_broker_secrets_visit(folder, count_visit, &count, NULL));
  return count;
}

static void secrets_come_and_go(void **state)
{
  const char *folder = *state;
  const qy_view policy = qy_view_text(POLICY("1", ""));
  const qy_view none = {0};
  char path[512];
  assert_int_equal(qy_broker_secret_put(folder, "a", policy, none, NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_broker_secret_put(folder, "a", none, qy_view_text("x"), NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(qy_broker_secret_put(folder, "a", none, none, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_broker_secret_put(folder, "a", policy, qy_view_text(""), NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_broker_secret_put(folder, "a/..", policy, qy_view_text("x"), NULL), QY_ERR_MALFORMED);
  assert_int_equal(qy_broker_secret_put(folder, "a", qy_view_text("{}"), qy_view_text("x"), NULL), QY_ERR_MALFORMED);
  static const char *const all[] = {"a", "a/secret", "a/secret/b"}; /* one name's folder inside another's */
  for (size_t i = 0; i < 3; i++) {
    assert_ok(qy_broker_secret_put(folder, all[i], policy, qy_view_text(all[i]), NULL));
  }
  assert_int_equal(count_secrets(folder), 3);
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_VAULT(secret);
    assert_ok(qy_broker_secret_load(&secret, folder, all[i], NULL));
    assert_int_equal(secret.size, strlen(all[i]));
    assert_memory_equal(secret.bytes, all[i], secret.size);
  }
  (void)snprintf(path, sizeof(path), "%s/secrets/a/secret.bin", folder);
  assert_ok(qy_file_check_private(path, NULL));
  assert_int_equal(chmod(path, 0640), 0);
  QY_SCOPED_VAULT(secret);
  assert_int_equal(qy_broker_secret_load(&secret, folder, "a", NULL), QY_ERR_DENIED);
  assert_null(secret.bytes);
  assert_ok(qy_broker_secret_remove(folder, "a/secret", NULL));
  assert_int_equal(qy_broker_secret_remove(folder, "a/secret", NULL), QY_ERR_NOT_FOUND);
  assert_int_equal(count_secrets(folder), 2);
  assert_ok(qy_broker_secret_remove(folder, "a/secret/b", NULL));
  assert_ok(qy_broker_secret_remove(folder, "a", NULL));
  assert_int_equal(count_secrets(folder), 0);
  (void)snprintf(path, sizeof(path), "%s/secrets/a", folder);
  assert_false(qy_file_exists(path));
  (void)snprintf(path, sizeof(path), "%s/secrets", folder);
  assert_true(qy_file_exists(path));
}

static void large_secrets(void **state)
{
  const char *folder = *state;
  const qy_view policy = qy_view_text(POLICY("1", ""));
  uint8_t *bytes = calloc(1, 65537);
  assert_int_equal(qy_broker_secret_put(folder, "a", policy, qy_view_over(bytes, 65537), NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_broker_secret_put(folder, "a", policy, qy_view_over(bytes, 65536), NULL));
  QY_SCOPED_VAULT(secret);
  assert_ok(qy_broker_secret_load(&secret, folder, "a", NULL));
  assert_int_equal(secret.size, 65536);
  free(bytes);
}

/* I05 */
static void versions_only_grow(void **state)
{
  const char *folder = *state;
  const qy_view none = {0};
  qy_policy policy;
  assert_ok(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("5", "")), qy_view_text("x"), NULL));
  assert_ok(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("5", "")), none, NULL));
  assert_int_equal(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("4", "")), none, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("5", ",\"debug\":true")), none, NULL),
                   QY_ERR_REFUSED);
  assert_ok(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("6", ",\"debug\":true")), none, NULL));
  assert_ok(qy_broker_secret_remove(folder, "a", NULL)); /* is remembered beyond that */
  assert_int_equal(qy_broker_secret_put(folder, "a", qy_view_text(POLICY("5", "")), qy_view_text("x"), NULL),
                   QY_ERR_REFUSED);
  assert_ok(qy_broker_secret_put(folder, "b", qy_view_text(POLICY("1", "")), qy_view_text("x"),
                                 NULL)); /* of each name its own */
  char path[512];
  qy_trace *trace = calloc(1, sizeof(*trace));
  (void)snprintf(path, sizeof(path), "%s/secrets/b/policy.json", folder);
  assert_ok(qy_file_write(path, qy_view_text(POLICY("2", "")), false, NULL)); /* by hand */
  assert_ok(qy_broker_policy_load(&policy, folder, "b", trace, NULL));
  assert_ok(qy_file_write(path, qy_view_text(POLICY("1", "")), false, NULL));
  assert_int_equal(qy_broker_policy_load(&policy, folder, "b", trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(trace)->id, QY_CHECK_BROKER_POLICY_VERSION);
  assert_int_equal(qy_broker_policy_load(&policy, folder, "c", NULL, NULL), QY_ERR_NOT_FOUND);
  free(trace);
}

/* ---- The record of releases ---- */

static void ledger_path(char out[512], const char *folder)
{
  (void)snprintf(out, 512, "%s/releases.log", folder);
}

static void record_releases(const char *folder, unsigned count)
{
  qy_verdict *verdict = calloc(1, sizeof(*verdict));
  qy_ledger *ledger = NULL;
  const uint8_t measurement[QY_MEASUREMENT_SIZE] = {7};
  const qy_release release = {.mr_enclave = measurement, .mr_signer = measurement, .report_id = "17", .status = "OK"};
  assert_ok(qy_ledger_open(&ledger, folder, NULL));
  for (unsigned i = 0; i < count; i++) {
    assert_ok(qy_ledger_release(ledger, "00112233445566778899aabbccddeeff", "a", &release, 1795428000 + i, NULL));
  }
  qy_ledger_close(&ledger);
  free(verdict);
}

static void releases_are_chained(void **state)
{
  const char *folder = *state;
  size_t count = 7;
  assert_ok(qy_broker_releases_check(&count, folder, NULL, NULL));
  assert_int_equal(count, 0);
  record_releases(folder, 2);
  record_releases(folder, 3); /* by the next process */
  assert_ok(qy_broker_releases_check(&count, folder, NULL, NULL));
  assert_int_equal(count, 5);
  char path[512];
  ledger_path(path, folder);
  assert_ok(qy_file_check_private(path, NULL));
}

/* B22 */
static void a_changed_record_shows(void **state)
{
  const char *folder = *state;
  char path[512];
  size_t count = 0;
  ledger_path(path, folder);
  record_releases(folder, 4);
  QY_SCOPED_BUFFER(text, 65536);
  assert_ok(qy_file_read(&text, path, NULL));
  const uint8_t *second = memchr(text.bytes, '\n', text.size);
  second++;
  const uint8_t *third = (const uint8_t *)memchr(second, '\n', text.size - (size_t)(second - text.bytes)) + 1;
  QY_SCOPED_BUFFER(without, 65536); /* the second line taken out */
  qy_buffer_append(&without, text.bytes, (size_t)(second - text.bytes));
  qy_buffer_append(&without, third, text.size - (size_t)(third - text.bytes));
  assert_ok(qy_file_write(path, qy_buffer_view(&without), true, NULL));
  qy_trace *trace = calloc(1, sizeof(*trace));
  assert_int_equal(qy_broker_releases_check(&count, folder, trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(trace)->id, QY_CHECK_BROKER_LEDGER);
  qy_ledger *ledger = NULL;
  assert_int_equal(qy_ledger_open(&ledger, folder, NULL), QY_ERR_REFUSED);
  assert_null(ledger);
  for (size_t at = 20; at + 1 < (size_t)(third - text.bytes); at += 13) { /* a byte changed, not in the last line */
    text.bytes[at] ^= 1;
    assert_ok(qy_file_write(path, qy_buffer_view(&text), true, NULL));
    assert_int_equal(qy_broker_releases_check(&count, folder, NULL, NULL), QY_ERR_REFUSED);
    text.bytes[at] ^= 1;
  }
  text.bytes[30] = '\0'; /* not an end of the file: nothing is taken off here */
  assert_ok(qy_file_write(path, qy_buffer_view(&text), true, NULL));
  assert_int_equal(qy_ledger_open(&ledger, folder, NULL), QY_ERR_REFUSED);
  free(trace);
}

/* B15: killed while the line was written, at each byte: the secret had not left. */
static void an_unfinished_line_is_taken_off(void **state)
{
  const char *folder = *state;
  char path[512];
  size_t count = 0;
  ledger_path(path, folder);
  record_releases(folder, 2);
  QY_SCOPED_BUFFER(text, 65536);
  assert_ok(qy_file_read(&text, path, NULL));
  const size_t first = (size_t)((const uint8_t *)memchr(text.bytes, '\n', text.size) - text.bytes) + 1;
  for (size_t size = first; size < text.size; size += 31) {
    assert_ok(qy_file_write(path, qy_view_over(text.bytes, size), true, NULL));
    assert_ok(qy_broker_releases_check(&count, folder, NULL, NULL));
    assert_int_equal(count, 1);
    record_releases(folder, 1);
    assert_ok(qy_broker_releases_check(&count, folder, NULL, NULL));
    assert_int_equal(count, 2);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(names),
                                     TEST(secrets_come_and_go),
                                     TEST(large_secrets),
                                     TEST(versions_only_grow),
                                     TEST(releases_are_chained),
                                     TEST(a_changed_record_shows),
                                     TEST(an_unfinished_line_is_taken_off)};
  return cmocka_run_group_tests_name("broker: state", tests, NULL, NULL);
}
