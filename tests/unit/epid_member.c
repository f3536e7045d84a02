/* SPDX-License-Identifier: Apache-2.0 */
/* What a member signs under, and signatures made in advance. */
#include "epid_support.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_valid(epid_world *w, qy_view signature, const char *message)
{
  expect_result(w, signature, text(message), QY_EPID_VALID, QY_CHECK_NONE);
}

/* ---- Basenames ---- */

static qy_status sign_named(uint8_t out[QY_EPID_SIGNATURE_SIZE], epid_world *w, const char *basename)
{
  const qy_view name = text(basename);
  uint32_t own = 0;
  w->trace = (qy_trace){0};
  return qy_epid_sign(out, QY_EPID_SIGNATURE_SIZE, &own, w->member, text("m"), basename == NULL ? NULL : &name, NULL,
                      &w->random, &w->trace, NULL);
}

static void only_registered_basenames(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 3);
  uint8_t before[QY_EPID_SIGNATURE_SIZE];
  uint8_t after[QY_EPID_SIGNATURE_SIZE];
  const uint8_t zeros[QY_EPID_SIGNATURE_SIZE] = {0};
  const qy_view name = text("provider");
  qy_epid_prepared *prepared = NULL;
  assert_ok(sign_named(before, &w, "provider"));
  assert_ok(qy_epid_member_register_basename(w.member, name, NULL));
  assert_int_equal(qy_epid_member_register_basename(w.member, name, NULL), QY_ERR_EXISTS);
  assert_ok(qy_epid_member_register_basename(w.member, text(""), NULL));
  /* registering changes no pseudonym, and forbids nothing by itself */
  assert_ok(sign_named(after, &w, "provider"));
  assert_true(qy_epid_signatures_linked(QY_VIEW_OF(before), QY_VIEW_OF(after)));
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &name, NULL));
  expect_valid(&w, QY_VIEW_OF(after), "m");
  assert_ok(sign_named(after, &w, "another"));
  qy_epid_member_demand_registration(w.member);
  assert_ok(sign_named(after, &w, "provider"));
  expect_valid(&w, QY_VIEW_OF(after), "m");
  assert_ok(sign_named(after, &w, ""));
  assert_ok(sign_named(after, &w, NULL)); /* a random base is no name */
  memset(after, 1, sizeof(after));
  expect_refusal(sign_named(after, &w, "another"), &w.trace, QY_CHECK_EPID_BASENAME_REGISTERED);
  assert_memory_equal(after, zeros, sizeof(zeros));
  const qy_view another = text("another");
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_prepared_new(&prepared, w.member, &another, 1, &w.trace, NULL), &w.trace,
                 QY_CHECK_EPID_BASENAME_REGISTERED);
  assert_null(prepared);
}

static void registered_basenames_are_limited(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  for (uint32_t i = 0; i < QY_EPID_MAX_BASENAMES; i++) {
    assert_ok(qy_epid_member_register_basename(w.member, qy_view_over(&i, sizeof(i)), NULL));
  }
  assert_int_equal(qy_epid_member_register_basename(w.member, text("one more"), NULL), QY_ERR_LIMIT);
}

/* ---- Prepared signatures ---- */

static void prepared_signatures(void **state)
{
  (void)state;
  static const char *const names[] = {NULL, "name", "registered"};
  for (uint8_t hash = 0; hash < 4; hash++) {
    SCOPED_WORLD(w, hash);
    assert_ok(qy_epid_member_register_basename(w.member, text("registered"), NULL));
    for (size_t i = 0; i < 3; i++) {
      __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = NULL;
      const qy_view name = text(names[i]);
      const qy_view *basename = names[i] == NULL ? NULL : &name;
      uint8_t s[3][QY_EPID_SIGNATURE_SIZE];
      uint32_t own = 9;
      assert_ok(qy_epid_verifier_set_basename(w.verifier, basename, NULL));
      assert_ok(qy_epid_prepared_new(&prepared, w.member, basename, 3, NULL, NULL));
      assert_int_equal(qy_epid_prepared_count(prepared), 0);
      assert_ok(qy_epid_prepared_fill(prepared, 2, &w.random, NULL));
      assert_int_equal(qy_epid_prepared_fill(prepared, 2, &w.random, NULL), QY_ERR_SPACE);
      assert_ok(qy_epid_prepared_fill(prepared, 1, &w.random, NULL));
      for (size_t j = 0; j < 3; j++) {
        assert_int_equal(qy_epid_prepared_count(prepared), 3 - j);
        assert_ok(qy_epid_sign_prepared(s[j], sizeof(s[j]), &own, prepared, text("message"), NULL, NULL, NULL, NULL));
        assert_int_equal(own, 0);
        expect_valid(&w, QY_VIEW_OF(s[j]), "message");
        expect_result(&w, QY_VIEW_OF(s[j]), text("massage"), QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE);
        assert_int_equal(qy_epid_signatures_linked(QY_VIEW_OF(s[0]), QY_VIEW_OF(s[j])), j == 0 || basename != NULL);
      }
      assert_memory_not_equal(s[0] + 128, s[1] + 128, 64); /* T */
      assert_int_equal(
          qy_epid_sign_prepared(s[0], sizeof(s[0]), &own, prepared, text("message"), NULL, NULL, NULL, NULL),
          QY_ERR_NOT_FOUND);
    }
  }
}

