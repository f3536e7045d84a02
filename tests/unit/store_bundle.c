/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral carried in a file: exports, and other tools' JSON. */
#include "store_support.h"

#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <json/json.h>
#include <store/bundle.h>

#define TEST(name) cmocka_unit_test_setup(name, reset_other)

typedef struct bundle_scene {
  qy_collateral_store *other; /* where it is imported */
  char other_path[100];
  qy_secret key;
  qy_p256_public public_key;
  uint8_t fingerprint[QY_EXPORT_FINGERPRINT_SIZE];
} bundle_scene;

static bundle_scene b;

static int reset_other(void **state)
{
  (void)reset_scene(state);
  const store_scene *scene = *state;
  qy_collateral_store_close(&b.other);
  (void)snprintf(b.other_path, sizeof(b.other_path), "%s/other.db", scene->folder);
  assert_ok(qy_collateral_store_open(&b.other, b.other_path, &assert_why));
  assert_ok(qy_p256_generate(&b.key, &b.public_key, qy_random_system(), &assert_why));
  assert_ok(qy_export_fingerprint(b.fingerprint, &b.public_key, &assert_why));
  return 0;
}

static void make_export(qy_buffer *out, store_scene *scene, bool all, int64_t now_s)
{
  size_t count = 0;
  if (qy_collateral_export(out, &count, scene->store, &b.key, &b.public_key, all, now_s, &scene->why) != QY_OK) {
    fail_msg("%s", scene->why.message);
  }
}

static qy_status import(qy_collateral_imported *out, store_scene *scene, qy_view text, const uint8_t *fingerprint)
{
  scene->trace.count = 0;
  return qy_collateral_import(out, b.other, text, fingerprint, scene->world->files.root, "carried", WORLD_NOW_S,
                              &scene->trace, &scene->why);
}

static size_t other_rows(store_scene *scene)
{
  qy_collateral_store *own = scene->store;
  scene->store = b.other;
  const size_t rows = scene_rows(scene);
  scene->store = own;
  return rows;
}

static void expect_refused(store_scene *scene, qy_view text, const uint8_t *fingerprint, qy_check_id id)
{
  qy_collateral_imported imported;
  assert_int_equal(import(&imported, scene, text, fingerprint), QY_ERR_REFUSED);
  assert_non_null(qy_trace_failed(&scene->trace));
  assert_string_equal(qy_check_name(qy_trace_failed(&scene->trace)->id), qy_check_name(id));
  assert_int_equal(other_rows(scene), 0);
}

/* ---- Exports ---- */

static void an_export_is_taken_in(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  QY_SCOPED_COLLATERAL_SET(got);
  qy_collateral_found found;
  qy_collateral_imported imported;
  (void)scene_keep(scene);
  assert_ok(qy_collateral_store_remember(scene->store, qy_buffer_view(&scene->world->quote), "quote", WORLD_NOW_S,
                                         &assert_why));
  make_export(&text, scene, false, WORLD_NOW_S);
  assert_true(qy_collateral_is_export(qy_buffer_view(&text)));
  if (import(&imported, scene, qy_buffer_view(&text), b.fingerprint) != QY_OK) {
    fail_msg("%s", scene->why.message);
  }
  assert_int_equal(imported.made_s, WORLD_NOW_S);
  assert_memory_equal(imported.fingerprint, b.fingerprint, sizeof(b.fingerprint));
  assert_int_equal(imported.platforms_left, 0);
  assert_int_equal(other_rows(scene), scene_rows(scene));
  qy_collateral_store *own = scene->store;
  scene->store = b.other;
  scene_get(&got, &found, scene, WORLD_NOW_S);
  scene->store = own;
  assert_true(found.complete);
}

/* Documents vouch for themselves; what was remembered does not. */
static void without_a_signer_platforms_stay_out(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  qy_collateral_imported imported;
  (void)scene_keep(scene);
  assert_ok(qy_collateral_store_remember(scene->store, qy_buffer_view(&scene->world->quote), "quote", WORLD_NOW_S,
                                         &assert_why));
  make_export(&text, scene, false, WORLD_NOW_S);
  assert_int_equal(import(&imported, scene, qy_buffer_view(&text), NULL), QY_OK);
  assert_int_equal(imported.platforms_left, 1);
  assert_int_equal(other_rows(scene), scene_rows(scene) - 1);
}

static void other_roots_stay_out(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  qy_collateral_imported imported;
  (void)scene_keep(scene);
  make_export(&text, scene, false, WORLD_NOW_S);
  scene->world->files.root = (qy_view){NULL, 0};
  assert_int_equal(import(&imported, scene, qy_buffer_view(&text), b.fingerprint), QY_OK);
  assert_int_equal(imported.of_other_roots, 4);
  assert_int_equal(other_rows(scene), 0);
}

