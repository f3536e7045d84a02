/* SPDX-License-Identifier: Apache-2.0 */
/* The attester on a real simulated machine: the sample enclave is a process that the CPU measured and confined, the
 * quoting enclave signs with a key that the endorser issued. Only the broker is a toy: it appraises nothing. */
#include "../unit/attester_broker.h"
#include "platform_world.h"

#include <string.h>

#include <attester/attest.h>
#include <crypto/hash.h>
#include <image/td_image.h>

typedef struct stage {
  world *machine;
  qy_platform *platform;
  qy_secret provider_key;
  qy_provider provider;
  toy_broker broker;
  qy_buffer image;     /* of the sample enclave, with the broker's key */
  qy_buffer stranger;  /* the same program, with another key */
  qy_buffer domain;    /* the sample trust domain, with the broker's key, */
  qy_buffer estranged; /* and with another */
  qy_attest_result result;
  qy_error why;
} stage;

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

static void make_image(qy_buffer *out, stage *s, const uint8_t provider_public[64])
{
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  must(qy_file_read(&program, QUOTARY_PROGRAMS "/quotary-enclave", &s->why), &s->why);
  const qy_image_request request = {.program = qy_buffer_view(&program),
                                    .section_count = 1,
                                    .sections = {{QY_SAMPLE_SECTION_PROVIDER_KEY, qy_view_over(provider_public, 64)}},
                                    .isv_prod_id = 9,
                                    .isv_svn = 2,
                                    .date_bcd = 0x20261123};
  qy_buffer_init(out, QY_IMAGE_MAX_SIZE);
  must(qy_image_build(out, &request, s->machine->signer, &s->why), &s->why);
}

static void make_domain(qy_buffer *out, stage *s, const uint8_t provider_public[64])
{
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  must(qy_file_read(&program, QUOTARY_PROGRAMS "/quotary-td", &s->why), &s->why);
  const qy_td_image_request request = {
      .program = qy_buffer_view(&program),
      .section_count = 1,
      .sections = {{QY_SAMPLE_SECTION_PROVIDER_KEY, qy_view_over(provider_public, 64)}}};
  qy_buffer_init(out, QY_IMAGE_MAX_SIZE);
  must(qy_td_image_build(out, &request, &s->why), &s->why);
}

static int setup(void **state)
{
  stage *s = calloc(1, sizeof(*s));
  qy_p256_public key;
  uint8_t measured[64];
  void *machine = NULL;
  assert_non_null(s);
  assert_int_equal(world_setup(&machine), 0);
  s->machine = machine;
  s->platform = world_open(s->machine);
  must(qy_p256_generate(&s->provider_key, &key, qy_random_system(), &s->why), &s->why);
  qy_p256_flip(measured, key.bytes);
  make_image(&s->image, s, measured);
  make_domain(&s->domain, s, measured);
  must(qy_p256_generate(&(qy_secret){0}, &key, qy_random_system(), &s->why), &s->why);
  qy_p256_flip(measured, key.bytes);
  make_image(&s->stranger, s, measured);
  make_domain(&s->estranged, s, measured);
  s->provider = (qy_provider){.private_key = &s->provider_key, .quote_type = QY_LINKABLE, .kdf_id = QY_KDF_ID_INTEL};
  memcpy(s->provider.spid, "a provider's id.", QY_SPID_SIZE);
  toy_broker_start(&s->broker, &s->provider);
  *state = s;
  return 0;
}

static int teardown(void **state)
{
  stage *s = *state;
  void *machine = s->machine;
  toy_broker_stop(&s->broker);
  qy_buffer_clear(&s->image);
  qy_buffer_clear(&s->stranger);
  qy_buffer_clear(&s->domain);
  qy_buffer_clear(&s->estranged);
  s->platform->functions->close(s->platform);
  (void)world_teardown(&machine);
  free(s);
  return 0;
}

static qy_status attest(stage *s, const qy_buffer *image)
{
  const qy_attest_config config = {.broker_url = qy_http_server_url(s->broker.server),
                                   .broker_ca_pem = qy_buffer_view(&s->broker.made.ca),
                                   .secret_name = "team/db",
                                   .image = qy_buffer_view(image),
                                   .platform = s->platform};
  qy_attest_result_init(&s->result);
  return qy_attest(&s->result, &config, NULL, &s->why);
}

