/* SPDX-License-Identifier: Apache-2.0 */
/* Chains, lists and documents with one thing wrong: the check that refuses, and what Intel's library would say. */
#include "dcap_world.h"

#include <string.h>

static int setup(void **state)
{
  world_reset(*state, QY_DCAP_BODY_ENCLAVE);
  return 0;
}
#define TEST(name) cmocka_unit_test_setup(name, setup)

static void expect_qvl(const dcap_world *world, qy_qvl_status pck_chain, qy_qvl_status documents)
{
  assert_string_equal(qy_qvl_status_name(world->verdict.qvl.pck_chain), qy_qvl_status_name(pck_chain));
  assert_string_equal(qy_qvl_status_name(world->verdict.qvl.tcb_info), qy_qvl_status_name(documents));
  assert_string_equal(qy_qvl_status_name(world->verdict.qvl.identity), qy_qvl_status_name(documents));
  assert_false(world->verdict.authentic);
}

static void nothing_is_wrong(void **state)
{
  dcap_world *world = *state;
  const qy_dcap_verdict *verdict = world_appraise(world);
  expect_trusted(world);
  assert_true(verdict->authentic);
  assert_true(verdict->simulated);
  assert_int_equal(verdict->qvl.pck_chain, QY_QVL_OK);
  assert_int_equal(verdict->qvl.tcb_info, QY_QVL_OK);
  assert_int_equal(verdict->qvl.identity, QY_QVL_OK);
  assert_int_equal(verdict->qvl.quote, QY_QVL_OK);
  assert_int_equal(verdict->evaluation_number, 17);
  assert_int_equal(verdict->expires_s, world->tcb_info.next_update_s);
  assert_true(verdict->has_platform);
  assert_int_equal(verdict->platform.pce_svn, 10);
}

/* ---- Who signed whom (D03) ---- */

static void another_key_signed(void **state)
{
  dcap_world *world = *state;
  static const struct {
    world_who who;
    qy_check_id id;
    qy_qvl_status pck_chain;
    qy_qvl_status documents;
  } rows[] = {
      {CA, QY_CHECK_PCK_CHAIN_CA, QY_QVL_SGX_INTERMEDIATE_CA_INVALID_ISSUER, QY_QVL_OK},
      {PCK, QY_CHECK_PCK_CHAIN_LEAF, QY_QVL_SGX_PCK_INVALID_ISSUER, QY_QVL_OK},
      {SIGNER, QY_CHECK_SIGNING_CHAIN_LEAF, QY_QVL_OK, QY_QVL_SGX_TCB_SIGNING_CERT_INVALID_ISSUER},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    (void)setup(state);
    world->certificates[rows[i].who].signed_by = STRANGER;
    (void)world_appraise(world);
    expect_only(world, rows[i].id);
    expect_qvl(world, rows[i].pck_chain, rows[i].documents);
  }
  (void)setup(state);
  world->certificates[ROOT].signed_by = STRANGER;
  (void)world_appraise(world);
  assert_true(has_failed(world, QY_CHECK_PCK_CHAIN_ROOT));
  assert_true(has_failed(world, QY_CHECK_SIGNING_CHAIN_ROOT));
  expect_qvl(world, QY_QVL_SGX_ROOT_CA_INVALID_ISSUER, QY_QVL_SGX_ROOT_CA_INVALID_ISSUER);
}

static void another_issuer_is_named(void **state)
{
  dcap_world *world = *state;
  world_make(world); /* the signer's turn comes after the PCK certificate's */
  world->certificates[PCK].issuer = SIGNER;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_PCK_CHAIN_LEAF);
  expect_qvl(world, QY_QVL_SGX_PCK_INVALID_ISSUER, QY_QVL_OK);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_INVALID_PCK_CRL);
}

static void certificates_bear_their_names(void **state)
{
  dcap_world *world = *state;
  static const struct {
    world_who who;
    const char *name;
    qy_check_id id;
    qy_qvl_status pck_chain;
    qy_qvl_status documents;
  } rows[] = {
      {CA, "Test SGX Platform", QY_CHECK_PCK_CHAIN_FORM, QY_QVL_SGX_INTERMEDIATE_CA_MISSING, QY_QVL_OK},
      {PCK, "Test SGX Certificate", QY_CHECK_PCK_CHAIN_FORM, QY_QVL_SGX_PCK_MISSING, QY_QVL_OK},
      {SIGNER, "Test SGX Signing", QY_CHECK_SIGNING_CHAIN_FORM, QY_QVL_OK, QY_QVL_SGX_TCB_SIGNING_CERT_MISSING},
      {ROOT, "Test Root", QY_CHECK_SIGNING_CHAIN_FORM, QY_QVL_SGX_ROOT_CA_MISSING, QY_QVL_SGX_ROOT_CA_MISSING},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    (void)setup(state);
    world->certificates[rows[i].who].name = rows[i].name;
    (void)world_appraise(world);
    expect_first(world, rows[i].id);
    expect_qvl(world, rows[i].pck_chain, rows[i].documents);
  }
}

