/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: the arithmetic compiled more than once, each time for what another CPU can do. The first one below that the
 * CPU can take is chosen at the first use and kept. All give the same bytes, and all are constant-time where the
 * functions they stand for say so.
 *
 *   ifma      eight field elements at a time in AVX-512 registers (lanes/), adx for the rest
 *   adx       mulx, adcx and adox for the field arithmetic (base/mont_adx.h)
 *   portable  plain C
 *
 * The table holds what is coarse enough that a call through a pointer costs nothing. Each entry stands for the public
 * function of its name (qy_ before it), which is documented where it is declared and goes through the table in path.c.
 * What is not in the table, like one addition of points, is portable for everyone outside of a path.
 *
 * A new entry: a line here, in path_table.c (and in lanes/path_ifma.c), in path_names.h, and its way in in path.c. */
#ifndef QY_PAIRING_PATH_H
#define QY_PAIRING_PATH_H

#include <pairing/g1_products.h>
#include <pairing/pairing.h>

typedef struct qy_path {
  const char *name;
  bool (*supported)(void); /* by this CPU and its system */
  void (*fq_inverse_many)(qy_fq *elements, qy_fq *scratch, size_t count);
  uint64_t (*fq_sqrt)(qy_fq *r, const qy_fq *a);
  void (*g1_to_affine_many)(qy_g1_affine *r, const qy_g1 *points, size_t count);
  void (*g1_power)(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count);
  void (*g1_power_public)(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count);
  void (*g1_table_init)(qy_g1_table *table, const qy_g1_affine *base);
  void (*g1_table_power)(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);
  void (*g1_table_power_public)(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);
  void (*g1_products)(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count);
  void (*g1_products_public)(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count);
  void (*g1_products_shared)(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count);
  void (*g1_products_shared_public)(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms,
                                    size_t count);
  void (*g1_fixed_products)(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);
  void (*g1_fixed_products_public)(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);
  size_t (*g1_search)(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count);
  void (*g2_power)(qy_g2 *r, const qy_g2 *a, const qy_fp *scalar);
  bool (*g2_in_subgroup)(const qy_g2_affine *a);
  void (*pairing_lines_init)(qy_pairing_lines *lines, const qy_g2_affine *point);
  void (*pairing_product)(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);
} qy_path;

extern const qy_path qy_path_portable;
extern const qy_path qy_path_adx; /* these two where the processor is an x86 */
extern const qy_path qy_path_ifma;

/* Takes this path from now on, for all threads: for tests and timings, before anything else runs. Returns false, and
 * changes nothing, if there is no path of that name or the CPU cannot take it (*known says which; may be NULL). */
bool qy_path_choose(const char *name, bool *known);
/* The path that is taken. */
const qy_path *qy_path_chosen(void);
/* Its number, below QY_PATH_MAX: what is made once and kept, like a table of powers, is made once for each path, for
 * only the path that made it can use it. */
#define QY_PATH_MAX 3
size_t qy_path_number(void);

#endif
