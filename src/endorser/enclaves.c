/* SPDX-License-Identifier: Apache-2.0 */
/* Signing the architectural enclaves, and remembering which they are. */
#include <endorser/dcap.h>

#include <string.h>
#include <time.h>

#include <image/image.h>
#include <json/json.h>
#include <sgx/sigstruct.h>

static const char WHAT[] = "signed enclaves";

static qy_status decode(qy_signed_enclaves *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  const json_t *list = NULL;
  int64_t svns[3];
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(
      qy_json_only(object, WHAT, why, "mr_signer", "isv_prod_id", "pve_measurements", "pve_svn", "pce_svn", "qe_svn"));
  QY_TRY(qy_json_hex(out->identity.mr_signer, sizeof out->identity.mr_signer, object, "mr_signer", WHAT, why));
  QY_TRY(qy_json_integer(&svns[0], object, "isv_prod_id", 0, UINT16_MAX, WHAT, why));
  out->identity.isv_prod_id = (uint16_t)svns[0];
  QY_TRY(qy_json_integer(&svns[0], object, "pve_svn", 0, UINT16_MAX, WHAT, why));
  QY_TRY(qy_json_integer(&svns[1], object, "pce_svn", 0, UINT16_MAX, WHAT, why));
  QY_TRY(qy_json_integer(&svns[2], object, "qe_svn", 0, UINT16_MAX, WHAT, why));
  out->pve_svn = (uint16_t)svns[0];
  out->pce_svn = (uint16_t)svns[1];
  out->qe_svn = (uint16_t)svns[2];
  QY_TRY(qy_json_array(&list, object, "pve_measurements", QY_MAX_PVE_MEASUREMENTS, WHAT, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    QY_TRY(qy_json_only(entry, WHAT, why, "mr_enclave"));
    QY_TRY(qy_json_hex(out->pve_measurements[i], QY_MEASUREMENT_SIZE, entry, "mr_enclave", WHAT, why));
    out->pve_count++;
  }
  return QY_OK;
}

qy_status qy_signed_enclaves_load(qy_signed_enclaves *out, const char *folder, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_SCOPED_BUFFER(text, 65536);
  QY_TRY(qy_issuer_read(&text, folder, QY_DIR_ISSUER, QY_FILE_ENCLAVES, why));
  const qy_status status = decode(out, qy_buffer_view(&text), why);
  if (status != QY_OK) {
    memset(out, 0, sizeof *out);
  }
  return status;
}

qy_status qy_signed_enclaves_store(const char *folder, const qy_signed_enclaves *enclaves, qy_error *why)
{
  json_t *list = json_array();
  for (size_t i = 0; i < enclaves->pve_count; i++) {
    (void)json_array_append_new(
        list, json_pack("{s:o}", "mr_enclave", qy_json_new_hex(QY_VIEW_OF(enclaves->pve_measurements[i]))));
  }
  QY_SCOPED_JSON(object);
  object = json_pack("{s:o, s:i, s:o, s:i, s:i, s:i}", "mr_signer",
                     qy_json_new_hex(QY_VIEW_OF(enclaves->identity.mr_signer)), "isv_prod_id",
                     (int)enclaves->identity.isv_prod_id, "pve_measurements", list, "pve_svn", (int)enclaves->pve_svn,
                     "pce_svn", (int)enclaves->pce_svn, "qe_svn", (int)enclaves->qe_svn);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "%s: out of memory", WHAT);
  }
  QY_SCOPED_BUFFER(text, 65536);
  QY_TRY(qy_json_print(&text, object, true, why));
  return qy_issuer_write(folder, QY_DIR_ISSUER, QY_FILE_ENCLAVES, qy_buffer_view(&text), why);
}

static uint32_t bcd(unsigned value)
{
  return value / 10 << 4 | value % 10;
}

static uint32_t today_bcd(void)
{
  const time_t now = (time_t)qy_clock_now_s();
  struct tm date;
  (void)gmtime_r(&now, &date);
  const unsigned year = (unsigned)date.tm_year + 1900;
  return bcd(year / 100) << 24 | bcd(year % 100) << 16 | bcd((unsigned)date.tm_mon + 1) << 8 |
         bcd((unsigned)date.tm_mday);
}

/* EPID's three, and the quoting enclaves of DCAP: for enclaves and for trust domains. */
#define ENCLAVES 5

typedef struct one_enclave {
  const char *program; /* path */
  const char *image;   /* file name */
  uint64_t attributes;
  uint16_t isv_svn;
  uint16_t isv_prod_id;
} one_enclave;

