/* SPDX-License-Identifier: Apache-2.0 */
/* The basenames that a member may sign under. */
#include <epid/presign.h>

#include <stdlib.h>
#include <string.h>

#include <pairing/hash_to_g1.h>

static const qy_epid_basename *find(const qy_epid_member *member, const uint8_t sha256[QY_SHA256_SIZE])
{
  for (uint32_t i = 0; i < member->basename_count; i++) {
    if (memcmp(member->basenames[i].sha256, sha256, QY_SHA256_SIZE) == 0) {
      return &member->basenames[i];
    }
  }
  return NULL;
}

qy_status qy_epid_member_register_basename(qy_epid_member *member, qy_view basename, qy_error *why)
{
  qy_epid_base base = {.has_k = false};
  qy_epid_basename added;
  QY_TRY(qy_sha256(added.sha256, basename, why));
  if (find(member, added.sha256) != NULL) {
    return qy_fail(why, QY_ERR_EXISTS, "basename: it is registered already");
  }
  if (member->basename_count == QY_EPID_MAX_BASENAMES) {
    return qy_fail(why, QY_ERR_LIMIT, "basename: %u are registered, and no more can be", QY_EPID_MAX_BASENAMES);
  }
  QY_TRY(qy_hash_to_g1(&base.b, NULL, member->hash, basename, why));
  qy_epid_base_complete(&base, member);
  qy_epid_basename *all = realloc(member->basenames, (member->basename_count + 1) * sizeof(*all));
  if (all == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "basename: no memory");
  }
  added.b = base.b;
  added.k = base.k;
  all[member->basename_count++] = added;
  member->basenames = all;
  return QY_OK;
}

void qy_epid_member_demand_registration(qy_epid_member *member)
{
  member->only_registered = true;
}

qy_status qy_epid_base_of(qy_epid_base *out, const qy_epid_member *member, qy_view basename, qy_trace *trace,
                          qy_error *why)
{
  const qy_epid_basename *registered = NULL;
  if (member->basename_count > 0) {
    uint8_t sha256[QY_SHA256_SIZE];
    QY_TRY(qy_sha256(sha256, basename, why));
    registered = find(member, sha256);
  }
  if (member->only_registered &&
      !qy_check(trace, QY_CHECK_EPID_BASENAME_REGISTERED, registered != NULL,
                .expected = qy_textf("one of the %u that are registered", member->basename_count),
                .actual = qy_textf(registered != NULL ? "it is" : "it is not"), .origin = "member")) {
    return qy_fail(why, QY_ERR_REFUSED, "basename: it is not registered with this member");
  }
  if (registered != NULL) {
    *out = (qy_epid_base){.b = registered->b, .has_k = true, .k = registered->k};
    return QY_OK;
  }
  *out = (qy_epid_base){.has_k = false};
  return qy_hash_to_g1(&out->b, NULL, member->hash, basename, why);
}
