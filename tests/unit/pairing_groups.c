/* SPDX-License-Identifier: Apache-2.0 */
/* G1, G2, the pairing and hash to curve: laws, values of Intel's SDK, and encodings that are refused. */
#include "vectors.h"

#include <string.h>

#include <pairing/hash_to_g1.h>
#include <pairing/pairing.h>

static qy_fp scalar_of(uint64_t value)
{
  qy_fp r;
  qy_fp_set_u64(&r, value);
  return r;
}

static qy_fp random_scalar(test_random *random)
{
  qy_fp r;
  qy_random source = test_random_source(random);
  assert_ok(qy_fp_random(&r, &source, NULL));
  return r;
}

static void generator(qy_g1 *r)
{
  qy_g1_from_affine(r, &qy_g1_generator);
}

/* Scalars whose digits are awkward: 0, 1, p - 1, halves, and random ones. */
static qy_fp awkward_scalar(int i, test_random *random)
{
  qy_fp r;
  switch (i) {
  case 0:
    return scalar_of(0);
  case 1:
    return scalar_of(1);
  case 2:
    r = scalar_of(1);
    qy_fp_neg(&r, &r);
    return r;
  case 3: /* (p + 1) / 2 */
    r = scalar_of(2);
    qy_fp_inverse(&r, &r);
    return r;
  case 4: /* (p - 1) / 2 */
    r = scalar_of(2);
    qy_fp_inverse(&r, &r);
    qy_fp_neg(&r, &r);
    return r;
  case 5:
    return scalar_of(0x8888888888888888u);
  case 6: { /* 2^255 */
    r = scalar_of(2);
    qy_fp out = scalar_of(1);
    for (int bit = 0; bit < 255; bit++) {
      qy_fp_mul(&out, &out, &r);
    }
    return out;
  }
  default:
    return random_scalar(random);
  }
}

static void g1_addition_is_complete(void **state)
{
  (void)state;
  qy_g1 g;
  qy_g1 minus;
  qy_g1 infinity;
  qy_g1 r;
  qy_g1 twice;
  generator(&g);
  qy_g1_neg(&minus, &g);
  qy_g1_set_infinity(&infinity);
  qy_g1_add(&r, &g, &minus);
  assert_true(qy_g1_is_infinity(&r));
  qy_g1_add(&r, &g, &infinity);
  assert_true(qy_g1_equal(&r, &g));
  qy_g1_add(&r, &infinity, &infinity);
  assert_true(qy_g1_is_infinity(&r));
  qy_g1_double(&r, &infinity);
  assert_true(qy_g1_is_infinity(&r));
  assert_false(qy_g1_equal(&infinity, &g));
  qy_g1_double(&twice, &g);
  qy_g1_add(&r, &g, &g);
  assert_true(qy_g1_equal(&r, &twice));
  qy_g1_add_affine(&r, &g, &qy_g1_generator);
  assert_true(qy_g1_equal(&r, &twice));
  qy_g1_add_affine(&r, &minus, &qy_g1_generator);
  assert_true(qy_g1_is_infinity(&r));
  qy_g1_add_affine(&r, &infinity, &qy_g1_generator);
  assert_true(qy_g1_equal(&r, &g));
}

static void g1_has_order_p(void **state)
{
  (void)state;
  qy_g1 g;
  qy_g1 r;
  qy_fp minus_one = scalar_of(1);
  qy_fp_neg(&minus_one, &minus_one);
  generator(&g);
  qy_g1_power(&r, &g, &minus_one, 1);
  qy_g1_add(&r, &r, &g);
  assert_true(qy_g1_is_infinity(&r));
}

/* Small powers by adding, then the four ways to raise to a power against each other. */
static void g1_powers_agree(void **state)
{
  (void)state;
  test_random random = {21};
  static qy_g1_table table;
  qy_g1 g;
  qy_g1 sum;
  qy_g1 secret;
  qy_g1 open;
  generator(&g);
  qy_g1_set_infinity(&sum);
  qy_g1_table_init(&table, &qy_g1_generator);
  for (uint64_t i = 0; i < 40; i++) {
    const qy_fp k = scalar_of(i);
    qy_g1_power(&secret, &g, &k, 1);
    assert_true(qy_g1_equal(&secret, &sum));
    qy_g1_add(&sum, &sum, &g);
  }
  for (int i = 0; i < 30; i++) {
    const qy_fp k = awkward_scalar(i, &random);
    qy_g1_power(&secret, &g, &k, 1);
    qy_g1_power_public(&open, &qy_g1_generator, &k, 1);
    assert_true(qy_g1_equal(&secret, &open));
    qy_g1_set_infinity(&open);
    qy_g1_table_power(&open, &table, &k);
    assert_true(qy_g1_equal(&secret, &open));
    qy_g1_set_infinity(&open);
    qy_g1_table_power_public(&open, &table, &k);
    assert_true(qy_g1_equal(&secret, &open));
  }
}

