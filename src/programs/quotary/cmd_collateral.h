/* SPDX-License-Identifier: Apache-2.0 */
/* What the collateral subcommands, and verify, share. */
#ifndef QY_PROGRAMS_CMD_COLLATERAL_H
#define QY_PROGRAMS_CMD_COLLATERAL_H

#include <base/file.h>
#include <store/fetch.h>
#include <store/store.h>

#include "cli.h"

#define COLLATERAL_STORE_OPTION(variable)                                                                              \
  {                                                                                                                    \
    "store", "FILE", "the store; otherwise quotary/collateral.db below $XDG_DATA_HOME or ~/.local/share", &(variable), \
        NULL, NULL                                                                                                     \
  }
#define COLLATERAL_ROOT_OPTION(variable)                                                                   \
  {                                                                                                        \
    "root", "PEM", "the root that vouches for the collateral, instead of Intel's", &(variable), NULL, NULL \
  }

/* The store to use when none is named. */
qy_status collateral_default_path(char out[QY_PATH_SIZE], qy_error *why) QY_MUST_CHECK;
/* `path` NULL: the default one. */
qy_status collateral_open(qy_collateral_store **out, const char *path, qy_error *why) QY_MUST_CHECK;
/* The same, but QY_ERR_NOT_FOUND where there is no store yet. */
qy_status collateral_open_existing(qy_collateral_store **out, const char *path, qy_error *why) QY_MUST_CHECK;

/* "sgx, FMSPC 00606a000000, platform CA" */
typedef struct collateral_name {
  char text[80];
} collateral_name;
collateral_name collateral_platform_name(const qy_collateral_platform *platform);
/* "2026-11-23" */
typedef struct collateral_day {
  char text[24];
} collateral_day;
collateral_day collateral_day_of(int64_t time_s);

/* Whose platform a quote or a PCK chain (PEM) says it is; `quote` is empty for a chain. `extension` and `tee_tcb_svn`
 * may be NULL; the latter is zero unless it is the quote of a trust domain. */
qy_status collateral_read_platform(qy_collateral_platform *out, qy_buffer *quote, qy_pck_extension *extension,
                                   uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE], const char *path,
                                   qy_error *why) QY_MUST_CHECK;

/* On standard error, of each document that a set lacks: why, and what would fetch it. `quote` NULL: no such file. */
void collateral_tell_missing(const char *name, const qy_collateral_found *found, const qy_collateral_ask *ask,
                             const char *quote);

int collateral_fetch(int argc, char **argv);
int collateral_import(int argc, char **argv);
int collateral_export(int argc, char **argv);
int collateral_show(int argc, char **argv);
int collateral_diff(int argc, char **argv);

#endif
