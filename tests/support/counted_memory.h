/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what the whole program allocates, libraries too: this file's malloc is taken before the C library's. Sanitizers
 * bring their own; under them nothing is counted. */
#ifndef QY_TEST_COUNTED_MEMORY_H
#define QY_TEST_COUNTED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_COUNTED false
#else
#define MEMORY_IS_COUNTED true
#endif

typedef struct counted_memory {
  size_t held;      /* bytes, now */
  size_t allocated; /* bytes, ever */
  size_t calls;     /* to allocate, ever */
} counted_memory;

counted_memory memory_counted(void);

#endif