static void what_is_past_needs_all(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  QY_SCOPED_BUFFER(whole, 1u << 22);
  size_t count = 0;
  (void)scene_keep(scene);
  const int64_t later_s = WORLD_NOW_S + 1000 * (int64_t)WORLD_DAY_S;
  assert_int_equal(
      qy_collateral_export(&text, &count, scene->store, &b.key, &b.public_key, false, later_s, &scene->why),
      QY_ERR_NOT_FOUND);
  make_export(&whole, scene, true, later_s);
}

/* Every byte of the file, one bit flipped: refused, or at least nothing that was not there. */
static void a_flipped_byte_is_noticed(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  (void)scene_keep(scene);
  make_export(&text, scene, false, WORLD_NOW_S);
  char *body = memmem(text.bytes, text.size, "\"body\": \"", 9);
  char *signature = memmem(text.bytes, text.size, "\"signature\": \"", 14);
  assert_non_null(body);
  assert_non_null(signature);
  body[5000] = body[5000] == 'A' ? 'B' : 'A';
  expect_refused(scene, qy_buffer_view(&text), b.fingerprint, QY_CHECK_EXPORT_SIGNATURE);
  expect_refused(scene, qy_buffer_view(&text), NULL, QY_CHECK_EXPORT_SIGNATURE);
  text.size = 0;
  make_export(&text, scene, false, WORLD_NOW_S);
  signature = memmem(text.bytes, text.size, "\"signature\": \"", 14);
  signature[20] = signature[20] == 'A' ? 'B' : 'A';
  expect_refused(scene, qy_buffer_view(&text), b.fingerprint, QY_CHECK_EXPORT_SIGNATURE);
}

static void no_flip_enters(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  (void)scene_keep(scene);
  make_export(&text, scene, false, WORLD_NOW_S);
  size_t taken = 0;
  for (size_t at = 0; at < text.size; at += 61) {
    qy_collateral_imported imported;
    text.bytes[at] ^= 0x01;
    taken += import(&imported, scene, qy_buffer_view(&text), b.fingerprint) == QY_OK ? 1 : 0;
    text.bytes[at] ^= 0x01;
  }
  assert_int_equal(taken, 0);
  assert_int_equal(other_rows(scene), 0);
}

static void another_signer_is_refused(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  uint8_t strangers[QY_EXPORT_FINGERPRINT_SIZE];
  (void)scene_keep(scene);
  make_export(&text, scene, false, WORLD_NOW_S);
  memcpy(strangers, b.fingerprint, sizeof(strangers));
  strangers[31] ^= 1;
  expect_refused(scene, qy_buffer_view(&text), strangers, QY_CHECK_EXPORT_SIGNER);
}

/* A signer whom one trusts may be wrong: what is inside is verified all the same, and all of it falls. */
static void a_signer_cannot_vouch_for_documents(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_BUFFER(text, 1u << 22);
  QY_SCOPED_BUFFER(body, 1u << 22);
  QY_SCOPED_BUFFER(forged, 1u << 22);
  QY_SCOPED_JSON(whole);
  uint8_t signature[64];
  (void)scene_keep(scene);
  make_export(&text, scene, false, WORLD_NOW_S);
  assert_ok(qy_json_parse(&whole, qy_buffer_view(&text), &assert_why));
  assert_ok(qy_json_base64(&body, whole, "body", "export", &assert_why));
  QY_SCOPED_JSON(inner);
  assert_ok(qy_json_parse(&inner, qy_buffer_view(&body), &assert_why));
  json_t *documents = json_object_get(inner, "documents");
  for (size_t i = 0; i < json_array_size(documents); i++) {
    json_t *row = json_array_get(documents, i);
    if (strcmp(json_string_value(json_object_get(row, "kind")), "identity") == 0) {
      QY_SCOPED_BUFFER(bytes, 1u << 20);
      assert_ok(qy_json_base64(&bytes, row, "bytes", "export", &assert_why));
      uint8_t *digit = bytes.bytes + bytes.size - 5; /* of its signature */
      *digit = *digit == '0' ? '1' : '0';
      json_object_set_new(row, "bytes", qy_json_new_base64(qy_buffer_view(&bytes)));
    }
  }
  body.size = 0;
  assert_ok(qy_json_print(&body, inner, false, &assert_why));
  const qy_view parts[] = {qy_view_over("quotary collateral export 1", 28), qy_buffer_view(&body)};
  assert_ok(qy_p256_sign(signature, &b.key, parts, 2, &assert_why));
  json_object_set_new(whole, "signature", qy_json_new_base64(QY_VIEW_OF(signature)));
  json_object_set_new(whole, "body", qy_json_new_base64(qy_buffer_view(&body)));
  assert_ok(qy_json_print(&forged, whole, true, &assert_why));
  expect_refused(scene, qy_buffer_view(&forged), b.fingerprint, QY_CHECK_IDENTITY_SIGNATURE);
}

