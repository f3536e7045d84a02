/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's files and the plain blobs: Intel's are read, ours are written, and nothing cut or padded passes. */
#include "epid_support.h"

#include <base/secret.h>
#include <crypto/p256.h>

static void load(qy_buffer *out, const char *path)
{
  vectors_read(out, path);
}

static qy_epid_ca ca_of(const char *path)
{
  QY_SCOPED_BUFFER(file, QY_EPID_CA_SIZE);
  qy_epid_ca ca;
  load(&file, path);
  assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&file), NULL, NULL, NULL));
  return ca;
}

/* Reads a file as one kind; the status alone. */
static qy_status read_as(qy_epid_file_kind kind, qy_view file, const qy_epid_ca *ca, qy_trace *trace)
{
  qy_epid_group_key key;
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  qy_epid_ca other;
  switch (kind) {
  case QY_EPID_FILE_CA:
    return qy_epid_ca_decode(&other, file, NULL, trace, NULL);
  case QY_EPID_FILE_GROUP_KEY:
    return qy_epid_group_key_read(&key, file, ca, trace, NULL);
  case QY_EPID_FILE_PRIVRL:
    return qy_epid_privrl_read(&privrl, file, ca, trace, NULL);
  case QY_EPID_FILE_SIGRL:
    return qy_epid_sigrl_read(&sigrl, file, ca, trace, NULL);
  case QY_EPID_FILE_GROUPRL:
    return qy_epid_grouprl_read(&grouprl, file, ca, trace, NULL);
  case QY_EPID_FILE_UNKNOWN:
  default:
    return QY_ERR_ARGUMENT;
  }
}

static const struct {
  qy_epid_file_kind kind;
  const char *path;
} signed_files[] = {{QY_EPID_FILE_CA, "epid/sdk-example/cacert.bin"},
                    {QY_EPID_FILE_GROUP_KEY, "epid/sdk-example/groupa/pubkey.bin"},
                    {QY_EPID_FILE_PRIVRL, "epid/sdk-example/groupa/privrl.bin"},
                    {QY_EPID_FILE_SIGRL, "epid/sdk-example/groupa/sigrl.bin"},
                    {QY_EPID_FILE_GROUPRL, "epid/sdk-example/grprl.bin"},
                    {QY_EPID_FILE_PRIVRL, "epid/sdk-example/groupa/privrl_empty.bin"},
                    {QY_EPID_FILE_SIGRL, "epid/sdk-example/groupa/sigrl_empty.bin"},
                    {QY_EPID_FILE_GROUPRL, "epid/sdk-example/grprl_empty.bin"}};
#define SIGNED_FILES (sizeof(signed_files) / sizeof(signed_files[0]))

static void files_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  const qy_epid_ca ca = ca_of("epid/sdk-example/cacert.bin");
  const qy_epid_ca other = ca_of("epid/sdk-split-example/cacert.bin");
  for (size_t i = 0; i < SIGNED_FILES; i++) {
    static qy_trace trace;
    QY_SCOPED_BUFFER(file, 4096);
    QY_SCOPED_BUFFER(copy, 4096);
    qy_epid_file parts;
    const qy_epid_file_kind kind = signed_files[i].kind;
    load(&file, signed_files[i].path);
    qy_epid_file_inspect(&parts, qy_buffer_view(&file));
    assert_int_equal(parts.kind, kind);
    assert_int_equal(parts.body.size, file.size - QY_EPID_FILE_OVERHEAD);
    trace = (qy_trace){0};
    assert_ok(read_as(kind, qy_buffer_view(&file), &ca, &trace));
    assert_int_equal(trace.count, 1);
    /* as no other kind */
    for (size_t as = QY_EPID_FILE_CA; as <= QY_EPID_FILE_GROUPRL; as++) {
      assert_int_equal(read_as((qy_epid_file_kind)as, qy_buffer_view(&file), &ca, NULL) == QY_OK, as == kind);
    }
    /* cut, padded, and with any byte changed */
    for (size_t size = 0; size < file.size; size++) {
      assert_int_not_equal(read_as(kind, qy_view_over(file.bytes, size), &ca, NULL), QY_OK);
    }
    qy_buffer_append(&copy, file.bytes, file.size);
    qy_buffer_append(&copy, "", 1);
    assert_int_equal(read_as(kind, qy_buffer_view(&copy), &ca, NULL), QY_ERR_MALFORMED);
    for (size_t at = 0; at < file.size; at += 7) {
      file.bytes[at] ^= 0x40;
      assert_int_not_equal(read_as(kind, qy_buffer_view(&file), &ca, NULL), QY_OK);
      file.bytes[at] ^= 0x40;
    }
    if (kind == QY_EPID_FILE_CA) {
      continue;
    }
    /* by another CA, by none, and the body alone where a signature is asked for */
    trace = (qy_trace){0};
    expect_refusal(read_as(kind, qy_buffer_view(&file), &other, &trace), &trace, QY_CHECK_EPID_FILE_SIGNATURE);
    trace = (qy_trace){0};
    expect_refusal(read_as(kind, qy_buffer_view(&file), NULL, &trace), &trace, QY_CHECK_EPID_FILE_SIGNATURE);
    trace = (qy_trace){0};
    expect_refusal(read_as(kind, parts.body, &ca, &trace), &trace, QY_CHECK_EPID_FILE_SIGNATURE);
    assert_ok(read_as(kind, parts.body, NULL, NULL));
  }
}

