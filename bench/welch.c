/* SPDX-License-Identifier: Apache-2.0 */
#include "welch.h"

#include <math.h>
#include <stdlib.h>

static const double quantiles[WELCH_CROPS] = {1, 0.99, 0.95, 0.9, 0.75, 0.5};

static int by_value(const void *a, const void *b)
{
  const double left = *(const double *)a;
  const double right = *(const double *)b;
  return (left > right) - (left < right);
}

void welch_init(welch *test, double *samples, size_t count)
{
  *test = (welch){{0}};
  qsort(samples, count, sizeof(samples[0]), by_value);
  for (int i = 0; i < WELCH_CROPS; i++) {
    test->limit[i] = quantiles[i] < 1 ? samples[(size_t)((double)count * quantiles[i])] : INFINITY;
  }
}

/* Welford's update. */
static void add(welch_class *class, double sample)
{
  const double distance = sample - class->mean;
  class->count += 1;
  class->mean += distance / class->count;
  class->squares += distance * (sample - class->mean);
}

void welch_add(welch *test, int class_number, double sample)
{
  for (int i = 0; i < WELCH_CROPS; i++) {
    if (sample <= test->limit[i]) {
      add(&test->classes[i][class_number], sample);
    }
  }
}

double welch_t(const welch *test, int crop)
{
  const welch_class *a = &test->classes[crop][0];
  const welch_class *b = &test->classes[crop][1];
  if (a->count < 100 || b->count < 100) {
    return 0;
  }
  const double error = a->squares / (a->count - 1) / a->count + b->squares / (b->count - 1) / b->count;
  return error == 0 ? 0 : (a->mean - b->mean) / sqrt(error);
}

double welch_worst(const welch *test)
{
  double worst = 0;
  for (int i = 0; i < WELCH_CROPS; i++) {
    worst = fmax(worst, fabs(welch_t(test, i)));
  }
  return worst;
}
