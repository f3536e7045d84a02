/* SPDX-License-Identifier: Apache-2.0 */
/* Joining: exchanges of Intel's SDK, our own, and what each side refuses. */
#include "epid_support.h"

/* Requests made by Intel's member are certified; replayed under the other nonce or hash they are not. */
static void requests_of_the_sdk(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    qy_epid_hash hash;
  } hashes[] = {{"sha256", QY_EPID_SHA256},
                {"sha384", QY_EPID_SHA384},
                {"sha512", QY_EPID_SHA512},
                {"sha512_256", QY_EPID_SHA512_256}};
  vectors_need();
  test_random seed = {31};
  const qy_random random = test_random_source(&seed);
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  uint8_t nonces[2][QY_EPID_NONCE_SIZE];
  read_group(&group, &issuing, "sdk-testdata/grp_x");
  read_exactly(nonces[0], 32, "sdk-testdata/grp_x/member2/nonce.dat");
  read_exactly(nonces[1], 32, "sdk-testdata/grp_x/member2/nonce2.dat");
  for (size_t i = 0; i < 8; i++) {
    static qy_trace trace;
    char path[200];
    uint8_t bytes[QY_EPID_JOIN_REQUEST_SIZE];
    qy_epid_join_request request;
    qy_epid_credential credential;
    const qy_epid_hash hash = hashes[i / 2].hash;
    (void)snprintf(path, sizeof(path), "sdk-testdata/grp_x/member2/joinreq_grpx_member2_%s_%02zu.dat",
                   hashes[i / 2].name, i % 2 + 1);
    read_exactly(bytes, sizeof(bytes), path);
    assert_ok(qy_epid_join_request_decode(&request, QY_VIEW_OF(bytes), NULL));
    trace = (qy_trace){0};
    assert_ok(
        qy_epid_certify(&credential, &group, &issuing, hash, &request, nonces[i % 2], NULL, &random, &trace, NULL));
    assert_null(qy_trace_failed(&trace));
    expect_refusal(
        qy_epid_certify(&credential, &group, &issuing, hash, &request, nonces[1 - i % 2], NULL, &random, &trace, NULL),
        &trace, QY_CHECK_JOIN_PROOF);
    trace = (qy_trace){0};
    expect_refusal(qy_epid_certify(&credential, &group, &issuing, hashes[(i / 2 + 1) % 4].hash, &request, nonces[i % 2],
                                   NULL, &random, &trace, NULL),
                   &trace, QY_CHECK_JOIN_PROOF);
  }
}

/* An exchange whose every part is at hand: request, nonce, f, credential. */
static void exchange_of_another_issuer(void **state)
{
  (void)state;
  vectors_need();
  SCOPED_WORLD(w, 0);
  uint8_t bytes[QY_EPID_JOIN_REQUEST_SIZE];
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
  qy_epid_join_request request;
  qy_epid_join_request ours;
  qy_epid_credential credential;
  qy_epid_credential fresh;
  qy_epid_member_key key;
  read_group(&w.group, &w.issuing, "own-issuer/g256");
  assert_ok(qy_epid_issuing_key_check(&w.issuing, &w.group, NULL));
  read_exactly(nonce, sizeof(nonce), "own-issuer/g256/join/issuer_nonce.dat");
  read_exactly(f, sizeof(f), "own-issuer/g256/join/member_f.dat");
  read_exactly(bytes, sizeof(bytes), "own-issuer/g256/join/joinreq.dat");
  assert_ok(qy_epid_join_request_decode(&request, QY_VIEW_OF(bytes), NULL));
  assert_ok(qy_epid_certify(&fresh, &w.group, &w.issuing, QY_EPID_HASH_BY_GID, &request, nonce, NULL, &w.random,
                            &w.trace, NULL));
  assert_ok(qy_epid_credential_accept(&key, &w.group, &fresh, f, &w.trace, NULL));
  read_exactly(bytes, QY_EPID_CREDENTIAL_SIZE, "own-issuer/g256/join/credential.dat");
  assert_ok(qy_epid_credential_decode(&credential, qy_view_over(bytes, QY_EPID_CREDENTIAL_SIZE), NULL));
  assert_ok(qy_epid_credential_accept(&key, &w.group, &credential, f, &w.trace, NULL));
  assert_memory_equal(key.a, credential.a, sizeof(key.a));
  assert_memory_equal(key.f, f, sizeof(key.f));
  assert_null(qy_trace_failed(&w.trace));
  /* F is all of a request that is not random */
  assert_ok(qy_epid_join_request_make(&ours, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL));
  assert_memory_equal(ours.f_commitment, request.f_commitment, sizeof(ours.f_commitment));
}

