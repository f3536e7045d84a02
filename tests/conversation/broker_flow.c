/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations with a real broker on loopback: what is released, to whom, and what is recorded. */
#include "broker_world.h"

#include <dirent.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <json/json.h>

static int open_world(void **state)
{
  *state = world_new();
  return 0;
}

static int close_world(void **state)
{
  world_free(*state);
  return 0;
}

static void read_file(qy_buffer *out, const world *with, const char *name)
{
  char path[1024];
  (void)snprintf(path, sizeof(path), "%s/%s", with->folder, name);
  assert_ok(qy_file_read(out, path, NULL));
}

/* ---- Release ---- */

static void a_secret_is_released_recorded_and_kept_for_auditors(void **state)
{
  world *with = *state;
  world_start(with);
  expect_released(with, 1, WORLD_SECRET_NAME, WORLD_SECRET);
  expect_released(with, 2, WORLD_SECRET_NAME, WORLD_SECRET);
  assert_int_equal(world_stop(with), QY_OK);

  size_t count = 0;
  assert_ok(qy_broker_releases_check(&count, with->folder, NULL, NULL));
  assert_int_equal(count, 2);
  QY_SCOPED_BUFFER(text, 1u << 20);
  read_file(&text, with, "releases.log");
  *strchr(qy_buffer_text(&text), '\n') = '\0';
  json_t *line = json_loads((const char *)text.bytes, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(line);
  assert_string_equal(json_string_value(json_object_get(line, "secret")), WORLD_SECRET_NAME);
  assert_int_equal(strncmp(json_string_value(json_object_get(line, "mrenclave")), "e1e1e1", 6), 0);
  assert_true(json_is_true(json_object_get(line, "simulated")));
  assert_true(json_is_string(json_object_get(line, "pseudonym")));
  assert_string_equal(json_string_value(json_object_get(line, "report_id")), "160911562316142323");
  assert_int_equal(strlen(json_string_value(json_object_get(line, "session"))), 32);
  json_decref(line);
}

static size_t list_reports(char first[1024], const world *with)
{
  char path[1024];
  size_t count = 0;
  (void)snprintf(path, sizeof(path), "%s/reports", with->folder);
  DIR *folder = opendir(path);
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') {
      (void)snprintf(first, 1024, "reports/%s", entry->d_name);
      count++;
    }
  }
  closedir(folder);
  return count;
}

static void an_auditor_comes_to_the_same_verdict(void **state)
{
  world *with = *state;
  world_start(with);
  expect_released(with, 3, WORLD_SECRET_NAME, WORLD_SECRET);
  char place[1024];
  assert_int_equal(list_reports(place, with), 1);
  QY_SCOPED_BUFFER(body, 1u << 20);
  QY_SCOPED_BUFFER(signature, 1u << 20);
  QY_SCOPED_BUFFER(chain, 1u << 20);
  QY_SCOPED_BUFFER(request, 1u << 20);
  QY_SCOPED_BUFFER(policy_text, 1u << 20);
  QY_SCOPED_BUFFER(quote, 1u << 20);
  char name[1200];
  (void)snprintf(name, sizeof(name), "%s/report.json", place);
  read_file(&body, with, name);
  (void)snprintf(name, sizeof(name), "%s/report.sig", place);
  read_file(&signature, with, name);
  (void)snprintf(name, sizeof(name), "%s/chain.pem", place);
  read_file(&chain, with, name);
  (void)snprintf(name, sizeof(name), "%s/request.json", place);
  read_file(&request, with, name);
  read_file(&policy_text, with, "secrets/" WORLD_SECRET_NAME "/policy.json");
  QY_SCOPED_JSON(asked);
  const char *nonce = NULL;
  uint8_t spid[QY_SPID_SIZE];
  assert_ok(qy_json_parse(&asked, qy_buffer_view(&request), NULL));
  assert_ok(qy_json_text(&nonce, asked, "nonce", "request", NULL));
  assert_ok(qy_json_hex(spid, sizeof(spid), asked, "spid", "request", NULL));
  assert_ok(qy_json_base64(&quote, asked, "quote_body", "request", NULL));
  qy_policy policy;
  assert_ok(qy_policy_decode(&policy, qy_buffer_view(&policy_text), NULL, NULL));
  const qy_avr_evidence evidence = {.body = qy_buffer_view(&body),
                                    .signature = qy_buffer_view(&signature),
                                    .chain = qy_buffer_view(&chain),
                                    .quote = qy_buffer_view(&quote),
                                    .nonce = qy_view_text(nonce),
                                    .spid = spid};
  qy_verdict *verdict = calloc(1, sizeof(*verdict));
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, qy_clock_now_s(), NULL));
  expect_report_trusted(verdict);
  free(verdict);
}

