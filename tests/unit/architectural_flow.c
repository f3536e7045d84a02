/* SPDX-License-Identifier: Apache-2.0 */
/* From an enrolled machine without a key to a quote that verifies; and what the three enclaves refuse. */
#include "architectural_double.h"

#include <string.h>

#include <crypto/hash.h>
#include <sgx/endorsements.h>
#include <sgx/quote_seal.h>

static world w;
static qy_trace trace;
static qy_pve pve_state;
static double_enclave pve, pce, qe;
static qy_ae pve_ae, pce_ae, qe_ae;
static qy_secs isv; /* the enclave that wants quotes */
static uint8_t file[QY_EPID_BLOB_FILE_SIZE];
static const uint8_t spid[16] = {0x51, 0x52};
static const uint8_t nonce[16] = {0x61, 0x62};

/* ---- The server, behind a post function ---- */

typedef struct server {
  qy_provisioner provisioner;
  qy_provisioning_record record;
  bool has_record;
  size_t messages;
} server;

static qy_status post(void *context, qy_view request, qy_buffer *response, qy_error *why)
{
  server *s = context;
  const qy_enrolled_machine *machine = &w.machine.enrolled;
  qy_provisioning_request header;
  QY_TRY(qy_provisioning_request_decode(&header, request, why));
  if (header.type == QY_PROVISIONING_MSG3) {
    QY_TRY(qy_provisioner_open_msg3(&s->provisioner, request, w.endorser.pek, machine, &w.policy, NULL, why));
    QY_TRY(qy_provisioner_make_msg4(&s->provisioner, response, &s->record, &w.endorser.group, &w.endorser.issuing_key,
                                    NULL, &w.random, NULL, why));
    s->has_record = true;
    return QY_OK;
  }
  qy_provisioner_clear(&s->provisioner);
  QY_TRY(qy_provisioner_open_msg1(&s->provisioner, request, w.endorser.pek, NULL, why));
  QY_TRY(qy_provisioner_admit(&s->provisioner, machine, NULL, why));
  if (s->has_record) {
    return qy_provisioner_make_backup(&s->provisioner, response, &s->record, machine, &w.random, why);
  }
  return qy_provisioner_make_msg2(&s->provisioner, response, QY_VIEW_OF(w.endorser.certificate), &s->provisioner.level,
                                  &w.endorser.pek_public, &w.random, why);
}

static server the_server;

static int setup(void **state)
{
  (void)state;
  world_make(&w);
  const qy_view section = QY_VIEW_OF(w.endorser.xegb_bytes);
  pve = (double_enclave){&w.machine, &w.machine.pve, section, qy_pve_handle, &pve_state};
  pce = (double_enclave){&w.machine, &w.machine.pce, section, qy_pce_handle, NULL};
  qe = (double_enclave){&w.machine, &w.machine.qe, section, qy_qe_handle, NULL};
  pve_ae = double_ae(&pve);
  pce_ae = double_ae(&pce);
  qe_ae = double_ae(&qe);
  isv = w.machine.qe;
  memset(isv.mr_enclave, 0x11, sizeof(isv.mr_enclave));
  memset(isv.mr_signer, 0x22, sizeof(isv.mr_signer));
  bool retrieved = true;
  assert_ok(qy_provision_platform(file, &retrieved, &pve_ae, &pce_ae, QY_VIEW_OF(w.endorser.signed_pek), post,
                                  &the_server, &trace, NULL));
  assert_false(retrieved);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  qy_pve_clear(&pve_state);
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
  memset(&trace, 0, sizeof(trace));
}

static qy_view blob(void)
{
  return (qy_view){file, QY_EPID_BLOB_SIZE};
}

/* A report of the ISV enclave for whoever `to` says. */
static qy_report report_for(const qy_ae *to)
{
  qy_target_info target;
  qy_report report;
  uint8_t data[64] = {0x77};
  assert_ok(qy_ae_target_info(to, &target, NULL));
  assert_ok(qy_sgx_report_make(&report, &w.machine.fuses, w.machine.cpu_svn, &isv, &target, data, NULL));
  return report;
}

static qy_qe_request request_of(const qy_report *report)
{
  return (qy_qe_request){.report = report, .quote_type = QY_LINKABLE, .spid = spid, .pce_svn = 4, .blob = blob()};
}

/* ---- What goes well ---- */

