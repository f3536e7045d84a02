/* SPDX-License-Identifier: Apache-2.0 */
/* What others need to name this endorser and its enclaves: a policy pins the report CA by its fingerprint. */
#include <endorser/issuer.h>

#include <crypto/hash.h>
#include <crypto/x509.h>
#include <image/image.h>
#include <json/json.h>
#include <sgx/sigstruct.h>

static qy_status add_certificate(json_t *object, const char *folder, const char *file, const char *member,
                                 qy_error *why)
{
  uint8_t fingerprint[32];
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_SCOPED_CERTIFICATE(certificate);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_PUBLIC, file, why));
  QY_TRY(qy_certificate_from_pem(&certificate, qy_buffer_view(&pem), why));
  qy_certificate_fingerprint(fingerprint, certificate);
  (void)json_object_set_new(object, member, qy_json_new_hex(QY_VIEW_OF(fingerprint)));
  return QY_OK;
}

static qy_status add_p256(json_t *object, const char *folder, const char *file, const char *member, qy_error *why)
{
  qy_p256_public key;
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_PUBLIC, file, why));
  QY_TRY(qy_p256_public_from_pem(&key, qy_buffer_view(&pem), why));
  (void)json_object_set_new(object, member, qy_json_new_hex(QY_VIEW_OF(key.bytes)));
  return QY_OK;
}

static qy_status add_hash(json_t *object, const char *folder, const char *file, const char *member, qy_error *why)
{
  uint8_t hash[QY_SHA256_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_issuer_read(&bytes, folder, QY_DIR_PUBLIC, file, why));
  QY_TRY(qy_sha256(hash, qy_buffer_view(&bytes), why));
  (void)json_object_set_new(object, member, qy_json_new_hex(QY_VIEW_OF(hash)));
  return QY_OK;
}

/* An image that was not signed yet is left out. */
static qy_status add_image(json_t *images, const char *folder, const char *file, const char *member, qy_error *why)
{
  uint8_t mr_enclave[QY_MEASUREMENT_SIZE];
  char path[QY_PATH_SIZE];
  qy_image image;
  qy_sigstruct sigstruct;
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC "/" QY_DIR_IMAGES, file, why));
  if (!qy_file_exists(path)) {
    return QY_OK;
  }
  QY_TRY(qy_file_read(&bytes, path, why));
  QY_TRY(qy_image_decode(&image, qy_buffer_view(&bytes), why));
  QY_TRY(qy_image_measure(mr_enclave, &image, why));
  QY_TRY(qy_sigstruct_decode(&sigstruct, image.sigstruct, why));
  (void)json_object_set_new(images, member,
                            json_pack("{s:o, s:i, s:i}", "mr_enclave", qy_json_new_hex(QY_VIEW_OF(mr_enclave)),
                                      "isv_prod_id", (int)sigstruct.isv_prod_id, "isv_svn", (int)sigstruct.isv_svn));
  return QY_OK;
}

qy_status qy_fingerprints_write(const char *folder, qy_error *why)
{
  qy_signed_enclaves enclaves;
  QY_SCOPED_JSON(object);
  QY_SCOPED_BUFFER(text, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  json_t *images = json_object();
  object = json_pack("{s:b, s:o}", "simulated", 1, "enclaves", images);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "fingerprints: out of memory");
  }
  QY_TRY(add_certificate(object, folder, QY_FILE_REPORT_CA, "report_ca_sha256", why));
  QY_TRY(add_certificate(object, folder, QY_FILE_TLS_CA, "tls_ca_sha256", why));
  QY_TRY(add_certificate(object, folder, "dcap/" QY_FILE_DCAP_ROOT, "dcap_root_sha256", why));
  QY_TRY(add_p256(object, folder, QY_FILE_PIB_PUBLIC, "platform_info_key", why));
  QY_TRY(add_p256(object, folder, QY_FILE_ISK_PUBLIC, "epid_signing_key", why));
  QY_TRY(add_hash(object, folder, QY_FILE_EPID_CA, "epid_ca_sha256", why));
  QY_TRY(add_hash(object, folder, QY_FILE_XEGB, "xegb_sha256", why));
  (void)json_object_set_new(object, "architectural_signer", qy_json_new_hex(QY_VIEW_OF(enclaves.identity.mr_signer)));
  QY_TRY(add_image(images, folder, QY_FILE_PVE_IMAGE, "provisioning", why));
  QY_TRY(add_image(images, folder, QY_FILE_PCE_IMAGE, "certification", why));
  QY_TRY(add_image(images, folder, QY_FILE_QE_IMAGE, "quoting", why));
  QY_TRY(add_image(images, folder, QY_FILE_QE3_IMAGE, "ecdsa_quoting", why));
  QY_TRY(add_image(images, folder, QY_FILE_TDQE_IMAGE, "td_quoting", why));
  QY_TRY(qy_json_print(&text, object, true, why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_FINGERPRINTS, qy_buffer_view(&text), why);
}
