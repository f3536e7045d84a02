/* SPDX-License-Identifier: Apache-2.0 */
/* An update: the platform gets a key for its new level, and first proves by the old one that it is not revoked. */
#include "provisioning_world.h"

#include <string.h>

#include <sgx/endorsements.h>

static world w;
static qy_trace trace;
static qy_epid_group_key old_group;
static qy_epid_issuing_key old_issuing_key;
static qy_epid_member_key old_key, stranger;
static qy_platform_level old_level;
static uint8_t entries[2 * 128]; /* of signatures by two strangers */

static void sign_something(uint8_t entry[128], const qy_epid_member_key *key)
{
  qy_epid_member *member = NULL;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint32_t own;
  assert_ok(qy_epid_member_new(&member, &old_group, key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(
      qy_epid_sign(signature, sizeof(signature), &own, member, qy_view_text("x"), NULL, NULL, &w.random, NULL, NULL));
  memcpy(entry, signature, 128);
  qy_epid_member_free(&member);
}

static int setup(void **state)
{
  (void)state;
  uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE];
  world_make(&w);
  world_group(&old_group, &old_issuing_key, certificate, &w, WORLD_GID - 1);
  assert_ok(qy_epid_member_key_issue(&old_key, &old_group, &old_issuing_key, &w.random, NULL));
  assert_ok(qy_epid_member_key_issue(&stranger, &old_group, &old_issuing_key, &w.random, NULL));
  old_level = w.machine.level;
  memcpy(old_level.cpu_svn, w.machine.fuses.cpu_svns[0], QY_CPU_SVN_SIZE);
  sign_something(entries, &stranger);
  sign_something(entries + 128, &stranger);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  world_clear(&w);
  return 0;
}

static void assert_refused_by(qy_status status, qy_check_id id)
{
  const qy_check_record *failed = qy_trace_failed(&trace);
  if (status != QY_ERR_REFUSED || failed == NULL || failed->id != id) {
    fail_msg("expected %s, found %s by %s", qy_check_name(id), qy_status_name(status),
             failed == NULL ? "none" : qy_check_name(failed->id));
  }
}

typedef struct update {
  qy_joiner joiner;
  qy_provisioner server;
  qy_buffer msg2, msg3;
} update;

static void update_clear(update *u)
{
  qy_joiner_clear(&u->joiner);
  qy_provisioner_clear(&u->server);
  qy_buffer_clear(&u->msg2);
  qy_buffer_clear(&u->msg3);
}
#define SCOPED_UPDATE(name) __attribute__((cleanup(update_clear))) update name = {0}

static qy_previous_demand demand_of(const qy_buffer *sigrl)
{
  return (qy_previous_demand){.level = old_level, .gid = WORLD_GID - 1, .sigrl = qy_buffer_view(sigrl)};
}

/* Up to the msg2 that asks for a proof. */
static qy_status until_proof(update *u, const qy_previous_demand *demand)
{
  QY_SCOPED_BUFFER(msg1, 4096);
  uint8_t ppid[QY_PEK_RSA_SIZE];
  memset(&trace, 0, sizeof(trace));
  qy_buffer_init(&u->msg2, 1u << 20);
  qy_buffer_init(&u->msg3, 1u << 20);
  world_encrypted_ppid(ppid, &w, &w.machine);
  assert_ok(qy_joiner_begin(&u->joiner, QY_VIEW_OF(w.endorser.signed_pek), &w.endorser.xegb, &w.random, NULL, NULL));
  assert_ok(qy_joiner_make_msg1(&u->joiner, &msg1, QY_VIEW_OF(ppid), &w.machine.level, &w.random, NULL));
  assert_ok(qy_provisioner_open_msg1(&u->server, qy_buffer_view(&msg1), w.endorser.pek, NULL, NULL));
  assert_ok(qy_provisioner_admit(&u->server, &w.machine.enrolled, NULL, NULL));
  assert_ok(qy_provisioner_make_msg2_demanding(&u->server, &u->msg2, QY_VIEW_OF(w.endorser.certificate),
                                               &w.machine.level, demand, &w.endorser.pek_public, &w.random, NULL));
  return qy_joiner_open(&u->joiner, qy_buffer_view(&u->msg2), &trace, NULL);
}

static qy_joiner_previous previous_of(const qy_epid_member_key *key)
{
  return (qy_joiner_previous){.psvn = qy_platform_level_pve(&old_level), .group = &old_group, .key = key};
}

static void send_msg3(update *u)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_report_body report;
  uint8_t report_data[64], body[384], signature[64];
  world_pve_keys(&provision, &escrow, &w.machine, &u->joiner.equivalent);
  assert_ok(qy_joiner_join(&u->joiner, report_data, &provision, &escrow, &w.random, NULL));
  world_report(&report, &w.machine, report_data);
  qy_report_body_encode(body, &report);
  world_certify(signature, &w.machine, &u->joiner.equivalent, body);
  assert_ok(qy_joiner_make_msg3(&u->joiner, &u->msg3, QY_VIEW_OF(body), signature, &w.random, NULL));
}