/* A leaf that is a CA, a CA that is none (D03). Intel's library does not look. */
static void certificates_do_what_they_may(void **state)
{
  dcap_world *world = *state;
  for (int who = ROOT; who < WORLD_CERTIFICATES; who++) {
    (void)setup(state);
    world->certificates[who].is_ca = !world->certificates[who].is_ca;
    (void)world_appraise(world);
    assert_int_equal(world->verdict.trust, QY_REFUSED);
    assert_int_equal(has_failed(world, QY_CHECK_PCK_CHAIN_PURPOSES), who != SIGNER);
    assert_int_equal(has_failed(world, QY_CHECK_SIGNING_CHAIN_PURPOSES), who == SIGNER || who == ROOT);
    expect_qvl(world, QY_QVL_OK, QY_QVL_OK);
  }
}

static void chains_have_a_length(void **state)
{
  dcap_world *world = *state;
  for (size_t extra = 0; extra < 2; extra++) {
    QY_SCOPED_BUFFER(chain, 1 << 16);
    QY_SCOPED_BUFFER(signing, 1 << 16);
    world_make(world);
    const qy_buffer *pck_parts[] = {&world->pem[PCK], &world->pem[CA], &world->pem[ROOT], &world->pem[ROOT]};
    const qy_buffer *signing_parts[] = {&world->pem[SIGNER], &world->pem[ROOT], &world->pem[ROOT]};
    for (size_t i = 0; i < 2 + 2 * extra; i++) {
      qy_buffer_append(&chain, pck_parts[i]->bytes, pck_parts[i]->size);
    }
    for (size_t i = 0; i < 1 + 2 * extra; i++) {
      qy_buffer_append(&signing, signing_parts[i]->bytes, signing_parts[i]->size);
    }
    world->evidence.pck_chain = qy_buffer_view(&chain);
    (void)world_appraise_made(world);
    expect_first(world, QY_CHECK_PCK_CHAIN_FORM);
    expect_qvl(world, QY_QVL_UNSUPPORTED_CERT_FORMAT, QY_QVL_OK);
    assert_int_equal(world->verdict.qvl.quote, QY_QVL_OK); /* the first certificate is enough for that call */
    world->evidence.pck_chain = (qy_view){NULL, 0};
    world->files.tcb_chain = qy_buffer_view(&signing);
    world->files.identity_chain = qy_buffer_view(&signing);
    (void)world_appraise_made(world);
    expect_first(world, QY_CHECK_SIGNING_CHAIN_FORM);
    expect_qvl(world, QY_QVL_OK, QY_QVL_UNSUPPORTED_CERT_FORMAT);
  }
}

/* ---- The root ---- */

static void only_the_named_root_is_trusted(void **state)
{
  dcap_world *world = *state;
  world_make(world);
  world->files.root = (qy_view){NULL, 0}; /* Intel's key */
  (void)world_appraise_made(world);
  assert_true(has_failed(world, QY_CHECK_PCK_CHAIN_TRUSTED));
  assert_true(has_failed(world, QY_CHECK_SIGNING_CHAIN_TRUSTED));
  assert_false(has_failed(world, QY_CHECK_DCAP_ROOT));
  expect_qvl(world, QY_QVL_SGX_PCK_CERT_CHAIN_UNTRUSTED, QY_QVL_SGX_TCB_SIGNING_CERT_CHAIN_UNTRUSTED);
  world->files.root = qy_buffer_view(&world->pem[CA]);
  (void)world_appraise_made(world);
  expect_first(world, QY_CHECK_TRUSTED_ROOT);
  assert_true(has_failed(world, QY_CHECK_PCK_CHAIN_TRUSTED));
  expect_qvl(world, QY_QVL_TRUSTED_ROOT_CA_INVALID, QY_QVL_TRUSTED_ROOT_CA_INVALID);
  world->files.root = qy_view_text("no certificate");
  (void)world_appraise_made(world);
  expect_first(world, QY_CHECK_TRUSTED_ROOT);
  expect_qvl(world, QY_QVL_TRUSTED_ROOT_CA_UNSUPPORTED_FORMAT, QY_QVL_UNSUPPORTED_CERT_FORMAT);
}

