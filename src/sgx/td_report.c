/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>
#include <sgx/dcap_codec.h>

#include <string.h>

#include <crypto/hash.h>

/* Where the parts of the report lie. */
#define TCB_INFO_AT 256
#define TCB_INFO_SIZE 239
#define TD_INFO_AT 512
#define TD_INFO_SIZE 512

static void read_mac_struct(qy_reader *in, qy_td_report *out)
{
  out->type = qy_read_u8(in, "type");
  if (in->status == QY_OK && out->type != QY_TD_REPORT_TYPE) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "type (of a TDX report: 0x81)", 0);
  }
  out->subtype = qy_read_u8(in, "subtype");
  out->version = qy_read_u8(in, "version");
  qy_read_bytes(in, out->reserved1, sizeof(out->reserved1), "reserved after version");
  qy_read_bytes(in, out->cpu_svn, sizeof(out->cpu_svn), "cpu_svn");
  qy_read_bytes(in, out->tcb_info_hash, sizeof(out->tcb_info_hash), "tee_tcb_info_hash");
  qy_read_bytes(in, out->td_info_hash, sizeof(out->td_info_hash), "tee_info_hash");
  qy_read_bytes(in, out->report_data, sizeof(out->report_data), "report_data");
  qy_read_bytes(in, out->reserved2, sizeof(out->reserved2), "reserved after report_data");
  qy_read_bytes(in, out->mac, sizeof(out->mac), "mac");
}

static void read_tcb_info(qy_reader *in, qy_td_report *out)
{
  out->valid = qy_read_u64le(in, "valid");
  qy_read_bytes(in, out->tee_tcb_svn, sizeof(out->tee_tcb_svn), "tee_tcb_svn");
  qy_read_bytes(in, out->mr_seam, sizeof(out->mr_seam), "mrseam");
  qy_read_bytes(in, out->mr_signer_seam, sizeof(out->mr_signer_seam), "mrsignerseam");
  qy_read_bytes(in, out->seam_attributes, sizeof(out->seam_attributes), "seam_attributes");
  qy_read_bytes(in, out->tee_tcb_svn2, sizeof(out->tee_tcb_svn2), "tee_tcb_svn2");
  qy_read_bytes(in, out->reserved3, sizeof(out->reserved3), "reserved of TEE_TCB_INFO");
  qy_read_bytes(in, out->reserved4, sizeof(out->reserved4), "reserved before TDINFO");
}

static void read_td_info(qy_reader *in, qy_td_report *out)
{
  out->td_attributes = qy_read_u64le(in, "td_attributes");
  out->xfam = qy_read_u64le(in, "xfam");
  qy_read_bytes(in, out->mr_td, sizeof(out->mr_td), "mrtd");
  qy_read_bytes(in, out->mr_config_id, sizeof(out->mr_config_id), "mrconfigid");
  qy_read_bytes(in, out->mr_owner, sizeof(out->mr_owner), "mrowner");
  qy_read_bytes(in, out->mr_owner_config, sizeof(out->mr_owner_config), "mrownerconfig");
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    qy_read_bytes(in, out->rtmr[i], sizeof(out->rtmr[i]), "rtmr");
  }
  qy_read_bytes(in, out->mr_service_td, sizeof(out->mr_service_td), "mrservicetd");
  qy_read_bytes(in, out->td_id, sizeof(out->td_id), "td_id");
  qy_read_bytes(in, out->reserved5, sizeof(out->reserved5), "reserved after td_id");
  out->vmid = qy_read_u8(in, "vmid");
  qy_read_bytes(in, out->reserved6, sizeof(out->reserved6), "reserved after vmid");
  out->td_info_valid = qy_read_u32le(in, "valid of TDINFO");
}

qy_status qy_td_report_decode(qy_td_report *out, qy_view bytes, qy_error *why)
{
  qy_td_report report = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_mac_struct(&in, &report);
  read_tcb_info(&in, &report);
  read_td_info(&in, &report);
  QY_TRY(qy_read_finish(&in, "TD report", why));
  *out = report;
  return QY_OK;
}

static void write_mac_struct(qy_writer *out, const qy_td_report *report)
{
  qy_write_u8(out, report->type);
  qy_write_u8(out, report->subtype);
  qy_write_u8(out, report->version);
  qy_write_bytes(out, report->reserved1, sizeof(report->reserved1));
  qy_write_bytes(out, report->cpu_svn, sizeof(report->cpu_svn));
  qy_write_bytes(out, report->tcb_info_hash, sizeof(report->tcb_info_hash));
  qy_write_bytes(out, report->td_info_hash, sizeof(report->td_info_hash));
  qy_write_bytes(out, report->report_data, sizeof(report->report_data));
  qy_write_bytes(out, report->reserved2, sizeof(report->reserved2));
  qy_write_bytes(out, report->mac, sizeof(report->mac));
}

static void write_tcb_info(qy_writer *out, const qy_td_report *report)
{
  qy_write_u64le(out, report->valid);
  qy_write_bytes(out, report->tee_tcb_svn, sizeof(report->tee_tcb_svn));
  qy_write_bytes(out, report->mr_seam, sizeof(report->mr_seam));
  qy_write_bytes(out, report->mr_signer_seam, sizeof(report->mr_signer_seam));
  qy_write_bytes(out, report->seam_attributes, sizeof(report->seam_attributes));
  qy_write_bytes(out, report->tee_tcb_svn2, sizeof(report->tee_tcb_svn2));
  qy_write_bytes(out, report->reserved3, sizeof(report->reserved3));
  qy_write_bytes(out, report->reserved4, sizeof(report->reserved4));
}

