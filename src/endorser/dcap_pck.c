/* SPDX-License-Identifier: Apache-2.0 */
/* PCK certificates: what the endorser, who knows each machine's root key, says of the key by which its PCE signs. */
#include <endorser/dcap.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/hash.h>
#include <provisioning/keys.h>

#define PART QY_ISSUER_PART(QY_DIR_PCK)
#define COMMON_NAME "Simulated SGX PCK Certificate"
#define VALID_S ((int64_t)7 * 365 * 86400)
#define DAY_S ((int64_t)86400)

void qy_dcap_pck_init(qy_dcap_pck *pck)
{
  memset(pck, 0, sizeof *pck);
  qy_buffer_init(&pck->pem, QY_ISSUER_MAX_PEM);
}

void qy_dcap_pck_clear(qy_dcap_pck *pck)
{
  qy_buffer_clear(&pck->pem);
}

/* The PCE's version counts only as far as one was signed: nobody else's has a PCK. */
qy_status qy_dcap_tcbm_of(qy_dcap_tcbm *out, const char *folder, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                          uint16_t pce_svn, qy_error *why)
{
  qy_tcb_levels levels;
  qy_signed_enclaves enclaves;
  memset(out, 0, sizeof *out);
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  const unsigned level = qy_tcb_level_of(&levels, cpu_svn);
  if (level == 0 || pce_svn == 0 || enclaves.pce_svn == 0) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "PCK certificate: older than every TCB that there is");
  }
  memcpy(out->cpu_svn, levels.cpu_svns[level - 1], QY_CPU_SVN_SIZE);
  out->isv_svn = pce_svn < enclaves.pce_svn ? pce_svn : enclaves.pce_svn;
  return QY_OK;
}

static qy_status public_key_of(qy_p256_public *out, const char *folder, const qy_machine_record *machine,
                               const qy_dcap_tcbm *tcbm, qy_error *why)
{
  qy_signed_enclaves enclaves;
  qy_platform_level level = {.pce_svn = tcbm->isv_svn};
  memcpy(level.cpu_svn, tcbm->cpu_svn, sizeof level.cpu_svn);
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  return qy_pce_public_key_of_root(out, &machine->root, &enclaves.identity, &level, why);
}

qy_status qy_dcap_pck_serial(uint8_t out[QY_DCAP_SERIAL_SIZE], const char *folder, const qy_machine_record *machine,
                             const qy_dcap_tcbm *tcbm, qy_error *why)
{
  qy_p256_public key;
  QY_TRY(public_key_of(&key, folder, machine, tcbm, why));
  return qy_dcap_serial(out, &key, why);
}

/* ---- Making one ---- */

static qy_status fill_extension(qy_pck_extension *out, const qy_machine_record *machine, const qy_dcap_tcbm *tcbm,
                                qy_error *why)
{
  static const char LABEL[] = "platform instance id";
  const qy_view named[] = {qy_view_text(LABEL), QY_VIEW_OF(machine->ppid)};
  uint8_t hash[QY_SHA256_SIZE];
  memset(out, 0, sizeof *out);
  memcpy(out->ppid, machine->ppid, sizeof out->ppid);
  memcpy(out->components, tcbm->cpu_svn, sizeof out->components);
  memcpy(out->cpu_svn, tcbm->cpu_svn, sizeof out->cpu_svn);
  memcpy(out->fmspc, machine->kind->fmspc, sizeof out->fmspc);
  out->pce_svn = tcbm->isv_svn;
  out->sgx_type = machine->kind->sgx_type;
  out->has_platform = machine->kind->ca == QY_DCAP_PLATFORM;
  out->dynamic_platform = QY_CONFIGURED_TRUE;
  out->cached_keys = QY_CONFIGURED_TRUE;
  out->smt_enabled = QY_CONFIGURED_TRUE;
  QY_TRY(qy_hash_parts(hash, QY_SHA256, named, 2, why));
  memcpy(out->platform_instance_id, hash, sizeof out->platform_instance_id);
  return QY_OK;
}

static qy_status make(qy_buffer *out, const char *folder, const qy_machine_record *machine, const qy_dcap_tcbm *tcbm,
                      int64_t until_s, qy_error *why)
{
  qy_p256_public key;
  qy_pck_extension facts;
  uint8_t serial[QY_DCAP_SERIAL_SIZE];
  QY_SCOPED_AUTHORITIES(authorities);
  QY_SCOPED_BUFFER(extension, 1024);
  const qy_dcap_authority *by = &authorities.cas[machine->kind->ca];
  QY_TRY(qy_dcap_authorities_load(&authorities, folder, why));
  QY_TRY(public_key_of(&key, folder, machine, tcbm, why));
  QY_TRY(qy_dcap_serial(serial, &key, why));
  QY_TRY(fill_extension(&facts, machine, tcbm, why));
  QY_TRY(qy_dcap_pck_extension_make(&extension, &facts, why));
  qy_certificate_request request = qy_dcap_request(COMMON_NAME, machine->kind->ca, serial);
  request.not_before_s = until_s - VALID_S - DAY_S;
  request.not_after_s = until_s;
  request.sgx_extension = qy_buffer_view(&extension);
  return qy_certificate_make_p256(out, &request, &key, by->certificate, &by->key, why);
}

static void name_of(char out[128], const qy_machine_record *machine, const qy_dcap_tcbm *tcbm)
{
  char ppid[2 * QY_PPID_SIZE + 1];
  char cpu_svn[2 * QY_CPU_SVN_SIZE + 1];
  qy_hex_encode(ppid, QY_VIEW_OF(machine->ppid));
  qy_hex_encode(cpu_svn, QY_VIEW_OF(tcbm->cpu_svn));
  (void)snprintf(out, 128, "%s-%s-%04x.pem", ppid, cpu_svn, tcbm->isv_svn);
}

/* Two that ask at once may each make one; they differ in the signature alone, and the second stays. */
static qy_status make_and_keep(qy_buffer *out, const char *folder, const char *name, const qy_machine_record *machine,
                               const qy_dcap_tcbm *tcbm, int64_t now_s, qy_error *why)
{
  QY_TRY(make(out, folder, machine, tcbm, now_s + VALID_S, why));
  return qy_issuer_write(folder, PART, name, qy_buffer_view(out), why);
}

qy_status qy_dcap_pck_get(qy_dcap_pck *out, const char *folder, const qy_machine_record *machine,
                          const qy_dcap_tcbm *tcbm, int64_t now_s, qy_error *why)
{
  char name[128];
  char path[QY_PATH_SIZE];
  qy_tcb_levels levels;
  qy_dcap_world world;
  out->tcbm = *tcbm;
  out->kind = machine->kind;
  QY_TRY(qy_tcb_levels_load(&levels, folder, why));
  QY_TRY(qy_dcap_world_load(&world, folder, &levels, why));
  if ((world.lapsed & QY_DCAP_LAPSED_PCK) != 0) {
    return make(&out->pem, folder, machine, tcbm, now_s - DAY_S, why);
  }
  name_of(name, machine, tcbm);
  QY_TRY(qy_registry_path(path, sizeof path, folder, PART, name, why));
  return qy_file_exists(path) ? qy_issuer_read(&out->pem, folder, PART, name, why)
                              : make_and_keep(&out->pem, folder, name, machine, tcbm, now_s, why);
}
