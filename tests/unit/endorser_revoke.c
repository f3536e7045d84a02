/* SPDX-License-Identifier: Apache-2.0 */
/* Groups, keys and signatures are revoked: the lists grow, in both their forms, and a crash leaves nothing half done. */
#include "reports_support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sgx/endorsements.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  uint32_t gid;
  test_member member;
  test_member other;
  qy_trace *trace;
} fixture;

static fixture f;

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  endorser_make(f.folder);
  f.gid = first_group(f.folder);
  member_make(&f.member, f.folder, f.gid);
  member_make(&f.other, f.folder, f.gid);
  f.trace = calloc(1, sizeof *f.trace);
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  member_free(&f.member);
  member_free(&f.other);
  free(f.trace);
  scratch_remove(f.folder);
  return 0;
}

static void request_make(qy_buffer *request, const test_member *member)
{
  const quote_recipe recipe = {.linkable = true};
  QY_SCOPED_BUFFER(quote, 65536);
  quote_make(&quote, f.folder, member, &recipe);
  assert_ok(qy_reports_signature_request(request, f.folder, qy_buffer_view(&quote), NULL, &assert_why));
}

static qy_status revoke_signature_of(const test_member *member)
{
  QY_SCOPED_BUFFER(request, 65536);
  request_make(&request, member);
  return qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), f.trace, NULL);
}

static qy_status revoke_key_of(const test_member *member)
{
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  member_key_bytes(key, member);
  return qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), f.trace, NULL);
}

/* Both forms of the SigRL say the same, and the SGX form is signed. */
static void assert_sigrl(uint32_t version, uint32_t count)
{
  qy_sigrl sgx;
  qy_p256_public isk;
  QY_SCOPED_GROUP(group);
  QY_SCOPED_BUFFER(pem, 65536);
  load_group(&group, f.folder, f.gid);
  assert_true(group.has_sigrl);
  assert_int_equal(group.sigrl.version, version);
  assert_int_equal(group.sigrl.count, count);
  if (count == 0) {
    assert_int_equal(group.sigrl_sgx.size, 0);
    return;
  }
  read_below(&pem, f.folder, "public/isk.pem");
  assert_ok(qy_p256_public_from_pem(&isk, qy_buffer_view(&pem), &assert_why));
  assert_ok(qy_sigrl_decode_nonempty(&sgx, qy_buffer_view(&group.sigrl_sgx), &assert_why));
  assert_ok(qy_sigrl_verify(NULL, &sgx, &isk, &assert_why));
  assert_int_equal(sgx.group_id, f.gid);
  assert_int_equal(sgx.version, version);
  assert_true(qy_view_equal(sgx.entries, group.sigrl.entries));
}

static void signatures_are_revoked(void **state)
{
  (void)state;
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  assert_sigrl(1, 1);
  assert_int_equal(revoke_signature_of(&f.other), QY_OK);
  assert_sigrl(2, 2);
  /* Linkable quotes of one member are one entry. */
  assert_int_equal(revoke_signature_of(&f.other), QY_ERR_EXISTS);
  assert_sigrl(2, 2);
}

static void bad_signatures_are_not_taken(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(request, 65536);
  request_make(&request, &f.member);
  request.bytes[request.size - 1] ^= 1; /* the message */
  assert_int_equal(qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), f.trace, NULL), QY_ERR_REFUSED);
  assert_non_null(qy_trace_find(f.trace, QY_CHECK_ENDORSER_SIGNATURE));
  assert_int_equal(qy_trace_find(f.trace, QY_CHECK_ENDORSER_SIGNATURE)->outcome, QY_OUTCOME_FAILED);
  request.bytes[request.size - 1] ^= 1;
  for (size_t size = 0; size < request.size; size += size < 32 ? 1 : 7) {
    const qy_status status = qy_endorser_revoke_signature(f.folder, qy_view_over(request.bytes, size), NULL, NULL);
    assert_true(status == QY_ERR_TRUNCATED || status == QY_ERR_MALFORMED);
  }
  qy_buffer_append(&request, "x", 1);
  assert_int_equal(qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), NULL, NULL), QY_ERR_MALFORMED);
  request.size--;
  request.bytes[10] ^= 1; /* the group */
  assert_int_equal(qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), NULL, NULL), QY_ERR_NOT_FOUND);
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, f.gid);
  assert_false(group.has_sigrl);
}

