/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/settings.h>

#include <stdio.h>
#include <string.h>

#include <crypto/p256.h>
#include <json/json.h>

#define MAX_CONFIG 65536u

static const char what[] = "broker.json";

const qy_broker_limits qy_broker_default_limits = {.sessions = 1024,
                                                   .sessions_per_peer = 256,
                                                   .session_s = 120,
                                                   .sigrl_max_age_s = 3600,
                                                   .report_tries = 3,
                                                   .report_timeout_ms = 20000,
                                                   .reports_kept = 1000,
                                                   .collateral_max_age_s = 3600,
                                                   .threads = 8};

static qy_status read_text(char *out, size_t size, const json_t *object, const char *member, qy_error *why)
{
  const char *text = NULL;
  QY_TRY(qy_json_text(&text, object, member, what, why));
  if (strlen(text) >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "broker.json: member \"%s\" is longer than %zu characters", member, size - 1);
  }
  memcpy(out, text, strlen(text) + 1);
  return QY_OK;
}

static qy_status read_limits(qy_broker_limits *out, const json_t *object, qy_error *why)
{
  const struct {
    const char *name;
    unsigned *value;
    unsigned most;
  } rows[] = {{"sessions", &out->sessions, 65536},
              {"sessions_per_peer", &out->sessions_per_peer, 65536},
              {"session_s", &out->session_s, 86400},
              {"sigrl_max_age_s", &out->sigrl_max_age_s, 7 * 86400},
              {"report_tries", &out->report_tries, 10},
              {"report_timeout_ms", &out->report_timeout_ms, 120000},
              {"reports_kept", &out->reports_kept, 1000000},
              {"threads", &out->threads, 256},
              {"collateral_max_age_s", &out->collateral_max_age_s, 7 * 86400}};
  *out = qy_broker_default_limits;
  if (!qy_json_has(object, "limits")) {
    return QY_OK;
  }
  const json_t *limits = NULL;
  QY_TRY(qy_json_object(&limits, object, "limits", what, why));
  QY_TRY(qy_json_only(limits, "broker.json: member \"limits\"", why, "sessions", "sessions_per_peer", "session_s",
                      "sigrl_max_age_s", "report_tries", "report_timeout_ms", "reports_kept", "threads",
                      "collateral_max_age_s"));
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    int64_t number = 0;
    if (qy_json_has(limits, rows[i].name)) {
      QY_TRY(qy_json_integer(&number, limits, rows[i].name, 1, rows[i].most, "broker.json: member \"limits\"", why));
      *rows[i].value = (unsigned)number;
    }
  }
  return QY_OK;
}

static qy_status read_collateral(qy_broker_settings *out, const json_t *object, qy_error *why)
{
  static const char *const updates[] = {"early", "standard"};
  size_t update = 0;
  if (qy_json_has(object, "collateral_url")) {
    QY_TRY(read_text(out->collateral_url, sizeof(out->collateral_url), object, "collateral_url", why));
  }
  if (qy_json_has(object, "collateral_update")) {
    QY_TRY(qy_json_choice(&update, object, "collateral_update", updates, 2, what, why));
    (void)snprintf(out->collateral_update, sizeof(out->collateral_update), "%s", updates[update]);
  }
  return QY_OK;
}

static qy_status read_config(qy_broker_settings *out, qy_error *why)
{
  static const char *const types[] = {"unlinkable", "linkable"};
  QY_SCOPED_BUFFER(text, MAX_CONFIG);
  QY_SCOPED_JSON(object);
  size_t type = 0;
  int64_t number = 0;
  QY_TRY(qy_broker_file_read(&text, out->folder, QY_BROKER_FILE_CONFIG, false, why));
  QY_TRY(qy_json_parse(&object, qy_buffer_view(&text), why));
  QY_TRY(qy_json_only(object, what, why, "broker", "spid", "quote_type", "address", "port", "report_url",
                      "report_system_roots", "collateral_url", "collateral_update", "limits"));
  QY_TRY(qy_json_integer(&number, object, "broker", 1, 1, what, why));
  QY_TRY(qy_json_hex(out->spid, sizeof(out->spid), object, "spid", what, why));
  QY_TRY(qy_json_choice(&type, object, "quote_type", types, 2, what, why));
  out->quote_type = (qy_sign_type)type;
  QY_TRY(read_text(out->address, sizeof(out->address), object, "address", why));
  QY_TRY(qy_json_integer(&number, object, "port", 0, UINT16_MAX, what, why));
  out->port = (uint16_t)number;
  if (qy_json_has(object, "report_url")) {
    QY_TRY(read_text(out->report_url, sizeof(out->report_url), object, "report_url", why));
    QY_TRY(qy_json_boolean(&out->system_roots, object, "report_system_roots", what, why));
  }
  QY_TRY(read_collateral(out, object, why));
  return read_limits(&out->limits, object, why);
}

