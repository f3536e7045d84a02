/* SPDX-License-Identifier: Apache-2.0 */
/* Our quoting enclave beside Intel's: given the same report, key, list and provider, on a processor with the fuses of
 * Intel's simulator, it comes to the same quote body, the same pseudonym and the same refusals; and both quotes are
 * opened and verified by the same steps. */
#include "architectural_double.h"

#include <string.h>

#include <base/encoding.h>
#include <crypto/hash.h>
#include <sgx/endorsements.h>
#include <sgx/quote_seal.h>

static world_machine machine;
static uint8_t section[QY_XEGB_SIZE];
static double_enclave qe;
static json_t *file;
static qy_rsa_private *wrap;
static qy_epid_group_key group;

/* The simulation mode of the Intel SGX SDK: its fuses and its quoting enclave. */
static void burn_intels_simulator(void)
{
  static const char *const base_keys[QY_KEY_NAME_COUNT] = {[QY_KEY_EINITTOKEN] = "aa55aa55aa55aa55aa55aa55aa55aa55",
                                                           [QY_KEY_PROVISION] = "bbaabbeeff0000ddbbaabbeeff0000dd",
                                                           [QY_KEY_PROVISION_SEAL] = "50524f564953494f4e5345414c4b4559",
                                                           [QY_KEY_REPORT] = "ff00ff00ff00ff00ff00ff00ff00ff00",
                                                           [QY_KEY_SEAL] = "00112233445566778899aabbccddeeff"};
  QY_SCOPED_BUFFER(cpu_svn, 16);
  hex_bytes(&cpu_svn, "4820f3376ae6b2f2034d3b7a4b48a778");
  memset(&machine, 0, sizeof(machine));
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    assert_ok(qy_hex_decode(machine.fuses.base_keys[i].bytes, 16, qy_view_text(base_keys[i]), "key", NULL));
    machine.fuses.base_keys[i].size = 16;
  }
  memcpy(machine.fuses.owner_epoch, "THISISOWNEREPOCH", 16);
  memcpy(machine.fuses.report_key_id, machine.fuses.base_keys[QY_KEY_REPORT].bytes, 16);
  machine.fuses.cpu_svn_count = 1;
  memcpy(machine.fuses.cpu_svns[0], cpu_svn.bytes, 16);
  memcpy(machine.cpu_svn, cpu_svn.bytes, 16);
  machine.qe = (qy_secs){.attributes = {QY_ATTRIBUTE_INIT, QY_XFRM_LEGACY}, .isv_prod_id = 1, .isv_svn = 0xef};
  memset(machine.qe.mr_enclave, 0xee, sizeof(machine.qe.mr_enclave));
}

static int setup(void **state)
{
  (void)state;
  if (vectors_folder() == NULL) {
    return 0;
  }
  QY_SCOPED_BUFFER(der, 4096);
  QY_SCOPED_BUFFER(group_file, 4096);
  QY_SCOPED_BUFFER(signing_key, 64);
  qy_xegb xegb = {0};
  file = vectors_json("ra/epid-quotes.json");
  vectors_hex(&der, file, "quote_wrap_rsa_private_pkcs1_der");
  assert_ok(qy_rsa_private_from_der(&wrap, qy_buffer_view(&der), NULL));
  qy_rsa_public_of(&xegb.quote_wrap_key, wrap);
  vectors_hex(&signing_key, file, "sigrl_pub_le");
  qy_p256_flip(xegb.epid_signing_key.bytes, signing_key.bytes);
  assert_ok(qy_xegb_encode(section, &xegb, NULL));
  vectors_hex(&group_file, json_object_get(file, "group"), "pubkey_file");
  assert_ok(qy_epid_group_key_decode(&group, (qy_view){group_file.bytes + 4, QY_EPID_GROUP_KEY_SIZE}, NULL));
  burn_intels_simulator();
  qe = (double_enclave){&machine, &machine.qe, QY_VIEW_OF(section), qy_qe_handle, NULL};
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  qy_rsa_private_free(&wrap);
  json_decref(file);
  return 0;
}