static void assert_hmac(qy_enclave_handle *enclave)
{
  /* RFC 4231, case 2: the key is the broker's secret. */
  static const uint8_t expected[8] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e};
  uint8_t mac[QY_SAMPLE_HMAC_SIZE];
  assert_ok(qy_sample_call_hmac(enclave, mac, qy_view_text("what do ya want for nothing?"), NULL));
  assert_memory_equal(mac, expected, sizeof(expected));
}

static void secret_reaches_a_measured_enclave(void **state)
{
  stage *s = *state;
  uint8_t sha256[32], measured[32];
  qy_image image;
  must(attest(s, &s->image), &s->why);
  assert_int_equal(s->result.outcome.answer.verdict, QY_TRUSTED);
  assert_ok(qy_sha256(sha256, qy_view_text(s->broker.secret), NULL));
  assert_memory_equal(s->result.outcome.secret_sha256, sha256, sizeof(sha256));
  assert_null(qy_trace_failed(&s->result.machine_trace));
  assert_null(qy_trace_failed(&s->result.trace));
  /* What the quote says is what was launched. */
  const qy_report_body *quoted = &s->broker.evidence.epid.body.report;
  assert_ok(qy_image_decode(&image, qy_buffer_view(&s->image), NULL));
  assert_ok(qy_image_measure(measured, &image, NULL));
  assert_memory_equal(quoted->mr_enclave, measured, sizeof(measured));
  assert_memory_equal(s->result.enclave.mrenclave, measured, sizeof(measured));
  assert_int_equal(quoted->isv_prod_id, 9);
  assert_int_equal(quoted->isv_svn, 2);
  assert_int_equal(quoted->attributes.flags & QY_ATTRIBUTE_DEBUG, 0);
  assert_hmac(&s->result.enclave);
  qy_attest_result_clear(&s->result);
}

/* The same by the ECDSA quoting enclave, when that is what the broker takes. */
static void by_an_ecdsa_quote(void **state)
{
  stage *s = *state;
  static const qy_check_id made[] = {QY_CHECK_QE_REPORT_MAC, QY_CHECK_QE_IDENTITY, QY_CHECK_QE_REPORT_DATA};
  s->broker.kind = QY_EVIDENCE_SGX;
  s->broker.offered = 1u << QY_EVIDENCE_SGX | 1u << QY_EVIDENCE_TDX;
  must(attest(s, &s->image), &s->why);
  assert_int_equal(s->result.evidence, QY_EVIDENCE_SGX);
  assert_string_equal(s->broker.asked_about, "sgx");
  assert_int_equal(s->result.group_id, 0);
  assert_int_equal(s->result.outcome.answer.verdict, QY_TRUSTED);
  for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
    assert_int_equal(qy_trace_find(&s->result.trace, made[i])->outcome, QY_OUTCOME_HELD);
  }
  assert_hmac(&s->result.enclave);
  assert_memory_equal(s->broker.evidence.ecdsa.report.mr_enclave, s->result.enclave.mrenclave, QY_MEASUREMENT_SIZE);
  assert_int_equal(s->broker.evidence.ecdsa.header.version, 3);
  qy_attest_result_clear(&s->result);
  s->broker.kind = QY_EVIDENCE_EPID;
  s->broker.offered = 0;
}

/* The blob survives the enclave; another enclave of the same signer cannot open it. */
static void sealed_secret_outlives_the_enclave(void **state)
{
  stage *s = *state;
  QY_SCOPED_BUFFER(blob, 1u << 20);
  QY_SCOPED_BUFFER(name, 128);
  uint8_t sha256[32];
  qy_enclave_handle again, other;
  qy_trace *trace = calloc(1, sizeof(*trace));
  assert_non_null(trace);
  must(attest(s, &s->image), &s->why);
  must(qy_sample_call_seal(&s->result.enclave, &blob, &s->why), &s->why);
  qy_attest_result_clear(&s->result);

  must(s->platform->functions->launch(s->platform, &again, qy_buffer_view(&s->image), NULL, &s->why), &s->why);
  must(qy_sample_call_unseal(&again, sha256, &name, qy_buffer_view(&blob), trace, &s->why), &s->why);
  assert_string_equal(qy_buffer_text(&name), "team/db");
  assert_hmac(&again);
  qy_enclave_handle_close(&again);

  must(s->platform->functions->launch(s->platform, &other, qy_buffer_view(&s->stranger), NULL, &s->why), &s->why);
  assert_int_equal(qy_sample_call_unseal(&other, sha256, &name, qy_buffer_view(&blob), trace, &s->why), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(trace)->id, QY_CHECK_SEALED_BLOB_TAG);
  qy_enclave_handle_close(&other);
  free(trace);
}

