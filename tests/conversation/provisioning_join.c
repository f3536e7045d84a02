/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of provisioning against each other: what goes well, and what is cut, flipped or repeated on its way. */
#include "provisioning_world.h"

#include <string.h>

static world w;
static qy_trace trace;

/* What one whole conversation leaves behind, message by message, with both sides as they were before each. */
typedef struct transcript {
  qy_buffer msg1, msg2, msg3, msg4;
  qy_joiner before_msg2, before_msg4;
  qy_provisioner before_msg3;
  qy_epid_member_key member;
  qy_provisioning_record record;
} transcript;

static transcript t;

static void join_until_msg1(qy_joiner *joiner, qy_buffer *msg1, const world_machine *machine)
{
  uint8_t ppid[QY_PEK_RSA_SIZE];
  assert_ok(qy_joiner_begin(joiner, QY_VIEW_OF(w.endorser.signed_pek), &w.endorser.xegb, &w.random, &trace, NULL));
  assert_int_equal(joiner->state, QY_JOINER_AWAITS_PPID);
  world_encrypted_ppid(ppid, &w, machine);
  assert_ok(qy_joiner_make_msg1(joiner, msg1, QY_VIEW_OF(ppid), &machine->level, &w.random, NULL));
}

static void answer_msg1(qy_provisioner *provisioner, qy_buffer *msg2, const qy_buffer *msg1)
{
  assert_ok(qy_provisioner_open_msg1(provisioner, qy_buffer_view(msg1), w.endorser.pek, &trace, NULL));
  assert_memory_equal(provisioner->ppid, w.machine.enrolled.ppid, QY_PPID_SIZE);
  assert_ok(qy_provisioner_admit(provisioner, &w.machine.enrolled, &trace, NULL));
  assert_ok(qy_provisioner_make_msg2(provisioner, msg2, QY_VIEW_OF(w.endorser.certificate), &provisioner->level,
                                     &w.endorser.pek_public, &w.random, NULL));
}

static void join_until_msg3(qy_joiner *joiner, qy_buffer *msg3, const qy_buffer *msg2)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_report_body report;
  uint8_t report_data[QY_REPORT_DATA_SIZE], body[QY_REPORT_BODY_SIZE], signature[64];
  assert_ok(qy_joiner_open(joiner, qy_buffer_view(msg2), &trace, NULL));
  assert_int_equal(joiner->state, QY_JOINER_AWAITS_JOIN);
  world_pve_keys(&provision, &escrow, &w.machine, &joiner->equivalent);
  assert_ok(qy_joiner_join(joiner, report_data, &provision, &escrow, &w.random, NULL));
  world_report(&report, &w.machine, report_data);
  qy_report_body_encode(body, &report);
  world_certify(signature, &w.machine, &joiner->equivalent, body);
  assert_ok(qy_joiner_make_msg3(joiner, msg3, QY_VIEW_OF(body), signature, &w.random, NULL));
}

static void answer_msg3(qy_provisioner *provisioner, qy_buffer *msg4, qy_provisioning_record *record,
                        const qy_buffer *msg3)
{
  assert_ok(qy_provisioner_open_msg3(provisioner, qy_buffer_view(msg3), w.endorser.pek, &w.machine.enrolled, &w.policy,
                                     &trace, NULL));
  assert_ok(qy_provisioner_make_msg4(provisioner, msg4, record, &w.endorser.group, &w.endorser.issuing_key, NULL,
                                     &w.random, &trace, NULL));
}

static void finish(qy_epid_member_key *member, qy_joiner *joiner, const qy_buffer *msg4)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  assert_ok(qy_joiner_open(joiner, qy_buffer_view(msg4), &trace, NULL));
  world_pve_keys(&provision, &escrow, &w.machine, &joiner->equivalent);
  assert_ok(qy_joiner_finish(member, joiner, &provision, &escrow, &trace, NULL));
  assert_int_equal(joiner->state, QY_JOINER_DONE);
}

