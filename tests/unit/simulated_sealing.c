/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed data opens on the machine and for the enclave, or signer, that sealed it, and nowhere else. */
#include "simulated_fixture.h"

#include <string.h>

#include <base/cursor.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <sgx/keys.h>
#include <sgx/sealed_blob.h>

#define AAD "clear"
#define PLAIN "the secret of the enclave"

static void sealed_by(qy_buffer *out, const qy_launched *enclave, uint8_t policy)
{
  uint8_t in[2 + sizeof(AAD) - 1 + sizeof(PLAIN) - 1] = {policy, sizeof(AAD) - 1};
  memcpy(in + 2, AAD, sizeof(AAD) - 1);
  memcpy(in + 2 + sizeof(AAD) - 1, PLAIN, sizeof(PLAIN) - 1);
  assert_ok(fixture_call(enclave, PROBE_SEAL, QY_VIEW_OF(in), out, NULL));
}

static void opens(const qy_launched *enclave, const qy_buffer *blob)
{
  QY_SCOPED_BUFFER(out, 4096);
  QY_SCOPED_BUFFER(expected, 4096);
  qy_trace trace = {0};
  assert_ok(fixture_call(enclave, PROBE_UNSEAL, qy_buffer_view(blob), &out, &trace));
  qy_buffer_append(&expected, (const uint8_t[]){sizeof(PLAIN) - 1, 0, 0, 0}, 4);
  qy_buffer_append_text(&expected, PLAIN AAD);
  assert_true(qy_view_equal(qy_buffer_view(&out), qy_buffer_view(&expected)));
  assert_int_equal(qy_trace_find(&trace, QY_CHECK_SEALED_BLOB_TAG)->outcome, QY_OUTCOME_HELD);
}

static void does_not_open(const qy_launched *enclave, const qy_buffer *blob, qy_check_id check)
{
  qy_trace trace = {0};
  assert_int_equal(fixture_call(enclave, PROBE_UNSEAL, qy_buffer_view(blob), NULL, &trace), QY_ERR_REFUSED);
  assert_non_null(qy_trace_failed(&trace));
  assert_string_equal(qy_check_name(qy_trace_failed(&trace)->id), qy_check_name(check));
}

