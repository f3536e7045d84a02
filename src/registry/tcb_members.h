/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: members that several of its files have. */
#ifndef QY_REGISTRY_TCB_MEMBERS_H
#define QY_REGISTRY_TCB_MEMBERS_H

#include <json/json.h>
#include <registry/tcb.h>

/* A name as advisories have: A-Z 0-9 -, not empty, and no longer than there is room. */
bool qy_tcb_advisory_fits(const char *text);
qy_status qy_tcb_advisories_decode(qy_tcb_advisories *out, const json_t *object, const char *member, const char *what,
                                   qy_error *why) QY_MUST_CHECK;
json_t *qy_tcb_advisories_encode(const qy_tcb_advisories *advisories);

#endif
