/* SPDX-License-Identifier: Apache-2.0 */
/* A broker's state folder, made once. */
#include <broker/broker.h>

#include <string.h>

#include <base/file.h>
#include <broker/layout.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <json/json.h>

#define TLS_LIFE_S (5ll * 365 * 86400)
#define CLOCK_SLACK_S 3600

static qy_status write_tls(const char *folder, const char *dns_name, qy_error *why)
{
  QY_SCOPED_SECRET(ca_key);
  QY_SCOPED_SECRET(key);
  QY_SCOPED_CERTIFICATE(ca);
  QY_SCOPED_BUFFER(ca_pem, QY_BROKER_MAX_PEM);
  QY_SCOPED_BUFFER(chain, QY_BROKER_MAX_PEM);
  QY_SCOPED_BUFFER(key_pem, QY_BROKER_MAX_PEM);
  qy_p256_public ca_public;
  qy_p256_public public_key;
  const int64_t now_s = qy_clock_now_s();
  qy_certificate_request request = {.common_name = "Quotary broker CA",
                                    .organization = "Quotary",
                                    .not_before_s = now_s - CLOCK_SLACK_S,
                                    .not_after_s = now_s + TLS_LIFE_S,
                                    .is_ca = true};
  QY_TRY(qy_p256_generate(&ca_key, &ca_public, qy_random_system(), why));
  QY_TRY(qy_p256_generate(&key, &public_key, qy_random_system(), why));
  QY_TRY(qy_certificate_make_p256(&ca_pem, &request, &ca_public, NULL, &ca_key, why));
  QY_TRY(qy_certificate_from_pem(&ca, qy_buffer_view(&ca_pem), why));
  request.common_name = "Quotary broker";
  request.is_ca = false;
  request.for_tls_server = true;
  request.dns_name = dns_name;
  QY_TRY(qy_certificate_make_p256(&chain, &request, &public_key, ca, &ca_key, why));
  QY_TRY(qy_p256_private_to_pem(&key_pem, &key, why));
  QY_TRY(qy_broker_file_write(folder, QY_BROKER_CA_FILE, qy_buffer_view(&ca_pem), false, why));
  QY_TRY(qy_broker_file_write(folder, QY_BROKER_FILE_TLS_CHAIN, qy_buffer_view(&chain), false, why));
  return qy_broker_file_write(folder, QY_BROKER_FILE_TLS_KEY, qy_buffer_view(&key_pem), true, why);
}

static qy_status write_provider_key(const char *folder, const qy_secret *given, qy_error *why)
{
  QY_SCOPED_SECRET(drawn);
  QY_SCOPED_BUFFER(private_pem, QY_BROKER_MAX_PEM);
  QY_SCOPED_BUFFER(public_pem, QY_BROKER_MAX_PEM);
  qy_p256_public public_key;
  if (given == NULL) {
    QY_TRY(qy_p256_generate(&drawn, &public_key, qy_random_system(), why));
  } else {
    QY_TRY(qy_p256_public_of(&public_key, given, why));
  }
  QY_TRY(qy_p256_private_to_pem(&private_pem, given == NULL ? &drawn : given, why));
  QY_TRY(qy_p256_public_to_pem(&public_pem, &public_key, why));
  QY_TRY(qy_broker_file_write(folder, QY_BROKER_FILE_PROVIDER_KEY, qy_buffer_view(&private_pem), true, why));
  return qy_broker_file_write(folder, QY_BROKER_FILE_PROVIDER_PUBLIC, qy_buffer_view(&public_pem), false, why);
}

static qy_status write_report_service(const char *folder, const qy_broker_options *options, qy_error *why)
{
  QY_SCOPED_BUFFER(keys, 256);
  if (options->report_url == NULL) {
    return QY_OK;
  }
  for (size_t i = 0; i < 2 && options->report_keys[i] != NULL; i++) {
    const size_t size = strlen(options->report_keys[i]);
    if (size == 0 || size >= QY_SECRET_CAPACITY || strpbrk(options->report_keys[i], "\r\n") != NULL) {
      return qy_fail(why, QY_ERR_ARGUMENT, "broker: a subscription key is 1 to %d characters on one line",
                     QY_SECRET_CAPACITY - 1);
    }
    qy_buffer_append_text(&keys, options->report_keys[i]);
    qy_buffer_append_text(&keys, "\n");
  }
  if (options->report_ca_pem.size > 0) {
    QY_TRY(qy_broker_file_write(folder, QY_BROKER_FILE_REPORT_CA, options->report_ca_pem, false, why));
  }
  return qy_broker_file_write(folder, QY_BROKER_FILE_REPORT_KEYS, qy_buffer_view(&keys), true, why);
}

