/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <string.h>

#include <crypto/random.h>
#include <endorser/dcap.h>
#include <sgx/dcap_make.h>

#define DAY_S ((int64_t)86400)
#define LIMIT (1u << 20)

typedef enum who { ROOT = 0, CA, PCK, SIGNER, WHOS } who;

/* Who signs what of it, and what the endorser's documents follow from. */
typedef struct makers {
  qy_secret keys[WHOS];
  qy_p256_public publics[WHOS];
  qy_certificate *certificates[WHOS];
  qy_buffer pem[WHOS];
  qy_tcb_levels levels;
  qy_dcap_world world;
  qy_signed_enclaves enclaves;
  const qy_dcap_kind *kind;
} makers;

static void makers_clear(makers *m)
{
  for (size_t i = 0; i < WHOS; i++) {
    qy_secret_clear(&m->keys[i]);
    qy_certificate_free(&m->certificates[i]);
    qy_buffer_clear(&m->pem[i]);
  }
}

/* ---- Certificates and lists ---- */

static const uint8_t *newest(const makers *m)
{
  return m->levels.cpu_svns[m->levels.count - 1];
}

static qy_status make_extension(qy_buffer *out, const makers *m, qy_error *why)
{
  qy_pck_extension facts = {.pce_svn = m->enclaves.pce_svn, .sgx_type = m->kind->sgx_type, .has_platform = true};
  facts.dynamic_platform = facts.cached_keys = facts.smt_enabled = QY_CONFIGURED_TRUE;
  memset(facts.ppid, 0x1d, sizeof(facts.ppid));
  memcpy(facts.components, newest(m), sizeof(facts.components));
  memcpy(facts.cpu_svn, newest(m), sizeof(facts.cpu_svn));
  memcpy(facts.fmspc, m->kind->fmspc, sizeof(facts.fmspc));
  return qy_dcap_pck_extension_make(out, &facts, why);
}

static qy_status make_certificate(makers *m, who subject, who issuer, const char *name, qy_error *why)
{
  uint8_t serial[QY_DCAP_SERIAL_SIZE];
  QY_SCOPED_BUFFER(extension, LIMIT);
  QY_TRY(qy_dcap_serial(serial, &m->publics[subject], why));
  qy_certificate_request request = qy_dcap_request(name, issuer == CA ? QY_DCAP_PLATFORM : QY_DCAP_ROOT, serial);
  request.is_ca = subject == ROOT || subject == CA;
  request.not_before_s = BENCH_NOW_S - 100 * DAY_S;
  request.not_after_s = BENCH_NOW_S + 1000 * DAY_S;
  if (subject == PCK) {
    QY_TRY(make_extension(&extension, m, why));
    request.sgx_extension = qy_buffer_view(&extension);
  }
  QY_TRY(qy_certificate_make_p256(&m->pem[subject], &request, &m->publics[subject], m->certificates[issuer],
                                  &m->keys[issuer], why));
  return qy_certificate_from_pem(&m->certificates[subject], qy_buffer_view(&m->pem[subject]), why);
}

static qy_status make_authorities(makers *m, qy_error *why)
{
  for (size_t i = 0; i < WHOS; i++) {
    qy_buffer_init(&m->pem[i], LIMIT);
    QY_TRY(qy_p256_generate(&m->keys[i], &m->publics[i], qy_random_system(), why));
  }
  QY_TRY(make_certificate(m, ROOT, ROOT, "Simulated SGX Root CA", why));
  QY_TRY(make_certificate(m, CA, ROOT, "Simulated SGX PCK Platform CA", why));
  QY_TRY(make_certificate(m, PCK, CA, "Simulated SGX PCK Certificate", why));
  return make_certificate(m, SIGNER, ROOT, "Simulated SGX TCB Signing", why);
}