static void the_blob_says_what_it_is(void **state)
{
  (void)state;
  qy_view first;
  qy_platform_level level;
  qy_epid_blob_facts facts;
  assert_null(qy_trace_failed(&trace));
  assert_ok(qy_epid_blob_file_decode(&first, &level, QY_VIEW_OF(file), NULL));
  assert_true(qy_platform_level_equal(&level, &w.machine.level));
  assert_ok(qy_epid_blob_inspect(&facts, first, NULL));
  assert_int_equal(facts.gid, WORLD_GID);
  assert_int_equal(facts.pve_svn, w.machine.pve.isv_svn);
  assert_memory_equal(facts.cpu_svn, w.machine.cpu_svn, 16);
  assert_memory_equal(&facts.group, &w.endorser.group, sizeof(facts.group));
  assert_memory_equal(&facts.epid_signing_key, &w.endorser.epid_signing_public, 64);
  assert_int_equal(facts.quote_wrap_key.exponent, 65537);
  assert_memory_equal(file + 560 + 1668, "\x00\x03", 2); /* clear part behind header and secret */
  for (size_t cut = 0; cut < sizeof(file); cut++) {
    assert_int_equal(qy_epid_blob_file_decode(&first, &level, (qy_view){file, cut}, NULL), QY_ERR_TRUNCATED);
  }
}

static void the_selector_is_the_ppids_first_byte(void **state)
{
  (void)state;
  uint8_t selector = 0;
  assert_ok(qy_pve_selector(&pve_ae, &selector, NULL, NULL));
  assert_int_equal(selector, w.machine.enrolled.ppid[0]);
}

static void a_second_time_the_key_is_given_back(void **state)
{
  (void)state;
  uint8_t again[QY_EPID_BLOB_FILE_SIZE];
  bool retrieved = false;
  qy_epid_blob_facts first, second;
  assert_ok(qy_provision_platform(again, &retrieved, &pve_ae, &pce_ae, QY_VIEW_OF(w.endorser.signed_pek), post,
                                  &the_server, NULL, NULL));
  assert_true(retrieved);
  assert_ok(qy_epid_blob_inspect(&first, blob(), NULL));
  assert_ok(qy_epid_blob_inspect(&second, (qy_view){again, QY_EPID_BLOB_SIZE}, NULL));
  assert_memory_equal(&first, &second, sizeof(first));
  assert_memory_not_equal(again, file, sizeof(file)); /* sealed under a key of its own */
  qy_qe_blob_answer answer;
  assert_ok(qy_qe_verify_blob(&qe_ae, &answer, (qy_view){again, QY_EPID_BLOB_SIZE}, NULL, NULL));
  assert_true(answer.resealed); /* the QE has another ISVSVN than the PvE */
  assert_ok(qy_qe_verify_blob(&qe_ae, &answer, QY_VIEW_OF(answer.blob), NULL, NULL));
  assert_false(answer.resealed);
}

/* Opens a quote as the report service does. */
static void verify(const qy_buffer *bytes, const qy_epid_sigrl *sigrl, bool linkable, uint8_t pseudonym[128])
{
  QY_SCOPED_BUFFER(plain, 1u << 20);
  qy_quote quote;
  qy_epid_verifier *verifier = NULL;
  qy_epid_result result;
  assert_ok(qy_quote_decode(&quote, qy_buffer_view(bytes), NULL));
  assert_ok(qy_quote_open_signature(&plain, &trace, &quote, w.endorser.wrap, NULL));
  assert_int_equal(quote.body.version, 2);
  assert_int_equal(quote.body.sign_type, linkable ? 1 : 0);
  assert_int_equal(quote.body.group_id, WORLD_GID);
  assert_int_equal(quote.body.qe_svn, w.machine.qe.isv_svn);
  assert_int_equal(quote.body.pce_svn, 4);
  assert_int_equal(quote.body.xeid, 0);
  assert_memory_equal(quote.body.report.mr_enclave, isv.mr_enclave, 32);
  assert_true(qy_quote_basename_fits(&quote.body, spid));
  assert_true(linkable == qy_view_is_zero((qy_view){quote.body.basename + 16, 16}));
  const qy_view basename = QY_VIEW_OF(quote.body.basename);
  assert_ok(qy_epid_verifier_new(&verifier, &w.endorser.group, NULL, NULL));
  assert_ok(qy_epid_verifier_set_basename(verifier, &basename, NULL));
  if (sigrl != NULL) {
    assert_ok(qy_epid_verifier_set_sigrl(verifier, sigrl, NULL, NULL));
  }
  assert_ok(qy_epid_verify(&result, verifier, qy_buffer_view(&plain), quote.signed_part, NULL, NULL));
  assert_int_equal(result, QY_EPID_VALID);
  memcpy(pseudonym, qy_epid_signature_pseudonym(qy_buffer_view(&plain)).bytes, 128);
  qy_epid_verifier_free(&verifier);
}

