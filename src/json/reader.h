/* SPDX-License-Identifier: Apache-2.0 */
/* A strict reader that pulls values out of JSON text in the order in which they stand there, for text whose bytes
 * somebody signed: what it gives are views of those very bytes, nothing is copied or written anew, and nothing is
 * allocated. Parsing a TCB info into a tree takes ten times as long, and then it has to be looked through.
 *
 * Like a cursor it latches its first failure: after it reads give zeros and walks end. Strict means what qy_json_parse()
 * means (no name twice, nothing behind the text, UTF-8, QY_MAX_JSON_DEPTH), and that member names, and texts that are
 * read rather than skipped, hold no escapes: one spelling of each. Only the tree refuses "\u0000" in texts and numbers
 * that it cannot hold; skipped, both are JSON. */
#ifndef QY_JSON_READER_H
#define QY_JSON_READER_H

#include <quotary/status.h>

typedef struct qy_json_reader {
  qy_view text;
  size_t at;
  size_t spaces; /* bytes of white space that were passed outside of texts */
  unsigned depth;
  qy_status status;    /* QY_OK until the first failure */
  size_t failed_at;    /* byte */
  const char *problem; /* static text */
  const char *missing; /* the member whose absence is the problem; else NULL */
} qy_json_reader;

qy_json_reader qy_json_reader_over(qy_view text);

/* A name that is expected in an object. */
typedef struct qy_json_name {
  const char *text;
  size_t size;
} qy_json_name;
#define QY_JSON_NAME(literal)      \
  {                                \
    (literal), sizeof(literal) - 1 \
  }

#define QY_JSON_MAX_UNKNOWN 32u /* members of one object that nobody here knows */

/* One object or array under way: begin, then next until it answers that there is no more. */
typedef struct qy_json_walk {
  bool begun;
  uint64_t seen; /* bit i: the member names[i] was there */
  size_t next;   /* where the next known name is looked for first */
  size_t unknown_count;
  qy_view unknown[QY_JSON_MAX_UNKNOWN];
} qy_json_walk;

void qy_json_begin_object(qy_json_reader *in, qy_json_walk *walk);
void qy_json_begin_array(qy_json_reader *in, qy_json_walk *walk);
/* True when there is another member of those in `names` (at most 64): `*index` says which, and its value is to be read
 * or skipped next. Members that are not in `names` are skipped, each allowed once. False at the object's end, and after
 * a failure. */
bool qy_json_next_member(qy_json_reader *in, qy_json_walk *walk, size_t *index, const qy_json_name *names,
                         size_t count);
/* True when there is another element, which is to be read or skipped next. */
bool qy_json_next_element(qy_json_reader *in, qy_json_walk *walk);

/* Where the next value begins. */
size_t qy_json_here(qy_json_reader *in);
/* The characters between the quotes, as they stand. */
qy_view qy_json_read_text(qy_json_reader *in);
/* An integer from 0 to `most`, without sign, fraction or exponent. */
uint64_t qy_json_read_unsigned(qy_json_reader *in, uint64_t most);
/* Hex text of exactly `size` bytes, either case; `out` is zero after a failure. */
void qy_json_read_hex(qy_json_reader *in, uint8_t *out, size_t size);
/* Exactly YYYY-MM-DDThh:mm:ssZ, in seconds since 1970. */
int64_t qy_json_read_time(qy_json_reader *in);
/* Any value; gives its bytes. */
qy_view qy_json_skip(qy_json_reader *in);
/* Only white space may be left. */
void qy_json_read_end(qy_json_reader *in);

/* Latches a failure of the caller's own, at the value that was read last. `problem` is static text. */
void qy_json_reject(qy_json_reader *in, const char *problem);
/* Latches a failure at the first of these members that was not `seen`: bit i of `seen` and of `needed` is names[i]. */
void qy_json_need_members(qy_json_reader *in, uint64_t seen, uint64_t needed, const qy_json_name *names);
/* What was latched, as "what: problem at byte n". */
qy_status qy_json_read_status(const qy_json_reader *in, const char *what, qy_error *why) QY_MUST_CHECK;

/* The text is one JSON value of any kind and nothing else. */
bool qy_json_is_well_formed(qy_view text);

#endif
