/* SPDX-License-Identifier: Apache-2.0 */
/* Members sign, verifiers agree, pseudonyms link, and each of the four lists revokes. */
#include "epid_support.h"

typedef struct signed_one {
  uint8_t bytes[QY_EPID_SIGNATURE_SIZE];
} signed_one;

static signed_one sign_one(epid_world *w, const qy_epid_member *member, const char *message, const char *basename)
{
  const qy_view name = text(basename);
  signed_one out;
  uint32_t own = 9;
  assert_ok(qy_epid_sign(out.bytes, sizeof(out.bytes), &own, member, text(message), basename == NULL ? NULL : &name,
                         NULL, &w->random, NULL, NULL));
  assert_int_equal(own, 0);
  return out;
}

/* Every hash, random base, a name, and the empty name, which is a name too. */
static void signatures_verify(void **state)
{
  (void)state;
  static const char *const names[] = {NULL, "name", ""};
  for (uint8_t hash = 0; hash < 4; hash++) {
    SCOPED_WORLD(w, hash);
    for (size_t i = 0; i < 3; i++) {
      const qy_view name = text(names[i]);
      const signed_one s = sign_one(&w, w.member, "message", names[i]);
      assert_ok(qy_epid_verifier_set_basename(w.verifier, names[i] == NULL ? NULL : &name, NULL));
      expect_result(&w, QY_VIEW_OF(s.bytes), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
    }
    /* under another hash it does not hold */
    const signed_one s = sign_one(&w, w.member, "message", NULL);
    assert_ok(qy_epid_verifier_set_basename(w.verifier, NULL, NULL));
    assert_ok(qy_epid_verifier_set_hash(w.verifier, hash == 0 ? QY_EPID_SHA512 : QY_EPID_SHA256, NULL));
    expect_result(&w, QY_VIEW_OF(s.bytes), text("message"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
  }
}

static void pseudonyms_link_under_a_name_only(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  qy_epid_member_key key;
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *other = NULL;
  assert_ok(qy_epid_member_key_issue(&key, &w.group, &w.issuing, &w.random, NULL));
  assert_ok(qy_epid_member_new(&other, &w.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  const signed_one a = sign_one(&w, w.member, "one", "name");
  const signed_one b = sign_one(&w, w.member, "two", "name");
  const signed_one c = sign_one(&w, w.member, "one", "other name");
  const signed_one d = sign_one(&w, other, "one", "name");
  const signed_one e = sign_one(&w, w.member, "one", NULL);
  const signed_one f = sign_one(&w, w.member, "one", NULL);
  assert_true(qy_epid_signatures_linked(QY_VIEW_OF(a.bytes), QY_VIEW_OF(b.bytes)));
  assert_false(qy_epid_signatures_linked(QY_VIEW_OF(a.bytes), QY_VIEW_OF(c.bytes)));
  assert_false(qy_epid_signatures_linked(QY_VIEW_OF(a.bytes), QY_VIEW_OF(d.bytes)));
  assert_false(qy_epid_signatures_linked(QY_VIEW_OF(e.bytes), QY_VIEW_OF(f.bytes)));
  assert_memory_equal(a.bytes, d.bytes, 64); /* one base for all */
  assert_int_equal(qy_epid_signature_pseudonym(QY_VIEW_OF(a.bytes)).size, QY_EPID_PSEUDONYM_SIZE);
  assert_int_equal(qy_epid_signature_pseudonym(qy_view_over(a.bytes, 359)).size, 0);
  assert_false(qy_epid_signatures_linked(qy_view_over(a.bytes, 359), qy_view_over(a.bytes, 359)));
}

/* The base of a name, and the pseudonym of a key of Intel's SDK under it, are those in Intel's own signature. */
static void pseudonym_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  SCOPED_WORLD(w, 0);
  QY_SCOPED_BUFFER(group, 272);
  QY_SCOPED_BUFFER(key, 144);
  QY_SCOPED_BUFFER(theirs, 1000);
  vectors_read(&group, "epid/sdk-testdata/grp_x/pubkey.dat");
  vectors_read(&key, "epid/sdk-testdata/grp_x/member0/mprivkey.dat");
  vectors_read(&theirs, "epid/sdk-testdata/grp_x/member0/sig_sha256_bsn0_msg0.dat");
  epid_world_clear(&w);
  assert_ok(qy_epid_group_key_decode(&w.group, qy_buffer_view(&group), NULL));
  assert_ok(qy_epid_member_key_decode(&w.key, qy_buffer_view(&key), NULL));
  assert_ok(qy_epid_member_new(&w.member, &w.group, &w.key, QY_EPID_SHA256, NULL, NULL));
  assert_ok(qy_epid_verifier_new(&w.verifier, &w.group, NULL, NULL));
  assert_ok(qy_epid_verifier_set_hash(w.verifier, QY_EPID_SHA256, NULL));
  const signed_one ours = sign_one(&w, w.member, "message", "bsn0");
  assert_true(qy_epid_signatures_linked(QY_VIEW_OF(ours.bytes), qy_buffer_view(&theirs)));
  expect_result(&w, QY_VIEW_OF(ours.bytes), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
}

static void a_leaked_key_is_revoked(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t first[QY_EPID_SIGNATURE_SIZE];
  uint8_t list_bytes[24 + 32 * 20];
  uint8_t next_bytes[24 + 32 * 20];
  size_t size;
  const signed_one s = sign_one(&w, w.member, "message", NULL);
  memcpy(first, s.bytes, sizeof(first));
  qy_epid_privrl list = {.gid = w.group.gid};
  for (uint32_t i = 0; i < 18; i++) { /* others first, past the point where a table is used; ours last */
    uint8_t f[QY_EPID_SCALAR_SIZE];
    assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
    assert_ok(qy_epid_verifier_set_privrl(w.verifier, &list, NULL, NULL));
    if (i % 6 == 0 || i == 17) {
      expect_result(&w, QY_VIEW_OF(first), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
    }
    assert_ok(qy_epid_privrl_revoke(next_bytes, sizeof(next_bytes), &size, &list, i == 17 ? w.key.f : f, NULL));
    assert_int_equal(size, 24 + 32 * (i + 1));
    memcpy(list_bytes, next_bytes, size);
    assert_ok(qy_epid_privrl_read(&list, qy_view_over(list_bytes, size), NULL, NULL, NULL));
    assert_int_equal(list.version, i + 1);
    assert_int_equal(list.count, i + 1);
    if (i == 3) { /* without the table */
      qy_epid_privrl few = list;
      uint8_t bytes[24 + 32 * 5];
      assert_ok(qy_epid_privrl_revoke(bytes, sizeof(bytes), &size, &few, w.key.f, NULL));
      assert_ok(qy_epid_privrl_read(&few, qy_view_over(bytes, size), NULL, NULL, NULL));
      few.version = 3;
      assert_ok(qy_epid_verifier_set_privrl(w.verifier, &few, NULL, NULL));
      expect_result(&w, QY_VIEW_OF(first), text("message"), QY_EPID_REVOKED_KEY, QY_CHECK_EPID_KEY_REVOKED);
    }
  }
  assert_ok(qy_epid_verifier_set_privrl(w.verifier, &list, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(first), text("message"), QY_EPID_REVOKED_KEY, QY_CHECK_EPID_KEY_REVOKED);
  assert_int_equal(qy_epid_privrl_revoke(next_bytes, sizeof(next_bytes), &size, &list, w.key.f, NULL), QY_ERR_EXISTS);
  /* a signature whose key is there needs no SigRL entry */
  const qy_epid_sigrl none = {.gid = w.group.gid};
  uint8_t sigrl[24 + 128];
  assert_int_equal(qy_epid_sigrl_revoke(sigrl, sizeof(sigrl), &size, &none, QY_VIEW_OF(first), &list, NULL),
                   QY_ERR_EXISTS);
}

static void a_bad_signature_is_revoked(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 1);
  qy_epid_member_key key;
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *other = NULL;
  uint8_t one[24 + 128];
  uint8_t two[24 + 256];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE + 2 * QY_EPID_PROOF_SIZE];
  size_t size;
  uint32_t own = 9;
  qy_epid_sigrl list = {.gid = w.group.gid};
  assert_ok(qy_epid_member_key_issue(&key, &w.group, &w.issuing, &w.random, NULL));
  assert_ok(qy_epid_member_new(&other, &w.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  const signed_one innocent = sign_one(&w, other, "x", NULL);
  const signed_one bad = sign_one(&w, w.member, "y", NULL);
  assert_ok(qy_epid_sigrl_revoke(one, sizeof(one), &size, &list, QY_VIEW_OF(innocent.bytes), NULL, NULL));
  assert_ok(qy_epid_sigrl_read(&list, QY_VIEW_OF(one), NULL, NULL, NULL));
  assert_int_equal(qy_epid_sigrl_revoke(two, sizeof(two), &size, &list, QY_VIEW_OF(innocent.bytes), NULL, NULL),
                   QY_ERR_EXISTS);
  assert_int_equal(qy_epid_sigrl_revoke(two, 30, &size, &list, QY_VIEW_OF(bad.bytes), NULL, NULL), QY_ERR_SPACE);
  assert_int_equal(size, sizeof(two));
  assert_ok(qy_epid_sigrl_revoke(two, sizeof(two), &size, &list, QY_VIEW_OF(bad.bytes), NULL, NULL));
  assert_ok(qy_epid_sigrl_read(&list, QY_VIEW_OF(two), NULL, NULL, NULL));
  assert_int_equal(list.version, 2);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  /* a buffer of the wrong size, and a list of another group */
  assert_int_equal(
      qy_epid_sign(signature, QY_EPID_SIGNATURE_SIZE, &own, w.member, text("m"), NULL, &list, &w.random, NULL, NULL),
      QY_ERR_SPACE);
  qy_epid_sigrl foreign = list;
  foreign.gid.bytes[9] = 1;
  w.trace = (qy_trace){0};
  expect_refusal(
      qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, &foreign, &w.random, &w.trace, NULL),
      &w.trace, QY_CHECK_EPID_LIST_GROUP);
  /* the revoked member is told so, and its signature is refused */
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, &list, &w.random, NULL, NULL));
  assert_int_equal(own, 1);
  expect_result(&w, QY_VIEW_OF(signature), text("m"), QY_EPID_REVOKED_SIGNATURE, QY_CHECK_EPID_SIGNATURE_REVOKED);
  /* so is the innocent one here, for the first entry is its own */
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, other, text("m"), NULL, &list, &w.random, NULL, NULL));
  assert_int_equal(own, 1);
  /* a third is not */
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *third = NULL;
  assert_ok(qy_epid_member_key_issue(&key, &w.group, &w.issuing, &w.random, NULL));
  assert_ok(qy_epid_member_new(&third, &w.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, third, text("m"), NULL, &list, &w.random, NULL, NULL));
  assert_int_equal(own, 0);
  expect_result(&w, QY_VIEW_OF(signature), text("m"), QY_EPID_VALID, QY_CHECK_NONE);
}

static void a_group_is_revoked(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_epid_gid another = {{0, 0, 1}};
  uint8_t one[8 + 16];
  uint8_t two[8 + 32];
  size_t size;
  qy_epid_grouprl list = {0};
  const signed_one s = sign_one(&w, w.member, "m", NULL);
  assert_ok(qy_epid_grouprl_revoke(one, sizeof(one), &size, &list, &another, NULL));
  assert_ok(qy_epid_grouprl_read(&list, QY_VIEW_OF(one), NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_set_grouprl(w.verifier, &list, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(s.bytes), text("m"), QY_EPID_VALID, QY_CHECK_NONE);
  assert_ok(qy_epid_grouprl_revoke(two, sizeof(two), &size, &list, &w.group.gid, NULL));
  assert_ok(qy_epid_grouprl_read(&list, QY_VIEW_OF(two), NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_set_grouprl(w.verifier, &list, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(s.bytes), text("m"), QY_EPID_REVOKED_GROUP, QY_CHECK_EPID_GROUP_REVOKED);
  list.version = UINT32_MAX;
  uint8_t three[8 + 48];
  const qy_epid_gid third = {{0, 0, 3}};
  assert_int_equal(qy_epid_grouprl_revoke(three, sizeof(three), &size, &list, &third, NULL), QY_ERR_LIMIT);
}

static void a_pseudonym_is_revoked(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_view name = text("name");
  uint8_t bytes[88 + 64];
  uint8_t more[88 + 128];
  size_t size;
  qy_epid_verifierrl list = {.gid = w.group.gid};
  const signed_one s = sign_one(&w, w.member, "m", "name");
  const signed_one again = sign_one(&w, w.member, "again", "name");
  const signed_one elsewhere = sign_one(&w, w.member, "m", "elsewhere");
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &name, NULL));
  assert_ok(qy_epid_verifierrl_revoke(bytes, sizeof(bytes), &size, &list, QY_VIEW_OF(s.bytes), NULL));
  assert_ok(qy_epid_verifierrl_decode(&list, QY_VIEW_OF(bytes), NULL));
  assert_ok(qy_epid_verifier_set_verifierrl(w.verifier, &list, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(again.bytes), text("again"), QY_EPID_REVOKED_VERIFIER, QY_CHECK_EPID_VERIFIER_REVOKED);
  assert_int_equal(qy_epid_verifierrl_revoke(more, sizeof(more), &size, &list, QY_VIEW_OF(again.bytes), NULL),
                   QY_ERR_EXISTS);
  assert_int_equal(qy_epid_verifierrl_revoke(more, sizeof(more), &size, &list, QY_VIEW_OF(elsewhere.bytes), NULL),
                   QY_ERR_ARGUMENT);
  /* another basename drops the list */
  assert_ok(qy_epid_verifier_set_basename(w.verifier, NULL, NULL));
  expect_result(&w, QY_VIEW_OF(again.bytes), text("again"), QY_EPID_VALID, QY_CHECK_NONE);
}

/* Randomness that fails leaves no signature. */
static qy_status refuse(void *context, uint8_t *out, size_t size, qy_error *why)
{
  int *left = context;
  if (*left == 0) {
    return qy_fail(why, QY_ERR_CRYPTO, "no more");
  }
  (*left)--;
  memset(out, *left + 1, size);
  return QY_OK;
}

static void failing_randomness(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const signed_one s = sign_one(&w, w.member, "bad", NULL);
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE];
  uint8_t zeros[sizeof(signature)] = {0};
  memcpy(entry, s.bytes, sizeof(entry));
  const qy_epid_sigrl list = {w.group.gid, 1, 1, QY_VIEW_OF(entry)};
  for (int allowed = 0; allowed < 2; allowed++) { /* one for the signature, one for the proof */
    int left = allowed;
    uint32_t own = 9;
    const qy_random random = {.fill = refuse, .context = &left};
    memset(signature, 1, sizeof(signature));
    assert_int_equal(
        qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, &list, &random, NULL, NULL),
        QY_ERR_CRYPTO);
    assert_memory_equal(signature, zeros, sizeof(signature));
    assert_int_equal(own, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signatures_verify),          cmocka_unit_test(pseudonyms_link_under_a_name_only),
      cmocka_unit_test(pseudonym_of_the_sdk),       cmocka_unit_test(a_leaked_key_is_revoked),
      cmocka_unit_test(a_bad_signature_is_revoked), cmocka_unit_test(a_group_is_revoked),
      cmocka_unit_test(a_pseudonym_is_revoked),     cmocka_unit_test(failing_randomness),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
