/* SPDX-License-Identifier: Apache-2.0 */
/* The attester that runs inside: its process asks a tree of device files, whose kernel makes DCAP quotes under a chain of
 * our own; the broker answers over HTTPS and appraises them. */
#include "../unit/attester_broker.h"
#include "../unit/dcap_world.h"
#include "../unit/devices_tree.h"
#include "../unit/exchange_parties.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <attester/own.h>

/* How the platform misbehaves. */
typedef enum mischief {
  HONEST = 0,
  OF_ANOTHER_SESSION, /* a genuine quote over other report data */
  BY_A_STRANGER,      /* the right report data in a quote of somebody's own making */
  WITH_A_TAIL,        /* its whole buffer, the quote in front */
  MISCHIEFS
} mischief;

typedef struct scene {
  dcap_world *dcap;
  tree tree;
  qy_device_calls calls;
  mischief wrong;
  parties *p; /* for the provider's key */
  toy_broker broker;
  qy_attest_own_config config;
  qy_attest_own_result result;
  qy_error why;
} scene;

/* ---- The kernel ---- */

static void make_quote_file(void *context, qy_buffer *out, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE])
{
  scene *s = context;
  dcap_world *dcap = s->dcap;
  memcpy(dcap->report.report_data, report_data, QY_REPORT_DATA_SIZE);
  memcpy(dcap->td.report_data, report_data, QY_REPORT_DATA_SIZE);
  dcap->report.report_data[63] ^= s->wrong == OF_ANOTHER_SESSION ? 1 : 0;
  dcap->td.report_data[63] ^= s->wrong == OF_ANOTHER_SESSION ? 1 : 0;
  dcap->qe_signed_by = s->wrong == BY_A_STRANGER ? STRANGER : PCK;
  world_make(dcap);
  qy_buffer_append(out, dcap->quote.bytes, dcap->quote.size);
  if (s->wrong == WITH_A_TAIL) {
    memset(qy_buffer_extend(out, 300), 0, 300);
  }
}

/* ---- The broker's appraisal ---- */

static bool judge(void *context, const qy_msg3_evidence *evidence)
{
  dcap_world *dcap = ((scene *)context)->dcap;
  dcap->evidence = (qy_dcap_evidence){.quote = evidence->bytes, .report_data = QY_VIEW_OF(evidence->report_data)};
  return world_appraise_made(dcap)->trust == QY_TRUSTED;
}

/* ---- The scene ---- */

static void be_gramine(scene *s)
{
  s->config.device = &qy_device_gramine;
  s->tree.files[0] = (tree_file){.name = "attestation_type", .text = "dcap"};
  s->tree.input = "user_report_data";
  s->tree.output = "quote";
  s->broker.kind = QY_EVIDENCE_SGX;
  world_reset(s->dcap, QY_DCAP_BODY_ENCLAVE);
}

static void be_tdx(scene *s)
{
  s->config.device = &qy_device_tsm;
  s->tree.makes_folders = true;
  s->tree.files[0] = (tree_file){.name = "provider", .text = "tdx_guest\n"};
  s->tree.input = "inblob";
  s->tree.output = "outblob";
  s->broker.kind = QY_EVIDENCE_TDX;
  world_reset(s->dcap, QY_DCAP_BODY_TD_1_5);
}

static scene *open_scene(void **state, void (*be)(scene *s))
{
  scene *s = calloc(1, sizeof(*s));
  assert_non_null(s);
  s->dcap = *state;
  s->p = parties_new(91);
  toy_broker_start(&s->broker, &s->p->provider);
  s->broker.judge = judge;
  s->broker.judge_context = s;
  s->tree.make = make_quote_file;
  s->tree.make_context = s;
  be(s);
  s->calls = tree_calls(&s->tree);
  s->config.broker_url = qy_http_server_url(s->broker.server);
  s->config.broker_ca_pem = qy_buffer_view(&s->broker.made.ca);
  s->config.secret_name = "team/db";
  s->config.folder = TREE_ROOT;
  s->config.calls = &s->calls;
  memcpy(s->config.provider_key, s->p->provider_public, sizeof(s->config.provider_key));
  qy_attest_own_result_init(&s->result);
  return s;
}

