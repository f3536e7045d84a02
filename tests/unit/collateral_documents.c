/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info and enclave identities that are wrong in one place each, and which of Intel's statuses that is. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/buffer.h>
#include <quotary/collateral.h>

#define ZEROS8 "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}"
#define SGX_SVNS                                                                        \
  "[{\"svn\":7,\"category\":\"BIOS\",\"type\":\"Early Microcode Update\"},{\"svn\":2}," \
  "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}," ZEROS8 "]"
#define TDX_SVNS                                                              \
  "[{\"svn\":5,\"category\":\"OS/VMM\",\"type\":\"TDX Module\"},{\"svn\":0}," \
  "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}," ZEROS8 "]"
#define ZERO_SIGNER "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define MODULE \
  "\"mrsigner\":\"" ZERO_SIGNER "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
#define SIGNATURE                                                    \
  "\"signature\":\"0102030405060708090a0b0c0d0e0f101112131415161718" \
  "191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393A3B3C3D3E3F40\""

static const char tdx_info[] =
    "{\"tcbInfo\":{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"2025-02-26T10:37:20Z\",\"nextUpdate\":"
    "\"2025-03-28T10:37:20Z\",\"fmspc\":\"90c06F000000\",\"pceId\":\"0001\",\"tcbType\":0,"
    "\"tcbEvaluationDataNumber\":18,\"tdxModule\":{" MODULE "},\"tdxModuleIdentities\":[{\"id\":\"TDX_03\"," MODULE
    ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
    "{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-12-13T00:00:00Z\",\"tcbStatus\":\"Odd\",\"advisoryIDs\":[\"A-1\"]}]}],"
    "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":" SGX_SVNS ",\"pcesvn\":11,\"tdxtcbcomponents\":" TDX_SVNS
    "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-1\",\"INTEL-SA-2\"]"
    "},"
    "{\"tcb\":{\"sgxtcbcomponents\":" SGX_SVNS ",\"pcesvn\":13,\"tdxtcbcomponents\":" TDX_SVNS
    "},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}," SIGNATURE "}";

static const char identity[] =
    "{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-02-26T10:37:20Z\",\"nextUpdate\":"
    "\"2025-03-28T10:37:20Z\",\"tcbEvaluationDataNumber\":17,\"miscselect\":\"01020304\",\"miscselectMask\":"
    "\"FFFFFFFF\",\"attributes\":\"11000000000000000300000000000000\",\"attributesMask\":"
    "\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"
    "\"8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF\",\"isvprodid\":1,\"tcbLevels\":["
    "{\"tcb\":{\"isvsvn\":6},\"tcbDate\":\"2023-08-09T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"X\"]},"
    "{\"tcb\":{\"isvsvn\":8},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}," SIGNATURE "}";

/* The text with the `nth` place (from 0) that says `from` saying `to`. */
static void edit(qy_buffer *out, const char *text, const char *from, const char *to, unsigned nth)
{
  const char *at = strstr(text, from);
  for (; nth > 0 && at != NULL; nth--) {
    at = strstr(at + 1, from);
  }
  if (at == NULL) {
    fail_msg("nothing says %s", from);
    return;
  }
  qy_buffer_append(out, text, (size_t)(at - text));
  qy_buffer_append_text(out, to);
  qy_buffer_append_text(out, at + strlen(from));
}

typedef struct row {
  const char *from;
  const char *to;
  qy_qvl_status expected; /* QY_QVL_OK: decodes */
  unsigned nth;
} row;

static qy_qvl_status tcb_status_of(qy_view text, qy_error *why)
{
  qy_qvl_status qvl = QY_QVL_OK;
  qy_tcb_info *info = malloc(sizeof(*info));
  assert_non_null(info);
  const qy_status status = qy_tcb_info_decode(info, text, &qvl, why);
  assert_int_equal(status == QY_OK, qvl == QY_QVL_OK);
  free(info);
  return qvl;
}

