/* SPDX-License-Identifier: Apache-2.0 */
/* What would mend a status: each kind of gap by itself, against levels that dcap_world.c says. */
#include "dcap_world.h"

#include <string.h>

#include <quotary/dcap_explain.h>

#define SINCE 1746057600 /* 2025-05-01: the tcbDate of the levels that are up to date */

/* Appraises, then says what would mend it; borrows from `*set`, which the caller frees. */
static void mend(dcap_world *world, qy_dcap_collateral **set, qy_dcap_mending *out)
{
  world_make(world);
  assert_ok(qy_dcap_collateral_new(set, &world->files, NULL));
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, *set, &world->policy, world->now_s, NULL));
  qy_dcap_mending_of(out, &world->verdict, *set);
}

typedef struct expected_gap {
  qy_dcap_part part;
  unsigned component;
  uint32_t found;
  uint32_t needed;
} expected_gap;

static void expect_gap(const qy_dcap_gap *gap, const expected_gap *expected)
{
  assert_int_equal(gap->part, expected->part);
  assert_int_equal(gap->component, expected->component);
  assert_int_equal(gap->found, expected->found);
  assert_int_equal(gap->needed, expected->needed);
  assert_int_equal(gap->since_s, SINCE);
}

/* The status is this, that one gap is what keeps it, and closing it makes these advisories pass. */
static void expect_one(dcap_world *world, qy_tcb_status status, const expected_gap *expected, const char *first,
                       const char *second)
{
  qy_dcap_collateral *set = NULL;
  qy_dcap_mending mending;
  const char *const advisories[] = {first, second};
  mend(world, &set, &mending);
  assert_true(mending.known);
  assert_false(mending.relaunch);
  assert_int_equal(world->verdict.tcb_status, status);
  assert_int_equal(mending.best, QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(mending.gap_count, 1);
  expect_gap(&mending.gaps[0], expected);
  assert_int_equal(mending.advisory_count, (first != NULL) + (second != NULL));
  for (size_t i = 0; i < mending.advisory_count; i++) {
    assert_string_equal(mending.advisories[i], advisories[i]);
  }
  qy_dcap_collateral_free(&set);
}

static void nothing_to_mend(void **state)
{
  dcap_world *world = *state;
  static const qy_dcap_body_type types[] = {QY_DCAP_BODY_ENCLAVE, QY_DCAP_BODY_TD_1_0, QY_DCAP_BODY_TD_1_5};
  for (size_t i = 0; i < 3; i++) {
    qy_dcap_collateral *set = NULL;
    qy_dcap_mending mending;
    world_reset(world, types[i]);
    mend(world, &set, &mending);
    assert_true(mending.known);
    assert_false(mending.relaunch);
    assert_int_equal(mending.best, QY_TCB_STATUS_UP_TO_DATE);
    assert_int_equal(mending.gap_count, 0);
    assert_int_equal(mending.advisory_count, 0);
    qy_dcap_collateral_free(&set);
  }
}

static void each_sgx_component(void **state)
{
  dcap_world *world = *state;
  for (unsigned i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    const expected_gap gap = {QY_DCAP_SGX_COMPONENT, i + 1, 4, 5};
    world_reset(world, QY_DCAP_BODY_ENCLAVE);
    world->components[i] = 4;
    expect_one(world, QY_TCB_STATUS_SW_HARDENING_NEEDED, &gap, "INTEL-SA-00615", NULL);
  }
}

/* Below every level there is no status, and still it is known what is missing. */
static void pce_and_tdx_components(void **state)
{
  dcap_world *world = *state;
  const expected_gap pce = {QY_DCAP_PCE, 0, 9, 10};
  const expected_gap tdx = {QY_DCAP_TDX_COMPONENT, 3, 1, 2};
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world->pce_svn = 9;
  expect_one(world, QY_TCB_STATUS_UNKNOWN, &pce, NULL, NULL);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_TCB_NOT_SUPPORTED);
  world_reset(world, QY_DCAP_BODY_TD_1_0);
  world->td.tee_tcb_svn[2] = 1;
  expect_one(world, QY_TCB_STATUS_UNKNOWN, &tdx, NULL, NULL);
}

static void quoting_enclave_and_module(void **state)
{
  dcap_world *world = *state;
  const expected_gap qe = {QY_DCAP_QUOTING_ENCLAVE, 0, WORLD_ISVSVN - 1, WORLD_ISVSVN};
  const expected_gap module = {QY_DCAP_TDX_MODULE, 0, 4, 5};
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world->qe_report.isv_svn = WORLD_ISVSVN - 1;
  expect_one(world, QY_TCB_STATUS_OUT_OF_DATE, &qe, "INTEL-SA-00828", "INTEL-SA-00837");
  world_reset(world, QY_DCAP_BODY_TD_1_0);
  world->td.tee_tcb_svn[0] = 4;
  expect_one(world, QY_TCB_STATUS_OUT_OF_DATE, &module, "INTEL-SA-01099", NULL);
}

static void a_good_module_wants_a_relaunch(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = NULL;
  qy_dcap_mending mending;
  world_reset(world, QY_DCAP_BODY_TD_1_5);
  world->td.tee_tcb_svn[0] = 4; /* launched under it; tee_tcb_svn2 says that another runs */
  mend(world, &set, &mending);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_TD_RELAUNCH_ADVISED);
  assert_true(mending.known && mending.relaunch);
  assert_int_equal(mending.gap_count, 0);
  assert_int_equal(mending.best, QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(mending.advisory_count, 1);
  assert_string_equal(mending.advisories[0], "INTEL-SA-01099");
  qy_dcap_collateral_free(&set);
}