static qy_status open_msg3(update *u, qy_view msg3)
{
  return qy_provisioner_open_msg3(&u->server, msg3, w.endorser.pek, &w.machine.enrolled, &w.policy, &trace, NULL);
}

static qy_status check_previous(update *u, qy_view msg3, const qy_epid_sigrl *list, const qy_epid_privrl *leaked)
{
  qy_epid_verifier *verifier = NULL;
  assert_ok(qy_epid_verifier_new(&verifier, &old_group, NULL, NULL));
  if (list != NULL) {
    assert_ok(qy_epid_verifier_set_sigrl(verifier, list, NULL, NULL));
  }
  if (leaked != NULL) {
    assert_ok(qy_epid_verifier_set_privrl(verifier, leaked, NULL, NULL));
  }
  const qy_status status = qy_provisioner_check_previous(&u->server, msg3, verifier, &trace, NULL);
  qy_epid_verifier_free(&verifier);
  return status;
}

static void finish(update *u)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  QY_SCOPED_BUFFER(msg4, 4096);
  qy_provisioning_record record;
  qy_epid_member_key key;
  assert_ok(qy_provisioner_make_msg4(&u->server, &msg4, &record, &w.endorser.group, &w.endorser.issuing_key, NULL,
                                     &w.random, NULL, NULL));
  assert_ok(qy_joiner_open(&u->joiner, qy_buffer_view(&msg4), NULL, NULL));
  world_pve_keys(&provision, &escrow, &w.machine, &u->joiner.equivalent);
  assert_ok(qy_joiner_finish(&key, &u->joiner, &provision, &escrow, NULL, NULL));
}

static void proves_with_and_without_a_list(void **state)
{
  (void)state;
  for (uint32_t count = 0; count <= 2; count++) {
    SCOPED_UPDATE(u);
    QY_SCOPED_BUFFER(list, 4096);
    const qy_epid_sigrl read = {.gid = old_group.gid, .version = 5, .count = count, .entries = {entries, 128u * count}};
    if (count > 0) {
      assert_ok(qy_sigrl_make(&list, WORLD_GID - 1, 5, read.entries, &w.endorser.epid_signing_key, NULL));
    }
    const qy_previous_demand demand = demand_of(&list);
    const qy_joiner_previous previous = previous_of(&old_key);
    assert_ok(until_proof(&u, &demand));
    assert_int_equal(u.joiner.state, QY_JOINER_AWAITS_PROOF);
    assert_int_equal(u.msg2.size, 19 + 482 + 38 + (count > 0 ? 6 + list.size : 0));
    assert_ok(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL));
    send_msg3(&u);
    assert_int_equal(u.msg3.size, 15 + 1143 + 4 + 12 + 6 + 360 + 160 * count + 20);
    assert_ok(open_msg3(&u, qy_buffer_view(&u.msg3)));
    assert_int_equal(u.server.state, QY_PROVISIONER_AWAITS_PREVIOUS);
    assert_ok(check_previous(&u, qy_buffer_view(&u.msg3), count > 0 ? &read : NULL, NULL));
    finish(&u);
  }
}

static void a_revoked_platform_gets_no_new_key(void **state)
{
  (void)state;
  SCOPED_UPDATE(u);
  QY_SCOPED_BUFFER(list, 4096);
  uint8_t own[2 * 128];
  memcpy(own, entries, sizeof(own));
  sign_something(own + 128, &old_key);
  assert_ok(qy_sigrl_make(&list, WORLD_GID - 1, 6, QY_VIEW_OF(own), &w.endorser.epid_signing_key, NULL));
  const qy_previous_demand demand = demand_of(&list);
  const qy_joiner_previous previous = previous_of(&old_key);
  assert_ok(until_proof(&u, &demand));
  assert_refused_by(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL), QY_CHECK_QUOTING_MEMBER_REVOKED);
  assert_int_equal(u.joiner.state, QY_JOINER_ENDED);
  assert_int_equal(u.joiner.signature.size, 0);
}

