/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the service's threads share. */
#ifndef QY_PLATFORM_SERVICE_STATE_H
#define QY_PLATFORM_SERVICE_STATE_H

#include <architectural/ecdsa_calls.h>
#include <base/file.h>
#include <net/http_client.h>
#include <platform/ae_host.h>
#include <platform/platform.h>
#include <platform/service.h>

/* The sealed attestation key, here and on disk. */
typedef struct qy_key_store {
  pthread_mutex_t lock;
  char path[QY_PATH_SIZE];
  bool present;
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
} qy_key_store;

/* The DCAP attestation key, here and on disk, and what vouches for it. */
typedef struct qy_ecdsa_store {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE]; /* the machine's when the key was certified, as are the next two */
  uint16_t qe_svn;
  uint16_t pce_svn;
  qy_ecdsa_voucher voucher; /* without certification data */
  qy_buffer blob;           /* sealed; empty when there is none */
  qy_buffer chain;          /* PEM, PCK certificate first, and a NUL */
} qy_ecdsa_store;

/* A quoting enclave of DCAP and its key. */
typedef struct qy_dcap_quoting {
  const char *image; /* file names */
  const char *key_file;
  qy_ae_host host;    /* cpu NULL when there is no image of it */
  qy_ecdsa_store key; /* with `provisioning` held */
} qy_dcap_quoting;

/* What passed when the key was last fetched: for people who look. */
typedef struct qy_provisioned {
  size_t message_count;                               /* 0: not since this service began */
  size_t message_sizes[QY_PROVISIONING_MAX_MESSAGES]; /* bytes, headers included */
  bool retrieved;                                     /* the endorser gave the old key back */
  qy_trace trace;                                     /* checks made on this machine */
} qy_provisioned;

typedef struct qy_service {
  const qy_platform_service_config *config;
  qy_cpu_host cpu;
  qy_ae_host pve;
  qy_ae_host pce;
  qy_ae_host qe;
  qy_dcap_quoting ecdsa; /* of enclaves */
  qy_dcap_quoting td;    /* of trust domains */
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  qy_p256_public pek_signing_key; /* as the provisioning enclave has it in its image */
  qy_key_store key;
  pthread_mutex_t provisioning; /* held while the key is judged or fetched */
  qy_provisioned last;          /* with `provisioning` held */
  int64_t retry_at_ms;          /* steady; a failed update of the key is not tried again before */
} qy_service;

/* ---- key_store.c ---- */

/* Reads the file if there is one; one that is no key file is put aside as if there were none. */
qy_status qy_key_store_open(qy_key_store *out, const char *state_folder, qy_error *why) QY_MUST_CHECK;
void qy_key_store_close(qy_key_store *store);
/* Writes the file whole, then takes it into use. */
qy_status qy_key_store_put(qy_key_store *store, const uint8_t file[QY_EPID_BLOB_FILE_SIZE],
                           qy_error *why) QY_MUST_CHECK;
/* False when there is none. */
bool qy_key_store_get(qy_key_store *store, uint8_t file[QY_EPID_BLOB_FILE_SIZE]);

/* ---- provision.c ---- */

/* Gets a key from the endorser and keeps it; the one that there is stays until then, and proves that the machine is not
 * revoked. With `provisioning` held. */
qy_status qy_service_provision(qy_service *service, qy_error *why) QY_MUST_CHECK;

/* The endorser's encryption key, signed, as it answers it with an endpoint. */
qy_status qy_service_signed_pek(uint8_t out[QY_SIGNED_PEK_SIZE], qy_service *service, qy_http_client *client,
                                qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- ecdsa.c ---- */

/* Starts the enclave if there is an image of it: a machine from before there was one goes without. */
qy_status qy_dcap_quoting_open(qy_dcap_quoting *out, const char *name, const char *image, const char *key_file,
                               qy_service *service, qy_error *why) QY_MUST_CHECK;
void qy_dcap_quoting_close(qy_dcap_quoting *quoting);
qy_status qy_service_init_dcap(qy_service *service, qy_target_info *target, qy_trace *trace,
                               qy_error *why) QY_MUST_CHECK;
/* `qe_report` is asked for exactly when there is a nonce. */
qy_status qy_service_quote_dcap(qy_service *service, qy_buffer *quote, qy_report *qe_report,
                                const qy_dcap_request *request, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* Makes ready first, if need be. */
qy_status qy_service_quote_td(qy_service *service, qy_buffer *quote, const uint8_t td_report[QY_TD_REPORT_SIZE],
                              qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- quote.c ---- */

qy_status qy_service_init_quote(qy_service *service, qy_target_info *target, uint32_t *gid, qy_trace *trace,
                                qy_error *why) QY_MUST_CHECK;
/* `qe_report` is asked for exactly when there is a nonce. */
qy_status qy_service_quote(qy_service *service, qy_buffer *quote, qy_report *qe_report, const qy_quote_request *request,
                           qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- describe.c ---- */

qy_status qy_service_describe(qy_service *service, qy_buffer *json, qy_error *why) QY_MUST_CHECK;

/* ---- serve.c ---- */

/* Serves one connection until it is closed, or silent for too long. */
void qy_service_serve(qy_service *service, int socket);

#endif