static qy_qvl_status identity_status_of(qy_view text, qy_error *why)
{
  qy_qvl_status qvl = QY_QVL_OK;
  qy_enclave_identity out;
  const qy_status status = qy_enclave_identity_decode(&out, text, &qvl, why);
  assert_int_equal(status == QY_OK, qvl == QY_QVL_OK);
  return qvl;
}

static void expect_rows(const char *text, const row *rows, size_t count,
                        qy_qvl_status (*status_of)(qy_view text, qy_error *why))
{
  for (size_t i = 0; i < count; i++) {
    QY_SCOPED_BUFFER(changed, 1 << 16);
    qy_error why = {0};
    edit(&changed, text, rows[i].from, rows[i].to, rows[i].nth);
    const qy_qvl_status found = status_of(qy_buffer_view(&changed), &why);
    if (found != rows[i].expected) {
      fail_msg("%s for %s: %s (%s), not %s", rows[i].to, rows[i].from, qy_qvl_status_name(found), why.message,
               qy_qvl_status_name(rows[i].expected));
    }
  }
}

#define UNREADABLE QY_QVL_SGX_TCB_INFO_UNSUPPORTED_FORMAT
#define INVALID QY_QVL_SGX_TCB_INFO_INVALID

static void tcb_info_is_strict(void **state)
{
  (void)state;
  static const row rows[] = {
      {"{\"tcbInfo\"", "\n{\"tcbInfo\"", QY_QVL_OK},
      {"{\"tcbInfo\"", "{\"more\":[{}],\"tcbInfo\"", QY_QVL_OK},
      {"\"version\"", "\"unknown\":{\"a\":[1]},\"version\"", QY_QVL_OK},
      {"{\"tcbInfo\"", "\xef\xbb\xbf{\"tcbInfo\"", UNREADABLE},
      {"\"tcbInfo\"", "\"info\"", UNREADABLE},
      {"\"tcbInfo\":{", "\"tcbInfo\":[{", UNREADABLE},
      {"\"signature\"", "\"sig\"", INVALID},
      {"3E3F40\"", "3E3F\"", INVALID},
      {"3E3F40\"", "3E3F4041\"", INVALID},
      {"3E3F40\"", "3E3F4g\"", INVALID},
      {"3E3F40\"", "3E3F40\",\"tcbInfo\":{}", UNREADABLE},
      {"3E3F40\"}", "3E3F40\"} {}", UNREADABLE},
      {"\"id\":\"TDX\"", "\"id\":\"SGX\"", INVALID}, /* with a TDX module */
      {"\"id\":\"TDX\"", "\"id\":\"tdx\"", INVALID},
      {"\"id\":\"TDX\",", "", UNREADABLE},
      {"\"id\":\"TDX\"", "\"id\":\"TDX\",\"id\":\"SGX\"", UNREADABLE},
      {"\"version\":3", "\"version\":4", INVALID},
      {"\"version\":3", "\"version\":1", INVALID},
      {"\"version\":3", "\"version\":2", INVALID},
      {"\"version\":3", "\"version\":\"3\"", INVALID},
      {"\"version\":3,", "", UNREADABLE},
      {"10:37:20Z", "10:37:20.5Z", INVALID},
      {"10:37:20Z", "10:37:60Z", INVALID},
      {"2025-03-28T10", "2025-02-29T10", INVALID},
      {"2025-03-28T10:37:20Z", "2025-03-28 10:37:20", INVALID},
      {"90c06F000000", "90c06F00000", INVALID},
      {"90c06F000000", "90c06F0000000", INVALID},
      {"90c06F000000", "90c06F00000x", INVALID},
      {"\"0001\"", "\"01\"", INVALID},
      {"\"tcbType\":0", "\"tcbType\":1", INVALID},
      {"\"tcbType\":0", "\"tcbType\":-1", INVALID},
      {"\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":18.0", INVALID},
      {"\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":4294967296", INVALID},
      {"\"tcbEvaluationDataNumber\":18,", "", UNREADABLE},
      {"\"tdxModule\":{" MODULE "},", "", UNREADABLE},
      {"\"attributes\":\"0000000000000000\",", "", INVALID},
      {"\"attributesMask\":\"FFFFFFFFFFFFFFFF\"", "\"attributesMask\":\"FFFFFFFFFFFFFF\"", INVALID},
      {"{\"id\":\"TDX_03\"", "{\"id\":\"TDX_3\"", QY_QVL_OK},
      {"\"id\":\"TDX_03\",", "", INVALID},
      {"\"isvsvn\":3", "\"isvsvn\":65536", INVALID},
      {"\"isvsvn\":3", "\"isvsvn\":4", QY_QVL_OK}, /* of another date */
      {"{\"svn\":2},", "", UNREADABLE},            /* 15 components */
      {"{\"svn\":2},", "{\"svn\":2},{\"svn\":2},", UNREADABLE},
      {"{\"svn\":2},", "", UNREADABLE, 1},
      {"\"sgxtcbcomponents\":" SGX_SVNS, "\"sgxtcbcomponents\":[]", UNREADABLE},
      {"\"tdxtcbcomponents\":" TDX_SVNS, "\"tdxtcbcomponents\":[]", UNREADABLE},
      {",\"tdxtcbcomponents\":" TDX_SVNS, "", UNREADABLE},
      {"\"sgxtcbcomponents\":" SGX_SVNS ",", "", UNREADABLE, 1},
      {"\"sgxtcbcomponents\"", "\"sgxtcbcomp01svn\":1,\"sgxtcbcomponents\"", INVALID},
      {"\"sgxtcbcomponents\"", "\"sgxtcbcomponents\":[],\"sgxtcbcomponents\"", UNREADABLE},
      {"{\"svn\":2}", "{\"svn\":\"2\"}", UNREADABLE},
      {"{\"svn\":2}", "{\"svn\":-2}", UNREADABLE},
      {"{\"svn\":2}", "{\"svn\":2,\"svn\":1}", UNREADABLE},
      {"{\"svn\":2}", "{}", UNREADABLE},
      {"{\"svn\":2}", "{\"svn\":300}", QY_QVL_OK},
      {"{\"svn\":2}", "{\"svn\":4294967296}", UNREADABLE},
      {"\"pcesvn\":11", "\"pcesvn\":\"11\"", UNREADABLE},
      {"\"pcesvn\":11,", "", UNREADABLE},
      {"\"pcesvn\":11", "\"pcesvn\":13", INVALID}, /* two levels that are the same */
      {"\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"Fine\"", INVALID},
      {"\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"TDRelaunchAdvised\"", INVALID},
      {"\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"OutOf\\u0044ate\"", INVALID},
      {"\"tcbStatus\":\"OutOfDate\",", "", UNREADABLE},
      {"\"2024-03-13T00:00:00Z\"", "\"2024-03-13\"", INVALID},
      {"[\"INTEL-SA-1\",\"INTEL-SA-2\"]", "\"INTEL-SA-1\"", INVALID},
      {"[\"INTEL-SA-1\",\"INTEL-SA-2\"]", "[1]", INVALID},
      {"[\"INTEL-SA-1\",\"INTEL-SA-2\"]", "[\"\"]", INVALID},
      {"[\"INTEL-SA-1\",\"INTEL-SA-2\"]", "[\"0123456789012345678901234567890\"]", QY_QVL_OK},
      {"[\"INTEL-SA-1\",\"INTEL-SA-2\"]", "[\"01234567890123456789012345678901\"]", INVALID},
      {"\"tcbType\":0", "\"tcbType\":1,\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
       UNREADABLE},
      {"\"tcbType\":0", "\"tcbType\":1 ;", UNREADABLE}, /* no JSON: that counts before what it says */
  };
  expect_rows(tdx_info, rows, sizeof(rows) / sizeof(rows[0]), tcb_status_of);
}

static void tcb_info_says_what_stands_there(void **state)
{
  (void)state;
  qy_tcb_info *info = malloc(sizeof(*info));
  assert_non_null(info);
  assert_ok(qy_tcb_info_decode(info, qy_view_text(tdx_info), NULL, NULL));
  assert_true(info->is_tdx);
  assert_int_equal(info->version, 3);
  assert_int_equal(info->next_update_s - info->issued_s, 30 * 86400);
  assert_int_equal(info->fmspc[2], 0x6f);
  assert_int_equal(info->pce_id[1], 1);
  assert_int_equal(info->evaluation_number, 18);
  assert_int_equal(info->json.signature[63], 0x40);
  assert_true(info->json.is_compact);
  assert_ptr_equal(info->json.body.bytes, strstr(tdx_info, "{\"id\":\"TDX\""));
  assert_ptr_equal(info->json.body.bytes + info->json.body.size, strstr(tdx_info, ",\"signature\""));
  assert_int_equal(info->level_count, 2); /* the higher PCESVN first, whatever the order in the text */
  assert_int_equal(info->levels[0].pce_svn, 13);
  assert_int_equal(info->levels[0].status, QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(info->levels[1].status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_int_equal(info->levels[1].sgx[0], 7);
  assert_int_equal(info->levels[1].tdx[0], 5);
  assert_int_equal(info->levels[1].advisories.count, 2);
  assert_true(qy_view_equal(info->advisories[info->levels[1].advisories.first + 1], qy_view_text("INTEL-SA-2")));
  assert_true(qy_view_equal(info->sgx_kinds[0].category, qy_view_text("BIOS")));
  assert_true(qy_view_equal(info->tdx_kinds[0].type, qy_view_text("TDX Module")));
  assert_int_equal(info->module_count, 1);
  assert_true(info->modules[0].has_version);
  assert_int_equal(info->modules[0].version, 3);
  assert_int_equal(info->modules[0].module.attributes_mask[7], 0xff);
  assert_int_equal(info->modules[0].level_count, 2);
  assert_int_equal(info->module_levels[0].isv_svn, 4);
  assert_int_equal(info->module_levels[0].status, QY_TCB_STATUS_UNKNOWN);
  assert_int_equal(info->module_levels[0].advisories.count, 1);
  assert_int_equal(info->module_levels[1].status, QY_TCB_STATUS_UP_TO_DATE);
  free(info);
}

static void white_space_is_seen(void **state)
{
  (void)state;
  static const row rows[] = {{"\"tcbType\":0", "\"tcbType\": 0", QY_QVL_OK},
                             {"}]}," SIGNATURE, "}]\n}," SIGNATURE, QY_QVL_OK},
                             {"{\"id\"", "{\t\"id\"", QY_QVL_OK}};
  qy_tcb_info *info = malloc(sizeof(*info));
  assert_non_null(info);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(changed, 1 << 16);
    edit(&changed, tdx_info, rows[i].from, rows[i].to, 0);
    assert_ok(qy_tcb_info_decode(info, qy_buffer_view(&changed), NULL, NULL));
    assert_false(info->json.is_compact);
  }
  QY_SCOPED_BUFFER(around, 1 << 16);
  edit(&around, tdx_info, "{\"tcbInfo\":", " { \"tcbInfo\" : ", 0);
  qy_buffer_append_text(&around, " \r\n");
  assert_ok(qy_tcb_info_decode(info, qy_buffer_view(&around), NULL, NULL));
  assert_true(info->json.is_compact); /* what is signed is */
  free(info);
}

static void wide_svns_are_seen(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(changed, 1 << 16);
  qy_tcb_info *info = malloc(sizeof(*info));
  assert_non_null(info);
  edit(&changed, tdx_info, "{\"svn\":2}", "{\"svn\":300}", 0);
  assert_ok(qy_tcb_info_decode(info, qy_buffer_view(&changed), NULL, NULL));
  assert_true(info->has_wide_svn);
  assert_int_equal(info->levels[0].sgx[1] | info->levels[1].sgx[1], 44 | 2);
  free(info);
}

static void version_2_has_numbered_components(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(text, 1 << 16);
  qy_buffer_append_text(&text, "{\"tcbInfo\":{\"version\":2,\"issueDate\":\"2022-04-26T22:39:25Z\",\"nextUpdate\":"
                               "\"2022-05-26T22:39:25Z\",\"fmspc\":\"00906ED50000\",\"pceId\":\"0000\",\"tcbType\":0,"
                               "\"tcbEvaluationDataNumber\":12,\"tcbLevels\":[{\"tcb\":{");
  for (unsigned i = 16; i > 0; i--) {
    qy_buffer_appendf(&text, "\"sgxtcbcomp%02usvn\":%u,", i, i);
  }
  qy_buffer_append_text(
      &text, "\"pcesvn\":5},\"tcbDate\":\"2021-11-10T00:00:00Z\",\"tcbStatus\":\"Revoked\"}]}," SIGNATURE "}");
  const char *whole = qy_buffer_text(&text);
  qy_tcb_info *info = malloc(sizeof(*info));
  assert_non_null(info);
  assert_ok(qy_tcb_info_decode(info, qy_view_text(whole), NULL, NULL));
  assert_false(info->is_tdx);
  for (unsigned i = 0; i < 16; i++) {
    assert_int_equal(info->levels[0].sgx[i], i + 1);
  }
  free(info);
  static const row rows[] = {{"\"sgxtcbcomp07svn\":7,", "", UNREADABLE},
                             {"\"sgxtcbcomp07svn\":7,", "\"sgxtcbcomp07svn\":7,\"sgxtcbcomp07svn\":7,", UNREADABLE},
                             {"\"sgxtcbcomp07svn\":7,", "\"sgxtcbcomp17svn\":7,", UNREADABLE},
                             {"\"version\":2", "\"version\":3", UNREADABLE},
                             {"\"version\":2", "\"id\":\"TDX\",\"version\":2", QY_QVL_OK},
                             {"\"tcbLevels\"", "\"levels\"", UNREADABLE}};
  expect_rows(whole, rows, sizeof(rows) / sizeof(rows[0]), tcb_status_of);
}

#undef UNREADABLE
#undef INVALID
#define UNREADABLE QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT
#define INVALID QY_QVL_SGX_ENCLAVE_IDENTITY_INVALID

static void identity_is_strict(void **state)
{
  (void)state;
  static const row rows[] = {
      {"\"id\":\"QE\"", "\"id\":\"TD_QE\"", QY_QVL_OK},
      {"\"id\":\"QE\"", "\"id\":\"QVE\"", QY_QVL_OK},
      {"\"id\":\"QE\"", "\"id\":\"QAE\"", INVALID},
      {"\"id\":\"QE\",", "", INVALID},
      {"\"enclaveIdentity\"", "\"identity\"", UNREADABLE},
      {"\"signature\"", "\"sig\"", UNREADABLE},
      {"3E3F40\"", "3E3F\"", INVALID},
      {"\"version\":2", "\"version\":3", QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_VERSION},
      {"\"version\":2", "\"version\":1", QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_VERSION},
      {"\"version\":2", "\"version\":\"2\"", INVALID},
      {"10:37:20Z", "10:37:20", INVALID},
      {"\"miscselect\":\"01020304\"", "\"miscselect\":\"010203\"", INVALID},
      {"\"miscselectMask\":\"FFFFFFFF\",", "", INVALID},
      {"11000000000000000300000000000000", "110000000000000003000000000000", INVALID},
      {"FBFFFFFFFFFFFFFF0000000000000000", "FBFFFFFFFFFFFFFF00000000000000000", INVALID},
      {"8C4F57", "8C4F", INVALID},
      {"\"isvprodid\":1", "\"isvprodid\":-1", INVALID},
      {"\"isvprodid\":1,", "", INVALID},
      {"\"isvsvn\":6", "\"isvsvn\":8", QY_QVL_OK}, /* of another date */
      {"\"isvsvn\":6},\"tcbDate\":\"2023-08-09", "\"isvsvn\":8},\"tcbDate\":\"2024-03-13", INVALID},
      {"\"isvsvn\":6", "\"isv\":6", INVALID},
      {"\"OutOfDate\"", "\"SWHardeningNeeded\"", INVALID},
      {"\"OutOfDate\"", "\"Revoked\"", QY_QVL_OK},
      {"\"tcbDate\":\"2023-08-09T00:00:00Z\",", "", INVALID},
      {"\"isvprodid\":1", "\"isvprodid\":1,\"isvprodid\":2", UNREADABLE},
      {"\"isvprodid\":1", "\"isvprodid\":-1,,", UNREADABLE},
  };
  expect_rows(identity, rows, sizeof(rows) / sizeof(rows[0]), identity_status_of);
}

static void identity_says_what_stands_there(void **state)
{
  (void)state;
  qy_enclave_identity out;
  assert_ok(qy_enclave_identity_decode(&out, qy_view_text(identity), NULL, NULL));
  assert_int_equal(out.id, QY_IDENTITY_QE);
  assert_int_equal(out.version, 2);
  assert_int_equal(out.evaluation_number, 17);
  assert_int_equal(out.misc_select, 0x04030201);
  assert_int_equal(out.misc_select_mask, UINT32_MAX);
  assert_int_equal(out.attributes.flags, 0x11);
  assert_int_equal(out.attributes.xfrm, 3);
  assert_int_equal(out.attributes_mask.flags, 0xfffffffffffffffb);
  assert_int_equal(out.attributes_mask.xfrm, 0);
  assert_int_equal(out.mr_signer[31], 0xff);
  assert_int_equal(out.isv_prod_id, 1);
  assert_int_equal(out.level_count, 2);
  assert_int_equal(out.levels[0].isv_svn, 8);
  assert_int_equal(out.levels[1].isv_svn, 6);
  assert_int_equal(out.levels[1].advisories.count, 1);
  assert_true(qy_view_equal(out.advisories[0], qy_view_text("X")));
}

/* Renamed, each is said by its name. */
static void missing_members_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    const char *member;
    unsigned nth;
    qy_qvl_status (*status_of)(qy_view text, qy_error *why);
  } rows[] = {{tdx_info, "\"tcbInfo\"", 0, tcb_status_of},
              {tdx_info, "\"version\"", 0, tcb_status_of},
              {tdx_info, "\"nextUpdate\"", 0, tcb_status_of},
              {tdx_info, "\"tdxModule\"", 0, tcb_status_of},
              {tdx_info, "\"mrsigner\"", 1, tcb_status_of},
              {tdx_info, "\"tcbDate\"", 0, tcb_status_of},
              {tdx_info, "\"tcbStatus\"", 2, tcb_status_of},
              {tdx_info, "\"signature\"", 0, tcb_status_of},
              {identity, "\"miscselectMask\"", 0, identity_status_of},
              {identity, "\"tcb\"", 1, identity_status_of},
              {identity, "\"signature\"", 0, identity_status_of}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(changed, 1 << 16);
    qy_error why = {0};
    char expected[64];
    edit(&changed, rows[i].text, rows[i].member, "\"other\"", rows[i].nth);
    (void)snprintf(expected, sizeof(expected), "%s is missing from the object that ends at byte ", rows[i].member);
    assert_int_not_equal(rows[i].status_of(qy_buffer_view(&changed), &why), QY_QVL_OK);
    if (strstr(why.message, expected) == NULL) {
      fail_msg("%s without %s", why.message, rows[i].member);
    }
  }
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  for (size_t size = 0; size < sizeof(tdx_info) - 1; size++) {
    char *cut = malloc(size == 0 ? 1 : size);
    assert_non_null(cut);
    memcpy(cut, tdx_info, size);
    assert_int_equal(tcb_status_of(qy_view_over(cut, size), NULL), QY_QVL_SGX_TCB_INFO_UNSUPPORTED_FORMAT);
    free(cut);
  }
  for (size_t size = 0; size < sizeof(identity) - 1; size++) {
    char *cut = malloc(size == 0 ? 1 : size);
    assert_non_null(cut);
    memcpy(cut, identity, size);
    assert_int_equal(identity_status_of(qy_view_over(cut, size), NULL), UNREADABLE);
    free(cut);
  }
}

/* Levels, modules and advisories beyond what is taken are refused, not left out. */
static void counts_are_bounded(void **state)
{
  (void)state;
  static const char level[] =
      "{\"tcb\":{\"isvsvn\":%u},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}";
  for (unsigned extra = 0; extra < 2; extra++) {
    QY_SCOPED_BUFFER(levels, 1 << 20);
    QY_SCOPED_BUFFER(changed, 1 << 20);
    for (unsigned i = 0; i < QY_IDENTITY_MAX_LEVELS - 2 + extra; i++) {
      qy_buffer_appendf(&levels, level, 100 + i); /* NOLINT(clang-diagnostic-format-nonliteral) */
      qy_buffer_append_text(&levels, ",");
    }
    qy_buffer_append_text(&levels, "{\"tcb\":{\"isvsvn\":6}");
    edit(&changed, identity, "{\"tcb\":{\"isvsvn\":6}", qy_buffer_text(&levels), 0);
    assert_int_equal(identity_status_of(qy_buffer_view(&changed), NULL), extra == 0 ? QY_QVL_OK : INVALID);
  }
  for (unsigned extra = 0; extra < 2; extra++) {
    QY_SCOPED_BUFFER(names, 1 << 20);
    QY_SCOPED_BUFFER(changed, 1 << 20);
    qy_buffer_append_text(&names, "[\"INTEL-SA-1\"");
    for (unsigned i = 0; i < QY_TCB_INFO_MAX_ADVISORIES - 3 + extra; i++) {
      qy_buffer_append_text(&names, ",\"A\"");
    }
    edit(&changed, tdx_info, "[\"INTEL-SA-1\"", qy_buffer_text(&names), 0);
    assert_int_equal(tcb_status_of(qy_buffer_view(&changed), NULL),
                     extra == 0 ? QY_QVL_OK : QY_QVL_SGX_TCB_INFO_INVALID);
  }
}

static void statuses_have_intels_numbers_and_names(void **state)
{
  (void)state;
  static const struct {
    qy_qvl_status status;
    int number;
    const char *name;
  } rows[] = {
      {QY_QVL_OK, 0, "STATUS_OK"},
      {QY_QVL_SGX_TCB_INFO_INVALID, 20, "STATUS_SGX_TCB_INFO_INVALID"},
      {QY_QVL_UNSUPPORTED_QUOTE_FORMAT, 37, "STATUS_UNSUPPORTED_QUOTE_FORMAT"},
      {QY_QVL_TCB_OUT_OF_DATE, 45, "STATUS_TCB_OUT_OF_DATE"},
      {QY_QVL_INVALID_QUOTE_SIGNATURE, 57, "STATUS_INVALID_QUOTE_SIGNATURE"},
      {QY_QVL_INVALID_PARAMETER, 77, "STATUS_INVALID_PARAMETER"},
      {QY_QVL_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, 88, "STATUS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    assert_int_equal(rows[i].status, rows[i].number);
    assert_string_equal(qy_qvl_status_name(rows[i].status), rows[i].name);
  }
  assert_string_equal(qy_qvl_status_name(QY_QVL_STATUS_COUNT), "STATUS_UNKNOWN");
  for (int status = 0; status <= QY_TCB_STATUS_COUNT; status++) {
    const char *name = qy_tcb_status_name((qy_tcb_status)status);
    assert_int_equal(qy_tcb_status_by_name(qy_view_text(name)),
                     status < QY_TCB_STATUS_COUNT ? status : QY_TCB_STATUS_UNKNOWN);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(tcb_info_is_strict),
                                     cmocka_unit_test(tcb_info_says_what_stands_there),
                                     cmocka_unit_test(white_space_is_seen),
                                     cmocka_unit_test(wide_svns_are_seen),
                                     cmocka_unit_test(version_2_has_numbered_components),
                                     cmocka_unit_test(identity_is_strict),
                                     cmocka_unit_test(identity_says_what_stands_there),
                                     cmocka_unit_test(missing_members_are_named),
                                     cmocka_unit_test(every_truncation_is_refused),
                                     cmocka_unit_test(counts_are_bounded),
                                     cmocka_unit_test(statuses_have_intels_numbers_and_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
