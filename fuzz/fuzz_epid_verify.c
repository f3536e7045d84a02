/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a signature, against a verifier that holds every list. One signature of ours is planted, so that what
 * the fuzzer bends may be a sound one: the first two bytes say where the rest of the input overwrites it. Most inputs, by
 * their size, bend points or counts, which are told before the pairings and so cost little. */
#include <stdlib.h>
#include <string.h>

#include <quotary/epid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLANTED_SIZE (QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE)
#define POINTS_SIZE (3 * QY_EPID_G1_SIZE)
#define COUNTS_AT QY_EPID_BASIC_SIGNATURE_SIZE
#define COUNTS_SIZE (QY_EPID_SIGNATURE_SIZE - QY_EPID_BASIC_SIGNATURE_SIZE)

typedef struct planted {
  qy_epid_verifier *verifier;
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
  uint8_t gid[QY_EPID_GID_SIZE];
  uint8_t k[QY_EPID_VERIFIERRL_ENTRY_SIZE];
  uint8_t signature[PLANTED_SIZE];
} planted;

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

static void plant(planted *p)
{
  uint64_t seed = 1;
  const qy_random random = {.fill = fill, .context = &seed};
  const qy_epid_gid gid = {{0, 0, 1}};
  const qy_view message = qy_view_text("m");
  const qy_view name = qy_view_text("n");
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key keys[2];
  qy_epid_member *members[2] = {NULL, NULL};
  uint32_t own;
  must(qy_epid_group_create(&group, &issuing, &gid, &random, NULL));
  for (int i = 0; i < 2; i++) {
    must(qy_epid_member_key_issue(&keys[i], &group, &issuing, &random, NULL));
    must(qy_epid_member_new(&members[i], &group, &keys[i], QY_EPID_HASH_BY_GID, NULL, NULL));
  }
  must(qy_epid_sign(signature, sizeof(signature), &own, members[1], message, &name, NULL, &random, NULL, NULL));
  memcpy(p->entry, signature, sizeof(p->entry));
  memcpy(p->k, signature + 64, sizeof(p->k));
  memcpy(p->f, keys[1].f, sizeof(p->f));
  p->gid[2] = 2;
  const qy_epid_sigrl sigrl = {gid, 1, 1, QY_VIEW_OF(p->entry)};
  const qy_epid_privrl privrl = {gid, 1, 1, QY_VIEW_OF(p->f)};
  const qy_epid_grouprl grouprl = {1, 1, QY_VIEW_OF(p->gid)};
  qy_epid_verifierrl verifierrl = {.gid = gid, .version = 1, .count = 1, .entries = QY_VIEW_OF(p->k)};
  memcpy(verifierrl.b, signature, sizeof(verifierrl.b));
  must(qy_epid_verifier_new(&p->verifier, &group, NULL, NULL));
  must(qy_epid_verifier_set_basename(p->verifier, &name, NULL));
  must(qy_epid_verifier_set_privrl(p->verifier, &privrl, NULL, NULL));
  must(qy_epid_verifier_set_sigrl(p->verifier, &sigrl, NULL, NULL));
  must(qy_epid_verifier_set_grouprl(p->verifier, &grouprl, NULL, NULL));
  must(qy_epid_verifier_set_verifierrl(p->verifier, &verifierrl, NULL, NULL));
  must(qy_epid_sign(p->signature, sizeof(p->signature), &own, members[0], message, &name, &sigrl, &random, NULL, NULL));
  qy_epid_member_free(&members[0]);
  qy_epid_member_free(&members[1]);
}

/* Where to bend, and how far at most. */
static size_t place(size_t *room, const uint8_t *data, size_t size)
{
  const size_t wanted = (size_t)(data[0] << 8 | data[1]);
  const size_t begin = size % 8 == 1 ? COUNTS_AT : 0;
  const size_t range = size % 8 == 0 ? PLANTED_SIZE : size % 8 == 1 ? COUNTS_SIZE : POINTS_SIZE;
  *room = range - wanted % range;
  return begin + wanted % range;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static planted p;
  uint8_t bent[PLANTED_SIZE];
  qy_epid_result result;
  if (p.verifier == NULL) {
    plant(&p);
  }
  must(qy_epid_verify(&result, p.verifier, qy_view_over(data, size), qy_view_text("m"), NULL, NULL));
  if (result == QY_EPID_UNDECIDED || (result == QY_EPID_VALID && memcmp(data, p.signature, PLANTED_SIZE) != 0)) {
    abort();
  }
  if (size <= 2) {
    return 0;
  }
  size_t room = 0;
  const size_t at = place(&room, data, size);
  memcpy(bent, p.signature, sizeof(bent));
  memcpy(bent + at, data + 2, size - 2 < room ? size - 2 : room);
  must(qy_epid_verify(&result, p.verifier, QY_VIEW_OF(bent), qy_view_text("m"), NULL, NULL));
  if ((result == QY_EPID_VALID) != (memcmp(bent, p.signature, sizeof(bent)) == 0)) {
    abort();
  }
  return 0;
}
