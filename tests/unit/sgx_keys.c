/* SPDX-License-Identifier: Apache-2.0 */
/* EGETKEY and EREPORT against every case of Intel's simulator. */
#include "sgx_support.h"

#include <sgx/keys.h>

/* The published constants of Intel's simulation mode; nothing is secret about them. */
static void intel_simulator(qy_fuses *fuses)
{
  static const char *const levels[] = {"64ea4f3fa0030c36383c322d4f3a8d4f", "4820f3376ae6b2f2034d3b7a4b48a778",
                                       "5339ae8c93ae8f3ce432db924d0f0733"};
  static const struct {
    qy_key_name name;
    const char *hex;
  } keys[] = {{QY_KEY_SEAL, "00112233445566778899aabbccddeeff"},
              {QY_KEY_REPORT, "ff00ff00ff00ff00ff00ff00ff00ff00"},
              {QY_KEY_EINITTOKEN, "aa55aa55aa55aa55aa55aa55aa55aa55"},
              {QY_KEY_PROVISION, "bbaabbeeff0000ddbbaabbeeff0000dd"},
              {QY_KEY_PROVISION_SEAL, "50524f564953494f4e5345414c4b4559"}};
  memset(fuses, 0, sizeof(*fuses));
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 16);
    hex_bytes(&bytes, keys[i].hex);
    qy_secret_set(&fuses->base_keys[keys[i].name], bytes.bytes, bytes.size);
  }
  memcpy(fuses->owner_epoch, "THISISOWNEREPOCH", 16);
  memcpy(fuses->report_key_id, fuses->base_keys[QY_KEY_REPORT].bytes, 16);
  fuses->cpu_svn_count = 3;
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_BUFFER(bytes, 16);
    hex_bytes(&bytes, levels[i]);
    memcpy(fuses->cpu_svns[i], bytes.bytes, 16);
  }
  memcpy(fuses->zero_cpu_svn, fuses->cpu_svns[1], 16);
}

static qy_key_outcome expected_outcome(const char *status)
{
  static const struct {
    const char *status;
    qy_key_outcome outcome;
  } rows[] = {{"SGX_SUCCESS", QY_KEY_GRANTED},
              {"SGX_ERROR_INVALID_PARAMETER", QY_KEY_FAULT},
              {"SGX_ERROR_INVALID_ATTRIBUTE", QY_KEY_INVALID_ATTRIBUTE},
              {"SGX_ERROR_INVALID_CPUSVN", QY_KEY_INVALID_CPUSVN},
              {"SGX_ERROR_INVALID_ISVSVN", QY_KEY_INVALID_ISVSVN},
              {"SGX_ERROR_INVALID_KEYNAME", QY_KEY_INVALID_KEYNAME}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (strcmp(rows[i].status, status) == 0) {
      return rows[i].outcome;
    }
  }
  fail_msg("unknown status %s", status);
  return QY_KEY_FAULT;
}

static void key_case(const qy_fuses *fuses, const json_t *one)
{
  uint8_t current[16];
  uint8_t bytes[QY_KEY_REQUEST_SIZE];
  uint8_t key[16];
  qy_secs secs;
  qy_key_request request;
  qy_error why = {0};
  QY_SCOPED_SECRET(derived);
  const char *status = json_string_value(json_object_get(one, "status"));
  member_bytes(current, sizeof(current), one, "cpusvn_current");
  member_bytes(bytes, sizeof(bytes), one, "key_request");
  read_secs(&secs, json_object_get(one, "secs"));
  assert_ok(qy_key_request_decode(&request, QY_VIEW_OF(bytes), &assert_why));
  const qy_key_outcome outcome = expected_outcome(status);
  assert_int_equal(qy_sgx_key_judge(fuses, current, &secs, &request), outcome);
  const qy_status got = qy_sgx_key_derive(&derived, fuses, current, &secs, &request, &why);
  if (outcome != QY_KEY_GRANTED) {
    assert_int_equal(got, QY_ERR_DENIED);
    assert_non_null(strstr(why.message, qy_key_outcome_name(outcome)));
    assert_int_equal(derived.size, 0);
    return;
  }
  assert_int_equal(got, QY_OK);
  member_bytes(key, sizeof(key), one, "key");
  assert_int_equal(derived.size, sizeof(key));
  assert_memory_equal(derived.bytes, key, sizeof(key));
}

