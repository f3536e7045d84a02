/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation by the table of offsets alone: each of the five records is laid out here as the table of Intel's
 * simulator says, with every field its own random bytes, and its CMAC must be the key. */
#include "sgx_support.h"

#include <stdio.h>

#include <crypto/symmetric.h>
#include <sgx/keys.h>

#define RECORD_MAX 512

typedef struct record {
  const json_t *layout;
  const char *structure;
  uint8_t bytes[RECORD_MAX];
  size_t size;
  unsigned placed;
} record;

static void begin(record *r, const json_t *layout, const char *structure, uint16_t key_name)
{
  const json_t *size = json_object_get(layout, structure);
  assert_true(json_is_integer(size));
  *r = (record){.layout = layout, .structure = structure, .size = (size_t)json_integer_value(size)};
  assert_in_range(r->size, 1, RECORD_MAX);
  memcpy(r->bytes, &key_name, sizeof(key_name)); /* at 0 in all of them */
}

static void place(record *r, const char *field, const void *bytes, size_t size)
{
  char name[96];
  (void)snprintf(name, sizeof(name), "%s.%s", r->structure, field);
  const json_t *where = json_object_get(r->layout, name);
  assert_true(json_is_array(where));
  const size_t at = (size_t)json_integer_value(json_array_get(where, 0));
  assert_int_equal(json_integer_value(json_array_get(where, 1)), size);
  assert_true(at + size <= r->size);
  memcpy(r->bytes + at, bytes, size);
  r->placed++;
}
#define PLACE(r, field, value) place(r, field, &(value), sizeof(value))

typedef struct scene {
  qy_fuses fuses;
  qy_secs secs;
  qy_key_request request;
  uint8_t attributes[16], mask[16];
  uint32_t misc_select, not_misc_mask;
} scene;

static void attributes_bytes(uint8_t out[16], uint64_t flags, uint64_t xfrm)
{
  memcpy(out, &flags, 8); /* the tests run on little-endian machines only, as SGX does */
  memcpy(out + 8, &xfrm, 8);
}

static void make_scene(scene *s, uint16_t key_name)
{
  memset(s, 0, sizeof(*s));
  qy_fuses *fuses = &s->fuses;
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    uint8_t base[16];
    fill_random(base, sizeof(base), 40 + i);
    qy_secret_set(&fuses->base_keys[i], base, sizeof(base));
  }
  fill_random(fuses->owner_epoch, sizeof(fuses->owner_epoch), 50);
  fuses->cpu_svn_count = 1;
  fill_random(fuses->cpu_svns[0], QY_CPU_SVN_SIZE, 51);
  fill_random((uint8_t *)&s->secs, sizeof(s->secs), 52);
  s->secs.attributes.flags |=
      QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_KSS | QY_ATTRIBUTE_PROVISION_KEY | QY_ATTRIBUTE_EINITTOKEN_KEY;
  s->secs.isv_svn = 0x5432;
  s->secs.config_svn = 0x4321;
  s->request = (qy_key_request){.key_name = key_name, .key_policy = 0x3b, .isv_svn = 0x1234, .config_svn = 0x2345};
  fill_random((uint8_t *)&s->request.attribute_mask, sizeof(s->request.attribute_mask), 53);
  fill_random(s->request.key_id, QY_KEY_ID_SIZE, 54);
  s->request.misc_mask = 0xa5c3f00f;
  memcpy(s->request.cpu_svn, fuses->cpu_svns[0], QY_CPU_SVN_SIZE);
  const qy_attributes *mask = &s->request.attribute_mask;
  attributes_bytes(s->mask, mask->flags, mask->xfrm);
  attributes_bytes(s->attributes, s->secs.attributes.flags & (mask->flags | QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_DEBUG),
                   s->secs.attributes.xfrm & mask->xfrm);
  s->misc_select = s->secs.misc_select & s->request.misc_mask;
  s->not_misc_mask = ~s->request.misc_mask;
}

static void expect_key(const scene *s, const record *r, qy_key_name name, unsigned fields)
{
  QY_SCOPED_SECRET(derived);
  uint8_t key[16];
  const qy_view whole = qy_view_over(r->bytes, r->size);
  assert_int_equal(r->placed, fields);
  assert_ok(qy_cmac(key, qy_secret_view(&s->fuses.base_keys[name]), &whole, 1, NULL));
  assert_ok(qy_sgx_key_derive(&derived, &s->fuses, s->fuses.cpu_svns[0], &s->secs, &s->request, NULL));
  assert_memory_equal(derived.bytes, key, sizeof(key));
}

