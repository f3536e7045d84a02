/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/provision.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <endorser/previous.h>

/* What the folder says at the time of one request. */
typedef struct register_view {
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_signed_enclaves enclaves;
  qy_machine_record machine;
  bool is_enrolled;
} register_view;

static void register_view_clear(register_view *view)
{
  qy_machine_record_clear(&view->machine);
}

static qy_status register_load(register_view *out, const char *folder, const uint8_t ppid[QY_PPID_SIZE], qy_error *why)
{
  QY_TRY(qy_tcb_levels_load(&out->levels, folder, why));
  QY_TRY(qy_tcb_policy_load(&out->policy, folder, &out->levels, why));
  QY_TRY(qy_signed_enclaves_load(&out->enclaves, folder, why));
  const qy_status status = qy_machine_record_load(&out->machine, folder, ppid, why);
  out->is_enrolled = status == QY_OK;
  return status == QY_ERR_NOT_FOUND ? QY_OK : status;
}

/* Damage in the folder must not look like a fault of the client's message. */
static qy_status own_fault(qy_status status, qy_error *why)
{
  const bool decided = status == QY_OK || status == QY_ERR_REFUSED || status == QY_ERR_BUSY || status == QY_ERR_EXISTS;
  return decided ? status : qy_fail_in(why, QY_ERR_INTERNAL, "endorser");
}

static qy_enrolled_machine machine_of(const register_view *view)
{
  qy_enrolled_machine machine = {.root = &view->machine.root, .architectural = view->enclaves.identity};
  memcpy(machine.ppid, view->machine.ppid, sizeof machine.ppid);
  return machine;
}

static qy_status admit(qy_provisioner *provisioner, const register_view *view, const char *folder, qy_trace *trace,
                       qy_error *why)
{
  bool has_leaked = false;
  const qy_enrolled_machine machine = machine_of(view);
  QY_TRY(qy_provisioner_admit(provisioner, view->is_enrolled ? &machine : NULL, trace, why));
  if (!qy_check(trace, QY_CHECK_ENDORSER_PLATFORM_REVOKED, !view->machine.revoked, .expected = qy_textf("not revoked"),
                .actual = qy_textf("%srevoked", view->machine.revoked ? "" : "not "),
                .origin = "register of machines")) {
    return qy_fail(why, QY_ERR_REFUSED, "the machine is revoked");
  }
  QY_TRY(qy_ledger_any_revoked(&has_leaked, folder, provisioner->ppid, why));
  if (!qy_check(trace, QY_CHECK_ENDORSER_KEY_REVOKED, !has_leaked, .expected = qy_textf("no key on a PrivRL"),
                .actual = qy_textf("%s", has_leaked ? "one of its keys" : "none"), .origin = "ledger")) {
    return qy_fail(why, QY_ERR_REFUSED, "a key of the machine has leaked");
  }
  return QY_OK;
}

/* The level that a credential is made for: the machine's own, with the CPUSVN by its canonical name. */
static qy_status equivalent_of(qy_platform_level *out, qy_group_tcb *tcb, const qy_platform_level *level,
                               const register_view *view, qy_trace *trace, qy_error *why)
{
  const unsigned number = qy_tcb_level_of(&view->levels, level->cpu_svn);
  if (!qy_check(trace, QY_CHECK_ENDORSER_LEVEL, number > 0, .expected = qy_textf("TCB level 1 or later"),
                .actual = qy_text_hex(QY_VIEW_OF(level->cpu_svn)), .origin = "TCB levels")) {
    return qy_fail(why, QY_ERR_REFUSED, "the machine is older than every level");
  }
  const bool known = level->pve_svn <= view->enclaves.pve_svn && level->pce_svn <= view->enclaves.pce_svn;
  if (!qy_check(trace, QY_CHECK_ENDORSER_SVN, known,
                .expected = qy_textf("PvE up to %u, PCE up to %u", view->enclaves.pve_svn, view->enclaves.pce_svn),
                .actual = qy_textf("%u and %u", level->pve_svn, level->pce_svn),
                .origin = "enclaves that were signed")) {
    return qy_fail(why, QY_ERR_REFUSED, "the machine names versions that were never signed");
  }
  *out = *level;
  if (number > 0) {
    memcpy(out->cpu_svn, view->levels.cpu_svns[number - 1], sizeof out->cpu_svn);
  }
  *tcb = (qy_group_tcb){.cpu_svn_level = number, .pve_svn = level->pve_svn, .pce_svn = level->pce_svn};
  return QY_OK;
}

