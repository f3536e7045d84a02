/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the report service's own keys, and the two that it believes. */
#ifndef QY_REPORTS_KEYS_H
#define QY_REPORTS_KEYS_H

#include <base/buffer.h>
#include <base/secret.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <quotary/epid.h>

typedef struct qy_reports_keys {
  qy_rsa_private *quote_key;  /* opens sealed signatures */
  qy_rsa_private *report_key; /* signs reports */
  qy_secret platform_info_key;
  qy_buffer chain_header; /* signing certificate and CA, percent-encoded PEM */
  qy_epid_ca epid_ca;     /* whose groups and lists count */
  qy_p256_public isk;     /* whose SigRLs are served */
} qy_reports_keys;

void qy_reports_keys_init(qy_reports_keys *keys);
void qy_reports_keys_clear(qy_reports_keys *keys);
#define QY_SCOPED_REPORTS_KEYS(name)                                    \
  __attribute__((cleanup(qy_reports_keys_clear))) qy_reports_keys name; \
  qy_reports_keys_init(&name)

/* From reports/. Key files that others may read are refused (QY_ERR_DENIED). On failure *out is empty. */
qy_status qy_reports_keys_load(qy_reports_keys *out, const char *folder, qy_error *why) QY_MUST_CHECK;

/* A file of reports/; `secret` ones must be private. */
qy_status qy_reports_file_read(qy_buffer *out, const char *folder, const char *name, bool secret,
                               qy_error *why) QY_MUST_CHECK;

#endif
