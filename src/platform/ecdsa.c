/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quoting, of enclaves and of trust domains: an attestation key of each quoting enclave that this machine's PCE
 * certifies, the certificate that the endorser has for the PCE's key, and quotes under both (Intel DCAP, quote generation
 * library). */
#include <platform/service_state.h>

#include <stdlib.h>
#include <string.h>

#include <base/cursor.h>
#include <base/encoding.h>
#include <base/log.h>
#include <net/http_client.h>

#define CONNECT_MS 5000
#define EXCHANGE_MS 20000
#define MAX_CHAIN 32768u

/* ---- The key on disk ---- */

/* CPUSVN of the machine then 16, ISVSVN of QE and PCE 2 each, ISVSVN of the PCE that the certificate is for 2, QE report 384,
 * its signature 64, size of the sealed key 4, sealed key, chain (the rest). */
static qy_status decode_key(qy_ecdsa_store *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_read_bytes(&in, out->cpu_svn, sizeof(out->cpu_svn), "CPUSVN");
  out->qe_svn = qy_read_u16le(&in, "ISVSVN of the QE");
  out->pce_svn = qy_read_u16le(&in, "ISVSVN of the PCE");
  out->voucher.pce_svn = qy_read_u16le(&in, "ISVSVN of the certificate");
  qy_read_bytes(&in, out->voucher.qe_report, sizeof(out->voucher.qe_report), "QE report");
  qy_read_bytes(&in, out->voucher.qe_report_signature, sizeof(out->voucher.qe_report_signature), "signature");
  const uint32_t blob_size = qy_read_u32le(&in, "size of the sealed key");
  const qy_view blob = qy_read_view(&in, blob_size, "sealed key");
  const qy_view chain = qy_read_rest(&in);
  QY_TRY(qy_read_finish(&in, "attestation key", why));
  qy_buffer_append(&out->blob, blob.bytes, blob.size);
  qy_buffer_append(&out->chain, chain.bytes, chain.size);
  QY_TRY(qy_buffer_finish(&out->blob, "sealed key", why));
  return qy_buffer_finish(&out->chain, "certificates", why);
}

static void encode_key(qy_buffer *out, const qy_ecdsa_store *key)
{
  uint8_t head[QY_CPU_SVN_SIZE + 6], size[4];
  qy_writer writer = qy_writer_over(head, sizeof(head));
  qy_write_bytes(&writer, key->cpu_svn, sizeof(key->cpu_svn));
  qy_write_u16le(&writer, key->qe_svn);
  qy_write_u16le(&writer, key->pce_svn);
  qy_write_u16le(&writer, key->voucher.pce_svn);
  qy_buffer_append(out, head, sizeof(head));
  qy_buffer_append(out, key->voucher.qe_report, sizeof(key->voucher.qe_report));
  qy_buffer_append(out, key->voucher.qe_report_signature, sizeof(key->voucher.qe_report_signature));
  writer = qy_writer_over(size, sizeof(size));
  qy_write_u32le(&writer, (uint32_t)key->blob.size);
  qy_buffer_append(out, size, sizeof(size));
  qy_buffer_append(out, key->blob.bytes, key->blob.size);
  qy_buffer_append(out, key->chain.bytes, key->chain.size);
}

static void store_clear(qy_ecdsa_store *key)
{
  qy_buffer_clear(&key->blob);
  qy_buffer_clear(&key->chain);
  *key = (qy_ecdsa_store){0};
  qy_buffer_init(&key->blob, QY_ECDSA_BLOB_MAX_SIZE);
  qy_buffer_init(&key->chain, MAX_CHAIN);
}

static qy_status path_of(char out[QY_PATH_SIZE], const qy_service *service, const qy_dcap_quoting *quoting,
                         qy_error *why)
{
  return qy_path_join(out, QY_PATH_SIZE, service->config->state_folder, quoting->key_file, why);
}

static qy_status read_file(qy_dcap_quoting *quoting, const qy_service *service, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_ECDSA_BLOB_MAX_SIZE + MAX_CHAIN + 1024);
  QY_TRY(path_of(path, service, quoting, why));
  QY_TRY(qy_file_read(&bytes, path, why));
  return decode_key(&quoting->key, qy_buffer_view(&bytes), why);
}

/* ---- Certification ---- */

/* "http://host:port" of the provisioning URL: the endorser's other services are there too. */
static qy_status base_url(char *out, size_t size, const qy_service *service, qy_error *why)
{
  const char *url = service->config->provisioning_url;
  const char *authority = url == NULL ? NULL : strstr(url, "://");
  if (authority == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP: no URL of an endorser");
  }
  const size_t length = (size_t)(authority - url) + 3 + strcspn(authority + 3, "/?#");
  if (length >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "DCAP: the endorser's URL is too long");
  }
  memcpy(out, url, length);
  out[length] = '\0';
  return QY_OK;
}

