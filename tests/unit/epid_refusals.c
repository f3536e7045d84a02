/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that must be refused, and by which check: damaged, truncated, degenerate, of another group or list. */
#include "epid_support.h"

/* The order p, p + 1 and 2^256 - 1: encodings that are no scalars. */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xf0, 0xcd, 0x46, 0xe5, 0xf2,
                                  0x5e, 0xee, 0x71, 0xa4, 0x9e, 0x0c, 0xdc, 0x65, 0xfb, 0x12, 0x99,
                                  0x92, 0x1a, 0xf6, 0x2d, 0x53, 0x6c, 0xd1, 0x0b, 0x50, 0x0d};

#define PROOFS 3
#define LISTED_SIZE (QY_EPID_SIGNATURE_SIZE + PROOFS * QY_EPID_PROOF_SIZE)

/* A SigRL of three signatures by another member. */
typedef struct listed {
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  qy_epid_sigrl list;
} listed;

static void make_list(listed *out, epid_world *w)
{
  qy_epid_member_key key;
  qy_epid_member *other = NULL;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint32_t own;
  assert_ok(qy_epid_member_key_issue(&key, &w->group, &w->issuing, &w->random, NULL));
  assert_ok(qy_epid_member_new(&other, &w->group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  for (size_t i = 0; i < PROOFS; i++) {
    assert_ok(qy_epid_sign(signature, sizeof(signature), &own, other, text("bad"), NULL, NULL, &w->random, NULL, NULL));
    memcpy(out->entries + QY_EPID_SIGRL_ENTRY_SIZE * i, signature, QY_EPID_SIGRL_ENTRY_SIZE);
  }
  qy_epid_member_free(&other);
  out->list = (qy_epid_sigrl){w->group.gid, 5, PROOFS, QY_VIEW_OF(out->entries)};
}

static void sign_with(uint8_t *out, size_t size, epid_world *w, const char *message, const char *basename,
                      const qy_epid_sigrl *list)
{
  const qy_view name = text(basename);
  uint32_t own = 9;
  assert_ok(qy_epid_sign(out, size, &own, w->member, text(message), basename == NULL ? NULL : &name, list, &w->random,
                         NULL, NULL));
  assert_int_equal(own, 0);
}

/* One bit of each field of the basic signature. */
static void damaged_fields(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    qy_check_id check;
  } fields[] = {{0, QY_CHECK_EPID_POINT},       {33, QY_CHECK_EPID_POINT},      {64, QY_CHECK_EPID_POINT},
                {127, QY_CHECK_EPID_POINT},     {130, QY_CHECK_EPID_POINT},     {191, QY_CHECK_EPID_POINT},
                {200, QY_CHECK_EPID_SIGNATURE}, {250, QY_CHECK_EPID_SIGNATURE}, {270, QY_CHECK_EPID_SIGNATURE},
                {300, QY_CHECK_EPID_SIGNATURE}, {340, QY_CHECK_EPID_SIGNATURE}};
  SCOPED_WORLD(w, 0);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  sign_with(signature, sizeof(signature), &w, "message", "name", NULL);
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    signature[fields[i].at] ^= 1;
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, fields[i].check);
    signature[fields[i].at] ^= 1;
  }
  expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  expect_result(&w, QY_VIEW_OF(signature), text("massage"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
}

/* Sanitizers make it slow: with them one bit of each byte must do. */
#ifdef QUOTARY_SANITIZED
#define BIT_STEP 7
#else
#define BIT_STEP 1
#endif

static void expect_each_bit_counts(epid_world *w, uint8_t *signature, size_t size, size_t first, size_t end,
                                   qy_epid_result expected)
{
  for (size_t bit = 8 * first; bit < 8 * end; bit += BIT_STEP) {
    qy_epid_result result = QY_EPID_UNDECIDED;
    signature[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_ok(qy_epid_verify(&result, w->verifier, qy_view_over(signature, size), text("message"), NULL, NULL));
    assert_int_equal(result, expected);
    signature[bit / 8] ^= (uint8_t)(1u << (bit % 8));
  }
}

static void every_bit_counts(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  listed bad;
  uint8_t signature[LISTED_SIZE];
  const qy_view all = QY_VIEW_OF(signature);
  make_list(&bad, &w);
  sign_with(signature, sizeof(signature), &w, "message", NULL, &bad.list);
  expect_each_bit_counts(&w, signature, sizeof(signature), 0, QY_EPID_BASIC_SIGNATURE_SIZE, QY_EPID_INVALID);
  expect_each_bit_counts(&w, signature, sizeof(signature), 356, 360, QY_EPID_BAD_SIGNATURE);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, NULL, NULL));
  expect_each_bit_counts(&w, signature, sizeof(signature), 352, 356, QY_EPID_SIGRL_MISMATCH);
  expect_each_bit_counts(&w, signature, sizeof(signature), sizeof(signature) - QY_EPID_PROOF_SIZE, sizeof(signature),
                         QY_EPID_REVOKED_SIGNATURE);
  expect_result(&w, all, text("message"), QY_EPID_VALID, QY_CHECK_NONE);
}

