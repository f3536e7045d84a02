/* SPDX-License-Identifier: Apache-2.0 */
#include "factory.h"

#include <string.h>

#include <base/buffer.h>
#include <base/encoding.h>
#include <base/file.h>
#include <crypto/random.h>
#include <image/image.h>
#include <platform/service.h>
#include <registry/dcap.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <registry/tcb.h>
#include <sgx/sigstruct.h>
#include <simulated/machine.h>

/* Who signs the architectural enclaves: the signer of the published quoting enclave. */
static qy_status read_signer(uint8_t mrsigner[QY_MEASUREMENT_SIZE], const char *endorser, qy_error *why)
{
  char images[QY_PATH_SIZE], path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  qy_image image;
  qy_sigstruct sigstruct;
  QY_TRY(qy_registry_path(images, sizeof(images), endorser, QY_DIR_PUBLIC, QY_DIR_IMAGES, why));
  QY_TRY(qy_path_join(path, sizeof(path), images, QY_IMAGE_FILE_QE, why));
  QY_TRY(qy_file_read(&bytes, path, why));
  QY_TRY(qy_image_decode(&image, qy_buffer_view(&bytes), why));
  QY_TRY(qy_sigstruct_decode(&sigstruct, image.sigstruct, why));
  return qy_sigstruct_mr_signer(mrsigner, &sigstruct, why);
}

static qy_status write_record(const char *path, const qy_factory_record *record, const char *kind, qy_error *why)
{
  QY_SCOPED_BUFFER(json, 1024);
  qy_buffer_append_text(&json, "{\"ppid\": \"");
  qy_hex_append(&json, QY_VIEW_OF(record->ppid));
  qy_buffer_append_text(&json, "\", \"provision_base_key\": \"");
  qy_hex_append(&json, qy_secret_view(&record->provision_base_key));
  qy_buffer_appendf(&json, "\", \"kind\": \"%s\"}\n", kind);
  QY_TRY(qy_buffer_finish(&json, "factory record", why));
  return qy_file_write(path, qy_buffer_view(&json), true, why);
}

qy_status factory_burn(const char *state, const char *endorser, unsigned level, const char *kind,
                       const char *record_path, qy_error *why)
{
  qy_tcb_levels levels;
  qy_machine_config config = {.signer_count = 1};
  char machine[QY_PATH_SIZE];
  QY_SCOPED_FACTORY_RECORD(record);
  const qy_dcap_kind *known = qy_dcap_kind_by_name(kind);
  if (known == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "there is no kind of machine \"%.40s\"", kind);
  }
  QY_TRY(qy_tcb_levels_load(&levels, endorser, why));
  if (level > levels.count || levels.count > QY_FUSES_MAX_CPU_SVNS) {
    return qy_fail(why, QY_ERR_ARGUMENT, "level %u: the endorser knows %zu", level, levels.count);
  }
  config.levels.count = levels.count;
  memcpy(config.levels.cpu_svns, levels.cpu_svns, levels.count * QY_CPU_SVN_SIZE);
  config.level = level == 0 ? levels.count : level;
  if (known->has_tdx) {
    config.tdx_module = (qy_tdx_module_level){.version = QY_DCAP_TDX_MODULE_VERSION, .svn = 1};
  }
  QY_TRY(read_signer(config.architectural_signers[0], endorser, why));
  QY_TRY(qy_folder_make(state, why));
  QY_TRY(qy_path_join(machine, sizeof(machine), state, QY_PLATFORM_FOLDER_MACHINE, why));
  QY_TRY(qy_machine_init(&record, machine, &config, qy_random_system(), why));
  return write_record(record_path, &record, kind, why);
}
