/* SPDX-License-Identifier: Apache-2.0 */
/* What the figures were measured on. */
#ifndef QY_BENCH_MACHINE_H
#define QY_BENCH_MACHINE_H

typedef struct bench_machine {
  char cpu[128];
  long cores;
  char compiler[128];
  const char *openssl;
  const char *path; /* the arithmetic that is taken */
} bench_machine;

void bench_machine_look(bench_machine *out);

#endif
