/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite file: opened, made, brought to its schema. */
#include <store/parts.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/file.h>
#include <base/limits.h>

#define APPLICATION_ID "1364812665" /* "QYcy": tells a store from any other SQLite file */
#define BUSY_MS 10000
#define MAX_VALUE ((int)QY_MAX_COLLATERAL_SIZE + 65536) /* bytes of one blob, text or row */

/* A document is the same when kind, bytes, root and chain are: the same TCB info may come with a renewed chain. */
static const char schema_1[] =
    "CREATE TABLE document ("
    "  id INTEGER PRIMARY KEY,"
    "  kind TEXT NOT NULL CHECK (kind IN ('tcb-info','identity','pck-crl','root-crl','chain','pck-chain')),"
    "  tee TEXT NOT NULL CHECK (tee IN ('','sgx','tdx')),"
    "  ca TEXT NOT NULL CHECK (ca IN ('','processor','platform')),"
    "  fmspc BLOB NOT NULL CHECK (length(fmspc) IN (0, 6)),"
    "  root BLOB NOT NULL CHECK (length(root) IN (0, 64)),"
    "  tee_tcb_svn BLOB NOT NULL CHECK (length(tee_tcb_svn) IN (0, 16)),"
    "  number INTEGER NOT NULL,"
    "  issued_s INTEGER NOT NULL,"
    "  until_s INTEGER NOT NULL,"
    "  chain INTEGER REFERENCES document (id),"
    "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),"
    "  bytes BLOB NOT NULL,"
    "  first_seen_s INTEGER NOT NULL,"
    "  source TEXT NOT NULL);"
    "CREATE UNIQUE INDEX document_once ON document (kind, tee, sha256, root, tee_tcb_svn, ifnull(chain, 0));"
    "CREATE INDEX document_wanted ON document (kind, root, tee, fmspc, ca, number, issued_s);"
    "CREATE TRIGGER document_stays BEFORE DELETE ON document BEGIN SELECT raise(ABORT, 'nothing is removed'); END;"
    "CREATE TRIGGER document_fixed BEFORE UPDATE ON document BEGIN SELECT raise(ABORT, 'nothing is changed'); END;"
    "PRAGMA application_id = " APPLICATION_ID ";"
    "PRAGMA user_version = 1;";

/* ---- Statements ---- */

qy_status qy_store_fail(const qy_collateral_store *store, const char *doing, qy_error *why)
{
  const int code = store->db == NULL ? SQLITE_NOMEM : sqlite3_errcode(store->db);
  const char *reason = store->db == NULL ? "no memory" : sqlite3_errmsg(store->db);
  switch (code & 0xff) {
  case SQLITE_NOMEM:
    return qy_fail(why, QY_ERR_MEMORY, "%s: %s: no memory", store->path, doing);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return qy_fail(why, QY_ERR_BUSY, "%s: %s: another process is writing to the store", store->path, doing);
  case SQLITE_CORRUPT:
    return qy_fail(why, QY_ERR_MALFORMED, "%s: %s: the store is damaged (%s): move it away and fetch or import anew",
                   store->path, doing, reason);
  case SQLITE_NOTADB:
    return qy_fail(why, QY_ERR_MALFORMED, "%s: %s: this is no collateral store", store->path, doing);
  case SQLITE_FULL:
    return qy_fail(why, QY_ERR_IO, "%s: %s: the disk is full: nothing of it was kept", store->path, doing);
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return qy_fail(why, QY_ERR_DENIED, "%s: %s: the store cannot be written to", store->path, doing);
  case SQLITE_TOOBIG:
    return qy_fail(why, QY_ERR_LIMIT, "%s: %s: more than %d bytes", store->path, doing, MAX_VALUE);
  default:
    return qy_fail(why, QY_ERR_IO, "%s: %s: %s", store->path, doing, reason);
  }
}

qy_status qy_store_run(const qy_collateral_store *store, const char *sql, const char *doing, qy_error *why)
{
  return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? QY_OK : qy_store_fail(store, doing, why);
}

qy_status qy_store_prepare(sqlite3_stmt **out, const qy_collateral_store *store, const char *sql, qy_error *why)
{
  return sqlite3_prepare_v2(store->db, sql, -1, out, NULL) == SQLITE_OK ? QY_OK
                                                                        : qy_store_fail(store, "preparing", why);
}

qy_status qy_store_step(bool *row, sqlite3_stmt *statement, const qy_collateral_store *store, const char *doing,
                        qy_error *why)
{
  const int code = sqlite3_step(statement);
  *row = code == SQLITE_ROW;
  return code == SQLITE_ROW || code == SQLITE_DONE ? QY_OK : qy_store_fail(store, doing, why);
}

void qy_store_finalize(sqlite3_stmt **statement)
{
  (void)sqlite3_finalize(*statement);
  *statement = NULL;
}

