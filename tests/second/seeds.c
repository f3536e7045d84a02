/* SPDX-License-Identifier: Apache-2.0 */
/* Sound evidence of a world of our own, on standard output as reader.c takes it: quotes of every version and body, TCB
 * info, identities and lists. */
#include "../unit/dcap_world.h"

#include <stdio.h>

static void put(char kind, const qy_buffer *bytes)
{
  const uint32_t size = (uint32_t)bytes->size;
  if (fwrite(&kind, 1, 1, stdout) != 1 || fwrite(&size, 1, sizeof(size), stdout) != sizeof(size) ||
      fwrite(bytes->bytes, 1, size, stdout) != size) {
    (void)fprintf(stderr, "second_seeds: cannot write\n");
  }
}

int main(void)
{
  static const struct {
    uint16_t version;
    qy_dcap_body_type body_type;
  } rows[] = {{3, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_ENCLAVE}, {5, QY_DCAP_BODY_ENCLAVE},
              {4, QY_DCAP_BODY_TD_1_0},   {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},
              {5, QY_DCAP_BODY_TD_1_5_EX}};
  void *state = NULL;
  (void)open_world(&state);
  dcap_world *world = state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    world_reset(world, rows[i].body_type);
    world->version = rows[i].version;
    world->pck_list.revoked = PCK;
    world_make(world);
    put('Q', &world->quote);
    if (rows[i].version == 4) { /* an enclave and a trust domain */
      put('T', &world->tcb_info_text);
      put('I', &world->identity_text);
      put('L', &world->pck_crl);
    }
  }
  put('L', &world->root_crl);
  (void)close_world(&state);
  return fflush(stdout) == 0 ? 0 : 1;
}
