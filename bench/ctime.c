/* SPDX-License-Identifier: Apache-2.0 */
/* bench_ctime [--samples N] [NAME...]: do durations depend on secrets? Each operation runs with the secret 1 and with
 * random ones, in random order, a million times, or as often as 100 seconds allow; N times if N is given. Welch's t-test
 * says whether the two classes differ: |t| must stay below 4.5, which chance exceeds once in 150,000 times. A control
 * that leaks must be found out. On each path that the CPU can take, or on the one that QUOTARY_CPU names. NAME picks
 * operations by a part of their names. Leaves with 1 if an operation leaks, or the control does not. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include <pairing/path.h>

#include "machine.h"
#include "measure.h"
#include "secret_operations.h"
#include "welch.h"

#define BATCH 1024
#define THRESHOLD 4.5
#define SAMPLES 1000000
#define PATIENCE_S 100 /* for one operation, unless N is given */

typedef struct options {
  unsigned long samples; /* 0: SAMPLES, or as many as time allows */
  char *const *names;    /* ends with NULL */
} options;

#ifdef __x86_64__
#include <x86intrin.h>
/* Nothing before it is still to be done, nothing behind it has begun. */
static double ticks(void)
{
  _mm_lfence();
  const uint64_t now = __rdtsc();
  _mm_lfence();
  return (double)now;
}
#else
static double ticks(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}
#endif

/* Secrets and classes for BATCH runs, drawn before any of them. */
typedef struct batch {
  uint8_t classes[BATCH];
  uint8_t secrets[BATCH][SECRET_MAX_BLOCKS * SECRET_BLOCK];
  double durations[BATCH];
} batch;

static bool draw(batch *b, const secret_operation *operation)
{
  const size_t size = operation->blocks * SECRET_BLOCK;
  bool drawn = RAND_bytes(b->classes, sizeof(b->classes)) == 1;
  for (size_t i = 0; drawn && i < BATCH; i++) {
    b->classes[i] &= 1;
    drawn = RAND_bytes(b->secrets[i], (int)size) == 1; /* for both, so that memory is touched alike */
    for (size_t j = 0; b->classes[i] == 0 && j < size; j++) {
      b->secrets[i][j] = j % SECRET_BLOCK == SECRET_BLOCK - 1;
    }
  }
  return drawn;
}

static bool run_batch(batch *b, const secret_operation *operation, secret_world *w)
{
  if (!draw(b, operation)) {
    return false;
  }
  for (size_t i = 0; i < BATCH; i++) {
    memcpy(w->secrets, b->secrets[i], operation->blocks * SECRET_BLOCK);
    operation->ready(w);
    const double began = ticks();
    operation->run(w);
    b->durations[i] = ticks() - began;
  }
  return w->status == QY_OK;
}

/* The samples of one operation. */
typedef struct record {
  double *durations;
  uint8_t *classes;
  size_t count;
  size_t wanted;
  double patience_s;
} record;

static bool take_samples(record *r, batch *b, const secret_operation *operation, secret_world *w)
{
  if (!run_batch(b, operation, w)) { /* warms up */
    return false;
  }
  const double began = bench_now_ns();
  while (r->count < r->wanted && bench_now_ns() - began < r->patience_s * 1e9) {
    const size_t part = r->wanted - r->count < BATCH ? r->wanted - r->count : BATCH;
    if (!run_batch(b, operation, w)) {
      return false;
    }
    memcpy(r->durations + r->count, b->durations, part * sizeof(double));
    memcpy(r->classes + r->count, b->classes, part);
    r->count += part;
  }
  return true;
}

/* Returns whether it came to a result. */
static bool test_operation(welch *test, const secret_operation *operation, secret_world *w, size_t samples)
{
  batch *b = calloc(1, sizeof(*b));
  record r = {.wanted = samples == 0 ? SAMPLES : samples, .patience_s = samples == 0 ? PATIENCE_S : INFINITY};
  r.durations = calloc(r.wanted, sizeof(double));
  r.classes = calloc(r.wanted, 1);
  const bool fine = b != NULL && r.durations != NULL && r.classes != NULL && take_samples(&r, b, operation, w) &&
                    welch_test(test, r.durations, r.classes, r.count);
  free(r.durations);
  free(r.classes);
  free(b);
  return fine;
}

static bool is_asked_for(const secret_operation *operation, const options *o)
{
  for (char *const *name = o->names; *name != NULL; name++) {
    if (strstr(operation->name, *name) != NULL) {
      return true;
    }
  }
  return *o->names == NULL;
}

static bool judge(const welch *test, const secret_operation *operation)
{
  const bool found = test->worst >= THRESHOLD;
  printf("%-9s %-40s %9zu %11.0f %8.2f %8.2f  %s\n", qy_path_chosen()->name, operation->name, test->count, test->mean,
         test->t, test->worst,
         operation->leaks ? (found ? "found out" : "NOT FOUND OUT")
         : found          ? "LEAKS"
                          : "constant");
  (void)fflush(stdout);
  return operation->leaks == found;
}

/* All operations on the path that is taken; returns whether all came out as they should. */
static bool test_path(const options *o)
{
  static secret_world w;
  qy_error why = {0};
  bool good = true;
  if (secret_world_make(&w, &why) != QY_OK) {
    (void)fprintf(stderr, "bench_ctime: %s\n", why.message);
    return false;
  }
  for (size_t i = 0; i < secret_operation_count; i++) {
    welch test;
    if (!is_asked_for(&secret_operations[i], o)) {
      continue;
    }
    if (!test_operation(&test, &secret_operations[i], &w, o->samples)) {
      (void)fprintf(stderr, "bench_ctime: %s: %s\n", secret_operations[i].name, qy_status_name(w.status));
      good = false;
      break;
    }
    good = judge(&test, &secret_operations[i]) && good;
  }
  secret_world_clear(&w);
  return good;
}

static bool test_paths(const options *o)
{
  static const char *const names[] = {"portable", "adx", "ifma"};
  bool good = true;
  if (getenv("QUOTARY_CPU") != NULL) { /* taken by tests/support/cpu_path.c */
    return test_path(o);
  }
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (qy_path_choose(names[i], NULL)) {
      good = test_path(o) && good;
    }
  }
  return good;
}

static bool read_options(options *out, char **argv)
{
  char *end = NULL;
  errno = 0;
  *out = (options){.samples = 0, .names = argv + 1};
  if (argv[1] != NULL && strcmp(argv[1], "--samples") == 0) {
    out->samples = argv[2] == NULL ? 0 : strtoul(argv[2], &end, 10);
    out->names = argv + 3;
    return out->samples > 0 && *end == '\0' && errno == 0;
  }
  return true;
}

int main(int argc, char **argv)
{
  options o;
  bench_machine machine;
  (void)argc;
  if (!read_options(&o, argv)) {
    (void)fprintf(stderr, "usage: bench_ctime [--samples N] [NAME...]\n");
    return 2;
  }
  bench_machine_look(&machine);
  printf("%s, %ld cores; %s; %s\n", machine.cpu, machine.cores, machine.compiler, machine.openssl);
  printf(
      "Secret 1 against random secrets, in random order. |t| below %.1f is asked for: of all samples, and of those up\n"
      "to their 0.99, 0.95, 0.9, 0.75 and 0.5 quantile; the worst of the six counts.\n\n",
      THRESHOLD);
  printf("%-9s %-40s %9s %11s %8s %8s\n", "path", "operation", "samples", "mean ticks", "t of all", "worst");
  return test_paths(&o) ? EXIT_SUCCESS : EXIT_FAILURE;
}