static void quotes_verify(void **state)
{
  (void)state;
  uint8_t first[128], second[128];
  const qy_report report = report_for(&qe_ae);
  qy_qe_request request = request_of(&report);
  for (int linkable = 0; linkable < 2; linkable++) {
    QY_SCOPED_BUFFER(one, 1u << 20);
    QY_SCOPED_BUFFER(two, 1u << 20);
    request.quote_type = (uint16_t)linkable;
    assert_ok(qy_qe_get_quote(&qe_ae, &one, NULL, &request, &trace, NULL));
    assert_ok(qy_qe_get_quote(&qe_ae, &two, NULL, &request, &trace, NULL));
    assert_int_equal(one.size, 1116);
    verify(&one, NULL, linkable == 1, first);
    verify(&two, NULL, linkable == 1, second);
    assert_int_equal(memcmp(first, second, 128) == 0, linkable);
  }
  assert_null(qy_trace_failed(&trace));
}

static void the_qe_vouches_for_its_quote(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(quote, 1u << 20);
  QY_SCOPED_SECRET(key);
  qy_key_request key_request;
  qy_report qe_report;
  uint8_t expected[64];
  const qy_report report = report_for(&qe_ae);
  qy_qe_request request = request_of(&report);
  request.nonce = nonce;
  assert_ok(qy_qe_get_quote(&qe_ae, &quote, &qe_report, &request, NULL, NULL));
  qy_key_request_for_report(&key_request, &qe_report);
  world_key(&key, &w.machine, &isv, &key_request);
  assert_ok(qy_report_verify_mac(NULL, &qe_report, &key, NULL));
  assert_ok(qy_quote_qe_report_data(expected, nonce, qy_buffer_view(&quote), NULL));
  assert_memory_equal(qe_report.body.report_data, expected, 64);
  assert_memory_equal(qe_report.body.mr_enclave, w.machine.qe.mr_enclave, 32);
  assert_int_equal(qy_qe_get_quote(&qe_ae, &quote, NULL, &request, NULL, NULL), QY_ERR_ARGUMENT);
  request.nonce = NULL;
  assert_int_equal(qy_qe_get_quote(&qe_ae, &quote, &qe_report, &request, NULL, NULL), QY_ERR_ARGUMENT);
}

/* ---- Revocation lists ---- */

static void strangers(uint8_t *entries, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    qy_epid_member_key key;
    qy_epid_member *member = NULL;
    uint8_t signature[QY_EPID_SIGNATURE_SIZE];
    uint32_t own;
    assert_ok(qy_epid_member_key_issue(&key, &w.endorser.group, &w.endorser.issuing_key, &w.random, NULL));
    assert_ok(qy_epid_member_new(&member, &w.endorser.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
    assert_ok(
        qy_epid_sign(signature, sizeof(signature), &own, member, qy_view_text("m"), NULL, NULL, &w.random, NULL, NULL));
    memcpy(entries + 128 * i, signature, 128);
    qy_epid_member_free(&member);
  }
}

static void quotes_under_a_list(void **state)
{
  (void)state;
  uint8_t entries[3 * 128], pseudonym[128];
  QY_SCOPED_BUFFER(list, 4096);
  QY_SCOPED_BUFFER(quote, 1u << 20);
  const qy_report report = report_for(&qe_ae);
  qy_qe_request request = request_of(&report);
  strangers(entries, 3);
  assert_ok(qy_sigrl_make(&list, WORLD_GID, 7, QY_VIEW_OF(entries), &w.endorser.epid_signing_key, NULL));
  request.sigrl = qy_buffer_view(&list);
  assert_ok(qy_qe_get_quote(&qe_ae, &quote, NULL, &request, &trace, NULL));
  assert_int_equal(quote.size, 1116 + 3 * 160);
  const qy_epid_sigrl sigrl = {.gid = w.endorser.group.gid, .version = 7, .count = 3, .entries = QY_VIEW_OF(entries)};
  verify(&quote, &sigrl, true, pseudonym);

  /* The platform's own signature goes onto the list. */
  QY_SCOPED_BUFFER(revoking, 4096);
  QY_SCOPED_BUFFER(none, 1u << 20);
  memcpy(entries + 128, pseudonym, 128);
  assert_ok(qy_sigrl_make(&revoking, WORLD_GID, 8, QY_VIEW_OF(entries), &w.endorser.epid_signing_key, NULL));
  request.sigrl = qy_buffer_view(&revoking);
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_QUOTING_MEMBER_REVOKED);
  /* A list that nobody signed tells nothing, not even that. */
  revoking.bytes[revoking.size - 1] ^= 1;
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_SIGRL_SIGNATURE);
  revoking.bytes[revoking.size - 1] ^= 1;
  for (size_t at = 8; at < revoking.size; at += 29) {
    revoking.bytes[at] ^= 1;
    assert_int_not_equal(qy_qe_get_quote(&qe_ae, &none, NULL, &request, NULL, NULL), QY_OK);
    revoking.bytes[at] ^= 1;
  }
  assert_int_equal(none.size, 0);
}

