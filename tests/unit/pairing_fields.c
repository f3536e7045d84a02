/* SPDX-License-Identifier: Apache-2.0 */
/* Field arithmetic against libcrypto's big numbers, and the edges of every encoding. */
#include "vectors.h"

#include <string.h>

#include <openssl/bn.h>

#include <pairing/fp.h>
#include <pairing/fq12.h>

#define ROUNDS 400

static const char *const q_hex = "FFFFFFFFFFFCF0CD46E5F25EEE71A49F0CDC65FB12980A82D3292DDBAED33013";

typedef struct oracle {
  BN_CTX *context;
  BIGNUM *modulus;
  BIGNUM *a;
  BIGNUM *b;
  BIGNUM *r;
  test_random random;
} oracle;

static void oracle_init(oracle *o, const uint8_t modulus[32])
{
  *o = (oracle){.context = BN_CTX_new(), .modulus = BN_new(), .a = BN_new(), .b = BN_new(), .r = BN_new()};
  o->random.state = 7;
  BN_bin2bn(modulus, 32, o->modulus);
}

static void oracle_clear(oracle *o)
{
  BN_free(o->modulus);
  BN_free(o->a);
  BN_free(o->b);
  BN_free(o->r);
  BN_CTX_free(o->context);
}

static void q_bytes(uint8_t out[32])
{
  BIGNUM *q = NULL;
  BN_hex2bn(&q, q_hex);
  BN_bn2binpad(q, out, 32);
  BN_free(q);
}

/* Random, or of the kind where carries run: near 0, near the modulus, long runs of ones. */
static void draw(uint8_t out[32], BIGNUM *number, oracle *o, int round)
{
  qy_random source = test_random_source(&o->random);
  assert_ok(source.fill(source.context, out, 32, NULL));
  if (round % 4 == 1) {
    memset(out, 0, 31);
  } else if (round % 4 == 2) {
    memset(out + 8, 0xff, 24);
  }
  BN_bin2bn(out, 32, number);
  if (round % 4 == 3) {
    BN_set_word(o->r, (BN_ULONG)(out[0] % 7 + 1));
    BN_sub(number, o->modulus, o->r);
  }
  BN_nnmod(number, number, o->modulus, o->context);
  BN_bn2binpad(number, out, 32);
}

static void expect(const uint8_t got[32], const BIGNUM *want)
{
  uint8_t bytes[32];
  assert_int_equal(BN_bn2binpad(want, bytes, 32), 32);
  assert_memory_equal(got, bytes, 32);
}

/* r = 1 / a, and 0 of 0 */
static void inverse_of(oracle *o)
{
  if (BN_is_zero(o->a)) {
    BN_zero(o->r);
  } else {
    assert_non_null(BN_mod_inverse(o->r, o->a, o->modulus, o->context));
  }
}

static void fq_agrees_with_big_numbers(void **state)
{
  (void)state;
  uint8_t modulus[32];
  uint8_t a_bytes[32];
  uint8_t b_bytes[32];
  uint8_t got[32];
  oracle o;
  q_bytes(modulus);
  oracle_init(&o, modulus);
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq a;
    qy_fq b;
    qy_fq r;
    draw(a_bytes, o.a, &o, round);
    draw(b_bytes, o.b, &o, round / 4);
    assert_true(qy_fq_decode(&a, a_bytes));
    assert_true(qy_fq_decode(&b, b_bytes));
    qy_fq_encode(got, &a);
    assert_memory_equal(got, a_bytes, 32);
    qy_fq_add(&r, &a, &b);
    BN_mod_add(o.r, o.a, o.b, o.modulus, o.context);
    qy_fq_encode(got, &r);
    expect(got, o.r);
    qy_fq_sub(&r, &a, &b);
    BN_mod_sub(o.r, o.a, o.b, o.modulus, o.context);
    qy_fq_encode(got, &r);
    expect(got, o.r);
    qy_fq_mul(&r, &a, &b);
    BN_mod_mul(o.r, o.a, o.b, o.modulus, o.context);
    qy_fq_encode(got, &r);
    expect(got, o.r);
    qy_fq_sqr(&r, &a);
    BN_mod_sqr(o.r, o.a, o.modulus, o.context);
    qy_fq_encode(got, &r);
    expect(got, o.r);
    qy_fq_mul_small(&r, &a, 9);
    BN_copy(o.r, o.a);
    BN_mul_word(o.r, 9);
    BN_nnmod(o.r, o.r, o.modulus, o.context);
    qy_fq_encode(got, &r);
    expect(got, o.r);
    qy_fq_inverse(&r, &a);
    inverse_of(&o);
    qy_fq_encode(got, &r);
    expect(got, o.r);
  }
  oracle_clear(&o);
}

