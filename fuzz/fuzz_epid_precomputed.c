/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a file of precomputed pairings, a member's or a verifier's, and as a compressed key. Sound ones are planted:
 * the first byte says which, and the next two where the rest of the input overwrites it (its last place: the input is
 * taken as it stands). What differs from the sound one is refused. Most inputs, by their size, are spared the pairings. */
#include <stdlib.h>
#include <string.h>

#include <quotary/epid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER_SIZE 3
#define COSTLY_STEP 16 /* one size in so many */

typedef struct planted {
  qy_epid_group_key group;
  qy_epid_member *member;
  qy_epid_verifier *verifier;
  uint8_t of_member[QY_EPID_MEMBER_PRECOMPUTED_SIZE];
  uint8_t of_verifier[QY_EPID_VERIFIER_PRECOMPUTED_SIZE];
  uint8_t compressed[QY_EPID_COMPRESSED_KEY_SIZE];
} planted;

static planted world;

static qy_status fill(void *context, uint8_t *out, size_t size, qy_error *why)
{
  uint64_t *state = context;
  (void)why;
  for (size_t i = 0; i < size; i++) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(*state >> 56);
  }
  return QY_OK;
}

static void must(qy_status status)
{
  if (status != QY_OK) {
    abort();
  }
}

static void plant(void)
{
  uint64_t seed = 1;
  const qy_random random = {.fill = fill, .context = &seed};
  const qy_epid_gid gid = {{0, 0, 1}};
  qy_epid_issuing_key issuing;
  qy_epid_member_key key;
  qy_epid_compressed_key compressed;
  must(qy_epid_group_create(&world.group, &issuing, &gid, &random, NULL));
  must(qy_epid_compressed_key_issue(&compressed, &key, &world.group, &issuing, &random, NULL));
  must(qy_epid_member_new(&world.member, &world.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  must(qy_epid_verifier_new(&world.verifier, &world.group, NULL, NULL));
  qy_epid_member_precomputed_write(world.of_member, world.member);
  qy_epid_verifier_precomputed_write(world.of_verifier, world.verifier);
  qy_epid_compressed_key_encode(world.compressed, &compressed);
}

static qy_status check_compressed(qy_view blob)
{
  qy_epid_compressed_key key;
  qy_epid_member_key whole;
  const qy_status status = qy_epid_compressed_key_decode(&key, blob, NULL);
  return status == QY_OK ? qy_epid_member_key_decompress(&whole, &world.group, &key, NULL, NULL) : status;
}

static qy_status check(uint8_t which, qy_view blob)
{
  switch (which) {
  case 0:
    return qy_epid_member_precomputed_check(world.member, blob, NULL, NULL);
  case 1:
    return qy_epid_verifier_precomputed_check(world.verifier, blob, NULL, NULL);
  default:
    return check_compressed(blob);
  }
}

/* Bent as the input says; gives how many bytes there are of it. */
static size_t bend(uint8_t *out, qy_view sound, const uint8_t *data, size_t size)
{
  const size_t at = (size_t)data[1] | (size_t)data[2] << 8;
  const size_t rest = size - HEADER_SIZE;
  if (at == UINT16_MAX) {
    memcpy(out, data + HEADER_SIZE, rest);
    return rest;
  }
  memcpy(out, sound.bytes, sound.size);
  if (at < sound.size) {
    memcpy(out + at, data + HEADER_SIZE, rest < sound.size - at ? rest : sound.size - at);
  }
  return sound.size;
}

/* It comes to pairings: neither its size nor, of a verifier's, its group tells before. */
static bool is_costly(uint8_t which, qy_view blob, qy_view sound)
{
  return which < 2 && blob.size == sound.size && (which == 0 || memcmp(blob.bytes, sound.bytes, QY_EPID_GID_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (world.member == NULL) {
    plant();
  }
  if (size < HEADER_SIZE || size > 4096) {
    return 0;
  }
  const qy_view sound[] = {QY_VIEW_OF(world.of_member), QY_VIEW_OF(world.of_verifier), QY_VIEW_OF(world.compressed)};
  const uint8_t which = data[0] % 3;
  uint8_t *bent = malloc(size + sound[which].size);
  if (bent == NULL) {
    return 0;
  }
  const qy_view blob = {bent, bend(bent, sound[which], data, size)};
  const bool spared = is_costly(which, blob, sound[which]) && (size - HEADER_SIZE) % COSTLY_STEP != 0;
  if (!spared && (check(which, blob) == QY_OK) != qy_view_equal(blob, sound[which])) {
    abort();
  }
  free(bent);
  return 0;
}
