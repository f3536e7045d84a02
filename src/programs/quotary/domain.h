/* SPDX-License-Identifier: Apache-2.0 */
/* Files around images of trust domains: shared by quotary td and by the world that demo and up make. */
#ifndef QY_PROGRAMS_DOMAIN_H
#define QY_PROGRAMS_DOMAIN_H

#include <image/td_image.h>

typedef struct domain_request {
  const char *program_path;       /* NULL: quotary-td beside the running program */
  const char *provider_key_path;  /* PEM public key */
  const char *configuration_path; /* NULL: none */
  const char *out_path;
  bool debug;
} domain_request;

typedef struct domain_facts {
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint8_t mr_config_id[QY_TD_HASH_SIZE];
  uint64_t attributes;
} domain_facts;

qy_status domain_build(domain_facts *out, const domain_request *request, qy_error *why) QY_MUST_CHECK;
qy_status domain_measure(domain_facts *out, qy_view image, qy_error *why) QY_MUST_CHECK;

#endif
