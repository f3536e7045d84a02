/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning service's decisions, message by message: who is let in, who is not, and what is remembered. */
#include "endorser_machine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/limits.h>
#include <endorser/issuer.h>
#include <endorser/provision.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  test_machine machine;
  qy_provision_context context;
  qy_trace *trace;
  qy_error cause;
  int64_t now_ms;
} fixture;

static fixture f;

static void open_service(size_t limit)
{
  QY_SCOPED_BUFFER(pem, 65536);
  read_below(&pem, f.folder, "issuer/pek.pem");
  f.context.folder = f.folder;
  assert_ok(qy_rsa_private_from_pem(&f.context.pek, qy_buffer_view(&pem), &assert_why));
  qy_rsa_public_of(&f.context.pek_public, f.context.pek);
  f.context.endpoint = (qy_endpoint){.ttl_s = 60, .url = "http://127.0.0.1:1/provision", .pek = f.machine.pek};
  assert_ok(qy_transactions_new(&f.context.transactions, limit, 60000, &assert_why));
}

static void close_service(void)
{
  qy_rsa_private_free(&f.context.pek);
  qy_transactions_free(&f.context.transactions);
}

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  endorser_make(f.folder);
  machine_make(&f.machine, f.folder, 0x10);
  machine_enroll(&f.machine, f.folder);
  open_service(4);
  f.trace = calloc(1, sizeof *f.trace);
  f.now_ms = 1000;
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  close_service();
  machine_clear(&f.machine);
  free(f.trace);
  scratch_remove(f.folder);
  return 0;
}

static void serve(qy_buffer *answer, const qy_buffer *request)
{
  memset(f.trace, 0, sizeof *f.trace);
  memset(&f.cause, 0, sizeof f.cause);
  qy_buffer_clear(answer);
  qy_buffer_init(answer, QY_MAX_PROVISIONING_SIZE);
  assert_ok(qy_provision_answer(answer, &f.context, qy_buffer_view(request), f.now_ms, f.trace, &f.cause));
}

/* The service's answer to a fresh msg1. */
static qy_status begin(test_machine *machine)
{
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  machine_msg1(machine, &request);
  serve(&answer, &request);
  return machine_open(machine, qy_buffer_view(&answer));
}

static qy_status conclude(test_machine *machine)
{
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  machine_msg3(machine, &request);
  serve(&answer, &request);
  return machine_open(machine, qy_buffer_view(&answer));
}

/* From msg1 to the member key. */
static void join(test_machine *machine)
{
  if (begin(machine) != QY_OK) {
    fail_msg("msg1: %s", f.cause.message);
  }
  if (!machine->joiner.retrieved && conclude(machine) != QY_OK) {
    fail_msg("msg3: %s", f.cause.message);
  }
  machine_finish(machine);
}

static void assert_member(const test_machine *machine)
{
  qy_epid_member *member = NULL;
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, machine->joiner.gid);
  assert_ok(qy_epid_member_new(&member, &group.key, &machine->key, QY_EPID_HASH_BY_GID, NULL, &assert_why));
  qy_epid_member_free(&member);
}

#define assert_refused(status_given, check, pstatus_wanted)                                 \
  do {                                                                                      \
    assert_int_equal((status_given), QY_ERR_PEER);                                          \
    assert_non_null(qy_trace_failed(f.trace));                                              \
    assert_string_equal(qy_check_name(qy_trace_failed(f.trace)->id), qy_check_name(check)); \
    assert_int_equal(f.machine.joiner.gstatus, QY_GSTATUS_PROTOCOL_ERROR);                  \
    assert_int_equal(f.machine.joiner.pstatus, (pstatus_wanted));                           \
  } while (0)

/* ---- Joining ---- */

static void machines_join(void **state)
{
  (void)state;
  QY_SCOPED_LEDGER_ENTRY(entry);
  join(&f.machine);
  assert_false(f.machine.joiner.retrieved);
  assert_member(&f.machine);
  assert_ok(
      qy_ledger_load(&entry, f.folder, f.machine.w.machine.enrolled.ppid, &f.machine.joiner.equivalent, &assert_why));
  assert_int_equal(qy_ledger_entry_gid(&entry), f.machine.joiner.gid);
  assert_false(entry.revoked);
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, f.machine.joiner.gid);
  assert_int_equal(group.tcb.cpu_svn_level, 5);
  assert_int_equal(group.tcb.pve_svn, 2);
  assert_int_equal(group.tcb.pce_svn, 2);
}

static void lost_keys_are_given_back(void **state)
{
  (void)state;
  qy_epid_member_key first;
  join(&f.machine);
  first = f.machine.key;
  close_service(); /* nothing of it is in memory */
  open_service(4);
  join(&f.machine);
  assert_true(f.machine.joiner.retrieved);
  assert_memory_equal(&first, &f.machine.key, sizeof first);
}