static void quotes_of_others_make_no_request(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_BUFFER(quote, 65536);
  QY_SCOPED_BUFFER(request, 65536);
  quote_make(&quote, f.folder, &f.member, &recipe);
  quote.bytes[100] ^= 1;
  assert_int_equal(qy_reports_signature_request(&request, f.folder, qy_buffer_view(&quote), NULL, NULL),
                   QY_ERR_REFUSED);
  quote.bytes[100] ^= 1;
  quote.bytes[500] ^= 1; /* the wrapped key */
  assert_int_equal(qy_reports_signature_request(&request, f.folder, qy_buffer_view(&quote), f.trace, NULL),
                   QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_QUOTE_WRAP_KEY);
  assert_int_equal(request.size, 0);
}

/* The PrivRL is tried first: it costs signers nothing. */
static void signatures_of_leaked_keys_stay_out(void **state)
{
  (void)state;
  assert_int_equal(revoke_key_of(&f.member), QY_OK);
  assert_int_equal(revoke_signature_of(&f.member), QY_ERR_EXISTS);
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, f.gid);
  assert_false(group.has_sigrl);
  assert_int_equal(group.privrl.version, 1);
}

static void leaked_keys_leave_the_sigrl(void **state)
{
  (void)state;
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  assert_int_equal(revoke_signature_of(&f.other), QY_OK);
  assert_int_equal(revoke_key_of(&f.member), QY_OK);
  assert_sigrl(3, 1); /* the version grows though the list shrinks */
  assert_int_equal(revoke_key_of(&f.other), QY_OK);
  assert_sigrl(4, 0); /* no SGX form: clients refuse an empty list */
  assert_int_equal(revoke_key_of(&f.other), QY_ERR_EXISTS);
  QY_SCOPED_GROUP(group);
  load_group(&group, f.folder, f.gid);
  assert_int_equal(group.privrl.version, 2);
  assert_int_equal(group.privrl.count, 2);
}

static void key_files_are_checked(void **state)
{
  (void)state;
  uint8_t request[4 + QY_EPID_MEMBER_KEY_SIZE] = {0x02, 0x00, 0x00, 0x03};
  member_key_bytes(request + 4, &f.member);
  request[sizeof request - 1] ^= 1; /* f: the group never issued this */
  assert_int_equal(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(request), f.trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_CREDENTIAL_EQUATION);
  request[sizeof request - 1] ^= 1;
  assert_int_equal(qy_endorser_revoke_key(f.folder, qy_view_over(request, sizeof request - 1), NULL, NULL),
                   QY_ERR_MALFORMED);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(request), NULL, &assert_why)); /* in Intel's request frame */
}

static void groups_are_revoked(void **state)
{
  (void)state;
  qy_epid_ca ca;
  QY_SCOPED_BUFFER(file, 4096);
  qy_revoked_groups *revoked = calloc(1, sizeof *revoked);
  qy_revoked_groups_init(revoked);
  read_below(&file, f.folder, "public/cacert.bin");
  assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&file), NULL, NULL, &assert_why));
  assert_int_equal(qy_endorser_revoke_group(f.folder, f.gid, 7, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_endorser_revoke_group(f.folder, f.gid + 1, 1, NULL), QY_ERR_NOT_FOUND);
  assert_ok(qy_endorser_revoke_group(f.folder, f.gid, 9, &assert_why));
  assert_int_equal(qy_endorser_revoke_group(f.folder, f.gid, 1, NULL), QY_ERR_EXISTS);
  assert_ok(qy_revoked_groups_load(revoked, f.folder, &ca, NULL, &assert_why));
  assert_int_equal(revoked->list.version, 1);
  assert_true(qy_revoked_groups_contain(revoked, f.gid));
  assert_false(qy_revoked_groups_contain(revoked, f.gid + 1));
  assert_int_equal(qy_revoked_groups_reason(revoked, f.gid), 9);
  assert_int_equal(qy_revoked_groups_reason(revoked, f.gid + 1), 0);
  qy_revoked_groups_clear(revoked);
  free(revoked);
}

