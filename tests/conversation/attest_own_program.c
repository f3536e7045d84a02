/* SPDX-License-Identifier: Apache-2.0 */
/* quotary attest inside: where the secret goes, and where it does not. The verb runs as the program runs it, before a
 * broker that appraises, on a device whose quotes are made under a chain of our own. */
#include "../unit/attester_broker.h"
#include "../unit/dcap_world.h"
#include "../unit/exchange_parties.h"

#include "../../src/programs/quotary/attest_own.h"
#include "../../src/programs/quotary/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/file.h>
#include <crypto/p256.h>

#define SECRET "Jefe" /* as the broker keeps it; no word that is printed otherwise */
#define NAME "team/db"

static dcap_world *dcap;
static bool forged;

static qy_status quote(qy_buffer *out, const char *folder, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE],
                       const qy_device_calls *calls, qy_error *why)
{
  (void)folder;
  (void)calls;
  memcpy(dcap->td.report_data, report_data, QY_REPORT_DATA_SIZE);
  dcap->qe_signed_by = forged ? STRANGER : PCK;
  world_make(dcap);
  qy_buffer_append(out, dcap->quote.bytes, dcap->quote.size);
  return qy_buffer_finish(out, "quote", why);
}

static const qy_device device = {.name = "tsm", .title = "TDX virtual machine", .tee = "tdx", .quote = quote};

static bool judge(void *context, const qy_msg3_evidence *evidence)
{
  (void)context;
  dcap->evidence = (qy_dcap_evidence){.quote = evidence->bytes, .report_data = QY_VIEW_OF(evidence->report_data)};
  return world_appraise_made(dcap)->trust == QY_TRUSTED;
}

/* ---- The scene ---- */

typedef struct scene {
  char folder[64];
  char ca[96], key[96], out[96], said[96];
  parties *p;
  toy_broker broker;
  attest_own_request request;
} scene;

static void path_in(char out[96], const scene *s, const char *name)
{
  (void)snprintf(out, 96, "%s/%s", s->folder, name);
}

static scene *open_scene(void)
{
  scene *s = calloc(1, sizeof(*s));
  qy_p256_public public_key;
  QY_SCOPED_BUFFER(pem, 4096);
  assert_non_null(s);
  (void)snprintf(s->folder, sizeof(s->folder), "/tmp/quotary-own-XXXXXX");
  assert_non_null(mkdtemp(s->folder));
  path_in(s->ca, s, "ca.pem");
  path_in(s->key, s, "provider.pub");
  path_in(s->out, s, "secret");
  path_in(s->said, s, "said");
  s->p = parties_new(81);
  toy_broker_start(&s->broker, &s->p->provider);
  s->broker.kind = QY_EVIDENCE_TDX;
  s->broker.judge = judge;
  qy_p256_flip(public_key.bytes, s->p->provider_public);
  assert_ok(qy_p256_public_to_pem(&pem, &public_key, NULL));
  assert_ok(qy_file_create(s->key, qy_buffer_view(&pem), false, NULL));
  assert_ok(qy_file_create(s->ca, qy_buffer_view(&s->broker.made.ca), false, NULL));
  world_reset(dcap, QY_DCAP_BODY_TD_1_5);
  forged = false;
  s->request = (attest_own_request){.broker_url = qy_http_server_url(s->broker.server),
                                    .broker_ca = s->ca,
                                    .secret_name = NAME,
                                    .provider_key = s->key,
                                    .device = &device};
  return s;
}

static void close_scene(scene *s)
{
  char command[128];
  toy_broker_stop(&s->broker);
  parties_free(s->p);
  (void)snprintf(command, sizeof(command), "rm -rf %s", s->folder);
  assert_int_equal(system(command), 0);
  free(s);
}

