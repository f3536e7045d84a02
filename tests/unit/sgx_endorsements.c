/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists, group certificates and platform info blobs. */
#include "sgx_support.h"

#include <dirent.h>
#include <stdio.h>

#include <base/limits.h>
#include <sgx/endorsements.h>
#include <sgx/intel_keys.h>

static qy_status recode_sigrl(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_sigrl list;
  QY_TRY(qy_sigrl_decode(&list, bytes, why));
  assert_int_equal(list.entries.size, (size_t)list.count * QY_SIGRL_ENTRY_SIZE);
  qy_buffer_append(again, list.signed_part.bytes, list.signed_part.size);
  qy_buffer_append(again, list.signature.bytes, list.signature.size);
  return QY_OK;
}

static qy_status recode_certificate(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_group_certificate certificate;
  QY_TRY(qy_group_certificate_decode(&certificate, bytes, why));
  qy_buffer_append(again, certificate.signed_part.bytes, certificate.signed_part.size);
  qy_buffer_append(again, certificate.signature.bytes, certificate.signature.size);
  return QY_OK;
}

static qy_status recode_blob(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_platform_info info;
  QY_TRY(qy_platform_info_decode(&info, bytes, why));
  if (bytes.size == QY_PLATFORM_INFO_TLV_SIZE) {
    qy_platform_info_encode_tlv(qy_buffer_extend(again, QY_PLATFORM_INFO_TLV_SIZE), &info);
  } else {
    qy_platform_info_encode(qy_buffer_extend(again, QY_PLATFORM_INFO_SIZE), &info);
  }
  return QY_OK;
}

typedef struct issuer {
  qy_secret private_key;
  qy_p256_public public_key;
  qy_p256_public other;
} issuer;

static int make_issuer(void **state)
{
  static issuer made;
  test_random random_state = {21};
  const qy_random random = test_random_source(&random_state);
  QY_SCOPED_SECRET(unused);
  if (qy_p256_generate(&made.private_key, &made.public_key, &random, NULL) != QY_OK ||
      qy_p256_generate(&unused, &made.other, &random, NULL) != QY_OK) {
    return -1;
  }
  *state = &made;
  return 0;
}

static void a_list(qy_buffer *out, const issuer *by, uint32_t count)
{
  uint8_t entries[5 * QY_SIGRL_ENTRY_SIZE];
  fill_random(entries, sizeof(entries), 33);
  assert_ok(qy_sigrl_make(out, 0x0b3f, 7, qy_view_over(entries, (size_t)count * QY_SIGRL_ENTRY_SIZE), &by->private_key,
                          &assert_why));
}

