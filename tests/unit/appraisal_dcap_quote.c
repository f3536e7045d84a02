/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes with one thing wrong, in every form there is. */
#include "dcap_world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int enclave(void **state)
{
  world_reset(*state, QY_DCAP_BODY_ENCLAVE);
  return 0;
}

static int trust_domain(void **state)
{
  world_reset(*state, QY_DCAP_BODY_TD_1_5);
  return 0;
}
#define TEST_SGX(name) cmocka_unit_test_setup(name, enclave)
#define TEST_TDX(name) cmocka_unit_test_setup(name, trust_domain)

/* The only check that failed, and Intel's status of the quote. */
static void expect(dcap_world *world, qy_check_id id, qy_qvl_status status)
{
  (void)world_appraise(world);
  expect_only(world, id);
  assert_string_equal(qy_qvl_status_name(world->verdict.qvl.quote), qy_qvl_status_name(status));
}

static void every_form_is_appraised(void **state)
{
  dcap_world *world = *state;
  static const struct {
    uint16_t version;
    qy_dcap_body_type body_type;
  } forms[] = {{3, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_ENCLAVE}, {5, QY_DCAP_BODY_ENCLAVE},
               {4, QY_DCAP_BODY_TD_1_0},   {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},
               {5, QY_DCAP_BODY_TD_1_5_EX}};
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    world_reset(world, forms[i].body_type);
    world->version = forms[i].version;
    const qy_dcap_verdict *verdict = world_appraise(world);
    expect_trusted(world);
    assert_int_equal(verdict->qvl.quote, QY_QVL_OK);
    assert_int_equal(verdict->tcb_status, QY_TCB_STATUS_UP_TO_DATE);
    assert_int_equal(verdict->header.version, forms[i].version);
    assert_int_equal(verdict->body_type, forms[i].body_type);
    assert_int_equal(verdict->standing.module == QY_TCB_STATUS_UNKNOWN, forms[i].body_type == QY_DCAP_BODY_ENCLAVE);
    assert_int_equal(verdict->trace.dropped, 0);
  }
}

static void damaged_quotes_are_refused(void **state)
{
  dcap_world *world = *state;
  world_make(world);
  world->evidence.pck_chain = qy_buffer_view(&world->pck_chain);
  static const size_t sizes[] = {0, 1, 47, 48, 436, 1019, 1020, 2000};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    world->evidence.quote = qy_view_over(world->quote.bytes, sizes[i]);
    (void)world_appraise_made(world);
    expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
    assert_int_equal(world->verdict.qvl.quote, QY_QVL_UNSUPPORTED_QUOTE_FORMAT);
    assert_false(world->verdict.has_quote);
  }
}

/* D01 to D03, D05, D06: each link of the chain from the PCK certificate to what is quoted. */
static void the_pck_certificate_says_its_platform(void **state)
{
  dcap_world *world = *state;
  world->certificates[PCK].without_extensions = true;
  expect(world, QY_CHECK_DCAP_PCK, QY_QVL_INVALID_PCK_CERT);
  (void)enclave(state);
  QY_SCOPED_BUFFER(chain, 1 << 16);
  world_make(world);
  for (int who = ROOT; who <= PCK; who++) { /* root first: Intel's own caller takes the first for the PCK */
    qy_buffer_append(&chain, world->pem[who].bytes, world->pem[who].size);
  }
  world->evidence.pck_chain = qy_buffer_view(&chain);
  (void)world_appraise_made(world);
  expect_only(world, QY_CHECK_DCAP_PCK);
  assert_int_equal(world->verdict.qvl.pck_chain, QY_QVL_OK);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_INVALID_PCK_CERT);
}

static void collateral_is_the_platforms(void **state)
{
  dcap_world *world = *state;
  world->tcb_info.from[0] = "00606A000001";
  world->tcb_info.to[0] = "00606A000002";
  expect(world, QY_CHECK_DCAP_FMSPC, QY_QVL_TCB_INFO_MISMATCH);
  world->tcb_info.to[0] = "00606a000001"; /* bytes are compared, not their spelling */
  (void)world_appraise(world);
  expect_trusted(world);
  (void)enclave(state);
  world->tcb_info.from[0] = "\"pceId\":\"0000\"";
  world->tcb_info.to[0] = "\"pceId\":\"0001\"";
  expect(world, QY_CHECK_DCAP_PCE_ID, QY_QVL_TCB_INFO_MISMATCH);
  (void)enclave(state);
  world->identity.from[0] = "\"QE\"";
  world->identity.to[0] = "\"TD_QE\"";
  expect(world, QY_CHECK_DCAP_IDENTITY_TEE, QY_QVL_QE_IDENTITY_MISMATCH);
}

