/* SPDX-License-Identifier: Apache-2.0 */
/* Long lists: mapped, searched and proved over by several threads, interrupted, and never copied. */
#include "epid_support.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <base/file.h>
#include <base/file_map.h>
#include <pairing/g1.h>

static void put_u32(uint8_t *out, uint32_t value)
{
  for (int i = 0; i < 4; i++) {
    out[i] = (uint8_t)(value >> (24 - 8 * i));
  }
}

/* A PrivRL file of `count` keys that nobody has, with `f` at `at` if there is one. */
static uint8_t *make_privrl(size_t *size, const qy_epid_gid *gid, uint32_t count, const uint8_t *f, uint32_t at)
{
  *size = 24 + (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * count;
  uint8_t *file = calloc(1, *size);
  test_random seed = {17};
  const qy_random random = test_random_source(&seed);
  assert_non_null(file);
  assert_ok(random.fill(random.context, file + 24, *size - 24, NULL));
  for (uint32_t i = 0; i < count; i++) {
    file[24 + (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * i] &= 0x7f; /* below p */
  }
  memcpy(file, gid->bytes, QY_EPID_GID_SIZE);
  put_u32(file + 16, 1);
  put_u32(file + 20, count);
  if (f != NULL) {
    memcpy(file + 24 + (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * at, f, QY_EPID_SCALAR_SIZE);
  }
  return file;
}

static void sign_plain(epid_world *w, uint8_t signature[QY_EPID_SIGNATURE_SIZE])
{
  uint32_t own = 0;
  assert_ok(
      qy_epid_sign(signature, QY_EPID_SIGNATURE_SIZE, &own, w->member, text("m"), NULL, NULL, &w->random, NULL, NULL));
}

static void expect_entry(epid_world *w, qy_view signature, qy_epid_result result, uint32_t entry)
{
  char expected[32];
  qy_epid_result got = QY_EPID_UNDECIDED;
  w->trace = (qy_trace){0};
  assert_ok(qy_epid_verify(&got, w->verifier, signature, text("m"), &w->trace, NULL));
  assert_string_equal(qy_epid_result_name(got), qy_epid_result_name(result));
  if (result != QY_EPID_VALID) {
    (void)snprintf(expected, sizeof(expected), "entry %u", entry);
    assert_non_null(strstr(qy_trace_failed(&w->trace)->actual.chars, expected));
  }
}

/* Where a key stands in the list, and how many threads look for it, makes no difference but for its number. */
static void a_revoked_key_is_found_anywhere(void **state)
{
  (void)state;
  enum { COUNT = 8300 };
  SCOPED_WORLD(w, 0);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  const uint32_t places[] = {0, 4095, 4096, 8200, COUNT - 1};
  sign_plain(&w, signature);
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    size_t size = 0;
    qy_epid_privrl list;
    uint8_t *file = make_privrl(&size, &w.group.gid, COUNT, w.key.f, places[i]);
    memcpy(file + size - QY_EPID_SCALAR_SIZE, w.key.f, QY_EPID_SCALAR_SIZE); /* the first one counts */
    assert_ok(qy_epid_privrl_read(&list, qy_view_over(file, size), NULL, NULL, NULL));
    assert_ok(qy_epid_verifier_set_privrl(w.verifier, &list, NULL, NULL));
    for (unsigned threads = 1; threads <= 3; threads += 2) {
      qy_epid_verifier_set_work(w.verifier, &(qy_epid_work){.threads = threads});
      expect_entry(&w, QY_VIEW_OF(signature), QY_EPID_REVOKED_KEY, places[i]);
    }
    free(file);
  }
}

/* A SigRL of signatures by other members of no consequence: the multiples of a point. `mine` stands at `at`. */
static void make_entries(uint8_t *entries, uint32_t count, const uint8_t *mine, uint32_t at)
{
  qy_g1 b;
  qy_g1 k;
  qy_g1_from_affine(&b, &qy_g1_generator);
  qy_g1_double(&k, &b);
  for (uint32_t i = 0; i < count; i++) {
    qy_g1_encode(entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i, &b);
    qy_g1_encode(entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i + QY_G1_SIZE, &k);
    qy_g1_add_affine(&b, &b, &qy_g1_generator);
    qy_g1_add(&k, &k, &b);
  }
  if (mine != NULL) {
    memcpy(entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * at, mine, QY_EPID_SIGRL_ENTRY_SIZE);
  }
}

#define PROOFS 70 /* two whole pieces and some */
typedef struct proved {
  uint8_t bytes[QY_EPID_SIGNATURE_SIZE + PROOFS * QY_EPID_PROOF_SIZE];
} proved;

static void sign_with(proved *out, uint32_t *own, epid_world *w, const qy_epid_sigrl *list, unsigned threads)
{
  test_random seed = {5};
  const qy_random random = test_random_source(&seed);
  qy_epid_member_set_work(w->member, &(qy_epid_work){.threads = threads});
  assert_ok(qy_epid_sign(out->bytes, qy_epid_signature_size(list->count), own, w->member, text("m"), NULL, list,
                         &random, NULL, NULL));
}

static void proofs_are_the_same_by_any_number_of_threads(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  make_entries(entries, PROOFS, NULL, 0);
  const uint32_t counts[] = {1, 15, 16, 32, 33, PROOFS};
  for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
    const size_t size = QY_EPID_SIGNATURE_SIZE + (size_t)QY_EPID_PROOF_SIZE * counts[i];
    qy_epid_sigrl list = {w.group.gid, (uint32_t)i, counts[i],
                          qy_view_over(entries, (size_t)QY_EPID_SIGRL_ENTRY_SIZE * counts[i])};
    proved one;
    proved three;
    uint32_t own = 9;
    sign_with(&one, &own, &w, &list, 1);
    assert_int_equal(own, 0);
    sign_with(&three, &own, &w, &list, 3);
    assert_memory_equal(one.bytes, three.bytes, size);
    assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
    for (unsigned threads = 1; threads <= 3; threads += 2) {
      qy_epid_verifier_set_work(w.verifier, &(qy_epid_work){.threads = threads});
      expect_entry(&w, qy_view_over(one.bytes, size), QY_EPID_VALID, 0);
    }
  }
}

static void the_first_bad_proof_is_named(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  make_entries(entries, PROOFS, NULL, 0);
  const qy_epid_sigrl list = {w.group.gid, 1, PROOFS, QY_VIEW_OF(entries)};
  const uint32_t places[] = {0, 31, 32, 63, 64, PROOFS - 1};
  const size_t fields[] = {10, 64, 96, 128}; /* T, c, smu, snu */
  proved good;
  uint32_t own = 0;
  sign_with(&good, &own, &w, &list, 2);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
      proved bad = good;
      bad.bytes[QY_EPID_SIGNATURE_SIZE + (size_t)QY_EPID_PROOF_SIZE * places[i] + fields[j]] ^= 1;
      bad.bytes[sizeof(bad.bytes) - 1] ^= 1; /* so is the last one: the first counts */
      qy_epid_verifier_set_work(w.verifier, &(qy_epid_work){.threads = 1 + (unsigned)j % 2});
      expect_entry(&w, QY_VIEW_OF(bad.bytes), QY_EPID_REVOKED_SIGNATURE, places[i]);
    }
  }
}