/* E11: a list that no CA signed, or another group's, is refused when it is read. */
static void forged_lists_are_refused(void **state)
{
  (void)state;
  char name[QY_PATH_SIZE];
  qy_epid_ca ca;
  QY_SCOPED_BUFFER(ca_file, 4096);
  QY_SCOPED_BUFFER(list, 65536);
  QY_SCOPED_GROUP(group);
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  read_below(&ca_file, f.folder, "public/cacert.bin");
  assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&ca_file), NULL, NULL, &assert_why));
  snprintf(name, sizeof name, "public/groups/%08x/sigrl.bin", f.gid);
  read_below(&list, f.folder, name);
  list.bytes[list.size - 70] ^= 1; /* an entry */
  write_below(f.folder, name, qy_buffer_view(&list));
  assert_int_equal(qy_group_load(&group, f.folder, f.gid, &ca, f.trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_FILE_SIGNATURE);
  list.bytes[list.size - 70] ^= 1;
  write_below(f.folder, name, qy_buffer_view(&list));
  load_group(&group, f.folder, f.gid);

  uint32_t other = 0;
  const qy_group_tcb tcb = {.cpu_svn_level = 5, .pve_svn = 1, .pce_svn = 1};
  assert_ok(qy_endorser_add_group(&other, f.folder, &tcb, &assert_why));
  snprintf(name, sizeof name, "public/groups/%08x/sigrl.bin", other);
  write_below(f.folder, name, qy_buffer_view(&list));
  memset(f.trace, 0, sizeof *f.trace);
  assert_int_equal(qy_group_load(&group, f.folder, other, &ca, f.trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_LIST_GROUP);
}

/* Every state that a crash between two files can leave. */
static void crashes_are_mended(void **state)
{
  (void)state;
  char sgx_name[QY_PATH_SIZE];
  char privrl_name[QY_PATH_SIZE];
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(old_sgx, 65536);
  QY_SCOPED_BUFFER(sigrl, 65536);
  QY_SCOPED_BUFFER(sgx, 65536);
  snprintf(sgx_name, sizeof sgx_name, "public/groups/%08x/sigrl.sgx", f.gid);
  snprintf(privrl_name, sizeof privrl_name, "public/groups/%08x/privrl.bin", f.gid);
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  read_below(&old_sgx, f.folder, sgx_name);
  assert_int_equal(revoke_signature_of(&f.other), QY_OK);
  write_below(f.folder, sgx_name, qy_buffer_view(&old_sgx)); /* died before the SGX form */
  assert_ok(qy_endorser_mend(f.folder, &assert_why));
  assert_sigrl(2, 2);
  assert_ok(qy_path_join(path, sizeof path, f.folder, sgx_name, &assert_why));
  assert_int_equal(unlink(path), 0);
  assert_ok(qy_endorser_mend(f.folder, &assert_why));
  assert_sigrl(2, 2);
  /* Died after the PrivRL and before the SigRL. */
  snprintf(path, sizeof path, "public/groups/%08x/sigrl.bin", f.gid);
  read_below(&sigrl, f.folder, path);
  read_below(&sgx, f.folder, sgx_name);
  assert_int_equal(revoke_key_of(&f.member), QY_OK);
  write_below(f.folder, path, qy_buffer_view(&sigrl));
  write_below(f.folder, sgx_name, qy_buffer_view(&sgx));
  assert_sigrl(2, 2);
  assert_ok(qy_endorser_mend(f.folder, &assert_why));
  assert_sigrl(3, 1);
}

/* A process that revokes is killed at any time; whatever it left loads, and goes on. */
static void kill_leaves_it_whole(void **state)
{
  (void)state;
  test_member members[6];
  uint32_t least = 0;
  for (size_t i = 0; i < 6; i++) {
    member_make(&members[i], f.folder, f.gid);
  }
  for (unsigned round = 0; round < 24; round++) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      const qy_status signature = revoke_signature_of(&members[round % 6]);
      const qy_status key = round % 4 == 3 ? revoke_key_of(&members[round % 6]) : QY_OK;
      _exit(signature == QY_ERR_MALFORMED || key == QY_ERR_MALFORMED);
    }
    usleep(1000 + 2500 * round);
    (void)kill(child, SIGKILL);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    QY_SCOPED_GROUP(group);
    load_group(&group, f.folder, f.gid);
    assert_true(group.sigrl.version >= least);
    least = group.sigrl.version;
    assert_ok(qy_endorser_mend(f.folder, &assert_why));
    load_group(&group, f.folder, f.gid);
    least = group.sigrl.version;
    if (group.has_sigrl) {
      assert_sigrl(group.sigrl.version, group.sigrl.count);
    }
  }
  for (size_t i = 0; i < 6; i++) {
    member_free(&members[i]);
  }
}

