/* SPDX-License-Identifier: Apache-2.0 */
/* The host's part in provisioning: it carries bytes between PvE, PCE and the endorser, and can read none of them. */
#include <architectural/calls.h>

#include <string.h>

#include <base/limits.h>
#include <provisioning/transport.h>

#define MESSAGE_LIMIT (QY_PROVISIONING_RESPONSE_HEADER_SIZE + QY_MAX_PROVISIONING_SIZE)

/* Everyone who has a part. */
typedef struct parties {
  const qy_ae *pve;
  const qy_ae *pce;
  qy_target_info pce_target;
  qy_view signed_pek;
  qy_provisioning_post *post;
  void *context;
} parties;

/* PEK to PvE, report to PCE, PPID to PvE: msg1. */
static qy_status first_request(qy_buffer *msg1, const parties *p, bool recall, qy_trace *trace, qy_error *why)
{
  qy_rsa_public pek;
  qy_report report;
  qy_pce_info info;
  QY_TRY(qy_pve_begin(p->pve, &pek, &report, p->signed_pek, &p->pce_target, trace, why));
  QY_TRY(qy_pce_get_info(p->pce, &info, &report, &pek, trace, why));
  return recall ? qy_pve_recall(p->pve, msg1, &info, trace, why) : qy_pve_msg1(p->pve, msg1, &info, trace, why);
}

static qy_status second_request(uint8_t file[QY_EPID_BLOB_FILE_SIZE], const parties *p, const qy_pve_answer *answer,
                                qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(msg3, MESSAGE_LIMIT);
  QY_SCOPED_BUFFER(msg4, MESSAGE_LIMIT);
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  QY_TRY(qy_pce_certify(p->pce, signature, &answer->report, &answer->psvn, trace, why));
  QY_TRY(qy_pve_msg3(p->pve, &msg3, signature, trace, why));
  QY_TRY(p->post(p->context, qy_buffer_view(&msg3), &msg4, why));
  return qy_pve_msg4(p->pve, file, qy_buffer_view(&msg4), trace, why);
}

/* One conversation. `*misses_key`: it failed for want of the key to prove by. */
static qy_status converse(uint8_t file[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, bool *misses_key, const parties *p,
                          qy_view old_blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(msg1, MESSAGE_LIMIT);
  QY_SCOPED_BUFFER(msg2, MESSAGE_LIMIT);
  qy_pve_answer answer;
  *retrieved = false;
  *misses_key = false;
  QY_TRY(first_request(&msg1, p, false, trace, why));
  QY_TRY(p->post(p->context, qy_buffer_view(&msg1), &msg2, why));
  const qy_status status = qy_pve_msg2(p->pve, &answer, qy_buffer_view(&msg2), &p->pce_target, old_blob, trace, why);
  *misses_key = status == QY_ERR_NOT_FOUND;
  QY_TRY(status);
  *retrieved = answer.retrieved;
  if (answer.retrieved) {
    memcpy(file, answer.file, QY_EPID_BLOB_FILE_SIZE);
    return QY_OK;
  }
  return second_request(file, p, &answer, trace, why);
}

/* A conversation only to have the missing key given back. */
static qy_status recall(uint8_t blob[QY_EPID_BLOB_SIZE], const parties *p, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(msg1, MESSAGE_LIMIT);
  QY_SCOPED_BUFFER(msg4, MESSAGE_LIMIT);
  qy_pve_answer answer;
  QY_TRY(first_request(&msg1, p, true, trace, why));
  QY_TRY(p->post(p->context, qy_buffer_view(&msg1), &msg4, why));
  QY_TRY(qy_pve_msg2(p->pve, &answer, qy_buffer_view(&msg4), &p->pce_target, (qy_view){0}, trace, why));
  memcpy(blob, answer.file, QY_EPID_BLOB_SIZE);
  return QY_OK;
}

qy_status qy_provision_platform_again(uint8_t file[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, const qy_ae *pve,
                                      const qy_ae *pce, qy_view signed_pek, qy_view old_blob,
                                      qy_provisioning_post *post, void *context, qy_trace *trace, qy_error *why)
{
  parties p = {.pve = pve, .pce = pce, .signed_pek = signed_pek, .post = post, .context = context};
  uint8_t recalled[QY_EPID_BLOB_SIZE];
  bool given_back = false;
  memset(file, 0, QY_EPID_BLOB_FILE_SIZE);
  if (old_blob.size != 0 && old_blob.size != QY_EPID_BLOB_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning: an EPID blob of %zu bytes", old_blob.size);
  }
  QY_TRY(qy_ae_target_info(pce, &p.pce_target, why));
  for (unsigned round = 1;; round++) {
    bool misses_key = false;
    const qy_status status = converse(file, &given_back, &misses_key, &p, old_blob, trace, why);
    if (!misses_key || round == QY_PROVISIONING_ROUNDS) {
      if (retrieved != NULL) {
        *retrieved = given_back;
      }
      return status;
    }
    QY_TRY(recall(recalled, &p, trace, why));
    old_blob = QY_VIEW_OF(recalled);
  }
}

qy_status qy_provision_platform(uint8_t file[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, const qy_ae *pve,
                                const qy_ae *pce, qy_view signed_pek, qy_provisioning_post *post, void *context,
                                qy_trace *trace, qy_error *why)
{
  return qy_provision_platform_again(file, retrieved, pve, pce, signed_pek, (qy_view){0}, post, context, trace, why);
}
