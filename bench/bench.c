/* SPDX-License-Identifier: Apache-2.0 */
/* bench [--paths] [FILE]: times EPID and DCAP beside OpenSSL's P-256 verification, the unit that makes figures of different
 * machines comparable. Prints a table; the figures go to FILE as JSON. --paths puts every path that this CPU can take
 * side by side, and QUOTARY_CPU names one.
 * bench --evidence FOLDER and bench --cold TIME FOLDER...: for bench/peers.mjs (cold.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pairing/path.h>

#include "cold.h"
#include "machine.h"
#include "measure.h"
#include "peers.h"
#include "world.h"

typedef struct table {
  bench_operation operations[BENCH_MAX_OPERATIONS];
  size_t count;
} table;

/* A new world for each table: what was made by one path is not taken by another. */
static qy_status measure(table *out, qy_error *why)
{
  bench_world *world = calloc(1, sizeof(*world));
  if (world == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "no memory");
  }
  out->count = bench_operations(out->operations);
  qy_status status = bench_world_make(world, why);
  if (status == QY_OK) {
    status = bench_measure(out->operations, out->count, world, why);
  }
  bench_world_clear(world);
  free(world);
  return status;
}

static double units(const table *t, size_t i)
{
  return t->operations[i].ns / t->operations[0].ns;
}

static void print_machine(const bench_machine *machine)
{
  printf("%s, %ld cores; %s; %s; path %s\n", machine->cpu, machine->cores, machine->compiler, machine->openssl,
         machine->path);
}

static void print_number(int width, double value)
{
  if (value == 0) {
    printf(" %*s", width, "-");
  } else {
    printf(" %*.*f", width, value < 0.1 ? 3 : value < 100 ? 2 : 0, value);
  }
}

static const char *reached(const bench_peer *peer, double value)
{
  return value <= peer->aim ? "aim" : value <= peer->at_most ? "yes" : "NO";
}

static void print_row(const table *t, size_t i)
{
  const bench_peer *peer = bench_peer_of(t->operations[i].name);
  printf("%-34s %10.0f", t->operations[i].name, t->operations[i].ns);
  print_number(7, units(t, i));
  if (peer != NULL) {
    print_number(7, peer->at_most);
    print_number(6, peer->aim);
    printf(" %7s |", reached(peer, units(t, i)));
    print_number(8, peer->intel_shipped);
    print_number(8, peer->intel_fast);
    print_number(9, peer->composite);
    printf("  %s\n", t->operations[i].what);
  } else {
    printf(" %7s %6s %7s | %8s %8s %9s  %s\n", "", "", "", "", "", "", t->operations[i].what);
  }
}

static void print_table(const table *t)
{
  printf("Units: one p256_verify. Right of the bar, in the same unit: others, measured 2026-11-23 on a Zen 4 machine.\n"
         "One thread unless it says otherwise; medians of samples taken in turns.\n\n");
  printf("%-34s %10s %7s %7s %6s %7s | %8s %8s %9s\n", "", "", "", "", "", "", "Intel's", "with its", "fastest");
  printf("%-34s %10s %7s %7s %6s %7s | %8s %8s %9s\n", "name", "ns", "units", "at most", "aim", "reached", "SDK",
         "assembly", "composite");
  for (size_t i = 0; i < t->count; i++) {
    print_row(t, i);
  }
}

static int write_json(const char *path, const table *t, const bench_machine *machine)
{
  FILE *json = fopen(path, "w");
  if (json == NULL) {
    return -1;
  }
  (void)fprintf(json, "{");
  for (size_t i = 0; i < t->count; i++) {
    (void)fprintf(json, "\"%s\": {\"ns\": %.1f},\n ", t->operations[i].name, t->operations[i].ns);
  }
  /* "ns" here too, so that whoever reads it of every member finds it */
  (void)fprintf(json,
                "\"machine\": {\"ns\": 0, \"cpu\": \"%s\", \"cores\": %ld, \"compiler\": \"%s\", \"openssl\": \"%s\", "
                "\"path\": \"%s\"}}\n",
                machine->cpu, machine->cores, machine->compiler, machine->openssl, machine->path);
  return fclose(json);
}

static int fail(const qy_error *why)
{
  (void)fprintf(stderr, "bench: %s\n", why->message);
  return EXIT_FAILURE;
}

static int print_memory(void)
{
  size_t prepared = 0;
  size_t familiar = 0;
  qy_error why = {0};
  if (bench_dcap_memory(&prepared, &familiar, &why) != QY_OK) {
    return fail(&why);
  }
  printf("\nA set of DCAP collateral holds %zu KiB when it is new, %zu KiB with a platform that was met often.\n",
         prepared >> 10, familiar >> 10);
  return EXIT_SUCCESS;
}

static int run_one(const char *json)
{
  table t;
  bench_machine machine;
  qy_error why = {0};
  bench_machine_look(&machine);
  print_machine(&machine);
  if (measure(&t, &why) != QY_OK) {
    return fail(&why);
  }
  print_table(&t);
  if (json != NULL && write_json(json, &t, &machine) != 0) {
    (void)fprintf(stderr, "bench: cannot write %s\n", json);
    return EXIT_FAILURE;
  }
  return print_memory();
}

static int run_paths(void)
{
  static const char *const names[] = {"portable", "adx", "ifma"};
  static table tables[3];
  const char *taken[3];
  size_t count = 0;
  bench_machine machine;
  qy_error why = {0};
  bench_machine_look(&machine);
  print_machine(&machine);
  for (size_t i = 0; i < 3; i++) {
    if (!qy_path_choose(names[i], NULL)) {
      printf("%s: this CPU, or this build, cannot take it\n", names[i]);
      continue;
    }
    (void)fprintf(stderr, "measuring %s ...\n", names[i]);
    if (measure(&tables[count], &why) != QY_OK) {
      return fail(&why);
    }
    taken[count++] = names[i];
  }
  printf("\n%-34s", "units of p256_verify (ns)");
  for (size_t p = 0; p < count; p++) {
    printf(" %20s", taken[p]);
  }
  for (size_t i = 0; i < tables[0].count; i++) {
    printf("\n%-34s", tables[0].operations[i].name);
    for (size_t p = 0; p < count; p++) {
      print_number(8, units(&tables[p], i));
      printf(" %11.0f", tables[p].operations[i].ns);
    }
  }
  printf("\n");
  return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  qy_error why = {0};
  if (argc > 1 && strcmp(argv[1], "--paths") == 0) {
    return run_paths();
  }
  if (argc > 1 && strcmp(argv[1], "--cold") == 0) {
    return bench_cold_run(argv + 2, &why) == QY_OK ? EXIT_SUCCESS : fail(&why);
  }
  if (argc > 2 && strcmp(argv[1], "--evidence") == 0) {
    return bench_evidence_write(argv[2], &why) == QY_OK ? EXIT_SUCCESS : fail(&why);
  }
  return run_one(argc > 1 ? argv[1] : NULL);
}