static void ca_certificates(void **state)
{
  (void)state;
  vectors_need();
  static qy_trace trace;
  const qy_epid_ca ca = ca_of("epid/sdk-example/cacert.bin");
  const qy_epid_ca other = ca_of("epid/sdk-split-example/cacert.bin");
  QY_SCOPED_BUFFER(file, QY_EPID_CA_SIZE);
  qy_epid_ca read;
  const qy_epid_ca zero = {{0}};
  load(&file, "epid/sdk-example/cacert.bin");
  assert_ok(qy_epid_ca_decode(&read, qy_buffer_view(&file), &ca, NULL, NULL));
  assert_memory_equal(&read, &ca, sizeof(ca));
  trace = (qy_trace){0};
  expect_refusal(qy_epid_ca_decode(&read, qy_buffer_view(&file), &other, &trace, NULL), &trace,
                 QY_CHECK_EPID_CA_SIGNATURE);
  assert_memory_equal(&read, &zero, sizeof(zero));
  file.bytes[323] ^= 1;
  trace = (qy_trace){0};
  expect_refusal(qy_epid_ca_decode(&read, qy_buffer_view(&file), NULL, &trace, NULL), &trace,
                 QY_CHECK_EPID_CA_SIGNATURE);
  file.bytes[70] ^= 1;
  assert_int_equal(qy_epid_ca_decode(&read, qy_buffer_view(&file), NULL, NULL, NULL), QY_ERR_UNSUPPORTED);
  file.bytes[3] ^= 1;
  assert_int_equal(qy_epid_ca_decode(&read, qy_buffer_view(&file), NULL, NULL, NULL), QY_ERR_MALFORMED);
}

/* The published key of the sample CA makes the sample CA's certificate again, but for the random signature. */
static void ca_of_the_sdk_is_made_again(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(key, 32);
  QY_SCOPED_BUFFER(theirs, QY_EPID_CA_SIZE);
  uint8_t file[QY_EPID_CA_SIZE];
  qy_epid_ca ca;
  qy_epid_ca read;
  load(&key, "epid/sdk-split-example/issuingca-priv.dat");
  load(&theirs, "epid/sdk-split-example/cacert.bin");
  assert_ok(qy_epid_ca_make(file, &ca, qy_buffer_view(&key), NULL));
  assert_memory_equal(file, theirs.bytes, QY_EPID_CA_SIZE - 64);
  assert_ok(qy_epid_ca_decode(&read, QY_VIEW_OF(file), NULL, NULL, NULL));
  assert_memory_equal(&read, &ca, sizeof(ca));
}

