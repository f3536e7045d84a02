/* SPDX-License-Identifier: Apache-2.0 */
/* Records of key dependencies: which fields enter which key is in the SDM's EGETKEY table; their order, sizes and
 * padding are those of the simulation mode of the Intel SGX SDK. The key is the CMAC of the whole record, zero
 * padding included, under the base key of its name. */
#include <sgx/keys.h>

#include <string.h>

#include <crypto/symmetric.h>
#include <sgx/codec.h>

#define POLICY_KSS (QY_KEY_POLICY_CONFIGID | QY_KEY_POLICY_ISVFAMILYID | QY_KEY_POLICY_ISVEXTPRODID)
#define POLICY_KNOWN (QY_KEY_POLICY_MRENCLAVE | QY_KEY_POLICY_MRSIGNER | QY_KEY_POLICY_NOISVPRODID | POLICY_KSS)

#define RECORD_MAX 280
#define RECORD_REPORT 192
#define RECORD_SEAL 280
#define RECORD_PROVISION 104
#define RECORD_PROVISION_SEAL 200
#define RECORD_EINITTOKEN 128

void qy_fuses_clear(qy_fuses *fuses)
{
  qy_wipe(fuses, sizeof(*fuses));
}

const char *qy_key_outcome_name(qy_key_outcome outcome)
{
  switch (outcome) {
  case QY_KEY_GRANTED:
    return "granted";
  case QY_KEY_INVALID_ATTRIBUTE:
    return "invalid-attribute";
  case QY_KEY_INVALID_CPUSVN:
    return "invalid-cpusvn";
  case QY_KEY_INVALID_ISVSVN:
    return "invalid-isvsvn";
  case QY_KEY_INVALID_KEYNAME:
    return "invalid-keyname";
  case QY_KEY_FAULT:
  default:
    return "fault";
  }
}

/* Index in the list of levels, or its count. */
static size_t level_of(const qy_fuses *fuses, const uint8_t cpu_svn[QY_CPU_SVN_SIZE])
{
  size_t level = 0;
  while (level < fuses->cpu_svn_count && memcmp(fuses->cpu_svns[level], cpu_svn, QY_CPU_SVN_SIZE) != 0) {
    level++;
  }
  return level;
}

/* The level that a request asks for: all-zero stands for one that the fuses name. */
static const uint8_t *requested_cpu_svn(const qy_fuses *fuses, const qy_key_request *request)
{
  return qy_view_is_zero(QY_VIEW_OF(request->cpu_svn)) ? fuses->zero_cpu_svn : request->cpu_svn;
}

/* Judged after that: else a processor taken back to an old level would give out keys of a newer one. */
static bool cpu_svn_allowed(const qy_fuses *fuses, const uint8_t current[QY_CPU_SVN_SIZE],
                            const qy_key_request *request)
{
  const uint8_t *const requested = requested_cpu_svn(fuses, request);
  if (qy_view_is_zero(qy_view_over(requested, QY_CPU_SVN_SIZE))) {
    return true; /* older than every level */
  }
  const size_t level = level_of(fuses, requested);
  const size_t now = level_of(fuses, current);
  return level < fuses->cpu_svn_count && now < fuses->cpu_svn_count && level <= now;
}

/* What makes the processor fault rather than answer. */
static bool request_faults(const qy_secs *secs, const qy_key_request *request)
{
  const bool kss = (secs->attributes.flags & QY_ATTRIBUTE_KSS) != 0;
  if (qy_key_request_check_reserved(request, NULL) != QY_OK || (request->key_policy & ~POLICY_KNOWN) != 0) {
    return true;
  }
  return !kss && ((request->key_policy & (POLICY_KSS | QY_KEY_POLICY_NOISVPRODID)) != 0 || request->config_svn != 0);
}