static qy_status pck_url(qy_buffer *out, const qy_service *service, const qy_pce_info *info, qy_error *why)
{
  char base[512];
  const uint8_t pce_svn[] = {(uint8_t)info->pce_svn, (uint8_t)(info->pce_svn >> 8)};
  const uint8_t pce_id[] = {(uint8_t)info->pce_id, (uint8_t)(info->pce_id >> 8)};
  QY_TRY(base_url(base, sizeof(base), service, why));
  qy_buffer_appendf(out, "%s/sgx/certification/v4/pckcert?encrypted_ppid=", base);
  qy_hex_append(out, QY_VIEW_OF(info->encrypted_ppid));
  qy_buffer_append_text(out, "&cpusvn=");
  qy_hex_append(out, QY_VIEW_OF(service->cpu_svn));
  qy_buffer_append_text(out, "&pcesvn=");
  qy_hex_append(out, QY_VIEW_OF(pce_svn));
  qy_buffer_append_text(out, "&pceid=");
  qy_hex_append(out, QY_VIEW_OF(pce_id));
  return qy_buffer_finish(out, "URL of a PCK certificate", why);
}

/* The certificate and its issuers, and the TCB that it is for. */
static qy_status fetch_pck(qy_buffer *chain, qy_psvn *tcbm, const qy_service *service, qy_http_client *client,
                           const qy_pce_info *info, qy_error *why)
{
  uint8_t psvn[QY_PSVN_SIZE];
  QY_SCOPED_BUFFER(url, 4096);
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_TRY(pck_url(&url, service, info, why));
  const qy_http_call call = {.url = qy_buffer_text(&url)};
  QY_TRY(qy_http_exchange(&answer, client, &call, why));
  QY_TRY(qy_http_answer_need_success(&answer, "endorser, PCK certificate", why));
  const char *tcbm_text = qy_http_answer_header(&answer, "SGX-TCBm");
  const char *issuers = qy_http_answer_header(&answer, "SGX-PCK-Certificate-Issuer-Chain");
  if (tcbm_text == NULL || issuers == NULL) {
    return qy_fail(why, QY_ERR_MALFORMED, "endorser, PCK certificate: a header is missing");
  }
  QY_TRY(qy_hex_decode(psvn, sizeof(psvn), qy_view_text(tcbm_text), "SGX-TCBm", why));
  QY_TRY(qy_psvn_decode(tcbm, QY_VIEW_OF(psvn), why));
  qy_buffer_append(chain, answer.body.bytes, answer.body.size);
  qy_http_decode_append(chain, qy_view_text(issuers));
  qy_buffer_append(chain, "", 1); /* a NUL, as Intel's enclaves send it */
  return qy_buffer_finish(chain, "PCK certificate chain", why);
}

static qy_status certify(qy_dcap_quoting *quoting, qy_service *service, qy_http_client *client, qy_trace *trace,
                         qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&quoting->host), pce = qy_ae_host_stub(&service->pce);
  qy_ecdsa_store *out = &quoting->key;
  uint8_t signed_pek[QY_SIGNED_PEK_SIZE], report[QY_REPORT_SIZE];
  qy_target_info target;
  qy_ecdsa_key key;
  qy_pce_info info;
  qy_psvn tcbm;
  QY_TRY(qy_service_signed_pek(signed_pek, service, client, trace, why));
  QY_TRY(qy_ae_target_info(&pce, &target, why));
  QY_TRY(qy_ecdsa_make_key(&qe, &key, QY_VIEW_OF(signed_pek), &target, trace, why));
  QY_TRY(qy_pce_get_info(&pce, &info, &key.encrypt, &key.pek, trace, why));
  QY_TRY(fetch_pck(&out->chain, &tcbm, service, client, &info, why));
  QY_TRY(qy_pce_certify(&pce, out->voucher.qe_report_signature, &key.certify, &tcbm, trace, why));
  qy_report_encode(report, &key.certify);
  memcpy(out->voucher.qe_report, report, sizeof(out->voucher.qe_report));
  memcpy(out->cpu_svn, service->cpu_svn, sizeof(out->cpu_svn));
  out->qe_svn = quoting->host.identity.isv_svn;
  out->pce_svn = service->pce.identity.isv_svn;
  out->voucher.pce_svn = tcbm.isv_svn;
  qy_buffer_append(&out->blob, key.blob, key.blob_size);
  return qy_buffer_finish(&out->blob, "sealed key", why);
}

static qy_status make_new(qy_dcap_quoting *quoting, qy_service *service, qy_trace *trace, qy_error *why)
{
  const qy_http_client_config config = {
      .allow_plain = true, .system_roots = true, .connect_timeout_ms = CONNECT_MS, .timeout_ms = EXCHANGE_MS};
  char path[QY_PATH_SIZE];
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_BUFFER(bytes, QY_ECDSA_BLOB_MAX_SIZE + MAX_CHAIN + 1024);
  QY_TRY(qy_http_client_new(&client, &config, why));
  QY_TRY(certify(quoting, service, client, trace, why));
  encode_key(&bytes, &quoting->key);
  QY_TRY(qy_buffer_finish(&bytes, "attestation key", why));
  QY_TRY(path_of(path, service, quoting, why));
  QY_TRY(qy_file_write(path, qy_buffer_view(&bytes), true, why));
  qy_log(QY_LOG_INFO, "platform", "%s: a new attestation key is certified", quoting->host.name);
  return QY_OK;
}