static void a_policy_names_its_roots(void **state)
{
  dcap_world *world = *state;
  world_make(world);
  world->policy.simulated_roots[0].fingerprint[0] ^= 1;
  (void)world_appraise_made(world);
  expect_only(world, QY_CHECK_DCAP_ROOT);
  assert_true(world->verdict.authentic); /* which is another question */
  world->policy.simulated_root_count = 0;
  (void)world_appraise_made(world);
  expect_only(world, QY_CHECK_DCAP_ROOT);
  qy_policy_built_in(&world->policy); /* whoever looks has named it */
  (void)world_appraise_made(world);
  expect_trusted(world);
}

/* ---- Lists (D04) ---- */

static void lists_are_their_issuers(void **state)
{
  dcap_world *world = *state;
  world->root_list.signed_by = STRANGER;
  (void)world_appraise(world);
  expect_first(world, QY_CHECK_CRL_SIGNATURE);
  expect_qvl(world, QY_QVL_SGX_CRL_INVALID_SIGNATURE, QY_QVL_SGX_CRL_INVALID_SIGNATURE);
  (void)setup(state);
  world->pck_list.signed_by = ROOT;
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_CRL_SIGNATURE);
  expect_qvl(world, QY_QVL_SGX_CRL_INVALID_SIGNATURE, QY_QVL_OK);
  (void)setup(state);
  world_make(world);
  world->files.pck_crl = qy_buffer_view(&world->root_crl);
  (void)world_appraise_made(world);
  expect_first(world, QY_CHECK_CRL_ISSUER);
  expect_qvl(world, QY_QVL_SGX_CRL_UNKNOWN_ISSUER, QY_QVL_OK);
}

static void lists_say_what_they_are(void **state)
{
  dcap_world *world = *state;
  world->pck_list.from_hex = "0603551d14"; /* cRLNumber becomes an extension nobody knows */
  world->pck_list.to_hex = "0603551d63";
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_CRL_EXTENSIONS);
  expect_qvl(world, QY_QVL_SGX_CRL_INVALID_EXTENSIONS, QY_QVL_OK);
  (void)setup(state);
  world->root_list.from_hex = "0603551d23041830168014"; /* authorityKeyIdentifier becomes deltaCRLIndicator, critical */
  world->root_list.to_hex = "0603551d1b0101ff041502";
  (void)world_appraise(world);
  assert_true(has_failed(world, QY_CHECK_CRL_SCOPE));
  assert_int_equal(world->verdict.trust, QY_REFUSED);
  (void)setup(state);
  world_make(world);
  world->files.root_crl = qy_view_text("no list");
  (void)world_appraise_made(world);
  expect_first(world, QY_CHECK_CRL_FORM);
  expect_qvl(world, QY_QVL_SGX_CRL_UNSUPPORTED_FORMAT, QY_QVL_SGX_CRL_UNSUPPORTED_FORMAT);
}

static void lists_are_current(void **state)
{
  dcap_world *world = *state;
  for (unsigned which = 0; which < 4; which++) {
    (void)setup(state);
    world_list *list = which < 2 ? &world->root_list : &world->pck_list;
    *(which % 2 == 0 ? &list->from_s : &list->until_s) = WORLD_NOW_S;
    (void)world_appraise(world);
    expect_trusted(world); /* both ends belong to it */
    list->from_s = which % 2 == 0 ? WORLD_NOW_S + 1 : list->from_s;
    list->until_s = which % 2 == 0 ? list->until_s : WORLD_NOW_S - 1;
    (void)world_appraise(world);
    expect_only(world, QY_CHECK_CRL_CURRENT);
    expect_qvl(world, QY_QVL_SGX_CRL_EXPIRED, which < 2 ? QY_QVL_SGX_CRL_EXPIRED : QY_QVL_OK);
  }
}

