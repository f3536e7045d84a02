/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/machine.h>

#include <string.h>

#include <base/cursor.h>
#include <base/file.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <sgx/trust_domain.h>
#include <simulated/config.h>

#define FILE_FUSES "fuses"
#define FILE_LOCK "lock"
#define FUSES_MAGIC "QYFUSES1"
#define FUSES_SIZE (8 + QY_KEY_NAME_COUNT * QY_SGX_KEY_SIZE + QY_OWNER_EPOCH_SIZE)

void qy_factory_record_clear(qy_factory_record *record)
{
  qy_wipe(record, sizeof(*record));
}

static qy_status draw_secret(qy_secret *out, const qy_random *random, qy_error *why)
{
  uint8_t bytes[QY_SGX_KEY_SIZE];
  const qy_status status = qy_random_fill(random, bytes, sizeof(bytes), why);
  if (status == QY_OK) {
    qy_secret_set(out, bytes, sizeof(bytes));
  }
  qy_wipe(bytes, sizeof(bytes));
  return status;
}

static void write_fuses(uint8_t out[FUSES_SIZE], const qy_fuses *fuses)
{
  qy_writer writer = qy_writer_over(out, FUSES_SIZE);
  qy_write_bytes(&writer, FUSES_MAGIC, 8);
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    qy_write_bytes(&writer, fuses->base_keys[i].bytes, QY_SGX_KEY_SIZE);
  }
  qy_write_bytes(&writer, fuses->owner_epoch, QY_OWNER_EPOCH_SIZE);
}

static qy_status read_fuses(qy_fuses *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  if (!qy_view_equal(qy_read_view(&in, 8, "magic"), qy_view_text(FUSES_MAGIC))) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "magic", 0);
  }
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    const qy_view key = qy_read_view(&in, QY_SGX_KEY_SIZE, "base key");
    qy_secret_set(&out->base_keys[i], key.bytes, key.size);
  }
  qy_read_bytes(&in, out->owner_epoch, QY_OWNER_EPOCH_SIZE, "owner epoch");
  return qy_read_finish(&in, "fuses", why);
}

/* PPID as the provisioning enclaves get it: CMAC of zeros under their PROVISION key for a zero CPUSVN and ISVSVN, with
 * every attribute but MODE64BIT in the mask (Intel SGX PSW, PCE and PvE). */
static qy_status derive_ppid(uint8_t out[16], const qy_fuses *fuses, const qy_machine_config *config, qy_error *why)
{
  static const uint8_t zeros[16];
  const qy_view message = QY_VIEW_OF(zeros);
  QY_SCOPED_SECRET(key);
  qy_secs secs = {
      .attributes = {QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT | QY_ATTRIBUTE_PROVISION_KEY, QY_XFRM_LEGACY},
      .isv_prod_id = 1};
  const qy_key_request request = {
      .key_name = QY_KEY_PROVISION, .attribute_mask = {~QY_ATTRIBUTE_MODE64BIT, 0}, .misc_mask = UINT32_MAX};
  memcpy(secs.mr_signer, config->architectural_signers[0], sizeof(secs.mr_signer));
  QY_TRY(qy_sgx_key_derive(&key, fuses, config->levels.cpu_svns[config->level - 1], &secs, &request, why));
  return qy_cmac(out, qy_secret_view(&key), &message, 1, why);
}

static void set_levels(qy_fuses *fuses, const qy_cpu_levels *levels)
{
  fuses->cpu_svn_count = levels->count;
  memcpy(fuses->cpu_svns, levels->cpu_svns, sizeof(fuses->cpu_svns));
}

static qy_status burn(qy_fuses *fuses, const qy_random *random, qy_error *why)
{
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    QY_TRY(draw_secret(&fuses->base_keys[i], random, why));
  }
  return qy_random_fill(random, fuses->owner_epoch, sizeof(fuses->owner_epoch), why);
}

static qy_status store_fuses(const char *folder, const qy_fuses *fuses, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_VAULT(file);
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_FUSES, why));
  QY_TRY(qy_vault_new(&file, FUSES_SIZE, why));
  write_fuses(file.bytes, fuses);
  return qy_file_create(path, qy_view_over(file.bytes, FUSES_SIZE), true, why);
}