static void keys_are_those_of_the_simulator(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_FUSES(fuses);
  intel_simulator(&fuses);
  json_t *cases = vectors_json("sgx/sim-egetkey.json");
  size_t index = 0;
  json_t *one = NULL;
  assert_int_equal(json_array_size(cases), 52);
  json_array_foreach(cases, index, one)
  {
    key_case(&fuses, one);
  }
  json_decref(cases);
}

static qy_status verify_as(qy_trace *trace, const qy_fuses *fuses, const uint8_t current[16], const qy_secs *target,
                           const qy_report *report)
{
  QY_SCOPED_SECRET(key);
  qy_key_request request;
  qy_key_request_for_report(&request, report);
  assert_ok(qy_sgx_key_derive(&key, fuses, current, target, &request, &assert_why));
  return qy_report_verify_mac(trace, report, &key, NULL);
}

/* Each report as the simulator made it, by its target; then the two ways in which the simulator saw it fail. */
static void report_case(const qy_fuses *fuses, const json_t *one)
{
  uint8_t current[16], target_bytes[QY_TARGET_INFO_SIZE], report_data[64], bytes[QY_REPORT_SIZE], made[QY_REPORT_SIZE];
  qy_secs secs, target_secs;
  qy_target_info target;
  qy_report report;
  qy_trace trace = {0};
  QY_SCOPED_SECRET(key);
  member_bytes(current, sizeof(current), one, "cpusvn_current");
  member_bytes(target_bytes, sizeof(target_bytes), one, "target_info");
  member_bytes(report_data, sizeof(report_data), one, "report_data");
  member_bytes(bytes, sizeof(bytes), one, "report");
  read_secs(&secs, json_object_get(one, "secs"));
  read_secs(&target_secs, json_object_get(one, "target_secs"));
  assert_ok(qy_target_info_decode(&target, QY_VIEW_OF(target_bytes), &assert_why));
  assert_ok(qy_sgx_report_make(&report, fuses, current, &secs, &target, report_data, &assert_why));
  qy_report_encode(made, &report);
  assert_memory_equal(made, bytes, sizeof(made));

  qy_key_request request;
  uint8_t expected_key[16];
  qy_key_request_for_report(&request, &report);
  assert_ok(qy_sgx_key_derive(&key, fuses, current, &target_secs, &request, &assert_why));
  member_bytes(expected_key, sizeof(expected_key), one, "target_report_key");
  assert_memory_equal(key.bytes, expected_key, sizeof(expected_key));

  assert_int_equal(verify_as(&trace, fuses, current, &target_secs, &report), QY_OK);
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_REPORT_MAC)->outcome, QY_OUTCOME_HELD);
  report.body.report_data[0] ^= 1;
  assert_int_equal(verify_as(&trace, fuses, current, &target_secs, &report), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_REPORT_MAC);
  report.body.report_data[0] ^= 1;
  target_secs.mr_enclave[0] ^= 1;
  memset(&trace, 0, sizeof(trace));
  assert_int_equal(verify_as(&trace, fuses, current, &target_secs, &report), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_REPORT_MAC);
}

static void reports_are_those_of_the_simulator(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_FUSES(fuses);
  intel_simulator(&fuses);
  json_t *cases = vectors_json("sgx/sim-ereport.json");
  size_t index = 0;
  json_t *one = NULL;
  assert_int_equal(json_array_size(cases), 24);
  json_array_foreach(cases, index, one)
  {
    report_case(&fuses, one);
  }
  json_decref(cases);
}