static void lists_that_do_not_fit(void **state)
{
  (void)state;
  uint8_t entries[128];
  QY_SCOPED_BUFFER(foreign, 4096);
  QY_SCOPED_BUFFER(empty, 4096);
  QY_SCOPED_BUFFER(none, 1u << 20);
  const qy_report report = report_for(&qe_ae);
  qy_qe_request request = request_of(&report);
  strangers(entries, 1);
  assert_ok(qy_sigrl_make(&foreign, WORLD_GID + 1, 1, QY_VIEW_OF(entries), &w.endorser.epid_signing_key, NULL));
  request.sigrl = qy_buffer_view(&foreign);
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_QUOTING_SIGRL_GROUP);
  assert_ok(qy_sigrl_make(&empty, WORLD_GID, 1, (qy_view){0}, &w.endorser.epid_signing_key, NULL));
  request.sigrl = qy_buffer_view(&empty);
  assert_int_equal(qy_qe_get_quote(&qe_ae, &none, NULL, &request, NULL, NULL), QY_ERR_MALFORMED);
  for (size_t cut = 1; cut < foreign.size; cut++) {
    request.sigrl = (qy_view){foreign.bytes, cut};
    assert_int_not_equal(qy_qe_get_quote(&qe_ae, &none, NULL, &request, NULL, NULL), QY_OK);
  }
  assert_int_equal(none.size, 0);
}

/* ---- Reports that the QE must not quote ---- */

static void reports_that_are_not_for_the_qe(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(none, 1u << 20);
  qy_report report = report_for(&qe_ae);
  const qy_qe_request request = request_of(&report);
  report.mac[0] ^= 1;
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_REPORT_MAC);
  report.mac[0] ^= 1;
  report.key_id[31] ^= 1;
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_REPORT_MAC);
  report.key_id[31] ^= 1;
  report.body.mr_enclave[0] ^= 1;
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_REPORT_MAC);
  report = report_for(&pce_ae); /* another target */
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_REPORT_MAC);
  world_machine other;
  world_burn(&other, 0x60);
  qy_target_info target;
  const uint8_t data[64] = {0};
  qy_target_info_of(&target, &w.machine.qe);
  assert_ok(qy_sgx_report_make(&report, &other.fuses, other.cpu_svn, &isv, &target, data, NULL));
  assert_refused_by(qy_qe_get_quote(&qe_ae, &none, NULL, &request, &trace, NULL), QY_CHECK_REPORT_MAC);
  assert_int_equal(none.size, 0);
}

/* ---- Blobs ---- */

static void blobs_that_do_not_open(void **state)
{
  (void)state;
  qy_qe_blob_answer answer;
  uint8_t copy[QY_EPID_BLOB_SIZE];
  memcpy(copy, file, sizeof(copy));
  for (size_t i = 0; i < sizeof(copy); i++) {
    copy[i] ^= 0x10;
    assert_int_not_equal(qy_qe_verify_blob(&qe_ae, &answer, QY_VIEW_OF(copy), NULL, NULL), QY_OK);
    copy[i] ^= 0x10;
  }
  for (size_t cut = 0; cut < sizeof(copy); cut += 31) {
    assert_int_not_equal(qy_qe_verify_blob(&qe_ae, &answer, (qy_view){copy, cut}, NULL, NULL), QY_OK);
  }
  /* Another processor, and an enclave of another signer. */
  world_machine other;
  world_burn(&other, 0x60);
  double_enclave foreign = qe;
  foreign.machine = &other;
  const qy_ae foreign_ae = double_ae(&foreign);
  assert_refused_by(qy_qe_verify_blob(&foreign_ae, &answer, blob(), &trace, NULL), QY_CHECK_SEALED_BLOB_TAG);
  qy_secs stranger = w.machine.qe;
  stranger.mr_signer[0] ^= 1;
  foreign = qe;
  foreign.secs = &stranger;
  assert_refused_by(qy_qe_verify_blob(&foreign_ae, &answer, blob(), &trace, NULL), QY_CHECK_SEALED_BLOB_TAG);
  stranger = w.machine.qe;
  stranger.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  assert_refused_by(qy_qe_verify_blob(&foreign_ae, &answer, blob(), &trace, NULL), QY_CHECK_SEALED_BLOB_TAG);
  assert_true(qy_view_is_zero(qy_view_over(&answer, sizeof(answer))));
}