static qy_status make_crl(qy_buffer *out, const makers *m, who issuer, qy_error *why)
{
  const qy_crl_request request = {
      .this_update_s = BENCH_NOW_S - 10 * DAY_S, .next_update_s = BENCH_NOW_S + 20 * DAY_S, .number = 1};
  return qy_crl_make_p256(out, &request, m->certificates[issuer], &m->keys[issuer], why);
}

/* ---- Quotes ---- */

static void fill_subject(qy_dcap_subject *out, qy_report_body *report, qy_td_body *td, const makers *m, bench_tee tee)
{
  const qy_dcap_evaluation *asked = &m->world.evaluations[m->world.evaluation_count - 1];
  *report = (qy_report_body){.attributes = {0x5, 0x7}, .isv_prod_id = 1, .isv_svn = 1};
  *td = (qy_td_body){.td_attributes = QY_TD_SEPT_VE_DISABLE, .xfam = 0x61ae7};
  memset(report->mr_enclave, 0xe1, sizeof(report->mr_enclave));
  memset(report->mr_signer, 0x51, sizeof(report->mr_signer));
  memset(td->mr_td, 0x7d, sizeof(td->mr_td));
  qy_dcap_tee_tcb_svn(td->tee_tcb_svn, newest(m), asked->tdx_module_svn);
  memcpy(td->tee_tcb_svn2, td->tee_tcb_svn, sizeof(td->tee_tcb_svn2));
  out->version = tee == BENCH_SGX ? 3 : 5;
  out->body_type = tee == BENCH_SGX ? QY_DCAP_BODY_ENCLAVE : QY_DCAP_BODY_TD_1_5;
  out->report = report;
  out->td = td;
}

static qy_status fill_voucher(qy_dcap_voucher *out, const makers *m, bench_tee tee, const qy_p256_public *key,
                              qy_view pck_chain, qy_error *why)
{
  const qy_dcap_evaluation *asked = &m->world.evaluations[m->world.evaluation_count - 1];
  uint8_t report[QY_REPORT_BODY_SIZE];
  const qy_view signed_part = QY_VIEW_OF(report);
  *out = (qy_dcap_voucher){.qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data),
                           .certification = {QY_CERTIFICATION_PCK_CHAIN, pck_chain},
                           .pce_svn = m->enclaves.pce_svn};
  memcpy(out->attestation_key, key->bytes, sizeof(out->attestation_key));
  out->qe_report = (qy_report_body){.attributes = {0x15, 0x3},
                                    .isv_prod_id = tee == BENCH_SGX ? QY_DCAP_QE_PRODUCT : QY_DCAP_TD_QE_PRODUCT,
                                    .isv_svn = tee == BENCH_SGX ? asked->qe_svn : asked->td_qe_svn};
  memcpy(out->qe_report.cpu_svn, newest(m), QY_CPU_SVN_SIZE);
  memcpy(out->qe_report.mr_signer, m->enclaves.identity.mr_signer, sizeof(out->qe_report.mr_signer));
  QY_TRY(qy_dcap_qe_report_data(out->qe_report.report_data, out->attestation_key, out->qe_auth_data, why));
  qy_report_body_encode(report, &out->qe_report);
  return qy_p256_sign(out->qe_report_signature, &m->keys[PCK], &signed_part, 1, why);
}

static qy_status make_quote(qy_buffer *out, const makers *m, bench_tee tee, qy_view pck_chain, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_p256_public public_key;
  qy_report_body report;
  qy_td_body td;
  qy_dcap_subject subject;
  qy_dcap_voucher voucher;
  uint8_t quote[1u << 14];
  size_t size = 0;
  const qy_dcap_signer signer = {qy_dcap_sign_p256, &key};
  QY_TRY(qy_p256_generate(&key, &public_key, qy_random_system(), why));
  fill_subject(&subject, &report, &td, m, tee);
  QY_TRY(fill_voucher(&voucher, m, tee, &public_key, pck_chain, why));
  QY_TRY(qy_dcap_quote_make(quote, sizeof(quote), &size, &subject, &voucher, &signer, why));
  qy_buffer_append(out, quote, size);
  return qy_buffer_finish(out, "quote", why);
}

