/* SPDX-License-Identifier: Apache-2.0 */
#include "sgx_support.h"

#include <dirent.h>
#include <stdio.h>

#include <sgx/intel_keys.h>
#include <sgx/sigstruct.h>

static qy_status recode(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_sigstruct sigstruct;
  QY_TRY(qy_sigstruct_decode(&sigstruct, bytes, why));
  qy_sigstruct_encode(qy_buffer_extend(again, QY_SIGSTRUCT_SIZE), &sigstruct);
  return QY_OK;
}

/* One key for the whole file: making RSA-3072 keys is slow. */
static int make_key(void **state)
{
  qy_rsa_private *key = NULL;
  if (qy_rsa_generate(&key, 3072, 3, NULL) != QY_OK) {
    return -1;
  }
  *state = key;
  return 0;
}

static int drop_key(void **state)
{
  qy_rsa_private *key = *state;
  qy_rsa_private_free(&key);
  return 0;
}

static void a_sigstruct(qy_sigstruct *out, const qy_rsa_private *key)
{
  memset(out, 0, sizeof(*out));
  out->date = 0x20261123;
  out->misc_mask = 0xffffffffu;
  out->attributes = (qy_attributes){QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY};
  out->attribute_mask = (qy_attributes){~QY_ATTRIBUTE_DEBUG, ~0xe4ull};
  fill_random(out->enclave_hash, sizeof(out->enclave_hash), 5);
  fill_random(out->isv_family_id, sizeof(out->isv_family_id), 6);
  out->isv_prod_id = 0x1234;
  out->isv_svn = 0x8001;
  assert_ok(qy_sigstruct_sign(out, key, &assert_why));
}

static void an_enclave_for(qy_secs *secs, const qy_sigstruct *sigstruct)
{
  memset(secs, 0, sizeof(*secs));
  secs->attributes = sigstruct->attributes;
  memcpy(secs->mr_enclave, sigstruct->enclave_hash, sizeof(secs->mr_enclave));
}

static void decoder_pays_its_debts(void **state)
{
  qy_sigstruct sigstruct;
  uint8_t bytes[QY_SIGSTRUCT_SIZE];
  a_sigstruct(&sigstruct, *state);
  qy_sigstruct_encode(bytes, &sigstruct);
  check_decoder(recode, QY_VIEW_OF(bytes));
}

/* Every byte that is fixed must be as it is; every other may vary. */
static void fixed_bytes_are_fixed(void **state)
{
  qy_sigstruct sigstruct;
  uint8_t bytes[QY_SIGSTRUCT_SIZE];
  QY_SCOPED_BUFFER(again, 4096);
  a_sigstruct(&sigstruct, *state);
  qy_sigstruct_encode(bytes, &sigstruct);
  for (size_t at = 0; at < sizeof(bytes); at++) {
    const bool fixed = at < 12 || (at >= 12 && at < 16) || (at >= 24 && at < 40) || (at >= 44 && at < 128) ||
                       (at >= 512 && at < 516) || (at >= 992 && at < 1008) || (at >= 1028 && at < 1040);
    bytes[at] ^= 0x40;
    assert_int_equal(recode_exact(recode, &again, bytes, sizeof(bytes)), fixed ? QY_ERR_MALFORMED : QY_OK);
    bytes[at] ^= 0x40;
  }
  bytes[15] = 0x80; /* but for this one */
  assert_int_equal(recode_exact(recode, &again, bytes, sizeof(bytes)), QY_OK);
}

static void what_is_signed_verifies(void **state)
{
  qy_sigstruct sigstruct;
  qy_trace trace = {0};
  a_sigstruct(&sigstruct, *state);
  assert_ok(qy_sigstruct_verify(&trace, &sigstruct, &assert_why));
  assert_int_equal(trace.count, 2);
  assert_null(qy_trace_failed(&trace));
}