static void write_td_info(qy_writer *out, const qy_td_report *report)
{
  qy_write_u64le(out, report->td_attributes);
  qy_write_u64le(out, report->xfam);
  qy_write_bytes(out, report->mr_td, sizeof(report->mr_td));
  qy_write_bytes(out, report->mr_config_id, sizeof(report->mr_config_id));
  qy_write_bytes(out, report->mr_owner, sizeof(report->mr_owner));
  qy_write_bytes(out, report->mr_owner_config, sizeof(report->mr_owner_config));
  qy_write_bytes(out, report->rtmr, sizeof(report->rtmr));
  qy_write_bytes(out, report->mr_service_td, sizeof(report->mr_service_td));
  qy_write_bytes(out, report->td_id, sizeof(report->td_id));
  qy_write_bytes(out, report->reserved5, sizeof(report->reserved5));
  qy_write_u8(out, report->vmid);
  qy_write_bytes(out, report->reserved6, sizeof(report->reserved6));
  qy_write_u32le(out, report->td_info_valid);
}

void qy_td_report_encode(uint8_t out[QY_TD_REPORT_SIZE], const qy_td_report *report)
{
  qy_writer writer = qy_writer_over(out, QY_TD_REPORT_SIZE);
  write_mac_struct(&writer, report);
  write_tcb_info(&writer, report);
  write_td_info(&writer, report);
  qy_write_done(&writer);
}

/* What the version has no meaning for. */
static bool unused_is_zero(const qy_td_report *report)
{
  const bool bound = qy_view_is_zero(QY_VIEW_OF(report->mr_service_td));
  const bool extended = qy_view_is_zero(QY_VIEW_OF(report->td_id)) && report->vmid == 0 && report->td_info_valid == 0;
  return (report->version >= 1 || bound) && (report->version >= 3 || extended);
}

qy_status qy_td_report_check_form(const qy_td_report *report, qy_error *why)
{
  if (report->subtype > 1 || (report->version != 0 && report->version != 1 && report->version != 3)) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "TD report: subtype %u, version %u", report->subtype, report->version);
  }
  if (report->valid != QY_TD_REPORT_VALID && report->valid != QY_TD_REPORT_VALID_SVN2) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "TD report: validity 0x%llx of TEE_TCB_INFO",
                   (unsigned long long)report->valid);
  }
  if (!qy_view_is_zero(QY_VIEW_OF(report->reserved1)) || !qy_view_is_zero(QY_VIEW_OF(report->reserved2)) ||
      !qy_view_is_zero(QY_VIEW_OF(report->reserved3)) || !qy_view_is_zero(QY_VIEW_OF(report->reserved4)) ||
      !qy_view_is_zero(QY_VIEW_OF(report->reserved5)) || !qy_view_is_zero(QY_VIEW_OF(report->reserved6)) ||
      !unused_is_zero(report)) {
    return qy_fail(why, QY_ERR_MALFORMED, "TD report: reserved bytes of version %u are not zero", report->version);
  }
  return QY_OK;
}

static qy_status hash_parts(uint8_t tcb_info[QY_TD_HASH_SIZE], uint8_t td_info[QY_TD_HASH_SIZE],
                            const qy_td_report *report, qy_error *why)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  qy_td_report_encode(bytes, report);
  const qy_view parts[] = {qy_view_over(bytes + TCB_INFO_AT, TCB_INFO_SIZE),
                           qy_view_over(bytes + TD_INFO_AT, TD_INFO_SIZE)};
  QY_TRY(qy_hash_parts(tcb_info, QY_SHA384, &parts[0], 1, why));
  return qy_hash_parts(td_info, QY_SHA384, &parts[1], 1, why);
}

qy_status qy_td_report_bind(qy_td_report *report, qy_error *why)
{
  return hash_parts(report->tcb_info_hash, report->td_info_hash, report, why);
}

qy_status qy_td_report_check_bound(const qy_td_report *report, qy_trace *trace, qy_error *why)
{
  uint8_t tcb_info[QY_TD_HASH_SIZE];
  uint8_t td_info[QY_TD_HASH_SIZE];
  QY_TRY(hash_parts(tcb_info, td_info, report, why));
  if (!qy_check(trace, QY_CHECK_TD_REPORT_TCB_INFO,
                qy_view_equal(QY_VIEW_OF(tcb_info), QY_VIEW_OF(report->tcb_info_hash)),
                .expected = qy_text_hex(QY_VIEW_OF(report->tcb_info_hash)), .actual = qy_text_hex(QY_VIEW_OF(tcb_info)),
                .origin = "the part of the report that the processor's MAC covers")) {
    return qy_fail(why, QY_ERR_REFUSED, "TD report: TEE_TCB_INFO has another hash than the MAC covers");
  }
  if (!qy_check(trace, QY_CHECK_TD_REPORT_TD_INFO, qy_view_equal(QY_VIEW_OF(td_info), QY_VIEW_OF(report->td_info_hash)),
                .expected = qy_text_hex(QY_VIEW_OF(report->td_info_hash)), .actual = qy_text_hex(QY_VIEW_OF(td_info)),
                .origin = "the part of the report that the processor's MAC covers")) {
    return qy_fail(why, QY_ERR_REFUSED, "TD report: TDINFO has another hash than the MAC covers");
  }
  return QY_OK;
}
