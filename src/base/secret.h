/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and other small secrets. A qy_secret is wiped when its scope ends, is compared only in constant time, and
 * has no printer. Larger secrets live in locked memory that core dumps leave out. */
#ifndef QY_BASE_SECRET_H
#define QY_BASE_SECRET_H

#include <quotary/status.h>

#define QY_SECRET_CAPACITY 64

typedef struct qy_secret {
  size_t size;
  uint8_t bytes[QY_SECRET_CAPACITY];
} qy_secret;

/* Overwrites memory in a way that the compiler may not drop. */
void qy_wipe(void *bytes, size_t size);
/* Overwrite what functions that the caller called left on the stack, 8, 64 or 128 KiB deep. Those of the caller's own file
 * are declared QY_OWN_FRAME, so that they are not taken into its frame, which is not overwritten. */
void qy_wipe_stack_8k(void);
void qy_wipe_stack_64k(void);
void qy_wipe_stack_128k(void);
#define QY_OWN_FRAME __attribute__((noinline))
void qy_secret_clear(qy_secret *secret);
/* `size` at most QY_SECRET_CAPACITY (else the secret is left empty). */
void qy_secret_set(qy_secret *secret, const void *bytes, size_t size);
/* Borrows; for handing a key to a cryptographic operation. */
qy_view qy_secret_view(const qy_secret *secret);

/* Declares a local secret that is wiped on every way out of its scope. */
#define QY_SCOPED_SECRET(name) __attribute__((cleanup(qy_secret_clear))) qy_secret name = {0}

/* Constant time in the contents; sizes are public. */
bool qy_equal_ct(const void *a, const void *b, size_t size);

/* A buffer in locked memory, excluded from core dumps and wiped when freed. */
typedef struct qy_vault {
  uint8_t *bytes;
  size_t size;
  size_t mapped;
} qy_vault;

qy_status qy_vault_new(qy_vault *out, size_t size, qy_error *why) QY_MUST_CHECK;
/* From now on a child process finds it zero: for what must be used once. QY_ERR_UNSUPPORTED by an old kernel. */
qy_status qy_vault_withhold_from_children(qy_vault *vault, qy_error *why) QY_MUST_CHECK;
void qy_vault_free(qy_vault *vault);
#define QY_SCOPED_VAULT(name) __attribute__((cleanup(qy_vault_free))) qy_vault name = {0}

/* For processes that hold secrets: no core dump, no ptrace by others, and umask 077. */
void qy_process_harden(void);

#endif