/* The machine's credential for the level, unless its group is revoked. */
static qy_status find_credential(bool *found, qy_ledger_entry *out, const qy_issuer *issuer, const uint8_t *ppid,
                                 const qy_platform_level *level, qy_error *why)
{
  bool revoked = false;
  const qy_status status = qy_ledger_load(out, issuer->folder, ppid, level, why);
  *found = status == QY_OK;
  if (status == QY_ERR_NOT_FOUND) {
    return QY_OK;
  }
  QY_TRY(status);
  QY_TRY(qy_issuer_group_revoked(&revoked, issuer, qy_ledger_entry_gid(out), why));
  *found = !revoked;
  return QY_OK;
}

/* msg2 into a group of the level, with the demand for a proof by the key that the machine has for another level; or msg4
 * at once for a machine that has a credential for this one. */
static qy_status offer(qy_buffer *out, qy_provisioner *provisioner, const qy_provision_context *context,
                       const register_view *view, qy_trace *trace, qy_error *why)
{
  bool found = false;
  bool has_key = false;
  uint32_t gid = 0;
  qy_platform_level equivalent;
  qy_group_tcb tcb;
  qy_previous_demand demand;
  QY_SCOPED_LEDGER_ENTRY(entry);
  QY_SCOPED_GROUP(group);
  QY_SCOPED_GROUP(previous);
  QY_TRY(equivalent_of(&equivalent, &tcb, &provisioner->level, view, trace, why));
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, context->folder, why));
  QY_TRY(find_credential(&found, &entry, &issuer, provisioner->ppid, &equivalent, why));
  if (found) {
    const qy_enrolled_machine machine = machine_of(view);
    return qy_provisioner_make_backup(provisioner, out, &entry.record, &machine, qy_random_system(), why);
  }
  QY_TRY(qy_previous_find(&has_key, &demand, &previous, &issuer, provisioner->ppid, trace, why));
  QY_TRY(qy_issuer_group_for(&gid, &issuer, &tcb, why));
  QY_TRY(qy_group_load(&group, context->folder, gid, &issuer.ca, trace, why));
  const qy_view certificate = qy_buffer_view(&group.certificate);
  return has_key ? qy_provisioner_make_msg2_demanding(provisioner, out, certificate, &equivalent, &demand,
                                                      &context->pek_public, qy_random_system(), why)
                 : qy_provisioner_make_msg2(provisioner, out, certificate, &equivalent, &context->pek_public,
                                            qy_random_system(), why);
}

static qy_status answer_msg1(qy_buffer *out, qy_provisioner *provisioner, const qy_provision_context *context,
                             qy_view request, const uint8_t *xid, int64_t now_ms, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(register_view_clear))) register_view view = {0};
  const bool open = qy_transactions_has(context->transactions, xid, now_ms);
  if (!qy_check(trace, QY_CHECK_ENDORSER_TRANSACTION_NEW, !open, .expected = qy_textf("a fresh transaction id"),
                .actual = qy_textf("%s", open ? "one in use" : "fresh"), .origin = "open transactions")) {
    return qy_fail(why, QY_ERR_REFUSED, "the transaction is open already");
  }
  QY_TRY(qy_provisioner_open_msg1(provisioner, request, context->pek, trace, why));
  QY_TRY(own_fault(register_load(&view, context->folder, provisioner->ppid, why), why));
  QY_TRY(own_fault(admit(provisioner, &view, context->folder, trace, why), why));
  QY_TRY(own_fault(offer(out, provisioner, context, &view, trace, why), why));
  return provisioner->state == QY_PROVISIONER_AWAITS_MSG3
             ? qy_transactions_put(context->transactions, provisioner, now_ms, why)
             : QY_OK;
}