/* An enclave that does not judge itself: the server refuses what it proves. */
static void a_revoked_platform_that_signs_all_the_same(void **state)
{
  (void)state;
  SCOPED_UPDATE(u);
  QY_SCOPED_BUFFER(list, 4096);
  uint8_t own[2 * 128];
  uint32_t count = 0;
  qy_epid_member *member = NULL;
  memcpy(own, entries, sizeof(own));
  sign_something(own + 128, &old_key);
  const qy_epid_sigrl read = {.gid = old_group.gid, .version = 6, .count = 2, .entries = QY_VIEW_OF(own)};
  assert_ok(qy_sigrl_make(&list, WORLD_GID - 1, 6, read.entries, &w.endorser.epid_signing_key, NULL));
  const qy_previous_demand demand = demand_of(&list);
  assert_ok(until_proof(&u, &demand));
  const size_t size = qy_epid_signature_size(2);
  qy_buffer_init(&u.joiner.signature, 1u << 16);
  qy_tlv_append_header(&u.joiner.signature, QY_TLV_EPID_SIG, size);
  uint8_t *signature = qy_buffer_extend(&u.joiner.signature, size);
  assert_ok(qy_epid_member_new(&member, &old_group, &old_key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_sign(signature, size, &count, member, QY_VIEW_OF(u.joiner.challenge), NULL, &read, &w.random, NULL,
                         NULL));
  qy_epid_member_free(&member);
  assert_int_equal(count, 1);
  u.joiner.state = QY_JOINER_AWAITS_JOIN;
  send_msg3(&u);
  assert_ok(open_msg3(&u, qy_buffer_view(&u.msg3)));
  assert_refused_by(check_previous(&u, qy_buffer_view(&u.msg3), &read, NULL), QY_CHECK_PROVISIONING_PREVIOUS_PROOF);
}

static void the_server_judges_for_itself(void **state)
{
  (void)state;
  /* The server knows that the key has leaked; or has a newer list than the one it sent, which says nothing of the
   * platform yet. */
  const qy_epid_sigrl newer = {.gid = old_group.gid, .version = 9, .count = 1, .entries = {entries, 128}};
  const qy_epid_privrl leaked = {.gid = old_group.gid, .version = 1, .count = 1, .entries = QY_VIEW_OF(old_key.f)};
  for (int which = 0; which < 2; which++) {
    SCOPED_UPDATE(u);
    QY_SCOPED_BUFFER(none, 16);
    const qy_previous_demand demand = demand_of(&none);
    const qy_joiner_previous previous = previous_of(&old_key);
    assert_ok(until_proof(&u, &demand));
    assert_ok(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL));
    send_msg3(&u);
    assert_ok(open_msg3(&u, qy_buffer_view(&u.msg3)));
    assert_int_equal(u.server.previous_gid, WORLD_GID - 1);
    if (which == 0) {
      assert_int_equal(check_previous(&u, qy_buffer_view(&u.msg3), &newer, NULL), QY_ERR_BUSY);
      assert_null(qy_trace_failed(&trace));
    } else {
      assert_refused_by(check_previous(&u, qy_buffer_view(&u.msg3), NULL, &leaked),
                        QY_CHECK_PROVISIONING_PREVIOUS_PROOF);
    }
    assert_int_equal(u.server.state, QY_PROVISIONER_ENDED);
  }
}

static void lists_and_keys_that_do_not_fit(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(list, 4096);
  QY_SCOPED_BUFFER(foreign, 4096);
  qy_joiner_previous previous = previous_of(&old_key);
  const qy_view some = QY_VIEW_OF(entries);
  assert_ok(qy_sigrl_make(&list, WORLD_GID - 1, 5, some, &w.endorser.pek_signing_key, NULL)); /* the wrong signer */
  assert_ok(qy_sigrl_make(&foreign, WORLD_GID, 5, some, &w.endorser.epid_signing_key, NULL));
  {
    SCOPED_UPDATE(u);
    const qy_previous_demand demand = demand_of(&list);
    assert_ok(until_proof(&u, &demand));
    assert_refused_by(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL), QY_CHECK_SIGRL_SIGNATURE);
  }
  {
    SCOPED_UPDATE(u);
    const qy_previous_demand demand = demand_of(&foreign);
    assert_ok(until_proof(&u, &demand));
    assert_refused_by(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL), QY_CHECK_QUOTING_SIGRL_GROUP);
  }
  for (int which = 0; which < 2; which++) {
    SCOPED_UPDATE(u);
    QY_SCOPED_BUFFER(none, 16);
    qy_previous_demand demand = demand_of(&none);
    demand.gid += which == 0 ? 7 : 0;
    demand.level.pve_svn = (uint16_t)(demand.level.pve_svn + (which == 1 ? 1 : 0));
    assert_ok(until_proof(&u, &demand));
    assert_refused_by(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL),
                      QY_CHECK_PROVISIONING_PREVIOUS_KEY);
  }
}

