/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/constants.h>

#include <pthread.h>

static struct {
  pthread_once_t once;
  qy_g1_table g1;
  qy_pairing_lines g2;
} constants = {.once = PTHREAD_ONCE_INIT};

static void make(void)
{
  qy_g1_table_init(&constants.g1, &qy_g1_generator);
  qy_pairing_lines_init(&constants.g2, &qy_g2_generator);
}

const qy_g1_table *qy_epid_g1_powers(void)
{
  (void)pthread_once(&constants.once, make);
  return &constants.g1;
}

const qy_pairing_lines *qy_epid_g2_lines(void)
{
  (void)pthread_once(&constants.once, make);
  return &constants.g2;
}