static void g1_joint_powers_agree(void **state)
{
  (void)state;
  test_random random = {22};
  qy_g1_affine affine[4];
  qy_g1 points[4];
  qy_fp scalars[4];
  qy_g1 g;
  generator(&g);
  for (int i = 0; i < 4; i++) {
    const qy_fp k = random_scalar(&random);
    qy_g1_power(&points[i], &g, &k, 1);
    qy_g1_to_affine(&affine[i], &points[i]);
    scalars[i] = i == 2 ? scalar_of(0) : random_scalar(&random);
  }
  affine[3] = (qy_g1_affine){qy_fq_zero, qy_fq_zero};
  qy_g1_from_affine(&points[3], &affine[3]);
  qy_g1 expected;
  qy_g1 r;
  qy_g1_set_infinity(&expected);
  for (int i = 0; i < 4; i++) {
    qy_g1_power(&r, &points[i], &scalars[i], 1);
    qy_g1_add(&expected, &expected, &r);
  }
  qy_g1_power(&r, points, scalars, 4);
  assert_true(qy_g1_equal(&r, &expected));
  qy_g1_power_public(&r, affine, scalars, 4);
  assert_true(qy_g1_equal(&r, &expected));
}

static void g1_encodings(void **state)
{
  (void)state;
  uint8_t bytes[QY_G1_SIZE] = {0};
  uint8_t again[QY_G1_SIZE];
  qy_g1_affine point;
  qy_g1 infinity;
  assert_true(qy_g1_decode(&point, bytes));
  assert_true(qy_g1_affine_is_infinity(&point));
  qy_g1_set_infinity(&infinity);
  qy_g1_encode(again, &infinity);
  assert_memory_equal(again, bytes, sizeof(bytes));
  bytes[31] = 1;
  bytes[63] = 2;
  assert_true(qy_g1_decode(&point, bytes));
  qy_g1_affine_encode(again, &point);
  assert_memory_equal(again, bytes, sizeof(bytes));
  assert_true(qy_fq_equal(&point.x, &qy_g1_generator.x) & qy_fq_equal(&point.y, &qy_g1_generator.y));
  bytes[63] = 3; /* beside the curve */
  assert_false(qy_g1_decode(&point, bytes));
  assert_true(qy_g1_affine_is_infinity(&point));
  bytes[63] = 2;
  memset(bytes, 0xff, 32); /* x = 2^256 - 1 is beyond q */
  assert_false(qy_g1_decode(&point, bytes));
  memset(bytes, 0, 32); /* x = 0, y = 2: 4 is not 3 */
  assert_false(qy_g1_decode(&point, bytes));
}

static void g2_group_and_subgroup(void **state)
{
  (void)state;
  test_random random = {23};
  const qy_fp k = random_scalar(&random);
  qy_fp minus_one = scalar_of(1);
  qy_g2 g;
  qy_g2 r;
  qy_g2 s;
  qy_g2_affine affine;
  qy_g2_affine image;
  qy_fp_neg(&minus_one, &minus_one);
  qy_g2_from_affine(&g, &qy_g2_generator);
  assert_true(qy_g2_in_subgroup(&qy_g2_generator));
  qy_g2_power(&r, &g, &minus_one);
  qy_g2_add_affine(&r, &r, &qy_g2_generator);
  assert_true(qy_g2_is_infinity(&r));
  /* the Frobenius is the power by q mod p = 6t^2 */
  qy_fp t = scalar_of(0x6882F5C030B0A801u);
  qy_fp six = scalar_of(6);
  qy_fp_mul(&t, &t, &t);
  qy_fp_mul(&t, &t, &six);
  qy_g2_power(&r, &g, &k);
  qy_g2_to_affine(&affine, &r);
  assert_true(qy_g2_in_subgroup(&affine));
  qy_g2_power(&r, &r, &t);
  qy_g2_frobenius(&image, &affine);
  qy_g2_from_affine(&s, &image);
  assert_true(qy_g2_equal(&r, &s));
  qy_g2_neg(&s, &s);
  qy_g2_add(&r, &r, &s);
  assert_true(qy_g2_is_infinity(&r));
}

