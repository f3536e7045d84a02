/* SPDX-License-Identifier: Apache-2.0 */
#include "welch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST 100 /* samples of a class below which a mean says nothing */

typedef struct moments {
  double count;
  double mean;
  double squares; /* sum of squared distances from the mean */
} moments;

/* Welford's update. */
static void add(moments *m, double sample)
{
  const double distance = sample - m->mean;
  m->count += 1;
  m->mean += distance / m->count;
  m->squares += distance * (sample - m->mean);
}

static double t_of(const moments m[2])
{
  if (m[0].count < FEWEST || m[1].count < FEWEST) {
    return 0;
  }
  const double error = m[0].squares / (m[0].count - 1) / m[0].count + m[1].squares / (m[1].count - 1) / m[1].count;
  return error == 0 ? 0 : (m[0].mean - m[1].mean) / sqrt(error);
}

static void take_below(moments m[2], double limit, const double *samples, const uint8_t *classes, size_t count)
{
  memset(m, 0, 2 * sizeof(*m));
  for (size_t i = 0; i < count; i++) {
    if (samples[i] <= limit) {
      add(&m[classes[i]], samples[i]);
    }
  }
}

static int by_value(const void *a, const void *b)
{
  const double left = *(const double *)a;
  const double right = *(const double *)b;
  return (left > right) - (left < right);
}

bool welch_test(welch *out, const double *samples, const uint8_t *classes, size_t count)
{
  static const double quantiles[] = {0.99, 0.95, 0.9, 0.75, 0.5};
  moments m[2];
  double *sorted = malloc(count * sizeof(*sorted));
  if (sorted == NULL) {
    return false;
  }
  memcpy(sorted, samples, count * sizeof(*sorted));
  qsort(sorted, count, sizeof(*sorted), by_value);
  take_below(m, INFINITY, samples, classes, count);
  *out = (welch){.count = count, .t = t_of(m), .worst = fabs(t_of(m)), .mean = m[0].mean};
  for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
    take_below(m, sorted[(size_t)((double)count * quantiles[i])], samples, classes, count);
    out->worst = fmax(out->worst, fabs(t_of(m)));
  }
  free(sorted);
  return true;
}
