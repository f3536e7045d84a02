/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that Intel's SDK made with its example members, with the files it read and the verdict it gave: verified
 * here with the same files; and each signed once more by the same member, with the same result. */
#include "epid_support.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_LIMIT 65536

typedef struct vector {
  const json_t *json;
  const json_t *files;
  qy_epid_ca ca;
  qy_epid_group_key group;
  qy_buffer message, basename, sigrl_file, privrl_file, grouprl_file;
  bool has_basename;
  qy_epid_sigrl sigrl; /* count 0: none */
} vector;

static const char *member_of(const json_t *object, const char *name)
{
  return json_string_value(json_object_get(object, name));
}

/* "groupa/sigrl.bin" of the group's folder, or a file beside the folders. */
static bool file_of(qy_buffer *out, const vector *v, const char *folder, const char *name)
{
  char path[128];
  if (name == NULL) {
    return false;
  }
  (void)snprintf(path, sizeof(path), "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
  vectors_hex(out, v->files, path);
  return true;
}

static void load(vector *v, const json_t *files, const json_t *one)
{
  const char *folder = member_of(one, "group");
  QY_SCOPED_BUFFER(ca_file, FILE_LIMIT);
  QY_SCOPED_BUFFER(group_file, FILE_LIMIT);
  *v = (vector){.json = one, .files = files};
  qy_buffer *const buffers[] = {&v->message, &v->basename, &v->sigrl_file, &v->privrl_file, &v->grouprl_file};
  for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
    qy_buffer_init(buffers[i], FILE_LIMIT);
  }
  (void)file_of(&ca_file, v, "", "cacert.bin");
  (void)file_of(&group_file, v, folder, "pubkey.bin");
  (void)file_of(&v->grouprl_file, v, "", "grprl_empty.bin");
  assert_ok(qy_epid_ca_decode(&v->ca, qy_buffer_view(&ca_file), NULL, NULL, NULL));
  assert_ok(qy_epid_group_key_read(&v->group, qy_buffer_view(&group_file), &v->ca, NULL, NULL));
  vectors_hex(&v->message, one, "msg");
  v->has_basename = member_of(one, "basename") != NULL;
  if (v->has_basename) {
    vectors_hex(&v->basename, one, "basename");
  }
  if (file_of(&v->sigrl_file, v, folder, member_of(one, "sigrl"))) {
    assert_ok(qy_epid_sigrl_read(&v->sigrl, qy_buffer_view(&v->sigrl_file), &v->ca, NULL, NULL));
  }
  (void)file_of(&v->privrl_file, v, folder, member_of(one, "privrl"));
}

static void clear(vector *v)
{
  qy_buffer_clear(&v->message);
  qy_buffer_clear(&v->basename);
  qy_buffer_clear(&v->sigrl_file);
  qy_buffer_clear(&v->privrl_file);
  qy_buffer_clear(&v->grouprl_file);
}

static qy_epid_verifier *verifier_for(const vector *v)
{
  qy_epid_verifier *verifier = NULL;
  qy_epid_privrl privrl;
  qy_epid_grouprl grouprl;
  const qy_view basename = qy_buffer_view(&v->basename);
  assert_ok(qy_epid_verifier_new(&verifier, &v->group, NULL, NULL));
  assert_ok(qy_epid_verifier_set_basename(verifier, v->has_basename ? &basename : NULL, NULL));
  if (v->sigrl.count > 0) {
    assert_ok(qy_epid_verifier_set_sigrl(verifier, &v->sigrl, NULL, NULL));
  }
  if (v->privrl_file.size > 0) {
    assert_ok(qy_epid_privrl_read(&privrl, qy_buffer_view(&v->privrl_file), &v->ca, NULL, NULL));
    assert_ok(qy_epid_verifier_set_privrl(verifier, &privrl, NULL, NULL));
  }
  assert_ok(qy_epid_grouprl_read(&grouprl, qy_buffer_view(&v->grouprl_file), &v->ca, NULL, NULL));
  assert_ok(qy_epid_verifier_set_grouprl(verifier, &grouprl, NULL, NULL));
  return verifier;
}

/* What the SDK's tool returned, and by which of our checks. */
static void expect_verdict(const vector *v, qy_epid_verifier *verifier, qy_view signature, qy_view message,
                           json_int_t told)
{
  static const struct {
    qy_epid_result result;
    qy_check_id check;
  } rows[] = {{QY_EPID_VALID, QY_CHECK_NONE},
              {QY_EPID_INVALID, QY_CHECK_EPID_SIGNATURE},
              {QY_EPID_REVOKED_GROUP, QY_CHECK_EPID_GROUP_REVOKED},
              {QY_EPID_REVOKED_KEY, QY_CHECK_EPID_KEY_REVOKED}};
  epid_world w = {.verifier = verifier};
  assert_in_range(told, 0, 3);
  print_message("%s: %s\n", member_of(v->json, "name"), qy_epid_result_name(rows[told].result));
  expect_result(&w, signature, message, rows[told].result, rows[told].check);
}

