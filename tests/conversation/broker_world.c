/* SPDX-License-Identifier: Apache-2.0 */
#include "broker_world.h"

#include "../unit/net_server.h"

#include <ftw.h>
#include <time.h>

#include <base/cursor.h>
#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/symmetric.h>
#include <json/json.h>

/* ---- The report service ---- */

static bool served_otherwise(world_service *service, const qy_http_request *request, qy_http_response *response)
{
  const char *key = qy_http_request_header(request, "Ocp-Apim-Subscription-Key");
  const bool known = key != NULL && (service->known_key != NULL ? strcmp(key, service->known_key) == 0
                                                                : strcmp(key, WORLD_PRIMARY_KEY) == 0 ||
                                                                      strcmp(key, WORLD_SECONDARY_KEY) == 0);
  if (!known) {
    response->status = 401;
  } else if (service->http_status != 0) {
    response->status = service->http_status;
  } else if (service->busy_times > 0) {
    service->busy_times--;
    response->status = 503;
  }
  return response->status != 0;
}

static void now_text(char out[64])
{
  char second[21];
  qy_time_format(second, qy_clock_now_s());
  second[19] = '\0';
  (void)snprintf(out, 64, "\"%s.000001\"", second);
}

static void report_on(world_service *service, qy_view quote, const char *nonce, qy_http_response *response)
{
  maker_report report;
  char timestamp[64];
  char quoted_nonce[64];
  QY_SCOPED_BUFFER(body, 65536);
  QY_SCOPED_BUFFER(signature, 4096);
  QY_SCOPED_BUFFER(chain, 65536);
  maker_report_init(&report, service->maker);
  assert_ok(qy_quote_body_decode(&report.quote, qy_view_slice(quote, 0, QY_QUOTE_BODY_SIZE), NULL));
  now_text(timestamp);
  (void)snprintf(quoted_nonce, sizeof(quoted_nonce), "\"%s\"", service->wrong_nonce ? MAKER_NONCE : nonce);
  report.timestamp = timestamp;
  report.nonce = quoted_nonce;
  report.status = service->status == NULL ? "\"OK\"" : service->status;
  report.extra = service->extra;
  report.with_platform_info = service->with_platform_info;
  report.with_pseudonym = report.quote.sign_type == QY_LINKABLE;
  maker_body(&body, service->maker, &report);
  maker_sign(&signature, service->other_signer ? service->maker->other_key : service->maker->leaf_key,
             qy_buffer_view(&body));
  qy_http_encode_append(&chain, qy_buffer_view(&service->maker->chain_pem));
  qy_buffer_append(&response->body, body.bytes, body.size);
  qy_http_response_header(response, "X-IASReport-Signature", qy_buffer_text(&signature));
  if (!service->without_chain) {
    qy_http_response_header(response, "X-IASReport-Signing-Certificate", qy_buffer_text(&chain));
  }
  response->content_type = "application/json";
  response->status = 200;
}

static void serve_report(void *context, const qy_http_request *request, qy_http_response *response)
{
  world_service *service = context;
  QY_SCOPED_JSON(object);
  QY_SCOPED_BUFFER(quote, QY_MAX_QUOTE_SIZE);
  const char *nonce = NULL;
  (void)pthread_mutex_lock(&service->lock);
  service->reports++;
  if (!served_otherwise(service, request, response)) {
    if (qy_json_parse(&object, request->body, NULL) == QY_OK &&
        qy_json_base64(&quote, object, "isvEnclaveQuote", "request", NULL) == QY_OK &&
        qy_json_text(&nonce, object, "nonce", "request", NULL) == QY_OK && strlen(nonce) == 32) {
      report_on(service, qy_buffer_view(&quote), nonce, response);
    } else {
      response->status = 400;
    }
  }
  (void)pthread_mutex_unlock(&service->lock);
}