static void place_masked(record *r, const scene *s, bool with_policy)
{
  if (with_policy) {
    PLACE(r, "key_policy", s->request.key_policy);
  }
  PLACE(r, "tmp_attr", s->attributes);
  PLACE(r, "attribute_mask", s->mask);
  PLACE(r, "tmp_misc", s->misc_select);
  PLACE(r, "misc_mask", s->not_misc_mask);
}

static void place_levels(record *r, const scene *s)
{
  PLACE(r, "cpu_svn", s->request.cpu_svn);
  PLACE(r, "isv_svn", s->request.isv_svn);
  PLACE(r, "isv_prod_id", s->secs.isv_prod_id);
}

static void place_kss(record *r, const scene *s)
{
  PLACE(r, "config_svn", s->request.config_svn);
  PLACE(r, "config_id", s->secs.config_id);
  PLACE(r, "isv_family_id", s->secs.isv_family_id);
  PLACE(r, "isv_ext_prod_id", s->secs.isv_ext_prod_id);
}

static void sealing_records(const json_t *layout)
{
  scene s;
  record r;
  make_scene(&s, QY_KEY_SEAL);
  begin(&r, layout, "dd_seal_key_t", QY_KEY_SEAL);
  place_masked(&r, &s, true);
  PLACE(&r, "csr_owner_epoch", s.fuses.owner_epoch);
  place_levels(&r, &s);
  place_kss(&r, &s);
  PLACE(&r, "mrenclave", s.secs.mr_enclave);
  PLACE(&r, "mrsigner", s.secs.mr_signer);
  PLACE(&r, "key_id", s.request.key_id);
  expect_key(&s, &r, QY_KEY_SEAL, 16);
  make_scene(&s, QY_KEY_PROVISION_SEAL);
  begin(&r, layout, "dd_provision_seal_key_t", QY_KEY_PROVISION_SEAL);
  place_masked(&r, &s, true);
  place_levels(&r, &s);
  place_kss(&r, &s);
  PLACE(&r, "mrsigner", s.secs.mr_signer);
  expect_key(&s, &r, QY_KEY_PROVISION_SEAL, 13);
}

static void other_records(const json_t *layout)
{
  scene s;
  record r;
  make_scene(&s, QY_KEY_PROVISION);
  begin(&r, layout, "dd_provision_key_t", QY_KEY_PROVISION);
  place_masked(&r, &s, false);
  place_levels(&r, &s);
  PLACE(&r, "mrsigner", s.secs.mr_signer);
  expect_key(&s, &r, QY_KEY_PROVISION, 8);
  make_scene(&s, QY_KEY_EINITTOKEN);
  begin(&r, layout, "dd_license_key_t", QY_KEY_EINITTOKEN);
  PLACE(&r, "tmp_attr", s.attributes);
  PLACE(&r, "tmp_misc", s.misc_select);
  PLACE(&r, "csr_owner_epoch", s.fuses.owner_epoch);
  place_levels(&r, &s);
  PLACE(&r, "mrsigner", s.secs.mr_signer);
  PLACE(&r, "key_id", s.request.key_id);
  expect_key(&s, &r, QY_KEY_EINITTOKEN, 8);
  make_scene(&s, QY_KEY_REPORT);
  begin(&r, layout, "dd_report_key_t", QY_KEY_REPORT);
  attributes_bytes(s.attributes, s.secs.attributes.flags, s.secs.attributes.xfrm);
  PLACE(&r, "attributes", s.attributes);
  PLACE(&r, "misc_select", s.secs.misc_select);
  PLACE(&r, "csr_owner_epoch", s.fuses.owner_epoch);
  PLACE(&r, "mrenclave", s.secs.mr_enclave);
  PLACE(&r, "cpu_svn", s.fuses.cpu_svns[0]);
  PLACE(&r, "config_svn", s.secs.config_svn);
  PLACE(&r, "config_id", s.secs.config_id);
  PLACE(&r, "key_id", s.request.key_id);
  expect_key(&s, &r, QY_KEY_REPORT, 8);
}

/* 16 + 13 + 8 + 8 + 8 fields placed, the key name of one told, and five sizes: nothing of the table is left. */
static void keys_by_the_table(void **state)
{
  (void)state;
  vectors_need();
  json_t *layout = vectors_json("sgx/sim-layout.json");
  sealing_records(layout);
  other_records(layout);
  assert_int_equal(json_object_size(layout), 16 + 13 + 8 + 8 + 8 + 1 + 5);
  json_decref(layout);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(keys_by_the_table)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
