/* SPDX-License-Identifier: Apache-2.0 */
/* What a set remembers: bounded, by the bytes that were verified, and of no use to what is revoked or has expired. */
#include "dcap_world.h"

#include <string.h>

#include <appraisal/dcap_parts.h>
#include <crypto/random.h>

#include "counted_memory.h"

#define TEST(test) cmocka_unit_test_setup(test, setup)
#define SET_LIMIT (256u << 10)
#define APPRAISAL_LIMIT (64u << 10)

static int setup(void **state)
{
  world_reset(*state, QY_DCAP_BODY_ENCLAVE);
  world_make(*state);
  return 0;
}

static qy_dcap_collateral *open_set(const dcap_world *world)
{
  qy_dcap_collateral *set = NULL;
  assert_ok(qy_dcap_collateral_new(&set, &world->files, NULL));
  return set;
}

static void appraise(dcap_world *world, qy_dcap_collateral *set)
{
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, set, &world->policy, world->now_s, NULL));
}

static void expect_trust(dcap_world *world, qy_dcap_collateral *set, size_t times)
{
  for (size_t i = 0; i < times; i++) {
    appraise(world, set);
    expect_trusted(world);
  }
}

/* A quote by another attestation key of the same platform. */
static void change_key(dcap_world *world)
{
  assert_ok(qy_p256_generate(&world->keys[ATTESTATION], &world->publics[ATTESTATION], qy_random_system(), NULL));
  world_make_quote(world);
  world->evidence.quote = qy_buffer_view(&world->quote);
}

static const qy_known_key *known(const qy_p256_public *key, const qy_dcap_collateral *set)
{
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    if (memcmp(set->keys.keys[i].key.bytes, key->bytes, sizeof(key->bytes)) == 0) {
      return &set->keys.keys[i];
    }
  }
  return NULL;
}

static bool has_table(const dcap_world *world, const qy_dcap_collateral *set)
{
  const qy_known_key *key = known(&world->publics[ATTESTATION], set);
  return key != NULL && key->table != NULL;
}

static size_t tables_of(const qy_dcap_collateral *set)
{
  size_t count = 0;
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    count += set->keys.keys[i].table != NULL;
  }
  return count;
}

/* ---- Keys ---- */

static void keys_met_often_have_tables(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_set(world);
  expect_trust(world, set, QY_KEY_OFTEN - 2);
  assert_false(has_table(world, set));
  expect_trust(world, set, 1);
  assert_true(has_table(world, set));
  expect_trust(world, set, 3);
  assert_int_equal(tables_of(set), 1);
  qy_dcap_collateral_free(&set);
}

static void a_table_verifies(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_set(world);
  expect_trust(world, set, QY_KEY_OFTEN);
  assert_true(has_table(world, set));
  world->quote_signed_by = STRANGER;
  world_make_quote(world);
  world->evidence.quote = qy_buffer_view(&world->quote);
  appraise(world, set);
  expect_only(world, QY_CHECK_DCAP_QUOTE_SIGNATURE);
  world->quote_signed_by = ATTESTATION;
  qy_dcap_collateral_free(&set);
}

static void only_signatures_that_hold_count(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_set(world);
  world->quote_signed_by = STRANGER;
  world_make_quote(world);
  world->evidence.quote = qy_buffer_view(&world->quote);
  for (size_t i = 0; i < 2 * QY_KEY_OFTEN; i++) {
    appraise(world, set);
    expect_only(world, QY_CHECK_DCAP_QUOTE_SIGNATURE);
  }
  assert_null(known(&world->publics[ATTESTATION], set));
  qy_dcap_collateral_free(&set);
}

static void the_key_unused_for_the_longest_goes(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_set(world);
  expect_trust(world, set, QY_KEY_OFTEN);
  const qy_p256_public first = world->publics[ATTESTATION];
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    change_key(world);
    expect_trust(world, set, QY_KEY_OFTEN);
    assert_true(has_table(world, set));
  }
  assert_int_equal(tables_of(set), QY_KNOWN_KEYS);
  assert_null(known(&first, set));
  qy_dcap_collateral_free(&set);
}

/* ---- What a set knows does not outlive its reasons ---- */

/* Platform, QE report and key are known. */
static qy_dcap_collateral *open_familiar(dcap_world *world)
{
  qy_dcap_collateral *set = open_set(world);
  expect_trust(world, set, QY_KEY_OFTEN);
  assert_true(has_table(world, set));
  assert_int_equal(set->platforms.next, 1);
  return set;
}

static void time_ends_trust_within_a_set(void **state)
{
  dcap_world *world = *state;
  int64_t *const ends[] = {
      &world->certificates[PCK].until_s, &world->certificates[CA].until_s, &world->certificates[SIGNER].until_s,
      &world->root_list.until_s,         &world->pck_list.until_s,         &world->tcb_info.next_update_s,
      &world->identity.next_update_s};
  static const qy_check_id checks[] = {
      QY_CHECK_PCK_CHAIN_EXPIRED, QY_CHECK_PCK_CHAIN_EXPIRED, QY_CHECK_SIGNING_CHAIN_EXPIRED, QY_CHECK_CRL_CURRENT,
      QY_CHECK_CRL_CURRENT,       QY_CHECK_TCB_INFO_EXPIRED,  QY_CHECK_IDENTITY_EXPIRED};
  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
    world_reset(world, QY_DCAP_BODY_ENCLAVE);
    *ends[i] = WORLD_NOW_S + 100;
    world_make(world);
    qy_dcap_collateral *set = open_familiar(world);
    world->now_s = WORLD_NOW_S + 100;
    expect_trust(world, set, 1); /* the last second */
    world->now_s++;
    appraise(world, set);
    expect_only(world, checks[i]);
    world->now_s = WORLD_NOW_S; /* a verdict of the past is what it was */
    expect_trust(world, set, 1);
    qy_dcap_collateral_free(&set);
  }
}