static qy_status write_collateral_service(const char *folder, const qy_broker_options *options, qy_error *why)
{
  if (options->collateral_ca_pem.size > 0) {
    QY_TRY(qy_broker_file_write(folder, QY_BROKER_FILE_COLLATERAL_CA, options->collateral_ca_pem, false, why));
  }
  return options->collateral_root_pem.size == 0
             ? QY_OK
             : qy_broker_file_write(folder, QY_BROKER_FILE_COLLATERAL_ROOT, options->collateral_root_pem, false, why);
}

static void set_services(json_t *object, const qy_broker_options *options)
{
  if (options->report_url != NULL) {
    json_object_set_new(object, "report_url", json_string(options->report_url));
    json_object_set_new(object, "report_system_roots", json_boolean(options->report_ca_pem.size == 0));
  }
  if (options->collateral_url != NULL) {
    json_object_set_new(object, "collateral_url", json_string(options->collateral_url));
  }
  if (options->collateral_update != NULL) {
    json_object_set_new(object, "collateral_update", json_string(options->collateral_update));
  }
  if (options->collateral_max_age_s != 0) {
    json_object_set_new(object, "limits",
                        json_pack("{s:I}", "collateral_max_age_s", (json_int_t)options->collateral_max_age_s));
  }
}

/* Written last: it is what makes the folder a broker's. */
static qy_status write_config(const char *folder, const qy_broker_options *options, qy_error *why)
{
  QY_SCOPED_BUFFER(text, QY_BROKER_MAX_PEM);
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "broker", json_integer(1));
  json_object_set_new(object, "spid", qy_json_new_hex(QY_VIEW_OF(options->spid)));
  json_object_set_new(object, "quote_type",
                      json_string(options->quote_type == QY_LINKABLE ? "linkable" : "unlinkable"));
  json_object_set_new(object, "address", json_string(options->address == NULL ? "127.0.0.1" : options->address));
  json_object_set_new(object, "port", json_integer(options->port));
  set_services(object, options);
  QY_TRY(qy_json_print(&text, object, true, why));
  return qy_broker_file_write(folder, QY_BROKER_FILE_CONFIG, qy_buffer_view(&text), false, why);
}

static qy_status check_options(const qy_broker_options *options, qy_error *why)
{
  if (options->report_url == NULL && options->collateral_url == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "broker: a report service (EPID) or a collateral service (DCAP) is needed");
  }
  if (options->report_url != NULL && strncmp(options->report_url, "https://", 8) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "broker: the report service's URL must begin with https://");
  }
  if (options->report_url != NULL && options->report_keys[0] == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "broker: a subscription key of the report service is needed");
  }
  return QY_OK;
}

qy_status qy_broker_init(const char *folder, const qy_broker_options *options, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_TRY(check_options(options, why));
  QY_TRY(qy_folder_make(folder, why));
  if (qy_broker_file_exists(folder, QY_BROKER_FILE_CONFIG)) {
    return qy_fail(why, QY_ERR_EXISTS, "%s holds a broker already", folder);
  }
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FOLDER_SECRETS, why));
  QY_TRY(qy_folder_make(path, why));
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FOLDER_REPORTS, why));
  QY_TRY(qy_folder_make(path, why));
  QY_TRY(write_tls(folder, options->dns_name, why));
  QY_TRY(write_provider_key(folder, options->provider_key, why));
  QY_TRY(write_report_service(folder, options, why));
  QY_TRY(write_collateral_service(folder, options, why));
  return write_config(folder, options, why);
}

qy_status qy_broker_provider_key(qy_p256_public *out, const char *folder, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_BROKER_MAX_PEM);
  QY_TRY(qy_broker_file_read(&pem, folder, QY_BROKER_FILE_PROVIDER_PUBLIC, false, why));
  return qy_p256_public_from_pem(out, qy_buffer_view(&pem), why);
}
