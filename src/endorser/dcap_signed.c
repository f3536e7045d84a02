/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed of DCAP platforms. It is signed when it is first asked for, and kept until the world changes, so that all
 * who ask get the same bytes. */
#include <endorser/dcap.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>

#define DAY_S ((int64_t)86400)
#define PCK_CRL_VALID_S (30 * DAY_S)
#define ROOT_CRL_VALID_S (365 * DAY_S)
#define MAX_DOCUMENT (512u << 10)

/* ---- Files ---- */

static void name_of(char out[96], uint32_t issue, qy_pcs_document document, const qy_dcap_kind *kind, uint32_t number)
{
  static const char *const NAMES[] = {
      "sgx-tcb",     "sgx-v2-tcb",       "tdx-tcb",        "qe", "td-qe", "qve", "sgx-numbers", "tdx-numbers",
      "root-ca.crl", "processor-ca.crl", "platform-ca.crl"};
  const char *name = NAMES[document];
  char fmspc[2 * QY_FMSPC_SIZE + 1] = "";
  if (document >= QY_PCS_ROOT_CRL) {
    (void)snprintf(out, 96, "%u-%s", issue, name);
  } else if (document >= QY_PCS_SGX_NUMBERS) {
    (void)snprintf(out, 96, "%u-%s.json", issue, name);
  } else if (document >= QY_PCS_QE_IDENTITY) {
    (void)snprintf(out, 96, "%u-%s-%u.json", issue, name, number);
  } else {
    qy_hex_encode(fmspc, QY_VIEW_OF(kind->fmspc));
    (void)snprintf(out, 96, "%u-%s-%s-%u.json", issue, name, fmspc, number);
  }
}

static void close_folder(DIR **folder)
{
  if (*folder != NULL) {
    (void)closedir(*folder);
  }
}

/* Those of other issues. One that cannot be removed does no harm. */
static void remove_stale(const char *folder, uint32_t issue)
{
  char path[QY_PATH_SIZE], begin[16];
  if (qy_path_join(path, sizeof path, folder, QY_DIR_DCAP_SIGNED, NULL) != QY_OK) {
    return;
  }
  (void)snprintf(begin, sizeof begin, "%u-", issue);
  __attribute__((cleanup(close_folder))) DIR *signed_ones = opendir(path);
  for (const struct dirent *entry = signed_ones == NULL ? NULL : readdir(signed_ones); entry != NULL;
       entry = readdir(signed_ones)) {
    if (entry->d_name[0] != '.' && strncmp(entry->d_name, begin, strlen(begin)) != 0) {
      (void)unlinkat(dirfd(signed_ones), entry->d_name, 0);
    }
  }
}

/* ---- Signing ---- */

static qy_status make_crl(qy_buffer *out, qy_dcap_ca ca, const qy_dcap_world *world, const qy_dcap_authority *issuer,
                          qy_error *why)
{
  const int64_t valid_s = ca == QY_DCAP_ROOT ? ROOT_CRL_VALID_S : PCK_CRL_VALID_S;
  const qy_dcap_lapse lapse = ca == QY_DCAP_ROOT ? QY_DCAP_LAPSED_ROOT_CRL : QY_DCAP_LAPSED_PCK_CRL;
  const int64_t issued_s = world->issued_s - ((world->lapsed & lapse) != 0 ? valid_s + DAY_S : 0);
  qy_revoked_certificate revoked[QY_DCAP_MAX_REVOKED];
  qy_crl_request request = {
      .this_update_s = issued_s, .next_update_s = issued_s + valid_s, .number = world->issue, .revoked = revoked};
  for (size_t i = 0; i < world->revoked_count; i++) {
    if (world->revoked[i].ca == ca) {
      qy_revoked_certificate *entry = &revoked[request.revoked_count++];
      *entry = (qy_revoked_certificate){.serial_size = QY_DCAP_SERIAL_SIZE, .revoked_s = world->revoked[i].revoked_s};
      memcpy(entry->serial, world->revoked[i].serial, QY_DCAP_SERIAL_SIZE);
    }
  }
  return qy_crl_make_p256(out, &request, issuer->certificate, &issuer->key, why);
}

