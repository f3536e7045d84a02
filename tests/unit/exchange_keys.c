/* SPDX-License-Identifier: Apache-2.0 */
/* The key schedule by known answers: Intel's published exchange, and its sample's own derivation as a callback. */
#include "exchange_parties.h"

#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>
#include <crypto/symmetric.h>

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
  QY_SCOPED_BUFFER(expected, 4096);
  hex_bytes(&expected, hex);
  assert_int_equal(expected.size, size);
  assert_memory_equal(bytes, expected.bytes, size);
}

static void from_hex(uint8_t *out, size_t size, const char *hex)
{
  QY_SCOPED_BUFFER(bytes, 4096);
  hex_bytes(&bytes, hex);
  assert_int_equal(bytes.size, size);
  memcpy(out, bytes.bytes, size);
}

static const char shared_x_1[] = "4c7593c9393418f8be3ce6becdb5226d9c1f6601574aa7d2fcdca3525588c8d7";

static void derivation_one(void **state)
{
  (void)state;
  uint8_t shared_x[32];
  qy_session_keys keys;
  from_hex(shared_x, sizeof(shared_x), shared_x_1);
  assert_ok(qy_session_keys_derive(&keys, shared_x, NULL));
  assert_hex(keys.smk, 16, "8f61f538b284a0046e4c574f991fb0ff");
  assert_hex(keys.sk, 16, "fbdbc621a43e3d773b3d0f0e95e3a7f8");
  assert_hex(keys.mk, 16, "4e1024ebaddcb2b3778182d59a72dba6");
  assert_hex(keys.vk, 16, "8187ef33460d0550e153bea7b19881a6");
  from_hex(shared_x, sizeof(shared_x), "d417164c8c98d02e5c4d78ad1360df638fc021c8810e6fa7e1d056a253496831");
  assert_ok(qy_session_keys_derive(&keys, shared_x, NULL));
  assert_hex(keys.smk, 16, "a52758662dbab299aa180fc21591cbad");
  assert_hex(keys.sk, 16, "4a91a4842aca5c952ad59d9b3575c209");
  assert_hex(keys.mk, 16, "ac8f11f64f2795bfee214fa2c0ee7f22");
  assert_hex(keys.vk, 16, "2bba9c386c102cfd6ef013ff6c8cad99");
  qy_session_keys_clear(&keys);
  assert_true(is_wiped(&keys, sizeof(keys)));
}

static void session_report_data(void **state)
{
  (void)state;
  uint8_t g_a[64], g_b[64], report_data[64];
  qy_session_keys keys = {0};
  from_hex(g_a, sizeof(g_a),
           "e8cf0f978af4248af55b56f0ac7f78397110b8dc880d50f0398537fead1fc759"
           "c72381fd4a0248dfd374da454862c8b6734326428f1f8917e7a92af527b3cc4d");
  from_hex(g_b, sizeof(g_b),
           "6a83dc84d44c8abb5e42afee8de9f45771fd7366d7faadfaf21714dd5ab99e97"
           "79a73872f2b8d6be18917ff7b5d3e5649b1218af39296c241938290bc6ac0c62");
  from_hex(keys.vk, sizeof(keys.vk), "8187ef33460d0550e153bea7b19881a6");
  assert_ok(qy_session_report_data(report_data, g_a, g_b, &keys, NULL));
  assert_hex(report_data, 32, "2a0e094ce2d944733642fae0445b7b1fc28516caf1c5cdd20fe4df0f31ca3628");
  assert_true(is_wiped(report_data + 32, 32));
}

/* Intel's sample derivation, id 2: a concatenation KDF whose counter begins at 0. */
static qy_status sample_derive(void *context, qy_session_keys *out, uint16_t kdf_id, const uint8_t shared_x[32],
                               qy_error *why)
{
  static const uint8_t info[] = "\0\0\0\0SGXRAENCLAVE\0SGXRASERVER";
  unsigned *calls = context;
  uint8_t x[32];
  uint8_t halves[2][32];
  (*calls)++;
  if (kdf_id != 2) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "key derivation %u", kdf_id);
  }
  qy_reverse(x, shared_x, sizeof(x));
  for (uint8_t counter = 0; counter < 2; counter++) {
    const uint8_t prefix[4] = {0, 0, 0, counter};
    const qy_view parts[] = {QY_VIEW_OF(prefix), QY_VIEW_OF(x), QY_VIEW_OF(info)};
    QY_TRY(qy_hash_parts(halves[counter], QY_SHA256, parts, 3, why));
  }
  memcpy(out->smk, halves[0], 16);
  memcpy(out->sk, halves[0] + 16, 16);
  memcpy(out->mk, halves[1], 16);
  memcpy(out->vk, halves[1] + 16, 16);
  return QY_OK;
}

