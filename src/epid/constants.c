/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/constants.h>

#include <pthread.h>

#include <pairing/path.h>

/* Made by the path that uses them: once for each, though a product takes only one. */
static struct {
  pthread_once_t once;
  qy_g1_table g1;
  qy_pairing_lines g2;
} constants[QY_PATH_MAX] = {{.once = PTHREAD_ONCE_INIT}, {.once = PTHREAD_ONCE_INIT}, {.once = PTHREAD_ONCE_INIT}};

static void make(void)
{
  const size_t path = qy_path_number();
  qy_g1_table_init(&constants[path].g1, &qy_g1_generator);
  qy_pairing_lines_init(&constants[path].g2, &qy_g2_generator);
}

const qy_g1_table *qy_epid_g1_powers(void)
{
  const size_t path = qy_path_number();
  (void)pthread_once(&constants[path].once, make);
  return &constants[path].g1;
}

const qy_pairing_lines *qy_epid_g2_lines(void)
{
  const size_t path = qy_path_number();
  (void)pthread_once(&constants[path].once, make);
  return &constants[path].g2;
}
