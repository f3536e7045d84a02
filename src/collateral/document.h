/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the signed JSON documents have in common, and which of Intel's statuses a failure is. */
#ifndef QY_COLLATERAL_DOCUMENT_H
#define QY_COLLATERAL_DOCUMENT_H

#include <json/reader.h>
#include <quotary/collateral.h>

/* Intel's statuses for a document of one kind. */
typedef struct qy_document_kind {
  const char *what;         /* begins messages */
  qy_json_name body;        /* the member that is signed */
  qy_qvl_status unreadable; /* not JSON, or a member is not there */
  qy_qvl_status invalid;    /* a value that cannot be */
  qy_qvl_status not_signed; /* no signature */
} qy_document_kind;

/* One document being read. */
typedef struct qy_document {
  qy_json_reader in;
  const qy_document_kind *kind;
  qy_qvl_status fault; /* what a failure at this point is */
} qy_document;

/* From here on a failure is `fault`; one that is latched already stays what it was. */
void qy_document_expect(qy_document *document, qy_qvl_status fault);
static inline void qy_document_expect_valid(qy_document *document)
{
  qy_document_expect(document, document->kind->invalid);
}
static inline void qy_document_expect_readable(qy_document *document)
{
  qy_document_expect(document, document->kind->unreadable);
}
/* Latches a failure of the caller's own unless `holds`. */
void qy_document_require(qy_document *document, bool holds, qy_qvl_status fault, const char *problem);
/* The same unless all `needed` were `seen`, as bits of `names`. */
void qy_document_require_members(qy_document *document, uint64_t seen, uint64_t needed, const qy_json_name *names,
                                 qy_qvl_status fault);

/* Reads {body, "signature"}: `read_body` is to read the body's value. `*qvl` is set on failure only. */
qy_status qy_document_read(qy_signed_json *out, qy_view text, const qy_document_kind *kind,
                           void (*read_body)(qy_document *document, void *into), void *into, qy_qvl_status *qvl,
                           qy_error *why) QY_MUST_CHECK;

/* Advisories of all levels, one behind the other. */
typedef struct qy_advisory_pool {
  qy_view *names;
  size_t *count;
  size_t capacity;
} qy_advisory_pool;
qy_advisories qy_document_read_advisories(qy_document *document, const qy_advisory_pool *pool);

/* Which statuses a level by security version may have; another is QY_TCB_STATUS_UNKNOWN if `tolerant`, else invalid. */
typedef struct qy_svn_level_rules {
  uint32_t svn_max;
  bool tolerant;
} qy_svn_level_rules;
/* Reads one {"tcb": {"isvsvn"}, "tcbDate", "tcbStatus", "advisoryIDs"?}. */
void qy_document_read_svn_level(qy_document *document, qy_svn_level *out, const qy_svn_level_rules *rules,
                                const qy_advisory_pool *pool);
/* Highest first; of the same security version the later date first. Two that are equal in both are invalid. */
void qy_document_sort_svn_levels(qy_document *document, qy_svn_level *levels, size_t count);

#endif