static void own_entries_are_counted_and_left_zero(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  const uint8_t zeros[QY_EPID_PROOF_SIZE] = {0};
  uint8_t mine[QY_EPID_SIGNATURE_SIZE];
  proved signature;
  uint32_t own = 0;
  sign_plain(&w, mine);
  make_entries(entries, PROOFS, mine, 40);
  sign_plain(&w, mine);
  memcpy(entries + sizeof(entries) - QY_EPID_SIGRL_ENTRY_SIZE, mine, QY_EPID_SIGRL_ENTRY_SIZE);
  const qy_epid_sigrl list = {w.group.gid, 1, PROOFS, QY_VIEW_OF(entries)};
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  for (unsigned threads = 1; threads <= 3; threads += 2) {
    sign_with(&signature, &own, &w, &list, threads);
    assert_int_equal(own, 2);
    const uint8_t *proofs = signature.bytes + QY_EPID_SIGNATURE_SIZE;
    assert_memory_equal(proofs + 40u * QY_EPID_PROOF_SIZE, zeros, sizeof(zeros));
    assert_memory_not_equal(proofs + 41u * QY_EPID_PROOF_SIZE, zeros, sizeof(zeros));
    expect_entry(&w, QY_VIEW_OF(signature.bytes), QY_EPID_REVOKED_SIGNATURE, 40);
  }
}

