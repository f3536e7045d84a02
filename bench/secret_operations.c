/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_operations.h"

#include <string.h>

#include <base/secret.h>
#include <crypto/random.h>
#include <pairing/g1_products.h>

static volatile unsigned sink; /* so that no result is left out */

/* ---- What the operations take their secrets from ---- */

static qy_status fill_of_secrets(void *context, uint8_t *out, size_t size, qy_error *why)
{
  secret_world *w = context;
  if (size > sizeof(w->secrets) - w->used) {
    return qy_fail(why, QY_ERR_SPACE, "more randomness is drawn than there is");
  }
  memcpy(out, w->secrets + w->used, size);
  w->used += size;
  return QY_OK;
}

static void ready_nothing(secret_world *w)
{
  w->used = 0;
}

static void ready_scalars(secret_world *w)
{
  for (size_t i = 0; i < SECRET_MAX_BLOCKS; i++) {
    qy_fp_reduce(&w->scalars[i], w->secrets + SECRET_BLOCK * i, SECRET_BLOCK);
  }
}

static void ready_element(secret_world *w)
{
  uint8_t bytes[32];
  memcpy(bytes, w->secrets + SECRET_BLOCK - sizeof(bytes), sizeof(bytes));
  bytes[0] &= 0x7f; /* below q */
  if (!qy_fq_decode(&w->element, bytes)) {
    w->status = QY_ERR_INTERNAL;
  }
}

static void ready_f(secret_world *w)
{
  ready_scalars(w);
  qy_fp_encode(w->f, &w->scalars[0]);
  w->used = SECRET_BLOCK;
}

/* A secret point: the generator times the secret. */
static void ready_point(secret_world *w)
{
  ready_scalars(w);
  qy_g1_set_infinity(&w->projective[0]);
  qy_g1_table_power(&w->projective[0], &w->table, &w->scalars[0]);
}

static void note(secret_world *w, qy_status status)
{
  if (w->status == QY_OK) {
    w->status = status;
  }
}

static void ready_prepared(secret_world *w)
{
  w->used = 0;
  note(w, qy_epid_prepared_fill(w->prepared, 1, &w->random, NULL));
}

/* ---- Operations ---- */

static void invert_scalar(secret_world *w)
{
  qy_fp_inverse(&w->scalars[1], &w->scalars[0]);
}

static void invert_element(secret_world *w)
{
  qy_fq inverse;
  qy_fq_inverse(&inverse, &w->element);
  sink = (unsigned)inverse.limb[0];
}

static void power(secret_world *w)
{
  qy_g1_products(w->projective, w->points, w->scalars, 1, 1);
}

static void eight_products(secret_world *w)
{
  qy_g1_products(w->projective, w->points, w->scalars, 2, 8);
}

static void table_power(secret_world *w)
{
  qy_g1_set_infinity(&w->projective[0]);
  qy_g1_table_power(&w->projective[0], &w->table, &w->scalars[0]);
}

static void eight_table_powers(secret_world *w)
{
  qy_g1_fixed_power powers[8];
  for (size_t i = 0; i < 8; i++) {
    qy_g1_set_infinity(&w->projective[i]);
    powers[i] = (qy_g1_fixed_power){i, &w->table, &w->scalars[i]};
  }
  qy_g1_fixed_products(w->projective, powers, 8);
}

static void to_affine(secret_world *w)
{
  qy_g1_affine affine;
  qy_g1_to_affine(&affine, &w->projective[0]);
  sink = (unsigned)affine.x.limb[0];
}

static void pair(secret_world *w)
{
  const qy_pairing_lines *const all[1] = {&w->lines};
  qy_fq12 value;
  qy_pairing_product(&value, w->projective, all, 1);
  sink = (unsigned)value.c[0].c[0].c0.limb[0];
}

static void join_request(secret_world *w)
{
  qy_epid_join_request request;
  note(w, qy_epid_join_request_make(&request, &w->group, QY_EPID_HASH_BY_GID, w->nonce, w->f, &w->random, NULL));
}

static void sign(secret_world *w)
{
  const qy_view name = qy_view_text("name");
  uint32_t own = 0;
  note(w, qy_epid_sign(w->signature, QY_EPID_SIGNATURE_SIZE, &own, w->member, qy_view_text("message"), &name, NULL,
                       &w->random, NULL, NULL));
}

