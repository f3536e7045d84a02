/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>
#include <sgx/dcap_codec.h>

#include <string.h>

#define BIT_COUNT 64

const char *qy_td_attribute_name(unsigned bit)
{
  static const char *const names[BIT_COUNT] = {
      [0] = "DEBUG",       [4] = "HGS_PLUS_PROF", [5] = "PERF_PROF",        [6] = "PMT_PROF",    [16] = "ICSSD",
      [17] = "SERVTD_EXT", [27] = "LASS",         [28] = "SEPT_VE_DISABLE", [29] = "MIGRATABLE", [30] = "PKS",
      [31] = "KL",         [62] = "TPA",          [63] = "PERFMON",
  };
  return bit < BIT_COUNT ? names[bit] : NULL;
}

const char *qy_xfam_name(unsigned bit)
{
  static const char *const names[BIT_COUNT] = {
      "X87",   "SSE",   "AVX",   "BNDREGS", "BNDCSR", "OPMASK", "ZMM_HI256", "HI16_ZMM", "PT",       "PKRU",
      "PASID", "CET_U", "CET_S", "HDC",     "UINTR",  "LBR",    "HWP",       "TILECFG",  "TILEDATA", "APX",
  };
  return bit < BIT_COUNT ? names[bit] : NULL;
}

size_t qy_dcap_body_size(uint32_t body_type)
{
  switch (body_type) {
  case QY_DCAP_BODY_ENCLAVE:
    return QY_REPORT_BODY_SIZE;
  case QY_DCAP_BODY_TD_1_0:
    return QY_TD_BODY_1_0_SIZE;
  case QY_DCAP_BODY_TD_1_5:
    return QY_TD_BODY_1_5_SIZE;
  case QY_DCAP_BODY_TD_1_5_EX:
    return QY_TD_BODY_1_5_EX_SIZE;
  default:
    return 0;
  }
}

const char *qy_dcap_body_name(uint32_t body_type)
{
  static const char *const names[] = {"unknown", "enclave", "td-1.0", "td-1.5", "td-1.5-ex"};
  return names[body_type < sizeof(names) / sizeof(names[0]) ? body_type : 0];
}

static void read_1_0(qy_reader *in, qy_td_body *out)
{
  qy_read_bytes(in, out->tee_tcb_svn, sizeof(out->tee_tcb_svn), "tee_tcb_svn");
  qy_read_bytes(in, out->mr_seam, sizeof(out->mr_seam), "mrseam");
  qy_read_bytes(in, out->mr_signer_seam, sizeof(out->mr_signer_seam), "mrsignerseam");
  qy_read_bytes(in, out->seam_attributes, sizeof(out->seam_attributes), "seam_attributes");
  out->td_attributes = qy_read_u64le(in, "td_attributes");
  out->xfam = qy_read_u64le(in, "xfam");
  qy_read_bytes(in, out->mr_td, sizeof(out->mr_td), "mrtd");
  qy_read_bytes(in, out->mr_config_id, sizeof(out->mr_config_id), "mrconfigid");
  qy_read_bytes(in, out->mr_owner, sizeof(out->mr_owner), "mrowner");
  qy_read_bytes(in, out->mr_owner_config, sizeof(out->mr_owner_config), "mrownerconfig");
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    qy_read_bytes(in, out->rtmr[i], sizeof(out->rtmr[i]), "rtmr");
  }
  qy_read_bytes(in, out->report_data, sizeof(out->report_data), "report_data");
}

static void write_1_0(qy_writer *out, const qy_td_body *body)
{
  qy_write_bytes(out, body->tee_tcb_svn, sizeof(body->tee_tcb_svn));
  qy_write_bytes(out, body->mr_seam, sizeof(body->mr_seam));
  qy_write_bytes(out, body->mr_signer_seam, sizeof(body->mr_signer_seam));
  qy_write_bytes(out, body->seam_attributes, sizeof(body->seam_attributes));
  qy_write_u64le(out, body->td_attributes);
  qy_write_u64le(out, body->xfam);
  qy_write_bytes(out, body->mr_td, sizeof(body->mr_td));
  qy_write_bytes(out, body->mr_config_id, sizeof(body->mr_config_id));
  qy_write_bytes(out, body->mr_owner, sizeof(body->mr_owner));
  qy_write_bytes(out, body->mr_owner_config, sizeof(body->mr_owner_config));
  qy_write_bytes(out, body->rtmr, sizeof(body->rtmr));
  qy_write_bytes(out, body->report_data, sizeof(body->report_data));
}