/* ---- All of it ---- */

static qy_status make_document(qy_buffer *out, const makers *m, qy_pcs_document document, qy_error *why)
{
  const qy_dcap_source source = {&m->world, &m->levels, &m->enclaves};
  return qy_pcs_document_make(out, document, &source, m->kind, m->world.evaluation_count - 1, &m->keys[SIGNER], why);
}

static void join(qy_buffer *out, const makers *m, const who *whos, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    qy_buffer_append(out, m->pem[whos[i]].bytes, m->pem[whos[i]].size);
  }
}

static qy_status make_all(bench_evidence *out, const makers *m, bench_tee tee, qy_error *why)
{
  static const who pck_chain[] = {PCK, CA, ROOT};
  static const who signing_chain[] = {SIGNER, ROOT};
  static const who root[] = {ROOT};
  join(&out->pck_chain, m, pck_chain, 3);
  join(&out->signing_chain, m, signing_chain, 2);
  join(&out->root, m, root, 1);
  QY_TRY(make_crl(&out->root_crl, m, ROOT, why));
  QY_TRY(make_crl(&out->pck_crl, m, CA, why));
  QY_TRY(make_document(&out->tcb_info, m, tee == BENCH_SGX ? QY_PCS_SGX_TCB : QY_PCS_TDX_TCB, why));
  QY_TRY(make_document(&out->identity, m, tee == BENCH_SGX ? QY_PCS_QE_IDENTITY : QY_PCS_TD_QE_IDENTITY, why));
  for (size_t i = 0; i < 2; i++) {
    QY_TRY(make_quote(&out->quotes[i], m, tee, qy_buffer_view(&out->pck_chain), why));
  }
  return QY_OK;
}

qy_status bench_evidence_make(bench_evidence *out, bench_tee tee, qy_error *why)
{
  qy_buffer *const buffers[] = {&out->tcb_info, &out->identity, &out->signing_chain, &out->pck_chain, &out->root_crl,
                                &out->pck_crl,  &out->root,     &out->quotes[0],     &out->quotes[1]};
  makers m = {.kind = qy_dcap_kind_by_name(QY_DCAP_DEFAULT_KIND), .enclaves = {.pce_svn = 2, .qe_svn = 1}};
  for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
    qy_buffer_init(buffers[i], LIMIT);
  }
  memset(m.enclaves.identity.mr_signer, 0xae, sizeof(m.enclaves.identity.mr_signer));
  qy_tcb_levels_default(&m.levels);
  qy_dcap_world_default(&m.world, &m.levels, BENCH_NOW_S - 5 * DAY_S);
  qy_status status = make_authorities(&m, why);
  if (status == QY_OK) {
    status = make_all(out, &m, tee, why);
  }
  makers_clear(&m);
  out->files = (qy_dcap_files){.tcb_info = qy_buffer_view(&out->tcb_info),
                               .identity = qy_buffer_view(&out->identity),
                               .tcb_chain = qy_buffer_view(&out->signing_chain),
                               .identity_chain = qy_buffer_view(&out->signing_chain),
                               .root_crl = qy_buffer_view(&out->root_crl),
                               .pck_crl = qy_buffer_view(&out->pck_crl),
                               .root = qy_buffer_view(&out->root)};
  return status;
}

void bench_evidence_clear(bench_evidence *evidence)
{
  qy_buffer_clear(&evidence->tcb_info);
  qy_buffer_clear(&evidence->identity);
  qy_buffer_clear(&evidence->signing_chain);
  qy_buffer_clear(&evidence->pck_chain);
  qy_buffer_clear(&evidence->root_crl);
  qy_buffer_clear(&evidence->pck_crl);
  qy_buffer_clear(&evidence->root);
  qy_buffer_clear(&evidence->quotes[0]);
  qy_buffer_clear(&evidence->quotes[1]);
}