/* Runs the verb; what it said on standard output is appended to `said`. */
static int run(const scene *s, qy_buffer *said)
{
  (void)fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  const int fd = open(s->said, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(kept >= 0 && fd >= 0);
  assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
  const int code = attest_own(&s->request);
  (void)fflush(stdout);
  assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
  (void)close(kept);
  (void)close(fd);
  qy_buffer_clear(said);
  qy_buffer_init(said, 1u << 20);
  assert_ok(qy_file_read(said, s->said, NULL));
  return code;
}

static void assert_file_is_secret(const scene *s)
{
  struct stat info;
  QY_SCOPED_BUFFER(content, 4096);
  assert_int_equal(stat(s->out, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  assert_ok(qy_file_read(&content, s->out, NULL));
  assert_string_equal(qy_buffer_text(&content), SECRET);
}

/* ---- The tests ---- */

static void a_file_gets_it_and_nothing_else_does(void **state)
{
  (void)state;
  for (int json = 0; json < 2; json++) {
    scene *s = open_scene();
    QY_SCOPED_BUFFER(said, 1u << 20);
    s->request.out = s->out;
    s->request.json = json != 0;
    s->request.explain = json == 0;
    assert_int_equal(run(s, &said), CLI_DONE);
    assert_file_is_secret(s);
    assert_non_null(strstr(qy_buffer_text(&said), "trusted"));
    assert_non_null(strstr(qy_buffer_text(&said), "own-quote"));
    assert_non_null(strstr(qy_buffer_text(&said), s->out));
    assert_null(strstr(qy_buffer_text(&said), SECRET));
    close_scene(s);
  }
}

static void output_gets_it_alone(void **state)
{
  (void)state;
  scene *s = open_scene();
  QY_SCOPED_BUFFER(said, 1u << 20);
  s->request.out = "-";
  assert_int_equal(run(s, &said), CLI_DONE);
  assert_string_equal(qy_buffer_text(&said), SECRET);
  close_scene(s);
}

static void without_a_place_it_is_wiped(void **state)
{
  (void)state;
  scene *s = open_scene();
  QY_SCOPED_BUFFER(said, 1u << 20);
  assert_int_equal(run(s, &said), CLI_DONE);
  assert_non_null(strstr(qy_buffer_text(&said), "4 bytes, came and was wiped"));
  assert_null(strstr(qy_buffer_text(&said), SECRET));
  assert_false(qy_file_exists(s->out));
  close_scene(s);
}

/* Also one that came between the first look and the end. */
static void what_is_there_stays(void **state)
{
  (void)state;
  scene *s = open_scene();
  qy_error why = {0};
  QY_SCOPED_BUFFER(said, 1u << 20);
  QY_SCOPED_BUFFER(content, 4096);
  s->request.out = s->out;
  assert_ok(attest_own_check_out(&s->request, &why));
  assert_ok(qy_file_create(s->out, qy_view_text("mine"), false, NULL));
  assert_int_equal(attest_own_check_out(&s->request, &why), QY_ERR_EXISTS);
  assert_int_equal(run(s, &said), CLI_UNDECIDED);
  assert_ok(qy_file_read(&content, s->out, NULL));
  assert_string_equal(qy_buffer_text(&content), "mine");
  close_scene(s);
}

static void a_refusal_leaves_nothing(void **state)
{
  (void)state;
  static const struct {
    bool to_output;
    bool json;
  } rows[] = {{false, false}, {false, true}, {true, false}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    scene *s = open_scene();
    QY_SCOPED_BUFFER(said, 1u << 20);
    forged = true;
    s->request.out = rows[i].to_output ? "-" : s->out;
    s->request.json = rows[i].json;
    assert_int_equal(run(s, &said), CLI_REFUSED);
    assert_false(qy_file_exists(s->out));
    if (rows[i].to_output) {
      assert_int_equal(said.size, 0);
    } else {
      assert_non_null(strstr(qy_buffer_text(&said), "refused"));
    }
    close_scene(s);
  }
}

static void messages_are_kept_without_the_secret(void **state)
{
  (void)state;
  scene *s = open_scene();
  char kept[96], command[512];
  QY_SCOPED_BUFFER(said, 1u << 20);
  path_in(kept, s, "kept");
  s->request.keep = kept;
  s->request.out = s->out;
  assert_int_equal(run(s, &said), CLI_DONE);
  (void)snprintf(command, sizeof(command), "test -s %s/quote.bin && test -s %s/msg4.bin && ! grep -r %s %s", kept, kept,
                 SECRET, kept);
  assert_int_equal(system(command), 0);
  close_scene(s);
}

static int setup(void **state)
{
  const int failed = open_world(state);
  dcap = *state;
  return failed;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_gets_it_and_nothing_else_does),
      cmocka_unit_test(output_gets_it_alone),
      cmocka_unit_test(without_a_place_it_is_wiped),
      cmocka_unit_test(what_is_there_stays),
      cmocka_unit_test(a_refusal_leaves_nothing),
      cmocka_unit_test(messages_are_kept_without_the_secret),
  };
  return cmocka_run_group_tests(tests, setup, close_world);
}
