/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that has a key gets one for another level only if it proves, by the key it has, that it is not revoked. */
#include "endorser_machine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/limits.h>
#include <endorser/issuer.h>
#include <endorser/provision.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  test_machine machine;
  test_key old; /* of level 3 */
  uint32_t old_gid;
  qy_provision_context context;
  qy_trace *trace;
  qy_error cause;
} fixture;

static fixture f;

static void serve(qy_buffer *answer, const qy_buffer *request)
{
  memset(f.trace, 0, sizeof *f.trace);
  memset(&f.cause, 0, sizeof f.cause);
  assert_ok(qy_provision_answer(answer, &f.context, qy_buffer_view(request), 1000, f.trace, &f.cause));
}

/* The service's answer to msg1. When it demands a proof, `first` keeps it, for the demand borrows from it. */
static qy_status begin(qy_buffer *first)
{
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  machine_msg1(&f.machine, &request);
  serve(first, &request);
  return machine_open(&f.machine, qy_buffer_view(first));
}

static qy_status conclude(void)
{
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
  machine_msg3(&f.machine, &request);
  serve(&answer, &request);
  return machine_open(&f.machine, qy_buffer_view(&answer));
}

/* A whole provisioning at a level; `previous` NULL when no proof is expected. */
static test_key join(unsigned level, const test_key *previous)
{
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  machine_set_level(&f.machine, level);
  if (begin(&first) != QY_OK) {
    fail_msg("msg1: %s", f.cause.message);
  }
  assert_int_equal(f.machine.joiner.state, previous == NULL ? QY_JOINER_AWAITS_JOIN : QY_JOINER_AWAITS_PROOF);
  if (previous != NULL) {
    assert_ok(machine_prove(&f.machine, previous, NULL));
  }
  if (conclude() != QY_OK) {
    fail_msg("msg3: %s", f.cause.message);
  }
  machine_finish(&f.machine);
  return machine_key(&f.machine);
}

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  QY_SCOPED_BUFFER(pem, 65536);
  endorser_make(f.folder);
  machine_make(&f.machine, f.folder, 0x10);
  machine_enroll(&f.machine, f.folder);
  read_below(&pem, f.folder, "issuer/pek.pem");
  f.context.folder = f.folder;
  assert_ok(qy_rsa_private_from_pem(&f.context.pek, qy_buffer_view(&pem), &assert_why));
  qy_rsa_public_of(&f.context.pek_public, f.context.pek);
  assert_ok(qy_transactions_new(&f.context.transactions, 4, 60000, &assert_why));
  f.trace = calloc(1, sizeof *f.trace);
  f.old = join(3, NULL);
  f.old_gid = f.machine.joiner.gid;
  machine_set_level(&f.machine, 5);
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  qy_rsa_private_free(&f.context.pek);
  qy_transactions_free(&f.context.transactions);
  machine_clear(&f.machine);
  free(f.trace);
  scratch_remove(f.folder);
  return 0;
}

#define assert_refused(status_given, check)                                                 \
  do {                                                                                      \
    assert_int_equal((status_given), QY_ERR_PEER);                                          \
    assert_non_null(qy_trace_failed(f.trace));                                              \
    assert_string_equal(qy_check_name(qy_trace_failed(f.trace)->id), qy_check_name(check)); \
    assert_int_equal(f.machine.joiner.gstatus, QY_GSTATUS_PROTOCOL_ERROR);                  \
    assert_int_equal(f.machine.joiner.pstatus, QY_PSTATUS_KEY_REVOKED);                     \
  } while (0)

/* Puts a signature by the key onto its group's SigRL. */
static void revoke_signature_by(const qy_epid_member_key *key)
{
  QY_SCOPED_BUFFER(quote, 65536);
  QY_SCOPED_BUFFER(request, 65536);
  QY_SCOPED_GROUP(group);
  const quote_recipe recipe = {.linkable = true};
  test_member member = {.gid = f.old_gid, .key = *key};
  load_group(&group, f.folder, f.old_gid);
  assert_ok(qy_epid_member_new(&member.member, &group.key, key, QY_EPID_HASH_BY_GID, NULL, &assert_why));
  quote_make(&quote, f.folder, &member, &recipe);
  assert_ok(qy_reports_signature_request(&request, f.folder, qy_buffer_view(&quote), NULL, &assert_why));
  assert_ok(qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), NULL, &assert_why));
  qy_epid_member_free(&member.member);
}

