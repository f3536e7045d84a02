/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning enclave: joins an EPID group for the platform and seals the key for the quoting enclave of the same
 * signer (Intel SGX PSW, PvE). Unlike Intel's it keeps the whole conversation inside: SK never leaves it. */
#include <architectural/handlers.h>

#include <string.h>

#include <architectural/calls.h>
#include <architectural/common.h>
#include <architectural/opened_key.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <provisioning/keys.h>

void qy_pve_clear(qy_pve *pve)
{
  qy_joiner_clear(&pve->joiner);
  qy_wipe(pve, sizeof(*pve));
}

/* Out: the PPID's first byte. */
static qy_status selector(qy_view in, qy_buffer *out, qy_error *why)
{
  QY_SCOPED_SECRET(provision);
  const qy_psvn zero = {0};
  uint8_t ppid[QY_PPID_SIZE];
  if (in.size != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "PvE selector: the call takes nothing, there are %zu bytes", in.size);
  }
  QY_TRY(qy_ae_keys(&provision, NULL, &zero, why));
  QY_TRY(qy_provisioning_ppid(ppid, &provision, why));
  qy_buffer_append(out, ppid, 1);
  qy_wipe(ppid, sizeof(ppid));
  return qy_buffer_finish(out, "PvE selector", why);
}