static void members_come_with_their_files(void **state)
{
  (void)state;
  char out[QY_PATH_SIZE];
  qy_epid_ca ca;
  qy_epid_group_key key;
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  static const char *const NAMES[] = {"cacert.bin", "pubkey.bin",  "privrl.bin",
                                      "sigrl.bin",  "grouprl.bin", "mprivkey.dat"};
  static const size_t SIZES[] = {324, 340, 92, 92, 76, 144};
  qy_buffer files[6];
  scratch_make(out);
  assert_ok(qy_endorser_issue_member(f.folder, f.gid, out, &assert_why));
  for (size_t i = 0; i < 6; i++) {
    qy_buffer_init(&files[i], 4096);
    read_below(&files[i], out, NAMES[i]);
    assert_int_equal(files[i].size, SIZES[i]);
  }
  assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&files[0]), NULL, NULL, &assert_why));
  assert_ok(qy_epid_group_key_read(&key, qy_buffer_view(&files[1]), &ca, NULL, &assert_why));
  assert_ok(qy_epid_privrl_read(&privrl, qy_buffer_view(&files[2]), &ca, NULL, &assert_why));
  assert_ok(qy_epid_sigrl_read(&sigrl, qy_buffer_view(&files[3]), &ca, NULL, &assert_why));
  assert_ok(qy_epid_grouprl_read(&grouprl, qy_buffer_view(&files[4]), &ca, NULL, &assert_why));
  assert_int_equal(privrl.count + sigrl.count + grouprl.count, 0);
  assert_int_equal(qy_endorser_issue_member(f.folder, f.gid + 1, out, NULL), QY_ERR_NOT_FOUND);
  for (size_t i = 0; i < 6; i++) {
    qy_buffer_clear(&files[i]);
  }
  scratch_remove(out);
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
      TEST(signatures_are_revoked),
      TEST(bad_signatures_are_not_taken),
      TEST(quotes_of_others_make_no_request),
      TEST(signatures_of_leaked_keys_stay_out),
      TEST(leaked_keys_leave_the_sigrl),
      TEST(key_files_are_checked),
      TEST(groups_are_revoked),
      TEST(forged_lists_are_refused),
      TEST(crashes_are_mended),
      TEST(kill_leaves_it_whole),
      TEST(members_come_with_their_files),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
