/* SPDX-License-Identifier: Apache-2.0 */
/* Which enclaves a policy means: every attribute bit, identities, lists. */
#include "appraisal_scene.h"

#include <string.h>

#include <sgx/intel_keys.h>

static void expect(scene *it, qy_check_id id)
{
  assert_ok(maker_appraise(&it->verdict, it->maker, &it->report, &it->policy));
  if (id == QY_CHECK_NONE) {
    expect_report_trusted(&it->verdict);
  } else {
    expect_refused(&it->verdict, id);
  }
}

/* I03: each of the 128 bits of ATTRIBUTES, flipped alone. */
static void each_attribute_bit(void **state)
{
  scene *it = *state;
  for (unsigned bit = 0; bit < 64; bit++) {
    (void)reset_scene(state);
    it->report.quote.report.attributes.flags ^= 1ull << bit;
    qy_check_id id = QY_CHECK_ENCLAVE_FLAGS; /* reserved: 3, 8, 9, 11 and up */
    switch (bit) {
    case 0:
      id = QY_CHECK_ENCLAVE_INIT;
      break;
    case 1:
      id = QY_CHECK_ENCLAVE_DEBUG;
      break;
    case 2:
      id = QY_CHECK_ENCLAVE_MODE64;
      break;
    case 4: /* PROVISION_KEY */
    case 5: /* EINITTOKEN_KEY */
      id = QY_CHECK_ENCLAVE_KEYS;
      break;
    case 6:  /* CET */
    case 7:  /* KSS */
    case 10: /* AEX_NOTIFY */
      id = QY_CHECK_NONE;
      break;
    default:
      break;
    }
    expect(it, id);
  }
  for (unsigned bit = 0; bit < 64; bit++) {
    (void)reset_scene(state);
    it->report.quote.report.attributes.xfrm ^= 1ull << bit;
    const bool known = (bit >= 2 && bit <= 7) || bit == 9 || bit == 11 || bit == 12 || (bit >= 17 && bit <= 19);
    expect(it, known ? QY_CHECK_NONE : QY_CHECK_ENCLAVE_XFRM);
  }
  for (unsigned bit = 0; bit < 32; bit++) {
    (void)reset_scene(state);
    it->report.quote.report.misc_select ^= 1u << bit;
    expect(it, bit < 2 ? QY_CHECK_NONE : QY_CHECK_ENCLAVE_MISC_SELECT);
  }
}

static void masks_of_the_policy(void **state)
{
  scene *it = *state;
  it->policy.attribute_mask.flags = QY_ATTRIBUTE_KSS;
  expect(it, QY_CHECK_NONE);
  it->report.quote.report.attributes.flags |= QY_ATTRIBUTE_KSS;
  expect(it, QY_CHECK_ENCLAVE_FLAGS);
  it->policy.attributes.flags = QY_ATTRIBUTE_KSS;
  expect(it, QY_CHECK_NONE);
  (void)reset_scene(state);
  it->policy.attribute_mask.xfrm = 0x4;
  expect(it, QY_CHECK_ENCLAVE_XFRM);
  it->policy.attributes.xfrm = 0x4;
  expect(it, QY_CHECK_NONE);
  (void)reset_scene(state);
  it->policy.misc_mask = it->policy.misc_select = QY_MISC_EXINFO;
  expect(it, QY_CHECK_ENCLAVE_MISC_SELECT);
  it->report.quote.report.misc_select = QY_MISC_EXINFO;
  expect(it, QY_CHECK_NONE);
  (void)reset_scene(state); /* an architectural enclave, asked for by name */
  it->report.quote.report.attributes.flags |= QY_ATTRIBUTE_PROVISION_KEY;
  it->policy.attribute_mask.flags = it->policy.attributes.flags = QY_ATTRIBUTE_PROVISION_KEY;
  expect(it, QY_CHECK_NONE);
  it->report.quote.report.attributes.flags |= QY_ATTRIBUTE_EINITTOKEN_KEY;
  expect(it, QY_CHECK_ENCLAVE_KEYS);
}

/* I02 */
static void debug_enclaves(void **state)
{
  scene *it = *state;
  it->report.quote.report.attributes.flags |= QY_ATTRIBUTE_DEBUG;
  expect(it, QY_CHECK_ENCLAVE_DEBUG);
  it->policy.allow_debug = true;
  expect(it, QY_CHECK_NONE);
  it->report.quote.report.attributes.flags &= ~QY_ATTRIBUTE_DEBUG;
  expect(it, QY_CHECK_NONE);
}

/* I01 */
static void a_policy_without_identity_fits_nobody(void **state)
{
  scene *it = *state;
  it->policy.has_signer = false;
  expect(it, QY_CHECK_ENCLAVE_MEASUREMENT);
}