static void machines_of_a_level_share_a_group(void **state)
{
  (void)state;
  test_machine other;
  machine_make(&other, f.folder, 0x60);
  machine_enroll(&other, f.folder);
  join(&f.machine);
  join(&other);
  assert_int_equal(other.joiner.gid, f.machine.joiner.gid);
  assert_memory_not_equal(&other.key, &f.machine.key, sizeof other.key);
  machine_clear(&other);
}

/* ---- Who is refused ---- */

static void strangers_are_refused(void **state)
{
  (void)state;
  test_machine stranger;
  machine_make(&stranger, f.folder, 0x60);
  const qy_status status = begin(&stranger);
  f.machine.joiner.gstatus = stranger.joiner.gstatus;
  f.machine.joiner.pstatus = stranger.joiner.pstatus;
  assert_refused(status, QY_CHECK_PROVISIONING_PLATFORM_KNOWN, QY_PSTATUS_KEY_NOT_FOUND);
  machine_clear(&stranger);
}

static void revoked_machines_are_refused(void **state)
{
  (void)state;
  assert_ok(qy_endorser_revoke_platform(f.folder, f.machine.w.machine.enrolled.ppid, &assert_why));
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_PLATFORM_REVOKED, QY_PSTATUS_PLATFORM_REVOKED);
  machine_enroll(&f.machine, f.folder); /* enrolling again does not make it good */
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_PLATFORM_REVOKED, QY_PSTATUS_PLATFORM_REVOKED);
  const uint8_t nobody[16] = {1};
  assert_int_equal(qy_endorser_revoke_platform(f.folder, nobody, NULL), QY_ERR_NOT_FOUND);
}

/* Neither the old key again nor a new one: at no level. */
static void machines_whose_key_leaked_are_refused(void **state)
{
  (void)state;
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  machine_set_level(&f.machine, 4);
  join(&f.machine);
  qy_epid_member_key_encode(key, &f.machine.key);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_KEY_REVOKED, QY_PSTATUS_KEY_REVOKED);
  machine_set_level(&f.machine, 5);
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_KEY_REVOKED, QY_PSTATUS_KEY_REVOKED);
}

/* E18: another machine that brings the leaked f. Its generator repeats the first one's, and so does its f. */
static void leaked_f_does_not_join(void **state)
{
  (void)state;
  test_machine twin;
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  machine_make(&twin, f.folder, 0x60);
  machine_enroll(&twin, f.folder);
  twin.w.randomness.state = f.machine.w.randomness.state;
  join(&f.machine);
  qy_epid_member_key_encode(key, &f.machine.key);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  assert_int_equal(begin(&twin), QY_OK);
  const qy_status status = conclude(&twin);
  f.machine.joiner.gstatus = twin.joiner.gstatus;
  f.machine.joiner.pstatus = twin.joiner.pstatus;
  assert_refused(status, QY_CHECK_JOIN_F_REVOKED, QY_PSTATUS_KEY_REVOKED);
  machine_clear(&twin);
}

static void impossible_levels_are_refused(void **state)
{
  (void)state;
  qy_platform_level *level = &f.machine.w.machine.level;
  memset(level->cpu_svn, 0, sizeof level->cpu_svn);
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_LEVEL, QY_PSTATUS_TCB_OUT_OF_DATE);
  machine_set_level(&f.machine, 5);
  level->pve_svn = 3; /* never signed */
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_SVN, QY_PSTATUS_INVALID_REQUEST);
  level->pve_svn = 2;
  level->pce_svn = 9;
  assert_refused(begin(&f.machine), QY_CHECK_ENDORSER_SVN, QY_PSTATUS_INVALID_REQUEST);
  machine_set_level(&f.machine, 5);
  join(&f.machine);
}

static void require_pve_3(void)
{
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  assert_ok(qy_tcb_levels_load(&levels, f.folder, &assert_why));
  assert_ok(qy_tcb_policy_load(&policy, f.folder, &levels, &assert_why));
  policy.pve_svn = 3;
  assert_ok(qy_tcb_policy_store(f.folder, &policy, &assert_why));
}

static void old_provisioning_enclaves_are_refused(void **state)
{
  (void)state;
  assert_int_equal(begin(&f.machine), QY_OK);
  require_pve_3();
  assert_refused(conclude(&f.machine), QY_CHECK_PVE_IDENTITY, QY_PSTATUS_INVALID_REPORT);
}

/* ---- Transactions ---- */

static void msg3_is_taken_once(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  qy_provisioning_response response;
  assert_int_equal(begin(&f.machine), QY_OK);
  machine_msg3(&f.machine, &request);
  serve(&answer, &request);
  serve(&answer, &request);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_ENDORSER_TRANSACTION);
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&answer), &assert_why));
  assert_int_equal(response.gstatus, QY_GSTATUS_TRANSACTION_STATE_LOST);
  assert_int_equal(response.body.size, 0);
}