/* Group B is on the list that is not empty. */
static void expect_group_verdict(const vector *v, qy_epid_verifier *verifier, qy_view signature)
{
  QY_SCOPED_BUFFER(file, FILE_LIMIT);
  qy_epid_grouprl list;
  epid_world w = {.verifier = verifier};
  (void)file_of(&file, v, "", "grprl.bin");
  assert_ok(qy_epid_grouprl_read(&list, qy_buffer_view(&file), &v->ca, NULL, NULL));
  assert_ok(qy_epid_verifier_set_grouprl(verifier, &list, NULL, NULL));
  expect_result(&w, signature, qy_buffer_view(&v->message), QY_EPID_REVOKED_GROUP, QY_CHECK_EPID_GROUP_REVOKED);
}

static void sign_again(const vector *v, qy_epid_verifier *verifier, const qy_buffer *theirs, json_int_t told)
{
  QY_SCOPED_BUFFER(key_bytes, 256);
  char name[64];
  qy_epid_member_key key;
  qy_epid_member *member = NULL;
  test_random state = {5};
  const qy_random random = test_random_source(&state);
  const qy_view basename = qy_buffer_view(&v->basename);
  uint32_t own = 0;
  const size_t size = qy_epid_signature_size(v->sigrl.count);
  uint8_t *ours = malloc(size);
  assert_non_null(ours);
  (void)snprintf(name, sizeof(name), "%s/mprivkey.dat", member_of(v->json, "member"));
  (void)file_of(&key_bytes, v, member_of(v->json, "group"), name);
  assert_ok(qy_epid_member_key_decode(&key, qy_buffer_view(&key_bytes), NULL));
  assert_ok(qy_epid_member_new(&member, &v->group, &key, QY_EPID_HASH_BY_GID, NULL, NULL));
  assert_ok(qy_epid_sign(ours, size, &own, member, qy_buffer_view(&v->message), v->has_basename ? &basename : NULL,
                         v->sigrl.count > 0 ? &v->sigrl : NULL, &random, NULL, NULL));
  qy_epid_member_free(&member);
  if (theirs->size == 0) { /* "signature revoked in SigRL" */
    epid_world w = {.verifier = verifier};
    assert_int_equal(own, 1);
    expect_result(&w, qy_view_over(ours, size), qy_buffer_view(&v->message), QY_EPID_REVOKED_SIGNATURE,
                  QY_CHECK_EPID_SIGNATURE_REVOKED);
  } else {
    assert_int_equal(own, 0);
    assert_int_equal(size, theirs->size);
    if (v->has_basename) { /* the same pseudonym */
      assert_memory_equal(ours, theirs->bytes, QY_EPID_PSEUDONYM_SIZE);
    }
    expect_verdict(v, verifier, qy_view_over(ours, size), qy_buffer_view(&v->message), told);
  }
  free(ours);
}

static void verdicts_of_the_sdk(void **state)
{
  (void)state;
  vectors_need();
  json_t *whole = vectors_json("ra/epid-sdk-signatures.json");
  size_t index = 0;
  unsigned verified = 0;
  unsigned revoked = 0;
  json_t *one = NULL;
  json_array_foreach(json_object_get(whole, "vectors"), index, one)
  {
    QY_SCOPED_BUFFER(theirs, FILE_LIMIT);
    QY_SCOPED_BUFFER(other_message, FILE_LIMIT);
    vector v;
    load(&v, json_object_get(whole, "files"), one);
    qy_epid_verifier *verifier = verifier_for(&v);
    const json_int_t told = json_integer_value(json_object_get(one, "verify_rc"));
    const bool other = json_object_get(one, "verify_msg") != NULL;
    if (other) {
      vectors_hex(&other_message, one, "verify_msg");
    }
    if (json_object_get(one, "signature") != NULL) {
      vectors_hex(&theirs, one, "signature");
      expect_verdict(&v, verifier, qy_buffer_view(&theirs), qy_buffer_view(other ? &other_message : &v.message), told);
      verified++;
    }
    sign_again(&v, verifier, &theirs, other ? 0 : told);
    if (strcmp(member_of(one, "group"), "groupb") == 0) {
      expect_group_verdict(&v, verifier, qy_buffer_view(&theirs));
      revoked++;
    }
    qy_epid_verifier_free(&verifier);
    clear(&v);
  }
  assert_int_equal(index, 10);
  assert_int_equal(verified, 9);
  assert_int_equal(revoked, 3);
  json_decref(whole);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts_of_the_sdk)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
