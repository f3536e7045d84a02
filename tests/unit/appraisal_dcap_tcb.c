/* SPDX-License-Identifier: Apache-2.0 */
/* Levels and statuses against tables that were written from the facts, not from the code. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <appraisal/dcap_tcb.h>

#define UTD QY_TCB_STATUS_UP_TO_DATE
#define SWHN QY_TCB_STATUS_SW_HARDENING_NEEDED
#define CN QY_TCB_STATUS_CONFIGURATION_NEEDED
#define CASWHN QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED
#define OOD QY_TCB_STATUS_OUT_OF_DATE
#define OODCN QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED
#define RV QY_TCB_STATUS_REVOKED
#define RA QY_TCB_STATUS_TD_RELAUNCH_ADVISED
#define RACN QY_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED

#define PLATFORMS 7

/* By the worst of quoting enclave and module: none bad, one out of date, one revoked. */
static const struct {
  qy_tcb_status platform;
  qy_tcb_status expected[3];
} converged[PLATFORMS] = {
    {UTD, {UTD, OOD, RV}}, {SWHN, {SWHN, OOD, RV}},     {CN, {CN, OODCN, RV}}, {CASWHN, {CASWHN, OODCN, RV}},
    {OOD, {OOD, OOD, RV}}, {OODCN, {OODCN, OODCN, RV}}, {RV, {RV, RV, RV}}};

static void statuses_converge(void **state)
{
  (void)state;
  static const qy_tcb_status parts[3] = {UTD, OOD, RV};
  size_t combinations = 0;
  for (size_t platform = 0; platform < PLATFORMS; platform++) {
    for (size_t qe = 0; qe < 3; qe++) {
      for (size_t module = 0; module < 3; module++) {
        const size_t worst = qe > module ? qe : module;
        assert_int_equal(qy_dcap_converge(converged[platform].platform, parts[qe], parts[module]),
                         converged[platform].expected[worst]);
        combinations++;
      }
      assert_int_equal(qy_dcap_converge(converged[platform].platform, parts[qe], QY_TCB_STATUS_UNKNOWN),
                       converged[platform].expected[qe]); /* SGX has no module */
    }
  }
  assert_int_equal(combinations, 63);
}

/* Launched under what is out of date, running under what is good: launch anew. Everything else is what it was at the
 * launch. */
static void relaunch_is_advised(void **state)
{
  (void)state;
  static const qy_tcb_status all[PLATFORMS] = {UTD, SWHN, CN, CASWHN, OOD, OODCN, RV};
  static const qy_tcb_status after_ood[PLATFORMS] = {RA, RA, RACN, RACN, OOD, OOD, OOD};
  static const qy_tcb_status after_oodcn[PLATFORMS] = {RACN, RACN, RACN, RACN, OODCN, OODCN, OODCN};
  for (size_t launch = 0; launch < PLATFORMS; launch++) {
    for (size_t current = 0; current < PLATFORMS; current++) {
      const qy_tcb_status expected = all[launch] == OOD     ? after_ood[current]
                                     : all[launch] == OODCN ? after_oodcn[current]
                                                            : all[launch];
      assert_int_equal(qy_dcap_relaunch(all[launch], all[current]), expected);
    }
  }
}

static void statuses_are_intels(void **state)
{
  (void)state;
  static const struct {
    qy_tcb_status status;
    int number;
  } rows[] = {{UTD, 0}, {SWHN, 82}, {CN, 47}, {CASWHN, 83}, {OOD, 45}, {OODCN, 48}, {RV, 46}, {RA, 87}, {RACN, 88}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    assert_int_equal(qy_dcap_qvl_of(rows[i].status), rows[i].number);
  }
  assert_int_equal(qy_dcap_qvl_of(QY_TCB_STATUS_UNKNOWN), QY_QVL_TCB_UNRECOGNIZED_STATUS);
}

/* ---- Levels ---- */

static qy_tcb_info *info_of(size_t levels)
{
  qy_tcb_info *info = calloc(1, sizeof(*info));
  assert_non_null(info);
  info->level_count = levels;
  return info;
}