static void fp_agrees_with_big_numbers(void **state)
{
  (void)state;
  uint8_t a_bytes[32];
  uint8_t b_bytes[32];
  uint8_t got[32];
  oracle o;
  oracle_init(&o, qy_fp_order);
  for (int round = 0; round < ROUNDS; round++) {
    qy_fp a;
    qy_fp b;
    qy_fp r;
    draw(a_bytes, o.a, &o, round);
    draw(b_bytes, o.b, &o, round / 4);
    assert_true(qy_fp_decode(&a, a_bytes));
    assert_true(qy_fp_decode(&b, b_bytes));
    qy_fp_encode(got, &a);
    assert_memory_equal(got, a_bytes, 32);
    qy_fp_add(&r, &a, &b);
    BN_mod_add(o.r, o.a, o.b, o.modulus, o.context);
    qy_fp_encode(got, &r);
    expect(got, o.r);
    qy_fp_sub(&r, &a, &b);
    BN_mod_sub(o.r, o.a, o.b, o.modulus, o.context);
    qy_fp_encode(got, &r);
    expect(got, o.r);
    qy_fp_mul(&r, &a, &b);
    BN_mod_mul(o.r, o.a, o.b, o.modulus, o.context);
    qy_fp_encode(got, &r);
    expect(got, o.r);
    qy_fp_inverse(&r, &a);
    inverse_of(&o);
    qy_fp_encode(got, &r);
    expect(got, o.r);
  }
  oracle_clear(&o);
}

#define EDGES 14

/* Numbers around which carries run, as limbs and without Montgomery's factor: 0, 1, 2, m - 1, m - 2, 2^256 mod m and its
 * neighbours, single bits, and limbs of ones. */
static void edge(uint64_t r[4], int which, const qy_mont_modulus *m)
{
  static const uint64_t ones = ~(uint64_t)0;
  const uint64_t plain[EDGES][4] = {{0},
                                    {1},
                                    {2},
                                    {m->limb[0] - 1, m->limb[1], m->limb[2], m->limb[3]},
                                    {m->limb[0] - 2, m->limb[1], m->limb[2], m->limb[3]},
                                    {0 - m->limb[0], ~m->limb[1], ~m->limb[2], ~m->limb[3]},
                                    {1 - m->limb[0], ~m->limb[1], ~m->limb[2], ~m->limb[3]},
                                    {~m->limb[0], ~m->limb[1], ~m->limb[2], ~m->limb[3]},
                                    {0, 0, 0, (uint64_t)1 << 63},
                                    {ones, ones, ones, m->limb[3] - 1},
                                    {0, 0, 0, m->limb[3]},
                                    {ones, ones, ones, ones >> 1},
                                    {ones, 0, ones, 0},
                                    {0, ones, 0, m->limb[3]}};
  memcpy(r, plain[which], sizeof(plain[which]));
}

static void expect_limbs(const uint64_t *got, size_t count, const BIGNUM *want)
{
  uint8_t bytes[64];
  assert_int_equal(BN_bn2lebinpad(want, bytes, (int)(8 * count)), (int)(8 * count));
  assert_memory_equal(got, bytes, 8 * count);
}