static void tcb_info_is_for_the_kind_of_tee(void **state)
{
  dcap_world *world = *state;
  for (unsigned tdx = 0; tdx < 2; tdx++) {
    QY_SCOPED_BUFFER(other, 1 << 16);
    world_reset(world, tdx == 0 ? QY_DCAP_BODY_TD_1_0 : QY_DCAP_BODY_ENCLAVE);
    world_make(world);
    qy_buffer_append(&other, world->tcb_info_text.bytes, world->tcb_info_text.size);
    world_reset(world, tdx == 0 ? QY_DCAP_BODY_ENCLAVE : QY_DCAP_BODY_TD_1_0);
    world_make(world);
    world->files.tcb_info = qy_buffer_view(&other);
    (void)world_appraise_made(world);
    expect_only(world, QY_CHECK_DCAP_TCB_INFO_TEE);
    assert_int_equal(world->verdict.qvl.quote, QY_QVL_TCB_INFO_MISMATCH);
  }
}

static void the_quoting_enclave_is_bound(void **state)
{
  dcap_world *world = *state;
  world->qe_signed_by = CA;
  expect(world, QY_CHECK_DCAP_QE_REPORT_SIGNATURE, QY_QVL_INVALID_QE_REPORT_SIGNATURE);
  (void)enclave(state);
  world_make(world);
  world->keep_qe_data = true;
  world->qe_report.report_data[31] ^= 1;
  expect(world, QY_CHECK_DCAP_QE_REPORT_DATA, QY_QVL_INVALID_QE_REPORT_DATA);
  world->qe_report.report_data[31] ^= 1;
  world->qe_report.report_data[63] ^= 1;
  expect(world, QY_CHECK_DCAP_QE_REPORT_TAIL, QY_QVL_OK); /* Intel's library compares half of it */
  (void)enclave(state);
  world->quote_signed_by = STRANGER;
  expect(world, QY_CHECK_DCAP_QUOTE_SIGNATURE, QY_QVL_INVALID_QUOTE_SIGNATURE);
  (void)enclave(state);
  world->key_off_curve = true;
  expect(world, QY_CHECK_DCAP_ATTESTATION_KEY, QY_QVL_UNSUPPORTED_QUOTE_FORMAT);
}

static void the_quoting_enclave_is_genuine(void **state)
{
  dcap_world *world = *state;
  world->qe_report.misc_select = 1;
  expect(world, QY_CHECK_DCAP_QE_MISC_SELECT, QY_QVL_QE_IDENTITY_MISMATCH);
  (void)enclave(state);
  world->qe_report.attributes.flags |= QY_ATTRIBUTE_EINITTOKEN_KEY;
  expect(world, QY_CHECK_DCAP_QE_ATTRIBUTES, QY_QVL_QE_IDENTITY_MISMATCH);
  (void)enclave(state);
  world->identity.from[0] = "\"11000000000000000000000000000000\"";
  world->identity.to[0] = "\"15000000000000000000000000000000\""; /* a bit outside of its own mask never matches */
  expect(world, QY_CHECK_DCAP_QE_ATTRIBUTES, QY_QVL_QE_IDENTITY_MISMATCH);
  (void)enclave(state);
  world->identity.from[0] = "FBFFFFFFFFFFFFFF0000000000000000";
  world->identity.to[0] = "FBFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
  expect(world, QY_CHECK_DCAP_QE_ATTRIBUTES, QY_QVL_QE_IDENTITY_MISMATCH); /* XFRM too */
  (void)enclave(state);
  world->qe_report.mr_signer[0] ^= 1;
  expect(world, QY_CHECK_DCAP_QE_SIGNER, QY_QVL_QE_IDENTITY_MISMATCH);
  (void)enclave(state);
  world->qe_report.isv_prod_id = 2;
  expect(world, QY_CHECK_DCAP_QE_PRODUCT, QY_QVL_QE_IDENTITY_MISMATCH);
  (void)enclave(state);
  world->qe_report.attributes.flags |= QY_ATTRIBUTE_DEBUG; /* an identity whose mask leaves the bit out */
  world->identity.from[0] = "FBFFFFFFFFFFFFFF0000000000000000";
  world->identity.to[0] = "F9FFFFFFFFFFFFFF0000000000000000";
  expect(world, QY_CHECK_DCAP_QE_DEBUG, QY_QVL_OK);
}