/* A msg3 that does not hold ends its transaction: nobody tries twice. */
static void bad_msg3_ends_its_transaction(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  assert_int_equal(begin(&f.machine), QY_OK);
  machine_msg3(&f.machine, &request);
  request.bytes[200] ^= 1;
  serve(&answer, &request);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_PROVISIONING_MAC_MSG3);
  request.bytes[200] ^= 1;
  serve(&answer, &request);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_ENDORSER_TRANSACTION);
}

static void msg1_does_not_take_over_a_transaction(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(again, QY_MAX_PROVISIONING_SIZE);
  machine_msg1(&f.machine, &request);
  serve(&answer, &request);
  assert_int_equal(machine_open(&f.machine, qy_buffer_view(&answer)), QY_OK);
  serve(&again, &request);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_ENDORSER_TRANSACTION_NEW);
  assert_int_equal(conclude(&f.machine), QY_OK); /* the first goes on */
}

static void transactions_do_not_wait_for_ever(void **state)
{
  (void)state;
  assert_int_equal(begin(&f.machine), QY_OK);
  f.now_ms += 60000;
  assert_int_equal(conclude(&f.machine), QY_ERR_PEER);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_ENDORSER_TRANSACTION);
  assert_int_equal(f.machine.joiner.gstatus, QY_GSTATUS_TRANSACTION_STATE_LOST);
}

static void transactions_are_bounded(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(begin(&f.machine), QY_OK);
  }
  assert_int_equal(begin(&f.machine), QY_ERR_BUSY);
  f.now_ms += 60000; /* the old ones make room */
  join(&f.machine);
}

/* Two conversations of one machine race: it joins once, and the slower one is told to come again. */
static void a_machine_joins_once(void **state)
{
  (void)state;
  test_machine copy;
  assert_int_equal(begin(&f.machine), QY_OK);
  copy = f.machine;
  copy.w.randomness.state = 99;
  assert_int_equal(begin(&copy), QY_OK);
  assert_int_equal(conclude(&f.machine), QY_OK);
  machine_finish(&f.machine);
  assert_int_equal(conclude(&copy), QY_ERR_BUSY);
  join(&copy);
  assert_true(copy.joiner.retrieved);
  assert_memory_equal(&copy.key, &f.machine.key, sizeof copy.key);
  machine_clear(&copy);
}

static void revoked_groups_take_nobody(void **state)
{
  (void)state;
  assert_int_equal(begin(&f.machine), QY_OK);
  const uint32_t old = f.machine.joiner.gid;
  assert_ok(qy_endorser_revoke_group(f.folder, old, 1, &assert_why));
  assert_refused(conclude(&f.machine), QY_CHECK_ENDORSER_GROUP_REVOKED, QY_PSTATUS_PROVISIONING_ERROR);
  join(&f.machine);
  assert_int_not_equal(f.machine.joiner.gid, old);
}

/* ---- Other messages ---- */

static void endpoint_is_told(void **state)
{
  (void)state;
  const uint8_t xid[QY_XID_SIZE] = {1, 2, 3};
  qy_endpoint endpoint;
  QY_SCOPED_BUFFER(request, 4096);
  QY_SCOPED_BUFFER(answer, 65536);
  assert_ok(qy_endpoint_request_make(&request, xid, 0x5a, &assert_why));
  serve(&answer, &request);
  assert_ok(qy_endpoint_response_open(&endpoint, qy_buffer_view(&answer), xid,
                                      &f.machine.w.endorser.xegb.pek_signing_key, NULL, &assert_why));
  assert_string_equal(endpoint.url, "http://127.0.0.1:1/provision");
}

static void other_messages_are_answered(void **state)
{
  (void)state;
  qy_provisioning_response response;
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  machine_msg1(&f.machine, &request);
  for (size_t size = 0; size < request.size; size += 13) {
    QY_SCOPED_BUFFER(part, QY_MAX_PROVISIONING_SIZE);
    qy_buffer_append(&part, request.bytes, size);
    serve(&answer, &part);
    assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&answer), &assert_why));
    assert_int_equal(response.gstatus, QY_GSTATUS_INCORRECT_SYNTAX);
  }
  request.bytes[1] = 3; /* version */
  serve(&answer, &request);
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&answer), &assert_why));
  assert_int_equal(response.gstatus, QY_GSTATUS_INCOMPATIBLE_VERSION);
  request.bytes[1] = 2;
  request.bytes[10] = QY_PROVISIONING_MSG4; /* type */
  serve(&answer, &request);
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&answer), &assert_why));
  assert_int_equal(response.gstatus, QY_GSTATUS_INCOMPATIBLE_VERSION);
}

