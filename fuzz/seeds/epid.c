/* SPDX-License-Identifier: Apache-2.0 */
/* A group, a member's signature with a proof, and the issuer's files in both forms. */
#include "seeds.h"

#include <string.h>

#include <pairing/g1.h>
#include <pairing/g2.h>
#include <quotary/epid.h>

typedef struct world {
  qy_epid_gid gid;
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key key;
  qy_epid_compressed_key compressed;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
} world;

#define BLOB(type, name, size, value)        \
  do {                                       \
    uint8_t bytes[size];                     \
    qy_epid_##name##_encode(bytes, (value)); \
    seed("epid_blobs", QY_VIEW_OF(bytes));   \
    seed("epid_files", QY_VIEW_OF(bytes));   \
    seed("describe", QY_VIEW_OF(bytes));     \
  } while (0)

static void blobs(const world *w)
{
  const qy_epid_credential credential = {.gid = w->gid};
  const qy_epid_join_request request = {{0}};
  const qy_epid_split_join_request split_request = {.counter = 1};
  BLOB(qy_epid_group_key, group_key, QY_EPID_GROUP_KEY_SIZE, &w->group);
  BLOB(qy_epid_issuing_key, issuing_key, QY_EPID_ISSUING_KEY_SIZE, &w->issuing);
  BLOB(qy_epid_member_key, member_key, QY_EPID_MEMBER_KEY_SIZE, &w->key);
  BLOB(qy_epid_credential, credential, QY_EPID_CREDENTIAL_SIZE, &credential);
  BLOB(qy_epid_join_request, join_request, QY_EPID_JOIN_REQUEST_SIZE, &request);
  BLOB(qy_epid_compressed_key, compressed_key, QY_EPID_COMPRESSED_KEY_SIZE, &w->compressed);
  BLOB(qy_epid_split_join_request, split_join_request, QY_EPID_SPLIT_JOIN_REQUEST_SIZE, &split_request);
}

static void signatures(world *w)
{
  const qy_random random = seed_random();
  const qy_view name = qy_view_text("n");
  qy_epid_member *member = NULL;
  uint8_t with_proof[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE];
  uint8_t entry[QY_EPID_SIGRL_ENTRY_SIZE];
  uint32_t own = 0;
  must(qy_epid_member_new(&member, &w->group, &w->key, QY_EPID_HASH_BY_GID, NULL, NULL));
  must(qy_epid_sign(w->signature, sizeof(w->signature), &own, member, name, NULL, NULL, &random, NULL, NULL));
  memcpy(entry, w->signature, 64); /* another's: B, and T in the place of K */
  memcpy(entry + 64, w->signature + 128, 64);
  const qy_epid_sigrl list = {w->gid, 1, 1, QY_VIEW_OF(entry)};
  must(qy_epid_sign(with_proof, sizeof(with_proof), &own, member, name, &name, &list, &random, NULL, NULL));
  qy_epid_member_free(&member);
  seed("epid_blobs", QY_VIEW_OF(w->signature));
  seed("epid_blobs", QY_VIEW_OF(with_proof));
  seed("describe", QY_VIEW_OF(with_proof));
}

/* Places in what fuzz_epid_precomputed.c plants: nothing is changed, the first byte, the last, all of it. */
static void precomputed(void)
{
  static const uint16_t sizes[] = {QY_EPID_MEMBER_PRECOMPUTED_SIZE, QY_EPID_VERIFIER_PRECOMPUTED_SIZE,
                                   QY_EPID_COMPRESSED_KEY_SIZE};
  for (uint8_t which = 0; which < 3; which++) {
    const uint16_t places[] = {UINT16_MAX - 1, 0, (uint16_t)(sizes[which] - 1), UINT16_MAX};
    for (size_t i = 0; i < 4; i++) {
      const uint8_t bytes[3 + QY_EPID_VERIFIER_PRECOMPUTED_SIZE] = {which, (uint8_t)places[i],
                                                                    (uint8_t)(places[i] >> 8), 1};
      seed("epid_precomputed", qy_view_over(bytes, i == 0 ? 3 : i < 3 ? 3 + 16 : 3 + (size_t)sizes[which]));
    }
  }
}

/* The form of a split member's, of which nothing holds. */
static void split_signatures(void)
{
  uint8_t bytes[QY_EPID_SPLIT_SIGNATURE_SIZE + QY_EPID_SPLIT_PROOF_SIZE] = {[QY_EPID_SPLIT_SIGNATURE_SIZE - 1] = 1};
  seed("epid_blobs", QY_VIEW_OF(bytes));
  seed("epid_verify", QY_VIEW_OF(bytes));
}