static void the_revoked_are_refused(void **state)
{
  dcap_world *world = *state;
  static const struct {
    world_who who;
    qy_check_id id;
    qy_qvl_status pck_chain;
    qy_qvl_status documents;
    qy_qvl_status quote;
  } rows[] = {
      {CA, QY_CHECK_PCK_CA_REVOKED, QY_QVL_SGX_INTERMEDIATE_CA_REVOKED, QY_QVL_OK, QY_QVL_OK},
      {PCK, QY_CHECK_PCK_REVOKED, QY_QVL_SGX_PCK_REVOKED, QY_QVL_OK, QY_QVL_PCK_REVOKED},
      {SIGNER, QY_CHECK_SIGNER_REVOKED, QY_QVL_OK, QY_QVL_SGX_TCB_SIGNING_CERT_REVOKED, QY_QVL_OK},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    (void)setup(state);
    (rows[i].who == PCK ? &world->pck_list : &world->root_list)->revoked = rows[i].who;
    (void)world_appraise(world);
    expect_only(world, rows[i].id);
    expect_qvl(world, rows[i].pck_chain, rows[i].documents);
    assert_int_equal(world->verdict.qvl.quote, rows[i].quote);
  }
}

/* ---- Times of certificates ---- */

static void certificates_are_valid_now(void **state)
{
  dcap_world *world = *state;
  for (int who = ROOT; who < WORLD_CERTIFICATES; who++) {
    const bool in_pck = who != SIGNER;
    const bool in_signing = who == SIGNER || who == ROOT;
    (void)setup(state);
    world->certificates[who].until_s = WORLD_NOW_S;
    (void)world_appraise(world);
    expect_trusted(world);
    world->certificates[who].until_s = WORLD_NOW_S - 1;
    (void)world_appraise(world);
    assert_int_equal(world->verdict.trust, QY_REFUSED);
    assert_int_equal(has_failed(world, QY_CHECK_PCK_CHAIN_EXPIRED), in_pck);
    assert_int_equal(has_failed(world, QY_CHECK_SIGNING_CHAIN_EXPIRED), in_signing);
    expect_qvl(world, in_pck ? QY_QVL_SGX_PCK_CERT_CHAIN_EXPIRED : QY_QVL_OK,
               in_signing ? QY_QVL_SGX_SIGNING_CERT_CHAIN_EXPIRED : QY_QVL_OK);
    (void)setup(state);
    world->certificates[who].from_s = WORLD_NOW_S;
    (void)world_appraise(world);
    expect_trusted(world);
    world->certificates[who].from_s = WORLD_NOW_S + 1;
    (void)world_appraise(world);
    assert_int_equal(world->verdict.trust, QY_REFUSED);
    assert_int_equal(has_failed(world, QY_CHECK_PCK_CHAIN_NOT_YET_VALID), in_pck);
    assert_int_equal(has_failed(world, QY_CHECK_SIGNING_CHAIN_NOT_YET_VALID), in_signing);
    expect_qvl(world, QY_QVL_OK, QY_QVL_OK); /* Intel's library does not look */
  }
}

/* ---- Documents (D11, D14, D15) ---- */

/* The checks and statuses of both documents. */
typedef struct kind {
  bool is_identity;
  qy_check_id form;
  qy_check_id signature;
  qy_check_id bytes;
  qy_check_id expired;
  qy_check_id issued;
  qy_qvl_status not_signed_status;
  qy_qvl_status expired_status;
  qy_qvl_status form_status;
  const char *from;
  const char *to;
} kind;

static const kind kinds[] = {
    {false, QY_CHECK_TCB_INFO_FORM, QY_CHECK_TCB_INFO_SIGNATURE, QY_CHECK_TCB_INFO_BYTES, QY_CHECK_TCB_INFO_EXPIRED,
     QY_CHECK_TCB_INFO_ISSUED, QY_QVL_TCB_INFO_INVALID_SIGNATURE, QY_QVL_SGX_TCB_INFO_EXPIRED,
     QY_QVL_SGX_TCB_INFO_INVALID, "\"version\":3", "\"version\":4"},
    {true, QY_CHECK_IDENTITY_FORM, QY_CHECK_IDENTITY_SIGNATURE, QY_CHECK_IDENTITY_BYTES, QY_CHECK_IDENTITY_EXPIRED,
     QY_CHECK_IDENTITY_ISSUED, QY_QVL_SGX_ENCLAVE_IDENTITY_INVALID_SIGNATURE, QY_QVL_SGX_ENCLAVE_IDENTITY_EXPIRED,
     QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_VERSION, "\"version\":2", "\"version\":3"}};

