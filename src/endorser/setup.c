/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/dcap.h>

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <crypto/hash.h>
#include <crypto/x509.h>
#include <endorser/keygen.h>

#define ORGANIZATION "Quotary simulation"

/* ---- Folders ---- */

static qy_status make_folders(const char *folder, qy_error *why)
{
  static const char *const NAMES[] = {QY_DIR_ISSUER,
                                      QY_DIR_REPORTS,
                                      QY_DIR_PUBLIC,
                                      QY_ISSUER_PART(QY_DIR_ISSUING_KEYS),
                                      QY_ISSUER_PART(QY_DIR_PLATFORMS),
                                      QY_ISSUER_PART(QY_DIR_LEDGER),
                                      QY_DIR_PUBLIC "/" QY_DIR_GROUPS,
                                      QY_DIR_PUBLIC "/" QY_DIR_IMAGES,
                                      QY_DIR_DCAP};
  char path[QY_PATH_SIZE];
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    QY_TRY(qy_path_join(path, sizeof path, folder, NAMES[i], why));
    QY_TRY(qy_folder_make(path, why));
  }
  return QY_OK;
}

/* ---- Keys ---- */

static qy_status write_rsa(const char *folder, const char *part, const char *name, const qy_rsa_private *key,
                           qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_rsa_private_to_pem(&pem, key, why));
  return qy_issuer_write(folder, part, name, qy_buffer_view(&pem), why);
}

static qy_status write_p256(const char *folder, const char *part, const char *name, const qy_key_pair *key,
                            qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_p256_private_to_pem(&pem, &key->private_key, why));
  return qy_issuer_write(folder, part, name, qy_buffer_view(&pem), why);
}

static qy_status write_p256_public(const char *folder, const char *part, const char *name, const qy_key_pair *key,
                                   qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_TRY(qy_p256_public_to_pem(&pem, &key->public_key, why));
  return qy_issuer_write(folder, part, name, qy_buffer_view(&pem), why);
}

static qy_status write_keys(const char *folder, const qy_founding_keys *keys, qy_error *why)
{
  QY_TRY(write_p256(folder, QY_DIR_ISSUER, QY_FILE_EPID_CA_KEY, &keys->epid_ca, why));
  QY_TRY(write_p256(folder, QY_DIR_ISSUER, QY_FILE_ISK, &keys->isk, why));
  QY_TRY(write_p256(folder, QY_DIR_ISSUER, QY_FILE_PEKSK, &keys->peksk, why));
  QY_TRY(write_rsa(folder, QY_DIR_ISSUER, QY_FILE_PEK, keys->pek, why));
  QY_TRY(write_rsa(folder, QY_DIR_ISSUER, QY_FILE_AE_SIGNER, keys->ae_signer, why));
  QY_TRY(write_rsa(folder, QY_DIR_REPORTS, QY_FILE_QSDK, keys->quote_key, why));
  QY_TRY(write_rsa(folder, QY_DIR_REPORTS, QY_FILE_REPORT_CA_KEY, keys->report_ca, why));
  QY_TRY(write_rsa(folder, QY_DIR_REPORTS, QY_FILE_REPORT_KEY, keys->report_key, why));
  QY_TRY(write_p256(folder, QY_DIR_REPORTS, QY_FILE_PIB_KEY, &keys->platform_info, why));
  QY_TRY(write_p256(folder, QY_DIR_REPORTS, QY_FILE_TLS_KEY, &keys->tls, why));
  QY_TRY(write_p256_public(folder, QY_DIR_REPORTS, QY_FILE_TRUSTED_ISK, &keys->isk, why));
  QY_TRY(write_p256_public(folder, QY_DIR_PUBLIC, QY_FILE_ISK_PUBLIC, &keys->isk, why));
  return write_p256_public(folder, QY_DIR_PUBLIC, QY_FILE_PIB_PUBLIC, &keys->platform_info, why);
}

/* ---- What is signed with them ---- */

