/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA evidence: the quote is appraised here, under the collateral of its platform. */
#include <broker/conduct.h>

#include <stdlib.h>
#include <string.h>

#include <base/file.h>
#include <base/log.h>
#include <crypto/hash.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <quotary/dcap_explain.h>

#define MAX_TEXT (1u << 20)

/* Under whatever root this broker looks for. */
static void policy_for_nobody(qy_policy *out, const qy_broker_settings *settings)
{
  QY_SCOPED_CERTIFICATE(root);
  uint8_t fingerprint[QY_FINGERPRINT_SIZE];
  const bool own = settings->collateral_root.size > 0 &&
                   qy_certificate_from_pem(&root, qy_buffer_view(&settings->collateral_root), NULL) == QY_OK;
  if (own) {
    qy_certificate_fingerprint(fingerprint, root);
  }
  qy_conduct_policy_for_nobody(out, own ? fingerprint : NULL);
}

/* ---- For auditors ---- */

/* What the quote was asked for, as `quotary verify --report-data` takes it, and when. */
static qy_status request_json(qy_buffer *out, const qy_conduct *conduct, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "secret", qy_json_new_text(conduct->session->secret_name));
  json_object_set_new(object, "evidence", json_string(qy_evidence_kind_name(conduct->session->kind)));
  json_object_set_new(object, "at", qy_json_new_time(conduct->ecdsa->at_s));
  json_object_set_new(object, "report_data", qy_json_new_hex(QY_VIEW_OF(conduct->evidence.report_data)));
  return qy_json_print(out, object, true, why);
}

/* As `quotary verify QUOTE --collateral DIR` reads them: what is not there stays out. */
static size_t list_collateral(qy_archive_file *files, const qy_held_collateral *held,
                              const qy_broker_settings *settings)
{
  static const char *const names[QY_PART_COUNT] = {[QY_PART_TCB_INFO] = "tcb_info.json",
                                                   [QY_PART_IDENTITY] = "qe_identity.json",
                                                   [QY_PART_PCK_CRL] = "pck_crl.der",
                                                   [QY_PART_ROOT_CRL] = "root_crl.der",
                                                   [QY_PART_TCB_CHAIN] = "tcb_chain.pem",
                                                   [QY_PART_IDENTITY_CHAIN] = "qe_chain.pem",
                                                   [QY_PART_PCK_CRL_CHAIN] = "pck_crl_chain.pem"};
  const qy_collateral_set *set = qy_held_collateral_set(held);
  size_t count = 0;
  for (size_t i = 0; i < QY_PART_COUNT; i++) {
    if (set->parts[i].size > 0) {
      files[count++] = (qy_archive_file){names[i], qy_buffer_view(&set->parts[i])};
    }
  }
  if (settings->collateral_root.size > 0) {
    files[count++] = (qy_archive_file){"root.pem", qy_buffer_view(&settings->collateral_root)};
  }
  return count;
}

static qy_status keep_with(const qy_conduct *conduct, const qy_held_collateral *held, const char *verdict,
                           qy_error *why)
{
  QY_SCOPED_BUFFER(request, MAX_TEXT);
  char *policy = NULL;
  qy_archive_file files[QY_PART_COUNT + 5];
  size_t count = list_collateral(files, held, &conduct->broker->settings);
  QY_TRY(request_json(&request, conduct, why));
  files[count++] = (qy_archive_file){"quote.bin", conduct->evidence.bytes};
  files[count++] = (qy_archive_file){"request.json", qy_buffer_view(&request)};
  files[count++] = (qy_archive_file){"verdict.json", qy_view_text(verdict)};
  if (conduct->is_known) {
    QY_TRY(qy_policy_to_json(&policy, &conduct->policy, why));
    files[count++] = (qy_archive_file){"policy.json", qy_view_text(policy)};
  }
  const qy_status status =
      qy_archive_keep(conduct->broker->archive, conduct->session->id, conduct->ecdsa->at_s, files, count, why);
  qy_appraisal_text_free(&policy);
  return status;
}

static void keep(const qy_conduct *conduct, const qy_held_collateral *held)
{
  char *text = NULL;
  qy_error why = {0};
  qy_dcap_mending mending;
  qy_dcap_mending_of(&mending, conduct->ecdsa, qy_held_collateral_prepared(held));
  qy_status status = qy_dcap_verdict_to_json(&text, conduct->ecdsa, &mending, &why);
  if (status == QY_OK) {
    status = keep_with(conduct, held, text, &why);
    qy_appraisal_text_free(&text);
  }
  if (status != QY_OK) {
    qy_log(QY_LOG_ERROR, "broker", "session %s: the evidence was not kept: %s", conduct->session->id, why.message);
  }
}