static void expect_document(const dcap_world *world, const kind *of, qy_qvl_status status)
{
  const qy_dcap_qvl *qvl = &world->verdict.qvl;
  assert_string_equal(qy_qvl_status_name(of->is_identity ? qvl->identity : qvl->tcb_info), qy_qvl_status_name(status));
  assert_int_equal(of->is_identity ? qvl->tcb_info : qvl->identity, QY_QVL_OK);
  assert_int_equal(qvl->pck_chain, QY_QVL_OK);
}

static void documents_are_signed_as_they_stand(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < 2; i++) {
    const kind *of = &kinds[i];
    world_document *document = of->is_identity ? &world->identity : &world->tcb_info;
    (void)setup(state);
    document->signed_by = STRANGER;
    (void)world_appraise(world);
    expect_only(world, of->signature);
    expect_document(world, of, of->not_signed_status);
    (void)setup(state);
    document->spaced = true;
    (void)world_appraise(world);
    expect_only(world, of->bytes);
    expect_document(world, of, QY_QVL_OK); /* Intel's library writes it anew before it verifies */
    (void)setup(state);
    document->from[0] = of->from;
    document->to[0] = of->to;
    (void)world_appraise(world);
    expect_first(world, of->form);
    expect_document(world, of, of->form_status);
  }
}

static void documents_are_of_the_time(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < 2; i++) {
    const kind *of = &kinds[i];
    world_document *document = of->is_identity ? &world->identity : &world->tcb_info;
    (void)setup(state);
    document->issued_s = WORLD_NOW_S;
    document->next_update_s = WORLD_NOW_S;
    (void)world_appraise(world);
    expect_trusted(world);
    document->next_update_s = WORLD_NOW_S - 1;
    (void)world_appraise(world);
    expect_only(world, of->expired);
    expect_document(world, of, of->expired_status);
    (void)setup(state);
    document->issued_s = WORLD_NOW_S + 1;
    (void)world_appraise(world);
    expect_only(world, of->issued);
    expect_document(world, of, QY_QVL_OK);
  }
}

/* 261 compares as 5 where only 8 bits are looked at. */
static void svns_do_not_wrap(void **state)
{
  dcap_world *world = *state;
  world->tcb_info.from[0] = "{\"svn\":5}";
  world->tcb_info.to[0] = "{\"svn\":261}";
  (void)world_appraise(world);
  expect_only(world, QY_CHECK_TCB_INFO_SVNS);
  expect_qvl(world, QY_QVL_OK, QY_QVL_OK);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_OK);
}

/* ---- What is missing leaves the verdict open ---- */

static void what_is_missing_is_undecided(void **state)
{
  dcap_world *world = *state;
  for (unsigned which = 0; which < 8; which++) {
    world_make(world);
    qy_view *const parts[] = {&world->files.tcb_info, &world->files.identity,      &world->files.tcb_chain,
                              &world->files.root_crl, &world->files.pck_crl,       &world->files.identity_chain,
                              &world->evidence.quote, &world->evidence.report_data};
    *parts[which] = (qy_view){NULL, 0};
    (void)world_appraise_made(world);
    if (world->verdict.trust != QY_UNDECIDED) {
      fail_msg("part %u missing: %s", which, qy_trust_name(world->verdict.trust));
    }
    assert_null(qy_trace_failed(&world->verdict.trace));
  }
  (void)setup(state);
  world->without_chain = true;
  (void)world_appraise(world);
  assert_int_equal(world->verdict.trust, QY_UNDECIDED);
  world->evidence.pck_chain = qy_buffer_view(&world->pck_chain); /* out of band */
  (void)world_appraise_made(world);
  expect_trusted(world);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(nothing_is_wrong),
                                     TEST(another_key_signed),
                                     TEST(another_issuer_is_named),
                                     TEST(certificates_bear_their_names),
                                     TEST(certificates_do_what_they_may),
                                     TEST(chains_have_a_length),
                                     TEST(only_the_named_root_is_trusted),
                                     TEST(a_policy_names_its_roots),
                                     TEST(lists_are_their_issuers),
                                     TEST(lists_say_what_they_are),
                                     TEST(lists_are_current),
                                     TEST(the_revoked_are_refused),
                                     TEST(certificates_are_valid_now),
                                     TEST(documents_are_signed_as_they_stand),
                                     TEST(documents_are_of_the_time),
                                     TEST(svns_do_not_wrap),
                                     TEST(what_is_missing_is_undecided)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