static qy_status write_epid_ca(const char *folder, const qy_founding_keys *keys, qy_error *why)
{
  uint8_t certificate[QY_EPID_CA_SIZE];
  qy_epid_ca ca;
  QY_TRY(qy_epid_ca_make(certificate, &ca, qy_secret_view(&keys->epid_ca.private_key), why));
  QY_TRY(qy_issuer_write(folder, QY_DIR_REPORTS, QY_FILE_TRUSTED_CA, QY_VIEW_OF(certificate), why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_EPID_CA, QY_VIEW_OF(certificate), why);
}

/* The architectural enclaves are measured with the blob, so its own signature tells them nothing; the PEK's signer,
 * whose public key is in it, gives one all the same. */
static qy_status write_provisioning_keys(const char *folder, const qy_founding_keys *keys, qy_error *why)
{
  qy_xegb xegb = {.epid_signing_key = keys->isk.public_key, .pek_signing_key = keys->peksk.public_key};
  qy_signed_pek pek;
  qy_rsa_public pek_public;
  uint8_t xegb_bytes[QY_XEGB_SIZE];
  uint8_t pek_bytes[QY_SIGNED_PEK_SIZE];
  qy_rsa_public_of(&xegb.quote_wrap_key, keys->quote_key);
  QY_TRY(qy_xegb_sign(&xegb, &keys->peksk.private_key, why));
  QY_TRY(qy_xegb_encode(xegb_bytes, &xegb, why));
  QY_TRY(qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_XEGB, QY_VIEW_OF(xegb_bytes), why));
  qy_rsa_public_of(&pek_public, keys->pek);
  QY_TRY(qy_signed_pek_make(&pek, &pek_public, &keys->peksk.private_key, why));
  qy_signed_pek_encode(pek_bytes, &pek);
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_SIGNED_PEK, QY_VIEW_OF(pek_bytes), why);
}

static qy_certificate_request request_of(const qy_endorser_setup *setup, const char *common_name)
{
  const int64_t days = setup->valid_days == 0 ? 3650 : setup->valid_days;
  return (qy_certificate_request){.common_name = common_name,
                                  .organization = ORGANIZATION,
                                  .not_before_s = setup->now_s - 3600,
                                  .not_after_s = setup->now_s + days * 86400};
}

static qy_status write_report_chain(const char *folder, const qy_founding_keys *keys, const qy_endorser_setup *setup,
                                    qy_error *why)
{
  qy_rsa_public ca_public;
  qy_rsa_public leaf_public;
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_BUFFER(ca_pem, QY_ISSUER_MAX_PEM);
  QY_SCOPED_BUFFER(chain, QY_ISSUER_MAX_PEM);
  qy_certificate_request request = request_of(setup, "Simulated Attestation Report Signing CA");
  request.is_ca = true;
  qy_rsa_public_of(&ca_public, keys->report_ca);
  qy_rsa_public_of(&leaf_public, keys->report_key);
  QY_TRY(qy_certificate_make_rsa(&ca_pem, &request, &ca_public, NULL, keys->report_ca, why));
  QY_TRY(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), why));
  request = request_of(setup, "Simulated Attestation Report Signing");
  QY_TRY(qy_certificate_make_rsa(&chain, &request, &leaf_public, ca, keys->report_ca, why));
  qy_buffer_append(&chain, ca_pem.bytes, ca_pem.size);
  QY_TRY(qy_buffer_finish(&chain, "report chain", why));
  QY_TRY(qy_issuer_write(folder, QY_DIR_REPORTS, QY_FILE_REPORT_CHAIN, qy_buffer_view(&chain), why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_REPORT_CA, qy_buffer_view(&ca_pem), why);
}

/* The CA's key is not kept: it signs one certificate and no other. */
static qy_status write_tls_chain(const char *folder, const qy_founding_keys *keys, const qy_endorser_setup *setup,
                                 qy_error *why)
{
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_BUFFER(ca_pem, QY_ISSUER_MAX_PEM);
  QY_SCOPED_BUFFER(chain, QY_ISSUER_MAX_PEM);
  qy_certificate_request request = request_of(setup, "Simulated endorser TLS CA");
  request.is_ca = true;
  QY_TRY(qy_certificate_make_p256(&ca_pem, &request, &keys->tls_ca.public_key, NULL, &keys->tls_ca.private_key, why));
  QY_TRY(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), why));
  request = request_of(setup, "Simulated report service");
  request.for_tls_server = true;
  request.dns_name = setup->dns_name;
  QY_TRY(qy_certificate_make_p256(&chain, &request, &keys->tls.public_key, ca, &keys->tls_ca.private_key, why));
  QY_TRY(qy_issuer_write(folder, QY_DIR_REPORTS, QY_FILE_TLS_CHAIN, qy_buffer_view(&chain), why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_TLS_CA, qy_buffer_view(&ca_pem), why);
}