static void append_list(qy_buffer *out, uint32_t version, uint32_t count)
{
  const size_t size = QY_SIGRL_MIN_SIZE + (size_t)count * QY_SIGRL_ENTRY_SIZE;
  QY_SCOPED_BUFFER(list, size);
  uint8_t *bytes = qy_buffer_extend(&list, size);
  assert_non_null(bytes);
  memset(bytes, 0x5a, size);
  qy_writer writer = qy_writer_over(bytes, size);
  qy_write_u16be(&writer, 2);
  qy_write_u16be(&writer, 14);
  qy_write_u32be(&writer, WORLD_GROUP);
  qy_write_u32be(&writer, version);
  qy_write_u32be(&writer, count);
  qy_base64_append(out, qy_buffer_view(&list));
}

static void serve_list(void *context, const qy_http_request *request, qy_http_response *response)
{
  world_service *service = context;
  char group[16];
  (void)pthread_mutex_lock(&service->lock);
  service->lists++;
  if (!served_otherwise(service, request, response)) {
    const bool known =
        qy_http_request_segment(group, sizeof(group), request, 0, NULL) == QY_OK && strcmp(group, "00000b39") == 0;
    response->status = known ? 200 : 404;
    if (known && service->sigrl_count > 0) {
      append_list(&response->body, service->sigrl_version, service->sigrl_count);
    }
  }
  (void)pthread_mutex_unlock(&service->lock);
}

static const qy_http_route service_routes[] = {{"POST", "/sgx/attestation/v4/report", QY_MAX_JSON_SIZE, serve_report},
                                               {"GET", "/sgx/attestation/v4/sigrl/*", 0, serve_list}};

static void start_service(world *new)
{
  certificates made;
  certificates_make(&made, true, 86400);
  qy_buffer_init(&new->service_ca, 65536);
  qy_buffer_append(&new->service_ca, made.ca.bytes, made.ca.size);
  qy_http_server_config config = tls_config(&made);
  config.component = "report service";
  config.routes = service_routes;
  config.route_count = 2;
  config.context = &new->service;
  assert_ok(qy_http_server_start(&new->service.server, &config, NULL));
  certificates_clear(&made);
}

/* ---- The broker ---- */

void world_policy(char out[4096], const world *with, unsigned version, uint8_t mr_enclave, const char *statuses)
{
  char fingerprint[65];
  char info_key[129];
  uint8_t measurement[32];
  char measured[65];
  qy_hex_encode(fingerprint, QY_VIEW_OF(with->service.maker->fingerprint));
  qy_hex_encode(info_key, QY_VIEW_OF(with->service.maker->info_public.bytes));
  memset(measurement, mr_enclave, sizeof(measurement));
  qy_hex_encode(measured, QY_VIEW_OF(measurement));
  (void)snprintf(out, 4096,
                 "{\"policy\":1,\"version\":%u,\"roots\":[{\"simulated\":\"%s\",\"platform_info_key\":\"%s\"}],"
                 "\"enclave\":{\"mrenclave\":[\"%s\"]},\"statuses\":%s,\"quote_type\":\"linkable\"}",
                 version, fingerprint, info_key, measured, statuses);
}