static void close_scene(scene *s)
{
  assert_int_equal(tree_open_count(&s->tree), 0);
  assert_int_equal(s->tree.folders_made, s->tree.folders_removed);
  qy_attest_own_result_clear(&s->result);
  assert_null(s->result.secret.bytes);
  toy_broker_stop(&s->broker);
  parties_free(s->p);
  free(s);
}

static qy_status attest(scene *s)
{
  return qy_attest_own(&s->result, &s->config, NULL, &s->why);
}

static void assert_secret(const scene *s, const char *secret)
{
  assert_int_equal(s->result.answer.verdict, QY_TRUSTED);
  assert_true(s->result.answer.has_secret);
  assert_int_equal(s->result.secret.size, strlen(secret));
  assert_memory_equal(s->result.secret.bytes, secret, strlen(secret));
}

static void assert_no_secret(const scene *s)
{
  assert_false(s->result.answer.has_secret);
  assert_null(s->result.secret.bytes);
}

static void (*const machines[])(scene *s) = {be_gramine, be_tdx};
#define MACHINES 2

/* ---- A run that goes well ---- */

static void the_secret_comes(void **state)
{
  for (size_t i = 0; i < MACHINES; i++) {
    scene *s = open_scene(state, machines[i]);
    s->tree.interruptions = 4;
    assert_ok(attest(s));
    assert_secret(s, "Jefe");
    assert_string_equal(s->broker.asked_for, "team/db");
    assert_int_equal(s->result.sessions, 1);
    assert_int_equal(s->tree.writes, 1);
    assert_int_equal(s->tree.last_write_size, QY_REPORT_DATA_SIZE);
    const qy_check_record *own = qy_trace_find(&s->result.trace, QY_CHECK_OWN_QUOTE);
    assert_non_null(own);
    assert_int_equal(own->outcome, QY_OUTCOME_HELD);
    assert_null(qy_trace_failed(&s->result.trace));
    assert_int_equal(s->result.messages[QY_ATTEST_QUOTE].size, s->dcap->quote.size);
    assert_int_equal(s->result.messages[QY_ATTEST_MSG3].size, QY_MSG3_HEAD_SIZE + s->dcap->quote.size);
    /* what the broker appraised is what the device gave, and nothing that it gave was the secret's */
    expect_trusted(s->dcap);
    close_scene(s);
  }
}

static void a_buffer_behind_the_quote_is_cut(void **state)
{
  for (size_t i = 0; i < MACHINES; i++) {
    scene *s = open_scene(state, machines[i]);
    s->wrong = WITH_A_TAIL;
    assert_ok(attest(s));
    assert_secret(s, "Jefe");
    assert_int_equal(s->result.messages[QY_ATTEST_QUOTE].size, s->dcap->quote.size);
    close_scene(s);
  }
}

/* ---- Quotes that are not of this session, or not genuine ---- */

static void a_quote_of_another_session_never_leaves(void **state)
{
  for (size_t i = 0; i < MACHINES; i++) {
    scene *s = open_scene(state, machines[i]);
    s->wrong = OF_ANOTHER_SESSION;
    assert_refused_by(attest(s), &s->result.trace, QY_CHECK_OWN_QUOTE);
    assert_int_equal(s->result.messages[QY_ATTEST_MSG3].size, 0);
    assert_no_secret(s);
    close_scene(s);
  }
}