/* The simulated quoting enclave's report key, worked out by hand from Intel's simulator. */
static void report_key_of_the_simulated_quoting_enclave(void **state)
{
  (void)state;
  static const uint8_t expected[16] = {0x7b, 0x95, 0x50, 0xcd, 0xb1, 0x52, 0x01, 0x78,
                                       0x72, 0x24, 0xac, 0x18, 0x08, 0x35, 0x82, 0x72};
  QY_SCOPED_FUSES(fuses);
  QY_SCOPED_SECRET(key);
  qy_secs secs = {.attributes = {1, 3}};
  qy_key_request request = {.key_name = QY_KEY_REPORT};
  intel_simulator(&fuses);
  memset(secs.mr_enclave, 0xee, sizeof(secs.mr_enclave));
  memcpy(request.key_id, fuses.report_key_id, sizeof(request.key_id));
  assert_ok(qy_sgx_key_derive(&key, &fuses, fuses.cpu_svns[1], &secs, &request, &assert_why));
  assert_memory_equal(key.bytes, expected, sizeof(expected));
}

static void an_enclave(qy_secs *secs)
{
  memset(secs, 0, sizeof(*secs));
  fill_random(secs->mr_enclave, sizeof(secs->mr_enclave), 11);
  fill_random(secs->mr_signer, sizeof(secs->mr_signer), 12);
  secs->attributes = (qy_attributes){QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY};
  secs->isv_svn = 7;
  secs->isv_prod_id = 3;
}

