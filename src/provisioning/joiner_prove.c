/* SPDX-License-Identifier: Apache-2.0 */
/* The proof by the previous key. Without it a platform whose signatures were revoked would be rid of that by its next
 * update: the endorser cannot tell which machine made a signature, only the machine can prove that it did not. */
#include <provisioning/joiner.h>

#include <string.h>

#include <base/limits.h>
#include <provisioning/joiner_state.h>
#include <sgx/endorsements.h>

bool qy_joiner_asks_for(const qy_joiner *joiner, const qy_joiner_previous *previous)
{
  const qy_psvn asked = qy_platform_level_pve(&joiner->previous);
  return joiner->wants_previous && qy_sgx_gid_of(&previous->group->gid) == joiner->previous_gid &&
         previous->psvn.isv_svn == asked.isv_svn &&
         qy_view_equal(QY_VIEW_OF(previous->psvn.cpu_svn), QY_VIEW_OF(asked.cpu_svn));
}

static qy_status check_key(const qy_joiner *joiner, const qy_joiner_previous *previous, qy_trace *trace, qy_error *why)
{
  const qy_psvn asked = qy_platform_level_pve(&joiner->previous);
  const uint32_t gid = qy_sgx_gid_of(&previous->group->gid);
  if (!qy_check(trace, QY_CHECK_PROVISIONING_PREVIOUS_KEY, qy_joiner_asks_for(joiner, previous),
                .expected = qy_textf("group %08x, ISVSVN %u", joiner->previous_gid, asked.isv_svn),
                .actual = qy_textf("group %08x, ISVSVN %u", gid, previous->psvn.isv_svn), .origin = "msg2")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg2: it asks for a proof by another key than the platform has");
  }
  return QY_OK;
}

static qy_status read_list(qy_epid_sigrl *out, const qy_joiner *joiner, const qy_epid_group_key *group, qy_trace *trace,
                           qy_error *why)
{
  qy_sigrl list;
  QY_TRY(qy_sigrl_decode_nonempty(&list, joiner->previous_sigrl, why));
  if (!qy_check(trace, QY_CHECK_QUOTING_SIGRL_GROUP, list.group_id == joiner->previous_gid,
                .expected = qy_textf("%08x", joiner->previous_gid), .actual = qy_textf("%08x", list.group_id),
                .origin = "msg2")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning msg2: the SigRL is of another group than the previous one");
  }
  QY_TRY(qy_sigrl_verify(trace, &list, &joiner->epid_signing_key, why));
  *out = (qy_epid_sigrl){.gid = group->gid, .version = list.version, .count = list.count, .entries = list.entries};
  return QY_OK;
}

/* An EPID_SIG field over the challenge, under a random base: it shall link to nothing. */
static qy_status sign(qy_joiner *joiner, const qy_joiner_previous *previous, const qy_epid_sigrl *list,
                      const qy_random *random, qy_trace *trace, qy_error *why)
{
  qy_epid_member *member = NULL;
  uint32_t own = 0;
  const size_t size = qy_epid_signature_size(list == NULL ? 0 : list->count);
  qy_buffer_init(&joiner->signature, QY_MAX_PROVISIONING_SIZE);
  qy_tlv_append_header(&joiner->signature, QY_TLV_EPID_SIG, size);
  uint8_t *signature = qy_buffer_extend(&joiner->signature, size);
  QY_TRY(qy_buffer_finish(&joiner->signature, "proof by the previous key", why));
  QY_TRY(qy_epid_member_new(&member, previous->group, previous->key, QY_EPID_HASH_BY_GID, trace, why));
  const qy_status status =
      qy_epid_sign(signature, size, &own, member, QY_VIEW_OF(joiner->challenge), NULL, list, random, trace, why);
  qy_epid_member_free(&member);
  QY_TRY(status);
  if (list != NULL && !qy_check(trace, QY_CHECK_QUOTING_MEMBER_REVOKED, own == 0,
                                .expected = qy_textf("none of %u entries", list->count),
                                .actual = qy_textf("%u entries", own), .origin = "SigRL")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning: the SigRL revokes the platform's previous key");
  }
  return QY_OK;
}

static qy_status prove(qy_joiner *joiner, const qy_joiner_previous *previous, const qy_random *random, qy_trace *trace,
                       qy_error *why)
{
  qy_epid_sigrl list;
  const bool has_list = joiner->previous_sigrl.size > 0;
  QY_TRY(check_key(joiner, previous, trace, why));
  if (has_list) {
    QY_TRY(read_list(&list, joiner, previous->group, trace, why));
  }
  QY_TRY(sign(joiner, previous, has_list ? &list : NULL, random, trace, why));
  joiner->previous_sigrl = (qy_view){0};
  return QY_OK;
}

qy_status qy_joiner_prove(qy_joiner *joiner, const qy_joiner_previous *previous, const qy_random *random,
                          qy_trace *trace, qy_error *why)
{
  qy_joiner_state next;
  qy_status status = qy_joiner_allow(joiner, QY_JOINER_PROVES, &next, why);
  if (status == QY_OK) {
    status = prove(joiner, previous, random, trace, why);
  }
  return qy_joiner_settle(joiner, status, next);
}