static void requests(const world *w)
{
  uint8_t out[1024];
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  uint8_t groups[2 * QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE] = {[2] = 7};
  size_t size = 0;
  const qy_epid_sigrl_request signature = {w->gid, QY_VIEW_OF(w->signature), qy_view_text("n")};
  const qy_epid_grouprl_request both = {2, QY_VIEW_OF(groups)};
  const qy_epid_key_output output = {1, {2}, 3, QY_VIEW_OF(key)};
  qy_epid_privrl_request_encode(out, &w->key);
  qy_epid_privrl_request_encode(out + QY_EPID_PRIVRL_REQUEST_SIZE, &w->key);
  seed("epid_requests", qy_view_over(out, QY_EPID_PRIVRL_REQUEST_SIZE));
  seed("epid_requests", qy_view_over(out, (size_t)2 * QY_EPID_PRIVRL_REQUEST_SIZE));
  must(qy_epid_sigrl_request_encode(out, sizeof(out), &size, &signature, NULL));
  seed("epid_requests", qy_view_over(out, size));
  must(qy_epid_grouprl_request_encode(out, sizeof(out), &size, &both, NULL));
  seed("epid_requests", qy_view_over(out, size));
  qy_epid_member_key_encode(key, &w->key);
  must(qy_epid_key_output_encode(out, sizeof(out), &size, &output, NULL));
  seed("epid_requests", qy_view_over(out, size));
}

static void both_forms(qy_epid_file_kind kind, qy_view body)
{
  static const uint8_t ca_key[32] = {[31] = 1};
  uint8_t file[1024];
  must(qy_epid_file_sign(file, body.size + QY_EPID_FILE_OVERHEAD, kind, body, QY_VIEW_OF(ca_key), NULL));
  seed("epid_files", body);
  seed("epid_files", qy_view_over(file, body.size + QY_EPID_FILE_OVERHEAD));
  seed("describe", qy_view_over(file, body.size + QY_EPID_FILE_OVERHEAD));
}

static void files(const world *w)
{
  static const uint8_t ca_key[32] = {[31] = 1};
  uint8_t out[512], group[QY_EPID_GROUP_KEY_SIZE], ca_file[QY_EPID_CA_SIZE];
  size_t size = 0;
  qy_epid_ca ca;
  const qy_epid_privrl privrl = {w->gid, 1, 1, QY_VIEW_OF(w->key.f)};
  const qy_epid_sigrl sigrl = {w->gid, 1, 1, {w->signature, QY_EPID_SIGRL_ENTRY_SIZE}};
  const qy_epid_grouprl grouprl = {1, 1, QY_VIEW_OF(w->gid.bytes)};
  qy_epid_verifierrl verifierrl = {.gid = w->gid, .version = 1, .count = 1, .entries = {w->signature + 64, 64}};
  memcpy(verifierrl.b, w->signature, sizeof(verifierrl.b));
  qy_epid_group_key_encode(group, &w->group);
  both_forms(QY_EPID_FILE_GROUP_KEY, QY_VIEW_OF(group));
  must(qy_epid_privrl_encode(out, sizeof(out), &size, &privrl, NULL));
  both_forms(QY_EPID_FILE_PRIVRL, qy_view_over(out, size));
  must(qy_epid_sigrl_encode(out, sizeof(out), &size, &sigrl, NULL));
  both_forms(QY_EPID_FILE_SIGRL, qy_view_over(out, size));
  must(qy_epid_grouprl_encode(out, sizeof(out), &size, &grouprl, NULL));
  both_forms(QY_EPID_FILE_GROUPRL, qy_view_over(out, size));
  must(qy_epid_verifierrl_encode(out, sizeof(out), &size, &verifierrl, NULL));
  seed("epid_files", qy_view_over(out, size));
  must(qy_epid_ca_make(ca_file, &ca, QY_VIEW_OF(ca_key), NULL));
  seed("epid_files", QY_VIEW_OF(ca_file));
}

void seed_epid(void)
{
  world w = {.gid = {{0, 0, 7}}};
  const qy_random random = seed_random();
  must(qy_epid_group_create(&w.group, &w.issuing, &w.gid, &random, NULL));
  must(qy_epid_member_key_issue(&w.key, &w.group, &w.issuing, &random, NULL));
  must(qy_epid_compressed_key_issue(&w.compressed, NULL, &w.group, &w.issuing, &random, NULL));
  blobs(&w);
  signatures(&w);
  precomputed();
  split_signatures();
  requests(&w);
  files(&w);
  seed("pairing_points", QY_VIEW_OF(w.group.h1));
  seed("pairing_points", QY_VIEW_OF(w.group.w));
}