qy_key_outcome qy_sgx_key_judge(const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                                const qy_secs *secs, const qy_key_request *request)
{
  uint64_t needed = 0;
  if (request_faults(secs, request)) {
    return QY_KEY_FAULT;
  }
  switch (request->key_name) {
  case QY_KEY_REPORT:
    return QY_KEY_GRANTED; /* only its own, and of the request only the key_id counts */
  case QY_KEY_SEAL:
    break;
  case QY_KEY_PROVISION:
  case QY_KEY_PROVISION_SEAL:
    needed = QY_ATTRIBUTE_PROVISION_KEY;
    break;
  case QY_KEY_EINITTOKEN:
    needed = QY_ATTRIBUTE_EINITTOKEN_KEY;
    break;
  default:
    return QY_KEY_INVALID_KEYNAME;
  }
  if ((secs->attributes.flags & needed) != needed) {
    return QY_KEY_INVALID_ATTRIBUTE;
  }
  if (!cpu_svn_allowed(fuses, cpu_svn_current, request)) {
    return QY_KEY_INVALID_CPUSVN;
  }
  if (request->isv_svn > secs->isv_svn || request->config_svn > secs->config_svn) {
    return QY_KEY_INVALID_ISVSVN;
  }
  return QY_KEY_GRANTED;
}

/* The enclave's and the request's part of a record, as the key's name and policy let them in. */
typedef struct dependencies {
  const qy_fuses *fuses;
  const qy_key_request *request;
  qy_attributes attributes;
  uint32_t misc_select;
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t isv_prod_id;
  uint16_t config_svn;
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint8_t isv_family_id[QY_PROD_ID_EXT_SIZE];
  uint8_t isv_ext_prod_id[QY_PROD_ID_EXT_SIZE];
  uint8_t mr_enclave[QY_MEASUREMENT_SIZE];
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
} dependencies;

static void select_kss(dependencies *out, const qy_secs *secs, const qy_key_request *request)
{
  if ((request->key_policy & QY_KEY_POLICY_NOISVPRODID) != 0) {
    out->isv_prod_id = 0;
  }
  if ((request->key_policy & QY_KEY_POLICY_CONFIGID) != 0) {
    out->config_svn = request->config_svn;
    memcpy(out->config_id, secs->config_id, sizeof(out->config_id));
  }
  if ((request->key_policy & QY_KEY_POLICY_ISVFAMILYID) != 0) {
    memcpy(out->isv_family_id, secs->isv_family_id, sizeof(out->isv_family_id));
  }
  if ((request->key_policy & QY_KEY_POLICY_ISVEXTPRODID) != 0) {
    memcpy(out->isv_ext_prod_id, secs->isv_ext_prod_id, sizeof(out->isv_ext_prod_id));
  }
}

static dependencies select_dependencies(const qy_fuses *fuses, const qy_secs *secs, const qy_key_request *request)
{
  dependencies out = {.fuses = fuses, .request = request};
  out.attributes.flags =
      secs->attributes.flags & (request->attribute_mask.flags | QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_DEBUG);
  out.attributes.xfrm = secs->attributes.xfrm & request->attribute_mask.xfrm;
  out.misc_select = secs->misc_select & request->misc_mask;
  memcpy(out.cpu_svn, requested_cpu_svn(fuses, request), sizeof(out.cpu_svn));
  out.isv_prod_id = secs->isv_prod_id;
  if (request->key_name != QY_KEY_SEAL || (request->key_policy & QY_KEY_POLICY_MRSIGNER) != 0) {
    memcpy(out.mr_signer, secs->mr_signer, sizeof(out.mr_signer));
  }
  if (request->key_name == QY_KEY_SEAL && (request->key_policy & QY_KEY_POLICY_MRENCLAVE) != 0) {
    memcpy(out.mr_enclave, secs->mr_enclave, sizeof(out.mr_enclave));
  }
  if (request->key_name == QY_KEY_SEAL || request->key_name == QY_KEY_PROVISION_SEAL) {
    select_kss(&out, secs, request);
  }
  return out;
}

static void write_masked(qy_writer *record, const dependencies *from, uint16_t key_policy)
{
  qy_write_u16le(record, from->request->key_name);
  qy_write_u16le(record, key_policy);
  qy_write_zeros(record, 4);
  qy_write_attributes(record, from->attributes);
  qy_write_attributes(record, from->request->attribute_mask);
  qy_write_u32le(record, from->misc_select);
  qy_write_u32le(record, ~from->request->misc_mask);
}

static void write_kss(qy_writer *record, const dependencies *from)
{
  qy_write_u16le(record, from->config_svn);
  qy_write_bytes(record, from->config_id, sizeof(from->config_id));
  qy_write_bytes(record, from->isv_family_id, sizeof(from->isv_family_id));
  qy_write_bytes(record, from->isv_ext_prod_id, sizeof(from->isv_ext_prod_id));
}

static void write_levels(qy_writer *record, const dependencies *from)
{
  qy_write_bytes(record, from->cpu_svn, sizeof(from->cpu_svn));
  qy_write_u16le(record, from->request->isv_svn);
  qy_write_u16le(record, from->isv_prod_id);
}