static void revoke_signature_of_a_stranger(void)
{
  test_member stranger;
  member_make(&stranger, f.folder, f.old_gid);
  revoke_signature_by(&stranger.key);
  member_free(&stranger);
}

static bool has_key_for(unsigned level)
{
  QY_SCOPED_LEDGER_ENTRY(entry);
  machine_set_level(&f.machine, level);
  return qy_ledger_load(&entry, f.folder, f.machine.w.machine.enrolled.ppid, &f.machine.w.machine.level, NULL) == QY_OK;
}

/* ---- What goes well ---- */

static void updates_get_another_group(void **state)
{
  (void)state;
  const test_key renewed = join(5, &f.old);
  assert_int_not_equal(f.machine.joiner.gid, f.old_gid);
  assert_int_equal(f.machine.joiner.previous_gid, f.old_gid);
  assert_true(qy_platform_level_equal(&f.machine.joiner.previous, &f.old.level));
  assert_memory_not_equal(&renewed.key.f, &f.old.key.f, sizeof renewed.key.f);
  assert_int_equal(qy_trace_find(f.trace, QY_CHECK_PROVISIONING_PREVIOUS_PROOF)->outcome, QY_OUTCOME_HELD);
  assert_int_equal(qy_trace_find(f.trace, QY_CHECK_ENDORSER_PREVIOUS_GROUP)->outcome, QY_OUTCOME_HELD);
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, f.old_gid);
  assert_int_equal(group.tcb.cpu_svn_level, 3);
}

static void signatures_of_others_are_no_hindrance(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  revoke_signature_of_a_stranger();
  revoke_signature_of_a_stranger();
  assert_int_equal(begin(&first), QY_OK);
  assert_int_equal(f.machine.joiner.previous_sigrl.size, 80 + 2 * 128);
  (void)join(5, &f.old);
}

/* It is the last key that counts, and either way: also for a level that is older than it. */
static void the_last_key_is_asked_for(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(second, QY_MAX_PROVISIONING_SIZE);
  const test_key newer = join(4, &f.old);
  const uint32_t gid = f.machine.joiner.gid;
  for (unsigned level = 2; level <= 5; level += 3) {
    QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
    machine_set_level(&f.machine, level);
    assert_int_equal(begin(&answer), QY_OK);
    assert_int_equal(f.machine.joiner.previous_gid, gid);
    assert_true(qy_platform_level_equal(&f.machine.joiner.previous, &newer.level));
  }
  machine_set_level(&f.machine, 5);
  assert_int_equal(begin(&first), QY_OK);
  assert_int_equal(machine_prove(&f.machine, &f.old, f.trace), QY_ERR_REFUSED);
  (void)join(5, &newer);
  /* What it was given for its older levels it can have back, to prove by it. */
  machine_set_level(&f.machine, 3);
  assert_int_equal(begin(&second), QY_OK);
  assert_true(f.machine.joiner.retrieved);
  machine_finish(&f.machine);
  assert_memory_equal(&f.machine.key, &f.old.key, sizeof f.old.key);
}

/* A crash between the two forms of the list: the machine is asked to prove against the whole list all the same. */
static void half_a_list_is_mended(void **state)
{
  (void)state;
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  revoke_signature_of_a_stranger();
  assert_ok(qy_group_path(path, sizeof path, f.folder, f.old_gid, QY_FILE_SIGRL_SGX, &assert_why));
  assert_int_equal(unlink(path), 0);
  assert_int_equal(begin(&first), QY_OK);
  assert_int_equal(f.machine.joiner.previous_sigrl.size, 80 + 128);
  assert_true(qy_file_exists(path));
}

/* ---- Who is refused ---- */