static void wrong_lengths(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  listed bad;
  uint8_t signature[LISTED_SIZE + 1] = {0};
  make_list(&bad, &w);
  sign_with(signature, LISTED_SIZE, &w, "message", NULL, &bad.list);
  for (size_t size = 0; size < LISTED_SIZE; size++) {
    expect_result(&w, qy_view_over(signature, size), text("message"), QY_EPID_BAD_SIGNATURE,
                  QY_CHECK_EPID_SIGNATURE_FORM);
  }
  expect_result(&w, qy_view_over(signature, LISTED_SIZE), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_BAD_SIGNATURE, QY_CHECK_EPID_SIGNATURE_FORM);
  /* counts that the length does not bear out, up to the one that would overflow 32 bits */
  static const uint32_t counts[] = {0, 2, 4, 0x01999999, 0x1999999a, 0xffffffff};
  for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
    for (int byte = 0; byte < 4; byte++) {
      signature[356 + byte] = (uint8_t)(counts[i] >> (8 * (3 - byte)));
    }
    expect_result(&w, qy_view_over(signature, LISTED_SIZE), text("message"), QY_EPID_BAD_SIGNATURE,
                  QY_CHECK_EPID_SIGNATURE_FORM);
  }
}

static void scalars_out_of_range(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  sign_with(signature, sizeof(signature), &w, "message", NULL, NULL);
  for (size_t at = 192; at < 352; at += 32) {
    uint8_t kept[32];
    memcpy(kept, signature + at, sizeof(kept));
    memcpy(signature + at, order, sizeof(order));
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SCALAR_RANGE);
    signature[at + 31]++;
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SCALAR_RANGE);
    memset(signature + at, 0xff, 32);
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SCALAR_RANGE);
    memset(signature + at, 0, 32);
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
    memcpy(signature + at, kept, sizeof(kept));
  }
}

static void points_at_infinity(void **state)
{
  (void)state;
  static const qy_check_id checks[] = {QY_CHECK_EPID_B_INFINITY, QY_CHECK_EPID_K_INFINITY, QY_CHECK_EPID_T_INFINITY};
  SCOPED_WORLD(w, 0);
  for (size_t i = 0; i < 3; i++) {
    uint8_t signature[QY_EPID_SIGNATURE_SIZE];
    sign_with(signature, sizeof(signature), &w, "message", NULL, NULL);
    memset(signature + 64 * i, 0, 64);
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, checks[i]);
  }
}

