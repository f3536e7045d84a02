/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's upkeep: files that ask it to revoke, and a SigRL without what a revoked key signed. */
#include "epid_support.h"

#include <stdlib.h>

static void sign_one(uint8_t out[QY_EPID_SIGNATURE_SIZE], epid_world *w, const qy_epid_member *member)
{
  uint32_t own = 0;
  assert_ok(qy_epid_sign(out, QY_EPID_SIGNATURE_SIZE, &own, member, text("bad"), NULL, NULL, &w->random, NULL, NULL));
}

/* ---- Requests ---- */

static void keys_that_leaked(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t file[3 * QY_EPID_PRIVRL_REQUEST_SIZE + 1] = {0};
  qy_epid_privrl_request request;
  qy_epid_member_key keys[3];
  qy_epid_member_key read;
  for (size_t i = 0; i < 3; i++) {
    assert_ok(qy_epid_member_key_issue(&keys[i], &w.group, &w.issuing, &w.random, NULL));
    qy_epid_privrl_request_encode(file + QY_EPID_PRIVRL_REQUEST_SIZE * i, &keys[i]);
  }
  assert_memory_equal(file, "\2\0\0\3", 4);
  for (size_t size = 0; size <= sizeof(file); size++) {
    const qy_status status = qy_epid_privrl_request_decode(&request, qy_view_over(file, size), NULL);
    const bool whole = size > 0 && size % QY_EPID_PRIVRL_REQUEST_SIZE == 0;
    assert_int_equal(status, whole ? QY_OK : QY_ERR_TRUNCATED);
    assert_int_equal(request.count, whole ? size / QY_EPID_PRIVRL_REQUEST_SIZE : 0);
  }
  assert_ok(qy_epid_privrl_request_decode(&request, qy_view_over(file, sizeof(file) - 1), NULL));
  for (uint32_t i = 0; i < 3; i++) {
    assert_ok(qy_epid_privrl_request_key(&read, &request, i, NULL));
    assert_memory_equal(&read, &keys[i], sizeof(read));
  }
  assert_int_equal(qy_epid_privrl_request_key(&read, &request, 3, NULL), QY_ERR_ARGUMENT);
  for (size_t at = 0; at < 3; at++) { /* any header that is another */
    file[QY_EPID_PRIVRL_REQUEST_SIZE * at + at] ^= 1;
    assert_int_equal(qy_epid_privrl_request_decode(&request, qy_view_over(file, sizeof(file) - 1), NULL),
                     QY_ERR_MALFORMED);
    file[QY_EPID_PRIVRL_REQUEST_SIZE * at + at] ^= 1;
  }
}

/* Header, gid, signature, message length, message: every cut, every byte too many. */
static void bad_signature_of(const qy_epid_sigrl_request *written)
{
  uint8_t file[4096];
  size_t size = 0;
  qy_epid_sigrl_request read;
  assert_int_equal(qy_epid_sigrl_request_encode(NULL, 0, &size, written, NULL), QY_ERR_SPACE);
  assert_int_equal(size, 24 + written->signature.size + written->message.size);
  assert_int_equal(qy_epid_sigrl_request_encode(file, size - 1, &size, written, NULL), QY_ERR_SPACE);
  assert_ok(qy_epid_sigrl_request_encode(file, sizeof(file), &size, written, NULL));
  assert_memory_equal(file, "\2\0\0\x0b", 4);
  assert_ok(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size), NULL));
  assert_memory_equal(read.gid.bytes, written->gid.bytes, QY_EPID_GID_SIZE);
  assert_true(qy_view_equal(read.signature, written->signature));
  assert_true(qy_view_equal(read.message, written->message));
  for (size_t cut = 0; cut < size; cut++) {
    assert_int_not_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, cut), NULL), QY_OK);
    assert_null(read.signature.bytes);
  }
  file[size] = 0;
  assert_int_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size + 1), NULL), QY_ERR_MALFORMED);
  memset(file + 20 + written->signature.size, 0xff, 4); /* a message that long costs nothing */
  assert_int_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_MALFORMED);
  memset(file + 20 + 356, 0xff, 40); /* nor do that many proofs */
  assert_int_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_MALFORMED);
  file[3] ^= 1;
  assert_int_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_MALFORMED);
  file[3] ^= 1;
  file[4] = 0x10;
  assert_int_equal(qy_epid_sigrl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_UNSUPPORTED);
}