/* ---- Interrupts ---- */

typedef struct patience {
  uint32_t questions; /* how many are answered with yes */
  uint32_t asked;
  const char *list;
} patience;

static bool while_patient(void *context, const char *list, uint32_t done, uint32_t count)
{
  patience *p = context;
  assert_true(done <= count);
  p->list = list;
  return p->asked++ < p->questions;
}

static void an_interrupted_proof_leaves_nothing(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  make_entries(entries, PROOFS, NULL, 0);
  const qy_epid_sigrl list = {w.group.gid, 1, PROOFS, QY_VIEW_OF(entries)};
  for (uint32_t questions = 0; questions < 3; questions++) {
    patience p = {.questions = questions};
    proved signature;
    qy_error why = {0};
    uint32_t own = 9;
    qy_epid_member_set_work(w.member,
                            &(qy_epid_work){.threads = 1 + questions % 2, .goes_on = while_patient, .context = &p});
    memset(&signature, 1, sizeof(signature));
    assert_int_equal(qy_epid_sign(signature.bytes, sizeof(signature.bytes), &own, w.member, text("m"), NULL, &list,
                                  &w.random, NULL, &why),
                     QY_ERR_INTERRUPTED);
    assert_string_equal(p.list, "SigRL");
    assert_true(qy_view_is_zero(QY_VIEW_OF(signature.bytes)));
    assert_int_equal(own, 0);
    assert_non_null(strstr(why.message, "of 70 entries"));
  }
}

static void expect_interrupted(const epid_world *w, qy_view signature)
{
  qy_epid_result result = QY_EPID_VALID;
  assert_int_equal(qy_epid_verify(&result, w->verifier, signature, text("m"), NULL, NULL), QY_ERR_INTERRUPTED);
  assert_int_equal(result, QY_EPID_UNDECIDED);
}

static void an_interrupted_verification_gives_no_answer(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  make_entries(entries, PROOFS, NULL, 0);
  const qy_epid_sigrl list = {w.group.gid, 1, PROOFS, QY_VIEW_OF(entries)};
  proved signature;
  uint32_t own = 0;
  patience p = {0};
  sign_with(&signature, &own, &w, &list, 1);
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  qy_epid_verifier_set_work(w.verifier, &(qy_epid_work){.goes_on = while_patient, .context = &p});
  expect_interrupted(&w, QY_VIEW_OF(signature.bytes));
  qy_epid_verifier_set_work(w.verifier, NULL);
  expect_entry(&w, QY_VIEW_OF(signature.bytes), QY_EPID_VALID, 0);
}

/* ---- Files ---- */

#define MILLION 1000000u

