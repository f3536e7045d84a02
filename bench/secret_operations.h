/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on secrets, to be timed for two classes of them: one fixed secret (1, which is short), and random ones. */
#ifndef QY_BENCH_SECRET_OPERATIONS_H
#define QY_BENCH_SECRET_OPERATIONS_H

#include <pairing/pairing.h>
#include <quotary/epid.h>

#define SECRET_BLOCK 64      /* bytes that become one scalar */
#define SECRET_MAX_BLOCKS 32 /* for one run */
#define SECRET_PROOFS 8

/* What is worked on. Only `secrets`, and what `ready` makes of it, differs between the classes. */
typedef struct secret_world {
  uint8_t secrets[SECRET_MAX_BLOCKS * SECRET_BLOCK];
  size_t used; /* bytes, by random_of_secrets */
  qy_random random;
  qy_fp scalars[SECRET_MAX_BLOCKS];
  qy_fq element;
  qy_g1_affine points[SECRET_MAX_BLOCKS];
  qy_g1 projective[SECRET_MAX_BLOCKS];
  qy_g1_table table;
  qy_pairing_lines lines;
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key key;
  qy_epid_member *member;
  qy_epid_prepared *prepared;
  uint8_t f[QY_EPID_SCALAR_SIZE];
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t entries[SECRET_PROOFS * QY_EPID_SIGRL_ENTRY_SIZE];
  qy_epid_sigrl sigrl;
  uint8_t signature[QY_EPID_SIGNATURE_SIZE + SECRET_PROOFS * QY_EPID_PROOF_SIZE];
  uint8_t reference[SECRET_BLOCK]; /* for comparisons: the fixed secret */
  qy_status status;                /* the first failure */
} secret_world;

typedef struct secret_operation {
  const char *name;
  size_t blocks; /* of secrets that it takes */
  void (*ready)(secret_world *w);
  void (*run)(secret_world *w);
  bool leaks; /* the control: it must be found out */
} secret_operation;

qy_status secret_world_make(secret_world *w, qy_error *why) QY_MUST_CHECK;
void secret_world_clear(secret_world *w);

extern const secret_operation secret_operations[];
extern const size_t secret_operation_count;

#endif