static size_t write_seal(qy_writer *record, const dependencies *from)
{
  write_masked(record, from, from->request->key_policy);
  qy_write_bytes(record, from->fuses->owner_epoch, QY_OWNER_EPOCH_SIZE);
  write_levels(record, from);
  write_kss(record, from);
  qy_write_bytes(record, from->mr_enclave, sizeof(from->mr_enclave));
  qy_write_bytes(record, from->mr_signer, sizeof(from->mr_signer));
  qy_write_bytes(record, from->request->key_id, QY_KEY_ID_SIZE);
  return RECORD_SEAL;
}

static size_t write_provision(qy_writer *record, const dependencies *from)
{
  write_masked(record, from, 0);
  write_levels(record, from);
  qy_write_bytes(record, from->mr_signer, sizeof(from->mr_signer));
  return RECORD_PROVISION;
}

static size_t write_provision_seal(qy_writer *record, const dependencies *from)
{
  write_masked(record, from, from->request->key_policy);
  write_levels(record, from);
  write_kss(record, from);
  qy_write_bytes(record, from->mr_signer, sizeof(from->mr_signer));
  return RECORD_PROVISION_SEAL;
}

static size_t write_einittoken(qy_writer *record, const dependencies *from)
{
  qy_write_u16le(record, from->request->key_name);
  qy_write_zeros(record, 6);
  qy_write_attributes(record, from->attributes);
  qy_write_u32le(record, from->misc_select);
  qy_write_bytes(record, from->fuses->owner_epoch, QY_OWNER_EPOCH_SIZE);
  write_levels(record, from);
  qy_write_bytes(record, from->mr_signer, sizeof(from->mr_signer));
  qy_write_bytes(record, from->request->key_id, QY_KEY_ID_SIZE);
  return RECORD_EINITTOKEN;
}

/* Pads the record to `size` and makes the key of it. */
static qy_status key_of_record(qy_secret *out, const qy_fuses *fuses, qy_key_name name, const uint8_t *bytes,
                               const qy_writer *record, size_t size, qy_error *why)
{
  QY_TRY(qy_write_finish(record, NULL, "key dependencies", why));
  const qy_view parts[] = {qy_view_over(bytes, size)};
  uint8_t key[QY_SGX_KEY_SIZE];
  QY_TRY(qy_cmac(key, qy_secret_view(&fuses->base_keys[name]), parts, 1, why));
  qy_secret_set(out, key, sizeof(key));
  qy_wipe(key, sizeof(key));
  return QY_OK;
}

/* The report key of the enclave that `target` names. */
static qy_status target_report_key(qy_secret *out, const qy_fuses *fuses, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                                   const qy_target_info *target, const uint8_t key_id[QY_KEY_ID_SIZE], qy_error *why)
{
  uint8_t bytes[RECORD_MAX] = {0};
  qy_writer record = qy_writer_over(bytes, RECORD_REPORT);
  qy_write_u16le(&record, QY_KEY_REPORT);
  qy_write_zeros(&record, 6);
  qy_write_attributes(&record, target->attributes);
  qy_write_u32le(&record, target->misc_select);
  qy_write_bytes(&record, fuses->owner_epoch, QY_OWNER_EPOCH_SIZE);
  qy_write_bytes(&record, target->mr_enclave, sizeof(target->mr_enclave));
  qy_write_bytes(&record, cpu_svn, QY_CPU_SVN_SIZE);
  qy_write_u16le(&record, target->config_svn);
  qy_write_bytes(&record, target->config_id, sizeof(target->config_id));
  qy_write_bytes(&record, key_id, QY_KEY_ID_SIZE);
  const qy_status status = key_of_record(out, fuses, QY_KEY_REPORT, bytes, &record, RECORD_REPORT, why);
  qy_wipe(bytes, sizeof(bytes));
  return status;
}