/* Keys that Intel ships are credentials of their groups; split members' are not, for theirs is another base. */
static void member_keys_of_the_sdk(void **state)
{
  (void)state;
  static const char *const keys[][2] = {
      {"sdk-testdata/grp_x/pubkey.dat", "sdk-testdata/grp_x/member0/mprivkey.dat"},
      {"sdk-testdata/grp_x/pubkey.dat", "sdk-testdata/grp_x/member1/mprivkey.dat"},
      {"sdk-testdata/grp_x/pubkey.dat", "sdk-testdata/grp_x/privrevoked/mprivatekey000.dat"},
      {"sdk-testdata/grp_x/pubkey.dat", "sdk-testdata/grp_x/cmember9/mprivkey.dat"},
      {"sdk-testdata/ikgf/groupa/pubkey.dat", "sdk-testdata/ikgf/groupa/member0/mprivkey.dat"},
      {"sdk-testdata/ikgf/groupb/pubkey.dat", "sdk-testdata/ikgf/groupb/member0/mprivkey.dat"}};
  vectors_need();
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    static qy_trace trace;
    __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = NULL;
    uint8_t bytes[QY_EPID_GROUP_KEY_SIZE];
    uint8_t again[QY_EPID_MEMBER_KEY_SIZE];
    qy_epid_group_key group;
    qy_epid_member_key key;
    trace = (qy_trace){0};
    read_exactly(bytes, sizeof(bytes), keys[i][0]);
    assert_ok(qy_epid_group_key_decode(&group, QY_VIEW_OF(bytes), NULL));
    read_exactly(bytes, QY_EPID_MEMBER_KEY_SIZE, keys[i][1]);
    assert_ok(qy_epid_member_key_decode(&key, qy_view_over(bytes, QY_EPID_MEMBER_KEY_SIZE), NULL));
    qy_epid_member_key_encode(again, &key);
    assert_memory_equal(again, bytes, sizeof(again));
    assert_ok(qy_epid_member_new(&member, &group, &key, QY_EPID_HASH_BY_GID, &trace, NULL));
    qy_epid_member_free(&member);
    key.f[31] ^= 1;
    expect_refusal(qy_epid_member_new(&member, &group, &key, QY_EPID_HASH_BY_GID, &trace, NULL), &trace,
                   QY_CHECK_CREDENTIAL_EQUATION);
    assert_null(member);
  }
}

static void our_own_exchange(void **state)
{
  (void)state;
  for (uint8_t hash = 0; hash < 4; hash++) {
    SCOPED_WORLD(w, hash);
    const uint8_t nonce[QY_EPID_NONCE_SIZE] = {hash, 2, 3};
    uint8_t f[QY_EPID_SCALAR_SIZE];
    uint8_t signature[QY_EPID_SIGNATURE_SIZE];
    uint32_t own;
    qy_epid_join_request request;
    qy_epid_credential credential;
    assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
    assert_ok(qy_epid_join_request_make(&request, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL));
    assert_ok(qy_epid_certify(&credential, &w.group, &w.issuing, QY_EPID_HASH_BY_GID, &request, nonce, NULL, &w.random,
                              &w.trace, NULL));
    assert_ok(qy_epid_credential_accept(&w.key, &w.group, &credential, f, &w.trace, NULL));
    qy_epid_member_free(&w.member);
    assert_ok(qy_epid_member_new(&w.member, &w.group, &w.key, QY_EPID_HASH_BY_GID, &w.trace, NULL));
    assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, NULL, &w.random, NULL, NULL));
    expect_result(&w, QY_VIEW_OF(signature), text("m"), QY_EPID_VALID, QY_CHECK_NONE);
  }
}