static void changes_are_refused(void **state)
{
  /* One byte in each stretch; the signature covers 0..127 and 900..1027. */
  static const struct {
    size_t at;
    qy_check_id id;
  } rows[] = {
      {16, QY_CHECK_SIGSTRUCT_SIGNATURE},   {20, QY_CHECK_SIGSTRUCT_SIGNATURE},   {40, QY_CHECK_SIGSTRUCT_SIGNATURE},
      {130, QY_CHECK_SIGSTRUCT_SIGNATURE},  {128, QY_CHECK_SIGSTRUCT_SIGNATURE},  {511, QY_CHECK_SIGSTRUCT_SIGNATURE},
      {516, QY_CHECK_SIGSTRUCT_SIGNATURE},  {899, QY_CHECK_SIGSTRUCT_SIGNATURE},  {900, QY_CHECK_SIGSTRUCT_SIGNATURE},
      {908, QY_CHECK_SIGSTRUCT_SIGNATURE},  {960, QY_CHECK_SIGSTRUCT_SIGNATURE},  {1027, QY_CHECK_SIGSTRUCT_SIGNATURE},
      {1040, QY_CHECK_SIGSTRUCT_QUOTIENTS}, {1423, QY_CHECK_SIGSTRUCT_QUOTIENTS}, {1424, QY_CHECK_SIGSTRUCT_QUOTIENTS},
      {1807, QY_CHECK_SIGSTRUCT_QUOTIENTS}};
  qy_sigstruct sigstruct;
  uint8_t bytes[QY_SIGSTRUCT_SIZE];
  a_sigstruct(&sigstruct, *state);
  qy_sigstruct_encode(bytes, &sigstruct);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    qy_trace trace = {0};
    qy_error why = {0};
    bytes[rows[i].at] ^= 0x01;
    assert_ok(qy_sigstruct_decode(&sigstruct, QY_VIEW_OF(bytes), &assert_why));
    assert_int_equal(qy_sigstruct_verify(&trace, &sigstruct, &why), QY_ERR_REFUSED);
    assert_int_equal(refused_by(&trace), rows[i].id);
    bytes[rows[i].at] ^= 0x01;
  }
  a_sigstruct(&sigstruct, *state); /* the top bit gone: no RSA-3072 modulus */
  sigstruct.modulus[QY_SIGSTRUCT_KEY_SIZE - 1] &= 0x7f;
  assert_int_equal(qy_sigstruct_verify(NULL, &sigstruct, NULL), QY_ERR_REFUSED);
  memset(sigstruct.modulus, 0, sizeof(sigstruct.modulus));
  assert_int_equal(qy_sigstruct_verify(NULL, &sigstruct, NULL), QY_ERR_REFUSED);
}

static void another_key_cannot_sign(void **state)
{
  (void)state;
  QY_SCOPED_RSA(small);
  qy_sigstruct sigstruct = {0};
  assert_ok(qy_rsa_generate(&small, 2048, 3, &assert_why));
  assert_int_equal(qy_sigstruct_sign(&sigstruct, small, NULL), QY_ERR_ARGUMENT);
}

static qy_check_id admission(const qy_sigstruct *sigstruct, const qy_secs *secs)
{
  qy_trace trace = {0};
  const qy_status status = qy_sigstruct_admits(&trace, sigstruct, secs, NULL);
  assert_int_equal(status, qy_trace_failed(&trace) == NULL ? QY_OK : QY_ERR_REFUSED);
  return refused_by(&trace);
}

static void einit_admits_what_was_signed(void **state)
{
  qy_sigstruct sigstruct;
  qy_secs secs;
  a_sigstruct(&sigstruct, *state);
  an_enclave_for(&secs, &sigstruct);
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_NONE);
  secs.attributes.flags |= QY_ATTRIBUTE_DEBUG; /* outside the mask */
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_NONE);
  secs.attributes.flags |= QY_ATTRIBUTE_PROVISION_KEY;
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_SIGSTRUCT_ATTRIBUTES);
  an_enclave_for(&secs, &sigstruct);
  secs.attributes.xfrm |= 0x4; /* AVX, outside the mask */
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_NONE);
  secs.attributes.xfrm |= 0x200;
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_SIGSTRUCT_ATTRIBUTES);
  an_enclave_for(&secs, &sigstruct);
  secs.misc_select = QY_MISC_EXINFO;
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_SIGSTRUCT_MISC_SELECT);
  sigstruct.misc_mask = ~QY_MISC_EXINFO;
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_NONE);
  secs.mr_enclave[31] ^= 0x80;
  assert_int_equal(admission(&sigstruct, &secs), QY_CHECK_SIGSTRUCT_MEASUREMENT);
}