static qy_status other_key(qy_secret *out, const qy_fuses *fuses, const qy_secs *secs, const qy_key_request *request,
                           qy_error *why)
{
  uint8_t bytes[RECORD_MAX] = {0};
  qy_writer record = qy_writer_over(bytes, sizeof(bytes));
  const dependencies from = select_dependencies(fuses, secs, request);
  const qy_key_name name = (qy_key_name)request->key_name;
  size_t size = 0;
  if (name == QY_KEY_SEAL) {
    size = write_seal(&record, &from);
  } else if (name == QY_KEY_PROVISION) {
    size = write_provision(&record, &from);
  } else if (name == QY_KEY_PROVISION_SEAL) {
    size = write_provision_seal(&record, &from);
  } else {
    size = write_einittoken(&record, &from);
  }
  const qy_status status = key_of_record(out, fuses, name, bytes, &record, size, why);
  qy_wipe(bytes, sizeof(bytes));
  return status;
}

qy_status qy_sgx_key_derive(qy_secret *out, const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                            const qy_secs *secs, const qy_key_request *request, qy_error *why)
{
  qy_secret_clear(out);
  const qy_key_outcome outcome = qy_sgx_key_judge(fuses, cpu_svn_current, secs, request);
  if (outcome != QY_KEY_GRANTED) {
    return qy_fail(why, QY_ERR_DENIED, "EGETKEY: %s key: %s", qy_key_name_text(request->key_name),
                   qy_key_outcome_name(outcome));
  }
  if (request->key_name == QY_KEY_REPORT) {
    qy_target_info self;
    qy_target_info_of(&self, secs);
    return target_report_key(out, fuses, cpu_svn_current, &self, request->key_id, why);
  }
  return other_key(out, fuses, secs, request, why);
}

static void fill_body(qy_report_body *body, const uint8_t cpu_svn[QY_CPU_SVN_SIZE], const qy_secs *secs,
                      const uint8_t report_data[QY_REPORT_DATA_SIZE])
{
  memcpy(body->cpu_svn, cpu_svn, sizeof(body->cpu_svn));
  body->misc_select = secs->misc_select;
  memcpy(body->isv_ext_prod_id, secs->isv_ext_prod_id, sizeof(body->isv_ext_prod_id));
  body->attributes = secs->attributes;
  memcpy(body->mr_enclave, secs->mr_enclave, sizeof(body->mr_enclave));
  memcpy(body->mr_signer, secs->mr_signer, sizeof(body->mr_signer));
  memcpy(body->config_id, secs->config_id, sizeof(body->config_id));
  body->isv_prod_id = secs->isv_prod_id;
  body->isv_svn = secs->isv_svn;
  body->config_svn = secs->config_svn;
  memcpy(body->isv_family_id, secs->isv_family_id, sizeof(body->isv_family_id));
  memcpy(body->report_data, report_data, sizeof(body->report_data));
}

static qy_status body_mac(uint8_t out[QY_REPORT_MAC_SIZE], const qy_report_body *body, const qy_secret *key,
                          qy_error *why)
{
  uint8_t bytes[QY_REPORT_BODY_SIZE];
  qy_report_body_encode(bytes, body);
  const qy_view parts[] = {QY_VIEW_OF(bytes)};
  return qy_cmac(out, qy_secret_view(key), parts, 1, why);
}

qy_status qy_sgx_report_make(qy_report *out, const qy_fuses *fuses, const uint8_t cpu_svn_current[QY_CPU_SVN_SIZE],
                             const qy_secs *secs, const qy_target_info *target,
                             const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_report report = {0};
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_target_info_check_reserved(target, why));
  fill_body(&report.body, cpu_svn_current, secs, report_data);
  memcpy(report.key_id, fuses->report_key_id, sizeof(report.key_id));
  QY_TRY(target_report_key(&key, fuses, cpu_svn_current, target, report.key_id, why));
  QY_TRY(body_mac(report.mac, &report.body, &key, why));
  *out = report;
  return QY_OK;
}

qy_status qy_report_verify_mac(qy_trace *trace, const qy_report *report, const qy_secret *report_key, qy_error *why)
{
  uint8_t mac[QY_REPORT_MAC_SIZE] = {0};
  QY_TRY(body_mac(mac, &report->body, report_key, why));
  const bool held = qy_equal_ct(mac, report->mac, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  /* The right MAC is not told: whoever learns it could forge the report. */
  if (!qy_check(trace, QY_CHECK_REPORT_MAC, held, .expected = qy_textf("the MAC under this enclave's report key"),
                .actual = held ? qy_textf("the same") : qy_textf("%s", qy_text_hex(QY_VIEW_OF(report->mac)).chars),
                .origin = "report key of this processor and enclave")) {
    return qy_fail(why, QY_ERR_REFUSED, "report: the MAC is not that of this processor for this enclave");
  }
  return QY_OK;
}