static void only_so_many_reports_are_kept(void **state)
{
  world *with = *state;
  world_set_limits(with, "{\"reports_kept\":2}");
  world_start(with);
  for (uint64_t seed = 10; seed < 14; seed++) {
    expect_released(with, seed, WORLD_SECRET_NAME, WORLD_SECRET);
  }
  char place[1024];
  assert_int_equal(list_reports(place, with), 2);
}

/* B13: the secret lies in its own file and nowhere else in the state. */
static const char *searched_for = WORLD_SECRET;
static int found_in;

static int search_file(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)where;
  if (kind == FTW_F) {
    QY_SCOPED_BUFFER(text, 1u << 20);
    assert_ok(qy_file_read(&text, path, NULL));
    if (text.size > 0 && memmem(text.bytes, text.size, searched_for, strlen(searched_for)) != NULL) {
      found_in++;
      assert_ok(qy_file_check_private(path, NULL));
    }
  }
  return 0;
}

static void secrets_stay_in_their_files(void **state)
{
  world *with = *state;
  world_start(with);
  expect_released(with, 4, WORLD_SECRET_NAME, WORLD_SECRET);
  found_in = 0;
  assert_int_equal(nftw(with->folder, search_file, 16, FTW_PHYS), 0);
  assert_int_equal(found_in, 1);
  searched_for = WORLD_PRIMARY_KEY;
  found_in = 0;
  assert_int_equal(nftw(with->folder, search_file, 16, FTW_PHYS), 0);
  assert_int_equal(found_in, 1);
  searched_for = WORLD_SECRET;
}

/* ---- Refusal ---- */

static void another_enclave_gets_an_authentic_no(void **state)
{
  world *with = *state;
  with->mr_enclave = 0xe2;
  world_start(with);
  expect_denied(with, 5, WORLD_SECRET_NAME);
  size_t count = 1;
  assert_ok(qy_broker_releases_check(&count, with->folder, NULL, NULL));
  assert_int_equal(count, 0);
}

/* B06: each enclave gets what its own policy names, and nothing else. */
static void secrets_of_others(void **state)
{
  world *with = *state;
  world_put(with, "demo/other", 1, 0xe2, "another secret");
  world_start(with);
  expect_released(with, 20, WORLD_SECRET_NAME, WORLD_SECRET);
  expect_denied(with, 21, "demo/other");
  with->mr_enclave = 0xe2;
  expect_released(with, 22, "demo/other", "another secret");
  expect_denied(with, 23, WORLD_SECRET_NAME);
  /* Asked under one name, opened under another: the enclave's own name is in msg4's authentication. */
  visitor *it = visitor_new(with, 24, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, "demo/other"), 201);
  visitor_quote(it);
  char path[256];
  (void)snprintf(path, sizeof(path), "%s/msg3", it->location);
  assert_int_equal(visitor_post(it, path, qy_buffer_view(&it->msg3)), 200);
  assert_int_equal(qy_enclave_side_msg4(&it->enclave, &it->verdict, &it->secret, qy_buffer_view(&it->answer.body),
                                        &it->trace, &it->why),
                   QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&it->trace)->id, QY_CHECK_MSG4_TAG);
  visitor_free(it);
}