static void the_proof_cannot_be_left_out(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(none, 16);
  const qy_previous_demand demand = demand_of(&none);
  const qy_joiner_previous previous = previous_of(&old_key);
  {
    SCOPED_UPDATE(u);
    QY_SCOPED_SECRET(key);
    uint8_t report_data[64] = {0};
    qy_secret_set(&key, report_data, 16);
    assert_ok(until_proof(&u, &demand));
    assert_int_equal(qy_joiner_join(&u.joiner, report_data, &key, &key, &w.random, NULL), QY_ERR_SEQUENCE);
  }
  SCOPED_UPDATE(u);
  assert_ok(until_proof(&u, &demand));
  assert_ok(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL));
  send_msg3(&u);
  const qy_provisioner before = u.server;
  /* Cut off on the way, header mended: the header is under the MAC. */
  QY_SCOPED_BUFFER(cut, 4096);
  qy_buffer_append(&cut, u.msg3.bytes, 15 + 1143);
  qy_provisioning_request_header(cut.bytes, QY_PROTOCOL_EPID, u.joiner.xid, QY_PROVISIONING_MSG3, 1143);
  assert_int_equal(open_msg3(&u, qy_buffer_view(&cut)), QY_ERR_MALFORMED);
  /* Where none was asked for, none is taken. */
  u.server = before;
  u.server.demands_previous = false;
  assert_int_equal(open_msg3(&u, qy_buffer_view(&u.msg3)), QY_ERR_MALFORMED);
  /* And nothing is issued before it was looked at. */
  u.server = before;
  QY_SCOPED_BUFFER(msg4, 4096);
  qy_provisioning_record record;
  assert_ok(open_msg3(&u, qy_buffer_view(&u.msg3)));
  const qy_provisioner opened = u.server;
  assert_int_equal(qy_provisioner_make_msg4(&u.server, &msg4, &record, &w.endorser.group, &w.endorser.issuing_key, NULL,
                                            &w.random, NULL, NULL),
                   QY_ERR_SEQUENCE);
  /* Every byte of it counts. */
  for (size_t i = 15 + 1143; i < u.msg3.size; i++) {
    u.msg3.bytes[i] ^= 1;
    u.server = opened;
    assert_int_not_equal(check_previous(&u, qy_buffer_view(&u.msg3), NULL, NULL), QY_OK);
    u.msg3.bytes[i] ^= 1;
  }
  u.server = opened;
  memset(&trace, 0, sizeof(trace));
  u.msg3.bytes[15 + 1143 + 16 + 6] ^= 1;
  assert_refused_by(check_previous(&u, qy_buffer_view(&u.msg3), NULL, NULL), QY_CHECK_PROVISIONING_MAC_PREVIOUS);
  u.msg3.bytes[15 + 1143 + 16 + 6] ^= 1;
  u.server = opened;
  assert_int_equal(check_previous(&u, qy_buffer_view(&cut), NULL, NULL), QY_ERR_ARGUMENT);
  u.server = opened;
  memset(&trace, 0, sizeof(trace));
  assert_ok(check_previous(&u, qy_buffer_view(&u.msg3), NULL, NULL));
}

/* Somebody else's key of the same group: an honest member cannot help a revoked machine, for the key never leaves the
 * enclave; but whoever has one from outside is a member. What it may not be is no member at all. */
static void a_key_of_no_member(void **state)
{
  (void)state;
  SCOPED_UPDATE(u);
  QY_SCOPED_BUFFER(none, 16);
  qy_epid_member_key made_up = old_key;
  const qy_previous_demand demand = demand_of(&none);
  made_up.f[31] ^= 1;
  const qy_joiner_previous previous = previous_of(&made_up);
  assert_ok(until_proof(&u, &demand));
  assert_refused_by(qy_joiner_prove(&u.joiner, &previous, &w.random, &trace, NULL), QY_CHECK_CREDENTIAL_EQUATION);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(proves_with_and_without_a_list),
      cmocka_unit_test(a_revoked_platform_gets_no_new_key),
      cmocka_unit_test(a_revoked_platform_that_signs_all_the_same),
      cmocka_unit_test(the_server_judges_for_itself),
      cmocka_unit_test(lists_and_keys_that_do_not_fit),
      cmocka_unit_test(the_proof_cannot_be_left_out),
      cmocka_unit_test(a_key_of_no_member),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