void world_put(world *with, const char *name, unsigned version, uint8_t mr_enclave, const char *secret)
{
  char policy[4096];
  qy_error why = {0};
  world_policy(policy, with, version, mr_enclave, "[\"OK\"]");
  if (qy_broker_secret_put(with->folder, name, qy_view_text(policy),
                           secret == NULL ? (qy_view){0} : qy_view_text(secret), &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
}

static void init_broker(world *new)
{
  char report_url[128];
  (void)snprintf(report_url, sizeof(report_url), "%s/sgx", qy_http_server_url(new->service.server));
  assert_ok(qy_p256_generate(&new->provider_key, &new->provider_public, qy_random_system(), NULL));
  qy_broker_options options = {.quote_type = QY_LINKABLE,
                               .report_url = report_url,
                               .report_ca_pem = qy_buffer_view(&new->service_ca),
                               .report_keys = {WORLD_PRIMARY_KEY, WORLD_SECONDARY_KEY},
                               .provider_key = &new->provider_key};
  memcpy(options.spid, new->service.maker->spid, QY_SPID_SIZE);
  assert_ok(qy_broker_init(new->folder, &options, NULL));
  assert_int_equal(qy_broker_init(new->folder, &options, NULL), QY_ERR_EXISTS);
  qy_p256_public again;
  assert_ok(qy_broker_provider_key(&again, new->folder, NULL));
  assert_memory_equal(again.bytes, new->provider_public.bytes, sizeof(again.bytes));
  char path[512];
  (void)snprintf(path, sizeof(path), "%s/" QY_BROKER_CA_FILE, new->folder);
  qy_buffer_init(&new->broker_ca, 65536);
  assert_ok(qy_file_read(&new->broker_ca, path, NULL));
}

world *world_new(void)
{
  world *new = calloc(1, sizeof(*new));
  assert_non_null(new);
  (void)snprintf(new->folder, sizeof(new->folder), "/tmp/quotary-broker-XXXXXX");
  assert_non_null(mkdtemp(new->folder));
  (void)pthread_mutex_init(&new->service.lock, NULL);
  new->service.maker = maker_new(qy_clock_now_s());
  new->mr_enclave = 0xe1;
  start_service(new);
  init_broker(new);
  world_put(new, WORLD_SECRET_NAME, 1, 0xe1, WORLD_SECRET);
  return new;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

void world_free(world *old)
{
  if (old->runs) {
    (void)world_stop(old);
  }
  qy_http_server_free(&old->service.server);
  (void)nftw(old->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  (void)pthread_mutex_destroy(&old->service.lock);
  maker_free(old->service.maker);
  qy_buffer_clear(&old->service_ca);
  qy_buffer_clear(&old->broker_ca);
  qy_secret_clear(&old->provider_key);
  free(old);
}

void world_set_limits(world *with, const char *limits)
{
  char path[512];
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(changed, 65536);
  (void)snprintf(path, sizeof(path), "%s/broker.json", with->folder);
  assert_ok(qy_file_read(&text, path, NULL));
  char *end = strrchr(qy_buffer_text(&text), '}');
  qy_buffer_appendf(&changed, "%.*s,\"limits\":%s}\n", (int)(end - (char *)text.bytes), (const char *)text.bytes,
                    limits);
  assert_ok(qy_file_write(path, qy_buffer_view(&changed), false, NULL));
}

static void note_port(void *context, uint16_t port)
{
  world *with = context;
  atomic_store(&with->port, port);
}

static void *run_broker(void *context)
{
  world *with = context;
  const qy_broker_config config = {.folder = with->folder, .port = -1, .ready = note_port, .context = with};
  with->ended = qy_broker_run(&config, with->stop[0], &with->why);
  atomic_store(&with->port, -1);
  return NULL;
}

static int start(world *with)
{
  atomic_store(&with->port, 0);
  assert_int_equal(pipe(with->stop), 0);
  assert_int_equal(pthread_create(&with->thread, NULL, run_broker, with), 0);
  with->runs = true;
  while (atomic_load(&with->port) == 0) {
    (void)usleep(1000);
  }
  return atomic_load(&with->port);
}

void world_start(world *with)
{
  const int port = start(with);
  if (port < 0) {
    fail_msg("the broker does not start: %s", with->why.message);
  }
  (void)snprintf(with->url, sizeof(with->url), "https://127.0.0.1:%d", port);
}

qy_status world_stop(world *with)
{
  assert_int_equal(write(with->stop[1], "x", 1), 1);
  assert_int_equal(pthread_join(with->thread, NULL), 0);
  (void)close(with->stop[0]);
  (void)close(with->stop[1]);
  with->runs = false;
  return with->ended;
}

qy_status world_start_fails(world *with, qy_error *why)
{
  const int port = start(with);
  const qy_status status = world_stop(with);
  if (port >= 0) {
    fail_msg("the broker started");
  }
  *why = with->why;
  return status;
}

/* ---- An enclave and its host ---- */

visitor *visitor_new(world *with, uint64_t seed, const char *secret_name)
{
  visitor *new = calloc(1, sizeof(*new));
  assert_non_null(new);
  new->world = with;
  new->random_state.state = seed;
  new->random = test_random_source(&new->random_state);
  qy_buffer_init(&new->msg2, QY_MAX_MSG_SIZE);
  qy_buffer_init(&new->msg3, QY_MAX_MSG_SIZE);
  qy_http_answer_init(&new->answer);
  const qy_http_client_config config = {.ca_pem = qy_buffer_view(&with->broker_ca),
                                        .max_response_size = QY_MAX_MSG_SIZE};
  assert_ok(qy_http_client_new(&new->client, &config, NULL));
  uint8_t provider[64];
  qy_p256_flip(provider, with->provider_public.bytes);
  assert_ok(qy_enclave_side_begin(&new->enclave, provider, qy_view_text(secret_name), NULL, &new->trace, NULL));
  return new;
}

void visitor_free(visitor *old)
{
  qy_http_client_free(&old->client);
  qy_enclave_side_clear(&old->enclave);
  qy_buffer_clear(&old->msg2);
  qy_buffer_clear(&old->msg3);
  qy_http_answer_clear(&old->answer);
  qy_vault_free(&old->secret);
  free(old);
}

unsigned visitor_post(visitor *it, const char *path, qy_view body)
{
  char url[512];
  (void)snprintf(url, sizeof(url), "%s%s", it->world->url, path);
  const qy_http_call call = {.method = "POST", .url = url, .content_type = "application/octet-stream", .body = body};
  qy_error why = {0};
  if (qy_http_exchange(&it->answer, it->client, &call, &why) != QY_OK) {
    fail_msg("%s: %s", url, why.message);
  }
  return it->answer.status;
}

unsigned visitor_open(visitor *it, const char *secret_name)
{
  char path[256];
  (void)snprintf(path, sizeof(path), "/ra/v1/sessions?secret=%s", secret_name);
  memset(it->hello, 0, QY_MSG0_SIZE);
  assert_ok(
      qy_enclave_side_msg1(&it->enclave, it->hello + QY_MSG0_SIZE, WORLD_GROUP, &it->random, &it->trace, &it->why));
  const unsigned status = visitor_post(it, path, QY_VIEW_OF(it->hello));
  if (status == 201) {
    (void)snprintf(it->location, sizeof(it->location), "%s", qy_http_answer_header(&it->answer, "Location"));
    qy_buffer_append(&it->msg2, it->answer.body.bytes, it->answer.body.size);
  }
  return status;
}

static void make_quote(qy_buffer *out, visitor *it, const qy_msg2_parts *parts, const qy_msg2_answer *answer)
{
  qy_quote_body body = {
      .version = 2, .sign_type = (uint16_t)parts->sign_type, .group_id = WORLD_GROUP, .qe_svn = 1, .pce_svn = 1};
  assert_ok(qy_quote_basename(body.basename, parts->spid, parts->sign_type, &it->random, NULL));
  body.report.attributes = (qy_attributes){QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, 0x1f};
  memset(body.report.mr_enclave, it->world->mr_enclave, QY_MEASUREMENT_SIZE);
  memset(body.report.mr_signer, 0x51, QY_MEASUREMENT_SIZE);
  memcpy(body.report.report_data, answer->report_data, QY_REPORT_DATA_SIZE);
  const uint32_t proofs = (uint32_t)((parts->quote_size - QY_QUOTE_SIZE) / QY_QUOTE_PROOF_SIZE);
  QY_SCOPED_BUFFER(sealed, QY_MAX_QUOTE_SIZE);
  uint8_t *filler = qy_buffer_extend(&sealed, qy_quote_sealed_size(proofs));
  assert_non_null(filler);
  memset(filler, 0xee, sealed.size);
  qy_writer payload = qy_writer_over(filler + 300, 4);
  qy_write_u32le(&payload, (uint32_t)qy_quote_plain_size(proofs));
  size_t written = 0;
  uint8_t *bytes = qy_buffer_extend(out, parts->quote_size);
  assert_non_null(bytes);
  assert_ok(qy_quote_encode(bytes, parts->quote_size, &written, &body, qy_buffer_view(&sealed), NULL));
}

void visitor_quote(visitor *it)
{
  QY_SCOPED_BUFFER(quote, QY_MAX_QUOTE_SIZE);
  QY_SCOPED_SECRET(report_key);
  qy_msg2_parts parts;
  qy_msg2_answer answer;
  qy_report qe_report = {0};
  uint8_t encoded[QY_REPORT_BODY_SIZE];
  uint8_t head[QY_MSG3_HEAD_SIZE];
  const qy_view encoded_view = QY_VIEW_OF(encoded);
  qy_target_info qe = {.attributes = {QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, QY_XFRM_LEGACY}};
  memset(qe.mr_enclave, 0x51, sizeof(qe.mr_enclave));
  qy_secret_set(&report_key, "report key: fake", 16);
  assert_ok(qy_msg2_split(&parts, qy_buffer_view(&it->msg2), &it->why));
  assert_ok(qy_enclave_side_msg2(&it->enclave, &answer, parts.head, &qe, &it->random, &it->trace, &it->why));
  make_quote(&quote, it, &parts, &answer);
  memcpy(qe_report.body.mr_enclave, qe.mr_enclave, sizeof(qe.mr_enclave));
  qe_report.body.attributes = qe.attributes;
  assert_ok(qy_quote_qe_report_data(qe_report.body.report_data, answer.nonce, qy_buffer_view(&quote), NULL));
  qy_report_body_encode(encoded, &qe_report.body);
  assert_ok(qy_cmac(qe_report.mac, qy_secret_view(&report_key), &encoded_view, 1, NULL));
  assert_ok(
      qy_enclave_side_msg3(&it->enclave, head, qy_buffer_view(&quote), &qe_report, &report_key, &it->trace, &it->why));
  qy_buffer_append(&it->msg3, head, sizeof(head));
  qy_buffer_append(&it->msg3, quote.bytes, quote.size);
}

unsigned visitor_close(visitor *it)
{
  char path[256];
  (void)snprintf(path, sizeof(path), "%s/msg3", it->location);
  const unsigned status = visitor_post(it, path, qy_buffer_view(&it->msg3));
  if (status == 200) {
    assert_ok(qy_enclave_side_msg4(&it->enclave, &it->verdict, &it->secret, qy_buffer_view(&it->answer.body),
                                   &it->trace, &it->why));
  }
  return status;
}

unsigned visitor_attest(visitor *it, const char *secret_name)
{
  const unsigned status = visitor_open(it, secret_name);
  if (status != 201) {
    return status;
  }
  visitor_quote(it);
  return visitor_close(it);
}

void expect_released(world *with, uint64_t seed, const char *name, const char *secret)
{
  visitor *it = visitor_new(with, seed, name);
  assert_int_equal(visitor_attest(it, name), 200);
  assert_int_equal(it->verdict.verdict, QY_TRUSTED);
  assert_true(it->verdict.simulated);
  assert_true(it->verdict.has_secret);
  assert_int_equal(it->secret.size, strlen(secret));
  assert_memory_equal(it->secret.bytes, secret, it->secret.size);
  visitor_free(it);
}

void expect_denied(world *with, uint64_t seed, const char *name)
{
  visitor *it = visitor_new(with, seed, name);
  assert_int_equal(visitor_attest(it, name), 200);
  assert_int_equal(it->verdict.verdict, QY_REFUSED);
  assert_true(it->verdict.simulated);
  assert_false(it->verdict.has_secret);
  visitor_free(it);
}