/* By which platforms are told apart, as pseudonyms tell those of EPID. */
static bool find_pck_id(uint8_t out[QY_FINGERPRINT_SIZE], const qy_dcap_quote *quote)
{
  QY_SCOPED_CHAIN(chain);
  if (qy_chain_from_pem(&chain, qy_certification_pem(&quote->certification), NULL) != QY_OK || chain.count == 0) {
    return false;
  }
  qy_certificate_fingerprint(out, chain.certificates[0]);
  return true;
}

static qy_release release_of(qy_conduct *conduct)
{
  const qy_dcap_verdict *verdict = conduct->ecdsa;
  const bool is_enclave = verdict->body_type == QY_DCAP_BODY_ENCLAVE;
  return (qy_release){.kind = is_enclave ? QY_EVIDENCE_SGX : QY_EVIDENCE_TDX,
                      .mr_enclave = is_enclave ? verdict->report.mr_enclave : NULL,
                      .mr_signer = is_enclave ? verdict->report.mr_signer : NULL,
                      .mr_td = is_enclave ? NULL : verdict->td.mr_td,
                      .fmspc = verdict->platform.fmspc,
                      .pck_id = find_pck_id(conduct->pck_id, &conduct->evidence.ecdsa) ? conduct->pck_id : NULL,
                      .status = qy_tcb_status_name(verdict->tcb_status),
                      .policy_version = verdict->policy_version,
                      .simulated = verdict->simulated};
}

/* ---- The verdict ---- */

static qy_status appraise(qy_conduct *conduct, const qy_held_collateral *held, const qy_policy *policy, int64_t now_s,
                          qy_error *why)
{
  const qy_dcap_evidence asked = {.quote = conduct->evidence.bytes,
                                  .report_data = QY_VIEW_OF(conduct->evidence.report_data)};
  return qy_dcap_appraise(conduct->ecdsa, &asked, qy_held_collateral_prepared(held), policy, now_s, why);
}

/* What no collateral would mend, like a chain that ends elsewhere, makes nobody ask the service for some. The policy of
 * the secret has no part in this: whether the service is asked must not tell which secrets there are. */
static qy_status find_collateral(qy_held_collateral **out, qy_conduct *conduct, int64_t now_s, qy_error *why)
{
  qy_collateral_source *source = conduct->broker->collateral;
  qy_policy nobodys;
  if (qy_collateral_source_known(out, source, conduct->evidence.bytes, now_s)) {
    return QY_OK;
  }
  policy_for_nobody(&nobodys, &conduct->broker->settings);
  *out = qy_collateral_source_nothing(source);
  QY_TRY(appraise(conduct, *out, &nobodys, now_s, why));
  if (conduct->ecdsa->refuted) {
    return QY_OK;
  }
  qy_held_collateral_release(out);
  return qy_collateral_source_get(out, source, conduct->evidence.bytes, now_s, why);
}

qy_status qy_conduct_appraise_ecdsa(qy_conduct *conduct, qy_error *why)
{
  const int64_t now_s = qy_clock_now_s();
  QY_SCOPED_HELD_COLLATERAL(held);
  conduct->ecdsa = malloc(sizeof(*conduct->ecdsa));
  if (conduct->ecdsa == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a verdict");
  }
  QY_TRY(find_collateral(&held, conduct, now_s, why));
  if (!conduct->is_known) {
    policy_for_nobody(&conduct->policy, &conduct->broker->settings);
  }
  const qy_status status = appraise(conduct, held, &conduct->policy, now_s, why);
  conduct->trust = conduct->ecdsa->trust;
  conduct->simulated = conduct->ecdsa->simulated;
  conduct->release = release_of(conduct);
  qy_conduct_put_exchange_first(&conduct->ecdsa->trace, conduct);
  qy_conduct_log(conduct, &conduct->ecdsa->trace);
  keep(conduct, held);
  QY_TRY(status);
  return conduct->trust == QY_UNDECIDED ? qy_fail(why, QY_ERR_BUSY, "the appraisal reached no verdict") : QY_OK;
}
