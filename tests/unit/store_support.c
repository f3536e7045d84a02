/* SPDX-License-Identifier: Apache-2.0 */
#include "store_support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

int open_scene(void **state)
{
  store_scene *scene = calloc(1, sizeof(*scene));
  assert_non_null(scene);
  void *world = NULL;
  assert_int_equal(open_world(&world), 0);
  scene->world = world;
  *state = scene;
  return 0;
}

static void drop_folder(store_scene *scene)
{
  qy_collateral_store_close(&scene->store);
  if (scene->folder[0] != '\0') {
    (void)nftw(scene->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    scene->folder[0] = '\0';
  }
}

int close_scene(void **state)
{
  store_scene *scene = *state;
  void *world = scene->world;
  drop_folder(scene);
  (void)close_world(&world);
  free(scene);
  return 0;
}

int reset_scene(void **state)
{
  store_scene *scene = *state;
  drop_folder(scene);
  (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/quotary-store-XXXXXX");
  assert_non_null(mkdtemp(scene->folder));
  (void)snprintf(scene->path, sizeof(scene->path), "%s/kept/store.db", scene->folder);
  assert_ok(qy_collateral_store_open(&scene->store, scene->path, &assert_why));
  world_reset(scene->world, QY_DCAP_BODY_ENCLAVE);
  world_make(scene->world);
  assert_ok(qy_collateral_platform_of(&scene->platform, qy_buffer_view(&scene->world->quote), &assert_why));
  return 0;
}

static void copy(qy_buffer *out, qy_view from)
{
  qy_buffer_append(out, from.bytes, from.size);
}

void scene_set(qy_collateral_set *out, const store_scene *scene)
{
  const dcap_world *world = scene->world;
  copy(&out->parts[QY_PART_TCB_INFO], world->files.tcb_info);
  copy(&out->parts[QY_PART_IDENTITY], world->files.identity);
  copy(&out->parts[QY_PART_TCB_CHAIN], world->files.tcb_chain);
  copy(&out->parts[QY_PART_IDENTITY_CHAIN], world->files.identity_chain);
  copy(&out->parts[QY_PART_ROOT_CRL], world->files.root_crl);
  copy(&out->parts[QY_PART_PCK_CRL], world->files.pck_crl);
  copy(&out->parts[QY_PART_PCK_CRL_CHAIN], qy_buffer_view(&world->pck_chain));
  copy(&out->root, world->files.root);
}

qy_status scene_put(qy_collateral_kept *kept, store_scene *scene, const qy_collateral_set *set)
{
  scene->why = (qy_error){0};
  return qy_collateral_store_put(kept, scene->store, set, &scene->platform, "a test", WORLD_NOW_S, &scene->trace,
                                 &scene->why);
}

qy_collateral_kept scene_keep(store_scene *scene)
{
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_kept kept;
  world_make(scene->world);
  scene_set(&set, scene);
  const qy_status status = scene_put(&kept, scene, &set);
  if (status != QY_OK) {
    fail_msg("%s", scene->why.message);
  }
  return kept;
}

void scene_get(qy_collateral_set *out, qy_collateral_found *found, store_scene *scene, int64_t at_s)
{
  const qy_collateral_ask ask = {.platform = scene->platform, .root = scene->world->files.root, .at_s = at_s};
  if (qy_collateral_store_get(out, found, scene->store, &ask, &scene->why) != QY_OK) {
    fail_msg("%s", scene->why.message);
  }
}

static qy_status count_row(void *context, const qy_collateral_row *row, qy_error *why)
{
  (void)row;
  (void)why;
  ++*(size_t *)context;
  return QY_OK;
}

size_t scene_rows(store_scene *scene)
{
  size_t count = 0;
  assert_ok(qy_collateral_store_each(scene->store, count_row, &count, &assert_why));
  return count;
}
