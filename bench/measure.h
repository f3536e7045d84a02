/* SPDX-License-Identifier: Apache-2.0 */
/* Timing. All operations of a table are sampled in turns, round after round, so that a noisy neighbour or a clock that
 * drifts hits all of them alike; what counts is the median. What takes longer than a millisecond is sure to be put aside
 * for others when the machine has other work: it is timed by the CPU time of its thread, unless it has several. */
#ifndef QY_BENCH_MEASURE_H
#define QY_BENCH_MEASURE_H

#include <quotary/status.h>

#define BENCH_ROUNDS 101

typedef struct bench_world bench_world;

typedef struct bench_operation {
  const char *name;
  const char *what;
  qy_status (*run)(bench_world *world, qy_error *why);
  qy_status (*ready)(bench_world *world, qy_error *why); /* before each run, and not timed; may be NULL */
  /* For the cost of one entry of a list, or of one of many runs: what is left of the median when that of the operation
   * named `less` is taken off, divided by `entries`. NULL and 0 for a whole operation. */
  const char *less;
  unsigned entries;
  bool threaded; /* wall clock always */
  double ns;     /* the outcome */
} bench_operation;

double bench_now_ns(void);
/* Fills in `ns` of each. An operation that takes long gets fewer samples, at least BENCH_ROUNDS / 10. */
qy_status bench_measure(bench_operation *operations, size_t count, bench_world *world, qy_error *why) QY_MUST_CHECK;
/* The one of that name; NULL if there is none. */
bench_operation *bench_find(bench_operation *operations, size_t count, const char *name);

#endif
