/* SPDX-License-Identifier: Apache-2.0 */
#include "world_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <base/secret.h>
#include <broker/broker.h>
#include <crypto/p256.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <endorser/endorser.h>
#include <image/image.h>
#include <json/json.h>
#include <platform/service.h>
#include <registry/dcap.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <reports/reports.h>

#include "cli.h"
#include "domain.h"
#include "factory.h"
#include "signing.h"

#define BROKER_LAST "broker/broker.json" /* what qy_broker_init() writes last */

static qy_status path_in(char *out, const cli_world *world, const char *name, qy_error *why)
{
  return qy_path_join(out, WORLD_PATH_SIZE + 64, world->root, name, why);
}

static bool is_there(const cli_world *world, const char *name)
{
  char path[WORLD_PATH_SIZE + 64];
  return path_in(path, world, name, NULL) == QY_OK && qy_file_exists(path);
}

qy_status world_make_signing_key(const cli_world *world, qy_error *why)
{
  char path[WORLD_PATH_SIZE + 64];
  QY_TRY(path_in(path, world, "signer.pem", why));
  return qy_file_exists(path) ? QY_OK : signing_make_key(path, why);
}

qy_status world_make_endorser(const cli_world *world, qy_error *why)
{
  char signed_path[WORLD_PATH_SIZE + 64];
  char folder[QY_PATH_SIZE], pve[QY_PATH_SIZE], pce[QY_PATH_SIZE], qe[QY_PATH_SIZE], qe3[QY_PATH_SIZE],
      tdqe[QY_PATH_SIZE];
  if (!is_there(world, "endorser/public/" QY_FILE_FINGERPRINTS)) {
    const qy_endorser_setup setup = {.now_s = qy_clock_now_s()};
    QY_TRY(qy_endorser_init(world->endorser_folder, &setup, why));
  }
  if (is_there(world, "endorser/signed") && is_there(world, "endorser/public/images/" QY_IMAGE_FILE_TDQE)) {
    return QY_OK;
  }
  if (!cli_enclave_folder(folder, sizeof(folder))) {
    return qy_fail(why, QY_ERR_IO, "cannot find the folder of the enclave programs");
  }
  QY_TRY(qy_path_join(pve, sizeof(pve), folder, "quotary-pve", why));
  QY_TRY(qy_path_join(pce, sizeof(pce), folder, "quotary-pce", why));
  QY_TRY(qy_path_join(qe, sizeof(qe), folder, "quotary-qe", why));
  QY_TRY(qy_path_join(qe3, sizeof(qe3), folder, "quotary-qe3", why));
  QY_TRY(qy_path_join(tdqe, sizeof(tdqe), folder, "quotary-tdqe", why));
  const qy_endorser_programs programs = {
      .provisioning = pve, .certification = pce, .quoting = qe, .ecdsa_quoting = qe3, .td_quoting = tdqe};
  QY_TRY(qy_endorser_sign_images(world->endorser_folder, &programs, why));
  /* Several files were written: only now are all of them there. */
  QY_TRY(path_in(signed_path, world, "endorser/signed", why));
  return qy_file_write(signed_path, qy_view_text("public/images\n"), false, why);
}

/* One that was burned when we were killed, and whose record was not: nobody can vouch for it any more. */
static qy_status scrap_machine(const cli_world *world, qy_error *why)
{
  char fuses[WORLD_PATH_SIZE + 64];
  QY_TRY(path_in(fuses, world, "machine/" QY_PLATFORM_FOLDER_MACHINE "/fuses", why));
  return unlink(fuses) == 0 || errno == ENOENT ? QY_OK : qy_fail(why, QY_ERR_IO, "cannot remove %s", fuses);
}

qy_status world_make_machine(const cli_world *world, qy_error *why)
{
  char record_path[WORLD_PATH_SIZE + 64];
  QY_SCOPED_BUFFER(record, 4096);
  if (is_there(world, "machine/enrolled")) {
    return QY_OK;
  }
  QY_TRY(path_in(record_path, world, "machine/factory-record.json", why));
  if (!qy_file_exists(record_path)) {
    QY_TRY(scrap_machine(world, why));
    QY_TRY(factory_burn(world->machine_folder, world->endorser_folder, 0, QY_DCAP_DEFAULT_KIND, record_path, why));
  }
  QY_TRY(qy_file_read(&record, record_path, why));
  QY_TRY(qy_endorser_enroll(world->endorser_folder, qy_buffer_view(&record), why));
  /* The record belongs to the endorser alone from here on. */
  char enrolled[WORLD_PATH_SIZE + 64];
  QY_TRY(path_in(enrolled, world, "machine/enrolled", why));
  QY_TRY(qy_file_write(enrolled, qy_view_text("by ../endorser\n"), false, why));
  return unlink(record_path) == 0 ? QY_OK : qy_fail(why, QY_ERR_IO, "cannot remove %s", record_path);
}