/* ---- Quoting ---- */

/* A key is of use as long as the machine is what it was when the key was certified. */
static bool fits(const qy_dcap_quoting *quoting, const qy_service *service)
{
  const qy_ecdsa_store *key = &quoting->key;
  return key->blob.size > 0 && qy_view_equal(QY_VIEW_OF(key->cpu_svn), QY_VIEW_OF(service->cpu_svn)) &&
         key->qe_svn == quoting->host.identity.isv_svn && key->pce_svn == service->pce.identity.isv_svn;
}

static qy_status need_enclave(const qy_dcap_quoting *quoting, qy_error *why)
{
  return quoting->host.cpu != NULL
             ? QY_OK
             : qy_fail(why, QY_ERR_UNSUPPORTED, "DCAP: this machine has no %s; have the endorser sign one",
                       quoting->image);
}

/* With `provisioning` held. */
static qy_status make_ready(qy_dcap_quoting *quoting, qy_service *service, qy_trace *trace, qy_error *why)
{
  if (fits(quoting, service)) {
    return QY_OK;
  }
  store_clear(&quoting->key);
  if (read_file(quoting, service, NULL) == QY_OK && fits(quoting, service)) {
    return QY_OK;
  }
  store_clear(&quoting->key);
  const qy_status status = make_new(quoting, service, trace, why);
  if (status != QY_OK) {
    store_clear(&quoting->key);
  }
  return status;
}

static qy_ecdsa_voucher voucher_of(const qy_ecdsa_store *key)
{
  qy_ecdsa_voucher voucher = key->voucher;
  voucher.certification = (qy_certification){.type = QY_CERTIFICATION_PCK_CHAIN, .data = qy_buffer_view(&key->chain)};
  return voucher;
}

qy_status qy_service_init_dcap(qy_service *service, qy_target_info *target, qy_trace *trace, qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&service->ecdsa.host);
  QY_TRY(need_enclave(&service->ecdsa, why));
  (void)pthread_mutex_lock(&service->provisioning);
  const qy_status status = make_ready(&service->ecdsa, service, trace, why);
  (void)pthread_mutex_unlock(&service->provisioning);
  QY_TRY(status);
  return qy_ae_target_info(&qe, target, why);
}

static qy_status quote_with(qy_buffer *quote, qy_report *qe_report, qy_service *service, const qy_dcap_request *asked,
                            qy_trace *trace, qy_error *why)
{
  const qy_ecdsa_request request = {.version = asked->version, .report = asked->report, .nonce = asked->nonce};
  const qy_ae qe = qy_ae_host_stub(&service->ecdsa.host);
  const qy_ecdsa_voucher voucher = voucher_of(&service->ecdsa.key);
  return qy_ecdsa_quote(&qe, quote, qe_report, &request, &voucher, qy_buffer_view(&service->ecdsa.key.blob), trace,
                        why);
}

qy_status qy_service_quote_dcap(qy_service *service, qy_buffer *quote, qy_report *qe_report,
                                const qy_dcap_request *request, qy_trace *trace, qy_error *why)
{
  QY_TRY(need_enclave(&service->ecdsa, why));
  (void)pthread_mutex_lock(&service->provisioning);
  qy_status status = fits(&service->ecdsa, service)
                         ? quote_with(quote, qe_report, service, request, trace, why)
                         : qy_fail(why, QY_ERR_SEQUENCE, "DCAP: there is no attestation key yet; make ready first");
  (void)pthread_mutex_unlock(&service->provisioning);
  return status;
}

qy_status qy_service_quote_td(qy_service *service, qy_buffer *quote, const uint8_t td_report[QY_TD_REPORT_SIZE],
                              qy_trace *trace, qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&service->td.host);
  QY_TRY(need_enclave(&service->td, why));
  (void)pthread_mutex_lock(&service->provisioning);
  qy_status status = make_ready(&service->td, service, trace, why);
  if (status == QY_OK) {
    const qy_ecdsa_voucher voucher = voucher_of(&service->td.key);
    status = qy_ecdsa_quote_td(&qe, quote, td_report, &voucher, qy_buffer_view(&service->td.key.blob), trace, why);
  }
  (void)pthread_mutex_unlock(&service->provisioning);
  return status;
}

/* ---- Its life ---- */

qy_status qy_dcap_quoting_open(qy_dcap_quoting *out, const char *name, const char *image, const char *key_file,
                               qy_service *service, qy_error *why)
{
  const char *images = service->config->images_folder;
  char path[QY_PATH_SIZE];
  *out = (qy_dcap_quoting){.image = image, .key_file = key_file};
  store_clear(&out->key);
  QY_TRY(qy_path_join(path, sizeof(path), images, image, why));
  return !qy_file_exists(path) ? QY_OK : qy_ae_host_open(&out->host, name, &service->cpu, images, image, why);
}

void qy_dcap_quoting_close(qy_dcap_quoting *quoting)
{
  qy_ae_host_close(&quoting->host);
  store_clear(&quoting->key);
}