/* With a list: proofs are made when the message is there. What is refused before costs none. */
static void prepared_with_proofs(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = NULL;
  uint8_t own_signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t s[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE];
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  uint32_t own = 9;
  assert_ok(sign_named(own_signature, &w, NULL));
  memcpy(entry, own_signature, sizeof(entry));
  memcpy(entry + 64, own_signature + 128, 64); /* T in the place of K: somebody else's */
  qy_epid_sigrl list = {w.group.gid, 4, 1, QY_VIEW_OF(entry)};
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  assert_ok(qy_epid_prepared_new(&prepared, w.member, NULL, 2, NULL, NULL));
  assert_ok(qy_epid_prepared_fill(prepared, 2, &w.random, NULL));
  assert_int_equal(qy_epid_sign_prepared(s, sizeof(s) - 1, &own, prepared, text("m"), &list, &w.random, NULL, NULL),
                   QY_ERR_SPACE);
  list.gid.bytes[9] ^= 1;
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_sign_prepared(s, sizeof(s), &own, prepared, text("m"), &list, &w.random, &w.trace, NULL),
                 &w.trace, QY_CHECK_EPID_LIST_GROUP);
  list.gid.bytes[9] ^= 1;
  assert_int_equal(qy_epid_prepared_count(prepared), 2);
  assert_ok(qy_epid_sign_prepared(s, sizeof(s), &own, prepared, text("m"), &list, &w.random, NULL, NULL));
  assert_int_equal(own, 0);
  expect_valid(&w, QY_VIEW_OF(s), "m");
  memcpy(entry, own_signature, sizeof(entry)); /* now its own */
  assert_ok(qy_epid_sign_prepared(s, sizeof(s), &own, prepared, text("m"), &list, &w.random, NULL, NULL));
  assert_int_equal(own, 1);
  assert_int_equal(qy_epid_prepared_count(prepared), 0);
  qy_epid_prepared_free(&prepared);
  assert_int_equal(qy_epid_prepared_new(&prepared, w.member, NULL, QY_EPID_MAX_PREPARED + 1, NULL, NULL), QY_ERR_LIMIT);
}

/* Two processes that used the same one would give the key away. */
static void a_child_process_has_none(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  qy_epid_prepared *prepared = NULL;
  uint8_t s[QY_EPID_SIGNATURE_SIZE];
  uint32_t own = 0;
  int status = -1;
  assert_ok(qy_epid_prepared_new(&prepared, w.member, NULL, 2, NULL, NULL));
  assert_ok(qy_epid_prepared_fill(prepared, 2, &w.random, NULL));
  const pid_t child = fork();
  if (child == 0) {
    _exit(qy_epid_prepared_count(prepared) == 0 && qy_epid_sign_prepared(s, sizeof(s), &own, prepared, text("m"), NULL,
                                                                         NULL, NULL, NULL) == QY_ERR_NOT_FOUND
              ? 0
              : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(qy_epid_prepared_count(prepared), 2);
  qy_epid_prepared_free(&prepared);
  assert_null(prepared);
  qy_epid_prepared_free(&prepared);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_registered_basenames), cmocka_unit_test(registered_basenames_are_limited),
      cmocka_unit_test(prepared_signatures),       cmocka_unit_test(prepared_with_proofs),
      cmocka_unit_test(a_child_process_has_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
