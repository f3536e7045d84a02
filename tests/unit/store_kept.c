/* SPDX-License-Identifier: Apache-2.0 */
/* What enters the store, and what comes out of it for a time. */
#include "store_support.h"

#include <string.h>

#define TEST(name) cmocka_unit_test_setup(name, reset_scene)

static void expect_refused(store_scene *scene, const qy_collateral_set *set, qy_check_id id)
{
  qy_collateral_kept kept;
  const size_t before = scene_rows(scene);
  assert_int_equal(scene_put(&kept, scene, set), QY_ERR_REFUSED);
  const qy_check_record *failed = qy_trace_failed(&scene->trace);
  assert_non_null(failed);
  assert_string_equal(qy_check_name(failed->id), qy_check_name(id));
  assert_non_null(strstr(scene->why.message, qy_check_name(id)));
  assert_int_equal(kept.added, 0);
  assert_int_equal(scene_rows(scene), before);
}

static void expect_same(const qy_buffer *a, const qy_buffer *b)
{
  assert_true(a->size > 0 && qy_view_equal(qy_buffer_view(a), qy_buffer_view(b)));
}

/* ---- In and out ---- */

static void what_was_kept_comes_back(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(given);
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  const qy_collateral_kept kept = scene_keep(scene);
  assert_int_equal(kept.added + kept.known, 7);
  scene_set(&given, scene);
  scene_get(&got, &found, scene, WORLD_NOW_S);
  for (size_t part = 0; part < QY_PART_COUNT; part++) {
    expect_same(&got.parts[part], &given.parts[part]);
  }
  assert_int_equal(found.documents[QY_PART_TCB_INFO].until_s, scene->world->tcb_info.next_update_s);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].number, 17);
  assert_true(found.complete);
  scene->world->files = qy_collateral_set_files(&got);
  (void)world_appraise_made(scene->world);
  expect_trusted(scene->world);
}

static void the_same_again_adds_nothing(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_kept kept;
  (void)scene_keep(scene);
  const size_t rows = scene_rows(scene);
  scene_set(&set, scene);
  assert_int_equal(scene_put(&kept, scene, &set), QY_OK);
  assert_int_equal(kept.added, 0);
  assert_int_equal(kept.known, 7);
  assert_int_equal(scene_rows(scene), rows);
}

/* ---- Times ---- */

static void the_past_finds_what_was_current(void **state)
{
  store_scene *scene = *state;
  dcap_world *world = scene->world;
  QY_SCOPED_COLLATERAL_SET(first);
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  (void)scene_keep(scene);
  scene_set(&first, scene);
  world->tcb_info.issued_s += 10 * WORLD_DAY_S;
  world->tcb_info.next_update_s += 10 * WORLD_DAY_S;
  world->identity = world->tcb_info;
  (void)scene_keep(scene);

  scene_get(&got, &found, scene, WORLD_NOW_S);
  expect_same(&got.parts[QY_PART_TCB_INFO], &first.parts[QY_PART_TCB_INFO]);
  scene_get(&got, &found, scene, WORLD_NOW_S + 6 * WORLD_DAY_S);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].from_s, world->tcb_info.issued_s);
  scene_get(&got, &found, scene, world->tcb_info.next_update_s);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].lack, QY_LACK_NONE);
  scene_get(&got, &found, scene, world->tcb_info.next_update_s + 1);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].lack, QY_LACK_EXPIRED);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].until_s, world->tcb_info.next_update_s);
  assert_int_equal(got.parts[QY_PART_TCB_INFO].size, 0);
  assert_int_equal(found.documents[QY_PART_ROOT_CRL].lack, QY_LACK_NONE);
  assert_false(found.complete);
  scene_get(&got, &found, scene, WORLD_NOW_S - 6 * WORLD_DAY_S);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].lack, QY_LACK_LATER);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].from_s, WORLD_NOW_S - 5 * WORLD_DAY_S);
}

/* Documents outlive the certificate that signed them: then they are of no use. */
static void a_chain_that_ended_ends_its_document(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  scene->world->certificates[SIGNER].until_s = WORLD_NOW_S + WORLD_DAY_S;
  (void)scene_keep(scene);
  scene_get(&got, &found, scene, WORLD_NOW_S + 2 * WORLD_DAY_S);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].lack, QY_LACK_EXPIRED);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].until_s, WORLD_NOW_S + WORLD_DAY_S);
}

