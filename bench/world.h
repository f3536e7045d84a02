/* SPDX-License-Identifier: Apache-2.0 */
/* What is timed, and what it works on: a group, a member, verifiers, lists that nobody measured is on, DCAP evidence. */
#ifndef QY_BENCH_WORLD_H
#define QY_BENCH_WORLD_H

#include <openssl/evp.h>

#include <pairing/pairing.h>
#include <quotary/epid.h>

#include "dcap.h"
#include "measure.h"

#define BENCH_PRIVRL_ENTRIES 32768u
#define BENCH_SIGRL_ENTRIES 1000u

/* The unit: one EVP verification of a 32-byte digest by OpenSSL, key and context ready. */
typedef struct bench_p256 {
  EVP_PKEY_CTX *context;
  uint8_t digest[32];
  uint8_t signature[128];
  size_t signature_size;
} bench_p256;

qy_status bench_p256_make(bench_p256 *out, qy_error *why) QY_MUST_CHECK;
qy_status bench_p256_verify(bench_p256 *unit, qy_error *why) QY_MUST_CHECK;
void bench_p256_clear(bench_p256 *unit);

struct bench_world {
  bench_p256 p256;
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key member_key;
  qy_epid_member *member;
  qy_epid_member *member_two; /* works with two threads */
  qy_epid_prepared *prepared;
  qy_epid_verifier *verifier;
  qy_epid_verifier *named_verifier;
  qy_epid_verifier *privrl_verifier[2]; /* by one thread and by two */
  qy_epid_verifier *sigrl_verifier[2];
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t prepared_signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t named_signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t proved_signature[QY_EPID_SIGNATURE_SIZE + QY_EPID_PROOF_SIZE * BENCH_SIGRL_ENTRIES];
  uint8_t privrl[QY_EPID_PRIVRL_ENTRY_SIZE * BENCH_PRIVRL_ENTRIES];
  uint8_t sigrl[QY_EPID_SIGRL_ENTRY_SIZE * BENCH_SIGRL_ENTRIES];
  qy_epid_sigrl sigrl_list;
  bench_dcap dcap;
};

/* All is zero before, and may be cleared after a failure too. */
qy_status bench_world_make(bench_world *out, qy_error *why) QY_MUST_CHECK;
void bench_world_clear(bench_world *world);

/* The operations, p256_verify first; copies to be filled in. */
#define BENCH_MAX_OPERATIONS (16 + BENCH_DCAP_OPERATIONS)
size_t bench_operations(bench_operation out[BENCH_MAX_OPERATIONS]);

#endif
