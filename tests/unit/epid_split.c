/* SPDX-License-Identifier: Apache-2.0 */
/* Members split between a host and a TPM: exchanges of Intel's SDK are certified here, and what does not belong together
 * is not. Their signatures are among the recorded cases (epid_cases.c). */
#include "epid_support.h"

#include <epid/split.h>
#include <pairing/g1.h>

/* The group's folder, the member's below it. */
static const char *const folders[][2] = {
    {"sdk-testdata/grp_sha256", "member_eps0"}, {"sdk-testdata/grp_sha256", "sigrevokedmember_eps0"},
    {"sdk-testdata/grp_sha384", "member_eps0"}, {"sdk-testdata/grp_sha512", "member_eps0"},
    {"sdk-testdata/grp_x", "privrevoked"},      {"sdk-testdata/grp_x", "verrevoked/bsn0"}};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

/* One member's exchange: what it was asked, what it sent, what it was answered, and its f. */
typedef struct exchange {
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
  qy_epid_split_join_request request;
  qy_epid_credential credential;
} exchange;

static void read_file(uint8_t *out, size_t size, const char *const folder[2], const char *name)
{
  char path[200];
  (void)snprintf(path, sizeof(path), "%s/%s/%s", folder[0], folder[1], name);
  read_exactly(out, size, path);
}

static void exchange_read(exchange *e, const char *const folder[2])
{
  uint8_t bytes[QY_EPID_SPLIT_JOIN_REQUEST_SIZE];
  uint8_t again[sizeof(bytes)];
  read_group(&e->group, &e->issuing, folder[0]);
  read_file(e->nonce, sizeof(e->nonce), folder, "nonce.dat");
  read_file(e->f, sizeof(e->f), folder, "f.dat");
  read_file(bytes, sizeof(bytes), folder, "split_joinreq.dat");
  assert_ok(qy_epid_split_join_request_decode(&e->request, QY_VIEW_OF(bytes), NULL));
  qy_epid_split_join_request_encode(again, &e->request);
  assert_memory_equal(again, bytes, sizeof(bytes));
  read_file(bytes, QY_EPID_CREDENTIAL_SIZE, folder, "split_credential.dat");
  assert_ok(qy_epid_credential_decode(&e->credential, qy_view_over(bytes, QY_EPID_CREDENTIAL_SIZE), NULL));
}

/* A^(x + gamma) = g1 h1s^f, by the issuing key. */
static bool belongs(const qy_epid_credential *credential, const exchange *e)
{
  qy_epid_points points;
  qy_epid_points split;
  qy_hash_name hash = QY_SHA256;
  qy_g1_affine affine;
  qy_g1 a;
  qy_g1 base;
  qy_g1 left;
  qy_g1 right;
  qy_fp x;
  qy_fp gamma;
  qy_fp f;
  assert_ok(qy_epid_points_open(&points, &e->group, NULL, NULL));
  assert_ok(qy_epid_hash_resolve(&hash, QY_EPID_HASH_BY_GID, &e->group.gid, NULL));
  assert_ok(qy_epid_split_points(&split, NULL, &points, hash, NULL));
  assert_true(qy_fp_decode(&x, credential->x) && qy_fp_decode(&gamma, e->issuing.gamma) && qy_fp_decode(&f, e->f));
  assert_true(qy_g1_decode(&affine, credential->a));
  qy_g1_from_affine(&a, &affine);
  qy_g1_from_affine(&base, &split.h1);
  qy_fp_add(&x, &x, &gamma);
  qy_g1_power(&left, &a, &x, 1);
  qy_g1_power(&right, &base, &f, 1);
  qy_g1_add_affine(&right, &right, &qy_g1_generator);
  return qy_g1_equal(&left, &right) != 0;
}

static qy_status certify(qy_epid_credential *out, const exchange *e, const qy_epid_privrl *privrl, qy_trace *trace)
{
  test_random seed = {5};
  const qy_random random = test_random_source(&seed);
  *trace = (qy_trace){0};
  return qy_epid_split_certify(out, &e->group, &e->issuing, QY_EPID_HASH_BY_GID, &e->request, e->nonce, privrl, &random,
                               trace, NULL);
}

static void requests_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < FOLDERS; i++) {
    static qy_trace trace;
    exchange e;
    qy_epid_credential ours;
    exchange_read(&e, folders[i]);
    assert_true(belongs(&e.credential, &e));
    assert_ok(certify(&ours, &e, NULL, &trace));
    assert_null(qy_trace_failed(&trace));
    assert_true(belongs(&ours, &e));
    assert_memory_equal(ours.gid.bytes, e.group.gid.bytes, QY_EPID_GID_SIZE);
    ours.x[31] ^= 1;
    assert_false(belongs(&ours, &e));
    /* a plain member would have to know the logarithm of h1s to h1 */
    expect_refusal(qy_epid_certify(&ours, &e.group, &e.issuing, QY_EPID_HASH_BY_GID, &e.request.join, e.nonce, NULL,
                                   NULL, &trace, NULL),
                   &trace, QY_CHECK_JOIN_PROOF);
  }
}