static void a_revoked_signature_is_not_washed_off(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  revoke_signature_of_a_stranger();
  revoke_signature_by(&f.old.key);
  assert_int_equal(begin(&first), QY_OK);
  assert_int_equal(machine_prove(&f.machine, &f.old, f.trace), QY_ERR_REFUSED);
  assert_string_equal(qy_check_name(qy_trace_failed(f.trace)->id), qy_check_name(QY_CHECK_QUOTING_MEMBER_REVOKED));
  assert_false(has_key_for(5));
}

/* An enclave that does not judge itself, nor the list: what it signs does not pass here. */
static void nor_by_an_enclave_that_signs_all_the_same(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_GROUP(group);
  qy_epid_member *member = NULL;
  uint32_t own = 0;
  const qy_random random = test_random_source(&f.machine.w.randomness);
  revoke_signature_by(&f.old.key);
  load_group(&group, f.folder, f.old_gid);
  assert_int_equal(begin(&first), QY_OK);
  qy_joiner *joiner = &f.machine.joiner;
  const size_t size = qy_epid_signature_size(1);
  qy_buffer_init(&joiner->signature, QY_MAX_PROVISIONING_SIZE);
  qy_tlv_append_header(&joiner->signature, QY_TLV_EPID_SIG, size);
  uint8_t *signature = qy_buffer_extend(&joiner->signature, size);
  assert_ok(qy_epid_member_new(&member, &f.old.group, &f.old.key, QY_EPID_HASH_BY_GID, NULL, &assert_why));
  assert_ok(qy_epid_sign(signature, size, &own, member, QY_VIEW_OF(joiner->challenge), NULL, &group.sigrl, &random,
                         NULL, &assert_why));
  qy_epid_member_free(&member);
  assert_int_equal(own, 1);
  joiner->state = QY_JOINER_AWAITS_JOIN;
  assert_refused(conclude(), QY_CHECK_PROVISIONING_PREVIOUS_PROOF);
  assert_false(has_key_for(5));
}

/* What happens between msg2 and msg3 counts. A list that grew says nothing yet: come again. */
static void lists_that_grow_meanwhile(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  QY_SCOPED_BUFFER(second, QY_MAX_PROVISIONING_SIZE);
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  assert_int_equal(begin(&first), QY_OK);
  assert_ok(machine_prove(&f.machine, &f.old, NULL));
  revoke_signature_of_a_stranger();
  assert_int_equal(conclude(), QY_ERR_BUSY);
  assert_false(has_key_for(5));
  assert_int_equal(begin(&second), QY_OK);
  assert_ok(machine_prove(&f.machine, &f.old, NULL));
  qy_epid_member_key_encode(key, &f.old.key);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  assert_refused(conclude(), QY_CHECK_PROVISIONING_PREVIOUS_PROOF);
  assert_false(has_key_for(5));
}

static void members_of_a_revoked_group_get_no_other_key(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(first, QY_MAX_PROVISIONING_SIZE);
  assert_int_equal(begin(&first), QY_OK);
  assert_ok(machine_prove(&f.machine, &f.old, NULL));
  assert_ok(qy_endorser_revoke_group(f.folder, f.old_gid, 1, &assert_why));
  assert_refused(conclude(), QY_CHECK_ENDORSER_PREVIOUS_GROUP);
  for (unsigned level = 3; level <= 5; level++) { /* the key's own level, and newer ones */
    QY_SCOPED_BUFFER(answer, QY_MAX_PROVISIONING_SIZE);
    machine_set_level(&f.machine, level);
    assert_refused(begin(&answer), QY_CHECK_ENDORSER_PREVIOUS_GROUP);
  }
  assert_false(has_key_for(5));
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
      TEST(updates_get_another_group),
      TEST(signatures_of_others_are_no_hindrance),
      TEST(the_last_key_is_asked_for),
      TEST(half_a_list_is_mended),
      TEST(a_revoked_signature_is_not_washed_off),
      TEST(nor_by_an_enclave_that_signs_all_the_same),
      TEST(lists_that_grow_meanwhile),
      TEST(members_of_a_revoked_group_get_no_other_key),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
