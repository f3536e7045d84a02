/* SPDX-License-Identifier: Apache-2.0 */
/* Marks the few places where a value that came from secrets becomes public: whether a key is well formed, whether an
 * equation holds, what is sent. The test of constant time, which runs under valgrind with secrets marked as
 * undefined, compiles this with QUOTARY_SECRECY; for everyone else it does nothing. */
#ifndef QY_PAIRING_DECLASSIFY_H
#define QY_PAIRING_DECLASSIFY_H

#include <stddef.h>
#include <stdint.h>

#ifdef QUOTARY_SECRECY
#include <valgrind/memcheck.h>
#define QY_DECLASSIFY_BYTES(bytes, size) ((void)VALGRIND_MAKE_MEM_DEFINED((bytes), (size)))
#else
#define QY_DECLASSIFY_BYTES(bytes, size) ((void)(bytes), (void)(size))
#endif

static inline uint64_t qy_declassify(uint64_t value)
{
  QY_DECLASSIFY_BYTES(&value, sizeof(value));
  return value;
}

#endif