qy_status qy_machine_init(qy_factory_record *record, const char *folder, const qy_machine_config *config,
                          const qy_random *random, qy_error *why)
{
  QY_SCOPED_FUSES(fuses);
  char path[QY_PATH_SIZE];
  uint8_t ppid[16];
  QY_TRY(qy_machine_config_check(config, why));
  QY_TRY(qy_folder_make(folder, why));
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_FUSES, why));
  if (qy_file_exists(path)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s: there is a machine already", folder);
  }
  QY_TRY(burn(&fuses, random, why));
  set_levels(&fuses, &config->levels);
  QY_TRY(derive_ppid(ppid, &fuses, config, why));
  QY_TRY(qy_machine_config_store(folder, config, why));
  QY_TRY(store_fuses(folder, &fuses, why)); /* last: with it the machine exists */
  if (record != NULL) {
    record->provision_base_key = fuses.base_keys[QY_KEY_PROVISION];
    memcpy(record->ppid, ppid, sizeof(record->ppid));
  }
  return QY_OK;
}

/* What a processor draws each time it starts. */
static qy_status reset(qy_fuses *fuses, const qy_random *random, qy_error *why)
{
  uint8_t key[QY_TD_REPORT_KEY_SIZE];
  QY_TRY(qy_random_fill(random, fuses->report_key_id, sizeof(fuses->report_key_id), why));
  const qy_status status = qy_random_fill(random, key, sizeof(key), why);
  if (status == QY_OK) {
    qy_secret_set(&fuses->td_report_key, key, sizeof(key));
  }
  qy_wipe(key, sizeof(key));
  return status;
}

qy_status qy_machine_load(qy_fuses *fuses, qy_machine_config *config, const char *folder, const qy_random *random,
                          qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(bytes, FUSES_SIZE);
  qy_fuses_clear(fuses);
  QY_TRY(qy_machine_config_load(config, folder, why));
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_FUSES, why));
  QY_TRY(qy_file_check_private(path, why));
  QY_TRY(qy_file_read(&bytes, path, why));
  qy_status status = read_fuses(fuses, qy_buffer_view(&bytes), why);
  if (status == QY_OK) {
    set_levels(fuses, &config->levels);
    status = reset(fuses, random, why);
  }
  if (status != QY_OK) {
    qy_fuses_clear(fuses);
  }
  return status;
}

qy_status qy_machine_raise(const char *folder, const qy_cpu_levels *levels, size_t level, qy_error *why)
{
  qy_machine_config config;
  QY_TRY(qy_machine_config_load(&config, folder, why));
  if (levels != NULL) {
    if (levels->count > QY_FUSES_MAX_CPU_SVNS || levels->count < config.levels.count ||
        memcmp(levels->cpu_svns, config.levels.cpu_svns, config.levels.count * QY_CPU_SVN_SIZE) != 0) {
      return qy_fail(why, QY_ERR_ARGUMENT, "microcode update: the new list of levels does not begin with the old one");
    }
    config.levels = *levels;
  }
  if (level < config.level) {
    return qy_fail(why, QY_ERR_ARGUMENT, "microcode update: level %zu is below the present one, %zu", level,
                   config.level);
  }
  config.level = level;
  QY_TRY(qy_machine_config_check(&config, why));
  return qy_machine_config_store(folder, &config, why);
}

qy_status qy_machine_update_tdx_module(const char *folder, uint8_t svn, qy_error *why)
{
  qy_machine_config config;
  QY_TRY(qy_machine_config_load(&config, folder, why));
  if (config.tdx_module.version == 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "TDX module update: this machine has no TDX module");
  }
  if (svn < config.tdx_module.svn) {
    return qy_fail(why, QY_ERR_ARGUMENT, "TDX module update: SVN %u is below the present one, %u", svn,
                   config.tdx_module.svn);
  }
  config.tdx_module.svn = svn;
  return qy_machine_config_store(folder, &config, why);
}

qy_status qy_machine_lock(int *fd, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  *fd = -1;
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_LOCK, why));
  return qy_file_lock(fd, path, why);
}