static void requests_that_are_refused(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const uint8_t nonce[QY_EPID_NONCE_SIZE] = {1};
  uint8_t f[QY_EPID_SCALAR_SIZE] = {0};
  qy_epid_join_request good;
  qy_epid_join_request request;
  qy_epid_credential credential;
  const qy_epid_credential zeros = {0};
#define CERTIFY(list)                                                                                         \
  qy_epid_certify(&credential, &w.group, &w.issuing, QY_EPID_HASH_BY_GID, &request, nonce, (list), &w.random, \
                  &w.trace, NULL)
#define EXPECT(list, check)                         \
  w.trace = (qy_trace){0};                          \
  memset(&credential, 1, sizeof(credential));       \
  expect_refusal(CERTIFY(list), &w.trace, (check)); \
  assert_memory_equal(&credential, &zeros, sizeof(zeros))
  /* the member's side: f must be in [1, p-1] */
  assert_int_equal(qy_epid_join_request_make(&good, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL),
                   QY_ERR_ARGUMENT);
  memset(f, 0xff, sizeof(f));
  assert_int_equal(qy_epid_join_request_make(&good, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL),
                   QY_ERR_ARGUMENT);
  assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
  assert_ok(qy_epid_join_request_make(&good, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL));
  request = good;
  assert_ok(CERTIFY(NULL));
  request.f_commitment[5] ^= 1;
  EXPECT(NULL, QY_CHECK_EPID_POINT);
  request = good;
  memset(request.f_commitment, 0, sizeof(request.f_commitment));
  EXPECT(NULL, QY_CHECK_JOIN_F_INFINITY);
  request = good;
  memset(request.c, 0xff, sizeof(request.c));
  EXPECT(NULL, QY_CHECK_EPID_SCALAR_RANGE);
  request = good;
  memset(request.s, 0xff, sizeof(request.s));
  EXPECT(NULL, QY_CHECK_EPID_SCALAR_RANGE);
  request = good;
  request.s[31] ^= 1;
  EXPECT(NULL, QY_CHECK_JOIN_PROOF);
  request = good;
  memcpy(request.f_commitment, w.group.h1, sizeof(request.f_commitment)); /* F = h1, without its proof */
  EXPECT(NULL, QY_CHECK_JOIN_PROOF);
  request = good;
  qy_epid_privrl list = {w.group.gid, 1, 1, QY_VIEW_OF(f)};
  EXPECT(&list, QY_CHECK_JOIN_F_REVOKED);
  list.gid.bytes[3] = 1;
  EXPECT(&list, QY_CHECK_EPID_LIST_GROUP);
  /* an issuing key that is not the group's */
  w.issuing.gamma[31] ^= 1;
  assert_int_equal(CERTIFY(NULL), QY_ERR_ARGUMENT);
  w.issuing.gamma[31] ^= 1;
  w.issuing.gid.bytes[8] ^= 1;
  assert_int_equal(CERTIFY(NULL), QY_ERR_ARGUMENT);
}

static void credentials_that_are_refused(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  qy_epid_credential credential = {.gid = w.group.gid};
  qy_epid_member_key key;
  uint8_t f[QY_EPID_SCALAR_SIZE];
#define ACCEPT() qy_epid_credential_accept(&key, &w.group, &credential, f, &w.trace, NULL)
#define REJECT(check)      \
  w.trace = (qy_trace){0}; \
  expect_refusal(ACCEPT(), &w.trace, (check))
  memcpy(credential.a, w.key.a, sizeof(credential.a));
  memcpy(credential.x, w.key.x, sizeof(credential.x));
  memcpy(f, w.key.f, sizeof(f));
  assert_ok(ACCEPT());
  credential.x[31] ^= 1;
  REJECT(QY_CHECK_CREDENTIAL_EQUATION);
  memset(credential.x, 0xff, sizeof(credential.x));
  REJECT(QY_CHECK_EPID_SCALAR_RANGE);
  memcpy(credential.x, w.key.x, sizeof(credential.x));
  memset(credential.a, 0, sizeof(credential.a)); /* A at infinity */
  REJECT(QY_CHECK_EPID_POINT);
  memcpy(credential.a, w.group.h1, sizeof(credential.a));
  REJECT(QY_CHECK_CREDENTIAL_EQUATION);
  memcpy(credential.a, w.key.a, sizeof(credential.a));
  memset(f, 0, sizeof(f));
  REJECT(QY_CHECK_EPID_SCALAR_RANGE);
  memcpy(f, w.key.f, sizeof(f));
  credential.gid.bytes[15] ^= 1;
  REJECT(QY_CHECK_CREDENTIAL_GROUP);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_of_the_sdk),       cmocka_unit_test(exchange_of_another_issuer),
      cmocka_unit_test(member_keys_of_the_sdk),    cmocka_unit_test(our_own_exchange),
      cmocka_unit_test(requests_that_are_refused), cmocka_unit_test(credentials_that_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
