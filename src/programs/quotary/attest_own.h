/* SPDX-License-Identifier: Apache-2.0 */
/* quotary attest on a real machine: this program is inside the enclave or the trust domain. */
#ifndef QY_PROGRAMS_ATTEST_OWN_H
#define QY_PROGRAMS_ATTEST_OWN_H

#include <devices/device.h>

typedef struct attest_own_request {
  const char *broker_url;
  const char *broker_ca; /* PEM file */
  const char *secret_name;
  const char *provider_key; /* PEM file; its content must be measured */
  const qy_device *device;
  const char *out;  /* where the secret goes: a new file, "-" for standard output, NULL for nowhere */
  const char *keep; /* folder for the messages, or NULL */
  bool json;
  bool explain;
} attest_own_request;

/* Is --out somewhere where the secret may go? Asked before one is on its way. */
qy_status attest_own_check_out(const attest_own_request *request, qy_error *why) QY_MUST_CHECK;
/* The exit code. */
int attest_own(const attest_own_request *request);

#endif
