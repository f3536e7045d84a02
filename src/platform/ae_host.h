/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the architectural enclaves as the service runs them. Each takes one call at a time; one that
 * ended is started anew at its next call. */
#ifndef QY_PLATFORM_AE_HOST_H
#define QY_PLATFORM_AE_HOST_H

#include <pthread.h>

#include <architectural/calls.h>
#include <simulated/cpu.h>

/* The processor, shared by all threads. */
typedef struct qy_cpu_host {
  pthread_mutex_t lock;
  qy_cpu cpu;
} qy_cpu_host;

typedef struct qy_ae_host {
  const char *name; /* "quoting enclave" */
  qy_cpu_host *cpu;
  pthread_mutex_t lock;
  int image;               /* sealed memory */
  int channel;             /* -1 when it is not running */
  qy_report_body identity; /* that of the image: it does not change once it was opened */
} qy_ae_host;

/* Reads the image and starts the enclave. Close it whatever this returns. */
qy_status qy_ae_host_open(qy_ae_host *out, const char *name, qy_cpu_host *cpu, const char *images_folder,
                          const char *file, qy_error *why) QY_MUST_CHECK;
void qy_ae_host_close(qy_ae_host *host);
/* For the stubs of architectural/calls.h. */
qy_ae qy_ae_host_stub(qy_ae_host *host);

#endif
