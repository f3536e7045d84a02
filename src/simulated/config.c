/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/config.h>

#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <json/json.h>

#define FILE_CONFIG "machine.json"
#define MAX_SIZE 65536u

static qy_status check_levels(const qy_cpu_levels *levels, qy_error *why)
{
  if (levels->count == 0 || levels->count > QY_FUSES_MAX_CPU_SVNS) {
    return qy_fail(why, QY_ERR_LIMIT, "CPU levels: %zu of them, 1 to %d are possible", levels->count,
                   QY_FUSES_MAX_CPU_SVNS);
  }
  for (size_t i = 0; i < levels->count; i++) {
    if (qy_view_is_zero(QY_VIEW_OF(levels->cpu_svns[i]))) {
      return qy_fail(why, QY_ERR_MALFORMED, "CPU levels: the CPUSVN of level %zu is zero", i + 1);
    }
    for (size_t j = 0; j < i; j++) {
      if (memcmp(levels->cpu_svns[i], levels->cpu_svns[j], QY_CPU_SVN_SIZE) == 0) {
        return qy_fail(why, QY_ERR_MALFORMED, "CPU levels: %zu and %zu have the same CPUSVN", j + 1, i + 1);
      }
    }
  }
  return QY_OK;
}

qy_status qy_machine_config_check(const qy_machine_config *config, qy_error *why)
{
  QY_TRY(check_levels(&config->levels, why));
  if (config->level == 0 || config->level > config->levels.count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "machine: level %zu: there are 1 to %zu", config->level, config->levels.count);
  }
  if (config->signer_count == 0 || config->signer_count > QY_MACHINE_MAX_SIGNERS) {
    return qy_fail(why, QY_ERR_ARGUMENT, "machine: %zu architectural signers, 1 to %d are possible",
                   config->signer_count, QY_MACHINE_MAX_SIGNERS);
  }
  if ((config->tdx_module.version == 0) != (config->tdx_module.svn == 0)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "machine: TDX module of version %u and SVN %u", config->tdx_module.version,
                   config->tdx_module.svn);
  }
  return QY_OK;
}

static qy_status read_levels(qy_cpu_levels *out, const json_t *list, qy_error *why)
{
  if (!json_is_array(list) || json_array_size(list) > QY_FUSES_MAX_CPU_SVNS) {
    return qy_fail(why, QY_ERR_MALFORMED, "CPU levels: an array of at most %d is needed", QY_FUSES_MAX_CPU_SVNS);
  }
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *one = json_array_get(list, i);
    int64_t level = 0;
    QY_TRY(qy_json_only(one, "CPU level", why, "level", "cpu_svn"));
    QY_TRY(qy_json_integer(&level, one, "level", (int64_t)i + 1, (int64_t)i + 1, "CPU level", why));
    QY_TRY(qy_json_hex(out->cpu_svns[i], QY_CPU_SVN_SIZE, one, "cpu_svn", "CPU level", why));
    out->count = i + 1;
  }
  return check_levels(out, why);
}

qy_status qy_cpu_levels_decode(qy_cpu_levels *out, qy_view json, qy_error *why)
{
  QY_SCOPED_JSON(list);
  *out = (qy_cpu_levels){0};
  QY_TRY(qy_json_parse(&list, json, why));
  const qy_status status = read_levels(out, list, why);
  if (status != QY_OK) {
    *out = (qy_cpu_levels){0};
  }
  return status;
}

static qy_status read_signers(qy_machine_config *out, const json_t *object, qy_error *why)
{
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "architectural_signers", QY_MACHINE_MAX_SIGNERS, "machine", why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    QY_TRY(qy_hex_decode(out->architectural_signers[i], QY_MEASUREMENT_SIZE, qy_view_text(text),
                         "machine: architectural signer", why));
    out->signer_count = i + 1;
  }
  return QY_OK;
}

/* A machine of which nothing is said has none. */
static qy_status read_tdx_module(qy_tdx_module_level *out, const json_t *object, qy_error *why)
{
  const json_t *module = json_object_get(object, "tdx_module");
  int64_t version = 0, svn = 0;
  if (module == NULL) {
    return QY_OK;
  }
  QY_TRY(qy_json_only(module, "TDX module", why, "version", "svn"));
  QY_TRY(qy_json_integer(&version, module, "version", 1, UINT8_MAX, "TDX module", why));
  QY_TRY(qy_json_integer(&svn, module, "svn", 1, UINT8_MAX, "TDX module", why));
  *out = (qy_tdx_module_level){.version = (uint8_t)version, .svn = (uint8_t)svn};
  return QY_OK;
}

static qy_status read_config(qy_machine_config *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  const json_t *levels = NULL;
  int64_t level = 0;
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(qy_json_only(object, "machine", why, "levels", "level", "architectural_signers", "tdx_module"));
  QY_TRY(qy_json_array(&levels, object, "levels", QY_FUSES_MAX_CPU_SVNS, "machine", why));
  QY_TRY(read_levels(&out->levels, levels, why));
  QY_TRY(qy_json_integer(&level, object, "level", 1, (int64_t)out->levels.count, "machine", why));
  out->level = (size_t)level;
  QY_TRY(read_signers(out, object, why));
  QY_TRY(read_tdx_module(&out->tdx_module, object, why));
  return qy_machine_config_check(out, why);
}

qy_status qy_machine_config_load(qy_machine_config *out, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, MAX_SIZE);
  *out = (qy_machine_config){0};
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_CONFIG, why));
  QY_TRY(qy_file_read(&text, path, why));
  const qy_status status = read_config(out, qy_buffer_view(&text), why);
  if (status != QY_OK) {
    *out = (qy_machine_config){0};
    return qy_fail_in(why, status, "%s", path);
  }
  return QY_OK;
}

static json_t *print_levels(const qy_cpu_levels *levels)
{
  json_t *list = json_array();
  for (size_t i = 0; i < levels->count; i++) {
    json_array_append_new(
        list, json_pack("{s:i,s:o}", "level", (int)i + 1, "cpu_svn", qy_json_new_hex(QY_VIEW_OF(levels->cpu_svns[i]))));
  }
  return list;
}

qy_status qy_machine_config_store(const char *folder, const qy_machine_config *config, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, MAX_SIZE);
  json_t *signers = json_array();
  for (size_t i = 0; i < config->signer_count; i++) {
    json_array_append_new(signers, qy_json_new_hex(QY_VIEW_OF(config->architectural_signers[i])));
  }
  QY_SCOPED_JSON(object);
  object = json_pack("{s:o,s:i,s:o}", "levels", print_levels(&config->levels), "level", (int)config->level,
                     "architectural_signers", signers);
  if (config->tdx_module.version != 0) {
    (void)json_object_set_new(
        object, "tdx_module",
        json_pack("{s:i,s:i}", "version", (int)config->tdx_module.version, "svn", (int)config->tdx_module.svn));
  }
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "machine: no memory for its configuration");
  }
  QY_TRY(qy_json_print(&text, object, true, why));
  QY_TRY(qy_path_join(path, sizeof(path), folder, FILE_CONFIG, why));
  return qy_file_write(path, qy_buffer_view(&text), true, why);
}
