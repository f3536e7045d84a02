/* SPDX-License-Identifier: Apache-2.0 */
/* The platform service: the untrusted program on a machine that runs the architectural enclaves for everybody,
 * keeps the sealed attestation key, and carries messages between the provisioning enclave and the endorser. */
#ifndef QY_PLATFORM_SERVICE_H
#define QY_PLATFORM_SERVICE_H

#include <quotary/status.h>

/* In images_folder: these files, signed by the machine's first architectural signer. */
#define QY_IMAGE_FILE_PVE "quotary-pve.image"
#define QY_IMAGE_FILE_PCE "quotary-pce.image"
#define QY_IMAGE_FILE_QE "quotary-qe.image"
#define QY_IMAGE_FILE_QE3 "quotary-qe3.image"   /* may be missing: then there are no DCAP quotes of enclaves */
#define QY_IMAGE_FILE_TDQE "quotary-tdqe.image" /* the same for trust domains */
/* In state_folder: the machine (simulated/machine.h), the sealed EPID key with the platform info, and the attestation keys
 * of the two DCAP quoting enclaves. */
#define QY_PLATFORM_FOLDER_MACHINE "machine"
#define QY_PLATFORM_FILE_BLOB "epid.blob"
#define QY_PLATFORM_FILE_ECDSA "ecdsa.key"
#define QY_PLATFORM_FILE_TD "td.key"

typedef struct qy_platform_service_config {
  const char *state_folder;
  const char *socket_path; /* made 0600; a stale one is replaced */
  const char *images_folder;
  const char *provisioning_url;                          /* of the endorser, http: the messages protect themselves */
  void (*ready)(void *context, const char *socket_path); /* called once it listens; may be NULL */
  void *context;
} qy_platform_service_config;

/* Serves until `stop_fd` becomes readable or its other end is closed; QY_ERR_IO when the processor ends before.
 * Forks the processor: the calling process must have no other threads yet. */
qy_status qy_platform_service_run(const qy_platform_service_config *config, int stop_fd, qy_error *why) QY_MUST_CHECK;

#endif