/* Issues and records, in this order and under the lock; the answer leaves only after the record is on disk. */
static qy_status issue(qy_buffer *out, qy_provisioner *provisioner, const qy_provision_context *context,
                       qy_trace *trace, qy_error *why)
{
  bool revoked = false;
  bool found = false;
  __attribute__((cleanup(qy_epid_issuing_key_clear))) qy_epid_issuing_key key = {0};
  QY_SCOPED_LEDGER_ENTRY(earlier);
  QY_SCOPED_LEDGER_ENTRY(entry);
  QY_SCOPED_GROUP(group);
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, context->folder, why));
  QY_TRY(qy_group_load(&group, context->folder, provisioner->gid, &issuer.ca, trace, why));
  QY_TRY(qy_issuer_group_revoked(&revoked, &issuer, provisioner->gid, why));
  if (!qy_check(trace, QY_CHECK_ENDORSER_GROUP_REVOKED, !revoked,
                .expected = qy_textf("group %08x not revoked", provisioner->gid),
                .actual = qy_textf("%srevoked", revoked ? "" : "not "), .origin = "GroupRL")) {
    return qy_fail(why, QY_ERR_REFUSED, "group %08x was revoked meanwhile", provisioner->gid);
  }
  QY_TRY(find_credential(&found, &earlier, &issuer, provisioner->ppid, &provisioner->equivalent, why));
  if (found) { /* another transaction was faster; a machine does not join twice */
    return qy_fail(why, QY_ERR_BUSY, "the machine was given a credential meanwhile");
  }
  QY_TRY(qy_issuer_issuing_key(&key, context->folder, provisioner->gid, why));
  memcpy(entry.f_commitment, provisioner->proof.request.f_commitment, sizeof entry.f_commitment);
  entry.issued_s = qy_clock_now_s();
  QY_TRY(qy_provisioner_make_msg4(provisioner, out, &entry.record, &group.key, &key,
                                  group.has_privrl ? &group.privrl : NULL, qy_random_system(), trace, why));
  return qy_ledger_store(context->folder, &entry, why);
}

/* The proof by the previous key, if it was demanded. */
static qy_status judge_previous(qy_provisioner *provisioner, const qy_provision_context *context, qy_view request,
                                qy_trace *trace, qy_error *why)
{
  QY_SCOPED_GROUP(group);
  qy_epid_verifier *verifier = NULL;
  if (provisioner->state != QY_PROVISIONER_AWAITS_PREVIOUS) {
    return QY_OK;
  }
  QY_TRY(
      own_fault(qy_previous_verifier(&verifier, &group, context->folder, provisioner->previous_gid, trace, why), why));
  const qy_status status = qy_provisioner_check_previous(provisioner, request, verifier, trace, why);
  qy_epid_verifier_free(&verifier);
  return status;
}

static qy_status answer_msg3(qy_buffer *out, qy_provisioner *provisioner, const qy_provision_context *context,
                             qy_view request, const uint8_t *xid, int64_t now_ms, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(register_view_clear))) register_view view = {0};
  const bool open = qy_transactions_take(provisioner, context->transactions, xid, now_ms);
  if (!qy_check(trace, QY_CHECK_ENDORSER_TRANSACTION, open, .expected = qy_textf("an open transaction"),
                .actual = qy_textf("%s", open ? "open" : "none, used or too old"), .origin = "open transactions")) {
    return qy_fail(why, QY_ERR_SEQUENCE, "the transaction is not open");
  }
  QY_TRY(own_fault(register_load(&view, context->folder, provisioner->ppid, why), why));
  const qy_enrolled_machine machine = machine_of(&view);
  const qy_pve_policy policy = {.mr_enclaves = view.enclaves.pve_measurements,
                                .mr_enclave_count = view.enclaves.pve_count,
                                .min_isv_svn = view.policy.pve_svn};
  QY_TRY(qy_provisioner_open_msg3(provisioner, request, context->pek, &machine, &policy, trace, why));
  QY_TRY(judge_previous(provisioner, context, request, trace, why));
  return own_fault(issue(out, provisioner, context, trace, why), why);
}

