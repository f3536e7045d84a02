/* SPDX-License-Identifier: Apache-2.0 */
/* Welch's t-test between two classes of durations, as dudect does it: over all samples, and again over those below some
 * quantiles of all, since interrupts make a long tail that hides what is small. Source: O. Reparaz, J. Balasch,
 * I. Verbauwhede, "Dude, is my code constant time?", 2017. */
#ifndef QY_BENCH_WELCH_H
#define QY_BENCH_WELCH_H

#include <stddef.h>
#include <stdint.h>

#define WELCH_CROPS 6 /* none, and above these quantiles: 0.99 0.95 0.9 0.75 0.5 */

typedef struct welch_class {
  double count;
  double mean;
  double squares; /* sum of squared distances from the mean */
} welch_class;

typedef struct welch {
  double limit[WELCH_CROPS];
  welch_class classes[WELCH_CROPS][2];
} welch;

/* Sets the limits by a first lot of samples of both classes, which are not counted; they are sorted. */
void welch_init(welch *test, double *samples, size_t count);
void welch_add(welch *test, int class_number, double sample);
/* t of one crop; 0 as long as it has too few samples. */
double welch_t(const welch *test, int crop);
/* The largest |t|. */
double welch_worst(const welch *test);

#endif
