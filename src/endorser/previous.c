/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/previous.h>

static qy_status check_group(const qy_issuer *issuer, uint32_t gid, qy_trace *trace, qy_error *why)
{
  bool revoked = false;
  QY_TRY(qy_issuer_group_revoked(&revoked, issuer, gid, why));
  if (!qy_check(trace, QY_CHECK_ENDORSER_PREVIOUS_GROUP, !revoked, .expected = qy_textf("group %08x not revoked", gid),
                .actual = qy_textf("%srevoked", revoked ? "" : "not "), .origin = "GroupRL")) {
    return qy_fail(why, QY_ERR_REFUSED, "group %08x, of the machine's last key, is revoked", gid);
  }
  return QY_OK;
}

/* With both forms of its SigRL agreeing: the machine proves against the one, and is held against the other. */
static qy_status load_mended(qy_group *group, const qy_issuer *issuer, uint32_t gid, qy_trace *trace, qy_error *why)
{
  QY_TRY(qy_group_load(group, issuer->folder, gid, &issuer->ca, trace, why));
  if (qy_issuer_sigrl_forms_agree(group)) {
    return QY_OK;
  }
  QY_TRY(qy_issuer_mend_group(issuer, gid, why));
  qy_group_clear(group);
  return qy_group_load(group, issuer->folder, gid, &issuer->ca, trace, why);
}

qy_status qy_previous_find(bool *found, qy_previous_demand *demand, qy_group *group, const qy_issuer *issuer,
                           const uint8_t ppid[QY_PPID_SIZE], qy_trace *trace, qy_error *why)
{
  QY_SCOPED_LEDGER_ENTRY(latest);
  *demand = (qy_previous_demand){0};
  QY_TRY(qy_ledger_latest(found, &latest, issuer->folder, ppid, why));
  if (!*found) {
    return QY_OK;
  }
  demand->level = latest.record.level;
  demand->gid = qy_ledger_entry_gid(&latest);
  QY_TRY(check_group(issuer, demand->gid, trace, why));
  QY_TRY(load_mended(group, issuer, demand->gid, trace, why));
  demand->sigrl = qy_buffer_view(&group->sigrl_sgx);
  return QY_OK;
}

static qy_status set_lists(qy_epid_verifier *verifier, const qy_group *group, qy_trace *trace, qy_error *why)
{
  if (group->has_privrl) {
    QY_TRY(qy_epid_verifier_set_privrl(verifier, &group->privrl, trace, why));
  }
  /* A list without entries is not sent, so nobody refers to it. */
  return group->sigrl.count == 0 ? QY_OK : qy_epid_verifier_set_sigrl(verifier, &group->sigrl, trace, why);
}

qy_status qy_previous_verifier(qy_epid_verifier **verifier, qy_group *group, const char *folder, uint32_t gid,
                               qy_trace *trace, qy_error *why)
{
  QY_SCOPED_ISSUER(issuer);
  *verifier = NULL;
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(check_group(&issuer, gid, trace, why));
  QY_TRY(qy_group_load(group, folder, gid, &issuer.ca, trace, why));
  QY_TRY(qy_epid_verifier_new(verifier, &group->key, trace, why));
  const qy_status status = set_lists(*verifier, group, trace, why);
  if (status != QY_OK) {
    qy_epid_verifier_free(verifier);
  }
  return status;
}