static qy_status append_report(qy_buffer *out, qy_pve *pve, const qy_target_info *target,
                               const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  qy_report report;
  uint8_t encoded[QY_REPORT_SIZE];
  QY_TRY(qy_enclave_report(&report, target, report_data, why));
  qy_report_encode(encoded, &report);
  memcpy(pve->report_body, encoded, sizeof(pve->report_body));
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

/* In: signed PEK 492, target info of the PCE 512. Out: report for the PCE 432, n 384, e 4 (big-endian). */
static qy_status begin(qy_pve *pve, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  qy_xegb endorser;
  qy_target_info target;
  uint8_t report_data[QY_REPORT_DATA_SIZE], exponent[4];
  const qy_view pek = qy_read_view(&reader, QY_SIGNED_PEK_SIZE, "PEK");
  qy_ae_read_target(&target, &reader);
  QY_TRY(qy_read_finish(&reader, "PvE begin", why));
  QY_TRY(qy_ae_endorser(&endorser, why));
  QY_TRY(qy_joiner_begin(&pve->joiner, pek, &endorser, qy_random_system(), trace, why));
  QY_TRY(qy_pce_info_report_data(report_data, &pve->joiner.pek, why));
  QY_TRY(append_report(out, pve, &target, report_data, why));
  qy_writer writer = qy_writer_over(exponent, sizeof(exponent));
  qy_write_u32be(&writer, pve->joiner.pek.exponent);
  qy_buffer_append(out, pve->joiner.pek.modulus, QY_PEK_RSA_SIZE);
  qy_buffer_append(out, exponent, sizeof(exponent));
  return qy_buffer_finish(out, "PvE begin", why);
}

/* The level that msg1 tells: this platform's, or the one whose key is to be given back. */
static qy_status level_of(qy_platform_level *level, qy_pve *pve, bool recall, qy_error *why)
{
  qy_report_body self;
  pve->recalls = recall;
  if (recall) {
    if (!pve->misses_key) {
      return qy_fail(why, QY_ERR_SEQUENCE, "PvE recall: no key was asked for that is not here");
    }
    pve->misses_key = false;
    *level = pve->missed;
    return QY_OK;
  }
  QY_TRY(qy_enclave_self(&self, why));
  memcpy(level->cpu_svn, self.cpu_svn, sizeof(level->cpu_svn));
  level->pve_svn = self.isv_svn;
  return QY_OK;
}

/* In: encrypted PPID 384, PCE ISVSVN 2, PCE id 2. Out: msg1. */
static qy_status msg1(qy_pve *pve, qy_view in, bool recall, qy_buffer *out, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  const qy_view ppid = qy_read_view(&reader, QY_PEK_RSA_SIZE, "encrypted PPID");
  qy_platform_level level = {.pce_svn = qy_read_u16le(&reader, "PCE ISVSVN")};
  level.pce_id = qy_read_u16le(&reader, "PCE id");
  QY_TRY(qy_read_finish(&reader, "PvE msg1", why));
  QY_TRY(level_of(&level, pve, recall, why));
  return qy_joiner_make_msg1(&pve->joiner, out, ppid, &level, qy_random_system(), why);
}

/* Seals key and group for the quoting enclave; behind it the level that the platform had. */
static qy_status append_file(qy_buffer *out, const qy_joiner *joiner, const qy_epid_member_key *key, qy_error *why)
{
  QY_SCOPED_BUFFER(secret, QY_EPID_BLOB_SECRET_SIZE);
  uint8_t clear[QY_EPID_BLOB_CLEAR_SIZE], level[QY_PLATFORM_LEVEL_SIZE];
  qy_xegb endorser;
  QY_TRY(qy_ae_endorser(&endorser, why));
  qy_epid_blob_facts facts = {.pve_svn = joiner->equivalent.pve_svn,
                              .gid = joiner->gid,
                              .group = joiner->group,
                              .quote_wrap_key = endorser.quote_wrap_key,
                              .epid_signing_key = endorser.epid_signing_key,
                              .xeid = endorser.xeid};
  memcpy(facts.cpu_svn, joiner->equivalent.cpu_svn, sizeof(facts.cpu_svn));
  QY_TRY(qy_epid_blob_facts_encode(clear, &facts, why));
  uint8_t *plain = qy_buffer_extend(&secret, QY_EPID_BLOB_SECRET_SIZE);
  QY_TRY(qy_buffer_finish(&secret, "EPID key", why));
  QY_TRY(qy_epid_blob_secret_encode(plain, key, &joiner->group, why));
  QY_TRY(qy_enclave_seal(out, QY_KEY_POLICY_MRSIGNER, QY_VIEW_OF(clear), qy_buffer_view(&secret), why));
  qy_platform_level_encode(level, &joiner->level);
  qy_buffer_append(out, level, sizeof(level));
  return qy_buffer_finish(out, "EPID key", why);
}

static qy_status finish(qy_pve *pve, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key key = {0};
  const qy_psvn psvn = qy_platform_level_pve(&pve->joiner.equivalent);
  QY_TRY(qy_ae_keys(&provision, &escrow, &psvn, why));
  QY_TRY(qy_joiner_finish(&key, &pve->joiner, &provision, &escrow, trace, why));
  return append_file(out, &pve->joiner, &key, why);
}

/* Out: report for the PCE 432, the PSVN to certify it at 18. */
static qy_status join(qy_pve *pve, const qy_target_info *target, qy_buffer *out, qy_error *why)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  const qy_psvn pve_psvn = qy_platform_level_pve(&pve->joiner.equivalent);
  const qy_psvn pce_psvn = qy_platform_level_pce(&pve->joiner.equivalent);
  uint8_t report_data[QY_REPORT_DATA_SIZE], psvn[QY_PSVN_SIZE];
  QY_TRY(qy_ae_keys(&provision, &escrow, &pve_psvn, why));
  QY_TRY(qy_joiner_join(&pve->joiner, report_data, &provision, &escrow, qy_random_system(), why));
  QY_TRY(append_report(out, pve, target, report_data, why));
  qy_psvn_encode(psvn, &pce_psvn);
  qy_buffer_append(out, psvn, sizeof(psvn));
  return qy_buffer_finish(out, "PvE join", why);
}

/* The joiner takes either message at either turn's call; the calls are stricter, since what they answer differs. */
static qy_status expect(qy_pve *pve, qy_joiner_state state, const char *what, qy_error *why)
{
  const qy_joiner_state found = pve->joiner.state;
  if (found == state) {
    return QY_OK;
  }
  qy_pve_clear(pve);
  return qy_fail(why, QY_ERR_SEQUENCE, "PvE: %s does not belong into the state %s", what, qy_joiner_state_name(found));
}

/* The key that is asked for is not here: it can be asked back, in a conversation of its own. */
static qy_status miss_key(qy_pve *pve, const char *what, qy_error *why)
{
  const uint32_t gid = pve->joiner.previous_gid;
  pve->missed = pve->joiner.previous;
  pve->misses_key = true;
  qy_joiner_clear(&pve->joiner);
  return qy_fail(why, QY_ERR_NOT_FOUND, "PvE: a proof by the key of group %08x is asked for, and %s", gid, what);
}

/* The proof by the key that the platform had, for a server that asks for it. That a blob does not open is no fault that
 * would end things, so it is not in the trace. */