static void the_blob_is_laid_out_as_intel_s(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(one, 4096);
  QY_SCOPED_BUFFER(two, 4096);
  qy_sealed_blob blob;
  sealed_by(&one, &enclave, QY_KEY_POLICY_MRSIGNER);
  sealed_by(&two, &enclave, QY_KEY_POLICY_MRSIGNER);
  assert_int_equal(one.size, 560 + sizeof(AAD) - 1 + sizeof(PLAIN) - 1);
  assert_ok(qy_sealed_blob_decode(&blob, qy_buffer_view(&one), &assert_why));
  assert_int_equal(blob.key_request.key_name, QY_KEY_SEAL);
  assert_int_equal(blob.key_request.key_policy, QY_KEY_POLICY_MRSIGNER);
  assert_int_equal(blob.key_request.isv_svn, 2);
  assert_memory_equal(blob.key_request.cpu_svn, all->config.levels.cpu_svns[1], 16);
  assert_true(blob.key_request.attribute_mask.flags == 0xff0000000000000bull);
  assert_true(blob.key_request.attribute_mask.xfrm == 0);
  assert_int_equal(blob.key_request.misc_mask, 0xf0000000u);
  assert_true(qy_view_equal(blob.clear_text, qy_view_text(AAD)));
  assert_null(memmem(one.bytes, one.size, PLAIN, sizeof(PLAIN) - 1));
  assert_memory_not_equal(one.bytes + 40, two.bytes + 40, 32); /* each its own key id */
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void opens_again_after_a_restart(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(by_enclave, 4096);
  QY_SCOPED_BUFFER(by_signer, 4096);
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  sealed_by(&by_enclave, &enclave, QY_KEY_POLICY_MRENCLAVE);
  sealed_by(&by_signer, &enclave, QY_KEY_POLICY_MRSIGNER);
  qy_cpu_stop(&cpu);
  fixture_end(&enclave);
  cpu = fixture_start(all->machine);
  enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  opens(&enclave, &by_enclave);
  opens(&enclave, &by_signer);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

static void only_its_owner_opens_it(void **state)
{
  fixture *all = *state;
  QY_SCOPED_BUFFER(by_enclave, 4096);
  QY_SCOPED_BUFFER(by_signer, 4096);
  const probe_kind kinds[] = {
      {.signer = all->other, .isv_prod_id = 1, .isv_svn = 3, .section = "next version"}, /* same signer and product */
      {.signer = all->other, .isv_prod_id = 1, .isv_svn = 1, .section = "older"},        /* an SVN below */
      {.signer = all->other, .isv_prod_id = 2, .isv_svn = 2, .section = "one"},          /* another product */
      {.signer = all->maker, .isv_prod_id = 1, .isv_svn = 2, .section = "one"}, /* another signer, same MRENCLAVE */
      {.signer = all->other, .flags = QY_ATTRIBUTE_DEBUG, .isv_prod_id = 1, .isv_svn = 2, .section = "one"}};
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched owner = fixture_launch(&cpu, qy_buffer_view(&all->image));
  sealed_by(&by_enclave, &owner, QY_KEY_POLICY_MRENCLAVE);
  sealed_by(&by_signer, &owner, QY_KEY_POLICY_MRSIGNER);
  qy_launched others[5];
  for (size_t i = 0; i < 5; i++) {
    QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
    fixture_image(&image, all, kinds[i]);
    others[i] = fixture_launch(&cpu, qy_buffer_view(&image));
  }
  opens(&others[0], &by_signer);
  does_not_open(&others[0], &by_enclave, QY_CHECK_SEALED_BLOB_TAG);
  assert_int_equal(fixture_call(&others[1], PROBE_UNSEAL, qy_buffer_view(&by_signer), NULL, NULL), QY_ERR_REFUSED);
  for (size_t i = 2; i < 5; i++) {
    does_not_open(&others[i], &by_signer, QY_CHECK_SEALED_BLOB_TAG);
  }
  does_not_open(&others[2], &by_enclave, QY_CHECK_SEALED_BLOB_TAG);
  opens(&others[3], &by_enclave);                                   /* MRENCLAVE alone does not name the signer */
  does_not_open(&others[4], &by_enclave, QY_CHECK_SEALED_BLOB_TAG); /* debug is always told apart */
  for (size_t i = 0; i < 5; i++) {
    fixture_end(&others[i]);
  }
  fixture_end(&owner);
  qy_cpu_stop(&cpu);
}

static void another_machine_does_not_open_it(void **state)
{
  fixture *all = *state;
  char elsewhere[128];
  (void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", all->folder);
  assert_ok(qy_machine_init(NULL, elsewhere, &all->config, qy_random_system(), &assert_why));
  QY_SCOPED_BUFFER(blob, 4096);
  qy_cpu here = fixture_start(all->machine);
  qy_cpu there = fixture_start(elsewhere);
  qy_launched enclave = fixture_launch(&here, qy_buffer_view(&all->image));
  qy_launched twin = fixture_launch(&there, qy_buffer_view(&all->image));
  assert_memory_equal(&enclave.identity, &twin.identity, sizeof(twin.identity));
  sealed_by(&blob, &enclave, QY_KEY_POLICY_MRSIGNER | QY_KEY_POLICY_MRENCLAVE);
  opens(&enclave, &blob);
  does_not_open(&twin, &blob, QY_CHECK_SEALED_BLOB_TAG);
  fixture_end(&enclave);
  fixture_end(&twin);
  qy_cpu_stop(&here);
  qy_cpu_stop(&there);
}

static void every_flipped_bit_is_noticed(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(blob, 4096);
  sealed_by(&blob, &enclave, QY_KEY_POLICY_MRSIGNER);
  for (size_t at = 0; at < blob.size; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      blob.bytes[at] ^= (uint8_t)(1u << bit);
      assert_int_not_equal(fixture_call(&enclave, PROBE_UNSEAL, qy_buffer_view(&blob), NULL, NULL), QY_OK);
      blob.bytes[at] ^= (uint8_t)(1u << bit);
    }
  }
  opens(&enclave, &blob);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

/* A key whose request names neither enclave nor signer is every enclave's: what it seals proves nothing. */
static void a_blob_without_owner_is_refused(void **state)
{
  fixture *all = *state;
  qy_cpu cpu = fixture_start(all->machine);
  qy_launched enclave = fixture_launch(&cpu, qy_buffer_view(&all->image));
  QY_SCOPED_BUFFER(key_bytes, 64);
  QY_SCOPED_BUFFER(blob, 4096);
  QY_SCOPED_SECRET(key);
  uint8_t in[2] = {0, 0};
  uint8_t bytes[QY_KEY_REQUEST_SIZE];
  qy_key_request request = {.key_name = QY_KEY_SEAL, .key_id = {1}};
  memcpy(request.cpu_svn, all->config.levels.cpu_svns[1], 16);
  qy_key_request_encode(bytes, &request);
  assert_ok(fixture_call(&enclave, PROBE_KEY, QY_VIEW_OF(bytes), &key_bytes, NULL));
  qy_secret_set(&key, key_bytes.bytes, key_bytes.size);
  assert_ok(qy_sealed_blob_seal(&blob, &request, &key, qy_view_text(PLAIN), qy_view_text(AAD), &assert_why));
  does_not_open(&enclave, &blob, QY_CHECK_SEALED_BLOB_OWNER);
  assert_int_equal(fixture_call(&enclave, PROBE_SEAL, QY_VIEW_OF(in), NULL, NULL), QY_ERR_ARGUMENT);
  in[0] = QY_KEY_POLICY_NOISVPRODID;
  assert_int_equal(fixture_call(&enclave, PROBE_SEAL, QY_VIEW_OF(in), NULL, NULL), QY_ERR_ARGUMENT);
  fixture_end(&enclave);
  qy_cpu_stop(&cpu);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_blob_is_laid_out_as_intel_s), cmocka_unit_test(opens_again_after_a_restart),
      cmocka_unit_test(only_its_owner_opens_it),         cmocka_unit_test(another_machine_does_not_open_it),
      cmocka_unit_test(every_flipped_bit_is_noticed),    cmocka_unit_test(a_blob_without_owner_is_refused),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