static void later_versions_are_told(void **state)
{
  store_scene *scene = *state;
  qy_collateral_imported imported;
  static const char later[] =
      "{\"format\":\"quotary-collateral-export\",\"version\":2,\"signer\":\"\",\"signature\":\"\",\"body\":\"\"}";
  assert_int_equal(import(&imported, scene, qy_view_text(later), NULL), QY_ERR_UNSUPPORTED);
  assert_int_equal(import(&imported, scene, qy_view_text("{}"), NULL), QY_ERR_MALFORMED);
  assert_int_equal(import(&imported, scene, qy_view_text("no JSON"), NULL), QY_ERR_MALFORMED);
  assert_false(qy_collateral_is_export(qy_view_text("{\"format\":\"another\"}")));
}

/* ---- Other tools' ---- */

static void set_hex(json_t *to, const char *member, qy_view bytes)
{
  json_object_set_new(to, member, qy_json_new_hex(bytes));
}

static void set_text(json_t *to, const char *member, qy_view text)
{
  json_object_set_new(to, member, json_stringn((const char *)text.bytes, text.size));
}

/* The body alone, and its signature beside it. */
static void set_document(json_t *to, const char *member, const char *signature_member, const qy_signed_json *json)
{
  set_text(to, member, json->body);
  set_hex(to, signature_member, QY_VIEW_OF(json->signature));
}

static void other_tools_files_are_read(void **state)
{
  store_scene *scene = *state;
  const qy_dcap_files files = scene->world->files;
  static qy_tcb_info info;
  static qy_enclave_identity identity;
  QY_SCOPED_JSON(whole);
  QY_SCOPED_COLLATERAL_SET(given);
  qy_collateral_kept kept;
  assert_ok(qy_tcb_info_decode(&info, files.tcb_info, NULL, &assert_why));
  assert_ok(qy_enclave_identity_decode(&identity, files.identity, NULL, &assert_why));
  whole = json_object();
  set_document(whole, "tcb_info", "tcb_info_signature", &info.json);
  set_document(whole, "qe_identity", "qe_identity_signature", &identity.json);
  set_text(whole, "tcb_info_issuer_chain", files.tcb_chain);
  set_text(whole, "qe_identity_issuer_chain", files.identity_chain);
  set_text(whole, "pck_crl_issuer_chain", qy_buffer_view(&scene->world->pck_chain));
  set_hex(whole, "pck_crl", files.pck_crl);
  set_hex(whole, "root_ca_crl", files.root_crl);
  for (int embedded = 0; embedded < 2; embedded++) {
    QY_SCOPED_BUFFER(text, 1u << 20);
    QY_SCOPED_COLLATERAL_SET(set);
    if (embedded == 1) { /* documents as they were served */
      set_text(whole, "tcb_info", files.tcb_info);
      set_text(whole, "qe_identity", files.identity);
      json_object_del(whole, "tcb_info_signature");
      json_object_del(whole, "qe_identity_signature");
    }
    assert_ok(qy_json_print(&text, whole, true, &assert_why));
    assert_ok(qy_collateral_set_from_json(&set, qy_buffer_view(&text), &assert_why));
    qy_buffer_append(&set.root, files.root.bytes, files.root.size);
    if (scene_put(&kept, scene, &set) != QY_OK) {
      fail_msg("%s", scene->why.message);
    }
  }
  scene_set(&given, scene);
  assert_int_equal(scene_put(&kept, scene, &given), QY_OK);
  assert_int_equal(kept.added, 0); /* the very bytes, whatever the wrapping */
}

static void other_json_is_told(void **state)
{
  store_scene *scene = *state;
  QY_SCOPED_COLLATERAL_SET(set);
  assert_int_equal(qy_collateral_set_from_json(&set, qy_view_text("{\"a\":1}"), &scene->why), QY_ERR_UNSUPPORTED);
  assert_int_equal(qy_collateral_set_from_json(&set, qy_view_text("[1"), &scene->why), QY_ERR_MALFORMED);
  assert_int_equal(qy_collateral_set_from_json(&set, qy_view_text("{\"tcb_info\":[1]}"), &scene->why),
                   QY_ERR_MALFORMED);
}

static int close_all(void **state)
{
  qy_collateral_store_close(&b.other);
  qy_secret_clear(&b.key);
  return close_scene(state);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(an_export_is_taken_in),     TEST(without_a_signer_platforms_stay_out),
      TEST(other_roots_stay_out),      TEST(what_is_past_needs_all),
      TEST(a_flipped_byte_is_noticed), TEST(no_flip_enters),
      TEST(another_signer_is_refused), TEST(a_signer_cannot_vouch_for_documents),
      TEST(later_versions_are_told),   TEST(other_tools_files_are_read),
      TEST(other_json_is_told),
  };
  return cmocka_run_group_tests(tests, open_scene, close_all);
}