/* B12: a secret that is not there and one that is denied look the same, but for what is random. */
static void absent_and_denied_look_the_same(void **state)
{
  world *with = *state;
  with->mr_enclave = 0xe2;
  with->service.status = "\"GROUP_OUT_OF_DATE\"";
  with->service.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  with->service.with_platform_info = true;
  world_start(with);
  static const char *const names[] = {WORLD_SECRET_NAME, "demo/no-password"};
  uint8_t heads[2][8];
  size_t sizes[2];
  for (size_t i = 0; i < 2; i++) {
    visitor *it = visitor_new(with, 30 + i, names[i]);
    assert_int_equal(visitor_attest(it, names[i]), 200);
    assert_int_equal(it->verdict.verdict, QY_REFUSED);
    assert_true(it->verdict.simulated);
    assert_true(it->verdict.has_platform_info);
    memcpy(heads[i], it->answer.body.bytes, sizeof(heads[i]));
    sizes[i] = it->answer.body.size;
    visitor_free(it);
  }
  assert_memory_equal(heads[0], heads[1], sizeof(heads[0]));
  assert_int_equal(sizes[0], sizes[1]);
}

static void a_stale_platform_hears_what_it_lacks(void **state)
{
  world *with = *state;
  with->service.status = "\"GROUP_OUT_OF_DATE\"";
  with->service.extra = "\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  with->service.with_platform_info = true;
  world_start(with);
  visitor *it = visitor_new(with, 40, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 200);
  assert_int_equal(it->verdict.verdict, QY_REFUSED);
  assert_true(it->verdict.has_platform_info);
  assert_int_equal(it->verdict.platform_info[0], 0x04);
  visitor_free(it);
}

/* ---- Policies while the broker runs ---- */

static void a_changed_policy_counts_at_once(void **state)
{
  world *with = *state;
  world_start(with);
  expect_released(with, 50, WORLD_SECRET_NAME, WORLD_SECRET);
  world_put(with, WORLD_SECRET_NAME, 2, 0xe3, NULL);
  expect_denied(with, 51, WORLD_SECRET_NAME);
  world_put(with, WORLD_SECRET_NAME, 3, 0xe1, "a new secret");
  expect_released(with, 52, WORLD_SECRET_NAME, "a new secret");
}

static void an_old_policy_put_back_decides_nothing(void **state)
{
  world *with = *state;
  char old[4096];
  char path[1024];
  (void)snprintf(path, sizeof(path), "%s/secrets/" WORLD_SECRET_NAME "/policy.json", with->folder);
  world_policy(old, with, 1, 0xe1, "[\"OK\"]");
  world_put(with, WORLD_SECRET_NAME, 2, 0xe3, NULL);
  qy_error why = {0};
  assert_int_equal(qy_broker_secret_put(with->folder, WORLD_SECRET_NAME, qy_view_text(old), (qy_view){0}, &why),
                   QY_ERR_REFUSED);
  world_start(with);
  assert_ok(qy_file_write(path, qy_view_text(old), false, NULL));
  visitor *it = visitor_new(with, 60, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 503);
  visitor_free(it);
  (void)world_stop(with);
  assert_int_equal(world_start_fails(with, &why), QY_ERR_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_secret_is_released_recorded_and_kept_for_auditors),
                                     TEST(an_auditor_comes_to_the_same_verdict),
                                     TEST(only_so_many_reports_are_kept),
                                     TEST(secrets_stay_in_their_files),
                                     TEST(another_enclave_gets_an_authentic_no),
                                     TEST(secrets_of_others),
                                     TEST(absent_and_denied_look_the_same),
                                     TEST(a_stale_platform_hears_what_it_lacks),
                                     TEST(a_changed_policy_counts_at_once),
                                     TEST(an_old_policy_put_back_decides_nothing)};
  return cmocka_run_group_tests_name("broker: flow", tests, NULL, NULL);
}