static void bad_signatures(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t plain[QY_EPID_SIGNATURE_SIZE + 2 * QY_EPID_PROOF_SIZE] = {0};
  uint8_t split[QY_EPID_SPLIT_SIGNATURE_SIZE + QY_EPID_SPLIT_PROOF_SIZE] = {0};
  size_t size;
  plain[359] = 2;
  split[391] = 1;
  memset(split + QY_EPID_BASIC_SIGNATURE_SIZE, 0xbb, 32); /* its nonce */
  memset(plain + QY_EPID_SIGNATURE_SIZE, 0xaa, 2 * QY_EPID_PROOF_SIZE);
  memset(split + QY_EPID_SPLIT_SIGNATURE_SIZE, 0xaa, QY_EPID_SPLIT_PROOF_SIZE);
  qy_epid_sigrl_request request = {w.group.gid, QY_VIEW_OF(plain), text("what was signed")};
  bad_signature_of(&request);
  request.message = text("");
  bad_signature_of(&request);
  request.signature = QY_VIEW_OF(split);
  bad_signature_of(&request);
  request.signature.size--;
  assert_int_equal(qy_epid_sigrl_request_encode(NULL, 0, &size, &request, NULL), QY_ERR_ARGUMENT);
}

static void groups(void **state)
{
  (void)state;
  uint8_t entries[2 * QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE] = {[2] = 5, [16] = 9, [19] = 6, [33] = 255};
  uint8_t file[8 + sizeof(entries) + 1] = {0};
  size_t size = 0;
  uint8_t reason;
  qy_epid_gid gid;
  qy_epid_grouprl_request read;
  const qy_epid_grouprl_request written = {2, QY_VIEW_OF(entries)};
  const qy_epid_grouprl_request odd = {3, QY_VIEW_OF(entries)};
  assert_int_equal(qy_epid_grouprl_request_encode(NULL, 0, &size, &odd, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_epid_grouprl_request_encode(NULL, 0, &size, &written, NULL), QY_ERR_SPACE);
  assert_int_equal(size, sizeof(file) - 1);
  assert_ok(qy_epid_grouprl_request_encode(file, sizeof(file), &size, &written, NULL));
  assert_memory_equal(file, "\2\0\0\x13\0\0\0\2", 8);
  for (size_t cut = 0; cut < size; cut++) {
    assert_int_equal(qy_epid_grouprl_request_decode(&read, qy_view_over(file, cut), NULL), QY_ERR_TRUNCATED);
  }
  assert_int_equal(qy_epid_grouprl_request_decode(&read, QY_VIEW_OF(file), NULL), QY_ERR_MALFORMED);
  assert_ok(qy_epid_grouprl_request_decode(&read, qy_view_over(file, size), NULL));
  assert_int_equal(read.count, 2);
  assert_ok(qy_epid_grouprl_request_group(&gid, &reason, &read, 0, NULL));
  assert_int_equal(gid.bytes[2], 5);
  assert_int_equal(reason, 9);
  assert_ok(qy_epid_grouprl_request_group(&gid, &reason, &read, 1, NULL));
  assert_int_equal(gid.bytes[2], 6);
  assert_int_equal(reason, 255);
  assert_int_equal(qy_epid_grouprl_request_group(&gid, &reason, &read, 2, NULL), QY_ERR_ARGUMENT);
  memset(file + 4, 0xff, 4);
  assert_int_equal(qy_epid_grouprl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_LIMIT);
  file[0] = 1;
  assert_int_equal(qy_epid_grouprl_request_decode(&read, qy_view_over(file, size), NULL), QY_ERR_MALFORMED);
}

/* ---- Upkeep ---- */

#define ENTRIES 5

/* Five entries, the second and fifth by the member whose key is then revoked. */
static void entries_of_a_revoked_key_are_dropped(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  uint8_t entries[ENTRIES * QY_EPID_SIGRL_ENTRY_SIZE];
  uint8_t next[24 + sizeof(entries)];
  uint8_t twice[24 + sizeof(entries)];
  uint8_t f[2 * QY_EPID_SCALAR_SIZE];
  size_t size = 0;
  uint32_t dropped = 9;
  qy_epid_sigrl after;
  for (size_t i = 0; i < ENTRIES; i++) {
    __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *other = NULL;
    uint8_t signature[QY_EPID_SIGNATURE_SIZE];
    qy_epid_member_key key;
    assert_ok(qy_epid_member_key_issue(&key, &w.group, &w.issuing, &w.random, NULL));
    assert_ok(qy_epid_member_new(&other, &w.group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
    sign_one(signature, &w, i % 3 == 1 ? w.member : other);
    memcpy(entries + QY_EPID_SIGRL_ENTRY_SIZE * i, signature, QY_EPID_SIGRL_ENTRY_SIZE);
  }
  qy_epid_sigrl old = {w.group.gid, 7, ENTRIES, QY_VIEW_OF(entries)};
  qy_epid_privrl revoked = {w.group.gid, 2, 2, QY_VIEW_OF(f)};
  assert_ok(qy_epid_secret_draw(f, &w.random, NULL));
  memcpy(f + QY_EPID_SCALAR_SIZE, w.key.f, QY_EPID_SCALAR_SIZE);
  assert_int_equal(qy_epid_sigrl_prune(NULL, 0, &size, &dropped, &old, &revoked, NULL), QY_ERR_SPACE);
  assert_int_equal(size, sizeof(next));
  assert_ok(qy_epid_sigrl_prune(next, sizeof(next), &size, &dropped, &old, &revoked, NULL));
  assert_int_equal(dropped, 2);
  assert_ok(qy_epid_sigrl_read(&after, qy_view_over(next, size), NULL, NULL, NULL));
  assert_int_equal(after.version, 8);
  assert_int_equal(after.count, ENTRIES - 2);
  assert_memory_equal(after.entries.bytes, entries, QY_EPID_SIGRL_ENTRY_SIZE);
  assert_memory_equal(after.entries.bytes + QY_EPID_SIGRL_ENTRY_SIZE, entries + 2 * QY_EPID_SIGRL_ENTRY_SIZE,
                      2 * QY_EPID_SIGRL_ENTRY_SIZE);
  /* once they are gone, nothing changes any more */
  assert_int_equal(qy_epid_sigrl_prune(twice, sizeof(twice), &size, &dropped, &after, &revoked, NULL),
                   QY_ERR_NOT_FOUND);
  assert_int_equal(dropped, 0);
  /* and what the key signed cannot enter again */
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  sign_one(signature, &w, w.member);
  assert_int_equal(qy_epid_sigrl_revoke(twice, sizeof(twice), &size, &after, QY_VIEW_OF(signature), &revoked, NULL),
                   QY_ERR_EXISTS);
  old.version = UINT32_MAX;
  assert_int_equal(qy_epid_sigrl_prune(next, sizeof(next), &size, &dropped, &old, &revoked, NULL), QY_ERR_LIMIT);
  revoked.gid.bytes[3] ^= 1;
  assert_int_equal(qy_epid_sigrl_prune(next, sizeof(next), &size, &dropped, &old, &revoked, NULL), QY_ERR_ARGUMENT);
  revoked.gid.bytes[3] ^= 1;
  entries[3] ^= 1;
  assert_int_equal(qy_epid_sigrl_prune(next, sizeof(next), &size, &dropped, &old, &revoked, NULL), QY_ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_that_leaked),
      cmocka_unit_test(bad_signatures),
      cmocka_unit_test(groups),
      cmocka_unit_test(entries_of_a_revoked_key_are_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