static void an_update_reseals(void **state)
{
  (void)state;
  qy_qe_blob_answer answer;
  world_machine newer = w.machine;
  double_enclave updated = qe;
  updated.machine = &newer;
  const qy_ae updated_ae = double_ae(&updated);
  memcpy(newer.cpu_svn, newer.fuses.cpu_svns[2], QY_CPU_SVN_SIZE);
  assert_ok(qy_qe_verify_blob(&updated_ae, &answer, blob(), NULL, NULL));
  assert_true(answer.resealed);
  assert_int_equal(answer.facts.gid, WORLD_GID);
  assert_memory_equal(answer.facts.cpu_svn, w.machine.cpu_svn, 16); /* the level that the key is for stays */
  qy_qe_blob_answer again;
  assert_ok(qy_qe_verify_blob(&updated_ae, &again, QY_VIEW_OF(answer.blob), NULL, NULL));
  assert_false(again.resealed);
  assert_memory_equal(again.blob, answer.blob, sizeof(again.blob));
  /* Back at the older level the processor gives no key for what was sealed at the newer one. */
  assert_int_equal(qy_qe_verify_blob(&qe_ae, &again, QY_VIEW_OF(answer.blob), NULL, NULL), QY_ERR_REFUSED);
}

/* The machine is updated: the endorser has a newer group, and wants to know that the old key was not revoked. */
static qy_status demand(void *context, qy_view request, qy_buffer *response, qy_error *why)
{
  server *s = context;
  const qy_enrolled_machine *machine = &w.machine.enrolled;
  const qy_previous_demand asked = {.level = w.machine.level, .gid = WORLD_GID};
  qy_provisioning_request header;
  qy_provisioning_record issued;
  s->messages += 2;
  QY_TRY(qy_provisioning_request_decode(&header, request, why));
  if (header.type == QY_PROVISIONING_MSG1) {
    qy_provisioner_clear(&s->provisioner);
    QY_TRY(qy_provisioner_open_msg1(&s->provisioner, request, w.endorser.pek, NULL, why));
    QY_TRY(qy_provisioner_admit(&s->provisioner, machine, NULL, why));
    if (s->has_record && qy_platform_level_equal(&s->provisioner.level, &s->record.level)) {
      return qy_provisioner_make_backup(&s->provisioner, response, &s->record, machine, &w.random, why);
    }
    return qy_provisioner_make_msg2_demanding(&s->provisioner, response, QY_VIEW_OF(w.endorser.certificate),
                                              &s->provisioner.level, &asked, &w.endorser.pek_public, &w.random, why);
  }
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_provisioner_open_msg3(&s->provisioner, request, w.endorser.pek, machine, &w.policy, NULL, why));
  QY_TRY(qy_epid_verifier_new(&verifier, &w.endorser.group, NULL, why));
  const qy_status status = qy_provisioner_check_previous(&s->provisioner, request, verifier, NULL, why);
  qy_epid_verifier_free(&verifier);
  QY_TRY(status);
  return qy_provisioner_make_msg4(&s->provisioner, response, &issued, &w.endorser.group, &w.endorser.issuing_key, NULL,
                                  &w.random, NULL, why);
}