static void nothing_below_all_levels_passes(void **state)
{
  dcap_world *world = *state;
  world->components[15] = 1;
  expect(world, QY_CHECK_DCAP_PLATFORM_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)enclave(state);
  world->pce_svn = 9;
  expect(world, QY_CHECK_DCAP_PLATFORM_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)enclave(state);
  world->qe_report.isv_svn = 5;
  expect(world, QY_CHECK_DCAP_QE_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)trust_domain(state);
  world->td.tee_tcb_svn[0] = 2;
  expect(world, QY_CHECK_DCAP_MODULE_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)trust_domain(state);
  world->td.tee_tcb_svn2[0] = 2; /* the module that runs now */
  expect(world, QY_CHECK_DCAP_MODULE_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)trust_domain(state);
  world->td.tee_tcb_svn2[1] = 4;
  expect(world, QY_CHECK_DCAP_MODULE_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
  (void)trust_domain(state);
  world->tcb_info.from[0] = "\"isvsvn\":5},\"tcbDate\":\"2025-05-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"";
  world->tcb_info.to[0] = "\"isvsvn\":5},\"tcbDate\":\"2025-05-01T00:00:00Z\",\"tcbStatus\":\"Fine\"";
  expect(world, QY_CHECK_DCAP_MODULE_LEVEL, QY_QVL_TCB_NOT_SUPPORTED);
}

/* D09 */
static void the_tdx_module_is_known(void **state)
{
  dcap_world *world = *state;
  world->td.tee_tcb_svn[1] = 9;
  expect(world, QY_CHECK_DCAP_MODULE_KNOWN, QY_QVL_TDX_MODULE_MISMATCH);
  (void)trust_domain(state);
  world->td.mr_signer_seam[47] = 1;
  expect(world, QY_CHECK_DCAP_MODULE_SIGNER, QY_QVL_TDX_MODULE_MISMATCH);
  for (unsigned bit = 0; bit < 64; bit += 7) {
    (void)trust_domain(state);
    world->td.seam_attributes[bit / 8] = (uint8_t)(1u << bit % 8);
    expect(world, QY_CHECK_DCAP_MODULE_ATTRIBUTES, QY_QVL_TDX_MODULE_MISMATCH);
  }
  world_reset(world, QY_DCAP_BODY_TD_1_0); /* before version 1 the module has no identity of its own */
  memset(world->td.tee_tcb_svn, 0, 16);
  memcpy(world->td.tee_tcb_svn, "\5\0\2", 3);
  (void)world_appraise(world);
  expect_trusted(world);
  assert_int_equal(world->verdict.standing.module, QY_TCB_STATUS_UNKNOWN);
}

/* Changing any byte that is signed is noticed; so is any of the certification, but by another check. */
static void changed_bytes_are_noticed(void **state)
{
  dcap_world *world = *state;
  world_make(world);
  qy_dcap_collateral *collateral = NULL;
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  qy_dcap_quote quote;
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&world->quote), NULL));
  const size_t vouched = (size_t)(quote.qe_auth_data.bytes + quote.qe_auth_data.size - quote.all.bytes);
  for (size_t at = 0; at < vouched; at += 3) {
    world->quote.bytes[at] ^= 0x20;
    assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, world->now_s, NULL));
    if (world->verdict.trust != QY_REFUSED) {
      fail_msg("byte %zu: %s", at, qy_trust_name(world->verdict.trust));
    }
    world->quote.bytes[at] ^= 0x20;
  }
  qy_dcap_collateral_free(&collateral);
}

/* ---- What is known ---- */

static void expect_same(const qy_dcap_verdict *a, const qy_dcap_verdict *b)
{
  assert_int_equal(a->trust, b->trust);
  assert_memory_equal(&a->qvl, &b->qvl, sizeof(a->qvl));
  assert_int_equal(a->trace.count, b->trace.count);
  for (size_t i = 0; i < a->trace.count; i++) {
    assert_int_equal(a->trace.records[i].id, b->trace.records[i].id);
    assert_int_equal(a->trace.records[i].outcome, b->trace.records[i].outcome);
    assert_string_equal(a->trace.records[i].expected.chars, b->trace.records[i].expected.chars);
    assert_string_equal(a->trace.records[i].actual.chars, b->trace.records[i].actual.chars);
  }
}