/* A forged MAC, a report for another target, one whose key_id was swapped, and one of another processor. */
static void forged_reports_are_refused(void **state)
{
  (void)state;
  QY_SCOPED_FUSES(fuses);
  QY_SCOPED_FUSES(other);
  qy_secs reporter, target_secs, bystander;
  qy_target_info target;
  qy_report report;
  const uint8_t report_data[64] = {1, 2, 3};
  intel_simulator(&fuses);
  intel_simulator(&other);
  other.base_keys[QY_KEY_REPORT].bytes[0] ^= 1;
  an_enclave(&reporter);
  an_enclave(&target_secs);
  target_secs.mr_enclave[5] ^= 0x40;
  bystander = target_secs;
  bystander.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  qy_target_info_of(&target, &target_secs);
  assert_ok(qy_sgx_report_make(&report, &fuses, fuses.cpu_svns[1], &reporter, &target, report_data, &assert_why));
  assert_int_equal(verify_as(NULL, &fuses, fuses.cpu_svns[1], &target_secs, &report), QY_OK);

  for (size_t bit = 0; bit < 128; bit++) {
    qy_trace trace = {0};
    qy_report forged = report;
    forged.mac[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_int_equal(verify_as(&trace, &fuses, fuses.cpu_svns[1], &target_secs, &forged), QY_ERR_REFUSED);
    assert_int_equal(refused_by(&trace), QY_CHECK_REPORT_MAC);
  }
  qy_report swapped = report;
  swapped.key_id[0] ^= 1;
  assert_int_equal(verify_as(NULL, &fuses, fuses.cpu_svns[1], &target_secs, &swapped), QY_ERR_REFUSED);
  assert_int_equal(verify_as(NULL, &fuses, fuses.cpu_svns[1], &bystander, &report), QY_ERR_REFUSED);
  assert_int_equal(verify_as(NULL, &fuses, fuses.cpu_svns[2], &target_secs, &report), QY_ERR_REFUSED);
  assert_int_equal(verify_as(NULL, &other, fuses.cpu_svns[1], &target_secs, &report), QY_ERR_REFUSED);
  target.reserved3[383] = 1;
  assert_int_equal(qy_sgx_report_make(&report, &fuses, fuses.cpu_svns[1], &reporter, &target, report_data, NULL),
                   QY_ERR_MALFORMED);
}

static void levels_are_ordered_by_the_fuses(void **state)
{
  (void)state;
  QY_SCOPED_FUSES(fuses);
  qy_secs secs;
  intel_simulator(&fuses);
  an_enclave(&secs);
  for (size_t now = 0; now < 3; now++) {
    qy_key_request request = {.key_name = QY_KEY_SEAL, .key_policy = QY_KEY_POLICY_MRSIGNER};
    memcpy(fuses.zero_cpu_svn, fuses.cpu_svns[1], 16); /* all zero means the middle one */
    assert_int_equal(qy_sgx_key_judge(&fuses, fuses.cpu_svns[now], &secs, &request),
                     now >= 1 ? QY_KEY_GRANTED : QY_KEY_INVALID_CPUSVN);
    memset(fuses.zero_cpu_svn, 0, 16); /* or older than all */
    assert_int_equal(qy_sgx_key_judge(&fuses, fuses.cpu_svns[now], &secs, &request), QY_KEY_GRANTED);
    for (size_t asked = 0; asked < 3; asked++) {
      memcpy(request.cpu_svn, fuses.cpu_svns[asked], 16);
      assert_int_equal(qy_sgx_key_judge(&fuses, fuses.cpu_svns[now], &secs, &request),
                       asked <= now ? QY_KEY_GRANTED : QY_KEY_INVALID_CPUSVN);
    }
  }
  const uint8_t unknown[16] = {9};
  qy_key_request request = {.key_name = QY_KEY_SEAL};
  memcpy(request.cpu_svn, fuses.cpu_svns[0], 16);
  assert_int_equal(qy_sgx_key_judge(&fuses, unknown, &secs, &request), QY_KEY_INVALID_CPUSVN);
}

/* The isolation that sealing promises: which change of the enclave changes its key. */
static void seal_keys_follow_the_policy(void **state)
{
  (void)state;
  QY_SCOPED_FUSES(fuses);
  qy_secs secs, other;
  qy_report report = {0};
  qy_key_request request;
  QY_SCOPED_SECRET(key);
  QY_SCOPED_SECRET(again);
  test_random random_state = {99};
  const qy_random random = test_random_source(&random_state);
  intel_simulator(&fuses);
  an_enclave(&secs);
  memcpy(report.body.cpu_svn, fuses.cpu_svns[1], 16);
  report.body.attributes = secs.attributes;
  report.body.isv_svn = secs.isv_svn;
  assert_ok(qy_key_request_for_sealing(&request, &report.body, &random, &assert_why));
  assert_int_equal(request.key_policy, QY_KEY_POLICY_MRSIGNER);
  assert_false(qy_view_is_zero(QY_VIEW_OF(request.key_id)));
  assert_ok(qy_sgx_key_derive(&key, &fuses, fuses.cpu_svns[1], &secs, &request, &assert_why));
  other = secs;
  other.mr_enclave[0] ^= 1; /* another build of the same signer opens it */
  other.isv_svn++;
  assert_ok(qy_sgx_key_derive(&again, &fuses, fuses.cpu_svns[2], &other, &request, &assert_why));
  assert_memory_equal(key.bytes, again.bytes, 16);
  other.attributes.flags |= QY_ATTRIBUTE_DEBUG; /* a debug one does not, whatever the mask */
  request.attribute_mask.flags = 0;
  assert_ok(qy_sgx_key_derive(&key, &fuses, fuses.cpu_svns[1], &secs, &request, &assert_why));
  assert_ok(qy_sgx_key_derive(&again, &fuses, fuses.cpu_svns[1], &other, &request, &assert_why));
  assert_memory_not_equal(key.bytes, again.bytes, 16);
  other = secs;
  other.mr_signer[0] ^= 1;
  assert_ok(qy_sgx_key_derive(&again, &fuses, fuses.cpu_svns[1], &other, &request, &assert_why));
  assert_memory_not_equal(key.bytes, again.bytes, 16);
  other = secs;
  other.isv_svn--; /* an older build must not */
  assert_int_equal(qy_sgx_key_derive(&again, &fuses, fuses.cpu_svns[1], &other, &request, NULL), QY_ERR_DENIED);
  report.body.attributes.flags |= QY_ATTRIBUTE_KSS;
  assert_ok(qy_key_request_for_sealing(&request, &report.body, &random, &assert_why));
  assert_int_equal(request.key_policy, QY_KEY_POLICY_MRSIGNER | QY_KEY_POLICY_CONFIGID | QY_KEY_POLICY_ISVFAMILYID |
                                           QY_KEY_POLICY_ISVEXTPRODID);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_are_those_of_the_simulator),
      cmocka_unit_test(reports_are_those_of_the_simulator),
      cmocka_unit_test(report_key_of_the_simulated_quoting_enclave),
      cmocka_unit_test(forged_reports_are_refused),
      cmocka_unit_test(levels_are_ordered_by_the_fuses),
      cmocka_unit_test(seal_keys_follow_the_policy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