/* The machine after its update, which provisions with `old_blob` against `s`. */
static qy_status update(uint8_t renewed[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, qy_view old_blob, server *s)
{
  static qy_pve fresh;
  world_machine newer = w.machine;
  double_enclave new_pve = pve, new_pce = pce;
  memcpy(newer.cpu_svn, newer.fuses.cpu_svns[2], QY_CPU_SVN_SIZE);
  new_pve.machine = &newer;
  new_pve.context = &fresh;
  new_pce.machine = &newer;
  const qy_ae new_pve_ae = double_ae(&new_pve), new_pce_ae = double_ae(&new_pce);
  const qy_status status =
      qy_provision_platform_again(renewed, retrieved, &new_pve_ae, &new_pce_ae, QY_VIEW_OF(w.endorser.signed_pek),
                                  old_blob, demand, s, &trace, NULL);
  qy_pve_clear(&fresh);
  return status;
}

static void an_update_proves_by_the_old_key(void **state)
{
  (void)state;
  uint8_t renewed[QY_EPID_BLOB_FILE_SIZE];
  qy_epid_blob_facts facts;
  server s = {0};
  bool retrieved = true;
  assert_ok(update(renewed, &retrieved, blob(), &s));
  assert_false(retrieved);
  assert_int_equal(s.messages, 4);
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_PROVISIONING_PREVIOUS_KEY)->outcome, QY_OUTCOME_HELD);
  assert_ok(qy_epid_blob_inspect(&facts, (qy_view){renewed, QY_EPID_BLOB_SIZE}, NULL));
  assert_memory_equal(facts.cpu_svn, w.machine.fuses.cpu_svns[2], QY_CPU_SVN_SIZE);
}

/* No blob, one that does not open, and one of another key: the server gives the key back first. */
static void an_update_without_the_old_key_asks_for_it(void **state)
{
  (void)state;
  uint8_t renewed[QY_EPID_BLOB_FILE_SIZE], damaged[QY_EPID_BLOB_SIZE], other[QY_EPID_BLOB_FILE_SIZE];
  server s = {0};
  assert_ok(update(other, NULL, blob(), &s)); /* the newer level's own key, which is not the one asked for */
  memcpy(damaged, file, sizeof(damaged));
  damaged[600] ^= 1;
  const qy_view blobs[] = {{0}, QY_VIEW_OF(damaged), {other, QY_EPID_BLOB_SIZE}};
  for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++) {
    bool retrieved = true;
    memset(&trace, 0, sizeof(trace));
    s = (server){.record = the_server.record, .has_record = true};
    assert_ok(update(renewed, &retrieved, blobs[i], &s));
    assert_false(retrieved);
    assert_int_equal(s.messages, 8);
    assert_null(qy_trace_failed(&trace));
    /* A server that has no such key on record ends it: there is no way around the proof. */
    s = (server){0};
    assert_int_equal(update(renewed, NULL, blobs[i], &s), QY_ERR_PEER);
    assert_int_equal(s.messages, 4);
    assert_true(qy_view_is_zero(QY_VIEW_OF(renewed)));
  }
  memset(&trace, 0, sizeof(trace));
}

/* A server that asks for another key each time is not followed for ever. */
static qy_status demand_what_nobody_has(void *context, qy_view request, qy_buffer *response, qy_error *why)
{
  server *s = context;
  const qy_enrolled_machine *machine = &w.machine.enrolled;
  const qy_previous_demand asked = {.level = w.machine.level, .gid = WORLD_GID + 7};
  s->messages += 2;
  qy_provisioner_clear(&s->provisioner);
  QY_TRY(qy_provisioner_open_msg1(&s->provisioner, request, w.endorser.pek, NULL, why));
  QY_TRY(qy_provisioner_admit(&s->provisioner, machine, NULL, why));
  if (s->messages % 4 == 0) {
    return qy_provisioner_make_backup(&s->provisioner, response, &the_server.record, machine, &w.random, why);
  }
  return qy_provisioner_make_msg2_demanding(&s->provisioner, response, QY_VIEW_OF(w.endorser.certificate),
                                            &s->provisioner.level, &asked, &w.endorser.pek_public, &w.random, why);
}

static void three_rounds_are_enough(void **state)
{
  (void)state;
  uint8_t renewed[QY_EPID_BLOB_FILE_SIZE];
  server s = {0};
  assert_int_equal(qy_provision_platform_again(renewed, NULL, &pve_ae, &pce_ae, QY_VIEW_OF(w.endorser.signed_pek),
                                               blob(), demand_what_nobody_has, &s, NULL, NULL),
                   QY_ERR_NOT_FOUND);
  assert_int_equal(s.messages, QY_PROVISIONING_MAX_MESSAGES - 2);
}

/* ---- PCE ---- */