/* What we sign, we read; several group keys in a row give the first. */
static void files_of_ours(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 2);
  QY_SCOPED_SECRET(secret);
  qy_p256_public public_key;
  uint8_t certificate[QY_EPID_CA_SIZE];
  uint8_t body[QY_EPID_GROUP_KEY_SIZE];
  uint8_t files[2][QY_EPID_GROUP_KEY_SIZE + QY_EPID_FILE_OVERHEAD];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  qy_epid_group_key key;
  qy_epid_ca ca;
  uint32_t own;
  size_t size;
  assert_ok(qy_p256_generate(&secret, &public_key, &w.random, NULL));
  assert_ok(qy_epid_ca_make(certificate, &ca, qy_secret_view(&secret), NULL));
  qy_epid_group_key_encode(body, &w.group);
  assert_ok(qy_epid_file_sign(files[0], sizeof(files[0]), QY_EPID_FILE_GROUP_KEY, QY_VIEW_OF(body),
                              qy_secret_view(&secret), NULL));
  body[15] ^= 1;
  assert_ok(qy_epid_file_sign(files[1], sizeof(files[1]), QY_EPID_FILE_GROUP_KEY, QY_VIEW_OF(body),
                              qy_secret_view(&secret), NULL));
  assert_ok(qy_epid_group_key_read(&key, qy_view_over(files, sizeof(files)), &ca, NULL, NULL));
  assert_memory_equal(&key, &w.group, sizeof(key));
  assert_int_not_equal(qy_epid_group_key_read(&key, qy_view_over(files, sizeof(files) - 1), &ca, NULL, NULL), QY_OK);

  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, NULL, &w.random, NULL, NULL));
  const qy_epid_sigrl none = {.gid = w.group.gid};
  uint8_t list_body[24 + 128];
  uint8_t list_file[sizeof(list_body) + QY_EPID_FILE_OVERHEAD];
  qy_epid_sigrl list;
  assert_ok(qy_epid_sigrl_revoke(list_body, sizeof(list_body), &size, &none, QY_VIEW_OF(signature), NULL, NULL));
  assert_ok(qy_epid_file_sign(list_file, sizeof(list_file), QY_EPID_FILE_SIGRL, QY_VIEW_OF(list_body),
                              qy_secret_view(&secret), NULL));
  assert_ok(qy_epid_sigrl_read(&list, QY_VIEW_OF(list_file), &ca, NULL, NULL));
  assert_int_equal(list.version, 1);
  assert_int_equal(list.count, 1);
  assert_memory_equal(list.entries.bytes, signature, 128);
  assert_int_equal(qy_epid_file_sign(list_file, sizeof(list_file), QY_EPID_FILE_GROUPRL, QY_VIEW_OF(list_body),
                                     qy_secret_view(&secret), NULL),
                   QY_ERR_ARGUMENT);
  assert_int_equal(qy_epid_file_sign(list_file, sizeof(list_file) - 1, QY_EPID_FILE_SIGRL, QY_VIEW_OF(list_body),
                                     qy_secret_view(&secret), NULL),
                   QY_ERR_SPACE);
}

/* Lists written again are the bytes that were read. */
static void lists_round_trip(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(file, 8192);
  uint8_t out[8192];
  size_t size;
  qy_epid_privrl privrl;
  load(&file, "epid/sdk-testdata/grp01/privrl.dat");
  assert_ok(qy_epid_privrl_read(&privrl, qy_buffer_view(&file), NULL, NULL, NULL));
  assert_int_equal(qy_epid_privrl_encode(NULL, 0, &size, &privrl, NULL), QY_ERR_SPACE);
  assert_int_equal(size, file.size);
  assert_ok(qy_epid_privrl_encode(out, size, &size, &privrl, NULL));
  assert_memory_equal(out, file.bytes, file.size);
  privrl.count++;
  assert_int_equal(qy_epid_privrl_encode(out, sizeof(out), &size, &privrl, NULL), QY_ERR_ARGUMENT);

  QY_SCOPED_BUFFER(second, 8192);
  qy_epid_sigrl sigrl;
  load(&second, "epid/sdk-testdata/grp01/sigrl.dat");
  assert_ok(qy_epid_sigrl_read(&sigrl, qy_buffer_view(&second), NULL, NULL, NULL));
  assert_ok(qy_epid_sigrl_encode(out, sizeof(out), &size, &sigrl, NULL));
  assert_int_equal(size, second.size);
  assert_memory_equal(out, second.bytes, size);

  QY_SCOPED_BUFFER(third, 8192);
  qy_epid_grouprl grouprl;
  load(&third, "epid/sdk-testdata/ikgf/grprl.dat");
  assert_ok(qy_epid_grouprl_read(&grouprl, qy_buffer_view(&third), NULL, NULL, NULL));
  assert_ok(qy_epid_grouprl_encode(out, sizeof(out), &size, &grouprl, NULL));
  assert_int_equal(size, third.size);
  assert_memory_equal(out, third.bytes, size);

  QY_SCOPED_BUFFER(fourth, 8192);
  qy_epid_verifierrl verifierrl;
  load(&fourth, "epid/sdk-testdata/grp01/verrl.dat");
  assert_ok(qy_epid_verifierrl_decode(&verifierrl, qy_buffer_view(&fourth), NULL));
  assert_ok(qy_epid_verifierrl_encode(out, sizeof(out), &size, &verifierrl, NULL));
  assert_int_equal(size, fourth.size);
  assert_memory_equal(out, fourth.bytes, size);
  for (size_t cut = 0; cut < fourth.size; cut++) {
    assert_int_equal(qy_epid_verifierrl_decode(&verifierrl, qy_view_over(fourth.bytes, cut), NULL), QY_ERR_TRUNCATED);
  }
  qy_buffer_append(&fourth, "", 1);
  assert_int_equal(qy_epid_verifierrl_decode(&verifierrl, qy_buffer_view(&fourth), NULL), QY_ERR_MALFORMED);
  memset(fourth.bytes + 84, 0xff, 4);
  assert_int_equal(qy_epid_verifierrl_decode(&verifierrl, qy_buffer_view(&fourth), NULL), QY_ERR_LIMIT);
}

