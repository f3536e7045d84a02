/* SPDX-License-Identifier: Apache-2.0 */
/* What is left in memory: after everything that touches secrets, whether it succeeds or fails, and at whichever draw
 * randomness ends, the stack it ran on holds no word of a nonce, of f, x, A or gamma. */
#include "epid_support.h"

#include <pthread.h>
#include <sys/mman.h>

#include <pairing/g1.h>

#define STACK_SIZE ((size_t)1024 * 1024)
#define MAX_DRAWS 4
#define MAX_DRAW (6 * 64)

/* An act on a stack of its own, with randomness that is remembered and ends after `allowed` draws. */
typedef struct traced {
  epid_world *w;
  qy_status (*act)(struct traced *t, const qy_random *random);
  const qy_view *basename;
  const qy_epid_sigrl *list;
  qy_epid_prepared *prepared;
  size_t allowed;
  size_t drawn;
  size_t sizes[MAX_DRAWS];
  uint8_t draws[MAX_DRAWS][MAX_DRAW];
  qy_status status;
  uint8_t out[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE];
} traced;

static qy_status remember(void *context, uint8_t *out, size_t size, qy_error *why)
{
  traced *t = context;
  if (t->drawn == t->allowed) {
    return qy_fail(why, QY_ERR_CRYPTO, "no more");
  }
  assert_in_range(size, 1, sizeof(t->draws[0]));
  QY_TRY(t->w->random.fill(t->w->random.context, t->draws[t->drawn], size, why));
  memcpy(out, t->draws[t->drawn], size);
  t->sizes[t->drawn++] = size;
  return QY_OK;
}

/* ---- Acts ---- */

static size_t signature_size(const traced *t)
{
  return qy_epid_signature_size(t->list == NULL ? 0 : 1);
}

static qy_status sign(traced *t, const qy_random *random)
{
  uint32_t own = 0;
  return qy_epid_sign(t->out, signature_size(t), &own, t->w->member, text("m"), t->basename, t->list, random, NULL,
                      NULL);
}

static qy_status sign_in_two_steps(traced *t, const qy_random *random)
{
  uint32_t own = 0;
  QY_TRY(qy_epid_prepared_fill(t->prepared, 1, random, NULL));
  return qy_epid_sign_prepared(t->out, signature_size(t), &own, t->prepared, text("m"), t->list, random, NULL, NULL);
}

static qy_status ask_to_join(traced *t, const qy_random *random)
{
  static const uint8_t nonce[QY_EPID_NONCE_SIZE] = {1};
  qy_epid_join_request request;
  return qy_epid_join_request_make(&request, &t->w->group, QY_EPID_HASH_BY_GID, nonce, t->w->key.f, random, NULL);
}

/* Into memory that the world owns, for the compressed key and what comes out of it are secret, too. */
static qy_status open_key(traced *t, const qy_random *random)
{
  static qy_epid_member_key opened;
  (void)random;
  QY_TRY(qy_epid_member_key_check(&t->w->key, &t->w->group, NULL, NULL));
  qy_epid_member_free(&t->w->member);
  QY_TRY(qy_epid_member_new(&t->w->member, &t->w->group, &t->w->key, QY_EPID_HASH_BY_GID, NULL, NULL));
  QY_TRY(qy_epid_member_register_basename(t->w->member, text("name"), NULL));
  QY_TRY(qy_epid_member_key_decompress(&opened, &t->w->group, &t->w->compressed, NULL, NULL));
  return memcmp(&opened, &t->w->key, sizeof(opened)) == 0 ? QY_OK : QY_ERR_INTERNAL;
}

static qy_status issue(traced *t, const qy_random *random)
{
  static qy_epid_compressed_key compressed;
  static qy_epid_member_key key;
  QY_TRY(qy_epid_compressed_key_issue(&compressed, NULL, &t->w->group, &t->w->issuing, random, NULL));
  return qy_epid_member_key_issue(&key, &t->w->group, &t->w->issuing, random, NULL);
}