/* What the provisioning enclave would have left behind for a member of Intel's example group. */
static qy_status seal_member(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                             qy_error *why)
{
  qy_epid_member_key key;
  uint8_t secret[QY_EPID_BLOB_SECRET_SIZE], clear[QY_EPID_BLOB_CLEAR_SIZE];
  qy_epid_blob_facts facts = {.group = group, .quote_wrap_key.size = 256};
  (void)context;
  (void)operation;
  (void)trace;
  QY_TRY(qy_epid_member_key_decode(&key, in, why));
  QY_TRY(qy_epid_blob_secret_encode(secret, &key, &group, why));
  QY_TRY(qy_epid_blob_facts_encode(clear, &facts, why));
  return qy_enclave_seal(out, QY_KEY_POLICY_MRSIGNER, QY_VIEW_OF(clear), QY_VIEW_OF(secret), why);
}

static void member_blob(qy_buffer *out, const json_t *vector)
{
  QY_SCOPED_BUFFER(key, 256);
  double_enclave sealer = qe;
  sealer.handler = seal_member;
  vectors_hex(&key, json_object_get(json_object_get(file, "group"), "members"),
              json_string_value(json_object_get(vector, "member")));
  assert_ok(double_call(&sealer, 0, qy_buffer_view(&key), out, NULL, NULL));
  assert_int_equal(out->size, QY_EPID_BLOB_SIZE);
}

