/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what lies where in the state folder. */
#ifndef QY_BROKER_LAYOUT_H
#define QY_BROKER_LAYOUT_H

#include <base/buffer.h>

#define QY_BROKER_FILE_CONFIG "broker.json"
#define QY_BROKER_FILE_PROVIDER_KEY "provider.key" /* 0600 */
#define QY_BROKER_FILE_PROVIDER_PUBLIC "provider.pub"
#define QY_BROKER_FILE_TLS_KEY "tls.key" /* 0600 */
#define QY_BROKER_FILE_TLS_CHAIN "tls.pem"
#define QY_BROKER_FILE_REPORT_CA "report-service-ca.pem"
#define QY_BROKER_FILE_REPORT_KEYS "report-service-keys" /* 0600, one a line */
#define QY_BROKER_FILE_COLLATERAL_CA "collateral-service-ca.pem"
#define QY_BROKER_FILE_COLLATERAL_ROOT "collateral-root.pem"
#define QY_BROKER_FILE_COLLATERAL "collateral.db"
#define QY_BROKER_FILE_VERSIONS "policy-versions.json"
#define QY_BROKER_FILE_RELEASES "releases.log" /* 0600 */
#define QY_BROKER_FILE_LOCK "lock"
#define QY_BROKER_FOLDER_SECRETS "secrets"
#define QY_BROKER_FOLDER_REPORTS "reports"
/* In a secret's folder. No name has a dot, so that no name's folder is another's file. */
#define QY_BROKER_FILE_POLICY "policy.json"
#define QY_BROKER_FILE_SECRET "secret.bin" /* 0600 */

#define QY_BROKER_MAX_POLICY 65536u
#define QY_BROKER_MAX_PEM 65536u
/* QY_PATH_SIZE, taken apart to keep stacks small. */
#define QY_BROKER_PATH 1024

/* Appends the file folder/name, at most the buffer's limit; `secret` ones must be private (QY_ERR_DENIED). */
qy_status qy_broker_file_read(qy_buffer *out, const char *folder, const char *name, bool secret,
                              qy_error *why) QY_MUST_CHECK;
qy_status qy_broker_file_write(const char *folder, const char *name, qy_view bytes, bool secret,
                               qy_error *why) QY_MUST_CHECK;
bool qy_broker_file_exists(const char *folder, const char *name);

#endif