/* Damage in the folder is told as what it is. */
static void damage_is_the_endorsers_fault(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  qy_provisioning_response response;
  write_below(f.folder, "public/tcb.json", qy_view_text("{}"));
  machine_msg1(&f.machine, &request);
  serve(&answer, &request);
  assert_ok(qy_provisioning_response_decode(&response, qy_buffer_view(&answer), &assert_why));
  assert_int_equal(response.gstatus, QY_GSTATUS_INTERNAL_ERROR);
}

/* ---- The register and the ledger ---- */

static void factory_records_are_checked(void **state)
{
  (void)state;
  char record[256];
  static const char KEY[] = "\"provision_base_key\":\"11111111111111111111111111111112\"";
  assert_int_equal(qy_endorser_enroll(f.folder, qy_view_text("{}"), NULL), QY_ERR_MALFORMED);
  (void)snprintf(record, sizeof record, "{\"ppid\":\"00000000000000000000000000000000\",%s}", KEY);
  assert_int_equal(qy_endorser_enroll(f.folder, qy_view_text(record), NULL), QY_ERR_REFUSED); /* not the key's PPID */
  (void)snprintf(record, sizeof record, "%.*s,\"revoked\":false}", (int)strlen(f.machine.record) - 1, f.machine.record);
  assert_int_equal(qy_endorser_enroll(f.folder, qy_view_text(record), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_endorser_enroll(f.folder, qy_view_text(f.machine.record), &assert_why));
}

static void ledger_entries_round_trip(void **state)
{
  (void)state;
  QY_SCOPED_LEDGER_ENTRY(entry);
  QY_SCOPED_LEDGER_ENTRY(again);
  QY_SCOPED_BUFFER(text, 16384);
  join(&f.machine);
  assert_ok(
      qy_ledger_load(&entry, f.folder, f.machine.w.machine.enrolled.ppid, &f.machine.joiner.equivalent, &assert_why));
  assert_ok(qy_ledger_encode(&text, &entry, &assert_why));
  assert_ok(qy_ledger_decode(&again, qy_buffer_view(&text), &assert_why));
  assert_memory_equal(&entry, &again, sizeof entry);
  for (size_t size = 0; size + 2 < text.size; size += 5) {
    assert_int_not_equal(qy_ledger_decode(&again, qy_view_over(text.bytes, size), NULL), QY_OK);
    assert_true(qy_view_is_zero(qy_view_over(&again, sizeof again)));
  }
}

/* The process is killed at any time on the way: a machine never ends up with two keys for a level. */
static void kill_leaves_the_ledger_whole(void **state)
{
  (void)state;
  uint8_t commitment[QY_EPID_G1_SIZE] = {0};
  for (unsigned round = 0; round < 16; round++) {
    f.machine.w.randomness.state = 1000 + round;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      join(&f.machine);
      _exit(0);
    }
    usleep(2000 + 2000 * round);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    QY_SCOPED_LEDGER_ENTRY(entry);
    const qy_status status =
        qy_ledger_load(&entry, f.folder, f.machine.w.machine.enrolled.ppid, &f.machine.w.machine.level, NULL);
    assert_true(status == QY_OK || status == QY_ERR_NOT_FOUND);
    if (status == QY_OK && !qy_view_is_zero(QY_VIEW_OF(commitment))) {
      assert_memory_equal(entry.f_commitment, commitment, sizeof commitment);
    }
    if (status == QY_OK) {
      memcpy(commitment, entry.f_commitment, sizeof commitment);
    }
  }
  join(&f.machine);
  assert_member(&f.machine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

static int finish(void **state)
{
  (void)state;
  endorser_master_remove();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(machines_join),
      TEST(lost_keys_are_given_back),
      TEST(machines_of_a_level_share_a_group),
      TEST(strangers_are_refused),
      TEST(revoked_machines_are_refused),
      TEST(machines_whose_key_leaked_are_refused),
      TEST(leaked_f_does_not_join),
      TEST(impossible_levels_are_refused),
      TEST(old_provisioning_enclaves_are_refused),
      TEST(msg3_is_taken_once),
      TEST(bad_msg3_ends_its_transaction),
      TEST(msg1_does_not_take_over_a_transaction),
      TEST(transactions_do_not_wait_for_ever),
      TEST(transactions_are_bounded),
      TEST(a_machine_joins_once),
      TEST(revoked_groups_take_nobody),
      TEST(endpoint_is_told),
      TEST(other_messages_are_answered),
      TEST(damage_is_the_endorsers_fault),
      TEST(factory_records_are_checked),
      TEST(ledger_entries_round_trip),
      TEST(kill_leaves_the_ledger_whole),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