static void derivation_of_the_sample(void **state)
{
  (void)state;
  uint8_t shared_x[32];
  qy_session_keys keys = {0};
  unsigned calls = 0;
  from_hex(shared_x, sizeof(shared_x), shared_x_1);
  assert_ok(sample_derive(&calls, &keys, 2, shared_x, NULL));
  assert_hex(keys.smk, 16, "7d51cbb8dbdbef9ff7bfaccc84e9c861");
  assert_hex(keys.sk, 16, "ac43e2f48fb26b454ba8428bcbe93f79");
  assert_hex(keys.mk, 16, "7c2e99eacd2e4b9dbcdfa29fc7e62090");
  assert_hex(keys.vk, 16, "3ded58297a6148487490e2842fffe0e4");
}

static void enclave_with(parties *p, const qy_kdf *kdf)
{
  assert_ok(qy_enclave_side_begin(&p->enclave, p->provider_public, qy_view_text(SECRET_NAME), kdf, NULL, NULL));
}

static void own_derivation_end_to_end(void **state)
{
  (void)state;
  unsigned calls = 0;
  const qy_kdf kdf = {.derive = sample_derive, .context = &calls};
  parties *p = parties_new(2);
  enclave_with(p, &kdf);
  p->provider.kdf = &kdf;
  p->provider.kdf_id = 2;
  talk_to_msg4_said(p, "own keys");
  assert_ok(hear_msg4(p));
  assert_int_equal(calls, 2);
  assert_int_equal(p->secret.size, 8);
  parties_free(p);
}

/* With a callback, id 1 has no meaning of its own: the callback sees it and refuses. */
static void callback_sees_every_id(void **state)
{
  (void)state;
  unsigned calls = 0;
  const qy_kdf kdf = {.derive = sample_derive, .context = &calls};
  parties *p = parties_new(2);
  enclave_with(p, &kdf);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  assert_refused_by(hear_msg2(p), &p->enclave_trace, QY_CHECK_KDF);
  assert_int_equal(calls, 1);
  parties_free(p);
}

static qy_status broken_derive(void *context, qy_session_keys *out, uint16_t kdf_id, const uint8_t shared_x[32],
                               qy_error *why)
{
  (void)context;
  (void)out;
  (void)kdf_id;
  (void)shared_x;
  return qy_fail(why, QY_ERR_MEMORY, "no room");
}

static void failing_callback_ends_both_sides(void **state)
{
  (void)state;
  const qy_kdf kdf = {.derive = broken_derive};
  parties *p = parties_new(2);
  enclave_with(p, &kdf);
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_ok(say_msg2(p, (qy_view){NULL, 0}));
  assert_int_equal(hear_msg2(p), QY_ERR_MEMORY);
  assert_true(is_wiped(&p->enclave, sizeof(p->enclave)));
  parties_free(p);

  p = parties_new(2);
  p->provider.kdf = &kdf;
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_int_equal(say_msg2(p, (qy_view){NULL, 0}), QY_ERR_MEMORY);
  assert_true(is_wiped(&p->side, sizeof(p->side)));
  parties_free(p);
}

static void provider_without_callback_knows_only_one(void **state)
{
  (void)state;
  parties *p = parties_new(2);
  p->provider.kdf_id = 2;
  assert_ok(say_msg1(p));
  assert_ok(hear_msg1(p));
  assert_int_equal(say_msg2(p, (qy_view){NULL, 0}), QY_ERR_ARGUMENT);
  parties_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derivation_one),
      cmocka_unit_test(session_report_data),
      cmocka_unit_test(derivation_of_the_sample),
      cmocka_unit_test(own_derivation_end_to_end),
      cmocka_unit_test(callback_sees_every_id),
      cmocka_unit_test(failing_callback_ends_both_sides),
      cmocka_unit_test(provider_without_callback_knows_only_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