static void requests_that_are_refused(void **state)
{
  (void)state;
  vectors_need();
  static qy_trace trace;
  exchange e;
  exchange good;
  qy_epid_credential credential;
  const qy_epid_credential zeros = {0};
#define REFUSED(list, check)                                                 \
  memset(&credential, 1, sizeof(credential));                                \
  expect_refusal(certify(&credential, &e, (list), &trace), &trace, (check)); \
  assert_memory_equal(&credential, &zeros, sizeof(zeros));                   \
  e = good
  exchange_read(&good, folders[2]);
  e = good;
  e.request.counter++;
  REFUSED(NULL, QY_CHECK_JOIN_SPLIT_BASE);
  e.request.y[31] ^= 1;
  REFUSED(NULL, QY_CHECK_JOIN_SPLIT_BASE);
  e.request.nonce[0] ^= 1;
  REFUSED(NULL, QY_CHECK_JOIN_PROOF);
  e.nonce[0] ^= 1;
  REFUSED(NULL, QY_CHECK_JOIN_PROOF);
  e.request.join.s[31] ^= 1;
  REFUSED(NULL, QY_CHECK_JOIN_PROOF);
  memset(e.request.join.c, 0xff, 32);
  REFUSED(NULL, QY_CHECK_EPID_SCALAR_RANGE);
  memset(e.request.join.f_commitment, 0, 64);
  REFUSED(NULL, QY_CHECK_JOIN_F_INFINITY);
  e.request.join.f_commitment[63] ^= 1;
  REFUSED(NULL, QY_CHECK_EPID_POINT);
  const qy_epid_privrl list = {good.group.gid, 1, 1, QY_VIEW_OF(good.f)};
  REFUSED(&list, QY_CHECK_JOIN_F_REVOKED);
  assert_ok(certify(&credential, &e, NULL, &trace));
}

static void request_blobs(void **state)
{
  (void)state;
  uint8_t bytes[QY_EPID_SPLIT_JOIN_REQUEST_SIZE + 1];
  qy_epid_split_join_request request;
  memset(bytes, 7, sizeof(bytes));
  for (size_t size = 0; size < QY_EPID_SPLIT_JOIN_REQUEST_SIZE; size++) {
    assert_int_equal(qy_epid_split_join_request_decode(&request, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_epid_split_join_request_decode(&request, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_epid_split_join_request_decode(&request, qy_view_over(bytes, sizeof(bytes) - 1), NULL));
  assert_int_equal(request.counter, 0x07070707);
}

/* A verifier for the group of one of Intel's split signatures, which has five proofs. */
typedef struct split_case {
  qy_epid_verifier *verifier;
  uint8_t list_bytes[24 + 5 * QY_EPID_SIGRL_ENTRY_SIZE];
  uint8_t signature[QY_EPID_SPLIT_SIGNATURE_SIZE + 5 * QY_EPID_SPLIT_PROOF_SIZE];
} split_case;

static void split_case_clear(split_case *c)
{
  qy_epid_verifier_free(&c->verifier);
}

static void split_case_read(split_case *c, qy_epid_sigrl *list)
{
  qy_epid_group_key group;
  read_group(&group, NULL, "sdk-testdata/grp_x");
  read_exactly(c->list_bytes, sizeof(c->list_bytes), "sdk-testdata/grp_x/member3/sigrl_grpx_5_entry_data_sha256.dat");
  read_exactly(c->signature, sizeof(c->signature), "sdk-testdata/grp_x/member3/splitsig_sha384_bsn0_msg0_5_sigrl.dat");
  assert_ok(qy_epid_sigrl_read(list, QY_VIEW_OF(c->list_bytes), NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_new(&c->verifier, &group, NULL, NULL));
  assert_ok(qy_epid_verifier_set_hash(c->verifier, QY_EPID_SHA384, NULL));
  assert_ok(qy_epid_verifier_set_sigrl(c->verifier, list, NULL, NULL));
}

static qy_epid_result result_of(const split_case *c)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  assert_ok(qy_epid_verify(&result, c->verifier, QY_VIEW_OF(c->signature), text("msg0"), NULL, NULL));
  return result;
}

/* Each field of signature and proofs counts, the nonces too. */
static void damaged_signatures(void **state)
{
  (void)state;
  vectors_need();
  __attribute__((cleanup(split_case_clear))) split_case c = {.verifier = NULL};
  qy_epid_sigrl list;
  qy_epid_signature parts;
  uint8_t again[sizeof(c.signature)];
  split_case_read(&c, &list);
  assert_int_equal(result_of(&c), QY_EPID_VALID);
  assert_ok(qy_epid_signature_decode(&parts, QY_VIEW_OF(c.signature), NULL));
  assert_true(parts.split);
  assert_int_equal(parts.proof_count, 5);
  assert_ok(qy_epid_signature_encode(again, sizeof(again), &parts, NULL));
  assert_memory_equal(again, c.signature, sizeof(again));
  assert_int_equal(qy_epid_signature_encode(again, sizeof(again) - 1, &parts, NULL), QY_ERR_SPACE);
  for (size_t at = 31; at < QY_EPID_SPLIT_SIGNATURE_SIZE - 8; at += 32) {
    c.signature[at] ^= 1;
    assert_int_equal(result_of(&c), QY_EPID_INVALID);
    c.signature[at] ^= 1;
  }
  for (size_t at = QY_EPID_SPLIT_SIGNATURE_SIZE + 31; at < sizeof(c.signature); at += 32) {
    c.signature[at] ^= 1;
    assert_int_equal(result_of(&c), QY_EPID_REVOKED_SIGNATURE);
    c.signature[at] ^= 1;
  }
  c.signature[387] ^= 1; /* the list's version */
  assert_int_equal(result_of(&c), QY_EPID_SIGRL_MISMATCH);
  c.signature[387] ^= 1;
  c.signature[391] ^= 1; /* the count, which the length does not bear out */
  assert_int_equal(result_of(&c), QY_EPID_BAD_SIGNATURE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_of_the_sdk),
      cmocka_unit_test(requests_that_are_refused),
      cmocka_unit_test(request_blobs),
      cmocka_unit_test(damaged_signatures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
