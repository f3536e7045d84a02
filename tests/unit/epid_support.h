/* SPDX-License-Identifier: Apache-2.0 */
/* A group, members and verifiers for the tests of EPID. */
#ifndef QY_TEST_EPID_SUPPORT_H
#define QY_TEST_EPID_SUPPORT_H

#include "vectors.h"

#include <stdio.h>
#include <string.h>

#include <quotary/epid.h>

/* A trace is large, and every test needs one. */
typedef struct epid_world {
  test_random seed;
  qy_random random;
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key key;
  qy_epid_compressed_key compressed; /* for those who make one */
  qy_epid_member *member;
  qy_epid_verifier *verifier;
  qy_trace trace;
} epid_world;

/* A vector of exactly `size` bytes below epid/. */
static inline void read_exactly(uint8_t *out, size_t size, const char *path)
{
  QY_SCOPED_BUFFER(bytes, 4096);
  char full[256];
  (void)snprintf(full, sizeof(full), "epid/%s", path);
  vectors_read(&bytes, full);
  assert_int_equal(bytes.size, size);
  memcpy(out, bytes.bytes, size);
}

/* The group key of a folder of vectors, and its issuing key when `issuing` is not NULL. */
static inline void read_group(qy_epid_group_key *group, qy_epid_issuing_key *issuing, const char *folder)
{
  uint8_t bytes[QY_EPID_GROUP_KEY_SIZE];
  char path[200];
  (void)snprintf(path, sizeof(path), "%s/pubkey.dat", folder);
  read_exactly(bytes, sizeof(bytes), path);
  assert_ok(qy_epid_group_key_decode(group, QY_VIEW_OF(bytes), NULL));
  if (issuing != NULL) {
    (void)snprintf(path, sizeof(path), "%s/iprivkey.dat", folder);
    read_exactly(bytes, QY_EPID_ISSUING_KEY_SIZE, path);
    assert_ok(qy_epid_issuing_key_decode(issuing, qy_view_over(bytes, QY_EPID_ISSUING_KEY_SIZE), NULL));
  }
}

static inline void read_member_key(qy_epid_member_key *key, const char *path)
{
  uint8_t bytes[QY_EPID_MEMBER_KEY_SIZE];
  read_exactly(bytes, sizeof(bytes), path);
  assert_ok(qy_epid_member_key_decode(key, QY_VIEW_OF(bytes), NULL));
}

static inline qy_view text(const char *chars)
{
  return qy_view_text(chars);
}

static inline void epid_world_clear(epid_world *w)
{
  qy_epid_member_free(&w->member);
  qy_epid_verifier_free(&w->verifier);
}

/* A new group whose id names `hash` (0 to 3), one member of it, and a verifier that wants nothing yet. */
static inline void epid_world_init(epid_world *w, uint8_t hash)
{
  *w = (epid_world){.seed = {1000u + hash}};
  const qy_epid_gid gid = {{0, hash, 7}};
  w->random = test_random_source(&w->seed);
  assert_ok(qy_epid_group_create(&w->group, &w->issuing, &gid, &w->random, NULL));
  assert_ok(qy_epid_member_key_issue(&w->key, &w->group, &w->issuing, &w->random, NULL));
  assert_ok(qy_epid_member_new(&w->member, &w->group, &w->key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_verifier_new(&w->verifier, &w->group, NULL, NULL));
}
#define SCOPED_WORLD(name, hash)                              \
  __attribute__((cleanup(epid_world_clear))) epid_world name; \
  epid_world_init(&name, (hash))

/* Expects this result, and that the first check that failed is `failed` (QY_CHECK_NONE: none did). */
static inline void expect_result(epid_world *w, qy_view signature, qy_view message, qy_epid_result expected,
                                 qy_check_id failed)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  w->trace = (qy_trace){0};
  assert_ok(qy_epid_verify(&result, w->verifier, signature, message, &w->trace, NULL));
  const qy_check_record *first = qy_trace_failed(&w->trace);
  assert_string_equal(qy_epid_result_name(result), qy_epid_result_name(expected));
  assert_string_equal(qy_check_name(first == NULL ? QY_CHECK_NONE : first->id), qy_check_name(failed));
}

/* Expects QY_ERR_REFUSED by this check. */
static inline void expect_refusal(qy_status status, const qy_trace *trace, qy_check_id failed)
{
  assert_string_equal(qy_status_name(status), "refused");
  assert_non_null(qy_trace_failed(trace));
  assert_string_equal(qy_check_name(qy_trace_failed(trace)->id), qy_check_name(failed));
}

#endif