/* A point of the twist that is not in G2: its p-th power is not infinity, and the quick test says so. */
static void g2_outside_the_subgroup(void **state)
{
  (void)state;
  static const char *const hex = "0000000000000000000000000000000000000000000000000000000000000003"
                                 "0000000000000000000000000000000000000000000000000000000000000001"
                                 "076c6d56d9c72bc687172d65b74dcbae547d44f4bba3e459e9b81751eb634d46"
                                 "0a52bc43636b016b4115eb68f820a70ed903dc55ee2f0ebc92e32d555e4552d7";
  QY_SCOPED_BUFFER(bytes, QY_G2_SIZE);
  qy_g2_affine point;
  qy_g2 p;
  qy_g2 r;
  qy_fp minus_one = scalar_of(1);
  qy_fp_neg(&minus_one, &minus_one);
  hex_bytes(&bytes, hex);
  assert_true(qy_g2_decode(&point, bytes.bytes));
  assert_false(qy_g2_in_subgroup(&point));
  qy_g2_from_affine(&p, &point);
  qy_g2_power(&r, &p, &minus_one);
  qy_g2_add(&r, &r, &p);
  assert_false(qy_g2_is_infinity(&r));
  bytes.bytes[0] ^= 1;
  assert_false(qy_g2_decode(&point, bytes.bytes));
}

static void pair(qy_fq12 *r, const qy_g1 *p, const qy_g2_affine *q)
{
  static qy_pairing_lines lines;
  const qy_pairing_lines *all[1] = {&lines};
  qy_pairing_lines_init(&lines, q);
  qy_pairing_product(r, p, all, 1);
}

static void pairing_is_bilinear(void **state)
{
  (void)state;
  test_random random = {24};
  const qy_fp k = random_scalar(&random);
  qy_fp minus = k;
  qy_g1 g;
  qy_g1 gk;
  qy_g2 h;
  qy_g2_affine hk;
  qy_fq12 left;
  qy_fq12 right;
  qy_fq12 one;
  static qy_pairing_lines lines[2];
  const qy_pairing_lines *all[2] = {&lines[0], &lines[1]};
  qy_fp_neg(&minus, &minus);
  generator(&g);
  qy_g1_power(&gk, &g, &k, 1);
  qy_g2_from_affine(&h, &qy_g2_generator);
  qy_g2_power(&h, &h, &k);
  qy_g2_to_affine(&hk, &h);
  pair(&left, &gk, &qy_g2_generator);
  pair(&right, &g, &hk);
  assert_true(qy_fq12_equal(&left, &right));
  /* pairing(g^-k, g2) pairing(g, g2^k) = 1, as one product */
  qy_fq12_set_one(&one);
  qy_pairing_lines_init(&lines[0], &qy_g2_generator);
  qy_pairing_lines_init(&lines[1], &hk);
  qy_g1 points[2] = {gk, g};
  qy_g1_neg(&points[0], &points[0]);
  qy_pairing_product(&left, points, all, 2);
  assert_true(qy_fq12_equal(&left, &one));
  /* infinity pairs to 1, alone and in a product */
  qy_g1_set_infinity(&points[0]);
  qy_pairing_product(&left, points, all, 1);
  assert_true(qy_fq12_equal(&left, &one));
  qy_pairing_product(&left, points, all, 2);
  assert_true(qy_fq12_equal(&left, &right));
}

static void assert_pairing(const uint8_t g1[64], const uint8_t g2[128], const uint8_t expected[384])
{
  qy_g1_affine p;
  qy_g1 projective;
  qy_g2_affine q;
  qy_fq12 r;
  uint8_t bytes[QY_FQ12_SIZE];
  assert_true(qy_g1_decode(&p, g1));
  assert_true(qy_g2_decode(&q, g2));
  qy_g1_from_affine(&projective, &p);
  pair(&r, &projective, &q);
  qy_fq12_encode(bytes, &r);
  assert_memory_equal(bytes, expected, sizeof(bytes));
}

/* Precomputation blobs of Intel's SDK: gid, e(h1, g2), e(h2, g2), e(h2, w), e(g1, g2). */
static void pairings_of_the_sdk(void **state)
{
  (void)state;
  static const char *const files[][2] = {{"epid/own-issuer/g256/vprecomp.dat", "epid/own-issuer/g256/pubkey.dat"},
                                         {"epid/sdk-testdata/grp_x/precomp.dat", "epid/sdk-testdata/grp_x/pubkey.dat"}};
  vectors_need();
  uint8_t g1[QY_G1_SIZE];
  uint8_t g2[QY_G2_SIZE];
  qy_g1_affine_encode(g1, &qy_g1_generator);
  qy_g2_affine_encode(g2, &qy_g2_generator);
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_BUFFER(blob, 1552);
    QY_SCOPED_BUFFER(key, 272);
    vectors_read(&blob, files[i][0]);
    vectors_read(&key, files[i][1]);
    assert_int_equal(blob.size, 1552);
    const uint8_t *h1 = key.bytes + 16;
    const uint8_t *h2 = key.bytes + 80;
    const uint8_t *w = key.bytes + 144;
    assert_pairing(h1, g2, blob.bytes + 16);
    assert_pairing(h2, g2, blob.bytes + 400);
    assert_pairing(h2, w, blob.bytes + 784);
    assert_pairing(g1, g2, blob.bytes + 1168);
  }
}