static void the_pce_knows_whom_to_serve(void **state)
{
  (void)state;
  qy_pce_info info;
  qy_rsa_public pek;
  qy_report report;
  qy_target_info target;
  uint8_t signature[64];
  qy_psvn psvn = qy_platform_level_pce(&w.machine.level);
  assert_ok(qy_ae_target_info(&pce_ae, &target, NULL));
  assert_ok(qy_pve_begin(&pve_ae, &pek, &report, QY_VIEW_OF(w.endorser.signed_pek), &target, NULL, NULL));
  assert_ok(qy_pce_get_info(&pce_ae, &info, &report, &pek, NULL, NULL));
  assert_int_equal(info.pce_svn, w.machine.pce.isv_svn);
  assert_int_equal(info.pce_id, 0);
  assert_int_equal(info.signature_scheme, 0);
  uint8_t ppid[384];
  size_t size = sizeof(ppid);
  assert_ok(qy_rsa_oaep_decrypt(ppid, &size, w.endorser.pek, QY_VIEW_OF(info.encrypted_ppid), NULL));
  assert_int_equal(size, 16);
  assert_memory_equal(ppid, w.machine.enrolled.ppid, 16);

  pek.modulus[10] ^= 1; /* somebody else's key */
  assert_refused_by(qy_pce_get_info(&pce_ae, &info, &report, &pek, &trace, NULL), QY_CHECK_PCE_REPORT_DATA);
  report.mac[3] ^= 1;
  assert_refused_by(qy_pce_get_info(&pce_ae, &info, &report, &pek, &trace, NULL), QY_CHECK_REPORT_MAC);
  assert_refused_by(qy_pce_certify(&pce_ae, signature, &report, &psvn, &trace, NULL), QY_CHECK_REPORT_MAC);
  assert_true(qy_view_is_zero(QY_VIEW_OF(signature)));
  const qy_report ordinary = report_for(&pce_ae);
  assert_refused_by(qy_pce_get_info(&pce_ae, &info, &ordinary, &pek, &trace, NULL), QY_CHECK_PCE_CALLER);
  assert_refused_by(qy_pce_certify(&pce_ae, signature, &ordinary, &psvn, &trace, NULL), QY_CHECK_PCE_CALLER);
  assert_true(qy_view_is_zero(qy_view_over(&info, sizeof(info))));
}

static void the_pce_signs_for_levels_it_has(void **state)
{
  (void)state;
  qy_rsa_public pek;
  qy_report report;
  qy_target_info target;
  qy_p256_public key;
  uint8_t signature[64], body[384];
  bool valid = false;
  qy_psvn psvn = qy_platform_level_pce(&w.machine.level);
  assert_ok(qy_ae_target_info(&pce_ae, &target, NULL));
  assert_ok(qy_pve_begin(&pve_ae, &pek, &report, QY_VIEW_OF(w.endorser.signed_pek), &target, NULL, NULL));
  assert_ok(qy_pce_certify(&pce_ae, signature, &report, &psvn, NULL, NULL));
  assert_ok(qy_pce_public_key_of_root(&key, w.machine.enrolled.root, &w.machine.enrolled.architectural,
                                      &w.machine.level, NULL));
  qy_report_body_encode(body, &report.body);
  const qy_view signed_part = QY_VIEW_OF(body);
  assert_ok(qy_p256_verify(&valid, &key, &signed_part, 1, signature, NULL));
  assert_true(valid);
  psvn.isv_svn++;
  assert_int_equal(qy_pce_certify(&pce_ae, signature, &report, &psvn, NULL, NULL), QY_ERR_REFUSED);
  psvn.isv_svn--;
  memcpy(psvn.cpu_svn, w.machine.fuses.cpu_svns[2], QY_CPU_SVN_SIZE);
  assert_int_equal(qy_pce_certify(&pce_ae, signature, &report, &psvn, NULL, NULL), QY_ERR_REFUSED);
}

/* ---- Calls ---- */