static long max_memory_kib(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/* What is allocated now; under sanitizers, which bring an allocator of their own, always the same. */
static size_t allocated(void)
{
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/* A million keys, 32 MB, mapped: loading checks every entry and takes next to no memory of our own (pages of the file are
 * the system's); a search ends when it is told to, and does not ask again. */
static void a_million_keys_load_at_once(void **state)
{
  (void)state;
  char path[64];
  (void)snprintf(path, sizeof(path), "/tmp/quotary-privrl-%d", (int)getpid());
  SCOPED_WORLD(w, 0);
  QY_SCOPED_FILE_MAP(map);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  size_t size = 0;
  qy_epid_privrl list;
  uint8_t *file = make_privrl(&size, &w.group.gid, MILLION, NULL, 0);
  assert_ok(qy_file_write(path, qy_view_over(file, size), false, &assert_why));
  free(file);
  sign_plain(&w, signature);

  const size_t before = allocated();
  assert_ok(qy_file_map_open(&map, path, 64u << 20, &assert_why));
  assert_ok(qy_epid_privrl_read(&list, map.view, NULL, NULL, NULL));
  assert_ok(qy_epid_verifier_set_privrl(w.verifier, &list, NULL, NULL));
  assert_int_equal(list.count, MILLION);
  assert_ptr_equal(list.entries.bytes, map.view.bytes + 24);
  assert_true(allocated() <= before + 65536);

  patience p = {.questions = 1};
  qy_epid_verifier_set_work(w.verifier, &(qy_epid_work){.threads = 2, .goes_on = while_patient, .context = &p});
  expect_interrupted(&w, QY_VIEW_OF(signature));
  assert_string_equal(p.list, "PrivRL");
  assert_int_equal(p.asked, 2);
  assert_ok(qy_file_map_check(&map, path, &assert_why));
  (void)unlink(path);
}

/* 100,000 entries, 12.8 MB: each is checked for its two points when the list is set. */
static void a_long_sigrl_loads(void **state)
{
  (void)state;
  enum { COUNT = 100000 };
  SCOPED_WORLD(w, 0);
  const size_t size = 24 + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * COUNT;
  uint8_t *file = calloc(1, size);
  qy_epid_sigrl list;
  assert_non_null(file);
  memcpy(file, w.group.gid.bytes, QY_EPID_GID_SIZE);
  put_u32(file + 16, 1);
  put_u32(file + 20, COUNT);
  make_entries(file + 24, 100, NULL, 0);
  for (size_t i = 100; i < COUNT; i += 100) {
    memcpy(file + 24 + QY_EPID_SIGRL_ENTRY_SIZE * i, file + 24, (size_t)QY_EPID_SIGRL_ENTRY_SIZE * 100);
  }
  assert_ok(qy_epid_sigrl_read(&list, qy_view_over(file, size), NULL, NULL, NULL));
  const long before = max_memory_kib();
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &list, NULL, NULL));
  assert_true(max_memory_kib() - before < 1024); /* no copy */
  file[size - 1] ^= 1;
  list.version++;
  w.trace = (qy_trace){0};
  expect_refusal(qy_epid_verifier_set_sigrl(w.verifier, &list, &w.trace, NULL), &w.trace, QY_CHECK_EPID_POINT);
  assert_non_null(strstr(qy_trace_failed(&w.trace)->actual.chars, "entry 99999"));
  free(file);
}

/* A list that claims more entries than it has is refused by its length, whatever it claims. */
static void a_claimed_count_costs_nothing(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t file[24 + QY_EPID_SIGRL_ENTRY_SIZE] = {0};
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  const long before = max_memory_kib();
  put_u32(file + 20, UINT32_MAX);
  assert_int_not_equal(qy_epid_privrl_read(&privrl, QY_VIEW_OF(file), NULL, NULL, NULL), QY_OK);
  assert_int_not_equal(qy_epid_sigrl_read(&sigrl, QY_VIEW_OF(file), NULL, NULL, NULL), QY_OK);
  privrl = (qy_epid_privrl){w.group.gid, 1, UINT32_MAX, QY_VIEW_OF(file)};
  sigrl = (qy_epid_sigrl){w.group.gid, 1, UINT32_MAX, QY_VIEW_OF(file)};
  assert_int_equal(qy_epid_verifier_set_privrl(w.verifier, &privrl, NULL, NULL), QY_ERR_LIMIT);
  assert_int_equal(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, NULL, NULL), QY_ERR_LIMIT);
  assert_true(max_memory_kib() - before < 1024);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_claimed_count_costs_nothing),
                                     cmocka_unit_test(a_long_sigrl_loads),
                                     cmocka_unit_test(a_revoked_key_is_found_anywhere),
                                     cmocka_unit_test(proofs_are_the_same_by_any_number_of_threads),
                                     cmocka_unit_test(the_first_bad_proof_is_named),
                                     cmocka_unit_test(own_entries_are_counted_and_left_zero),
                                     cmocka_unit_test(an_interrupted_proof_leaves_nothing),
                                     cmocka_unit_test(an_interrupted_verification_gives_no_answer),
                                     cmocka_unit_test(a_million_keys_load_at_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
