/* SPDX-License-Identifier: Apache-2.0 */
/* The seam to whoever can make evidence on this machine. One process may hold several platforms, so it is a table of
 * functions. The host that calls it is untrusted by the enclave: nothing here is secret. */
#ifndef QY_PLATFORM_PLATFORM_H
#define QY_PLATFORM_PLATFORM_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/dcap_quote.h>
#include <quotary/status.h>

typedef struct qy_platform qy_platform;

/* A running enclave or trust domain, from the host's side. */
typedef struct qy_enclave_handle {
  qy_platform *platform;
  int fd; /* the call channel */
  uint8_t mrenclave[32];
  uint8_t mrsigner[32];
  qy_attributes attributes;
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint32_t page_count;  /* measured */
  bool is_trust_domain; /* then the next two say what it is, and MRENCLAVE to ISVSVN are zero */
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint64_t td_attributes;
} qy_enclave_handle;

typedef struct qy_quote_request {
  const qy_report *report; /* of the enclave, for the quoting enclave */
  uint16_t quote_type;     /* 0 unlinkable, 1 linkable */
  const uint8_t *spid;     /* 16 bytes */
  const uint8_t *nonce;    /* 16 bytes: asks for the QE report; NULL for none */
  qy_view sigrl;           /* empty for none */
} qy_quote_request;

typedef struct qy_dcap_request {
  uint16_t version;        /* 3, 4, 5 */
  const qy_report *report; /* of the enclave, for the ECDSA quoting enclave */
  const uint8_t *nonce;    /* 16 bytes: asks for the QE report; NULL for none */
} qy_dcap_request;

typedef struct qy_platform_functions {
  /* Makes ready to quote (provisions the attestation key if there is none) and says who quotes. */
  qy_status (*init_quote)(qy_platform *platform, qy_target_info *target, uint32_t *gid, qy_error *why);
  qy_status (*quote)(qy_platform *platform, qy_buffer *quote, qy_report *qe_report, const qy_quote_request *request,
                     qy_error *why);
  /* DCAP: makes ready to quote (has an attestation key certified if there is none that fits) and says who quotes. */
  qy_status (*init_dcap)(qy_platform *platform, qy_target_info *target, qy_error *why);
  /* `qe_report` is asked for exactly when there is a nonce, here as in `quote`. */
  qy_status (*quote_dcap)(qy_platform *platform, qy_buffer *quote, qy_report *qe_report, const qy_dcap_request *request,
                          qy_error *why);
  /* Loads, measures and starts an enclave from an image file's bytes. */
  qy_status (*launch)(qy_platform *platform, qy_enclave_handle *out, qy_view image, qy_trace *trace, qy_error *why);
  /* The same for a trust domain. QY_ERR_UNSUPPORTED where there are none. */
  qy_status (*launch_td)(qy_platform *platform, qy_enclave_handle *out, qy_view image, qy_trace *trace, qy_error *why);
  /* A quote of the trust domain whose TDREPORT this is; makes ready first if need be. The report decides on the quote's
   * version: 4 for TDX 1.0, 5 for 1.5. */
  qy_status (*quote_td)(qy_platform *platform, qy_buffer *quote, const uint8_t td_report[QY_TD_REPORT_SIZE],
                        qy_error *why);
  /* JSON text for people: what this machine is and can do. */
  qy_status (*describe)(qy_platform *platform, qy_buffer *json, qy_error *why);
  void (*close)(qy_platform *platform);
} qy_platform_functions;

struct qy_platform {
  const qy_platform_functions *functions;
};

/* The simulated machine behind its service's Unix socket. Free with functions->close. */
qy_status qy_platform_open_simulated(qy_platform **out, const char *socket_path, qy_error *why) QY_MUST_CHECK;

/* Calls into an enclave: operation and payload in, payload out; the enclave's check records are added to `trace`
 * (may be NULL). A failure inside comes back as its status and message. */
qy_status qy_enclave_handle_call(qy_enclave_handle *enclave, uint16_t operation, qy_view in, qy_buffer *out,
                                 qy_trace *trace, qy_error *why) QY_MUST_CHECK;
void qy_enclave_handle_close(qy_enclave_handle *enclave); /* ends the enclave */

#endif
