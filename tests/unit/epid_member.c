/* SPDX-License-Identifier: Apache-2.0 */
/* What a member signs under, signatures made in advance, and what is left in memory when one cannot be made. */
#include "epid_support.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pairing/fp.h>

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

/* ---- Nothing is left behind ---- */

#define STACK_SIZE ((size_t)1024 * 1024)
#define MAX_DRAWS 16

/* Signs on a stack of its own, with randomness that is remembered and ends after `allowed` draws. */
typedef struct signing {
  epid_world *w;
  const qy_view *basename;
  const qy_epid_sigrl *list;
  qy_epid_prepared *prepared; /* NULL: signs at once */
  size_t allowed;
  size_t drawn;
  uint8_t draws[MAX_DRAWS][64];
  qy_status status;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE];
} signing;

static qy_status remember(void *context, uint8_t *out, size_t size, qy_error *why)
{
  signing *s = context;
  if (s->drawn == s->allowed) {
    return qy_fail(why, QY_ERR_CRYPTO, "no more");
  }
  assert_int_equal(size, 64);
  QY_TRY(s->w->random.fill(s->w->random.context, s->draws[s->drawn], size, why));
  memcpy(out, s->draws[s->drawn++], size);
  return QY_OK;
}

static void *sign_once(void *context)
{
  signing *s = context;
  const qy_random random = {.fill = remember, .context = s};
  const size_t size = qy_epid_signature_size(s->list == NULL ? 0 : 1);
  uint32_t own = 0;
  if (s->prepared == NULL) {
    s->status =
        qy_epid_sign(s->signature, size, &own, s->w->member, text("m"), s->basename, s->list, &random, NULL, NULL);
  } else {
    s->status = qy_epid_prepared_fill(s->prepared, 1, &random, NULL);
    if (s->status == QY_OK) {
      s->status = qy_epid_sign_prepared(s->signature, size, &own, s->prepared, text("m"), s->list, &random, NULL, NULL);
    }
  }
  return NULL;
}

/* The stack holds none of the eight-byte words of a secret. */
static void expect_absent(const uint8_t *stack, const void *secret, size_t size, const char *what)
{
  for (size_t at = 0; at + 8 <= size; at += 8) {
    if (memmem(stack, STACK_SIZE, (const uint8_t *)secret + at, 8) != NULL) {
      fail_msg("%s: its bytes from %zu on are left on the stack", what, at);
    }
  }
}

/* Nor does it hold a scalar as limbs, as bytes, or negated. */
static void expect_scalar_absent(const uint8_t *stack, const qy_fp *scalar, const char *what)
{
  uint8_t bytes[QY_FP_SIZE];
  uint64_t limbs[4];
  qy_fp negative;
  qy_fp_neg(&negative, scalar);
  for (int i = 0; i < 2; i++) {
    const qy_fp *one = i == 0 ? scalar : &negative;
    qy_fp_encode(bytes, one);
    qy_fp_limbs(limbs, one);
    expect_absent(stack, one->limb, sizeof(one->limb), what);
    expect_absent(stack, limbs, sizeof(limbs), what);
    expect_absent(stack, bytes, sizeof(bytes), what);
  }
}

static void sign_and_search(signing *s, qy_status expected)
{
  pthread_attr_t attributes;
  pthread_t thread;
  qy_fp scalar;
  uint8_t *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(stack != MAP_FAILED);
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstack(&attributes, stack, STACK_SIZE), 0);
  assert_int_equal(pthread_create(&thread, &attributes, sign_once, s), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_string_equal(qy_status_name(s->status), qy_status_name(expected));
  for (size_t i = 0; i < s->drawn; i++) {
    expect_absent(stack, s->draws[i], sizeof(s->draws[i]), "what was drawn");
    qy_fp_reduce(&scalar, s->draws[i], sizeof(s->draws[i]));
    expect_scalar_absent(stack, &scalar, "a nonce");
  }
  assert_true(qy_fp_decode(&scalar, s->w->key.f));
  expect_scalar_absent(stack, &scalar, "f");
  assert_true(qy_fp_decode(&scalar, s->w->key.x));
  expect_scalar_absent(stack, &scalar, "x");
  expect_absent(stack, s->w->key.a, sizeof(s->w->key.a), "A");
  (void)pthread_attr_destroy(&attributes);
  (void)munmap(stack, STACK_SIZE);
}

static void nothing_is_left(signing *s, size_t draws)
{
  for (size_t allowed = 0; allowed <= draws; allowed++) {
    s->allowed = allowed;
    s->drawn = 0;
    sign_and_search(s, allowed < draws ? QY_ERR_CRYPTO : QY_OK);
  }
}

/* Whether or not a signature comes about, at every draw where one can fail. */
static void nonces_leave_no_trace(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  static signing s;
  __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = NULL;
  const qy_view name = text("name");
  uint8_t own[QY_EPID_SIGNATURE_SIZE];
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  assert_ok(sign_named(own, &w, NULL));
  memcpy(entry, own, sizeof(entry));
  memcpy(entry + 64, own + 128, 64); /* T in the place of K */
  const qy_epid_sigrl list = {w.group.gid, 1, 1, QY_VIEW_OF(entry)};
  s = (signing){.w = &w};
  nothing_is_left(&s, 6);
  s = (signing){.w = &w, .basename = &name, .list = &list};
  nothing_is_left(&s, 9);
  assert_ok(qy_epid_prepared_new(&prepared, w.member, NULL, 2, NULL, NULL));
  s = (signing){.w = &w, .prepared = prepared, .list = &list};
  nothing_is_left(&s, 9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_registered_basenames), cmocka_unit_test(registered_basenames_are_limited),
      cmocka_unit_test(prepared_signatures),       cmocka_unit_test(prepared_with_proofs),
      cmocka_unit_test(a_child_process_has_none),  cmocka_unit_test(nonces_leave_no_trace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
