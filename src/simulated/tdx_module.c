/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/tdx_module.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <crypto/hash.h>
#include <sgx/trust_domain.h>

#define OFFERED_ATTRIBUTES (QY_TD_DEBUG | QY_TD_SEPT_VE_DISABLE)

static qy_status check_parameters(qy_trace *trace, const qy_td_image *image, qy_error *why)
{
  const bool held = (image->attributes & ~OFFERED_ATTRIBUTES) == 0 &&
                    (image->xfam & QY_XFAM_FIXED_1) == QY_XFAM_FIXED_1 && (image->xfam & ~QY_XFAM_ALLOWED) == 0;
  if (!qy_check(trace, QY_CHECK_TRUST_DOMAIN_ATTRIBUTES, held,
                .expected =
                    qy_textf("attributes within %#" PRIx64 ", xfam within %#" PRIx64 " with %#" PRIx64,
                             (uint64_t)OFFERED_ATTRIBUTES, (uint64_t)QY_XFAM_ALLOWED, (uint64_t)QY_XFAM_FIXED_1),
                .actual = qy_textf("attributes %#" PRIx64 ", xfam %#" PRIx64, image->attributes, image->xfam),
                .origin = "rule of the simulated TDX module")) {
    return qy_fail(why, QY_ERR_REFUSED, "TDH.MNG.INIT: attributes that this TDX module does not offer");
  }
  return QY_OK;
}

qy_status qy_trust_domain_build(qy_trust_domain *out, const qy_td_image *image, const qy_tdx_module_level *module,
                                qy_trace *trace, qy_error *why)
{
  *out = (qy_trust_domain){.attributes = image->attributes, .xfam = image->xfam};
  if (module->version == 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "this machine has no TDX module: it runs no trust domains");
  }
  QY_TRY(check_parameters(trace, image, why));
  QY_TRY(qy_td_image_measure(out->mr_td, image, why));
  return qy_td_image_config_id(out->mr_config_id, image, why);
}

/* The module is a part of the processor's program and has no image of its own to measure: MRSEAM is the hash of its name. */
static qy_status measure_module(uint8_t mr_seam[QY_TD_HASH_SIZE], const qy_tdx_module_level *module, qy_error *why)
{
  const qy_text name = qy_textf("Quotary simulated TDX module, version %u, SVN %u", module->version, module->svn);
  const qy_view part = qy_view_text(name.chars);
  return qy_hash_parts(mr_seam, QY_SHA384, &part, 1, why);
}

qy_status qy_trust_domain_report(qy_td_report *out, const qy_trust_domain *domain, const qy_tdx_module_level *module,
                                 const qy_fuses *fuses, const uint8_t cpu_svn[QY_CPU_SVN_SIZE], uint8_t version,
                                 const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  qy_td_report report = {.version = version,
                         .valid = version == 0 ? QY_TD_REPORT_VALID : QY_TD_REPORT_VALID_SVN2,
                         .td_attributes = domain->attributes,
                         .xfam = domain->xfam};
  *out = (qy_td_report){0};
  if (version > 1) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "TDG.MR.REPORT: version %u, 0 and 1 there are", version);
  }
  qy_simulated_tee_tcb_svn(report.tee_tcb_svn, module->version, module->svn, cpu_svn);
  if (version ==
      1) { /* the module that launched the trust domain is the one that runs: there is no update while it does */
    memcpy(report.tee_tcb_svn2, report.tee_tcb_svn, sizeof(report.tee_tcb_svn2));
  }
  QY_TRY(measure_module(report.mr_seam, module, why));
  memcpy(report.mr_td, domain->mr_td, sizeof(report.mr_td));
  memcpy(report.mr_config_id, domain->mr_config_id, sizeof(report.mr_config_id));
  memcpy(report.rtmr, domain->rtmr, sizeof(report.rtmr));
  memcpy(report.report_data, report_data, sizeof(report.report_data));
  QY_TRY(qy_td_report_seal(&report, &fuses->td_report_key, cpu_svn, why));
  *out = report;
  return QY_OK;
}

qy_status qy_trust_domain_extend(qy_trust_domain *domain, unsigned rtmr, const uint8_t digest[QY_TD_HASH_SIZE],
                                 qy_error *why)
{
  if (rtmr >= QY_TD_RTMR_COUNT) {
    return qy_fail(why, QY_ERR_ARGUMENT, "TDG.MR.RTMR.EXTEND: register %u, 0 to %d there are", rtmr,
                   QY_TD_RTMR_COUNT - 1);
  }
  return qy_rtmr_extend(domain->rtmr[rtmr], digest, why);
}
