/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the database, and what is known of a document before it is kept. */
#ifndef QY_STORE_PARTS_H
#define QY_STORE_PARTS_H

#include <sqlite3.h>

#include <store/store.h>

#define QY_STORE_MAX_SOURCE 500 /* characters */

struct qy_collateral_store {
  sqlite3 *db;
  char *path;
};

/* ---- SQLite ---- */

/* "path: doing: the reason", with the status that SQLite's code stands for. */
qy_status qy_store_fail(const qy_collateral_store *store, const char *doing, qy_error *why);
qy_status qy_store_run(const qy_collateral_store *store, const char *sql, const char *doing,
                       qy_error *why) QY_MUST_CHECK;
qy_status qy_store_prepare(sqlite3_stmt **out, const qy_collateral_store *store, const char *sql,
                           qy_error *why) QY_MUST_CHECK;
/* `*row`: there is one. Else the statement is done. */
qy_status qy_store_step(bool *row, sqlite3_stmt *statement, const qy_collateral_store *store, const char *doing,
                        qy_error *why) QY_MUST_CHECK;
void qy_store_finalize(sqlite3_stmt **statement);
#define QY_SCOPED_STATEMENT(name) __attribute__((cleanup(qy_store_finalize))) sqlite3_stmt *name = NULL

/* Parameters by name (":root"); a failure shows at the step. Views stay valid until then. */
void qy_store_bind_blob(sqlite3_stmt *statement, const char *name, qy_view value);
void qy_store_bind_text(sqlite3_stmt *statement, const char *name, const char *value);
void qy_store_bind_number(sqlite3_stmt *statement, const char *name, int64_t value);
qy_view qy_store_column_blob(sqlite3_stmt *statement, int column);
const char *qy_store_column_text(sqlite3_stmt *statement, int column); /* never NULL */

/* ---- Documents ---- */

typedef struct qy_store_document {
  const char *kind;
  const char *tee; /* "", "sgx", "tdx" */
  const char *ca;  /* "", "processor", "platform" */
  qy_view fmspc;
  qy_view root;
  qy_view tee_tcb_svn;
  int64_t number;
  int64_t issued_s;
  int64_t until_s;
  int64_t chain_id; /* 0: none */
  qy_view bytes;
} qy_store_document;

const char *qy_store_tee(bool is_tdx);
const char *qy_store_ca(bool by_platform_ca);

/* Keeps it unless it is there. `*id` is its row. */
qy_status qy_store_insert(int64_t *id, qy_collateral_kept *count, const qy_collateral_store *store,
                          const qy_store_document *document, const char *source, int64_t now_s,
                          qy_error *why) QY_MUST_CHECK;

/* What was found out about a set. Borrows from the set. */
typedef struct qy_store_examined {
  uint8_t root_key[64];
  uint8_t fmspc[QY_FMSPC_SIZE];
  qy_sgx_crl pck_crl;
  qy_sgx_crl root_crl;
  qy_store_document documents[QY_PART_COUNT]; /* `kind` NULL: that part is not there */
} qy_store_examined;

void qy_store_examined_clear(qy_store_examined *examined);
#define QY_SCOPED_EXAMINED(name) __attribute__((cleanup(qy_store_examined_clear))) qy_store_examined name = {0}
/* Every check that a set owes before it is kept. QY_ERR_REFUSED: one failed; the message says which. */
qy_status qy_store_examine(qy_store_examined *out, const qy_collateral_set *set, const qy_collateral_platform *asked,
                           qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* qy_collateral_store_put(), and what was found out. */
qy_status qy_store_put(qy_collateral_kept *out, qy_store_examined *examined, const qy_collateral_store *store,
                       const qy_collateral_set *set, const qy_collateral_platform *asked, const char *source,
                       int64_t now_s, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