static qy_status make(qy_buffer *out, const char *folder, const qy_dcap_world *world, const qy_tcb_levels *levels,
                      qy_pcs_document document, const qy_dcap_kind *kind, uint32_t number, qy_error *why)
{
  qy_signed_enclaves enclaves;
  size_t evaluation = 0;
  QY_SCOPED_AUTHORITIES(authorities);
  QY_TRY(qy_dcap_authorities_load(&authorities, folder, why));
  if (document >= QY_PCS_ROOT_CRL) {
    const qy_dcap_ca ca = (qy_dcap_ca)(document - QY_PCS_ROOT_CRL);
    return make_crl(out, ca, world, &authorities.cas[ca], why);
  }
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  if (document < QY_PCS_SGX_NUMBERS) {
    QY_TRY(qy_dcap_evaluation_by_number(&evaluation, world, number, why));
  }
  const qy_dcap_source source = {.world = world, .levels = levels, .enclaves = &enclaves};
  return qy_pcs_document_make(out, document, &source, kind, evaluation, &authorities.signing.key, why);
}

/* The world may have changed, or another may have signed it, before the lock was had. */
static qy_status make_and_keep(qy_buffer *out, const char *folder, qy_pcs_document document, const qy_dcap_kind *kind,
                               uint32_t number, qy_error *why)
{
  char name[96];
  char path[QY_PATH_SIZE];
  qy_tcb_levels levels;
  qy_dcap_world world;
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  QY_TRY(qy_dcap_world_load(&world, folder, &levels, why));
  name_of(name, world.issue, document, kind, number);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_DCAP_SIGNED, name, why));
  if (qy_file_exists(path)) {
    return qy_issuer_read(out, folder, QY_DIR_DCAP_SIGNED, name, why);
  }
  QY_TRY(make(out, folder, &world, &levels, document, kind, number, why));
  return qy_issuer_write(folder, QY_DIR_DCAP_SIGNED, name, qy_buffer_view(out), why);
}

qy_status qy_dcap_signed_get(qy_buffer *out, const char *folder, qy_pcs_document document, const qy_dcap_kind *kind,
                             uint32_t number, qy_error *why)
{
  char name[96];
  qy_tcb_levels levels;
  qy_dcap_world world;
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  QY_TRY(qy_dcap_world_load(&world, folder, &levels, why));
  name_of(name, world.issue, document, kind, number);
  const qy_status status = qy_issuer_read(out, folder, QY_DIR_DCAP_SIGNED, name, why);
  return status == QY_ERR_NOT_FOUND ? make_and_keep(out, folder, document, kind, number, why) : status;
}

/* ---- Change ---- */

/* The signer's certificate first: a world that is stored is one that holds. */
qy_status qy_dcap_issue(const char *folder, qy_dcap_world *world, int64_t now_s, qy_error *why)
{
  QY_SCOPED_AUTHORITIES(authorities);
  QY_TRY(qy_dcap_authorities_load(&authorities, folder, why));
  QY_TRY(qy_dcap_signing_renew(folder, &authorities, (world->lapsed & QY_DCAP_LAPSED_TCB_SIGNING) != 0, now_s, why));
  world->issued_s = now_s;
  world->issue++;
  QY_TRY(qy_dcap_world_store(folder, world, why));
  remove_stale(folder, world->issue);
  return QY_OK;
}

static qy_status make_folders(const char *folder, qy_error *why)
{
  static const char *const NAMES[] = {QY_DIR_DCAP, QY_DIR_DCAP_SIGNED, QY_ISSUER_PART(QY_DIR_PCK)};
  char path[QY_PATH_SIZE];
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    QY_TRY(qy_path_join(path, sizeof path, folder, NAMES[i], why));
    QY_TRY(qy_folder_make(path, why));
  }
  return QY_OK;
}

/* The world is stored last: without one, no CA ever signed anything. */
static qy_status begin(const char *folder, const qy_tcb_levels *levels, int64_t now_s, qy_error *why)
{
  qy_dcap_world world;
  QY_TRY(make_folders(folder, why));
  QY_TRY(qy_dcap_authorities_make(folder, now_s, why));
  qy_dcap_world_default(&world, levels, now_s);
  return qy_dcap_world_store(folder, &world, why);
}

qy_status qy_dcap_mend(const char *folder, int64_t now_s, qy_error *why)
{
  qy_tcb_levels levels;
  qy_dcap_world world;
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  const qy_status status = qy_dcap_world_load(&world, folder, &levels, why);
  if (status == QY_ERR_NOT_FOUND) {
    return begin(folder, &levels, now_s, why);
  }
  QY_TRY(status);
  const bool is_old = now_s - world.issued_s > QY_DCAP_RENEW_S;
  return is_old ? qy_dcap_issue(folder, &world, now_s, why) : QY_OK;
}