static int setup(void **state)
{
  (void)state;
  world_make(&w);
  qy_buffer *const messages[] = {&t.msg1, &t.msg2, &t.msg3, &t.msg4};
  for (size_t i = 0; i < 4; i++) {
    qy_buffer_init(messages[i], 1u << 20);
  }
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_PROVISIONER(provisioner);
  join_until_msg1(&joiner, &t.msg1, &w.machine);
  t.before_msg2 = joiner;
  answer_msg1(&provisioner, &t.msg2, &t.msg1);
  t.before_msg3 = provisioner;
  join_until_msg3(&joiner, &t.msg3, &t.msg2);
  t.before_msg4 = joiner;
  answer_msg3(&provisioner, &t.msg4, &t.record, &t.msg3);
  assert_int_equal(provisioner.state, QY_PROVISIONER_DONE);
  finish(&t.member, &joiner, &t.msg4);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  qy_buffer_clear(&t.msg1);
  qy_buffer_clear(&t.msg2);
  qy_buffer_clear(&t.msg3);
  qy_buffer_clear(&t.msg4);
  world_clear(&w);
  return 0;
}

static void assert_refused_by(qy_status status, qy_check_id id)
{
  const qy_check_record *failed = qy_trace_failed(&trace);
  assert_int_equal(status, QY_ERR_REFUSED);
  assert_non_null(failed);
  assert_string_equal(qy_check_name(failed->id), qy_check_name(id));
}

static void sizes_are_intels(void **state)
{
  (void)state;
  assert_int_equal(t.msg1.size, 15 + 844);
  assert_int_equal(t.msg2.size, 19 + 482);
  assert_int_equal(t.msg3.size, 15 + 1143);
  assert_int_equal(t.msg4.size, 19 + 630);
  assert_null(qy_trace_failed(&trace));
}

static void the_member_signs_for_the_group(void **state)
{
  (void)state;
  const qy_view message = qy_view_text("joined");
  qy_epid_member *member = NULL;
  qy_epid_verifier *verifier = NULL;
  qy_epid_result result;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint32_t own = 1;
  assert_ok(qy_epid_member_new(&member, &w.endorser.group, &t.member, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, member, message, NULL, NULL, &w.random, NULL, NULL));
  assert_ok(qy_epid_verifier_new(&verifier, &w.endorser.group, NULL, NULL));
  assert_ok(qy_epid_verify(&result, verifier, QY_VIEW_OF(signature), message, NULL, NULL));
  assert_int_equal(result, QY_EPID_VALID);
  qy_epid_member_free(&member);
  qy_epid_verifier_free(&verifier);
}

static void the_endorser_never_sees_f(void **state)
{
  (void)state;
  uint8_t record[QY_PROVISIONING_RECORD_SIZE];
  qy_provisioning_record_encode(record, &t.record);
  assert_null(memmem(record, sizeof(record), t.member.f, 32));
  assert_null(memmem(&t.before_msg3, sizeof(t.before_msg3), t.member.f, 32));
  assert_memory_equal(t.record.issued.x, t.member.x, 32);
  assert_memory_equal(t.record.issued.a, t.member.a, 64);
}

/* ---- Cut and flipped ---- */

typedef bool accepts(qy_view message);

static bool server_accepts_msg1(qy_view message)
{
  QY_SCOPED_PROVISIONER(provisioner);
  return qy_provisioner_open_msg1(&provisioner, message, w.endorser.pek, NULL, NULL) == QY_OK;
}

static bool joiner_accepts_msg2(qy_view message)
{
  QY_SCOPED_JOINER(joiner);
  joiner = t.before_msg2;
  const bool accepted = qy_joiner_open(&joiner, message, NULL, NULL) == QY_OK;
  assert_int_equal(joiner.state, accepted ? QY_JOINER_AWAITS_JOIN : QY_JOINER_ENDED);
  return accepted;
}

static bool server_accepts_msg3(qy_view message)
{
  QY_SCOPED_PROVISIONER(provisioner);
  provisioner = t.before_msg3;
  return qy_provisioner_open_msg3(&provisioner, message, w.endorser.pek, &w.machine.enrolled, &w.policy, NULL, NULL) ==
         QY_OK;
}

static bool joiner_accepts_msg4(qy_view message)
{
  QY_SCOPED_JOINER(joiner);
  joiner = t.before_msg4;
  const bool accepted = qy_joiner_open(&joiner, message, NULL, NULL) == QY_OK;
  assert_int_equal(joiner.state, accepted ? QY_JOINER_AWAITS_FINISH : QY_JOINER_ENDED);
  return accepted;
}