void qy_store_bind_blob(sqlite3_stmt *statement, const char *name, qy_view value)
{
  const int at = sqlite3_bind_parameter_index(statement, name);
  if (value.size == 0) {
    (void)sqlite3_bind_zeroblob(statement, at, 0); /* a NULL pointer would bind NULL */
  } else {
    (void)sqlite3_bind_blob64(statement, at, value.bytes, value.size, SQLITE_STATIC);
  }
}

void qy_store_bind_text(sqlite3_stmt *statement, const char *name, const char *value)
{
  (void)sqlite3_bind_text(statement, sqlite3_bind_parameter_index(statement, name), value, -1, SQLITE_STATIC);
}

void qy_store_bind_number(sqlite3_stmt *statement, const char *name, int64_t value)
{
  (void)sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name), value);
}

qy_view qy_store_column_blob(sqlite3_stmt *statement, int column)
{
  const void *bytes = sqlite3_column_blob(statement, column);
  return qy_view_over(bytes, bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, column));
}

const char *qy_store_column_text(sqlite3_stmt *statement, int column)
{
  const unsigned char *text = sqlite3_column_text(statement, column);
  return text == NULL ? "" : (const char *)text;
}

/* ---- Opening ---- */

static qy_status read_number(int64_t *out, const qy_collateral_store *store, const char *sql, qy_error *why)
{
  QY_SCOPED_STATEMENT(statement);
  bool row = false;
  QY_TRY(qy_store_prepare(&statement, store, sql, why));
  QY_TRY(qy_store_step(&row, statement, store, "opening", why));
  *out = row ? sqlite3_column_int64(statement, 0) : 0;
  return QY_OK;
}

/* `*made`: it is a store of a form that is known; else an empty file. */
static qy_status is_made(bool *made, const qy_collateral_store *store, qy_error *why)
{
  int64_t version = 0;
  int64_t application = 0;
  int64_t tables = 0;
  QY_TRY(read_number(&version, store, "PRAGMA user_version", why));
  QY_TRY(read_number(&application, store, "PRAGMA application_id", why));
  QY_TRY(read_number(&tables, store, "SELECT count(*) FROM sqlite_schema", why));
  *made = version != 0 || application != 0 || tables != 0;
  if (*made && application != strtoll(APPLICATION_ID, NULL, 10)) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: this is the database of another program, no collateral store",
                   store->path);
  }
  if (*made && version != 1) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "%s: a later version of quotary wrote this store (form %lld, known is 1)",
                   store->path, (long long)version);
  }
  return QY_OK;
}

/* Whoever comes second finds it made. */
static qy_status make_schema(const qy_collateral_store *store, qy_error *why)
{
  bool made = false;
  QY_TRY(is_made(&made, store, why));
  return made ? QY_OK : qy_store_run(store, schema_1, "making the store", why);
}

static qy_status prepare_database(const qy_collateral_store *store, qy_error *why)
{
  (void)sqlite3_extended_result_codes(store->db, 1);
  (void)sqlite3_busy_timeout(store->db, BUSY_MS);
  (void)sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
  (void)sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
  (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  QY_TRY(qy_store_run(store, "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL",
                      "opening", why));
  bool made = false;
  QY_TRY(is_made(&made, store, why));
  if (made) {
    return QY_OK;
  }
  QY_TRY(qy_store_run(store, "BEGIN IMMEDIATE", "making the store", why));
  const qy_status status = make_schema(store, why);
  if (status != QY_OK) {
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
  }
  return qy_store_run(store, "COMMIT", "making the store", why);
}

/* SQLite gives its journal the mode of the file. */
static qy_status make_file(const char *path, qy_error *why)
{
  char folder[QY_PATH_SIZE];
  const char *slash = strrchr(path, '/');
  if (slash != NULL && slash != path) {
    if ((size_t)(slash - path) >= sizeof(folder)) {
      return qy_fail(why, QY_ERR_LIMIT, "the path of the store is too long");
    }
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    QY_TRY(qy_folder_make(folder, why));
  }
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return qy_file_fail(why, "opening", path);
  }
  (void)close(fd);
  return QY_OK;
}

void qy_collateral_store_close(qy_collateral_store **store)
{
  if (*store != NULL) {
    (void)sqlite3_close((*store)->db);
    free((*store)->path);
    free(*store);
    *store = NULL;
  }
}

static qy_status open_database(qy_collateral_store *store, const char *path, qy_error *why)
{
  store->path = strdup(path);
  if (store->path == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral store");
  }
  if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK) {
    return qy_store_fail(store, "opening", why);
  }
  return prepare_database(store, why);
}

qy_status qy_collateral_store_open(qy_collateral_store **out, const char *path, qy_error *why)
{
  *out = NULL;
  QY_TRY(make_file(path, why));
  qy_collateral_store *store = calloc(1, sizeof(*store));
  if (store == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "collateral store");
  }
  const qy_status status = open_database(store, path, why);
  if (status != QY_OK) {
    qy_collateral_store_close(&store);
    return status;
  }
  *out = store;
  return QY_OK;
}
