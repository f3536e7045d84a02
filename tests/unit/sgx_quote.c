/* SPDX-License-Identifier: Apache-2.0 */
/* EPID quotes: their layout, and the sealed signature against quotes of Intel's quoting enclave. */
#include "sgx_support.h"

#include <dirent.h>
#include <stdio.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/symmetric.h>
#include <sgx/intel_keys.h>
#include <sgx/quote_seal.h>

static qy_status recode_body(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_quote_body body;
  QY_TRY(qy_quote_body_decode(&body, bytes, why));
  qy_quote_body_encode(qy_buffer_extend(again, QY_QUOTE_BODY_SIZE), &body);
  return QY_OK;
}

static qy_status recode(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_quote quote;
  size_t size = 0;
  QY_TRY(qy_quote_decode(&quote, bytes, why));
  assert_int_equal(quote.all.size, qy_quote_size(quote.proof_count));
  assert_int_equal(quote.signature.size, qy_quote_sealed_size(quote.proof_count));
  assert_int_equal(quote.ciphertext.size, qy_quote_plain_size(quote.proof_count));
  assert_int_equal(quote.signed_part.size, QY_QUOTE_BODY_SIZE);
  QY_TRY(qy_quote_encode(qy_buffer_extend(again, quote.all.size), quote.all.size, &size, &quote.body, quote.signature,
                         why));
  assert_int_equal(size, quote.all.size);
  return QY_OK;
}

static void put_u32le(uint8_t *at, uint32_t value)
{
  for (size_t i = 0; i < 4; i++) {
    at[i] = (uint8_t)(value >> (8 * i));
  }
}

/* A quote with `proof_count` proofs; its signature is noise. */
static void a_quote(qy_buffer *out, uint32_t proof_count)
{
  const size_t size = qy_quote_size(proof_count);
  uint8_t *bytes = qy_buffer_extend(out, size);
  assert_non_null(bytes);
  fill_random(bytes, size, 17 + proof_count);
  memcpy(bytes, "\x02\x00\x01\x00", 4);
  put_u32le(bytes + 432, (uint32_t)qy_quote_sealed_size(proof_count));
  put_u32le(bytes + 736, (uint32_t)qy_quote_plain_size(proof_count));
}

static void decoder_pays_its_debts(void **state)
{
  (void)state;
  for (uint32_t count = 0; count < 4; count++) {
    QY_SCOPED_BUFFER(bytes, 65536);
    a_quote(&bytes, count);
    check_decoder(recode, qy_buffer_view(&bytes));
    check_decoder(recode_body, qy_view_over(bytes.bytes, QY_QUOTE_BODY_SIZE));
  }
}

static void fields_lie_where_they_should(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 65536);
  qy_quote quote;
  a_quote(&bytes, 2);
  const uint8_t *b = bytes.bytes;
  assert_ok(qy_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
  assert_int_equal(quote.body.version, 2);
  assert_int_equal(quote.body.sign_type, QY_LINKABLE);
  assert_int_equal(quote.body.group_id, little_endian(b + 4, 4));
  assert_int_equal(quote.body.qe_svn, little_endian(b + 8, 2));
  assert_int_equal(quote.body.pce_svn, little_endian(b + 10, 2));
  assert_int_equal(quote.body.xeid, little_endian(b + 12, 4));
  assert_memory_equal(quote.body.basename, b + 16, 32);
  assert_memory_equal(quote.body.report.report_data, b + 368, 64);
  assert_ptr_equal(quote.signature.bytes, b + 436);
  assert_ptr_equal(quote.wrapped_key.bytes, b + 436);
  assert_ptr_equal(quote.key_hash.bytes, b + 692);
  assert_ptr_equal(quote.iv.bytes, b + 724);
  assert_ptr_equal(quote.ciphertext.bytes, b + 740);
  assert_ptr_equal(quote.tag.bytes, b + bytes.size - 16);
  assert_int_equal(quote.proof_count, 2);
}

