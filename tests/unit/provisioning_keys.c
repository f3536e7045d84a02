/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivations. The expected values were computed apart from this code, with the openssl command and the formulas of
 * Intel's provisioning enclave. */
#include "vectors.h"

#include <string.h>

#include <provisioning/keys.h>

static void count_up(uint8_t *out, size_t size, uint8_t first)
{
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(first + i);
  }
}

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
  QY_SCOPED_BUFFER(expected, 128);
  hex_bytes(&expected, hex);
  assert_int_equal(expected.size, size);
  assert_memory_equal(bytes, expected.bytes, size);
}

static void session_keys(void **state)
{
  (void)state;
  uint8_t sk[16], xid[8], nonce[8], n2[16], ppid[16];
  QY_SCOPED_SECRET(key);
  QY_SCOPED_SECRET(out);
  count_up(sk, sizeof(sk), 0);
  count_up(xid, sizeof(xid), 0x20);
  count_up(nonce, sizeof(nonce), 0x30);
  count_up(n2, sizeof(n2), 0x40);
  qy_secret_set(&key, sk, sizeof(sk));
  assert_ok(qy_provisioning_ek1(&out, &key, xid, NULL));
  assert_hex(out.bytes, out.size, "5b9e4846b82a2e3530ce1a3dfa852bff");
  assert_ok(qy_provisioning_ek2(&out, &key, xid, nonce, NULL));
  assert_hex(out.bytes, out.size, "8afcc16086d0336fed95e24516a5ff63");
  assert_ok(qy_provisioning_pwk2(&out, &key, n2, NULL));
  assert_hex(out.bytes, out.size, "e478c203ba28f401fd606ff4d8f6e9d5");
  assert_ok(qy_provisioning_ppid(ppid, &key, NULL));
  assert_hex(ppid, sizeof(ppid), "be7ed6ae787dd5544c5561c7dcd06abb");
  assert_ok(qy_pce_signing_key(&out, &key, NULL));
  assert_hex(out.bytes, out.size, "49f96a0fa2027b416e641c07353fcd62ded815e9c2aa1d0c13dd40539a1cb0ca");
}

