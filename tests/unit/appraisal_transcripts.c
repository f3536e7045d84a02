/* SPDX-License-Identifier: Apache-2.0 */
/* The verdicts of another provider: the quotes that Intel's sample provider received and what it answered to the status
 * of its report service, against ours under a policy as strict as its own. And a report that another project's tool
 * accepts. */
#include "appraisal_scene.h"

#include <stdio.h>
#include <string.h>

#include <crypto/x509.h>

/* First word of the sample's msg4. */
typedef enum answer { NOT_TRUSTED, NOT_TRUSTED_COMPLICATED, TRUSTED_COMPLICATED, TRUSTED } answer;

static const char *text_of(const json_t *object, const char *name)
{
  return json_string_value(json_object_get(object, name));
}

/* The report as the service would have made it. */
static void set_report(scene *it, const json_t *one, char *status, size_t status_size)
{
  QY_SCOPED_BUFFER(msg3, 8192);
  vectors_hex(&msg3, one, "msg3");
  assert_ok(qy_quote_body_decode(&it->report.quote, qy_view_over(msg3.bytes + 336, QY_QUOTE_BODY_SIZE), NULL));
  (void)snprintf(status, status_size, "\"%s\"", text_of(one, "ias_status"));
  it->report.status = status;
  it->report.with_pseudonym = it->report.quote.sign_type == QY_LINKABLE;
  it->report.with_platform_info = json_object_get(one, "pib_hex_in_report") != NULL;
  if (it->report.with_platform_info) {
    it->report.extra = "\"advisoryURL\":\"https://a.example\",\"advisoryIDs\":[\"INTEL-SA-00334\"],";
  }
  memcpy(it->maker->spid, it->report.quote.basename, QY_SPID_SIZE);
}

/* The sample takes CONFIGURATION_NEEDED unless told to be strict. */
static void set_policy(scene *it, const char *name)
{
  const qy_report_body *enclave = &it->report.quote.report;
  qy_policy *policy = &it->policy;
  memcpy(policy->mr_signer, enclave->mr_signer, QY_MEASUREMENT_SIZE);
  policy->isv_prod_id = enclave->isv_prod_id;
  policy->isv_svn_min = enclave->isv_svn;
  policy->allow_debug = true;
  if (strcmp(name, "config-needed") == 0) {
    policy->statuses |= 1u << QY_AVR_CONFIGURATION_NEEDED;
    policy->waived_count = 1;
    (void)snprintf(policy->waived[0], sizeof(policy->waived[0]), "INTEL-SA-00334");
  }
  if (strcmp(name, "bad-mrsigner") == 0) {
    policy->mr_signer[0] ^= 1;
  }
}

static void judge(scene *it, const json_t *one)
{
  char status[64];
  QY_SCOPED_BUFFER(msg4, 256);
  vectors_hex(&msg4, one, "msg4");
  set_report(it, one, status, sizeof(status));
  set_policy(it, text_of(one, "name"));
  const qy_verdict *verdict = appraise(it);
  print_message("%s: %s\n", text_of(one, "name"), qy_trust_name(verdict->trust));
  switch ((answer)msg4.bytes[0]) {
  case TRUSTED:
  case TRUSTED_COMPLICATED:
    expect_report_trusted(verdict);
    break;
  case NOT_TRUSTED_COMPLICATED:
    expect_refused(verdict, QY_CHECK_AVR_STATUS);
    break;
  case NOT_TRUSTED:
  default:
    expect_refused(verdict,
                   strcmp(text_of(one, "ias_status"), "OK") == 0 ? QY_CHECK_ENCLAVE_SIGNER : QY_CHECK_AVR_STATUS);
    break;
  }
  assert_string_equal(verdict->status, text_of(one, "ias_status"));
}

static void statuses_of_the_sample_provider(void **state)
{
  scene *it = *state;
  vectors_need();
  json_t *file = vectors_json("ra/ra-sample-transcripts.json");
  size_t index = 0;
  unsigned judged = 0;
  unsigned ended_before = 0;
  json_t *one = NULL;
  json_array_foreach(json_object_get(file, "vectors"), index, one)
  {
    if (json_object_get(one, "msg4") == NULL) {
      ended_before++;
      continue;
    }
    (void)reset_scene(state);
    judge(it, one);
    judged++;
  }
  assert_int_equal(judged, 9);
  assert_int_equal(ended_before, 4);
  json_decref(file);
}

/* ---- A report under a root of Gramine's tests ---- */

typedef struct triple {
  qy_buffer body, signature, chain, key;
} triple;

static void read_triple(triple *out)
{
  const struct {
    qy_buffer *part;
    const char *name;
  } rows[] = {{&out->body, "ra/gramine/rep.json"},
              {&out->signature, "ra/gramine/rep.sig"},
              {&out->chain, "ra/gramine/rep.crt"},
              {&out->key, "ra/gramine/iaspub.pem"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    qy_buffer_init(rows[i].part, 1u << 20);
    vectors_read(rows[i].part, rows[i].name);
  }
}

static void drop_triple(triple *old)
{
  qy_buffer_clear(&old->body);
  qy_buffer_clear(&old->signature);
  qy_buffer_clear(&old->chain);
  qy_buffer_clear(&old->key);
}

/* Names the chain's CA as a simulated root, and the leaf's key must be the one that Gramine is given. */
static void policy_for(qy_policy *policy, const triple *it)
{
  QY_SCOPED_CHAIN(chain);
  qy_rsa_public leaf_key, told_key;
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&it->chain), NULL));
  assert_int_equal(chain.count, 2);
  assert_ok(qy_certificate_rsa_key(&leaf_key, chain.certificates[0], NULL));
  assert_ok(qy_rsa_public_from_pem(&told_key, qy_buffer_view(&it->key), NULL));
  assert_int_equal(leaf_key.size, told_key.size);
  assert_memory_equal(leaf_key.modulus, told_key.modulus, told_key.size);
  qy_policy_built_in(policy);
  policy->simulated_root_count = 1;
  qy_certificate_fingerprint(policy->simulated_roots[0].fingerprint, chain.certificates[1]);
}

static void a_report_that_gramine_accepts(void **state)
{
  (void)state;
  vectors_need();
  __attribute__((cleanup(drop_triple))) triple it;
  qy_policy policy;
  qy_avr report;
  read_triple(&it);
  policy_for(&policy, &it);
  assert_ok(qy_avr_decode(&report, qy_buffer_view(&it.body), NULL));
  qy_avr_evidence evidence = {.body = qy_buffer_view(&it.body),
                              .signature = qy_buffer_view(&it.signature),
                              .chain = qy_buffer_view(&it.chain),
                              .nonce = qy_view_text(MAKER_NONCE)};
  qy_verdict *verdict = malloc(sizeof(*verdict));
  assert_non_null(verdict);
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report.time_s, NULL));
  assert_true(verdict->authentic);
  assert_true(verdict->simulated);
  assert_string_equal(verdict->status, "OK");
  assert_int_equal(qy_trace_find(&verdict->trace, QY_CHECK_AVR_NONCE)->outcome, QY_OUTCOME_HELD);
  policy.simulated_root_count = 0; /* Intel's names in the certificates are not Intel */
  assert_ok(qy_avr_appraise(verdict, &evidence, &policy, report.time_s, NULL));
  expect_refused(verdict, QY_CHECK_AVR_ROOT);
  assert_false(verdict->authentic);
  free(verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(statuses_of_the_sample_provider),
      cmocka_unit_test(a_report_that_gramine_accepts),
  };
  return cmocka_run_group_tests_name("appraisal: verdicts of others", tests, open_scene, close_scene);
}