static void lists_pay_their_debts(void **state)
{
  for (uint32_t count = 0; count < 4; count++) {
    QY_SCOPED_BUFFER(bytes, 4096);
    qy_sigrl list;
    a_list(&bytes, *state, count);
    assert_int_equal(bytes.size, 80 + 128 * count);
    check_decoder(recode_sigrl, qy_buffer_view(&bytes));
    assert_ok(qy_sigrl_decode(&list, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(list.group_id, 0x0b3f);
    assert_int_equal(list.version, 7);
    assert_int_equal(list.count, count);
    assert_int_equal(qy_sigrl_entry(&list, count).size, 0);
    for (uint32_t i = 0; i < count; i++) {
      assert_ptr_equal(qy_sigrl_entry(&list, i).bytes, bytes.bytes + 16 + (size_t)128 * i);
      assert_int_equal(qy_sigrl_entry(&list, i).size, 128);
    }
    assert_int_equal(qy_sigrl_decode_nonempty(&list, qy_buffer_view(&bytes), NULL),
                     count == 0 ? QY_ERR_MALFORMED : QY_OK);
  }
}

/* Bytes 4 and on of the fixed header, and every limit of n2. */
static void list_fields_are_held(void **state)
{
  static const struct {
    uint8_t n2[4];
    qy_status status;
  } rows[] = {{{0, 0, 0, 2}, QY_OK},
              {{0, 0, 0, 1}, QY_ERR_MALFORMED},
              {{0, 0, 0, 0}, QY_ERR_MALFORMED},
              {{0, 0, 0, 3}, QY_ERR_TRUNCATED},
              {{2, 0, 0, 0}, QY_ERR_LIMIT},           /* little-endian */
              {{0, 1, 0x86, 0xa0}, QY_ERR_TRUNCATED}, /* the limit */
              {{0, 1, 0x86, 0xa1}, QY_ERR_LIMIT},
              {{0xff, 0xff, 0xff, 0xff}, QY_ERR_LIMIT}};
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_BUFFER(again, 4096);
  assert_int_equal(QY_MAX_SIGRL_ENTRIES, 0x186a0);
  a_list(&bytes, *state, 2);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    memcpy(bytes.bytes + 12, rows[i].n2, 4);
    assert_int_equal(recode_exact(recode_sigrl, &again, bytes.bytes, bytes.size), rows[i].status);
  }
  memcpy(bytes.bytes + 12, rows[0].n2, 4);
  for (size_t at = 0; at < 4; at++) {
    bytes.bytes[at] ^= 1;
    assert_int_equal(recode_exact(recode_sigrl, &again, bytes.bytes, bytes.size), QY_ERR_UNSUPPORTED);
    bytes.bytes[at] ^= 1;
  }
}

static void lists_are_verified(void **state)
{
  const issuer *by = *state;
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_sigrl list;
  qy_trace trace = {0};
  a_list(&bytes, by, 2);
  assert_ok(qy_sigrl_decode(&list, qy_buffer_view(&bytes), &assert_why));
  assert_ok(qy_sigrl_verify(&trace, &list, &by->public_key, &assert_why));
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_SIGRL_SIGNATURE)->outcome, QY_OUTCOME_HELD);
  assert_int_equal(qy_sigrl_verify(&trace, &list, &by->other, NULL), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_SIGRL_SIGNATURE);
  for (size_t at = 4; at < bytes.size; at++) {
    if (at >= 12 && at < 16) {
      continue; /* n2: not even decoded */
    }
    bytes.bytes[at] ^= 0x80;
    assert_ok(qy_sigrl_decode(&list, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(qy_sigrl_verify(NULL, &list, &by->public_key, NULL), QY_ERR_REFUSED);
    bytes.bytes[at] ^= 0x80;
  }
  memset(bytes.bytes + bytes.size - 64, 0, 64); /* r and s of zero */
  assert_ok(qy_sigrl_decode(&list, qy_buffer_view(&bytes), &assert_why));
  assert_int_equal(qy_sigrl_verify(NULL, &list, &by->public_key, NULL), QY_ERR_REFUSED);
}

static void lists_are_made_of_whole_entries(void **state)
{
  const issuer *by = *state;
  static const uint8_t entries[129] = {0};
  QY_SCOPED_BUFFER(out, 4096);
  assert_int_equal(qy_sigrl_make(&out, 1, 1, qy_view_over(entries, 129), &by->private_key, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_sigrl_make(&out, 1, 1,
                                 qy_view_over(entries, (size_t)QY_SIGRL_ENTRY_SIZE * (QY_MAX_SIGRL_ENTRIES + 1)),
                                 &by->private_key, NULL),
                   QY_ERR_LIMIT);
  assert_int_equal(out.size, 0);
}

/* Lists that Intel's quoting enclave took, and the one that it refused for its signature. */
static void lists_of_intels_runs(void **state)
{
  (void)state;
  vectors_need();
  qy_p256_public key;
  uint8_t little[64];
  size_t index = 0;
  size_t count = 0;
  json_t *one = NULL;
  json_t *file = vectors_json("ra/epid-quotes.json");
  member_bytes(little, sizeof(little), file, "sigrl_pub_le");
  qy_p256_flip(key.bytes, little);
  json_array_foreach(json_object_get(file, "vectors"), index, one)
  {
    QY_SCOPED_BUFFER(bytes, 65536);
    qy_sigrl list;
    if (json_object_get(one, "sigrl") == NULL) {
      continue;
    }
    const bool bad = strstr(json_string_value(json_object_get(one, "name")), "bad-ecdsa") != NULL;
    vectors_hex(&bytes, one, "sigrl");
    check_decoder(recode_sigrl, qy_buffer_view(&bytes));
    assert_ok(qy_sigrl_decode_nonempty(&list, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(list.count, 3);
    assert_int_equal(qy_sigrl_verify(NULL, &list, &key, NULL), bad ? QY_ERR_REFUSED : QY_OK);
    assert_int_equal(qy_sigrl_verify(NULL, &list, &qy_intel_epid_signing_key, NULL), QY_ERR_REFUSED);
    count++;
  }
  assert_int_equal(count, 3);
  json_decref(file);
}

/* A list without entries, as one server sends it: decoded, and refused by an attester. */
static void an_empty_list(void **state)
{
  (void)state;
  uint8_t bytes[80] = {0, 2, 0, 14, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0x99};
  qy_sigrl list;
  qy_error why = {0};
  assert_ok(qy_sigrl_decode(&list, QY_VIEW_OF(bytes), &assert_why));
  assert_int_equal(list.count, 0);
  assert_int_equal(qy_sigrl_decode_nonempty(&list, QY_VIEW_OF(bytes), &why), QY_ERR_MALFORMED);
  assert_non_null(strstr(why.message, "n2 is 0"));
}

static void certificates(void **state)
{
  const issuer *by = *state;
  uint8_t public_key[QY_GROUP_PUBLIC_KEY_SIZE];
  uint8_t bytes[QY_GROUP_CERTIFICATE_SIZE];
  qy_group_certificate certificate;
  qy_trace trace = {0};
  fill_random(public_key, sizeof(public_key), 2);
  memcpy(public_key, "\x00\x00\x0b\x3f", 4);
  assert_ok(qy_group_certificate_make(bytes, public_key, &by->private_key, &assert_why));
  check_decoder(recode_certificate, QY_VIEW_OF(bytes));
  assert_memory_equal(bytes, "\x00\x02\x00\x0c", 4);
  assert_ok(qy_group_certificate_decode(&certificate, QY_VIEW_OF(bytes), &assert_why));
  assert_int_equal(certificate.group_id, 0x0b3f);
  assert_memory_equal(certificate.public_key.bytes, public_key, sizeof(public_key));
  assert_ok(qy_group_certificate_verify(&trace, &certificate, &by->public_key, &assert_why));
  assert_int_equal(qy_group_certificate_verify(&trace, &certificate, &by->other, NULL), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_GROUP_CERTIFICATE_SIGNATURE);
  for (size_t at = 0; at < sizeof(bytes); at++) {
    bytes[at] ^= 1;
    const qy_status status = qy_group_certificate_decode(&certificate, QY_VIEW_OF(bytes), NULL);
    assert_int_equal(status, at < 4 ? QY_ERR_UNSUPPORTED : QY_OK);
    if (status == QY_OK) {
      assert_int_equal(qy_group_certificate_verify(NULL, &certificate, &by->public_key, NULL), QY_ERR_REFUSED);
    } else {
      assert_int_equal(qy_group_certificate_verify(NULL, &certificate, &by->public_key, NULL), QY_ERR_ARGUMENT);
    }
    bytes[at] ^= 1;
  }
}

static void a_blob(qy_platform_info *info, const issuer *by)
{
  memset(info, 0, sizeof(*info));
  info->epid_group_flags = QY_GROUP_OUT_OF_DATE;
  info->tcb_flags = QY_TCB_CPU_SVN_OUT_OF_DATE;
  info->latest_qe_svn = 0x0102;
  info->group_id = 0x0b39;
  info->xeid = 0;
  assert_ok(qy_platform_info_sign(info, &by->private_key, &assert_why));
}

/* Big-endian or not differs from field to field. */
static void blob_fields_lie_where_they_should(void **state)
{
  uint8_t bytes[QY_PLATFORM_INFO_TLV_SIZE];
  qy_platform_info info;
  a_blob(&info, *state);
  info.pse_flags = 0x0a0b;
  info.xeid = 0x01020304;
  qy_platform_info_encode_tlv(bytes, &info);
  assert_memory_equal(bytes, "\x15\x02\x00\x65\x04\x00\x01\x0a\x0b", 9);
  assert_memory_equal(bytes + 4 + 21, "\x02\x01", 2);
  assert_memory_equal(bytes + 4 + 29, "\x04\x03\x02\x01\x00\x00\x0b\x39", 8);
  assert_memory_equal(bytes + 4 + 37, info.signature, 64);
}

static void blobs_pay_their_debts(void **state)
{
  const issuer *by = *state;
  uint8_t bytes[QY_PLATFORM_INFO_TLV_SIZE + 1] = {0};
  qy_platform_info info;
  qy_platform_info decoded;
  qy_trace trace = {0};
  QY_SCOPED_BUFFER(again, 4096);
  a_blob(&info, by);
  qy_platform_info_encode_tlv(bytes, &info);
  check_decoder(recode_blob, qy_view_over(bytes, QY_PLATFORM_INFO_TLV_SIZE));
  for (size_t size = 0; size <= QY_PLATFORM_INFO_TLV_SIZE - 4; size++) { /* without its header */
    assert_int_equal(recode_exact(recode_blob, &again, bytes + 4, size),
                     size == QY_PLATFORM_INFO_SIZE ? QY_OK : QY_ERR_TRUNCATED);
  }
  assert_int_equal(recode_exact(recode_blob, &again, bytes + 4, QY_PLATFORM_INFO_SIZE + 1), QY_ERR_MALFORMED);
  for (size_t at = 0; at < 4; at++) {
    bytes[at] ^= 1;
    assert_int_equal(recode_exact(recode_blob, &again, bytes, QY_PLATFORM_INFO_TLV_SIZE), QY_ERR_MALFORMED);
    bytes[at] ^= 1;
  }
  assert_ok(qy_platform_info_verify(&trace, &info, &by->public_key, &assert_why));
  assert_int_equal(qy_platform_info_verify(&trace, &info, &by->other, NULL), QY_ERR_REFUSED);
  assert_int_equal(refused_by(&trace), QY_CHECK_PLATFORM_INFO_SIGNATURE);
  for (size_t at = 4; at < QY_PLATFORM_INFO_TLV_SIZE; at++) {
    bytes[at] ^= 1;
    assert_ok(qy_platform_info_decode(&decoded, qy_view_over(bytes, QY_PLATFORM_INFO_TLV_SIZE), &assert_why));
    assert_int_equal(qy_platform_info_verify(NULL, &decoded, &by->public_key, NULL), QY_ERR_REFUSED);
    bytes[at] ^= 1;
  }
}

static void pinned_keys_are_points(void **state)
{
  (void)state;
  assert_ok(qy_p256_check_point(&qy_intel_epid_signing_key, &assert_why));
  assert_ok(qy_p256_check_point(&qy_intel_platform_info_key, &assert_why));
  assert_int_equal(qy_intel_quote_wrap_key.size, 256);
  assert_true(qy_intel_quote_wrap_key.modulus[0] & 0x80);
  assert_true(qy_intel_quote_wrap_key.modulus[255] & 1);
}

/* Blobs of real attestation reports under Intel's key, and the two that are none. */
static void blobs_of_the_world(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(pem, 4096);
  qy_p256_public key;
  size_t good = 0;
  size_t long_one = 0;
  size_t other_type = 0;
  vectors_read(&pem, "ias/certs/intel-pib-signing-pub.pem");
  assert_ok(qy_p256_public_from_pem(&key, qy_buffer_view(&pem), &assert_why));
  assert_memory_equal(key.bytes, qy_intel_platform_info_key.bytes, sizeof(key.bytes));
  DIR *folder = opendir(vectors_path("ias"));
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[512];
    qy_error why = {0};
    qy_platform_info info;
    if (strstr(entry->d_name, ".json") == NULL) {
      continue;
    }
    (void)snprintf(path, sizeof(path), "ias/%s", entry->d_name);
    json_t *report = vectors_json(path);
    const char *text = json_string_value(json_object_get(report, "platformInfoBlob"));
    if (text == NULL) {
      json_decref(report);
      continue;
    }
    const qy_status status = qy_platform_info_decode_hex(&info, qy_view_text(text), &why);
    if (strlen(text) == 342) { /* a line break and its indentation went into the text */
      assert_int_equal(status, QY_ERR_MALFORMED);
      assert_non_null(strstr(why.message, "342 characters"));
      long_one++;
    } else if (strncmp(text, "16", 2) == 0) { /* in a forged report: another type in the header */
      assert_int_equal(status, QY_ERR_MALFORMED);
      assert_non_null(strstr(why.message, "header"));
      other_type++;
    } else {
      assert_int_equal(status, QY_OK);
      assert_ok(qy_platform_info_verify(NULL, &info, &qy_intel_platform_info_key, &assert_why));
      assert_ok(qy_platform_info_decode_hex(&info, qy_view_over(text + 8, 202), &assert_why));
      good++;
    }
    json_decref(report);
  }
  closedir(folder);
  assert_int_equal(good, 28);
  assert_int_equal(long_one, 1);
  assert_int_equal(other_type, 1);
}

/* What a known blob says, read by its published description. */
static void a_known_blob(void **state)
{
  (void)state;
  static const char text[] =
      "1502006504000900000F0F02040101070000000000000000000B00000B000000020000000000000B398400622A16A0D18310"
      "FE44F83C3759D80D9A509ADF3A9E3DF8912C35236289A76C9A02E31CBF7EC9BBE866A4C2B14976AF5F1F2F67432A910CAC8F"
      "9F1B2E443D";
  qy_platform_info info;
  assert_ok(qy_platform_info_decode_hex(&info, qy_view_text(text), &assert_why));
  assert_int_equal(info.epid_group_flags, QY_GROUP_OUT_OF_DATE);
  assert_int_equal(info.tcb_flags, QY_TCB_CPU_SVN_OUT_OF_DATE | QY_TCB_CONFIGURATION_NEEDED);
  assert_int_equal(info.pse_flags, 0);
  assert_int_equal(info.latest_qe_svn, 11);
  assert_int_equal(info.group_id, 0x0b39);
  assert_ok(qy_platform_info_verify(NULL, &info, &qy_intel_platform_info_key, &assert_why));
  assert_int_equal(qy_platform_info_decode_hex(&info, qy_view_over(text, 208), NULL), QY_ERR_MALFORMED);
  char spoiled[sizeof(text)];
  memcpy(spoiled, text, sizeof(text));
  spoiled[100] = ' ';
  assert_int_equal(qy_platform_info_decode_hex(&info, qy_view_text(spoiled), NULL), QY_ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_pay_their_debts), cmocka_unit_test(list_fields_are_held),
      cmocka_unit_test(lists_are_verified),    cmocka_unit_test(lists_are_made_of_whole_entries),
      cmocka_unit_test(lists_of_intels_runs),  cmocka_unit_test(an_empty_list),
      cmocka_unit_test(certificates),          cmocka_unit_test(blob_fields_lie_where_they_should),
      cmocka_unit_test(blobs_pay_their_debts), cmocka_unit_test(pinned_keys_are_points),
      cmocka_unit_test(blobs_of_the_world),    cmocka_unit_test(a_known_blob),
  };
  return cmocka_run_group_tests(tests, make_issuer, NULL);
}