static void derivations_need_a_key(void **state)
{
  (void)state;
  static const uint8_t bytes[16];
  QY_SCOPED_SECRET(empty);
  QY_SCOPED_SECRET(out);
  qy_secret_set(&out, bytes, sizeof(bytes));
  assert_int_equal(qy_provisioning_ek1(&out, &empty, bytes, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
  assert_int_equal(qy_provisioning_pwk2(&out, &empty, bytes, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_pce_signing_key(&out, &empty, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
}

static void server_names(void **state)
{
  (void)state;
  qy_rsa_public key = {.size = 384, .exponent = 65537};
  uint8_t id[32], data[64];
  key.modulus[0] = 0xc1;
  count_up(key.modulus + 1, 255, 1);
  count_up(key.modulus + 256, 128, 0);
  assert_ok(qy_provisioning_ps_id(id, &key, NULL));
  assert_hex(id, sizeof(id), "c02fd422f9a1cce1f3b91a2fdb372f7c34ecd1710798de47068f3c991f54387a");
  assert_ok(qy_pce_info_report_data(data, &key, NULL));
  assert_hex(data, 32, "4925fbfaebb128ec36ab1c137400b622277852bb35184b6a2632ceb02c609b1a");
  assert_true(qy_view_is_zero((qy_view){data + 32, 32}));
}

static void keys_of_the_root(void **state)
{
  (void)state;
  QY_SCOPED_SECRET(root);
  QY_SCOPED_SECRET(out);
  uint8_t bytes[16], ppid[16];
  qy_architectural_identity identity = {.isv_prod_id = 1};
  qy_psvn psvn = {.isv_svn = 5};
  memset(bytes, 0x77, sizeof(bytes));
  qy_secret_set(&root, bytes, sizeof(bytes));
  memset(identity.mr_signer, 0x99, sizeof(identity.mr_signer));
  count_up(psvn.cpu_svn, sizeof(psvn.cpu_svn), 0x50);
  assert_ok(qy_provision_key_of_root(&out, &root, &identity, &psvn, NULL));
  assert_hex(out.bytes, out.size, "20a22f788cfc04e18f6738127694ebbb");
  assert_ok(qy_ppid_of_root(ppid, &root, &identity, NULL));
  assert_hex(ppid, sizeof(ppid), "91207323ed1fef66e748c12c24f526ee");
}

/* The processor and whoever knows its root come to the same keys; another signer, product or level to others. */
static void root_and_processor_agree(void **state)
{
  (void)state;
  QY_SCOPED_FUSES(fuses);
  QY_SCOPED_SECRET(by_root);
  QY_SCOPED_SECRET(by_cpu);
  qy_key_request request;
  qy_architectural_identity identity = {.isv_prod_id = 1};
  qy_psvn psvn = {.isv_svn = 5};
  qy_secs secs = {.attributes = {QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_PROVISION_KEY | QY_ATTRIBUTE_MODE64BIT, 7},
                  .isv_prod_id = 1,
                  .isv_svn = 9};
  memset(identity.mr_signer, 0x51, sizeof(identity.mr_signer));
  memset(secs.mr_signer, 0x51, sizeof(secs.mr_signer));
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    fuses.base_keys[i].size = 16;
    fuses.base_keys[i].bytes[0] = (uint8_t)i;
  }
  fuses.cpu_svn_count = 1;
  memset(fuses.cpu_svns[0], 3, 16);
  memset(fuses.owner_epoch, 9, sizeof(fuses.owner_epoch));
  memset(psvn.cpu_svn, 3, 16);
  qy_provision_key_request(&request, &psvn);
  assert_ok(qy_sgx_key_derive(&by_cpu, &fuses, psvn.cpu_svn, &secs, &request, NULL));
  assert_ok(qy_provision_key_of_root(&by_root, &fuses.base_keys[QY_KEY_PROVISION], &identity, &psvn, NULL));
  assert_memory_equal(by_cpu.bytes, by_root.bytes, 16);
  psvn.isv_svn = 4;
  assert_ok(qy_provision_key_of_root(&by_root, &fuses.base_keys[QY_KEY_PROVISION], &identity, &psvn, NULL));
  assert_memory_not_equal(by_cpu.bytes, by_root.bytes, 16);
  psvn.isv_svn = 5;
  identity.isv_prod_id = 2;
  assert_ok(qy_provision_key_of_root(&by_root, &fuses.base_keys[QY_KEY_PROVISION], &identity, &psvn, NULL));
  assert_memory_not_equal(by_cpu.bytes, by_root.bytes, 16);
  /* A debug enclave gets other keys. */
  secs.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  identity.isv_prod_id = 1;
  assert_ok(qy_sgx_key_derive(&by_cpu, &fuses, psvn.cpu_svn, &secs, &request, NULL));
  assert_ok(qy_provision_key_of_root(&by_root, &fuses.base_keys[QY_KEY_PROVISION], &identity, &psvn, NULL));
  assert_memory_not_equal(by_cpu.bytes, by_root.bytes, 16);
  /* The escrow key is not Intel's to know: it hangs on a base key of its own. */
  qy_escrow_key_request(&request, &psvn);
  assert_int_equal(request.key_name, QY_KEY_PROVISION_SEAL);
  assert_int_equal(request.misc_mask, 0);
}

static void escrow(void **state)
{
  (void)state;
  test_random seed = {1};
  const qy_random random = test_random_source(&seed);
  const uint8_t f[32] = {1, 2, 3}, key_bytes[16] = {4};
  uint8_t out[32];
  QY_SCOPED_SECRET(key);
  qy_escrow sealed;
  qy_trace trace = {0};
  qy_secret_set(&key, key_bytes, sizeof(key_bytes));
  assert_ok(qy_escrow_seal(&sealed, &key, f, &random, NULL));
  assert_int_equal(sealed.version, 0);
  assert_ok(qy_escrow_open(out, &trace, &sealed, &key, NULL));
  assert_memory_equal(out, f, 32);
  key.bytes[0] ^= 1;
  assert_int_equal(qy_escrow_open(out, &trace, &sealed, &key, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_ESCROW_TAG);
  assert_true(qy_view_is_zero(QY_VIEW_OF(out)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(session_keys),     cmocka_unit_test(derivations_need_a_key),   cmocka_unit_test(server_names),
      cmocka_unit_test(keys_of_the_root), cmocka_unit_test(root_and_processor_agree), cmocka_unit_test(escrow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