/* own-quote does not say that a quote is genuine: the provider does, and keeps its secret. */
static void a_forged_quote_brings_no_secret(void **state)
{
  for (size_t i = 0; i < MACHINES; i++) {
    scene *s = open_scene(state, machines[i]);
    s->wrong = BY_A_STRANGER;
    assert_ok(attest(s));
    assert_int_equal(qy_trace_find(&s->result.trace, QY_CHECK_OWN_QUOTE)->outcome, QY_OUTCOME_HELD);
    assert_int_equal(s->result.answer.verdict, QY_REFUSED);
    assert_no_secret(s);
    assert_true(has_failed(s->dcap, QY_CHECK_DCAP_QE_REPORT_SIGNATURE));
    close_scene(s);
  }
}

/* The provider wants another kind of evidence than this machine has. */
static void the_other_kind_is_refused(void **state)
{
  scene *s = open_scene(state, be_tdx);
  s->broker.kind = QY_EVIDENCE_SGX;
  assert_int_equal(attest(s), QY_ERR_DENIED);
  assert_non_null(strstr(s->why.message, "quote-tee"));
  assert_no_secret(s);
  close_scene(s);
}

/* ---- Devices that fail ---- */

static void what_the_device_says_is_told(void **state)
{
  static const struct {
    void (*be)(scene *s);
    int open_error;
    int read_error;
    bool empty;
    size_t size;
    unsigned other_writes_from;
    const char *first_file; /* NULL: as it is */
    qy_status status;
    const char *words;
  } rows[] = {
      {be_gramine, EACCES, 0, false, 0, 0, NULL, QY_ERR_PEER, "AESM"},
      {be_gramine, 0, 0, true, 0, 0, NULL, QY_ERR_PEER, "empty"},
      {be_gramine, 0, 0, false, QY_DEVICE_MAX_QUOTE_SIZE + 1, 0, NULL, QY_ERR_LIMIT, "quote"},
      {be_gramine, 0, 0, false, 5000, 0, NULL, QY_ERR_REFUSED, "own-quote"}, /* no quote at all */
      {be_gramine, 0, 0, false, 0, 0, "none", QY_ERR_UNSUPPORTED, "sgx.remote_attestation"},
      {be_tdx, 0, 0, true, 0, 0, NULL, QY_ERR_PEER, "quote generation service"},
      {be_tdx, 0, EFBIG, false, 0, 0, NULL, QY_ERR_LIMIT, "outblob"},
      {be_tdx, 0, EIO, false, 0, 0, NULL, QY_ERR_IO, "outblob"},
      {be_tdx, 0, 0, false, 0, 1, NULL, QY_ERR_BUSY, "another program"},
      {be_tdx, 0, 0, false, 0, 0, "sev_guest\n", QY_ERR_UNSUPPORTED, "sev_guest"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    scene *s = open_scene(state, rows[i].be);
    s->tree.output_open_error = rows[i].open_error;
    s->tree.output_read_error = rows[i].read_error;
    s->tree.output_empty = rows[i].empty;
    s->tree.make = rows[i].size != 0 ? NULL : s->tree.make;
    s->tree.output_size = rows[i].size;
    s->tree.other_writes_from = rows[i].other_writes_from;
    s->tree.files[0].text = rows[i].first_file == NULL ? s->tree.files[0].text : rows[i].first_file;
    assert_int_equal(attest(s), rows[i].status);
    assert_non_null(strstr(s->why.message, rows[i].words));
    assert_int_equal(s->result.messages[QY_ATTEST_MSG3].size, 0); /* nothing was handed out */
    assert_int_equal(s->result.answer.verdict, QY_UNDECIDED);
    assert_no_secret(s);
    close_scene(s);
  }
}

static unsigned times_busy, times_asked;

static qy_status quote_when_free(qy_buffer *quote, const char *folder, const uint8_t *report_data,
                                 const qy_device_calls *calls, qy_error *why)
{
  times_asked++;
  if (times_asked <= times_busy) {
    return qy_fail(why, QY_ERR_BUSY, "busy");
  }
  return qy_device_tsm.quote(quote, folder, report_data, calls, why);
}

static void a_busy_device_is_asked_three_times(void **state)
{
  for (times_busy = 1; times_busy <= 3; times_busy++) {
    scene *s = open_scene(state, be_tdx);
    qy_device device = qy_device_tsm;
    device.quote = quote_when_free;
    s->config.device = &device;
    times_asked = 0;
    assert_int_equal(attest(s), times_busy < 3 ? QY_OK : QY_ERR_BUSY);
    assert_int_equal(times_asked, times_busy < 3 ? times_busy + 1 : 3);
    close_scene(s);
  }
}

/* ---- Brokers ---- */

static void another_provider_learns_nothing(void **state)
{
  scene *s = open_scene(state, be_tdx);
  s->broker.wrong.foreign_signature = true;
  assert_refused_by(attest(s), &s->result.trace, QY_CHECK_PROVIDER_SIGNATURE);
  assert_int_equal(s->tree.writes, 0); /* the device is not even asked */
  close_scene(s);
  s = open_scene(state, be_tdx);
  memset(s->config.provider_key, 0xff, sizeof(s->config.provider_key));
  assert_refused_by(attest(s), &s->result.trace, QY_CHECK_PROVIDER_KEY);
  assert_int_equal(s->broker.begun, 0);
  close_scene(s);
}

static void a_damaged_answer_brings_no_secret(void **state)
{
  scene *s = open_scene(state, be_gramine);
  s->wrong = BY_A_STRANGER;
  s->broker.wrong.damaged_msg4 = true; /* refused becomes trusted */
  assert_refused_by(attest(s), &s->result.trace, QY_CHECK_MSG4_TAG);
  assert_no_secret(s);
  close_scene(s);
}

static void a_conflict_begins_anew_with_a_new_quote(void **state)
{
  scene *s = open_scene(state, be_gramine);
  s->broker.wrong.conflicts = 1;
  assert_ok(attest(s));
  assert_secret(s, "Jefe");
  assert_int_equal(s->result.sessions, 2);
  assert_int_equal(s->tree.writes, 2);
  close_scene(s);
  s = open_scene(state, be_gramine);
  s->broker.wrong.conflicts = 2;
  assert_int_equal(attest(s), QY_ERR_SEQUENCE);
  assert_int_equal(s->result.sessions, 2);
  close_scene(s);
}

/* A provider of EPID sends a revocation list: nothing here is made under one. */
static void a_revocation_list_is_refused(void **state)
{
  scene *s = open_scene(state, be_gramine);
  s->broker.kind = QY_EVIDENCE_EPID;
  s->broker.list_entries = 2;
  assert_int_equal(attest(s), QY_ERR_MALFORMED);
  assert_non_null(strstr(s->why.message, "revocation list"));
  assert_int_equal(s->tree.writes, 0);
  close_scene(s);
}

static void names_have_their_lengths(void **state)
{
  scene *s = open_scene(state, be_gramine);
  s->config.secret_name = "";
  assert_int_equal(attest(s), QY_ERR_ARGUMENT);
  s->config.secret_name = "x";
  s->config.broker_url = "http://127.0.0.1/";
  assert_int_equal(attest(s), QY_ERR_ARGUMENT);
  assert_int_equal(s->broker.begun, 0);
  close_scene(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_secret_comes),
      cmocka_unit_test(a_buffer_behind_the_quote_is_cut),
      cmocka_unit_test(a_quote_of_another_session_never_leaves),
      cmocka_unit_test(a_forged_quote_brings_no_secret),
      cmocka_unit_test(the_other_kind_is_refused),
      cmocka_unit_test(what_the_device_says_is_told),
      cmocka_unit_test(a_busy_device_is_asked_three_times),
      cmocka_unit_test(another_provider_learns_nothing),
      cmocka_unit_test(a_damaged_answer_brings_no_secret),
      cmocka_unit_test(a_conflict_begins_anew_with_a_new_quote),
      cmocka_unit_test(a_revocation_list_is_refused),
      cmocka_unit_test(names_have_their_lengths),
  };
  return cmocka_run_group_tests(tests, open_world, close_world);
}