static qy_status sign_one(uint8_t mr_enclave[QY_MEASUREMENT_SIZE], const char *folder, const one_enclave *one,
                          qy_view xegb, uint32_t date, const qy_rsa_private *signer, qy_error *why)
{
  qy_image decoded;
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  QY_TRY(qy_file_read(&program, one->program, why));
  const qy_image_request request = {.program = qy_buffer_view(&program),
                                    .section_count = 1,
                                    .sections = {{.name = "endorser", .bytes = xegb}},
                                    .attribute_flags = one->attributes,
                                    .isv_prod_id = one->isv_prod_id,
                                    .isv_svn = one->isv_svn,
                                    .date_bcd = date};
  QY_TRY(qy_image_build(&image, &request, signer, why));
  QY_TRY(qy_image_decode(&decoded, qy_buffer_view(&image), why));
  QY_TRY(qy_image_measure(mr_enclave, &decoded, why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC "/" QY_DIR_IMAGES, one->image, qy_buffer_view(&image), why);
}

/* Older provisioning enclaves stay known: what they may still do, the policy's pve_svn says. */
static qy_status remember(const char *folder, const one_enclave enclaves[ENCLAVES],
                          const uint8_t mr_pve[QY_MEASUREMENT_SIZE], qy_error *why)
{
  qy_signed_enclaves known;
  QY_TRY(qy_signed_enclaves_load(&known, folder, why));
  bool is_known = false;
  for (size_t i = 0; i < known.pve_count; i++) {
    is_known = is_known || memcmp(known.pve_measurements[i], mr_pve, QY_MEASUREMENT_SIZE) == 0;
  }
  if (!is_known && known.pve_count == QY_MAX_PVE_MEASUREMENTS) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: %d provisioning enclaves", WHAT, QY_MAX_PVE_MEASUREMENTS);
  }
  if (!is_known) {
    memcpy(known.pve_measurements[known.pve_count++], mr_pve, QY_MEASUREMENT_SIZE);
  }
  known.pve_svn = enclaves[0].isv_svn > known.pve_svn ? enclaves[0].isv_svn : known.pve_svn;
  known.pce_svn = enclaves[1].isv_svn > known.pce_svn ? enclaves[1].isv_svn : known.pce_svn;
  known.qe_svn = enclaves[2].isv_svn > known.qe_svn ? enclaves[2].isv_svn : known.qe_svn;
  return qy_signed_enclaves_store(folder, &known, why);
}

static qy_status sign_all(const char *folder, const one_enclave enclaves[ENCLAVES], uint32_t date, qy_error *why)
{
  QY_SCOPED_RSA(signer);
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_SCOPED_BUFFER(xegb, QY_XEGB_SIZE);
  uint8_t mr_enclaves[ENCLAVES][QY_MEASUREMENT_SIZE];
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_ISSUER, QY_FILE_AE_SIGNER, why));
  QY_TRY(qy_rsa_private_from_pem(&signer, qy_buffer_view(&pem), why));
  QY_TRY(qy_issuer_read(&xegb, folder, QY_DIR_PUBLIC, QY_FILE_XEGB, why));
  for (size_t i = 0; i < ENCLAVES && enclaves[i].program != NULL; i++) {
    QY_TRY(sign_one(mr_enclaves[i], folder, &enclaves[i], qy_buffer_view(&xegb), date, signer, why));
  }
  QY_TRY(remember(folder, enclaves, mr_enclaves[0], why));
  return qy_fingerprints_write(folder, why);
}

static uint16_t svn_of(uint16_t given)
{
  return given == 0 ? 1 : given;
}

qy_status qy_endorser_sign_images(const char *folder, const qy_endorser_programs *programs, qy_error *why)
{
  const one_enclave enclaves[ENCLAVES] = {
      {programs->provisioning, QY_FILE_PVE_IMAGE, QY_ATTRIBUTE_PROVISION_KEY, svn_of(programs->pve_svn), 1},
      {programs->certification, QY_FILE_PCE_IMAGE, QY_ATTRIBUTE_PROVISION_KEY, svn_of(programs->pce_svn), 1},
      {programs->quoting, QY_FILE_QE_IMAGE, 0, svn_of(programs->qe_svn), 1},
      {programs->ecdsa_quoting, QY_FILE_QE3_IMAGE, QY_ATTRIBUTE_PROVISION_KEY, svn_of(programs->ecdsa_qe_svn),
       QY_DCAP_QE_PRODUCT},
      {programs->td_quoting, QY_FILE_TDQE_IMAGE, QY_ATTRIBUTE_PROVISION_KEY, svn_of(programs->td_qe_svn),
       QY_DCAP_TD_QE_PRODUCT},
  };
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_dcap_mend(folder, qy_clock_now_s(), why)); /* of a folder from before there was DCAP */
  return sign_all(folder, enclaves, programs->date_bcd == 0 ? today_bcd() : programs->date_bcd, why);
}
