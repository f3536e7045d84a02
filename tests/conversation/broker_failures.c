/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong between client, broker and report service, and what each side then hears. */
#include "broker_world.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void expect_status(world *with, uint64_t seed, unsigned status)
{
  visitor *it = visitor_new(with, seed, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), status);
  visitor_free(it);
}

/* ---- Sessions: P08, P09, B09 ---- */

static void copy_answer(qy_buffer *out, const visitor *it)
{
  qy_buffer_init(out, 65536);
  qy_buffer_append(out, it->answer.body.bytes, it->answer.body.size);
}

static void a_session_is_answered_once(void **state)
{
  world *with = *state;
  world_start(with);
  visitor *it = visitor_new(with, 1, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 200);
  char path[256];
  qy_buffer again, never, damaged;
  (void)snprintf(path, sizeof(path), "%s/msg3", it->location);
  assert_int_equal(visitor_post(it, path, qy_buffer_view(&it->msg3)), 403);
  copy_answer(&again, it);
  assert_int_equal(visitor_post(it, "/ra/v1/sessions/00000000000000000000000000000000/msg3", qy_buffer_view(&it->msg3)),
                   403);
  copy_answer(&never, it);
  visitor *other = visitor_new(with, 2, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(other, WORLD_SECRET_NAME), 201);
  visitor_quote(other);
  other->msg3.bytes[0] ^= 1; /* the MAC */
  (void)snprintf(path, sizeof(path), "%s/msg3", other->location);
  assert_int_equal(visitor_post(other, path, qy_buffer_view(&other->msg3)), 403);
  copy_answer(&damaged, other);
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&never)));
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&damaged)));
  other->msg3.bytes[0] ^= 1; /* too late: the failure ended the session */
  assert_int_equal(visitor_post(other, path, qy_buffer_view(&other->msg3)), 403);
  qy_buffer_clear(&again);
  qy_buffer_clear(&never);
  qy_buffer_clear(&damaged);
  visitor_free(other);
  visitor_free(it);
}

static void a_session_belongs_to_its_msg3(void **state)
{
  world *with = *state;
  world_start(with);
  visitor *one = visitor_new(with, 3, WORLD_SECRET_NAME);
  visitor *two = visitor_new(with, 4, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(one, WORLD_SECRET_NAME), 201);
  assert_int_equal(visitor_open(two, WORLD_SECRET_NAME), 201);
  visitor_quote(one);
  visitor_quote(two);
  char kept[128];
  memcpy(kept, one->location, sizeof(kept));
  memcpy(one->location, two->location, sizeof(kept));
  assert_int_equal(visitor_close(one), 403);
  memcpy(one->location, kept, sizeof(kept));
  assert_int_equal(visitor_close(one), 200);
  assert_int_equal(visitor_close(two), 403);
  visitor_free(one);
  visitor_free(two);
}

typedef struct racer {
  visitor *of;
  visitor *own; /* its client */
  pthread_t thread;
  unsigned status;
} racer;

static pthread_barrier_t ready;

static void *race(void *context)
{
  racer *it = context;
  char url[512];
  (void)snprintf(url, sizeof(url), "%s%s/msg3", it->own->world->url, it->of->location);
  const qy_http_call call = {
      .method = "POST", .url = url, .content_type = "application/octet-stream", .body = qy_buffer_view(&it->of->msg3)};
  (void)pthread_barrier_wait(&ready);
  it->status = qy_http_exchange(&it->own->answer, it->own->client, &call, NULL) == QY_OK ? it->own->answer.status : 0;
  return NULL;
}

#define RACERS 64

