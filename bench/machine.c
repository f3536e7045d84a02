/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <pairing/path.h>

/* "model name : AMD EPYC ..." of the first processor. */
static void read_cpu(char *out, size_t size)
{
  char line[256];
  FILE *info = fopen("/proc/cpuinfo", "r");
  (void)snprintf(out, size, "unknown CPU");
  while (info != NULL && fgets(line, sizeof(line), info) != NULL) {
    const char *value = strstr(line, ": ");
    if (strncmp(line, "model name", 10) == 0 && value != NULL) {
      (void)snprintf(out, size, "%.*s", (int)strcspn(value + 2, "\n\"\\"), value + 2);
      break;
    }
  }
  if (info != NULL) {
    (void)fclose(info);
  }
}

void bench_machine_look(bench_machine *out)
{
  read_cpu(out->cpu, sizeof(out->cpu));
  out->cores = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __clang__
  (void)snprintf(out->compiler, sizeof(out->compiler), "%s", __VERSION__);
#else
  (void)snprintf(out->compiler, sizeof(out->compiler), "gcc %s", __VERSION__);
#endif
  out->openssl = OpenSSL_version(OPENSSL_VERSION);
  out->path = qy_path_chosen()->name;
}
