/* SPDX-License-Identifier: Apache-2.0 */
/* Welch's t-test between two classes of durations, as dudect does it: over all samples, and again over those below some
 * quantiles of all, since interrupts make a long tail that hides what is small. Source: O. Reparaz, J. Balasch,
 * I. Verbauwhede, "Dude, is my code constant time?", 2017. */
#ifndef QY_BENCH_WELCH_H
#define QY_BENCH_WELCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct welch {
  size_t count; /* of samples */
  double t;     /* of all samples */
  double worst; /* the largest |t|: of all, and below the quantiles 0.99, 0.95, 0.9, 0.75 and 0.5 of all */
  double mean;  /* of class 0, all samples */
} welch;

/* `classes` are 0 or 1. False if there is no memory. */
bool welch_test(welch *out, const double *samples, const uint8_t *classes, size_t count);

#endif