static void refuses_altered(const qy_buffer *message, accepts *accept)
{
  QY_SCOPED_BUFFER(copy, 1u << 20);
  qy_buffer_append(&copy, message->bytes, message->size);
  assert_true(accept(qy_buffer_view(&copy)));
  for (size_t cut = 0; cut < copy.size; cut++) {
    assert_false(accept((qy_view){copy.bytes, cut}));
  }
  for (size_t i = 0; i < copy.size; i++) {
    const uint8_t was = copy.bytes[i];
    copy.bytes[i] ^= (uint8_t)(1u << i % 8);
    assert_false(accept(qy_buffer_view(&copy)));
    copy.bytes[i] = was;
  }
  qy_buffer_append(&copy, "", 1);
  assert_false(accept(qy_buffer_view(&copy)));
}

static void every_byte_of_msg1_counts(void **state)
{
  (void)state;
  refuses_altered(&t.msg1, server_accepts_msg1);
}

static void every_byte_of_msg2_counts(void **state)
{
  (void)state;
  refuses_altered(&t.msg2, joiner_accepts_msg2);
}

static void every_byte_of_msg3_counts(void **state)
{
  (void)state;
  refuses_altered(&t.msg3, server_accepts_msg3);
}

static void every_byte_of_msg4_counts(void **state)
{
  (void)state;
  refuses_altered(&t.msg4, joiner_accepts_msg4);
}

/* A flipped bit in what is sealed: the MAC says so, not what the bytes happen to mean. */
static void a_flip_is_stopped_by_the_mac(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_JOINER(joiner);
  memset(&trace, 0, sizeof(trace));
  t.msg1.bytes[15 + 389 + 20] ^= 1;
  assert_refused_by(qy_provisioner_open_msg1(&provisioner, qy_buffer_view(&t.msg1), w.endorser.pek, &trace, NULL),
                    QY_CHECK_PROVISIONING_MAC_MSG1);
  t.msg1.bytes[15 + 389 + 20] ^= 1;
  memset(&trace, 0, sizeof(trace));
  joiner = t.before_msg2;
  t.msg2.bytes[19 + 12 + 20] ^= 1;
  assert_refused_by(qy_joiner_open(&joiner, qy_buffer_view(&t.msg2), &trace, NULL), QY_CHECK_PROVISIONING_MAC_MSG2);
  t.msg2.bytes[19 + 12 + 20] ^= 1;
  memset(&trace, 0, sizeof(trace));
  provisioner = t.before_msg3;
  t.msg3.bytes[15 + 12 + 20] ^= 1;
  assert_refused_by(qy_provisioner_open_msg3(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                             &w.policy, &trace, NULL),
                    QY_CHECK_PROVISIONING_MAC_MSG3);
  t.msg3.bytes[15 + 12 + 20] ^= 1;
  memset(&trace, 0, sizeof(trace));
  joiner = t.before_msg4;
  t.msg4.bytes[19 + 12 + 20] ^= 1;
  assert_refused_by(qy_joiner_open(&joiner, qy_buffer_view(&t.msg4), &trace, NULL), QY_CHECK_PROVISIONING_MAC_MSG4);
  t.msg4.bytes[19 + 12 + 20] ^= 1;
}

/* ---- Repeated, mixed up, out of turn ---- */

static void a_second_msg3_is_a_replay(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(provisioner);
  provisioner = t.before_msg3;
  assert_ok(qy_provisioner_open_msg3(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                     &w.policy, NULL, NULL));
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_provisioner_open_msg3(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                             &w.policy, &trace, NULL),
                    QY_CHECK_PROVISIONING_REPLAY);
  assert_int_equal(provisioner.state, QY_PROVISIONER_ENDED);
}

static void msg3_of_another_transaction(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_BUFFER(msg1, 4096);
  QY_SCOPED_BUFFER(msg2, 4096);
  join_until_msg1(&joiner, &msg1, &w.machine);
  answer_msg1(&provisioner, &msg2, &msg1);
  qy_provisioner copy = provisioner;
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_provisioner_open_msg3(&copy, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                             &w.policy, &trace, NULL),
                    QY_CHECK_PROVISIONING_XID);
  /* A msg2 that was recorded earlier is of another transaction too. */
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_joiner_open(&joiner, qy_buffer_view(&t.msg2), &trace, NULL), QY_CHECK_PROVISIONING_XID);
}