/* What the arithmetic is made of, each pair of edges: sums, differences, whole products, and reductions. */
static void edges_agree_with_big_numbers(void **state)
{
  (void)state;
  uint8_t modulus[32];
  q_bytes(modulus);
  oracle o;
  oracle_init(&o, modulus);
  BIGNUM *by_r = BN_new(); /* 1 / 2^256 */
  BN_zero(o.a);
  BN_set_bit(o.a, 256);
  BN_mod_inverse(by_r, o.a, o.modulus, o.context);
  for (int i = 0; i < EDGES * EDGES; i++) {
    uint64_t a[4];
    uint64_t b[4];
    uint64_t r[8];
    edge(a, i / EDGES, &qy_fq_modulus);
    edge(b, i % EDGES, &qy_fq_modulus);
    BN_lebin2bn((const unsigned char *)a, 32, o.a);
    BN_lebin2bn((const unsigned char *)b, 32, o.b);
    qy_mont_add(r, a, b, &qy_fq_modulus);
    BN_mod_add(o.r, o.a, o.b, o.modulus, o.context);
    expect_limbs(r, 4, o.r);
    qy_mont_sub(r, a, b, &qy_fq_modulus);
    BN_mod_sub(o.r, o.a, o.b, o.modulus, o.context);
    expect_limbs(r, 4, o.r);
    qy_wide_mul(r, a, b);
    BN_mul(o.r, o.a, o.b, o.context);
    expect_limbs(r, 8, o.r);
    BN_mod_mul(o.r, o.r, by_r, o.modulus, o.context);
    qy_mont_redc(r, r, &qy_fq_modulus);
    expect_limbs(r, 4, o.r);
    qy_mont_mul(r, a, b, &qy_fq_modulus);
    expect_limbs(r, 4, o.r);
    BN_mod_sqr(o.r, o.a, o.modulus, o.context);
    BN_mod_mul(o.r, o.r, by_r, o.modulus, o.context);
    qy_mont_sqr(r, a, &qy_fq_modulus);
    expect_limbs(r, 4, o.r);
  }
  BN_free(by_r);
  oracle_clear(&o);
}

/* Double numbers as they are added up: the high half below q, the low half anything. */
static void double_numbers_agree_with_big_numbers(void **state)
{
  (void)state;
  uint8_t modulus[32];
  q_bytes(modulus);
  oracle o;
  oracle_init(&o, modulus);
  BIGNUM *limit = BN_new(); /* q 2^256 */
  BIGNUM *by_r = BN_new();
  BN_lshift(limit, o.modulus, 256);
  BN_zero(o.a);
  BN_set_bit(o.a, 256);
  BN_mod_inverse(by_r, o.a, o.modulus, o.context);
  for (int i = 0; i < EDGES * EDGES; i++) {
    uint64_t a[8];
    uint64_t b[8];
    uint64_t r[8];
    edge(a + 4, i / EDGES, &qy_fq_modulus);
    edge(b + 4, i % EDGES, &qy_fq_modulus);
    edge(a, (i * 5) % EDGES, &qy_fq_modulus);
    edge(b, (i * 3 + 1) % EDGES, &qy_fq_modulus);
    if (i % 2 == 1) {
      memset(a, 0xff, 32);
    }
    BN_lebin2bn((const unsigned char *)a, 64, o.a);
    BN_lebin2bn((const unsigned char *)b, 64, o.b);
    qy_wide_add(r, a, b, &qy_fq_modulus);
    BN_mod_add(o.r, o.a, o.b, limit, o.context);
    expect_limbs(r, 8, o.r);
    qy_wide_sub(r, a, b, &qy_fq_modulus);
    BN_mod_sub(o.r, o.a, o.b, limit, o.context);
    expect_limbs(r, 8, o.r);
    qy_mont_redc(r, a, &qy_fq_modulus);
    BN_mod_mul(o.r, o.a, by_r, o.modulus, o.context);
    expect_limbs(r, 4, o.r);
  }
  BN_free(limit);
  BN_free(by_r);
  oracle_clear(&o);
}

/* Digests of each length, and all ones, reduce as big numbers do. */
static void wide_numbers_reduce(void **state)
{
  (void)state;
  static const size_t sizes[] = {1, 20, 32, 48, 64};
  uint8_t modulus[32];
  q_bytes(modulus);
  for (int field = 0; field < 2; field++) {
    oracle o;
    oracle_init(&o, field == 0 ? modulus : qy_fp_order);
    for (int round = 0; round < 40; round++) {
      uint8_t wide[64];
      uint8_t got[32];
      const size_t size = sizes[round % 5];
      qy_random source = test_random_source(&o.random);
      assert_ok(source.fill(source.context, wide, sizeof(wide), NULL));
      if (round > 30) {
        memset(wide, 0xff, sizeof(wide));
      }
      BN_bin2bn(wide, (int)size, o.a);
      BN_nnmod(o.r, o.a, o.modulus, o.context);
      if (field == 0) {
        qy_fq r;
        qy_fq_reduce(&r, wide, size);
        qy_fq_encode(got, &r);
      } else {
        qy_fp r;
        qy_fp_reduce(&r, wide, size);
        qy_fp_encode(got, &r);
      }
      expect(got, o.r);
    }
    oracle_clear(&o);
  }
}

