/* SPDX-License-Identifier: Apache-2.0 */
/* The EPID key as it lies on disk, sealed by the provisioning enclave for the quoting enclave of the same signer
 * (Intel SGX PSW, key blob version 3): a sealed blob of 1668 secret bytes (member key 132, precomputation 1536) and 608
 * clear ones; the file adds the platform level that it was made at. */
#ifndef QY_ARCHITECTURAL_EPID_BLOB_H
#define QY_ARCHITECTURAL_EPID_BLOB_H

#include <provisioning/structures.h>
#include <sgx/sealed_blob.h>

#define QY_EPID_BLOB_SECRET_SIZE 1668
#define QY_EPID_BLOB_CLEAR_SIZE 608
#define QY_EPID_BLOB_SIZE 2836
#define QY_EPID_BLOB_FILE_SIZE 2862

/* What the clear part says; worth nothing before the blob was opened. */
typedef struct qy_epid_blob_facts {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE]; /* level that the key was issued for */
  uint16_t pve_svn;
  uint32_t gid;
  qy_epid_group_key group;
  qy_rsa_public quote_wrap_key;
  qy_p256_public epid_signing_key;
  uint32_t xeid;
} qy_epid_blob_facts;

/* Between the clear part (608 bytes) and its meaning. Another blob type or key version is QY_ERR_UNSUPPORTED. */
qy_status qy_epid_blob_facts_decode(qy_epid_blob_facts *out, qy_view clear, qy_error *why) QY_MUST_CHECK;
qy_status qy_epid_blob_facts_encode(uint8_t out[QY_EPID_BLOB_CLEAR_SIZE], const qy_epid_blob_facts *facts,
                                    qy_error *why) QY_MUST_CHECK;
/* Reads the clear part of a whole blob of 2836 bytes without opening it: for hosts, who cannot. */
qy_status qy_epid_blob_inspect(qy_epid_blob_facts *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
/* Takes a file apart: blob (borrowed) and the platform level it was made at. */
qy_status qy_epid_blob_file_decode(qy_view *blob, qy_platform_level *level, qy_view file, qy_error *why) QY_MUST_CHECK;

/* The secret part: member key with its 4-byte group id (132 bytes), then the precomputation: e(h1,g2), e(h2,g2),
 * e(h2,w), e(A,g2), 384 bytes each. The reader keeps only the key: what can be computed again is not to be trusted. */
qy_status qy_epid_blob_secret_encode(uint8_t out[QY_EPID_BLOB_SECRET_SIZE], const qy_epid_member_key *key,
                                     const qy_epid_group_key *group, qy_error *why) QY_MUST_CHECK;
qy_status qy_epid_blob_secret_decode(qy_epid_member_key *out, qy_view secret, qy_error *why) QY_MUST_CHECK;

#endif
