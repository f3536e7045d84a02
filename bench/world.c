/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#include <crypto/random.h>

static const char message[] = "what is signed";
static const char name[] = "provider";

/* ---- Operations ---- */

static qy_status p256_verify(bench_world *w, qy_error *why)
{
  return bench_p256_verify(&w->p256, why);
}

static qy_status verify(const qy_epid_verifier *verifier, qy_view signature, qy_error *why)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  QY_TRY(qy_epid_verify(&result, verifier, signature, qy_view_text(message), NULL, why));
  return result == QY_EPID_VALID ? QY_OK
                                 : qy_fail(why, QY_ERR_INTERNAL, "EPID signature: %s", qy_epid_result_name(result));
}

static qy_status sign(const qy_epid_member *member, uint8_t *signature, const qy_view *basename,
                      const qy_epid_sigrl *sigrl, qy_error *why)
{
  uint32_t own = 0;
  return qy_epid_sign(signature, qy_epid_signature_size(sigrl == NULL ? 0 : sigrl->count), &own, member,
                      qy_view_text(message), basename, sigrl, qy_random_system(), NULL, why);
}

static qy_status epid_verify(bench_world *w, qy_error *why)
{
  return verify(w->verifier, QY_VIEW_OF(w->signature), why);
}

static qy_status epid_verify_basename(bench_world *w, qy_error *why)
{
  return verify(w->named_verifier, QY_VIEW_OF(w->named_signature), why);
}

static qy_status epid_sign(bench_world *w, qy_error *why)
{
  return sign(w->member, w->signature, NULL, NULL, why);
}

static qy_status prepare_one(bench_world *w, qy_error *why)
{
  return qy_epid_prepared_fill(w->prepared, 1, qy_random_system(), why);
}

static qy_status epid_sign_prepared(bench_world *w, qy_error *why)
{
  uint32_t own = 0;
  return qy_epid_sign_prepared(w->prepared_signature, sizeof(w->prepared_signature), &own, w->prepared,
                               qy_view_text(message), NULL, NULL, NULL, why);
}

static qy_status epid_privrl(bench_world *w, qy_error *why)
{
  return verify(w->privrl_verifier[0], QY_VIEW_OF(w->signature), why);
}

static qy_status epid_privrl_two(bench_world *w, qy_error *why)
{
  return verify(w->privrl_verifier[1], QY_VIEW_OF(w->signature), why);
}

static qy_status epid_sigrl_verify(bench_world *w, qy_error *why)
{
  return verify(w->sigrl_verifier[0], QY_VIEW_OF(w->proved_signature), why);
}

static qy_status epid_sigrl_verify_two(bench_world *w, qy_error *why)
{
  return verify(w->sigrl_verifier[1], QY_VIEW_OF(w->proved_signature), why);
}

static qy_status epid_sigrl_prove(bench_world *w, qy_error *why)
{
  return sign(w->member, w->proved_signature, NULL, &w->sigrl_list, why);
}

static qy_status epid_sigrl_prove_two(bench_world *w, qy_error *why)
{
  return sign(w->member_two, w->proved_signature, NULL, &w->sigrl_list, why);
}

static qy_status epid_join_request(bench_world *w, qy_error *why)
{
  qy_epid_join_request request;
  return qy_epid_join_request_make(&request, &w->group, QY_EPID_HASH_BY_GID, w->nonce, w->member_key.f,
                                   qy_random_system(), why);
}

static qy_status epid_group_prepare(bench_world *w, qy_error *why)
{
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_epid_verifier_new(&verifier, &w->group, NULL, why));
  qy_epid_verifier_free(&verifier);
  return QY_OK;
}