static void einit_gives_the_identity(void **state)
{
  qy_sigstruct sigstruct;
  qy_secs secs, before;
  uint8_t mr_signer[32];
  a_sigstruct(&sigstruct, *state);
  an_enclave_for(&secs, &sigstruct);
  before = secs;
  sigstruct.q2[0] ^= 1;
  assert_int_equal(qy_sigstruct_initialise(NULL, &secs, &sigstruct, NULL), QY_ERR_REFUSED);
  assert_memory_equal(&secs, &before, sizeof(secs));
  sigstruct.q2[0] ^= 1;
  assert_ok(qy_sigstruct_initialise(NULL, &secs, &sigstruct, &assert_why));
  assert_ok(qy_sigstruct_mr_signer(mr_signer, &sigstruct, &assert_why));
  assert_memory_equal(secs.mr_signer, mr_signer, 32);
  assert_int_equal(secs.isv_prod_id, 0x1234);
  assert_int_equal(secs.isv_svn, 0x8001);
  assert_true(secs.attributes.flags & QY_ATTRIBUTE_INIT);
  assert_true(qy_view_is_zero(QY_VIEW_OF(secs.isv_family_id))); /* no KSS */
  assert_int_equal(qy_sigstruct_initialise(NULL, &secs, &sigstruct, NULL), QY_ERR_SEQUENCE);

  a_sigstruct(&sigstruct, *state);
  sigstruct.attributes.flags |= QY_ATTRIBUTE_KSS;
  assert_ok(qy_sigstruct_sign(&sigstruct, *state, &assert_why));
  an_enclave_for(&secs, &sigstruct);
  assert_ok(qy_sigstruct_initialise(NULL, &secs, &sigstruct, &assert_why));
  assert_memory_equal(secs.isv_family_id, sigstruct.isv_family_id, 16);
}

static void real_case(const char *path, const char *name)
{
  QY_SCOPED_BUFFER(bytes, 4096);
  qy_sigstruct sigstruct;
  uint8_t mr_signer[32];
  qy_trace trace = {0};
  char hash[9];
  vectors_read(&bytes, path);
  check_decoder(recode, qy_buffer_view(&bytes));
  assert_ok(qy_sigstruct_decode(&sigstruct, qy_buffer_view(&bytes), &assert_why));
  assert_ok(qy_sigstruct_verify(&trace, &sigstruct, &assert_why));
  assert_int_equal(trace.count, 2);
  assert_ok(qy_sigstruct_mr_signer(mr_signer, &sigstruct, &assert_why));
  const uint8_t *mr = sigstruct.enclave_hash;
  (void)snprintf(hash, sizeof(hash), "%02x%02x%02x%02x", mr[0], mr[1], mr[2], mr[3]);
  assert_non_null(strstr(name, hash));
  assert_int_equal(strncmp(name, "intel-", 6) == 0, sigstruct.vendor == QY_SIGSTRUCT_VENDOR_INTEL);
  if (strncmp(name, "Quixote-", 8) == 0) {
    assert_true(qy_signer_is_published(mr_signer)); /* Intel's sample key */
  }
  if (strncmp(name, "intel-", 6) == 0) {
    assert_false(qy_signer_is_published(mr_signer));
  }
}

static void sigstructs_of_the_world_verify(void **state)
{
  (void)state;
  vectors_need();
  size_t count = 0;
  DIR *folder = opendir(vectors_path("misc/sigstruct"));
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[512];
    if (strstr(entry->d_name, ".sigstruct") == NULL) {
      continue;
    }
    (void)snprintf(path, sizeof(path), "misc/sigstruct/%s", entry->d_name);
    real_case(path, entry->d_name);
    count++;
  }
  closedir(folder);
  assert_int_equal(count, 22);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoder_pays_its_debts),   cmocka_unit_test(fixed_bytes_are_fixed),
      cmocka_unit_test(what_is_signed_verifies),  cmocka_unit_test(changes_are_refused),
      cmocka_unit_test(another_key_cannot_sign),  cmocka_unit_test(einit_admits_what_was_signed),
      cmocka_unit_test(einit_gives_the_identity), cmocka_unit_test(sigstructs_of_the_world_verify),
  };
  return cmocka_run_group_tests(tests, make_key, drop_key);
}