/* P02: an image with another provider's key is another enclave, and does not listen to this broker. */
static void another_key_is_another_enclave(void **state)
{
  stage *s = *state;
  assert_int_equal(attest(s, &s->stranger), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&s->result.trace)->id, QY_CHECK_PROVIDER_SIGNATURE);
  qy_attest_result_clear(&s->result);
}

static void refusal_reaches_the_enclave(void **state)
{
  stage *s = *state;
  s->broker.secret = NULL;
  must(attest(s, &s->image), &s->why);
  assert_int_equal(s->result.outcome.answer.verdict, QY_REFUSED);
  uint8_t mac[QY_SAMPLE_HMAC_SIZE];
  assert_int_equal(qy_sample_call_hmac(&s->result.enclave, mac, qy_view_text("x"), NULL), QY_ERR_SEQUENCE);
  qy_attest_result_clear(&s->result);
}

/* A list that the endorser did not sign: the quoting enclave will not quote under it. */
static void forged_list(void **state)
{
  stage *s = *state;
  s->broker.list_entries = 2;
  s->broker.secret = "Jefe";
  assert_int_not_equal(attest(s, &s->image), QY_OK);
  assert_non_null(strstr(s->why.message, "quoting"));
  assert_int_equal(s->result.outcome.answer.verdict, QY_UNDECIDED);
  qy_attest_result_clear(&s->result);
}

/* Calls that make no sense are answered, and the enclave lives. */
static void nonsense_does_not_end_the_enclave(void **state)
{
  stage *s = *state;
  qy_enclave_handle enclave;
  static uint8_t noise[4096];
  must(s->platform->functions->launch(s->platform, &enclave, qy_buffer_view(&s->image), NULL, &s->why), &s->why);
  for (uint16_t operation = 0; operation < 12; operation++) {
    for (size_t size = 0; size <= sizeof(noise); size = size * 3 + 1) {
      QY_SCOPED_BUFFER(out, 1u << 20);
      memset(noise, operation * 17 + 1, size);
      const qy_status status =
          qy_enclave_handle_call(&enclave, operation, qy_view_over(noise, size), &out, NULL, &s->why);
      assert_true(status == QY_OK ? operation == QY_SAMPLE_BEGIN || operation == QY_SAMPLE_MSG1 : out.size == 0);
      assert_true(enclave.fd >= 0);
    }
  }
  must(qy_sample_call_begin(&enclave, qy_view_text("n"), NULL, &s->why), &s->why);
  qy_enclave_handle_close(&enclave);
}

/* ---- Trust domains ---- */

static qy_status attest_domain(stage *s, const qy_buffer *image)
{
  static const qy_evidence_kind kind = QY_EVIDENCE_TDX;
  const qy_attest_config config = {.broker_url = qy_http_server_url(s->broker.server),
                                   .broker_ca_pem = qy_buffer_view(&s->broker.made.ca),
                                   .secret_name = "team/db",
                                   .image = qy_buffer_view(image),
                                   .platform = s->platform,
                                   .evidence = &kind};
  s->broker.kind = kind;
  s->broker.secret = "Jefe";
  s->broker.list_entries = 0;
  qy_attest_result_init(&s->result);
  const qy_status status = qy_attest(&s->result, &config, NULL, &s->why);
  s->broker.kind = QY_EVIDENCE_EPID;
  return status;
}