/* Every component decides by itself: not their order, their sum or the first that differs. */
static void a_level_is_reached_by_each_component(void **state)
{
  (void)state;
  qy_tcb_info *info = info_of(1);
  qy_pck_extension platform = {.pce_svn = 5};
  memset(info->levels[0].sgx, 7, 16);
  memset(info->levels[0].tdx, 7, 16);
  info->levels[0].pce_svn = 5;
  uint8_t svn[16];
  for (size_t i = 0; i < 16; i++) {
    for (unsigned value = 6; value <= 8; value++) {
      memset(platform.components, 255, 16);
      platform.components[i] = (uint8_t)value;
      assert_int_equal(qy_dcap_platform_level(info, &platform, NULL) != NULL, value >= 7);
    }
    memset(platform.components, 6, 16);
    platform.components[i] = 255;
    assert_null(qy_dcap_platform_level(info, &platform, NULL));
  }
  memset(platform.components, 7, 16);
  for (uint16_t pce_svn = 4; pce_svn <= 6; pce_svn++) {
    platform.pce_svn = pce_svn;
    assert_int_equal(qy_dcap_platform_level(info, &platform, NULL) != NULL, pce_svn >= 5);
  }
  for (size_t i = 0; i < 16; i++) {
    for (unsigned version = 0; version <= 1; version++) {
      memset(svn, 7, 16);
      svn[1] = (uint8_t)(version == 0 ? 0 : 7);
      info->levels[0].tdx[1] = (uint8_t)(version == 0 ? 0 : 7);
      if (version == 0 && i == 1) {
        continue; /* it is what tells the version */
      }
      svn[i] = 6;
      /* from version 1 on the first two are the module's own, and left to its levels */
      assert_int_equal(qy_dcap_platform_level(info, &platform, svn) != NULL, version == 1 && i < 2);
    }
  }
  free(info);
}

static void the_highest_level_wins(void **state)
{
  (void)state;
  qy_tcb_info *info = info_of(3);
  qy_pck_extension platform = {.pce_svn = 9};
  memcpy(info->levels[0].sgx, "\3\1\1", 3);
  memcpy(info->levels[1].sgx, "\2\7\1", 3);
  memcpy(info->levels[2].sgx, "\1\1\1", 3);
  memcpy(platform.components, "\2\3\2", 3); /* above the last two, were their sums compared */
  info->levels[1].sgx[1] = 9;
  assert_ptr_equal(qy_dcap_platform_level(info, &platform, NULL), &info->levels[2]);
  platform.components[1] = 9;
  assert_ptr_equal(qy_dcap_platform_level(info, &platform, NULL), &info->levels[1]);
  platform.components[0] = 3;
  assert_ptr_equal(qy_dcap_platform_level(info, &platform, NULL), &info->levels[0]);
  platform.components[2] = 0;
  assert_null(qy_dcap_platform_level(info, &platform, NULL));
  free(info);
}

static void modules_are_found_by_version(void **state)
{
  (void)state;
  qy_tcb_info *info = info_of(0);
  info->module_count = 3;
  info->modules[0] = (qy_tdx_module_identity){.has_version = true, .version = 3};
  info->modules[1] = (qy_tdx_module_identity){.has_version = false, .version = 7};
  info->modules[2] = (qy_tdx_module_identity){.has_version = true, .version = 0x1a};
  assert_ptr_equal(qy_dcap_module_identity(info, 3), &info->modules[0]);
  assert_ptr_equal(qy_dcap_module_identity(info, 0x1a), &info->modules[2]);
  assert_null(qy_dcap_module_identity(info, 7));
  assert_null(qy_dcap_module_identity(info, 0));
  static const qy_svn_level levels[] = {{.isv_svn = 8}, {.isv_svn = 6}, {.isv_svn = 2}};
  static const int expected[] = {-1, -1, 2, 2, 2, 2, 1, 1, 0, 0};
  for (uint32_t svn = 0; svn < 10; svn++) {
    const qy_svn_level *found = qy_dcap_svn_level(levels, 3, svn);
    assert_ptr_equal(found, expected[svn] < 0 ? NULL : &levels[expected[svn]]);
  }
  assert_ptr_equal(qy_dcap_svn_level(levels, 3, 0x8000), &levels[0]); /* no sign */
  free(info);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statuses_converge),      cmocka_unit_test(relaunch_is_advised),
      cmocka_unit_test(statuses_are_intels),    cmocka_unit_test(a_level_is_reached_by_each_component),
      cmocka_unit_test(the_highest_level_wins), cmocka_unit_test(modules_are_found_by_version)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