static qy_status write_enclaves(const char *folder, const qy_founding_keys *keys, qy_error *why)
{
  qy_signed_enclaves enclaves = {.identity.isv_prod_id = 1};
  qy_rsa_public signer;
  uint8_t modulus[QY_SIGSTRUCT_KEY_SIZE];
  qy_rsa_public_of(&signer, keys->ae_signer);
  if (signer.size != sizeof modulus) {
    return qy_fail(why, QY_ERR_INTERNAL, "the signer's key has %zu bytes", signer.size);
  }
  qy_reverse(modulus, signer.modulus, sizeof modulus); /* MRSIGNER is of the modulus as SIGSTRUCT stores it */
  QY_TRY(qy_sha256(enclaves.identity.mr_signer, QY_VIEW_OF(modulus), why));
  return qy_signed_enclaves_store(folder, &enclaves, why);
}

/* ---- All of it ---- */

static qy_status write_policy(const char *folder, qy_error *why)
{
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_tcb_levels_default(&levels);
  qy_tcb_policy_default(&policy, &levels);
  QY_TRY(qy_tcb_levels_store(folder, &levels, why));
  return qy_tcb_policy_store(folder, &policy, why);
}

static qy_status add_first_group(const char *folder, qy_error *why)
{
  qy_tcb_levels levels;
  uint32_t gid = 0;
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  const qy_group_tcb tcb = {.cpu_svn_level = (unsigned)levels.count, .pve_svn = 1, .pce_svn = 1};
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  return qy_issuer_group_for(&gid, &issuer, &tcb, why);
}

static qy_status make_all(const char *folder, const qy_endorser_setup *setup, qy_error *why)
{
  QY_SCOPED_FOUNDING_KEYS(keys);
  QY_TRY(qy_founding_keys_generate(&keys, why));
  QY_TRY(write_keys(folder, &keys, why));
  QY_TRY(write_epid_ca(folder, &keys, why));
  QY_TRY(write_provisioning_keys(folder, &keys, why));
  QY_TRY(write_report_chain(folder, &keys, setup, why));
  QY_TRY(write_tls_chain(folder, &keys, setup, why));
  QY_TRY(write_enclaves(folder, &keys, why));
  QY_TRY(write_policy(folder, why));
  QY_TRY(add_first_group(folder, why));
  QY_TRY(qy_dcap_mend(folder, setup->now_s, why));
  return qy_fingerprints_write(folder, why);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
  (void)status;
  (void)type;
  return where->level == 0 ? 0 : remove(path);
}

/* What an init that did not finish left there was made with keys that nobody has any more. */
static qy_status remove_leftovers(const char *folder, qy_error *why)
{
  static const char *const NAMES[] = {QY_ISSUER_PART(QY_DIR_ISSUING_KEYS), QY_DIR_PUBLIC "/" QY_DIR_GROUPS,
                                      QY_DIR_DCAP};
  char path[QY_PATH_SIZE];
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    QY_TRY(qy_path_join(path, sizeof path, folder, NAMES[i], why));
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
      return qy_fail(why, QY_ERR_IO, "cannot empty %s: %m", path);
    }
  }
  return QY_OK;
}

qy_status qy_endorser_init(const char *folder, const qy_endorser_setup *setup, qy_error *why)
{
  char key[QY_PATH_SIZE];
  char unfinished[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(key, sizeof key, folder, QY_DIR_ISSUER, QY_FILE_EPID_CA_KEY,
                          why)); /* the first that is written */
  QY_TRY(qy_registry_path(unfinished, sizeof unfinished, folder, QY_DIR_ISSUER, QY_FILE_UNFINISHED, why));
  if (qy_file_exists(key) && !qy_file_exists(unfinished)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s: an endorser is there", folder);
  }
  QY_TRY(make_folders(folder, why));
  QY_TRY(qy_file_write(unfinished, (qy_view){0}, true, why));
  QY_TRY(remove_leftovers(folder, why));
  QY_TRY(make_all(folder, setup, why));
  return unlink(unfinished) == 0 ? QY_OK : qy_fail(why, QY_ERR_IO, "cannot remove %s: %m", unfinished);
}