static void of_many_at_once_one_wins(void **state)
{
  world *with = *state;
  static racer racers[RACERS];
  world_start(with);
  visitor *it = visitor_new(with, 5, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  visitor_quote(it);
  assert_int_equal(pthread_barrier_init(&ready, NULL, RACERS), 0);
  for (unsigned i = 0; i < RACERS; i++) {
    racers[i] = (racer){.of = it, .own = visitor_new(with, 100 + i, WORLD_SECRET_NAME)};
    assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
  }
  unsigned won = 0;
  for (unsigned i = 0; i < RACERS; i++) {
    assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
    won += racers[i].status == 200;
    assert_true(racers[i].status == 200 || racers[i].status == 403);
    visitor_free(racers[i].own);
  }
  (void)pthread_barrier_destroy(&ready);
  assert_int_equal(won, 1);
  assert_int_equal(with->service.reports, 1);
  size_t count = 0;
  assert_ok(qy_broker_releases_check(&count, with->folder, NULL, NULL));
  assert_int_equal(count, 1);
  visitor_free(it);
}

/* Sessions live in memory: what was said before is nothing to the broker that comes after. */
static void sessions_end_with_the_broker(void **state)
{
  world *with = *state;
  world_start(with);
  visitor *it = visitor_new(with, 17, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  visitor_quote(it);
  assert_int_equal(world_stop(with), QY_OK);
  world_start(with);
  assert_int_equal(visitor_close(it), 403);
  visitor_free(it);
  expect_status(with, 18, 200);
}

static void sessions_end_with_their_time(void **state)
{
  world *with = *state;
  world_set_limits(with, "{\"session_s\":1}");
  world_start(with);
  visitor *it = visitor_new(with, 6, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  visitor_quote(it);
  (void)usleep(1100000);
  assert_int_equal(visitor_close(it), 403);
  visitor_free(it);
}

static void sessions_are_bounded(void **state)
{
  world *with = *state;
  world_set_limits(with, "{\"sessions\":3,\"session_s\":1}");
  world_start(with);
  for (uint64_t seed = 0; seed < 3; seed++) {
    visitor *it = visitor_new(with, 200 + seed, WORLD_SECRET_NAME);
    assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
    visitor_free(it);
  }
  visitor *late = visitor_new(with, 210, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(late, WORLD_SECRET_NAME), 503);
  assert_non_null(qy_http_answer_header(&late->answer, "Retry-After"));
  visitor_free(late);
  (void)usleep(1100000); /* what is over makes room */
  expect_released(with, 211, WORLD_SECRET_NAME, WORLD_SECRET);
}

static void one_peer_cannot_take_all(void **state)
{
  world *with = *state;
  world_set_limits(with, "{\"sessions\":100,\"sessions_per_peer\":2}");
  world_start(with);
  for (uint64_t seed = 0; seed < 3; seed++) {
    visitor *it = visitor_new(with, 220 + seed, WORLD_SECRET_NAME);
    assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), seed < 2 ? 201 : 503);
    visitor_free(it);
  }
}

/* ---- Requests ---- */

static void first_messages_that_are_wrong(void **state)
{
  world *with = *state;
  world_start(with);
  visitor *it = visitor_new(with, 7, WORLD_SECRET_NAME);
  static const char path[] = "/ra/v1/sessions?secret=" WORLD_SECRET_NAME;
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  uint8_t hello[QY_HELLO_SIZE];
  memcpy(hello, it->hello, sizeof(hello));
  assert_int_equal(visitor_post(it, path, qy_view_over(hello, QY_HELLO_SIZE - 1)), 403);
  uint8_t longer[QY_HELLO_SIZE + 1] = {0};
  memcpy(longer, hello, sizeof(hello));
  assert_int_equal(visitor_post(it, path, QY_VIEW_OF(longer)), 413);
  hello[0] = 1; /* P15: another extended group */
  assert_int_equal(visitor_post(it, path, QY_VIEW_OF(hello)), 403);
  hello[0] = 0;
  hello[QY_MSG0_SIZE] ^= 1; /* off the curve */
  assert_int_equal(visitor_post(it, path, QY_VIEW_OF(hello)), 403);
  memcpy(hello, it->hello, sizeof(hello));
  hello[QY_HELLO_SIZE - 1] ^= 1; /* a group that the service does not have */
  assert_int_equal(visitor_post(it, path, QY_VIEW_OF(hello)), 403);
  visitor_free(it);
}

/* B05 */
static void names_that_are_none(void **state)
{
  world *with = *state;
  static const char *const queries[] = {
      "",
      "?secret=",
      "?secret=..",
      "?secret=../provider.key",
      "?secret=demo/../demo/db-password",
      "?secret=demo//db-password",
      "?secret=/demo/db-password",
      "?secret=demo/db-password/",
      "?secret=demo/./db-password",
      "?secret=demo%2f..%2fdb-password",
      "?secret=%2e%2e%2fprovider.key",
      "?secret=demo/db-password%00",
      "?secret=demo/db-password%0a",
      "?secret=Demo/db-password",
      "?secret=demo/db%20password",
      "?secret=demo/db+password",
      "?secret=demo\\db-password",
      "?secret=demo/*",
      "?secret=demo/db-password.",
      "?secret=policy.json",
      "?secret=d%c3%a9mo",
      "?secret=%ff",
      "?secret=%zz",
      "?secret=demo/db-password&secret=demo/db-password",
      "?SECRET=demo/db-password",
      "?secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      ("?secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")};
  world_start(with);
  visitor *it = visitor_new(with, 8, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
    char path[512];
    (void)snprintf(path, sizeof(path), "/ra/v1/sessions%s", queries[i]);
    const unsigned status = visitor_post(it, path, QY_VIEW_OF(it->hello));
    if (status != 400) {
      fail_msg("%s: %u", queries[i], status);
    }
  }
  visitor_free(it);
}

static void other_paths_and_health(void **state)
{
  world *with = *state;
  world_start(with);
  visitor *it = visitor_new(with, 9, WORLD_SECRET_NAME);
  char url[512];
  (void)snprintf(url, sizeof(url), "%s/healthz", with->url);
  const qy_http_call health = {.url = url};
  assert_ok(qy_http_exchange(&it->answer, it->client, &health, NULL));
  assert_int_equal(it->answer.status, 200);
  assert_int_equal(visitor_post(it, "/ra/v1/session", qy_view_text("x")), 404);
  assert_int_equal(visitor_post(it, "/ra/v1/sessions/xyz/msg3", qy_view_text("x")), 403);
  visitor_free(it);
}

/* ---- The report service ---- */

static void a_service_that_is_busy_is_asked_again(void **state)
{
  world *with = *state;
  world_start(with);
  expect_released(with, 10, WORLD_SECRET_NAME, WORLD_SECRET); /* the list is in the cache from here on */
  with->service.busy_times = 2;
  expect_released(with, 11, WORLD_SECRET_NAME, WORLD_SECRET);
  with->service.busy_times = 3;
  expect_status(with, 12, 503);
  size_t count = 0;
  assert_ok(qy_broker_releases_check(&count, with->folder, NULL, NULL));
  assert_int_equal(count, 2);
}

static void a_service_that_does_not_answer_decides_nothing(void **state)
{
  world *with = *state;
  static const unsigned statuses[] = {400, 401, 404, 500, 503};
  world_set_limits(with, "{\"report_tries\":1}");
  world_start(with);
  expect_released(with, 13, WORLD_SECRET_NAME, WORLD_SECRET);
  for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
    with->service.http_status = statuses[i];
    visitor *it = visitor_new(with, 14 + i, WORLD_SECRET_NAME);
    const unsigned status = visitor_attest(it, WORLD_SECRET_NAME);
    if (status != 503) {
      fail_msg("report service %u: broker %u", statuses[i], status);
    }
    assert_non_null(strstr(qy_buffer_text(&it->answer.body), "could not be decided"));
    visitor_free(it);
  }
  qy_http_server_free(&with->service.server);
  expect_status(with, 19, 503);
}

static void the_secondary_key_serves_when_the_primary_is_gone(void **state)
{
  world *with = *state;
  with->service.known_key = WORLD_SECONDARY_KEY;
  world_start(with);
  expect_released(with, 70, WORLD_SECRET_NAME, WORLD_SECRET);
}

static void lists_are_cached_and_fetched_anew_when_they_are_old(void **state)
{
  world *with = *state;
  with->service.sigrl_count = 3;
  with->service.sigrl_version = 1;
  world_start(with);
  visitor *it = visitor_new(with, 71, WORLD_SECRET_NAME);
  assert_int_equal(visitor_open(it, WORLD_SECRET_NAME), 201);
  assert_int_equal(it->msg2.size, QY_MSG2_HEAD_SIZE + QY_SIGRL_MIN_SIZE + 3 * QY_SIGRL_ENTRY_SIZE);
  visitor_free(it);
  expect_released(with, 72, WORLD_SECRET_NAME, WORLD_SECRET);
  assert_int_equal(with->service.lists, 1);

  with->service.sigrl_count = 4;
  with->service.sigrl_version = 2;
  with->service.status = "\"SIGRL_VERSION_MISMATCH\"";
  it = visitor_new(with, 73, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 409);
  assert_non_null(strstr(qy_buffer_text(&it->answer.body), "begin a new session"));
  visitor_free(it);
  with->service.status = NULL;
  it = visitor_new(with, 74, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 200);
  assert_int_equal(it->verdict.verdict, QY_TRUSTED);
  assert_int_equal(it->msg2.size, QY_MSG2_HEAD_SIZE + QY_SIGRL_MIN_SIZE + 4 * QY_SIGRL_ENTRY_SIZE);
  assert_int_equal(with->service.lists, 2);
  visitor_free(it);
}

static void a_list_is_not_kept_for_ever(void **state)
{
  world *with = *state;
  world_set_limits(with, "{\"sigrl_max_age_s\":1}");
  world_start(with);
  expect_released(with, 75, WORLD_SECRET_NAME, WORLD_SECRET);
  (void)usleep(1100000);
  expect_released(with, 76, WORLD_SECRET_NAME, WORLD_SECRET);
  assert_int_equal(with->service.lists, 2);
}

static void reports_that_are_forged_or_replayed(void **state)
{
  world *with = *state;
  world_start(with);
  with->service.wrong_nonce = true;
  expect_denied(with, 80, WORLD_SECRET_NAME);
  with->service.wrong_nonce = false;
  with->service.without_chain = true;
  expect_status(with, 81, 503);
  with->service.without_chain = false;
  with->service.other_signer = true;
  visitor *it = visitor_new(with, 82, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 200);
  assert_int_equal(it->verdict.verdict, QY_REFUSED);
  visitor_free(it);
  with->service.status = "\"SIGRL_VERSION_MISMATCH\""; /* not authentic: it cannot make the broker fetch lists */
  it = visitor_new(with, 83, WORLD_SECRET_NAME);
  assert_int_equal(visitor_attest(it, WORLD_SECRET_NAME), 200);
  visitor_free(it);
  assert_int_equal(with->service.lists, 1);
}

/* ---- Starting ---- */

static void secret_path(char out[1024], const world *with, const char *name)
{
  (void)snprintf(out, 1024, "%s/%s", with->folder, name);
}

/* I01, B14 */
static void what_keeps_a_broker_from_starting(void **state)
{
  world *with = *state;
  char path[1024];
  qy_error why = {0};
  static const char *const private_files[] = {"secrets/" WORLD_SECRET_NAME "/secret.bin", "provider.key", "tls.key",
                                              "report-service-keys"};
  for (size_t i = 0; i < sizeof(private_files) / sizeof(private_files[0]); i++) {
    secret_path(path, with, private_files[i]);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(world_start_fails(with, &why), QY_ERR_DENIED);
    assert_int_equal(chmod(path, 0600), 0);
  }
  QY_SCOPED_BUFFER(policy, 65536);
  secret_path(path, with, "secrets/" WORLD_SECRET_NAME "/policy.json");
  assert_ok(qy_file_read(&policy, path, NULL));
  assert_ok(qy_file_write(path, qy_view_text("{}"), false, NULL));
  assert_int_equal(world_start_fails(with, &why), QY_ERR_MALFORMED);
  assert_non_null(strstr(why.message, WORLD_SECRET_NAME));
  assert_ok(qy_file_write(path, qy_buffer_view(&policy), false, NULL));
  secret_path(path, with, "releases.log");
  assert_ok(qy_file_write(path, qy_view_text("{\"time\":\"2026-11-23T10:00:00Z\"}\n"), true, NULL));
  assert_int_equal(world_start_fails(with, &why), QY_ERR_REFUSED);
  assert_int_equal(unlink(path), 0);
  world_start(with);
  const qy_broker_config config = {.folder = with->folder, .port = 0};
  assert_int_equal(qy_broker_run(&config, with->stop[0], &why), QY_ERR_BUSY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_session_is_answered_once),
                                     TEST(a_session_belongs_to_its_msg3),
                                     TEST(of_many_at_once_one_wins),
                                     TEST(sessions_end_with_their_time),
                                     TEST(sessions_end_with_the_broker),
                                     TEST(sessions_are_bounded),
                                     TEST(one_peer_cannot_take_all),
                                     TEST(first_messages_that_are_wrong),
                                     TEST(names_that_are_none),
                                     TEST(other_paths_and_health),
                                     TEST(a_service_that_is_busy_is_asked_again),
                                     TEST(a_service_that_does_not_answer_decides_nothing),
                                     TEST(the_secondary_key_serves_when_the_primary_is_gone),
                                     TEST(lists_are_cached_and_fetched_anew_when_they_are_old),
                                     TEST(a_list_is_not_kept_for_ever),
                                     TEST(reports_that_are_forged_or_replayed),
                                     TEST(what_keeps_a_broker_from_starting)};
  return cmocka_run_group_tests_name("broker: failures", tests, NULL, NULL);
}