static qy_status make_broker_state(const cli_world *world, qy_error *why)
{
  char tls_ca[WORLD_PATH_SIZE + 64];
  qy_subscription_keys keys = {0};
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_BUFFER(dcap_root, 65536);
  QY_TRY(path_in(tls_ca, world, "endorser/public/" QY_FILE_TLS_CA, why));
  QY_TRY(qy_file_read(&ca, tls_ca, why));
  QY_TRY(qy_file_read(&dcap_root, world->dcap_root, why));
  QY_TRY(qy_reports_subscribe(&keys, world->endorser_folder, world->spid, true, "demo provider", why));
  qy_broker_options options = {.quote_type = QY_LINKABLE,
                               .report_url = world->reports.address,
                               .report_ca_pem = qy_buffer_view(&ca),
                               .report_keys = {keys.primary, keys.secondary},
                               .collateral_url = world->endorser.address,
                               .collateral_root_pem = qy_buffer_view(&dcap_root),
                               .collateral_update = "early", /* who turns this world sees it turn at once */
                               .collateral_max_age_s = 1};
  memcpy(options.spid, world->spid, sizeof(options.spid));
  const qy_status status = qy_broker_init(world->broker_folder, &options, why);
  qy_subscription_keys_clear(&keys);
  return status;
}

/* The broker's configuration follows the services when they had to move to other ports. */
static qy_status point_broker(const cli_world *world, qy_error *why)
{
  char path[WORLD_PATH_SIZE + 64];
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(changed, 65536);
  QY_SCOPED_JSON(config);
  QY_TRY(path_in(path, world, BROKER_LAST, why));
  QY_TRY(qy_file_read(&text, path, why));
  QY_TRY(qy_json_parse(&config, qy_buffer_view(&text), why));
  json_object_set_new(config, "report_url", qy_json_new_text(world->reports.address));
  if (qy_json_has(config, "collateral_url")) { /* not in worlds of before DCAP */
    json_object_set_new(config, "collateral_url", qy_json_new_text(world->endorser.address));
  }
  QY_TRY(qy_json_print(&changed, config, true, why));
  return qy_file_write(path, qy_buffer_view(&changed), false, why);
}

static qy_status build_domain(cli_world *world, const char *provider, qy_error *why)
{
  domain_facts facts;
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  const domain_request request = {.provider_key_path = provider, .out_path = world->domain};
  if (qy_file_exists(world->domain)) {
    QY_TRY(qy_file_read(&image, world->domain, why));
    QY_TRY(domain_measure(&facts, qy_buffer_view(&image), why));
  } else {
    QY_TRY(domain_build(&facts, &request, why));
  }
  memcpy(world->mr_td, facts.mr_td, sizeof(facts.mr_td));
  return QY_OK;
}

static qy_status sign_enclave(cli_world *world, qy_error *why)
{
  char key[WORLD_PATH_SIZE + 64], provider[WORLD_PATH_SIZE + 64];
  signing_result result;
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  QY_TRY(path_in(key, world, "signer.pem", why));
  QY_TRY(path_in(provider, world, "broker/provider.pub", why));
  const signing_request request = {
      .provider_key_path = provider, .signing_key_path = key, .out_path = world->image, .isv_prod_id = 1, .isv_svn = 1};
  if (qy_file_exists(world->image)) {
    QY_TRY(qy_file_read(&image, world->image, why));
    QY_TRY(signing_measure(&result, qy_buffer_view(&image), why));
  } else {
    QY_TRY(signing_sign(&result, &request, why));
  }
  QY_TRY(build_domain(world, provider, why));
  memcpy(world->mrenclave, result.mrenclave, sizeof(result.mrenclave));
  memcpy(world->mrsigner, result.mrsigner, sizeof(result.mrsigner));
  return QY_OK;
}

static qy_status read_fingerprint(uint8_t out[32], const char *path, qy_error *why)
{
  QY_SCOPED_CERTIFICATE(root);
  QY_SCOPED_BUFFER(pem, 65536);
  QY_TRY(qy_file_read(&pem, path, why));
  QY_TRY(qy_certificate_from_pem(&root, qy_buffer_view(&pem), why));
  qy_certificate_fingerprint(out, root);
  return QY_OK;
}