/* Member blobs: the last of four values is e(A, g2). */
static void member_pairings_of_the_sdk(void **state)
{
  (void)state;
  static const char *const files[][2] = {
      {"epid/own-issuer/g256/member0/mprecomp.dat", "epid/own-issuer/g256/member0/mprivkey.dat"},
      {"epid/sdk-testdata/grp_x/member0/mprecomp.dat", "epid/sdk-testdata/grp_x/member0/mprivkey.dat"},
      {"epid/sdk-testdata/ikgf/groupa/member0/mprecomp.dat", "epid/sdk-testdata/ikgf/groupa/member0/mprivkey.dat"}};
  vectors_need();
  uint8_t g2[QY_G2_SIZE];
  qy_g2_affine_encode(g2, &qy_g2_generator);
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_BUFFER(blob, 1536);
    QY_SCOPED_BUFFER(key, 144);
    vectors_read(&blob, files[i][0]);
    vectors_read(&key, files[i][1]);
    assert_pairing(key.bytes + 16, g2, blob.bytes + 1152);
  }
}

/* Measured with Intel's SDK. */
static void hash_to_curve_of_the_sdk(void **state)
{
  (void)state;
  static const struct {
    qy_hash_name hash;
    const char *text;
    uint32_t tries;
    const char *x;
    const char *y;
  } rows[] = {{QY_SHA256, "bsn0", 6, "7091632CBBFE06265F20BD9E491131E07C995EA0584F1B3FB46ECD176179A0FD",
               "6460A4F81781C30A4B6A728696E3FA954745FB57EFCA829972DCE678E370A828"},
              {QY_SHA256, "", 1, "B40711A88C7039756FB8A73827EABE2C0FE5A0346CA7E0A104ADC0FC764F528D",
               "B17E777915AF8DD92C5E0B787B88D2B6EF41881845A4BA308E7F7A2659E467CB"},
              {QY_SHA384, "bsn0", 2, "57E78FFBF9A3BA5EACECB3A4F41395A11C1DE1AFEA16BA6DDE4C43F089595EFA",
               "0F18DD22F6D6FCE50FB281B5A9A6E8EE1404EC1B4E65827F9653C43B291739C0"},
              {QY_SHA512, "basename1", 10, "0AACEF8CBA565DCBAC97D1E95F2FDB30479DDD829DDDEBB3A5973613DC722B2F",
               "1BB45D39C3649D44F65F17CF71C4D390AE0925568B500547ACF5E139001A8DB4"},
              {QY_SHA512_256, "bsn0", 11, "CBC07814BD946FE6EB43373B7E2279F44DC155937F5C222F87151892BD231583",
               "9E0D3B35E9D0DDD5D899AC22AF2AA35225FA02506060D3077A59EC8DB2F66E2D"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(expected, QY_G1_SIZE);
    uint8_t bytes[QY_G1_SIZE];
    qy_g1_affine point;
    uint32_t tries = 99;
    hex_bytes(&expected, rows[i].x);
    hex_bytes(&expected, rows[i].y);
    assert_ok(qy_hash_to_g1(&point, &tries, rows[i].hash, qy_view_text(rows[i].text), NULL));
    qy_g1_affine_encode(bytes, &point);
    assert_memory_equal(bytes, expected.bytes, sizeof(bytes));
    assert_int_equal(tries, rows[i].tries);
    assert_true(qy_g1_decode(&point, bytes));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(g1_addition_is_complete),
      cmocka_unit_test(g1_has_order_p),
      cmocka_unit_test(g1_powers_agree),
      cmocka_unit_test(g1_joint_powers_agree),
      cmocka_unit_test(g1_encodings),
      cmocka_unit_test(g2_group_and_subgroup),
      cmocka_unit_test(g2_outside_the_subgroup),
      cmocka_unit_test(pairing_is_bilinear),
      cmocka_unit_test(pairings_of_the_sdk),
      cmocka_unit_test(member_pairings_of_the_sdk),
      cmocka_unit_test(hash_to_curve_of_the_sdk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