static void the_highest_common_evaluation_is_taken(void **state)
{
  store_scene *scene = *state;
  dcap_world *world = scene->world;
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  world->identity.evaluation_number = 17;
  (void)scene_keep(scene);
  world->tcb_info.evaluation_number = world->identity.evaluation_number = 18;
  (void)scene_keep(scene);
  world->tcb_info.evaluation_number = 19; /* no identity of it */
  (void)scene_keep(scene);
  scene_get(&got, &found, scene, WORLD_NOW_S);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].number, 18);
  assert_int_equal(found.documents[QY_PART_IDENTITY].number, 18);
  const qy_collateral_ask ask = {
      .platform = scene->platform, .root = world->files.root, .at_s = WORLD_NOW_S, .evaluation_number = 17};
  assert_ok(qy_collateral_store_get(&got, &found, scene->store, &ask, &assert_why));
  assert_int_equal(found.documents[QY_PART_TCB_INFO].number, 17);
  assert_int_equal(found.documents[QY_PART_IDENTITY].number, 17);
}

static void other_platforms_have_none(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  (void)scene_keep(scene);
  scene->platform.fmspc[0] ^= 1;
  scene_get(&got, &found, scene, WORLD_NOW_S);
  assert_int_equal(found.documents[QY_PART_TCB_INFO].lack, QY_LACK_UNKNOWN);
  assert_int_equal(found.documents[QY_PART_IDENTITY].lack, QY_LACK_NONE);
  scene->platform.fmspc[0] ^= 1;
  scene->platform.by_platform_ca = !scene->platform.by_platform_ca;
  scene_get(&got, &found, scene, WORLD_NOW_S);
  assert_int_equal(found.documents[QY_PART_PCK_CRL].lack, QY_LACK_UNKNOWN);
  scene->platform.by_platform_ca = !scene->platform.by_platform_ca;
  scene->world->files.root = (qy_view){NULL, 0}; /* Intel's */
  scene_get(&got, &found, scene, WORLD_NOW_S);
  for (size_t part = 0; part < QY_PART_DOCUMENTS; part++) {
    assert_int_equal(found.documents[part].lack, QY_LACK_UNKNOWN);
  }
}

/* ---- What does not enter ---- */

static void what_is_altered_is_refused(void **state)
{
  store_scene *scene = *state;
  dcap_world *world = scene->world;
  QY_SCOPED_COLLATERAL_SET(set);
  (void)scene_keep(scene);

  world->tcb_info.signed_by = STRANGER;
  world_make(world);
  scene_set(&set, scene);
  expect_refused(scene, &set, QY_CHECK_TCB_INFO_SIGNATURE);
  (void)reset_scene(state);

  QY_SCOPED_COLLATERAL_SET(second);
  world->identity.signed_by = STRANGER;
  world_make(world);
  scene_set(&second, scene);
  expect_refused(scene, &second, QY_CHECK_IDENTITY_SIGNATURE);
  (void)reset_scene(state);

  QY_SCOPED_COLLATERAL_SET(third);
  world->pck_list.signed_by = STRANGER;
  world_make(world);
  scene_set(&third, scene);
  expect_refused(scene, &third, QY_CHECK_KEPT_CRL_SIGNATURE);
  (void)reset_scene(state);

  QY_SCOPED_COLLATERAL_SET(fourth);
  world->certificates[CA].signed_by = STRANGER;
  world_make(world);
  scene_set(&fourth, scene);
  expect_refused(scene, &fourth, QY_CHECK_KEPT_CRL_CHAIN);
  (void)reset_scene(state);

  QY_SCOPED_COLLATERAL_SET(fifth);
  world->root_list.signed_by = STRANGER;
  world_make(world);
  scene_set(&fifth, scene);
  expect_refused(scene, &fifth, QY_CHECK_CRL_SIGNATURE);
}

static void lists_alone_are_verified_too(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_kept kept;
  scene->world->root_list.signed_by = STRANGER;
  world_make(scene->world);
  scene_set(&set, scene);
  for (size_t part = 0; part < QY_PART_COUNT; part++) {
    if (part != QY_PART_ROOT_CRL && part != QY_PART_PCK_CRL_CHAIN) {
      set.parts[part].size = 0;
    }
  }
  expect_refused(scene, &set, QY_CHECK_KEPT_CRL_SIGNATURE);
  (void)reset_scene(state);
  QY_SCOPED_COLLATERAL_SET(good);
  scene_set(&good, scene);
  good.parts[QY_PART_TCB_INFO].size = good.parts[QY_PART_IDENTITY].size = 0;
  good.parts[QY_PART_TCB_CHAIN].size = good.parts[QY_PART_IDENTITY_CHAIN].size = 0;
  assert_int_equal(scene_put(&kept, scene, &good), QY_OK);
  assert_int_equal(kept.added, 3);
}

