/* SPDX-License-Identifier: Apache-2.0 */
/* What every function that can fail returns, and the one sentence that says why.
 * A status is a stable cause; a qy_error says what and where in the input. A verdict is neither: see check.h. */
#ifndef QUOTARY_STATUS_H
#define QUOTARY_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_API __attribute__((visibility("default")))
#define QY_MUST_CHECK __attribute__((warn_unused_result))
#define QY_PRINTF(at, first) __attribute__((format(printf, at, first)))

/* name, spelling, text */
#define QY_STATUSES(X)                                                                             \
  X(OK, "ok", "done")                                                                              \
  X(ARGUMENT, "argument", "the caller broke the contract")                                         \
  X(MEMORY, "memory", "memory was refused")                                                        \
  X(SPACE, "space", "the output buffer is too small")                                              \
  X(TRUNCATED, "truncated", "the input ends inside a field")                                       \
  X(MALFORMED, "malformed", "the input is complete and wrong")                                     \
  X(UNSUPPORTED, "unsupported", "well formed, but a version or algorithm that is not spoken here") \
  X(LIMIT, "limit", "a length or count is beyond its limit")                                       \
  X(SEQUENCE, "sequence", "this message or call does not belong here now")                         \
  X(CRYPTO, "crypto", "a cryptographic operation could not be carried out")                        \
  X(REFUSED, "refused", "a check refused; the trace says which")                                   \
  X(NOT_FOUND, "not-found", "there is no such thing")                                              \
  X(EXISTS, "exists", "it is there already")                                                       \
  X(IO, "io", "reading, writing or the network failed")                                            \
  X(TIMEOUT, "timeout", "it took too long")                                                        \
  X(BUSY, "busy", "try again later")                                                               \
  X(DENIED, "denied", "permission was refused")                                                    \
  X(PEER, "peer", "the other side answered with an error")                                         \
  X(INTERNAL, "internal", "a fault of this program")                                               \
  X(INTERRUPTED, "interrupted", "the caller stopped it")

typedef enum qy_status {
#define QY_STATUS_ENUM(name, spelling, text) QY_STATUS_##name,
  QY_STATUSES(QY_STATUS_ENUM)
#undef QY_STATUS_ENUM
      QY_STATUS_COUNT
} qy_status;

#define QY_OK QY_STATUS_OK
#define QY_ERR_ARGUMENT QY_STATUS_ARGUMENT
#define QY_ERR_MEMORY QY_STATUS_MEMORY
#define QY_ERR_SPACE QY_STATUS_SPACE
#define QY_ERR_TRUNCATED QY_STATUS_TRUNCATED
#define QY_ERR_MALFORMED QY_STATUS_MALFORMED
#define QY_ERR_UNSUPPORTED QY_STATUS_UNSUPPORTED
#define QY_ERR_LIMIT QY_STATUS_LIMIT
#define QY_ERR_SEQUENCE QY_STATUS_SEQUENCE
#define QY_ERR_CRYPTO QY_STATUS_CRYPTO
#define QY_ERR_REFUSED QY_STATUS_REFUSED
#define QY_ERR_NOT_FOUND QY_STATUS_NOT_FOUND
#define QY_ERR_EXISTS QY_STATUS_EXISTS
#define QY_ERR_IO QY_STATUS_IO
#define QY_ERR_TIMEOUT QY_STATUS_TIMEOUT
#define QY_ERR_BUSY QY_STATUS_BUSY
#define QY_ERR_DENIED QY_STATUS_DENIED
#define QY_ERR_PEER QY_STATUS_PEER
#define QY_ERR_INTERNAL QY_STATUS_INTERNAL
#define QY_ERR_INTERRUPTED QY_STATUS_INTERRUPTED

/* Lower-case name ("malformed") and one sentence; never NULL. */
QY_API const char *qy_status_name(qy_status status);
QY_API const char *qy_status_text(qy_status status);

/* Owned by the caller, who may pass NULL where a `why` is taken. Never holds a secret. */
typedef struct qy_error {
  qy_status status;
  char message[256];
} qy_error;

/* Fills `why` (if any) and returns `status`. */
QY_API qy_status qy_fail(qy_error *why, qy_status status, const char *format, ...) QY_PRINTF(3, 4);
/* Puts "prefix: " before the message that stands in `why`; returns its status argument. */
QY_API qy_status qy_fail_in(qy_error *why, qy_status status, const char *format, ...) QY_PRINTF(3, 4);
#ifdef __clang_analyzer__ /* sees one file at a time: this tells it that a failure is never taken for QY_OK */
#define qy_fail(why, status, ...) (qy_fail((why), (status), __VA_ARGS__), (status))
#define qy_fail_in(why, status, ...) (qy_fail_in((why), (status), __VA_ARGS__), (status))
#endif

/* The only control-flow macro: hands a failure up untouched. */
#define QY_TRY(expression)                        \
  do {                                            \
    const qy_status qy_try_status = (expression); \
    if (qy_try_status != QY_OK) {                 \
      return qy_try_status;                       \
    }                                             \
  } while (0)

/* Borrowed bytes: valid as long as what they were taken from. */
typedef struct qy_view {
  const uint8_t *bytes; /* may be NULL when size is 0 */
  size_t size;
} qy_view;

#define QY_VIEW_OF(array) ((qy_view){(array), sizeof(array)})

static inline qy_view qy_view_over(const void *bytes, size_t size)
{
  qy_view view = {(const uint8_t *)bytes, size};
  return view;
}

QY_API qy_view qy_view_text(const char *text); /* without the NUL; NULL gives an empty view */
/* Not constant time: for public data only. */
QY_API bool qy_view_equal(qy_view a, qy_view b);
/* `offset` and `size` must lie within the view; otherwise an empty view. */
QY_API qy_view qy_view_slice(qy_view view, size_t offset, size_t size);
QY_API bool qy_view_is_zero(qy_view view);

/* Where randomness comes from: an argument, so that a test can repeat it. */
typedef struct qy_random {
  qy_status (*fill)(void *context, uint8_t *out, size_t size, qy_error *why);
  void *context;
} qy_random;
/* The system's generator (libcrypto's private DRBG); for any number of threads. */
QY_API const qy_random *qy_random_system(void);

#ifdef __cplusplus
}
#endif
#endif
