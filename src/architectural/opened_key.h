/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the EPID blob, unsealed. */
#ifndef QY_ARCHITECTURAL_OPENED_KEY_H
#define QY_ARCHITECTURAL_OPENED_KEY_H

#include <architectural/epid_blob.h>
#include <enclave/runtime.h>

/* SECRET. Zero-initialise. */
typedef struct qy_ae_opened_key {
  qy_epid_blob_facts facts;
  qy_epid_member_key key;
  qy_buffer secret; /* the blob's parts as they were, for sealing them anew */
  qy_buffer clear;
} qy_ae_opened_key;

void qy_ae_opened_key_clear(qy_ae_opened_key *key);
#define QY_SCOPED_OPENED_KEY(name) __attribute__((cleanup(qy_ae_opened_key_clear))) qy_ae_opened_key name = {0}

/* `blob` is without the platform level behind it. Check sealed-blob-tag. The key is not checked against its group:
 * whoever makes a member of it does that. */
qy_status qy_ae_open_key(qy_ae_opened_key *out, qy_view blob, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