static void an_old_msg2_in_the_same_transaction(void **state)
{
  (void)state;
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_BUFFER(msg2, 4096);
  /* The server is asked twice with one msg1: each time it draws a nonce of its own. */
  answer_msg1(&provisioner, &msg2, &t.msg1);
  assert_int_not_equal(memcmp(provisioner.nonce, t.before_msg3.nonce, 8), 0);
  assert_int_not_equal(memcmp(provisioner.challenge, t.before_msg3.challenge, 32), 0);
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_provisioner_open_msg3(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                             &w.policy, &trace, NULL),
                    QY_CHECK_PROVISIONING_NONCE);
}

static void calls_out_of_turn(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_BUFFER(out, 4096);
  QY_SCOPED_SECRET(key);
  uint8_t report_data[64], body[QY_REPORT_BODY_SIZE] = {0}, signature[64] = {0};
  qy_epid_member_key member;
  qy_provisioning_record record;
  qy_secret_set(&key, body, 16);
  assert_int_equal(qy_joiner_open(&joiner, qy_buffer_view(&t.msg2), NULL, NULL), QY_ERR_SEQUENCE);
  joiner = t.before_msg2;
  assert_int_equal(qy_joiner_join(&joiner, report_data, &key, &key, &w.random, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(joiner.state, QY_JOINER_ENDED);
  assert_int_equal(joiner.sk.size, 0);
  joiner = t.before_msg2;
  assert_int_equal(qy_joiner_make_msg3(&joiner, &out, QY_VIEW_OF(body), signature, &w.random, NULL), QY_ERR_SEQUENCE);
  joiner = t.before_msg4;
  assert_int_equal(qy_joiner_finish(&member, &joiner, &key, &key, NULL, NULL), QY_ERR_SEQUENCE);
  joiner = t.before_msg4;
  assert_int_equal(qy_joiner_make_msg1(&joiner, &out, QY_VIEW_OF(body), &w.machine.level, &w.random, NULL),
                   QY_ERR_SEQUENCE);
  /* msg2 where msg4 is due. */
  joiner = t.before_msg4;
  assert_int_equal(qy_joiner_open(&joiner, qy_buffer_view(&t.msg2), NULL, NULL), QY_ERR_SEQUENCE);

  QY_SCOPED_PROVISIONER(provisioner);
  assert_int_equal(qy_provisioner_admit(&provisioner, &w.machine.enrolled, NULL, NULL), QY_ERR_SEQUENCE);
  memset(&provisioner, 0, sizeof(provisioner));
  assert_int_equal(qy_provisioner_open_msg3(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, &w.machine.enrolled,
                                            &w.policy, NULL, NULL),
                   QY_ERR_SEQUENCE);
  memset(&provisioner, 0, sizeof(provisioner));
  assert_int_equal(qy_provisioner_open_msg1(&provisioner, qy_buffer_view(&t.msg3), w.endorser.pek, NULL, NULL),
                   QY_ERR_SEQUENCE);
  provisioner = t.before_msg3;
  assert_int_equal(qy_provisioner_make_msg4(&provisioner, &out, &record, &w.endorser.group, &w.endorser.issuing_key,
                                            NULL, &w.random, NULL, NULL),
                   QY_ERR_SEQUENCE);
  assert_int_equal(out.size, 0);
}

/* ---- Backup retrieval ---- */

static void backup(qy_joiner *joiner, const qy_provisioning_record *record)
{
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_BUFFER(msg1, 4096);
  QY_SCOPED_BUFFER(msg4, 4096);
  join_until_msg1(joiner, &msg1, &w.machine);
  assert_ok(qy_provisioner_open_msg1(&provisioner, qy_buffer_view(&msg1), w.endorser.pek, NULL, NULL));
  assert_ok(qy_provisioner_admit(&provisioner, &w.machine.enrolled, NULL, NULL));
  assert_ok(qy_provisioner_make_backup(&provisioner, &msg4, record, &w.machine.enrolled, &w.random, NULL));
  assert_int_equal(provisioner.state, QY_PROVISIONER_DONE);
  assert_int_equal(msg4.size, 19 + 630);
  assert_ok(qy_joiner_open(joiner, qy_buffer_view(&msg4), NULL, NULL));
  assert_int_equal(joiner->state, QY_JOINER_AWAITS_FINISH);
  assert_true(joiner->retrieved);
}

static void the_key_is_given_back(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  qy_epid_member_key member;
  uint8_t kept[QY_PROVISIONING_RECORD_SIZE];
  qy_provisioning_record record;
  qy_provisioning_record_encode(kept, &t.record);
  assert_ok(qy_provisioning_record_decode(&record, QY_VIEW_OF(kept), NULL));
  backup(&joiner, &record);
  world_pve_keys(&provision, &escrow, &w.machine, &joiner.equivalent);
  assert_ok(qy_joiner_finish(&member, &joiner, &provision, &escrow, NULL, NULL));
  assert_memory_equal(&member, &t.member, sizeof(member));
}

static void another_processor_cannot_take_the_backup(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  QY_SCOPED_SECRET(foreign_provision);
  QY_SCOPED_SECRET(foreign_escrow);
  world_machine other;
  qy_epid_member_key member;
  world_burn(&other, 0x60);
  backup(&joiner, &t.record);
  world_pve_keys(&provision, &escrow, &w.machine, &joiner.equivalent);
  world_pve_keys(&foreign_provision, &foreign_escrow, &other, &joiner.equivalent);
  qy_joiner copy = joiner;
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_joiner_finish(&member, &copy, &foreign_provision, &foreign_escrow, &trace, NULL),
                    QY_CHECK_PROVISIONING_MAC_CREDENTIAL);
  memset(&trace, 0, sizeof(trace));
  assert_refused_by(qy_joiner_finish(&member, &joiner, &provision, &foreign_escrow, &trace, NULL), QY_CHECK_ESCROW_TAG);
  assert_true(qy_view_is_zero(qy_view_over(&member, sizeof(member))));
}

/* An older level, for instance after a recovery, when the group for the new one does not exist yet. */
static void a_key_for_an_older_level(void **state)
{
  (void)state;
  QY_SCOPED_JOINER(joiner);
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_BUFFER(msg1, 4096);
  QY_SCOPED_BUFFER(msg2, 4096);
  QY_SCOPED_BUFFER(msg3, 4096);
  QY_SCOPED_BUFFER(msg4, 4096);
  qy_epid_member_key member;
  qy_provisioning_record record;
  join_until_msg1(&joiner, &msg1, &w.machine);
  assert_ok(qy_provisioner_open_msg1(&provisioner, qy_buffer_view(&msg1), w.endorser.pek, NULL, NULL));
  assert_ok(qy_provisioner_admit(&provisioner, &w.machine.enrolled, NULL, NULL));
  qy_platform_level older = provisioner.level;
  memcpy(older.cpu_svn, w.machine.fuses.cpu_svns[0], QY_CPU_SVN_SIZE);
  older.pve_svn--;
  assert_ok(qy_provisioner_make_msg2(&provisioner, &msg2, QY_VIEW_OF(w.endorser.certificate), &older,
                                     &w.endorser.pek_public, &w.random, NULL));
  join_until_msg3(&joiner, &msg3, &msg2);
  answer_msg3(&provisioner, &msg4, &record, &msg3);
  finish(&member, &joiner, &msg4);
  assert_true(qy_platform_level_equal(&record.level, &older));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_are_intels),
      cmocka_unit_test(the_member_signs_for_the_group),
      cmocka_unit_test(the_endorser_never_sees_f),
      cmocka_unit_test(every_byte_of_msg1_counts),
      cmocka_unit_test(every_byte_of_msg2_counts),
      cmocka_unit_test(every_byte_of_msg3_counts),
      cmocka_unit_test(every_byte_of_msg4_counts),
      cmocka_unit_test(a_flip_is_stopped_by_the_mac),
      cmocka_unit_test(a_second_msg3_is_a_replay),
      cmocka_unit_test(msg3_of_another_transaction),
      cmocka_unit_test(an_old_msg2_in_the_same_transaction),
      cmocka_unit_test(calls_out_of_turn),
      cmocka_unit_test(the_key_is_given_back),
      cmocka_unit_test(another_processor_cannot_take_the_backup),
      cmocka_unit_test(a_key_for_an_older_level),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