/* Opens a quote and judges its signature; the plain signature into `plain`. */
static qy_epid_result open_and_verify(qy_buffer *plain, const qy_buffer *bytes, qy_view sigrl, qy_view privrl)
{
  qy_quote quote;
  qy_sigrl list;
  qy_epid_privrl keys;
  qy_epid_verifier *verifier = NULL;
  qy_epid_result result;
  assert_ok(qy_quote_decode(&quote, qy_buffer_view(bytes), NULL));
  assert_ok(qy_quote_open_signature(plain, NULL, &quote, wrap, NULL));
  const qy_view basename = QY_VIEW_OF(quote.body.basename);
  assert_ok(qy_epid_verifier_new(&verifier, &group, NULL, NULL));
  assert_ok(qy_epid_verifier_set_basename(verifier, &basename, NULL));
  if (sigrl.size > 0) {
    assert_ok(qy_sigrl_decode(&list, sigrl, NULL));
    const qy_epid_sigrl entries = {
        .gid = group.gid, .version = list.version, .count = list.count, .entries = list.entries};
    assert_ok(qy_epid_verifier_set_sigrl(verifier, &entries, NULL, NULL));
  }
  assert_ok(qy_epid_privrl_read(&keys, privrl, NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_set_privrl(verifier, &keys, NULL, NULL));
  assert_ok(qy_epid_verify(&result, verifier, qy_buffer_view(plain), quote.signed_part, NULL, NULL));
  qy_epid_verifier_free(&verifier);
  return result;
}

/* Where Intel's made a quote. */
static void compare_quotes(const json_t *vector, const qy_buffer *ours, qy_view sigrl, qy_view privrl)
{
  QY_SCOPED_BUFFER(intels, 1u << 16);
  QY_SCOPED_BUFFER(our_plain, 1u << 16);
  QY_SCOPED_BUFFER(intels_plain, 1u << 16);
  QY_SCOPED_BUFFER(told_plain, 1u << 16);
  QY_SCOPED_BUFFER(nonce, 16);
  QY_SCOPED_BUFFER(qe_report, 432);
  uint8_t expected[64];
  qy_report report;
  vectors_hex(&intels, vector, "quote");
  vectors_hex(&told_plain, vector, "epid_signature_plain");
  vectors_hex(&nonce, vector, "nonce");
  vectors_hex(&qe_report, vector, "qe_report");
  assert_int_equal(ours->size, intels.size);
  assert_memory_equal(ours->bytes, intels.bytes, 436); /* body and signature length */
  const qy_epid_result by_intel = open_and_verify(&intels_plain, &intels, sigrl, privrl);
  const qy_epid_result by_us = open_and_verify(&our_plain, ours, sigrl, privrl);
  const int told = (int)json_integer_value(json_object_get(vector, "epid_sdk_verifysig_rc"));
  assert_int_equal(by_intel, told == 0 ? QY_EPID_VALID : QY_EPID_REVOKED_KEY);
  assert_int_equal(by_us, by_intel);
  assert_int_equal(intels_plain.size, told_plain.size);
  assert_memory_equal(intels_plain.bytes, told_plain.bytes, told_plain.size);
  assert_memory_equal(our_plain.bytes, intels_plain.bytes, 128);           /* B, K */
  assert_memory_equal(our_plain.bytes + 352, intels_plain.bytes + 352, 8); /* list version, proof count */
  /* Its report vouches for its quote as ours would. */
  assert_ok(qy_report_decode(&report, qy_buffer_view(&qe_report), NULL));
  assert_ok(qy_quote_qe_report_data(expected, nonce.bytes, qy_buffer_view(&intels), NULL));
  assert_memory_equal(report.body.report_data, expected, 64);
}

static void quotes_side_by_side(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(privrl_file, 4096);
  size_t index, made = 0, refused = 0;
  const json_t *vector;
  vectors_hex(&privrl_file, json_object_get(file, "group"), "sdk_privrl_file");
  const qy_view privrl = {privrl_file.bytes + 4, privrl_file.size - QY_EPID_FILE_OVERHEAD};
  json_array_foreach(json_object_get(file, "vectors"), index, vector)
  {
    QY_SCOPED_BUFFER(report_bytes, 432);
    QY_SCOPED_BUFFER(list, 1u << 16);
    QY_SCOPED_BUFFER(msg2, 1u << 16);
    QY_SCOPED_BUFFER(blob, 4096);
    QY_SCOPED_BUFFER(quote, 1u << 16);
    qy_report report;
    qy_trace trace = {0};
    const qy_ae ae = double_ae(&qe);
    const char *name = json_string_value(json_object_get(vector, "name"));
    vectors_hex(&report_bytes, vector, "report");
    vectors_hex(&msg2, vector, "msg2");
    assert_ok(qy_report_decode(&report, qy_buffer_view(&report_bytes), NULL));
    if (json_object_get(vector, "sigrl") != NULL) {
      vectors_hex(&list, vector, "sigrl");
    }
    member_blob(&blob, vector);
    const qy_qe_request request = {.report = &report,
                                   .quote_type = QY_LINKABLE,
                                   .spid = msg2.bytes + 64,
                                   .pce_svn = 0xef,
                                   .blob = qy_buffer_view(&blob),
                                   .sigrl = qy_buffer_view(&list)};
    const qy_status status = qy_qe_get_quote(&ae, &quote, NULL, &request, &trace, NULL);
    if (json_object_get(vector, "quote") != NULL) {
      assert_int_equal(status, QY_OK);
      compare_quotes(vector, &quote, qy_buffer_view(&list), privrl);
      made++;
    } else {
      const qy_check_id id =
          strcmp(name, "epid-sigrevoked") == 0 ? QY_CHECK_QUOTING_MEMBER_REVOKED : QY_CHECK_SIGRL_SIGNATURE;
      assert_int_equal(status, QY_ERR_REFUSED);
      assert_non_null(qy_trace_failed(&trace));
      assert_string_equal(qy_check_name(qy_trace_failed(&trace)->id), qy_check_name(id));
      refused++;
    }
  }
  assert_int_equal(made, 3);
  assert_int_equal(refused, 2);
}

/* The blob's sealed part ends in what Intel's SDK writes as a member's precomputation. */
static void the_precomputation(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(group_file, 4096);
  QY_SCOPED_BUFFER(key_file, 4096);
  QY_SCOPED_BUFFER(expected, 4096);
  qy_epid_group_key other;
  qy_epid_member_key key, back;
  uint8_t secret[QY_EPID_BLOB_SECRET_SIZE + 1] = {0};
  vectors_read(&group_file, "epid/own-issuer/g256/pubkey.dat");
  vectors_read(&key_file, "epid/own-issuer/g256/member0/mprivkey.dat");
  vectors_read(&expected, "epid/own-issuer/g256/member0/mprecomp.dat");
  assert_ok(qy_epid_group_key_decode(&other, qy_buffer_view(&group_file), NULL));
  assert_ok(qy_epid_member_key_decode(&key, qy_buffer_view(&key_file), NULL));
  assert_ok(qy_epid_blob_secret_encode(secret, &key, &other, NULL));
  assert_int_equal(expected.size, 1536);
  assert_memory_equal(secret + 132, expected.bytes, 1536);
  assert_ok(qy_epid_blob_secret_decode(&back, (qy_view){secret, QY_EPID_BLOB_SECRET_SIZE}, NULL));
  assert_memory_equal(back.a, key.a, sizeof(key.a) + sizeof(key.x) + sizeof(key.f));
  for (size_t cut = 0; cut < QY_EPID_BLOB_SECRET_SIZE; cut += 13) {
    assert_int_equal(qy_epid_blob_secret_decode(&back, (qy_view){secret, cut}, NULL), QY_ERR_TRUNCATED);
    assert_true(qy_view_is_zero(qy_view_over(&back, sizeof(back))));
  }
  assert_int_equal(qy_epid_blob_secret_decode(&back, QY_VIEW_OF(secret), NULL), QY_ERR_MALFORMED);
  key.gid.bytes[15] ^= 1;
  assert_int_equal(qy_epid_blob_secret_encode(secret, &key, &other, NULL), QY_ERR_ARGUMENT);
}

static void the_clear_part(void **state)
{
  (void)state;
  uint8_t clear[QY_EPID_BLOB_CLEAR_SIZE + 1], back[QY_EPID_BLOB_CLEAR_SIZE];
  qy_epid_blob_facts facts;
  for (size_t i = 0; i < sizeof(clear); i++) {
    clear[i] = (uint8_t)(3 * i + 1);
  }
  clear[0] = 0;
  clear[1] = 3;
  assert_ok(qy_epid_blob_facts_decode(&facts, (qy_view){clear, sizeof(back)}, NULL));
  assert_ok(qy_epid_blob_facts_encode(back, &facts, NULL));
  assert_memory_equal(back, clear, sizeof(back));
  assert_int_equal(facts.gid,
                   (uint32_t)clear[20] << 24 | (uint32_t)clear[21] << 16 | (uint32_t)clear[22] << 8 | clear[23]);
  for (size_t cut = 0; cut < sizeof(back); cut++) {
    assert_int_equal(qy_epid_blob_facts_decode(&facts, (qy_view){clear, cut}, NULL), QY_ERR_TRUNCATED);
    assert_true(qy_view_is_zero(qy_view_over(&facts, sizeof(facts))));
  }
  assert_int_equal(qy_epid_blob_facts_decode(&facts, QY_VIEW_OF(clear), NULL), QY_ERR_MALFORMED);
  clear[1] = 2;
  assert_int_equal(qy_epid_blob_facts_decode(&facts, (qy_view){clear, sizeof(back)}, NULL), QY_ERR_UNSUPPORTED);
  clear[1] = 3;
  clear[0] = 1;
  assert_int_equal(qy_epid_blob_facts_decode(&facts, (qy_view){clear, sizeof(back)}, NULL), QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_side_by_side),
      cmocka_unit_test(the_precomputation),
      cmocka_unit_test(the_clear_part),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
