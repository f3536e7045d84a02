/* SPDX-License-Identifier: Apache-2.0 */
/* The member made ready. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/member.h>

#include <stdlib.h>

#include <base/secret.h>

static void set_key(qy_epid_member *member, const qy_epid_credential_parts *parts)
{
  qy_g1_table_init(&member->h1, &member->points.h1);
  qy_g1_table_init(&member->h2, &member->points.h2);
  qy_g1_table_init(&member->a_powers, &parts->a);
  member->a = parts->a;
  member->x = parts->x;
  member->f = parts->f;
}

static QY_OWN_FRAME qy_status open_member(qy_epid_member *member, const qy_epid_group_key *group,
                                          const qy_epid_member_key *key, qy_epid_hash hash, qy_trace *trace,
                                          qy_error *why)
{
  QY_SCOPED_CREDENTIAL_PARTS(parts);
  QY_TRY(qy_epid_points_open(&member->points, group, trace, why));
  QY_TRY(qy_epid_hash_resolve(&member->hash, hash, &group->gid, why));
  QY_TRY(qy_epid_credential_open(&parts, group, &key->gid, key->a, key->x, key->f, trace, why));
  qy_epid_lines_init(&member->lines, &member->points);
  QY_TRY(qy_epid_credential_prove(&parts, &member->points, &member->lines, trace, why));
  set_key(member, &parts);
  return QY_OK;
}

qy_status qy_epid_member_new(qy_epid_member **out, const qy_epid_group_key *group, const qy_epid_member_key *key,
                             qy_epid_hash hash, qy_trace *trace, qy_error *why)
{
  *out = NULL;
  __attribute__((cleanup(qy_epid_member_free))) qy_epid_member *member = calloc(1, sizeof(*member));
  if (member == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "EPID member: no memory");
  }
  const qy_status status = open_member(member, group, key, hash, trace, why);
  qy_wipe_stack_128k(); /* making the table of A takes that much */
  QY_TRY(status);
  *out = member;
  member = NULL;
  return QY_OK;
}

void qy_epid_member_free(qy_epid_member **member)
{
  if (member != NULL && *member != NULL) {
    free((*member)->basenames);
    qy_wipe(*member, sizeof(**member));
    free(*member);
    *member = NULL;
  }
}

void qy_epid_member_set_work(qy_epid_member *member, const qy_epid_work *work)
{
  member->work = work == NULL ? (qy_epid_work){0} : *work;
}