/* The modulus itself, one more, and all ones are no encodings; the modulus less one is. */
static void numbers_out_of_range_are_refused(void **state)
{
  (void)state;
  uint8_t bytes[32];
  qy_fq a;
  qy_fp b;
  q_bytes(bytes);
  assert_false(qy_fq_decode(&a, bytes));
  assert_true(qy_fq_is_zero(&a));
  bytes[31]++;
  assert_false(qy_fq_decode(&a, bytes));
  bytes[31] = (uint8_t)(bytes[31] - 2);
  assert_true(qy_fq_decode(&a, bytes));
  memcpy(bytes, qy_fp_order, 32);
  assert_false(qy_fp_decode(&b, bytes));
  assert_true(qy_fp_is_zero(&b));
  bytes[31]++;
  assert_false(qy_fp_decode(&b, bytes));
  bytes[31] = (uint8_t)(bytes[31] - 2);
  assert_true(qy_fp_decode(&b, bytes));
  memset(bytes, 0xff, 32);
  assert_false(qy_fq_decode(&a, bytes));
  assert_false(qy_fp_decode(&b, bytes));
}

/* Zeros, and nothing after the first block. */
static qy_status fill_zeros(void *context, uint8_t *out, size_t size, qy_error *why)
{
  unsigned *calls = context;
  memset(out, 0, size);
  return (*calls)++ == 0 ? QY_OK : qy_fail(why, QY_ERR_IO, "run dry");
}

static void many_random_scalars_are_those_drawn_one_by_one(void **state)
{
  (void)state;
  enum { MOST = 40 };
  for (size_t count = 0; count <= MOST; count++) {
    test_random seeds[2] = {{count}, {count}};
    const qy_random sources[2] = {test_random_source(&seeds[0]), test_random_source(&seeds[1])};
    qy_fp many[MOST];
    assert_ok(qy_fp_random_many(many, count, &sources[0], &assert_why));
    for (size_t i = 0; i < count; i++) {
      qy_fp one;
      assert_ok(qy_fp_random(&one, &sources[1], &assert_why));
      assert_true(qy_fp_equal(&many[i], &one) != 0);
    }
    assert_int_equal(seeds[0].state, seeds[1].state);
  }
}

static void random_scalars_are_not_zero(void **state)
{
  (void)state;
  unsigned calls = 0;
  const qy_random source = {fill_zeros, &calls};
  qy_fp drawn[40];
  qy_fp one;
  uint8_t bytes[32] = {0};
  bytes[31] = 1;
  assert_true(qy_fp_decode(&one, bytes));
  assert_ok(qy_fp_random_many(drawn, 2, &source, &assert_why));
  assert_true(qy_fp_equal(&drawn[0], &one) != 0 && qy_fp_equal(&drawn[1], &one) != 0);
  memset(drawn, 1, sizeof(drawn));
  calls = 0;
  assert_int_equal(qy_fp_random_many(drawn, 40, &source, NULL), QY_ERR_IO);
  assert_true(qy_fp_is_zero(&drawn[39]) != 0); /* never reached */
}

static void inverse_many_keeps_zeros(void **state)
{
  (void)state;
  qy_fq elements[5];
  qy_fq inverses[5];
  qy_fq scratch[5];
  for (unsigned i = 0; i < 5; i++) {
    qy_fq_mul_small(&elements[i], &qy_fq_one, i % 3);
    inverses[i] = elements[i];
  }
  qy_fq_inverse_many(inverses, scratch, 5);
  for (unsigned i = 0; i < 5; i++) {
    qy_fq product;
    qy_fq_mul(&product, &elements[i], &inverses[i]);
    assert_true(qy_fq_equal(&product, i % 3 == 0 ? &qy_fq_zero : &qy_fq_one));
  }
}

static void random_fq12(qy_fq12 *r, test_random *random)
{
  qy_random source = test_random_source(random);
  for (int h = 0; h < 2; h++) {
    for (int k = 0; k < 3; k++) {
      uint8_t bytes[128];
      assert_ok(source.fill(source.context, bytes, sizeof(bytes), NULL));
      qy_fq_reduce(&r->c[h].c[k].c0, bytes, 64);
      qy_fq_reduce(&r->c[h].c[k].c1, bytes + 64, 64);
    }
  }
}

