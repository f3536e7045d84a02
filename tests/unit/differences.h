/* SPDX-License-Identifier: Apache-2.0 */
/* docs/differences.md as a test reads it: the checks in its tables, and where each is shown. */
#ifndef QY_TEST_DIFFERENCES_H
#define QY_TEST_DIFFERENCES_H

#include <stdbool.h>

#include <quotary/check.h>

/* Reads the tables; a row that names no check, or one that there is not, fails the test. */
void differences_load(void);
/* A table names the check. */
bool differences_name(qy_check_id id);
/* The check failed in the walk over the vectors. */
void differences_saw(qy_check_id id);
/* Every check of the tables failed in the walk, if its row says "vectors", or is expected in a file that the row names. */
void differences_expect_shown(void);

#endif