static void read_extension(qy_reader *in, qy_td_body *out)
{
  out->vmid = qy_read_u8(in, "vmid");
  qy_read_bytes(in, out->td_id, sizeof(out->td_id), "td_id");
  qy_read_bytes(in, out->device_info, sizeof(out->device_info), "device_info");
  qy_read_bytes(in, out->initial_service_td_hash, sizeof(out->initial_service_td_hash), "initial_service_td_hash");
  out->initial_service_td_attributes = qy_read_u64le(in, "initial_service_td_attributes");
  qy_read_bytes(in, out->initial_cpu_svn, sizeof(out->initial_cpu_svn), "initial_cpu_svn");
  qy_read_bytes(in, out->initial_tee_tcb_svn, sizeof(out->initial_tee_tcb_svn), "initial_tee_tcb_svn");
  qy_read_bytes(in, out->initial_fmspc, sizeof(out->initial_fmspc), "initial_fmspc");
  qy_read_bytes(in, out->service_td_hash, sizeof(out->service_td_hash), "service_td_hash");
  out->service_td_attributes = qy_read_u64le(in, "service_td_attributes");
}

static void write_extension(qy_writer *out, const qy_td_body *body)
{
  qy_write_u8(out, body->vmid);
  qy_write_bytes(out, body->td_id, sizeof(body->td_id));
  qy_write_bytes(out, body->device_info, sizeof(body->device_info));
  qy_write_bytes(out, body->initial_service_td_hash, sizeof(body->initial_service_td_hash));
  qy_write_u64le(out, body->initial_service_td_attributes);
  qy_write_bytes(out, body->initial_cpu_svn, sizeof(body->initial_cpu_svn));
  qy_write_bytes(out, body->initial_tee_tcb_svn, sizeof(body->initial_tee_tcb_svn));
  qy_write_bytes(out, body->initial_fmspc, sizeof(body->initial_fmspc));
  qy_write_bytes(out, body->service_td_hash, sizeof(body->service_td_hash));
  qy_write_u64le(out, body->service_td_attributes);
}

void qy_read_td_body(qy_reader *in, qy_td_body *out, qy_dcap_body_type form)
{
  read_1_0(in, out);
  if (form >= QY_DCAP_BODY_TD_1_5) {
    qy_read_bytes(in, out->tee_tcb_svn2, sizeof(out->tee_tcb_svn2), "tee_tcb_svn2");
    qy_read_bytes(in, out->mr_service_td, sizeof(out->mr_service_td), "mrservicetd");
  }
  if (form >= QY_DCAP_BODY_TD_1_5_EX) {
    read_extension(in, out);
  }
}

void qy_write_td_body(qy_writer *out, const qy_td_body *body, qy_dcap_body_type form)
{
  write_1_0(out, body);
  if (form >= QY_DCAP_BODY_TD_1_5) {
    qy_write_bytes(out, body->tee_tcb_svn2, sizeof(body->tee_tcb_svn2));
    qy_write_bytes(out, body->mr_service_td, sizeof(body->mr_service_td));
  }
  if (form >= QY_DCAP_BODY_TD_1_5_EX) {
    write_extension(out, body);
  }
}

qy_status qy_td_body_decode(qy_td_body *out, qy_dcap_body_type form, qy_view bytes, qy_error *why)
{
  qy_td_body body = {0};
  memset(out, 0, sizeof(*out));
  if (form == QY_DCAP_BODY_ENCLAVE || qy_dcap_body_size(form) == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "TD body: %u is no form of one", form);
  }
  qy_reader in = qy_reader_over(bytes);
  qy_read_td_body(&in, &body, form);
  QY_TRY(qy_read_finish(&in, "TD body", why));
  *out = body;
  return QY_OK;
}

void qy_td_body_encode(uint8_t *out, qy_dcap_body_type form, const qy_td_body *body)
{
  qy_writer writer = qy_writer_over(out, qy_dcap_body_size(form));
  qy_write_td_body(&writer, body, form);
  qy_write_done(&writer);
}
