/* SPDX-License-Identifier: Apache-2.0 */
/* EPID evidence: the report service judges the quote, and its report is appraised. */
#include <broker/conduct.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/log.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <net/http_client.h>

#define NONCE_SIZE 16
#define MAX_TEXT (1u << 20)

/* One quote and what the service says of it. */
typedef struct inquiry {
  qy_conduct *conduct;
  char nonce[2 * NONCE_SIZE + 1];
  qy_signed_report report;
} inquiry;

static void inquiry_clear(inquiry *this)
{
  qy_signed_report_clear(&this->report);
}

static qy_status ask_for_report(inquiry *this, qy_error *why)
{
  uint8_t nonce[NONCE_SIZE];
  const qy_conduct *conduct = this->conduct;
  QY_TRY(qy_random_fill(qy_random_system(), nonce, sizeof(nonce), why));
  qy_hex_encode(this->nonce, QY_VIEW_OF(nonce));
  return qy_report_client_report(&this->report, conduct->broker->reports, conduct->evidence.bytes,
                                 conduct->evidence.ps_sec_prop, this->nonce, why);
}

static qy_avr_evidence evidence_of(const inquiry *this)
{
  const qy_msg3_evidence *evidence = &this->conduct->evidence;
  return (qy_avr_evidence){.body = qy_buffer_view(&this->report.body),
                           .signature =
                               this->report.signature.size > 0 ? qy_buffer_view(&this->report.signature) : (qy_view){0},
                           .chain = this->report.chain.size > 0 ? qy_buffer_view(&this->report.chain) : (qy_view){0},
                           .quote = evidence->bytes,
                           .nonce = qy_view_text(this->nonce),
                           .pse_manifest = evidence->ps_sec_prop.size > 0 ? evidence->ps_sec_prop : (qy_view){0},
                           .spid = this->conduct->broker->settings.spid};
}

/* Under whatever root the report has. */
static void policy_for_nobody(qy_policy *out, qy_view chain_header)
{
  QY_SCOPED_BUFFER(pem, 65536);
  QY_SCOPED_CHAIN(chain);
  uint8_t root[QY_FINGERPRINT_SIZE];
  qy_http_decode_append(&pem, chain_header);
  const bool found = qy_chain_from_pem(&chain, qy_buffer_view(&pem), NULL) == QY_OK && chain.count > 0;
  if (found) {
    qy_certificate_fingerprint(root, chain.certificates[chain.count - 1]);
  }
  qy_conduct_policy_for_nobody(out, found ? root : NULL);
}

/* ---- For auditors ---- */

/* What was asked, so that the appraisal can be repeated with every expectation. */
static qy_status request_json(qy_buffer *out, const inquiry *this, const qy_avr_evidence *asked, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "secret", qy_json_new_text(this->conduct->session->secret_name));
  json_object_set_new(object, "spid", qy_json_new_hex(qy_view_over(asked->spid, QY_SPID_SIZE)));
  json_object_set_new(object, "nonce", qy_json_new_text(this->nonce));
  json_object_set_new(object, "quote_body", qy_json_new_base64(qy_view_slice(asked->quote, 0, QY_QUOTE_BODY_SIZE)));
  return qy_json_print(out, object, true, why);
}

static qy_status keep_with(const inquiry *this, const qy_avr_evidence *asked, const char *verdict, qy_error *why)
{
  const qy_conduct *conduct = this->conduct;
  QY_SCOPED_BUFFER(pem, MAX_TEXT);
  QY_SCOPED_BUFFER(request, MAX_TEXT);
  qy_http_decode_append(&pem, qy_buffer_view(&this->report.chain));
  QY_TRY(request_json(&request, this, asked, why));
  const qy_archive_file files[] = {{"report.json", qy_buffer_view(&this->report.body)},
                                   {"report.sig", qy_buffer_view(&this->report.signature)},
                                   {"chain.pem", qy_buffer_view(&pem)},
                                   {"request.json", qy_buffer_view(&request)},
                                   {"verdict.json", qy_view_text(verdict)}};
  return qy_archive_keep(conduct->broker->archive, conduct->session->id, conduct->epid->at_s, files,
                         sizeof(files) / sizeof(files[0]), why);
}

static void keep(const inquiry *this, const qy_avr_evidence *asked)
{
  char *text = NULL;
  qy_error why = {0};
  qy_status status = qy_verdict_to_json(&text, this->conduct->epid, &why);
  if (status == QY_OK) {
    status = keep_with(this, asked, text, &why);
    qy_appraisal_text_free(&text);
  }
  if (status != QY_OK) {
    qy_log(QY_LOG_ERROR, "broker", "session %s: the report was not kept: %s", this->conduct->session->id, why.message);
  }
}

static qy_release release_of(const qy_verdict *verdict)
{
  const qy_avr *report = &verdict->report;
  return (qy_release){.kind = QY_EVIDENCE_EPID,
                      .mr_enclave = verdict->quote.report.mr_enclave,
                      .mr_signer = verdict->quote.report.mr_signer,
                      .pseudonym = report->has_pseudonym ? QY_VIEW_OF(report->pseudonym) : (qy_view){0},
                      .report_id = report->id,
                      .status = verdict->status,
                      .policy_version = verdict->policy_version,
                      .simulated = verdict->simulated};
}

/* ---- The verdict ---- */

/* The client's list is not the service's any more. Nothing is wrong with the platform: it signs anew under the new
 * list. Only a report that is authentic can say so. */
static qy_status check_list_is_current(qy_conduct *conduct, qy_error *why)
{
  const qy_verdict *verdict = conduct->epid;
  if (!verdict->authentic || !verdict->has_report || verdict->report.status != QY_AVR_SIGRL_VERSION_MISMATCH) {
    return QY_OK;
  }
  conduct->list_changed = true;
  qy_report_client_forget_sigrl(conduct->broker->reports, conduct->session->group_id);
  return qy_fail(why, QY_ERR_SEQUENCE, "the revocation list changed meanwhile: begin a new session");
}

static qy_status appraise(inquiry *this, qy_error *why)
{
  qy_conduct *conduct = this->conduct;
  if (!conduct->is_known) {
    policy_for_nobody(&conduct->policy, qy_buffer_view(&this->report.chain));
  }
  conduct->epid = malloc(sizeof(*conduct->epid));
  if (conduct->epid == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a verdict");
  }
  const qy_avr_evidence asked = evidence_of(this);
  const qy_status status = qy_avr_appraise(conduct->epid, &asked, &conduct->policy, qy_clock_now_s(), why);
  conduct->trust = conduct->epid->trust;
  conduct->simulated = conduct->epid->simulated;
  conduct->release = release_of(conduct->epid);
  qy_conduct_put_exchange_first(&conduct->epid->trace, conduct);
  qy_conduct_log(conduct, &conduct->epid->trace);
  keep(this, &asked);
  QY_TRY(check_list_is_current(conduct, why));
  QY_TRY(status);
  return conduct->trust == QY_UNDECIDED ? qy_fail(why, QY_ERR_BUSY, "the appraisal reached no verdict") : QY_OK;
}

qy_status qy_conduct_appraise_epid(qy_conduct *conduct, qy_error *why)
{
  __attribute__((cleanup(inquiry_clear))) inquiry this = {.conduct = conduct};
  qy_signed_report_init(&this.report);
  QY_TRY(ask_for_report(&this, why));
  return appraise(&this, why);
}