static void lengths_are_held_to_each_other(void **state)
{
  (void)state;
  static const struct {
    uint32_t signature_size;
    uint32_t payload_size;
    qy_status status;
  } rows[] = {
      {840, 520, QY_OK},
      {840, 360, QY_ERR_MALFORMED},
      {840, 519, QY_ERR_MALFORMED},
      {840, 680, QY_ERR_MALFORMED},
      {840, 0, QY_ERR_MALFORMED},
      {840, UINT32_MAX, QY_ERR_MALFORMED},
      {680, 360, QY_ERR_MALFORMED}, /* bytes are left over */
      {680, 520, QY_ERR_MALFORMED},
      {1000, 680, QY_ERR_TRUNCATED},
      {839, 520, QY_ERR_MALFORMED},
      {841, 520, QY_ERR_MALFORMED},
      {0, 0, QY_ERR_MALFORMED},
      {679, 359, QY_ERR_MALFORMED},
      {520, 200, QY_ERR_MALFORMED},
      {680 + 160 * QY_MAX_SIGRL_ENTRIES, 360 + 160 * QY_MAX_SIGRL_ENTRIES, QY_ERR_TRUNCATED},
      {680 + 160 * (QY_MAX_SIGRL_ENTRIES + 1), 360 + 160 * (QY_MAX_SIGRL_ENTRIES + 1), QY_ERR_LIMIT},
      {UINT32_MAX, UINT32_MAX, QY_ERR_MALFORMED},
  };
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(again, 65536);
  a_quote(&bytes, 1);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    put_u32le(bytes.bytes + 432, rows[i].signature_size);
    put_u32le(bytes.bytes + 736, rows[i].payload_size);
    assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), rows[i].status);
  }
}

static void versions(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(again, 65536);
  qy_quote_body body;
  a_quote(&bytes, 0);
  for (unsigned version = 0; version < 6; version++) {
    bytes.bytes[0] = (uint8_t)version;
    const qy_status status = recode_exact(recode, &again, bytes.bytes, bytes.size);
    assert_int_equal(status, version == 2 ? QY_OK : version == 1 ? QY_ERR_MALFORMED : QY_ERR_UNSUPPORTED);
  }
  bytes.bytes[0] = 1;
  memset(bytes.bytes + 10, 0, 6);
  check_decoder(recode, qy_buffer_view(&bytes));
  assert_ok(qy_quote_body_decode(&body, qy_view_over(bytes.bytes, QY_QUOTE_BODY_SIZE), &assert_why));
  assert_int_equal(body.pce_svn, 0);
  assert_int_equal(body.xeid, 0);
  bytes.bytes[0] = 2;
  bytes.bytes[1] = 1;
  assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), QY_ERR_UNSUPPORTED);
  bytes.bytes[1] = 0;
  for (unsigned type = 0; type < 4; type++) {
    bytes.bytes[2] = (uint8_t)type;
    assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), type < 2 ? QY_OK : QY_ERR_UNSUPPORTED);
  }
}

static void encoding_asks_for_whole_signatures(void **state)
{
  (void)state;
  static const uint8_t sealed[840] = {0};
  uint8_t out[QY_QUOTE_SIZE + 160];
  size_t size = 0;
  qy_quote_body body = {.version = 2};
  assert_ok(qy_quote_encode(out, sizeof(out), &size, &body, QY_VIEW_OF(sealed), &assert_why));
  assert_int_equal(size, sizeof(out));
  assert_int_equal(qy_quote_encode(out, sizeof(out) - 1, &size, &body, QY_VIEW_OF(sealed), NULL), QY_ERR_SPACE);
  assert_int_equal(qy_quote_encode(out, sizeof(out), &size, &body, qy_view_over(sealed, 839), NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_quote_encode(out, sizeof(out), &size, &body, qy_view_over(sealed, 520), NULL), QY_ERR_ARGUMENT);
}

static void basenames(void **state)
{
  (void)state;
  static const uint8_t zeros[16] = {0};
  const uint8_t spid[16] = {9, 8, 7};
  const uint8_t other[16] = {9, 8, 6};
  test_random random_state = {4};
  const qy_random random = test_random_source(&random_state);
  qy_quote_body body = {.version = 2, .sign_type = QY_LINKABLE};
  assert_ok(qy_quote_basename(body.basename, spid, QY_LINKABLE, NULL, &assert_why));
  assert_memory_equal(body.basename, spid, 16);
  assert_memory_equal(body.basename + 16, zeros, 16);
  assert_true(qy_quote_basename_fits(&body, spid));
  assert_false(qy_quote_basename_fits(&body, other));
  assert_ok(qy_quote_basename(body.basename, spid, QY_UNLINKABLE, &random, &assert_why));
  assert_memory_equal(body.basename, spid, 16);
  assert_memory_not_equal(body.basename + 16, zeros, 16);
  assert_false(qy_quote_basename_fits(&body, spid)); /* says linkable, is not */
  body.sign_type = QY_UNLINKABLE;
  assert_true(qy_quote_basename_fits(&body, spid));
  assert_false(qy_quote_basename_fits(&body, other));
}

static void sizes_under_a_list(void **state)
{
  (void)state;
  uint8_t list[80 + 3 * 128] = {0, 2, 0, 14};
  size_t size = 1;
  assert_ok(qy_quote_size_under(&size, (qy_view){NULL, 0}, &assert_why));
  assert_int_equal(size, 1116);
  list[15] = 3;
  assert_ok(qy_quote_size_under(&size, QY_VIEW_OF(list), &assert_why));
  assert_int_equal(size, 1116 + 480);
  list[15] = 0;
  assert_int_equal(qy_quote_size_under(&size, qy_view_over(list, 80), NULL), QY_ERR_MALFORMED);
  assert_int_equal(size, 0);
  assert_int_equal(qy_quote_size_under(&size, qy_view_over(list, 79), NULL), QY_ERR_TRUNCATED);
}

/* Quotes of real platforms; one file beside them is an archive that only begins like a quote. */
static void quotes_of_the_world_decode(void **state)
{
  (void)state;
  vectors_need();
  size_t good = 0;
  size_t bad = 0;
  DIR *folder = opendir(vectors_path("misc/epid-quote"));
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    QY_SCOPED_BUFFER(bytes, 65536);
    QY_SCOPED_BUFFER(again, 65536);
    char path[512];
    if (strstr(entry->d_name, ".bin") == NULL) {
      continue;
    }
    (void)snprintf(path, sizeof(path), "misc/epid-quote/%s", entry->d_name);
    vectors_read(&bytes, path);
    if (bytes.size != QY_QUOTE_SIZE) {
      assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), QY_ERR_MALFORMED);
      bad++;
      continue;
    }
    check_decoder(recode, qy_buffer_view(&bytes));
    good++;
  }
  closedir(folder);
  assert_int_equal(good, 14);
  assert_int_equal(bad, 1);
}