/* All at once, each by its name, in the order in which they are compared. */
static void all_gaps_at_once(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = NULL;
  qy_dcap_mending mending;
  static const expected_gap expected[] = {{QY_DCAP_SGX_COMPONENT, 1, 0, 5},
                                          {QY_DCAP_SGX_COMPONENT, 16, 4, 5},
                                          {QY_DCAP_TDX_COMPONENT, 3, 0, 2},
                                          {QY_DCAP_PCE, 0, 0, 10},
                                          {QY_DCAP_QUOTING_ENCLAVE, 0, 0, WORLD_ISVSVN},
                                          {QY_DCAP_TDX_MODULE, 0, 0, 5}};
  world_reset(world, QY_DCAP_BODY_TD_1_0);
  world->tcb_info.from[0] = "{\"svn\":5}";
  world->tcb_info.to[0] = "{\"svn\":5,\"category\":\"BIOS\",\"type\":\"Early Microcode Update\"}";
  world->components[0] = 0;
  world->components[15] = 4;
  world->td.tee_tcb_svn[0] = 0;
  world->td.tee_tcb_svn[2] = 0;
  world->pce_svn = 0;
  world->qe_report.isv_svn = 0;
  mend(world, &set, &mending);
  assert_true(mending.known);
  assert_int_equal(mending.gap_count, 6);
  for (size_t i = 0; i < 6; i++) {
    expect_gap(&mending.gaps[i], &expected[i]);
  }
  assert_true(qy_view_equal(mending.gaps[0].category, qy_view_text("BIOS")));
  assert_true(qy_view_equal(mending.gaps[0].description, qy_view_text("Early Microcode Update")));
  assert_int_equal(mending.gaps[1].category.size, 0);
  assert_int_equal(mending.best, QY_TCB_STATUS_UP_TO_DATE);
  qy_dcap_collateral_free(&set);
}

/* Of two levels that are as good, the one that needs less is asked for. */
static void no_more_than_is_needed(void **state)
{
  dcap_world *world = *state;
  const expected_gap gap = {QY_DCAP_SGX_COMPONENT, 2, 3, 4};
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    world->components[i] = i == 1 ? 3 : 4;
  }
  world->tcb_info.from[0] = "SWHardeningNeeded";
  world->tcb_info.to[0] = "UpToDate";
  expect_one(world, QY_TCB_STATUS_OUT_OF_DATE, &gap, "INTEL-SA-00828", "INTEL-SA-00837");
}

/* What no update of the platform brings: the best level that there is, is no better. */
static void nothing_better_is_on_offer(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = NULL;
  qy_dcap_mending mending;
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world->tcb_info.from[0] = "\"UpToDate\"";
  world->tcb_info.to[0] = "\"ConfigurationNeeded\"";
  world->tcb_info.from[1] = "\"SWHardeningNeeded\"";
  world->tcb_info.to[1] = "\"OutOfDate\"";
  mend(world, &set, &mending);
  assert_true(mending.known);
  assert_int_equal(world->verdict.tcb_status, QY_TCB_STATUS_CONFIGURATION_NEEDED);
  assert_int_equal(mending.best, QY_TCB_STATUS_CONFIGURATION_NEEDED);
  assert_int_equal(mending.gap_count, 0);
  qy_dcap_collateral_free(&set);
}

static void nothing_is_said_of_another_platform(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = NULL;
  qy_dcap_mending mending;
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world->components[0] = 0;
  world->tcb_info.from[0] = "00606A000001";
  world->tcb_info.to[0] = "00606A000002";
  mend(world, &set, &mending);
  assert_int_equal(world->verdict.qvl.quote, QY_QVL_TCB_INFO_MISMATCH);
  assert_false(mending.known);
  assert_int_equal(mending.gap_count, 0);
  qy_dcap_collateral_free(&set);
  world_reset(world, QY_DCAP_BODY_ENCLAVE);
  world_make(world);
  world->files.identity = (qy_view){NULL, 0};
  assert_ok(qy_dcap_collateral_new(&set, &world->files, NULL));
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, set, &world->policy, world->now_s, NULL));
  qy_dcap_mending_of(&mending, &world->verdict, set);
  assert_false(mending.known);
  qy_dcap_collateral_free(&set);
}

static void parts_have_names(void **state)
{
  (void)state;
  static const char *const names[QY_DCAP_PART_COUNT] = {"sgx-component", "tdx-component", "pce", "quoting-enclave",
                                                        "tdx-module"};
  for (unsigned i = 0; i < QY_DCAP_PART_COUNT; i++) {
    assert_string_equal(qy_dcap_part_name((qy_dcap_part)i), names[i]);
  }
  assert_string_equal(qy_dcap_part_name(QY_DCAP_PART_COUNT), "unknown");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_to_mend),
                                     cmocka_unit_test(each_sgx_component),
                                     cmocka_unit_test(pce_and_tdx_components),
                                     cmocka_unit_test(quoting_enclave_and_module),
                                     cmocka_unit_test(a_good_module_wants_a_relaunch),
                                     cmocka_unit_test(all_gaps_at_once),
                                     cmocka_unit_test(no_more_than_is_needed),
                                     cmocka_unit_test(nothing_better_is_on_offer),
                                     cmocka_unit_test(nothing_is_said_of_another_platform),
                                     cmocka_unit_test(parts_have_names)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