/* Of two points that were never seen before: the lines of the second are part of it. */
static qy_status pairing(bench_world *w, qy_error *why)
{
  static qy_pairing_lines lines;
  const qy_pairing_lines *const all[1] = {&lines};
  qy_g1 point;
  qy_fq12 value;
  (void)w;
  (void)why;
  qy_g1_from_affine(&point, &qy_g1_generator);
  qy_pairing_lines_init(&lines, &qy_g2_generator);
  qy_pairing_product(&value, &point, all, 1);
  return QY_OK;
}

size_t bench_operations(bench_operation out[BENCH_MAX_OPERATIONS])
{
  static const bench_operation all[] = {
      {.name = "p256_verify", .run = p256_verify, .what = "OpenSSL's P-256 verification: the unit"},
      {.name = "epid_verify", .run = epid_verify, .what = "random base, group prepared"},
      {.name = "epid_verify_basename", .run = epid_verify_basename, .what = "the same with a basename set"},
      {.name = "epid_sign", .run = epid_sign, .what = "random base, nothing prepared"},
      {.name = "epid_sign_prepared",
       .run = epid_sign_prepared,
       .ready = prepare_one,
       .what = "random base, all but the message prepared"},
      {.name = "epid_privrl_entry",
       .run = epid_privrl,
       .less = "epid_verify",
       .entries = BENCH_PRIVRL_ENTRIES,
       .what = "an entry of a PrivRL of 32,768"},
      {.name = "epid_sigrl_entry_verify",
       .run = epid_sigrl_verify,
       .less = "epid_verify",
       .entries = BENCH_SIGRL_ENTRIES,
       .what = "an entry of a SigRL of 1,000"},
      {.name = "epid_sigrl_entry_prove",
       .run = epid_sigrl_prove,
       .less = "epid_sign",
       .entries = BENCH_SIGRL_ENTRIES,
       .what = "the same, member side"},
      {.name = "epid_join_request", .run = epid_join_request, .what = "member side"},
      {.name = "epid_group_prepare", .run = epid_group_prepare, .what = "a verifier for a new group"},
      {.name = "pairing", .run = pairing, .what = "of two new points"},
      {.name = "epid_privrl_entry_2_threads",
       .run = epid_privrl_two,
       .less = "epid_verify",
       .entries = BENCH_PRIVRL_ENTRIES,
       .threaded = true,
       .what = "wall clock"},
      {.name = "epid_sigrl_entry_verify_2_threads",
       .run = epid_sigrl_verify_two,
       .less = "epid_verify",
       .entries = BENCH_SIGRL_ENTRIES,
       .threaded = true,
       .what = "wall clock"},
      {.name = "epid_sigrl_entry_prove_2_threads",
       .run = epid_sigrl_prove_two,
       .less = "epid_sign",
       .entries = BENCH_SIGRL_ENTRIES,
       .threaded = true,
       .what = "wall clock"},
  };
  _Static_assert(sizeof(all) / sizeof(all[0]) + BENCH_DCAP_OPERATIONS <= BENCH_MAX_OPERATIONS,
                 "more operations than there is room for");
  memcpy(out, all, sizeof(all));
  return bench_dcap_operations(out, sizeof(all) / sizeof(all[0]));
}

/* ---- What they work on ---- */

/* Keys that nobody has. */
static qy_status make_privrl(bench_world *w, qy_error *why)
{
  QY_TRY(qy_random_fill(qy_random_system(), w->privrl, sizeof(w->privrl), why));
  for (size_t i = 0; i < sizeof(w->privrl); i += QY_EPID_PRIVRL_ENTRY_SIZE) {
    w->privrl[i] &= 0x7f; /* below p */
  }
  return QY_OK;
}

