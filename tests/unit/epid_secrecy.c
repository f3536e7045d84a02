/* SPDX-License-Identifier: Apache-2.0 */
/* Constant time, as ctgrind does it: under valgrind every secret is marked as undefined memory, so that a branch or an
 * index that depends on one is reported as an error. What may become public is marked so where it does
 * (pairing/declassify.h). Source: A. Langley, ctgrind, 2010. */
#include "epid_support.h"

#include <valgrind/memcheck.h>

static void hide(void *bytes, size_t size)
{
  (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, size);
}

static void show(void *bytes, size_t size)
{
  (void)VALGRIND_MAKE_MEM_DEFINED(bytes, size);
}

/* Random bytes that nothing may depend on. */
static qy_status fill_hidden(void *context, uint8_t *out, size_t size, qy_error *why)
{
  const qy_random *source = context;
  QY_TRY(source->fill(source->context, out, size, why));
  hide(out, size);
  return QY_OK;
}

/* The exchange from drawing f to signing with proofs, all that the member keeps and draws hidden. */
static void member_is_constant_time(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_random hidden = {.fill = fill_hidden, .context = &w.random};
  const uint8_t nonce[QY_EPID_NONCE_SIZE] = {1};
  const qy_view name = text("name");
  uint8_t entries[2 * QY_EPID_SIGRL_ENTRY_SIZE];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE + 2 * QY_EPID_PROOF_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
  qy_epid_join_request request;
  qy_epid_credential credential;
  uint32_t own = 0;
  for (size_t i = 0; i < 2; i++) {
    assert_ok(qy_epid_sign(signature, QY_EPID_SIGNATURE_SIZE, &own, w.member, text("bad"), NULL, NULL, &w.random, NULL,
                           NULL));
    memcpy(entries + QY_EPID_SIGRL_ENTRY_SIZE * i, signature, QY_EPID_SIGRL_ENTRY_SIZE);
  }
  const qy_epid_sigrl list = {w.group.gid, 1, 2, QY_VIEW_OF(entries)};
  assert_ok(qy_epid_secret_draw(f, &hidden, NULL));
  assert_ok(qy_epid_join_request_make(&request, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &hidden, NULL));
  assert_ok(qy_epid_certify(&credential, &w.group, &w.issuing, QY_EPID_HASH_BY_GID, &request, nonce, NULL, &w.random,
                            NULL, NULL));
  hide(credential.a, sizeof(credential.a));
  hide(credential.x, sizeof(credential.x));
  assert_ok(qy_epid_credential_accept(&w.key, &w.group, &credential, f, NULL, NULL));
  qy_epid_member_free(&w.member);
  assert_ok(qy_epid_member_new(&w.member, &w.group, &w.key, QY_EPID_HASH_BY_GID, NULL, NULL));
  for (int named = 0; named < 2; named++) {
    assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("message"), named ? &name : NULL, &list,
                           &hidden, NULL, NULL));
    assert_int_equal(own, 0);
    expect_result(&w, QY_VIEW_OF(signature), text("message"), QY_EPID_VALID, QY_CHECK_NONE);
  }
  show(&w.key, sizeof(w.key));
}

/* All other forms of signing, and what is done with a member's key besides; the member hidden whole. */
static void other_forms_are_constant_time(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_random hidden = {.fill = fill_hidden, .context = &w.random};
  const qy_view names[] = {text("registered"), text("another")};
  const qy_view *const bases[] = {NULL, &names[0], &names[1]};
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t precomputed[QY_EPID_MEMBER_PRECOMPUTED_SIZE];
  uint32_t own = 0;
  hide(w.key.a, sizeof(w.key.a));
  hide(w.key.x, sizeof(w.key.x));
  hide(w.key.f, sizeof(w.key.f));
  assert_ok(qy_epid_member_key_check(&w.key, &w.group, NULL, NULL));
  qy_epid_member_free(&w.member);
  assert_ok(qy_epid_member_new(&w.member, &w.group, &w.key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_member_register_basename(w.member, names[0], NULL));
  for (size_t i = 0; i < 3; i++) {
    __attribute__((cleanup(qy_epid_prepared_free))) qy_epid_prepared *prepared = NULL;
    assert_ok(
        qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), bases[i], NULL, &hidden, NULL, NULL));
    expect_result(&w, QY_VIEW_OF(signature), text("m"), QY_EPID_VALID, QY_CHECK_NONE);
    assert_ok(qy_epid_prepared_new(&prepared, w.member, bases[i], 2, NULL, NULL));
    assert_ok(qy_epid_prepared_fill(prepared, 2, &hidden, NULL));
    assert_ok(qy_epid_sign_prepared(signature, sizeof(signature), &own, prepared, text("m"), NULL, NULL, NULL, NULL));
    expect_result(&w, QY_VIEW_OF(signature), text("m"), QY_EPID_VALID, QY_CHECK_NONE);
  }
  qy_epid_member_precomputed_write(precomputed, w.member);
  assert_ok(qy_epid_member_precomputed_check(w.member, QY_VIEW_OF(precomputed), NULL, NULL));
  show(&w.key, sizeof(w.key));
}

/* The issuing key, and the member keys made with it. */
static void issuer_is_constant_time(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_random hidden = {.fill = fill_hidden, .context = &w.random};
  const uint8_t nonce[QY_EPID_NONCE_SIZE] = {1};
  const qy_epid_gid gid = {{0, 0, 9}};
  uint8_t f[QY_EPID_SCALAR_SIZE];
  qy_epid_compressed_key compressed;
  qy_epid_member_key whole;
  qy_epid_member_key again;
  qy_epid_join_request request;
  qy_epid_credential credential;
  assert_ok(qy_epid_group_create(&w.group, &w.issuing, &gid, &hidden, NULL));
  assert_ok(qy_epid_member_key_issue(&w.key, &w.group, &w.issuing, &hidden, NULL));
  assert_ok(qy_epid_compressed_key_issue(&compressed, &whole, &w.group, &w.issuing, &hidden, NULL));
  show(&compressed, sizeof(compressed)); /* what was issued goes out; the member hides it anew */
  hide(compressed.a_x, sizeof(compressed.a_x));
  hide(compressed.seed, sizeof(compressed.seed));
  assert_ok(qy_epid_member_key_decompress(&again, &w.group, &compressed, NULL, NULL));
  show(&whole, sizeof(whole));
  show(&again, sizeof(again));
  assert_memory_equal(&again, &whole, sizeof(whole));
  assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
  assert_ok(qy_epid_join_request_make(&request, &w.group, QY_EPID_HASH_BY_GID, nonce, f, &w.random, NULL));
  assert_ok(qy_epid_certify(&credential, &w.group, &w.issuing, QY_EPID_HASH_BY_GID, &request, nonce, NULL, &hidden,
                            NULL, NULL));
  show(&w.key, sizeof(w.key));
  show(&credential, sizeof(credential));
  assert_ok(qy_epid_credential_accept(&w.key, &w.group, &credential, f, NULL, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(member_is_constant_time),
                                     cmocka_unit_test(other_forms_are_constant_time),
                                     cmocka_unit_test(issuer_is_constant_time)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