static qy_status read_report_keys(qy_broker_settings *out, qy_error *why)
{
  QY_SCOPED_BUFFER(text, 256);
  QY_TRY(qy_broker_file_read(&text, out->folder, QY_BROKER_FILE_REPORT_KEYS, true, why));
  size_t begin = 0;
  size_t count = 0;
  while (begin < text.size && count < 2) {
    const uint8_t *end = memchr(text.bytes + begin, '\n', text.size - begin);
    const size_t size = end == NULL ? text.size - begin : (size_t)(end - text.bytes) - begin;
    if (size == 0 || size >= QY_SECRET_CAPACITY) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: line %zu is no key", QY_BROKER_FILE_REPORT_KEYS, count + 1);
    }
    qy_secret_set(&out->report_keys[count++], text.bytes + begin, size);
    begin += size + 1;
  }
  return count > 0 ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "%s: no key", QY_BROKER_FILE_REPORT_KEYS);
}

static qy_status read_if_there(qy_buffer *out, const char *folder, const char *name, qy_error *why)
{
  return qy_broker_file_exists(folder, name) ? qy_broker_file_read(out, folder, name, false, why) : QY_OK;
}

static qy_status read_keys(qy_broker_settings *out, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_BROKER_MAX_PEM);
  qy_p256_public public_key;
  QY_TRY(qy_broker_file_read(&pem, out->folder, QY_BROKER_FILE_PROVIDER_KEY, true, why));
  QY_TRY(qy_p256_private_from_pem(&out->provider_key, &public_key, qy_buffer_view(&pem), why));
  if (out->report_url[0] != '\0') {
    QY_TRY(read_report_keys(out, why));
    if (!out->system_roots) {
      QY_TRY(qy_broker_file_read(&out->report_ca, out->folder, QY_BROKER_FILE_REPORT_CA, false, why));
    }
  }
  QY_TRY(read_if_there(&out->collateral_ca, out->folder, QY_BROKER_FILE_COLLATERAL_CA, why));
  QY_TRY(read_if_there(&out->collateral_root, out->folder, QY_BROKER_FILE_COLLATERAL_ROOT, why));
  QY_TRY(qy_broker_file_read(&out->tls_chain, out->folder, QY_BROKER_FILE_TLS_CHAIN, false, why));
  return qy_broker_file_read(&out->tls_key, out->folder, QY_BROKER_FILE_TLS_KEY, true, why);
}

qy_status qy_broker_settings_load(qy_broker_settings *out, const char *folder, qy_error *why)
{
  *out = (qy_broker_settings){0};
  qy_buffer_init(&out->report_ca, QY_BROKER_MAX_PEM);
  qy_buffer_init(&out->collateral_ca, QY_BROKER_MAX_PEM);
  qy_buffer_init(&out->collateral_root, QY_BROKER_MAX_PEM);
  qy_buffer_init(&out->tls_chain, QY_BROKER_MAX_PEM);
  qy_buffer_init(&out->tls_key, QY_BROKER_MAX_PEM);
  const int length = snprintf(out->folder, sizeof(out->folder), "%s", folder);
  if (length < 0 || (size_t)length >= sizeof(out->folder)) {
    return qy_fail(why, QY_ERR_LIMIT, "broker: the state folder's path is too long");
  }
  QY_TRY(read_config(out, why));
  return read_keys(out, why);
}

void qy_broker_settings_clear(qy_broker_settings *settings)
{
  qy_secret_clear(&settings->provider_key);
  qy_secret_clear(&settings->report_keys[0]);
  qy_secret_clear(&settings->report_keys[1]);
  qy_buffer_clear(&settings->report_ca);
  qy_buffer_clear(&settings->collateral_ca);
  qy_buffer_clear(&settings->collateral_root);
  qy_buffer_clear(&settings->tls_chain);
  qy_buffer_clear(&settings->tls_key);
}