static qy_status make_group(traced *t, const qy_random *random)
{
  static qy_epid_group_key group;
  static qy_epid_issuing_key issuing;
  return qy_epid_group_create(&group, &issuing, &t->w->group.gid, random, NULL);
}

/* ---- The search ---- */

static void *run(void *context)
{
  traced *t = context;
  const qy_random random = {.fill = remember, .context = t};
  t->status = t->act(t, &random);
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

static void expect_encoded_absent(const uint8_t *stack, const uint8_t bytes[QY_FP_SIZE], const char *what)
{
  qy_fp scalar;
  assert_true(qy_fp_decode(&scalar, bytes));
  expect_scalar_absent(stack, &scalar, what);
}

static void expect_world_absent(const uint8_t *stack, const epid_world *w)
{
  qy_g1_affine a;
  assert_true(qy_g1_decode(&a, w->key.a));
  expect_absent(stack, &a, sizeof(a), "A");
  expect_absent(stack, w->key.a, sizeof(w->key.a), "A");
  expect_encoded_absent(stack, w->key.f, "f");
  expect_encoded_absent(stack, w->key.x, "x");
  expect_encoded_absent(stack, w->issuing.gamma, "gamma");
  if (!qy_view_is_zero(QY_VIEW_OF(w->compressed.seed))) {
    expect_absent(stack, w->compressed.seed, sizeof(w->compressed.seed), "seed");
  }
}

static void act_and_search(traced *t, qy_status expected)
{
  pthread_attr_t attributes;
  pthread_t thread;
  uint8_t *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(stack != MAP_FAILED);
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstack(&attributes, stack, STACK_SIZE), 0);
  assert_int_equal(pthread_create(&thread, &attributes, run, t), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_string_equal(qy_status_name(t->status), qy_status_name(expected));
  for (size_t i = 0; i < t->drawn; i++) {
    qy_fp scalar;
    expect_absent(stack, t->draws[i], t->sizes[i], "what was drawn");
    for (size_t at = 0; at + 64 <= t->sizes[i]; at += 64) {
      qy_fp_reduce(&scalar, t->draws[i] + at, 64);
      expect_scalar_absent(stack, &scalar, "a nonce");
    }
  }
  expect_world_absent(stack, t->w);
  (void)pthread_attr_destroy(&attributes);
  (void)munmap(stack, STACK_SIZE);
}

static void nothing_is_left(traced *t, size_t draws)
{
  for (size_t allowed = 0; allowed <= draws; allowed++) {
    t->allowed = allowed;
    t->drawn = 0;
    act_and_search(t, allowed < draws ? QY_ERR_CRYPTO : QY_OK);
  }
}

static void signing(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  static traced t;
  __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = NULL;
  const qy_view name = text("name");
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  t = (traced){.w = &w, .act = sign};
  nothing_is_left(&t, 1);
  memcpy(entry, t.out, sizeof(entry));
  memcpy(entry + 64, t.out + 128, 64); /* T in the place of K */
  const qy_epid_sigrl list = {w.group.gid, 1, 1, QY_VIEW_OF(entry)};
  t = (traced){.w = &w, .act = sign, .basename = &name, .list = &list};
  nothing_is_left(&t, 2);
  assert_ok(qy_epid_prepared_new(&prepared, w.member, NULL, 2, NULL, NULL));
  t = (traced){.w = &w, .act = sign_in_two_steps, .prepared = prepared, .list = &list};
  nothing_is_left(&t, 2);
}

static void joining_and_keys(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  static traced t;
  assert_ok(qy_epid_compressed_key_issue(&w.compressed, &w.key, &w.group, &w.issuing, &w.random, NULL));
  t = (traced){.w = &w, .act = ask_to_join};
  nothing_is_left(&t, 1);
  t = (traced){.w = &w, .act = open_key};
  nothing_is_left(&t, 0);
}

static void issuing(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  static traced t;
  t = (traced){.w = &w, .act = issue};
  nothing_is_left(&t, 3);
  t = (traced){.w = &w, .act = make_group};
  nothing_is_left(&t, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(signing), cmocka_unit_test(joining_and_keys),
                                     cmocka_unit_test(issuing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