/* Another list of the same issuer, and nothing else is new. */
static void a_new_list_revokes_what_was_known(void **state)
{
  static const struct {
    world_who who;
    qy_check_id id;
  } rows[] = {{PCK, QY_CHECK_PCK_REVOKED}, {CA, QY_CHECK_PCK_CA_REVOKED}, {SIGNER, QY_CHECK_SIGNER_REVOKED}};
  dcap_world *world = *state;
  qy_dcap_collateral *before = open_familiar(world);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    qy_dcap_files changed = world->files;
    QY_SCOPED_BUFFER(list, 1u << 16);
    const bool by_ca = rows[i].who == PCK;
    world_list from = by_ca ? world->pck_list : world->root_list;
    from.revoked = rows[i].who;
    world_make_list(world, &list, &from, by_ca ? CA : ROOT);
    *(by_ca ? &changed.pck_crl : &changed.root_crl) = qy_buffer_view(&list);
    qy_dcap_collateral *after = NULL;
    assert_ok(qy_dcap_collateral_new(&after, &changed, NULL));
    appraise(world, after);
    expect_only(world, rows[i].id);
    appraise(world, after); /* and what is refused is not remembered as known */
    expect_only(world, rows[i].id);
    assert_int_equal(after->platforms.next, rows[i].who == SIGNER ? 1 : 0);
    qy_dcap_collateral_free(&after);
  }
  expect_trust(world, before, 1); /* the old set says what it said */
  qy_dcap_collateral_free(&before);
}

/* ---- Bounds ---- */

/* As many chains as a set keeps and one more: the same certificates in other bytes. */
static void meet_platforms(dcap_world *world, qy_dcap_collateral *set)
{
  QY_SCOPED_BUFFER(chain, 1u << 16);
  qy_buffer_append(&chain, world->pck_chain.bytes, world->pck_chain.size);
  for (size_t i = 0; i <= QY_KNOWN_PLATFORMS; i++) {
    qy_buffer_append_text(&chain, "\n");
    world->evidence.pck_chain = qy_buffer_view(&chain);
    expect_trust(world, set, 1);
  }
  world->evidence.pck_chain = (qy_view){NULL, 0};
  for (size_t i = 0; i < QY_KNOWN_PLATFORMS; i++) {
    assert_non_null(set->platforms.slots[i]);
  }
}

static void sets_are_small(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *first = open_familiar(world); /* makes what belongs to the process */
  qy_dcap_collateral_free(&first);
  if (!MEMORY_IS_COUNTED) {
    print_message("skipped: a sanitizer has its own malloc\n");
    skip();
  }
  const size_t before = memory_counted().held;
  qy_dcap_collateral *set = open_set(world);
  const size_t prepared = memory_counted().held - before;
  meet_platforms(world, set);
  for (size_t i = 0; i <= QY_KNOWN_KEYS; i++) {
    change_key(world);
    expect_trust(world, set, QY_KEY_OFTEN);
  }
  assert_int_equal(tables_of(set), QY_KNOWN_KEYS);
  const size_t full = memory_counted().held - before;
  print_message("a set holds %zu KiB when it is new, %zu KiB when it knows all that it can\n", prepared >> 10,
                full >> 10);
  assert_true(prepared < full && full < SET_LIMIT);
  qy_dcap_collateral_free(&set);
  assert_true(memory_counted().held <= before + 4096); /* a quote may have grown */
}

static void appraisals_allocate_little(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_familiar(world);
  if (!MEMORY_IS_COUNTED) {
    print_message("skipped: a sanitizer has its own malloc\n");
    qy_dcap_collateral_free(&set);
    skip();
  }
  change_key(world);
  size_t most = 0;
  size_t last = 0;
  for (size_t i = 0; i < 2 * QY_KEY_OFTEN; i++) { /* an unknown QE report, a new table, a table */
    const size_t before = memory_counted().allocated;
    appraise(world, set);
    last = memory_counted().allocated - before;
    most = last > most ? last : most;
    expect_trusted(world);
  }
  qy_dcap_collateral_free(&set);
  set = open_set(world);
  const size_t before = memory_counted().allocated; /* an unknown platform */
  appraise(world, set);
  const size_t first = memory_counted().allocated - before;
  most = first > most ? first : most;
  print_message("an appraisal allocates %zu bytes, %zu of an unknown platform, %zu at most\n", last, first, most);
  assert_true(most < APPRAISAL_LIMIT);
  qy_dcap_collateral_free(&set);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(keys_met_often_have_tables),
                                     TEST(a_table_verifies),
                                     TEST(only_signatures_that_hold_count),
                                     TEST(the_key_unused_for_the_longest_goes),
                                     TEST(time_ends_trust_within_a_set),
                                     TEST(a_new_list_revokes_what_was_known),
                                     TEST(sets_are_small),
                                     TEST(appraisals_allocate_little)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