/* The echoed bodies of real attestation reports. */
static void echoed_bodies_decode(void **state)
{
  (void)state;
  vectors_need();
  size_t count = 0;
  DIR *folder = opendir(vectors_path("ias"));
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[512];
    QY_SCOPED_BUFFER(body, 4096);
    if (strncmp(entry->d_name, "avr-", 4) != 0 || strstr(entry->d_name, ".json") == NULL) {
      continue;
    }
    (void)snprintf(path, sizeof(path), "ias/%s", entry->d_name);
    json_t *report = vectors_json(path);
    qy_base64_decode_append(&body, qy_view_text(json_string_value(json_object_get(report, "isvEnclaveQuoteBody"))));
    assert_int_equal(body.status, QY_OK);
    check_decoder(recode_body, qy_buffer_view(&body));
    json_decref(report);
    count++;
  }
  closedir(folder);
  assert_int_equal(count, 42);
}

static void wrapping_key(qy_rsa_private **key, const json_t *file)
{
  QY_SCOPED_BUFFER(der, 8192);
  vectors_hex(&der, file, "quote_wrap_rsa_private_pkcs1_der");
  assert_ok(qy_rsa_private_from_der(key, qy_buffer_view(&der), &assert_why));
}

/* Opens what Intel's quoting enclave sealed, then seals the same signature and opens it again. */
static void sealed_case(const json_t *one, const qy_rsa_private *key)
{
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(expected, 65536);
  QY_SCOPED_BUFFER(plain, 65536);
  QY_SCOPED_BUFFER(opened, 65536);
  qy_quote quote, ours;
  qy_trace trace = {0};
  uint8_t aes_key[16], unwrapped[QY_RSA_MAX_SIZE], report_data[64], nonce[16], qe_report_bytes[QY_REPORT_SIZE];
  size_t unwrapped_size = sizeof(unwrapped);
  vectors_hex(&bytes, one, "quote");
  vectors_hex(&expected, one, "epid_signature_plain");
  check_decoder(recode, qy_buffer_view(&bytes));
  assert_ok(qy_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
  member_bytes(aes_key, sizeof(aes_key), one, "unwrapped_aes_key");
  assert_ok(qy_rsa_oaep_decrypt(unwrapped, &unwrapped_size, key, quote.wrapped_key, &assert_why));
  assert_int_equal(unwrapped_size, 16);
  assert_memory_equal(unwrapped, aes_key, 16);
  assert_ok(qy_quote_open_signature(&plain, &trace, &quote, key, &assert_why));
  assert_int_equal(trace.count, 4);
  assert_int_equal(plain.size, expected.size);
  assert_memory_equal(plain.bytes, expected.bytes, expected.size);

  member_bytes(nonce, sizeof(nonce), one, "nonce");
  member_bytes(qe_report_bytes, sizeof(qe_report_bytes), one, "qe_report");
  assert_ok(qy_quote_qe_report_data(report_data, nonce, quote.all, &assert_why));
  assert_memory_equal(report_data, qe_report_bytes + 320, 64);

  qy_rsa_public public_key;
  test_random random_state = {77};
  const qy_random random = test_random_source(&random_state);
  size_t size = 0;
  const size_t sealed_size = qy_quote_sealed_size(quote.proof_count);
  uint8_t *sealed = malloc(sealed_size);
  qy_rsa_public_of(&public_key, key);
  assert_ok(qy_quote_seal_signature(sealed, sealed_size, qy_buffer_view(&expected), &public_key, &random, &assert_why));
  assert_memory_not_equal(sealed, quote.signature.bytes, 256);
  assert_ok(
      qy_quote_encode(bytes.bytes, bytes.size, &size, &quote.body, qy_view_over(sealed, sealed_size), &assert_why));
  free(sealed);
  assert_ok(qy_quote_decode(&ours, qy_view_over(bytes.bytes, size), &assert_why));
  assert_ok(qy_quote_open_signature(&opened, NULL, &ours, key, &assert_why));
  assert_int_equal(opened.size, expected.size);
  assert_memory_equal(opened.bytes, expected.bytes, expected.size);
}

static void seals_of_intels_quoting_enclave_open(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_RSA(key);
  size_t index = 0;
  size_t count = 0;
  json_t *one = NULL;
  json_t *file = vectors_json("ra/epid-quotes.json");
  wrapping_key(&key, file);
  json_array_foreach(json_object_get(file, "vectors"), index, one)
  {
    if (json_object_get(one, "quote") != NULL) {
      sealed_case(one, key);
      count++;
    }
  }
  assert_int_equal(count, 3);
  json_decref(file);
}

/* Quotes of the simulated quoting enclave have a filler where the sealed signature should be. */
static void filler_decodes_and_does_not_open(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_RSA(key);
  size_t index = 0;
  size_t count = 0;
  json_t *one = NULL;
  json_t *keys = vectors_json("ra/epid-quotes.json");
  json_t *file = vectors_json("ra/positive.json");
  wrapping_key(&key, keys);
  json_array_foreach(json_is_array(file) ? file : json_object_get(file, "vectors"), index, one)
  {
    QY_SCOPED_BUFFER(bytes, 65536);
    QY_SCOPED_BUFFER(plain, 65536);
    qy_quote quote;
    qy_trace trace = {0};
    vectors_hex(&bytes, one, "quote");
    check_decoder(recode, qy_buffer_view(&bytes));
    assert_ok(qy_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(qy_quote_open_signature(&plain, &trace, &quote, key, NULL), QY_ERR_REFUSED);
    assert_int_equal(refused_by(&trace), QY_CHECK_QUOTE_WRAP_KEY);
    count++;
  }
  assert_int_equal(count, 5);
  json_decref(file);
  json_decref(keys);
}

typedef struct sealing {
  qy_rsa_private *key;
  qy_rsa_public public_key;
} sealing;

static int make_sealing(void **state)
{
  static sealing made;
  if (qy_rsa_generate(&made.key, 2048, 65537, NULL) != QY_OK) {
    return -1;
  }
  qy_rsa_public_of(&made.public_key, made.key);
  *state = &made;
  return 0;
}

static int drop_sealing(void **state)
{
  sealing *made = *state;
  qy_rsa_private_free(&made->key);
  return 0;
}

/* A quote of one proof sealed for `with`. */
static void a_sealed_quote(qy_buffer *out, const sealing *with)
{
  uint8_t plain[520] = {0};
  test_random random_state = {8};
  const qy_random random = test_random_source(&random_state);
  fill_random(plain, 352, 3);
  plain[359] = 1;
  a_quote(out, 1);
  assert_ok(qy_quote_seal_signature(out->bytes + 436, 840, QY_VIEW_OF(plain), &with->public_key, &random, &assert_why));
}

static void changed_seals_are_refused(void **state)
{
  static const struct {
    size_t at;
    qy_check_id id;
  } rows[] = {{436, QY_CHECK_QUOTE_WRAP_KEY},
              {691, QY_CHECK_QUOTE_WRAP_KEY},
              {692, QY_CHECK_QUOTE_KEY_HASH},
              {723, QY_CHECK_QUOTE_KEY_HASH},
              {724, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {740, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {740 + 519, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {740 + 520, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {740 + 535, QY_CHECK_QUOTE_SIGNATURE_TAG}};
  QY_SCOPED_BUFFER(bytes, 65536);
  a_sealed_quote(&bytes, *state);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(plain, 65536);
    qy_trace trace = {0};
    qy_quote quote;
    bytes.bytes[rows[i].at] ^= 1;
    assert_ok(qy_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(qy_quote_open_signature(&plain, &trace, &quote, ((sealing *)*state)->key, NULL), QY_ERR_REFUSED);
    assert_int_equal(refused_by(&trace), rows[i].id);
    assert_int_equal(plain.size, 0);
    bytes.bytes[rows[i].at] ^= 1;
  }
}

/* A wrapped key of another length, and a count inside that differs from the length outside. */
static void honest_seals_of_wrong_things_are_refused(void **state)
{
  const sealing *with = *state;
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(plain, 65536);
  qy_quote quote;
  qy_trace trace = {0};
  static const uint8_t key[32] = {1, 2, 3};
  uint8_t inner[520] = {0};
  a_sealed_quote(&bytes, with);
  assert_ok(qy_rsa_oaep_encrypt(bytes.bytes + 436, &with->public_key, QY_VIEW_OF(key), &assert_why));
  assert_ok(qy_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
  assert_int_equal(qy_quote_open_signature(&plain, &trace, &quote, with->key, NULL), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_QUOTE_WRAP_KEY);

  memset(&trace, 0, sizeof(trace));
  inner[359] = 2;
  assert_ok(qy_rsa_oaep_encrypt(bytes.bytes + 436, &with->public_key, qy_view_over(key, 16), &assert_why));
  assert_ok(qy_sha256(bytes.bytes + 692, qy_view_over(key, 16), &assert_why));
  assert_ok(qy_gcm_seal(bytes.bytes + 740, bytes.bytes + 740 + 520, qy_view_over(key, 16),
                        qy_view_over(bytes.bytes + 724, 12), (qy_view){NULL, 0}, QY_VIEW_OF(inner), &assert_why));
  assert_int_equal(qy_quote_open_signature(&plain, &trace, &quote, with->key, NULL), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_QUOTE_PROOF_COUNT);
  assert_int_equal(plain.size, 0);
}

static void sealing_asks_for_whole_signatures(void **state)
{
  const sealing *with = *state;
  uint8_t plain[520] = {0};
  uint8_t sealed[840];
  test_random random_state = {8};
  const qy_random random = test_random_source(&random_state);
  assert_ok(qy_quote_seal_signature(sealed, 680, qy_view_over(plain, 360), &with->public_key, &random, &assert_why));
  assert_int_equal(qy_quote_seal_signature(sealed, 679, qy_view_over(plain, 360), &with->public_key, &random, NULL),
                   QY_ERR_SPACE);
  assert_int_equal(qy_quote_seal_signature(sealed, 840, QY_VIEW_OF(plain), &with->public_key, &random, NULL),
                   QY_ERR_ARGUMENT);
  assert_int_equal(qy_quote_seal_signature(sealed, 680, qy_view_over(plain, 359), &with->public_key, &random, NULL),
                   QY_ERR_ARGUMENT);
  assert_int_equal(qy_quote_seal_signature(sealed, 680, (qy_view){NULL, 0}, &with->public_key, &random, NULL),
                   QY_ERR_ARGUMENT);
  memset(plain + 356, 0xff, 4);
  assert_int_equal(qy_quote_seal_signature(sealed, 840, QY_VIEW_OF(plain), &with->public_key, &random, NULL),
                   QY_ERR_LIMIT);
  qy_rsa_public larger = with->public_key;
  larger.size = 384;
  assert_int_equal(qy_quote_seal_signature(sealed, 680, qy_view_over(plain, 360), &larger, &random, NULL),
                   QY_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoder_pays_its_debts),
      cmocka_unit_test(fields_lie_where_they_should),
      cmocka_unit_test(lengths_are_held_to_each_other),
      cmocka_unit_test(versions),
      cmocka_unit_test(encoding_asks_for_whole_signatures),
      cmocka_unit_test(basenames),
      cmocka_unit_test(sizes_under_a_list),
      cmocka_unit_test(quotes_of_the_world_decode),
      cmocka_unit_test(echoed_bodies_decode),
      cmocka_unit_test(seals_of_intels_quoting_enclave_open),
      cmocka_unit_test(filler_decodes_and_does_not_open),
      cmocka_unit_test(changed_seals_are_refused),
      cmocka_unit_test(honest_seals_of_wrong_things_are_refused),
      cmocka_unit_test(sealing_asks_for_whole_signatures),
  };
  return cmocka_run_group_tests(tests, make_sealing, drop_sealing);
}