/* A member with f = 0, whose signature Intel's SDK takes: its equations hold, and we refuse its K. */
static void degenerate_member(void **state)
{
  (void)state;
  vectors_need();
  SCOPED_WORLD(w, 0);
  QY_SCOPED_BUFFER(key, 272);
  QY_SCOPED_BUFFER(signature, 360);
  QY_SCOPED_BUFFER(message, 100);
  vectors_read(&key, "epid/own-issuer/g256/pubkey.dat");
  vectors_read(&signature, "epid/own-issuer/g256/edge_f0_K_infinity.sig");
  vectors_read(&message, "epid/own-issuer/g256/edge_msg.txt");
  qy_epid_verifier_free(&w.verifier);
  assert_ok(qy_epid_group_key_read(&w.group, qy_buffer_view(&key), NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_new(&w.verifier, &w.group, NULL, NULL));
  expect_result(&w, qy_buffer_view(&signature), qy_buffer_view(&message), QY_EPID_INVALID, QY_CHECK_EPID_K_INFINITY);
}

/* The group id is hashed nowhere: it is the key that binds. Another key refuses. */
static void another_group(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  SCOPED_WORLD(other, 1);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  sign_with(signature, sizeof(signature), &w, "message", NULL, NULL);
  expect_result(&other, QY_VIEW_OF(signature), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
  /* another id over the same points does not: whoever maps ids to keys must read them from signed files */
  qy_epid_verifier_free(&w.verifier);
  w.group.gid.bytes[15]++;
  assert_ok(qy_epid_verifier_new(&w.verifier, &w.group, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
}

static void another_basename(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_view asked = text("asked");
  const qy_view empty = text("");
  uint8_t named[QY_EPID_SIGNATURE_SIZE];
  uint8_t other[QY_EPID_SIGNATURE_SIZE];
  uint8_t random[QY_EPID_SIGNATURE_SIZE];
  sign_with(named, sizeof(named), &w, "message", "asked", NULL);
  sign_with(other, sizeof(other), &w, "message", "other", NULL);
  sign_with(random, sizeof(random), &w, "message", NULL, NULL);
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &asked, NULL));
  expect_result(&w, QY_VIEW_OF(named), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  expect_result(&w, QY_VIEW_OF(other), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_BASENAME);
  expect_result(&w, QY_VIEW_OF(random), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_BASENAME);
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &empty, NULL));
  expect_result(&w, QY_VIEW_OF(named), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_BASENAME);
  assert_ok(qy_epid_verifier_set_basename(w.verifier, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(named), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  expect_result(&w, QY_VIEW_OF(random), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
}

/* Proofs for another version, of another number, in another order, doubled, at infinity, or out of range. */
static void proofs_that_do_not_fit(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  listed bad;
  uint8_t good[LISTED_SIZE];
  uint8_t s[LISTED_SIZE];
  uint8_t *proof = s + QY_EPID_SIGNATURE_SIZE;
  const qy_view view = QY_VIEW_OF(s);
  make_list(&bad, &w);
  sign_with(good, sizeof(good), &w, "message", NULL, &bad.list);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(good), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  memcpy(s, good, sizeof(s));
  s[355]--; /* version 4 */
  expect_result(&w, view, text("message"), QY_EPID_SIGRL_MISMATCH, QY_CHECK_EPID_SIGRL_VERSION);
  memcpy(s, good, sizeof(s));
  s[359] = PROOFS - 1;
  expect_result(&w, qy_view_slice(view, 0, LISTED_SIZE - QY_EPID_PROOF_SIZE), text("message"), QY_EPID_BAD_SIGNATURE,
                QY_CHECK_EPID_SIGRL_COUNT);
  s[359] = 0;
  expect_result(&w, qy_view_slice(view, 0, QY_EPID_SIGNATURE_SIZE), text("message"), QY_EPID_BAD_SIGNATURE,
                QY_CHECK_EPID_SIGRL_COUNT);
  memcpy(s, good, sizeof(s));
  memcpy(proof, good + QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE, QY_EPID_PROOF_SIZE);
  expect_result(&w, view, text("message"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  memcpy(proof + QY_EPID_PROOF_SIZE, good + QY_EPID_SIGNATURE_SIZE, QY_EPID_PROOF_SIZE); /* the first two swapped */
  expect_result(&w, view, text("message"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  for (size_t at = 0; at < QY_EPID_PROOF_SIZE; at += 31) {
    memcpy(s, good, sizeof(s));
    proof[2 * QY_EPID_PROOF_SIZE + at] ^= 4;
    expect_result(&w, view, text("message"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  }
  memcpy(s, good, sizeof(s));
  memset(proof, 0, 64); /* T at infinity: what a revoked member would have to send */
  expect_result(&w, view, text("message"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  for (size_t at = 64; at < QY_EPID_PROOF_SIZE; at += 32) {
    memcpy(s, good, sizeof(s));
    memcpy(proof + at, order, sizeof(order));
    expect_result(&w, view, text("message"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  }
}

/* The lists themselves: other group, older version, entries that are nothing, counts that do not fit. */
static void lists_that_are_refused(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  listed bad;
  make_list(&bad, &w);
  qy_epid_sigrl sigrl = bad.list;
  sigrl.gid.bytes[15] ^= 1;
  expect_refusal(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, &w.trace, NULL), &w.trace, QY_CHECK_EPID_LIST_GROUP);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, NULL, NULL));
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, NULL, NULL));
  sigrl = bad.list;
  sigrl.version = 4;
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, &w.trace, NULL), &w.trace, QY_CHECK_EPID_LIST_VERSION);
  sigrl = bad.list;
  sigrl.count = 2;
  assert_int_equal(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, NULL, NULL), QY_ERR_ARGUMENT);
  sigrl.count = 0xffffffff;
  assert_int_equal(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, NULL, NULL), QY_ERR_LIMIT);
  bad.entries[130] ^= 1;
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);
  memset(bad.entries, 0, 64);
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_sigrl(w.verifier, &bad.list, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);

  const qy_epid_privrl privrl = {w.group.gid, 1, 1, QY_VIEW_OF(order)};
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_privrl(w.verifier, &privrl, &w.trace, NULL), &w.trace,
                 QY_CHECK_EPID_SCALAR_RANGE);

  const qy_view name = text("name");
  qy_epid_verifierrl verifierrl = {.gid = w.group.gid, .version = 1};
  assert_int_equal(qy_epid_verifier_set_verifierrl(w.verifier, &verifierrl, NULL, NULL), QY_ERR_SEQUENCE);
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &name, NULL));
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_verifierrl(w.verifier, &verifierrl, &w.trace, NULL), &w.trace,
                 QY_CHECK_EPID_LIST_BASENAME);
  assert_int_equal(qy_epid_verifier_set_hash(w.verifier, QY_EPID_SHA512, NULL), QY_ERR_SEQUENCE);
}