static void fq12_is_a_field(void **state)
{
  (void)state;
  test_random random = {11};
  qy_fq12 a;
  qy_fq12 b;
  qy_fq12 c;
  qy_fq12 left;
  qy_fq12 right;
  qy_fq12 one;
  random_fq12(&a, &random);
  random_fq12(&b, &random);
  random_fq12(&c, &random);
  qy_fq12_set_one(&one);
  qy_fq12_mul(&left, &a, &b);
  qy_fq12_mul(&left, &left, &c);
  qy_fq12_mul(&right, &b, &c);
  qy_fq12_mul(&right, &a, &right);
  assert_true(qy_fq12_equal(&left, &right));
  qy_fq12_sqr(&left, &a);
  qy_fq12_mul(&right, &a, &a);
  assert_true(qy_fq12_equal(&left, &right));
  qy_fq12_inverse(&left, &a);
  qy_fq12_mul(&left, &left, &a);
  assert_true(qy_fq12_equal(&left, &one));
  /* a sparse factor is the dense one */
  qy_fq12 line = one;
  line.c[1].c[0] = b.c[0].c[0];
  line.c[1].c[1] = b.c[0].c[1];
  qy_fq12_mul_line(&left, &a, &b.c[0].c[0], &b.c[0].c[1]);
  qy_fq12_mul(&right, &a, &line);
  assert_true(qy_fq12_equal(&left, &right));
}

/* a^q by square and multiply is the Frobenius, and its powers compose; a^(q^6) is the conjugate. */
static void frobenius_is_the_power_by_q(void **state)
{
  (void)state;
  test_random random = {12};
  uint8_t q[32];
  qy_fq12 a;
  qy_fq12 power;
  qy_fq12 image;
  q_bytes(q);
  random_fq12(&a, &random);
  qy_fq12_set_one(&power);
  for (int bit = 0; bit < 256; bit++) {
    qy_fq12_sqr(&power, &power);
    if ((q[bit / 8] >> (7 - bit % 8)) & 1) {
      qy_fq12_mul(&power, &power, &a);
    }
  }
  qy_fq12_frobenius(&image, &a, 1);
  assert_true(qy_fq12_equal(&power, &image));
  qy_fq12_frobenius(&image, &image, 1);
  qy_fq12_frobenius(&power, &a, 2);
  assert_true(qy_fq12_equal(&power, &image));
  qy_fq12_frobenius(&image, &image, 1);
  qy_fq12_frobenius(&power, &a, 3);
  assert_true(qy_fq12_equal(&power, &image));
  qy_fq12_frobenius(&power, &power, 3);
  qy_fq12_conjugate(&image, &a);
  assert_true(qy_fq12_equal(&power, &image));
}

static void cyclotomic_squares_are_squares(void **state)
{
  (void)state;
  test_random random = {13};
  qy_fq12 a;
  qy_fq12 b;
  random_fq12(&a, &random);
  qy_fq12_conjugate(&b, &a);
  qy_fq12_inverse(&a, &a);
  qy_fq12_mul(&a, &a, &b);
  qy_fq12_frobenius(&b, &a, 2);
  qy_fq12_mul(&a, &a, &b); /* a^((q^6 - 1)(q^2 + 1)) */
  qy_fq12_sqr(&b, &a);
  qy_fq12_cyclotomic_sqr(&a, &a);
  assert_true(qy_fq12_equal(&a, &b));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fq_agrees_with_big_numbers),
      cmocka_unit_test(fp_agrees_with_big_numbers),
      cmocka_unit_test(edges_agree_with_big_numbers),
      cmocka_unit_test(double_numbers_agree_with_big_numbers),
      cmocka_unit_test(wide_numbers_reduce),
      cmocka_unit_test(numbers_out_of_range_are_refused),
      cmocka_unit_test(many_random_scalars_are_those_drawn_one_by_one),
      cmocka_unit_test(random_scalars_are_not_zero),
      cmocka_unit_test(inverse_many_keeps_zeros),
      cmocka_unit_test(fq12_is_a_field),
      cmocka_unit_test(frobenius_is_the_power_by_q),
      cmocka_unit_test(cyclotomic_squares_are_squares),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