static void measurements(void **state)
{
  scene *it = *state;
  it->policy.has_signer = false;
  it->policy.mr_enclave_count = 2;
  memset(it->policy.mr_enclaves[0], 0x01, QY_MEASUREMENT_SIZE);
  memset(it->policy.mr_enclaves[1], 0xe1, QY_MEASUREMENT_SIZE);
  expect(it, QY_CHECK_NONE);
  for (size_t at = 0; at < QY_MEASUREMENT_SIZE; at++) {
    it->report.quote.report.mr_enclave[at] ^= 1;
    expect(it, QY_CHECK_ENCLAVE_MEASUREMENT);
    it->report.quote.report.mr_enclave[at] ^= 1;
  }
  it->policy.has_signer = true; /* both are named: both must hold */
  expect(it, QY_CHECK_NONE);
  it->report.quote.report.mr_signer[31] ^= 1;
  expect(it, QY_CHECK_ENCLAVE_SIGNER);
  (void)reset_scene(state);
  it->policy.mr_enclave_count = 1;
  expect(it, QY_CHECK_ENCLAVE_MEASUREMENT);
}

/* I04: signs, byte order, product. */
static void signer_product_and_security_version(void **state)
{
  scene *it = *state;
  const struct {
    uint16_t least, actual;
    bool held;
  } rows[] = {{5, 4, false},
              {5, 5, true},
              {5, 6, true},
              {1, 0x8000, true},
              {0x8000, 1, false},
              {0x7fff, 0x8000, true},
              {0x8000, 0x7fff, false},
              {0x0100, 0x0001, false},
              {0x0001, 0x0100, true},
              {0, 0, true},
              {0xffff, 0xfffe, false},
              {0xffff, 0xffff, true}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    it->policy.isv_svn_min = rows[i].least;
    it->report.quote.report.isv_svn = rows[i].actual;
    expect(it, rows[i].held ? QY_CHECK_NONE : QY_CHECK_ENCLAVE_SVN);
  }
  (void)reset_scene(state);
  it->report.quote.report.isv_prod_id = 8;
  expect(it, QY_CHECK_ENCLAVE_PRODUCT);
  it->report.quote.report.isv_prod_id = 0x0700;
  expect(it, QY_CHECK_ENCLAVE_PRODUCT);
  (void)reset_scene(state);
  it->report.quote.report.mr_signer[0] ^= 0x80;
  expect(it, QY_CHECK_ENCLAVE_SIGNER);
}

/* I05 */
static void denied_measurements(void **state)
{
  scene *it = *state;
  it->policy.denied_count = 2;
  memset(it->policy.denied_mr_enclaves[1], 0xe1, QY_MEASUREMENT_SIZE);
  expect(it, QY_CHECK_ENCLAVE_DENIED);
  it->policy.denied_count = 1;
  expect(it, QY_CHECK_NONE);
}

/* I06 */
static void signers_whose_keys_are_public(void **state)
{
  scene *it = *state;
  for (size_t i = 0; i < QY_PUBLISHED_SIGNER_COUNT; i++) {
    memcpy(it->report.quote.report.mr_signer, qy_published_signers[i], QY_MEASUREMENT_SIZE);
    memcpy(it->policy.mr_signer, qy_published_signers[i], QY_MEASUREMENT_SIZE);
    it->policy.allow_published_signers = false;
    expect(it, QY_CHECK_ENCLAVE_SIGNER_PUBLISHED);
    it->policy.allow_published_signers = true;
    expect(it, QY_CHECK_NONE);
  }
  memset(it->report.quote.report.mr_signer, 0, QY_MEASUREMENT_SIZE);
  memset(it->policy.mr_signer, 0, QY_MEASUREMENT_SIZE);
  expect(it, QY_CHECK_ENCLAVE_SIGNER_PUBLISHED);
}

static void reserved_bytes(void **state)
{
  scene *it = *state;
  it->report.quote.report.reserved1[11] = 1;
  expect(it, QY_CHECK_ENCLAVE_RESERVED);
  (void)reset_scene(state);
  it->report.quote.report.reserved4[0] = 1;
  expect(it, QY_CHECK_ENCLAVE_RESERVED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(each_attribute_bit),  TEST(masks_of_the_policy),
                                     TEST(debug_enclaves),      TEST(a_policy_without_identity_fits_nobody),
                                     TEST(measurements),        TEST(signer_product_and_security_version),
                                     TEST(denied_measurements), TEST(signers_whose_keys_are_public),
                                     TEST(reserved_bytes)};
  return cmocka_run_group_tests_name("appraisal: enclaves", tests, open_scene, close_scene);
}
