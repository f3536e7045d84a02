/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUDGET_NS 2e9 /* for all samples of one operation */
#define FEWEST (BENCH_ROUNDS / 10)

#define LONG_NS 1e6

typedef struct sampling {
  clockid_t clock;
  double ns[BENCH_ROUNDS];
  int count;
  int every; /* rounds */
} sampling;

static double clock_ns(clockid_t clock)
{
  struct timespec now;
  (void)clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_now_ns(void)
{
  return clock_ns(CLOCK_MONOTONIC);
}

static qy_status sample(double *ns, const bench_operation *operation, clockid_t clock, bench_world *world,
                        qy_error *why)
{
  if (operation->ready != NULL) {
    QY_TRY(operation->ready(world, why));
  }
  const double began = clock_ns(clock);
  QY_TRY(operation->run(world, why));
  *ns = clock_ns(clock) - began;
  return QY_OK;
}

/* How often an operation can be sampled, and by which clock. */
static qy_status plan(sampling *out, const bench_operation *operation, bench_world *world, qy_error *why)
{
  double ns = 0;
  QY_TRY(sample(&ns, operation, CLOCK_MONOTONIC, world, why));
  QY_TRY(sample(&ns, operation, CLOCK_MONOTONIC, world, why));
  const int affordable = (int)fmin(BUDGET_NS / (ns + 1), BENCH_ROUNDS);
  const int samples = affordable < FEWEST ? FEWEST : affordable;
  out->every = (BENCH_ROUNDS + samples - 1) / samples;
  out->clock = ns > LONG_NS && !operation->threaded ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  out->count = 0;
  return QY_OK;
}

static int by_value(const void *a, const void *b)
{
  const double left = *(const double *)a;
  const double right = *(const double *)b;
  return (left > right) - (left < right);
}

static qy_status take_turns(sampling *samplings, const bench_operation *operations, size_t count, bench_world *world,
                            qy_error *why)
{
  for (int round = 0; round < BENCH_ROUNDS; round++) {
    for (size_t i = 0; i < count; i++) {
      sampling *s = &samplings[i];
      if (round % s->every != 0) {
        continue;
      }
      double warming = 0;
      if (s->every == 1) { /* what runs longer warms itself */
        QY_TRY(sample(&warming, &operations[i], s->clock, world, why));
      }
      QY_TRY(sample(&s->ns[s->count], &operations[i], s->clock, world, why));
      s->count++;
    }
  }
  return QY_OK;
}

bench_operation *bench_find(bench_operation *operations, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(operations[i].name, name) == 0) {
      return &operations[i];
    }
  }
  return NULL;
}

/* Medians, and then what one entry costs; an operation stands behind the one that is taken off. */
static void evaluate(bench_operation *operations, sampling *samplings, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    sampling *s = &samplings[i];
    qsort(s->ns, (size_t)s->count, sizeof(s->ns[0]), by_value);
    operations[i].ns = s->ns[s->count / 2];
    if (operations[i].less != NULL) {
      operations[i].ns -= bench_find(operations, i, operations[i].less)->ns;
    }
    operations[i].ns /= operations[i].entries > 0 ? operations[i].entries : 1;
  }
}

qy_status bench_measure(bench_operation *operations, size_t count, bench_world *world, qy_error *why)
{
  sampling *samplings = calloc(count, sizeof(*samplings));
  if (samplings == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "no memory for samples");
  }
  qy_status status = QY_OK;
  for (size_t i = 0; i < count && status == QY_OK; i++) {
    status = plan(&samplings[i], &operations[i], world, why);
    if (status != QY_OK) {
      (void)qy_fail_in(why, status, "%s", operations[i].name);
    }
  }
  if (status == QY_OK) {
    status = take_turns(samplings, operations, count, world, why);
  }
  if (status == QY_OK) {
    evaluate(operations, samplings, count);
  }
  free(samplings);
  return status;
}