static void prove(secret_world *w)
{
  const qy_view name = qy_view_text("name");
  uint32_t own = 0;
  note(w, qy_epid_sign(w->signature, sizeof(w->signature), &own, w->member, qy_view_text("message"), &name, &w->sigrl,
                       &w->random, NULL, NULL));
}

/* Nonces were drawn when it was made ready: they are what differs. */
static void sign_prepared(secret_world *w)
{
  uint32_t own = 0;
  note(w, qy_epid_sign_prepared(w->signature, QY_EPID_SIGNATURE_SIZE, &own, w->prepared, qy_view_text("message"), NULL,
                                NULL, NULL, NULL));
}

static void compare(secret_world *w)
{
  sink = qy_equal_ct(w->secrets, w->reference, SECRET_BLOCK);
}

/* What a careless hand would write. */
static void compare_until_they_differ(secret_world *w)
{
  size_t i = 0;
  while (i < SECRET_BLOCK && ((volatile uint8_t *)w->secrets)[i] == w->reference[i]) {
    i++;
  }
  sink = i == SECRET_BLOCK;
}

const secret_operation secret_operations[] = {
    {"scalar: inversion", 1, ready_scalars, invert_scalar, false},
    {"field: inversion", 1, ready_element, invert_element, false},
    {"G1: power", 1, ready_scalars, power, false},
    {"G1: eight products of two powers", 16, ready_scalars, eight_products, false},
    {"G1: power by a table", 1, ready_scalars, table_power, false},
    {"G1: eight powers by a table", 8, ready_scalars, eight_table_powers, false},
    {"G1: to affine", 1, ready_point, to_affine, false},
    {"pairing of a secret point", 1, ready_point, pair, false},
    {"EPID: join request", 2, ready_f, join_request, false},
    {"EPID: sign", 5, ready_nothing, sign, false},
    {"EPID: sign with what was prepared", 5, ready_prepared, sign_prepared, false},
    {"EPID: sign and prove over 8 entries", 29, ready_nothing, prove, false},
    {"comparison", 1, ready_nothing, compare, false},
    {"control: a comparison that stops early", 1, ready_nothing, compare_until_they_differ, true},
};
const size_t secret_operation_count = sizeof(secret_operations) / sizeof(secret_operations[0]);

/* ---- What they work on ---- */

static void make_points(secret_world *w)
{
  qy_g1 point;
  qy_g1_from_affine(&point, &qy_g1_generator);
  for (size_t i = 0; i < SECRET_MAX_BLOCKS; i++) {
    qy_g1_double(&point, &point);
    qy_g1_to_affine(&w->points[i], &point);
  }
  for (size_t i = 0; i < SECRET_PROOFS; i++) {
    qy_g1_affine_encode(w->entries + QY_EPID_SIGRL_ENTRY_SIZE * i, &w->points[i]);
    qy_g1_affine_encode(w->entries + QY_EPID_SIGRL_ENTRY_SIZE * i + QY_G1_SIZE, &w->points[i + 3]);
  }
}

qy_status secret_world_make(secret_world *w, qy_error *why)
{
  const qy_epid_gid gid = qy_epid_gid_of_sgx(1);
  const qy_view name = qy_view_text("name");
  *w = (secret_world){.random = {.fill = fill_of_secrets, .context = w}};
  w->reference[SECRET_BLOCK - 1] = 1;
  make_points(w);
  qy_g1_table_init(&w->table, &qy_g1_generator);
  qy_pairing_lines_init(&w->lines, &qy_g2_generator);
  QY_TRY(qy_epid_group_create(&w->group, &w->issuing, &gid, qy_random_system(), why));
  QY_TRY(qy_epid_member_key_issue(&w->key, &w->group, &w->issuing, qy_random_system(), why));
  w->sigrl = (qy_epid_sigrl){w->group.gid, 1, SECRET_PROOFS, QY_VIEW_OF(w->entries)};
  QY_TRY(qy_epid_member_new(&w->member, &w->group, &w->key, QY_EPID_HASH_BY_GID, NULL, why));
  return qy_epid_prepared_new(&w->prepared, w->member, &name, 1, NULL, why);
}

void secret_world_clear(secret_world *w)
{
  qy_epid_prepared_free(&w->prepared);
  qy_epid_member_free(&w->member);
  qy_epid_issuing_key_clear(&w->issuing);
  qy_epid_member_key_clear(&w->key);
}
