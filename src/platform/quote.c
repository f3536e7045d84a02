/* SPDX-License-Identifier: Apache-2.0 */
/* Quoting, step by step as Intel's AESM does it (Intel SGX PSW, EPID quote service). */
#include <platform/service_state.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include <base/log.h>

#define PATIENCE_S 60
#define RETRY_MS 60000

static qy_status take_provisioning(qy_service *service, qy_error *why)
{
  struct timespec until;
  (void)clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_S;
  return pthread_mutex_timedlock(&service->provisioning, &until) == 0
             ? QY_OK
             : qy_fail(why, QY_ERR_BUSY, "provisioning is under way since more than %d seconds", PATIENCE_S);
}

/* Opens the blob in the quoting enclave. What it sealed anew goes to disk. QY_ERR_REFUSED when it does not open here. */
static qy_status verify_blob(qy_service *service, qy_epid_blob_facts *facts, uint8_t file[QY_EPID_BLOB_FILE_SIZE],
                             qy_trace *trace, qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&service->qe);
  qy_qe_blob_answer answer;
  QY_TRY(qy_qe_verify_blob(&qe, &answer, qy_view_over(file, QY_EPID_BLOB_SIZE), trace, why));
  if (answer.resealed) {
    memcpy(file, answer.blob, QY_EPID_BLOB_SIZE);
    QY_TRY(qy_key_store_put(&service->key, file, why));
  }
  *facts = answer.facts;
  return QY_OK;
}

/* Whether the key was issued for less than this machine is by now. */
static bool is_outdated(const qy_service *service, const uint8_t file[QY_EPID_BLOB_FILE_SIZE])
{
  qy_view blob;
  qy_platform_level level;
  if (qy_epid_blob_file_decode(&blob, &level, qy_view_over(file, QY_EPID_BLOB_FILE_SIZE), NULL) != QY_OK) {
    return true;
  }
  return service->qe.identity.isv_svn > level.pve_svn || service->pce.identity.isv_svn > level.pce_svn ||
         memcmp(service->cpu_svn, level.cpu_svn, sizeof(level.cpu_svn)) != 0;
}

/* An old key is better than none: when a newer one cannot be had, it stays. */
static void try_update(qy_service *service)
{
  const int64_t now_ms = qy_clock_steady_ms();
  qy_error cause = {0};
  if (now_ms < service->retry_at_ms) {
    return;
  }
  if (qy_service_provision(service, &cause) != QY_OK) {
    qy_log(QY_LOG_WARNING, "platform", "the attestation key stays as it is");
  }
  service->retry_at_ms = now_ms + RETRY_MS;
}

static qy_status make_ready(qy_service *service, qy_epid_blob_facts *facts, qy_trace *trace, qy_error *why)
{
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
  qy_error cause = {0};
  bool usable = false;
  if (qy_key_store_get(&service->key, file)) {
    const qy_status status = verify_blob(service, facts, file, NULL, &cause);
    if (status != QY_OK && status != QY_ERR_REFUSED && status != QY_ERR_MALFORMED && status != QY_ERR_UNSUPPORTED) {
      return qy_fail(why, status, "%s", cause.message); /* says nothing of the key */
    }
    usable = status == QY_OK;
  }
  if (usable && !is_outdated(service, file)) {
    return QY_OK;
  }
  if (usable) {
    try_update(service);
  } else {
    QY_TRY(qy_service_provision(service, why));
  }
  if (!qy_key_store_get(&service->key, file)) {
    return qy_fail(why, QY_ERR_INTERNAL, "provisioning: no key after all");
  }
  return verify_blob(service, facts, file, trace, why);
}

qy_status qy_service_init_quote(qy_service *service, qy_target_info *target, uint32_t *gid, qy_trace *trace,
                                qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&service->qe);
  qy_epid_blob_facts facts = {0};
  QY_TRY(take_provisioning(service, why));
  const qy_status status = make_ready(service, &facts, trace, why);
  (void)pthread_mutex_unlock(&service->provisioning);
  QY_TRY(status);
  QY_TRY(qy_ae_target_info(&qe, target, why));
  *gid = facts.gid;
  return QY_OK;
}

qy_status qy_service_quote(qy_service *service, qy_buffer *quote, qy_report *qe_report, const qy_quote_request *request,
                           qy_trace *trace, qy_error *why)
{
  const qy_ae qe = qy_ae_host_stub(&service->qe);
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
  if (!qy_key_store_get(&service->key, file)) {
    return qy_fail(why, QY_ERR_SEQUENCE, "quote: there is no attestation key yet; make ready to quote first");
  }
  const qy_qe_request asked = {.report = request->report,
                               .quote_type = request->quote_type,
                               .spid = request->spid,
                               .nonce = request->nonce,
                               .pce_svn = service->pce.identity.isv_svn,
                               .blob = qy_view_over(file, QY_EPID_BLOB_SIZE),
                               .sigrl = request->sigrl};
  return qy_qe_get_quote(&qe, quote, qe_report, &asked, trace, why);
}