/* Group keys: points beside the curve or at infinity, w outside its subgroup, another schema or hash. */
static void group_keys_that_are_refused(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  qy_epid_group_key key = w.group;
  key.h1[0] ^= 1;
  expect_refusal(qy_epid_group_key_check(&key, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);
  key = w.group;
  memset(key.h2, 0, sizeof(key.h2));
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_group_key_check(&key, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);
  key = w.group;
  memset(key.w, 0, sizeof(key.w));
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_group_key_check(&key, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);
  QY_SCOPED_BUFFER(outside, QY_EPID_G2_SIZE); /* on the twist, not of order p */
  hex_bytes(&outside, "0000000000000000000000000000000000000000000000000000000000000003"
                      "0000000000000000000000000000000000000000000000000000000000000001"
                      "076c6d56d9c72bc687172d65b74dcbae547d44f4bba3e459e9b81751eb634d46"
                      "0a52bc43636b016b4115eb68f820a70ed903dc55ee2f0ebc92e32d555e4552d7");
  key = w.group;
  memcpy(key.w, outside.bytes, sizeof(key.w));
  w.trace = (qy_trace){0};
  qy_epid_verifier_free(&w.verifier);
  expect_refusal(qy_epid_verifier_new(&w.verifier, &key, &w.trace, NULL), &w.trace, QY_CHECK_EPID_W_SUBGROUP);
  assert_null(w.verifier);
  key = w.group;
  key.gid.bytes[0] = 0x10;
  assert_int_equal(qy_epid_verifier_new(&w.verifier, &key, NULL, NULL), QY_ERR_UNSUPPORTED);
  key = w.group;
  key.gid.bytes[1] = 4;
  assert_int_equal(qy_epid_verifier_new(&w.verifier, &key, NULL, NULL), QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(damaged_fields),
      cmocka_unit_test(every_bit_counts),
      cmocka_unit_test(wrong_lengths),
      cmocka_unit_test(scalars_out_of_range),
      cmocka_unit_test(points_at_infinity),
      cmocka_unit_test(degenerate_member),
      cmocka_unit_test(another_group),
      cmocka_unit_test(another_basename),
      cmocka_unit_test(proofs_that_do_not_fit),
      cmocka_unit_test(lists_that_are_refused),
      cmocka_unit_test(group_keys_that_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
