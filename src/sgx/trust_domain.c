/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/trust_domain.h>

#include <inttypes.h>
#include <string.h>

#include <base/cursor.h>
#include <crypto/symmetric.h>

#define BLOCK_SIZE 128
#define CPU_SVN_AT 16

/* ---- MRTD ---- */

void qy_td_measurement_begin(qy_td_measurement *measurement)
{
  qy_td_measurement_clear(measurement);
  qy_hash_begin(&measurement->hash, QY_SHA384);
  measurement->begun = true;
}

/* A step's name in 16 bytes, where it was made in 8, and zeros. */
static qy_status add_step(qy_td_measurement *measurement, const char *name, uint64_t gpa, uint64_t granule,
                          qy_error *why)
{
  uint8_t block[BLOCK_SIZE] = {0};
  char padded[16] = {0};
  if (!measurement->begun) {
    return qy_fail(why, QY_ERR_SEQUENCE, "MRTD: %s before it was begun", name);
  }
  if (gpa % granule != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "MRTD: %s: address 0x%" PRIx64 " is not aligned", name, gpa);
  }
  memcpy(padded, name, strnlen(name, sizeof(padded)));
  qy_writer out = qy_writer_over(block, sizeof(block));
  qy_write_bytes(&out, padded, sizeof(padded));
  qy_write_u64le(&out, gpa);
  qy_hash_update(&measurement->hash, QY_VIEW_OF(block));
  return qy_write_finish(&out, NULL, "MRTD", why);
}

qy_status qy_td_measurement_add_page(qy_td_measurement *measurement, uint64_t gpa, qy_error *why)
{
  return add_step(measurement, "MEM.PAGE.ADD", gpa, QY_PAGE_SIZE, why);
}

qy_status qy_td_measurement_extend(qy_td_measurement *measurement, uint64_t gpa, const uint8_t chunk[QY_EXTEND_SIZE],
                                   qy_error *why)
{
  QY_TRY(add_step(measurement, "MR.EXTEND", gpa, QY_EXTEND_SIZE, why));
  qy_hash_update(&measurement->hash, qy_view_over(chunk, QY_EXTEND_SIZE));
  return QY_OK;
}

qy_status qy_td_measurement_add_measured_page(qy_td_measurement *measurement, uint64_t gpa,
                                              const uint8_t page[QY_PAGE_SIZE], qy_error *why)
{
  QY_TRY(qy_td_measurement_add_page(measurement, gpa, why));
  for (uint32_t at = 0; at < QY_PAGE_SIZE; at += QY_EXTEND_SIZE) {
    QY_TRY(qy_td_measurement_extend(measurement, gpa + at, page + at, why));
  }
  return QY_OK;
}

qy_status qy_td_measurement_finish(uint8_t mr_td[QY_TD_HASH_SIZE], qy_td_measurement *measurement, qy_error *why)
{
  memset(mr_td, 0, QY_TD_HASH_SIZE);
  if (!measurement->begun) {
    return qy_fail(why, QY_ERR_SEQUENCE, "MRTD: finished before it was begun");
  }
  measurement->begun = false;
  return qy_hash_finish(&measurement->hash, mr_td, why);
}

void qy_td_measurement_clear(qy_td_measurement *measurement)
{
  qy_hash_clear(&measurement->hash);
  measurement->begun = false;
}

/* ---- The simulated TDX module ---- */

void qy_simulated_tee_tcb_svn(uint8_t out[QY_TEE_TCB_SVN_SIZE], uint8_t module_version, uint8_t module_svn,
                              const uint8_t cpu_svn[QY_CPU_SVN_SIZE])
{
  memset(out, 0, QY_TEE_TCB_SVN_SIZE);
  out[0] = module_svn;
  out[1] = module_version;
  out[2] = cpu_svn[0];
}

/* ---- RTMRs ---- */

qy_status qy_rtmr_extend(uint8_t rtmr[QY_TD_HASH_SIZE], const uint8_t digest[QY_TD_HASH_SIZE], qy_error *why)
{
  uint8_t next[QY_TD_HASH_SIZE];
  const qy_view parts[] = {qy_view_over(rtmr, QY_TD_HASH_SIZE), qy_view_over(digest, QY_TD_HASH_SIZE)};
  QY_TRY(qy_hash_parts(next, QY_SHA384, parts, 2, why));
  memcpy(rtmr, next, sizeof(next));
  return QY_OK;
}

/* ---- The MAC of a TDREPORT ---- */

static qy_status make_mac(uint8_t out[QY_TD_REPORT_MAC_SIZE], const uint8_t *mac_struct, const qy_secret *key,
                          qy_error *why)
{
  const qy_view maced = qy_view_over(mac_struct, QY_TD_REPORT_MACED_SIZE);
  if (key->size != QY_TD_REPORT_KEY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "TD report: a report key of %zu bytes", key->size);
  }
  return qy_hmac_sha256(out, qy_secret_view(key), &maced, 1, why);
}

qy_status qy_td_report_seal(qy_td_report *report, const qy_secret *key, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                            qy_error *why)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  report->type = QY_TD_REPORT_TYPE;
  memcpy(report->cpu_svn, cpu_svn, sizeof(report->cpu_svn));
  QY_TRY(qy_td_report_bind(report, why));
  qy_td_report_encode(bytes, report);
  return make_mac(report->mac, bytes, key, why);
}

qy_status qy_td_report_mac_fits(bool *fits, const uint8_t mac_struct[QY_TD_REPORT_MAC_STRUCT_SIZE],
                                const qy_secret *key, const uint8_t cpu_svn[QY_CPU_SVN_SIZE], qy_error *why)
{
  uint8_t mac[QY_TD_REPORT_MAC_SIZE];
  *fits = false;
  QY_TRY(make_mac(mac, mac_struct, key, why));
  *fits =
      mac_struct[0] == QY_TD_REPORT_TYPE &&
      qy_view_equal(qy_view_over(mac_struct + CPU_SVN_AT, QY_CPU_SVN_SIZE), qy_view_over(cpu_svn, QY_CPU_SVN_SIZE)) &&
      qy_equal_ct(mac, mac_struct + QY_TD_REPORT_MACED_SIZE, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  return QY_OK;
}