#define BLOB_TEST(name, type, blob_size)                                                                    \
  static void name##_blob(void **state)                                                                     \
  {                                                                                                         \
    (void)state;                                                                                            \
    uint8_t bytes[(blob_size) + 1];                                                                         \
    uint8_t again[blob_size];                                                                               \
    type value;                                                                                             \
    for (size_t i = 0; i < sizeof(bytes); i++) {                                                            \
      bytes[i] = (uint8_t)(i * 5);                                                                          \
    }                                                                                                       \
    for (size_t size = 0; size < (blob_size); size++) {                                                     \
      assert_int_equal(qy_epid_##name##_decode(&value, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED); \
    }                                                                                                       \
    assert_int_equal(qy_epid_##name##_decode(&value, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);           \
    assert_ok(qy_epid_##name##_decode(&value, qy_view_over(bytes, (blob_size)), NULL));                     \
    qy_epid_##name##_encode(again, &value);                                                                 \
    assert_memory_equal(again, bytes, sizeof(again));                                                       \
  }

BLOB_TEST(group_key, qy_epid_group_key, QY_EPID_GROUP_KEY_SIZE)
BLOB_TEST(issuing_key, qy_epid_issuing_key, QY_EPID_ISSUING_KEY_SIZE)
BLOB_TEST(member_key, qy_epid_member_key, QY_EPID_MEMBER_KEY_SIZE)
BLOB_TEST(credential, qy_epid_credential, QY_EPID_CREDENTIAL_SIZE)
BLOB_TEST(join_request, qy_epid_join_request, QY_EPID_JOIN_REQUEST_SIZE)

static void signatures_round_trip(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(file, 1000);
  uint8_t again[840];
  qy_epid_signature signature;
  load(&file, "epid/fresh-sdk/a_m0_hello_rnd_sigrl.sig");
  assert_ok(qy_epid_signature_decode(&signature, qy_buffer_view(&file), NULL));
  assert_int_equal(signature.proof_count, 3);
  assert_ok(qy_epid_signature_encode(again, sizeof(again), &signature, NULL));
  assert_memory_equal(again, file.bytes, sizeof(again));
  assert_int_equal(qy_epid_signature_encode(again, sizeof(again) - 1, &signature, NULL), QY_ERR_SPACE);
  signature.proof_count = 2;
  assert_int_equal(qy_epid_signature_encode(again, sizeof(again), &signature, NULL), QY_ERR_ARGUMENT);
}

static void group_ids(void **state)
{
  (void)state;
  const qy_epid_gid sgx = qy_epid_gid_of_sgx(0x0102fe04);
  const uint8_t expected[QY_EPID_GID_SIZE] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0xfe, 4};
  qy_epid_hash hash;
  assert_memory_equal(sgx.bytes, expected, sizeof(expected));
  assert_ok(qy_epid_hash_of_gid(&hash, &sgx, NULL));
  assert_int_equal(hash, QY_EPID_SHA256);
  for (uint8_t i = 0; i < 16; i++) {
    const qy_epid_gid gid = {{0, (uint8_t)(0xf0 | i)}};
    assert_int_equal(qy_epid_hash_of_gid(&hash, &gid, NULL), i < 4 ? QY_OK : QY_ERR_UNSUPPORTED);
  }
  const qy_epid_gid schema = {{0x10}};
  assert_int_equal(qy_epid_hash_of_gid(&hash, &schema, NULL), QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_of_the_sdk),  cmocka_unit_test(ca_certificates),
      cmocka_unit_test(files_of_ours),     cmocka_unit_test(ca_of_the_sdk_is_made_again),
      cmocka_unit_test(lists_round_trip),  cmocka_unit_test(signatures_round_trip),
      cmocka_unit_test(group_key_blob),    cmocka_unit_test(issuing_key_blob),
      cmocka_unit_test(member_key_blob),   cmocka_unit_test(credential_blob),
      cmocka_unit_test(join_request_blob), cmocka_unit_test(group_ids),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