static void secret_reaches_a_measured_trust_domain(void **state)
{
  stage *s = *state;
  uint8_t measured[QY_TD_HASH_SIZE], sha256[32];
  qy_td_image image;
  must(attest_domain(s, &s->domain), &s->why);
  assert_int_equal(s->result.outcome.answer.verdict, QY_TRUSTED);
  assert_ok(qy_sha256(sha256, qy_view_text(s->broker.secret), NULL));
  assert_memory_equal(s->result.outcome.secret_sha256, sha256, sizeof(sha256));
  assert_null(qy_trace_failed(&s->result.trace));
  assert_int_equal(qy_trace_find(&s->result.trace, QY_CHECK_OWN_QUOTE)->outcome, QY_OUTCOME_HELD);
  assert_ok(qy_td_image_decode(&image, qy_buffer_view(&s->domain), NULL));
  assert_ok(qy_td_image_measure(measured, &image, NULL));
  assert_int_equal(s->broker.evidence.ecdsa.header.tee, QY_TEE_TDX);
  assert_memory_equal(s->broker.evidence.ecdsa.td.mr_td, measured, sizeof(measured));
  assert_memory_equal(s->result.enclave.mr_td, measured, sizeof(measured));
  assert_hmac(&s->result.enclave);
  QY_SCOPED_BUFFER(blob, 1u << 16); /* a trust domain seals nothing */
  assert_int_equal(qy_sample_call_seal(&s->result.enclave, &blob, NULL), QY_ERR_UNSUPPORTED);
  qy_attest_result_clear(&s->result);
}

/* P02 again: MRTD covers whom a trust domain listens to. */
static void another_key_is_another_trust_domain(void **state)
{
  stage *s = *state;
  assert_int_equal(attest_domain(s, &s->estranged), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&s->result.trace)->id, QY_CHECK_PROVIDER_SIGNATURE);
  qy_attest_result_clear(&s->result);
}

/* Evidence of the one kind cannot be had of an image of the other. */
static void evidence_follows_the_image(void **state)
{
  stage *s = *state;
  assert_int_equal(attest_domain(s, &s->image), QY_ERR_UNSUPPORTED);
  assert_non_null(strstr(s->why.message, "enclave"));
  qy_attest_result_clear(&s->result);
  assert_int_equal(attest(s, &s->domain), QY_ERR_UNSUPPORTED); /* the broker takes EPID alone */
  assert_non_null(strstr(s->why.message, "trust domain"));
  qy_attest_result_clear(&s->result);
}

/* A quote of another session comes too early, whatever it says. */
static void quotes_have_their_place(void **state)
{
  stage *s = *state;
  qy_enclave_handle domain;
  uint8_t msg1[QY_MSG1_SIZE], head[QY_MSG3_HEAD_SIZE];
  qy_trace trace = {0};
  QY_SCOPED_BUFFER(quote, 1u << 16);
  must(attest_domain(s, &s->domain), &s->why);
  qy_buffer_append(&quote, s->result.messages[QY_ATTEST_QUOTE].bytes, s->result.messages[QY_ATTEST_QUOTE].size);
  qy_attest_result_clear(&s->result);
  must(s->platform->functions->launch_td(s->platform, &domain, qy_buffer_view(&s->domain), NULL, &s->why), &s->why);
  must(qy_sample_call_begin(&domain, qy_view_text("team/db"), NULL, &s->why), &s->why);
  must(qy_sample_call_msg1(&domain, msg1, 0, NULL, &s->why), &s->why);
  /* Before msg2 it takes none at all. */
  assert_int_equal(qy_sample_call_msg3_td(&domain, head, qy_buffer_view(&quote), &trace, &s->why), QY_ERR_SEQUENCE);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_EXCHANGE_STATE);
  qy_enclave_handle_close(&domain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secret_reaches_a_measured_enclave),
      cmocka_unit_test(by_an_ecdsa_quote),
      cmocka_unit_test(sealed_secret_outlives_the_enclave),
      cmocka_unit_test(another_key_is_another_enclave),
      cmocka_unit_test(refusal_reaches_the_enclave),
      cmocka_unit_test(forged_list),
      cmocka_unit_test(nonsense_does_not_end_the_enclave),
      cmocka_unit_test(secret_reaches_a_measured_trust_domain),
      cmocka_unit_test(another_key_is_another_trust_domain),
      cmocka_unit_test(evidence_follows_the_image),
      cmocka_unit_test(quotes_have_their_place),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