static void without_a_chain_nothing_enters(void **state)
{
  store_scene *scene = *state;
  for (size_t part = QY_PART_TCB_CHAIN; part < QY_PART_COUNT; part++) {
    QY_SCOPED_COLLATERAL_SET(set);
    scene_set(&set, scene);
    set.parts[part].size = 0;
    expect_refused(scene, &set, QY_CHECK_KEPT_VOUCHED);
  }
}

static void another_root_is_refused(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  scene_set(&set, scene);
  set.root.size = 0; /* Intel's */
  expect_refused(scene, &set, QY_CHECK_SIGNING_CHAIN_TRUSTED);
}

static void another_platforms_is_refused(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  scene_set(&set, scene);
  const qy_collateral_platform asked = scene->platform;
  scene->platform.fmspc[5] ^= 1;
  expect_refused(scene, &set, QY_CHECK_KEPT_ASKED);
  scene->platform = asked;
  scene->platform.by_platform_ca = !asked.by_platform_ca;
  expect_refused(scene, &set, QY_CHECK_KEPT_ASKED);
  scene->platform = asked;
  scene->platform.is_tdx = true;
  expect_refused(scene, &set, QY_CHECK_KEPT_ASKED);
}

static void what_cannot_be_read_is_refused(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  scene_set(&set, scene);
  set.parts[QY_PART_TCB_INFO].size--;
  expect_refused(scene, &set, QY_CHECK_TCB_INFO_FORM);
}

/* What revokes the signer is kept though what he signed is not: what he signed before must not go on being used. */
static void a_revocation_is_learnt_from_a_refused_set(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_kept kept;
  qy_collateral_found found;
  (void)scene_keep(scene);
  scene->world->root_list.revoked = SIGNER;
  scene->world->root_list.from_s += WORLD_DAY_S;
  world_make(scene->world);
  scene_set(&set, scene);
  assert_int_equal(scene_put(&kept, scene, &set), QY_ERR_REFUSED);
  assert_string_equal(qy_check_name(qy_trace_failed(&scene->trace)->id), "signer-revoked");
  assert_non_null(strstr(scene->why.message, "lists were kept"));
  scene_get(&got, &found, scene, WORLD_NOW_S);
  assert_int_equal(found.documents[QY_PART_ROOT_CRL].from_s, scene->world->root_list.from_s);
  scene->world->files = qy_collateral_set_files(&got);
  (void)world_appraise_made(scene->world);
  assert_true(has_failed(scene->world, QY_CHECK_SIGNER_REVOKED));
}

/* A platform is remembered with what a trust domain adds to it. */
static void platforms_are_remembered(void **state)
{
  store_scene *scene = *state;
  const qy_view quote = qy_buffer_view(&scene->world->quote);
  assert_ok(qy_collateral_store_remember(scene->store, quote, "quote", WORLD_NOW_S, &assert_why));
  assert_ok(qy_collateral_store_remember(scene->store, quote, "quote", WORLD_NOW_S, &assert_why));
  assert_int_equal(scene_rows(scene), 1);
  world_reset(scene->world, QY_DCAP_BODY_TD_1_0);
  world_make(scene->world);
  assert_ok(qy_collateral_store_remember(scene->store, qy_buffer_view(&scene->world->quote), "quote", WORLD_NOW_S,
                                         &assert_why));
  assert_int_equal(scene_rows(scene), 2);
  assert_int_equal(qy_collateral_store_remember(scene->store, qy_view_text("no quote"), "?", 0, &scene->why),
                   QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(what_was_kept_comes_back),
      TEST(the_same_again_adds_nothing),
      TEST(the_past_finds_what_was_current),
      TEST(a_chain_that_ended_ends_its_document),
      TEST(the_highest_common_evaluation_is_taken),
      TEST(other_platforms_have_none),
      TEST(what_is_altered_is_refused),
      TEST(lists_alone_are_verified_too),
      TEST(without_a_chain_nothing_enters),
      TEST(another_root_is_refused),
      TEST(another_platforms_is_refused),
      TEST(what_cannot_be_read_is_refused),
      TEST(a_revocation_is_learnt_from_a_refused_set),
      TEST(platforms_are_remembered),
  };
  return cmocka_run_group_tests(tests, open_scene, close_scene);
}
