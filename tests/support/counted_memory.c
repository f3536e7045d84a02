/* SPDX-License-Identifier: Apache-2.0 */
#include "counted_memory.h"

#include <malloc.h>

static counted_memory counted;

counted_memory memory_counted(void)
{
  return (counted_memory){__atomic_load_n(&counted.held, __ATOMIC_RELAXED),
                          __atomic_load_n(&counted.allocated, __ATOMIC_RELAXED),
                          __atomic_load_n(&counted.calls, __ATOMIC_RELAXED)};
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SHARED __attribute__((visibility("default")))

/* The C library's own, by its other names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static void *count(void *memory)
{
  const size_t size = memory == NULL ? 0 : malloc_usable_size(memory);
  __atomic_fetch_add(&counted.held, size, __ATOMIC_RELAXED);
  __atomic_fetch_add(&counted.allocated, size, __ATOMIC_RELAXED);
  __atomic_fetch_add(&counted.calls, 1, __ATOMIC_RELAXED);
  return memory;
}

static void discount(void *memory)
{
  __atomic_fetch_sub(&counted.held, memory == NULL ? 0 : malloc_usable_size(memory), __ATOMIC_RELAXED);
}

SHARED void *malloc(size_t size)
{
  return count(__libc_malloc(size));
}

SHARED void *calloc(size_t number, size_t size)
{
  return count(__libc_calloc(number, size));
}

SHARED void *realloc(void *memory, size_t size)
{
  discount(memory);
  return count(__libc_realloc(memory, size)); /* one that fails aborts nothing here: tests have memory */
}

SHARED void free(void *memory)
{
  discount(memory);
  __libc_free(memory);
}
#endif