/* Which statuses tell the client of a failure. */
static void statuses_of(qy_gstatus *gstatus, qy_pstatus *pstatus, qy_status status, const qy_trace *trace)
{
  const qy_check_record *failed = qy_trace_failed(trace);
  *gstatus = QY_GSTATUS_PROTOCOL_ERROR;
  switch (failed == NULL ? QY_CHECK_NONE : failed->id) {
  case QY_CHECK_ENDORSER_PLATFORM_REVOKED:
    *pstatus = QY_PSTATUS_PLATFORM_REVOKED;
    return;
  case QY_CHECK_ENDORSER_KEY_REVOKED:
  case QY_CHECK_ENDORSER_PREVIOUS_GROUP:
    *pstatus = QY_PSTATUS_KEY_REVOKED;
    return;
  case QY_CHECK_ENDORSER_LEVEL:
    *pstatus = QY_PSTATUS_TCB_OUT_OF_DATE;
    return;
  case QY_CHECK_ENDORSER_SVN:
  case QY_CHECK_ENDORSER_TRANSACTION_NEW:
    *pstatus = QY_PSTATUS_INVALID_REQUEST;
    return;
  case QY_CHECK_ENDORSER_GROUP_REVOKED:
    *pstatus = QY_PSTATUS_PROVISIONING_ERROR;
    return;
  case QY_CHECK_ENDORSER_TRANSACTION:
    *gstatus = QY_GSTATUS_TRANSACTION_STATE_LOST;
    *pstatus = QY_PSTATUS_OK;
    return;
  default:
    break;
  }
  if (status == QY_ERR_BUSY || status == QY_ERR_EXISTS) {
    *gstatus = QY_GSTATUS_SERVER_BUSY;
    *pstatus = QY_PSTATUS_OK;
    return;
  }
  qy_provisioning_failure(gstatus, pstatus, status, trace);
}

static qy_status answer_endpoint(qy_buffer *out, const qy_provision_context *context, qy_view request, qy_error *why)
{
  uint8_t xid[QY_XID_SIZE];
  uint8_t selector = 0;
  QY_TRY(qy_endpoint_request_open(xid, &selector, request, why)); /* one endpoint serves every selector */
  return qy_endpoint_response_make(out, xid, &context->endpoint, context->pek, why);
}

static qy_status dispatch(qy_buffer *out, qy_provisioner *provisioner, const qy_provision_context *context,
                          qy_view request, int64_t now_ms, qy_trace *trace, qy_error *why)
{
  qy_provisioning_request decoded;
  QY_TRY(qy_provisioning_request_decode(&decoded, request, why));
  if (decoded.protocol == QY_PROTOCOL_ENDPOINT_SELECTION) {
    return answer_endpoint(out, context, request, why);
  }
  if (decoded.protocol == QY_PROTOCOL_EPID && decoded.type == QY_PROVISIONING_MSG1) {
    return answer_msg1(out, provisioner, context, request, decoded.xid, now_ms, trace, why);
  }
  if (decoded.protocol == QY_PROTOCOL_EPID && decoded.type == QY_PROVISIONING_MSG3) {
    return answer_msg3(out, provisioner, context, request, decoded.xid, now_ms, trace, why);
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "protocol %u, message type %u", decoded.protocol, decoded.type);
}

qy_status qy_provision_answer(qy_buffer *out, qy_provision_context *context, qy_view request, int64_t now_ms,
                              qy_trace *trace, qy_error *cause)
{
  QY_SCOPED_PROVISIONER(provisioner);
  QY_SCOPED_BUFFER(made, QY_MAX_PROVISIONING_SIZE);
  const qy_status status = dispatch(&made, &provisioner, context, request, now_ms, trace, cause);
  if (status == QY_OK) {
    if (cause != NULL) {
      *cause = (qy_error){0}; /* what was looked for in vain on the way is no cause of anything */
    }
    qy_buffer_append(out, made.bytes, made.size);
    return qy_buffer_finish(out, "answer", cause);
  }
  qy_gstatus gstatus;
  qy_pstatus pstatus;
  statuses_of(&gstatus, &pstatus, status, trace);
  return qy_provisioner_refuse(&provisioner, out, request, gstatus, pstatus, qy_random_system(), NULL);
}