static qy_status prove(qy_pve *pve, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_OPENED_KEY(old);
  if (blob.size == 0) {
    return miss_key(pve, "there is no key", why);
  }
  const qy_status status = qy_ae_open_key(&old, blob, NULL, why);
  if (status == QY_ERR_REFUSED || status == QY_ERR_MALFORMED || status == QY_ERR_UNSUPPORTED) {
    return miss_key(pve, "the blob does not open here", why);
  }
  QY_TRY(status);
  qy_joiner_previous previous = {.psvn = {.isv_svn = old.facts.pve_svn}, .group = &old.facts.group, .key = &old.key};
  memcpy(previous.psvn.cpu_svn, old.facts.cpu_svn, sizeof(previous.psvn.cpu_svn));
  if (!qy_joiner_asks_for(&pve->joiner, &previous)) {
    return miss_key(pve, "the blob holds another key", why);
  }
  return qy_joiner_prove(&pve->joiner, &previous, qy_random_system(), trace, why);
}

/* In: target info of the PCE 512, 1 when the platform has a blob else 0, the blob 2836, the server's answer.
 * Out: 0, and what join() gives; or 1 and the file. */
static qy_status msg2(qy_pve *pve, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  qy_target_info target;
  qy_view blob = {0};
  qy_ae_read_target(&target, &reader);
  const uint8_t has_blob = qy_read_u8(&reader, "blob flag");
  if (has_blob == 1) {
    blob = qy_read_view(&reader, QY_EPID_BLOB_SIZE, "EPID blob");
  } else if (has_blob != 0) {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "blob flag", QY_TARGET_INFO_SIZE);
  }
  const qy_view response = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "PvE msg2", why));
  QY_TRY(expect(pve, QY_JOINER_AWAITS_MSG2, "msg2", why));
  QY_TRY(qy_joiner_open(&pve->joiner, response, trace, why));
  if (pve->recalls && pve->joiner.state != QY_JOINER_AWAITS_FINISH) {
    qy_pve_clear(pve);
    return qy_fail(why, QY_ERR_PEER, "PvE: the server asks for an earlier key and does not give it back");
  }
  if (pve->joiner.state == QY_JOINER_AWAITS_PROOF) {
    QY_TRY(prove(pve, blob, trace, why));
  }
  const uint8_t retrieved = pve->joiner.state == QY_JOINER_AWAITS_FINISH ? 1 : 0;
  qy_buffer_append(out, &retrieved, 1);
  return retrieved == 1 ? finish(pve, out, trace, why) : join(pve, &target, out, why);
}

/* In: the PCE's signature 64. Out: msg3. */
static qy_status msg3(qy_pve *pve, qy_view in, qy_buffer *out, qy_error *why)
{
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  qy_reader reader = qy_reader_over(in);
  qy_read_bytes(&reader, signature, sizeof(signature), "signature");
  QY_TRY(qy_read_finish(&reader, "PvE msg3", why));
  return qy_joiner_make_msg3(&pve->joiner, out, QY_VIEW_OF(pve->report_body), signature, qy_random_system(), why);
}

/* In: the server's answer. Out: the file. */
static qy_status msg4(qy_pve *pve, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_TRY(expect(pve, QY_JOINER_AWAITS_MSG4, "msg4", why));
  QY_TRY(qy_joiner_open(&pve->joiner, in, trace, why));
  return finish(pve, out, trace, why);
}

qy_status qy_pve_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  qy_pve *pve = context;
  const size_t at = out->size;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, at, qy_ae_answer_target_info(in, out, why));
  case QY_PVE_SELECTOR:
    return qy_ae_settle(out, at, selector(in, out, why));
  case QY_PVE_BEGIN:
    return qy_ae_settle(out, at, begin(pve, in, out, trace, why));
  case QY_PVE_MSG1:
    return qy_ae_settle(out, at, msg1(pve, in, false, out, why));
  case QY_PVE_RECALL:
    return qy_ae_settle(out, at, msg1(pve, in, true, out, why));
  case QY_PVE_MSG2:
    return qy_ae_settle(out, at, msg2(pve, in, out, trace, why));
  case QY_PVE_MSG3:
    return qy_ae_settle(out, at, msg3(pve, in, out, why));
  case QY_PVE_MSG4:
    return qy_ae_settle(out, at, msg4(pve, in, out, trace, why));
  default:
    return qy_ae_unknown("PvE", operation, why);
  }
}
