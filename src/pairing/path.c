/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a path, and the public functions that go by it. */
#include <pairing/path.h>

#include <stdatomic.h>
#include <string.h>

/* The best first; portable is last, and for every CPU. */
static const qy_path *const paths[] = {
#ifdef QUOTARY_IFMA_PATH
    &qy_path_ifma,
#endif
#ifdef QUOTARY_X86_PATHS
    &qy_path_adx,
#endif
    &qy_path_portable,
};
#define PATHS (sizeof(paths) / sizeof(paths[0]))
_Static_assert(PATHS <= QY_PATH_MAX, "a number for each path");

/* Threads that choose at the same time choose the same. */
static const qy_path *_Atomic chosen;

static bool can_take(const qy_path *path)
{
#ifdef QUOTARY_SECRECY
  /* valgrind executes the instructions of adx, though the CPU that it shows has no such bit; the vectors of ifma are
   * emulated in this build */
  (void)path;
  return true;
#else
  return path->supported();
#endif
}

static const qy_path *choose(void)
{
  const qy_path *path = &qy_path_portable;
  for (size_t i = PATHS; i-- > 0;) {
    path = paths[i]->supported() ? paths[i] : path;
  }
  const qy_path *before = NULL; /* a path that was named meanwhile stays */
  return atomic_compare_exchange_strong_explicit(&chosen, &before, path, memory_order_relaxed, memory_order_relaxed)
             ? path
             : before;
}

const qy_path *qy_path_chosen(void)
{
  const qy_path *path = atomic_load_explicit(&chosen, memory_order_relaxed);
  return path != NULL ? path : choose();
}

size_t qy_path_number(void)
{
  const qy_path *path = qy_path_chosen();
  size_t number = 0;
  while (number < PATHS - 1 && paths[number] != path) {
    number++;
  }
  return number;
}

bool qy_path_choose(const char *name, bool *known)
{
  const qy_path *path = NULL;
  for (size_t i = 0; i < PATHS; i++) {
    if (strcmp(paths[i]->name, name) == 0) {
      path = paths[i];
    }
  }
  if (known != NULL) {
    *known = path != NULL;
  }
  if (path == NULL || !can_take(path)) {
    return false;
  }
  atomic_store_explicit(&chosen, path, memory_order_relaxed);
  return true;
}

void qy_fq_inverse_many(qy_fq *elements, qy_fq *scratch, size_t count)
{
  qy_path_chosen()->fq_inverse_many(elements, scratch, count);
}

uint64_t qy_fq_sqrt(qy_fq *r, const qy_fq *a)
{
  return qy_path_chosen()->fq_sqrt(r, a);
}

void qy_g1_to_affine_many(qy_g1_affine *r, const qy_g1 *points, size_t count)
{
  qy_path_chosen()->g1_to_affine_many(r, points, count);
}

void qy_g1_power(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count)
{
  qy_path_chosen()->g1_power(r, points, scalars, count);
}

void qy_g1_power_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  qy_path_chosen()->g1_power_public(r, points, scalars, count);
}

void qy_g1_table_init(qy_g1_table *table, const qy_g1_affine *base)
{
  qy_path_chosen()->g1_table_init(table, base);
}

void qy_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  qy_path_chosen()->g1_table_power(r, table, scalar);
}

void qy_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  qy_path_chosen()->g1_table_power_public(r, table, scalar);
}

void qy_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_path_chosen()->g1_products(r, points, scalars, terms, count);
}

void qy_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_path_chosen()->g1_products_public(r, points, scalars, terms, count);
}

void qy_g1_products_shared(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_path_chosen()->g1_products_shared(r, bases, scalars, terms, count);
}

void qy_g1_products_shared_public(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_path_chosen()->g1_products_shared_public(r, bases, scalars, terms, count);
}

void qy_g1_fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  qy_path_chosen()->g1_fixed_products(r, powers, count);
}

void qy_g1_fixed_products_public(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  qy_path_chosen()->g1_fixed_products_public(r, powers, count);
}

size_t qy_g1_search(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count)
{
  return qy_path_chosen()->g1_search(base, target, scalars, count);
}

void qy_g2_power(qy_g2 *r, const qy_g2 *a, const qy_fp *scalar)
{
  qy_path_chosen()->g2_power(r, a, scalar);
}

bool qy_g2_in_subgroup(const qy_g2_affine *a)
{
  return qy_path_chosen()->g2_in_subgroup(a);
}

void qy_pairing_lines_init(qy_pairing_lines *lines, const qy_g2_affine *point)
{
  qy_path_chosen()->pairing_lines_init(lines, point);
}

void qy_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count)
{
  qy_path_chosen()->pairing_product(r, points, lines, count);
}
