/* SPDX-License-Identifier: Apache-2.0 */
/* Linked into tests of arithmetic: takes the path that QUOTARY_CPU names before the test begins. Where the CPU cannot,
 * the test says so and counts as skipped; a name that does not exist is a failure. */
#include <stdio.h>
#include <stdlib.h>

#include <pairing/path.h>

#define EXIT_SKIPPED 77 /* as cmake/rooms.cmake tells ctest */

__attribute__((constructor)) static void take_named_path(void)
{
  bool known = false;
  const char *name = getenv("QUOTARY_CPU");
  if (name == NULL || qy_path_choose(name, &known)) {
    return;
  }
  (void)fprintf(stderr, known ? "skipped: this CPU cannot take the path %s\n" : "QUOTARY_CPU=%s: no such path\n", name);
  _Exit(known ? EXIT_SKIPPED : EXIT_FAILURE);
}
