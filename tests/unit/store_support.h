/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a scratch folder, and sets for it out of a world of our own. */
#ifndef QY_TEST_STORE_SUPPORT_H
#define QY_TEST_STORE_SUPPORT_H

#include "dcap_world.h"

#include <store/store.h>

typedef struct store_scene {
  dcap_world *world;
  char folder[64];
  char path[80];
  qy_collateral_store *store;
  qy_collateral_platform platform; /* of the world's quotes */
  qy_trace trace;
  qy_error why;
} store_scene;

/* cmocka's setup and teardown of a group; `*state` is a scene whose store is open. */
int open_scene(void **state);
int close_scene(void **state);
/* For each test: the world as it is when nothing is wrong, an empty store. */
int reset_scene(void **state);

/* All that the world has made. */
void scene_set(qy_collateral_set *out, const store_scene *scene);
qy_status scene_put(qy_collateral_kept *kept, store_scene *scene, const qy_collateral_set *set);
/* Makes the world, and keeps all of it; fails the test unless that goes well. */
qy_collateral_kept scene_keep(store_scene *scene);
/* What is current at a time. */
void scene_get(qy_collateral_set *out, qy_collateral_found *found, store_scene *scene, int64_t at_s);
size_t scene_rows(store_scene *scene);

#endif