/* What was seen before is told as if it were seen for the first time, and ages like everything else. */
static void what_is_known_is_told_again(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *collateral = NULL;
  qy_dcap_verdict *first = malloc(sizeof(*first));
  assert_non_null(first);
  world_make(world);
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  assert_ok(qy_dcap_appraise(first, &world->evidence, collateral, &world->policy, world->now_s, NULL));
  for (unsigned again = 0; again < 3; again++) {
    assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, world->now_s, NULL));
    expect_trusted(world);
    expect_same(first, &world->verdict);
  }
  const int64_t end_s = world->tcb_info.next_update_s;
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, end_s, NULL));
  expect_trusted(world);
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, end_s + 1, NULL));
  expect_first(world, QY_CHECK_TCB_INFO_EXPIRED);
  const int64_t pck_end_s = world->certificates[ROOT].until_s;
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, pck_end_s + 1, NULL));
  assert_true(has_failed(world, QY_CHECK_PCK_CHAIN_EXPIRED));
  free(first);
  qy_dcap_collateral_free(&collateral);
}

/* More platforms than are kept, in turn: each verdict is its own. */
static void many_platforms_take_turns(void **state)
{
  dcap_world *world = *state;
  enum { PLATFORMS = 20 };
  static qy_buffer quotes[PLATFORMS];
  qy_dcap_collateral *collateral = NULL;
  for (size_t i = 0; i < PLATFORMS; i++) {
    (void)enclave(state);
    world->components[3] = (uint8_t)(i % 2 == 0 ? 5 : 4);
    world->certificates[PCK].until_s = WORLD_NOW_S + (int64_t)(1000 + i) * WORLD_DAY_S;
    world_make(world);
    qy_buffer_init(&quotes[i], 1 << 16);
    qy_buffer_append(&quotes[i], world->quote.bytes, world->quote.size);
  }
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  for (size_t i = 0; i < 3 * PLATFORMS; i++) {
    const size_t which = i * 7 % PLATFORMS;
    world->evidence.quote = qy_buffer_view(&quotes[which]);
    assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, world->now_s, NULL));
    assert_int_equal(world->verdict.tcb_status,
                     which % 2 == 0 ? QY_TCB_STATUS_UP_TO_DATE : QY_TCB_STATUS_SW_HARDENING_NEEDED);
  }
  for (size_t i = 0; i < PLATFORMS; i++) {
    qy_buffer_clear(&quotes[i]);
  }
  qy_dcap_collateral_free(&collateral);
}

typedef struct worker {
  const dcap_world *world;
  qy_dcap_collateral *collateral;
  unsigned trusted;
} worker;

static void *work(void *argument)
{
  worker *it = argument;
  qy_dcap_verdict *verdict = malloc(sizeof(*verdict));
  for (unsigned i = 0; verdict != NULL && i < 50; i++) {
    const qy_status status =
        qy_dcap_appraise(verdict, &it->world->evidence, it->collateral, &it->world->policy, it->world->now_s, NULL);
    it->trusted += status == QY_OK && verdict->trust == QY_TRUSTED ? 1 : 0;
  }
  free(verdict);
  return NULL;
}

static void threads_share_a_set(void **state)
{
  dcap_world *world = *state;
  pthread_t threads[4];
  worker workers[4];
  qy_dcap_collateral *collateral = NULL;
  world_make(world);
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  for (size_t i = 0; i < 4; i++) {
    workers[i] = (worker){world, collateral, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(workers[i].trusted, 50);
  }
  qy_dcap_collateral_free(&collateral);
}

static void the_time_is_one_there_is(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *collateral = NULL;
  world_make(world);
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  static const int64_t times[] = {-1, 253402300800};
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, times[i], NULL),
                     QY_ERR_ARGUMENT);
    assert_int_equal(world->verdict.trust, QY_UNDECIDED);
  }
  qy_dcap_collateral_free(&collateral);
  qy_dcap_collateral_free(&collateral);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST_SGX(every_form_is_appraised),
                                     TEST_SGX(damaged_quotes_are_refused),
                                     TEST_SGX(the_pck_certificate_says_its_platform),
                                     TEST_SGX(collateral_is_the_platforms),
                                     TEST_SGX(tcb_info_is_for_the_kind_of_tee),
                                     TEST_SGX(the_quoting_enclave_is_bound),
                                     TEST_SGX(the_quoting_enclave_is_genuine),
                                     TEST_SGX(nothing_below_all_levels_passes),
                                     TEST_TDX(the_tdx_module_is_known),
                                     TEST_SGX(changed_bytes_are_noticed),
                                     TEST_TDX(changed_bytes_are_noticed),
                                     TEST_SGX(what_is_known_is_told_again),
                                     TEST_TDX(what_is_known_is_told_again),
                                     TEST_SGX(many_platforms_take_turns),
                                     TEST_SGX(threads_share_a_set),
                                     TEST_SGX(the_time_is_one_there_is)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