/* The policy names what it trusts: the simulated roots of both worlds, and this one enclave, and this one trust domain. */
static qy_status write_policy(qy_buffer *out, const cli_world *world, qy_error *why)
{
  char pib[WORLD_PATH_SIZE + 64];
  uint8_t fingerprint[32];
  uint8_t dcap_fingerprint[32];
  qy_p256_public pib_key;
  QY_SCOPED_BUFFER(pib_pem, 4096);
  QY_TRY(read_fingerprint(fingerprint, world->report_ca, why));
  QY_TRY(read_fingerprint(dcap_fingerprint, world->dcap_root, why));
  QY_TRY(path_in(pib, world, "endorser/public/" QY_FILE_PIB_PUBLIC, why));
  QY_TRY(qy_file_read(&pib_pem, pib, why));
  QY_TRY(qy_p256_public_from_pem(&pib_key, qy_buffer_view(&pib_pem), why));
  qy_buffer_append_text(out, "{\n  \"policy\": 1,\n  \"version\": 1,\n  \"roots\": [{\"simulated\": \"");
  qy_hex_append(out, QY_VIEW_OF(fingerprint));
  qy_buffer_append_text(out, "\",\n             \"platform_info_key\": \"");
  qy_hex_append(out, QY_VIEW_OF(pib_key.bytes));
  qy_buffer_append_text(out, "\"},\n            {\"simulated\": \"");
  qy_hex_append(out, QY_VIEW_OF(dcap_fingerprint));
  qy_buffer_append_text(out, "\"}],\n  \"enclave\": {\"mrenclave\": [\"");
  qy_hex_append(out, QY_VIEW_OF(world->mrenclave));
  qy_buffer_append_text(out, "\"]},\n  \"td\": {\"mrtd\": [\"");
  qy_hex_append(out, QY_VIEW_OF(world->mr_td));
  qy_buffer_append_text(out, "\"]},\n  \"statuses\": [\"OK\"],\n  \"tcb_statuses\": [\"UpToDate\"],\n"
                             "  \"quote_type\": \"linkable\"\n}\n");
  return qy_buffer_finish(out, "policy", why);
}

static qy_status put_secret(const cli_world *world, qy_error *why)
{
  QY_SCOPED_BUFFER(policy, 8192);
  QY_SCOPED_SECRET(secret);
  QY_TRY(write_policy(&policy, world, why));
  QY_TRY(qy_random_fill(qy_random_system(), secret.bytes, 32, why));
  secret.size = 32;
  return qy_broker_secret_put(world->broker_folder, WORLD_SECRET_NAME, qy_buffer_view(&policy), qy_secret_view(&secret),
                              why);
}

/* The SPID is drawn once and kept beside the broker's state. Without a broker it is drawn anew: the old one may be
 * registered, with keys that are lost. */
static qy_status settle_spid(cli_world *world, qy_error *why)
{
  char path[WORLD_PATH_SIZE + 64];
  QY_SCOPED_BUFFER(held, sizeof(world->spid));
  QY_TRY(path_in(path, world, "spid", why));
  if (!is_there(world, BROKER_LAST) || !qy_file_exists(path)) {
    QY_TRY(qy_random_fill(qy_random_system(), world->spid, sizeof(world->spid), why));
    return qy_file_write(path, QY_VIEW_OF(world->spid), false, why);
  }
  QY_TRY(qy_file_read(&held, path, why));
  if (held.size != sizeof(world->spid)) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: %zu bytes, %zu expected", path, held.size, sizeof(world->spid));
  }
  memcpy(world->spid, held.bytes, held.size);
  return QY_OK;
}

qy_status world_make_broker(cli_world *world, qy_error *why)
{
  QY_TRY(settle_spid(world, why));
  if (!is_there(world, BROKER_LAST)) {
    QY_TRY(make_broker_state(world, why));
  }
  QY_TRY(point_broker(world, why));
  QY_TRY(sign_enclave(world, why));
  return is_there(world, "broker/secrets/" WORLD_SECRET_NAME "/policy.json") ? QY_OK : put_secret(world, why);
}

/* A decimal port and the one character behind it; moves `at` behind both. */
static bool read_port(unsigned *out, const char **at, char behind)
{
  char *end = NULL;
  const bool begins = **at >= '0' && **at <= '9';
  const unsigned long value = strtoul(*at, &end, 10);
  if (!begins || value > UINT16_MAX || *end != behind) {
    return false;
  }
  *out = (unsigned)value;
  *at = end + 1;
  return true;
}

qy_status world_ports_load(world_ports *out, const cli_world *world, qy_error *why)
{
  char path[WORLD_PATH_SIZE + 64];
  QY_SCOPED_BUFFER(text, 256);
  *out = (world_ports){0};
  QY_TRY(path_in(path, world, "ports", why));
  if (!qy_file_exists(path)) {
    return QY_OK;
  }
  QY_TRY(qy_file_read(&text, path, why));
  const char *at = qy_buffer_text(&text);
  if (!read_port(&out->endorser, &at, ' ') || !read_port(&out->reports, &at, ' ') ||
      !read_port(&out->broker, &at, '\n') || *at != '\0') {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: three ports are expected", path);
  }
  return QY_OK;
}

static unsigned port_of(const cli_child *child)
{
  const char *colon = strrchr(child->address, ':');
  return colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
}

qy_status world_ports_store(const cli_world *world, qy_error *why)
{
  char path[WORLD_PATH_SIZE + 64];
  char text[64];
  QY_TRY(path_in(path, world, "ports", why));
  (void)snprintf(text, sizeof(text), "%u %u %u\n", port_of(&world->endorser), port_of(&world->reports),
                 port_of(&world->broker));
  return qy_file_write(path, qy_view_text(text), false, why);
}
