/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/service_state.h>

#include <json/json.h>

static json_t *enclave_of(const qy_ae_host *host)
{
  return json_pack("{s:o,s:o,s:i,s:i}", "mrenclave", qy_json_new_hex(QY_VIEW_OF(host->identity.mr_enclave)), "mrsigner",
                   qy_json_new_hex(QY_VIEW_OF(host->identity.mr_signer)), "isv_prod_id",
                   (int)host->identity.isv_prod_id, "isv_svn", (int)host->identity.isv_svn);
}

static json_t *dcap_enclave_of(const qy_dcap_quoting *quoting)
{
  return quoting->host.cpu == NULL ? json_null() : enclave_of(&quoting->host);
}

static json_t *key_of(qy_service *service)
{
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
  qy_epid_blob_facts facts;
  qy_view blob;
  qy_platform_level level;
  char gid[9];
  if (!qy_key_store_get(&service->key, file) ||
      qy_epid_blob_file_decode(&blob, &level, QY_VIEW_OF(file), NULL) != QY_OK ||
      qy_epid_blob_inspect(&facts, blob, NULL) != QY_OK) {
    return json_null();
  }
  (void)snprintf(gid, sizeof(gid), "%08x", facts.gid);
  return json_pack("{s:s,s:o,s:i,s:i}", "group", gid, "cpu_svn", qy_json_new_hex(QY_VIEW_OF(level.cpu_svn)), "pve_svn",
                   (int)level.pve_svn, "pce_svn", (int)level.pce_svn);
}

/* Null when no key was fetched since the service began. */
static json_t *provisioned_of(qy_service *service)
{
  json_t *out = json_null();
  (void)pthread_mutex_lock(&service->provisioning);
  const qy_provisioned *last = &service->last;
  if (last->message_count > 0) {
    json_t *sizes = json_array();
    json_t *checks = json_array();
    for (size_t i = 0; i < last->message_count; i++) {
      json_array_append_new(sizes, json_integer((json_int_t)last->message_sizes[i]));
    }
    for (size_t i = 0; i < last->trace.count; i++) {
      const qy_check_record *record = &last->trace.records[i];
      json_array_append_new(
          checks, json_pack("{s:s,s:s}", "id", qy_check_name(record->id), "outcome", qy_outcome_name(record->outcome)));
    }
    out = json_pack("{s:b,s:o,s:o}", "retrieved", (int)last->retrieved, "message_sizes", sizes, "checks", checks);
  }
  (void)pthread_mutex_unlock(&service->provisioning);
  return out;
}

qy_status qy_service_describe(qy_service *service, qy_buffer *json, qy_error *why)
{
  qy_cpu_state state;
  (void)pthread_mutex_lock(&service->cpu.lock);
  const qy_status status = qy_cpu_describe(&service->cpu.cpu, &state, why);
  (void)pthread_mutex_unlock(&service->cpu.lock);
  QY_TRY(status);
  QY_SCOPED_JSON(object);
  const qy_tdx_module_level module = state.tdx_module;
  json_t *tdx = module.version == 0 ? json_null()
                                    : json_pack("{s:i,s:i}", "version", (int)module.version, "svn", (int)module.svn);
  object = json_pack("{s:s,s:b,s:{s:o,s:i,s:i,s:i,s:o},s:{s:o,s:o,s:o,s:o,s:o},s:o,s:o,s:s}", "kind", "simulated-sgx",
                     "simulated", 1, "processor", "cpu_svn", qy_json_new_hex(QY_VIEW_OF(state.cpu_svn)), "level",
                     (int)state.level, "levels", (int)state.level_count, "enclaves", (int)state.enclave_count,
                     "tdx_module", tdx, "architectural", "provisioning", enclave_of(&service->pve), "certification",
                     enclave_of(&service->pce), "quoting", enclave_of(&service->qe), "ecdsa_quoting",
                     dcap_enclave_of(&service->ecdsa), "td_quoting", dcap_enclave_of(&service->td), "attestation_key",
                     key_of(service), "last_provisioning", provisioned_of(service), "provisioning_url",
                     service->config->provisioning_url);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "describe: no memory");
  }
  return qy_json_print(json, object, true, why);
}
