/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: one call to a provisioning certification service, repeated while the service is busy. */
#ifndef QY_STORE_PCS_H
#define QY_STORE_PCS_H

#include <net/http_client.h>
#include <store/fetch.h>
#include <store/parts.h>

typedef struct qy_pcs {
  const qy_pcs_source *source;
  qy_http_client *client;
  char base[1024]; /* "https://host:port/path", without what names API and version */
} qy_pcs;

qy_status qy_pcs_open(qy_pcs *out, const qy_pcs_source *source, qy_error *why) QY_MUST_CHECK;
void qy_pcs_close(qy_pcs *pcs);
#define QY_SCOPED_PCS(name) __attribute__((cleanup(qy_pcs_close))) qy_pcs name = {0}

/* GET base + path. `what` names the document to people. QY_OK for an answer of 200 alone. */
qy_status qy_pcs_get(qy_http_answer *answer, const qy_pcs *pcs, const char *path, const char *what,
                     qy_error *why) QY_MUST_CHECK;
/* The same of a whole URL. */
qy_status qy_pcs_get_url(qy_http_answer *answer, const qy_pcs *pcs, const char *url, const char *what,
                         qy_error *why) QY_MUST_CHECK;

#endif