static void calls_out_of_turn(void **state)
{
  (void)state;
  static qy_pve fresh;
  double_enclave idle = pve;
  idle.context = &fresh;
  const qy_ae ae = double_ae(&idle);
  QY_SCOPED_BUFFER(message, 4096);
  const qy_pce_info info = {0};
  const uint8_t signature[64] = {0};
  const qy_target_info target = {0};
  qy_pve_answer answer;
  uint8_t out[QY_EPID_BLOB_FILE_SIZE];
  assert_int_equal(qy_pve_msg1(&ae, &message, &info, NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_pve_recall(&ae, &message, &info, NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_pve_msg2(&ae, &answer, qy_view_text("x"), &target, (qy_view){0}, NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_pve_msg3(&ae, &message, signature, NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(qy_pve_msg4(&ae, out, qy_view_text("x"), NULL, NULL), QY_ERR_SEQUENCE);
  assert_int_equal(message.size, 0);
  assert_int_equal(fresh.joiner.state, QY_JOINER_IDLE);
}

static void payloads_are_exact(void **state)
{
  (void)state;
  static const struct {
    uint16_t operation;
    size_t size; /* of a whole payload; the last field of some is open-ended */
    bool open_ended;
  } cases[] = {{QY_PCE_GET_INFO, 820, false}, {QY_PCE_CERTIFY, 450, false},  {QY_PVE_BEGIN, 1004, false},
               {QY_PVE_MSG1, 388, false},     {QY_PVE_MSG3, 64, false},      {QY_PVE_MSG2, 513, true},
               {QY_PVE_RECALL, 388, false},   {QY_QE_GET_QUOTE, 3305, true}, {QY_QE_VERIFY_BLOB, 2836, false}};
  static uint8_t zeros[4096];
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    double_enclave *enclaves[] = {&pce, &pve, &qe};
    double_enclave *enclave = enclaves[(cases[i].operation >> 8) - 1];
    QY_SCOPED_BUFFER(out, 1u << 20);
    for (size_t size = 0; size < cases[i].size; size++) {
      const qy_status status = double_call(enclave, cases[i].operation, (qy_view){zeros, size}, &out, NULL, NULL);
      assert_true(status == QY_ERR_TRUNCATED ||
                  (status == QY_ERR_MALFORMED && cases[i].operation == QY_QE_VERIFY_BLOB));
    }
    if (!cases[i].open_ended) {
      const qy_view longer = {zeros, cases[i].size + 1};
      assert_int_equal(double_call(enclave, cases[i].operation, longer, &out, NULL, NULL), QY_ERR_MALFORMED);
    }
    assert_int_equal(double_call(enclave, 0x7777, (qy_view){0}, &out, NULL, NULL), QY_ERR_UNSUPPORTED);
    assert_int_equal(double_call(enclave, QY_AE_TARGET_INFO, (qy_view){zeros, 1}, &out, NULL, NULL), QY_ERR_MALFORMED);
    assert_int_equal(out.size, 0);
  }
}

static void an_image_without_the_endorsers_keys(void **state)
{
  (void)state;
  double_enclave bare = qe;
  bare.endorser = (qy_view){0};
  const qy_ae ae = double_ae(&bare);
  QY_SCOPED_BUFFER(quote, 4096);
  const qy_report report = report_for(&qe_ae);
  const qy_qe_request request = request_of(&report);
  assert_int_equal(qy_qe_get_quote(&ae, &quote, NULL, &request, NULL, NULL), QY_ERR_NOT_FOUND);
}

static void a_server_that_says_no(void **state)
{
  (void)state;
  uint8_t out[QY_EPID_BLOB_FILE_SIZE];
  qy_error why = {0};
  /* The policy knows other enclaves: the conversation ends at msg3, and nothing comes of it. */
  static server strict;
  w.known_pves[0][0] ^= 1;
  assert_int_equal(
      qy_provision_platform(out, NULL, &pve_ae, &pce_ae, QY_VIEW_OF(w.endorser.signed_pek), post, &strict, NULL, &why),
      QY_ERR_REFUSED);
  w.known_pves[0][0] ^= 1;
  assert_true(qy_view_is_zero(QY_VIEW_OF(out)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_blob_says_what_it_is),
      cmocka_unit_test(the_selector_is_the_ppids_first_byte),
      cmocka_unit_test(a_second_time_the_key_is_given_back),
      cmocka_unit_test(quotes_verify),
      cmocka_unit_test(the_qe_vouches_for_its_quote),
      cmocka_unit_test(quotes_under_a_list),
      cmocka_unit_test(lists_that_do_not_fit),
      cmocka_unit_test(reports_that_are_not_for_the_qe),
      cmocka_unit_test(blobs_that_do_not_open),
      cmocka_unit_test(an_update_reseals),
      cmocka_unit_test(an_update_proves_by_the_old_key),
      cmocka_unit_test(an_update_without_the_old_key_asks_for_it),
      cmocka_unit_test(three_rounds_are_enough),
      cmocka_unit_test(the_pce_knows_whom_to_serve),
      cmocka_unit_test(the_pce_signs_for_levels_it_has),
      cmocka_unit_test(calls_out_of_turn),
      cmocka_unit_test(payloads_are_exact),
      cmocka_unit_test(an_image_without_the_endorsers_keys),
      cmocka_unit_test(a_server_that_says_no),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
