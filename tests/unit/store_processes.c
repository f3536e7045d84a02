/* SPDX-License-Identifier: Apache-2.0 */
/* Several processes make, fill and read one store at the same time: nothing is lost, nothing stands there twice. */
#include "store_support.h"

#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 6
#define ROUNDS 4

static qy_status put_and_get(store_scene *scene)
{
  QY_SCOPED_COLLATERAL_STORE(store);
  QY_SCOPED_COLLATERAL_SET(given);
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_kept kept;
  qy_collateral_found found;
  const qy_collateral_ask ask = {
      .platform = scene->platform, .root = qy_buffer_view(&scene->world->pem[ROOT]), .at_s = WORLD_NOW_S};
  scene_set(&given, scene);
  QY_TRY(qy_collateral_store_open(&store, scene->path, &scene->why));
  QY_TRY(qy_collateral_store_put(&kept, store, &given, NULL, "a test", WORLD_NOW_S, NULL, &scene->why));
  QY_TRY(qy_collateral_store_get(&got, &found, store, &ask, &scene->why));
  return found.complete && kept.added + kept.known == 7 ? QY_OK : QY_ERR_NOT_FOUND;
}

/* In a process of its own, which ends with 0 when all went well. */
static pid_t start(store_scene *scene)
{
  const pid_t process = fork();
  if (process == 0) {
    qy_status status = QY_OK;
    for (unsigned i = 0; status == QY_OK && i < ROUNDS; i++) {
      status = put_and_get(scene);
    }
    if (status != QY_OK) {
      print_error("%s: %s\n", qy_status_name(status), scene->why.message);
    }
    _exit(status == QY_OK ? 0 : 1);
  }
  return process;
}

static void processes_share_a_store(void **state)
{
  store_scene *scene = *state;
  pid_t processes[PROCESSES];
  world_make(scene->world);
  qy_collateral_store_close(&scene->store);
  assert_int_equal(unlink(scene->path), 0); /* each may be the one that makes it */
  for (unsigned i = 0; i < PROCESSES; i++) {
    processes[i] = start(scene);
    assert_true(processes[i] > 0);
  }
  for (unsigned i = 0; i < PROCESSES; i++) {
    int ended = -1;
    assert_int_equal(waitpid(processes[i], &ended, 0), processes[i]);
    assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
  }
  assert_ok(qy_collateral_store_open(&scene->store, scene->path, NULL));
  const size_t rows = scene_rows(scene);
  (void)reset_scene(state);
  world_make(scene->world);
  (void)scene_keep(scene);
  assert_int_equal(rows, scene_rows(scene)); /* as many as one process makes */
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup(processes_share_a_store, reset_scene)};
  return cmocka_run_group_tests(tests, open_scene, close_scene);
}