/* Signatures by nobody: B and K run through multiples of the generator. */
static void make_sigrl(bench_world *w)
{
  qy_g1 b;
  qy_g1 k;
  qy_g1_from_affine(&b, &qy_g1_generator);
  qy_g1_double(&k, &b);
  for (size_t i = 0; i < sizeof(w->sigrl); i += QY_EPID_SIGRL_ENTRY_SIZE) {
    qy_g1_encode(w->sigrl + i, &b);
    qy_g1_encode(w->sigrl + i + QY_EPID_G1_SIZE, &k);
    qy_g1_add_affine(&b, &b, &qy_g1_generator);
    qy_g1_add(&k, &k, &b);
  }
  w->sigrl_list = (qy_epid_sigrl){w->group.gid, 1, BENCH_SIGRL_ENTRIES, QY_VIEW_OF(w->sigrl)};
}

static qy_status make_list_verifiers(bench_world *w, qy_error *why)
{
  const qy_epid_privrl privrl = {w->group.gid, 1, BENCH_PRIVRL_ENTRIES, QY_VIEW_OF(w->privrl)};
  for (unsigned i = 0; i < 2; i++) {
    const qy_epid_work work = {.threads = i + 1};
    QY_TRY(qy_epid_verifier_new(&w->privrl_verifier[i], &w->group, NULL, why));
    QY_TRY(qy_epid_verifier_set_privrl(w->privrl_verifier[i], &privrl, NULL, why));
    qy_epid_verifier_set_work(w->privrl_verifier[i], &work);
    QY_TRY(qy_epid_verifier_new(&w->sigrl_verifier[i], &w->group, NULL, why));
    QY_TRY(qy_epid_verifier_set_sigrl(w->sigrl_verifier[i], &w->sigrl_list, NULL, why));
    qy_epid_verifier_set_work(w->sigrl_verifier[i], &work);
  }
  qy_epid_member_set_work(w->member_two, &(qy_epid_work){.threads = 2});
  return QY_OK;
}

qy_status bench_world_make(bench_world *w, qy_error *why)
{
  const qy_epid_gid gid = qy_epid_gid_of_sgx(0xb3f);
  const qy_view basename = qy_view_text(name);
  QY_TRY(bench_p256_make(&w->p256, why));
  QY_TRY(bench_dcap_make(&w->dcap, why));
  QY_TRY(qy_epid_group_create(&w->group, &w->issuing, &gid, qy_random_system(), why));
  QY_TRY(qy_epid_member_key_issue(&w->member_key, &w->group, &w->issuing, qy_random_system(), why));
  QY_TRY(qy_epid_member_new(&w->member, &w->group, &w->member_key, QY_EPID_HASH_BY_GID, NULL, why));
  QY_TRY(qy_epid_member_new(&w->member_two, &w->group, &w->member_key, QY_EPID_HASH_BY_GID, NULL, why));
  QY_TRY(qy_epid_prepared_new(&w->prepared, w->member, NULL, 1, NULL, why));
  QY_TRY(qy_epid_verifier_new(&w->verifier, &w->group, NULL, why));
  QY_TRY(qy_epid_verifier_new(&w->named_verifier, &w->group, NULL, why));
  QY_TRY(qy_epid_verifier_set_basename(w->named_verifier, &basename, why));
  QY_TRY(make_privrl(w, why));
  make_sigrl(w);
  QY_TRY(make_list_verifiers(w, why));
  QY_TRY(sign(w->member, w->named_signature, &basename, NULL, why));
  QY_TRY(epid_sign(w, why));
  return epid_sigrl_prove(w, why);
}

void bench_world_clear(bench_world *w)
{
  bench_p256_clear(&w->p256);
  bench_dcap_clear(&w->dcap);
  qy_epid_prepared_free(&w->prepared);
  qy_epid_member_free(&w->member);
  qy_epid_member_free(&w->member_two);
  qy_epid_verifier_free(&w->verifier);
  qy_epid_verifier_free(&w->named_verifier);
  for (int i = 0; i < 2; i++) {
    qy_epid_verifier_free(&w->privrl_verifier[i]);
    qy_epid_verifier_free(&w->sigrl_verifier[i]);
  }
  qy_epid_issuing_key_clear(&w->issuing);
  qy_epid_member_key_clear(&w->member_key);
}
